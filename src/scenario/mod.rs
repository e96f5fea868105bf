//! The assumed truth: a toxicity curve and the level that is correct under it; families of curves, and random ones.

mod class;
mod family;
mod generator;
mod limits;
mod population;

pub use class::Class;
pub use family::{Family, FamilyCurve};
pub use generator::{Generator, Quantity};
pub use limits::CurveLimits;
pub(crate) use population::rounded;
pub use population::{Limits, NoCurve, Population, Recipe};

use crate::numeric::exact::decimal;
use crate::trial::{Level, Timing};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

/// What is true of the dose levels and of accrual, as far as simulated patients show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth<'a> {
    /// The DLT probability of each level, lowest first.
    pub toxicity: &'a [f64],
    /// The probability of a moderate toxicity, without a DLT, of each level; 0 where the list has ended.
    pub moderate: &'a [f64],
    /// Patients arriving a week, on average, where that is not as the study says.
    pub accrual_per_week: Option<f64>,
}

impl Truth<'_> {
    /// The probability of a moderate toxicity at a level.
    #[must_use]
    pub fn moderate_at(&self, level: Level) -> f64 {
        self.moderate.get(level).copied().unwrap_or(0.0)
    }
}

/// A curve of DLT probabilities; there are no moderate toxicities, and patients arrive as the study says.
impl<'a, T: AsRef<[f64]> + ?Sized> From<&'a T> for Truth<'a> {
    fn from(toxicity: &'a T) -> Self {
        Self { toxicity: toxicity.as_ref(), moderate: &[], accrual_per_week: None }
    }
}

/// A toxicity scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, unique in the study.
    pub name: String,
    /// The true DLT probability of each level, lowest first, each in [0, 1].
    pub toxicity: Vec<f64>,
    /// The true probability of a moderate toxicity without a DLT of each level; empty where nothing is said of them.
    pub moderate_toxicity: Vec<f64>,
    /// The level that is correct to select; `None` when selecting no dose is correct.
    pub correct: Option<Level>,
    /// Patients arriving a week, on average, where that is not as the study says.
    pub accrual_per_week: Option<f64>,
}

/// The band of acceptable toxicities and the target, compared exactly on the decimals as written.
#[derive(Clone, Debug)]
pub struct Target {
    /// The target DLT probability.
    pub value: f64,
    /// The acceptable band, both ends included, for display.
    pub acceptable: (f64, f64),
    lower: BigRational,
    upper: BigRational,
}

/// Toxicities and distances that differ by more than this are compared without exact arithmetic.
const CLEAR: f64 = 1e-9;

/// Where a toxicity lies relative to the acceptable band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the band.
    Under,
    /// Inside it, ends included.
    Acceptable,
    /// Above it.
    Over,
}

impl Target {
    /// A target with its acceptable band; without one the band is [0.6 target, 1.4 target], worked out exactly.
    #[must_use]
    pub fn new(value: f64, acceptable: Option<(f64, f64)>) -> Self {
        let (lower, upper) = match acceptable {
            Some((lower, upper)) => (decimal(lower), decimal(upper)),
            None => (decimal(0.6) * decimal(value), decimal(1.4) * decimal(value)),
        };
        let shown = |end: &BigRational| end.to_f64().unwrap_or(f64::NAN);
        Self { value, acceptable: (shown(&lower), shown(&upper)), lower, upper }
    }

    /// Where `toxicity` lies.
    #[must_use]
    pub fn place(&self, toxicity: f64) -> Place {
        match (toxicity - self.acceptable.0, toxicity - self.acceptable.1) {
            (from_lower, _) if from_lower < -CLEAR => return Place::Under,
            (_, from_upper) if from_upper > CLEAR => return Place::Over,
            (from_lower, from_upper) if from_lower > CLEAR && from_upper < -CLEAR => return Place::Acceptable,
            _ => {}
        }
        let toxicity = decimal(toxicity);
        if toxicity < self.lower {
            Place::Under
        } else if toxicity > self.upper {
            Place::Over
        } else {
            Place::Acceptable
        }
    }

    /// The correct level of a curve: the one whose toxicity is closest to the target, the lower one on a tie; none when the
    /// lowest level is above the acceptable band.
    #[must_use]
    pub fn correct_level(&self, toxicity: &[f64]) -> Option<Level> {
        if toxicity.first().is_none_or(|&lowest| self.place(lowest) == Place::Over) {
            return None;
        }
        let distances = toxicity.iter().map(|toxicity| (toxicity - self.value).abs()).enumerate();
        let (nearest, least) = distances.clone().min_by(|(_, one), (_, other)| one.total_cmp(other))?;
        if distances.clone().all(|(level, distance)| level == nearest || distance - least > CLEAR) {
            return Some(nearest);
        }
        let target = decimal(self.value);
        let distance = |level: &Level| (decimal(toxicity[*level]) - &target).abs();
        (0..toxicity.len()).min_by_key(distance)
    }
}

impl Scenario {
    /// What is true under it.
    #[must_use]
    pub fn truth(&self) -> Truth<'_> {
        Truth { toxicity: &self.toxicity, moderate: &self.moderate_toxicity, accrual_per_week: self.accrual_per_week }
    }

    /// Patients arriving a week under it, in a study with this calendar time.
    #[must_use]
    pub fn accrual(&self, timing: &Timing) -> f64 {
        self.accrual_per_week.unwrap_or(timing.accrual_per_week)
    }

    /// Whether no level is less toxic than the one below it.
    #[must_use]
    pub fn is_monotone(&self) -> bool {
        self.toxicity.is_sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_and_ties_are_decided_on_the_decimals_as_written() {
        let target = Target::new(0.2, None);
        assert_eq!(target.place(0.28), Place::Acceptable);
        assert_eq!(target.place(0.12), Place::Acceptable);
        assert_eq!(target.place(0.280_000_1), Place::Over);
        assert_eq!(
            (target.acceptable, Target::new(0.35, None).acceptable),
            ((0.12, 0.28), (0.21, 0.49)),
            "the ends are shown as written"
        );
        let quarter = Target::new(0.25, None);
        assert_eq!(quarter.correct_level(&[0.15, 0.35]), Some(0), "a tie goes to the lower level");
        assert_eq!(quarter.correct_level(&[0.35, 0.5]), Some(0), "0.35 is inside the band");
        assert_eq!(quarter.correct_level(&[0.36, 0.5]), None);
    }
}
