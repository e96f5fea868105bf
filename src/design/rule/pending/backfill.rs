//! Backfilling (BF-BOIN): patients who arrive while a cohort is being followed go to lower levels.
//!
//! # What it does
//! Goes with any interval design by the key `backfill`. The cohorts are those of the design. A patient who arrives while the last
//! cohort is being followed is not turned away but treated at the highest lower level that is open; what is seen of these patients
//! counts in later decisions and in the selection. So more is known of the levels around the MTD when the trial ends, and it does not
//! end later.
//!
//! # Rule
//! With n patients evaluated and y DLTs at a level, cohorts and backfilled patients together, and the boundaries of the design:
//! - *Open* for backfilling is a level below that of the last cohort that has been tried, has fewer than `max_per_level` patients, the
//!   pending ones included, and is safe, as all levels below it are. A level is safe when the design would not de-escalate from it
//!   by its own data, or not by those of it and of the next higher level together.
//! - *Decisions* are made when everybody of the last cohort has had a DLT or been followed for the whole window, with the data of all
//!   who have been evaluated. A lower level *disagrees* when its data do not escalate although those of the current level do, or when
//!   they de-escalate or eliminate although the current level does not escalate. Where none disagrees, the design decides by the
//!   current level. Otherwise the data from the highest level that disagrees up to the current one are pooled: where the design would
//!   escalate with them, it escalates; where it would de-escalate, the next cohort goes to the highest level up to which the pooled
//!   data would not, or one level below those pooled; else it stays.
//!
//! The cohorts make up `max_patients`; the backfilled patients come in addition. The trial ends with the window of the last patient,
//! and then selects as the design does, with the data of all. Patients who arrive while the sentinel patient is waited for are not
//! backfilled. Elimination, stopping and the other conduct rules are those of the design; no patient goes to an eliminated level.
//!
//! # Parameters
//! `backfill = { max_per_level = 12 }`: the most patients at a level open for backfilling, from 1; together with those of the cohorts
//! there must be room for 250 patients. Not with `titration`, whose single patients are waited for.
//!
//! # Where it differs from the paper or the R package
//! A level opens by its DLTs alone: that a response has been seen there first, as the paper asks, is not looked at, as no scenario has
//! response probabilities. It is what the paper's design does where everybody responds. The package bfboin 0.1.1 allows one patient
//! more than its cap, and neither counts nor uses who is pending when the window of the last cohort is over.
//!
//! # References
//! Zhao, Yuan, Korn and Freidlin (2024), Clinical Cancer Research 30, 673-679.

use super::{PendingProtocol, PendingRule, move_between, select, suspension_lines};
use crate::design::rule::assess::observation;
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::{Claim, LevelNames, Part, Piece, Seen, Wording};
use crate::design::rule::{Conducted, Method, Plan, Protocol, Rule, Voice, conduct_wording};
use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Conduct, Counts, Level, MAX_PATIENTS, Ruling, Situation, StopReason, Suspension};
use std::ops::RangeInclusive;

/// An interval design whose cohorts are followed while lower levels are filled up.
#[derive(Debug)]
pub struct Backfilled<M> {
    /// The design; its decision table reaches as far as [`most_patients`].
    pub complete: Conducted<M>,
    /// The most patients at a level that is open for backfilling.
    pub max_per_level: usize,
}

/// The largest number of patients of a trial under these conduct rules that fills lower levels up to `max_per_level`.
#[must_use]
pub fn most_patients(conduct: &Conduct, max_per_level: usize) -> usize {
    conduct.max_patients + max_per_level * (conduct.levels - 1)
}

impl<M: Method> Backfilled<M> {
    /// What the design makes of the data of the levels from `first` to `last` together.
    fn call(&self, evaluated: &Counts, first: Level, last: Level) -> Call {
        let (patients, dlts) = (first..=last)
            .fold((0, 0), |(patients, dlts), level| (patients + evaluated.patients(level), dlts + evaluated.dlts(level)));
        // An interval design has a table.
        self.complete.method.decision_table().map_or(Call::Stay, |table| table.call(patients, dlts))
    }

