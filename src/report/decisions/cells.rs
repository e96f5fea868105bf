//! The letters and words of what a design can see at a level, and does then.

use crate::engine::{Condition, Rank, Seen, Sign};

impl Rank {
    /// The heading of its rows.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Lowest => "Lowest level",
            Self::Middle => "Levels between",
            Self::Highest => "Highest level",
            Self::Only => "The only level",
        }
    }
}

impl Sign {
    /// As it stands in a cell.
    pub(super) fn letters(self) -> String {
        match self {
            Self::Escalate => "E".to_owned(),
            Self::Stay => "S".to_owned(),
            Self::More(patients) => format!("+{patients}"),
            Self::Deescalate => "D".to_owned(),
            Self::Eliminate => "DU".to_owned(),
            Self::Select => "X".to_owned(),
            Self::SelectBelow => "XB".to_owned(),
            Self::SelectNone => "N".to_owned(),
        }
    }

    /// What the letters mean.
    pub(super) fn meaning(self) -> String {
        match self {
            Self::Escalate => "E escalate".to_owned(),
            Self::Stay => "S stay".to_owned(),
            Self::More(patients) => format!("+{patients} treat {patients} more at the level"),
            Self::Deescalate => "D de-escalate".to_owned(),
            Self::Eliminate => "DU de-escalate and never return: the level and all above are eliminated".to_owned(),
            Self::Select => "X stop and select".to_owned(),
            Self::SelectBelow => "XB stop and select the level below".to_owned(),
            Self::SelectNone => "N stop, no dose".to_owned(),
        }
    }
}

impl Condition {
    /// As a clause.
    fn words(&self) -> String {
        match self {
            Self::AboveTooToxic => "when the level above is too toxic".to_owned(),
            Self::BelowHas(numbers) => {
                let word = if numbers == &[1] { "patient" } else { "patients" };
                let numbers: Vec<String> = numbers.iter().map(u8::to_string).collect();
                format!("when the level below has {} {word}", numbers.join(" or "))
            }
        }
    }
}

impl Seen {
    /// As it stands in a cell.
    pub(super) fn letters(&self) -> String {
        self.signs.iter().map(|sign| sign.letters()).collect::<Vec<_>>().join("/")
    }

    /// What decides between several, as a sentence.
    pub(super) fn sentence(&self) -> Option<String> {
        let further = self.signs.iter().skip(1).zip(&self.when);
        let clauses: Option<Vec<String>> =
            further.map(|(sign, when)| Some(format!("{} {}", sign.letters(), when.as_ref()?.words()))).collect();
        clauses.filter(|clauses| !clauses.is_empty()).map(|clauses| format!("{}: {}.", self.letters(), clauses.join(", ")))
    }
}
