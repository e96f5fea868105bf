//! What every cell of every table of a report must be.

mod beyond;

use super::data::Data;
use super::rounding::{DLTS, Kind, MEAN, PERCENT, Sure, WHOLE, cell, grouped, rounded};
use super::squeezed;
use crate::report::printed::{Heading, Printed};
use beyond::{by_correct_level, of_change, of_derivative, of_search, on_worst_curve, over_curves};
use dosebench::design::decision_list::Then;
use dosebench::design::{Answer, Plan, Printable};
use dosebench::engine::Branch;
use dosebench::trial::{Cohort, Decision};
use serde_json::Value;

/// How the cells of a table are known.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// By what must stand there; `None` where nothing is known of such a row or column, which is an error.
    Cell(fn(&Data, &Place<'_>) -> Option<String>),
    /// They are words, whose numbers are looked at as those of all prose.
    Words,
}

/// A cell of a table.
pub(super) struct Place<'a> {
    pub(super) table: &'a Printed,
    /// The heading above its row.
    pub(super) heading: &'a str,
    /// Its row.
    pub(super) cells: &'a [String],
    pub(super) column: &'a Heading,
    /// The number of its column.
    pub(super) at: usize,
}

impl Place<'_> {
    /// What its row is of.
    fn row(&self) -> &str {
        &self.cells[0]
    }

    fn found(&self) -> &str {
        &self.cells[self.at]
    }

    /// What the first column must be, which names the design.
    fn design(&self, data: &Data) -> Option<String> {
        data.is_design(self.row()).then(|| self.row().to_owned())
    }
}

/// The tables by their ids, `#` for a number. A report with another table fails: it needs a line here.
const TABLES: &[(&str, Check)] = &[
    ("scenarios", Check::Cell(of_scenario)),
    ("synopsis-#", Check::Cell(of_rule)),
    ("decisions", Check::Cell(of_decision)),
    ("decisions-#", Check::Cell(of_decision)),
    ("pathways-#", Check::Cell(of_pathway)),
    ("selection", Check::Cell(by_scenario)),
    ("safety", Check::Cell(by_scenario)),
    ("dlt-count", Check::Cell(by_scenario)),
    ("allocation", Check::Cell(by_scenario)),
    ("size", Check::Cell(by_scenario)),
    ("calendar", Check::Cell(by_scenario)),
    ("timing", Check::Words),
    ("stop-reasons", Check::Cell(of_stop_reason)),
    ("differences", Check::Cell(of_difference)),
    ("over-scenarios", Check::Cell(over_scenarios)),
    ("against-first", Check::Cell(against_first)),
    ("regret", Check::Cell(behind_benchmark)),
    ("population-#", Check::Cell(over_curves)),
    ("population-#-levels", Check::Cell(by_correct_level)),
    ("population-#-simulated", Check::Cell(by_correct_level)),
    ("worst-designs", Check::Cell(on_worst_curve)),
    ("worst-searches", Check::Cell(of_search)),
    ("sensitivity-derivatives", Check::Cell(of_derivative)),
    ("sensitivity-derivatives-#", Check::Cell(of_derivative)),
    ("sensitivity-changes", Check::Cell(of_change)),
    ("sensitivity-changes-#", Check::Cell(of_change)),
    ("agreement", Check::Cell(of_agreement)),
    ("definitions", Check::Words),
    ("reproduction", Check::Cell(of_reproduction)),
    ("checklist", Check::Words),
];

/// How the cells of a table are known.
pub(super) fn check_of(id: &str) -> Option<Check> {
    let parts: Vec<&str> = id.split('-').map(|part| if part.parse::<u8>().is_ok() { "#" } else { part }).collect();
    let id = parts.join("-");
    TABLES.iter().find(|(known, _)| *known == id).map(|&(_, check)| check)
}

/// The words for what does not exist.
fn dash() -> String {
    "–".to_owned()
}

fn level_of(heading: &str) -> Option<usize> {
    heading.strip_prefix('L')?.parse().ok()
}

/// A number that stands as it was written: what was found where it reads as that number, else how it could be written.
fn written(found: &str, value: f64) -> String {
    if found.parse() == Ok(value) { found.to_owned() } else { value.to_string() }
}

