//! The biased-coin design.
//!
//! # What it does
//! One patient at a time climbs and descends the levels: down after a DLT, up after none, but one of the two only when a coin
//! shows heads. The coin is chosen so that the walk centres around the target. The end selects by isotonic regression.
//!
//! # Rule
//! With target Γ ≤ 1/2 and b = Γ / (1 − Γ), after a patient at level j
//! - with a DLT: level j − 1;
//! - without: level j + 1 with probability b, otherwise level j.
//!
//! With Γ > 1/2 the mirror image: up after no DLT; down after a DLT with probability (1 − Γ) / Γ, otherwise the level stays. With
//! Γ = 1/2 no coin is needed. There is no move below the lowest level or above the highest: the level stays. A coin is tossed for every
//! patient and looked at where it matters, so the decision graph has an edge for either side, with its probability.
//!
//! In a long trial the levels are visited in proportion to πⱼ, where πⱼ₊₁ / πⱼ = b (1 − pⱼ) / pⱼ₊₁ for Γ ≤ 1/2: the distribution peaks
//! next to the level whose toxicity is the target (Durham and Flournoy, 1994).
//!
//! The walk leaves patients and DLTs at every level, one by one, so that the decision graph grows quickly: on five levels 0.8 million
//! situations with 18 patients, 10.6 million with 24. With 30 there are more than `max_situations` allows unless it is raised, and
//! the results come from replicates.
//!
//! Selection: the level whose isotonic estimate is closest to the target, as [`crate::design::rule::selection`] has it without elimination.
//!
//! # Parameters
//! `dosebench keys biased-coin` lists them. The cohorts are of one patient. `too_toxic_cutoff` and `too_toxic_rate` compare Pr(toxicity of
//! level 1 > rate) under a uniform prior on that level's toxicity; they never stop the trial without a DLT there.
//!
//! # Where it differs from the paper or the R package
//! Stylianou and Flournoy estimate a dose between the levels, by linear interpolation of the isotonic estimates, for a target quantile.
//! A study here selects one of its levels, whatever their distance in dose, so the level with the nearest estimate is taken. Their
//! regression weighs proportions by the number of patients; here DLTs and patients have 0.05 and 0.1 added, and the weights are the
//! inverse variances, as in `BOIN::select.mtd`, so that designs which differ in their conduct do not differ in their selection too.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Durham and Flournoy (1994), in: Statistical Decision Theory and Related Topics V, 467-476. Durham, Flournoy and Rosenberger (1997),
//! Biometrics 53, 745-760. Stylianou and Flournoy (2002), Biometrics 58, 171-177.

use super::{END_KEYS, Step, UpAndDown, read_end};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::{ConductKeys, Conducted, Context, MethodEntry, Plan, read_conduct};
use crate::keys::{Key, Keys};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::{decimal, ratio};
use num_rational::BigRational;
use num_traits::One;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "biased-coin",
    title: "Biased coin",
    sentence: "One patient at a time goes down after a DLT and up after none, one of the two only when a coin shows heads.",
    reference: "Durham, Flournoy and Rosenberger (1997), Biometrics 53, 745-760; Stylianou and Flournoy (2002), Biometrics 58, 171-177",
    example: "method = \"biased-coin\"\nmax_patients = 18",
    situations: 1_000_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&CONDUCT),
    keys: &[END_KEYS],
    read,
};

/// The step of the biased-coin design for a target between 0 and 1: its coin is worked out on the decimal as written.
#[must_use]
pub fn step(target: f64) -> Step {
    let target = decimal(target);
    let rest = BigRational::one() - &target;
    let tosses_after_dlt = target > ratio(1, 2);
    let heads = if tosses_after_dlt { rest / target } else { target / rest };
    Step::BiasedCoin { heads: to_f64(&heads), tosses_after_dlt }
}

static COHORT_SIZE: Key<usize, usize> =
    Key::whole("cohort_size", 1..=1, "The number of patients in a cohort: the coin is tossed after each.")
        .or(1)
        .unit("patients")
        .group(group::COHORTS);
static FIRST_COHORT_SIZE: Key<usize> =
    Key::whole("first_cohort_size", 1..=1, "The number of patients in the first cohort, one as in every other.")
        .or_derived("cohort_size")
        .unit("patients")
        .group(group::COHORTS);
static CONDUCT: ConductKeys =
    ConductKeys { cohort_size: &COHORT_SIZE, first_cohort_size: &FIRST_COHORT_SIZE, ..ConductKeys::PLAIN.without_titration() };

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    keys.refuse("titration", "does not apply to a biased coin, which treats patients one at a time", None);
    let (ending, too_toxic) = read_end(keys, context.target);
    let method = UpAndDown::new(context.levels, context.target, step(context.target), ending, too_toxic);
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{Arrival, Cohort};
    use std::cmp::Ordering;

    #[test]
    fn the_coin_belongs_to_the_target() {
        assert_eq!(step(0.25), Step::BiasedCoin { heads: 1.0 / 3.0, tosses_after_dlt: false });
        assert_eq!(step(0.5), Step::BiasedCoin { heads: 1.0, tosses_after_dlt: false });
        assert_eq!(step(0.75), Step::BiasedCoin { heads: 1.0 / 3.0, tosses_after_dlt: true });
    }

    #[test]
    fn one_outcome_moves_at_once_and_the_other_waits_for_heads() {
        let direction = |target: f64, dlts, heads| {
            step(target).direction(Arrival { heads, ..Arrival::new(Cohort { level: 1, patients: 1 }, dlts) })
        };
        let of = |target| [(0, false), (0, true), (1, false), (1, true)].map(|(dlts, heads)| direction(target, dlts, heads));
        assert_eq!(of(0.2), [Ordering::Equal, Ordering::Greater, Ordering::Less, Ordering::Less]);
        assert_eq!(of(0.5), [Ordering::Greater, Ordering::Greater, Ordering::Less, Ordering::Less]);
        assert_eq!(of(0.8), [Ordering::Greater, Ordering::Greater, Ordering::Equal, Ordering::Less]);
    }
}
