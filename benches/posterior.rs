//! The posterior of a CRM design, which a decision graph needs once for each set of counts.

#![allow(clippy::unwrap_used)] // The designs below are valid.

use divan::{Bencher, black_box};
use dosebench::design::Method;
use dosebench::design::crm::{Crm, Curve, Estimate, Exceedance, Extras, Model, Posterior, Selection, Settings, skeleton};
use dosebench::trial::Counts;

fn main() {
    divan::main();
}

/// Five levels, prior MTD 3, halfwidth 0.05, variance 1.34, up to 30 patients.
fn posterior(model: Model, extras: Extras) -> Posterior {
    let skeleton = skeleton(model, 5, 2, 0.25, 0.05).unwrap();
    Posterior::new(&Curve::new(model, &skeleton).unwrap(), 1.34_f64.sqrt(), 30, extras).unwrap()
}

/// Patients and DLTs from the beginning to the end of a trial.
const COUNTS: [([u32; 5], [u32; 5]); 4] = [
    ([3, 0, 0, 0, 0], [0, 0, 0, 0, 0]),
    ([3, 3, 3, 0, 0], [0, 0, 2, 0, 0]),
    ([3, 6, 9, 3, 0], [0, 1, 2, 2, 0]),
    ([3, 6, 9, 6, 6], [0, 1, 2, 2, 4]),
];

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Empiric, Extras::default());
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric_with_exceedance(bencher: Bencher, index: usize) {
    let exceedance = Some(Exceedance { level: 0, rate: 0.25 });
    let posterior = posterior(Model::Empiric, Extras { exceedance, ..Extras::default() });
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn logistic(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Logistic { intercept: 3.0 }, Extras::default());
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric_with_mean_toxicity(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Empiric, Extras { mean_toxicity: true, ..Extras::default() });
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

/// What a decision needs, plug-in toxicities included.
#[divan::bench(args = [0, 1, 2, 3])]
fn view(bencher: Bencher, index: usize) {
    let skeleton = skeleton(Model::Empiric, 5, 2, 0.25, 0.05).unwrap();
    let settings = Settings {
        curve: Curve::new(Model::Empiric, &skeleton).unwrap(),
        prior_sd: 1.34_f64.sqrt(),
        target: 0.25,
        estimate: Estimate::PlugIn,
        selection: Selection::Tried,
        too_toxic: None,
    };
    let crm = Crm::new(settings, 30).unwrap();
    let (patients, dlts) = COUNTS[index];
    let counts = Counts::from_slices(&patients.map(|n| n as u8), &dlts.map(|y| y as u8)).unwrap();
    bencher.bench(|| crm.view(black_box(&counts)));
}
