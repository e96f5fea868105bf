//! `results.json`, what was found beyond the scenarios: populations of curves, worst curves and sensitivities.

use super::Number;
use super::sensitivity::{Sensitivity, sensitivities};
use crate::measure::{
    Metric, OverCurves, POPULATION_METRICS, PopulationResults, Results, SimulatedDesign, SimulatedMean, Source, Summary,
    WorstResults,
};
use crate::report::curves::populations;
use crate::scenario;
use crate::study::Study;
use crate::trial::shown;
use serde::Serialize;

/// The keys of the root; those of a study that does not look beyond its scenarios are left out.
#[derive(Serialize)]
pub(super) struct Beyond<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    populations: Vec<Population<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    worst_curves: Vec<Worst<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sensitivities: Vec<Sensitivity<'a>>,
}

#[derive(Serialize)]
struct Population<'a> {
    population: &'a str,
    origin: &'a str,
    curves: usize,
    designs: Vec<Design<'a>>,
}

/// A design over the curves of a population.
#[derive(Serialize)]
struct Design<'a> {
    design: &'a str,
    engine: &'static str,
    /// Replicates of each curve, where it is simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    replicates: Option<usize>,
    #[serde(flatten)]
    all: Group,
    by_correct_level: Vec<OfLevel>,
}

/// The curves with this correct level.
#[derive(Serialize)]
struct OfLevel {
    correct_level: usize,
    #[serde(flatten)]
    group: Group,
}

/// A design over some curves.
#[derive(Default, Serialize)]
struct Group {
    operating_characteristics: Vec<Spread>,
    share_best: Option<f64>,
    share_tied_best: Option<f64>,
    regret_to_best: Option<f64>,
    regret_to_best_max: Option<f64>,
    regret_to_benchmark: Option<f64>,
}

#[derive(Serialize)]
struct Spread {
    metric: &'static str,
    curves: usize,
    mean: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    std_error: Option<f64>,
    /// Of simulated designs only the mean is told.
    #[serde(flatten)]
    distribution: Option<Quantiles>,
}

#[derive(Serialize)]
struct Quantiles {
    sd: f64,
    q05: f64,
    q25: f64,
    q50: f64,
    q75: f64,
    q95: f64,
    min: f64,
    max: f64,
}

#[derive(Serialize)]
struct Worst<'a> {
    name: &'a str,
    design: &'a str,
    measure: &'static str,
    correct_level: usize,
    toxicity: &'a [f64],
    value: f64,
    designs: Vec<OnCurve<'a>>,
    by_correct_level: Vec<Search<'a>>,
    by_scenario: Vec<UnderScenario<'a>>,
}

/// A design on a worst curve.
#[derive(Serialize)]
struct OnCurve<'a> {
    design: &'a str,
    operating_characteristics: Vec<Number>,
}

/// The worst curve with one correct level, and how the searches for it ended.
#[derive(Serialize)]
struct Search<'a> {
    correct_level: usize,
    toxicity: &'a [f64],
    value: f64,
    starts: usize,
    agreed: usize,
    second: Option<f64>,
    limits_reached: String,
}

/// The same measure under a scenario of the study.
#[derive(Serialize)]
struct UnderScenario<'a> {
    scenario: &'a str,
    value: Option<f64>,
}

impl<'a> Beyond<'a> {
    pub(super) fn new(study: &'a Study, results: &'a Results) -> Self {
        Self {
            populations: populations(study, results).map(|(population, found)| over_curves(study, population, found)).collect(),
            worst_curves: results.curves.worst.iter().map(|found| worst(study, found)).collect(),
            sensitivities: sensitivities(study, results),
        }
    }
}

