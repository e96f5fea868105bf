//! `[[population]]`: many toxicity curves.
//!
//! `dosebench keys` lists the keys: those of every population, those that say what a drawn curve must be, and those of each generator (see
//! [`Generator`]). A list is a CSV file with the columns `toxicity_1`, `toxicity_2`, ..., and `weight` where some curves count more; a
//! mixture is made of populations above it. What is averaged over a population (results, a `[tune]`) is averaged with the weights of its
//! curves.

use super::curves::{self, no_such_curve, read_family};
use super::top::{BLOCK_NAME, MOST_SEED, PROBABILITY};
use crate::design::conduct_keys::LEVELS;
use crate::keys::{Description, Key, Keys, Within, Worded, quoted};
use crate::scenario::{Family, Generator, Limits, NoCurve, Population, Recipe, Scenario, Target};
use crate::trial::{Level, MAX_LEVELS};

/// Beyond these, a population is a mistake.
const MOST_CURVES: usize = 100_000;
const MOST_BYTES: u64 = 1 << 25;
/// The most rows of a file of curves that are complained about.
const MOST_SHOWN: usize = 10;

/// How `generator` names the ways to get curves.
#[derive(Clone, Copy)]
enum Kind {
    Family(Family),
    Paoletti,
    Clertant,
    Dirichlet,
    Prior,
    List,
    Mixture,
}

/// The keys of a block.
pub(super) static KEYS: &[&Description] = &[
    &BLOCK_NAME.about,
    &GENERATOR.about,
    &COUNT.about,
    &SEED.about,
    &MTD.about,
    &MTD_WITHIN.about,
    &GAPS.about,
    &curves::RANDOM.lower.about,
    &curves::RANDOM.upper.about,
    &curves::RANDOM.slope.number.about,
    &STEP.about,
    &STEP_SD.about,
    &MTD_SD.about,
    &CONCENTRATION.about,
    &REFERENCE_DOSE.about,
    &PRIOR_MEAN.about,
    &PRIOR_SD.about,
    &PRIOR_CORRELATION.about,
    &FILE.about,
    &OF.about,
    &WEIGHTS.about,
];

/// What the keys are about.
const POPULATION: &str = "population";
const DRAWN: &str = "drawn curves";
const GENERATED: &str = "generator";

/// The generators that draw nothing.
const NOT_DRAWN: &[&str] = &["generator = \"list\"", "generator = \"mixture\""];

const fn of_family(place: usize) -> Worded<Kind> {
    let (word, family, sentence) = Family::WORDS[place];
    (word, Kind::Family(family), sentence)
}
static GENERATORS: [Worded<Kind>; 11] = [
    of_family(0),
    of_family(1),
    of_family(2),
    of_family(3),
    of_family(4),
    (
        "paoletti",
        Kind::Paoletti,
        "Squared normal steps on the probit scale around a given MTD (Paoletti, O'Quigley and Maccario, 2004).",
    ),
    ("clertant", Kind::Clertant, "The pseudo-uniform class around a given MTD (Clertant and O'Quigley, 2017)."),
    ("dirichlet", Kind::Dirichlet, "The increments from level to level have a Dirichlet distribution."),
    ("prior", Kind::Prior, "Logistic curves whose two parameters are drawn from a normal prior."),
    ("list", Kind::List, "The curves of a CSV file."),
    ("mixture", Kind::Mixture, "The curves of populations above, each with a weight."),
];
static GENERATOR: Key<Kind> =
    Key::word("generator", &GENERATORS, "Where the curves come from.").required().group(POPULATION).fixed();
static COUNT: Key<usize> = Key::whole("count", 1..=MOST_CURVES, "How many curves are drawn.")
    .required()
    .unit("curves")
    .without(NOT_DRAWN)
    .group(DRAWN)
    .fixed();
static SEED: Key<usize, usize> =
    Key::whole("seed", 0..=MOST_SEED, "The seed of the curves.").or(1).without(NOT_DRAWN).group(DRAWN).fixed();
