//! Designs of the size of the reference, or smaller: E1 to E9, S2 and B1.

use super::prices::{clause, happens, prices, single};
use super::say::{Say, occurs};
use super::{Draft, Lay};
use crate::argument::case::{At, Case};
use crate::argument::quantity::{Judgement, Quantity};
use crate::argument::standing::{Group, Shift, Standing, Verdict};
use crate::argument::words::{self, MOST_NAMES, verb};
use crate::design::Plan;
use crate::scenario::Class;

/// Where designs that a list leaves out stand.
pub(super) const ELSEWHERE: &str = " (overview)";

pub(super) fn sentences(case: &Case<'_>, standings: &[Standing]) -> Vec<Draft> {
    let peers: Vec<&Standing> = standings.iter().filter(|standing| standing.is_of_its_size_or_smaller()).collect();
    let mut drafts = Vec::new();
    if peers.is_empty() {
        drafts.extend(if standings.is_empty() { None } else { alone(case) });
    } else {
        drafts.extend(right_more_often(case, &peers));
        drafts.extend(none_more_often(case, &peers));
        drafts.extend(as_good_as_any(case, &peers));
    }
    drafts.extend(little_different(case, standings));
    for standing in standings {
        drafts.extend(match standing.verdict {
            Verdict::AtLeastAsGood => at_least_as_good(case, standing),
            Verdict::NeverBetter => never_better(case, standing),
            Verdict::TradeOff if standing.is_of_its_size_or_smaller() => trade(case, standing),
            Verdict::TradeOff | Verdict::LittleDifferent => None,
        });
    }
    drafts.extend(benchmark(case, &peers));
    drafts
}

