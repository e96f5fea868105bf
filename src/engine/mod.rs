//! Many trials: a rule compiled once into its decision graph, then evaluated exactly for any curve or walked by replicates on
//! common simulated patients.
//!
//! Both engines end in the same thing: a [`Distribution`] over outcomes.

mod calendar;
mod cells;
mod coins;
mod compile;
mod distribution;
mod exact;
mod forks;
mod formula;
mod gradient;
mod graph;
mod growing;
mod leaves;
mod marginals;
mod monitor;
mod pathways;
mod patients;
mod remainder;
mod replicates;
mod walk;

pub use calendar::{
    Calendar, CalendarQuantity, CalendarTally, Enrolment, EnrolmentWeek, PairedTimes, STAYS_KEPT, Stays, TimedRule, Times, Trace,
    TracedDecision, TracedPatient, replay,
};
pub use cells::{Cells, Condition, DesignCells, MOST_SITUATIONS, Rank, Seen, Sign};
pub use compile::{CompileError, compile};
pub use distribution::{Distribution, Evidence};
pub use exact::{Exact, Weights, forward_probabilities, leaf_weights};
pub use gradient::{Derivative, Expectation};
pub use graph::{Graph, Node};
pub use leaves::{Leaf, NoLeaves, leaves};
pub use marginals::{Aspects, Marginals, Spread};
pub use monitor::{Interrupted, Monitor};
pub use pathways::{Branch, Flow, Junction, Pathways, Stream, TooManyPathways};
pub use remainder::{RemainderError, compile_from};
pub use replicates::{Ends, Replicates, Tally, Walker};
