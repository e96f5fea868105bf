//! A trial under way whose patients are not all evaluated: what a rule is asked that looks at pending patients, and its answers.

use super::{Arrival, Cohort, Counts, Level, Move, StopReason};

/// A patient who is being followed and has had no DLT so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending {
    /// The dose level.
    pub level: u8,
    /// The follow-up as a share of the DLT window, from 0 to 1.
    pub followed: f64,
}

/// All that is known when a patient arrives. Nothing in it comes from the future.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Everybody enrolled, and the DLTs seen so far: a pending patient counts as one without a DLT.
    pub counts: Counts,
    /// The patients among them who are pending, in the order of enrolment.
    pub pending: &'a [Pending],
    /// When the DLTs seen so far occurred, as shares of the window, ascending.
    pub dlt_times: &'a [f64],
    /// The cohort enrolled last, and the DLTs seen in it so far.
    pub latest: Arrival,
    /// How many of the pending patients are of that cohort.
    pub of_latest: usize,
    /// How many patients have been enrolled in cohorts, as the planned number counts them: all but those who fill lower levels up,
    /// and those who dropped out and are replaced.
    pub in_cohorts: usize,
}

/// What is known of one dose level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelSituation {
    /// Patients enrolled.
    pub patients: usize,
    /// DLTs seen among them.
    pub dlts: usize,
    /// Pending patients among them.
    pub pending: usize,
    /// The sum of the follow-ups of the pending patients, in windows: their standardised total follow-up time.
    pub followed: f64,
}

impl Situation<'_> {
    /// The level of the cohort enrolled last.
    #[must_use]
    pub fn current(&self) -> Level {
        self.latest.cohort.level as usize
    }

    /// What is known of `level`.
    #[must_use]
    pub fn at(&self, level: Level) -> LevelSituation {
        let mut found =
            LevelSituation { patients: self.counts.patients(level), dlts: self.counts.dlts(level), ..LevelSituation::default() };
        for patient in self.pending.iter().filter(|patient| patient.level as usize == level) {
            found.pending += 1;
            found.followed += patient.followed;
        }
        found
    }

    /// The follow-ups of the patients pending at `level`.
    pub fn followed_at(&self, level: Level) -> impl Iterator<Item = f64> {
        self.pending.iter().filter(move |patient| patient.level as usize == level).map(|patient| patient.followed)
    }

    /// The patients who have been evaluated, and their DLTs.
    #[must_use]
    pub fn evaluated(&self) -> Counts {
        let mut patients = *self.counts.all_patients();
        for patient in self.pending {
            patients[patient.level as usize] -= 1;
        }
        // Patients with a DLT are not pending, so no level has more DLTs than patients.
        Counts::from_slices(&patients, self.counts.all_dlts()).unwrap_or_default()
    }
}

/// What a rule that looks at pending patients says of a patient who arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Enrol this patient, and those after until the cohort is full, for this reason.
    Enrol(Cohort, Move),
    /// Enrol this patient at this level, below that of the last cohort and in no cohort.
    Backfill(u8),
    /// Enrol nobody until more is known of the pending patients.
    Suspend(Suspension),
    /// Enrol nobody any more; a level is selected when everybody has been followed.
    Close(StopReason),
}

/// Why accrual is suspended. Most depend on who is pending and on the DLTs seen alone: they begin and end with an enrolment, a DLT or
/// the end of a window. The last two depend on follow-up, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suspension {
    /// More than half of the patients at the level are pending.
    MostPending,
    /// The lowest level is too toxic for another patient, and patients there are pending.
    ToxicLowestLevel,
    /// Two or more of at most three patients at the level are pending, without a DLT so far.
    FewEvaluated,
    /// Six patients are at the level, and the pending ones could decide.
    SixEnrolled,
    /// The last cohort is being followed, and no lower level is open to fill up.
    CohortFollowed,
    /// The next patients of an initial scheme are due at a higher level, and somebody is pending.
    SchemeStep,
    /// Nobody at the level has been evaluated.
    NoneEvaluated,
    /// Escalation is the likeliest decision, and not likely enough.
    UncertainEscalation,
    /// Staying is the likeliest decision, and de-escalation too likely.
    LikelyDeescalation,
}

impl Suspension {
    /// The stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::MostPending => "most_pending",
            Self::ToxicLowestLevel => "toxic_lowest_level",
            Self::FewEvaluated => "few_evaluated",
            Self::SixEnrolled => "six_enrolled",
            Self::CohortFollowed => "cohort_followed",
            Self::SchemeStep => "scheme_step",
            Self::NoneEvaluated => "none_evaluated",
            Self::UncertainEscalation => "uncertain_escalation",
            Self::LikelyDeescalation => "likely_deescalation",
        }
    }

    /// When accrual is suspended, as a clause.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::MostPending => "more than half of the patients at the current level are pending",
            Self::ToxicLowestLevel => "the DLTs at the lowest level call for a lower one, and patients there are pending",
            Self::FewEvaluated => {
                "the current level has at most three patients, none of them with a DLT so far and two or more pending"
            }
            Self::SixEnrolled => "the current level has six patients, and what is to follow depends on those who are pending",
            Self::CohortFollowed => "the last cohort is being followed, and no lower level is open for backfilling",
            Self::SchemeStep => "the initial scheme goes on to a higher level, and patients are pending",
            Self::NoneEvaluated => "nobody at the current level has been evaluated",
            Self::UncertainEscalation => "complete data would most likely escalate, but with too small a probability",
            Self::LikelyDeescalation => "complete data would most likely stay, but de-escalate with too large a probability",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_patients_are_enrolled_but_not_evaluated() {
        let counts = Counts::from_slices(&[3, 4], &[0, 1]).unwrap();
        let pending = [(0, 0.5), (1, 0.25), (1, 0.0)].map(|(level, followed)| Pending { level, followed });
        let latest = Arrival::new(Cohort { level: 1, patients: 1 }, 0);
        let situation = Situation { counts, pending: &pending, dlt_times: &[0.4], latest, of_latest: 2, in_cohorts: 7 };
        assert_eq!(situation.evaluated(), Counts::from_slices(&[2, 2], &[0, 1]).unwrap());
        assert_eq!(situation.at(1), LevelSituation { patients: 4, dlts: 1, pending: 2, followed: 0.25 });
        assert_eq!(situation.current(), 1);
    }
}
