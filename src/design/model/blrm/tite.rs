//! # Time-to-event BLRM (TITE-BLRM)
//!
//! ## What it does
//!
//! The Bayesian logistic regression model with overdose control ([`super`]) that does not wait for the patients who are still being
//! followed: a pending patient without a DLT so far counts with a weight between 0 and 1 that grows with the follow-up, as in the
//! TITE-CRM. When everybody has been followed the BLRM selects.
//!
//! ## Model
//!
//! That of the BLRM, with the likelihood L(θ) = Πᵢ p^yᵢ (1 - wᵢ p)^(1 - yᵢ) over the patients i, p being the DLT probability of the
//! level of patient i; a patient with a DLT, or with a whole window, has wᵢ = 1. With follow-up f as a share of the window:
//!
//! - `linear`: w = f
//! - `adaptive`: by when DLTs were seen, as for the TITE-CRM ([`crate::design::model::crm::tite`])
//!
//! Overdose control, the choice among the admissible levels, the escalation factor, and the declaration of the MTD are those of the
//! BLRM with this posterior distribution; the trial stops when no level is admissible. Patients are enrolled as they arrive, a cohort
//! at a time, and the model is asked when the first patient of a new cohort arrives. The model never suspends accrual. A declared MTD
//! ends accrual; the level treated last is selected if the data of everybody, once followed, declare it, and otherwise one as usual.
//! There is no `titration`: its single patients are waited for. An `initial_scheme` is followed as in the TITE-CRM.
//!
//! ## Parameters
//!
//! `dosebench keys tite-blrm` lists them. Those of the BLRM, and `weights`.
//!
//! ## Where it differs from the publications
//!
//! Follow-up enters by weights, as in the TITE-CRM, so that nothing is assumed of the times to DLT but what the weights say. Others
//! model the hazard instead (Bayesian logistic regression with a complementary log-log link, as in OncoBayes2); that is not offered.
//!
//! ## References
//!
//! - Neuenschwander, Branson and Gsponer (2008), Statistics in Medicine 27, 2420-2439: the model and overdose control.
//! - Cheung and Chappell (2000), Biometrics 56, 1177-1182: the weights.

use super::read::{KEYS, read_conducted};
use super::{Blrm, View};
use crate::design::model::logistic::Posterior;
use crate::design::model::weights::{WEIGHTS_KEY, Weights};
use crate::design::rule::pending::{Judgement, PendingMethod, PendingVoice, TimeToEvent, refuse_waiting};
use crate::design::rule::wording::{Claim, Evidence, LevelNames, PendingWording, Piece};
use crate::design::rule::{ConductKeys, Context, Method, MethodEntry, Plan};
use crate::keys::Keys;
use crate::trial::{Conduct, Level, MAX_PATIENTS, Situation, StopReason, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "tite-blrm",
    title: "TITE-BLRM",
    sentence: "The BLRM that does not wait: a pending patient counts with a weight that grows with the follow-up.",
    reference: "Neuenschwander, Branson and Gsponer (2008), Statistics in Medicine 27, 2420-2439; Cheung and Chappell (2000), Biometrics \
                56, 1177-1182",
    example: "method = \"tite-blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3",
    situations: 0,
    exceptions: &[],
    conduct: Some(&ConductKeys::OF_MODELS.without_titration()),
    keys: &[&[&WEIGHTS_KEY.about], KEYS[0], KEYS[1]],
    read: read_design,
};

/// TITE-BLRM's way to count pending patients.
#[derive(Clone, Debug)]
pub struct TiteBlrm {
    weights: Weights,
    posterior: Posterior,
}

impl TiteBlrm {
    /// For trials under these conduct rules and the model of `blrm`. `None` when its prior is not provided for.
    #[must_use]
    pub fn new(weights: Weights, blrm: &Blrm, conduct: &Conduct) -> Option<Self> {
        let posterior = blrm.settings.posterior(conduct.max_patients, true)?;
        Some(Self { weights, posterior })
    }

    /// Pr(underdosing), Pr(target) and Pr(overdosing) in a situation, per level.
    #[must_use]
    pub fn intervals(&self, situation: &Situation<'_>) -> Vec<[f64; 3]> {
        let view = self.view(situation);
        (0..self.posterior.levels()).map(|level| [view.under[level], view.target(level), view.over[level]]).collect()
    }

    fn view(&self, situation: &Situation<'_>) -> View {
        let evaluated = situation.evaluated();
        let mut pending = [(0, 0.0); MAX_PATIENTS];
        let pending = self.weights.of(situation, &mut pending);
        let (patients, dlts) = (evaluated.all_patients().map(u32::from), evaluated.all_dlts().map(u32::from));
        View::new(&self.posterior.summarise_with_pending(&patients, &dlts, pending))
    }
}

impl PendingMethod<Blrm> for TiteBlrm {
    fn judge(&self, blrm: &Blrm, situation: &Situation<'_>) -> Judgement {
        let view = self.view(situation);
        if blrm.too_toxic(view, &situation.counts, situation.latest) {
            return Judgement::TooToxic;
        }
        Judgement::Recommend(blrm.recommend(view, &situation.counts, situation.latest))
    }

    fn declares_mtd(&self, blrm: &Blrm, situation: &Situation<'_>, next: Level) -> bool {
        blrm.settings.declaration.is_some()
            && blrm.declares_mtd(self.view(situation), &situation.counts, situation.current(), next)
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[]
    }

    fn uses_dlt_times(&self) -> bool {
        self.weights == Weights::Adaptive
    }
}

impl PendingVoice<Blrm> for TiteBlrm {
    fn grounds(&self, blrm: &Blrm, situation: &Situation<'_>) -> String {
        let view = self.view(situation);
        let too_toxic = blrm.too_toxic(view, &situation.counts, situation.latest);
        let level = if too_toxic { 0 } else { blrm.recommend(view, &situation.counts, situation.latest) };
        blrm.grounds_of(&view, level, too_toxic)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        vec![self.weights.synopsis()]
    }

    fn evidence(&self, blrm: &Blrm, situation: &Situation<'_>) -> Evidence {
        blrm.evidence_of(&self.view(situation))
    }

    fn wording(&self, blrm: &Blrm, _: &LevelNames) -> PendingWording {
        let decisions = vec![
            Piece::said(self.weights.sentence()),
            Piece::claimed(
                "Admissible levels, the limit on escalation and the recommendation are as above, with the posterior distribution that has \
                 these weights. The model never suspends accrual.",
                Claim::recommends_alike((), |(), _| true),
            ),
        ];
        let words = "While patients are pending the trial stops by the same rule, with their weights.";
        let mut too_toxic = vec![Piece::closes_alike(words, StopReason::TooToxic)];
        if blrm.settings.declaration.is_some() {
            let words = "While patients are pending accrual ends by the same rule on the MTD, with their weights. The level is the recommended \
                         one if the data of all patients, once followed, fulfil it too; otherwise one is recommended as below.";
            too_toxic.push(Piece::closes_alike(words, StopReason::MtdDeclared));
        }
        PendingWording { decisions, too_toxic, ..PendingWording::default() }
    }
}

/// Read a `[[design]]` block with `method = "tite-blrm"`.
fn read_design(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    refuse_waiting(keys);
    let complete = read_conducted(keys, context);
    let weights = keys.get(&WEIGHTS_KEY);
    let complete = complete?;
    let pending = TiteBlrm::new(weights, &complete.method, &complete.conduct)?;
    Some(Plan::LateOnset(Box::new(TimeToEvent { complete, pending })))
}
