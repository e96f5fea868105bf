//! A running trial: the outcomes so far, replayed through the rule cohort by cohort, with everything that departed from it.

use std::fmt;

use super::Rule;
use crate::trial::{Arrival, Cohort, Counts, Decision, StopReason};

/// What a rule says to the data so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody has been treated: the first cohort of the trial.
    Start(Cohort),
    /// Its decision.
    Decided(Decision),
    /// It depends on a coin: one decision or another.
    Tossed {
        /// The decision when the coin shows heads.
        heads: Decision,
        /// The decision when it shows tails.
        tails: Decision,
    },
    /// It has no answer to such data, for this reason.
    Silent(String),
}

impl Answer {
    /// The next cohort, where there is one and no coin decides on it.
    #[must_use]
    pub fn next_cohort(&self) -> Option<Cohort> {
        match self {
            Self::Start(cohort) => Some(*cohort),
            Self::Decided(decision) => decision.next_cohort(),
            Self::Tossed { .. } | Self::Silent(_) => None,
        }
    }

    /// Whether another cohort is enrolled, or may be.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        match self {
            Self::Tossed { heads, tails } => heads.next_cohort().or(tails.next_cohort()).is_some(),
            answer => answer.next_cohort().is_some(),
        }
    }

    /// The stable word for files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Decided(Decision::Enrol(_, reason)) => reason.word(),
            Self::Decided(Decision::Stop(_, reason)) => reason.word(),
            Self::Tossed { .. } => "randomise",
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
    /// One decision or another, by a coin.
    Tossed {
        /// The decision when the coin shows heads.
        heads: Decision,
        /// The decision when it shows tails.
        tails: Decision,
    },
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
            Expected::Tossed { heads, tails } => {
                let said = |decision: Decision| match decision {
                    Decision::Enrol(cohort, _) => format!("{} at level {}", patients(cohort), level(cohort)),
                    Decision::Stop(_, reason) => format!("the end of the trial ({})", reason.word()),
                };
                write!(f, "; the rule gave {} or, by its coin, {}.", said(heads), said(tails))
            }
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
    /// The cohorts that were treated, in order, with their moderate toxicities where they were watched. The coin after each is known
    /// from the cohort that followed.
    pub cohorts: Vec<Arrival>,
    /// Patients and DLTs, and moderate toxicities while they are watched.
    pub counts: Counts,
    /// Whether the moderate toxicities of every cohort were watched.
    pub watching: bool,
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
        Self { cohorts: Vec::new(), counts: Counts::default(), watching: true, deviations: Vec::new(), answer }
    }

    /// Add a cohort that was treated and ask the rule again. Moderate toxicities that the rule does not watch do not count, and the
    /// coin is known from what is done next. The patients of all cohorts together must be at most
    /// [`crate::trial::MAX_PATIENTS`].
    pub fn add(&mut self, rule: &dyn Rule, arrival: Arrival) {
        let cohort = arrival.cohort;
        let expected = match self.answer {
            Answer::Start(planned) | Answer::Decided(Decision::Enrol(planned, _)) => Expected::Cohort(planned),
            Answer::Decided(Decision::Stop(_, reason)) => Expected::Stop(reason),
            Answer::Tossed { heads, tails } => {
                let shows_heads = heads.next_cohort() == Some(cohort);
                self.cohorts.iter_mut().next_back().into_iter().for_each(|last| last.heads = shows_heads);
                let is_given = shows_heads || tails.next_cohort() == Some(cohort);
                if is_given { Expected::Cohort(cohort) } else { Expected::Tossed { heads, tails } }
            }
            Answer::Silent(_) => Expected::Nothing,
        };
        let fork = rule.fork(self.watching, &self.counts, cohort);
        let moderate = if fork.watches_moderate { arrival.moderate } else { 0 };
        let arrival = Arrival { moderate, heads: false, ..arrival };
        self.cohorts.push(arrival);
        if expected != Expected::Cohort(cohort) {
            self.deviations.push(Deviation { cohort: self.cohorts.len(), treated: cohort, expected });
        }
        self.counts = fork.remembered(self.counts).after(arrival);
        self.watching = fork.watches_moderate;
        self.answer = answer(rule, &self.counts, arrival);
    }
}

/// What the rule says after the cohort of `arrival`, whose patients `counts` include, whatever led there and whatever its coin shows.
#[must_use]
pub fn answer(rule: &dyn Rule, counts: &Counts, arrival: Arrival) -> Answer {
    let side = |heads| answer_after(rule, counts, Arrival { heads, ..arrival });
    if rule.coin().is_none() {
        return side(false);
    }
    match (side(true), side(false)) {
        (Answer::Decided(heads), Answer::Decided(tails)) if heads != tails => Answer::Tossed { heads, tails },
        (Answer::Decided(_), answer) | (answer, _) => answer,
    }
}

/// What the rule says, the coin being known.
fn answer_after(rule: &dyn Rule, counts: &Counts, arrival: Arrival) -> Answer {
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

/// Replay single patients, each given as a cohort of one, in the order of enrolment, through the rule; at most
/// [`crate::trial::MAX_PATIENTS`] of them.
///
/// Nothing is said of cohorts, so they are formed by what the rule gave: patients in a row at the same level fill the planned
/// cohort, and the next patient begins another. A change of level ends a cohort early, as does the end of the file. At a level
/// that the rule did not give, a cohort has at most as many patients as planned; where the rule had stopped or had no answer,
/// as many as follow each other at one level.
#[must_use]
pub fn follow_patients(rule: &dyn Rule, patients: &[Arrival]) -> Course {
    let mut course = Course::new(rule);
    let mut rest = patients;
    while let Some(&Arrival { cohort: Cohort { level, .. }, .. }) = rest.first() {
        let planned = match course.answer {
            Answer::Tossed { heads, tails } => {
                let is_here = |decision: &Decision| decision.next_cohort().is_some_and(|cohort| cohort.level == level);
                [heads, tails].into_iter().find(is_here).unwrap_or(heads).next_cohort()
            }
            ref answer => answer.next_cohort(),
        };
        let most = planned.map_or(usize::MAX, |cohort| cohort.patients.into());
        let size = rest.iter().take(most).take_while(|patient| patient.cohort.level == level).count();
        let (members, after) = rest.split_at(size);
        // At most MAX_PATIENTS patients, so their number fits a byte.
        let cohort = Cohort { level, patients: size as u8 };
        let dlts = members.iter().map(|patient| patient.dlts).sum();
        let moderate = members.iter().map(|patient| patient.moderate).sum();
        course.add(rule, Arrival { moderate, ..Arrival::new(cohort, dlts) });
        rest = after;
    }
    course
}
