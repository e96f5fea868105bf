//! `[sensitivity]`: what the results of a design depend on.

use super::StudyDesign;
use super::worst_case::read_design;
use crate::keys::{Keys, quoted};

/// A question for the sensitivity of a design under a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    /// The place of the design in the study.
    pub design: usize,
    /// The place of the scenario in the study.
    pub scenario: usize,
}

/// Read the block. `designs` and `scenarios`, by their names, are those of the study, `None` where one is faulty.
pub(super) fn read(mut keys: Keys<'_>, designs: Option<&[StudyDesign]>, scenarios: Option<&[&str]>) -> Option<Sensitivity> {
    keys.require("design");
    let design = read_design(&mut keys, "design", designs);
    keys.require("scenario");
    let scenario = keys.text("scenario").zip(scenarios).and_then(|(name, scenarios)| {
        let place = scenarios.iter().position(|scenario| *scenario == name);
        if place.is_none() {
            let known: Vec<String> = scenarios.iter().map(|name| format!("{name:?}")).collect();
            let message = format!("found {}; allowed: the name of a scenario: {}", quoted(&name), known.join(", "));
            keys.complain("scenario", message, None);
        }
        place
    });
    keys.finish();
    Some(Sensitivity { design: design?, scenario: scenario? })
}
