//! Numbers in sentences, captions and headings: each is one of the results of what the sentence names, or of the study, or belongs to
//! the short list of words below.

use super::data::Data;
use super::rounding::{DLTS, MEAN, PERCENT, Sure, cell, error_words, grouped, places, rounded};
use super::tables::COMPARED;
use super::{PageTable, squeezed};
use serde_json::Value;
use std::collections::BTreeSet;

/// Words with a number that is no result of a run.
const FIXED: &[&str] = &[
    "of 100 trials",
    "Of 100 trials",
    // The level of intervals.
    "95 % interval",
    // Quantiles.
    "5 %: on 95 % of the curves it is higher; 95 %: on 95 % of them",
    "5 to 95 %",
    "from the 5 % to the 95 % quantile",
    "when 99 % of the trials have ended",
    "0.05, 0.50, 0.95",
    "at least 0.95",
    // The definitions of metrics.
    "60 %",
    "80 %",
    "level 0",
    "1 − K",
    "distances are 0",
    "level 1",
    "0.01",
    "below 0.05 by chance",
    "contains 0",
    "3 at L2",
    "three patients at level 2",
    "level 2 is selected",
    "by default 0, the first",
    "Up to 12 patients at a level",
    "+2 treat 2 more at the level",
    "+3 treat 3 more at the level",
    "+4 treat 4 more at the level",
    "when the level below has 6 patients",
    // Methods, wherever they are named.
    "2-parameter",
    "mTPI-2",
    "i3+3",
    "3+3",
    "99.9 % of the trials",
    // The checklist.
    "FDA 2019, 2020",
    "FDA 2019",
    "FDA 2020",
    "EMA 2017",
    "November 2019",
    "December 2020",
    "28367/07 Rev. 1, 20 July 2017",
    "2459/02, 2007",
    "step 2, 25 June 2025",
    "10 December 2021",
    // How sensitivities are asked.
    "moves by 0.05",
    "missing to 1",
];

/// What the words of a report may name, with the numbers that belong to it.
pub(super) struct Prose<'d> {
    data: &'d Data,
    /// Everything with a name, the longest name first.
    names: Vec<(String, Named)>,
    /// Numbers of the study and of the run as a whole, which any sentence may have that names no design.
    general: BTreeSet<String>,
    /// What the program says in the same words for programs, which may hold a name.
    said: Vec<String>,
    /// Doses with their unit, first those after their level.
    doses: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Named {
    Design,
    Scenario,
    Population,
    WorstCase,
    /// The study or a method: none of its numbers is a result.
    Other,
}

