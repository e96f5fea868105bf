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
//! `dosebench keys` lists the keys.
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
use crate::keys::{Key, Keys, Table, Worded, closest};
use crate::scenario::Scenario;
use aims::{LIMITS, Metrics, OBJECTIVE, read_limits, read_objective};
use parameters::{PARAMETERS, read_parameters, try_values};
use truths::{POPULATION, SCENARIOS, WEIGHTS, read_population, read_scenarios, read_weights, with_sum_1};

/// Beyond these, a tuning is a mistake.
const MOST_TUNINGS: usize = 20;
const MOST_POINTS: usize = 100_000;
/// So many ranges have at most 3^6 neighbours of a point.
const MOST_REFINED: usize = 6;

/// The table or the blocks.
pub(super) static TUNE: Key<Table> = Key::blocks(
    "tune",
    MOST_TUNINGS,
    &[
        &NAME.about,
        &DESIGN.about,
        &PARAMETERS.about,
        &ONE_AT_A_TIME.about,
        &POPULATION.about,
        &SCENARIOS.about,
        &WEIGHTS.about,
        &OBJECTIVE.about,
        &LIMITS.about,
        &SEARCH.about,
        &ROUNDS.about,
    ],
    "Which keys of a design are varied, and what is looked for.",
)
.group(VARIED)
.fixed();

/// What the keys are about.
const VARIED: &str = "what is varied";
const UNDER: &str = "evaluated under";
const WANTED: &str = "what is looked for";
const SEARCHED: &str = "search";

static NAME: Key<String> =
    Key::text("name", "The name of the tuning, for people.").or_derived("the name of the design").group(VARIED).fixed();
static DESIGN: Key<String> =
    Key::name("design", "a design of the study", "The design whose keys are varied.").required().group(VARIED).fixed();
static ONE_AT_A_TIME: Key<bool, bool> =
    Key::flag("one_at_a_time", "Whether each value is tried alone, all else being as the design is written.")
        .or(false)
        .group(VARIED)
        .fixed();
static SEARCHES: [Worded<bool>; 2] = [
    ("grid", false, "Every combination of the values."),
    ("refine", true, "The grid, and then rounds that each look half as far around the best as the one before."),
];
static SEARCH: Key<bool, bool> =
    Key::word("search", &SEARCHES, "Which combinations of values are tried.").or_word("grid").group(SEARCHED).fixed();
static ROUNDS: Key<usize, usize> = Key::whole("rounds", 1..=20, "The number of rounds that follow the grid.")
    .or(4)
    .unit("rounds")
    .with(&["search = \"refine\""])
    .group(SEARCHED)
    .fixed();

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
    let blocks = keys.table_or_tables(&TUNE);
    blocks.into_iter().filter_map(|block| read_one(block, study, text)).collect()
}

fn read_one(mut keys: Keys<'_>, study: Option<&Study>, text: &str) -> Option<Tuning> {
    let (name, design_name) = (keys.get(&NAME), keys.get(&DESIGN));
    let names = study.map(|study| study.designs.iter().map(|design| design.name.as_str()).collect::<Vec<_>>());
    let design = names.as_ref().zip(design_name.as_deref()).and_then(|(names, wanted)| find(&mut keys, "design", names, wanted));
    let parameters = read_parameters(&mut keys, text);
    let one_at_a_time = keys.get(&ONE_AT_A_TIME);
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
    let (refine, rounds) = (keys.get(&SEARCH), keys.get(&ROUNDS));
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
    rounds
}
