//! # Time-to-event continual reassessment method (TITE-CRM), one parameter, Bayesian
//!
//! ## What it does
//!
//! The CRM ([`super`]) that does not wait for the patients who are still being followed: a pending patient without a DLT so far
//! counts with a weight between 0 and 1 that grows with the follow-up. When everybody has been followed the CRM selects.
//!
//! ## Model
//!
//! That of the CRM, with the likelihood L(θ) = Πᵢ p^yᵢ (1 - wᵢ p)^(1 - yᵢ) over the patients i, p being the DLT probability of the
//! level of patient i; a patient with a DLT, or with a whole window, has wᵢ = 1. With follow-up f as a share of the window:
//!
//! - `linear`: w = f
//! - `adaptive` (Cheung and Chappell, 2000): with the times τ₁ ≤ … ≤ τ_z at which DLTs were seen, τ₀ = 0, τ_(z+1) = 1, and m of them
//!   at or before f: w = (m + (f - τₘ) / (τ_(m+1) - τₘ)) / (z + 1); linear without a DLT; 1 from f = τ_z on when τ_z = 1
//!
//! Patients are enrolled as they arrive, a cohort at a time, and the model is asked when the first patient of a new cohort arrives.
//! The model never suspends accrual. There is no `titration`: its single patients are waited for.
//!
//! With `initial_scheme`, a two-stage design, the levels of the first patients are fixed in advance until the first DLT is seen. They are
//! enrolled as they arrive, but the first at a higher level when everybody before has been followed to the end of the window: until then
//! accrual is suspended.
//!
//! ## Parameters
//!
//! `dosebench keys tite-crm` lists them. In `stop_when_precise` pending patients count with their weights.
//!
//! ## Where it differs from dfcrm
//!
//! `dfcrm::titesim` is `cohort_size = 1`, `coherent = "off"` and `selection = "model"`: it has no coherence rule, although its
//! printout claims one, and restricts to one level above the level of the previous patient. Its design of two stages, with the window
//! as the least time between two levels, is `initial_scheme`; but where everybody so far has had a DLT it works with a prior standard
//! deviation of 500 and an integral cut off at ±10, which recommends the prior MTD. Here that is left to the model, which goes down. dfcrm
//! stops with an error where a DLT occurred exactly at the end of the window; here the adaptive weight is then defined as above. Integrals
//! as in the CRM.
//!
//! ## References
//!
//! - Cheung and Chappell (2000), Biometrics 56, 1177-1182.

use super::by_estimate::Estimates;
use super::read::{KEYS, read_conducted};
use super::{Crm, Estimator, View, WeightedPosterior};
use crate::design::model::weights::{WEIGHTS_KEY, Weights};
use crate::design::rule::pending::{Judgement, PendingMethod, PendingVoice, TimeToEvent, refuse_waiting};
use crate::design::rule::wording::{Claim, Evidence, LevelNames, PendingWording, Piece};
use crate::design::rule::{ConductKeys, Context, Method, MethodEntry, Plan};
use crate::keys::Keys;
use crate::trial::{Level, MAX_PATIENTS, Situation, StopReason, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "tite-crm",
    title: "TITE-CRM",
    sentence: "The CRM that does not wait: a pending patient counts with a weight that grows with the follow-up.",
    reference: "Cheung and Chappell (2000), Biometrics 56, 1177-1182",
    example: "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\ncohort_size = 1",
    situations: 0,
    exceptions: &[],
    conduct: Some(&ConductKeys::OF_MODELS.without_titration()),
    keys: &[&[&WEIGHTS_KEY.about], KEYS[0], KEYS[1], KEYS[2]],
    read: read_design,
};

/// TITE-CRM's way to count pending patients.
#[derive(Clone, Debug)]
pub struct TiteCrm {
    weights: Weights,
    posterior: WeightedPosterior,
}

