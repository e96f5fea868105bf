//! How long a trial takes, and what it is like in calendar time.
//!
//! Where every cohort waits for its last window, and patients arrive as a Poisson process while enrolment is open, those who come while
//! a cohort is being followed are not enrolled. Each enrolled patient is therefore awaited for an exponential time of its own, and each
//! cohort then takes one DLT window: a trial of N patients in C cohorts takes Gamma(N, accrual) + C windows. So durations follow exactly
//! from the joint distribution of N and C. All other trials are simulated in calendar time.

use std::collections::BTreeMap;

use super::summary::{mean, standard_error};
use super::{Characteristic, Difference, Metric, Quantile, Source, difference::interval};
use crate::engine::{CalendarQuantity, CalendarTally, Distribution, PairedTimes};
use crate::numeric::erlang;
use crate::trial::{Counts, Outcome, Timing};

/// Calendar time, as far as durations need it.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    /// The calendar time of the study.
    pub timing: &'a Timing,
    /// The simulated trials of the design in calendar time, where they were simulated apart from the distribution of its outcomes.
    pub simulated: Option<&'a CalendarTally>,
    /// Whether more than the duration is asked for.
    pub in_detail: bool,
}

impl<'a> Schedule<'a> {
    /// The simulated trials of a design in calendar time.
    pub(super) fn tally(self, distribution: &'a Distribution<'_>) -> Option<&'a CalendarTally> {
        distribution.calendar().or(self.simulated)
    }

    /// The durations of a design in closed form, where they have one and no simulated trials are to be preferred: replicates stand by
    /// their own durations, so that pairs of them can be compared.
    pub(super) fn closed_form(self, distribution: &Distribution<'_>, accrual: f64) -> Option<ClosedForm> {
        let is_exact = distribution.number_of_replicates().is_none();
        let is_wanted = self.timing.is_closed_form() && (is_exact || self.tally(distribution).is_none());
        is_wanted.then(|| ClosedForm::new(distribution, self.timing.dlt_window_weeks, accrual))
    }
}

/// The quantity of a simulated trial whose mean a metric is.
fn quantity(metric: Metric) -> Option<CalendarQuantity> {
    Some(match metric {
        Metric::DurationWeeks => CalendarQuantity::Weeks,
        Metric::ClosedWeeks => CalendarQuantity::ClosedWeeks,
        Metric::TurnedAway => CalendarQuantity::TurnedAway,
        Metric::OnTime => CalendarQuantity::OnTime,
        Metric::UninformedDlts => CalendarQuantity::UninformedDlts,
        Metric::Dropouts => CalendarQuantity::Dropouts,
        _ => return None,
    })
}

/// The characteristics of calendar time, from the opening of enrolment to the end of the last window: in closed form, where there is
/// one, otherwise as simulated. `accrual` is that of the scenario, in patients a week.
pub(super) fn durations(distribution: &Distribution<'_>, schedule: Schedule<'_>, accrual: f64) -> Vec<Characteristic> {
    let tally = schedule.tally(distribution);
    let means = |metrics: &[Metric]| -> Vec<Characteristic> {
        let wanted = metrics.iter().filter(|metric| match **metric {
            Metric::OnTime => schedule.timing.planned_weeks.is_some(),
            Metric::Dropouts => schedule.timing.has_dropouts(),
            _ => true,
        });
        wanted.filter_map(|&metric| simulated_mean(tally?, metric)).collect()
    };
    match (schedule.closed_form(distribution, accrual), tally) {
        (Some(form), _) => {
            let mut characteristics = form.durations(distribution);
            if schedule.in_detail {
                characteristics.extend(form.closed(distribution));
                characteristics.extend(schedule.timing.planned_weeks.map(|weeks| form.on_time(distribution, weeks)));
                characteristics.extend(means(&[Metric::UninformedDlts]));
            }
            characteristics
        }
        (None, Some(tally)) => {
            let mut characteristics = means(&[Metric::DurationWeeks]);
            characteristics.extend(simulated_quantiles(tally));
            characteristics.extend(means(&[
                Metric::ClosedWeeks,
                Metric::TurnedAway,
                Metric::OnTime,
                Metric::UninformedDlts,
                Metric::Dropouts,
            ]));
            characteristics
        }
        (None, None) => Vec::new(),
    }
}

