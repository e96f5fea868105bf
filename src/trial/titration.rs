//! Accelerated titration (Simon et al., 1997): single patients climb the levels until the first toxicity; then come cohorts.
//!
//! # Rule
//! The first patient is treated at level 1. After a single patient without a DLT the next one is treated `step` levels higher, at
//! the top level at most. Titration ends at the first DLT, at the top level, and, where `moderate` is given, when so many patients of
//! the trial have had a moderate toxicity short of a DLT. The level is then filled up to a cohort, the single patient counting, and
//! the rule of the design takes over. No other rule is looked at before that, except that the fill-up is cut to the patients that
//! remain. When the trial comes back to a level that a single patient has climbed through, that patient counts.
//!
//! A model-based design is asked for the first time after the fill-up, and then with all patients of the trial. A rule on the cohort
//! just treated, such as coherence, looks at the patients of the fill-up, without the single patient before them.
//!
//! # Parameters
//! `titration = true`, or a table: `titration = { step = 2, moderate = 2 }`. With cohorts of one there is nothing to accelerate.
//! - `step` (1): levels climbed at a time while single patients are treated, which passes over the levels between;
//! - `moderate` (absent): the number of moderate toxicities that ends titration; the scenarios say how probable they are
//!   (`moderate_toxicity`). Only titration looks at them.
//!
//! # Where it differs from the paper
//! With dose steps of 40 %, one level at a time and `moderate = 2` is the paper's design 2, and two levels at a time, which about
//! doubles the dose, its design 3, both around the 3+3 (design 1). What is not modelled: doses that are raised or lowered within a
//! patient, which designs 2 to 4 allow, and toxicity of later courses, which ends the titration of design 4. Each patient counts
//! with the worst toxicity of the DLT window. With `step = 1` and without `moderate`, around BOIN, it is the titration of
//! `BOIN::get.oc` 2.7.2.
//!
//! # References
//! Simon, Freidlin, Rubinstein, Arbuck, Collins and Christian (1997), Journal of the National Cancer Institute 89, 1138-1147.

use super::{Arrival, Cohort, Counts};

/// Titration: how single patients climb the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Titration {
    /// Levels climbed at a time, at least one.
    pub step: usize,
    /// The number of moderate toxicities that ends it; absent, none does.
    pub moderate: Option<usize>,
}

impl Titration {
    /// By one level at a time until the first DLT.
    pub const PLAIN: Self = Self { step: 1, moderate: None };

    /// The first patient of the trial.
    #[must_use]
    pub fn first_cohort(self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    /// Whether it lasts until the decision after `counts`, in front of cohorts of `group`: nobody has been filled up to yet, which
    /// puts a second patient at a level. With groups of one there is no titration.
    fn lasts(group: usize, counts: &Counts) -> bool {
        group > 1 && counts.all_patients().iter().all(|&patients| patients <= 1)
    }

    /// The next cohort while titration lasts, in a trial with `levels` dose levels: the next single patient, or those that fill a
    /// level up to a cohort of `group`. `remaining` patients, at least one, may still be enrolled.
    #[must_use]
    pub fn next(self, levels: usize, group: usize, counts: &Counts, arrival: Arrival, remaining: usize) -> Option<Cohort> {
        if !Self::lasts(group, counts) {
            return None;
        }
        let (level, top) = (arrival.level(), levels - 1);
        let fill_up = Cohort { level: arrival.cohort.level, patients: (group - 1).min(remaining) as u8 };
        let is_triggered = counts.total_dlts() > 0 || self.moderate.is_some_and(|moderate| counts.moderate() >= moderate);
        let climbs = !is_triggered && level < top;
        Some(if climbs { Cohort { level: (level + self.step).min(top) as u8, patients: 1 } } else { fill_up })
    }

    /// Whether the moderate toxicities of `cohort`, enrolled after `counts`, are watched: those of the single patients, where
    /// they can end it.
    #[must_use]
    pub fn watches_moderate(self, group: usize, counts: &Counts, cohort: Cohort) -> bool {
        let is_single = cohort.patients == 1 && counts.patients(cohort.level as usize) == 0;
        self.moderate.is_some() && Self::lasts(group, counts) && is_single
    }

    /// Its line of the design synopsis, in front of cohorts of `group`.
    #[must_use]
    pub fn synopsis(self, group: usize) -> (String, String) {
        let step = if self.step == 1 { String::new() } else { format!(", {} levels at a time,", self.step) };
        let moderate = self.moderate.map_or_else(String::new, |moderate| match moderate {
            1 => ", the first moderate toxicity".to_owned(),
            count => format!(", {count} moderate toxicities"),
        });
        let value = format!(
            "single patients from level 1 upwards{step} until the first DLT{moderate} or the top level, which is then filled up to \
             {group}"
        );
        ("Titration".to_owned(), value)
    }
}
