//! Every number of every form of the report of the shipped studies is one of `results.json`, rounded as declared: no digit smaller
//! than half of its standard error, and no more digits than its kind has. All rounding is written here a second time, and so is
//! what stands in which column.

use super::printed::{Heading, Printed, findings, of_docx, of_html, of_latex, of_markdown};
use super::sample::info;
use super::{bytes, text};
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::report::{self, Format};
use dosebench::study::{Engine, Study};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A kind of number: the factor with which it is printed, its decimals when exact, and the fewest that an error leaves.
type Kind = (f64, i32, i32);
const PERCENT: Kind = (100.0, 1, -1);
const MEAN: Kind = (1.0, 1, 0);
const DLTS: Kind = (1.0, 2, 0);
const WHOLE: Kind = (1.0, 0, 0);
const INDEX: Kind = (1.0, 3, 1);

/// A number with these decimals; below zero, in tens.
fn rounded(value: f64, places: i32, signed: bool) -> String {
    let size = value.abs();
    let digits = match usize::try_from(places) {
        Ok(places) => format!("{size:.places$}"),
        Err(_) => format!("{:.0}", 10.0 * (size / 10.0).round()),
    };
    let is_zero = !digits.contains(|digit: char| ('1'..='9').contains(&digit));
    let sign = if is_zero {
        ""
    } else if value < 0.0 {
        "−"
    } else if signed {
        "+"
    } else {
        ""
    };
    format!("{sign}{digits}")
}

/// The decimals of a number with this error, in the unit in which it is printed.
fn places((_, most, fewest): Kind, error: f64) -> i32 {
    let mut places = most;
    while places > fewest && 10f64.powi(-places) < error / 2.0 {
        places -= 1;
    }
    places
}

/// An error with two significant digits.
fn error_words(error: f64) -> String {
    let (_, exponent) =
        format!("{error:.1e}").split_once('e').map(|(digits, exponent)| (digits.to_owned(), exponent.to_owned())).unwrap();
    let places = usize::try_from(1 - exponent.parse::<i32>().unwrap()).unwrap_or(0);
    format!("{error:.places$}")
}

/// How sure a number is.
#[derive(Clone, Copy)]
enum Sure {
    Exact,
    Error(f64),
    AtMost(f64),
    Interval(f64, f64, f64),
}

/// A number as a cell prints it.
fn cell(kind: Kind, signed: bool, value: f64, sure: Sure) -> String {
    let factor = kind.0;
    let with = |error: f64, beside: String| {
        let number = rounded(factor * value, places(kind, factor * error), signed);
        if beside.is_empty() { number } else { format!("{number} {beside}") }
    };
    match sure {
        Sure::Exact => with(0.0, String::new()),
        Sure::Error(0.0) => with(0.0, String::new()),
        Sure::Error(error) => with(error, format!("± {}", error_words(factor * error))),
        Sure::AtMost(error) if kind == WHOLE => with(error, "± 0".to_owned()),
        Sure::AtMost(error) => with(error, format!("± ≤ {}", error_words(factor * error))),
        Sure::Interval(error, lower, upper) => {
            let end = |end: f64| rounded(factor * end, places(kind, factor * error), signed);
            with(error, format!("({} to {})", end(lower), end(upper)))
        }
    }
}

/// A standard error and the limits of the interval.
type Limits = (f64, f64, f64);

/// The results of a study as programs read them.
struct Data {
    json: Value,
    planned: Option<usize>,
}

impl Data {
    fn replicates(&self) -> f64 {
        self.json["simulation"]["replicates"].as_f64().unwrap()
    }

    fn names(&self, list: &str) -> Vec<&str> {
        self.json[list].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
    }

