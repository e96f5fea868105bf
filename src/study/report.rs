//! `[report]`: what the report says of itself, which of its sections are wanted, and what is argued by.

use super::criteria::{self, Criteria};
use super::relevance::{self, Relevance};
use crate::keys::Keys;
use crate::scenario::Class;

/// The sections of a report that a study can choose from, in their order.
pub const SECTIONS: [&str; 18] = [
    "findings",
    "scenarios",
    "designs",
    "decisions",
    "pathways",
    "characteristics",
    "safety",
    "size",
    "stop-reasons",
    "differences",
    "robustness",
    "populations",
    "worst-curves",
    "sensitivity",
    "agreement",
    "definitions",
    "reproduction",
    "checklist",
];

/// `[report]`. Everything in it is optional; nothing in it changes a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Front {
    /// The title of the report, in place of the study's name.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The sponsor of the trial.
    pub sponsor: Option<String>,
    /// The number of the protocol.
    pub protocol: Option<String>,
    /// The sections wanted, of [`SECTIONS`]; all of them when absent. Their order is always that of the report.
    pub sections: Option<Vec<&'static str>>,
    /// What counts as a difference.
    pub relevance: Relevance,
    /// What a design must meet to be recommended.
    pub criteria: Criteria,
    /// What no program can know.
    pub texts: Texts,
}

/// `[report.text]`: what no program can know of a trial, as its authors wrote it. What is missing is said to be, never invented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The drug.
    pub drug: Option<String>,
    /// Who is treated.
    pub population: Option<String>,
    /// What the trial is for.
    pub objective: Option<String>,
    /// Why the target is what it is.
    pub target_reason: Option<String>,
    /// Why the scenarios are what they are.
    pub scenarios_reason: Option<String>,
    /// Why the priors are what they are.
    pub prior_reason: Option<String>,
    /// Why the accrual is what it is.
    pub accrual_reason: Option<String>,
    /// What happens when investigators deviate from the rule.
    pub overrides: Option<String>,
    /// What happens with patients who cannot be evaluated.
    pub non_evaluable: Option<String>,
    /// Where the protocol has the design.
    pub protocol_sections: Option<String>,
    /// What the authors conclude.
    pub conclusion: Option<String>,
}

impl Front {
    /// Whether a section of [`SECTIONS`] is wanted.
    #[must_use]
    pub fn wants(&self, section: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(&section))
    }
}

fn read_texts(keys: Option<Keys<'_>>) -> Texts {
    let Some(mut keys) = keys else { return Texts::default() };
    let texts = Texts {
        drug: keys.text("drug"),
        population: keys.text("population"),
        objective: keys.text("objective"),
        target_reason: keys.text("target_reason"),
        scenarios_reason: keys.text("scenarios_reason"),
        prior_reason: keys.text("prior_reason"),
        accrual_reason: keys.text("accrual_reason"),
        overrides: keys.text("overrides"),
        non_evaluable: keys.text("non_evaluable"),
        protocol_sections: keys.text("protocol_sections"),
        conclusion: keys.text("conclusion"),
    };
    keys.finish();
    texts
}

/// Read the table. `classes` are those of the study's scenarios; `None` where a scenario is faulty.
pub(super) fn read(keys: Option<Keys<'_>>, classes: Option<&[Class]>, has_timing: bool) -> Front {
    let Some(mut keys) = keys else {
        return Front::default();
    };
    let front = Front {
        title: keys.text("title"),
        author: keys.text("author"),
        sponsor: keys.text("sponsor"),
        protocol: keys.text("protocol"),
        sections: keys.choices("sections", &SECTIONS.map(|section| (section, section))),
        relevance: relevance::read(keys.table("relevance")),
        criteria: criteria::read(keys.table("criteria"), classes, has_timing),
        texts: read_texts(keys.table("text")),
    };
    keys.finish();
    front
}
