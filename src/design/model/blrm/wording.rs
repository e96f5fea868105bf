//! The BLRM in the words of a protocol.

use super::{Blrm, BlrmSelection, BlrmSettings, Choice, Declaration, prior_words};
use crate::design::rule::wording::{Claim, Evidence, LevelNames, MethodWording, Piece, counted, enough_patients, selects_next};
use crate::trial::{Conduct, Counts, Level, StopReason};

/// The method's words.
pub(super) fn wording(blrm: &Blrm, conduct: &Conduct, names: &LevelNames) -> MethodWording {
    MethodWording {
        decisions: decisions(blrm, names),
        precise: Vec::new(),
        too_toxic: stops(blrm, conduct.min_patients_selected),
        selection: selection(blrm, conduct.min_patients_selected),
        open: open(blrm),
        references: vec!["Babb, Rogatko and Zacks (1998), Statistics in Medicine 17, 1103-1120: overdose control"],
    }
}

fn decisions(blrm: &Blrm, names: &LevelNames) -> Vec<Piece> {
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
    let takes_highest = *choice == Choice::Highest;
    let choice = match choice {
        Choice::Target => "the one with the largest probability of the target interval, the lower one on a tie,",
        Choice::Highest => "the highest one",
    };
    let highest: Vec<String> = std::iter::once("Highest next level".to_owned())
        .chain(blrm.highest_after.iter().map(|level| (level + 1).to_string()))
        .collect();
    let heading = std::iter::once("Current dose level".to_owned()).chain((1..=levels).map(|level| level.to_string())).collect();
    let recommend = Claim::recommends(
        (blrm.highest_after.clone(), *overdose_limit, takes_highest),
        |(highest_after, limit, highest), seen| {
            let most = highest_after.get(seen.current()).copied()?;
            // Where no level is admissible the trial stops.
            Some(chosen(seen.evidence, *limit, *highest, |level| level <= most).unwrap_or(0))
        },
    );
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
            recommend,
        ),
    ]
}

/// The trial ends for the method's own reasons, in their order.
fn stops(blrm: &Blrm, min_patients_selected: usize) -> Vec<Piece> {
    let words = "The trial stops, and no dose level is recommended, when no dose level is admissible. This is looked at after every \
                 cohort, the last one included.";
    let too_toxic = Piece::stops(words, StopReason::TooToxic, blrm.settings.overdose_limit, |&limit, seen, _| {
        seen.evidence.too_high.iter().all(|&too_high| too_high > limit)
    });
    let mut pieces = vec![too_toxic.about("overdose_limit")];
    if let Some(declaration) = blrm.settings.declaration {
        let words = format!(
            "The trial stops, and the level just treated is the recommended dose level, when {}.",
            declaration_words(declaration)
        );
        let Declaration { min_patients, probability, total_patients } = declaration;
        let data = (min_patients.max(min_patients_selected), probability, total_patients);
        let declared = Piece::stops(words, StopReason::MtdDeclared, data, |&(fewest, probability, total), seen, next| {
            let current = seen.current();
            let enough = total.is_some_and(|total| seen.counts.total_patients() >= total);
            let is_likely = || in_target(seen.evidence, current).is_some_and(|target| target > probability);
            next == current && seen.counts.patients(current) >= fewest && (enough || is_likely())
        });
        pieces.push(declared.about("declare_min_patients"));
    }
    pieces
}

/// The posterior probability of the target interval at a level.
fn in_target(evidence: &Evidence, level: Level) -> Option<f64> {
    Some(1.0 - evidence.too_low.get(level)? - evidence.too_high.get(level)?)
}

/// Of the admissible levels among the candidates the highest, or the one with the largest probability of the target interval, the
/// lower one on a tie.
fn chosen(evidence: &Evidence, limit: f64, takes_highest: bool, is_candidate: impl Fn(Level) -> bool) -> Option<Level> {
    let is_admissible = |&level: &Level| evidence.too_high[level] <= limit && is_candidate(level);
    let admissible = (0..evidence.too_high.len()).filter(is_admissible);
    if takes_highest {
        return admissible.max();
    }
    let mut likeliest: Vec<(Level, f64)> =
        admissible.filter_map(|level| in_target(evidence, level).map(|target| (level, target))).collect();
    likeliest.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    likeliest.first().map(|&(level, _)| level)
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

fn selection(blrm: &Blrm, min_patients: usize) -> Vec<Piece> {
    let BlrmSettings { selection, choice, overdose_limit, .. } = blrm.settings;
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
    if selection == BlrmSelection::Next {
        return vec![selects_next(words, min_patients)];
    }
    let data = (min_patients.max(1), overdose_limit, choice == Choice::Highest);
    let piece = Piece::selects(words, data, |&(fewest, limit, highest), seen, _| {
        chosen(seen.evidence, limit, highest, |level| seen.counts.patients(level) >= fewest)
    });
    vec![piece.about("selection")]
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
