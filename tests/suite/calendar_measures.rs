//! Measures of calendar time: against a recomputation from replayed trials, exact against replicates, accrual by scenario.

use crate::support::study;
use dosebench::comparison::compare;
use dosebench::engine::{Calendar, Monitor, TimedRule, Trace, replay};
use dosebench::measure::{Difference, ExampleKind, Metric, Quantile, Results};
use dosebench::report::{Format, RunInfo, render};
use dosebench::study::Study;

const REPLICATES: usize = 400;

/// Designs that wait and designs that do not, the 3+3 first, on three levels, with more of `[timing]` and of `[simulation]`.
fn text(timing: &str, simulation: &str) -> String {
    format!(
        r#"
name = "test"
target = 0.25
doses.levels = [1, 2, 3]
[timing]
dlt_window_weeks = 2.5
accrual_per_week = 0.75
planned_weeks = 30
{timing}
[simulation]
replicates = {REPLICATES}
seed = 5
{simulation}
[[scenario]]
name = "usual"
toxicity = [0.2, 0.3, 0.5]
[[scenario]]
name = "fast"
toxicity = [0.2, 0.3, 0.5]
accrual_per_week = 2
[[design]]
name = "3+3"
method = "3+3"
[[design]]
name = "BOIN"
method = "boin"
max_patients = 12
[[design]]
name = "rolling six"
method = "rolling-six"
[[design]]
name = "TITE-BOIN"
method = "tite-boin"
max_patients = 12
"#
    )
}

/// Replayed trials of the lines that follow the others of `[timing]`; the first are those of arrivals without memory.
const TIMINGS: [&str; 2] = ["", "queue = 2\nsentinel_weeks = 1\ndecision_weeks = 0.5\narrivals = \"regular\""];

fn results(study: &Study, threads: usize) -> Results {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| compare(study, &Monitor::default(), |_| {}).expect("results"))
}

/// The trials of every replicate, one by one.
fn traces(study: &Study, scenario: usize, design: usize) -> Vec<Trace> {
    let rule = TimedRule::of(&study.designs[design].plan).expect("a rule");
    let calendar = Calendar { rule, timing: study.timing.as_ref().expect("timing") };
    let truth = study.scenarios[scenario].truth();
    (0..REPLICATES as u64).map(|replicate| replay(&calendar, truth, study.simulation.seed, replicate)).collect()
}

/// Mean and standard error.
fn mean(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    (mean, (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count / count).sqrt())
}

