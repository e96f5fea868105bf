//! The numbers of points.

use rayon::prelude::*;

use super::journal::Journal;
use super::search::{Values, name};
use super::{Estimate, Found, Measure, Outcome, TuningError};
use crate::comparison::{ComparisonError, compare};
use crate::design::Plan;
use crate::engine::{CompileError, Distribution, Exact, Monitor, compile};
use crate::keys::Change;
use crate::measure::{Schedule, Source, Summary, Yardstick, summarise, summarise_scenarios};
use crate::scenario::Scenario;
use crate::study::{Engine, Over, Simulation, Study, StudyDesign, Tuning, Variants};

/// Points that are evaluated between two notes in the journal.
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
        let is_of_time = |measure: &Measure| measure.metric.starts_with("duration") || measure.metric.ends_with("_weeks");
        let asked = super::objective_measure(tuning).into_iter().any(|measure| is_of_time(&measure))
            || tuning.limits.iter().any(|limit| measures.iter().any(|own| own.metric == limit.metric && is_of_time(own)));
        Some(Self {
            study,
            tuning,
            variants: Variants::new(study, tuning.design)?,
            measures: measures.to_vec(),
            scenarios: tuning.truths(study),
            simulates_time: asked && study.timing.as_ref().is_some_and(|timing| !timing.is_closed_form()),
        })
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
            let attempt = |&place: &usize| {
                let attempt = self.attempt(&points[place], monitor);
                monitor.advance(1);
                (place, attempt)
            };
            let attempts: Vec<(usize, Attempt)> = chunk.par_iter().map(attempt).collect();
            let (mut simulate, mut failure) = (Vec::new(), None);
            for (place, attempt) in attempts {
                match attempt {
                    Attempt::Done(outcome) => outcomes[place] = Some(outcome),
                    Attempt::Simulate => simulate.push(place),
                    Attempt::Failed(error) => failure = failure.or(Some(error)),
                }
            }
            let finished = chunk.iter().filter_map(|&place| Some((names[place].as_str(), outcomes[place].as_ref()?)));
            journal.note(tuning, finished)?;
            if let Some(error) = failure {
                return Err(error.into());
            }
            // Replicates are shared out over the threads themselves.
            for place in simulate {
                let outcome = self.simulate(&points[place], monitor)?;
                journal.note(tuning, std::iter::once((names[place].as_str(), &outcome)))?;
                outcomes[place] = Some(outcome);
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// The variant that a point is, or what is wrong with it.
    pub(super) fn design(&self, values: &Values) -> Result<StudyDesign, String> {
        let changes: Vec<Change> = changes(self.tuning, values);
        self.variants.read("parameters", &changes).map_err(|complaints| {
            let said = complaints.first().map(|complaint| format!("{}: {}", complaint.key, complaint.message));
            said.unwrap_or_else(|| "this design cannot be read".to_owned())
        })
    }

    /// A study of these designs under the scenarios of the tuning.
    pub(super) fn study_of(&self, designs: Vec<StudyDesign>, engine: Engine) -> Study {
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
            sensitivity: None,
            designs,
            tunings: Vec::new(),
            text: String::new(),
            folder: None,
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
                Attempt::Done(Ok(self.found(&self.scenarios.iter().map(summary).collect::<Vec<_>>())))
            }
            Plan::Rule(rule) => match compile(rule.as_ref(), max_situations, monitor) {
                Ok(graph) => {
                    let summaries = summarise_scenarios(&Exact::new(&graph), &self.scenarios, target, schedule);
                    Attempt::Done(Ok(self.found(&summaries)))
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
        let results = compare(&self.study_of(vec![design], engine), monitor, |_| {})?;
        let summaries: Vec<Summary> = results.summaries.into_iter().flatten().collect();
        Ok(Ok(self.found(&summaries)))
    }

    /// The numbers of a point from its summaries, one a scenario.
    fn found(&self, summaries: &[Summary]) -> Found {
        let number = |measure: &Measure| {
            let values = summaries.iter().zip(&self.tuning.weights).filter_map(|(summary, &weight)| {
                let found = summary.get(measure.metric, None)?;
                Some((Estimate { value: found.value, std_error: found.std_error }, weight))
            });
            overall(&values.filter(|(_, weight)| *weight > 0.0).collect::<Vec<_>>(), *measure)
        };
        let simulated = summaries.iter().any(|summary| summary.source == Source::MonteCarlo);
        let source = if simulated { Source::MonteCarlo } else { Source::Exact };
        Found { source, numbers: self.measures.iter().map(number).collect() }
    }
}

/// The values of a point as changes of the design.
pub(super) fn changes(tuning: &Tuning, values: &Values) -> Vec<Change> {
    let changed = tuning.parameters.iter().zip(values).filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)));
    changed.map(|(parameter, value)| value.change(&parameter.key)).collect()
}

/// Values of several scenarios, with weights above 0, as one; `None` where there is no value.
fn overall(values: &[(Estimate, f64)], measure: Measure) -> Option<Estimate> {
    let sum: f64 = values.iter().map(|(_, weight)| weight).sum();
    match measure.over {
        _ if values.is_empty() => None,
        Over::Mean => {
            let mean = |pick: &dyn Fn(&Estimate) -> f64| values.iter().map(|(own, weight)| weight * pick(own)).sum::<f64>() / sum;
            let is_simulated = values.iter().any(|(own, _)| own.std_error.is_some());
            let std_error = is_simulated.then(|| mean(&|own| own.std_error.unwrap_or(0.0)));
            Some(Estimate { value: mean(&|own| own.value), std_error })
        }
        Over::Worst => {
            let worse = |a: &Estimate, b: &Estimate| if measure.lowest_is_worst { a.value < b.value } else { a.value > b.value };
            values.iter().map(|(own, _)| *own).reduce(|worst, own| if worse(&own, &worst) { own } else { worst })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_mean_of_the_errors_and_the_worst_its_own() {
        let of = |value, std_error| Estimate { value, std_error };
        let values = [(of(0.5, Some(0.01)), 1.0), (of(0.2, Some(0.03)), 3.0)];
        let measure = |over, lowest_is_worst| Measure { metric: "correct_selection", over, lowest_is_worst };
        let mean = overall(&values, measure(Over::Mean, false)).unwrap();
        assert!((mean.value - 0.275).abs() < 1e-15 && (mean.std_error.unwrap() - 0.025).abs() < 1e-15);
        assert_eq!(overall(&values, measure(Over::Worst, true)), Some(of(0.2, Some(0.03))));
        assert_eq!(overall(&values, measure(Over::Worst, false)), Some(of(0.5, Some(0.01))));
        assert_eq!(overall(&[], measure(Over::Mean, false)), None);
    }
}
