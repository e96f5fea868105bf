//! Designs against each other: over all scenarios, and paired differences from the first design.

use super::{design_name, scenarios_of, spread_of};
use crate::design::Plan;
use crate::measure::{Difference, Metric, Results, Summary};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table};
use crate::study::Study;

/// What is compared: metric, heading, kind, and whether its worst value is the lowest.
const COMPARED: [(Metric, &str, Kind, bool); 4] = [
    (Metric::CorrectSelection, "Correct selection, %", Kind::Percent, true),
    (Metric::OverSelection, "Too toxic selected, %", Kind::Percent, false),
    (Metric::TotalPatients, "Patients, mean number", Kind::Mean, false),
    (Metric::TotalDlts, "DLTs, mean number", Kind::Dlts, false),
];

/// A value of one scenario with its standard error, zero when exact.
pub(in crate::report) type Valued = (f64, f64);

/// The mean over scenarios, with equal weights, and the worst. The error of the mean cannot exceed the mean of the errors, however
/// the scenarios, which share their patients, depend on each other; that of the worst is its own, as if it had been chosen before.
pub(in crate::report) fn mean_and_worst(values: &[Valued], lowest_is_worst: bool) -> Option<[(f64, Spread); 2]> {
    let worse = |a: &&Valued, b: &&Valued| if lowest_is_worst { a.0.total_cmp(&b.0) } else { b.0.total_cmp(&a.0) };
    let worst = values.iter().min_by(worse)?;
    let mean = values.iter().map(|(value, _)| value).sum::<f64>() / values.len() as f64;
    let error = values.iter().map(|(_, error)| error).sum::<f64>() / values.len() as f64;
    let spread = |simulated: Spread| if error > 0.0 { simulated } else { Spread::Exact };
    Some([(mean, spread(Spread::AtMost(error))), (worst.0, spread(Spread::StdError(worst.1)))])
}

/// Mean and worst of every design over the scenarios.
pub(in crate::report) fn over_scenarios(study: &Study, results: &Results) -> Table {
    let mut partial = false;
    let row = |place: usize| {
        let cells = COMPARED.map(|(metric, _, _, lowest)| {
            let values: Vec<Valued> = results
                .summaries
                .iter()
                .filter_map(|summaries| summaries.get(place)?.get(metric))
                .map(|found| (found.value, error_of(spread_of(study, found.std_error))))
                .collect();
            partial |= !values.is_empty() && values.len() < results.summaries.len();
            pair(mean_and_worst(&values, lowest))
        });
        Row { cells: named(study, place, cells), design: Some(place) }
    };
    let rows = (0..study.designs.len()).map(row).collect();
    let mut notes = vec![
        "Mean over the scenarios with equal weights; worst: the lowest correct selection, the highest of the others.".to_owned(),
    ];
    if partial {
        notes.push(
            "A design without numbers in a scenario (the benchmark, where no dose is correct) has its mean over the others."
                .to_owned(),
        );
    }
    table("over-scenarios", "Every design over all scenarios".to_owned(), rows, notes, false)
}

/// What each other design changes against the first one, over the scenarios.
pub(in crate::report) fn against_first(study: &Study, results: &Results) -> Option<Table> {
    let row = |place: usize| {
        let cells = COMPARED.map(|(metric, _, _, lowest)| pair(mean_and_worst(&differences_in(results, place, metric), lowest)));
        Row { cells: named(study, place, cells), design: Some(place) }
    };
    let rows: Vec<Row> = (1..study.designs.len())
        .filter(|&place| COMPARED.iter().any(|&(metric, ..)| !differences_in(results, place, metric).is_empty()))
        .map(row)
        .collect();
    let caption = format!("What each design changes against {}", design_name(study, 0));
    let notes = vec![
        "Design minus the first one, percentages in points. Mean over the scenarios with equal weights; worst: the largest loss of \
         correct selection, the largest gain of the others."
            .to_owned(),
    ];
    (!rows.is_empty()).then(|| table("against-first", caption, rows, notes, true))
}

/// How far every design stays behind the benchmarks of the study in correct selection, over the scenarios. The error of a difference
/// between two designs on common patients is at most the sum of their errors.
pub(in crate::report) fn regret(study: &Study, results: &Results) -> Option<Table> {
    let is_benchmark = |place: &usize| matches!(study.designs[*place].plan, Plan::Benchmark(_));
    let (benchmarks, designs): (Vec<usize>, Vec<usize>) = (0..study.designs.len()).partition(is_benchmark);
    let valued = |summaries: &[Summary], place: usize| -> Option<Valued> {
        let found = summaries.get(place)?.get(Metric::CorrectSelection)?;
        Some((found.value, error_of(spread_of(study, found.std_error))))
    };
    let behind = |design: usize, benchmark: usize| {
        let behind = |summaries: &Vec<Summary>| {
            let (one, other) = (valued(summaries, design)?, valued(summaries, benchmark)?);
            Some((other.0 - one.0, other.1 + one.1))
        };
        mean_and_worst(&results.summaries.iter().filter_map(behind).collect::<Vec<_>>(), false)
    };
    let row = |&design: &usize| {
        let pairs = benchmarks.iter().flat_map(|&benchmark| {
            pair(behind(design, benchmark).map(|[mean, (worst, spread)]| [mean, (worst, at_most(spread))]))
        });
        Row { cells: std::iter::once(Cell::text(design_name(study, design))).chain(pairs).collect(), design: Some(design) }
    };
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    for &benchmark in &benchmarks {
        columns.extend(
            ["Mean behind", "Worst behind"].map(|word| Column::new(word, design_name(study, benchmark), Kind::Percent).signed()),
        );
    }
    let notes = vec![
        "Percentage points of correct selection by which a design stays behind the benchmark, which knows each patient's response at every \
         level; over the scenarios with a correct dose, with equal weights. The benchmark is a reference and no strict bound."
            .to_owned(),
    ];
    let groups = vec![Group { rows: designs.iter().map(row).collect(), ..Group::default() }];
    let caption = "How far the designs stay behind the benchmark".to_owned();
    (!benchmarks.is_empty() && !designs.is_empty()).then_some(Table { id: "regret".to_owned(), caption, columns, groups, notes })
}

