//! Tails of the Beta posterior under a uniform prior, which are finite binomial sums.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// Two probabilities nearer than this are compared as fractions; the error of the sums below is some 1e-14.
const NEAR_TIE: f64 = 1e-9;

/// For each number of trials n from 0 to `max`, the smallest number of events y from 0 to n for which
/// Pr(p > threshold | y of n) > cutoff when p has a uniform prior, if there is one.
///
/// The posterior is Beta(1 + y, 1 + n - y), so that probability is Pr(X ≤ y) for X binomial with n + 1 trials and probability
/// `threshold` (Abramowitz and Stegun, 1964, 26.5.24): a sum of positive terms. `threshold` and `cutoff` lie between 0 and 1. A
/// tie with the cutoff is decided exactly and does not exceed it.
#[must_use]
pub fn posterior_bounds(threshold: &BigRational, cutoff: &BigRational, max: usize) -> Vec<Option<usize>> {
    if *cutoff >= BigRational::one() {
        return vec![None; max + 1];
    }
    let (p, limit) = (to_f64(threshold), to_f64(cutoff));
    let mut distribution = vec![1.0];
    (0..=max)
        .map(|trials| {
            add_trial(&mut distribution, p);
            let mut tail = 0.0;
            (0..=trials).find(|&events| {
                tail += distribution[events];
                if (tail - limit).abs() < NEAR_TIE {
                    exact_lower_tail(trials + 1, threshold, events) > *cutoff
                } else {
                    tail > limit
                }
            })
        })
        .collect()
}

/// Pr(p > threshold | y of n) for all y of n up to a largest n, p having a uniform prior: as floats and as fractions.
#[derive(Clone, Debug)]
pub struct UpperTails {
    threshold: BigRational,
    /// For no trial, for one, and so on: for n trials n + 1 of them, no event first.
    floats: Vec<f64>,
}

impl UpperTails {
    /// A bound of the error of [`UpperTails::nearly`] for up to 250 trials. The threshold is rounded once, which changes the tail by
    /// at most 251 half units (3e-14). Then each term is a sum of products, none of them negative, with at most four roundings a
    /// trial, and the terms are added up: no more than 5 x 252 half units of the tail (1.4e-13).
    pub const ERROR: f64 = 1e-12;

    /// The tails above `threshold`, from 0 to 1, for up to `max` trials.
    #[must_use]
    pub fn new(threshold: BigRational, max: usize) -> Self {
        let p = to_f64(&threshold);
        let mut distribution = vec![1.0];
        let mut floats = Vec::with_capacity((max + 1) * (max + 2) / 2);
        for trials in 0..=max {
            add_trial(&mut distribution, p);
            let mut tail = 0.0;
            floats.extend(distribution[..=trials].iter().map(|term| {
                tail += term;
                tail
            }));
        }
        Self { threshold, floats }
    }

    /// Pr(p > threshold | `events` of `trials`), nearly; not a number beyond the largest number of trials.
    #[must_use]
    pub fn nearly(&self, trials: usize, events: usize) -> f64 {
        self.floats.get(trials * (trials + 1) / 2 + events).copied().unwrap_or(f64::NAN)
    }

    /// Pr(p > threshold | `events` of `trials`).
    #[must_use]
    pub fn exact(&self, trials: usize, events: usize) -> BigRational {
        exact_lower_tail(trials + 1, &self.threshold, events)
    }
}

/// The binomial distribution: the probabilities of no event, of one, and so on.
#[must_use]
pub fn distribution(trials: usize, p: f64) -> Vec<f64> {
    let mut distribution = vec![1.0];
    (0..trials).for_each(|_| add_trial(&mut distribution, p));
    distribution
}

/// The mean of the binomial distribution over a uniform probability of an event, which lies between `from` and `to`.
///
/// With one trial more, the integral of Pr(y events) is the difference of Pr(more than y events) at the two ends, divided by the
/// number of trials then (Abramowitz and Stegun, 1964, 26.5.24). It is summed up from the side on which all differences of terms have
/// one sign, so that small means are as exact as large ones.
#[must_use]
pub fn mean_distribution(trials: usize, from: f64, to: f64) -> Vec<f64> {
    let [low, high] = [from, to].map(|p| distribution(trials + 1, p));
    let difference = |events: usize| (low[events] - high[events]).abs();
    // The ratio of the two grows with the events.
    let turn = (0..=trials).take_while(|&events| low[events] >= high[events]).count();
    let divisor = (trials + 1) as f64 * (to - from);
    let mut means = vec![0.0; trials + 1];
    let mut sum = 0.0;
    for events in 0..turn {
        sum += difference(events);
        means[events] = sum / divisor;
    }
    sum = 0.0;
    for events in (turn..=trials).rev() {
        sum += difference(events + 1);
        means[events] = sum / divisor;
    }
    means
}

