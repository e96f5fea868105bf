//! The table of a rule given the path so far: the next cohort, and what follows each number of DLTs in it.

use super::{Answer, Assessment, Deviation, Protocol, answer, follow};
use crate::trial::{Arrival, Cohort, Decision, Fork, MAX_PATIENTS, shown};

/// The next cohort of a trial and what follows it.
#[derive(Clone, Debug)]
pub struct NextCohort {
    /// The cohort.
    pub cohort: Cohort,
    /// One entry for each number of DLTs in it, none first; where moderate toxicities are watched, for each number of these too.
    pub cases: Vec<NextCase>,
    /// Where the trial departed from the rule.
    pub deviations: Vec<Deviation>,
}

/// What follows a number of DLTs.
#[derive(Clone, Debug)]
pub struct NextCase {
    /// The cohort and what it brought.
    pub arrival: Arrival,
    /// Whether its moderate toxicities are watched.
    pub watched: bool,
    /// What the rule says.
    pub answer: Answer,
    /// What the method works out then.
    pub assessment: Assessment,
}

/// Why there is no next cohort.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNextCohort {
    /// The trial has ended.
    #[error("after these outcomes the trial has ended ({reason}): {}", selection(*.selected))]
    Ended {
        /// The selected level as people count it, 0 for none.
        selected: usize,
        /// The stable word of the reason.
        reason: &'static str,
    },
    /// A coin decides.
    #[error("after these outcomes a coin decides on the next cohort, so there is none to make a table for")]
    Tossed,
    /// The rule does not provide for such a trial.
    #[error("the rule has no answer to these outcomes: {0}")]
    NoAnswer(String),
}

/// A selection in words.
fn selection(selected: usize) -> String {
    if selected == 0 { "no dose is selected".to_owned() } else { format!("level {selected} is selected") }
}

/// The next cohort of a trial with these `outcomes`, in the order of the cohorts; its first cohort when there are none.
///
/// # Errors
/// [`NoNextCohort`].
pub fn next_cohort(rule: &dyn Protocol, outcomes: &[Arrival]) -> Result<NextCohort, NoNextCohort> {
    let course = follow(rule, outcomes);
    let cohort = match course.answer {
        Answer::Start(cohort) | Answer::Decided(Decision::Enrol(cohort, _)) => cohort,
        Answer::Decided(Decision::Stop(level, reason)) => {
            return Err(NoNextCohort::Ended { selected: shown(level.map(usize::from)), reason: reason.word() });
        }
        Answer::Tossed { .. } => return Err(NoNextCohort::Tossed),
        Answer::Silent(objection) => return Err(NoNextCohort::NoAnswer(objection)),
    };
    // A rule enrols no more than it has patients left, and no rule has more than MAX_PATIENTS.
    debug_assert!(course.counts.total_patients() + usize::from(cohort.patients) <= MAX_PATIENTS);
    let fork = Fork { tosses: false, ..rule.fork(course.watching, &course.counts, cohort) };
    let case = |arrival| {
        let counts = fork.remembered(course.counts).after(arrival);
        let answer = answer(rule, &counts, arrival);
        NextCase { arrival, watched: fork.watches_moderate, answer, assessment: rule.assess(&counts) }
    };
    Ok(NextCohort { cohort, cases: fork.arrivals().map(case).collect(), deviations: course.deviations })
}
