//! The standard normal distribution.

use std::f64::consts::SQRT_2;

/// The probability that a standard normal variable is at most `x`.
#[must_use]
pub fn cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The number below which a standard normal variable lies with this `probability`, in (0, 1), by bisection to the last digit.
#[must_use]
pub fn quantile(probability: f64) -> f64 {
    // Beyond these the tail is smaller than the smallest double.
    let (mut low, mut high) = (-40.0, 40.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if cdf(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `qnorm(c(0.25, 0.3, 0.975, 1e-10))`, `pnorm(-6)`.
    #[test]
    fn as_in_r() {
        let expected = [
            (0.25, -0.674_489_750_196_082),
            (0.3, -0.524_400_512_708_041),
            (0.975, 1.959_963_984_540_054),
            (1e-10, -6.361_340_902_404_056),
        ];
        for (probability, quantile_of_r) in expected {
            assert!((quantile(probability) - quantile_of_r).abs() < 1e-13, "{probability}");
        }
        assert!((cdf(-6.0) / 9.865_876_450_376_98e-10 - 1.0).abs() < 1e-13);
    }
}
