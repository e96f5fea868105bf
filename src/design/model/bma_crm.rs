//! # Bayesian model averaging CRM
//!
//! ## What it does
//!
//! Several skeletons stand side by side, so that no trial hangs on a single guess. After each cohort each of them is weighed by how
//! well it explains the patients so far, and the estimates of the DLT probabilities are averaged with these weights. The level whose
//! average is nearest the target is approached one level at a time, up as well as down.
//!
//! ## Model
//!
//! Skeletons s_m1 < … < s_mK, m = 1 … M, with prior weights π_m. In each p_mk(θ) = s_mk^exp(θ), θ ~ N(0, σ²), as in [`super::crm`], with
//! marginal likelihood L_m = ∫ Πₖ p_mk^yₖ (1 - p_mk)^(nₖ - yₖ) dN(0, σ²).
//!
//! - posterior weights w_m = π_m L_m / Σ π L
//! - averaging `average`: p̂ₖ = Σ w_m E(p_mk(θ) | data, m), posterior means and not plug-in estimates; `best`: the posterior means
//!   under the skeleton of largest w_m alone, the first of equals (Bayesian model selection)
//! - recommended level as of the CRM: the one with the smallest |p̂ₖ - target|, the lower one on a tie
//! - too toxic: stop and select none when Pr(p₁ > rate | data) = Σ w_m Pr(p_m1 > rate | data, m) > cutoff; with `best`, under the best
//!
//! ## Parameters
//!
//! `dosebench keys bma-crm` lists them. `no_skipping_down` is `current` unless given. The paper has a `too_toxic_cutoff` of 0.9.
//!
//! ## Where it differs from the paper or the R packages
//!
//! - Yin and Yuan have no rule of coherence, stop at 0.9 and select among all levels: `coherent = "off"`, `too_toxic_cutoff = 0.9`,
//!   `selection = "model"`. Their software has σ = 2; escalation has σ² = 1.34.
//! - `get_empiric_crm_skeleton_weights` of escalation integrates with an absolute tolerance that is large beside the marginal
//!   likelihoods; its weights are off by up to 3e-4.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. Through the model the DLTs at one level move the estimates of all: where
//!   they are seen, and how many patients are left then, decides what is selected, so that fewer DLTs at a level need not select
//!   higher.
//!
//! ## References
//!
//! - Yin and Yuan (2009), Journal of the American Statistical Association 104, 954-968.

use super::crm::{
    ByEstimate, Curve, Estimates, Estimator, EstimatorVoice, Exceedance, Extras, MAX_EVENTS, Model, ModelWords, PRIOR_SD,
    Posterior, Prior, RULES_KEYS, Rules, central_interval, curve_words, read_rules, skeleton_grid,
};
use crate::design::rule::assess::{Assessment, LevelAssessment};
use crate::design::rule::conduct_keys::{LEVELS, NO_SKIPPING_DOWN_CURRENT, group};
use crate::design::rule::wording::Piece;
use crate::design::rule::{ConductKeys, Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::{Key, Keys, Step, Within, Worded};
use crate::trial::{Counts, Level, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "bma-crm",
    title: "BMA-CRM",
    sentence: "The CRM with several skeletons, which are averaged with their posterior weights.",
    reference: "Yin and Yuan (2009), Journal of the American Statistical Association 104, 954-968",
    example: "method = \"bma-crm\"\nskeletons = [[0.05, 0.12, 0.25, 0.40, 0.55], [0.02, 0.06, 0.12, 0.25, 0.40], \
              [0.12, 0.25, 0.40, 0.55, 0.65]]\nprior_sd = 1.157583690\ntoo_toxic_cutoff = 0.9",
    situations: 15_000,
    exceptions: super::crm::EXCEPTIONS,
    conduct: Some(&CONDUCT),
    keys: &[&[&SKELETONS.about, &PRIOR_WEIGHTS.about, &PRIOR_SD.about, &AVERAGING.about], RULES_KEYS],
    read,
};

/// The number of skeletons at most.
const MAX_SKELETONS: usize = 20;

static CONDUCT: ConductKeys = ConductKeys { no_skipping_down: &NO_SKIPPING_DOWN_CURRENT, ..ConductKeys::OF_MODELS };

const NUMBER_OF_SKELETONS: &str = "skeletons";
static SKELETONS: Key<Vec<Vec<f64>>> = Key::rows(
    "skeletons",
    Within::Open(0.0, 1.0),
    "Several guesses of the DLT probabilities of the levels before the trial, among which the data decide.",
)
.one_for_each("dose level", LEVELS)
.further("1 to 20 skeletons, each strictly increasing")
.required()
.group(group::MODEL)
.moved(Step::Logits(0.5, 1.25));
static PRIOR_WEIGHTS: Key<Vec<f64>> =
    Key::numbers("prior_weights", Within::OpenClosed(0.0, 1e6), "The prior weights of the skeletons, in any unit.")
        .one_for_each("skeleton", NUMBER_OF_SKELETONS)
        .or_derived("equal")
        .group(group::PRIOR);
static AVERAGINGS: [Worded<bool>; 2] = [
    ("average", false, "The estimates are averaged over all skeletons with their posterior weights."),
    ("best", true, "The skeleton of largest posterior weight estimates alone."),
];
static AVERAGING: Key<bool, bool> = Key::word("averaging", &AVERAGINGS, "How the estimates under several skeletons become one.")
    .or_word("average")
    .group(group::MODEL);

/// Read a `[[design]]` block with `method = "bma-crm"`.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let curves = read_skeletons(keys);
    let weights = read_weights(keys, curves.as_ref().map(Vec::len));
    let sd = keys.get(&PRIOR_SD);
    let best = keys.get(&AVERAGING);
    let rules = read_rules(keys, context);
    let models = curves?.into_iter().zip(weights?).collect();
    let estimator = Averaging::new(models, sd?, best, &rules, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method: ByEstimate { estimator, rules } })))
}

