//! The tables of a tuning.

use super::{design_name, kind_of, words};
use crate::measure::Metric;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Table, grouped};
use crate::study::{Aim, Over, Parameter, Study, Variants};
use crate::tuning::{Estimate, Measure, Point, Tuned, ranking};

/// The most points that a table of the report shows; the data file has them all.
const SHOWN: usize = 40;

/// The best points, and the design as it is written.
pub(super) fn points(study: &Study, tuned: &Tuned<'_>) -> Table {
    let mut places: Vec<usize> = ranking(tuned);
    let all = places.len();
    let mut shown: Vec<usize> = places.drain(..all.min(SHOWN)).collect();
    if !shown.contains(&0) && tuned.points.first().is_some_and(|base| base.outcome.is_ok()) {
        shown.push(0);
    }
    let caption = if tuned.tuning.one_at_a_time {
        format!("Single changes of {}, the one that gains most first", design_name(study, tuned))
    } else {
        format!("Variants of {}, the best first", design_name(study, tuned))
    };
    let mut notes = vec![format!(
        "Gain: the objective less that of the design as it is written. Percentages are means over the {} with the weights of the tuning \
         unless it says worst. *: the best point.",
        words::truths(tuned).1
    )];
    if all > SHOWN {
        notes.push(format!("The first {SHOWN} of {} points; tune.csv has them all.", grouped(all as u64)));
    }
    if is_simulated(tuned) {
        notes.push(
            "Simulated on the same patients: gains, and differences from the best, have the standard error of the difference. =: cannot be \
             told from the best, being within two standard errors of that difference."
                .to_owned(),
        );
    }
    table(study, tuned, "points", caption, &shown, notes)
}

