//! The posterior distribution of θ when some patients are still being followed.
//!
//! A pending patient at level k with weight w has the likelihood 1 - w pₖ(θ) (Cheung and Chappell, 2000). The nodes are those of
//! complete data: by how much a patient lets the likelihood grow off the real line, which settles their distance, grows with w, as
//! does what it can add at the ends of their range; at w = 1 both are those of an evaluated patient without a DLT.

use super::{Block, Curve, Extras, LANES, Posterior, Prior, Summary, Tallies, exp_lanes, largest, total};
use crate::trial::Level;

/// Blocks with densities this far below the largest, on the log scale, add nothing to a sum above [`ENOUGH`].
const NEGLIGIBLE_WITH_PENDING: f64 = 280.0;
/// Sums of weights above this are good to the last digits; below, the likelihood of the pending patients needs logarithms.
const ENOUGH: f64 = 1e-100;

/// The posterior distribution under a one-parameter model, for all counts that a trial can have and any
/// pending patients.
#[derive(Clone, Debug)]
pub struct WeightedPosterior {
    nodes: Posterior,
    /// For each block and level, pₖ.
    toxicity: Vec<Block>,
}

impl WeightedPosterior {
    /// As [`Posterior::new`].
    #[must_use]
    pub fn new(curve: &Curve, prior: Prior, max_patients: usize, extras: &Extras) -> Option<Self> {
        let with_toxicity = Extras { mean_toxicity: true, events: extras.events.clone() };
        let mut nodes = Posterior::new(curve, prior, max_patients, &with_toxicity)?;
        let toxicity = nodes.toxicity.clone();
        if !extras.mean_toxicity {
            nodes.toxicity.clear();
        }
        Some(Self { nodes, toxicity })
    }

    /// Summarise the posterior distribution given `patients` evaluated and `dlts` per level, lowest first, and `pending` patients by
    /// level and weight, from 0 to 1; together at most the patients that were provided for.
    #[must_use]
    pub fn summarise(&self, patients: &[u32], dlts: &[u32], pending: &[(Level, f64)]) -> Summary {
        let nodes = &self.nodes;
        let tallies = Tallies::new(&patients[..patients.len().min(nodes.levels)], dlts);
        nodes.with_room(|weights| {
            let highest = nodes.densities.write(&tallies, 0, weights);
            let mut sum = 0.0;
            for (block, weights) in weights.iter_mut().enumerate() {
                if largest(weights) > highest - NEGLIGIBLE_WITH_PENDING {
                    *weights = exp_lanes(weights.map(|log| log - highest));
                    self.multiply(block, pending, weights);
                    sum += total(weights);
                } else {
                    *weights = [0.0; LANES];
                }
            }
            if sum > ENOUGH { nodes.add_up(weights, 0, highest) } else { self.summarise_in_logs(&tallies, pending, weights) }
        })
    }

    /// Multiply the weights of a block by the likelihood of the pending patients.
    #[inline]
    fn multiply(&self, block: usize, pending: &[(Level, f64)], weights: &mut Block) {
        let toxicity = &self.toxicity[block * self.nodes.levels..][..self.nodes.levels];
        for &(level, weight) in pending {
            let toxicity = &toxicity[level];
            for lane in 0..LANES {
                weights[lane] *= 1.0 - weight * toxicity[lane];
            }
        }
    }

