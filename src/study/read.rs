//! The contents of a study file, key by key.

use std::path::Path;

use super::curves::{no_such_curve, read_family};
use super::diagnosis::line_and_column;
use super::{Doses, Engine, Simulation, Study, StudyDesign, population, report, sensitivity, timing, tune, worst_case};
use crate::design::{Context, METHODS, MethodEntry, Plan};
use crate::keys::{Complaint, Keys, Severity, Within, read_in};
use crate::numeric::binomial::to_f64;
use crate::numeric::digest::sha256;
use crate::numeric::exact::decimal;
use crate::scenario::{Class, Family, Limits, Population, Recipe, Scenario, Target};
use crate::trial::{MAX_LEVELS, MAX_PATIENTS};
use num_rational::BigRational;
use num_traits::One;

/// Beyond these, a study is a mistake.
const MOST_SCENARIOS: usize = 1_000;
const MOST_POPULATIONS: usize = 20;
const MOST_WORST_CASES: usize = 20;
const MOST_DESIGNS: usize = 100;
const MOST_REPLICATES: usize = 100_000_000;
const MOST_SITUATIONS: usize = 1_000_000_000;
const MOST_WEIGHT: f64 = 1e9;

/// What a study without calendar time lacks.
const NEEDS_TIMING: &str =
    "a block [timing] above the scenarios, with `dlt_window_weeks` (by default 3) and `accrual_per_week` (0.5)";

