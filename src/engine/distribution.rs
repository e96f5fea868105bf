//! What both engines end in: a distribution over outcomes.

use std::borrow::Cow;

use super::exact::Exact;
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

/// Outcomes of a trial with the evidence for each.
#[derive(Clone, Debug)]
pub struct Distribution<'a> {
    outcomes: Cow<'a, [Outcome]>,
    evidence: Evidence,
    exact: Option<(&'a Exact<'a>, &'a [f64])>,
}

impl<'a> Distribution<'a> {
    /// The exact distribution of a compiled rule under `curve`.
    #[must_use]
    pub fn exact(exact: &'a Exact<'a>, curve: &'a [f64]) -> Self {
        let evidence = Evidence::Exact(exact.probabilities(curve));
        Self { outcomes: Cow::Borrowed(exact.graph().leaves()), evidence, exact: Some((exact, curve)) }
    }

    /// The exact distribution of the benchmark under `curve`.
    #[must_use]
    pub fn benchmark(benchmark: &Benchmark, curve: &[f64]) -> Self {
        let (outcomes, probabilities) =
            benchmark.distribution(curve).into_iter().map(|(selected, p)| (benchmark_outcome(selected), p)).unzip();
        Self { outcomes: Cow::Owned(outcomes), evidence: Evidence::Exact(probabilities), exact: None }
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
        Self { outcomes, evidence: Evidence::Replicates(counts), exact: None }
    }

    /// The outcomes.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The evidence, one entry per outcome.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The probability of each outcome, known or estimated, in order.
    pub fn probabilities(&self) -> impl Iterator<Item = (&Outcome, f64)> {
        let replicates = self.number_of_replicates().unwrap_or(1) as f64;
        self.outcomes.iter().enumerate().map(move |(index, outcome)| {
            let probability = match &self.evidence {
                Evidence::Exact(probabilities) => probabilities[index],
                Evidence::Replicates(counts) => counts[index] as f64 / replicates,
            };
            (outcome, probability)
        })
    }

    /// The number of replicates, where the evidence is replicates.
    #[must_use]
    pub fn number_of_replicates(&self) -> Option<u64> {
        match &self.evidence {
            Evidence::Exact(_) => None,
            Evidence::Replicates(counts) => Some(counts.iter().sum()),
        }
    }

    /// The probability of a set of outcomes as an exact rational number, toxicities taken as the decimals written. Slow: for
    /// comparisons that floating point leaves undecided. `None` where there is no such number.
    #[must_use]
    pub fn rational(&self, within: impl Fn(&Outcome) -> bool) -> Option<BigRational> {
        let (exact, curve) = self.exact?;
        exact.rational(curve, within)
    }
}
