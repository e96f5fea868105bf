//! What is found beyond the scenarios of a study: over populations of curves, and at the worst ones. All of it is exact, but what designs
//! without exact results do over populations, which is simulated.

use super::{Evaluated, sensitivity};
use crate::engine::{Distribution, Exact, Graph, Interrupted, Monitor, Replicates, Walker};
use crate::measure::{
    CurveResults, ExactDesign, PopulationResults, Search, SimulatedDesign, SimulatedParts, SimulatedValues, WorstResults,
    Yardstick, population_values, simulated_values, summarise, worst_measure,
};
use crate::scenario::{Population, Scenario, Truth};
use crate::study::{Engine, Study, WorstCase, WorstMeasure};

/// Curves of a population that are evaluated between two looks at whether somebody asked to stop.
const BLOCK: usize = 1 << 12;

/// The fewest replicates of a curve: fewer tell too little of their own error.
const FEWEST: usize = 10;

/// Evaluate the designs, exactly where they have exact results. Those that have none are simulated over populations, and left out of the
/// rest, with a notice.
pub(super) fn evaluate(
    study: &Study,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
    notices: &mut Vec<String>,
) -> Result<CurveResults, Interrupted> {
    if !study.looks_beyond() {
        return Ok(CurveResults::default());
    }
    let is_exact = |design: &Evaluated<'_>| study.simulation.engine != Engine::MonteCarlo && exactly(design).is_some();
    let needs_exact = !study.worst_cases.is_empty() || !study.sensitivities.is_empty();
    if study.simulation.engine == Engine::MonteCarlo {
        if needs_exact {
            notices.push("Worst curves and sensitivities are exact: engine \"monte-carlo\" leaves them out.".to_owned());
        }
    } else {
        let mut left_out: Vec<&str> = Vec::new();
        left_out.extend((!study.populations.is_empty()).then_some("it is simulated over populations of curves"));
        left_out.extend(needs_exact.then_some("worst curves and sensitivities leave it out"));
        for (design, _) in study.designs.iter().zip(designs).filter(|(_, design)| !is_exact(design)) {
            notices.push(format!("Design \"{}\" has no exact results: {}.", design.name, left_out.join(", and ")));
        }
    }
    let graphs: Vec<Option<&Graph>> = designs.iter().map(|design| compiled(design).map(Exact::graph)).collect();
    let curves: usize = study.populations.iter().map(|population| population.scenarios.len()).sum();
    let searches: usize = study.worst_cases.iter().map(|case| case.mtds.len()).sum();
    let (exact, simulated): (Vec<usize>, Vec<usize>) = (0..designs.len()).partition(|&design| is_exact(&designs[design]));
    let units = curves * (exact.len() + usize::from(!simulated.is_empty())) + searches;
    monitor.begin(units as u64);
    let mut populations = Vec::with_capacity(study.populations.len());
    for population in &study.populations {
        let mut results = over(study, population, (designs, &exact), monitor)?;
        results.simulated = simulate(study, population, (designs, &simulated), monitor)?;
        populations.push(results);
    }
    if study.simulation.engine == Engine::MonteCarlo {
        return Ok(CurveResults { populations, ..CurveResults::default() });
    }
    let mut worst = Vec::new();
    for (place, case) in study.worst_cases.iter().enumerate() {
        worst.extend(search(study, (place, case), &graphs, designs, monitor)?);
    }
    Ok(CurveResults { populations, worst, sensitivities: sensitivity::evaluate(study, designs, monitor)? })
}

/// A compiled design.
pub(super) fn compiled<'a>(design: &'a Evaluated<'a>) -> Option<&'a Exact<'a>> {
    match design {
        Evaluated::Compiled(exact) => Some(exact),
        Evaluated::Conducted(_) | Evaluated::InCalendarTime(_) | Evaluated::Benchmark(_) => None,
    }
}

fn exactly<'a>(design: &'a Evaluated<'a>) -> Option<ExactDesign<'a>> {
    match design {
        Evaluated::Benchmark(benchmark) => Some(ExactDesign::Benchmark(benchmark)),
        other => compiled(other).map(ExactDesign::Compiled),
    }
}

