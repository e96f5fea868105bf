//! What is odd in a study that can be used: warnings, each with the evidence that shows it. No opinions.
//!
//! A design's decision graph is walked from end to end, so a rule that never acts, or a level that is never reached, is a fact
//! about every trial that the design can conduct. Paths are written as outcomes: `1N 2NNT`.

mod behaviour;
mod lower_curve;
mod path;

pub use lower_curve::{Reversal, reversal};

use crate::design::Plan;
use crate::engine::{CompileError, Monitor, compile};
use crate::keys::{Complaint, Keys, read};
use crate::scenario::{Place, Scenario};
use crate::study::{DESIGN, SCENARIO, Study, StudyDesign};
use crate::trial::{Counts, patients_a_week};
use path::Paths;

/// Larger decision graphs are not walked.
const MOST_SITUATIONS: usize = 2_000_000;

/// Everything that is odd in a study, in the order of its text. `known` are the warnings that reading it gave: what they say of a
/// key is not said again.
#[must_use]
pub fn lint(study: &Study, known: &[Complaint]) -> Vec<Complaint> {
    let ((), mut complaints) = read(&study.text, |mut keys| {
        let blocks = keys.tables(&SCENARIO);
        for (mut keys, scenario) in blocks.into_iter().zip(&study.scenarios) {
            lint_scenario(&mut keys, study, scenario);
        }
        let blocks = keys.tables(&DESIGN);
        for (mut keys, design) in blocks.into_iter().zip(&study.designs) {
            lint_design(&mut keys, study, design);
        }
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

/// A correct level that is not the one nearest the target, or whose toxicity is not acceptable; moderate toxicities that nobody watches,
/// or that are watched and not given; an accrual that is that of the study.
fn lint_scenario(keys: &mut Keys<'_>, study: &Study, scenario: &Scenario) {
    let target = &study.target;
    let name = &scenario.name;
    let worked_out = target.correct_level(&scenario.toxicity);
    let words = |level: Option<usize>| match level {
        Some(level) => format!("level {} (toxicity {})", level + 1, scenario.toxicity[level]),
        None => "no level".to_owned(),
    };
    if worked_out != scenario.correct {
        let (said, found) = (words(scenario.correct), words(worked_out));
        keys.warn("mtd", format!("{name:?}: {said} is said to be correct; by the target {} it would be {found}", target.value));
    }
    let watching = study.designs.iter().find(|design| watches_moderate(design));
    match watching {
        Some(design) if scenario.moderate_toxicity.is_empty() => keys.warn(
            "toxicity",
            format!(
                "{name:?}: design {:?} watches moderate toxicities, and without `moderate_toxicity` there are none",
                design.name
            ),
        ),
        None if !scenario.moderate_toxicity.is_empty() => {
            keys.warn("moderate_toxicity", format!("{name:?}: it changes no result: no design watches moderate toxicities"));
        }
        _ => {}
    }
    if let (Some(timing), Some(accrual)) = (&study.timing, scenario.accrual_per_week)
        && accrual == timing.accrual_per_week
    {
        keys.warn(
            "accrual_per_week",
            format!("{name:?}: it changes nothing: {} is the accrual of [timing]", patients_a_week(accrual)),
        );
    }
    let (low, high) = target.acceptable;
    let place = |level: usize| match target.place(scenario.toxicity[level]) {
        Place::Under => Some("below"),
        Place::Over => Some("above"),
        Place::Acceptable => None,
    };
    let none_is_acceptable = (0..scenario.toxicity.len()).all(|level| place(level).is_some());
    // Where no dose is correct, none being acceptable is the point.
    if let Some(level) = scenario.correct
        && none_is_acceptable
        && let Some(side) = place(level)
    {
        let which = words(scenario.correct);
        let message = format!(
            "{name:?}: no level is within the acceptable band, {} to {}: the correct one, {which}, is {side} it, so to select it counts \
             as correct but not as acceptable",
            significant(low),
            significant(high)
        );
        keys.warn("toxicity", message);
    }
}

/// Whether a design watches moderate toxicities.
fn watches_moderate(design: &StudyDesign) -> bool {
    match &design.plan {
        Plan::Rule(rule) => rule.watches_moderate(&Counts::default(), rule.first_cohort()),
        Plan::LateOnset(_) | Plan::Benchmark(_) => false,
    }
}

/// A bound of the band, which is a product and may carry a rounding error.
fn significant(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}

fn lint_design(keys: &mut Keys<'_>, study: &Study, design: &StudyDesign) {
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
        return;
    };
    match compile(rule.as_ref(), MOST_SITUATIONS, &Monitor::default()) {
        Ok(graph) => behaviour::lint(keys, study, design, rule.as_ref(), &Paths::new(&graph)),
        Err(CompileError::TooLarge { limit, .. }) => {
            let message = format!("{name:?}: its paths were not looked at: more than {limit} situations can be reached");
            keys.warn("max_patients", message);
        }
        // Nobody can interrupt a monitor that nobody else has.
        Err(CompileError::Interrupted) => {}
    }
}
