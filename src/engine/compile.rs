//! From a rule to its decision graph: layer by layer in the number of patients treated, each distinct situation once.
//!
//! A layer holds the arrivals at one number of patients treated: cohorts that have just been evaluated. Arrivals with the same
//! counts meet in the same shard, chosen by a hash of the counts, so shards are independent: each finds its distinct counts,
//! asks the rule about all its arrivals in one call, and merges what comes next. Shards and chunks depend on the size of the
//! layer alone, so the numbering of the graph is the same on any number of threads.

use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

use super::graph::{Graph, Node};
use super::monitor::{Interrupted, Monitor};
use crate::design::Rule;
use crate::trial::{Arrival, Cohort, Counts, Decision, MAX_LEVELS, Move, Outcome};

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

/// Situations that one task extends.
const CHUNK: usize = 1 << 12;

/// An arrival on its way into a layer.
#[derive(Clone, Copy)]
struct Pending {
    counts: Counts,
    arrival: Arrival,
    /// Cohorts enrolled, this one included.
    cohorts: u8,
    /// Where the reference to what comes next belongs in the list of children.
    slot: u32,
}

/// A situation that enrols, as found in its layer.
#[derive(Clone, Copy)]
struct Situation {
    counts: Counts,
    cohort: Cohort,
    /// Cohorts enrolled before this one.
    cohorts: u8,
}

/// What became of one shard of a layer: situations and leaves numbered from 0, and for each arrival its slot and its reference.
#[derive(Default)]
struct Settled {
    situations: Vec<Situation>,
    leaves: Vec<Outcome>,
    references: Vec<(u32, u32)>,
}

/// Compile `rule`, visiting each reachable situation once. Building is parallel on the current thread pool.
///
/// # Errors
/// [`CompileError::TooLarge`] when there are more than `max_situations` situations, leaves included;
/// [`CompileError::Interrupted`] when the monitor says so.
pub fn compile(rule: &dyn Rule, max_situations: usize, monitor: &Monitor) -> Result<Graph, CompileError> {
    let max_patients = rule.max_patients();
    let limit = max_situations.min(LEAF as usize - 1);
    let mut nodes: Vec<Node> = Vec::new();
    let mut children: Vec<AtomicU32> = Vec::new();
    let mut leaves: Vec<Outcome> = Vec::new();
    // Layer `t` holds the arrivals after `t` patients; the start of the trial is a situation without an arrival.
    let mut layers: Vec<Vec<Vec<Pending>>> = (0..=max_patients).map(|_| Vec::new()).collect();
    let start = Situation { counts: Counts::default(), cohort: rule.first_cohort(), cohorts: 0 };
    extend(&[start], 0, &mut nodes, &mut children, &mut layers);

    for treated in 1..=max_patients {
        monitor.check()?;
        let settled = settle(rule, &std::mem::take(&mut layers[treated]));
        for shard in settled {
            let (first_node, first_leaf) = (nodes.len() as u32, leaves.len() as u32);
            shard.references.par_iter().with_min_len(CHUNK).for_each(|&(slot, reference)| {
                let base = if reference & LEAF == 0 { first_node } else { first_leaf };
                children[slot as usize].store(reference + base, Ordering::Relaxed);
            });
            leaves.extend(shard.leaves);
            let found = nodes.len() + shard.situations.len() + leaves.len();
            let slots = children.len() + shard.situations.iter().map(slots_of).sum::<usize>();
            // Children are numbered in 32 bits.
            if found > limit || slots > u32::MAX as usize {
                return Err(CompileError::TooLarge { limit, found });
            }
            extend(&shard.situations, treated, &mut nodes, &mut children, &mut layers);
        }
    }

    let offset = nodes.len() as u32;
    let number = |reference: u32| if reference & LEAF == 0 { reference } else { offset + (reference & !LEAF) };
    let children = children.into_par_iter().map(|reference| number(reference.into_inner())).collect();
    Ok(Graph { levels: rule.levels(), max_patients, nodes, children, leaves })
}

/// The number of outcomes of a situation's cohort.
fn slots_of(situation: &Situation) -> usize {
    usize::from(situation.cohort.patients) + 1
}

