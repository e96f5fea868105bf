//! `[tune]`: which keys of a design are varied, and what is looked for.
//!
//! ```toml
//! [tune]
//! design = "BOIN 16"
//! parameters.cohort_size = [1, 2, 3]
//! parameters.max_patients = { from = 12, to = 30, step = 3 }
//! objective = { maximise = "correct_selection" }
//! limits = [{ metric = "overdose_60", at_most = 0.1, over = "worst" }]
//! ```
//!
//! | key | default | |
//! |---|---|---|
//! | `name` | the design's name | |
//! | `design` | required | a design of the study |
//! | `parameters` | required | keys of the design, those of a table inside it included: a list of values, `"absent"` leaving the key out, or a range `{ from, to }` with `step` or `count` |
//! | `one_at_a_time` | false | each value alone, all else as the design is written, instead of every combination |
//! | `scenarios` | all | names |
//! | `weights` | equal | one for each scenario |
//! | `population` | none | in place of scenarios: the curves of a population, with equal weights |
//! | `objective` | `{ maximise = "correct_selection" }` | `maximise` or `minimise` a trial-level metric or one of the parameters; `over` = `"mean"` (default) or `"worst"` |
//! | `limits` | none | each a `metric` with `at_most` or `at_least`, and `over` |
//! | `search` | `"grid"` | `"refine"`: the grid, and then `rounds` (4) more, each looking half as far around the best as the one before |
//!
//! A study can have several, as blocks `[[tune]]`.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use std::ops::Range;

use super::{Study, Variants};
use crate::design::Plan;
use crate::keys::{Change, Complaint, Entry, Keys, Within, closest};
use crate::numeric::exact::decimal;
use crate::scenario::Scenario;

/// The characteristics of a whole trial, by the names of the data files. Calendar time is last.
pub const TRIAL_METRICS: [&str; 25] = [
    "correct_selection",
    "acceptable_selection",
    "over_selection",
    "under_selection",
    "accuracy_index",
    "total_patients",
    "total_dlts",
    "share_at_mtd",
    "share_above_mtd",
    "dlt_rate",
    "dlt_rate_trial_mean",
    "poor_allocation",
    "overdose_60",
    "overdose_80",
    "cohorts",
    "total_patients_q05",
    "total_patients_q50",
    "total_patients_q95",
    "duration_weeks",
    "duration_weeks_q05",
    "duration_weeks_q50",
    "duration_weeks_q95",
    "closed_weeks",
    "turned_away",
    "uninformed_dlts",
];

/// How many of [`TRIAL_METRICS`], the first ones, the benchmark has.
const OF_SELECTION: usize = 5;

/// Where calendar time begins in [`TRIAL_METRICS`], and where the parts of it begin that need more than window and accrual.
const OF_TIME: usize = 18;
const OF_CALENDAR: usize = 22;

/// The metrics that have no value where no dose is correct.
const OF_CORRECT_LEVEL: [&str; 3] = ["share_at_mtd", "poor_allocation", "accuracy_index"];

/// Beyond these, a tuning is a mistake.
const MOST_TUNINGS: usize = 20;
const MOST_PARAMETERS: usize = 12;
const MOST_VALUES: usize = 1_000;
const MOST_POINTS: usize = 100_000;
const MOST_LIMITS: usize = 20;
/// So many ranges have at most 3^6 neighbours of a point.
const MOST_REFINED: usize = 6;

/// One `[tune]`.
#[derive(Clone, Debug)]
pub struct Tuning {
    /// Its name, for people.
    pub name: String,
    /// The place of the design in the study.
    pub design: usize,
    /// What is varied.
    pub parameters: Vec<Parameter>,
    /// Whether each value is tried alone, all else being as the design is written.
    pub one_at_a_time: bool,
    /// The place of the population in the study whose curves take the place of scenarios.
    pub population: Option<usize>,
    /// The places of the scenarios in the study; none where there is a population.
    pub scenarios: Vec<usize>,
    /// A weight for each scenario or curve; their sum is 1.
    pub weights: Vec<f64>,
    /// What is looked for.
    pub objective: Objective,
    /// What has to hold.
    pub limits: Vec<Limit>,
    /// How many rounds of refinement follow the grid; 0 for a grid alone.
    pub rounds: usize,
}

