//! Elimination of levels that are too toxic and selection of a level by isotonic regression: shared by the interval methods and others.
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
//! - estimate p̂ = (y + a) / (n + a + b), the mean of a Beta(a, b) prior and the data, with the inverse of that distribution's variance
//!   as weight, made non-decreasing by weighted isotonic regression; a = b = 0.05 unless a method says otherwise;
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

use super::conduct_keys::group;
use super::decision_table::{Call, DecisionTable};
use crate::keys::{Key, Worded};
use crate::numeric::binomial::{posterior_bounds, to_f64};
use crate::numeric::exact::decimal;
use crate::numeric::isotonic::isotonic;
use crate::numeric::lanes::Lanes;
use crate::trial::{Counts, Level, MAX_LEVELS};
use num_rational::BigRational;
use pulp::{Arch, Simd, WithSimd};

/// Sets of counts whose levels are selected side by side.
const WIDTH: usize = 4;

/// The prior of the estimates that are made isotonic, as `BOIN::select.mtd` has it.
pub const SLIGHT_PRIOR: [f64; 2] = [0.05, 0.05];

/// Numbers of patients at a level that the tables of this module and of the interval methods cover: whatever fits a byte.
pub(crate) const TABLE_LENGTH: usize = u8::MAX as usize + 1;

/// For every number of patients the number of DLTs from which something holds.
#[derive(Clone, Debug)]
struct Bounds(Box<[u8; TABLE_LENGTH]>);

impl Bounds {
    /// It holds for no number of DLTs: more than there can be patients.
    const NEVER: u8 = u8::MAX;

    /// The bounds for every number of patients; it does not hold past the last.
    fn new(bounds: impl IntoIterator<Item = Option<u8>>) -> Self {
        let mut table = Box::new([Self::NEVER; TABLE_LENGTH]);
        table.iter_mut().zip(bounds).for_each(|(place, bound)| *place = bound.unwrap_or(Self::NEVER));
        Self(table)
    }

    /// The bound for a number of patients, where there is one.
    #[inline]
    fn get(&self, patients: usize) -> Option<u8> {
        self.0.get(patients).copied().filter(|&bound| bound < Self::NEVER)
    }

    /// Whether it holds at a level.
    #[inline]
    fn holds(&self, counts: &Counts, level: Level) -> bool {
        counts.all_dlts()[level] >= self.0[usize::from(counts.all_patients()[level])]
    }
}

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
            eliminate: Bounds::new((0..=table.max_patients()).map(bound)),
            extra_safe: extra_safe_cutoff.map(|cutoff| posterior_table(target, &decimal(cutoff), min_patients, 0)),
        }
    }

    /// The rule that a level is eliminated from so many DLTs on, by its number of patients; with `lowest`, the trial also stops from so
    /// many on at the lowest level. No number eliminates past the last.
    #[must_use]
    pub fn from_bounds(bounds: &[Option<u8>], lowest: Option<&[Option<u8>]>) -> Self {
        let table = |bounds: &[Option<u8>]| Bounds::new(bounds.iter().copied());
        Self { eliminate: table(bounds), extra_safe: lowest.map(table) }
    }

    /// The lowest of `levels` levels that is eliminated; one past the highest when there is none.
    #[inline]
    #[must_use]
    pub fn first_eliminated(&self, counts: &Counts, levels: usize) -> Level {
        // All levels are looked at: no branch depends on the counts.
        let eliminated = (0..levels).fold(0, |set, level| set | u32::from(self.eliminate.holds(counts, level)) << level);
        (eliminated | 1 << levels).trailing_zeros() as Level
    }

    /// The number of DLTs among `patients` that eliminates a level, where there is one.
    #[inline]
    #[must_use]
    pub fn bound(&self, patients: usize) -> Option<u8> {
        self.eliminate.get(patients)
    }

    /// The number of DLTs among `patients` at the lowest level that the extra-safe rule finds too many, where there is one.
    #[must_use]
    pub fn extra_safe_bound(&self, patients: usize) -> Option<u8> {
        self.extra_safe.as_ref()?.get(patients)
    }

    /// Whether the extra-safe rule finds the lowest level too toxic.
    #[must_use]
    pub fn is_extra_safe_exceeded(&self, counts: &Counts) -> bool {
        self.extra_safe.as_ref().is_some_and(|bounds| bounds.holds(counts, 0))
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
    Bounds::new(smallest.into_iter().enumerate().map(bound))
}

