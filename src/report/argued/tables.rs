//! The tables of the argument: scenarios with their classes, the overview, details, criteria, and what each design changes.

use super::designs;
use crate::argument::{Argument, Finding, Group as Size, Verdict, percent_as_written};
use crate::measure::{Metric, Quantile, Results, Summary};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table, written};
use crate::report::tables::{correct_words, doses, spread_of, spread_of_proportion};
use crate::scenario::{Class, Place};
use crate::study::{Criterion, Study};

/// The places of all scenarios in the order of their classes, which heads of columns number: C1, C2, ...
pub(in crate::report) fn ordered(study: &Study) -> Vec<usize> {
    Class::ALL.into_iter().flat_map(|class| study.of_class(class)).collect()
}

/// `C1` of the scenario at a place.
pub(in crate::report) fn short(study: &Study, place: usize) -> String {
    let number = ordered(study).iter().position(|own| *own == place).map_or(0, |index| index + 1);
    format!("C{number}")
}

/// The scenarios with class, right answer and reason, in the order of their classes.
pub(in crate::report) fn scenarios(study: &Study) -> Table {
    let has_why = study.scenarios.iter().any(|scenario| scenario.why.is_some());
    let mut columns = vec![Column::new("Scenario", "", Kind::Text), Column::new("Class", "", Kind::Text)];
    let group = "True DLT probability, %";
    let level = |(index, dose): (usize, String)| Column::new(format!("L{}", index + 1), dose, Kind::Index).below(group);
    columns.extend(doses(study).into_iter().enumerate().map(level));
    columns.push(Column::new("Right answer", "", Kind::Text));
    if has_why {
        columns.push(Column::new("Why", "", Kind::Text));
    }
    let rows = ordered(study)
        .into_iter()
        .map(|place| {
            let scenario = &study.scenarios[place];
            let mut cells = vec![
                Cell::text(format!("{} {}", short(study, place), scenario.name)),
                Cell::text(scenario.class(&study.target).word()),
            ];
            for (level, &toxicity) in scenario.toxicity.iter().enumerate() {
                let mark = if scenario.is_right(level, &study.target) {
                    Mark::Correct
                } else if study.target.place(toxicity) == Place::Over {
                    Mark::TooToxic
                } else {
                    Mark::Plain
                };
                cells.push(Cell::text(percent_as_written(toxicity)).marked(mark));
            }
            cells.push(Cell::text(correct_words(study, scenario)));
            if has_why {
                cells.push(Cell::text(scenario.why.clone().unwrap_or_else(|| super::NOT_STATED.to_owned())));
            }
            Row { cells, design: None }
        })
        .collect();
    let (low, high) = study.target.acceptable;
    let mut notes = vec![
        format!("* right to select. † above the acceptable range, {} to {}.", written(low), written(high)),
        CLASSES.to_owned(),
    ];
    if !has_why {
        notes.push(format!("Why each scenario was chosen: {}.", super::NOT_STATED));
    }
    Table {
        id: "scenarios".to_owned(),
        caption: "Scenarios".to_owned(),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes,
    }
}

/// What the words of the classes mean.
const CLASSES: &str = "mtd: one of the doses is right; below: every dose is below the acceptable range, the highest is right; gap: no dose is in \
    the range, the highest below it is right; toxic: every dose is too toxic, none is right.";

/// A group of rows of the overview: what it shows, and its cell under one scenario.
struct Block {
    heading: &'static str,
    kind: Kind,
    /// Whether the worst is the lowest, and over class `mtd` alone.
    lowest: bool,
    cell: fn(&Study, &Summary) -> Option<(f64, Option<f64>)>,
}

fn metric(summary: &Summary, metric: Metric) -> Option<(f64, Option<f64>)> {
    summary.get(metric).map(|found| (found.value, found.std_error))
}