    /// The highest level that is open for backfilling below the current one.
    #[must_use]
    pub fn open_level(&self, situation: &Situation<'_>) -> Option<Level> {
        let evaluated = situation.evaluated();
        let is_safe = |&level: &Level| {
            let deescalates = |last| self.call(&evaluated, level, last) >= Call::Deescalate;
            !deescalates(level) || !deescalates(level + 1)
        };
        let has_room = |&level: &Level| evaluated.patients(level) > 0 && situation.counts.patients(level) < self.max_per_level;
        (0..situation.current()).take_while(is_safe).filter(has_room).last()
    }

    /// The highest level below `current` that disagrees with it.
    #[must_use]
    pub fn disagreeing(&self, evaluated: &Counts, current: Level) -> Option<Level> {
        let escalates = self.call(evaluated, current, current) == Call::Escalate;
        let disagrees = |&level: &Level| {
            let call = self.call(evaluated, level, level);
            evaluated.patients(level) > 0 && if escalates { call != Call::Escalate } else { call >= Call::Deescalate }
        };
        (0..current).rev().find(disagrees)
    }

    /// The level that the data recommend, the limits of conduct aside.
    #[must_use]
    pub fn recommend(&self, evaluated: &Counts, latest: Arrival) -> Level {
        let method = &self.complete.method;
        let current = latest.level();
        let Some(lowest) = self.disagreeing(evaluated, current) else {
            return method.recommend(method.view(evaluated), evaluated, latest);
        };
        let next = match self.call(evaluated, lowest, current) {
            Call::Escalate => current + 1,
            Call::Stay => current,
            Call::Deescalate | Call::Eliminate => {
                let is_held = |&level: &Level| self.call(evaluated, lowest, level) < Call::Deescalate;
                (lowest..=current).rev().find(is_held).unwrap_or(lowest.saturating_sub(1))
            }
        };
        let levels = self.complete.conduct.levels;
        let is_eliminated = |&level: &Level| self.call(evaluated, level, level) == Call::Eliminate;
        let first_eliminated = (0..levels).find(is_eliminated).unwrap_or(levels);
        next.min(first_eliminated.saturating_sub(1))
    }
}

impl<M: Method> PendingRule for Backfilled<M> {
    fn levels(&self) -> usize {
        self.complete.conduct.levels
    }

    fn max_patients(&self) -> usize {
        most_patients(&self.complete.conduct, self.max_per_level)
    }

    fn first_cohort(&self) -> Cohort {
        self.complete.conduct.first_cohort()
    }

    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let Conducted { conduct, method } = &self.complete;
        if situation.of_latest > 0 {
            return match self.open_level(situation) {
                Some(level) => Ruling::Backfill(level as u8),
                None => Ruling::Suspend(Suspension::CohortFollowed),
            };
        }
        let (evaluated, latest) = (situation.evaluated(), situation.latest);
        let is_last = situation.in_cohorts >= conduct.max_patients;
        if !is_last && conduct.is_reached(&evaluated, latest) {
            return Ruling::Close(StopReason::StopAtPatients);
        }
        if method.too_toxic(method.view(&evaluated), &evaluated, latest) {
            return Ruling::Close(StopReason::TooToxic);
        }
        if is_last {
            return Ruling::Close(StopReason::MaxPatients);
        }
        let next = conduct.limit(self.recommend(&evaluated, latest), &evaluated, latest);
        if conduct.has_enough_patients(&evaluated, latest, next) {
            return Ruling::Close(StopReason::StopAtPatients);
        }
        if conduct.has_enough_at_level(&evaluated) {
            return Ruling::Close(StopReason::StopAtLevelPatients);
        }
        Ruling::Enrol(conduct.cohort_at(next, situation.in_cohorts), move_between(latest.level(), next))
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
        &[Suspension::CohortFollowed]
    }

    fn fills_up(&self) -> bool {
        true
    }
}

