//! How the results of a design depend on what was assumed: derivatives, and one change at a time.

use super::Evaluated;
use super::curves::compiled;
use crate::design::Plan;
use crate::engine::{CompileError, Exact, Interrupted, Monitor, compile};
use crate::keys;
use crate::measure::{Change, ExactDesign, SensitivityResults, Values, derivatives, population_values};
use crate::scenario::{Scenario, Target};
use crate::study::{Sensitivity, Study, StudyDesign, Variants, Written};
use crate::trial::Level;

/// How far the target and the toxicity of a level are moved.
const SHIFT: f64 = 0.05;

/// By what factor prior standard deviations are multiplied and divided, and how many of them a prior mean is moved by.
const SD_FACTOR: f64 = 1.5;
const SDS: f64 = 0.5;

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

/// A design with one change.
struct Variant {
    /// What is changed, what it was, what it becomes, and how.
    words: [String; 4],
    design: StudyDesign,
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

/// A rule in words, with every value.
fn synopsis(design: &StudyDesign) -> Vec<(String, String)> {
    match &design.plan {
        Plan::Rule(rule) => rule.synopsis(),
        Plan::LateOnset(_) | Plan::Benchmark(_) => Vec::new(),
    }
}

/// What is changed when the design aims at another target.
const TARGET: &str = "target of the design";

/// A rule that is described by the same words, and gives the same results, whatever it aims at, has no target: say so in place of zeros.
fn leave_out_target(results: &mut SensitivityResults, study: &Study, design: usize) {
    let of_target = || results.changes.iter().filter(|change| change.what == TARGET);
    let own = synopsis(&study.designs[design]);
    let is_described_alike = |target: f64| {
        let variant = Variants::new(study, design).and_then(|variants| variants.aiming_at(target).read("sensitivity", &[]).ok());
        variant.is_none_or(|variant| synopsis(&variant) == own)
    };
    let targets = targets(study.target.value);
    if of_target().next().is_some()
        && of_target().all(|change| change.values == results.values)
        && targets.iter().all(|&target| is_described_alike(target))
    {
        results.changes.retain(|change| change.what != TARGET);
        results.notes.push("The rule has no target that could be moved.".to_owned());
    }
}

/// The targets to either side.
fn targets(target: f64) -> Vec<f64> {
    [target - SHIFT, target + SHIFT].map(decimals).into_iter().filter(|to| 0.0 < *to && *to < 1.0).collect()
}

/// The design with one change at a time: the target that it aims at, then the keys that it has. Where the design's reader does not take
/// a value, a note says so.
fn variants(study: &Study, design: usize, notes: &mut Vec<String>) -> Vec<Variant> {
    let Some(variants) = Variants::new(study, design) else { return Vec::new() };
    let mut found = Vec::new();
    let target = study.target.value;
    for to in targets(target) {
        if let Ok(design) = variants.clone().aiming_at(to).read("sensitivity", &[]) {
            let words = [TARGET.to_owned(), target.to_string(), to.to_string(), signed(decimals(to - target))];
            found.push(Variant { words, design });
        }
    }
    let mut add = |key: &str, what: String, from: String, (to, shown): (String, String), step: String| {
        let change = keys::Change { key: key.to_owned(), value: Some(to), place: 0..0 };
        match variants.read("sensitivity", &[change]) {
            Ok(design) => found.push(Variant { words: [what, from, shown, step], design }),
            Err(complaints) => {
                let why = complaints.first().map(|complaint| format!(": {}", complaint.message)).unwrap_or_default();
                notes.push(format!("{what} = {shown} is left out, not being a value of the design{why}."));
            }
        }
    };
    for (key, default, step) in KEYS {
        let from = match variants.numbers(key) {
            Some(Written::Number(from)) => from,
            Some(Written::List(_) | Written::Lists(_)) => continue,
            None if variants.written(key).is_some() => continue,
            None => match default.filter(|from| is_default(&variants, key, *from)) {
                Some(from) => from,
                None => continue,
            },
        };
        for (to, words) in step.ends(from).map(|(to, words)| (decimals(to), words)) {
            // A cut-off of 1 or of less than one half has an end that it is at already.
            if to == from {
                continue;
            }
            let to = to.to_string();
            add(key, key.to_owned(), from.to_string(), (to.clone(), to), words);
        }
    }
    let list = |numbers: &[f64]| format!("[{}]", numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", "));
    let skeletons = match (variants.numbers("skeleton"), variants.numbers("skeletons")) {
        (Some(Written::List(skeleton)), _) => Some(("skeleton", vec![skeleton])),
        (_, Some(Written::Lists(skeletons))) => Some(("skeletons", skeletons)),
        _ => None,
    };
    if let Some((key, skeletons)) = skeletons {
        let text = |of: &dyn Fn(&[f64]) -> Vec<f64>| {
            let lists = skeletons.iter().map(|own| list(&of(own))).collect::<Vec<_>>().join(", ");
            if key == "skeletons" { format!("[{lists}]") } else { lists }
        };
        let its = if key == "skeletons" { "their" } else { "its" };
        for (what, ends) in MOVED_SKELETONS {
            for (move_logit, step) in ends {
                let to = text(&|own| moved(own, target, move_logit));
                add(key, format!("{key}, {its} {what}"), text(&|own| own.to_vec()), (to.clone(), to), step.to_owned());
            }
        }
    }
    if let Some(Written::List(sds)) = variants.numbers("prior_sd") {
        for (factor, step) in [(1.0 / SD_FACTOR, format!("/ {SD_FACTOR}")), (SD_FACTOR, format!("× {SD_FACTOR}"))] {
            let to: Vec<f64> = sds.iter().map(|sd| decimals(sd * factor)).collect();
            add("prior_sd", "prior_sd".to_owned(), list(&sds), (list(&to), list(&to)), step);
        }
        if let Some(Written::List(means)) = variants.numbers("prior_mean") {
            for (place, (mean, sd)) in means.iter().zip(&sds).enumerate() {
                for side in [-SDS, SDS] {
                    let mut moved = means.clone();
                    moved[place] = decimals(mean + side * sd);
                    let to = (list(&moved), moved[place].to_string());
                    add("prior_mean", format!("prior_mean[{}]", place + 1), mean.to_string(), to, format!("{} SD", signed(side)));
                }
            }
        }
    }
    found
}

