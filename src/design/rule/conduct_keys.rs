//! The keys that conducted designs share. Their defaults differ between kinds of methods, so each kind has a [`ConductKeys`].

use crate::keys::{Description, Key, Step, Table, Within, Worded};
use crate::trial::{Coherence, MAX_COHORT, MAX_LEVELS, MAX_PATIENTS, SkipDown, SkipUp, StopWhen};

/// The number of dose levels, as ranges name it.
pub const LEVELS: &str = "levels";

/// What keys of designs are about.
pub mod group {
    /// The sizes of cohorts and of the trial, and how it begins.
    pub const COHORTS: &str = "cohorts";
    /// How the next level is decided.
    pub const DECISION: &str = "decision";
    /// The dose-toxicity model.
    pub const MODEL: &str = "model";
    /// Its prior distribution.
    pub const PRIOR: &str = "prior";
    /// Levels that are too toxic.
    pub const SAFETY: &str = "safety";
    /// Limits on where the next cohort goes.
    pub const ESCALATION: &str = "escalation";
    /// Patients who are treated while others are followed.
    pub const PENDING: &str = "pending patients";
    /// When a trial stops early.
    pub const STOPPING: &str = "stopping";
    /// The level selected at the end.
    pub const SELECTION: &str = "selection";
}

/// The conduct keys of a kind of methods, as [`super::read_conduct`] reads them.
#[derive(Clone, Copy)]
pub struct ConductKeys {
    /// Patients in a cohort.
    pub cohort_size: &'static Key<usize, usize>,
    /// Patients in the first cohort.
    pub first_cohort_size: &'static Key<usize>,
    /// Single patients first, where the methods can wait for them.
    pub titration: Option<&'static Key<bool, bool>>,
    /// The levels of the first patients, where the methods rest on a model.
    pub initial_scheme: Option<&'static Key<Vec<usize>>>,
    /// No skipping upwards.
    pub no_skipping: &'static Key<SkipUp, SkipUp>,
    /// No skipping downwards.
    pub no_skipping_down: &'static Key<SkipDown, SkipDown>,
    /// Coherence.
    pub coherent: &'static Key<Coherence, Coherence>,
}

impl ConductKeys {
    /// Methods that do not rest on a model.
    pub const PLAIN: Self = Self {
        cohort_size: &COHORT_SIZE,
        first_cohort_size: &FIRST_COHORT_SIZE,
        titration: Some(&TITRATION),
        initial_scheme: None,
        no_skipping: &NO_SKIPPING_OFF,
        no_skipping_down: &NO_SKIPPING_DOWN_OFF,
        coherent: &COHERENT_OFF,
    };

    /// Methods that rest on a model: no skipping relative to the current level, coherent by the last cohort, and perhaps an initial
    /// escalation scheme.
    pub const OF_MODELS: Self = Self {
        initial_scheme: Some(&INITIAL_SCHEME),
        no_skipping: &NO_SKIPPING_CURRENT,
        coherent: &COHERENT_LAST_COHORT,
        ..Self::PLAIN
    };

    /// These for a method that decides while patients are pending, and so waits for no single patients.
    #[must_use]
    pub const fn without_titration(self) -> Self {
        Self { titration: None, ..self }
    }

    /// Those that size cohorts and trial; they are shown before the keys of the method.
    pub fn cohorts(&self) -> impl Iterator<Item = &'static Description> {
        let fixed = [&START_LEVEL.about, &self.cohort_size.about, &self.first_cohort_size.about, &MAX_PATIENTS_KEY.about];
        let titration = self.titration.map(|key| &key.about);
        fixed.into_iter().chain(titration).chain(self.initial_scheme.map(|key| &key.about))
    }

    /// The rules over the method; they are shown after its keys.
    pub fn rules(&self) -> impl Iterator<Item = &'static Description> {
        let limits = [&self.no_skipping.about, &self.no_skipping_down.about, &self.coherent.about];
        let rest =
            [&STOP_AT_PATIENTS.about, &STOP_AT_PATIENTS_WHEN.about, &STOP_AT_LEVEL_PATIENTS.about, &MIN_PATIENTS_SELECTED.about];
        limits.into_iter().chain(rest)
    }
}

/// The level of the first cohort.
pub static START_LEVEL: Key<usize, usize> =
    Key::whole("start_level", 1..=MAX_LEVELS, "The level of the first cohort, 1 being the lowest.")
        .or(1)
        .up_to(LEVELS)
        .unit("level")
        .group(group::COHORTS);

