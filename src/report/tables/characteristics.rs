//! Operating characteristics in blocks by scenario.

use super::{
    Pick, cell, correct_words, design_name, designs_of, doses, level_mark, level_picks, mark_note, scenarios_of,
    spread_of_proportion, toxicity_cells,
};
use crate::measure::{Metric, Quantile, Results, Summary};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Table, written, written_alike};
use crate::study::Study;
use crate::trial::{Level, StopReason, Timing};

const SELECTED: &str = "Level selected, % of trials";

/// That a level is selected.
fn selection_of(level: Level) -> Metric {
    Metric::Selection(Some(level))
}

/// The main table: what is selected, how often that is right, how many patients and DLTs it takes.
pub(in crate::report) fn selection(study: &Study, results: &Results) -> Table {
    let mut picks = vec![Pick::trial(Metric::Selection(None), "None", "", Kind::Percent).below(SELECTED)];
    picks.extend(level_picks(study, selection_of, Kind::Percent, SELECTED, &doses(study)));
    picks.extend([
        Pick::trial(Metric::CorrectSelection, "Correct", "%", Kind::Percent).below("Selection is"),
        Pick::trial(Metric::AcceptableSelection, "Acceptable", "%", Kind::Percent).below("Selection is"),
        Pick::trial(Metric::OverSelection, "Too toxic", "%", Kind::Percent).below("Selection is"),
        Pick::trial(Metric::TotalPatients, "Patients", "mean", Kind::Mean).below("In the trial"),
        Pick::trial(Metric::TotalDlts, "DLTs", "mean", Kind::Dlts).below("In the trial"),
        Pick::trial(Metric::DltRate, "DLT rate", "%", Kind::Percent).below("In the trial"),
    ]);
    let mut table = by_scenario(study, results, "selection", "Operating characteristics by scenario", picks);
    table.notes.push(mark_note(study));
    table
}

/// Patients per level.
pub(in crate::report) fn allocation(study: &Study, results: &Results) -> Table {
    let mut picks = level_picks(study, Metric::Patients, Kind::Mean, "Patients treated at the level, mean", &doses(study));
    picks.extend([
        Pick::trial(Metric::ShareAtMtd, "At correct", "%", Kind::Percent).below("Share of patients"),
        Pick::trial(Metric::ShareAboveMtd, "Above correct", "%", Kind::Percent).below("Share of patients"),
    ]);
    let mut table = by_scenario(study, results, "allocation", "Patients per dose level", picks);
    table.notes.push(mark_note(study));
    table
}

/// What the patients of a trial risk.
pub(in crate::report) fn safety(study: &Study, results: &Results) -> Table {
    let picks = vec![
        Pick::trial(Metric::TotalDlts, "DLTs", "mean", Kind::Dlts),
        Pick::trial(Metric::DltRate, "DLT rate", "%, ratio of means", Kind::Percent),
        Pick::trial(Metric::DltRateTrialMean, "DLT rate", "%, mean of trials", Kind::Percent),
        Pick::trial(Metric::OverSelection, "Too toxic selected", "%", Kind::Percent),
        Pick::trial(Metric::ShareAboveMtd, "Patients above correct", "%", Kind::Percent),
        Pick::trial(Metric::Overdose60, "Over 60 % above correct", "% of trials", Kind::Percent),
        Pick::trial(Metric::Overdose80, "Over 80 % above correct", "% of trials", Kind::Percent),
        Pick::trial(Metric::PoorAllocation, "Poor allocation", "% of trials", Kind::Percent),
    ];
    let mut table = by_scenario(study, results, "safety", "Safety and allocation by scenario", picks);
    table.notes.push(
        "Above correct: at a level above the correct one; every level is, where no dose is correct. Poor allocation: fewer \
         patients at the correct level than an equal share of the trial's patients."
            .to_owned(),
    );
    table
}

/// The most columns of a table of DLT counts.
const MOST_DLTS: usize = 10;
/// A number of DLTs that no design reaches so often in any scenario has no column.
const RARE: f64 = 0.0005;

/// How often a trial has at least so many DLTs.
pub(in crate::report) fn dlt_counts(study: &Study, results: &Results) -> Table {
    let at_least = |summary: &Summary, count: usize| -> f64 {
        summary.dlt_count.iter().filter(|(dlts, _)| *dlts >= count).map(|(_, probability)| probability).sum()
    };
    let occurs = |count: &usize| results.summaries.iter().flatten().any(|summary| at_least(summary, *count) >= RARE);
    let counts: Vec<usize> = (1..=MOST_DLTS).take_while(occurs).collect();
    let mut table = by_scenario(study, results, "dlt-count", "Number of DLTs in a trial by scenario", Vec::new());
    let column = |count: &usize| Column::new(format!("≥ {count}"), "", Kind::Percent).below("At least so many DLTs, % of trials");
    table.columns.extend(counts.iter().map(column));
    for ((_, summaries), group) in scenarios_of(study, results).zip(&mut table.groups) {
        let rows = designs_of(summaries).filter(|(_, summary)| !summary.dlt_count.is_empty());
        let row = |(place, summary): (usize, &Summary)| {
            let numbers = counts.iter().map(|&count| proportion(study, summary, at_least(summary, count)));
            Row { cells: head(study, place, summary).into_iter().chain(numbers).collect(), design: Some(place) }
        };
        group.rows = rows.map(row).collect();
    }
    table
}

