//! Families of toxicity curves with two parameters: a function of the toxicity is linear in a function of the dose.
//!
//! | family | toxicity p of dose d | linear in | |
//! |---|---|---|---|
//! | logistic | 1 / (1 + exp(−a − b d)) | d | logit p |
//! | log-logistic | 1 / (1 + exp(−a − b ln d)) | ln d | logit p |
//! | power | min(1, exp(a) d^b) | ln d | ln p |
//! | Emax | E d / (D + d), E at most 1 | 1/d | 1/p |
//! | Weibull | 1 − exp(−exp(a) d^b) | ln d | ln(−ln(1 − p)) |
//!
//! So two points that the curve goes through, or a point and the slope there, give both parameters in closed form.

use std::f64::consts::LN_2;

/// A family of curves; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Logistic in the dose.
    Logistic,
    /// Logistic in the logarithm of the dose.
    LogLogistic,
    /// A power of the dose, cut at 1.
    Power,
    /// The hyperbolic Emax model.
    Emax,
    /// The Weibull distribution function.
    Weibull,
}

/// A curve of a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyCurve {
    family: Family,
    intercept: f64,
    slope: f64,
}

impl Family {
    /// The families with the words of a study file, and what they say.
    pub const WORDS: [(&'static str, Self, &'static str); 5] = [
        ("logistic", Self::Logistic, "The log odds of the toxicity are linear in the dose."),
        ("log-logistic", Self::LogLogistic, "The log odds of the toxicity are linear in the logarithm of the dose."),
        ("power", Self::Power, "The toxicity is a power of the dose, cut at 1."),
        ("emax", Self::Emax, "The toxicity is hyperbolic in the dose, with a maximum of at most 1."),
        ("weibull", Self::Weibull, "The toxicity is a Weibull distribution function of the dose."),
    ];

    /// The word of a study file.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, family, _)| *family == self).map_or("", |(word, _, _)| word)
    }

    /// The curve through two points, each a dose above 0 and a toxicity in (0, 1). `None` where the family has no rising curve
    /// through them.
    #[must_use]
    pub fn through(self, lower: (f64, f64), upper: (f64, f64)) -> Option<FamilyCurve> {
        let run = self.scale(upper.0) - self.scale(lower.0);
        let slope = (self.link(upper.1) - self.link(lower.1)) / run;
        self.curve(lower, slope)
    }

    /// The curve with this toxicity, in (0, 1), at a dose above 0, that rises there by `slope` per doubling of the dose: the
    /// derivative of the toxicity with respect to the logarithm of the dose to base 2. `None` where the family has no such curve.
    #[must_use]
    pub fn with_slope(self, dose: f64, toxicity: f64, slope: f64) -> Option<FamilyCurve> {
        let link = match self {
            Self::Logistic | Self::LogLogistic => 1.0 / (toxicity * (1.0 - toxicity)),
            Self::Power => 1.0 / toxicity,
            Self::Emax => 1.0 / (toxicity * toxicity),
            Self::Weibull => -1.0 / ((1.0 - toxicity) * libm::log1p(-toxicity)),
        };
        let scale = match self {
            Self::Logistic => dose,
            Self::LogLogistic | Self::Power | Self::Weibull => 1.0,
            Self::Emax => 1.0 / dose,
        };
        self.curve((dose, toxicity), link * (slope / LN_2) / scale)
    }

    /// The curve through a point with this parameter b.
    fn curve(self, (dose, toxicity): (f64, f64), slope: f64) -> Option<FamilyCurve> {
        let intercept = self.link(toxicity) - slope * self.scale(dose);
        let is_rising = slope > 0.0 && slope.is_finite() && intercept.is_finite();
        // The intercept of an Emax curve is -1/E; the margin is that of rounding.
        let is_probability = self != Self::Emax || intercept <= -1.0 + 1e-12;
        (is_rising && is_probability).then_some(FamilyCurve { family: self, intercept, slope })
    }

    /// The function of the toxicity, rising.
    fn link(self, toxicity: f64) -> f64 {
        match self {
            Self::Logistic | Self::LogLogistic => libm::log(toxicity) - libm::log1p(-toxicity),
            Self::Power => libm::log(toxicity),
            Self::Emax => -1.0 / toxicity,
            Self::Weibull => libm::log(-libm::log1p(-toxicity)),
        }
    }

    /// The function of the dose, rising.
    fn scale(self, dose: f64) -> f64 {
        match self {
            Self::Logistic => dose,
            Self::LogLogistic | Self::Power | Self::Weibull => libm::log(dose),
            Self::Emax => -1.0 / dose,
        }
    }
}

impl FamilyCurve {
    /// The toxicity of a dose above 0.
    #[must_use]
    pub fn toxicity(&self, dose: f64) -> f64 {
        let linear = self.intercept + self.slope * self.family.scale(dose);
        match self.family {
            Family::Logistic | Family::LogLogistic => logistic(linear),
            Family::Power => libm::exp(linear).min(1.0),
            Family::Emax => (-1.0 / linear).min(1.0),
            Family::Weibull => -libm::expm1(-libm::exp(linear)),
        }
    }
}

/// 1 / (1 + exp(−x)).
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_through_their_points_and_have_their_slope() {
        for (word, family, _) in Family::WORDS {
            let curve = family.through((0.5, 0.1), (2.0, 0.3)).unwrap();
            assert!((curve.toxicity(0.5) - 0.1).abs() < 1e-14 && (curve.toxicity(2.0) - 0.3).abs() < 1e-14, "{word}");
            let curve = family.with_slope(0.7, 0.25, 0.1).unwrap();
            assert!((curve.toxicity(0.7) - 0.25).abs() < 1e-14, "{word}");
            let step = 1e-4;
            let rise = curve.toxicity(0.7 * libm::exp2(step)) - curve.toxicity(0.7 * libm::exp2(-step));
            assert!((rise / (2.0 * step) - 0.1).abs() < 1e-8, "{word}");
            assert_eq!(family.through((0.5, 0.3), (2.0, 0.1)), None, "{word}");
        }
        // E d / (D + d) through (1, 0.2) and (3, 0.4): E = 0.8, D = 3.
        let emax = Family::Emax.through((1.0, 0.2), (3.0, 0.4)).unwrap();
        assert!((emax.toxicity(5.0) - 0.8 * 5.0 / 8.0).abs() < 1e-14);
        assert_eq!(Family::Emax.through((1.0, 0.1), (3.0, 0.29)), None, "a maximum above 1");
        assert_eq!(Family::Emax.through((1.0, 0.1), (3.0, 0.4)), None, "faster than the dose");
    }
}
