//! Exact evaluation of a compiled rule: the probability of every leaf under a toxicity curve.
//!
//! The probability of a leaf is its weight, the number of outcome sequences that end there, times a product over levels of
//! p^y (1-p)^(n-y). The weights do not depend on the curve, so one pass over the graph serves every curve. All terms are
//! positive: nothing cancels.
//!
//! Where a graph tells more apart than DLTs, a leaf does not say how often which toxicity occurred or which side a coin showed.
//! Such a graph is passed through once for each curve.

use rayon::prelude::*;
use std::sync::OnceLock;

use super::formula::{Formula, WIDTH, Workspace};
use super::graph::Graph;
use super::marginals::Marginals;
use crate::numeric::exact::decimal;
use crate::scenario::Truth;
use crate::trial::{Arrival, Cohort, Fork, MAX_LEVELS, MAX_PATIENTS, Outcome};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// Numbers of outcome sequences are exact integers up to this many patients; past it they no longer fit 128 bits.
const INTEGER_PATIENTS: usize = 127;

/// The number of outcome sequences that end in each leaf.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// Exact integers.
    Integer(Vec<u128>),
    /// Rounded, for trials of more than 127 patients.
    Float(Vec<f64>),
}

/// A compiled rule made ready for any number of curves.
#[derive(Debug)]
pub struct Exact<'g> {
    graph: &'g Graph,
    /// The marginals as a formula, where the graph is binary.
    formula: Option<Formula>,
    /// The weights of the leaves, once somebody asks for the probabilities of leaves.
    weights: OnceLock<Vec<f64>>,
}

/// The number of outcome sequences that end in each leaf of `graph`, which must be binary.
#[must_use]
pub fn leaf_weights(graph: &Graph) -> Weights {
    let nodes = graph.nodes().len();
    match sequences(graph, |_| false) {
        Weights::Integer(mut all) => Weights::Integer(all.split_off(nodes)),
        Weights::Float(mut all) => Weights::Float(all.split_off(nodes)),
    }
}

/// As [`leaf_weights`], rounded, for a graph that may toss coins but does not watch moderate toxicities: each sequence counts as the
/// probability of the coins it takes.
pub(super) fn coined_leaf_weights(graph: &Graph) -> Vec<f64> {
    let Some(coin) = graph.coin() else { return leaf_weights(graph).rounded() };
    let side = |heads: bool| if heads { coin } else { 1.0 - coin };
    let factor = |_, arrival: Arrival| binomial(arrival.cohort.patients, arrival.dlts) as f64 * side(arrival.heads);
    forward(graph, 1.0, factor, |_| false).split_off(graph.nodes().len())
}

/// The number of outcome sequences that lead to each situation of `graph`, rounded where it is large. Sequences are not carried
/// on beyond the nodes for which `ends` holds.
pub(super) fn ways(graph: &Graph, ends: impl Fn(usize) -> bool) -> Vec<f64> {
    sequences(graph, ends).rounded()
}

fn sequences(graph: &Graph, ends: impl Fn(usize) -> bool) -> Weights {
    if graph.max_patients() <= INTEGER_PATIENTS {
        Weights::Integer(forward(graph, 1u128, |_, arrival| binomial(arrival.cohort.patients, arrival.dlts), ends))
    } else {
        Weights::Float(forward(graph, 1.0, |_, arrival| binomial(arrival.cohort.patients, arrival.dlts) as f64, ends))
    }
}

impl Weights {
    fn rounded(self) -> Vec<f64> {
        match self {
            Self::Integer(weights) => weights.into_iter().map(|weight| weight as f64).collect(),
            Self::Float(weights) => weights,
        }
    }
}

/// The probability of each leaf of `graph` under a truth, carried forward through the graph situation by situation: for binary
/// graphs the second way to the numbers of [`Exact::probabilities`], for others the only one.
#[must_use]
pub fn forward_probabilities<'a>(graph: &Graph, truth: impl Into<Truth<'a>>) -> Vec<f64> {
    let (truth, coin) = (truth.into(), graph.coin());
    let factor = |fork: Fork, arrival: Arrival| probability(fork, arrival, truth, coin);
    forward(graph, 1.0, factor, |_| false).split_off(graph.nodes().len())
}

