//! Enrolment, follow-up and end of a trial, week by week.

use super::Quantile;
use super::duration::Schedule;
use super::summary::proportion_error;
use crate::engine::{Distribution, EnrolmentWeek};

/// What is found at the end of a week of the trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Week {
    /// The mean number of patients enrolled so far, and its standard error.
    pub enrolled: (f64, f64),
    /// The smallest n with P(enrolled ≤ n) at least 0.05, 0.50, 0.95.
    pub enrolled_quantiles: [usize; 3],
    /// The mean number of patients whose DLT window is not over, and its standard error.
    pub on_study: (f64, f64),
    /// The probability that the trial has ended, and its standard error, `None` when exact.
    pub ended: (f64, Option<f64>),
}

/// Nothing is shown of a trial beyond the week by which this share of the trials has ended.
const SHOWN: f64 = 0.99;

/// The weeks of a design's trials from 0 on, until 99 % of the trials have ended, at most ten years: from its replicates in calendar
/// time, the end in closed form where there is one. Empty where there are no such replicates, or the study asks for no such detail.
#[must_use]
pub fn weeks(distribution: &Distribution<'_>, schedule: Schedule<'_>, accrual: f64) -> Vec<Week> {
    let Some(tally) = schedule.tally(distribution).filter(|_| schedule.in_detail) else { return Vec::new() };
    let form = schedule.closed_form(distribution, accrual);
    let trials = tally.trials();
    let mut weeks: Vec<Week> = Vec::new();
    for (number, (found, ended)) in tally.enrolment().weeks().zip(tally.ended()).enumerate() {
        let share = ended as f64 / trials as f64;
        let ended = match &form {
            Some(form) => form.ended_with_error(distribution, number as f64),
            None => (share, Some(proportion_error(share, trials as usize))),
        };
        let is_last = ended.0 >= SHOWN;
        weeks.push(week(&found, tally.enrolment().trials(), ended));
        if is_last {
            break;
        }
    }
    weeks
}

fn week(found: &EnrolmentWeek, trials: u64, ended: (f64, Option<f64>)) -> Week {
    let EnrolmentWeek { enrolled, followed: (sum, squares) } = found;
    // A number of patients is the sum over patients of whether there are so many; its square that of the odd numbers.
    let sum_enrolled: u64 = enrolled.iter().sum();
    let squares_enrolled: u64 = enrolled.iter().enumerate().map(|(index, trials)| (2 * index as u64 + 1) * trials).sum();
    let trials = trials as f64;
    let mean_with_error = |sum: f64, squares: f64| {
        let mean = sum / trials;
        (mean, ((squares / trials - mean * mean).max(0.0) / trials).sqrt())
    };
    // At most n patients: not yet n + 1.
    let quantile =
        |level: f64| enrolled.iter().position(|&more| trials - more as f64 >= level * trials).unwrap_or(enrolled.len());
    Week {
        enrolled: mean_with_error(sum_enrolled as f64, squares_enrolled as f64),
        enrolled_quantiles: Quantile::ALL.map(|own| quantile(own.probability())),
        on_study: mean_with_error(*sum as f64, *squares as f64),
        ended,
    }
}
