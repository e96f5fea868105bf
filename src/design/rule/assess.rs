//! What a method works out from the data so far, for people: estimates with their intervals. No decision is made from it.

use super::selection::{SLIGHT_PRIOR, isotonic_estimates};
use crate::numeric::beta::{clopper_pearson, quantile, upper_tail};
use crate::trial::{Counts, Level};

/// The confidence or credibility of every interval.
pub const CONFIDENCE: f64 = 0.9;

/// The standard normal quantile that belongs to [`CONFIDENCE`]: 0.95.
pub(in crate::design) const NORMAL_QUANTILE: f64 = 1.644_853_626_951_472_2;

/// What is known of the dose levels, as a method sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// What the estimates and their intervals are, in words.
    pub basis: &'static str,
    /// One entry per level, lowest first.
    pub levels: Vec<LevelAssessment>,
}

/// What is known of one dose level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelAssessment {
    /// The estimated DLT probability, where there is one.
    pub estimate: Option<f64>,
    /// The limits of its 90 % interval.
    pub interval: Option<(f64, f64)>,
    /// Pr(toxicity > target | data), where the method has a posterior distribution.
    pub exceedance: Option<f64>,
    /// The posterior probabilities that the DLT probability is below, in and above the method's target interval, where it has one.
    pub intervals: Option<[f64; 3]>,
    /// Whether the method has excluded the level.
    pub excluded: bool,
}

impl Assessment {
    /// The observed proportions with the limits of Clopper and Pearson (1934): for rules without a model.
    #[must_use]
    pub fn observed(counts: &Counts, levels: usize) -> Self {
        let level = |level: Level| {
            let (patients, dlts) = (counts.patients(level), counts.dlts(level));
            if patients == 0 {
                return LevelAssessment::default();
            }
            LevelAssessment {
                estimate: Some(dlts as f64 / patients as f64),
                interval: Some(clopper_pearson(dlts, patients, CONFIDENCE)),
                ..LevelAssessment::default()
            }
        };
        Self {
            basis: "observed DLT proportion, 90 % confidence interval of Clopper and Pearson; the rule has no probability model",
            levels: (0..levels).map(level).collect(),
        }
    }

    /// Isotonic estimates as `BOIN::select.mtd` 2.7.2 has them, with the 90 % interval of Beta(y + 0.05, n - y + 0.05), and
    /// Pr(toxicity > target) under a uniform prior, by which levels are eliminated; levels from `first_eliminated` on are excluded.
    #[must_use]
    pub fn isotonic(counts: &Counts, levels: usize, target: f64, first_eliminated: Level) -> Self {
        let tail = 0.5 * (1.0 - CONFIDENCE);
        let mut assessed = vec![LevelAssessment::default(); levels];
        for (level, estimate) in isotonic_estimates(counts, levels, SLIGHT_PRIOR) {
            let (n, y) = (counts.patients(level) as f64, counts.dlts(level) as f64);
            let (a, b) = (y + 0.05, n - y + 0.05);
            assessed[level] = LevelAssessment {
                estimate: Some(estimate),
                interval: Some((quantile(a, b, tail), quantile(a, b, 1.0 - tail))),
                exceedance: Some(upper_tail(y + 1.0, n - y + 1.0, target)),
                intervals: None,
                excluded: false,
            };
        }
        for level in assessed.iter_mut().skip(first_eliminated) {
            level.excluded = true;
        }
        Self {
            basis: "isotonic estimate; 90 % interval from Beta(y + 0.05, n - y + 0.05), a level on its own; Pr(toxicity > target) \
                    under a uniform prior",
            levels: assessed,
        }
    }
}

/// "1 of 3 patients at level 2 had a DLT".
pub(in crate::design) fn observation(counts: &Counts, level: Level) -> String {
    let (patients, dlts) = (counts.patients(level), counts.dlts(level));
    let noun = if patients == 1 { "patient" } else { "patients" };
    format!("{dlts} of {patients} {noun} at level {} had a DLT", level + 1)
}

/// A probability in per cent with one decimal.
pub(in crate::design) fn percent(probability: f64) -> String {
    format!("{:.1} %", 100.0 * probability)
}