/// A key of the design and the values that it takes.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The key, one of a table inside the design after a point: `skeleton.halfwidth`.
    pub key: String,
    /// Its values, in the order in which they are tried.
    pub values: Vec<Setting>,
    /// The range that they are spread over, where it is one.
    pub range: Option<Steps>,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As TOML writes it; `None`: the key is left out.
    pub text: Option<String>,
    /// The bytes of the study that ask for it.
    pub place: Range<usize>,
}

/// Equal steps of a range.
#[derive(Clone, Debug)]
pub struct Steps {
    /// Its lowest value.
    pub from: BigRational,
    /// The end that no value exceeds.
    pub to: BigRational,
    /// From one value to the next.
    pub step: BigRational,
    /// Whether its values are whole numbers.
    pub whole: bool,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What is made large or small.
    pub aim: Aim,
    /// Whether it is made large.
    pub maximise: bool,
}

/// Something that a point of a tuning has a number for.
#[derive(Clone, Debug, PartialEq)]
pub enum Aim {
    /// A trial-level metric over the scenarios.
    Metric(&'static str, Over),
    /// The value of the parameter with this place in the list.
    Parameter(usize),
}

/// How a metric's values in several scenarios become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Their weighted mean, over the scenarios that have the metric.
    Mean,
    /// The worst of them, seen from what is wanted.
    Worst,
}

/// What has to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A trial-level metric.
    pub metric: &'static str,
    /// How its values in several scenarios become one.
    pub over: Over,
    /// The bound, itself allowed.
    pub bound: f64,
    /// Whether the metric must not exceed the bound; otherwise not fall below it.
    pub at_most: bool,
}

impl Tuning {
    /// What the points are evaluated under: a weight belongs to each.
    #[must_use]
    pub fn truths(&self, study: &Study) -> Vec<Scenario> {
        match self.population.and_then(|place| study.populations.get(place)) {
            Some(population) => population.scenarios.clone(),
            None => self.scenarios.iter().filter_map(|&place| study.scenarios.get(place)).cloned().collect(),
        }
    }
}

impl Steps {
    /// A value of the range as TOML writes it: the decimal nearest to it, of the kind in which the range is written.
    #[must_use]
    pub fn text(&self, value: &BigRational) -> String {
        if self.whole && value.is_integer() {
            return value.to_integer().to_string();
        }
        let text = format!("{}", value.to_f64().unwrap_or(0.0));
        if text.contains('.') { text } else { format!("{text}.0") }
    }

    /// The values of the range, lowest first.
    fn values(&self) -> impl Iterator<Item = BigRational> {
        std::iter::successors(Some(self.from.clone()), |value| Some(value + &self.step)).take_while(|value| *value <= self.to)
    }
}

impl Setting {
    /// This value of a key as a change of its design.
    #[must_use]
    pub fn change(&self, key: &str) -> Change {
        Change { key: key.to_owned(), value: self.text.clone(), place: self.place.clone() }
    }

