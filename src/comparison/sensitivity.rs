//! How the results of a design depend on what was assumed: derivatives, and one change at a time.

use super::Evaluated;
use super::curves::compiled;
use super::variants::{TARGET, Variant, decimals, is_aimed_alike, signed, targets, variants};
use crate::design::Plan;
use crate::engine::{CompileError, Exact, Interrupted, Monitor, compile};
use crate::measure::{Change, ExactDesign, SensitivityResults, Values, derivatives, population_values};
use crate::scenario::{Scenario, Target};
use crate::study::{SHIFT, Sensitivity, Study};
use crate::trial::Level;

/// The sensitivities that a study asks for, but for those of designs without a graph.
pub(super) fn evaluate(
    study: &Study,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
) -> Result<Vec<SensitivityResults>, Interrupted> {
    let mut found = Vec::new();
    for (asked, &Sensitivity { design, scenario }) in study.sensitivities.iter().enumerate() {
        let Some(exact) = compiled(&designs[design]) else { continue };
        let scenario = &study.scenarios[scenario];
        let Some(values) = at(exact, scenario, &study.target) else { continue };
        let derivatives = derivatives(exact.graph(), scenario, &study.target);
        let changes = moved_levels(exact, scenario, &study.target);
        let mut results = SensitivityResults { asked, derivatives, values, changes, notes: Vec::new() };
        for variant in variants(study, design, &mut results.notes) {
            monitor.check()?;
            add(&mut results, variant, study, scenario, monitor)?;
        }
        leave_out_target(&mut results, study, design);
        found.push(results);
    }
    Ok(found)
}

fn at(exact: &Exact<'_>, scenario: &Scenario, target: &Target) -> Option<Values> {
    population_values(ExactDesign::Compiled(exact), std::slice::from_ref(scenario), target).pop()
}

/// The toxicity of each level alone moved to either side, but not past those of its neighbours where the curve is monotone. A curve that
/// is moved has the correct level that it would have in a study, unless the scenario has one of its own.
fn moved_levels(exact: &Exact<'_>, scenario: &Scenario, target: &Target) -> Vec<Change> {
    let curve = &scenario.toxicity;
    let follows = target.correct_level(curve) == scenario.correct;
    let shown = |level: Option<Level>| level.map_or_else(|| "none".to_owned(), |level| format!("L{}", level + 1));
    let mut changes = Vec::new();
    for (level, &toxicity) in curve.iter().enumerate() {
        let below = level.checked_sub(1).map_or(0.0, |below| curve[below]);
        let most = 1.0 - scenario.truth().moderate_at(level);
        let above = curve.get(level + 1).map_or(most, |above| above.min(most));
        let (low, high) = if scenario.is_monotone() { (below, above) } else { (0.0, most) };
        for wanted in [toxicity - SHIFT, toxicity + SHIFT].map(decimals) {
            let to = wanted.max(low).min(high.max(low));
            if to == toxicity {
                continue;
            }
            let mut moved = scenario.clone();
            moved.toxicity[level] = to;
            let mut remarks = Vec::new();
            if to != wanted {
                remarks.push(format!("not {wanted}, so that the curve stays one and monotone"));
            }
            if follows {
                moved.correct = target.correct_level(&moved.toxicity);
            }
            if moved.correct != scenario.correct {
                remarks.push(format!(
                    "the correct level is then {} instead of {}",
                    shown(moved.correct),
                    shown(scenario.correct)
                ));
            }
            let what = format!("toxicity of L{}", level + 1);
            let (from, to, step) = (toxicity.to_string(), to.to_string(), signed(decimals(to - toxicity)));
            let remark = remarks.join("; ");
            changes.extend(at(exact, &moved, target).map(|values| Change { what, from, to, step, remark, values }));
        }
    }
    changes
}

/// Compile a variant and add what it changes; a note where it is too large.
fn add(
    results: &mut SensitivityResults,
    Variant { words, design }: Variant,
    study: &Study,
    scenario: &Scenario,
    monitor: &Monitor,
) -> Result<(), Interrupted> {
    let Plan::Rule(rule) = &design.plan else { return Ok(()) };
    let [what, from, to, step] = words;
    let graph = match compile(rule.as_ref(), study.simulation.max_situations, monitor) {
        Ok(graph) => graph,
        Err(CompileError::Interrupted) => return Err(Interrupted),
        Err(CompileError::TooLarge { limit, .. }) => {
            results.notes.push(format!("{what} = {to} is left out: its decision graph has more than {limit} situations."));
            return Ok(());
        }
    };
    let values = at(&Exact::new(&graph), scenario, &study.target);
    results.changes.extend(values.map(|values| Change { what, from, to, step, remark: String::new(), values }));
    Ok(())
}

/// A rule that is described by the same words, and gives the same results, whatever it aims at, has no target: say so in place of zeros.
fn leave_out_target(results: &mut SensitivityResults, study: &Study, design: usize) {
    let of_target = || results.changes.iter().filter(|change| change.what == TARGET);
    if of_target().next().is_some()
        && of_target().all(|change| change.values == results.values)
        && targets(study.target.value).iter().all(|&target| is_aimed_alike(study, design, target))
    {
        results.changes.retain(|change| change.what != TARGET);
        results.notes.push("The rule has no target that could be moved.".to_owned());
    }
}