    /// The entry of a design under the scenario that a heading names.
    fn entry(&self, heading: &str, design: &str) -> Option<&Value> {
        let is_named =
            |scenario: &str| heading == squeezed(scenario) || heading.starts_with(&format!("{} (correct: ", squeezed(scenario)));
        let entries = self.json["results"].as_array().unwrap();
        entries.iter().find(|one| {
            is_named(one["scenario"].as_str().unwrap()) && one["design"].as_str().is_some_and(|name| squeezed(name) == design)
        })
    }

    /// How sure a characteristic is.
    fn sure(&self, error: Option<f64>) -> Sure {
        match error {
            None => Sure::Exact,
            Some(error) if error > 1e-9 => Sure::Error(error),
            Some(_) => Sure::AtMost(1.0 / self.replicates()),
        }
    }

    /// A characteristic: its value and error.
    fn characteristic(entry: &Value, metric: &str, level: Option<u64>) -> Option<(f64, Option<f64>)> {
        let all = entry["operating_characteristics"].as_array().unwrap();
        let one = all.iter().find(|one| one["metric"] == metric && one["dose_level"].as_u64() == level)?;
        Some((one["value"].as_f64().unwrap(), one["std_error"].as_f64()))
    }

    /// A trial-level difference from the first design: its value, and error and limits.
    fn difference(entry: &Value, metric: &str) -> Option<(f64, Option<Limits>)> {
        let all = entry["paired_differences"].as_array().unwrap();
        let one = all.iter().find(|one| one["metric"] == metric && one["dose_level"].is_null())?;
        let number = |key: &str| one[key].as_f64();
        Some((
            number("difference").unwrap(),
            number("std_error").map(|error| (error, number("lower").unwrap(), number("upper").unwrap())),
        ))
    }

    /// A probability that is no characteristic.
    fn proportion(&self, entry: &Value, value: f64) -> String {
        let error = (value * (1.0 - value) / self.replicates()).max(0.0).sqrt();
        cell(PERCENT, false, value, self.sure((entry["engine"] == "monte-carlo").then_some(error)))
    }

