//! Beyond the scenarios: populations of curves, and the worst curves.

use super::{design_name, toxicity_cells};
use crate::measure::{OverCurves, POPULATION_METRICS, PopulationResults, Results, WorstCurve, WorstResults};
use crate::report::curves::populations;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table, grouped, show};
use crate::scenario::{Population, Scenario};
use crate::study::{Study, WorstCase, WorstMeasure};
use crate::trial::shown;

/// The tables of every population.
pub(in crate::report) fn population_tables(study: &Study, results: &Results) -> Vec<Table> {
    populations(study, results)
        .zip(1..)
        .flat_map(|((population, found), number)| {
            [over_curves(study, population, found, number), by_level(study, population, found, number)]
        })
        .collect()
}

/// Every design over the curves of a population.
fn over_curves(study: &Study, population: &Population, found: &PopulationResults, number: usize) -> Table {
    let percent = |heading: &str, group: &'static str| Column::new(heading, "", Kind::Percent).below(group);
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    for heading in ["Mean", "5 %", "Median", "95 %", "Lowest"] {
        columns.push(percent(heading, "Correct selection, %"));
    }
    columns.extend([percent("Mean", "Too toxic selected, %"), percent("95 %", "Too toxic selected, %")]);
    columns.extend([percent("Mean", "Over 60 % above MTD, %"), percent("95 %", "Over 60 % above MTD, %")]);
    columns.extend([percent("Mean", "Patients above MTD, %"), percent("95 %", "Patients above MTD, %")]);
    columns.push(Column::new("Patients", "mean", Kind::Mean));
    columns.push(Column::new("DLTs", "mean", Kind::Dlts));
    let is_compared = found.designs.len() - usize::from(found.benchmark.is_some()) > 1;
    if is_compared {
        columns.extend([percent("Alone", "Best on, % of curves"), percent("Tied", "Best on, % of curves")]);
        columns.extend([percent("Mean", "Behind the best, points"), percent("Most", "Behind the best, points")]);
    }
    if found.benchmark.is_some() {
        columns.push(Column::new("Behind benchmark", "mean points", Kind::Percent).signed());
    }
    let row = |(place, &design): (usize, &usize)| {
        let spread = |metric: usize| found.spread(place, metric, |_| true);
        let cell = |spread: Option<OverCurves>, pick: fn(OverCurves) -> f64| {
            spread.map_or(Cell::Absent, |spread| Cell::exact(pick(spread)))
        };
        let mut cells = vec![Cell::text(design_name(study, design))];
        let correct = spread(0);
        let picks: [fn(OverCurves) -> f64; 5] =
            [|all| all.mean, |all| all.quantiles[0], |all| all.quantiles[2], |all| all.quantiles[4], |all| all.lowest.0];
        cells.extend(picks.map(|pick| cell(correct, pick)));
        for metric in 1..=3 {
            cells.extend([cell(spread(metric), |all| all.mean), cell(spread(metric), |all| all.quantiles[4])]);
        }
        cells.extend([cell(spread(5), |all| all.mean), cell(spread(4), |all| all.mean)]);
        let standing = found.standing(place, |_| true);
        if is_compared {
            let of = |number: Option<f64>| number.map_or(Cell::Absent, Cell::exact);
            cells.extend([of(standing.map(|own| own.best)), of(standing.map(|own| own.tied))]);
            cells.extend([of(standing.map(|own| own.regret.mean)), of(standing.map(|own| own.regret.highest.0))]);
        }
        if found.benchmark.is_some() {
            cells.push(cell(standing.and_then(|own| own.to_benchmark), |all| all.mean));
        }
        Row { cells, design: Some(design) }
    };
    let rows = found.designs.iter().enumerate().map(row).collect();
    let mut notes = vec![
        format!("{}: {}", population.name, population.origin),
        "Each curve counts the same. 5 %: on 95 % of the curves it is higher; 95 %: on 95 % of them at most that.".to_owned(),
    ];
    if is_compared {
        notes.push(
            "Best: the highest probability of correct selection on a curve; equal ones are tied. Behind the best: what another design of the \
             study would have gained."
                .to_owned(),
        );
    }
    Table {
        id: format!("population-{number}"),
        caption: format!(
            "Every design over the {} curves of \u{201c}{}\u{201d}",
            grouped(population.scenarios.len() as u64),
            population.name
        ),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes,
    }
}