/// The probability of an arrival, its cohort being enrolled; `coin` is that of heads.
pub(super) fn probability(fork: Fork, arrival: Arrival, truth: Truth<'_>, coin: Option<f64>) -> f64 {
    let Arrival { cohort: Cohort { patients, .. }, dlts, moderate, heads } = arrival;
    let (p, level) = (truth.toxicity[arrival.level()], arrival.level());
    let without = patients - dlts;
    let of_dlts = binomial(patients, dlts) as f64 * power(p, dlts);
    let of_patients = if fork.watches_moderate {
        let q = truth.moderate_at(level);
        // Where every patient has a toxicity, rounding must not make the rest negative.
        let none = (1.0 - p - q).max(0.0);
        of_dlts * binomial(without, moderate) as f64 * power(q, moderate) * power(none, without - moderate)
    } else {
        of_dlts * power(1.0 - p, without)
    };
    match coin {
        Some(coin) if heads => of_patients * coin,
        Some(coin) => of_patients * (1.0 - coin),
        None => of_patients,
    }
}

/// Carry `one` from the start of the trial to every situation, multiplied at each outcome of a cohort by `factor(fork, arrival)`,
/// but not beyond the nodes for which `ends` holds.
fn forward<T>(graph: &Graph, one: T, factor: impl Fn(Fork, Arrival) -> T, ends: impl Fn(usize) -> bool) -> Vec<T>
where
    T: Copy + Default + std::ops::AddAssign + std::ops::Mul<Output = T>,
{
    let mut mass = vec![T::default(); graph.situations()];
    mass[0] = one;
    for node in (0..graph.nodes().len()).filter(|&node| !ends(node)) {
        let (here, fork) = (mass[node], graph.fork(node));
        for (arrival, child) in graph.outcomes(node) {
            mass[child as usize] += here * factor(fork, arrival);
        }
    }
    mass
}

impl<'g> Exact<'g> {
    /// Make `graph` ready.
    #[must_use]
    pub fn new(graph: &'g Graph) -> Self {
        Self { graph, formula: graph.is_binary().then(|| Formula::new(graph)), weights: OnceLock::new() }
    }

