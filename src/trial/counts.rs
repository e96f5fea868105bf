//! Patients and DLTs per dose level: all that a design may see of a trial.

use super::{Arrival, Level, MAX_LEVELS};

/// Patients evaluated and DLTs among them at each dose level, and the moderate toxicities while a rule watches them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counts {
    patients: [u8; MAX_LEVELS],
    dlts: [u8; MAX_LEVELS],
    moderate: u8,
}

impl Counts {
    /// Counts from one entry per level, lowest first. Levels past the end of the slices have no patients.
    ///
    /// Returns `None` when the slices differ in length, are longer than [`MAX_LEVELS`], or name more DLTs than patients.
    #[must_use]
    pub fn from_slices(patients: &[u8], dlts: &[u8]) -> Option<Self> {
        if patients.len() != dlts.len() || patients.len() > MAX_LEVELS || patients.iter().zip(dlts).any(|(n, y)| y > n) {
            return None;
        }
        let mut counts = Self::default();
        counts.patients[..patients.len()].copy_from_slice(patients);
        counts.dlts[..dlts.len()].copy_from_slice(dlts);
        Some(counts)
    }

    /// Patients evaluated at `level`.
    #[inline]
    #[must_use]
    pub fn patients(&self, level: Level) -> usize {
        self.patients[level] as usize
    }

    /// DLTs at `level`.
    #[inline]
    #[must_use]
    pub fn dlts(&self, level: Level) -> usize {
        self.dlts[level] as usize
    }

    /// Moderate toxicities in the trial, as long as the rule watches them; then 0.
    #[inline]
    #[must_use]
    pub fn moderate(&self) -> usize {
        self.moderate as usize
    }

    /// Patients per level, lowest first, all [`MAX_LEVELS`] of them.
    #[must_use]
    pub fn all_patients(&self) -> &[u8; MAX_LEVELS] {
        &self.patients
    }

    /// DLTs per level, lowest first, all [`MAX_LEVELS`] of them.
    #[must_use]
    pub fn all_dlts(&self) -> &[u8; MAX_LEVELS] {
        &self.dlts
    }

    /// Patients in the trial.
    #[inline]
    #[must_use]
    pub fn total_patients(&self) -> usize {
        sum(&self.patients)
    }

    /// DLTs in the trial.
    #[inline]
    #[must_use]
    pub fn total_dlts(&self) -> usize {
        sum(&self.dlts)
    }

    /// The highest level with a patient, if any.
    #[inline]
    #[must_use]
    pub fn highest_tried(&self) -> Option<Level> {
        let [low, high] = words(&self.patients);
        let highest_byte = |word: u64| (word > 0).then(|| word.ilog2() as usize / 8);
        highest_byte(high).map(|byte| 8 + byte).or_else(|| highest_byte(low))
    }

    /// The lowest level with a patient, if any.
    #[inline]
    #[must_use]
    pub fn lowest_tried(&self) -> Option<Level> {
        let [low, high] = words(&self.patients);
        let lowest_byte = |word: u64| (word > 0).then(|| word.trailing_zeros() as usize / 8);
        lowest_byte(low).or_else(|| lowest_byte(high).map(|byte| 8 + byte))
    }

    /// These counts with a further `patients` at `level`, `dlts` of them with a DLT.
    ///
    /// The callers keep the sum of a trial at or below [`super::MAX_PATIENTS`], so the bytes cannot overflow.
    #[inline]
    #[must_use]
    pub fn with(self, level: Level, patients: u8, dlts: u8) -> Self {
        Self { patients: add(&self.patients, level, patients), dlts: add(&self.dlts, level, dlts), ..self }
    }

    /// These counts without one of the patients at `level` who had no DLT; there is one.
    #[must_use]
    pub fn without_patient(mut self, level: Level) -> Self {
        self.patients[level] = self.patients[level].saturating_sub(1);
        self
    }

