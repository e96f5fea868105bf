//! Decision tables: what the rule of a design does, as tables for people and as CSV for programs.

mod cells;
mod comparison;
mod pending;

pub use comparison::{comparison_csv, comparison_tables};
pub use pending::{pending_csv, pending_table};

use super::data::{file, number};
use super::table::{Cell, Column, Group, Kind, Row, Table};
use crate::design::Answer;
use crate::design::decision_list::{Below, Listed, Place, Then};
use crate::design::decision_table::{Call, DecisionTable};
use crate::design::next_cohort::{NextCase, NextCohort};
use crate::study::Study;
use crate::trial::{Arrival, Decision, Move, shown};

/// Numbers of patients side by side in a table.
const BLOCK: usize = 20;

/// What the letters mean.
const LEGEND: &str =
    "E escalate; S stay; D de-escalate; DU de-escalate and never return: the level and all above are eliminated.";

/// What a table of patients by DLTs is for.
const NEIGHBOURS: &str = "For a level with neighbours on both sides, patients and DLTs counted at that level. At the lowest level D \
                          stays and DU stops the trial without a dose; at the highest E stays; no move leads to an eliminated level.";

/// A decision table for up to `max_patients` patients, in blocks of patients that fit side by side: the boundaries, then a row for
/// each number of DLTs. `synopsis` are the lines of the design, which say what else there is to its rule.
#[must_use]
pub fn counts_tables(name: &str, table: &DecisionTable, max_patients: usize, synopsis: &[(String, String)]) -> Vec<Table> {
    let starts = (1..=max_patients).step_by(BLOCK);
    let mut tables: Vec<Table> =
        starts.map(|first| counts_block(name, table, first, (first + BLOCK - 1).min(max_patients))).collect();
    if let Some(last) = tables.last_mut() {
        last.notes.extend([LEGEND.to_owned(), NEIGHBOURS.to_owned()]);
        if (1..=max_patients).any(|patients| !table.is_ordered(patients)) {
            let note = "Where more DLTs lead to a less cautious decision there are no boundaries: see the letters.";
            last.notes.push(note.to_owned());
        }
        last.notes.extend(notes(synopsis));
    }
    tables
}

/// The columns of a decision table for `first` to `last` patients.
fn counts_block(name: &str, table: &DecisionTable, first: usize, last: usize) -> Table {
    let patients = || first..=last;
    let mut columns = vec![Column::new("Patients", "", Kind::Text)];
    columns.extend(patients().map(|patients| Column::new(patients.to_string(), "", Kind::Whole)));
    let row = |heading: String, cell: &dyn Fn(usize) -> Cell| Row {
        cells: std::iter::once(Cell::text(heading)).chain(patients().map(cell)).collect(),
        design: None,
    };
    let boundary = |dlts: Option<usize>, patients| match dlts {
        Some(dlts) if table.is_ordered(patients) => Cell::text(dlts.to_string()),
        _ => Cell::Absent,
    };
    let at_least = |call| move |patients| boundary(table.first_at_least(patients, call), patients);
    let escalate = |patients| {
        let highest = table.first_at_least(patients, Call::Stay).unwrap_or(patients + 1).checked_sub(1);
        boundary(highest, patients)
    };
    let boundaries = vec![
        row("Escalate if DLTs ≤".to_owned(), &escalate),
        row("De-escalate if DLTs ≥".to_owned(), &at_least(Call::Deescalate)),
        row("Eliminate if DLTs ≥".to_owned(), &at_least(Call::Eliminate)),
    ];
    // From here on every number of patients of the block is eliminated, or has not as many DLTs.
    let is_eliminated = |dlts| patients().all(|patients| patients < dlts || table.call(patients, dlts) == Call::Eliminate);
    let end = (0..=last).rev().take_while(|&dlts| is_eliminated(dlts)).last().unwrap_or(last + 1);
    let letters = |dlts, or_more: bool| {
        move |patients| match patients >= dlts {
            true if or_more || dlts <= patients => Cell::text(table.call(patients, dlts).letters()),
            _ => Cell::text(""),
        }
    };
    let mut rows: Vec<Row> = (0..end).map(|dlts| row(dlts_words(dlts), &letters(dlts, false))).collect();
    if end <= last {
        rows.push(row(format!("{end} or more DLTs"), &letters(end, true)));
    }
    let group = |rows| Group { rows, ..Group::default() };
    let groups = vec![group(boundaries), group(rows)];
    Table {
        id: "decisions".to_owned(),
        caption: format!("Decision table of {name}, {first} to {last} patients"),
        columns,
        groups,
        notes: vec![],
    }
}

