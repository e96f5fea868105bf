//! Designs against each other: over all scenarios, and paired differences from the first design.

use super::{design_name, scenarios_of};
use crate::measure::{Difference, Metric, Results};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table};
use crate::study::Study;

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
