//! Replicates: simulated trials of all designs and scenarios on the same simulated patients.
//!
//! Replicates are worked through in blocks. For a block the patients are drawn once, their classes worked out once per scenario,
//! and every design then walks its decision graph. Results come as counts per outcome, which are integers and do not depend on
//! who worked on which block, or block by block in a fixed order, for sums of floating-point numbers.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::graph::Graph;
use super::growing::Growing;
use super::monitor::{Interrupted, Monitor};
use super::patients::{Classes, Patients, Thresholds};
use super::walk::{Edges, Ranks, walk};
use crate::design::{Rule, benchmark::Benchmark};
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
    /// The optimal benchmark.
    Benchmark(&'a Benchmark),
}

/// How the trials of one design under one scenario ended, those of a block of replicates in order.
#[derive(Debug, Default)]
pub struct Ends {
    /// Leaves of the graph, where there is one, by number.
    leaves: Vec<u32>,
    /// Outcomes, where there is none.
    outcomes: Vec<Outcome>,
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

/// A walker made ready for a run; each thread has a copy.
#[derive(Clone)]
enum Walking<'a> {
    Graph(Arc<Edges>),
    Rule(Growing<'a>),
    Benchmark(&'a Benchmark),
}

/// What a thread needs beside its results, kept from block to block so that the loop allocates nothing.
struct Scratch<'a> {
    patients: Patients,
    classes: Classes,
    walking: Vec<Walking<'a>>,
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
        let tallies = self.share(monitor, blank, |tally, _, scenario, ends| {
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
        let sums = self.share(monitor, Vec::new, |sums: &mut Vec<(usize, T)>, span, scenario, ends| {
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

    /// The units of work that the monitor will see.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.replicates.div_ceil(BLOCK) as u64
    }

    /// Share the work out: each thread of the pool takes spans of blocks until none is left, and has a state of its own that it
    /// shows the ends of its trials, `show(state, span, scenario, ends of each design)`. Returns the states, in no order.
    fn share<T: Send>(
        &self,
        monitor: &Monitor,
        blank: impl Fn() -> T + Sync,
        show: impl Fn(&mut T, usize, usize, &[Ends]) + Sync,
    ) -> Vec<T> {
        let walking: Vec<Walking<'_>> = self.walkers.iter().map(Walker::walking).collect();
        let scenarios: Vec<(Thresholds, Ranks)> = self.curves.iter().map(|curve| scenario(curve)).collect();
        let spans = self.spans();
        let next = AtomicUsize::new(0);
        let states = rayon::broadcast(|_| {
            let mut begun = None;
            loop {
                let span = next.fetch_add(1, Ordering::Relaxed);
                let Some(blocks) = spans.get(span) else { break };
                let (state, scratch) = begun.get_or_insert_with(|| (blank(), self.scratch(&walking)));
                for block in blocks.clone() {
                    if monitor.is_interrupted() {
                        break;
                    }
                    self.simulate(block, &scenarios, scratch, |scenario, ends| show(state, span, scenario, ends));
                    monitor.advance(1);
                }
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

    fn scratch<'a>(&self, walking: &[Walking<'a>]) -> Scratch<'a> {
        let max_patients = self.walkers.iter().map(Walker::max_patients).max().unwrap_or(0);
        Scratch {
            patients: Patients::new(self.seed, max_patients, BLOCK),
            classes: Classes::default(),
            walking: walking.to_vec(),
            ends: walking.iter().map(|_| Ends::default()).collect(),
        }
    }

    /// Simulate a block and show the ends of its trials, scenario by scenario.
    fn simulate(
        &self,
        block: usize,
        scenarios: &[(Thresholds, Ranks)],
        scratch: &mut Scratch<'_>,
        mut show: impl FnMut(usize, &[Ends]),
    ) {
        let first = block * BLOCK;
        let replicates = BLOCK.min(self.replicates - first);
        let Scratch { patients, classes, walking, ends } = scratch;
        patients.draw(first as u64, replicates);
        for (scenario, (thresholds, ranks)) in scenarios.iter().enumerate() {
            patients.classify(thresholds, replicates, classes);
            for (walking, ends) in walking.iter_mut().zip(&mut *ends) {
                match walking {
                    Walking::Graph(edges) => walk(&mut &**edges, classes, ranks, &mut ends.leaves),
                    Walking::Rule(growing) => growing.walk(classes, ranks, &mut ends.outcomes),
                    Walking::Benchmark(benchmark) => respond(benchmark, classes, &thresholds.ranks, &mut ends.outcomes),
                }
            }
            show(scenario, ends);
        }
    }
}

/// A toxicity curve as tolerances and classes are compared with it.
fn scenario(curve: &[f64]) -> (Thresholds, Ranks) {
    let thresholds = Thresholds::new(curve);
    let ranks = Ranks::new(&thresholds.ranks);
    (thresholds, ranks)
}

impl Walker<'_> {
    fn max_patients(&self) -> usize {
        match self {
            Self::Graph(graph) => graph.max_patients(),
            Self::Rule(rule) => rule.max_patients(),
            Self::Benchmark(benchmark) => benchmark.max_patients(),
        }
    }

    fn blank_tally(&self) -> Tally {
        match self {
            Self::Graph(graph) => Tally::Leaves(vec![0; graph.leaves().len()]),
            Self::Rule(_) | Self::Benchmark(_) => Tally::Outcomes(BTreeMap::new()),
        }
    }

    fn walking(&self) -> Walking<'_> {
        match self {
            Self::Graph(graph) => Walking::Graph(Arc::new(Edges::new(graph))),
            Self::Rule(rule) => Walking::Rule(Growing::new(*rule, rayon::current_num_threads())),
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
    /// How each trial ended, leaves being looked up in `leaves`.
    pub fn outcomes<'a>(&'a self, leaves: &'a [Outcome]) -> impl Iterator<Item = &'a Outcome> {
        self.leaves.iter().map(|&leaf| &leaves[leaf as usize]).chain(&self.outcomes)
    }
}

impl Tally {
    fn add(&mut self, ends: &Ends) {
        match self {
            Self::Leaves(counts) => ends.leaves.iter().for_each(|&leaf| counts[leaf as usize] += 1),
            Self::Outcomes(counts) => ends.outcomes.iter().for_each(|outcome| *counts.entry(*outcome).or_default() += 1),
        }
    }
}

/// The sum of what two threads have tallied.
fn merge(mut sum: Vec<Vec<Tally>>, other: Vec<Vec<Tally>>) -> Vec<Vec<Tally>> {
    for pair in sum.iter_mut().flatten().zip(other.into_iter().flatten()) {
        match pair {
            (Tally::Leaves(sum), Tally::Leaves(other)) => sum.iter_mut().zip(other).for_each(|(sum, count)| *sum += count),
            (Tally::Outcomes(sum), Tally::Outcomes(other)) => {
                other.into_iter().for_each(|(outcome, count)| *sum.entry(outcome).or_default() += count);
            }
            // Both are tallies of the same walker.
            (Tally::Leaves(_), Tally::Outcomes(_)) | (Tally::Outcomes(_), Tally::Leaves(_)) => {}
        }
    }
    sum
}
