//! Variants of a design with one change each: another target, or a key moved by the step that its description has.

use crate::design::Plan;
use crate::keys::{self, Description, Step, Usual};
use crate::study::{SHIFT, Study, StudyDesign, Variants, Written};

/// A design with one change.
pub(super) struct Variant {
    /// What is changed, what it was, what it becomes, and how.
    pub(super) words: [String; 4],
    pub(super) design: StudyDesign,
}

/// What is changed when the design aims at another target.
pub(super) const TARGET: &str = "target of the design";

/// The targets to either side.
pub(super) fn targets(target: f64) -> Vec<f64> {
    [target - SHIFT, target + SHIFT].map(decimals).into_iter().filter(|to| 0.0 < *to && *to < 1.0).collect()
}

/// Whether a design is described by the same words when it aims at this target.
pub(super) fn is_aimed_alike(study: &Study, design: usize, target: f64) -> bool {
    let variant = Variants::new(study, design).and_then(|variants| variants.aiming_at(target).read("sensitivity", &[]).ok());
    variant.is_none_or(|variant| synopsis(&variant) == synopsis(&study.designs[design]))
}

/// A rule in words, with every value.
fn synopsis(design: &StudyDesign) -> Vec<(String, String)> {
    match &design.plan {
        Plan::Rule(rule) => rule.synopsis(),
        Plan::LateOnset(_) | Plan::Benchmark(_) => Vec::new(),
    }
}

/// The design with one change at a time: the target that it aims at, then its keys that have a step and a value: numbers, then lists of
/// probabilities, of standard deviations, and of means. Where the design's reader does not take a value, a note says so.
pub(super) fn variants(study: &Study, design: usize, notes: &mut Vec<String>) -> Vec<Variant> {
    let Some(variants) = Variants::new(study, design) else { return Vec::new() };
    let target = study.target.value;
    let mut found = Vec::new();
    for to in targets(target) {
        if let Ok(design) = variants.clone().aiming_at(to).read("sensitivity", &[]) {
            let words = [TARGET.to_owned(), target.to_string(), to.to_string(), signed(decimals(to - target))];
            found.push(Variant { words, design });
        }
    }
    let keys = variants.described();
    let moves = keys.iter().flat_map(|(key, about)| numbers(&variants, key, about));
    let moves = moves.chain(keys.iter().flat_map(|(key, about)| skeletons(&variants, key, about, target)));
    let moves = moves.chain(keys.iter().flat_map(|(key, about)| factors(&variants, key, about)));
    let moves = moves.chain(keys.iter().flat_map(|(key, about)| deviations(&variants, key, about)));
    for Move { key, value, words } in moves {
        let change = keys::Change { key, value: Some(value), place: 0..0 };
        match variants.read("sensitivity", &[change]) {
            Ok(design) => found.push(Variant { words, design }),
            Err(complaints) => {
                let [what, _, to, _] = words;
                let why = complaints.first().map(|complaint| format!(": {}", complaint.message)).unwrap_or_default();
                notes.push(format!("{what} = {to} is left out, not being a value of the design{why}."));
            }
        }
    }
    found
}

/// Another value of a key.
struct Move {
    key: String,
    /// As TOML writes it.
    value: String,
    /// As those of a [`Variant`].
    words: [String; 4],
}

/// A key that is a number, or whose default is one, moved to either side.
fn numbers(variants: &Variants<'_>, key: &str, about: &Description) -> Vec<Move> {
    let Some(step) = about.step else { return Vec::new() };
    let from = match (variants.numbers(key), about.usual) {
        (Some(Written::Number(from)), _) => from,
        (None, Usual::Number(from)) if variants.written(key).is_none() => from,
        (None, Usual::Whole(from)) if variants.written(key).is_none() => from as f64,
        _ => return Vec::new(),
    };
    // A cut-off of 1 or of less than one half has an end that it is at already.
    let ends = ends(step, from).into_iter().map(|(to, words)| (decimals(to), words)).filter(|(to, _)| *to != from);
    let moved = |(to, step): (f64, String)| Move {
        key: key.to_owned(),
        value: to.to_string(),
        words: [key.to_owned(), from.to_string(), to.to_string(), step],
    };
    ends.map(moved).collect()
}

/// The two values to either side of a number, each with the change in words.
fn ends(step: Step, from: f64) -> Vec<(f64, String)> {
    match step {
        Step::By(step) => [-step, step].map(|step| (from + step, signed(step))).to_vec(),
        Step::Times(factor) => vec![(from / factor, format!("/ {factor}")), (from * factor, format!("× {factor}"))],
        Step::Tail => {
            let tail = 1.0 - from;
            let doubled = (1.0 - 2.0 * tail).max(from.min(0.5));
            vec![(doubled, "1 − cut-off doubled".to_owned()), (1.0 - tail / 2.0, "1 − cut-off halved".to_owned())]
        }
        Step::Logits(..) | Step::Deviations(..) => Vec::new(),
    }
}

