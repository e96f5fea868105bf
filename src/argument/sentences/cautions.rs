//! What a reader must know of the designs, the scenarios and the run: W1 to W5 and U1 to U4.

use super::others::ELSEWHERE;
use super::reference::if_toxic;
use super::say::Say;
use super::{Draft, Lay};
use crate::argument::case::{At, Case};
use crate::argument::facts;
use crate::argument::quantity::{Judgement, Known, Quantity};
use crate::argument::standing::Standing;
use crate::argument::words::{self, MOST_NAMES, verb};
use crate::scenario::Class;

pub(super) fn sentences(case: &Case<'_>, standings: &[Standing]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = never_none(case).into_iter().collect();
    drafts.extend(starved(case));
    drafts.extend(ties(case));
    drafts.extend(missing(case));
    drafts.extend(named(case));
    drafts.extend(engines(case));
    for standing in standings {
        drafts.extend(simulated(case, standing));
        drafts.extend(open(case, standing));
    }
    drafts
}

/// W1.
fn never_none(case: &Case<'_>) -> Option<Draft> {
    let never: Vec<usize> = case.designs().iter().copied().filter(|&design| !case.can_select_none(design)).collect();
    let places = case.of(Class::Toxic);
    if never.is_empty() || places.is_empty() {
        return None;
    }
    let shown = &never[..never.len().min(MOST_NAMES)];
    let say = Say::new(case);
    let names = words::names(&say.names(&never), MOST_NAMES, ELSEWHERE);
    let (condition, under) = (if_toxic(case), say.scenarios(places));
    let lead = format!("{names} cannot end without a dose.");
    let at = |quantity: Quantity| -> Option<Vec<At>> {
        shown.iter().map(|&design| case.at_mean(design, Class::Toxic, quantity)).collect()
    };
    let sizes: Option<Vec<(usize, usize)>> = shown
        .iter()
        .flat_map(|&design| places.iter().map(move |&place| (design, place)))
        .map(|(design, place)| facts::sizes(case.summary(design, place)?))
        .collect();
    let sizes = sizes?;
    let (patients, dlts) = (at(Quantity::Patients)?, say.means(&at(Quantity::Dlts)?));
    let all = verb(never.len(), "all its trials", "all their trials");
    let ends = match &sizes[..] {
        [(least, most), ..] if least == most && sizes.iter().all(|size| size == &(*least, *most)) => {
            for at in &patients {
                say.keep(Quantity::Patients.metric(), &at.scenarios, at.design, at.known.value, least.to_string());
            }
            format!(
                "{all} treat {} and select a dose that is too toxic; {dlts} patients have a DLT.",
                words::counted(*least, "patient")
            )
        }
        _ => format!(
            "{all} select a dose that is too toxic, after {} patients on average; {dlts} of them have a DLT.",
            say.means(&patients)
        ),
    };
    let text = format!("{lead} {condition} ({under}), {ends}");
    let lay = format!(
        "{} cannot end without a dose. {condition}, {all} select one that is too toxic.",
        words::names(&say.names(&never), 2, "")
    );
    Some(say.done("W1", text, Lay::Words(lay)))
}

/// More trials than this end without a dose for want of patients at one.
const STARVED: f64 = 0.05;

