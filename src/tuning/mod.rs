//! A tuning in, its points out: every point is a variant of a design, evaluated as a run of the study would, and judged by the
//! objective and the limits of `[tune]`.
//!
//! Points are compiled and evaluated exactly, many at a time, each on one thread. Where a design has no graph that fits its bound, or
//! looks at pending patients, it is simulated; all points then see the same patients, and what is kept of their trials gives the error
//! of the difference of any two. Nothing depends on the number of threads, nor on where a tuning was interrupted and continued.

mod evaluate;
mod journal;
mod score;
mod search;

pub use journal::Journal;
pub use score::{FRONT, Score, is_met, ranking};

use crate::comparison::ComparisonError;
use crate::engine::Monitor;
use crate::measure::{Batches, Metric, Source};
use crate::study::{Aim, Over, Setting, Study, Tuning};
use evaluate::Evaluator;

/// Why a study could not be tuned.
#[derive(Debug, thiserror::Error)]
pub enum TuningError {
    /// A point could not be evaluated, or somebody asked to stop.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
    /// The finished points could not be noted.
    #[error("cannot write the journal {path}: {cause}")]
    Journal {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

/// A number of a point: exact, or with its standard error. That of a mean over scenarios, which share their patients, is the error of
/// the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Its value.
    pub value: f64,
    /// Its Monte Carlo standard error; `None` when exact.
    pub std_error: Option<f64>,
}

impl Estimate {
    /// Whether a difference cannot be told from none: it was simulated, and is within two standard errors of zero.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.std_error.is_some_and(|error| self.value.abs() <= 2.0 * error)
    }
}

/// A number that every point has: a metric, over the scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// A trial-level metric.
    pub metric: Metric,
    /// How its values in several scenarios become one.
    pub over: Over,
    /// Whether the lowest value is the worst.
    pub lowest_is_worst: bool,
}

/// What was found out about a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where its numbers come from.
    pub source: Source,
    /// One for each [`Tuned::measures`]; `None` where no scenario has the metric.
    pub numbers: Vec<Option<Estimate>>,
    /// The batches of each of them, for its difference from another point.
    pub batches: Vec<Batches>,
}

/// The numbers of a point, or what is wrong with its combination of values.
pub type Outcome = Result<Found, String>;

/// A variant of the design.
#[derive(Clone, Debug)]
pub struct Point {
    /// The value of each parameter; `None`: as the design is written.
    pub values: Vec<Option<Setting>>,
    /// The round of the search that it belongs to, the first being 1; 0 for the design as it is written.
    pub round: usize,
    /// What was found.
    pub outcome: Outcome,
    /// How it stands among the points.
    pub score: Score,
}

/// A tuning with its points.
#[derive(Debug)]
pub struct Tuned<'s> {
    /// What was asked.
    pub tuning: &'s Tuning,
    /// The numbers that every point has.
    pub measures: Vec<Measure>,
    /// The points in the order of the search; the first is the design as it is written.
    pub points: Vec<Point>,
    /// The place of the best point; `None` when no point meets the limits.
    pub best: Option<usize>,
    /// The best point after each round of the search.
    pub rounds: Vec<Option<usize>>,
    /// How many simulated trials there are under each scenario or curve, where points are simulated.
    pub replicates: usize,
}

impl Tuned<'_> {
    /// The number of a point.
    #[must_use]
    pub fn number(&self, point: &Point, measure: Measure) -> Option<Estimate> {
        let place = self.measures.iter().position(|own| *own == measure)?;
        *point.outcome.as_ref().ok()?.numbers.get(place)?
    }

    /// The number of a point less that of another. Where one was simulated, the error is that of the difference: both saw the same
    /// patients.
    #[must_use]
    pub fn difference(&self, point: &Point, other: &Point, measure: Measure) -> Option<Estimate> {
        let place = self.measures.iter().position(|own| *own == measure)?;
        let (own, other) = (point.outcome.as_ref().ok()?, other.outcome.as_ref().ok()?);
        let (number, other_number) = ((*own.numbers.get(place)?)?, (*other.numbers.get(place)?)?);
        let is_simulated = number.std_error.or(other_number.std_error).is_some();
        let error = || Some(own.batches.get(place)?.difference_std_error(other.batches.get(place)?));
        Some(Estimate { value: number.value - other_number.value, std_error: if is_simulated { Some(error()?) } else { None } })
    }

    /// The weighted mean of a metric of a point.
    #[must_use]
    pub fn mean(&self, point: &Point, metric: Metric) -> Option<Estimate> {
        let place = self.measures.iter().position(|own| own.metric == metric && own.over == Over::Mean)?;
        *point.outcome.as_ref().ok()?.numbers.get(place)?
    }

    /// Whether a point can be the best: the design as it is written only stands beside a grid, whose ranges need not include it.
    #[must_use]
    pub fn is_candidate(&self, point: &Point) -> bool {
        point.round > 0 || self.tuning.one_at_a_time
    }
}

