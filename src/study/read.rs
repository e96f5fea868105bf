//! The contents of a study file, key by key.

use std::path::Path;

use super::curves::{self, no_such_curve, read_family};
use super::diagnosis::line_and_column;
use super::report::REPORT;
use super::sensitivity::{SENSITIVITY, SHIFT};
use super::timing::TIMING;
use super::top::{
    ACCEPTABLE, BLOCK_NAME, DOSES, NAME, PLANNED_PATIENTS, PROBABILITY, SIMULATION, TARGET, read_doses, read_simulation,
    read_target,
};
use super::tune::TUNE;
use super::{Contents, Doses, Study, StudyDesign, population, report, sensitivity, timing, tune, worst_case};
use crate::design::conduct_keys::LEVELS;
use crate::design::{Context, METHODS, Plan};
use crate::keys::{Complaint, Description, Key, Keys, Severity, Step, Table, Within, Words, read_in};
use crate::numeric::binomial::to_f64;
use crate::numeric::digest::sha256;
use crate::numeric::exact::decimal;
use crate::scenario::{Class, Limits, Population, Recipe, Scenario, Target};
use crate::trial::MAX_LEVELS;
use num_rational::BigRational;
use num_traits::One;

/// Beyond these, a study is a mistake.
const MOST_SCENARIOS: usize = 1_000;
const MOST_POPULATIONS: usize = 20;
const MOST_WORST_CASES: usize = 20;
const MOST_DESIGNS: usize = 100;
const MOST_WEIGHT: f64 = 1e9;

/// Every table of a study file: the keys at the top, and those of each table and block. The keys of a `[[design]]` beside these are those
/// of its method: see [`METHODS`].
pub static KEYS: &[&Description] = &[
    &NAME.about,
    &TARGET.about,
    &ACCEPTABLE.about,
    &PLANNED_PATIENTS.about,
    &DOSES.about,
    &TIMING.about,
    &SIMULATION.about,
    &REPORT.about,
    &SCENARIO.about,
    &POPULATION.about,
    &DESIGN.about,
    &WORST_CASE.about,
    &SENSITIVITY.about,
    &TUNE.about,
];

/// The scenarios.
pub(crate) static SCENARIO: Key<Table> = Key::blocks(
    "scenario",
    MOST_SCENARIOS,
    &[
        &BLOCK_NAME.about,
        &TOXICITY.about,
        &MODERATE_TOXICITY.about,
        &MTD.about,
        &ACCRUAL_PER_WEEK.about,
        &WEIGHT.about,
        &SCENARIO_WHY.about,
    ],
    "An assumed truth under which every design is evaluated.",
)
.group(SCENARIOS)
.fixed();
static TOXICITY: Key<Vec<f64>> = Key::numbers("toxicity", PROBABILITY, "The true DLT probability of each level.")
    .one_for_each("dose level", LEVELS)
    .required()
    .forms(&[&FAMILY_CURVE.about])
    .group(SCENARIOS)
    .fixed()
    .moved(Step::By(SHIFT));
static FAMILY_CURVE: Key<Table> = Key::table(
    "toxicity",
    &[
        &curves::FAMILY.about,
        &curves::FIXED.lower.about,
        &curves::FIXED.upper.about,
        &curves::FIXED.slope.number.about,
        &curves::MTD.about,
    ],
    "A curve of a family, through two anchors or with a slope at the MTD.",
)
.group(SCENARIOS)
.fixed();
static MODERATE_TOXICITY: Key<Vec<f64>> =
    Key::numbers("moderate_toxicity", PROBABILITY, "The true probability of a moderate toxicity and no DLT at each level.")
        .one_for_each("dose level", LEVELS)
        .further("at most 1 with the toxicity")
        .group(SCENARIOS)
        .fixed();
static MTD: Key<usize> = Key::whole("mtd", 0..=MAX_LEVELS, "The correct level, 0 where no dose is correct.")
    .up_to(LEVELS)
    .or_derived("the level nearest the target, none where level 1 is above the acceptable band")
    .unit("level")
    .group(SCENARIOS)
    .fixed();
static ACCRUAL_PER_WEEK: Key<f64> =
    Key::number("accrual_per_week", timing::ACCRUAL, "The patients who arrive in a week under this scenario.")
        .or_derived("that of [timing]")
        .unit("patients a week")
        .further("in a study with [timing]")
        .group(SCENARIOS)
        .fixed();

