//! Every number of every form of the report of the shipped studies is one of `results.json`, rounded as declared: no digit smaller
//! than half of its standard error, and no more digits than its kind has. All rounding is written here a second time, and so is
//! what stands in which column. A table, a column or a number of a sentence that is not known here is an error.
//!
//! The reports are made here, of the studies as they are shipped but for the replicates: those that take long to simulate get fewer,
//! which changes the numbers and not what is done with them.

mod data;
mod drawn;
mod prose;
mod rounding;
mod tables;
mod tuned;

use super::printed::{self, Heading, Printed, of_docx, of_html, of_latex, of_markdown};
use super::{bytes, text};
use data::Data;
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::report::{self, Format, RunInfo};
use dosebench::study::{Engine, Study};
use prose::Prose;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tables::{Check, Place, check_of};

/// Text with single spaces, without the marks that a parser takes off.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A table of a page: its id, its columns, what is in it.
type PageTable = (String, Vec<Heading>, Printed);

type Files = Vec<(PathBuf, Vec<u8>)>;

fn study(name: &str) -> Study {
    let path = format!("{}/configs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Study::from_path(Path::new(&path)).unwrap_or_else(|error| panic!("{error}")).0
}

/// A study and all the files of its report.
fn rendered(name: &str, study: Study) -> (Study, Files) {
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let plots = report::plots(&study, &results).unwrap();
    let info = RunInfo { study_file: format!("{name}.toml"), command: format!("dosebench run {name}.toml") };
    let files = report::render(&study, &results, &info, &plots, &Format::ALL);
    (study, files)
}

/// A shipped study and its report.
fn shipped(name: &str) -> (Study, Files) {
    rendered(name, study(name))
}

/// A shipped study and its report, from so many replicates.
fn with_replicates(name: &str, replicates: usize) -> (Study, Files) {
    let mut study = study(name);
    study = study.simulated(|simulation| simulation.replicates = replicates);
    rendered(name, study)
}

/// Complain about every cell of a table that is not what the data say.
fn check_table(data: &Data, prose: &Prose<'_>, (id, columns, table): &PageTable, checked: &mut usize) -> Vec<String> {
    let Some(check) = check_of(id) else { return vec![format!("the table {id} is not known")] };
    let mut complaints = Vec::new();
    for [_, own, detail] in columns.iter().filter(|[.., detail]| data.doses().contains(detail)) {
        if !data.doses().iter().zip(1..).any(|(dose, level)| dose == detail && *own == format!("L{level}")) {
            complaints.push(format!("{id}: {own} is not {detail}"));
        }
    }
    for (heading, cells) in &table.rows {
        if cells.len() != columns.len() {
            complaints.push(format!("{id}: {cells:?}"));
            continue;
        }
        for (at, (column, found)) in columns.iter().zip(cells).enumerate() {
            match check {
                Check::Words => complaints.extend(prose.complaints("", found, checked)),
                Check::Cell(expected) => match expected(data, &Place { table, heading, cells, column, at }) {
                    Some(expected) if expected == *found => *checked += 1,
                    Some(expected) => complaints.push(format!("{id}, {heading}, {column:?}: {found:?} for {expected:?}")),
                    None => complaints.push(format!("{id}, {heading}, {column:?}: nothing is known of {found:?}")),
                },
            }
        }
    }
    complaints
}

/// The caption, the second lines of headings, and the notes of a table, each with the heading that it is below. The headings
/// themselves are those by which cells are looked up.
fn around((id, columns, table): &PageTable) -> Vec<(&str, String)> {
    let mut texts = vec![("", table.caption.clone())];
    texts.extend(columns.iter().map(|[.., detail]| ("", detail.clone())));
    if matches!(check_of(id), Some(Check::Words)) {
        texts.extend(columns.iter().flat_map(|[group, own, _]| [("", group.clone()), ("", own.clone())]));
    }
    let blocks = table.rows.chunk_by(|(one, _), (other, _)| one == other);
    texts.extend(blocks.map(|rows| (rows[0].0.as_str(), rows[0].0.clone())));
    texts.extend(table.notes.iter().map(|(heading, note)| (heading.as_str(), note.clone())));
    texts
}

/// Look at every number of every form; returns how many cells and numbers of sentences were checked, and what is wrong.
fn check(study: Study, files: &Files) -> (usize, usize, Vec<String>) {
    let data = Data::new(study, files);
    let (html, markdown, latex) = (text(files, "report.html"), text(files, "report.md"), text(files, "tables.tex"));
    let docx = bytes(files, "report.docx");
    let in_page = of_html(&html);
    let prose = Prose::new(&data, &in_page);
    let (mut cells, mut numbers, mut complaints) = (0, 0, Vec::new());
    for table in &in_page {
        complaints.extend(check_table(&data, &prose, table, &mut cells));
    }
    for (form, others) in [("md", of_markdown(&markdown)), ("docx", of_docx(docx)), ("tex", of_latex(&latex))] {
        assert_eq!(others.len(), in_page.len(), "{form}");
        for ((_, _, table), other) in in_page.iter().zip(&others) {
            assert_eq!(table.caption, other.caption, "{form}");
            for (row, same) in table.rows.iter().zip(&other.rows) {
                assert_eq!(row, same, "{form}: {}", table.caption);
            }
            assert_eq!(table.rows.len(), other.rows.len(), "{form}: {}", table.caption);
        }
    }
    // What the page says is the same sentence in the other forms; what only they say is looked at as well.
    let page = printed::prose::of_page(&html);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let in_tables = in_page.iter().flat_map(around);
    for (heading, sentence) in in_tables.chain(page.texts.iter().map(|text| ("", text.clone()))) {
        complaints.extend(prose.complaints(heading, &sentence, &mut numbers));
        seen.insert(sentence);
    }
    let others = [printed::prose::of_markdown(&markdown), printed::prose::of_document(docx), printed::prose::of_tables(&latex)];
    for sentence in others.iter().flat_map(|form| &form.texts).filter(|sentence| !seen.contains(*sentence)) {
        complaints.extend(prose.complaints("", sentence, &mut numbers));
    }
    let headings: Vec<String> = in_page.iter().flat_map(|(_, columns, _)| columns).map(|heading| heading.join(" ")).collect();
    let known: BTreeSet<&str> = headings.iter().flat_map(|heading| prose::numbers(heading)).map(|(_, number)| number).collect();
    for heading in others.iter().flat_map(|form| &form.headings) {
        let unknown = prose::numbers(heading).into_iter().filter(|(_, number)| !known.contains(number));
        complaints.extend(unknown.map(|(_, number)| format!("{number} in the heading {heading:?}")));
    }
    for form in [&page, &others[0], &others[1]] {
        let lines = |text: &str| text.trim_end().lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(&form.source), lines(&data.study.text), "the study file at the end");
    }
    (cells, numbers, complaints)
}

