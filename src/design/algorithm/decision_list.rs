//! An A+B design as a list: every situation that it can be in, with its decision, read off the rule itself by walking it.

use super::a_plus_b::{APlusB, Start};
use crate::design::rule::Rule;
use crate::design::rule::decision_list::{Below, Listed, Place, Then};
use crate::trial::{Arrival, Counts, Decision, Move};
use std::collections::{BTreeMap, BTreeSet};

/// Levels that show every situation: one whose level below is the first, one whose is not, the first, and the top.
const ENOUGH_LEVELS: usize = 4;

/// Levels that show every situation of `rule`. Titration that passes over levels needs more, on the way up and on the way down, and
/// must end as far below the top level.
fn enough_levels(rule: &APlusB) -> usize {
    let step = if let Start::Titration(titration) = rule.start { titration.step } else { 1 };
    let enough = ENOUGH_LEVELS + 2 * (step - 1);
    if rule.levels <= enough { rule.levels } else { enough + (rule.levels - enough) % step }
}

/// Every situation that `rule` can reach, ordered by place, patients, DLTs and what is supposed of the level below. What moderate
/// toxicities decide is not in the list: there is none of a rule that watches them.
#[must_use]
pub fn decision_list(rule: &APlusB) -> Vec<Listed> {
    let rule = APlusB { levels: enough_levels(rule), ..*rule };
    let mut found: BTreeMap<(Place, u8, u8), BTreeMap<Below, Then>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![(Counts::default(), rule.first_cohort(), false)];
    while let Some((before, cohort, came_down)) = open.pop() {
        for dlts in 0..=cohort.patients {
            let level = cohort.level as usize;
            let counts = before.with(level, cohort.patients, dlts);
            let decision = rule.decide(&counts, Arrival::new(cohort, dlts));
            let place = match (came_down, level + 1 < rule.levels) {
                (true, _) => Place::AfterDeescalation,
                (false, true) => Place::BelowTop,
                (false, false) => Place::Top,
            };
            let below = level.checked_sub(1).map_or(Below::NoLevel, |below| Below::Patients(counts.all_patients()[below]));
            let situation = (place, counts.all_patients()[level], counts.all_dlts()[level]);
            found.entry(situation).or_default().insert(below, Then::of(decision, cohort));
            if let Decision::Enrol(next, reason) = decision
                && seen.insert((counts, next))
            {
                open.push((counts, next, reason == Move::Deescalate || (came_down && reason != Move::Escalate)));
            }
        }
    }
    found
        .into_iter()
        .flat_map(|((place, patients, dlts), cases)| {
            merged(&cases).map(move |(below, then)| Listed { place, patients, dlts, below, then }).collect::<Vec<_>>()
        })
        .collect()
}

/// The cases of a situation with what decides between them, and no more.
fn merged(cases: &BTreeMap<Below, Then>) -> impl Iterator<Item = (Below, Then)> {
    let same = |cases: &[(Below, Then)]| cases.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let all: Vec<(Below, Then)> = cases.iter().map(|(&below, &then)| (below, then)).collect();
    // The lowest level comes first.
    let lowest = all.iter().take_while(|(below, _)| *below == Below::NoLevel).count();
    let (first, others) = all.split_at(lowest);
    let lines = match (first, others) {
        ([_, ..], [(_, then), ..]) if same(&all) => vec![(Below::Whatever, *then)],
        (_, [(_, then), ..]) if same(others) => [first, &[(Below::Level, *then)]].concat(),
        _ => all,
    };
    lines.into_iter()
}
