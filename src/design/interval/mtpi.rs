//! The modified toxicity probability interval design (mTPI).
//!
//! # What it does
//! Divides the toxicities from 0 to 1 into three: below, within and above an interval around the target. The part that is most
//! probable for its length, given the data at the current level, says whether to escalate, to stay or to de-escalate.
//!
//! # Rule
//! With φ the target, y DLTs among the n patients at the current level and a uniform prior, the toxicity p has the posterior
//! distribution Beta(1 + y, 1 + n − y). The unit probability masses are
//!
//! UPM_E = Pr(p < φ − ε₁) / (φ − ε₁),  UPM_S = Pr(φ − ε₁ < p < φ + ε₂) / (ε₁ + ε₂),  UPM_D = Pr(p > φ + ε₂) / (1 − φ − ε₂).
//!
//! The largest escalates (E), stays (S) or de-escalates (D); of equal ones the more cautious. There is no move below the lowest
//! level, above the highest, or into an eliminated one. Elimination and selection as for BOIN: [`crate::design::rule::selection`]. The
//! trial stops without a dose when level 1 is eliminated.
//!
//! With `safety = "never-escalate"` a level that is too toxic is not left for that reason: nobody escalates to it, or beyond it,
//! and the trial stops when it is level 1. This is the rule of the papers, in which the escalating interval does not compete
//! where the next level is too toxic; here an escalation that is forbidden stays. Levels that are too toxic, and all above, are
//! not selected by isotonic regression.
//!
//! # Parameters
//! `dosebench keys mtpi` lists them.
//!
//! # Where it differs from the paper or the R package
//! The comparison is exact, the numbers being the decimals as written. At φ = 0.25 and both margins 0.05, 1 DLT in 2 has UPM_S =
//! UPM_D exactly: it de-escalates. The decisions are those of `escalation::get_mtpi` 0.2.3. That package stops at level 1
//! only when it would also de-escalate, asks for 2 patients, excludes from Pr = ξ on, and selects by an isotonic regression of
//! posterior means over all levels; the paper asks for no number of patients (`elimination_min_patients = 1`). Code that caps the
//! de-escalation boundary at the elimination boundary gives the table of the default here: DU where the paper stays at a level
//! that is too toxic.
//!
//! The published operating characteristics are those of the isotonic regression: with target 0.25, 30 patients and toxicities
//! 0.05, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95 the paper selects levels 1, 2 and 3 in 14, 78 and 8 % of trials; the exact numbers
//! are 13.6, 78.4 and 7.5 %, and 12.9, 75.8 and 10.8 % with `selection = "next"`. In `escalation`'s own regression levels
//! without patients take part with their prior mean, so that it selects otherwise: a figure is that of a design with its selection
//! rule. mTPI stays at 3 DLTs in 6 for a target of 0.3, which has been criticised; mTPI-2 de-escalates.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Ji, Liu, Li and Bekele (2010), Clinical Trials 7, 653-663.

use super::{
    Around, BACKFILLED_KEYS, IntervalRule, IntervalVoice, MARGIN_KEYS, Pieces, SAFETY, Shared, by_largest_mass, read_margins,
    side,
};
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::Keys;
use crate::numeric::binomial::to_f64;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "mtpi",
    title: "mTPI",
    sentence: "Goes by the most probable for its length of three intervals: below, within and above that around the target.",
    reference: "Ji, Liu, Li and Bekele (2010), Clinical Trials 7, 653-663",
    example: "method = \"mtpi\"\ncohort_size = 3\nmax_patients = 30",
    situations: 7_500,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[MARGIN_KEYS, &[&SAFETY.about], BACKFILLED_KEYS],
    read,
};

/// The rule of mTPI.
#[derive(Clone, Debug)]
pub struct Mtpi {
    around: Around,
    pieces: Pieces,
}

impl Mtpi {
    /// The rule for a target and the margins below and above it, which leave room to 0 and to 1, for up to `max_patients`
    /// patients.
    #[must_use]
    pub fn new(target: f64, margins: [f64; 2], max_patients: usize) -> Self {
        let around = Around::new(target, margins);
        let edges = vec![BigRational::zero(), around.below.clone(), around.above.clone(), BigRational::one()];
        let pieces = Pieces::new(edges, vec![Call::Escalate, Call::Stay, Call::Deescalate], max_patients);
        Self { around, pieces }
    }
}

impl IntervalRule for Mtpi {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        self.pieces.call(patients, dlts)
    }
}

impl IntervalVoice for Mtpi {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        format!("the unit probability mass is largest {} {}", side(self.call(patients, dlts)), self.around)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let around = &self.around;
        vec![
            ("Escalate".to_owned(), format!("when the unit probability mass below {around} is the largest")),
            ("De-escalate".to_owned(), "when that above is; stay when that within is".to_owned()),
        ]
    }

    fn sentences(&self) -> String {
        format!(
            "The table follows from the unit probability masses below, within and above the interval from {}: the probability \
             that the toxicity of the level lies there, given its data and a uniform prior, divided by the length. The dose is \
             escalated by one level when the mass below is the largest, and de-escalated by one level when the mass above is; \
             when the mass within is the largest, the next cohort is treated at the current level. Of equal masses the more \
             cautious decides.",
            self.around
        )
    }

    fn claim(&self) -> Claim {
        let (below, above) = (to_f64(&self.around.below), to_f64(&self.around.above));
        by_largest_mass(vec![(0.0, below, Call::Escalate), (below, above, Call::Stay), (above, 1.0, Call::Deescalate)])
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let mut shared = Shared::read(keys, context);
    shared.settings.safety = keys.get(&SAFETY);
    let rule = Mtpi::new(context.target, read_margins(keys, context.target)?, shared.conduct.max_patients);
    Some(shared.plan(rule))
}
