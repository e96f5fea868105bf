//! A rule in the words of a protocol, each piece of it with a claim that a machine can hold against the rule.
//!
//! Words and claim are made together, from the same values, by the method or the conduct rule that they describe. Read in their
//! order, the claims of a wording decide: [`Wording::decide`]. A test asks them and the rule in every situation that a design
//! can reach, so what a protocol says, and what is evaluated, cannot come apart.

mod claim;
mod printed;
mod reading;

pub use claim::{Claim, Evidence, Plain, Says, Seen};
pub use printed::{Column, Printed, Said};

use crate::trial::{Cohort, Decision, Level, Ruling, Situation, StopReason, Suspension};

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
