//! A rule in the words of a protocol, each piece of it with a claim that a machine can hold against the rule.
//!
//! Words and claim are made together, from the same values, by the method or the conduct rule that they describe. Read in their
//! order, the claims of a wording decide: [`Wording::decide`]. A test asks them and the rule in every situation that a design
//! can reach, so what a protocol says, and what is evaluated, cannot come apart.

mod claim;
mod printed;

pub use claim::{Claim, Evidence, Plain, Says, Seen};
pub use printed::{Column, Printed, Said};

use crate::trial::{Cohort, Decision, Level, Move, Ruling, Situation, StopReason, Suspension};

/// A rule in words.
#[derive(Default)]
pub struct Wording {
    /// The parts, in the order in which they are read and in which their claims hold.
    pub parts: Vec<Part>,
    /// What the rule leaves open, or reads in one of several ways, and a protocol must therefore decide.
    pub open: Vec<String>,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// A part of a wording, under a heading.
pub struct Part {
    /// The heading.
    pub heading: &'static str,
    /// Whether the order of the pieces matters to a reader, so that they are numbered.
    pub numbered: bool,
    /// The pieces.
    pub pieces: Vec<Piece>,
}

/// Words with what they claim.
pub struct Piece {
    /// The words.
    pub words: Words,
    /// The key of the study file that this piece is about; empty where there is none.
    pub key: &'static str,
    /// The claim.
    pub claim: Claim,
}

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// Full sentences.
    Sentences(String),
    /// Rows of cells; the first row and the first column are headings.
    Grid(Vec<Vec<String>>),
}

impl Piece {
    /// Sentences that claim nothing.
    #[must_use]
    pub fn said(words: impl Into<String>) -> Self {
        Self::claimed(words, Claim::Nothing)
    }

    /// Sentences and their claim.
    #[must_use]
    pub fn claimed(words: impl Into<String>, claim: Claim) -> Self {
        Self { words: Words::Sentences(words.into()), key: "", claim }
    }

    /// A grid and its claim.
    #[must_use]
    pub fn grid(rows: Vec<Vec<String>>, claim: Claim) -> Self {
        Self { words: Words::Grid(rows), key: "", claim }
    }

    /// This piece as one about a key of the study file.
    #[must_use]
    pub fn about(mut self, key: &'static str) -> Self {
        self.key = key;
        self
    }