/// W2, of each design under the scenario in which it happens most often.
fn starved(case: &Case<'_>) -> Vec<Draft> {
    let replicates = case.study.simulation.replicates;
    let mut drafts = Vec::new();
    for &design in case.designs() {
        let under = |&place: &usize| Some((place, facts::starved(case.summary(design, place)?, replicates)?));
        let found = case.of(Class::Mtd).iter().filter_map(under);
        let Some((place, known)) = found.reduce(|most, other| if other.1.value > most.1.value { other } else { most }) else {
            continue;
        };
        if known.value <= STARVED {
            continue;
        }
        let say = Say::new(case);
        let printed = say.keep("no_selection[too_few_patients]", &[place], design, known.value, words::trials(known));
        let right = say.right_doses(place);
        let least = case.study.designs[design].plan.min_patients_selected();
        let text = format!(
            "{} ends without a dose in {} of 100 trials although {} {} right, because no dose that it could select has the {} it must have.",
            say.name(design),
            words::about(&[printed]),
            words::list(&right),
            verb(right.len(), "is", "are"),
            words::counted(least, "patient")
        );
        let lay = format!(
            "{} ends without a dose in {} of 100 trials although {} {} right: no dose has the {} it must have.",
            say.name(design),
            words::about(&[words::trials(known)]),
            words::list(&right),
            verb(right.len(), "is", "are"),
            words::counted(least, "patient")
        );
        drafts.push(say.done("W2", text, Lay::Words(lay)));
    }
    drafts
}

/// W3.
fn ties(case: &Case<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for &place in case.of(Class::Mtd) {
        let say = Say::new(case);
        let right = say.right_doses(place);
        let Some(at) = case.at(case.reference(), place, Quantity::Right).filter(|_| right.len() > 1) else { continue };
        let text = format!(
            "{} have the same toxicity under {}; selecting any of them counts as right ({} of 100 trials).",
            words::list(&right),
            say.under(&at),
            say.trials(&at)
        );
        drafts.push(say.done("W3", text, Lay::Absent));
    }
    drafts
}

/// W4.
fn missing(case: &Case<'_>) -> Vec<Draft> {
    let classes = [(Class::Toxic, "every dose is too toxic"), (Class::Below, "every dose is below the acceptable range")];
    let missing = classes.into_iter().filter(|(class, _)| case.of(*class).is_empty());
    let said = missing.map(|(_, what)| {
        let text = format!("This study has no scenario in which {what}; what the designs do then is not shown.");
        Say::new(case).done("W4", text, Lay::Absent)
    });
    said.collect()
}

/// W5.
fn named(case: &Case<'_>) -> Vec<Draft> {
    let target = &case.study.target;
    let mut drafts = Vec::new();
    for (place, scenario) in case.study.scenarios.iter().enumerate() {
        let by_target = target.correct_level(&scenario.toxicity);
        if by_target == scenario.correct {
            continue;
        }
        let say = Say::new(case);
        let dose = |level: Option<usize>| level.map_or_else(|| "no dose".to_owned(), |level| say.dose(level));
        let text = format!(
            "Under {} the study names {} as right; by the target it would be {}.",
            say.scenarios(&[place]),
            dose(scenario.correct),
            dose(by_target)
        );
        drafts.push(say.done("W5", text, Lay::Absent));
    }
    drafts
}

/// U1 or U2.
fn engines(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let is_simulated =
        |design: usize| case.all().iter().any(|&place| case.summary(design, place).is_some_and(facts::is_simulated));
    let (simulated, exact): (Vec<usize>, Vec<usize>) = case.designs().iter().copied().partition(|&design| is_simulated(design));
    if simulated.is_empty() {
        let text = "All numbers are exact: given the assumptions they carry no simulation error.";
        return Some(say.done(
            "U1",
            text.to_owned(),
            Lay::Words(format!("All numbers are exact under the assumptions{}.", assumed(case))),
        ));
    }
    let errors = simulated.iter().flat_map(|&design| {
        let quantities = [Quantity::Right, Quantity::TooToxic, Quantity::TooLow, Quantity::None];
        case.all().into_iter().flat_map(move |place| quantities.map(|quantity| (design, place, quantity)))
    });
    let largest = errors
        .filter_map(|(design, place, quantity)| Some((case.known(design, place, quantity)?.std_error?, design, place, quantity)))
        .reduce(|most, other| if other.0 > most.0 { other } else { most })?;
    let (error, design, place, quantity) = largest;
    // Rounded up to a tenth of a point.
    let half = (1960.0 * error).ceil() / 1000.0;
    let points = say.keep(quantity.metric(), &[place], design, half, words::points(half));
    let exactly = if exact.is_empty() {
        String::new()
    } else {
        format!("{} {} exact. ", words::names(&say.names(&exact), MOST_NAMES, ELSEWHERE), verb(exact.len(), "is", "are"))
    };
    let replicates = thousands(case.study.simulation.replicates);
    let text = format!(
        "{exactly}{} {} simulated, {replicates} trials a scenario: {} percentages are within ±{points} points.",
        words::names(&say.names(&simulated), MOST_NAMES, ELSEWHERE),
        verb(simulated.len(), "is", "are"),
        verb(simulated.len(), "its", "their")
    );
    Some(say.done(
        "U2",
        text,
        Lay::Words(format!(
            "Some numbers are simulated, and vary a little by chance. They rest on assumptions{}.",
            assumed(case)
        )),
    ))
}

