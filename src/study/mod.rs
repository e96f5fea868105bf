//! TOML text becomes a validated [`Study`]; every complaint in one go.

mod diagnosis;
mod file;
mod lookup;
mod outcomes;
mod patients;
mod read;
mod timing;

pub use diagnosis::render;
pub use file::StudyError;
pub use lookup::NameError;
pub use outcomes::{OutcomesError, read_outcomes};
pub use patients::{Patient, PatientsError, evaluable, patients_from_text, read_patients};

use crate::design::Plan;
use crate::scenario::{Scenario, Target};
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
}

/// One `[[design]]`.
pub struct StudyDesign {
    /// Its name, unique in the study.
    pub name: String,
    /// The title of its method.
    pub method: &'static str,
    /// The publication that describes the method.
    pub reference: &'static str,
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
    /// The toxicity scenarios, in the order of the file.
    pub scenarios: Vec<Scenario>,
    /// The designs, in the order of the file; the first is the reference of the paired differences.
    pub designs: Vec<StudyDesign>,
    /// The text of the file.
    pub text: String,
}

impl Study {
    /// Whether the study asks for more of calendar time than the duration of trials whose cohorts wait: it has a rule that looks at
    /// pending patients, or says more of time than window and accrual.
    #[must_use]
    pub fn has_calendar(&self) -> bool {
        let has_late_onset = self.designs.iter().any(|design| matches!(design.plan, Plan::LateOnset(_)));
        let is_usual = |timing: &Timing| *timing == Timing::new(timing.dlt_window_weeks, timing.accrual_per_week);
        self.timing.as_ref().is_some_and(|timing| has_late_onset || !is_usual(timing))
    }
}