/// The mean of a metric over simulated trials.
fn simulated_mean(tally: &CalendarTally, metric: Metric) -> Option<Characteristic> {
    let (value, variance) = tally.mean_and_variance(quantity(metric)?);
    Some(Characteristic { metric, value, std_error: Some((variance / tally.trials() as f64).sqrt()) })
}

/// Quantiles of the duration of simulated trials, with their errors as in closed form.
fn simulated_quantiles(tally: &CalendarTally) -> impl Iterator<Item = Characteristic> {
    let trials = tally.trials() as f64;
    Quantile::ALL.into_iter().map(move |quantile| {
        let level = quantile.probability();
        let spread = (level * (1.0 - level) / trials).sqrt();
        let std_error = (tally.quantile((level + spread).min(1.0)) - tally.quantile((level - spread).max(0.0))) / 2.0;
        Characteristic { metric: Metric::DurationQuantile(quantile), value: tally.quantile(level), std_error: Some(std_error) }
    })
}

/// The expected number of DLTs after the window, where there are any: each patient who had none within it has one later with a
/// probability that depends on the toxicity of the level alone, so that the mean is that of a sum over patients, and exact where
/// their distribution is.
pub(super) fn late_dlts(distribution: &Distribution<'_>, toxicity: &[f64], timing: &Timing) -> Option<Characteristic> {
    if timing.late_dlt_share <= 0.0 {
        return None;
    }
    let of_level = |level: usize, counts: &Counts| (counts.patients(level) - counts.dlts(level)) as f64;
    let own = |outcome: &Outcome| -> f64 {
        let later = |(level, &toxicity): (usize, &f64)| of_level(level, &outcome.counts) * timing.late_dlt_probability(toxicity);
        toxicity.iter().enumerate().map(later).sum()
    };
    let value = mean(distribution, own);
    let std_error = standard_error(distribution, |outcome| own(outcome) - value);
    Some(Characteristic { metric: Metric::LateDlts, value, std_error })
}

/// Durations where cohorts wait, from patients and cohorts.
pub(super) struct ClosedForm {
    /// The probability of each number of patients and cohorts.
    sizes: BTreeMap<(usize, u8), f64>,
    window: f64,
    accrual: f64,
}

impl ClosedForm {
    fn new(distribution: &Distribution<'_>, window: f64, accrual: f64) -> Self {
        let mut sizes: BTreeMap<(usize, u8), f64> = BTreeMap::new();
        for (outcome, probability) in distribution.probabilities() {
            *sizes.entry((outcome.counts.total_patients(), outcome.cohorts)).or_default() += probability;
        }
        Self { sizes, window, accrual }
    }

    /// The probability that a trial of so many patients and cohorts has ended after so many weeks.
    fn has_ended(&self, (patients, cohorts): (usize, u8), weeks: f64) -> f64 {
        let waiting = weeks - f64::from(cohorts) * self.window;
        if waiting > 0.0 { erlang::cumulative(patients, self.accrual * waiting) } else { 0.0 }
    }

    /// The expected weeks of a trial with this outcome.
    pub(super) fn expected_weeks(&self, outcome: &Outcome) -> f64 {
        outcome.counts.total_patients() as f64 / self.accrual + f64::from(outcome.cohorts) * self.window
    }

    /// The probability that a trial with this outcome has ended after so many weeks.
    pub(super) fn probably_ended(&self, outcome: &Outcome, weeks: f64) -> f64 {
        self.has_ended((outcome.counts.total_patients(), outcome.cohorts), weeks)
    }

    /// The probability that the trial has ended after so many weeks.
    pub(super) fn ended(&self, weeks: f64) -> f64 {
        self.sizes.iter().map(|(&size, probability)| probability * self.has_ended(size, weeks)).sum()
    }

    /// The probability that the trial has ended after so many weeks, with its error where patients and cohorts are estimated.
    pub(super) fn ended_with_error(&self, distribution: &Distribution<'_>, weeks: f64) -> (f64, Option<f64>) {
        let value = self.ended(weeks);
        let squares = self.sizes.iter().map(|(&size, probability)| probability * (self.has_ended(size, weeks) - value).powi(2));
        let variance: f64 = squares.sum();
        (value, distribution.number_of_replicates().map(|replicates| (variance / replicates as f64).sqrt()))
    }

