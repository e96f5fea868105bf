//! A rule in the words of a protocol, each piece of it with a claim that a machine can hold against the rule.
//!
//! Words and claim are made together, from the same values, by the method or the conduct rule that they describe. Read in their
//! order, the claims of a wording decide: [`Wording::decide`]. A test asks them and the rule in every situation that a design
//! can reach, so what a protocol says, and what is evaluated, cannot come apart.

use crate::trial::{Arrival, Cohort, Counts, Decision, Level, Move, StopReason};

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
        let patients = pieces().find_map(|(_, piece)| match &piece.claim {
            Claim::Size(claim) => Some(claim(counts.total_patients())),
            _ => None,
        })?;
        let reason = match next.cmp(&current) {
            std::cmp::Ordering::Greater => Move::Escalate,
            std::cmp::Ordering::Equal => Move::Stay,
            std::cmp::Ordering::Less => Move::Deescalate,
        };
        Some((Decision::Enrol(Cohort { level: next as u8, patients: patients as u8 }, reason), settled_by))
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
