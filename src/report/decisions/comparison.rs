//! The decisions of the designs of a study side by side.

use super::{LEGEND, NEIGHBOURS};
use crate::design::decision_list::{Below, Listed, Place, Then};
use crate::design::decision_table::{Call, DecisionTable};
use crate::design::{Plan, Printable, Protocol};
use crate::report::data::file;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Table};
use crate::report::terminal::{LONGEST_NAME, cut};
use crate::study::Study;

/// The calls of one design, for a comparison.
struct Compared<'a> {
    name: &'a str,
    calls: Calls<'a>,
}

/// Where the calls of a design come from.
enum Calls<'a> {
    Counts(&'a DecisionTable, usize),
    List(Vec<Listed>),
}

impl Compared<'_> {
    /// The largest number of patients.
    fn max_patients(&self) -> usize {
        match &self.calls {
            Calls::Counts(_, most) => *most,
            Calls::List(list) => list.iter().map(|line| usize::from(line.patients)).max().unwrap_or(0),
        }
    }

    /// The call with `dlts` DLTs among `patients` at a level with neighbours on both sides; none where the rule has none.
    fn call(&self, patients: usize, dlts: usize) -> Option<Call> {
        match &self.calls {
            Calls::Counts(table, most) => (patients <= *most).then(|| table.call(patients, dlts)),
            Calls::List(list) => {
                let is_here = |line: &&Listed| {
                    line.place == Place::BelowTop
                        && line.below != Below::NoLevel
                        && (usize::from(line.patients), usize::from(line.dlts)) == (patients, dlts)
                };
                list.iter().find(is_here).map(|line| match line.then {
                    Then::Escalate(_) => Call::Escalate,
                    Then::Expand(_) => Call::Stay,
                    // A 3+3 never returns to a level that is too toxic.
                    Then::Deescalate(_) | Then::Select | Then::SelectBelow | Then::SelectNone => Call::Eliminate,
                })
            }
        }
    }
}

/// The designs of a study that have a table of patients by DLTs, the 3+3 with the numbers of patients that it has among them, and
/// the names of the others.
fn compared(study: &Study) -> (Vec<Compared<'_>>, Vec<&str>) {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for design in &study.designs {
        let name = design.name.as_str();
        let rule: Option<&dyn Protocol> = match &design.plan {
            Plan::Rule(rule) => Some(&**rule),
            Plan::LateOnset(_) | Plan::Benchmark(_) => None,
        };
        match rule.map(|rule| (rule.printable(), rule.max_patients())) {
            Some((Printable::Counts(table), most)) => with.push(Compared { name, calls: Calls::Counts(table, most) }),
            Some((Printable::List(list), _)) => with.push(Compared { name, calls: Calls::List(list) }),
            Some((Printable::GivenPath, _)) | None => without.push(name),
        }
    }
    (with, without)
}

