//! The posterior distribution of θ given counts, by one quadrature rule on nodes chosen once for a design.
//!
//! The integrands L(θ) g(θ) are analytic and vanish at both ends, so the trapezoid rule converges geometrically (Trefethen and
//! Weideman, 2014, SIAM Review 56, 385-458): its error is about exp(-2π² s²/h²) for a posterior standard deviation s and a step
//! h, and exp(-2πd/h) when the integrand is analytic at a distance d around the real line. Both are known before any patient
//! is treated, from the model, the prior and the largest number of patients, so that nodes, log-likelihoods of one patient and
//! curves at the nodes are tabulated once. Given counts, the log-likelihood is a weighted sum of table rows.
//!
//! A tail probability integrates a step, which the trapezoid rule cannot; but the step may be replaced by the integral of the
//! sinc function at the same nodes, π⁻¹ Si(π (c - θ)/h) + 1/2, which is as exact at half the step (Stenger, 1993, Numerical
//! Methods Based on Sinc and Analytic Functions).

use super::Curve;
use crate::numeric::exponential::exp_lanes;
use crate::numeric::sine_integral::sine_integral;
use crate::trial::{Level, MAX_LEVELS};
use std::f64::consts::PI;

/// Nodes worked on together.
const LANES: usize = 8;
/// One number for each of some neighbouring nodes.
type Block = [f64; LANES];
/// Blocks whose log densities are kept at once, on the stack. Few designs have more; these are worked out twice.
const CHUNK: usize = 48;
/// A density this far below its maximum, on the log scale, is left out (1e-17 of it).
const NEGLIGIBLE: f64 = 39.0;

/// The posterior distribution of θ under a one-parameter model and a normal prior, for all counts that a trial can have.
#[derive(Clone, Debug)]
pub struct Posterior {
    step: f64,
    prior_sd: f64,
    levels: usize,
    theta: Vec<Block>,
    log_prior: Vec<Block>,
    /// For each block and level, log pₖ and log(1 - pₖ).
    logs: Vec<[Block; 2]>,
    /// For each block and level, pₖ; empty unless mean toxicities are asked for.
    toxicity: Vec<Block>,
    /// For each block, the smoothed indicator of the event that is asked for; empty without one.
    event: Vec<Block>,
}

/// The event that a level's DLT probability exceeds a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exceedance {
    /// The dose level.
    pub level: Level,
    /// The rate, a probability.
    pub rate: f64,
}

/// What to work out beside the mean and the variance of θ, which every posterior gives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extras {
    /// The posterior means of the DLT probabilities.
    pub mean_toxicity: bool,
    /// The posterior probability of this event, at the price of twice the nodes.
    pub exceedance: Option<Exceedance>,
}

/// What the posterior distribution says.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// E(θ | data).
    pub mean: f64,
    /// Var(θ | data).
    pub variance: f64,
    /// E(pₖ | data) per level; 0 past the last level, and everywhere unless asked for.
    pub mean_toxicity: [f64; MAX_LEVELS],
    /// The posterior probability of the event asked for, by integration and not from a normal approximation; 0 without one.
    pub exceedance: f64,
    /// log ∫ L(θ) g(θ) dθ, the likelihood without binomial coefficients and g the normal prior density.
    pub log_marginal_likelihood: f64,
}

impl Posterior {
    /// The prior standard deviations that are provided for, lowest and highest: below, no trial moves θ; above, the prior has all
    /// levels at a toxicity of 0 or 1.
    pub const PRIOR_SD: (f64, f64) = (1e-3, 1e3);

    /// Prepare for trials of up to `max_patients` patients under `curve` and θ ~ N(0, `prior_sd`²). The number of nodes grows with
    /// `prior_sd` and with the square root of `max_patients`.
    ///
    /// Returns `None` when `prior_sd` is outside [`Posterior::PRIOR_SD`].
    #[must_use]
    pub fn new(curve: &Curve, prior_sd: f64, max_patients: usize, extras: Extras) -> Option<Self> {
        if !(Self::PRIOR_SD.0..=Self::PRIOR_SD.1).contains(&prior_sd) {
            return None;
        }
        let step = step(curve, prior_sd, max_patients) * if extras.exceedance.is_some() { 0.5 } else { 1.0 };
        Some(Self::with_step(curve, prior_sd, max_patients, extras, step))
    }

