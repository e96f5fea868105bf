//! The sensitivities of `results.json`.

use crate::measure::{Change, Metric, MetricDerivative, Results, SensitivityResults, Values};
use crate::study::Study;
use serde::Serialize;

/// How the results of a design under a scenario depend on what was assumed.
#[derive(Serialize)]
pub(super) struct Sensitivity<'a> {
    design: &'a str,
    scenario: &'a str,
    derivatives: Vec<OfMetric<'a>>,
    changes: Vec<Single<'a>>,
    notes: &'a [String],
}

/// A metric with its derivative with respect to the toxicity of each level.
#[derive(Serialize)]
struct OfMetric<'a> {
    metric: &'static str,
    value: f64,
    by_level: &'a [f64],
}

/// A change alone, and what it makes of the metrics.
#[derive(Serialize)]
struct Single<'a> {
    change: &'a str,
    from: &'a str,
    to: &'a str,
    step: &'a str,
    remark: &'a str,
    operating_characteristics: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    metric: &'static str,
    value: f64,
    difference: f64,
}

/// Those of a study.
pub(super) fn sensitivities<'a>(study: &'a Study, results: &'a Results) -> Vec<Sensitivity<'a>> {
    let one = |found: &'a SensitivityResults| {
        let asked = study.sensitivities[found.asked];
        Sensitivity {
            design: &study.designs[asked.design].name,
            scenario: &study.scenarios[asked.scenario].name,
            derivatives: found.derivatives.iter().map(of_metric).collect(),
            changes: found.changes.iter().map(|change| single(change, &found.values)).collect(),
            notes: &found.notes,
        }
    };
    results.curves.sensitivities.iter().map(one).collect()
}

fn of_metric(found: &MetricDerivative) -> OfMetric<'_> {
    OfMetric { metric: found.metric.key(), value: found.value, by_level: &found.by_level }
}

fn single<'a>(change: &'a Change, before: &Values) -> Single<'a> {
    let changed = |(metric, value): (Metric, Option<f64>)| {
        let (value, before) = value.zip(before.get(metric))?;
        Some(Changed { metric: metric.key(), value, difference: value - before })
    };
    Single {
        change: &change.what,
        from: &change.from,
        to: &change.to,
        step: &change.step,
        remark: &change.remark,
        operating_characteristics: change.values.iter().filter_map(changed).collect(),
    }
}
