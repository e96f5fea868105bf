//! The CRM and its relatives in the words of a protocol.

use super::by_estimate::{ByEstimate, CrmSelection, EstimatorVoice, Precision, Rules, TooToxic, nearest};
use super::{Curve, Model};
use crate::design::rule::Method;
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, enough_patients};
use crate::trial::{Arrival, Conduct, Counts, Level, StopReason};

/// The method's words.
pub(super) fn wording<'a, E: EstimatorVoice>(
    method: &'a ByEstimate<E>,
    conduct: &Conduct,
    names: &LevelNames,
) -> MethodWording<'a> {
    let model = method.estimator.words();
    let mut decisions = model.model;
    decisions.push(recommendation(method, model.estimate, names));
    let mut references = vec![
        "Goodman, Zahurak and Piantadosi (1995), Statistics in Medicine 14, 1149-1161: cohorts, no skipping",
        "Cheung (2011), Dose Finding by the Continual Reassessment Method, Chapman & Hall/CRC",
    ];
    references.extend(model.references);
    MethodWording {
        decisions,
        too_toxic: too_toxic(method, names),
        precise: precise(method),
        selection: selection(method, conduct.min_patients_selected),
        open: open(&method.rules),
        references,
    }
}

/// The curve of a model, `slope` being its slope: a clause.
pub(in crate::design) fn curve_words(model: Model, slope: &str) -> String {
    match model {
        Model::Empiric => {
            format!("the DLT probability of level k is s(k) to the power {slope}, s(k) being the skeleton below")
        }
        Model::Logistic { intercept } => format!(
            "the logit of the DLT probability of level k is {intercept} + {slope} x(k), where x(k) = logit s(k) − {intercept}, s(k) being \
             the skeleton below"
        ),
    }
}

/// Skeletons by name, level by level.
pub(in crate::design) fn skeleton_grid(curves: &[(&str, &Curve)]) -> Piece<'static> {
    let levels = curves.first().map_or(0, |(_, curve)| curve.levels());
    let heading = std::iter::once("Dose level".to_owned()).chain((1..=levels).map(|level| level.to_string())).collect();
    let row = |&(name, curve): &(&str, &Curve)| {
        std::iter::once(name.to_owned()).chain(curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}"))).collect()
    };
    Piece::grid(std::iter::once(heading).chain(curves.iter().map(row)).collect(), Claim::Nothing)
}

fn recommendation<'a, E: EstimatorVoice>(method: &'a ByEstimate<E>, estimate: &str, names: &LevelNames) -> Piece<'a> {
    let target = method.rules.target;
    let words = format!(
        "The estimate for a level is {estimate}. The level whose estimate is nearest the target DLT probability {target} is \
         recommended for the next cohort, the lower one on a tie; {} when all estimates are at or below the target.",
        names.of(method.estimator.levels() - 1)
    );
    let claim = move |counts: &Counts, _: Arrival| nearest(method.toxicity(counts).into_iter().enumerate(), target);
    Piece::claimed(words, Claim::Recommends(Box::new(claim)))
}

fn too_toxic<'a, E: EstimatorVoice>(method: &'a ByEstimate<E>, names: &LevelNames) -> Vec<Piece<'a>> {
    let Some(TooToxic { cutoff, rate }) = method.rules.too_toxic else {
        return Vec::new();
    };
    let words = format!(
        "The trial stops, and no dose level is recommended, when the posterior probability that the DLT probability of {} exceeds \
         {rate} is above {cutoff}. This is looked at after every cohort, the last one included.",
        names.of(0)
    );
    let claim = |counts: &Counts, _: Arrival, _: Level| method.is_too_toxic(&method.view(counts));
    vec![Piece::stops(words, StopReason::TooToxic, claim).about("too_toxic_cutoff")]
}

fn precise<E: EstimatorVoice>(method: &ByEstimate<E>) -> Vec<Piece<'_>> {
    let Some(Precision { lower, upper, credibility, any }) = method.rules.precision else {
        return Vec::new();
    };
    let which = if any { "any level" } else { "the level at which the next cohort would be treated" };
    let words = format!(
        "The trial stops when the DLT probability of {which} is known well enough: its central {} % posterior interval lies within \
         {lower} to {upper}. A dose level is then recommended.",
        100.0 * credibility
    );
    let claim = |counts: &Counts, _: Arrival, next: Level| method.precise(method.view(counts), next).is_some();
    vec![Piece::stops(words, StopReason::Precise, claim).about("stop_when_precise")]
}

fn selection<E: EstimatorVoice>(method: &ByEstimate<E>, min_patients: usize) -> Vec<Piece<'_>> {
    let Rules { selection, target, .. } = method.rules;
    let enough = enough_patients(min_patients);
    let words = match selection {
        CrmSelection::Tried => format!(
            "The recommended dose level is the one whose estimate is nearest the target, the lower one on a tie, among the levels at \
             which patients have been treated.{enough}"
        ),
        CrmSelection::Model => format!(
            "The recommended dose level is the one whose estimate is nearest the target, the lower one on a tie, whether patients have \
             been treated there or not.{enough}"
        ),
        CrmSelection::Next => {
            format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}")
        }
    };
    let select = move |counts: &Counts, next: Level| {
        let has_enough = |level: Level, fewest: usize| counts.patients(level) >= fewest;
        let fewest = if selection == CrmSelection::Tried { min_patients.max(1) } else { min_patients };
        if selection == CrmSelection::Next {
            return has_enough(next, fewest).then_some(next);
        }
        let estimates = method.toxicity(counts);
        let candidates: Vec<(Level, f64)> =
            estimates.into_iter().enumerate().filter(|&(level, _)| has_enough(level, fewest)).collect();
        nearest(candidates.into_iter(), target)
    };
    vec![Piece::claimed(words, Claim::Selects(Box::new(select))).about("selection")]
}

fn open(rules: &Rules) -> Vec<String> {
    let mut open = vec![
        "Who runs the model between cohorts, with which program and version, and who may decide for a lower level than recommended."
            .to_owned(),
    ];
    if rules.too_toxic.is_none() {
        open.push(
            "When the trial stops because even the lowest level is too toxic. This rule has no such stop: it treats all planned patients."
                .to_owned(),
        );
    }
    if rules.selection == CrmSelection::Model {
        open.push("Whether a level at which nobody was treated may be recommended. Here it may.".to_owned());
    }
    open
}

/// A start above what the prior says of it.
pub(super) fn cautions<E: EstimatorVoice>(method: &ByEstimate<E>, conduct: &Conduct) -> Vec<(&'static str, String)> {
    let target = method.rules.target;
    let start = conduct.start_level;
    let prior = method.toxicity(&Counts::default())[start];
    // The skeleton of a prior MTD is the target up to rounding.
    let is_above = prior > target + 1e-9;
    let message = format!(
        "the trial starts at level {}, whose estimate before any patient is {prior:.4}, above the target {target}",
        start + 1
    );
    if is_above { vec![("start_level", message)] } else { Vec::new() }
}
