//! The pages of the document for a word processor: nothing in its tables is broken, whatever typeface is there, and no page is turned.

use super::bytes;
use super::printed::part_of;
use super::sample::{info, sample};
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::Results;
use dosebench::report::{self, Format};
use dosebench::study::Study;
use roxmltree::{Document, Node};
use std::path::Path;

/// What a character takes of the size of the type in DejaVu Sans, with which LibreOffice prints where there is nothing like Arial; in
/// thousandths, of the bold face where `is_bold`.
fn width(character: char, is_bold: bool) -> usize {
    match (character, is_bold) {
        ('0'..='9', false) => 636,
        ('0'..='9', true) => 696,
        ('.' | ',', false) => 318,
        ('.' | ',', true) => 380,
        ('+' | '−' | '±' | '≤', _) => 838,
        ('*', false) => 500,
        ('*', true) => 523,
        ('%', _) => 1002,
        (' ' | '\u{a0}', _) => 348,
        _ => 0,
    }
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |node| node.tag_name().name() == name)
}

fn value(node: Node<'_, '_>, name: &str) -> usize {
    let found = node.attributes().find(|attribute| attribute.name() == name);
    found.and_then(|attribute| attribute.value().parse().ok()).unwrap_or_else(|| panic!("{name}"))
}

/// Hold every number in the tables of a document against the width of its column; how many there are, and how many tables have panels.
fn check(study: &Study, results: &Results) -> (usize, usize) {
    let files = report::render(study, results, &info(), &[], &[Format::Docx]);
    let xml = String::from_utf8(part_of(bytes(&files, "report.docx"), "word/document.xml")).unwrap();
    assert_eq!(xml.matches("<w:sectPr>").count(), 1, "no page is left half empty because the next one lies otherwise");
    assert!(!xml.contains("landscape"));
    let document = Document::parse(&xml).unwrap();
    let (mut numbers, mut panels) = (0, 0);
    for table in children(document.root_element(), "tbl") {
        let columns: Vec<usize> = children(table, "gridCol").map(|column| value(column, "w")).collect();
        assert!(columns.iter().sum::<usize>() <= 11_906 - 2 * 1_417, "wider than the page");
        panels += usize::from(
            table.prev_siblings().any(|node| node.tag_name().name() == "tbl") && {
                let above = table.prev_siblings().nth(1).unwrap();
                children(above, "t").any(|text| text.text() == Some("The same table, further columns:"))
            },
        );
        for row in children(table, "tr").filter(|row| children(*row, "tblHeader").next().is_none()) {
            let cells: Vec<Node<'_, '_>> = children(row, "tc").collect();
            for (cell, column) in cells.iter().zip(&columns).filter(|_| cells.len() == columns.len()) {
                let style = children(*cell, "pStyle").find_map(|style| style.attributes().next()).unwrap();
                let size = if style.value() == "TableSmall" { 7 } else { 8 };
                let runs = children(*cell, "r").map(|run| {
                    let is_bold = children(run, "b").next().is_some();
                    (children(run, "t").filter_map(|text| text.text()).collect::<String>(), is_bold)
                });
                let runs: Vec<(String, bool)> = runs.collect();
                let all: String = runs.iter().map(|(text, _)| text.as_str()).collect();
                let is_number =
                    |text: &str| text.chars().any(|one| one.is_ascii_digit()) && text.chars().all(|one| width(one, false) > 0);
                for word in all.split(' ').filter(|word| is_number(word)) {
                    let is_bold = runs.iter().any(|(text, is_bold)| *is_bold && text.contains(word));
                    let needed = word.chars().map(|character| width(character, is_bold)).sum::<usize>() * size * 20 / 1_000;
                    // The margins of a cell.
                    assert!(needed + 90 <= *column, "{word:?} takes {needed} of {column} in {all:?}");
                    numbers += 1;
                }
            }
        }
    }
    (numbers, panels)
}

#[test]
fn no_number_is_broken_and_no_page_turned() {
    let (study, results) = sample();
    assert!(check(&study, &results).0 > 100);
    let mut panels = 0;
    for name in ["imm27m", "minimal"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(format!("{name}.toml"));
        let (study, _) = Study::from_path(&path).unwrap_or_else(|error| panic!("{error}"));
        let study = study.simulated(|simulation| simulation.replicates = 100);
        let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
        let (numbers, of_study) = check(&study, &results);
        assert!(numbers > 50, "{name}: {numbers}");
        panels += of_study;
    }
    assert!(panels > 0, "a table that is too wide goes on below itself");
}
