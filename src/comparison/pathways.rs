//! The pathways of the first cohorts of every design of a study.

use crate::design::{Answer, Plan, Protocol, follow};
use crate::engine::{Branch, Pathways};
use crate::study::Study;

/// The most pathways of a design that are listed.
const MOST_PATHWAYS: usize = 128;

/// By design, the pathways of the first two cohorts, of three where the first cohort is of one patient; `None` where they are too
/// many, where the rule enrols nobody, and where there is no rule for complete data.
#[must_use]
pub fn first_pathways(study: &Study) -> Vec<Option<Pathways>> {
    let of_design = |plan: &Plan| match plan {
        Plan::Rule(rule) => of_rule(rule.as_ref()),
        Plan::LateOnset(_) | Plan::Benchmark(_) => None,
    };
    study.designs.iter().map(|design| of_design(&design.plan)).collect()
}

fn of_rule(rule: &dyn Protocol) -> Option<Pathways> {
    let course = follow(rule, &[]);
    let cohorts = if rule.first_cohort().patients == 1 { 3 } else { 2 };
    Pathways::new(rule, &course, cohorts, MOST_PATHWAYS).ok().flatten()
}

/// Why the rule says what it does after each branch of its pathways, as clauses, in layers as the branches are.
#[must_use]
pub fn pathway_grounds(rule: &dyn Protocol, pathways: &Pathways) -> Vec<Vec<String>> {
    let grounds = |branch: &Branch| match &branch.answer {
        Answer::Silent(objection) => objection.clone(),
        _ => rule.grounds(&branch.counts, branch.arrival),
    };
    pathways.layers.iter().map(|layer| layer.iter().map(grounds).collect()).collect()
}
