//! Studies and results made by hand: their numbers are made up, but belong together as those of a run do.

use dosebench::comparison::{decision_cells, first_pathways};
use dosebench::design::wording::{LevelNames, Wording};
use dosebench::design::{Plan, Protocol, Rule};
use dosebench::engine::{Graph, Monitor, NoLeaves, compile, leaves};
use dosebench::measure::{
    Agreement, Characteristic, CurveResults, Difference, Ending, Metric, Quantile, Results, Source, Summary,
};
use dosebench::report::{Plot, RunInfo, Section};
use dosebench::scenario::{Place, Scenario, Target};
use dosebench::study::{Contents, Doses, Engine, Front, Simulation, Study, StudyDesign};
use dosebench::trial::{Arrival, Cohort, Counts, Decision, NoDose, StopReason};

/// A rule that only knows its synopsis.
struct Stub {
    levels: usize,
    lines: Vec<(&'static str, &'static str)>,
}

impl Rule for Stub {
    fn levels(&self) -> usize {
        self.levels
    }

    fn max_patients(&self) -> usize {
        30
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: 3 }
    }

    fn decide(&self, _: &Counts, _: Arrival) -> Decision {
        Decision::Stop(None, StopReason::MaxPatients)
    }
}

impl Protocol for Stub {
    fn synopsis(&self) -> Vec<(String, String)> {
        self.lines.iter().map(|(item, value)| ((*item).to_owned(), (*value).to_owned())).collect()
    }

    fn wording(&self, _: &LevelNames) -> Wording {
        Wording::default()
    }
}

pub(super) fn info() -> RunInfo {
    RunInfo { study_file: "imm27m.toml".to_owned(), command: "dosebench run imm27m.toml".to_owned() }
}

pub(super) fn picture() -> Plot {
    Plot {
        name: "scenarios-01".to_owned(),
        title: "Toxicity scenarios".to_owned(),
        alt: "Curves of true DLT probability over dose.".to_owned(),
        caption: "The line is the target.".to_owned(),
        section: Section::Scenarios,
        svg: "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 200\"><rect width=\"640\" \
              height=\"200\" fill=\"#fff\"/><path d=\"M20 180 L620 20\" stroke=\"#0b5c8a\"/></svg>"
            .to_owned(),
        png: vec![0x89, b'P', b'N', b'G'],
        pdf: None,
        values: None,
    }
}

/// What a design is like.
struct Likeness {
    name: &'static str,
    method: &'static str,
    source: Source,
    /// How sharply its selection follows the toxicity.
    sharpness: f64,
    patients: f64,
    lines: Vec<(&'static str, &'static str)>,
}

const REPLICATES: usize = 20_000;

/// Five scenarios, one of them without a correct dose, and three designs, one of them simulated.
pub(super) fn sample() -> (Study, Results) {
    let levels = vec![0.1, 0.3, 1.0, 2.0, 3.0];
    let curves: [(&str, &[f64]); 5] = [
        ("MTD at level 3", &[0.05, 0.12, 0.25, 0.42, 0.55]),
        ("MTD at level 5", &[0.02, 0.04, 0.08, 0.15, 0.25]),
        ("MTD at level 1", &[0.25, 0.40, 0.52, 0.61, 0.70]),
        ("Steep", &[0.01, 0.03, 0.20, 0.60, 0.80]),
        ("All too toxic", &[0.45, 0.55, 0.65, 0.75, 0.85]),
    ];
    let likenesses = vec![
        Likeness {
            name: "Protocol 3+3",
            method: "3+3",
            source: Source::Exact,
            sharpness: 20.0,
            patients: 15.0,
            lines: vec![("Cohort size", "1 first, then 3"), ("De-escalation", "yes"), ("Top dose", "confirmed in six patients")],
        },
        Likeness {
            name: "BOIN",
            method: "BOIN",
            source: Source::Exact,
            sharpness: 60.0,
            patients: 27.0,
            lines: vec![
                ("Boundaries", "escalate at 0.197 or below, de-escalate above 0.298"),
                ("Elimination", "when Pr(toxicity > 0.25 given the data) is above 0.95 after 3 or more patients"),
                ("Cohort size", "3"),
                ("Maximum patients", "30, the last cohort cut to fit"),
            ],
        },
        Likeness {
            name: "CRM, empiric, coherent",
            method: "CRM",
            source: Source::MonteCarlo,
            sharpness: 90.0,
            patients: 29.0,
            lines: vec![
                ("Model", "empiric, prior sd of the log exponent 1.15758369"),
                ("Skeleton", "0.0625, 0.1400, 0.2500, 0.3762, 0.5022"),
                ("Cohort size", "3"),
                ("Maximum patients", "30, the last cohort cut to fit"),
                ("No skipping upwards", "at most one level above the current one"),
                ("Stop", "when level 1 has 6 patients"),
                ("Stop", "when the next cohort would go to the same level and that level has 12 patients"),
            ],
        },
    ];
    made("IMM27M dose escalation", levels, &curves, likenesses)
}

