//! Three example trials of the first design, cohort by cohort.
//!
//! No random number enters: in each cohort the middle number of DLTs occurs that the scenario lets one expect (the median of the binomial
//! distribution), so the trials are typical, and the same in every run.

use super::tables::ordered;
use crate::design::wording::counted;
use crate::design::{Plan, Protocol};
use crate::numeric::binomial::distribution;
use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::report::tables::doses;
use crate::scenario::Class;
use crate::study::Study;
use crate::trial::{Arrival, Counts, Decision};

/// How many trials are shown.
const TRIALS: usize = 3;

/// The trials; nothing where the rule looks at more than the DLTs of complete cohorts.
pub(in crate::report) fn table(study: &Study, design: usize) -> Option<Table> {
    let Plan::Rule(rule) = &study.designs.get(design)?.plan else { return None };
    let rule: &dyn Protocol = &**rule;
    if rule.coin().is_some() || rule.watches_moderate(&Counts::default(), rule.first_cohort()) {
        return None;
    }
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
                rows: rows(rule, &scenario.toxicity, share, &names, design),
                ..Group::default()
            }
        })
        .collect();
    Some(Table {
        id: "example-trials".to_owned(),
        caption: format!("Three example trials of {}, decision by decision", study.designs[design].name),
        columns: ["Cohort", "Dose", "Patients with a DLT", "What follows"]
            .map(|heading| Column::new(heading, "", Kind::Text))
            .into(),
        groups,
        notes: vec!["In each cohort the middle number of DLTs occurs that the scenario lets one expect.".to_owned()],
    })
}

/// The cohorts of one trial.
fn rows(rule: &dyn Protocol, toxicity: &[f64], share: f64, names: &[String], design: usize) -> Vec<Row> {
    let dose = |level: usize| names.get(level).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    let (mut counts, mut cohort) = (Counts::default(), rule.first_cohort());
    // A rule ends with its last patient; nothing goes on forever.
    while counts.total_patients() < rule.max_patients() {
        let (level, patients) = (usize::from(cohort.level), usize::from(cohort.patients));
        let dlts = quantile(patients, toxicity.get(level).copied().unwrap_or(0.0), share);
        let arrival = Arrival::new(cohort, dlts as u8);
        counts = counts.after(arrival);
        let decision = rule.decide(&counts, arrival);
        let follows = match decision {
            Decision::Enrol(next, _) => {
                let next_level = usize::from(next.level);
                let moves = match next_level.cmp(&level) {
                    std::cmp::Ordering::Greater => "escalate",
                    std::cmp::Ordering::Equal => "stay",
                    std::cmp::Ordering::Less => "de-escalate",
                };
                format!("{moves}: {} at {}", counted(usize::from(next.patients), "patient"), dose(next_level))
            }
            Decision::Stop(None, _) => "the trial ends without a dose".to_owned(),
            Decision::Stop(Some(selected), _) => format!("the trial ends and selects {}", dose(usize::from(selected))),
        };
        let cells = vec![
            Cell::text((rows.len() + 1).to_string()),
            Cell::text(dose(level)),
            Cell::text(format!("{dlts} of {patients}")),
            Cell::text(follows),
        ];
        rows.push(Row { cells, design: Some(design) });
        let Decision::Enrol(next, _) = decision else { break };
        cohort = next;
    }
    rows
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