/// `1 DLT`.
fn dlts_words(dlts: usize) -> String {
    if dlts == 1 { "1 DLT".to_owned() } else { format!("{dlts} DLTs") }
}

/// The lines of a design as notes.
fn notes(synopsis: &[(String, String)]) -> impl Iterator<Item = String> {
    synopsis.iter().map(|(item, value)| format!("{item}: {value}."))
}

/// A decision table as CSV: `patients,dlts,decision` for 1 to `max_patients` patients.
#[must_use]
pub fn counts_csv(table: &DecisionTable, max_patients: usize) -> Vec<u8> {
    let rows = (1..=max_patients).flat_map(|patients| {
        table
            .row(patients)
            .enumerate()
            .map(move |(dlts, call)| [patients.to_string(), dlts.to_string(), call.letters().to_owned()])
    });
    file(["patients", "dlts", "decision"], rows)
}

/// The list of a 3+3.
#[must_use]
pub fn list_table(name: &str, list: &[Listed], synopsis: &[(String, String)]) -> Table {
    let columns = ["Patients", "DLTs", "Level below", "Decision", "What follows"]
        .map(|heading| Column::new(heading, "", Kind::Text))
        .to_vec();
    let groups = list.chunk_by(|a, b| a.place == b.place).map(|listed| Group {
        heading: match listed.first().map(|listed| listed.place) {
            Some(Place::Top) => "At the top level",
            Some(Place::AfterDeescalation) => "Back at a level, the one above being too toxic",
            _ => "Below the top level",
        }
        .to_owned(),
        rows: list_rows(listed),
        ..Group::default()
    });
    Table {
        id: "decisions".to_owned(),
        caption: format!("Decision list of {name}"),
        columns,
        groups: groups.collect(),
        notes: notes(synopsis).collect(),
    }
}

/// The rows of one place: numbers of DLTs with the same consequence in one row.
fn list_rows(listed: &[Listed]) -> Vec<Row> {
    let mut rows: Vec<(Listed, u8)> = Vec::new();
    for &line in listed {
        let same = |row: &&mut (Listed, u8)| {
            row.0.patients == line.patients && row.0.below == line.below && row.0.then == line.then && row.1 + 1 == line.dlts
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.1 = line.dlts,
            None => rows.push((line, line.dlts)),
        }
    }
    let most = |patients| listed.iter().filter(|line| line.patients == patients).map(|line| line.dlts).max();
    let row = |(Listed { patients, dlts, below, then, .. }, last): (Listed, u8)| {
        let dlts = match last {
            _ if last == dlts => dlts.to_string(),
            _ if Some(last) == most(patients) => format!("{dlts} or more"),
            _ if last == dlts + 1 => format!("{dlts} or {last}"),
            _ => format!("{dlts} to {last}"),
        };
        let (decision, follows) = then_words(then);
        let cells = [patients.to_string(), dlts, below_words(below), decision.to_owned(), follows].map(Cell::text).to_vec();
        Row { cells, design: None }
    };
    rows.into_iter().map(row).collect()
}

fn below_words(below: Below) -> String {
    match below {
        Below::Whatever => String::new(),
        Below::NoLevel => "none: this is level 1".to_owned(),
        Below::Level => "any".to_owned(),
        Below::Patients(patients) => format!("has {}", counted(patients)),
    }
}

