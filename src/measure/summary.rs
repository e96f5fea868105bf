//! Operating characteristics of one design under one scenario, from its outcome distribution.

use super::duration::{Schedule, durations, late_dlts};
use super::means::Means;
use super::metric::{OutcomeMetric, Quantities, Trial, Truth};
use super::{Characteristic, Ending, Metric, Quantile, Source, Summary};
use crate::engine::{Distribution, Evidence, Exact};
use crate::numeric::exact::{decimal, ratio};
use crate::scenario::{Scenario, Target};
use crate::trial::{Counts, MAX_PATIENTS, Outcome};

/// What is known about a design beside its outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Yardstick<'a> {
    /// The assumed truth.
    pub scenario: &'a Scenario,
    /// The target and the acceptable band.
    pub target: &'a Target,
    /// Calendar time, when the study has it.
    pub timing: Option<Schedule<'a>>,
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
    let means = Means::new(distribution, &truth);
    let source = if distribution.number_of_replicates().is_some() { Source::MonteCarlo } else { Source::Exact };
    let metrics = truth.metrics(yardstick.benchmark);
    // Room for no more than there will be: of many curves, the memory is what takes the time.
    let of_calendar = if yardstick.timing.is_some() { OF_CALENDAR } else { 0 };
    let mut characteristics = Vec::with_capacity(metrics.len() + Quantile::ALL.len() + of_calendar);
    characteristics.extend(metrics.iter().map(|&metric| {
        let value = value(&truth, metric, &means);
        Characteristic { metric: metric.metric(), value, std_error: None }
    }));
    if let Some(replicates) = distribution.number_of_replicates() {
        let values: Vec<f64> = characteristics.iter().map(|found| found.value).collect();
        let influences = Influences { truth: &truth, metrics: &metrics, values: &values, patients: means.total_patients() };
        for (found, variance) in characteristics.iter_mut().zip(influences.variances(distribution)) {
            found.std_error = Some((variance / replicates as f64).sqrt());
        }
    }
    if yardstick.benchmark {
        return Summary { source, characteristics, ..Summary::empty() };
    }
    let sample_size = sample_size(distribution);
    for quantile in Quantile::ALL {
        let patients = |outcome: &Outcome| outcome.counts.total_patients();
        let Estimate { value, std_error } = patients_quantile(distribution, &sample_size, quantile.probability(), patients);
        characteristics.push(Characteristic { metric: Metric::TotalPatientsQuantile(quantile), value, std_error });
    }
    if let Some(schedule) = yardstick.timing {
        let accrual = yardstick.scenario.accrual(schedule.timing);
        characteristics.extend(durations(distribution, schedule, accrual));
        characteristics.extend(late_dlts(distribution, &yardstick.scenario.toxicity, schedule.timing));
    }
    Summary {
        source,
        characteristics,
        dlt_count: dlt_count(distribution),
        stop_reasons: endings(distribution),
        sample_size,
        no_selection: vec![],
    }
}

/// Add to a summary what takes a look at the trials one by one: why they end without a dose, and how many patients the unluckiest trials
/// treat at levels that are too toxic. `lacks` is as in [`Distribution::without_dose`].
pub fn complete(
    summary: &mut Summary,
    distribution: &Distribution<'_>,
    yardstick: &Yardstick<'_>,
    lacks: Option<&dyn Fn(&Counts) -> bool>,
) {
    if yardstick.benchmark {
        return;
    }
    summary.no_selection = distribution.without_dose(lacks).into_iter().collect();
    let truth = Truth::new(yardstick.scenario, yardstick.target);
    if let Some(place) = summary.characteristics.iter().position(|found| found.metric == Metric::PatientsTooToxic) {
        let sizes = distribution.patients_at(truth.too_toxic());
        let patients = |outcome: &Outcome| truth.patients_too_toxic(&outcome.counts);
        let Estimate { value, std_error } = patients_quantile(distribution, &sizes, 0.95, patients);
        let quantile = Characteristic { metric: Metric::PatientsTooToxicQ95, value, std_error };
        summary.characteristics.insert(place + 1, quantile);
    }
}

/// How often trials end for each reason.
fn endings(distribution: &Distribution<'_>) -> Vec<Ending> {
    let marginals = distribution.marginals();
    let none = |reason| match marginals.reasons_without_dose().find(|(own, _)| *own == reason) {
        Some((_, none)) => none,
        // Every trial that can end for this reason selects a dose.
        None => 0.0,
    };
    marginals.reasons().map(|(reason, probability)| Ending { reason, probability, none: none(reason) }).collect()
}

/// The durations and late DLTs that follow metrics and quantiles, at most.
const OF_CALENDAR: usize = 8;

/// The operating characteristics of a compiled rule, exactly, under each of many scenarios: for each the same numbers as from
/// [`summarise`], in a fraction of the time. Parallel on the current thread pool.
#[must_use]
pub fn summarise_scenarios(
    exact: &Exact<'_>,
    scenarios: &[Scenario],
    target: &Target,
    timing: Option<Schedule<'_>>,
) -> Vec<Summary> {
    let truths: Vec<_> = scenarios.iter().map(Scenario::truth).collect();
    Distribution::for_curves(exact, &truths, |index, distribution| {
        summarise(distribution, &Yardstick { scenario: &scenarios[index], target, timing, benchmark: false })
    })
}

