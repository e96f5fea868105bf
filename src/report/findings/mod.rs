//! What the run found, in plain sentences made from the numbers. A simulated number that leaves more than one answer open is given
//! as an interval, and a difference whose interval contains zero is not called one.

mod beyond;
mod comparisons;
mod scenarios;

pub(super) use scenarios::block_sentence;

use super::table::{Kind, Spread, in_hundred, show};
use super::tables::{Valued, mean_and_worst, spread_of};
use crate::design::Plan;
use crate::measure::{Metric, Results};
use crate::scenario::{Place, Scenario};
use crate::study::Study;

/// The most findings that stand at the top.
const MOST: usize = 10;

/// The findings of a run.
pub(super) struct Findings {
    /// The answer: what the first design does, and which designs do it better at what price.
    pub(super) headline: Option<String>,
    /// What a reader should know next.
    pub(super) first: Vec<String>,
    /// The rest, in lists of one kind each.
    pub(super) more: Vec<Vec<String>>,
}

impl Findings {
    /// Of a study and its results.
    pub(super) fn new(study: &Study, results: &Results) -> Self {
        let by_scenario = scenarios::by_scenario(study, results);
        let comparisons = comparisons::Comparisons::new(study, results);
        let mut first = comparisons.as_ref().map_or_else(Vec::new, comparisons::Comparisons::standings);
        first.extend(comparisons.as_ref().and_then(comparisons::Comparisons::within_plan));
        first.extend(super::tables::worst_findings(study, results));
        first.extend(beyond::populations(study, results));
        first.extend(comparisons.as_ref().map_or_else(Vec::new, comparisons::Comparisons::unbeaten));
        let headline = headline(study, results, &by_scenario).map(|own| {
            let better = comparisons.as_ref().map_or_else(String::new, |comparisons| format!(" {}", comparisons.better()));
            format!("{own}{better}")
        });
        // The sentence on a single scenario is the headline.
        let by_scenario = if study.scenarios.len() > 1 { by_scenario } else { Vec::new() };
        let mut more = vec![by_scenario, scenarios::winners(study, results)];
        // Where there is nothing to compare with, what the only design does is the first thing to know.
        if first.is_empty() {
            first = more.remove(0);
        }
        more.insert(0, first.split_off(first.len().min(MOST)));
        more.extend(comparisons.map(|comparisons| comparisons.each()));
        more.retain(|list| !list.is_empty());
        Self { headline, first, more }
    }
}

/// What the first design does over the scenarios; under a single one, the sentence that is said of it.
fn headline(study: &Study, results: &Results, by_scenario: &[String]) -> Option<String> {
    if study.scenarios.len() < 2 {
        return by_scenario.first().cloned();
    }
    let place = *rules(study).first()?;
    let correct = over_scenarios(study, results, place, Metric::CorrectSelection);
    let [(mean, spread), (worst, worst_spread)] = mean_and_worst(&values(&correct), true)?;
    let mut sentence = format!(
        "In 100 trials like this, averaged over the {} scenarios with equal weights, {} makes the right selection in {}, and in {} \
         where it does worst{}",
        study.scenarios.len(),
        study.designs[place].name,
        in_hundred(mean, spread),
        in_hundred(worst, worst_spread),
        lowest_alone(study, &correct).map_or_else(String::new, |scenario| format!(" (“{}”)", scenario.name)),
    );
    let over = over_scenarios(study, results, place, Metric::OverSelection);
    if let Some([(mean, spread), _]) = mean_and_worst(&values(&over), false)
        && study.scenarios.iter().any(|scenario| has_too_toxic(study, scenario))
    {
        sentence.push_str(&format!("; it selects a dose that is too toxic in {}", in_hundred(mean, spread)));
    }
    sentence.push('.');
    Some(sentence)
}

/// The scenario with the lowest value, where the run can tell it from all others.
fn lowest_alone<'a>(study: &'a Study, found: &[(usize, Valued)]) -> Option<&'a Scenario> {
    let &(lowest, (value, error)) = found.iter().min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    let is_above = |&(place, (other, other_error)): &(usize, Valued)| {
        place == lowest || (printed(other) != printed(value) && other - 1.96 * other_error > value + 1.96 * error)
    };
    found.iter().all(is_above).then(|| study.scenarios.get(lowest))?
}

/// A characteristic of a design under each scenario that has it, with its standard error, zero when exact.
fn over_scenarios(study: &Study, results: &Results, place: usize, metric: Metric) -> Vec<(usize, Valued)> {
    let valued = |(scenario, summaries): (usize, &Vec<crate::measure::Summary>)| {
        let found = summaries.get(place)?.get(metric)?;
        let error = match spread_of(study, found.std_error) {
            Spread::StdError(error) | Spread::AtMost(error) => error,
            Spread::Exact | Spread::Interval { .. } => 0.0,
        };
        Some((scenario, (found.value, error)))
    };
    results.summaries.iter().enumerate().filter_map(valued).collect()
}

/// The values without their scenarios.
fn values(found: &[(usize, Valued)]) -> Vec<Valued> {
    found.iter().map(|(_, value)| *value).collect()
}

/// A probability as the tables print it when it is exact.
fn printed(probability: f64) -> String {
    show(Kind::Percent, false, probability, Spread::Exact).number
}

/// The places of the designs that could be chosen: all but the benchmark, which is a reference.
fn rules(study: &Study) -> Vec<usize> {
    (0..study.designs.len()).filter(|&place| !matches!(study.designs[place].plan, Plan::Benchmark(_))).collect()
}

/// Whether a scenario has a level whose toxicity is above the acceptable band.
fn has_too_toxic(study: &Study, scenario: &Scenario) -> bool {
    scenario.toxicity.iter().any(|&toxicity| study.target.place(toxicity) == Place::Over)
}

/// A name among others: in quotes where it has a comma of its own.
fn in_list(name: &str) -> String {
    if name.contains(',') { format!("“{name}”") } else { name.to_owned() }
}

/// `A, B and C`; of many the first ones: `A, B, C and 4 others`.
fn listed(names: &[String], most: usize) -> String {
    let (shown, rest) = if names.len() > most { (&names[..most - 1], names.len() - (most - 1)) } else { (names, 0) };
    match (shown, rest) {
        ([], _) => String::new(),
        (shown, 1..) => format!("{} and {rest} others", shown.join(", ")),
        ([one], 0) => one.clone(),
        ([some @ .., last], 0) => format!("{} and {last}", some.join(", ")),
    }
}

/// The title above everything: what was compared under what.
pub(super) fn subtitle(study: &Study) -> String {
    let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let mut curves = count(study.scenarios.len(), "toxicity scenario", "toxicity scenarios");
    if study.scenarios.is_empty() {
        curves = count(study.populations.len(), "population of toxicity curves", "populations of toxicity curves");
    }
    format!(
        "{} under {curves}, {}",
        count(study.designs.len(), "design", "designs"),
        count(study.doses.levels.len(), "dose level", "dose levels")
    )
}
