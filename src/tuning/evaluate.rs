//! The numbers of points.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

use super::journal::Journal;
use super::search::{Values, name};
use super::{Estimate, Found, Measure, Outcome, TuningError};
use crate::comparison::{ComparisonError, Simulated, replicates_of_a_curve, simulate, simulate_population};
use crate::design::Plan;
use crate::engine::{CompileError, Distribution, Exact, Monitor, compile};
use crate::keys::Change;
use crate::measure::{
    Batches, Metric, POPULATION_METRICS, Schedule, SimulatedParts, Source, Summary, Yardstick, summarise, summarise_scenarios,
};
use crate::scenario::{Population, Scenario};
use crate::study::{Engine, Over, Simulation, Study, StudyDesign, Tuning, Variants};

/// Points that are evaluated together, before the journal is made safe from the end of the machine.
const CHUNK: usize = 64;

/// What evaluates the points of a tuning.
pub(super) struct Evaluator<'s> {
    study: &'s Study,
    tuning: &'s Tuning,
    variants: Variants<'s>,
    measures: Vec<Measure>,
    scenarios: Vec<Scenario>,
    /// Whether weeks are asked for that only replicates in calendar time have.
    simulates_time: bool,
    /// The population over whose curves replicates are shared, as in a run of the study. Not where a number is asked for that a few
    /// replicates of a curve do not show: the worst curve's, or a quantile.
    shares: Option<&'s Population>,
}

/// What came of a first try.
enum Attempt {
    Done(Outcome),
    /// It takes replicates.
    Simulate,
    Failed(ComparisonError),
}

impl<'s> Evaluator<'s> {
    /// The evaluator of a tuning; `None` when the study has no such design.
    pub(super) fn new(study: &'s Study, tuning: &'s Tuning, measures: &[Measure]) -> Option<Self> {
        let is_of_time = |measure: &Measure| {
            matches!(measure.metric, Metric::DurationWeeks | Metric::DurationQuantile(_) | Metric::ClosedWeeks)
        };
        let asked = super::objective_measure(tuning).into_iter().any(|measure| is_of_time(&measure))
            || tuning.limits.iter().any(|limit| measures.iter().any(|own| own.metric == limit.metric && is_of_time(own)));
        let simulates_time = asked && study.timing.as_ref().is_some_and(|timing| !timing.is_closed_form());
        let is_shown = |measure: &Measure| measure.over == Over::Mean && POPULATION_METRICS.contains(&measure.metric);
        let population = tuning.population.and_then(|place| study.populations.get(place));
        Some(Self {
            study,
            tuning,
            variants: Variants::new(study, tuning.design)?,
            measures: measures.to_vec(),
            scenarios: tuning.truths(study),
            simulates_time,
            shares: population.filter(|_| !simulates_time && measures.iter().all(is_shown)),
        })
    }

    /// How many replicates there are under each scenario or curve, where points are simulated.
    pub(super) fn replicates(&self) -> usize {
        self.shares.map_or(self.study.simulation.replicates, |population| replicates_of_a_curve(self.study, population))
    }

