//! What is found beyond the scenarios of a study: over populations of curves, and at the worst ones. All of it is exact, but what designs
//! without exact results do over populations, which is simulated.

use super::{Evaluated, sensitivity};
use crate::engine::{Distribution, Exact, Graph, Interrupted, Monitor, Replicates, Walker};
use crate::measure::{
    CurveResults, ExactDesign, PopulationResults, Search, SimulatedDesign, WorstResults, Yardstick, population_values,
    simulated_values, summarise, worst_measure,
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
    let curves: Vec<Truth<'_>> = population.scenarios.iter().map(Scenario::truth).collect();
    let walkers: Vec<Walker<'_>> = places.iter().map(|&place| designs[place].walker()).collect();
    if walkers.is_empty() {
        return Ok(Vec::new());
    }
    let replicates = study.simulation.replicates.div_ceil(curves.len().max(1)).max(FEWEST);
    let runs = Replicates { walkers: &walkers, curves: &curves, seed: study.simulation.seed, replicates };
    let by_curve = runs.tally_apart(monitor, |curve, tallies| {
        let of_design = |((walker, tally), &place): ((&Walker<'_>, _), &usize)| {
            let benchmark = matches!(designs[place], Evaluated::Benchmark(_));
            let found = Distribution::replicates(walker, tally);
            simulated_values(&found, &population.scenarios[curve], &study.target, study.timing.as_ref(), benchmark)
        };
        walkers.iter().zip(tallies).zip(places).map(of_design).collect::<Vec<_>>()
    })?;
    let of_design = |(number, &design): (usize, &usize)| {
        let values = by_curve.iter().map(|designs| designs[number]).collect();
        SimulatedDesign { design, replicates, values }
    };
    Ok(places.iter().enumerate().map(of_design).collect())
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
    let scenario = Scenario {
        name: case.name.clone(),
        toxicity: found.toxicity.clone(),
        moderate_toxicity: Vec::new(),
        correct: found.mtd,
        accrual_per_week: None,
    };
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
