//! Numbers in the reports of the shipped tunings: each cell of a table of points, in both forms, is one of the data file, rounded as
//! declared, and so is each number of the findings.

use super::rounding::{DLTS, Kind, MEAN, PERCENT, Sure, cell, grouped};
use super::{altered, squeezed, study};
use crate::report::printed::{Heading, Printed, of_html, of_markdown};
use crate::report::text;
use dosebench::engine::Monitor;
use dosebench::report::{self, RunInfo};
use dosebench::tuning::{Journal, tune};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A row of the data file.
type Row = BTreeMap<String, String>;

/// A tuning as it is written.
struct Tuned {
    name: String,
    html: String,
    markdown: String,
    points: Vec<Row>,
    /// The keys of its parameters.
    keys: Vec<String>,
}

/// Every tuning of a shipped study, as its report has it.
fn tuned(name: &str) -> Vec<Tuned> {
    let study = study(name);
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), &study).unwrap();
    let tunings = tune(&study, &mut journal, &Monitor::default(), |_| {}).unwrap();
    let info = RunInfo { study_file: format!("{name}.toml"), command: format!("dosebench tune {name}.toml") };
    let files = report::tuning::render(&study, &tunings, &info).unwrap();
    let names = files.iter().filter_map(|(path, _)| path.to_str()?.strip_suffix(".csv"));
    let read = |name: &str| {
        let read = |form: &str| text(&files, &format!("{name}.{form}"));
        let csv = read("csv");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let columns = reader.headers().unwrap().iter().map(str::to_owned).collect::<Vec<_>>();
        let keys = columns.iter().skip(2).take_while(|column| *column != "engine").cloned().collect();
        let points = reader.deserialize().map(Result::unwrap).collect();
        Tuned { name: name.to_owned(), html: read("html"), markdown: read("md"), points, keys }
    };
    names.map(read).collect()
}

/// What a number is in the data file, and of which kind.
fn measure(heading: &str, detail: &str) -> Option<(&'static str, Kind)> {
    let (metric, lowest, kind) = match heading {
        "correct selection" => ("correct_selection", "correct_selection_lowest", PERCENT),
        "too toxic selected" => ("over_selection", "", PERCENT),
        "trials with > 60 % overdosed" => ("overdose_60", "", PERCENT),
        "patients" => ("total_patients", "", MEAN),
        "dLTs" => ("total_dlts", "", DLTS),
        "weeks" => ("duration_weeks", "", MEAN),
        _ => return None,
    };
    match detail.split(',').next() {
        Some("mean") => Some((metric, kind)),
        Some("worst") => Some((lowest, kind)),
        _ => None,
    }
}

