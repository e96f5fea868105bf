//! Populations of toxicity curves, each curve reproducible by its number.

use super::{Generator, Scenario, Target};
use crate::numeric::draws::Draws;
use crate::trial::Level;

/// A population: many curves in place of a few that somebody chose.
#[derive(Clone, Debug)]
pub struct Population {
    /// Its name, unique in the study.
    pub name: String,
    /// Where the curves come from, in a sentence or two for the report.
    pub origin: String,
    /// The curves as scenarios, named by their number, counted from 1; in a mixture also by their population.
    pub scenarios: Vec<Scenario>,
    /// How much each curve counts, above 0; ratios alone matter. All are 1 where curves count the same.
    pub weights: Vec<f64>,
}

impl Population {
    /// A population whose curves count the same.
    #[must_use]
    pub fn new(name: String, origin: String, scenarios: Vec<Scenario>) -> Self {
        let weights = vec![1.0; scenarios.len()];
        Self { name, origin, scenarios, weights }
    }

    /// The mixture of populations: a curve is drawn by first drawing its population, each with the weight beside it, and then the curve
    /// as that population has it. All curves of all of them are in it, so that nothing is left to chance.
    #[must_use]
    pub fn mixture(name: String, parts: &[(&Self, f64)]) -> Self {
        let words: Vec<String> = parts.iter().map(|(part, weight)| format!("{} (weight {weight})", part.name)).collect();
        let curves = parts.iter().flat_map(|(part, weight)| {
            let share = weight / part.weights.iter().sum::<f64>();
            let named = |scenario: &Scenario| Scenario { name: format!("{} {}", part.name, scenario.name), ..scenario.clone() };
            part.scenarios.iter().zip(&part.weights).map(move |(scenario, weight)| (named(scenario), share * weight))
        });
        let (scenarios, weights): (Vec<Scenario>, Vec<f64>) = curves.unzip();
        let origin = format!("the {} curves of {}.", scenarios.len(), words.join(", "));
        Self { name, origin, scenarios, weights }
    }

    /// Whether some curves count more than others.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        self.weights.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// The mean toxicity of each level over the curves, to six decimals.
    #[must_use]
    pub fn mean_curve(&self) -> Vec<f64> {
        let levels = self.scenarios.first().map_or(0, |scenario| scenario.toxicity.len());
        let total: f64 = self.weights.iter().sum();
        let curves = || self.scenarios.iter().zip(&self.weights);
        let mean = |level| curves().map(|(scenario, weight)| weight * scenario.toxicity[level]).sum::<f64>() / total;
        (0..levels).map(mean).map(rounded).collect()
    }
}

/// What curves of a population must be beside monotone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The largest distance of the MTD's toxicity from the target.
    pub mtd_within: Option<f64>,
    /// The least and the largest difference between the toxicity of the MTD and that of each neighbouring level.
    pub gaps: Option<(f64, f64)>,
}

/// How the curves of a population are made.
///
/// Curve i, counted from 1, is made of the variates of the Philox key (seed, 7) and the counters (block, i, 0, 0): it does not depend
/// on the other curves. Where there is a choice of MTDs, one is drawn first. Toxicities are rounded to six decimals, so that a curve can be
/// written down, and is that curve when read again.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    /// What draws curves.
    pub generator: Generator,
    /// The doses, lowest first.
    pub doses: &'a [f64],
    /// The target, which decides what the MTD is.
    pub target: &'a Target,
    /// The correct levels to draw from, each as often; with none given, all levels where the generator needs one, and whatever comes
    /// where it does not.
    pub mtds: Option<Vec<Option<Level>>>,
    /// What curves must be.
    pub limits: Limits,
    /// The seed.
    pub seed: u64,
}

/// So many tries gave no curve, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoCurve {
    /// The correct level that was wanted, where one was; `None` inside is none.
    pub wanted: Option<Option<Level>>,
    /// In how many of them the family had no curve through what was drawn.
    pub impossible: usize,
    /// How many met these of the requirements `mtd`, `mtd_within` and `gaps`, and no other: the bits of the place, lowest first.
    met: [usize; 1 << REQUIREMENTS.len()],
}

/// The keys that say what a curve must be.
const REQUIREMENTS: [&str; 3] = ["mtd", "mtd_within", "gaps"];

/// Tries for one curve. The mean number is in the hundreds for reasonable limits.
const MOST_TRIES: usize = 100_000;

/// The purpose of the words that make curves, beside those of simulated patients.
const PURPOSE: u64 = 7;

