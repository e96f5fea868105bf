//! A+B designs, of which the 3+3 is one.
//!
//! # What it does
//! Treats A patients at a level and, where these leave it open, B more. Few DLTs lead one level up; too many end the climb, and the
//! MTD is a level below.
//!
//! # Rule
//! With n patients and y DLTs at the current level, 1 ≤ C ≤ D ≤ E:
//!
//! | n | y | |
//! |---|---|---|
//! | A | below C | the level is fine |
//! | A | C to D | treat B more at this level |
//! | A | above D | the level is too toxic |
//! | A + B | at most E | the level is fine |
//! | A + B | above E | the level is too toxic |
//!
//! A fine level is followed by the next one up. Level 1 too toxic: no dose is selected. Otherwise, without de-escalation, a level too
//! toxic selects the level below. With de-escalation it sends the trial there when that level has fewer than A + B patients: it is
//! completed to A + B, then at most E DLTs select it, and more make it too toxic as well. A level below that has A + B patients is
//! selected at once. The top level, fine with A patients, is selected, or first gets B more to be confirmed.
//!
//! With titration (`titration = true`, see [`crate::trial::Titration`]), single patients climb the levels first, and the level at
//! which that ends is filled up to A. De-escalation completes a level with one patient to A; more than D DLTs then make it too toxic,
//! and otherwise it is completed to A + B. Without de-escalation a level is selected with the one patient that it may have.
//!
//! # Parameters
//! `dosebench keys a+b` lists them. Cohort sizes and the number of patients follow from the rule.
//!
//! # Where it differs from the paper or the R package
//! With `confirm_top_dose = false` it is the design of the paper, with and without de-escalation; a test holds it against the
//! paper's formulas. The paper selects a top level that is fine with A patients, so that is the setting to compare published
//! figures with. `a = 3, b = 3, c = 1, d = 1, e = 1` is the 3+3 with three patients first: [`super::three_plus_three`].
//!
//! # References
//! Lin and Shih (2001), Biostatistics 2, 203-215. Ivanova (2006), Biometrical Journal 48, 431-440.

mod wording;

use super::decision_list::decision_list;
use crate::design::rule::conduct_keys::{START_LEVEL_1, TITRATION, group};
use crate::design::rule::read::refuse_conduct;
use crate::design::rule::titration::read_titration;
use crate::design::rule::wording::{LevelNames, Wording, counted};
use crate::design::rule::{Context, MethodEntry, Plan, Printable, Protocol, Rule};
use crate::keys::{Description, Key, Keys};
use crate::trial::{Arrival, Cohort, Counts, Decision, Level, MAX_COHORT, MAX_PATIENTS, Move, StopReason, Titration};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "a+b",
    title: "A+B",
    sentence: "As the 3+3, with A patients at a level and B more where these leave it open.",
    reference: "Lin and Shih (2001), Biostatistics 2, 203-215",
    example: "method = \"a+b\"\na = 2\nb = 4\nc = 1\nd = 1\ne = 1",
    situations: 2_065,
    exceptions: &[],
    conduct: None,
    keys: &[&[&A.about, &B.about, &C.about, &D.about, &E.about], REST_KEYS],
    read,
};

/// The numbers of an A+B design, by the letters of Lin and Shih (2001).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Patients at a level at first.
    pub a: usize,
    /// Patients that are added.
    pub b: usize,
    /// With fewer DLTs in A patients a level is fine.
    pub c: usize,
    /// With more DLTs in A patients a level is too toxic.
    pub d: usize,
    /// With more DLTs in A + B patients a level is too toxic.
    pub e: usize,
}

/// How the trial begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With A patients at level 1.
    Group,
    /// With one patient at level 1, who without a DLT is enough for that level; later levels begin with A.
    OnePatient,
    /// With single patients that climb the levels.
    Titration(Titration),
}