/// A spread that is a bound.
fn at_most(spread: Spread) -> Spread {
    match spread {
        Spread::StdError(error) => Spread::AtMost(error),
        other => other,
    }
}

/// The differences of one design from the first in one metric, one a scenario that has it.
pub(in crate::report) fn differences_in(results: &Results, place: usize, metric: Metric) -> Vec<Valued> {
    let found = results.differences.iter().filter_map(|designs| designs.get(place)?.iter().find(|found| found.metric == metric));
    let spread = |found: &Difference| found.error.map_or(Spread::Exact, |(error, ..)| Spread::StdError(error));
    found.map(|found| (found.difference, error_of(spread(found)))).collect()
}

/// Paired differences in blocks by scenario.
pub(in crate::report) fn differences(study: &Study, results: &Results) -> Option<Table> {
    let metrics = [
        (Metric::CorrectSelection, "Correct", "points", Kind::Percent),
        (Metric::AcceptableSelection, "Acceptable", "points", Kind::Percent),
        (Metric::OverSelection, "Too toxic", "points", Kind::Percent),
        (Metric::TotalPatients, "Patients", "mean", Kind::Mean),
        (Metric::TotalDlts, "DLTs", "mean", Kind::Dlts),
        (Metric::DltRate, "DLT rate", "points", Kind::Percent),
        (Metric::DurationWeeks, "Duration", "weeks", Kind::Mean),
    ];
    let occurs = |metric: Metric| results.differences.iter().flatten().flatten().any(|found| found.metric == metric);
    let metrics: Vec<_> = metrics.into_iter().filter(|&(metric, ..)| occurs(metric)).collect();
    let mut columns = vec![Column::new("Design", "", Kind::Text), Column::new("Engine", "", Kind::Text)];
    columns.extend(metrics.iter().map(|(_, heading, detail, kind)| Column::new(*heading, *detail, *kind).signed()));
    let mut groups = Vec::new();
    for ((scenario, _), designs) in scenarios_of(study, results).zip(&results.differences) {
        let row = |(place, found): (usize, &Vec<Difference>)| {
            let of = |metric: Metric| found.iter().find(|found| found.metric == metric);
            let number = |&(metric, ..): &(Metric, &str, &str, Kind)| of(metric).map_or(Cell::Absent, cell);
            let engine = Cell::text(found.first().map_or("", |found| found.source.word()));
            let cells = [Cell::text(design_name(study, place)), engine].into_iter().chain(metrics.iter().map(number)).collect();
            Row { cells, design: Some(place) }
        };
        let rows: Vec<Row> = designs.iter().enumerate().filter(|(_, found)| !found.is_empty()).map(row).collect();
        groups.push(Group { heading: scenario.name.clone(), rows, ..Group::default() });
    }
    let notes = vec![
        format!("Design minus {}. In brackets the 95 % interval, where simulated.", design_name(study, 0)),
        "Simulated differences compare both designs on the same patients. An interval that contains 0: this run cannot tell the two apart."
            .to_owned(),
    ];
    let caption = format!("Differences from {} by scenario", design_name(study, 0));
    groups.iter().any(|group| !group.rows.is_empty()).then_some(Table {
        id: "differences".to_owned(),
        caption,
        columns,
        groups,
        notes,
    })
}

/// A difference as a cell.
fn cell(found: &Difference) -> Cell {
    let spread = found.error.map_or(Spread::Exact, |(std_error, lower, upper)| Spread::Interval { std_error, lower, upper });
    Cell::Number { value: found.difference, spread, mark: Mark::Plain }
}

/// The standard error that a spread stands for.
fn error_of(spread: Spread) -> f64 {
    match spread {
        Spread::StdError(error) | Spread::AtMost(error) => error,
        _ => 0.0,
    }
}

/// Mean and worst as two cells.
fn pair(numbers: Option<[(f64, Spread); 2]>) -> [Cell; 2] {
    numbers.map_or([Cell::Absent, Cell::Absent], |numbers| {
        numbers.map(|(value, spread)| Cell::Number { value, spread, mark: Mark::Plain })
    })
}

/// A row's cells: the design, then the pairs.
fn named(study: &Study, place: usize, pairs: [[Cell; 2]; 4]) -> Vec<Cell> {
    std::iter::once(Cell::text(design_name(study, place))).chain(pairs.into_iter().flatten()).collect()
}

/// A table of means and worsts.
fn table(id: &'static str, caption: String, rows: Vec<Row>, notes: Vec<String>, signed: bool) -> Table {
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    for (_, heading, kind, _) in COMPARED {
        columns.extend(["Mean", "Worst"].map(|word| Column { signed, ..Column::new(word, "", kind).below(heading) }));
    }
    Table { id: id.to_owned(), caption, columns, groups: vec![Group { rows, ..Group::default() }], notes }
}
