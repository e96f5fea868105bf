//! # Continual reassessment method by maximum likelihood, in two stages
//!
//! ## What it does
//!
//! The CRM without a prior distribution. The estimate of the curve is the one of largest likelihood, which exists only once there
//! are patients with and without DLT; so the first patients climb the levels by an initial escalation scheme until the first DLT.
//! From then on the level whose estimated DLT probability is nearest the target is recommended, within the conduct rules.
//!
//! ## Model
//!
//! Curves pₖ(θ) and likelihood L(θ) as in [`super::crm`]; p̂ₖ = pₖ(θ̂), θ̂ the root of the score d log L(θ)/dθ, by Newton's method
//! within a bracket, to the last digits of a double. log L is a concave function of the slope e^θ, so there is one root at most.
//!
//! - no DLT so far: L rises towards θ → ∞, and all p̂ₖ are 0: the highest level is recommended
//! - only DLTs so far: L rises towards θ → -∞, and all p̂ₖ are taken as 1: the lowest level
//! - logistic: toxicity stays below u = expit(a₀), so the second holds of all data with Σₖ |xₖ| (yₖ - u nₖ) ≥ 0 and a DLT
//!
//! ## Parameters
//!
//! `dosebench keys crm-ml` lists them. `initial_scheme`, which any model-based method can have, is required here.
//!
//! ## Where it differs from dfcrm
//!
//! - dfcrm falls back on a Bayesian fit with a prior standard deviation of 500 where there is no maximum. Its integration ends at
//!   ±10, so that fit is about the skeleton, and the prior MTD is recommended: after 6 DLTs in 6 patients at level 1 as well as at
//!   the end of a trial without any DLT. In a trial of 24 on five levels, all of them safe, that made level 3 the MTD in a quarter
//!   of the trials.
//! - dfcrm maximises over (-10, 10) to a tolerance of 1e-4: its θ̂ is off by up to 2e-5. Its `post.var` under maximum likelihood is
//!   no variance, and often negative; the intervals here use the observed information.
//! - dfcrm's final recommendation may be a level that no patient received: `selection = "model"`.
//! - dfcrm's initial scheme has as many entries as the trial has patients, and one level for each cohort. Here it may end earlier,
//!   and a cohort is cut where the level changes.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. A less toxic level sends more trials on to one above that is too toxic,
//!   whose DLTs then count against it through the model.
//!
//! ## References
//!
//! - O'Quigley and Shen (1996), Biometrics 52, 673-684: maximum likelihood after an initial scheme.
//! - Storer (1989), Biometrics 45, 925-937: two-stage designs.

use super::crm::{
    ByEstimate, CURVE_KEYS, Curve, Estimates, Estimator, EstimatorVoice, MAX_EVENTS, Model, ModelWords, Rules, SELECTION,
    curve_words, read_curve, skeleton_grid,
};
use crate::design::rule::assess::{Assessment, LevelAssessment, NORMAL_QUANTILE};
use crate::design::rule::conduct_keys::INITIAL_SCHEME_REQUIRED;
use crate::design::rule::wording::Piece;
use crate::design::rule::{ConductKeys, Conducted, Context, Law, MethodEntry, Plan, read_conduct};
use crate::keys::Keys;
use crate::trial::{Counts, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm-ml",
    title: "CRM by maximum likelihood",
    sentence: "The CRM without a prior: by maximum likelihood, after an initial escalation scheme.",
    reference: "O'Quigley and Shen (1996), Biometrics 52, 673-684",
    example: "method = \"crm-ml\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\n\
              initial_scheme = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]",
    situations: 15_000,
    exceptions: &[(
        Law::LowerCurve,
        "A less toxic level sends more trials on to one above that is too toxic, whose DLTs then count \
             against it through the model.",
    )],
    conduct: Some(&CONDUCT),
    keys: &[CURVE_KEYS, &[&SELECTION.about]],
    read,
};

static CONDUCT: ConductKeys = ConductKeys { initial_scheme: Some(&INITIAL_SCHEME_REQUIRED), ..ConductKeys::OF_MODELS };