/// Designs that are right more often, the largest gain first.
pub(super) fn winners<'s>(case: &Case<'_>, standings: &[&'s Standing]) -> Vec<&'s Standing> {
    let gain = |standing: &Standing| {
        case.mean_difference(standing.design, Class::Mtd, Quantity::Right).map_or(0.0, |difference| difference.value)
    };
    let mut winners: Vec<&Standing> = standings.iter().copied().filter(|standing| standing.is_right_more_often()).collect();
    winners.sort_by(|one, other| gain(other).total_cmp(&gain(one)));
    winners
}

/// Means of some designs over class `mtd`.
pub(super) fn means(case: &Case<'_>, designs: &[usize], quantity: Quantity) -> Option<Vec<At>> {
    designs.iter().map(|&design| case.at_mean(design, Class::Mtd, quantity)).collect()
}

fn places(standings: &[&Standing]) -> Vec<usize> {
    standings.iter().map(|standing| standing.design).collect()
}

/// E1 and E2.
fn right_more_often(case: &Case<'_>, peers: &[&Standing]) -> Vec<Draft> {
    let say = Say::new(case);
    let (mut texts, mut lays, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for (group, lead) in [(Group::Same, "With about as many patients"), (Group::Smaller, "With fewer patients")] {
        let own: Vec<&Standing> = peers.iter().copied().filter(|standing| standing.group == group).collect();
        let winners = winners(case, &own);
        let Some((text, lay)) = gains(&say, &winners, lead) else { continue };
        texts.push(text);
        lays.push(if group == Group::Same { words::upper(&lay) } else { format!("{lead}, {lay}") });
        told.extend(winners.into_iter().take(MOST_NAMES));
    }
    if texts.is_empty() {
        return Vec::new();
    }
    let first = say.done("E1", texts.join(" "), Lay::Words(lays.join(" ")));
    std::iter::once(first).chain(price(case, &told)).collect()
}

/// `With about as many patients (15.8 each instead of 14.0), CRM 16 and BOIN 16 select the right dose in ...`, and in lay words from the
/// names on.
fn gains(say: &Say<'_, '_>, winners: &[&Standing], lead: &str) -> Option<(String, String)> {
    let case = say.case;
    let designs = places(winners);
    let shown = &designs[..designs.len().min(MOST_NAMES)];
    if shown.is_empty() {
        return None;
    }
    let mut sizes: Vec<String> = shown.iter().map(|&design| say.size(design)).collect();
    if sizes.len() > 1 && sizes.iter().all(|size| *size == sizes[0]) {
        sizes = vec![format!("{} each", sizes[0])];
    }
    let reference = case.reference();
    let number = |quantity| -> Option<String> {
        let own = means(case, shown, quantity)?;
        Some(format!(
            "{} of 100 trials instead of {}",
            say.abouts(&own),
            say.trials(&case.at_mean(reference, Class::Mtd, quantity)?)
        ))
    };
    let mut select = format!("{} the right dose in {}", verb(designs.len(), "selects", "select"), number(Quantity::Right)?);
    let everyone: Vec<usize> = shown.iter().copied().chain([reference]).collect();
    if means(case, &everyone, Quantity::OtherAcceptable)?.iter().any(occurs) {
        let both = number(Quantity::Acceptable)?.replace(" of 100 trials", "");
        select += &format!(", and an acceptable one in {both}");
    }
    let names = say.names(&designs);
    let text = format!(
        "{lead} ({} instead of {}), {} {select}.",
        words::list(&sizes),
        say.size(reference),
        words::names(&names, MOST_NAMES, ELSEWHERE)
    );
    Some((text, format!("{} {select}.", words::names(&names, MOST_NAMES, ""))))
}

/// The most prices in the summary.
const LAY_PRICES: usize = 2;

/// E2: what those of E1 lose. Where a mean over a class tells what a design loses in it, its scenarios are not told one by one.
fn price(case: &Case<'_>, designs: &[&Standing]) -> Option<Draft> {
    let say = Say::new(case);
    let prices = prices(&say, designs, false);
    let mut clauses: Vec<String> = Vec::new();
    let mut lays: Vec<String> = Vec::new();
    for price in &prices {
        clauses.push(clause(&say, price, designs.len(), clauses.is_empty())?);
        lays.push(clause(&say, price, designs.len(), false)?);
    }
    for standing in designs {
        for class in Class::ALL {
            let is_told = |price: &super::prices::Price<'_>| {
                price.class == class && price.who.iter().any(|own| own.design == standing.design)
            };
            if prices.iter().any(is_told) {
                continue;
            }
            let loss = standing.largest(|shift| !shift.is_gain && case.class(shift.scenario) == class);
            if let Some(loss) = loss {
                let told = single(&say, standing, &loss)?;
                clauses.push(told.clone());
                lays.push(told);
            }
        }
    }
    let is_open = designs.iter().any(|standing| standing.open > 0);
    let text = |clauses: &[String]| {
        let [first, later @ ..] = clauses else { return String::new() };
        // A name keeps its letters.
        let first = if first.starts_with("If ") || first.starts_with("Under ") { words::lower(first) } else { first.clone() };
        let later: String = later.iter().map(|clause| format!(" {}.", capital(clause))).collect();
        format!("The price: {first}.{later}")
    };
    if clauses.is_empty() {
        let subject = verb(designs.len(), "It loses", "They lose");
        return (!is_open)
            .then(|| say.done("E2", format!("{subject} nowhere by more than this report calls relevant."), Lay::Same));
    }
    let lay = text(&lays[..lays.len().min(LAY_PRICES)]);
    Some(say.done("E2", text(&clauses), Lay::Words(lay)))
}

/// A clause at the beginning of a sentence: pronouns get their capital, names keep theirs.
fn capital(clause: &str) -> String {
    if clause.starts_with("they ") || clause.starts_with("it ") { words::upper(clause) } else { clause.to_owned() }
}

/// E3.
fn none_more_often(case: &Case<'_>, peers: &[&Standing]) -> Option<Draft> {
    let may_be = |standing: &&Standing| matches!(standing.right, None | Some(Judgement::More | Judgement::Open));
    if peers.iter().any(|standing| may_be(&standing)) {
        return None;
    }
    let say = Say::new(case);
    let reference = case.at_mean(case.reference(), Class::Mtd, Quantity::Right)?;
    let own = means(case, &places(peers), Quantity::Right)?;
    let highest = own.iter().reduce(|most, other| if other.known.value > most.known.value { other } else { most })?;
    let threshold = words::whole(case.study.report.relevance.right);
    let text = format!(
        "Of the designs of this size or smaller, none is right more often than {} by more than {threshold} of 100 trials ({}; the highest, \
         {}, {}).",
        case.name(case.reference()),
        say.trials(&reference),
        case.name(highest.design),
        say.trials(highest)
    );
    let lay = format!(
        "Of the rules of this size or smaller, none is right more often by more than {threshold} of 100 trials ({}; the highest, {}, {}).",
        say.trials(&reference),
        case.name(highest.design),
        say.trials(highest)
    );
    Some(say.done("E3", text, Lay::Words(lay)))
}

/// E4.
fn alone(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let text = format!(
        "No other design of this study has the size of {} ({} patients on average); every comparison below is also one of size.",
        say.name(reference),
        say.size(reference)
    );
    Some(say.done("E4", text, Lay::Same))
}

/// S2.
fn as_good_as_any(case: &Case<'_>, peers: &[&Standing]) -> Option<Draft> {
    let is_no_better = |standing: &&Standing| matches!(standing.verdict, Verdict::NeverBetter | Verdict::LittleDifferent);
    if !peers.iter().all(|standing| is_no_better(&standing)) {
        return None;
    }
    let say = Say::new(case);
    let name = words::upper(&say.name(case.reference()));
    Some(say.done("S2", format!("{name} is as good as any design of its size in this study."), Lay::Same))
}

/// E5.
fn little_different(case: &Case<'_>, standings: &[Standing]) -> Option<Draft> {
    let alike: Vec<&Standing> = standings.iter().filter(|standing| standing.verdict == Verdict::LittleDifferent).collect();
    let designs = places(&alike);
    let shown = &designs[..designs.len().min(MOST_NAMES)];
    let say = Say::new(case);
    let sizes: Vec<String> = shown.iter().map(|&design| say.size(design)).collect();
    let (differ, are) = (verb(designs.len(), "differs", "differ"), verb(designs.len(), "it is", "they are"));
    if shown.is_empty() {
        return None;
    }
    let right = match means(case, shown, Quantity::Right) {
        Some(right) => format!("{are} right in {} of 100 trials, with", say.abouts(&right)),
        None => verb(designs.len(), "it has", "they have").to_owned(),
    };
    let names = words::names(&say.names(&designs), MOST_NAMES, ELSEWHERE);
    let mut text = format!("{names} {differ} little from it: {right} {} patients.", words::list(&sizes));
    let mut said: Vec<((Class, Quantity), Vec<String>)> = Vec::new();
    for standing in alike.iter().take(MOST_NAMES) {
        let Some(shift) = standing.largest(|_| true) else { continue };
        let key = (case.class(shift.scenario), shift.quantity);
        let (own, reference) = both(case, standing, &shift)?;
        let printed = if shift.quantity.is_probability() { say.about(&own) } else { say.mean(&own) };
        let by = format!("{} in {printed} instead of {} ({})", say.name(standing.design), say.any(&reference), say.under(&own));
        match said.iter_mut().find(|(known, _)| *known == key) {
            Some((_, list)) => list.push(by),
            None => said.push((key, vec![by])),
        }
    }
    let said: Vec<String> = said.into_iter().map(|(key, by)| passive(key, &by)).collect();
    if !said.is_empty() {
        let heading = verb(said.len().max(alike.len()), "Largest difference", "Largest differences");
        text += &format!(" {heading}: {}.", said.join("; "));
    }
    Some(say.done("E5", text, Lay::Absent))
}

/// `a dose that is too toxic is selected by A in ..., by B in ...`.
fn passive((class, quantity): (Class, Quantity), by: &[String]) -> String {
    let by = by.iter().map(|by| format!("by {by}")).collect::<Vec<_>>().join(", ");
    match (class, quantity) {
        (_, Quantity::TooToxic) => format!("a dose that is too toxic is selected {by}"),
        (_, Quantity::None) => format!("no dose is selected {by}"),
        (_, Quantity::Exposed) => format!("patients are treated at doses that are too toxic {}", by.replace(" in ", ": ")),
        (Class::Below, _) => format!("the highest dose is selected {by}"),
        (Class::Gap, _) => format!("the highest dose below the jump is selected {by}"),
        _ => format!("the right dose is selected {by}"),
    }
}

/// The design's number and that of the reference where they differ.
fn both(case: &Case<'_>, standing: &Standing, shift: &Shift) -> Option<(At, At)> {
    let at = |design| case.at(design, shift.scenario, shift.quantity);
    Some((at(standing.design)?, at(case.reference())?))
}

/// `selects a dose that is too toxic less often: in about 17 instead of 21 of 100 trials under "..."`.
fn shifted(say: &Say<'_, '_>, standing: &Standing, shift: &Shift) -> Option<String> {
    let case = say.case;
    let (own, reference) = both(case, standing, shift)?;
    let under = say.under(&own);
    if shift.quantity == Quantity::Exposed {
        let few = if shift.difference.value < 0.0 { "fewer" } else { "more" };
        return Some(format!(
            "treats {few} patients at doses that are too toxic: {} instead of {} under {under}",
            say.mean(&own),
            say.mean(&reference)
        ));
    }
    let often = if shift.difference.value < 0.0 { "less often" } else { "more often" };
    let happens = happens(case.class(shift.scenario), shift.quantity, true).replace("the highest", "the highest dose");
    let happens = happens.replace("dose dose", "dose");
    Some(format!("{happens} {often}: in {} instead of {} of 100 trials under {under}", say.about(&own), say.trials(&reference)))
}

/// E6. The name of the reference is no subject here and stands as it is.
fn at_least_as_good(case: &Case<'_>, standing: &Standing) -> Option<Draft> {
    let say = Say::new(case);
    let gain = match standing.largest(|shift| shift.is_gain) {
        Some(shift) => shifted(&say, standing, &shift)?,
        None => format!("needs fewer patients: {} instead of {}", say.size(standing.design), say.size(case.reference())),
    };
    let text = format!(
        "{} is at least as good as {} in every scenario, by this report's thresholds, and {gain}.",
        say.name(standing.design),
        case.name(case.reference())
    );
    Some(say.done("E6", text, Lay::Same))
}

/// E7, with the largest loss: of patients at doses that are too toxic by the mean over the class in which it is.
fn never_better(case: &Case<'_>, standing: &Standing) -> Option<Draft> {
    let say = Say::new(case);
    let (own, reference) = (standing.design, case.reference());
    let loss = match standing.largest(|shift| !shift.is_gain) {
        Some(shift) if shift.quantity == Quantity::Exposed => {
            let class = case.class(shift.scenario);
            let mean = |design| Some(say.mean(&case.at_mean(design, class, Quantity::Exposed)?));
            let on_average = match class {
                Class::Mtd => "on average".to_owned(),
                class => format!("on average under {}", say.scenarios(case.of(class))),
            };
            format!(
                "treats more patients at doses that are too toxic ({} instead of {} {on_average})",
                mean(own)?,
                mean(reference)?
            )
        }
        Some(shift) => shifted(&say, standing, &shift)?,
        None => format!("treats more patients ({} instead of {} on average)", say.size(own), say.size(reference)),
    };
    let text = format!("{} has no relevant advantage over {} in any scenario, and {loss}.", say.name(own), case.name(reference));
    Some(say.done("E7", text, Lay::Absent))
}

/// E8 and E9: what a design of this size or smaller gives and takes that is right about as often, or less often.
fn trade(case: &Case<'_>, standing: &Standing) -> Option<Draft> {
    let say = Say::new(case);
    let own = case.at_mean(standing.design, Class::Mtd, Quantity::Right)?;
    let reference = case.at_mean(case.reference(), Class::Mtd, Quantity::Right)?;
    let name = say.name(standing.design);
    match standing.right? {
        Judgement::Same => {
            let sizes = format!("({} instead of {})", say.size(standing.design), say.size(case.reference()));
            let needs = if standing.group == Group::Smaller {
                format!("needs fewer patients {sizes}")
            } else {
                format!("needs about as many patients {sizes}")
            };
            let mut text = format!(
                "{name} {needs} and is right about as often ({} and {} of 100 trials)",
                say.trials(&own),
                say.trials(&reference)
            );
            if let Some(losses) = changes(&say, standing, false) {
                text += &format!(", but {losses}");
            }
            Some(say.done("E8", format!("{text}."), Lay::Absent))
        }
        Judgement::Less => {
            let mut text = format!(
                "{name} selects the right dose less often ({} instead of {} of 100 trials)",
                say.trials(&own),
                say.trials(&reference)
            );
            if let Some(gains) = changes(&say, standing, true) {
                text += &format!(" and, in return, {gains}");
            }
            Some(say.done("E9", format!("{text}."), Lay::Absent))
        }
        Judgement::More | Judgement::Open => None,
    }
}

/// The first gain, or the first two losses, in class means; where none is relevant, the largest under one scenario.
fn changes(say: &Say<'_, '_>, standing: &Standing, gains: bool) -> Option<String> {
    let case = say.case;
    let found = prices(say, &[standing], gains);
    let most = if gains { 1 } else { 2 };
    let mut parts: Vec<String> = Vec::new();
    for price in found.iter().take(most) {
        // With no dose too toxic alone is right or wrong: where every dose is, the risk is told, as it is elsewhere.
        let quantity = if price.class == Class::Toxic { Quantity::TooToxic } else { price.quantity };
        let own = say.about(&case.at_mean(standing.design, price.class, quantity)?);
        let reference = say.trials(&case.at_mean(case.reference(), price.class, quantity)?);
        let condition = match price.class {
            Class::Mtd => String::new(),
            Class::Toxic => format!("{}, ", words::lower(super::reference::if_toxic(case))),
            Class::Gap => "if toxicity jumps, ".to_owned(),
            Class::Below => format!("{}, ", words::lower(super::reference::IF_BELOW)),
        };
        let is_said = quantity == Quantity::TooToxic && parts.iter().any(|part| part.contains("too toxic in"));
        let happens = if is_said { String::new() } else { format!("{} ", happens(price.class, quantity, true)) };
        parts.push(format!("{condition}{happens}in {own} instead of {reference}"));
    }
    if parts.is_empty() {
        let shift = standing.largest(|shift| shift.is_gain == gains)?;
        return shifted(say, standing, &shift);
    }
    // The condition of a second part is set apart.
    Some(match &parts[..] {
        [first, second] if !second.starts_with("in ") => format!("{first} and, {second}"),
        parts => words::list(parts),
    })
}

/// B1: beside the designs of E1, or the reference where there is none, whose size is that of the benchmark.
fn benchmark(case: &Case<'_>, peers: &[&Standing]) -> Option<Draft> {
    let mut beside: Vec<usize> = places(&winners(case, peers));
    if beside.is_empty() {
        beside.push(case.reference());
    }
    for (place, design) in case.study.designs.iter().enumerate() {
        let Plan::Benchmark(_) = design.plan else { continue };
        let patients = case.benchmark_patients(place)?;
        let tolerance = case.size_tolerance();
        let near: Vec<usize> = beside
            .iter()
            .copied()
            .filter(|&own| (case.size(own) - patients as f64).abs() <= tolerance)
            .take(MOST_NAMES)
            .collect();
        let Some(found) = case.at_mean(place, Class::Mtd, Quantity::Right).filter(|_| !near.is_empty()) else { continue };
        let say = Say::new(case);
        let own = means(case, &near, Quantity::Right)?;
        let finds: Vec<String> = near
            .iter()
            .zip(&own)
            .enumerate()
            .map(|(index, (&design, at))| {
                let verb = if index == 0 { " finds it" } else { "" };
                format!("{}{verb} in {}", say.name(design), say.about(at))
            })
            .collect();
        let text = format!(
            "If each of {patients} patients showed the outcome at every dose, the right dose would be found in {} of 100 trials (the benchmark, \
             a reference); {}.",
            say.about(&found),
            words::list(&finds)
        );
        return Some(say.done("B1", text, Lay::Absent));
    }
    None
}
