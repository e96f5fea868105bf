//! The 3+3 family.
//!
//! # What it does
//! Cohorts of three climb the levels; a level is left upwards with 0 of 3 or at most 1 of 6 DLTs, and is too toxic with 2. The
//! protocols that go by this name differ in what happens then, and at the top level: the variants below.
//!
//! # Rule
//! With n patients and y DLTs at the current level:
//!
//! | n | y | |
//! |---|---|---|
//! | 3 | 0 | the level is fine |
//! | 3 | 1 | treat three more at this level |
//! | 6 | ≤ 1 | the level is fine |
//! | 3 or 6 | ≥ 2 | the level is too toxic |
//!
//! A fine level is followed by the next one up. Level 1 too toxic: no dose is selected. Otherwise:
//! - **S**: a level too toxic selects the level below, whatever its number of patients. The top level fine selects it, with 3
//!   patients if need be.
//! - **D**: a level too toxic sends the trial to the level below when that has only 3 patients: three more, then at most 1 of 6
//!   selects it, and 2 make it too toxic as well. With 6 patients there it is selected at once. Top level as in S.
//! - **K**: as D, and the top level needs 6 patients too: 0 of 3 there is followed by three more, then at most 1 of 6 selects
//!   it, and 2 make it too toxic. The selected level is the highest with at most 1 DLT in 6 patients.
//! - **S, top dose confirmed**: as S, but the top level needs 6 patients; 2 DLTs there select the level below.
//!
//! **S1, D1, K1** treat one patient first: no DLT leads to level 2, a DLT to two more at level 1 (the first DLT counts) and then
//! to the table. Level 2 too toxic selects level 1 in S1, even with its one patient; in D1 and K1 two more are treated there
//! (two DLTs: too toxic), then three more whatever happened, and at most 1 of 6 selects it. With one level only, S1 and D1 accept
//! 0 of 1 there; K1 treats two more, then three more.
//!
//! # Parameters
//! `deescalate` (true), `confirm_top_dose` (true), `first_cohort_size` (3; 1 or 3), `start_level` (1, no other). Cohort sizes and
//! the number of patients follow from the rule.
//!
//! # Where it differs from the paper or the R package
//! S is `escalation::get_three_plus_three(allow_deescalate = FALSE)` 0.2.3 and UBCRM 1.0.2 `sim3p3`; D is the former with
//! `allow_deescalate = TRUE`; K, whose top level is confirmed, is in neither, and is the usual wording of a protocol. A protocol
//! that treats one patient first rarely says what happens on coming back to that level: to complete it to 3, then to 6, is the
//! reading taken here.
//!
//! # References
//! Storer (1989), Biometrics 45, 925-937. Lin and Shih (2001), Biostatistics 2, 203-215.

mod wording;

use super::decision_list::decision_list;
use super::read::refuse_conduct;
use super::wording::{LevelNames, Wording};
use super::{Context, MethodEntry, Plan, Rule, RuleTable};
use crate::keys::Keys;
use crate::trial::{Arrival, Cohort, Counts, Decision, Level, Move, StopReason};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "3+3",
    title: "3+3",
    reference: "Storer (1989), Biometrics 45, 925-937; Lin and Shih (2001), Biostatistics 2, 203-215",
    example: "method = \"3+3\"\nfirst_cohort_size = 1",
    read,
};

/// Patients that a level has before it is judged.
const GROUP: usize = 3;
/// Patients that a level has at most.
const FULL: usize = 6;
/// DLTs that make a level too toxic.
const TOO_MANY: usize = 2;

/// One of the 3+3 rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreePlusThree {
    /// The number of dose levels.
    pub levels: usize,
    /// Whether a level below one that is too toxic gets 6 patients before it is selected.
    pub deescalate: bool,
    /// Whether the top level gets 6 patients before it is selected.
    pub confirm_top_dose: bool,
    /// Patients in the first cohort: 1 or 3.
    pub first_cohort_size: usize,
}