/// Correct selection by the correct level.
fn by_level(study: &Study, population: &Population, found: &PopulationResults, number: usize) -> Table {
    let curves = |level: usize| population.scenarios.iter().filter(|scenario| shown(scenario.correct) == level).count();
    let levels: Vec<usize> = (0..=study.doses.levels.len()).filter(|&level| curves(level) > 0).collect();
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    for &level in &levels {
        let heading = if level == 0 { "None".to_owned() } else { format!("L{level}") };
        let detail = format!("{} curves", grouped(curves(level) as u64));
        columns.push(Column::new(heading, detail, Kind::Percent).below("Mean correct selection, %, by the correct level"));
    }
    for &level in &levels {
        let heading = if level == 0 { "None".to_owned() } else { format!("L{level}") };
        columns.push(Column::new(heading, "", Kind::Percent).below("Over 60 % of patients above it, %"));
    }
    let row = |(place, &design): (usize, &usize)| {
        let mean = |metric: usize, level: usize| {
            let which = |curve: usize| shown(population.scenarios[curve].correct) == level;
            found.spread(place, metric, which).map_or(Cell::Absent, |spread| Cell::exact(spread.mean))
        };
        let mut cells = vec![Cell::text(design_name(study, design))];
        cells.extend(levels.iter().map(|&level| mean(0, level)));
        cells.extend(levels.iter().map(|&level| mean(2, level)));
        Row { cells, design: Some(design) }
    };
    let rows = found.designs.iter().enumerate().map(row).collect();
    Table {
        id: format!("population-{number}-levels"),
        caption: format!("By the correct level: \u{201c}{}\u{201d}", population.name),
        columns,
        groups: vec![Group { rows, ..Group::default() }],
        notes: vec![
            "None: level 1 is above the acceptable band, and selecting none is correct; every level is then above it.".to_owned(),
        ],
    }
}

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
        let of_scenarios = found.by_scenario.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?)));
        let chosen = of_scenarios.reduce(|worst, other| if measure.is_worse(other.1, worst.1) { other } else { worst });
        let compared = match chosen {
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

/// The scenario that a worst curve is.
fn scenario(case: &WorstCase, curve: &WorstCurve) -> Scenario {
    Scenario {
        name: case.name.clone(),
        toxicity: curve.toxicity.clone(),
        moderate_toxicity: Vec::new(),
        correct: curve.mtd,
        accrual_per_week: None,
    }
}

/// Every design on the worst curves.
pub(in crate::report) fn worst_designs(study: &Study, results: &Results) -> Table {
    const METRICS: [(usize, &str, Kind); 6] = [
        (0, "Correct", Kind::Percent),
        (1, "Too toxic", Kind::Percent),
        (2, "Over 60 % above MTD", Kind::Percent),
        (3, "Patients above MTD", Kind::Percent),
        (4, "DLTs", Kind::Dlts),
        (5, "Patients", Kind::Mean),
    ];
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    columns
        .extend(METRICS.map(|(_, heading, kind)| Column::new(heading, if kind == Kind::Percent { "%" } else { "mean" }, kind)));
    let group = |found: &WorstResults| {
        let case = &study.worst_cases[found.case];
        let worst = &found.by_mtd[found.worst];
        let designs = found.summaries.iter().enumerate().filter_map(|(place, summary)| Some((place, summary.as_ref()?)));
        let rows = designs.map(|(place, summary)| {
            let number = |(metric, ..): &(usize, &str, Kind)| {
                let found = summary.get(POPULATION_METRICS[*metric], None);
                let mark = if place == case.design { Mark::Differs } else { Mark::Plain };
                found.map_or(Cell::Absent, |found| Cell::exact(found.value).marked(mark))
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
        let note = format!(
            "Limits: MTD within {} of the target, the others at least {} from it; steps from {} to {}; lower bounds {:?}, upper bounds {:?}. Seed {}.",
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

/// What the sensitivity that a study asks for shows: derivatives, and single changes.
pub(in crate::report) fn sensitivity_tables(study: &Study, results: &Results) -> Vec<Table> {
    let (Some(asked), Some(found)) = (study.sensitivity, &results.curves.sensitivity) else { return Vec::new() };
    let of = format!("{} under \u{201c}{}\u{201d}", design_name(study, asked.design), study.scenarios[asked.scenario].name);
    let kind = |metric: &str| match metric {
        "total_patients" | "cohorts" => Kind::Mean,
        "total_dlts" => Kind::Dlts,
        _ => Kind::Percent,
    };
    let shown = |metric: &str, signed: bool, value: f64| Cell::text(show(kind(metric), signed, value, Spread::Exact).number);
    let mut columns = vec![Column::new("Metric", "", Kind::Text), Column::new("Now", "", Kind::Text)];
    let group = "Change when the DLT probability of a level rises by 0.01";
    columns.extend((1..=study.doses.levels.len()).map(|level| Column::new(format!("L{level}"), "", Kind::Text).below(group)));
    let rows = found.derivatives.iter().map(|derivative| {
        let mut cells = vec![Cell::text(derivative.metric), shown(derivative.metric, false, derivative.value)];
        // A hundredth of a probability per hundredth of toxicity: small numbers, of which three digits are shown.
        let unit = if kind(derivative.metric) == Kind::Percent { 1.0 } else { 0.01 };
        cells.extend(
            derivative.by_level.iter().map(|slope| Cell::text(show(Kind::Index, true, unit * slope, Spread::Exact).number)),
        );
        Row { cells, design: None }
    });
    let derivatives = Table {
        id: "sensitivity-derivatives".to_owned(),
        caption: format!("How much the toxicities matter: {of}"),
        columns,
        groups: vec![Group { rows: rows.collect(), ..Group::default() }],
        notes: vec![
            "Exact derivatives, per 0.01; probabilities and shares in percentage points. The correct level and the acceptable levels stay as they are."
                .to_owned(),
        ],
    };
    let metrics =
        [("Correct", 0), ("Too toxic", 1), ("Over 60 % above MTD", 2), ("Patients above MTD", 3), ("DLTs", 4), ("Patients", 5)];
    let mut columns =
        vec![Column::new("Change", "", Kind::Text), Column::new("From", "", Kind::Text), Column::new("To", "", Kind::Text)];
    columns.extend(metrics.map(|(heading, metric)| {
        let kind = kind(POPULATION_METRICS[metric]);
        Column::new(heading, if kind == Kind::Percent { "points" } else { "mean" }, kind).signed()
    }));
    let rows = found.changes.iter().map(|change| {
        let mut cells = vec![Cell::text(change.what.clone()), Cell::text(change.from.clone()), Cell::text(change.to.clone())];
        let difference = |(_, metric): &(&str, usize)| {
            change.values[*metric].zip(found.values[*metric]).map_or(Cell::Absent, |(after, before)| Cell::exact(after - before))
        };
        cells.extend(metrics.iter().map(difference));
        Row { cells, design: None }
    });
    let changes = Table {
        id: "sensitivity-changes".to_owned(),
        caption: format!("What single changes do: {of}"),
        columns,
        groups: vec![Group { rows: rows.collect(), ..Group::default() }],
        notes: vec![
            "After the change minus before it, everything else as it is. The correct level does not move with the target that the design aims at."
                .to_owned(),
        ],
    };
    vec![derivatives, changes]
}
