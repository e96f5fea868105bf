//! The simulated patients: one tolerance each, the same for every scenario and design.
//!
//! A tolerance is a 64-bit fraction u in [0, 1). A patient has a DLT at a level with toxicity p exactly when u < p, compared as
//! integers, and otherwise a moderate toxicity of probability q exactly when u < p + q. It is a pure function of the seed, the replicate and the enrolment index. Its upper 16 bits are drawn first; they
//! settle the comparison unless they tie with a toxicity, and only then are the lower 48 bits drawn, so nothing is lost by the
//! short draw.
//!
//! The comparison is worked out once per scenario for all levels and designs: a patient's *class* is the number of distinct
//! toxicities of the scenario that the tolerance reaches, and a DLT at a level means a class at or below the level's rank.

use crate::numeric::philox;
use crate::scenario::Truth;
use crate::trial::MAX_LEVELS;

/// Purposes of random numbers: the second half of the generator's key.
const UPPER_BITS: u64 = 1;
const LOWER_BITS: u64 = 2;

/// Patients whose upper bits come from one block of the generator.
const WORDS: usize = 16;

/// Tolerances that are compared together: four vectors of eight, which fit the registers with what is counted of them.
const TOGETHER: usize = 32;

/// Tolerances among which ties are looked for at once.
const STRIP: usize = 256;

/// Classes past the last row, so that eight can always be read at once.
const MARGIN: usize = 8;

/// The upper 16 bits of the tolerances of the patients of some replicates, row by row.
#[derive(Debug)]
pub(super) struct Patients {
    seed: u64,
    first_replicate: u64,
    stride: usize,
    /// With the highest bit flipped, so that they compare as signed numbers: the vector instructions of every x86-64 do.
    upper: Vec<i16>,
}

/// The classes of the patients of some replicates under a scenario, row by row.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// The rows, and eight more.
    pub(super) classes: Vec<u8>,
    /// The number of places in a row.
    pub(super) stride: usize,
    /// The number of rows that were asked for; behind them may be more, from another time.
    pub(super) replicates: usize,
}

/// The form in which upper bits are compared.
const fn comparable(upper: u16) -> i16 {
    (upper ^ 0x8000) as i16
}

impl Patients {
    /// Room for `replicates` rows of up to `max_patients` patients.
    pub(super) fn new(seed: u64, max_patients: usize, replicates: usize) -> Self {
        let stride = max_patients.max(1).next_multiple_of(WORDS);
        Self { seed, first_replicate: 0, stride, upper: vec![0; (replicates * stride).next_multiple_of(STRIP)] }
    }

    /// Draw the upper bits of the `replicates` replicates from `first_replicate` on.
    ///
    /// Column by column of blocks: the first round of the generator is then the same for all rows and leaves the loop.
    pub(super) fn draw(&mut self, first_replicate: u64, replicates: usize) {
        self.first_replicate = first_replicate;
        for (first, block) in (0..self.stride).step_by(WORDS).zip(1..) {
            for (row, replicate) in self.upper.chunks_exact_mut(self.stride).take(replicates).zip(first_replicate..) {
                let drawn = philox::block([self.seed, UPPER_BITS], [block, replicate, 0, 0]);
                for (words, drawn) in row[first..first + WORDS].as_chunks_mut::<4>().0.iter_mut().zip(drawn) {
                    *words = [0, 16, 32, 48].map(|bit| comparable((drawn >> bit) as u16));
                }
            }
        }
    }

    /// The 64-bit tolerance of the patient at `place` (row by row).
    fn tolerance(&self, place: usize) -> u64 {
        let (row, index) = (place / self.stride, place % self.stride);
        let replicate = self.first_replicate + row as u64;
        tolerance(self.seed, replicate, index, comparable(self.upper[place] as u16) as u16)
    }

