//! What the program exists for: compiling a rule and evaluating a curve exactly; `replicates.rs` and `table.rs` have the rest.
//!
//! `cargo bench --bench engine` (one core unless the name says otherwise). BOIN-30 and CRM-30 are the designs of 5 levels and 10
//! cohorts of three. Absolute times are those of the machine at hand; compare figures of one run. Throughput is given in curves.

#[path = "shared/work.rs"]
mod work;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dosebench::engine::{Distribution, Exact};
use dosebench::measure::{Yardstick, summarise};
use work::{BOIN_30, BRAUN, CRM_30, CURVES, every_characteristic, graph, pool, scenarios, study};

fn main() {
    divan::main();
}

/// The interval designs, which have no keys that must be given.
const INTERVAL: [&str; 7] = ["boin", "keyboard", "mtpi2", "mtpi", "tpi", "i3+3", "ccd"];

#[divan::bench(args = INTERVAL)]
fn compile_interval_design(bencher: Bencher<'_, '_>, method: &str) {
    let study = study(5, &[&format!("method = \"{method}\"")], "");
    let core = pool(1);
    bencher.bench_local(|| core.install(|| graph(black_box(&study), 0).situations()));
}

/// Reading a study of 250 patients, the decision table for as many patients at a level included.
#[divan::bench(args = INTERVAL)]
fn read_interval_design_of_250_patients(bencher: Bencher<'_, '_>, method: &str) {
    bencher.bench_local(|| study(5, &[&format!("method = \"{method}\"\nmax_patients = 250")], ""));
}

#[divan::bench(args = ["BOIN-30", "CRM-30", "Braun"])]
fn compile_design(bencher: Bencher<'_, '_>, name: &str) {
    let study = match name {
        "BOIN-30" => study(5, &[BOIN_30], ""),
        "CRM-30" => study(5, &[CRM_30], ""),
        _ => study(6, &[BRAUN], ""),
    };
    let core = pool(1);
    bencher.bench_local(|| core.install(|| graph(black_box(&study), 0).situations()));
}

#[divan::bench]
fn exact_probabilities_boin_30(bencher: Bencher<'_, '_>) {
    let graph = graph(&study(5, &[BOIN_30], ""), 0);
    let exact = Exact::new(&graph);
    bencher.counter(ItemsCount::new(CURVES.len())).bench_local(|| CURVES.map(|curve| exact.probabilities(black_box(&curve))));
}

#[divan::bench]
fn exact_operating_characteristics_boin_30(bencher: Bencher<'_, '_>) {
    let study = study(5, &[BOIN_30], "");
    let graph = graph(&study, 0);
    let exact = Exact::new(&graph);
    let scenario = &study.scenarios[0];
    let yardstick = Yardstick { scenario, target: &study.target, timing: None, benchmark: false };
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| summarise(&Distribution::exact(&exact, scenario.truth()), &yardstick));
}

/// All operating characteristics of 1,000 curves, on so many threads.
#[divan::bench(args = [1, 2])]
fn exact_operating_characteristics_of_many_curves_boin_30(bencher: Bencher<'_, '_>, threads: usize) {
    let study = study(5, &[BOIN_30], "");
    let graph = graph(&study, 0);
    let exact = Exact::new(&graph);
    let scenarios = scenarios(1000);
    let pool = pool(threads);
    bencher
        .counter(ItemsCount::new(scenarios.len()))
        .bench_local(|| pool.install(|| every_characteristic(&study, &exact, black_box(&scenarios))));
}
