//! A decision table as it is printed: what words that refer to it can be held against.

use crate::design::rule::decision_table::Call;
use crate::trial::{Counts, Level};

/// What is printed for one number of patients at a level: DLTs.
#[derive(Clone, Debug)]
pub struct Column {
    /// The number of patients.
    pub patients: usize,
    /// What to do next.
    pub said: Said,
    /// The level is too toxic with at least these.
    pub eliminate: Option<usize>,
    /// Stop with at least these at the lowest level, when it was just treated.
    pub extra_safe: Option<usize>,
}

/// How the decisions for one number of patients are told.
#[derive(Clone, Debug)]
pub enum Said {
    /// Escalate with at most, de-escalate with at least so many DLTs.
    Bounds {
        /// Escalate with at most so many.
        escalate: Option<usize>,
        /// De-escalate with at least so many.
        deescalate: Option<usize>,
    },
    /// One by one, no DLT first: more DLTs do not always lead to a more cautious decision.
    Calls(Vec<Call>),
}

/// The printed table.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The number of dose levels.
    pub levels: usize,
    /// Whether a level that is too toxic is left at once and never given again; otherwise nobody escalates to it or past it.
    pub eliminates: bool,
    /// For 1, 2, ... patients.
    pub columns: Vec<Column>,
}

impl Column {
    /// What is printed for so many DLTs, levels that are too toxic aside.
    fn call(&self, dlts: usize) -> Call {
        match &self.said {
            Said::Bounds { escalate, deescalate } => {
                if escalate.is_some_and(|bound| dlts <= bound) {
                    Call::Escalate
                } else if deescalate.is_some_and(|bound| dlts >= bound) {
                    Call::Deescalate
                } else {
                    Call::Stay
                }
            }
            Said::Calls(calls) => calls.get(dlts).copied().unwrap_or(Call::Stay),
        }
    }
}

impl Printed {
    /// The column for so many patients, where the table has one.
    #[must_use]
    pub fn column_for(&self, patients: usize) -> Option<&Column> {
        self.columns.get(patients.checked_sub(1)?)
    }

    /// The column for the patients at a level.
    #[must_use]
    pub fn column(&self, counts: &Counts, level: Level) -> Option<&Column> {
        self.column_for(counts.patients(level))
    }

    /// What the table says with so many patients and DLTs: to stay where it says nothing.
    #[must_use]
    pub fn call(&self, patients: usize, dlts: usize) -> Call {
        let Some(column) = self.column_for(patients) else { return Call::Stay };
        if self.eliminates && column.eliminate.is_some_and(|bound| dlts >= bound) {
            return Call::Eliminate;
        }
        column.call(dlts)
    }

    /// The lowest level that the table finds too toxic, or the number of levels.
    #[must_use]
    pub fn first_eliminated(&self, counts: &Counts) -> Level {
        let is_eliminated = |level: &Level| {
            let bound = self.column(counts, *level).and_then(|column| column.eliminate);
            bound.is_some_and(|bound| counts.dlts(*level) >= bound)
        };
        (0..self.levels).find(is_eliminated).unwrap_or(self.levels)
    }

    /// The next level by the column for the current one.
    #[must_use]
    pub fn next(&self, column: &Column, counts: &Counts, current: Level) -> Level {
        self.next_below(self.first_eliminated(counts), column, counts, current)
    }

    /// As [`Printed::next`], `first` and all levels above it being too toxic.
    #[must_use]
    pub fn next_below(&self, first: Level, column: &Column, counts: &Counts, current: Level) -> Level {
        let next = match column.call(counts.dlts(current)) {
            Call::Escalate if current + 1 < self.levels => current + 1,
            Call::Escalate | Call::Stay => current,
            Call::Deescalate | Call::Eliminate => current.saturating_sub(1),
        };
        let highest = first.saturating_sub(1);
        if self.eliminates {
            next.min(highest)
        } else if next > current && next > highest {
            current
        } else {
            next
        }
    }
}
