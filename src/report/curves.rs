//! The data files of what was found beyond the scenarios: populations of curves, worst curves and sensitivities.

use super::data::{file, number};
use crate::measure::{OverCurves, POPULATION_METRICS, PopulationResults, Results, SimulatedMean};
use crate::scenario::Population;
use crate::study::Study;
use crate::trial::shown;
use std::path::PathBuf;

/// The files of a study that looks beyond its scenarios; none of one that does not.
pub(super) fn files(study: &Study, results: &Results) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    if !results.curves.populations.is_empty() {
        files.push((PathBuf::from("population.csv"), population(study, results)));
        files.push((PathBuf::from("population_summary.csv"), summary(study, results)));
    }
    if !results.curves.worst.is_empty() {
        files.push((PathBuf::from("worst_curves.csv"), worst(study, results)));
    }
    if !results.curves.sensitivities.is_empty() {
        files.push((PathBuf::from("sensitivity.csv"), sensitivity(study, results)));
    }
    files
}

/// The populations of a study with what they showed.
pub(super) fn populations<'a>(
    study: &'a Study,
    results: &'a Results,
) -> impl Iterator<Item = (&'a Population, &'a PopulationResults)> {
    study.populations.iter().zip(&results.curves.populations)
}

/// The headings of the toxicities.
fn toxicities(study: &Study) -> impl Iterator<Item = String> {
    (1..=study.doses.levels.len()).map(|level| format!("toxicity_{level}"))
}

/// One row a curve and design: the curve, what of the metrics the design has there, its weight, and where the numbers are from; whether
/// the design is the best one on the curve, alone or tied, and by how much it is behind. Of simulated designs also the errors, in columns
/// that are there only where there are such designs.
fn population(study: &Study, results: &Results) -> Vec<u8> {
    let has_simulated = results.curves.populations.iter().any(|found| !found.simulated.is_empty());
    let mut header: Vec<String> = ["population", "curve", "correct_level"].map(str::to_owned).to_vec();
    header.extend(toxicities(study));
    header.push("design".to_owned());
    header.extend(POPULATION_METRICS.map(|metric| metric.key().to_owned()));
    header.extend(["weight", "engine", "best", "behind_best", "replicates"].map(str::to_owned));
    if has_simulated {
        header.extend(POPULATION_METRICS.map(|metric| format!("{}_std_error", metric.key())));
    }
    let width = header.len();
    let or_empty = |value: Option<f64>| value.map(number).unwrap_or_default();
    let rows = populations(study, results).flat_map(|(population, found)| {
        population.scenarios.iter().enumerate().flat_map(move |(curve, scenario)| {
            let start = move |design: usize| {
                let mut row = vec![population.name.clone(), scenario.name.clone(), shown(scenario.correct).to_string()];
                row.extend(scenario.toxicity.iter().map(|&toxicity| number(toxicity)));
                row.push(study.designs[design].name.clone());
                row
            };
            let weight = number(population.weights[curve]);
            let own_weight = weight.clone();
            let exact = found.designs.iter().enumerate().map(move |(place, &design)| {
                let is_rule = found.benchmark != Some(place);
                let best = found.is_best(place, curve).map_or("", |alone| if alone { "alone" } else { "tied" });
                let behind = found.behind_best(place, curve).filter(|_| is_rule);
                let mut row = start(design);
                row.extend(found.values[place][curve].iter().map(|(_, value)| or_empty(value)));
                row.extend([weight.clone(), "exact".to_owned(), best.to_owned(), or_empty(behind)]);
                row.resize(width, String::new());
                row
            });
            let simulated = found.simulated.iter().map(move |own| {
                let values = own.values[curve];
                let mut row = start(own.design);
                row.extend(values.iter().map(|(_, found)| or_empty(found.map(|(value, _)| value))));
                row.extend([
                    own_weight.clone(),
                    "monte-carlo".to_owned(),
                    String::new(),
                    String::new(),
                    own.replicates.to_string(),
                ]);
                row.extend(values.iter().map(|(_, found)| or_empty(found.map(|(_, std_error)| std_error))));
                row
            });
            exact.chain(simulated)
        })
    });
    file(header, rows)
}

