//! Numbers as the decimals that somebody wrote, compared exactly.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use std::cmp::Ordering;

/// The rational number of the shortest decimal that reads back as `value`: for `0.28` it is 28/100, not the binary fraction
/// beside it. A decimal of up to 15 digits is always recovered as written.
///
/// `value` must be finite; what is not gives zero.
#[must_use]
pub fn decimal(value: f64) -> BigRational {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let Ok(digits) = format!("{whole}{fraction}").parse::<BigInt>() else {
        return BigRational::zero();
    };
    let power = exponent.parse::<i32>().unwrap_or(0) - i32::try_from(fraction.len()).unwrap_or(0);
    let ten = BigInt::from(10).pow(power.unsigned_abs());
    if power >= 0 { BigRational::from_integer(digits * ten) } else { BigRational::new(digits, ten) }
}

/// `numerator / denominator` as a rational; a denominator of zero counts as one.
#[must_use]
pub fn ratio(numerator: usize, denominator: usize) -> BigRational {
    let denominator = if denominator == 0 { BigInt::one() } else { BigInt::from(denominator) };
    BigRational::new(BigInt::from(numerator), denominator)
}

/// A fraction from 0 to 1 with which proportions are compared, exactly and fast.
#[derive(Clone, Debug)]
pub struct Threshold {
    exact: BigRational,
    nearest: f64,
}

impl Threshold {
    /// The threshold at a fraction from 0 to 1.
    #[must_use]
    pub fn new(exact: BigRational) -> Self {
        let nearest = exact.to_f64().unwrap_or(f64::NAN);
        Self { exact, nearest }
    }

    /// How `numerator / denominator`, the former at most the latter, compares with the threshold.
    #[must_use]
    pub fn compare(&self, numerator: usize, denominator: usize) -> Ordering {
        let difference = numerator as f64 / denominator as f64 - self.nearest;
        // Quotient and threshold are at most 1 and each rounded once: together they are off by 2.3e-16 at most.
        if difference.abs() > 1e-15 { difference.total_cmp(&0.0) } else { ratio(numerator, denominator).cmp(&self.exact) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_compared_with_the_fraction_and_not_with_the_float() {
        // As floats, 0.2 - 0.05 is above 3/20 and 0.3 - 0.1 is below 1/5.
        for (threshold, numerator, denominator) in [
            (decimal(0.2) - decimal(0.05), 3, 20),
            (decimal(0.3) - decimal(0.1), 1, 5),
            (decimal(0.35) + decimal(0.05), 4, 10),
            (ratio(1, 3), 83, 249),
        ] {
            let threshold = Threshold::new(threshold);
            assert_eq!(threshold.compare(numerator, denominator), Ordering::Equal);
            assert_eq!(threshold.compare(numerator + 1, denominator), Ordering::Greater);
            assert_eq!(threshold.compare(numerator, denominator + 1), Ordering::Less);
        }
        let beside = Threshold::new(ratio(1, 3) + decimal(1e-18));
        assert_eq!(beside.compare(1, 3), Ordering::Less);
    }

    #[test]
    fn decimals_are_read_as_written() {
        assert_eq!(decimal(0.28), ratio(28, 100));
        assert_eq!(decimal(0.1) + decimal(0.2), decimal(0.3));
        assert_eq!(decimal(1.4) * decimal(0.2), decimal(0.28));
        assert_eq!(decimal(25.0), ratio(25, 1));
        assert_eq!(decimal(-1e-7), -ratio(1, 10_000_000));
        assert_eq!(decimal(1e21), BigRational::from_integer(BigInt::from(10).pow(21)));
        assert_eq!(decimal(0.0), ratio(0, 1));
        assert_eq!("0.10000000000000001".parse().map(decimal), Ok(ratio(1, 10)));
    }
}
