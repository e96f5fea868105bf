//! What follows from the criteria of the study: R1 to R6.

use super::others::ELSEWHERE;
use super::say::Say;
use super::{Draft, Lay};
use crate::argument::case::Case;
use crate::argument::criteria::{Finding, Judged, Met, Recommendation, quantity};
use crate::argument::words::{self, MOST_NAMES, verb};
use crate::scenario::Class;
use crate::study::{Criterion, Preference};

pub(super) fn sentences(case: &Case<'_>, recommendation: &Recommendation) -> Vec<Draft> {
    let say = Say::new(case);
    if recommendation.criteria.is_empty() {
        let withheld = "The study states no criteria for choosing a design, so this report recommends none.";
        let text = format!("{withheld} It shows what each costs and gives.");
        return vec![say.done("R5", text, Lay::Words(withheld.to_owned()))];
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let left = &recommendation.left;
    let names = words::names(&say.names(left), MOST_NAMES, ELSEWHERE);
    match (recommendation.chosen_place(case), &left[..]) {
        (_, []) => drafts.extend(nearest(case, recommendation)),
        (Some(chosen), [_]) => drafts.extend(chosen_alone(say, recommendation, chosen)),
        (Some(_), _) => {
            let text = format!(
                "{names} meet the criteria and differ by less than this report calls relevant; the protocol's rule is kept."
            );
            drafts.push(say.done("R2", text, Lay::Same));
        }
        (None, _) => {
            drafts.push(say.done("R3", format!("{names} meet the criteria and cannot be separated by them."), Lay::Same));
        }
    }
    drafts.extend(undecided(case, recommendation));
    drafts
}

/// What the design that is best in a preference does: `selects the right dose most often`.
fn best(preference: Preference) -> &'static str {
    match preference {
        Preference::Right => "selects the right dose most often",
        Preference::TooToxic => "selects a dose that is too toxic least often",
        Preference::Patients => "treats the fewest patients",
        Preference::Exposed => "treats the fewest patients at doses that are too toxic",
        Preference::Dlts => "has the fewest DLTs",
        Preference::Weeks => "takes the fewest weeks",
        Preference::None => "ends without a dose least often",
    }
}

/// R1.
fn chosen_alone(say: Say<'_, '_>, recommendation: &Recommendation, chosen: usize) -> Option<Draft> {
    let case = say.case;
    let who = if chosen == case.reference() { "the protocol's rule".to_owned() } else { say.name(chosen) };
    let all = recommendation.meeting.len();
    let of = format!("of the {all} designs that meet them all");
    let why = match recommendation.decided {
        None => "no other design meets them all".to_owned(),
        Some((preference, before)) => {
            let at = case.at_mean(chosen, Class::Mtd, quantity(preference))?;
            let number = if at.quantity.is_probability() {
                format!("{} of 100 trials", say.trials(&at))
            } else {
                format!("{} on average", say.mean(&at))
            };
            let best = best(preference);
            if before == all {
                format!("{of} it {best} ({number})")
            } else {
                format!("{of}, {before} differ little in what counts more, and of these it {best} ({number})")
            }
        }
    };
    Some(say.done("R1", format!("By the criteria stated in the study, {who} is recommended: {why}."), Lay::Same))
}

