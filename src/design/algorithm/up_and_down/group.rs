//! The group up-and-down design, UD(s, c_L, c_U).
//!
//! # What it does
//! Cohorts of s patients climb and descend the levels by their own DLTs, whatever earlier cohorts had. The end selects by isotonic
//! regression.
//!
//! # Rule
//! With y DLTs in the cohort just treated at level j:
//!
//! | y | next cohort |
//! |---|---|
//! | y ≤ c_L | level j + 1 |
//! | c_L < y < c_U | level j |
//! | y ≥ c_U | level j − 1 |
//!
//! There is no move below the lowest level or above the highest: the level stays. The walk centres around the toxicity at which a
//! step up and a step down are equally likely, Pr(Y ≤ c_L) = Pr(Y ≥ c_U) with Y binomial (s, p): a property of s, c_L and c_U, not of
//! the target of the study. Examples: UD(3, 0, 2) 0.347, UD(3, 0, 1) 0.206, UD(2, 0, 1) 0.293, UD(4, 0, 2) 0.266.
//!
//! Selection: the level whose isotonic estimate is closest to the target, as [`crate::design::rule::selection`] has it without elimination.
//!
//! # Parameters
//! `dosebench keys up-and-down` lists them. c_L is `escalate_if_at_most`, c_U is `deescalate_if_at_least`, s is `cohort_size`, and
//! `first_cohort_size` is the same. A last cohort that was cut to fit is judged by the same numbers of DLTs, which matters to `selection =
//! "next"` alone. `too_toxic_cutoff` and `too_toxic_rate` compare Pr(toxicity of level 1 > rate) under a uniform prior on that level's
//! toxicity; they never stop the trial without a DLT there.
//!
//! # Where it differs from the paper or the R package
//! The papers end with an estimate of the dose at the centre of the walk; here one of the levels is selected, by the target of the
//! study, as in [`super::biased_coin`]. With s = 1, c_L = 0 and c_U = 1 it is the classical up-and-down method, which centres on 0.5.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Wetherill (1963), Journal of the Royal Statistical Society B 25, 1-48. Gezmu and Flournoy (2006), Journal of Statistical Planning and
//! Inference 136, 1749-1764.

use super::{END_KEYS, Step, UpAndDown, read_end};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::{ConductKeys, Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::{Key, Keys};
use crate::trial::{Conduct, MAX_COHORT};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "up-and-down",
    title: "Group up-and-down",
    sentence: "Cohorts go up, down or stay by their own DLTs, whatever earlier cohorts had.",
    reference: "Gezmu and Flournoy (2006), Journal of Statistical Planning and Inference 136, 1749-1764",
    example: "method = \"up-and-down\"\ncohort_size = 4\nescalate_if_at_most = 0\ndeescalate_if_at_least = 2\nmax_patients = 24",
    situations: 1_788,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&CONDUCT),
    keys: &[&[&ESCALATE_IF_AT_MOST.about, &DEESCALATE_IF_AT_LEAST.about], END_KEYS],
    read,
};

/// By how much the centre of the walk may miss the target before somebody is told.
const NEAR: f64 = 0.05;