const BLOCKS: [Block; 8] = [
    Block {
        heading: "Right answer, % of trials",
        kind: Kind::Percent,
        lowest: true,
        cell: |_, summary| metric(summary, Metric::RightSelection),
    },
    Block {
        heading: "Too toxic dose selected, % of trials",
        kind: Kind::Percent,
        lowest: false,
        cell: |_, summary| metric(summary, Metric::OverSelection).filter(|_| summary.get(Metric::PatientsTooToxic).is_some()),
    },
    Block {
        heading: "Stopped, the lowest dose being too toxic, % of trials",
        kind: Kind::Percent,
        lowest: false,
        cell: |_, summary| {
            let causes = &summary.no_selection;
            (!summary.sample_size.is_empty())
                .then(|| (causes.iter().filter(|(cause, _)| cause.word() == "too_toxic").map(|(_, share)| share).sum(), None))
        },
    },
    Block {
        heading: "Ended without a dose for other reasons, % of trials",
        kind: Kind::Percent,
        lowest: false,
        cell: |_, summary| {
            let causes = &summary.no_selection;
            (!summary.sample_size.is_empty())
                .then(|| (causes.iter().filter(|(cause, _)| cause.word() != "too_toxic").map(|(_, share)| share).sum(), None))
        },
    },
    Block {
        heading: "Patients, mean",
        kind: Kind::Mean,
        lowest: false,
        cell: |_, summary| metric(summary, Metric::TotalPatients),
    },
    Block {
        heading: "Patients with a DLT, mean",
        kind: Kind::Mean,
        lowest: false,
        cell: |_, summary| metric(summary, Metric::TotalDlts),
    },
    Block {
        heading: "Patients at too toxic doses, mean",
        kind: Kind::Mean,
        lowest: false,
        cell: |_, summary| metric(summary, Metric::PatientsTooToxic),
    },
    Block { heading: "Weeks, mean", kind: Kind::Mean, lowest: false, cell: |_, summary| metric(summary, Metric::DurationWeeks) },
];

/// The most columns of values in one table.
const MOST_COLUMNS: usize = 12;

/// The overview of some designs: columns are scenarios in the order of their classes, the mean over class `mtd`, and the worst. Many
/// scenarios are spread over several tables, of which the last has mean and worst.
pub(in crate::report) fn overview(study: &Study, results: &Results, shown: &[usize]) -> Vec<Table> {
    let places = ordered(study);
    let chunks: Vec<&[usize]> = places.chunks(MOST_COLUMNS - 2).collect();
    let last = chunks.len().saturating_sub(1);
    chunks.iter().enumerate().map(|(number, chunk)| overview_of(study, results, shown, chunk, number, number == last)).collect()
}

fn overview_of(study: &Study, results: &Results, shown: &[usize], places: &[usize], number: usize, has_means: bool) -> Table {
    let mtd = study.of_class(Class::Mtd);
    let all: Vec<usize> = (0..study.scenarios.len()).collect();
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    columns.extend(
        places
            .iter()
            .map(|&place| Column::new(short(study, place), study.scenarios[place].class(&study.target).word(), Kind::Percent)),
    );
    if has_means {
        columns.push(Column::new("Mean", "mtd", Kind::Percent));
        columns.push(Column::new("Worst", "", Kind::Percent));
    }
    let mut groups = Vec::new();
    for block in &BLOCKS {
        let row = |&design: &usize| {
            let value = |place: usize| (block.cell)(study, results.summaries.get(place)?.get(design)?);
            let cell = |found: Option<(f64, Option<f64>)>| match found {
                Some((value, error)) => number_cell(study, block.kind, value, error),
                None => Cell::Absent,
            };
            let mut cells = vec![Cell::text(study.designs[design].name.clone())];
            cells.extend(places.iter().map(|&place| cell(value(place))));
            if has_means {
                // A level that is too toxic may be missing from a scenario; its share there is none.
                let mean = |of: &dyn Fn(usize) -> f64| study.weighted_mean(&mtd, of);
                let is_any = mtd.iter().any(|&place| value(place).is_some());
                let is_exact = mtd.iter().all(|&place| value(place).is_none_or(|(_, error)| error.is_none()));
                let found = is_any.then(|| {
                    let error = mean(&|place| value(place).and_then(|(_, error)| error).unwrap_or(0.0));
                    (mean(&|place| value(place).map_or(0.0, |(value, _)| value)), (!is_exact).then_some(error))
                });
                cells.push(cell(found));
                let over = if block.lowest && !mtd.is_empty() { &mtd } else { &all };
                let found = over.iter().filter_map(|&place| value(place));
                let worst = found.reduce(
                    |worst, other| {
                        if (other.0 < worst.0) == block.lowest && other.0 != worst.0 { other } else { worst }
                    },
                );
                cells.push(cell(worst));
            }
            Row { cells, design: Some(design) }
        };
        let rows: Vec<Row> = shown.iter().map(row).collect();
        // What never happens has no rows.
        let is_none = |cell: &Cell| matches!(cell, Cell::Absent | Cell::Number { value: 0.0, .. });
        let has_values = rows.iter().any(|row| !row.cells.iter().skip(1).all(is_none));
        if has_values {
            groups.push(Group { heading: block.heading.to_owned(), rows, ..Group::default() });
        }
    }
    let mut notes = vec![
        "Means are over the scenarios of class mtd. Worst: the lowest right answer of class mtd, else the highest of all scenarios. –: no \
         dose is too toxic."
            .to_owned(),
    ];
    notes.extend(weights(study, &mtd));
    let omitted: Vec<&str> =
        designs(study).filter(|(place, _)| !shown.contains(place)).map(|(_, design)| design.name.as_str()).collect();
    if !omitted.is_empty() {
        notes.push(format!("In the full report: {}.", omitted.join(", ")));
    }
    Table {
        id: if number == 0 { "overview".to_owned() } else { format!("overview-{}", number + 1) },
        caption: "Overview".to_owned(),
        columns,
        groups,
        notes,
    }
}

