//! The Bayesian optimal interval design (BOIN).
//!
//! # What it does
//! Compares the DLT proportion at the current level with two fixed boundaries around the target φ: below, escalate; above,
//! de-escalate; between, stay. Levels that are too toxic are eliminated; the end selects by isotonic regression.
//!
//! # Rule
//! With φ₁ the highest toxicity deemed too low and φ₂ the lowest deemed too high,
//!
//! λₑ = ln((1 − φ₁)/(1 − φ)) / ln(φ(1 − φ₁)/(φ₁(1 − φ))),  λ_d = ln((1 − φ)/(1 − φ₂)) / ln(φ₂(1 − φ)/(φ(1 − φ₂))).
//!
//! With y DLTs among the n patients at the current level: y ≤ nλₑ escalates, y > nλ_d de-escalates, all else stays. There is no
//! move below the lowest level, above the highest, or into an eliminated one: the level stays. Elimination and selection:
//! [`crate::design::rule::selection`]. The trial stops without a dose when level 1 is eliminated.
//!
//! # Parameters
//! `dosebench keys boin` lists them. `titration`, a conduct rule here, is an option of the R package's design. `backfill` fills lower
//! levels up, as with every interval design: see [`crate::design::rule::pending::backfill`].
//!
//! The target lies from 0.05 to 0.6.
//!
//! # Where it differs from the paper or the R package
//! Equal to `BOIN::get.boundary` and `BOIN::get.oc` 2.7.2 except as said here. A DLT proportion of exactly λ_d stays as in R,
//! where the paper de-escalates; one of exactly λₑ escalates as in the paper, where R stays because its λₑ is rounded. Both are
//! decided by comparing powers of fractions, the rates being the decimals as written. As in R the extra-safe rule is not looked
//! at where no number of DLTs could eliminate. The fill-up of a titration is cut to the planned number of patients, where R
//! counts a DLT without a patient. After the last cohort a level 1 that is too toxic is reported as such; R reports the
//! same selection, none, as a trial that ran to its end.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Liu and Yuan (2015), JRSS C 64, 507-523.

mod wording;

use super::{BACKFILLED_KEYS, Interval, IntervalRule, IntervalSettings, IntervalVoice, Shared};
use crate::design::rule::assess::percent;
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::Call;
use crate::design::rule::selection::{Selects, TABLE_LENGTH};
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Conducted, Context, MethodEntry, Plan};
use crate::keys::{Description, Key, Keys, Within};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::{decimal, ratio};
use crate::trial::Conduct;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "boin",
    title: "BOIN",
    sentence: "Compares the DLT proportion at the current level with two fixed boundaries around the target.",
    reference: "Liu and Yuan (2015), JRSS C 64, 507-523",
    example: "method = \"boin\"\ncohort_size = 3\nmax_patients = 30",
    situations: 11_584,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[RULE_KEYS, BACKFILLED_KEYS],
    read,
};

/// The toxicities between which BOIN tells, and what it makes of 1 DLT in 3.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    /// The target DLT probability φ.
    pub target: f64,
    /// φ₁, the highest toxicity deemed too low; 0.6 times the target when absent.
    pub safe_rate: Option<f64>,
    /// φ₂, the lowest toxicity deemed too high; 1.4 times the target when absent.
    pub toxic_rate: Option<f64>,
    /// Whether 1 DLT in 3 stays where it would de-escalate.
    pub stay_at_1_of_3: bool,
}

impl Rates {
    /// The defaults for a target.
    #[must_use]
    pub fn new(target: f64) -> Self {
        Self { target, safe_rate: None, toxic_rate: None, stay_at_1_of_3: false }
    }

    /// φ, φ₁ and φ₂ as the decimals they were written as.
    fn exact(&self) -> [BigRational; 3] {
        let target = decimal(self.target);
        let safe = self.safe_rate.map_or_else(|| decimal(0.6) * &target, decimal);
        let toxic = self.toxic_rate.map_or_else(|| decimal(1.4) * &target, decimal);
        [target, safe, toxic]
    }