/// The only start of rules that fix it.
pub static START_LEVEL_1: Key<usize, usize> =
    Key::whole("start_level", 1..=1, "The level of the first cohort, which the rule fixes.")
        .or(1)
        .unit("level")
        .group(group::COHORTS);

/// Patients in a cohort.
pub static COHORT_SIZE: Key<usize, usize> = Key::whole("cohort_size", 1..=MAX_COHORT, "The number of patients in a cohort.")
    .or(3)
    .unit("patients")
    .group(group::COHORTS)
    .moved(Step::By(1.0));

/// Patients in the first cohort.
pub static FIRST_COHORT_SIZE: Key<usize> =
    Key::whole("first_cohort_size", 1..=MAX_COHORT, "The number of patients in the first cohort of the trial.")
        .or_derived("cohort_size")
        .unit("patients")
        .group(group::COHORTS);

/// Patients in the trial.
pub static MAX_PATIENTS_KEY: Key<usize, usize> =
    Key::whole("max_patients", 1..=MAX_PATIENTS, "The largest number of patients in the trial, to which the last cohort is cut.")
        .or(30)
        .unit("patients")
        .group(group::COHORTS)
        .moved(Step::By(6.0));

/// Single patients first.
pub static TITRATION: Key<bool, bool> = Key::flag(
    "titration",
    "Whether single patients climb the levels from level 1 on, until a DLT or the top level fills up the cohort there.",
)
.or(false)
.forms(&[&TITRATION_TABLE.about])
.without(&["initial_scheme", "backfill"])
.group(group::COHORTS);

/// Titration with numbers of its own.
pub static TITRATION_TABLE: Key<Table> = Key::table(
    "titration",
    &[&TITRATION_STEP.about, &TITRATION_MODERATE.about],
    "Titration, with the levels that a step climbs and what ends it beside a DLT.",
);

/// Levels that a step climbs.
pub static TITRATION_STEP: Key<usize, usize> =
    Key::whole("step", 1..=MAX_LEVELS, "The number of levels that each single patient is above the one before.")
        .or(1)
        .unit("levels")
        .group(group::COHORTS);

/// Moderate toxicities that end titration.
pub static TITRATION_MODERATE: Key<usize> =
    Key::whole("moderate", 1..=MAX_LEVELS, "The number of moderate toxicities that ends titration as a DLT does.")
        .unit("patients")
        .group(group::COHORTS);

const SCHEME: Key<Vec<usize>> = Key::wholes(
    "initial_scheme",
    1..=MAX_LEVELS,
    "The levels of the first patients in the order of enrolment, followed until the first DLT; the model decides from then on.",
)
.up_to(LEVELS)
.further("never going down, at least one")
.unit("level")
.without(&["titration = true"])
.group(group::COHORTS);

/// The levels of the first patients.
pub static INITIAL_SCHEME: Key<Vec<usize>> = SCHEME;

/// The levels of the first patients of a method that cannot do without.
pub static INITIAL_SCHEME_REQUIRED: Key<Vec<usize>> = SCHEME.required();

static SKIP_UP: [Worded<SkipUp>; 3] = [
    ("current", SkipUp::Current, "The next cohort is at most one level above the current one."),
    ("highest-tried", SkipUp::HighestTried, "The next cohort is at most one level above the highest ever given."),
    ("off", SkipUp::Off, "Levels may be skipped."),
];
const NO_SKIPPING: Key<SkipUp> =
    Key::word("no_skipping", &SKIP_UP, "How many levels up the next cohort may go.").group(group::ESCALATION);
static NO_SKIPPING_OFF: Key<SkipUp, SkipUp> = NO_SKIPPING.or_word("off");
static NO_SKIPPING_CURRENT: Key<SkipUp, SkipUp> = NO_SKIPPING.or_word("current");

static SKIP_DOWN: [Worded<SkipDown>; 3] = [
    ("off", SkipDown::Off, "Levels may be skipped."),
    ("current", SkipDown::Current, "The next cohort is at most one level below the current one."),
    ("lowest-tried", SkipDown::LowestTried, "The next cohort is at most one level below the lowest ever given."),
];
const NO_SKIPPING_DOWN: Key<SkipDown> =
    Key::word("no_skipping_down", &SKIP_DOWN, "How many levels down the next cohort may go.").group(group::ESCALATION);
