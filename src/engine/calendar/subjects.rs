//! The patients of one replicate with their calendar: tolerances, times to DLT, arrivals; drawn as they are asked for.

use super::tally::Stays;
use crate::engine::coins;
use crate::engine::patients::{self, threshold};
use crate::numeric::{logarithm::ln_lanes, philox};
use crate::scenario::Truth;
use crate::trial::{ArrivalPattern, Level, MAX_LEVELS, TimeToDlt, Timing};

/// Purposes of random numbers: the second half of the generator's key.
const ARRIVALS: u64 = 4;
const TIMES_TO_DLT: u64 = 5;
const DROP_OUTS: u64 = 6;

/// Patients for whom there is room from the start.
const ROOM: usize = 128;

/// The patients of a replicate. All is a function of the seed, the replicate and an index, and of the timing for arrivals.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    seed: u64,
    replicate: u64,
    /// The upper bits of the tolerances, in the order of enrolment.
    upper: Vec<u16>,
    /// How much of the time-to-DLT distribution lies before each patient's DLT.
    quantiles: Vec<f64>,
    /// In the order of enrolment; drawn where a rule tosses coins.
    coins: Vec<u64>,
    /// In the order of enrolment, fractions; drawn where patients drop out.
    dropouts: Vec<f64>,
    /// In the order of arrival, whether enrolled or not: the week in which the patient arrives where one is expected a week. The same
    /// for all rates.
    arrivals: Vec<f64>,
    /// The same in weeks, at one rate.
    weeks: Vec<f64>,
    rate: f64,
    /// Whether it is kept when patients are on study.
    keeps_stays: bool,
    /// When the patients of the trial that runs, or ran last, were enrolled.
    entered: Vec<f64>,
    /// When these patients had been followed, or dropped out, ascending.
    left: Vec<f64>,
    /// When all DLTs of these patients are known.
    dlts_known: f64,
}

/// Arrivals that are looked at together.
const AT_ONCE: usize = 8;