    /// The number that the value is, as the decimal that is written.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let text = self.text.as_deref()?.replace('_', "");
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// Every `[tune]` of a study; `study` is what the rest of the file says, where that could be read.
pub(super) fn read(keys: &mut Keys<'_>, study: Option<&Study>, text: &str) -> Vec<Tuning> {
    let blocks = if keys.is_table("tune") { keys.table("tune").into_iter().collect() } else { keys.tables("tune", MOST_TUNINGS) };
    blocks.into_iter().filter_map(|block| read_one(block, study, text)).collect()
}

fn read_one(mut keys: Keys<'_>, study: Option<&Study>, text: &str) -> Option<Tuning> {
    let name = keys.text("name");
    keys.require("design");
    let design_name = keys.text("design");
    let names = study.map(|study| study.designs.iter().map(|design| design.name.as_str()).collect::<Vec<_>>());
    let design = names.as_ref().zip(design_name.as_deref()).and_then(|(names, wanted)| find(&mut keys, "design", names, wanted));
    keys.require("parameters");
    let parameters = read_parameters(&mut keys, text);
    let one_at_a_time = keys.flag("one_at_a_time").unwrap_or(false);
    let population = read_population(&mut keys, study);
    let scenarios = if keys.has("population") { Vec::new() } else { read_scenarios(&mut keys, study) };
    let curves = study.zip(population).map_or(scenarios.len(), |(study, place)| study.populations[place].scenarios.len());
    let weights = if keys.has("population") { Some(equal(curves)) } else { read_weights(&mut keys, curves, study.is_some()) };
    let metrics = Metrics { study, design, scenarios: &scenarios };
    let objective = read_objective(&mut keys, metrics, &parameters);
    let limits = read_limits(&mut keys, metrics);
    let rounds = read_search(&mut keys, &parameters, one_at_a_time);
    let points: usize = if one_at_a_time {
        parameters.iter().map(|parameter| parameter.values.len()).sum()
    } else {
        parameters.iter().fold(1, |points: usize, parameter| points.saturating_mul(parameter.values.len()))
    };
    if points > MOST_POINTS {
        let message = format!("found {points} combinations of values; allowed: at most {MOST_POINTS}");
        let help = "fewer values, `one_at_a_time = true`, or a coarse grid with `search = \"refine\"`";
        keys.complain("parameters", message, Some(help.to_owned()));
    } else if let Some((study, design)) = study.zip(design) {
        let faults = try_values(study, design, &parameters, one_at_a_time, &format!("{}.parameters", keys.path()));
        keys.adopt(faults);
    }
    keys.finish();
    let name = name.or(design_name)?;
    Some(Tuning {
        name,
        design: design?,
        parameters,
        one_at_a_time,
        population,
        scenarios,
        weights: weights?,
        objective: objective?,
        limits,
        rounds,
    })
}

/// The place of a name among others; a complaint when it is not there.
fn find(keys: &mut Keys<'_>, key: &'static str, names: &[&str], wanted: &str) -> Option<usize> {
    let place = names.iter().position(|name| *name == wanted);
    if place.is_none() {
        keys.complain(key, unknown(key, wanted, names), meant(wanted, names));
    }
    place
}

fn unknown(kind: &str, wanted: &str, names: &[&str]) -> String {
    if names.is_empty() {
        return format!("found {wanted:?}, but the study has no {kind}");
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    format!("the study has no {kind} {wanted:?}; it has {}", names.join(", "))
}

fn meant(wanted: &str, names: &[&str]) -> Option<String> {
    closest(wanted, names).map(|name| format!("did you mean {name:?}?"))
}

fn read_parameters(keys: &mut Keys<'_>, text: &str) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for entry in keys.entries("parameters") {
        let key = entry.key.clone();
        read_parameter(&entry, key, text, &mut parameters);
    }
    if keys.is_table("parameters") && parameters.is_empty() && !keys.has_errors() {
        keys.complain("parameters", "found no parameter; allowed: at least one key of the design with its values", None);
    }
    if parameters.len() > MOST_PARAMETERS {
        let message = format!("found {} parameters; allowed: at most {MOST_PARAMETERS}", parameters.len());
        keys.complain("parameters", message, None);
        parameters.clear();
    }
    parameters
}

/// The parameter of an entry, or those of the entries of the table that it is.
fn read_parameter(entry: &Entry<'_>, key: String, text: &str, parameters: &mut Vec<Parameter>) {
    if entry.has_one_of(&["from", "to", "step", "count"]) {
        if let Some((steps, place)) = read_range(entry) {
            let values = steps.values().map(|value| Setting { text: Some(steps.text(&value)), place: place.clone() }).collect();
            parameters.push(Parameter { key, values, range: Some(steps) });
        }
        return;
    }
    if entry.is_table() {
        for below in entry.entries() {
            let key = format!("{key}.{}", below.key);
            read_parameter(&below, key, text, parameters);
        }
        return;
    }
    let Some(list) = entry.list("a list of values, or a range such as { from = 1, to = 3, step = 1 }") else { return };
    if list.is_empty() || list.len() > MOST_VALUES {
        entry.complain(format!("found {} values; allowed: 1 to {MOST_VALUES}", list.len()), None);
        return;
    }
    let value = |(place, words): (Range<usize>, Option<&str>)| Setting {
        text: if words == Some("absent") { None } else { text.get(place.clone()).map(str::to_owned) },
        place,
    };
    parameters.push(Parameter { key, values: list.into_iter().map(value).collect(), range: None });
}

fn read_range(entry: &Entry<'_>) -> Option<(Steps, Range<usize>)> {
    let mut keys = entry.table()?;
    keys.require("from");
    keys.require("to");
    let finite = Within::Closed(-1e9, 1e9);
    let (from, to) = (keys.number("from", finite), keys.number("to", finite));
    let step = keys.number("step", Within::OpenClosed(0.0, 1e9));
    let count = keys.whole("count", 2..=MOST_VALUES);
    if keys.has("step") == keys.has("count") {
        let message = "a range is { from, to } with either `step`, the distance of its values, or `count`, their number";
        entry.complain(message, None);
    }
    keys.finish();
    let (from, to) = (from?, to?);
    if from >= to {
        entry.complain(format!("found a range from {from} to {to}; allowed: `from` below `to`"), None);
        return None;
    }
    let width = decimal(to) - decimal(from);
    let step = match (step, count) {
        (Some(step), None) => decimal(step),
        (None, Some(count)) => &width / BigRational::from_integer(BigInt::from(count - 1)),
        _ => return None,
    };
    let count = (&width / &step).to_integer() + BigInt::from(1);
    if step > width || count > BigInt::from(MOST_VALUES) {
        let message =
            format!("found a range with {count} value{}; allowed: 2 to {MOST_VALUES}", if step > width { "" } else { "s" });
        entry.complain(message, Some("`step` is the distance from one value to the next".to_owned()));
        return None;
    }
    let whole = entry.has_whole("from") && entry.has_whole("to") && (!entry.has_one_of(&["step"]) || entry.has_whole("step"));
    Some((Steps { from: decimal(from), to: decimal(to), step, whole }, entry.place.clone()))
}

/// The population that is named, where one is; scenarios and weights do not go with it.
fn read_population(keys: &mut Keys<'_>, study: Option<&Study>) -> Option<usize> {
    let wanted = keys.text("population")?;
    for other in ["scenarios", "weights"] {
        keys.refuse(other, "found together with `population`, whose curves have equal weights; allowed: one of the two", None);
    }
    let names: Vec<&str> = study?.populations.iter().map(|population| population.name.as_str()).collect();
    find(keys, "population", &names, &wanted)
}

fn read_scenarios(keys: &mut Keys<'_>, study: Option<&Study>) -> Vec<usize> {
    let wanted = keys.texts("scenarios");
    let Some(study) = study else { return Vec::new() };
    let names: Vec<&str> = study.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let Some(wanted) = wanted else { return (0..names.len()).collect() };
    if wanted.is_empty() {
        keys.complain("scenarios", "found no name; allowed: at least one scenario of the study", None);
    }
    let mut places = Vec::new();
    for (index, wanted) in wanted.iter().enumerate() {
        match names.iter().position(|name| name == wanted) {
            Some(place) if places.contains(&place) => {
                keys.complain_entry("scenarios", index, format!("{wanted:?} is there twice"))
            }
            Some(place) => places.push(place),
            None => {
                let help = meant(wanted, &names).map(|words| format!("; {words}")).unwrap_or_default();
                keys.complain_entry("scenarios", index, format!("{}{help}", unknown("scenario", wanted, &names)));
            }
        }
    }
    places
}

/// Equal weights with a sum of 1.
fn equal(scenarios: usize) -> Vec<f64> {
    vec![1.0 / scenarios.max(1) as f64; scenarios]
}

/// The weights of so many scenarios, with a sum of 1.
fn read_weights(keys: &mut Keys<'_>, scenarios: usize, is_known: bool) -> Option<Vec<f64>> {
    let expected = (is_known && scenarios > 0).then_some((scenarios, "scenario"));
    let has_weights = keys.has("weights");
    let weights = keys.numbers("weights", Within::Closed(0.0, 1e9), expected);
    if !has_weights {
        return Some(equal(scenarios));
    }
    let weights = weights?;
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        keys.complain("weights", "found no weight above 0; allowed: at least one", None);
        return None;
    }
    Some(weights.into_iter().map(|weight| weight / sum).collect())
}

