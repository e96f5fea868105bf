//! Replicates: simulated trials of all designs and scenarios on the same simulated patients.
//!
//! Replicates are worked through in blocks. For a block the patients are drawn once, their classes worked out once per scenario,
//! and every design then walks its decision graph. Results come as counts per outcome, which are integers and do not depend on
//! who worked on which block, or block by block in a fixed order, for sums of floating-point numbers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::calendar::{self, Calendar, CalendarTally, Calendars, Stays, TimedRule, Times};
use super::coins::Coins;
use super::forks::{self, Block, Explored};
use super::graph::Graph;
use super::growing::{Growing, REMEMBERED};
use super::monitor::{Interrupted, Monitor};
use super::patients::{Classes, Patients, Thresholds};
use super::walk::{Edges, Ranks, walk};
use crate::design::{Rule, benchmark::Benchmark};
use crate::scenario::Truth;
use crate::trial::{Counts, MAX_LEVELS, Outcome, StopReason};

/// Replicates in a block: as many as leave room for a graph in the first caches.
const BLOCK: usize = 512;

/// What is replicated.
#[derive(Clone, Copy)]
pub enum Walker<'a> {
    /// A compiled rule: a look-up per cohort.
    Graph(&'a Graph),
    /// A rule too large to compile: its decisions are asked for, and remembered, as they are met.
    Rule(&'a dyn Rule),
    /// A rule in calendar time, event by event.
    Calendar(Calendar<'a>),
    /// The optimal benchmark.
    Benchmark(&'a Benchmark),
}

/// How the trials of one design under one scenario ended, those of a block of replicates in order.
#[derive(Debug, Default)]
pub struct Ends {
    /// Leaves of the graph, where there is one, by number.
    pub(super) leaves: Vec<u32>,
    /// Outcomes, where there is none.
    pub(super) outcomes: Vec<Outcome>,
    /// When they ended, where there is a calendar.
    pub(super) times: Vec<Times>,
    /// When their patients were on study, trial after trial as in [`Stays`], and how many patients each has, where that is kept.
    entered: Vec<f64>,
    left: Vec<f64>,
    patients: Vec<u32>,
}

/// A run of replicates: what is simulated, and how much of it.
#[derive(Clone, Copy)]
pub struct Replicates<'a> {
    /// The designs.
    pub walkers: &'a [Walker<'a>],
    /// What is true in each scenario.
    pub curves: &'a [Truth<'a>],
    /// The seed of the simulated patients.
    pub seed: u64,
    /// How many replicates.
    pub replicates: usize,
}

/// How often each outcome occurred.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for each design and scenario, and none is moved in a loop")]
pub enum Tally {
    /// Per leaf of the graph.
    Leaves(Vec<u64>),
    /// Per outcome, where there is no graph.
    Outcomes(BTreeMap<Outcome, u64>),
    /// As without a calendar, and when the trials ended.
    Timed(Box<Tally>, CalendarTally),
}