/// Read a `[[design]]` block with `method = "crm-ml"`.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let curve = read_curve(keys, context);
    let rules = Rules { target: context.target, selection: keys.get(&SELECTION), too_toxic: None, precision: None };
    let method = ByEstimate { estimator: MaximumLikelihood { curve: curve? }, rules };
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}

/// The curve of largest likelihood.
#[derive(Clone, Debug)]
pub struct MaximumLikelihood {
    /// The dose-toxicity model with its dose labels.
    pub curve: Curve,
}

/// The largest likelihood, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Maximum {
    /// At this θ.
    At {
        /// The maximum-likelihood estimate of θ.
        theta: f64,
        /// -d² log L/dθ² there.
        information: f64,
    },
    /// No DLT: approached as θ → ∞, where all toxicities are 0.
    NoDlt,
    /// Only DLTs, or about as many as the model can account for: approached as θ → -∞, where all toxicities are largest.
    Saturated,
}

/// A step of Newton's method below this, relative to θ above 1, is the last: the next would be its square.
const LAST_STEP: f64 = 1e-8;
/// The longest step.
const LONGEST_STEP: f64 = 2.0;

/// The levels that have patients: the label, patients with and without DLT.
struct Tried {
    entries: [(f64, f64, f64); MAX_LEVELS],
    length: usize,
}

impl Tried {
    fn new(labels: &[f64], patients: &[u8], dlts: &[u8]) -> Self {
        let mut tried = Self { entries: [(0.0, 0.0, 0.0); MAX_LEVELS], length: 0 };
        for ((&label, &patients), &dlts) in labels.iter().zip(patients).zip(dlts).filter(|((_, patients), _)| **patients > 0) {
            tried.entries[tried.length] = (label, f64::from(dlts), f64::from(patients.saturating_sub(dlts)));
            tried.length += 1;
        }
        tried
    }

    fn levels(&self) -> &[(f64, f64, f64)] {
        &self.entries[..self.length]
    }
}

impl MaximumLikelihood {
    /// The maximum of the likelihood given `patients` and `dlts` per level, lowest first; entries past the last level are not
    /// looked at.
    #[must_use]
    pub fn maximum(&self, patients: &[u8], dlts: &[u8]) -> Maximum {
        let tried = Tried::new(self.curve.labels(), patients, dlts);
        match self.peak(&tried) {
            Ok(theta) => {
                let (score, fall) = self.score(&tried, theta);
                Maximum::At { theta, information: -(score + fall) }
            }
            Err(end) => end,
        }
    }

    /// The maximum-likelihood estimate of θ, or towards which end the likelihood rises.
    fn peak(&self, tried: &Tried) -> Result<f64, Maximum> {
        let levels = tried.levels();
        if levels.iter().all(|&(_, dlts, _)| dlts == 0.0) {
            return Err(Maximum::NoDlt);
        }
        let is_saturated = match self.curve.model {
            Model::Empiric => levels.iter().all(|&(_, _, others)| others == 0.0),
            model @ Model::Logistic { .. } => {
                let highest = model.toxicity(0.0);
                let excess = |&(label, dlts, others): &(f64, f64, f64)| label * (dlts * (1.0 - highest) - others * highest);
                levels.iter().map(excess).sum::<f64>() <= 0.0
            }
        };
        if is_saturated {
            return Err(Maximum::Saturated);
        }
        // Between these is the root, as far as is known; no step is longer than a finite distance, so both become known if need be.
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut theta: f64 = 0.0;
        loop {
            let (score, fall) = self.score(tried, theta);
            if score > 0.0 {
                low = theta
            } else {
                high = theta
            }
            let newton = theta + (-score / fall).clamp(-LONGEST_STEP, LONGEST_STEP);
            // Before the bracket: at the root the step may end on the bracket itself.
            if (newton - theta).abs() <= LAST_STEP * theta.abs().max(1.0) || high - low <= f64::EPSILON * theta.abs() {
                return Ok(newton);
            }
            theta = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
        }
    }