/// What is done about a level that is too toxic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It is eliminated with all above it: left at once, and never given again.
    Eliminate,
    /// Nobody escalates to it or to one above it; what to do there is left to the rule (Ji et al., 2010; Guo et al., 2017).
    NeverEscalate,
}

static SELECTS: [Worded<Selects>; 2] = [
    ("isotonic", Selects::Isotonic, "The level whose estimate by isotonic regression is nearest the target."),
    ("next", Selects::Next, "The level that the rules would give next, where it has `min_patients_selected` patients."),
];

/// Which level is selected, for methods that can select by isotonic regression.
pub(in crate::design) static SELECTION: Key<Selects, Selects> =
    Key::word("selection", &SELECTS, "Which level is selected at the end.").or_word("isotonic").group(group::SELECTION);

/// How a level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selects {
    /// By isotonic regression, as BOIN.
    Isotonic,
    /// The level that the rules would give next.
    Next,
}

/// Elimination, and selection at the end of the trial among the levels that it leaves.
#[derive(Clone, Debug)]
pub struct IsotonicSelection {
    /// The target DLT probability.
    pub target: f64,
    /// A level whose estimate is above this is not selected (`bound_mtd`).
    pub highest_estimate: Option<f64>,
    /// The number of dose levels.
    pub levels: usize,
    /// The parameters of the beta distribution of which the estimates are posterior means, and their weights inverse variances.
    pub prior: [f64; 2],
    /// When levels are eliminated.
    pub elimination: Elimination,
}

impl IsotonicSelection {
    /// The lowest eliminated level; one past the highest when there is none.
    #[inline]
    #[must_use]
    pub fn first_eliminated(&self, counts: &Counts) -> Level {
        self.elimination.first_eliminated(counts, self.levels)
    }

    /// The level selected after a trial with these counts among those with at least `min_patients` patients; none when no level
    /// qualifies.
    #[must_use]
    pub fn select(&self, counts: &Counts, min_patients: usize) -> Option<Level> {
        let mut selected = None;
        self.select_each(&[*counts], &[0], min_patients, |_, level| selected = level);
        selected
    }

    /// As [`IsotonicSelection::select`], for those sets of counts that stand in `counts` at `places`; `each` gets each place and the level
    /// selected there.
    pub(in crate::design) fn select_each(
        &self,
        counts: &[Counts],
        places: &[u32],
        min_patients: usize,
        each: impl FnMut(u32, Option<Level>),
    ) {
        Arch::new().dispatch(SelectEach { selection: self, counts, places, min_patients, each });
    }

    /// How levels are estimated, and which is closest, in the words of a protocol.
    pub(in crate::design) fn words(&self) -> String {
        let Self { target, prior: [a, b], .. } = self;
        format!(
            "Their DLT probabilities are estimated by isotonic regression, each level's estimate being (DLTs + {a}) / (patients + {}), \
             weighted by the inverse of its variance. The level whose estimate is closest to {target} is recommended. Of levels with equal \
             estimates it is the highest when they are below {target} and the lowest otherwise; of two levels equally far below and above, \
             the lower.",
            to_f64(&(decimal(*a) + decimal(*b)))
        )
    }

    /// The counts of the levels that may be selected.
    #[inline]
    fn left(&self, counts: &Counts) -> Counts {
        counts.below(if self.elimination.is_extra_safe_exceeded(counts) { 0 } else { self.first_eliminated(counts) })
    }