static WEIGHT: Key<f64, f64> =
    Key::number("weight", Within::Closed(0.0, MOST_WEIGHT), "How much the scenario counts in means over its class.")
        .or(1.0)
        .group(SCENARIOS)
        .fixed();
static SCENARIO_WHY: Key<String> = Key::text("why", "Why the scenario is looked at.").group(SCENARIOS).fixed();

/// The designs.
pub(crate) static DESIGN: Key<Table> = Key::blocks(
    "design",
    MOST_DESIGNS,
    &[&BLOCK_NAME.about, &METHOD.about, &SOURCE.about, &DESIGN_WHY.about],
    "A design; the other keys of the block are those of its method.",
)
.group(DESIGNS)
.fixed();
static SOURCE: Key<String> = Key::text("source", "Where the protocol has the rule, e.g. its section.").group(DESIGNS).fixed();
static DESIGN_WHY: Key<String> = Key::text("why", "Why the design is looked at.").group(DESIGNS).fixed();
static METHOD: Key<&str> =
    Key::one_of("method", &Methods, "How the next dose is chosen and one selected at the end.").required().group(DESIGNS);

/// The methods as words.
struct Methods;

impl Words for Methods {
    fn all(&self) -> Vec<(&'static str, &'static str)> {
        METHODS.iter().map(|method| (method.key, method.sentence)).collect()
    }
}

static POPULATION: Key<Table> =
    Key::blocks("population", MOST_POPULATIONS, population::KEYS, "Many toxicity curves in place of a few that somebody chose.")
        .group("population")
        .fixed();
static WORST_CASE: Key<Table> =
    Key::blocks("worst_case", MOST_WORST_CASES, worst_case::KEYS, "A question for the curve at which a design does worst.")
        .group("worst case")
        .fixed();

/// What keys of scenarios and of all designs are about.
const SCENARIOS: &str = "scenario";
const DESIGNS: &str = "design";

/// What a study without calendar time lacks.
const NEEDS_TIMING: &str =
    "a block [timing] above the scenarios, with `dlt_window_weeks` (by default 3) and `accrual_per_week` (0.5)";

/// The study that a text describes, and every complaint about it. No study when a complaint is an error. Files that it names are
/// looked for in `folder`.
pub(super) fn study(folder: Option<&Path>, text: &str) -> (Option<Study>, Vec<Complaint>) {
    let (study, complaints) = read_in(folder, text, |keys| root(keys, folder, text));
    let faulty = complaints.iter().any(|complaint| complaint.severity == Severity::Error);
    (study.filter(|_| !faulty), complaints)
}

/// What is known of the study when a scenario or a design is read; what was faulty is not.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) levels: Option<usize>,
    pub(super) doses: Option<&'a Doses>,
    pub(super) target: Option<f64>,
    pub(super) band: Option<&'a Target>,
    /// Whether the study has calendar time, sound or not.
    pub(super) has_timing: bool,
}