fn assert_close((found, expected): (f64, f64), tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

/// DLTs of patients who were enrolled before the DLT of an earlier patient was known, pair by pair.
fn uninformed(trace: &Trace, decision_weeks: f64) -> f64 {
    let patients = &trace.patients;
    let is_uninformed = |index: usize| {
        let later = &patients[index];
        let unknown = |week: f64| week + decision_weeks > later.entered;
        later.dlt.is_some() && patients[..index].iter().any(|earlier| earlier.dlt.is_some_and(unknown))
    };
    (0..patients.len()).filter(|&index| is_uninformed(index)).count() as f64
}

/// The means in the order of the metrics.
const MEANS: [Metric; 5] =
    [Metric::DurationWeeks, Metric::ClosedWeeks, Metric::TurnedAway, Metric::OnTime, Metric::UninformedDlts];

fn quantities(trace: &Trace, study: &Study) -> [f64; 5] {
    let timing = study.timing.as_ref().expect("timing");
    let times = &trace.times;
    // The trial ends when the window of the last patient does.
    let end = trace.patients.last().expect("a patient").entered + timing.dlt_window_weeks;
    assert_close((times.weeks, end), 1e-9, "end");
    let on_time = if end <= 30.0 + 1e-9 { 1.0 } else { 0.0 };
    let uninformed = uninformed(trace, timing.decision_weeks);
    [end, times.closed_weeks, f64::from(times.turned_away), on_time, uninformed]
}

/// Everything that is simulated in calendar time is what the replayed trials add up to: means and their errors, week by week, and the
/// errors of differences from pairs.
#[test]
fn measures_are_those_of_the_replayed_trials() {
    for timing in TIMINGS {
        // Replicates for all designs, so that every number is one of the trials.
        let study = study(&text(timing, "engine = \"monte-carlo\""));
        let results = results(&study, 2);
        for scenario in 0..2 {
            let all: Vec<Vec<Trace>> = (0..study.designs.len()).map(|design| traces(&study, scenario, design)).collect();
            for (design, traces) in all.iter().enumerate() {
                let summary = &results.summaries[scenario][design];
                for (place, metric) in MEANS.into_iter().enumerate() {
                    let (value, error) = mean(traces.iter().map(|trace| quantities(trace, &study)[place]));
                    let found = summary.get(metric).expect("there");
                    assert_close((found.value, value), 1e-6, metric.key());
                    assert_close((found.std_error.expect("an error"), error), 1e-6, metric.key());
                }
                compare_weeks(&study, &results, (scenario, design), traces);
                if design == 0 {
                    continue;
                }
                let differences = &results.differences[scenario][design];
                for (place, metric) in MEANS.into_iter().enumerate() {
                    let of = |trace: &Trace| quantities(trace, &study)[place];
                    let (value, error) = mean(traces.iter().zip(&all[0]).map(|(own, reference)| of(own) - of(reference)));
                    let found = differences.iter().find(|found| found.metric == metric).expect("there");
                    assert_close((found.difference, value), 1e-6, metric.key());
                    assert_close((found.error.expect("an error").0, error), 1e-6, metric.key());
                }
                let median = |design: usize| {
                    let found =
                        results.summaries[scenario][design].get(Metric::DurationQuantile(Quantile::Q50)).expect("a median");
                    (found.value, found.std_error.expect("simulated"))
                };
                let ((first, own_error), (second, reference_error)) = (median(design), median(0));
                let is_within = |trace: &Trace, weeks: f64| f64::from(u8::from(trace.times.weeks <= weeks));
                let pairs = traces.iter().zip(&all[0]);
                let within: Vec<(f64, f64)> =
                    pairs.map(|(own, reference)| (is_within(own, first), is_within(reference, second))).collect();
                let share = |of: &dyn Fn(&(f64, f64)) -> f64| within.iter().map(of).sum::<f64>() / REPLICATES as f64;
                let (own, reference, both) = (share(&|pair| pair.0), share(&|pair| pair.1), share(&|pair| pair.0 * pair.1));
                let spread = (own * (1.0 - own) * reference * (1.0 - reference)).sqrt();
                // Trials that all take as long are not correlated.
                let correlation = if spread > 0.0 { (both - own * reference) / spread } else { 0.0 };
                let apart = own_error.powi(2) + reference_error.powi(2);
                let found =
                    differences.iter().find(|found| found.metric == Metric::DurationQuantile(Quantile::Q50)).expect("a median");
                let expected = (apart - 2.0 * correlation * own_error * reference_error).sqrt();
                assert_close((found.error.expect("simulated").0, expected), 1e-9, "error of the median");
            }
        }
    }
}

fn compare_weeks(study: &Study, results: &Results, (scenario, design): (usize, usize), traces: &[Trace]) {
    let window = study.timing.as_ref().expect("timing").dlt_window_weeks;
    let weeks = &results.weeks[scenario][design];
    let ended = |week: f64| traces.iter().filter(|trace| trace.times.weeks <= week + 1e-6).count() as f64 / traces.len() as f64;
    assert!(weeks.len() > 10 && ended((weeks.len() - 1) as f64) >= 0.99 && ended((weeks.len() - 2) as f64) < 0.99);
    for (number, week) in weeks.iter().enumerate() {
        let now = number as f64 + 1e-6;
        let count = |is_counted: &dyn Fn(f64) -> bool| -> Vec<f64> {
            let of = |trace: &Trace| trace.patients.iter().filter(|patient| is_counted(patient.entered)).count() as f64;
            traces.iter().map(of).collect()
        };
        let mut enrolled = count(&|entered| entered <= now);
        let on_study = count(&|entered| entered <= now && entered + window > now);
        for (found, expected) in
            [(week.enrolled, mean(enrolled.iter().copied())), (week.on_study, mean(on_study.iter().copied()))]
        {
            assert_close((found.0, expected.0), 1e-9, "patients");
            assert_close((found.1, expected.1), 1e-9, "error of patients");
        }
        enrolled.sort_by(f64::total_cmp);
        // The smallest number that 5 %, 50 %, 95 % of 400 trials do not exceed.
        let quantiles = [19, 199, 379].map(|place: usize| enrolled[place] as usize);
        assert_eq!(week.enrolled_quantiles, quantiles);
        assert_close((week.ended.0, ended(number as f64)), 1e-12, "ended");
    }
}

/// The probability of ending on time and the distribution of the end follow exactly where arrivals have no memory and cohorts wait;
/// replicates agree with them. 400 replicates; four standard errors.
#[test]
fn exact_ends_agree_with_replicates() {
    let exact = study(&text("", ""));
    let simulated = study(&text("", "engine = \"monte-carlo\""));
    let (exact, simulated) = (results(&exact, 1), results(&simulated, 1));
    for (scenario, design) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let on_time = |results: &Results| results.summaries[scenario][design].get(Metric::OnTime).expect("on time").clone();
        let (value, estimate) = (on_time(&exact), on_time(&simulated));
        assert_eq!(value.std_error, None);
        assert!(value.value > 0.05, "{}", value.value);
        let error = (value.value * (1.0 - value.value) / REPLICATES as f64).sqrt();
        assert_close((estimate.value, value.value), 4.0 * error, "on time");
        let (first, second) = (&exact.weeks[scenario][design], &simulated.weeks[scenario][design]);
        // Where 99 % of the trials have ended before, nothing is shown of the planned week.
        assert!(first.get(30).is_none_or(|week| (week.ended.0 - value.value).abs() < 1e-12));
        assert!(scenario == 1 || first.len() > 30);
        for (exact, simulated) in first.iter().zip(second) {
            assert_eq!(exact.ended.1, None);
            let error = (exact.ended.0 * (1.0 - exact.ended.0) / REPLICATES as f64).sqrt();
            assert_close((simulated.ended.0, exact.ended.0), 4.0 * error + 1e-6, "ended");
            assert_eq!((exact.enrolled, exact.on_study), (simulated.enrolled, simulated.on_study));
        }
    }
}

