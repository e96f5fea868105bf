//! The log density of θ, up to its constant, at tabulated nodes: a weighted sum of table rows.

use super::{Block, LANES, largest};
use crate::design::model::crm::{Curve, Prior};
use crate::trial::{Level, MAX_LEVELS};

/// The log density, up to its constant, at some nodes.
#[derive(Clone, Debug)]
pub(super) struct LogDensities {
    levels: usize,
    log_prior: Vec<Block>,
    /// For each block and level, log pₖ and log(1 - pₖ).
    logs: Vec<[Block; 2]>,
}

impl LogDensities {
    /// Tables for nodes at the places from 0 to `count`, with θ = `at(place)`. Past them, in the last block, the density is 0.
    pub(super) fn new(curve: &Curve, prior: Prior, count: usize, at: impl Fn(usize) -> f64) -> Self {
        let blocks = count.div_ceil(LANES);
        let places = |block: usize| -> [usize; LANES] { std::array::from_fn(|lane| block * LANES + lane) };
        let log_prior = |place| if place < count { prior.log_density(at(place)) } else { f64::NEG_INFINITY };
        let per_level = (0..blocks).flat_map(|block| curve.labels().iter().map(move |&label| (block, label)));
        let logs = |(block, label)| {
            let pairs = places(block).map(|place| curve.model.logs(libm::exp(at(place)) * label));
            [pairs.map(|pair| pair.0), pairs.map(|pair| pair.1)]
        };
        Self {
            levels: curve.levels(),
            log_prior: (0..blocks).map(|block| places(block).map(log_prior)).collect(),
            logs: per_level.map(logs).collect(),
        }
    }

    /// The number of blocks.
    pub(super) fn blocks(&self) -> usize {
        self.log_prior.len()
    }

    /// Write the log densities of the blocks from `start` on into `densities` and return the largest.
    #[inline]
    pub(super) fn write(&self, tallies: &Tallies, start: usize, densities: &mut [Block]) -> f64 {
        let mut highest = [f64::NEG_INFINITY; LANES];
        let tables = self.log_prior[start..].iter().zip(self.logs[start * self.levels..].chunks_exact(self.levels));
        for (density, (log_prior, logs)) in densities.iter_mut().zip(tables) {
            let mut sum = *log_prior;
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
}

/// Patients with and without DLT at the levels that have patients.
pub(super) struct Tallies {
    entries: [(Level, f64, f64); MAX_LEVELS],
    length: usize,
}

impl Tallies {
    /// `patients` and `dlts` per level, lowest first.
    pub(super) fn new(patients: &[u32], dlts: &[u32]) -> Self {
        let mut tallies = Self { entries: [(0, 0.0, 0.0); MAX_LEVELS], length: 0 };
        for (level, (&patients, &dlts)) in patients.iter().zip(dlts).enumerate() {
            if patients > 0 {
                tallies.entries[tallies.length] = (level, f64::from(dlts), f64::from(patients.saturating_sub(dlts)));
                tallies.length += 1;
            }
        }
        tallies
    }

    /// Level, patients with a DLT and patients without.
    pub(super) fn tried(&self) -> &[(Level, f64, f64)] {
        &self.entries[..self.length]
    }
}
