//! Operating characteristics over a population of curves from replicates, for designs without exact results.
//!
//! Each curve has the same number of replicates, and patients of its own: what is found under different curves is independent. So the
//! mean over the curves has the variance of a sum of independent means. How a number is spread over the curves is not told: with few
//! replicates a curve, most of that spread would be noise.

use super::Metric;
use super::batches::Batches;
use super::duration::Schedule;
use super::population::ByMetric;
use super::summary::{Yardstick, summarise};
use crate::engine::Distribution;
use crate::scenario::{Scenario, Target};
use crate::trial::Timing;

/// The metrics of a design under a curve, each with its standard error.
pub type SimulatedValues = ByMetric<(f64, f64)>;

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

/// A design over a population, from replicates, with what equal parts of the replicates of each curve show by themselves: so that it can
/// be compared with another design that saw the same patients.
#[derive(Clone, Debug)]
pub struct SimulatedParts {
    /// The design, from all replicates.
    pub whole: SimulatedDesign,
    /// How many parts a curve has, at least 2.
    pub parts: usize,
    /// `by_part[curve * parts + part]`.
    pub by_part: Vec<SimulatedValues>,
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
    SimulatedValues::new(|metric| {
        let found = summary.get(metric)?;
        Some((found.value, factor * found.std_error?))
    })
}

impl SimulatedDesign {
    /// The mean of a metric over the curves that `which` holds for, with their weights. `None` where no curve has the metric.
    #[must_use]
    pub fn mean(&self, weights: &[f64], metric: Metric, which: impl Fn(usize) -> bool) -> Option<SimulatedMean> {
        let (mut curves, mut total, mut sum, mut variance) = (0, 0.0, 0.0, 0.0);
        for (_, (values, weight)) in self.values.iter().zip(weights).enumerate().filter(|(curve, _)| which(*curve)) {
            let Some((value, std_error)) = values.get(metric) else { continue };
            curves += 1;
            total += weight;
            sum += weight * value;
            variance += (weight * std_error) * (weight * std_error);
        }
        (curves > 0).then(|| SimulatedMean { curves, mean: sum / total, std_error: variance.sqrt() / total })
    }
}

/// The most batches that are made of parts.
const MOST: usize = 256;

/// The metrics that are a mean over the number of patients.
const OF_PATIENTS: [Metric; 3] = [Metric::ShareAboveMtd, Metric::ShareAtMtd, Metric::DltRate];

impl SimulatedParts {
    /// The batches of the mean of a metric over all curves with their weights.
    ///
    /// The parts of a curve move its own mean alone, and their moves add up to zero curve by curve. So curves are put together in groups,
    /// part by part, and the moves are scaled to the variance of a sum of independent means of `parts` parts each.
    #[must_use]
    pub fn batches(&self, weights: &[f64], metric: Metric) -> Batches {
        let of_group = self.parts.min(MOST);
        let groups = (MOST / of_group).clamp(1, self.whole.values.len().max(1));
        let mut moves = vec![0.0; groups * of_group];
        let mut total = 0.0;
        for (curve, (whole, weight)) in self.whole.values.iter().zip(weights).enumerate() {
            let Some((mean, _)) = whole.get(metric) else { continue };
            total += weight;
            for (place, part) in self.by_part[curve * self.parts..][..self.parts].iter().enumerate() {
                let own = part.get(metric).map_or(mean, |(own, _)| own);
                // Of a ratio of means, what a part adds to the numerator beyond the ratio times its patients.
                let scale = match (part.get(Metric::TotalPatients), whole.get(Metric::TotalPatients)) {
                    (Some((own, _)), Some((mean, _))) if OF_PATIENTS.contains(&metric) => own / mean,
                    _ => 1.0,
                };
                moves[curve % groups * of_group + place % of_group] += weight * scale * (own - mean);
            }
        }
        let (parts, batches) = (of_group as f64, moves.len() as f64);
        let factor = (parts / (parts - 1.0) * (batches - 1.0) / batches).sqrt() / (total * self.parts as f64);
        Batches::new(moves.into_iter().map(|own| own * factor).collect())
    }
}
