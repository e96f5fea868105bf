//! Trials in calendar time: patients arrive, are enrolled or turned away, are followed, have DLTs; decisions use what is known.
//!
//! Patient i of replicate r is the one of the other replicates: same tolerance ([`super::patients`]). When patients arrive, and how
//! far into the window a DLT occurs, are further words of the generator, so that both are common to all designs and scenarios.
//!
//! Rules that look at pending patients decide when a patient arrives ([`late_onset`]). All others run with cohorts that wait for
//! their last window ([`cohorts`]): their trials end as they do without a calendar, and the calendar says when.

mod clock;
mod cohorts;
mod enrolment;
mod late_onset;
mod subjects;
mod tally;
mod trace;

pub use enrolment::{Enrolment, EnrolmentWeek};
pub use tally::{CalendarQuantity, CalendarTally, PairedTimes, Stays, Times};
pub use trace::{Trace, TracedDecision, TracedPatient, replay};

pub(super) use self::clock::edges;
use self::subjects::{Subjects, TimedTruth};
use super::graph::Graph;
use super::patients::Classes;
use super::replicates::Ends;
use super::walk::{Edges, Ranks};
use crate::design::{Plan, Protocol, pending::PendingProtocol};
use crate::scenario::Truth;
use crate::trial::Timing;

/// A rule that is conducted in calendar time.
#[derive(Clone, Copy)]
pub struct Calendar<'a> {
    /// The rule.
    pub rule: TimedRule<'a>,
    /// Arrivals, follow-up and times to DLT; the same for all designs of a run. A truth may have an accrual of its own.
    pub timing: &'a Timing,
}

/// What decides in calendar time.
#[derive(Clone, Copy)]
pub enum TimedRule<'a> {
    /// A rule that looks at pending patients.
    Pending(&'a dyn PendingProtocol),
    /// A compiled rule, whose cohorts wait for their last window.
    Graph(&'a Graph),
    /// A rule too large to compile, whose cohorts wait for their last window.
    Rule(&'a dyn Protocol),
}

impl<'a> TimedRule<'a> {
    /// What a plan decides by, asked as it goes; nothing for the benchmark, which has no patients.
    #[must_use]
    pub fn of(plan: &'a Plan) -> Option<Self> {
        match plan {
            Plan::Rule(rule) => Some(Self::Rule(rule.as_ref())),
            Plan::LateOnset(rule) => Some(Self::Pending(rule.as_ref())),
            Plan::Benchmark(_) => None,
        }
    }
}

impl Calendar<'_> {
    /// The number of dose levels.
    pub(super) fn levels(&self) -> usize {
        match self.rule {
            TimedRule::Pending(rule) => rule.levels(),
            TimedRule::Graph(graph) => graph.levels(),
            TimedRule::Rule(rule) => rule.levels(),
        }
    }
}

/// What the calendar needs of a run: the assumed truth of each scenario, and the patients of a block of replicates.
pub(super) struct Calendars {
    scenarios: Vec<(Timing, TimedTruth)>,
}

impl Calendars {
    /// For a run under these truths.
    pub(super) fn new(timing: &Timing, truths: &[Truth<'_>]) -> Self {
        Self { scenarios: truths.iter().map(|&truth| in_scenario(timing, truth)).collect() }
    }
}

/// Calendar time under a truth, and the truth in calendar time.
fn in_scenario(timing: &Timing, truth: Truth<'_>) -> (Timing, TimedTruth) {
    let accrual_per_week = truth.accrual_per_week.unwrap_or(timing.accrual_per_week);
    (Timing { accrual_per_week, ..timing.clone() }, TimedTruth::new(truth, &timing.time_to_dlt))
}

/// Replicates of which it is kept when their patients are on study, for the curves of enrolment week by week: enough for these, and in
/// a long run it takes no time.
pub const STAYS_KEPT: u64 = 4096;

/// The patients of a block of replicates, drawn as far as somebody has asked for them, and room to work.
#[derive(Default)]
pub(super) struct Block {
    subjects: Vec<Subjects>,
    desk: late_onset::Desk,
}

impl Block {
    /// Start on the `replicates` replicates from `first` on.
    pub(super) fn begin(&mut self, seed: u64, first: u64, replicates: usize) {
        self.subjects.resize_with(replicates, Subjects::default);
        for (subjects, replicate) in self.subjects.iter_mut().zip(first..) {
            subjects.begin(seed, replicate, first < STAYS_KEPT);
        }
    }

    /// As [`Block::run`] for a rule with these `edges`, whose patients have these classes and ranks under the scenario.
    pub(super) fn run_along(
        &mut self,
        edges: &Edges,
        (calendars, scenario): (&Calendars, usize),
        (classes, ranks): (&Classes, &Ranks),
        ends: &mut Ends,
    ) {
        let (timing, truth) = &calendars.scenarios[scenario];
        ends.clear();
        let common = clock::Common { edges, classes, ranks, timing, truth };
        clock::run(&common, &mut self.subjects, &mut ends.leaves, &mut ends.times);
        self.subjects.iter().filter_map(Subjects::stays).for_each(|stays| ends.note_stays(stays));
    }

    /// Run the trials of a block under a scenario, and note how and when they end.
    pub(super) fn run(&mut self, calendar: &Calendar<'_>, calendars: &Calendars, scenario: usize, ends: &mut Ends) {
        let (timing, truth) = &calendars.scenarios[scenario];
        let Self { subjects, desk } = self;
        ends.clear();
        for subjects in subjects {
            let times = match calendar.rule {
                TimedRule::Pending(rule) => {
                    let (outcome, times) = late_onset::run(rule, timing, truth, subjects, desk, None);
                    ends.outcomes.push(outcome);
                    times
                }
                TimedRule::Graph(graph) => {
                    let (leaf, times) = cohorts::run(&mut cohorts::AlongGraph::new(graph), timing, truth, subjects, None);
                    ends.leaves.push(leaf);
                    times
                }
                TimedRule::Rule(rule) => {
                    let (outcome, times) = cohorts::run(&mut cohorts::AlongRule::new(rule), timing, truth, subjects, None);
                    ends.outcomes.push(outcome);
                    times
                }
            };
            ends.times.push(times);
            subjects.stays().into_iter().for_each(|stays| ends.note_stays(stays));
        }
    }
}
