//! What operating characteristics are made of: the distributions of some aspects of an outcome, and the mean patients per level.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::trial::{Counts, Level, MAX_LEVELS, Outcome, StopReason, shown};

/// The aspects of an outcome that operating characteristics ask about, each with the values that it takes, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aspects {
    /// The selected dose, as bits as in [`Outcome::selected`].
    pub selections: Vec<u16>,
    /// Why the trial ended.
    pub reasons: Vec<StopReason>,
    /// Why it ended, where it selected no dose.
    pub reasons_without_dose: Vec<StopReason>,
    /// Patients and cohorts in the trial.
    pub sizes: Vec<(u8, u8)>,
    /// Patients and DLTs in the trial.
    pub tallies: Vec<(u8, u8)>,
    /// How the patients were spread over the levels.
    pub spreads: Vec<Spread>,
}

/// How the patients of a trial were spread over the levels, as far as it is asked: for each level that may be the correct one,
/// as bits as in [`Outcome::selected`]. Every level is above a correct level 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spread {
    /// The level has fewer patients than an even share.
    poor: u16,
    /// More than three fifths, or four fifths, of the patients are above the level.
    above: [u16; 2],
}

impl Spread {
    /// The spread of the patients of `counts` over so many levels.
    #[must_use]
    pub fn of(counts: &Counts, levels: usize) -> Self {
        let total = counts.total_patients();
        let mut spread = Self { poor: 0, above: [0; 2] };
        let mut above = total;
        for correct in std::iter::once(None).chain((0..levels).map(Some)) {
            let at = correct.map_or(0, |level| counts.patients(level));
            above -= at;
            let bit = |condition| u16::from(condition) << shown(correct);
            spread.poor |= bit(correct.is_some() && levels * at < total);
            spread.above[0] |= bit(5 * above > 3 * total);
            spread.above[1] |= bit(5 * above > 4 * total);
        }
        spread
    }

    /// Whether fewer patients than an even share are at the level that is correct.
    #[must_use]
    pub fn is_poor(self, correct: Option<Level>) -> bool {
        self.poor >> shown(correct) & 1 == 1
    }

    /// Whether more than 60 % of the patients are above the level that is correct.
    #[must_use]
    pub fn is_above_60(self, correct: Option<Level>) -> bool {
        self.above[0] >> shown(correct) & 1 == 1
    }

    /// Whether more than 80 % of the patients are above the level that is correct.
    #[must_use]
    pub fn is_above_80(self, correct: Option<Level>) -> bool {
        self.above[1] >> shown(correct) & 1 == 1
    }
}

impl Aspects {
    /// The number of values of all aspects together.
    pub(super) fn len(&self) -> usize {
        let Self { selections, reasons, reasons_without_dose, sizes, tallies, spreads } = self;
        selections.len() + reasons.len() + reasons_without_dose.len() + sizes.len() + tallies.len() + spreads.len()
    }
}

/// The probability of each value of each aspect, and the mean patients at each level.
#[derive(Clone, Debug)]
pub struct Marginals<'a> {
    aspects: Cow<'a, Aspects>,
    /// Probabilities in the order of the aspects and of their values; then mean patients per level.
    numbers: Vec<f64>,
}

impl<'a> Marginals<'a> {
    /// Marginals from the probabilities of the values of `aspects`, in their order, followed by the mean patients of each level.
    pub(super) fn new(aspects: &'a Aspects, numbers: Vec<f64>) -> Self {
        Self { aspects: Cow::Borrowed(aspects), numbers }
    }

