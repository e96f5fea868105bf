//! The decisions of the designs of a study side by side.

use crate::design::decision_list::{Below, Listed, Place, Then};
use crate::design::decision_table::{Call, DecisionTable};
use crate::design::{Plan, Printable, Protocol};
use crate::engine::{Cells, DesignCells, Rank, Seen};
use crate::report::data::file;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Table};
use crate::report::terminal::{LONGEST_NAME, cut};
use crate::study::Study;
use std::collections::BTreeSet;

/// The calls of one design at a level with neighbours on both sides, for programs.
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

/// The designs of a study that have a table of patients by DLTs, the 3+3 with the numbers of patients that it has among them.
fn compared(study: &Study) -> Vec<Compared<'_>> {
    let mut with = Vec::new();
    for design in &study.designs {
        let name = design.name.as_str();
        let rule: Option<&dyn Protocol> = match &design.plan {
            Plan::Rule(rule) => Some(&**rule),
            Plan::LateOnset(_) | Plan::Benchmark(_) => None,
        };
        match rule.map(|rule| (rule.printable(), rule.max_patients())) {
            Some((Printable::Counts(table), most)) => with.push(Compared { name, calls: Calls::Counts(table, most) }),
            Some((Printable::List(list), _)) => with.push(Compared { name, calls: Calls::List(list) }),
            Some((Printable::GivenPath, _)) | None => {}
        }
    }
    with
}

/// A design in the tables: what it can see and does then.
struct Side<'a> {
    name: &'a str,
    cells: Cells,
    /// Whether these are exactly the counts that can occur.
    is_exact: bool,
    /// Whether it decides by a table of patients by DLTs, not by a list.
    has_counts: bool,
}

/// The decisions of all designs of a study side by side, in a block for each kind of level: the counts that the first design can see, then
/// those that only others can. `cells` are those of the designs, in their order. What differs from the first design's is marked. A table has at most `columns` designs, and numbers of
/// patients up to `most`; the first design stands in the first table alone. No table when no design has one.
#[must_use]
pub fn comparison_tables(study: &Study, cells: &[Option<DesignCells>], columns: usize, most: usize) -> Vec<Table> {
    let (mut sides, mut without, mut largest) = (Vec::new(), Vec::new(), 0);
    for (place, design) in study.designs.iter().enumerate() {
        let name = design.name.as_str();
        let Some(found) = cells.get(place).and_then(Option::as_ref) else {
            without.push(name);
            continue;
        };
        largest = largest.max(found.of_counts.unwrap_or(0));
        let shown = found.cells.iter().filter(|((_, patients, _), _)| *patients <= most);
        let cells = shown.map(|(place, seen)| (*place, seen.clone())).collect();
        sides.push(Side { name, cells, is_exact: found.is_exact, has_counts: found.of_counts.is_some() });
    }
    let Some(first) = sides.first() else { return Vec::new() };
    let mut tables: Vec<Table> = sides.chunks(columns.max(1)).map(|sides| side_by_side(first, sides)).collect();
    let several = tables.len() > 1;
    for (place, table) in tables.iter_mut().enumerate() {
        table.caption = format!("Decisions of the designs of {}", study.name);
        if several {
            table.id = format!("{}-{}", table.id, place + 1);
            table.caption.push_str(&format!(", part {}", place + 1));
        }
    }
    if let Some(last) = tables.last_mut() {
        last.notes = notes(&sides, &without);
        if largest > most {
            let note = format!("Up to {most} patients at a level; `dosebench table --compare` prints the table for more.");
            last.notes.push(note);
        }
    }
    tables
}

/// One of these tables, without caption and notes.
fn side_by_side(first: &Side<'_>, sides: &[Side<'_>]) -> Table {
    let mut columns = vec![Column::new("DLTs of patients", "", Kind::Text)];
    columns.extend(sides.iter().map(|side| Column::new(cut(side.name, LONGEST_NAME), "", Kind::Whole)));
    let all: BTreeSet<(Rank, usize, usize)> = sides.iter().flat_map(|side| side.cells.keys().copied()).collect();
    let mut groups = Vec::new();
    for rank in Rank::ALL {
        let of_rank = || all.iter().copied().filter(|&(other, ..)| other == rank);
        let of_first = of_rank().filter(|place| first.cells.contains_key(place)).collect::<Vec<_>>();
        let of_others = of_rank().filter(|place| !first.cells.contains_key(place)).collect::<Vec<_>>();
        let heading = rank.words();
        let others = match of_first[..] {
            [] => heading.to_owned(),
            _ => format!("{heading}, counts that {} never sees", first.name),
        };
        for (heading, places) in [(heading.to_owned(), of_first), (others, of_others)] {
            let rows = rows(first, sides, &places);
            groups.extend((!rows.is_empty()).then(|| Group { heading, rows, ..Group::default() }));
        }
    }
    Table { id: "decisions".to_owned(), caption: String::new(), columns, groups, notes: Vec::new() }
}

