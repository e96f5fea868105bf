//! A design alone, simulated so that it can be compared later with others that see the same patients.

use super::{ComparisonError, Evaluated, calendar, compile_all, curves, timing};
use crate::design::Plan;
use crate::engine::{Distribution, Monitor, Replicates, Walker};
use crate::measure::{Batches, Metric, Moves, Schedule, SimulatedParts, Summary, Yardstick, summarise};
use crate::scenario::{Population, Scenario};
use crate::study::{Engine, Study};

/// What replicates showed of a design under a scenario.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// Its characteristics, those that a run of the study would show.
    pub summary: Summary,
    /// The batches of the metrics that were asked for, in their order.
    pub batches: Vec<Batches>,
}

/// Simulate the first design of a study under each of its scenarios, and keep the batches of some trial-level metrics. Everything
/// parallel runs on the current thread pool.
///
/// # Errors
/// [`ComparisonError`].
pub fn simulate(study: &Study, metrics: &[Metric], monitor: &Monitor) -> Result<Vec<Simulated>, ComparisonError> {
    let graphs = compile_all(study, monitor, &mut Vec::new())?;
    let (Some(design), Some(graph)) = (study.designs.first(), graphs.first()) else { return Ok(Vec::new()) };
    let timing = timing(study);
    let evaluated = Evaluated::new(&design.plan, graph, &timing);
    let timed = calendar::walkers(study, std::slice::from_ref(&evaluated));
    let walkers: Vec<Walker<'_>> = std::iter::once(evaluated.walker()).chain(timed.iter().flatten().copied()).collect();
    // Scenario by scenario, so that what is kept of the trials stays small.
    let one = |scenario: &Scenario| {
        let (truth, replicates) = (scenario.truth(), study.simulation.replicates);
        let runs = Replicates { walkers: &walkers[..1], curves: &[truth], seed: study.simulation.seed, replicates };
        let exact = if study.simulation.engine == Engine::MonteCarlo { None } else { evaluated.distribution(truth) };
        let distribution = match exact {
            Some(distribution) => distribution,
            None => {
                monitor.begin(runs.units());
                let tally = runs.tally(monitor)?.into_iter().flatten().next();
                // There is one walker, and one curve: the tally of both.
                Distribution::replicates(&walkers[0], tally.expect("one design under one scenario has one tally"))
            }
        };
        let calendars = calendar::tallies(&timed, &runs, monitor)?;
        let timing = study.timing.as_ref().map(|timing| Schedule {
            timing,
            simulated: calendars.first().and_then(Option::as_ref),
            in_detail: study.has_calendar(),
        });
        let yardstick =
            Yardstick { scenario, target: &study.target, timing, benchmark: matches!(design.plan, Plan::Benchmark(_)) };
        let summary = summarise(&distribution, &yardstick);
        let moves = Moves::new(&distribution, &yardstick, &summary, metrics, replicates);
        monitor.begin(runs.units());
        let runs = Replicates { walkers: &walkers, ..runs };
        let spans = runs.visit_in_order(
            monitor,
            || moves.no_sums(),
            |sums, _, ends| {
                if let (Some(ends), Some(clock)) = (ends.first(), ends.last()) {
                    moves.add(sums, ends, clock.times());
                }
            },
        )?;
        Ok(Simulated { batches: moves.batches(&spans), summary })
    };
    study.scenarios.iter().map(one).collect()
}

/// Simulate the first design of a study over a population as a run of the study would, the curves sharing the replicates, and again by
/// parts of the replicates of each curve. Everything parallel runs on the current thread pool.
///
/// # Errors
/// [`ComparisonError`].
pub fn simulate_population(study: &Study, population: &Population, monitor: &Monitor) -> Result<SimulatedParts, ComparisonError> {
    let graphs = compile_all(study, monitor, &mut Vec::new())?;
    let timing = timing(study);
    let designs: Vec<Evaluated<'_>> =
        study.designs.iter().zip(&graphs).take(1).map(|(design, graph)| Evaluated::new(&design.plan, graph, &timing)).collect();
    Ok(curves::simulate_parts(study, population, &designs, monitor)?)
}
