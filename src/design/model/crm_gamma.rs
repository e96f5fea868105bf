//! # Continual reassessment method with a gamma prior
//!
//! ## What it does
//!
//! The CRM as it was first published: the slope of the curve has a gamma prior, by default the exponential one of mean 1. All else is
//! as in [`super::crm`]: the level whose estimated DLT probability is nearest the target is recommended, within the conduct rules.
//!
//! ## Model
//!
//! Skeleton s₁ < … < s_K, prior a ~ Gamma(shape, rate) with mean m = shape/rate, likelihood as in [`super::crm`]:
//!
//! - empiric: pₖ(a) = sₖ^(a/m); O'Quigley's ((tanh xₖ + 1)/2)^a is the same model
//! - logistic: pₖ(a) = 1 / (1 + exp(-a₀ - a xₖ)), xₖ = (log(sₖ / (1 - sₖ)) - a₀)/m, fixed intercept a₀
//!
//! so that pₖ(m) = sₖ: the dose labels are those of back-substitution at the prior mean. Toxicity falls as a rises.
//!
//! - estimate `plug-in`: p̂ₖ = pₖ(E(a | data)); `posterior-mean`: p̂ₖ = E(pₖ(a) | data)
//!
//! ## Parameters
//!
//! | key | domain | default |
//! |---|---|---|
//! | `model` | `empiric`, `logistic` | `empiric` |
//! | `skeleton` | as of the CRM | required |
//! | `prior_shape` | 0.1 to 100 | 1 |
//! | `prior_rate` | 0.001 to 1000; a matter of units, since the dose labels go with the prior mean: no decision depends on it | 1 |
//! | `intercept` | -10 to 10, logistic only; above the logit of every skeleton value | 3 |
//! | `estimate` | `plug-in`, `posterior-mean` | `plug-in` |
//! | `selection` | `tried`, `model`, `next`: as of the CRM | `tried` |
//! | `too_toxic_cutoff` | (0, 1) | absent: no such rule |
//! | `too_toxic_rate` | (0, 1) | the target |
//! | `stop_when_precise` | `{ lower, upper, credibility, when }`: as of the CRM | absent: no such rule |
//!
//! ## Where it differs from the paper or the R packages
//!
//! - O'Quigley, Pepe and Fisher treat one patient at a time and skip levels: `cohort_size = 1`, `no_skipping = "off"`,
//!   `coherent = "off"`.
//! - bcrm and trialr recommend by the posterior means; bcrm never by more than one level above the current one.
//! - The variance of an exponential prior is that of a, not of log a: log a has the variance π²/6 = 1.64, so the prior is wider than
//!   the usual normal one of variance 1.34.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. Through the model the DLTs at one level move the estimates of all: where
//!   they are seen, and how many patients are left then, decides what is selected, so that fewer DLTs at a level need not select
//!   higher.
//!
//! ## References
//!
//! - O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48.

use super::crm::{Crm, CrmSettings, Prior, read_curve, read_estimate, read_rules};
use crate::design::rule::{Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::{Keys, Within};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm-gamma",
    title: "CRM with gamma prior",
    reference: "O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48",
    example: "method = \"crm-gamma\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }",
    situations: 15_000,
    exceptions: super::crm::EXCEPTIONS,
    read,
};

/// Read a `[[design]]` block with `method = "crm-gamma"`.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context, true);
    let curve = read_curve(keys, context);
    let shape = keys.number("prior_shape", Within::Closed(Prior::SHAPE.0, Prior::SHAPE.1.min(100.0)));
    let rate = keys.number("prior_rate", Within::Closed(Prior::RATE.0, Prior::RATE.1));
    let prior = Prior::Gamma { shape: shape.unwrap_or(1.0), rate: rate.unwrap_or(1.0) };
    let estimate = read_estimate(keys);
    let rules = read_rules(keys, context);
    let method = Crm::new(CrmSettings { curve: curve?, prior, estimate, rules }, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}
