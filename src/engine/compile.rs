//! From a rule to its decision graph: layer by layer in the number of patients treated, each distinct situation once.
//!
//! A layer holds the situations whose cohorts arrive at one number of patients treated. Arrivals with the same counts meet in the
//! same shard, chosen by a hash of the counts, so shards are independent: each finds its distinct counts, asks the rule about all
//! its arrivals in one call, and merges what comes next. Shards depend on the size of the layer alone, so the numbering of the graph
//! is the same on any number of threads.

mod shard;

use rayon::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use self::shard::{Shard, shard_of};
use super::graph::{Graph, Node};
use super::monitor::{Interrupted, Monitor};
use crate::design::Rule;
use crate::trial::{Arrival, Counts, Decision, Fork, Outcome};

/// Why a rule was not compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// More situations than allowed.
    #[error("the decision graph has more than {limit} situations (at least {found})")]
    TooLarge {
        /// The bound.
        limit: usize,
        /// How many had been found when it was passed.
        found: usize,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<Interrupted> for CompileError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// While a graph is built, references to leaves carry this bit, because the number of nodes is not yet known.
const LEAF: u32 = 1 << 31;

/// Arrivals of a layer from which it is worth splitting into shards.
const SHARD_FROM: usize = 1 << 14;

/// The number of shards of a large layer.
const SHARDS: usize = 32;

/// Entries of a list that one task copies at least.
const CHUNK: usize = 1 << 12;

/// A situation that enrols, on its way to the layer where its cohort arrives.
#[derive(Clone, Copy)]
struct Situation {
    counts: Counts,
    fork: Fork,
    /// Cohorts enrolled before this one.
    cohorts: u8,
    /// Where the references to what follows its arrivals begin, counted from where those of its list do.
    first_child: u32,
}

/// Situations whose cohorts arrive in the same layer, in the order of their numbers.
struct List {
    /// Where the references to what follows begin in the list of all children.
    first_child: u32,
    situations: Vec<Situation>,
}

/// A graph that grows by layers, or what one shard of a layer adds to it: then nodes, leaves and children are counted from 0.
#[derive(Default)]
struct Draft {
    /// Whether the rule tosses a coin after each cohort.
    tosses: bool,
    nodes: Vec<Node>,
    leaves: Vec<Outcome>,
    /// How many children the nodes have.
    children: usize,
    /// The situations of the nodes of the layer, by the number of patients in the cohort.
    situations: Vec<(usize, Vec<Situation>)>,
    /// About how many nodes the layer will have, where that is known.
    expected: usize,
}

/// What a shard of a layer adds to the graph, and for each of its arrivals the slot in the list of all children with the reference
/// that belongs there.
struct Settled {
    draft: Draft,
    references: Vec<(u32, u32)>,
}

/// Compile `rule`, visiting each reachable situation once. Building is parallel on the current thread pool.
///
/// # Errors
/// [`CompileError::TooLarge`] when there are more than `max_situations` situations, leaves included;
/// [`CompileError::Interrupted`] when the monitor says so.
pub fn compile(rule: &dyn Rule, max_situations: usize, monitor: &Monitor) -> Result<Graph, CompileError> {
    compile_after(rule, Counts::default(), max_situations, monitor)
}

/// As [`compile`], for a rule whose first cohort is enrolled after moderate toxicities that were watched: those of `before`. The
/// first cohort may be one of nobody, after which only a coin is tossed.
pub(super) fn compile_after(
    rule: &dyn Rule,
    before: Counts,
    max_situations: usize,
    monitor: &Monitor,
) -> Result<Graph, CompileError> {
    let max_patients = rule.max_patients();
    let limit = max_situations.min(LEAF as usize - 1);
    let mut graph = Draft { tosses: rule.coin().is_some(), ..Draft::default() };
    // Layer `t` has the situations whose cohorts arrive after `t` patients. Layer 0 is empty unless the first cohort is.
    let mut layers: Vec<Vec<List>> = (0..=max_patients).map(|_| Vec::new()).collect();
    let fork = rule.fork(true, &before, rule.first_cohort());
    // A cohort that is watched follows only upon others that are.
    let watched = fork.watches_moderate;
    graph.enrol(fork.remembered(before), fork, 0);
    graph.send(0, 0, &mut layers);

    let mut children: Vec<AtomicU32> = Vec::new();
    let mut shard = SHARD.take();
    for treated in 0..=max_patients {
        monitor.check()?;
        let lists = std::mem::take(&mut layers[treated]);
        let situations = lists.par_iter().flat_map_iter(|list| &list.situations);
        let arrivals: usize = situations.map(|situation| situation.fork.len()).sum();
        if arrivals == 0 {
            continue;
        }
        // Room for what follows the situations so far.
        extend(&mut children, graph.children);
        let fits = |found: usize, children: usize| {
            // Children are numbered in 32 bits.
            let fits = found <= limit && children <= u32::MAX as usize;
            if fits { Ok(()) } else { Err(CompileError::TooLarge { limit, found }) }
        };
        if arrivals < SHARD_FROM {
            // The only shard goes on with the graph itself.
            shard.take_all(&lists, arrivals, watched);
            let [nodes, leaves] = shard.decide(rule);
            graph.make_room(nodes, leaves);
            shard.settle(rule, &mut graph, |slot, reference| *children[slot as usize].get_mut() = reference);
            fits(graph.nodes.len() + graph.leaves.len(), graph.children)?;
            graph.send(0, treated, &mut layers);
        } else {
            let shards = settle(rule, &lists, watched);
            let (mut found, mut total) = (graph.nodes.len() + graph.leaves.len(), graph.children);
            for Settled { draft, .. } in &shards {
                found += draft.nodes.len() + draft.leaves.len();
                total += draft.children;
                fits(found, total)?;
            }
            graph.refer(&shards, &children);
            shards.into_iter().for_each(|shard| graph.append(shard.draft, treated, &mut layers));
        }
    }

    SHARD.set(shard);

    let Draft { nodes, leaves, .. } = graph;
    let offset = nodes.len() as u32;
    let number = |reference: u32| if reference & LEAF == 0 { reference } else { offset + (reference & !LEAF) };
    children.par_iter_mut().with_min_len(CHUNK).for_each(|reference| *reference.get_mut() = number(*reference.get_mut()));
    // In place: no memory is taken for it.
    let children = children.into_iter().map(AtomicU32::into_inner).collect();
    Ok(Graph { levels: rule.levels(), max_patients, coin: rule.coin(), nodes, children, leaves })
}

/// Extend the list of all children to a length.
fn extend(children: &mut Vec<AtomicU32>, length: usize) {
    children.par_extend((children.len()..length).into_par_iter().with_min_len(CHUNK).map(|_| AtomicU32::default()));
}

/// Ask the rule about every arrival of a large layer; one result per shard.
fn settle(rule: &dyn Rule, lists: &[List], watched: bool) -> Vec<Settled> {
    // Which arrivals of each list belong to which shard, in order: the place of the situation in the list, and the arrival.
    let members: Vec<[Vec<(u32, Arrival)>; SHARDS]> = lists
        .par_iter()
        .map(|list| {
            let mut members = [const { Vec::new() }; SHARDS];
            for (place, situation) in (0..).zip(&list.situations) {
                for arrival in situation.fork.arrivals() {
                    members[shard_of(&situation.counts.after(arrival))].push((place, arrival));
                }
            }
            members
        })
        .collect();
    (0..SHARDS)
        .into_par_iter()
        .map(|number| {
            let mut shard = Shard::default();
            shard.clear(members.iter().map(|members| members[number].len()).sum(), watched);
            for (list, members) in lists.iter().zip(&members) {
                for &(place, arrival) in &members[number] {
                    let situation = &list.situations[place as usize];
                    let slot = list.first_child + situation.first_child + situation.fork.index(arrival) as u32;
                    shard.add(situation, arrival, slot);
                }
            }
            let mut draft = Draft { tosses: rule.coin().is_some(), ..Draft::default() };
            let [_, leaves] = shard.decide(rule);
            draft.leaves.reserve(leaves);
            let mut references = Vec::with_capacity(shard.arrivals.len());
            shard.settle(rule, &mut draft, |slot, reference| references.push((slot, reference)));
            Settled { draft, references }
        })
        .collect()
}

thread_local! {
    /// The shard of small layers, kept from layer to layer and from rule to rule: a small graph takes hardly longer to compile than
    /// the system takes to hand out the memory. No more than [`SHARD_FROM`] arrivals are kept.
    static SHARD: Cell<Shard> = Cell::default();
}

impl Draft {
    /// Make room for about so many nodes and leaves of a layer at once: a list that grows is copied, and what it leaves behind goes
    /// back to the system, which hands it out again page by page.
    fn make_room(&mut self, nodes: usize, leaves: usize) {
        self.nodes.reserve(nodes);
        self.leaves.reserve(leaves);
        self.expected = nodes;
    }

    /// Add what comes after `counts` and so many cohorts. Returns the reference to it.
    #[inline]
    fn add(&mut self, counts: Counts, decision: Decision, watches_moderate: bool, cohorts: u8) -> u32 {
        match decision {
            Decision::Enrol(cohort, _) => self.enrol(counts, Fork { cohort, watches_moderate, tosses: self.tosses }, cohorts),
            Decision::Stop(level, reason) => {
                let selected = Outcome::selection(level.map(usize::from));
                self.leaves.push(Outcome { counts, selected, reason, cohorts });
                (self.leaves.len() as u32 - 1) | LEAF
            }
        }
    }

    /// Add the situation in which the cohort of `fork` is enrolled after `counts` and so many cohorts. Returns its number.
    fn enrol(&mut self, counts: Counts, fork: Fork, cohorts: u8) -> u32 {
        let Fork { cohort, watches_moderate, .. } = fork;
        let (patients, first_child) = (usize::from(cohort.patients), self.children as u32);
        let place = self.situations.iter().position(|(known, _)| *known == patients).unwrap_or_else(|| {
            self.situations.push((patients, Vec::with_capacity(self.expected)));
            self.situations.len() - 1
        });
        self.situations[place].1.push(Situation { counts, fork, cohorts, first_child });
        self.nodes.push(Node { first_child, cohort, watches_moderate });
        self.children += fork.len();
        self.nodes.len() as u32 - 1
    }

    /// Send the situations of a layer to the layers where their cohorts arrive; their children are counted from `first_child`.
    fn send(&mut self, first_child: u32, treated: usize, layers: &mut [Vec<List>]) {
        for (patients, situations) in self.situations.drain(..) {
            layers[treated + patients].push(List { first_child, situations });
        }
    }

    /// Put the references of the shards of a layer where they belong, before the shards are appended.
    fn refer(&self, shards: &[Settled], children: &[AtomicU32]) {
        let (mut nodes, mut leaves) = (self.nodes.len() as u32, self.leaves.len() as u32);
        let bases: Vec<(u32, u32)> = shards
            .iter()
            .map(|Settled { draft, .. }| {
                let bases = (nodes, leaves);
                nodes += draft.nodes.len() as u32;
                leaves += draft.leaves.len() as u32;
                bases
            })
            .collect();
        shards.par_iter().zip(bases).for_each(|(shard, (first_node, first_leaf))| {
            for &(slot, reference) in &shard.references {
                let base = if reference & LEAF == 0 { first_node } else { first_leaf };
                children[slot as usize].store(reference + base, Ordering::Relaxed);
            }
        });
    }

    /// Append the draft of a shard, and send its situations on.
    fn append(&mut self, mut shard: Self, treated: usize, layers: &mut [Vec<List>]) {
        let first_child = self.children as u32;
        let renumbered = |node: Node| Node { first_child: first_child + node.first_child, ..node };
        shard.send(first_child, treated, layers);
        self.nodes.par_extend(shard.nodes.into_par_iter().with_min_len(CHUNK).map(renumbered));
        self.leaves.par_extend(shard.leaves.into_par_iter().with_min_len(CHUNK));
        self.children += shard.children;
    }
}
