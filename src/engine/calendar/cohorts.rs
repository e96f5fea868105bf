//! A trial whose cohorts wait for their last window.

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use super::trace::{Notes, TracedDecision, TracedPatient};
use crate::design::Rule;
use crate::engine::coins::Heads;
use crate::engine::graph::Graph;
use crate::trial::{Arrival, Cohort, Counts, Decision, Fork, Outcome, Ruling, Timing};

/// A way through a rule for complete data.
pub(super) trait Course {
    /// The probability of heads of the rule's coin.
    fn coin(&self) -> Option<f64>;

    /// The cohort that is due, and what is told apart of it.
    fn fork(&self) -> Fork;

    /// Go on with what it brought; the outcome, where that ends the trial.
    fn go_on(&mut self, arrival: Arrival) -> Option<Outcome>;

    /// What is decided with that and what the decision rests on, where the rule can be asked.
    fn reasons(&self, _arrival: Arrival) -> Option<(Ruling, String)> {
        None
    }
}

/// The way through a compiled rule.
pub(super) struct AlongGraph<'a> {
    graph: &'a Graph,
    node: usize,
}

impl<'a> AlongGraph<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        Self { graph, node: 0 }
    }
}

impl Course for AlongGraph<'_> {
    fn coin(&self) -> Option<f64> {
        self.graph.coin()
    }

    fn fork(&self) -> Fork {
        self.graph.fork(self.node)
    }

    fn go_on(&mut self, arrival: Arrival) -> Option<Outcome> {
        let child = self.graph.children(self.node)[self.fork().index(arrival)] as usize;
        match child.checked_sub(self.graph.nodes().len()) {
            Some(leaf) => Some(self.graph.leaves()[leaf]),
            None => {
                self.node = child;
                None
            }
        }
    }
}

/// The way through a rule that is asked as it goes.
pub(super) struct AlongRule<'a> {
    rule: &'a dyn Rule,
    /// What is remembered of the trial before the cohort that is due.
    counts: Counts,
    fork: Fork,
    cohorts: u8,
}

impl<'a> AlongRule<'a> {
    pub(super) fn new(rule: &'a dyn Rule) -> Self {
        let counts = Counts::default();
        Self { rule, counts, fork: rule.fork(true, &counts, rule.first_cohort()), cohorts: 1 }
    }
}

impl Course for AlongRule<'_> {
    fn coin(&self) -> Option<f64> {
        self.rule.coin()
    }

    fn fork(&self) -> Fork {
        self.fork
    }

    fn go_on(&mut self, arrival: Arrival) -> Option<Outcome> {
        let counts = self.counts.after(arrival);
        match self.rule.decide(&counts, arrival) {
            Decision::Enrol(next, _) => {
                self.fork = self.rule.fork(self.fork.watches_moderate, &counts, next);
                self.counts = self.fork.remembered(counts);
                self.cohorts += 1;
                None
            }
            Decision::Stop(level, reason) => {
                let (counts, selected) = (counts.without_moderate(), Outcome::selection(level.map(usize::from)));
                Some(Outcome { counts, selected, reason, cohorts: self.cohorts })
            }
        }
    }

    fn reasons(&self, arrival: Arrival) -> Option<(Ruling, String)> {
        let counts = self.counts.after(arrival);
        let ruling = match self.rule.decide(&counts, arrival) {
            Decision::Enrol(cohort, reason) => Ruling::Enrol(cohort, reason),
            Decision::Stop(_, reason) => Ruling::Close(reason),
        };
        Some((ruling, self.rule.grounds(&counts, arrival)))
    }
}

/// Run one trial: how and when it ends. What happens is written down where there are `notes`.
pub(super) fn run(
    course: &mut impl Course,
    timing: &Timing,
    truth: &TimedTruth,
    subjects: &mut Subjects,
    mut notes: Option<&mut Notes>,
) -> (Outcome, Times) {
    let heads = Heads::new(course.coin().unwrap_or(0.0));
    let mut times = Times::default();
    let mut accrual = Accrual { timing, arrivals: 0, waiting: 0 };
    let (mut enrolled, mut opens, mut last_entered, mut cohorts) = (0, 0.0, 0.0, 0);
    loop {
        let fork = course.fork();
        let Cohort { level, patients } = fork.cohort;
        let mut arrival = Arrival::new(fork.cohort, 0);
        cohorts += 1;
        for place in 0..patients {
            if place == 1 {
                opens = last_entered + timing.sentinel_weeks;
            }
            if opens > last_entered && enrolled > 0 {
                times.closed_weeks += opens - last_entered;
            }
            last_entered = accrual.next(opens, subjects, &mut times);
            let (tolerance, quantile) = subjects.patient(enrolled);
            let has_dlt = truth.has_dlt(level.into(), tolerance);
            arrival.dlts += u8::from(has_dlt);
            arrival.moderate += u8::from(fork.watches_moderate && truth.has_moderate(level.into(), tolerance));
            if let Some(notes) = &mut notes {
                let dlt = has_dlt.then(|| last_entered + truth.time(level.into(), quantile) * timing.dlt_window_weeks);
                notes.patients.push(TracedPatient { level, cohort: cohorts, entered: last_entered, dlt });
            }
            enrolled += 1;
            opens = last_entered;
        }
        // The coin of a cohort is that of its last patient.
        arrival.heads = fork.tosses && heads.shown_by(subjects.coin(enrolled - 1));
        times.weeks = last_entered + timing.dlt_window_weeks;
        if let Some(notes) = &mut notes
            && let Some((ruling, grounds)) = course.reasons(arrival)
        {
            notes.decisions.push(TracedDecision { week: times.weeks + timing.decision_weeks, ruling, grounds });
        }
        if let Some(outcome) = course.go_on(arrival) {
            return (outcome, times);
        }
        opens = times.weeks + timing.decision_weeks;
    }
}

/// The patients who arrive, and those of them who wait.
struct Accrual<'a> {
    timing: &'a Timing,
    arrivals: usize,
    waiting: usize,
}

impl Accrual<'_> {
    /// When the next patient is enrolled, enrolment being closed until `opens`.
    fn next(&mut self, opens: f64, subjects: &mut Subjects, times: &mut Times) -> f64 {
        loop {
            let arrival = subjects.arrival(self.arrivals, self.timing);
            if arrival >= opens {
                if self.waiting > 0 {
                    self.waiting -= 1;
                    return opens;
                }
                self.arrivals += 1;
                return arrival;
            }
            self.arrivals += 1;
            if self.waiting < self.timing.queue {
                self.waiting += 1;
            } else {
                times.turned_away += 1;
            }
        }
    }
}