fn of_scenario(data: &Data, place: &Place<'_>) -> Option<String> {
    let [group, heading, _] = place.column;
    let found = data.scenario(place.row())?;
    let own = data.study.scenarios.iter().find(|own| found["name"] == own.name.as_str())?;
    Some(match (group.as_str(), heading.as_str()) {
        ("", "Scenario") => squeezed(&own.name),
        ("True DLT probability", level) => written(place.found(), found["toxicity"][level_of(level)? - 1].as_f64()?),
        // What a program reads of moderate toxicities is the study.
        ("Probability of a moderate toxicity without a DLT", level) => {
            own.moderate_toxicity.get(level_of(level)? - 1).map_or_else(dash, |&value| written(place.found(), value))
        }
        ("", "Correct selection") => data.level_words(found["correct_level"].as_u64()? as usize),
        ("", "Accrual") => {
            let rate = &found["accrual_per_week"];
            written(place.found(), rate.as_f64().or(data.json["study"]["timing"]["accrual_per_week"].as_f64())?)
        }
        _ => return None,
    })
}

/// A cell of the synopsis: what the rule of a design says of itself.
fn of_rule(data: &Data, place: &Place<'_>) -> Option<String> {
    let lines = |one: &Value| {
        let lines = one["synopsis"].as_array().unwrap().iter().filter(|line| line["item"] == place.row());
        lines.map(|line| line["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let designs = data.json["designs"].as_array()?;
    if place.column[1] == "Rule" {
        return designs.iter().any(|one| !lines(one).is_empty()).then(|| place.row().to_owned());
    }
    let values = lines(designs.iter().find(|one| squeezed(one["name"].as_str().unwrap()) == place.column[1])?);
    Some(if values.is_empty() { dash() } else { squeezed(&values.join("; ")) })
}

/// A cell of the decision tables: one decision for a range of DLTs. What the table of each cell must be `table::cells` holds against the
/// decision graphs; here, between levels, it is that of the data: the first of several, a 3+3 in its own letters.
fn of_decision(data: &Data, place: &Place<'_>) -> Option<String> {
    let (dlts, patients) = place.row().split_once(" of ")?;
    let (from, to) = match (dlts.strip_suffix(" or more"), dlts.split_once(" to ")) {
        (Some(from), _) => (from, patients),
        (None, Some(ends)) => ends,
        (None, None) => (dlts, dlts),
    };
    let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
    if place.at == 0 {
        return (from <= to).then(|| place.row().to_owned());
    }
    // A long name is cut in the middle.
    let (start, end) = place.column[1].split_once('…').unwrap_or((&place.column[1], ""));
    let design = data.names("designs", "name").into_iter().find(|name| {
        name.starts_with(start) && name.ends_with(end) && (name.len() == start.len() || place.column[1].contains('…'))
    })?;
    let found = place.found();
    let first = found.trim_end_matches(" *").split('/').next()?;
    let is_ended = matches!(first, "X" | "N");
    if let Some(more) = first.strip_prefix('+') {
        let own = data.study.designs.iter().find(|own| squeezed(&own.name) == design)?;
        let Plan::Rule(rule) = &own.plan else { return None };
        let Printable::List(list) = rule.printable() else { return None };
        let (patients, more): (u8, u8) = (patients.parse().ok()?, more.parse().ok()?);
        let here = |dlts: usize| {
            let mut lines = list.iter().filter(|line| (line.patients, usize::from(line.dlts)) == (patients, dlts));
            lines.any(|line| line.then == Then::Expand(more))
        };
        return (from..=to).all(here).then(|| found.to_owned());
    }
    if found.is_empty() || is_ended || !place.heading.starts_with("Levels between") {
        return ["", "E", "S", "D", "DU", "X", "XB", "N"].contains(&first).then(|| found.to_owned());
    }
    let said = |dlts: usize| {
        let here = [design.as_str(), patients, &dlts.to_string()];
        let row = data.decisions.iter().find(|row| [squeezed(&row["design"]).as_str(), &row["patients"], &row["dlts"]] == here);
        row.is_some_and(|row| match first {
            "XB" => row["decision"] == "DU",
            // What escalates stays below an eliminated level.
            "S" => matches!(row["decision"].as_str(), "S" | "E"),
            _ => row["decision"] == first,
        })
    };
    (from..=to).all(said).then(|| found.to_owned())
}

/// A cell of the pathways: what the rule says to what the cohorts brought.
fn of_pathway(data: &Data, place: &Place<'_>) -> Option<String> {
    let pathways = data.pathways.get(place.heading)?;
    let cohorts = ["The first cohort", "The first two cohorts", "The first three cohorts"][pathways.layers.len() - 1];
    place.table.caption.starts_with(&format!("{cohorts},")).then_some(())?;
    let most = pathways.layers.last()?.iter().map(|branch| branch.arrival.dlts).max()?;
    let dlts = if most == 1 { "DLT" } else { "DLTs" };
    place.table.caption.ends_with(&format!(", the last with up to {most} {dlts}")).then_some(())?;
    let brought = |branch: &Branch| {
        let moderate = if branch.watched { format!(", {} moderate", branch.arrival.moderate) } else { String::new() };
        let side = if branch.arrival.heads { ", heads" } else { ", tails" };
        format!("{}{moderate}{}", branch.arrival.dlts, branch.coin.map_or("", |_| side))
    };
    // Down the tree by what the row says.
    let mut branches = 0..pathways.layers[0].len();
    let mut next = cohort(pathways.first);
    let mut depth = 0;
    for words in place.row().split("; ").filter(|words| *words != "none") {
        let branch = branches.map(|index| &pathways.layers[depth][index]).find(|branch| brought(branch) == words)?;
        (branches, next) = (branch.children.clone(), answer(&branch.answer));
        depth += 1;
    }
    let [group, heading, _] = place.column;
    Some(match (group.as_str(), heading.as_str()) {
        ("", "DLTs so far") => place.row().to_owned(),
        ("", "Next cohort") => next,
        // To be filled in on paper.
        (_, "Agree" | "Comment") => String::new(),
        ("What follows, by the DLTs in that cohort", words) => {
            let branch = branches.map(|index| &pathways.layers[depth][index]).find(|branch| brought(branch) == words);
            branch.map_or_else(dash, |branch| answer(&branch.answer))
        }
        _ => return None,
    })
}

fn cohort(next: Cohort) -> String {
    format!("{} at L{}", next.patients, usize::from(next.level) + 1)
}

fn answer(answer: &Answer) -> String {
    let decided = |decision: &Decision| match decision {
        Decision::Enrol(next, _) => cohort(*next),
        Decision::Stop(selected, _) => {
            format!("stop: {}", selected.map_or_else(|| "none".to_owned(), |level| format!("L{}", usize::from(level) + 1)))
        }
    };
    match answer {
        Answer::Start(next) => cohort(*next),
        Answer::Decided(decision) => decided(decision),
        Answer::Tossed { heads, tails } => format!("coin: {} or {}", decided(heads), decided(tails)),
        Answer::Silent(_) => "no answer".to_owned(),
    }
}

/// The first two columns of tables in blocks by scenario.
fn head(data: &Data, place: &Place<'_>) -> Option<String> {
    match place.column[1].as_str() {
        "Design" => place.design(data),
        "Engine" => data.entry(place.heading, place.row())?["engine"].as_str().map(str::to_owned),
        _ => None,
    }
}

/// A cell of a table in blocks by scenario.
fn by_scenario(data: &Data, place: &Place<'_>) -> Option<String> {
    let [group, heading, detail] = place.column;
    if place.row() == "True DLT probability" {
        let toxicity = &data.scenario(place.heading)?["toxicity"];
        return Some(match level_of(heading) {
            Some(level) => written(place.found(), toxicity[level - 1].as_f64()?),
            None if place.at == 0 => place.row().to_owned(),
            None => String::new(),
        });
    }
    if let Some(cell) = head(data, place) {
        return Some(cell);
    }
    let entry = data.entry(place.heading, place.row())?;
    if heading == "Above plan" {
        let planned = data.study.planned_patients?;
        let sizes = entry["sample_size"].as_array()?;
        let above = sizes.iter().filter(|one| one["patients"].as_u64().unwrap() as usize > planned);
        let value: f64 = above.map(|one| one["probability"].as_f64().unwrap()).sum();
        return Some(if sizes.is_empty() { dash() } else { data.proportion(entry, value) });
    }
    if let Some(least) = heading.strip_prefix("≥ ").filter(|_| group == "At least so many DLTs, % of trials") {
        let least: u64 = least.parse().ok()?;
        let counts = entry["dlt_count"].as_array()?.iter().filter(|one| one["dlts"].as_u64().unwrap() >= least);
        return Some(data.proportion(entry, counts.map(|one| one["probability"].as_f64().unwrap()).sum()));
    }
    let level = || level_of(heading).map(|level| level as u64);
    let (metric, level, kind): (_, _, Kind) = match (group.as_str(), heading.as_str(), detail.as_str()) {
        ("Level selected, % of trials", "None", _) => ("selection", Some(0), PERCENT),
        ("Level selected, % of trials", ..) => ("selection", Some(level()?), PERCENT),
        ("Patients treated at the level, mean", ..) => ("patients", Some(level()?), MEAN),
        ("Selection is", "Correct", _) => ("correct_selection", None, PERCENT),
        ("Selection is", "Acceptable", _) => ("acceptable_selection", None, PERCENT),
        ("Selection is", "Too toxic", _) | ("", "Too toxic selected", _) => ("over_selection", None, PERCENT),
        ("In the trial", "Patients", _) | ("Patients", "Mean", _) => ("total_patients", None, MEAN),
        ("In the trial" | "", "DLTs", _) => ("total_dlts", None, DLTS),
        ("In the trial", "DLT rate", _) | ("", "DLT rate", "%, ratio of means") => ("dlt_rate", None, PERCENT),
        ("", "DLT rate", "%, mean of trials") => ("dlt_rate_trial_mean", None, PERCENT),
        ("", "Patients above correct", _) | ("Share of patients", "Above correct", _) => ("share_above_mtd", None, PERCENT),
        ("Share of patients", "At correct", _) => ("share_at_mtd", None, PERCENT),
        ("", "Over 60 % above correct", _) => ("overdose_60", None, PERCENT),
        ("", "Over 80 % above correct", _) => ("overdose_80", None, PERCENT),
        ("", "Poor allocation", _) => ("poor_allocation", None, PERCENT),
        ("Patients", "5 %", _) => ("total_patients_q05", None, WHOLE),
        ("Patients", "Median", _) => ("total_patients_q50", None, WHOLE),
        ("Patients", "95 %", _) => ("total_patients_q95", None, WHOLE),
        ("", "Cohorts", _) => ("cohorts", None, MEAN),
        ("Duration, weeks", "Mean", _) => ("duration_weeks", None, MEAN),
        ("Duration, weeks", "5 %", _) => ("duration_weeks_q05", None, MEAN),
        ("Duration, weeks", "Median", _) => ("duration_weeks_q50", None, MEAN),
        ("Duration, weeks", "95 %", _) => ("duration_weeks_q95", None, MEAN),
        ("", "Enrolment closed", _) => ("closed_weeks", None, MEAN),
        ("", "On time", _) => ("on_time", None, PERCENT),
        ("", "Uninformed DLTs", _) => ("uninformed_dlts", None, DLTS),
        ("", "Turned away", _) => ("turned_away", None, MEAN),
        ("", "Dropped out", _) => ("dropouts", None, MEAN),
        ("", "Late DLTs", _) => ("late_dlts", None, DLTS),
        _ => return None,
    };
    let found = Data::characteristic(entry, metric, level);
    Some(found.map_or_else(dash, |(value, error)| cell(kind, false, value, data.sure(error))))
}

fn of_stop_reason(data: &Data, place: &Place<'_>) -> Option<String> {
    if let Some(cell) = head(data, place) {
        return Some(cell);
    }
    let reason = match place.column[1].as_str() {
        "Lowest level too toxic" => "too_toxic",
        "MTD declared" => "mtd_declared",
        "Enough patients at a level" => "stop_at_patients",
        "Enough patients at a named level" => "stop_at_level_patients",
        "A level known well enough" => "precise",
        "All patients treated" => "max_patients",
        _ => return None,
    };
    let entry = data.entry(place.heading, place.row())?;
    let found = entry["stop_reasons"].as_array()?.iter().find(|one| one["reason"] == reason);
    Some(found.map_or_else(dash, |one| data.proportion(entry, one["probability"].as_f64().unwrap())))
}

fn of_difference(data: &Data, place: &Place<'_>) -> Option<String> {
    let entry = data.entry(place.heading, place.row())?;
    let (metric, kind) = match place.column[1].as_str() {
        "Design" => return place.design(data),
        // Where the difference comes from, which need not be where the design's own numbers do.
        "Engine" => return entry["paired_differences"][0]["engine"].as_str().map(str::to_owned),
        "Correct" => ("correct_selection", PERCENT),
        "Acceptable" => ("acceptable_selection", PERCENT),
        "Too toxic" => ("over_selection", PERCENT),
        "Patients" => ("total_patients", MEAN),
        "DLTs" => ("total_dlts", DLTS),
        "DLT rate" => ("dlt_rate", PERCENT),
        "Duration" => ("duration_weeks", MEAN),
        _ => return None,
    };
    Some(Data::difference(entry, metric).map_or_else(dash, |(value, error)| {
        cell(kind, true, value, error.map_or(Sure::Exact, |(error, lower, upper)| Sure::Interval(error, lower, upper)))
    }))
}

/// What is shown over all scenarios: its metric, kind, and whether the lowest is the worst.
pub(super) const COMPARED: [(&str, &str, Kind, bool); 4] = [
    ("Correct selection, %", "correct_selection", PERCENT, true),
    ("Too toxic selected, %", "over_selection", PERCENT, false),
    ("Patients, mean number", "total_patients", MEAN, false),
    ("DLTs, mean number", "total_dlts", DLTS, false),
];

fn over_scenarios(data: &Data, place: &Place<'_>) -> Option<String> {
    over_all(data, place, false, Data::over_scenarios)
}

fn against_first(data: &Data, place: &Place<'_>) -> Option<String> {
    over_all(data, place, true, Data::against_first)
}

fn over_all(data: &Data, place: &Place<'_>, signed: bool, values: fn(&Data, &str, &str) -> Vec<(f64, f64)>) -> Option<String> {
    let [group, heading, _] = place.column;
    let design = place.design(data)?;
    if heading == "Design" {
        return Some(design);
    }
    let &(_, metric, kind, lowest) = COMPARED.iter().find(|(words, ..)| words == group)?;
    let which = ["Mean", "Worst"].iter().position(|words| words == heading)?;
    let found = Data::mean_and_worst(&values(data, &design, metric), lowest);
    Some(found.map_or_else(dash, |found| cell(kind, signed, found[which].0, found[which].1)))
}

fn behind_benchmark(data: &Data, place: &Place<'_>) -> Option<String> {
    let [_, heading, benchmark] = place.column;
    let design = place.design(data)?;
    if heading == "Design" {
        return Some(design);
    }
    let which = ["Mean behind", "Worst behind"].iter().position(|words| words == heading)?;
    data.is_design(benchmark).then_some(())?;
    let found = Data::mean_and_worst(&data.behind(&design, benchmark), false);
    // The errors of both designs together are a bound.
    Some(found.map_or_else(dash, |found| {
        let sure = if found[which].1.error() > 0.0 { Sure::AtMost(found[which].1.error()) } else { Sure::Exact };
        cell(PERCENT, true, found[which].0, sure)
    }))
}

/// A cell of the table of agreement.
fn of_agreement(data: &Data, place: &Place<'_>) -> Option<String> {
    let found = &data.entry(place.heading, place.row())?["agreement"];
    let number = |key: &str| found[key].as_f64();
    Some(match place.column[1].as_str() {
        "Design" => place.design(data)?,
        "Replicates" => grouped(number("replicates")?),
        "Chi-square" => rounded(number("chi_square")?, 1, false),
        "Degrees of freedom" => rounded(number("degrees_of_freedom")?, 0, false),
        "p-value" => rounded(number("p_value")?, 3, false),
        _ => return None,
    })
}

fn of_reproduction(data: &Data, place: &Place<'_>) -> Option<String> {
    if place.column[1] == "Item" {
        return Some(place.row().to_owned());
    }
    let (study, simulation) = (&data.json["study"], &data.json["simulation"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(match place.row() {
        "Program" => format!("dosebench {}", text(&data.json["version"])?),
        "Command" => format!("dosebench run {}", text(&study["file"])?),
        "Study file" => text(&study["file"])?,
        "SHA-256 of the study file" => text(&study["sha256"])?,
        "Engine asked for" => text(&simulation["engine"])?,
        "Replicates a scenario, where simulated"
        | "Replicates a population, where simulated"
        | "Replicates a scenario or population, where simulated" => grouped(data.replicates()),
        "Seed" => simulation["seed"].to_string(),
        "Target DLT probability" => written(place.found(), study["target"].as_f64()?),
        "Acceptable band" => format!("{} to {}, ends included", study["acceptable"][0], study["acceptable"][1]),
        _ => return None,
    })
}
