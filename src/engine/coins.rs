//! The coins of randomised rules: one for each simulated patient, the same for every scenario and design.
//!
//! The coin of a cohort is that of its last patient. It is a 64-bit fraction that is a pure function of the seed, the replicate and
//! the enrolment index, and shows heads exactly when it is below the probability of heads, compared as integers.

use super::patients::threshold;
use crate::numeric::philox;

/// The purpose of these random numbers: the second half of the generator's key. The tolerances of patients are 1 and 2.
const COINS: u64 = 3;

/// The coins of the patients of some replicates, row by row.
#[derive(Debug)]
pub(super) struct Coins {
    seed: u64,
    stride: usize,
    coins: Vec<u64>,
}

/// A probability of heads as coins are compared with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads(u128);

impl Heads {
    pub(super) fn new(probability: f64) -> Self {
        Self(threshold(probability))
    }

    /// Whether a coin shows heads.
    #[inline]
    pub(super) fn shown_by(self, coin: u64) -> bool {
        u128::from(coin) < self.0
    }
}

impl Coins {
    /// Room for `replicates` rows of up to `max_patients` coins.
    pub(super) fn new(seed: u64, max_patients: usize, replicates: usize) -> Self {
        let stride = max_patients.next_multiple_of(4);
        Self { seed, stride, coins: vec![0; replicates * stride] }
    }

    /// Draw the coins of the `replicates` replicates from `first_replicate` on.
    pub(super) fn draw(&mut self, first_replicate: u64, replicates: usize) {
        for (row, replicate) in self.coins.chunks_exact_mut(self.stride.max(1)).take(replicates).zip(first_replicate..) {
            for (words, first) in row.as_chunks_mut::<4>().0.iter_mut().zip((0..).step_by(4)) {
                *words = draw(self.seed, replicate, first);
            }
        }
    }

    /// Whether the coin of a patient shows heads, in the row of a replicate.
    #[inline]
    pub(super) fn shows(&self, heads: Heads, row: usize, patient: usize) -> bool {
        heads.shown_by(self.coins[row * self.stride + patient])
    }
}

/// The coins of the four patients from `first`, a multiple of four, of one replicate.
pub(super) fn draw(seed: u64, replicate: u64, first: usize) -> [u64; 4] {
    philox::block([seed, COINS], [first as u64 / 4 + 1, replicate, 0, 0])
}
