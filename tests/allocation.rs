//! The loops over replicates do not allocate: ten times the replicates take as many allocations as one time.
//!
//! A test binary of its own, because it counts what the whole program allocates.

use allocation_counter::measure;
use dosebench::design::{Plan, Rule};
use dosebench::engine::{Calendar, Ends, Graph, Monitor, Replicates, TimedRule, Walker, compile};
use dosebench::scenario::Truth;
use dosebench::study::Study;

const CURVES: [[f64; 5]; 2] = [[0.05, 0.12, 0.25, 0.42, 0.55], [0.25, 0.40, 0.52, 0.62, 0.70]];

/// A study of a 3+3 design, two BOIN designs, one of them with cohorts of many sizes, the benchmark, and a randomised design.
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
[[design]]
name = "biased coin"
method = "biased-coin"
max_patients = 12
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
        [0, 1, 2, 4].map(|design| compile(rule(&study, design), 1 << 20, &Monitor::default()).expect("a graph")).into();
    let Plan::Benchmark(benchmark) = &study.designs[3].plan else { panic!("not the benchmark") };
    let benchmark = [Walker::Benchmark(benchmark)];
    let graphs: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let curves = CURVES.each_ref().map(Truth::from);
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
            let curves = vec![Truth::from(&CURVES[0]); times];
            let runs = Replicates { walkers: &[walker], curves: &curves, seed: 5, replicates: 500 };
            let count = |trials: &mut usize, _: usize, ends: &[Ends]| *trials += ends[0].outcomes(graph.leaves()).count();
            allocations(|| assert_eq!(runs.visit_in_order(&Monitor::default(), || 0, count), Ok(vec![500 * times])))
        };
        visit(20) - visit(2)
    };
    assert_eq!(of_eighteen_curves(Walker::Rule(rule)), of_eighteen_curves(Walker::Graph(&graph)));
}

/// In calendar time ten times the replicates take next to no more allocations: those of the few trials with more arrivals than there
/// is room for from the start.
#[test]
fn the_loop_in_calendar_time_allocates_next_to_nothing() {
    let text = STUDY.replace(
        "[[design]]\nname = \"3+3\"",
        "[timing]\ndlt_window_weeks = 3\naccrual_per_week = 1\n[[design]]\nname = \"TITE-CRM\"\nmethod = \"tite-crm\"\nprior_sd = 1\n\
         skeleton = { prior_mtd = 3, halfwidth = 0.05 }\n[[design]]\nname = \"TITE-BOIN\"\nmethod = \"tite-boin\"\n[[design]]\nname = \"3+3\"",
    );
    let study = Study::from_text("test.toml", text).expect("a valid study").0;
    let timing = study.timing.as_ref().expect("timing");
    let graph = compile(rule(&study, 2), 1 << 20, &Monitor::default()).expect("a graph");
    let pending = |design: usize| {
        let Plan::LateOnset(rule) = &study.designs[design].plan else { panic!("does not look at pending patients") };
        TimedRule::Pending(rule.as_ref())
    };
    let walkers = [pending(0), pending(1), TimedRule::Graph(&graph)].map(|rule| Walker::Calendar(Calendar { rule, timing }));
    let visit = |replicates: usize| {
        let runs = Replicates { walkers: &walkers, curves: &[(&CURVES[0]).into()], seed: 5, replicates };
        let count = |trials: &mut usize, _: usize, ends: &[Ends]| *trials += ends[0].times().len();
        allocations(|| assert!(runs.visit_in_order(&Monitor::default(), || 0, count).is_ok()))
    };
    let (few, many) = (visit(2_048), visit(20_480));
    assert!(many < few + 100, "{few} {many}");
}
