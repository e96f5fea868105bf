//! Three example trials of the first design, cohort by cohort.
//!
//! No random number enters: in each cohort the middle number of DLTs occurs that the scenario lets one expect (the median of the binomial
//! distribution), so the trials are typical, and the same in every run.

use super::tables::ordered;
use crate::engine::Graph;
use crate::measure::Results;
use crate::numeric::binomial::distribution;
use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::report::tables::doses;
use crate::scenario::Class;
use crate::study::Study;
use crate::trial::Outcome;

/// How many trials are shown.
const TRIALS: usize = 3;

/// The trials; nothing where the design has no decision graph whose cohorts are told apart by their DLTs alone.
pub(in crate::report) fn table(study: &Study, results: &Results, design: usize) -> Option<Table> {
    let graph = results.graphs.get(design)?.as_ref().filter(|graph| graph.is_binary() && graph.coin().is_none())?;
    // One of each kind of truth, as far as there are three; then further ones.
    let first = [Class::Mtd, Class::Toxic, Class::Below, Class::Gap].into_iter().filter_map(|class| study.of_class(class).pop());
    let mut places: Vec<usize> = first.collect();
    for place in ordered(study) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let names = doses(study);
    // With fewer scenarios than trials, a luckier and an unluckier course of the last one follow.
    let courses = [0.5, 0.8, 0.2].into_iter().flat_map(|share| places.iter().map(move |&place| (place, share)));
    let groups: Vec<Group> = courses
        .take(TRIALS)
        .map(|(place, share)| {
            let scenario = &study.scenarios[place];
            let how = if share < 0.5 {
                ", with few DLTs"
            } else if share > 0.5 {
                ", with many DLTs"
            } else {
                ""
            };
            Group {
                heading: format!("If \"{}\" is true{how}", scenario.name),
                rows: rows(graph, &scenario.toxicity, share, &names, design),
                ..Group::default()
            }
        })
        .collect();
    Some(Table {
        id: "example-trials".to_owned(),
        caption: format!("Three example trials of {}, decision by decision", study.designs[design].name),
        columns: ["Cohort", "Dose", "Patients with a DLT", "What follows"].map(|heading| Column::new(heading, "", Kind::Text)).into(),
        groups,
        notes: vec!["In each cohort the middle number of DLTs occurs that the scenario lets one expect.".to_owned()],
    })
}

/// The cohorts of one trial.
fn rows(graph: &Graph, toxicity: &[f64], share: f64, names: &[String], design: usize) -> Vec<Row> {
    let dose = |level: usize| names.get(level).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    let mut node = 0;
    while let Some(found) = graph.nodes().get(node) {
        let (level, patients) = (usize::from(found.cohort.level), usize::from(found.cohort.patients));
        let dlts = quantile(patients, toxicity.get(level).copied().unwrap_or(0.0), share);
        let Some(&child) = graph.children(node).get(dlts) else { break };
        let next = child as usize;
        let follows = match graph.nodes().get(next) {
            Some(after) => {
                let after_level = usize::from(after.cohort.level);
                let moves = match after_level.cmp(&level) {
                    std::cmp::Ordering::Greater => "escalate",
                    std::cmp::Ordering::Equal => "stay",
                    std::cmp::Ordering::Less => "de-escalate",
                };
                let more = if after.cohort.patients == 1 { "1 patient" } else { &format!("{} patients", after.cohort.patients) };
                format!("{moves}: {more} at {}", dose(after_level))
            }
            None => graph.leaves().get(next - graph.nodes().len()).map_or_else(String::new, |leaf| ends(leaf, names)),
        };
        let cells = vec![
            Cell::text((rows.len() + 1).to_string()),
            Cell::text(dose(level)),
            Cell::text(format!("{dlts} of {patients}")),
            Cell::text(follows),
        ];
        rows.push(Row { cells, design: Some(design) });
        node = next;
    }
    rows
}

/// How a trial ends.
fn ends(leaf: &Outcome, names: &[String]) -> String {
    if leaf.selects_none() {
        return "the trial ends without a dose".to_owned();
    }
    let selected = names.iter().enumerate().filter(|(level, _)| leaf.selects(level + 1) > 0.0).map(|(_, name)| name.as_str());
    format!("the trial ends and selects {}", selected.collect::<Vec<_>>().join(" or "))
}

/// The smallest number of DLTs among so many patients whose probability not to be exceeded reaches this share.
fn quantile(patients: usize, toxicity: f64, share: f64) -> usize {
    let mut sum = 0.0;
    for (dlts, probability) in distribution(patients, toxicity).into_iter().enumerate() {
        sum += probability;
        if sum >= share {
            return dlts;
        }
    }
    patients
}