    /// The classes of the first `replicates` rows under a scenario, into `classes`.
    pub(super) fn classify(&self, scenario: &Thresholds, replicates: usize, classes: &mut Classes) {
        (classes.stride, classes.replicates) = (self.stride, replicates);
        classes.classes.resize(self.upper.len() + MARGIN, 0);
        let strips = self.upper.as_chunks::<STRIP>().0.iter().zip(classes.classes.as_chunks_mut::<STRIP>().0);
        for (strip, (upper, classes)) in strips.take((replicates * self.stride).div_ceil(STRIP)).enumerate() {
            if compare(&scenario.upper, upper, classes) {
                for (place, (upper, class)) in (strip * STRIP..).zip(upper.iter().zip(classes)) {
                    if scenario.upper.contains(upper) {
                        *class = scenario.class(self.tolerance(place));
                    }
                }
            }
        }
    }
}

/// Count for each of some upper bits how many `thresholds` they reach, into `reached`. Returns whether any of them ties with a
/// threshold.
///
/// The inner loop is over arrays of fixed size that stay in vector registers. A comparison is 0 or all ones, -1, in each lane.
fn compare(thresholds: &[i16], upper: &[i16; STRIP], reached: &mut [u8; STRIP]) -> bool {
    let mut ties = [0; TOGETHER];
    for (upper, reached) in upper.as_chunks::<TOGETHER>().0.iter().zip(reached.as_chunks_mut::<TOGETHER>().0) {
        let mut count = [thresholds.len() as i16; TOGETHER];
        for threshold in thresholds {
            for ((count, tie), upper) in count.iter_mut().zip(&mut ties).zip(upper) {
                *count -= i16::from(upper < threshold);
                *tie |= -i16::from(upper == threshold);
            }
        }
        for (reached, count) in reached.iter_mut().zip(count) {
            *reached = count as u8;
        }
    }
    ties != [0; TOGETHER]
}

/// The upper 16 bits of the tolerances of as many patients of one replicate as are drawn together, from number `first` on, a multiple of
/// that.
#[inline]
pub(super) fn upper_bits(seed: u64, replicate: u64, first: usize) -> [u16; WORDS] {
    let drawn = philox::block([seed, UPPER_BITS], [(first / WORDS) as u64 + 1, replicate, 0, 0]);
    std::array::from_fn(|index| (drawn[index / 4] >> (16 * (index % 4))) as u16)
}

/// The tolerance of patient number `index` of one replicate, of which these are the upper bits.
pub(super) fn tolerance(seed: u64, replicate: u64, index: usize, upper: u16) -> u64 {
    let lower = philox::block([seed, LOWER_BITS], [index as u64 / 4 + 1, replicate, 0, 0])[index % 4];
    u64::from(upper) << 48 | lower >> 16
}

/// The toxicities of a truth as integers to compare tolerances with.
#[derive(Debug)]
pub(super) struct Thresholds {
    /// p x 2^64, rounded up: an integer is below p x 2^64 exactly when it is below this. Distinct, ascending.
    distinct: Vec<u128>,
    /// The upper 16 bits of each of them in the form that is compared; certainty, which nothing reaches, is left out.
    upper: Vec<i16>,
    /// Per level, the largest class that has a DLT there.
    pub(super) ranks: [u8; MAX_LEVELS],
    /// Per level, the largest class that has a DLT or a moderate toxicity there.
    pub(super) moderate_ranks: [u8; MAX_LEVELS],
}

/// p x 2^64, rounded up: an integer is below p x 2^64 exactly when it is below this. Scaling by a power of two is exact, and so is
/// rounding up a number of 53 bits.
pub(super) fn threshold(p: f64) -> u128 {
    (p * 2f64.powi(64)).ceil() as u128
}

