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
//! - skeleton from indifference intervals δ (halfwidth) around the target φ with prior MTD ν: with F(z) = e^z or expit(a₀ + z),
//!   sₖ = F(R^(ν - k) F⁻¹(φ)), R = F⁻¹(φ - δ) / F⁻¹(φ + δ)
//!
//! ## Parameters
//!
//! | key | domain | default |
//! |---|---|---|
//! | `model` | `empiric`, `logistic` | `empiric` |
//! | `skeleton` | one number in (0, 1) per level, strictly increasing; or `{ prior_mtd, halfwidth }`: a level, and a halfwidth above 0 with target ± halfwidth in (0, 1) | required |
//! | `prior_sd` | 0.001 to 100, the standard deviation σ of θ, not its variance | required |
//! | `intercept` | -10 to 10, logistic only; above the logit of every skeleton value | 3 |
//! | `estimate` | `plug-in`, `posterior-mean` | `plug-in` |
//! | `selection` | `tried`: among the levels with patients; `model`: among all; `next`: the level the rules would give next | `tried` |
//! | `too_toxic_cutoff` | (0, 1) | absent: no such rule |
//! | `too_toxic_rate` | (0, 1) | the target |
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
//!   the posterior distribution of θ, which is off by up to 0.05 at level 1.
//! - dfcrm does not check that a skeleton of the halfwidth and target exists, and returns not-a-number.
//!
//! ## References
//!
//! - O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48: the method.
//! - Goodman, Zahurak and Piantadosi (1995), Statistics in Medicine 14, 1149-1161: cohorts, no skipping.
//! - Cheung (2005), Biometrics 61, 863-873: coherence.
//! - Lee and Cheung (2009), Clinical Trials 6, 227-238: skeletons by indifference intervals.
//! - Cheung (2011), Dose Finding by the Continual Reassessment Method, Chapman & Hall/CRC.

mod assess;
mod model;
mod posterior;
mod read;
mod skeleton;
mod wording;

pub use model::{Curve, Model};
pub use posterior::{Exceedance, Extras, Posterior, Summary};
pub use skeleton::{SkeletonError, skeleton};

use super::wording::{LevelNames, MethodWording};
use super::{Assessment, Method, MethodEntry};
use crate::trial::{Arrival, Conduct, Counts, Level, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "crm",
    title: "CRM",
    reference: "O'Quigley, Pepe and Fisher (1990), Biometrics 46, 33-48",
    example: "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690",
    read: read::read,
};

/// How a DLT probability is estimated from the posterior distribution of θ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// The curve at the posterior mean of θ.
    PlugIn,
    /// The posterior mean of each level's DLT probability.
    PosteriorMean,
}

/// Which level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The level nearest the target among those with patients.
    Tried,
    /// The level nearest the target, whether tried or not.
    Model,
    /// The level that the rules would give next.
    Next,
}

/// The rule that ends a trial whose lowest level is too toxic: Pr(p₁ > `rate` | data) > `cutoff`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooToxic {
    /// The posterior probability that must be exceeded.
    pub cutoff: f64,
    /// The DLT probability that is too high.
    pub rate: f64,
}

/// What defines a CRM.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The dose-toxicity model with its dose labels.
    pub curve: Curve,
    /// The prior standard deviation of θ.
    pub prior_sd: f64,
    /// The target DLT probability.
    pub target: f64,
    /// How DLT probabilities are estimated.
    pub estimate: Estimate,
    /// Which level is selected.
    pub selection: Selection,
    /// The stopping rule for toxicity, if any.
    pub too_toxic: Option<TooToxic>,
}

/// The continual reassessment method (O'Quigley, Pepe and Fisher, 1990).
#[derive(Clone, Debug)]
pub struct Crm {
    settings: Settings,
    posterior: Posterior,
}

impl Crm {
    /// A CRM for trials of up to `max_patients` patients. `None` when the prior standard deviation is out of range; see
    /// [`Posterior::new`].
    #[must_use]
    pub fn new(settings: Settings, max_patients: usize) -> Option<Self> {
        let extras = Extras {
            mean_toxicity: settings.estimate == Estimate::PosteriorMean,
            exceedance: settings.too_toxic.map(|TooToxic { rate, .. }| Exceedance { level: 0, rate }),
        };
        let posterior = Posterior::new(&settings.curve, settings.prior_sd, max_patients, extras)?;
        Some(Self { settings, posterior })
    }

    /// The estimated DLT probability of each level given `counts`, lowest first, as the design estimates it.
    #[must_use]
    pub fn toxicity(&self, counts: &Counts) -> Vec<f64> {
        self.view(counts).toxicity[..self.settings.curve.levels()].to_vec()
    }