/// A walker made ready for a run; each thread has a copy.
#[derive(Clone)]
enum Walking<'a> {
    Graph(Arc<Edges>),
    Forks(&'a Graph),
    Rule(Growing<'a>),
    Explored(Explored<'a>),
    Calendar(Calendar<'a>),
    Clock(Arc<Edges>),
    Benchmark(&'a Benchmark),
}

/// What a thread needs beside its results, kept from block to block so that the loop allocates nothing.
struct Scratch<'a> {
    seed: u64,
    patients: Patients,
    classes: Classes,
    /// Drawn where a rule tosses coins.
    coins: Coins,
    walking: Vec<Walking<'a>>,
    calendar: calendar::Block,
    ends: Vec<Ends>,
}

impl Replicates<'_> {
    /// How often each outcome occurred: `tally[scenario][design]`.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn tally(&self, monitor: &Monitor) -> Result<Vec<Vec<Tally>>, Interrupted> {
        let blank = || -> Vec<Vec<Tally>> {
            let row = || self.walkers.iter().map(Walker::blank_tally).collect();
            self.curves.iter().map(|_| row()).collect()
        };
        let tallies = self.share_blocks(monitor, blank, |tally, _, scenario, ends| {
            for (tally, ends) in tally[scenario].iter_mut().zip(ends) {
                tally.add(ends);
            }
        });
        monitor.check()?;
        Ok(tallies.into_iter().reduce(merge).unwrap_or_else(blank))
    }

    /// Visit how all trials ended, `visit(sums, scenario, ends of each design)`, block by block. Each span of blocks has sums of
    /// its own, which come back in order: whatever is added up from them in that order does not depend on the threads.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn visit_in_order<T: Send>(
        &self,
        monitor: &Monitor,
        blank: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, usize, &[Ends]) + Sync,
    ) -> Result<Vec<T>, Interrupted> {
        let sums = self.share_blocks(monitor, Vec::new, |sums: &mut Vec<(usize, T)>, span, scenario, ends| {
            if sums.last().is_none_or(|(last, _)| *last != span) {
                sums.push((span, blank()));
            }
            if let Some((_, sums)) = sums.last_mut() {
                visit(sums, scenario, ends);
            }
        });
        monitor.check()?;
        let mut sums: Vec<(usize, T)> = sums.into_iter().flatten().collect();
        sums.sort_unstable_by_key(|(span, _)| *span);
        Ok(sums.into_iter().map(|(_, sums)| sums).collect())
    }

    /// What `look(scenario, tally of each design)` finds where each scenario has patients of its own: scenario i those of the replicates
    /// from i × `replicates` on, so that what is found in different scenarios is independent. In the order of the scenarios.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn tally_apart<T: Send>(
        &self,
        monitor: &Monitor,
        look: impl Fn(usize, Vec<Tally>) -> T + Sync,
    ) -> Result<Vec<T>, Interrupted> {
        let found = self.share(self.curves.len(), Vec::new, |found: &mut Vec<(usize, T)>, curve, run, scratch| {
            let mut tallies: Vec<Tally> = self.walkers.iter().map(Walker::blank_tally).collect();
            for start in (0..self.replicates).step_by(BLOCK) {
                if monitor.is_interrupted() {
                    return;
                }
                let block = ((curve * self.replicates + start) as u64, BLOCK.min(self.replicates - start));
                simulate(block, run.only(curve), scratch, |_, ends| {
                    tallies.iter_mut().zip(ends).for_each(|(tally, ends)| tally.add(ends));
                });
            }
            found.push((curve, look(curve, tallies)));
            monitor.advance(1);
        });
        monitor.check()?;
        let mut found: Vec<(usize, T)> = found.into_iter().flatten().collect();
        found.sort_unstable_by_key(|(curve, _)| *curve);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    /// The units of work that the monitor will see.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.replicates.div_ceil(BLOCK) as u64
    }

    /// Share out the blocks of replicates, each under every scenario: each thread of the pool takes spans of blocks until none is left,
    /// and has a state of its own that it shows the ends of its trials, `show(state, span, scenario, ends of each design)`. Returns the
    /// states, in no order.
    fn share_blocks<T: Send>(
        &self,
        monitor: &Monitor,
        blank: impl Fn() -> T + Sync,
        show: impl Fn(&mut T, usize, usize, &[Ends]) + Sync,
    ) -> Vec<T> {
        let spans = self.spans();
        self.share(spans.len(), blank, |state, span, run, scratch| {
            for block in spans[span].clone() {
                if monitor.is_interrupted() {
                    break;
                }
                let first = block * BLOCK;
                let block = (first as u64, BLOCK.min(self.replicates - first));
                simulate(block, run.all(), scratch, |scenario, ends| show(state, span, scenario, ends));
                monitor.advance(1);
            }
        })
    }

    /// Share out so many pieces of work: each thread of the pool takes one after the other until none is left, `work(state, piece, run,
    /// scratch)`, and has a state of its own. Returns the states, in no order.
    fn share<T: Send>(
        &self,
        pieces: usize,
        blank: impl Fn() -> T + Sync,
        work: impl Fn(&mut T, usize, &Run, &mut Scratch<'_>) + Sync,
    ) -> Vec<T> {
        let walking: Vec<Walking<'_>> = self.walkers.iter().map(Walker::walking).collect();
        let scenarios = self.curves.iter().map(|&truth| scenario(truth)).collect();
        let run = Run { scenarios, calendars: self.calendars() };
        let next = AtomicUsize::new(0);
        let states = rayon::broadcast(|_| {
            let mut begun = None;
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    break;
                }
                let (state, scratch) = begun.get_or_insert_with(|| (blank(), self.scratch(&walking)));
                work(state, piece, &run, scratch);
            }
            begun.map(|(state, _)| state)
        });
        states.into_iter().flatten().collect()
    }

    /// Blocks in groups, at most 256 of them, by the number of replicates alone.
    fn spans(&self) -> Vec<Range<usize>> {
        let blocks = self.replicates.div_ceil(BLOCK);
        let length = blocks.div_ceil(256).max(1);
        (0..blocks).step_by(length).map(|first| first..(first + length).min(blocks)).collect()
    }

    /// What the calendar needs, where a design has one. All designs of a run have the same timing.
    fn calendars(&self) -> Option<Calendars> {
        let timing = self.walkers.iter().find_map(|walker| match walker {
            Walker::Calendar(calendar) => Some(calendar.timing),
            Walker::Graph(_) | Walker::Rule(_) | Walker::Benchmark(_) => None,
        });
        timing.map(|timing| Calendars::new(timing, self.curves))
    }

    fn scratch<'a>(&self, walking: &[Walking<'a>]) -> Scratch<'a> {
        let max_patients = self.walkers.iter().map(Walker::max_patients).max().unwrap_or(0);
        let coins = self.walkers.iter().filter(|walker| walker.tosses()).map(Walker::max_patients).max().unwrap_or(0);
        Scratch {
            seed: self.seed,
            patients: Patients::new(self.seed, max_patients, BLOCK),
            classes: Classes::default(),
            coins: Coins::new(self.seed, coins, BLOCK),
            walking: walking.to_vec(),
            calendar: calendar::Block::default(),
            ends: walking.iter().map(|_| Ends::default()).collect(),
        }
    }
}

