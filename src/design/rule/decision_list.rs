//! A rule as a list: every situation that it can be in, with its decision.

use crate::trial::{Cohort, Decision, Move};

/// Where a cohort was treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Below the top level, no level above known to be too toxic.
    BelowTop,
    /// At the top level.
    Top,
    /// At the level below one that is too toxic.
    AfterDeescalation,
}

impl Place {
    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BelowTop => "below_top",
            Self::Top => "top",
            Self::AfterDeescalation => "after_deescalation",
        }
    }
}

/// What a decision supposes of the level below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Below {
    /// Nothing.
    Whatever,
    /// There is none: this is the lowest level.
    NoLevel,
    /// There is one.
    Level,
    /// It has so many patients.
    Patients(u8),
}

impl Below {
    /// The stable word for files: empty, `none`, `any`, or the number of patients.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Whatever => String::new(),
            Self::NoLevel => "none".to_owned(),
            Self::Level => "any".to_owned(),
            Self::Patients(patients) => patients.to_string(),
        }
    }
}

/// What follows in a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// So many patients one level up.
    Escalate(u8),
    /// So many more at this level.
    Expand(u8),
    /// So many more one level down.
    Deescalate(u8),
    /// The end: this level is selected.
    Select,
    /// The end: the level below is selected.
    SelectBelow,
    /// The end: no dose is selected.
    SelectNone,
}

impl Then {
    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Escalate(_) => "escalate",
            Self::Expand(_) => "expand",
            Self::Deescalate(_) => "deescalate",
            Self::Select => "select",
            Self::SelectBelow => "select_below",
            Self::SelectNone => "select_none",
        }
    }

    /// The size of the next cohort, where there is one.
    #[must_use]
    pub fn patients(self) -> Option<u8> {
        match self {
            Self::Escalate(patients) | Self::Expand(patients) | Self::Deescalate(patients) => Some(patients),
            Self::Select | Self::SelectBelow | Self::SelectNone => None,
        }
    }

    /// A decision as seen from the cohort that it follows.
    #[must_use]
    pub fn of(decision: Decision, cohort: Cohort) -> Self {
        match decision {
            Decision::Enrol(Cohort { patients, .. }, Move::Escalate) => Self::Escalate(patients),
            Decision::Enrol(Cohort { patients, .. }, Move::Stay | Move::Expand) => Self::Expand(patients),
            Decision::Enrol(Cohort { patients, .. }, Move::Deescalate) => Self::Deescalate(patients),
            Decision::Stop(None, _) => Self::SelectNone,
            Decision::Stop(Some(level), _) if level == cohort.level => Self::Select,
            Decision::Stop(Some(_), _) => Self::SelectBelow,
        }
    }
}

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where.
    pub place: Place,
    /// Patients at the level.
    pub patients: u8,
    /// DLTs among them.
    pub dlts: u8,
    /// What is supposed of the level below.
    pub below: Below,
    /// What follows.
    pub then: Then,
}
