//! Elimination of levels that are too toxic and selection of a level by isotonic regression: shared by the interval methods.
//!
//! # What it does
//! After every cohort a level is eliminated, with all above it, when its DLTs make a toxicity above the target all but certain.
//! At the end one of the remaining levels is selected: the one whose isotonic estimate is closest to the target.
//!
//! # Rule
//! Level j with n patients and y DLTs is eliminated when n ≥ 3 (`elimination_min_patients`) and Pr(p > φ | y of n) > cutoff under a uniform prior, φ being
//! the target. With the extra-safe rule the trial also stops when that probability exceeds cutoff − offset at level 1.
//!
//! Selection looks at the levels that have patients and are not eliminated, in order:
//! - estimate p̂ = (y + 0.05) / (n + 0.1), with weight (n + 0.1)² (n + 1.1) / ((y + 0.05)(n − y + 0.05)), made non-decreasing by
//!   pooling adjacent violators;
//! - plus 10⁻¹⁰ times the position of the level among these, so that of equal estimates the highest level is selected below the
//!   target and the lowest above it, and of two estimates as far below as above the target the lower;
//! - the level that minimises |p̂ − φ|, the lowest on a tie. With an upper bound, only levels with p̂ at most that bound.
//! - A minimum of patients restricts the levels that can be selected, not those that enter the regression.
//!
//! # Parameters
//! `elimination_cutoff` (0 to 1, default 0.95), `extra_safe_offset` (0 to 0.5, default absent), `bound_mtd` (false).
//!
//! # Where it differs from the paper or the R package
//! Equal to `BOIN::select.mtd` 2.7.2. As in that package's boundaries a level is never eliminated without a DLT; its
//! `select.mtd` would do so at a target of 0.05 and a cutoff below 0.81. The extra-safe rule has no such condition, as there.
//! Ties of the probability with a cutoff are decided exactly and do not eliminate.
//!
//! # References
//! Liu and Yuan (2015), JRSS C 64, 507-523. Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647.

use super::decision_table::{Call, DecisionTable};
use crate::numeric::binomial::posterior_bounds;
use crate::numeric::exact::decimal;
use crate::numeric::isotonic::isotonic;
use crate::trial::{Counts, Level, MAX_LEVELS};
use num_rational::BigRational;

/// Numbers of patients at a level that the tables of this module and of the interval methods cover: whatever fits a byte.
pub(crate) const TABLE_LENGTH: usize = u8::MAX as usize + 1;

/// The number of DLTs from which something holds, for every number of patients. `None`: for no number of DLTs.
type Bounds = Vec<Option<u8>>;

/// The elimination rule as tables.
#[derive(Clone, Debug)]
pub struct Elimination {
    eliminate: Bounds,
    extra_safe: Option<Bounds>,
}

impl Elimination {
    /// The rule that a level with at least `min_patients` patients is eliminated when Pr(toxicity > `target` | data) exceeds
    /// `cutoff`; at the lowest level `cutoff - offset`, where `extra_safe_offset` is given. All between 0 and 1.
    #[must_use]
    pub fn new(target: f64, cutoff: f64, min_patients: usize, extra_safe_offset: Option<f64>) -> Self {
        let cutoff = decimal(cutoff);
        let extra_safe = extra_safe_offset.map(|offset| posterior_table(target, &(&cutoff - decimal(offset)), min_patients, 0));
        Self { eliminate: posterior_table(target, &cutoff, min_patients, 1), extra_safe }
    }

    /// The rule that a level is eliminated where `table` says so; with `extra_safe_cutoff`, the trial also stops when
    /// Pr(toxicity of level 1 > `target` | data) exceeds it, the level having `min_patients` patients or more.
    #[must_use]
    pub fn from_table(table: &DecisionTable, target: f64, min_patients: usize, extra_safe_cutoff: Option<f64>) -> Self {
        // A table has at most MAX_PATIENTS patients, so its numbers of DLTs fit a byte.
        let bound = |patients| table.first_at_least(patients, Call::Eliminate).map(|dlts| dlts as u8);
        Self {
            eliminate: (0..=table.max_patients()).map(bound).collect(),
            extra_safe: extra_safe_cutoff.map(|cutoff| posterior_table(target, &decimal(cutoff), min_patients, 0)),
        }
    }

    /// The number of DLTs among `patients` that eliminates a level, where there is one.
    #[inline]
    #[must_use]
    pub fn bound(&self, patients: usize) -> Option<u8> {
        self.eliminate.get(patients).copied().flatten()
    }

    /// The number of DLTs among `patients` at the lowest level that the extra-safe rule finds too many, where there is one.
    #[must_use]
    pub fn extra_safe_bound(&self, patients: usize) -> Option<u8> {
        self.extra_safe.as_ref()?.get(patients).copied().flatten()
    }

    /// The lowest eliminated level; `levels`, one past the highest, when there is none.
    #[inline]
    #[must_use]
    pub fn first_eliminated(&self, counts: &Counts, levels: usize) -> Level {
        (0..levels).find(|&level| reaches(counts.dlts(level), self.bound(counts.patients(level)))).unwrap_or(levels)
    }

    /// Whether the extra-safe rule finds the lowest level too toxic.
    #[must_use]
    pub fn is_extra_safe_exceeded(&self, counts: &Counts) -> bool {
        reaches(counts.dlts(0), self.extra_safe_bound(counts.patients(0)))
    }