    /// Mean and quantiles of the duration.
    fn durations(&self, distribution: &Distribution<'_>) -> Vec<Characteristic> {
        let value = mean(distribution, |outcome| self.expected_weeks(outcome));
        let std_error = standard_error(distribution, |outcome| self.expected_weeks(outcome) - value);
        let quantile = |level: f64| {
            let (mut low, mut high) = (0.0, value.max(self.window));
            while self.ended(high) < level && high < f64::MAX / 2.0 {
                high *= 2.0;
            }
            for _ in 0..80 {
                let middle = (low + high) / 2.0;
                if self.ended(middle) < level { low = middle } else { high = middle }
            }
            high
        };
        let mut characteristics = vec![Characteristic { metric: Metric::DurationWeeks, value, std_error }];
        for which in Quantile::ALL {
            let level = which.probability();
            // Half the distance between the quantiles one standard error of the probability to either side (Woodruff, 1952).
            let std_error = distribution.number_of_replicates().map(|replicates| {
                let spread = (level * (1.0 - level) / replicates as f64).sqrt();
                (quantile((level + spread).min(1.0 - 1e-12)) - quantile((level - spread).max(1e-12))) / 2.0
            });
            characteristics.push(Characteristic { metric: Metric::DurationQuantile(which), value: quantile(level), std_error });
        }
        characteristics
    }

    /// Weeks closed and patients turned away: enrolment is closed for the window of each cohort but the last.
    fn closed(&self, distribution: &Distribution<'_>) -> [Characteristic; 2] {
        let closed = |outcome: &Outcome| f64::from(outcome.cohorts.saturating_sub(1)) * self.window;
        let value = mean(distribution, closed);
        let std_error = standard_error(distribution, |outcome| closed(outcome) - value);
        [
            Characteristic { metric: Metric::ClosedWeeks, value, std_error },
            Characteristic {
                metric: Metric::TurnedAway,
                value: self.accrual * value,
                std_error: std_error.map(|error| self.accrual * error),
            },
        ]
    }

    /// The probability that the trial ends within so many weeks.
    fn on_time(&self, distribution: &Distribution<'_>, weeks: f64) -> Characteristic {
        let (value, std_error) = self.ended_with_error(distribution, weeks);
        Characteristic { metric: Metric::OnTime, value, std_error }
    }
}

/// Sums over pairs of trials in calendar time, none so far; nothing where one of the two designs was not simulated so.
#[must_use]
pub fn no_paired_times(
    own: (&Distribution<'_>, Schedule<'_>),
    reference: (&Distribution<'_>, Schedule<'_>),
) -> Option<PairedTimes> {
    let (first, second) = (own.1.tally(own.0)?, reference.1.tally(reference.0)?);
    let thresholds = Quantile::ALL.map(|own| (first.quantile(own.probability()), second.quantile(own.probability()))).to_vec();
    Some(PairedTimes::new(own.1.timing, thresholds))
}

/// Give the differences in calendar time that were simulated the errors of their pairs; `errors` are those of the two designs apart.
///
/// A mean has the error of the mean of the pairs' differences. That of a quantile is of the difference of two linear estimates, each
/// with the error of its own and correlated as are the two trials of a pair in not exceeding their quantile.
pub fn pair_durations(differences: &mut [Difference], pairs: &PairedTimes, errors: impl Fn(&Difference) -> Option<(f64, f64)>) {
    for found in differences.iter_mut().filter(|found| found.error.is_some()) {
        let std_error = if let Some(quantity) = quantity(found.metric) {
            (pairs.variance(quantity) / pairs.pairs() as f64).sqrt()
        } else if let Metric::DurationQuantile(which) = found.metric
            && let Some(quantile) = Quantile::ALL.iter().position(|own| *own == which)
            && let Some((own, reference)) = errors(found)
        {
            let variance = own * own + reference * reference - 2.0 * pairs.correlation(quantile) * own * reference;
            variance.max(0.0).sqrt()
        } else {
            continue;
        };
        found.source = Source::MonteCarlo;
        found.error = Some(interval(found.difference, std_error));
    }
}