impl<'d> Prose<'d> {
    /// `tables`: those of the page, of which a note says the largest error.
    pub(super) fn new(data: &'d Data, tables: &[PageTable]) -> Self {
        let mut names = Vec::new();
        let lists = [
            ("designs", "name", Named::Design),
            ("scenarios", "name", Named::Scenario),
            ("populations", "population", Named::Population),
            ("worst_curves", "name", Named::WorstCase),
            ("designs", "method", Named::Other),
        ];
        for (list, key, kind) in lists {
            names.extend(data.names(list, key).into_iter().map(|name| (name, kind)));
        }
        let study = &data.json["study"];
        for key in ["name", "file"] {
            names.push((squeezed(study[key].as_str().unwrap()), Named::Other));
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        // Headings and sentences say a dose with its unit, or after its level.
        // Doses without a unit are numbers among others.
        let has_unit = !data.study.doses.unit.is_empty();
        let mut doses: Vec<String> = (1..).zip(data.doses()).map(|(level, dose)| format!("L{level}: {dose}")).collect();
        doses.extend(data.doses());
        doses.retain(|_| has_unit);
        doses.sort_by_key(|words| std::cmp::Reverse(words.len()));
        let mut said = data.names("populations", "origin");
        // As LaTeX has it.
        said.extend(said.clone().iter().map(|words| words.replace('’', "'")));
        said.push(format!("replicate {}", data.study.simulation.example_replicate));
        said.push(format!(
            "dosebench {} · study {} · seed {}",
            data.json["version"].as_str().unwrap(),
            &study["sha256"].as_str().unwrap()[..12],
            data.json["simulation"]["seed"]
        ));
        let mut general = general(data);
        general.extend(tables.iter().filter_map(largest_error));
        Self { data, names, general, said, doses }
    }

    /// Complain about every number of a text, below a heading, that nothing it names has.
    pub(super) fn complaints(&self, heading: &str, text: &str, checked: &mut usize) -> Vec<String> {
        // The sentence below a block has a clause for each design.
        let clauses: Vec<&str> = if heading.is_empty() { vec![text] } else { text.split(". ").collect() };
        clauses.into_iter().flat_map(|clause| self.of_clause(heading, clause, checked)).collect()
    }

    fn of_clause(&self, heading: &str, text: &str, checked: &mut usize) -> Vec<String> {
        let without = |text: String, words: &str| text.replace(words, " · ");
        let mut bare = self.said.iter().fold(text.to_owned(), |text, words| without(text, words));
        let mut named: Vec<(&str, Named)> = Vec::new();
        for (name, kind) in &self.names {
            if bare.contains(name.as_str()) {
                bare = without(bare, name);
                named.push((name, *kind));
            }
            let is_above =
                heading == name || heading.starts_with(&format!("{name}:")) || heading.starts_with(&format!("{name} ("));
            if is_above && matches!(kind, Named::Scenario | Named::WorstCase) {
                named.push((name, *kind));
            }
        }
        bare = self.doses.iter().fold(bare, |text, words| without(text, words));
        bare = FIXED.iter().fold(bare, |text, words| without(text, words));
        if bare.contains(" others") {
            // The best of a list that does not name all of them.
            named.extend(self.names.iter().filter(|(_, kind)| *kind == Named::Design).map(|(name, kind)| (name.as_str(), *kind)));
        }
        // Beside means over all scenarios a sentence may name the worst of them.
        let averaged = bare.contains("averaged over the");
        let known = self.known(&named, averaged);
        let others = self.of_other_doses(&named);
        let mut complaints = Vec::new();
        for (place, number) in numbers(&bare) {
            let (before, after) = (bare[..place].trim_end(), bare[place + number.len()..].trim_start());
            let is_known = if is_of_other_doses(after) { others.contains(number) } else { known.contains(number) };
            if is_known || self.counts(before, number, after) {
                *checked += 1;
            } else {
                complaints.push(format!("{number} in {text:?}"));
            }
        }
        complaints
    }

    /// In how many of a hundred trials the named designs select another dose under the named scenarios.
    fn of_other_doses(&self, named: &[(&str, Named)]) -> BTreeSet<String> {
        let is_named = |name: &Value, sought: Named| {
            let name = squeezed(name.as_str().unwrap());
            named.iter().any(|(own, kind)| *kind == sought && *own == name)
        };
        let mut known = BTreeSet::new();
        for entry in self.data.json["results"].as_array().unwrap() {
            if is_named(&entry["design"], Named::Design)
                && is_named(&entry["scenario"], Named::Scenario)
                && let Some(value) = other_doses(self.data, entry)
            {
                add_hundred(value, self.data.sure(self.data.proportion_error(entry, value)).error(), &mut known);
            }
        }
        known
    }

    /// Whether a number counts scenarios or designs, which the words around it say.
    fn counts(&self, before: &str, number: &str, after: &str) -> bool {
        let Ok(number) = number.parse::<usize>() else { return false };
        let sensitivities = self.data.json["sensitivities"].as_array().into_iter().flatten();
        let changes = sensitivities.flat_map(|one| one["changes"].as_array().into_iter().flatten());
        let changes = changes.map(|one| one["change"].to_string()).collect::<BTreeSet<_>>().len();
        let scenarios = self.data.names("scenarios", "name").len();
        let designs = self.data.names("designs", "name").len();
        let after = after.trim_start_matches("toxicity ");
        // Parts of a figure are numbered; the pathways' captions `tables` holds to what the pathways are.
        let is_part =
            before.ends_with("(page") || (before.contains("(page ") && before.ends_with("of") && after.starts_with(')'));
        if is_part || (before.ends_with("the last with up to") && after.starts_with("DLT")) {
            return true;
        }
        // Some of all, or of those of a kind.
        let of = |most: usize, words: &str| {
            let (all, rest) = after.strip_prefix("of ").and_then(|after| after.split_once(' ')).unwrap_or_default();
            number <= most && all.parse::<usize>().is_ok_and(|all| all <= most && number <= all) && rest.starts_with(words)
        };
        let is_plan = before.ends_with("the planned") && self.data.study.planned_patients == Some(number);
        let in_scenarios = before.ends_with("often in") || before.ends_with("as far as this run can tell, in");
        (number == scenarios && before.ends_with("of") && after.starts_with("scenario"))
            || (number <= scenarios && (in_scenarios || after.starts_with("scenario")))
            || of(scenarios, "scenario")
            || of(designs, "other design")
            || is_plan
            || (number == changes && after.starts_with("change"))
            || (number <= designs && (after.starts_with("other") || after.starts_with("design")))
    }

    /// Every way to print what belongs to the things that are named.
    fn known(&self, named: &[(&str, Named)], averaged: bool) -> BTreeSet<String> {
        let data = self.data;
        let of =
            |sought: Named| -> Vec<&str> { named.iter().filter(|(_, kind)| *kind == sought).map(|(name, _)| *name).collect() };
        let (designs, scenarios) = (of(Named::Design), of(Named::Scenario));
        let (populations, cases) = (of(Named::Population), of(Named::WorstCase));
        // How many trials there were is said with any names; examples are looked for among the first ten thousand, and
        // enrolment is followed week by week in the first 4,096.
        let mut known: BTreeSet<String> =
            [data.replicates(), data.replicates().min(10_000.0), data.replicates().min(4096.0)].map(grouped).into();
        if populations.is_empty() && designs.is_empty() {
            // All curves, and the replicates of each.
            for population in data.json["populations"].as_array().into_iter().flatten() {
                let replicates =
                    population["designs"].as_array().into_iter().flatten().filter_map(|one| one["replicates"].as_f64());
                known.extend(replicates.chain(population["curves"].as_f64()).map(grouped));
            }
        }
        known.extend(data.study.doses.levels.iter().filter(|_| self.doses.is_empty()).map(f64::to_string));
        if named.iter().all(|(_, kind)| *kind == Named::Other) {
            known.extend(self.general.iter().cloned());
        }
        if designs.is_empty() {
            for name in &scenarios {
                add_intervals(data, name, &mut known);
            }
        }
        for design in &designs {
            for entry in data.of_design(design) {
                if scenarios.is_empty() || scenarios.contains(&squeezed(entry["scenario"].as_str().unwrap()).as_str()) {
                    add_entry(data, entry, &mut known);
                }
            }
            if scenarios.is_empty() || averaged {
                add_differences(data, design, &mut known);
            }
        }
        for name in populations {
            let population = Data::named(&data.json["populations"], "population", name).unwrap();
            known.insert(grouped(population["curves"].as_f64().unwrap()));
            for design in population["designs"].as_array().unwrap() {
                let is_named = designs.contains(&squeezed(design["design"].as_str().unwrap()).as_str());
                if designs.is_empty() || is_named {
                    add_over_curves(design, &mut known);
                }
            }
        }
        for name in cases {
            add_worst(data, Data::named(&data.json["worst_curves"], "name", name).unwrap(), &mut known);
            let case = data.study.worst_cases.iter().find(|case| squeezed(&case.name) == *name).unwrap();
            let limits = &case.limits;
            let all =
                limits.lower.iter().chain(&limits.upper).chain([&limits.mtd_within, &limits.gap, &limits.step.0, &limits.step.1]);
            known.extend(all.flat_map(|limit| [format!("{limit}"), format!("{limit:?}")]));
            known.insert(case.seed.to_string());
        }
        known
    }
}

/// Numbers of the study and of the run as a whole.
fn general(data: &Data) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let study = &data.json["study"];
    let timing = &study["timing"];
    let numbers = [&study["target"], &study["acceptable"][0], &study["acceptable"][1]];
    let numbers = numbers.into_iter().chain(["accrual_per_week", "dlt_window_weeks", "planned_weeks"].map(|key| &timing[key]));
    known.extend(numbers.filter_map(|number| Some(number.as_f64()?.to_string())));
    known.extend(data.study.planned_patients.map(|patients| patients.to_string()));
    known.insert(data.doses().len().to_string());
    for population in data.json["populations"].as_array().into_iter().flatten() {
        for level in population["designs"][0]["by_correct_level"].as_array().unwrap() {
            known.extend(level["operating_characteristics"][0]["curves"].as_f64().map(grouped));
        }
    }
    // The largest standard error of a difference in per cent, of which cells print the interval.
    let percent = ["correct_selection", "acceptable_selection", "over_selection", "dlt_rate"];
    let entries = data.json["results"].as_array().unwrap().iter();
    let differences = entries.flat_map(|entry| entry["paired_differences"].as_array().unwrap());
    let differences = differences.filter(|one| percent.contains(&one["metric"].as_str().unwrap()) && one["dose_level"].is_null());
    let largest = differences.filter_map(|one| one["std_error"].as_f64()).fold(0.0, f64::max);
    known.extend((largest > 0.0).then(|| error_words(100.0 * largest)));
    known
}

