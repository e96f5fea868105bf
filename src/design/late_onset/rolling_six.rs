//! Rolling six.
//!
//! # What it does
//! Decides for each patient who arrives from how many patients at the current level have had a DLT, are pending, or have been
//! followed without one, so that up to six patients are enrolled at a level without waiting.
//!
//! # Rule
//! At the current level: n patients enrolled (1 to 6), y DLTs seen, c pending.
//! 1. y ≥ 2 de-escalates at once, whoever is pending.
//! 2. n < 3: the next patient is enrolled at the same level.
//! 3. n = 3 to 5: escalate with y = 0 and c = 0, otherwise the same level.
//! 4. n = 6: escalate with y = 0 and c ≤ 1, or y = 1 and c = 0; otherwise accrual is suspended.
//!
//! There is no escalation to a level that has had two DLTs: a level below one is filled up to six patients, and the trial then
//! ends. De-escalation leads one level down where that has fewer than six patients, and ends the trial where it has six, or where
//! there is no lower level. Escalation at the highest level ends the trial. When everybody has been followed, the highest level is
//! selected that has at least three patients and no DLT, or six patients and at most one.
//!
//! # Parameters
//! `dosebench keys rolling-six` lists them. Its size and its conduct follow from the rule; it starts at the lowest level.
//!
//! # Where it differs from the paper or the R package
//! As the published grid. The package RollingSix 0.1.0 escalates with three evaluated patients and one or two pending, and
//! suspends accrual with six patients of whom one is pending, where the grid escalates. Protocols differ on whether the highest
//! level must have six patients; here three without a DLT are enough, as in that package.
//!
//! # References
//! Skolnik, Barrett, Jayaraman, Patel and Adamson (2008), Journal of Clinical Oncology 26, 190-195.

use crate::design::rule::conduct_keys::START_LEVEL_1;
use crate::design::rule::decision_table::Call;
use crate::design::rule::pending::follow_up::{FollowUpCall, FollowUpRow};
use crate::design::rule::pending::{PendingProtocol, PendingRule, observation, suspension_lines};
use crate::design::rule::read::refuse_conduct;
use crate::design::rule::wording::{Claim, LevelNames, Part, Piece, Wording};
use crate::design::rule::{Context, MethodEntry, Plan};
use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Counts, Level, LevelSituation, Move, Ruling, Situation, StopReason, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "rolling-six",
    title: "Rolling six",
    sentence: "The 3+3 that enrols up to six patients at a level while others are still followed.",
    reference: "Skolnik, Barrett, Jayaraman, Patel and Adamson (2008), Journal of Clinical Oncology 26, 190-195",
    example: "method = \"rolling-six\"",
    situations: 0,
    exceptions: &[],
    conduct: None,
    keys: &[&[&START_LEVEL_1.about]],
    read,
};

/// Patients at a level at most.
const MOST: usize = 6;

/// The published grid: what to do at a level in this situation.
///
/// # Errors
/// The suspension that the rule asks for.
pub fn call(at: LevelSituation) -> Result<Call, Suspension> {
    match (at.patients, at.dlts, at.pending) {
        (_, 2.., _) => Ok(Call::Deescalate),
        (..3, ..) => Ok(Call::Stay),
        (3..MOST, 0, 0) => Ok(Call::Escalate),
        (3..MOST, ..) => Ok(Call::Stay),
        (_, 0, 0..=1) | (_, 1, 0) => Ok(Call::Escalate),
        _ => Err(Suspension::SixEnrolled),
    }
}

/// Rolling six (Skolnik et al., 2008).
#[derive(Clone, Copy, Debug)]
pub struct RollingSix {
    /// The number of dose levels.
    pub levels: usize,
}

impl RollingSix {
    /// Whether a level may not be given again.
    fn is_closed(counts: &Counts, level: Level) -> bool {
        counts.dlts(level) >= 2
    }
}

impl PendingRule for RollingSix {
    fn levels(&self) -> usize {
        self.levels
    }