/// The first cells of a row: the design and its engine.
fn head(study: &Study, place: usize, summary: &Summary) -> [Cell; 2] {
    [Cell::text(design_name(study, place)), Cell::text(summary.source.word())]
}

/// Patients, cohorts and, where the study has timing, weeks.
pub(in crate::report) fn size(study: &Study, results: &Results) -> Table {
    let picks = vec![
        Pick::trial(Metric::TotalPatients, "Mean", "", Kind::Mean).below("Patients"),
        Pick::trial(Metric::TotalPatientsQuantile(Quantile::Q05), "5 %", "quantile", Kind::Whole).below("Patients"),
        Pick::trial(Metric::TotalPatientsQuantile(Quantile::Q50), "Median", "", Kind::Whole).below("Patients"),
        Pick::trial(Metric::TotalPatientsQuantile(Quantile::Q95), "95 %", "quantile", Kind::Whole).below("Patients"),
        Pick::trial(Metric::Cohorts, "Cohorts", "mean", Kind::Mean),
        Pick::trial(Metric::DurationWeeks, "Mean", "", Kind::Mean).below("Duration, weeks"),
        Pick::trial(Metric::DurationQuantile(Quantile::Q05), "5 %", "quantile", Kind::Mean).below("Duration, weeks"),
        Pick::trial(Metric::DurationQuantile(Quantile::Q50), "Median", "", Kind::Mean).below("Duration, weeks"),
        Pick::trial(Metric::DurationQuantile(Quantile::Q95), "95 %", "quantile", Kind::Mean).below("Duration, weeks"),
    ];
    let mut table = by_scenario(study, results, "size", "Size and length of the trial by scenario", picks);
    if let Some(planned) = study.planned_patients {
        above_plan(study, results, planned, &mut table);
    }
    table
}

/// Add a column to a table in blocks by scenario: how often a trial has more patients than planned.
fn above_plan(study: &Study, results: &Results, planned: usize, table: &mut Table) {
    table.columns.push(Column::new("Above plan", "% of trials", Kind::Percent));
    for ((_, summaries), group) in scenarios_of(study, results).zip(&mut table.groups) {
        for row in &mut group.rows {
            let summary = row.design.and_then(|place| summaries.get(place)).filter(|summary| !summary.sample_size.is_empty());
            row.cells.push(summary.map_or(Cell::Absent, |summary| {
                let above = summary.sample_size.iter().filter(|(patients, _)| *patients > planned);
                proportion(study, summary, above.map(|(_, probability)| probability).sum())
            }));
        }
    }
    table.notes.push(format!("Above plan: more than the {planned} patients that the protocol plans."));
}

/// A probability that is not among the characteristics, as a cell.
fn proportion(study: &Study, summary: &Summary, value: f64) -> Cell {
    Cell::Number { value, spread: spread_of_proportion(study, summary, value), mark: Mark::Plain }
}

/// What a trial is like in calendar time beside its length, where a design has more than that.
pub(in crate::report) fn calendar(study: &Study, results: &Results, timing: &Timing) -> Option<Table> {
    let planned = timing.planned_weeks.map(|weeks| format!("% within {} weeks", written(weeks))).unwrap_or_default();
    let picks = vec![
        Pick::trial(Metric::ClosedWeeks, "Enrolment closed", "weeks, mean", Kind::Mean),
        Pick::trial(Metric::TurnedAway, "Turned away", "patients, mean", Kind::Mean),
        Pick::trial(Metric::OnTime, "On time", &planned, Kind::Percent),
        Pick::trial(Metric::UninformedDlts, "Uninformed DLTs", "mean", Kind::Dlts),
        Pick::trial(Metric::Dropouts, "Dropped out", "patients, mean", Kind::Mean),
        Pick::trial(Metric::LateDlts, "Late DLTs", "mean", Kind::Dlts),
    ];
    let mut table = by_scenario(study, results, "calendar", "Enrolment in calendar time by scenario", picks);
    table.notes.push(
        "Enrolment is closed, and patients are turned away, until the last patient is enrolled. Uninformed DLTs: those of patients who \
         were dosed before the DLT of a patient enrolled earlier was known."
            .to_owned(),
    );
    if timing.has_dropouts() {
        table.notes.push("Who drops out is not evaluable, and is in no other number of patients.".to_owned());
    }
    if timing.late_dlt_share > 0.0 {
        table.notes.push("Late DLTs: those after the window, which no decision sees.".to_owned());
    }
    table.groups.iter().any(|group| !group.rows.is_empty()).then_some(table)
}

