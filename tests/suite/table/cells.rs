//! The cells of the tables of all designs against the decision graphs: every count that a trial can show has its decision, and no other.

use super::study_of;
use crate::support::{edges, graph_of, study};
use dosebench::comparison::decision_cells;
use dosebench::design::Plan;
use dosebench::design::Printable;
use dosebench::design::decision_table::Call;
use dosebench::report::decisions::comparison_tables;
use dosebench::report::table::{Cell, Mark, Table};
use dosebench::study::Study;
use dosebench::trial::StopReason;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where a count is seen: the heading of the block, patients, DLTs.
type Place = (&'static str, usize, usize);

const HEADINGS: [&str; 4] = ["Lowest level", "Levels between", "Highest level", "The only level"];

fn heading(level: usize, levels: usize) -> &'static str {
    match (level, levels - 1 - level) {
        (0, 0) => HEADINGS[3],
        (0, _) => HEADINGS[0],
        (_, 0) => HEADINGS[2],
        _ => HEADINGS[1],
    }
}

/// What is printed of each design: letters, and whether they are marked.
fn printed(tables: &[Table]) -> BTreeMap<String, BTreeMap<Place, (String, bool)>> {
    let mut all: BTreeMap<String, BTreeMap<Place, (String, bool)>> = BTreeMap::new();
    for table in tables {
        for group in &table.groups {
            let heading = HEADINGS.into_iter().find(|heading| group.heading.starts_with(heading)).unwrap();
            for row in &group.rows {
                let Cell::Text(words, _) = &row.cells[0] else { panic!("a row of {}", table.caption) };
                let (dlts, patients) = words.split_once(" of ").unwrap();
                let patients: usize = patients.parse().unwrap();
                let (from, to) = match (dlts.strip_suffix(" or more"), dlts.split_once(" to ")) {
                    (Some(from), _) => (from.parse().unwrap(), patients),
                    (_, Some((from, to))) => (from.parse().unwrap(), to.parse().unwrap()),
                    _ => (dlts.parse().unwrap(), dlts.parse().unwrap()),
                };
                for (column, cell) in table.columns.iter().zip(&row.cells).skip(1) {
                    let Cell::Text(letters, mark) = cell else { panic!("no dash: {words}, {}", column.heading) };
                    let of_design = all.entry(column.heading.clone()).or_default();
                    for dlts in (from..=to).filter(|_| !letters.is_empty()) {
                        let cell = (letters.clone(), *mark == Mark::Differs);
                        assert_eq!(of_design.insert((heading, patients, dlts), cell), None, "twice: {words}");
                    }
                }
            }
        }
    }
    all
}

