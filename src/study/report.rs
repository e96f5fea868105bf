//! `[report]`: what the report says of itself, and which of its sections are wanted.

use crate::keys::{Key, Keys, Table, Words};

/// The sections of a report that a study can choose from, in their order, each with what it shows.
const DESCRIBED: [(&str, &str); 18] = [
    ("findings", "What was found, the answer first."),
    ("scenarios", "The toxicity scenarios."),
    ("designs", "The rules of each design."),
    ("decisions", "The decision tables side by side."),
    ("pathways", "The pathways of the first cohorts."),
    ("characteristics", "How often each level is selected."),
    ("safety", "DLTs, overdosing and the patients at each level."),
    ("size", "Patients, cohorts and length of the trial."),
    ("stop-reasons", "Why trials end."),
    ("differences", "Differences from the first design."),
    ("robustness", "How the designs do over the scenarios together."),
    ("populations", "Results over the populations of curves."),
    ("worst-curves", "The curves at which designs do worst."),
    ("sensitivity", "What the results of designs depend on."),
    ("agreement", "Exact results beside simulated ones."),
    ("definitions", "What each metric means."),
    ("reproduction", "How to make the report again, and the study file."),
    ("checklist", "What regulators ask for, and where it is found."),
];

/// The names of these sections.
pub const SECTIONS: [&str; 18] = {
    let mut names = [""; 18];
    let mut place = 0;
    while place < names.len() {
        names[place] = DESCRIBED[place].0;
        place += 1;
    }
    names
};

/// The sections as words.
struct Sections;

impl Words for Sections {
    fn all(&self) -> Vec<(&'static str, &'static str)> {
        DESCRIBED.to_vec()
    }
}

/// The table.
pub(super) static REPORT: Key<Table> = Key::table(
    "report",
    &[&TITLE.about, &AUTHOR.about, &SPONSOR.about, &PROTOCOL.about, &SECTIONS_KEY.about],
    "What the report says of itself, and its sections.",
)
.group(GROUP)
.fixed();
const GROUP: &str = "report";
static TITLE: Key<String> =
    Key::text("title", "The title of the report.").or_derived("the name of the study").group(GROUP).fixed();
static AUTHOR: Key<String> = Key::text("author", "Who wrote it.").group(GROUP).fixed();
static SPONSOR: Key<String> = Key::text("sponsor", "The sponsor of the trial.").group(GROUP).fixed();
static PROTOCOL: Key<String> = Key::text("protocol", "The number of the protocol.").group(GROUP).fixed();
static SECTIONS_KEY: Key<Vec<&str>> =
    Key::some_of("sections", &Sections, "The sections that are wanted, in the order of the report.")
        .or_derived("all")
        .group(GROUP)
        .fixed();

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
        title: keys.get(&TITLE),
        author: keys.get(&AUTHOR),
        sponsor: keys.get(&SPONSOR),
        protocol: keys.get(&PROTOCOL),
        sections: keys.get(&SECTIONS_KEY),
    };
    keys.finish();
    front
}
