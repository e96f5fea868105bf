//! The means over trials that the metrics are made of, from the marginal distributions of the outcome.

use super::metric::{Quantities, Truth};
use crate::engine::Distribution;
use crate::trial::{Level, MAX_LEVELS};

/// The mean over trials of each of the [`Quantities`].
#[derive(Debug, Default)]
pub(super) struct Means {
    selects: [f64; MAX_LEVELS + 1],
    patients: [f64; MAX_LEVELS],
    dlts: [f64; MAX_LEVELS],
    total_patients: f64,
    total_dlts: f64,
    dlt_rate: f64,
    cohorts: f64,
    poor_allocation: f64,
    overdose_60: f64,
    overdose_80: f64,
    too_toxic: [f64; 2],
}

impl Means {
    /// The means over a distribution, overdoses being counted from the correct level.
    pub(super) fn new(distribution: &Distribution<'_>, truth: &Truth) -> Self {
        let mut means = Self::default();
        let marginals = distribution.marginals();
        for (selected, probability) in marginals.selections() {
            let share = probability / f64::from(selected.count_ones());
            let levels = means.selects.iter_mut().enumerate().filter(|(shown, _)| selected >> shown & 1 == 1);
            levels.for_each(|(_, sum)| *sum += share);
        }
        for ((patients, cohorts), probability) in marginals.sizes() {
            means.total_patients += probability * f64::from(patients);
            means.cohorts += probability * f64::from(cohorts);
        }
        for ((patients, dlts), probability) in marginals.tallies() {
            means.total_dlts += probability * f64::from(dlts);
            means.dlt_rate += probability * (f64::from(dlts) / f64::from(patients.max(1)));
        }
        for (spread, probability) in marginals.spreads() {
            let of = |condition| if condition { probability } else { 0.0 };
            means.poor_allocation += of(spread.is_poor(truth.correct()));
            means.overdose_60 += of(spread.is_above_60(truth.correct()));
            means.overdose_80 += of(spread.is_above_80(truth.correct()));
        }
        means.too_toxic = too_toxic(distribution, truth);
        means.patients[..marginals.mean_patients().len()].copy_from_slice(marginals.mean_patients());
        match distribution.curve() {
            // Whether a patient is treated at a level does not depend on that patient's own outcome: each brings the level's toxicity
            // (Wald's identity).
            Some(curve) => {
                means.dlts.iter_mut().zip(&means.patients).zip(curve).for_each(|((dlts, patients), p)| *dlts = p * patients)
            }
            None => {
                for (outcome, probability) in distribution.probabilities() {
                    let levels = means.dlts.iter_mut().zip(outcome.counts.all_dlts());
                    levels.for_each(|(sum, &dlts)| *sum += probability * f64::from(dlts));
                }
            }
        }
        means
    }
}

impl Quantities for Means {
    fn selects(&self, shown: usize) -> f64 {
        self.selects[shown]
    }

    fn selects_among(&self, levels: u16) -> f64 {
        let among = self.selects.iter().enumerate().filter(|(shown, _)| levels >> shown & 1 == 1);
        among.map(|(_, probability)| probability).sum()
    }

    fn patients(&self, level: Level) -> f64 {
        self.patients[level]
    }

    fn dlts(&self, level: Level) -> f64 {
        self.dlts[level]
    }

    fn total_patients(&self) -> f64 {
        self.total_patients
    }

    fn total_dlts(&self) -> f64 {
        self.total_dlts
    }

    fn dlt_rate(&self) -> f64 {
        self.dlt_rate
    }

    fn cohorts(&self) -> f64 {
        self.cohorts
    }

    fn poor_allocation(&self, _: &Truth) -> f64 {
        self.poor_allocation
    }

    fn overdose_60(&self, _: &Truth) -> f64 {
        self.overdose_60
    }

    fn overdose_80(&self, _: &Truth) -> f64 {
        self.overdose_80
    }

    fn too_toxic_60(&self, _: &Truth) -> f64 {
        self.too_toxic[0]
    }

    fn too_toxic_80(&self, _: &Truth) -> f64 {
        self.too_toxic[1]
    }
}

/// The probabilities that more than 60 % and more than 80 % of the patients are at levels that are too toxic.
fn too_toxic(distribution: &Distribution<'_>, truth: &Truth) -> [f64; 2] {
    let mut sums = [0.0; 2];
    if truth.too_toxic() == 0 {
        return sums;
    }
    let mut add = |probability: f64, [above_60, above_80]: [bool; 2]| {
        sums[0] += if above_60 { probability } else { 0.0 };
        sums[1] += if above_80 { probability } else { 0.0 };
    };
    match truth.highest_not_too_toxic() {
        // All levels above one: the spreads tell.
        Some(highest) => {
            for (spread, probability) in distribution.marginals().spreads() {
                add(probability, [spread.is_above_60(highest), spread.is_above_80(highest)]);
            }
        }
        None => {
            for (outcome, probability) in distribution.probabilities() {
                let (own, all) = (truth.patients_too_toxic(&outcome.counts), outcome.counts.total_patients());
                add(probability, [5 * own > 3 * all, 5 * own > 4 * all]);
            }
        }
    }
    sums
}
