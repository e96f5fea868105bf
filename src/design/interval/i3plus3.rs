//! The i3+3 design.
//!
//! # What it does
//! Compares the DLT proportion at the current level with an interval around the target; above it, it also asks what one DLT fewer
//! would have meant.
//!
//! # Rule
//! With φ the target, a = φ − ε₁, b = φ + ε₂ and y DLTs among the n patients at the current level:
//! - y/n < a escalates;
//! - a ≤ y/n ≤ b stays;
//! - y/n > b stays when (y − 1)/n < a, since a single DLT then takes the proportion from below the interval to above it, and
//!   de-escalates otherwise.
//!
//! There is no move below the lowest level, above the highest, or into an eliminated one. Elimination and selection as for BOIN:
//! [`crate::design::rule::selection`]. The trial stops without a dose when level 1 is eliminated.
//!
//! # Parameters
//! `dosebench keys i3+3` lists them.
//!
//! # Where it differs from the paper or the R package
//! Proportions are compared as fractions. FIND 0.1.1 and PhIdesign 0.2.0 compare rounded numbers and so decide some proportions
//! at an end of the interval otherwise: 0.2 − 0.05 is 0.15000000000000002 in floating point, so that 3 of 20 escalates there and
//! stays here.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Liu, Wang and Ji (2020), Journal of Biopharmaceutical Statistics 30, 294-304.

use super::{Around, BACKFILLED_KEYS, IntervalRule, IntervalVoice, MARGIN_KEYS, Shared, read_margins, side, side_of};
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::Keys;
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::Threshold;
use std::cmp::Ordering;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "i3+3",
    title: "i3+3",
    sentence: "Compares the DLT proportion with an interval around the target, and above it asks what one DLT fewer would have meant.",
    reference: "Liu, Wang and Ji (2020), Journal of Biopharmaceutical Statistics 30, 294-304",
    example: "method = \"i3+3\"\ncohort_size = 3\nmax_patients = 30",
    situations: 15_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[MARGIN_KEYS, BACKFILLED_KEYS],
    read,
};

/// The rule of i3+3.
#[derive(Clone, Debug)]
pub struct I3Plus3 {
    around: Around,
    below: Threshold,
    above: Threshold,
}

impl I3Plus3 {
    /// The rule for a target and the margins below and above it, which leave room to 0 and to 1.
    #[must_use]
    pub fn new(target: f64, margins: [f64; 2]) -> Self {
        let around = Around::new(target, margins);
        Self { below: Threshold::new(around.below.clone()), above: Threshold::new(around.above.clone()), around }
    }
}

impl IntervalRule for I3Plus3 {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        if self.below.compare(dlts, patients) == Ordering::Less {
            Call::Escalate
        } else if self.above.compare(dlts, patients) != Ordering::Greater
            // Above the interval there is a DLT to take away.
            || self.below.compare(dlts - 1, patients) == Ordering::Less
        {
            Call::Stay
        } else {
            Call::Deescalate
        }
    }
}

impl IntervalVoice for I3Plus3 {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        let around = &self.around;
        let call = self.call(patients, dlts);
        if call == Call::Stay && self.above.compare(dlts, patients) == Ordering::Greater {
            return format!("above {around}, but below it with one DLT fewer");
        }
        format!("{} {around}", side(call))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let around = &self.around;
        vec![
            ("Escalate".to_owned(), format!("when the DLT proportion at the current level is below {around}")),
            ("De-escalate".to_owned(), "when it is above, and would not be below with one DLT fewer; stay otherwise".to_owned()),
        ]
    }

    fn sentences(&self) -> String {
        format!(
            "The table follows from the interval from {}. The dose is escalated by one level when the proportion with a DLT is \
             below the interval, and de-escalated by one level when it is above, unless with one DLT fewer it would be below; \
             otherwise the next cohort is treated at the current level.",
            self.around
        )
    }

    fn claim(&self) -> Claim {
        let data = (to_f64(&self.around.below), to_f64(&self.around.above));
        Claim::calls(data, |&(below, above), patients, dlts| {
            let is_below = |dlts: usize| side_of(dlts as f64 / patients as f64, below) == Ordering::Less;
            let is_above = side_of(dlts as f64 / patients as f64, above) == Ordering::Greater;
            if is_below(dlts) {
                Call::Escalate
            } else if is_above && !is_below(dlts - 1) {
                Call::Deescalate
            } else {
                Call::Stay
            }
        })
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let shared = Shared::read(keys, context);
    Some(shared.plan(I3Plus3::new(context.target, read_margins(keys, context.target)?)))
}