/// From the binomial distribution of m trials to that of m + 1.
fn add_trial(distribution: &mut Vec<f64>, p: f64) {
    distribution.push(0.0);
    for events in (1..distribution.len()).rev() {
        distribution[events] = (1.0 - p) * distribution[events] + p * distribution[events - 1];
    }
    distribution[0] *= 1.0 - p;
}

/// Pr(X ≤ events) for X binomial, as a fraction.
fn exact_lower_tail(trials: usize, p: &BigRational, events: usize) -> BigRational {
    let (hit, whole) = (p.numer(), p.denom());
    let miss = whole - hit;
    let power = |base: &BigInt, exponent: usize| num_traits::pow(base.clone(), exponent);
    let mut ways = BigInt::one();
    let mut sum = BigInt::zero();
    for k in 0..=events {
        sum += &ways * power(hit, k) * power(&miss, trials - k);
        ways = ways * (trials - k) / (k + 1);
    }
    BigRational::new(sum, power(whole, trials))
}

/// The nearest float. Fractions between 0 and 1 always have one.
pub(crate) fn to_f64(value: &BigRational) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::exact::{decimal, ratio};
    use crate::numeric::gauss_legendre::integral;

    #[test]
    fn the_float_sums_are_the_fractions() {
        let p = decimal(0.3);
        let mut distribution = vec![1.0];
        for trials in 1..=60 {
            add_trial(&mut distribution, 0.3);
            let mut tail = 0.0;
            for (events, probability) in distribution.iter().enumerate() {
                tail += probability;
                let exact = to_f64(&exact_lower_tail(trials, &p, events));
                assert!((tail - exact).abs() < 1e-14, "{trials} {events}: {tail} {exact}");
            }
        }
    }

    #[test]
    fn the_tails_are_within_their_bound() {
        for threshold in [ratio(0, 1), decimal(0.001), decimal(0.25), ratio(1, 3), decimal(0.999), ratio(1, 1)] {
            let tails = UpperTails::new(threshold.clone(), 250);
            for (trials, events) in [(0, 0), (1, 1), (30, 7), (249, 0), (250, 80), (250, 249), (250, 250)] {
                let difference = tails.nearly(trials, events) - to_f64(&tails.exact(trials, events));
                assert!(difference.abs() < 0.2 * UpperTails::ERROR, "{threshold}: {events} of {trials}: {difference}");
            }
        }
    }

    #[test]
    fn means_over_a_uniform_probability() {
        for (trials, from, to) in [(0, 0.0, 0.3), (6, 0.0, 0.3), (9, 0.4, 0.8), (30, 0.6, 1.0), (200, 0.3, 0.6)] {
            let means = mean_distribution(trials, from, to);
            for (events, &mean) in means.iter().enumerate() {
                let ways = (0..events).fold(1.0, |ways, k| ways * (trials - k) as f64 / (k + 1) as f64);
                let density = |p: f64| ways * p.powi(events as i32) * (1.0 - p).powi((trials - events) as i32);
                let pieces = (0..8).map(|piece| [piece, piece + 1].map(|end| from + (to - from) * f64::from(end) / 8.0));
                let integral: f64 = pieces.map(|[from, to]| integral(from, to, density)).sum();
                assert!((mean / (integral / (to - from)) - 1.0).abs() < 1e-11, "{events} of {trials}: {mean:e} {integral:e}");
            }
        }
    }

    /// Pr(p > 0.2 | 2 of 3) = 1 - 4(0.2)^3(0.8) - (0.2)^4 = 0.9728 on the dot.
    #[test]
    fn a_tie_does_not_exceed() {
        assert_eq!(exact_lower_tail(4, &decimal(0.2), 2), decimal(0.9728));
        assert_eq!(posterior_bounds(&decimal(0.2), &decimal(0.9728), 3)[3], Some(3));
        assert_eq!(posterior_bounds(&decimal(0.2), &decimal(0.972_799_999_999), 3)[3], Some(2));
    }

    #[test]
    fn a_cutoff_of_one_is_never_exceeded() {
        assert_eq!(posterior_bounds(&ratio(1, 20), &ratio(1, 1), 200), vec![None; 201]);
    }
}