static MTD: Key<Vec<usize>> =
    Key::wholes("mtd", 0..=MAX_LEVELS, "The correct levels that curves may have, each as often, 0 being none.")
        .up_to(LEVELS)
        .further("at least one")
        .unit("level")
        .without(NOT_DRAWN)
        .group(DRAWN)
        .fixed();
static MTD_WITHIN: Key<f64> =
    Key::number("mtd_within", Within::OpenClosed(0.0, 1.0), "How far the toxicity of the correct level may be from the target.")
        .without(NOT_DRAWN)
        .group(DRAWN)
        .fixed();
static GAPS: Key<[f64; 2]> = Key::pair(
    "gaps",
    PROBABILITY,
    "end of the range",
    "The least and the greatest difference of toxicity between the correct level and its neighbours.",
)
.further("the smallest first")
.without(NOT_DRAWN)
.group(DRAWN)
.fixed();

const OF_PAOLETTI: &[&str] = &["generator = \"paoletti\""];
static STEP: Key<f64, f64> =
    Key::number("step", Within::Closed(0.0, 10.0), "The mean of a step on the probit scale before it is squared.")
        .or(0.38)
        .with(OF_PAOLETTI)
        .group(GENERATED)
        .fixed();
static STEP_SD: Key<f64, f64> =
    Key::number("step_sd", Within::Closed(0.0, 10.0), "The standard deviation of a step before it is squared.")
        .or(0.35)
        .with(OF_PAOLETTI)
        .group(GENERATED)
        .fixed();
static MTD_SD: Key<f64, f64> =
    Key::number("mtd_sd", Within::Closed(0.0, 10.0), "The standard deviation of the MTD on the probit scale.")
        .or(0.05)
        .with(OF_PAOLETTI)
        .group(GENERATED)
        .fixed();

const OF_DIRICHLET: &[&str] = &["generator = \"dirichlet\""];
const LEVELS_AND_1: &str = "levels + 1";
static CONCENTRATION: Key<f64, f64> =
    Key::number("concentration", Within::Closed(0.01, 1000.0), "The concentration of every increment.")
        .or(1.0)
        .forms(&[&CONCENTRATIONS.about])
        .with(OF_DIRICHLET)
        .group(GENERATED)
        .fixed();
static CONCENTRATIONS: Key<Vec<f64>> =
    Key::numbers("concentration", Within::Closed(0.01, 1000.0), "The concentration of each increment.")
        .one_for_each("increment: to each level, and from the highest level to 1", LEVELS_AND_1)
        .group(GENERATED)
        .fixed();

const OF_PRIOR: &[&str] = &["generator = \"prior\""];
static REFERENCE_DOSE: Key<f64> = Key::number(
    "reference_dose",
    Within::Open(0.0, f64::INFINITY),
    "The dose at which the first parameter is the log odds of a DLT, in the unit of the doses.",
)
.required()
.with(OF_PRIOR)
.group(GENERATED)
.fixed();
static PRIOR_MEAN: Key<[f64; 2]> = Key::pair(
    "prior_mean",
    Within::Closed(-10.0, 10.0),
    "parameter",
    "The means of the intercept and of the logarithm of the slope.",
)
.required()
.with(OF_PRIOR)
.group(GENERATED)
.fixed();
static PRIOR_SD: Key<[f64; 2]> = Key::pair(
    "prior_sd",
    Within::Closed(0.0, 10.0),
    "parameter",
    "The standard deviations of the intercept and of the logarithm of the slope.",
)
.required()
.with(OF_PRIOR)
.group(GENERATED)
.fixed();
static PRIOR_CORRELATION: Key<f64, f64> = Key::number("prior_correlation", Within::Closed(-1.0, 1.0), "Their correlation.")
    .or(0.0)
    .with(OF_PRIOR)
    .group(GENERATED)
    .fixed();

static FILE: Key<String> =
    Key::file("file", MOST_BYTES, "A CSV file with the columns toxicity_1, toxicity_2 and so on, and perhaps weight.")
        .required()
        .with(&["generator = \"list\""])
        .group(GENERATED)
        .fixed();

