//! The two-parameter logistic model and its posterior distribution, for the methods that are built on it.
//!
//! logit pₖ = θ₁ + exp(θ₂) xₖ with a label xₖ for each dose level, increasing, and (θ₁, θ₂) normal before any patient is treated.
//!
//! Everything is integrated on one lattice of nodes, chosen once for a design (see [`Lattice`]): rows at equal distances of θ₂,
//! nodes at equal distances of θ₁ in each row. The probability that pₖ is at most c integrates a step at θ₁ = logit c - exp(θ₂) xₖ
//! in each row, which the trapezoid rule cannot; but the step may be replaced by the integral of the sinc function at the nodes,
//! 1/2 + π⁻¹ Si(π (logit c - exp(θ₂) xₖ - θ₁)/h), which is as exact at half the distance h (Stenger, 1993, Numerical Methods Based
//! on Sinc and Analytic Functions). It does not depend on the data, so it is tabulated like the rest, and a posterior probability
//! is an average over the nodes.
//!
//! Five levels and 30 patients take about 10,000 nodes, 10 numbers each for the likelihood and one for each probability or
//! mean: 2 to 7 megabytes. A posterior visits 2,000 to 12,000 of them.

mod read;

pub(super) use read::{PRIOR_KEYS, read_prior};

use crate::numeric::lattice::{Lattice, Mixed};
use crate::numeric::sine_integral::sine_integral;
use crate::trial::{Counts, Level, MAX_PATIENTS};
use std::f64::consts::PI;

/// The normal prior distribution of (θ₁, θ₂).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// The means of θ₁ and θ₂.
    pub mean: [f64; 2],
    /// Their standard deviations, not variances.
    pub sd: [f64; 2],
    /// Their correlation.
    pub correlation: f64,
}

/// The event that a level's DLT probability is at most a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtMost {
    /// The dose level.
    pub level: Level,
    /// The rate, a probability strictly between 0 and 1.
    pub rate: f64,
}

/// What to work out of each posterior distribution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The means, variances and covariance of θ₁ and θ₂.
    pub moments: bool,
    /// The means of the DLT probabilities.
    pub mean_toxicity: bool,
    /// The standard deviations of the DLT probabilities, too.
    pub sd_toxicity: bool,
    /// The probabilities of these events, at the price of twice the nodes.
    pub events: Vec<AtMost>,
    /// Whether patients may be pending.
    pub pending: bool,
}

/// What a posterior distribution says; empty or 0 where it was not asked for.
#[derive(Clone, Debug)]
pub struct Summary {
    /// E(θ₁ | data) and E(θ₂ | data).
    pub mean: [f64; 2],
    /// Var(θ₁ | data) and Var(θ₂ | data).
    pub variance: [f64; 2],
    /// Cov(θ₁, θ₂ | data).
    pub covariance: f64,
    /// E(pₖ | data) per level.
    pub mean_toxicity: Vec<f64>,
    /// The standard deviation of pₖ given the data, per level.
    pub sd_toxicity: Vec<f64>,
    /// The probabilities of the events asked for, in their order.
    pub events: Vec<f64>,
    /// log ∫ L(θ) g(θ) dθ, the likelihood without binomial coefficients and g the normal prior density.
    pub log_marginal_likelihood: f64,
}

/// The posterior distribution of (θ₁, θ₂) for all counts that a trial can have.
#[derive(Clone, Debug)]
pub struct Posterior {
    labels: Vec<f64>,
    prior: Prior,
    nodes: Nodes,
    wanted: Wanted,
    lattice: Lattice,
}

/// Where the nodes are.
#[derive(Clone, Copy, Debug)]
struct Nodes {
    /// The first θ₁ and the first θ₂.
    first: [f64; 2],
    /// The distances.
    step: [f64; 2],
    /// The numbers of nodes.
    count: [usize; 2],
}

impl Nodes {
    fn intercept(&self, column: usize) -> f64 {
        self.first[0] + column as f64 * self.step[0]
    }