/// Two levels, one scenario, an exact and a simulated design.
pub(super) fn small() -> (Study, Results) {
    let likeness = |name, method, source, sharpness| Likeness {
        name,
        method,
        source,
        sharpness,
        patients: 12.0,
        lines: vec![("Cohort size", "3")],
    };
    let designs = vec![likeness("3+3", "3+3", Source::Exact, 20.0), likeness("CRM", "CRM", Source::MonteCarlo, 80.0)];
    made("Small", vec![0.5, 1.0], &[("Middle", &[0.25, 0.5])], designs)
}

/// As many levels as asked for.
pub(super) fn with_levels(levels: usize) -> (Study, Results) {
    let curve: Vec<f64> = (1..=levels).map(|level| level as f64 / 20.0).collect();
    let design = Likeness {
        name: "A design with a name of some length",
        method: "BOIN",
        source: Source::Exact,
        sharpness: 60.0,
        patients: 30.0,
        lines: vec![],
    };
    made("Many levels", (1..=levels).map(|level| 100.0 * level as f64).collect(), &[("Linear", &curve)], vec![design])
}

fn made(name: &str, levels: Vec<f64>, curves: &[(&str, &[f64])], likenesses: Vec<Likeness>) -> (Study, Results) {
    let target = Target::new(0.25, Some((0.15, 0.35)));
    let scenarios: Vec<Scenario> = curves
        .iter()
        .map(|(name, toxicity)| Scenario::new((*name).to_owned(), toxicity.to_vec(), target.correct_level(toxicity)))
        .collect();
    let summaries: Vec<Vec<Summary>> = scenarios
        .iter()
        .map(|scenario| likenesses.iter().map(|likeness| summary(&target, scenario, likeness)).collect())
        .collect();
    let differences = summaries.iter().map(|designs| differences(designs)).collect();
    let agreement = summaries
        .iter()
        .map(|designs| {
            designs
                .iter()
                .map(|summary| {
                    (summary.source == Source::Exact).then_some(Agreement {
                        replicates: REPLICATES,
                        chi_square: 41.25,
                        degrees_of_freedom: 40,
                        p_value: 0.415,
                    })
                })
                .collect()
        })
        .collect();
    let compiled = || compile(&Stub { levels: levels.len(), lines: Vec::new() }, 100, &Monitor::default()).unwrap();
    let graphs: Vec<Option<Graph>> =
        likenesses.iter().map(|likeness| (likeness.source == Source::Exact).then(compiled)).collect();
    let count = levels.len();
    let designs = likenesses
        .into_iter()
        .map(|likeness| StudyDesign {
            name: likeness.name.to_owned(),
            method: likeness.method,
            reference: "",
            source: None,
            why: None,
            plan: Plan::Rule(Box::new(Stub { levels: count, lines: likeness.lines })),
        })
        .collect();
    let study = Study::of(Contents {
        name: name.to_owned(),
        target,
        doses: Doses { levels, unit: "mg/kg".to_owned() },
        planned_patients: None,
        timing: None,
        simulation: Simulation {
            engine: Engine::Auto,
            replicates: REPLICATES,
            seed: 27,
            max_situations: 1_000_000,
            example_replicate: 0,
        },
        report: Front::default(),
        scenarios,
        populations: Vec::new(),
        worst_cases: Vec::new(),
        sensitivities: Vec::new(),
        designs,
        tunings: Vec::new(),
        folder: None,
        files: Vec::new(),
        text: format!("name = \"{name}\"\ntarget = 0.25\n"),
    });
    let notices = vec!["The decision graph of the last design is beyond its bound: replicates were run.".to_owned()];
    let (pathways, cells) = (first_pathways(&study), decision_cells(&study));
    (
        study,
        Results {
            summaries,
            differences,
            agreement,
            weeks: vec![],
            examples: vec![],
            curves: CurveResults::default(),
            notices,
            situations: graphs.iter().map(|graph| Some(graph.as_ref()?.situations())).collect(),
            leaves: graphs.iter().map(|graph| graph.as_ref().map_or(Err(NoLeaves::NoGraph), leaves)).collect(),
            cells,
            pathways,
        },
    )
}

/// The study with something changed.
pub(super) fn changed(study: Study, change: impl FnOnce(&mut Contents)) -> Study {
    let mut contents = study.into_contents();
    change(&mut contents);
    Study::of(contents)
}