const OF_MIXTURE: &[&str] = &["generator = \"mixture\""];
const NUMBER_MIXED: &str = "populations";
static OF: Key<Vec<String>> = Key::names("of", "names of populations above this one", "The populations that are mixed.")
    .required()
    .with(OF_MIXTURE)
    .group(GENERATED)
    .fixed();
static WEIGHTS: Key<Vec<f64>> = Key::numbers("weights", Within::OpenClosed(0.0, 1e9), "How much each of them counts as a whole.")
    .one_for_each("population", NUMBER_MIXED)
    .or_derived("equal")
    .with(OF_MIXTURE)
    .group(GENERATED)
    .fixed();

/// Read a block but its name. `None` when something was complained about, or doses or target are unknown. `above` are the populations
/// above it, each `None` where something was complained about.
pub(super) fn read(
    mut keys: Keys<'_>,
    name: Option<String>,
    doses: Option<&[f64]>,
    target: Option<&Target>,
    above: &[Option<Population>],
) -> Option<Population> {
    // The other keys of a block mean nothing before its generator is known.
    let kind = keys.get(&GENERATOR)?;
    if let Kind::List | Kind::Mixture = kind {
        let population = match kind {
            Kind::List => read_list(&mut keys, name, doses.map(<[f64]>::len), target),
            _ => read_mixture(&mut keys, name, above),
        };
        keys.finish();
        return population;
    }
    let (count, seed) = (keys.get(&COUNT), keys.get(&SEED) as u64);
    let generator = read_generator(&mut keys, kind, doses.map(<[f64]>::len));
    let mtds = read_mtds(&mut keys, generator.as_ref());
    let limits = read_limits(&mut keys);
    let population = || {
        let (generator, doses, target) = (generator?, doses?, target?);
        let recipe = Recipe { generator, doses, target, mtds: mtds?, limits: limits?, seed };
        let scenario = |number: usize| {
            let (toxicity, correct) = recipe.curve(number as u64)?;
            Ok(Scenario::new(number.to_string(), toxicity, correct))
        };
        let scenarios: Result<Vec<Scenario>, NoCurve> = (1..=count?).map(scenario).collect();
        match scenarios {
            Ok(scenarios) => Some(Population::new(name?, format!("{} curves{}.", scenarios.len(), recipe.words()), scenarios)),
            Err(fault) => {
                complain_of_no_curve(&mut keys, &fault);
                None
            }
        }
    };
    let population = population();
    keys.finish();
    population
}

/// Complain that there is no curve, at the first of the keys that conflict: those that say what a curve must be, or those that describe
/// the family.
fn complain_of_no_curve(keys: &mut Keys<'_>, fault: &NoCurve) {
    let conflict = fault.conflict();
    if conflict.is_empty() {
        let (key, message) = no_such_curve(keys);
        return keys.complain(key, message, None);
    }
    // A generator around an MTD has keys of its own that decide how far the neighbours are.
    let key = conflict.iter().find(|key| keys.has(key)).unwrap_or(&"generator");
    let help = "no curve that the generator draws satisfies these keys together, or hardly any: widen one of them";
    keys.complain(key, fault.to_string(), Some(help.to_owned()));
}

fn read_generator(keys: &mut Keys<'_>, kind: Kind, levels: Option<usize>) -> Option<Generator> {
    match kind {
        Kind::Family(family) => read_family(keys, family, &curves::RANDOM),
        Kind::Paoletti => {
            let (step, step_sd, mtd_sd) = (keys.get(&STEP), keys.get(&STEP_SD), keys.get(&MTD_SD));
            Some(Generator::Paoletti { step, step_sd, mtd_sd })
        }
        Kind::Clertant => Some(Generator::Clertant),
        Kind::Dirichlet => {
            if let Some(levels) = levels {
                keys.know(LEVELS_AND_1, (levels + 1) as f64);
            }
            if keys.count("concentration").is_some() {
                return Some(Generator::Dirichlet { concentration: keys.get(&CONCENTRATIONS)? });
            }
            let concentration = keys.get(&CONCENTRATION);
            Some(Generator::Dirichlet { concentration: vec![concentration; levels? + 1] })
        }
        Kind::Prior => {
            let reference_dose = keys.get(&REFERENCE_DOSE);
            let (mean, sd, correlation) = (keys.get(&PRIOR_MEAN), keys.get(&PRIOR_SD), keys.get(&PRIOR_CORRELATION));
            Some(Generator::Prior { reference_dose: reference_dose?, mean: mean?, sd: sd?, correlation })
        }
        Kind::List | Kind::Mixture => None,
    }
}

