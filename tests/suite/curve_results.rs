//! Results beyond the scenarios of a study: over populations of curves, at the worst curve, and how they depend on what was assumed.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use crate::support::{graph_of, study};
use dosebench::comparison::compare;
use dosebench::engine::{Exact, Expectation, Monitor};
use dosebench::measure::{Metric, OverCurves, POPULATION_METRICS, Results, worst_measure};
use dosebench::report::{self, Format, RunInfo};
use dosebench::study::{Study, WorstMeasure};
use std::path::Path;

/// A study of exact results with three levels and three designs, two of them the same, and these blocks.
fn compared(levels: usize, blocks: &str) -> (Study, Results) {
    let doses: Vec<usize> = (1..=levels).collect();
    let curve = &[0.1, 0.25, 0.4, 0.5, 0.6][..levels];
    let designs = "[[design]]\nname = \"B\"\nmethod = \"boin\"\nmax_patients = 12\n\
        [[design]]\nname = \"S\"\nmethod = \"3+3\"\n\
        [[design]]\nname = \"B again\"\nmethod = \"boin\"\nmax_patients = 12\n\
        [[design]]\nname = \"O\"\nmethod = \"benchmark\"\nmax_patients = 12\n";
    let text = format!(
        "name = \"test\"\ntarget = 0.25\nsimulation = {{ engine = \"exact\" }}\n[doses]\nlevels = {doses:?}\n\
         [[scenario]]\nname = \"s\"\ntoxicity = {curve:?}\n{designs}\n{blocks}"
    );
    let study = study(&text);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    (study, results)
}

/// A population of identical curves has what the curve has as a scenario, no spread, and the regrets of that one curve.
#[test]
fn identical_curves_give_the_result_of_the_curve() {
    let block = "[[population]]\nname = \"p\"\ngenerator = \"log-logistic\"\ncount = 7\n\
        lower = { dose = 1, toxicity = 0.1 }\nupper = { dose = 3, toxicity = 0.4 }\n\
        [[scenario]]\nname = \"the curve\"\n\
        toxicity = { family = \"log-logistic\", lower = { dose = 1, toxicity = 0.1 }, upper = { dose = 3, toxicity = 0.4 } }";
    let (study, results) = compared(3, block);
    assert_eq!(study.scenarios[1].toxicity, study.populations[0].scenarios[6].toxicity);
    let found = &results.curves.populations[0];
    assert_eq!((&found.designs[..], found.benchmark), (&[0, 1, 2, 3][..], Some(3)));
    let correct = |design: usize| results.summaries[1][design].get(Metric::CorrectSelection).unwrap().value;
    for design in 0..4 {
        for metric in POPULATION_METRICS {
            let expected = results.summaries[1][design].get(metric).map(|found| found.value);
            let spread = found.spread(design, metric, |_| true);
            assert_eq!(spread.map(|all| all.lowest), expected.map(|value| (value, 0)), "{metric:?}");
            let Some(OverCurves { curves, mean, sd, quantiles, lowest, highest }) = spread else { continue };
            assert!((curves, quantiles) == (7, [lowest.0; 5]) && highest == lowest);
            assert!((mean - lowest.0).abs() < 1e-14 && sd < 1e-7);
        }
    }
    let standing = found.standing(1, |_| true).unwrap();
    let behind = (correct(0) - correct(1)).max(0.0);
    assert!((standing.regret.mean - behind).abs() < 1e-14);
    assert!((standing.to_benchmark.unwrap().mean - (correct(3) - correct(1))).abs() < 1e-14);
    // The two BOIN designs are the same: neither is ahead of the other.
    for design in [0, 2] {
        let standing = found.standing(design, |_| true).unwrap();
        assert_eq!((standing.best, standing.tied), (0.0, if correct(0) > correct(1) { 1.0 } else { 0.0 }));
    }
    assert_eq!(found.standing(3, |_| true), None);
}

