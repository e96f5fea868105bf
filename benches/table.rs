//! The table of what this program must be able to do, filled in.
//!
//! `cargo bench --bench table` prints it as Markdown. A figure is the best of many runs, because other work on a machine only ever
//! makes it slower; a row that compares one core with two alternates between them. The large graphs are compiled in a process of
//! their own each, whose largest memory is shown. `reports/benchmarks/` has dated runs.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

#[path = "shared/work.rs"]
mod work;

use dosebench::design::Plan;
use dosebench::engine::{Exact, Graph, Monitor, Replicates, Walker};
use dosebench::measure::{ExactDesign, population_values};
use dosebench::trial::{Arrival, Counts};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};
use work::{BOIN_30, BRAUN, CRM_30, CURVES, on};

/// For how long a figure is looked for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Designs whose graphs are large, on five levels: name, keys, seconds allowed on two cores.
const LARGE: [(&str, &str, f64); 3] = [
    (
        "CRM, single patients, N = 30",
        "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\ncohort_size = 1",
        1.0,
    ),
    ("BOIN, single patients, N = 36", "method = \"boin\"\ncohort_size = 1\nmax_patients = 36", 3.0),
    ("BOIN, 20 cohorts of 3", "method = \"boin\"\nmax_patients = 60", 1.5),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, name] = &arguments[..]
        && flag == "--large"
    {
        large(name);
        return;
    }
    println!("{}\n", machine());
    println!("| work | cores | at least | here | |\n|---|---|---|---|---|");
    compiling();
    exact();
    population();
    replicates();
    two_cores();
    past_the_bound();
}

/// The machine and the compiler, in a line.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split(':').nth(1)).unwrap_or(" unknown").trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let compiler = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    format!(
        "{}, {cores} cores, {} of memory; {}; dosebench {}",
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        String::from_utf8_lossy(&compiler).trim(),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Print a row: what it is, on how many cores, what must be reached and what was, and whether it was.
fn row(work: &str, cores: &str, least: &str, here: &str, reached: bool) {
    println!("| {work} | {cores} | {least} | {here} | {} |", if reached { "reached" } else { "not reached" });
}