/// What is known of the metrics that a design of the study has.
#[derive(Clone, Copy)]
struct Metrics<'a> {
    study: Option<&'a Study>,
    design: Option<usize>,
    scenarios: &'a [usize],
}

impl Metrics<'_> {
    /// The metric that the text of a key names. One that the design cannot have is complained about; `others` are words that are
    /// known too.
    fn read(self, keys: &mut Keys<'_>, key: &'static str, word: &str, others: &[&str]) -> Option<&'static str> {
        let Some(place) = TRIAL_METRICS.iter().position(|metric| *metric == word) else {
            let known: Vec<&str> = TRIAL_METRICS.iter().chain(others).copied().collect();
            let help = meant(word, &known).unwrap_or_else(|| format!("trial-level metrics: {}", TRIAL_METRICS.join(", ")));
            let parameters = if others.is_empty() { "" } else { " or one of the parameters" };
            keys.complain(key, format!("found {word:?}; allowed: a trial-level metric{parameters}"), Some(help));
            return None;
        };
        let metric = TRIAL_METRICS[place];
        let (Some(study), Some(design)) = (self.study, self.design.and_then(|design| self.study?.designs.get(design))) else {
            return Some(metric);
        };
        let scenarios = || self.scenarios.iter().map(|&scenario| &study.scenarios[scenario]);
        let reason = match &design.plan {
            Plan::Benchmark(_) if place >= OF_SELECTION => Some("the benchmark is a reference, which only selects".to_owned()),
            _ if place >= OF_TIME && study.timing.is_none() => Some("the study has no `[timing]`".to_owned()),
            _ if place >= OF_CALENDAR && !study.has_calendar() => {
                Some("the study's cohorts wait, and nothing else is asked of time".to_owned())
            }
            _ if OF_CORRECT_LEVEL.contains(&metric)
                && !self.scenarios.is_empty()
                && scenarios().all(|scenario| scenario.correct.is_none()) =>
            {
                Some("no dose is correct in any of the scenarios".to_owned())
            }
            _ => None,
        };
        if let Some(reason) = reason {
            keys.complain(key, format!("design {:?} has no `{metric}`: {reason}", design.name), None);
            return None;
        }
        Some(metric)
    }
}

