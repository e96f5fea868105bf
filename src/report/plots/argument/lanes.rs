//! Differences, sizes and exposure: a row a scenario, those of a class together.

use super::super::View;
use super::facts::{Facts, Quantity};
use super::{class_head, classes, titles};
use crate::measure::{Metric, Quantile};
use crate::report::figure::{
    Difference, Estimate, Group, LaneBlock, LaneColumn, LanePoint, LaneRow, LaneScale, Lanes, provenance,
};
use crate::report::{Section, data};
use crate::scenario::Class;

/// The figures with their section, the stem of their files and their caption.
pub(super) fn all(view: &View<'_>, facts: Facts<'_>) -> Vec<(Section, &'static str, &'static str, Lanes)> {
    let mut all = Vec::new();
    all.extend(differences(view, facts).map(|drawn| {
        let caption = "Each design minus the first that could be chosen: the right answer, and too toxic doses.";
        (Section::Differences, "differences", caption, drawn)
    }));
    all.push((Section::Size, "size", "Patients and weeks: mean, median, and where 90 of 100 trials lie.", size(view, facts)));
    all.push((
        Section::Safety,
        "exposure",
        "Patients at doses that are too toxic, and patients with a DLT.",
        exposure(view, facts),
    ));
    all
}

/// A row of a figure: a scenario, or a class for the mean of its scenarios.
#[derive(Clone, Copy)]
enum Of {
    Scenario(usize),
    Mean(Class),
}

/// The rows of a figure; `point` gives what is drawn in a column for a design. `with_means` adds the mean of each class of several.
fn blocks(
    view: &View<'_>,
    facts: Facts<'_>,
    (designs, columns): (&[usize], usize),
    with_means: bool,
    point: impl Fn(Of, usize, usize) -> Option<LanePoint>,
) -> Vec<LaneBlock> {
    let points = |of: Of| -> Vec<Vec<Option<LanePoint>>> {
        (0..columns).map(|column| designs.iter().map(|&design| point(of, column, design)).collect()).collect()
    };
    let block = |class: Class| {
        let scenarios = facts.of_class(class);
        let scenario = |&scenario: &usize| LaneRow {
            name: view.scenarios[scenario].name.clone(),
            is_mean: false,
            points: points(Of::Scenario(scenario)),
        };
        let mut rows: Vec<LaneRow> = scenarios.iter().map(scenario).collect();
        if with_means && scenarios.len() > 1 {
            rows.push(LaneRow { name: "Mean of these".to_owned(), is_mean: true, points: points(Of::Mean(class)) });
        }
        LaneBlock { head: class_head(view, facts, class).to_owned(), rows }
    };
    classes(facts).into_iter().map(block).collect()
}

/// The values of a column in words, of the mean of the first class that has one, else of the first scenario.
fn in_words(drawn: &Lanes, column: usize) -> String {
    let row = drawn.blocks.iter().find_map(|block| {
        let is_shown = |row: &&LaneRow| row.points.get(column).is_some_and(|points| points.iter().any(Option::is_some));
        let mean = block.rows.iter().filter(is_shown).find(|row| row.is_mean);
        mean.or_else(|| block.rows.iter().find(is_shown)).map(|row| (block, row))
    });
    let Some((block, row)) = row else { return String::new() };
    let points = row.points.get(column).into_iter().flatten();
    let values = drawn.designs.iter().zip(points).filter_map(|(design, point)| {
        let point = (*point)?;
        let span = point.span.map(|(low, high)| format!(" ({low:.1} to {high:.1})")).unwrap_or_default();
        Some(format!("{} {:.1}{span}", design.name, point.value))
    });
    let what = &drawn.columns[column].head;
    format!(" {what}, {} ({}): {}.", row.name, block.head, values.collect::<Vec<_>>().join("; "))
}

/// The figure with its alternative text.
fn told(mut drawn: Lanes, kind: &str) -> Lanes {
    let mut alt = format!("{kind} {}.", drawn.subtitle);
    for column in 0..drawn.columns.len() {
        alt.push_str(&in_words(&drawn, column));
    }
    drawn.alt = format!("{alt} {}", drawn.note);
    drawn
}

