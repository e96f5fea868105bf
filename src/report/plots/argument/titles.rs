//! What the figures that carry the argument find, in their titles: each finding has a condition, and where none holds the title says
//! what is shown. A finding is about designs that are not larger than the one with which they are compared.

use super::facts::{Facts, Quantity, Verdict, verdict};
use crate::report::figure::{Difference, Estimate, Group};
use crate::report::font::{self, Weight};
use crate::scenario::Class;

/// The room of a title, as the figures have it: its width in pixels, its size, its lines.
const ROOM: (f64, f64, usize) = (608.0, 17.0, 3);
/// More designs than this are counted instead of named.
const NAMED: usize = 3;

/// The finding, where there is one and a title has room for it; what is shown otherwise.
fn or_shown(finding: Option<String>, shown: &str) -> String {
    let (width, size, lines) = ROOM;
    // Many rows are spread over several pages, which the title says last.
    let paged = |words: &String| format!("{words} (page 99 of 99)");
    let fits = |words: &String| font::wrap(&paged(words), Weight::SemiBold, size, width, lines + 1).len() <= lines;
    finding.filter(fits).unwrap_or_else(|| shown.to_owned())
}

/// A name in a sentence: in quotes where it would run into the words around it.
pub(super) fn named(name: &str) -> String {
    if name.contains(',') { format!("“{name}”") } else { name.to_owned() }
}

/// "a", "a and b", "a, b and c".
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A verb with its subject.
fn verb<'w>(subjects: usize, one: &'w str, several: &'w str) -> &'w str {
    if subjects == 1 { one } else { several }
}

/// Probabilities as trials of 100: "about 53 and 48". Simulated ones of which more than one whole number is open are ranges.
fn of_hundred(values: &[Estimate]) -> String {
    let whole = |value: f64| (100.0 * value + 0.5).floor().clamp(0.0, 100.0);
    let one = |estimate: &Estimate| {
        let half = estimate.std_error.map_or(0.0, |error| 1.96 * error);
        let (low, high) = (whole(estimate.value - half), whole(estimate.value + half));
        match estimate.value {
            _ if low < high => (format!("{low:.0} to {high:.0}"), false),
            value if value <= 0.0 => ("none".to_owned(), false),
            value if value < 0.005 => ("fewer than 1".to_owned(), false),
            value if value > 1.0 - 1e-12 => ("all".to_owned(), false),
            value if value > 0.995 => ("more than 99".to_owned(), false),
            _ => (format!("{low:.0}"), true),
        }
    };
    let written: Vec<(String, bool)> = values.iter().map(one).collect();
    let about = if written.iter().all(|(_, plain)| *plain) { "about " } else { "" };
    format!("{about}{}", listed(&written.into_iter().map(|(words, _)| words).collect::<Vec<_>>()))
}

/// Trials of 100, in a comparison after [`of_hundred`].
fn instead_of(value: &Estimate) -> String {
    of_hundred(std::slice::from_ref(value)).trim_start_matches("about ").to_owned()
}

/// The designs that are not larger than the reference, with their mean differences from it where a dose is right, largest first.
fn not_larger(facts: Facts<'_>, quantity: Quantity) -> Vec<(usize, Difference)> {
    let designs = [Group::Same, Group::Smaller].into_iter().flat_map(|group| facts.in_group(group));
    let of = |design| Some((design, facts.mean_difference(quantity, Class::Mtd, design)?));
    let mut found: Vec<(usize, Difference)> = designs.filter_map(of).collect();
    found.sort_by(|(_, one), (_, other)| other.value.total_cmp(&one.value));
    found
}

/// The designs among them that are right more often, by more than the threshold.
fn gainers(facts: Facts<'_>) -> Vec<usize> {
    let gains = |(design, difference): (usize, Difference)| {
        (verdict(&difference, facts.relevance.right) == Verdict::More).then_some(design)
    };
    not_larger(facts, Quantity::Right).into_iter().filter_map(gains).collect()
}

fn means(facts: Facts<'_>, quantity: Quantity, designs: &[usize]) -> Option<Vec<Estimate>> {
    designs.iter().map(|&design| facts.mean_of(quantity, Class::Mtd, design)).collect()
}

fn names(facts: Facts<'_>, designs: &[usize]) -> String {
    listed(&designs.iter().map(|&design| named(facts.name(design))).collect::<Vec<_>>())
}

/// A threshold of probability in trials of 100.
fn trials(threshold: f64) -> String {
    format!("{}", (1e6 * threshold).round() / 1e4)
}

