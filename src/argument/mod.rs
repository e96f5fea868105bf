//! What may be said of the results of a study, and when: kinds of truth that are never pooled, designs of the same size, differences that
//! are relevant, verdicts, a recommendation that follows from stated criteria or is withheld, and every sentence with its numbers.
//! Data only; documents take the sentences as they stand.

mod case;
mod criteria;
mod facts;
mod quantity;
mod sentences;
mod standing;
mod words;

pub use criteria::{Finding, Judged, Met, Recommendation};
pub use sentences::{Number, Sentence, answer};
pub use standing::{Change, Group, Verdict};
pub use words::{percent_as_written, points, small};

use crate::measure::Results;
use crate::scenario::Place;
use crate::study::{Relevance, Study};
use case::Case;
use serde::Serialize;
use standing::Standing;

/// The argument of a study.
#[derive(Clone, Debug, Serialize)]
pub struct Argument {
    /// What kind of truth each scenario is, in the order of the study.
    pub classes: Vec<Classified>,
    /// What counts as a difference.
    pub thresholds: Thresholds,
    /// The designs that can be chosen, in the order of the study; the first is the one that the others are compared with.
    pub designs: Vec<Compared>,
    /// What follows from the criteria of the study.
    pub recommendation: Recommendation,
    /// What may be said, in the order in which it is said.
    pub sentences: Vec<Sentence>,
}

/// What kind of truth a scenario is.
#[derive(Clone, Debug, Serialize)]
pub struct Classified {
    /// Its name.
    pub scenario: String,
    /// The word of its class.
    pub class: &'static str,
    /// Its weight in means over the class.
    pub weight: f64,
    /// The levels, counted from 1, that are right to select.
    pub right_levels: Vec<usize>,
    /// The levels, counted from 1, that are too toxic.
    pub too_toxic_levels: Vec<usize>,
}

/// What counts as a difference: see [`Relevance`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Thresholds {
    right: f64,
    too_toxic: f64,
    patients: f64,
    exposed: f64,
    dlts: f64,
    weeks: f64,
}

/// A design beside the one that the others are compared with.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// Its size beside that of the reference.
    pub group: Group,
    /// Its mean number of patients over class `mtd`; over all scenarios where there is none.
    pub size: f64,
    /// The verdict; none of the reference.
    pub verdict: Option<Verdict>,
    /// Where it is better by more than the threshold.
    pub gains: Vec<Change>,
    /// Where it is worse by more than the threshold.
    pub losses: Vec<Change>,
    /// Whether a trial of it can end without a dose.
    pub can_select_none: bool,
}

/// The argument of a study from its results; `None` without a scenario or a design that can be chosen.
#[must_use]
pub fn argue(study: &Study, results: &Results) -> Option<Argument> {
    let case = Case::new(study, results)?;
    let standings: Vec<Standing> = case.others().iter().map(|&design| Standing::new(&case, design)).collect();
    let recommendation = Recommendation::new(&case);
    let sentences = sentences::all(&case, &standings, &recommendation);
    Some(Argument {
        classes: study.scenarios.iter().map(|scenario| classified(study, scenario)).collect(),
        thresholds: Thresholds::from(&study.report.relevance),
        designs: compared(&case, &standings),
        recommendation,
        sentences,
    })
}

fn classified(study: &Study, scenario: &crate::scenario::Scenario) -> Classified {
    let levels =
        |is: &dyn Fn(usize) -> bool| (0..scenario.toxicity.len()).filter(|&level| is(level)).map(|level| level + 1).collect();
    Classified {
        scenario: scenario.name.clone(),
        class: scenario.class(&study.target).word(),
        weight: scenario.weight,
        right_levels: levels(&|level| scenario.is_right(level, &study.target)),
        too_toxic_levels: levels(&|level| study.target.place(scenario.toxicity[level]) == Place::Over),
    }
}

fn compared(case: &Case<'_>, standings: &[Standing]) -> Vec<Compared> {
    let row = |design: usize, standing: Option<&Standing>| Compared {
        name: case.study.designs[design].name.clone(),
        group: standing.map_or(Group::Same, |standing| standing.group),
        size: case.size(design),
        verdict: standing.map(|standing| standing.verdict),
        gains: standing.map_or_else(Vec::new, |standing| standing.changes(case, true)),
        losses: standing.map_or_else(Vec::new, |standing| standing.changes(case, false)),
        can_select_none: case.can_select_none(design),
    };
    let others = standings.iter().map(|standing| row(standing.design, Some(standing)));
    std::iter::once(row(case.reference(), None)).chain(others).collect()
}

impl From<&Relevance> for Thresholds {
    fn from(relevance: &Relevance) -> Self {
        let Relevance { right, too_toxic, patients, exposed, dlts, weeks } = *relevance;
        Self { right, too_toxic, patients, exposed, dlts, weeks }
    }
}
