//! # Continual reassessment method (CRM), one parameter, Bayesian
//!
//! ## What it does
//!
//! After each cohort the posterior distribution of the one parameter θ of a dose-toxicity curve is worked out from all patients
//! so far. The level whose estimated DLT probability is nearest the target is recommended for the next cohort, within the
//! conduct rules (by default no skipping of untried levels relative to the current one, and no escalation right after a cohort
//! whose DLT proportion is at least the target). At the end one level is selected by the same criterion.
//!
//! ## Model
//!
//! Skeleton s₁ < … < s_K: the DLT probabilities guessed in advance. Data: nₖ patients and yₖ DLTs at level k.
//!
//! - empiric: pₖ(θ) = sₖ^exp(θ)
//! - logistic: pₖ(θ) = 1 / (1 + exp(-a₀ - exp(θ) xₖ)), xₖ = log(sₖ / (1 - sₖ)) - a₀, fixed intercept a₀
//!
//! so that pₖ(0) = sₖ. Prior θ ~ N(0, σ²), likelihood L(θ) = Πₖ pₖ^yₖ (1 - pₖ)^(nₖ - yₖ). Toxicity falls as θ rises.
//!
//! - estimate `plug-in`: p̂ₖ = pₖ(E(θ | data)); `posterior-mean`: p̂ₖ = E(pₖ(θ) | data)
//! - recommended level: the highest if all p̂ₖ ≤ target, the lowest if all p̂ₖ ≥ target, else the one with the smallest
//!   |p̂ₖ - target|, the lower one on a tie
//! - too toxic: stop and select none when Pr(p₁ > rate | data) > cutoff, strictly, from the exact posterior distribution
//! - precise: stop and select when the central posterior interval of pₖ lies within two limits, that is when
//!   Pr(pₖ < lower | data) and Pr(pₖ > upper | data) are both at most (1 - credibility)/2, from the exact posterior distribution;
//!   k is the level due next (`recommended`), or any
//! - skeleton from indifference intervals δ (halfwidth) around the target φ with prior MTD ν: with F(z) = e^z or expit(a₀ + z),
//!   sₖ = F(R^(ν - k) F⁻¹(φ)), R = F⁻¹(φ - δ) / F⁻¹(φ + δ)
//!
//! ## Parameters
//!
//! `dosebench keys crm` lists them. With `initial_scheme` the levels of the first patients are fixed in advance until the first DLT: a
//! two-stage CRM.
//!
//! With `min_patients_selected` only levels with that many patients are selected; none if there is none, or if `next` has fewer.
//!
//! ## Where it differs from dfcrm
//!
//! - dfcrm's final recommendation may be a level that no patient received: `selection = "model"`. The default here is `tried`.
//! - dfcrm integrates θ over (-10, 10) in the numerators only, to a relative tolerance of 1e-4, and multiplies probabilities; its
//!   estimates are off by up to 6e-4 for a prior sd of 2, plainly wrong from 5 on, and fail for thousands of patients. Here the
//!   integrals are exact to about 1e-11.
//! - dfcrm has no stopping rules; where R packages add one for toxicity (escalation, dtpcrm), they use a normal approximation to
//!   the posterior distribution of θ, which is off by up to 0.05 at level 1. escalation's `stop_when_tox_ci_covered` uses the
//!   same approximation for its interval; with its logistic model the interval has no width, and the rule acts far too early.
//! - dfcrm does not check that a skeleton of the halfwidth and target exists, and returns not-a-number.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. Through the model the DLTs at one level move the estimates of all: where
//!   they are seen, and how many patients are left then, decides what is selected, so that fewer DLTs at a level need not select
//!   higher.
//!
//! ## References
//!
//! - O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48: the method.
//! - Goodman, Zahurak and Piantadosi (1995), Statistics in Medicine 14, 1149-1161: cohorts, no skipping.
//! - Cheung (2005), Biometrics 61, 863-873: coherence.
//! - Lee and Cheung (2009), Clinical Trials 6, 227-238: skeletons by indifference intervals.
//! - Cheung (2011), Dose Finding by the Continual Reassessment Method, Chapman & Hall/CRC.
//!
//! The other members of the family, [`super::crm_gamma`], [`super::crm_ml`] and [`super::bma_crm`], share everything here but
//! their estimates.

mod bayes;
mod by_estimate;
mod model;
mod posterior;
mod prior;
mod read;
mod skeleton;
pub mod tite;
mod wording;

pub use bayes::{Bayes, Estimate};
pub use by_estimate::{
    ByEstimate, CrmSelection, Estimates, Estimator, EstimatorVoice, ModelWords, Precision, Rules, TooToxic, View, nearest,
};
pub use model::{Curve, Model};
pub use posterior::{Exceedance, Extras, MAX_EVENTS, Posterior, Summary, WeightedPosterior};
pub use prior::Prior;
pub use skeleton::{SkeletonError, skeleton};

pub(super) use bayes::central_interval;
pub(super) use read::{
    CURVE_KEYS, ESTIMATE, MEAN_ESTIMATE, NUMBERED_SKELETON, PRIOR_SD, RULES_KEYS, SELECTION, read_curve, read_rules,
};
pub(super) use wording::{curve_words, skeleton_grid};

use crate::design::rule::{ConductKeys, Law, MethodEntry};

/// The law that the CRM and its relatives do not keep.
pub(in crate::design) const EXCEPTIONS: &[(Law, &str)] = &[(
    Law::LowerCurve,
    "Through the model the DLTs at one level move the estimates of all: where they are seen, and how many \
         patients are left then, decides what is selected, so that fewer DLTs at a level need not select \
         higher.",
)];

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm",
    title: "CRM",
    sentence: "Recommends the level whose DLT probability, estimated by a curve with one unknown parameter, is nearest the target.",
    reference: "O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48",
    example: "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690",
    situations: 12_256,
    exceptions: EXCEPTIONS,
    conduct: Some(&ConductKeys::OF_MODELS),
    keys: &read::KEYS,
    read: read::read,
};

/// What defines a CRM.
#[derive(Clone, Debug)]
pub struct CrmSettings {
    /// The dose-toxicity model with its dose labels.
    pub curve: Curve,
    /// The prior distribution of its parameter.
    pub prior: Prior,
    /// How DLT probabilities are estimated.
    pub estimate: Estimate,
    /// What is done with the estimates.
    pub rules: Rules,
}

/// The continual reassessment method (O'Quigley, Pepe and Fisher, 1990).
pub type Crm = ByEstimate<Bayes>;

impl Crm {
    /// A CRM for trials of up to `max_patients` patients. `None` when the prior is not provided for; see
    /// [`Prior::is_provided_for`].
    #[must_use]
    pub fn new(settings: CrmSettings, max_patients: usize) -> Option<Self> {
        let CrmSettings { curve, prior, estimate, rules } = settings;
        let events = rules.events(curve.levels());
        let estimator = Bayes::new(curve, prior, estimate, events, max_patients)?;
        Some(Self { estimator, rules })
    }
}
