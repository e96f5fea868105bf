//! The posterior distribution of the parameter given counts, by one quadrature rule on nodes chosen once for a design.
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

mod log_densities;
mod weighted;

pub use weighted::WeightedPosterior;

use super::{Curve, Prior};
use crate::numeric::exponential::exp_lanes;
use crate::numeric::sine_integral::sine_integral;
use crate::trial::{Level, MAX_LEVELS};
use log_densities::{LogDensities, Tallies};
use std::f64::consts::PI;

/// Nodes worked on together.
const LANES: usize = 8;
/// One number for each of some neighbouring nodes.
type Block = [f64; LANES];
/// Blocks of a usual design, and of most designs: so many weights are kept on the stack.
const USUAL: usize = 16;
const MOST: usize = 64;
/// A density this far below its maximum, on the log scale, is left out (1e-17 of it).
const NEGLIGIBLE: f64 = 39.0;

/// The posterior distribution under a one-parameter model, for all counts that a trial can have.
#[derive(Clone, Debug)]
pub struct Posterior {
    step: f64,
    prior: Prior,
    levels: usize,
    /// The first node, in steps.
    first: f64,
    /// The parameter that is summarised: θ or a.
    parameter: Vec<Block>,
    densities: LogDensities,
    /// One node of each block: where the others matter is looked for there.
    middles: LogDensities,
    /// For each block and level, pₖ; empty unless mean toxicities are asked for.
    toxicity: Vec<Block>,
    /// For each block and event that is asked for, its smoothed indicator.
    indicators: Vec<Block>,
    events: usize,
}

/// The event that a level's DLT probability exceeds a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exceedance {
    /// The dose level.
    pub level: Level,
    /// The rate, a probability.
    pub rate: f64,
}

/// The number of events that can be asked for: one, and two for each level.
pub const MAX_EVENTS: usize = 1 + 2 * MAX_LEVELS;

/// What to work out beside the mean and the variance of the parameter, which every posterior gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// The posterior means of the DLT probabilities.
    pub mean_toxicity: bool,
    /// The posterior probabilities of these events, of which only the first [`MAX_EVENTS`] are looked at. Any of them costs twice
    /// the nodes.
    pub events: Vec<Exceedance>,
}

/// What the posterior distribution says.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// The posterior mean of the parameter, θ under a normal prior, a under a gamma prior.
    pub mean: f64,
    /// The posterior variance of the parameter.
    pub variance: f64,
    /// E(pₖ | data) per level; 0 past the last level, and everywhere unless asked for.
    pub mean_toxicity: [f64; MAX_LEVELS],
    /// The posterior probabilities of the events, in the order in which they were asked for, by integration and not from a normal
    /// approximation; 0 past the last.
    pub exceedance: [f64; MAX_EVENTS],
    /// log ∫ L(θ) g(θ) dθ, the likelihood without binomial coefficients and g the prior density.
    pub log_marginal_likelihood: f64,
}

impl Posterior {
    /// Prepare for trials of up to `max_patients` patients under `curve` and `prior`. The number of nodes grows with the spread of
    /// the prior and with the square root of `max_patients`.
    ///
    /// Returns `None` when the prior is not provided for; see [`Prior::is_provided_for`].
    #[must_use]
    pub fn new(curve: &Curve, prior: Prior, max_patients: usize, extras: &Extras) -> Option<Self> {
        let step = step(curve, prior, max_patients) * if extras.events.is_empty() { 1.0 } else { 0.5 };
        prior.is_provided_for().then(|| Self::with_step(curve, prior, max_patients, extras, step))
    }

    /// As [`Posterior::new`], with nodes `step` apart.
    fn with_step(curve: &Curve, prior: Prior, max_patients: usize, extras: &Extras, step: f64) -> Self {
        let first = (end_of_range(curve, prior, max_patients, -1.0) / step).floor();
        let last = (end_of_range(curve, prior, max_patients, 1.0) / step).ceil();
        let blocks = (last - first) as usize / LANES + 1;
        let at = |place: usize| (first + place as f64) * step;
        let node = |block: usize, lane: usize| at(block * LANES + lane);
        let table = |value: &dyn Fn(f64) -> f64| -> Vec<Block> {
            (0..blocks).map(|block| std::array::from_fn(|lane| value(node(block, lane)))).collect()
        };
        let per_level = || (0..blocks).flat_map(|block| curve.labels().iter().map(move |&label| (block, label)));
        let z = |block, lane, label| libm::exp(node(block, lane)) * label;
        let toxicity = |(block, label)| std::array::from_fn(|lane| curve.model.toxicity(z(block, lane, label)));
        let events = &extras.events[..extras.events.len().min(MAX_EVENTS)];
        let borders: Vec<Option<f64>> = events.iter().map(|&event| border(curve, event)).collect();
        let indicator = |block, border: &Option<f64>| -> Block {
            std::array::from_fn(|lane| border.map_or(0.0, |border| indicator(border, node(block, lane), step)))
        };
        Self {
            step,
            prior,
            levels: curve.levels(),
            first,
            parameter: table(&|theta| prior.parameter(theta)),
            densities: LogDensities::new(curve, prior, blocks * LANES, at),
            middles: LogDensities::new(curve, prior, blocks, |block| at(block * LANES + LANES / 2)),
            toxicity: if extras.mean_toxicity { per_level().map(toxicity).collect() } else { Vec::new() },
            indicators: (0..blocks).flat_map(|block| borders.iter().map(move |border| indicator(block, border))).collect(),
            events: events.len(),
        }
    }

