//! The rule of Gauss and Jacobi: averages over beta distributions.

/// Nodes in (0, 1), increasing, and their weights, which sum to 1, so that the average of a polynomial of degree up to 2 `count` - 1
/// over Beta(`a`, `b`), both above 0, is the weighted sum of its values. Beta(1, 1) gives the rule of Gauss and Legendre.
///
/// The nodes are the zeros of an orthogonal polynomial, each found from the one above it by Newton's method on what is left of the
/// polynomial when the zeros known are divided out, which descends to the next; the weights are those of Christoffel (Gautschi, 2004,
/// Orthogonal Polynomials).
#[must_use]
pub fn rule(count: usize, a: f64, b: f64) -> Vec<(f64, f64)> {
    // x pₖ = √dₖ₊₁ pₖ₊₁ + cₖ pₖ + √dₖ pₖ₋₁ for the orthonormal polynomials on (-1, 1).
    let sum = a + b;
    let coefficients: Vec<(f64, f64)> = (0..=count)
        .map(|k| {
            let k = k as f64;
            let s = 2.0 * k + sum - 2.0;
            let center = if k == 0.0 { (a - b) / sum } else { (a - b) * (sum - 2.0) / (s * (s + 2.0)) };
            let d = if k <= 1.0 {
                4.0 * a * b / (sum * sum * (sum + 1.0))
            } else {
                4.0 * k * (k + a - 1.0) * (k + b - 1.0) * (k + sum - 2.0) / (s * s * (s + 1.0) * (s - 1.0))
            };
            (center, d.sqrt())
        })
        .collect();
    // p and its derivative at x, and the sum of the squares of the polynomials before.
    let evaluate = |x: f64| {
        let (mut before, mut p, mut squares) = ([0.0; 2], [1.0, 0.0], 0.0);
        for pair in coefficients.windows(2) {
            let ((center, root), (_, next)) = (pair[0], pair[1]);
            squares += p[0] * p[0];
            let [value, slope] = [0, 1].map(|index| ((x - center) * p[index] - root * before[index]) / next);
            (before, p) = (p, [value, slope + p[0] / next]);
        }
        (p, squares)
    };
    let mut zeros: Vec<f64> = Vec::with_capacity(count);
    for _ in 0..count {
        // From the right of it: from 1, or from next to the zero above.
        let mut x = zeros.last().map_or(1.0, |above| above - 5e-4 * (1.0 - above * above));
        for _ in 0..100 {
            let ([value, slope], _) = evaluate(x);
            let others: f64 = zeros.iter().map(|zero| 1.0 / (x - zero)).sum();
            let change = value / (slope - value * others);
            x -= change;
            if change.abs() < 1e-14 {
                break;
            }
        }
        // A last step on the whole polynomial, free of the errors of the zeros above.
        let ([value, slope], _) = evaluate(x);
        zeros.push(x - value / slope);
    }
    zeros.iter().rev().map(|&x| (0.5 * (1.0 + x), 1.0 / evaluate(x).1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_beta_distributions() {
        for (a, b) in [(1.0, 1.0), (0.2, 1.0), (1.0, 0.2), (0.5, 0.5), (1.0, 50.0), (50.0, 1.0), (3.0, 2.5)] {
            for count in [1, 2, 8, 32, 64] {
                let rule = rule(count, a, b);
                assert!(rule.iter().all(|&(node, weight)| 0.0 < node && node < 1.0 && weight > 0.0));
                assert!(rule.is_sorted_by(|lower, upper| lower.0 < upper.0), "{a} {b} {count}");
                let mut moment = 1.0;
                for power in 0..2 * count {
                    let found: f64 = rule.iter().map(|&(node, weight)| weight * node.powi(power as i32)).sum();
                    assert!((found - moment).abs() < 1e-13, "{a} {b}, {count} nodes, power {power}: {found} {moment}");
                    moment *= (a + power as f64) / (a + b + power as f64);
                }
            }
        }
    }
}