impl ThreePlusThree {
    /// The short name of the variant, to be printed with every result: there is no standard 3+3.
    #[must_use]
    pub fn variant(&self) -> &'static str {
        match (self.deescalate, self.confirm_top_dose, self.first_cohort_size == 1) {
            (false, false, false) => "S",
            (true, false, false) => "D",
            (true, true, false) => "K",
            (false, true, false) => "S, top dose confirmed",
            (false, false, true) => "S1",
            (true, false, true) => "D1",
            (true, true, true) => "K1",
            (false, true, true) => "S1, top dose confirmed",
        }
    }

    /// Why the rule has no answer after a cohort at `level`. It judges a level at 3 or 6 patients, completes one that has fewer
    /// than 3, goes up to levels without patients only, and down to levels that were fine.
    fn objection_at(&self, counts: &Counts, level: Level) -> Option<String> {
        let (patients, dlts) = (counts.patients(level), counts.dlts(level));
        let has = |level: Level| {
            let (patients, dlts) = (counts.patients(level), counts.dlts(level));
            let plural = |count: usize| if count == 1 { "" } else { "s" };
            format!("level {} has {patients} patient{} and {dlts} DLT{}", level + 1, plural(patients), plural(dlts))
        };
        let is_judged = |level: Level| match counts.patients(level) {
            GROUP | FULL => true,
            1 => level == 0 && self.first_cohort_size == 1,
            _ => false,
        };
        let is_completed = patients < GROUP && dlts < TOO_MANY && !(patients == 1 && self.first_cohort_size == 1);
        if !is_judged(level) && !is_completed {
            return Some(format!("{}, and the rule judges a level at {GROUP} or {FULL} patients", has(level)));
        }
        let came_down = level + 1 < self.levels && counts.dlts(level + 1) >= TOO_MANY;
        if dlts >= TOO_MANY && patients >= GROUP {
            let below = level.checked_sub(1)?;
            let can_be_completed = self.deescalate && counts.patients(below) < GROUP;
            let fine = counts.dlts(below) < TOO_MANY && (is_judged(below) || can_be_completed);
            return (!fine).then(|| format!("the rule goes down from level {}, but {}", level + 1, has(below)));
        }
        if came_down {
            let stopped = !self.deescalate && patients < FULL;
            return stopped.then(|| format!("{}, and the rule had stopped below level {}", has(level), level + 2));
        }
        let goes_up = patients >= FULL || (dlts == 0 && is_judged(level));
        (goes_up && level + 1 < self.levels && counts.patients(level + 1) > 0)
            .then(|| format!("the rule goes up from level {}, but {}", level + 1, has(level + 1)))
    }

    /// The cohort that completes `level` to 3 patients, or to 6.
    fn completing(level: Level, patients: usize) -> Cohort {
        let size = if patients < GROUP { GROUP } else { FULL };
        Cohort { level: level as u8, patients: (size - patients) as u8 }
    }

    /// What follows when `level` is too toxic.
    fn go_down(&self, counts: &Counts, level: Level) -> Decision {
        let Some(below) = level.checked_sub(1) else {
            return Decision::Stop(None, StopReason::TooToxic);
        };
        let patients = counts.patients(below);
        if !self.deescalate || patients >= FULL {
            return Decision::Stop(Some(below as u8), StopReason::MtdDeclared);
        }
        Decision::Enrol(Self::completing(below, patients), Move::Deescalate)
    }

    /// What follows when `level` is fine and no level above is known to be too toxic.
    fn go_up(&self, counts: &Counts, level: Level) -> Decision {
        let patients = counts.patients(level);
        if level + 1 < self.levels {
            Decision::Enrol(Cohort { level: level as u8 + 1, patients: GROUP as u8 }, Move::Escalate)
        } else if self.confirm_top_dose && patients < FULL {
            Decision::Enrol(Self::completing(level, patients), Move::Expand)
        } else {
            Decision::Stop(Some(level as u8), StopReason::MtdDeclared)
        }
    }
}

impl Rule for ThreePlusThree {
    fn levels(&self) -> usize {
        self.levels
    }