/// An A+B design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct APlusB {
    /// The number of dose levels.
    pub levels: usize,
    /// A to E.
    pub numbers: Numbers,
    /// Whether a level below one that is too toxic gets A + B patients before it is selected.
    pub deescalate: bool,
    /// Whether the top level gets A + B patients before it is selected.
    pub confirm_top_dose: bool,
    /// How the trial begins.
    pub start: Start,
}

impl Numbers {
    /// Patients that a level has at most, A + B.
    #[must_use]
    pub fn full(&self) -> usize {
        self.a + self.b
    }

    /// Whether so many DLTs among `patients` are more than a level may have.
    fn is_too_many(&self, patients: usize, dlts: usize) -> bool {
        dlts > if patients >= self.full() { self.e } else { self.d }
    }

    /// Whether a level is too toxic.
    fn is_too_toxic(&self, patients: usize, dlts: usize) -> bool {
        patients >= self.a && self.is_too_many(patients, dlts)
    }
}

impl APlusB {
    /// The short name of the variant, to be printed with every result: there is no standard one.
    #[must_use]
    pub fn variant(&self) -> String {
        let letter = match (self.deescalate, self.confirm_top_dose) {
            (false, _) => "S",
            (true, false) => "D",
            (true, true) => "K",
        };
        let one = if self.start == Start::OnePatient { "1" } else { "" };
        let top = if self.confirm_top_dose && !self.deescalate { ", top dose confirmed" } else { "" };
        let titration = if matches!(self.start, Start::Titration(_)) { ", titration" } else { "" };
        format!("{letter}{one}{top}{titration}")
    }

    /// The titration that it begins with, if any.
    fn titration(&self) -> Option<Titration> {
        match self.start {
            Start::Titration(titration) => Some(titration),
            Start::Group | Start::OnePatient => None,
        }
    }

    /// The next cohort while titration lasts.
    fn titrated(&self, counts: &Counts, arrival: Arrival) -> Option<Cohort> {
        self.titration()?.next(self.levels, self.numbers.a, counts, arrival, usize::MAX)
    }

    /// Whether the trial came down to `level`. The rule needs no memory: that is so exactly when the level above is too toxic.
    fn came_down(&self, counts: &Counts, level: Level) -> bool {
        level + 1 < self.levels && self.numbers.is_too_many(counts.patients(level + 1), counts.dlts(level + 1))
    }

    /// Why the rule has no answer after a cohort at `level`. It judges a level at A or A + B patients, completes one that has
    /// fewer than A, goes up to levels without patients only, and down to levels that were fine.
    fn objection_at(&self, counts: &Counts, level: Level) -> Option<String> {
        let Numbers { a: group, .. } = self.numbers;
        let full = self.numbers.full();
        let (patients, dlts) = (counts.patients(level), counts.dlts(level));
        let has = |level: Level| {
            let (patients, dlts) = (counts.patients(level), counts.dlts(level));
            format!("level {} has {} and {}", level + 1, counted(patients, "patient"), counted(dlts, "DLT"))
        };
        let is_single = |level: Level| level == 0 && counts.patients(0) == 1 && self.start == Start::OnePatient;
        let is_judged = |level: Level| [group, full].contains(&counts.patients(level)) || is_single(level);
        let is_completed = patients < group && dlts <= self.numbers.d && !(patients == 1 && self.start == Start::OnePatient);
        if !is_judged(level) && !is_completed {
            return Some(format!("{}, and the rule judges a level at {group} or {full} patients", has(level)));
        }
        if self.numbers.is_too_toxic(patients, dlts) {
            let below = level.checked_sub(1)?;
            let (few, some) = (counts.patients(below) < group, counts.patients(below) > 0);
            let can_be_left = few && (self.deescalate || (some && self.titration().is_some()));
            let too_many = self.numbers.is_too_many(counts.patients(below), counts.dlts(below));
            let fine = !too_many && (is_judged(below) || can_be_left);
            return (!fine).then(|| format!("the rule goes down from level {}, but {}", level + 1, has(below)));
        }
        if self.came_down(counts, level) {
            let stopped = !self.deescalate && patients < full;
            return stopped.then(|| format!("{}, and the rule had stopped below level {}", has(level), level + 2));
        }
        let goes_up = patients >= full || (dlts < self.numbers.c && is_judged(level));
        (goes_up && level + 1 < self.levels && counts.patients(level + 1) > 0)
            .then(|| format!("the rule goes up from level {}, but {}", level + 1, has(level + 1)))
    }