impl Recipe<'_> {
    /// The curve with this number, and its correct level.
    ///
    /// # Errors
    /// [`NoCurve`]: a hundred thousand tries gave none that meets the limits.
    pub fn curve(&self, number: u64) -> Result<(Vec<f64>, Option<Level>), NoCurve> {
        let mut draws = Draws::new([self.seed, PURPOSE], [0, number, 0, 0]);
        let wanted = self.mtds.as_ref().filter(|mtds| !mtds.is_empty()).map(|mtds| mtds[draws.below(mtds.len())]);
        let mtd = wanted.flatten().unwrap_or_else(|| draws.below(self.doses.len()));
        let mut failures = NoCurve { wanted, ..NoCurve::default() };
        for _ in 0..MOST_TRIES {
            let drawn = self.generator.draw(self.doses, self.target.value, mtd, &mut draws);
            let Some(curve) = drawn.filter(|curve| curve.iter().all(|toxicity| toxicity.is_finite())) else {
                failures.impossible += 1;
                continue;
            };
            let curve: Vec<f64> = curve.into_iter().map(rounded).collect();
            let correct = self.target.correct_level(&curve);
            let is_wanted = wanted.is_none_or(|wanted| wanted == correct);
            let met = [is_wanted, self.is_near(&curve, correct), self.has_gaps(&curve, correct)];
            if met == [true; REQUIREMENTS.len()] {
                return Ok((curve, correct));
            }
            failures.met[met.iter().enumerate().map(|(place, met)| usize::from(*met) << place).sum::<usize>()] += 1;
        }
        Err(failures)
    }

    /// How the curves are made, as the end of a sentence that begins with their number.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = self.generator.words();
        if let Some(mtds) = &self.mtds {
            let levels: Vec<String> =
                mtds.iter().map(|&mtd| mtd.map_or("none".to_owned(), |mtd| format!("L{}", mtd + 1))).collect();
            words += &format!("; MTD {}, each as often", levels.join(", "));
        }
        if let Some(most) = self.limits.mtd_within {
            words += &format!("; its toxicity within {most} of the target");
        }
        if let Some((least, most)) = self.limits.gaps {
            words += &format!("; {least} to {most} between it and its neighbours");
        }
        format!("{words}; seed {}", self.seed)
    }

    /// Whether the MTD, where there is one, is near enough to the target.
    fn is_near(&self, curve: &[f64], correct: Option<Level>) -> bool {
        let distance = |level: Level| (curve[level] - self.target.value).abs();
        self.limits.mtd_within.zip(correct).is_none_or(|(most, level)| distance(level) <= most)
    }

    /// Whether the neighbours of the MTD, where there is one, are as far from it as they must be.
    fn has_gaps(&self, curve: &[f64], correct: Option<Level>) -> bool {
        let Some(((least, most), mtd)) = self.limits.gaps.zip(correct) else { return true };
        let pairs = &curve[mtd.saturating_sub(1)..(mtd + 2).min(curve.len())];
        pairs.windows(2).all(|pair| (least..=most).contains(&(pair[1] - pair[0])))
    }
}

/// A family's curve or a random one as it is used and written: to six decimals.
#[must_use]
pub(crate) fn rounded(toxicity: f64) -> f64 {
    (toxicity.clamp(0.0, 1.0) * 1e6).round() / 1e6
}

impl NoCurve {
    /// The keys that no curve met, each by itself where there is such a one; otherwise the fewest that none met together. No key where
    /// there was not even a curve.
    #[must_use]
    pub fn conflict(&self) -> Vec<&'static str> {
        let all = 1usize << REQUIREMENTS.len();
        if self.impossible > 0 && self.met.iter().all(|tries| *tries == 0) {
            return Vec::new();
        }
        let is_never_met = |keys: &usize| self.together(*keys) == 0;
        let alone: usize = (0..REQUIREMENTS.len()).map(|place| 1 << place).filter(is_never_met).sum();
        let fewest = (1..all).filter(is_never_met).min_by_key(|keys| keys.count_ones());
        let keys = if alone > 0 { alone } else { fewest.unwrap_or(all - 1) };
        Self::named(keys)
    }

    /// How many tries met all requirements of a set.
    fn together(&self, keys: usize) -> usize {
        (0..self.met.len()).filter(|met| met & keys == keys).map(|met| self.met[met]).sum()
    }

    fn named(keys: usize) -> Vec<&'static str> {
        REQUIREMENTS.into_iter().enumerate().filter(|(place, _)| keys >> place & 1 == 1).map(|(_, key)| key).collect()
    }
}

impl std::fmt::Display for NoCurve {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let with = match self.wanted {
            Some(Some(level)) => format!(" with the MTD at level {}", level + 1),
            Some(None) => " without an MTD".to_owned(),
            None => String::new(),
        };
        write!(formatter, "found no curve{with} in {MOST_TRIES} tries: ")?;
        let conflict = self.conflict();
        let times = |key: &str| {
            let place = REQUIREMENTS.iter().position(|own| *own == key).unwrap_or(0);
            self.together(1 << place)
        };
        let (never, sometimes): (Vec<&str>, Vec<&str>) = conflict.iter().partition(|key| times(key) == 0);
        if conflict.is_empty() {
            return write!(formatter, "the family has none through what was drawn");
        }
        let quoted = |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        if sometimes.is_empty() {
            return write!(formatter, "what was drawn never met {}", quoted(&never));
        }
        let each: Vec<String> = sometimes.iter().map(|key| format!("{} met `{key}`", times(key))).collect();
        write!(formatter, "the keys {} conflict: {}, none all of them", quoted(&sometimes), each.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries that met these requirements, as bits in the order of the keys.
    fn tries(met: &[(usize, usize)]) -> NoCurve {
        let mut found = NoCurve::default();
        met.iter().for_each(|&(place, tries)| found.met[place] = tries);
        found
    }

    #[test]
    fn a_conflict_names_the_fewest_keys_that_are_never_met_together() {
        // Most miss `mtd`, which is met by others: it is `gaps` that never is.
        assert_eq!(tries(&[(0b010, 900), (0b011, 100)]).conflict(), ["gaps"]);
        // Each is met, `mtd_within` and `gaps` never together; `mtd` has no part in it.
        let pair = tries(&[(0b011, 600), (0b101, 100), (0b001, 300)]);
        assert_eq!(pair.conflict(), ["mtd_within", "gaps"]);
        assert_eq!(
            pair.to_string(),
            "found no curve in 100000 tries: the keys `mtd_within`, `gaps` conflict: 600 met `mtd_within`, 100 met `gaps`, none all of them"
        );
        assert_eq!(tries(&[(0b011, 1), (0b101, 1), (0b110, 1)]).conflict(), ["mtd", "mtd_within", "gaps"]);
        assert_eq!(tries(&[(0b100, 5)]).conflict(), ["mtd", "mtd_within"]);
        assert!(NoCurve { impossible: 5, ..NoCurve::default() }.conflict().is_empty());
    }
}
