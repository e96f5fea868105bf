//! What the run found, in plain sentences made from the numbers. A simulated number that leaves more than one answer open is given
//! as an interval, and a difference whose interval contains zero is not called one.

use super::table::{Kind, Spread, in_hundred, show};
use super::tables::{differences_in, doses, mean_and_worst, spread_of};
use crate::design::Plan;
use crate::measure::{Characteristic, Difference, Results, Source, Summary};
use crate::scenario::{Place, Scenario};
use crate::study::Study;

/// What the first design does under each scenario: one sentence each.
pub(super) fn by_scenario(study: &Study, results: &Results) -> Vec<String> {
    let mut sentences = Vec::new();
    for (scenario, summaries) in study.scenarios.iter().zip(&results.summaries) {
        let first = study.designs.iter().zip(summaries).find(|(design, _)| !matches!(design.plan, Plan::Benchmark(_)));
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

/// How every other design compares with the first one: one sentence each. The benchmark is no design that could be chosen instead.
pub(super) fn comparisons(study: &Study, results: &Results) -> Vec<String> {
    let is_rule = |place: &usize| !matches!(study.designs[*place].plan, Plan::Benchmark(_));
    (1..study.designs.len()).filter(is_rule).filter_map(|place| comparison(study, results, place)).collect()
}

/// The sentence below a scenario's block: what a hundred trials under each design end with.
pub(super) fn block_sentence(study: &Study, scenario: &Scenario, summaries: &[Summary]) -> String {
    let designs = study.designs.iter().zip(summaries);
    let clauses =
        designs.filter_map(|(design, summary)| Some(format!("{}: {}", design.name, clauses(study, scenario, summary)?)));
    format!("Of 100 trials like this. {}.", clauses.collect::<Vec<_>>().join(". "))
}

/// `about 30 select 1.0 mg/kg, about 11 a dose that is too toxic, about 10 no dose`; `None` without the numbers.
fn clauses(study: &Study, scenario: &Scenario, summary: &Summary) -> Option<String> {
    let hundred =
        |metric: &str, level| summary.get(metric, level).map(|found| in_hundred(found.value, spread_of(study, found.std_error)));
    let correct = hundred("correct_selection", None)?;
    let too_toxic = hundred("over_selection", None);
    let Some(level) = scenario.correct else {
        let all_too_toxic = scenario.toxicity.iter().all(|&toxicity| study.target.place(toxicity) == Place::Over);
        let (others, words) = if all_too_toxic {
            (too_toxic, "a dose, which is too toxic")
        } else {
            let none = summary.get("selection", Some(0))?;
            (Some(in_hundred(1.0 - none.value, spread_of(study, none.std_error))), "a dose")
        };
        let others = others.map_or_else(String::new, |count| format!(" and {count} select {words}"));
        return Some(format!("{correct} rightly select no dose{others}"));
    };
    let mut parts = vec![format!("{correct} select {}", doses(study).get(level)?)];
    // A study may name a level above the band as the correct one; it must not be counted twice.
    let overlaps = scenario.toxicity.get(level).is_some_and(|&toxicity| study.target.place(toxicity) == Place::Over);
    parts.extend(too_toxic.filter(|_| !overlaps).map(|count| format!("{count} a dose that is too toxic")));
    parts.extend(hundred("selection", Some(0)).map(|count| format!("{count} no dose")));
    Some(parts.join(", "))
}

/// How one design compares with the first one: in how many scenarios it is right more or less often, by how much, and what it costs.
fn comparison(study: &Study, results: &Results, place: usize) -> Option<String> {
    let first = &study.designs.first()?.name;
    let name = &study.designs.get(place)?.name;
    let correct = counted(results, place, "correct_selection")?.words();
    let (mean, worst) = amount(results, place, "correct_selection", Kind::Percent, true)?;
    let mut sentence = format!(
        "Against {first}, {name} selects the correct dose {correct} (on average {mean} percentage points, at worst {worst})"
    );
    if let Some(over) = counted(results, place, "over_selection")
        && let Some((mean, worst)) = amount(results, place, "over_selection", Kind::Percent, false)
    {
        sentence.push_str(&format!(", a dose that is too toxic {} (on average {mean}, at worst {worst})", over.words()));
    }
    let patients = amount(results, place, "total_patients", Kind::Mean, false);
    let dlts = amount(results, place, "total_dlts", Kind::Dlts, false);
    if let (Some((patients, most_patients)), Some((dlts, most_dlts))) = (patients, dlts) {
        sentence.push_str(&format!(
            ". Patients: {patients} on average, {most_patients} where it adds most. \
             DLTs: {dlts} on average, {most_dlts} where it adds most"
        ));
    }
    sentence.push('.');
    Some(sentence)
}

/// Mean and worst of a difference over the scenarios, as printed: simulated, the 95 % interval.
fn amount(results: &Results, place: usize, metric: &str, kind: Kind, lowest_is_worst: bool) -> Option<(String, String)> {
    let [mean, worst] = mean_and_worst(&differences_in(results, place, metric), lowest_is_worst)?;
    let words = |(value, spread): (f64, Spread)| {
        let Some((lower, upper)) = spread.limits(value) else { return show(kind, true, value, spread).number };
        let [lower, upper] = [lower, upper].map(|end| show(kind, true, end, spread).number);
        if lower == upper { lower } else { format!("between {lower} and {upper}") }
    };
    Some((words(mean), words(worst)))
}

/// Which designs do best under each scenario, and where the first design is not outdone. The benchmark is no design that could be
/// chosen instead.
pub(super) fn winners(study: &Study, results: &Results) -> Vec<String> {
    let is_rule = |place: &usize| !matches!(study.designs[*place].plan, Plan::Benchmark(_));
    let rules: Vec<usize> = (0..study.designs.len()).filter(is_rule).collect();
    if rules.len() < 2 {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    for (scenario, summaries) in study.scenarios.iter().zip(&results.summaries) {
        let correct = best(study, summaries, &rules, "correct_selection", true);
        let over = best(study, summaries, &rules, "over_selection", false);
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
    let simulated = results.summaries.iter().flatten().any(|summary| summary.source == Source::MonteCarlo);
    let caveat = if simulated { ", as far as this run can tell" } else { "" };
    let questions = [
        ("correct_selection", true, "selects the correct dose more often"),
        ("over_selection", false, "selects a dose that is too toxic less often"),
    ];
    // The differences are those from the first design.
    for (metric, highest, words) in questions.into_iter().filter(|_| rules[0] == 0) {
        let first = &study.designs[0].name;
        sentences.push(match unbeaten(study, results, &rules, metric, highest) {
            Some(places) => format!("No other design {words} than {first} {places}{caveat}."),
            None => format!("In every scenario some other design {words} than {first}."),
        });
    }
    sentences
}

/// The designs with the best value of a probability, and how many in a hundred trials that is: `A and B, in about 66 of 100 trials`. Exact values that print
/// alike are equally good, and so are simulated ones whose intervals overlap the best one's. `None` where the scenario has no such
/// number, or all designs are equally good.
fn best(study: &Study, summaries: &[Summary], rules: &[usize], metric: &str, highest: bool) -> Option<String> {
    let valued = |&place: &usize| {
        let found = summaries.get(place)?.get(metric, None)?;
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
    let good: Vec<&str> =
        all.iter().filter(|other| is_as_good(other)).map(|&(place, ..)| study.designs[place].name.as_str()).collect();
    let names = match good[..] {
        _ if good.len() == all.len() => return None,
        [one] => {
            let place = all.iter().find(|other| is_as_good(other)).map_or(0, |&(place, ..)| place);
            let patients = summaries.get(place).and_then(|summary| summary.get("total_patients", None));
            let mean = |found: &Characteristic| show(Kind::Mean, false, found.value, spread_of(study, found.std_error)).number;
            patients.map_or_else(|| one.to_owned(), |found| format!("{one} ({} patients on average)", mean(found)))
        }
        [ref some @ .., last] if good.len() <= 4 => format!("{} and {last}", some.join(", ")),
        _ => format!("{} and {} others", good[..3].join(", "), good.len() - 3),
    };
    let alike = match (good.len(), spread) {
        (1, _) => "",
        (_, Spread::Exact) => ", equally often",
        _ => ", whom this run cannot tell apart",
    };
    Some(format!("{names}, in {} of 100 trials{alike}", in_hundred(value, spread)))
}

/// In which scenarios no other design is better than the first one in a probability: `in 2 of 8 scenarios (“A”, “B”)`. `None` when
/// there is none.
fn unbeaten(study: &Study, results: &Results, rules: &[usize], metric: &str, highest: bool) -> Option<String> {
    let sign = if highest { 1.0 } else { -1.0 };
    let is_better = |difference: &Difference| {
        let is_zero = show(Kind::Percent, false, difference.difference, Spread::Exact).number == "0.0";
        let (lower, upper) =
            difference.error.map_or((difference.difference, difference.difference), |(_, lower, upper)| (lower, upper));
        sign * lower > 0.0 && sign * upper > 0.0 && !(is_zero && difference.error.is_none())
    };
    let is_unbeaten = |designs: &Vec<Vec<Difference>>| {
        let of = |&place: &usize| designs.get(place)?.iter().find(|found| found.metric == metric && found.level.is_none());
        let found: Vec<&Difference> = rules.iter().skip(1).filter_map(of).collect();
        !found.is_empty() && !found.into_iter().any(is_better)
    };
    let scenarios = study.scenarios.iter().zip(&results.differences);
    let names: Vec<String> =
        scenarios.filter(|(_, designs)| is_unbeaten(designs)).map(|(scenario, _)| format!("“{}”", scenario.name)).collect();
    let total = study.scenarios.len();
    (!names.is_empty()).then(|| {
        format!("in {} of {total} {} ({})", names.len(), if total == 1 { "scenario" } else { "scenarios" }, names.join(", "))
    })
}

/// In how many scenarios a probability is higher or lower than the first design's, the same, or not to be told apart from it.
#[derive(Default)]
struct Counted {
    higher: usize,
    lower: usize,
    same: usize,
    open: usize,
}

impl Counted {
    /// `more often in 4 and less often in 1 of 5 scenarios`.
    fn words(&self) -> String {
        let counts = [
            (self.higher, "more often"),
            (self.lower, "less often"),
            (self.same, "equally often"),
            (self.open, "no more and no less often, as far as this run can tell,"),
        ];
        let total: usize = counts.iter().map(|(count, _)| count).sum();
        let found = counts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = found.map(|(count, words)| format!("{words} in {count}")).collect();
        format!("{} of {total} {}", parts.join(", "), if total == 1 { "scenario" } else { "scenarios" })
    }
}

/// Count the scenarios. An exact difference is the same when it prints as zero, a simulated one is open when its interval holds zero.
fn counted(results: &Results, place: usize, metric: &str) -> Option<Counted> {
    let mut counted = Counted::default();
    let found = results.differences.iter().filter_map(|designs| {
        designs.get(place)?.iter().find(|difference| difference.metric == metric && difference.level.is_none())
    });
    let mut any = false;
    for difference in found {
        any = true;
        let is_zero = show(Kind::Percent, false, difference.difference, Spread::Exact).number == "0.0";
        let count = match difference.error {
            Some((_, lower, upper)) if lower <= 0.0 && upper >= 0.0 => &mut counted.open,
            None if is_zero => &mut counted.same,
            _ if difference.difference > 0.0 => &mut counted.higher,
            _ => &mut counted.lower,
        };
        *count += 1;
    }
    any.then_some(counted)
}

/// The title above everything: what was compared under what.
pub(super) fn subtitle(study: &Study) -> String {
    let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let curves = count(study.scenarios.len(), "toxicity scenario", "toxicity scenarios");
    format!(
        "{} under {curves}, {}",
        count(study.designs.len(), "design", "designs"),
        count(study.doses.levels.len(), "dose level", "dose levels")
    )
}