/// What is true in the scenarios of a run, as trials are compared with it.
struct Run {
    scenarios: Vec<(Thresholds, Ranks)>,
    calendars: Option<Calendars>,
}

impl Run {
    /// The run under all its scenarios.
    fn all(&self) -> (&Self, Range<usize>) {
        (self, 0..self.scenarios.len())
    }

    /// The run under one of them.
    fn only(&self, scenario: usize) -> (&Self, Range<usize>) {
        (self, scenario..scenario + 1)
    }
}

/// Simulate a block, so many replicates from the first on, under some scenarios of a run, and show the ends of its trials, scenario by
/// scenario.
fn simulate(
    (first, replicates): (u64, usize),
    (run, scenarios): (&Run, Range<usize>),
    scratch: &mut Scratch<'_>,
    mut show: impl FnMut(usize, &[Ends]),
) {
    let Scratch { seed, patients, classes, coins, walking, calendar, ends } = scratch;
    patients.draw(first, replicates);
    coins.draw(first, replicates);
    if run.calendars.is_some() {
        calendar.begin(*seed, first, replicates);
    }
    for scenario in scenarios {
        let (thresholds, ranks) = &run.scenarios[scenario];
        patients.classify(thresholds, replicates, classes);
        let block = Block { classes, thresholds, coins };
        for (walking, ends) in walking.iter_mut().zip(&mut *ends) {
            match walking {
                Walking::Graph(edges) => walk(&mut &**edges, classes, ranks, &mut ends.leaves),
                Walking::Forks(graph) => forks::walk(&mut &**graph, graph.coin(), block, &mut ends.leaves),
                Walking::Rule(growing) => growing.walk(classes, ranks, &mut ends.outcomes),
                Walking::Explored(explored) => explored.walk(block, &mut ends.outcomes),
                Walking::Calendar(rule) => {
                    if let Some(calendars) = &run.calendars {
                        calendar.run(rule, calendars, scenario, ends);
                    }
                }
                Walking::Clock(edges) => {
                    if let Some(calendars) = &run.calendars {
                        calendar.run_along(edges, (calendars, scenario), (classes, ranks), ends);
                    }
                }
                Walking::Benchmark(benchmark) => respond(benchmark, classes, &thresholds.ranks, &mut ends.outcomes),
            }
        }
        show(scenario, ends);
    }
}

