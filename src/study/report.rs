//! `[report]`: what the report says of itself, and which of its sections are wanted.

use crate::keys::Keys;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
}

impl Front {
    /// Whether a section of [`SECTIONS`] is wanted.
    #[must_use]
    pub fn wants(&self, section: &str) -> bool {
        self.sections.as_ref().is_none_or(|sections| sections.contains(&section))
    }
}

/// Read the table.
pub(super) fn read(keys: Option<Keys<'_>>) -> Front {
    let Some(mut keys) = keys else {
        return Front::default();
    };
    let front = Front {
        title: keys.text("title"),
        author: keys.text("author"),
        sponsor: keys.text("sponsor"),
        protocol: keys.text("protocol"),
        sections: keys.choices("sections", &SECTIONS.map(|section| (section, section))),
    };
    keys.finish();
    front
}