/// The decision in a word, and what it means.
fn then_words(then: Then) -> (&'static str, String) {
    match then {
        Then::Escalate(patients) => ("escalate", format!("{patients} at the next level")),
        Then::Expand(patients) => ("stay", format!("{patients} more at this level")),
        Then::Deescalate(patients) => ("de-escalate", format!("{patients} more one level down")),
        Then::Select => ("stop", "select this level".to_owned()),
        Then::SelectBelow => ("stop", "select the level below".to_owned()),
        Then::SelectNone => ("stop", "select no dose".to_owned()),
    }
}

/// `1 patient`, `3 patients`.
fn counted(patients: u8) -> String {
    if patients == 1 { "1 patient".to_owned() } else { format!("{patients} patients") }
}

/// The list of a 3+3 as CSV. `situation` is `below_top`, `top` or `after_deescalation`; patients and DLTs are those at the current
/// level; `level_below` is what the decision supposes of the level below: nothing (empty), that there is `none`, that there is one
/// (`any`), or its number of patients; `decision` is `escalate`, `expand`, `deescalate`, `select`, `select_below` or `select_none`;
/// `next_patients` is the size of the next cohort, empty at the end of the trial.
#[must_use]
pub fn list_csv(list: &[Listed]) -> Vec<u8> {
    let row = |line: &Listed| {
        let next = line.then.patients().map(|patients| patients.to_string()).unwrap_or_default();
        let (patients, dlts) = (line.patients.to_string(), line.dlts.to_string());
        [line.place.word().to_owned(), patients, dlts, line.below.word(), line.then.word().to_owned(), next]
    };
    file(["situation", "patients", "dlts", "level_below", "decision", "next_patients"], list.iter().map(row))
}

/// What follows the next cohort of a trial, `outcomes` being what was observed so far as it was written.
#[must_use]
pub fn next_table(study: &Study, name: &str, next: &NextCohort, outcomes: &str, synopsis: &[(String, String)]) -> Table {
    let doses = super::tables::doses(study);
    let level = next.cohort.level as usize;
    let dose = doses.get(level).map_or("", String::as_str);
    let so_far = match outcomes.trim() {
        "" => "the first cohort of the trial".to_owned(),
        outcomes => format!("after {outcomes}"),
    };
    let mut columns = ["DLTs", "Decision", "What follows"].map(|heading| Column::new(heading, "", Kind::Text)).to_vec();
    for (index, dose) in doses.iter().enumerate() {
        columns.push(Column::new(format!("L{}", index + 1), dose.clone(), Kind::Index).below("Estimated DLT probability"));
    }
    let row = |case: &NextCase| {
        let Arrival { dlts, moderate, .. } = case.arrival;
        let after = |decision| match decision {
            Decision::Enrol(cohort, _) => format!("{} at level {}", cohort.patients, cohort.level + 1),
            Decision::Stop(None, _) => "select no dose".to_owned(),
            Decision::Stop(Some(level), _) => format!("select level {}", level + 1),
        };
        let follows = match case.answer {
            Answer::Start(cohort) => after(Decision::Enrol(cohort, Move::Stay)),
            Answer::Decided(decision) => after(decision),
            Answer::Tossed { heads, tails } => match (heads, tails) {
                (Decision::Enrol(one, _), Decision::Enrol(other, _)) if one.patients == other.patients => {
                    format!("{} or {}", after(heads), other.level + 1)
                }
                _ => format!("{} or {}", after(heads), after(tails)),
            },
            Answer::Silent(_) => "no answer".to_owned(),
        };
        let brought = if case.watched { format!("{dlts}, {moderate} moderate") } else { dlts.to_string() };
        let mut cells = vec![Cell::text(brought), Cell::text(decision_letters(case, level)), Cell::text(follows)];
        cells.extend(case.assessment.levels.iter().map(|level| level.estimate.map_or(Cell::Absent, Cell::exact)));
        Row { cells, design: None }
    };
    let rows = next.cases.iter().map(row).collect();
    let coin = if next.cases.iter().any(|case| matches!(case.answer, Answer::Tossed { .. })) {
        " Where a coin decides, what follows heads comes first."
    } else {
        ""
    };
    let legend = format!("E escalate, S stay, D de-escalate, seen from the level of this cohort; stop: the trial ends.{coin}");
    let basis = next.cases.first().map_or("", |case| case.assessment.basis);
    let deviations = next.deviations.iter().map(ToString::to_string);
    let patients = counted(next.cohort.patients);
    Table {
        id: "decisions".to_owned(),
        caption: format!("Decision table of {name} for {patients} at level {} ({dose}), {so_far}", level + 1),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes: [legend, format!("Estimates: {basis}.")].into_iter().chain(deviations).chain(notes(synopsis)).collect(),
    }
}