/// R4: of the designs that miss the fewest criteria the one that misses the first of them by least.
fn nearest(case: &Case<'_>, recommendation: &Recommendation) -> Option<Draft> {
    let missed = |design: usize| -> Vec<(&Met, &Judged)> {
        let of = |met| -> Option<(&Met, &Judged)> {
            let met: &Met = met;
            Some((met, met.designs.iter().find(|judged| judged.place == design && judged.finding == Finding::NotMet)?))
        };
        recommendation.criteria.iter().filter_map(of).collect()
    };
    let candidates: Vec<(usize, Vec<(&Met, &Judged)>)> =
        case.designs().iter().map(|&design| (design, missed(design))).filter(|(_, missed)| !missed.is_empty()).collect();
    let fewest = candidates.iter().map(|(_, missed)| missed.len()).min()?;
    let near = candidates.iter().filter(|(_, missed)| missed.len() == fewest);
    let (design, missed) = near.reduce(|one, other| if other.1[0].1.excess < one.1[0].1.excess { other } else { one })?;
    let say = Say::new(case);
    let (met, judged) = missed.first()?;
    let open =
        if recommendation.undecided.is_empty() { "No design meets the criteria" } else { "No design surely meets the criteria" };
    let text = format!("{open}. Nearest is {}, which {}.", say.name(*design), misses(&say, met, judged));
    Some(say.done("R4", text, Lay::Same))
}

/// How a design misses a criterion: `selects a dose that is too toxic in about 17 of 100 trials at worst ("..."), where 15 are allowed`.
fn misses(say: &Say<'_, '_>, met: &Met, judged: &Judged) -> String {
    let at = &judged.at;
    let under = say.under(at);
    let limit = limit(met);
    match met.kind {
        Criterion::MaxTooToxic => {
            format!(
                "selects a dose that is too toxic in {} of 100 trials at worst ({under}), where {limit} are allowed",
                say.about(at)
            )
        }
        Criterion::MaxTooToxicMean => {
            format!("selects a dose that is too toxic in {} of 100 trials, where {limit} are allowed", say.about(at))
        }
        Criterion::MinRight => {
            format!("selects the right dose in {} of 100 trials at worst ({under}), where {limit} are asked for", say.about(at))
        }
        Criterion::MinRightMean => {
            format!("selects the right dose in {} of 100 trials, where {limit} are asked for", say.about(at))
        }
        Criterion::MaxNone => {
            format!("ends without a dose in {} of 100 trials at worst ({under}), where {limit} are allowed", say.about(at))
        }
        Criterion::MinNoneWhenToxic => format!(
            "ends without a dose in {} of 100 trials if every dose is too toxic ({under}), where {limit} are asked for",
            say.about(at)
        ),
        Criterion::MaxPatients => {
            let most =
                say.keep("total_patients_most", &at.scenarios, at.design, at.known.value, words::no_decimal(at.known.value));
            format!("treats up to {most} patients, where {limit} are allowed")
        }
        Criterion::MaxPatientsMean => {
            format!("treats {} patients on average at most ({under}), where {limit} are allowed", say.mean(at))
        }
        Criterion::MaxWeeksMean => {
            format!("takes {} weeks on average at most ({under}), where {limit} are allowed", say.mean(at))
        }
    }
}

/// A limit as sentences have it: of 100 trials, or as it is written.
fn limit(met: &Met) -> String {
    match met.kind {
        Criterion::MaxPatients | Criterion::MaxPatientsMean | Criterion::MaxWeeksMean => met.limit.to_string(),
        _ => words::percent_as_written(met.limit),
    }
}

/// R6, for each criterion that a design may or may not meet.
fn undecided(case: &Case<'_>, recommendation: &Recommendation) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for met in &recommendation.criteria {
        let open: Vec<usize> = met
            .designs
            .iter()
            .filter(|judged| judged.finding == Finding::Undecided && recommendation.undecided.contains(&judged.design))
            .map(|judged| judged.place)
            .collect();
        if open.is_empty() {
            continue;
        }
        let say = Say::new(case);
        let unit = match met.kind {
            Criterion::MaxPatients | Criterion::MaxPatientsMean => "patients",
            Criterion::MaxWeeksMean => "weeks",
            _ => "of 100 trials",
        };
        let text = format!(
            "Whether {} {} the limit of {} {unit} (`{}`) cannot be told from this run.",
            words::names(&say.names(&open), MOST_NAMES, ELSEWHERE),
            verb(open.len(), "meets", "meet"),
            limit(met),
            met.criterion
        );
        drafts.push(say.done("R6", text, Lay::Absent));
    }
    drafts
}