/// A number in [0, 1) from a random word.
#[inline]
fn fraction(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Fractions that are drawn together.
const DRAWN: usize = 16;

impl Subjects {
    /// Start on a replicate; what is drawn goes where the last one's was. Whether it is kept when patients are on study is for the
    /// caller to say.
    pub(super) fn begin(&mut self, seed: u64, replicate: u64, keeps_stays: bool) {
        (self.seed, self.replicate, self.keeps_stays) = (seed, replicate, keeps_stays);
        let Self { quantiles, arrivals, weeks, dropouts, entered, left, .. } = self;
        for numbers in [quantiles, arrivals, weeks, dropouts, entered, left] {
            numbers.clear();
            // Few trials need more, so that later replicates allocate next to nothing.
            numbers.reserve(ROOM);
        }
        self.coins.clear();
        self.coins.reserve(ROOM);
        self.upper.clear();
        self.upper.reserve(ROOM);
    }

    /// Start on a trial.
    pub(super) fn open(&mut self, timing: &Timing) {
        self.entered.clear();
        self.left.clear();
        self.dlts_known = 0.0;
        if self.rate != timing.accrual_per_week {
            self.rate = timing.accrual_per_week;
            self.weeks.clear();
        }
    }

    /// The coin of the patient enrolled as number `index`, from 0.
    pub(super) fn coin(&mut self, index: usize) -> u64 {
        while self.coins.len() <= index {
            self.coins.extend(coins::draw(self.seed, self.replicate, self.coins.len()));
        }
        self.coins[index]
    }

    /// When the patient enrolled as number `index`, from 0, drops out unless a DLT comes first, as a share of the window; infinite
    /// where the patient stays. The fraction that is below the rate for those who drop out is, divided by it, when they do.
    pub(super) fn dropout(&mut self, index: usize, timing: &Timing) -> f64 {
        if !timing.has_dropouts() {
            return f64::INFINITY;
        }
        self.draw_dropouts(index);
        let fraction = self.dropouts[index];
        if fraction < timing.dropout_rate { fraction / timing.dropout_rate } else { f64::INFINITY }
    }

    /// Draw the fractions of drop-out as far as that of patient number `index`.
    fn draw_dropouts(&mut self, index: usize) {
        while self.dropouts.len() <= index {
            self.dropouts.extend(self.words(DROP_OUTS, self.dropouts.len()).map(fraction));
        }
    }

    /// Whether the tolerance of the patient enrolled as number `index`, from 0, is below a threshold. Its lower bits are drawn only
    /// where the upper ones tie.
    #[inline]
    pub(super) fn is_below(&mut self, index: usize, threshold: u128) -> bool {
        while self.upper.len() <= index {
            self.upper.extend(patients::upper_bits(self.seed, self.replicate, self.upper.len()));
        }
        let (upper, limit) = (u128::from(self.upper[index]), threshold >> 48);
        if upper == limit { u128::from(self.tolerance(index)) < threshold } else { upper < limit }
    }

    /// The tolerance of the patient enrolled as number `index`, whose upper bits have been drawn.
    #[cold]
    fn tolerance(&self, index: usize) -> u64 {
        patients::tolerance(self.seed, self.replicate, index, self.upper[index])
    }

    /// How much of the distribution of the time to DLT lies before the DLT of the patient enrolled as number `index`, from 0.
    #[inline]
    pub(super) fn quantile(&mut self, index: usize) -> f64 {
        while self.quantiles.len() <= index {
            self.draw_quantiles();
        }
        self.quantiles[index]
    }

    #[inline(never)]
    fn draw_quantiles(&mut self) {
        self.quantiles.extend(self.words(TIMES_TO_DLT, self.quantiles.len()).map(fraction));
    }

    /// As many words for a purpose as are drawn together, from number `first` on, a multiple of that.
    #[inline]
    fn words(&self, purpose: u64, first: usize) -> [u64; DRAWN] {
        let blocks: [[u64; 4]; DRAWN / 4] = philox::blocks([self.seed, purpose], [first as u64 / 4 + 1, self.replicate, 0, 0]);
        std::array::from_fn(|index| blocks[index / 4][index % 4])
    }

    /// The number of the first patient, of those from number `from` on, who arrives when enrolment has opened in the week `opens`.
    /// As many are drawn as are needed for `patients` to be enrolled.
    #[inline]
    pub(super) fn first_after(&mut self, opens: f64, mut from: usize, patients: usize, timing: &Timing) -> usize {
        loop {
            self.draw_weeks(from + AT_ONCE + patients, timing);
            // Counted and not searched for: no processor foresees where a search ends.
            let before: usize = self.weeks[from..from + AT_ONCE].iter().map(|&week| usize::from(week < opens)).sum();
            from += before;
            if before < AT_ONCE {
                return from;
            }
        }
    }

    /// The week in which the patient with this number arrives, who has been drawn, as all patients before.
    #[inline]
    pub(super) fn drawn_arrival(&self, index: usize) -> f64 {
        self.weeks[index]
    }

    /// Some patients, who have been drawn, are enrolled as they arrive, from number `first` on, and stay for the window; returns the week
    /// in which the last of them arrives.
    #[inline]
    pub(super) fn stay(&mut self, first: usize, patients: usize, timing: &Timing) -> f64 {
        let weeks = &self.weeks[first..first + patients];
        if self.keeps_stays {
            self.entered.extend_from_slice(weeks);
            self.left.extend(weeks.iter().map(|week| week + timing.dlt_window_weeks));
        }
        weeks.last().copied().unwrap_or(0.0)
    }

    /// The next patient is enrolled in this week; until when that patient will be followed, and when a DLT will be known, where there
    /// is one. Whether it is the DLT of a patient who was enrolled before the DLT of an earlier one was known.
    #[inline]
    pub(super) fn enter(&mut self, week: f64, left: f64, dlt_known: Option<f64>) -> bool {
        if self.keeps_stays {
            self.entered.push(week);
            match self.left.last() {
                // Somebody drops out before the window of an earlier patient is over.
                Some(&last) if last > left => self.left.insert(self.left.partition_point(|&other| other <= left), left),
                _ => self.left.push(left),
            }
        }
        let Some(known) = dlt_known else { return false };
        let is_uninformed = week < self.dlts_known;
        self.dlts_known = self.dlts_known.max(known);
        is_uninformed
    }

    /// When the patients of the last trial were on study, where that is kept.
    pub(super) fn stays(&self) -> Option<Stays<'_>> {
        self.keeps_stays.then_some(Stays { entered: &self.entered, left: &self.left })
    }

    /// Put another patient in the place of number `index`; the lower bits of the tolerance stay.
    #[cfg(test)]
    pub(super) fn replace(&mut self, index: usize, tolerance: u64, quantile: f64) {
        self.is_below(index, 0);
        self.quantile(index);
        (self.upper[index], self.quantiles[index]) = ((tolerance >> 48) as u16, quantile);
    }

    /// Put another fraction of drop-out in the place of that of patient number `index`.
    #[cfg(test)]
    pub(super) fn replace_dropout(&mut self, index: usize, fraction: f64) {
        self.draw_dropouts(index);
        self.dropouts[index] = fraction;
    }

    /// The week in which the patient number `index`, from 0, arrives.
    #[inline]
    pub(super) fn arrival(&mut self, index: usize, timing: &Timing) -> f64 {
        self.draw_weeks(index, timing);
        self.weeks[index]
    }

    /// Draw the weeks of arrival as far as that of patient number `index`.
    #[inline]
    fn draw_weeks(&mut self, index: usize, timing: &Timing) {
        if self.weeks.len() <= index {
            self.draw_more_weeks(index, timing);
        }
    }

    #[inline(never)]
    fn draw_more_weeks(&mut self, index: usize, timing: &Timing) {
        let rate = timing.accrual_per_week;
        let next = self.weeks.len();
        match &timing.arrivals {
            ArrivalPattern::Poisson { ramp_up_weeks } => {
                while self.arrivals.len() <= index {
                    let mut week = self.arrivals.last().copied().unwrap_or(0.0);
                    // Exponential times of mean 1. The difference from 1 is exact.
                    let logarithms = ln_lanes(self.words(ARRIVALS, self.arrivals.len()).map(|word| 1.0 - fraction(word)));
                    self.arrivals.extend(logarithms.map(|logarithm| {
                        week -= logarithm;
                        week
                    }));
                }
                self.weeks.extend(self.arrivals[next..].iter().map(|week| week_of_exposure(week / rate, *ramp_up_weeks)));
            }
            ArrivalPattern::Regular => self.weeks.extend((next..=index).map(|index| (index + 1) as f64 / rate)),
            ArrivalPattern::Weeks(weeks) => self.weeks.extend((next..=index).map(|index| match weeks.get(index) {
                Some(&week) => week,
                None => weeks.last().copied().unwrap_or(0.0) + (index + 1 - weeks.len()) as f64 / rate,
            })),
        }
    }
}

