//! # Continual reassessment method (CRM), two-parameter logistic, Bayesian
//!
//! ## What it does
//!
//! As the one-parameter CRM, with a dose-toxicity curve whose intercept and slope are both unknown: after each cohort their
//! posterior distribution is worked out from all patients so far, and the level whose estimated DLT probability is nearest the
//! target is recommended, within the conduct rules. At the end one level is selected by the same criterion.
//!
//! ## Model
//!
//! logit pₖ = θ₁ + exp(θ₂) xₖ with (θ₁, θ₂) normal, means μ₁ and μ₂. The labels come from the skeleton s₁ < … < s_K, the DLT
//! probabilities guessed in advance: xₖ = (logit sₖ - μ₁) / exp(μ₂), so that the curve at the prior means is the skeleton.
//!
//! - estimate `posterior-mean`: p̂ₖ = E(pₖ | data); `plug-in`: the curve at E(θ₁ | data) and E(θ₂ | data)
//! - recommended level: the highest if all p̂ₖ ≤ target, the lowest if all p̂ₖ ≥ target, else the one with the smallest
//!   |p̂ₖ - target|, the lower one on a tie
//! - too toxic: stop and select none when Pr(p₁ > rate | data) > cutoff, strictly, by integration
//!
//! ## Parameters
//!
//! `dosebench keys crm-two-parameter` lists them. With `min_patients_selected` only levels with that many patients are selected; none if
//! there is none, or if `next` has fewer.
//!
//! ## Where it differs from the R packages
//!
//! - trialr's `logistic2` is this model with independent normal priors and the posterior mean; it samples, so its estimates have a
//!   Monte Carlo error. Here they are integrated to about 1e-10.
//! - bcrm's `logit2` writes the slope itself, not its logarithm, with a log-normal prior: the same model. Its exact method is wrong
//!   by up to 0.066.
//! - The posterior mean and the curve at the posterior means of the parameters often lie nearest the target at different levels.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. Through the model the DLTs at one level move the estimates of all: where
//!   they are seen, and how many patients are left then, decides what is selected, so that fewer DLTs at a level need not select
//!   higher.
//!
//! ## References
//!
//! - Whitehead and Brunier (1995), Statistics in Medicine 14, 885-893: the two-parameter logistic model in dose finding.
//! - Cheung (2011), Dose Finding by the Continual Reassessment Method, Chapman & Hall/CRC.
//! - Brock (2019), arXiv 1907.10000: trialr.