    /// Summarise the posterior distribution given `patients` and `dlts` per level, lowest first, with at most the patients that
    /// were provided for; entries past the last level are not looked at.
    #[must_use]
    pub fn summarise(&self, patients: &[u32], dlts: &[u32]) -> Summary {
        let tallies = Tallies::new(&patients[..patients.len().min(self.levels)], dlts);
        self.with_room(|weights| self.summarise_in(weights, &tallies))
    }

    /// As [`Posterior::summarise`], with room for a number at each node.
    fn summarise_in(&self, weights: &mut [Block], tallies: &Tallies) -> Summary {
        // The blocks that may matter: those whose middles do, and their neighbours.
        let middles = &mut weights[..self.middles.blocks()];
        let highest = self.middles.write(tallies, 0, middles);
        let matters = |&middle: &f64| middle >= highest - NEGLIGIBLE;
        let middles = middles.as_flattened();
        let (first, last) = (middles.iter().position(matters).unwrap_or(0), middles.iter().rposition(matters).unwrap_or(0));
        let start = first.saturating_sub(1);
        let end = (last + 2).min(self.densities.blocks());
        let weights = &mut weights[start..end];

        let highest = self.densities.write(tallies, start, weights);
        // The blocks outside of this range are negligible.
        let mut range = 0..0;
        for (block, weights) in weights.iter_mut().enumerate() {
            if largest(weights) > highest - NEGLIGIBLE {
                *weights = exp_lanes(weights.map(|log| log - highest));
                range = if range.is_empty() { block } else { range.start }..block + 1;
            } else {
                *weights = [0.0; LANES];
            }
        }
        self.add_up(&weights[range.clone()], start + range.start, highest)
    }

    /// Do `work` with room for a number at each node.
    #[inline]
    fn with_room<T>(&self, work: impl FnOnce(&mut [Block]) -> T) -> T {
        // To clear more memory than is needed would take a good part of the time.
        match self.densities.blocks() {
            blocks @ 0..=USUAL => within::<USUAL, T>(blocks, work),
            blocks @ 0..=MOST => within::<MOST, T>(blocks, work),
            blocks => work(&mut vec![[0.0; LANES]; blocks]),
        }
    }

    /// The summary from the densities of the blocks from `start` on, divided by exp(`highest`).
    #[inline]
    fn add_up(&self, weights: &[Block], start: usize, highest: f64) -> Summary {
        let (mut weight, mut first, mut second) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (weights, parameter) in weights.iter().zip(&self.parameter[start..]) {
            let moment = std::array::from_fn(|lane| weights[lane] * parameter[lane]);
            accumulate(&mut weight, weights, &[1.0; LANES]);
            accumulate(&mut first, weights, parameter);
            accumulate(&mut second, &moment, parameter);
        }
        let weight = total(&weight);
        let mean = total(&first) / weight;
        // The mean of the values in a column of a table with so many columns and a row for each block.
        let mean_of = |table: &[Block], columns: usize, column: usize| {
            let mut sum = [0.0; LANES];
            for (weights, values) in weights.iter().zip(table[start * columns..].iter().skip(column).step_by(columns)) {
                accumulate(&mut sum, weights, values);
            }
            total(&sum) / weight
        };
        let mut mean_toxicity = [0.0; MAX_LEVELS];
        if !self.toxicity.is_empty() {
            for (level, mean) in mean_toxicity[..self.levels].iter_mut().enumerate() {
                *mean = mean_of(&self.toxicity, self.levels, level);
            }
        }
        let mut exceedance = [0.0; MAX_EVENTS];
        for (event, probability) in exceedance[..self.events].iter_mut().enumerate() {
            *probability = mean_of(&self.indicators, self.events, event);
        }
        let constant = self.step * self.prior.density_at_zero();
        Summary {
            mean,
            variance: total(&second) / weight - mean * mean,
            mean_toxicity,
            exceedance,
            log_marginal_likelihood: highest + libm::log(weight * constant),
        }
    }