    /// What the design cannot work with, all of it: the limits of R's `get.boundary` and those of probabilities.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let [target, safe, toxic] = self.exact();
        let (zero, one, tenth) = (BigRational::zero(), BigRational::one(), &target / ratio(10, 1));
        if target < decimal(0.05) || target > decimal(0.6) {
            let message = format!("found a target of {}; allowed with BOIN: from 0.05 to 0.6", self.target);
            return vec![Fault { key: "method", message }];
        }
        let mut faults = Vec::new();
        let (below, above) = (&target - &tenth, &target + &tenth);
        if safe <= zero || safe > below {
            let message =
                format!("found {}; allowed: above 0 and at most {}, 0.9 times the target", to_f64(&safe), to_f64(&below));
            faults.push(Fault { key: "safe_rate", message });
        }
        if toxic < above || toxic >= one {
            let message =
                format!("found {}; allowed: at least {}, 1.1 times the target, and below 1", to_f64(&toxic), to_f64(&above));
            faults.push(Fault { key: "toxic_rate", message });
        }
        faults
    }
}

/// A setting that the design cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Fault {
    /// The key of the study file; `method` where the target of the study does not suit.
    pub key: &'static str,
    /// What was found and what is allowed.
    pub message: String,
}

/// The rule of BOIN.
#[derive(Clone, Debug)]
pub struct Boin {
    rates: Rates,
    lambda_e: f64,
    lambda_d: f64,
    /// For 0, 1, ... patients: escalate with at most, de-escalate with at least so many DLTs.
    bounds: Vec<[usize; 2]>,
}

impl Boin {
    /// The rule.
    ///
    /// # Errors
    /// Everything that is wrong with the rates, as [`Rates::faults`] tells.
    pub fn new(rates: Rates) -> Result<Self, Vec<Fault>> {
        let faults = rates.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let [target, safe, toxic] = rates.exact();
        let escalation = Boundary::between(&safe, &target);
        let deescalation = Boundary::between(&target, &toxic);
        let bounds = (0..TABLE_LENGTH).map(|patients| {
            let mut deescalate_if_ge = deescalation.floor_of_rounded_multiple(patients) + 1;
            if rates.stay_at_1_of_3 && patients == 3 {
                deescalate_if_ge = deescalate_if_ge.max(2);
            }
            [escalation.floor_of_multiple(patients), deescalate_if_ge]
        });
        Ok(Self { bounds: bounds.collect(), lambda_e: escalation.lambda, lambda_d: deescalation.lambda, rates })
    }

    /// λₑ and λ_d.
    #[must_use]
    pub fn boundaries(&self) -> (f64, f64) {
        (self.lambda_e, self.lambda_d)
    }
}

impl IntervalRule for Boin {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        match self.bounds.get(patients) {
            Some(&[escalate_if_le, _]) if dlts <= escalate_if_le => Call::Escalate,
            Some(&[_, deescalate_if_ge]) if dlts >= deescalate_if_ge => Call::Deescalate,
            _ => Call::Stay,
        }
    }
}

impl IntervalVoice for Boin {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        let (escalation, deescalation) = (percent(self.lambda_e), percent(self.lambda_d));
        match self.call(patients, dlts) {
            Call::Escalate => format!("at most {escalation}"),
            Call::Deescalate | Call::Eliminate => format!("above {deescalation}"),
            Call::Stay if self.rates.stay_at_1_of_3 && patients == 3 && dlts as f64 / 3.0 > self.lambda_d => {
                format!("above {deescalation}, but 1 DLT in 3 stays")
            }
            Call::Stay => format!("between {escalation} and {deescalation}"),
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        wording::synopsis(self)
    }

    fn sentences(&self) -> String {
        wording::sentences(self)
    }

    fn claim(&self) -> Claim {
        wording::claim(&self.rates)
    }

    fn exception(&self) -> Option<&'static str> {
        let words = "1 DLT in 3 patients keeps the level, whatever the boundaries say, unless it eliminates the level.";
        self.rates.stay_at_1_of_3.then_some(words)
    }

    fn cautions(&self, settings: &IntervalSettings, conduct: &Conduct) -> Vec<(&'static str, String)> {
        wording::cautions(&self.rates, settings, conduct)
    }
}

/// The proportion at which two toxicities are equally likely: λ = ln b / ln a.
struct Boundary {
    a: BigRational,
    b: BigRational,
    lambda: f64,
}

impl Boundary {
    /// The boundary between two toxicities, the lower first.
    fn between(lower: &BigRational, upper: &BigRational) -> Self {
        let (lower_none, upper_none) = (BigRational::one() - lower, BigRational::one() - upper);
        let b = &lower_none / upper_none;
        let a = upper / lower * &b;
        let lambda = libm::log(to_f64(&b)) / libm::log(to_f64(&a));
        Self { a, b, lambda }
    }