/// The largest standard error that a table prints beside a percentage.
fn largest_error((_, columns, table): &PageTable) -> Option<String> {
    let is_percent = |place: usize| columns[place].iter().any(|heading| heading.contains('%') || heading.contains("points"));
    let cells = table.rows.iter().flat_map(|(_, cells)| cells.iter().enumerate()).filter(|(place, _)| is_percent(*place));
    let errors =
        cells.filter_map(|(_, cell)| cell.split_once("± ").map(|(_, error)| error)).filter(|error| !error.starts_with('≤'));
    errors.max_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse().unwrap())).map(str::to_owned)
}

/// A probability as a number of trials in a hundred, with the ends of its interval.
fn add_hundred(value: f64, error: f64, known: &mut BTreeSet<String>) {
    let half = 1.96 * error;
    for end in [value, value - half, value + half] {
        known.insert(rounded(100.0 * end.clamp(0.0, 1.0), 0, false));
    }
    // Fewer than 1, more than 99.
    known.extend((value < 0.005).then(|| "1".to_owned()));
    known.extend((value >= 0.995).then(|| "99".to_owned()));
}

/// What is said of a design under a scenario: how many of a hundred trials, and the patients.
fn add_entry(data: &Data, entry: &Value, known: &mut BTreeSet<String>) {
    for (metric, level) in [("correct_selection", None), ("over_selection", None), ("selection", Some(0))] {
        let Some((value, error)) = Data::characteristic(entry, metric, level) else { continue };
        let error = data.sure(error).error();
        add_hundred(value, error, known);
        if level.is_some() {
            add_hundred(1.0 - value, error, known);
        }
    }
    for (metric, kind) in [("total_patients", MEAN), ("total_dlts", DLTS)] {
        let Some((value, error)) = Data::characteristic(entry, metric, None) else { continue };
        known.insert(rounded(value, places(kind, data.sure(error).error()), false));
    }
}

