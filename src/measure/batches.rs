//! By how much batches of replicates move the characteristics of a design: what is kept of its trials so that it can be compared with
//! any other that saw the same patients, without simulating the two again.
//!
//! The error of a difference follows from the differences of the batches (batch means; Law and Carson, 1979, "A sequential procedure
//! for determining the length of a steady-state simulation"). Batches are made of whole replicates, which are independent.

use super::difference::Side;
use super::duration::ClosedForm;
use super::metric::{OutcomeMetric, Truth};
use super::summary::Yardstick;
use super::{Metric, Summary};
use crate::engine::{Distribution, Ends, Times};
use crate::trial::Outcome;

/// The most batches that are kept: the error of a difference is then itself known to about 5 %.
const MOST: usize = 256;

/// The most trials in a row that are added up before batches are put together; a block of replicates is a multiple of it.
const LONGEST: usize = 16;

/// By how much each batch of replicates, in their order, moves an estimate; no batches where it is exact. The moves add up to zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batches(Vec<f64>);

impl Batches {
    /// The batches with these moves.
    #[must_use]
    pub fn new(moves: Vec<f64>) -> Self {
        Self(moves)
    }

    /// The moves.
    #[must_use]
    pub fn moves(&self) -> &[f64] {
        &self.0
    }

    /// The batches of a sum of estimates, each times a weight, from the same patients; those that are exact bring none.
    #[must_use]
    pub fn weighted<'b>(estimates: impl Iterator<Item = (f64, &'b Self)>) -> Self {
        let mut sum: Vec<f64> = Vec::new();
        for (weight, batches) in estimates {
            sum.resize(sum.len().max(batches.0.len()), 0.0);
            sum.iter_mut().zip(&batches.0).for_each(|(sum, own)| *sum += weight * own);
        }
        Self(sum)
    }

    /// The standard error of the estimate; 0 where it is exact.
    #[must_use]
    pub fn std_error(&self) -> f64 {
        self.difference_std_error(&Self::default())
    }

    /// The standard error of the estimate less another one from the same patients; 0 where both are exact.
    #[must_use]
    pub fn difference_std_error(&self, other: &Self) -> f64 {
        let batches = self.0.len().max(other.0.len());
        let of = |batches: &Self, index: usize| match batches.0.get(index) {
            Some(&moved) => moved,
            // An exact number has no batches, and is moved by none.
            None => 0.0,
        };
        let squares: f64 = (0..batches).map(|index| (of(self, index) - of(other, index)).powi(2)).sum();
        // There are at least two batches, as there are at least two replicates.
        (squares * batches as f64 / batches.saturating_sub(1).max(1) as f64).sqrt()
    }
}

/// What moves some characteristics of a design under a scenario.
pub struct Moves<'a> {
    truth: Truth,
    metrics: Vec<OutcomeMetric>,
    side: Side<'a>,
    form: Option<ClosedForm>,
    quantities: Vec<Quantity>,
    /// The standard error of each that is a quantile.
    quantile_errors: Vec<Option<f64>>,
    /// How many trials are added up.
    trials: usize,
}

/// What of a trial moves a characteristic.
#[derive(Clone, Copy)]
enum Quantity {
    /// Nothing: the characteristic is exact, or there is none.
    Nothing,
    /// Its influence on the metric with this place.
    Metric(usize),
    /// Whether it has at most so many patients.
    AtMost(f64),
    /// Its weeks.
    Weeks,
    /// Its weeks without enrolment.
    ClosedWeeks,
    /// Patients turned away.
    TurnedAway,
    /// Uninformed DLTs.
    UninformedDlts,
    /// Whether it has ended after so many weeks.
    Ended(f64),
    /// Its expected weeks, given its patients and cohorts.
    ExpectedWeeks,
    /// The probability that it has ended after so many weeks, given its patients and cohorts.
    ProbablyEnded(f64),
}

/// Sums over the trials of a span of replicates: a row for each few trials.
#[derive(Clone, Debug, Default)]
pub struct MoveSums {
    rows: Vec<f64>,
    trials: usize,
    /// The influences of a trial that are not tabulated.
    scratch: Vec<f64>,
}

