//! A rule in the words of a protocol, each piece of it with a claim that a machine can hold against the rule.
//!
//! Words and claim are made together, from the same values, by the method or the conduct rule that they describe. Read in their
//! order, the claims of a wording decide: [`Wording::decide`]. A test asks them and the rule in every situation that a design
//! can reach, so what a protocol says, and what is evaluated, cannot come apart.

use crate::trial::{Arrival, Cohort, Counts, Decision, Level, Move, Ruling, Situation, StopReason, Suspension};

/// A rule in words.
#[derive(Default)]
pub struct Wording<'a> {
    /// The parts, in the order in which they are read and in which their claims hold.
    pub parts: Vec<Part<'a>>,
    /// What the rule leaves open, or reads in one of several ways, and a protocol must therefore decide.
    pub open: Vec<String>,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// A part of a wording, under a heading.
pub struct Part<'a> {
    /// The heading.
    pub heading: &'static str,
    /// Whether the order of the pieces matters to a reader, so that they are numbered.
    pub numbered: bool,
    /// The pieces.
    pub pieces: Vec<Piece<'a>>,
}

/// Words with what they claim.
pub struct Piece<'a> {
    /// The words.
    pub words: Words,
    /// The key of the study file that this piece is about; empty where there is none.
    pub key: &'static str,
    /// The claim.
    pub claim: Claim<'a>,
}

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// Full sentences.
    Sentences(String),
    /// Rows of cells; the first row and the first column are headings.
    Grid(Vec<Vec<String>>),
}

