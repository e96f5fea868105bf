//! The cumulative cohort design (CCD).
//!
//! # What it does
//! Compares the DLT proportion of all patients at the current level with two boundaries, as far below as above the target.
//!
//! # Rule
//! With φ the target, Δ the margin and y DLTs among the n patients at the current level: y/n ≤ φ − Δ escalates, y/n ≥ φ + Δ
//! de-escalates, all else stays. There is no move below the lowest level, above the highest, or into an eliminated one.
//! Elimination and selection as for BOIN: [`crate::design::rule::selection`]. The trial stops without a dose when level 1 is eliminated.
//!
//! # Parameters
//! `dosebench keys ccd` lists them.
//!
//! # Where it differs from the paper or the R package
//! The original design has no safety rule; the elimination was added. Whether a proportion of φ + Δ de-escalates is read in both
//! ways: `upper_boundary`. Proportions are compared as fractions. Code in floating point (IntervalDesign) finds 0.3 − 0.1 a
//! little below 0.2, so that 1 of 5 at a target of 0.3 stays there and escalates here.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Ivanova, Flournoy and Chung (2007), Journal of Statistical Planning and Inference 137, 2316-2327.

use super::{Around, BACKFILLED_KEYS, IntervalRule, IntervalVoice, Shared, read_margin, side_of};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::{Key, Keys, Within, Worded};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::{Threshold, decimal};
use num_rational::BigRational;
use num_traits::One;
use std::cmp::Ordering;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "ccd",
    title: "CCD",
    sentence: "Compares the DLT proportion at the current level with two boundaries as far below as above the target.",
    reference: "Ivanova, Flournoy and Chung (2007), Journal of Statistical Planning and Inference 137, 2316-2327",
    example: "method = \"ccd\"\ncohort_size = 3\nmax_patients = 30",
    situations: 15_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[&[&MARGIN.about, &UPPER_BOUNDARY.about], BACKFILLED_KEYS],
    read,
};

/// What a DLT proportion at the upper boundary does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpperBoundary {
    /// It de-escalates.
    Inclusive,
    /// It stays.
    Strict,
}

/// The rule of the cumulative cohort design.
#[derive(Clone, Debug)]
pub struct Ccd {
    around: Around,
    below: Threshold,
    above: Threshold,
    upper_boundary: UpperBoundary,
}

impl Ccd {
    /// The rule for a target and a margin, which leaves room to 0 and to 1.
    #[must_use]
    pub fn new(target: f64, margin: f64, upper_boundary: UpperBoundary) -> Self {
        let around = Around::new(target, [margin, margin]);
        Self { below: Threshold::new(around.below.clone()), above: Threshold::new(around.above.clone()), around, upper_boundary }
    }

    /// The lower and the upper boundary, and how a proportion lies at or above the latter.
    fn boundaries(&self) -> [String; 3] {
        let at = match self.upper_boundary {
            UpperBoundary::Inclusive => "at least",
            UpperBoundary::Strict => "above",
        };
        [to_f64(&self.around.below).to_string(), to_f64(&self.around.above).to_string(), at.to_owned()]
    }
}

/// The usual margin for a target.
#[must_use]
pub fn usual_margin(target: f64) -> f64 {
    match target {
        low if low < 0.3 => 0.09,
        low if low < 0.4 => 0.10,
        low if low < 0.45 => 0.12,
        _ => 0.13,
    }
}

impl IntervalRule for Ccd {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        let above = self.above.compare(dlts, patients);
        if self.below.compare(dlts, patients) != Ordering::Greater {
            Call::Escalate
        } else if above == Ordering::Greater || (above == Ordering::Equal && self.upper_boundary == UpperBoundary::Inclusive) {
            Call::Deescalate
        } else {
            Call::Stay
        }
    }
}

impl IntervalVoice for Ccd {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        let [below, above, at] = self.boundaries();
        match self.call(patients, dlts) {
            Call::Escalate => format!("at most {below}"),
            Call::Stay => format!("between {below} and {above}"),
            Call::Deescalate | Call::Eliminate => format!("{at} {above}"),
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let [below, above, at] = self.boundaries();
        vec![
            ("Escalate".to_owned(), format!("when the DLT proportion at the current level is at most {below}")),
            ("De-escalate".to_owned(), format!("when it is {at} {above}; stay otherwise")),
        ]
    }

    fn sentences(&self) -> String {
        let [below, above, at] = self.boundaries();
        format!(
            "The dose is escalated by one level when the proportion with a DLT is at most {below}, and de-escalated by one level \
             when it is {at} {above}; otherwise the next cohort is treated at the current level."
        )
    }

    fn claim(&self) -> Claim {
        let data = (to_f64(&self.around.below), to_f64(&self.around.above), self.upper_boundary == UpperBoundary::Inclusive);
        Claim::calls(data, |&(below, above, is_inclusive), patients, dlts| {
            let proportion = dlts as f64 / patients as f64;
            match (side_of(proportion, below), side_of(proportion, above)) {
                (Ordering::Less | Ordering::Equal, _) => Call::Escalate,
                (_, Ordering::Greater) => Call::Deescalate,
                (_, Ordering::Equal) if is_inclusive => Call::Deescalate,
                _ => Call::Stay,
            }
        })
    }
}

static MARGIN: Key<f64> = Key::number(
    "margin",
    Within::Open(0.0, 1.0),
    "How far below and above the target the boundaries for the DLT proportion lie.",
)
.or_derived("0.09 for a target below 0.3, 0.1 below 0.4, 0.12 below 0.45, 0.13 from there")
.further("at least 0.001 and below the smaller of target and 1 - target")
.group(group::DECISION);
static BOUNDARIES: [Worded<UpperBoundary>; 2] =
    [("inclusive", UpperBoundary::Inclusive, "It de-escalates."), ("strict", UpperBoundary::Strict, "It stays.")];
static UPPER_BOUNDARY: Key<UpperBoundary, UpperBoundary> =
    Key::word("upper_boundary", &BOUNDARIES, "What a DLT proportion at the upper boundary does.")
        .or_word("inclusive")
        .group(group::DECISION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let shared = Shared::read(keys, context);
    let upper_boundary = keys.get(&UPPER_BOUNDARY);
    let target = decimal(context.target);
    let room = (BigRational::one() - &target).min(target);
    let margin = read_margin(keys, &MARGIN, |margin| margin.unwrap_or_else(|| usual_margin(context.target)), &room)?;
    Some(shared.plan(Ccd::new(context.target, margin, upper_boundary)))
}