fn differences(view: &View<'_>, facts: Facts<'_>) -> Option<Lanes> {
    let designs: Vec<usize> = facts.by_group().into_iter().filter(|&design| design != facts.reference).collect();
    if designs.is_empty() {
        return None;
    }
    let quantities = [Quantity::Right, Quantity::TooToxic];
    let points = |difference: Difference| LanePoint {
        value: 100.0 * difference.value,
        span: difference.interval.map(|(low, high)| (100.0 * low, 100.0 * high)),
        median: None,
    };
    let point = |of: Of, column: usize, design: usize| {
        let quantity = quantities[column];
        match of {
            Of::Scenario(scenario) => facts.difference(quantity, scenario, design),
            Of::Mean(class) => facts.mean_difference(quantity, class, design),
        }
        .map(points)
    };
    let blocks = blocks(view, facts, (&designs, quantities.len()), true, point);
    let column = |head: &str, threshold: f64| LaneColumn {
        head: head.to_owned(),
        axis: "Difference (percentage points)".to_owned(),
        scale: LaneScale::Difference { threshold: 100.0 * threshold },
        absent: "No dose is too toxic",
        line: None,
    };
    let simulated = is_simulated(&blocks);
    let bars = "bars are 95 % intervals of paired differences, those of means at most as wide as their bars, hidden where narrower than \
                the marker";
    let drawn = Lanes {
        title: titles::differences(facts),
        subtitle: format!(
            "Each design minus {}. Shaded: differences of up to {} and {} points, which this report does not call relevant",
            facts.name(facts.reference),
            100.0 * facts.relevance.right,
            100.0 * facts.relevance.too_toxic
        ),
        designs: designs.iter().map(|&design| view.designs[design].clone()).collect(),
        columns: vec![
            column("Right answer", facts.relevance.right),
            column("Too toxic dose selected", facts.relevance.too_toxic),
        ],
        note: format!(
            "{} Where no dose is right, to select none is the right answer.",
            provenance(&view.setting, simulated.into_iter(), bars)
        ),
        alt: String::new(),
        blocks,
    };
    Some(told(drawn, "Dot plot, one row for each scenario and one marker for each design."))
}

/// By point whether it has an interval.
fn is_simulated(blocks: &[LaneBlock]) -> Vec<bool> {
    let points = blocks.iter().flat_map(|block| &block.rows).flat_map(|row| row.points.iter().flatten().flatten());
    points.map(|point| point.span.is_some()).collect()
}

fn size(view: &View<'_>, facts: Facts<'_>) -> Lanes {
    let designs = facts.by_group();
    let metrics = [
        (Metric::TotalPatients, Metric::TotalPatientsQuantile as fn(Quantile) -> Metric),
        (Metric::DurationWeeks, Metric::DurationQuantile),
    ];
    let point = |of: Of, column: usize, design: usize| {
        let Of::Scenario(scenario) = of else { return None };
        let (mean, quantile) = metrics[column];
        let [low, median, high] = Quantile::ALL.map(|part| facts.read(scenario, design, quantile(part)));
        let mean = facts.read(scenario, design, mean);
        Some(LanePoint {
            value: mean?.value,
            span: low.zip(high).map(|(low, high)| (low.value, high.value)),
            median: median.map(|median| median.value),
        })
    };
    // Not every study has timing.
    let columns = if view.study.timing.is_some() { 2 } else { 1 };
    let column = |head: &str, axis: &str, line: Option<f64>| LaneColumn {
        head: head.to_owned(),
        axis: axis.to_owned(),
        scale: LaneScale::Amount,
        absent: "Not known",
        line,
    };
    let planned = view.study.planned_patients;
    let mut shown = vec![
        column("Patients", "Patients in the trial", planned.map(|planned| planned as f64)),
        column("Weeks", "Length of the trial (weeks)", None),
    ];
    shown.truncate(columns);
    let simulated = (0..view.scenarios.len()).flat_map(|scenario| {
        let designs = designs.iter();
        designs.filter_map(move |&design| Some(facts.value(Quantity::Patients, scenario, design)?.std_error.is_some()))
    });
    let drawn = Lanes {
        title: titles::size(facts),
        subtitle: match planned {
            Some(planned) => {
                format!(
                    "Marker: mean. Bar: median. Line: 5 % to 95 % of the trials. Upright line: the planned {planned} patients"
                )
            }
            None => "Marker: mean. Bar: median. Line: 5 % to 95 % of the trials".to_owned(),
        },
        designs: designs.iter().map(|&design| view.designs[design].clone()).collect(),
        columns: shown,
        note: provenance(&view.setting, simulated, "means and quantiles are those of the replicates"),
        alt: String::new(),
        blocks: blocks(view, facts, (&designs, columns), false, point),
    };
    told(drawn, "Dot plot with lines, one row for each scenario and one marker for each design.")
}

