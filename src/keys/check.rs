//! Asking for keys by their descriptions, and checking what is found.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;

use super::words::{allowed_count, allowed_number, allowed_whole, closest, path_segment, quoted, whole_value};
use super::{Description, Key, Keys, Kind, Length, Severity, Usual, Within, Worded};

/// A value in the text.
type Value<'v, 'a> = &'v Spanned<DeValue<'a>>;

impl<'a> Keys<'a> {
    /// Say how large a quantity is that descriptions name; tables below know it too.
    pub fn know(&mut self, quantity: &'static str, value: f64) {
        self.common.known.retain(|(known, _)| *known != quantity);
        self.common.known.push((quantity, value));
    }

    /// The value of a key, or what holds where it is absent. A wrong value is complained about; the reader then goes on as if the key
    /// were absent, and finds further faults.
    pub fn get<T, U: Clone + From<T>>(&mut self, key: &Key<T, U>) -> U {
        self.find(key).map_or_else(|| key.usual.clone(), U::from)
    }

    /// As [`Keys::get`], but `None` where the value is wrong.
    pub fn sound<T, U: Clone + From<T>>(&mut self, key: &Key<T, U>) -> Option<U> {
        match self.find(key) {
            None if self.has(key.about.name) => None,
            value => Some(value.map_or_else(|| key.usual.clone(), U::from)),
        }
    }

    fn find<T, U>(&mut self, key: &Key<T, U>) -> Option<T> {
        if key.about.usual == Usual::Required {
            self.require(key.about.name);
        }
        let value = self.ask(key.about.name)?;
        (key.find)(self, value, &key.about, key.options)
    }

    /// How large a quantity is, where that is known.
    fn known(&self, quantity: &str) -> Option<f64> {
        self.common.known.iter().find(|(known, _)| *known == quantity).map(|(_, value)| *value)
    }

    /// The numbers that a key takes.
    pub(super) fn number_range(&self, about: &Description) -> Within {
        let within = match about.kind {
            Kind::Number(within) | Kind::Numbers(within, _) | Kind::Rows(within, _) => within,
            _ => Within::Closed(f64::NEG_INFINITY, f64::INFINITY),
        };
        let known = |quantity: Option<&str>, unknown| quantity.and_then(|quantity| self.known(quantity)).unwrap_or(unknown);
        within.between(known(about.from, f64::NEG_INFINITY), known(about.up_to, f64::INFINITY))
    }

    /// The whole numbers that a key takes, or the keys of its table.
    pub(super) fn whole_range(&self, about: &Description) -> RangeInclusive<usize> {
        let (least, most) = match about.kind {
            Kind::Whole(least, most) | Kind::Wholes(least, most) | Kind::ByWhole((least, most), _) => (least, most),
            _ => (0, usize::MAX),
        };
        // Numbers of levels, patients and the like, which a double holds exactly.
        let known = |quantity: Option<&str>| quantity.and_then(|quantity| self.known(quantity)).map(|value| value as usize);
        known(about.from).map_or(least, |from| from.max(least))..=known(about.up_to).map_or(most, |end| end.min(most))
    }

    pub(super) fn checked_flag(&self, value: Value<'_, '_>, path: String) -> Option<bool> {
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.wrong(value, path, "true or false", None);
        None
    }

