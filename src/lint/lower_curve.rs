//! Whether a curve that is nowhere higher can make a design select lower: looked for on curves of many shapes, by exact derivatives.
//!
//! Lower toxicities should never make it less likely that a level or one above it is selected. That the 3+3 breaks this is known
//! (Norris, 2025); so do others, where better data at one level keep a trial from the levels above, or take patients from them.

use crate::engine::{Expectation, Graph};
use crate::trial::{Level, Outcome};

/// A pair of curves by which a design selects lower under the lower one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reversal {
    /// The higher curve.
    pub curve: Vec<f64>,
    /// The level at which the other curve is lower; elsewhere they are the same.
    pub at: Level,
    /// Its toxicity there.
    pub lower: f64,
    /// The level that is, or one above it, less likely to be selected under the lower curve.
    pub level: Level,
    /// The probabilities of that, under the higher curve and under the lower one.
    pub probabilities: [f64; 2],
}

impl Reversal {
    /// By how much less likely it is.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.probabilities[0] - self.probabilities[1]
    }
}

/// A derivative, or a difference, up to this one is the rounding of sums.
const ROUNDING: f64 = 1e-9;

/// The shapes of the curves: the steepness of the logit from one level to the next.
const STEEPNESS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];

/// Steps in which the toxicity of a level is lowered to that of the level below.
const STEPS: usize = 8;

/// The largest reversal that is found; `None` where there is none on the curves that are looked at.
#[must_use]
pub fn reversal(graph: &Graph) -> Option<Reversal> {
    let levels = graph.levels();
    let curves = curves(levels);
    let mut largest: Option<Reversal> = None;
    for level in 0..levels {
        let reaches = |outcome: &Outcome| if outcome.selected >> (level + 1) > 0 { 1.0 } else { 0.0 };
        let expectation = Expectation::new(graph, reaches);
        for curve in &curves {
            let derivative = expectation.at(curve.as_slice());
            // One that falls from there on is the largest for the lowering of one level.
            for at in (0..levels).filter(|&at| derivative.by_level[at] > ROUNDING) {
                let (top, bottom) = (curve[at], at.checked_sub(1).map_or(0.0, |below| curve[below]));
                for step in 1..=STEPS {
                    let lower = top + (bottom - top) * step as f64 / STEPS as f64;
                    let mut changed = curve.clone();
                    changed[at] = lower;
                    let probabilities = [derivative.value, expectation.at(changed.as_slice()).value];
                    let found = Reversal { curve: curve.clone(), at, lower, level, probabilities };
                    if found.size() > largest.as_ref().map_or(ROUNDING, Reversal::size) {
                        largest = Some(found);
                    }
                }
            }
        }
    }
    largest
}

/// Curves of all steepnesses, the level of toxicity one half being anywhere from the first to one past the last, rounded to two digits so
/// that they can be read.
fn curves(levels: usize) -> Vec<Vec<f64>> {
    let toxicity = |steepness: f64, middle: f64, level: usize| {
        let toxicity = 1.0 / (1.0 + libm::exp(steepness * (middle - level as f64)));
        ((toxicity * 100.0).round() / 100.0).clamp(0.01, 0.99)
    };
    let middles = || (0..=2 * levels).map(|halves| halves as f64 / 2.0);
    STEEPNESS
        .iter()
        .flat_map(|&steepness| middles().map(move |middle| (steepness, middle)))
        .map(|(steepness, middle)| (0..levels).map(|level| toxicity(steepness, middle, level)).collect())
        .collect()
}
