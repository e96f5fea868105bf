//! The dose-toxicity models, on one footing.

use crate::trial::MAX_LEVELS;
use std::f64::consts::{FRAC_PI_2, LN_2, PI};

/// A one-parameter dose-toxicity model, pₖ(θ) = F(e^θ xₖ), F increasing, with a dose label xₖ < 0 such that pₖ(0) is the
/// skeleton.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Empiric, or power, model (O'Quigley, Pepe and Fisher, 1990): F(z) = e^z, so pₖ(θ) = sₖ^exp(θ).
    Empiric,
    /// One-parameter logistic model with a fixed intercept (Goodman, Zahurak and Piantadosi, 1995): F(z) = expit(intercept + z).
    Logistic {
        /// The intercept, on the logit scale.
        intercept: f64,
    },
}

impl Model {
    /// F⁻¹(`toxicity`): the dose label of a level whose skeleton is `toxicity`, a probability. At or above 0 where the model
    /// cannot reach that toxicity.
    #[must_use]
    pub fn label(self, toxicity: f64) -> f64 {
        match self {
            Self::Empiric => libm::log(toxicity),
            Self::Logistic { intercept } => libm::log(toxicity) - libm::log1p(-toxicity) - intercept,
        }
    }

    /// F(`z`), the DLT probability at z = e^θ xₖ.
    #[must_use]
    pub fn toxicity(self, z: f64) -> f64 {
        match self {
            Self::Empiric => libm::exp(z),
            Self::Logistic { intercept } => 1.0 / (1.0 + libm::exp(-(intercept + z))),
        }
    }

    /// log F(`z`) and log(1 - F(`z`)), each accurate where it is close to 0, and -1e200 in place of anything lower, so that no
    /// count times an infinity arises.
    #[must_use]
    pub(super) fn logs(self, z: f64) -> (f64, f64) {
        let (log_toxicity, log_no_toxicity) = match self {
            Self::Empiric if z > -LN_2 => (z, libm::log(-libm::expm1(z))),
            Self::Empiric => (z, libm::log1p(-libm::exp(z))),
            Self::Logistic { intercept } => {
                let logit = intercept + z;
                let smaller = -libm::log1p(libm::exp(-logit.abs()));
                if logit > 0.0 { (smaller, smaller - logit) } else { (smaller + logit, smaller) }
            }
        };
        (log_toxicity.max(LOWEST_LOG), log_no_toxicity.max(LOWEST_LOG))
    }

    /// The first and the second derivative of log F(`z`), and those of log(1 - F(`z`)), with respect to z.
    pub(in crate::design) fn log_derivatives(self, z: f64) -> [(f64, f64); 2] {
        match self {
            Self::Empiric => {
                let odds = 1.0 / libm::expm1(-z);
                [(1.0, 0.0), (-odds, -odds * (1.0 + odds))]
            }
            Self::Logistic { .. } => {
                let p = self.toxicity(z);
                let curvature = -p * (1.0 - p);
                [(1.0 - p, curvature), (-p, curvature)]
            }
        }
    }

    /// How far the likelihood is analytic in θ, and bounded, above and below the real line: π/2, unless the pole of the logistic
    /// function at logit = iπ, where e^θ |x| = intercept + iπ, is nearer.
    pub(super) fn strip(self) -> f64 {
        match self {
            Self::Empiric => FRAC_PI_2,
            Self::Logistic { intercept } => libm::atan2(PI, intercept).min(FRAC_PI_2),
        }
    }