fn root(mut keys: Keys<'_>, folder: Option<&Path>, text: &str) -> Option<Study> {
    let name = keys.get(&NAME);
    let (target, band) = read_target(&mut keys);
    let (levels, doses) = read_doses(&mut keys);
    let planned_patients = keys.get(&PLANNED_PATIENTS);
    let timing = keys.table(&TIMING).map(timing::read);
    let simulation = read_simulation(&mut keys);
    let known = Known {
        levels,
        doses: doses.as_ref().filter(|doses| doses.levels.is_sorted_by(|a, b| a < b)),
        target,
        band: band.as_ref(),
        has_timing: timing.is_some(),
    };

    let mut names = Names::new(text);
    let scenarios = keys.tables(&SCENARIO).into_iter();
    let scenarios: Vec<_> = scenarios.map(|block| read_scenario(block, known, &mut names)).collect();
    check_weights(&mut keys, &scenarios, known.band);
    let class = |scenario: &Option<Scenario>| Some(scenario.as_ref()?.class(known.band?));
    let classes: Option<Vec<Class>> = scenarios.iter().map(class).collect();
    let report = report::read(keys.table(&REPORT), classes.as_deref(), known.has_timing);
    let mut names = Names::new(text);
    let mut populations = Vec::new();
    for block in keys.tables(&POPULATION) {
        let population = read_population(block, known, &mut names, &populations);
        populations.push(population);
    }
    let mut names = Names::new(text);
    let designs = keys.tables(&DESIGN).into_iter();
    let designs: Option<Vec<StudyDesign>> =
        designs.map(|block| read_design(block, known, &mut names)).collect::<Vec<_>>().into_iter().collect();
    let mut names = Names::new(text);
    let worst_cases = keys.tables(&WORST_CASE).into_iter();
    let worst_case = |mut block: Keys<'_>| {
        let name = names.read(&mut block);
        worst_case::read(block, name, known.levels, known.band, designs.as_deref())
    };
    let worst_cases: Vec<_> = worst_cases.map(worst_case).collect();
    let scenario_names: Option<Vec<&str>> = scenarios.iter().map(|scenario| Some(scenario.as_ref()?.name.as_str())).collect();
    let sensitivities = sensitivity::read(&mut keys, designs.as_deref(), scenario_names.as_deref());
    let study = || {
        Some(Contents {
            name: name?,
            target: band?,
            doses: doses?,
            planned_patients,
            timing: timing.flatten(),
            simulation,
            report,
            scenarios: scenarios.into_iter().collect::<Option<_>>()?,
            populations: populations.into_iter().collect::<Option<_>>()?,
            sensitivities: sensitivities?,
            worst_cases: worst_cases.into_iter().collect::<Option<_>>()?,
            designs: designs?,
            tunings: Vec::new(),
            text: text.to_owned(),
            folder: folder.map(Path::to_owned),
            files: Vec::new(),
        })
    };
    let study = study().map(Study::of);
    let tunings = tune::read(&mut keys, study.as_ref(), text);
    let files = keys.files();
    keys.finish();
    let files = files.into_iter().map(|file| (file.name, sha256(file.text.as_bytes()))).collect();
    study.map(|study| Study::of(Contents { tunings, files, ..study.into_contents() }))
}

fn read_scenario(mut keys: Keys<'_>, known: Known<'_>, names: &mut Names<'_>) -> Option<Scenario> {
    let name = names.read(&mut keys);
    let toxicity = match keys.table_form(&FAMILY_CURVE) {
        Some(table) => read_family_curve(table, known),
        None => keys.get(&TOXICITY),
    };
    if let Some(toxicity) = &toxicity
        && let Some(drop) = toxicity.windows(2).position(|pair| pair[1] < pair[0])
    {
        let (below, above) = (toxicity[drop], toxicity[drop + 1]);
        keys.warn_entry("toxicity", drop + 1, format!("found {above} after {below}: toxicity is not monotone in the dose"));
    }
    let moderate_toxicity = keys.get(&MODERATE_TOXICITY).unwrap_or_default();
    for (level, (&moderate, &toxicity)) in moderate_toxicity.iter().zip(toxicity.iter().flatten()).enumerate() {
        let rest = BigRational::one() - decimal(toxicity);
        if decimal(moderate) > rest {
            let rest = to_f64(&rest);
            let message =
                format!("found {moderate} beside a toxicity of {toxicity}; allowed: at most {rest}, their sum being at most 1");
            keys.complain_entry("moderate_toxicity", level, message);
        }
    }
    let (given, accrual_per_week) = (keys.get(&MTD), keys.get(&ACCRUAL_PER_WEEK));
    if keys.has("accrual_per_week") && !known.has_timing {
        let message = "a rate of accrual is one in calendar time, and the study has no `[timing]`";
        keys.complain("accrual_per_week", message, Some(NEEDS_TIMING.to_owned()));
    }
    let weight = keys.get(&WEIGHT);
    let why = keys.get(&SCENARIO_WHY);
    keys.finish();
    let toxicity = toxicity?;
    let correct = match given {
        Some(mtd) => mtd.checked_sub(1),
        None => known.band?.correct_level(&toxicity),
    };
    Some(Scenario { name: name?, toxicity, moderate_toxicity, correct, accrual_per_week, weight, why })
}

/// The scenarios of a class must have a mean.
fn check_weights(keys: &mut Keys<'_>, scenarios: &[Option<Scenario>], band: Option<&Target>) {
    let Some(band) = band else { return };
    for class in Class::ALL {
        let mut weights =
            scenarios.iter().flatten().filter(|scenario| scenario.class(band) == class).map(|one| one.weight).peekable();
        if weights.peek().is_some() && weights.all(|weight| weight == 0.0) {
            let message = format!("every scenario of class `{}` has the weight 0; allowed: at least one above it", class.word());
            keys.complain("scenario", message, None);
        }
    }
}

