//! Every number that people read is the one that programs read, rounded as declared: no digit smaller than half of its standard
//! error. The rounding is written here a second time.

use super::sample::{info, sample};
use super::text;
use dosebench::measure::Metric;
use dosebench::report::{self, Format};
use serde_json::Value;

/// What the columns of the main table hold: metric, decimals of an exact number, factor.
const TRIAL: [(&str, usize, f64); 6] = [
    ("correct_selection", 1, 100.0),
    ("acceptable_selection", 1, 100.0),
    ("over_selection", 1, 100.0),
    ("total_patients", 1, 1.0),
    ("total_dlts", 2, 1.0),
    ("dlt_rate", 1, 100.0),
];

/// A number of `results.json` as it must be printed.
fn declared(value: f64, std_error: Option<f64>, decimals: usize, factor: f64) -> String {
    let half = factor * std_error.unwrap_or(0.0) / 2.0;
    let places = (0..=decimals).rev().find(|&places| half <= (0..places).fold(1.0, |unit, _| unit / 10.0)).unwrap();
    format!("{:.places$}", factor * value)
}

/// A found characteristic: its value and standard error.
fn characteristic(found: &Value, metric: &str, level: Option<u64>) -> (f64, Option<f64>) {
    let all = found["operating_characteristics"].as_array().unwrap();
    let one = all.iter().find(|one| one["metric"] == metric && one["dose_level"].as_u64() == level).unwrap();
    (one["value"].as_f64().unwrap(), one["std_error"].as_f64())
}

/// The numbers of a row of the main table, from the data.
fn expected(found: &Value) -> Vec<String> {
    let level = |level| {
        let (value, error) = characteristic(found, "selection", Some(level));
        declared(value, error, 1, 100.0)
    };
    let trial = |(metric, decimals, factor): (&str, usize, f64)| {
        let (value, error) = characteristic(found, metric, None);
        declared(value, error, decimals, factor)
    };
    (0..=5).map(level).chain(TRIAL.into_iter().map(trial)).collect()
}

/// The numbers of a printed cell without marks and standard error.
fn bare(cell: &str) -> String {
    cell.replace(['*', '†'], "").split('±').next().unwrap_or("").trim().to_owned()
}

#[test]
fn the_main_table_of_markdown_and_page_shows_the_data() {
    let (study, results) = sample();
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    let data: Value = serde_json::from_str(&text(&files, "results.json")).unwrap();
    let markdown = text(&files, "report.md");
    let html = text(&files, "report.html");
    let (_, section) = markdown.split_once("## Operating characteristics\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut lines = section.lines().filter(|line| line.contains("| exact |") || line.contains("| monte-carlo |"));
    let (_, table) = html.split_once("<table id=\"selection-table\">").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let mut rows = table.split("<tr class=\"row\"").skip(1);
    let entries = data["results"].as_array().unwrap();
    assert_eq!(entries.len(), 15);
    for found in entries {
        let expected = expected(found);
        let line = lines.next().unwrap();
        let cells: Vec<String> = line.split('|').skip(3).map(bare).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells, expected, "{line}");
        let row = rows.next().unwrap();
        let cells: Vec<String> = row
            .split("data-value=\"")
            .skip(1)
            .map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap().trim().to_owned())
            .collect();
        assert_eq!(cells, expected, "{row}");
    }
    assert!(lines.next().is_none() && rows.next().is_none());
}

#[test]
fn every_unrounded_number_of_the_page_is_in_the_data_or_a_mean_of_it() {
    let (study, results) = sample();
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    let html = text(&files, "report.html");
    let mut known = numbers(&text(&files, "results.json"));
    known.sort_by(f64::total_cmp);
    let mut checked = 0;
    for table in html.split("<table id=\"").skip(1) {
        let id = table.split('"').next().unwrap();
        if matches!(id, "over-scenarios-table" | "against-first-table" | "regret-table") {
            continue;
        }
        let (table, _) = table.split_once("</table>").unwrap();
        for value in table.split("data-value=\"").skip(1) {
            let value: f64 = value.split('"').next().unwrap().parse().unwrap();
            assert!(known.binary_search_by(|known| known.total_cmp(&value)).is_ok(), "{value} of {id}");
            checked += 1;
        }
    }
    assert!(checked > 400, "{checked}");
}

/// All numbers of a JSON text, read by the standard library: serde_json reads the last digit of some only nearly.
fn numbers(json: &str) -> Vec<f64> {
    json.split(|character: char| !matches!(character, '0'..='9' | '.' | 'e' | '-' | '+'))
        .filter_map(|token| token.parse().ok())
        .collect()
}

#[test]
fn means_and_worsts_over_scenarios_are_those_of_the_data() {
    let (study, results) = sample();
    let markdown = text(&report::render(&study, &results, &info(), &[], &Format::ALL), "report.md");
    for (place, design) in study.designs.iter().enumerate() {
        let of = |metric: Metric| -> Vec<f64> {
            results.summaries.iter().map(|summaries| summaries[place].get(metric).unwrap().value).collect()
        };
        let errors = results.summaries.iter().filter_map(|summaries| summaries[place].get(Metric::CorrectSelection)?.std_error);
        let error = errors.reduce(|one, other| one + other).map(|sum| sum / 5.0);
        let (correct, over) = (of(Metric::CorrectSelection), of(Metric::OverSelection));
        let mean = declared(correct.iter().sum::<f64>() / 5.0, error, 1, 100.0);
        let error = error.map_or(String::new(), |error| format!(" ± ≤ {:.2}", 100.0 * error));
        let row = format!("| {} | {mean}{error} | ", design.name);
        let line = markdown.lines().find(|line| line.starts_with(&row)).unwrap();
        let cells: Vec<f64> = line.split('|').filter_map(|cell| cell.split_whitespace().next()?.parse().ok()).collect();
        assert_eq!(cells.len(), 8, "{line}");
        assert!((cells[1] / 100.0 - correct.iter().copied().fold(1.0, f64::min)).abs() <= 0.005, "{line}");
        assert!((cells[3] / 100.0 - over.iter().copied().fold(0.0, f64::max)).abs() <= 0.005, "{line}");
    }
}

#[test]
fn results_json_reads_back_to_the_same_numbers() {
    let (study, results) = sample();
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    let json = text(&files, "results.json");
    let (_, entries) = json.split_once("\"results\": [").unwrap();
    let mut written = entries.split("\"value\": ").skip(1);
    for characteristic in results.summaries.iter().flatten().flat_map(|summary| &summary.characteristics) {
        let rest = written.next().unwrap();
        let (value, rest) = rest.split_once(',').unwrap();
        let error = rest.trim_start().strip_prefix("\"std_error\": ").unwrap().split('\n').next().unwrap();
        assert_eq!(value.parse(), Ok(characteristic.value));
        assert_eq!(error.parse().ok(), characteristic.std_error, "{error}");
    }
    assert!(written.next().is_none());
    let data: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(data["scenarios"][4]["correct_level"], 0);
    assert_eq!(data["designs"][2]["situations"], Value::Null);
}
