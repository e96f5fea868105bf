//! Replicates: simulated trials of all designs and scenarios on the same simulated patients.
//!
//! Replicates are worked through in blocks. For a block the patients are drawn once, their classes worked out once per scenario,
//! and every design then walks its decision graph. Results come as counts per outcome, which are integers and do not depend on
//! who worked on which block, or block by block in a fixed order, for sums of floating-point numbers.

use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

use super::graph::{Graph, Node};
use super::monitor::{Interrupted, Monitor};
use super::patients::{Patients, Thresholds};
use crate::design::{Rule, benchmark::Benchmark};
use crate::trial::{Arrival, Cohort, Counts, Decision, MAX_LEVELS, Outcome, StopReason};

/// Replicates in a block.
const BLOCK: usize = 1024;

/// Trials that walk side by side, so that one waits for memory while others compute.
const LANES: usize = 16;

/// What is replicated.
#[derive(Clone, Copy)]
pub enum Walker<'a> {
    /// A compiled rule: a look-up per cohort.
    Graph(&'a Graph),
    /// A rule too large to compile: its decisions are asked for, and remembered, as they are met.
    Rule(&'a dyn Rule),
    /// The optimal benchmark.
    Benchmark(&'a Benchmark),
}

/// The most decisions that are remembered for a rule without a graph, per worker.
const REMEMBERED: usize = 1 << 20;

/// The replicates of one block: how each trial of one design under one scenario ended.
#[derive(Debug)]
pub enum Ends {
    /// Leaves of the graph, by number from 0.
    Leaves(Vec<u32>),
    /// Outcomes, where there is no graph.
    Outcomes(Vec<Outcome>),
}

/// A run of replicates: what is simulated, and how much of it.
#[derive(Clone, Copy)]
pub struct Replicates<'a> {
    /// The designs.
    pub walkers: &'a [Walker<'a>],
    /// The toxicity curves.
    pub curves: &'a [&'a [f64]],
    /// The seed of the simulated patients.
    pub seed: u64,
    /// How many replicates.
    pub replicates: usize,
}

/// How often each outcome occurred.
#[derive(Clone, Debug)]
pub enum Tally {
    /// Per leaf of the graph.
    Leaves(Vec<u64>),
    /// Per outcome, where there is no graph.
    Outcomes(BTreeMap<Outcome, u64>),
}

/// What a worker needs beside its results, kept from block to block so that the loop allocates nothing.
struct Scratch {
    patients: Patients,
    classes: Vec<u8>,
    ends: Vec<Ends>,
    memories: Vec<HashMap<(Counts, Arrival), Decision>>,
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
        let tally = self
            .spans()
            .into_par_iter()
            .fold(
                || (None, blank()),
                |(scratch, mut tally), blocks| {
                    let mut scratch = scratch.unwrap_or_else(|| self.scratch());
                    self.visit(blocks, &mut scratch, monitor, |scenario, ends| {
                        for (tally, ends) in tally[scenario].iter_mut().zip(ends) {
                            tally.add(ends);
                        }
                    });
                    (Some(scratch), tally)
                },
            )
            .map(|(_, tally)| tally)
            .reduce(blank, |mut sum, other| {
                for (sum, other) in sum.iter_mut().flatten().zip(other.into_iter().flatten()) {
                    sum.merge(other);
                }
                sum
            });
        monitor.check().map(|()| tally)
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
        let sums = self
            .spans()
            .into_par_iter()
            .map_init(
                || self.scratch(),
                |scratch, blocks| {
                    let mut sums = blank();
                    self.visit(blocks, scratch, monitor, |scenario, ends| visit(&mut sums, scenario, ends));
                    sums
                },
            )
            .collect();
        monitor.check().map(|()| sums)
    }

    /// The units of work that the monitor will see.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.replicates.div_ceil(BLOCK) as u64
    }

    /// Blocks in groups, at most 256 of them, by the number of replicates alone.
    fn spans(&self) -> Vec<std::ops::Range<usize>> {
        let blocks = self.replicates.div_ceil(BLOCK);
        let length = blocks.div_ceil(256).max(1);
        (0..blocks).step_by(length).map(|first| first..(first + length).min(blocks)).collect()
    }

    fn scratch(&self) -> Scratch {
        let max_patients = self.walkers.iter().map(Walker::max_patients).max().unwrap_or(0);
        Scratch {
            patients: Patients::new(self.seed, max_patients, BLOCK),
            classes: Vec::new(),
            ends: self.walkers.iter().map(Walker::blank_ends).collect(),
            memories: self.walkers.iter().map(|_| HashMap::new()).collect(),
        }
    }

    /// Simulate some blocks and show the ends of their trials, scenario by scenario.
    fn visit(
        &self,
        blocks: std::ops::Range<usize>,
        scratch: &mut Scratch,
        monitor: &Monitor,
        mut show: impl FnMut(usize, &[Ends]),
    ) {
        let scenarios: Vec<Thresholds> = self.curves.iter().map(|curve| Thresholds::new(curve)).collect();
        for block in blocks {
            if monitor.is_interrupted() {
                return;
            }
            let first = block * BLOCK;
            let replicates = BLOCK.min(self.replicates - first);
            let Scratch { patients, classes, ends, memories } = scratch;
            patients.draw(first as u64, replicates);
            for (scenario, thresholds) in scenarios.iter().enumerate() {
                patients.classify(thresholds, replicates, classes);
                let rows = Rows::new(patients, classes, thresholds.ranks(), replicates);
                for ((walker, ends), memory) in self.walkers.iter().zip(&mut *ends).zip(&mut *memories) {
                    walker.walk(&rows, ends, memory);
                }
                show(scenario, ends);
            }
            monitor.advance(1);
        }
    }
}

