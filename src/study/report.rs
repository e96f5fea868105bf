//! `[report]`: what the report says of itself, which of its sections are wanted, and what is argued by.

use super::criteria::{self, CRITERIA, Criteria};
use super::relevance::{self, RELEVANCE, Relevance};
use crate::keys::{Key, Keys, Table, Words};
use crate::scenario::Class;

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
    &[
        &TITLE.about,
        &AUTHOR.about,
        &SPONSOR.about,
        &PROTOCOL.about,
        &SECTIONS_KEY.about,
        &RELEVANCE.about,
        &CRITERIA.about,
        &TEXT.about,
    ],
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

/// `[report.text]`.
static TEXT: Key<Table> = Key::table(
    "text",
    &[
        &DRUG.about,
        &POPULATION.about,
        &OBJECTIVE.about,
        &TARGET_REASON.about,
        &SCENARIOS_REASON.about,
        &PRIOR_REASON.about,
        &ACCRUAL_REASON.about,
        &OVERRIDES.about,
        &NON_EVALUABLE.about,
        &PROTOCOL_SECTIONS.about,
        &CONCLUSION.about,
    ],
    "What no program can know of the trial; what is missing is said to be.",
)
.group(GROUP)
.fixed();
const TEXT_GROUP: &str = "report text";
static DRUG: Key<String> = Key::text("drug", "The drug.").group(TEXT_GROUP).fixed();
static POPULATION: Key<String> = Key::text("population", "Who is treated.").group(TEXT_GROUP).fixed();
static OBJECTIVE: Key<String> = Key::text("objective", "What the trial is for.").group(TEXT_GROUP).fixed();
static TARGET_REASON: Key<String> = Key::text("target_reason", "Why the target is what it is.").group(TEXT_GROUP).fixed();
static SCENARIOS_REASON: Key<String> =
    Key::text("scenarios_reason", "Why the scenarios are what they are.").group(TEXT_GROUP).fixed();
static PRIOR_REASON: Key<String> = Key::text("prior_reason", "Why the priors are what they are.").group(TEXT_GROUP).fixed();
static ACCRUAL_REASON: Key<String> = Key::text("accrual_reason", "Why the accrual is what it is.").group(TEXT_GROUP).fixed();
static OVERRIDES: Key<String> =
    Key::text("overrides", "What happens when investigators deviate from the rule.").group(TEXT_GROUP).fixed();
static NON_EVALUABLE: Key<String> =
    Key::text("non_evaluable", "What happens with patients who cannot be evaluated.").group(TEXT_GROUP).fixed();
static PROTOCOL_SECTIONS: Key<String> =
    Key::text("protocol_sections", "Where the protocol has the design.").group(TEXT_GROUP).fixed();
static CONCLUSION: Key<String> = Key::text("conclusion", "What the authors conclude.").group(TEXT_GROUP).fixed();

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
        drug: keys.get(&DRUG),
        population: keys.get(&POPULATION),
        objective: keys.get(&OBJECTIVE),
        target_reason: keys.get(&TARGET_REASON),
        scenarios_reason: keys.get(&SCENARIOS_REASON),
        prior_reason: keys.get(&PRIOR_REASON),
        accrual_reason: keys.get(&ACCRUAL_REASON),
        overrides: keys.get(&OVERRIDES),
        non_evaluable: keys.get(&NON_EVALUABLE),
        protocol_sections: keys.get(&PROTOCOL_SECTIONS),
        conclusion: keys.get(&CONCLUSION),
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
        title: keys.get(&TITLE),
        author: keys.get(&AUTHOR),
        sponsor: keys.get(&SPONSOR),
        protocol: keys.get(&PROTOCOL),
        sections: keys.get(&SECTIONS_KEY),
        relevance: relevance::read(keys.table(&RELEVANCE)),
        criteria: criteria::read(keys.table(&CRITERIA), classes, has_timing),
        texts: read_texts(keys.table(&TEXT)),
    };
    keys.finish();
    front
}