    /// Sentences that decide in the situations they are about.
    #[must_use]
    pub fn decides<D: Plain>(words: impl Into<String>, data: D, says: fn(&D, &Seen<'_>) -> Option<Decision>) -> Self {
        Self::claimed(words, Claim::decides(data, says))
    }

    /// Sentences that recommend a level in the situations they are about.
    #[must_use]
    pub fn recommends<D: Plain>(words: impl Into<String>, data: D, says: fn(&D, &Seen<'_>) -> Option<Level>) -> Self {
        Self::claimed(words, Claim::recommends(data, says))
    }

    /// Sentences that limit the next level.
    #[must_use]
    pub fn limits<D: Plain>(words: impl Into<String>, data: D, says: fn(&D, &Seen<'_>, Level) -> Level) -> Self {
        Self::claimed(words, Claim::limits(data, says))
    }

    /// Sentences that stop the trial.
    #[must_use]
    pub fn stops<D: Plain>(
        words: impl Into<String>,
        reason: StopReason,
        data: D,
        says: fn(&D, &Seen<'_>, Level) -> bool,
    ) -> Self {
        Self::claimed(words, Claim::stops(reason, data, says))
    }

    /// Sentences that select a level.
    #[must_use]
    pub fn selects<D: Plain>(words: impl Into<String>, data: D, says: fn(&D, &Seen<'_>, Level) -> Option<Level>) -> Self {
        Self::claimed(words, Claim::selects(data, says))
    }

    /// Sentences that decide on a patient who arrives.
    #[must_use]
    pub fn rules<D: Plain>(words: impl Into<String>, data: D, says: fn(&D, &Situation<'_>) -> Option<Ruling>) -> Self {
        Self::claimed(words, Claim::rules(data, says))
    }

    /// Sentences that recommend a level while somebody is pending.
    #[must_use]
    pub fn recommends_pending<D: Plain>(
        words: impl Into<String>,
        data: D,
        says: fn(&D, &Situation<'_>) -> Option<Level>,
    ) -> Self {
        Self::claimed(words, Claim::recommends_pending(data, says))
    }

    /// That accrual is suspended.
    #[must_use]
    pub fn suspends<D: Plain>(suspension: Suspension, data: D, says: fn(&D, &Situation<'_>) -> bool) -> Self {
        let words = format!("Accrual is suspended while {}.", suspension.words());
        Self::claimed(words, Claim::suspends(suspension, data, says))
    }

    /// Sentences by which accrual ends while somebody is pending as a trial with complete data stops.
    #[must_use]
    pub fn closes_alike(words: impl Into<String>, reason: StopReason) -> Self {
        Self::claimed(words, Claim::ClosesAlike(reason))
    }

    /// This piece in other words.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        self.words = Words::Sentences(words.into());
        self
    }
}

impl Part {
    /// A part whose pieces are a list.
    #[must_use]
    pub fn new(heading: &'static str, pieces: Vec<Piece>) -> Self {
        Self { heading, numbered: false, pieces }
    }

    /// This part with its pieces numbered.
    #[must_use]
    pub fn numbered(mut self) -> Self {
        self.numbered = true;
        self
    }
}

impl Wording {
    /// Every piece, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.parts.iter().flat_map(|part| &part.pieces)
    }

    /// The first cohort, as the words have it.
    #[must_use]
    pub fn first_cohort(&self) -> Option<Cohort> {
        self.pieces().find_map(|piece| if let Claim::First(cohort) = piece.claim { Some(cohort) } else { None })
    }

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

/// What a method says of itself; the conduct rules around it have words of their own.
#[derive(Default)]
pub struct MethodWording {
    /// How the next level is recommended.
    pub decisions: Vec<Piece>,
    /// When the lowest level is too toxic; and after that, when the method declares the level just treated to be the MTD.
    pub too_toxic: Vec<Piece>,
    /// When a level is known well enough.
    pub precise: Vec<Piece>,
    /// How a level is selected at the end.
    pub selection: Vec<Piece>,
    /// What a protocol must still decide.
    pub open: Vec<String>,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// What a way to count pending patients says of itself, beside what the method says for complete data.
#[derive(Default)]
pub struct PendingWording {
    /// How the next level is recommended, or what is waited for.
    pub decisions: Vec<Piece>,
    /// When accrual is suspended.
    pub suspensions: Vec<Piece>,
    /// When the lowest level is too toxic; and when the method declares the MTD.
    pub too_toxic: Vec<Piece>,
    /// When a level is known well enough.
    pub precise: Vec<Piece>,
    /// What a protocol must still decide.
    pub open: Vec<String>,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// The dose levels by name, lowest first: `dose level 1 (0.1 mg/kg)`.
#[derive(Clone, Debug)]
pub struct LevelNames(Vec<String>);

impl LevelNames {
    /// The names of levels whose doses are written as `doses`, in `unit`, which may be empty.
    #[must_use]
    pub fn new(doses: &[String], unit: &str) -> Self {
        let space = if unit.is_empty() { "" } else { " " };
        Self(doses.iter().enumerate().map(|(level, dose)| format!("dose level {} ({dose}{space}{unit})", level + 1)).collect())
    }

    /// The name of a level.
    #[must_use]
    pub fn of(&self, level: Level) -> String {
        self.0.get(level).cloned().unwrap_or_else(|| format!("dose level {}", level + 1))
    }
}

/// That a level needs so many patients to be recommended, as a sentence that follows others; nothing where it needs none.
#[must_use]
pub fn enough_patients(min_patients: usize) -> String {
    match min_patients {
        0 => String::new(),
        fewest => format!(" Only a level with at least {} can be recommended.", counted(fewest, "patient")),
    }
}

/// That the level at which the next cohort would have been treated is recommended, where it has so many patients.
#[must_use]
pub fn selects_next(words: impl Into<String>, min_patients: usize) -> Piece {
    let select = Claim::selects(min_patients, |&fewest, seen, next| (seen.counts.patients(next) >= fewest).then_some(next));
    Piece::claimed(words, select).about("selection")
}

/// So many of something: `1 patient`, `3 patients`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
