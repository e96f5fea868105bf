//! Which tables a report has: results put into the table model, nothing rounded.

mod characteristics;
mod checks;
mod comparison;
mod curves;
mod designs;
mod pathways;
mod populations;
mod sensitivity;

pub(super) use characteristics::{allocation, calendar, dlt_counts, in_short, safety, selection, size, stop_reasons};
pub(super) use checks::{agreement, definitions, reproduction};
pub(super) use comparison::{differences, differences_in, mean_and_worst};
pub(super) use curves::{worst_certificates, worst_designs, worst_findings, worst_in_short, worst_scenario};
pub(super) use designs::{design_lines, scenarios, synopses, timing};
pub(super) use pathways::pathways;
pub(super) use populations::{population_findings, population_tables};
pub(super) use sensitivity::sensitivity_tables;

use super::table::{Cell, Column, Kind, Mark, Spread, grouped, written, written_alike};
use crate::measure::{Metric, Results, Source, Summary, proportion_error};
use crate::scenario::{Place, Scenario};
use crate::study::Study;
use crate::trial::{Level, shown};

/// The doses with their unit, lowest first.
pub(super) fn doses(study: &Study) -> Vec<String> {
    let unit = &study.doses.unit;
    written_alike(&study.doses.levels)
        .into_iter()
        .map(|dose| if unit.is_empty() { dose } else { format!("{dose} {unit}") })
        .collect()
}

/// The level that is correct to select, for people: `L3: 1.0 mg/kg`, or `none`.
pub(super) fn correct_words(study: &Study, scenario: &Scenario) -> String {
    scenario
        .correct
        .and_then(|level| Some(format!("L{}: {}", level + 1, doses(study).get(level)?)))
        .unwrap_or_else(|| "none".to_owned())
}

/// The summaries of one scenario beside the designs' places in the study.
fn designs_of(summaries: &[Summary]) -> impl Iterator<Item = (usize, &Summary)> {
    summaries.iter().enumerate()
}

/// The scenarios beside their summaries.
fn scenarios_of<'a>(study: &'a Study, results: &'a Results) -> impl Iterator<Item = (&'a Scenario, &'a [Summary])> {
    study.scenarios.iter().zip(results.summaries.iter().map(Vec::as_slice))
}

/// The name of a design by its place in the study.
fn design_name(study: &Study, place: usize) -> String {
    study.designs.get(place).map_or_else(String::new, |design| design.name.clone())
}

/// A standard error below this is zero: replicates that all agree, whose sums are rounded.
const NO_ERROR: f64 = 1e-9;

/// How sure a characteristic is. Replicates that all agree leave a standard error of zero; the digits then follow what one
/// replicate more or less would change.
pub(super) fn spread_of(study: &Study, std_error: Option<f64>) -> Spread {
    match std_error {
        None => Spread::Exact,
        Some(error) if error > NO_ERROR => Spread::StdError(error),
        Some(_) => Spread::AtMost(1.0 / study.simulation.replicates.max(1) as f64),
    }
}

/// How sure a probability is that is not among the characteristics.
pub(super) fn spread_of_proportion(study: &Study, summary: &Summary, value: f64) -> Spread {
    let error = proportion_error(value, study.simulation.replicates);
    spread_of(study, (summary.source == Source::MonteCarlo).then_some(error))
}

/// A characteristic as a cell.
fn cell(study: &Study, summary: &Summary, metric: Metric) -> Cell {
    summary.get(metric).map_or(Cell::Absent, |found| Cell::Number {
        value: found.value,
        spread: spread_of(study, found.std_error),
        mark: Mark::Plain,
    })
}

/// What a level, shown as people count them, is under a scenario: correct to select, or above the acceptable band.
fn level_mark(study: &Study, scenario: &Scenario, level: usize) -> Mark {
    let toxicity = level.checked_sub(1).and_then(|index| scenario.toxicity.get(index));
    if level == shown(scenario.correct) {
        Mark::Correct
    } else if toxicity.is_some_and(|&toxicity| study.target.place(toxicity) == Place::Over) {
        Mark::TooToxic
    } else {
        Mark::Plain
    }
}

/// A column of a table in blocks by scenario, and the characteristic that fills it.
struct Pick {
    column: Column,
    metric: Metric,
}

impl Pick {
    /// A trial-level characteristic.
    fn trial(metric: Metric, heading: &str, detail: &str, kind: Kind) -> Self {
        Self { column: Column::new(heading, detail, kind), metric }
    }

    /// This one below a shared heading.
    fn below(mut self, group: &'static str) -> Self {
        self.column.group = group;
        self
    }
}

/// One column a level, lowest first, headed by level and dose.
fn level_picks(study: &Study, metric: fn(Level) -> Metric, kind: Kind, group: &'static str, doses: &[String]) -> Vec<Pick> {
    let heading = |index: usize| format!("L{}", index + 1);
    let column = |(index, dose): (usize, &String)| Column::new(heading(index), dose.clone(), kind).below(group);
    let levels = study.doses.levels.len();
    doses.iter().enumerate().take(levels).map(|level| Pick { metric: metric(level.0), column: column(level) }).collect()
}

/// The toxicity of every level as it was written, with its mark, lowest level first.
fn toxicity_cells(study: &Study, scenario: &Scenario) -> Vec<Cell> {
    let texts = written_alike(&scenario.toxicity).into_iter().enumerate();
    texts.map(|(index, text)| Cell::text(text).marked(level_mark(study, scenario, index + 1))).collect()
}

/// What the marks of a table with level columns mean.
fn mark_note(study: &Study) -> String {
    let (lower, upper) = study.target.acceptable;
    format!(
        "* the correct selection. † a level whose true DLT probability is above the acceptable band, {} to {}.",
        written(lower),
        written(upper)
    )
}

/// Where the numbers come from: one sentence for the whole run.
pub(super) fn sources(study: &Study, results: &Results) -> String {
    let word = |source: Source| {
        let names = study.designs.iter().enumerate().filter(|(place, _)| {
            results.summaries.iter().any(|summaries| summaries.get(*place).is_some_and(|summary| summary.source == source))
                || study.scenarios.is_empty() && has_over_curves(results, *place, source)
        });
        names.map(|(_, design)| design.name.as_str()).collect::<Vec<_>>().join("; ")
    };
    let replicates = grouped(study.simulation.replicates as u64);
    let of = if study.scenarios.is_empty() { "population" } else { "scenario" };
    let simulated = format!("from {replicates} simulated trials a {of}, with simulation error");
    match (word(Source::Exact), word(Source::MonteCarlo)) {
        (_, names) if names.is_empty() => "All numbers are exact: there is no simulation error.".to_owned(),
        (names, _) if names.is_empty() => format!("All numbers are estimates {simulated}."),
        (exact, estimated) => format!("Exact, without simulation error: {exact}. Estimates {simulated}: {estimated}."),
    }
}

/// Whether the design with this place in the study has numbers of this source over a population.
fn has_over_curves(results: &Results, place: usize, source: Source) -> bool {
    results.curves.populations.iter().any(|found| match source {
        Source::Exact => found.designs.contains(&place),
        Source::MonteCarlo => found.simulated.iter().any(|own| own.design == place),
    })
}
