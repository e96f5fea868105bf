//! How trials under a compiled rule can end, as far as selections, patients and DLTs under any toxicity curve follow from it: for
//! those who evaluate curves elsewhere, as the page of a report does.

use super::exact::coined_leaf_weights;
use super::graph::Graph;
use crate::trial::Counts;

/// The most leaves that are listed.
const MOST: usize = 1 << 16;

/// All the leaves of a graph with the same counts and the same selection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaf {
    /// Patients and DLTs at each level.
    pub counts: Counts,
    /// The selected dose, as bits as in [`crate::trial::Outcome::selected`].
    pub selected: u16,
    /// The number of outcome sequences that end here, each times the probability of the coins it takes, where some are tossed. The
    /// probability of the leaf is this times the product over levels of p^y (1-p)^(n-y).
    pub weight: f64,
}

/// Why the leaves of a design are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLeaves {
    /// It has no decision graph.
    NoGraph,
    /// It watches moderate toxicities, which the counts of a leaf do not show.
    WatchesModerate,
    /// There are more of them than this.
    TooMany(usize),
}

/// The leaves of `graph`, those with the same counts and selection put together, in the order of their patients and then of their
/// DLTs, both from the highest level down.
///
/// # Errors
/// [`NoLeaves`].
pub fn leaves(graph: &Graph) -> Result<Vec<Leaf>, NoLeaves> {
    if graph.fork(0).watches_moderate {
        return Err(NoLeaves::WatchesModerate);
    }
    if graph.leaves().len() > MOST {
        return Err(NoLeaves::TooMany(MOST));
    }
    let weighed = graph.leaves().iter().zip(coined_leaf_weights(graph));
    let mut leaves: Vec<Leaf> =
        weighed.map(|(leaf, weight)| Leaf { counts: leaf.counts, selected: leaf.selected, weight }).collect();
    // Stable, so that the sums below are always in the same order.
    leaves.sort_by_key(|leaf| {
        let (mut patients, mut dlts) = (*leaf.counts.all_patients(), *leaf.counts.all_dlts());
        patients.reverse();
        dlts.reverse();
        (patients, dlts, leaf.selected)
    });
    leaves.dedup_by(|next, kept| {
        let same = (next.counts, next.selected) == (kept.counts, kept.selected);
        if same {
            kept.weight += next.weight;
        }
        same
    });
    Ok(leaves)
}