/// The rows of counts at levels of one rank: neighbouring numbers of DLTs with the same decisions in one row.
fn rows(first: &Side<'_>, sides: &[Side<'_>], places: &[(Rank, usize, usize)]) -> Vec<Row> {
    let seen = |place| sides.iter().map(|side| side.cells.get(&place)).collect::<Vec<Option<&Seen>>>();
    let cells = |place| (seen(place), first.cells.get(&place));
    let is_next = |a: &(Rank, usize, usize), b: &(Rank, usize, usize)| a.1 == b.1 && a.2 + 1 == b.2 && cells(*a) == cells(*b);
    let row = |run: &[(Rank, usize, usize)]| {
        let (place @ (_, patients, from), to) = (run[0], run[run.len() - 1].2);
        let dlts = match to {
            _ if to == from => from.to_string(),
            _ if to == patients => format!("{from} or more"),
            _ => format!("{from} to {to}"),
        };
        let reference = first.cells.get(&place);
        let cell = |seen: Option<&Seen>| {
            let cell = Cell::text(seen.map(Seen::letters).unwrap_or_default());
            if differ(seen, reference) { cell.marked(Mark::Differs) } else { cell }
        };
        let cells = std::iter::once(Cell::text(format!("{dlts} of {patients}"))).chain(seen(place).into_iter().map(cell));
        Row { cells: cells.collect(), design: None }
    };
    places.chunk_by(is_next).map(row).collect()
}

/// Whether both designs can see a count and decide differently on the level.
fn differ(seen: Option<&Seen>, first: Option<&Seen>) -> bool {
    let (decision, of_first) = (seen.and_then(Seen::on_level), first.and_then(Seen::on_level));
    decision.zip(of_first).is_some_and(|(decision, of_first)| decision != of_first)
}

/// What a reader must know of these tables.
fn notes(sides: &[Side<'_>], without: &[&str]) -> Vec<String> {
    let seen = || sides.iter().flat_map(|side| side.cells.values());
    let signs: BTreeSet<_> = seen().flat_map(|seen| seen.signs.iter().copied()).collect();
    let meanings: Vec<String> = signs.into_iter().map(|sign| sign.meaning()).collect();
    let counted = "Patients and DLTs are counted at the level. An empty cell: cannot occur.";
    let mut notes = vec![format!("{}.", meanings.join("; ")), counted.to_owned()];
    if let [first, _, ..] = sides {
        let name = first.name;
        notes.push(format!(
            "Marked (*, or bold): decides otherwise than {name}; where a cell has two decisions, the first counts."
        ));
    }
    notes.extend(seen().filter_map(Seen::sentence).collect::<BTreeSet<String>>());
    if sides.iter().any(|side| side.has_counts) {
        let all = "Not said in each cell: a trial that has its last patient ends, X or N, and what escalates stays where the level above \
                   is eliminated.";
        notes.push(all.to_owned());
    }
    if seen().any(|seen| seen.signs.len() > 1 && seen.sentence().is_none()) {
        let two = "Of other pairs of decisions, rules decide that look at more than the counts at the level: see the designs.";
        notes.push(two.to_owned());
    }
    let beyond: Vec<&str> = sides.iter().filter(|side| !side.is_exact).map(|side| side.name).collect();
    if !beyond.is_empty() {
        notes.push(format!("Counts that cannot occur may be among those of: {}.", beyond.join("; ")));
    }
    if !without.is_empty() {
        notes.push(format!("Without such a table: {}.", without.join("; ")));
    }
    notes
}

/// The decisions of all designs of a study that have a table as CSV: `design,patients,dlts,decision,differs`; `differs` is `yes` or `no`,
/// and empty where the first design has no decision to compare with.
#[must_use]
pub fn comparison_csv(study: &Study) -> Vec<u8> {
    let designs = compared(study);
    let mut rows = Vec::new();
    for design in &designs {
        let cells = (1..=design.max_patients()).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
        rows.extend(cells.filter_map(|(patients, dlts)| {
            let call = design.call(patients, dlts)?;
            let differs = match designs[0].call(patients, dlts) {
                None => "",
                Some(first) if first != call => "yes",
                Some(_) => "no",
            };
            Some([design.name, &patients.to_string(), &dlts.to_string(), call.letters(), differs].map(str::to_owned))
        }));
    }
    file(["design", "patients", "dlts", "decision", "differs"], rows)
}
