//! Differences of a design against the reference, on the same simulated patients where they are simulated.

use super::means::Means;
use super::metric::{OutcomeMetric, Truth};
use super::summary::{Influences, Yardstick, mean, value};
use super::{Characteristic, Difference, Source, Summary};
use crate::engine::Distribution;
use crate::trial::Outcome;

/// Half the width of a 95 % interval in standard errors: the normal quantile of 0.975.
const INTERVAL: f64 = 1.959_963_984_540_054;

/// A standard error and the limits of the 95 % interval around a difference.
pub(super) fn interval(difference: f64, std_error: f64) -> (f64, f64, f64) {
    (std_error, difference - INTERVAL * std_error, difference + INTERVAL * std_error)
}

/// The standard error of the difference of two numbers, as if the designs were simulated apart.
fn error_apart(own: &Characteristic, other: &Characteristic) -> f64 {
    // An exact number does not vary.
    let error = |found: &Characteristic| found.std_error.unwrap_or(0.0);
    libm::hypot(error(own), error(other))
}

/// The differences of two exactly evaluated designs, in every characteristic that both have.
#[must_use]
pub fn exact_differences(summary: &Summary, reference: &Summary) -> Vec<Difference> {
    let difference = |own: &Characteristic| {
        let other = reference.get(own.metric)?;
        let difference = own.value - other.value;
        let (source, error) = match (own.std_error, other.std_error) {
            (None, None) => (Source::Exact, None),
            // Durations that were simulated beside exact outcomes.
            _ => (Source::MonteCarlo, Some(interval(difference, error_apart(own, other)))),
        };
        Some(Difference { metric: own.metric, source, difference, error })
    };
    summary.characteristics.iter().filter_map(difference).collect()
}

/// The differences of a design against the reference from replicates of both on the same patients, built in two steps: the
/// estimates of each from its own replicates, then [`PairedSums`] over pairs of trials for their errors.
#[derive(Debug)]
pub struct Pairing<'a> {
    truth: Truth,
    metrics: Vec<OutcomeMetric>,
    own: Side<'a>,
    reference: Side<'a>,
}

/// One design of a pair: its estimates, and by how much its trials move them.
#[derive(Debug)]
pub(super) struct Side<'a> {
    outcomes: &'a [Outcome],
    values: Vec<f64>,
    patients: f64,
    /// A row of influences for each of the first [`TABULATED`] outcomes that occurred.
    rows: Vec<f64>,
    /// Which row belongs to an outcome; [`NO_ROW`]: none.
    row_of: Vec<u32>,
}

/// The most outcomes of a design whose influences are tabulated: a few dozen numbers each. Those of others are worked out for each
/// trial.
const TABULATED: usize = 1 << 16;

const NO_ROW: u32 = u32::MAX;

/// Sums over pairs of trials of the squared difference of their influences, per metric of a [`Pairing`].
#[derive(Clone, Debug, Default)]
pub struct PairedSums {
    squares: Vec<f64>,
    pairs: u64,
    /// The influences of the trials of a pair that are not tabulated.
    scratch: [Vec<f64>; 2],
}

impl<'a> Pairing<'a> {
    /// A pairing of two designs under one scenario, from the replicates of each. They share the metrics that both have.
    #[must_use]
    pub fn new(own: (&'a Distribution<'_>, &Yardstick<'_>), reference: (&'a Distribution<'_>, &Yardstick<'_>)) -> Self {
        let truth = Truth::new(own.1.scenario, own.1.target);
        let others = truth.metrics(reference.1.benchmark);
        let metrics: Vec<OutcomeMetric> =
            truth.metrics(own.1.benchmark).into_iter().filter(|metric| others.contains(metric)).collect();
        let side = |distribution| Side::new(distribution, &truth, &metrics);
        let (own, reference) = (side(own.0), side(reference.0));
        Self { truth, metrics, own, reference }
    }

    /// Sums over no pairs yet.
    #[must_use]
    pub fn no_sums(&self) -> PairedSums {
        let zeros = || vec![0.0; self.metrics.len()];
        PairedSums { squares: zeros(), pairs: 0, scratch: [zeros(), zeros()] }
    }

    /// Add how the trials of one replicate ended under the two designs: the numbers of their outcomes, in the order of each
    /// distribution.
    #[inline]
    pub fn add(&self, sums: &mut PairedSums, own: usize, reference: usize) {
        let PairedSums { squares, pairs, scratch: [first, second] } = sums;
        let own = self.own.row(&self.truth, &self.metrics, own, first);
        let reference = self.reference.row(&self.truth, &self.metrics, reference, second);
        for ((sum, own), reference) in squares.iter_mut().zip(own).zip(reference) {
            let difference = own - reference;
            *sum += difference * difference;
        }
        *pairs += 1;
    }

    /// The differences in every characteristic that both summaries of the replicates have. Quantiles are no means over trials, and
    /// durations no matter of outcomes: their errors are combined as if the designs were simulated apart, which is cautious.
    #[must_use]
    pub fn differences(&self, sums: &PairedSums, own: &Summary, reference: &Summary) -> Vec<Difference> {
        let pairs = sums.pairs as f64;
        let difference = |own: &Characteristic| {
            let other = reference.get(own.metric)?;
            let paired = self.metrics.iter().position(|metric| metric.metric() == own.metric);
            let std_error = match paired {
                Some(index) => (sums.squares[index] / pairs / pairs).sqrt(),
                None => error_apart(own, other),
            };
            let difference = own.value - other.value;
            let error = Some(interval(difference, std_error));
            Some(Difference { metric: own.metric, source: Source::MonteCarlo, difference, error })
        };
        own.characteristics.iter().filter_map(difference).collect()
    }
}

