//! The target and the band of acceptable toxicities around it, and the level of a curve that is correct by them.

use crate::numeric::exact::decimal;
use crate::trial::Level;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

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

    /// The correct level of a curve: of the levels that are not above the acceptable band the one whose toxicity is nearest the target;
    /// none where the lowest level is above the band. Of levels that are equally near, the highest of those at or below the target is
    /// correct, and where all of them are above it the lowest.
    #[must_use]
    pub fn correct_level(&self, toxicity: &[f64]) -> Option<Level> {
        if toxicity.first().is_none_or(|&lowest| self.place(lowest) == Place::Over) {
            return None;
        }
        let candidates = (0..toxicity.len()).filter(|&level| self.place(toxicity[level]) != Place::Over);
        let distance = |level: Level| (toxicity[level] - self.value).abs();
        let nearest = candidates.clone().min_by(|&one, &other| distance(one).total_cmp(&distance(other)))?;
        // Nearly always one is, and no exact arithmetic is needed.
        if candidates.filter(|&level| distance(level) - distance(nearest) <= CLEAR).nth(1).is_none() {
            return Some(nearest);
        }
        self.nearest(toxicity).into_iter().reduce(|one, other| {
            // Levels are in their order, so the other is the higher one; only one at or below the target may replace what was found.
            let is_below = decimal(toxicity[other]) <= decimal(self.value);
            if is_below { other } else { one }
        })
    }

    /// The levels that are nearest the target among those not above the acceptable band, lowest first: more than one on a tie.
    #[must_use]
    pub fn nearest(&self, toxicity: &[f64]) -> Vec<Level> {
        let target = decimal(self.value);
        let distance = |level: Level| (decimal(toxicity[level]) - &target).abs();
        let candidates = (0..toxicity.len()).filter(|&level| self.place(toxicity[level]) != Place::Over);
        let candidates: Vec<(Level, BigRational)> = candidates.map(|level| (level, distance(level))).collect();
        let least = candidates.iter().map(|(_, distance)| distance).min().cloned();
        let nearest = candidates.into_iter().filter(|(_, distance)| Some(distance) == least.as_ref());
        nearest.map(|(level, _)| level).collect()
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
        assert_eq!(quarter.correct_level(&[0.15, 0.35]), Some(0), "a tie on both sides goes below the target");
        assert_eq!(quarter.correct_level(&[0.35, 0.5]), Some(0), "0.35 is inside the band");
        assert_eq!(quarter.correct_level(&[0.36, 0.5]), None);
    }
}