    /// h(θ) and dh/dθ, both times e^θ, where the score is e^θ h(θ). h falls everywhere, so there is one root, and Newton's method for
    /// h never walks away from it.
    fn score(&self, tried: &Tried, theta: f64) -> (f64, f64) {
        let slope = libm::exp(theta);
        tried.levels().iter().fold((0.0, 0.0), |(score, fall), &(label, dlts, others)| {
            let z = slope * label;
            let [with, without] = self.curve.model.log_derivatives(z);
            (score + z * (dlts * with.0 + others * without.0), fall + z * z * (dlts * with.1 + others * without.1))
        })
    }

    fn of(&self, counts: &Counts) -> Maximum {
        self.maximum(&counts.all_patients()[..self.curve.levels()], &counts.all_dlts()[..self.curve.levels()])
    }
}

impl Estimator for MaximumLikelihood {
    fn levels(&self) -> usize {
        self.curve.levels()
    }

    fn estimate(&self, counts: &Counts) -> Estimates {
        let mut toxicity = [0.0; MAX_LEVELS];
        match self.peak(&Tried::new(self.curve.labels(), counts.all_patients(), counts.all_dlts())) {
            Ok(theta) => toxicity.iter_mut().zip(self.curve.toxicity(theta)).for_each(|(toxicity, at)| *toxicity = at),
            Err(Maximum::Saturated) => toxicity[..self.curve.levels()].fill(1.0),
            Err(_) => {}
        }
        Estimates { toxicity, exceedance: [0.0; MAX_EVENTS] }
    }
}

impl EstimatorVoice for MaximumLikelihood {
    /// Intervals pₖ(θ̂ ± z / √information).
    fn assess(&self, counts: &Counts, _target: f64) -> Assessment {
        let Maximum::At { theta, information } = self.of(counts) else {
            return Assessment {
                basis: "no estimate: the likelihood has no maximum until there are patients with and without DLT",
                levels: vec![LevelAssessment::default(); self.curve.levels()],
            };
        };
        let half = NORMAL_QUANTILE / information.sqrt();
        // Toxicity falls as θ rises.
        let limits = self.curve.toxicity(theta + half).zip(self.curve.toxicity(theta - half));
        let levels = self.curve.toxicity(theta).zip(limits).map(|(estimate, limits)| LevelAssessment {
            estimate: Some(estimate),
            interval: Some(limits),
            ..LevelAssessment::default()
        });
        Assessment {
            basis: "curve of largest likelihood; 90 % interval from a normal approximation to θ with the observed information",
            levels: levels.collect(),
        }
    }

    fn synopsis(&self) -> Vec<(&'static str, String)> {
        let skeleton: Vec<String> = self.curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}")).collect();
        let model = match self.curve.model {
            Model::Empiric => "empiric, skeleton^exp(θ)".to_owned(),
            Model::Logistic { intercept } => format!("logistic, fixed intercept {intercept}"),
        };
        let estimate = "the curve of largest likelihood; 0 without a DLT, 1 with DLTs only".to_owned();
        vec![("Model", model), ("Skeleton", skeleton.join(", ")), ("Estimated DLT probability", estimate)]
    }

    fn words(&self) -> ModelWords {
        let model = format!(
            "The dose-toxicity curve has one unknown parameter, θ: {}. After each cohort θ is estimated by maximum likelihood from all \
             patients of the trial. As long as no patient has had a DLT, all estimates of DLT probabilities are 0; while patients have \
             had DLTs and none, or too few for the model, have not, they are 1.",
            curve_words(self.curve.model, "exp(θ)")
        );
        ModelWords {
            model: vec![Piece::said(model), skeleton_grid(&[("Skeleton", &self.curve)])],
            estimate: "the model's DLT probability at the maximum-likelihood estimate of θ",
            references: vec!["Storer (1989), Biometrics 45, 925-937: two-stage designs"],
        }
    }
}
