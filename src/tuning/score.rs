//! How points stand: objective, limits, the best of them, and the Pareto front.

use std::cmp::Ordering;

use super::{Estimate, Measure, Point, Tuned, objective_measure};
use crate::measure::Metric;
use crate::study::{Aim, Limit, Over};

/// How a point stands among the others.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// What the objective is for it.
    pub objective: Option<Estimate>,
    /// The objective less that of the design as it is written, where both are metrics.
    pub gain: Option<Estimate>,
    /// The objective less that of the best point.
    pub from_best: Option<Estimate>,
    /// Whether it meets every limit.
    pub within: bool,
    /// Whether it was simulated and a limit is less than two standard errors away.
    pub close: bool,
    /// Whether it meets the limits and no other point that does is at least as good in everything the front looks at, see [`FRONT`],
    /// and distinguishably better in something: by more than two standard errors of the difference, where one was simulated.
    pub front: bool,
    /// Whether it meets the limits and cannot be told from the best, where one was simulated: the difference of their objectives is
    /// within two standard errors of that difference.
    pub tied: bool,
}

/// What the Pareto front looks at, as weighted means, and whether more of it is better. Weeks count where every point has them.
pub const FRONT: [(Metric, bool); 4] = [
    (Metric::CorrectSelection, true),
    (Metric::Overdose60, false),
    (Metric::TotalPatients, false),
    (Metric::DurationWeeks, false),
];

/// A number as it is compared with others: to ten decimals. What differs by less is the same sum in another order, as 18 patients of two
/// designs that always enrol 18 are.
fn compared(number: f64) -> f64 {
    (number * 1e10).round()
}

/// Whether a number meets a limit.
#[must_use]
pub fn is_met(limit: &Limit, number: f64) -> bool {
    let (number, bound) = (compared(number), compared(limit.bound));
    if limit.at_most { number <= bound } else { number >= bound }
}

/// Judge every point, and find the best.
pub(super) fn judge(tuned: &mut Tuned<'_>) {
    let mut scores: Vec<Score> = tuned.points.iter().map(|point| score(tuned, point)).collect();
    for place in front(tuned, &scores) {
        scores[place].front = true;
    }
    tuned.points.iter_mut().zip(scores).for_each(|(point, score)| point.score = score);
    tuned.best = ranking(tuned).into_iter().next().filter(|&place| is_eligible(tuned, &tuned.points[place]));
    let Some(best) = tuned.best else { return };
    let differences: Vec<Option<Estimate>> =
        tuned.points.iter().map(|point| difference(tuned, point, &tuned.points[best])).collect();
    for (place, from_best) in differences.into_iter().enumerate() {
        let is_open = from_best.is_some_and(Estimate::is_open);
        let tied = is_open && place != best && is_eligible(tuned, &tuned.points[place]);
        let score = &mut tuned.points[place].score;
        (score.from_best, score.tied) = (from_best, tied);
    }
}

/// The objective of a point less that of another.
fn difference(tuned: &Tuned<'_>, point: &Point, other: &Point) -> Option<Estimate> {
    match objective_measure(tuned.tuning) {
        Some(measure) => tuned.difference(point, other, measure),
        None => {
            let (own, other) = (point.score.objective?, other.score.objective?);
            Some(Estimate { value: own.value - other.value, std_error: None })
        }
    }
}

fn is_eligible(tuned: &Tuned<'_>, point: &Point) -> bool {
    tuned.is_candidate(point) && point.score.within && point.score.objective.is_some()
}

