//! Ways through a decision graph, written as outcomes.

use crate::engine::Graph;
use crate::trial::{Arrival, Cohort, Counts, Outcome};

/// No situation: what comes before the first cohort.
const NOWHERE: u32 = u32::MAX;

/// A decision graph with the counts of each situation and one way that leads there.
pub(super) struct Paths<'a> {
    /// The graph.
    pub(super) graph: &'a Graph,
    /// The counts of each situation.
    counts: Vec<Counts>,
    /// The situation before and the DLTs of the cohort in between: the first such pair that was found.
    before: Vec<(u32, u8)>,
}

/// A cohort that has been evaluated somewhere in the graph.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    /// The counts after it.
    pub(super) counts: Counts,
    /// The cohort.
    pub(super) arrival: Arrival,
    /// The situation in which it was enrolled.
    from: u32,
    /// The situation that follows.
    pub(super) child: u32,
}

impl<'a> Paths<'a> {
    /// The ways through a graph, whose parents come before their children.
    pub(super) fn new(graph: &'a Graph) -> Self {
        let mut counts = vec![Counts::default(); graph.situations()];
        let mut before = vec![(NOWHERE, 0); graph.situations()];
        for (node, found) in graph.nodes().iter().enumerate() {
            let Cohort { level, patients } = found.cohort;
            for (dlts, &child) in (0..).zip(graph.children(node)) {
                if before[child as usize].0 == NOWHERE {
                    before[child as usize] = (node as u32, dlts);
                    counts[child as usize] = counts[node].with(level as usize, patients, dlts);
                }
            }
        }
        Self { graph, counts, before }
    }

    /// Every cohort of every trial, those of fewer patients treated first.
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> {
        self.graph.nodes().iter().enumerate().flat_map(move |(node, found)| {
            (0..).zip(self.graph.children(node)).map(move |(dlts, &child)| {
                let arrival = Arrival { cohort: found.cohort, dlts };
                Edge { counts: self.counts[child as usize], arrival, from: node as u32, child }
            })
        })
    }

    /// The first edge after which a number is largest, and that number.
    pub(super) fn with_most(&self, number: impl Fn(&Counts) -> usize) -> Option<(Edge, usize)> {
        let numbered = self.edges().map(|edge| (edge, number(&edge.counts)));
        numbered.reduce(|most, other| if other.1 > most.1 { other } else { most })
    }

    /// The cohort that follows an edge; none where the trial ends.
    pub(super) fn next(&self, edge: &Edge) -> Option<Cohort> {
        self.graph.nodes().get(edge.child as usize).map(|node| node.cohort)
    }

    /// The end of the trial at this situation, where it is one.
    pub(super) fn outcome(&self, situation: u32) -> Option<&Outcome> {
        self.graph.leaves().get((situation as usize).checked_sub(self.graph.nodes().len())?)
    }

    /// The trial from its first cohort on in which each cohort has the DLTs that `dlts` says, given its place and its patients.
    pub(super) fn follow(&self, dlts: impl Fn(usize, u8) -> u8) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        let mut situation = 0;
        while let Some(node) = self.graph.nodes().get(situation as usize) {
            let dlts = dlts(edges.len(), node.cohort.patients).min(node.cohort.patients);
            let child = self.graph.children(situation as usize)[dlts as usize];
            let arrival = Arrival { cohort: node.cohort, dlts };
            edges.push(Edge { counts: self.counts[child as usize], arrival, from: situation, child });
            situation = child;
        }
        edges
    }

    /// A way to the end of an edge, as outcomes.
    pub(super) fn words_to(&self, edge: &Edge) -> String {
        let mut arrivals = vec![edge.arrival];
        let mut situation = edge.from;
        while let Some(&(before, dlts)) = self.before.get(situation as usize)
            && let Some(node) = self.graph.nodes().get(before as usize)
        {
            arrivals.push(Arrival { cohort: node.cohort, dlts });
            situation = before;
        }
        arrivals.reverse();
        words(arrivals)
    }
}

/// Cohorts as outcomes, in backquotes.
pub(super) fn words(arrivals: impl IntoIterator<Item = Arrival>) -> String {
    let word = |Arrival { cohort, dlts }: Arrival| {
        let (none, toxic) = ("N".repeat((cohort.patients - dlts).into()), "T".repeat(dlts.into()));
        format!("{}{none}{toxic}", cohort.level + 1)
    };
    format!("`{}`", arrivals.into_iter().map(word).collect::<Vec<_>>().join(" "))
}