/// The points of the Pareto front, the smallest trials first.
pub(super) fn front(study: &Study, tuned: &Tuned<'_>) -> Table {
    let mut places: Vec<usize> = (0..tuned.points.len()).filter(|&place| tuned.points[place].score.front).collect();
    // A point without patients, as the benchmark is, comes first.
    let patients = |place: &usize| tuned.mean(&tuned.points[*place], Metric::TotalPatients).map(|found| found.value);
    places.sort_by(|a, b| match (patients(a), patients(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    let all = places.len();
    // Spread over the front where it is long.
    let places: Vec<usize> =
        places.iter().enumerate().filter(|(at, _)| at % all.div_ceil(SHOWN).max(1) == 0).map(|(_, &place)| place).collect();
    let mut notes = vec![
        "Points that meet the limits, and that no other such point beats: none is at least as good in correct selection, overdosing, \
         patients (and weeks, where the study has them), and better in one of them."
            .to_owned(),
    ];
    if is_simulated(tuned) {
        notes.push(
            "Simulated, better means by more than two standard errors of the difference on the same patients: what cannot be told apart \
             does not push a point off the front."
                .to_owned(),
        );
    }
    if places.len() < all {
        notes.push(format!("{} of {} points on the front; tune.csv has them all.", places.len(), grouped(all as u64)));
    }
    table(study, tuned, "front", "The Pareto front, the smallest trials first".to_owned(), &places, notes)
}

fn table(study: &Study, tuned: &Tuned<'_>, id: &str, caption: String, places: &[usize], notes: Vec<String>) -> Table {
    let variants = Variants::new(study, tuned.tuning.design);
    let parameters = &tuned.tuning.parameters;
    let mut columns: Vec<Column> = if tuned.tuning.one_at_a_time {
        vec![Column::new("Change", "", Kind::Text)]
    } else {
        parameters.iter().map(|parameter| Column::new(parameter.key.clone(), "", Kind::Text)).collect()
    };
    let metrics = metrics(tuned);
    let objective = objective_column(tuned);
    if let Some(column) = &objective {
        columns.push(column.clone());
        let unit = if column.kind == Kind::Percent { "points" } else { "" };
        columns.push(Column::new("Gain", unit, column.kind).signed());
        if is_simulated(tuned) {
            columns.push(Column::new("From the best", unit, column.kind).signed());
        }
    }
    columns.extend(metrics.iter().map(|(column, _)| column.clone()));
    columns.push(Column::new("Limits", "", Kind::Text));
    columns.push(Column::new("Front", "", Kind::Text));
    let row = |&place: &usize| {
        let point = &tuned.points[place];
        let mark = if Some(place) == tuned.best { Mark::Correct } else { Mark::Plain };
        let mut cells: Vec<Cell> = if tuned.tuning.one_at_a_time {
            vec![Cell::text(words::in_short(tuned, point))]
        } else {
            (0..parameters.len()).map(|place| Cell::text(words::value(variants.as_ref(), tuned, point, place))).collect()
        };
        if let Some(first) = cells.first_mut() {
            *first = first.clone().marked(mark);
        }
        if objective.is_some() {
            cells.push(cell(point.score.objective).marked(mark));
            cells.push(cell(point.score.gain));
            if is_simulated(tuned) {
                cells.push(if Some(place) == tuned.best { Cell::Absent } else { cell(point.score.from_best) });
            }
        }
        cells.extend(metrics.iter().map(|(_, measure)| cell(tuned.number(point, *measure))));
        cells.push(Cell::text(standing(tuned, point)));
        cells.push(Cell::text(match (point.score.front, point.score.tied) {
            (true, true) => "yes =",
            (true, false) => "yes",
            (false, true) => "=",
            (false, false) => "",
        }));
        Row { cells, design: kind_of(point) }
    };
    let groups = vec![Group { rows: places.iter().map(row).collect(), ..Group::default() }];
    Table { id: id.to_owned(), caption, columns, groups, notes }
}

/// Whether a point meets the limits, in a word.
pub(super) fn standing(tuned: &Tuned<'_>, point: &Point) -> &'static str {
    match (tuned.is_candidate(point), point.score.within, point.score.close) {
        (false, true, _) => "met, not a candidate",
        (false, false, _) => "not met, not a candidate",
        (true, true, false) => "met",
        (true, true, true) => "met, within its error",
        (true, false, false) => "not met",
        (true, false, true) => "missed, within its error",
    }
}

/// The column of the objective, where it is a metric.
fn objective_column(tuned: &Tuned<'_>) -> Option<Column> {
    match tuned.tuning.objective.aim {
        Aim::Metric(metric, over) => {
            let (heading, kind) = words::metric(metric);
            Some(Column::new(format!("Objective: {}", lower_first(heading)), over_detail(over, kind), kind))
        }
        Aim::Parameter(_) => None,
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        if text.starts_with("DLT") { text.to_owned() } else { first.to_lowercase().chain(letters).collect() }
    })
}

fn over_detail(over: Over, kind: Kind) -> String {
    let unit = if kind == Kind::Percent { ", %" } else { "" };
    match over {
        Over::Mean => format!("mean{unit}"),
        Over::Worst => format!("worst{unit}"),
    }
}

/// The metrics beside the objective, with their columns; those that no point has are left out.
fn metrics(tuned: &Tuned<'_>) -> Vec<(Column, Measure)> {
    let is_objective = |measure: &Measure| match tuned.tuning.objective.aim {
        Aim::Metric(metric, over) => measure.metric == metric && measure.over == over,
        Aim::Parameter(_) => false,
    };
    let occurs = |measure: &Measure| tuned.points.iter().any(|point| tuned.number(point, *measure).is_some());
    let wanted = tuned.measures.iter().filter(|measure| !is_objective(measure) && occurs(measure));
    let column = |measure: &Measure| {
        let (heading, kind) = words::metric(measure.metric);
        (Column::new(heading, over_detail(measure.over, kind), kind), *measure)
    };
    wanted.map(column).collect()
}

fn cell(estimate: Option<Estimate>) -> Cell {
    estimate.map_or(Cell::Absent, |own| Cell::Number { value: own.value, spread: words::spread(own), mark: Mark::Plain })
}

/// Whether the objective of a point is simulated.
fn is_simulated(tuned: &Tuned<'_>) -> bool {
    tuned.points.iter().any(|point| point.score.objective.is_some_and(|own| own.std_error.is_some()))
}

/// The best point after each round of a refinement.
pub(super) fn rounds(study: &Study, tuned: &Tuned<'_>) -> Option<Table> {
    if tuned.tuning.rounds == 0 {
        return None;
    }
    let mut columns = vec![
        Column::new("Round", "", Kind::Whole),
        Column::new("New points", "", Kind::Whole),
        Column::new("Best so far", "", Kind::Text),
    ];
    let objective = objective_column(tuned);
    columns.extend(objective.clone());
    let row = |(round, best): (usize, &Option<usize>)| {
        let points = tuned.points.iter().filter(|point| point.round == round).count();
        let best = best.and_then(|best| tuned.points.get(best));
        let mut cells = vec![Cell::exact(round as f64), Cell::exact(points as f64)];
        cells.push(best.map_or(Cell::Absent, |best| Cell::text(words::in_short(tuned, best))));
        cells.extend(objective.iter().map(|_| cell(best.and_then(|best| best.score.objective))));
        Row { cells, design: None }
    };
    let notes = vec![
        "Round 1 is the whole grid. Each round after it looks at the neighbours of the best point so far, one step away in any of the \
         ranges; the steps are halved from round to round. A better point far from there can be missed."
            .to_owned(),
    ];
    let groups = vec![Group { rows: (1..).zip(&tuned.rounds).map(row).collect(), ..Group::default() }];
    let caption = format!("The rounds of the search: {}", design_name(study, tuned));
    Some(Table { id: "rounds".to_owned(), caption, columns, groups, notes })
}

/// What the tuning was asked, with every default.
pub(super) fn asked(study: &Study, tuned: &Tuned<'_>) -> Table {
    let tuning = tuned.tuning;
    let variants = Variants::new(study, tuning.design);
    let mut lines = vec![("Design".to_owned(), design_name(study, tuned).to_owned())];
    for parameter in &tuning.parameters {
        let base = variants.as_ref().and_then(|variants| variants.written(&parameter.key)).unwrap_or("default");
        lines.push((format!("Parameter {}", parameter.key), format!("{}; the design has {base}", values(parameter))));
    }
    let combinations =
        if tuning.one_at_a_time { "each value alone, all else as the design is written" } else { "every combination" };
    lines.push(("Points".to_owned(), combinations.to_owned()));
    let heading = if tuning.population.is_some() { "Curves" } else { "Scenarios" };
    lines.push((heading.to_owned(), words::scenarios(study, tuned)));
    lines.push(("Objective".to_owned(), words::objective(tuned)));
    let limits: Vec<String> = tuning.limits.iter().map(|limit| words::limit(tuned, limit)).collect();
    lines.push(("Limits".to_owned(), if limits.is_empty() { "none".to_owned() } else { limits.join("; ") }));
    let search = match tuning.rounds {
        0 => "grid".to_owned(),
        rounds => format!("refine: the grid, then at most {rounds} rounds around the best point"),
    };
    lines.push(("Search".to_owned(), search));
    let row = |(item, value): (String, String)| Row { cells: vec![Cell::text(item), Cell::text(value)], design: None };
    Table {
        id: "asked".to_owned(),
        caption: "The tuning".to_owned(),
        columns: vec![Column::new("Item", "", Kind::Text), Column::new("Value", "", Kind::Text)],
        groups: vec![Group { rows: lines.into_iter().map(row).collect(), ..Group::default() }],
        notes: Vec::new(),
    }
}

/// The values of a parameter, as a list or a range.
fn values(parameter: &Parameter) -> String {
    let texts: Vec<&str> = parameter.values.iter().map(|value| value.text.as_deref().unwrap_or("absent")).collect();
    match (texts.as_slice(), &parameter.range) {
        ([first, second, .., last], Some(_)) if texts.len() > 4 => {
            format!("{first}, {second}, … {last} ({} values)", texts.len())
        }
        _ => texts.join(", "),
    }
}
