//! How much a pending patient counts in the likelihood of a model.

use crate::design::rule::conduct_keys::group;
use crate::keys::{Key, Worded};
use crate::trial::{Level, Situation};

/// How much a pending patient counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// As the share of the window followed.
    Linear,
    /// By when DLTs were seen in the window (Cheung and Chappell, 2000).
    Adaptive,
}

static WEIGHTS: [Worded<Weights>; 2] = [
    ("linear", Weights::Linear, "The weight is the share of the window for which the patient has been followed."),
    ("adaptive", Weights::Adaptive, "The weight grows with the follow-up by when in the window DLTs were seen in the trial."),
];

/// How much a pending patient counts.
pub(in crate::design) static WEIGHTS_KEY: Key<Weights, Weights> =
    Key::word("weights", &WEIGHTS, "How much a pending patient without a DLT so far counts in the likelihood.")
        .or_word("linear")
        .group(group::PENDING);

impl Weights {
    /// The weight of a patient who has been `followed` for this share of the window, DLTs having been seen at `dlt_times`, shares
    /// of the window, ascending.
    #[must_use]
    pub fn weight(self, followed: f64, dlt_times: &[f64]) -> f64 {
        if self == Self::Linear || dlt_times.is_empty() {
            return followed.min(1.0);
        }
        let seen = dlt_times.partition_point(|&time| time <= followed);
        let before = if seen == 0 { 0.0 } else { dlt_times[seen - 1] };
        let after = dlt_times.get(seen).copied().unwrap_or(1.0);
        if after <= before {
            return 1.0;
        }
        ((seen as f64 + (followed - before) / (after - before)) / (dlt_times.len() + 1) as f64).min(1.0)
    }
    /// The pending patients of a situation by level and weight, written to the first of `room`.
    pub fn of<'r>(self, situation: &Situation<'_>, room: &'r mut [(Level, f64)]) -> &'r [(Level, f64)] {
        let count = situation.pending.len().min(room.len());
        for (place, patient) in room.iter_mut().zip(situation.pending) {
            *place = (patient.level as Level, self.weight(patient.followed, situation.dlt_times));
        }
        &room[..count]
    }

    /// The line of a synopsis.
    pub(in crate::design) fn synopsis(self) -> (String, String) {
        let value = match self {
            Self::Linear => "weighted by the share of the window followed",
            Self::Adaptive => "weighted by when in the window DLTs were seen (adaptive weights)",
        };
        ("Pending patients".to_owned(), format!("{value}; the model never suspends accrual"))
    }

    /// How pending patients are weighted, as a sentence of a protocol.
    pub(in crate::design) fn sentence(self) -> String {
        let weight = match self {
            Self::Linear => "the share of the window for which the patient has been followed",
            Self::Adaptive => {
                "linear in the follow-up between the times after entry at which DLTs were seen in the trial, each of these, 0 and the end of \
                 the window being equally far apart in weight, from 0 to 1"
            }
        };
        format!(
            "A pending patient counts in the model with a weight w: the likelihood is 1 - w p, p being the DLT probability of the patient's \
             level. The weight is {weight}."
        )
    }
}
