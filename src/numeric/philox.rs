//! Philox4x64-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as
//! 1, 2, 3", SC '11, doi:10.1145/2063384.2063405.
//!
//! A block of random words is a pure function of a key and a counter: any block can be had at any time, in any order, on any
//! thread, and no state is carried. `numpy.random.Philox` gives the same words.

use rand::TryRng;
use rand::rand_core::utils::fill_bytes_via_next_word;
use std::convert::Infallible;

/// The multipliers of words 0 and 2 of the counter.
const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];

/// What is added to the key after each round: the golden ratio and the square root of 3, less 1, as 64-bit fractions.
const KEY_STEPS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];

/// The number of rounds.
const ROUNDS: usize = 10;

/// The four random 64-bit words that belong to `key` and `counter`.
#[inline]
#[must_use]
pub fn block(key: [u64; 2], counter: [u64; 4]) -> [u64; 4] {
    let [words] = blocks(key, counter);
    words
}

/// As [`block`], for as many counters that follow one another in their first word, `counter` being the first of them. Their rounds are
/// worked out side by side: a block alone has the processor wait for one product after the other.
#[inline]
#[must_use]
pub fn blocks<const BLOCKS: usize>(key: [u64; 2], [first, second, third, fourth]: [u64; 4]) -> [[u64; 4]; BLOCKS] {
    let [mut key_0, mut key_1] = key;
    let mut blocks = std::array::from_fn(|number| [first.wrapping_add(number as u64), second, third, fourth]);
    for _ in 0..ROUNDS {
        for words in &mut blocks {
            let (high_0, low_0) = product(MULTIPLIERS[0], words[0]);
            let (high_1, low_1) = product(MULTIPLIERS[1], words[2]);
            *words = [high_1 ^ words[1] ^ key_0, low_1, high_0 ^ words[3] ^ key_1, low_0];
        }
        key_0 = key_0.wrapping_add(KEY_STEPS[0]);
        key_1 = key_1.wrapping_add(KEY_STEPS[1]);
    }
    blocks
}

/// The upper and the lower 64 bits of a product.
#[inline]
fn product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

/// The words of successive blocks of one key, one after the other, for distributions that draw as many as they need.
///
/// As in `numpy.random.Philox(key, counter)`, the counter is a 256-bit number, least significant word first, that is increased
/// by one before each block: the first block is that of `counter + 1`.
#[derive(Clone, Debug)]
pub struct PhiloxStream {
    key: [u64; 2],
    counter: [u64; 4],
    words: [u64; 4],
    used: usize,
}

impl PhiloxStream {
    /// The stream of `key` whose first block is the one after `counter`.
    #[must_use]
    pub fn new(key: [u64; 2], counter: [u64; 4]) -> Self {
        Self { key, counter, words: [0; 4], used: 4 }
    }

    /// The next word.
    #[inline]
    fn next_word(&mut self) -> u64 {
        if self.used == self.words.len() {
            for word in &mut self.counter {
                *word = word.wrapping_add(1);
                if *word != 0 {
                    break;
                }
            }
            self.words = block(self.key, self.counter);
            self.used = 0;
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }
}

impl TryRng for PhiloxStream {
    type Error = Infallible;

    /// The lower half of the next word; the upper half is not used.
    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word() as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, RngExt};

    /// The known answers of Random123 (`kat_vectors`, lines `philox4x64 10`): zeros, ones, the digits of pi.
    #[test]
    fn known_answers_of_random123() {
        assert_eq!(block([0; 2], [0; 4]), [0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b]);
        assert_eq!(
            block([u64::MAX; 2], [u64::MAX; 4]),
            [0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0]
        );
        assert_eq!(
            block(
                [0x452821e638d01377, 0xbe5466cf34e90c6c],
                [0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89]
            ),
            [0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6]
        );
    }

    /// numpy 2.4.6:
    ///
    /// ```python
    /// import numpy as np
    /// from numpy.random import Philox
    /// u = lambda words: np.array(words, dtype=np.uint64)
    /// m = 2**64 - 1
    /// for key, counter in [([42, 7], [0, 0, 0, 0]), ([27, 1], [0, 99_999, 0, 0]), ([m, 2], [m, m, m, 5])]:
    ///     print([hex(int(x)) for x in Philox(key=u(key), counter=u(counter)).random_raw(8)])
    /// ```
    #[test]
    fn same_words_as_numpy() {
        let m = u64::MAX;
        let cases = [
            (
                [42, 7],
                [0, 0, 0, 0],
                [
                    0xa64064f34e84b9a3,
                    0xe287959a866a08fd,
                    0x8dc181f009b96c03,
                    0xf3f6001d4fa83454,
                    0x69c633ee791df6b3,
                    0x89327f7a8f0127a4,
                    0x1ed8260458996ff6,
                    0x4299f7433fb1683e,
                ],
            ),
            (
                [27, 1],
                [0, 99_999, 0, 0],
                [
                    0x2548866d99d3afd3,
                    0xc379988629f60670,
                    0xb302fc95e363099b,
                    0x4a237b2391aec75d,
                    0x0ef8e4a0651db483,
                    0x5acdea9b7d938a51,
                    0x56db5c67f591aaad,
                    0x7943a01f3b56b449,
                ],
            ),
            (
                [m, 2],
                [m, m, m, 5],
                [
                    0xcef7121609035695,
                    0x83f530ba1e9c063d,
                    0x446187a79d7beda0,
                    0x8df9fa1ba8e1a5c8,
                    0x3330397a8b2a9dae,
                    0xec5422dcca627394,
                    0xcbcc6dbd5109a31d,
                    0xfa99e097b42598fc,
                ],
            ),
        ];
        for (key, counter, expected) in cases {
            let mut stream = PhiloxStream::new(key, counter);
            assert_eq!(expected.map(|_| stream.next_u64()), expected, "key {key:?}, counter {counter:?}");
        }
        let [first, ..] = cases[1].2;
        assert_eq!(block([27, 1], [1, 99_999, 0, 0])[0], first, "the first block is that of counter + 1");
    }

    #[test]
    fn blocks_side_by_side_are_those_alone() {
        let (key, from) = ([27, 4], u64::MAX - 1);
        let alone = |number: u64| block(key, [from.wrapping_add(number), 5, 6, 7]);
        assert_eq!(blocks(key, [from, 5, 6, 7]), [0, 1, 2, 3].map(alone));
    }

    /// `np.random.Generator(Philox(key=u([42, 7]))).random(3)`: rand and numpy make the same numbers of the same words.
    #[test]
    fn distributions_of_rand_draw_from_a_stream() {
        let mut stream = PhiloxStream::new([42, 7], [0; 4]);
        let drawn: [f64; 3] = std::array::from_fn(|_| stream.random());
        assert_eq!(drawn, [0.649420079613736, 0.8848813535936771, 0.5537339411764371]);
    }

    #[test]
    fn bytes_are_the_words_least_significant_byte_first() {
        let mut stream = PhiloxStream::new([42, 7], [0; 4]);
        let mut bytes = [0; 10];
        stream.fill_bytes(&mut bytes);
        assert_eq!(bytes, [0xa3, 0xb9, 0x84, 0x4e, 0xf3, 0x64, 0x40, 0xa6, 0xfd, 0x08]);
    }
}
