//! What a rule is asked and what it answers.

use super::{Counts, Level};

/// Patients to be enrolled together at one dose level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cohort {
    /// The dose level.
    pub level: u8,
    /// The number of patients, at least 1.
    pub patients: u8,
}

/// The moment of a decision: a cohort has just been evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// The cohort that was evaluated.
    pub cohort: Cohort,
    /// DLTs in that cohort.
    pub dlts: u8,
    /// Moderate toxicities in that cohort: patients without a DLT whose worst toxicity was moderate. 0 where the rule does not
    /// watch them.
    pub moderate: u8,
    /// Whether the coin that a randomised rule tosses after a cohort shows heads; false where the rule tosses none.
    pub heads: bool,
}

impl Arrival {
    /// A cohort of which only the DLTs count.
    #[must_use]
    pub const fn new(cohort: Cohort, dlts: u8) -> Self {
        Self { cohort, dlts, moderate: 0, heads: false }
    }

    /// The level of the cohort.
    #[inline]
    #[must_use]
    pub const fn level(self) -> Level {
        self.cohort.level as Level
    }
}

/// What a rule says after a cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Enrol this cohort next, for this reason.
    Enrol(Cohort, Move),
    /// End the trial and select this level (`None`: no dose), for this reason.
    Stop(Option<u8>, StopReason),
}

impl Decision {
    /// The next cohort; none where the trial ends.
    #[must_use]
    pub const fn next_cohort(self) -> Option<Cohort> {
        match self {
            Self::Enrol(cohort, _) => Some(cohort),
            Self::Stop(..) => None,
        }
    }
}

/// Why the next cohort is at its level, seen from the cohort just evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A higher level.
    Escalate,
    /// The same level.
    Stay,
    /// A lower level.
    Deescalate,
    /// The same level, to complete a group that its rule wants larger (3+3: one to three, three to six; titration: fill up).
    Expand,
}

impl Move {
    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Stay => "stay",
            Self::Deescalate => "deescalate",
            Self::Expand => "expand",
        }
    }
}

/// Why a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StopReason {
    /// The lowest level is too toxic; no dose is selected.
    TooToxic,
    /// The rule has found its MTD (3+3).
    MtdDeclared,
    /// A level has the number of patients of `stop_at_patients`.
    StopAtPatients,
    /// A level has the number of patients of `stop_at_level_patients`.
    StopAtLevelPatients,
    /// The DLT probability of a level is known well enough.
    Precise,
    /// All planned patients were treated.
    MaxPatients,
}

impl StopReason {
    /// Every reason, in the order in which reports list them.
    pub const ALL: [Self; 6] =
        [Self::TooToxic, Self::MtdDeclared, Self::StopAtPatients, Self::StopAtLevelPatients, Self::Precise, Self::MaxPatients];

    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TooToxic => "too_toxic",
            Self::MtdDeclared => "mtd_declared",
            Self::StopAtPatients => "stop_at_patients",
            Self::StopAtLevelPatients => "stop_at_level_patients",
            Self::Precise => "precise",
            Self::MaxPatients => "max_patients",
        }
    }
}

/// Why a trial ended without a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoDose {
    /// The lowest level is too toxic.
    TooToxic,
    /// A level would have been selected, had it the patients that a selected level must have.
    TooFewPatients,
    /// No level that was tried is acceptable at the end.
    NoneAcceptable,
}

impl NoDose {
    /// The cause where a trial that ended for `reason` selects no dose; `lacks_patients` says whether a level would have been selected
    /// if it had enough of them.
    #[must_use]
    pub fn of(reason: StopReason, lacks_patients: impl FnOnce() -> bool) -> Self {
        match reason {
            StopReason::TooToxic => Self::TooToxic,
            _ if lacks_patients() => Self::TooFewPatients,
            _ => Self::NoneAcceptable,
        }
    }

    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TooToxic => "too_toxic",
            Self::TooFewPatients => "too_few_patients",
            Self::NoneAcceptable => "none_acceptable",
        }
    }
}

/// How a trial ended: all that operating characteristics are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Outcome {
    /// Patients and DLTs per level at the end.
    pub counts: Counts,
    /// The selected dose as a set of bits: bit 0 is "none", bit `k` is level `k` counted from 1. A design selects one; the
    /// benchmark, which splits ties equally, may have several.
    pub selected: u16,
    /// Why the trial ended.
    pub reason: StopReason,
    /// The number of cohorts enrolled.
    pub cohorts: u8,
}

impl Outcome {
    /// The bits of [`Outcome::selected`] for one selected level, or none.
    #[must_use]
    pub fn selection(level: Option<Level>) -> u16 {
        1 << super::shown(level)
    }

    /// Whether it selects no dose, and nothing else.
    #[must_use]
    pub fn selects_none(&self) -> bool {
        self.selected == Self::selection(None)
    }

    /// The probability with which this outcome selects the level shown as `shown` (0 = none): 0, 1, or a share of a tie.
    #[must_use]
    pub fn selects(&self, shown: usize) -> f64 {
        if self.selected >> shown & 1 == 1 { 1.0 / f64::from(self.selected.count_ones()) } else { 0.0 }
    }
}