impl<'a> Moves<'a> {
    /// What moves the trial-level characteristics `wanted` of a design whose distribution gave `summary`.
    #[must_use]
    pub fn new(
        distribution: &'a Distribution<'_>,
        yardstick: &Yardstick<'_>,
        summary: &Summary,
        wanted: &[Metric],
        replicates: usize,
    ) -> Self {
        let truth = Truth::new(yardstick.scenario, yardstick.target);
        let simulated = |metric| summary.get(metric).filter(|found| found.std_error.is_some());
        let metrics: Vec<OutcomeMetric> = truth
            .metrics(yardstick.benchmark)
            .into_iter()
            .filter(|own| own.is_of_trial() && wanted.contains(&own.metric()) && simulated(own.metric()).is_some())
            .collect();
        let in_closed_form =
            |schedule: super::Schedule<'_>| schedule.closed_form(distribution, yardstick.scenario.accrual(schedule.timing));
        let form = yardstick.timing.and_then(in_closed_form);
        let quantity = |&metric: &Metric| -> (Quantity, Option<f64>) {
            let Some(found) = simulated(metric) else { return (Quantity::Nothing, None) };
            if let Some(place) = metrics.iter().position(|own| own.metric() == metric) {
                return (Quantity::Metric(place), None);
            }
            match (metric, form.is_some()) {
                (Metric::TotalPatientsQuantile(_), _) => (Quantity::AtMost(found.value), found.std_error),
                (Metric::DurationWeeks, true) => (Quantity::ExpectedWeeks, None),
                (Metric::DurationWeeks, false) => (Quantity::Weeks, None),
                (Metric::DurationQuantile(_), true) => (Quantity::ProbablyEnded(found.value), found.std_error),
                (Metric::DurationQuantile(_), false) => (Quantity::Ended(found.value), found.std_error),
                (Metric::ClosedWeeks, _) => (Quantity::ClosedWeeks, None),
                (Metric::TurnedAway, _) => (Quantity::TurnedAway, None),
                (Metric::UninformedDlts, _) => (Quantity::UninformedDlts, None),
                // No other metric of a whole trial can be asked for.
                _ => (Quantity::Nothing, None),
            }
        };
        let (quantities, quantile_errors) = wanted.iter().map(quantity).unzip();
        let side = Side::new(distribution, &truth, &metrics);
        // A power of two that leaves enough batches.
        let trials = 1 << (replicates / MOST).clamp(1, LONGEST).ilog2();
        Self { truth, metrics, side, form, quantities, quantile_errors, trials }
    }

    /// Sums over no trials yet.
    #[must_use]
    pub fn no_sums(&self) -> MoveSums {
        MoveSums { rows: Vec::new(), trials: 0, scratch: vec![0.0; self.metrics.len()] }
    }

    /// Add the trials of a block: how they ended, and when, where they were simulated in calendar time.
    pub fn add(&self, sums: &mut MoveSums, ends: &Ends, times: &[Times]) {
        let outcomes = self.side.outcomes();
        for (trial, number) in ends.numbers(outcomes).enumerate() {
            if sums.trials.is_multiple_of(self.trials) {
                sums.rows.resize(sums.rows.len() + self.quantities.len(), 0.0);
            }
            sums.trials += 1;
            let first = sums.rows.len() - self.quantities.len();
            let influences = self.side.row(&self.truth, &self.metrics, number, &mut sums.scratch);
            let (outcome, times) = (&outcomes[number], times.get(trial));
            for (sum, &quantity) in sums.rows[first..].iter_mut().zip(&self.quantities) {
                if let Some(own) = self.of_trial(quantity, influences, outcome, times) {
                    *sum += own;
                }
            }
        }
    }

    /// What a trial adds to the sum of a quantity; `None` where it was not simulated in the time that the quantity is of.
    fn of_trial(&self, quantity: Quantity, influences: &[f64], outcome: &Outcome, times: Option<&Times>) -> Option<f64> {
        let holds = |holds: bool| f64::from(u8::from(holds));
        let form = self.form.as_ref();
        match quantity {
            Quantity::Nothing => None,
            Quantity::Metric(place) => Some(influences[place]),
            Quantity::AtMost(patients) => Some(holds(outcome.counts.total_patients() as f64 <= patients)),
            Quantity::Weeks => times.map(|times| times.weeks),
            Quantity::ClosedWeeks => times.map(|times| times.closed_weeks),
            Quantity::TurnedAway => times.map(|times| f64::from(times.turned_away)),
            Quantity::UninformedDlts => times.map(|times| f64::from(times.uninformed_dlts)),
            Quantity::Ended(weeks) => times.map(|times| holds(times.weeks <= weeks)),
            Quantity::ExpectedWeeks => form.map(|form| form.expected_weeks(outcome)),
            Quantity::ProbablyEnded(weeks) => form.map(|form| form.probably_ended(outcome, weeks)),
        }
    }

    /// The batches of each characteristic from the sums of all spans, in their order. The moves of a quantile are those of the
    /// probability that it stands for, with the error of the quantile.
    #[must_use]
    pub fn batches(&self, spans: &[MoveSums]) -> Vec<Batches> {
        let width = self.quantities.len();
        let rows: Vec<&[f64]> = spans.iter().flat_map(|span| span.rows.chunks(width.max(1))).collect();
        let trials: usize = spans.iter().map(|span| span.trials).sum();
        let together = rows.len().div_ceil(MOST).max(1);
        let one = |(place, error): (usize, &Option<f64>)| {
            if matches!(self.quantities[place], Quantity::Nothing) {
                return Batches::default();
            }
            let mean = rows.iter().map(|row| row[place]).sum::<f64>() / trials as f64;
            // Every row has as many trials, but the last.
            let of_batch = |(batch, rows): (usize, &[&[f64]])| {
                let first = batch * together * self.trials;
                let own = (rows.len() * self.trials).min(trials - first);
                (rows.iter().map(|row| row[place]).sum::<f64>() - mean * own as f64) / trials as f64
            };
            let moves = Batches::new(rows.chunks(together).enumerate().map(of_batch).collect());
            match (error, moves.std_error()) {
                (Some(error), own) if own > 0.0 => Batches::weighted(std::iter::once((-error / own, &moves))),
                _ => moves,
            }
        };
        self.quantile_errors.iter().enumerate().map(one).collect()
    }
}
