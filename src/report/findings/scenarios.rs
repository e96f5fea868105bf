//! Scenario by scenario: what the first design does, and which design does best.

use super::{has_too_toxic, in_list, rules};
use crate::measure::{Characteristic, Metric, Results, Summary};
use crate::report::table::{Kind, Spread, in_hundred, show};
use crate::report::tables::{doses, spread_of, spread_of_proportion};
use crate::scenario::{Place, Scenario};
use crate::study::Study;

/// What the first design does under each scenario: one sentence each.
pub(super) fn by_scenario(study: &Study, results: &Results) -> Vec<String> {
    let mut sentences = Vec::new();
    for (scenario, summaries) in study.scenarios.iter().zip(&results.summaries) {
        let first = rules(study).first().and_then(|&place| Some((&study.designs[place], summaries.get(place)?)));
        if let Some((design, summary)) = first
            && let Some(clauses) = clauses(study, scenario, summary)
        {
            let condition = match scenario.correct {
                Some(level) => format!("If {} is the right dose", doses(study).get(level).map_or("", String::as_str)),
                None => "If no dose is the right one".to_owned(),
            };
            let (under, name) = (&design.name, &scenario.name);
            sentences.push(format!("{condition} (scenario “{name}”), then of 100 trials under {under} {clauses}."));
        }
    }
    sentences
}

/// The sentence below a scenario's block: what a hundred trials under each design end with.
pub(in crate::report) fn block_sentence(study: &Study, scenario: &Scenario, summaries: &[Summary]) -> String {
    let designs = study.designs.iter().zip(summaries);
    let clauses =
        designs.filter_map(|(design, summary)| Some(format!("{}: {}", design.name, clauses(study, scenario, summary)?)));
    format!("Of 100 trials like this. {}.", clauses.collect::<Vec<_>>().join(". "))
}

/// `about 30 select 1.0 mg/kg, about 11 a dose that is too toxic, about 49 a lower dose, about 10 no dose`, which are all trials;
/// `None` without the numbers.
fn clauses(study: &Study, scenario: &Scenario, summary: &Summary) -> Option<String> {
    let hundred = |metric| summary.get(metric).map(|found| in_hundred(found.value, spread_of(study, found.std_error)));
    let correct = hundred(Metric::CorrectSelection)?;
    let too_toxic = hundred(Metric::OverSelection);
    let Some(level) = scenario.correct else {
        let all_too_toxic = scenario.toxicity.iter().all(|&toxicity| study.target.place(toxicity) == Place::Over);
        let (others, words) = if all_too_toxic {
            (too_toxic, "a dose, which is too toxic")
        } else {
            let none = summary.get(Metric::Selection(None))?;
            (Some(in_hundred(1.0 - none.value, spread_of(study, none.std_error))), "a dose")
        };
        let others = others.map_or_else(String::new, |count| format!(" and {count} select {words}"));
        return Some(format!("{correct} rightly select no dose{others}"));
    };
    let mut parts = vec![format!("{correct} select {}", doses(study).get(level)?)];
    // A study may name a level above the band as the correct one; it must not be counted twice.
    let is_over =
        |level: usize| scenario.toxicity.get(level).is_some_and(|&toxicity| study.target.place(toxicity) == Place::Over);
    let counted = !is_over(level) && has_too_toxic(study, scenario);
    parts.extend(too_toxic.filter(|_| counted).map(|count| format!("{count} a dose that is too toxic")));
    let others: Vec<usize> =
        (0..scenario.toxicity.len()).filter(|&other| other != level && !(counted && is_over(other))).collect();
    let found = others.iter().map(|&other| summary.value(Metric::Selection(Some(other))));
    if let Some(share) = found.sum::<Option<f64>>().filter(|_| !others.is_empty()) {
        let count = in_hundred(share, spread_of_proportion(study, summary, share));
        let words = if others.iter().all(|&other| other < level) { "a lower dose" } else { "another dose" };
        parts.push(format!("{count} {words}"));
    }
    parts.extend(hundred(Metric::Selection(None)).map(|count| format!("{count} no dose")));
    // What cannot happen goes without saying, but for the right dose.
    let (right, wrong) = parts.split_first()?;
    let wrong = wrong.iter().filter(|part| !part.starts_with("none "));
    Some(std::iter::once(right).chain(wrong).cloned().collect::<Vec<_>>().join(", "))
}

