//! What a tuning looks for: an objective, and limits that have to hold.

use super::super::Study;
use super::{Parameter, meant};
use crate::design::Plan;
use crate::keys::{Keys, Within};
use crate::trial::{MAX_LEVELS, MAX_PATIENTS, Metric, Quantile};

/// The characteristics of a whole trial that can be asked for. Calendar time is last.
pub const TRIAL_METRICS: [Metric; 25] = [
    Metric::CorrectSelection,
    Metric::AcceptableSelection,
    Metric::OverSelection,
    Metric::UnderSelection,
    Metric::AccuracyIndex,
    Metric::TotalPatients,
    Metric::TotalDlts,
    Metric::ShareAtMtd,
    Metric::ShareAboveMtd,
    Metric::DltRate,
    Metric::DltRateTrialMean,
    Metric::PoorAllocation,
    Metric::Overdose60,
    Metric::Overdose80,
    Metric::Cohorts,
    Metric::TotalPatientsQuantile(Quantile::Q05),
    Metric::TotalPatientsQuantile(Quantile::Q50),
    Metric::TotalPatientsQuantile(Quantile::Q95),
    Metric::DurationWeeks,
    Metric::DurationQuantile(Quantile::Q05),
    Metric::DurationQuantile(Quantile::Q50),
    Metric::DurationQuantile(Quantile::Q95),
    Metric::ClosedWeeks,
    Metric::TurnedAway,
    Metric::UninformedDlts,
];

/// How many of [`TRIAL_METRICS`], the first ones, the benchmark has.
const OF_SELECTION: usize = 5;

/// Where calendar time begins in [`TRIAL_METRICS`], and where the parts of it begin that need more than window and accrual.
const OF_TIME: usize = 18;
const OF_CALENDAR: usize = 22;

/// The metrics that have no value where no dose is correct.
const OF_CORRECT_LEVEL: [Metric; 3] = [Metric::ShareAtMtd, Metric::PoorAllocation, Metric::AccuracyIndex];

const MOST_LIMITS: usize = 20;

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What is made large or small.
    pub aim: Aim,
    /// Whether it is made large.
    pub maximise: bool,
}

/// Something that a point of a tuning has a number for.
#[derive(Clone, Debug, PartialEq)]
pub enum Aim {
    /// A trial-level metric over the scenarios.
    Metric(Metric, Over),
    /// The value of the parameter with this place in the list.
    Parameter(usize),
}

/// How a metric's values in several scenarios become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Their weighted mean, over the scenarios that have the metric.
    Mean,
    /// The worst of them, seen from what is wanted.
    Worst,
}

/// What has to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// A trial-level metric.
    pub metric: Metric,
    /// How its values in several scenarios become one.
    pub over: Over,
    /// The bound, itself allowed.
    pub bound: f64,
    /// Whether the metric must not exceed the bound; otherwise not fall below it.
    pub at_most: bool,
}

/// What is known of the metrics that a design of the study has.
#[derive(Clone, Copy)]
pub(super) struct Metrics<'a> {
    pub(super) study: Option<&'a Study>,
    pub(super) design: Option<usize>,
    /// Whether a dose is correct somewhere, as far as is known.
    pub(super) has_correct_level: bool,
}

impl Metrics<'_> {
    /// The metric that the text of a key names. One that the design cannot have is complained about; `others` are words that are
    /// known too.
    fn read(self, keys: &mut Keys<'_>, key: &'static str, word: &str, others: &[&str]) -> Option<Metric> {
        let Some(place) = TRIAL_METRICS.iter().position(|metric| metric.key() == word) else {
            let metrics = TRIAL_METRICS.map(Metric::key);
            let known: Vec<&str> = metrics.iter().chain(others).copied().collect();
            let help = meant(word, &known).unwrap_or_else(|| format!("trial-level metrics: {}", metrics.join(", ")));
            let parameters = if others.is_empty() { "" } else { " or one of the parameters" };
            keys.complain(key, format!("found {word:?}; allowed: a trial-level metric{parameters}"), Some(help));
            return None;
        };
        let metric = TRIAL_METRICS[place];
        let (Some(study), Some(design)) = (self.study, self.design.and_then(|design| self.study?.designs.get(design))) else {
            return Some(metric);
        };
        let reason = match &design.plan {
            Plan::Benchmark(_) if place >= OF_SELECTION => Some("the benchmark is a reference, which only selects".to_owned()),
            _ if place >= OF_TIME && study.timing.is_none() => Some("the study has no `[timing]`".to_owned()),
            _ if place >= OF_CALENDAR && !study.has_calendar() => {
                Some("the study's cohorts wait, and nothing else is asked of time".to_owned())
            }
            _ if OF_CORRECT_LEVEL.contains(&metric) && !self.has_correct_level => {
                Some("no dose is correct in any of the scenarios or curves".to_owned())
            }
            _ => None,
        };
        if let Some(reason) = reason {
            keys.complain(key, format!("design {:?} has no `{}`: {reason}", design.name, metric.key()), None);
            return None;
        }
        Some(metric)
    }
}

