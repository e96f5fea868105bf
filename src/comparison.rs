//! A study in, its results out: which design is evaluated how, and what is compared with what.

mod calendar;
mod cells;
mod curves;
mod pathways;
mod pending;
mod running;
mod sensitivity;
mod simulated;
mod variants;

pub use cells::decision_cells;
pub use curves::replicates_of_a_curve;
pub use pathways::{first_pathways, pathway_grounds};
pub use pending::{PendingNext, PendingTrial};
pub use running::{Rest, RunningTrial, Side};
pub use simulated::{Simulated, simulate, simulate_population};

use crate::design::{Plan, Protocol, benchmark::Benchmark};
use crate::engine::{
    Calendar, CompileError, Distribution, Exact, Graph, Interrupted, Monitor, NoLeaves, PairedTimes, Replicates, TimedRule,
    Walker, compile, leaves,
};
use crate::measure::{
    Difference, Pairing, Results, Schedule, Summary, Yardstick, agreement, complete, exact_differences, no_paired_times,
    pair_durations, summarise, weeks,
};
use crate::scenario::{Scenario, Truth};
use crate::study::{Engine, Simulation, Study};
use crate::trial::{Counts, Timing};
use ndarray::Array2;
use rayon::prelude::*;
use std::borrow::Cow;

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
    /// A design under which patients drop out, and the study insists on exact results.
    #[error(
        "design \"{design}\": patients drop out (`dropout_rate` in [timing]), so it cannot be evaluated exactly, only simulated in calendar \
         time. Use engine \"auto\" or \"monte-carlo\""
    )]
    DropOut {
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
    /// Evaluating populations of curves and searching for the worst ones.
    Curves,
}