    /// A cell of a table in blocks by scenario; `None` where the heading is not known here.
    fn by_scenario(&self, id: &str, [group, heading, detail]: &Heading, entry: &Value) -> Option<String> {
        let dash = "–".to_owned();
        if heading == "Engine" {
            return entry["engine"].as_str().map(str::to_owned);
        }
        if id == "stop-reasons" {
            let words = [
                ("Lowest level too toxic", "too_toxic"),
                ("MTD declared", "mtd_declared"),
                ("Enough patients at a level", "stop_at_patients"),
                ("Enough patients at a named level", "stop_at_level_patients"),
                ("A level known well enough", "precise"),
                ("All patients treated", "max_patients"),
            ];
            let reason = words.iter().find(|(words, _)| words == heading)?.1;
            let found = entry["stop_reasons"].as_array().unwrap().iter().find(|one| one["reason"] == reason);
            return Some(found.map_or(dash, |one| self.proportion(entry, one["probability"].as_f64().unwrap())));
        }
        if heading == "Above plan" {
            let sizes = entry["sample_size"].as_array().unwrap();
            let above = sizes.iter().filter(|one| one["patients"].as_u64().unwrap() as usize > self.planned.unwrap());
            let value: f64 = above.map(|one| one["probability"].as_f64().unwrap()).sum();
            return Some(if sizes.is_empty() { dash } else { self.proportion(entry, value) });
        }
        if id == "differences" {
            let (metric, kind) = match heading.as_str() {
                "Correct" => ("correct_selection", PERCENT),
                "Acceptable" => ("acceptable_selection", PERCENT),
                "Too toxic" => ("over_selection", PERCENT),
                "Patients" => ("total_patients", MEAN),
                "DLTs" => ("total_dlts", DLTS),
                "DLT rate" => ("dlt_rate", PERCENT),
                "Duration" => ("duration_weeks", MEAN),
                _ => return None,
            };
            return Some(Self::difference(entry, metric).map_or(dash, |(value, error)| {
                cell(kind, true, value, error.map_or(Sure::Exact, |(error, lower, upper)| Sure::Interval(error, lower, upper)))
            }));
        }
        let level = heading.strip_prefix('L').and_then(|level| level.parse::<u64>().ok());
        let (metric, level, kind) = match (group.as_str(), heading.as_str(), detail.as_str()) {
            ("Level selected, % of trials", "None", _) => ("selection", Some(0), PERCENT),
            ("Level selected, % of trials", ..) => ("selection", Some(level?), PERCENT),
            ("Patients treated at the level, mean", ..) => ("patients", Some(level?), MEAN),
            ("Selection is", "Correct", _) => ("correct_selection", None, PERCENT),
            ("Selection is", "Acceptable", _) => ("acceptable_selection", None, PERCENT),
            ("Selection is", "Too toxic", _) | ("", "Too toxic selected", _) => ("over_selection", None, PERCENT),
            ("In the trial", "Patients", _) | ("Patients", "Mean", _) => ("total_patients", None, MEAN),
            ("In the trial" | "", "DLTs", _) => ("total_dlts", None, DLTS),
            ("In the trial", "DLT rate", _) | ("", "DLT rate", "%, ratio of means") => ("dlt_rate", None, PERCENT),
            ("", "DLT rate", "%, mean of trials") => ("dlt_rate_trial_mean", None, PERCENT),
            ("", "Patients above correct", _) | ("Share of patients", "Above correct", _) => ("share_above_mtd", None, PERCENT),
            ("Share of patients", "At correct", _) => ("share_at_mtd", None, PERCENT),
            ("", "Over 60 % above correct", _) => ("overdose_60", None, PERCENT),
            ("", "Over 80 % above correct", _) => ("overdose_80", None, PERCENT),
            ("", "Poor allocation", _) => ("poor_allocation", None, PERCENT),
            ("Patients", "5 %", _) => ("total_patients_q05", None, WHOLE),
            ("Patients", "Median", _) => ("total_patients_q50", None, WHOLE),
            ("Patients", "95 %", _) => ("total_patients_q95", None, WHOLE),
            ("", "Cohorts", _) => ("cohorts", None, MEAN),
            ("Duration, weeks", "Mean", _) => ("duration_weeks", None, MEAN),
            ("Duration, weeks", "5 %", _) => ("duration_weeks_q05", None, MEAN),
            ("Duration, weeks", "Median", _) => ("duration_weeks_q50", None, MEAN),
            ("Duration, weeks", "95 %", _) => ("duration_weeks_q95", None, MEAN),
            ("", "Enrolment closed", _) => ("closed_weeks", None, MEAN),
            ("", "On time", _) => ("on_time", None, PERCENT),
            ("", "Uninformed DLTs", _) => ("uninformed_dlts", None, DLTS),
            ("", "Turned away", _) => ("turned_away", None, MEAN),
            _ => return None,
        };
        Some(Self::characteristic(entry, metric, level).map_or(dash, |(value, error)| cell(kind, false, value, self.sure(error))))
    }

    /// Every way to print any number of an entry.
    fn anything(&self, entry: &Value) -> BTreeSet<String> {
        let mut known: BTreeSet<String> = ["–", "", "exact", "monte-carlo"].map(str::to_owned).into();
        for kind in [PERCENT, MEAN, DLTS, WHOLE, INDEX] {
            for one in entry["operating_characteristics"].as_array().unwrap() {
                let sure = self.sure(one["std_error"].as_f64());
                known.insert(cell(kind, false, one["value"].as_f64().unwrap(), sure));
            }
            for one in entry["paired_differences"].as_array().unwrap() {
                let number = |key: &str| one[key].as_f64();
                let sure = number("std_error")
                    .map_or(Sure::Exact, |error| Sure::Interval(error, number("lower").unwrap(), number("upper").unwrap()));
                known.insert(cell(kind, true, number("difference").unwrap(), sure));
            }
        }
        known
    }

