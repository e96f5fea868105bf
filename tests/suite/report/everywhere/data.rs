//! The results of a study as programs read them: `results.json`.

use super::rounding::{Kind, PERCENT, Sure, cell};
use super::{bytes, squeezed};
use dosebench::design::{Plan, follow};
use dosebench::engine::Pathways;
use dosebench::report::decisions::comparison_csv;
use dosebench::study::Study;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A standard error and the limits of the interval.
type Limits = (f64, f64, f64);

/// What the program says to programs.
pub(super) struct Data {
    pub(super) json: Value,
    pub(super) study: Study,
    /// `dosebench table --compare --format csv`.
    pub(super) decisions: Vec<BTreeMap<String, String>>,
    /// What the first cohorts of each rule can bring: two of them, three where the first is of one patient.
    pub(super) pathways: BTreeMap<String, Pathways>,
}

impl Data {
    pub(super) fn new(study: Study, files: &[(PathBuf, Vec<u8>)]) -> Self {
        let json = serde_json::from_slice(bytes(files, "results.json")).unwrap();
        let csv = comparison_csv(&study);
        let decisions = csv::Reader::from_reader(&csv[..]).deserialize().map(Result::unwrap).collect();
        let pathways = study.designs.iter().filter_map(|design| {
            let Plan::Rule(rule) = &design.plan else { return None };
            let cohorts = if rule.first_cohort().patients == 1 { 3 } else { 2 };
            let found = Pathways::new(rule.as_ref(), &follow(rule.as_ref(), &[]), cohorts, 10_000).unwrap()?;
            Some((squeezed(&design.name), found))
        });
        Self { json, decisions, pathways: pathways.collect(), study }
    }

    pub(super) fn replicates(&self) -> f64 {
        self.json["simulation"]["replicates"].as_f64().unwrap()
    }

    pub(super) fn names(&self, list: &str, key: &str) -> Vec<String> {
        let all = self.json[list].as_array().into_iter().flatten();
        all.map(|one| squeezed(one[key].as_str().unwrap())).collect()
    }

