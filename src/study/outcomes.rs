//! Outcomes as people write them: one word a cohort, the level and a letter for each patient, T (DLT), M (moderate toxicity, no DLT)
//! or N (none): `1N 2MNT`. A rule that does not watch moderate toxicities reads M as N. For designs that look at pending patients
//! there is also P, with the share of the window followed: `2NP0.4`.

use crate::trial::{Arrival, Cohort, MAX_PATIENTS, Pending};

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

/// Outcomes of a trial some of whose patients are still being followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Followed {
    /// The cohorts, in order, with the DLTs seen so far.
    pub cohorts: Vec<Arrival>,
    /// The pending patients, in the order of enrolment.
    pub pending: Vec<Pending>,
    /// How many of them are of the last cohort.
    pub of_latest: usize,
    /// When DLTs were seen, as shares of the window, ascending, where that is said.
    pub dlt_times: Vec<f64>,
}

/// What a letter says of a patient.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Nothing,
    Moderate,
    Dlt(Option<f64>),
    Pending(f64),
}

/// Read outcomes: the cohorts treated, in order. `levels` is the number of dose levels. Empty text is a trial that has not begun.
///
/// # Errors
/// [`OutcomesError`], which points at the word and the letter.
pub fn read_outcomes(text: &str, levels: usize) -> Result<Vec<Arrival>, OutcomesError> {
    Ok(read_words(text, levels, false)?.into_iter().map(|(level, patients)| arrival(level, &patients)).collect())
}

/// As [`read_outcomes`], where patients may also be P, pending, followed by the share of the window for which they have been followed, and
/// T may be followed by the share at which the DLT occurred: `1NNN 2NP0.4T0.7`.
///
/// # Errors
/// [`OutcomesError`], which points at the word and the letter.
pub fn read_followed(text: &str, levels: usize) -> Result<Followed, OutcomesError> {
    let mut found = Followed::default();
    for (level, patients) in read_words(text, levels, true)? {
        found.of_latest = patients.iter().filter(|seen| matches!(seen, Seen::Pending(_))).count();
        for seen in &patients {
            match *seen {
                Seen::Pending(followed) => found.pending.push(Pending { level, followed }),
                Seen::Dlt(Some(time)) => found.dlt_times.push(time),
                _ => {}
            }
        }
        found.cohorts.push(arrival(level, &patients));
    }
    found.dlt_times.sort_by(f64::total_cmp);
    Ok(found)
}

/// The cohort of a word. At most MAX_PATIENTS letters, so the numbers fit a byte.
fn arrival(level: u8, patients: &[Seen]) -> Arrival {
    let number = |is: fn(&Seen) -> bool| patients.iter().filter(|seen| is(seen)).count() as u8;
    let cohort = Cohort { level, patients: patients.len() as u8 };
    let dlts = number(|seen| matches!(seen, Seen::Dlt(_)));
    Arrival { moderate: number(|seen| *seen == Seen::Moderate), ..Arrival::new(cohort, dlts) }
}

/// The words: a level and what was seen of each patient. Where nobody may be `pending`, no letter is followed by a number.
fn read_words(text: &str, levels: usize, pending: bool) -> Result<Vec<(u8, Vec<Seen>)>, OutcomesError> {
    let characters: Vec<char> = text.chars().collect();
    let fault = |start: usize, length: usize, message: String| OutcomesError { text: text.to_owned(), start, length, message };
    let mut words = Vec::new();
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
        let mut patients = Vec::new();
        let mut place = 0;
        while place < letters.len() {
            let (seen, length) = read_patient(&letters[place..], pending)
                .map_err(|(length, message)| fault(start + digits + place, length, message))?;
            patients.push(seen);
            place += length;
        }
        treated += patients.len();
        if treated > MAX_PATIENTS {
            return Err(fault(start, word.len(), format!("more than {MAX_PATIENTS} patients; a trial has no more")));
        }
        // At most MAX_LEVELS levels, so the number fits a byte.
        words.push((level as u8 - 1, patients));
        start = next;
    }
    Ok(words)
}

/// What is said of the first patient of these letters, and how many characters it takes; otherwise how many are at fault, and why.
fn read_patient(letters: &[char], pending: bool) -> Result<(Seen, usize), (usize, String)> {
    let letter = letters[0];
    let number: String = letters[1..].iter().take_while(|next| pending && (next.is_ascii_digit() || **next == '.')).collect();
    let length = 1 + number.len();
    let share = number.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    let seen = match (letter, number.is_empty(), share) {
        ('N', true, _) => Seen::Nothing,
        ('M', true, _) => Seen::Moderate,
        ('T', true, _) => Seen::Dlt(None),
        ('T', _, Some(time)) => Seen::Dlt(Some(time)),
        ('P', _, Some(followed)) => Seen::Pending(followed),
        ('P', ..) if pending => {
            return Err((
                length,
                "a pending patient is P and the share of the window followed, from 0 to 1, as in P0.5".to_owned(),
            ));
        }
        ('T', ..) => {
            return Err((
                length,
                "a DLT is T, or T and the share of the window at which it occurred, from 0 to 1, as in T0.5".to_owned(),
            ));
        }
        ('N' | 'M', ..) => return Err((length, "only P and T are followed by a number, as in P0.5".to_owned())),
        ('P', ..) => {
            let message =
                "P, a patient who is still being followed, is for designs that look at pending patients; this one waits";
            return Err((1, message.to_owned()));
        }
        _ => {
            let also = if pending { ", or P (pending) as in P0.5" } else { "" };
            let message =
                format!("\"{letter}\" is no outcome; a patient's is N (no DLT), M (moderate toxicity) or T (DLT){also}");
            return Err((1, message));
        }
    };
    Ok((seen, length))
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

    #[test]
    fn pending_patients_have_a_follow_up() {
        let found = read_followed("1NNN 2NP0.4T0.7 2P1T.1T", 5);
        let cohort = |level, dlts| Arrival::new(Cohort { level, patients: 3 }, dlts);
        let pending = [0.4, 1.0].map(|followed| Pending { level: 1, followed }).to_vec();
        let cohorts = vec![cohort(0, 0), cohort(1, 1), cohort(1, 2)];
        assert_eq!(found, Ok(Followed { cohorts, pending, of_latest: 1, dlt_times: vec![0.1, 0.7] }));
        let place = |text| read_followed(text, 5).map_err(|error| (error.start, error.length));
        assert_eq!(place("1NP"), Err((2, 1)));
        assert_eq!(place("1NP1.5N"), Err((2, 4)));
        assert_eq!(place("1N0.5"), Err((1, 4)));
        assert_eq!(place("1NXN"), Err((2, 1)));
        assert_eq!(read_outcomes("1NP0.5", 5).map_err(|error| (error.start, error.length)), Err((2, 1)));
    }
}
