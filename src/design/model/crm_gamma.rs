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
//! `dosebench keys crm-gamma` lists them.
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

use super::crm::{CURVE_KEYS, Crm, CrmSettings, ESTIMATE, Prior, RULES_KEYS, read_curve, read_rules};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::{ConductKeys, Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::{Key, Keys, Within};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm-gamma",
    title: "CRM with gamma prior",
    sentence: "The CRM as it was first published, with a gamma prior of the slope.",
    reference: "O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48",
    example: "method = \"crm-gamma\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }",
    situations: 15_000,
    exceptions: super::crm::EXCEPTIONS,
    conduct: Some(&ConductKeys::OF_MODELS),
    keys: &[CURVE_KEYS, &[&PRIOR_SHAPE.about, &PRIOR_RATE.about, &ESTIMATE.about], RULES_KEYS],
    read,
};

static PRIOR_SHAPE: Key<f64, f64> = Key::number(
    "prior_shape",
    Within::Closed(Prior::SHAPE.0, Prior::SHAPE.1.min(100.0)),
    "The shape of the gamma prior of the slope.",
)
.or(1.0)
.group(group::PRIOR);
static PRIOR_RATE: Key<f64, f64> = Key::number(
    "prior_rate",
    Within::Closed(Prior::RATE.0, Prior::RATE.1),
    "The rate of the gamma prior of the slope: a matter of units, on which no decision depends.",
)
.or(1.0)
.group(group::PRIOR);

/// Read a `[[design]]` block with `method = "crm-gamma"`.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let curve = read_curve(keys, context);
    let prior = Prior::Gamma { shape: keys.get(&PRIOR_SHAPE), rate: keys.get(&PRIOR_RATE) };
    let estimate = keys.get(&ESTIMATE);
    let rules = read_rules(keys, context);
    let method = Crm::new(CrmSettings { curve: curve?, prior, estimate, rules }, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}