    /// The entries of a design, one a scenario.
    fn of_design(&self, design: &str) -> Vec<&Value> {
        let entries = self.json["results"].as_array().unwrap();
        entries.iter().filter(|one| one["design"].as_str().is_some_and(|name| squeezed(name) == design)).collect()
    }

    /// Mean and worst over the scenarios as a table over all of them holds them; `bounded`: the error of the worst is a bound.
    fn mean_and_worst(values: &[(f64, f64)], lowest: bool) -> Option<[(f64, Sure); 2]> {
        let count = values.len() as f64;
        let (mean, error) = values.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0 / count, sum.1 + one.1 / count));
        let sign = if lowest { 1.0 } else { -1.0 };
        let worst = values.iter().copied().min_by(|a, b| (sign * a.0).total_cmp(&(sign * b.0)))?;
        let sure = |sure: Sure| if error > 0.0 { sure } else { Sure::Exact };
        Some([(mean, sure(Sure::AtMost(error))), (worst.0, sure(Sure::Error(worst.1)))])
    }

    /// The values of a metric over the scenarios, with their errors.
    fn over_scenarios(&self, design: &str, metric: &str) -> Vec<(f64, f64)> {
        let error = |error| match self.sure(error) {
            Sure::Error(error) | Sure::AtMost(error) => error,
            _ => 0.0,
        };
        let found = self.of_design(design).into_iter().filter_map(|entry| Self::characteristic(entry, metric, None));
        found.map(|(value, std_error)| (value, error(std_error))).collect()
    }

    /// The differences of a metric over the scenarios, with their errors.
    fn against_first(&self, design: &str, metric: &str) -> Vec<(f64, f64)> {
        let found = self.of_design(design).into_iter().filter_map(|entry| Self::difference(entry, metric));
        found.map(|(value, error)| (value, error.map_or(0.0, |(error, ..)| error))).collect()
    }

    /// A cell of a table over all scenarios.
    fn over_all(&self, id: &str, [group, heading, detail]: &Heading, design: &str) -> Option<String> {
        let (metric, kind, lowest) = match group.as_str() {
            "Correct selection, %" => ("correct_selection", PERCENT, true),
            "Too toxic selected, %" => ("over_selection", PERCENT, false),
            "Patients, mean number" => ("total_patients", MEAN, false),
            "DLTs, mean number" => ("total_dlts", DLTS, false),
            "" if id == "regret" => ("correct_selection", PERCENT, false),
            _ => return None,
        };
        let values = match id {
            "over-scenarios" => self.over_scenarios(design, metric),
            "against-first" => self.against_first(design, metric),
            _ => {
                // The benchmark has no number where no dose is correct.
                let behind = |entry: &&Value| {
                    let scenario = squeezed(entry["scenario"].as_str().unwrap());
                    let benchmark = Self::characteristic(self.entry(&scenario, detail)?, metric, None)?;
                    let own = Self::characteristic(entry, metric, None)?;
                    let error = |(_, error)| match self.sure(error) {
                        Sure::Error(error) | Sure::AtMost(error) => error,
                        _ => 0.0,
                    };
                    Some((benchmark.0 - own.0, error(benchmark) + error(own)))
                };
                self.of_design(design).iter().filter_map(behind).collect()
            }
        };
        let Some([mean, worst]) = Self::mean_and_worst(&values, lowest) else { return Some("–".to_owned()) };
        let (value, sure) = if heading.starts_with("Mean") { mean } else { worst };
        let sure = match sure {
            Sure::Error(error) if id == "regret" => Sure::AtMost(error),
            other => other,
        };
        Some(cell(kind, id != "over-scenarios", value, sure))
    }

    /// Complain about every cell of a table that is not what the data say.
    fn check(&self, id: &str, columns: &[Heading], table: &Printed, checked: &mut usize) -> Vec<String> {
        let mut complaints = Vec::new();
        for (heading, cells) in &table.rows {
            let design = &cells[0];
            assert_eq!(cells.len(), columns.len(), "{id}: {cells:?}");
            for (column, found) in columns.iter().zip(cells).skip(1) {
                let entry = self.entry(heading, design);
                let fits = match id {
                    "scenarios" => self.is_truth(design, column, found),
                    _ if design == "True DLT probability" => self.is_truth_of(heading, column, found),
                    "over-scenarios" | "against-first" | "regret" => self.over_all(id, column, design).map(|cell| cell == *found),
                    "agreement" => entry.and_then(|entry| agreement(entry, column)).map(|cell| cell == *found),
                    _ if id.starts_with("synopsis") => Some(self.is_synopsis(&column[1], design, found)),
                    _ => entry.map(|entry| {
                        let expected = self.by_scenario(id, column, entry);
                        expected.map_or_else(|| self.anything(entry).contains(found), |cell| cell == *found)
                    }),
                };
                match fits {
                    Some(true) => *checked += 1,
                    Some(false) => complaints.push(format!("{id}, {heading}, {design}, {column:?}: {found}")),
                    None => {}
                }
            }
        }
        complaints
    }

    /// Whether a cell of the scenarios is what the study says.
    fn is_truth(&self, scenario: &str, [group, heading, _]: &Heading, found: &str) -> Option<bool> {
        let level = heading.strip_prefix('L')?.parse::<usize>().ok().filter(|_| group == "True DLT probability")?;
        let scenarios = self.json["scenarios"].as_array().unwrap();
        let one = scenarios.iter().find(|one| squeezed(one["name"].as_str().unwrap()) == scenario)?;
        Some(found.parse::<f64>().ok() == one["toxicity"][level - 1].as_f64())
    }

    /// As [`Data::is_truth`], in a table in blocks by scenario.
    fn is_truth_of(&self, heading: &str, column: &Heading, found: &str) -> Option<bool> {
        let scenarios = self.names("scenarios");
        let scenario = scenarios.iter().find(|name| heading.starts_with(&format!("{} (correct: ", squeezed(name))))?;
        self.is_truth(&squeezed(scenario), &["True DLT probability".to_owned(), column[1].clone(), String::new()], found)
    }

    /// Whether a cell is what the rule of a design says of itself.
    fn is_synopsis(&self, design: &str, item: &str, found: &str) -> bool {
        let designs = self.json["designs"].as_array().unwrap();
        let one = designs.iter().find(|one| squeezed(one["name"].as_str().unwrap()) == design).unwrap();
        let lines = one["synopsis"].as_array().unwrap().iter().filter(|line| line["item"] == item);
        let values: Vec<&str> = lines.map(|line| line["value"].as_str().unwrap()).collect();
        if values.is_empty() { found == "–" } else { squeezed(&values.join("; ")) == found }
    }

    /// Complain about every number of a finding that the data do not have.
    fn check_finding(&self, sentence: &str, checked: &mut usize) -> Vec<String> {
        let mut names = self.names("designs");
        names.extend(self.names("scenarios"));
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let design = self.names("designs").into_iter().filter(|name| sentence.contains(&squeezed(name))).collect::<Vec<_>>();
        let mut bare = sentence.to_owned();
        for name in names {
            bare = bare.replace(&squeezed(name), " ");
        }
        let doses = self.json["study"]["doses"].as_array().unwrap();
        let mut known: BTreeSet<String> = (0..=self.names("scenarios").len()).map(|count| count.to_string()).collect();
        known.extend(["100", "1", "99"].map(str::to_owned));
        for entry in design.iter().flat_map(|name| self.of_design(&squeezed(name))) {
            for (metric, level) in [("correct_selection", None), ("over_selection", None), ("selection", Some(0))] {
                let Some((value, error)) = Self::characteristic(entry, metric, level) else { continue };
                let half = match self.sure(error) {
                    Sure::Error(error) | Sure::AtMost(error) => 1.96 * error,
                    _ => 0.0,
                };
                for end in [value, value - half, value + half, 1.0 - value, 1.0 - value - half, 1.0 - value + half] {
                    known.insert(rounded(100.0 * end.clamp(0.0, 1.0), 0, false));
                }
            }
            if let Some((value, error)) = Self::characteristic(entry, "total_patients", None) {
                known.insert(cell(MEAN, false, value, self.sure(error)).split(' ').next().unwrap().to_owned());
            }
        }
        for name in &design {
            for (metric, kind, lowest) in [
                ("correct_selection", PERCENT, true),
                ("over_selection", PERCENT, false),
                ("total_patients", MEAN, false),
                ("total_dlts", DLTS, false),
            ] {
                let found = Self::mean_and_worst(&self.against_first(&squeezed(name), metric), lowest);
                for (value, sure) in found.into_iter().flatten() {
                    let error = match sure {
                        Sure::Error(error) | Sure::AtMost(error) => error,
                        _ => 0.0,
                    };
                    for end in [value, value - 1.96 * error, value + 1.96 * error] {
                        known.insert(rounded(kind.0 * end, places(kind, kind.0 * error), true));
                    }
                }
            }
        }
        let mut complaints = Vec::new();
        for word in bare.split(|character: char| character.is_whitespace() || "(),;:".contains(character)) {
            let word = word.trim_end_matches('.');
            let number = word.trim_start_matches(['+', '−']);
            let Ok(value) = number.parse::<f64>() else { continue };
            if known.contains(word) || doses.iter().any(|dose| dose.as_f64() == Some(value)) {
                *checked += 1;
            } else {
                complaints.push(format!("{word} in {sentence}"));
            }
        }
        complaints
    }
}

