//! `[sensitivity]`, or several blocks `[[sensitivity]]`: what the results of a design depend on.
//!
//! ```toml
//! [[sensitivity]]
//! design = "CRM 16"
//! scenario = "MTD at level 3"
//! ```
//!
//! What is varied, one thing at a time: the toxicity of each level and the target that the design aims at by 0.05, and the keys of the
//! design by the [`crate::keys::Step`] of each, which `dosebench keys METHOD` shows.

use super::StudyDesign;
use super::worst_case::read_design;
use crate::keys::{Key, Keys, Table, closest, quoted};

/// How far the target that a design aims at and the toxicity of a level are moved.
pub(crate) const SHIFT: f64 = 0.05;

/// Beyond these, a study is a mistake.
const MOST: usize = 20;

/// The table or the blocks.
pub(super) static SENSITIVITY: Key<Table> =
    Key::blocks("sensitivity", MOST, &[&DESIGN.about, &SCENARIO.about], "A question for what the results of a design depend on.")
        .group("sensitivity")
        .fixed();
static DESIGN: Key<String> =
    Key::name("design", "a design of the study with a decision graph", "The design whose results are looked at.")
        .required()
        .group("sensitivity")
        .fixed();
static SCENARIO: Key<String> = Key::name("scenario", "a scenario of the study", "The scenario under which they are looked at.")
    .required()
    .group("sensitivity")
    .fixed();

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
    let blocks = match keys.table_or_tables(&SENSITIVITY) {
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
    let design = read_design(keys, &DESIGN, designs);
    let scenario = keys.get(&SCENARIO).zip(scenarios).and_then(|(name, scenarios)| {
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