/// A number of any kind in a column of per cents: what is no probability is written as it is printed elsewhere.
fn number_cell(study: &Study, kind: Kind, value: f64, error: Option<f64>) -> Cell {
    let spread = error.map_or(Spread::Exact, |error| spread_of(study, Some(error)));
    if kind == Kind::Percent {
        Cell::Number { value, spread, mark: Mark::Plain }
    } else {
        Cell::text(crate::report::table::show(kind, false, value, spread).number)
    }
}

/// How the means are weighted, once.
fn weights(study: &Study, mtd: &[usize]) -> Option<String> {
    let weights: Vec<f64> = mtd.iter().map(|&place| study.scenarios[place].weight).collect();
    let first = weights.first()?;
    Some(if weights.iter().all(|weight| weight == first) {
        "Means over scenarios with equal weights.".to_owned()
    } else {
        let said: Vec<String> = weights.iter().map(|&weight| written(weight)).collect();
        format!("Means over scenarios with the weights {} given in the study.", said.join(", "))
    })
}

/// The detail table of some designs: by scenario the true DLT probabilities, then of each design what is selected, patients and DLTs.
pub(in crate::report) fn detail(study: &Study, results: &Results, shown: &[usize], id: &str) -> Table {
    let mut columns =
        vec![Column::new("Design", "", Kind::Text), Column::new("", "", Kind::Text), Column::new("None", "", Kind::Percent)];
    columns.extend(
        doses(study).into_iter().enumerate().map(|(index, dose)| Column::new(format!("L{}", index + 1), dose, Kind::Percent)),
    );
    columns.push(Column::new("Sum", "", Kind::Text));
    let levels = study.doses.levels.len();
    let groups = ordered(study)
        .into_iter()
        .map(|place| {
            let scenario = &study.scenarios[place];
            let class = scenario.class(&study.target);
            let mark = |level: usize| {
                if scenario.is_right(level, &study.target) {
                    Mark::Correct
                } else if study.target.place(scenario.toxicity[level]) == Place::Over {
                    Mark::TooToxic
                } else {
                    Mark::Plain
                }
            };
            let mut truth = vec![Cell::text("True DLT probability"), Cell::text("%"), Cell::Absent];
            truth.extend((0..levels).map(|level| Cell::text(percent_as_written(scenario.toxicity[level])).marked(mark(level))));
            truth.push(Cell::Absent);
            let mut rows = Vec::new();
            for &design in shown {
                let Some(summary) = results.summaries.get(place).and_then(|row| row.get(design)) else { continue };
                let number = |metric: Metric, kind: Kind, mark: Mark| match summary.get(metric) {
                    Some(found) => number_cell(study, kind, found.value, found.std_error).marked(mark),
                    None => Cell::Absent,
                };
                let name = |index: usize| Cell::text(if index == 0 { study.designs[design].name.clone() } else { String::new() });
                let mut selected = vec![name(0), Cell::text("selected, %")];
                let none = if class == Class::Toxic { Mark::Correct } else { Mark::Plain };
                selected.push(number(Metric::Selection(None), Kind::Percent, none));
                selected.extend((0..levels).map(|level| number(Metric::Selection(Some(level)), Kind::Percent, mark(level))));
                selected.push(Cell::text("100"));
                rows.push(Row { cells: selected, design: Some(design) });
                let of_levels: [(fn(usize) -> Metric, Metric, &str, Kind); 2] = [
                    (Metric::Patients, Metric::TotalPatients, "patients", Kind::Mean),
                    (Metric::Dlts, Metric::TotalDlts, "DLTs", Kind::Dlts),
                ];
                for (metric, total, words, kind) in of_levels {
                    let mut cells = vec![name(1), Cell::text(words), Cell::Absent];
                    cells.extend((0..levels).map(|level| number(metric(level), kind, mark(level))));
                    cells.push(number(total, kind, Mark::Plain));
                    if summary.get(total).is_some() {
                        rows.push(Row { cells, design: Some(design) });
                    }
                }
            }
            Group {
                heading: format!("{} {} ({})", short(study, place), scenario.name, class.word()),
                truth: Some(truth),
                rows,
                ..Group::default()
            }
        })
        .collect();
    Table {
        id: id.to_owned(),
        caption: "What is selected, and where patients are treated".to_owned(),
        columns,
        groups,
        notes: vec!["* right to select. † above the acceptable range.".to_owned()],
    }
}

