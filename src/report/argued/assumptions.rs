//! Assumptions and limitations, each printed only when it is true.

use super::designs;
use crate::argument::{Argument, Group, points};
use crate::design::Plan;
use crate::lint::lint;
use crate::measure::{Metric, Results, Source};
use crate::report::table::{grouped, written};
use crate::study::Study;
use crate::trial::patients_a_week;

/// Methods with a model and a prior.
const MODELS: [&str; 10] = [
    "CRM",
    "CRM with gamma prior",
    "TITE-CRM",
    "BLRM",
    "TITE-BLRM",
    "BMA-CRM",
    "EWOC",
    "CRM by maximum likelihood",
    "CRM, two-parameter",
    "Decision table",
];

/// The items, in their order.
pub(in crate::report) fn items(study: &Study, results: &Results, argument: &Argument) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let count = study.scenarios.len();
    let author = study.report.author.as_deref().unwrap_or("the authors of the study file");
    items.push(match count {
        1 => format!("The true risk of each dose is unknown. This 1 curve was chosen by {author}; other curves give other numbers."),
        _ => format!("The true risk of each dose is unknown. These {count} curves were chosen by {author}; other curves give other numbers."),
    });
    let without = study.scenarios.iter().filter(|scenario| scenario.why.is_none()).count();
    if without > 0 && study.report.texts.scenarios_reason.is_none() {
        items.push(match without {
            1 => "The study file gives no reason for 1 of them.".to_owned(),
            _ => format!("The study file gives no reason for {without} of them."),
        });
    }
    items.extend(study.report.texts.scenarios_reason.iter().map(|reason| format!("Why these curves: {reason}")));
    let falling: Vec<String> = study
        .scenarios
        .iter()
        .filter(|scenario| !scenario.is_monotone())
        .map(|scenario| format!("\"{}\"", scenario.name))
        .collect();
    items.push(if falling.is_empty() {
        "All curves rise or stay level with the dose.".to_owned()
    } else {
        format!("{} {} not rise with every dose.", falling.join(", "), if falling.len() == 1 { "does" } else { "do" })
    });
    if designs(study).any(|(_, design)| matches!(design.plan, Plan::Rule(_))) {
        items.push(
            "Each patient's outcome is independent of the others', has one DLT probability per dose, and is known at the end of the \
             window; no later toxicity is looked at."
                .to_owned(),
        );
    }
    if !study.timing.as_ref().is_some_and(|timing| timing.has_dropouts()) {
        items.push("Nobody drops out, no patient is replaced, and the rule is followed to the letter.".to_owned());
    }
    items.push("Efficacy, dose level changes within a patient and biomarker data are not considered.".to_owned());
    items.extend(models(study));
    let larger: Vec<&str> =
        argument.designs.iter().filter(|design| design.group == Group::Larger).map(|design| design.name.as_str()).collect();
    if !larger.is_empty() {
        items.push(format!(
            "{} {} more patients than the reference design: what {} better is also a matter of size.",
            larger.join(", "),
            if larger.len() == 1 { "treats" } else { "treat" },
            if larger.len() == 1 { "it does" } else { "they do" }
        ));
    }
    items.extend(warnings(study));
    let reason = study.report.texts.target_reason.clone();
    let (low, high) = study.target.acceptable;
    items.push(format!(
        "The target is {} and the acceptable range is {} to {}: {}",
        written(study.target.value),
        written(low),
        written(high),
        reason.unwrap_or_else(|| "no reason is given.".to_owned())
    ));
    items.push(match &study.timing {
        Some(timing) => {
            let reason = study.report.texts.accrual_reason.as_deref().unwrap_or("assumed");
            let wait = if timing.queue > 0 { "wait" } else { "are turned away" };
            format!(
                "Patients arrive at random, {} on average ({reason}); those who arrive while enrolment is closed {wait}.",
                patients_a_week(timing.accrual_per_week)
            )
        }
        None => "Nothing is said of the length of the trial.".to_owned(),
    });
    let largest = largest_error(study, results);
    if let Some(half) = largest {
        items.push(format!(
            "{} trials are simulated a scenario; a percentage is uncertain by up to ±{} points; there is no adjustment for many \
             comparisons.",
            grouped(study.simulation.replicates as u64),
            points(half)
        ));
    }
    if designs(study).any(|(place, _)| has_source(results, place, Source::Exact)) {
        items.push(
            "Exact means without simulation error, given the assumptions; it does not mean that the assumptions hold.".to_owned(),
        );
    }
    items.push("The selected dose is an estimate; the phase 2 dose is decided from all data.".to_owned());
    items.push(if study.tunings.is_empty() {
        "The designs' tuning is what the study file says, or the default of the method.".to_owned()
    } else {
        "The designs' tuning may rest on these very scenarios (`tune`): then their numbers are optimistic.".to_owned()
    });
    items.push(
        "Verification: two engines of one program agree (annex D); how methods compare with other software is shown by the validation \
         page of this version, and is not repeated in this run."
            .to_owned(),
    );
    items
}

/// What each model-based design assumes.
fn models(study: &Study) -> Vec<String> {
    let reason = study.report.texts.prior_reason.as_deref().unwrap_or("no reason is given for its prior");
    let sensitivity = if study.sensitivities.is_empty() { "not studied" } else { "section 8" };
    let names: Vec<String> = designs(study)
        .filter(|(_, design)| MODELS.contains(&design.method) && design.method != "Decision table")
        .map(|(_, design)| design.name.clone())
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let assume = if names.len() == 1 { "assumes" } else { "assume" };
    vec![format!(
        "{} {assume} a model of how toxicity grows with the dose (annex B has its numbers): {reason}. Sensitivity: {sensitivity}.",
        names.join(", ")
    )]
}

/// What `check` says of designs and scenarios.
fn warnings(study: &Study) -> Vec<String> {
    const KINDS: [&str; 5] =
        ["can never end without a dose", "for want of", "is not shown", "patients more than", "more than the planned"];
    let found = lint(study, &[]).into_iter().map(|complaint| complaint.message);
    let of_kind = found.filter(|message| KINDS.iter().any(|kind| message.contains(kind)));
    let sentence = |message: String| {
        let mut letters = message.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        let whole = format!("{first}{}", letters.as_str());
        if whole.ends_with('.') { whole } else { format!("{whole}.") }
    };
    of_kind.map(sentence).collect()
}

pub(super) fn has_source(results: &Results, place: usize, source: Source) -> bool {
    results.summaries.iter().any(|row| row.get(place).is_some_and(|summary| summary.source == source))
}

/// Half of the widest 95 % interval of an ending.
fn largest_error(study: &Study, results: &Results) -> Option<f64> {
    let metrics = [Metric::RightSelection, Metric::OverSelection, Metric::TooLowSelection];
    let cells = results.summaries.iter().flat_map(|row| designs(study).filter_map(move |(place, _)| row.get(place)));
    let errors = cells.flat_map(|summary| metrics.into_iter().filter_map(|metric| summary.get(metric)?.std_error));
    errors.reduce(f64::max).map(|error| (1960.0 * error).ceil() / 1000.0)
}
