//! Patients who drop out before the end of their window: against exact results under another curve, and against what must hold.

use crate::calendar::{CONVENTIONAL, CURVE, LATE_ONSET, MODERATE, TOXIC, TWINS, ends, pending_walker, run, timed_study, timing};
use crate::support::{graph_of, study};
use dosebench::comparison::{ComparisonError, compare};
use dosebench::design::Plan;
use dosebench::engine::{Calendar, CalendarQuantity, Distribution, Exact, Monitor, Tally, TimedRule, Walker, replay};
use dosebench::measure::{Metric, agreement};
use dosebench::scenario::Truth;
use dosebench::trial::{Outcome, StopReason};

const REPLACED: &str = "dlt_window_weeks = 3\naccrual_per_week = 1\ndropout_rate = 0.3";
const LOST: &str = "dlt_window_weeks = 3\naccrual_per_week = 1\ndropout_rate = 0.3\nreplace_dropouts = false";

/// Of the patients who are evaluated, those with a DLT: with a drop-out rate q, and both at any time of the window with equal chances,
/// a DLT of probability p comes first with p (1 - q/2), and nothing happens with (1 - p)(1 - q).
#[test]
fn replaced_patients_leave_those_of_another_curve() {
    const REPLICATES: usize = 20_000;
    let (q, study) = (0.3, timed_study(0.25, REPLACED, &CONVENTIONAL));
    let evaluable = |p: f64| p * (1.0 - q / 2.0) + (1.0 - p) * (1.0 - q);
    for design in 0..CONVENTIONAL.len() {
        let graph = graph_of(&study, design);
        let walker = Walker::Calendar(Calendar { rule: TimedRule::Graph(&graph), timing: timing(&study) });
        let exact = Exact::new(&graph);
        for curve in [CURVE, TOXIC] {
            let (outcomes, calendar) =
                run(walker, Truth { toxicity: &curve, moderate: &MODERATE, accrual_per_week: None }, REPLICATES, 3);
            let toxicity = curve.map(|p| p * (1.0 - q / 2.0) / evaluable(p));
            let moderate: Vec<f64> = MODERATE.iter().zip(curve).map(|(m, p)| m * (1.0 - q) / evaluable(p)).collect();
            let truth = Truth { toxicity: &toxicity, moderate: &moderate, accrual_per_week: None };
            let expected = Distribution::exact(&exact, truth);
            let dropouts: f64 = expected
                .probabilities()
                .map(|(outcome, probability)| {
                    let of_level = |level: usize| {
                        let stay = evaluable(curve[level]);
                        outcome.counts.patients(level) as f64 * (1.0 - stay) / stay
                    };
                    probability * (0..curve.len()).map(of_level).sum::<f64>()
                })
                .sum();
            let (mean, variance) = calendar.mean_and_variance(CalendarQuantity::Dropouts);
            let std_error = (variance / REPLICATES as f64).sqrt();
            assert!((mean - dropouts).abs() < 4.0 * std_error, "design {design}: {mean} {dropouts} {std_error}");
            let found = Distribution::replicates(&walker, Tally::Timed(Box::new(Tally::Outcomes(outcomes)), calendar));
            let check = agreement(&expected, &found).expect("one exact, one simulated");
            assert!(check.p_value > 1e-3, "design {design}: {check:?}");
        }
    }
}

/// With every window over before the next patient comes, a design for pending patients is the one for complete data, replaced or not.
#[test]
fn without_pressure_of_accrual_designs_are_those_for_complete_data() {
    for lost in ["", "\nreplace_dropouts = false"] {
        for (pending, complete) in TWINS {
            let lines = format!(
                "dlt_window_weeks = 3\naccrual_per_week = 0.25\narrivals = \"regular\"\ndropout_rate = 0.3{lost}\ntime_to_dlt = [0, 1]"
            );
            let study = timed_study(0.25, &lines, &[pending, complete]);
            let Plan::Rule(rule) = &study.designs[1].plan else { panic!("not a rule") };
            let rule = TimedRule::Rule(rule.as_ref());
            let complete = Walker::Calendar(Calendar { rule, timing: timing(&study) });
            for curve in [CURVE, TOXIC] {
                let found = ends(pending_walker(&study, 0), &curve, 1_500, 11);
                assert_eq!(found, ends(complete, &curve, 1_500, 11), "{pending}{lost}");
            }
        }
    }
}

