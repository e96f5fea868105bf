//! `[[worst_case]]`: the curve at which a design does worst.

use super::top::{BLOCK_NAME, MOST_SEED, PROBABILITY};
use crate::design::Plan;
use crate::design::conduct_keys::LEVELS;
use crate::keys::{Description, Key, Keys, Worded, closest, quoted};
use crate::scenario::{CurveLimits, Target};
use crate::study::StudyDesign;
use crate::trial::{Level, MAX_LEVELS};

/// More starts than these only take time.
const MOST_STARTS: usize = 1_000;

/// What is worst where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorstMeasure {
    /// The lowest probability that the correct level is selected.
    CorrectSelection,
    /// The most DLTs expected beyond the target times the patients.
    ExcessDlts,
    /// The largest loss of correct selection against the design with this place in the study.
    Loss(usize),
}

impl WorstMeasure {
    /// The word of a study file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CorrectSelection => "correct_selection",
            Self::ExcessDlts => "excess_dlts",
            Self::Loss(_) => "loss",
        }
    }

    /// What the number is, in words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CorrectSelection => "correct selection",
            Self::ExcessDlts => "DLTs beyond the target",
            Self::Loss(_) => "loss of correct selection",
        }
    }

    /// What people are shown of a number that a search makes small, which is the measure or its negative.
    #[must_use]
    pub fn shown(self, objective: f64) -> f64 {
        if self == Self::CorrectSelection { objective } else { -objective }
    }

    /// Whether one value is worse than another.
    #[must_use]
    pub fn is_worse(self, value: f64, than: f64) -> bool {
        if self == Self::CorrectSelection { value < than } else { value > than }
    }
}

/// A question for the worst curve.
#[derive(Clone, Debug)]
pub struct WorstCase {
    /// Its name, unique in the study.
    pub name: String,
    /// The place of the design in the study.
    pub design: usize,
    /// What is worst.
    pub measure: WorstMeasure,
    /// The MTDs that curves may have, each with at least one curve; `None` is none.
    pub mtds: Vec<Option<Level>>,
    /// The limits on the curves.
    pub limits: CurveLimits,
    /// The number of local searches for each MTD.
    pub starts: usize,
    /// The seed of their starts.
    pub seed: u64,
}

/// How `measure` names what is worst.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    CorrectSelection,
    ExcessDlts,
    Loss,
}

/// The keys of a block.
pub(super) static KEYS: &[&Description] = &[
    &BLOCK_NAME.about,
    &DESIGN.about,
    &MEASURE.about,
    &AGAINST.about,
    &LOWER.about,
    &UPPER.about,
    &MTD_WITHIN.about,
    &GAP.about,
    &MIN_STEP.about,
    &MAX_STEP.about,
    &MTD.about,
    &STARTS.about,
    &SEED.about,
];

/// What the keys are about.
const QUESTION: &str = "question";
const CURVES: &str = "curves";
const SEARCH: &str = "search";

static DESIGN: Key<String> = Key::name("design", "a design of the study with a decision graph", "The design that does worst.")
    .required()
    .group(QUESTION)
    .fixed();
static KINDS: [Worded<Kind>; 3] = [
    ("correct_selection", Kind::CorrectSelection, "The lowest probability that the correct level is selected."),
    ("excess_dlts", Kind::ExcessDlts, "The most DLTs expected beyond the target times the patients."),
    ("loss", Kind::Loss, "The largest loss of correct selection against another design."),
];
static MEASURE: Key<Kind> = Key::word("measure", &KINDS, "What is worst.").required().group(QUESTION).fixed();
static AGAINST: Key<String> = Key::name(
    "against",
    "another design of the study with a decision graph",
    "The design against which correct selection is lost.",
)
.further("required with it")
.with(&["measure = \"loss\""])
.group(QUESTION)
.fixed();
static LOWER: Key<Vec<f64>> = Key::numbers("lower", PROBABILITY, "The smallest DLT probability of each level.")
    .one_for_each("dose level", LEVELS)
    .or_derived("0 at every level")
    .group(CURVES)
    .fixed();
static UPPER: Key<Vec<f64>> = Key::numbers("upper", PROBABILITY, "The largest DLT probability of each level.")
    .one_for_each("dose level", LEVELS)
    .or_derived("1 at every level")
    .group(CURVES)
    .fixed();
static MTD_WITHIN: Key<f64, f64> =
    Key::number("mtd_within", PROBABILITY, "How far the toxicity of the MTD may be from the target.")
        .or(0.05)
        .group(CURVES)
        .fixed();
static GAP: Key<f64, f64> =
    Key::number("gap", PROBABILITY, "How far the toxicities of the other levels are from the target at least.")
        .or(0.1)
        .further("above `mtd_within`")
        .group(CURVES)
        .fixed();
static MIN_STEP: Key<f64, f64> = Key::number("min_step", PROBABILITY, "The least rise of toxicity from level to level.")
    .or(0.0)
    .further("at most `max_step`")
    .group(CURVES)
    .fixed();
static MAX_STEP: Key<f64, f64> =
    Key::number("max_step", PROBABILITY, "The greatest rise of toxicity from level to level.").or(1.0).group(CURVES).fixed();