/// `mtd`: the correct levels to draw from, 0 being none. The outer `None`: there was a complaint.
fn read_mtds(keys: &mut Keys<'_>, generator: Option<&Generator>) -> Option<Option<Vec<Option<Level>>>> {
    let Some(mtds) = keys.sound(&MTD)? else { return Some(None) };
    if mtds.is_empty() {
        keys.complain("mtd", "found an empty list; allowed: the levels that may be correct", None);
        return None;
    }
    if let Some(none) = mtds.iter().position(|&mtd| mtd == 0)
        && generator.is_some_and(Generator::has_mtd)
    {
        keys.complain_entry("mtd", none, "found 0, no level; allowed: levels, because this generator makes curves around an MTD");
        return None;
    }
    Some(Some(mtds.into_iter().map(|mtd| mtd.checked_sub(1)).collect()))
}

/// `mtd_within` and `gaps`. `None`: there was a complaint.
fn read_limits(keys: &mut Keys<'_>) -> Option<Limits> {
    let (mtd_within, gaps) = (keys.sound(&MTD_WITHIN), keys.sound(&GAPS));
    let (mtd_within, gaps) = (mtd_within?, gaps?);
    let Some([low, high]) = gaps else { return Some(Limits { mtd_within, gaps: None }) };
    if low >= high {
        keys.complain("gaps", format!("found [{low}, {high}]; allowed: the smallest gap first"), None);
        return None;
    }
    Some(Limits { mtd_within, gaps: Some((low, high)) })
}

/// `of` and `weights`: populations above this one, and how much each counts.
fn read_mixture(keys: &mut Keys<'_>, name: Option<String>, above: &[Option<Population>]) -> Option<Population> {
    let wanted = keys.get(&OF);
    if let Some(wanted) = &wanted {
        keys.know(NUMBER_MIXED, wanted.len() as f64);
    }
    let weights = keys.sound(&WEIGHTS)?;
    let wanted = wanted?;
    if wanted.is_empty() {
        keys.complain("of", "found an empty list; allowed: the names of populations above this one", None);
        return None;
    }
    // One that could not be read may be the one that is meant.
    let known: Vec<&Population> = above.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let mut parts = Vec::new();
    for (index, word) in wanted.iter().enumerate() {
        let weight = weights.as_ref().and_then(|weights| weights.get(index)).copied().unwrap_or(1.0);
        match known.iter().find(|population| population.name == *word) {
            _ if wanted[..index].contains(word) => keys.complain_entry("of", index, format!("{word:?} is there twice")),
            Some(part) => parts.push((*part, weight)),
            None => {
                let names: Vec<String> = known.iter().map(|population| quoted(&population.name)).collect();
                let allowed = if names.is_empty() { "none is there".to_owned() } else { names.join(", ") };
                keys.complain_entry("of", index, format!("found {word:?}; allowed: the populations above this one: {allowed}"));
            }
        }
    }
    let curves: usize = parts.iter().map(|(part, _)| part.scenarios.len()).sum();
    if curves > MOST_CURVES {
        keys.complain("of", format!("found {curves} curves; allowed: at most {MOST_CURVES}"), None);
    }
    if keys.has_errors() { None } else { Some(Population::mixture(name?, &parts)) }
}

