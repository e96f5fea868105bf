//! Arrivals of one layer whose counts meet nowhere else: their distinct counts, what the rule says about them, and what comes next.

use super::{Draft, List, SHARDS, Situation};
use crate::design::Rule;
use crate::trial::{Arrival, Counts, Decision, words};

/// Arrivals of a layer of which none has the counts of one in another shard.
#[derive(Default)]
pub(super) struct Shard {
    distinct: Distinct,
    /// For the rule: the number of the counts, and the arrival.
    pub(super) arrivals: Vec<(u32, Arrival)>,
    /// For the graph: where the arrivals come from, in their order.
    origins: Vec<Origin>,
    /// What the rule says about the arrivals.
    decisions: Vec<Decision>,
    /// What comes next, as a chain per set of counts: almost always of one link. Other links are in a list of their own.
    chains: Vec<Link>,
    others: Vec<Link>,
}

/// Where neighbouring arrivals, of the same cohort of the same situation, come from.
struct Origin {
    /// Where the reference to what comes after the first of them belongs in the list of children; the others follow.
    slot: u32,
    /// How many there are.
    arrivals: u16,
    /// Whether the moderate toxicities of the cohort were watched.
    watched: bool,
    /// Cohorts enrolled, this one included.
    cohorts: u8,
}

impl Origin {
    /// Of so many arrivals of the cohort of a situation.
    #[inline]
    fn of(situation: &Situation, slot: u32, arrivals: usize) -> Self {
        let Situation { fork, cohorts, .. } = situation;
        let cohorts = cohorts + u8::from(fork.cohort.patients > 0);
        // A cohort has at most 30 patients, so there are fewer than a thousand.
        Self { slot, arrivals: arrivals as u16, watched: fork.watches_moderate, cohorts }
    }
}

impl Shard {
    /// Forget everything and make room for so many arrivals; `watched` says whether moderate toxicities may be.
    pub(super) fn clear(&mut self, arrivals: usize, watched: bool) {
        self.distinct.clear(if watched { 2 * arrivals } else { arrivals });
        self.arrivals.clear();
        self.arrivals.reserve_exact(arrivals);
        self.origins.clear();
        self.decisions.clear();
        self.decisions.reserve_exact(arrivals);
        self.chains.clear();
        self.others.clear();
    }

    /// Take all arrivals of a layer, so many.
    #[inline(never)] // The loop is hot and short of registers.
    pub(super) fn take_all(&mut self, lists: &[List], arrivals: usize, watched: bool) {
        self.clear(arrivals, watched);
        for list in lists {
            for situation in &list.situations {
                self.add_all(situation, list.first_child + situation.first_child);
            }
        }
    }

    /// Add every arrival of the cohort of a situation, with the place of what follows the first.
    #[inline]
    fn add_all(&mut self, situation: &Situation, first_slot: u32) {
        let Self { distinct, arrivals, .. } = self;
        let Situation { counts, fork, .. } = *situation;
        let mut indexed = |arrival| (distinct.index(&counts.after(arrival)), arrival);
        if fork.is_binary() {
            // As below, but the compiler knows how many there are.
            arrivals.extend((0..fork.cohort.patients + 1).map(|dlts| indexed(Arrival::new(fork.cohort, dlts))));
        } else {
            arrivals.extend(fork.arrivals().map(indexed));
        }
        self.origins.push(Origin::of(situation, first_slot, fork.len()));
    }

    /// Add an arrival of the cohort of a situation, with the place of what follows.
    #[inline]
    pub(super) fn add(&mut self, situation: &Situation, arrival: Arrival, slot: u32) {
        self.arrivals.push((self.distinct.index(&situation.counts.after(arrival)), arrival));
        self.origins.push(Origin::of(situation, slot, 1));
    }

    /// Ask the rule about the arrivals. Returns about how many situations that enrol and how many leaves follow, mostly somewhat more.
    pub(super) fn decide(&mut self, rule: &dyn Rule) -> [usize; 2] {
        let Self { distinct, arrivals, decisions, .. } = self;
        rule.decide_batch(&distinct.counts, arrivals, decisions);
        let enrol = decisions.iter().filter(|decision| decision.next_cohort().is_some()).count();
        [enrol.min(distinct.counts.len()), decisions.len() - enrol]
    }

