//! Two independent probabilities with beta distributions of which the first is below the second: where both lie.
//!
//! With p ~ Beta(α, β) and q ~ Beta(α', β'), and the incomplete beta function B_x without its divisor,
//!
//! Pr(p < q < x) = ∑ₖ B_x(α + k + α', β + β') / ((α + k) B(α + k, β) B(α', β')),  k = 0, 1, ...,
//!
//! since the distribution function of p is the series xᵅ⁺ᵏ (1 − x)ᵝ / ((α + k) B(α + k, β)) (Abramowitz and Stegun, 1964, 26.5.4). All
//! terms are positive, so that small probabilities are as exact as large ones. Turned around, 1 − q and 1 − p give Pr(x < p < q).

use super::beta::lower_tail;
use libm::{exp, lgamma, log, log1p};

/// What is left of a series when it is broken off, as a part of its first term.
const REMAINDER: f64 = 1e-18;

/// Pr(p < q < `x`) for independent p ~ Beta(`first`) and q ~ Beta(`second`), to 1e-10 of itself, 0 < `x` < 1.
#[must_use]
pub fn both_below(first: [f64; 2], second: [f64; 2], x: f64) -> f64 {
    let [a, b] = first;
    let count = terms(first, x, 0);
    let mut integrals = Integrals::from(a + second[0] + count as f64, b + second[1], x);
    // The largest k first, as the integrals come; the factor of the first term is left for the end.
    let mut sum = 0.0;
    for k in (0..count).rev() {
        let k = k as f64;
        sum = integrals.below() + sum * (a + b + k) / (a + k + 1.0);
    }
    sum * exp(log_inverse(a + 1.0, b) - log(a + b) + log_inverse(second[0], second[1]))
}

/// Pr(`x` < p < q), as [`both_below`].
#[must_use]
pub fn both_above(first: [f64; 2], second: [f64; 2], x: f64) -> f64 {
    let turned = |[a, b]: [f64; 2]| [b, a];
    both_below(turned(second), turned(first), 1.0 - x)
}

/// ln(Γ(a + b) / (Γ(a) Γ(b))).
fn log_inverse(a: f64, b: f64) -> f64 {
    lgamma(a + b) - lgamma(a) - lgamma(b)
}

/// The terms of the series for Beta(`prior[0]` + `from`, `prior[1]`) that matter: the integrals fall at least by the factor `x`.
fn terms([a, b]: [f64; 2], x: f64, from: usize) -> usize {
    let (mut k, mut size) = (from, 1.0);
    while size > REMAINDER * (1.0 - x) {
        let place = k as f64;
        size *= x * (a + b + place) / (a + place + 1.0);
        k += 1;
    }
    k - from
}

/// B_x(p, q) for falling p, each from the one above: p B_x(p, q) = (p + q) B_x(p + 1, q) + xᵖ (1 − x)ᑫ.
struct Integrals {
    p: f64,
    q: f64,
    logs: [f64; 2],
    value: f64,
}

impl Integrals {
    fn from(p: f64, q: f64, x: f64) -> Self {
        Self { p, q, logs: [log(x), log1p(-x)], value: lower_tail(p, q, x) * exp(-log_inverse(p, q)) }
    }

    /// Go one down.
    fn below(&mut self) -> f64 {
        let Self { p, q, logs, value } = self;
        *p -= 1.0;
        *value = ((*p + *q) * *value + exp(*p * logs[0] + *q * logs[1])) / *p;
        *value
    }
}

/// Pr(p < q < x) for the posterior distributions of all samples of two sizes, sum of the sizes at most a largest one, under the same
/// prior distribution.
///
/// One series for each size of the first sample, with events only, and each sample of the second. With an event less in the first
/// sample the probability grows by a single integral: I_x(a − 1, b + 1) − I_x(a, b) = xᵃ⁻¹ (1 − x)ᵇ Γ(a + b) / (Γ(a) Γ(b + 1)) (DLMF
/// 8.17.20 and 8.17.21). So everything is a sum of positive terms.
pub struct AllBelow {
    /// ln Γ of the first prior parameter, the second and their sum, with 0, 1, ... added.
    log_gammas: [Vec<f64>; 3],
    /// `integrals[j][i]` is B_x(2a + i, 2b + j), for a prior Beta(a, b).
    integrals: Vec<Vec<f64>>,
    /// `series[n][place(m, z)]` is the series for n events in the first sample of n, and z events in the second of m; without the
    /// divisor of the second distribution.
    series: Vec<Vec<f64>>,
}

/// The place of a sample with so many events among all samples, the smallest first.
fn place(size: usize, events: usize) -> usize {
    size * (size + 1) / 2 + events
}