/// How trials end. Found: designs of about this size or smaller that are right more often on average where a dose is right; that there is
/// none, when no difference is open; that no other design has this size.
pub(super) fn endings(facts: Facts<'_>) -> String {
    let reference = named(facts.name(facts.reference));
    let finding = || {
        let of_reference = facts.mean_of(Quantity::Right, Class::Mtd, facts.reference)?;
        let not_larger = not_larger(facts, Quantity::Right);
        let gainers = gainers(facts);
        if !gainers.is_empty() {
            let is_same = |design: &usize| facts.group(*design) == Some(Group::Same);
            let size = match (gainers.iter().any(is_same), gainers.iter().all(is_same)) {
                (_, true) => "With about as many patients",
                (false, _) => "With fewer patients",
                _ => "With about as many patients or fewer",
            };
            let instead = instead_of(&of_reference);
            return Some(if gainers.len() <= NAMED {
                format!(
                    "{size}, {} {} the right dose in {} of 100 trials instead of {instead}",
                    names(facts, &gainers),
                    verb(gainers.len(), "selects", "select"),
                    of_hundred(&means(facts, Quantity::Right, &gainers)?)
                )
            } else {
                format!(
                    "{size}, {} designs select the right dose more often than {reference} by more than {} of 100 trials, {} most often \
                     (in {} instead of {instead})",
                    gainers.len(),
                    trials(facts.relevance.right),
                    named(facts.name(gainers[0])),
                    of_hundred(&means(facts, Quantity::Right, &gainers[..1])?)
                )
            });
        }
        let is_open = |(_, difference): &(usize, Difference)| verdict(difference, facts.relevance.right) == Verdict::Open;
        if not_larger.is_empty() {
            let others = facts.designs().count() > 1;
            let size = facts.size(facts.reference)?;
            return others.then(|| format!("No other design has the size of {reference}, {size:.1} patients on average"));
        }
        (!not_larger.iter().any(is_open)).then(|| {
            format!(
                "Of the designs of about its size or smaller, none selects the right dose more often than {reference} by more than {} of \
                 100 trials",
                trials(facts.relevance.right)
            )
        })
    };
    or_shown(finding(), "How 100 trials of each design end")
}

/// The trade-off. Found: what designs of about this size or smaller that are right more often cost in too toxic doses, on average where a
/// dose is right.
pub(super) fn trade_off(facts: Facts<'_>) -> String {
    let reference = named(facts.name(facts.reference));
    let finding = || {
        let gainers = gainers(facts);
        let of = |design: &usize| facts.mean_difference(Quantity::TooToxic, Class::Mtd, *design);
        let verdict = |design: &usize| of(design).map(|difference| verdict(&difference, facts.relevance.too_toxic));
        let costly: Vec<usize> = gainers.iter().copied().filter(|design| verdict(design) == Some(Verdict::More)).collect();
        if !costly.is_empty() && costly.len() <= NAMED {
            return Some(format!(
                "{} {} the right dose more often than {reference}, and a too toxic one in {} of 100 trials instead of {}",
                names(facts, &costly),
                verb(costly.len(), "selects", "select"),
                of_hundred(&means(facts, Quantity::TooToxic, &costly)?),
                instead_of(&facts.mean_of(Quantity::TooToxic, Class::Mtd, facts.reference)?)
            ));
        }
        let free = |design: &usize| matches!(verdict(design), Some(Verdict::Alike | Verdict::Less));
        (!gainers.is_empty() && gainers.len() <= NAMED && gainers.iter().all(free)).then(|| {
            format!(
                "{} {} the right dose more often than {reference}; too toxic doses rise by {} of 100 trials at most",
                names(facts, &gainers),
                verb(gainers.len(), "selects", "select"),
                trials(facts.relevance.too_toxic)
            )
        })
    };
    or_shown(finding(), "The right dose against too toxic doses, on average and at worst")
}

/// The design that the figure of differences speaks of: of about the size of the reference, or else smaller, the one that is right most
/// often.
fn rival(facts: Facts<'_>) -> Option<usize> {
    facts.best_of(Group::Same).or_else(|| facts.best_of(Group::Smaller))
}