    /// Merge what comes after the arrivals, once it is decided, and add it to a draft. `refer` gets the slot of each arrival in the
    /// list of all children and the reference that belongs there.
    #[inline(never)] // As above.
    pub(super) fn settle(&mut self, rule: &dyn Rule, draft: &mut Draft, mut refer: impl FnMut(u32, u32)) {
        let Self { distinct, arrivals, origins, decisions, chains, others } = self;
        chains.resize(distinct.counts.len(), Link::NONE);
        let (mut arrivals, mut decisions) = (&arrivals[..], &decisions[..]);
        for origin in &*origins {
            let (own, own_decisions);
            (own, arrivals) = arrivals.split_at(origin.arrivals.into());
            (own_decisions, decisions) = decisions.split_at(origin.arrivals.into());
            for ((slot, &(mut index, _)), &decision) in (origin.slot..).zip(own).zip(own_decisions) {
                let mut watches_moderate = false;
                if origin.watched {
                    let counts = distinct.counts[index as usize];
                    let fork = decision.next_cohort().map(|cohort| rule.fork(true, &counts, cohort));
                    watches_moderate = fork.is_some_and(|fork| fork.watches_moderate);
                    if !watches_moderate {
                        index = distinct.index(&counts.without_moderate());
                        chains.resize(distinct.counts.len(), Link::NONE);
                    }
                }
                let next = next(decision, watches_moderate, origin.cohorts);
                let mut add = || draft.add(distinct.counts[index as usize], decision, watches_moderate, origin.cohorts);
                let first = &mut chains[index as usize];
                if first.next == 0 {
                    *first = Link { next, reference: add(), following: Link::END };
                }
                let (mut reference, mut following) = (first.reference, first.following);
                if first.next != next {
                    reference = loop {
                        match others.get(following as usize) {
                            Some(link) if link.next == next => break link.reference,
                            Some(link) => following = link.following,
                            None => {
                                let reference = add();
                                others.push(Link { next, reference, following: first.following });
                                first.following = others.len() as u32 - 1;
                                break reference;
                            }
                        }
                    };
                }
                refer(slot, reference);
            }
        }
    }
}

/// What comes after a set of counts, the reference to it, and the number of another link that does.
#[derive(Clone, Copy)]
struct Link {
    next: u32,
    reference: u32,
    following: u32,
}

impl Link {
    /// The number of no link.
    const END: u32 = u32::MAX;
    /// Nothing comes yet.
    const NONE: Self = Self { next: 0, reference: 0, following: Self::END };
}

/// What comes after a cohort as a number, which is not 0; with the counts it is all that distinguishes one situation or leaf from
/// another. Reasons to enrol are left out: the same cohort after the same counts is the same situation, whatever led there.
#[inline]
fn next(decision: Decision, watches_moderate: bool, cohorts: u8) -> u32 {
    let [kind, one, other] = match decision {
        Decision::Enrol(cohort, _) => [1, cohort.level, cohort.patients],
        Decision::Stop(Some(level), reason) => [2, level, reason as u8],
        Decision::Stop(None, reason) => [3, 0, reason as u8],
    };
    u32::from_le_bytes([kind | u8::from(watches_moderate) << 2, one, other, cohorts])
}

/// Distinct counts in the order in which they were first seen: an open-addressing table, which is never iterated.
#[derive(Default)]
struct Distinct {
    counts: Vec<Counts>,
    slots: Vec<u32>,
    shift: u32,
}

impl Distinct {
    const FREE: u32 = u32::MAX;

    /// Forget everything and make room for up to `size` distinct counts.
    fn clear(&mut self, size: usize) {
        // At most two thirds full, and mostly half of that.
        let slots = (size + size / 2 + 2).next_power_of_two();
        self.shift = 64 - slots.trailing_zeros();
        self.slots.clear();
        self.slots.resize(slots, Self::FREE);
        self.counts.clear();
        self.counts.reserve_exact(size);
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
pub(super) fn shard_of(counts: &Counts) -> usize {
    (hash(counts) >> (64 - SHARDS.trailing_zeros())) as usize
}

/// A hash of counts: each level's pair multiplied by an odd constant of its own, mixed at the end (multiply-xorshift). Moderate
/// toxicities are left out, so that counts stay in their shard when these are forgotten.
fn hash(counts: &Counts) -> u64 {
    let ([n, n_high], [y, y_high]) = (words(counts.all_patients()), words(counts.all_dlts()));
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