/// E, S or D from the level of the cohort, `stop`, two of these where a coin decides (heads first), or nothing where the rule has no
/// answer.
fn decision_letters(case: &NextCase, level: usize) -> String {
    let letters = |decision: Decision| match decision.next_cohort().map(|cohort| usize::from(cohort.level).cmp(&level)) {
        Some(std::cmp::Ordering::Greater) => Call::Escalate.letters(),
        Some(std::cmp::Ordering::Equal) => Call::Stay.letters(),
        Some(std::cmp::Ordering::Less) => Call::Deescalate.letters(),
        None => "stop",
    };
    match case.answer {
        Answer::Start(cohort) => letters(Decision::Enrol(cohort, Move::Stay)).to_owned(),
        Answer::Decided(decision) => letters(decision).to_owned(),
        Answer::Tossed { heads, tails } => format!("{}/{}", letters(heads), letters(tails)),
        Answer::Silent(_) => String::new(),
    }
}

/// What follows the next cohort as CSV: its `dose_level` and `patients`, one row for each number of `dlts` in it; `decision` is E, S,
/// D or `stop`, and two of these, as `E/S`, where a coin decides, heads first; `next_level` is 0 after the end, empty where a coin
/// decides, `selected_level` is empty before the end and 0 for none; then the estimated DLT probability of each level, where the rule
/// has one, and `moderate`, the moderate toxicities of the cohort where they are watched.
#[must_use]
pub fn next_csv(next: &NextCohort) -> Vec<u8> {
    let levels = next.cases.first().map_or(0, |case| case.assessment.levels.len());
    let fixed = ["dose_level", "patients", "dlts", "decision", "next_level", "selected_level"].map(str::to_owned);
    let watched = next.cases.iter().any(|case| case.watched);
    let moderate = watched.then(|| "moderate".to_owned());
    let header = fixed.into_iter().chain((1..=levels).map(|level| format!("estimate_{level}"))).chain(moderate);
    let level = next.cohort.level as usize;
    let row = |case: &NextCase| {
        let (next_level, selected) = match case.answer {
            Answer::Decided(Decision::Stop(selected, _)) => ("0".to_owned(), shown(selected.map(usize::from)).to_string()),
            Answer::Tossed { .. } => (String::new(), String::new()),
            _ => {
                let next_level = case.answer.next_cohort().map_or(0, |cohort| usize::from(cohort.level) + 1);
                (next_level.to_string(), String::new())
            }
        };
        let (patients, letters) = (next.cohort.patients.to_string(), decision_letters(case, level));
        let fixed = [(level + 1).to_string(), patients, case.arrival.dlts.to_string(), letters, next_level, selected];
        let estimates = case.assessment.levels.iter().map(|level| level.estimate.map(number).unwrap_or_default());
        let moderate = watched.then(|| case.arrival.moderate.to_string());
        fixed.into_iter().chain(estimates).chain(moderate).collect::<Vec<_>>()
    };
    file(header, next.cases.iter().map(row))
}
