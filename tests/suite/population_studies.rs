//! Studies of populations of curves: weights and mixtures, studies without a scenario, and designs that are simulated over a population.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::study;
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::{Metric, POPULATION_METRICS, PopulationResults, Results, heat_map};
use dosebench::report::{self, Format, RunInfo};
use dosebench::study::Study;
use dosebench::tuning::{Journal, tune};
use rayon::ThreadPoolBuilder;

/// Three levels, in calendar time.
const HEAD: &str = "
name = 'populations'
target = 0.25
doses = { levels = [1, 2, 3] }
timing = { dlt_window_weeks = 4, accrual_per_week = 0.5 }
";

/// Three designs with exact results, the benchmark among them.
const EXACT: &str = "
[[design]]
name = 'B'
method = 'boin'
max_patients = 9
[[design]]
name = 'S'
method = '3+3'
[[design]]
name = 'O'
method = 'benchmark'
max_patients = 9
";

/// One that looks at pending patients.
const LATE: &str = "
[[design]]
name = 'R'
method = 'tite-boin'
max_patients = 9
";

/// Two populations that differ, one with curves under which no level is correct.
const TWO: &str = "
[[population]]
name = 'p'
generator = 'clertant'
count = 6
[[population]]
name = 'd'
generator = 'dirichlet'
count = 4
";

fn results(study: &Study) -> Results {
    compare(study, &Monitor::default(), |_| {}).unwrap()
}

/// A study in a folder with the file `curves.csv`.
fn with_list(rows: &str, text: &str) -> Study {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("curves.csv"), rows).unwrap();
    Study::from_text_in(Some(folder.path()), "test.toml", text).unwrap_or_else(|error| panic!("{error}")).0
}

const LIST: &str = "[[population]]\nname = 'list'\ngenerator = 'list'\nfile = 'curves.csv'\n";

/// Everything that is told of two populations, which must be the same; the names of curves may differ.
fn assert_same(one: &PopulationResults, other: &PopulationResults) {
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    assert_eq!(one.designs, other.designs);
    for design in 0..one.designs.len() {
        for metric in POPULATION_METRICS {
            let (own, same) = (one.spread(design, metric, |_| true), other.spread(design, metric, |_| true));
            assert_eq!(own.is_some(), same.is_some());
            let Some((own, same)) = own.zip(same) else { continue };
            close(own.mean, same.mean);
            close(own.sd, same.sd);
            assert_eq!((own.quantiles, own.lowest.0, own.highest.0), (same.quantiles, same.lowest.0, same.highest.0));
        }
        let (own, same) = (one.standing(design, |_| true), other.standing(design, |_| true));
        assert_eq!(own.is_some(), same.is_some());
        let Some((own, same)) = own.zip(same) else { continue };
        close(own.best, same.best);
        close(own.tied, same.tied);
        close(own.regret.mean, same.regret.mean);
        close(own.to_benchmark.unwrap().mean, same.to_benchmark.unwrap().mean);
    }
}

/// A curve with a weight of 3 is a curve that is there three times, in every number; weights in the same ratios are the same weights.
#[test]
fn a_weight_is_how_often_a_curve_is_there() {
    let curves = ["0.05,0.12,0.25", "0.1,0.25,0.4", "0.3,0.45,0.6", "0.5,0.6,0.7"];
    let times = [2, 3, 1, 4];
    let header = "toxicity_1,toxicity_2,toxicity_3";
    let weighted = |factor: f64| {
        let rows = curves.iter().zip(times).map(|(curve, times)| format!("{},{curve}\n", factor * f64::from(times)));
        format!("weight,{header}\n{}", rows.collect::<String>())
    };
    let repeated = curves.iter().zip(times).map(|(curve, times)| format!("{curve}\n").repeat(times as usize));
    let repeated = format!("{header}\n{}", repeated.collect::<String>());
    let text = format!("{HEAD}{LIST}{EXACT}");
    let (one, same) = (with_list(&weighted(0.5), &text), with_list(&repeated, &text));
    assert!(one.populations[0].is_weighted() && !same.populations[0].is_weighted());
    assert_eq!(one.populations[0].mean_curve(), same.populations[0].mean_curve());
    let (found, expected) = (results(&one), results(&same));
    let (found, expected) = (&found.curves.populations[0], &expected.curves.populations[0]);
    assert_same(found, expected);
    // Cells of a heat map have the same means; how many curves there are is another matter.
    let cells = |study: &Study, found: &PopulationResults| -> Vec<Option<f64>> {
        let map = heat_map(&study.populations[0], found, 0, Metric::CorrectSelection);
        map.into_iter().flatten().map(|cell| cell.map(|(mean, _)| mean)).collect()
    };
    for (own, same) in cells(&one, found).into_iter().zip(cells(&same, expected)) {
        assert_eq!(own.is_some(), same.is_some());
        assert!((own.unwrap_or(0.0) - same.unwrap_or(0.0)).abs() < 1e-12);
    }
    // Without equal weights the curves would not be the same population.
    let plain = format!("{header}\n{}", curves.map(|curve| format!("{curve}\n")).concat());
    let plain = results(&with_list(&plain, &text));
    let mean = |found: &PopulationResults| found.spread(0, Metric::CorrectSelection, |_| true).unwrap().mean;
    assert!((mean(found) - mean(&plain.curves.populations[0])).abs() > 0.01);
}