/// Skeletons that are lists, all together: all logits of each to either side, and how far they are spread around that of the target,
/// where the prior guess of the MTD stays what it is.
fn skeletons(variants: &Variants<'_>, key: &str, about: &Description, target: f64) -> Vec<Move> {
    let Some(Step::Logits(height, spread)) = about.step else { return Vec::new() };
    let (lists, its) = match variants.numbers(key) {
        Some(Written::List(own)) => (vec![own], "its"),
        Some(Written::Lists(lists)) => (lists, "their"),
        _ => return Vec::new(),
    };
    let text = |of: &dyn Fn(&[f64]) -> Vec<f64>| {
        let texts = lists.iter().map(|own| list(&of(own))).collect::<Vec<_>>().join(", ");
        if its == "their" { format!("[{texts}]") } else { texts }
    };
    let from = text(&<[f64]>::to_vec);
    let heights = [-height, height].map(|by| ("height", (by, 1.0), format!("logits {}", signed(by))));
    let spreads =
        [(1.0 / spread, format!("/ {spread}")), (spread, format!("× {spread}"))].map(|(by, step)| ("spread", (0.0, by), step));
    let moved = |(what, by, step)| {
        let value = text(&|own| moved(own, target, by));
        let words = [format!("{key}, {its} {what}"), from.clone(), value.clone(), step];
        Move { key: key.to_owned(), value, words }
    };
    heights.into_iter().chain(spreads).map(moved).collect()
}

/// A skeleton with its logits moved by the first, and spread around that of the target by the second.
fn moved(skeleton: &[f64], target: f64, (height, spread): (f64, f64)) -> Vec<f64> {
    let logit = |p: f64| libm::log(p / (1.0 - p));
    let aim = logit(target);
    let to = |own: f64| if spread == 1.0 { own + height } else { aim + spread * (own - aim) };
    skeleton.iter().map(|&own| decimals(1.0 / (1.0 + libm::exp(-to(logit(own)))))).collect()
}

/// A list that is divided and multiplied.
fn factors(variants: &Variants<'_>, key: &str, about: &Description) -> Vec<Move> {
    let (Some(Step::Times(factor)), Some(Written::List(own))) = (about.step, variants.numbers(key)) else { return Vec::new() };
    let ends = [(1.0 / factor, format!("/ {factor}")), (factor, format!("× {factor}"))];
    let moved = |(by, step)| {
        let value = list(&own.iter().map(|number| decimals(number * by)).collect::<Vec<_>>());
        Move { key: key.to_owned(), words: [key.to_owned(), list(&own), value.clone(), step], value }
    };
    ends.map(moved).into()
}

/// Each number of a list moved by the standard deviations that another key has.
fn deviations(variants: &Variants<'_>, key: &str, about: &Description) -> Vec<Move> {
    let Some(Step::Deviations(sds, of)) = about.step else { return Vec::new() };
    let (Some(Written::List(own)), Some(Written::List(deviations))) = (variants.numbers(key), variants.numbers(of)) else {
        return Vec::new();
    };
    let mut moves = Vec::new();
    for (place, (number, deviation)) in own.iter().zip(&deviations).enumerate() {
        for by in [-sds, sds] {
            let mut moved = own.clone();
            moved[place] = decimals(number + by * deviation);
            let what = format!("{key}[{}]", place + 1);
            let words = [what, number.to_string(), moved[place].to_string(), format!("{} SD", signed(by))];
            moves.push(Move { key: key.to_owned(), value: list(&moved), words });
        }
    }
    moves
}

/// Numbers as TOML writes a list of them.
fn list(numbers: &[f64]) -> String {
    format!("[{}]", numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", "))
}

/// A sum or a product as people would write it.
pub(super) fn decimals(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// A change with its sign.
pub(super) fn signed(number: f64) -> String {
    if number < 0.0 { format!("−{}", -number) } else { format!("+{number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_move_by_their_tail() {
        let to = |from| ends(Step::Tail, from).into_iter().map(|(to, _)| decimals(to)).collect::<Vec<_>>();
        assert_eq!(to(0.95), [0.9, 0.975]);
        assert_eq!(to(0.7), [0.5, 0.85]);
        // One that is below one half already is not lowered.
        assert_eq!(to(0.4), [0.4, 0.7]);
    }

    /// Odds are multiplied by exp(0.5); spread leaves the target, and the order, alone.
    #[test]
    fn skeletons_move_on_the_logit_scale() {
        let skeleton = [0.05, 0.25, 0.5];
        let [low, high, narrow, wide] =
            [(-0.5, 1.0), (0.5, 1.0), (0.0, 1.0 / 1.25), (0.0, 1.25)].map(|by| moved(&skeleton, 0.25, by));
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
