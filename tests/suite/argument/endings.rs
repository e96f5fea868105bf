//! The five ends of a trial, patients at doses that are too toxic, and why trials end without a dose.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::studies::{A2, E, IMM27M, exact, simulated};
use dosebench::measure::{Metric, Results, Summary};
use dosebench::scenario::{Class, Place};
use dosebench::study::Study;
use dosebench::trial::NoDose;

fn value(summary: &Summary, metric: Metric) -> f64 {
    summary.get(metric).unwrap().value
}

/// Every scenario and design that is not the benchmark.
fn cells<'a>(study: &'a Study, results: &'a Results) -> impl Iterator<Item = (usize, &'a Summary)> {
    let summaries = results.summaries.iter().enumerate();
    let all = summaries.flat_map(|(scenario, designs)| designs.iter().map(move |summary| (scenario, summary)));
    assert_eq!(results.summaries.len(), study.scenarios.len());
    all.filter(|(_, summary)| !summary.sample_size.is_empty())
}

#[test]
fn the_five_ends_add_up() {
    for text in [A2, E, IMM27M] {
        let (study, results) = exact(text);
        for (scenario, summary) in cells(&study, &results) {
            let class = study.scenarios[scenario].class(&study.target);
            let none = if class == Class::Toxic { 0.0 } else { summary.get(Metric::Selection(None)).unwrap().value };
            let ends = [Metric::RightSelection, Metric::OtherAcceptableSelection, Metric::OverSelection, Metric::TooLowSelection];
            let sum: f64 = ends.iter().map(|metric| value(summary, *metric)).sum::<f64>() + none;
            assert!((sum - 1.0).abs() < 1e-12, "{}: {sum}", study.scenarios[scenario].name);
        }
    }
}

#[test]
fn right_is_correct_where_nothing_is_tied() {
    let (study, results) = exact(IMM27M);
    for (_, summary) in cells(&study, &results) {
        assert_eq!(value(summary, Metric::RightSelection).to_bits(), value(summary, Metric::CorrectSelection).to_bits());
    }
    let (_, results) = exact(E);
    let shown = |scenario: usize, metric| format!("{:.1}", 100.0 * value(&results.summaries[scenario][0], metric));
    assert_eq!(shown(0, Metric::RightSelection), "94.0");
    assert_eq!((shown(1, Metric::CorrectSelection), shown(1, Metric::RightSelection)), ("19.3".to_owned(), "78.2".to_owned()));
    assert_eq!(shown(2, Metric::RightSelection), "54.3");
}

#[test]
fn overdosing_goes_by_toxicity() {
    for text in [A2, E, IMM27M] {
        let (study, results) = exact(text);
        for (scenario, summary) in cells(&study, &results) {
            let curve = &study.scenarios[scenario].toxicity;
            let over = |level: &usize| study.target.place(curve[*level]) == Place::Over;
            let mean = |level: usize| summary.get(Metric::Patients(level)).unwrap().value;
            let above = |level: &usize| curve[*level] > study.target.value;
            let expected: f64 = (0..curve.len()).filter(above).map(mean).sum();
            assert!((value(summary, Metric::PatientsAboveTarget) - expected).abs() < 1e-12);
            if !(0..curve.len()).any(|level| over(&level)) {
                for metric in [
                    Metric::PatientsTooToxic,
                    Metric::PatientsTooToxicQ95,
                    Metric::ShareTooToxic,
                    Metric::TooToxic60,
                    Metric::TooToxic80,
                ] {
                    assert!(summary.get(metric).is_none(), "{} where nothing is too toxic", metric.key());
                }
                continue;
            }
            let expected: f64 = (0..curve.len()).filter(over).map(mean).sum();
            assert!((value(summary, Metric::PatientsTooToxic) - expected).abs() < 1e-12);
            let share = value(summary, Metric::ShareTooToxic);
            assert!((share - expected / value(summary, Metric::TotalPatients)).abs() < 1e-12);
            if text == IMM27M && study.scenarios[scenario].class(&study.target) != Class::Gap {
                // Every level above the correct one is above the band, and in the same trials.
                for (by_toxicity, by_position) in [
                    (Metric::ShareTooToxic, Metric::ShareAboveMtd),
                    (Metric::TooToxic60, Metric::Overdose60),
                    (Metric::TooToxic80, Metric::Overdose80),
                ] {
                    assert!((value(summary, by_toxicity) - value(summary, by_position)).abs() < 1e-12, "{}", by_toxicity.key());
                }
            }
        }
    }
    let (_, results) = exact(E);
    let shown = |scenario: usize, metric| format!("{:.1}", value(&results.summaries[scenario][0], metric));
    assert_eq!(shown(2, Metric::PatientsTooToxic), "3.3");
    assert_eq!(shown(2, Metric::PatientsAboveTarget), "23.1");
}