const PROBABILITY: Within = Within::Closed(0.0, 1.0);

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
    keys.require("name");
    let name = keys.text("name");
    let (target, band) = read_target(&mut keys);
    let (levels, doses) = read_doses(&mut keys);
    let planned_patients = keys.whole("planned_patients", 1..=MAX_PATIENTS);
    let timing = keys.table("timing").map(timing::read);
    let simulation = read_simulation(keys.table("simulation"));
    let known = Known {
        levels,
        doses: doses.as_ref().filter(|doses| doses.levels.is_sorted_by(|a, b| a < b)),
        target,
        band: band.as_ref(),
        has_timing: timing.is_some(),
    };

    let mut names = Names::new(text);
    let scenarios = keys.tables("scenario", MOST_SCENARIOS).into_iter();
    let scenarios: Vec<_> = scenarios.map(|block| read_scenario(block, known, &mut names)).collect();
    check_weights(&mut keys, &scenarios, known.band);
    let class = |scenario: &Option<Scenario>| Some(scenario.as_ref()?.class(known.band?));
    let classes: Option<Vec<Class>> = scenarios.iter().map(class).collect();
    let report = report::read(keys.table("report"), classes.as_deref(), known.has_timing);
    let mut names = Names::new(text);
    let mut populations = Vec::new();
    for block in keys.tables("population", MOST_POPULATIONS) {
        let population = read_population(block, known, &mut names, &populations);
        populations.push(population);
    }
    let mut names = Names::new(text);
    let designs = keys.tables("design", MOST_DESIGNS).into_iter();
    let designs: Option<Vec<StudyDesign>> =
        designs.map(|block| read_design(block, known, &mut names)).collect::<Vec<_>>().into_iter().collect();
    let mut names = Names::new(text);
    let worst_cases = keys.tables("worst_case", MOST_WORST_CASES).into_iter();
    let worst_case = |mut block: Keys<'_>| {
        let name = names.read(&mut block);
        worst_case::read(block, name, known.levels, known.band, designs.as_deref())
    };
    let worst_cases: Vec<_> = worst_cases.map(worst_case).collect();
    let scenario_names: Option<Vec<&str>> = scenarios.iter().map(|scenario| Some(scenario.as_ref()?.name.as_str())).collect();
    let sensitivities = sensitivity::read(&mut keys, designs.as_deref(), scenario_names.as_deref());
    let study = || {
        Some(Study {
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
    let mut study = study();
    let tunings = tune::read(&mut keys, study.as_ref(), text);
    let files = keys.files();
    keys.finish();
    if let Some(study) = &mut study {
        study.tunings = tunings;
        study.files = files.into_iter().map(|file| (file.name, sha256(file.text.as_bytes()))).collect();
    }
    study
}

/// The target, and the target with its acceptable band where that is sound too.
fn read_target(keys: &mut Keys<'_>) -> (Option<f64>, Option<Target>) {
    keys.require("target");
    let target = keys.number("target", Within::Open(0.0, 1.0));
    let band = keys.numbers("acceptable", PROBABILITY, Some((2, "end of the acceptable band")));
    let Some(value) = target else {
        return (None, None);
    };
    if !keys.has("acceptable") {
        return (target, Some(Target::new(value, None)));
    }
    let Some([low, high]) = band.as_deref() else {
        return (target, None);
    };
    if low < high && *low <= value && value <= *high {
        return (target, Some(Target::new(value, Some((*low, *high)))));
    }
    let message = format!("found [{low}, {high}]; allowed: [low, high] with low below high and the target {value} between them");
    keys.complain("acceptable", message, None);
    (target, None)
}

/// The number of levels, known even where a dose is faulty, and the doses.
fn read_doses(keys: &mut Keys<'_>) -> (Option<usize>, Option<Doses>) {
    keys.require("doses");
    let Some(mut keys) = keys.table("doses") else {
        return (None, None);
    };
    keys.require("levels");
    let count = keys.count("levels").filter(|count| (1..=MAX_LEVELS).contains(count));
    let mut levels = keys.numbers("levels", Within::Open(0.0, f64::INFINITY), None);
    if count.is_none()
        && let Some(levels) = levels.take()
    {
        let found = levels.len();
        keys.complain("levels", format!("found {found} dose levels; allowed: 1 to {MAX_LEVELS}"), None);
    }
    if let Some(doses) = &levels
        && let Some(first) = doses.windows(2).position(|pair| pair[1] <= pair[0])
    {
        let (below, above) = (doses[first], doses[first + 1]);
        keys.complain_entry("levels", first + 1, format!("found {above} after {below}; allowed: strictly increasing doses"));
    }
    let unit = keys.text("unit").unwrap_or_default();
    keys.finish();
    (count, levels.map(|levels| Doses { levels, unit }))
}

fn read_simulation(keys: Option<Keys<'_>>) -> Simulation {
    let mut simulation =
        Simulation { engine: Engine::Auto, replicates: 100_000, seed: 1, max_situations: 20_000_000, example_replicate: 0 };
    let Some(mut keys) = keys else {
        return simulation;
    };
    let engines = [("auto", Engine::Auto), ("exact", Engine::Exact), ("monte-carlo", Engine::MonteCarlo)];
    if let Some(engine) = keys.choice("engine", &engines) {
        simulation.engine = engine;
    }
    if let Some(replicates) = keys.whole("replicates", 2..=MOST_REPLICATES) {
        simulation.replicates = replicates;
    }
    if let Some(seed) = keys.whole("seed", 0..=i64::MAX as usize) {
        simulation.seed = seed as u64;
    }
    if let Some(max_situations) = keys.whole("max_situations", 1..=MOST_SITUATIONS) {
        simulation.max_situations = max_situations;
    }
    if let Some(example) = keys.whole("example_replicate", 0..=MOST_REPLICATES - 1) {
        simulation.example_replicate = example;
    }
    keys.finish();
    simulation
}

fn read_scenario(mut keys: Keys<'_>, known: Known<'_>, names: &mut Names<'_>) -> Option<Scenario> {
    let name = names.read(&mut keys);
    keys.require("toxicity");
    let toxicity = if keys.is_table("toxicity") {
        keys.table("toxicity").and_then(|table| read_family_curve(table, known))
    } else {
        keys.numbers("toxicity", PROBABILITY, known.levels.map(|levels| (levels, "dose level")))
    };
    if let Some(toxicity) = &toxicity
        && let Some(drop) = toxicity.windows(2).position(|pair| pair[1] < pair[0])
    {
        let (below, above) = (toxicity[drop], toxicity[drop + 1]);
        keys.warn_entry("toxicity", drop + 1, format!("found {above} after {below}: toxicity is not monotone in the dose"));
    }
    let moderate_toxicity =
        keys.numbers("moderate_toxicity", PROBABILITY, known.levels.map(|levels| (levels, "dose level"))).unwrap_or_default();
    for (level, (&moderate, &toxicity)) in moderate_toxicity.iter().zip(toxicity.iter().flatten()).enumerate() {
        let rest = BigRational::one() - decimal(toxicity);
        if decimal(moderate) > rest {
            let rest = to_f64(&rest);
            let message =
                format!("found {moderate} beside a toxicity of {toxicity}; allowed: at most {rest}, their sum being at most 1");
            keys.complain_entry("moderate_toxicity", level, message);
        }
    }
    let given = keys.whole("mtd", 0..=known.levels.unwrap_or(MAX_LEVELS));
    let accrual_per_week = keys.number("accrual_per_week", timing::ACCRUAL);
    if keys.has("accrual_per_week") && !known.has_timing {
        let message = "a rate of accrual is one in calendar time, and the study has no `[timing]`";
        keys.complain("accrual_per_week", message, Some(NEEDS_TIMING.to_owned()));
    }
    let weight = keys.number("weight", Within::Closed(0.0, MOST_WEIGHT)).unwrap_or(1.0);
    let why = keys.text("why");
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
    keys.require("family");
    let family = keys.choice("family", &Family::WORDS)?;
    let by_slope = keys.has("slope");
    let generator = read_family(&mut keys, family, true);
    let mut mtds = None;
    if by_slope {
        keys.require("mtd");
        mtds = Some(vec![Some(keys.whole("mtd", 1..=known.levels.unwrap_or(MAX_LEVELS))? - 1)]);
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
    keys.require("name");
    let name = keys.text("name");
    read_plan(keys, known, name)
}

/// The rest of a design's block.
fn read_plan(mut keys: Keys<'_>, known: Known<'_>, name: Option<String>) -> Option<StudyDesign> {
    let source = keys.text("source");
    let why = keys.text("why");
    keys.require("method");
    let methods: Vec<(&'static str, &MethodEntry)> = METHODS.iter().map(|method| (method.key, method)).collect();
    // The other keys of a block mean nothing before its method is known.
    let method = keys.choice("method", &methods)?;
    let read = |keys: &mut Keys<'_>, context| {
        let plan = (method.read)(keys, context);
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
        keys.require("name");
        let name = keys.text("name")?;
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