impl AllBelow {
    /// For samples with together at most `most` trials, a prior Beta(`prior`), and 0 < `x` < 1.
    #[must_use]
    pub fn new(prior: [f64; 2], x: f64, most: usize) -> Self {
        let [a, b] = prior;
        let log_gammas = [a, b, a + b].map(|first| (0..most + 2).map(|i| lgamma(first + i as f64)).collect::<Vec<f64>>());
        let count = most + terms(prior, x, most);
        let factors: Vec<f64> = (0..count).map(|k| exp(log_inverse(a + k as f64 + 1.0, b) - log(a + b + k as f64))).collect();
        let mut series: Vec<Vec<f64>> = (0..=most).map(|n| vec![0.0; place(most - n + 1, 0)]).collect();
        let columns = (0..=most).map(|j| {
            let mut descending = Integrals::from(2.0 * a + count as f64, 2.0 * b + j as f64, x);
            let mut column = vec![0.0; count];
            column.iter_mut().rev().for_each(|integral| *integral = descending.below());
            for z in 0..=most - j {
                let mut sum = 0.0;
                for k in (0..count - z).rev() {
                    sum += factors[k] * column[k + z];
                    if k <= most - j - z {
                        series[k][place(j + z, z)] = sum;
                    }
                }
            }
            column.truncate(most + 1 - j);
            column
        });
        let integrals = columns.collect();
        Self { log_gammas, integrals, series }
    }

    /// The probabilities for samples of `first` and `second` trials: no event in the first and none in the second, then one in the
    /// second, and so on.
    pub fn write(&self, first: usize, second: usize, probabilities: &mut Vec<f64>) {
        let [of_a, of_b, of_sum] = &self.log_gammas;
        let width = second + 1;
        probabilities.clear();
        probabilities.resize((first + 1) * width, 0.0);
        probabilities[first * width..].copy_from_slice(&self.series[first][place(second, 0)..place(second + 1, 0)]);
        for y in (0..first).rev() {
            let factor = exp(of_sum[first] - of_a[y + 1] - of_b[first - y]);
            for z in 0..=second {
                let step = factor * self.integrals[first + second - 1 - y - z][y + z];
                probabilities[y * width + z] = probabilities[(y + 1) * width + z] + step;
            }
        }
        for z in 0..=second {
            let divisor = exp(of_sum[second] - of_a[z] - of_b[second - z]);
            probabilities[z..].iter_mut().step_by(width).for_each(|probability| *probability *= divisor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::gauss_legendre::integral;

    /// Pr(p < q < x) by the rule of Gauss and Legendre on 24 pieces: for distributions without poles.
    fn by_quadrature([a, b]: [f64; 2], [c, d]: [f64; 2], x: f64) -> f64 {
        let density = |q: f64| exp(log_inverse(c, d) + (c - 1.0) * log(q) + (d - 1.0) * log1p(-q));
        let pieces = (0..24).map(|piece| [f64::from(piece), f64::from(piece + 1)].map(|end| x * end / 24.0));
        pieces.map(|[from, to]| integral(from, to, |q| density(q) * lower_tail(a, b, q))).sum()
    }

    fn assert_near(found: f64, expected: f64, within: f64, what: &str) {
        assert!((found / expected - 1.0).abs() < within, "{what}: {found:e} {expected:e}");
    }

    #[test]
    fn as_by_quadrature() {
        for (first, second) in
            [([2.0, 3.0], [4.0, 3.0]), ([1.5, 9.0], [8.0, 2.5]), ([40.0, 2.0], [2.0, 30.0]), ([3.3, 60.7], [5.3, 20.7])]
        {
            for x in [0.05, 0.3, 0.5, 0.8] {
                let what = format!("{first:?} {second:?} {x}");
                assert_near(both_below(first, second, x), by_quadrature(first, second, x), 1e-11, &what);
            }
        }
    }

    /// Of two with the same distribution the first is the lower one in half of the cases: Pr(p < q < x) = F(x)² / 2.
    #[test]
    fn two_of_the_same_distribution() {
        for parameters in [[0.01, 0.99], [0.3, 0.7], [0.5, 0.5], [1.0, 1.0], [5.2, 30.8], [0.99, 0.01]] {
            let [a, b] = parameters;
            for x in [0.01, 0.2, 0.5, 0.7, 0.99] {
                let (below, above) = (lower_tail(a, b, x), lower_tail(b, a, 1.0 - x));
                let what = format!("{parameters:?} {x}");
                assert_near(both_below(parameters, parameters, x), 0.5 * below * below, 1e-10, &what);
                assert_near(both_above(parameters, parameters, x), 0.5 * above * above, 1e-10, &what);
            }
        }
    }

    #[test]
    fn all_samples_at_once_are_each_one_alone() {
        for (prior, x, most) in
            [([0.3, 0.7], 0.3, 12), ([0.9, 0.1], 0.9, 12), ([0.01, 0.99], 0.01, 5), ([20.0, 3.0], 0.6, 8), ([1.0, 1.0], 0.5, 60)]
        {
            let all = AllBelow::new(prior, x, most);
            let sample = |size: usize, events: usize| [prior[0] + events as f64, prior[1] + (size - events) as f64];
            let mut found = Vec::new();
            for (first, second) in
                [(0, 0), (0, most), (most, 0), (1, 2), (most / 2, most - most / 2), (3, 2), (most / 3, most / 3)]
            {
                all.write(first, second, &mut found);
                assert_eq!(found.len(), (first + 1) * (second + 1));
                for (index, &found) in found.iter().enumerate() {
                    let (y, z) = (index / (second + 1), index % (second + 1));
                    let expected = both_below(sample(first, y), sample(second, z), x);
                    assert_near(found, expected, 1e-11, &format!("{prior:?} {x}: {y} of {first}, {z} of {second}"));
                }
            }
        }
    }
}
