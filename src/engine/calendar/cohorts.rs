//! A trial whose cohorts wait for their last window.
//!
//! Where patients drop out, a cohort waits until as many have been evaluated as its rule asked for: from the moment at which a
//! drop-out is known, the next patient who arrives takes the place. Where they are not replaced, the rule is asked about those who are
//! left; a cohort of which nobody is left is enrolled again; and the planned number of patients includes those who dropped out, so that
//! the rule is asked to conclude when that many have been enrolled.

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use super::trace::{Notes, TracedDecision, TracedPatient};
use crate::design::Protocol;
use crate::engine::coins::Heads;
use crate::engine::graph::Graph;
use crate::trial::{Arrival, Cohort, Counts, Decision, Fork, MAX_COHORT, Outcome, Ruling, Timing};

/// A way through a rule for complete data.
pub(super) trait Course {
    /// What is known of how a trial ends.
    type End;

    /// The probability of heads of the rule's coin.
    fn coin(&self) -> Option<f64>;

    /// The cohort that is due, and what is told apart of it.
    fn fork(&self) -> Fork;

    /// Go on with what it brought, nobody being enrolled after it where it is the last; the end, where that ends the trial.
    fn go_on(&mut self, arrival: Arrival, is_last: bool) -> Option<Self::End>;

    /// What is decided with that and what the decision rests on, where the rule can be asked.
    fn reasons(&self, _arrival: Arrival, _is_last: bool) -> Option<(Ruling, String)> {
        None
    }

    /// How many patients can be enrolled, those who drop out included, where these are not replaced under a timing; `None` where they
    /// are.
    fn most_enrolled(&self, _timing: &Timing) -> Option<usize> {
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
    /// The number of a leaf.
    type End = u32;

    fn coin(&self) -> Option<f64> {
        self.graph.coin()
    }

    fn fork(&self) -> Fork {
        self.graph.fork(self.node)
    }

    fn go_on(&mut self, arrival: Arrival, _is_last: bool) -> Option<u32> {
        let child = self.graph.children(self.node)[self.fork().index(arrival)];
        let leaf = child.checked_sub(self.graph.nodes().len() as u32);
        if leaf.is_none() {
            self.node = child as usize;
        }
        leaf
    }
}

/// The way through a rule that is asked as it goes.
pub(super) struct AlongRule<'a> {
    rule: &'a dyn Protocol,
    /// What is remembered of the trial before the cohort that is due.
    counts: Counts,
    fork: Fork,
    cohorts: u8,
}

impl<'a> AlongRule<'a> {
    pub(super) fn new(rule: &'a dyn Protocol) -> Self {
        let counts = Counts::default();
        Self { rule, counts, fork: rule.fork(true, &counts, rule.first_cohort()), cohorts: 1 }
    }

    fn decide(&self, counts: &Counts, arrival: Arrival, is_last: bool) -> Decision {
        if !is_last {
            return self.rule.decide(counts, arrival);
        }
        let (level, reason) = self.rule.conclude(counts, arrival);
        Decision::Stop(level, reason)
    }
}

