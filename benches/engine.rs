//! What the program exists for: compiling a rule and evaluating a curve exactly; `replicates.rs` has the rest.
//!
//! `cargo bench --bench engine` (one core unless the name says otherwise). BOIN-30 and CRM-30 are the designs of 5 levels and 10
//! cohorts of three. Absolute times are those of the machine at hand; compare figures of one run. Throughput is given in curves.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dosebench::design::Plan;
use dosebench::engine::{Distribution, Exact, Graph, Monitor, compile};
use dosebench::measure::{Yardstick, summarise};
use dosebench::study::Study;

fn main() {
    divan::main();
}

const BOIN_30: &str = "method = \"boin\"";
const CRM_30: &str = "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690";
const CURVES: [[f64; 5]; 4] = [
    [0.05, 0.12, 0.25, 0.40, 0.55],
    [0.25, 0.40, 0.55, 0.65, 0.75],
    [0.02, 0.05, 0.08, 0.12, 0.25],
    [0.01, 0.02, 0.03, 0.05, 0.08],
];

/// A study of one design on five levels.
fn study(keys: &str) -> Study {
    let text = format!(
        "name = \"bench\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3, 4, 5]\n[[scenario]]\nname = \"s\"\ntoxicity = [0.05, 0.12, 0.25, 0.40, 0.55]\n[[design]]\nname = \"d\"\n{keys}\n"
    );
    Study::from_text("bench.toml", text).expect("a valid study").0
}

fn graph(study: &Study) -> Graph {
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    compile(rule.as_ref(), 20_000_000, &Monitor::default()).expect("a graph")
}

/// A pool of one thread, in which whatever is measured runs.
fn one_core() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread")
}

#[divan::bench(args = ["BOIN-30", "CRM-30"])]
fn compile_design(bencher: Bencher<'_, '_>, name: &str) {
    let study = study(if name == "BOIN-30" { BOIN_30 } else { CRM_30 });
    let core = one_core();
    bencher.bench_local(|| core.install(|| graph(black_box(&study)).situations()));
}

#[divan::bench]
fn exact_probabilities_boin_30(bencher: Bencher<'_, '_>) {
    let graph = graph(&study(BOIN_30));
    let exact = Exact::new(&graph);
    bencher.counter(ItemsCount::new(CURVES.len())).bench_local(|| CURVES.map(|curve| exact.probabilities(black_box(&curve))));
}

#[divan::bench]
fn exact_operating_characteristics_boin_30(bencher: Bencher<'_, '_>) {
    let study = study(BOIN_30);
    let graph = graph(&study);
    let exact = Exact::new(&graph);
    let scenario = &study.scenarios[0];
    let yardstick = Yardstick { scenario, target: &study.target, timing: None, benchmark: false };
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| summarise(&Distribution::exact(&exact, &scenario.toxicity), &yardstick));
}
