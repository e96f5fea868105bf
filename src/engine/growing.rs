//! A decision graph that grows as trials walk it, for rules that are too large to compile: the rule is asked about an outcome of
//! a cohort when a trial meets it for the first time, and never again while it is remembered.

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::patients::Classes;
use super::walk::{Edge, Ranks, Walk, lay, walk};
use crate::design::Rule;
use crate::trial::{Arrival, Cohort, Counts, Decision, Outcome};

/// The most edges of a rule that all threads together remember, of up to 80 bytes each with the situations that belong to them.
pub(super) const REMEMBERED: usize = 1 << 23;

/// A situation in which a cohort is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Situation {
    counts: Counts,
    cohort: Cohort,
    /// Cohorts enrolled before this one.
    cohorts: u8,
}

/// The part of a rule's graph that has been met.
#[derive(Clone)]
pub(super) struct Growing<'a> {
    rule: &'a dyn Rule,
    /// The most edges to remember.
    bound: usize,
    edges: Vec<Edge>,
    /// The situations met, in order, and for each the edge that leads to it. The first is the start of the trial.
    situations: IndexMap<Situation, Edge>,
    leaves: Vec<Outcome>,
    /// The leaves where the trials of the last block ended.
    ends: Vec<u32>,
}

impl<'a> Growing<'a> {
    /// The graph of `rule`, of which nothing is known, for one of so many threads.
    pub(super) fn new(rule: &'a dyn Rule, threads: usize) -> Self {
        let bound = REMEMBERED / threads;
        Self { rule, bound, edges: Vec::new(), situations: IndexMap::new(), leaves: Vec::new(), ends: Vec::new() }
    }

    /// Walk the trials of a block.
    ///
    /// When more is remembered than should be, all of it is forgotten before the block. The block itself may add as many edges as
    /// its trials have outcomes of cohorts.
    pub(super) fn walk(&mut self, classes: &Classes, ranks: &Ranks, outcomes: &mut Vec<Outcome>) {
        if self.edges.is_empty() || self.edges.len() > self.bound {
            self.edges.clear();
            self.situations.clear();
            self.leaves.clear();
            self.enrol(Situation { counts: Counts::default(), cohort: self.rule.first_cohort(), cohorts: 0 });
        }
        let mut ends = std::mem::take(&mut self.ends);
        walk(self, classes, ranks, &mut ends);
        outcomes.clear();
        outcomes.extend(ends.iter().map(|&leaf| self.leaves[leaf as usize]));
        self.ends = ends;
    }

    /// The edge that leads to a situation, which may be new.
    fn enrol(&mut self, situation: Situation) -> Edge {
        match self.situations.entry(situation) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let number = new.index();
                let place = situation.counts.total_patients() as u8;
                *new.insert(lay(&mut self.edges, situation.cohort, place, |dlts| Edge::unknown(number, dlts)))
            }
        }
    }

    /// Ask the rule where these DLTs in this situation lead.
    #[cold]
    fn ask(&mut self, situation: usize, dlts: u8) -> Edge {
        // An edge that is not known holds the number of a situation that was met, and none is ever taken out.
        let Situation { counts, cohort, cohorts } = *self.situations.get_index(situation).expect("edges belong to situations").0;
        let arrival = Arrival::new(cohort, dlts);
        let (counts, cohorts) = (counts.after(arrival), cohorts + 1);
        match self.rule.decide(&counts, arrival) {
            Decision::Enrol(cohort, _) => self.enrol(Situation { counts, cohort, cohorts }),
            Decision::Stop(level, reason) => {
                let selected = Outcome::selection(level.map(usize::from));
                // The number of the leaf stands behind its edge.
                let edge = Edge::leaf(self.edges.len());
                self.edges.extend([edge, Edge::leaf(self.leaves.len())]);
                self.leaves.push(Outcome { counts, selected, reason, cohorts });
                edge
            }
        }
    }
}

impl Walk for Growing<'_> {
    fn start(&self) -> Edge {
        self.situations[0]
    }

    #[inline]
    fn follow(&mut self, number: u32) -> Edge {
        let mut edge = self.edges[number as usize];
        if edge.is_unknown() {
            edge = self.ask(edge.first() as usize, edge.place());
            self.edges[number as usize] = edge;
        }
        edge
    }

    fn leaf(&self, edge: Edge) -> u32 {
        self.edges[edge.first() as usize + 1].first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::patients::{Patients, Thresholds};
    use crate::trial::{MAX_LEVELS, StopReason};

    /// Two at a time, a level up after no DLT and down after two, until twelve are treated.
    struct UpAndDown;

    impl Rule for UpAndDown {
        fn levels(&self) -> usize {
            MAX_LEVELS
        }

        fn max_patients(&self) -> usize {
            12
        }

        fn first_cohort(&self) -> Cohort {
            Cohort { level: 3, patients: 2 }
        }

        fn decide(&self, counts: &Counts, Arrival { cohort, dlts, .. }: Arrival) -> Decision {
            if counts.total_patients() == self.max_patients() {
                return Decision::Stop(Some(cohort.level), StopReason::MaxPatients);
            }
            let level = (cohort.level + 1).saturating_sub(dlts).min(MAX_LEVELS as u8 - 1);
            Decision::Enrol(Cohort { level, ..cohort }, crate::trial::Move::Stay)
        }
    }

    /// The bound changes what is remembered and nothing else.
    #[test]
    fn what_is_forgotten_is_asked_again() {
        let scenario = Thresholds::new(&[0.3; MAX_LEVELS]);
        let ranks = Ranks::new(&scenario.ranks);
        let (mut patients, mut classes) = (Patients::new(4, 12, 64), Classes::default());
        let mut remembering = Growing::new(&UpAndDown, 1);
        let mut forgetting = Growing { bound: 100, ..Growing::new(&UpAndDown, 1) };
        let (mut expected, mut outcomes) = (Vec::new(), Vec::new());
        for block in 0..20 {
            patients.draw(64 * block, 64);
            patients.classify(&scenario, 64, &mut classes);
            remembering.walk(&classes, &ranks, &mut expected);
            forgetting.walk(&classes, &ranks, &mut outcomes);
            assert_eq!(outcomes, expected);
            assert!(forgetting.edges.len() < 100 + 64 * 3 * 6);
        }
        assert!(remembering.edges.len() > 500, "{} edges are too few to be forgotten", remembering.edges.len());
    }
}
