//! The decision graph: every situation that a trial under a rule can reach, once each, and the leaves with their outcomes.

use crate::trial::{Cohort, Outcome};

/// A situation in which a cohort is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where the node's children start in [`Graph::children`]; there is one for each number of DLTs, none first.
    pub first_child: u32,
    /// The cohort that is enrolled.
    pub cohort: Cohort,
}

/// A compiled rule. Situations are numbered through: first the nodes, parents before their children, then the leaves. The first
/// node is the start of the trial.
#[derive(Debug)]
pub struct Graph {
    pub(super) levels: usize,
    pub(super) max_patients: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) children: Vec<u32>,
    pub(super) leaves: Vec<Outcome>,
}

impl Graph {
    /// The number of dose levels.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// The largest number of patients of a trial.
    #[must_use]
    pub fn max_patients(&self) -> usize {
        self.max_patients
    }

    /// The situations in which a cohort is enrolled; parents come before their children.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The children of the node numbered `node`: the situation after no DLT, one DLT, and so on. Numbers from
    /// `self.nodes().len()` on are leaves.
    #[must_use]
    pub fn children(&self, node: usize) -> &[u32] {
        let Node { first_child, cohort } = self.nodes[node];
        let first = first_child as usize;
        &self.children[first..=first + cohort.patients as usize]
    }

    /// How trials end: one outcome per leaf, no two the same.
    #[must_use]
    pub fn leaves(&self) -> &[Outcome] {
        &self.leaves
    }

    /// The number of situations, leaves included.
    #[must_use]
    pub fn situations(&self) -> usize {
        self.nodes.len() + self.leaves.len()
    }
}
