//! The keys at the top of a study, and its tables of numbers: target, doses, simulation.

use super::sensitivity::SHIFT;
use super::{Doses, Engine, Simulation};
use crate::design::conduct_keys::LEVELS;
use crate::keys::{Key, Keys, Step, Table, Within, Worded};
use crate::scenario::Target;
use crate::trial::{MAX_LEVELS, MAX_PATIENTS};

const MOST_REPLICATES: usize = 100_000_000;
const MOST_SITUATIONS: usize = 1_000_000_000;

/// What keys at the top and their tables are about.
const STUDY: &str = "study";
const DOSES_GROUP: &str = "doses";
const SIMULATION_GROUP: &str = "simulation";

/// A probability.
pub(super) const PROBABILITY: Within = Within::Closed(0.0, 1.0);

/// The largest seed that TOML can write.
pub(super) const MOST_SEED: usize = i64::MAX as usize;

/// The name of the study.
pub(super) static NAME: Key<String> = Key::text("name", "The name of the study.").required().group(STUDY).fixed();

/// The name of a block.
pub(super) static BLOCK_NAME: Key<String> =
    Key::text("name", "The name, unique among the blocks of its kind.").required().group(STUDY).fixed();

/// The target.
pub(super) static TARGET: Key<f64> = Key::number("target", Within::Open(0.0, 1.0), "The DLT probability that the trial aims at.")
    .required()
    .group(STUDY)
    .fixed()
    .moved(Step::By(SHIFT));

/// The acceptable band.
pub(super) static ACCEPTABLE: Key<[f64; 2]> = Key::pair(
    "acceptable",
    PROBABILITY,
    "end of the acceptable band",
    "The band of DLT probabilities that are acceptable, its ends included.",
)
.or_derived("[0.6 target, 1.4 target]")
.further("low below high and the target between them")
.group(STUDY)
.fixed();

/// The planned number of patients.
pub(super) static PLANNED_PATIENTS: Key<usize> = Key::whole(
    "planned_patients",
    1..=MAX_PATIENTS,
    "The number of patients that the protocol plans, for comparison; it changes no design.",
)
.unit("patients")
.group(STUDY)
.fixed();

/// The doses.
pub(super) static DOSES: Key<Table> =
    Key::table("doses", &[&DOSE_LEVELS.about, &UNIT.about], "The doses of the levels.").required().group(DOSES_GROUP).fixed();
static DOSE_LEVELS: Key<Vec<f64>> = Key::numbers("levels", Within::Open(0.0, f64::INFINITY), "The doses, lowest first.")
    .further("1 to 12 of them, strictly increasing")
    .required()
    .group(DOSES_GROUP)
    .fixed();
static UNIT: Key<String> = Key::text("unit", "The unit of the doses, for people.").group(DOSES_GROUP).fixed();

/// Engine and replicates.
pub(super) static SIMULATION: Key<Table> = Key::table(
    "simulation",
    &[&ENGINE.about, &REPLICATES.about, &SEED.about, &MAX_SITUATIONS.about, &EXAMPLE_REPLICATE.about],
    "How results are obtained.",
)
.group(SIMULATION_GROUP)
.fixed();
static ENGINES: [Worded<Engine>; 3] = [
    ("auto", Engine::Auto, "Exactly where the decision graph fits its bound, by replicates elsewhere."),
    ("exact", Engine::Exact, "Exactly, or not at all."),
    ("monte-carlo", Engine::MonteCarlo, "By replicates."),
];
static ENGINE: Key<Engine, Engine> =
    Key::word("engine", &ENGINES, "How operating characteristics are obtained.").or_word("auto").group(SIMULATION_GROUP).fixed();
static REPLICATES: Key<usize, usize> =
    Key::whole("replicates", 2..=MOST_REPLICATES, "The number of simulated trials for each scenario.")
        .or(100_000)
        .unit("trials")
        .group(SIMULATION_GROUP)
        .fixed();
static SEED: Key<usize, usize> =
    Key::whole("seed", 0..=MOST_SEED, "The seed of the simulated patients.").or(1).group(SIMULATION_GROUP).fixed();
static MAX_SITUATIONS: Key<usize, usize> =
    Key::whole("max_situations", 1..=MOST_SITUATIONS, "The number of situations beyond which a decision graph is not made.")
        .or(20_000_000)
        .unit("situations")
        .group(SIMULATION_GROUP)
        .fixed();
static EXAMPLE_REPLICATE: Key<usize, usize> = Key::whole(
    "example_replicate",
    0..=MOST_REPLICATES - 1,
    "The replicate, counted from 0, that is shown as an example beside those of median and of greatest length.",
)
.or(0)
.group(SIMULATION_GROUP)
.fixed();

/// The target, and the target with its acceptable band where that is sound too.
pub(super) fn read_target(keys: &mut Keys<'_>) -> (Option<f64>, Option<Target>) {
    let (target, band) = (keys.get(&TARGET), keys.get(&ACCEPTABLE));
    let Some(value) = target else {
        return (None, None);
    };
    if !keys.has("acceptable") {
        return (target, Some(Target::new(value, None)));
    }
    let Some([low, high]) = band else {
        return (target, None);
    };
    if low < high && low <= value && value <= high {
        return (target, Some(Target::new(value, Some((low, high)))));
    }
    let message = format!("found [{low}, {high}]; allowed: [low, high] with low below high and the target {value} between them");
    keys.complain("acceptable", message, None);
    (target, None)
}

/// The number of levels, known even where a dose is faulty, and the doses.
pub(super) fn read_doses(keys: &mut Keys<'_>) -> (Option<usize>, Option<Doses>) {
    let Some(mut table) = keys.table(&DOSES) else {
        return (None, None);
    };
    let count = table.count("levels").filter(|count| (1..=MAX_LEVELS).contains(count));
    let mut levels = table.get(&DOSE_LEVELS);
    if count.is_none()
        && let Some(levels) = levels.take()
    {
        let found = levels.len();
        table.complain("levels", format!("found {found} dose levels; allowed: 1 to {MAX_LEVELS}"), None);
    }
    if let Some(doses) = &levels
        && let Some(first) = doses.windows(2).position(|pair| pair[1] <= pair[0])
    {
        let (below, above) = (doses[first], doses[first + 1]);
        table.complain_entry("levels", first + 1, format!("found {above} after {below}; allowed: strictly increasing doses"));
    }
    let unit = table.get(&UNIT).unwrap_or_default();
    table.finish();
    if let Some(count) = count {
        keys.know(LEVELS, count as f64);
    }
    (count, levels.map(|levels| Doses { levels, unit }))
}

/// `[simulation]`.
pub(super) fn read_simulation(keys: &mut Keys<'_>) -> Simulation {
    let read = |mut keys: Keys<'_>| {
        let simulation = Simulation {
            engine: keys.get(&ENGINE),
            replicates: keys.get(&REPLICATES),
            seed: keys.get(&SEED) as u64,
            max_situations: keys.get(&MAX_SITUATIONS),
            example_replicate: keys.get(&EXAMPLE_REPLICATE),
        };
        keys.finish();
        simulation
    };
    keys.table(&SIMULATION).map_or_else(Simulation::default, read)
}

impl Default for Simulation {
    /// That of a study which says nothing of it.
    fn default() -> Self {
        Self {
            engine: ENGINE.usual(),
            replicates: REPLICATES.usual(),
            seed: SEED.usual() as u64,
            max_situations: MAX_SITUATIONS.usual(),
            example_replicate: EXAMPLE_REPLICATE.usual(),
        }
    }
}
