//! What both engines end in: a distribution over outcomes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::calendar::{Calendar, CalendarTally, TimedRule};
use super::exact::{Exact, added_up};
use super::marginals::Marginals;
use super::replicates::{Tally, Walker, benchmark_outcome};
use crate::design::benchmark::Benchmark;
use crate::scenario::Truth;
use crate::trial::{Counts, NoDose, Outcome, StopReason};
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
    compiled: Option<(&'a Exact<'a>, Truth<'a>)>,
    replicates: Option<u64>,
    calendar: Option<CalendarTally>,
}

impl<'a> Distribution<'a> {
    /// The exact distribution of a compiled rule under a truth.
    #[must_use]
    pub fn exact(exact: &'a Exact<'a>, truth: impl Into<Truth<'a>>) -> Self {
        let truth = truth.into();
        Self::compiled(exact, truth, exact.marginals(truth))
    }

    /// What `look(index, distribution)` finds in the exact distribution of a compiled rule under each of many truths, in their
    /// order: the distributions are the same as one by one, in a fraction of the time. Parallel on the current thread pool.
    pub fn for_curves<T: Send>(exact: &'a Exact<'a>, truths: &[Truth<'a>], look: impl Fn(usize, &Self) -> T + Sync) -> Vec<T> {
        exact.marginals_for_curves(truths, |index, marginals| look(index, &Self::compiled(exact, truths[index], marginals)))
    }

    fn compiled(exact: &'a Exact<'a>, truth: Truth<'a>, marginals: Marginals<'a>) -> Self {
        Self {
            outcomes: Cow::Borrowed(exact.graph().leaves()),
            marginals,
            evidence: OnceLock::new(),
            compiled: Some((exact, truth)),
            replicates: None,
            calendar: None,
        }
    }

    /// The exact distribution of the benchmark under `curve`.
    #[must_use]
    pub fn benchmark(benchmark: &Benchmark, curve: &[f64]) -> Self {
        let (outcomes, probabilities): (Vec<Outcome>, Vec<f64>) =
            benchmark.distribution(curve).into_iter().map(|(selected, p)| (benchmark_outcome(selected), p)).unzip();
        let marginals = Marginals::of(outcomes.iter().zip(probabilities.iter().copied()), benchmark.levels(), 1.0);
        let evidence = Evidence::Exact(probabilities).into();
        Self { outcomes: Cow::Owned(outcomes), marginals, evidence, compiled: None, replicates: None, calendar: None }
    }

    /// The distribution that replicates of `walker` found.
    #[must_use]
    pub fn replicates(walker: &Walker<'a>, tally: Tally) -> Self {
        let graph = match walker {
            Walker::Graph(graph) | Walker::Calendar(Calendar { rule: TimedRule::Graph(graph), .. }) => Some(*graph),
            Walker::Rule(_) | Walker::Calendar(_) | Walker::Benchmark(_) => None,
        };
        let (tally, calendar) = match tally {
            Tally::Timed(tally, calendar) => (*tally, Some(calendar)),
            tally => (tally, None),
        };
        let (outcomes, counts) = match (graph, tally) {
            (Some(graph), Tally::Leaves(counts)) => (Cow::Borrowed(graph.leaves()), counts),
            (_, Tally::Outcomes(counts)) => apart(counts),
            // Leaves are those of a graph, and a calendar is of one tally.
            (_, Tally::Leaves(_) | Tally::Timed(..)) => (Cow::Owned(Vec::new()), Vec::new()),
        };
        let replicates = counts.iter().sum();
        let levels = match walker {
            Walker::Graph(graph) => graph.levels(),
            Walker::Rule(rule) => rule.levels(),
            Walker::Calendar(calendar) => calendar.levels(),
            Walker::Benchmark(benchmark) => benchmark.levels(),
        };
        let occurred = outcomes.iter().zip(counts.iter().map(|&count| count as f64));
        let marginals = Marginals::of(occurred, levels, replicates as f64);
        let evidence = Evidence::Replicates(counts).into();
        Self { outcomes, marginals, evidence, compiled: None, replicates: Some(replicates), calendar }
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
            .get_or_init(|| Evidence::Exact(self.compiled.map_or_else(Vec::new, |(exact, truth)| exact.probabilities(truth))))
    }

    /// The marginal distributions.
    #[must_use]
    pub fn marginals(&self) -> &Marginals<'a> {
        &self.marginals
    }

    /// The curve under which a compiled rule was evaluated, where that is where the distribution comes from.
    #[must_use]
    pub fn curve(&self) -> Option<&'a [f64]> {
        self.compiled.map(|(_, truth)| truth.toxicity)
    }

    /// When the trials ended, where they had a calendar.
    #[must_use]
    pub fn calendar(&self) -> Option<&CalendarTally> {
        self.calendar.as_ref()
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

    /// The probability of each number of patients at `levels` together, bits as in [`Outcome::selected`], ascending.
    #[must_use]
    pub fn patients_at(&self, levels: u16) -> Vec<(usize, f64)> {
        match self.compiled {
            Some((exact, truth)) => exact.patients_at(levels, truth),
            None => added_up(levels, self.probabilities().map(|(outcome, mass)| (outcome.counts.all_patients(), mass))),
        }
    }

    /// The probability of each cause for which a trial ends without a dose, for those with which it can. `lacks` says whether a level
    /// would have been selected after such counts if it had enough patients; `None` where none need have any.
    #[must_use]
    pub fn without_dose(&self, lacks: Option<&dyn Fn(&Counts) -> bool>) -> BTreeMap<NoDose, f64> {
        let mut causes = BTreeMap::new();
        for (reason, mass) in self.marginals.reasons_without_dose() {
            if lacks.is_none() || reason == StopReason::TooToxic {
                *causes.entry(NoDose::of(reason, || false)).or_insert(0.0) += mass;
            }
        }
        let Some(lacks) = lacks else { return causes };
        let is_open = |outcome: &Outcome| outcome.selects_none() && outcome.reason != StopReason::TooToxic;
        for (outcome, mass) in self.probabilities().filter(|(outcome, _)| is_open(outcome)) {
            *causes.entry(NoDose::of(outcome.reason, || lacks(&outcome.counts))).or_insert(0.0) += mass;
        }
        causes
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
        let (exact, truth) = self.compiled?;
        exact.rational(truth.toxicity, within)
    }
}

/// Outcomes and how often each occurred.
fn apart<'a>(counts: BTreeMap<Outcome, u64>) -> (Cow<'a, [Outcome]>, Vec<u64>) {
    let (outcomes, counts) = counts.into_iter().unzip();
    (Cow::Owned(outcomes), counts)
}
