//! What was assumed and what was compared: scenarios and the design synopsis.

use super::{correct_words, doses, mark_note, toxicity_cells};
use crate::design::Plan;
use crate::report::table::{Cell, Column, Group, Kind, Row, Table, written, written_alike};
use crate::scenario::Scenario;
use crate::study::{Study, StudyDesign};
use crate::trial::Timing;

/// The toxicity scenarios.
pub(in crate::report) fn scenarios(study: &Study) -> Table {
    let mut columns = vec![Column::new("Scenario", "", Kind::Text)];
    let group = "True DLT probability";
    let level = |(index, dose): (usize, String)| Column::new(format!("L{}", index + 1), dose, Kind::Index).below(group);
    columns.extend(doses(study).into_iter().enumerate().map(level));
    let has_moderate = study.scenarios.iter().any(|scenario| !scenario.moderate_toxicity.is_empty());
    if has_moderate {
        let level = |(index, dose): (usize, String)| {
            Column::new(format!("L{}", index + 1), dose, Kind::Index).below("Probability of a moderate toxicity without a DLT")
        };
        columns.extend(doses(study).into_iter().enumerate().map(level));
    }
    columns.push(Column::new("Correct selection", "", Kind::Text));
    let rates = study.timing.as_ref().filter(|_| study.scenarios.iter().any(|scenario| scenario.accrual_per_week.is_some()));
    columns.extend(rates.map(|_| Column::new("Accrual", "patients a week", Kind::Index)));
    let row = |scenario: &Scenario| {
        let mut cells = vec![Cell::text(scenario.name.clone())];
        cells.extend(toxicity_cells(study, scenario));
        if has_moderate && scenario.moderate_toxicity.is_empty() {
            cells.extend(study.doses.levels.iter().map(|_| Cell::Absent));
        } else if has_moderate {
            cells.extend(written_alike(&scenario.moderate_toxicity).into_iter().map(Cell::text));
        }
        cells.push(Cell::text(correct_words(study, scenario)));
        cells.extend(rates.map(|timing| Cell::text(written(scenario.accrual(timing)))));
        Row { cells, design: None }
    };
    let groups = vec![Group { rows: study.scenarios.iter().map(row).collect(), ..Group::default() }];
    Table { id: "scenarios".to_owned(), caption: "Toxicity scenarios".to_owned(), columns, groups, notes: vec![mark_note(study)] }
}

/// Calendar time: every key of `[timing]`, what the study says, and what it would be if it did not.
pub(in crate::report) fn timing(study: &Study, timing: &Timing) -> Table {
    let usual = Timing::default().settings();
    let has_rates = study.scenarios.iter().any(|scenario| scenario.accrual_per_week.is_some());
    let row = |((key, mut words), (_, usual)): ((&'static str, String), (&'static str, String))| {
        let default = if words == usual { "the same".to_owned() } else { usual };
        if key == "accrual_per_week" && has_rates {
            words.push_str(", where a scenario has no rate of its own");
        }
        Row { cells: vec![Cell::text(key), Cell::text(words), Cell::text(default)], design: None }
    };
    let example = format!(
        "Of the example trials one is replicate {} (`example_replicate` of [simulation]; by default 0, the first).",
        study.simulation.example_replicate
    );
    Table {
        id: "timing".to_owned(),
        caption: "Calendar time: the settings of [timing]".to_owned(),
        columns: ["Key", "In this study", "Default"].map(|heading| Column::new(heading, "", Kind::Text)).into(),
        groups: vec![Group { rows: timing.settings().into_iter().zip(usual).map(row).collect(), ..Group::default() }],
        notes: vec![example],
    }
}

/// The rules of the designs: one table a method, in the order in which the study first names it.
pub(in crate::report) fn synopses(study: &Study) -> Vec<Table> {
    let mut methods: Vec<&'static str> = Vec::new();
    for design in &study.designs {
        if !methods.contains(&design.method) {
            methods.push(design.method);
        }
    }
    methods.into_iter().zip(1..).map(|(method, number)| synopsis(study, method, number)).collect()
}

/// The rules of the designs of one method, one column each; items in the order in which the designs first name them.
fn synopsis(study: &Study, method: &'static str, number: usize) -> Table {
    let designs: Vec<&StudyDesign> = study.designs.iter().filter(|design| design.method == method).collect();
    let lines: Vec<Vec<(String, String)>> = designs.iter().map(|design| design_lines(design)).collect();
    let mut items: Vec<&str> = Vec::new();
    for (item, _) in lines.iter().flatten() {
        if !items.contains(&item.as_str()) {
            items.push(item);
        }
    }
    let mut columns = vec![Column::new("Rule", "", Kind::Text)];
    columns.extend(designs.iter().map(|design| Column::new(design.name.clone(), "", Kind::Text)));
    let value = |lines: &Vec<(String, String)>, item: &str| {
        let values: Vec<&str> = lines.iter().filter(|(name, _)| name == item).map(|(_, value)| value.as_str()).collect();
        if values.is_empty() { Cell::Absent } else { Cell::text(values.join("; ")) }
    };
    let row = |item: &str| Row {
        cells: std::iter::once(Cell::text(item)).chain(lines.iter().map(|lines| value(lines, item))).collect(),
        design: None,
    };
    let groups = vec![Group { rows: items.into_iter().map(row).collect(), ..Group::default() }];
    let has_gaps = groups.iter().flat_map(|group| &group.rows).any(|row| row.cells.contains(&Cell::Absent));
    let notes = if has_gaps { vec!["A dash: the design has no such entry.".to_owned()] } else { Vec::new() };
    Table { id: format!("synopsis-{number}"), caption: format!("The rules of the designs: {method}"), columns, groups, notes }
}

/// The synopsis of one design: its method, then what its rule says of itself.
pub(in crate::report) fn design_lines(design: &StudyDesign) -> Vec<(String, String)> {
    let mut lines = vec![("Method".to_owned(), design.method.to_owned())];
    match &design.plan {
        Plan::Rule(rule) => lines.extend(rule.synopsis()),
        Plan::LateOnset(rule) => lines.extend(rule.synopsis()),
        Plan::Benchmark(benchmark) => lines.extend(benchmark.synopsis()),
    }
    lines.extend(design.source.iter().map(|source| ("Source in the protocol".to_owned(), source.clone())));
    if !design.reference.is_empty() {
        lines.push(("Reference".to_owned(), design.reference.to_owned()));
    }
    lines
}