    /// By how much, at most, one patient lets log |L(θ + ia)| exceed log L(θ) at a mode θ of the posterior density, for 0 < `a` <
    /// [`Model::strip`]; what a normal prior adds is in `Prior::growth`.
    ///
    /// At a mode the derivatives of all log-likelihoods and of the log prior cancel, so (1 - cos a) times its derivative may be
    /// added for each patient: this takes the growth of first order away, and what is left is bounded in z = e^θ x. For small
    /// `a` it is a²/2 times the largest information of one patient.
    pub(super) fn growth_at_mode(self, a: f64) -> f64 {
        let slack = 1.0 - libm::cos(a);
        most(|z| match self {
            // A DLT adds nothing, its log-likelihood being z.
            Self::Empiric => {
                let p = libm::exp(z);
                self.growth_without_dlt(z, z, a) - slack * z * p / (1.0 - p)
            }
            // With or without DLT the same is left, as their log-likelihoods differ by z, up to a constant.
            Self::Logistic { .. } => self.growth_without_dlt(z, z, a) - slack * z * self.toxicity(z),
        })
    }

    /// By how much, at most, one patient lets log |L(θ + ia)| exceed log L(θ + log cos a), for every θ and 0 < `a` <
    /// [`Model::strip`]. The two have the same real part of z, so a DLT under the empiric model adds nothing, and under the logistic
    /// model as much as its absence.
    pub(super) fn growth_beside(self, a: f64) -> f64 {
        let cos = libm::cos(a);
        most(|z| self.growth_without_dlt(z, z * cos, a))
    }

    /// log |1 - F(z e^(ia))| - log(1 - F(`other`)), for the logistic model but for the real part of z, by which the two differ.
    fn growth_without_dlt(self, z: f64, other: f64, a: f64) -> f64 {
        let (sin, cos) = libm::sincos(a);
        // |1 + sign e^(x + iy)|
        let modulus = |x: f64, y: f64, sign: f64| {
            let e = libm::exp(x);
            ((1.0 - e) * (1.0 - e) + 2.0 * e * (1.0 + sign * libm::cos(y))).sqrt()
        };
        match self {
            Self::Empiric => libm::log(modulus(z * cos, z * sin, -1.0) / -libm::expm1(other)),
            Self::Logistic { intercept } => {
                libm::log((1.0 + libm::exp(intercept + other)) / modulus(intercept + z * cos, z * sin, 1.0))
            }
        }
    }
}

/// The largest value at any z below 0 that matters, at least 0.
fn most(at: impl Fn(f64) -> f64) -> f64 {
    (-48..=44).map(|i| at(-libm::exp(0.1 * f64::from(i)))).fold(0.0, f64::max)
}

/// The lowest logarithm of a probability in the tables: its exponential is 0 whatever it is multiplied by.
const LOWEST_LOG: f64 = -1e200;

/// A model with its dose labels: one curve of DLT probabilities for each θ.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The model.
    pub model: Model,
    /// xₖ per level, lowest first: increasing, all below 0.
    labels: Vec<f64>,
}

impl Curve {
    /// The model with the dose labels that belong to `skeleton`, one DLT probability per level, strictly increasing.
    ///
    /// Returns `None` when the skeleton is empty or longer than [`MAX_LEVELS`], not strictly increasing, or not within (0, 1), or
    /// when the model cannot reach it (logistic: every skeleton value must lie below expit(intercept)).
    #[must_use]
    pub fn new(model: Model, skeleton: &[f64]) -> Option<Self> {
        let labels: Vec<f64> = skeleton.iter().map(|&toxicity| model.label(toxicity)).collect();
        let valid = (1..=MAX_LEVELS).contains(&labels.len())
            && skeleton.is_sorted_by(|a, b| a < b)
            && labels.iter().all(|&label| label < 0.0 && label.is_finite());
        valid.then_some(Self { model, labels })
    }

    /// The number of dose levels.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.labels.len()
    }

    /// xₖ per level, lowest first.
    #[must_use]
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// pₖ(θ) per level, lowest first.
    pub fn toxicity(&self, theta: f64) -> impl Iterator<Item = f64> {
        self.toxicity_at_slope(libm::exp(theta))
    }

    /// As [`Curve::toxicity`], given the slope e^θ.
    pub fn toxicity_at_slope(&self, slope: f64) -> impl Iterator<Item = f64> {
        self.labels.iter().map(move |label| self.model.toxicity(slope * label))
    }
}
