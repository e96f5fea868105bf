//! What a cohort can bring, as far as a rule tells it apart.

use super::{Arrival, Cohort, Counts};

/// A cohort that is enrolled, with what its rule tells apart when it has been evaluated: the DLTs, the moderate toxicities where
/// they are watched, and the side of the coin where one is tossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fork {
    /// The cohort.
    pub cohort: Cohort,
    /// Whether its moderate toxicities are watched.
    pub watches_moderate: bool,
    /// Whether a coin is tossed after it.
    pub tosses: bool,
}

impl Fork {
    /// Whether nothing but the DLTs is told apart.
    #[inline]
    #[must_use]
    pub const fn is_binary(self) -> bool {
        !self.watches_moderate && !self.tosses
    }

    /// What is remembered of the counts when the cohort is enrolled: moderate toxicities only as long as they are watched.
    #[inline]
    #[must_use]
    pub fn remembered(self, counts: Counts) -> Counts {
        if self.watches_moderate { counts } else { counts.without_moderate() }
    }

    /// The number of arrivals that are told apart.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "it never is")]
    pub const fn len(self) -> usize {
        let patients = self.cohort.patients as usize;
        let outcomes = if self.watches_moderate { (patients + 1) * (patients + 2) / 2 } else { patients + 1 };
        if self.tosses { 2 * outcomes } else { outcomes }
    }

    /// The place of an arrival among [`Fork::arrivals`].
    #[inline]
    #[must_use]
    pub const fn index(self, arrival: Arrival) -> usize {
        let (patients, dlts) = (self.cohort.patients as usize, arrival.dlts as usize);
        // With d DLTs there are from none to n - d moderate toxicities.
        let outcome = if self.watches_moderate { dlts * (2 * patients + 3 - dlts) / 2 + arrival.moderate as usize } else { dlts };
        if self.tosses { 2 * outcome + arrival.heads as usize } else { outcome }
    }

    /// Everything that the cohort can bring: by the number of DLTs, then of moderate toxicities, then tails before heads.
    #[inline]
    #[must_use]
    pub const fn arrivals(self) -> Arrivals {
        Arrivals { fork: self, dlts: 0, moderate: 0, heads: false }
    }
}

/// The arrivals of a [`Fork`], in order.
#[derive(Clone, Debug)]
pub struct Arrivals {
    fork: Fork,
    /// Of the next one; past the end it has more DLTs than patients.
    dlts: u8,
    moderate: u8,
    heads: bool,
}

impl Iterator for Arrivals {
    type Item = Arrival;

    #[inline]
    fn next(&mut self) -> Option<Arrival> {
        let Self { fork, dlts, moderate, heads } = *self;
        let patients = fork.cohort.patients;
        if dlts > patients {
            return None;
        }
        if fork.tosses && !heads {
            self.heads = true;
        } else {
            self.heads = false;
            if fork.watches_moderate && dlts + moderate < patients {
                self.moderate += 1;
            } else {
                self.moderate = 0;
                self.dlts += 1;
            }
        }
        Some(Arrival { cohort: fork.cohort, dlts, moderate, heads })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrival_stands_at_its_index() {
        for (watches_moderate, tosses) in [(false, false), (true, false), (false, true), (true, true)] {
            for patients in 0..=30 {
                let fork = Fork { cohort: Cohort { level: 2, patients }, watches_moderate, tosses };
                let mut found = 0;
                for (index, arrival) in fork.arrivals().enumerate() {
                    assert_eq!(fork.index(arrival), index, "{fork:?} {arrival:?}");
                    assert!(arrival.dlts + arrival.moderate <= patients);
                    assert!((tosses || !arrival.heads) && (watches_moderate || arrival.moderate == 0));
                    found += 1;
                }
                assert_eq!(found, fork.len());
            }
        }
    }

    #[test]
    fn one_patient_who_is_watched_has_three_outcomes() {
        let fork = Fork { cohort: Cohort { level: 0, patients: 1 }, watches_moderate: true, tosses: false };
        let found: Vec<(u8, u8)> = fork.arrivals().map(|arrival| (arrival.dlts, arrival.moderate)).collect();
        assert_eq!(found, [(0, 0), (0, 1), (1, 0)]);
    }
}