/// Whether what follows a number, or the second one of an interval, makes it one of another dose.
fn is_of_other_doses(after: &str) -> bool {
    let after = after.strip_prefix("and ").and_then(|rest| Some(rest.split_once(' ')?.1)).unwrap_or(after);
    ["a lower dose", "another dose"].iter().any(|words| after.starts_with(words))
}

/// How often a dose is selected that is neither correct nor, where the correct one is not too toxic itself, too toxic.
fn other_doses(data: &Data, entry: &Value) -> Option<f64> {
    let scenario = data.scenario(&squeezed(entry["scenario"].as_str()?))?;
    let correct = scenario["correct_level"].as_u64().filter(|level| *level > 0)?;
    let highest = data.json["study"]["acceptable"][1].as_f64()?;
    let is_over = |level: u64| scenario["toxicity"][level as usize - 1].as_f64().is_some_and(|toxicity| toxicity > highest);
    let levels = (1..=data.doses().len() as u64).filter(|&level| level != correct && (is_over(correct) || !is_over(level)));
    levels.map(|level| Some(Data::characteristic(entry, "selection", Some(level))?.0)).sum()
}

/// What a figure of a scenario says of the errors of its bars: half the widest interval.
fn add_intervals(data: &Data, scenario: &str, known: &mut BTreeSet<String>) {
    let entries: Vec<&Value> = data.names("designs", "name").iter().filter_map(|design| data.entry(scenario, design)).collect();
    for (metric, factor) in [("selection", 100.0), ("patients", 1.0)] {
        let all = entries.iter().flat_map(|entry| entry["operating_characteristics"].as_array().unwrap());
        let errors = all.filter(|one| one["metric"] == metric).filter_map(|one| one["std_error"].as_f64());
        let half = 1.96 * factor * errors.fold(0.0, f64::max);
        known.insert(((100.0 * half).round() / 100.0).to_string());
    }
}