/// The mean over a mixture is the weighted mean of the means over its parts, whatever their numbers of curves; mixtures can be mixed.
#[test]
fn a_mixture_is_its_parts_by_their_weights() {
    let mixtures = "
[[population]]
name = 'm'
generator = 'mixture'
of = ['p', 'd']
weights = [3, 1]
[[population]]
name = 'n'
generator = 'mixture'
of = ['d', 'm']
";
    let study = study(&format!("{HEAD}{TWO}{mixtures}{EXACT}"));
    let found = results(&study).curves.populations;
    let mean = |population: usize, metric: Metric| found[population].spread(0, metric, |_| true).unwrap().mean;
    // Metrics that every curve has.
    let places = [0, 1, 2, 3, 4, 5, 14];
    for metric in places.map(|place| POPULATION_METRICS[place]) {
        let (p, d) = (mean(0, metric), mean(1, metric));
        assert!((mean(2, metric) - (3.0 * p + d) / 4.0).abs() < 1e-12);
        assert!((mean(3, metric) - (0.5 * d + 0.5 * mean(2, metric))).abs() < 1e-12);
    }
    let mixture = &study.populations[2];
    assert_eq!((mixture.scenarios.len(), mixture.scenarios[6].name.as_str()), (10, "d 1"));
    let highest = |population: usize| found[population].spread(0, Metric::CorrectSelection, |_| true).unwrap().highest.0;
    assert_eq!(highest(2), highest(0).max(highest(1)));
}

/// A tuning over a weighted population is one over the same curves as scenarios with these weights.
#[test]
fn a_tuning_takes_the_weights_of_a_population() {
    let rows = "toxicity_1,toxicity_2,toxicity_3,weight\n0.05,0.12,0.25,1\n0.1,0.25,0.4,2\n0.3,0.45,0.6,5\n";
    let tuning = |over: &str| format!("[[tune]]\ndesign = 'B'\nparameters.cohort_size = [1, 3]\n{over}\n");
    let population = with_list(rows, &format!("{HEAD}{LIST}{EXACT}{}", tuning("population = 'list'")));
    let scenarios = [("a", "[0.05, 0.12, 0.25]"), ("b", "[0.1, 0.25, 0.4]"), ("c", "[0.3, 0.45, 0.6]")];
    let scenarios = scenarios.map(|(name, curve)| format!("[[scenario]]\nname = '{name}'\ntoxicity = {curve}\n")).concat();
    let scenarios = study(&format!("{HEAD}{scenarios}{EXACT}{}", tuning("weights = [1, 2, 5]")));
    let points = |study: &Study| {
        let tuned = tune(study, &mut Journal::none(), &Monitor::default(), |_| {}).unwrap();
        tuned[0].points.iter().map(|point| point.outcome.clone().unwrap()).collect::<Vec<_>>()
    };
    let (one, other) = (points(&population), points(&scenarios));
    assert!(one.len() == 3 && one == other);
}

