//! A TOML table read key by key: every value is checked where it is read, every complaint keeps its place in the text, and what
//! nobody asked for is an unknown key. No word of the domain.

mod entry;
mod file;
mod parse;
mod template;
mod words;

pub use entry::Entry;
pub use file::NamedText;
pub use parse::{read, read_in};
pub use template::{Change, Template};
pub(crate) use words::{closest, quoted};

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use words::{allowed_count, allowed_number, allowed_whole, found, path_segment, whole_value};

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The text cannot be used.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// One thing that is wrong, or odd, in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Error or warning.
    pub severity: Severity,
    /// Byte range in the text.
    pub span: Range<usize>,
    /// The dotted path of the key, e.g. `design[2].prior_sd`, counted from 1; empty for the whole text.
    pub key: String,
    /// What was found and what is allowed.
    pub message: String,
    /// What would be right, when that is known.
    pub help: Option<String>,
}

/// The numbers that a key takes. An infinite end means that there is no bound; the number itself is always finite.
#[derive(Clone, Copy, Debug)]
pub enum Within {
    /// Strictly between the two.
    Open(f64, f64),
    /// Between the two, or one of them.
    Closed(f64, f64),
    /// Above the first, up to the second.
    OpenClosed(f64, f64),
}

impl Within {
    fn contains(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Open(low, high) => low < number && number < high,
                Self::Closed(low, high) => low <= number && number <= high,
                Self::OpenClosed(low, high) => low < number && number <= high,
            }
    }
}

/// What is said of a required key that is not there.
const MISSING: &str = "missing, and required";

/// What several tables of one text share, their complaints first of all.
#[derive(Clone, Debug, Default)]
struct Complaints {
    list: Rc<RefCell<Vec<Complaint>>>,
    /// Whether the text has syntax errors, so that a missing key may be one that was not understood.
    partial: bool,
    /// Where files that the text names are looked for.
    folder: Option<Rc<Path>>,
    /// The files that were read, each once.
    files: Rc<RefCell<Vec<NamedText>>>,
}

/// One TOML table being read. A method returns `None` both where the key is absent and where its value is wrong; the wrong one
/// has been complained about, so the reader can go on with a default and find further faults.
pub struct Keys<'a> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
    complaints: Complaints,
}

impl<'a> Keys<'a> {
    fn new(table: &'a DeTable<'a>, span: Range<usize>, path: String, complaints: Complaints) -> Self {
        Self { table, span, path, asked: Vec::new(), complaints }
    }

