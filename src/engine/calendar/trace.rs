//! One simulated trial in full: every patient, and every decision with its reason.

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use super::{Calendar, TimedRule, cohorts, late_onset};
use crate::scenario::Truth;
use crate::trial::{Outcome, Ruling};

/// One simulated trial.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The patients, in the order of enrolment.
    pub patients: Vec<TracedPatient>,
    /// The decisions, in their order.
    pub decisions: Vec<TracedDecision>,
    /// How the trial ended.
    pub outcome: Outcome,
    /// When it ended.
    pub times: Times,
}

/// A patient of a simulated trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracedPatient {
    /// The dose level.
    pub level: u8,
    /// The cohort, counted from 1.
    pub cohort: u8,
    /// The week of enrolment.
    pub entered: f64,
    /// The week of the DLT, where there is one.
    pub dlt: Option<f64>,
}

/// A decision of a simulated trial.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedDecision {
    /// The week.
    pub week: f64,
    /// What was decided.
    pub ruling: Ruling,
    /// What the decision rests on.
    pub grounds: String,
}

/// What is noted while a trial runs.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) patients: Vec<TracedPatient>,
    pub(super) decisions: Vec<TracedDecision>,
}

/// The trial of this replicate, counted from 0, under a truth: the same as in any run with this seed. A compiled rule gives no reasons;
/// ask the rule itself.
#[must_use]
pub fn replay<'a>(calendar: &Calendar<'_>, truth: impl Into<Truth<'a>>, seed: u64, replicate: u64) -> Trace {
    let timing = calendar.timing;
    let truth = TimedTruth::new(truth, &timing.time_to_dlt);
    let mut subjects = Subjects::default();
    subjects.begin(seed, replicate);
    let mut notes = Notes::default();
    let noted = Some(&mut notes);
    let (outcome, times) = match calendar.rule {
        TimedRule::Pending(rule) => late_onset::run(rule, timing, &truth, &mut subjects, &mut late_onset::Desk::default(), noted),
        TimedRule::Graph(graph) => cohorts::run(&mut cohorts::AlongGraph::new(graph), timing, &truth, &mut subjects, noted),
        TimedRule::Rule(rule) => cohorts::run(&mut cohorts::AlongRule::new(rule), timing, &truth, &mut subjects, noted),
    };
    Trace { patients: notes.patients, decisions: notes.decisions, outcome, times }
}
