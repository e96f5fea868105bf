//! Rules that look at pending patients: they decide when a patient arrives, while others are still being followed.
//!
//! Such a rule cannot be compiled, as its decisions depend on follow-up times. It runs through the event-driven replicates of
//! [`crate::engine`] instead. Most are a method for complete data with a way to count pending patients: [`TimeToEvent`] puts the
//! two together, so that with nobody pending the complete-data rule decides, by construction.

pub mod backfill;
pub mod follow_up;

use self::follow_up::FollowUpRow;
use super::wording::{Claim, Evidence, LevelNames, PendingWording, Piece, Wording};
use super::{Conducted, Method, Protocol, Rule, Voice, conduct_wording};
use crate::keys::Keys;
use crate::trial::{
    Arrival, Cohort, Conduct, Counts, Decision, Level, Move, Ruling, Situation, StopAtPatients, StopReason, StopWhen, Suspension,
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

    /// The fewest patients of a level that is selected at the end.
    fn min_patients_selected(&self) -> usize {
        0
    }

    /// Whether, at the end of a trial with these counts that selects no dose, one would be selected if it had enough patients.
    fn lacks_patients(&self, _counts: &Counts) -> bool {
        false
    }

    /// The suspensions that this rule may ask for.
    fn suspensions(&self) -> &'static [Suspension];

    /// Whether a suspension may begin or end by follow-up alone. While nothing is seen and nobody enrolled, the ruling of such a rule
    /// goes one way: it never returns to what it was.
    fn suspends_by_follow_up(&self) -> bool {
        false
    }

    /// Whether it matters when in the window DLTs were seen.
    fn uses_dlt_times(&self) -> bool {
        false
    }

    /// Whether patients are also treated outside of cohorts, at lower levels: see [`backfill`].
    fn fills_up(&self) -> bool {
        false
    }
}