/// The report of a shipped study has no wrong number, and at least so many right ones.
fn hold(name: &str, (study, files): (Study, Files), least: (usize, usize)) {
    let (cells, numbers, complaints) = check(study, &files);
    let first = &complaints[..complaints.len().min(30)];
    assert!(complaints.is_empty(), "{name}: {} complaints, among them {first:#?}", complaints.len());
    assert!(cells > least.0 && numbers > least.1, "{name}: {cells} cells, {numbers} numbers");
}

#[test]
fn the_report_of_the_field_has_the_numbers_of_its_results() {
    // Its designs are exact: the replicates are the check beside.
    hold("field", with_replicates("field", 2_000), (10_000, 500));
}

#[test]
fn the_reports_of_imm27m_have_the_numbers_of_their_results() {
    hold("imm27m", shipped("imm27m"), (5_000, 300));
    hold("imm27m-tune", shipped("imm27m-tune"), (1_000, 100));
    hold("minimal", shipped("minimal"), (80, 20));
}

#[test]
fn the_report_in_calendar_time_has_the_numbers_of_its_results() {
    hold("imm27m-time", with_replicates("imm27m-time", 2_000), (3_000, 200));
}

#[test]
fn the_report_over_populations_has_the_numbers_of_its_results() {
    hold("imm27m-population", shipped("imm27m-population"), (1_500, 150));
}