    /// For each of some sets of counts, of up to `LEVELS` levels, the number of the level selected, counted from 1; 0 where none
    /// qualifies.
    #[inline(always)]
    fn nearest<const LEVELS: usize>(&self, counts: &[Counts; WIDTH], min_patients: usize) -> Lanes<WIDTH> {
        let [patients, estimates] = estimates::<LEVELS, WIDTH>(counts, self.prior);
        // A number of patients is a whole number, and at least 1.
        let too_few = Lanes::all(min_patients.max(1) as f64 - 0.5);
        let highest = Lanes::all(self.highest_estimate.unwrap_or(f64::INFINITY));
        let never = Lanes::all(f64::INFINITY);
        let (mut selected, mut smallest, mut position) = (Lanes::ZERO, never, Lanes::ZERO);
        for (number, (n, estimate)) in (1..).zip(patients.into_iter().zip(estimates)) {
            position += Lanes::ZERO.if_less(n, Lanes::all(1e-10), Lanes::ZERO);
            let estimate = estimate + position;
            let distance = (estimate - Lanes::all(self.target)).abs();
            let distance = highest.if_less(estimate, never, distance);
            let distance = too_few.if_less(n, distance, never);
            selected = distance.if_less(smallest, Lanes::all(f64::from(number)), selected);
            smallest = smallest.min(distance);
        }
        selected
    }
}

/// The work of [`IsotonicSelection::select_each`], to be compiled once for each set of vector instructions.
struct SelectEach<'a, F> {
    selection: &'a IsotonicSelection,
    counts: &'a [Counts],
    places: &'a [u32],
    min_patients: usize,
    each: F,
}

impl<F: FnMut(u32, Option<Level>)> WithSimd for SelectEach<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        match self.selection.levels {
            ..=4 => self.of_up_to::<4>(),
            5 => self.of_up_to::<5>(),
            6 => self.of_up_to::<6>(),
            7..=8 => self.of_up_to::<8>(),
            _ => self.of_up_to::<MAX_LEVELS>(),
        }
    }
}

impl<F: FnMut(u32, Option<Level>)> SelectEach<'_, F> {
    /// Where there are up to `LEVELS` levels: as many are looked at, whether tried or not, so that no branch depends on the counts.
    #[inline(always)]
    fn of_up_to<const LEVELS: usize>(self) {
        let Self { selection, counts, places, min_patients, mut each } = self;
        for places in places.chunks(WIDTH) {
            let left = |place: u32| selection.left(&counts[place as usize]);
            // Where there are fewer, the first is looked at several times.
            let mut together = [left(places[0]); WIDTH];
            for (own, &place) in together[1..].iter_mut().zip(&places[1..]) {
                *own = left(place);
            }
            let selected = selection.nearest::<LEVELS>(&together, min_patients);
            for (lane, &place) in places.iter().enumerate() {
                each(place, (selected.lane(lane) as Level).checked_sub(1));
            }
        }
    }
}

/// The tried levels below `end` with their isotonic estimates, which rest on a beta distribution with the parameters `prior`.
#[must_use]
pub fn isotonic_estimates(counts: &Counts, end: Level, prior: [f64; 2]) -> Vec<(Level, f64)> {
    let [patients, estimates] = estimates::<MAX_LEVELS, 1>(&[counts.below(end)], prior);
    let tried = |&(level, _): &(Level, f64)| patients[level].lane(0) > 0.0;
    estimates.into_iter().map(|estimate| estimate.lane(0)).enumerate().filter(tried).collect()
}

