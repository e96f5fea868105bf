//! What it costs to read and to compile each design: five levels, ten cohorts of three, on one core.
//!
//! `cargo bench --bench designs`. Absolute times are those of the machine at hand; compare figures of one run. A posterior distribution
//! of the two-parameter models visits 2,000 to 12,000 nodes and costs 80 to 160 microseconds, with two events for each level as in a BLRM
//! (`logistic_posterior`; AMD EPYC), so a BLRM compiles in about 1.1 s, a two-parameter CRM in 0.8 s; EWOC, which integrates by Gauss rules, in 1.3 s.

#[path = "shared/work.rs"]
mod work;

use divan::{Bencher, black_box};
use dosebench::design::model::logistic::{AtMost, Posterior, Prior, Wanted};
use work::COUNTS;

fn main() {
    divan::main();
}

/// Each model-based method, with the keys that it needs.
const DESIGNS: [(&str, &str); 9] = [
    ("crm", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690"),
    ("crm-gamma", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }"),
    ("crm-gamma, too toxic", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }\ntoo_toxic_cutoff = 0.9"),
    ("crm-ml", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }\ninitial_scheme = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]"),
    (
        "crm, precise",
        "skeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\nstop_when_precise = { lower = 0.1, upper = 0.4 }",
    ),
    (
        "bma-crm",
        "skeletons = [[0.05, 0.12, 0.25, 0.40, 0.55], [0.02, 0.06, 0.12, 0.25, 0.40], [0.12, 0.25, 0.40, 0.55, 0.65], \
         [0.20, 0.25, 0.30, 0.35, 0.40]]\nprior_sd = 1.157583690\ntoo_toxic_cutoff = 0.9",
    ),
    ("crm-two-parameter", "skeleton = [0.05, 0.12, 0.25, 0.40, 0.55]\nprior_mean = [0, 0]\nprior_sd = [2, 1]"),
    ("blrm", "prior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3"),
    ("ewoc", ""),
];

#[divan::bench(sample_count = 10, args = DESIGNS.map(|(name, _)| name))]
fn compile_design(bencher: Bencher<'_, '_>, name: &str) {
    let keys = DESIGNS.iter().find(|(design, _)| *design == name).expect("a design").1;
    let method = name.split(',').next().expect("a name");
    let keys = format!("method = \"{method}\"\n{keys}");
    let core = work::pool(1);
    // Reading prepares the tables of the model, so it is part of it.
    bencher.bench_local(|| core.install(|| work::graph(&work::study(5, &[black_box(&keys)], ""), 0).situations()));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn logistic_posterior(bencher: Bencher<'_, '_>, index: usize) {
    let labels: Vec<f64> = (1..=5).map(|dose| libm::log(f64::from(dose) / 3.0)).collect();
    let prior = Prior { mean: [-0.7, 0.0], sd: [2.0, 1.0], correlation: 0.0 };
    let events = (0..5).flat_map(|level| [0.16, 0.33].map(|rate| AtMost { level, rate })).collect();
    let posterior = Posterior::new(&labels, prior, 30, Wanted { events, ..Wanted::default() }).expect("a posterior");
    let (patients, dlts) = COUNTS[index];
    bencher.bench_local(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}
