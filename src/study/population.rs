//! `[[population]]`: many toxicity curves.
//!
//! | key | default | |
//! |---|---|---|
//! | `name` | required | |
//! | `generator` | required | a family (`"logistic"`, `"log-logistic"`, `"power"`, `"emax"`, `"weibull"`), `"paoletti"`, `"clertant"`, `"dirichlet"`, `"prior"`, `"list"` or `"mixture"` |
//! | `count`, `seed` | required, 1 | how many curves are drawn; not of a list or a mixture |
//! | `mtd`, `mtd_within`, `gaps` | none | what a drawn curve must be: its correct level, how far that may be from the target, how far its neighbours are from it |
//! | `file` | required | of a list: a CSV file with the columns `toxicity_1`, `toxicity_2`, ..., and `weight` where some curves count more |
//! | `of`, `weights` | required, equal | of a mixture: populations above it, and how much each counts as a whole |
//!
//! The other keys are those of a generator: see [`Generator`]. What is averaged over a population (results, a `[tune]`) is averaged with
//! the weights of its curves.

use super::curves::{no_such_curve, read_family};
use crate::keys::{Keys, Within, quoted};
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

/// Read a block but its name. `None` when something was complained about, or doses or target are unknown. `above` are the populations
/// above it, each `None` where something was complained about.
pub(super) fn read(
    mut keys: Keys<'_>,
    name: Option<String>,
    doses: Option<&[f64]>,
    target: Option<&Target>,
    above: &[Option<Population>],
) -> Option<Population> {
    keys.require("generator");
    let families = Family::WORDS.map(|(word, family)| (word, Kind::Family(family)));
    let others = [
        ("paoletti", Kind::Paoletti),
        ("clertant", Kind::Clertant),
        ("dirichlet", Kind::Dirichlet),
        ("prior", Kind::Prior),
        ("list", Kind::List),
        ("mixture", Kind::Mixture),
    ];
    // The other keys of a block mean nothing before its generator is known.
    let kind = keys.choice("generator", &[&families[..], &others[..]].concat())?;
    if let Kind::List | Kind::Mixture = kind {
        let population = match kind {
            Kind::List => read_list(&mut keys, name, doses.map(<[f64]>::len), target),
            _ => read_mixture(&mut keys, name, above),
        };
        keys.finish();
        return population;
    }
    keys.require("count");
    let count = keys.whole("count", 1..=MOST_CURVES);
    let seed = keys.whole("seed", 0..=i64::MAX as usize).unwrap_or(1) as u64;
    let generator = read_generator(&mut keys, kind, doses.map(<[f64]>::len));
    let mtds = read_mtds(&mut keys, doses.map(<[f64]>::len), generator.as_ref());
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
    let sd = Within::Closed(0.0, 10.0);
    match kind {
        Kind::Family(family) => read_family(keys, family, false),
        Kind::Paoletti => {
            let step = keys.number("step", Within::Closed(0.0, 10.0)).unwrap_or(0.38);
            let step_sd = keys.number("step_sd", sd).unwrap_or(0.35);
            let mtd_sd = keys.number("mtd_sd", sd).unwrap_or(0.05);
            Some(Generator::Paoletti { step, step_sd, mtd_sd })
        }
        Kind::Clertant => Some(Generator::Clertant),
        Kind::Dirichlet => {
            let within = Within::Closed(0.01, 1000.0);
            if keys.count("concentration").is_some() {
                let expected = levels.map(|levels| (levels + 1, "increment: to each level, and from the highest level to 1"));
                return Some(Generator::Dirichlet { concentration: keys.numbers("concentration", within, expected)? });
            }
            let concentration = keys.number("concentration", within).unwrap_or(1.0);
            Some(Generator::Dirichlet { concentration: vec![concentration; levels? + 1] })
        }
        Kind::Prior => {
            let pair = |keys: &mut Keys<'_>, key, low| -> Option<[f64; 2]> {
                keys.require(key);
                keys.numbers(key, Within::Closed(low, 10.0), Some((2, "parameter")))?.try_into().ok()
            };
            keys.require("reference_dose");
            let reference_dose = keys.number("reference_dose", Within::Open(0.0, f64::INFINITY));
            let (mean, sd) = (pair(keys, "prior_mean", -10.0), pair(keys, "prior_sd", 0.0));
            let correlation = keys.number("prior_correlation", Within::Closed(-1.0, 1.0)).unwrap_or(0.0);
            Some(Generator::Prior { reference_dose: reference_dose?, mean: mean?, sd: sd?, correlation })
        }
        Kind::List | Kind::Mixture => None,
    }
}

/// `mtd`: the correct levels to draw from, 0 being none. The outer `None`: there was a complaint.
fn read_mtds(keys: &mut Keys<'_>, levels: Option<usize>, generator: Option<&Generator>) -> Option<Option<Vec<Option<Level>>>> {
    let mtds = keys.wholes("mtd", 0..=levels.unwrap_or(MAX_LEVELS));
    if !keys.has("mtd") {
        return Some(None);
    }
    let mtds = mtds?;
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
    let mtd_within = keys.number("mtd_within", Within::OpenClosed(0.0, 1.0));
    let gaps = keys.numbers("gaps", Within::Closed(0.0, 1.0), Some((2, "end of the range")));
    if keys.has("mtd_within") && mtd_within.is_none() || keys.has("gaps") && gaps.is_none() {
        return None;
    }
    let Some([low, high]) = gaps.as_deref() else { return Some(Limits { mtd_within, gaps: None }) };
    if low >= high {
        keys.complain("gaps", format!("found [{low}, {high}]; allowed: the smallest gap first"), None);
        return None;
    }
    Some(Limits { mtd_within, gaps: Some((*low, *high)) })
}

/// `of` and `weights`: populations above this one, and how much each counts.
fn read_mixture(keys: &mut Keys<'_>, name: Option<String>, above: &[Option<Population>]) -> Option<Population> {
    keys.require("of");
    let wanted = keys.texts("of");
    let expected = wanted.as_ref().map(|wanted| (wanted.len(), "population"));
    let weights = keys.numbers("weights", Within::OpenClosed(0.0, 1e9), expected);
    if keys.has("weights") && weights.is_none() {
        return None;
    }
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
    keys.require("file");
    let file = keys.file("file", MOST_BYTES)?;
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