/// The week until which as many patients are expected as in so many `weeks` at the full rate, the rate having risen in a straight line
/// during the first `ramp_up` weeks.
fn week_of_exposure(weeks: f64, ramp_up: f64) -> f64 {
    let during = 0.5 * ramp_up;
    if weeks < during { (2.0 * ramp_up * weeks).sqrt() } else { weeks + during }
}

/// The assumed truth of a scenario, and when DLTs occur.
#[derive(Debug)]
pub(super) struct TimedTruth {
    /// p x 2^64, rounded up, per level: a tolerance below it has a DLT.
    thresholds: [u128; MAX_LEVELS],
    /// The same with moderate toxicities: a tolerance below it has one of the two.
    moderate_thresholds: [u128; MAX_LEVELS],
    times: Times,
}

/// When in the window a DLT occurs, per level where that matters.
#[derive(Debug)]
enum Times {
    Uniform,
    /// DLT probability, scale and inverse shape per level.
    Weibull(Vec<(f64, f64, f64)>),
    /// The cumulative shares at the ends of equal parts of the window.
    Table(Vec<f64>),
}

impl TimedTruth {
    /// A truth, each probability in [0, 1], and when DLTs occur.
    pub(super) fn new<'a>(truth: impl Into<Truth<'a>>, times: &TimeToDlt) -> Self {
        let truth = truth.into();
        let curve = truth.toxicity;
        let (mut thresholds, mut moderate_thresholds) = ([0; MAX_LEVELS], [0; MAX_LEVELS]);
        for (level, &p) in curve.iter().enumerate() {
            thresholds[level] = threshold(p);
            moderate_thresholds[level] = threshold(p) + threshold(truth.moderate_at(level));
        }
        let times = match times {
            TimeToDlt::Uniform => Times::Uniform,
            TimeToDlt::Weibull { first_half } => Times::Weibull(curve.iter().map(|&p| weibull(p, *first_half)).collect()),
            TimeToDlt::Table(shares) => {
                let total: f64 = shares.iter().sum();
                let mut sum = 0.0;
                Times::Table(
                    shares
                        .iter()
                        .map(|share| {
                            sum += share;
                            sum / total
                        })
                        .collect(),
                )
            }
        };
        Self { thresholds, moderate_thresholds, times }
    }

    /// Patients whose tolerance is below this have a DLT at a level.
    #[inline]
    pub(super) fn dlt_threshold(&self, level: Level) -> u128 {
        self.thresholds[level]
    }

    /// Patients whose tolerance is below this have a DLT or a moderate toxicity at a level.
    #[inline]
    pub(super) fn moderate_threshold(&self, level: Level) -> u128 {
        self.moderate_thresholds[level]
    }

    /// When a DLT at a level occurs, as a share of the window: the quantile of its distribution.
    pub(super) fn time(&self, level: Level, quantile: f64) -> f64 {
        match &self.times {
            Times::Uniform => quantile,
            Times::Weibull(levels) => {
                let (p, scale, inverse_shape) = levels[level];
                libm::pow(-libm::log1p(-p * quantile) / scale, inverse_shape).min(1.0)
            }
            Times::Table(ends) => {
                let part = ends.partition_point(|&end| end <= quantile).min(ends.len() - 1);
                let before = if part == 0 { 0.0 } else { ends[part - 1] };
                let within = (quantile - before) / (ends[part] - before);
                ((part as f64 + within) / ends.len() as f64).min(1.0)
            }
        }
    }
}

