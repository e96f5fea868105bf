//! What the claims of a wording say together, read in their order.

use super::{Claim, Evidence, Piece, Seen, Wording};
use crate::trial::{Cohort, Decision, Level, Move, Ruling, Situation, StopReason};

impl Wording {
    /// What the words, read in their order, say after a cohort, and the place of the piece that settles it among all pieces.
    /// The piece at the place `without` is read as if it were not there. `None` where the words say nothing.
    #[must_use]
    pub fn decide(&self, seen: &Seen<'_>, without: Option<usize>) -> Option<(Decision, usize)> {
        let pieces = || self.pieces().enumerate().filter(move |&(place, _)| Some(place) != without);
        let decided = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Decides(claim) => claim(seen).map(|decision| (decision, place)),
            _ => None,
        });
        if decided.is_some() {
            return decided;
        }
        let recommended = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Recommends(claim) => claim(seen).map(|level| (level, place)),
            _ => None,
        });
        self.proceed(seen, recommended?, without)
    }

    /// What the words say after a cohort, this level being recommended by the piece at this place.
    fn proceed(
        &self,
        seen: &Seen<'_>,
        (recommended, settled_by): (Level, usize),
        without: Option<usize>,
    ) -> Option<(Decision, usize)> {
        let pieces = || self.pieces().enumerate().filter(move |&(place, _)| Some(place) != without);
        let current = seen.current();
        let next = pieces().fold(recommended, |next, (_, piece)| limited(piece, seen, next));
        let stopped = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Stops(reason, claim) if claim(seen, next) => Some((*reason, place)),
            _ => None,
        });
        if let Some((reason, place)) = stopped {
            let select = || pieces().find_map(|(_, piece)| selected(piece, seen, next));
            let selected = match reason {
                StopReason::TooToxic => None,
                StopReason::MtdDeclared => Some(current),
                _ => select(),
            };
            return Some((Decision::Stop(selected.map(|level| level as u8), reason), place));
        }
        let (cohort, reason) = self.cohort(seen.in_cohorts, current, next)?;
        Some((Decision::Enrol(cohort, reason), settled_by))
    }

    /// The cohort at `next` when so many patients have been treated, and how that lies to the current level.
    fn cohort(&self, treated: usize, current: Level, next: Level) -> Option<(Cohort, Move)> {
        let patients = self.pieces().find_map(|piece| match &piece.claim {
            Claim::Size(claim) => Some(claim(treated)),
            _ => None,
        })?;
        let reason = match next.cmp(&current) {
            std::cmp::Ordering::Greater => Move::Escalate,
            std::cmp::Ordering::Equal => Move::Stay,
            std::cmp::Ordering::Less => Move::Deescalate,
        };
        Some((Cohort { level: next as u8, patients: patients as u8 }, reason))
    }

    /// What the words, read in their order, say of a patient who arrives, `evidence` being what the model works out from the situation;
    /// and the place of the piece that settles it. `None` where they say nothing. With nobody pending it is what [`Wording::decide`]
    /// says. Otherwise what a method says of its own reasons to stop is about complete data, and the pieces about pending patients take
    /// its place.
    #[must_use]
    pub fn rule(&self, situation: &Situation<'_>, evidence: &Evidence) -> Option<(Ruling, usize)> {
        let Situation { counts, pending, latest, in_cohorts, of_latest, .. } = situation;
        let pieces = || self.pieces().enumerate();
        let ruled = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Rules(claim) => claim(situation).map(|ruling| (ruling, place)),
            _ => None,
        });
        if ruled.is_some() {
            return ruled;
        }
        if let Some(ruled) = self.rule_on_evaluated(situation, evidence) {
            return (*of_latest == 0).then_some(ruled);
        }
        let seen = Seen { counts, arrival: *latest, in_cohorts: *in_cohorts, evidence };
        if pending.is_empty() {
            return self.decide(&seen, None).map(ruling);
        }
        let current = situation.current();
        let alike = || pieces().find_map(|(_, piece)| recommended(piece, &seen));
        let recommended = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::RecommendsPending(claim) => claim(situation).map(|level| (level, place)),
            Claim::RecommendsAlike(claim) if claim(situation) => alike().map(|level| (level, place)),
            _ => None,
        });
        // Where accrual is suspended there need not be one.
        let next = self.pieces().fold(recommended.map_or(current, |(level, _)| level), |next, piece| limited(piece, &seen, next));
        let stops_for = |reason| {
            self.pieces()
                .any(|piece| matches!(&piece.claim, Claim::Stops(other, claim) if *other == reason && claim(&seen, next)))
        };
        let settled = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Stops(StopReason::TooToxic | StopReason::MtdDeclared | StopReason::Precise, _) => None,
            Claim::Stops(reason, claim) => claim(&seen, next).then_some((Ruling::Close(*reason), place)),
            Claim::ClosesAlike(reason) => stops_for(*reason).then_some((Ruling::Close(*reason), place)),
            Claim::Suspends(suspension, claim) => claim(situation).then_some((Ruling::Suspend(*suspension), place)),
            _ => None,
        });
        if settled.is_some() {
            return settled;
        }
        let (_, place) = recommended?;
        let (cohort, reason) = self.cohort(*in_cohorts, current, next)?;
        Some((Ruling::Enrol(cohort, reason), place))
    }

    /// As [`Wording::rule`] by words that decide on the data of those who have been evaluated; `None` where there are none.
    fn rule_on_evaluated(&self, situation: &Situation<'_>, evidence: &Evidence) -> Option<(Ruling, usize)> {
        let (place, claim) = self.pieces().enumerate().find_map(|(place, piece)| match &piece.claim {
            Claim::RecommendsEvaluated(claim) => Some((place, claim)),
            _ => None,
        })?;
        let evaluated = situation.evaluated();
        let seen = Seen { counts: &evaluated, arrival: situation.latest, in_cohorts: situation.in_cohorts, evidence };
        match claim(&seen) {
            Some(level) => self.proceed(&seen, (level, place), None),
            None => self.decide(&seen, None),
        }
        .map(ruling)
    }

    /// The level that is selected, by the words, when everybody of a trial with pending patients has been followed, accrual having
    /// ended for `closed_by`.
    #[must_use]
    pub fn conclude(&self, seen: &Seen<'_>, closed_by: StopReason) -> Option<Level> {
        let current = seen.current();
        let recommended = self.pieces().find_map(|piece| recommended(piece, seen)).unwrap_or(current);
        let next = self.pieces().fold(recommended, |next, piece| limited(piece, seen, next));
        let stop = self.pieces().find_map(|piece| match &piece.claim {
            Claim::Stops(reason, claim) => {
                let is_looked_at = *reason == closed_by || matches!(reason, StopReason::TooToxic | StopReason::MtdDeclared);
                (is_looked_at && claim(seen, next)).then_some(*reason)
            }
            _ => None,
        });
        if closed_by == StopReason::TooToxic || stop == Some(StopReason::TooToxic) {
            return None;
        }
        if stop == Some(StopReason::MtdDeclared) {
            return Some(current);
        }
        self.pieces().find_map(|piece| selected(piece, seen, next))
    }
}

/// The level that a piece recommends.
fn recommended(piece: &Piece, seen: &Seen<'_>) -> Option<Level> {
    if let Claim::Recommends(claim) = &piece.claim { claim(seen) } else { None }
}

/// The level to which a piece changes the next one.
fn limited(piece: &Piece, seen: &Seen<'_>, next: Level) -> Level {
    if let Claim::Limits(claim) = &piece.claim { claim(seen, next) } else { next }
}

/// The level that a piece selects.
fn selected(piece: &Piece, seen: &Seen<'_>, next: Level) -> Option<Level> {
    if let Claim::Selects(claim) = &piece.claim { claim(seen, next) } else { None }
}

/// A decision on the next cohort as one on the patient who arrives.
fn ruling((decision, place): (Decision, usize)) -> (Ruling, usize) {
    match decision {
        Decision::Enrol(cohort, reason) => (Ruling::Enrol(cohort, reason), place),
        Decision::Stop(_, reason) => (Ruling::Close(reason), place),
    }
}
