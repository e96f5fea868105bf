//! The exponential function for many arguments at once.

/// e^x for each lane, for x at or below 0.
///
/// Plain additions and multiplications without a branch: the compiler turns the loop into vector instructions, and every
/// processor gives the same bits. The error is below one unit in the last place for arguments from -708 to 0; below that the
/// result is subnormal and rounded once more, and below -746 it is 0. Arguments above 0 are right up to about 600.
///
/// The reduction x = n ln 2 + r with ln 2 in two parts follows Cody and Waite (1980); e^r is its Taylor polynomial of degree
/// 13, whose remainder is below 5e-18 for |r| ≤ ln 2 / 2.
#[inline]
#[must_use]
pub fn exp_lanes<const LANES: usize>(x: [f64; LANES]) -> [f64; LANES] {
    let mut result = [0.0; LANES];
    for (result, &x) in result.iter_mut().zip(&x) {
        *result = exp_lane(x);
    }
    result
}

/// 1.5 * 2^52: adding it rounds to a whole number, which is then found in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// The leading 33 bits of ln 2, so that whole multiples up to 2^20 are exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// The rest of ln 2.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Results are built 2^100 too large and scaled back, so that subnormal ones are rounded only once.
const EXTRA: u64 = 100;
/// 2^-100.
const EXTRA_BACK: f64 = 1.0 / (1_u128 << EXTRA) as f64;

/// e^x of one lane.
#[inline(always)]
fn exp_lane(x: f64) -> f64 {
    let x = if x > -746.0 { x } else { -746.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let t = r * r;
    // Even and odd powers apart: two short chains of dependent operations in place of a long one.
    let even = 1.0 / 479_001_600.0;
    let even = even * t + 1.0 / 3_628_800.0;
    let even = even * t + 1.0 / 40_320.0;
    let even = even * t + 1.0 / 720.0;
    let even = even * t + 1.0 / 24.0;
    let even = even * t + 0.5;
    let odd = 1.0 / 6_227_020_800.0;
    let odd = odd * t + 1.0 / 39_916_800.0;
    let odd = odd * t + 1.0 / 362_880.0;
    let odd = odd * t + 1.0 / 5_040.0;
    let odd = odd * t + 1.0 / 120.0;
    let odd = odd * t + 1.0 / 6.0;
    let power = 1.0 + (r + t * (even + r * odd));
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add((1023 + EXTRA) << 52));
    power * scale * EXTRA_BACK
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance in units in the last place; both are positive or zero.
    fn distance(a: f64, b: f64) -> u64 {
        a.to_bits().abs_diff(b.to_bits())
    }

    #[test]
    fn agrees_with_libm_to_one_unit_in_the_last_place() {
        let arguments = (0..=2_000_000).map(|i| -745.2 * f64::from(i) / 2_000_000.0);
        let near_zero = (0..=200_000).map(|i| -1e-5 * f64::from(i)).chain([-1e-300, -1e-17, -0.0]);
        let worst = arguments.chain(near_zero).map(|x| distance(exp_lanes([x])[0], libm::exp(x))).max();
        assert!(worst <= Some(1), "{worst:?}");
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp_lanes([0.0, -0.0, -746.0, -1e200, f64::NEG_INFINITY]), [1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
