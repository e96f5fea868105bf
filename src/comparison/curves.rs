//! What is found beyond the scenarios of a study: over populations of curves, and at the worst ones. All of it is exact.

use super::{Evaluated, sensitivity};
use crate::engine::{Distribution, Exact, Graph, Interrupted, Monitor};
use crate::measure::{
    CurveResults, ExactDesign, PopulationResults, Search, WorstResults, Yardstick, population_values, summarise, worst_measure,
};
use crate::scenario::{Population, Scenario};
use crate::study::{Engine, Study, WorstCase, WorstMeasure};

/// Curves of a population that are evaluated between two looks at whether somebody asked to stop.
const BLOCK: usize = 1 << 12;

/// Evaluate the designs that are known exactly. Those that are not are left out, with a notice.
pub(super) fn evaluate(
    study: &Study,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
    notices: &mut Vec<String>,
) -> Result<CurveResults, Interrupted> {
    if !study.looks_beyond() {
        return Ok(CurveResults::default());
    }
    if study.simulation.engine == Engine::MonteCarlo {
        notices.push(
            "Populations of curves, worst curves and sensitivities are exact: engine \"monte-carlo\" leaves them out.".to_owned(),
        );
        return Ok(CurveResults::default());
    }
    let left_out = study.designs.iter().zip(designs).filter(|(_, design)| exactly(design).is_none());
    for (design, _) in left_out {
        notices.push(format!(
            "Design \"{}\" has no exact results: populations of curves, worst curves and sensitivities leave it out.",
            design.name
        ));
    }
    let graphs: Vec<Option<&Graph>> = designs.iter().map(|design| compiled(design).map(Exact::graph)).collect();
    let curves: usize = study.populations.iter().map(|population| population.scenarios.len()).sum();
    let searches: usize = study.worst_cases.iter().map(|case| case.mtds.len()).sum();
    monitor.begin((curves * designs.len() + searches) as u64);
    let populations = study.populations.iter().map(|population| over(study, population, designs, monitor));
    let populations = populations.collect::<Result<_, _>>()?;
    let mut worst = Vec::new();
    for (place, case) in study.worst_cases.iter().enumerate() {
        worst.extend(search(study, (place, case), &graphs, designs, monitor)?);
    }
    Ok(CurveResults { populations, worst, sensitivity: sensitivity::evaluate(study, designs, monitor)? })
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

/// All designs over one population.
fn over(
    study: &Study,
    population: &Population,
    designs: &[Evaluated<'_>],
    monitor: &Monitor,
) -> Result<PopulationResults, Interrupted> {
    let mut results = PopulationResults { designs: Vec::new(), benchmark: None, values: Vec::new() };
    for (place, design) in designs.iter().enumerate() {
        let Some(exact) = exactly(design) else { continue };
        let mut values = Vec::with_capacity(population.scenarios.len());
        for block in population.scenarios.chunks(BLOCK) {
            values.extend(population_values(exact, block, &study.target));
            monitor.advance(block.len() as u64);
            monitor.check()?;
        }
        if matches!(exact, ExactDesign::Benchmark(_)) && results.benchmark.is_none() {
            results.benchmark = Some(results.designs.len());
        }
        results.designs.push(place);
        results.values.push(values);
    }
    Ok(results)
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