    /// Whether the trial must end after a cohort at `current`: the lowest level is eliminated, or was just treated and the
    /// extra-safe rule finds it too toxic. The latter is not looked at where no number of DLTs could eliminate, as in R.
    #[inline]
    #[must_use]
    pub fn is_too_toxic(&self, first_eliminated: Level, counts: &Counts, current: Level) -> bool {
        first_eliminated == 0 || (current == 0 && self.bound(counts.patients(0)).is_some() && self.is_extra_safe_exceeded(counts))
    }
}

/// For every number of patients the number of DLTs, at least `fewest_dlts`, from which Pr(toxicity > `target` | data) exceeds `cutoff`.
fn posterior_table(target: f64, cutoff: &BigRational, min_patients: usize, fewest_dlts: usize) -> Bounds {
    let smallest = posterior_bounds(&decimal(target), cutoff, TABLE_LENGTH - 1);
    let bound = |(patients, dlts): (usize, Option<usize>)| {
        dlts.filter(|_| patients >= min_patients).map(|dlts| dlts.max(fewest_dlts) as u8)
    };
    smallest.into_iter().enumerate().map(bound).collect()
}

/// What is done about a level that is too toxic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It is eliminated with all above it: left at once, and never given again.
    Eliminate,
    /// Nobody escalates to it or to one above it; what to do there is left to the rule (Ji et al., 2010; Guo et al., 2017).
    NeverEscalate,
}

/// How a level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selects {
    /// By isotonic regression, as BOIN.
    Isotonic,
    /// The level that the rules would give next.
    Next,
}

/// Whether there is a bound and `dlts` is at least that.
#[inline]
fn reaches(dlts: usize, bound: Option<u8>) -> bool {
    bound.is_some_and(|bound| dlts >= bound as usize)
}

/// Selection at the end of the trial.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The target DLT probability.
    pub target: f64,
    /// A level whose estimate is above this is not selected (`bound_mtd`).
    pub highest_estimate: Option<f64>,
}

impl Selection {
    /// The selected level, `first_eliminated` and all above being excluded; none when no level qualifies.
    #[must_use]
    pub fn select(
        &self,
        elimination: &Elimination,
        first_eliminated: Level,
        counts: &Counts,
        min_patients: usize,
    ) -> Option<Level> {
        if first_eliminated == 0 || elimination.is_extra_safe_exceeded(counts) {
            return None;
        }
        let mut estimates = [0.0; MAX_LEVELS];
        estimate(counts, first_eliminated, &mut estimates);
        let highest = self.highest_estimate.unwrap_or(f64::INFINITY);
        let mut selected = None;
        let mut smallest = f64::INFINITY;
        for ((position, level), estimate) in (1..).zip(tried(counts, first_eliminated)).zip(&estimates) {
            let estimate = estimate + 1e-10 * f64::from(position);
            let distance = (estimate - self.target).abs();
            if counts.patients(level) >= min_patients && estimate <= highest && distance < smallest {
                selected = Some(level);
                smallest = distance;
            }
        }
        selected
    }
}

/// The tried levels below `end` with their isotonic estimates.
#[must_use]
pub fn isotonic_estimates(counts: &Counts, end: Level) -> Vec<(Level, f64)> {
    let mut estimates = [0.0; MAX_LEVELS];
    estimate(counts, end, &mut estimates);
    tried(counts, end).zip(estimates).collect()
}

/// The levels below `end` that have patients.
fn tried(counts: &Counts, end: Level) -> impl Iterator<Item = Level> {
    (0..end).filter(|&level| counts.patients(level) > 0)
}

/// Write the isotonic estimates of the tried levels below `end` to the first of `estimates`. This runs at every end of a trial.
fn estimate(counts: &Counts, end: Level, estimates: &mut [f64; MAX_LEVELS]) {
    let tried = || tried(counts, end).map(|level| (counts.patients(level) as f64, counts.dlts(level) as f64));
    let mut length = 0;
    for ((n, y), estimate) in tried().zip(&mut *estimates) {
        *estimate = (y + 0.05) / (n + 0.1);
        length += 1;
    }
    // Weights are of use only where there is something to pool.
    if !estimates[..length].is_sorted() {
        let mut weights = [0.0; MAX_LEVELS];
        for ((n, y), weight) in tried().zip(&mut weights) {
            *weight = (n + 0.1) * (n + 0.1) * (n + 1.1) / ((y + 0.05) * (n - y + 0.05));
        }
        isotonic(estimates, &weights, length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(patients: &[u8], dlts: &[u8], min_patients: usize) -> Option<Level> {
        let counts = Counts::from_slices(patients, dlts).unwrap();
        let elimination = Elimination::new(0.3, 0.95, 3, None);
        let first = elimination.first_eliminated(&counts, patients.len());
        Selection { target: 0.3, highest_estimate: None }.select(&elimination, first, &counts, min_patients)
    }

    #[test]
    fn a_level_with_few_patients_enters_the_regression_but_is_not_selected() {
        assert_eq!(select(&[3, 6, 3], &[0, 1, 1], 0), Some(2));
        assert_eq!(select(&[3, 6, 3], &[0, 1, 1], 6), Some(1));
        assert_eq!(select(&[3, 6, 3], &[0, 1, 1], 7), None);
    }

    #[test]
    fn equal_estimates_go_up_below_the_target_and_down_above_it() {
        assert_eq!(select(&[6, 6, 0], &[1, 1, 0], 0), Some(1));
        assert_eq!(select(&[6, 6, 0], &[3, 3, 0], 0), Some(0));
    }

    #[test]
    fn nothing_tried_or_everything_eliminated_selects_none() {
        assert_eq!(select(&[0, 0], &[0, 0], 0), None);
        assert_eq!(select(&[3, 3], &[3, 0], 0), None);
    }
}