impl Course for AlongRule<'_> {
    type End = Outcome;

    fn coin(&self) -> Option<f64> {
        self.rule.coin()
    }

    fn fork(&self) -> Fork {
        self.fork
    }

    fn go_on(&mut self, arrival: Arrival, is_last: bool) -> Option<Outcome> {
        let counts = self.counts.after(arrival);
        match self.decide(&counts, arrival, is_last) {
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

    fn reasons(&self, arrival: Arrival, is_last: bool) -> Option<(Ruling, String)> {
        let counts = self.counts.after(arrival);
        let ruling = match self.decide(&counts, arrival, is_last) {
            Decision::Enrol(cohort, reason) => Ruling::Enrol(cohort, reason),
            Decision::Stop(_, reason) => Ruling::Close(reason),
        };
        Some((ruling, self.rule.grounds(&counts, arrival)))
    }

    fn most_enrolled(&self, timing: &Timing) -> Option<usize> {
        let is_lost = timing.has_dropouts() && !timing.replaces(self.rule.needs_whole_cohorts());
        is_lost.then(|| self.rule.max_patients())
    }
}

/// Run one trial: how and when it ends. What happens is written down where there are `notes`.
pub(super) fn run<C: Course>(
    course: &mut C,
    timing: &Timing,
    truth: &TimedTruth,
    subjects: &mut Subjects,
    mut notes: Option<&mut Notes>,
) -> (C::End, Times) {
    subjects.open(timing);
    let heads = Heads::new(course.coin().unwrap_or(0.0));
    let most_enrolled = course.most_enrolled(timing);
    let mut times = Times::default();
    let mut accrual = Accrual { timing, arrivals: 0, waiting: 0 };
    let mut places = Places::default();
    let (mut enrolled, mut opens, mut last_entered, mut cohorts) = (0, 0.0, 0.0, 1);
    loop {
        let fork = course.fork();
        let level = fork.cohort.level;
        let mut arrival = Arrival::new(Cohort { level, patients: 0 }, 0);
        let left = most_enrolled.map_or(usize::MAX, |most| most - enrolled);
        places.open(usize::from(fork.cohort.patients).min(left));
        while let Some(Place { vacant_from, is_second }) = places.next() {
            if is_second {
                opens = last_entered + timing.sentinel_weeks;
            }
            opens = opens.max(vacant_from);
            if opens > last_entered && enrolled > 0 {
                times.closed_weeks += opens - last_entered;
            }
            let entered = accrual.next(opens, subjects, &mut times);
            let has_dlt = subjects.is_below(enrolled, truth.dlt_threshold(level.into()));
            let share = if has_dlt { truth.time(level.into(), subjects.quantile(enrolled)) } else { 1.0 };
            let dropout = subjects.dropout(enrolled, timing);
            let drops_out = dropout < 1.0 && !(has_dlt && share <= dropout);
            let left = entered + if drops_out { dropout * timing.dlt_window_weeks } else { timing.dlt_window_weeks };
            times.weeks = times.weeks.max(left);
            if drops_out {
                times.dropouts += 1;
                if most_enrolled.is_none() {
                    places.vacate(left + timing.decision_weeks);
                }
            } else {
                arrival.cohort.patients += 1;
                arrival.dlts += u8::from(has_dlt);
                let has_any = |subjects: &mut Subjects| subjects.is_below(enrolled, truth.moderate_threshold(level.into()));
                arrival.moderate += u8::from(fork.watches_moderate && !has_dlt && has_any(subjects));
            }
            let dlt = (has_dlt && !drops_out).then_some(entered + share * timing.dlt_window_weeks);
            let is_uninformed = subjects.enter(entered, left, dlt.map(|week| week + timing.decision_weeks));
            times.uninformed_dlts += u32::from(is_uninformed);
            if let Some(notes) = &mut notes {
                notes.patients.push(TracedPatient { level, cohort: cohorts, entered, dlt, dropout: drops_out.then_some(left) });
            }
            enrolled += 1;
            (last_entered, opens) = (entered, entered);
        }
        opens = times.weeks + timing.decision_weeks;
        let is_last = most_enrolled.is_some_and(|most| enrolled >= most);
        if arrival.cohort.patients == 0 && !is_last {
            continue;
        }
        // The coin of a cohort is that of its last patient.
        arrival.heads = fork.tosses && heads.shown_by(subjects.coin(enrolled - 1));
        if let Some(notes) = &mut notes
            && let Some((ruling, grounds)) = course.reasons(arrival, is_last)
        {
            notes.decisions.push(TracedDecision { week: opens, ruling, grounds });
        }
        if let Some(end) = course.go_on(arrival, is_last) {
            return (end, times);
        }
        cohorts += 1;
    }
}

/// The places of a cohort, to be taken in turn.
#[derive(Default)]
struct Places {
    /// Those that nobody has had yet, and how many there were.
    new: usize,
    of: usize,
    /// From when on those are free that somebody had who dropped out, as many as are `vacant`.
    vacant_from: [f64; MAX_COHORT],
    vacant: usize,
}

/// A place of a cohort.
struct Place {
    /// From when on it is free; that of somebody who comes first, at once.
    vacant_from: f64,
    /// Whether the one who takes it is the second of the cohort.
    is_second: bool,
}

impl Places {
    /// Begin a cohort.
    fn open(&mut self, patients: usize) {
        (self.new, self.of, self.vacant) = (patients, patients, 0);
    }

    /// Take the next place.
    fn next(&mut self) -> Option<Place> {
        if self.new > 0 {
            self.new -= 1;
            return Some(Place { vacant_from: 0.0, is_second: self.new + 2 == self.of });
        }
        let first = (0..self.vacant).min_by(|&a, &b| self.vacant_from[a].total_cmp(&self.vacant_from[b]))?;
        let vacant_from = self.vacant_from[first];
        self.vacant -= 1;
        self.vacant_from[first] = self.vacant_from[self.vacant];
        Some(Place { vacant_from, is_second: false })
    }

    /// Note that a place is free from then on. There are never more of these than places.
    fn vacate(&mut self, from: f64) {
        if let Some(place) = self.vacant_from.get_mut(self.vacant) {
            *place = from;
            self.vacant += 1;
        }
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
