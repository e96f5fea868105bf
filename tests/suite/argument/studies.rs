//! The studies of the argument: small ones in which pooled numbers mislead, and the shipped one as it was.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic as the tests do")]

use dosebench::argument::{Argument, Verdict, argue};
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::Results;
use dosebench::study::Study;

/// One scenario with an MTD, one all safe, one all toxic; a design that must have 12 patients at the dose it selects.
pub(super) const A2: &str = r#"
name = "a2"
target = 0.30
planned_patients = 18
[doses]
levels = [0.1, 0.3, 1, 1.5, 2, 3]
unit = "mg/kg"
[[scenario]]
name = "MTD 1.5 mg/kg"
toxicity = [0.03, 0.08, 0.18, 0.30, 0.42, 0.55]
[[scenario]]
name = "All safe"
toxicity = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]
[[scenario]]
name = "All toxic"
toxicity = [0.50, 0.55, 0.60, 0.65, 0.70, 0.80]
[[design]]
name = "3+3 as in the protocol"
method = "3+3"
first_cohort_size = 1
[[design]]
name = "BOIN"
method = "boin"
max_patients = 18
[[design]]
name = "BOIN, 12 at the MTD"
method = "boin"
max_patients = 30
stop_at_patients = 12
min_patients_selected = 12
"#;

/// Designs in calendar time, two of which can never select none.
pub(super) const B2: &str = r#"
name = "b2"
target = 0.25
[doses]
levels = [1, 2, 3, 4, 5, 6]
unit = "mg"
[timing]
dlt_window_weeks = 6
accrual_per_week = 0.46
[[scenario]]
name = "MTD at level 3"
toxicity = [0.05, 0.12, 0.25, 0.38, 0.5, 0.6]
[[scenario]]
name = "MTD at level 5"
toxicity = [0.02, 0.04, 0.08, 0.15, 0.25, 0.40]
[[scenario]]
name = "toxic"
toxicity = [0.45, 0.5, 0.55, 0.6, 0.7, 0.8]
[[design]]
name = "Rolling six"
method = "rolling-six"
[[design]]
name = "TITE-CRM"
method = "tite-crm"
skeleton = [0.05, 0.12, 0.25, 0.40, 0.55, 0.65]
model = "empiric"
prior_sd = 1.157
max_patients = 24
cohort_size = 1
[[design]]
name = "CRM"
method = "crm"
model = "empiric"
skeleton = [0.05, 0.12, 0.25, 0.40, 0.55, 0.65]
prior_sd = 1.157
max_patients = 24
cohort_size = 3
"#;

/// Ties, a plateau, and a lowest level at the upper end of the band.
pub(super) const E: &str = r#"
name = "e"
target = 0.25
[doses]
levels = [1, 2, 3, 4, 5]
unit = "mg"
[[scenario]]
name = "flat safe"
toxicity = [0.05, 0.05, 0.05, 0.05, 0.05]
[[scenario]]
name = "plateau"
toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]
[[scenario]]
name = "steep"
toxicity = [0.34, 0.5, 0.6, 0.7, 0.8]
[[design]]
name = "BOIN"
method = "boin"
"#;

/// The shipped study of five levels as it was when the texts of the argument were written.
pub(super) const IMM27M: &str = include_str!("../../studies/imm27m-frozen.toml");

/// The study that a text describes.
pub(super) fn study(text: &str) -> Study {
    Study::from_text("study.toml", text).unwrap_or_else(|error| panic!("{error}")).0
}

/// The exact results of a study that has them.
pub(super) fn exact(text: &str) -> (Study, Results) {
    let study = study(&with_engine(text, "exact"));
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    (study, results)
}

/// The study with so many replicates, and no exact results.
pub(super) fn simulated(text: &str, replicates: usize) -> (Study, Results) {
    let study = study(&format!("{}\n[simulation]\nengine = \"monte-carlo\"\nreplicates = {replicates}\n", without_engine(text)));
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    (study, results)
}

fn with_engine(text: &str, engine: &str) -> String {
    format!("{}\n[simulation]\nengine = \"{engine}\"\n", without_engine(text))
}

/// The text without its block on simulation.
fn without_engine(text: &str) -> String {
    let Some((before, after)) = text.split_once("[simulation]\n") else { return text.to_owned() };
    let rest = after.find("\n[").map_or("", |next| &after[next..]);
    format!("{before}{rest}")
}

/// The shipped comparison of all methods.
pub(super) const FIELD: &str = include_str!("../../../configs/field.toml");

/// The argument of a study with exact results.
pub(super) fn argued(text: &str) -> Argument {
    let (study, results) = exact(text);
    argue(&study, &results).unwrap()
}

/// The texts of an id, in their order.
pub(super) fn texts(argument: &Argument, id: &str) -> Vec<String> {
    argument.sentences.iter().filter(|sentence| sentence.id == id).map(|sentence| sentence.text.clone()).collect()
}

/// The only text of an id.
pub(super) fn text(argument: &Argument, id: &str) -> String {
    let found = texts(argument, id);
    assert_eq!(found.len(), 1, "{id}: {found:?}");
    found[0].clone()
}

/// The verdict on a design.
pub(super) fn verdict(argument: &Argument, name: &str) -> Verdict {
    argument.designs.iter().find(|design| design.name == name).unwrap().verdict.unwrap()
}

/// A study file in blocks that begin with a heading of this kind, and what stands before the first one and behind the last.
fn blocks<'t>(text: &'t str, kind: &str) -> (&'t str, Vec<String>, String) {
    let heading = format!("[[{kind}]]\n");
    let mut parts = text.split(heading.as_str());
    let before = parts.next().unwrap();
    let mut blocks: Vec<String> = parts.map(|part| format!("{heading}{part}")).collect();
    let mut after = String::new();
    if let Some(last) = blocks.last_mut()
        && let Some(at) = last[2..].find("\n[").map(|at| at + 3)
    {
        after = last[at..].to_owned();
        last.truncate(at);
    }
    (before, blocks, after)
}

fn name_of(block: &str) -> &str {
    let (_, rest) = block.split_once("name = \"").unwrap();
    rest.split_once('"').unwrap().0
}

/// The study with these designs alone, in this order.
pub(super) fn with_designs(text: &str, names: &[&str]) -> String {
    let (before, designs, after) = blocks(text, "design");
    let chosen: Vec<String> = names
        .iter()
        .map(|name| designs.iter().find(|block| name_of(block) == *name).unwrap_or_else(|| panic!("{name}")).clone())
        .collect();
    format!("{before}{}\n{after}", chosen.join("\n"))
}

/// The study with these scenarios alone, in this order.
pub(super) fn with_scenarios(text: &str, names: &[&str]) -> String {
    let (before, scenarios, after) = blocks(text, "scenario");
    let chosen: Vec<String> = names
        .iter()
        .map(|name| scenarios.iter().find(|block| name_of(block) == *name).unwrap_or_else(|| panic!("{name}")).clone())
        .collect();
    format!("{before}{}\n{after}", chosen.join("\n"))
}

/// The study with more at its end.
pub(super) fn with(text: &str, more: &str) -> String {
    format!("{text}\n{more}\n")
}