static MTD: Key<Vec<usize>> = Key::wholes("mtd", 0..=MAX_LEVELS, "The MTDs that curves may have, 0 being none.")
    .up_to(LEVELS)
    .or_derived("all levels")
    .unit("level")
    .group(CURVES)
    .fixed();
static STARTS: Key<usize, usize> = Key::whole("starts", 1..=MOST_STARTS, "The number of local searches for each MTD.")
    .or(20)
    .unit("searches")
    .group(SEARCH)
    .fixed();
static SEED: Key<usize, usize> = Key::whole("seed", 0..=MOST_SEED, "The seed of their starts.").or(1).group(SEARCH).fixed();

/// Read a block but its name. `designs` are the designs of the study, `None` where one is faulty.
pub(super) fn read(
    mut keys: Keys<'_>,
    name: Option<String>,
    levels: Option<usize>,
    target: Option<&Target>,
    designs: Option<&[StudyDesign]>,
) -> Option<WorstCase> {
    let design = read_design(&mut keys, &DESIGN, designs);
    let kind = keys.get(&MEASURE);
    if kind == Some(Kind::Loss) {
        keys.require("against");
    } else if kind.is_some() && keys.has("against") {
        keys.complain("against", "goes with the measure \"loss\" only", None);
    }
    let against = read_design(&mut keys, &AGAINST, designs);
    if kind == Some(Kind::Loss) && against.is_some() && against == design {
        keys.complain("against", "found the design itself, against which it loses nothing; allowed: another design", None);
    }
    let (lower, upper) = (keys.sound(&LOWER), keys.sound(&UPPER));
    let (mtd_within, gap) = (keys.get(&MTD_WITHIN), keys.get(&GAP));
    let step = (keys.get(&MIN_STEP), keys.get(&MAX_STEP));
    let mtds = keys.sound(&MTD);
    let (starts, seed) = (keys.get(&STARTS), keys.get(&SEED) as u64);
    if mtd_within >= gap {
        let message =
            format!("found {gap}, where `mtd_within` is {mtd_within}; allowed: more, so that the MTD is nearest the target");
        keys.complain("gap", message, None);
    }
    if step.0 > step.1 {
        keys.complain("min_step", format!("found {}, where `max_step` is {}; allowed: at most that", step.0, step.1), None);
    }
    let is_faulty = lower.is_none() || upper.is_none() || mtds.is_none();
    let (lower, upper, mtds) = (lower.flatten(), upper.flatten(), mtds.flatten());
    let limits = || {
        let levels = levels.filter(|_| !is_faulty && mtd_within < gap && step.0 <= step.1)?;
        let (lower, upper) = (lower.unwrap_or_else(|| vec![0.0; levels]), upper.unwrap_or_else(|| vec![1.0; levels]));
        Some(CurveLimits { target: target?.clone(), lower, upper, mtd_within, gap, step })
    };
    let limits = limits();
    let asked = mtds.is_some();
    let mtds = mtds.unwrap_or_else(|| (1..=levels.unwrap_or(0)).collect());
    let mut mtds: Vec<Option<Level>> = mtds.into_iter().map(|mtd| mtd.checked_sub(1)).collect();
    if let Some(limits) = &limits {
        let conflict = |mtd: Option<Level>| limits.ladder(mtd).conflict();
        let first = mtds.iter().find_map(|&mtd| Some((mtd, conflict(mtd)?)));
        let is_none_left = mtds.iter().all(|&mtd| conflict(mtd).is_some());
        match first {
            Some((mtd, found)) if asked || is_none_left => {
                // Of the keys in conflict, one that is written.
                let key = limits.conflict_keys(mtd, &found).into_iter().find(|key| keys.has(key));
                let key = if asked { "mtd" } else { key.unwrap_or_default() };
                keys.complain(key, limits.conflict_words(mtd, &found), None);
            }
            None if mtds.is_empty() => keys.complain("mtd", "found no MTD to look at; allowed: at least one", None),
            _ => {}
        }
        mtds.retain(|&mtd| conflict(mtd).is_none());
    }
    keys.finish();
    let measure = match kind? {
        Kind::CorrectSelection => WorstMeasure::CorrectSelection,
        Kind::ExcessDlts => WorstMeasure::ExcessDlts,
        Kind::Loss => WorstMeasure::Loss(against?),
    };
    Some(WorstCase { name: name?, design: design?, measure, mtds, limits: limits?, starts, seed })
}

/// The place of the design that a key names. It must be a rule that can be compiled.
pub(super) fn read_design(keys: &mut Keys<'_>, key: &Key<String>, designs: Option<&[StudyDesign]>) -> Option<usize> {
    let name = keys.get(key)?;
    let key = key.about.name;
    let designs = designs?;
    let Some(place) = designs.iter().position(|design| design.name == name) else {
        let names: Vec<&str> = designs.iter().map(|design| design.name.as_str()).collect();
        let help = closest(&name, &names).map(|name| format!("did you mean {name:?}?"));
        let known: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        keys.complain(key, format!("found {}; allowed: the name of a design: {}", quoted(&name), known.join(", ")), help);
        return None;
    };
    if !matches!(designs[place].plan, Plan::Rule(_)) {
        let message = format!("{name:?} has no decision graph; allowed: a design whose cohorts wait, and not the benchmark");
        keys.complain(key, message, None);
        return None;
    }
    Some(place)
}