/// The seconds of the fastest of many runs.
fn best(mut run: impl FnMut()) -> f64 {
    let begun = Instant::now();
    let mut best = f64::INFINITY;
    while begun.elapsed() < PATIENCE {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

/// The seconds of the fastest run of the same work on one core and on two, turn by turn.
fn best_on_one_and_two(run: impl Fn() + Sync) -> [f64; 2] {
    let pools = [1, 2].map(work::pool);
    let begun = Instant::now();
    let mut best = [f64::INFINITY; 2];
    while begun.elapsed() < 3 * PATIENCE {
        for (best, pool) in best.iter_mut().zip(&pools) {
            let start = Instant::now();
            pool.install(&run);
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    best
}

fn compiling() {
    for (name, levels, keys, least) in [
        ("compile BOIN-30", 5, BOIN_30, 1.0),
        ("compile CRM-30", 5, CRM_30, 12.0),
        ("compile the CRM of six levels with its stopping rule", 6, BRAUN, 10.0),
    ] {
        let study = work::study(levels, &[keys], "");
        let milliseconds = on(1, || 1e3 * best(|| drop(black_box(work::graph(&study, 0)))));
        row(name, "1", &format!("{least} ms"), &format!("{milliseconds:.2} ms"), milliseconds <= least);
    }
    let study = work::study(5, &[CRM_30], "");
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    let counts = full_trials();
    let arrival = Arrival::new(rule.first_cohort(), 0);
    let arrivals: Vec<_> = (0..counts.len() as u32).map(|index| (index, arrival)).collect();
    let mut decisions = Vec::with_capacity(counts.len());
    let run = || {
        decisions.clear();
        rule.decide_batch(&counts, &arrivals, &mut decisions);
        black_box(&decisions);
    };
    let microseconds = 1e6 * best(run) / counts.len() as f64;
    row(
        "posterior and decision of one situation of CRM-30",
        "1",
        "0.7 µs",
        &format!("{microseconds:.2} µs"),
        microseconds <= 0.7,
    );

    for (name, _, least) in LARGE {
        let this = std::env::current_exe().expect("the program has a path");
        let output = Command::new(this).args(["--large", name]).output().expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [seconds, situations, bytes, kilobytes] = numbers[..] else { panic!("{name}: {text}") };
        let here = format!(
            "{seconds:.2} s; {:.2} million situations of {bytes:.0} bytes, {:.0} MB at most",
            situations / 1e6,
            kilobytes / 1e3
        );
        let least_text = format!("{least} s, 1 GB");
        row(&format!("compile {name}"), "2", &least_text, &here, seconds <= least && kilobytes < 1e6);
    }
}

/// Sets of counts of trials of 27 patients.
fn full_trials() -> Vec<Counts> {
    let mut all = Vec::new();
    for first in 0..=3_u8 {
        for second in 0..=6_u8 {
            for third in 0..=9_u8 {
                all.extend(Counts::from_slices(&[3, 6, 9, 6, 3], &[first, second, third, (first + third) % 7, second % 4]));
            }
        }
    }
    all
}

/// Compile a large graph a few times and print seconds, situations, bytes a situation and the largest memory in kilobytes.
fn large(name: &str) {
    let (_, keys, _) = LARGE.into_iter().find(|large| large.0 == name).expect("a large design");
    let study = work::study(5, &[keys], "");
    let compile = || {
        let start = Instant::now();
        let graph = work::graph(&study, 0);
        (start.elapsed().as_secs_f64(), graph)
    };
    let (mut seconds, graph) = on(2, compile);
    let (situations, bytes) = (graph.situations(), graph.bytes());
    drop(graph);
    for _ in 0..4 {
        seconds = seconds.min(on(2, compile).0);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("nan kB");
    println!("{seconds} {situations} {} {}", bytes as f64 / situations as f64, peak.trim_end_matches("kB").trim());
}

fn exact() {
    let study = work::study(5, &[BOIN_30], "");
    let graph = work::graph(&study, 0);
    let exact = Exact::new(&graph);
    let scenarios = work::scenarios(1000);
    let microseconds = on(1, || 1e6 * best(|| work::every_characteristic(&study, &exact, &scenarios))) / 1e3;
    let name = "exact, BOIN-30, 1,000 curves, all operating characteristics";
    row(name, "1", "4 µs a curve", &format!("{microseconds:.2} µs a curve"), microseconds <= 4.0);
}

fn population() {
    let designs: Vec<String> = work::DESIGNS
        .iter()
        .map(|keys| (*keys).to_owned())
        .chain(["cohort_size = 2", "max_patients = 24", "elimination_cutoff = 0.9"].map(|keys| format!("{BOIN_30}\n{keys}")))
        .collect();
    let designs: Vec<&str> = designs.iter().map(String::as_str).collect();
    let block = "[[population]]\nname = \"p\"\ngenerator = \"clertant\"\ncount = 10_000";
    let study = work::study(5, &designs, block);
    let graphs: Vec<Graph> = (0..designs.len()).map(|design| work::graph(&study, design)).collect();
    let exact: Vec<Exact<'_>> = graphs.iter().map(Exact::new).collect();
    let scenarios = &study.populations[0].scenarios;
    let evaluate = || {
        for exact in &exact {
            black_box(population_values(ExactDesign::Compiled(exact), scenarios, &study.target));
        }
    };
    let seconds = on(2, || best(evaluate));
    row("population, 10,000 curves, 10 designs of up to 30 patients", "2", "2 s", &format!("{seconds:.2} s"), seconds <= 2.0);
}

fn replicates() {
    for (name, designs, scenarios, trials, least) in [
        ("replicates, BOIN-30, one design, one scenario", 1, 1, 1 << 20, 15.0),
        ("replicates, seven designs, eight scenarios, the same patients", 7, 8, 1 << 16, 30.0),
    ] {
        let nothing = best(|| work::replicates(designs, scenarios, 2));
        let seconds = best(|| work::replicates(designs, scenarios, trials)) - nothing;
        let millions = (designs * scenarios * trials) as f64 / seconds / 1e6;
        row(name, "1", &format!("{least} million trials a second"), &format!("{millions:.1}"), millions >= least);
    }
}

fn two_cores() {
    let large = work::study(5, &[LARGE[2].1], "");
    let small = work::study(5, &work::DESIGNS[..2], "");
    let graphs = [0, 1].map(|design| work::graph(&small, design));
    let exact = Exact::new(&graphs[0]);
    let scenarios = work::scenarios(1000);
    let walkers: Vec<Walker<'_>> = graphs.iter().map(Walker::Graph).collect();
    let runs = Replicates { walkers: &walkers, curves: &[(&CURVES[0]).into()], seed: 1, replicates: 1 << 20 };
    let compile = || drop(black_box(work::graph(&large, 0)));
    let evaluate = || work::every_characteristic(&small, &exact, &scenarios);
    let simulate = || drop(black_box(runs.tally(&Monitor::default())));
    for (name, [one, two]) in [
        ("compile of a large graph (BOIN, 20 cohorts of 3)", best_on_one_and_two(compile)),
        ("exact over 1,000 curves", best_on_one_and_two(evaluate)),
        ("replicates", best_on_one_and_two(simulate)),
    ] {
        row(&format!("two cores against one: {name}"), "1, 2", "1.8 times", &format!("{:.2} times", one / two), one / two >= 1.8);
    }
}

/// A run of replicates of what is to be walked.
type Tally<'a> = &'a dyn Fn(Walker<'_>);

/// Single patients on eight levels: a trial of 28 patients can be compiled, one of 60 cannot. Everything counts that a run of
/// 100,000 replicates takes: compiling the one, asking the other's rule as situations are met.
fn past_the_bound() {
    const REPLICATES: usize = 100_000;
    const CURVE: [f64; 8] = [0.02, 0.05, 0.10, 0.17, 0.25, 0.35, 0.45, 0.55];
    let study = |max_patients: usize| {
        let keys = format!(
            "method = \"crm\"\nskeleton = {{ prior_mtd = 4, halfwidth = 0.05 }}\nprior_sd = 1.157583690\ncohort_size = 1\nmax_patients = {max_patients}"
        );
        work::study(8, &[&keys], "")
    };
    let cohorts_a_second = |patients: usize, walk: &dyn Fn(Tally<'_>)| {
        let tally = |walker: Walker<'_>| {
            let runs = Replicates { walkers: &[walker], curves: &[(&CURVE).into()], seed: 1, replicates: REPLICATES };
            drop(black_box(runs.tally(&Monitor::default())));
        };
        let start = Instant::now();
        walk(&tally);
        (REPLICATES * patients) as f64 / start.elapsed().as_secs_f64() / 1e6
    };
    let (small, large) = (study(28), study(60));
    let rates = on(1, || {
        let compile_and_walk = |tally: Tally<'_>| {
            let graph: Graph = work::graph(&small, 0);
            tally(Walker::Graph(&graph));
        };
        [
            cohorts_a_second(28, &compile_and_walk),
            cohorts_a_second(28, &|tally| tally(work::walker(&small, 0))),
            cohorts_a_second(60, &|tally| tally(work::walker(&large, 0))),
        ]
    });
    let [compiled, met, past] = rates;
    let here = format!(
        "{compiled:.2} million cohorts a second compiled and walked (N = 28), {met:.2} as met (N = 28), {past:.2} as met (N = 60)"
    );
    let reached = 4.0 * met.min(past) >= compiled;
    row("past the bound: CRM, eight levels, single patients, 100,000 replicates", "1", "within 4 times", &here, reached);
}