const OVERS: [(&str, Over); 2] = [("mean", Over::Mean), ("worst", Over::Worst)];

fn read_objective(keys: &mut Keys<'_>, metrics: Metrics<'_>, parameters: &[Parameter]) -> Option<Objective> {
    let Some(mut table) = keys.table("objective") else {
        let usual = Objective { aim: Aim::Metric("correct_selection", Over::Mean), maximise: true };
        return (!keys.has("objective")).then_some(usual);
    };
    let (maximise, minimise) = (table.text("maximise"), table.text("minimise"));
    let given = table.choice("over", &OVERS);
    let over = given.unwrap_or(Over::Mean);
    if table.has("maximise") == table.has("minimise") {
        table.complain("maximise", "an objective has either `maximise` or `minimise`, with a metric or a parameter", None);
    }
    let (key, word, is_maximised) = match (maximise, minimise) {
        (Some(word), None) => ("maximise", word, true),
        (None, Some(word)) => ("minimise", word, false),
        _ => {
            table.finish();
            return None;
        }
    };
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.key.as_str()).collect();
    let aim = match names.iter().position(|name| *name == word) {
        Some(place) => {
            if parameters[place].values.iter().any(|value| value.number().is_none()) {
                table.complain(
                    key,
                    format!("the values of `{word}` are not all numbers; allowed: a parameter that has numbers"),
                    None,
                );
            }
            if given.is_some() {
                table.complain(
                    "over",
                    "a parameter has one value, the same in every scenario; allowed: only with a metric",
                    None,
                );
            }
            Some(Aim::Parameter(place))
        }
        None => metrics.read(&mut table, key, &word, &names).map(|metric| Aim::Metric(metric, over)),
    };
    table.finish();
    Some(Objective { aim: aim?, maximise: is_maximised })
}