/// A cell of the table of agreement.
fn agreement(entry: &Value, [_, heading, _]: &Heading) -> Option<String> {
    let found = &entry["agreement"];
    let number = |key: &str| found[key].as_f64();
    match heading.as_str() {
        "Replicates" => {
            let digits = number("replicates")?.to_string();
            let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
            Some(groups.join(","))
        }
        "Chi-square" => Some(rounded(number("chi_square")?, 1, false)),
        "Degrees of freedom" => Some(rounded(number("degrees_of_freedom")?, 0, false)),
        "p-value" => Some(rounded(number("p_value")?, 3, false)),
        _ => None,
    }
}

/// Text with single spaces, without the marks that a parser takes off.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A shipped study with few replicates, and all its files.
fn shipped(name: &str, change: impl FnOnce(&mut Study)) -> (Study, Vec<(PathBuf, Vec<u8>)>) {
    let path = format!("{}/configs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let (mut study, _) = Study::from_path(Path::new(&path)).unwrap_or_else(|error| panic!("{error}"));
    change(&mut study);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    (study, files)
}

/// Look at every number of every form; returns how many cells and numbers of sentences were checked.
fn check(study: &Study, files: &[(PathBuf, Vec<u8>)]) -> (usize, usize) {
    let data = Data { json: serde_json::from_slice(bytes(files, "results.json")).unwrap(), planned: study.planned_patients };
    let (html, markdown) = (text(files, "report.html"), text(files, "report.md"));
    let docx = bytes(files, "report.docx");
    let in_page = of_html(&html);
    let (mut cells, mut complaints) = (0, Vec::new());
    for (id, columns, table) in &in_page {
        complaints.extend(data.check(id, columns, table, &mut cells));
    }
    let tables: Vec<&Printed> = in_page.iter().map(|(_, _, table)| table).collect();
    for (form, others) in [("md", of_markdown(&markdown)), ("docx", of_docx(docx)), ("tex", of_latex(&text(files, "tables.tex")))]
    {
        assert_eq!(others.len(), tables.len(), "{form}");
        for (table, other) in tables.iter().zip(&others) {
            assert_eq!(table.caption, other.caption, "{form}");
            for (row, same) in table.rows.iter().zip(&other.rows) {
                assert_eq!(row, same, "{form}: {}", table.caption);
            }
            assert_eq!(table.rows.len(), other.rows.len(), "{form}: {}", table.caption);
        }
    }
    let mut numbers = 0;
    let [in_page, in_markdown, in_docx] = findings(&html, &markdown, docx);
    assert!(in_page == in_markdown && in_page == in_docx, "{in_page:#?}\n{in_markdown:#?}\n{in_docx:#?}");
    for sentence in &in_page {
        complaints.extend(data.check_finding(sentence, &mut numbers));
    }
    assert!(complaints.is_empty(), "{} complaints, among them {:#?}", complaints.len(), &complaints[..complaints.len().min(20)]);
    (cells, numbers)
}

#[test]
fn exact_results_are_printed_as_declared() {
    let (study, files) = shipped("imm27m", |study| study.simulation.replicates = 300);
    let (cells, numbers) = check(&study, &files);
    assert!(cells > 3_000 && numbers > 100, "{cells} cells, {numbers} numbers");
    check_small("minimal");
}

fn check_small(name: &str) {
    let (study, files) = shipped(name, |study| study.simulation.replicates = 300);
    let (cells, numbers) = check(&study, &files);
    assert!(cells > 30 && numbers > 3, "{cells} cells, {numbers} numbers");
}

#[test]
fn simulated_results_are_printed_as_declared() {
    // Errors of a few points, so that digits are left out.
    let (study, files) = shipped("imm27m-time", |study| study.simulation.replicates = 200);
    let (cells, numbers) = check(&study, &files);
    assert!(cells > 1_000 && numbers > 30, "{cells} cells, {numbers} numbers");
    let (study, files) = shipped("imm27m", |study| {
        study.simulation.replicates = 200;
        study.simulation.engine = Engine::MonteCarlo;
    });
    check(&study, &files);
}

#[test]
fn the_field_is_printed_as_declared() {
    // Few scenarios, and without the designs that take seconds to compile: what differs here are the tables.
    let slow = ["BMA-CRM", "2-parameter CRM", "BLRM", "EWOC"];
    let (study, files) = shipped("field", |study| {
        study.scenarios.truncate(2);
        study.designs.retain(|design| !slow.contains(&design.name.as_str()));
    });
    assert!(study.designs.len() > 12);
    let (cells, numbers) = check(&study, &files);
    assert!(cells > 1_000 && numbers > 50, "{cells} cells, {numbers} numbers");
}

#[test]
fn a_wrong_digit_is_noticed() {
    let (study, files) = shipped("minimal", |study| study.simulation.replicates = 300);
    let data = Data { json: serde_json::from_slice(bytes(&files, "results.json")).unwrap(), planned: study.planned_patients };
    let tables = of_html(&text(&files, "report.html"));
    let (id, columns, table) = tables.iter().find(|(id, ..)| id == "selection").unwrap();
    let mut checked = 0;
    assert!(data.check(id, columns, table, &mut checked).is_empty());
    let numbers = (1..columns.len()).filter(|&place| table.rows[1].1[place].parse::<f64>().is_ok());
    for place in numbers {
        let mut wrong = table.clone();
        let cell = &mut wrong.rows[1].1[place];
        let last = cell.pop().unwrap();
        cell.push(if last == '9' { '8' } else { char::from(last as u8 + 1) });
        assert_eq!(data.check(id, columns, &wrong, &mut checked).len(), 1, "column {place}");
    }
    let [sentences, ..] = findings(&text(&files, "report.html"), &text(&files, "report.md"), bytes(&files, "report.docx"));
    assert!(data.check_finding(&sentences[0], &mut checked).is_empty());
    assert!(!data.check_finding(&sentences[0].replacen("about ", "about 9", 1), &mut checked).is_empty(), "{}", sentences[0]);
}