/// `{ family, lower, upper }` or `{ family, mtd, slope }`: a curve of a family, to six decimals as those of populations.
fn read_family_curve(mut keys: Keys<'_>, known: Known<'_>) -> Option<Vec<f64>> {
    let family = keys.get(&curves::FAMILY)?;
    let by_slope = keys.has("slope");
    let generator = read_family(&mut keys, family, &curves::FIXED);
    let mut mtds = None;
    if by_slope {
        keys.require("mtd");
        mtds = Some(vec![Some(keys.get(&curves::MTD)? - 1)]);
    }
    let curve = || {
        let (doses, target) = (&known.doses?.levels, known.band?);
        let recipe = Recipe { generator: generator?, doses, target, mtds, limits: Limits::default(), seed: 0 };
        let complain = |_| {
            let (key, message) = no_such_curve(&keys);
            keys.complain(key, message, None);
        };
        recipe.curve(1).map(|(toxicity, _)| toxicity).map_err(complain).ok()
    };
    let curve = curve();
    keys.finish();
    curve
}

fn read_population(
    mut keys: Keys<'_>,
    known: Known<'_>,
    names: &mut Names<'_>,
    above: &[Option<Population>],
) -> Option<Population> {
    let name = names.read(&mut keys);
    population::read(keys, name, known.doses.map(|doses| &doses.levels[..]), known.band, above)
}

fn read_design(mut keys: Keys<'_>, known: Known<'_>, names: &mut Names<'_>) -> Option<StudyDesign> {
    let name = names.read(&mut keys);
    read_plan(keys, known, name)
}

/// A design that stands for one of the study with the same name.
pub(super) fn read_variant(mut keys: Keys<'_>, known: Known<'_>) -> Option<StudyDesign> {
    let name = keys.get(&BLOCK_NAME);
    read_plan(keys, known, name)
}

/// The rest of a design's block.
fn read_plan(mut keys: Keys<'_>, known: Known<'_>, name: Option<String>) -> Option<StudyDesign> {
    let source = keys.get(&SOURCE);
    let why = keys.get(&DESIGN_WHY);
    // The other keys of a block mean nothing before its method is known.
    let word = keys.get(&METHOD)?;
    let method = METHODS.iter().find(|method| method.key == word)?;
    let read = |keys: &mut Keys<'_>, context| {
        let plan = method.plan(keys, context);
        if plan.is_none() && !keys.has_errors() {
            keys.complain("method", "this design cannot be read", None);
        }
        if matches!(plan, Some(Plan::LateOnset(_))) && !known.has_timing {
            let message =
                format!("\"{}\" looks at patients who are still being followed, and the study has no `[timing]`", method.key);
            keys.complain("method", message, Some(NEEDS_TIMING.to_owned()));
        }
        plan
    };
    let plan = keys.finish_under(&contexts(known), read)??;
    Some(StudyDesign { name: name?, method: method.title, reference: method.reference, source, why, plan })
}

/// The contexts in which a design is read: one when levels and target are known. Otherwise two that are far apart, so that only
/// complaints which do not depend on what is unknown are made.
fn contexts(known: Known<'_>) -> Vec<Context> {
    let context = |levels, target| {
        // Where a dose is faulty, some others stand in for them all.
        let unknown: Vec<f64> = (1..=known.levels.unwrap_or(levels)).map(|dose| dose as f64).collect();
        let doses = known.doses.map_or(unknown, |doses| doses.levels.clone());
        Context::new(&doses, known.target.unwrap_or(target))
    };
    if known.levels.is_some() && known.target.is_some() {
        return vec![context(1, 0.1)];
    }
    vec![context(1, 0.1), context(MAX_LEVELS, 0.9)]
}

/// The names of scenarios, or of designs, which must differ.
struct Names<'t> {
    text: &'t str,
    seen: Vec<(String, String, usize)>,
}

impl<'t> Names<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, seen: Vec::new() }
    }

    /// The name of a block. One that is there already is complained about.
    fn read(&mut self, keys: &mut Keys<'_>) -> Option<String> {
        let name = keys.get(&BLOCK_NAME)?;
        if let Some((_, path, place)) = self.seen.iter().find(|(seen, ..)| *seen == name) {
            let (line, _) = line_and_column(self.text, *place);
            keys.complain(
                "name",
                format!("found {name:?}, the name of {path} on line {line} already; allowed: another name"),
                None,
            );
        } else {
            self.seen.push((name.clone(), keys.path().to_owned(), keys.place("name")));
        }
        Some(name)
    }
}