fn read_skeletons(keys: &mut Keys<'_>) -> Option<Vec<Curve>> {
    let rows = keys.get(&SKELETONS)?;
    if !(1..=MAX_SKELETONS).contains(&rows.len()) {
        keys.complain("skeletons", format!("found {} skeletons; allowed: 1 to {MAX_SKELETONS}", rows.len()), None);
        return None;
    }
    let curves: Vec<Option<Curve>> = rows.iter().map(|row| Curve::new(Model::Empiric, row)).collect();
    for (index, _) in curves.iter().enumerate().filter(|(_, curve)| curve.is_none()) {
        keys.complain_entry("skeletons", index, "a skeleton must increase strictly from level to level");
    }
    curves.into_iter().collect()
}

/// The prior weights, with sum 1.
fn read_weights(keys: &mut Keys<'_>, skeletons: Option<usize>) -> Option<Vec<f64>> {
    if let Some(skeletons) = skeletons {
        keys.know(NUMBER_OF_SKELETONS, skeletons as f64);
    }
    let weights = match keys.sound(&PRIOR_WEIGHTS)? {
        Some(weights) => weights,
        None => vec![1.0; skeletons?],
    };
    let sum: f64 = weights.iter().sum();
    Some(weights.into_iter().map(|weight| weight / sum).collect())
}

/// One skeleton among several.
#[derive(Clone, Debug)]
struct Candidate {
    curve: Curve,
    prior_weight: f64,
    log_prior_weight: f64,
    posterior: Posterior,
}

/// Estimates averaged over several skeletons.
#[derive(Clone, Debug)]
pub struct Averaging {
    candidates: Vec<Candidate>,
    prior_sd: f64,
    best: bool,
}

impl Averaging {
    /// Skeletons under the empiric model with their prior weights, for trials of up to `max_patients` patients; `best`: the one of
    /// largest weight instead of the average. `None` without skeletons, where they differ in their number of levels, or when
    /// `prior_sd` is outside [`Prior::SD`].
    #[must_use]
    pub fn new(models: Vec<(Curve, f64)>, prior_sd: f64, best: bool, rules: &Rules, max_patients: usize) -> Option<Self> {
        let levels = models.first()?.0.levels();
        let extras = Extras { mean_toxicity: true, events: rules.events(levels) };
        let candidate = |(curve, prior_weight): (Curve, f64)| {
            let posterior = Posterior::new(&curve, Prior::Normal { sd: prior_sd }, max_patients, &extras)?;
            let log_prior_weight = libm::log(prior_weight);
            (curve.levels() == levels).then_some(Candidate { curve, prior_weight, log_prior_weight, posterior })
        };
        let candidates = models.into_iter().map(candidate).collect::<Option<_>>()?;
        Some(Self { candidates, prior_sd, best })
    }