/// Over different curves, every number is that of the curve as a scenario of its own; quantiles are those of the sorted numbers.
#[test]
fn a_population_is_its_curves_one_by_one() {
    let (study, results) = compared(5, "[[population]]\nname = \"p\"\ngenerator = \"clertant\"\ncount = 40");
    let (population, found) = (&study.populations[0], &results.curves.populations[0]);
    let graph = graph_of(&study, 0);
    let mut correct: Vec<f64> = Vec::new();
    for (curve, scenario) in population.scenarios.iter().enumerate() {
        let selects = Expectation::new(&graph, |outcome| outcome.selects(scenario.correct.map_or(0, |level| level + 1)));
        let own = selects.at(&scenario.toxicity).value;
        assert!((found.values[0][curve].get(Metric::CorrectSelection).unwrap() - own).abs() < 1e-13);
        correct.push(found.values[0][curve].get(Metric::CorrectSelection).unwrap());
    }
    correct.sort_by(f64::total_cmp);
    let spread = found.spread(0, Metric::CorrectSelection, |_| true).unwrap();
    // The least ranks with 5, 25, 50, 75 and 95 % of forty curves.
    assert_eq!(spread.quantiles, [2, 10, 20, 30, 38].map(|rank| correct[rank - 1]));
    let share: f64 = (0..3).map(|design| found.standing(design, |_| true).unwrap().best).sum();
    assert!(share <= 1.0 && found.standing(0, |_| true).unwrap().best == 0.0, "two designs are the same");
}

/// The worst curve on three levels is at least as bad as every curve of a grid within the limits, and the grid comes close to it.
#[test]
fn the_worst_curve_is_that_of_a_grid() {
    let limits =
        "mtd_within = 0.05\ngap = 0.1\nlower = [0.02, 0.02, 0.02]\nupper = [0.6, 0.7, 0.8]\nmin_step = 0.02\nmax_step = 0.4";
    let case = |name: &str, measure: &str| {
        format!("[[worst_case]]\nname = \"{name}\"\ndesign = \"B\"\nmeasure = \"{measure}\"\n{limits}\n")
    };
    let blocks = format!(
        "{}{}{}against = \"S\"\n",
        case("selection", "correct_selection"),
        case("dlts", "excess_dlts"),
        case("loss", "loss")
    );
    let (study, results) = compared(3, &blocks);
    let graphs = [0, 1].map(|design| graph_of(&study, design));
    for (found, case) in results.curves.worst.iter().zip(&study.worst_cases) {
        assert_eq!(found.by_mtd.len(), 3);
        for worst in &found.by_mtd {
            let mtd = worst.mtd.unwrap();
            let inside = |x: f64, (low, high): (f64, f64)| low - 1e-6 <= x && x <= high + 1e-6;
            let bounds = case.limits.ladder(worst.mtd);
            let bounds = bounds.lower.iter().copied().zip(bounds.upper.iter().copied());
            assert!(worst.toxicity.iter().zip(bounds).all(|(&x, bounds)| inside(x, bounds)), "{:?}", worst.toxicity);
            assert!(worst.toxicity.windows(2).all(|pair| inside(pair[1] - pair[0], (0.02, 0.4))), "{:?}", worst.toxicity);
            assert_eq!(study.target.correct_level(&worst.toxicity), worst.mtd);
            assert!(worst.agreed >= 1 && worst.starts == 20);
            let at = |curve: &[f64]| worst_measure(case.measure, &graphs[0], Some(&graphs[1]), curve, worst.mtd, 0.25);
            assert!((at(&worst.toxicity) - worst.value).abs() < 1e-12);
            let sign = if case.measure == WorstMeasure::CorrectSelection { 1.0 } else { -1.0 };
            let mut least = f64::INFINITY;
            let ladder = case.limits.ladder(worst.mtd);
            const STEPS: usize = 24;
            let point = |level: usize, step: usize| {
                ladder.lower[level] + (ladder.upper[level] - ladder.lower[level]) * step as f64 / STEPS as f64
            };
            for place in 0..(STEPS + 1).pow(3) {
                let steps = [place / (STEPS + 1).pow(2), place / (STEPS + 1) % (STEPS + 1), place % (STEPS + 1)];
                let curve: Vec<f64> = steps.into_iter().enumerate().map(|(level, step)| point(level, step)).collect();
                if curve.windows(2).all(|pair| (0.02..=0.4).contains(&(pair[1] - pair[0]))) {
                    least = least.min(sign * at(&curve));
                }
            }
            let worst_value = sign * worst.value;
            assert!(worst_value <= least + 1e-5, "{}, MTD {mtd}: {worst_value}, grid {least}", case.name);
            assert!(least - worst_value < 0.02, "{}, MTD {mtd}: {worst_value}, grid {least}", case.name);
        }
        let of_all = &found.by_mtd[found.worst];
        assert!(found.by_mtd.iter().all(|other| !case.measure.is_worse(other.value, of_all.value)));
        assert!(found.summaries.iter().all(Option::is_some));
    }
}

