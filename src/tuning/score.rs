//! How points stand: objective, limits, the best of them, and the Pareto front.

use std::cmp::Ordering;

use super::{Estimate, Measure, Point, Tuned, objective_measure};
use crate::study::{Aim, Limit, Over};

/// How a point stands among the others.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// What the objective is for it.
    pub objective: Option<Estimate>,
    /// Whether it meets every limit.
    pub within: bool,
    /// Whether it was simulated and a limit is less than two standard errors away.
    pub close: bool,
    /// Whether it meets the limits and no other point that does is at least as good in everything the front looks at, and better in
    /// something: see [`FRONT`].
    pub front: bool,
    /// Whether it was simulated and cannot be told from the best: the difference of their objectives is within two standard errors.
    pub tied: bool,
}

/// What the Pareto front looks at, as weighted means, and whether more of it is better. Weeks count where every point has them.
pub const FRONT: [(&str, bool); 4] =
    [("correct_selection", true), ("overdose_60", false), ("total_patients", false), ("duration_weeks", false)];

/// Judge every point, and find the best.
pub(super) fn judge(tuned: &mut Tuned<'_>) {
    let mut scores: Vec<Score> = tuned.points.iter().map(|point| score(tuned, point)).collect();
    for place in front(tuned, &scores) {
        scores[place].front = true;
    }
    tuned.points.iter_mut().zip(scores).for_each(|(point, score)| point.score = score);
    tuned.best = ranking(tuned).into_iter().next().filter(|&place| is_eligible(tuned, &tuned.points[place]));
}

fn is_eligible(tuned: &Tuned<'_>, point: &Point) -> bool {
    tuned.is_candidate(point) && point.score.within && point.score.objective.is_some()
}

/// The places of all points that have numbers, the best first: those that can be chosen before the others; then by the objective; where
/// it is equal, by correct selection, overdosing and patients; then as they came.
#[must_use]
pub fn ranking(tuned: &Tuned<'_>) -> Vec<usize> {
    let value = |place: usize, (metric, more): (&str, bool)| {
        let value =
            tuned.mean(&tuned.points[place], metric).map_or(f64::INFINITY, |found| if more { -found.value } else { found.value });
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let objective = |place: usize| {
        let sign = if tuned.tuning.objective.maximise { -1.0 } else { 1.0 };
        tuned.points[place].score.objective.map_or(f64::INFINITY, |found| sign * found.value)
    };
    let compare = |&a: &usize, &b: &usize| {
        let is_ineligible = |place: usize| !is_eligible(tuned, &tuned.points[place]);
        let by_front = || FRONT.into_iter().map(|aim| value(a, aim).total_cmp(&value(b, aim))).find(|order| order.is_ne());
        is_ineligible(a)
            .cmp(&is_ineligible(b))
            .then(objective(a).total_cmp(&objective(b)))
            .then_with(|| by_front().unwrap_or(Ordering::Equal))
    };
    let mut places: Vec<usize> = (0..tuned.points.len()).filter(|&place| tuned.points[place].outcome.is_ok()).collect();
    places.sort_by(compare);
    places
}

fn score(tuned: &Tuned<'_>, point: &Point) -> Score {
    let objective = match tuned.tuning.objective.aim {
        Aim::Parameter(place) => {
            let number = point.values[place].as_ref().and_then(|value| value.number()).filter(|_| point.outcome.is_ok());
            number.map(|value| Estimate { value, std_error: None })
        }
        Aim::Metric(..) => objective_measure(tuned.tuning).and_then(|measure| tuned.number(point, measure)),
    };
    let standings: Vec<Option<(bool, bool)>> = tuned.tuning.limits.iter().map(|limit| standing(tuned, point, limit)).collect();
    Score {
        objective,
        within: point.outcome.is_ok() && standings.iter().all(|standing| standing.is_some_and(|(met, _)| met)),
        close: standings.iter().flatten().any(|(_, close)| *close),
        ..Score::default()
    }
}

/// Whether a point meets a limit, and whether its simulation leaves that open; `None` where it has no such number.
fn standing(tuned: &Tuned<'_>, point: &Point, limit: &Limit) -> Option<(bool, bool)> {
    let lowest_is_worst = limit.over == Over::Worst && !limit.at_most;
    let found = tuned.number(point, Measure { metric: limit.metric, over: limit.over, lowest_is_worst })?;
    let met = if limit.at_most { found.value <= limit.bound } else { found.value >= limit.bound };
    let close = found.std_error.is_some_and(|error| (found.value - limit.bound).abs() < 2.0 * error);
    Some((met, close))
}

/// The places of the points on the front, ascending.
fn front(tuned: &Tuned<'_>, scores: &[Score]) -> Vec<usize> {
    let eligible: Vec<usize> =
        (0..scores.len()).filter(|&place| scores[place].within && tuned.is_candidate(&tuned.points[place])).collect();
    let has = |metric: &str| eligible.iter().all(|&place| tuned.mean(&tuned.points[place], metric).is_some());
    let aims: Vec<(&str, bool)> = FRONT.into_iter().filter(|(metric, _)| has(metric)).collect();
    // What is better is smaller.
    let costs = |place: usize| -> Vec<f64> {
        let cost = |(metric, more): &(&str, bool)| {
            tuned.mean(&tuned.points[place], metric).map_or(f64::INFINITY, |found| if *more { -found.value } else { found.value })
        };
        aims.iter().map(cost).collect()
    };
    let mut points: Vec<(Vec<f64>, usize)> = eligible.iter().map(|&place| (costs(place), place)).collect();
    let in_order = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    points.sort_by(|a, b| in_order(&a.0, &b.0));
    // In this order a point can only be dominated by one before it.
    let mut front: Vec<(Vec<f64>, usize)> = Vec::new();
    for (costs, place) in points {
        let dominates =
            |(other, _): &(Vec<f64>, usize)| other != &costs && other.iter().zip(&costs).all(|(other, own)| other <= own);
        if !front.iter().any(dominates) {
            front.push((costs, place));
        }
    }
    let mut places: Vec<usize> = front.into_iter().map(|(_, place)| place).collect();
    places.sort_unstable();
    places
}