/// The places of all points that have numbers, the best first: those that can be chosen before the others; then by the objective; where
/// it is equal, by correct selection, overdosing and patients; then as they came.
#[must_use]
pub fn ranking(tuned: &Tuned<'_>) -> Vec<usize> {
    let value = |place: usize, (metric, more): (Metric, bool)| {
        let value =
            tuned.mean(&tuned.points[place], metric).map_or(f64::INFINITY, |found| if more { -found.value } else { found.value });
        if value.is_nan() { f64::INFINITY } else { compared(value) }
    };
    let objective = |place: usize| {
        let sign = if tuned.tuning.objective.maximise { -1.0 } else { 1.0 };
        tuned.points[place].score.objective.map_or(f64::INFINITY, |found| compared(sign * found.value))
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
    let gain = objective_measure(tuned.tuning).and_then(|measure| tuned.difference(point, tuned.points.first()?, measure));
    Score {
        objective,
        gain,
        within: point.outcome.is_ok() && standings.iter().all(|standing| standing.is_some_and(|(met, _)| met)),
        close: standings.iter().flatten().any(|(_, close)| *close),
        ..Score::default()
    }
}

/// Whether a point meets a limit, and whether its simulation leaves that open; `None` where it has no such number.
fn standing(tuned: &Tuned<'_>, point: &Point, limit: &Limit) -> Option<(bool, bool)> {
    let lowest_is_worst = limit.over == Over::Worst && !limit.at_most;
    let found = tuned.number(point, Measure { metric: limit.metric, over: limit.over, lowest_is_worst })?;
    let met = is_met(limit, found.value);
    let close = found.std_error.is_some_and(|error| (found.value - limit.bound).abs() < 2.0 * error);
    Some((met, close))
}

/// The places of the points on the front, ascending.
fn front(tuned: &Tuned<'_>, scores: &[Score]) -> Vec<usize> {
    let eligible: Vec<usize> =
        (0..scores.len()).filter(|&place| scores[place].within && tuned.is_candidate(&tuned.points[place])).collect();
    let has = |metric: Metric| eligible.iter().all(|&place| tuned.mean(&tuned.points[place], metric).is_some());
    let aims: Vec<(Metric, bool)> = FRONT.into_iter().filter(|(metric, _)| has(*metric)).collect();
    // What is better is smaller.
    let costs = |place: usize| -> Vec<f64> {
        let cost = |&(metric, more): &(Metric, bool)| {
            let cost = |found: Estimate| if more { -found.value } else { found.value };
            tuned.mean(&tuned.points[place], metric).map_or(f64::INFINITY, |found| compared(cost(found)))
        };
        aims.iter().map(cost).collect()
    };
    let mut points: Vec<(Vec<f64>, usize)> = eligible.iter().map(|&place| (costs(place), place)).collect();
    let in_order = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    points.sort_by(|a, b| in_order(&a.0, &b.0));
    let differ = |metric: Metric, a: usize, b: usize| {
        let measure = Measure { metric, over: Over::Mean, lowest_is_worst: false };
        let found = tuned.difference(&tuned.points[a], &tuned.points[b], measure);
        found.is_some_and(|found| compared(found.value) != 0.0 && !found.is_open())
    };
    let has_error =
        |place: usize, metric: Metric| tuned.mean(&tuned.points[place], metric).is_some_and(|own| own.std_error.is_some());
    // Where all is exact, what a dominated point dominates is dominated by its dominator too; simulated, it need not be so.
    let keeps_all = eligible.iter().any(|&place| aims.iter().any(|(metric, _)| has_error(place, *metric)));
    // In this order a point can only be dominated by one before it.
    let (mut rivals, mut front): (Vec<(Vec<f64>, usize)>, Vec<usize>) = (Vec::new(), Vec::new());
    for (costs, place) in points {
        let dominates = |(other, rival): &(Vec<f64>, usize)| {
            other.iter().zip(&costs).all(|(other, own)| other <= own)
                && aims.iter().any(|(metric, _)| differ(*metric, *rival, place))
        };
        let is_dominated = rivals.iter().any(dominates);
        if !is_dominated {
            front.push(place);
        }
        if !is_dominated || keeps_all {
            rivals.push((costs, place));
        }
    }
    front.sort_unstable();
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Batches, Source};
    use crate::study::Study;
    use crate::tuning::{Found, measures};

    const STUDY: &str = "name = 'test'
target = 0.25
doses = { levels = [1, 2, 3] }
[[scenario]]
name = 's'
toxicity = [0.1, 0.25, 0.4]
[[design]]
name = 'B'
method = 'boin'
[tune]
design = 'B'
parameters.max_patients = [12, 15, 18, 21]
";

    /// Points with these numbers of correct selection and patients, and by how much two batches move the former; the first is the
    /// design as it is written. Moves of plus and minus x are a standard error of 2x.
    fn judged(study: &Study, points: &[(f64, f64, f64)]) -> Vec<(bool, bool)> {
        let tuning = &study.tunings[0];
        let measures = measures(tuning);
        let point = |(place, &(correct, patients, moves)): (usize, &(f64, f64, f64))| {
            let is_simulated = moves != 0.0;
            let estimate = |metric: Metric| match metric {
                Metric::CorrectSelection => {
                    Some((correct, Batches::new(if is_simulated { vec![moves, -moves] } else { vec![] })))
                }
                Metric::TotalPatients => Some((patients, Batches::default())),
                _ => Some((0.0, Batches::default())),
            };
            let numbers = measures.iter().map(|measure| {
                let (value, batches) = estimate(measure.metric).unwrap();
                let std_error = is_simulated.then(|| batches.std_error());
                (Some(Estimate { value, std_error }), batches)
            });
            let (numbers, batches) = numbers.unzip();
            let source = if is_simulated { Source::MonteCarlo } else { Source::Exact };
            let outcome = Ok(Found { source, numbers, batches });
            Point { values: vec![None], round: usize::from(place > 0), outcome, score: Score::default() }
        };
        let points = points.iter().enumerate().map(point).collect();
        let mut tuned = Tuned { tuning, measures: measures.clone(), points, best: None, rounds: Vec::new(), replicates: 2 };
        judge(&mut tuned);
        tuned.points.iter().map(|point| (point.score.front, point.score.tied)).collect()
    }

    /// As good in patients, and one or three standard errors of the difference behind in correct selection: a point stays on the front
    /// and is tied in the first case, and is neither in the second. The same numbers without error are dominated in both.
    #[test]
    fn the_front_and_ties_heed_the_error_of_the_difference() {
        let study = Study::from_text("test.toml", STUDY).unwrap().0;
        // The moves of the first are 0.03, those of the others 0.02: the differences have standard errors of 0.02.
        let simulated = [(0.4, 12.0, 0.03), (0.5, 12.0, 0.03), (0.48, 12.0, 0.02), (0.44, 12.0, 0.02), (0.44, 11.0, 0.02)];
        let found = judged(&study, &simulated);
        assert_eq!(found, [(false, false), (true, false), (true, true), (false, false), (true, false)]);
        let exact = simulated.map(|(correct, patients, _)| (correct, patients, 0.0));
        let found = judged(&study, &exact);
        assert_eq!(found, [(false, false), (true, false), (false, false), (false, false), (true, false)]);
        // The third is off the front by the second, although the point in between, which it cannot be told from, is off it too.
        let chain = [(0.4, 12.0, 0.03), (0.5, 12.0, 0.03), (0.455, 12.0, 0.02), (0.45, 12.0, 0.02)];
        assert_eq!(judged(&study, &chain)[1..], [(true, false), (false, false), (false, false)]);
    }

    /// What is the same number, summed in another order, is neither better nor beyond a limit.
    #[test]
    fn rounding_decides_nothing() {
        let study = Study::from_text("test.toml", STUDY).unwrap().0;
        let (eighteen, less) = (18.000000000000004, 17.999999999999996);
        // The second has fewer correct selections; that its patients are fewer is rounding.
        let found = judged(&study, &[(0.4, 9.0, 0.0), (0.5, eighteen, 0.0), (0.4, less, 0.0), (0.4, 17.999, 0.0)]);
        assert_eq!(found.iter().map(|(front, _)| *front).collect::<Vec<_>>(), [false, true, false, true]);
        let limit = |at_most| Limit { metric: Metric::TotalPatients, over: Over::Mean, bound: 18.0, at_most };
        assert!(is_met(&limit(true), eighteen) && is_met(&limit(false), less));
        assert!(!is_met(&limit(true), 18.001) && !is_met(&limit(false), 17.999));
    }
}
