//! Durations of many trials, added up as whole numbers, so that no sum depends on who added it.

use std::collections::BTreeMap;

/// When a trial ended, and what enrolment was like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Weeks from the opening of the trial to the end of the last patient's window.
    pub weeks: f64,
    /// Weeks in which enrolment was closed, until the last patient was enrolled.
    pub closed_weeks: f64,
    /// Patients who arrived in these weeks and were not enrolled later.
    pub turned_away: u32,
}

/// Times of many trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarTally {
    trials: u64,
    weeks: Moments,
    closed_weeks: Moments,
    turned_away: Moments,
    /// How many trials ended in each 64th of a week.
    ends: BTreeMap<u64, u64>,
}

/// Sum and sum of squares of a number of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moments {
    sum: u128,
    squares: u128,
}

/// Units in a week for sums: a unit is about half a second.
const UNITS: f64 = (1u64 << 20) as f64;
/// Parts of a week for quantiles.
const PARTS: f64 = 64.0;

impl Moments {
    fn add(&mut self, units: u64) {
        let units = u128::from(units);
        self.sum += units;
        self.squares += units * units;
    }

    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// The mean over `trials`, and the variance between them, in units.
    fn mean_and_variance(self, trials: u64) -> (f64, f64) {
        let trials = trials.max(1);
        let mean = self.sum as f64 / trials as f64;
        // Squared sums are compared as whole numbers, so that nothing cancels.
        let spread = self.squares.saturating_mul(u128::from(trials)).saturating_sub(self.sum.saturating_mul(self.sum));
        (mean, spread as f64 / (trials as f64 * trials as f64))
    }
}

/// A quantity of the calendar whose mean over trials is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarQuantity {
    /// The duration in weeks.
    Weeks,
    /// Weeks in which enrolment was closed.
    ClosedWeeks,
    /// Patients turned away.
    TurnedAway,
}

impl CalendarTally {
    /// Add a trial.
    pub fn add(&mut self, times: &Times) {
        self.trials += 1;
        self.weeks.add((times.weeks * UNITS).round() as u64);
        self.closed_weeks.add((times.closed_weeks * UNITS).round() as u64);
        self.turned_away.add(u64::from(times.turned_away));
        *self.ends.entry((times.weeks * PARTS) as u64).or_default() += 1;
    }

    /// Add the trials of another tally.
    pub fn merge(&mut self, other: Self) {
        self.trials += other.trials;
        self.weeks.merge(other.weeks);
        self.closed_weeks.merge(other.closed_weeks);
        self.turned_away.merge(other.turned_away);
        for (part, trials) in other.ends {
            *self.ends.entry(part).or_default() += trials;
        }
    }

    /// The number of trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The mean of a quantity over trials, and its variance between them.
    #[must_use]
    pub fn mean_and_variance(&self, quantity: CalendarQuantity) -> (f64, f64) {
        let (moments, units) = match quantity {
            CalendarQuantity::Weeks => (self.weeks, UNITS),
            CalendarQuantity::ClosedWeeks => (self.closed_weeks, UNITS),
            CalendarQuantity::TurnedAway => (self.turned_away, 1.0),
        };
        let (mean, variance) = moments.mean_and_variance(self.trials);
        (mean / units, variance / (units * units))
    }

    /// The duration in weeks that a share `level` of the trials does not exceed, to a 64th of a week.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let wanted = level * self.trials as f64;
        let mut before = 0.0;
        for (&part, &trials) in &self.ends {
            let trials = trials as f64;
            if before + trials >= wanted {
                let within = ((wanted - before) / trials).clamp(0.0, 1.0);
                return (part as f64 + within) / PARTS;
            }
            before += trials;
        }
        self.ends.last_key_value().map_or(0.0, |(&part, _)| (part + 1) as f64 / PARTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_variances_and_quantiles_of_known_durations() {
        let mut halves = [CalendarTally::default(), CalendarTally::default()];
        for week in 1..=100_u32 {
            let times = Times { weeks: f64::from(week), closed_weeks: 0.5, turned_away: week % 2 };
            halves[week as usize % 2].add(&times);
        }
        let [mut tally, other] = halves;
        tally.merge(other);
        let (mean, variance) = tally.mean_and_variance(CalendarQuantity::Weeks);
        assert!((mean - 50.5).abs() < 1e-12 && (variance - 833.25).abs() < 1e-9, "{mean} {variance}");
        assert_eq!(tally.mean_and_variance(CalendarQuantity::ClosedWeeks), (0.5, 0.0));
        assert_eq!(tally.mean_and_variance(CalendarQuantity::TurnedAway), (0.5, 0.25));
        assert!((tally.quantile(0.5) - 50.0).abs() <= 1.0 / 64.0 && (tally.quantile(0.05) - 5.0).abs() <= 1.0 / 64.0);
    }
}