/// Whether a design that does not write a key is the one that has this number there.
fn is_default(variants: &Variants<'_>, key: &str, number: f64) -> bool {
    let change = keys::Change { key: key.to_owned(), value: Some(number.to_string()), place: 0..0 };
    let [own, written] = [vec![], vec![change]].map(|changes| variants.read("sensitivity", &changes).ok());
    own.zip(written).is_some_and(|(own, written)| synopsis(&own) == synopsis(&written))
}

/// How a logit moves, `move(own, aim)`, `aim` being the logit of the target.
type MoveLogit = fn(f64, f64) -> f64;

/// What is moved in skeletons that are lists: all logits of each to either side, and how far they are spread around that of the target,
/// where the prior guess of the MTD stays what it is. Each with the change in words.
const MOVED_SKELETONS: [(&str, [(MoveLogit, &str); 2]); 2] = [
    ("height", [(|own, _| own - 0.5, "logits −0.5"), (|own, _| own + 0.5, "logits +0.5")]),
    ("spread", [(|own, aim| aim + (own - aim) / 1.25, "/ 1.25"), (|own, aim| aim + 1.25 * (own - aim), "× 1.25")]),
];

/// A skeleton with its logits moved.
fn moved(skeleton: &[f64], target: f64, move_logit: MoveLogit) -> Vec<f64> {
    let logit = |p: f64| libm::log(p / (1.0 - p));
    let aim = logit(target);
    skeleton.iter().map(|&own| decimals(1.0 / (1.0 + libm::exp(-move_logit(logit(own), aim))))).collect()
}

/// How a number is changed.
#[derive(Clone, Copy)]
enum Step {
    /// Less and more by so much.
    By(f64),
    /// Divided and multiplied by a factor.
    Times(f64),
    /// What is missing to 1 doubled and halved: twice, and half as easily beyond the cut-off. It stays at 0.5 or above.
    Tail,
}

impl Step {
    /// The two values, each with the change in words.
    fn ends(self, from: f64) -> [(f64, String); 2] {
        match self {
            Self::By(step) => [-step, step].map(|step| (from + step, signed(step))),
            Self::Times(factor) => [(from / factor, format!("/ {factor}")), (from * factor, format!("× {factor}"))],
            Self::Tail => {
                let tail = 1.0 - from;
                let doubled = (1.0 - 2.0 * tail).max(from.min(0.5));
                [(doubled, "1 − cut-off doubled".to_owned()), (1.0 - tail / 2.0, "1 − cut-off halved".to_owned())]
            }
        }
    }
}

/// The keys that are changed where they are numbers, with the default where a design that does not write them has one.
const KEYS: [(&str, Option<f64>, Step); 8] = [
    ("cohort_size", Some(3.0), Step::By(1.0)),
    ("max_patients", Some(30.0), Step::By(6.0)),
    ("skeleton.prior_mtd", None, Step::By(1.0)),
    ("skeleton.halfwidth", None, Step::By(0.02)),
    ("prior_sd", None, Step::Times(SD_FACTOR)),
    ("elimination_cutoff", Some(0.95), Step::Tail),
    ("too_toxic_cutoff", None, Step::Tail),
    ("stop_at_patients", None, Step::By(3.0)),
];

/// A sum or a product as people would write it.
fn decimals(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// A change with its sign.
fn signed(number: f64) -> String {
    if number < 0.0 { format!("−{}", -number) } else { format!("+{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_move_by_their_tail() {
        let ends = |from| Step::Tail.ends(from).map(|(to, _)| decimals(to));
        assert_eq!(ends(0.95), [0.9, 0.975]);
        assert_eq!(ends(0.7), [0.5, 0.85]);
        // One that is below one half already is not lowered.
        assert_eq!(ends(0.4), [0.4, 0.7]);
    }

    /// Odds are multiplied by exp(0.5); spread leaves the target, and the order, alone.
    #[test]
    fn skeletons_move_on_the_logit_scale() {
        let skeleton = [0.05, 0.25, 0.5];
        let [low, high, narrow, wide] =
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(what, end)| moved(&skeleton, 0.25, MOVED_SKELETONS[what].1[end].0));
        let odds = |p: f64| p / (1.0 - p);
        for ((own, low), high) in skeleton.iter().zip(&low).zip(&high) {
            assert!((odds(*high) / odds(*own) - libm::exp(0.5)).abs() < 1e-4);
            assert!((odds(*own) / odds(*low) - libm::exp(0.5)).abs() < 1e-4);
        }
        assert_eq!((narrow[1], wide[1]), (0.25, 0.25));
        assert!(narrow[0] > 0.05 && wide[0] < 0.05 && narrow[2] < 0.5 && wide[2] > 0.5);
        assert!((libm::log(odds(wide[2]) / odds(0.25)) / libm::log(odds(0.5) / odds(0.25)) - 1.25).abs() < 1e-4);
    }
}
