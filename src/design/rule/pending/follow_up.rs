//! The decisions of a rule that looks at pending patients as a table: for each number of patients, DLTs and pending patients at a level.

use crate::design::rule::decision_table::Call;
use crate::trial::{LevelSituation, Suspension};

/// What is decided at a level with neighbours on both sides, in one situation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FollowUpRow {
    /// Patients enrolled at the level.
    pub patients: usize,
    /// DLTs seen among them.
    pub dlts: usize,
    /// Pending patients among them.
    pub pending: usize,
    /// The decision.
    pub decision: FollowUpCall,
}

/// A decision of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FollowUpCall {
    /// Whatever the follow-up.
    Call(Call),
    /// Accrual is suspended.
    Suspend(Suspension),
    /// It is the follow-up of the pending patients that decides, added up in windows: stay in between.
    ByFollowUp {
        /// Escalate from here on, where that can be.
        escalate_from: Option<f64>,
        /// De-escalate up to here, where that can be.
        deescalate_to: Option<f64>,
    },
}

/// The table for up to `max_patients` patients: `call` says what is decided with somebody pending, which is the less cautious the
/// longer the follow-up, `complete` with nobody pending, and `cutoffs` from which follow-up on a rule escalates, and up to which it
/// de-escalates.
pub(in crate::design) fn follow_up_rows(
    max_patients: usize,
    complete: impl Fn(usize, usize) -> Call,
    call: impl Fn(LevelSituation) -> Result<Call, Suspension>,
    cutoffs: impl Fn(LevelSituation) -> (f64, f64),
) -> Vec<FollowUpRow> {
    let decision = |at: LevelSituation| {
        if at.pending == 0 {
            return FollowUpCall::Call(complete(at.patients, at.dlts));
        }
        // All of the follow-up there can be, short of the end of the windows.
        let longest = at.pending as f64 * (1.0 - 1e-12);
        match (call(at), call(LevelSituation { followed: longest, ..at })) {
            (Err(suspension), _) | (_, Err(suspension)) => FollowUpCall::Suspend(suspension),
            (Ok(first), Ok(last)) if first == last => FollowUpCall::Call(first),
            (Ok(first), Ok(last)) => {
                let (escalate_from, deescalate_to) = cutoffs(at);
                FollowUpCall::ByFollowUp {
                    escalate_from: (last == Call::Escalate).then_some(escalate_from),
                    deescalate_to: (first == Call::Deescalate).then_some(deescalate_to),
                }
            }
        }
    };
    let situations = (1..=max_patients).flat_map(|patients| {
        (0..=patients).flat_map(move |dlts| (0..=patients - dlts).map(move |pending| (patients, dlts, pending)))
    });
    situations
        .map(|(patients, dlts, pending)| {
            let at = LevelSituation { patients, dlts, pending, followed: 0.0 };
            FollowUpRow { patients, dlts, pending, decision: decision(at) }
        })
        .collect()
}