/// A rule that looks at pending patients, with what it says of itself and of its decisions.
pub trait PendingProtocol: PendingRule {
    /// What the ruling in a situation rests on, as a clause.
    fn grounds(&self, situation: &Situation<'_>) -> String;

    /// The rule as a table, where its decision depends on what is known of the current level and on its pending patients' follow-up
    /// added up; `None` where it depends on more.
    fn follow_up_table(&self) -> Option<Vec<FollowUpRow>> {
        None
    }

    /// The rule in short, for the design synopsis of a report.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// The rule in the words of a protocol, with what they claim.
    fn wording(&self, names: &LevelNames) -> Wording;

    /// As [`Protocol::evidence`], in a situation.
    fn evidence(&self, _situation: &Situation<'_>) -> Evidence {
        Evidence::default()
    }

    /// As [`Protocol::cautions`].
    fn cautions(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// How pending patients are counted by a method that `C` is for complete data.
pub trait PendingMethod<C>: Send + Sync {
    /// What the method says while somebody is pending.
    fn judge(&self, complete: &C, situation: &Situation<'_>) -> Judgement;

    /// The suspensions that this method may ask for.
    fn suspensions(&self) -> &'static [Suspension];

    /// As [`PendingRule::suspends_by_follow_up`].
    fn suspends_by_follow_up(&self) -> bool {
        false
    }

    /// As [`PendingRule::uses_dlt_times`].
    fn uses_dlt_times(&self) -> bool {
        false
    }

    /// Whether the level of the cohort enrolled last is declared to be the MTD, which ends accrual, the next cohort being due at `next`:
    /// see [`Method::declares_mtd`].
    fn declares_mtd(&self, _complete: &C, _situation: &Situation<'_>, _next: Level) -> bool {
        false
    }

    /// Whether the DLT probability of a level is known well enough to end accrual, the next cohort being due at `next`: see
    /// [`Method::precise`].
    fn is_precise(&self, _complete: &C, _situation: &Situation<'_>, _next: Level) -> bool {
        false
    }
}

/// What a way to count pending patients says of itself and of its judgements.
pub trait PendingVoice<C>: PendingMethod<C> {
    /// What the judgement rests on, as a clause.
    fn grounds(&self, complete: &C, situation: &Situation<'_>) -> String;

    /// As [`PendingProtocol::follow_up_table`], for up to `max_patients` patients at a level.
    fn follow_up_table(&self, _complete: &C, _max_patients: usize) -> Option<Vec<FollowUpRow>> {
        None
    }

    /// How pending patients are counted, for the synopsis.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// How pending patients are counted, in the words of a protocol, with what they claim.
    fn wording(&self, complete: &C, names: &LevelNames) -> PendingWording;

    /// As [`Protocol::evidence`], while somebody is pending.
    fn evidence(&self, _complete: &C, _situation: &Situation<'_>) -> Evidence {
        Evidence::default()
    }

    /// As [`Voice::cautions`]: those of the method for complete data, unless they are about that alone.
    fn cautions(&self, complete: &C, conduct: &Conduct) -> Vec<(&'static str, String)>
    where
        C: Voice,
    {
        complete.cautions(conduct)
    }
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
/// pending patient counts as one without a DLT, and the cohort just treated is the one enrolled last. The patients of an initial scheme
/// are enrolled as they arrive, those of a higher level when nobody is pending.
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
        if let Some(step) = conduct.opening_cohort(counts, *latest) {
            let goes_on = step.level == latest.cohort.level;
            return if goes_on { Ruling::Enrol(step, Move::Expand) } else { Ruling::Suspend(Suspension::SchemeStep) };
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
        let may_declare = counts.patients(situation.current()) >= conduct.min_patients_selected;
        if may_declare && self.pending.declares_mtd(&self.complete.method, situation, next) {
            return Ruling::Close(StopReason::MtdDeclared);
        }
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
        select(&self.complete, counts, latest, closed_by)
    }

    fn min_patients_selected(&self) -> usize {
        self.complete.min_patients_selected()
    }

    fn lacks_patients(&self, counts: &Counts) -> bool {
        self.complete.lacks_patients(counts)
    }

    fn suspensions(&self) -> &'static [Suspension] {
        // The methods that can have an initial scheme suspend nothing themselves.
        if self.complete.conduct.initial_scheme.is_empty() { self.pending.suspensions() } else { &[Suspension::SchemeStep] }
    }

    fn suspends_by_follow_up(&self) -> bool {
        self.pending.suspends_by_follow_up()
    }

    fn uses_dlt_times(&self) -> bool {
        self.pending.uses_dlt_times()
    }
}

impl<C: Voice, P: PendingVoice<C>> PendingProtocol for TimeToEvent<C, P> {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        if situation.pending.is_empty() {
            return self.complete.grounds(&situation.counts, situation.latest);
        }
        let Situation { counts, latest, .. } = situation;
        let Conducted { conduct, method } = &self.complete;
        if conduct.opening_cohort(counts, *latest).is_some() {
            return format!("initial scheme: {}", observation(situation));
        }
        let Judgement::Recommend(level) = self.pending.judge(method, situation) else {
            return self.pending.grounds(method, situation);
        };
        let next = conduct.limit(level, counts, *latest);
        match self.decide(situation) {
            Ruling::Close(StopReason::StopAtPatients | StopReason::StopAtLevelPatients) => {
                let enough = conduct.level_with_enough(counts, *latest, next);
                enough.map_or_else(String::new, |level| format!("level {} has {} patients", level + 1, counts.patients(level)))
            }
            Ruling::Close(StopReason::Precise) => {
                format!("the posterior interval of the toxicity of level {} lies within its limits", next + 1)
            }
            _ => {
                let grounds = self.pending.grounds(method, situation);
                match conduct.limited_by(level, counts, *latest) {
                    Some(rule) => format!("{grounds}; {rule} forbids level {}", level + 1),
                    None => grounds,
                }
            }
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let mut lines = self.pending.synopsis();
        lines.extend(suspension_lines(self.suspensions()));
        lines.extend(self.complete.synopsis());
        lines
    }

    fn follow_up_table(&self) -> Option<Vec<FollowUpRow>> {
        self.pending.follow_up_table(&self.complete.method, self.complete.conduct.max_patients)
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        let Conducted { conduct, method } = &self.complete;
        conduct_wording::wording(conduct, method.wording(conduct, names), Some(self.pending.wording(method, names)), names)
    }

    fn evidence(&self, situation: &Situation<'_>) -> Evidence {
        if situation.pending.is_empty() {
            self.complete.evidence(&situation.counts)
        } else {
            self.pending.evidence(&self.complete.method, situation)
        }
    }

    fn cautions(&self) -> Vec<(&'static str, String)> {
        let Conducted { conduct, method } = &self.complete;
        let mut cautions = conduct_wording::cautions(conduct);
        cautions.extend(self.pending.cautions(method, conduct));
        cautions
    }
}

/// That the rule for complete data stops for toxicity with pending patients as well, each counting as one without a DLT.
pub(in crate::design) fn closes_on_counts() -> Piece {
    let words = "While patients are pending the trial stops by the same rules, a pending patient counting as one without a DLT.";
    Piece::closes_alike(words, StopReason::TooToxic)
}

/// That with nobody pending at the current level the rule for complete data recommends.
pub(in crate::design) fn as_with_complete_data() -> Piece {
    let words = "When nobody is pending at the current level the decision is that for nobody pending, whoever is pending elsewhere; the \
                 patients of other levels count in whether these are eliminated, a pending one as one without a DLT.";
    Piece::claimed(
        words,
        Claim::recommends_alike((), |(), situation| situation.followed_at(situation.current()).next().is_none()),
    )
}

/// Complain about the keys of rules that wait for patients where these do not.
pub(in crate::design) fn refuse_waiting(keys: &mut Keys<'_>) {
    let message = "`titration` waits until each patient has been followed, and this method decides before";
    keys.refuse("titration", message, Some("the method for complete data takes it".to_owned()));
    let message = "`backfill` fills levels up while cohorts are followed, and this method does not wait for them";
    keys.refuse("backfill", message, Some("the method for complete data takes it".to_owned()));
}

/// The level that a method selects when everybody has been followed, and why the trial ended: see [`PendingRule::select`].
pub(in crate::design) fn select<C: Method>(
    complete: &Conducted<C>,
    counts: &Counts,
    latest: Arrival,
    closed_by: StopReason,
) -> (Option<Level>, StopReason) {
    let Conducted { conduct, method } = complete;
    let view = method.view(counts);
    // This stopping rule comes before any safety rule.
    let is_reached = closed_by == StopReason::StopAtPatients
        && matches!(conduct.stop_at_patients, Some(StopAtPatients { when: StopWhen::Reached, .. }));
    if closed_by == StopReason::TooToxic || (!is_reached && method.too_toxic(view, counts, latest)) {
        return (None, StopReason::TooToxic);
    }
    let recommended = method.recommend(view, counts, latest);
    let next = conduct.limit(recommended, counts, latest);
    let current = latest.level();
    let may_declare = !is_reached && counts.patients(current) >= conduct.min_patients_selected;
    if may_declare && method.declares_mtd(view, counts, current, next) {
        return (Some(current), StopReason::MtdDeclared);
    }
    (method.select(view, counts, next, conduct.min_patients_selected), closed_by)
}

/// How the next level lies to the current one.
pub(in crate::design) fn move_between(current: Level, next: Level) -> Move {
    match next.cmp(&current) {
        std::cmp::Ordering::Greater => Move::Escalate,
        std::cmp::Ordering::Equal => Move::Stay,
        std::cmp::Ordering::Less => Move::Deescalate,
    }
}

/// The suspensions of a rule as lines of its synopsis.
pub(in crate::design) fn suspension_lines(suspensions: &[Suspension]) -> Vec<(String, String)> {
    let line = |suspension: &Suspension| ("Suspend accrual".to_owned(), format!("while {}", suspension.words()));
    suspensions.iter().map(line).collect()
}

/// "1 of 4 patients at level 2 had a DLT so far, 2 are pending".
pub(in crate::design) fn observation(situation: &Situation<'_>) -> String {
    let level = situation.current();
    let known = situation.at(level);
    format!("{} so far, {} pending", super::assess::observation(&situation.counts, level), known.pending)
}
