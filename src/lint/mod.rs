//! What is odd in a study that can be used: warnings, each with the evidence that shows it. No opinions.
//!
//! A design's decision graph is walked from end to end, so a rule that never acts, or a level that is never reached, is a fact
//! about every trial that the design can conduct. Paths are written as outcomes: `1N 2NNT`.

mod behaviour;
mod ends;
mod lower_curve;
mod path;
mod scenarios;

use crate::design::Plan;
use crate::engine::{CompileError, Monitor, compile};
use crate::keys::{Complaint, Keys, read};
use crate::study::{Study, StudyDesign};
use path::Paths;

pub use ends::can_select_none;
pub use lower_curve::{Reversal, reversal};

/// Larger decision graphs are not walked.
const MOST_SITUATIONS: usize = 2_000_000;

/// Everything that is odd in a study, in the order of its text. `known` are the warnings that reading it gave: what they say of a
/// key is not said again.
#[must_use]
pub fn lint(study: &Study, known: &[Complaint]) -> Vec<Complaint> {
    let ((), mut complaints) = read(&study.text, |mut keys| {
        let blocks = keys.tables("scenario", study.scenarios.len());
        for (mut keys, scenario) in blocks.into_iter().zip(&study.scenarios) {
            scenarios::lint(&mut keys, study, scenario);
        }
        scenarios::lint_classes(&mut keys, study);
        let blocks = keys.tables("design", study.designs.len());
        let mut sizes = Vec::new();
        for (mut keys, design) in blocks.into_iter().zip(&study.designs) {
            sizes.push(lint_design(&mut keys, study, design));
        }
        ends::lint_sizes(&mut keys, study, &sizes);
    });
    complaints.retain(|complaint| !known.iter().any(|known| known.key == complaint.key));
    complaints
}

/// Larger decision graphs are not searched for curves.
const MOST_SEARCHED: usize = 50_000;
/// Smaller reversals are not spoken of.
const LEAST_REVERSAL: f64 = 0.001;

/// What holds of the designs of a study and is no fault of the study: where a less toxic level makes a design select lower. A sentence for
/// each.
#[must_use]
pub fn notes(study: &Study) -> Vec<String> {
    let note = |design: &StudyDesign| {
        let Plan::Rule(rule) = &design.plan else { return None };
        let graph = compile(rule.as_ref(), MOST_SEARCHED, &Monitor::default()).ok()?;
        let Reversal { curve, at, lower, level, probabilities: [higher, other], .. } =
            reversal(&graph).filter(|reversal| reversal.size() >= LEAST_REVERSAL)?;
        let curve: Vec<String> = curve.iter().map(f64::to_string).collect();
        let selected = if level + 1 == graph.levels() { "is" } else { "or one above is" };
        Some(format!(
            "{:?} can select lower where a level is less toxic: under the toxicities {}, level {} {selected} selected with probability \
             {higher:.4}, and with {lower} at level {} with {other:.4}",
            design.name,
            curve.join(", "),
            level + 1,
            at + 1
        ))
    };
    study.designs.iter().filter_map(note).collect()
}

/// Warn of a design. Returns the mean number of patients that [`ends::mean_patients`] finds, where the design has a graph.
fn lint_design(keys: &mut Keys<'_>, study: &Study, design: &StudyDesign) -> Option<f64> {
    let name = &design.name;
    let cautions = match &design.plan {
        Plan::Rule(rule) => rule.cautions(),
        Plan::LateOnset(rule) => rule.cautions(),
        Plan::Benchmark(_) => Vec::new(),
    };
    for (key, words) in cautions {
        keys.warn(key, format!("{name:?}: {words}"));
    }
    let Plan::Rule(rule) = &design.plan else {
        ends::lint(keys, study, design, None);
        return None;
    };
    match compile(rule.as_ref(), MOST_SITUATIONS, &Monitor::default()) {
        Ok(graph) => {
            behaviour::lint(keys, study, design, rule.as_ref(), &Paths::new(&graph));
            ends::lint(keys, study, design, Some(&graph))
        }
        Err(CompileError::TooLarge { limit, .. }) => {
            let message = format!("{name:?}: its paths were not looked at: more than {limit} situations can be reached");
            keys.warn("max_patients", message);
            ends::lint(keys, study, design, None)
        }
        // Nobody can interrupt a monitor that nobody else has.
        Err(CompileError::Interrupted) => None,
    }
}
