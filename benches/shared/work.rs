//! The work that the benches measure, in the project's own units. BOIN-30 and CRM-30 are the designs of five levels and ten cohorts
//! of three patients.

#![allow(dead_code, reason = "each bench uses a part of it")]

use dosebench::design::Plan;
use dosebench::engine::{Exact, Graph, Monitor, Replicates, Walker, compile as compile_rule};
use dosebench::measure::summarise_scenarios;
use dosebench::scenario::{Scenario, Truth};
use dosebench::study::Study;
use std::hint::black_box;

/// A BOIN design of five levels and ten cohorts of three.
pub(crate) const BOIN_30: &str = "method = \"boin\"";

/// An empiric CRM of the same size.
pub(crate) const CRM_30: &str = "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690";

/// The CRM of Braun's example, which Norris's `precautionary` enumerates: six levels, cohorts of two, and its stopping rule.
pub(crate) const BRAUN: &str = "method = \"crm\"\nskeleton = [0.03, 0.11, 0.25, 0.42, 0.58, 0.71]\nprior_sd = 0.85\n\
    cohort_size = 2\nno_skipping = \"highest-tried\"\ncoherent = \"level\"\nstop_at_patients = 10\n\
    stop_at_patients_when = \"any\"\nstop_at_level_patients = { \"1\" = 6 }";

/// Patients and DLTs from the beginning to the end of a trial.
pub(crate) const COUNTS: [([u32; 5], [u32; 5]); 4] = [
    ([3, 0, 0, 0, 0], [0, 0, 0, 0, 0]),
    ([3, 3, 3, 0, 0], [0, 0, 2, 0, 0]),
    ([3, 6, 9, 3, 0], [0, 1, 2, 2, 0]),
    ([3, 6, 9, 6, 6], [0, 1, 2, 2, 4]),
];

/// Seven designs of up to 30 patients that share most of their keys.
pub(crate) const DESIGNS: [&str; 7] = [
    BOIN_30,
    "method = \"3+3\"",
    "method = \"boin\"\nfirst_cohort_size = 1",
    "method = \"boin\"\nstop_at_patients = 12",
    CRM_30,
    "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\nfirst_cohort_size = 1",
    "method = \"crm\"\nmodel = \"logistic\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 0.8",
];

/// Toxicity curves with every level correct in turn, none, and a jump.
pub(crate) const CURVES: [[f64; 5]; 8] = [
    [0.05, 0.12, 0.25, 0.42, 0.55],
    [0.10, 0.25, 0.40, 0.52, 0.62],
    [0.25, 0.40, 0.52, 0.62, 0.70],
    [0.02, 0.06, 0.13, 0.25, 0.42],
    [0.01, 0.03, 0.07, 0.14, 0.25],
    [0.01, 0.02, 0.03, 0.04, 0.06],
    [0.45, 0.55, 0.65, 0.72, 0.80],
    [0.05, 0.08, 0.12, 0.50, 0.60],
];

/// A study of one scenario, or as many as there are in [`CURVES`], and of the designs with these keys, on `levels` levels.
pub(crate) fn study(levels: usize, designs: &[&str], more: &str) -> Study {
    let doses: Vec<usize> = (1..=levels).collect();
    let mut text = format!("name = \"bench\"\ntarget = 0.25\n[doses]\nlevels = {doses:?}\n{more}\n");
    if levels == 5 {
        for (number, curve) in CURVES.iter().enumerate() {
            text += &format!("[[scenario]]\nname = \"{number}\"\ntoxicity = {curve:?}\n");
        }
    }
    for (number, keys) in designs.iter().enumerate() {
        text += &format!("[[design]]\nname = \"{number}\"\n{keys}\n");
    }
    Study::from_text("bench.toml", text).expect("a valid study").0
}

/// The rule of a design of a study.
pub(crate) fn walker(study: &Study, design: usize) -> Walker<'_> {
    let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
    Walker::Rule(rule.as_ref())
}

/// A design of a study, compiled.
pub(crate) fn graph(study: &Study, design: usize) -> Graph {
    let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
    compile_rule(rule.as_ref(), 20_000_000, &Monitor::default()).expect("a graph")
}

/// A pool of so many threads.
pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

/// Do `work` on a pool of so many threads.
pub(crate) fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    pool(threads).install(work)
}

/// Compile a design so many times on one thread.
pub(crate) fn compile(keys: &str, times: usize) {
    let study = study(5, &[keys], "");
    on(1, || (0..times).for_each(|_| drop(black_box(graph(&study, 0)))));
}

/// Scenarios of five levels, their curves rising from level to level, no two the same.
pub(crate) fn scenarios(count: usize) -> Vec<Scenario> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count)
        .map(|number| {
            let mut toxicity: Vec<f64> = (0..5).map(|_| next()).collect();
            toxicity.sort_by(f64::total_cmp);
            Scenario::new(String::new(), toxicity, Some(number % 5))
        })
        .collect()
}

/// Every operating characteristic of a compiled design under each of some scenarios.
pub(crate) fn every_characteristic(study: &Study, exact: &Exact<'_>, scenarios: &[Scenario]) {
    black_box(summarise_scenarios(exact, scenarios, &study.target, None));
}

/// The same for a design under so many scenarios, on one thread.
pub(crate) fn exact(keys: &str, count: usize) {
    let study = study(5, &[keys], "");
    let graph = graph(&study, 0);
    let exact = Exact::new(&graph);
    on(1, || every_characteristic(&study, &exact, &scenarios(count)));
}

/// So many trials of each of some designs under each of some scenarios, on one thread.
pub(crate) fn replicates(designs: usize, scenarios: usize, trials: usize) {
    let study = study(5, &DESIGNS[..designs], "");
    let graphs: Vec<Graph> = (0..designs).map(|design| graph(&study, design)).collect();
    let walkers: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let curves: Vec<Truth<'_>> = CURVES[..scenarios].iter().map(Truth::from).collect();
    let runs = Replicates { walkers: &walkers, curves: &curves, seed: 1, replicates: trials };
    on(1, || black_box(runs.tally(&Monitor::default()))).expect("nobody interrupts");
}

/// A comparison of two designs under eight scenarios by so many replicates, all in all, on one thread.
pub(crate) fn pairs(trials: usize) {
    let study =
        study(5, &DESIGNS[..2], &format!("[simulation]\nengine = \"monte-carlo\"\nreplicates = {}", trials / CURVES.len()));
    let results = on(1, || dosebench::comparison::compare(&study, &Monitor::default(), |_| {}));
    black_box(results.expect("a comparison"));
}
