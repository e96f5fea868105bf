//! What operating characteristics depend on: their exact derivatives with respect to the toxicities, and what a change of the design
//! does.

use super::Metric;
use super::metric::{OutcomeMetric, Quantities, Trial, Truth};
use crate::engine::{Derivative, Expectation, Graph};
use crate::numeric::exact::decimal;
use crate::scenario::{Scenario, Target};
use num_rational::BigRational;
use num_traits::{Signed, Zero};

/// The derivative of an operating characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricDerivative {
    /// The metric.
    pub metric: Metric,
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
    /// The change in a few words, such as `+0.05`.
    pub step: String,
    /// What else is to be known of it; empty where nothing is.
    pub remark: String,
    /// The metrics after the change.
    pub values: super::Values,
}

/// How the results of one design under one scenario depend on what was assumed.
#[derive(Clone, Debug)]
pub struct SensitivityResults {
    /// The place of the question in the study.
    pub asked: usize,
    /// The derivatives of the trial-level metrics.
    pub derivatives: Vec<MetricDerivative>,
    /// The metrics as they are.
    pub values: super::Values,
    /// What single changes make of them; two of one thing stand together.
    pub changes: Vec<Change>,
    /// What is not changed, and why: a sentence each.
    pub notes: Vec<String>,
}

/// The exact derivatives of the trial-level metrics of a compiled rule under a scenario, but for those by toxicity. The correct level and the levels inside the
/// acceptable band stay what they are. The accuracy index depends on the toxicities by itself too: a toxicity at the target, where its
/// distance from there has a kink, has the mean of the derivatives to either side.
#[must_use]
pub fn derivatives(graph: &Graph, scenario: &Scenario, target: &Target) -> Vec<MetricDerivative> {
    let truth = Truth::new(scenario, target);
    let at = |quantity: &dyn Fn(&Trial<'_>) -> f64| {
        Expectation::new(graph, |outcome| quantity(&Trial::new(outcome, &truth))).at(scenario.truth())
    };
    let patients = at(&|trial| trial.total_patients());
    let derivative = |metric: OutcomeMetric| {
        let Derivative { value, mut by_level } = at(&|trial| truth.value(metric, trial));
        if metric == OutcomeMetric::AccuracyIndex {
            let selection: Vec<f64> = (0..=by_level.len()).map(|shown| at(&|trial| trial.selects(shown)).value).collect();
            let own = of_distances(&scenario.toxicity, target, &selection);
            by_level.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        }
        if !metric.is_share_of_patients() {
            return MetricDerivative { metric: metric.metric(), value, by_level };
        }
        let share = value / patients.value;
        let by_level = by_level.iter().zip(&patients.by_level);
        let by_level = by_level.map(|(own, of_patients)| (own - share * of_patients) / patients.value);
        MetricDerivative { metric: metric.metric(), value: share, by_level: by_level.collect() }
    };
    truth.metrics(false).into_iter().filter(|metric| metric.is_of_trial() && metric.has_derivative()).map(derivative).collect()
}

/// The derivatives of the accuracy index 1 − L Σ dₛ πₛ / Σ dⱼ with the probabilities π of selecting none, level 1, ... as they are: by
/// the distances d of the toxicities from the target alone. That of none is the largest of them.
fn of_distances(toxicity: &[f64], target: &Target, selection: &[f64]) -> Vec<f64> {
    let levels = toxicity.len() as f64;
    // As the decimals that are written, so that ties are ties.
    let exactly: Vec<BigRational> = toxicity.iter().map(|&p| decimal(p) - decimal(target.value)).collect();
    let distances: Vec<f64> = toxicity.iter().map(|p| (p - target.value).abs()).collect();
    let largest = exactly.iter().map(BigRational::abs).max().unwrap_or_default();
    let farthest = exactly.iter().filter(|own| own.abs() == largest).count();
    let of_none = distances.iter().copied().fold(0.0, f64::max);
    let sum: f64 = distances.iter().sum();
    let expected = selection[0] * of_none + distances.iter().zip(&selection[1..]).map(|(own, share)| own * share).sum::<f64>();
    let by_level = exactly.iter().zip(&selection[1..]).map(|(own, share)| {
        let slope = if own.is_zero() {
            0.0
        } else if own.is_positive() {
            1.0
        } else {
            -1.0
        };
        // The largest of several equal ones follows one of them to one side only.
        let of_largest = match (own.abs() == largest, farthest) {
            (false, _) => 0.0,
            (true, 1) => slope,
            (true, _) => slope / 2.0,
        };
        -levels * ((slope * share + of_largest * selection[0]) / sum - expected * slope / (sum * sum))
    });
    by_level.collect()
}
