//! The natural logarithm of many arguments at once.

/// ln 2 in two parts, so that multiples of the first by an exponent are exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The series of (ln((1 + s) / (1 - s)) - 2 s) / s in even powers of s, for |s| below 0.1716, from the square on.
const SERIES: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// ln x for each lane, for normal positive x.
///
/// Plain arithmetic without a branch: the compiler turns the loop into vector instructions, and every processor gives the same bits,
/// which are those of `libm::log`. The error is below one unit in the last place. The method is that of FDLIBM (Sun Microsystems,
/// 1993): x = 2^k (1 + f) with 1 + f between the halves of √2 and √2, s = f / (2 + f), and a series in s.
#[inline]
#[must_use]
pub fn ln_lanes<const LANES: usize>(x: [f64; LANES]) -> [f64; LANES] {
    x.map(ln_lane)
}

/// ln x of one lane.
#[inline(always)]
fn ln_lane(x: f64) -> f64 {
    // The upper half of √2 / 2, and how far 1 lies above it: so the carry into the exponent parts the arguments there.
    const HALF_ROOT: u64 = 0x3fe6_a09e << 32;
    const ABOVE: u64 = (0x3ff0_0000 << 32) - HALF_ROOT;
    /// 2^52, whose low bits are whole numbers.
    const WHOLE: f64 = (1_u64 << 52) as f64;

    let bits = x.to_bits() + ABOVE;
    let k = f64::from_bits(bits >> 52 | WHOLE.to_bits()) - (WHOLE + 1023.0);
    let f = f64::from_bits((bits & (u64::MAX >> 12)) + HALF_ROOT) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (SERIES[1] + w * (SERIES[3] + w * SERIES[5]));
    let odd = z * (SERIES[0] + w * (SERIES[2] + w * (SERIES[4] + w * SERIES[6])));
    s * (half_square + (odd + even)) + k * LN_2_LOW - half_square + f + k * LN_2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_that_of_libm() {
        let even = (1..=1_000_000).map(|i| f64::from(i) / 1_000_000.0);
        let near_one = (0..2_000).flat_map(|i| [1.0 - f64::from(i) * f64::EPSILON / 2.0, 1.0 + f64::from(i) * f64::EPSILON]);
        let near_root = (-2_000..2_000).map(|i| std::f64::consts::FRAC_1_SQRT_2 + f64::from(i) * 1e-9);
        let powers = (-1022..1023).flat_map(|k| [2f64.powi(k), 1.37 * 2f64.powi(k)]);
        for x in even.chain(near_one).chain(near_root).chain(powers) {
            assert_eq!(ln_lanes([x])[0].to_bits(), libm::log(x).to_bits(), "{x:e}");
        }
    }
}
