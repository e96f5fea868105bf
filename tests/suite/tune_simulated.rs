//! Simulated tunings: points see the same patients, and the errors of their differences are those of pairs.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use std::path::Path;

use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::{Metric, POPULATION_METRICS, Quantile, Source};
use dosebench::report::{self, RunInfo};
use dosebench::study::{Over, Study};
use dosebench::tuning::{Estimate, Journal, Measure, Tuned, tune};

use super::support::study;

/// A study whose replicates, seed, engine and blocks are given.
fn base(simulation: &str, blocks: &str) -> Study {
    study(&format!(
        "name = 'tuned'
target = 0.25
doses = {{ levels = [1, 2, 3] }}
timing = {{ dlt_window_weeks = 3, accrual_per_week = 0.5 }}
simulation = {{ {simulation} }}
[[scenario]]
name = 'low'
toxicity = [0.25, 0.4, 0.6]
[[scenario]]
name = 'high'
toxicity = [0.05, 0.12, 0.25]
{blocks}"
    ))
}

fn tuned(study: &Study) -> Tuned<'_> {
    tune(study, &mut Journal::none(), &Monitor::default(), |_| {}).unwrap_or_else(|error| panic!("{error}")).remove(0)
}

fn mean(metric: Metric) -> Measure {
    Measure { metric, over: Over::Mean, lowest_is_worst: false }
}

/// A limit that everything meets, so that every point has the metric.
fn asks(metrics: &[Metric]) -> String {
    let limits: Vec<String> = metrics.iter().map(|metric| format!("{{ metric = '{}', at_least = 0 }}", metric.key())).collect();
    format!("limits = [{}]", limits.join(", "))
}

/// The errors of differences against those of the pairs of trials of a plain run of both designs, for a compiled rule and for one in
/// calendar time. 4,000 replicates make 250 batches, so that an error is itself known to 4.5 %: five of them are allowed. Numbers of
/// patients in quantiles, and durations of the compiled rule, have an error as if simulated apart there, which is no less.
#[test]
fn errors_of_differences_are_those_of_pairs() {
    const METRICS: [Metric; 8] = [
        Metric::ShareAboveMtd,
        Metric::DltRateTrialMean,
        Metric::PoorAllocation,
        Metric::AccuracyIndex,
        Metric::Cohorts,
        Metric::UnderSelection,
        Metric::TotalPatientsQuantile(Quantile::Q50),
        Metric::DurationQuantile(Quantile::Q50),
    ];
    const OF_CALENDAR: [Metric; 3] = [Metric::ClosedWeeks, Metric::TurnedAway, Metric::UninformedDlts];
    for (method, is_timed) in [("boin", false), ("tite-boin", true)] {
        let design = |name: &str, patients: usize| {
            format!("[[design]]\nname = '{name}'\nmethod = '{method}'\nmax_patients = {patients}\n")
        };
        let metrics = if is_timed { [&METRICS[..], &OF_CALENDAR[..]].concat() } else { METRICS.to_vec() };
        let tuning = format!(
            "{}[tune]\ndesign = 'D'\nscenarios = ['high']\nparameters.max_patients = [15]\n{}",
            design("D", 9),
            asks(&metrics)
        );
        let simulation = "engine = 'monte-carlo', replicates = 4000, seed = 5";
        let study = base(simulation, &tuning);
        let found = tuned(&study);
        let both = base(simulation, &format!("{}{}", design("A", 9), design("B", 15)));
        let results = compare(&both, &Monitor::default(), |_| {}).unwrap();
        let mut compared = 0;
        for measure in &found.measures {
            let own = found.difference(&found.points[1], &found.points[0], *measure).unwrap();
            let pair = results.differences[1][1].iter().find(|own| own.metric == measure.metric).unwrap();
            assert!((own.value - pair.difference).abs() < 1e-12, "{measure:?}");
            let (own, paired) = (own.std_error.unwrap(), pair.error.unwrap().0);
            assert!(own <= 1.225 * paired, "{method} {measure:?}: {own} {paired}");
            let is_apart = matches!(measure.metric, Metric::TotalPatientsQuantile(_))
                || !is_timed && matches!(measure.metric, Metric::DurationWeeks | Metric::DurationQuantile(_));
            // Quantiles are compared by the correlation of two events there, which is another way to the same.
            if !is_apart {
                assert!(own >= 0.775 * paired, "{method} {measure:?}: {own} {paired}");
                compared += 1;
            }
        }
        assert!(compared >= 10, "{compared}");
    }
}