/// The toxicity at which a step up and a step down are equally likely, cohorts being of `size` patients.
#[must_use]
pub fn centre(size: usize, escalate_if_at_most: u8, deescalate_if_at_least: u8) -> f64 {
    let excess = |p: f64| {
        // The probability of each number of DLTs, patient by patient.
        let mut dlts = [0.0; MAX_COHORT + 1];
        dlts[0] = 1.0;
        for patients in 1..=size {
            for y in (1..=patients).rev() {
                dlts[y] = dlts[y] * (1.0 - p) + dlts[y - 1] * p;
            }
            dlts[0] *= 1.0 - p;
        }
        let up: f64 = dlts[..=usize::from(escalate_if_at_most)].iter().sum();
        let down: f64 = dlts[usize::from(deescalate_if_at_least)..=size].iter().sum();
        up - down
    };
    // The excess falls from 1 to -1.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle) > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// A walk that does not centre around the target.
pub(super) fn cautions(step: Step, target: f64, conduct: &Conduct) -> Vec<(&'static str, String)> {
    let Step::Group { escalate_if_at_most, deescalate_if_at_least } = step else { return Vec::new() };
    let centre = centre(conduct.cohort_size, escalate_if_at_most, deescalate_if_at_least);
    let message = format!(
        "the walk centres around a DLT probability of {centre:.3}, where a step up and a step down are equally likely; the target is {target}"
    );
    if (centre - target).abs() > NEAR { vec![("deescalate_if_at_least", message)] } else { Vec::new() }
}

static CONDUCT: ConductKeys = ConductKeys { first_cohort_size: &FIRST_COHORT_SIZE, ..ConductKeys::PLAIN };
static FIRST_COHORT_SIZE: Key<usize> =
    Key::whole("first_cohort_size", 1..=MAX_COHORT, "The number of patients in the first cohort, the same as in every other.")
        .further("as `cohort_size`")
        .or_derived("cohort_size")
        .unit("patients")
        .group(group::COHORTS);
const SIZE: &str = "cohort_size";
const SIZE_LESS_1: &str = "cohort_size - 1";
const ONE_MORE: &str = "escalate_if_at_most + 1";
static ESCALATE_IF_AT_MOST: Key<usize> = Key::whole(
    "escalate_if_at_most",
    0..=MAX_COHORT - 1,
    "The number of DLTs in a cohort up to which the next one goes a level up.",
)
.up_to(SIZE_LESS_1)
.required()
.unit("DLTs")
.group(group::DECISION);
static DEESCALATE_IF_AT_LEAST: Key<usize> = Key::whole(
    "deescalate_if_at_least",
    1..=MAX_COHORT,
    "The number of DLTs in a cohort from which the next one goes a level down.",
)
.from(ONE_MORE)
.up_to(SIZE)
.required()
.unit("DLTs")
.group(group::DECISION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let size = conduct.cohort_size;
    if keys.has("first_cohort_size") && conduct.first_cohort_size != size {
        let found = conduct.first_cohort_size;
        keys.complain("first_cohort_size", format!("found {found}; allowed: {size}, as `cohort_size`"), None);
    }
    keys.know(SIZE, size as f64);
    keys.know(SIZE_LESS_1, (size - 1) as f64);
    let escalate = keys.get(&ESCALATE_IF_AT_MOST);
    if let Some(escalate) = escalate {
        keys.know(ONE_MORE, (escalate + 1) as f64);
    }
    let deescalate = keys.get(&DEESCALATE_IF_AT_LEAST);
    let (ending, too_toxic) = read_end(keys, context.target);
    // At most MAX_COHORT, so both fit a byte.
    let step = Step::Group { escalate_if_at_most: escalate? as u8, deescalate_if_at_least: deescalate? as u8 };
    let method = UpAndDown::new(context.levels, context.target, step, ending, too_toxic);
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (1 - p)^s = 1 - (1 - p)^s at the centre of UD(s, 0, 1), and UD(4, 0, 2) solves (1 - p)^4 = 1 - (1 - p)^4 - 4 p (1 - p)^3.
    #[test]
    fn the_centre_solves_its_equation() {
        for (size, root) in [(1, 0.5), (2, 1.0 - 0.5f64.sqrt()), (3, 1.0 - libm::cbrt(0.5))] {
            assert!((centre(size, 0, 1) - root).abs() < 1e-12);
        }
        let p = centre(4, 0, 2);
        let none = (1.0 - p).powi(4);
        assert!((none - (1.0 - none - 4.0 * p * (1.0 - p).powi(3))).abs() < 1e-12);
        let shown = |size, up, down| format!("{:.3}", centre(size, up, down));
        assert_eq!([shown(3, 0, 2), shown(3, 0, 1), shown(2, 0, 1), shown(4, 0, 2)], ["0.347", "0.206", "0.293", "0.266"]);
    }
}