    /// Whether the key is there, whatever its value. Does not count as asking for it.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is there and its value is a table. Does not count as asking for it.
    #[must_use]
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// The number of entries of the array at `key`, whatever they are; `None` when there is no array. Does not count as asking.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<usize> {
        self.table.get(key).and_then(|value| value.get_ref().as_array()).map(|array| array.len())
    }

    /// Complain when the key is absent. Use before reading it.
    pub fn require(&mut self, key: &'static str) {
        if !self.has(key) && !self.complaints.partial {
            self.push(Severity::Error, self.span.clone(), self.path_to(key), MISSING.to_owned(), None);
        }
    }

    /// A finite number; integers are taken too.
    pub fn number(&mut self, key: &'static str, within: Within) -> Option<f64> {
        let value = self.ask(key)?;
        self.checked_number(value, self.path_to(key), within)
    }

    /// A whole number.
    pub fn whole(&mut self, key: &'static str, within: RangeInclusive<usize>) -> Option<usize> {
        let value = self.ask(key)?;
        self.checked_whole(value, self.path_to(key), &within)
    }

    /// true or false.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.ask(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.wrong(value, self.path_to(key), "true or false", None);
        None
    }

    /// Text: not blank, at most 200 characters, none of them a control character. White space around it is cut off.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        const LONGEST: usize = 200;
        let value = self.ask(key)?;
        let allowed = match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => "text that is not blank".to_owned(),
            DeValue::String(text) if text.chars().count() > LONGEST => format!("text of at most {LONGEST} characters"),
            DeValue::String(text) if text.contains(char::is_control) => "text on one line, without control characters".to_owned(),
            DeValue::String(text) => return Some(text.trim().to_owned()),
            _ => "text, in quotation marks".to_owned(),
        };
        self.wrong(value, self.path_to(key), &allowed, None);
        None
    }

    /// An array of texts, each as [`Keys::text`] takes it but as long as it likes.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.ask(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, self.path_to(key), "an array of texts", None);
            return None;
        };
        let mut texts = Some(Vec::new());
        for (index, entry) in array.iter().enumerate() {
            match (entry.get_ref(), &mut texts) {
                (DeValue::String(text), Some(texts)) => texts.push(text.trim().to_owned()),
                (DeValue::String(_), None) => {}
                _ => {
                    self.wrong(entry, format!("{}[{}]", self.path_to(key), index + 1), "text, in quotation marks", None);
                    texts = None;
                }
            }
        }
        texts
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, options: &[(&'static str, T)]) -> Option<T> {
        let value = self.ask(key)?;
        self.checked_choice(value, self.path_to(key), options)
    }

    /// An array of words, at least one, each of them as [`Keys::choice`] takes it.
    pub fn choices<T: Copy>(&mut self, key: &'static str, options: &[(&'static str, T)]) -> Option<Vec<T>> {
        let value = self.ask(key)?;
        let path = self.path_to(key);
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, path, "an array of words", None);
            return None;
        };
        if array.is_empty() {
            self.wrong(value, path, "at least one word", None);
            return None;
        }
        let entries = array.iter().enumerate();
        let chosen: Vec<Option<T>> =
            entries.map(|(index, entry)| self.checked_choice(entry, format!("{path}[{}]", index + 1), options)).collect();
        chosen.into_iter().collect()
    }

    /// An array of finite numbers, each within bounds; of the length `expected.0` when that is given (`expected.1` says in a
    /// few words what there is one of, e.g. "dose level").
    pub fn numbers(&mut self, key: &'static str, within: Within, expected: Option<(usize, &str)>) -> Option<Vec<f64>> {
        let value = self.ask(key)?;
        self.checked_numbers(value, self.path_to(key), within, expected)
    }

    /// An array of arrays of numbers, each of them as [`Keys::numbers`] takes it.
    pub fn rows(&mut self, key: &'static str, within: Within, expected: Option<(usize, &str)>) -> Option<Vec<Vec<f64>>> {
        let value = self.ask(key)?;
        let path = self.path_to(key);
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, path, "an array of arrays of numbers", None);
            return None;
        };
        let entries = array.iter().enumerate();
        let rows: Vec<Option<Vec<f64>>> = entries
            .map(|(index, entry)| self.checked_numbers(entry, format!("{path}[{}]", index + 1), within, expected))
            .collect();
        rows.into_iter().collect()
    }

    /// An array of whole numbers.
    pub fn wholes(&mut self, key: &'static str, within: RangeInclusive<usize>) -> Option<Vec<usize>> {
        let value = self.ask(key)?;
        let path = self.path_to(key);
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, path, "an array of whole numbers", None);
            return None;
        };
        let entries = array.iter().enumerate();
        let wholes: Vec<Option<usize>> =
            entries.map(|(index, entry)| self.checked_whole(entry, format!("{path}[{}]", index + 1), &within)).collect();
        wholes.into_iter().collect()
    }

    /// A table of whole numbers keyed by whole numbers, e.g. `{ "1" = 6 }`, as (key, value) in the order of the keys.
    pub fn whole_by_whole(
        &mut self,
        key: &'static str,
        keys: RangeInclusive<usize>,
        values: RangeInclusive<usize>,
    ) -> Option<Vec<(usize, usize)>> {
        let value = self.ask(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            let allowed = format!("a table such as {{ \"{}\" = {} }}", keys.start(), values.start());
            self.wrong(value, self.path_to(key), &allowed, None);
            return None;
        };
        let mut pairs = Some(Vec::new());
        for (name, value) in table {
            let path = format!("{}.{}", self.path_to(key), path_segment(name.get_ref()));
            // Only the plain way to write a number, so that no two keys can mean the same.
            let number = name.get_ref().parse().ok().filter(|number: &usize| number.to_string() == name.get_ref().as_ref());
            let number = number.filter(|number| keys.contains(number));
            if number.is_none() {
                let message = format!("found the key {}; allowed: {}", quoted(name.get_ref()), allowed_whole(&keys));
                self.push(Severity::Error, name.span(), path.clone(), message, None);
            }
            let pair = number.zip(self.checked_whole(value, path, &values));
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

    /// A table below this one; finish it too.
    pub fn table(&mut self, key: &'static str) -> Option<Keys<'a>> {
        let value = self.ask(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Keys::new(table, value.span(), self.path_to(key), self.complaints.clone()));
        }
        self.wrong(value, self.path_to(key), "a table", None);
        None
    }

    /// The blocks of an array of tables, e.g. all `[[design]]`, at most `most` of them; finish each.
    pub fn tables(&mut self, key: &'static str, most: usize) -> Vec<Keys<'a>> {
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            let help = format!("write [[{key}]], with two brackets, above each block");
            self.wrong(value, self.path_to(key), &format!("any number of blocks [[{key}]]"), Some(help));
            return Vec::new();
        };
        if array.len() > most {
            let message = format!("found {} blocks [[{key}]]; allowed: at most {most}", array.len());
            self.push(Severity::Error, value.span(), self.path_to(key), message, None);
            return Vec::new();
        }
        let mut blocks = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            let path = format!("{}[{}]", self.path_to(key), index + 1);
            match entry.get_ref() {
                DeValue::Table(table) => blocks.push(Keys::new(table, entry.span(), path, self.complaints.clone())),
                _ => self.wrong(entry, path, &format!("a table, as a block [[{key}]]"), None),
            }
        }
        blocks
    }

    /// The table at `key`, or the blocks of an array of tables; finish each.
    pub fn table_or_tables(&mut self, key: &'static str, most: usize) -> Vec<Self> {
        if self.is_table(key) { self.table(key).into_iter().collect() } else { self.tables(key, most) }
    }

    /// Complain about a key that is there, or about the table when it is not.
    pub fn complain(&mut self, key: &str, message: impl Into<String>, help: Option<String>) {
        self.say(Severity::Error, key, message.into(), help);
    }

    /// Complain about a key, whatever its value, that is known elsewhere but has no place here; nothing when it is absent. Counts as
    /// asking for it.
    pub fn refuse(&mut self, key: &'static str, message: impl Into<String>, help: Option<String>) {
        if self.ask(key).is_some() {
            self.complain(key, message, help);
        }
    }

    /// As [`Keys::complain`], as a warning.
    pub fn warn(&mut self, key: &str, message: impl Into<String>) {
        self.say(Severity::Warning, key, message.into(), None);
    }

    /// As [`Keys::complain`], about the entry `index`, counted from 0, of the array at `key`.
    pub fn complain_entry(&mut self, key: &str, index: usize, message: impl Into<String>) {
        self.say_entry(Severity::Error, key, index, message.into());
    }

    /// As [`Keys::complain_entry`], as a warning.
    pub fn warn_entry(&mut self, key: &str, index: usize, message: impl Into<String>) {
        self.say_entry(Severity::Warning, key, index, message.into());
    }

    /// Whether an error has been complained about, here or in a table read along with this one.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.complaints.list.borrow().iter().any(|complaint| complaint.severity == Severity::Error)
    }

    /// Where the value of `key` begins in the text, in bytes; where the table begins when the key is absent.
    #[must_use]
    pub fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.span.start, |value| value.span().start)
    }

    /// The dotted path of this table, e.g. `design[2]`; empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Read the rest of the table once under each of several assumptions and finish it. Only complaints that all of them lead to
    /// are kept: they do not depend on what was assumed. Returns what the last reading gave.
    pub fn finish_under<C: Copy, T>(self, assumptions: &[C], read: impl Fn(&mut Keys<'a>, C) -> T) -> Option<T> {
        let mut shared: Option<Vec<Complaint>> = None;
        let mut result = None;
        for &assumption in assumptions {
            let complaints = Complaints { list: Rc::default(), ..self.complaints.clone() };
            let mut keys = Keys::new(self.table, self.span.clone(), self.path.clone(), complaints.clone());
            keys.asked.clone_from(&self.asked);
            result = Some(read(&mut keys, assumption));
            keys.finish();
            let mut found = complaints.list.take();
            if let Some(before) = &shared {
                found.retain(|complaint| before.contains(complaint));
            }
            shared = Some(found);
        }
        self.complaints.list.borrow_mut().extend(shared.unwrap_or_default());
        result
    }

    /// Complain about every key that nobody asked for, with the closest known key when there is one.
    pub fn finish(self) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let help = match closest(name, &self.asked) {
                Some(known) => {
                    // A required key that is misspelt is not missing too.
                    let known_path = self.path_to(known);
                    let is_missing = |complaint: &Complaint| complaint.key == known_path && complaint.message == MISSING;
                    self.complaints.list.borrow_mut().retain(|complaint| !is_missing(complaint));
                    format!("did you mean `{known}`?")
                }
                None => format!("known keys here: {}", self.asked.join(", ")),
            };
            self.push(Severity::Error, key.span(), self.path_to(name), "unknown key".to_owned(), Some(help));
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    fn path_to(&self, key: &str) -> String {
        let key = path_segment(key);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn checked_numbers(
        &self,
        value: &Spanned<DeValue<'_>>,
        path: String,
        within: Within,
        expected: Option<(usize, &str)>,
    ) -> Option<Vec<f64>> {
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong(value, path, "an array of numbers", None);
            return None;
        };
        let numbers: Vec<Option<f64>> = array
            .iter()
            .enumerate()
            .map(|(index, entry)| self.checked_number(entry, format!("{path}[{}]", index + 1), within))
            .collect();
        if let Some((length, what)) = expected
            && length != array.len()
        {
            self.wrong(value, path, &format!("{}, one for each {what}", allowed_count(length)), None);
            return None;
        }
        numbers.into_iter().collect()
    }

    fn checked_number(&self, value: &Spanned<DeValue<'_>>, path: String, within: Within) -> Option<f64> {
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

    fn checked_choice<T: Copy>(&self, value: &Spanned<DeValue<'_>>, path: String, options: &[(&'static str, T)]) -> Option<T> {
        let words: Vec<&str> = options.iter().map(|&(word, _)| word).collect();
        let mut help = None;
        if let DeValue::String(text) = value.get_ref() {
            if let Some(&(_, option)) = options.iter().find(|(word, _)| word == text) {
                return Some(option);
            }
            help = closest(text, &words).map(|word| format!("did you mean \"{word}\"?"));
        }
        let allowed = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        self.wrong(value, path, &allowed, help);
        None
    }

    fn checked_whole(&self, value: &Spanned<DeValue<'_>>, path: String, within: &RangeInclusive<usize>) -> Option<usize> {
        if let DeValue::Integer(integer) = value.get_ref()
            && let Some(whole) = whole_value(integer).and_then(|whole| usize::try_from(whole).ok())
            && within.contains(&whole)
        {
            return Some(whole);
        }
        let is_float = matches!(value.get_ref(), DeValue::Float(_));
        let help = is_float.then(|| "a whole number has no decimal point and no exponent".to_owned());
        self.wrong(value, path, &allowed_whole(within), help);
        None
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, path: String, allowed: &str, help: Option<String>) {
        let message = format!("found {}; allowed: {allowed}", found(value.get_ref()));
        self.push(Severity::Error, value.span(), path, message, help);
    }

    fn say(&self, severity: Severity, key: &str, message: String, help: Option<String>) {
        match self.table.get(key) {
            Some(value) => self.push(severity, value.span(), self.path_to(key), message, help),
            None => self.push(severity, self.span.clone(), self.path.clone(), message, help),
        }
    }

    fn say_entry(&self, severity: Severity, key: &str, index: usize, message: String) {
        match self.table.get(key).and_then(|value| value.get_ref().get(index)) {
            Some(entry) => self.push(severity, entry.span(), format!("{}[{}]", self.path_to(key), index + 1), message, None),
            None => self.say(severity, key, message, None),
        }
    }

    fn push(&self, severity: Severity, span: Range<usize>, key: String, message: String, help: Option<String>) {
        self.complaints.list.borrow_mut().push(Complaint { severity, span, key, message, help });
    }
}