const OVERS: [(&str, Over); 2] = [("mean", Over::Mean), ("worst", Over::Worst)];

pub(super) fn read_objective(keys: &mut Keys<'_>, metrics: Metrics<'_>, parameters: &[Parameter]) -> Option<Objective> {
    let Some(mut table) = keys.table("objective") else {
        let usual = Objective { aim: Aim::Metric(Metric::CorrectSelection, Over::Mean), maximise: true };
        return (!keys.has("objective")).then_some(usual);
    };
    let (maximise, minimise) = (table.text("maximise"), table.text("minimise"));
    let given = table.choice("over", &OVERS);
    let over = given.unwrap_or(Over::Mean);
    if table.has("maximise") == table.has("minimise") {
        table.complain("maximise", "an objective has either `maximise` or `minimise`, with a metric or a parameter", None);
    }
    let (key, word, is_maximised) = match (maximise, minimise) {
        (Some(word), None) => ("maximise", word, true),
        (None, Some(word)) => ("minimise", word, false),
        _ => {
            table.finish();
            return None;
        }
    };
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.key.as_str()).collect();
    let aim = match names.iter().position(|name| *name == word) {
        Some(place) => {
            if parameters[place].values.iter().any(|value| value.number().is_none()) {
                table.complain(
                    key,
                    format!("the values of `{word}` are not all numbers; allowed: a parameter that has numbers"),
                    None,
                );
            }
            if given.is_some() {
                table.complain(
                    "over",
                    "a parameter has one value, the same in every scenario; allowed: only with a metric",
                    None,
                );
            }
            Some(Aim::Parameter(place))
        }
        None => metrics.read(&mut table, key, &word, &names).map(|metric| Aim::Metric(metric, over)),
    };
    table.finish();
    Some(Objective { aim: aim?, maximise: is_maximised })
}

/// The numbers that a metric can have.
fn range(metric: Metric) -> Within {
    match metric {
        Metric::AccuracyIndex => Within::Closed(1.0 - MAX_LEVELS as f64, 1.0),
        Metric::TotalPatients
        | Metric::TotalPatientsQuantile(_)
        | Metric::TotalDlts
        | Metric::Cohorts
        | Metric::UninformedDlts => Within::Closed(0.0, MAX_PATIENTS as f64),
        Metric::TurnedAway | Metric::ClosedWeeks | Metric::DurationWeeks | Metric::DurationQuantile(_) => {
            Within::Closed(0.0, 1e9)
        }
        // Probabilities and shares.
        _ => Within::Closed(0.0, 1.0),
    }
}

pub(super) fn read_limits(keys: &mut Keys<'_>, metrics: Metrics<'_>) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    for mut table in keys.tables("limits", MOST_LIMITS) {
        table.require("metric");
        let word = table.text("metric");
        let metric = word.and_then(|word| metrics.read(&mut table, "metric", &word, &[]));
        let within = metric.map_or(Within::Closed(-1e9, 1e9), range);
        let (at_most, at_least) = (table.number("at_most", within), table.number("at_least", within));
        let over = table.choice("over", &OVERS).unwrap_or(Over::Mean);
        if table.has("at_most") == table.has("at_least") {
            table.complain("metric", "a limit has either `at_most` or `at_least`", None);
        }
        let bound = match (at_most, at_least) {
            (Some(bound), None) => Some((bound, true)),
            (None, Some(bound)) => Some((bound, false)),
            _ => None,
        };
        if let Some((metric, (bound, at_most))) = metric.zip(bound) {
            let limit = Limit { metric, over, bound, at_most };
            if let Some(other) = limits.iter().find(|other| other.excludes(&limit)) {
                let (key, other_key) = if at_most { ("at_most", "at_least") } else { ("at_least", "at_most") };
                let message = format!(
                    "found {bound}, where another limit of `{}` has `{other_key}` {}: no point can meet both; allowed: at {} that",
                    metric.key(),
                    other.bound,
                    if at_most { "least" } else { "most" }
                );
                table.complain(key, message, None);
            }
            limits.push(limit);
        }
        table.finish();
    }
    limits
}

impl Limit {
    /// Whether no point can meet both. The lowest value is at most the mean, and that at most the highest, so it does not matter which of
    /// them the limits are about.
    fn excludes(&self, other: &Self) -> bool {
        let (least, most) = if self.at_most { (other, self) } else { (self, other) };
        self.metric == other.metric && self.at_most != other.at_most && least.bound > most.bound
    }
}
