//! Designs and scenarios by the name that a command line gives.

use super::{Study, StudyDesign};
use crate::design::{Plan, Protocol};
use crate::keys::closest;
use crate::scenario::Scenario;

/// Why a name of the command line leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The study has nothing of that name.
    #[error("the study has no {kind} named {name:?}{}; its {kind}s are: {}", meant(.closest), .known.join(", "))]
    Unknown {
        /// "design" or "scenario".
        kind: &'static str,
        /// The name.
        name: String,
        /// The name that was probably meant.
        closest: Option<String>,
        /// The names there are, in the order of the study.
        known: Vec<String>,
    },
    /// The design is the benchmark.
    #[error("design {0:?} is the benchmark, a reference and not a rule: it has no next dose, no table and no pathways")]
    Benchmark(String),
    /// The design looks at pending patients.
    #[error(
        "design {0:?} looks at patients who are still being followed: its decisions depend on follow-up times, so cohorts of outcomes do \
         not lead through it. `run` simulates it in calendar time, `explain` says its rule, and `replay` shows it in one trial"
    )]
    LateOnset(String),
}

/// ", did you mean ...".
fn meant(closest: &Option<String>) -> String {
    closest.as_ref().map_or_else(String::new, |name| format!(" (did you mean {name:?}?)"))
}

impl Study {
    /// The design with this name, and its rule.
    ///
    /// # Errors
    /// [`NameError`]: there is no such design, or it is the benchmark or looks at pending patients.
    pub fn rule(&self, name: &str) -> Result<(&StudyDesign, &dyn Protocol), NameError> {
        let known = || self.designs.iter().map(|design| design.name.as_str());
        let design = self.designs.iter().find(|design| design.name == name).ok_or_else(|| unknown("design", name, known()))?;
        match &design.plan {
            Plan::Rule(rule) => Ok((design, rule.as_ref())),
            Plan::LateOnset(_) => Err(NameError::LateOnset(name.to_owned())),
            Plan::Benchmark(_) => Err(NameError::Benchmark(name.to_owned())),
        }
    }

    /// The scenario with this name.
    ///
    /// # Errors
    /// [`NameError`]: there is no such scenario.
    pub fn scenario(&self, name: &str) -> Result<&Scenario, NameError> {
        let known = || self.scenarios.iter().map(|scenario| scenario.name.as_str());
        self.scenarios.iter().find(|scenario| scenario.name == name).ok_or_else(|| unknown("scenario", name, known()))
    }
}

fn unknown<'s>(kind: &'static str, name: &str, known: impl Iterator<Item = &'s str>) -> NameError {
    let known: Vec<&str> = known.collect();
    NameError::Unknown {
        kind,
        name: name.to_owned(),
        closest: closest(name, &known).map(str::to_owned),
        known: known.iter().map(|name| format!("{name:?}")).collect(),
    }
}
