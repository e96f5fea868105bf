//! Ways through a decision graph, written as outcomes.

use crate::engine::Graph;
use crate::trial::{Arrival, Cohort, Counts, Outcome};

/// A decision graph with the counts of each situation and one way that leads there.
pub(super) struct Paths<'a> {
    /// The graph.
    pub(super) graph: &'a Graph,
    /// The counts of each situation.
    counts: Vec<Counts>,
    /// The situation before and the cohort in between: the first such pair that was found.
    before: Vec<Option<(u32, Arrival)>>,
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
        let mut before = vec![None; graph.situations()];
        for node in 0..graph.nodes().len() {
            for (arrival, child) in graph.outcomes(node) {
                let before = &mut before[child as usize];
                if before.is_none() {
                    *before = Some((node as u32, arrival));
                    let after: Counts = counts[node].after(arrival);
                    let watches = graph.nodes().get(child as usize).is_some_and(|node| node.watches_moderate);
                    counts[child as usize] = if watches { after } else { after.without_moderate() };
                }
            }
        }
        Self { graph, counts, before }
    }

    /// Every cohort of every trial, those of fewer patients treated first.
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> {
        (0..self.graph.nodes().len()).flat_map(move |node| {
            let edge =
                move |(arrival, child)| Edge { counts: self.counts[node].after(arrival), arrival, from: node as u32, child };
            self.graph.outcomes(node).map(edge)
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

    /// The trial from its first cohort on in which each cohort has the DLTs that `dlts` says, given its place and its patients. No
    /// toxicity is moderate, and every coin shows heads.
    pub(super) fn follow(&self, dlts: impl Fn(usize, u8) -> u8) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        let mut situation = 0;
        while let Some(node) = self.graph.nodes().get(situation as usize) {
            let dlts = dlts(edges.len(), node.cohort.patients).min(node.cohort.patients);
            let fork = self.graph.fork(situation as usize);
            let arrival = Arrival { heads: fork.tosses, ..Arrival::new(node.cohort, dlts) };
            let child = self.graph.children(situation as usize)[fork.index(arrival)];
            edges.push(Edge { counts: self.counts[situation as usize].after(arrival), arrival, from: situation, child });
            situation = child;
        }
        edges
    }

    /// A way to the end of an edge, as outcomes.
    pub(super) fn words_to(&self, edge: &Edge) -> String {
        let mut arrivals = vec![edge.arrival];
        let mut situation = edge.from;
        while let Some(&Some((before, arrival))) = self.before.get(situation as usize) {
            arrivals.push(arrival);
            situation = before;
        }
        arrivals.reverse();
        words(arrivals)
    }
}

/// Cohorts as outcomes, in backquotes.
pub(super) fn words(arrivals: impl IntoIterator<Item = Arrival>) -> String {
    let word = |Arrival { cohort, dlts, moderate, .. }: Arrival| {
        let letters = [("N", cohort.patients - dlts - moderate), ("M", moderate), ("T", dlts)];
        let letters: String = letters.iter().map(|(letter, patients)| letter.repeat((*patients).into())).collect();
        format!("{}{letters}", cohort.level + 1)
    };
    format!("`{}`", arrivals.into_iter().map(word).collect::<Vec<_>>().join(" "))
}
