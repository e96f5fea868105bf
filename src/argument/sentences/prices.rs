//! What designs gain or lose beside the reference, class by class, as clauses.

use super::reference::{IF_BELOW, if_toxic};
use super::say::Say;
use crate::argument::case::At;
use crate::argument::quantity::{Judgement, Quantity};
use crate::argument::standing::{Shift, Standing};
use crate::argument::words;
use crate::scenario::Class;

/// What is looked at, in the order of speaking.
const ORDER: [(Class, Quantity); 6] = [
    (Class::Mtd, Quantity::TooToxic),
    (Class::Mtd, Quantity::None),
    (Class::Toxic, Quantity::None),
    (Class::Gap, Quantity::TooToxic),
    (Class::Gap, Quantity::Right),
    (Class::Below, Quantity::Right),
];

/// What happens more or less often: `selects a dose that is too toxic`, for one design or several.
pub(super) fn happens(class: Class, quantity: Quantity, is_one: bool) -> &'static str {
    match (class, quantity, is_one) {
        (_, Quantity::TooToxic, true) => "selects a dose that is too toxic",
        (_, Quantity::TooToxic, false) => "select a dose that is too toxic",
        (_, Quantity::None, true) => "ends without a dose",
        (_, Quantity::None, false) => "end without a dose",
        (_, Quantity::Exposed, true) => "treats patients at doses that are too toxic",
        (_, Quantity::Exposed, false) => "treat patients at doses that are too toxic",
        (Class::Below, _, true) => "selects the highest",
        (Class::Below, _, false) => "select the highest",
        (Class::Gap, _, true) => "selects the highest dose below the jump",
        (Class::Gap, _, false) => "select the highest dose below the jump",
        (_, _, true) => "selects the right dose",
        (_, _, false) => "select the right dose",
    }
}

/// The condition of a class behind its first mention; none of class `mtd`, which the sentence is about.
fn condition(say: &Say<'_, '_>, class: Class) -> Option<String> {
    match class {
        Class::Mtd => None,
        Class::Toxic => Some(if_toxic(say.case).to_owned()),
        Class::Gap => Some("If toxicity jumps".to_owned()),
        Class::Below => Some(IF_BELOW.to_owned()),
    }
}

/// A change of class means: those of the designs that have it.
pub(super) struct Price<'s> {
    pub(super) class: Class,
    pub(super) quantity: Quantity,
    pub(super) who: Vec<&'s Standing>,
}

/// The losses, or the gains, of designs in class means, in the order of speaking.
pub(super) fn prices<'s>(say: &Say<'_, '_>, designs: &[&'s Standing], gains: bool) -> Vec<Price<'s>> {
    let mut found: Vec<Price<'s>> = Vec::new();
    for (class, quantity) in ORDER {
        let wanted = if quantity.is_good(class) == gains { Judgement::More } else { Judgement::Less };
        let is_told = |design: usize| {
            // Of a jump one number is told: how often a dose above it is selected, else how often the one below it.
            let same = |price: &&Price<'_>| price.class == Class::Gap && class == Class::Gap;
            found.iter().filter(same).any(|price| price.who.iter().any(|standing| standing.design == design))
        };
        let who: Vec<&Standing> = designs
            .iter()
            .copied()
            .filter(|standing| {
                say.case.judged_mean(standing.design, class, quantity) == Some(wanted) && !is_told(standing.design)
            })
            .collect();
        if !who.is_empty() {
            found.push(Price { class, quantity, who });
        }
    }
    found
}

/// `they select a dose that is too toxic in about 21 (CRM 16) and 15 (BOIN 16) instead of 11`: a clause on class means. `all` are the
/// designs that a pronoun stands for; names stand in brackets where `is_first`.
pub(super) fn clause(say: &Say<'_, '_>, price: &Price<'_>, all: usize, is_first: bool) -> Option<String> {
    let case = say.case;
    let designs: Vec<usize> = price.who.iter().map(|standing| standing.design).collect();
    let is_all = designs.len() == all;
    let subject = match (is_all, all) {
        (true, 1) => "it".to_owned(),
        (true, _) => "they".to_owned(),
        _ => words::list(&say.names(&designs)),
    };
    let own: Option<Vec<At>> = designs.iter().map(|&design| case.at_mean(design, price.class, price.quantity)).collect();
    let mut printed: Vec<String> = own?.iter().map(|at| say.trials(at)).collect();
    if is_all && all > 1 && is_first {
        for (printed, &design) in printed.iter_mut().zip(&designs) {
            *printed += &format!(" ({})", case.name(design));
        }
    }
    let reference = say.trials(&case.at_mean(case.reference(), price.class, price.quantity)?);
    let happens = happens(price.class, price.quantity, designs.len() == 1);
    let text = format!("{subject} {happens} in {} instead of {reference}", words::about(&printed));
    Some(match condition(say, price.class) {
        Some(condition) => format!("{condition}, {text}"),
        None => text,
    })
}

/// `Under "MTD at level 5", BOIN 16 selects the right dose in about 32 instead of 42`: a clause on one scenario.
pub(super) fn single(say: &Say<'_, '_>, standing: &Standing, shift: &Shift) -> Option<String> {
    let case = say.case;
    let own = case.at(standing.design, shift.scenario, shift.quantity)?;
    let reference = say.any(&case.at(case.reference(), shift.scenario, shift.quantity)?);
    let (under, name) = (say.under(&own), say.name(standing.design));
    if shift.quantity == Quantity::Exposed {
        return Some(format!(
            "Under {under}, {name} treats {} patients at doses that are too toxic instead of {reference}",
            say.mean(&own)
        ));
    }
    let happens = happens(case.class(shift.scenario), shift.quantity, true);
    Some(format!("Under {under}, {name} {happens} in {} instead of {reference}", say.about(&own)))
}