/// The table that a run prints: few enough columns for a terminal, the doses without their unit, the engines named below it.
pub(in crate::report) fn in_short(study: &Study, results: &Results) -> Table {
    let mut picks = vec![Pick::trial(Metric::Selection(None), "none", "", Kind::Percent).below("level selected, %")];
    picks.extend(level_picks(study, selection_of, Kind::Percent, "level selected, %", &written_alike(&study.doses.levels)));
    picks.extend([
        Pick::trial(Metric::CorrectSelection, "correct", "%", Kind::Percent),
        Pick::trial(Metric::OverSelection, "too toxic", "%", Kind::Percent),
        Pick::trial(Metric::TotalPatients, "N", "mean", Kind::Mean),
        Pick::trial(Metric::TotalDlts, "DLTs", "mean", Kind::Dlts),
    ]);
    let mut table = by_scenario(study, results, "summary", "", picks).without_column(1);
    let unit = if study.doses.unit.is_empty() { String::new() } else { format!(" Doses in {}.", study.doses.unit) };
    table.notes.push(format!("{}{unit}", mark_note(study)));
    table.notes.extend(table.largest_error());
    table
}

/// Why trials end.
pub(in crate::report) fn stop_reasons(study: &Study, results: &Results) -> Table {
    let occurs = |wanted: &StopReason| {
        results.summaries.iter().flatten().flat_map(|summary| &summary.stop_reasons).any(|ending| ending.reason == *wanted)
    };
    let reasons: Vec<StopReason> = StopReason::ALL.into_iter().filter(occurs).collect();
    let mut columns = vec![Column::new("Design", "", Kind::Text)];
    columns.extend(reasons.iter().map(|&reason| Column::new(reason_words(reason), "% of trials", Kind::Percent)));
    let mut groups = Vec::new();
    for (scenario, summaries) in scenarios_of(study, results) {
        let mut rows = Vec::new();
        for (place, summary) in designs_of(summaries).filter(|(_, summary)| !summary.stop_reasons.is_empty()) {
            let number = |wanted: &StopReason| {
                let found = summary.stop_reasons.iter().find(|ending| ending.reason == *wanted);
                found.map_or(Cell::Absent, |ending| proportion(study, summary, ending.probability))
            };
            let mut cells = vec![Cell::text(design_name(study, place))];
            cells.extend(reasons.iter().map(number));
            rows.push(Row { cells, design: Some(place) });
        }
        groups.push(Group { heading: scenario.name.clone(), rows, ..Group::default() });
    }
    let notes = vec!["A dash: no trial of the design ends so.".to_owned()];
    Table { id: "stop-reasons".to_owned(), caption: "Why trials end, by scenario".to_owned(), columns, groups, notes }
}

/// A stop reason for people.
fn reason_words(reason: StopReason) -> &'static str {
    match reason {
        StopReason::TooToxic => "Lowest level too toxic",
        StopReason::MtdDeclared => "MTD declared",
        StopReason::StopAtPatients => "Enough patients at a level",
        StopReason::StopAtLevelPatients => "Enough patients at a named level",
        StopReason::Precise => "A level known well enough",
        StopReason::MaxPatients => "All patients treated",
    }
}

/// A table in blocks by scenario: the true DLT probabilities where it has level columns, then one row a design.
fn by_scenario(study: &Study, results: &Results, id: &'static str, caption: &str, picks: Vec<Pick>) -> Table {
    let occurs = |pick: &Pick| results.summaries.iter().flatten().any(|summary| summary.get(pick.metric).is_some());
    let picks: Vec<Pick> = picks.into_iter().filter(occurs).collect();
    let mut groups = Vec::new();
    for (scenario, summaries) in scenarios_of(study, results) {
        let truth = picks.iter().any(|pick| pick.metric.level().is_some()).then(|| {
            let toxicities = toxicity_cells(study, scenario);
            let toxicity = |pick: &Pick| toxicities.get(pick.metric.level()?.checked_sub(1)?).cloned();
            let cells = picks.iter().map(|pick| toxicity(pick).unwrap_or_else(|| Cell::text("")));
            [Cell::text("True DLT probability"), Cell::text("")].into_iter().chain(cells).collect()
        });
        let rows = designs_of(summaries).filter(|(_, summary)| picks.iter().any(|pick| summary.get(pick.metric).is_some()));
        let row = |(place, summary): (usize, &Summary)| {
            let number = |pick: &Pick| {
                let mark = pick.metric.level().map_or(Mark::Plain, |level| level_mark(study, scenario, level));
                cell(study, summary, pick.metric).marked(mark)
            };
            Row { cells: head(study, place, summary).into_iter().chain(picks.iter().map(number)).collect(), design: Some(place) }
        };
        let heading = format!("{} (correct: {})", scenario.name, correct_words(study, scenario));
        groups.push(Group { heading, truth, rows: rows.map(row).collect(), note: String::new() });
    }
    let mut columns = vec![Column::new("Design", "", Kind::Text), Column::new("Engine", "", Kind::Text)];
    columns.extend(picks.into_iter().map(|pick| pick.column));
    Table { id: id.to_owned(), caption: caption.to_owned(), columns, groups, notes: Vec::new() }
}