    /// As [`Posterior::new`], with nodes `step` apart.
    fn with_step(curve: &Curve, prior_sd: f64, max_patients: usize, extras: Extras, step: f64) -> Self {
        let first = (end_of_range(curve, prior_sd, max_patients, -1.0) / step).floor();
        let last = (end_of_range(curve, prior_sd, max_patients, 1.0) / step).ceil();
        let blocks = (last - first) as usize / LANES + 1;
        let node = |block: usize, lane: usize| (first + (block * LANES + lane) as f64) * step;
        let table = |value: &dyn Fn(f64) -> f64| -> Vec<Block> {
            (0..blocks).map(|block| std::array::from_fn(|lane| value(node(block, lane)))).collect()
        };
        let per_level = || (0..blocks).flat_map(|block| curve.labels().iter().map(move |&label| (block, label)));
        let z = |block, lane, label| libm::exp(node(block, lane)) * label;
        let logs = |(block, label)| {
            let pairs: [(f64, f64); LANES] = std::array::from_fn(|lane| curve.model.logs(z(block, lane, label)));
            [pairs.map(|pair| pair.0), pairs.map(|pair| pair.1)]
        };
        let toxicity = |(block, label)| std::array::from_fn(|lane| curve.model.toxicity(z(block, lane, label)));
        Self {
            step,
            prior_sd,
            levels: curve.levels(),
            theta: table(&|theta| theta),
            log_prior: table(&|theta| -0.5 * (theta / prior_sd) * (theta / prior_sd)),
            logs: per_level().map(logs).collect(),
            toxicity: if extras.mean_toxicity { per_level().map(toxicity).collect() } else { Vec::new() },
            event: extras.exceedance.map_or_else(Vec::new, |event| match border(curve, event) {
                Some(border) => table(&|theta| 0.5 + sine_integral(PI * (border - theta) / step) / PI),
                None => table(&|_| 0.0),
            }),
        }
    }

    /// Summarise the posterior distribution given `patients` and `dlts` per level, lowest first, with at most the patients that
    /// were provided for; entries past the last level are not looked at.
    #[must_use]
    pub fn summarise(&self, patients: &[u32], dlts: &[u32]) -> Summary {
        let tallies = Tallies::new(&patients[..patients.len().min(self.levels)], dlts);
        let mut densities = [[0.0; LANES]; CHUNK];
        let mut highest = f64::NEG_INFINITY;
        let chunks = || (0..self.theta.len()).step_by(CHUNK).map(|start| (start, (start + CHUNK).min(self.theta.len())));
        for (start, end) in chunks() {
            highest = highest.max(self.log_densities(start, end, &tallies, &mut densities));
        }
        let mut sums = Sums::default();
        for (start, end) in chunks() {
            if self.theta.len() > CHUNK {
                self.log_densities(start, end, &tallies, &mut densities);
            }
            for (block, density) in (start..end).zip(&densities) {
                if largest(density) > highest - NEGLIGIBLE {
                    self.add(block, exp_lanes(density.map(|log| log - highest)), &mut sums);
                }
            }
        }
        sums.summary(self, highest)
    }

    /// Write the log densities of the blocks from `start` to `end` into `densities` and return the largest.
    #[inline]
    fn log_densities(&self, start: usize, end: usize, tallies: &Tallies, densities: &mut [Block; CHUNK]) -> f64 {
        let mut highest = [f64::NEG_INFINITY; LANES];
        for (block, density) in (start..end).zip(densities) {
            let mut sum = self.log_prior[block];
            let logs = &self.logs[block * self.levels..][..self.levels];
            for &(level, dlts, others) in tallies.tried() {
                let [log_toxicity, log_no_toxicity] = &logs[level];
                for lane in 0..LANES {
                    sum[lane] += dlts * log_toxicity[lane] + others * log_no_toxicity[lane];
                }
            }
            for lane in 0..LANES {
                highest[lane] = if sum[lane] > highest[lane] { sum[lane] } else { highest[lane] };
            }
            *density = sum;
        }
        largest(&highest)
    }