impl<M: Voice> PendingProtocol for Backfilled<M> {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        let evaluated = situation.evaluated();
        let (latest, current) = (situation.latest, situation.current());
        if situation.of_latest > 0 {
            let followed = format!("{} of the last cohort, at level {}, are pending", situation.of_latest, current + 1);
            return match self.open_level(situation) {
                Some(level) => format!("{followed}; {}, which is open", observation(&evaluated, level)),
                None => format!("{followed}; no lower level is open"),
            };
        }
        let Some(lowest) = self.disagreeing(&evaluated, current) else {
            return Protocol::grounds(&self.complete, &evaluated, latest);
        };
        let observed = |level| observation(&evaluated, level);
        let levels: Vec<String> = (lowest..=current).map(observed).collect();
        let pooled = match self.call(&evaluated, lowest, current) {
            Call::Escalate => "escalate",
            Call::Stay => "stay",
            Call::Deescalate | Call::Eliminate => "de-escalate",
        };
        let words = levels.join(", ");
        format!("{words}; level {} disagrees with level {}, and together they {pooled}", lowest + 1, current + 1)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: String| (name.to_owned(), value);
        let mut lines = vec![
            line(
                "Backfill",
                format!(
                    "while the last cohort is followed, the highest lower level that has been tried, is safe and has fewer than {} \
                     patients; these come in addition to the maximum",
                    self.max_per_level
                ),
            ),
            line(
                "Safe to backfill",
                "a level, and all below it, from which its own data, or those with the next higher level, do not de-escalate".to_owned(),
            ),
            line(
                "Backfilled data",
                "count as soon as they are complete; where a lower level disagrees with the current one, the data from it up are pooled"
                    .to_owned(),
            ),
        ];
        lines.extend(suspension_lines(self.suspensions()));
        lines.extend(Protocol::synopsis(&self.complete));
        lines
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        let Conducted { conduct, method } = &self.complete;
        // The table goes on for a level that is filled up.
        let mut wide = conduct.clone();
        wide.max_patients += self.max_per_level;
        let mut wording = conduct_wording::wording(conduct, method.wording(&wide, names), None, names);
        let filled = format!(
            "A patient who arrives while patients of the last cohort are pending, followed without a DLT so far, is treated at the highest \
             level below that of the cohort that is open, and is turned away where none is. A level is open when somebody has been evaluated \
             there, fewer than {} patients have been treated there, and it and all levels below it are safe: the design would not \
             de-escalate by the data of the level, or not by these and those of the next higher level together.",
            self.max_per_level
        );
        let pooled = format!(
            "The next cohort is decided on when everybody of the last one has been evaluated, by the rules below and with the data of all who \
             have been evaluated, backfilled or not; the planned {} patients are those of the cohorts. A level below the current one \
             disagrees when it has been tried and its data would not escalate although those of the current level do, or would \
             de-escalate or eliminate although those do not escalate. The data from the highest level that disagrees up to the current one \
             are then pooled and decide in place of those of the current level: where they de-escalate, the next cohort goes to the \
             highest of these levels up to which the pooled data would not, or to the level below them.",
            self.complete.conduct.max_patients
        );
        let printed = || {
            let levels = self.complete.conduct.levels;
            let calls = self.complete.method.decision_table().map_or_else(Vec::new, |table| {
                (0..=table.max_patients()).map(|patients| table.row(patients).collect()).collect()
            });
            (levels, calls)
        };
        let filled = Piece::rules(filled, (printed(), self.max_per_level), |(calls, most), situation| {
            (situation.of_latest > 0).then(|| match open_level(calls, *most, situation) {
                Some(level) => Ruling::Backfill(level as u8),
                None => Ruling::Suspend(Suspension::CohortFollowed),
            })
        });
        let pooled = Piece::claimed(pooled, Claim::recommends_evaluated(printed(), pooled_level));
        let pieces = vec![filled.about("backfill"), pooled];
        wording.parts.insert(1.min(wording.parts.len()), Part::new("Backfilling of lower levels", pieces));
        wording
    }

    fn cautions(&self) -> Vec<(&'static str, String)> {
        Protocol::cautions(&self.complete)
    }
}

