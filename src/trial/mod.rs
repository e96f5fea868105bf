//! The vocabulary of one trial: dose level, counts, cohort, decision, outcome; and the conduct rules that a protocol layers
//! over any method. Everything here is small, `Copy`, and integer.

mod conduct;
mod counts;
mod decision;
mod fork;
mod metric;
mod situation;
mod timing;
mod titration;

pub use conduct::{Coherence, Conduct, SkipDown, SkipUp, StopAtPatients, StopWhen};
pub use counts::Counts;
pub(crate) use counts::words;
pub use decision::{Arrival, Cohort, Decision, Move, NoDose, Outcome, StopReason};
pub use fork::{Arrivals, Fork};
pub use metric::{Metric, Quantile};
pub use situation::{LevelSituation, Pending, Ruling, Situation, Suspension};
pub use timing::{ArrivalPattern, TimeToDlt, Timing, patients_a_week};
pub use titration::Titration;

/// The largest number of dose levels of a study.
pub const MAX_LEVELS: usize = 12;

/// The largest number of patients of a trial: counts are kept in bytes.
pub const MAX_PATIENTS: usize = 250;

/// The largest cohort: a larger one is a mistake, and the number of its outcome sequences must fit an integer.
pub const MAX_COHORT: usize = 30;

/// A dose level as an index: 0 is the lowest. People and files count levels from 1 and write 0 for "none"; see [`shown`].
pub type Level = usize;

/// The number that people and files use for a selected level: 0 for none, 1 for the lowest level.
#[must_use]
pub fn shown(level: Option<Level>) -> usize {
    level.map_or(0, |level| level + 1)
}