    pub(super) fn checked_text(&self, value: Value<'_, '_>, path: String) -> Option<String> {
        const LONGEST: usize = 200;
        let allowed = match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => "text that is not blank".to_owned(),
            DeValue::String(text) if text.chars().count() > LONGEST => format!("text of at most {LONGEST} characters"),
            DeValue::String(text) if text.contains(char::is_control) => "text on one line, without control characters".to_owned(),
            DeValue::String(text) => return Some(text.trim().to_owned()),
            _ => "text, in quotation marks".to_owned(),
        };
        self.wrong(value, path, &allowed, None);
        None
    }

    pub(super) fn checked_word<T: Copy>(&self, value: Value<'_, '_>, path: String, options: &[Worded<T>]) -> Option<T> {
        let words: Vec<&str> = options.iter().map(|(word, _, _)| *word).collect();
        let word = self.checked_among(value, path, &words)?;
        options.iter().find(|(known, _, _)| *known == word).map(|(_, option, _)| *option)
    }

    pub(super) fn checked_listed(&self, value: Value<'_, '_>, path: String, about: &Description) -> Option<&'static str> {
        let words: Vec<&'static str> = about.words().into_iter().map(|(word, _)| word).collect();
        self.checked_among(value, path, &words)
    }

    fn checked_among<'w>(&self, value: Value<'_, '_>, path: String, words: &[&'w str]) -> Option<&'w str> {
        let mut help = None;
        if let DeValue::String(text) = value.get_ref() {
            if let Some(word) = words.iter().find(|word| *word == text) {
                return Some(word);
            }
            help = closest(text, words).map(|word| format!("did you mean \"{word}\"?"));
        }
        let allowed = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        self.wrong(value, path, &allowed, help);
        None
    }

    pub(super) fn checked_word_list(&self, value: Value<'_, '_>, path: &str, about: &Description) -> Option<Vec<&'static str>> {
        let words: Vec<&'static str> = about.words().into_iter().map(|(word, _)| word).collect();
        let array = self.array(value, path, "an array of words")?;
        if array.is_empty() {
            self.wrong(value, path.to_owned(), "at least one word", None);
            return None;
        }
        each(array, path, |entry, path| self.checked_among(entry, path, &words))
    }

    pub(super) fn checked_texts(&self, value: Value<'_, '_>, path: &str) -> Option<Vec<String>> {
        let array = self.array(value, path, "an array of texts")?;
        each(array, path, |entry, path| match entry.get_ref() {
            DeValue::String(text) => Some(text.trim().to_owned()),
            _ => {
                self.wrong(entry, path, "text, in quotation marks", None);
                None
            }
        })
    }

    pub(super) fn checked_numbers(&self, value: Value<'_, '_>, path: String, about: &Description) -> Option<Vec<f64>> {
        let within = self.number_range(about);
        let length = match about.kind {
            Kind::Numbers(_, length) | Kind::Rows(_, length) => length,
            _ => None,
        };
        let array = self.array(value, &path, "an array of numbers")?;
        let numbers = each(array, &path, |entry, path| self.checked_number(entry, path, within));
        let expected = |Length { fixed, of, each }: Length| Some((fixed.or(self.known(of).map(|value| value as usize))?, each));
        if let Some((length, what)) = length.and_then(expected)
            && length != array.len()
        {
            self.wrong(value, path, &format!("{}, one for each {what}", allowed_count(length)), None);
            return None;
        }
        numbers
    }

    pub(super) fn checked_rows(&self, value: Value<'_, '_>, path: &str, about: &Description) -> Option<Vec<Vec<f64>>> {
        let array = self.array(value, path, "an array of arrays of numbers")?;
        each(array, path, |entry, path| self.checked_numbers(entry, path, about))
    }

    pub(super) fn checked_wholes(&self, value: Value<'_, '_>, path: &str, within: &RangeInclusive<usize>) -> Option<Vec<usize>> {
        let array = self.array(value, path, "an array of whole numbers")?;
        each(array, path, |entry, path| self.checked_whole(entry, path, within, ""))
    }

    pub(super) fn checked_by_whole(&self, value: Value<'_, '_>, path: &str, about: &Description) -> Option<Vec<(usize, usize)>> {
        let Kind::ByWhole(_, (low, high)) = about.kind else { return None };
        let (keys, values) = (self.whole_range(about), low..=high);
        let DeValue::Table(table) = value.get_ref() else {
            let allowed = format!("a table such as {{ \"{}\" = {} }}", keys.start(), values.start());
            self.wrong(value, path.to_owned(), &allowed, None);
            return None;
        };
        let mut pairs = Some(Vec::new());
        for (name, value) in table {
            let path = format!("{path}.{}", path_segment(name.get_ref()));
            // Only the plain way to write a number, so that no two keys can mean the same.
            let number = name.get_ref().parse().ok().filter(|number: &usize| number.to_string() == name.get_ref().as_ref());
            let number = number.filter(|number| keys.contains(number));
            if number.is_none() {
                let message = format!("found the key {}; allowed: {}", quoted(name.get_ref()), allowed_whole(&keys));
                self.push(Severity::Error, name.span(), path.clone(), message, None);
            }
            let pair = number.zip(self.checked_whole(value, path, &values, ""));
            pairs = pairs.zip(pair).map(|(mut pairs, pair)| {
                pairs.push(pair);
                pairs
            });
        }
        pairs.map(|mut pairs| {
            pairs.sort_unstable();
            pairs
        })
    }

    pub(super) fn checked_number(&self, value: Value<'_, '_>, path: String, within: Within) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            DeValue::Integer(integer) => whole_value(integer).map(|whole| whole as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        };
        if let Some(number) = number.filter(|&number| within.contains(number)) {
            // Minus zero becomes zero: the two are one number to whoever wrote it.
            return Some(number + 0.0);
        }
        self.wrong(value, path, &allowed_number(within), None);
        None
    }

    /// A whole number. Where one is allowed alone, the sentence of the key says why.
    pub(super) fn checked_whole(
        &self,
        value: Value<'_, '_>,
        path: String,
        within: &RangeInclusive<usize>,
        sentence: &str,
    ) -> Option<usize> {
        if let DeValue::Integer(integer) = value.get_ref()
            && let Some(whole) = whole_value(integer).and_then(|whole| usize::try_from(whole).ok())
            && within.contains(&whole)
        {
            return Some(whole);
        }
        let is_float = matches!(value.get_ref(), DeValue::Float(_));
        let help = if is_float {
            Some("a whole number has no decimal point and no exponent".to_owned())
        } else {
            (within.start() == within.end() && !sentence.is_empty()).then(|| sentence.to_owned())
        };
        self.wrong(value, path, &allowed_whole(within), help);
        None
    }

    /// The entries of an array; a complaint that says what is allowed where it is none.
    fn array<'v>(&self, value: Value<'v, 'a>, path: &str, allowed: &str) -> Option<&'v [Spanned<DeValue<'a>>]> {
        if let DeValue::Array(array) = value.get_ref() {
            return Some(array);
        }
        self.wrong(value, path.to_owned(), allowed, None);
        None
    }
}

/// All entries of an array checked, each with its path; `None` when one is wrong, after all of them have been looked at.
fn each<'v, 'a, T>(
    array: &'v [Spanned<DeValue<'a>>],
    path: &str,
    check: impl Fn(Value<'v, 'a>, String) -> Option<T>,
) -> Option<Vec<T>> {
    let checked: Vec<Option<T>> =
        array.iter().enumerate().map(|(index, entry)| check(entry, format!("{path}[{}]", index + 1))).collect();
    checked.into_iter().collect()
}
