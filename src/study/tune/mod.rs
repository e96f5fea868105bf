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
//! | `population` | none | in place of scenarios, which a study then need not have: the curves of a population, with its weights |
//! | `objective` | `{ maximise = "correct_selection" }` | `maximise` or `minimise` a trial-level metric or one of the parameters; `over` = `"mean"` (default) or `"worst"` |
//! | `limits` | none | each a `metric` with `at_most` or `at_least`, and `over` |
//! | `search` | `"grid"` | `"refine"`: the grid, and then `rounds` (4) more, each looking half as far around the best as the one before |
//!
//! A design without exact results is simulated. The curves of a population then share the replicates, as in `run`; not where the worst of
//! them, or a quantile, is asked for: each curve then has as many as a scenario.
//!
//! A study can have several, as blocks `[[tune]]`.

mod aims;
mod parameters;
mod truths;

pub use aims::{Aim, Limit, Objective, Over, TRIAL_METRICS};
pub use parameters::{Parameter, Setting, Steps};

use super::Study;
use crate::keys::{Keys, closest};
use crate::scenario::Scenario;
use aims::{Metrics, read_limits, read_objective};
use parameters::{read_parameters, try_values};
use truths::{read_population, read_scenarios, read_weights, with_sum_1};

/// Beyond these, a tuning is a mistake.
const MOST_TUNINGS: usize = 20;
const MOST_POINTS: usize = 100_000;
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

impl Tuning {
    /// What the points are evaluated under: a weight belongs to each.
    #[must_use]
    pub fn truths(&self, study: &Study) -> Vec<Scenario> {
        truths(study, self.population, &self.scenarios).into_iter().cloned().collect()
    }
}

/// The curves of a population, or scenarios, by their places in the study.
fn truths<'s>(study: &'s Study, population: Option<usize>, scenarios: &[usize]) -> Vec<&'s Scenario> {
    match population.and_then(|place| study.populations.get(place)) {
        Some(population) => population.scenarios.iter().collect(),
        None => scenarios.iter().filter_map(|&place| study.scenarios.get(place)).collect(),
    }
}

/// Every `[tune]` of a study; `study` is what the rest of the file says, where that could be read.
pub(super) fn read(keys: &mut Keys<'_>, study: Option<&Study>, text: &str) -> Vec<Tuning> {
    let blocks = keys.table_or_tables("tune", MOST_TUNINGS);
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
    let weights = match study.zip(population) {
        Some((study, place)) => Some(with_sum_1(&study.populations[place].weights)),
        None if keys.has("population") => None,
        None => read_weights(&mut keys, curves, study.is_some()),
    };
    let truths = study.map(|study| truths(study, population, &scenarios)).unwrap_or_default();
    let has_correct_level = truths.is_empty() || truths.iter().any(|truth| truth.correct.is_some());
    let metrics = Metrics { study, design, has_correct_level };
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