/// What words claim of a decision. Counts include the cohort of the arrival.
#[allow(clippy::type_complexity, reason = "a name for each signature would only hide what it is asked")]
pub enum Claim<'a> {
    /// Nothing that a decision could contradict: a definition, a reason.
    Nothing,
    /// The first cohort of the trial.
    First(Cohort),
    /// The decision, in the situations that the words are about. Of several such pieces the first one counts.
    Decides(Box<dyn Fn(&Counts, Arrival) -> Option<Decision> + 'a>),
    /// The level recommended for the next cohort, in the situations that the words are about.
    Recommends(Box<dyn Fn(&Counts, Arrival) -> Option<Level> + 'a>),
    /// The level to which a restriction changes the next one.
    Limits(Box<dyn Fn(&Counts, Arrival, Level) -> Level + 'a>),
    /// Whether the trial stops, the next cohort being due at the level given.
    Stops(StopReason, Box<dyn Fn(&Counts, Arrival, Level) -> bool + 'a>),
    /// The number of patients of a later cohort, of which so many have been treated in the trial.
    Size(Box<dyn Fn(usize) -> usize + 'a>),
    /// The level selected at the end, the next cohort being due at the level given.
    Selects(Box<dyn Fn(&Counts, Level) -> Option<Level> + 'a>),
    /// What is done with a patient who arrives, in the situations that the words are about. Of several such pieces the first one counts.
    Rules(Box<dyn Fn(&Situation<'_>) -> Option<Ruling> + 'a>),
    /// The level recommended while somebody is pending, in the situations that the words are about.
    RecommendsPending(Box<dyn Fn(&Situation<'_>) -> Option<Level> + 'a>),
    /// Whether accrual is suspended while somebody is pending.
    Suspends(Suspension, Box<dyn Fn(&Situation<'_>) -> bool + 'a>),
    /// Whether accrual ends while somebody is pending, the next cohort being due at the level given.
    Closes(StopReason, Box<dyn Fn(&Situation<'_>, Level) -> bool + 'a>),
}

impl<'a> Piece<'a> {
    /// Sentences that claim nothing.
    #[must_use]
    pub fn said(words: impl Into<String>) -> Self {
        Self::claimed(words, Claim::Nothing)
    }

    /// Sentences and their claim.
    #[must_use]
    pub fn claimed(words: impl Into<String>, claim: Claim<'a>) -> Self {
        Self { words: Words::Sentences(words.into()), key: "", claim }
    }

    /// A grid and its claim.
    #[must_use]
    pub fn grid(rows: Vec<Vec<String>>, claim: Claim<'a>) -> Self {
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
    pub fn decides(words: impl Into<String>, claim: impl Fn(&Counts, Arrival) -> Option<Decision> + 'a) -> Self {
        Self::claimed(words, Claim::Decides(Box::new(claim)))
    }

    /// Sentences that limit the next level.
    #[must_use]
    pub fn limits(words: impl Into<String>, claim: impl Fn(&Counts, Arrival, Level) -> Level + 'a) -> Self {
        Self::claimed(words, Claim::Limits(Box::new(claim)))
    }

    /// Sentences that decide on a patient who arrives.
    #[must_use]
    pub fn rules(words: impl Into<String>, claim: impl Fn(&Situation<'_>) -> Option<Ruling> + 'a) -> Self {
        Self::claimed(words, Claim::Rules(Box::new(claim)))
    }

    /// Sentences that recommend a level while somebody is pending.
    #[must_use]
    pub fn recommends(words: impl Into<String>, claim: impl Fn(&Situation<'_>) -> Option<Level> + 'a) -> Self {
        Self::claimed(words, Claim::RecommendsPending(Box::new(claim)))
    }

    /// This piece in other words.
    #[must_use]
    pub fn saying(mut self, words: impl Into<String>) -> Self {
        self.words = Words::Sentences(words.into());
        self
    }

    /// That accrual is suspended.
    #[must_use]
    pub fn suspends(suspension: Suspension, claim: impl Fn(&Situation<'_>) -> bool + 'a) -> Self {
        let words = format!("Accrual is suspended while {}.", suspension.words());
        Self::claimed(words, Claim::Suspends(suspension, Box::new(claim)))
    }

    /// Sentences that end accrual while somebody is pending.
    #[must_use]
    pub fn closes(words: impl Into<String>, reason: StopReason, claim: impl Fn(&Situation<'_>, Level) -> bool + 'a) -> Self {
        Self::claimed(words, Claim::Closes(reason, Box::new(claim)))
    }

    /// Sentences that stop the trial.
    #[must_use]
    pub fn stops(words: impl Into<String>, reason: StopReason, claim: impl Fn(&Counts, Arrival, Level) -> bool + 'a) -> Self {
        Self::claimed(words, Claim::Stops(reason, Box::new(claim)))
    }
}

impl<'a> Part<'a> {
    /// A part whose pieces are a list.
    #[must_use]
    pub fn new(heading: &'static str, pieces: Vec<Piece<'a>>) -> Self {
        Self { heading, numbered: false, pieces }
    }

    /// This part with its pieces numbered.
    #[must_use]
    pub fn numbered(mut self) -> Self {
        self.numbered = true;
        self
    }
}

impl<'a> Wording<'a> {
    /// Every piece, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece<'a>> {
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
    pub fn decide(&self, counts: &Counts, arrival: Arrival, without: Option<usize>) -> Option<(Decision, usize)> {
        let pieces = || self.pieces().enumerate().filter(move |&(place, _)| Some(place) != without);
        let current = arrival.level();
        let decided = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Decides(claim) => claim(counts, arrival).map(|decision| (decision, place)),
            _ => None,
        });
        if decided.is_some() {
            return decided;
        }
        let (mut next, settled_by) = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Recommends(claim) => claim(counts, arrival).map(|level| (level, place)),
            _ => None,
        })?;
        for (_, piece) in pieces() {
            if let Claim::Limits(claim) = &piece.claim {
                next = claim(counts, arrival, next);
            }
        }
        let stopped = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Stops(reason, claim) if claim(counts, arrival, next) => Some((*reason, place)),
            _ => None,
        });
        if let Some((reason, place)) = stopped {
            let select = || {
                pieces().find_map(|(_, piece)| if let Claim::Selects(claim) = &piece.claim { claim(counts, next) } else { None })
            };
            let selected = match reason {
                StopReason::TooToxic => None,
                StopReason::MtdDeclared => Some(current),
                _ => select(),
            };
            return Some((Decision::Stop(selected.map(|level| level as u8), reason), place));
        }
        let (cohort, reason) = self.cohort(counts, current, next)?;
        Some((Decision::Enrol(cohort, reason), settled_by))
    }

    /// The cohort at `next` after `counts`, and how that lies to the current level.
    fn cohort(&self, counts: &Counts, current: Level, next: Level) -> Option<(Cohort, Move)> {
        let patients = self.pieces().find_map(|piece| match &piece.claim {
            Claim::Size(claim) => Some(claim(counts.total_patients())),
            _ => None,
        })?;
        let reason = match next.cmp(&current) {
            std::cmp::Ordering::Greater => Move::Escalate,
            std::cmp::Ordering::Equal => Move::Stay,
            std::cmp::Ordering::Less => Move::Deescalate,
        };
        Some((Cohort { level: next as u8, patients: patients as u8 }, reason))
    }

    /// What the words, read in their order, say of a patient who arrives, and the place of the piece that settles it. `None` where they
    /// say nothing. With nobody pending it is what [`Wording::decide`] says. Otherwise what a method says of its own reasons to stop is
    /// about complete data, and the pieces about pending patients take its place.
    #[must_use]
    pub fn rule(&self, situation: &Situation<'_>) -> Option<(Ruling, usize)> {
        let Situation { counts, pending, latest, .. } = situation;
        let pieces = || self.pieces().enumerate();
        let ruled = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Rules(claim) => claim(situation).map(|ruling| (ruling, place)),
            _ => None,
        });
        if ruled.is_some() {
            return ruled;
        }
        if pending.is_empty() {
            return self.decide(counts, *latest, None).map(|(decision, place)| match decision {
                Decision::Enrol(cohort, reason) => (Ruling::Enrol(cohort, reason), place),
                Decision::Stop(_, reason) => (Ruling::Close(reason), place),
            });
        }
        let current = situation.current();
        let recommended = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::RecommendsPending(claim) => claim(situation).map(|level| (level, place)),
            _ => None,
        });
        // Where accrual is suspended there need not be one.
        let next = self.limited(recommended.map_or(current, |(level, _)| level), counts, *latest);
        let settled = pieces().find_map(|(place, piece)| match &piece.claim {
            Claim::Stops(StopReason::TooToxic | StopReason::MtdDeclared | StopReason::Precise, _) => None,
            Claim::Stops(reason, claim) => claim(counts, *latest, next).then_some((Ruling::Close(*reason), place)),
            Claim::Closes(reason, claim) => claim(situation, next).then_some((Ruling::Close(*reason), place)),
            Claim::Suspends(suspension, claim) => claim(situation).then_some((Ruling::Suspend(*suspension), place)),
            _ => None,
        });
        if settled.is_some() {
            return settled;
        }
        let (_, place) = recommended?;
        let (cohort, reason) = self.cohort(counts, current, next)?;
        Some((Ruling::Enrol(cohort, reason), place))
    }

    /// The level after all restrictions.
    fn limited(&self, recommended: Level, counts: &Counts, latest: Arrival) -> Level {
        self.pieces().fold(recommended, |next, piece| match &piece.claim {
            Claim::Limits(claim) => claim(counts, latest, next),
            _ => next,
        })
    }

    /// The level that is selected, by the words, when everybody of a trial with pending patients has been followed, accrual having
    /// ended for `closed_by`.
    #[must_use]
    pub fn conclude(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> Option<Level> {
        let recommended = self.pieces().find_map(|piece| match &piece.claim {
            Claim::Recommends(claim) => claim(counts, latest),
            _ => None,
        });
        let next = self.limited(recommended.unwrap_or(latest.level()), counts, latest);
        let stop = self.pieces().find_map(|piece| match &piece.claim {
            Claim::Stops(reason, claim) => {
                let is_looked_at = *reason == closed_by || matches!(reason, StopReason::TooToxic | StopReason::MtdDeclared);
                (is_looked_at && claim(counts, latest, next)).then_some(*reason)
            }
            _ => None,
        });
        if closed_by == StopReason::TooToxic || stop == Some(StopReason::TooToxic) {
            return None;
        }
        if stop == Some(StopReason::MtdDeclared) {
            return Some(latest.level());
        }
        self.pieces().find_map(|piece| if let Claim::Selects(claim) = &piece.claim { claim(counts, next) } else { None })
    }
}

/// What a method says of itself; the conduct rules around it have words of their own.
#[derive(Default)]
pub struct MethodWording<'a> {
    /// How the next level is recommended.
    pub decisions: Vec<Piece<'a>>,
    /// When the lowest level is too toxic; and after that, when the method declares the level just treated to be the MTD.
    pub too_toxic: Vec<Piece<'a>>,
    /// When a level is known well enough.
    pub precise: Vec<Piece<'a>>,
    /// How a level is selected at the end.
    pub selection: Vec<Piece<'a>>,
    /// What a protocol must still decide.
    pub open: Vec<String>,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// What a way to count pending patients says of itself, beside what the method says for complete data.
#[derive(Default)]
pub struct PendingWording<'a> {
    /// How the next level is recommended, or what is waited for.
    pub decisions: Vec<Piece<'a>>,
    /// When accrual is suspended.
    pub suspensions: Vec<Piece<'a>>,
    /// When the lowest level is too toxic; and when the method declares the MTD.
    pub too_toxic: Vec<Piece<'a>>,
    /// When a level is known well enough.
    pub precise: Vec<Piece<'a>>,
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

/// So many of something: `1 patient`, `3 patients`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