    /// Marginals of outcomes on so many `levels`, with the probability of each, or with how often it occurred in so many
    /// `replicates`.
    pub(super) fn of<'o>(outcomes: impl Iterator<Item = (&'o Outcome, f64)>, levels: usize, replicates: f64) -> Self {
        let (mut selections, mut reasons, mut sizes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut reasons_without_dose = BTreeMap::new();
        let (mut tallies, mut spreads, mut patients) = (BTreeMap::new(), BTreeMap::new(), [0.0; MAX_LEVELS]);
        for (outcome, mass) in outcomes {
            let counts = &outcome.counts;
            let (treated, dlts) = (counts.total_patients() as u8, counts.total_dlts() as u8);
            *selections.entry(outcome.selected).or_insert(0.0) += mass;
            *reasons.entry(outcome.reason).or_insert(0.0) += mass;
            if outcome.selects_none() {
                *reasons_without_dose.entry(outcome.reason).or_insert(0.0) += mass;
            }
            *sizes.entry((treated, outcome.cohorts)).or_insert(0.0) += mass;
            *tallies.entry((treated, dlts)).or_insert(0.0) += mass;
            *spreads.entry(Spread::of(counts, levels)).or_insert(0.0) += mass;
            for (sum, &patients) in patients.iter_mut().zip(counts.all_patients()) {
                *sum += mass * f64::from(patients);
            }
        }
        let mut numbers = Vec::new();
        let aspects = Aspects {
            selections: keys(selections, &mut numbers),
            reasons: keys(reasons, &mut numbers),
            reasons_without_dose: keys(reasons_without_dose, &mut numbers),
            sizes: keys(sizes, &mut numbers),
            tallies: keys(tallies, &mut numbers),
            spreads: keys(spreads, &mut numbers),
        };
        numbers.extend(&patients[..levels]);
        numbers.iter_mut().for_each(|number| *number /= replicates);
        Self { aspects: Cow::Owned(aspects), numbers }
    }

    /// The probability of each selection, ascending by bits.
    pub fn selections(&self) -> impl ExactSizeIterator<Item = (u16, f64)> {
        self.part(&self.aspects.selections, 0)
    }

    /// The probability of each stop reason that there is.
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = (StopReason, f64)> {
        self.part(&self.aspects.reasons, self.aspects.selections.len())
    }

    /// The probability that the trial ends for a reason and selects no dose, for each reason with which it can.
    pub fn reasons_without_dose(&self) -> impl ExactSizeIterator<Item = (StopReason, f64)> {
        self.part(&self.aspects.reasons_without_dose, self.aspects.selections.len() + self.aspects.reasons.len())
    }

    /// The probability of each number of patients with each number of cohorts, ascending.
    pub fn sizes(&self) -> impl ExactSizeIterator<Item = ((u8, u8), f64)> {
        let Aspects { selections, reasons, reasons_without_dose, .. } = &*self.aspects;
        self.part(&self.aspects.sizes, selections.len() + reasons.len() + reasons_without_dose.len())
    }

    /// The probability of each number of patients with each number of DLTs, ascending.
    pub fn tallies(&self) -> impl ExactSizeIterator<Item = ((u8, u8), f64)> {
        let after = self.aspects.tallies.len() + self.aspects.spreads.len();
        self.part(&self.aspects.tallies, self.aspects.len() - after)
    }

    /// The probability of each spread of the patients over the levels.
    pub fn spreads(&self) -> impl ExactSizeIterator<Item = (Spread, f64)> {
        self.part(&self.aspects.spreads, self.aspects.len() - self.aspects.spreads.len())
    }

    /// The mean number of patients at each level, lowest first.
    #[must_use]
    pub fn mean_patients(&self) -> &[f64] {
        &self.numbers[self.aspects.len()..]
    }

    /// The values of one aspect with their probabilities, which stand from `first` on.
    fn part<T: Copy>(&self, values: &[T], first: usize) -> impl ExactSizeIterator<Item = (T, f64)> {
        values.iter().copied().zip(self.numbers[first..].iter().copied())
    }
}

/// The keys of a map; its masses are added to `numbers`.
fn keys<T>(map: BTreeMap<T, f64>, numbers: &mut Vec<f64>) -> Vec<T> {
    numbers.extend(map.values());
    map.into_keys().collect()
}
