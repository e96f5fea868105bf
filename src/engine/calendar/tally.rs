//! The calendars of many trials, added up as whole numbers, so that no sum depends on who added it.

use std::collections::BTreeMap;

use super::enrolment::{Enrolment, ROUNDING, WEEKS};
use crate::trial::Timing;

/// When a trial ended, and what enrolment was like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Weeks from the opening of the trial to the end of the last patient's window.
    pub weeks: f64,
    /// Weeks in which enrolment was closed, until the last patient was enrolled.
    pub closed_weeks: f64,
    /// Patients who arrived in these weeks and were not enrolled later.
    pub turned_away: u32,
    /// Patients who dropped out; they are not among those of the outcome.
    pub dropouts: u32,
    /// DLTs of patients who were enrolled before the DLT of an earlier patient was known.
    pub uninformed_dlts: u32,
}

/// When the patients of a trial were on study, in weeks.
#[derive(Clone, Copy, Debug)]
pub struct Stays<'a> {
    /// When they were enrolled, in their order.
    pub entered: &'a [f64],
    /// When they had been followed to the end of the window, or dropped out, ascending.
    pub left: &'a [f64],
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
    /// Whether the trial ended within the planned time, as 1 or 0.
    OnTime,
    /// DLTs of patients who were enrolled before the DLT of an earlier patient was known.
    UninformedDlts,
    /// Patients who dropped out.
    Dropouts,
}

/// Units in a week for sums: a unit is about half a second.
const UNITS: f64 = (1u64 << 20) as f64;
/// Parts of a week, for when trials ended.
const PARTS: usize = 64;
/// Parts that are counted in a list, ten years.
const COUNTED: usize = WEEKS * PARTS;

/// Weeks as whole units.
#[inline]
fn units(weeks: f64) -> i64 {
    // To the nearest, without the call into a library that `round` is.
    (weeks * UNITS + 0.5) as i64
}

/// The number of the part of a week, from 0, in which a trial ended. A part includes its end, so that whole weeks end with one.
#[inline]
fn part(weeks: f64) -> usize {
    // Rounded up by hand: the usual way is a call into a library.
    let exact = (weeks - ROUNDING) * PARTS as f64;
    let before = exact as usize;
    if exact > before as f64 { before } else { before.saturating_sub(1) }
}

/// How many quantities there are.
const QUANTITIES: usize = CalendarQuantity::ALL.len();

impl CalendarQuantity {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Weeks, Self::ClosedWeeks, Self::TurnedAway, Self::OnTime, Self::UninformedDlts, Self::Dropouts];

    /// How many units make one week, patient or DLT.
    fn units(self) -> f64 {
        match self {
            Self::Weeks | Self::ClosedWeeks => UNITS,
            Self::TurnedAway | Self::OnTime | Self::UninformedDlts | Self::Dropouts => 1.0,
        }
    }
}

impl Times {
    /// A quantity in its units. A trial is on time when its length does not exceed that planned, in whole units; without a plan none is.
    #[inline(always)] // In a loop over trials that knows which it is.
    fn quantity(&self, quantity: CalendarQuantity, planned: Option<f64>) -> i64 {
        match quantity {
            CalendarQuantity::Weeks => units(self.weeks),
            CalendarQuantity::ClosedWeeks => units(self.closed_weeks),
            CalendarQuantity::TurnedAway => self.turned_away.into(),
            CalendarQuantity::OnTime => planned.is_some_and(|planned| units(self.weeks) <= units(planned)).into(),
            CalendarQuantity::UninformedDlts => self.uninformed_dlts.into(),
            CalendarQuantity::Dropouts => self.dropouts.into(),
        }
    }
}

/// Calendars of many trials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalendarTally {
    planned: Option<f64>,
    trials: u64,
    moments: [Moments; QUANTITIES],
    /// How many trials ended in each 64th of a week: of the first [`COUNTED`], and of those after them.
    ends: Vec<u64>,
    later_ends: BTreeMap<usize, u64>,
    enrolment: Enrolment,
}

/// Sum and sum of squares of a number of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moments {
    sum: i128,
    squares: u128,
}

impl Moments {
    #[inline]
    fn add(&mut self, units: i64) {
        self.sum += i128::from(units);
        let size = u128::from(units.unsigned_abs());
        self.squares += size * size;
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
        let sum = self.sum.unsigned_abs();
        let spread = self.squares.saturating_mul(u128::from(trials)).saturating_sub(sum.saturating_mul(sum));
        (mean, spread as f64 / (trials as f64 * trials as f64))
    }
}

/// Adds up a quantity over trials, of which so many weeks are planned.
type Sum = fn(&[Times], Option<f64>) -> Moments;

