//! How the results of a design depend on what was assumed: derivatives, and one change at a time.

use super::Evaluated;
use super::curves::compiled;
use crate::design::Plan;
use crate::engine::{CompileError, Exact, Interrupted, Monitor, compile};
use crate::keys;
use crate::measure::{Change, ExactDesign, SensitivityResults, Values, derivatives, population_values};
use crate::scenario::Scenario;
use crate::study::{Sensitivity, Study, StudyDesign, Variants};

/// How far the target and the toxicity of a level are moved.
const SHIFT: f64 = 0.05;

/// The sensitivity that a study asks for; none where its design has no graph.
pub(super) fn evaluate(
    study: &Study,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
) -> Result<Option<SensitivityResults>, Interrupted> {
    let Some(Sensitivity { design, scenario }) = study.sensitivity else { return Ok(None) };
    let Some(exact) = compiled(&designs[design]) else { return Ok(None) };
    let scenario = &study.scenarios[scenario];
    let at = |exact: &Exact<'_>, scenario: &Scenario| -> Option<Values> {
        population_values(ExactDesign::Compiled(exact), std::slice::from_ref(scenario), &study.target).pop()
    };
    let Some(values) = at(exact, scenario) else { return Ok(None) };
    let mut changes = Vec::new();
    for (level, &toxicity) in scenario.toxicity.iter().enumerate() {
        for to in [toxicity - SHIFT, toxicity + SHIFT].map(decimals).into_iter().filter(|to| (0.0..=1.0).contains(to)) {
            let mut moved = scenario.clone();
            moved.toxicity[level] = to;
            let change = |values| Change {
                what: format!("toxicity of L{}", level + 1),
                from: toxicity.to_string(),
                to: to.to_string(),
                values,
            };
            changes.extend(at(exact, &moved).map(change));
        }
    }
    for (what, from, to, variant) in variants(study, design) {
        monitor.check()?;
        let Plan::Rule(rule) = &variant.plan else { continue };
        let graph = match compile(rule.as_ref(), study.simulation.max_situations, monitor) {
            Ok(graph) => graph,
            Err(CompileError::Interrupted) => return Err(Interrupted),
            Err(CompileError::TooLarge { .. }) => continue,
        };
        changes.extend(at(&Exact::new(&graph), scenario).map(|values| Change { what, from, to, values }));
    }
    Ok(Some(SensitivityResults { derivatives: derivatives(exact.graph(), scenario, &study.target), values, changes }))
}

/// What is changed, what it was, what it becomes, and the design then.
type Variant = (String, String, String, StudyDesign);

/// The design with one change at a time: the target that it aims at, then the keys that it has. A change that the design's reader
/// does not take is not made.
fn variants(study: &Study, design: usize) -> Vec<Variant> {
    let Some(variants) = Variants::new(study, design) else { return Vec::new() };
    let mut found = Vec::new();
    let target = study.target.value;
    for to in [target - SHIFT, target + SHIFT].map(decimals).into_iter().filter(|to| 0.0 < *to && *to < 1.0) {
        if let Ok(variant) = variants.clone().aiming_at(to).read("sensitivity", &[]) {
            found.push(("target of the design".to_owned(), target.to_string(), to.to_string(), variant));
        }
    }
    for (key, default, step) in KEYS {
        let Some(from) = variants.written(key).map_or(default, |written| written.parse().ok()) else { continue };
        let ends = match step {
            Step::By(step) => [from - step, from + step],
            Step::Times(factor) => [from / factor, from * factor],
            Step::To(ends) => ends,
        };
        for to in ends.map(decimals) {
            let change = keys::Change { key: key.to_owned(), value: Some(to.to_string()), place: 0..0 };
            if let Ok(variant) = variants.read("sensitivity", &[change]) {
                found.push((key.to_owned(), from.to_string(), to.to_string(), variant));
            }
        }
    }
    found
}

/// How a key is changed.
#[derive(Clone, Copy)]
enum Step {
    By(f64),
    Times(f64),
    To([f64; 2]),
}

/// The keys that are changed, with the default where a design that does not write them has one.
const KEYS: [(&str, Option<f64>, Step); 8] = [
    ("cohort_size", Some(3.0), Step::By(1.0)),
    ("max_patients", Some(30.0), Step::By(6.0)),
    ("skeleton.prior_mtd", None, Step::By(1.0)),
    ("skeleton.halfwidth", None, Step::By(0.02)),
    ("prior_sd", None, Step::Times(1.5)),
    ("elimination_cutoff", Some(0.95), Step::To([0.9, 0.98])),
    ("too_toxic_cutoff", None, Step::By(0.05)),
    ("stop_at_patients", None, Step::By(3.0)),
];

/// A sum or a product as people would write it.
fn decimals(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
