//! Integrals by the rule of Gauss and Legendre.

use std::sync::LazyLock;

/// Nodes of the rule: smooth functions on a short interval are integrated to the last digits.
const NODES: usize = 32;

/// Nodes in (0, 1) and their weights.
static RULE: LazyLock<[(f64, f64); NODES]> = LazyLock::new(|| std::array::from_fn(node));

/// ∫ `f`(x) dx from `from` to `to`.
#[must_use]
pub fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let length = to - from;
    RULE.iter().map(|&(node, weight)| weight * f(from + length * node)).sum::<f64>() * length
}

/// A node with its weight: a zero of the Legendre polynomial by Newton's method from Tricomi's approximation (Abramowitz and Stegun,
/// 1964, 25.4.29).
fn node(index: usize) -> (f64, f64) {
    let n = NODES as f64;
    let mut x = libm::cos(std::f64::consts::PI * (index as f64 + 0.75) / (n + 0.5));
    let mut slope = 1.0;
    for _ in 0..8 {
        // The polynomials of degree k and k + 1, by their recurrence.
        let (mut lower, mut value) = (1.0, x);
        for k in 1..NODES {
            let k = k as f64;
            (lower, value) = (value, ((2.0 * k + 1.0) * x * value - k * lower) / (k + 1.0));
        }
        slope = n * (x * value - lower) / (x * x - 1.0);
        x -= value / slope;
    }
    (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for power in [0, 1, 2, 7, 31, 63] {
            let found = integral(0.0, 1.0, |x| x.powi(power));
            assert!((found - 1.0 / (f64::from(power) + 1.0)).abs() < 1e-15, "{power}: {found}");
        }
        assert!((integral(0.2, 0.3, libm::exp) - (libm::exp(0.3) - libm::exp(0.2))).abs() < 1e-16);
    }
}