impl TiteCrm {
    /// For trials of up to `max_patients` patients under the model of `crm`. `None` when its prior is not provided for.
    #[must_use]
    pub fn new(weights: Weights, crm: &Crm, max_patients: usize) -> Option<Self> {
        let events = crm.rules.events(crm.estimator.levels());
        Some(Self { weights, posterior: crm.estimator.weighted(events, max_patients)? })
    }

    /// The estimated DLT probability of each level, lowest first, as the design estimates it.
    #[must_use]
    pub fn toxicity(&self, crm: &Crm, situation: &Situation<'_>) -> Vec<f64> {
        self.view(crm, situation).toxicity[..crm.estimator.levels()].to_vec()
    }

    fn view(&self, crm: &Crm, situation: &Situation<'_>) -> View {
        crm.view_of(&self.estimates(crm, situation))
    }

    fn estimates(&self, crm: &Crm, situation: &Situation<'_>) -> Estimates {
        let evaluated = situation.evaluated();
        // Mostly few are pending, and room for all takes longer to clear than the rest.
        let (mut few, mut all) = ([(0, 0.0); 32], None);
        let room =
            if situation.pending.len() <= few.len() { &mut few[..] } else { &mut all.insert([(0, 0.0); MAX_PATIENTS])[..] };
        let pending = self.weights.of(situation, room);
        let (patients, dlts) = (evaluated.all_patients().map(u32::from), evaluated.all_dlts().map(u32::from));
        crm.estimator.estimates(&self.posterior.summarise(&patients, &dlts, pending))
    }
}

impl PendingMethod<Crm> for TiteCrm {
    fn judge(&self, crm: &Crm, situation: &Situation<'_>) -> Judgement {
        let view = self.view(crm, situation);
        if crm.is_too_toxic(&view) {
            return Judgement::TooToxic;
        }
        Judgement::Recommend(crm.recommend(view, &situation.counts, situation.latest))
    }

    fn is_precise(&self, crm: &Crm, situation: &Situation<'_>, next: Level) -> bool {
        crm.rules.precision.is_some() && crm.precise(self.view(crm, situation), next).is_some()
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[]
    }

    fn uses_dlt_times(&self) -> bool {
        self.weights == Weights::Adaptive
    }
}

impl PendingVoice<Crm> for TiteCrm {
    fn grounds(&self, crm: &Crm, situation: &Situation<'_>) -> String {
        let view = self.view(crm, situation);
        crm.grounds_of(&view, crm.is_too_toxic(&view))
    }

    fn evidence(&self, crm: &Crm, situation: &Situation<'_>) -> Evidence {
        crm.evidence_of(&self.estimates(crm, situation))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        vec![self.weights.synopsis()]
    }

    fn wording(&self, crm: &Crm, _: &LevelNames) -> PendingWording {
        let decisions = vec![
            Piece::said(self.weights.sentence()),
            Piece::claimed(
                "The level whose estimate with these weights is nearest the target, the lower one on a tie, is recommended for the next \
                 cohort. The model never suspends accrual.",
                Claim::recommends_alike((), |(), _| true),
            ),
        ];
        let too_toxic = crm.rules.too_toxic.map(|_| {
            let words = "While patients are pending the trial stops by the same rule, with their weights.";
            Piece::closes_alike(words, StopReason::TooToxic)
        });
        let precise = crm.rules.precision.map(|_| {
            let words = "While patients are pending the trial stops by the same rule of precision, with their weights.";
            Piece::closes_alike(words, StopReason::Precise)
        });
        PendingWording {
            decisions,
            too_toxic: too_toxic.into_iter().collect(),
            precise: precise.into_iter().collect(),
            ..PendingWording::default()
        }
    }
}

/// Read a `[[design]]` block with `method = "tite-crm"`.
fn read_design(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    refuse_waiting(keys);
    let complete = read_conducted(keys, context);
    let weights = keys.get(&WEIGHTS_KEY);
    let complete = complete?;
    let pending = TiteCrm::new(weights, &complete.method, complete.conduct.max_patients)?;
    Some(Plan::LateOnset(Box::new(TimeToEvent { complete, pending })))
}
