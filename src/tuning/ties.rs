//! Which simulated points cannot be told from the best.

use super::evaluate::Evaluator;
use super::{Estimate, Tuned, TuningError, objective_measure};
use crate::comparison::compare;
use crate::engine::Monitor;
use crate::measure::{Results, Source};
use crate::study::{Engine, Over};

/// Points that are compared with the best in one go.
const TOGETHER: usize = 8;

/// Mark the points that meet the limits, are not the best, and differ from it in the objective by no more than two standard errors of
/// that difference. Two simulated points are compared on the same patients.
///
/// # Errors
/// Somebody asked to stop.
pub(super) fn mark(tuned: &mut Tuned<'_>, evaluator: &Evaluator<'_>, monitor: &Monitor) -> Result<(), TuningError> {
    let (Some(best), Some(measure)) = (tuned.best, objective_measure(tuned.tuning)) else { return Ok(()) };
    let Some(of_best) = tuned.points[best].score.objective else { return Ok(()) };
    let is_simulated = |place: usize| tuned.points[place].outcome.as_ref().is_ok_and(|found| found.source == Source::MonteCarlo);
    let (mut tied, mut open) = (Vec::new(), Vec::new());
    for (place, point) in tuned.points.iter().enumerate() {
        let Some(own) = point.score.objective.filter(|_| place != best && point.score.within && tuned.is_candidate(point)) else {
            continue;
        };
        let error = |estimate: Estimate| estimate.std_error.unwrap_or(0.0);
        // However the two depend on each other, the error of the difference is at most the sum of theirs.
        let is_open = (own.value - of_best.value).abs() <= 2.0 * (error(own) + error(of_best));
        match (is_simulated(best), is_simulated(place)) {
            (false, false) => {}
            (true, true) if is_open => open.push((place, own.value - of_best.value)),
            _ if is_open => tied.push(place),
            _ => {}
        }
    }
    for rivals in open.chunks(TOGETHER) {
        let places = std::iter::once(best).chain(rivals.iter().map(|(place, _)| *place));
        let designs: Option<Vec<_>> = places.map(|place| evaluator.design(&tuned.points[place].values).ok()).collect();
        // They were read when they were evaluated.
        let Some(designs) = designs else { continue };
        let results = compare(&evaluator.study_of(designs, Engine::MonteCarlo), monitor, |_| {})?;
        for (number, (place, difference)) in rivals.iter().enumerate() {
            let error = paired_error(&results, number + 1, measure.metric, measure.over, &tuned.tuning.weights);
            if difference.abs() <= 2.0 * error {
                tied.push(*place);
            }
        }
    }
    for place in tied {
        tuned.points[place].score.tied = true;
    }
    Ok(())
}

/// At least the standard error of the difference between the objectives of a design and the first: of means, the weighted mean of the
/// errors of the scenarios; of worst values, whose difference lies between those of two scenarios, the largest.
fn paired_error(results: &Results, design: usize, metric: &str, over: Over, weights: &[f64]) -> f64 {
    let errors = results.differences.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).filter_map(|(designs, weight)| {
        let found = designs.get(design)?.iter().find(|found| found.metric == metric && found.level.is_none())?;
        Some((found.error.map_or(0.0, |(std_error, ..)| std_error), *weight))
    });
    let errors: Vec<(f64, f64)> = errors.collect();
    match over {
        Over::Mean => {
            let sum: f64 = errors.iter().map(|(_, weight)| weight).sum();
            if sum > 0.0 { errors.iter().map(|(error, weight)| error * weight).sum::<f64>() / sum } else { 0.0 }
        }
        Over::Worst => errors.iter().map(|(error, _)| *error).fold(0.0, f64::max),
    }
}
