//! The CRM and its relatives in the words of a protocol.

use super::by_estimate::{ByEstimate, CrmSelection, EstimatorVoice, Precision, Rules, TooToxic};
use super::{Curve, Model};
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, enough_patients, selects_next};
use crate::trial::{Conduct, Counts, Level, StopReason};

/// The method's words.
pub(super) fn wording<E: EstimatorVoice>(method: &ByEstimate<E>, conduct: &Conduct, names: &LevelNames) -> MethodWording {
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
pub(in crate::design) fn skeleton_grid(curves: &[(&str, &Curve)]) -> Piece {
    let levels = curves.first().map_or(0, |(_, curve)| curve.levels());
    let heading = std::iter::once("Dose level".to_owned()).chain((1..=levels).map(|level| level.to_string())).collect();
    let row = |&(name, curve): &(&str, &Curve)| {
        std::iter::once(name.to_owned()).chain(curve.toxicity(0.0).map(|toxicity| format!("{toxicity:.4}"))).collect()
    };
    Piece::grid(std::iter::once(heading).chain(curves.iter().map(row)).collect(), Claim::Nothing)
}

fn recommendation<E: EstimatorVoice>(method: &ByEstimate<E>, estimate: &str, names: &LevelNames) -> Piece {
    let target = method.rules.target;
    let words = format!(
        "The estimate for a level is {estimate}. The level whose estimate is nearest the target DLT probability {target} is \
         recommended for the next cohort, the lower one on a tie; {} when all estimates are at or below the target.",
        names.of(method.estimator.levels() - 1)
    );
    Piece::recommends(words, target, |&target, seen| nearest(&seen.evidence.toxicity, target, |_| true))
}

fn too_toxic<E: EstimatorVoice>(method: &ByEstimate<E>, names: &LevelNames) -> Vec<Piece> {
    let Some(TooToxic { cutoff, rate }) = method.rules.too_toxic else {
        return Vec::new();
    };
    let words = format!(
        "The trial stops, and no dose level is recommended, when the posterior probability that the DLT probability of {} exceeds \
         {rate} is above {cutoff}. This is looked at after every cohort, the last one included.",
        names.of(0)
    );
    let piece = Piece::stops(words, StopReason::TooToxic, cutoff, |&cutoff, seen, _| {
        seen.evidence.lowest_too_toxic.is_some_and(|probability| probability > cutoff)
    });
    vec![piece.about("too_toxic_cutoff")]
}

fn precise<E: EstimatorVoice>(method: &ByEstimate<E>) -> Vec<Piece> {
    let Some(Precision { lower, upper, credibility, any }) = method.rules.precision else {
        return Vec::new();
    };
    let which = if any { "any level" } else { "the level at which the next cohort would be treated" };
    let words = format!(
        "The trial stops when the DLT probability of {which} is known well enough: its central {} % posterior interval lies within \
         {lower} to {upper}. A dose level is then recommended.",
        100.0 * credibility
    );
    let piece = Piece::stops(words, StopReason::Precise, (0.5 * (1.0 - credibility), any), |&(tail, any), seen, next| {
        let beyond = seen.evidence.too_low.iter().zip(&seen.evidence.too_high);
        let mut levels = beyond.enumerate().filter(|&(_, (low, high))| *low <= tail && *high <= tail);
        levels.any(|(level, _)| any || level == next)
    });
    vec![piece.about("stop_when_precise")]
}

fn selection<E: EstimatorVoice>(method: &ByEstimate<E>, min_patients: usize) -> Vec<Piece> {
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
    let fewest = match selection {
        CrmSelection::Next => return vec![selects_next(words, min_patients)],
        CrmSelection::Tried => min_patients.max(1),
        CrmSelection::Model => min_patients,
    };
    let piece = Piece::selects(words, (fewest, target), |&(fewest, target), seen, _| {
        nearest(&seen.evidence.toxicity, target, |level| seen.counts.patients(level) >= fewest)
    });
    vec![piece.about("selection")]
}

/// The level whose estimate is nearest the target among the candidates, as the words have it: the lower one on a tie, and the highest
/// when all are at or below the target.
fn nearest(estimates: &[f64], target: f64, is_candidate: impl Fn(Level) -> bool) -> Option<Level> {
    let mut candidates: Vec<(Level, f64)> =
        estimates.iter().copied().enumerate().filter(|&(level, _)| is_candidate(level)).collect();
    if candidates.iter().any(|&(_, estimate)| estimate > target) {
        candidates.sort_by(|(_, one), (_, other)| (one - target).abs().total_cmp(&(other - target).abs()));
        candidates.truncate(1);
    }
    candidates.last().map(|&(level, _)| level)
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