/// The mean of a metric, or the ratio of its mean to that of patients.
pub(super) fn value(truth: &Truth, metric: OutcomeMetric, means: &Means) -> f64 {
    let numerator = truth.value(metric, means);
    if metric.is_share_of_patients() { numerator / means.total_patients() } else { numerator }
}

/// By how much one trial moves the estimates `values` of some metrics, times the number of trials (delta method): its value less
/// the mean; for a ratio of means, what it adds to the numerator beyond the ratio times its patients, over the mean of `patients`.
#[derive(Clone, Copy)]
pub(super) struct Influences<'a> {
    pub(super) truth: &'a Truth,
    pub(super) metrics: &'a [OutcomeMetric],
    pub(super) values: &'a [f64],
    pub(super) patients: f64,
}

impl<'a> Influences<'a> {
    /// The influence on each metric of a trial that ended in `outcome`.
    pub(super) fn of(self, outcome: &'a Outcome) -> impl Iterator<Item = f64> + 'a {
        let Self { truth, metrics, values, patients } = self;
        let trial = Trial::new(outcome, truth);
        metrics.iter().zip(values).map(move |(&metric, value)| {
            let own = truth.value(metric, &trial);
            if metric.is_share_of_patients() { (own - value * trial.total_patients()) / patients } else { own - value }
        })
    }

    /// The mean of the squared influence on each metric.
    fn variances(self, distribution: &Distribution<'_>) -> Vec<f64> {
        let mut variances = vec![0.0; self.metrics.len()];
        for (outcome, probability) in distribution.probabilities().filter(|(_, probability)| *probability > 0.0) {
            for (sum, influence) in variances.iter_mut().zip(self.of(outcome)) {
                *sum += probability * influence.powi(2);
            }
        }
        variances
    }
}

/// The Monte Carlo standard error of a proportion among so many replicates.
#[must_use]
pub fn proportion_error(proportion: f64, replicates: usize) -> f64 {
    (proportion * (1.0 - proportion) / replicates.max(1) as f64).max(0.0).sqrt()
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

/// The probability of each number of patients that can occur, ascending.
fn sample_size(distribution: &Distribution<'_>) -> Vec<(usize, f64)> {
    let sizes = distribution.marginals().sizes();
    let mut sample_size: Vec<(usize, f64)> = Vec::with_capacity(sizes.size_hint().0);
    for ((patients, _), probability) in sizes.filter(|(_, probability)| *probability > 0.0) {
        match sample_size.last_mut() {
            Some((last, sum)) if *last == usize::from(patients) => *sum += probability,
            _ => sample_size.push((usize::from(patients), probability)),
        }
    }
    sample_size
}

/// The probability of each number of DLTs that can occur, ascending.
fn dlt_count(distribution: &Distribution<'_>) -> Vec<(usize, f64)> {
    let mut sums = [0.0; MAX_PATIENTS + 1];
    let mut highest = 0;
    for ((_, dlts), probability) in distribution.marginals().tallies() {
        sums[usize::from(dlts)] += probability;
        highest = highest.max(usize::from(dlts));
    }
    let mut dlt_count = Vec::with_capacity(highest + 1);
    dlt_count.extend(sums[..=highest].iter().copied().enumerate().filter(|(_, probability)| *probability > 0.0));
    dlt_count
}

/// The smallest n with P(N <= n) at least `level`, decided exactly, N being the number of `patients` of a trial, with the probabilities
/// `sizes`; its standard error is half the distance between the quantiles one standard error of P below and above (Woodruff, 1952).
fn patients_quantile(
    distribution: &Distribution<'_>,
    sizes: &[(usize, f64)],
    level: f64,
    patients: impl Fn(&Outcome) -> usize,
) -> Estimate {
    let quantile = |level: f64| {
        let mut cumulative = 0.0;
        sizes.iter().find_map(|(number, probability)| {
            cumulative += probability;
            (cumulative >= level).then_some(*number)
        })
    };
    let largest = sizes.last().map_or(0, |(number, _)| *number);
    let std_error = distribution.number_of_replicates().map(|replicates| {
        let spread = (level * (1.0 - level) / replicates as f64).sqrt();
        let at = |level| quantile(level).unwrap_or(largest) as f64;
        (at(level + spread) - at(level - spread)) / 2.0
    });
    let mut cumulative = 0.0;
    let value = sizes.iter().find_map(|&(number, probability)| {
        cumulative += probability;
        let reached = match compare(distribution, |outcome| patients(outcome) <= number, cumulative, level) {
            Some(reached) => reached,
            None => cumulative >= level,
        };
        reached.then_some(number)
    });
    Estimate { value: value.unwrap_or(largest) as f64, std_error }
}

/// Whether the probability of the outcomes `within` is at least `level`, where the floating-point `cumulative` is too close to it to tell.
fn compare(distribution: &Distribution<'_>, within: impl Fn(&Outcome) -> bool, cumulative: f64, level: f64) -> Option<bool> {
    // Sums of probabilities are good to about 1e-15 a term; ties happen at whole fractions only.
    if (cumulative - level).abs() > 1e-9 {
        return None;
    }
    let exact_level = decimal(level);
    match distribution.evidence() {
        Evidence::Exact(_) => Some(distribution.rational(within)? >= exact_level),
        Evidence::Replicates(counts) => {
            let within: u64 = distribution.outcomes().iter().zip(counts).filter(|(o, _)| within(o)).map(|(_, count)| count).sum();
            Some(ratio(within as usize, distribution.number_of_replicates()? as usize) >= exact_level)
        }
    }
}
