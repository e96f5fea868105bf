//! What the cells of the tables beyond the scenarios must be: populations of curves, worst curves and sensitivities.

use super::{Place, dash, level_of, written};
use crate::report::everywhere::data::Data;
use crate::report::everywhere::rounding::{DLTS, INDEX, Kind, MEAN, PERCENT, Sure, cell, grouped};
use crate::report::everywhere::squeezed;
use serde_json::Value;

/// The population that a caption names.
fn population<'d>(data: &'d Data, place: &Place<'_>) -> Option<&'d Value> {
    let mut all = data.json["populations"].as_array()?.iter();
    all.find(|one| place.table.caption.contains(&format!("“{}”", squeezed(one["population"].as_str().unwrap()))))
}

/// A cell of a table over the curves of a population.
pub(super) fn over_curves(data: &Data, place: &Place<'_>) -> Option<String> {
    let [group, heading, _] = place.column;
    let design = place.design(data)?;
    let population = population(data, place)?;
    let found = Data::named(&population["designs"], "design", &design)?;
    let of = |metric: &str, field: &str| Data::named(&found["operating_characteristics"], "metric", metric)?[field].as_f64();
    let field = match heading.as_str() {
        "5 %" => "q05",
        "Median" => "q50",
        "95 %" => "q95",
        "Lowest" => "min",
        _ => "mean",
    };
    let (value, kind, signed) = match (group.as_str(), heading.as_str()) {
        ("", "Design") => return Some(design),
        ("Correct selection, %", _) => (of("correct_selection", field), PERCENT, false),
        ("Too toxic selected, %", _) => (of("over_selection", field), PERCENT, false),
        ("Over 60 % above MTD, %", _) => (of("overdose_60", field), PERCENT, false),
        ("Patients above MTD, %", _) => (of("share_above_mtd", field), PERCENT, false),
        ("", "Patients") => (of("total_patients", field), MEAN, false),
        ("", "DLTs") => (of("total_dlts", field), DLTS, false),
        ("", "Weeks") => (of("duration_weeks", field), MEAN, false),
        ("Best on, % of curves", "Alone") => (found["share_best"].as_f64(), PERCENT, false),
        ("Best on, % of curves", "Tied") => (found["share_tied_best"].as_f64(), PERCENT, false),
        ("Behind the best, points", "Mean") => (found["regret_to_best"].as_f64(), PERCENT, false),
        ("Behind the best, points", "Most") => (found["regret_to_best_max"].as_f64(), PERCENT, false),
        ("", "Behind benchmark") => (found["regret_to_benchmark"].as_f64(), PERCENT, true),
        _ => return None,
    };
    Some(value.map_or_else(dash, |value| cell(kind, signed, value, Sure::Exact)))
}

/// What a design does on the curves of the correct level that the heading of its group names, or on all of them; the heading counts them.
pub(super) fn by_correct_level(data: &Data, place: &Place<'_>) -> Option<String> {
    let design = place.design(data)?;
    let found = Data::named(&population(data, place)?["designs"], "design", &design)?;
    let (level, curves) = match place.heading.split_once(": ") {
        Some(("No level is correct", curves)) => (Some(0), curves),
        Some((level, curves)) => (Some(level_of(level.strip_prefix("MTD ")?)?), curves),
        None => (None, place.heading.strip_prefix("All ")?),
    };
    let group = match level {
        Some(level) => found["by_correct_level"].as_array()?.iter().find(|one| one["correct_level"] == level)?,
        None => found,
    };
    let of = |metric: &str| Data::named(&group["operating_characteristics"], "metric", metric);
    // The benchmark has no patients, and nothing where no level is correct.
    let counted = of("total_patients").map(|one| grouped(one["curves"].as_f64().unwrap()));
    if counted.is_some_and(|counted| curves.split(' ').next() != Some(&counted)) {
        return None;
    }
    let share = |key: &str| Some(group[key].as_f64().map_or_else(dash, |value| cell(PERCENT, false, value, Sure::Exact)));
    let (metric, kind) = match place.column[1].as_str() {
        "Design" => return Some(design),
        "Engine" => return found["engine"].as_str().map(str::to_owned),
        "Best alone" => return share("share_best"),
        "Tied best" => return share("share_tied_best"),
        "Behind the best" => return share("regret_to_best"),
        "Correct" => ("correct_selection", PERCENT),
        "Too toxic" => ("over_selection", PERCENT),
        "Over 60 % above MTD" => ("overdose_60", PERCENT),
        "Patients above MTD" => ("share_above_mtd", PERCENT),
        "Patients" => ("total_patients", MEAN),
        "DLTs" => ("total_dlts", DLTS),
        "Weeks" => ("duration_weeks", MEAN),
        _ => return None,
    };
    let Some(mean) = of(metric) else { return Some(dash()) };
    let sure = match (mean["std_error"].as_f64(), found["replicates"].as_f64()) {
        (None, _) => Sure::Exact,
        // Replicates that all agree: what one more would change.
        (Some(error), Some(replicates)) if error <= 1e-9 => Sure::AtMost(1.0 / (mean["curves"].as_f64()? * replicates)),
        (Some(error), _) => Sure::Error(error),
    };
    Some(cell(kind, false, mean["mean"].as_f64()?, sure))
}

