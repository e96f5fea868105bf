//! The replicate loop: simulated trials a second.
//!
//! `cargo bench --bench replicates` (one core unless the name says otherwise; throughput in trials). BOIN-30 and CRM-30 are the
//! designs of 5 levels and 10 cohorts of three. Absolute times are those of the machine at hand; compare figures of one run.
//! Under `valgrind --tool=callgrind`, `--test` runs each bench once: instructions over [`TRIALS`] are instructions a trial.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dosebench::design::Plan;
use dosebench::engine::{Graph, Monitor, Replicates, Walker, compile};
use dosebench::study::Study;

fn main() {
    divan::main();
}

const BOIN_30: &str = "method = \"boin\"";
const CRM_30: &str = "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690";

/// Seven designs of up to 30 patients that share most of their keys.
const DESIGNS: [&str; 7] = [
    "method = \"3+3\"",
    BOIN_30,
    "method = \"boin\"\nfirst_cohort_size = 1",
    "method = \"boin\"\nstop_at_patients = 12",
    CRM_30,
    "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\nfirst_cohort_size = 1",
    "method = \"crm\"\nmodel = \"logistic\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 0.8",
];

/// Toxicity curves with every level correct in turn, none, and a jump.
const CURVES: [[f64; 5]; 8] = [
    [0.25, 0.40, 0.52, 0.62, 0.70],
    [0.10, 0.25, 0.40, 0.52, 0.62],
    [0.05, 0.12, 0.25, 0.42, 0.55],
    [0.02, 0.06, 0.13, 0.25, 0.42],
    [0.01, 0.03, 0.07, 0.14, 0.25],
    [0.01, 0.02, 0.03, 0.04, 0.06],
    [0.45, 0.55, 0.65, 0.72, 0.80],
    [0.05, 0.08, 0.12, 0.50, 0.60],
];

/// The trials of one run.
const TRIALS: usize = 1 << 18;

/// A study of one design.
fn study(levels: usize, keys: &str) -> Study {
    let doses: Vec<usize> = (1..=levels).collect();
    let text = format!("name = \"bench\"\ntarget = 0.25\n[doses]\nlevels = {doses:?}\n[[design]]\nname = \"d\"\n{keys}\n");
    Study::from_text("bench.toml", text).expect("a valid study").0
}

fn walker(study: &Study) -> Walker<'_> {
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    Walker::Rule(rule.as_ref())
}

fn graph(study: &Study) -> Graph {
    let Walker::Rule(rule) = walker(study) else { panic!("not a rule") };
    compile(rule, 20_000_000, &Monitor::default()).expect("a graph")
}

/// Measure a run on a pool of so many threads.
fn run(bencher: Bencher<'_, '_>, threads: usize, runs: &Replicates<'_>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let trials = runs.replicates * runs.curves.len() * runs.walkers.len();
    bencher.counter(ItemsCount::new(trials)).bench_local(|| pool.install(|| black_box(runs).tally(&Monitor::default())));
}

#[divan::bench(args = ["BOIN-30", "CRM-30"])]
fn one_design_one_scenario(bencher: Bencher<'_, '_>, name: &str) {
    let graph = graph(&study(5, if name == "BOIN-30" { BOIN_30 } else { CRM_30 }));
    let walkers = [Walker::Graph(&graph)];
    run(bencher, 1, &Replicates { walkers: &walkers, curves: &[&CURVES[2]], seed: 1, replicates: TRIALS });
}

#[divan::bench(args = [1, 2])]
fn seven_designs_eight_scenarios(bencher: Bencher<'_, '_>, threads: usize) {
    let graphs: Vec<Graph> = DESIGNS.iter().map(|keys| graph(&study(5, keys))).collect();
    let walkers: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let curves: Vec<&[f64]> = CURVES.iter().map(|curve| &curve[..]).collect();
    run(bencher, threads, &Replicates { walkers: &walkers, curves: &curves, seed: 1, replicates: TRIALS / 8 });
}

/// CRM designs of 8 levels in cohorts of one: of 28 patients, which compile to 1.1 million situations, and of 60, which do not
/// compile. Throughput in cohorts, everything included: compiling the one, asking the other's rule as situations are met.
#[divan::bench(args = ["28 patients, compiled", "60 patients, past the bound"], sample_count = 5)]
fn crm_of_single_patients(bencher: Bencher<'_, '_>, name: &str) {
    const REPLICATES: usize = 50_000;
    const CURVE: [f64; 8] = [0.02, 0.05, 0.10, 0.17, 0.25, 0.35, 0.45, 0.55];
    let max_patients = if name.starts_with("28") { 28 } else { 60 };
    let keys = format!(
        "method = \"crm\"\nskeleton = {{ prior_mtd = 4, halfwidth = 0.05 }}\nprior_sd = 1.157583690\ncohort_size = 1\nmax_patients = {max_patients}"
    );
    let study = study(8, &keys);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let tally = |walker: Walker<'_>| {
        let runs = Replicates { walkers: &[walker], curves: &[&CURVE], seed: 1, replicates: REPLICATES };
        runs.tally(&Monitor::default())
    };
    let compiled = || tally(Walker::Graph(&graph(&study)));
    let past_the_bound = || tally(walker(&study));
    bencher
        .counter(ItemsCount::new(REPLICATES * max_patients))
        .bench_local(|| pool.install(|| if max_patients == 28 { compiled() } else { past_the_bound() }));
}
