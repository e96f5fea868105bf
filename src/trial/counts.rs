//! Patients and DLTs per dose level: all that a design may see of a trial.

use super::{Level, MAX_LEVELS};

/// Patients evaluated and DLTs among them at each dose level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counts {
    patients: [u8; MAX_LEVELS],
    dlts: [u8; MAX_LEVELS],
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
        self.patients.iter().map(|&n| n as usize).sum()
    }

    /// DLTs in the trial.
    #[inline]
    #[must_use]
    pub fn total_dlts(&self) -> usize {
        self.dlts.iter().map(|&y| y as usize).sum()
    }

    /// The highest level with a patient, if any.
    #[inline]
    #[must_use]
    pub fn highest_tried(&self) -> Option<Level> {
        self.patients.iter().rposition(|&n| n > 0)
    }

    /// The lowest level with a patient, if any.
    #[inline]
    #[must_use]
    pub fn lowest_tried(&self) -> Option<Level> {
        self.patients.iter().position(|&n| n > 0)
    }

    /// These counts with a further `patients` at `level`, `dlts` of them with a DLT.
    ///
    /// The callers keep the sum of a trial at or below [`super::MAX_PATIENTS`], so the bytes cannot overflow.
    #[inline]
    #[must_use]
    pub fn with(mut self, level: Level, patients: u8, dlts: u8) -> Self {
        self.patients[level] += patients;
        self.dlts[level] += dlts;
        self
    }
}