pub(super) fn on_worst_curve(data: &Data, place: &Place<'_>) -> Option<String> {
    let design = place.design(data)?;
    let headed = |one: &&Value| {
        let curve: Vec<String> = one["toxicity"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap().to_string()).collect();
        place.heading == format!("{}: {}", squeezed(one["name"].as_str().unwrap()), curve.join(", "))
    };
    let curve = data.json["worst_curves"].as_array()?.iter().find(headed)?;
    let found = Data::named(&curve["designs"], "design", &design)?;
    let (metric, kind) = match place.column[1].as_str() {
        "Design" => return Some(design),
        "Correct" => ("correct_selection", PERCENT),
        "Too toxic" => ("over_selection", PERCENT),
        "Over 60 % above MTD" => ("overdose_60", PERCENT),
        "Patients above MTD" => ("share_above_mtd", PERCENT),
        "DLTs" => ("total_dlts", DLTS),
        "Patients" => ("total_patients", MEAN),
        _ => return None,
    };
    Some(Data::characteristic(found, metric, None).map_or_else(dash, |(value, _)| cell(kind, false, value, Sure::Exact)))
}

pub(super) fn of_search(data: &Data, place: &Place<'_>) -> Option<String> {
    let (case, _) = place.heading.rsplit_once(": ")?;
    let level = (0..=data.study.doses.levels.len()).find(|&level| data.level_words(level) == place.row())?;
    let case = Data::named(&data.json["worst_curves"], "name", case)?;
    let found = case["by_correct_level"].as_array()?.iter().find(|one| one["correct_level"] == level)?;
    let words = |value: &Value| value.as_f64().map(|value| Data::worst_words(case["measure"].as_str().unwrap(), value));
    Some(match place.column[1].as_str() {
        "MTD" => place.row().to_owned(),
        "Worst" => words(&found["value"])?,
        "Searches" => found["starts"].to_string(),
        "Ended here" => found["agreed"].to_string(),
        "Next worst" => words(&found["second"]).unwrap_or_else(dash),
        "Limits reached" => found["limits_reached"].as_str()?.to_owned(),
        level => written(place.found(), found["toxicity"][level_of(level)? - 1].as_f64()?),
    })
}

/// The kind of a metric of the sensitivities.
fn kind_of(metric: &str) -> Kind {
    match metric {
        "total_patients" | "cohorts" => MEAN,
        "total_dlts" => DLTS,
        "accuracy_index" => INDEX,
        _ => PERCENT,
    }
}

/// The sensitivity that a caption names, by design and scenario.
fn sensitivity<'d>(data: &'d Data, place: &Place<'_>) -> Option<&'d Value> {
    let ends = |one: &&Value| {
        let [design, scenario] = ["design", "scenario"].map(|key| squeezed(one[key].as_str().unwrap()));
        place.table.caption.ends_with(&format!(": {design} under “{scenario}”"))
    };
    data.json["sensitivities"].as_array()?.iter().find(ends)
}

pub(super) fn of_derivative(data: &Data, place: &Place<'_>) -> Option<String> {
    let kind = kind_of(place.row());
    let found = Data::named(&sensitivity(data, place)?["derivatives"], "metric", place.row())?;
    Some(match place.column[1].as_str() {
        "Metric" => place.row().to_owned(),
        "Now" => cell(kind, false, found["value"].as_f64()?, Sure::Exact),
        // Per hundredth of toxicity; probabilities in hundredths, too.
        level => {
            let slope = found["by_level"][level_of(level)? - 1].as_f64()?;
            cell(INDEX, true, if kind == PERCENT || kind == INDEX { slope } else { slope / 100.0 }, Sure::Exact)
        }
    })
}

pub(super) fn of_change(data: &Data, place: &Place<'_>) -> Option<String> {
    let metric = match place.column[1].as_str() {
        "Change" | "From" | "To" | "Step" => None,
        "Correct" => Some("correct_selection"),
        "Too toxic" => Some("over_selection"),
        "Over 60 % above MTD" => Some("overdose_60"),
        "Patients above MTD" => Some("share_above_mtd"),
        "DLTs" => Some("total_dlts"),
        "Patients" => Some("total_patients"),
        _ => return None,
    };
    let is_row =
        |one: &&Value| ["change", "from", "to", "step"].iter().zip(place.cells).all(|(key, cell)| one[key] == cell.as_str());
    let found = sensitivity(data, place)?["changes"].as_array()?.iter().find(is_row)?;
    let Some(metric) = metric else { return Some(place.found().to_owned()) };
    let value = Data::named(&found["operating_characteristics"], "metric", metric).and_then(|one| one["difference"].as_f64());
    Some(value.map_or_else(dash, |value| cell(kind_of(metric), true, value, Sure::Exact)))
}