static NO_SKIPPING_DOWN_OFF: Key<SkipDown, SkipDown> = NO_SKIPPING_DOWN.or_word("off");
/// One level at a time.
pub static NO_SKIPPING_DOWN_CURRENT: Key<SkipDown, SkipDown> = NO_SKIPPING_DOWN.or_word("current");

static COHERENCE: [Worded<Coherence>; 3] = [
    (
        "last-cohort",
        Coherence::LastCohort,
        "Nobody escalates when the DLT proportion of the cohort just treated is at least the target.",
    ),
    (
        "level",
        Coherence::Level,
        "Nobody escalates when the DLT proportion of all patients at the current level is above the target.",
    ),
    ("off", Coherence::Off, "Escalation after toxicity is left to the method."),
];
const COHERENT: Key<Coherence> =
    Key::word("coherent", &COHERENCE, "When DLTs that were just seen forbid an escalation.").group(group::ESCALATION);
static COHERENT_OFF: Key<Coherence, Coherence> = COHERENT.or_word("off");
static COHERENT_LAST_COHORT: Key<Coherence, Coherence> = COHERENT.or_word("last-cohort");

/// Patients at a level that end the trial.
pub static STOP_AT_PATIENTS: Key<usize> =
    Key::whole("stop_at_patients", 1..=MAX_PATIENTS, "The number of patients at a level that ends the trial early.")
        .unit("patients")
        .group(group::STOPPING)
        .moved(Step::By(3.0));

static STOP_WHEN: [Worded<StopWhen>; 4] = [
    ("stay", StopWhen::Stay, "The next cohort would go to the same level, and that level has this many."),
    ("recommended", StopWhen::Recommended, "The level recommended next has this many."),
    ("any", StopWhen::Any, "Some level has this many."),
    ("reached", StopWhen::Reached, "The level just treated has this many, which is looked at before any safety rule."),
];

/// The level and the moment of the rule.
pub static STOP_AT_PATIENTS_WHEN: Key<StopWhen, StopWhen> =
    Key::word("stop_at_patients_when", &STOP_WHEN, "Which level must have the patients of `stop_at_patients`, and when.")
        .or_word("stay")
        .with(&["stop_at_patients"])
        .group(group::STOPPING);

/// Patients at certain levels that end the trial.
pub static STOP_AT_LEVEL_PATIENTS: Key<Vec<(usize, usize)>> = Key::by_whole(
    "stop_at_level_patients",
    1..=MAX_LEVELS,
    1..=MAX_PATIENTS,
    "The numbers of patients at certain levels that end the trial early, by the level.",
)
.up_to(LEVELS)
.unit("patients")
.group(group::STOPPING);

/// Patients without whom a level is not selected.
pub static MIN_PATIENTS_SELECTED: Key<usize, usize> =
    Key::whole("min_patients_selected", 0..=MAX_PATIENTS, "The number of patients without which a level is not selected.")
        .or(0)
        .unit("patients")
        .group(group::SELECTION);

/// The probability that ends the trial for toxicity.
pub static TOO_TOXIC_CUTOFF: Key<f64> = Key::number(
    "too_toxic_cutoff",
    Within::Open(0.0, 1.0),
    "The posterior probability that the toxicity of level 1 is above `too_toxic_rate`, beyond which the trial stops and selects none.",
)
.group(group::SAFETY)
.moved(Step::Tail);

/// The toxicity that this probability is about.
pub static TOO_TOXIC_RATE: Key<f64> =
    Key::number("too_toxic_rate", Within::Open(0.0, 1.0), "The DLT probability at level 1 that `too_toxic_cutoff` is about.")
        .or_derived("target")
        .with(&["too_toxic_cutoff"])
        .group(group::SAFETY);

/// The names of all keys of conducted designs, those of the safety rule of models among them.
pub(in crate::design) const NAMES: [&str; 15] = [
    START_LEVEL.about.name,
    COHORT_SIZE.about.name,
    FIRST_COHORT_SIZE.about.name,
    MAX_PATIENTS_KEY.about.name,
    TITRATION.about.name,
    NO_SKIPPING.about.name,
    NO_SKIPPING_DOWN.about.name,
    COHERENT.about.name,
    STOP_AT_PATIENTS.about.name,
    STOP_AT_PATIENTS_WHEN.about.name,
    STOP_AT_LEVEL_PATIENTS.about.name,
    TOO_TOXIC_CUTOFF.about.name,
    TOO_TOXIC_RATE.about.name,
    MIN_PATIENTS_SELECTED.about.name,
    INITIAL_SCHEME.about.name,
];