    /// As [`WeightedPosterior::summarise`], for pending patients whose likelihood is next to nothing where that of the others is
    /// large; with room for a number at each node.
    fn summarise_in_logs(&self, tallies: &Tallies, pending: &[(Level, f64)], weights: &mut [Block]) -> Summary {
        let nodes = &self.nodes;
        nodes.densities.write(tallies, 0, weights);
        let mut highest = f64::NEG_INFINITY;
        for (block, density) in weights.iter_mut().enumerate() {
            let toxicity = &self.toxicity[block * nodes.levels..][..nodes.levels];
            for &(level, weight) in pending {
                for lane in 0..LANES {
                    // No lower than the logarithms of the tables, so that no infinities meet.
                    density[lane] += libm::log1p(-weight * toxicity[level][lane]).max(-1e200);
                }
            }
            highest = highest.max(largest(density));
        }
        for weights in weights.iter_mut() {
            *weights = exp_lanes(weights.map(|log| log - highest));
        }
        nodes.add_up(weights, 0, highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::model::crm::{Model, skeleton};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// The posterior of a design, and with nodes twice as dense.
    static DESIGNS: LazyLock<Vec<[WeightedPosterior; 2]>> = LazyLock::new(|| {
        let models = [Model::Empiric, Model::Logistic { intercept: 3.0 }];
        let designs = models.iter().flat_map(|&model| [0.5, 1.34_f64.sqrt(), 2.0].map(|prior_sd| (model, prior_sd)));
        designs
            .map(|(model, prior_sd)| {
                let curve = Curve::new(model, &skeleton(model, 5, 2, 0.25, 0.05).unwrap()).unwrap();
                let (prior, extras) = (Prior::Normal { sd: prior_sd }, Extras { mean_toxicity: true, events: Vec::new() });
                let usual = WeightedPosterior::new(&curve, prior, 30, &extras).unwrap();
                let finer = Posterior::with_step(&curve, prior, 30, &extras, usual.nodes.step / 2.0);
                let toxicity = finer.toxicity.clone();
                [usual, WeightedPosterior { nodes: finer, toxicity }]
            })
            .collect()
    });

    /// Up to 15 evaluated patients, with and without DLT, and up to 15 pending ones.
    fn data() -> impl Strategy<Value = ([u32; 5], [u32; 5], Vec<(Level, f64)>)> {
        let evaluated = (prop::array::uniform5(0..=3_u32), prop::array::uniform5(0..=3_u32));
        let weight = prop_oneof![0.0..1.0, 0.9..1.0, Just(0.0), Just(1.0)];
        (evaluated, prop::collection::vec((0..5_usize, weight), 0..=15)).prop_map(|((patients, mut dlts), pending)| {
            dlts.iter_mut().zip(&patients).for_each(|(dlts, patients)| *dlts = (*dlts).min(*patients));
            (patients, dlts, pending)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn denser_nodes_and_logarithms_change_nothing((patients, dlts, pending) in data(), design in 0..6_usize) {
            let [usual, finer] = DESIGNS[design].each_ref().map(|posterior| posterior.summarise(&patients, &dlts, &pending));
            let tallies = Tallies::new(&patients, &dlts);
            let with_logs = &DESIGNS[design][0];
            let logs = with_logs.nodes.with_room(|weights| with_logs.summarise_in_logs(&tallies, &pending, weights));
            let close = |a: f64, b: f64| (a - b).abs() < 1e-11;
            for other in [finer, logs] {
                prop_assert!(close(usual.mean, other.mean), "{} {}", usual.mean, other.mean);
                prop_assert!(close(usual.variance, other.variance), "{} {}", usual.variance, other.variance);
                prop_assert!(close(usual.log_marginal_likelihood, other.log_marginal_likelihood));
                for (usual, other) in usual.mean_toxicity.iter().zip(&other.mean_toxicity) {
                    prop_assert!(close(*usual, *other), "{usual} {other}");
                }
            }
        }

        #[test]
        fn whole_patients_are_evaluated_and_empty_ones_absent((patients, dlts, pending) in data(), design in 0..6_usize) {
            let posterior = &DESIGNS[design][0];
            let whole: Vec<(Level, f64)> = pending.iter().map(|&(level, weight)| (level, weight.round())).collect();
            let mut evaluated = patients;
            whole.iter().filter(|(_, weight)| *weight == 1.0).for_each(|(level, _)| evaluated[*level] += 1);
            let (with, without) = (posterior.summarise(&patients, &dlts, &whole), posterior.nodes.summarise(&evaluated, &dlts));
            prop_assert!((with.mean - without.mean).abs() < 1e-12, "{} {}", with.mean, without.mean);
            prop_assert!((with.variance - without.variance).abs() < 1e-12);
        }
    }

    #[test]
    fn a_likelihood_too_small_for_products_is_summed_in_logarithms() {
        let posterior = &DESIGNS[0][0];
        let many: Vec<(Level, f64)> = vec![(0, 1.0 - 1e-16); 15];
        let summary = posterior.summarise(&[15, 0, 0, 0, 0], &[15, 0, 0, 0, 0], &many);
        let evaluated = posterior.nodes.summarise(&[30, 0, 0, 0, 0], &[15, 0, 0, 0, 0]);
        assert!((summary.mean - evaluated.mean).abs() < 1e-9, "{} {}", summary.mean, evaluated.mean);
    }
}
