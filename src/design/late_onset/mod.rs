//! Rules that look at pending patients: they decide when a patient arrives, while others are still being followed.
//!
//! Such a rule cannot be compiled, as its decisions depend on follow-up times. It runs through the event-driven replicates of
//! [`crate::engine`] instead. Most are a method for complete data with a way to count pending patients: [`TimeToEvent`] puts the
//! two together, so that with nobody pending the complete-data rule decides, by construction.

pub mod rolling_six;
pub mod tite_boin;
pub mod tite_keyboard;

use super::{Conducted, Method, Rule};
use crate::keys::Keys;
use crate::trial::{
    Arrival, Cohort, Counts, Decision, Level, Move, Ruling, Situation, StopAtPatients, StopReason, StopWhen, Suspension,
};

/// A complete dose-finding rule that looks at pending patients.
pub trait PendingRule: Send + Sync {
    /// The number of dose levels.
    fn levels(&self) -> usize;

    /// The largest number of patients that a trial under this rule can have.
    fn max_patients(&self) -> usize;

    /// The first cohort of the trial; its patients are enrolled as they arrive.
    fn first_cohort(&self) -> Cohort;

    /// What to do with a patient who arrives, all cohorts being full. Whoever is suspended waits for a pending patient: a rule
    /// does not suspend when there is none.
    fn decide(&self, situation: &Situation<'_>) -> Ruling;

    /// The level selected when everybody has been followed, and why the trial ended: `closed_by`, unless the last patients say
    /// otherwise. `latest` is the last cohort.
    fn select(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> (Option<Level>, StopReason);

    /// The suspensions that this rule may ask for.
    fn suspensions(&self) -> &'static [Suspension];

    /// What the ruling in a situation rests on, as a clause.
    fn grounds(&self, situation: &Situation<'_>) -> String;

    /// The rule in short, for the design synopsis of a report.
    fn synopsis(&self) -> Vec<(String, String)>;
}

/// How pending patients are counted by a method that `C` is for complete data.
pub trait PendingMethod<C>: Send + Sync {
    /// What the method says while somebody is pending.
    fn judge(&self, complete: &C, situation: &Situation<'_>) -> Judgement;

    /// The suspensions that this method may ask for.
    fn suspensions(&self) -> &'static [Suspension];

    /// Whether the DLT probability of a level is known well enough to end accrual, the next cohort being due at `next`: see
    /// [`Method::precise`].
    fn is_precise(&self, _complete: &C, _situation: &Situation<'_>, _next: Level) -> bool {
        false
    }

    /// What the judgement rests on, as a clause.
    fn grounds(&self, complete: &C, situation: &Situation<'_>) -> String;

    /// How pending patients are counted, for the synopsis.
    fn synopsis(&self) -> Vec<(String, String)>;
}

/// What a method says while somebody is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The lowest level is too toxic: close the trial.
    TooToxic,
    /// This level is recommended for the next cohort.
    Recommend(Level),
    /// Wait.
    Suspend(Suspension),
}

/// A method for complete data under conduct rules, and a way to count pending patients.
///
/// The order is that of [`super::PRECEDENCE`]; a suspension stands in the place of a recommendation. In the conduct rules a
/// pending patient counts as one without a DLT, and the cohort just treated is the one enrolled last.
#[derive(Debug)]
pub struct TimeToEvent<C, P> {
    /// The rule for complete data.
    pub complete: Conducted<C>,
    /// How pending patients are counted.
    pub pending: P,
}

impl<C: Method, P: PendingMethod<C>> PendingRule for TimeToEvent<C, P> {
    fn levels(&self) -> usize {
        self.complete.levels()
    }

    fn max_patients(&self) -> usize {
        self.complete.max_patients()
    }

    fn first_cohort(&self) -> Cohort {
        self.complete.first_cohort()
    }

    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let Situation { counts, pending, latest, .. } = situation;
        let conduct = &self.complete.conduct;
        if pending.is_empty() {
            return match self.complete.decide(counts, *latest) {
                Decision::Enrol(cohort, reason) => Ruling::Enrol(cohort, reason),
                Decision::Stop(_, reason) => Ruling::Close(reason),
            };
        }
        let treated = counts.total_patients();
        if treated >= conduct.max_patients {
            return Ruling::Close(StopReason::MaxPatients);
        }
        if conduct.is_reached(counts, *latest) {
            return Ruling::Close(StopReason::StopAtPatients);
        }
        let recommended = match self.pending.judge(&self.complete.method, situation) {
            Judgement::TooToxic => return Ruling::Close(StopReason::TooToxic),
            Judgement::Suspend(suspension) => return Ruling::Suspend(suspension),
            Judgement::Recommend(level) => level,
        };
        let next = conduct.limit(recommended, counts, *latest);
        if conduct.has_enough_patients(counts, *latest, next) {
            return Ruling::Close(StopReason::StopAtPatients);
        }
        if conduct.has_enough_at_level(counts) {
            return Ruling::Close(StopReason::StopAtLevelPatients);
        }
        if self.pending.is_precise(&self.complete.method, situation, next) {
            return Ruling::Close(StopReason::Precise);
        }
        Ruling::Enrol(conduct.cohort_at(next, treated), move_between(situation.current(), next))
    }

    fn select(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> (Option<Level>, StopReason) {
        let Conducted { conduct, method } = &self.complete;
        let view = method.view(counts);
        // This stopping rule comes before any safety rule.
        let is_reached = closed_by == StopReason::StopAtPatients
            && matches!(conduct.stop_at_patients, Some(StopAtPatients { when: StopWhen::Reached, .. }));
        if closed_by == StopReason::TooToxic || (!is_reached && method.too_toxic(view, counts, latest)) {
            return (None, StopReason::TooToxic);
        }
        let recommended = method.recommend(view, counts, latest);
        let next = conduct.limit(recommended, counts, latest);
        (method.select(view, counts, next, conduct.min_patients_selected), closed_by)
    }

    fn suspensions(&self) -> &'static [Suspension] {
        self.pending.suspensions()
    }

    fn grounds(&self, situation: &Situation<'_>) -> String {
        if situation.pending.is_empty() {
            return self.complete.grounds(&situation.counts, situation.latest);
        }
        self.pending.grounds(&self.complete.method, situation)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let mut lines = self.pending.synopsis();
        lines.extend(suspension_lines(self.suspensions()));
        lines.extend(self.complete.synopsis());
        lines
    }
}

/// Complain about the keys of a trial that begins by a scheme: its steps wait for each patient, and these rules do not.
pub(super) fn refuse_fixed_beginnings(keys: &mut Keys<'_>) {
    for key in ["titration", "initial_scheme"] {
        let message = format!("`{key}` waits until each patient has been followed, and this method decides before");
        keys.refuse(key, message, Some("the method for complete data takes it".to_owned()));
    }
}

/// How the next level lies to the current one.
fn move_between(current: Level, next: Level) -> Move {
    match next.cmp(&current) {
        std::cmp::Ordering::Greater => Move::Escalate,
        std::cmp::Ordering::Equal => Move::Stay,
        std::cmp::Ordering::Less => Move::Deescalate,
    }
}

/// The suspensions of a rule as lines of its synopsis.
fn suspension_lines(suspensions: &[Suspension]) -> Vec<(String, String)> {
    let line = |suspension: &Suspension| ("Suspend accrual".to_owned(), format!("while {}", suspension.words()));
    suspensions.iter().map(line).collect()
}

/// "1 of 4 patients at level 2 had a DLT so far, 2 are pending".
fn observation(situation: &Situation<'_>) -> String {
    let level = situation.current();
    let known = situation.at(level);
    format!("{} so far, {} pending", super::assess::observation(&situation.counts, level), known.pending)
}
