//! What the argument of a study becomes in documents: the one page for lay readers, the appendix for the protocol, and what both share with
//! the report. Sentences are taken as they stand.

pub(super) mod appendix;
pub(super) mod assumptions;
pub(super) mod checklist;
pub(super) mod examples;
pub(super) mod glossary;
pub(super) mod summary;
pub(super) mod tables;

use crate::argument::{Argument, Sentence, percent_as_written};
use crate::design::Plan;
use crate::measure::Results;
use crate::report::study_sha256;
use crate::report::table::{Kind, Spread, show, written};
use crate::study::{Study, StudyDesign};

/// What stands where the study says nothing; never a blank, and never invented.
const NOT_STATED: &str = "not stated in the study file";

/// The designs that can be chosen, with their places.
pub(super) fn designs(study: &Study) -> impl Iterator<Item = (usize, &StudyDesign)> {
    study.designs.iter().enumerate().filter(|(_, design)| !matches!(design.plan, Plan::Benchmark(_)))
}

/// The first twelve digits of the study's SHA-256.
fn short_hash(study: &Study) -> String {
    study_sha256(study).chars().take(12).collect()
}

/// What counts as a difference, said once in a document.
pub(super) fn thresholds(study: &Study) -> String {
    let relevance = &study.report.relevance;
    let before = if study.report.criteria.stated.is_some() { ", chosen before the run," } else { "" };
    format!(
        "Two designs differ by more than this report calls relevant{before} when they differ by more than {} of 100 trials in how often they \
         are right or end without a dose, {} of 100 in how often they select a dose that is too toxic, {} in the number of patients, {} in that of patients at doses that \
         are too toxic, {} DLTs or {} weeks. 95 % intervals are not adjusted for their number. A design has the size of another when their mean \
         numbers of patients differ by at most the larger of {} and a tenth.",
        percent_as_written(relevance.right),
        percent_as_written(relevance.too_toxic),
        written(relevance.patients),
        written(relevance.exposed),
        written(relevance.dlts),
        written(relevance.weeks),
        written(relevance.patients)
    )
}

/// How the two engines agree, in one line.
pub(super) fn agreement(results: &Results) -> Option<String> {
    let values: Vec<f64> = results.agreement.iter().flatten().flatten().map(|found| found.p_value).collect();
    let smallest = values.iter().copied().reduce(f64::min)?;
    let small = values.iter().filter(|value| **value < 0.01).count();
    let count = values.len();
    Some(format!(
        "Verification: {count} {} of replicates with exact results; the smallest p-value is {}; {small} {} below 0.01, where {} are expected \
         by chance.",
        if count == 1 { "comparison" } else { "comparisons" },
        show(Kind::Index, false, smallest, Spread::Exact).number,
        if small == 1 { "is" } else { "are" },
        show(Kind::Mean, false, count as f64 / 100.0, Spread::Exact).number
    ))
}

/// Sentences in one paragraph.
pub(super) fn joined<'a>(sentences: impl IntoIterator<Item = &'a Sentence>) -> String {
    sentences.into_iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The sentences of an argument with one of these ids, in its order.
pub(super) fn with_ids<'a>(argument: &'a Argument, ids: &[&str]) -> Vec<&'a Sentence> {
    argument.sentences.iter().filter(|sentence| ids.contains(&sentence.id)).collect()
}
