//! How trials end and how large they are under the scenarios of a study, as far as that is odd.

use crate::design::Plan;
use crate::design::wording::counted;
use crate::engine::{Distribution, Exact, Graph};
use crate::keys::Keys;
use crate::scenario::Class;
use crate::study::{Study, StudyDesign};
use crate::trial::{Arrival, Cohort, Counts, Decision, NoDose, Outcome, StopReason};

/// More trials than this end without a dose for want of patients at one.
const STARVED: f64 = 0.05;

/// Warn of how trials of a design end. Returns its mean number of patients over class `mtd`, over all scenarios where there is none, if it
/// has a graph and there are scenarios.
pub(super) fn lint(keys: &mut Keys<'_>, study: &Study, design: &StudyDesign, graph: Option<&Graph>) -> Option<f64> {
    if !matches!(design.plan, Plan::Benchmark(_)) && !can_select_none(&design.plan, graph) {
        let remedy = if keys.has("too_toxic_cutoff") { "its `too_toxic_cutoff` never acts" } else { "add `too_toxic_cutoff`" };
        keys.warn("too_toxic_cutoff", format!("`{}` can never end without a dose; {remedy}", design.name));
    }
    let (Plan::Rule(rule), Some(graph)) = (&design.plan, graph) else { return None };
    let exact = Exact::new(graph);
    let under = |place: usize| Distribution::exact(&exact, study.scenarios[place].truth());
    let least = rule.min_patients_selected();
    if least > 0 {
        for place in study.of_class(Class::Mtd) {
            let causes = under(place).without_dose(Some(&|counts| rule.lacks_patients(counts)));
            let starved = causes.get(&NoDose::TooFewPatients).copied();
            if let Some(starved) = starved.filter(|starved| *starved > STARVED) {
                let message = format!(
                    "under `{}` {} of 100 trials end without a dose for want of {}",
                    study.scenarios[place].name,
                    (100.0 * starved).round(),
                    counted(least, "patient")
                );
                keys.warn("min_patients_selected", format!("{:?}: {message}", design.name));
            }
        }
    }
    mean_patients(study, |place| under(place).marginals().mean_patients().iter().sum())
}

/// The mean number of patients over class `mtd`, over all scenarios where there is none; `None` without scenarios.
pub(super) fn mean_patients(study: &Study, under: impl Fn(usize) -> f64) -> Option<f64> {
    let mut places = study.of_class(Class::Mtd);
    if places.is_empty() {
        places = (0..study.scenarios.len()).collect();
    }
    (!places.is_empty()).then(|| study.weighted_mean(&places, under))
}

/// Warn of designs whose sizes cannot be compared, given the mean patients of each.
pub(super) fn lint_sizes(keys: &mut Keys<'_>, study: &Study, sizes: &[Option<f64>]) {
    let is_design = |place: &usize| !matches!(study.designs[*place].plan, Plan::Benchmark(_));
    let mut designs = (0..study.designs.len()).filter(is_design);
    let Some((reference, size)) = designs.next().and_then(|place| Some((&study.designs[place].name, sizes[place]?))) else {
        return;
    };
    if let Some(planned) = study.planned_patients.filter(|&planned| size > planned as f64) {
        let message = format!("`{reference}` treats {size:.1} patients on average, more than the planned {planned}");
        keys.warn("planned_patients", message);
    }
    let beyond: Option<Vec<f64>> = designs.map(|place| Some(sizes[place]? - size)).collect();
    let Some(least) = beyond.and_then(|beyond| beyond.into_iter().reduce(f64::min)) else { return };
    if least > study.report.relevance.of_size(size) {
        let message = format!("every other design treats at least {} more than `{reference}`", patients(least));
        keys.warn("design", message);
    }
}

/// `13 patients`, rounded down where that leaves some.
fn patients(number: f64) -> String {
    if number >= 1.0 { counted(number as usize, "patient") } else { format!("{number:.1} patients") }
}

/// Whether a trial of a design can end without a dose; `graph` is its decision graph, where it has one. A design without one is asked
/// what it selects when every patient has been treated at the lowest level and had a DLT.
#[must_use]
pub fn can_select_none(plan: &Plan, graph: Option<&Graph>) -> bool {
    if let Some(graph) = graph {
        return graph.leaves().iter().any(Outcome::selects_none);
    }
    let latest = Arrival::new(Cohort { level: 0, patients: 1 }, 1);
    let after = |patients: usize| (0..patients).fold(Counts::default(), |counts, _| counts.after(latest));
    plan.min_patients_selected() > 0
        || match plan {
            Plan::Rule(rule) => matches!(rule.decide(&after(rule.max_patients()), latest), Decision::Stop(None, _)),
            // Those that count groups never have more than six at a level.
            Plan::LateOnset(rule) => [6, rule.max_patients()]
                .into_iter()
                .any(|patients| rule.select(&after(patients), latest, StopReason::MaxPatients).0.is_none()),
            Plan::Benchmark(_) => false,
        }
}