    /// The probability of any event given `patients` and `dlts`, by the sum of [`Posterior::summarise`] over indicators made for
    /// the occasion: for people, not for decisions. `curve` is the one prepared for, and events must have been asked for.
    pub(in crate::design) fn probability(&self, curve: &Curve, patients: &[u32], dlts: &[u32], event: Exceedance) -> f64 {
        let Some(border) = border(curve, event) else {
            return 0.0;
        };
        let tallies = Tallies::new(&patients[..patients.len().min(self.levels)], dlts);
        let mut densities = vec![[0.0; LANES]; self.densities.blocks()];
        let highest = self.densities.write(&tallies, 0, &mut densities);
        let (mut weight, mut inside) = (0.0, 0.0);
        for (place, density) in densities.into_iter().flatten().enumerate().filter(|(_, density)| *density > highest - NEGLIGIBLE)
        {
            let density = libm::exp(density - highest);
            weight += density;
            inside += density * indicator(border, (self.first + place as f64) * self.step, self.step);
        }
        (inside / weight).clamp(0.0, 1.0)
    }
}

/// Do `work` with room for so many `blocks` on the stack. Not inlined, so that the room of another call is not cleared with it.
#[inline(never)]
fn within<const N: usize, T>(blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
    work(&mut [[0.0; LANES]; N][..blocks])
}

/// The indicator of θ below `border` at the node `theta`, smoothed for nodes `step` apart.
fn indicator(border: f64, theta: f64, step: f64) -> f64 {
    0.5 + sine_integral(PI * (border - theta) / step) / PI
}

/// Add the products to the sums, lane by lane.
#[inline]
fn accumulate(sums: &mut Block, weights: &Block, values: &Block) {
    let products: Block = std::array::from_fn(|lane| weights[lane] * values[lane]);
    *sums = std::array::from_fn(|lane| sums[lane] + products[lane]);
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
fn step(curve: &Curve, prior: Prior, max_patients: usize) -> f64 {
    let patients = max_patients as f64;
    let parts = 16;
    (1..parts)
        .map(|part| {
            let a = curve.model.strip() * f64::from(part) / f64::from(parts);
            2.0 * PI * a / (28.0 + prior.growth(curve, patients, a))
        })
        .fold(0.0, f64::max)
}

/// Where the density is negligible for all counts of up to `max_patients` patients, on the side of `sign`.
fn end_of_range(curve: &Curve, prior: Prior, max_patients: usize, sign: f64) -> f64 {
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
        max_patients as f64 * gain + prior.log_density(end) - prior.log_density(other)
    };
    let mut end = prior.spread() * sign;
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
    use crate::design::model::crm::{Model, skeleton};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A design's posterior as it is used without and with a rule for toxicity, and with nodes twice as dense as either.
    static DESIGNS: LazyLock<Vec<[Posterior; 3]>> = LazyLock::new(|| {
        let models = [Model::Empiric, Model::Logistic { intercept: 3.0 }, Model::Logistic { intercept: -1.0 }];
        let normal = [0.2, 1.34_f64.sqrt(), 2.0, 10.0].map(|sd| Prior::Normal { sd });
        let priors = normal.into_iter().chain([0.1, 1.0, 2.5, 40.0].map(|shape| Prior::Gamma { shape, rate: shape }));
        let designs = models.iter().flat_map(|&model| priors.clone().map(move |prior| (model, prior)));
        designs
            .map(|(model, prior)| {
                let curve = Curve::new(model, &skeleton(model, 5, 2, 0.2, 0.05).unwrap()).unwrap();
                let without = Extras { mean_toxicity: true, events: Vec::new() };
                let events = [(0, 0.2), (2, 0.1), (4, 0.7)].map(|(level, rate)| Exceedance { level, rate });
                let with = Extras { events: events.to_vec(), ..without };
                let finer = step(&curve, prior, 30) / 4.0;
                let finer = Posterior::with_step(&curve, prior, 30, &with, finer);
                let [without, with_rule] = [without, with].map(|extras| Posterior::new(&curve, prior, 30, &extras).unwrap());
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
        fn denser_nodes_change_nothing((patients, dlts) in counts(), design in 0..24_usize) {
            let [without, with_rule, finer] = DESIGNS[design].each_ref().map(|posterior| posterior.summarise(&patients, &dlts));
            let close = |a: f64, b: f64| (a - b).abs() < 1e-11;
            for (usual, finer) in with_rule.exceedance.iter().zip(&finer.exceedance) {
                prop_assert!(close(*usual, *finer), "{usual} {finer}");
            }
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
        for number in [0.0, -1.0, 1e-5, 1e5, f64::NAN, f64::INFINITY] {
            for prior in [
                Prior::Normal { sd: number },
                Prior::Gamma { shape: number, rate: 1.0 },
                Prior::Gamma { shape: 1.0, rate: number },
            ] {
                assert!(Posterior::new(&curve, prior, 30, &Extras::default()).is_none());
            }
        }
    }
}
