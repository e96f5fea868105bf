//! What operating characteristics depend on: their exact derivatives with respect to the toxicities, and what a change of the design
//! does.

use super::metric::{Metric, Quantities, Trial, Truth};
use crate::engine::{Derivative, Expectation, Graph};
use crate::scenario::{Scenario, Target};

/// The derivative of an operating characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDerivative {
    /// The metric's key of the contract.
    pub metric: &'static str,
    /// Its value under the scenario.
    pub value: f64,
    /// Its derivative with respect to the toxicity of each level, lowest first.
    pub by_level: Vec<f64>,
}

/// What one thing alone changes.
#[derive(Clone, Debug)]
pub struct Change {
    /// What is changed: the target, a key of the design, or the toxicity of a level.
    pub what: String,
    /// What it was.
    pub from: String,
    /// What it is changed to.
    pub to: String,
    /// The metrics after the change, in the order of [`POPULATION_METRICS`](super::POPULATION_METRICS).
    pub values: super::Values,
}

/// How the results of one design under one scenario depend on what was assumed.
#[derive(Clone, Debug)]
pub struct SensitivityResults {
    /// The derivatives of the trial-level metrics.
    pub derivatives: Vec<MetricDerivative>,
    /// The metrics as they are.
    pub values: super::Values,
    /// What single changes make of them; two of one thing stand together.
    pub changes: Vec<Change>,
}

/// The exact derivatives of the trial-level metrics of a compiled rule under a scenario. The correct level and the levels inside the
/// acceptable band stay what they are; the accuracy index, which depends on the toxicities by itself too, is left out.
#[must_use]
pub fn derivatives(graph: &Graph, scenario: &Scenario, target: &Target) -> Vec<MetricDerivative> {
    let truth = Truth::new(scenario, target);
    let at = |quantity: &dyn Fn(&Trial<'_>) -> f64| {
        Expectation::new(graph, |outcome| quantity(&Trial::new(outcome, &truth))).at(scenario.truth())
    };
    let patients = at(&|trial| trial.total_patients());
    let metrics = truth.metrics(false).into_iter().filter(|metric| metric.level().is_none() && *metric != Metric::AccuracyIndex);
    let derivative = |metric: Metric| {
        let Derivative { value, by_level } = at(&|trial| truth.value(metric, trial));
        if !metric.is_share_of_patients() {
            return MetricDerivative { metric: metric.key(), value, by_level };
        }
        let share = value / patients.value;
        let by_level = by_level.iter().zip(&patients.by_level);
        let by_level = by_level.map(|(own, of_patients)| (own - share * of_patients) / patients.value);
        MetricDerivative { metric: metric.key(), value: share, by_level: by_level.collect() }
    };
    metrics.map(derivative).collect()
}
