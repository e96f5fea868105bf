//! Where a report has what regulators' guidance asks of the report of a simulation.

use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::study::Study;

/// What is asked for, and the sections that have it.
const ITEMS: [(&str, &[&str]); 16] = [
    ("Conclusions in plain language", &["findings"]),
    ("The rules of each design: cohorts, escalation, stopping, selection, with every parameter", &["designs"]),
    ("What the rules decide for given data, in advance", &["decisions", "pathways"]),
    ("Examples of the course of a trial, decision by decision", &["pathways"]),
    ("The assumed truths, among them unfavourable ones, and which conclusion is correct under each", &["scenarios"]),
    ("Probability of the correct conclusion and of each wrong one, under every assumed truth", &["characteristics"]),
    ("Risk of patients: toxicities, and treatment above the correct dose", &["safety"]),
    ("Sample size: expectation and distribution, against what is planned", &["size"]),
    (LENGTH, &["size"]),
    ("Probability of each reason to stop", &["stop-reasons"]),
    ("Comparison with the conventional or planned design", &["differences"]),
    (
        "Sensitivity to the assumptions, and the worst case among them",
        &["robustness", "populations", "worst-curves", "sensitivity"],
    ),
    ("Number of simulated trials, and the error that it leaves", &["characteristics", "reproduction"]),
    ("Verification of the program", &["agreement"]),
    ("Definition of every operating characteristic", &["definitions"]),
    ("Software with its version, input, random seed and command: what it takes to repeat the run", &["reproduction"]),
];

/// What a study without calendar time does not have.
const LENGTH: &str = "Length of the trial, with the assumed accrual and follow-up";

/// The checklist of a report that has these sections, each with its id and title.
pub(in crate::report) fn checklist(study: &Study, sections: &[(&str, &str)]) -> Table {
    let place = |item: &str, ids: &[&str]| {
        let ids = if item == LENGTH && study.timing.is_none() { &[] } else { ids };
        let found: Vec<&str> = sections.iter().filter(|(id, _)| ids.contains(id)).map(|&(_, title)| title).collect();
        if found.is_empty() { "not in this report".to_owned() } else { found.join("; ") }
    };
    let row = |(item, ids): &(&str, &[&str])| Row { cells: vec![Cell::text(*item), Cell::text(place(item, ids))], design: None };
    let notes = vec![
        "The items are those that guidance on simulation reports asks for, in our words: FDA, Adaptive Designs for Clinical Trials of Drugs \
         and Biologics (2019) and Interacting with the FDA on Complex Innovative Trial Designs (2020), and the draft of ICH E20 (2025), as \
         far as they apply to dose finding. This report does not have: why each assumed truth was chosen, unless the study file says it; \
         and the bias of an estimated DLT probability."
            .to_owned(),
    ];
    Table {
        id: "checklist".to_owned(),
        caption: "What a simulation report is asked for, and where it is here".to_owned(),
        columns: vec![Column::new("Asked for", "", Kind::Text), Column::new("Section", "", Kind::Text)],
        groups: vec![Group { rows: ITEMS.iter().map(row).collect(), ..Group::default() }],
        notes,
    }
}