    /// The marginal distributions under `truth`.
    pub(super) fn marginals(&self, truth: Truth<'_>) -> Marginals<'_> {
        let Some(formula) = &self.formula else { return self.marginals_of_leaves(truth) };
        let mut workspace = formula.workspace();
        formula.evaluate(&[truth], &mut workspace);
        Marginals::new(formula.aspects(), workspace.marginals(0))
    }

    /// What `look(index, marginals)` finds in the marginal distributions under each of `truths`, in parallel on the current thread
    /// pool. It looks while they are in the nearest memory.
    pub(super) fn marginals_for_curves<'a, T: Send>(
        &'a self,
        truths: &[Truth<'_>],
        look: impl Fn(usize, Marginals<'a>) -> T + Sync,
    ) -> Vec<T> {
        let Some(formula) = &self.formula else {
            return truths.par_iter().enumerate().map(|(index, &truth)| look(index, self.marginals_of_leaves(truth))).collect();
        };
        let evaluate = |workspace: &mut Workspace, (block, truths): (usize, &[Truth<'_>])| -> Vec<T> {
            formula.evaluate(truths, workspace);
            let marginals = |lane| Marginals::new(formula.aspects(), workspace.marginals(lane));
            (0..truths.len()).map(|lane| look(block * WIDTH + lane, marginals(lane))).collect()
        };
        let blocks = truths.par_chunks(WIDTH).enumerate().map_init(|| formula.workspace(), evaluate);
        blocks.flatten_iter().collect()
    }

    /// The probability under `truth` of each number of patients at `levels` together, bits as in [`Outcome::selected`], ascending.
    pub(super) fn patients_at(&self, levels: u16, truth: Truth<'_>) -> Vec<(usize, f64)> {
        match &self.formula {
            Some(formula) => added_up(levels, formula.allocations(truth).iter().map(|(patients, mass)| (patients, *mass))),
            None => {
                let leaves = self.graph.leaves().iter().zip(forward_probabilities(self.graph, truth));
                added_up(levels, leaves.map(|(leaf, mass)| (leaf.counts.all_patients(), mass)))
            }
        }
    }

    /// The marginal distributions under `truth`, from the probability of every leaf.
    fn marginals_of_leaves(&self, truth: Truth<'_>) -> Marginals<'_> {
        let leaves = self.graph.leaves().iter().zip(forward_probabilities(self.graph, truth));
        Marginals::of(leaves, self.graph.levels(), 1.0)
    }

    /// The compiled rule.
    #[must_use]
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// The probability of the leaves `within` as an exact rational number, the toxicities of `curve` taken as the decimals
    /// written. `None` when the weights are not whole numbers, or the graph is not binary.
    #[must_use]
    pub fn rational(&self, curve: &[f64], within: impl Fn(&Outcome) -> bool) -> Option<BigRational> {
        if !self.graph.is_binary() {
            return None;
        }
        let Weights::Integer(weights) = leaf_weights(self.graph) else { return None };
        let powers = |base: BigRational| -> Vec<BigRational> {
            std::iter::successors(Some(BigRational::one()), |power| Some(power * &base))
                .take(self.graph.max_patients() + 1)
                .collect()
        };
        let dlt: Vec<_> = curve.iter().map(|&p| powers(decimal(p))).collect();
        let none: Vec<_> = curve.iter().map(|&p| powers(BigRational::one() - decimal(p))).collect();
        let leaves = self.graph.leaves().iter().zip(weights).filter(|(leaf, _)| within(leaf));
        Some(leaves.fold(BigRational::zero(), |sum, (leaf, weight)| {
            sum + (0..self.graph.levels()).fold(BigRational::from_integer(BigInt::from(weight)), |product, level| {
                let (patients, dlts) = (leaf.counts.patients(level), leaf.counts.dlts(level));
                product * &dlt[level][dlts] * &none[level][patients - dlts]
            })
        }))
    }

    /// The probability of each leaf under a truth.
    #[must_use]
    pub fn probabilities<'a>(&self, truth: impl Into<Truth<'a>>) -> Vec<f64> {
        let truth = truth.into();
        if !self.graph.is_binary() {
            return forward_probabilities(self.graph, truth);
        }
        let levels = self.graph.levels();
        let powers = Powers::new(&truth.toxicity[..levels], self.graph.max_patients());
        let weights = self.weights.get_or_init(|| leaf_weights(self.graph).rounded());
        let leaves = self.graph.leaves().iter().zip(weights);
        leaves
            .map(|(leaf, weight)| {
                (0..levels).fold(*weight, |product, level| {
                    product * powers.term(level, leaf.counts.patients(level), leaf.counts.dlts(level))
                })
            })
            .collect()
    }
}

/// The mass of each number of patients at `levels` together that has one, ascending.
pub(super) fn added_up<'p>(levels: u16, masses: impl Iterator<Item = (&'p [u8; MAX_LEVELS], f64)>) -> Vec<(usize, f64)> {
    let mut sums = [0.0; MAX_PATIENTS + 1];
    for (patients, mass) in masses {
        let own = patients.iter().enumerate().filter(|(level, _)| levels & Outcome::selection(Some(*level)) != 0);
        sums[own.map(|(_, &patients)| usize::from(patients)).sum::<usize>().min(MAX_PATIENTS)] += mass;
    }
    sums.into_iter().enumerate().filter(|(_, mass)| *mass > 0.0).collect()
}

/// p^y and (1-p)^m for every level, y and m up to the number of patients.
struct Powers {
    stride: usize,
    dlt: Vec<f64>,
    none: Vec<f64>,
}

impl Powers {
    fn new(curve: &[f64], max_patients: usize) -> Self {
        let table = |base: &dyn Fn(f64) -> f64| {
            curve
                .iter()
                .flat_map(|&p| {
                    let factor = base(p);
                    std::iter::successors(Some(1.0), move |power| Some(power * factor)).take(max_patients + 1)
                })
                .collect()
        };
        Self { stride: max_patients + 1, dlt: table(&|p| p), none: table(&|p| 1.0 - p) }
    }

    #[inline]
    fn term(&self, level: usize, patients: usize, dlts: usize) -> f64 {
        let row = level * self.stride;
        self.dlt[row + dlts] * self.none[row + patients - dlts]
    }
}

/// `base` to a small whole power.
pub(super) fn power(base: f64, exponent: u8) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}

/// The number of ways to choose `k` of `n`, by the multiplicative formula, which stays whole at every step. A cohort has at most
/// 30 patients, so it fits.
pub(super) fn binomial(n: u8, k: u8) -> u128 {
    (1..=u128::from(k.min(n - k))).fold(1, |product, i| product * (u128::from(n) + 1 - i) / i)
}

#[cfg(test)]
mod tests {
    use super::binomial;

    #[test]
    fn binomial_coefficients() {
        assert_eq!([binomial(3, 0), binomial(3, 1), binomial(3, 2), binomial(3, 3)], [1, 3, 3, 1]);
        assert_eq!(binomial(30, 15), 155_117_520);
    }
}
