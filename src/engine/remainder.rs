//! The rest of a running trial as a rule of its own: it starts with the next cohort, and every set of counts is that of the further
//! patients. Compiled, it gives the operating characteristics conditional on the data so far.

use std::sync::OnceLock;

use super::compile::{CompileError, compile};
use super::graph::Graph;
use super::monitor::Monitor;
use crate::design::Rule;
use crate::design::wording::{LevelNames, Wording};
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

/// Compile the rest of a trial in which `counts` have been observed and `next` is enrolled next. The leaves of the graph hold the
/// further patients, DLTs and cohorts.
///
/// # Errors
/// [`RemainderError`]; the bound and the monitor are those of [`compile`].
pub fn compile_from(
    rule: &dyn Rule,
    counts: Counts,
    next: Cohort,
    max_situations: usize,
    monitor: &Monitor,
) -> Result<Graph, RemainderError> {
    let remainder = Remainder { rule, counts, next, objection: OnceLock::new() };
    let graph = compile(&remainder, max_situations, monitor)?;
    match remainder.objection.into_inner() {
        Some(objection) => Err(RemainderError::Silent(objection)),
        None => Ok(graph),
    }
}

/// The rest of a trial.
struct Remainder<'r> {
    rule: &'r dyn Rule,
    /// Patients and DLTs so far.
    counts: Counts,
    next: Cohort,
    /// The first objection of the rule, if there was one.
    objection: OnceLock<String>,
}

impl Remainder<'_> {
    /// All patients of the trial, `further` being those of its rest.
    fn all(&self, further: &Counts) -> Counts {
        (0..MAX_LEVELS).fold(self.counts, |all, level| all.with(level, further.all_patients()[level], further.all_dlts()[level]))
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

    fn synopsis(&self) -> Vec<(String, String)> {
        self.rule.synopsis()
    }

    fn wording(&self, names: &LevelNames) -> Wording<'_> {
        self.rule.wording(names)
    }
}