/// The differences. Found: the largest relevant ones of the rival under the scenarios that have a right dose; that there are none, when
/// none is open.
pub(super) fn differences(facts: Facts<'_>) -> String {
    let reference = named(facts.name(facts.reference));
    let finding = || {
        let rival = rival(facts)?;
        let scenarios = facts.of_class(Class::Mtd);
        let mut parts = Vec::new();
        let mut is_open = false;
        for (quantity, threshold, words) in [
            (Quantity::Right, facts.relevance.right, "is right"),
            (Quantity::TooToxic, facts.relevance.too_toxic, "selects a too toxic dose"),
        ] {
            let of = |&scenario: &usize| Some((facts.difference(quantity, scenario, rival)?, scenario));
            let found: Vec<(Difference, usize)> = scenarios.iter().filter_map(of).collect();
            is_open |= found.iter().any(|(difference, _)| verdict(difference, threshold) == Verdict::Open);
            let mut own = Vec::new();
            for (wanted, more) in [(Verdict::More, "more"), (Verdict::Less, "fewer")] {
                let relevant = found.iter().filter(|(difference, _)| verdict(difference, threshold) == wanted);
                let largest = relevant.max_by(|(one, _), (other, _)| one.value.abs().total_cmp(&other.value.abs()));
                own.extend(largest.map(|(difference, scenario)| {
                    let points = (100.0 * difference.value.abs()).round();
                    format!("{points:.0} {more} (“{}”)", facts.scenario(*scenario).name)
                }));
            }
            parts.extend((!own.is_empty()).then(|| format!("{words} in up to about {}", own.join(" or "))));
        }
        match parts.is_empty() {
            false => Some(format!("Of 100 trials, {} {} than {reference}", named(facts.name(rival)), listed(&parts))),
            true => (!is_open && !scenarios.is_empty()).then(|| {
                format!("{} differs little from {reference} under every scenario that has a right dose", named(facts.name(rival)))
            }),
        }
    };
    or_shown(finding(), &format!("Differences from {reference}, scenario by scenario"))
}

/// The sizes. Found: how often the reference treats more patients than planned, or that it never does; without a plan, its mean patients.
pub(super) fn size(facts: Facts<'_>) -> String {
    let reference = named(facts.name(facts.reference));
    let scenarios: Vec<usize> = (0..facts.study.scenarios.len()).collect();
    let finding = || match facts.study.planned_patients {
        Some(planned) => {
            let above = |&scenario: &usize| (facts.above(planned, scenario, facts.reference), scenario);
            let (most, scenario) = scenarios.iter().map(above).rev().max_by(|one, other| one.0.total_cmp(&other.0))?;
            if most >= 0.01 {
                let share = Estimate { value: most, std_error: None };
                return Some(format!(
                    "{reference} treats more than the planned {planned} patients in up to {} of 100 trials (“{}”)",
                    of_hundred(&[share]),
                    facts.scenario(scenario).name
                ));
            }
            (most <= 0.0).then(|| format!("{reference} never treats more than the planned {planned} patients"))
        }
        None => {
            let [low, high] = facts.extremes(Quantity::Patients, &scenarios, facts.reference)?;
            let (low, high) = (format!("{:.1}", low.0), format!("{:.1}", high.0));
            Some(if low == high {
                format!("{reference} treats {low} patients on average under every scenario")
            } else {
                format!("{reference} treats {low} to {high} patients on average, by the scenario")
            })
        }
    };
    or_shown(finding(), "Patients and weeks")
}

/// The exposure. Found: designs that treat more or fewer patients at too toxic doses, of about this size or smaller, on average where a
/// dose is right; else how many the reference does. `shown` are the designs of the figure.
pub(super) fn exposure(facts: Facts<'_>, shown: &[usize]) -> String {
    let reference = named(facts.name(facts.reference));
    let finding = || {
        let of_reference = facts.mean_of(Quantity::Exposed, Class::Mtd, facts.reference)?;
        let differs = |design: &usize| {
            let found = facts.mean_difference(Quantity::Exposed, Class::Mtd, *design);
            let found = found.map(|difference| verdict(&difference, facts.relevance.exposed));
            matches!(facts.group(*design), Some(Group::Same | Group::Smaller))
                && matches!(found, Some(Verdict::More | Verdict::Less))
        };
        let found: Vec<usize> = shown.iter().copied().filter(differs).collect();
        if found.is_empty() {
            let patients = facts.size(facts.reference)?;
            return Some(format!(
                "If one of the doses is right, {reference} treats {:.1} of {patients:.1} patients at a dose that is too toxic",
                of_reference.value
            ));
        }
        let values = means(facts, Quantity::Exposed, &found)?;
        let values: Vec<String> = values.iter().map(|estimate| format!("{:.1}", estimate.value)).collect();
        Some(format!(
            "If one of the doses is right, {} {} {} patients at a dose that is too toxic instead of {:.1}",
            names(facts, &found),
            verb(found.len(), "treats", "treat"),
            listed(&values),
            of_reference.value
        ))
    };
    or_shown(finding(), "Patients at doses that are too toxic, and DLTs")
}
