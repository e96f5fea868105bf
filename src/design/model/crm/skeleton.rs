//! The skeleton by indifference intervals (Lee and Cheung, 2009).

use super::Model;
use crate::trial::Level;

/// Why indifference intervals give no skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SkeletonError {
    /// The prior MTD is not one of the dose levels.
    #[error("the prior MTD must be one of the dose levels")]
    PriorMtd,
    /// The interval from target - halfwidth to target + halfwidth does not lie inside (0, 1).
    #[error("target - halfwidth and target + halfwidth must lie strictly between 0 and 1")]
    Interval,
    /// Under the logistic model no toxicity reaches expit(intercept).
    #[error("target + halfwidth must lie below expit(intercept), the upper bound of the logistic model")]
    Intercept,
    /// Neighbouring levels cannot be told apart from each other, from 0 or from 1 in floating point.
    #[error("the halfwidth gives toxicities that are not strictly increasing between 0 and 1 in floating point")]
    Degenerate,
}

/// The skeleton whose indifference interval at every level is target ± halfwidth (Lee and Cheung, 2009, Clinical Trials 6,
/// 227-238): at the parameter value on the border between two neighbouring levels the lower one has toxicity
/// target - `halfwidth` and the upper one target + `halfwidth`. The prior MTD has the target itself.
///
/// `levels` is the number of dose levels, `prior_mtd` one of them, `target` and `halfwidth` are probabilities. Returns one DLT
/// probability per level, strictly increasing.
///
/// # Errors
///
/// Where no such skeleton exists; see [`SkeletonError`].
pub fn skeleton(model: Model, levels: usize, prior_mtd: Level, target: f64, halfwidth: f64) -> Result<Vec<f64>, SkeletonError> {
    if prior_mtd >= levels {
        return Err(SkeletonError::PriorMtd);
    }
    let (lower, upper) = (target - halfwidth, target + halfwidth);
    if !(halfwidth > 0.0 && lower > 0.0 && upper < 1.0) {
        return Err(SkeletonError::Interval);
    }
    if model.label(upper) >= 0.0 {
        return Err(SkeletonError::Intercept);
    }
    // The labels of neighbouring levels have a constant ratio.
    let ratio = model.label(lower) / model.label(upper);
    let skeleton: Vec<f64> = (0..levels)
        .map(|level| {
            let steps = prior_mtd as f64 - level as f64;
            model.toxicity(libm::pow(ratio, steps) * model.label(target))
        })
        .collect();
    let inside = skeleton.iter().all(|&toxicity| toxicity > 0.0 && toxicity < 1.0);
    if inside && skeleton.is_sorted_by(|a, b| a < b) { Ok(skeleton) } else { Err(SkeletonError::Degenerate) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGISTIC: Model = Model::Logistic { intercept: 3.0 };

    #[test]
    fn impossible_skeletons_are_refused() {
        assert_eq!(skeleton(Model::Empiric, 5, 5, 0.25, 0.05), Err(SkeletonError::PriorMtd));
        assert_eq!(skeleton(Model::Empiric, 5, 2, 0.25, 0.25), Err(SkeletonError::Interval));
        assert_eq!(skeleton(Model::Empiric, 5, 2, 0.25, 0.0), Err(SkeletonError::Interval));
        assert_eq!(skeleton(Model::Empiric, 5, 2, 0.75, 0.25), Err(SkeletonError::Interval));
        assert_eq!(skeleton(Model::Empiric, 5, 2, f64::NAN, 0.05), Err(SkeletonError::Interval));
        assert_eq!(skeleton(LOGISTIC, 5, 2, 0.9, 0.06), Err(SkeletonError::Intercept));
        assert_eq!(skeleton(Model::Empiric, 12, 11, 0.5, 0.49), Err(SkeletonError::Degenerate));
    }

    #[test]
    fn indifference_intervals_are_as_asked() {
        for model in [Model::Empiric, LOGISTIC] {
            let skeleton = skeleton(model, 5, 2, 0.25, 0.05).unwrap();
            assert!((skeleton[2] - 0.25).abs() < 1e-15);
            for pair in skeleton.windows(2) {
                let slope = model.label(0.20) / model.label(pair[0]);
                assert!((model.toxicity(slope * model.label(pair[1])) - 0.30).abs() < 1e-14);
            }
        }
    }
}