use super::crm::{
    ByEstimate, Estimate, Estimates, Estimator, EstimatorVoice, Exceedance, MEAN_ESTIMATE, ModelWords, NUMBERED_SKELETON,
    RULES_KEYS, Rules, read_rules,
};
use super::logistic::{AtMost, PRIOR_KEYS, Posterior, Prior, Wanted, curve, logit, read_prior};
use crate::design::rule::assess::{Assessment, LevelAssessment};
use crate::design::rule::wording::{Claim, Piece};
use crate::design::rule::{CONFIDENCE, ConductKeys, Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::Keys;
use crate::trial::{Counts, Level, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm-two-parameter",
    title: "CRM, two-parameter",
    sentence: "The CRM with a logistic curve whose intercept and slope are both unknown.",
    reference: "Whitehead and Brunier (1995), Statistics in Medicine 14, 885-893",
    example: "method = \"crm-two-parameter\"\nskeleton = [0.05, 0.12, 0.25, 0.40, 0.55]\nprior_mean = [0, 0]\nprior_sd = [2, 1]",
    situations: 15_000,
    exceptions: super::crm::EXCEPTIONS,
    conduct: Some(&ConductKeys::OF_MODELS),
    keys: &[&[&NUMBERED_SKELETON.about], PRIOR_KEYS, &[&MEAN_ESTIMATE.about], RULES_KEYS],
    read,
};

/// The continual reassessment method with a two-parameter logistic model.
pub type TwoParameterCrm = ByEstimate<TwoParameters>;

/// The posterior distribution of intercept and slope, for the trials of one design.
#[derive(Clone, Debug)]
pub struct TwoParameters {
    skeleton: Vec<f64>,
    labels: Vec<f64>,
    prior: Prior,
    estimate: Estimate,
    posterior: Posterior,
}

impl TwoParameters {
    /// An estimator for trials of up to `max_patients` patients that also works out the probabilities of `events`. `skeleton` has the
    /// DLT probabilities guessed in advance, strictly increasing within (0, 1). `None` when the prior is out of range (see
    /// [`Posterior::new`]), or the skeleton is.
    #[must_use]
    pub fn new(skeleton: Vec<f64>, prior: Prior, estimate: Estimate, events: &[Exceedance], max_patients: usize) -> Option<Self> {
        if skeleton.len() > MAX_LEVELS {
            return None;
        }
        let wanted = Wanted {
            moments: estimate == Estimate::PlugIn,
            mean_toxicity: estimate == Estimate::PosteriorMean,
            events: events.iter().map(|&Exceedance { level, rate }| AtMost { level, rate }).collect(),
            ..Wanted::default()
        };
        let [intercept, log_slope] = prior.mean;
        let labels: Vec<f64> = skeleton.iter().map(|&toxicity| (logit(toxicity) - intercept) / libm::exp(log_slope)).collect();
        let posterior = Posterior::new(&labels, prior, max_patients, wanted)?;
        Some(Self { skeleton, labels, prior, estimate, posterior })
    }

    /// The prior as a clause.
    fn prior_words(&self) -> String {
        let Prior { mean, sd, correlation } = self.prior;
        format!("means {} and {}, standard deviations {} and {} and correlation {correlation}", mean[0], mean[1], sd[0], sd[1])
    }
}

impl Estimator for TwoParameters {
    fn levels(&self) -> usize {
        self.labels.len()
    }

    fn estimate(&self, counts: &Counts) -> Estimates {
        let summary = self.posterior.of(counts);
        let toxicity = match self.estimate {
            Estimate::PlugIn => curve(&self.labels, summary.mean),
            Estimate::PosteriorMean => summary.mean_toxicity,
        };
        let mut estimates = Estimates::NONE;
        estimates.toxicity.iter_mut().zip(toxicity).for_each(|(own, toxicity)| *own = toxicity);
        estimates.exceedance.iter_mut().zip(summary.events).for_each(|(own, at_most)| *own = 1.0 - at_most);
        estimates
    }
}

impl EstimatorVoice for TwoParameters {
    fn assess(&self, counts: &Counts, target: f64) -> Assessment {
        let levels = self.levels();
        let events = (0..levels).map(|level| AtMost { level, rate: target }).collect();
        let wanted = Wanted { events, ..Wanted::default() };
        // The prior was accepted when the design was made, so there is a posterior.
        let Some(posterior) = Posterior::new(&self.labels, self.prior, counts.total_patients().max(1), wanted) else {
            return Assessment::observed(counts, levels);
        };
        let (estimates, summary) = (self.estimate(counts), posterior.of(counts));
        let tail = 0.5 * (1.0 - CONFIDENCE);
        let assessed = |level: Level| LevelAssessment {
            estimate: Some(estimates.toxicity[level]),
            interval: Some((posterior.quantile(counts, level, tail), posterior.quantile(counts, level, 1.0 - tail))),
            exceedance: Some(1.0 - summary.events[level]),
            ..LevelAssessment::default()
        };
        let basis = match self.estimate {
            Estimate::PlugIn => {
                "curve at the posterior means of the two parameters; 90 % credible interval and Pr(toxicity > target) by integration"
            }
            Estimate::PosteriorMean => {
                "posterior mean of the DLT probability; 90 % credible interval and Pr(toxicity > target) by integration"
            }
        };
        Assessment { basis, levels: (0..levels).map(assessed).collect() }
    }

    fn synopsis(&self) -> Vec<(&'static str, String)> {
        let skeleton: Vec<String> = self.skeleton.iter().map(|toxicity| format!("{toxicity:.4}")).collect();
        let estimate = match self.estimate {
            Estimate::PlugIn => "the curve at the posterior means of θ₁ and θ₂",
            Estimate::PosteriorMean => "the posterior mean of each level's DLT probability",
        };
        vec![
            ("Model", "logistic, logit of the DLT probability θ₁ + exp(θ₂) x".to_owned()),
            ("Skeleton", skeleton.join(", ")),
            ("Prior", format!("θ₁ and θ₂ normal with {}", self.prior_words())),
            ("Estimated DLT probability", estimate.to_owned()),
        ]
    }

    fn words(&self) -> ModelWords {
        let row = |name: &str, cells: Vec<String>| std::iter::once(name.to_owned()).chain(cells).collect::<Vec<_>>();
        let numbers = |numbers: &[f64]| numbers.iter().map(|number| format!("{number:.4}")).collect();
        let rows = vec![
            row("Dose level", (1..=self.levels()).map(|level| level.to_string()).collect()),
            row("Skeleton", numbers(&self.skeleton)),
            row("x", numbers(&self.labels)),
        ];
        let model = format!(
            "The logit of the DLT probability of level k is θ₁ + exp(θ₂) x(k), with x(k) as below. Before the trial θ₁ and θ₂ are normal \
             with {}, so the skeleton is the curve at the prior means. After each cohort their posterior distribution is worked out from \
             all patients of the trial.",
            self.prior_words()
        );
        ModelWords {
            model: vec![Piece::said(model), Piece::grid(rows, Claim::Nothing)],
            estimate: match self.estimate {
                Estimate::PlugIn => "the model's DLT probability at the posterior means of θ₁ and θ₂",
                Estimate::PosteriorMean => "the posterior mean of its DLT probability",
            },
            references: Vec::new(),
        }
    }
}

impl TwoParameterCrm {
    /// A two-parameter CRM. `None` as for [`TwoParameters::new`].
    #[must_use]
    pub fn with_prior(skeleton: Vec<f64>, prior: Prior, estimate: Estimate, rules: Rules, max_patients: usize) -> Option<Self> {
        let events = rules.events(skeleton.len());
        Some(Self { estimator: TwoParameters::new(skeleton, prior, estimate, &events, max_patients)?, rules })
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let skeleton = keys.get(&NUMBERED_SKELETON);
    let is_increasing = skeleton.as_ref().is_none_or(|skeleton| skeleton.is_sorted_by(|a, b| a < b));
    if !is_increasing {
        keys.complain("skeleton", "the skeleton must increase strictly from level to level", None);
    }
    let prior = read_prior(keys);
    let estimate = keys.get(&MEAN_ESTIMATE);
    let rules = read_rules(keys, context);
    let skeleton = skeleton.filter(|_| is_increasing)?;
    let method = TwoParameterCrm::with_prior(skeleton, prior?, estimate, rules, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}
