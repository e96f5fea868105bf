//! Outcomes as people write them: one word a cohort, the level and a letter for each patient, T (DLT), M (moderate toxicity, no DLT)
//! or N (none): `1N 2MNT`. A rule that does not watch moderate toxicities reads M as N.

use crate::trial::{Arrival, Cohort, MAX_PATIENTS};

/// What is wrong with outcomes, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("outcomes: {message}\n  {text}\n  {}{}", " ".repeat(*.start), "^".repeat((*.length).max(1)))]
pub struct OutcomesError {
    /// The outcomes as given.
    pub text: String,
    /// Where the fault starts, in characters.
    pub start: usize,
    /// How many characters it takes.
    pub length: usize,
    /// What was found and what is allowed.
    pub message: String,
}

/// Read outcomes: the cohorts treated, in order. `levels` is the number of dose levels. Empty text is a trial that has not begun.
///
/// # Errors
/// [`OutcomesError`], which points at the word and the letter.
pub fn read_outcomes(text: &str, levels: usize) -> Result<Vec<Arrival>, OutcomesError> {
    let characters: Vec<char> = text.chars().collect();
    let fault = |start: usize, length: usize, message: String| OutcomesError { text: text.to_owned(), start, length, message };
    let mut cohorts = Vec::new();
    let mut treated = 0;
    let mut start = 0;
    for word in characters.split(|character| character.is_whitespace()) {
        let next = start + word.len() + 1;
        if word.is_empty() {
            start = next;
            continue;
        }
        let digits = word.iter().take_while(|character| character.is_ascii_digit()).count();
        let number: String = word[..digits].iter().collect();
        let level = match number.parse::<usize>() {
            Ok(level) if (1..=levels).contains(&level) => level,
            Ok(level) => return Err(fault(start, digits, format!("there is no level {level}; the levels are 1 to {levels}"))),
            Err(_) if digits > 0 => {
                return Err(fault(start, digits, format!("there is no level {number}; the levels are 1 to {levels}")));
            }
            Err(_) => return Err(fault(start, 1, "a cohort begins with the number of its level, as in 2NNT".to_owned())),
        };
        let letters = &word[digits..];
        if letters.is_empty() {
            let message = format!("level {level} has no patients; write a letter for each, N or T, as in {level}NNT");
            return Err(fault(start, word.len(), message));
        }
        if let Some(place) = letters.iter().position(|letter| !matches!(letter, 'N' | 'M' | 'T')) {
            let message =
                format!("\"{}\" is no outcome; a patient's is N (no DLT), M (moderate toxicity) or T (DLT)", letters[place]);
            return Err(fault(start + digits + place, 1, message));
        }
        treated += letters.len();
        if treated > MAX_PATIENTS {
            return Err(fault(start, word.len(), format!("more than {MAX_PATIENTS} patients; a trial has no more")));
        }
        // At most MAX_PATIENTS letters and MAX_LEVELS levels, so both fit a byte.
        let number = |of: char| letters.iter().filter(|letter| **letter == of).count() as u8;
        let cohort = Cohort { level: level as u8 - 1, patients: letters.len() as u8 };
        cohorts.push(Arrival { moderate: number('M'), ..Arrival::new(cohort, number('T')) });
        start = next;
    }
    Ok(cohorts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cohorts() {
        let cohort = |level, patients, dlts| Arrival::new(Cohort { level, patients }, dlts);
        assert_eq!(read_outcomes(" 1N  2NNT 12TT", 12), Ok(vec![cohort(0, 1, 0), cohort(1, 3, 1), cohort(11, 2, 2)]));
        assert_eq!(read_outcomes("", 5), Ok(vec![]));
        let moderate = |arrival, moderate| Arrival { moderate, ..arrival };
        assert_eq!(read_outcomes("1M 3NTMM", 5), Ok(vec![moderate(cohort(0, 1, 0), 1), moderate(cohort(2, 4, 1), 2)]));
    }

    #[test]
    fn faults_are_pointed_at() {
        let place = |text| read_outcomes(text, 5).map_err(|error| (error.start, error.length));
        assert_eq!(place("1N 6NNN"), Err((3, 1)));
        assert_eq!(place("1N 2NXT"), Err((5, 1)));
        assert_eq!(place("NNN"), Err((0, 1)));
        assert_eq!(place("1N 2"), Err((3, 1)));
        assert_eq!(place("0N"), Err((0, 1)));
        assert_eq!(place("99999999999999999999999N"), Err((0, 23)));
        assert_eq!(place("1n"), Err((1, 1)));
        let shown = read_outcomes("1N 2NXT", 5).map_err(|error| error.to_string());
        assert_eq!(
            shown,
            Err(
                "outcomes: \"X\" is no outcome; a patient's is N (no DLT), M (moderate toxicity) or T (DLT)\n  1N 2NXT\n       ^"
                    .to_owned()
            )
        );
    }
}