/// The patients at each of `LEVELS` levels of some sets of counts, and the isotonic estimates of the levels that have any.
#[inline(always)]
fn estimates<const LEVELS: usize, const WIDTH: usize>(counts: &[Counts; WIDTH], [a, b]: [f64; 2]) -> [[Lanes<WIDTH>; LEVELS]; 2] {
    let [both, both_and_one] = [a + b, a + b + 1.0].map(Lanes::all);
    let [a, b] = [a, b].map(Lanes::all);
    let [mut patients, mut values, mut weights] = [[Lanes::ZERO; LEVELS]; 3];
    for level in 0..LEVELS {
        let n = Lanes::of(|lane| f64::from(counts[lane].all_patients()[level]));
        let y = Lanes::of(|lane| f64::from(counts[lane].all_dlts()[level]));
        patients[level] = n;
        values[level] = (y + a) / (n + both);
        let weight = (n + both) * (n + both) * (n + both_and_one) / ((y + a) * (n - y + b));
        // Those of levels with patients are above 4: a variance is less than a quarter.
        weights[level] = Lanes::ZERO.if_less(n, weight, Lanes::all(1e-300));
    }
    [patients, isotonic(&values, &weights)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn select(patients: &[u8], dlts: &[u8], min_patients: usize) -> Option<Level> {
        let counts = Counts::from_slices(patients, dlts).unwrap();
        let elimination = Elimination::new(0.3, 0.95, 3, None);
        let prior = SLIGHT_PRIOR;
        IsotonicSelection { target: 0.3, highest_estimate: None, levels: patients.len(), prior, elimination }
            .select(&counts, min_patients)
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

    /// 1/3 and 0/6 with a Beta(0.3, 0.7) prior: means 0.325 and 3/70, variances 0.325 x 0.675 / 5 and 3/70 x 67/70 / 8, pooled by the
    /// inverses of these; in fractions.
    #[test]
    fn estimates_and_weights_are_those_of_the_prior() {
        let counts = Counts::from_slices(&[3, 6], &[1, 0]).unwrap();
        let weights = [5.0 / (0.325 * 0.675), 8.0 * 4900.0 / 201.0];
        let pooled = (weights[0] * 0.325 + weights[1] * 3.0 / 70.0) / (weights[0] + weights[1]);
        for (level, estimate) in isotonic_estimates(&counts, 2, [0.3, 0.7]) {
            assert!((estimate - pooled).abs() < 1e-14, "{level}: {estimate} {pooled}");
        }
    }

    #[test]
    fn nothing_tried_or_everything_eliminated_selects_none() {
        assert_eq!(select(&[0, 0], &[0, 0], 0), None);
        assert_eq!(select(&[3, 3], &[3, 0], 0), None);
    }

    prop_compose! {
        /// Counts on five levels, of which some may be untried.
        fn counts()(patients in prop::array::uniform5(prop::sample::select(vec![0_u8, 1, 3, 6, 9])), dlts in prop::array::uniform5(0..=9_u8))
            -> Counts
        {
            let dlts: Vec<u8> = dlts.iter().zip(&patients).map(|(dlts, patients)| dlts % (patients + 1)).collect();
            Counts::from_slices(&patients, &dlts).unwrap()
        }
    }

    proptest! {
        #[test]
        fn neither_neighbours_nor_untried_levels_change_what_is_selected(
            trials in prop::collection::vec(counts(), 1..=9), min_patients in 0..=6_usize, highest in prop::option::of(0.2..0.6_f64),
        ) {
            let elimination = Elimination::new(0.3, 0.95, 3, Some(0.05));
            let of = |levels| {
                let elimination = elimination.clone();
                IsotonicSelection { target: 0.3, highest_estimate: highest, levels, prior: SLIGHT_PRIOR, elimination }
            };
            let places: Vec<u32> = (0..trials.len() as u32).rev().collect();
            let alone = places.iter().map(|&place| (place, of(5).select(&trials[place as usize], min_patients)));
            let alone: Vec<_> = alone.collect();
            for levels in 5..=MAX_LEVELS {
                let mut together = Vec::new();
                of(levels).select_each(&trials, &places, min_patients, |place, level| together.push((place, level)));
                prop_assert_eq!(&together, &alone, "{} levels", levels);
            }
        }
    }
}