    /// The cohort that completes `level` to A patients, or to A + B.
    fn completing(&self, level: Level, patients: usize) -> Cohort {
        let size = if patients < self.numbers.a { self.numbers.a } else { self.numbers.full() };
        Cohort { level: level as u8, patients: (size - patients) as u8 }
    }

    /// What follows when `level` is too toxic.
    fn go_down(&self, counts: &Counts, level: Level) -> Decision {
        let Some(below) = level.checked_sub(1) else {
            return Decision::Stop(None, StopReason::TooToxic);
        };
        let patients = counts.patients(below);
        if !self.deescalate || patients >= self.numbers.full() {
            return Decision::Stop(Some(below as u8), StopReason::MtdDeclared);
        }
        Decision::Enrol(self.completing(below, patients), Move::Deescalate)
    }

    /// What follows when `level` is fine and no level above is known to be too toxic.
    fn go_up(&self, counts: &Counts, level: Level) -> Decision {
        let patients = counts.patients(level);
        if level + 1 < self.levels {
            Decision::Enrol(Cohort { level: level as u8 + 1, patients: self.numbers.a as u8 }, Move::Escalate)
        } else if self.confirm_top_dose && patients < self.numbers.full() {
            Decision::Enrol(self.completing(level, patients), Move::Expand)
        } else {
            Decision::Stop(Some(level as u8), StopReason::MtdDeclared)
        }
    }
}

impl Rule for APlusB {
    fn levels(&self) -> usize {
        self.levels
    }

    fn max_patients(&self) -> usize {
        self.numbers.full() * self.levels
    }

    fn first_cohort(&self) -> Cohort {
        match self.start {
            Start::Group => Cohort { level: 0, patients: self.numbers.a as u8 },
            Start::OnePatient => Cohort { level: 0, patients: 1 },
            Start::Titration(titration) => titration.first_cohort(),
        }
    }

    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        if let Some(cohort) = self.titrated(counts, arrival) {
            let reason = if cohort.level == arrival.cohort.level { Move::Expand } else { Move::Escalate };
            return Decision::Enrol(cohort, reason);
        }
        let level = arrival.cohort.level as usize;
        let (patients, dlts) = (counts.patients(level), counts.dlts(level));
        let (full, came_down) = (patients >= self.numbers.full(), self.came_down(counts, level));
        let has_group = patients >= self.numbers.a || (patients == 1 && self.start == Start::OnePatient);
        if self.numbers.is_too_toxic(patients, dlts) {
            self.go_down(counts, level)
        } else if full && came_down {
            Decision::Stop(Some(level as u8), StopReason::MtdDeclared)
        } else if full || (dlts < self.numbers.c && !came_down && has_group) {
            self.go_up(counts, level)
        } else {
            Decision::Enrol(self.completing(level, patients), Move::Expand)
        }
    }

    fn watches_moderate(&self, counts: &Counts, cohort: Cohort) -> bool {
        self.titration().is_some_and(|titration| titration.watches_moderate(self.numbers.a, counts, cohort))
    }

    fn objection(&self, counts: &Counts, arrival: Arrival) -> Option<String> {
        if self.titrated(counts, arrival).is_some() {
            return None;
        }
        self.objection_at(counts, arrival.cohort.level as usize)
    }
}

impl Protocol for APlusB {
    /// A list, but where moderate toxicities of all patients have a say.
    fn printable(&self) -> Printable<'_> {
        let watches = self.titration().is_some_and(|titration| titration.moderate.is_some());
        if watches { Printable::GivenPath } else { Printable::List(decision_list(self)) }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        wording::synopsis(self)
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        wording::wording(*self, names)
    }
}

