//! The posterior of a CRM design, which a decision graph needs once for each set of counts.

#![allow(clippy::unwrap_used)] // The designs below are valid.

#[path = "shared/work.rs"]
mod work;

use divan::{Bencher, black_box};
use dosebench::design::Method;
use dosebench::design::model::bma_crm::Averaging;
use dosebench::design::model::crm::{
    ByEstimate, Crm, CrmSelection, CrmSettings, Curve, Estimate, Exceedance, Extras, Model, Posterior, Prior, Rules, skeleton,
};
use dosebench::design::model::crm_ml::MaximumLikelihood;
use dosebench::trial::Counts;
use work::COUNTS;

fn main() {
    divan::main();
}

const PRIOR: Prior = Prior::Normal { sd: 1.157_583_690_279_022_6 };
const RULES: Rules = Rules { target: 0.25, selection: CrmSelection::Tried, too_toxic: None, precision: None };

/// Five levels, prior MTD 3, halfwidth 0.05, variance 1.34, up to 30 patients.
fn posterior(model: Model, extras: &Extras) -> Posterior {
    let skeleton = skeleton(model, 5, 2, 0.25, 0.05).unwrap();
    Posterior::new(&Curve::new(model, &skeleton).unwrap(), PRIOR, 30, extras).unwrap()
}

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Empiric, &Extras::default());
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric_with_exceedance(bencher: Bencher, index: usize) {
    let events = vec![Exceedance { level: 0, rate: 0.25 }];
    let posterior = posterior(Model::Empiric, &Extras { events, ..Extras::default() });
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn logistic(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Logistic { intercept: 3.0 }, &Extras::default());
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn empiric_with_mean_toxicity(bencher: Bencher, index: usize) {
    let posterior = posterior(Model::Empiric, &Extras { mean_toxicity: true, ..Extras::default() });
    let (patients, dlts) = COUNTS[index];
    bencher.bench(|| posterior.summarise(black_box(&patients), black_box(&dlts)));
}

/// Patients and DLTs as a design sees them.
fn counts(index: usize) -> Counts {
    let (patients, dlts) = COUNTS[index];
    Counts::from_slices(&patients.map(|n| n as u8), &dlts.map(|y| y as u8)).unwrap()
}

fn curve() -> Curve {
    Curve::new(Model::Empiric, &skeleton(Model::Empiric, 5, 2, 0.25, 0.05).unwrap()).unwrap()
}

/// What a decision needs, plug-in toxicities included.
fn view_under(bencher: Bencher, prior: Prior, index: usize) {
    let settings = CrmSettings { curve: curve(), prior, estimate: Estimate::PlugIn, rules: RULES };
    let crm = Crm::new(settings, 30).unwrap();
    let counts = counts(index);
    bencher.bench(|| crm.view(black_box(&counts)));
}

#[divan::bench(args = [0, 1, 2, 3])]
fn view(bencher: Bencher, index: usize) {
    view_under(bencher, PRIOR, index);
}

#[divan::bench(args = [0, 1, 2, 3])]
fn view_gamma(bencher: Bencher, index: usize) {
    view_under(bencher, Prior::Gamma { shape: 1.0, rate: 1.0 }, index);
}

#[divan::bench(args = [0, 1, 2, 3])]
fn view_maximum_likelihood(bencher: Bencher, index: usize) {
    let method = ByEstimate { estimator: MaximumLikelihood { curve: curve() }, rules: RULES };
    let counts = counts(index);
    bencher.bench(|| method.view(black_box(&counts)));
}

/// Four skeletons, with the posterior probability that the lowest level is too toxic.
#[divan::bench(args = [0, 1, 2, 3])]
fn view_averaging(bencher: Bencher, index: usize) {
    let too_toxic = Some(dosebench::design::model::crm::TooToxic { cutoff: 0.9, rate: 0.25 });
    let rules = Rules { too_toxic, ..RULES };
    let models = (0..4).map(|prior_mtd| {
        let skeleton = skeleton(Model::Empiric, 5, prior_mtd, 0.25, 0.05).unwrap();
        (Curve::new(Model::Empiric, &skeleton).unwrap(), 0.25)
    });
    let estimator = Averaging::new(models.collect(), 1.157_583_690_279_022_6, false, &rules, 30).unwrap();
    let method = ByEstimate { estimator, rules };
    let counts = counts(index);
    bencher.bench(|| method.view(black_box(&counts)));
}