/// One row a population, design, correct level and number: its distribution over the curves; an empty level is all of them.
fn summary(study: &Study, results: &Results) -> Vec<u8> {
    let header = [
        "population",
        "design",
        "correct_level",
        "metric",
        "curves",
        "mean",
        "sd",
        "q05",
        "q25",
        "q50",
        "q75",
        "q95",
        "min",
        "min_curve",
        "max",
        "max_curve",
        "engine",
        "std_error",
    ];
    let mut rows: Vec<Vec<String>> = Vec::new();
    let levels = || std::iter::once(None).chain((0..=study.doses.levels.len()).map(Some));
    for (population, found) in populations(study, results) {
        let curve = |index: usize| population.scenarios[index].name.clone();
        for (place, &design) in found.designs.iter().enumerate() {
            for level in levels() {
                let which = |curve: usize| level.is_none_or(|level| shown(population.scenarios[curve].correct) == level);
                let head = |metric: &str| {
                    let level = level.map(|level| level.to_string()).unwrap_or_default();
                    vec![population.name.clone(), study.designs[design].name.clone(), level, metric.to_owned()]
                };
                let mut add = |metric: &str, spread: OverCurves| {
                    let OverCurves { curves, mean, sd, quantiles, lowest, highest } = spread;
                    let mut row = head(metric);
                    row.extend([curves.to_string(), number(mean), number(sd)]);
                    row.extend(quantiles.map(number));
                    row.extend([number(lowest.0), curve(lowest.1), number(highest.0), curve(highest.1)]);
                    row.extend(["exact".to_owned(), String::new()]);
                    rows.push(row);
                };
                for metric in POPULATION_METRICS {
                    if let Some(spread) = found.spread(place, metric, which) {
                        add(metric.key(), spread);
                    }
                }
                let Some(standing) = found.standing(place, which) else { continue };
                add("regret_to_best", standing.regret);
                if let Some(spread) = standing.to_benchmark {
                    add("regret_to_benchmark", spread);
                }
                // Shares of curves have no distribution of their own.
                for (metric, share) in [("share_best", standing.best), ("share_tied_best", standing.tied)] {
                    let mut row = head(metric);
                    row.extend([standing.regret.curves.to_string(), number(share)]);
                    row.resize(header.len() - 2, String::new());
                    row.extend(["exact".to_owned(), String::new()]);
                    rows.push(row);
                }
            }
        }
        // Of simulated designs the means.
        for own in &found.simulated {
            for level in levels() {
                for metric in POPULATION_METRICS {
                    let which = |curve: usize| level.is_none_or(|level| shown(population.scenarios[curve].correct) == level);
                    let Some(SimulatedMean { curves, mean, std_error }) = own.mean(&found.weights, metric, which) else {
                        continue;
                    };
                    let level = level.map(|level| level.to_string()).unwrap_or_default();
                    let mut row =
                        vec![population.name.clone(), study.designs[own.design].name.clone(), level, metric.key().to_owned()];
                    row.extend([curves.to_string(), number(mean)]);
                    row.resize(header.len() - 2, String::new());
                    row.extend(["monte-carlo".to_owned(), number(std_error)]);
                    rows.push(row);
                }
            }
        }
    }
    file(header, rows)
}

/// One row a question and MTD: the worst curve, its value, and how the search went.
fn worst(study: &Study, results: &Results) -> Vec<u8> {
    let mut header: Vec<String> =
        ["worst_case", "design", "measure", "correct_level", "value", "worst_of_all"].map(str::to_owned).to_vec();
    header.extend(toxicities(study));
    header.extend(["starts", "agreed", "second", "limits_reached"].map(str::to_owned));
    let rows = results.curves.worst.iter().flat_map(|found| {
        let case = &study.worst_cases[found.case];
        found.by_mtd.iter().enumerate().map(move |(place, curve)| {
            let mut row = vec![
                case.name.clone(),
                study.designs[case.design].name.clone(),
                case.measure.word().to_owned(),
                shown(curve.mtd).to_string(),
                number(curve.value),
                (place == found.worst).to_string(),
            ];
            row.extend(curve.toxicity.iter().map(|&toxicity| number(toxicity)));
            row.extend([curve.starts.to_string(), curve.agreed.to_string()]);
            row.push(curve.second.map(number).unwrap_or_default());
            row.push(case.limits.active_words(curve.mtd, &curve.toxicity));
            row
        })
    });
    file(header, rows)
}

/// One row a change and metric: derivatives with respect to toxicities, and what one change alone does.
fn sensitivity(study: &Study, results: &Results) -> Vec<u8> {
    let header = ["design", "scenario", "change", "from", "to", "step", "remark", "metric", "value", "difference", "derivative"];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for found in &results.curves.sensitivities {
        let asked = study.sensitivities[found.asked];
        let (design, scenario) = (&study.designs[asked.design].name, &study.scenarios[asked.scenario]);
        let mut add = |change: [&str; 5], metric: &str, numbers: [String; 3]| {
            let words = [design.as_str(), &scenario.name].into_iter().chain(change).chain([metric]);
            rows.push(words.map(str::to_owned).chain(numbers).collect());
        };
        for derivative in &found.derivatives {
            for (level, (slope, toxicity)) in derivative.by_level.iter().zip(&scenario.toxicity).enumerate() {
                let change = [&format!("toxicity of L{}", level + 1)[..], &toxicity.to_string(), "", "", ""];
                add(change, derivative.metric.key(), [number(derivative.value), String::new(), number(*slope)]);
            }
        }
        for change in &found.changes {
            for (metric, value) in change.values.iter() {
                let Some((value, before)) = value.zip(found.values.get(metric)) else { continue };
                let numbers = [number(value), number(difference(value, before)), String::new()];
                add([&change.what, &change.from, &change.to, &change.step, &change.remark], metric.key(), numbers);
            }
        }
    }
    file(header, rows)
}

/// A difference of two exact numbers; what is left of their rounding where they are the same is none.
fn difference(value: f64, before: f64) -> f64 {
    let difference = value - before;
    if difference.abs() <= 1e-13 * value.abs().max(1.0) { 0.0 } else { difference }
}
