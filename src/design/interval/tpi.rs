//! The toxicity probability interval design (TPI).
//!
//! # What it does
//! Divides the toxicities from 0 to 1 into three: below, within and above an interval around the target whose width is a multiple
//! of the posterior standard deviation. The most probable part, given the data at the current level, says whether to
//! escalate, to stay or to de-escalate.
//!
//! # Rule
//! With φ the target, y DLTs among the n patients at the current level and a Beta(0.005, 0.005) prior, the toxicity p has the
//! posterior distribution Beta(0.005 + y, 0.005 + n − y), with standard deviation σ. Of
//!
//! Pr(p < φ − K₂σ),  Pr(φ − K₂σ ≤ p ≤ φ + K₁σ),  Pr(p > φ + K₁σ)
//!
//! the largest escalates, stays or de-escalates; of equal ones the more cautious. There is no move below the lowest level, above
//! the highest, or into an eliminated one. Elimination and selection as for BOIN: [`crate::design::rule::selection`]. The trial stops
//! without a dose when level 1 is eliminated.
//!
//! With `safety = "never-escalate"` a level that is too toxic is not left for that reason: nobody escalates to it, or beyond it,
//! and the trial stops when it is level 1. This is the rule of the papers, in which the escalating interval does not compete
//! where the next level is too toxic; here an escalation that is forbidden stays. Levels that are too toxic, and all above, are
//! not selected by isotonic regression.
//!
//! # Parameters
//! `dosebench keys tpi` lists them.
//!
//! # Where it differs from the paper or the R package
//! The three are probabilities, not divided by a length as in mTPI. They are incomplete beta functions and no fractions, so that
//! they are worked out in floating point, to 1e-11 and on every processor alike; two that differ by less than 1e-9 count as
//! equal. The decisions are those of `escalation::get_tpi` 0.2.3. A level is too toxic here, as in all interval designs, by a
//! uniform prior; the paper takes its own prior, with which even 1 DLT in 1 would be too toxic at the usual cutoff, and asks for
//! no number of patients.
//!
//! The published selection is that of the isotonic regression: with target 0.25, 30 patients and toxicities 0.05, 0.25, 0.5, 0.6,
//! 0.7, 0.8, 0.9, 0.95 the paper selects levels 1, 2 and 3 in 13, 79 and 8 % of trials; the exact numbers are 13.2, 79.0 and 7.5
//! %, and 15.5, 74.7 and 9.4 % with `selection = "next"`. Its mean numbers of patients, 7.7, 16.1 and 5.8, are not met by K₁ = 1
//! and K₂ = 1.5, which give 7.4, 17.8 and 4.4. K₁ and K₂ multiply the standard deviation σ, not the variance.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Ji, Li and Bekele (2007), Clinical Trials 4, 235-244.

use super::{BACKFILLED_KEYS, IntervalRule, IntervalVoice, SAFETY, Shared, side};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::{Key, Keys, Within};
use crate::numeric::beta::lower_tail;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "tpi",
    title: "TPI",
    sentence: "Goes by the most probable of three intervals, whose width follows from the posterior standard deviation.",
    reference: "Ji, Li and Bekele (2007), Clinical Trials 4, 235-244",
    example: "method = \"tpi\"\ncohort_size = 3\nmax_patients = 30",
    situations: 15_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[&[&K1.about, &K2.about, &SAFETY.about], BACKFILLED_KEYS],
    read,
};

/// Both parameters of the prior distribution.
const PRIOR: f64 = 0.005;

/// Probabilities that differ by less count as equal.
const NEAR_TIE: f64 = 1e-9;

/// The rule of TPI.
#[derive(Clone, Debug)]
pub struct Tpi {
    target: f64,
    k1: f64,
    k2: f64,
}

impl Tpi {
    /// The rule for a target; the interval reaches `k1` posterior standard deviations above and `k2` below it.
    #[must_use]
    pub fn new(target: f64, k1: f64, k2: f64) -> Self {
        Self { target, k1, k2 }
    }