impl Thresholds {
    /// The thresholds of a truth, each probability in [0, 1].
    pub(super) fn new<'a>(truth: impl Into<Truth<'a>>) -> Self {
        let truth = truth.into();
        let of_dlts: Vec<u128> = truth.toxicity.iter().map(|&p| threshold(p)).collect();
        let of_moderate: Vec<u128> =
            of_dlts.iter().enumerate().map(|(level, dlt)| dlt + threshold(truth.moderate_at(level))).collect();
        let mut distinct = [&of_dlts[..], &of_moderate].concat();
        distinct.sort_unstable();
        distinct.dedup();
        let upper = distinct
            .iter()
            .filter(|&&threshold| threshold < 1 << 64)
            .map(|threshold| comparable((threshold >> 48) as u16))
            .collect();
        let ranks = |thresholds: &[u128]| {
            let mut ranks = [0; MAX_LEVELS];
            for (rank, threshold) in ranks.iter_mut().zip(thresholds) {
                *rank = distinct.partition_point(|other| other < threshold) as u8;
            }
            ranks
        };
        let (ranks, moderate_ranks) = (ranks(&of_dlts), ranks(&of_moderate));
        Self { distinct, upper, ranks, moderate_ranks }
    }

    /// The class of a tolerance: how many distinct toxicities it reaches.
    fn class(&self, tolerance: u64) -> u8 {
        self.distinct.partition_point(|&threshold| threshold <= u128::from(tolerance)) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every class equals the one that the full 64 bits give, ties and certain outcomes included.
    #[test]
    fn classes_agree_with_the_full_tolerances() {
        let mut patients = Patients::new(7, 30, 2000);
        patients.draw(123, 2000);
        // Thresholds in the middle of what was drawn make ties certain.
        let tie = (f64::from(comparable(patients.upper[163] as u16) as u16) + 0.5) / 65536.0;
        for curve in [[0.0, 0.1, 0.1, 0.7, 1.0], [0.3, tie, 0.2, 1e-9, 1.0 - 1e-9], [0.25; 5]] {
            let thresholds = Thresholds::new(&curve);
            let mut classes = Classes::default();
            patients.classify(&thresholds, 2000, &mut classes);
            for (place, &class) in classes.classes[..2000 * patients.stride].iter().enumerate() {
                let tolerance = patients.tolerance(place);
                assert_eq!(class, thresholds.class(tolerance));
                for (level, &p) in curve.iter().enumerate() {
                    let dlt = p >= 1.0 || (tolerance as f64) < p * 2f64.powi(64);
                    assert_eq!(class <= thresholds.ranks[level], dlt, "tolerance {tolerance}, toxicity {p}");
                }
            }
        }
    }

    /// The draw of a replicate does not depend on which replicates are drawn with it.
    #[test]
    fn a_patient_depends_on_seed_replicate_and_index_alone() {
        let mut many = Patients::new(7, 30, 100);
        many.draw(0, 100);
        let mut one = Patients::new(7, 30, 1);
        one.draw(42, 1);
        let width = one.stride;
        assert_eq!(many.upper[42 * width..43 * width], one.upper[..width]);
        assert_eq!(many.tolerance(42 * many.stride + 5), one.tolerance(5));
    }

    /// The tolerances that ARCHITECTURE.md defines, as the numpy program there makes them, for good.
    #[test]
    fn same_tolerances_as_numpy() {
        let mut patients = Patients::new(27, 18, 1);
        let mut drawn = |replicate, indices: std::ops::Range<usize>| -> Vec<u64> {
            patients.draw(replicate, 1);
            let upper = |index: usize| upper_bits(27, replicate, index / WORDS * WORDS)[index % WORDS];
            indices.clone().for_each(|index| assert_eq!((patients.tolerance(index) >> 48) as u16, upper(index)));
            indices.map(|index| patients.tolerance(index)).collect()
        };
        let first = [
            0xf9ee9ffb3652a1b8,
            0x3ea7f8e7d5f06aa6,
            0x501b9c09b62566e2,
            0xe337f023a5ed584d,
            0x91d43ff24c5235f8,
            0x34d5026f41c0b5e8,
        ];
        assert_eq!(drawn(0, 0..6), first);
        assert_eq!(drawn(99_999, 16..18), [0xb4830bf76ac3593b, 0x651d6c935e3ebcca]);
    }
}
