//! Whether a curve that is nowhere higher can make a design select lower: looked for on curves of many shapes, by exact derivatives.
//!
//! Lower toxicities should never make it less likely that a level or one above it is selected. Few designs keep to that: how many patients
//! are left when a level is reached depends on the levels below. The 3+3 does, on every curve that was looked at. That its recommendation
//! is not monotone (Norris, 2025, arXiv 2507.01370) is another matter: there the data of two trials are compared, not two curves.

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

/// By which parts of the way to the level below the toxicity of a level is lowered.
const PARTS: [f64; 8] = [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015_625, 0.007_812_5];

/// The largest reversal that is found; `None` where there is none on the curves that are looked at. For each level, the curve and the
/// toxicity with the steepest wrong derivative are followed.
#[must_use]
pub fn reversal(graph: &Graph) -> Option<Reversal> {
    let levels = graph.levels();
    let curves = curves(levels);
    let below = |curve: &[f64], at: Level| at.checked_sub(1).map_or(0.0, |below| curve[below]);
    let of_level = |level: Level| {
        let reaches = |outcome: &Outcome| if outcome.selected >> (level + 1) > 0 { 1.0 } else { 0.0 };
        let expectation = Expectation::new(graph, reaches);
        let mut steepest: Option<(f64, &Vec<f64>, Level)> = None;
        for curve in &curves {
            let derivative = expectation.at(curve.as_slice());
            for (at, slope) in derivative.by_level.into_iter().enumerate() {
                let gain = slope * (curve[at] - below(curve, at));
                if slope > ROUNDING && steepest.is_none_or(|(most, _, _)| gain > most) {
                    steepest = Some((gain, curve, at));
                }
            }
        }
        let (_, curve, at) = steepest?;
        let probability = |curve: &[f64]| expectation.at(curve).value;
        let lowered = |part: f64| {
            // Four digits, so that the pair can be read.
            let lower = ((curve[at] + (below(curve, at) - curve[at]) * part) * 1e4).round() / 1e4;
            let mut changed = curve.clone();
            changed[at] = lower;
            let probabilities = [probability(curve), probability(&changed)];
            Reversal { curve: curve.clone(), at, lower, level, probabilities }
        };
        PARTS.map(lowered).into_iter().max_by(|one, other| one.size().total_cmp(&other.size()))
    };
    let found = (0..levels).filter_map(of_level).filter(|reversal| reversal.size() > ROUNDING);
    found.max_by(|one, other| one.size().total_cmp(&other.size()))
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