    fn max_patients(&self) -> usize {
        FULL * self.levels
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: self.first_cohort_size as u8 }
    }

    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        let level = arrival.cohort.level as usize;
        let (patients, dlts) = (counts.patients(level), counts.dlts(level));
        let single = patients == 1 && self.first_cohort_size == 1;
        // The rule needs no memory: it came down to this level exactly when the level above has been found too toxic.
        let came_down = level + 1 < self.levels && counts.dlts(level + 1) >= TOO_MANY;
        if dlts >= TOO_MANY && patients >= GROUP {
            self.go_down(counts, level)
        } else if patients >= FULL && came_down {
            Decision::Stop(Some(level as u8), StopReason::MtdDeclared)
        } else if patients >= FULL || (dlts == 0 && !came_down && (patients >= GROUP || single)) {
            self.go_up(counts, level)
        } else {
            Decision::Enrol(Self::completing(level, patients), Move::Expand)
        }
    }

    fn table(&self) -> RuleTable<'_> {
        RuleTable::List(decision_list(self))
    }

    fn objection(&self, counts: &Counts, arrival: Arrival) -> Option<String> {
        self.objection_at(counts, arrival.cohort.level as usize)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut lines = vec![line("3+3 variant", self.variant())];
        if self.first_cohort_size == 1 {
            lines.push(line(
                "First cohort",
                "1 patient at level 1; no DLT: level 2; a DLT: 2 more at level 1, the first DLT counts",
            ));
        }
        lines.push(line("After 3 patients", "0 DLTs: escalate; 1 DLT: 3 more at the level; 2 or more: the level is too toxic"));
        lines.push(line("After 6 patients", "at most 1 DLT: escalate; 2 or more: the level is too toxic"));
        let too_toxic = if self.deescalate {
            "level 1: stop, no dose; otherwise the level below is selected when it has 6 patients, else completed to 6 and \
             selected with at most 1 DLT in 6"
        } else {
            "level 1: stop, no dose; otherwise the level below is selected, whatever its number of patients"
        };
        lines.push(line("A level that is too toxic", too_toxic));
        let top = match (self.confirm_top_dose, self.deescalate) {
            (true, true) => "needs 6 patients to be selected; 2 or more DLTs make it too toxic (protocols often leave this open)",
            (true, false) => {
                "needs 6 patients to be selected; 2 or more DLTs select the level below (protocols often leave this open)"
            }
            (false, _) => "selected with 0 DLTs in 3 or at most 1 in 6 (protocols often leave this open)",
        };
        lines.push(line("Top level", top));
        if self.first_cohort_size == 1 && self.levels > 1 {
            let back = if self.deescalate {
                "level 1 is completed to 3; 2 or more DLTs: stop, no dose; otherwise to 6, and selected with at most 1 DLT \
                 (protocols often leave this open)"
            } else {
                "level 1 is selected with its one patient (protocols often leave this open)"
            };
            lines.push(line("Coming back to one patient at level 1", back));
        } else if self.first_cohort_size == 1 {
            let only = if self.confirm_top_dose { "2 more, then 3 more" } else { "the level is selected" };
            lines.push(line("One level, no DLT in the first patient", only));
        }
        lines.push(line("Maximum patients", &format!("{} by the rule itself", self.max_patients())));
        lines
    }

    fn wording(&self, names: &LevelNames) -> Wording<'_> {
        wording::wording(*self, names)
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let taken = ["start_level", "first_cohort_size"];
    let reason = "does not apply to method \"3+3\": its conduct and its size follow from its rule";
    let help = "the 3+3 takes `deescalate`, `confirm_top_dose`, `first_cohort_size` (1 or 3) and `start_level = 1`";
    refuse_conduct(keys, &taken, reason, help);
    keys.whole("start_level", 1..=1);
    let deescalate = keys.flag("deescalate").unwrap_or(true);
    let confirm_top_dose = keys.flag("confirm_top_dose").unwrap_or(true);
    let first_cohort_size = keys.whole("first_cohort_size", 1..=GROUP).unwrap_or(GROUP);
    if first_cohort_size == 2 {
        keys.complain("first_cohort_size", "found 2; allowed: 1 or 3", None);
        return None;
    }
    Some(Plan::Rule(Box::new(ThreePlusThree { levels: context.levels, deescalate, confirm_top_dose, first_cohort_size })))
}
