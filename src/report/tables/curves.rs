//! Beyond the scenarios: the worst curves, and what results depend on.

use super::{design_name, toxicity_cells};
use crate::measure::{Metric, Results, WorstCurve, WorstResults};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table, show};
use crate::scenario::Scenario;
use crate::study::{Study, WorstCase, WorstMeasure};

/// A number of a search as people read it.
fn value_words(measure: WorstMeasure, value: f64) -> String {
    match measure {
        WorstMeasure::CorrectSelection => format!("{} %", show(Kind::Percent, false, value, Spread::Exact).number),
        WorstMeasure::ExcessDlts => show(Kind::Dlts, true, value, Spread::Exact).number,
        WorstMeasure::Loss(_) => format!("{} points", show(Kind::Percent, false, value, Spread::Exact).number),
    }
}

/// What each search found, in sentences.
pub(in crate::report) fn worst_findings(study: &Study, results: &Results) -> Vec<String> {
    let sentence = |found: &WorstResults| {
        let case = &study.worst_cases[found.case];
        let measure = case.measure;
        let worst = &found.by_mtd[found.worst];
        let design = design_name(study, case.design);
        let what = match measure {
            WorstMeasure::Loss(against) => format!("{} against {}", measure.words(), design_name(study, against)),
            _ => measure.words().to_owned(),
        };
        let compared = match chosen(measure, found) {
            Some((place, value)) if measure.is_worse(worst.value, value) => format!(
                "your scenarios miss this one: the worst of them is {} (\u{201c}{}\u{201d})",
                value_words(measure, value),
                study.scenarios[place].name
            ),
            Some((place, value)) => format!(
                "your scenario \u{201c}{}\u{201d}, which is outside the limits of the search, is worse: {}",
                study.scenarios[place].name,
                value_words(measure, value)
            ),
            None => "there is no scenario to compare it with".to_owned(),
        };
        format!(
            "{}: {design} has its worst {what}, {}, on the curve {}, where the correct selection is {}; {compared}.",
            case.name,
            value_words(measure, worst.value),
            worst.toxicity.iter().map(|toxicity| format!("{toxicity}")).collect::<Vec<_>>().join(", "),
            super::correct_words(study, &scenario(case, worst)),
        )
    };
    results.curves.worst.iter().map(sentence).collect()
}

/// The chosen scenario that is worst in the measure of a search, by its place in the study, and the measure there.
fn chosen(measure: WorstMeasure, found: &WorstResults) -> Option<(usize, f64)> {
    let of_scenarios = found.by_scenario.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?)));
    of_scenarios.reduce(|worst, other| if measure.is_worse(other.1, worst.1) { other } else { worst })
}

/// What a search found in a few words: `missed: 18.1 %, chosen 24.0 %`; percentage points are left to the reader.
pub(in crate::report) fn worst_in_short(study: &Study, found: &WorstResults) -> String {
    let measure = study.worst_cases[found.case].measure;
    let words = |value| value_words(measure, value).replace(" points", "");
    let worst = found.by_mtd[found.worst].value;
    match chosen(measure, found) {
        Some((_, value)) => {
            let missed = if measure.is_worse(worst, value) { "missed: " } else { "" };
            format!("{missed}{}, chosen {}", words(worst), words(value))
        }
        None => words(worst),
    }
}

/// The scenario that the worst of all curves of a search is.
pub(in crate::report) fn worst_scenario(study: &Study, found: &WorstResults) -> Scenario {
    scenario(&study.worst_cases[found.case], &found.by_mtd[found.worst])
}

/// The scenario that a worst curve is.
fn scenario(case: &WorstCase, curve: &WorstCurve) -> Scenario {
    Scenario::new(case.name.clone(), curve.toxicity.clone(), curve.mtd)
}

