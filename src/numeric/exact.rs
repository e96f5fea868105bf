//! Numbers as the decimals that somebody wrote, compared exactly.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

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

#[cfg(test)]
mod tests {
    use super::*;

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