/// Numbers that belong together: probabilities sum to one, totals to their parts.
fn summary(target: &Target, scenario: &Scenario, likeness: &Likeness) -> Summary {
    let toxicity = &scenario.toxicity;
    let closeness = |toxicity: f64| 1.0 / (0.2 + likeness.sharpness * (toxicity - target.value) * (toxicity - target.value));
    let lowest = toxicity[0];
    let mut selection = vec![8.0 * lowest * lowest];
    selection.extend(toxicity.iter().map(|&toxicity| closeness(toxicity)));
    let total: f64 = selection.iter().sum();
    selection.iter_mut().for_each(|weight| *weight /= total);
    let spread: f64 = toxicity.iter().map(|&toxicity| 1.0 + closeness(toxicity)).sum();
    let patients: Vec<f64> = toxicity.iter().map(|&toxicity| likeness.patients * (1.0 + closeness(toxicity)) / spread).collect();
    let dlts: Vec<f64> = patients.iter().zip(toxicity).map(|(patients, toxicity)| patients * toxicity).collect();
    let (all_patients, all_dlts): (f64, f64) = (patients.iter().sum(), dlts.iter().sum());
    let share = |pick: &dyn Fn(usize) -> bool| {
        (0..toxicity.len()).filter(|&level| pick(level)).map(|level| selection[level + 1]).fold(0.0, |sum, p| sum + p)
    };
    let at = |place: Place| share(&|level| target.place(toxicity[level]) == place);
    let correct = scenario.correct.map_or(selection[0], |level| selection[level + 1]);
    let acceptable = at(Place::Acceptable) + if scenario.correct.is_none() { selection[0] } else { 0.0 };
    let above = |level: usize| scenario.correct.is_none_or(|correct| level > correct);
    let share_above = (0..toxicity.len()).filter(|&level| above(level)).map(|level| patients[level]).sum::<f64>() / all_patients;

    let simulated = likeness.source == Source::MonteCarlo;
    let mut characteristics = Vec::new();
    let mut add = |metric, value: f64, deviation: f64| {
        let std_error = simulated.then(|| deviation / (REPLICATES as f64).sqrt());
        characteristics.push(Characteristic { metric, value, std_error });
    };
    let binomial = |p: f64| (p * (1.0 - p)).sqrt();
    for (level, &p) in selection.iter().enumerate() {
        add(Metric::Selection(level.checked_sub(1)), p, binomial(p));
    }
    for (index, &mean) in patients.iter().enumerate() {
        add(Metric::Patients(index), mean, 3.0);
    }
    for (index, &mean) in dlts.iter().enumerate() {
        add(Metric::Dlts(index), mean, 1.0);
    }
    add(Metric::TotalPatients, all_patients, 5.0);
    add(Metric::TotalDlts, all_dlts, 1.5);
    for (metric, p) in [
        (Metric::CorrectSelection, correct),
        (Metric::AcceptableSelection, acceptable),
        (Metric::OverSelection, at(Place::Over)),
        (Metric::UnderSelection, at(Place::Under)),
    ] {
        add(metric, p, binomial(p));
    }
    if let Some(level) = scenario.correct {
        add(Metric::ShareAtMtd, patients[level] / all_patients, 0.3);
    }
    add(Metric::ShareAboveMtd, share_above, 0.3);
    add(Metric::DltRate, all_dlts / all_patients, 0.1);
    add(Metric::DltRateTrialMean, 0.98 * all_dlts / all_patients, 0.1);
    if scenario.correct.is_some() {
        add(Metric::PoorAllocation, 0.2, 0.4);
    }
    add(Metric::Overdose60, 0.5 * share_above, 0.4);
    add(Metric::Overdose80, 0.25 * share_above, 0.3);
    add(Metric::Cohorts, all_patients / 3.0, 1.0);
    let largest = all_patients.round() as usize;
    for (metric, value) in [
        (Metric::TotalPatientsQuantile(Quantile::Q05), 6),
        (Metric::TotalPatientsQuantile(Quantile::Q50), largest),
        (Metric::TotalPatientsQuantile(Quantile::Q95), 30),
    ] {
        add(metric, value as f64, 0.0);
    }
    let too_toxic = selection[0];
    Summary {
        source: likeness.source,
        characteristics,
        sample_size: vec![(6, too_toxic), (largest, 1.0 - too_toxic)],
        dlt_count: vec![(1, 0.25), (2, 0.75 - 1e-20), (9, 1e-20)],
        stop_reasons: vec![
            Ending { reason: StopReason::TooToxic, probability: too_toxic, none: too_toxic },
            Ending { reason: StopReason::MaxPatients, probability: 1.0 - too_toxic, none: 0.0 },
        ],
        no_selection: vec![(NoDose::TooToxic, too_toxic)],
    }
}

/// Every design against the first.
fn differences(designs: &[Summary]) -> Vec<Vec<Difference>> {
    let against = |summary: &Summary| {
        let differences = summary.characteristics.iter().filter_map(|found| {
            let reference = designs[0].get(found.metric)?;
            let difference = found.value - reference.value;
            let error = found
                .std_error
                .map(|error| 1.2 * error)
                .map(|error| (error, difference - 1.96 * error, difference + 1.96 * error));
            Some(Difference { metric: found.metric, source: summary.source, difference, error })
        });
        differences.collect()
    };
    designs.iter().enumerate().map(|(place, summary)| if place == 0 { Vec::new() } else { against(summary) }).collect()
}