/// Number new situations and send each of their outcomes to the layer where it arrives.
fn extend(
    situations: &[Situation],
    treated: usize,
    nodes: &mut Vec<Node>,
    children: &mut Vec<AtomicU32>,
    layers: &mut [Vec<Vec<Pending>>],
) {
    let first = children.len();
    let mut slot = first as u32;
    for situation in situations {
        nodes.push(Node { first_child: slot, cohort: situation.cohort });
        slot += slots_of(situation) as u32;
    }
    children.resize_with(slot as usize, AtomicU32::default);
    let fresh = &nodes[nodes.len() - situations.len()..];
    // One list per chunk and per cohort size that occurs in it, in order.
    let lists: Vec<Vec<(usize, Vec<Pending>)>> = situations
        .par_chunks(CHUNK)
        .zip(fresh.par_chunks(CHUNK))
        .map(|(situations, nodes)| outcomes_of(situations, nodes))
        .collect();
    for (patients, list) in lists.into_iter().flatten() {
        layers[treated + patients].push(list);
    }
}

/// The arrivals that follow from `situations`, in lists by cohort size.
fn outcomes_of(situations: &[Situation], nodes: &[Node]) -> Vec<(usize, Vec<Pending>)> {
    let mut lists: Vec<(usize, Vec<Pending>)> = Vec::new();
    for (situation, node) in situations.iter().zip(nodes) {
        let Cohort { level, patients } = situation.cohort;
        let size = patients as usize;
        let list = match lists.iter().position(|(known, _)| *known == size) {
            Some(index) => &mut lists[index].1,
            None => {
                lists.push((size, Vec::with_capacity(situations.len() * (size + 1))));
                let last = lists.len() - 1;
                &mut lists[last].1
            }
        };
        list.extend((0..=patients).map(|dlts| Pending {
            counts: situation.counts.with(level as usize, patients, dlts),
            arrival: Arrival { cohort: situation.cohort, dlts },
            cohorts: situation.cohorts + 1,
            slot: node.first_child + u32::from(dlts),
        }));
    }
    lists
}

/// Ask the rule about every arrival of a layer; one result per shard.
fn settle(rule: &dyn Rule, lists: &[Vec<Pending>]) -> Vec<Settled> {
    let total: usize = lists.iter().map(Vec::len).sum();
    if total < SHARD_FROM {
        return vec![settle_shard(rule, total, lists.iter().flatten())];
    }
    // Which arrivals of each list belong to which shard, in order.
    let members: Vec<[Vec<u32>; SHARDS]> = lists
        .par_iter()
        .map(|list| {
            let mut members = [const { Vec::new() }; SHARDS];
            for (index, pending) in list.iter().enumerate() {
                members[shard_of(&pending.counts)].push(index as u32);
            }
            members
        })
        .collect();
    (0..SHARDS)
        .into_par_iter()
        .map(|shard| {
            let size = members.iter().map(|members| members[shard].len()).sum();
            let arrivals =
                lists.iter().zip(&members).flat_map(|(list, members)| members[shard].iter().map(|&i| &list[i as usize]));
            settle_shard(rule, size, arrivals)
        })
        .collect()
}

