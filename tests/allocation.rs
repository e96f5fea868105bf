//! The loops over replicates do not allocate: ten times the replicates take as many allocations as one time.
//!
//! A test binary of its own, because it counts what the whole program allocates.

use allocation_counter::measure;
use dosebench::design::{Plan, Rule};
use dosebench::engine::{Ends, Graph, Monitor, Replicates, Walker, compile};
use dosebench::study::Study;

const CURVES: [[f64; 5]; 2] = [[0.05, 0.12, 0.25, 0.42, 0.55], [0.25, 0.40, 0.52, 0.62, 0.70]];

/// A study of a 3+3 design, two BOIN designs, one of them with cohorts of many sizes, and the benchmark.
const STUDY: &str = r#"
name = "test"
target = 0.25
[doses]
levels = [1, 2, 3, 4, 5]
[[design]]
name = "3+3"
method = "3+3"
[[design]]
name = "BOIN"
method = "boin"
[[design]]
name = "BOIN, large cohorts"
method = "boin"
first_cohort_size = 1
cohort_size = 11
max_patients = 40
[[design]]
name = "optimal"
method = "benchmark"
"#;

/// How many allocations `work` makes on a pool of one thread, which does it.
fn allocations(work: impl Fn() + Sync) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let counted = || measure(&work).count_total;
    pool.install(|| {
        counted(); // What a thread allocates once in its life.
        counted()
    })
}

fn rule(study: &Study, design: usize) -> &dyn Rule {
    let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
    rule.as_ref()
}

#[test]
fn the_replicate_loop_allocates_nothing() {
    let study = Study::from_text("test.toml", STUDY).expect("a valid study").0;
    let graphs: Vec<Graph> =
        (0..3).map(|design| compile(rule(&study, design), 1 << 20, &Monitor::default()).expect("a graph")).collect();
    let Plan::Benchmark(benchmark) = &study.designs[3].plan else { panic!("not the benchmark") };
    let benchmark = [Walker::Benchmark(benchmark)];
    let graphs: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let curves = CURVES.each_ref().map(|curve| &curve[..]);
    for walkers in [&graphs[..], &benchmark] {
        let tally = |replicates| {
            let runs = Replicates { walkers, curves: &curves, seed: 5, replicates };
            allocations(|| drop(runs.tally(&Monitor::default())))
        };
        let (few, many) = (tally(20_000), tally(200_000));
        assert!(few > 0, "nothing is counted");
        assert_eq!(few, many);
    }
}

/// Under a curve that has been met before, every decision of a rule without a graph is remembered: it takes as many allocations
/// as a graph, which are those of a curve's thresholds.
#[test]
fn a_remembered_decision_allocates_nothing() {
    let study = Study::from_text("test.toml", STUDY).expect("a valid study").0;
    let rule = rule(&study, 1);
    let graph = compile(rule, 1 << 20, &Monitor::default()).expect("a graph");
    let of_eighteen_curves = |walker: Walker<'_>| {
        let visit = |times: usize| {
            let curves = vec![&CURVES[0][..]; times];
            let runs = Replicates { walkers: &[walker], curves: &curves, seed: 5, replicates: 500 };
            let count = |trials: &mut usize, _: usize, ends: &[Ends]| *trials += ends[0].outcomes(graph.leaves()).count();
            allocations(|| assert_eq!(runs.visit_in_order(&Monitor::default(), || 0, count), Ok(vec![500 * times])))
        };
        visit(20) - visit(2)
    };
    assert_eq!(of_eighteen_curves(Walker::Rule(rule)), of_eighteen_curves(Walker::Graph(&graph)));
}
