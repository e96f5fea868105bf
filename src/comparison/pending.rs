//! A running trial whose design looks at pending patients: what the rule says next, and on what grounds.

use crate::design::pending::PendingProtocol;
use crate::study::Followed;
use crate::trial::{Arrival, Cohort, Counts, Decision, NoDose, Ruling, Situation, StopReason};

/// What follows.
#[derive(Clone, Copy, Debug)]
pub enum PendingNext {
    /// The trial begins.
    Start(Cohort),
    /// Somebody is to be followed still.
    Ruled(Ruling),
    /// Everybody has been followed, and nobody more is enrolled.
    Over(Decision),
}

/// A running trial under a design that looks at pending patients, with all that is to be said of it.
#[derive(Clone, Debug)]
pub struct PendingTrial {
    /// The patients and DLTs so far.
    pub counts: Counts,
    /// What follows.
    pub next: PendingNext,
    /// Why, as a clause.
    pub grounds: String,
    /// Why no dose is selected, where that is what came of the trial.
    pub why_none: Option<NoDose>,
}

impl PendingTrial {
    /// Ask the rule, the data being those of a trial of at most as many patients as it plans.
    #[must_use]
    pub fn new(rule: &dyn PendingProtocol, followed: &Followed) -> Self {
        let Followed { cohorts, pending, of_latest, dlt_times } = followed;
        let counts = cohorts.iter().fold(Counts::default(), |counts, &arrival| counts.after(arrival));
        let (next, grounds) = match cohorts.last() {
            None => (PendingNext::Start(rule.first_cohort()), "nobody has been treated yet".to_owned()),
            Some(&latest) => {
                let in_cohorts = counts.total_patients();
                let situation = Situation { counts, pending, dlt_times, latest, of_latest: *of_latest, in_cohorts };
                ruled(rule, &situation, latest)
            }
        };
        let why_none = match next {
            PendingNext::Over(Decision::Stop(None, reason)) => Some(NoDose::of(reason, || rule.lacks_patients(&counts))),
            _ => None,
        };
        Self { counts, next, grounds, why_none }
    }
}

/// What the rule says, and on what grounds.
fn ruled(rule: &dyn PendingProtocol, situation: &Situation<'_>, latest: Arrival) -> (PendingNext, String) {
    let counts = &situation.counts;
    let treated = counts.total_patients();
    let is_full = treated >= rule.max_patients();
    let (ruling, grounds) = if is_full {
        (Ruling::Close(StopReason::MaxPatients), format!("{treated} patients have been treated, and no more are planned"))
    } else {
        (rule.decide(situation), rule.grounds(situation))
    };
    match ruling {
        Ruling::Close(reason) if situation.pending.is_empty() => {
            let (selected, reason) = rule.select(counts, latest, reason);
            (PendingNext::Over(Decision::Stop(selected.map(|level| level as u8), reason)), grounds)
        }
        ruling => (PendingNext::Ruled(ruling), grounds),
    }
}