/// Without a scenario there is a report of the populations: no file is missing, no section empty, and the page starts from a mean curve.
#[test]
fn a_study_may_have_populations_alone() {
    let worst = "[[worst_case]]\nname = 'w'\ndesign = 'B'\nmeasure = 'correct_selection'\n";
    let tuning = "[[tune]]\ndesign = 'B'\npopulation = 'd'\nparameters.max_patients = [6, 9]\n";
    for blocks in ["", worst, tuning] {
        let mut study = study(&format!("{HEAD}{TWO}{EXACT}{LATE}{blocks}"));
        study.simulation.replicates = 200;
        assert!(study.require_for_run("").is_ok());
        let results = results(&study);
        assert!(results.summaries.is_empty());
        let plots = report::plots(&study, &results).unwrap();
        let names: Vec<&str> = plots.iter().map(|plot| plot.name.as_str()).collect();
        let (first, others) = names.split_at(names.len() - 4);
        assert_eq!(first, if blocks == worst { &["worst-curves"][..] } else { &[] });
        assert_eq!(others, ["population-01-spread", "population-01-heat", "population-02-spread", "population-02-heat"]);
        let info = RunInfo { study_file: "study.toml".to_owned(), command: "dosebench run study.toml".to_owned() };
        let files: BTreeMap<PathBuf, Vec<u8>> =
            report::render(&study, &results, &info, &plots, &Format::ALL).into_iter().collect();
        let text = |name: &str| String::from_utf8(files[Path::new(name)].clone()).unwrap();
        let markdown = text("report.md");
        let lines: Vec<&str> = markdown.lines().filter(|line| !line.is_empty()).collect();
        let is_heading = |line: &str| line.starts_with("## ");
        assert!(lines.windows(2).all(|pair| !(is_heading(pair[0]) && is_heading(pair[1]))), "an empty section");
        assert!(lines.iter().any(|line| line.starts_with("- Over the 6 curves of")), "{markdown}");
        for absent in ["Scenarios", "Operating characteristics", "Safety", "Robustness over the scenarios"] {
            assert!(!lines.contains(&format!("## {absent}").as_str()), "{absent}");
        }
        assert!(markdown.contains("4 designs under 2 populations of toxicity curves"));
        let page = text("report.html");
        assert!(page.contains("Mean curve of p") && page.contains("Mean curve of d"));
        assert!(text("tables.tex").contains("Every design over the 6 curves"));
        assert_eq!(text("population.csv").lines().count(), 1 + 10 * 4);
        assert_eq!(text("operating_characteristics.csv").lines().count(), 1);
        let json: serde_json::Value = serde_json::from_str(&text("results.json")).unwrap();
        assert_eq!(json["populations"][0]["designs"].as_array().unwrap().len(), 4);
        let printed = report::terminal::summary(&study, &results);
        assert!(printed.contains("Over the 4 curves of") && printed.lines().all(|line| line.chars().count() <= 100), "{printed}");
    }
    let study = study(&format!("{HEAD}{TWO}{EXACT}{tuning}"));
    let tuned = tune(&study, &mut Journal::none(), &Monitor::default(), |_| {}).unwrap();
    let info = RunInfo { study_file: "study.toml".to_owned(), command: String::new() };
    let files: BTreeMap<PathBuf, Vec<u8>> = report::tuning::render(&study, &tuned, &info).unwrap().into_iter().collect();
    let text = |name: &str| String::from_utf8(files[Path::new(name)].clone()).unwrap();
    assert!(text("tune.md").contains("mean over the curves") && !text("tune.md").to_lowercase().contains("scenario"));
    // The best is a study that runs, without scenarios too.
    let (best, _) = Study::from_text("best.toml", text("best.toml")).unwrap();
    assert!(best.require_for_run("").is_ok() && best.scenarios.is_empty());
}

/// Replicates of a curve are what a run of that curve as a scenario has: those of the first curve are its first replicates.
#[test]
fn a_curve_is_simulated_as_a_scenario_is() {
    let scenario = "[[scenario]]\nname = 's'\ntoxicity = [0.1, 0.25, 0.4]\n";
    let designs = format!("{EXACT}{LATE}");
    let mut study =
        with_list("toxicity_1,toxicity_2,toxicity_3\n0.1,0.25,0.4\n0.1,0.25,0.4\n", &format!("{HEAD}{scenario}{LIST}{designs}"));
    // Half of them for each of the two curves: more than a block, and no whole number of blocks.
    study.simulation.replicates = 1200;
    let simulated = results(&study).curves.populations.remove(0).simulated.remove(0);
    assert_eq!((simulated.design, simulated.replicates, simulated.values.len()), (3, 600, 2));
    study.populations.clear();
    study.simulation.replicates = 600;
    let summary = &results(&study).summaries[0][3];
    let factor = (600.0f64 / 599.0).sqrt();
    for (metric, found) in simulated.values[0].iter() {
        let ((value, std_error), expected) = (found.unwrap(), summary.get(metric).unwrap());
        assert_eq!(value, expected.value, "{metric:?}");
        assert!((std_error - factor * expected.std_error.unwrap()).abs() < 1e-15, "{metric:?}");
    }
    // The other curve is the same one, seen by other patients.
    assert_ne!(simulated.values[0], simulated.values[1]);
}

