//! A study in, its results out: which design is evaluated how, and what is compared with what.

use crate::design::{Plan, Rule, benchmark::Benchmark};
use crate::engine::{CompileError, Distribution, Exact, Graph, Interrupted, Monitor, Replicates, Walker, compile};
use crate::measure::{Difference, Pairing, Results, Summary, Yardstick, agreement, exact_differences, summarise};
use crate::study::{Engine, Simulation, Study};
use ndarray::Array2;
use rayon::prelude::*;

/// Why a study has no results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComparisonError {
    /// A design is too large for the exact engine that the study insists on.
    #[error(
        "design \"{design}\" cannot be evaluated exactly: its decision graph has more than {limit} situations \
         ({found} when counting stopped). Raise `max_situations` in [simulation], or use engine \"auto\" or \"monte-carlo\""
    )]
    TooLarge {
        /// The design.
        design: String,
        /// The bound.
        limit: usize,
        /// How many had been found when it was passed.
        found: usize,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<Interrupted> for ComparisonError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// What is announced to the person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Compiling decision graphs.
    Compile,
    /// Evaluating them exactly.
    Exact,
    /// Running replicates.
    Replicates,
    /// Running them again in pairs, for the errors of differences.
    Pairs,
}

/// How a design is evaluated.
enum Evaluated<'a> {
    /// Compiled, with the weights of its leaves.
    Compiled(Box<Exact<'a>>),
    /// Too large to compile: by replicates alone.
    Conducted(&'a dyn Rule),
    /// The benchmark.
    Benchmark(&'a Benchmark),
}

impl<'a> Evaluated<'a> {
    fn new(plan: &'a Plan, graph: &'a Option<Graph>) -> Self {
        match (plan, graph) {
            (Plan::Benchmark(benchmark), _) => Self::Benchmark(benchmark),
            (Plan::Rule(_), Some(graph)) => Self::Compiled(Box::new(Exact::new(graph))),
            (Plan::Rule(rule), None) => Self::Conducted(rule.as_ref()),
        }
    }

    fn walker(&self) -> Walker<'_> {
        match self {
            Self::Compiled(exact) => Walker::Graph(exact.graph()),
            Self::Conducted(rule) => Walker::Rule(*rule),
            Self::Benchmark(benchmark) => Walker::Benchmark(benchmark),
        }
    }

    /// The exact distribution under `curve`, where there is one.
    fn distribution(&'a self, curve: &'a [f64]) -> Option<Distribution<'a>> {
        match self {
            Self::Compiled(exact) => Some(Distribution::exact(exact, curve)),
            Self::Conducted(_) => None,
            Self::Benchmark(benchmark) => Some(Distribution::benchmark(benchmark, curve)),
        }
    }
}

/// Compare the designs of a study. Everything parallel runs on the current thread pool. `stage` is told what begins.
///
/// Exact results where the engine allows them; then replicates of all designs on common patients, unless the engine is `exact`:
/// they are the results of the designs without exact ones, and a check on the others.
///
/// # Errors
/// [`ComparisonError`].
pub fn compare(study: &Study, monitor: &Monitor, mut stage: impl FnMut(Stage)) -> Result<Results, ComparisonError> {
    stage(Stage::Compile);
    let mut notices = Vec::new();
    let graphs = compile_all(study, monitor, &mut notices)?;
    let designs: Vec<Evaluated<'_>> =
        study.designs.iter().zip(&graphs).map(|(design, graph)| Evaluated::new(&design.plan, graph)).collect();
    let walkers: Vec<Walker<'_>> = designs.iter().map(Evaluated::walker).collect();
    let curves: Vec<&[f64]> = study.scenarios.iter().map(|scenario| &scenario.toxicity[..]).collect();
    let shape = (study.scenarios.len(), study.designs.len());
    let yardstick = |(scenario, design): (usize, usize)| Yardstick {
        scenario: &study.scenarios[scenario],
        target: &study.target,
        timing: study.timing,
        benchmark: matches!(study.designs[design].plan, Plan::Benchmark(_)),
    };

    stage(Stage::Exact);
    monitor.begin((shape.0 * shape.1) as u64);
    let exact = cells(shape, |(scenario, design)| {
        monitor.advance(1);
        let wanted = study.simulation.engine != Engine::MonteCarlo && !monitor.is_interrupted();
        wanted.then(|| designs[design].distribution(curves[scenario])).flatten()
    });
    monitor.check()?;

    let Simulation { engine, replicates, seed, .. } = study.simulation;
    let runs = Replicates { walkers: &walkers, curves: &curves, seed, replicates };
    let mut simulated = Array2::from_elem(shape, None);
    if engine != Engine::Exact {
        stage(Stage::Replicates);
        monitor.begin(runs.units());
        let tallies = runs.tally(monitor)?.into_iter().flatten();
        for ((index, cell), tally) in simulated.indexed_iter_mut().zip(tallies) {
            *cell = Some(Distribution::replicates(&walkers[index.1], tally));
        }
    }

    let summarised = |found: &Array2<Option<Distribution<'_>>>| {
        cells(shape, |index| found[index].as_ref().map(|distribution| summarise(distribution, &yardstick(index))))
    };
    let (exact_summaries, simulated_summaries) = (summarised(&exact), summarised(&simulated));
    let exact_pairs = cells(shape, |(scenario, design)| {
        let own = exact_summaries[(scenario, design)].as_ref()?;
        Some(exact_differences(own, exact_summaries[(scenario, REFERENCE)].as_ref()?))
    });
    stage(Stage::Pairs);
    let differences = paired_differences(&runs, monitor, exact_pairs, &simulated, &simulated_summaries, yardstick)?;
    let agreement = cells(shape, |index| agreement(exact[index].as_ref()?, simulated[index].as_ref()?));
    let summaries = cells(shape, |index| exact_summaries[index].clone().or_else(|| simulated_summaries[index].clone()));
    Ok(Results {
        // Every design has a graph, a walk or a law of its own, so every cell has a summary.
        summaries: rows(summaries.mapv_into_any(|summary| summary.unwrap_or_else(Summary::empty))),
        differences: rows(differences),
        agreement: rows(agreement),
        situations: graphs.iter().map(|graph| graph.as_ref().map(Graph::situations)).collect(),
        notices,
    })
}