    /// The entry of a list whose key has this value.
    pub(super) fn named<'d>(list: &'d Value, key: &str, name: &str) -> Option<&'d Value> {
        list.as_array()?.iter().find(|one| one[key].as_str().is_some_and(|found| squeezed(found) == name))
    }

    pub(super) fn is_design(&self, name: &str) -> bool {
        self.names("designs", "name").iter().any(|design| design == name)
    }

    /// The doses with their unit.
    pub(super) fn doses(&self) -> Vec<String> {
        let doses = &self.study.doses;
        let texts: Vec<String> = doses.levels.iter().map(|dose| format!("{dose}")).collect();
        let places = texts.iter().filter_map(|text| Some(text.split_once('.')?.1.len())).max().unwrap_or(0);
        let alike = doses.levels.iter().map(|dose| if places > 2 { format!("{dose}") } else { format!("{dose:.places$}") });
        alike.map(|dose| format!("{dose} {}", doses.unit).trim_end().to_owned()).collect()
    }

    /// `L3: 1.0 mg/kg`, or `none`.
    pub(super) fn level_words(&self, level: usize) -> String {
        level.checked_sub(1).map_or_else(|| "none".to_owned(), |index| format!("L{level}: {}", self.doses()[index]))
    }

    /// The scenario that a heading names, with the correct selection or without.
    pub(super) fn scenario(&self, heading: &str) -> Option<&Value> {
        self.json["scenarios"].as_array().unwrap().iter().find(|one| {
            let name = squeezed(one["name"].as_str().unwrap());
            let correct = self.level_words(one["correct_level"].as_u64().unwrap() as usize);
            heading == name || heading == format!("{name} (correct: {correct})")
        })
    }

    /// The entry of a design under the scenario that a heading names.
    pub(super) fn entry(&self, heading: &str, design: &str) -> Option<&Value> {
        let scenario = &self.scenario(heading)?["name"];
        let mut entries = self.json["results"].as_array().unwrap().iter();
        entries.find(|one| one["scenario"] == *scenario && squeezed(one["design"].as_str().unwrap()) == design)
    }

    /// The entries of a design, one a scenario.
    pub(super) fn of_design(&self, design: &str) -> Vec<&Value> {
        let entries = self.json["results"].as_array().unwrap();
        entries.iter().filter(|one| squeezed(one["design"].as_str().unwrap()) == design).collect()
    }

    /// How sure a characteristic is.
    pub(super) fn sure(&self, error: Option<f64>) -> Sure {
        match error {
            None => Sure::Exact,
            Some(error) if error > 1e-9 => Sure::Error(error),
            Some(_) => Sure::AtMost(1.0 / self.replicates()),
        }
    }

    /// A characteristic: its value and error.
    pub(super) fn characteristic(entry: &Value, metric: &str, level: Option<u64>) -> Option<(f64, Option<f64>)> {
        let all = entry["operating_characteristics"].as_array().unwrap();
        let one = all.iter().find(|one| one["metric"] == metric && one["dose_level"].as_u64() == level)?;
        Some((one["value"].as_f64().unwrap(), one["std_error"].as_f64()))
    }

    /// A trial-level difference from the first design: its value, and error and limits.
    pub(super) fn difference(entry: &Value, metric: &str) -> Option<(f64, Option<Limits>)> {
        let all = entry["paired_differences"].as_array().unwrap();
        let one = all.iter().find(|one| one["metric"] == metric && one["dose_level"].is_null())?;
        let number = |key: &str| one[key].as_f64();
        Some((
            number("difference").unwrap(),
            number("std_error").map(|error| (error, number("lower").unwrap(), number("upper").unwrap())),
        ))
    }

    /// The error of a probability that is no characteristic.
    pub(super) fn proportion_error(&self, entry: &Value, value: f64) -> Option<f64> {
        (entry["engine"] == "monte-carlo").then(|| (value * (1.0 - value) / self.replicates()).max(0.0).sqrt())
    }

    /// A probability that is no characteristic.
    pub(super) fn proportion(&self, entry: &Value, value: f64) -> String {
        cell(PERCENT, false, value, self.sure(self.proportion_error(entry, value)))
    }

    /// Mean and worst over the scenarios as a table over all of them holds them; `bounded`: the error of the worst is a bound.
    pub(super) fn mean_and_worst(values: &[(f64, f64)], lowest: bool) -> Option<[(f64, Sure); 2]> {
        let count = values.len() as f64;
        let (mean, error) = values.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0 / count, sum.1 + one.1 / count));
        let sign = if lowest { 1.0 } else { -1.0 };
        let worst = values.iter().copied().min_by(|a, b| (sign * a.0).total_cmp(&(sign * b.0)))?;
        let sure = |sure: Sure| if error > 0.0 { sure } else { Sure::Exact };
        Some([(mean, sure(Sure::AtMost(error))), (worst.0, sure(Sure::Error(worst.1)))])
    }

    /// The values of a metric over the scenarios, with their errors.
    pub(super) fn over_scenarios(&self, design: &str, metric: &str) -> Vec<(f64, f64)> {
        let found = self.of_design(design).into_iter().filter_map(|entry| Self::characteristic(entry, metric, None));
        found.map(|(value, error)| (value, self.sure(error).error())).collect()
    }

    /// The differences of a metric over the scenarios, with their errors.
    pub(super) fn against_first(&self, design: &str, metric: &str) -> Vec<(f64, f64)> {
        let found = self.of_design(design).into_iter().filter_map(|entry| Self::difference(entry, metric));
        found.map(|(value, error)| (value, error.map_or(0.0, |(error, ..)| error))).collect()
    }

    /// How far a design stays behind a benchmark over the scenarios in which the benchmark has a number, with the errors.
    pub(super) fn behind(&self, design: &str, benchmark: &str) -> Vec<(f64, f64)> {
        let metric = "correct_selection";
        let behind = |entry: &Value| {
            let scenario = squeezed(entry["scenario"].as_str().unwrap());
            let benchmark = Self::characteristic(self.entry(&scenario, benchmark)?, metric, None)?;
            let own = Self::characteristic(entry, metric, None)?;
            Some((benchmark.0 - own.0, self.sure(benchmark.1).error() + self.sure(own.1).error()))
        };
        self.of_design(design).into_iter().filter_map(behind).collect()
    }

    /// A number of a search for a worst curve as people read it.
    pub(super) fn worst_words(measure: &str, value: f64) -> String {
        let (kind, signed, unit): (Kind, bool, &str) = match measure {
            "correct_selection" => (PERCENT, false, " %"),
            "loss" => (PERCENT, false, " points"),
            _ => (super::rounding::DLTS, true, ""),
        };
        format!("{}{unit}", cell(kind, signed, value, Sure::Exact))
    }
}