    /// These counts with the cohort of `arrival`, its moderate toxicities included; as [`Counts::with`].
    #[inline]
    #[must_use]
    pub fn after(self, arrival: Arrival) -> Self {
        let Self { patients, dlts, moderate } = self.with(arrival.level(), arrival.cohort.patients, arrival.dlts);
        Self { patients, dlts, moderate: moderate + arrival.moderate }
    }

    /// These counts of the levels below `end` alone.
    #[inline]
    #[must_use]
    pub fn below(self, end: Level) -> Self {
        Self { patients: first(&self.patients, end), dlts: first(&self.dlts, end), ..self }
    }

    /// These counts with the moderate toxicities forgotten.
    #[inline]
    #[must_use]
    pub fn without_moderate(self) -> Self {
        Self { moderate: 0, ..self }
    }
}

/// The bytes of all levels as two words: those of the first eight, and those of the others.
#[inline]
pub(crate) fn words(bytes: &[u8; MAX_LEVELS]) -> [u64; 2] {
    // Read as whole words: from single bytes the compiler would put them together one by one.
    let (quarters, _) = bytes.as_chunks::<4>();
    let word = |quarter: usize| u64::from(u32::from_le_bytes(quarters[quarter]));
    [word(0) | word(1) << 32, word(2)]
}

/// The bytes with `number` added to that of `level`, as whole words: a word that was written byte by byte is slow to read.
#[inline]
fn add(bytes: &[u8; MAX_LEVELS], level: Level, number: u8) -> [u8; MAX_LEVELS] {
    let [mut low, mut high] = words(bytes);
    let place = if level < 8 { &mut low } else { &mut high };
    *place += u64::from(number) << (8 * (level % 8));
    joined([low, high])
}

/// The bytes with all but the first so many replaced by 0, as whole words.
#[inline]
fn first(bytes: &[u8; MAX_LEVELS], number: usize) -> [u8; MAX_LEVELS] {
    let below = |bytes: usize| if bytes < 8 { (1 << (8 * bytes)) - 1 } else { u64::MAX };
    let [low, high] = words(bytes);
    joined([low & below(number), high & below(number.saturating_sub(8))])
}

/// The bytes of two words.
#[inline]
fn joined([low, high]: [u64; 2]) -> [u8; MAX_LEVELS] {
    let mut bytes = [0; MAX_LEVELS];
    bytes[..8].copy_from_slice(&low.to_le_bytes());
    bytes[8..].copy_from_slice(&(high as u32).to_le_bytes());
    bytes
}

/// The sum of the bytes. Asked at every decision: pairs of neighbours are added side by side, then a multiplication adds the sums
/// up in its upper sixteen bits, which they fit.
#[inline]
fn sum(bytes: &[u8; MAX_LEVELS]) -> usize {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    const ONES: u64 = 0x0001_0001_0001_0001;
    let [low, high] = words(bytes);
    let pairs = (low & EVEN) + (low >> 8 & EVEN) + (high & EVEN) + (high >> 8 & EVEN);
    (pairs.wrapping_mul(ONES) >> 48) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_count_every_level() {
        for level in 0..MAX_LEVELS {
            let counts = Counts { patients: [255; MAX_LEVELS], dlts: [7; MAX_LEVELS], moderate: 0 };
            assert_eq!((counts.total_patients(), counts.total_dlts()), (255 * MAX_LEVELS, 7 * MAX_LEVELS));
            let counts = Counts::default().with(level, 200, 99);
            assert_eq!((counts.total_patients(), counts.total_dlts()), (200, 99));
            assert_eq!((counts.patients(level), counts.dlts(level)), (200, 99));
            assert_eq!((counts.lowest_tried(), counts.highest_tried()), (Some(level), Some(level)));
            let (below, above) = (level.saturating_sub(3), (level + 4).min(MAX_LEVELS - 1));
            let counts = counts.with(above, 1, 1).with(below, 1, 0);
            assert_eq!((counts.lowest_tried(), counts.highest_tried()), (Some(below), Some(above)));
        }
    }
}
