//! What both engines end in: a distribution over outcomes.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::exact::Exact;
use super::marginals::Marginals;
use super::replicates::{Tally, Walker, benchmark_outcome};
use crate::design::benchmark::Benchmark;
use crate::trial::Outcome;
use num_rational::BigRational;

/// How much is known about each outcome.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// Its exact probability.
    Exact(Vec<f64>),
    /// How many replicates ended in it.
    Replicates(Vec<u64>),
}

/// Outcomes of a trial with the evidence for each, and the marginal distributions that operating characteristics follow from.
#[derive(Clone, Debug)]
pub struct Distribution<'a> {
    outcomes: Cow<'a, [Outcome]>,
    marginals: Marginals<'a>,
    /// Found out when somebody asks for it, where it comes from a compiled rule and its curve.
    evidence: OnceLock<Evidence>,
    compiled: Option<(&'a Exact<'a>, &'a [f64])>,
    replicates: Option<u64>,
}

impl<'a> Distribution<'a> {
    /// The exact distribution of a compiled rule under `curve`, the DLT probability of each level.
    #[must_use]
    pub fn exact(exact: &'a Exact<'a>, curve: &'a [f64]) -> Self {
        Self::compiled(exact, curve, exact.marginals(curve))
    }

    /// The exact distributions of a compiled rule under many curves, in their order: the same as one by one, in a fraction of the
    /// time. Parallel on the current thread pool.
    #[must_use]
    pub fn exact_for_curves(exact: &'a Exact<'a>, curves: &[&'a [f64]]) -> Vec<Self> {
        let marginals = exact.marginals_for_curves(curves).into_iter();
        marginals.zip(curves).map(|(marginals, curve)| Self::compiled(exact, curve, marginals)).collect()
    }

    fn compiled(exact: &'a Exact<'a>, curve: &'a [f64], marginals: Marginals<'a>) -> Self {
        Self {
            outcomes: Cow::Borrowed(exact.graph().leaves()),
            marginals,
            evidence: OnceLock::new(),
            compiled: Some((exact, curve)),
            replicates: None,
        }
    }

    /// The exact distribution of the benchmark under `curve`.
    #[must_use]
    pub fn benchmark(benchmark: &Benchmark, curve: &[f64]) -> Self {
        let (outcomes, probabilities): (Vec<Outcome>, Vec<f64>) =
            benchmark.distribution(curve).into_iter().map(|(selected, p)| (benchmark_outcome(selected), p)).unzip();
        let marginals = Marginals::of(outcomes.iter().zip(probabilities.iter().copied()), benchmark.levels(), 1.0);
        let evidence = Evidence::Exact(probabilities).into();
        Self { outcomes: Cow::Owned(outcomes), marginals, evidence, compiled: None, replicates: None }
    }

    /// The distribution that replicates of `walker` found.
    #[must_use]
    pub fn replicates(walker: &Walker<'a>, tally: Tally) -> Self {
        let (outcomes, counts) = match (walker, tally) {
            (Walker::Graph(graph), Tally::Leaves(counts)) => (Cow::Borrowed(graph.leaves()), counts),
            (_, Tally::Leaves(_)) => (Cow::Owned(Vec::new()), Vec::new()),
            (_, Tally::Outcomes(counts)) => {
                let (outcomes, counts) = counts.into_iter().unzip();
                (Cow::Owned(outcomes), counts)
            }
        };
        let replicates = counts.iter().sum();
        let levels = match walker {
            Walker::Graph(graph) => graph.levels(),
            Walker::Rule(rule) => rule.levels(),
            Walker::Benchmark(benchmark) => benchmark.levels(),
        };
        let occurred = outcomes.iter().zip(counts.iter().map(|&count| count as f64));
        let marginals = Marginals::of(occurred, levels, replicates as f64);
        let evidence = Evidence::Replicates(counts).into();
        Self { outcomes, marginals, evidence, compiled: None, replicates: Some(replicates) }
    }

    /// The outcomes.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The evidence, one entry per outcome.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        self.evidence
            .get_or_init(|| Evidence::Exact(self.compiled.map_or_else(Vec::new, |(exact, curve)| exact.probabilities(curve))))
    }

    /// The marginal distributions.
    #[must_use]
    pub fn marginals(&self) -> &Marginals<'a> {
        &self.marginals
    }

    /// The curve under which a compiled rule was evaluated, where that is where the distribution comes from.
    #[must_use]
    pub fn curve(&self) -> Option<&'a [f64]> {
        self.compiled.map(|(_, curve)| curve)
    }

    /// The probability of each outcome, known or estimated, in order.
    pub fn probabilities(&self) -> impl Iterator<Item = (&Outcome, f64)> {
        let evidence = self.evidence();
        let replicates = self.replicates.unwrap_or(1) as f64;
        self.outcomes.iter().enumerate().map(move |(index, outcome)| {
            let probability = match evidence {
                Evidence::Exact(probabilities) => probabilities[index],
                Evidence::Replicates(counts) => counts[index] as f64 / replicates,
            };
            (outcome, probability)
        })
    }

    /// The number of replicates, where the evidence is replicates.
    #[must_use]
    pub fn number_of_replicates(&self) -> Option<u64> {
        self.replicates
    }

    /// The probability of a set of outcomes as an exact rational number, toxicities taken as the decimals written. Slow: for
    /// comparisons that floating point leaves undecided. `None` where there is no such number.
    #[must_use]
    pub fn rational(&self, within: impl Fn(&Outcome) -> bool) -> Option<BigRational> {
        let (exact, curve) = self.compiled?;
        exact.rational(curve, within)
    }
}