    /// The posterior weight of each skeleton; with `best` 1 for one of them, and 0 for the others.
    #[must_use]
    pub fn weights(&self, counts: &Counts) -> Vec<f64> {
        let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
        let log = |candidate: &Candidate| {
            candidate.log_prior_weight + candidate.posterior.summarise(&patients, &dlts).log_marginal_likelihood
        };
        let logs: Vec<f64> = self.candidates.iter().map(log).collect();
        let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let first = logs.iter().position(|&log| log >= highest);
        let weight = |(place, log): (usize, &f64)| match self.best {
            true => f64::from(u8::from(Some(place) == first)),
            false => libm::exp(log - highest),
        };
        let weights: Vec<f64> = logs.iter().enumerate().map(weight).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

impl Estimator for Averaging {
    fn levels(&self) -> usize {
        self.candidates.first().map_or(0, |candidate| candidate.curve.levels())
    }

    fn estimate(&self, counts: &Counts) -> Estimates {
        let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
        let mut sums = Estimates { toxicity: [0.0; MAX_LEVELS], exceedance: [0.0; MAX_EVENTS] };
        let (mut total, mut highest) = (0.0, f64::NEG_INFINITY);
        for Candidate { log_prior_weight, posterior, .. } in &self.candidates {
            let summary = posterior.summarise(&patients, &dlts);
            let log_weight = log_prior_weight + summary.log_marginal_likelihood;
            // What the sums so far, and this skeleton, weigh beside the heaviest one.
            let (before, own) = match (log_weight > highest, self.best) {
                (true, true) => (0.0, 1.0),
                (false, true) => (1.0, 0.0),
                (true, false) => (libm::exp(highest - log_weight), 1.0),
                (false, false) => (1.0, libm::exp(log_weight - highest)),
            };
            highest = highest.max(log_weight);
            total = total * before + own;
            let add = |sums: &mut [f64], values: &[f64]| {
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = *sum * before + value * own);
            };
            add(&mut sums.toxicity, &summary.mean_toxicity);
            add(&mut sums.exceedance, &summary.exceedance);
        }
        let all = sums.toxicity.iter_mut().chain(&mut sums.exceedance);
        all.for_each(|sum| *sum /= total);
        sums
    }
}

impl EstimatorVoice for Averaging {
    fn assess(&self, counts: &Counts, target: f64) -> Assessment {
        let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
        let estimates = self.estimate(counts).toxicity;
        let extras = Extras { mean_toxicity: false, events: vec![Exceedance { level: 0, rate: target }] };
        let prior = Prior::Normal { sd: self.prior_sd };
        // The prior was accepted when the design was made, so there is a posterior.
        let posterior = |curve| Posterior::new(curve, prior, counts.total_patients().max(1), &extras);
        let weighed: Vec<(f64, &Curve, Posterior)> = (self.candidates.iter().zip(self.weights(counts)))
            .filter_map(|(candidate, weight)| Some((weight, &candidate.curve, posterior(&candidate.curve)?)))
            .collect();
        let exceedance = |level: Level, rate: f64| -> f64 {
            let event = Exceedance { level, rate };
            weighed.iter().map(|(weight, curve, posterior)| weight * posterior.probability(curve, &patients, &dlts, event)).sum()
        };
        let level = |level: Level| LevelAssessment {
            estimate: Some(estimates[level]),
            interval: Some(central_interval(|rate| exceedance(level, rate))),
            exceedance: Some(exceedance(level, target)),
            intervals: None,
            excluded: false,
        };
        let basis = match self.best {
            false => {
                "posterior mean of the DLT probability, averaged over the skeletons; 90 % interval and Pr(toxicity > target) from the \
                 exact posterior distribution"
            }
            true => {
                "posterior mean of the DLT probability under the best skeleton; 90 % interval and Pr(toxicity > target) from the exact \
                 posterior distribution"
            }
        };
        Assessment { basis, levels: (0..self.levels()).map(level).collect() }
    }

    fn synopsis(&self) -> Vec<(&'static str, String)> {
        let skeleton = |Candidate { curve, prior_weight, .. }: &Candidate| {
            let values: Vec<String> = curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}")).collect();
            ("Skeleton", format!("{} (prior weight {prior_weight:.4})", values.join(", ")))
        };
        let sd = self.prior_sd;
        let estimate = match self.best {
            false => "the posterior mean of each level's DLT probability, averaged over the skeletons by their posterior weights",
            true => "the posterior mean of each level's DLT probability under the skeleton of largest posterior weight",
        };
        let mut lines = vec![("Model", "empiric, skeleton^exp(θ), for each skeleton".to_owned())];
        lines.extend(self.candidates.iter().map(skeleton));
        lines.push(("Prior", format!("θ normal with mean 0 and standard deviation {sd} (variance {:.4})", sd * sd)));
        lines.push(("Estimated DLT probability", estimate.to_owned()));
        lines
    }

    fn words(&self) -> ModelWords {
        let sd = self.prior_sd;
        let weights: Vec<String> = self.candidates.iter().map(|candidate| format!("{:.4}", candidate.prior_weight)).collect();
        let model = format!(
            "There are {} models of the dose-toxicity curve, each with one unknown parameter, θ: {}, one for each model. Before the trial \
             θ is normal with mean 0 and standard deviation {sd} (variance {:.4}) in each of them, and their weights are {}. After each \
             cohort the posterior distribution of θ in each model, and the posterior weight of the model, are worked out from all \
             patients of the trial.",
            self.candidates.len(),
            curve_words(Model::Empiric, "exp(θ)"),
            sd * sd,
            weights.join(", "),
        );
        let names: Vec<String> = (1..=self.candidates.len()).map(|number| format!("Skeleton {number}")).collect();
        let curves: Vec<(&str, &Curve)> =
            names.iter().zip(&self.candidates).map(|(name, candidate)| (name.as_str(), &candidate.curve)).collect();
        ModelWords {
            model: vec![Piece::said(model), skeleton_grid(&curves)],
            estimate: match self.best {
                false => {
                    "the average of the posterior means of its DLT probability, the posterior weights being those of the models"
                }
                true => "the posterior mean of its DLT probability in the model of largest posterior weight, the first of equals",
            },
            references: Vec::new(),
        }
    }
}