    /// Add the weights of a block to the sums.
    #[inline]
    fn add(&self, block: usize, weights: Block, sums: &mut Sums) {
        let theta = &self.theta[block];
        let first = std::array::from_fn(|lane| weights[lane] * theta[lane]);
        accumulate(&mut sums.weight, &weights, &[1.0; LANES]);
        accumulate(&mut sums.theta, &weights, theta);
        accumulate(&mut sums.square, &first, theta);
        if let Some(toxicity) = self.toxicity.get(block * self.levels..(block + 1) * self.levels) {
            for (sum, toxicity) in sums.toxicity.iter_mut().zip(toxicity) {
                accumulate(sum, &weights, toxicity);
            }
        }
        if let Some(event) = self.event.get(block) {
            accumulate(&mut sums.event, &weights, event);
        }
    }
}

/// Add the products to the sums, lane by lane.
#[inline]
fn accumulate(sums: &mut Block, weights: &Block, values: &Block) {
    let products: Block = std::array::from_fn(|lane| weights[lane] * values[lane]);
    *sums = std::array::from_fn(|lane| sums[lane] + products[lane]);
}

/// Patients with and without DLT at the levels that have patients.
struct Tallies {
    entries: [(Level, f64, f64); MAX_LEVELS],
    length: usize,
}

impl Tallies {
    fn new(patients: &[u32], dlts: &[u32]) -> Self {
        let mut tallies = Self { entries: [(0, 0.0, 0.0); MAX_LEVELS], length: 0 };
        for (level, (&patients, &dlts)) in patients.iter().zip(dlts).enumerate() {
            if patients > 0 {
                tallies.entries[tallies.length] = (level, f64::from(dlts), f64::from(patients.saturating_sub(dlts)));
                tallies.length += 1;
            }
        }
        tallies
    }

    fn tried(&self) -> &[(Level, f64, f64)] {
        &self.entries[..self.length]
    }
}

/// Sums over the nodes, one for each lane.
#[derive(Default)]
struct Sums {
    weight: Block,
    theta: Block,
    square: Block,
    event: Block,
    toxicity: [Block; MAX_LEVELS],
}

impl Sums {
    /// The summary, `highest` being the log density that has weight 1.
    fn summary(&self, posterior: &Posterior, highest: f64) -> Summary {
        let weight = total(&self.weight);
        let mean = total(&self.theta) / weight;
        let mut mean_toxicity = [0.0; MAX_LEVELS];
        for (mean, sum) in mean_toxicity.iter_mut().zip(&self.toxicity).take(posterior.levels) {
            *mean = total(sum) / weight;
        }
        // The density of the prior at 0, times the step.
        let constant = posterior.step / (posterior.prior_sd * (2.0 * PI).sqrt());
        Summary {
            mean,
            variance: total(&self.square) / weight - mean * mean,
            mean_toxicity,
            exceedance: total(&self.event) / weight,
            log_marginal_likelihood: highest + libm::log(weight * constant),
        }
    }
}

/// The sum of the lanes, always in the same order.
fn total(block: &Block) -> f64 {
    ((block[0] + block[4]) + (block[2] + block[6])) + ((block[1] + block[5]) + (block[3] + block[7]))
}

/// The largest of the lanes.
#[inline]
fn largest(block: &Block) -> f64 {
    let larger = |a: f64, b: f64| if a > b { a } else { b };
    let half: [f64; 4] = std::array::from_fn(|lane| larger(block[lane], block[lane + 4]));
    larger(larger(half[0], half[2]), larger(half[1], half[3]))
}

/// The θ below which the event holds; `None` where it is impossible.
fn border(curve: &Curve, event: Exceedance) -> Option<f64> {
    let label = curve.model.label(event.rate);
    let own = curve.labels().get(event.level)?;
    (label < 0.0).then(|| libm::log(label / own))
}

/// The step of the trapezoid rule: with the integrand carried from the real line to θ + ia, the error is about
/// exp(growth - 2πa/h) for every a, and h is as large as an error of e^-28 allows.
fn step(curve: &Curve, prior_sd: f64, max_patients: usize) -> f64 {
    let patients = max_patients as f64;
    let prior_variance = prior_sd * prior_sd;
    // With only DLTs the mode solves θ = -σ² n |x₁| e^θ at the lowest: Lambert's W of σ² n |x₁|, which is below its log1p.
    let lowest_mode = -libm::log1p(prior_variance * patients * curve.labels()[0].abs());
    let parts = 16;
    (1..parts)
        .map(|part| {
            let a = curve.model.strip() * f64::from(part) / f64::from(parts);
            let growth_of_prior = (0.5 * a * a - (1.0 - libm::cos(a)) * lowest_mode) / prior_variance;
            2.0 * PI * a / (28.0 + patients * curve.model.growth(a) + growth_of_prior)
        })
        .fold(0.0, f64::max)
}

