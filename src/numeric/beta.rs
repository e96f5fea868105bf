//! Quantiles of beta distributions, and the binomial limits that are made of them.

use statrs::function::beta::beta_reg;

/// The `probability` quantile of Beta(`a`, `b`), both above 0, to 1e-15: bisection on the regularised incomplete beta function, since
/// its direct inverses fail for small parameters.
#[must_use]
pub fn quantile(a: f64, b: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // 60 halvings leave less than the distance of two floats near 1.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if beta_reg(a, b, middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The limits of Clopper and Pearson (1934, Biometrika 26, 404-413) for a proportion of `events` in `trials`, at most `trials`, with
/// this two-sided `confidence`.
#[must_use]
pub fn clopper_pearson(events: usize, trials: usize, confidence: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - confidence);
    let (y, rest) = (events as f64, trials.saturating_sub(events) as f64);
    let lower = if events == 0 { 0.0 } else { quantile(y, rest + 1.0, tail) };
    let upper = if events >= trials { 1.0 } else { quantile(y + 1.0, rest, 1.0 - tail) };
    (lower, upper)
}

/// Pr(p > `threshold`) for p ~ Beta(`a`, `b`).
#[must_use]
pub fn upper_tail(a: f64, b: f64, threshold: f64) -> f64 {
    beta_reg(b, a, 1.0 - threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_closed_form() {
        // Beta(1, b) and Beta(a, 1) have quantiles in closed form.
        for (a, b, p, expected) in [
            (1.0, 3.0, 0.95, 1.0 - libm::cbrt(0.05)),
            (3.0, 1.0, 0.05, libm::cbrt(0.05)),
            (2.0, 2.0, 0.5, 0.5),
            (1.0, 250.0, 0.05, 1.0 - libm::pow(0.95, 1.0 / 250.0)),
        ] {
            assert!((quantile(a, b, p) - expected).abs() < 1e-13, "{a} {b} {p}");
        }
        assert!((upper_tail(3.0, 2.0, 0.2) - 0.9728).abs() < 1e-13, "Pr(p > 0.2 | 2 of 3)");
    }

    #[test]
    fn limits_of_clopper_and_pearson() {
        let (lower, upper) = clopper_pearson(0, 3, 0.9);
        assert!(lower == 0.0 && (upper - (1.0 - libm::cbrt(0.05))).abs() < 1e-13);
        let (lower, upper) = clopper_pearson(3, 3, 0.9);
        assert!(upper == 1.0 && (lower - libm::cbrt(0.05)).abs() < 1e-13);
        // The limits are where the tails of the binomial distribution have 5 %: 1 of 6.
        let (lower, upper) = clopper_pearson(1, 6, 0.9);
        assert!((1.0 - (1.0 - lower).powi(6) - 0.05).abs() < 1e-13);
        assert!(((1.0 - upper).powi(6) + 6.0 * upper * (1.0 - upper).powi(5) - 0.05).abs() < 1e-13);
    }
}