/// What is said of a design against the first one over all scenarios, and of its worst.
fn add_differences(data: &Data, design: &str, known: &mut BTreeSet<String>) {
    for metric in ["correct_selection", "over_selection"] {
        for (value, sure) in
            Data::mean_and_worst(&data.over_scenarios(design, metric), metric == "correct_selection").into_iter().flatten()
        {
            add_hundred(value, sure.error(), known);
        }
    }
    for (_, metric, kind, lowest) in COMPARED {
        let found = [data.against_first(design, metric), data.over_scenarios(design, metric)];
        let found = found.iter().filter_map(|values| Data::mean_and_worst(values, lowest));
        for (value, sure) in found.flatten() {
            let error = sure.error();
            for end in [value, value - 1.96 * error, value + 1.96 * error] {
                for signed in [true, false] {
                    known.insert(rounded(kind.0 * end, places(kind, kind.0 * error), signed));
                }
            }
        }
    }
}

/// What is said of a design over the curves of a population.
fn add_over_curves(design: &Value, known: &mut BTreeSet<String>) {
    for one in design["operating_characteristics"].as_array().unwrap() {
        let kind = match one["metric"].as_str().unwrap() {
            "total_patients" => MEAN,
            "total_dlts" => DLTS,
            _ => PERCENT,
        };
        if let (Some(mean), Some(error)) = (one["mean"].as_f64(), one["std_error"].as_f64()) {
            add_hundred(mean, error.max(1e-9), known);
            continue;
        }
        let values = ["mean", "q05", "q50", "q95", "min", "max"].map(|field| one[field].as_f64().unwrap());
        known.extend(values.map(|value| cell(kind, false, value, Sure::Exact)));
        known.extend(values.map(|value| rounded(kind.0 * value, 0, false)));
    }
    for share in ["share_best", "share_tied_best", "regret_to_best", "regret_to_best_max", "regret_to_benchmark"] {
        let Some(share) = design[share].as_f64() else { continue };
        known.extend([1, 0].map(|places| rounded(100.0 * share, places, false)));
    }
}

/// What is said of a worst curve: the curve, and the measure there and under the scenarios.
fn add_worst(data: &Data, case: &Value, known: &mut BTreeSet<String>) {
    let measure = case["measure"].as_str().unwrap();
    let values = [&case["value"]].into_iter().chain(case["by_scenario"].as_array().unwrap().iter().map(|one| &one["value"]));
    for value in values.filter_map(Value::as_f64) {
        let words = Data::worst_words(measure, value);
        known.insert(words.split(' ').next().unwrap().to_owned());
        known.insert(rounded(100.0 * value, 0, false));
    }
    known.extend(case["toxicity"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap().to_string()));
    for design in case["designs"].as_array().unwrap() {
        add_entry(data, design, known);
    }
}

/// The numbers of a text with their places: digits with their sign, neither part of a word such as `L3` nor of a hash.
pub(super) fn numbers(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut last: Option<char> = None;
    let mut places = text.char_indices().peekable();
    while let Some((start, character)) = places.next() {
        let begins = character.is_ascii_digit() && !last.is_some_and(|last| last.is_alphanumeric() || last == '_');
        if !begins {
            last = Some(character);
            continue;
        }
        let mut end = start + 1;
        while let Some(&(place, next)) = places.peek() {
            let goes_on = text[place + next.len_utf8()..].starts_with(|after: char| after.is_ascii_digit());
            if !(next.is_ascii_digit() || (matches!(next, '.' | ',') && goes_on)) {
                break;
            }
            end = place + next.len_utf8();
            places.next();
        }
        let sign = text[..start].chars().next_back().filter(|sign| matches!(sign, '+' | '−'));
        let start = start - sign.map_or(0, char::len_utf8);
        found.push((start, &text[start..end]));
        last = text[..end].chars().next_back();
    }
    found
}
