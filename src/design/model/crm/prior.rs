//! The prior distributions of the one parameter, on the scale of θ, the logarithm of the curve's slope.

use super::Curve;
use std::f64::consts::PI;

/// The prior distribution of θ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prior {
    /// θ ~ N(0, `sd`²); the parameter that is summarised is θ.
    Normal {
        /// The standard deviation of θ.
        sd: f64,
    },
    /// a = e^θ `shape`/`rate` ~ Gamma(`shape`, `rate`) (O'Quigley, Pepe and Fisher, 1990, with both 1), so that the skeleton is the
    /// curve at the prior mean of a, the parameter that is summarised. The distribution of θ does not depend on the rate.
    Gamma {
        /// The shape.
        shape: f64,
        /// The rate.
        rate: f64,
    },
}

impl Prior {
    /// The standard deviations of a normal prior that are provided for: below, no trial moves θ; above, the prior has all levels at
    /// a toxicity of 0 or 1.
    pub const SD: (f64, f64) = (1e-3, 1e3);

    /// The shapes of a gamma prior that are provided for.
    pub const SHAPE: (f64, f64) = (0.1, 1e3);

    /// The rates of a gamma prior that are provided for.
    pub const RATE: (f64, f64) = (1e-3, 1e3);

    /// Whether the numbers are within [`Prior::SD`], [`Prior::SHAPE`] and [`Prior::RATE`].
    #[must_use]
    pub fn is_provided_for(self) -> bool {
        let within = |number: f64, (lowest, highest)| (lowest..=highest).contains(&number);
        match self {
            Self::Normal { sd } => within(sd, Self::SD),
            Self::Gamma { shape, rate } => within(shape, Self::SHAPE) && within(rate, Self::RATE),
        }
    }

    /// The parameter that is summarised, at `theta`.
    pub(super) fn parameter(self, theta: f64) -> f64 {
        match self {
            Self::Normal { .. } => theta,
            Self::Gamma { shape, rate } => libm::exp(theta) * (shape / rate),
        }
    }

    /// The slope e^θ, given the parameter that is summarised.
    #[must_use]
    pub fn slope(self, parameter: f64) -> f64 {
        match self {
            Self::Normal { .. } => libm::exp(parameter),
            Self::Gamma { shape, rate } => parameter / (shape / rate),
        }
    }

    /// The log density of θ without its constant; 0 at θ = 0, where it is highest.
    pub(super) fn log_density(self, theta: f64) -> f64 {
        match self {
            Self::Normal { sd } => -0.5 * (theta / sd) * (theta / sd),
            Self::Gamma { shape, .. } => shape * (theta - libm::expm1(theta)),
        }
    }

    /// The density of θ at 0.
    pub(super) fn density_at_zero(self) -> f64 {
        match self {
            Self::Normal { sd } => 1.0 / (sd * (2.0 * PI).sqrt()),
            Self::Gamma { shape, .. } => libm::exp(shape * (libm::log(shape) - 1.0) - libm::lgamma(shape)),
        }
    }

    /// Where to begin to look for the end of the range of θ: not beyond it.
    pub(super) fn spread(self) -> f64 {
        match self {
            Self::Normal { sd } => 6.0 * sd,
            Self::Gamma { shape, .. } => 2.0 / shape.max(1.0).sqrt(),
        }
    }

    /// By how much, at most, log |L(θ + ia) g(θ + ia)| exceeds the largest log L g on the real line, for the counts of up to
    /// `patients` patients; what the integral over θ + ia adds to the error of the trapezoid rule.
    pub(super) fn growth(self, curve: &Curve, patients: f64, a: f64) -> f64 {
        let cos = libm::cos(a);
        match self {
            Self::Normal { sd } => {
                // With only DLTs the mode solves θ = -σ² n |x₁| e^θ at the lowest: Lambert's W of σ² n |x₁|, which is below its
                // log1p.
                let lowest_mode = -libm::log1p(sd * sd * patients * curve.labels()[0].abs());
                patients * curve.model.growth_at_mode(a) + (0.5 * a * a - (1.0 - cos) * lowest_mode) / (sd * sd)
            }
            // The density beside θ + ia, at θ + log cos a, has the same e^θ cos a. A mode is no place to compare with: the posterior
            // distribution may be that of the logarithm of a gamma variable with a small shape.
            Self::Gamma { shape, .. } => patients * curve.model.growth_beside(a) - shape * libm::log(cos),
        }
    }
}
