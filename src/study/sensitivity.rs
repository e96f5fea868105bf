//! `[sensitivity]`, or several blocks `[[sensitivity]]`: what the results of a design depend on.
//!
//! ```toml
//! [[sensitivity]]
//! design = "CRM 16"
//! scenario = "MTD at level 3"
//! ```
//!
//! | key | default | |
//! |---|---|---|
//! | `design` | required | a design of the study that has a decision graph |
//! | `scenario` | required | the name of a scenario |
//!
//! What is varied, one thing at a time: the toxicity of each level and the target that the design aims at by 0.05, cohort size by 1,
//! maximum patients by 6, the half-width of a skeleton by 0.02 and its prior MTD by 1, skeletons that are lists by 0.5 on the logit scale,
//! and their spread there by a factor of 1.25, prior standard deviations by a factor of 1.5, prior means by half of them, and cut-offs by
//! halving and doubling what is missing to 1.

use super::StudyDesign;
use super::worst_case::read_design;
use crate::keys::{Keys, closest, quoted};

/// Beyond these, a study is a mistake.
const MOST: usize = 20;

/// A question for the sensitivity of a design under a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    /// The place of the design in the study.
    pub design: usize,
    /// The place of the scenario in the study.
    pub scenario: usize,
}

/// Read the table, or all blocks. `designs` and `scenarios`, by their names, are those of the study, `None` where one is faulty.
pub(super) fn read(keys: &mut Keys<'_>, designs: Option<&[StudyDesign]>, scenarios: Option<&[&str]>) -> Option<Vec<Sensitivity>> {
    let blocks = match keys.table_or_tables("sensitivity", MOST) {
        blocks if blocks.is_empty() => return Some(Vec::new()),
        blocks => blocks,
    };
    let mut found: Vec<Option<Sensitivity>> = Vec::new();
    for mut block in blocks {
        let asked = read_one(&mut block, designs, scenarios);
        if asked.is_some() && found.contains(&asked) {
            block.complain("design", "found the same design and scenario as in a block before; allowed: each pair once", None);
        }
        block.finish();
        found.push(asked);
    }
    found.into_iter().collect()
}

fn read_one(keys: &mut Keys<'_>, designs: Option<&[StudyDesign]>, scenarios: Option<&[&str]>) -> Option<Sensitivity> {
    keys.require("design");
    let design = read_design(keys, "design", designs);
    keys.require("scenario");
    let scenario = keys.text("scenario").zip(scenarios).and_then(|(name, scenarios)| {
        let place = scenarios.iter().position(|scenario| *scenario == name);
        if place.is_none() {
            let known: Vec<String> = scenarios.iter().map(|name| format!("{name:?}")).collect();
            let message = format!("found {}; allowed: the name of a scenario: {}", quoted(&name), known.join(", "));
            keys.complain("scenario", message, closest(&name, scenarios).map(|name| format!("did you mean {name:?}?")));
        }
        place
    });
    Some(Sensitivity { design: design?, scenario: scenario? })
}
