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
//! With **titration**, single patients climb the levels and not only the first: [`crate::trial::Titration`]. The level at which that
//! ends is filled up to 3. A level with one patient is treated on the way down as D1 and K1 treat level 1, and selected with that
//! patient in S. Titration by two levels at a time passes over levels; de-escalation treats three patients there first.
//!
//! # Parameters
//! `dosebench keys 3+3` lists them. `titration` does not go with S when it passes over levels. Cohort sizes and the number of patients
//! follow from the rule.
//!
//! # Where it differs from the paper or the R package
//! S is `escalation::get_three_plus_three(allow_deescalate = FALSE)` 0.2.3 and UBCRM 1.0.2 `sim3p3`; D is the former with
//! `allow_deescalate = TRUE`; K, whose top level is confirmed, is in neither, and is the usual wording of a protocol. A protocol
//! that treats one patient first rarely says what happens on coming back to that level: to complete it to 3, then to 6, is the
//! reading taken here.
//!
//! # References
//! Storer (1989), Biometrics 45, 925-937. Lin and Shih (2001), Biostatistics 2, 203-215.

use super::a_plus_b::{APlusB, Numbers, REST_KEYS, Start, read_rest};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::read::refuse_conduct;
use crate::design::rule::{Context, MethodEntry, Plan};
use crate::keys::{Key, Keys};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "3+3",
    title: "3+3",
    sentence: "Cohorts of three climb the levels, one that leaves it open is followed by three more, and two DLTs end the climb.",
    reference: "Storer (1989), Biometrics 45, 925-937; Lin and Shih (2001), Biostatistics 2, 203-215",
    example: "method = \"3+3\"\nfirst_cohort_size = 1",
    situations: 1_301,
    exceptions: &[],
    conduct: None,
    keys: &[&[&FIRST_COHORT_SIZE.about], REST_KEYS],
    read,
};

/// The numbers of the 3+3 as an A+B design.
pub const NUMBERS: Numbers = Numbers { a: 3, b: 3, c: 1, d: 1, e: 1 };

/// The 3+3 on `levels` dose levels that treats three patients first, or one.
#[must_use]
pub fn three_plus_three(levels: usize, deescalate: bool, confirm_top_dose: bool, one_patient_first: bool) -> APlusB {
    let start = if one_patient_first { Start::OnePatient } else { Start::Group };
    APlusB { levels, numbers: NUMBERS, deescalate, confirm_top_dose, start }
}

static FIRST_COHORT_SIZE: Key<usize, usize> =
    Key::whole("first_cohort_size", 1..=NUMBERS.a, "The number of patients in the first cohort of the trial.")
        .or(NUMBERS.a)
        .further("1 or 3")
        .unit("patients")
        .group(group::COHORTS);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let taken = ["start_level", "first_cohort_size", "titration"];
    let reason = "does not apply to method \"3+3\": its conduct and its size follow from its rule";
    let help = "the 3+3 takes `deescalate`, `confirm_top_dose`, `first_cohort_size` (1 or 3), `titration` and `start_level = 1`";
    refuse_conduct(keys, &taken, reason, help);
    let first_cohort_size = keys.get(&FIRST_COHORT_SIZE);
    if first_cohort_size == 2 {
        keys.complain("first_cohort_size", "found 2; allowed: 1 or 3", None);
        return None;
    }
    read_rest(keys, context.levels, NUMBERS, if first_cohort_size == 1 { Start::OnePatient } else { Start::Group })
}
