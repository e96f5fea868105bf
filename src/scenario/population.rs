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
    /// The curves as scenarios, named by their number, counted from 1.
    pub scenarios: Vec<Scenario>,
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

/// So many tries gave no curve. What was wrong with how many of them:
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoCurve {
    /// The family has no curve through what was drawn.
    pub impossible: usize,
    /// The correct level was not the one wanted.
    pub other_mtd: usize,
    /// The MTD was too far from the target.
    pub too_far: usize,
    /// A gap between the MTD and its neighbour was too small or too large.
    pub gaps: usize,
}

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
        let mut failures = NoCurve::default();
        for _ in 0..MOST_TRIES {
            let drawn = self.generator.draw(self.doses, self.target.value, mtd, &mut draws);
            let Some(curve) = drawn.filter(|curve| curve.iter().all(|toxicity| toxicity.is_finite())) else {
                failures.impossible += 1;
                continue;
            };
            let curve: Vec<f64> = curve.into_iter().map(rounded).collect();
            let correct = self.target.correct_level(&curve);
            if wanted.is_some_and(|wanted| wanted != correct) {
                failures.other_mtd += 1;
            } else if !self.is_near(&curve, correct) {
                failures.too_far += 1;
            } else if !self.has_gaps(&curve, correct) {
                failures.gaps += 1;
            } else {
                return Ok((curve, correct));
            }
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
    /// What was wrong with how many tries, and the key of the study file that says so.
    fn reasons(&self) -> [(usize, &'static str, &'static str); 4] {
        [
            (self.impossible, "generator", "what was drawn is no curve of the family"),
            (self.other_mtd, "mtd", "the correct level was not the one wanted by `mtd`"),
            (self.too_far, "mtd_within", "the MTD was farther from the target than `mtd_within`"),
            (self.gaps, "gaps", "a neighbour of the MTD was nearer or farther than `gaps`"),
        ]
    }

    /// The key of the study file that stood in the way most often.
    #[must_use]
    pub fn key(&self) -> &'static str {
        let worst = self.reasons().into_iter().max_by_key(|(tries, ..)| *tries);
        worst.map_or("generator", |(_, key, _)| key)
    }
}

impl std::fmt::Display for NoCurve {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let reasons = self.reasons().into_iter().filter(|(tries, ..)| *tries > 0);
        let reasons: Vec<String> = reasons.map(|(tries, _, reason)| format!("in {tries} {reason}")).collect();
        write!(formatter, "found no curve in {MOST_TRIES} tries: {}", reasons.join(", "))
    }
}