    fn log_slope(&self, row: usize) -> f64 {
        self.first[1] + row as f64 * self.step[1]
    }
}

/// log(x / (1 - x)).
#[must_use]
pub fn logit(x: f64) -> f64 {
    libm::log(x) - libm::log1p(-x)
}

/// 1 / (1 + e^-x).
#[must_use]
pub fn expit(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// log expit(x), accurate at both ends.
pub(super) fn log_expit(x: f64) -> f64 {
    x.min(0.0) - libm::log1p(libm::exp(-x.abs()))
}

/// The curve of the two-parameter logistic model: pₖ per level for θ₁ = `theta[0]` and θ₂ = `theta[1]`.
#[must_use]
pub fn curve(labels: &[f64], theta: [f64; 2]) -> Vec<f64> {
    let slope = libm::exp(theta[1]);
    labels.iter().map(|label| expit(theta[0] + slope * label)).collect()
}

impl Posterior {
    /// The means of θ₁ and θ₂ that are provided for, lowest and highest.
    pub const MEAN: (f64, f64) = (-10.0, 10.0);
    /// The standard deviations that are provided for, lowest and highest.
    pub const SD: (f64, f64) = (0.05, 10.0);
    /// The correlations that are provided for, lowest and highest.
    pub const CORRELATION: (f64, f64) = (-0.95, 0.95);

    /// Prepare for trials of up to `max_patients` patients on levels with these `labels`, which increase.
    ///
    /// Returns `None` when the prior is outside [`Posterior::MEAN`], [`Posterior::SD`] or [`Posterior::CORRELATION`], when the
    /// labels do not increase or are not finite, or when an event is not about a level or a rate.
    #[must_use]
    pub fn new(labels: &[f64], prior: Prior, max_patients: usize, wanted: Wanted) -> Option<Self> {
        let within = |value: f64, (low, high): (f64, f64)| low <= value && value <= high;
        let valid = prior.mean.iter().all(|&mean| within(mean, Self::MEAN))
            && prior.sd.iter().all(|&sd| within(sd, Self::SD))
            && within(prior.correlation, Self::CORRELATION)
            && !labels.is_empty()
            && labels.is_sorted_by(|a, b| a < b)
            && labels.iter().all(|label| label.is_finite())
            && wanted.events.iter().all(|event| event.level < labels.len() && 0.0 < event.rate && event.rate < 1.0);
        valid.then(|| Self::with_steps(labels, prior, max_patients, wanted.clone(), steps(prior, max_patients, &wanted)))
    }

    /// As [`Posterior::new`], with nodes at these distances of θ₁ and θ₂.
    fn with_steps(labels: &[f64], prior: Prior, max_patients: usize, wanted: Wanted, step: [f64; 2]) -> Self {
        let range = range(labels, prior, max_patients);
        let count = [0, 1].map(|axis| ((range[axis].1 - range[axis].0) / step[axis]).ceil() as usize + 1);
        let nodes = Nodes { first: range.map(|range| range.0), step, count };
        let slopes: Vec<f64> = (0..count[1]).map(|row| libm::exp(nodes.log_slope(row))).collect();
        let log_cell = libm::log(step[0] * step[1]);
        let logit_of = |level: usize, row: usize, column: usize| nodes.intercept(column) + slopes[row] * labels[level];
        let levels = labels.len();
        // One after another: five moments, the toxicities, their squares, the events.
        let moments = if wanted.moments { 5 } else { 0 };
        let toxicities = if wanted.mean_toxicity || wanted.sd_toxicity { levels } else { 0 };
        let squares = if wanted.sd_toxicity { levels } else { 0 };
        let function = |index: usize, row: usize, column: usize| {
            if index < moments {
                let (intercept, log_slope) = (nodes.intercept(column) - prior.mean[0], nodes.log_slope(row) - prior.mean[1]);
                return match index {
                    0 => intercept,
                    1 => log_slope,
                    2 => intercept * intercept,
                    3 => log_slope * log_slope,
                    _ => intercept * log_slope,
                };
            }
            let index = index - moments;
            if index < toxicities {
                return expit(logit_of(index, row, column));
            }
            let index = index - toxicities;
            if index < squares {
                let toxicity = expit(logit_of(index, row, column));
                return toxicity * toxicity;
            }
            let AtMost { level, rate } = wanted.events[index - squares];
            smooth_step((logit(rate) - logit_of(level, row, column)) / step[0])
        };
        let lattice = Lattice::new(
            (count[1], count[0]),
            |row, column| log_cell + log_density(prior, [nodes.intercept(column), nodes.log_slope(row)]),
            (2 * levels, |factor, row, column| {
                let logit = logit_of(factor / 2, row, column);
                log_expit(if factor % 2 == 0 { logit } else { -logit })
            }),
            (moments + toxicities + squares + wanted.events.len(), function),
        );
        let lattice =
            if wanted.pending { lattice.with_mixable((0..levels).map(|level| 2 * level + 1).collect()) } else { lattice };
        Self { labels: labels.to_vec(), prior, nodes, wanted, lattice }
    }
}

impl Posterior {
    /// The number of dose levels.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.labels.len()
    }

    /// Summarise the posterior distribution given `patients` and `dlts` per level, lowest first, with at most the patients that
    /// were provided for; entries past the last level are not looked at.
    #[must_use]
    pub fn summarise(&self, patients: &[u32], dlts: &[u32]) -> Summary {
        self.summarise_with_pending(patients, dlts, &[])
    }

    /// As [`Posterior::summarise`], with patients besides who are pending, by level and weight w from 0 to 1: each has the likelihood
    /// 1 - w pₖ (Cheung and Chappell, 2000, Biometrics 56, 1177-1182). None where [`Wanted::pending`] was not said.
    ///
    /// The nodes are those of complete data: off the real line a likelihood 1 - w pₖ grows with w, and at w = 1 it is that of a patient
    /// without a DLT.
    #[must_use]
    pub fn summarise_with_pending(&self, patients: &[u32], dlts: &[u32], pending: &[(Level, f64)]) -> Summary {
        let mut mixed = [Mixed { place: 0, weight: 0.0 }; MAX_PATIENTS];
        let count = if self.wanted.pending { pending.len().min(MAX_PATIENTS) } else { 0 };
        for (mixed, &(place, weight)) in mixed.iter_mut().zip(&pending[..count]) {
            *mixed = Mixed { place, weight };
        }
        let integral = self.lattice.integrate_mixed(&self.exponents(patients, dlts), &mixed[..count]);
        let levels = self.labels.len();
        let (moments, averages) = integral.averages.split_at(if self.wanted.moments { 5 } else { 0 });
        let has_toxicity = self.wanted.mean_toxicity || self.wanted.sd_toxicity;
        let (means, averages) = averages.split_at(if has_toxicity { levels } else { 0 });
        let (squares, events) = averages.split_at(if self.wanted.sd_toxicity { levels } else { 0 });
        let sd = |(square, mean): (&f64, &f64)| (square - mean * mean).max(0.0).sqrt();
        let mut summary = Summary {
            mean: [0.0; 2],
            variance: [0.0; 2],
            covariance: 0.0,
            mean_toxicity: means.to_vec(),
            sd_toxicity: squares.iter().zip(means).map(sd).collect(),
            events: events.to_vec(),
            log_marginal_likelihood: integral.log,
        };
        // The moments are taken about the prior means.
        if let &[first, second, first_square, second_square, product] = moments {
            summary.mean = [self.prior.mean[0] + first, self.prior.mean[1] + second];
            summary.variance = [first_square - first * first, second_square - second * second];
            summary.covariance = product - first * second;
        }
        summary
    }

    /// As [`Posterior::summarise`], for the counts of a trial.
    #[must_use]
    pub fn of(&self, counts: &Counts) -> Summary {
        self.summarise(&counts.all_patients().map(u32::from), &counts.all_dlts().map(u32::from))
    }

    /// The rate that the DLT probability of `level` exceeds with posterior probability 1 - `probability`, to about 1e-6: for
    /// people, and a thousand times slower than a summary. The nodes must be as near each other as events need them.
    #[must_use]
    pub fn quantile(&self, counts: &Counts, level: Level, probability: f64) -> f64 {
        let exponents = self.exponents(&counts.all_patients().map(u32::from), &counts.all_dlts().map(u32::from));
        let slopes: Vec<f64> = (0..self.nodes.count[1]).map(|row| libm::exp(self.nodes.log_slope(row))).collect();
        let label = self.labels[level];
        let (mut low, mut high) = (logit(1e-12), logit(1.0 - 1e-12));
        // The width falls from 55 to 1e-6.
        for _ in 0..26 {
            let middle = 0.5 * (low + high);
            let below = self.lattice.average(&exponents, |row, column| {
                smooth_step((middle - slopes[row] * label - self.nodes.intercept(column)) / self.nodes.step[0])
            });
            if below < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        expit(0.5 * (low + high))
    }

    /// The powers of pₖ and 1 - pₖ in the likelihood, level by level.
    fn exponents(&self, patients: &[u32], dlts: &[u32]) -> Vec<f64> {
        let pair = |(&patients, &dlts): (&u32, &u32)| [f64::from(dlts), f64::from(patients.saturating_sub(dlts))];
        patients.iter().zip(dlts).take(self.labels.len()).flat_map(pair).collect()
    }
}

/// The integral of the sinc function up to `x`: 0 far below 0, 1 far above.
pub(super) fn smooth_step(x: f64) -> f64 {
    0.5 + sine_integral(PI * x) / PI
}

/// The log density of the prior at `theta`.
fn log_density(prior: Prior, theta: [f64; 2]) -> f64 {
    let [first, second] = [0, 1].map(|axis| (theta[axis] - prior.mean[axis]) / prior.sd[axis]);
    let rest = 1.0 - prior.correlation * prior.correlation;
    let square = (first * first - 2.0 * prior.correlation * first * second + second * second) / rest;
    -0.5 * square - libm::log(2.0 * PI * prior.sd[0] * prior.sd[1] * rest.sqrt())
}

/// The log of the relative error that the steps are made for, at about the worst counts.
const ACCURACY: f64 = 26.0;

/// The distances of the nodes in θ₁ and θ₂.
///
/// Carried from the real line to θ₁ + ia, a likelihood grows by at most 1/cos(a/2) for each patient and the prior density given
/// θ₂ by exp(a²/2σ²), so the error of the trapezoid rule in a row is about exp(growth - 2πa/h) for every a, and with the integral
/// of the sinc function exp(growth - πa/h).
///
/// Along θ₂ the error is about exp(-2π²/(h² I)), as for a normal density, with I the information on θ₂. It does not depend on
/// how far the labels are apart, since exp(θ₂) moves them anyway: the patients add to it up to a constant each, which is set so
/// that halving the distances changes nothing. The prior of θ₁ adds to it where pₖ is at a rate c: there a change of θ₂ moves
/// logit pₖ by logit c - θ₁ times as much. This is large where θ₁ is far from logit c, d standard deviations further than the
/// prior mean, but the density is lower by exp(-d²/2) there.
fn steps(prior: Prior, max_patients: usize, wanted: &Wanted) -> [f64; 2] {
    let patients = max_patients as f64;
    let sd_given_slope = prior.sd[0] * (1.0 - prior.correlation * prior.correlation).sqrt();
    let parts = 64;
    let first_at = |part: i32| {
        let a = PI * f64::from(part) / f64::from(parts);
        let growth = 0.5 * (a / sd_given_slope) * (a / sd_given_slope) - patients * libm::log(libm::cos(0.5 * a));
        2.0 * PI * a / (ACCURACY + growth)
    };
    let first = (1..parts).map(first_at).fold(0.0, f64::max);
    let distances = wanted.events.iter().map(|event| logit(event.rate)).chain([0.0]).map(|logit| (logit - prior.mean[0]).abs());
    let distance = distances.fold(0.0, f64::max) / sd_given_slope;
    let information = 1.0 / (prior.sd[1] * prior.sd[1]) + 1.5 * patients;
    let needed_at = |part: i32| {
        let d = (2.0 * ACCURACY).sqrt() * f64::from(part) / f64::from(parts);
        2.0 * (ACCURACY - 0.5 * d * d) * (information + (distance + d) * (distance + d))
    };
    let second = 2.0 * PI / (0..parts).map(needed_at).fold(0.0, f64::max).sqrt();
    [if wanted.events.is_empty() { first } else { 0.5 * first }, second]
}

/// Between which θ₁ and which θ₂ the posterior density matters, whatever the counts of up to `max_patients` patients.
///
/// It is looked for on a coarse grid, for the prior and for the counts that move it furthest: all patients on one level or half
/// on each of two, all with a DLT or none.
fn range(labels: &[f64], prior: Prior, max_patients: usize) -> [(f64, f64); 2] {
    /// Points of the grid on each axis.
    const POINTS: usize = 128;
    /// How far below its maximum a log density does not matter.
    const NEGLIGIBLE: f64 = 34.0;
    let patients = max_patients as f64;
    // A patient moves the derivative of a log density by at most 1, or by what a step of the slope does while pₖ is not 0 or 1.
    let reach = [patients * prior.sd[0] * prior.sd[0], patients * prior.sd[1] * prior.sd[1]];
    let half = [8.5 * prior.sd[0] + reach[0].min(60.0), 8.5 * prior.sd[1] + reach[1].min(8.0)];
    let step = half.map(|half| 2.0 * half / (POINTS - 1) as f64);
    let point = |axis: usize, index: usize| prior.mean[axis] - half[axis] + index as f64 * step[axis];
    let points: Vec<[usize; 2]> = (0..POINTS).flat_map(|row| (0..POINTS).map(move |column| [column, row])).collect();
    let slopes: Vec<f64> = (0..POINTS).map(|row| libm::exp(point(1, row))).collect();
    let density: Vec<f64> = points.iter().map(|&[column, row]| log_density(prior, [point(0, column), point(1, row)])).collect();
    // For each level the log-likelihoods of half the patients, with and without DLT.
    let likelihood = |label: &f64, sign: f64| -> Vec<f64> {
        let at = |&[column, row]: &[usize; 2]| 0.5 * patients * log_expit(sign * (point(0, column) + slopes[row] * label));
        points.iter().map(at).collect()
    };
    let likelihoods: Vec<Vec<f64>> = labels.iter().flat_map(|label| [likelihood(label, 1.0), likelihood(label, -1.0)]).collect();

    let mut corners = [[POINTS, POINTS], [0, 0]];
    let mut include = |log: &dyn Fn(usize) -> f64| {
        let logs: Vec<f64> = (0..points.len()).map(log).collect();
        let highest = logs.iter().fold(f64::NEG_INFINITY, |highest, &log| highest.max(log));
        for (place, _) in points.iter().zip(&logs).filter(|&(_, &log)| log >= highest - NEGLIGIBLE) {
            for axis in [0, 1] {
                corners[0][axis] = corners[0][axis].min(place[axis]);
                corners[1][axis] = corners[1][axis].max(place[axis]);
            }
        }
    };
    include(&|index| density[index]);
    for (place, one) in likelihoods.iter().enumerate() {
        for other in &likelihoods[place..] {
            include(&|index| density[index] + one[index] + other[index]);
        }
    }
    [0, 1].map(|axis| (point(axis, corners[0][axis]) - step[axis], point(axis, corners[1][axis]) + step[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Labels and priors of many kinds: few and many levels, near and far apart, the reference inside and at the end.
    fn designs() -> Vec<(Vec<f64>, Prior)> {
        let logs = |doses: &[f64], reference: f64| doses.iter().map(|dose| libm::log(dose / reference)).collect::<Vec<_>>();
        let prior = |mean, sd, correlation| Prior { mean, sd, correlation };
        vec![
            (logs(&[100.0, 200.0, 300.0, 400.0, 500.0], 300.0), prior([-1.1, 0.2], [1.5, 0.6], 0.3)),
            (logs(&[1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 40.0], 15.0), prior([-std::f64::consts::LN_2, 0.0], [2.0, 1.0], 0.0)),
            (logs(&[1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0], 250.0), prior([2.15, 0.52], [0.84, 0.8], 0.2)),
            (logs(&[1.0, 3.0, 5.0, 10.0, 20.0, 40.0, 80.0], 56.0), prior([-0.85, 1.0], [1.0, 1.0], -0.5)),
            (logs(&[0.1, 0.3, 1.0, 3.0, 10.0], 1.0), prior([-1.4, 0.0], [2.0, 1.0], 0.0)),
            (logs(&[1.0, 1.3, 1.6, 2.0, 2.5], 2.0), prior([-1.0, 0.0], [0.3, 0.3], 0.0)),
            (vec![-4.6, -2.9, -1.4, -0.6, 0.4], prior([0.0, 0.0], [2.0, 1.0], 0.0)),
            (vec![-5.9, -5.2, -4.4, -3.6, -2.6], prior([3.0, 0.0], [1.0, 1.16], 0.0)),
            (vec![-1.0, 0.0, 1.0], prior([0.0, 0.0], [5.0, 2.0], 0.0)),
        ]
    }

    /// Each design for 30 patients as it is used and with nodes twice as near each other, over a wider range.
    static PAIRS: LazyLock<Vec<[Posterior; 2]>> = LazyLock::new(|| {
        let pair = |(labels, prior): (Vec<f64>, Prior)| {
            let events = (0..labels.len()).flat_map(|level| [0.16, 0.33, 0.6].map(|rate| AtMost { level, rate })).collect();
            let wanted = Wanted { moments: true, mean_toxicity: true, sd_toxicity: true, events, pending: false };
            let usual = Posterior::new(&labels, prior, 30, wanted.clone()).unwrap();
            let finer = usual.nodes.step.map(|step| 0.5 * step);
            [usual, Posterior::with_steps(&labels, prior, 40, wanted, finer)]
        };
        designs().into_iter().map(pair).collect()
    });

    /// Patients and DLTs per level, up to 30 patients, at random and however implausible.
    fn counts() -> impl Strategy<Value = ([u32; 7], [u32; 7])> {
        (prop::array::uniform7(0..=12_u32), prop::array::uniform7(0..=12_u32)).prop_map(|(mut patients, mut dlts)| {
            let mut left = 30;
            for (patients, dlts) in patients.iter_mut().zip(&mut dlts) {
                *patients = left.min(*patients);
                *dlts %= *patients + 1;
                left -= *patients;
            }
            (patients, dlts)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn denser_nodes_change_nothing((patients, dlts) in counts(), design in 0..9_usize) {
            let [usual, finer] = PAIRS[design].each_ref().map(|posterior| posterior.summarise(&patients, &dlts));
            let numbers = |summary: Summary| {
                let mut all = vec![summary.covariance, summary.log_marginal_likelihood];
                all.extend(summary.mean.into_iter().chain(summary.variance));
                all.extend(summary.mean_toxicity.into_iter().chain(summary.sd_toxicity).chain(summary.events));
                all
            };
            for (place, (usual, finer)) in numbers(usual).into_iter().zip(numbers(finer)).enumerate() {
                prop_assert!((usual - finer).abs() < 1e-10, "design {design}, number {place}: {usual} {finer}, {:e}", usual - finer);
            }
        }
    }
}