/// The [`Sum`] of the quantity with this number.
fn sum<const NUMBER: usize>(trials: &[Times], planned: Option<f64>) -> Moments {
    let mut sums = Moments::default();
    trials.iter().for_each(|times| sums.add(times.quantity(CalendarQuantity::ALL[NUMBER], planned)));
    sums
}

impl CalendarTally {
    /// No trials yet, of a study with this calendar time.
    #[must_use]
    pub fn new(timing: &Timing) -> Self {
        Self { planned: timing.planned_weeks, ..Self::default() }
    }

    /// Add some trials.
    pub fn add(&mut self, trials: &[Times]) {
        self.trials += trials.len() as u64;
        // Quantity by quantity, so that its sums stay in registers; and a loop for each, that need not ask which it is.
        let sums: [Sum; QUANTITIES] = [sum::<0>, sum::<1>, sum::<2>, sum::<3>, sum::<4>, sum::<5>];
        self.moments.iter_mut().zip(sums).for_each(|(moments, sum)| moments.merge(sum(trials, self.planned)));
        for times in trials {
            let part = part(times.weeks);
            if part < COUNTED {
                if self.ends.len() <= part {
                    self.ends.resize(part + 1, 0);
                }
                self.ends[part] += 1;
            } else {
                *self.later_ends.entry(part).or_default() += 1;
            }
        }
    }

    /// Add when the patients of a trial were on study.
    pub fn add_stays(&mut self, stays: Stays<'_>) {
        self.enrolment.add(stays);
    }

    /// Add the trials of another tally.
    pub fn merge(&mut self, other: Self) {
        self.trials += other.trials;
        self.moments.iter_mut().zip(other.moments).for_each(|(moments, other)| moments.merge(other));
        if self.ends.len() < other.ends.len() {
            self.ends.resize(other.ends.len(), 0);
        }
        self.ends.iter_mut().zip(other.ends).for_each(|(sum, trials)| *sum += trials);
        for (part, trials) in other.later_ends {
            *self.later_ends.entry(part).or_default() += trials;
        }
        self.enrolment.merge(other.enrolment);
    }

    /// The number of trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The mean of a quantity over trials, and its variance between them.
    #[must_use]
    pub fn mean_and_variance(&self, quantity: CalendarQuantity) -> (f64, f64) {
        let (mean, variance) = self.moments[quantity as usize].mean_and_variance(self.trials);
        (mean / quantity.units(), variance / (quantity.units() * quantity.units()))
    }

    /// The duration in weeks that a share `level` of the trials does not exceed, to a 64th of a week.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        let wanted = level * self.trials as f64;
        let mut before = 0.0;
        let mut last = 0;
        for (part, trials) in self.all_ends() {
            last = part;
            let trials = trials as f64;
            if before + trials >= wanted {
                let within = ((wanted - before) / trials).clamp(0.0, 1.0);
                return (part as f64 + within) / PARTS as f64;
            }
            before += trials;
        }
        (last + 1) as f64 / PARTS as f64
    }

    /// The 64ths of a week in which trials ended, ascending, with their number.
    fn all_ends(&self) -> impl Iterator<Item = (usize, u64)> {
        let later = self.later_ends.iter().map(|(&part, &trials)| (part, trials));
        self.ends.iter().copied().enumerate().chain(later).filter(|(_, trials)| *trials > 0)
    }

    /// How many trials had ended at the end of each week from 0 on, for ten years.
    pub fn ended(&self) -> impl Iterator<Item = u64> {
        let weeks = self.ends.chunks(PARTS).map(|week| week.iter().sum()).chain(std::iter::repeat(0));
        let mut ended = 0;
        std::iter::once(0).chain(weeks).take(WEEKS + 1).map(move |in_week: u64| {
            ended += in_week;
            ended
        })
    }

    /// How many patients were enrolled and were followed week by week, in the trials of which that is kept.
    #[must_use]
    pub fn enrolment(&self) -> &Enrolment {
        &self.enrolment
    }
}

/// The calendars of two designs compared, trial by trial, on the same patients and arrivals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedTimes {
    planned: Option<f64>,
    /// A duration of each of the two, for each quantile that is compared.
    thresholds: Vec<(f64, f64)>,
    pairs: u64,
    differences: [Moments; QUANTITIES],
    /// For each pair of thresholds, the trials of the first, of the second, and the pairs that do not exceed theirs.
    within: Vec<[u64; 3]>,
}

impl PairedTimes {
    /// No pairs yet, of a study with this calendar time; `thresholds` are durations of the two designs, one pair for each quantile.
    #[must_use]
    pub fn new(timing: &Timing, thresholds: Vec<(f64, f64)>) -> Self {
        let within = vec![[0; 3]; thresholds.len()];
        Self { planned: timing.planned_weeks, thresholds, within, ..Self::default() }
    }

