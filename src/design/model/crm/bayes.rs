//! DLT probabilities from the posterior distribution of the one parameter of a curve.

use super::by_estimate::{Estimates, Estimator, EstimatorVoice, ModelWords};
use super::wording::{curve_words, skeleton_grid};
use super::{Curve, Exceedance, Extras, Model, Posterior, Prior, Summary, WeightedPosterior};
use crate::design::rule::CONFIDENCE;
use crate::design::rule::assess::{Assessment, LevelAssessment, NORMAL_QUANTILE};
use crate::design::rule::wording::Piece;
use crate::trial::{Counts, Level};

/// How a DLT probability is estimated from the posterior distribution of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// The curve at the posterior mean of the parameter.
    PlugIn,
    /// The posterior mean of each level's DLT probability.
    PosteriorMean,
}

/// The posterior distribution under a one-parameter model, for the trials of one design.
#[derive(Clone, Debug)]
pub struct Bayes {
    curve: Curve,
    prior: Prior,
    estimate: Estimate,
    posterior: Posterior,
}

impl Bayes {
    /// An estimator for trials of up to `max_patients` patients that also works out the probabilities of `events`. `None` when the
    /// prior is not provided for; see [`Prior::is_provided_for`].
    #[must_use]
    pub fn new(curve: Curve, prior: Prior, estimate: Estimate, events: Vec<Exceedance>, max_patients: usize) -> Option<Self> {
        let extras = Extras { mean_toxicity: estimate == Estimate::PosteriorMean, events };
        let posterior = Posterior::new(&curve, prior, max_patients, &extras)?;
        Some(Self { curve, prior, estimate, posterior })
    }

    /// The same model with pending patients, as [`Bayes::new`].
    pub(super) fn weighted(&self, events: Vec<Exceedance>, max_patients: usize) -> Option<WeightedPosterior> {
        let extras = Extras { mean_toxicity: self.estimate == Estimate::PosteriorMean, events };
        WeightedPosterior::new(&self.curve, self.prior, max_patients, &extras)
    }

    /// What is made of a posterior distribution.
    pub(super) fn estimates(&self, summary: &Summary) -> Estimates {
        let mut toxicity = summary.mean_toxicity;
        if self.estimate == Estimate::PlugIn {
            let plug_in = self.curve.toxicity_at_slope(self.prior.slope(summary.mean));
            toxicity.iter_mut().zip(plug_in).for_each(|(toxicity, plug_in)| *toxicity = plug_in);
        }
        Estimates { toxicity, exceedance: summary.exceedance }
    }
}

impl Estimator for Bayes {
    fn levels(&self) -> usize {
        self.curve.levels()
    }

    fn estimate(&self, counts: &Counts) -> Estimates {
        let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
        self.estimates(&self.posterior.summarise(&patients, &dlts))
    }
}

impl EstimatorVoice for Bayes {
    /// Under a normal prior the intervals are those of dfcrm, pₖ(E(θ | data) ± z SD(θ | data)); else central posterior intervals.
    fn assess(&self, counts: &Counts, target: f64) -> Assessment {
        debug_assert!((CONFIDENCE - 0.9).abs() < 1e-12, "the quantile is that of 90 %");
        let Self { curve, prior, .. } = self;
        let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
        let posterior = |extras| Posterior::new(curve, *prior, counts.total_patients().max(1), &extras);
        let estimates = self.estimate(counts).toxicity;
        // The prior was accepted when the design was made, so there is a posterior.
        let summary = posterior(Extras::default()).map(|posterior| posterior.summarise(&patients, &dlts));
        let events: Vec<Exceedance> = (0..curve.levels()).map(|level| Exceedance { level, rate: target }).collect();
        let exact = posterior(Extras { mean_toxicity: false, events });
        let exceedance = exact.as_ref().map(|posterior| posterior.summarise(&patients, &dlts).exceedance);
        let interval = |level: Level| match prior {
            Prior::Normal { .. } => summary.map(|summary| {
                let half = NORMAL_QUANTILE * summary.variance.max(0.0).sqrt();
                // Toxicity falls as θ rises.
                let at = |theta| curve.toxicity(theta).nth(level).unwrap_or(f64::NAN);
                (at(summary.mean + half), at(summary.mean - half))
            }),
            Prior::Gamma { .. } => exact.as_ref().map(|posterior| {
                central_interval(|rate| posterior.probability(curve, &patients, &dlts, Exceedance { level, rate }))
            }),
        };
        let level = |level: Level| LevelAssessment {
            estimate: Some(estimates[level]),
            interval: interval(level),
            exceedance: exceedance.map(|exceedance| exceedance[level].clamp(0.0, 1.0)),
            intervals: None,
            excluded: false,
        };
        let basis = match (prior, self.estimate) {
            (Prior::Normal { .. }, Estimate::PlugIn) => {
                "curve at the posterior mean of θ; 90 % interval from a normal approximation to θ; Pr(toxicity > target) from the exact \
                 posterior distribution"
            }
            (Prior::Normal { .. }, Estimate::PosteriorMean) => {
                "posterior mean of the DLT probability; 90 % interval from a normal approximation to θ; Pr(toxicity > target) from the \
                 exact posterior distribution"
            }
            (Prior::Gamma { .. }, Estimate::PlugIn) => {
                "curve at the posterior mean of a; 90 % interval and Pr(toxicity > target) from the exact posterior distribution"
            }
            (Prior::Gamma { .. }, Estimate::PosteriorMean) => {
                "posterior mean of the DLT probability; 90 % interval and Pr(toxicity > target) from the exact posterior distribution"
            }
        };
        Assessment { basis, levels: (0..curve.levels()).map(level).collect() }
    }