/// Which designs do best under each scenario: one sentence each.
pub(super) fn winners(study: &Study, results: &Results) -> Vec<String> {
    let rules = rules(study);
    if rules.len() < 2 {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    for (scenario, summaries) in study.scenarios.iter().zip(&results.summaries) {
        let correct = best(study, summaries, &rules, Metric::CorrectSelection, true);
        let over = best(study, summaries, &rules, Metric::OverSelection, false);
        let dose = scenario.correct.and_then(|level| doses(study).get(level).cloned());
        let right = dose.map_or_else(
            || "the right answer, no dose, is given".to_owned(),
            |dose| format!("the right dose, {dose}, is selected"),
        );
        let mut clauses = Vec::new();
        clauses.extend(correct.map(|best| format!("{right} most often by {best}")));
        clauses.extend(over.map(|best| format!("a dose that is too toxic is selected least often by {best}")));
        if !clauses.is_empty() {
            sentences.push(format!("Under “{}”, {}.", scenario.name, clauses.join("; ")));
        }
    }
    sentences
}

/// The designs with the best value of a probability, and how many in a hundred trials that is: `A and B, in about 66 of 100 trials`. Exact values that print
/// alike are equally good, and so are simulated ones whose intervals overlap the best one's. `None` where the scenario has no such
/// number, or all designs are equally good.
fn best(study: &Study, summaries: &[Summary], rules: &[usize], metric: Metric, highest: bool) -> Option<String> {
    let valued = |&place: &usize| {
        let found = summaries.get(place)?.get(metric)?;
        Some((place, found.value, spread_of(study, found.std_error)))
    };
    let all: Vec<(usize, f64, Spread)> = rules.iter().filter_map(valued).collect();
    let sign = if highest { 1.0 } else { -1.0 };
    let &(_, value, spread) = all.iter().max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
    let ends = |value, spread: Spread| spread.limits(value).unwrap_or((value, value));
    let printed = |value| show(Kind::Percent, false, value, Spread::Exact).number;
    let (lowest, highest) = ends(value, spread);
    let is_as_good = |&(_, other, other_spread): &(usize, f64, Spread)| {
        let (lower, upper) = ends(other, other_spread);
        printed(other) == printed(value) || (lower <= highest && upper >= lowest)
    };
    let name = |place: usize| study.designs[place].name.as_str();
    let good: Vec<String> = all.iter().filter(|other| is_as_good(other)).map(|&(place, ..)| in_list(name(place))).collect();
    let names = match &good[..] {
        _ if good.len() == all.len() => return None,
        [_] => {
            let place = all.iter().find(|other| is_as_good(other)).map_or(0, |&(place, ..)| place);
            let patients = summaries.get(place).and_then(|summary| summary.get(Metric::TotalPatients));
            let mean = |found: &Characteristic| show(Kind::Mean, false, found.value, spread_of(study, found.std_error)).number;
            let one = name(place);
            patients.map_or_else(|| one.to_owned(), |found| format!("{one} ({} patients on average)", mean(found)))
        }
        [some @ .., last] if good.len() <= 4 => format!("{} and {last}", some.join(", ")),
        _ => format!("{} and {} others", good[..3].join(", "), good.len() - 3),
    };
    let alike = match (good.len(), spread) {
        (1, _) => "",
        (_, Spread::Exact) => ", equally often",
        _ => ", which this run cannot tell apart",
    };
    Some(format!("{names}, in {} of 100 trials{alike}", in_hundred(value, spread)))
}