/// A truth as tolerances and classes are compared with it.
fn scenario(truth: Truth<'_>) -> (Thresholds, Ranks) {
    let thresholds = Thresholds::new(truth);
    let ranks = Ranks::new(&thresholds.ranks);
    (thresholds, ranks)
}

impl<'a> Walker<'a> {
    fn max_patients(&self) -> usize {
        match self {
            Self::Graph(graph) => graph.max_patients(),
            Self::Rule(rule) => rule.max_patients(),
            Self::Calendar(Calendar { rule: TimedRule::Graph(graph), .. }) => graph.max_patients(),
            // Others draw their patients as they need them.
            Self::Calendar(_) => 0,
            Self::Benchmark(benchmark) => benchmark.max_patients(),
        }
    }

    fn tosses(&self) -> bool {
        match self {
            Self::Graph(graph) => graph.coin().is_some(),
            Self::Rule(rule) => rule.coin().is_some(),
            // The calendar tosses its own, as it needs them.
            Self::Calendar(_) | Self::Benchmark(_) => false,
        }
    }

    fn blank_tally(&self) -> Tally {
        match self {
            Self::Graph(graph) => Tally::Leaves(vec![0; graph.leaves().len()]),
            Self::Rule(_) | Self::Benchmark(_) => Tally::Outcomes(BTreeMap::new()),
            Self::Calendar(calendar) => {
                let without = match calendar.rule {
                    TimedRule::Graph(graph) => Self::Graph(graph).blank_tally(),
                    TimedRule::Pending(_) | TimedRule::Rule(_) => Tally::Outcomes(BTreeMap::new()),
                };
                Tally::Timed(Box::new(without), CalendarTally::new(calendar.timing))
            }
        }
    }

    fn walking(&self) -> Walking<'a> {
        match *self {
            Self::Graph(graph) if graph.is_binary() => Walking::Graph(Arc::new(Edges::new(graph))),
            Self::Graph(graph) => Walking::Forks(graph),
            Self::Rule(rule) if rule.fork(true, &Counts::default(), rule.first_cohort()).is_binary() => {
                Walking::Rule(Growing::new(rule, rayon::current_num_threads()))
            }
            Self::Rule(rule) => Walking::Explored(Explored::new(rule, REMEMBERED / rayon::current_num_threads())),
            Self::Calendar(calendar) => match calendar.rule {
                TimedRule::Graph(graph) if let Some(edges) = calendar::edges(graph, calendar.timing) => {
                    Walking::Clock(Arc::new(edges))
                }
                TimedRule::Graph(_) | TimedRule::Pending(_) | TimedRule::Rule(_) => Walking::Calendar(calendar),
            },
            Self::Benchmark(benchmark) => Walking::Benchmark(benchmark),
        }
    }
}

/// The benchmark's selections from the complete responses of the patients of each replicate.
fn respond(benchmark: &Benchmark, classes: &Classes, ranks: &[u8; MAX_LEVELS], outcomes: &mut Vec<Outcome>) {
    let levels = benchmark.levels();
    outcomes.clear();
    outcomes.extend(classes.classes.chunks_exact(classes.stride).take(classes.replicates).map(|row| {
        let mut responses = [0; MAX_LEVELS];
        for class in &row[..benchmark.max_patients()] {
            for (response, rank) in responses[..levels].iter_mut().zip(ranks) {
                *response += usize::from(class <= rank);
            }
        }
        benchmark_outcome(benchmark.choose(&responses[..levels]))
    }));
}