/// The number of levels, and what the printed table calls for: for no patient, one, two and so on, no DLT first.
type Calls = (usize, Vec<Vec<Call>>);

/// What the table calls for by the data of these levels together.
fn called((_, calls): &Calls, counts: &Counts, levels: RangeInclusive<Level>) -> Call {
    let (patients, dlts): (Vec<usize>, Vec<usize>) = levels.map(|level| (counts.patients(level), counts.dlts(level))).unzip();
    let row = calls.get(patients.iter().sum::<usize>());
    row.and_then(|row| row.get(dlts.iter().sum::<usize>())).copied().unwrap_or(Call::Stay)
}

/// The level that is open, as the words have it.
fn open_level(calls: &Calls, most: usize, situation: &Situation<'_>) -> Option<Level> {
    let evaluated = situation.evaluated();
    let held = |level: Level, last: Level| called(calls, &evaluated, level..=last) < Call::Deescalate;
    let is_safe = |level: Level| held(level, level) || held(level, level + 1);
    let is_open =
        |&level: &Level| evaluated.patients(level) > 0 && situation.counts.patients(level) < most && (0..=level).all(is_safe);
    (0..situation.current()).filter(is_open).max()
}

/// The level to which pooled data lead, where a lower level disagrees, as the words have it.
fn pooled_level(calls: &Calls, seen: &Seen<'_>) -> Option<Level> {
    let (counts, current) = (seen.counts, seen.current());
    let at = |level: Level| called(calls, counts, level..=level);
    let disagrees = |&level: &Level| {
        counts.patients(level) > 0
            && match at(current) {
                Call::Escalate => at(level) != Call::Escalate,
                _ => at(level) >= Call::Deescalate,
            }
    };
    let lowest = (0..current).filter(disagrees).max()?;
    let next = match called(calls, counts, lowest..=current) {
        Call::Escalate => current + 1,
        Call::Stay => current,
        Call::Deescalate | Call::Eliminate => {
            let is_held = |&level: &Level| called(calls, counts, lowest..=level) < Call::Deescalate;
            (lowest..=current).filter(is_held).max().unwrap_or(lowest.saturating_sub(1))
        }
    };
    let highest = (0..calls.0).take_while(|&level| at(level) != Call::Eliminate).last().unwrap_or(0);
    Some(next.min(highest))
}

/// Read the key `backfill` of a design under these conduct rules: the most patients at a level.
pub(in crate::design) fn read_backfill(keys: &mut Keys<'_>, conduct: &Conduct) -> Option<usize> {
    let mut table = keys.table("backfill")?;
    table.require("max_per_level");
    let max_per_level = table.whole("max_per_level", 1..=MAX_PATIENTS);
    table.finish();
    let max_per_level = max_per_level?;
    if conduct.titration.is_some() {
        let message = "found together with `titration`, whose single patients are waited for; allowed: one of the two";
        keys.complain("backfill", message, None);
    }
    if conduct.levels == 1 {
        keys.warn("backfill", "there is no lower level to fill up");
    }
    let most = most_patients(conduct, max_per_level);
    if most > MAX_PATIENTS {
        let message = format!(
            "found {max_per_level} patients at each of {} lower levels beside {} in cohorts, {most} together; allowed: at most {MAX_PATIENTS}",
            conduct.levels - 1,
            conduct.max_patients
        );
        keys.complain("backfill", message, None);
        return None;
    }
    Some(max_per_level)
}

/// The design, with backfilling where that is asked for.
pub(in crate::design) fn plan<M: Voice + 'static>(complete: Conducted<M>, backfill: Option<usize>) -> Plan {
    match backfill {
        Some(max_per_level) => Plan::LateOnset(Box::new(Backfilled { complete, max_per_level })),
        None => Plan::Rule(Box::new(complete)),
    }
}