    fn max_patients(&self) -> usize {
        MOST * self.levels
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let current = situation.current();
        let at = situation.at(current);
        let enrol = |level: Level, reason| Ruling::Enrol(Cohort { level: level as u8, patients: 1 }, reason);
        match call(at) {
            Ok(Call::Stay) => enrol(current, Move::Stay),
            Err(suspension) => Ruling::Suspend(suspension),
            Ok(Call::Deescalate) if current == 0 => Ruling::Close(StopReason::TooToxic),
            Ok(Call::Deescalate) if situation.counts.patients(current - 1) < MOST => enrol(current - 1, Move::Deescalate),
            Ok(Call::Deescalate | Call::Eliminate) => Ruling::Close(StopReason::MtdDeclared),
            Ok(Call::Escalate) if current + 1 == self.levels => Ruling::Close(StopReason::MtdDeclared),
            Ok(Call::Escalate) if !Self::is_closed(&situation.counts, current + 1) => enrol(current + 1, Move::Escalate),
            Ok(Call::Escalate) if at.patients < MOST => enrol(current, Move::Expand),
            Ok(Call::Escalate) => Ruling::Close(StopReason::MtdDeclared),
        }
    }

    fn select(&self, counts: &Counts, _latest: Arrival, _closed_by: StopReason) -> (Option<Level>, StopReason) {
        let is_tolerated = |&level: &Level| match counts.dlts(level) {
            0 => counts.patients(level) >= 3,
            1 => counts.patients(level) >= MOST,
            _ => false,
        };
        match (0..self.levels).rev().find(is_tolerated) {
            Some(level) => (Some(level), StopReason::MtdDeclared),
            None => (None, StopReason::TooToxic),
        }
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[Suspension::SixEnrolled]
    }
}

impl PendingProtocol for RollingSix {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        observation(situation)
    }

    fn follow_up_table(&self) -> Option<Vec<FollowUpRow>> {
        // Nothing depends on follow-up, so there are no cut-offs; with nobody pending nothing is waited for, but the grid says so.
        let rows = (1..=MOST).flat_map(|patients| {
            (0..=patients).flat_map(move |dlts| (0..=patients - dlts).map(move |pending| (patients, dlts, pending)))
        });
        let tabled = |(patients, dlts, pending)| {
            let decision = call(LevelSituation { patients, dlts, pending, followed: 0.0 });
            FollowUpRow { patients, dlts, pending, decision: decision.map_or_else(FollowUpCall::Suspend, FollowUpCall::Call) }
        };
        Some(rows.map(tabled).collect())
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut lines = vec![
            line("De-escalate", "at once with 2 DLTs; the level is not given again"),
            line(
                "Escalate",
                "with 3 to 5 patients, none pending and no DLT; with 6, no DLT and at most 1 pending, or 1 DLT and none pending",
            ),
            line("Stay", "otherwise, up to 6 patients at a level"),
        ];
        lines.extend(suspension_lines(self.suspensions()));
        lines.push(line("Select", "the highest level with 3 patients or more and no DLT, or 6 and at most 1"));
        lines.push(("Maximum patients".to_owned(), format!("{} by the rule itself", self.max_patients())));
        lines
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        let begin = vec![
            Piece::claimed(
                format!("The first patient is treated at {}.", names.of(0)),
                Claim::First(Cohort { level: 0, patients: 1 }),
            ),
            Piece::said(
                "Patients are enrolled one at a time, as they arrive, and the dose level of each is decided on arrival. A patient is \
                 pending while followed without a dose-limiting toxicity (DLT) so far; one with a DLT is evaluated at once. At most 6 \
                 patients are treated at a level.",
            ),
        ];
        let open = vec![
            "Whether the highest level must have 6 patients before it is recommended. Here 3 without a DLT are enough."
                .to_owned(),
        ];
        let parts = vec![
            Part::new("Start", begin),
            Part::new("Decision for each patient who arrives, by the patients at the current dose level", self.decisions(names))
                .numbered(),
            Part::new("Recommended dose level", vec![self.selected()]),
        ];
        Wording { parts, open, references: Vec::new() }
    }
}

