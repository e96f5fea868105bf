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

/// Pr(p ≤ `x`) for p ~ Beta(`a`, `b`), to 1e-11 for parameters from 0.001 to 1000, with the same result on every processor: for
/// decisions. `x` may lie beyond 0 and 1.
///
/// The continued fraction of DLMF 8.17.22, evaluated as Lentz (1976, Applied Optics 15, 668-671) does.
#[must_use]
pub fn lower_tail(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean.
    if x > (a + 1.0) / (a + b + 2.0) { 1.0 - by_fraction(b, a, 1.0 - x) } else { by_fraction(a, b, x) }
}

/// The incomplete beta function by its continued fraction, for 0 < `x` < 1.
fn by_fraction(a: f64, b: f64, x: f64) -> f64 {
    let log_front = a * libm::log(x) + b * libm::log1p(-x) + libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    libm::exp(log_front) / a / continued_fraction(a, b, x)
}

/// 1 + d₁/(1 + d₂/(1 + ...)) of the incomplete beta function.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |number: f64| if number == 0.0 { TINY } else { number };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    // Some tens of terms are needed, as many as the root of the larger parameter.
    for m in 0..1000 {
        let m = f64::from(m);
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let even = (m + 1.0) * (b - m - 1.0) * x / ((a + 2.0 * m + 1.0) * (a + 2.0 * m + 2.0));
        let before = value;
        for term in [odd, even] {
            d = 1.0 / not_zero(1.0 + term * d);
            c = not_zero(1.0 + term / c);
            value *= c * d;
        }
        if (value - before).abs() < 1e-16 * value.abs() {
            break;
        }
    }
    value
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
    use crate::numeric::binomial::{UpperTails, to_f64};
    use crate::numeric::exact::decimal;

    #[test]
    fn the_lower_tail_is_the_binomial_sum() {
        for x in [0.01, 0.2, 0.25, 0.5, 0.93] {
            let tails = UpperTails::new(decimal(x), 250);
            for (trials, events) in [(0, 0), (3, 0), (3, 1), (3, 3), (30, 7), (100, 31), (250, 3), (250, 62), (250, 249)] {
                let exact = 1.0 - to_f64(&tails.exact(trials, events));
                let found = lower_tail(1.0 + events as f64, 1.0 + (trials - events) as f64, x);
                assert!((found - exact).abs() < 1e-11, "{events} of {trials} at {x}: {found} {exact}");
            }
        }
    }

    #[test]
    fn the_lower_tail_with_small_parameters() {
        for (a, b) in [(0.005, 3.005), (0.005, 0.005), (1.005, 2.005), (30.005, 0.005), (0.005, 250.005), (62.005, 188.005)] {
            for x in [1e-6, 0.1, 0.25, 0.4, 0.9, 0.999] {
                let (found, other) = (lower_tail(a, b, x), beta_reg(a, b, x));
                assert!((found - other).abs() < 1e-11, "{a} {b} {x}: {found} {other}");
                assert!((found + lower_tail(b, a, 1.0 - x) - 1.0).abs() < 1e-11);
            }
        }
        assert_eq!((lower_tail(2.0, 3.0, -0.1), lower_tail(2.0, 3.0, 1.2)), (0.0, 1.0));
    }

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