/// Levels that cannot be the MTD within the limits are named beside what was searched.
#[test]
fn levels_without_a_curve_are_named() {
    let block = "[[worst_case]]\nname = \"w\"\ndesign = \"S\"\nmeasure = \"correct_selection\"\nmin_step = 0.35\n";
    let (study, results) = compared(3, block);
    assert_eq!(results.curves.worst[0].by_mtd.iter().map(|found| found.mtd).collect::<Vec<_>>(), [Some(0)]);
    let info = RunInfo { study_file: "study.toml".to_owned(), command: String::new() };
    let files = report::render(&study, &results, &info, &[], &[Format::Markdown]);
    let (_, markdown) = files.iter().find(|(path, _)| path == Path::new("report.md")).unwrap();
    assert!(String::from_utf8_lossy(markdown).contains("No curve within them has its MTD at L2, L3."));
}

/// Derivatives of all trial-level metrics, shares among them, against differences of the summaries of moved scenarios; changes of keys
/// are what the changed design gives as a plain study.
#[test]
fn sensitivities_are_those_of_changed_studies() {
    let ask = "[sensitivity]\ndesign = \"B\"\nscenario = \"s\"\n";
    let (study, results) = compared(3, ask);
    let found = &results.curves.sensitivities[0];
    assert!(found.derivatives.len() >= 10);
    let graph = graph_of(&study, 0);
    let exact = Exact::new(&graph);
    let moved = |level: usize, step: f64| {
        let mut scenario = study.scenarios[0].clone();
        scenario.toxicity[level] += step;
        dosebench::measure::summarise_scenarios(&exact, &[scenario], &study.target, None).remove(0)
    };
    for level in 0..3 {
        let sides = [1e-3, -1e-3, 5e-4, -5e-4].map(|step| moved(level, step));
        // The accuracy index has kinks here: `sensitivity.rs` looks at it.
        // Level 2 has exactly the target: just above it, its patients count as above the target, and just below it they do not. A
        // difference over that jump is no derivative.
        let jumps = |metric: Metric| metric == Metric::PatientsAboveTarget && level == 1;
        let smooth = |metric: Metric| metric != Metric::AccuracyIndex && !jumps(metric);
        for derivative in found.derivatives.iter().filter(|own| smooth(own.metric)) {
            let at = |side: usize| sides[side].get(derivative.metric).unwrap().value;
            let (wide, narrow) = ((at(0) - at(1)) / 2e-3, (at(2) - at(3)) / 1e-3);
            let expected = (4.0 * narrow - wide) / 3.0;
            assert!((derivative.by_level[level] - expected).abs() < 1e-7, "{:?} {expected}", derivative.metric);
        }
    }
    let changed = found.changes.iter().find(|change| change.what == "max_patients" && change.to == "18").unwrap();
    assert_eq!(changed.from, "12");
    let text = study.text.replace("max_patients = 12", "max_patients = 18");
    let again = compare(&crate::support::study(&text), &Monitor::default(), |_| {}).unwrap();
    for (metric, value) in changed.values.iter() {
        assert_eq!(again.summaries[0][0].get(metric).map(|found| found.value), value, "{metric:?}");
    }
    let whats: Vec<&str> = found.changes.iter().map(|change| change.what.as_str()).collect();
    for what in ["toxicity of L2", "target of the design", "cohort_size", "elimination_cutoff"] {
        assert_eq!(whats.iter().filter(|own| **own == what).count(), 2, "{what}");
    }
}