impl<'a> Side<'a> {
    pub(super) fn new(distribution: &'a Distribution<'_>, truth: &Truth, metrics: &[OutcomeMetric]) -> Self {
        let outcomes = distribution.outcomes();
        let means = Means::new(distribution, truth);
        let values = metrics.iter().map(|&metric| value(truth, metric, &means)).collect();
        let patients = mean(distribution, |outcome| outcome.counts.total_patients() as f64);
        let mut side = Self { outcomes, values, patients, rows: Vec::new(), row_of: vec![NO_ROW; outcomes.len()] };
        let occurred = distribution.probabilities().enumerate().filter(|(_, (_, probability))| *probability > 0.0);
        for (row, (number, (outcome, _))) in (0..).zip(occurred.take(TABULATED)) {
            let influences = Influences { truth, metrics, values: &side.values, patients };
            side.rows.extend(influences.of(outcome));
            side.row_of[number] = row;
        }
        side
    }

    /// The outcomes that trials can have, by their numbers.
    pub(super) fn outcomes(&self) -> &'a [Outcome] {
        self.outcomes
    }

    /// The influences of a trial that ended in the outcome with this number, on each of `metrics`.
    #[inline]
    pub(super) fn row<'s>(
        &'s self,
        truth: &Truth,
        metrics: &[OutcomeMetric],
        number: usize,
        scratch: &'s mut [f64],
    ) -> &'s [f64] {
        match self.row_of[number] {
            NO_ROW => {
                let influences = Influences { truth, metrics, values: &self.values, patients: self.patients };
                scratch.iter_mut().zip(influences.of(&self.outcomes[number])).for_each(|(own, influence)| *own = influence);
                scratch
            }
            row => &self.rows[row as usize * metrics.len()..][..metrics.len()],
        }
    }
}

impl PairedSums {
    /// Add the sums over other pairs, in whatever order the caller keeps fixed.
    pub fn merge(&mut self, other: &Self) {
        self.squares.iter_mut().zip(&other.squares).for_each(|(sum, other)| *sum += other);
        self.pairs += other.pairs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Plan;
    use crate::engine::{Monitor, Replicates, Walker, compile};
    use crate::study::Study;

    const STUDY: &str = "
        name = \"test\"
        target = 0.25
        doses = { levels = [1, 2, 3] }
        [[scenario]]
        name = \"s\"
        toxicity = [0.1, 0.25, 0.4]
        [[design]]
        name = \"a\"
        method = \"boin\"
        max_patients = 12
        [[design]]
        name = \"b\"
        method = \"3+3\"
    ";

    /// What is tabulated is what is worked out for a trial: the sums over all pairs of outcomes are the same, to the last bit, and
    /// so are those of a design that is walked without its graph.
    #[test]
    fn tabulated_influences_are_those_of_each_trial() {
        let study = Study::from_text("test.toml", STUDY).unwrap().0;
        let rules = study.designs.iter().map(|design| match &design.plan {
            Plan::Rule(rule) => rule.as_ref(),
            Plan::LateOnset(_) | Plan::Benchmark(_) => panic!("not a rule"),
        });
        let rules: Vec<_> = rules.collect();
        let graphs = [0, 1].map(|design| compile(rules[design], 1 << 20, &Monitor::default()).unwrap());
        let walkers = [Walker::Graph(&graphs[0]), Walker::Graph(&graphs[1]), Walker::Rule(rules[0])];
        let runs = Replicates { walkers: &walkers, curves: &[study.scenarios[0].truth()], seed: 1, replicates: 2000 };
        let tallies = runs.tally(&Monitor::default()).unwrap().remove(0);
        let found: Vec<_> = walkers.iter().zip(tallies).map(|(walker, tally)| Distribution::replicates(walker, tally)).collect();
        let yardstick = Yardstick { scenario: &study.scenarios[0], target: &study.target, timing: None, benchmark: false };
        let pairing = |own| Pairing::new((own, &yardstick), (&found[1], &yardstick));
        let (tabulated, mut worked_out, without_graph) = (pairing(&found[0]), pairing(&found[0]), pairing(&found[2]));
        assert!(tabulated.own.row_of.iter().any(|row| *row != NO_ROW));
        worked_out.own.row_of.fill(NO_ROW);
        worked_out.reference.row_of.fill(NO_ROW);
        let sums = |pairing: &Pairing<'_>, own: usize| {
            let mut sums = pairing.no_sums();
            let spans = runs.visit_in_order(
                &Monitor::default(),
                || pairing.no_sums(),
                |sums, _, ends| {
                    let own = ends[own].numbers(found[own].outcomes());
                    own.zip(ends[1].numbers(found[1].outcomes())).for_each(|(own, reference)| pairing.add(sums, own, reference));
                },
            );
            spans.unwrap().iter().for_each(|span| sums.merge(span));
            (sums.squares, sums.pairs)
        };
        let expected = sums(&worked_out, 0);
        assert_eq!(expected.1, 2000);
        assert!(expected.0.iter().filter(|sum| **sum > 0.0).count() > 20);
        assert_eq!(sums(&tabulated, 0), expected);
        for (sum, expected) in sums(&without_graph, 2).0.iter().zip(expected.0) {
            assert!((sum - expected).abs() <= 1e-12 * expected, "{sum} {expected}");
        }
    }
}
