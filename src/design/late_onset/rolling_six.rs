//! Rolling six.
//!
//! # What it does
//! Decides for each patient who arrives from how many patients at the current level have had a DLT, are pending, or have been
//! followed without one, so that up to six patients are enrolled at a level without waiting.
//!
//! # Rule
//! At the current level: n patients enrolled (1 to 6), y DLTs seen, c pending.
//! 1. y ≥ 2 de-escalates at once, whoever is pending.
//! 2. n < 3: the next patient is enrolled at the same level.
//! 3. n = 3 to 5: escalate with y = 0 and c = 0, otherwise the same level.
//! 4. n = 6: escalate with y = 0 and c ≤ 1, or y = 1 and c = 0; otherwise accrual is suspended.
//!
//! There is no escalation to a level that has had two DLTs: a level below one is filled up to six patients, and the trial then
//! ends. De-escalation leads one level down where that has fewer than six patients, and ends the trial where it has six, or where
//! there is no lower level. Escalation at the highest level ends the trial. When everybody has been followed, the highest level is
//! selected that has at least three patients and no DLT, or six patients and at most one.
//!
//! # Parameters
//! None of its own. Its size and its conduct follow from the rule; it starts at the lowest level.
//!
//! # Where it differs from the paper or the R package
//! As the published grid. The package RollingSix 0.1.0 escalates with three evaluated patients and one or two pending, and
//! suspends accrual with six patients of whom one is pending, where the grid escalates. Protocols differ on whether the highest
//! level must have six patients; here three without a DLT are enough, as in that package.
//!
//! # References
//! Skolnik, Barrett, Jayaraman, Patel and Adamson (2008), Journal of Clinical Oncology 26, 190-195.

use super::{PendingRule, observation, suspension_lines};
use crate::design::read::refuse_conduct;
use crate::design::{Context, MethodEntry, Plan};
use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Counts, Level, LevelSituation, Move, Ruling, Situation, StopReason, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "rolling-six",
    title: "Rolling six",
    reference: "Skolnik, Barrett, Jayaraman, Patel and Adamson (2008), Journal of Clinical Oncology 26, 190-195",
    example: "method = \"rolling-six\"",
    situations: 0,
    read,
};

/// Patients at a level at most.
const MOST: usize = 6;

/// What the published grid says of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The next patient goes one level up.
    Escalate,
    /// The next patient goes to the same level.
    Stay,
    /// The next patient goes one level down.
    Deescalate,
    /// No patient until more is known.
    Suspend,
}

/// The grid: what to do at a level in this situation.
#[must_use]
pub fn call(at: LevelSituation) -> Call {
    match (at.patients, at.dlts, at.pending) {
        (_, 2.., _) => Call::Deescalate,
        (..3, ..) => Call::Stay,
        (3..MOST, 0, 0) => Call::Escalate,
        (3..MOST, ..) => Call::Stay,
        (_, 0, 0..=1) | (_, 1, 0) => Call::Escalate,
        _ => Call::Suspend,
    }
}

/// Rolling six (Skolnik et al., 2008).
#[derive(Clone, Copy, Debug)]
pub struct RollingSix {
    /// The number of dose levels.
    pub levels: usize,
}

impl RollingSix {
    /// Whether a level may not be given again.
    fn is_closed(counts: &Counts, level: Level) -> bool {
        counts.dlts(level) >= 2
    }
}

impl PendingRule for RollingSix {
    fn levels(&self) -> usize {
        self.levels
    }

    fn max_patients(&self) -> usize {
        MOST * self.levels
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let current = situation.current();
        let at = situation.at(current);
        let enrol = |level: Level, reason| Ruling::Enrol(Cohort { level: level as u8, patients: 1 }, reason);
        match call(at) {
            Call::Stay => enrol(current, Move::Stay),
            Call::Suspend => Ruling::Suspend(Suspension::SixEnrolled),
            Call::Deescalate if current == 0 => Ruling::Close(StopReason::TooToxic),
            Call::Deescalate if situation.counts.patients(current - 1) < MOST => enrol(current - 1, Move::Deescalate),
            Call::Deescalate => Ruling::Close(StopReason::MtdDeclared),
            Call::Escalate if current + 1 == self.levels => Ruling::Close(StopReason::MtdDeclared),
            Call::Escalate if !Self::is_closed(&situation.counts, current + 1) => enrol(current + 1, Move::Escalate),
            Call::Escalate if at.patients < MOST => enrol(current, Move::Expand),
            Call::Escalate => Ruling::Close(StopReason::MtdDeclared),
        }
    }

    fn select(&self, counts: &Counts, _latest: Arrival, _closed_by: StopReason) -> (Option<Level>, StopReason) {
        let is_tolerated = |&level: &Level| match counts.dlts(level) {
            0 => counts.patients(level) >= 3,
            1 => counts.patients(level) >= MOST,
            _ => false,
        };
        match (0..self.levels).rev().find(is_tolerated) {
            Some(level) => (Some(level), StopReason::MtdDeclared),
            None => (None, StopReason::TooToxic),
        }
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[Suspension::SixEnrolled]
    }

    fn grounds(&self, situation: &Situation<'_>) -> String {
        observation(situation)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut lines = vec![
            line("De-escalate", "at once with 2 DLTs; the level is not given again"),
            line(
                "Escalate",
                "with 3 to 5 patients, none pending and no DLT; with 6, no DLT and at most 1 pending, or 1 DLT and none pending",
            ),
            line("Stay", "otherwise, up to 6 patients at a level"),
        ];
        lines.extend(suspension_lines(self.suspensions()));
        lines.push(line("Select", "the highest level with 3 patients or more and no DLT, or 6 and at most 1"));
        lines.push(("Maximum patients".to_owned(), format!("{} by the rule itself", self.max_patients())));
        lines
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let reason = "does not apply to method \"rolling-six\": its conduct and its size follow from its rule";
    refuse_conduct(keys, &["start_level"], reason, "the rolling six takes `start_level = 1` and no other key");
    keys.whole("start_level", 1..=1);
    Some(Plan::LateOnset(Box::new(RollingSix { levels: context.levels })))
}