    fn synopsis(&self) -> Vec<(&'static str, String)> {
        let Self { curve, prior, estimate, .. } = self;
        let skeleton: Vec<String> = curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}")).collect();
        let (slope, prior, parameter) = match prior {
            Prior::Normal { sd } => {
                ("exp(θ)", format!("θ normal with mean 0 and standard deviation {sd} (variance {:.4})", sd * sd), "θ")
            }
            Prior::Gamma { shape, rate } => {
                ("(a/E(a))", format!("a gamma with shape {shape} and rate {rate} (mean {})", shape / rate), "a")
            }
        };
        let model = match curve.model {
            Model::Empiric => format!("empiric, skeleton^{slope}"),
            Model::Logistic { intercept } => format!("logistic, fixed intercept {intercept}"),
        };
        let estimate = match estimate {
            Estimate::PlugIn => format!("the curve at the posterior mean of {parameter}"),
            Estimate::PosteriorMean => "the posterior mean of each level's DLT probability".to_owned(),
        };
        vec![("Model", model), ("Skeleton", skeleton.join(", ")), ("Prior", prior), ("Estimated DLT probability", estimate)]
    }

    fn words(&self) -> ModelWords {
        let Self { curve, prior, estimate, .. } = self;
        let (parameter, slope, prior) = match prior {
            Prior::Normal { sd } => {
                ("θ", "exp(θ)", format!("θ is normal with mean 0 and standard deviation {sd} (variance {:.4})", sd * sd))
            }
            Prior::Gamma { shape, rate } => {
                let slope = if shape == rate { "a" } else { "(a / its prior mean)" };
                ("a", slope, format!("a has the gamma distribution of shape {shape} and rate {rate} (mean {})", shape / rate))
            }
        };
        let model = format!(
            "The dose-toxicity curve has one unknown parameter, {parameter}: {}. Before the trial {prior}, so the skeleton is the curve \
             at the prior mean of {parameter}. After each cohort the posterior distribution of {parameter} is worked out from all \
             patients of the trial.",
            curve_words(curve.model, slope),
        );
        ModelWords {
            model: vec![Piece::said(model), skeleton_grid(&[("Skeleton", curve)])],
            estimate: match (estimate, parameter) {
                (Estimate::PlugIn, "θ") => "the model's DLT probability at the posterior mean of θ",
                (Estimate::PlugIn, _) => "the model's DLT probability at the posterior mean of a",
                (Estimate::PosteriorMean, _) => "the posterior mean of its DLT probability",
            },
            references: Vec::new(),
        }
    }
}

/// The 90 % interval with equal tails of a DLT probability, given the probability that it exceeds a rate: for people.
pub(in crate::design) fn central_interval(exceedance: impl Fn(f64) -> f64) -> (f64, f64) {
    let quantile = |probability: f64| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if 1.0 - exceedance(middle) < probability { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    };
    let tail = 0.5 * (1.0 - CONFIDENCE);
    (quantile(tail), quantile(1.0 - tail))
}