/// What the graph of a design does at every count, and what of that the notes say for all cells.
fn done(study: &Study, design: usize) -> BTreeMap<Place, BTreeSet<(&'static str, bool)>> {
    let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
    let printable = rule.printable();
    let graph = graph_of(study, design);
    let mut all: BTreeMap<Place, BTreeSet<(&'static str, bool)>> = BTreeMap::new();
    for (counts, arrival, child) in edges(&graph) {
        let level = arrival.level();
        let is_eliminated = |level: usize| match &printable {
            Printable::Counts(table) => {
                level < rule.levels() && table.call(counts.patients(level), counts.dlts(level)) == Call::Eliminate
            }
            _ => false,
        };
        let found = match graph.nodes().get(child as usize) {
            Some(next) if usize::from(next.cohort.level) > level => ("E", false),
            Some(next) if usize::from(next.cohort.level) == level => ("S", is_eliminated(level + 1)),
            Some(_) if is_eliminated(level) || matches!(printable, Printable::List(_)) => ("DU", false),
            Some(_) => ("D", false),
            None => {
                let leaf = &graph.leaves()[child as usize - graph.nodes().len()];
                let letters = match leaf.selected.trailing_zeros() as usize {
                    0 => "N",
                    selected if selected <= level && matches!(printable, Printable::List(_)) => "XB",
                    _ => "X",
                };
                (letters, leaf.reason == StopReason::MaxPatients)
            }
        };
        all.entry((heading(level, rule.levels()), counts.patients(level), counts.dlts(level))).or_default().insert(found);
    }
    all
}

/// Every count that the graph of a design reaches has its decisions in the tables, and nothing else stands there.
fn check(study: &Study) -> usize {
    let tables = comparison_tables(study, &decision_cells(study), 4, usize::MAX);
    let columns = tables.iter().flat_map(|table| table.columns.iter().skip(1)).map(|column| &column.heading);
    assert_eq!(columns.clone().count(), columns.collect::<BTreeSet<_>>().len(), "every design stands in one table alone");
    let (printed, mut checked) = (printed(&tables), 0);
    for (index, design) in study.designs.iter().enumerate() {
        let Some(cells) = printed.get(&design.name) else { continue };
        let done = done(study, index);
        assert_eq!(cells.keys().collect::<Vec<_>>(), done.keys().collect::<Vec<_>>(), "{}", design.name);
        for (place, (letters, _)) in cells {
            let letters: BTreeSet<&str> =
                letters.split('/').map(|letters| if letters.starts_with('+') { "S" } else { letters }).collect();
            let decisions = &done[place];
            for (decision, is_noted) in decisions {
                assert!(letters.contains(decision) || *is_noted, "{} {place:?}: {decision} in {letters:?}", design.name);
            }
            for letters in &letters {
                assert!(decisions.iter().any(|(decision, _)| decision == letters), "{} {place:?}: no {letters}", design.name);
            }
            checked += 1;
        }
    }
    checked
}

#[test]
fn every_count_that_a_trial_can_show_has_its_decision() {
    let shipped = ["imm27m", "field", "cfo"].map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(format!("{name}.toml"));
        check(&Study::from_path(&path).unwrap_or_else(|error| panic!("{error}")).0)
    });
    assert!(shipped[0] > 400 && shipped[1] > 1000, "{shipped:?}");
    let designs = "[[design]]\nname = \"3+3\"\nmethod = \"3+3\"\n\
        [[design]]\nname = \"coherent\"\nmethod = \"boin\"\nmax_patients = 12\ncoherent = \"level\"\n\
        [[design]]\nname = \"titrated\"\nmethod = \"boin\"\nmax_patients = 12\ntitration = true\n\
        [[design]]\nname = \"cut\"\nmethod = \"keyboard\"\nmax_patients = 10\n\
        [[design]]\nname = \"stopped\"\nmethod = \"boin\"\nmax_patients = 15\nstop_at_patients = 6\n\
        [[design]]\nname = \"2+4\"\nmethod = \"a+b\"\na = 2\nb = 4\nc = 1\nd = 1\ne = 2\n";
    for levels in [1, 2, 3, 4, 12] {
        // Twelve levels have the table of the last one above them, which is nowhere.
        let designs = if levels == 12 { designs.replace("= 15", "= 12").replace("= 12", "= 6") } else { designs.to_owned() };
        assert!(check(&study(&study_of("0.3", levels, &designs))) > 30, "{levels} levels");
    }
}

/// The protocol's own first cohort of one patient, what it does on the way down, and that the reference design stands once.
#[test]
fn the_protocol_of_one_first_patient_has_no_gap() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/imm27m.toml");
    let (study, _) = Study::from_path(&path).unwrap();
    for columns in [1, 2, 9] {
        let tables = comparison_tables(&study, &decision_cells(&study), columns, 12);
        let cells = &printed(&tables)["Protocol 3+3 (K1)"];
        let found = |heading, patients, dlts| cells.get(&(heading, patients, dlts)).map(|(letters, _)| letters.as_str());
        assert_eq!([found("Lowest level", 1, 0), found("Lowest level", 1, 1)], [Some("E"), Some("+2")]);
        assert_eq!([found("Levels between", 6, 0), found("Levels between", 6, 1)], [Some("X"), Some("E/X")]);
        assert_eq!([found("Levels between", 3, 2), found("Highest level", 3, 0)], [Some("DU/XB"), Some("+3")]);
        assert_eq!(found("Levels between", 1, 0), None, "single patients are for the first level");
        let notes = tables.last().unwrap().notes.join("\n");
        for note in [
            "+2 treat 2 more",
            "E/X: X when the level above is too toxic.",
            "XB when the level below has 6 patients.",
            "cannot occur",
        ] {
            assert!(notes.contains(note), "{note}: {notes}");
        }
        assert!(tables.iter().flat_map(|table| &table.groups).all(|group| !group.rows.is_empty()));
    }
}

/// A graph that is too large to walk: whatever the table has is shown, as it reads at that level, and a note says so.
#[test]
fn a_design_with_a_large_graph_has_its_whole_table() {
    let design = "[[design]]\nname = \"BOIN\"\nmethod = \"boin\"\nmax_patients = 12\n";
    let study = study(&study_of("0.3", 4, design));
    let exact = printed(&comparison_tables(&study, &decision_cells(&study), 9, 12));
    let study = study.simulated(|simulation| simulation.max_situations = 10);
    let tables = comparison_tables(&study, &decision_cells(&study), 9, 12);
    let whole = printed(&tables);
    assert_eq!(whole["BOIN"].len(), 3 * (1..=12).map(|patients| patients + 1).sum::<usize>());
    for (place, (letters, _)) in &exact["BOIN"] {
        let found = &whole["BOIN"][place].0;
        assert!(found == letters || ["X", "N", "S"].contains(&letters.as_str()), "{place:?}: {found} for {letters}");
    }
    assert!(tables[0].notes.contains(&"Counts that cannot occur may be among those of: BOIN.".to_owned()));
}
