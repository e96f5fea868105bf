//! `results.json`: everything, for programs; and how all JSON files are written.

mod beyond;
mod sensitivity;

use super::tables::design_lines;
use super::{RunInfo, engine_word, study_sha256};
use crate::argument::Argument;
use crate::measure::{Agreement, Characteristic, Difference, Ending, Results, Summary, Week};
use crate::study::Study;
use crate::trial::shown;
use beyond::Beyond;
use serde::Serialize;

#[derive(Serialize)]
struct Root<'a> {
    version: &'static str,
    study: StudyPart<'a>,
    simulation: Simulation,
    scenarios: Vec<Scenario<'a>>,
    designs: Vec<Design<'a>>,
    results: Vec<Found<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a Argument>,
    #[serde(flatten)]
    beyond: Beyond<'a>,
    notices: &'a [String],
}

#[derive(Serialize)]
struct StudyPart<'a> {
    name: &'a str,
    file: &'a str,
    sha256: String,
    target: f64,
    acceptable: (f64, f64),
    doses: &'a [f64],
    unit: &'a str,
    timing: Option<Timing>,
}

#[derive(Serialize)]
struct Timing {
    dlt_window_weeks: f64,
    accrual_per_week: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_weeks: Option<f64>,
}

#[derive(Serialize)]
struct Simulation {
    engine: &'static str,
    replicates: usize,
    seed: u64,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    toxicity: &'a [f64],
    #[serde(skip_serializing_if = "<[f64]>::is_empty")]
    moderate_toxicity: &'a [f64],
    correct_level: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    accrual_per_week: Option<f64>,
}

#[derive(Serialize)]
struct Design<'a> {
    name: &'a str,
    method: &'a str,
    reference: &'a str,
    situations: Option<usize>,
    synopsis: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    item: String,
    value: String,
}

#[derive(Serialize)]
struct Found<'a> {
    scenario: &'a str,
    design: &'a str,
    engine: &'static str,
    operating_characteristics: Vec<Number>,
    sample_size: Vec<Patients>,
    dlt_count: Vec<Dlts>,
    stop_reasons: Vec<Reason>,
    no_selection: Vec<Cause>,
    paired_differences: Vec<Paired<'a>>,
    agreement: Option<Agreed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<Calendar>,
}

/// What is found at the end of each week from 0 on.
#[derive(Serialize)]
struct Calendar {
    enrolled: Vec<f64>,
    enrolled_std_error: Vec<f64>,
    enrolled_q05: Vec<usize>,
    enrolled_q50: Vec<usize>,
    enrolled_q95: Vec<usize>,
    on_study: Vec<f64>,
    on_study_std_error: Vec<f64>,
    ended: Vec<f64>,
    ended_std_error: Vec<Option<f64>>,
}

impl Calendar {
    /// Nothing where no trial was simulated in calendar time.
    fn new(weeks: &[Week]) -> Option<Self> {
        let [enrolled_q05, enrolled_q50, enrolled_q95] =
            [0, 1, 2].map(|quantile| weeks.iter().map(|week| week.enrolled_quantiles[quantile]).collect());
        let found = Self {
            enrolled: weeks.iter().map(|week| week.enrolled.0).collect(),
            enrolled_std_error: weeks.iter().map(|week| week.enrolled.1).collect(),
            enrolled_q05,
            enrolled_q50,
            enrolled_q95,
            on_study: weeks.iter().map(|week| week.on_study.0).collect(),
            on_study_std_error: weeks.iter().map(|week| week.on_study.1).collect(),
            ended: weeks.iter().map(|week| week.ended.0).collect(),
            ended_std_error: weeks.iter().map(|week| week.ended.1).collect(),
        };
        (!weeks.is_empty()).then_some(found)
    }
}

#[derive(Serialize)]
struct Number {
    metric: &'static str,
    dose_level: Option<usize>,
    value: f64,
    std_error: Option<f64>,
}

#[derive(Serialize)]
struct Patients {
    patients: usize,
    probability: f64,
}

#[derive(Serialize)]
struct Dlts {
    dlts: usize,
    probability: f64,
}

#[derive(Serialize)]
struct Reason {
    reason: &'static str,
    probability: f64,
    selected: f64,
    none: f64,
}

impl From<&Ending> for Reason {
    fn from(found: &Ending) -> Self {
        Self { reason: found.reason.word(), probability: found.probability, selected: found.selected(), none: found.none }
    }
}

#[derive(Serialize)]
struct Cause {
    cause: &'static str,
    probability: f64,
}

#[derive(Serialize)]
struct Paired<'a> {
    reference: &'a str,
    engine: &'static str,
    metric: &'static str,
    dose_level: Option<usize>,
    difference: f64,
    std_error: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Serialize)]
struct Agreed {
    replicates: usize,
    chi_square: f64,
    degrees_of_freedom: usize,
    p_value: f64,
}

