//! The figures of calendar time.

use super::{Job, View};
use crate::engine::STAYS_KEPT;
use crate::measure::{Example, ExampleKind, Metric, Quantile, Week};
use crate::report::Section;
use crate::report::definitions::weekly_replicates;
use crate::report::figure::{self, Design, Duration, Enrolled, ExampleTrial, Setting, Swimmer};
use crate::report::table::{Kind, Spread, grouped, show};
use crate::trial::{MAX_LEVELS, Ruling};

/// Every figure of calendar time, in the order of the report; none where no trial was simulated in it.
pub(super) fn jobs<'a>(view: &'a View<'a>) -> Vec<Job<'a>> {
    let mut jobs = Vec::new();
    let source = weekly_replicates(view.setting.replicates).map_or_else(String::new, |sentence| format!(" {sentence}"));
    let digits = view.scenarios.len().to_string().len().max(2);
    for (index, scenario) in view.scenarios.iter().enumerate() {
        let stem = |name: &str| format!("{name}-{:0digits$}", index + 1);
        if rows(view, index).next().is_none() {
            continue;
        }
        let planned = view.study.timing.as_ref().and_then(|timing| timing.planned_weeks);
        jobs.push(Job {
            section: Section::Size,
            stem: stem("duration"),
            caption: "Probability that a trial has ended after so many weeks.".to_owned(),
            draw: Box::new(move || Ok(vec![figure::duration(&view.setting, scenario, &durations(view, index), planned)?])),
        });
        jobs.push(Job {
            section: Section::Size,
            stem: stem("enrolment"),
            caption: format!(
                "Patients enrolled by the end of each week: median, and the range of nine trials in ten. On study: patients whose DLT \
                 window is running, on average in the week with the most.{source}"
            ),
            draw: Box::new(move || Ok(vec![figure::enrolment(&of_enrolment(view), scenario, &enrolled(view, index))?])),
        });
    }
    let among = grouped(view.study.simulation.replicates.min(10_000) as u64);
    let kinds = [
        (
            ExampleKind::Median,
            "median",
            "Example trials of median length",
            format!("that of median length among {among} replicates"),
        ),
        (ExampleKind::Longest, "longest", "The longest of the example trials", format!("the longest among {among} replicates")),
        (
            ExampleKind::Chosen,
            "chosen",
            "Example trials on the same patients",
            format!("replicate {}, the same patients for all designs", view.study.simulation.example_replicate),
        ),
    ];
    for (kind, stem, title, which) in kinds {
        let examples: Vec<&Example> = view.results.examples.iter().filter(|example| example.kind == kind).collect();
        let Some(scenario) = view.scenarios.first().filter(|_| !examples.is_empty()) else { continue };
        jobs.push(Job {
            section: Section::Size,
            stem: format!("example-{stem}"),
            caption: format!(
                "One simulated trial of each design under the first scenario: {which}. No.: the replicate, as `dosebench replay` \
                 counts; MTD: the level selected."
            ),
            draw: Box::new(move || {
                let trials: Vec<ExampleTrial> = examples.iter().filter_map(|example| trial(view, example)).collect();
                figure::swimmers(&view.setting, scenario, title, &trials)
            }),
        });
    }
    jobs
}

/// The setting of figures of who is on study week by week.
fn of_enrolment(view: &View<'_>) -> Setting {
    Setting { replicates: view.setting.replicates.min(STAYS_KEPT), ..view.setting.clone() }
}

/// The designs with their weeks under one scenario, where they have any.
fn rows<'a>(view: &'a View<'_>, scenario: usize) -> impl Iterator<Item = (&'a Design, &'a [Week])> {
    let designs = view.results.weeks.get(scenario).into_iter().flatten();
    view.designs.iter().zip(designs).filter(|(_, weeks)| !weeks.is_empty()).map(|(design, weeks)| (design, weeks.as_slice()))
}

fn durations(view: &View<'_>, scenario: usize) -> Vec<Duration> {
    let duration = |(design, weeks): (&Design, &[Week])| {
        let summary = &view.results.summaries[scenario][design.position];
        Some(Duration {
            design: design.clone(),
            exact: weeks.iter().all(|week| week.ended.1.is_none()),
            ended: weeks.iter().map(|week| week.ended.0).collect(),
            median: summary.value(Metric::DurationQuantile(Quantile::Q50))?,
            on_time: summary.value(Metric::OnTime),
        })
    };
    rows(view, scenario).filter_map(duration).collect()
}

fn enrolled(view: &View<'_>, scenario: usize) -> Vec<Enrolled> {
    let enrolled = |(design, weeks): (&Design, &[Week])| Enrolled {
        design: design.clone(),
        quantiles: weeks.iter().map(|week| week.enrolled_quantiles).collect(),
        busiest: weeks
            .iter()
            .enumerate()
            .fold((0.0, 0), |most, (number, week)| if week.on_study.0 > most.0 { (week.on_study.0, number) } else { most }),
    };
    rows(view, scenario).map(enrolled).collect()
}

fn trial(view: &View<'_>, example: &Example) -> Option<ExampleTrial> {
    let trace = &example.trace;
    let window = view.study.timing.as_ref()?.dlt_window_weeks;
    let patients = trace.patients.iter().map(|patient| Swimmer {
        level: usize::from(patient.level) + 1,
        from: patient.entered,
        to: patient.dropout.unwrap_or(patient.entered + window),
        dlt: patient.dlt,
    });
    let weeks = |is_suspension: bool| {
        let decisions = trace.decisions.iter();
        decisions
            .filter(move |decision| matches!(decision.ruling, Ruling::Suspend(_)) == is_suspension)
            .map(|decision| decision.week)
    };
    let selected = match (0..=MAX_LEVELS).find(|&level| trace.outcome.selects(level) > 0.0) {
        Some(level) if level > 0 => format!("MTD L{level}"),
        _ => "no MTD".to_owned(),
    };
    let counts = &trace.outcome.counts;
    Some(ExampleTrial {
        design: view.designs.get(example.design)?.clone(),
        patients: patients.collect(),
        decisions: weeks(false).collect(),
        suspensions: weeks(true).collect(),
        said: format!(
            "no. {}: {} weeks, n = {}, {} DLTs, {selected}",
            example.replicate,
            show(Kind::Whole, false, trace.times.weeks, Spread::Exact).number,
            counts.total_patients(),
            counts.total_dlts()
        ),
    })
}