/// A heading with a small first letter, as the objective has it.
fn small(heading: &str) -> String {
    let mut letters = heading.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

impl Tuned {
    /// A number of a point as it is printed.
    fn printed(point: &Row, column: &str, kind: Kind, signed: bool) -> Option<String> {
        let value: f64 = point.get(column)?.parse().ok()?;
        let error = point[&format!("{column}_std_error")].parse().map_or(Sure::Exact, Sure::Error);
        Some(cell(kind, signed, value, error))
    }

    /// The point that a row of a table is of: the one with its parameters.
    fn point(&self, columns: &[Heading], cells: &[String]) -> Option<&Row> {
        let changes = |point: &Row| {
            // The first point is the design as it is written.
            let base = &self.points[0];
            let changed = self.keys.iter().filter(|key| point["point"] != "0" && point[*key] != base[*key]);
            let words: Vec<String> = changed.map(|key| format!("{key} = {}", point[key])).collect();
            if words.is_empty() { "as written".to_owned() } else { words.join(", ") }
        };
        self.points.iter().find(|point| {
            columns.iter().zip(cells).all(|([_, heading, _], cell)| match heading.as_str() {
                "Change" => changes(point) == *cell,
                key if self.keys.iter().any(|own| own == key) => point[key] == *cell,
                _ => true,
            })
        })
    }

    /// What is wrong in a table of points.
    fn in_table(&self, (id, columns, table): &(String, Vec<Heading>, Printed), checked: &mut usize) -> Vec<String> {
        let objective = columns
            .iter()
            .find_map(|[_, heading, detail]| measure(&small(heading.strip_prefix("Objective: ")?), detail).map(|(_, kind)| kind));
        let mut complaints = Vec::new();
        for (_, cells) in &table.rows {
            let Some(point) = self.point(columns, cells) else {
                complaints.push(format!("{}, {id}: no point {cells:?}", self.name));
                continue;
            };
            for ([_, heading, detail], found) in columns.iter().zip(cells) {
                let expected = match heading.as_str() {
                    "Change" => continue,
                    key if self.keys.iter().any(|own| own == key) => continue,
                    "Gain" => objective.and_then(|kind| Self::printed(point, "gain", kind, true)),
                    "Front" => Some(if point["front"] == "yes" { "yes" } else { "" }.to_owned()),
                    "Limits" => Some(found.clone()).filter(|words| words.starts_with("met") == (point["within_limits"] == "yes")),
                    _ => {
                        match heading.strip_prefix("Objective: ") {
                            Some(heading) => measure(&small(heading), detail)
                                .and_then(|(_, kind)| Self::printed(point, "objective", kind, false)),
                            None => measure(&small(heading), detail)
                                .and_then(|(column, kind)| Self::printed(point, column, kind, false)),
                        }
                    }
                };
                if expected.as_ref() == Some(found) {
                    *checked += 1;
                } else {
                    complaints.push(format!("{}, {id}, {heading} ({detail}): {found:?} for {expected:?}", self.name));
                }
            }
        }
        complaints
    }

    /// What is wrong in a finding.
    fn in_finding(&self, finding: &str, checked: &mut usize) -> Vec<String> {
        let count = |of: &dyn Fn(&&Row) -> bool| grouped(self.points.iter().filter(of).count() as f64);
        let base = &self.points[0];
        // The design as it is written is a point, and no candidate where its values are not among those that were asked for.
        let mut known = vec![
            count(&|_| true),
            count(&|point| point["point"] != "0"),
            count(&|point| point["within_limits"] == "yes"),
            count(&|point| point["point"] != "0" && point["within_limits"] == "yes"),
            count(&|point| point["front"] == "yes"),
        ];
        for point in self.points.iter().filter(|point| point["best"] == "yes").chain([base]) {
            known.extend(self.keys.iter().map(|key| point[key].clone()));
            let metrics = [
                ("correct_selection", PERCENT),
                ("correct_selection_lowest", PERCENT),
                ("overdose_60", PERCENT),
                ("total_patients", MEAN),
                ("total_dlts", DLTS),
                ("duration_weeks", MEAN),
            ];
            known.extend(metrics.iter().filter_map(|(column, kind)| Self::printed(point, column, *kind, false)));
        }
        // What was asked for.
        let asked = [
            "overdose_60 at most 10.0 %",
            "total_patients at most 21 ",
            "selection at least 55.0 %",
            "selection at least 45.0 %",
        ];
        let bare = asked.iter().fold(finding.replace("overdose_60 ", " "), |text, words| {
            text.replace(words.trim_start_matches("overdose_60 "), " ")
        });
        let numbers = super::prose::numbers(&bare);
        *checked += numbers.len();
        numbers
            .into_iter()
            .filter(|(_, number)| !known.iter().any(|known| known == number))
            .map(|(_, number)| format!("{}: {number} in {finding}", self.name))
            .collect()
    }
}

/// The sentences of the findings, of both forms.
fn findings(tuned: &Tuned) -> Vec<String> {
    let section = tuned.markdown.split_once("## Findings\n").unwrap().1.split_once("\n## ").unwrap().0;
    section.lines().filter_map(|line| line.strip_prefix("- ")).map(|line| squeezed(&line.replace('\\', ""))).collect()
}

static ALL: LazyLock<Vec<Tuned>> = LazyLock::new(|| {
    let all: Vec<Tuned> = ["imm27m-tune", "imm27m-population"].into_iter().flat_map(tuned).collect();
    assert_eq!(all.len(), 5);
    all
});

const OF_POINTS: [&str; 2] = ["points", "front"];

#[test]
fn the_reports_of_tunings_have_the_numbers_of_their_points() {
    let (mut cells, mut numbers) = (0, 0);
    for tuned in ALL.iter() {
        let (tables, others) = (of_html(&tuned.html), of_markdown(&tuned.markdown));
        assert_eq!(tables.len(), others.len());
        let mut complaints = Vec::new();
        for (table, other) in tables.iter().zip(&others).filter(|(table, _)| OF_POINTS.contains(&table.0.as_str())) {
            assert_eq!((&table.2.caption, &table.2.rows), (&other.caption, &other.rows), "{}", tuned.name);
            complaints.extend(tuned.in_table(table, &mut cells));
        }
        for finding in findings(tuned) {
            assert!(squeezed(&tuned.html).contains(&finding.replace('>', "&gt;")), "{finding}");
            complaints.extend(tuned.in_finding(&finding, &mut numbers));
        }
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
    assert!(cells > 1_000 && numbers > 70, "{cells} cells, {numbers} numbers");
}

#[test]
fn a_wrong_digit_in_the_report_of_a_tuning_is_noticed() {
    let (mut all_numbers, mut noticed) = (0, 0);
    for tuned in ALL.iter() {
        for table in of_html(&tuned.html).iter().filter(|table| OF_POINTS.contains(&table.0.as_str())) {
            for (row, place) in (0..table.2.rows.len()).flat_map(|row| (0..table.1.len()).map(move |place| (row, place))) {
                let is_key = table.1[place][1] == "Change" || tuned.keys.contains(&table.1[place][1]);
                let Some(wrong) = altered(&table.2.rows[row].1[place]).filter(|_| !is_key) else { continue };
                let mut other = table.clone();
                other.2.rows[row].1[place] = wrong;
                assert!(!tuned.in_table(&other, &mut 0).is_empty(), "{}, {}, {row}, {place}", tuned.name, table.0);
            }
        }
        for finding in findings(tuned) {
            for (place, number) in super::prose::numbers(&finding) {
                let wrong = format!("{}{}{}", &finding[..place], altered(number).unwrap(), &finding[place + number.len()..]);
                all_numbers += 1;
                noticed += usize::from(!tuned.in_finding(&wrong, &mut 0).is_empty());
            }
        }
    }
    // Some wrong number is by chance another one of the same point.
    assert!(all_numbers > 70 && noticed * 8 > all_numbers * 7, "{noticed} of {all_numbers}");
}
