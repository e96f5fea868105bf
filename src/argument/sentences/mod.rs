//! Sentences as data: each with its id, the condition under which it may be said, its numbers, and the scenarios that they are of.
//!
//! Numbers of different classes never stand in one clause; a worst case names its scenario; two values or their difference, never both.

mod cautions;
mod larger;
mod others;
mod prices;
mod recommended;
mod reference;
mod say;

use super::case::Case;
use super::criteria::Recommendation;
use super::standing::Standing;
use serde::Serialize;

/// A number in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// The metric.
    pub metric: &'static str,
    /// The scenarios that it is the mean over, or those that have it as their lowest or highest.
    pub scenarios: Vec<String>,
    /// The design.
    pub design: String,
    /// The value.
    pub value: f64,
    /// As it stands in the sentence.
    pub printed: String,
}

/// A sentence, or a few that belong together.
#[derive(Clone, Debug, Serialize)]
pub struct Sentence {
    /// Its id in the grammar of sentences.
    pub id: &'static str,
    /// The sentence.
    pub text: String,
    /// Where the summary words it differently: how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lay: Option<String>,
    /// The documents that it stands in.
    pub documents: Vec<&'static str>,
    /// Its numbers.
    pub numbers: Vec<Number>,
}

impl Sentence {
    /// The sentence as the summary has it.
    #[must_use]
    pub fn in_lay_words(&self) -> &str {
        self.lay.as_deref().unwrap_or(&self.text)
    }

    /// Whether a document has it.
    #[must_use]
    pub fn is_in(&self, document: &str) -> bool {
        self.documents.contains(&document)
    }
}

/// A sentence that is not yet placed: whether the summary may have it.
pub(super) struct Draft {
    pub(super) id: &'static str,
    pub(super) text: String,
    pub(super) lay: Lay,
    pub(super) numbers: Vec<Number>,
}

/// How a sentence stands in the summary.
pub(super) enum Lay {
    /// Not at all.
    Absent,
    /// As it is.
    Same,
    /// In these words.
    Words(String),
}

/// The ids of the answer, in the order of speaking. The recommendation comes first.
const ANSWER: [&str; 25] = [
    "R1", "R2", "R3", "R4", "R5", "R6", "H1", "H2", "H3", "H9", "H4", "H5", "H6", "H7", "H8", "E1", "E3", "E4", "E2", "L1", "L2",
    "W1", "W2", "U1", "U2",
];

/// Sentences that the answer has whatever else it says.
const ALWAYS: [&str; 3] = ["W1", "W2", "H3"];

/// The most sentences of the answer.
const MOST: usize = 12;

/// Everything that may be said, in the order of speaking.
pub(super) fn all(case: &Case<'_>, standings: &[Standing], recommendation: &Recommendation) -> Vec<Sentence> {
    let mut drafts = recommended::sentences(case, recommendation);
    drafts.extend(reference::sentences(case));
    drafts.extend(others::sentences(case, standings));
    drafts.extend(larger::sentences(case, standings));
    drafts.extend(cautions::sentences(case, standings));
    // The one page has room for one verdict on designs of the size of the first.
    if drafts.iter().any(|draft| draft.id == "E1") {
        drafts.iter_mut().filter(|draft| draft.id == "E6").for_each(|draft| draft.lay = Lay::Absent);
    }
    let order = |id: &str| ANSWER.iter().position(|known| *known == id).unwrap_or(ANSWER.len());
    drafts.sort_by_key(|draft| order(draft.id));
    let mut room = MOST.saturating_sub(drafts.iter().filter(|draft| ALWAYS.contains(&draft.id)).count());
    let placed = |draft: Draft| {
        let mut documents = vec!["report"];
        let mut is_answer = ALWAYS.contains(&draft.id);
        if !is_answer && order(draft.id) < ANSWER.len() && room > 0 {
            room -= 1;
            is_answer = true;
        }
        if is_answer || ["U3", "W3", "W4", "W5"].contains(&draft.id) {
            documents.insert(0, "appendix");
        }
        let lay = match draft.lay {
            Lay::Absent => None,
            Lay::Same => Some(None),
            Lay::Words(words) => Some(Some(words)),
        };
        if lay.is_some() {
            documents.insert(0, "summary");
        }
        Sentence { id: draft.id, text: draft.text, lay: lay.flatten(), documents, numbers: draft.numbers }
    };
    drafts.into_iter().map(placed).collect()
}

/// The sentences of the answer, among all.
#[must_use]
pub fn answer(sentences: &[Sentence]) -> Vec<&Sentence> {
    let is_answer = |sentence: &&Sentence| ANSWER.contains(&sentence.id) && sentence.is_in("appendix");
    sentences.iter().filter(is_answer).collect()
}
