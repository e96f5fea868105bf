//! What lets a reader check the rest: agreement of the two engines, definitions, reproduction.

use super::{design_name, scenarios_of};
use crate::measure::{Metric, Results};
use crate::report::definitions::{CALENDAR_DEFINITIONS, DEFINITIONS, Definition, SPECIAL_DEFINITIONS, Term, weekly_replicates};
use crate::report::table::{Cell, Column, Group, Kind, Row, Table, grouped, written};
use crate::report::{RunInfo, engine_word, study_sha256};
use crate::study::Study;

/// How exact results and replicates agree, where a design has both.
pub(in crate::report) fn agreement(study: &Study, results: &Results) -> Option<Table> {
    let mut groups = Vec::new();
    for ((scenario, _), designs) in scenarios_of(study, results).zip(&results.agreement) {
        let found = designs.iter().enumerate().filter_map(|(place, agreement)| Some((place, agreement.as_ref()?)));
        let rows: Vec<Row> = found
            .map(|(place, agreement)| Row {
                cells: vec![
                    Cell::text(design_name(study, place)),
                    Cell::text(grouped(agreement.replicates as u64)),
                    Cell::exact(agreement.chi_square),
                    Cell::exact(agreement.degrees_of_freedom as f64),
                    Cell::exact(agreement.p_value),
                ],
                design: Some(place),
            })
            .collect();
        if !rows.is_empty() {
            groups.push(Group { heading: scenario.name.clone(), rows, ..Group::default() });
        }
    }
    let columns = vec![
        Column::new("Design", "", Kind::Text),
        Column::new("Replicates", "", Kind::Whole),
        Column::new("Chi-square", "", Kind::Mean),
        Column::new("Degrees of freedom", "", Kind::Whole),
        Column::new("p-value", "", Kind::Index),
    ];
    let notes = vec![
        "Replicates against exact probabilities over pooled outcomes. One p-value in twenty is below 0.05 by chance alone."
            .to_owned(),
    ];
    let caption = "Agreement of replicates with exact results".to_owned();
    (!groups.is_empty()).then_some(Table { id: "agreement".to_owned(), caption, columns, groups, notes })
}

/// What every metric means, as the data files name them.
pub(in crate::report) fn definitions(study: &Study) -> Table {
    let planned = study.timing.as_ref().and_then(|timing| timing.planned_weeks);
    let calendar = if study.has_calendar() { CALENDAR_DEFINITIONS } else { &[] };
    let calendar = calendar.iter().filter(|(term, _)| !matches!(term, Term::One(Metric::OnTime)) || planned.is_some());
    let timing = study.timing.as_ref();
    let special = SPECIAL_DEFINITIONS.iter().filter(|(has, _)| timing.is_some_and(has)).map(|(_, definition)| definition);
    let row = |(term, meaning): &Definition| Row { cells: vec![Cell::text(term.name()), Cell::text(*meaning)], design: None };
    Table {
        id: "definitions".to_owned(),
        caption: "The metrics of the data files".to_owned(),
        columns: vec![Column::new("Metric", "", Kind::Text), Column::new("Meaning", "", Kind::Text)],
        groups: vec![Group { rows: DEFINITIONS.iter().chain(calendar).chain(special).map(row).collect(), ..Group::default() }],
        notes: weekly_replicates(study.simulation.replicates as u64).filter(|_| study.has_calendar()).into_iter().collect(),
    }
}

/// What is needed to get the same bytes again.
pub(in crate::report) fn reproduction(study: &Study, info: &RunInfo) -> Table {
    let simulation = study.simulation;
    let (lower, upper) = study.target.acceptable;
    let replicates = match (study.scenarios.is_empty(), study.populations.is_empty()) {
        (_, true) => "Replicates a scenario, where simulated",
        (true, false) => "Replicates a population, where simulated",
        (false, false) => "Replicates a scenario or population, where simulated",
    };
    let mut lines = vec![
        ("Program", format!("dosebench {}", env!("CARGO_PKG_VERSION"))),
        ("Command", info.command.clone()),
        ("Study file", info.study_file.clone()),
        ("SHA-256 of the study file", study_sha256(study)),
        ("Engine asked for", engine_word(simulation.engine).to_owned()),
        (replicates, grouped(simulation.replicates as u64)),
        ("Seed", simulation.seed.to_string()),
        ("Target DLT probability", written(study.target.value)),
        ("Acceptable band", format!("{} to {}, ends included", written(lower), written(upper))),
    ];
    lines.extend(study.report.sections.as_ref().map(|sections| ("Sections asked for", sections.join(", "))));
    let row = |(item, value): (&str, String)| Row { cells: vec![Cell::text(item), Cell::text(value)], design: None };
    Table {
        id: "reproduction".to_owned(),
        caption: "What this report was made from".to_owned(),
        columns: vec![Column::new("Item", "", Kind::Text), Column::new("Value", "", Kind::Text)],
        groups: vec![Group { rows: lines.into_iter().map(row).collect(), ..Group::default() }],
        notes: Vec::new(),
    }
}
