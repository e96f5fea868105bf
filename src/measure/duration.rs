//! How long a trial takes when every cohort waits for its last window.
//!
//! Patients arrive as a Poisson process while enrolment is open; those who come while a cohort is being followed are not
//! enrolled. Each enrolled patient is therefore awaited for an exponential time of its own, and each cohort then takes one DLT
//! window: a trial of N patients in C cohorts takes Gamma(N, accrual) + C windows. So durations follow exactly from the joint
//! distribution of N and C.

use std::collections::BTreeMap;

use super::summary::{mean, standard_error};
use super::{Characteristic, summary::QUANTILES};
use crate::engine::{CalendarQuantity, CalendarTally, Distribution};
use crate::numeric::erlang;
use crate::trial::{Outcome, Timing};

/// Calendar time, as far as durations need it.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    /// The calendar time of the study.
    pub timing: &'a Timing,
    /// When simulated trials of the design ended, where they were simulated apart from the distribution of its outcomes.
    pub simulated: Option<&'a CalendarTally>,
    /// Whether weeks closed and patients turned away are asked for.
    pub in_detail: bool,
}

/// Mean and quantiles of the duration in weeks, from the opening of enrolment to the end of the last window: as simulated, where trials
/// were simulated in calendar time, otherwise in closed form, where there is one.
pub(super) fn durations(distribution: &Distribution<'_>, schedule: Schedule<'_>) -> Vec<Characteristic> {
    match distribution.calendar().or(schedule.simulated) {
        Some(tally) => simulated(tally),
        None if schedule.timing.is_closed_form() => in_closed_form(distribution, schedule),
        None => Vec::new(),
    }
}

/// The metrics of durations; the quantiles are those of [`QUANTILES`].
const MEAN: &str = "duration_weeks";
const QUANTILE_KEYS: [&str; 3] = ["duration_weeks_q05", "duration_weeks_q50", "duration_weeks_q95"];
const CLOSED_WEEKS: &str = "closed_weeks";
const TURNED_AWAY: &str = "turned_away";

/// Durations of simulated trials.
fn simulated(tally: &CalendarTally) -> Vec<Characteristic> {
    let trials = tally.trials() as f64;
    let mean = |metric, quantity| {
        let (value, variance) = tally.mean_and_variance(quantity);
        Characteristic { metric, level: None, value, std_error: Some((variance / trials).sqrt()) }
    };
    let mut characteristics = vec![mean(MEAN, CalendarQuantity::Weeks)];
    characteristics.extend(QUANTILE_KEYS.into_iter().zip(QUANTILES).map(|(metric, level)| {
        // As in closed form.
        let spread = (level * (1.0 - level) / trials).sqrt();
        let std_error = (tally.quantile((level + spread).min(1.0)) - tally.quantile((level - spread).max(0.0))) / 2.0;
        Characteristic { metric, level: None, value: tally.quantile(level), std_error: Some(std_error) }
    }));
    characteristics.push(mean(CLOSED_WEEKS, CalendarQuantity::ClosedWeeks));
    characteristics.push(mean(TURNED_AWAY, CalendarQuantity::TurnedAway));
    characteristics
}

/// Durations where cohorts wait, from patients and cohorts.
fn in_closed_form(distribution: &Distribution<'_>, schedule: Schedule<'_>) -> Vec<Characteristic> {
    let (window, accrual) = (schedule.timing.dlt_window_weeks, schedule.timing.accrual_per_week);
    let own_mean = |outcome: &Outcome| outcome.counts.total_patients() as f64 / accrual + f64::from(outcome.cohorts) * window;
    let value = mean(distribution, own_mean);
    let std_error = standard_error(distribution, |outcome| own_mean(outcome) - value);
    let mut sizes: BTreeMap<(usize, u8), f64> = BTreeMap::new();
    for (outcome, probability) in distribution.probabilities() {
        *sizes.entry((outcome.counts.total_patients(), outcome.cohorts)).or_default() += probability;
    }
    let below = |weeks: f64| -> f64 {
        let share = |(&(patients, cohorts), probability): (&(usize, u8), &f64)| {
            let waiting = weeks - f64::from(cohorts) * window;
            if waiting > 0.0 { probability * erlang::cumulative(patients, accrual * waiting) } else { 0.0 }
        };
        sizes.iter().map(share).sum()
    };
    let quantile = |level: f64| {
        let (mut low, mut high) = (0.0, value.max(window));
        while below(high) < level && high < f64::MAX / 2.0 {
            high *= 2.0;
        }
        for _ in 0..80 {
            let middle = (low + high) / 2.0;
            if below(middle) < level { low = middle } else { high = middle }
        }
        high
    };
    let mut characteristics = vec![Characteristic { metric: MEAN, level: None, value, std_error }];
    for (metric, level) in QUANTILE_KEYS.into_iter().zip(QUANTILES) {
        // Half the distance between the quantiles one standard error of the probability to either side (Woodruff, 1952).
        let std_error = distribution.number_of_replicates().map(|replicates| {
            let spread = (level * (1.0 - level) / replicates as f64).sqrt();
            (quantile((level + spread).min(1.0 - 1e-12)) - quantile((level - spread).max(1e-12))) / 2.0
        });
        characteristics.push(Characteristic { metric, level: None, value: quantile(level), std_error });
    }
    if schedule.in_detail {
        // Enrolment is closed for the window of each cohort but the last.
        let closed = |outcome: &Outcome| f64::from(outcome.cohorts.saturating_sub(1)) * window;
        let value = mean(distribution, closed);
        let std_error = standard_error(distribution, |outcome| closed(outcome) - value);
        characteristics.push(Characteristic { metric: CLOSED_WEEKS, level: None, value, std_error });
        let (value, std_error) = (accrual * value, std_error.map(|error| accrual * error));
        characteristics.push(Characteristic { metric: TURNED_AWAY, level: None, value, std_error });
    }
    characteristics
}