/// The outcome of the benchmark for a set of tied levels: it has a selection and nothing else.
pub(super) fn benchmark_outcome(selected: u16) -> Outcome {
    Outcome { counts: Counts::default(), selected, reason: StopReason::MaxPatients, cohorts: 0 }
}

impl Ends {
    /// Forget the trials of the last block.
    pub(super) fn clear(&mut self) {
        self.leaves.clear();
        self.outcomes.clear();
        self.times.clear();
        self.entered.clear();
        self.left.clear();
        self.patients.clear();
    }

    /// Note when the patients of the next trial were on study.
    pub(super) fn note_stays(&mut self, Stays { entered, left }: Stays<'_>) {
        self.entered.extend_from_slice(entered);
        self.left.extend_from_slice(left);
        self.patients.push(entered.len() as u32);
    }

    /// When the patients of each trial were on study, where that is kept.
    fn stays(&self) -> impl Iterator<Item = Stays<'_>> {
        let mut first = 0;
        self.patients.iter().map(move |&patients| {
            let these = first..first + patients as usize;
            first = these.end;
            Stays { entered: &self.entered[these.clone()], left: &self.left[these] }
        })
    }

    /// When each trial ended, where there is a calendar.
    #[must_use]
    pub fn times(&self) -> &[Times] {
        &self.times
    }

    /// How each trial ended, leaves being looked up in `leaves`.
    pub fn outcomes<'a>(&'a self, leaves: &'a [Outcome]) -> impl Iterator<Item = &'a Outcome> {
        self.leaves.iter().map(|&leaf| &leaves[leaf as usize]).chain(&self.outcomes)
    }

    /// The number of the outcome in which each trial ended: of the leaf, where there is a graph; among `outcomes`, which are all
    /// that occur, ascending, where there is none.
    pub fn numbers(&self, outcomes: &[Outcome]) -> impl Iterator<Item = usize> {
        let place = |outcome: &Outcome| outcomes.partition_point(|other| other < outcome);
        self.leaves.iter().map(|&leaf| leaf as usize).chain(self.outcomes.iter().map(place))
    }
}

impl Tally {
    /// Add the tally of other replicates of the same walker.
    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Leaves(sum), Self::Leaves(other)) => sum.iter_mut().zip(other).for_each(|(sum, count)| *sum += count),
            (Self::Outcomes(sum), Self::Outcomes(other)) => {
                other.into_iter().for_each(|(outcome, count)| *sum.entry(outcome).or_default() += count);
            }
            (Self::Timed(sum, calendar), Self::Timed(other, other_calendar)) => {
                sum.merge(*other);
                calendar.merge(other_calendar);
            }
            // Those of one walker are of one kind.
            (Self::Leaves(_) | Self::Outcomes(_) | Self::Timed(..), _) => {}
        }
    }

    fn add(&mut self, ends: &Ends) {
        match self {
            Self::Leaves(counts) => ends.leaves.iter().for_each(|&leaf| counts[leaf as usize] += 1),
            Self::Outcomes(counts) => ends.outcomes.iter().for_each(|outcome| *counts.entry(*outcome).or_default() += 1),
            Self::Timed(without, calendar) => {
                without.add(ends);
                calendar.add(&ends.times);
                ends.stays().for_each(|stays| calendar.add_stays(stays));
            }
        }
    }
}

/// The sum of what two threads have tallied.
fn merge(mut sum: Vec<Vec<Tally>>, other: Vec<Vec<Tally>>) -> Vec<Vec<Tally>> {
    sum.iter_mut().flatten().zip(other.into_iter().flatten()).for_each(|(sum, other)| sum.merge(other));
    sum
}