/// Risk, size and time of some designs: one row a scenario and design.
pub(in crate::report) fn risk(study: &Study, results: &Results, shown: &[usize]) -> Table {
    let planned = study.planned_patients;
    let has_weeks = study.timing.is_some();
    let mut columns = vec![
        Column::new("Scenario", "", Kind::Text),
        Column::new("Design", "", Kind::Text),
        Column::new("Patients", "mean", Kind::Mean),
        Column::new("5 to 95 %", "of trials", Kind::Text),
    ];
    columns.extend(planned.map(|planned| Column::new(format!("Above {planned}"), "% of trials", Kind::Percent)));
    columns.push(Column::new("DLTs", "mean", Kind::Mean));
    columns.push(Column::new("5 DLTs or more", "% of trials", Kind::Percent));
    columns.push(Column::new("Patients at too toxic doses", "mean", Kind::Mean));
    if has_weeks {
        columns.push(Column::new("Weeks", "mean", Kind::Mean));
        columns.push(Column::new("5 to 95 %", "of trials", Kind::Text));
    }
    let mut rows = Vec::new();
    for place in ordered(study) {
        for &design in shown {
            let Some(summary) = results.summaries.get(place).and_then(|row| row.get(design)) else { continue };
            let number = |metric: Metric| match summary.get(metric) {
                Some(found) => Cell::Number { value: found.value, spread: spread_of(study, found.std_error), mark: Mark::Plain },
                None => Cell::Absent,
            };
            let quantile = |metric: Metric, kind: Kind| {
                let value = summary.get(metric).map_or(0.0, |found| found.value);
                crate::report::table::show(kind, false, value, Spread::Exact).number
            };
            let range = |low: Metric, high: Metric, kind: Kind| {
                Cell::text(format!("{} to {}", quantile(low, kind), quantile(high, kind)))
            };
            let share = |found: &[(usize, f64)], least: usize| {
                let value = found.iter().filter(|(number, _)| *number >= least).map(|(_, probability)| probability).sum();
                Cell::Number { value, spread: spread_of_proportion(study, summary, value), mark: Mark::Plain }
            };
            let name = format!("{} {}", short(study, place), study.scenarios[place].name);
            let mut cells = vec![
                Cell::text(name),
                Cell::text(study.designs[design].name.clone()),
                number(Metric::TotalPatients),
                range(Metric::TotalPatientsQuantile(Quantile::Q05), Metric::TotalPatientsQuantile(Quantile::Q95), Kind::Whole),
            ];
            cells.extend(planned.map(|planned| share(&summary.sample_size, planned + 1)));
            cells.push(number(Metric::TotalDlts));
            cells.push(share(&summary.dlt_count, 5));
            cells.push(number(Metric::PatientsTooToxic));
            if has_weeks {
                cells.push(number(Metric::DurationWeeks));
                cells.push(range(Metric::DurationQuantile(Quantile::Q05), Metric::DurationQuantile(Quantile::Q95), Kind::Mean));
            }
            rows.push(Row { cells, design: Some(design) });
        }
    }
    let table = Table {
        id: "risk".to_owned(),
        caption: "Risk, size and time".to_owned(),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes: vec!["–: no dose is too toxic.".to_owned()],
    };
    // One design is named once.
    match shown {
        [only] => {
            let mut table = table.without_column(1);
            table.caption = format!("Risk, size and time: {}", study.designs[*only].name);
            table
        }
        _ => table,
    }
}

/// The word of a group.
fn size_word(group: Size) -> &'static str {
    match group {
        Size::Same => "same",
        Size::Smaller => "smaller",
        Size::Larger => "larger",
    }
}

/// The words of a verdict.
fn verdict_words(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "reference",
        Some(Verdict::AtLeastAsGood) => "at least as good in every scenario",
        Some(Verdict::NeverBetter) => "no relevant advantage in any scenario",
        Some(Verdict::LittleDifferent) => "little different",
        Some(Verdict::TradeOff) => "a trade-off",
    }
}