static DEESCALATE: Key<bool, bool> =
    Key::flag("deescalate", "Whether a level below one that is too toxic is completed before it is selected.")
        .or(true)
        .group(group::DECISION);
static CONFIRM_TOP_DOSE: Key<bool, bool> =
    Key::flag("confirm_top_dose", "Whether the top level is completed before it is selected.").or(true).group(group::DECISION);

/// The keys that every A+B design has beside its numbers.
pub(super) static REST_KEYS: &[&Description] =
    &[&START_LEVEL_1.about, &TITRATION.about, &DEESCALATE.about, &CONFIRM_TOP_DOSE.about];

static A: Key<usize> =
    Key::whole("a", 1..=MAX_COHORT, "A, the patients at a level at first.").required().unit("patients").group(group::DECISION);
static B: Key<usize> = Key::whole("b", 1..=MAX_COHORT, "B, the patients that are added where the first A leave it open.")
    .required()
    .unit("patients")
    .group(group::DECISION);
static C: Key<usize> = Key::whole("c", 1..=MAX_COHORT, "C, the DLTs in A patients below which a level is fine.")
    .up_to("a")
    .required()
    .unit("DLTs")
    .group(group::DECISION);
static D: Key<usize> = Key::whole("d", 1..=MAX_COHORT, "D, the DLTs in A patients above which a level is too toxic.")
    .from("c")
    .up_to("a")
    .required()
    .unit("DLTs")
    .group(group::DECISION);
static E: Key<usize> = Key::whole("e", 1..=2 * MAX_COHORT - 1, "E, the DLTs in A + B patients above which a level is too toxic.")
    .from("d")
    .up_to("a + b - 1")
    .required()
    .unit("DLTs")
    .group(group::DECISION);

/// Read what every A+B design has beside its numbers, `starts_with` being how it begins without titration.
pub(super) fn read_rest(keys: &mut Keys<'_>, levels: usize, numbers: Numbers, starts_with: Start) -> Option<Plan> {
    keys.get(&START_LEVEL_1);
    let (deescalate, confirm_top_dose) = (keys.get(&DEESCALATE), keys.get(&CONFIRM_TOP_DOSE));
    let titration = read_titration(keys, levels, numbers.a);
    if let Some(Titration { step: 2.., .. }) = titration
        && !deescalate
    {
        let message = "passes over levels, and without de-escalation one of these could be selected, at which nobody was treated; \
                       allowed: `step = 1`, or `deescalate = true`";
        keys.complain("titration", message, None);
        return None;
    }
    let start = titration.map_or(starts_with, Start::Titration);
    Some(Plan::Rule(Box::new(APlusB { levels, numbers, deescalate, confirm_top_dose, start })))
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let reason = "does not apply to method \"a+b\": its conduct and its size follow from its rule";
    let help =
        "the A+B designs take `a`, `b`, `c`, `d`, `e`, `deescalate`, `confirm_top_dose`, `titration` and `start_level = 1`";
    refuse_conduct(keys, &["start_level", "titration"], reason, help);
    let (a, b) = (keys.get(&A), keys.get(&B));
    if let Some((a, b)) = a.zip(b) {
        keys.know("a", a as f64);
        keys.know("a + b - 1", (a + b - 1) as f64);
    }
    let c = keys.get(&C);
    if let Some(c) = c {
        keys.know("c", c as f64);
    }
    let d = keys.get(&D);
    if let Some(d) = d {
        keys.know("d", d as f64);
    }
    let e = keys.get(&E);
    let numbers = Numbers { a: a?, b: b?, c: c?, d: d?, e: e? };
    let most = numbers.full() * context.levels;
    if most > MAX_PATIENTS {
        let message =
            format!("{} patients at each of {} levels are {most}; allowed: {MAX_PATIENTS}", numbers.full(), context.levels);
        keys.complain("b", message, None);
        return None;
    }
    read_rest(keys, context.levels, numbers, Start::Group)
}
