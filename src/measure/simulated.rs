//! Operating characteristics over a population of curves from replicates, for designs without exact results.
//!
//! Each curve has the same number of replicates, and patients of its own: what is found under different curves is independent. So the
//! mean over the curves has the variance of a sum of independent means. How a number is spread over the curves is not told: with few
//! replicates a curve, most of that spread would be noise.

use super::duration::Schedule;
use super::population::POPULATION_METRICS;
use super::summary::{Yardstick, summarise};
use crate::engine::Distribution;
use crate::scenario::{Scenario, Target};
use crate::trial::Timing;

/// The metrics of a design under a curve, in the order of [`POPULATION_METRICS`], each with its standard error.
pub type SimulatedValues = [Option<(f64, f64)>; POPULATION_METRICS.len()];

/// A design over a population, from replicates.
#[derive(Clone, Debug)]
pub struct SimulatedDesign {
    /// Its place in the study.
    pub design: usize,
    /// Replicates of each curve, at least 2.
    pub replicates: usize,
    /// `values[curve]`.
    pub values: Vec<SimulatedValues>,
}

/// A mean over curves from replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulatedMean {
    /// How many curves have the number.
    pub curves: usize,
    /// Its mean over them.
    pub mean: f64,
    /// The Monte Carlo standard error of the mean; the curves are those of the population, and have no error.
    pub std_error: f64,
}

/// The metrics that replicates show under a curve, with their errors; in calendar time, where the study has it, with the weeks.
#[must_use]
pub fn simulated_values(
    distribution: &Distribution<'_>,
    scenario: &Scenario,
    target: &Target,
    timing: Option<&Timing>,
    benchmark: bool,
) -> SimulatedValues {
    let timing = timing.map(|timing| Schedule { timing, simulated: None, in_detail: false });
    let summary = summarise(distribution, &Yardstick { scenario, target, timing, benchmark });
    // Squared errors are means of squares about an estimated mean: with few replicates they would be too small by this factor.
    let replicates = distribution.number_of_replicates().unwrap_or(2).max(2) as f64;
    let factor = (replicates / (replicates - 1.0)).sqrt();
    POPULATION_METRICS.map(|metric| {
        let found = summary.get(metric, None)?;
        Some((found.value, factor * found.std_error.unwrap_or(0.0)))
    })
}

impl SimulatedDesign {
    /// The mean of a metric, by its place in [`POPULATION_METRICS`], over the curves that `which` holds for, with their weights. `None`
    /// where no curve has the metric.
    #[must_use]
    pub fn mean(&self, weights: &[f64], metric: usize, which: impl Fn(usize) -> bool) -> Option<SimulatedMean> {
        let (mut curves, mut total, mut sum, mut variance) = (0, 0.0, 0.0, 0.0);
        for (_, (values, weight)) in self.values.iter().zip(weights).enumerate().filter(|(curve, _)| which(*curve)) {
            let Some((value, std_error)) = values[metric] else { continue };
            curves += 1;
            total += weight;
            sum += weight * value;
            variance += (weight * std_error) * (weight * std_error);
        }
        (curves > 0).then(|| SimulatedMean { curves, mean: sum / total, std_error: variance.sqrt() / total })
    }
}
