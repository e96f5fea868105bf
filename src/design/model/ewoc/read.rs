//! The keys of an EWOC design in a study file.

use super::{Beta, Ewoc, EwocSelection, EwocSettings, Rounding};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Description, Key, Keys, Within, Worded};

/// The keys of EWOC.
pub(super) static KEYS: &[&Description] =
    &[&FEASIBILITY_BOUND.about, &BOUND_INCREMENT.about, &RHO_PRIOR.about, &GAMMA_PRIOR.about, &ROUNDING.about, &SELECTION.about];

static FEASIBILITY_BOUND: Key<f64, f64> = Key::number(
    "feasibility_bound",
    Within::OpenClosed(0.0, 0.5),
    "The posterior probability with which the dose after the first cohort may exceed the MTD.",
)
.or(0.25)
.group(group::DECISION);
static BOUND_INCREMENT: Key<f64, f64> = Key::number(
    "bound_increment",
    Within::Closed(0.0, 0.5),
    "By how much that probability rises with each further cohort, up to 0.5.",
)
.or(0.05)
.group(group::DECISION);
const BETA: Within = Within::Closed(Beta::PARAMETER.0, Beta::PARAMETER.1);
static RHO_PRIOR: Key<[f64; 2], [f64; 2]> = Key::pair(
    "rho_prior",
    BETA,
    "parameter",
    "The parameters of the beta prior of the DLT probability at the lowest dose, as a share of the target.",
)
.or([1.0, 1.0])
.group(group::PRIOR);
static GAMMA_PRIOR: Key<[f64; 2], [f64; 2]> = Key::pair(
    "gamma_prior",
    BETA,
    "parameter",
    "The parameters of the beta prior of the MTD, as a share of the way from the lowest dose to the highest.",
)
.or([1.0, 1.0])
.group(group::PRIOR);
static ROUNDINGS: [Worded<Rounding>; 2] =
    [("down", Rounding::Down, "The highest level at or below it."), ("nearest", Rounding::Nearest, "The nearest level.")];
static ROUNDING: Key<Rounding, Rounding> =
    Key::word("rounding", &ROUNDINGS, "How the recommended dose becomes a level.").or_word("down").group(group::DECISION);
static SELECTIONS: [Worded<EwocSelection>; 2] = [
    ("tried", EwocSelection::Tried, "The highest level with patients at or below the one recommended."),
    ("next", EwocSelection::Next, "The level that the rules would give next."),
];
static SELECTION: Key<EwocSelection, EwocSelection> =
    Key::word("selection", &SELECTIONS, "Which level is selected at the end.").or_word("tried").group(group::SELECTION);

/// Read a `[[design]]` block with `method = "ewoc"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    let (feasibility_bound, bound_increment) = (keys.get(&FEASIBILITY_BOUND), keys.get(&BOUND_INCREMENT));
    let (rho_prior, gamma_prior) = (read_beta(keys, &RHO_PRIOR), read_beta(keys, &GAMMA_PRIOR));
    let (rounding, selection) = (keys.get(&ROUNDING), keys.get(&SELECTION));
    let settings = EwocSettings {
        doses: context.doses().to_vec(),
        target: context.target,
        rho_prior: rho_prior?,
        gamma_prior: gamma_prior?,
        feasibility_bound,
        bound_increment,
        rounding,
        selection,
        cohort_size: conduct.cohort_size,
    };
    let method = Ewoc::new(settings, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}

/// The parameters of a beta distribution.
fn read_beta(keys: &mut Keys<'_>, key: &Key<[f64; 2], [f64; 2]>) -> Option<Beta> {
    let [a, b] = keys.sound(key)?;
    Some(Beta { a, b })
}
