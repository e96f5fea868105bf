//! The keys of a BLRM in a study file.

use super::{Blrm, BlrmSelection, BlrmSettings, Choice, Declaration};
use crate::design::model::logistic::read_prior;
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Keys, Within};
use crate::trial::MAX_PATIENTS;

/// Read a `[[design]]` block with `method = "blrm"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    Some(Plan::Rule(Box::new(read_conducted(keys, context)?)))
}

/// Read the conduct rules and the method.
pub(super) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Blrm>> {
    let conduct = read_conduct(keys, context, true);
    let prior = read_prior(keys);
    keys.require("reference_dose");
    let reference_dose = keys.number("reference_dose", Within::Open(0.0, f64::INFINITY));
    let target_interval = read_target_interval(keys);
    let overdose_limit = keys.number("overdose_limit", Within::Open(0.0, 1.0));
    let escalation_factor = keys.number("escalation_factor", Within::Closed(1.0, 1000.0));
    let choice = keys.choice("choice", &[("target", Choice::Target), ("highest", Choice::Highest)]);
    let selection = keys.choice("selection", &[("tried", BlrmSelection::Tried), ("next", BlrmSelection::Next)]);
    let declaration = read_declaration(keys);
    let settings = BlrmSettings {
        doses: context.doses().to_vec(),
        reference_dose: reference_dose?,
        prior: prior?,
        target: context.target,
        target_interval: target_interval?,
        overdose_limit: overdose_limit.unwrap_or(0.25),
        escalation_factor: escalation_factor.unwrap_or(2.0),
        choice: choice.unwrap_or(Choice::Target),
        selection: selection.unwrap_or(BlrmSelection::Tried),
        declaration,
    };
    let method = Blrm::new(settings, conduct.max_patients)?;
    Some(Conducted { conduct, method })
}

/// The ends of the target interval.
fn read_target_interval(keys: &mut Keys<'_>) -> Option<[f64; 2]> {
    let ends = keys.numbers("target_interval", Within::Open(0.0, 1.0), Some((2, "end of the target interval")));
    if !keys.has("target_interval") {
        return Some([0.16, 0.33]);
    }
    let [low, high] = ends?.try_into().ok()?;
    if low >= high {
        keys.complain("target_interval", format!("found [{low}, {high}]; allowed: the lower end first"), None);
        return None;
    }
    Some([low, high])
}

/// When the MTD is declared early.
fn read_declaration(keys: &mut Keys<'_>) -> Option<Declaration> {
    let min_patients = keys.whole("declare_min_patients", 1..=MAX_PATIENTS);
    let probability = keys.number("declare_probability", Within::Open(0.0, 1.0));
    let total_patients = keys.whole("declare_total_patients", 1..=MAX_PATIENTS);
    for key in ["declare_probability", "declare_total_patients"] {
        if keys.has(key) && !keys.has("declare_min_patients") {
            keys.complain(
                key,
                "says when the MTD is declared; allowed: only together with `declare_min_patients`",
                Some("declare_min_patients = 6".to_owned()),
            );
        }
    }
    Some(Declaration { min_patients: min_patients?, probability: probability.unwrap_or(0.5), total_patients })
}
