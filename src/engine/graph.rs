//! The decision graph: every situation that a trial under a rule can reach, once each, and the leaves with their outcomes.

use crate::trial::{Arrival, Cohort, Fork, Outcome};

/// A situation in which a cohort is enrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where the node's children start in [`Graph::children`]; there is one for each arrival of its fork, in order.
    pub first_child: u32,
    /// The cohort that is enrolled.
    pub cohort: Cohort,
    /// Whether its moderate toxicities are watched.
    pub watches_moderate: bool,
}

/// A compiled rule. Situations are numbered through: first the nodes, parents before their children, then the leaves. The first
/// node is the start of the trial.
///
/// In memory a node takes 8 bytes, a child 4, a leaf the size of an [`Outcome`], 30: some 40 bytes a situation for single patients
/// and 70 for cohorts of three at the peak of compiling. BOIN on five levels with 36 single patients has 6.9 million situations and
/// takes 280 MB, with 20 cohorts of three 4.5 million and 330 MB.
#[derive(Debug)]
pub struct Graph {
    pub(super) levels: usize,
    pub(super) max_patients: usize,
    pub(super) coin: Option<f64>,
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

    /// The probability of heads of the coin that is tossed after every cohort, where there is one.
    #[must_use]
    pub fn coin(&self) -> Option<f64> {
        self.coin
    }

    /// Whether no cohort is told apart by anything but its DLTs. A cohort that is watched follows only upon others that are.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.fork(0).is_binary()
    }

    /// What is told apart of the cohort of the node numbered `node`.
    #[must_use]
    pub fn fork(&self, node: usize) -> Fork {
        let Node { cohort, watches_moderate, .. } = self.nodes[node];
        Fork { cohort, watches_moderate, tosses: self.coin.is_some() }
    }

    /// The children of the node numbered `node`, one for each arrival of its fork, in order: in a binary graph the situation after
    /// no DLT, one DLT, and so on. Numbers from `self.nodes().len()` on are leaves.
    #[must_use]
    pub fn children(&self, node: usize) -> &[u32] {
        let first = self.nodes[node].first_child as usize;
        &self.children[first..first + self.fork(node).len()]
    }

    /// What the cohort of the node numbered `node` can bring, with the situation that follows.
    pub fn outcomes(&self, node: usize) -> impl Iterator<Item = (Arrival, u32)> {
        self.fork(node).arrivals().zip(self.children(node).iter().copied())
    }

    /// How trials end: one outcome per leaf, no two the same.
    #[must_use]
    pub fn leaves(&self) -> &[Outcome] {
        &self.leaves
    }

    /// The bytes of memory that the graph takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&self.nodes[..]) + size_of_val(&self.children[..]) + size_of_val(&self.leaves[..])
    }

    /// The number of situations, leaves included.
    #[must_use]
    pub fn situations(&self) -> usize {
        self.nodes.len() + self.leaves.len()
    }
}
