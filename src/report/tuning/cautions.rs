//! What is to be kept in mind about the best point: how sure its gain is, which others cannot be told from it, and where its values lie at the end of what was
//! looked at.

use super::words::{in_short, metric, spread};
use crate::design::wording::counted;
use crate::numeric::exact::decimal;
use crate::report::table::{Kind, show};
use crate::study::{Aim, Parameter, Setting, Study, Variants};
use crate::tuning::Tuned;
use num_rational::BigRational;

/// So many points are named.
const NAMED: usize = 5;

/// What the best point gains on the design as it is written, with the error of pairs; nothing where nothing was simulated.
pub(super) fn gain(tuned: &Tuned<'_>) -> Option<String> {
    let best = tuned.best.filter(|best| *best > 0)?;
    let gain = tuned.points[best].score.gain.filter(|gain| gain.std_error.is_some())?;
    let Aim::Metric(key, _) = tuned.tuning.objective.aim else { return None };
    let (_, kind) = metric(key);
    let number = show(kind, true, gain.value, spread(gain)).joined();
    let unit = if kind == Kind::Percent { " points" } else { "" };
    let verdict = if gain.is_open() { ": it cannot be told from no change" } else { "" };
    Some(format!("It differs from the design as it is written by {number}{unit}, both on the same patients{verdict}."))
}

/// Which points cannot be told from the best; nothing where there are none.
pub(super) fn ties(tuned: &Tuned<'_>) -> Option<String> {
    let tied: Vec<String> = tuned.points.iter().filter(|point| point.score.tied).map(|point| in_short(tuned, point)).collect();
    if tied.is_empty() {
        return None;
    }
    let more = tied.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!("; and {more} more, marked in the table") } else { String::new() };
    Some(format!(
        "{} cannot be told from the best, whose lead is within two standard errors of the difference on the same patients: {}{rest}. More \
         replicates would tell more of them apart.",
        counted(tied.len(), "other point"),
        tied[..tied.len().min(NAMED)].join("; "),
    ))
}

/// For each parameter whose best value is the lowest or the highest that was looked at, that it is; not where the design takes no value
/// beyond.
pub(super) fn ends(study: &Study, tuned: &Tuned<'_>) -> Vec<String> {
    let Some((point, variants)) = tuned.best.map(|best| &tuned.points[best]).zip(Variants::new(study, tuned.tuning.design))
    else {
        return Vec::new();
    };
    let sentence = |(parameter, value): (&Parameter, &Option<Setting>)| {
        let (number, beyond) = beyond(parameter, value.as_ref()?)?;
        let change = Setting { text: Some(parameter.text(&beyond)), place: 0..0 }.change(&parameter.key);
        variants.read("parameters", &[change]).ok()?;
        let end = if beyond < decimal(number) { "lower" } else { "upper" };
        let of = if parameter.range.is_some() { "range" } else { "list" };
        Some(format!(
            "The best value of {}, {}, lies at the {end} end of its {of}: a better one may lie beyond; widen the {of}.",
            parameter.key,
            value.as_ref()?.text.as_deref()?,
        ))
    };
    tuned.tuning.parameters.iter().zip(&point.values).filter_map(sentence).collect()
}

/// The value as a number, and one that lies as far beyond it as its neighbour lies before it, where it is the lowest or the highest of
/// several numbers.
fn beyond(parameter: &Parameter, value: &Setting) -> Option<(f64, BigRational)> {
    let number = value.number()?;
    let mut numbers: Vec<f64> = parameter.values.iter().filter_map(Setting::number).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let neighbour = match numbers.as_slice() {
        [first, second, ..] if number <= *first => *second,
        [.., second, last] if number >= *last => *second,
        _ => return None,
    };
    let number_exactly = decimal(number);
    Some((number, &number_exactly + &number_exactly - decimal(neighbour)))
}