#[test]
fn laws_of_trials_with_drop_outs() {
    for (lines, is_replaced) in [(REPLACED, true), (LOST, false)] {
        let lines = format!("{lines}\nqueue = 1\nsentinel_weeks = 1\ndecision_weeks = 0.5");
        let designs = [&CONVENTIONAL[..], &LATE_ONSET[..]].concat();
        let study = timed_study(0.25, &lines, &designs);
        for (place, design) in study.designs.iter().enumerate() {
            let (rule, max_patients, needs_whole) = match &design.plan {
                Plan::Rule(rule) => (TimedRule::Rule(rule.as_ref()), rule.max_patients(), rule.needs_whole_cohorts()),
                Plan::LateOnset(rule) => (TimedRule::Pending(rule.as_ref()), rule.max_patients(), false),
                Plan::Benchmark(_) => panic!("no benchmark here"),
            };
            let calendar = Calendar { rule, timing: timing(&study) };
            let mut lost = 0;
            for replicate in 0..150 {
                let trace = replay(&calendar, &CURVE, 5, replicate);
                let evaluated = trace.outcome.counts.total_patients();
                let dropouts = trace.times.dropouts as usize;
                lost += dropouts;
                assert_eq!(trace.patients.len(), evaluated + dropouts, "design {place}");
                assert_eq!(trace.patients.iter().filter(|patient| patient.dropout.is_some()).count(), dropouts);
                assert!(trace.patients.iter().all(|patient| patient.dlt.is_none() || patient.dropout.is_none()));
                assert!(trace.patients.is_sorted_by(|a, b| a.entered <= b.entered));
                let planned = if is_replaced || needs_whole { evaluated } else { evaluated + dropouts };
                assert!(planned <= max_patients, "design {place}");
                assert!(trace.outcome.reason != StopReason::MaxPatients || planned == max_patients, "design {place}");
                let followed = |patient: &dosebench::engine::TracedPatient| patient.dropout.unwrap_or(patient.entered + 3.0);
                let end = trace.patients.iter().map(followed).fold(0.0, f64::max);
                assert!((trace.times.weeks - end).abs() < 1e-9, "design {place}: {} {end}", trace.times.weeks);
            }
            assert!(lost > 100, "design {place}: {lost}");
        }
    }
}

/// Nine in ten drop out: the trials end all the same, and cohorts of which nobody is left are enrolled again.
#[test]
fn trials_end_though_most_drop_out() {
    for lost in ["", "\nreplace_dropouts = false"] {
        let lines = format!("dlt_window_weeks = 3\naccrual_per_week = 2\ndropout_rate = 0.9{lost}");
        let designs = [CONVENTIONAL[0], CONVENTIONAL[2], LATE_ONSET[0], LATE_ONSET[1], LATE_ONSET[4]];
        let study = timed_study(0.25, &lines, &designs);
        for design in &study.designs {
            let rule = match &design.plan {
                Plan::Rule(rule) => TimedRule::Rule(rule.as_ref()),
                Plan::LateOnset(rule) => TimedRule::Pending(rule.as_ref()),
                Plan::Benchmark(_) => panic!("no benchmark here"),
            };
            let walker = Walker::Calendar(Calendar { rule, timing: timing(&study) });
            let found: Vec<Outcome> = ends(walker, &CURVE, 200, 1);
            assert_eq!(found.len(), 200);
        }
    }
}

/// A study under which patients drop out has replicates in calendar time for results, which say how many do.
#[test]
fn a_study_with_drop_outs_is_simulated_in_calendar_time() {
    let text = |engine: &str| {
        format!(
            "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[timing]\ndlt_window_weeks = 3\naccrual_per_week = 1\n\
             dropout_rate = 0.1\nlate_dlt_share = 0.2\n[simulation]\nengine = \"{engine}\"\nreplicates = 4_000\n[[scenario]]\nname = \"a\"\n\
             toxicity = [0.1, 0.25, 0.4]\n[[design]]\nname = \"3+3\"\nmethod = \"3+3\"\n[[design]]\nname = \"BOIN\"\nmethod = \"boin\"\n\
             max_patients = 12\n"
        )
    };
    let results = compare(&study(&text("auto")), &Monitor::default(), |_| ()).expect("results");
    for summary in &results.summaries[0] {
        let value = |metric: Metric| summary.characteristics.iter().find(|found| found.metric == metric).expect("a metric");
        let (patients, dropouts) = (value(Metric::TotalPatients), value(Metric::Dropouts));
        assert!(patients.std_error.is_some() && dropouts.std_error.is_some());
        // About one in ten: a little fewer, as a DLT may come first.
        let share = dropouts.value / (dropouts.value + patients.value);
        assert!((0.085..0.1).contains(&share), "{share}");
        // A fifth of all DLTs are late: a quarter of those within the window, which are known here with an error.
        let (late, within) = (value(Metric::LateDlts).value, value(Metric::TotalDlts).value);
        assert!((late / within - 0.25).abs() < 0.03, "{late} {within}");
    }
    let error = compare(&study(&text("exact")), &Monitor::default(), |_| ()).err();
    assert_eq!(error, Some(ComparisonError::DropOut { design: "3+3".to_owned() }));
}

/// Exactly: with 1/5 of all DLTs after the window, a level of toxicity p has p/4 late ones a patient (Wald's identity).
#[test]
fn late_dlts_of_a_compiled_design_are_exact() {
    let text = "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[timing]\ndlt_window_weeks = 3\naccrual_per_week = 1\n\
                late_dlt_share = 0.2\n[simulation]\nengine = \"exact\"\n[[scenario]]\nname = \"a\"\ntoxicity = [0.1, 0.25, 0.4]\n\
                [[design]]\nname = \"BOIN\"\nmethod = \"boin\"\nmax_patients = 12\n";
    let results = compare(&study(text), &Monitor::default(), |_| ()).expect("results");
    let characteristics = &results.summaries[0][0].characteristics;
    let find = |metric: Metric| characteristics.iter().find(|found| found.metric == metric).expect("a metric").value;
    let expected: f64 = [0.1, 0.25, 0.4].iter().enumerate().map(|(level, p)| find(Metric::Patients(level)) * p / 4.0).sum();
    assert!((find(Metric::LateDlts) - expected).abs() < 1e-12, "{} {expected}", find(Metric::LateDlts));
    assert!((find(Metric::TotalDlts) / 4.0 - expected).abs() < 1e-12);
}