/// What is simulated over a population agrees with what is exact, with the errors that it states: over forty seeds the squares of the
/// standardised differences add up as those of normal numbers do. Their sum is chi-square with 40 degrees of freedom, outside
/// (16.9, 76.1) with a probability of about 0.001 each way. 12 replicates of each of ten curves, where errors about the wrong mean, or
/// patients common to the curves, would show.
#[test]
fn simulated_means_have_the_errors_that_they_state() {
    let metrics = [0, 1, 4, 5, 13, 14].map(|place| POPULATION_METRICS[place]);
    let mixture = "[[population]]\nname = 'm'\ngenerator = 'mixture'\nof = ['p', 'd']\nweights = [1, 3]\n";
    let mut study = study(&format!("{HEAD}{TWO}{mixture}{EXACT}"));
    let exact = results(&study).curves.populations.remove(2);
    study.simulation.engine = dosebench::study::Engine::MonteCarlo;
    study.simulation.replicates = 120;
    let mut sums = [0.0; 6];
    for seed in 0..40 {
        study.simulation.seed = seed;
        let found = results(&study).curves.populations.remove(2);
        assert!(found.designs.is_empty() && found.simulated.len() == 3 && found.simulated[0].replicates == 12);
        for (sum, metric) in sums.iter_mut().zip(metrics) {
            let expected = exact.spread(0, metric, |_| true).unwrap();
            let mean = found.simulated[0].mean(&found.weights, metric, |_| true).unwrap();
            assert_eq!(mean.curves, expected.curves);
            *sum += ((mean.mean - expected.mean) / mean.std_error).powi(2);
        }
    }
    for (sum, metric) in sums.into_iter().zip(metrics) {
        assert!((16.9..76.1).contains(&sum), "{metric:?}: {sum}");
    }
}

/// Simulated designs take no part in who is best, carry their errors in every file, and do not depend on the number of threads.
#[test]
fn simulated_designs_are_marked_as_such() {
    let mut study = study(&format!("{HEAD}{TWO}{EXACT}{LATE}"));
    // At least ten for each curve.
    study.simulation.replicates = 20;
    let without = results(&crate::support::study(&format!("{HEAD}{TWO}{EXACT}")));
    let rendered = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let results = results(&study);
            assert_same(&results.curves.populations[0], &without.curves.populations[0]);
            let info = RunInfo { study_file: "study.toml".to_owned(), command: String::new() };
            let formats = [Format::Markdown, Format::Csv, Format::Json];
            report::render(&study, &results, &info, &[], &formats).into_iter().collect::<BTreeMap<PathBuf, Vec<u8>>>()
        })
    };
    let files = rendered(1);
    assert_eq!(files, rendered(3));
    let table = |name: &str| {
        let mut reader = csv::Reader::from_reader(&files[Path::new(name)][..]);
        let header = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let place = move |column: &str| header.iter().position(|own| own == column).unwrap();
        (rows, place)
    };
    let (rows, place) = table("population.csv");
    for row in rows {
        let is_simulated = &row[place("design")] == "R";
        assert_eq!(&row[place("engine")], if is_simulated { "monte-carlo" } else { "exact" });
        assert_eq!(!row[place("total_patients_std_error")].is_empty(), is_simulated);
        assert_eq!(&row[place("replicates")], if is_simulated { "10" } else { "" });
        assert!(!is_simulated || (row[place("best")].is_empty() && row[place("behind_best")].is_empty()));
    }
    let (rows, place) = table("population_summary.csv");
    let of_late: Vec<_> = rows.iter().filter(|row| &row[place("design")] == "R").collect();
    assert!(of_late.len() > 2 * POPULATION_METRICS.len());
    assert!(of_late.iter().all(|row| !row[place("std_error")].is_empty() && row[place("q50")].is_empty()));
    assert!(rows.iter().all(|row| (&row[place("engine")] == "monte-carlo") == (&row[place("design")] == "R")));
    let markdown = String::from_utf8(files[Path::new("report.md")].clone()).unwrap();
    assert!(markdown.contains("simulated designs among them") && markdown.contains("Simulated designs take no part in this."));
}
