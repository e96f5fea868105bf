//! Walking a decision graph: how many trials find their way through it at the same time, a look-up per cohort.
//!
//! For walking, a graph is laid out as a list of *edges*, one word of memory each, which say of an outcome of a cohort where it
//! leads and all that is needed there. So a step is: read the classes of the next patients, count the DLTs among them, read the
//! edge that their number chooses. A leaf is an edge that leads to itself, so that a trial that is over can go on stepping
//! without harm, and no step has to ask.

use super::graph::{Graph, Node};
use super::patients::Classes;
use crate::trial::{Cohort, MAX_LEVELS};

/// Trials that walk side by side, so that one waits for memory while others compute. Eight fit the registers.
pub(super) const LANES: usize = 8;

/// Patients that are counted in one step; a larger cohort takes several.
pub(super) const AT_ONCE: usize = 8;

/// Where an outcome of a cohort leads.
///
/// | bits | |
/// |---|---|
/// | 0 to 31 | the number of the first edge that goes on from there; there is one for each number of DLTs, none first |
/// | 32 to 39 | how many patients were enrolled before |
/// | 56 to 63 | the kind of the patients to be counted there: level and number, see [`kind`] |
///
/// A leaf has the number of an edge that is itself a copy of it, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge(u64);

/// Patients to be counted in a step, as a byte: the level in its upper half, the number in its lower.
const fn kind(level: u8, patients: usize) -> u8 {
    level << 4 | patients as u8
}

/// The kind of an edge that is not known yet.
const UNKNOWN: u8 = u8::MAX;

impl Edge {
    const fn new(first: usize, place: u8, kind: u8) -> Self {
        Self(first as u64 | (place as u64) << 32 | (kind as u64) << 56)
    }

    /// The edge at which a trial ends, which is the one with this number.
    pub(super) const fn leaf(number: usize) -> Self {
        Self::new(number, 0, 0)
    }

    /// What follows these `dlts` after the situation with this number, when nobody has asked yet.
    pub(super) const fn unknown(situation: usize, dlts: u8) -> Self {
        Self::new(situation, dlts, UNKNOWN)
    }

    /// The number of the first edge that goes on from here; of the situation, when unknown.
    #[inline]
    pub(super) const fn first(self) -> u32 {
        self.0 as u32
    }

    /// How many patients were enrolled before; the DLTs, when unknown.
    #[inline]
    pub(super) const fn place(self) -> u8 {
        (self.0 >> 32) as u8
    }

    #[inline]
    pub(super) const fn kind(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// The number of patients to be counted.
    #[inline]
    pub(super) const fn patients(self) -> usize {
        (self.kind() & 15) as usize
    }

    /// Their level.
    #[inline]
    pub(super) const fn level(self) -> u8 {
        self.kind() >> 4
    }

    /// Whether the trial has ended here.
    #[inline]
    pub(super) const fn is_leaf(self) -> bool {
        self.kind() == 0
    }

    #[inline]
    pub(super) const fn is_unknown(self) -> bool {
        self.kind() == UNKNOWN
    }
}

/// Add the edges of a cohort that is enrolled after `place` patients to the list; `outcome` gives the one for each number of
/// DLTs. Returns the edge that leads to the cohort.
///
/// A cohort of more than eight is counted in eights: its first eight lead to one edge for each number of DLTs among them, and
/// each of these goes on to the next eight with that many added to its number.
pub(super) fn lay(edges: &mut Vec<Edge>, cohort: Cohort, place: u8, outcome: impl FnMut(u8) -> Edge) -> Edge {
    let Cohort { level, patients } = cohort;
    let step = |counted: u8| kind(level, AT_ONCE.min((patients - counted) as usize));
    let start = Edge::new(edges.len(), place, step(0));
    let mut counted = 0;
    while patients - counted > AT_ONCE as u8 {
        counted += AT_ONCE as u8;
        let next = edges.len() + counted as usize + 1;
        edges.extend((0..=counted).map(|dlts| Edge::new(next + dlts as usize, place + counted, step(counted))));
    }
    edges.extend((0..=patients).map(outcome));
    start
}

/// The edges of a compiled rule: those of the nodes, in order, then the leaves.
#[derive(Debug)]
pub(super) struct Edges {
    start: Edge,
    edges: Vec<Edge>,
    leaves_from: usize,
}

impl Edges {
    /// Lay out a graph.
    pub(super) fn new(graph: &Graph) -> Self {
        // Parents come before their children, so the places are known in time, and the edges by the end of the first pass.
        let nodes = graph.nodes();
        let mut places = vec![0; nodes.len()];
        let mut edges = Vec::with_capacity(graph.children.len() + graph.leaves.len());
        let mut enter = Vec::with_capacity(nodes.len());
        for (number, &Node { cohort, .. }) in nodes.iter().enumerate() {
            let place = places[number];
            let children = graph.children(number);
            for &child in children {
                if let Some(later) = places.get_mut(child as usize) {
                    *later = place + cohort.patients;
                }
            }
            // For the moment an edge has the number of the situation it leads to.
            enter.push(lay(&mut edges, cohort, place, |dlts| Edge::unknown(children[dlts as usize] as usize, 0)));
        }
        let leaves_from = edges.len();
        enter.extend((leaves_from..).take(graph.leaves.len()).map(Edge::leaf));
        for edge in edges.iter_mut().filter(|edge| edge.is_unknown()) {
            *edge = enter[edge.first() as usize];
        }
        edges.extend_from_slice(&enter[nodes.len()..]);
        Self { start: enter[0], edges, leaves_from }
    }
}

/// What can be walked.
pub(super) trait Walk {
    /// Where a trial starts.
    fn start(&self) -> Edge;

