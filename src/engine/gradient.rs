//! Exact derivatives of expectations with respect to the toxicities.
//!
//! The expectation of a quantity of the outcome is a polynomial in the toxicities. Its value and its derivatives with respect to all of
//! them follow from two passes over the graph: forwards the probability that each situation is reached, backwards the expectation of
//! the quantity from there on (reverse accumulation; Griewank and Walther, 2008, "Evaluating Derivatives").

use super::exact::{binomial, power, probability};
use super::graph::Graph;
use crate::scenario::Truth;
use crate::trial::{Arrival, Fork, Outcome};
use std::collections::BTreeMap;

/// The expectation of a quantity of the outcome of a compiled rule, as a function of the truth.
#[derive(Clone, Debug)]
pub struct Expectation<'g> {
    graph: &'g Graph,
    /// The quantity of each leaf.
    of_leaves: Vec<f64>,
    /// The different forks of the graph.
    forks: Vec<Fork>,
    /// For each node, where the outcomes of its fork stand among those of all of them.
    first: Vec<u32>,
}

/// An expectation at a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivative {
    /// Its value.
    pub value: f64,
    /// Its derivative with respect to the toxicity of each level, lowest first.
    pub by_level: Vec<f64>,
}

impl<'g> Expectation<'g> {
    /// The expectation of `quantity` under the rule of `graph`.
    #[must_use]
    pub fn new(graph: &'g Graph, quantity: impl Fn(&Outcome) -> f64) -> Self {
        let mut places = BTreeMap::new();
        let (mut forks, mut outcomes) = (Vec::new(), 0);
        let first = (0..graph.nodes().len()).map(|node| {
            let fork = graph.fork(node);
            let key = (fork.cohort.level, fork.cohort.patients, fork.watches_moderate);
            *places.entry(key).or_insert_with(|| {
                forks.push(fork);
                outcomes += fork.len() as u32;
                outcomes - fork.len() as u32
            })
        });
        let first = first.collect();
        Self { graph, of_leaves: graph.leaves().iter().map(quantity).collect(), forks, first }
    }

    /// Its value and its derivatives under a truth.
    #[must_use]
    pub fn at<'a>(&self, truth: impl Into<Truth<'a>>) -> Derivative {
        let (truth, coin) = (truth.into(), self.graph.coin());
        let of_fork = |&fork: &Fork| {
            let both = move |arrival| (probability(fork, arrival, truth, coin), slope(fork, arrival, truth, coin));
            fork.arrivals().map(both)
        };
        let outcomes: Vec<(f64, f64)> = self.forks.iter().flat_map(of_fork).collect();
        let nodes = self.graph.nodes();
        let following = |node: usize| self.graph.children(node).iter().zip(&outcomes[self.first[node] as usize..]);

        let mut reached = vec![0.0; self.graph.situations()];
        reached[0] = 1.0;
        for node in 0..nodes.len() {
            let here = reached[node];
            for (&child, (probability, _)) in following(node) {
                reached[child as usize] += here * probability;
            }
        }
        let mut expected = vec![0.0; nodes.len()];
        expected.extend(&self.of_leaves);
        let mut by_level = vec![0.0; self.graph.levels()];
        for node in (0..nodes.len()).rev() {
            // Reckoned from one of the outcomes, so that where all of them come to the same, nothing is left of the rounding of their
            // probabilities: the mean is just that, and the derivative just zero.
            let from = self.graph.children(node).first().map_or(0.0, |&child| expected[child as usize]);
            let (mut mean, mut slope) = (from, 0.0);
            for (&child, (probability, derivative)) in following(node) {
                let beyond = expected[child as usize] - from;
                mean += probability * beyond;
                slope += derivative * beyond;
            }
            expected[node] = mean;
            by_level[usize::from(nodes[node].cohort.level)] += reached[node] * slope;
        }
        Derivative { value: expected[0], by_level }
    }
}

/// The derivative of the probability of an arrival with respect to the toxicity of its level; the probability of a moderate toxicity
/// stays as it is.
fn slope(fork: Fork, arrival: Arrival, truth: Truth<'_>, coin: Option<f64>) -> f64 {
    let Arrival { dlts, moderate, heads, .. } = arrival;
    let (p, q) = (truth.toxicity[arrival.level()], if fork.watches_moderate { truth.moderate_at(arrival.level()) } else { 0.0 });
    let (patients, without) = (fork.cohort.patients, fork.cohort.patients - dlts);
    let none = without - moderate;
    let rest = (1.0 - p - q).max(0.0);
    // The derivative of p^dlts (1 - p - q)^none.
    let rising = if dlts > 0 { f64::from(dlts) * power(p, dlts - 1) * power(rest, none) } else { 0.0 };
    let falling = if none > 0 { f64::from(none) * power(p, dlts) * power(rest, none - 1) } else { 0.0 };
    let ways = binomial(patients, dlts) as f64 * binomial(without, moderate) as f64 * power(q, moderate);
    let side = coin.map_or(1.0, |coin| if heads { coin } else { 1.0 - coin });
    ways * side * (rising - falling)
}