/// How a design is evaluated.
enum Evaluated<'a> {
    /// Compiled, with the weights of its leaves.
    Compiled(Box<Exact<'a>>),
    /// Too large to compile: by replicates alone.
    Conducted(&'a dyn Protocol),
    /// In calendar time: by replicates alone.
    InCalendarTime(Calendar<'a>),
    /// The benchmark.
    Benchmark(&'a Benchmark),
}

impl<'a> Evaluated<'a> {
    fn new(plan: &'a Plan, graph: &'a Option<Graph>, timing: &'a Timing) -> Self {
        match (plan, graph) {
            (Plan::Benchmark(benchmark), _) => Self::Benchmark(benchmark),
            (Plan::LateOnset(rule), _) => Self::InCalendarTime(Calendar { rule: TimedRule::Pending(rule.as_ref()), timing }),
            // Those who stay until they can be evaluated are not the patients of a trial without drop-out.
            (Plan::Rule(rule), graph) if timing.has_dropouts() => {
                let rule = match graph {
                    Some(graph) if timing.replaces(rule.needs_whole_cohorts()) => TimedRule::Graph(graph),
                    _ => TimedRule::Rule(rule.as_ref()),
                };
                Self::InCalendarTime(Calendar { rule, timing })
            }
            (Plan::Rule(_), Some(graph)) => Self::Compiled(Box::new(Exact::new(graph))),
            (Plan::Rule(rule), None) => Self::Conducted(rule.as_ref()),
        }
    }

    fn walker(&self) -> Walker<'_> {
        match self {
            Self::Compiled(exact) => Walker::Graph(exact.graph()),
            Self::Conducted(rule) => Walker::Rule(*rule),
            Self::InCalendarTime(calendar) => Walker::Calendar(*calendar),
            Self::Benchmark(benchmark) => Walker::Benchmark(benchmark),
        }
    }

    /// The design in calendar time, where it is not walked so anyway and has one.
    fn in_calendar_time<'b>(&'b self, timing: &'b Timing) -> Option<Walker<'b>> {
        let rule = match self {
            Self::Compiled(exact) => TimedRule::Graph(exact.graph()),
            Self::Conducted(rule) => TimedRule::Rule(*rule),
            Self::InCalendarTime(_) | Self::Benchmark(_) => return None,
        };
        Some(Walker::Calendar(Calendar { rule, timing }))
    }

    /// The exact distribution under a truth, where there is one.
    fn distribution(&'a self, truth: Truth<'a>) -> Option<Distribution<'a>> {
        match self {
            Self::Compiled(exact) => Some(Distribution::exact(exact, truth)),
            Self::Conducted(_) | Self::InCalendarTime(_) => None,
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
    let timing = timing(study);
    let designs: Vec<Evaluated<'_>> =
        study.designs.iter().zip(&graphs).map(|(design, graph)| Evaluated::new(&design.plan, graph, &timing)).collect();
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
    if engine != Engine::Exact && !study.scenarios.is_empty() {
        stage(Stage::Replicates);
        monitor.begin(runs.units());
        let tallies = runs.tally(monitor)?.into_iter().flatten();
        for ((index, cell), tally) in simulated.indexed_iter_mut().zip(tallies) {
            *cell = Some(Distribution::replicates(&walkers[index.1], tally));
        }
    }

    let timed = calendar::walkers(study, &designs);
    let calendars = calendar::tallies(&timed, &runs, monitor)?;
    let examples = calendar::examples(study, &timed, &runs, monitor)?;
    let in_detail = study.has_calendar();
    let yardstick = |(scenario, design): (usize, usize)| Yardstick {
        scenario: &study.scenarios[scenario],
        target: &study.target,
        timing: study.timing.as_ref().map(|timing| Schedule {
            timing,
            simulated: calendars[(scenario, design)].as_ref(),
            in_detail,
        }),
        benchmark: matches!(study.designs[design].plan, Plan::Benchmark(_)),
    };
    let summarised = |found: &Array2<Option<Distribution<'_>>>| {
        cells(shape, |index| {
            let distribution = found[index].as_ref()?;
            let mut summary = summarise(distribution, &yardstick(index));
            let lacks = |counts: &Counts| study.designs[index.1].plan.lacks_patients(counts);
            let must_have = study.designs[index.1].plan.min_patients_selected() > 0;
            complete(&mut summary, distribution, &yardstick(index), must_have.then_some(&lacks));
            Some(summary)
        })
    };
    let (exact_summaries, simulated_summaries) = (summarised(&exact), summarised(&simulated));
    let exact_pairs = cells(shape, |(scenario, design)| {
        let own = exact_summaries[(scenario, design)].as_ref()?;
        Some(exact_differences(own, exact_summaries[(scenario, REFERENCE)].as_ref()?))
    });
    stage(Stage::Pairs);
    let differences = paired_differences((&runs, &timed), monitor, exact_pairs, &simulated, &simulated_summaries, yardstick)?;
    let agreement = cells(shape, |index| agreement(exact[index].as_ref()?, simulated[index].as_ref()?));
    let weeks = cells(shape, |index| {
        let (found, yardstick) = (exact[index].as_ref().or(simulated[index].as_ref()), yardstick(index));
        let of = |(found, schedule)| weeks(found, schedule, yardstick.scenario.accrual(schedule.timing));
        found.zip(yardstick.timing).map_or_else(Vec::new, of)
    });
    if study.looks_beyond() {
        stage(Stage::Curves);
    }
    let curves = curves::evaluate(study, &designs, monitor, &mut notices)?;
    let summaries = cells(shape, |index| exact_summaries[index].clone().or_else(|| simulated_summaries[index].clone()));
    // What borrows the graphs goes before they do.
    drop((exact, simulated));
    Ok(Results {
        // Every design has a graph, a walk or a law of its own, so every cell has a summary.
        summaries: rows(summaries.mapv_into_any(|summary| summary.unwrap_or_else(Summary::empty))),
        differences: rows(differences),
        agreement: rows(agreement),
        weeks: rows(weeks),
        examples,
        curves,
        notices,
        situations: graphs.iter().map(|graph| Some(graph.as_ref()?.situations())).collect(),
        leaves: graphs.par_iter().map(|graph| graph.as_ref().map_or(Err(NoLeaves::NoGraph), leaves)).collect(),
        cells: cells::of_graphs(study, &graphs),
        pathways: first_pathways(study),
    })
}

/// The design that the others are compared with: the first of the study.
const REFERENCE: usize = 0;

/// The calendar time of a study. One whose designs need it has it, its reader sees to that; to others it makes no difference.
fn timing(study: &Study) -> Cow<'_, Timing> {
    study.timing.as_ref().map_or_else(|| Cow::Owned(Timing::new(1.0, 1.0)), Cow::Borrowed)
}

/// Work out every cell of a table of scenarios by designs, in parallel.
fn cells<T: Send>(shape: (usize, usize), cell: impl Fn((usize, usize)) -> T + Sync) -> Array2<T> {
    let (_, designs) = shape;
    let values = (0..shape.0 * designs).into_par_iter().map(|index| cell((index / designs, index % designs))).collect();
    // As many values as cells: the range above has one index for each.
    Array2::from_shape_vec(shape, values).expect("there is one value for each cell")
}

/// A table as one list per scenario.
fn rows<T>(table: Array2<T>) -> Vec<Vec<T>> {
    let (scenarios, designs) = table.dim();
    let mut cells = table.into_iter();
    (0..scenarios).map(|_| cells.by_ref().take(designs).collect()).collect()
}

/// Fill in the differences that are not both exact, from pairs of trials on the same patients; those in calendar time from pairs of
/// trials of the walkers in `timed`, or of the others where these are in calendar time anyway.
fn paired_differences<'a>(
    (runs, timed): (&Replicates<'_>, &[Option<Walker<'_>>]),
    monitor: &Monitor,
    exact: Array2<Option<Vec<Difference>>>,
    simulated: &Array2<Option<Distribution<'a>>>,
    summaries: &Array2<Option<Summary>>,
    yardstick: impl Fn((usize, usize)) -> Yardstick<'a> + Sync,
) -> Result<Array2<Vec<Difference>>, Interrupted> {
    let (scenarios, designs) = exact.dim();
    let wanted = |scenario, design| design != REFERENCE && exact[(scenario, design)].is_none();
    let is_timed = designs > 1 && timed.iter().any(Option::is_some);
    let is_wanted = |scenario: &usize| is_timed || (0..designs).any(|design| wanted(*scenario, design));
    // Who has the calendar of each design: the walkers in `timed` follow the others.
    let walkers: Vec<Walker<'_>> = runs.walkers.iter().chain(timed.iter().flatten()).copied().collect();
    let mut next = runs.walkers.len()..;
    let clocks: Vec<usize> =
        timed.iter().enumerate().map(|(design, timed)| timed.and_then(|_| next.next()).unwrap_or(design)).collect();
    let mut found = Array2::from_elem(exact.dim(), None);
    let mut found_times: Array2<Option<PairedTimes>> = Array2::from_elem(exact.dim(), None);
    monitor.begin((0..scenarios).filter(is_wanted).count() as u64 * runs.units());
    // Scenario by scenario, so that what is tabulated for its pairings stays small.
    for scenario in (0..scenarios).filter(is_wanted) {
        let side = |design| Some((simulated[(scenario, design)].as_ref()?, yardstick((scenario, design))));
        let pairings = cells((1, designs), |(_, design)| {
            let ((own, own_yardstick), (reference, reference_yardstick)) = (side(design)?, side(REFERENCE)?);
            wanted(scenario, design).then(|| Pairing::new((own, &own_yardstick), (reference, &reference_yardstick)))
        });
        let times = cells((1, designs), |(_, design)| {
            let in_time =
                |design| side(design).and_then(|(found, yardstick)| Some((found, yardstick.timing.filter(|s| s.in_detail)?)));
            if design == REFERENCE { None } else { no_paired_times(in_time(design)?, in_time(REFERENCE)?) }
        });
        let mut sums = pairings.map(|pairing| pairing.as_ref().map(Pairing::no_sums));
        let mut paired_times = times.clone();
        let one = Replicates { walkers: &walkers, curves: &runs.curves[scenario..=scenario], ..*runs };
        let spans = one.visit_in_order(
            monitor,
            || (sums.clone(), times.clone()),
            |(sums, times), _, ends| {
                let numbers = |design| simulated[(scenario, design)].as_ref().map(|found| ends[design].numbers(found.outcomes()));
                for (design, (pairing, sums)) in pairings.iter().zip(sums.iter_mut()).enumerate() {
                    let (Some(pairing), Some(sums)) = (pairing, sums) else { continue };
                    let (Some(own), Some(reference)) = (numbers(design), numbers(REFERENCE)) else { continue };
                    own.zip(reference).for_each(|(own, reference)| pairing.add(sums, own, reference));
                }
                for (design, times) in times.iter_mut().enumerate() {
                    let Some(times) = times else { continue };
                    let pairs = ends[clocks[design]].times().iter().zip(ends[clocks[REFERENCE]].times());
                    pairs.for_each(|(own, reference)| times.add(own, reference));
                }
            },
        )?;
        for (span, span_times) in &spans {
            sums.iter_mut().flatten().zip(span.iter().flatten()).for_each(|(sum, span)| sum.merge(span));
            paired_times.iter_mut().flatten().zip(span_times.iter().flatten()).for_each(|(sum, span)| sum.merge(span));
        }
        for (design, (pairing, sums)) in pairings.iter().zip(&sums).enumerate() {
            let summary = |design| summaries[(scenario, design)].as_ref();
            if let (Some(pairing), Some(sums), Some(own), Some(reference)) = (pairing, sums, summary(design), summary(REFERENCE))
            {
                found[(scenario, design)] = Some(pairing.differences(sums, own, reference));
            }
        }
        for (design, times) in paired_times.into_iter().enumerate() {
            found_times[(scenario, design)] = times;
        }
    }
    Ok(cells((scenarios, designs), |index| {
        let differences = || exact[index].clone().or_else(|| found[index].clone());
        let mut differences = if index.1 == REFERENCE { Vec::new() } else { differences().unwrap_or_default() };
        if let Some(pairs) = &found_times[index] {
            let error = |design, found: &Difference| summaries[(index.0, design)].as_ref()?.get(found.metric)?.std_error;
            pair_durations(&mut differences, pairs, |found| error(index.1, found).zip(error(REFERENCE, found)));
        }
        differences
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
        if engine == Engine::Exact && study.timing.as_ref().is_some_and(Timing::has_dropouts) {
            return Err(ComparisonError::DropOut { design: design.name.clone() });
        }
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
