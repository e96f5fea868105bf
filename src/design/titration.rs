//! Titration: single patients climb the levels until the first DLT or the top level, no rule being applied to them; that level is
//! then filled up to a cohort, and the rule takes over. Liu and Yuan (2015), JRSS C 64, 507-523, section 6; as `BOIN::get.oc`.

use super::wording::{Claim, LevelNames, Piece, counted};
use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Conduct, Counts, Decision, Move};

/// Titration among `levels` levels before cohorts of `cohort_size`, which is above one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Titration {
    levels: usize,
    cohort_size: usize,
}

impl Titration {
    /// What is said of titration that was asked for and cannot be.
    pub(super) const NO_EFFECT: &str = "has no effect with cohorts of one patient";

    /// What a protocol with titration must still decide.
    pub(super) const OPEN: &str = "Whether a moderate toxicity ends the titration as a DLT does: in this rule it does not.";

    /// Titration; with cohorts of one there is none.
    pub(super) fn new(levels: usize, cohort_size: usize) -> Option<Self> {
        (cohort_size > 1).then_some(Self { levels, cohort_size })
    }

    /// The first patient of the trial.
    pub(super) fn first_cohort(self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    /// The next cohort while titration lasts; `remaining` patients may still be enrolled.
    pub(super) fn next(self, counts: &Counts, arrival: Arrival, remaining: usize) -> Option<Cohort> {
        let level = arrival.cohort.level;
        // A level has one patient only while titration lasts: all other cohorts are larger, or the last of the trial.
        if counts.patients(level as usize) != 1 {
            return None;
        }
        let climbs = arrival.dlts == 0 && (level as usize) + 1 < self.levels;
        let fill_up = (self.cohort_size - 1).min(remaining) as u8;
        Some(if climbs { Cohort { level: level + 1, patients: 1 } } else { Cohort { level, patients: fill_up } })
    }

    /// Its line of the synopsis.
    pub(super) fn synopsis(self) -> (String, String) {
        let size = self.cohort_size;
        let value = format!(
            "single patients from level 1 upwards until the first DLT or the top level, which is then filled up to {size}"
        );
        ("Titration".to_owned(), value)
    }

    /// Its words, in a trial of at most `max_patients`.
    pub(super) fn wording(self, max_patients: usize, names: &LevelNames) -> Vec<Piece<'static>> {
        let top = self.levels - 1;
        let more = self.cohort_size - 1;
        // A level has one patient only during titration.
        let is_titrated = move |counts: &Counts, arrival: Arrival| {
            counts.patients(arrival.cohort.level as usize) == 1 && counts.total_patients() < max_patients
        };
        let climb = move |counts: &Counts, arrival: Arrival| {
            let level = arrival.cohort.level;
            (is_titrated(counts, arrival) && arrival.dlts == 0 && (level as usize) < top)
                .then_some(Decision::Enrol(Cohort { level: level + 1, patients: 1 }, Move::Escalate))
        };
        let fill_up = move |counts: &Counts, arrival: Arrival| {
            let patients = more.min(max_patients.saturating_sub(counts.total_patients())) as u8;
            is_titrated(counts, arrival)
                .then_some(Decision::Enrol(Cohort { level: arrival.cohort.level, patients }, Move::Expand))
        };
        let verb = if more == 1 { "is" } else { "are" };
        let fill_up_words = format!(
            "At the first DLT, or at {}, titration ends: {} {verb} treated at that level, and the table below takes over. It \
             counts the single patients of lower levels when the trial comes back to them.",
            names.of(top),
            counted(more, "more patient"),
        );
        vec![
            Piece::claimed(
                format!("The trial begins with titration: the first patient is treated at {}.", names.of(0)),
                Claim::First(self.first_cohort()),
            ),
            Piece::decides("After a single patient without a DLT, one patient is treated at the next higher level.", climb)
                .about("titration"),
            Piece::decides(fill_up_words, fill_up).about("titration"),
        ]
    }

    /// Let titration set the first cohort, which the keys of a `[[design]]` block then cannot.
    pub(super) fn take_over(self, keys: &mut Keys<'_>, conduct: &mut Conduct) {
        for key in ["start_level", "first_cohort_size"] {
            if keys.has(key) {
                keys.warn(key, "ignored: titration starts with one patient at level 1");
            }
        }
        (conduct.start_level, conduct.first_cohort_size) = (0, 1);
    }
}
