//! The CRM in the words of a protocol.

use super::{Crm, Estimate, Model, Selection, Settings, TooToxic, nearest};
use crate::design::Method;
use crate::design::wording::{Claim, LevelNames, MethodWording, Piece, counted};
use crate::trial::{Arrival, Conduct, Counts, Level, StopReason};

/// The method's words.
pub(super) fn wording<'a>(crm: &'a Crm, conduct: &Conduct, names: &LevelNames) -> MethodWording<'a> {
    MethodWording {
        start: Vec::new(),
        decisions: decisions(crm, names),
        too_toxic: too_toxic(crm, names),
        selection: selection(crm, conduct.min_patients_selected),
        open: open(crm),
        references: vec![
            "Goodman, Zahurak and Piantadosi (1995), Statistics in Medicine 14, 1149-1161: cohorts, no skipping",
            "Cheung (2011), Dose Finding by the Continual Reassessment Method, Chapman & Hall/CRC",
        ],
    }
}

fn decisions<'a>(crm: &'a Crm, names: &LevelNames) -> Vec<Piece<'a>> {
    let Settings { curve, prior_sd, target, estimate, .. } = &crm.settings;
    let levels = curve.levels();
    let model = match curve.model {
        Model::Empiric => "the DLT probability of level k is s(k) to the power exp(θ), s(k) being the skeleton below".to_owned(),
        Model::Logistic { intercept } => format!(
            "the logit of the DLT probability of level k is {intercept} + exp(θ) x(k), where x(k) = logit s(k) − {intercept}, s(k) being \
             the skeleton below"
        ),
    };
    let skeleton: Vec<String> =
        std::iter::once("Skeleton".to_owned()).chain(curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}"))).collect();
    let heading = std::iter::once("Dose level".to_owned()).chain((1..=levels).map(|level| level.to_string())).collect();
    let estimate = match estimate {
        Estimate::PlugIn => "the model's DLT probability at the posterior mean of θ",
        Estimate::PosteriorMean => "the posterior mean of its DLT probability",
    };
    let recommend = move |counts: &Counts, _: Level| nearest(crm.toxicity(counts).into_iter().enumerate(), *target);
    vec![
        Piece::said(format!(
            "The dose-toxicity curve has one unknown parameter, θ: {model}. Before the trial θ is normal with mean 0 and standard \
             deviation {prior_sd} (variance {:.4}), so the skeleton is the curve at the prior mean of θ. After each cohort the posterior \
             distribution of θ is worked out from all patients of the trial.",
            prior_sd * prior_sd
        )),
        Piece::grid(vec![heading, skeleton], Claim::Nothing),
        Piece::claimed(
            format!(
                "The estimate for a level is {estimate}. The level whose estimate is nearest the target DLT probability {target} is \
                 recommended for the next cohort, the lower one on a tie; {} when all estimates are at or below the target.",
                names.of(levels - 1)
            ),
            Claim::Recommends(Box::new(recommend)),
        ),
    ]
}

fn too_toxic<'a>(crm: &'a Crm, names: &LevelNames) -> Vec<Piece<'a>> {
    let Some(TooToxic { cutoff, rate }) = crm.settings.too_toxic else {
        return Vec::new();
    };
    let words = format!(
        "The trial stops, and no dose level is recommended, when the posterior probability that the DLT probability of {} exceeds \
         {rate} is above {cutoff}. This is looked at after every cohort, the last one included.",
        names.of(0)
    );
    let claim = |counts: &Counts, _: Arrival, _: Level| crm.view(counts).too_toxic;
    vec![Piece::stops(words, StopReason::TooToxic, claim).about("too_toxic_cutoff")]
}

fn selection(crm: &Crm, min_patients: usize) -> Vec<Piece<'_>> {
    let Settings { selection, target, .. } = crm.settings;
    let enough = match min_patients {
        0 => String::new(),
        fewest => format!(" Only a level with at least {} can be recommended.", counted(fewest, "patient")),
    };
    let words = match selection {
        Selection::Tried => format!(
            "The recommended dose level is the one whose estimate is nearest the target, the lower one on a tie, among the levels at \
             which patients have been treated.{enough}"
        ),
        Selection::Model => format!(
            "The recommended dose level is the one whose estimate is nearest the target, the lower one on a tie, whether patients have \
             been treated there or not.{enough}"
        ),
        Selection::Next => {
            format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}")
        }
    };
    let select = move |counts: &Counts, next: Level| {
        let has_enough = |level: Level, fewest: usize| counts.patients(level) >= fewest;
        let fewest = if selection == Selection::Tried { min_patients.max(1) } else { min_patients };
        if selection == Selection::Next {
            return has_enough(next, fewest).then_some(next);
        }
        let estimates = crm.toxicity(counts);
        let candidates: Vec<(Level, f64)> =
            estimates.into_iter().enumerate().filter(|&(level, _)| has_enough(level, fewest)).collect();
        nearest(candidates.into_iter(), target)
    };
    vec![Piece::claimed(words, Claim::Selects(Box::new(select))).about("selection")]
}

fn open(crm: &Crm) -> Vec<String> {
    let mut open = vec![
        "Who runs the model between cohorts, with which program and version, and who may decide for a lower level than recommended."
            .to_owned(),
    ];
    if crm.settings.too_toxic.is_none() {
        open.push(
            "When the trial stops because even the lowest level is too toxic. This rule has no such stop: it treats all planned patients."
                .to_owned(),
        );
    }
    if crm.settings.selection == Selection::Model {
        open.push("Whether a level at which nobody was treated may be recommended. Here it may.".to_owned());
    }
    open
}

/// A start above what the prior says of it.
pub(super) fn cautions(crm: &Crm, conduct: &Conduct) -> Vec<(&'static str, String)> {
    let Settings { target, .. } = crm.settings;
    let start = conduct.start_level;
    let prior = crm.toxicity(&Counts::default())[start];
    // The skeleton of a prior MTD is the target up to rounding.
    let is_above = prior > target + 1e-9;
    let message = format!(
        "the trial starts at level {}, whose estimate before any patient is {prior:.4}, above the target {target}",
        start + 1
    );
    if is_above { vec![("start_level", message)] } else { Vec::new() }
}
