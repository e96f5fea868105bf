//! The keys of an EWOC design in a study file.

use super::{Beta, Ewoc, EwocSelection, EwocSettings, Rounding};
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Keys, Within};

/// Read a `[[design]]` block with `method = "ewoc"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context, true);
    let feasibility_bound = keys.number("feasibility_bound", Within::OpenClosed(0.0, 0.5));
    let bound_increment = keys.number("bound_increment", Within::Closed(0.0, 0.5));
    let rho_prior = read_beta(keys, "rho_prior");
    let gamma_prior = read_beta(keys, "gamma_prior");
    let rounding = keys.choice("rounding", &[("down", Rounding::Down), ("nearest", Rounding::Nearest)]);
    let selection = keys.choice("selection", &[("tried", EwocSelection::Tried), ("next", EwocSelection::Next)]);
    let settings = EwocSettings {
        doses: context.doses().to_vec(),
        target: context.target,
        rho_prior: rho_prior?,
        gamma_prior: gamma_prior?,
        feasibility_bound: feasibility_bound.unwrap_or(0.25),
        bound_increment: bound_increment.unwrap_or(0.05),
        rounding: rounding.unwrap_or(Rounding::Down),
        selection: selection.unwrap_or(EwocSelection::Tried),
        cohort_size: conduct.cohort_size,
    };
    let method = Ewoc::new(settings, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}

/// The parameters of a beta distribution; uniform when absent.
fn read_beta(keys: &mut Keys<'_>, key: &'static str) -> Option<Beta> {
    let (low, high) = Beta::PARAMETER;
    let parameters = keys.numbers(key, Within::Closed(low, high), Some((2, "parameter")));
    if !keys.has(key) {
        return Some(Beta { a: 1.0, b: 1.0 });
    }
    let [a, b] = parameters?.try_into().ok()?;
    Some(Beta { a, b })
}
