//! The posterior distribution of the MTD in the model of Babb, Rogatko and Zacks (1998).
//!
//! Both parameters live in (0, 1), where their densities may be infinite at the ends and the likelihood is not analytic. With
//! v = expit(π sinh s) for each of them the integrands fall double exponentially at both ends (Takahasi and Mori, 1974), and the
//! trapezoid rule in s converges geometrically. The distribution function of γ integrates a step, for which the integral of the
//! sinc function stands, as in [`super::super::logistic`].
//!
//! Halving the steps changes probabilities by less than 1e-10; under priors that are infinite at an end (a parameter below 1), where
//! curves of next to no MTD count, by less than 1e-8.

use crate::design::logistic::{expit, log_expit, logit, smooth_step};
use crate::numeric::lattice::{Integral, LANES, Lattice};
use crate::trial::Counts;
use std::f64::consts::PI;

/// A beta distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    /// The first parameter, above 0.
    pub a: f64,
    /// The second parameter, above 0.
    pub b: f64,
}

impl Beta {
    /// The parameters that are provided for, lowest and highest.
    pub const PARAMETER: (f64, f64) = (0.2, 50.0);

    fn is_valid(self) -> bool {
        let (low, high) = Self::PARAMETER;
        [self.a, self.b].iter().all(|parameter| (low..=high).contains(parameter))
    }

    /// The log of the density of s, up to a constant.
    fn log_density(self, s: f64) -> f64 {
        let u = PI * libm::sinh(s);
        self.a * log_expit(u) + self.b * log_expit(-u) + libm::log(libm::cosh(s))
    }

    /// Where the density of s ends, the for any likelihood that does not favour the ends beyond e^20.
    fn ends(self) -> [f64; 2] {
        let end = |parameter: f64| libm::asinh(50.0 / (PI * parameter));
        [-end(self.a), end(self.b)]
    }
}

/// The posterior distribution of ρ₀ and γ for all counts that a trial can have.
#[derive(Clone, Debug)]
pub struct Posterior {
    target: f64,
    /// The standardised dose of each level.
    doses: Vec<f64>,
    lattice: Lattice,
    /// The first s of γ and the distance to the next, then those of ρ₀.
    nodes: [(f64, f64); 2],
    /// For each bound, what a row counts for in the probability that γ is at most that.
    steps: Vec<Vec<f64>>,
}

/// The difference of logit φ and logit ρ₀ at a node of ρ₀.
fn rise(target: f64, s: f64) -> f64 {
    let u = PI * libm::sinh(s);
    libm::log1p(target * expit(-u) / (1.0 - target)) - log_expit(u)
}

impl Posterior {
    /// Prepare for trials of up to `max_patients` patients on levels with standardised `doses` from 0 to 1, ρ₀/`target` and γ having
    /// these priors. [`Posterior::at_most`] answers for `bounds`, each in [0, 1].
    ///
    /// Returns `None` when a parameter is outside [`Beta::PARAMETER`], or the target, a dose or a bound is no probability.
    #[must_use]
    pub fn new(doses: &[f64], target: f64, [rho, gamma]: [Beta; 2], max_patients: usize, bounds: &[f64]) -> Option<Self> {
        let is_probability = |value: &f64| (0.0..=1.0).contains(value);
        let valid = rho.is_valid() && gamma.is_valid() && 0.0 < target && target < 1.0;
        if !(valid && doses.iter().all(is_probability) && bounds.iter().all(is_probability)) {
            return None;
        }
        // With the root of the patients, to whom the parameters of the priors count, down from what the map alone needs; set so that
        // halving the steps changes nothing.
        let information = |prior: Beta| (max_patients as f64 + prior.a + prior.b).sqrt();
        let step = [(0.12 / information(gamma)).min(0.02), (0.28 / information(rho)).min(0.1)];
        Some(Self::with_steps(doses, target, [rho, gamma], bounds, step))
    }

    /// As [`Posterior::new`], with the rows and the nodes of a row this far apart.
    fn with_steps(doses: &[f64], target: f64, [rho, gamma]: [Beta; 2], bounds: &[f64], step: [f64; 2]) -> Self {
        let nodes = [(gamma.ends()[0], step[0]), (rho.ends()[0], step[1])];
        let count = |ends: [f64; 2], step: f64| ((ends[1] - ends[0]) / step).ceil() as usize + 1;
        let at = |axis: usize, index: usize| nodes[axis].0 + index as f64 * nodes[axis].1;
        let (rows, columns) = (count(gamma.ends(), step[0]), count(rho.ends(), step[1]));
        let ratios: Vec<f64> = (0..rows).map(|row| ratio(at(0, row))).collect();
        let rises: Vec<f64> = (0..columns.next_multiple_of(LANES)).map(|column| rise(target, at(1, column))).collect();
        let [of_gamma, of_rho] = [(gamma, 0, ratios.len()), (rho, 1, rises.len())]
            .map(|(prior, axis, count)| (0..count).map(|index| prior.log_density(at(axis, index))).collect::<Vec<_>>());
        let lattice = Lattice::new(
            (rows, columns),
            |row, column| of_gamma[row] + of_rho[column],
            (2 * doses.len(), |factor, row, column| {
                let logit = logit(target) + rises[column] * (doses[factor / 2] * ratios[row] - 1.0);
                log_expit(if factor % 2 == 0 { logit } else { -logit })
            }),
            (0, |_, _, _| 0.0),
        );
        // Of γ at or below 0 there is nothing, at or below 1 all.
        let place = |bound: f64| libm::asinh(logit(bound) / PI);
        let steps = bounds.iter().map(|&bound| (0..rows).map(|row| smooth_step((place(bound) - at(0, row)) / step[0])).collect());
        Self { target, doses: doses.to_vec(), lattice, nodes, steps: steps.collect() }
    }

