//! Walking a decision graph that tells more apart than DLTs: moderate toxicities, or the side of a coin. Plainly, a patient at a
//! time; [`super::walk`] is faster for the graphs that need none of this.

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::coins::{Coins, Heads};
use super::graph::Graph;
use super::patients::{Classes, Thresholds};
use crate::design::Rule;
use crate::trial::{Arrival, Cohort, Counts, Decision, Fork, Outcome};

/// The patients of a block under a scenario, and their coins.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) classes: &'a Classes,
    pub(super) thresholds: &'a Thresholds,
    pub(super) coins: &'a Coins,
}

impl Block<'_> {
    /// What the cohort of `fork` brings in a replicate in which so many patients were enrolled before.
    #[inline]
    fn arrival(&self, fork: Fork, heads: Heads, row: usize, enrolled: usize) -> Arrival {
        let Cohort { level, patients } = fork.cohort;
        let end = enrolled + patients as usize;
        let start = row * self.classes.stride;
        let classes = &self.classes.classes[start + enrolled..start + end];
        let up_to = |rank: u8| classes.iter().filter(|&&class| class <= rank).count() as u8;
        let dlts = up_to(self.thresholds.ranks[level as usize]);
        let moderate = if fork.watches_moderate { up_to(self.thresholds.moderate_ranks[level as usize]) - dlts } else { 0 };
        // Nobody has been tossed a coin before the first patient.
        let heads = fork.tosses && end > 0 && self.coins.shows(heads, row, end - 1);
        Arrival { cohort: fork.cohort, dlts, moderate, heads }
    }
}

/// Where a trial stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the situation with this number.
    Situation(u32),
    /// At the end: the leaf with this number.
    Leaf(u32),
}

/// What can be walked.
pub(super) trait Forks {
    /// The fork of a situation; the first one is the start of the trial.
    fn fork(&self, situation: u32) -> Fork;

    /// Where an arrival of that fork leads.
    fn follow(&mut self, situation: u32, arrival: Arrival) -> Place;
}

impl Forks for &Graph {
    #[inline]
    // Situations are numbered as they are met, and none is ever taken out: every number that there is stands for one.
    fn fork(&self, situation: u32) -> Fork {
        Graph::fork(self, situation as usize)
    }

    #[inline]
    fn follow(&mut self, situation: u32, arrival: Arrival) -> Place {
        let node = situation as usize;
        let child = self.children(node)[Graph::fork(self, node).index(arrival)];
        match child.checked_sub(self.nodes().len() as u32) {
            Some(leaf) => Place::Leaf(leaf),
            None => Place::Situation(child),
        }
    }
}

/// Walk the trials of a block, and note the number of the leaf where each of them ends. `coin` is the probability of heads.
pub(super) fn walk(graph: &mut impl Forks, coin: Option<f64>, block: Block<'_>, ends: &mut Vec<u32>) {
    let heads = Heads::new(coin.unwrap_or(0.0));
    ends.clear();
    ends.extend((0..block.classes.replicates).map(|row| {
        let (mut situation, mut enrolled) = (0, 0);
        loop {
            let fork = graph.fork(situation);
            let arrival = block.arrival(fork, heads, row, enrolled);
            enrolled += fork.cohort.patients as usize;
            match graph.follow(situation, arrival) {
                Place::Situation(next) => situation = next,
                Place::Leaf(leaf) => return leaf,
            }
        }
    }));
}

/// A situation in which a cohort is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Situation {
    counts: Counts,
    fork: Fork,
    /// Cohorts enrolled before this one.
    cohorts: u8,
}

/// The part of a rule's graph that has been met, for rules that are too large to compile; as [`super::growing`] has it for those
/// that tell DLTs apart alone.
#[derive(Clone)]
pub(super) struct Explored<'a> {
    rule: &'a dyn Rule,
    /// The most arrivals to remember.
    bound: usize,
    /// The situations met, in order, and for each where its arrivals begin. The first is the start of the trial.
    situations: IndexMap<Situation, u32>,
    /// Where they lead, as far as somebody has asked.
    children: Vec<Option<Place>>,
    leaves: Vec<Outcome>,
    /// The leaves where the trials of the last block ended.
    ends: Vec<u32>,
}

impl<'a> Explored<'a> {
    /// The graph of `rule`, of which nothing is known; it remembers up to `bound` arrivals.
    pub(super) fn new(rule: &'a dyn Rule, bound: usize) -> Self {
        Self { rule, bound, situations: IndexMap::new(), children: Vec::new(), leaves: Vec::new(), ends: Vec::new() }
    }

    /// Walk the trials of a block. When more is remembered than should be, all of it is forgotten before.
    pub(super) fn walk(&mut self, block: Block<'_>, outcomes: &mut Vec<Outcome>) {
        if self.situations.is_empty() || self.children.len() > self.bound {
            self.situations.clear();
            self.children.clear();
            self.leaves.clear();
            self.enrol(true, Counts::default(), self.rule.first_cohort(), 0);
        }
        let mut ends = std::mem::take(&mut self.ends);
        let coin = self.rule.coin();
        walk(self, coin, block, &mut ends);
        outcomes.clear();
        outcomes.extend(ends.iter().map(|&leaf| self.leaves[leaf as usize]));
        self.ends = ends;
    }

    /// The situation in which a cohort is enrolled, which may be new. `watching` says whether every cohort so far was watched.
    fn enrol(&mut self, watching: bool, counts: Counts, cohort: Cohort, cohorts: u8) -> Place {
        let fork = self.rule.fork(watching, &counts, cohort);
        let entry = self.situations.entry(Situation { counts: fork.remembered(counts), fork, cohorts });
        let number = entry.index() as u32;
        if let Entry::Vacant(new) = entry {
            new.insert(self.children.len() as u32);
            self.children.resize(self.children.len() + fork.len(), None);
        }
        Place::Situation(number)
    }

    /// Ask the rule where an arrival in a situation leads.
    fn ask(&mut self, Situation { counts, fork, cohorts }: Situation, arrival: Arrival) -> Place {
        let (counts, cohorts) = (counts.after(arrival), cohorts + 1);
        match self.rule.decide(&counts, arrival) {
            Decision::Enrol(cohort, _) => self.enrol(fork.watches_moderate, counts, cohort, cohorts),
            Decision::Stop(level, reason) => {
                let (counts, selected) = (counts.without_moderate(), Outcome::selection(level.map(usize::from)));
                self.leaves.push(Outcome { counts, selected, reason, cohorts });
                Place::Leaf(self.leaves.len() as u32 - 1)
            }
        }
    }
}

impl Forks for Explored<'_> {
    fn fork(&self, situation: u32) -> Fork {
        self.situations.get_index(situation as usize).expect("a situation that was met").0.fork
    }

    fn follow(&mut self, situation: u32, arrival: Arrival) -> Place {
        let (&known, &first) = self.situations.get_index(situation as usize).expect("a situation that was met");
        let place = first as usize + known.fork.index(arrival);
        if let Some(next) = self.children[place] {
            return next;
        }
        let next = self.ask(known, arrival);
        self.children[place] = Some(next);
        next
    }
}