/// The 0.95 quantile by the distribution of outcomes itself, on a curve whose levels that are too toxic have one below the band above
/// them, and replicates that agree with the exact numbers.
#[test]
fn replicates_agree_with_exact_numbers() {
    let text = A2.replace("[0.03, 0.08, 0.18, 0.30, 0.42, 0.55]", "[0.10, 0.45, 0.25, 0.50, 0.20, 0.55]");
    let ((study, exact), (_, simulated)) = (exact(&text), simulated(&text, 20_000));
    let metrics = [
        Metric::RightSelection,
        Metric::OtherAcceptableSelection,
        Metric::TooLowSelection,
        Metric::PatientsTooToxic,
        Metric::ShareTooToxic,
        Metric::TooToxic60,
        Metric::TooToxic80,
        Metric::PatientsAboveTarget,
        Metric::PatientsTooToxicQ95,
    ];
    for ((scenario, exact), (_, simulated)) in cells(&study, &exact).zip(cells(&study, &simulated)) {
        for metric in metrics {
            let (Some(exact), Some(found)) = (exact.get(metric), simulated.get(metric)) else {
                assert_eq!(exact.get(metric), simulated.get(metric));
                continue;
            };
            let error = found.std_error.unwrap();
            let least = if metric == Metric::PatientsTooToxicQ95 { 1.0 } else { 1e-12 };
            assert!(
                exact.std_error.is_none() && (exact.value - found.value).abs() <= (4.5 * error).max(least),
                "{scenario} {}",
                metric.key()
            );
        }
    }
    let differences = &simulated.differences[0][1];
    let paired = differences.iter().find(|one| one.metric == Metric::RightSelection).unwrap();
    assert!(paired.error.unwrap().0 > 0.0);
    assert!(differences.iter().any(|one| one.metric == Metric::PatientsTooToxicQ95));
}

#[test]
fn why_trials_end_without_a_dose() {
    for (study, results) in [exact(A2), exact(E), exact(IMM27M), simulated(A2, 2_000)] {
        for (_, summary) in cells(&study, &results) {
            let none = summary.get(Metric::Selection(None)).unwrap().value;
            let mut sum = 0.0;
            for ending in &summary.stop_reasons {
                assert!(ending.none >= 0.0 && ending.selected() >= 0.0);
                assert!((ending.none + ending.selected() - ending.probability).abs() < 1e-12);
                sum += ending.none;
            }
            assert!((sum - none).abs() < 1e-12, "{sum} {none}");
            let causes: f64 = summary.no_selection.iter().map(|(_, probability)| probability).sum();
            assert!((causes - none).abs() < 1e-12, "{causes} {none}");
        }
    }
    let (_, results) = exact(A2);
    let causes = &results.summaries[0][2].no_selection;
    let percent =
        |cause| causes.iter().find(|(own, _)| *own == cause).map(|(_, probability)| format!("{:.2}", 100.0 * probability));
    assert_eq!(percent(NoDose::TooFewPatients).unwrap(), "21.76");
    assert_eq!(percent(NoDose::TooToxic).unwrap(), "0.00");
    assert!(results.summaries[0][1].no_selection.iter().all(|(cause, _)| *cause != NoDose::TooFewPatients));
}
