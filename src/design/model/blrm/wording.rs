//! The BLRM in the words of a protocol.

use super::{Blrm, BlrmSelection, BlrmSettings, Choice, Declaration, prior_words};
use crate::design::rule::Method;
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, counted, enough_patients};
use crate::trial::{Arrival, Conduct, Counts, Level, StopReason};

/// The method's words.
pub(super) fn wording<'a>(blrm: &'a Blrm, conduct: &Conduct, names: &LevelNames) -> MethodWording<'a> {
    MethodWording {
        decisions: decisions(blrm, names),
        precise: Vec::new(),
        too_toxic: stops(blrm, conduct.min_patients_selected),
        selection: selection(blrm, conduct.min_patients_selected),
        open: open(blrm),
        references: vec!["Babb, Rogatko and Zacks (1998), Statistics in Medicine 17, 1103-1120: overdose control"],
    }
}

fn decisions<'a>(blrm: &'a Blrm, names: &LevelNames) -> Vec<Piece<'a>> {
    let BlrmSettings {
        doses,
        reference_dose,
        prior,
        target_interval: [low, high],
        overdose_limit,
        escalation_factor,
        choice,
        ..
    } = &blrm.settings;
    let levels = doses.len();
    let choice = match choice {
        Choice::Target => "the one with the largest probability of the target interval, the lower one on a tie,",
        Choice::Highest => "the highest one",
    };
    let highest: Vec<String> = std::iter::once("Highest next level".to_owned())
        .chain(blrm.highest_after.iter().map(|level| (level + 1).to_string()))
        .collect();
    let heading = std::iter::once("Current dose level".to_owned()).chain((1..=levels).map(|level| level.to_string())).collect();
    let recommend = move |counts: &Counts, arrival: Arrival| Some(blrm.recommend(blrm.view(counts), counts, arrival));
    vec![
        Piece::said(format!(
            "The logit of the DLT probability of a dose is log α + β log(dose / {reference_dose}). Before the trial {}. After each cohort \
             the posterior distribution of the DLT probability of every dose level is worked out from all patients of the trial.",
            prior_words(prior)
        )),
        Piece::said(format!(
            "A DLT probability below {low} is underdosing, one from {low} to below {high} is in the target interval, and one of {high} or \
             more is overdosing. A dose level is admissible when its posterior probability of overdosing is {overdose_limit} or less."
        )),
        Piece::said(format!(
            "The next dose is at most {escalation_factor} times the current dose. {} can always be given as far as this rule goes.",
            capitalised(&names.of(0))
        )),
        Piece::grid(vec![heading, highest], Claim::Nothing),
        Piece::claimed(
            format!("Of the admissible dose levels within that limit, {choice} is recommended for the next cohort."),
            Claim::Recommends(Box::new(recommend)),
        ),
    ]
}

/// The trial ends for the method's own reasons, in their order.
fn stops(blrm: &Blrm, min_patients_selected: usize) -> Vec<Piece<'_>> {
    let too_toxic = move |counts: &Counts, _: Arrival, _: Level| {
        blrm.intervals(counts).iter().all(|[_, _, over]| *over > blrm.settings.overdose_limit)
    };
    let words = "The trial stops, and no dose level is recommended, when no dose level is admissible. This is looked at after every \
                 cohort, the last one included.";
    let mut pieces = vec![Piece::stops(words, StopReason::TooToxic, too_toxic).about("overdose_limit")];
    if let Some(declaration) = blrm.settings.declaration {
        let declared = move |counts: &Counts, arrival: Arrival, next: Level| {
            let current = arrival.cohort.level as usize;
            counts.patients(current) >= min_patients_selected && blrm.declares_mtd(blrm.view(counts), counts, current, next)
        };
        let words = format!(
            "The trial stops, and the level just treated is the recommended dose level, when {}.",
            declaration_words(declaration)
        );
        pieces.push(Piece::stops(words, StopReason::MtdDeclared, declared).about("declare_min_patients"));
    }
    pieces
}

/// The condition under which the MTD is declared.
pub(super) fn declaration_words(declaration: Declaration) -> String {
    let Declaration { min_patients, probability, total_patients } = declaration;
    let or = total_patients.map_or_else(String::new, |total| format!(" or {} treated in the trial", counted(total, "patient")));
    format!(
        "the next cohort would be treated at the level just treated, {} or more have been treated there, and there is a posterior \
         probability of the target interval above {probability} there{or}",
        counted(min_patients, "patient")
    )
}

fn selection(blrm: &Blrm, min_patients: usize) -> Vec<Piece<'_>> {
    let BlrmSettings { selection, choice, .. } = blrm.settings;
    let enough = enough_patients(min_patients);
    let words = match (selection, choice) {
        (BlrmSelection::Tried, Choice::Target) => format!(
            "The recommended dose level is, of the admissible levels at which patients have been treated, the one with the largest \
             probability of the target interval, the lower one on a tie.{enough}"
        ),
        (BlrmSelection::Tried, Choice::Highest) => {
            format!("The recommended dose level is the highest admissible level at which patients have been treated.{enough}")
        }
        (BlrmSelection::Next, _) => {
            format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}")
        }
    };
    let select = move |counts: &Counts, next: Level| blrm.select(blrm.view(counts), counts, next, min_patients);
    vec![Piece::claimed(words, Claim::Selects(Box::new(select))).about("selection")]
}

fn open(blrm: &Blrm) -> Vec<String> {
    let mut open = vec![
        "Who runs the model between cohorts, with which program and version, and who may decide for a lower level than recommended."
            .to_owned(),
    ];
    if blrm.settings.declaration.is_none() {
        open.push("When the MTD is declared before all planned patients are treated. Here it is not.".to_owned());
    }
    open
}

/// A start that overdose control would not admit, and a step between doses that the escalation factor forbids for good.
pub(super) fn cautions(blrm: &Blrm, conduct: &Conduct) -> Vec<(&'static str, String)> {
    let BlrmSettings { doses, overdose_limit, escalation_factor, .. } = &blrm.settings;
    let mut cautions = Vec::new();
    let start = conduct.start_level;
    if let Some([_, _, over]) = blrm.intervals(&Counts::default()).get(start)
        && over > overdose_limit
    {
        cautions.push((
            "start_level",
            format!(
                "the trial starts at level {}, whose probability of overdosing before any patient is {over:.4}, above the limit {overdose_limit}",
                start + 1
            ),
        ));
    }
    let barrier = (start..doses.len().saturating_sub(1)).find(|&level| blrm.highest_after[level] == level);
    if let Some(level) = barrier {
        cautions.push((
            "escalation_factor",
            format!(
                "level {} is never given: its dose {} is more than {escalation_factor} times {}, the dose of level {}",
                level + 2,
                doses[level + 1],
                doses[level],
                level + 1
            ),
        ));
    }
    cautions
}

/// With a capital letter.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
