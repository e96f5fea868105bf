//! `results.json`: everything, for programs.

use super::tables::design_lines;
use super::{RunInfo, engine_word, study_sha256};
use crate::measure::{Agreement, Characteristic, Difference, Results, Summary};
use crate::study::Study;
use crate::trial::shown;
use serde::Serialize;

#[derive(Serialize)]
struct Root<'a> {
    version: &'static str,
    study: StudyPart<'a>,
    simulation: Simulation,
    scenarios: Vec<Scenario<'a>>,
    designs: Vec<Design<'a>>,
    results: Vec<Found<'a>>,
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
    correct_level: usize,
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
    paired_differences: Vec<Paired<'a>>,
    agreement: Option<Agreed>,
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
        Self { metric: found.metric, dose_level: found.level, value: found.value, std_error: found.std_error }
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
            metric: found.metric,
            dose_level: found.level,
            difference: found.difference,
            std_error: found.error.map(|(std_error, _, _)| std_error),
            lower: found.error.map(|(_, lower, _)| lower),
            upper: found.error.map(|(_, _, upper)| upper),
        }
    }
}

/// The file.
pub(super) fn results(study: &Study, results: &Results, info: &RunInfo) -> Vec<u8> {
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
            timing: study
                .timing
                .as_ref()
                .map(|timing| Timing { dlt_window_weeks: timing.dlt_window_weeks, accrual_per_week: timing.accrual_per_week }),
        },
        simulation: Simulation {
            engine: engine_word(study.simulation.engine),
            replicates: study.simulation.replicates,
            seed: study.simulation.seed,
        },
        scenarios: study.scenarios.iter().map(scenario).collect(),
        designs: designs(study, results),
        results: found(study, results),
        notices: &results.notices,
    };
    // Serialising fails on maps with keys that are not text: there are none.
    let mut bytes = serde_json::to_vec_pretty(&root).expect("plain structures");
    bytes.push(b'\n');
    bytes
}

fn scenario(scenario: &crate::scenario::Scenario) -> Scenario<'_> {
    Scenario { name: &scenario.name, toxicity: &scenario.toxicity, correct_level: shown(scenario.correct) }
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
            let Summary { source, characteristics, sample_size, dlt_count, stop_reasons } = summary;
            let differences = results.differences.get(row).and_then(|designs| designs.get(place)).into_iter().flatten();
            let agreement = results.agreement.get(row).and_then(|designs| designs.get(place)?.as_ref());
            entries.push(Found {
                scenario: &scenario.name,
                design: &design.name,
                engine: source.word(),
                operating_characteristics: characteristics.iter().map(Number::from).collect(),
                sample_size: sample_size.iter().map(|&(patients, probability)| Patients { patients, probability }).collect(),
                dlt_count: dlt_count.iter().map(|&(dlts, probability)| Dlts { dlts, probability }).collect(),
                stop_reasons: stop_reasons.iter().map(|&(reason, probability)| Reason { reason, probability }).collect(),
                paired_differences: differences.map(|found| Paired::new(reference, found)).collect(),
                agreement: agreement.map(Agreed::from),
            });
        }
    }
    entries
}