/// The curves of the file that `file` names: one a row, in columns headed `toxicity_1`, `toxicity_2`, ..., with their weights where there
/// is a column `weight`; other columns are not looked at.
fn read_list(keys: &mut Keys<'_>, name: Option<String>, levels: Option<usize>, target: Option<&Target>) -> Option<Population> {
    let file = keys.file(&FILE)?;
    let (levels, target) = (levels?, target?);
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    let mut faults = Vec::new();
    let (mut scenarios, mut weights, mut not_monotone) = (Vec::new(), Vec::new(), None);
    let rows = curves(text, levels).unwrap_or_else(|fault| {
        faults.push(fault);
        Vec::new()
    });
    for (line, row) in rows {
        match row {
            Ok((toxicity, weight)) => {
                let (number, correct) = (scenarios.len() + 1, target.correct_level(&toxicity));
                let scenario = Scenario::new(number.to_string(), toxicity, correct);
                if !scenario.is_monotone() {
                    not_monotone = not_monotone.or(Some(line));
                }
                scenarios.push(scenario);
                weights.push(weight);
            }
            Err(fault) => faults.push(format!("line {line}: {fault}")),
        }
    }
    if scenarios.is_empty() && faults.is_empty() {
        faults.push("there is no curve in it: no row follows the header".to_owned());
    }
    if scenarios.len() > MOST_CURVES {
        faults.push(format!("found {} curves; allowed: at most {MOST_CURVES}", scenarios.len()));
    }
    for fault in faults.iter().take(MOST_SHOWN) {
        keys.complain("file", format!("{}: {fault}", file.name), None);
    }
    if faults.len() > MOST_SHOWN {
        keys.complain("file", format!("{}: {} more lines are no curves either", file.name, faults.len() - MOST_SHOWN), None);
    }
    if let Some(line) = not_monotone {
        keys.warn("file", format!("{}, line {line}: toxicity is not monotone in the dose", file.name));
    }
    let mut population = Population { name: name?, origin: String::new(), scenarios, weights };
    let weighted = if population.is_weighted() { ", with the weights that it gives them" } else { "" };
    population.origin = format!("{} curves of the file {}{weighted}.", population.scenarios.len(), file.name);
    faults.is_empty().then_some(population)
}

/// A row of a file of curves: its line, and its curve with its weight, or what is wrong with it.
type Row = (u64, Result<(Vec<f64>, f64), String>);

/// The rows of a CSV file with a column of toxicities for each of so many levels, or what is wrong with its header.
fn curves(text: &str, levels: usize) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let names: Vec<String> = (1..=levels).map(|level| format!("toxicity_{level}")).collect();
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &String| {
        let missing = || format!("the column {name:?} is missing; needed, one for each dose level: {}", names.join(","));
        header.iter().position(|heading| heading == name).ok_or_else(missing)
    };
    let columns: Vec<usize> = names.iter().map(column).collect::<Result<_, String>>()?;
    let beyond = format!("toxicity_{}", levels + 1);
    if header.iter().any(|heading| heading == beyond) {
        return Err(format!("found the column {beyond:?}; the study has {levels} dose levels"));
    }
    let weights = header.iter().position(|heading| heading == "weight");
    let row = |record: csv::StringRecord| -> Row {
        let toxicity = |(&column, name): (&usize, &String)| {
            let entry = record.get(column).unwrap_or_default();
            let number = entry.parse().ok().filter(|number| (0.0..=1.0).contains(number));
            number.ok_or_else(|| format!("{name}: found {entry:?}; allowed: a number from 0 to 1"))
        };
        let weight = || {
            let Some(column) = weights else { return Ok(1.0) };
            let entry = record.get(column).unwrap_or_default();
            let number = entry.parse().ok().filter(|number| 0.0 < *number && *number <= 1e9);
            number.ok_or_else(|| format!("found the weight {entry:?}; allowed: a number above 0 and at most 1e9"))
        };
        let curve: Result<Vec<f64>, String> = columns.iter().zip(&names).map(toxicity).collect();
        (record.position().map_or(0, csv::Position::line), curve.and_then(|curve| Ok((curve, weight()?))))
    };
    // Text in memory that is UTF-8, with rows of any length, has no other faults.
    Ok(reader.records().filter_map(Result::ok).map(row).collect())
}