    /// The edge with this number, which is known afterwards.
    fn follow(&mut self, number: u32) -> Edge;

    /// The number of a leaf, from 0.
    fn leaf(&self, edge: Edge) -> u32;
}

impl Walk for &Edges {
    fn start(&self) -> Edge {
        self.start
    }

    #[inline]
    fn follow(&mut self, number: u32) -> Edge {
        self.edges[number as usize]
    }

    fn leaf(&self, edge: Edge) -> u32 {
        edge.first() - self.leaves_from as u32
    }
}

/// The lowest and the highest bit of each of eight bytes.
const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// How patients are compared with a scenario: per kind, the rank of its level in each of eight bytes with the highest bit set,
/// and the highest bits of as many bytes as there are patients to be counted.
#[derive(Debug)]
pub(super) struct Ranks([(u64, u64); 256]);

impl Ranks {
    /// From the largest class that has a DLT at each level.
    pub(super) fn new(ranks: &[u8; MAX_LEVELS]) -> Self {
        let of_kind = |kind: usize| {
            let (level, patients) = (kind / 16, kind % 16);
            let rank = ranks.get(level).map_or(0, |rank| u64::from(rank | 0x80) * ONES);
            let counted = if (1..=AT_ONCE).contains(&patients) { TOPS >> (8 * (AT_ONCE - patients)) } else { 0 };
            (rank, counted)
        };
        Self(std::array::from_fn(of_kind))
    }
}

/// Walk the trials of a block, and note the number of the leaf where each of them ends.
///
/// The last group may reach past the last replicate, into rows left from another block; what it finds there is cut off.
#[inline(never)]
pub(super) fn walk(graph: &mut impl Walk, classes: &Classes, ranks: &Ranks, ends: &mut Vec<u32>) {
    ends.clear();
    for first in (0..classes.replicates).step_by(LANES) {
        let rows: [u32; LANES] = std::array::from_fn(|lane| ((first + lane) * classes.stride) as u32);
        let mut trials = [graph.start(); LANES];
        let mut kinds = u64::MAX;
        while kinds >> 56 != 0 {
            kinds = 0;
            for (trial, row) in trials.iter_mut().zip(rows) {
                let dlts = count(classes, row + u32::from(trial.place()), ranks, trial.kind());
                *trial = graph.follow(trial.first() + dlts);
                kinds |= trial.0;
            }
        }
        ends.extend(trials.map(|trial| graph.leaf(trial)));
    }
    ends.truncate(classes.replicates);
}

/// The number of DLTs among the patients of a kind that stand from `place` on.
#[inline]
pub(super) fn count(classes: &Classes, place: u32, ranks: &Ranks, kind: u8) -> u32 {
    number(dlts(classes, place, ranks, kind))
}

/// Which of the patients of a kind, who stand from `place` on, have a DLT: the highest bit of each of eight bytes, the first lowest.
///
/// Eight classes are compared with the rank at once: a byte's top bit stays set in `(rank | 0x80) - class` exactly when the class
/// is at or below the rank, both being below 128.
#[inline]
pub(super) fn dlts(classes: &Classes, place: u32, ranks: &Ranks, kind: u8) -> u64 {
    let place = place as usize;
    // The margin behind the rows sees to it that there are eight.
    let Some(Ok(eight)) = classes.classes.get(place..place + 8).map(<[u8; 8]>::try_from) else { return 0 };
    let (rank, counted) = ranks.0[kind as usize];
    (rank - u64::from_le_bytes(eight)) & counted
}

/// How many highest bits of bytes are set. The multiplication adds the eight bits up in the top byte.
#[inline]
pub(super) const fn number(tops: u64) -> u32 {
    ((tops >> 7).wrapping_mul(ONES) >> 56) as u32
}