/// The simulated patients of a block as a scenario sees them.
struct Rows<'a> {
    classes: &'a [u8],
    stride: usize,
    /// Per level, the largest class that has a DLT there.
    ranks: &'a [u8; MAX_LEVELS],
    /// The same, in the top-bitted form and eightfold, for comparing eight classes at once.
    wide_ranks: [u64; MAX_LEVELS],
    replicates: usize,
}

/// The lowest and the highest bit of each of eight bytes.
const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// The highest bits of the first so many bytes.
const FIRST_TOPS: [u64; 9] = {
    let mut masks = [0; 9];
    let mut bytes = 1;
    while bytes < 9 {
        masks[bytes] = TOPS & (u64::MAX >> (64 - 8 * bytes));
        bytes += 1;
    }
    masks
};

impl<'a> Rows<'a> {
    fn new(patients: &Patients, classes: &'a [u8], ranks: &'a [u8; MAX_LEVELS], replicates: usize) -> Self {
        let wide_ranks = ranks.map(|rank| u64::from(rank | 0x80) * ONES);
        Self { classes, stride: patients.stride(), ranks, wide_ranks, replicates }
    }

    /// The number of DLTs among the patients of `cohort`, who stand from `place` on.
    ///
    /// Eight classes are compared with the rank at once: a byte's top bit stays set in `(rank | 0x80) - class` exactly when the
    /// class is at or below the rank, both being below 128. The multiplication adds the eight bits up in the top byte.
    #[inline]
    fn dlts(&self, place: usize, cohort: Cohort) -> u32 {
        let rank = self.wide_ranks[cohort.level as usize];
        let mut dlts = 0;
        let (mut from, mut left) = (place, cohort.patients as usize);
        loop {
            let Some(classes) = self.classes[from..].first_chunk::<8>() else { return dlts };
            let toxic = (rank - u64::from_le_bytes(*classes)) & FIRST_TOPS[left.min(8)];
            dlts += ((toxic >> 7).wrapping_mul(ONES) >> 56) as u32;
            if left <= 8 {
                return dlts;
            }
            left -= 8;
            from += 8;
        }
    }
}

impl Walker<'_> {
    fn max_patients(&self) -> usize {
        match self {
            Self::Graph(graph) => graph.max_patients(),
            Self::Rule(rule) => rule.max_patients(),
            Self::Benchmark(benchmark) => benchmark.max_patients(),
        }
    }

    fn blank_ends(&self) -> Ends {
        match self {
            Self::Graph(_) => Ends::Leaves(Vec::with_capacity(BLOCK)),
            Self::Rule(_) | Self::Benchmark(_) => Ends::Outcomes(Vec::with_capacity(BLOCK)),
        }
    }

    fn blank_tally(&self) -> Tally {
        match self {
            Self::Graph(graph) => Tally::Leaves(vec![0; graph.leaves().len()]),
            Self::Rule(_) | Self::Benchmark(_) => Tally::Outcomes(BTreeMap::new()),
        }
    }

    /// Run the trials of a block.
    fn walk(&self, rows: &Rows<'_>, ends: &mut Ends, memory: &mut HashMap<(Counts, Arrival), Decision>) {
        match (self, ends) {
            (Self::Graph(graph), Ends::Leaves(ends)) => walk_graph(graph, rows, ends),
            (Self::Rule(rule), Ends::Outcomes(ends)) => {
                ends.clear();
                ends.extend((0..rows.replicates).map(|replicate| walk_rule(*rule, rows, replicate * rows.stride, memory)));
            }
            (Self::Benchmark(benchmark), Ends::Outcomes(ends)) => {
                ends.clear();
                ends.extend((0..rows.replicates).map(|replicate| respond(benchmark, rows, replicate * rows.stride)));
            }
            (Self::Graph(_), Ends::Outcomes(_)) | (Self::Rule(_) | Self::Benchmark(_), Ends::Leaves(_)) => {}
        }
    }
}

