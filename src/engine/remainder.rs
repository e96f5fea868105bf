//! The rest of a running trial as a rule of its own: it starts with the next cohort, and every set of counts is that of the further
//! patients. Compiled, it gives the operating characteristics conditional on the data so far.

use std::sync::OnceLock;

use super::compile::{CompileError, compile_after};
use super::graph::Graph;
use super::monitor::Monitor;
use crate::design::{Answer, Course, Rule};
use crate::trial::{Arrival, Cohort, Counts, Decision, MAX_LEVELS, StopReason};

/// Why the rest of a trial was not compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemainderError {
    /// It cannot be compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// After some outcomes to come the rule has no answer to data that departed from it.
    #[error("after some outcomes the rule has no answer: {0}")]
    Silent(String),
}

/// Compile the rest of a trial that has come so far under its rule. The leaves of the graph hold the further patients, DLTs and
/// cohorts. Where the coin after the last cohort has not been tossed, that comes first; where nothing is to come, there is no rest.
///
/// # Errors
/// [`RemainderError`]; the bound and the monitor are those of [`super::compile`].
pub fn compile_from(
    rule: &dyn Rule,
    course: &Course,
    max_situations: usize,
    monitor: &Monitor,
) -> Result<Option<Graph>, RemainderError> {
    let next = match (&course.answer, course.cohorts.last()) {
        // A cohort of nobody, after which a coin is tossed.
        (Answer::Tossed { .. }, Some(last)) => Some(Cohort { patients: 0, ..last.cohort }),
        (answer, _) => answer.next_cohort(),
    };
    let Some(next) = next else { return Ok(None) };
    let remainder = Remainder { rule, course, next, objection: OnceLock::new() };
    // The moderate toxicities so far are remembered, or forgotten, with the further ones.
    let last = Arrival { moderate: course.counts.moderate() as u8, ..Arrival::new(Cohort { patients: 0, ..next }, 0) };
    let graph = compile_after(&remainder, Counts::default().after(last), max_situations, monitor)?;
    match remainder.objection.into_inner() {
        Some(objection) => Err(RemainderError::Silent(objection)),
        None => Ok(Some(graph)),
    }
}

/// The rest of a trial.
struct Remainder<'r> {
    rule: &'r dyn Rule,
    /// The trial so far.
    course: &'r Course,
    next: Cohort,
    /// The first objection of the rule, if there was one.
    objection: OnceLock<String>,
}

impl Remainder<'_> {
    /// All patients of the trial, `further` being those of its rest.
    fn all(&self, further: &Counts) -> Counts {
        let treated = self.course.counts;
        (0..MAX_LEVELS).fold(*further, |all, level| all.with(level, treated.all_patients()[level], treated.all_dlts()[level]))
    }

    /// The arrival as the rule is asked about it: a coin belongs to the last cohort that was treated.
    fn known(&self, arrival: Arrival) -> Arrival {
        match self.course.cohorts.last() {
            Some(&last) if arrival.cohort.patients == 0 => Arrival { heads: arrival.heads, ..last },
            _ => arrival,
        }
    }
}

/// What stands in for a decision that there is not; the graph is thrown away.
const NO_ANSWER: Decision = Decision::Stop(None, StopReason::MaxPatients);

impl Rule for Remainder<'_> {
    fn levels(&self) -> usize {
        self.rule.levels()
    }

    fn max_patients(&self) -> usize {
        // A rule that departed from its plan may treat as many patients again, but never more.
        self.rule.max_patients()
    }

    fn first_cohort(&self) -> Cohort {
        self.next
    }

    fn decide(&self, further: &Counts, arrival: Arrival) -> Decision {
        let mut decisions = Vec::with_capacity(1);
        self.decide_batch(&[*further], &[(0, arrival)], &mut decisions);
        decisions.pop().unwrap_or(NO_ANSWER)
    }

    fn decide_batch(&self, further: &[Counts], arrivals: &[(u32, Arrival)], decisions: &mut Vec<Decision>) {
        let all: Vec<Counts> = further.iter().map(|further| self.all(further)).collect();
        let known: Vec<(u32, Arrival)> = arrivals.iter().map(|&(index, arrival)| (index, self.known(arrival))).collect();
        let arrivals = &known[..];
        let objects = |&(index, arrival): &(u32, Arrival)| self.rule.objection(&all[index as usize], arrival);
        match arrivals.iter().find_map(objects) {
            Some(objection) => {
                // Any one of several objections will do.
                let _ = self.objection.set(objection);
                decisions.extend(arrivals.iter().map(|_| NO_ANSWER));
            }
            None => self.rule.decide_batch(&all, arrivals, decisions),
        }
    }

    fn watches_moderate(&self, further: &Counts, cohort: Cohort) -> bool {
        self.course.watching && (cohort.patients == 0 || self.rule.watches_moderate(&self.all(further), cohort))
    }

    fn coin(&self) -> Option<f64> {
        self.rule.coin()
    }
}
