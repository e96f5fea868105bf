//! A running trial: the outcomes so far, replayed through the rule cohort by cohort, with everything that departed from it.

use std::fmt;

use super::Rule;
use crate::trial::{Arrival, Cohort, Counts, Decision, Level, StopReason};

/// What a rule says to the data so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody has been treated: the first cohort of the trial.
    Start(Cohort),
    /// Its decision.
    Decided(Decision),
    /// It has no answer to such data, for this reason.
    Silent(String),
}

impl Answer {
    /// The next cohort, where there is one.
    #[must_use]
    pub fn next_cohort(&self) -> Option<Cohort> {
        match self {
            Self::Start(cohort) | Self::Decided(Decision::Enrol(cohort, _)) => Some(*cohort),
            Self::Decided(Decision::Stop(..)) | Self::Silent(_) => None,
        }
    }

    /// The stable word for files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Decided(Decision::Enrol(_, reason)) => reason.word(),
            Self::Decided(Decision::Stop(_, reason)) => reason.word(),
            Self::Silent(_) => "no_answer",
        }
    }
}

/// A cohort that was not the one that the rule gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Which cohort, counted from 1.
    pub cohort: usize,
    /// The cohort that was treated.
    pub treated: Cohort,
    /// What the rule had said.
    pub expected: Expected,
}

/// What a rule had said before a cohort that departed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Another cohort.
    Cohort(Cohort),
    /// The end of the trial.
    Stop(StopReason),
    /// Nothing, since it had no answer.
    Nothing,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cohort, treated, expected } = *self;
        let level = |cohort: Cohort| usize::from(cohort.level) + 1;
        let given = format!("{} at level {}", patients(treated), level(treated));
        write!(f, "Cohort {cohort} was {given}")?;
        match expected {
            Expected::Cohort(planned) if planned.level == treated.level => write!(f, "; the rule gave {}.", patients(planned)),
            Expected::Cohort(planned) if planned.patients == treated.patients => {
                write!(f, "; the rule gave level {}.", level(planned))
            }
            Expected::Cohort(planned) => write!(f, "; the rule gave {} at level {}.", patients(planned), level(planned)),
            Expected::Stop(reason) => write!(f, ", after the rule had stopped the trial ({}).", reason.word()),
            Expected::Nothing => write!(f, ", where the rule had no answer."),
        }
    }
}

/// "1 patient", "3 patients".
fn patients(cohort: Cohort) -> String {
    if cohort.patients == 1 { "1 patient".to_owned() } else { format!("{} patients", cohort.patients) }
}

/// A trial so far.
#[derive(Clone, Debug)]
pub struct Course {
    /// The cohorts that were treated, in order.
    pub cohorts: Vec<Arrival>,
    /// Patients and DLTs.
    pub counts: Counts,
    /// Where it departed from the rule.
    pub deviations: Vec<Deviation>,
    /// What the rule says now.
    pub answer: Answer,
}

impl Course {
    /// A trial that has not begun.
    #[must_use]
    pub fn new(rule: &dyn Rule) -> Self {
        let answer = Answer::Start(rule.first_cohort());
        Self { cohorts: Vec::new(), counts: Counts::default(), deviations: Vec::new(), answer }
    }

    /// Add a cohort that was treated and ask the rule again. The patients of all cohorts together must be at most
    /// [`crate::trial::MAX_PATIENTS`].
    pub fn add(&mut self, rule: &dyn Rule, arrival: Arrival) {
        let Arrival { cohort, dlts } = arrival;
        let expected = match &self.answer {
            Answer::Start(planned) | Answer::Decided(Decision::Enrol(planned, _)) => Expected::Cohort(*planned),
            Answer::Decided(Decision::Stop(_, reason)) => Expected::Stop(*reason),
            Answer::Silent(_) => Expected::Nothing,
        };
        self.cohorts.push(arrival);
        if expected != Expected::Cohort(cohort) {
            self.deviations.push(Deviation { cohort: self.cohorts.len(), treated: cohort, expected });
        }
        self.counts = self.counts.with(cohort.level as usize, cohort.patients, dlts);
        self.answer = answer(rule, &self.counts, arrival);
    }
}

/// What the rule says after the cohort of `arrival`, whose patients `counts` include, whatever led there.
#[must_use]
pub fn answer(rule: &dyn Rule, counts: &Counts, arrival: Arrival) -> Answer {
    if let Some(objection) = rule.objection(counts, arrival) {
        return Answer::Silent(objection);
    }
    match rule.decide(counts, arrival) {
        Decision::Enrol(next, _) if counts.total_patients() + usize::from(next.patients) > rule.max_patients() => {
            let (treated, most) = (counts.total_patients(), rule.max_patients());
            let room = if treated < most { format!(" and the rule gives {} more", next.patients) } else { String::new() };
            Answer::Silent(format!("{treated} patients have been treated{room}; a trial under this rule has at most {most}"))
        }
        decision => Answer::Decided(decision),
    }
}

/// Replay the cohorts of a trial, in order, through the rule; at most [`crate::trial::MAX_PATIENTS`] patients together.
#[must_use]
pub fn follow(rule: &dyn Rule, cohorts: &[Arrival]) -> Course {
    let mut course = Course::new(rule);
    for &arrival in cohorts {
        course.add(rule, arrival);
    }
    course
}

/// Replay single patients, in the order of enrolment, through the rule: for each the dose level and whether there was a DLT; at most
/// [`crate::trial::MAX_PATIENTS`] of them.
///
/// Nothing is said of cohorts, so they are formed by what the rule gave: patients in a row at the same level fill the planned
/// cohort, and the next patient begins another. A change of level ends a cohort early, as does the end of the file. At a level
/// that the rule did not give, a cohort has at most as many patients as planned; where the rule had stopped or had no answer,
/// as many as follow each other at one level.
#[must_use]
pub fn follow_patients(rule: &dyn Rule, patients: &[(Level, bool)]) -> Course {
    let mut course = Course::new(rule);
    let mut rest = patients;
    while let Some(&(level, _)) = rest.first() {
        let most = course.answer.next_cohort().map_or(usize::MAX, |cohort| cohort.patients.into());
        let size = rest.iter().take(most).take_while(|(other, _)| *other == level).count();
        let (cohort, after) = rest.split_at(size);
        let dlts = cohort.iter().filter(|(_, dlt)| *dlt).count();
        // At most MAX_PATIENTS patients and MAX_LEVELS levels, so all fit a byte.
        let cohort = Cohort { level: level as u8, patients: size as u8 };
        course.add(rule, Arrival { cohort, dlts: dlts as u8 });
        rest = after;
    }
    course
}
