//! The keyboard design.
//!
//! # What it does
//! Lays keys of equal length over the toxicities from 0 to 1, one of them, the target key, around the target. The strongest key,
//! the one most probable given the data at the current level, says by its side of the target key what to do.
//!
//! # Rule
//! With φ the target, y DLTs among the n patients at the current level and a uniform prior, the toxicity p has the posterior
//! distribution Beta(1 + y, 1 + n − y). The target key reaches from φ − ε₁ to φ + ε₂. The strongest key escalates when it lies
//! below the target key, stays when it is the target key, and de-escalates when it lies above; of equal ones the more cautious
//! counts. There is no move below the lowest level, above the highest, or into an eliminated one. Elimination and selection as
//! for BOIN: [`crate::design::rule::selection`]. The trial stops without a dose when level 1 is eliminated.
//!
//! What is left at 0 and at 1 may be shorter than a key. With `end_keys = "rescaled"`, as in the package, such a key competes
//! with its probability × full length / own length, and the design decides as mTPI-2 does ([`super::mtpi2`]). With `full`, as in
//! the paper, it does not compete. That matters where there is no full key below the target key: at φ = 0.1 with margins of 0.05
//! the paper's design never escalates, whatever the data, which the lint says.
//!
//! # Parameters
//! `dosebench keys keyboard` lists them.
//!
//! # Where it differs from the paper or the R package
//! The decisions are those of `Keyboard::get.boundary.kb` 0.1.3 in all cells compared, those with `full` the ones of PhIdesign
//! 0.2.0. All comparisons are exact. That package's table eliminates from 1 patient on, its simulation, as here, from 3. Its
//! `get.oc.kb` ends a trial right after a cohort that reaches n.earlystop, before any safety rule: `stop_at_patients_when =
//! "reached"`. It ignores its arguments marginL, marginR and cutoff.eli, so that figures made with others than the defaults are
//! figures of the defaults; and its selection ignores the extra-safe rule. At a target of 0.25, 1 DLT in 3 de-escalates; a
//! protocol that stays there has another design, with other operating characteristics.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Yan, Mandrekar and Yuan (2017), Clinical Cancer Research 23, 3994-4003.

use super::{
    Around, BACKFILLED_KEYS, IntervalRule, IntervalVoice, MARGIN_KEYS, Pieces, Shared, by_largest_mass, keys_around, read_margins,
};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::design::rule::{ConductKeys, Context, MethodEntry, Plan};
use crate::keys::{Key, Keys, Worded};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "keyboard",
    title: "Keyboard",
    sentence: "Goes by the most probable of keys of equal length that are laid over the toxicities.",
    reference: "Yan, Mandrekar and Yuan (2017), Clinical Cancer Research 23, 3994-4003",
    example: "method = \"keyboard\"\ncohort_size = 3\nmax_patients = 30",
    situations: 15_000,
    exceptions: super::EXCEPTIONS,
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[MARGIN_KEYS, &[&END_KEYS.about], BACKFILLED_KEYS],
    read,
};

/// What becomes of the keys at 0 and at 1 that are shorter than the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKeys {
    /// They compete as if they were of full length, with the same density.
    Rescaled,
    /// Only full keys compete.
    Full,
}

/// The rule of the keyboard design.
#[derive(Clone, Debug)]
pub struct Keyboard {
    around: Around,
    end_keys: EndKeys,
    keys: Pieces,
}

impl Keyboard {
    /// The rule for a target and the margins below and above it, which leave room to 0 and to 1, for up to `max_patients`
    /// patients.
    #[must_use]
    pub fn new(target: f64, margins: [f64; 2], end_keys: EndKeys, max_patients: usize) -> Self {
        let around = Around::new(target, margins);
        let keys = Pieces::keys(&around, end_keys == EndKeys::Rescaled, max_patients);
        Self { around, end_keys, keys }
    }
}

impl IntervalRule for Keyboard {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        self.keys.call(patients, dlts)
    }
}

impl IntervalVoice for Keyboard {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        let place = match self.call(patients, dlts) {
            Call::Escalate => "below the",
            Call::Stay => "the",
            Call::Deescalate | Call::Eliminate => "above the",
        };
        format!("the strongest key is {place} target key, {}", self.around)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let ends = match self.end_keys {
            EndKeys::Rescaled => "shorter ones at 0 and 1 rescaled",
            EndKeys::Full => "full ones only",
        };
        vec![
            ("Keys".to_owned(), format!("as long as the target key, {}; {ends}", self.around)),
            ("Escalate".to_owned(), "when the strongest key lies below the target key".to_owned()),
            ("De-escalate".to_owned(), "when it lies above; stay when it is the target key".to_owned()),
        ]
    }

    fn sentences(&self) -> String {
        let ends = match self.end_keys {
            EndKeys::Rescaled => {
                "A key at 0 or at 1 that is shorter than the others counts with its probability multiplied by their length and \
                 divided by its own."
            }
            EndKeys::Full => "What is left at 0 and at 1 and is shorter than a key does not count.",
        };
        format!(
            "The table follows from the strongest key. The target key reaches from {}; keys of the same length lie below and \
             above it. The strongest key is the one in which the toxicity of the level lies with the largest probability, given \
             its data and a uniform prior. {ends} The dose is escalated by one level when the strongest key lies below the \
             target key, and de-escalated by one level when it lies above; when it is the target key, the next cohort is treated \
             at the current level. Of equally strong keys the most cautious decides.",
            self.around
        )
    }

    fn claim(&self) -> Claim {
        by_largest_mass(keys_around(&self.around, self.end_keys == EndKeys::Rescaled))
    }
}

static ENDS: [Worded<EndKeys>; 2] = [
    ("rescaled", EndKeys::Rescaled, "They compete as if they were of full length."),
    ("full", EndKeys::Full, "They do not compete."),
];
static END_KEYS: Key<EndKeys, EndKeys> =
    Key::word("end_keys", &ENDS, "What becomes of the keys at 0 and at 1 that are shorter than the others.")
        .or_word("rescaled")
        .group(group::DECISION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let shared = Shared::read(keys, context);
    let end_keys = keys.get(&END_KEYS);
    let margins = read_margins(keys, context.target)?;
    let rule = Keyboard::new(context.target, margins, end_keys, shared.conduct.max_patients);
    Some(shared.plan(rule))
}
