//! A running trial: what the rule says next, on what grounds, and what the rest of the trial looks like, worked out for those who
//! print it.

use crate::design::{Answer, Assessment, Course, Protocol};
use crate::engine::{Distribution, Exact, Monitor, compile_from};
use crate::measure::{Summary, Yardstick, summarise};
use crate::scenario::Scenario;
use crate::study::Study;
use crate::trial::{Arrival, Decision, NoDose};
use rayon::prelude::*;

/// A running trial under a rule, with all that is to be said of it.
#[derive(Clone, Debug)]
pub struct RunningTrial {
    /// The data so far, and what the rule says after them.
    pub course: Course,
    /// Why it says so, as a clause; where a coin decides, the grounds are those of [`RunningTrial::sides`].
    pub grounds: String,
    /// What follows heads, and what follows tails, where a coin decides; else nothing.
    pub sides: Option<[Side; 2]>,
    /// Why no dose is selected, where the trial ends without one.
    pub why_none: Option<NoDose>,
    /// What the method computes from the data.
    pub assessment: Assessment,
    /// The most patients that the trial can have.
    pub max_patients: usize,
    /// The rest of the trial.
    pub rest: Rest,
}

/// A side of the coin that decides.
#[derive(Clone, Debug)]
pub struct Side {
    /// The probability of this side.
    pub probability: f64,
    /// The decision after it.
    pub decision: Decision,
    /// Why that is the decision, as a clause.
    pub grounds: String,
    /// Why no dose is selected, where the trial then ends without one.
    pub why_none: Option<NoDose>,
}

/// The rest of a trial.
#[derive(Clone, Debug)]
pub enum Rest {
    /// There is none.
    Over,
    /// Under each scenario of the study; patients, DLTs and cohorts are those to come.
    Known(Vec<Summary>),
    /// It could not be worked out: why, as a clause.
    Unknown(String),
}

impl RunningTrial {
    /// Work out what the method computes from the data of `course`, a trial under `rule`, a rule of `study`, and the exact operating
    /// characteristics of the rest of the trial under each scenario, on the current thread pool.
    #[must_use]
    pub fn new(study: &Study, rule: &dyn Protocol, course: Course) -> Self {
        let grounds = match (&course.answer, course.cohorts.last()) {
            (Answer::Silent(objection), _) => objection.clone(),
            (_, Some(&arrival)) => rule.grounds(&course.counts, arrival),
            (_, None) => "nobody has been treated yet".to_owned(),
        };
        Self {
            grounds,
            sides: sides(rule, &course),
            why_none: match course.answer {
                Answer::Decided(decision) => why_none(rule, &course, decision),
                _ => None,
            },
            assessment: rule.assess(&course.counts),
            max_patients: rule.max_patients(),
            rest: rest(study, rule, &course),
            course,
        }
    }
}

/// Heads and tails, where a coin that has not been tossed decides.
fn sides(rule: &dyn Protocol, course: &Course) -> Option<[Side; 2]> {
    let (Answer::Tossed { heads, tails }, Some(&last), Some(coin)) = (&course.answer, course.cohorts.last(), rule.coin()) else {
        return None;
    };
    let side = |heads, probability, decision| {
        let arrival = Arrival { heads, ..last };
        let grounds = rule.grounds(&course.counts, arrival);
        Side { probability, decision, grounds, why_none: why_none(rule, course, decision) }
    };
    Some([side(true, coin, *heads), side(false, 1.0 - coin, *tails)])
}

/// Why a decision selects no dose, where it ends the trial without one.
fn why_none(rule: &dyn Protocol, course: &Course, decision: Decision) -> Option<NoDose> {
    match decision {
        Decision::Stop(None, reason) => Some(NoDose::of(reason, || rule.lacks_patients(&course.counts))),
        _ => None,
    }
}

/// The rest of the trial under every scenario of the study.
fn rest(study: &Study, rule: &dyn Protocol, course: &Course) -> Rest {
    if course.answer.goes_on() && study.scenarios.is_empty() {
        return Rest::Known(Vec::new());
    }
    let graph = match compile_from(rule, course, study.simulation.max_situations, &Monitor::default()) {
        Ok(Some(graph)) => graph,
        Ok(None) => return Rest::Over,
        Err(error) => return Rest::Unknown(error.to_string()),
    };
    let exact = Exact::new(&graph);
    let summary = |scenario: &Scenario| {
        let yardstick = Yardstick { scenario, target: &study.target, timing: None, benchmark: false };
        summarise(&Distribution::exact(&exact, scenario.truth()), &yardstick)
    };
    Rest::Known(study.scenarios.par_iter().map(summary).collect())
}