fn read_limits(keys: &mut Keys<'_>, metrics: Metrics<'_>) -> Vec<Limit> {
    let mut limits = Vec::new();
    for mut table in keys.tables("limits", MOST_LIMITS) {
        table.require("metric");
        let word = table.text("metric");
        let metric = word.and_then(|word| metrics.read(&mut table, "metric", &word, &[]));
        let any = Within::Closed(-1e9, 1e9);
        let (at_most, at_least) = (table.number("at_most", any), table.number("at_least", any));
        let over = table.choice("over", &OVERS).unwrap_or(Over::Mean);
        if table.has("at_most") == table.has("at_least") {
            table.complain("metric", "a limit has either `at_most` or `at_least`", None);
        }
        table.finish();
        let bound = match (at_most, at_least) {
            (Some(bound), None) => Some((bound, true)),
            (None, Some(bound)) => Some((bound, false)),
            _ => None,
        };
        if let Some((metric, (bound, at_most))) = metric.zip(bound) {
            limits.push(Limit { metric, over, bound, at_most });
        }
    }
    limits
}

/// The number of rounds that follow the grid.
fn read_search(keys: &mut Keys<'_>, parameters: &[Parameter], one_at_a_time: bool) -> usize {
    let refine = keys.choice("search", &[("grid", false), ("refine", true)]).unwrap_or(false);
    let rounds = keys.whole("rounds", 1..=20);
    if !refine {
        if keys.has("rounds") {
            keys.complain("rounds", "says how often to refine; allowed: only with `search = \"refine\"`", None);
        }
        return 0;
    }
    let ranges = parameters.iter().filter(|parameter| parameter.range.is_some()).count();
    if one_at_a_time {
        keys.complain("search", "found \"refine\" together with `one_at_a_time`; allowed: one of the two", None);
    } else if !parameters.is_empty() && !(1..=MOST_REFINED).contains(&ranges) {
        let message = format!("found \"refine\" with {ranges} parameters that are ranges; allowed: 1 to {MOST_REFINED} of them");
        keys.complain("search", message, None);
    }
    rounds.unwrap_or(4)
}

/// What is wrong with single values: each is tried with the first value of every other parameter, or with the design as it is
/// written. What is wrong with a combination of values only is found when its turn comes.
fn try_values(study: &Study, design: usize, parameters: &[Parameter], one_at_a_time: bool, path: &str) -> Vec<Complaint> {
    let Some(variants) = Variants::new(study, design) else { return Vec::new() };
    let mut faults: Vec<Complaint> = Vec::new();
    let first = |parameter: &Parameter| parameter.values.first().map(|value| value.change(&parameter.key));
    for (place, parameter) in parameters.iter().enumerate() {
        for value in &parameter.values {
            let others = parameters.iter().enumerate().filter(|(other, _)| !one_at_a_time && *other != place);
            let mut changes: Vec<Change> = others.filter_map(|(_, other)| first(other)).collect();
            changes.push(value.change(&parameter.key));
            for fault in variants.read(path, &changes).err().unwrap_or_default() {
                if !faults.iter().any(|known| known.key == fault.key && known.message == fault.message) {
                    faults.push(fault);
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(from: f64, to: f64, step: f64, whole: bool) -> Steps {
        Steps { from: decimal(from), to: decimal(to), step: decimal(step), whole }
    }

    #[test]
    fn ranges_are_the_decimals_as_written() {
        let texts = |steps: Steps| -> Vec<String> { steps.values().map(|value| steps.text(&value)).collect() };
        assert_eq!(texts(steps(0.1, 0.3, 0.05, false)), ["0.1", "0.15", "0.2", "0.25", "0.3"]);
        assert_eq!(texts(steps(12.0, 20.0, 3.0, true)), ["12", "15", "18"]);
        assert_eq!(texts(steps(1.0, 2.0, 1.0, false)), ["1.0", "2.0"]);
    }
}