/// The decisions of all designs of a study side by side; those that differ from the first design's are marked. A table has at most
/// `columns` designs, at least two, the first one in each, and numbers of patients up to `most`. No table when no design has one.
#[must_use]
pub fn comparison_tables(study: &Study, columns: usize, most: usize) -> Vec<Table> {
    let (designs, without) = compared(study);
    let Some((first, others)) = designs.split_first() else { return Vec::new() };
    let with_first = |others: &[Compared<'_>]| side_by_side(std::iter::once(first).chain(others), most);
    let mut tables: Vec<Table> = match others {
        [] => vec![with_first(&[])],
        others => others.chunks(columns.saturating_sub(1).max(1)).map(with_first).collect(),
    };
    let several = tables.len() > 1;
    for (place, table) in tables.iter_mut().enumerate() {
        table.caption = format!("Decisions of the designs of {}", study.name);
        if several {
            table.id = format!("{}-{}", table.id, place + 1);
            table.caption.push_str(&format!(", part {}", place + 1));
        }
    }
    if let Some(last) = tables.last_mut() {
        last.notes = notes(&designs, &without, most);
    }
    tables
}

/// One of these tables, without caption and notes.
fn side_by_side<'a>(designs: impl Iterator<Item = &'a Compared<'a>>, most: usize) -> Table {
    let designs: Vec<&Compared<'_>> = designs.collect();
    let mut columns = vec![Column::new("DLTs of patients", "", Kind::Text)];
    columns.extend(designs.iter().map(|design| Column::new(cut(design.name, LONGEST_NAME), "", Kind::Whole)));
    let cell = |call: Option<Call>, differs| {
        let cell = call.map_or(Cell::Absent, |call| Cell::text(call.letters()));
        if differs { cell.marked(Mark::Differs) } else { cell }
    };
    let rows = |patients: usize| {
        let calls = |dlts: usize| designs.iter().map(|design| design.call(patients, dlts)).collect::<Vec<_>>();
        let all: Vec<(usize, Vec<Option<Call>>)> = (0..=patients).map(|dlts| (dlts, calls(dlts))).collect();
        let rows = all.chunk_by(|a, b| a.1 == b.1).map(|run| {
            let (from, calls) = &run[0];
            let to = from + run.len() - 1;
            let dlts = match to {
                _ if to == *from => from.to_string(),
                _ if to == patients => format!("{from} or more"),
                _ => format!("{from} to {to}"),
            };
            let marked = calls.iter().map(|&call| cell(call, differ(call, calls[0])));
            Row { cells: std::iter::once(Cell::text(format!("{dlts} of {patients}"))).chain(marked).collect(), design: None }
        });
        rows.collect::<Vec<_>>()
    };
    let most = designs.iter().map(|design| design.max_patients()).max().unwrap_or(0).min(most);
    let groups = vec![Group { rows: (1..=most).flat_map(rows).collect(), ..Group::default() }];
    Table { id: "decisions".to_owned(), caption: String::new(), columns, groups, notes: Vec::new() }
}

/// What a reader must know of these tables.
fn notes(designs: &[Compared<'_>], without: &[&str], most: usize) -> Vec<String> {
    let mut notes = vec![LEGEND.to_owned(), NEIGHBOURS.to_owned()];
    if let [first, _, ..] = designs {
        let name = first.name;
        notes.push(format!(
            "Marked (*, or bold): differs from {name}. A dash: the rule has no such number of patients at a level."
        ));
    }
    if designs.iter().any(|design| matches!(design.calls, Calls::List(_))) {
        let note = "A 3+3: S treats three more at the level, DU finds the level too toxic, whatever follows.";
        notes.push(note.to_owned());
    }
    if !without.is_empty() {
        notes.push(format!("Without such a table: {}.", without.join("; ")));
    }
    if designs.iter().any(|design| design.max_patients() > most) {
        notes.push(format!("Up to {most} patients at a level; `dosebench table --compare` prints the table for more."));
    }
    notes
}

/// Whether two calls are there and differ.
fn differ(call: Option<Call>, first: Option<Call>) -> bool {
    call.zip(first).is_some_and(|(call, first)| call != first)
}

/// The decisions of all designs of a study that have a table as CSV: `design,patients,dlts,decision,differs`; `differs` is `yes` or `no`,
/// and empty where the first design has no decision to compare with.
#[must_use]
pub fn comparison_csv(study: &Study) -> Vec<u8> {
    let (designs, _) = compared(study);
    let mut rows = Vec::new();
    for design in &designs {
        let cells = (1..=design.max_patients()).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
        rows.extend(cells.filter_map(|(patients, dlts)| {
            let call = design.call(patients, dlts)?;
            let differs = match designs[0].call(patients, dlts) {
                None => "",
                first if differ(Some(call), first) => "yes",
                Some(_) => "no",
            };
            Some([design.name, &patients.to_string(), &dlts.to_string(), call.letters(), differs].map(str::to_owned))
        }));
    }
    file(["design", "patients", "dlts", "decision", "differs"], rows)
}