fn over_curves<'a>(study: &'a Study, population: &'a scenario::Population, found: &PopulationResults) -> Population<'a> {
    let correct_level = |curve: usize| shown(population.scenarios[curve].correct);
    let levels: Vec<usize> = (0..=study.doses.levels.len())
        .filter(|&level| population.scenarios.iter().any(|one| shown(one.correct) == level))
        .collect();
    let by_level = |group: &dyn Fn(usize) -> Group| {
        levels.iter().map(|&correct_level| OfLevel { correct_level, group: group(correct_level) }).collect()
    };
    let exact = found.designs.iter().enumerate().map(|(place, &design)| Design {
        design: &study.designs[design].name,
        engine: Source::Exact.word(),
        replicates: None,
        all: group(found, place, |_| true),
        by_correct_level: by_level(&|level| group(found, place, |curve| correct_level(curve) == level)),
    });
    let simulated = found.simulated.iter().map(|own| Design {
        design: &study.designs[own.design].name,
        engine: Source::MonteCarlo.word(),
        replicates: Some(own.replicates),
        all: simulated_group(found, own, |_| true),
        by_correct_level: by_level(&|level| simulated_group(found, own, |curve| correct_level(curve) == level)),
    });
    Population {
        population: &population.name,
        origin: &population.origin,
        curves: population.scenarios.len(),
        designs: exact.chain(simulated).collect(),
    }
}

/// A simulated design over the curves that `which` holds for: the means alone, and no place among the others.
fn simulated_group(found: &PopulationResults, own: &SimulatedDesign, which: impl Fn(usize) -> bool) -> Group {
    let spread = |metric: Metric| {
        let SimulatedMean { curves, mean, std_error } = own.mean(&found.weights, metric, &which)?;
        Some(Spread { metric: metric.key(), curves, mean, std_error: Some(std_error), distribution: None })
    };
    Group { operating_characteristics: POPULATION_METRICS.into_iter().filter_map(spread).collect(), ..Group::default() }
}

/// A design, by its place among those of the population, over the curves that `which` holds for.
fn group(found: &PopulationResults, place: usize, which: impl Fn(usize) -> bool) -> Group {
    let spread = |metric: Metric| {
        let OverCurves { curves, mean, sd, quantiles, lowest, highest } = found.spread(place, metric, &which)?;
        let [q05, q25, q50, q75, q95] = quantiles;
        let distribution = Some(Quantiles { sd, q05, q25, q50, q75, q95, min: lowest.0, max: highest.0 });
        Some(Spread { metric: metric.key(), curves, mean, std_error: None, distribution })
    };
    let standing = found.standing(place, &which);
    Group {
        operating_characteristics: POPULATION_METRICS.into_iter().filter_map(spread).collect(),
        share_best: standing.map(|own| own.best),
        share_tied_best: standing.map(|own| own.tied),
        regret_to_best: standing.map(|own| own.regret.mean),
        regret_to_best_max: standing.map(|own| own.regret.highest.0),
        regret_to_benchmark: standing.and_then(|own| own.to_benchmark).map(|all| all.mean),
    }
}

fn worst<'a>(study: &'a Study, found: &'a WorstResults) -> Worst<'a> {
    let (case, curve) = (&study.worst_cases[found.case], &found.by_mtd[found.worst]);
    let designs = study.designs.iter().zip(&found.summaries);
    let design = |(design, summary): (&'a crate::study::StudyDesign, &Option<Summary>)| {
        let operating_characteristics = summary.as_ref()?.characteristics.iter().map(Number::from).collect();
        Some(OnCurve { design: &design.name, operating_characteristics })
    };
    let search = |curve: &'a crate::measure::WorstCurve| Search {
        correct_level: shown(curve.mtd),
        toxicity: &curve.toxicity,
        value: curve.value,
        starts: curve.starts,
        agreed: curve.agreed,
        second: curve.second,
        limits_reached: case.limits.active_words(curve.mtd, &curve.toxicity),
    };
    let scenarios = study.scenarios.iter().zip(&found.by_scenario);
    Worst {
        name: &case.name,
        design: &study.designs[case.design].name,
        measure: case.measure.word(),
        correct_level: shown(curve.mtd),
        toxicity: &curve.toxicity,
        value: curve.value,
        designs: designs.filter_map(design).collect(),
        by_correct_level: found.by_mtd.iter().map(search).collect(),
        by_scenario: scenarios.map(|(scenario, &value)| UnderScenario { scenario: &scenario.name, value }).collect(),
    }
}
