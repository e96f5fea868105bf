//! A study in, its results out: which design is evaluated how, and what is compared with what.

use crate::design::{Plan, Rule, benchmark::Benchmark, late_onset::PendingRule};
use crate::engine::{
    Calendar, CalendarTally, CompileError, Distribution, Exact, Graph, Interrupted, Monitor, Replicates, Tally, TimedRule,
    Walker, compile,
};
use crate::measure::{Difference, Pairing, Results, Schedule, Summary, Yardstick, agreement, exact_differences, summarise};
use crate::scenario::{Scenario, Truth};
use crate::study::{Engine, Simulation, Study};
use crate::trial::Timing;
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
    /// A design that has no exact results, and the study insists on them.
    #[error(
        "design \"{design}\" looks at patients who are still being followed, so it cannot be evaluated exactly, only simulated in calendar \
         time. Use engine \"auto\" or \"monte-carlo\""
    )]
    LateOnset {
        /// The design.
        design: String,
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
    /// In calendar time: by replicates alone.
    LateOnset(&'a dyn PendingRule, &'a Timing),
    /// The benchmark.
    Benchmark(&'a Benchmark),
}

impl<'a> Evaluated<'a> {
    fn new(plan: &'a Plan, graph: &'a Option<Graph>, timing: &'a Timing) -> Self {
        match (plan, graph) {
            (Plan::Benchmark(benchmark), _) => Self::Benchmark(benchmark),
            (Plan::LateOnset(rule), _) => Self::LateOnset(rule.as_ref(), timing),
            (Plan::Rule(_), Some(graph)) => Self::Compiled(Box::new(Exact::new(graph))),
            (Plan::Rule(rule), None) => Self::Conducted(rule.as_ref()),
        }
    }

    fn walker(&self) -> Walker<'_> {
        match self {
            Self::Compiled(exact) => Walker::Graph(exact.graph()),
            Self::Conducted(rule) => Walker::Rule(*rule),
            Self::LateOnset(rule, timing) => Walker::Calendar(Calendar { rule: TimedRule::Pending(*rule), timing }),
            Self::Benchmark(benchmark) => Walker::Benchmark(benchmark),
        }
    }

    /// The design in calendar time, where it is not walked so anyway and has one.
    fn in_calendar_time<'b>(&'b self, timing: &'b Timing) -> Option<Walker<'b>> {
        let rule = match self {
            Self::Compiled(exact) => TimedRule::Graph(exact.graph()),
            Self::Conducted(rule) => TimedRule::Rule(*rule),
            Self::LateOnset(..) | Self::Benchmark(_) => return None,
        };
        Some(Walker::Calendar(Calendar { rule, timing }))
    }

    /// The exact distribution under a truth, where there is one.
    fn distribution(&'a self, truth: Truth<'a>) -> Option<Distribution<'a>> {
        match self {
            Self::Compiled(exact) => Some(Distribution::exact(exact, truth)),
            Self::Conducted(_) | Self::LateOnset(..) => None,
            Self::Benchmark(benchmark) => Some(Distribution::benchmark(benchmark, truth.toxicity)),
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
    // A study whose designs need calendar time has it: its reader sees to that.
    let no_timing = Timing::new(1.0, 1.0);
    let timing = study.timing.as_ref().unwrap_or(&no_timing);
    let designs: Vec<Evaluated<'_>> =
        study.designs.iter().zip(&graphs).map(|(design, graph)| Evaluated::new(&design.plan, graph, timing)).collect();
    let walkers: Vec<Walker<'_>> = designs.iter().map(Evaluated::walker).collect();
    let truths: Vec<Truth<'_>> = study.scenarios.iter().map(Scenario::truth).collect();
    let shape = (study.scenarios.len(), study.designs.len());
    let runs =
        Replicates { walkers: &walkers, curves: &truths, seed: study.simulation.seed, replicates: study.simulation.replicates };

    stage(Stage::Exact);
    monitor.begin((shape.0 * shape.1) as u64);
    let exact = cells(shape, |(scenario, design)| {
        monitor.advance(1);
        let wanted = study.simulation.engine != Engine::MonteCarlo && !monitor.is_interrupted();
        wanted.then(|| designs[design].distribution(truths[scenario])).flatten()
    });
    monitor.check()?;

    let engine = study.simulation.engine;
    let mut simulated = Array2::from_elem(shape, None);
    if engine != Engine::Exact {
        stage(Stage::Replicates);
        monitor.begin(runs.units());
        let tallies = runs.tally(monitor)?.into_iter().flatten();
        for ((index, cell), tally) in simulated.indexed_iter_mut().zip(tallies) {
            *cell = Some(Distribution::replicates(&walkers[index.1], tally));
        }
    }

    let durations = if engine == Engine::Exact { None } else { simulate_durations(study, &designs, &runs, monitor)? };
    let in_detail = study.has_calendar();
    let yardstick = |(scenario, design): (usize, usize)| Yardstick {
        scenario: &study.scenarios[scenario],
        target: &study.target,
        timing: study.timing.as_ref().map(|timing| Schedule {
            timing,
            simulated: durations.as_ref().and_then(|durations| durations[(scenario, design)].as_ref()),
            in_detail,
        }),
        benchmark: matches!(study.designs[design].plan, Plan::Benchmark(_)),
    };
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

/// When the trials of the designs whose cohorts wait end, from replicates in calendar time, where that does not follow from their
/// outcomes; as a table of scenarios by designs.
fn simulate_durations(
    study: &Study,
    designs: &[Evaluated<'_>],
    runs: &Replicates<'_>,
    monitor: &Monitor,
) -> Result<Option<Array2<Option<CalendarTally>>>, Interrupted> {
    let Some(timing) = study.timing.as_ref().filter(|timing| !timing.is_closed_form()) else { return Ok(None) };
    let timed: Vec<(usize, Walker<'_>)> =
        designs.iter().enumerate().filter_map(|(place, design)| Some((place, design.in_calendar_time(timing)?))).collect();
    let walkers: Vec<Walker<'_>> = timed.iter().map(|(_, walker)| *walker).collect();
    let runs = Replicates { walkers: &walkers, ..*runs };
    monitor.begin(runs.units());
    let mut durations = Array2::from_elem((runs.curves.len(), designs.len()), None);
    for (scenario, tallies) in runs.tally(monitor)?.into_iter().enumerate() {
        for ((place, _), tally) in timed.iter().zip(tallies) {
            if let Tally::Timed(_, calendar) = tally {
                durations[(scenario, *place)] = Some(calendar);
            }
        }
    }
    Ok(Some(durations))
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
    let (scenarios, designs) = exact.dim();
    let wanted = |scenario, design| design != REFERENCE && exact[(scenario, design)].is_none();
    let is_wanted = |scenario: &usize| (0..designs).any(|design| wanted(*scenario, design));
    let mut found = Array2::from_elem(exact.dim(), None);
    monitor.begin((0..scenarios).filter(is_wanted).count() as u64 * runs.units());
    // Scenario by scenario, so that what is tabulated for its pairings stays small.
    for scenario in (0..scenarios).filter(is_wanted) {
        let pairings = cells((1, designs), |(_, design)| {
            let side = |design| Some((simulated[(scenario, design)].as_ref()?, yardstick((scenario, design))));
            let ((own, own_yardstick), (reference, reference_yardstick)) = (side(design)?, side(REFERENCE)?);
            wanted(scenario, design).then(|| Pairing::new((own, &own_yardstick), (reference, &reference_yardstick)))
        });
        let mut sums = pairings.map(|pairing| pairing.as_ref().map(Pairing::no_sums));
        let one = Replicates { curves: &runs.curves[scenario..=scenario], ..*runs };
        let spans = one.visit_in_order(
            monitor,
            || sums.clone(),
            |sums, _, ends| {
                let numbers = |design| simulated[(scenario, design)].as_ref().map(|found| ends[design].numbers(found.outcomes()));
                for (design, (pairing, sums)) in pairings.iter().zip(sums.iter_mut()).enumerate() {
                    let (Some(pairing), Some(sums)) = (pairing, sums) else { continue };
                    let (Some(own), Some(reference)) = (numbers(design), numbers(REFERENCE)) else { continue };
                    own.zip(reference).for_each(|(own, reference)| pairing.add(sums, own, reference));
                }
            },
        )?;
        for span in spans {
            sums.iter_mut().flatten().zip(span.iter().flatten()).for_each(|(sum, span)| sum.merge(span));
        }
        for (design, (pairing, sums)) in pairings.iter().zip(&sums).enumerate() {
            let summary = |design| summaries[(scenario, design)].as_ref();
            if let (Some(pairing), Some(sums), Some(own), Some(reference)) = (pairing, sums, summary(design), summary(REFERENCE))
            {
                found[(scenario, design)] = Some(pairing.differences(sums, own, reference));
            }
        }
    }
    Ok(cells((scenarios, designs), |index| {
        let differences = || exact[index].clone().or_else(|| found[index].clone());
        if index.1 == REFERENCE { Vec::new() } else { differences().unwrap_or_default() }
    }))
}

/// Compile every rule of the study. One that is too large has no graph, unless the study insists on exact results.
fn compile_all(study: &Study, monitor: &Monitor, notices: &mut Vec<String>) -> Result<Vec<Option<Graph>>, ComparisonError> {
    monitor.begin(study.designs.len() as u64);
    let Simulation { engine, max_situations, .. } = study.simulation;
    let mut graphs = Vec::with_capacity(study.designs.len());
    for design in &study.designs {
        if engine == Engine::Exact && matches!(design.plan, Plan::LateOnset(_)) {
            return Err(ComparisonError::LateOnset { design: design.name.clone() });
        }
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