/// The metrics that every point has, beside those that objective and limits name.
const ALWAYS: [Metric; 6] = [
    Metric::CorrectSelection,
    Metric::OverSelection,
    Metric::Overdose60,
    Metric::TotalPatients,
    Metric::TotalDlts,
    Metric::DurationWeeks,
];

/// The numbers that the points of a tuning need.
fn measures(tuning: &Tuning) -> Vec<Measure> {
    let mean = |metric| Measure { metric, over: Over::Mean, lowest_is_worst: false };
    let mut measures: Vec<Measure> = ALWAYS.map(mean).to_vec();
    let mut add = |metric, over, lowest_is_worst| {
        let measure = if over == Over::Mean { mean(metric) } else { Measure { metric, over, lowest_is_worst } };
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    };
    if let Aim::Metric(metric, over) = tuning.objective.aim {
        add(metric, over, tuning.objective.maximise);
    }
    for limit in &tuning.limits {
        // The mean is shown beside the worst.
        add(limit.metric, Over::Mean, false);
        add(limit.metric, limit.over, !limit.at_most);
    }
    measures
}

/// The number that the objective is, where it is a metric.
fn objective_measure(tuning: &Tuning) -> Option<Measure> {
    match tuning.objective.aim {
        Aim::Metric(metric, over) => {
            Some(Measure { metric, over, lowest_is_worst: over == Over::Worst && tuning.objective.maximise })
        }
        Aim::Parameter(_) => None,
    }
}

/// Tune what the study asks for, one tuning after the other. Points that are in the journal are not evaluated again, others are noted
/// there as they are finished. Everything parallel runs on the current thread pool; `stage` is told what begins.
///
/// # Errors
/// [`TuningError`]. The journal keeps what was finished.
pub fn tune<'s>(
    study: &'s Study,
    journal: &mut Journal,
    monitor: &Monitor,
    mut stage: impl FnMut(&str),
) -> Result<Vec<Tuned<'s>>, TuningError> {
    let one = |(place, tuning): (usize, &'s Tuning)| tune_one(study, place, tuning, journal, monitor, &mut stage);
    study.tunings.iter().enumerate().map(one).collect()
}

fn tune_one<'s>(
    study: &'s Study,
    place: usize,
    tuning: &'s Tuning,
    journal: &mut Journal,
    monitor: &Monitor,
    stage: &mut impl FnMut(&str),
) -> Result<Tuned<'s>, TuningError> {
    let replicates = study.simulation.replicates;
    let mut tuned = Tuned { tuning, measures: measures(tuning), points: Vec::new(), best: None, rounds: Vec::new(), replicates };
    // The reader has seen to it that there is such a design.
    let Some(evaluator) = Evaluator::new(study, tuning, &tuned.measures) else { return Ok(tuned) };
    tuned.replicates = evaluator.replicates();
    for round in 0..=tuning.rounds + 1 {
        let new = search::round(&tuned, round);
        if new.is_empty() {
            break;
        }
        stage(&format!("{}: {} points", tuning.name, new.len()));
        let outcomes = evaluator.evaluate(place, &new, journal, monitor)?;
        let points = new.into_iter().zip(outcomes);
        tuned.points.extend(points.map(|(values, outcome)| Point { values, round, outcome, score: Score::default() }));
        if round > 0 {
            score::judge(&mut tuned);
            tuned.rounds.push(tuned.best);
        }
    }
    Ok(tuned)
}
