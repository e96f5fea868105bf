//! Titration: single patients climb the levels until the first DLT or the top level, no rule being applied to them; that level is
//! then filled up to a cohort, and the rule takes over. Liu and Yuan (2015), JRSS C 64, 507-523, section 6; as `BOIN::get.oc`.

use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Conduct, Counts};

/// Titration among `levels` levels before cohorts of `cohort_size`, which is above one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Titration {
    levels: usize,
    cohort_size: usize,
}

impl Titration {
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