/// Ends are counted in all replicates, and not in those alone whose enrolment is kept: at the end of the planned week it is the
/// probability of being on time.
#[test]
fn ends_are_counted_in_every_replicate() {
    let text = text("", "engine = \"monte-carlo\"").replace(&format!("replicates = {REPLICATES}"), "replicates = 6_000");
    let results = results(&study(&text), 2);
    for (weeks, summary) in results.weeks[0].iter().zip(&results.summaries[0]) {
        let on_time = summary.get(Metric::OnTime).expect("on time");
        assert_close((weeks[30].ended.0, on_time.value), 1e-12, "ended");
        assert_close((weeks[30].ended.1.expect("simulated"), on_time.std_error.expect("simulated")), 1e-12, "error");
    }
}

/// On the same patients and arrivals two designs differ less than apart, and the errors of differences say so.
#[test]
fn pairs_of_trials_make_differences_surer() {
    let study = study(&text("", ""));
    let results = results(&study, 1);
    let summary = |design: usize, metric: Metric| results.summaries[0][design].get(metric).expect("there").std_error;
    let difference = |design: usize, metric: Metric| -> &Difference {
        results.differences[0][design].iter().find(|found| found.metric == metric).expect("there")
    };
    for metric in [Metric::DurationWeeks, Metric::DurationQuantile(Quantile::Q50), Metric::TurnedAway, Metric::OnTime] {
        assert_eq!(difference(1, metric).error, None, "both are exact");
        let (error, ..) = difference(3, metric).error.expect("simulated");
        assert!(error > 0.0, "{metric:?}");
    }
    // Rolling six and TITE-BOIN against the 3+3, each simulated in calendar time.
    let simulated = compare(&study_of_replicates(), &Monitor::default(), |_| {}).expect("results");
    for metric in [Metric::DurationWeeks, Metric::DurationQuantile(Quantile::Q50)] {
        let error = |design: usize| simulated.summaries[0][design].get(metric).expect("there").std_error.expect("simulated");
        let apart = error(3).hypot(error(0));
        let found = simulated.differences[0][3].iter().find(|found| found.metric == metric).expect("there");
        let (paired, lower, upper) = found.error.expect("simulated");
        assert!(paired < 0.95 * apart, "{metric:?}: {paired}, apart {apart}");
        assert!(lower < found.difference && found.difference < upper);
    }
    assert_eq!(summary(0, Metric::DurationWeeks), None);
    assert!(summary(0, Metric::UninformedDlts).is_some(), "simulated beside exact numbers");
}