/// Ask the rule about the `size` arrivals of one shard and merge what comes next.
fn settle_shard<'a>(rule: &dyn Rule, size: usize, pending: impl Iterator<Item = &'a Pending> + Clone) -> Settled {
    let mut distinct = Distinct::with_capacity(size);
    let mut arrivals = Vec::with_capacity(size);
    arrivals.extend(pending.clone().map(|pending| (distinct.index(&pending.counts), pending.arrival)));
    let mut decisions = Vec::with_capacity(size);
    rule.decide_batch(&distinct.counts, &arrivals, &mut decisions);

    // What comes next, as a chain per set of counts: almost always of one link.
    const END: u32 = u32::MAX;
    let mut chains = vec![END; distinct.counts.len()];
    let mut links: Vec<(Next, u32, u32)> = Vec::with_capacity(distinct.counts.len());
    let mut settled = Settled { references: Vec::with_capacity(size), ..Settled::default() };
    for ((pending, &(index, _)), decision) in pending.zip(&arrivals).zip(decisions) {
        let next = Next { decision: without_reason(decision), cohorts: pending.cohorts };
        let mut link = chains[index as usize];
        while link != END && links[link as usize].0 != next {
            link = links[link as usize].2;
        }
        if link == END {
            let reference = match decision {
                Decision::Enrol(cohort, _) => {
                    settled.situations.push(Situation { counts: pending.counts, cohort, cohorts: pending.cohorts });
                    settled.situations.len() as u32 - 1
                }
                Decision::Stop(level, reason) => {
                    let selected = Outcome::selection(level.map(usize::from));
                    settled.leaves.push(Outcome { counts: pending.counts, selected, reason, cohorts: pending.cohorts });
                    (settled.leaves.len() as u32 - 1) | LEAF
                }
            };
            link = links.len() as u32;
            links.push((next, reference, chains[index as usize]));
            chains[index as usize] = link;
        }
        settled.references.push((pending.slot, links[link as usize].1));
    }
    settled
}

/// What comes after a cohort; with the counts, all that distinguishes one situation or leaf from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Next {
    decision: Decision,
    cohorts: u8,
}

/// A decision to enrol with its reason forgotten: the same cohort after the same counts is the same situation, whatever led there.
fn without_reason(decision: Decision) -> Decision {
    match decision {
        Decision::Enrol(cohort, _) => Decision::Enrol(cohort, Move::Stay),
        stop @ Decision::Stop(..) => stop,
    }
}

/// Distinct counts in the order in which they were first seen: an open-addressing table, which is never iterated.
struct Distinct {
    counts: Vec<Counts>,
    slots: Vec<u32>,
    shift: u32,
}

impl Distinct {
    const FREE: u32 = u32::MAX;

    /// A table for up to `size` distinct counts.
    fn with_capacity(size: usize) -> Self {
        let slots = (2 * size).next_power_of_two().max(16);
        Self { counts: Vec::with_capacity(size / 2 + 1), slots: vec![Self::FREE; slots], shift: 64 - slots.trailing_zeros() }
    }

    /// The number of `counts`, a new one if they are new.
    fn index(&mut self, counts: &Counts) -> u32 {
        let mask = self.slots.len() - 1;
        // The top bits chose the shard; rotate so that the slot does not depend on them alone.
        let mut slot = (hash(counts).rotate_left(16) >> self.shift) as usize;
        loop {
            let index = self.slots[slot];
            if index == Self::FREE {
                let fresh = self.counts.len() as u32;
                self.slots[slot] = fresh;
                self.counts.push(*counts);
                return fresh;
            }
            if self.counts[index as usize] == *counts {
                return index;
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// The shard of a set of counts.
fn shard_of(counts: &Counts) -> usize {
    (hash(counts) >> (64 - SHARDS.trailing_zeros())) as usize
}

/// A hash of counts: each level's pair multiplied by an odd constant of its own, mixed at the end (multiply-xorshift).
fn hash(counts: &Counts) -> u64 {
    let words = |bytes: &[u8; MAX_LEVELS]| {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = *bytes;
        (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from(u32::from_le_bytes([i, j, k, l])))
    };
    let ((n, n_high), (y, y_high)) = (words(counts.all_patients()), words(counts.all_dlts()));
    let mut mixed =
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (y.wrapping_add(n_high << 32 | y_high)).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    mixed ^= mixed >> 32;
    mixed = mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ mixed >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn neighbouring_counts_hash_apart() {
        let mut hashes = BTreeSet::new();
        let mut distinct = 0;
        for n in 0..10u8 {
            for m in 0..10u8 {
                for (y, z) in (0..=n).flat_map(|y| (0..=m).map(move |z| (y, z))) {
                    let counts = Counts::from_slices(&[n, 3, m], &[y, 1, z]).expect("consistent");
                    hashes.insert(hash(&counts) >> 40);
                    distinct += 1;
                }
            }
        }
        assert_eq!(distinct, 3025);
        assert!(hashes.len() > 3020, "only {} of {distinct} hashes differ in their top 24 bits", hashes.len());
    }
}
