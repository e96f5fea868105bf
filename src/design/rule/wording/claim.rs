//! What words claim: plain data and a function of them, of the counts and of the model's numbers. No claim can hold a rule.
//!
//! A claim is made from the values that its words print, which are [`Plain`], and from a function that captures nothing. `Plain` is
//! sealed: numbers, the vocabulary of trials, and lists of these. A rule is none of them, so no claim can ask one. What a model works
//! out, a claim is handed as [`Evidence`].

use super::printed::Printed;
use crate::design::rule::decision_table::Call;
use crate::trial::{Arrival, Cohort, Counts, Decision, Level, Move, Ruling, Situation, StopReason, Suspension};
use std::ops::Deref;

/// What a model works out from the data, in numbers: what a claim may know beside the counts. A list has an entry for each level, or
/// none where the words do not speak of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The estimated DLT probabilities.
    pub toxicity: Vec<f64>,
    /// The posterior probabilities that the levels are less toxic than the words want them.
    pub too_low: Vec<f64>,
    /// The posterior probabilities that the levels are more toxic than the words want them.
    pub too_high: Vec<f64>,
    /// The posterior probability that the lowest level is too toxic for the trial to go on.
    pub lowest_too_toxic: Option<f64>,
}

/// What a claim about complete data is told.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The counts, the cohort of the arrival included.
    pub counts: &'a Counts,
    /// The cohort just evaluated.
    pub arrival: Arrival,
    /// The patients among them whom the planned number counts: all but those who filled lower levels up.
    pub in_cohorts: usize,
    /// What the model works out from the counts.
    pub evidence: &'a Evidence,
}

impl<'a> Seen<'a> {
    /// Counts after a cohort of a trial without backfilling.
    #[must_use]
    pub fn new(counts: &'a Counts, arrival: Arrival, evidence: &'a Evidence) -> Self {
        Self { counts, arrival, in_cohorts: counts.total_patients(), evidence }
    }

    /// The level just treated.
    #[must_use]
    pub fn current(&self) -> Level {
        self.arrival.level()
    }
}

/// What a claim can be made from: numbers, the vocabulary of trials, printed tables, and lists of these. The list ends here.
pub trait Plain: sealed::Sealed + 'static {}

impl<T: sealed::Sealed + 'static> Plain for T {}

mod sealed {
    /// Cannot be named outside of this file.
    pub trait Sealed {}
}

macro_rules! plain {
    ($($kind:ty),*) => { $(impl sealed::Sealed for $kind {})* };
}
plain!((), bool, u8, usize, f64, Cohort, Decision, Move, Call, Printed);

macro_rules! plain_tuples {
    ($(($($part:ident),*)),*) => { $(impl<$($part: sealed::Sealed),*> sealed::Sealed for ($($part,)*) {})* };
}
plain_tuples!((A, B), (A, B, C), (A, B, C, D), (A, B, C, D, E));

impl<T: sealed::Sealed> sealed::Sealed for Option<T> {}
impl<T: sealed::Sealed> sealed::Sealed for Vec<T> {}
impl<T: sealed::Sealed, const N: usize> sealed::Sealed for [T; N] {}
// A function that captures nothing.
impl<A, B, C> sealed::Sealed for fn(&A, &B) -> C {}

/// A function of plain data and of what it is told. Only this module makes one.
pub struct Says<F: ?Sized>(Box<F>);

impl<F: ?Sized> Deref for Says<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.0
    }
}

