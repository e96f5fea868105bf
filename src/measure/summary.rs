//! Operating characteristics of one design under one scenario, from its outcome distribution.

use std::collections::BTreeMap;

use super::duration::durations;
use super::metric::{Metric, Truth};
use super::{Characteristic, Source, Summary};
use crate::engine::{Distribution, Evidence};
use crate::numeric::exact::{decimal, ratio};
use crate::scenario::{Scenario, Target};
use crate::study::Timing;
use crate::trial::{Outcome, StopReason};
use num_rational::BigRational;

/// The levels of the contract's quantiles.
pub(super) const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// What is known about a design beside its outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Yardstick<'a> {
    /// The assumed truth.
    pub scenario: &'a Scenario,
    /// The target and the acceptable band.
    pub target: &'a Target,
    /// Calendar time, when the study has it.
    pub timing: Option<Timing>,
    /// Whether the design is the optimal benchmark, which has selection metrics alone.
    pub benchmark: bool,
}

/// An estimate with its standard error, `None` when it is exact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) std_error: Option<f64>,
}

/// The operating characteristics that a distribution shows.
#[must_use]
pub fn summarise(distribution: &Distribution<'_>, yardstick: &Yardstick<'_>) -> Summary {
    let truth = Truth::new(yardstick.scenario, yardstick.target);
    let source = if distribution.number_of_replicates().is_some() { Source::MonteCarlo } else { Source::Exact };
    let mut characteristics: Vec<Characteristic> = truth
        .metrics(yardstick.benchmark)
        .into_iter()
        .map(|metric| {
            let Estimate { value, std_error } = estimate(distribution, &truth, metric);
            Characteristic { metric: metric.key(), level: metric.level(), value, std_error }
        })
        .collect();
    if yardstick.benchmark {
        return Summary { source, characteristics, sample_size: vec![], dlt_count: vec![], stop_reasons: vec![] };
    }
    let sample_size = marginal(distribution, |outcome| outcome.counts.total_patients());
    let keys = ["total_patients_q05", "total_patients_q50", "total_patients_q95"];
    for (metric, level) in keys.into_iter().zip(QUANTILES) {
        let Estimate { value, std_error } = patients_quantile(distribution, &sample_size, level);
        characteristics.push(Characteristic { metric, level: None, value, std_error });
    }
    if let Some(timing) = yardstick.timing {
        characteristics.extend(durations(distribution, timing));
    }
    Summary {
        source,
        characteristics,
        dlt_count: marginal(distribution, |outcome| outcome.counts.total_dlts()),
        stop_reasons: stop_reasons(distribution),
        sample_size,
    }
}

/// The mean of a metric, or the ratio of its mean to that of patients, with its standard error.
pub(super) fn estimate(distribution: &Distribution<'_>, truth: &Truth, metric: Metric) -> Estimate {
    let numerator = mean(distribution, |outcome| truth.value(metric, outcome));
    let (value, patients) = if metric.is_share_of_patients() {
        let patients = mean(distribution, |outcome| outcome.counts.total_patients() as f64);
        (numerator / patients, patients)
    } else {
        (numerator, 1.0)
    };
    let influence = |outcome: &Outcome| influence(truth, metric, outcome, value, patients);
    Estimate { value, std_error: standard_error(distribution, influence) }
}

/// By how much one trial moves the estimate `value` of a metric, times the number of trials (delta method): its value less the
/// mean; for a ratio of means, what it adds to the numerator beyond `value` times its patients, over the mean of `patients`.
pub(super) fn influence(truth: &Truth, metric: Metric, outcome: &Outcome, value: f64, patients: f64) -> f64 {
    let own = truth.value(metric, outcome);
    if metric.is_share_of_patients() { (own - value * outcome.counts.total_patients() as f64) / patients } else { own - value }
}

/// The mean of a quantity over the distribution.
pub(super) fn mean(distribution: &Distribution<'_>, quantity: impl Fn(&Outcome) -> f64) -> f64 {
    distribution.probabilities().map(|(outcome, probability)| probability * quantity(outcome)).sum()
}

/// The standard error of a mean from the trials' influences; `None` when the distribution is exact.
pub(super) fn standard_error(distribution: &Distribution<'_>, influence: impl Fn(&Outcome) -> f64) -> Option<f64> {
    let replicates = distribution.number_of_replicates()?;
    let variance = mean(distribution, |outcome| influence(outcome).powi(2));
    Some((variance / replicates as f64).sqrt())
}

/// The distribution of a whole number.
fn marginal(distribution: &Distribution<'_>, quantity: impl Fn(&Outcome) -> usize) -> Vec<(usize, f64)> {
    let mut marginal: BTreeMap<usize, f64> = BTreeMap::new();
    for (outcome, probability) in distribution.probabilities() {
        *marginal.entry(quantity(outcome)).or_default() += probability;
    }
    marginal.into_iter().filter(|(_, probability)| *probability > 0.0).collect()
}

/// The probability of each stop reason that the design has.
fn stop_reasons(distribution: &Distribution<'_>) -> Vec<(&'static str, f64)> {
    let probability = |reason: StopReason| {
        let has = distribution.outcomes().iter().any(|outcome| outcome.reason == reason);
        has.then(|| (reason.word(), mean(distribution, |outcome| f64::from(u8::from(outcome.reason == reason)))))
    };
    StopReason::ALL.into_iter().filter_map(probability).collect()
}

/// The smallest number of patients n with P(N <= n) at least `level`, decided exactly; its standard error is half the distance
/// between the quantiles one standard error of P below and above (Woodruff, 1952).
fn patients_quantile(distribution: &Distribution<'_>, sample_size: &[(usize, f64)], level: f64) -> Estimate {
    let quantile = |level: f64| {
        let mut cumulative = 0.0;
        sample_size.iter().find_map(|(patients, probability)| {
            cumulative += probability;
            (cumulative >= level).then_some(*patients)
        })
    };
    let largest = sample_size.last().map_or(0, |(patients, _)| *patients);
    let std_error = distribution.number_of_replicates().map(|replicates| {
        let spread = (level * (1.0 - level) / replicates as f64).sqrt();
        let at = |level| quantile(level).unwrap_or(largest) as f64;
        (at(level + spread) - at(level - spread)) / 2.0
    });
    let exact_level = decimal(level);
    let mut cumulative = 0.0;
    let value = sample_size.iter().find_map(|&(patients, probability)| {
        cumulative += probability;
        let reached = match compare(distribution, patients, cumulative, level, &exact_level) {
            Some(reached) => reached,
            None => cumulative >= level,
        };
        reached.then_some(patients)
    });
    Estimate { value: value.unwrap_or(largest) as f64, std_error }
}

/// Whether P(N <= patients) is at least `level`, where the floating-point `cumulative` is too close to it to tell.
fn compare(
    distribution: &Distribution<'_>,
    patients: usize,
    cumulative: f64,
    level: f64,
    exact_level: &BigRational,
) -> Option<bool> {
    // Sums of probabilities are good to about 1e-15 a term; ties happen at whole fractions only.
    if (cumulative - level).abs() > 1e-9 {
        return None;
    }
    let within = |outcome: &Outcome| outcome.counts.total_patients() <= patients;
    match distribution.evidence() {
        Evidence::Exact(_) => Some(distribution.rational(within)? >= *exact_level),
        Evidence::Replicates(counts) => {
            let within: u64 = distribution.outcomes().iter().zip(counts).filter(|(o, _)| within(o)).map(|(_, count)| count).sum();
            Some(ratio(within as usize, distribution.number_of_replicates()? as usize) >= *exact_level)
        }
    }
}