    /// The outcomes of points, in their order. Those in the journal are taken from there, the others noted in it.
    ///
    /// # Errors
    /// [`TuningError`]; what was finished before is in the journal.
    pub(super) fn evaluate(
        &self,
        tuning: usize,
        points: &[Values],
        journal: &mut Journal,
        monitor: &Monitor,
    ) -> Result<Vec<Outcome>, TuningError> {
        let names: Vec<String> = points.iter().map(|values| name(&self.tuning.parameters, values)).collect();
        let mut outcomes: Vec<Option<Outcome>> = names.iter().map(|name| journal.get(tuning, name)).collect();
        let left: Vec<usize> = (0..points.len()).filter(|&place| outcomes[place].is_none()).collect();
        for chunk in left.chunks(CHUNK) {
            monitor.begin(left.len() as u64);
            monitor.advance(left.iter().filter(|place| outcomes[**place].is_some()).count() as u64);
            let shared = Mutex::new(&mut *journal);
            let attempt = |&place: &usize| -> Result<(usize, Attempt), TuningError> {
                let attempt = self.attempt(&points[place], monitor);
                if let Attempt::Done(outcome) = &attempt {
                    // The lock of a thread that panicked guards a file like any other: what is in it is read line by line.
                    shared.lock().unwrap_or_else(PoisonError::into_inner).note(tuning, &names[place], outcome)?;
                }
                monitor.advance(1);
                Ok((place, attempt))
            };
            let attempts: Vec<Result<(usize, Attempt), TuningError>> = chunk.par_iter().map(attempt).collect();
            journal.sync()?;
            let mut simulate = Vec::new();
            for attempt in attempts {
                match attempt? {
                    (place, Attempt::Done(outcome)) => outcomes[place] = Some(outcome),
                    (place, Attempt::Simulate) => simulate.push(place),
                    (_, Attempt::Failed(error)) => return Err(error.into()),
                }
            }
            // Replicates are shared out over the threads themselves.
            for place in simulate {
                let outcome = self.simulate(&points[place], monitor)?;
                journal.note(tuning, &names[place], &outcome)?;
                journal.sync()?;
                outcomes[place] = Some(outcome);
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// The variant that a point is, or what is wrong with it.
    fn design(&self, values: &Values) -> Result<StudyDesign, String> {
        let changes: Vec<Change> = changes(self.tuning, values);
        self.variants.read("parameters", &changes).map_err(|complaints| {
            let said = complaints.first().map(|complaint| format!("{}: {}", complaint.key, complaint.message));
            said.unwrap_or_else(|| "this design cannot be read".to_owned())
        })
    }

    /// A study of this design under the scenarios of the tuning.
    fn study_of(&self, design: StudyDesign, engine: Engine) -> Study {
        let study = self.study;
        Study {
            name: study.name.clone(),
            target: study.target.clone(),
            doses: study.doses.clone(),
            planned_patients: None,
            timing: study.timing.clone(),
            report: study.report.clone(),
            simulation: Simulation { engine, ..study.simulation },
            scenarios: self.scenarios.clone(),
            populations: Vec::new(),
            worst_cases: Vec::new(),
            sensitivities: Vec::new(),
            designs: vec![design],
            tunings: Vec::new(),
            text: String::new(),
            folder: None,
            files: Vec::new(),
        }
    }

    /// Evaluate a point exactly, where that is possible and wanted.
    fn attempt(&self, values: &Values, monitor: &Monitor) -> Attempt {
        if monitor.is_interrupted() {
            return Attempt::Failed(ComparisonError::Interrupted);
        }
        let design = match self.design(values) {
            Ok(design) => design,
            Err(fault) => return Attempt::Done(Err(fault)),
        };
        let Simulation { engine, max_situations, .. } = self.study.simulation;
        if engine == Engine::MonteCarlo || (self.simulates_time && engine == Engine::Auto) {
            return Attempt::Simulate;
        }
        let in_detail = self.study.has_calendar();
        let schedule = self.study.timing.as_ref().map(|timing| Schedule { timing, simulated: None, in_detail });
        let target = &self.study.target;
        match &design.plan {
            Plan::LateOnset(_) if engine == Engine::Exact => Attempt::Failed(ComparisonError::LateOnset { design: design.name }),
            Plan::LateOnset(_) => Attempt::Simulate,
            Plan::Benchmark(benchmark) => {
                let summary = |scenario: &Scenario| {
                    let yardstick = Yardstick { scenario, target, timing: None, benchmark: true };
                    summarise(&Distribution::benchmark(benchmark, &scenario.toxicity), &yardstick)
                };
                Attempt::Done(Ok(self.found(self.scenarios.iter().map(summary).map(exact))))
            }
            Plan::Rule(rule) => match compile(rule.as_ref(), max_situations, monitor) {
                Ok(graph) => {
                    let summaries = summarise_scenarios(&Exact::new(&graph), &self.scenarios, target, schedule);
                    Attempt::Done(Ok(self.found(summaries.into_iter().map(exact))))
                }
                Err(CompileError::Interrupted) => Attempt::Failed(ComparisonError::Interrupted),
                Err(CompileError::TooLarge { limit, found }) if engine == Engine::Exact => {
                    let design = format!("{} ({})", design.name, name(&self.tuning.parameters, values));
                    Attempt::Failed(ComparisonError::TooLarge { design, limit, found })
                }
                Err(CompileError::TooLarge { .. }) => Attempt::Simulate,
            },
        }
    }

    /// Evaluate a point as a run of the study would that simulates it.
    fn simulate(&self, values: &Values, monitor: &Monitor) -> Result<Outcome, ComparisonError> {
        let design = match self.design(values) {
            Ok(design) => design,
            Err(fault) => return Ok(Err(fault)),
        };
        let engine = if self.simulates_time { self.study.simulation.engine } else { Engine::MonteCarlo };
        let study = self.study_of(design, engine);
        if let Some(population) = self.shares {
            let found = simulate_population(&study, population, monitor)?;
            return Ok(Ok(self.found_by_parts(&found, &population.weights)));
        }
        let metrics: Vec<Metric> = self.measures.iter().map(|measure| measure.metric).collect();
        Ok(Ok(self.found(simulate(&study, &metrics, monitor)?.into_iter())))
    }

    /// The numbers of a point from replicates that the curves of a population, with these weights, share.
    fn found_by_parts(&self, simulated: &SimulatedParts, weights: &[f64]) -> Found {
        let number = |measure: &Measure| -> (Option<Estimate>, Batches) {
            let mean = simulated.whole.mean(weights, measure.metric, |_| true);
            mean.map_or_else(Default::default, |mean| {
                let estimate = Estimate { value: mean.mean, std_error: Some(mean.std_error) };
                (Some(estimate), simulated.batches(weights, measure.metric))
            })
        };
        let (numbers, batches) = self.measures.iter().map(number).unzip();
        Found { source: Source::MonteCarlo, numbers, batches }
    }

    /// The numbers of a point from what was found in each scenario; the batches are those of the measures, none where nothing was
    /// simulated.
    fn found(&self, scenarios: impl Iterator<Item = Simulated>) -> Found {
        let mut of_measures: Vec<Vec<Weighted>> = vec![Vec::new(); self.measures.len()];
        let mut source = Source::Exact;
        for (Simulated { summary, batches }, &weight) in scenarios.zip(&self.tuning.weights) {
            if summary.source == Source::MonteCarlo {
                source = Source::MonteCarlo;
            }
            let batches = batches.into_iter().chain(std::iter::repeat_with(Batches::default));
            for ((found, measure), batches) in of_measures.iter_mut().zip(&self.measures).zip(batches) {
                if let Some(own) = summary.get(measure.metric).filter(|_| weight > 0.0) {
                    let estimate = Estimate { value: own.value, std_error: own.std_error };
                    found.push(Weighted { weight, estimate, batches });
                }
            }
        }
        let (numbers, batches) =
            of_measures.into_iter().zip(&self.measures).map(|(found, &measure)| overall(found, measure)).unzip();
        Found { source, numbers, batches }
    }
}

/// What has no simulation error.
fn exact(summary: Summary) -> Simulated {
    Simulated { summary, batches: Vec::new() }
}

/// The values of a point as changes of the design.
pub(super) fn changes(tuning: &Tuning, values: &Values) -> Vec<Change> {
    let changed = tuning.parameters.iter().zip(values).filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)));
    changed.map(|(parameter, value)| value.change(&parameter.key)).collect()
}