fn study_of_replicates() -> Study {
    study(&text("", "engine = \"monte-carlo\""))
}

/// A scenario with an accrual of its own has the results of a study with that accrual, to the last bit.
#[test]
fn accrual_by_scenario_is_that_of_a_study() {
    for timing in TIMINGS {
        for engine in ["auto", "monte-carlo"] {
            let simulation = format!("engine = \"{engine}\"");
            let both = results(&study(&text(timing, &simulation)), 1);
            let fast = text(timing, &simulation).replace("accrual_per_week = 0.75", "accrual_per_week = 2");
            let fast = results(&study(&fast), 1);
            let words =
                |results: &Results| format!("{:?} {:?} {:?}", results.summaries[1], results.differences[1], results.weeks[1]);
            assert_eq!(words(&both), words(&fast));
            assert_eq!(format!("{:?}", fast.summaries[0]), format!("{:?}", fast.summaries[1]), "the same curve and accrual");
            let weeks =
                |results: &Results, scenario: usize| results.summaries[scenario][0].get(Metric::DurationWeeks).unwrap().value;
            assert!(weeks(&both, 0) > weeks(&both, 1));
        }
    }
}

/// Examples: the trial of median length, the longest, and the one that the study names.
#[test]
fn examples_are_what_they_are_called() {
    let study = study(&text(TIMINGS[1], "example_replicate = 17"));
    let results = results(&study, 2);
    assert_eq!(results.examples.len(), 3 * study.designs.len());
    for example in &results.examples {
        let all = traces(&study, 0, example.design);
        let weeks = example.trace.times.weeks;
        assert_eq!(weeks, all[example.replicate].times.weeks);
        let shorter = all.iter().filter(|trace| trace.times.weeks < weeks).count();
        let longer = all.iter().filter(|trace| trace.times.weeks > weeks).count();
        match example.kind {
            ExampleKind::Median => assert!(shorter <= REPLICATES / 2 && longer <= REPLICATES / 2, "{shorter} {longer}"),
            ExampleKind::Longest => assert_eq!(longer, 0),
            ExampleKind::Chosen => assert_eq!(example.replicate, 17),
        }
    }
}

/// Every file of a report with calendar time has the same bytes on any number of threads, and tells what it must.
#[test]
fn reports_in_calendar_time_are_the_same_on_any_number_of_threads() {
    let study = study(&text(TIMINGS[1], ""));
    let info = RunInfo { study_file: "study.toml".to_owned(), command: "dosebench run study.toml".to_owned() };
    let files = |threads| {
        let results = results(&study, threads);
        let plots = dosebench::report::plots(&study, &results).expect("plots");
        render(&study, &results, &info, &plots, &Format::ALL)
    };
    let (one, three) = (files(1), files(3));
    assert!(one == three);
    let names: Vec<String> = one.iter().map(|(path, _)| path.display().to_string()).collect();
    for name in [
        "calendar.csv",
        "plots/duration-01.svg",
        "plots/enrolment-02.png",
        "plots/example-median.svg",
        "plots/example-chosen.png",
    ] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    let file = |name: &str| {
        let (_, bytes) = one.iter().find(|(path, _)| path.as_os_str() == name).expect("the file");
        String::from_utf8(bytes.clone()).expect("text")
    };
    let csv = file("calendar.csv");
    assert!(csv.starts_with("scenario,design,week,enrolled,enrolled_std_error,enrolled_q05,"), "{csv}");
    assert!(csv.lines().nth(1).is_some_and(|line| line.starts_with("usual,3+3,0,0,0,0,0,0,0,0,0,")), "{csv}");
    let report = file("report.md");
    for key in ["sentinel_weeks", "queue", "decision_weeks", "time_to_dlt", "ramp_up_weeks", "planned_weeks", "uninformed_dlts"] {
        assert!(report.contains(key) || report.contains(&key.replace('_', "\\_")), "{key}");
    }
}