/// Every design on the worst curves.
pub(in crate::report) fn worst_designs(study: &Study, results: &Results) -> Table {
    const METRICS: [(Metric, &str, Kind); 6] = [
        (Metric::CorrectSelection, "Correct", Kind::Percent),
        (Metric::OverSelection, "Too toxic", Kind::Percent),
        (Metric::Overdose60, "Over 60 % above MTD", Kind::Percent),
        (Metric::ShareAboveMtd, "Patients above MTD", Kind::Percent),
        (Metric::TotalDlts, "DLTs", Kind::Dlts),
        (Metric::TotalPatients, "Patients", Kind::Mean),
    ];
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    columns
        .extend(METRICS.map(|(_, heading, kind)| Column::new(heading, if kind == Kind::Percent { "%" } else { "mean" }, kind)));
    let group = |found: &WorstResults| {
        let case = &study.worst_cases[found.case];
        let worst = &found.by_mtd[found.worst];
        let designs = found.summaries.iter().enumerate().filter_map(|(place, summary)| Some((place, summary.as_ref()?)));
        let rows = designs.map(|(place, summary)| {
            let number = |&(metric, ..): &(Metric, &str, Kind)| {
                let mark = if place == case.design { Mark::Differs } else { Mark::Plain };
                summary.value(metric).map_or(Cell::Absent, |value| Cell::exact(value).marked(mark))
            };
            let cells = std::iter::once(Cell::text(design_name(study, place))).chain(METRICS.iter().map(number)).collect();
            Row { cells, design: Some(place) }
        });
        let curve: Vec<String> = worst.toxicity.iter().map(|toxicity| format!("{toxicity}")).collect();
        let heading = format!("{}: {}", case.name, curve.join(", "));
        Group { heading, rows: rows.collect(), ..Group::default() }
    };
    Table {
        id: "worst-designs".to_owned(),
        caption: "Every design on the worst curves".to_owned(),
        columns,
        groups: results.curves.worst.iter().map(group).collect(),
        notes: vec!["The design whose worst curve it is stands out.".to_owned()],
    }
}

/// How the worst curves were searched for: one row an MTD.
pub(in crate::report) fn worst_certificates(study: &Study, results: &Results) -> Table {
    let mut columns = vec![Column::new("MTD", "", Kind::Text), Column::new("Worst", "", Kind::Text)];
    let levels = (1..=study.doses.levels.len())
        .map(|level| Column::new(format!("L{level}"), "", Kind::Index).below("True DLT probability of the worst curve"));
    columns.extend(levels);
    columns
        .extend(["Searches", "Ended here", "Next worst", "Limits reached"].map(|heading| Column::new(heading, "", Kind::Text)));
    let group = |found: &WorstResults| {
        let case = &study.worst_cases[found.case];
        let row = |(place, curve): (usize, &WorstCurve)| {
            let own = scenario(case, curve);
            let mark = if place == found.worst { Mark::Differs } else { Mark::Plain };
            let mut cells = vec![
                Cell::text(super::correct_words(study, &own)),
                Cell::text(value_words(case.measure, curve.value)).marked(mark),
            ];
            cells.extend(toxicity_cells(study, &own));
            cells.extend([Cell::text(curve.starts.to_string()), Cell::text(curve.agreed.to_string())]);
            cells.push(curve.second.map_or(Cell::Absent, |second| Cell::text(value_words(case.measure, second))));
            cells.push(Cell::text(case.limits.active_words(curve.mtd, &curve.toxicity)));
            Row { cells, design: None }
        };
        let rows = found.by_mtd.iter().enumerate().map(row).collect();
        let limits = &case.limits;
        let is_left_out = |level: &usize| !case.mtds.contains(&Some(*level)) && limits.ladder(Some(*level)).conflict().is_some();
        let left_out: Vec<String> =
            (0..study.doses.levels.len()).filter(is_left_out).map(|level| format!("L{}", level + 1)).collect();
        let left_out = match &left_out[..] {
            [] => String::new(),
            levels => format!(" No curve within them has its MTD at {}.", levels.join(", ")),
        };
        let note = format!(
            "Limits: MTD within {} of the target, the others at least {} from it; steps from {} to {}; lower bounds {:?}, upper bounds {:?}.{left_out} Seed {}.",
            limits.mtd_within, limits.gap, limits.step.0, limits.step.1, limits.lower, limits.upper, case.seed
        );
        let heading = format!("{}: {}, {}", case.name, case.measure.words(), design_name(study, case.design));
        Group { heading, rows, note, ..Group::default() }
    };
    Table {
        id: "worst-searches".to_owned(),
        caption: "How the worst curves were searched for".to_owned(),
        columns,
        groups: results.curves.worst.iter().map(group).collect(),
        notes: vec![
            "The measure is a polynomial in the toxicities, and its derivatives are exact. For each MTD, searches downhill start from random \
             curves within the limits; those that end within a millionth of the worst have found the same."
                .to_owned(),
        ],
    }
}