/// Over 60 seeds, the gain in a mean over two scenarios, whose exact value is known, misses it by as much as its stated error says: the
/// mean of the squared standardised misses is 1 with a standard deviation of 0.19, of which four are allowed. The sum of the errors of
/// the two points would be far too large.
#[test]
fn stated_errors_of_gains_are_those_of_repeated_simulations() {
    let blocks = "[[design]]\nname = 'B'\nmethod = 'boin'\nmax_patients = 12\n\
                  [tune]\ndesign = 'B'\nparameters.max_patients = [15]";
    let exact = base("engine = 'exact'", blocks);
    let exact = tuned(&exact).points[1].score.gain.unwrap();
    assert_eq!(exact.std_error, None);
    const SEEDS: usize = 60;
    let (mut squares, mut unpaired) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let study = base(&format!("engine = 'monte-carlo', replicates = 1000, seed = {seed}"), blocks);
        let found = tuned(&study);
        let gain = found.points[1].score.gain.unwrap();
        squares += ((gain.value - exact.value) / gain.std_error.unwrap()).powi(2) / SEEDS as f64;
        let own = |place: usize| found.points[place].score.objective.unwrap().std_error.unwrap();
        unpaired += (own(0) + own(1)) / gain.std_error.unwrap() / SEEDS as f64;
    }
    assert!((squares - 1.0).abs() < 0.76, "{squares}");
    assert!(unpaired > 2.5, "{unpaired}");
}

/// An exact point and a simulated one: the difference has the error of the simulated one.
#[test]
fn an_exact_point_brings_no_error() {
    // Nine patients fit the bound of situations, eighteen do not.
    let blocks = "[[design]]\nname = 'B'\nmethod = 'boin'\nmax_patients = 9\n\
                  [tune]\ndesign = 'B'\nscenarios = ['high']\nparameters.max_patients = [9, 18]";
    let study = base("replicates = 2000, max_situations = 100", blocks);
    let found = tuned(&study);
    let sources: Vec<Source> = found.points.iter().map(|point| point.outcome.as_ref().unwrap().source).collect();
    assert_eq!(sources, [Source::Exact, Source::Exact, Source::MonteCarlo]);
    let number = |place: usize| found.number(&found.points[place], mean(Metric::CorrectSelection)).unwrap();
    let difference = found.difference(&found.points[2], &found.points[0], mean(Metric::CorrectSelection)).unwrap();
    let (own, stated) = (difference.std_error.unwrap(), number(2).std_error.unwrap());
    assert!((own / stated - 1.0).abs() < 0.25, "{own} {stated}");
    let exact = found.difference(&found.points[1], &found.points[0], mean(Metric::CorrectSelection));
    assert_eq!(exact, Some(Estimate { value: 0.0, std_error: None }));
}

/// A change without effect is tied with the best and on the front beside it; both are named, and a tuning that goes on from a journal
/// knows as much as one that was not interrupted.
#[test]
fn ties_are_named_and_survive_an_interruption() {
    let blocks = "[[design]]\nname = 'R'\nmethod = 'tite-boin'\nmax_patients = 9\n\
                  [tune]\ndesign = 'R'\nscenarios = ['high']\none_at_a_time = true\nparameters.max_patients = [9, 2]";
    let study = base("replicates = 500", blocks);
    let info = RunInfo { study_file: "study.toml".to_owned(), command: "dosebench tune study.toml".to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut journal = Journal::open(folder.path(), &study).unwrap();
        let known = journal.len();
        let found = tune(&study, &mut journal, &Monitor::default(), |_| {}).unwrap();
        (known, report::tuning::render(&study, &found, &info).unwrap())
    };
    let ((none, first), (all, second)) = (run(), run());
    assert_eq!((none, all), (0, 3));
    assert!(first == second);
    let text = |name: &str| {
        let file = first.iter().find(|(path, _)| path == Path::new(name)).unwrap();
        String::from_utf8(file.1.clone()).unwrap()
    };
    assert!(text("tune.md").contains("1 other point cannot be told from the best"));
    assert!(text("tune.md").contains("on the same patients: max\\_patients = 9. More"), "{}", text("tune.md"));
    let found = tuned(&study);
    let front: Vec<bool> = found.points.iter().map(|point| point.score.front).collect();
    assert_eq!(front, [true, true, true], "two patients are the smallest trial, nine are tied");
    let gain = found.points[1].score.gain.unwrap();
    assert_eq!((gain.value, gain.std_error), (0.0, Some(0.0)));
    // The gain of a best point that is another is said with its error.
    let blocks =
        "[[design]]\nname = 'B'\nmethod = 'boin'\nmax_patients = 6\n[tune]\ndesign = 'B'\nparameters.max_patients = [15]";
    let study = base("engine = 'monte-carlo', replicates = 2000", blocks);
    let files = report::tuning::render(&study, &[tuned(&study)], &info).unwrap();
    let file = files.iter().find(|(path, _)| path == Path::new("tune.md")).unwrap();
    let text = String::from_utf8(file.1.clone()).unwrap();
    let said = text.split_once("It differs from the design as it is written by +").unwrap().1.lines().next().unwrap();
    assert!(said.contains(" ± ") && said.ends_with(" points, both on the same patients."), "{said}");
}