/// The design that the others are compared with: the first of the study.
const REFERENCE: usize = 0;

/// Work out every cell of a table of scenarios by designs, in parallel.
fn cells<T: Send>(shape: (usize, usize), cell: impl Fn((usize, usize)) -> T + Sync) -> Array2<T> {
    let (_, designs) = shape;
    let values = (0..shape.0 * designs).into_par_iter().map(|index| cell((index / designs, index % designs))).collect();
    Array2::from_shape_vec(shape, values).expect("there is one value for each cell")
}

/// A table as one list per scenario.
fn rows<T>(table: Array2<T>) -> Vec<Vec<T>> {
    let (scenarios, designs) = table.dim();
    let mut cells = table.into_iter();
    (0..scenarios).map(|_| cells.by_ref().take(designs).collect()).collect()
}

/// Fill in the differences that are not both exact, from pairs of trials on the same patients.
fn paired_differences<'a>(
    runs: &Replicates<'_>,
    monitor: &Monitor,
    exact: Array2<Option<Vec<Difference>>>,
    simulated: &Array2<Option<Distribution<'a>>>,
    summaries: &Array2<Option<Summary>>,
    yardstick: impl Fn((usize, usize)) -> Yardstick<'a> + Sync,
) -> Result<Array2<Vec<Difference>>, Interrupted> {
    let pairings = cells(exact.dim(), |(scenario, design)| {
        if exact[(scenario, design)].is_some() || design == REFERENCE {
            return None;
        }
        let side = |design| Some((simulated[(scenario, design)].as_ref()?, yardstick((scenario, design))));
        let ((own, own_yardstick), (reference, reference_yardstick)) = (side(design)?, side(REFERENCE)?);
        Some(Pairing::new((own, &own_yardstick), (reference, &reference_yardstick)))
    });
    let mut sums = pairings.map(|pairing| pairing.as_ref().map(Pairing::no_sums));
    if sums.iter().any(Option::is_some) {
        monitor.begin(runs.units());
        let blank = || sums.clone();
        let spans = runs.visit_in_order(monitor, blank, |sums, scenario, ends| {
            for (design, sums) in sums.row_mut(scenario).iter_mut().enumerate() {
                let (Some(pairing), Some(sums)) = (&pairings[(scenario, design)], sums) else { continue };
                let (Some(own), Some(reference)) = (&simulated[(scenario, design)], &simulated[(scenario, REFERENCE)]) else {
                    continue;
                };
                let ends = ends[design].outcomes(own.outcomes()).zip(ends[REFERENCE].outcomes(reference.outcomes()));
                ends.for_each(|(own, reference)| pairing.add(sums, own, reference));
            }
        })?;
        for span in spans {
            sums.iter_mut().flatten().zip(span.iter().flatten()).for_each(|(sum, span)| sum.merge(span));
        }
    }
    Ok(cells(exact.dim(), |(scenario, design)| {
        let paired = || {
            let (pairing, sums) = (pairings[(scenario, design)].as_ref()?, sums[(scenario, design)].as_ref()?);
            let summary = |design| summaries[(scenario, design)].as_ref();
            Some(pairing.differences(sums, summary(design)?, summary(REFERENCE)?))
        };
        if design == REFERENCE { Vec::new() } else { exact[(scenario, design)].clone().or_else(paired).unwrap_or_default() }
    }))
}

/// Compile every rule of the study. One that is too large has no graph, unless the study insists on exact results.
fn compile_all(study: &Study, monitor: &Monitor, notices: &mut Vec<String>) -> Result<Vec<Option<Graph>>, ComparisonError> {
    monitor.begin(study.designs.len() as u64);
    let Simulation { engine, max_situations, .. } = study.simulation;
    let mut graphs = Vec::with_capacity(study.designs.len());
    for design in &study.designs {
        let Plan::Rule(rule) = &design.plan else {
            graphs.push(None);
            continue;
        };
        graphs.push(match compile(&**rule, max_situations, monitor) {
            Ok(graph) => Some(graph),
            Err(CompileError::Interrupted) => return Err(ComparisonError::Interrupted),
            Err(CompileError::TooLarge { limit, found }) if engine == Engine::Exact => {
                return Err(ComparisonError::TooLarge { design: design.name.clone(), limit, found });
            }
            Err(CompileError::TooLarge { limit, .. }) => {
                if engine == Engine::Auto {
                    notices.push(format!(
                        "Design \"{}\" has more than {limit} situations (max_situations): its results are from replicates, not exact.",
                        design.name
                    ));
                }
                None
            }
        });
        monitor.advance(1);
    }
    Ok(graphs)
}