/// Where the density is negligible for all counts of up to `max_patients` patients, on the side of `sign`.
fn end_of_range(curve: &Curve, prior_sd: f64, max_patients: usize, sign: f64) -> f64 {
    let logs = |theta: f64| -> Vec<(f64, f64)> {
        let slope = libm::exp(theta);
        curve.labels().iter().map(|label| curve.model.logs(slope * label)).collect()
    };
    // Whatever the counts, the log density at the end exceeds that at another point by at most this.
    let excess = |end: f64, at_end: &[(f64, f64)], other: f64| {
        let gain = logs(other)
            .iter()
            .zip(at_end)
            .fold(f64::NEG_INFINITY, |gain, (other, end)| gain.max(end.0 - other.0).max(end.1 - other.1));
        max_patients as f64 * gain - 0.5 * (end - other) * (end + other) / (prior_sd * prior_sd)
    };
    let mut end = 6.0 * prior_sd * sign;
    loop {
        let at_end = logs(end);
        if (0..12).any(|part| excess(end, &at_end, end * f64::from(part) / 12.0) < -NEGLIGIBLE) {
            return end;
        }
        end *= 1.04;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::crm::{Model, skeleton};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A design's posterior as it is used without and with a rule for toxicity, and with nodes twice as dense as either.
    static DESIGNS: LazyLock<Vec<[Posterior; 3]>> = LazyLock::new(|| {
        let models = [Model::Empiric, Model::Logistic { intercept: 3.0 }, Model::Logistic { intercept: -1.0 }];
        let designs = models.iter().flat_map(|&model| [0.2, 1.34_f64.sqrt(), 2.0, 10.0].map(|prior_sd| (model, prior_sd)));
        designs
            .map(|(model, prior_sd)| {
                let curve = Curve::new(model, &skeleton(model, 5, 2, 0.2, 0.05).unwrap()).unwrap();
                let without = Extras { mean_toxicity: true, exceedance: None };
                let with = Extras { exceedance: Some(Exceedance { level: 0, rate: 0.2 }), ..without };
                let [without, with_rule] = [without, with].map(|extras| Posterior::new(&curve, prior_sd, 30, extras).unwrap());
                let finer = Posterior::with_step(&curve, prior_sd, 30, with, with_rule.step / 2.0);
                [without, with_rule, finer]
            })
            .collect()
    });

    /// Patients and DLTs per level, up to 30 patients, at random and however implausible.
    fn counts() -> impl Strategy<Value = ([u32; 5], [u32; 5])> {
        (prop::array::uniform5(0..=12_u32), prop::array::uniform5(0..=12_u32)).prop_map(|(mut patients, mut dlts)| {
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
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn denser_nodes_change_nothing((patients, dlts) in counts(), design in 0..12_usize) {
            let [without, with_rule, finer] = DESIGNS[design].each_ref().map(|posterior| posterior.summarise(&patients, &dlts));
            let close = |a: f64, b: f64| (a - b).abs() < 1e-11;
            prop_assert!(close(with_rule.exceedance, finer.exceedance), "{} {}", with_rule.exceedance, finer.exceedance);
            for usual in [without, with_rule] {
                prop_assert!(close(usual.mean, finer.mean), "{} {}", usual.mean, finer.mean);
                prop_assert!(close(usual.variance, finer.variance), "{} {}", usual.variance, finer.variance);
                prop_assert!(close(usual.log_marginal_likelihood, finer.log_marginal_likelihood));
                for (usual, finer) in usual.mean_toxicity.iter().zip(&finer.mean_toxicity) {
                    prop_assert!(close(*usual, *finer), "{usual} {finer}");
                }
            }
        }
    }

    #[test]
    fn impossible_priors_are_refused() {
        let curve = Curve::new(Model::Empiric, &[0.1, 0.2]).unwrap();
        for prior_sd in [0.0, -1.0, 1e-4, 1e4, f64::NAN, f64::INFINITY] {
            assert!(Posterior::new(&curve, prior_sd, 30, Extras::default()).is_none());
        }
    }
}
