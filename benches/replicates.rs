//! The replicate loop: simulated trials a second.
//!
//! `cargo bench --bench replicates` (one core unless the name says otherwise; throughput in trials). BOIN-30 and CRM-30 are the
//! designs of 5 levels and 10 cohorts of three. Absolute times are those of the machine at hand; compare figures of one run.
//! Under `valgrind --tool=callgrind`, `--test` runs each bench once: instructions over [`TRIALS`] are instructions a trial.

#[path = "shared/work.rs"]
mod work;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dosebench::engine::{Graph, Monitor, Replicates, Walker};
use dosebench::scenario::Truth;
use work::{BOIN_30, CRM_30, CURVES, DESIGNS, graph, pool, study, walker};

fn main() {
    divan::main();
}

/// The trials of one run.
const TRIALS: usize = 1 << 18;

/// Measure a run on a pool of so many threads.
fn run(bencher: Bencher<'_, '_>, threads: usize, runs: &Replicates<'_>) {
    let pool = pool(threads);
    let trials = runs.replicates * runs.curves.len() * runs.walkers.len();
    bencher.counter(ItemsCount::new(trials)).bench_local(|| pool.install(|| black_box(runs).tally(&Monitor::default())));
}

#[divan::bench(args = ["BOIN-30", "CRM-30"])]
fn one_design_one_scenario(bencher: Bencher<'_, '_>, name: &str) {
    let graph = graph(&study(5, &[if name == "BOIN-30" { BOIN_30 } else { CRM_30 }], ""), 0);
    let walkers = [Walker::Graph(&graph)];
    run(bencher, 1, &Replicates { walkers: &walkers, curves: &[Truth::from(&CURVES[0])], seed: 1, replicates: TRIALS });
}

#[divan::bench(args = [1, 2])]
fn seven_designs_eight_scenarios(bencher: Bencher<'_, '_>, threads: usize) {
    let study = study(5, &DESIGNS, "");
    let graphs: Vec<Graph> = (0..DESIGNS.len()).map(|design| graph(&study, design)).collect();
    let walkers: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let curves: Vec<Truth<'_>> = CURVES.iter().map(Truth::from).collect();
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
    let study = study(8, &[&keys], "");
    let pool = pool(1);
    let tally = |walker: Walker<'_>| {
        let runs = Replicates { walkers: &[walker], curves: &[Truth::from(&CURVE)], seed: 1, replicates: REPLICATES };
        runs.tally(&Monitor::default())
    };
    let compiled = || tally(Walker::Graph(&graph(&study, 0)));
    let past_the_bound = || tally(walker(&study, 0));
    bencher
        .counter(ItemsCount::new(REPLICATES * max_patients))
        .bench_local(|| pool.install(|| if max_patients == 28 { compiled() } else { past_the_bound() }));
}
