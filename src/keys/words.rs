//! The words of complaints: what was found, what is allowed, which known word is close. Whatever comes from the text is cut
//! short and escaped, so that a file can neither flood nor control a terminal.

use std::ops::RangeInclusive;

use toml::de::{DeInteger, DeValue};

use super::Within;

/// The most characters of the text that a message repeats.
const LONGEST: usize = 40;

/// A value as a message names it.
pub(super) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)),
        DeValue::Integer(integer) => shortened(&integer.to_string()),
        DeValue::Float(float) => shortened(float.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => format!("the date or time {date}"),
        DeValue::Array(array) if array.is_empty() => "an empty array".to_owned(),
        DeValue::Array(array) if array.iter().all(|entry| entry.get_ref().is_integer() || entry.get_ref().is_float()) => {
            allowed_count(array.len())
        }
        DeValue::Array(array) if array.len() == 1 => "an array of 1 entry".to_owned(),
        DeValue::Array(array) => format!("an array of {} entries", array.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Text from a file in quotation marks, cut short and escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A key as part of a dotted path: bare where TOML allows it.
pub(super) fn path_segment(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { shortened(key) } else { quoted(key) }
}

/// The numbers allowed, in words.
pub(super) fn allowed_number(within: Within) -> String {
    // The largest number of all is no bound that anybody would want to read.
    let bounds = |bound: f64| bound.abs() < f64::MAX;
    let (low, low_word, high, high_word) = within.ends();
    if matches!(within, Within::Closed(..)) && bounds(low) && bounds(high) {
        return format!("a number from {low} to {high}");
    }
    match (bounds(low), bounds(high)) {
        (true, true) => format!("a number {low_word} {low} and {high_word} {high}"),
        (true, false) => format!("a finite number {low_word} {low}"),
        (false, true) => format!("a finite number {high_word} {high}"),
        (false, false) => "a finite number".to_owned(),
    }
}

/// The numbers of a range, in a few words; `from` and `up_to` name what ends it, in place of its own ends.
pub(super) fn number_range(within: Within, from: Option<&str>, up_to: Option<&str>) -> String {
    let (low, low_word, high, high_word) = within.ends();
    let end = |own: f64, named: Option<&str>| named.map(str::to_owned).or_else(|| own.is_finite().then(|| own.to_string()));
    match (end(low, from), end(high, up_to)) {
        (Some(low), Some(high)) if (low_word, high_word) == ("at least", "at most") => format!("from {low} to {high}"),
        (Some(low), Some(high)) => format!("{low_word} {low} and {high_word} {high}"),
        (Some(low), None) => format!("{low_word} {low}"),
        (None, Some(high)) => format!("{high_word} {high}"),
        (None, None) => "any".to_owned(),
    }
}

/// The whole numbers allowed, in words.
pub(super) fn allowed_whole(within: &RangeInclusive<usize>) -> String {
    if within.start() == within.end() {
        format!("only {}", grouped(*within.start()))
    } else {
        format!("a whole number from {} to {}", grouped(*within.start()), grouped(*within.end()))
    }
}

/// A whole number as TOML lets people write it: `100_000`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many numbers, in words.
pub(super) fn allowed_count(length: usize) -> String {
    if length == 1 { "an array of 1 number".to_owned() } else { format!("an array of {length} numbers") }
}

/// The value of an integer, in whatever base it is written; `None` beyond 128 bits.
pub(super) fn whole_value(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The known word that `word` was probably meant to be: at most one slip for every three of its characters; capitals, hyphens,
/// underscores and spaces are not counted.
pub(crate) fn closest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    if word.len() > LONGEST {
        return None;
    }
    let plain = |word: &str| word.to_lowercase().replace(['-', '_', ' '], "");
    let word = plain(word);
    let slips = |known: &str| strsim::damerau_levenshtein(&word, &plain(known));
    let (slips, best) = known.iter().map(|&known| (slips(known), known)).min_by_key(|&(slips, _)| slips)?;
    (slips <= (best.chars().count() / 3).max(1)).then_some(best)
}