/// The design with which others are compared, and of each group the one that is right most often.
fn leading(facts: Facts<'_>) -> Vec<usize> {
    let groups = [Group::Reference, Group::Same, Group::Smaller, Group::Larger];
    groups.into_iter().filter_map(|group| facts.best_of(group)).collect()
}

fn exposure(view: &View<'_>, facts: Facts<'_>) -> Lanes {
    let designs = leading(facts);
    let quantities = [Quantity::Exposed, Quantity::Dlts];
    let points = |estimate: Estimate| LanePoint { value: estimate.value, span: estimate.interval(), median: None };
    let point = |of: Of, column: usize, design: usize| {
        match of {
            Of::Scenario(scenario) => facts.value(quantities[column], scenario, design),
            Of::Mean(class) => facts.mean_of(quantities[column], class, design),
        }
        .map(points)
    };
    let blocks = blocks(view, facts, (&designs, quantities.len()), true, point);
    let column = |head: &str, axis: &str| LaneColumn {
        head: head.to_owned(),
        axis: axis.to_owned(),
        scale: LaneScale::Amount,
        absent: "No dose is too toxic",
        line: None,
    };
    let simulated = is_simulated(&blocks);
    let drawn = Lanes {
        title: titles::exposure(facts, &designs),
        subtitle: format!(
            "{}, and the designs of about its size, smaller and larger that are right most often",
            facts.name(facts.reference)
        ),
        designs: designs.iter().map(|&design| view.designs[design].clone()).collect(),
        columns: vec![
            column("At doses that are too toxic", "Patients, mean number"),
            column("With a DLT", "Patients, mean number"),
        ],
        note: provenance(
            &view.setting,
            simulated.into_iter(),
            "bars are 95 % intervals, those of sums and means at most as wide as their bars, hidden where narrower than the marker",
        ),
        alt: String::new(),
        blocks,
    };
    told(drawn, "Dot plot, one row for each scenario and one marker for each design.")
}

/// The file of a figure: a row for each column, row and design.
pub(super) fn values(drawn: &Lanes) -> Vec<u8> {
    let rows = drawn.columns.iter().enumerate().flat_map(|(place, column)| {
        let rows = drawn.blocks.iter().flat_map(|block| block.rows.iter().map(move |row| (block, row)));
        rows.flat_map(move |(block, row)| {
            let points = row.points.get(place).into_iter().flatten();
            drawn.designs.iter().zip(points).filter_map(move |(design, point)| {
                let point = (*point)?;
                let optional = |value: Option<f64>| value.map(data::number).unwrap_or_default();
                Some([
                    column.head.clone(),
                    block.head.clone(),
                    row.name.clone(),
                    design.name.clone(),
                    data::number(point.value),
                    optional(point.span.map(|(low, _)| low)),
                    optional(point.span.map(|(_, high)| high)),
                    optional(point.median),
                ])
            })
        })
    });
    data::file(["quantity", "class", "scenario", "design", "value", "lower", "upper", "median"], rows)
}
