//! TOML text becomes a validated [`Study`]; every complaint in one go.

mod criteria;
mod curves;
mod diagnosis;
mod file;
mod lookup;
mod outcomes;
mod patients;
mod population;
mod read;
mod relevance;
mod report;
mod sensitivity;
mod timing;
mod tune;
mod variant;
mod worst_case;

pub use criteria::{Criteria, Criterion, Preference};
pub use diagnosis::render;
pub use file::StudyError;
pub use lookup::NameError;
pub use outcomes::{Followed, OutcomesError, read_followed, read_outcomes};
pub use patients::{Patient, PatientsError, evaluable, patients_from_text, read_patients};
pub use relevance::Relevance;
pub use report::{Front, SECTIONS, Texts};
pub use sensitivity::Sensitivity;
pub use tune::{Aim, Limit, Objective, Over, Parameter, Setting, Steps, TRIAL_METRICS, Tuning};
pub use variant::{Variants, Written};
pub use worst_case::{WorstCase, WorstMeasure};

use std::path::PathBuf;

use crate::design::Plan;
use crate::scenario::{Class, Population, Scenario, Target};
use crate::trial::Timing;

/// How outcomes are obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Exactly where the decision graph fits its bound, by replicates elsewhere.
    Auto,
    /// Exactly, or not at all.
    Exact,
    /// By replicates.
    MonteCarlo,
}

/// `[doses]`.
#[derive(Clone, Debug)]
pub struct Doses {
    /// The doses, strictly increasing, 1 to 12 of them.
    pub levels: Vec<f64>,
    /// Their unit, e.g. mg/kg; empty when the study names none.
    pub unit: String,
}

/// `[simulation]`.
#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    /// The engine asked for.
    pub engine: Engine,
    /// Replicates per scenario, where there are any.
    pub replicates: usize,
    /// The seed of the simulated patients.
    pub seed: u64,
    /// The largest number of situations of a decision graph.
    pub max_situations: usize,
    /// The replicate, counted from 0, that is shown as an example beside the one of median length and the longest.
    pub example_replicate: usize,
}

/// One `[[design]]`.
pub struct StudyDesign {
    /// Its name, unique in the study.
    pub name: String,
    /// The title of its method.
    pub method: &'static str,
    /// The publication that describes the method.
    pub reference: &'static str,
    /// Where the protocol has the rule, as the study says it (`source`), e.g. `protocol section 5.2`.
    pub source: Option<String>,
    /// Why it is among the designs, as the study says it.
    pub why: Option<String>,
    /// What runs.
    pub plan: Plan,
}

/// A study: what was written, validated; nothing in it is optional by accident.
pub struct Study {
    /// The study's name.
    pub name: String,
    /// The target and the acceptable band.
    pub target: Target,
    /// The dose levels.
    pub doses: Doses,
    /// The number of patients that the protocol plans, for comparison; it changes no design.
    pub planned_patients: Option<usize>,
    /// Calendar time, when the study has it.
    pub timing: Option<Timing>,
    /// Engine, replicates, seed.
    pub simulation: Simulation,
    /// What the report says of itself, and its sections.
    pub report: Front,
    /// The toxicity scenarios, in the order of the file.
    pub scenarios: Vec<Scenario>,
    /// The populations of curves, in the order of the file.
    pub populations: Vec<Population>,
    /// The questions for worst curves, in the order of the file.
    pub worst_cases: Vec<WorstCase>,
    /// What the study asks to be told of the sensitivity of designs, in the order of the file.
    pub sensitivities: Vec<Sensitivity>,
    /// The designs, in the order of the file; the first is the reference of the paired differences.
    pub designs: Vec<StudyDesign>,
    /// What is to be tuned, in the order of the file.
    pub tunings: Vec<Tuning>,
    /// The text of the file.
    pub text: String,
    /// The folder in which the files that it names are looked for; `None` for a text that comes from none.
    pub folder: Option<PathBuf>,
    /// These files, as they are named, with the SHA-256 of each.
    pub files: Vec<(String, String)>,
}

impl Study {
    /// Whether the study asks for more than its scenarios: populations of curves, worst curves or sensitivities.
    #[must_use]
    pub fn looks_beyond(&self) -> bool {
        !self.populations.is_empty() || !self.worst_cases.is_empty() || !self.sensitivities.is_empty()
    }

    /// The places of the scenarios of a class, in the order of the file.
    #[must_use]
    pub fn of_class(&self, class: Class) -> Vec<usize> {
        let is_in = |place: &usize| self.scenarios[*place].class(&self.target) == class;
        (0..self.scenarios.len()).filter(is_in).collect()
    }

    /// The mean of a number over the scenarios at some places, by their weights, which must not all be 0: over one class there is one,
    /// over several each counts the same where there is none.
    #[must_use]
    pub fn weighted_mean(&self, places: &[usize], number: impl Fn(usize) -> f64) -> f64 {
        let total: f64 = places.iter().map(|&place| self.scenarios[place].weight).sum();
        let weight = |place: usize| if total > 0.0 { self.scenarios[place].weight / total } else { 1.0 / places.len() as f64 };
        places.iter().map(|&place| weight(place) * number(place)).sum()
    }

    /// Whether the study asks for more of calendar time than the duration of trials whose cohorts wait: it has a rule that looks at
    /// pending patients, says more of time than window and accrual, or has scenarios with an accrual of their own.
    #[must_use]
    pub fn has_calendar(&self) -> bool {
        let has_late_onset = self.designs.iter().any(|design| matches!(design.plan, Plan::LateOnset(_)));
        let is_usual = |timing: &Timing| *timing == Timing::new(timing.dlt_window_weeks, timing.accrual_per_week);
        let has_rates = self.scenarios.iter().any(|scenario| scenario.accrual_per_week.is_some());
        self.timing.as_ref().is_some_and(|timing| has_late_onset || has_rates || !is_usual(timing))
    }
}
