//! Larger designs: L1 to L3.

use super::others::{ELSEWHERE, means, winners};
use super::say::{Say, occurs};
use super::{Draft, Lay};
use crate::argument::case::{At, Case};
use crate::argument::quantity::{Judgement, Quantity};
use crate::argument::standing::{Group, Standing};
use crate::argument::words::{self, MOST_NAMES, verb};
use crate::scenario::Class;

pub(super) fn sentences(case: &Case<'_>, standings: &[Standing]) -> Vec<Draft> {
    let larger: Vec<&Standing> = standings.iter().filter(|standing| standing.group == Group::Larger).collect();
    let winners: Vec<usize> = winners(case, &larger).iter().map(|standing| standing.design).collect();
    let mut drafts: Vec<Draft> = more(case, &winners).into_iter().collect();
    drafts.extend(costs(case, &winners));
    drafts.extend(no_help(case, &larger));
    drafts
}

/// L1.
fn more(case: &Case<'_>, winners: &[usize]) -> Option<Draft> {
    let shown = &winners[..winners.len().min(MOST_NAMES)];
    let say = Say::new(case);
    let own = means(case, shown, Quantity::Right).filter(|own| !own.is_empty())?;
    let sized: Vec<String> = winners
        .iter()
        .enumerate()
        .map(|(index, &design)| {
            let unit = if index == 0 { " patients on average" } else { "" };
            if index < MOST_NAMES { format!("{} ({}{unit})", say.name(design), say.size(design)) } else { say.name(design) }
        })
        .collect();
    let select = format!("{} the right dose in {} of 100 trials", verb(winners.len(), "selects", "select"), say.abouts(&own));
    let reference = say.trials(&case.at_mean(case.reference(), Class::Mtd, Quantity::Right)?);
    let text = format!(
        "With more patients more can be had: {} {select} instead of {reference}.",
        words::names(&sized, MOST_NAMES, ELSEWHERE)
    );
    let lay = format!("{} {select}.", words::names(&say.names(winners), MOST_NAMES, ""));
    Some(say.done("L1", text, Lay::Words(lay)))
}

/// L2.
fn costs(case: &Case<'_>, winners: &[usize]) -> Option<Draft> {
    let shown = &winners[..winners.len().min(MOST_NAMES)];
    let say = Say::new(case);
    let reference = case.reference();
    let is_one = shown.len() == 1;
    let of = |quantity| -> Option<(Vec<At>, At)> {
        Some((means(case, shown, quantity)?, case.at_mean(reference, Class::Mtd, quantity)?))
    };
    let (patients, own_patients) = of(Quantity::Patients).filter(|(own, _)| !own.is_empty())?;
    let factors: Vec<Option<String>> =
        patients.iter().map(|at| words::times(at.known.value / own_patients.known.value)).collect();
    let treat = match &factors[..] {
        [Some(first), ..] if factors.iter().all(|factor| factor.as_ref() == Some(first)) => format!("{first} as many patients"),
        _ => format!("{} patients instead of {}", say.means(&patients), say.mean(&own_patients)),
    };
    let (dlts, own_dlts) = of(Quantity::Dlts)?;
    let dlts = format!("{} instead of {} have a DLT", say.means(&dlts), say.mean(&own_dlts));
    let (subject, takes) = if is_one { ("It treats", "takes") } else { ("They treat", "take") };
    let mut text = format!("{subject} {treat}, of whom {dlts}");
    let mut lay = format!("{text}.");
    if let Some((weeks, own_weeks)) = of(Quantity::Weeks) {
        let weeks = format!("{} weeks instead of {}", say.means(&weeks), say.mean(&own_weeks));
        text += &format!(", and {takes} {weeks}");
        lay += &format!(" The trial takes {weeks}.");
    }
    text.push('.');
    let (toxic, own_toxic) = of(Quantity::TooToxic)?;
    if toxic.iter().chain([&own_toxic]).any(occurs) {
        let (subject, select) = if is_one { ("It", "selects") } else { ("They", "select") };
        text += &format!(
            " {subject} {select} a dose that is too toxic in {} instead of {}.",
            say.abouts(&toxic),
            say.trials(&own_toxic)
        );
    }
    Some(say.done("L2", text, Lay::Words(lay)))
}

/// L3.
fn no_help(case: &Case<'_>, larger: &[&Standing]) -> Option<Draft> {
    let told: Vec<usize> = larger
        .iter()
        .filter(|standing| matches!(standing.right, Some(Judgement::Same | Judgement::Less)))
        .map(|standing| standing.design)
        .collect();
    let shown = &told[..told.len().min(MOST_NAMES)];
    let say = Say::new(case);
    let own = means(case, shown, Quantity::Right).filter(|own| !own.is_empty())?;
    let is_less = larger.iter().any(|standing| shown.contains(&standing.design) && standing.right == Some(Judgement::Less));
    let often = if is_less { "no more often" } else { "about as often" };
    let sizes: Vec<String> = shown.iter().map(|&design| say.size(design)).collect();
    let reference = say.trials(&case.at_mean(case.reference(), Class::Mtd, Quantity::Right)?);
    let printed: Vec<String> = own.iter().map(|at| say.trials(at)).collect();
    let numbers = format!("({} of 100 trials; {}, {reference})", words::list(&printed), case.name(case.reference()));
    let text = format!(
        "More patients do not help: {}, with {} patients, {} right {often} {numbers}.",
        words::names(&say.names(&told), MOST_NAMES, ELSEWHERE),
        words::list(&sizes),
        verb(told.len(), "is", "are"),
    );
    let lay = format!(
        "{}, with {} patients, {} right {often} {numbers}.",
        words::names(&say.names(&told), MOST_NAMES, ""),
        words::list(&sizes),
        verb(told.len(), "is", "are"),
    );
    Some(say.done("L3", text, Lay::Words(lay)))
}
