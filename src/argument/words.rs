//! Numbers, names and lists as sentences have them. Parts that are rounded are not forced to add up.

use super::quantity::Known;

/// The most names in a list; of more the first ones are said, and how many there are besides.
pub(super) const MOST_NAMES: usize = 4;

/// A probability in trials of a hundred, half up: `39`.
pub(super) fn whole(probability: f64) -> i64 {
    // A value that is half in decimals may be a little below it in binary.
    (100.0 * probability + 0.5 + 1e-9).floor() as i64
}

/// A probability in trials of a hundred: `39`, `fewer than 1`, `more than 99`, `none`, `all`; where a simulation leaves more than one whole
/// number open, its 95 % interval: `27 to 33`.
pub(super) fn trials(known: Known) -> String {
    let (low, high) = known.interval();
    let (low, high) = (whole(low.max(0.0)), whole(high.min(1.0)));
    let value = known.value;
    if low != high {
        format!("{low} to {high}")
    } else if known.std_error.is_none() && value <= 0.0 {
        "none".to_owned()
    } else if known.std_error.is_none() && value >= 1.0 - 1e-12 {
        "all".to_owned()
    } else if value < 0.005 {
        "fewer than 1".to_owned()
    } else if value > 0.995 {
        "more than 99".to_owned()
    } else {
        low.to_string()
    }
}

/// Whether a printed number is a single whole one, which stands for those near it.
fn is_rounded(printed: &str) -> bool {
    printed.split_whitespace().next().is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_digit()))
        && !printed.contains(" to ")
}

/// Printed numbers of trials as a list, `about` once: `about 53 and 48`, `fewer than 1 and about 12`.
pub(super) fn about(printed: &[String]) -> String {
    let mut printed = printed.to_vec();
    if let Some(first) = printed.iter_mut().find(|printed| is_rounded(printed)) {
        *first = format!("about {first}");
    }
    list(&printed)
}

/// A mean number of patients, DLTs or weeks: one decimal.
pub(super) fn one_decimal(value: f64) -> String {
    format!("{:.1}", (value * 10.0 + 0.5 + 1e-9).floor() / 10.0)
}

/// A number of weeks: none.
pub(super) fn no_decimal(value: f64) -> String {
    format!("{:.0}", (value + 0.5 + 1e-9).floor())
}

/// A probability in trials of a hundred with the digits that it was written with: `15`, `12.5`.
#[must_use]
pub fn percent_as_written(probability: f64) -> String {
    let percent = format!("{:.10}", 100.0 * probability);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A difference of probabilities in points: one decimal.
#[must_use]
pub fn points(difference: f64) -> String {
    let text = format!("{:.1}", (1000.0 * difference.abs() + 0.5 + 1e-9).floor() / 10.0);
    if difference < 0.0 && text != "0.0" { format!("−{text}") } else { text }
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn list(items: &[String]) -> String {
    joined(items, "and")
}

/// `A`, `A or B`, `A, B or C`.
pub(super) fn alternatives(items: &[String]) -> String {
    joined(items, "or")
}

fn joined(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., end] => format!("{} {last} {end}", some.join(", ")),
    }
}

/// The first names of a list, and how many there are besides; `elsewhere` says where these are.
pub(super) fn names(all: &[String], most: usize, elsewhere: &str) -> String {
    match all.len().checked_sub(most) {
        Some(rest @ 1..) => format!("{} and {rest} more{elsewhere}", all[..most].join(", ")),
        _ => list(all),
    }
}

/// Parts of a sentence: `a`, `a, and b`, `a, b, and c`.
pub(super) fn parts(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., end] => format!("{}, and {end}", some.join(", ")),
    }
}

/// Last words of a name that read on into the sentence.
const READ_ON: [&str; 18] =
    ["a", "after", "and", "as", "at", "but", "by", "for", "from", "if", "in", "of", "on", "or", "than", "the", "to", "with"];

/// The name of a design as a subject: in quotes where it has a comma or ends in a word that reads on.
pub(super) fn subject(name: &str) -> String {
    let last = name.rsplit(' ').next().unwrap_or_default().to_lowercase();
    if name.contains(',') || READ_ON.contains(&last.as_str()) { quoted(name) } else { name.to_owned() }
}

/// A name in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// `1 patient`, `2 patients`.
pub(super) fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// The form of a verb that goes with so many.
pub(super) fn verb<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}

/// The verb that goes with a printed number of trials.
pub(super) fn verb_of<'a>(printed: &str, one: &'a str, many: &'a str) -> &'a str {
    if matches!(printed, "1" | "fewer than 1" | "none") { one } else { many }
}

/// The same with a small first letter, unless it is a name.
pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The same with a capital letter.
pub(super) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How many times as many, in half steps: `twice`; `None` below 1.4.
pub(super) fn times(factor: f64) -> Option<String> {
    if factor < 1.4 {
        return None;
    }
    let halves = (2.0 * factor + 0.5).floor() as usize;
    Some(match halves {
        3 => "one and a half times".to_owned(),
        4 => "twice".to_owned(),
        halves if halves % 2 == 1 => format!("{} and a half times", small(halves / 2)),
        halves => format!("{} times", small(halves / 2)),
    })
}

/// A number up to ten in words.
#[must_use]
pub fn small(number: usize) -> String {
    const WORDS: [&str; 11] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// Doses with the same number of decimals where two are enough: `0.1 mg/kg`, `1.0 mg/kg`. A dose stands in a sentence as the study's
/// table of doses has it.
pub(super) fn doses(levels: &[f64]) -> Vec<String> {
    let texts: Vec<String> = levels.iter().map(f64::to_string).collect();
    let places = texts.iter().map(|text| text.split_once('.').map_or(0, |(_, fraction)| fraction.len())).max().unwrap_or(0);
    if places > 2 { texts } else { levels.iter().map(|value| format!("{value:.places$}")).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trials_of_a_hundred() {
        let exact = |value| trials(Known::exact(value));
        assert_eq!([exact(0.385), exact(0.3849), exact(0.0), exact(1.0)], ["39", "38", "none", "all"]);
        assert_eq!([exact(0.0049), exact(0.005), exact(0.995), exact(0.996)], ["fewer than 1", "1", "100", "more than 99"]);
        assert_eq!(trials(Known { value: 0.30, std_error: Some(0.0144) }), "27 to 33");
        assert_eq!(trials(Known { value: 0.30, std_error: Some(0.001) }), "30");
        assert_eq!(about(&["fewer than 1".to_owned(), "12".to_owned(), "13".to_owned()]), "fewer than 1, about 12 and 13");
        assert_eq!(about(&["27 to 33".to_owned()]), "27 to 33");
    }

    #[test]
    fn factors_in_half_steps() {
        assert_eq!(
            [1.39, 1.4, 2.1, 2.3, 3.0].map(times).map(|said| said.unwrap_or_default()),
            ["", "one and a half times", "twice", "two and a half times", "three times"]
        );
    }

    #[test]
    fn names_that_read_on_stand_in_quotes() {
        assert_eq!(subject("BOIN, 12 at the MTD"), "\"BOIN, 12 at the MTD\"");
        assert_eq!(subject("3+3 as in"), "\"3+3 as in\"");
        assert_eq!(subject("3+3 as in the protocol"), "3+3 as in the protocol");
    }
}