    /// Add the trials of one replicate.
    pub fn add(&mut self, own: &Times, reference: &Times) {
        self.pairs += 1;
        for (moments, quantity) in self.differences.iter_mut().zip(CalendarQuantity::ALL) {
            let [own, reference] = [own, reference].map(|times| times.quantity(quantity, self.planned));
            moments.add(own - reference);
        }
        for (&(first, second), counts) in self.thresholds.iter().zip(&mut self.within) {
            let (own, reference) = (own.weeks <= first, reference.weeks <= second);
            for (count, is_within) in counts.iter_mut().zip([own, reference, own && reference]) {
                *count += u64::from(is_within);
            }
        }
    }

    /// Add the pairs of another sum over the same thresholds.
    pub fn merge(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.differences.iter_mut().zip(other.differences).for_each(|(moments, other)| moments.merge(other));
        let counts = self.within.iter_mut().flatten().zip(other.within.iter().flatten());
        counts.for_each(|(count, other)| *count += other);
    }

    /// The number of pairs.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.pairs
    }

    /// The variance between pairs of the difference in a quantity.
    #[must_use]
    pub fn variance(&self, quantity: CalendarQuantity) -> f64 {
        let (_, variance) = self.differences[quantity as usize].mean_and_variance(self.pairs);
        variance / (quantity.units() * quantity.units())
    }

    /// The correlation over pairs of not exceeding the thresholds of the quantile with this number; 0 where one of the two always or
    /// never does.
    #[must_use]
    pub fn correlation(&self, quantile: usize) -> f64 {
        let pairs = self.pairs.max(1) as f64;
        let [own, reference, both] = self.within[quantile].map(|count| count as f64 / pairs);
        let variances = own * (1.0 - own) * reference * (1.0 - reference);
        if variances > 0.0 { (both - own * reference) / variances.sqrt() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_variances_and_quantiles_of_known_durations() {
        let timing = Timing { planned_weeks: Some(30.0), ..Timing::new(3.0, 1.0) };
        let mut halves = [CalendarTally::new(&timing), CalendarTally::new(&timing)];
        for week in 1..=100_u32 {
            let times =
                Times { weeks: f64::from(week), closed_weeks: 0.5, turned_away: week % 2, uninformed_dlts: 2, dropouts: 0 };
            halves[week as usize % 2].add(&[times]);
        }
        let [mut tally, other] = halves;
        tally.merge(other);
        let (mean, variance) = tally.mean_and_variance(CalendarQuantity::Weeks);
        assert!((mean - 50.5).abs() < 1e-12 && (variance - 833.25).abs() < 1e-9, "{mean} {variance}");
        assert_eq!(tally.mean_and_variance(CalendarQuantity::ClosedWeeks), (0.5, 0.0));
        assert_eq!(tally.mean_and_variance(CalendarQuantity::TurnedAway), (0.5, 0.25));
        assert_eq!(tally.mean_and_variance(CalendarQuantity::UninformedDlts), (2.0, 0.0));
        assert_eq!(tally.mean_and_variance(CalendarQuantity::OnTime).0, 0.3);
        assert!((tally.quantile(0.5) - 50.0).abs() <= 1.0 / 64.0 && (tally.quantile(0.05) - 5.0).abs() <= 1.0 / 64.0);
        tally.add(&[Times { weeks: 1_000.0, ..Times::default() }]);
        assert!(
            tally.ended().eq((0..=100).chain([100; 420])),
            "a trial that takes whole weeks has ended by the end of the last of them"
        );
    }

    #[test]
    fn a_part_of_a_week_includes_its_end() {
        for (weeks, expected) in [(1.0, 63), (1.0 + 1e-7, 63), (1.001, 64), (65.0 / 64.0, 64), (0.001, 0), (0.0, 0)] {
            assert_eq!(part(weeks), expected, "{weeks}");
        }
    }

    #[test]
    fn differences_of_pairs_that_move_together_vary_less() {
        let mut paired = PairedTimes::new(&Timing::new(3.0, 1.0), vec![(10.0, 12.0)]);
        for week in 1..=20_u32 {
            let own = Times { weeks: f64::from(week), ..Times::default() };
            let reference = Times { weeks: f64::from(week + 2), ..Times::default() };
            paired.add(&own, &reference);
        }
        assert_eq!((paired.pairs(), paired.variance(CalendarQuantity::Weeks)), (20, 0.0));
        assert_eq!(paired.correlation(0), 1.0);
    }
}
