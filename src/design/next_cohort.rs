//! The table of a rule given the path so far: the next cohort, and what follows each number of DLTs in it.

use super::{Answer, Assessment, Deviation, Rule, answer, follow};
use crate::trial::{Arrival, Cohort, Decision, MAX_PATIENTS, shown};

/// The next cohort of a trial and what follows it.
#[derive(Clone, Debug)]
pub struct NextCohort {
    /// The cohort.
    pub cohort: Cohort,
    /// One entry for each number of DLTs in it, none first.
    pub cases: Vec<NextCase>,
    /// Where the trial departed from the rule.
    pub deviations: Vec<Deviation>,
}

/// What follows a number of DLTs.
#[derive(Clone, Debug)]
pub struct NextCase {
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
pub fn next_cohort(rule: &dyn Rule, outcomes: &[Arrival]) -> Result<NextCohort, NoNextCohort> {
    let course = follow(rule, outcomes);
    let cohort = match course.answer {
        Answer::Start(cohort) | Answer::Decided(Decision::Enrol(cohort, _)) => cohort,
        Answer::Decided(Decision::Stop(level, reason)) => {
            return Err(NoNextCohort::Ended { selected: shown(level.map(usize::from)), reason: reason.word() });
        }
        Answer::Silent(objection) => return Err(NoNextCohort::NoAnswer(objection)),
    };
    // A rule enrols no more than it has patients left, and no rule has more than MAX_PATIENTS.
    debug_assert!(course.counts.total_patients() + usize::from(cohort.patients) <= MAX_PATIENTS);
    let case = |dlts| {
        let counts = course.counts.with(cohort.level as usize, cohort.patients, dlts);
        NextCase { answer: answer(rule, &counts, Arrival { cohort, dlts }), assessment: rule.assess(&counts) }
    };
    Ok(NextCohort { cohort, cases: (0..=cohort.patients).map(case).collect(), deviations: course.deviations })
}
