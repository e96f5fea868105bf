//! Titration, [`crate::trial::Titration`], as it is read and as a protocol says it, in front of any design.

use super::conduct_keys::{TITRATION, TITRATION_MODERATE, TITRATION_STEP, TITRATION_TABLE};
use super::wording::{Claim, LevelNames, Piece, counted};
use crate::keys::Keys;
use crate::trial::{Cohort, Counts, Decision, Move, Titration};

/// Read `titration` of a design on `levels` dose levels with cohorts of `cohort_size`. Titration begins at level 1 with one
/// patient, so the keys that say otherwise are warned about.
pub(in crate::design) fn read_titration(keys: &mut Keys<'_>, levels: usize, cohort_size: usize) -> Option<Titration> {
    let titration = if let Some(mut table) = keys.table_form(&TITRATION_TABLE) {
        let (step, moderate) = (table.get(&TITRATION_STEP), table.get(&TITRATION_MODERATE));
        let below_top = (levels - 1).div_ceil(step);
        if let Some(moderate) = moderate.filter(|&moderate| moderate > below_top) {
            let most = counted(below_top, "single patient");
            table.warn("moderate", format!("found {moderate}, but only {most} can be treated below the top level: no effect"));
        }
        table.finish();
        Titration { step, moderate }
    } else {
        keys.get(&TITRATION).then_some(Titration::PLAIN)?
    };
    if cohort_size <= 1 {
        keys.warn("titration", "has no effect with cohorts of one patient");
        return None;
    }
    for key in ["start_level", "first_cohort_size"] {
        if keys.has(key) {
            keys.warn(key, "ignored: titration starts with one patient at level 1");
        }
    }
    Some(titration)
}

/// Its words, on `levels` levels in front of groups of `group`, in a trial of at most `max_patients`.
pub(in crate::design) fn wording(
    titration: Titration,
    levels: usize,
    group: usize,
    max_patients: usize,
    names: &LevelNames,
) -> Vec<Piece> {
    let top = levels - 1;
    let more = group - 1;
    let verb = if more == 1 { "is" } else { "are" };
    let higher = match titration.step {
        1 => "at the next higher level".to_owned(),
        step => format!("{step} levels higher, or at {} where that is nearer", names.of(top)),
    };
    let top_level = names.of(top);
    let (unless, moderate) = match titration.moderate {
        None => (String::new(), String::new()),
        Some(1) => (" or a moderate toxicity".to_owned(), ", at the first moderate toxicity".to_owned()),
        Some(count) => (
            format!(" and while fewer than {count} patients have had a moderate toxicity"),
            format!(", when {count} patients have had a moderate toxicity"),
        ),
    };
    let fill_up_words = format!(
        "At the first DLT{moderate}, or at {top_level}, titration ends: {} {verb} treated at that level, and the rules below take over. \
         They count the single patients of lower levels when the trial comes back to them.",
        counted(more, "more patient"),
    );
    let first = Claim::First(titration.first_cohort());
    let mut pieces =
        vec![Piece::claimed(format!("The trial begins with titration: the first patient is treated at {}.", names.of(0)), first)];
    if top > 0 {
        let words = format!("After a single patient without a DLT{unless}, one patient is treated {higher}.");
        let data = ((levels, max_patients), titration.step, titration.moderate);
        let climb = Piece::decides(words, data, |&(trial, step, moderate), seen| {
            let (level, top) = (seen.current(), trial.0 - 1);
            let higher = if level + step < top { level + step } else { top };
            (is_titrated(&trial, seen.counts) && !is_triggered(moderate, seen.counts) && level < top)
                .then_some(Decision::Enrol(Cohort { level: higher as u8, patients: 1 }, Move::Escalate))
        });
        pieces.push(climb.about("titration"));
    }
    let fill_up = Piece::decides(fill_up_words, ((levels, max_patients), more), |&(trial, more), seen| {
        let patients = more.min(trial.1.saturating_sub(seen.counts.total_patients())) as u8;
        let cohort = Cohort { level: seen.arrival.cohort.level, patients };
        is_titrated(&trial, seen.counts).then_some(Decision::Enrol(cohort, Move::Expand))
    });
    pieces.push(fill_up.about("titration"));
    pieces
}

/// Whether, by the words, single patients still climb in a trial of so many levels and at most so many patients.
pub(super) fn is_titrated(&(levels, max_patients): &(usize, usize), counts: &Counts) -> bool {
    (0..levels).all(|level| counts.patients(level) <= 1) && counts.total_patients() < max_patients
}

/// Whether, by the words, titration ends with these counts, so many moderate toxicities ending it.
fn is_triggered(moderate: Option<usize>, counts: &Counts) -> bool {
    counts.total_dlts() >= 1 || moderate.is_some_and(|moderate| counts.moderate() >= moderate)
}

/// What a protocol with titration must still decide.
pub(in crate::design) fn open(titration: Titration) -> Option<String> {
    let is_open = titration.moderate.is_none();
    is_open.then(|| "Whether a moderate toxicity ends the titration as a DLT does: in this rule it does not.".to_owned())
}