/// A study of 25 random curves on three levels in calendar time, with these blocks.
fn over_curves(simulation: &str, blocks: &str) -> Study {
    study(&format!(
        "name = 'tuned'
target = 0.25
doses = {{ levels = [1, 2, 3] }}
timing = {{ dlt_window_weeks = 3, accrual_per_week = 0.5 }}
simulation = {{ {simulation} }}
[[population]]
name = 'p'
generator = 'clertant'
count = 25
{blocks}"
    ))
}

/// Over a population, the points of a tuning are what a run of the study shows of the design, error and all; and the errors of the
/// batches, which differences are judged by, are the same ones found in another way. 25 curves of 40 replicates in five parts have 100
/// batches that are free to differ, so that their error is itself known to 7 %: four of them are allowed.
#[test]
fn a_simulated_population_is_that_of_a_run() {
    for (method, is_late) in [("tite-boin", true), ("boin", false)] {
        let engine = if is_late { "auto" } else { "monte-carlo" };
        let simulation = format!("engine = '{engine}', replicates = 1000, seed = 3");
        let design = |name: &str, patients: usize| {
            format!("[[design]]\nname = '{name}'\nmethod = '{method}'\nmax_patients = {patients}\n")
        };
        let tune =
            format!("[tune]\ndesign = 'D'\npopulation = 'p'\nparameters.max_patients = [12]\n{}", asks(&POPULATION_METRICS));
        let study = over_curves(&simulation, &format!("{}{tune}", design("D", 9)));
        let found = tuned(&study);
        let plain = over_curves(&simulation, &format!("{}{}", design("A", 9), design("B", 12)));
        let results = compare(&plain, &Monitor::default(), |_| {}).unwrap();
        let population = &results.curves.populations[0];
        for (point, run) in found.points.iter().zip(&population.simulated) {
            assert_eq!((point.outcome.as_ref().unwrap().source, run.replicates), (Source::MonteCarlo, 40));
            for metric in POPULATION_METRICS {
                let (own, expected) =
                    (found.mean(point, metric).unwrap(), run.mean(&population.weights, metric, |_| true).unwrap());
                assert!((own.value - expected.mean).abs() < 1e-12, "{metric:?}");
                let error = own.std_error.unwrap();
                assert!((error - expected.std_error).abs() < 1e-12, "{metric:?}");
                let place = found.measures.iter().position(|own| *own == mean(metric)).unwrap();
                let of_batches = point.outcome.as_ref().unwrap().batches[place].std_error();
                assert!((of_batches - error).abs() <= 0.28 * error, "{method} {metric:?}: {of_batches} {error}");
            }
        }
        let points: Vec<f64> =
            found.points.iter().map(|point| found.mean(point, Metric::CorrectSelection).unwrap().value).collect();
        assert_ne!(points[0], points[1]);
        assert!(report::tuning::summary(&study, &[found]).contains("from 40 simulated trials a curve, on the same patients"));
    }
}

/// As [`stated_errors_of_gains_are_those_of_repeated_simulations`], over a population whose curves share the replicates, of a
/// probability and of a ratio of means: patients that the points did not share, or curves that did, would show.
#[test]
fn stated_errors_of_gains_over_a_population_are_those_of_repeated_simulations() {
    const METRICS: [Metric; 2] = [Metric::CorrectSelection, Metric::ShareAboveMtd];
    let blocks = format!(
        "[[design]]\nname = 'B'\nmethod = 'boin'\nmax_patients = 12\n\
         [tune]\ndesign = 'B'\npopulation = 'p'\nparameters.max_patients = [15]\n{}",
        asks(&METRICS)
    );
    let gain = |found: &Tuned<'_>, metric| found.difference(&found.points[1], &found.points[0], mean(metric)).unwrap();
    let exact = over_curves("engine = 'exact'", &blocks);
    let exact = METRICS.map(|metric| gain(&tuned(&exact), metric).value);
    const SEEDS: usize = 60;
    let (mut squares, mut unpaired) = ([0.0; 2], 0.0);
    for seed in 0..SEEDS {
        let study = over_curves(&format!("engine = 'monte-carlo', replicates = 1000, seed = {seed}"), &blocks);
        let found = tuned(&study);
        for ((sum, metric), exact) in squares.iter_mut().zip(METRICS).zip(exact) {
            let own = gain(&found, metric);
            *sum += ((own.value - exact) / own.std_error.unwrap()).powi(2) / SEEDS as f64;
        }
        let own = |place: usize| found.points[place].score.objective.unwrap().std_error.unwrap();
        unpaired += own(0).hypot(own(1)) / gain(&found, METRICS[0]).std_error.unwrap() / SEEDS as f64;
    }
    assert!(squares.iter().all(|squares| (squares - 1.0).abs() < 0.76), "{squares:?}");
    assert!(unpaired > 1.3, "{unpaired}");
}