/// DLT probability, scale λ and inverse shape 1/α of the distribution 1 - exp(-λ t^α), t being a share of the window, that is `p` at
/// the end of the window and `first_half` times `p` in its middle.
fn weibull(p: f64, first_half: f64) -> (f64, f64, f64) {
    if p <= 0.0 {
        return (0.0, 1.0, 1.0);
    }
    // A certain DLT would have an infinite scale.
    let p = p.min(1.0 - 1e-12);
    let (scale, middle) = (-libm::log1p(-p), -libm::log1p(-first_half * p));
    (p, scale, std::f64::consts::LN_2 / libm::log(scale / middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_ramp_up_is_lost() {
        assert_eq!(week_of_exposure(3.0, 0.0), 3.0);
        assert_eq!(week_of_exposure(4.0, 8.0), 8.0);
        assert_eq!(week_of_exposure(1.0, 8.0), 4.0);
        assert_eq!(week_of_exposure(10.0, 8.0), 14.0);
    }

    #[test]
    fn a_weibull_distribution_has_its_share_in_the_first_half() {
        for p in [0.01, 0.3, 0.9, 1.0] {
            for first_half in [0.2, 0.5, 0.8] {
                let truth = TimedTruth::new(&[p], &TimeToDlt::Weibull { first_half });
                assert!((truth.time(0, first_half) - 0.5).abs() < 1e-9, "{p} {first_half} {}", truth.time(0, first_half));
                assert!(truth.time(0, 1.0) > 1.0 - 1e-6 && truth.time(0, 0.0) == 0.0);
            }
        }
    }

    #[test]
    fn a_table_gives_each_part_its_share() {
        let truth = TimedTruth::new(&[0.3], &TimeToDlt::Table(vec![0.0, 0.5, 0.0, 0.5]));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-15;
        assert!(close(truth.time(0, 0.0), 0.25) && close(truth.time(0, 0.25), 0.375));
        assert!(close(truth.time(0, 0.5), 0.75) && close(truth.time(0, 0.75), 0.875));
    }

    #[test]
    fn patients_are_those_of_the_other_replicates() {
        // The first tolerances of seed 27 that ARCHITECTURE.md defines.
        for (replicate, index, tolerance) in [
            (0, 0, 0xf9ee9ffb3652a1b8),
            (0, 5, 0x34d5026f41c0b5e8),
            (99_999, 16, 0xb4830bf76ac3593b),
            (99_999, 17, 0x651d6c935e3ebcca),
        ] {
            let mut subjects = Subjects::default();
            subjects.begin(27, replicate, false);
            assert_eq!([tolerance, tolerance + 1].map(|limit| subjects.is_below(index, limit)), [false, true]);
            let tied = tolerance >> 48 << 48;
            assert_eq!([tied, tied + (1 << 48)].map(|limit| subjects.is_below(index, limit)), [false, true]);
        }
    }
}
