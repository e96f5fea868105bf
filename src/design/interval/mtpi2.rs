//! The modified toxicity probability interval design 2 (mTPI-2).
//!
//! # What it does
//! Divides the toxicities from 0 to 1 into pieces as long as an interval around the target. The piece that is most probable for
//! its length, given the data at the current level, says by its side of the target what to do.
//!
//! # Rule
//! With φ the target, y DLTs among the n patients at the current level and a uniform prior, the toxicity p has the posterior
//! distribution Beta(1 + y, 1 + n − y). From the interval φ − ε₁ to φ + ε₂ on, pieces of length ε₁ + ε₂ are cut off in both
//! directions; those at 0 and at 1 may be shorter. The unit probability mass of a piece is its probability divided by its length.
//! The piece with the largest escalates when it lies below the interval around the target, stays when it is that interval, and
//! de-escalates when it lies above; of equal ones the more cautious counts. There is no move below the lowest level, above the
//! highest, or into an eliminated one. Elimination and selection as for BOIN: [`crate::design::rule::selection`]. The trial stops without a
//! dose when level 1 is eliminated.
//!
//! With `safety = "never-escalate"` a level that is too toxic is not left for that reason: nobody escalates to it, or beyond it,
//! and the trial stops when it is level 1. This is the rule of the papers, in which the escalating interval does not compete
//! where the next level is too toxic; here an escalation that is forbidden stays. Levels that are too toxic, and all above, are
//! not selected by isotonic regression.
//!
//! # Parameters
//! `dosebench keys mtpi2` lists them.
//!
//! # Where it differs from the paper or the R package
//! The decisions are those of `escalation::get_mtpi2` 0.2.3 and FIND 0.1.1, and those of the package Keyboard. All comparisons
//! are exact. Differences in conduct and selection as for mTPI ([`super::mtpi`]). A published figure belongs to its selection
//! rule and its minimum of patients for safety, which the papers and programs on mTPI-2 do not share: say both beside the name of
//! the design. At a target of 0.25, 1 DLT in 3 de-escalates; a protocol that stays there has another design, with other operating
//! characteristics.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Guo, Wang, Yang, Lynn and Ji (2017), Contemporary Clinical Trials 58, 23-33.

use super::{
    Around, BACKFILLED_KEYS, IntervalRule, IntervalVoice, MARGIN_KEYS, Pieces, SAFETY, Shared, by_largest_mass, keys_around,
    read_margins, side,
};
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::Keys;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "mtpi2",
    title: "mTPI-2",
    sentence: "Goes by the piece of the toxicities that is most probable for its length, all pieces being as long as the interval around the target.",
    reference: "Guo, Wang, Yang, Lynn and Ji (2017), Contemporary Clinical Trials 58, 23-33",
    example: "method = \"mtpi2\"\ncohort_size = 3\nmax_patients = 30",
    situations: 15_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[MARGIN_KEYS, &[&SAFETY.about], BACKFILLED_KEYS],
    read,
};

/// The rule of mTPI-2.
#[derive(Clone, Debug)]
pub struct Mtpi2 {
    around: Around,
    pieces: Pieces,
}

impl Mtpi2 {
    /// The rule for a target and the margins below and above it, which leave room to 0 and to 1, for up to `max_patients`
    /// patients.
    #[must_use]
    pub fn new(target: f64, margins: [f64; 2], max_patients: usize) -> Self {
        let around = Around::new(target, margins);
        let pieces = Pieces::keys(&around, true, max_patients);
        Self { around, pieces }
    }
}

impl IntervalRule for Mtpi2 {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        self.pieces.call(patients, dlts)
    }
}

impl IntervalVoice for Mtpi2 {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        format!("the piece with the largest unit probability mass lies {} {}", side(self.call(patients, dlts)), self.around)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let around = &self.around;
        vec![
            ("Escalate".to_owned(), format!("when the piece with the largest unit probability mass lies below {around}")),
            ("De-escalate".to_owned(), "when it lies above; stay when it is that interval".to_owned()),
        ]
    }

    fn sentences(&self) -> String {
        format!(
            "The table follows from unit probability masses. The toxicities are divided into the interval from {} and pieces of \
             the same length below and above it, of which those at 0 and at 1 may be shorter. The mass of a piece is the \
             probability that the toxicity of the level lies there, given its data and a uniform prior, divided by the length. \
             The dose is escalated by one level when the piece with the largest mass lies below the interval, and de-escalated \
             by one level when it lies above; when it is the interval itself, the next cohort is treated at the current level. \
             Of equal masses the more cautious decides.",
            self.around
        )
    }

    fn claim(&self) -> Claim {
        by_largest_mass(keys_around(&self.around, true))
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let mut shared = Shared::read(keys, context);
    shared.settings.safety = keys.get(&SAFETY);
    let rule = Mtpi2::new(context.target, read_margins(keys, context.target)?, shared.conduct.max_patients);
    Some(shared.plan(rule))
}
