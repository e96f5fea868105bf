//! The decision table of a rule whose decision at a level depends on the counts there alone: what to do with so many DLTs among so
//! many patients at a level with neighbours on both sides. Rules ask it for their decisions, so what is printed is what is done.

pub(in crate::design) mod wording;

use crate::trial::{Counts, Level};

/// What a decision table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Go up one level.
    Escalate,
    /// Stay at the level.
    Stay,
    /// Go down one level.
    Deescalate,
    /// Go down one level, and give this level and all above no more.
    Eliminate,
}

impl Call {
    /// Every call, the most cautious last.
    pub const ALL: [Self; 4] = [Self::Escalate, Self::Stay, Self::Deescalate, Self::Eliminate];

    /// The letters of published tables: E, S, D or DU.
    #[must_use]
    pub fn letters(self) -> &'static str {
        match self {
            Self::Escalate => "E",
            Self::Stay => "S",
            Self::Deescalate => "D",
            Self::Eliminate => "DU",
        }
    }

    /// The level that this call leads to from `current`, in a trial of `levels` levels of which `first_eliminated` and all above are
    /// eliminated: no move leads below the lowest level, above the highest, or into an eliminated one.
    #[inline]
    #[must_use]
    pub fn next_level(self, current: Level, levels: usize, first_eliminated: Level) -> Level {
        // Without a branch for each call: nobody can predict which it is.
        let (up, down) = (usize::from(self == Self::Escalate), usize::from(self >= Self::Deescalate));
        let next = (current + up).min(levels - 1).saturating_sub(down);
        next.min(first_eliminated.saturating_sub(1))
    }
}

/// A call for every number of DLTs among every number of patients, up to a largest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionTable {
    max_patients: usize,
    /// The calls for no patient, for one, for two, and so on: for n patients n + 1 of them, no DLT first.
    calls: Vec<Call>,
}

impl DecisionTable {
    /// The table of `call(patients, dlts)` for up to `max_patients` patients.
    #[must_use]
    pub fn new(max_patients: usize, call: impl Fn(usize, usize) -> Call) -> Self {
        let cells = (0..=max_patients).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
        Self { max_patients, calls: cells.map(|(patients, dlts)| call(patients, dlts)).collect() }
    }

    /// The largest number of patients in the table.
    #[must_use]
    pub fn max_patients(&self) -> usize {
        self.max_patients
    }

    /// What to do with `dlts` DLTs among `patients` patients: stay beyond the table, where a trial has ended.
    #[inline]
    #[must_use]
    pub fn call(&self, patients: usize, dlts: usize) -> Call {
        self.calls.get(patients * (patients + 1) / 2 + dlts).copied().unwrap_or(Call::Stay)
    }

    /// The calls for `patients` patients, no DLT first.
    pub fn row(&self, patients: usize) -> impl Iterator<Item = Call> {
        (0..=patients).map(move |dlts| self.call(patients, dlts))
    }

    /// The smallest number of DLTs among `patients` with which the call is at least as cautious as `call`, if there is one.
    #[must_use]
    pub fn first_at_least(&self, patients: usize, call: Call) -> Option<usize> {
        self.row(patients).position(|other| other >= call)
    }

    /// Whether among `patients` no more DLTs lead to a less cautious call, so that the row is told by its boundaries.
    #[must_use]
    pub fn is_ordered(&self, patients: usize) -> bool {
        self.row(patients).is_sorted()
    }

    /// The level that the table recommends after a cohort at `current`, in a trial of `levels` levels of which `first_eliminated`
    /// and all above are eliminated: see [`Call::next_level`].
    #[inline]
    #[must_use]
    pub fn recommend(&self, counts: &Counts, current: Level, levels: usize, first_eliminated: Level) -> Level {
        self.call(counts.patients(current), counts.dlts(current)).next_level(current, levels, first_eliminated)
    }
}