/// Walk a graph, a group of trials side by side: in each turn every trial that is not over enrols a cohort. The last group may
/// reach past the last replicate, into rows left from another block; what it finds there is cut off.
fn walk_graph(graph: &Graph, rows: &Rows<'_>, ends: &mut Vec<u32>) {
    let (nodes, children) = (&graph.nodes[..], &graph.children[..]);
    let leaves_from = nodes.len() as u32;
    ends.clear();
    for first in (0..rows.replicates).step_by(LANES) {
        let mut situations = [0u32; LANES];
        let mut places: [usize; LANES] = std::array::from_fn(|lane| (first + lane) * rows.stride);
        let mut running = true;
        while running {
            running = false;
            for (situation, place) in situations.iter_mut().zip(&mut places) {
                if let Some(&Node { first_child, cohort }) = nodes.get(*situation as usize) {
                    *situation = children[(first_child + rows.dlts(*place, cohort)) as usize];
                    *place += cohort.patients as usize;
                    running = true;
                }
            }
        }
        ends.extend(situations.map(|situation| situation - leaves_from));
    }
    ends.truncate(rows.replicates);
}

/// One trial under a rule that was not compiled; decisions are remembered up to a bound, then forgotten all at once.
fn walk_rule(rule: &dyn Rule, rows: &Rows<'_>, mut place: usize, memory: &mut HashMap<(Counts, Arrival), Decision>) -> Outcome {
    let mut counts = Counts::default();
    let mut cohort = rule.first_cohort();
    let mut cohorts = 0;
    loop {
        let arrival = Arrival { cohort, dlts: rows.dlts(place, cohort) as u8 };
        place += cohort.patients as usize;
        counts = counts.with(cohort.level as usize, cohort.patients, arrival.dlts);
        cohorts += 1;
        if memory.len() >= REMEMBERED {
            memory.clear();
        }
        match *memory.entry((counts, arrival)).or_insert_with(|| rule.decide(&counts, arrival)) {
            Decision::Enrol(next, _) => cohort = next,
            Decision::Stop(level, reason) => {
                return Outcome { counts, selected: Outcome::selection(level.map(usize::from)), reason, cohorts };
            }
        }
    }
}

/// The benchmark's selection from the complete responses of one replicate's patients.
fn respond(benchmark: &Benchmark, rows: &Rows<'_>, place: usize) -> Outcome {
    let mut responses = [0; MAX_LEVELS];
    let levels = benchmark.levels();
    for class in &rows.classes[place..place + benchmark.max_patients()] {
        for (response, rank) in responses[..levels].iter_mut().zip(rows.ranks) {
            *response += usize::from(class <= rank);
        }
    }
    benchmark_outcome(benchmark.choose(&responses[..levels]))
}

/// The outcome of the benchmark for a set of tied levels: it has a selection and nothing else.
pub(super) fn benchmark_outcome(selected: u16) -> Outcome {
    Outcome { counts: Counts::default(), selected, reason: StopReason::MaxPatients, cohorts: 0 }
}

impl Ends {
    /// How each trial ended, leaves being looked up in `leaves`.
    pub fn outcomes<'a>(&'a self, leaves: &'a [Outcome]) -> impl Iterator<Item = &'a Outcome> {
        let (numbers, outcomes): (&[u32], &[Outcome]) = match self {
            Self::Leaves(numbers) => (numbers, &[]),
            Self::Outcomes(outcomes) => (&[], outcomes),
        };
        numbers.iter().map(|&leaf| &leaves[leaf as usize]).chain(outcomes)
    }
}

impl Tally {
    fn add(&mut self, ends: &Ends) {
        match (self, ends) {
            (Self::Leaves(counts), Ends::Leaves(leaves)) => leaves.iter().for_each(|&leaf| counts[leaf as usize] += 1),
            (Self::Outcomes(counts), Ends::Outcomes(outcomes)) => {
                outcomes.iter().for_each(|outcome| *counts.entry(*outcome).or_default() += 1);
            }
            (Self::Leaves(_), Ends::Outcomes(_)) | (Self::Outcomes(_), Ends::Leaves(_)) => {}
        }
    }

    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Leaves(sum), Self::Leaves(other)) => sum.iter_mut().zip(other).for_each(|(sum, count)| *sum += count),
            (Self::Outcomes(sum), Self::Outcomes(other)) => {
                other.into_iter().for_each(|(outcome, count)| *sum.entry(outcome).or_default() += count);
            }
            (Self::Leaves(_), Self::Outcomes(_)) | (Self::Outcomes(_), Self::Leaves(_)) => {}
        }
    }
}