impl RollingSix {
    /// The decisions, in the order in which they are looked at.
    fn decisions(&self, names: &LevelNames) -> Vec<Piece> {
        let top = self.levels - 1;
        vec![
            Piece::rules(
                format!("With 2 DLTs or more at {} the trial stops, whoever is pending.", names.of(0)),
                (),
                |(), situation| stops(situation.current() == 0 && here(situation).1 >= 2, StopReason::TooToxic),
            ),
            Piece::rules(
                "With 2 DLTs or more the level is not given again, and the patient is treated one level below, whoever is pending, where \
                 fewer than 6 patients have been treated; where 6 have, the trial stops.",
                (),
                |(), situation| {
                    let current = situation.current();
                    (here(situation).1 >= 2 && current > 0).then(|| match is_full(situation, current - 1) {
                        true => Ruling::Close(StopReason::MtdDeclared),
                        false => enrol(current - 1, Move::Deescalate),
                    })
                },
            ),
            Piece::rules("With fewer than 3 patients the patient is treated at the current level.", (), |(), situation| {
                (here(situation).0 < 3).then(|| enrol(situation.current(), Move::Stay))
            }),
            Piece::rules(
                format!(
                    "Escalation is called for with 3 to 5 patients, of whom none had a DLT and none is pending; and with 6 patients, of \
                     whom at most one in all had a DLT or is pending. At {} the trial then stops.",
                    names.of(top)
                ),
                top,
                |&top, situation| stops(may_escalate(situation) && situation.current() == top, StopReason::MtdDeclared),
            ),
            Piece::rules(
                "Otherwise the patient is treated one level above. Where that is not given again, the patient is treated at the current \
                 level, and the trial stops when 6 have been.",
                (),
                |(), situation| {
                    let current = situation.current();
                    may_escalate(situation).then(|| match situation.counts.dlts(current + 1) {
                        0 | 1 => enrol(current + 1, Move::Escalate),
                        _ if is_full(situation, current) => Ruling::Close(StopReason::MtdDeclared),
                        _ => enrol(current, Move::Expand),
                    })
                },
            ),
            Piece::rules(
                "With 6 patients for whom escalation is not called for, accrual is suspended until what is pending decides.",
                (),
                |(), situation| is_full(situation, situation.current()).then_some(Ruling::Suspend(Suspension::SixEnrolled)),
            ),
            Piece::rules("In all other cases the patient is treated at the current level.", (), |(), situation| {
                Some(enrol(situation.current(), Move::Stay))
            }),
        ]
    }

    /// How a level is recommended.
    fn selected(&self) -> Piece {
        let words = "When every patient has been followed to the end of the window, the recommended dose level is the highest one at which \
                     3 patients or more have been treated without a DLT, or 6 with at most one. Where there is no such level, none is \
                     recommended.";
        Piece::selects(words, self.levels, |&levels, seen, _| {
            let tolerated = |level: &Level| {
                let (patients, dlts) = (seen.counts.patients(*level), seen.counts.dlts(*level));
                (patients >= 3 && dlts == 0) || (patients >= 6 && dlts == 1)
            };
            (0..levels).filter(tolerated).max()
        })
    }
}

fn enrol(level: Level, reason: Move) -> Ruling {
    Ruling::Enrol(Cohort { level: level as u8, patients: 1 }, reason)
}

fn stops(when: bool, reason: StopReason) -> Option<Ruling> {
    when.then_some(Ruling::Close(reason))
}

/// What is known at the current level: patients, DLTs, pending.
fn here(situation: &Situation<'_>) -> (usize, usize, usize) {
    let at = situation.at(situation.current());
    (at.patients, at.dlts, at.pending)
}

/// Whether, by the words, escalation is called for.
fn may_escalate(situation: &Situation<'_>) -> bool {
    match here(situation) {
        (3..=5, 0, 0) => true,
        (6, dlts, pending) => dlts + pending <= 1,
        _ => false,
    }
}

/// Whether six patients have been treated at a level.
fn is_full(situation: &Situation<'_>, level: Level) -> bool {
    situation.counts.patients(level) >= 6
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let reason = "does not apply to method \"rolling-six\": its conduct and its size follow from its rule";
    refuse_conduct(keys, &["start_level"], reason, "the rolling six takes `start_level = 1` and no other key");
    keys.get(&START_LEVEL_1);
    Some(Plan::LateOnset(Box::new(RollingSix { levels: context.levels })))
}