/// The designs with these places over one population, exactly.
fn over(
    study: &Study,
    population: &Population,
    (designs, places): (&[Evaluated<'_>], &[usize]),
    monitor: &Monitor,
) -> Result<PopulationResults, Interrupted> {
    let mut results = PopulationResults { weights: population.weights.clone(), ..PopulationResults::default() };
    for &place in places {
        let Some(exact) = exactly(&designs[place]) else { continue };
        let mut values = Vec::with_capacity(population.scenarios.len());
        for block in population.scenarios.chunks(BLOCK) {
            values.extend(population_values(exact, block, &study.target));
            monitor.advance(block.len() as u64);
            monitor.check()?;
        }
        if matches!(exact, ExactDesign::Benchmark(_)) && results.benchmark.is_none() {
            results.benchmark = Some(results.designs.len());
        }
        results.add_exact(place, values, study.timing.as_ref());
    }
    Ok(results)
}

/// The designs with these places over one population, by replicates on common patients: as many in all as a scenario has, the same
/// number for each curve.
fn simulate(
    study: &Study,
    population: &Population,
    (designs, places): (&[Evaluated<'_>], &[usize]),
    monitor: &Monitor,
) -> Result<Vec<SimulatedDesign>, Interrupted> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let replicates = replicates_of_a_curve(study, population);
    let by_curve = values_apart(study, population, (designs, places), (1, replicates), monitor)?;
    let of_design = |(number, &design): (usize, &usize)| {
        let values = by_curve.iter().map(|designs| designs[number]).collect();
        SimulatedDesign { design, replicates, values }
    };
    Ok(places.iter().enumerate().map(of_design).collect())
}

/// How many replicates each curve of a population has, where designs are simulated over it: together as many as a scenario has, but no
/// curve fewer than ten.
#[must_use]
pub fn replicates_of_a_curve(study: &Study, population: &Population) -> usize {
    study.simulation.replicates.div_ceil(population.scenarios.len().max(1)).max(FEWEST)
}

/// What so many replicates of each part show of the designs with these places, `values[curve * parts + part][design]`. Part i of all has
/// the patients of the replicates from i times as many on: the parts of a curve together have those that it has as one.
fn values_apart(
    study: &Study,
    population: &Population,
    (designs, places): (&[Evaluated<'_>], &[usize]),
    (parts, replicates): (usize, usize),
    monitor: &Monitor,
) -> Result<Vec<Vec<SimulatedValues>>, Interrupted> {
    let walkers: Vec<Walker<'_>> = places.iter().map(|&place| designs[place].walker()).collect();
    let curves = population.scenarios.iter().map(Scenario::truth);
    let curves: Vec<Truth<'_>> = curves.flat_map(|truth| std::iter::repeat_n(truth, parts)).collect();
    let runs = Replicates { walkers: &walkers, curves: &curves, seed: study.simulation.seed, replicates };
    runs.tally_apart(monitor, |place, tallies| {
        let of_design = |((walker, tally), &design): ((&Walker<'_>, _), &usize)| {
            let benchmark = matches!(designs[design], Evaluated::Benchmark(_));
            let found = Distribution::replicates(walker, tally);
            simulated_values(&found, &population.scenarios[place / parts], &study.target, study.timing.as_ref(), benchmark)
        };
        walkers.iter().zip(tallies).zip(places).map(of_design).collect()
    })
}

/// How often the replicates of the curves are divided at least, all curves together: the error of a difference is then itself known
/// to about 7 %.
const DIVISIONS: usize = 100;

/// The first of the designs over a population, and what parts of the replicates of each curve show of it.
pub(super) fn simulate_parts(
    study: &Study,
    population: &Population,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
) -> Result<SimulatedParts, Interrupted> {
    let (curves, replicates) = (population.scenarios.len(), replicates_of_a_curve(study, population));
    let divides = |parts: &usize| replicates.is_multiple_of(*parts) && curves * (parts - 1) >= DIVISIONS;
    let parts = (2..replicates).find(divides).unwrap_or(replicates);
    monitor.begin((curves * (1 + parts)) as u64);
    let of_first = |(parts, replicates): (usize, usize)| -> Result<Vec<SimulatedValues>, Interrupted> {
        let places: &[usize] = if designs.is_empty() { &[] } else { &[0] };
        let values = values_apart(study, population, (designs, places), (parts, replicates), monitor)?;
        Ok(values.into_iter().flatten().collect())
    };
    let (values, by_part) = (of_first((1, replicates))?, of_first((parts, replicates / parts))?);
    Ok(SimulatedParts { whole: SimulatedDesign { design: 0, replicates, values }, parts, by_part })
}

/// The worst curve that a study asks for; none where a design that it needs has no graph.
fn search(
    study: &Study,
    (place, case): (usize, &WorstCase),
    graphs: &[Option<&Graph>],
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
) -> Result<Option<WorstResults>, Interrupted> {
    let against = match case.measure {
        WorstMeasure::Loss(against) => graphs[against],
        WorstMeasure::CorrectSelection | WorstMeasure::ExcessDlts => None,
    };
    let Some(own) = graphs[case.design].filter(|_| against.is_some() || !matches!(case.measure, WorstMeasure::Loss(_))) else {
        return Ok(None);
    };
    let target = study.target.value;
    let mut by_mtd = Vec::new();
    for &mtd in &case.mtds {
        monitor.check()?;
        let search = Search::new(case.measure, own, against, mtd, case.limits.ladder(mtd), target);
        by_mtd.push(search.run(case.measure, case.starts, case.seed));
        monitor.advance(1);
    }
    let mut worst = 0;
    for (mtd, found) in by_mtd.iter().enumerate() {
        if case.measure.is_worse(found.value, by_mtd[worst].value) {
            worst = mtd;
        }
    }
    let Some(found) = by_mtd.get(worst) else { return Ok(None) };
    let scenario = Scenario::new(case.name.clone(), found.toxicity.clone(), found.mtd);
    let summary = |design: &Evaluated<'_>| {
        let yardstick = |benchmark| Yardstick { scenario: &scenario, target: &study.target, timing: None, benchmark };
        match exactly(design)? {
            ExactDesign::Compiled(exact) => Some(summarise(&Distribution::exact(exact, scenario.truth()), &yardstick(false))),
            ExactDesign::Benchmark(benchmark) => {
                Some(summarise(&Distribution::benchmark(benchmark, &scenario.toxicity), &yardstick(true)))
            }
        }
    };
    let summaries = designs.iter().map(summary).collect();
    let by_scenario = study.scenarios.iter().map(|scenario| {
        let is_binary = scenario.moderate_toxicity.is_empty();
        is_binary.then(|| worst_measure(case.measure, own, against, &scenario.toxicity, scenario.correct, target))
    });
    Ok(Some(WorstResults { case: place, summaries, by_scenario: by_scenario.collect(), by_mtd, worst }))
}