    /// The level recommended from `view` among those that `is_candidate` admits.
    fn nearest(&self, view: &View, is_candidate: impl Fn(Level) -> bool) -> Option<Level> {
        let candidates = (0..self.settings.curve.levels()).filter(|&level| is_candidate(level));
        nearest(candidates.map(|level| (level, view.toxicity[level])), self.settings.target)
    }
}

/// The highest level when all toxicities are at or below the target, the lowest when all are at or above it, otherwise the one
/// whose toxicity is nearest the target, the lower one on a tie. `None` without candidates, which come lowest first.
#[must_use]
pub fn nearest(candidates: impl Iterator<Item = (Level, f64)> + Clone, target: f64) -> Option<Level> {
    if candidates.clone().all(|(_, toxicity)| toxicity <= target) {
        return candidates.last().map(|(level, _)| level);
    }
    if candidates.clone().all(|(_, toxicity)| toxicity >= target) {
        return candidates.map(|(level, _)| level).next();
    }
    let distances = candidates.map(|(level, toxicity)| (level, (toxicity - target).abs()));
    distances.reduce(|best, other| if other.1 < best.1 { other } else { best }).map(|(level, _)| level)
}

/// What a CRM works out from counts.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The estimated DLT probability of each level.
    toxicity: [f64; MAX_LEVELS],
    /// Whether the lowest level is too toxic.
    too_toxic: bool,
}

impl Method for Crm {
    type View = View;

    fn view(&self, counts: &Counts) -> View {
        let Settings { curve, estimate, too_toxic, .. } = &self.settings;
        let summary = self.posterior.summarise(&counts.all_patients().map(u32::from), &counts.all_dlts().map(u32::from));
        let mut toxicity = summary.mean_toxicity;
        if *estimate == Estimate::PlugIn {
            toxicity.iter_mut().zip(curve.toxicity(summary.mean)).for_each(|(toxicity, plug_in)| *toxicity = plug_in);
        }
        View { toxicity, too_toxic: too_toxic.is_some_and(|rule| summary.exceedance > rule.cutoff) }
    }

    fn too_toxic(&self, view: View, _counts: &Counts, _arrival: Arrival) -> bool {
        view.too_toxic
    }

    fn recommend(&self, view: View, _counts: &Counts, current: Level) -> Level {
        self.nearest(&view, |_| true).unwrap_or(current)
    }

    fn select(&self, view: View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level> {
        match self.settings.selection {
            Selection::Tried => self.nearest(&view, |level| counts.patients(level) >= min_patients.max(1)),
            Selection::Model => self.nearest(&view, |level| counts.patients(level) >= min_patients),
            Selection::Next => (counts.patients(next) >= min_patients).then_some(next),
        }
    }

    fn grounds(&self, counts: &Counts, _current: Level, too_toxic: bool) -> String {
        assess::grounds(self, counts, too_toxic)
    }

    fn assess(&self, counts: &Counts, _levels: usize) -> Assessment {
        assess::assess(self, counts)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let Settings { curve, prior_sd, estimate, selection, too_toxic, .. } = &self.settings;
        let skeleton: Vec<String> = curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}")).collect();
        let model = match curve.model {
            Model::Empiric => "empiric, skeleton^exp(θ)".to_owned(),
            Model::Logistic { intercept } => format!("logistic, fixed intercept {intercept}"),
        };
        let estimate = match estimate {
            Estimate::PlugIn => "the curve at the posterior mean of θ",
            Estimate::PosteriorMean => "the posterior mean of each level's DLT probability",
        };
        let selection = match selection {
            Selection::Tried => "the level nearest the target among those with patients",
            Selection::Model => "the level nearest the target, whether tried or not",
            Selection::Next => "the level that the rules would give next",
        };
        let mut lines = vec![
            ("Model", model),
            ("Skeleton", skeleton.join(", ")),
            ("Prior", format!("θ normal with mean 0 and standard deviation {prior_sd} (variance {:.4})", prior_sd * prior_sd)),
            ("Estimated DLT probability", estimate.to_owned()),
            ("Recommendation", "the level nearest the target, the lower one on a tie".to_owned()),
            ("Selection", selection.to_owned()),
        ];
        if let Some(TooToxic { cutoff, rate }) = too_toxic {
            lines.push(("Too toxic", format!("no dose is selected when Pr(toxicity of level 1 > {rate} | data) > {cutoff}")));
        }
        lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording<'_> {
        wording::wording(self, conduct, names)
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        wording::cautions(self, conduct)
    }
}