/// What each design changes: one row a design, each column within one class.
pub(in crate::report) fn changes(study: &Study, results: &Results, argument: &Argument) -> Table {
    let cells: [(Class, Metric, &str, &str, Kind); 6] = [
        (Class::Mtd, Metric::RightSelection, "Right", "mtd, %", Kind::Percent),
        (Class::Mtd, Metric::OverSelection, "Too toxic", "mtd, %", Kind::Percent),
        (Class::Toxic, Metric::Selection(None), "No dose", "toxic, %", Kind::Percent),
        (Class::Below, Metric::RightSelection, "Highest", "below, %", Kind::Percent),
        (Class::Mtd, Metric::TotalDlts, "DLTs", "mtd", Kind::Mean),
        (Class::Mtd, Metric::DurationWeeks, "Weeks", "mtd", Kind::Mean),
    ];
    let has = |(class, metric, ..): &&(Class, Metric, &str, &str, Kind)| {
        let places = study.of_class(*class);
        let first = places.first().and_then(|&place| results.summaries.get(place)?.first());
        first.is_some_and(|summary| summary.get(*metric).is_some())
    };
    let cells: Vec<_> = cells.iter().filter(has).collect();
    let mut columns = vec![
        Column::new("Design", "", Kind::Text),
        Column::new("Size", "patients", Kind::Mean),
        Column::new("Group", "", Kind::Text),
    ];
    columns.extend(cells.iter().map(|(_, _, heading, detail, kind)| Column::new(*heading, *detail, *kind)));
    columns.push(Column::new("Beside the first", "", Kind::Text));
    let rows = designs(study)
        .zip(&argument.designs)
        .map(|((design, _), compared)| {
            let mut row =
                vec![Cell::text(compared.name.clone()), Cell::exact(compared.size), Cell::text(size_word(compared.group))];
            row.extend(cells.iter().map(|(class, metric, ..)| {
                let places = study.of_class(*class);
                let of = |place: usize| results.summaries.get(place).and_then(|row| row.get(design)?.get(*metric));
                let is_exact = places.iter().all(|&place| of(place).is_none_or(|found| found.std_error.is_none()));
                let value = study.weighted_mean(&places, |place| of(place).map_or(0.0, |found| found.value));
                let error = study.weighted_mean(&places, |place| of(place).and_then(|found| found.std_error).unwrap_or(0.0));
                let spread = if is_exact { Spread::Exact } else { Spread::AtMost(error) };
                Cell::Number { value, spread, mark: Mark::Plain }
            }));
            row.push(Cell::text(verdict_words(compared.verdict)));
            Row { cells: row, design: Some(design) }
        })
        .collect();
    Table {
        id: "changes".to_owned(),
        caption: "What each design changes".to_owned(),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes: vec!["Every column is a mean over the scenarios of one class, named below its heading.".to_owned()],
    }
}

/// The criteria of the study, with every design before them; nothing without criteria.
pub(in crate::report) fn criteria(study: &Study, argument: &Argument) -> Option<Table> {
    let recommendation = &argument.recommendation;
    if recommendation.criteria.is_empty() {
        return None;
    }
    let mut columns = vec![Column::new("Criterion", "", Kind::Text), Column::new("Limit", "", Kind::Text)];
    columns.extend(designs(study).map(|(_, design)| Column::new(design.name.clone(), "", Kind::Text)));
    let rows = recommendation
        .criteria
        .iter()
        .map(|met| {
            let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.key() == met.criterion);
            let is_share = !met.criterion.contains("patients") && !met.criterion.contains("weeks");
            let kind = if is_share { Kind::Percent } else { Kind::Mean };
            let limit = if is_share { format!("{} %", percent_as_written(met.limit)) } else { written(met.limit) };
            let least = if criterion.is_some_and(Criterion::is_least) { "at least" } else { "at most" };
            let mut cells = vec![Cell::text(met.criterion), Cell::text(format!("{least} {limit}"))];
            cells.extend(met.designs.iter().map(|judged| {
                let value = crate::report::table::show(kind, false, judged.value, Spread::Exact).number;
                let word = match judged.finding {
                    Finding::Met => "met",
                    Finding::NotMet => "not met",
                    Finding::Undecided => "undecided",
                };
                Cell::text(format!("{value}: {word}"))
            }));
            Row { cells, design: None }
        })
        .collect();
    let mut notes = vec![format!("Designs that meet all are ranked by: {}.", recommendation.prefer.join(", "))];
    notes.push(match &recommendation.stated {
        Some(stated) => format!("Laid down before the run: {stated}."),
        None => format!("Where they were laid down before the run: {}.", super::NOT_STATED),
    });
    Some(Table {
        id: "criteria".to_owned(),
        caption: "The criteria of the study".to_owned(),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes,
    })
}
