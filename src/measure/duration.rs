//! How long a trial takes when every cohort waits for its last window.
//!
//! Patients arrive as a Poisson process while enrolment is open; those who come while a cohort is being followed are not
//! enrolled. Each enrolled patient is therefore awaited for an exponential time of its own, and each cohort then takes one DLT
//! window: a trial of N patients in C cohorts takes Gamma(N, accrual) + C windows. So durations follow exactly from the joint
//! distribution of N and C.

use std::collections::BTreeMap;

use super::summary::{mean, standard_error};
use super::{Characteristic, summary::QUANTILES};
use crate::engine::Distribution;
use crate::numeric::erlang;
use crate::study::Timing;
use crate::trial::Outcome;

/// Mean and quantiles of the duration in weeks, from the arrival of enrolment's opening to the end of the last window.
pub(super) fn durations(distribution: &Distribution<'_>, timing: Timing) -> Vec<Characteristic> {
    let Timing { dlt_window_weeks: window, accrual_per_week: accrual } = timing;
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
    let mut characteristics = vec![Characteristic { metric: "duration_weeks", level: None, value, std_error }];
    let keys = ["duration_weeks_q05", "duration_weeks_q50", "duration_weeks_q95"];
    for (metric, level) in keys.into_iter().zip(QUANTILES) {
        // Half the distance between the quantiles one standard error of the probability to either side (Woodruff, 1952).
        let std_error = distribution.number_of_replicates().map(|replicates| {
            let spread = (level * (1.0 - level) / replicates as f64).sqrt();
            (quantile((level + spread).min(1.0 - 1e-12)) - quantile((level - spread).max(1e-12))) / 2.0
        });
        characteristics.push(Characteristic { metric, level: None, value: quantile(level), std_error });
    }
    characteristics
}