/// A number of a scenario.
#[derive(Clone, Debug)]
struct Weighted {
    /// That of the scenario, above 0.
    weight: f64,
    estimate: Estimate,
    batches: Batches,
}

/// Numbers of several scenarios as one, with its batches; `None` where there is no number.
fn overall(found: Vec<Weighted>, measure: Measure) -> (Option<Estimate>, Batches) {
    let worse = |a: &Weighted, b: &Weighted| {
        if measure.lowest_is_worst { a.estimate.value < b.estimate.value } else { a.estimate.value > b.estimate.value }
    };
    if measure.over == Over::Worst || found.len() < 2 {
        let worst = found.into_iter().reduce(|worst, own| if worse(&own, &worst) { own } else { worst });
        return worst.map_or_else(Default::default, |worst| (Some(worst.estimate), worst.batches));
    }
    let sum: f64 = found.iter().map(|own| own.weight).sum();
    let value = found.iter().map(|own| own.weight * own.estimate.value).sum::<f64>() / sum;
    let batches = Batches::weighted(found.iter().map(|own| (own.weight / sum, &own.batches)));
    let is_simulated = found.iter().any(|own| own.estimate.std_error.is_some());
    (Some(Estimate { value, std_error: is_simulated.then(|| batches.std_error()) }), batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two scenarios share their patients: what moves one up and the other down moves the mean little.
    #[test]
    fn a_mean_has_the_error_of_its_batches_and_the_worst_its_own() {
        let of = |value: f64, std_error, weight, moves: [f64; 4]| Weighted {
            weight,
            estimate: Estimate { value, std_error: Some(std_error) },
            batches: Batches::new(moves.to_vec()),
        };
        let found = || vec![of(0.5, 0.01, 1.0, [0.03, -0.03, 0.0, 0.0]), of(0.2, 0.03, 3.0, [-0.01, 0.02, 0.0, -0.01])];
        let measure = |over, lowest_is_worst| Measure { metric: Metric::CorrectSelection, over, lowest_is_worst };
        let (mean, batches) = overall(found(), measure(Over::Mean, false));
        let mean = mean.unwrap();
        let moves = [0.0, 0.0075, 0.0, -0.0075];
        assert!(batches.moves().iter().zip(moves).all(|(own, expected)| (own - expected).abs() < 1e-15), "{batches:?}");
        assert!((mean.value - 0.275).abs() < 1e-15);
        assert!((mean.std_error.unwrap() - (2.0 * 0.0075f64.powi(2) * 4.0 / 3.0).sqrt()).abs() < 1e-15);
        let worst = |lowest| overall(found(), measure(Over::Worst, lowest)).0.unwrap();
        assert_eq!(worst(true), Estimate { value: 0.2, std_error: Some(0.03) });
        assert_eq!(worst(false), Estimate { value: 0.5, std_error: Some(0.01) });
        assert_eq!(overall(Vec::new(), measure(Over::Mean, false)).0, None);
        // One scenario alone has the error that a run of the study shows.
        assert_eq!(
            overall(found()[..1].to_vec(), measure(Over::Mean, false)).0,
            Some(Estimate { value: 0.5, std_error: Some(0.01) })
        );
    }
}
