//! The simulated patients: one tolerance each, the same for every scenario and design.
//!
//! A tolerance is a 64-bit fraction u in [0, 1). A patient has a DLT at a level with toxicity p exactly when u < p, compared as
//! integers. It is a pure function of the seed, the replicate and the enrolment index. Its upper 16 bits are drawn first; they
//! settle the comparison unless they tie with a toxicity, and only then are the lower 48 bits drawn, so nothing is lost by the
//! short draw.
//!
//! The comparison is worked out once per scenario for all levels and designs: a patient's *class* is the number of distinct
//! toxicities of the scenario that the tolerance reaches, and a DLT at a level means a class at or below the level's rank.

use crate::numeric::philox;
use crate::trial::MAX_LEVELS;

/// Purposes of random numbers: the second half of the generator's key.
const UPPER_BITS: u64 = 1;
const LOWER_BITS: u64 = 2;

/// 16-bit words in a block of the generator.
const WORDS: usize = 16;

/// The upper 16 bits of the tolerances of the patients of some replicates, row by row.
#[derive(Debug)]
pub(super) struct Patients {
    seed: u64,
    first_replicate: u64,
    stride: usize,
    upper: Vec<u16>,
}

/// Tolerances that are compared together; a whole number of rows need not fit.
const STRIP: usize = 128;

/// Classes past the last row, so that eight can always be read at once.
const MARGIN: usize = 8;

impl Patients {
    /// Room for `replicates` rows of up to `max_patients` patients.
    pub(super) fn new(seed: u64, max_patients: usize, replicates: usize) -> Self {
        let stride = max_patients.max(1).next_multiple_of(WORDS);
        Self { seed, first_replicate: 0, stride, upper: vec![0; replicates * stride] }
    }

    /// The number of places in a row.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Draw the upper bits of the `replicates` replicates from `first_replicate` on.
    pub(super) fn draw(&mut self, first_replicate: u64, replicates: usize) {
        self.first_replicate = first_replicate;
        for (row, replicate) in self.upper.chunks_exact_mut(self.stride).take(replicates).zip(first_replicate..) {
            for (words, block) in row.as_chunks_mut::<WORDS>().0.iter_mut().zip(1..) {
                let drawn = philox::block([self.seed, UPPER_BITS], [block, replicate, 0, 0]);
                for (i, word) in words.iter_mut().enumerate() {
                    *word = (drawn[i / 4] >> (16 * (i % 4))) as u16;
                }
            }
        }
    }

    /// The 64-bit tolerance of the patient at `place` (row by row).
    fn tolerance(&self, place: usize) -> u64 {
        let (row, index) = (place / self.stride, place % self.stride);
        let replicate = self.first_replicate + row as u64;
        let lower = philox::block([self.seed, LOWER_BITS], [index as u64 / 4 + 1, replicate, 0, 0])[index % 4] >> 16;
        u64::from(self.upper[place]) << 48 | lower
    }

    /// The classes of the first `replicates` rows under a scenario, into `classes`.
    pub(super) fn classify(&self, scenario: &Thresholds, replicates: usize, classes: &mut Vec<u8>) {
        classes.resize(self.upper.len() + MARGIN, 0);
        let count = replicates * self.stride;
        for (first, upper) in (0..count).step_by(STRIP).zip(self.upper[..count].chunks(STRIP)) {
            let mut reached = [0u16; STRIP];
            let mut ties = 0;
            for &threshold in &scenario.upper {
                // Two loops over a strip of fixed size, which compile to vector instructions.
                for (reached, &upper) in reached.iter_mut().zip(upper) {
                    *reached += u16::from(upper >= threshold);
                }
                ties |= upper.iter().fold(0, |ties, &upper| ties | u16::from(upper == threshold));
            }
            let classes = &mut classes[first..first + upper.len()];
            for (class, reached) in classes.iter_mut().zip(reached) {
                *class = reached as u8;
            }
            if ties != 0 {
                for (place, (class, upper)) in (first..).zip(classes.iter_mut().zip(upper)) {
                    if scenario.upper.contains(upper) {
                        *class = scenario.class(self.tolerance(place));
                    }
                }
            }
        }
    }
}

/// The toxicities of a scenario as integers to compare tolerances with.
#[derive(Debug)]
pub(super) struct Thresholds {
    /// p x 2^64, rounded up: an integer is below p x 2^64 exactly when it is below this. Distinct, ascending.
    distinct: Vec<u128>,
    /// The upper 16 bits of each of them; certainty, which nothing reaches, is left out.
    upper: Vec<u16>,
    /// Per level, the largest class that has a DLT there.
    ranks: [u8; MAX_LEVELS],
}

impl Thresholds {
    /// The thresholds of a toxicity curve, each in [0, 1].
    pub(super) fn new(curve: &[f64]) -> Self {
        // Scaling by a power of two is exact, and so is rounding up a number of 53 bits.
        let scaled: Vec<u128> = curve.iter().map(|p| (p * 2f64.powi(64)).ceil() as u128).collect();
        let mut distinct = scaled.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let upper = distinct.iter().filter(|&&threshold| threshold < 1 << 64).map(|threshold| (threshold >> 48) as u16).collect();
        let mut ranks = [0; MAX_LEVELS];
        for (rank, threshold) in ranks.iter_mut().zip(&scaled) {
            *rank = distinct.partition_point(|other| other < threshold) as u8;
        }
        Self { distinct, upper, ranks }
    }

    /// The class of a tolerance: how many distinct toxicities it reaches.
    fn class(&self, tolerance: u64) -> u8 {
        self.distinct.partition_point(|&threshold| threshold <= u128::from(tolerance)) as u8
    }

    /// The largest class that has a DLT at each level.
    pub(super) fn ranks(&self) -> &[u8; MAX_LEVELS] {
        &self.ranks
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
        let tie = (f64::from(patients.upper[163]) + 0.5) / 65536.0;
        for curve in [[0.0, 0.1, 0.1, 0.7, 1.0], [0.3, tie, 0.2, 1e-9, 1.0 - 1e-9], [0.25; 5]] {
            let thresholds = Thresholds::new(&curve);
            let mut classes = Vec::new();
            patients.classify(&thresholds, 2000, &mut classes);
            for (place, &class) in classes[..2000 * patients.stride].iter().enumerate() {
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
        assert_eq!(many.upper[42 * width..43 * width], one.upper[..]);
        assert_eq!(many.tolerance(42 * many.stride + 5), one.tolerance(5));
    }
}