/// What is assumed of the conduct of the trial, behind a colon.
fn assumed(case: &Case<'_>) -> &'static str {
    let drops_out = case.study.timing.as_ref().is_some_and(|timing| timing.has_dropouts());
    if drops_out { ": the rule is followed to the letter" } else { ": nobody drops out, and the rule is followed to the letter" }
}

/// A count with its thousands set apart.
fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// U3: a simulated design that is right more or less often, with the interval of the difference.
fn simulated(case: &Case<'_>, standing: &Standing) -> Option<Draft> {
    let say = Say::new(case);
    let right = case.mean_difference(standing.design, Class::Mtd, Quantity::Right)?;
    right.std_error?;
    let often = match case.judged(Quantity::Right, right) {
        Judgement::More => "more",
        Judgement::Less => "less",
        Judgement::Same | Judgement::Open => return None,
    };
    let range = |difference: Known, quantity: Quantity| {
        let difference = if difference.value < 0.0 { difference.reversed() } else { difference };
        let (low, high) = difference.interval();
        let print = |value: f64| say.keep(quantity.metric(), case.of(Class::Mtd), standing.design, value, words::points(value));
        format!("{} to {} points", print(low), print(high))
    };
    let mut text = format!(
        "{} selects the right dose {often} often than {}, by {} (95 % interval, same patients)",
        say.name(standing.design),
        case.name(case.reference()),
        range(right, Quantity::Right)
    );
    let toxic = case.mean_difference(standing.design, Class::Mtd, Quantity::TooToxic)?;
    match (often, case.judged(Quantity::TooToxic, toxic)) {
        ("more", Judgement::More) => {
            text += &format!("; the price is {} more selections that are too toxic", range(toxic, Quantity::TooToxic));
        }
        ("less", Judgement::Less) => {
            text += &format!("; in return, {} fewer selections are too toxic", range(toxic, Quantity::TooToxic));
        }
        _ => {}
    }
    Some(say.done("U3", format!("{text}."), Lay::Absent))
}

/// U4: a mean that may or may not differ by more than the threshold; where only single scenarios do, these.
fn open(case: &Case<'_>, standing: &Standing) -> Option<Draft> {
    let say = Say::new(case);
    let (name, reference) = (say.name(standing.design), case.name(case.reference()));
    if standing.right == Some(Judgement::Open) {
        let difference = case.mean_difference(standing.design, Class::Mtd, Quantity::Right)?;
        let (low, high) = difference.interval();
        let print =
            |value: f64| say.keep(Quantity::Right.metric(), case.of(Class::Mtd), standing.design, value, words::points(value));
        let (low, high) = (print(low), print(high));
        let text = format!(
            "Whether {name} or {reference} is right more often by {} points cannot be told from this run; the 95 % interval of the difference \
             runs from {low} to {high} points.",
            words::whole(case.study.report.relevance.right)
        );
        return Some(say.done("U4", text, Lay::Absent));
    }
    if standing.open == 0 {
        return None;
    }
    let text = format!(
        "Whether {name} and {reference} differ by more than this report calls relevant cannot be told from this run in {}.",
        words::counted(standing.open, "comparison")
    );
    Some(say.done("U4", text, Lay::Absent))
}