/// What words claim of a decision. Counts include the cohort of the arrival.
#[allow(clippy::type_complexity, reason = "a name for each signature would only hide what it is told")]
pub enum Claim {
    /// Nothing that a decision could contradict: a definition, a reason.
    Nothing,
    /// The first cohort of the trial.
    First(Cohort),
    /// The decision, in the situations that the words are about. Of several such pieces the first one counts.
    Decides(Says<dyn Fn(&Seen<'_>) -> Option<Decision>>),
    /// The level recommended for the next cohort, in the situations that the words are about.
    Recommends(Says<dyn Fn(&Seen<'_>) -> Option<Level>>),
    /// What the decision table calls for with so many patients and DLTs at a level, levels that are too toxic aside: a second way to
    /// the table, from what it is said to follow from.
    Calls(Says<dyn Fn(usize, usize) -> Call>),
    /// Whether so many patients and DLTs make a level too toxic: a second way to what the table says of it.
    TooToxic(Says<dyn Fn(usize, usize) -> bool>),
    /// The level to which a restriction changes the next one.
    Limits(Says<dyn Fn(&Seen<'_>, Level) -> Level>),
    /// Whether the trial stops, the next cohort being due at the level given.
    Stops(StopReason, Says<dyn Fn(&Seen<'_>, Level) -> bool>),
    /// The number of patients of a later cohort, of which so many have been treated in the trial.
    Size(Says<dyn Fn(usize) -> usize>),
    /// The level selected at the end, the next cohort being due at the level given.
    Selects(Says<dyn Fn(&Seen<'_>, Level) -> Option<Level>>),
    /// What is done with a patient who arrives, in the situations that the words are about. Of several such pieces the first one counts.
    Rules(Says<dyn Fn(&Situation<'_>) -> Option<Ruling>>),
    /// The level recommended while somebody is pending, in the situations that the words are about.
    RecommendsPending(Says<dyn Fn(&Situation<'_>) -> Option<Level>>),
    /// Whether the level recommended while somebody is pending is the one that the words recommend for complete data.
    RecommendsAlike(Says<dyn Fn(&Situation<'_>) -> bool>),
    /// That the words about complete data decide as soon as everybody of the last cohort has been evaluated, by the data of all who
    /// have been; and the level then recommended, in the situations that the words are about.
    RecommendsEvaluated(Says<dyn Fn(&Seen<'_>) -> Option<Level>>),
    /// Whether accrual is suspended while somebody is pending.
    Suspends(Suspension, Says<dyn Fn(&Situation<'_>) -> bool>),
    /// That accrual ends while somebody is pending as a trial with complete data stops for this reason.
    ClosesAlike(StopReason),
}

impl Claim {
    /// The decision, in the situations that the words are about.
    #[must_use]
    pub fn decides<D: Plain>(data: D, says: fn(&D, &Seen<'_>) -> Option<Decision>) -> Self {
        Self::Decides(Says(Box::new(move |seen| says(&data, seen))))
    }

    /// The level recommended for the next cohort, in the situations that the words are about.
    #[must_use]
    pub fn recommends<D: Plain>(data: D, says: fn(&D, &Seen<'_>) -> Option<Level>) -> Self {
        Self::Recommends(Says(Box::new(move |seen| says(&data, seen))))
    }

    /// What the table calls for with so many patients and DLTs at a level.
    #[must_use]
    pub fn calls<D: Plain>(data: D, says: fn(&D, usize, usize) -> Call) -> Self {
        Self::Calls(Says(Box::new(move |patients, dlts| says(&data, patients, dlts))))
    }

    /// Whether so many patients and DLTs make a level too toxic.
    #[must_use]
    pub fn too_toxic<D: Plain>(data: D, says: fn(&D, usize, usize) -> bool) -> Self {
        Self::TooToxic(Says(Box::new(move |patients, dlts| says(&data, patients, dlts))))
    }

    /// The level to which a restriction changes the next one.
    #[must_use]
    pub fn limits<D: Plain>(data: D, says: fn(&D, &Seen<'_>, Level) -> Level) -> Self {
        Self::Limits(Says(Box::new(move |seen, next| says(&data, seen, next))))
    }

    /// Whether the trial stops.
    #[must_use]
    pub fn stops<D: Plain>(reason: StopReason, data: D, says: fn(&D, &Seen<'_>, Level) -> bool) -> Self {
        Self::Stops(reason, Says(Box::new(move |seen, next| says(&data, seen, next))))
    }

    /// The number of patients of a later cohort.
    #[must_use]
    pub fn size<D: Plain>(data: D, says: fn(&D, usize) -> usize) -> Self {
        Self::Size(Says(Box::new(move |treated| says(&data, treated))))
    }

    /// The level selected at the end.
    #[must_use]
    pub fn selects<D: Plain>(data: D, says: fn(&D, &Seen<'_>, Level) -> Option<Level>) -> Self {
        Self::Selects(Says(Box::new(move |seen, next| says(&data, seen, next))))
    }

    /// What is done with a patient who arrives, in the situations that the words are about.
    #[must_use]
    pub fn rules<D: Plain>(data: D, says: fn(&D, &Situation<'_>) -> Option<Ruling>) -> Self {
        Self::Rules(Says(Box::new(move |situation| says(&data, situation))))
    }

    /// The level recommended while somebody is pending.
    #[must_use]
    pub fn recommends_pending<D: Plain>(data: D, says: fn(&D, &Situation<'_>) -> Option<Level>) -> Self {
        Self::RecommendsPending(Says(Box::new(move |situation| says(&data, situation))))
    }

    /// When the level recommended while somebody is pending is that for complete data.
    #[must_use]
    pub fn recommends_alike<D: Plain>(data: D, says: fn(&D, &Situation<'_>) -> bool) -> Self {
        Self::RecommendsAlike(Says(Box::new(move |situation| says(&data, situation))))
    }

    /// The level recommended when everybody of the last cohort has been evaluated.
    #[must_use]
    pub fn recommends_evaluated<D: Plain>(data: D, says: fn(&D, &Seen<'_>) -> Option<Level>) -> Self {
        Self::RecommendsEvaluated(Says(Box::new(move |seen| says(&data, seen))))
    }

    /// Whether accrual is suspended while somebody is pending.
    #[must_use]
    pub fn suspends<D: Plain>(suspension: Suspension, data: D, says: fn(&D, &Situation<'_>) -> bool) -> Self {
        Self::Suspends(suspension, Says(Box::new(move |situation| says(&data, situation))))
    }
}