    fn at(&self, axis: usize, index: usize) -> f64 {
        self.nodes[axis].0 + index as f64 * self.nodes[axis].1
    }

    fn exponents(&self, counts: &Counts) -> Vec<f64> {
        (0..self.doses.len())
            .flat_map(|level| {
                let (patients, dlts) = (counts.patients(level), counts.dlts(level));
                [dlts as f64, patients.saturating_sub(dlts) as f64]
            })
            .collect()
    }

    /// Pr(γ ≤ bound | data) for each of the bounds, in their order.
    #[must_use]
    pub fn at_most(&self, counts: &Counts) -> Vec<f64> {
        let Integral { rows, .. } = self.lattice.integrate(&self.exponents(counts));
        let probability = |steps: &Vec<f64>| rows.iter().zip(steps).map(|(row, step)| row * step).sum();
        self.steps.iter().map(probability).collect()
    }

    /// The `probability` quantile of γ given the data, to about 1e-13: for people.
    #[must_use]
    pub fn quantile(&self, counts: &Counts, probability: f64) -> f64 {
        let Integral { rows, .. } = self.lattice.integrate(&self.exponents(counts));
        let (mut low, mut high) = (self.at(0, 0), self.at(0, rows.len()));
        for _ in 0..55 {
            let middle = 0.5 * (low + high);
            let below: f64 =
                rows.iter().enumerate().map(|(row, mass)| mass * smooth_step((middle - self.at(0, row)) / self.nodes[0].1)).sum();
            if below < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        expit(PI * libm::sinh(0.5 * (low + high)))
    }

    /// E(ρ₀ | data) and E(γ | data).
    #[must_use]
    pub fn means(&self, counts: &Counts) -> [f64; 2] {
        let exponents = self.exponents(counts);
        let value = |axis: usize, index: usize| expit(PI * libm::sinh(self.at(axis, index)));
        [
            self.target * self.lattice.average(&exponents, |_, column| value(1, column)),
            self.lattice.average(&exponents, |row, _| value(0, row)),
        ]
    }

    /// E(pₖ | data) for each level.
    #[must_use]
    pub fn mean_toxicity(&self, counts: &Counts) -> Vec<f64> {
        let exponents = self.exponents(counts);
        let mean = |dose: &f64| {
            self.lattice.average(&exponents, |row, column| {
                let (rise, ratio) = (rise(self.target, self.at(1, column)), ratio(self.at(0, row)));
                expit(logit(self.target) + rise * (dose * ratio - 1.0))
            })
        };
        self.doses.iter().map(mean).collect()
    }
}

/// 1/γ at a node of γ.
fn ratio(s: f64) -> f64 {
    1.0 + libm::exp(-PI * libm::sinh(s))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 25, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn denser_nodes_change_nothing(
            patients in prop::array::uniform5(0..=6_u8),
            dlts in prop::array::uniform5(0..=6_u8),
            (a, b) in (0.5..3.0_f64, 0.5..3.0_f64),
            target in 0.15..0.4_f64,
        ) {
            let doses = [0.0, 0.1, 0.3, 0.6, 1.0];
            let dlts: Vec<u8> = dlts.iter().zip(&patients).map(|(dlts, patients)| dlts % (patients + 1)).collect();
            let counts = Counts::from_slices(&patients, &dlts).unwrap();
            let priors = [Beta { a, b }, Beta { a: b, b: a }];
            let bounds = [0.05, 0.3, 0.6, 0.9];
            let usual = Posterior::new(&doses, target, priors, 30, &bounds).unwrap();
            let finer = Posterior::with_steps(&doses, target, priors, &bounds, usual.nodes.map(|(_, step)| 0.5 * step));
            for (usual, finer) in usual.at_most(&counts).into_iter().zip(finer.at_most(&counts)) {
                let tolerance = if a.min(b) < 1.0 { 1e-8 } else { 1e-10 };
                prop_assert!((usual - finer).abs() < tolerance, "{usual} {finer} {:e}", usual - finer);
            }
        }
    }
}
