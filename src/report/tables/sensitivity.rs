//! What the results of designs depend on: derivatives, and single changes.

use super::design_name;
use crate::measure::{Change, Metric, Results, SensitivityResults};
use crate::report::table::{Cell, Column, Group, Kind, Row, Spread, Table, show};
use crate::study::Study;

/// What each sensitivity that a study asks for shows: derivatives, and single changes. From the second on, tables carry its number.
pub(in crate::report) fn sensitivity_tables(study: &Study, results: &Results) -> Vec<Table> {
    let tables = |(place, found): (usize, &SensitivityResults)| {
        let asked = study.sensitivities[found.asked];
        let of = format!("{} under \u{201c}{}\u{201d}", design_name(study, asked.design), study.scenarios[asked.scenario].name);
        let suffix = if place == 0 { String::new() } else { format!("-{}", place + 1) };
        [derivatives(study, found, &of, &suffix), changes(found, &of, &suffix)]
    };
    results.curves.sensitivities.iter().enumerate().flat_map(tables).collect()
}

fn kind(metric: Metric) -> Kind {
    match metric {
        Metric::TotalPatients | Metric::Cohorts => Kind::Mean,
        Metric::TotalDlts => Kind::Dlts,
        Metric::AccuracyIndex => Kind::Index,
        _ => Kind::Percent,
    }
}

fn derivatives(study: &Study, found: &SensitivityResults, of: &str, suffix: &str) -> Table {
    let shown = |metric: Metric, value: f64| Cell::text(show(kind(metric), false, value, Spread::Exact).number);
    let mut columns = vec![Column::new("Metric", "", Kind::Text), Column::new("Now", "", Kind::Text)];
    let group = "Change when the DLT probability of a level rises by 0.01";
    columns.extend((1..=study.doses.levels.len()).map(|level| Column::new(format!("L{level}"), "", Kind::Text).below(group)));
    let rows = found.derivatives.iter().map(|derivative| {
        let mut cells = vec![Cell::text(derivative.metric.key()), shown(derivative.metric, derivative.value)];
        // A hundredth of a probability per hundredth of toxicity: small numbers, of which three digits are shown.
        let unit = if matches!(kind(derivative.metric), Kind::Percent | Kind::Index) { 1.0 } else { 0.01 };
        cells.extend(
            derivative.by_level.iter().map(|slope| Cell::text(show(Kind::Index, true, unit * slope, Spread::Exact).number)),
        );
        Row { cells, design: None }
    });
    Table {
        id: format!("sensitivity-derivatives{suffix}"),
        caption: format!("How much the toxicities matter: {of}"),
        columns,
        groups: vec![Group { rows: rows.collect(), ..Group::default() }],
        notes: vec![
            "Exact derivatives, per 0.01; probabilities and shares in percentage points, the accuracy index in hundredths. The correct level and the acceptable levels stay as \
             they are. The accuracy index has a kink where a toxicity is at the target: there, the mean of both sides."
                .to_owned(),
        ],
    }
}

fn changes(found: &SensitivityResults, of: &str, suffix: &str) -> Table {
    let metrics = [
        ("Correct", Metric::CorrectSelection),
        ("Too toxic", Metric::OverSelection),
        ("Over 60 % above MTD", Metric::Overdose60),
        ("Patients above MTD", Metric::ShareAboveMtd),
        ("DLTs", Metric::TotalDlts),
        ("Patients", Metric::TotalPatients),
    ];
    let mut columns: Vec<Column> = ["Change", "From", "To", "Step"].map(|heading| Column::new(heading, "", Kind::Text)).into();
    columns.extend(metrics.map(|(heading, metric)| {
        let kind = kind(metric);
        Column::new(heading, if kind == Kind::Percent { "points" } else { "mean" }, kind).signed()
    }));
    let row = |change: &Change| {
        let mut cells: Vec<Cell> =
            [&change.what, &change.from, &change.to, &change.step].map(|text| Cell::text(text.clone())).into();
        let difference = |&(_, metric): &(&str, Metric)| {
            change
                .values
                .get(metric)
                .zip(found.values.get(metric))
                .map_or(Cell::Absent, |(after, before)| Cell::exact(after - before))
        };
        cells.extend(metrics.iter().map(difference));
        Row { cells, design: None }
    };
    let mut notes = vec![
        "After the change minus before it, everything else as it is. The toxicity of a level moves by 0.05, but not past its neighbours; the \
         correct level and the acceptable band are those of the moved curve. The correct level does not move with the target that the design \
         aims at. Skeletons that are lists move on the logit scale, their spread around the target there, prior means by half a prior standard deviation, cut-offs by what is \
         missing to 1."
            .to_owned(),
    ];
    let remark =
        |change: &Change| (!change.remark.is_empty()).then(|| format!("{} = {}: {}.", change.what, change.to, change.remark));
    notes.extend(found.changes.iter().filter_map(remark));
    notes.extend(found.notes.iter().cloned());
    Table {
        id: format!("sensitivity-changes{suffix}"),
        caption: format!("What single changes do: {of}"),
        columns,
        groups: vec![Group { rows: found.changes.iter().map(row).collect(), ..Group::default() }],
        notes,
    }
}
