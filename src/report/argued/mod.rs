//! What the argument of a study becomes in documents: the one page for lay readers, the appendix for the protocol, and what both share with
//! the report. Sentences are taken as they stand.

pub(super) mod appendix;
pub(super) mod assumptions;
pub(super) mod checklist;
pub(super) mod glossary;
pub(super) mod examples;
pub(super) mod summary;
pub(super) mod tables;

use crate::argument::{Argument, Sentence};
use crate::design::Plan;
use crate::report::study_sha256;
use crate::study::{Study, StudyDesign};

/// What stands where the study says nothing; never a blank, and never invented.
const NOT_STATED: &str = "not stated in the study file";

/// The designs that can be chosen, with their places.
fn designs(study: &Study) -> impl Iterator<Item = (usize, &StudyDesign)> {
    study.designs.iter().enumerate().filter(|(_, design)| !matches!(design.plan, Plan::Benchmark(_)))
}

/// The first twelve digits of the study's SHA-256.
fn short_hash(study: &Study) -> String {
    study_sha256(study).chars().take(12).collect()
}

/// Sentences in one paragraph.
fn joined<'a>(sentences: impl IntoIterator<Item = &'a Sentence>) -> String {
    sentences.into_iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The sentences of an argument with one of these ids, in its order.
fn with_ids<'a>(argument: &'a Argument, ids: &[&str]) -> Vec<&'a Sentence> {
    argument.sentences.iter().filter(|sentence| ids.contains(&sentence.id)).collect()
}
