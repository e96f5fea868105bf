//! Trials in calendar time: simulated trials a second, beside what is asked of them.
//!
//! `cargo bench --bench calendar` (one core; throughput in trials). Designs of 5 levels and 30 patients under the window of three weeks
//! and one patient every second week; everything is included that a run adds up. Absolute times are those of the machine at hand.
//! Under `valgrind --tool=callgrind`, `--test` runs each bench once: instructions over its trials are instructions a trial.

#[path = "shared/work.rs"]
mod work;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use dosebench::design::Plan;
use dosebench::engine::{Calendar, Graph, Monitor, Replicates, TimedRule, Walker};
use dosebench::scenario::Truth;
use dosebench::study::Study;
use work::{BOIN_30, CRM_30, CURVES, DESIGNS, graph, pool, study};

fn main() {
    divan::main();
}

/// The trials of one run of a design that fits a model at each arrival.
const TRIALS: usize = 1 << 14;

/// The trials of one run of other designs: many, as it is of the first few thousand only that the enrolment week by week is added up.
const MANY_TRIALS: usize = 1 << 17;

const TIMING: &str = "[timing]\ndlt_window_weeks = 3\naccrual_per_week = 0.5";

/// Measure a run of so many replicates of these walkers, each under so many scenarios, on one thread.
fn run(bencher: Bencher<'_, '_>, walkers: &[Walker<'_>], scenarios: usize, replicates: usize) {
    let pool = pool(1);
    let curves: Vec<Truth<'_>> = CURVES[..scenarios].iter().map(Truth::from).collect();
    let runs = Replicates { walkers, curves: &curves, seed: 1, replicates };
    bencher
        .counter(ItemsCount::new(replicates * walkers.len() * scenarios))
        .bench_local(|| pool.install(|| black_box(&runs).tally(&Monitor::default())));
}

fn timed<'a>(study: &'a Study, rule: TimedRule<'a>) -> Walker<'a> {
    let Some(timing) = &study.timing else { panic!("no timing") };
    Walker::Calendar(Calendar { rule, timing })
}

/// Designs that look at pending patients. Asked: TITE-BOIN 300,000 trials a second; TITE-CRM with a decision at each arrival 25,000,
/// where dfcrm's titesim makes 53.
#[divan::bench(args = ["TITE-BOIN, asked 300,000 a second", "TITE-CRM, asked 25,000 a second", "rolling six"])]
fn pending_patients(bencher: Bencher<'_, '_>, name: &str) {
    let keys = match name.split_once(',') {
        Some(("TITE-BOIN", _)) => "method = \"tite-boin\"".to_owned(),
        Some(_) => CRM_30.replace("crm", "tite-crm") + "\ncohort_size = 1",
        None => "method = \"rolling-six\"".to_owned(),
    };
    let study = study(5, &[&keys], TIMING);
    let Plan::LateOnset(rule) = &study.designs[0].plan else { panic!("does not look at pending patients") };
    let trials = if name.starts_with("TITE-CRM") { TRIALS } else { MANY_TRIALS };
    run(bencher, &[timed(&study, TimedRule::Pending(rule.as_ref()))], 1, trials);
}

/// Durations of compiled designs, all of them under all scenarios on the same arrivals. Asked: 5 million trials a second.
#[divan::bench(args = ["BOIN-30 alone", "seven designs, eight scenarios, asked 5,000,000 a second"])]
fn durations_of_compiled_designs(bencher: Bencher<'_, '_>, name: &str) {
    let (designs, scenarios) = if name.starts_with("BOIN") { (&[BOIN_30][..], 1) } else { (&DESIGNS[..], 8) };
    let study = study(5, designs, TIMING);
    let graphs: Vec<Graph> = (0..designs.len()).map(|design| graph(&study, design)).collect();
    let walkers: Vec<Walker<'_>> = graphs.iter().map(|graph| timed(&study, TimedRule::Graph(graph))).collect();
    run(bencher, &walkers, scenarios, MANY_TRIALS);
}