#[test]
fn digits_are_left_out_as_declared() {
    // Errors of a few points.
    let simulated = study("imm27m").simulated(|simulation| {
        simulation.replicates = 200;
        simulation.engine = Engine::MonteCarlo;
    });
    hold("imm27m", rendered("imm27m", simulated), (3_000, 300));
    hold("imm27m-time", with_replicates("imm27m-time", 200), (1_000, 100));
}

/// A text with another last digit.
fn altered(text: &str) -> Option<String> {
    let place = text.rfind(|character: char| character.is_ascii_digit())?;
    let digit = text.as_bytes()[place];
    let other = if digit == b'9' { '8' } else { char::from(digit + 1) };
    Some(format!("{}{other}{}", &text[..place], &text[place + 1..]))
}

#[test]
fn a_wrong_digit_in_any_table_is_noticed() {
    let (study, files) = shipped("imm27m-population");
    let data = Data::new(study, &files);
    let tables = of_html(&text(&files, "report.html"));
    let prose = Prose::new(&data, &tables);
    let mut altered_cells = 0;
    for table in &tables {
        if !matches!(check_of(&table.0), Some(Check::Cell(_))) {
            continue;
        }
        for (row, place) in (0..table.2.rows.len()).flat_map(|row| (1..table.1.len()).map(move |place| (row, place))) {
            let Some(wrong) = altered(&table.2.rows[row].1[place]) else { continue };
            let mut other = table.clone();
            other.2.rows = vec![table.2.rows[row].clone()];
            other.2.rows[0].1[place] = wrong;
            let complaints = check_table(&data, &prose, &other, &mut 0);
            assert!(!complaints.is_empty(), "{}, row {row}, column {place}: {:?}", table.0, other.2.rows[0]);
            altered_cells += 1;
        }
    }
    assert!(altered_cells > 1_000, "{altered_cells}");
}

#[test]
fn a_wrong_number_in_a_sentence_is_noticed() {
    let (study, files) = shipped("imm27m");
    let data = Data::new(study, &files);
    let tables = of_html(&text(&files, "report.html"));
    let prose = Prose::new(&data, &tables);
    let page = printed::prose::of_page(&text(&files, "report.html"));
    let sentences = tables.iter().flat_map(around).chain(page.texts.iter().map(|text| ("", text.clone())));
    let (mut all, mut noticed) = (0, 0);
    // A heading is the name by which its rows are looked up.
    for (heading, sentence) in sentences.filter(|(heading, sentence)| heading != sentence) {
        for (place, number) in prose::numbers(&sentence) {
            let wrong = format!("{}{}{}", &sentence[..place], altered(number).unwrap(), &sentence[place + number.len()..]);
            all += 1;
            noticed += usize::from(!prose.complaints(heading, &wrong, &mut 0).is_empty());
        }
    }
    // Some wrong number is by chance that of another result of the same designs and scenarios.
    assert!(all > 500 && noticed * 8 > all * 7, "{noticed} of {all}");
}

#[test]
fn what_is_not_known_is_noticed() {
    let (study, files) = shipped("minimal");
    let data = Data::new(study, &files);
    let tables = of_html(&text(&files, "report.html"));
    let prose = Prose::new(&data, &tables);
    let selection = tables.iter().find(|(id, ..)| id == "selection").unwrap();
    let complaints = |change: &dyn Fn(&mut PageTable)| {
        let mut table = selection.clone();
        change(&mut table);
        check_table(&data, &prose, &table, &mut 0)
    };
    assert!(complaints(&|_| {}).is_empty());
    assert!(!complaints(&|table| table.0 = "selections".to_owned()).is_empty(), "another table");
    assert!(!complaints(&|table| table.1[9][1] = "Right".to_owned()).is_empty(), "another column");
    assert!(!complaints(&|table| table.2.rows[0].0.push('s')).is_empty(), "another scenario");
    assert!(!complaints(&|table| table.2.rows[1].1[0].push('4')).is_empty(), "another design");
    assert!(!prose.complaints("", "About 17 weeks.", &mut 0).is_empty(), "another sentence");
}