    /// As [`Boundary::floor_of_multiple`], but a multiple within 1e-14 of a whole number counts as that number. A rate such as 4/19
    /// can only be written rounded to the digits of a double; its boundary then misses a third by less than that, and R's table,
    /// which allows 1e-12, stays there. Decimals that somebody wrote with fewer digits are never so close without a tie.
    fn floor_of_rounded_multiple(&self, n: usize) -> usize {
        let multiple = n as f64 * self.lambda;
        let nearest = multiple.round();
        if (multiple - nearest).abs() < 1e-14 { nearest as usize } else { self.floor_of_multiple(n) }
    }

    /// The largest whole number that is at most nλ, exactly: where the float is too near a whole number y to tell,
    /// y ≤ nλ is decided as aʸ ≤ bⁿ. That holds for y = 0, so the subtraction cannot underflow.
    fn floor_of_multiple(&self, n: usize) -> usize {
        let multiple = n as f64 * self.lambda;
        let nearest = multiple.round();
        if (multiple - nearest).abs() > 1e-9 {
            return multiple.floor() as usize;
        }
        let whole = nearest as usize;
        if num_traits::pow(self.a.clone(), whole) <= num_traits::pow(self.b.clone(), n) { whole } else { whole - 1 }
    }
}

/// The keys of BOIN's rule.
pub(in crate::design) static RULE_KEYS: &[&Description] =
    &[&SAFE_RATE.about, &TOXIC_RATE.about, &STAY_AT_1_OF_3.about, &BOUND_MTD.about];

static SAFE_RATE: Key<f64> =
    Key::number("safe_rate", Within::Open(0.0, 1.0), "φ₁, the highest DLT probability that is deemed too low.")
        .or_derived("0.6 target")
        .further("at most 0.9 target")
        .group(group::DECISION);
static TOXIC_RATE: Key<f64> =
    Key::number("toxic_rate", Within::Open(0.0, 1.0), "φ₂, the lowest DLT probability that is deemed too high.")
        .or_derived("1.4 target")
        .further("at least 1.1 target")
        .group(group::DECISION);
static STAY_AT_1_OF_3: Key<bool, bool> =
    Key::flag("stay_at_1_of_3", "Whether 1 DLT in 3 patients stays where it would de-escalate, unless it eliminates.")
        .or(false)
        .group(group::DECISION);
static BOUND_MTD: Key<bool, bool> =
    Key::flag("bound_mtd", "Whether no level is selected whose estimate is above the de-escalation boundary.")
        .or(false)
        .without(&["selection = \"next\""])
        .group(group::SELECTION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let (shared, rule) = read_rule(keys, context);
    Some(shared.plan(rule?))
}

/// Read the design with its conduct rules.
pub(in crate::design) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Interval<Boin>>> {
    let (shared, rule) = read_rule(keys, context);
    Some(shared.conducted(rule?))
}

/// Read the keys that interval designs share, and the rule.
fn read_rule(keys: &mut Keys<'_>, context: Context) -> (Shared, Option<Boin>) {
    let mut shared = Shared::read(keys, context);
    let rates = Rates {
        target: context.target,
        safe_rate: keys.get(&SAFE_RATE),
        toxic_rate: keys.get(&TOXIC_RATE),
        stay_at_1_of_3: keys.get(&STAY_AT_1_OF_3),
    };
    let bounds_mtd = keys.get(&BOUND_MTD);
    if bounds_mtd && shared.settings.selects == Selects::Next {
        let message = "found together with `selection = \"next\"`, which estimates nothing; allowed: one of the two";
        keys.complain("bound_mtd", message, None);
    }
    let rule = Boin::new(rates).map_err(|faults| {
        for Fault { key, message } in faults {
            keys.complain(key, message, None);
        }
    });
    let rule = rule.ok();
    shared.settings.highest_estimate = rule.as_ref().filter(|_| bounds_mtd).map(|rule| rule.lambda_d);
    (shared, rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The boundary between 4/19 and 9/19 is 1/3, that between 0.4 and 0.6 is 1/2.
    #[test]
    fn a_multiple_that_is_a_whole_number_is_found() {
        for (lower, upper, denominator) in
            [(ratio(4, 19), ratio(9, 19), 3), (decimal(0.4), decimal(0.6), 2), (decimal(0.3), decimal(0.7), 2)]
        {
            let boundary = Boundary::between(&lower, &upper);
            for n in 0..TABLE_LENGTH {
                assert_eq!(boundary.floor_of_multiple(n), n / denominator, "{lower} {upper} {n}");
            }
        }
    }
}
