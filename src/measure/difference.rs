//! Differences of a design against the reference, on the same simulated patients where they are simulated.

use super::metric::{Metric, Truth};
use super::summary::{Yardstick, estimate, influence, mean};
use super::{Characteristic, Difference, Source, Summary};
use crate::engine::Distribution;
use crate::trial::Outcome;

/// Half the width of a 95 % interval in standard errors: the normal quantile of 0.975.
const INTERVAL: f64 = 1.959_963_984_540_054;

/// The differences of two exactly evaluated designs, in every characteristic that both have.
#[must_use]
pub fn exact_differences(summary: &Summary, reference: &Summary) -> Vec<Difference> {
    let difference = |own: &Characteristic| {
        let other = reference.get(own.metric, own.level)?;
        Some(Difference {
            metric: own.metric,
            level: own.level,
            source: Source::Exact,
            difference: own.value - other.value,
            error: None,
        })
    };
    summary.characteristics.iter().filter_map(difference).collect()
}

/// The differences of a design against the reference from replicates of both on the same patients, built in two steps: the
/// estimates of each from its own replicates, then [`PairedSums`] over pairs of trials for their errors.
#[derive(Debug)]
pub struct Pairing {
    truth: Truth,
    metrics: Vec<Metric>,
    own: Side,
    reference: Side,
}

/// The estimates of one design of a pair.
#[derive(Debug)]
struct Side {
    values: Vec<f64>,
    patients: f64,
}

/// Sums over pairs of trials of the squared difference of their influences, per metric of a [`Pairing`].
#[derive(Clone, Debug, Default)]
pub struct PairedSums {
    squares: Vec<f64>,
    pairs: u64,
}

impl Pairing {
    /// A pairing of two designs under one scenario, from the replicates of each. They share the metrics that both have.
    #[must_use]
    pub fn new(own: (&Distribution<'_>, &Yardstick<'_>), reference: (&Distribution<'_>, &Yardstick<'_>)) -> Self {
        let truth = Truth::new(own.1.scenario, own.1.target);
        let others = truth.metrics(reference.1.benchmark);
        let metrics: Vec<Metric> = truth.metrics(own.1.benchmark).into_iter().filter(|metric| others.contains(metric)).collect();
        let side = |distribution: &Distribution<'_>| Side {
            values: metrics.iter().map(|&metric| estimate(distribution, &truth, metric).value).collect(),
            patients: mean(distribution, |outcome| outcome.counts.total_patients() as f64),
        };
        let (own, reference) = (side(own.0), side(reference.0));
        Self { truth, metrics, own, reference }
    }

    /// Sums over no pairs yet.
    #[must_use]
    pub fn no_sums(&self) -> PairedSums {
        PairedSums { squares: vec![0.0; self.metrics.len()], pairs: 0 }
    }

    /// Add how the trials of one replicate ended under the two designs.
    pub fn add(&self, sums: &mut PairedSums, own: &Outcome, reference: &Outcome) {
        for (index, &metric) in self.metrics.iter().enumerate() {
            let moved = |side: &Side, outcome| influence(&self.truth, metric, outcome, side.values[index], side.patients);
            sums.squares[index] += (moved(&self.own, own) - moved(&self.reference, reference)).powi(2);
        }
        sums.pairs += 1;
    }

    /// The differences in every characteristic that both summaries of the replicates have. Quantiles and durations are no means
    /// over trials: their errors are combined as if the designs were simulated apart, which is cautious.
    #[must_use]
    pub fn differences(&self, sums: &PairedSums, own: &Summary, reference: &Summary) -> Vec<Difference> {
        let pairs = sums.pairs as f64;
        let difference = |own: &Characteristic| {
            let other = reference.get(own.metric, own.level)?;
            let paired = self.metrics.iter().position(|metric| metric.key() == own.metric && metric.level() == own.level);
            let std_error = match paired {
                Some(index) => (sums.squares[index] / pairs / pairs).sqrt(),
                None => libm::hypot(own.std_error.unwrap_or(0.0), other.std_error.unwrap_or(0.0)),
            };
            let difference = own.value - other.value;
            let error = Some((std_error, difference - INTERVAL * std_error, difference + INTERVAL * std_error));
            Some(Difference { metric: own.metric, level: own.level, source: Source::MonteCarlo, difference, error })
        };
        own.characteristics.iter().filter_map(difference).collect()
    }
}

impl PairedSums {
    /// Add the sums over other pairs, in whatever order the caller keeps fixed.
    pub fn merge(&mut self, other: &Self) {
        self.squares.iter_mut().zip(&other.squares).for_each(|(sum, other)| *sum += other);
        self.pairs += other.pairs;
    }
}