impl From<&Characteristic> for Number {
    fn from(found: &Characteristic) -> Self {
        Self { metric: found.metric.key(), dose_level: found.metric.level(), value: found.value, std_error: found.std_error }
    }
}

impl From<&Agreement> for Agreed {
    fn from(found: &Agreement) -> Self {
        let Agreement { replicates, chi_square, degrees_of_freedom, p_value } = *found;
        Self { replicates, chi_square, degrees_of_freedom, p_value }
    }
}

impl<'a> Paired<'a> {
    fn new(reference: &'a str, found: &Difference) -> Self {
        Self {
            reference,
            engine: found.source.word(),
            metric: found.metric.key(),
            dose_level: found.metric.level(),
            difference: found.difference,
            std_error: found.error.map(|(std_error, _, _)| std_error),
            lower: found.error.map(|(_, lower, _)| lower),
            upper: found.error.map(|(_, _, upper)| upper),
        }
    }
}

/// The file.
pub(super) fn results(study: &Study, results: &Results, info: &RunInfo, argument: Option<&Argument>) -> Vec<u8> {
    let root = Root {
        version: env!("CARGO_PKG_VERSION"),
        study: StudyPart {
            name: &study.name,
            file: &info.study_file,
            sha256: study_sha256(study),
            target: study.target.value,
            acceptable: study.target.acceptable,
            doses: &study.doses.levels,
            unit: &study.doses.unit,
            timing: study.timing.as_ref().map(|timing| Timing {
                dlt_window_weeks: timing.dlt_window_weeks,
                accrual_per_week: timing.accrual_per_week,
                planned_weeks: timing.planned_weeks,
            }),
        },
        simulation: Simulation {
            engine: engine_word(study.simulation.engine),
            replicates: study.simulation.replicates,
            seed: study.simulation.seed,
        },
        scenarios: study.scenarios.iter().map(scenario).collect(),
        designs: designs(study, results),
        results: found(study, results),
        argument,
        beyond: Beyond::new(study, results),
        notices: &results.notices,
    };
    text(&root).into_bytes()
}

/// A structure as the text of a file: indented, its last line ended.
pub(super) fn text(root: &impl Serialize) -> String {
    // Serialising fails on maps with keys that are not text: no file has them.
    let mut text = serde_json::to_string_pretty(root).expect("plain structures");
    text.push('\n');
    text
}

fn scenario(scenario: &crate::scenario::Scenario) -> Scenario<'_> {
    Scenario {
        name: &scenario.name,
        toxicity: &scenario.toxicity,
        moderate_toxicity: &scenario.moderate_toxicity,
        correct_level: shown(scenario.correct),
        accrual_per_week: scenario.accrual_per_week,
    }
}

fn designs<'a>(study: &'a Study, results: &Results) -> Vec<Design<'a>> {
    let design = |(place, design): (usize, &'a crate::study::StudyDesign)| Design {
        name: &design.name,
        method: design.method,
        reference: design.reference,
        situations: results.situations.get(place).copied().flatten(),
        synopsis: design_lines(design).into_iter().map(|(item, value)| Item { item, value }).collect(),
    };
    study.designs.iter().enumerate().map(design).collect()
}

/// One entry a scenario and design.
fn found<'a>(study: &'a Study, results: &Results) -> Vec<Found<'a>> {
    let reference = study.designs.first().map_or("", |design| design.name.as_str());
    let mut entries = Vec::new();
    for (row, (scenario, summaries)) in study.scenarios.iter().zip(&results.summaries).enumerate() {
        for (place, (design, summary)) in study.designs.iter().zip(summaries).enumerate() {
            let Summary { source, characteristics, sample_size, dlt_count, stop_reasons, no_selection } = summary;
            let differences = results.differences.get(row).and_then(|designs| designs.get(place)).into_iter().flatten();
            let weeks = results.weeks.get(row).and_then(|designs| designs.get(place));
            let agreement = results.agreement.get(row).and_then(|designs| designs.get(place)?.as_ref());
            entries.push(Found {
                scenario: &scenario.name,
                design: &design.name,
                engine: source.word(),
                operating_characteristics: characteristics.iter().map(Number::from).collect(),
                sample_size: sample_size.iter().map(|&(patients, probability)| Patients { patients, probability }).collect(),
                dlt_count: dlt_count.iter().map(|&(dlts, probability)| Dlts { dlts, probability }).collect(),
                stop_reasons: stop_reasons.iter().map(Reason::from).collect(),
                no_selection: no_selection
                    .iter()
                    .map(|&(cause, probability)| Cause { cause: cause.word(), probability })
                    .collect(),
                paired_differences: differences.map(|found| Paired::new(reference, found)).collect(),
                agreement: agreement.map(Agreed::from),
                calendar: weeks.and_then(|weeks| Calendar::new(weeks)),
            });
        }
    }
    entries
}