    /// The limits of the interval, which may lie beyond 0 and 1.
    fn limits(&self, patients: usize, dlts: usize) -> (f64, f64) {
        let [a, b] = posterior(patients, dlts);
        let deviation = (a * b / (a + b + 1.0)).sqrt() / (a + b);
        (self.target - self.k2 * deviation, self.target + self.k1 * deviation)
    }
}

/// The parameters of the posterior distribution.
fn posterior(patients: usize, dlts: usize) -> [f64; 2] {
    [PRIOR + dlts as f64, PRIOR + (patients - dlts) as f64]
}

impl IntervalRule for Tpi {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        let [a, b] = posterior(patients, dlts);
        let (low, high) = self.limits(patients, dlts);
        let below = lower_tail(a, b, low);
        // The tail itself, not what is left of 1, so that a small one is exact.
        let above = lower_tail(b, a, 1.0 - high);
        let within = 1.0 - below - above;
        if above + NEAR_TIE > below.max(within) {
            Call::Deescalate
        } else if within + NEAR_TIE > below {
            Call::Stay
        } else {
            Call::Escalate
        }
    }
}

impl IntervalVoice for Tpi {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        let (low, high) = self.limits(patients, dlts);
        let side = side(self.call(patients, dlts));
        format!("its toxicity is most probably {side} {:.3} to {:.3}", low.max(0.0), high.min(1.0))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let Self { target, k1, k2 } = self;
        vec![
            (
                "Interval".to_owned(),
                format!(
                    "{k2} posterior standard deviations below to {k1} above the target {target}; prior Beta({PRIOR}, {PRIOR})"
                ),
            ),
            ("Escalate".to_owned(), "when the toxicity of the current level is most probably below the interval".to_owned()),
            ("De-escalate".to_owned(), "when most probably above; stay when most probably within".to_owned()),
        ]
    }

    fn sentences(&self) -> String {
        let Self { target, k1, k2 } = self;
        format!(
            "The table follows from the posterior distribution of the toxicity of the level, given its data and a Beta({PRIOR}, \
             {PRIOR}) prior, and from the interval that reaches from {k2} of its standard deviations below {target} to {k1} \
             above. The dose is escalated by one level when the toxicity is most probably below the interval, and de-escalated \
             by one level when it is most probably above; when it is most probably within, the next cohort is treated at the \
             current level. Of equal probabilities the more cautious decides."
        )
    }

    fn claim(&self) -> Claim {
        Claim::calls((self.target, self.k1, self.k2), |&(target, k1, k2), patients, dlts| {
            let (a, b) = (PRIOR + dlts as f64, PRIOR + (patients - dlts) as f64);
            let mean = a / (a + b);
            let deviation = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
            let up_to = |x: f64| if x <= 0.0 { 0.0 } else { lower_tail(a, b, x.min(1.0)) };
            let (low, high) = (up_to(target - k2 * deviation), up_to(target + k1 * deviation));
            let masses = [low, high - low, 1.0 - high];
            let is_largest = |mass: f64| masses.iter().all(|other| mass + NEAR_TIE > *other);
            match masses {
                [_, _, above] if is_largest(above) => Call::Deescalate,
                [_, within, _] if is_largest(within) => Call::Stay,
                _ => Call::Escalate,
            }
        })
    }
}

const MULTIPLE: Within = Within::OpenClosed(0.0, 10.0);
static K1: Key<f64, f64> =
    Key::number("k1", MULTIPLE, "K₁, how many posterior standard deviations the acceptable toxicities reach above the target.")
        .or(1.0)
        .group(group::DECISION);
static K2: Key<f64, f64> =
    Key::number("k2", MULTIPLE, "K₂, how many posterior standard deviations the acceptable toxicities reach below the target.")
        .or(1.5)
        .group(group::DECISION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let mut shared = Shared::read(keys, context);
    shared.settings.safety = keys.get(&SAFETY);
    let (k1, k2) = (keys.get(&K1), keys.get(&K2));
    Some(shared.plan(Tpi::new(context.target, k1, k2)))
}
