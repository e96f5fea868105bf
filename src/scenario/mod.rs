//! The assumed truth: a toxicity curve and the level that is correct under it; families of curves, and random ones.

mod class;
mod family;
mod generator;
mod limits;
mod population;
mod target;

pub use class::Class;
pub use family::{Family, FamilyCurve};
pub use generator::{Generator, Quantity};
pub use limits::CurveLimits;
pub(crate) use population::rounded;
pub use population::{Limits, NoCurve, Population, Recipe};
pub use target::{Place, Target};

use crate::trial::{Level, Timing};

/// What is true of the dose levels and of accrual, as far as simulated patients show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth<'a> {
    /// The DLT probability of each level, lowest first.
    pub toxicity: &'a [f64],
    /// The probability of a moderate toxicity, without a DLT, of each level; 0 where the list has ended.
    pub moderate: &'a [f64],
    /// Patients arriving a week, on average, where that is not as the study says.
    pub accrual_per_week: Option<f64>,
}

impl Truth<'_> {
    /// The probability of a moderate toxicity at a level.
    #[must_use]
    pub fn moderate_at(&self, level: Level) -> f64 {
        self.moderate.get(level).copied().unwrap_or(0.0)
    }
}

/// A curve of DLT probabilities; there are no moderate toxicities, and patients arrive as the study says.
impl<'a, T: AsRef<[f64]> + ?Sized> From<&'a T> for Truth<'a> {
    fn from(toxicity: &'a T) -> Self {
        Self { toxicity: toxicity.as_ref(), moderate: &[], accrual_per_week: None }
    }
}

/// A toxicity scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, unique in the study.
    pub name: String,
    /// The true DLT probability of each level, lowest first, each in [0, 1].
    pub toxicity: Vec<f64>,
    /// The true probability of a moderate toxicity without a DLT of each level; empty where nothing is said of them.
    pub moderate_toxicity: Vec<f64>,
    /// The level that is correct to select; `None` when selecting no dose is correct.
    pub correct: Option<Level>,
    /// Patients arriving a week, on average, where that is not as the study says.
    pub accrual_per_week: Option<f64>,
    /// Its weight in means over the scenarios of its class, at least 0.
    pub weight: f64,
    /// Why it is among the scenarios, as the study says it.
    pub why: Option<String>,
}

impl Scenario {
    /// A scenario without moderate toxicities, with the accrual of the study.
    #[must_use]
    pub fn new(name: String, toxicity: Vec<f64>, correct: Option<Level>) -> Self {
        Self { name, toxicity, moderate_toxicity: Vec::new(), correct, accrual_per_week: None, weight: 1.0, why: None }
    }

    /// What kind of truth it is.
    #[must_use]
    pub fn class(&self, target: &Target) -> Class {
        Class::of(&self.toxicity, self.correct, target)
    }

    /// Whether to select this level is right: the correct level, and where some level is right every other of the same toxicity.
    #[must_use]
    pub fn is_right(&self, level: Level, target: &Target) -> bool {
        self.correct.is_some_and(|correct| {
            level == correct || self.class(target) == Class::Mtd && self.toxicity[level] == self.toxicity[correct]
        })
    }

    /// What is true under it.
    #[must_use]
    pub fn truth(&self) -> Truth<'_> {
        Truth { toxicity: &self.toxicity, moderate: &self.moderate_toxicity, accrual_per_week: self.accrual_per_week }
    }

    /// Patients arriving a week under it, in a study with this calendar time.
    #[must_use]
    pub fn accrual(&self, timing: &Timing) -> f64 {
        self.accrual_per_week.unwrap_or(timing.accrual_per_week)
    }

    /// Whether no level is less toxic than the one below it.
    #[must_use]
    pub fn is_monotone(&self) -> bool {
        self.toxicity.is_sorted()
    }
}
