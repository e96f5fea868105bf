//! The pathways of the first cohorts: what the rule of each design does with everything that can happen.

use super::design_name;
use crate::design::Answer;
use crate::engine::{Branch, Pathways};
use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::study::Study;
use crate::trial::{Cohort, Decision};
use std::ops::Range;

/// What the clinicians of the trial say of each pathway, on paper.
const SIGN_OFF: [&str; 2] = ["Agree", "Comment"];

/// What a cohort can bring: DLTs, moderate toxicities where they are watched, the side of the coin where one is tossed.
type Outcome = (u8, Option<u8>, Option<bool>);

/// `listed`: by design, the pathways of its first cohorts. One row for what the
/// cohorts before the last can bring, one column for what the last one can. Designs whose last cohort can bring the same share a table.
pub(in crate::report) fn pathways(study: &Study, listed: &[Option<Pathways>]) -> Vec<Table> {
    let mut found: Vec<(usize, Vec<Outcome>, Vec<Group>)> = Vec::new();
    let mut without = Vec::new();
    for (place, pathways) in listed.iter().enumerate() {
        let Some(pathways) = pathways else {
            without.push(design_name(study, place));
            continue;
        };
        let cohorts = pathways.layers.len();
        let outcomes = last_outcomes(pathways);
        let group = Group { heading: design_name(study, place), rows: rows(pathways, &outcomes, place), ..Group::default() };
        match found.iter_mut().find(|(same_cohorts, same, _)| *same_cohorts == cohorts && *same == outcomes) {
            Some((_, _, groups)) => groups.push(group),
            None => found.push((cohorts, outcomes, vec![group])),
        }
    }
    let mut tables: Vec<Table> = found
        .into_iter()
        .zip(1..)
        .map(|((cohorts, outcomes, groups), number)| table(cohorts, &outcomes, groups, number))
        .collect();
    if let Some(last) = tables.last_mut() {
        last.notes.push(
            "“3 at L2”: the next cohort is three patients at level 2; “stop: L2”: the trial ends and level 2 is selected. A dash: the cohort \
             cannot bring this. `dosebench paths` lists the pathways of more cohorts. “Agree” and “Comment” are for the clinicians of the \
             trial, to be filled in on paper."
                .to_owned(),
        );
        if !without.is_empty() {
            last.notes.push(format!("Without pathways here: {}.", without.join("; ")));
        }
    }
    tables
}

fn table(cohorts: usize, outcomes: &[Outcome], groups: Vec<Group>, number: usize) -> Table {
    let mut columns = vec![Column::new("DLTs so far", "", Kind::Text), Column::new("Next cohort", "", Kind::Text)];
    let last = |outcome: &Outcome| Column::new(words(outcome), "", Kind::Text).below("What follows, by the DLTs in that cohort");
    columns.extend(outcomes.iter().map(last));
    columns.extend(SIGN_OFF.map(Column::for_paper));
    let count = match cohorts {
        1 => "The first cohort",
        2 => "The first two cohorts",
        _ => "The first three cohorts",
    };
    let widest = outcomes.last().map_or(0, |outcome| outcome.0);
    let caption = format!("{count}, the last with up to {widest} {}", if widest == 1 { "DLT" } else { "DLTs" });
    Table { id: format!("pathways-{number}"), caption, columns, groups, notes: Vec::new() }
}

/// What the last cohort listed can bring on any of the pathways.
fn last_outcomes(pathways: &Pathways) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = pathways.layers.last().into_iter().flatten().map(outcome).collect();
    outcomes.sort_unstable();
    outcomes.dedup();
    outcomes
}

fn outcome(branch: &Branch) -> Outcome {
    (branch.arrival.dlts, branch.watched.then_some(branch.arrival.moderate), branch.coin.map(|_| branch.arrival.heads))
}

/// `1`, `0, 1 moderate`, `0, heads`.
fn words((dlts, moderate, heads): &Outcome) -> String {
    let moderate = moderate.map_or_else(String::new, |moderate| format!(", {moderate} moderate"));
    format!("{dlts}{moderate}{}", heads.map_or("", crate::report::pathways::side))
}

/// The rows of a design.
fn rows(pathways: &Pathways, outcomes: &[Outcome], place: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let all = 0..pathways.layers.first().map_or(0, Vec::len);
    if pathways.layers.len() == 1 {
        rows.push(row("none", cohort(pathways.first), Some((&pathways.layers[0], all)), outcomes, place));
    } else {
        add_rows(pathways, 0, all, "", outcomes, place, &mut rows);
    }
    rows
}

/// Add a row for each branch of a layer whose children are the last cohort, and for each where the trial ends before.
fn add_rows(
    pathways: &Pathways,
    depth: usize,
    range: Range<usize>,
    before: &str,
    outcomes: &[Outcome],
    place: usize,
    rows: &mut Vec<Row>,
) {
    for branch in &pathways.layers[depth][range] {
        let so_far = format!("{before}{}", words(&outcome(branch)));
        let next = depth + 1;
        if branch.children.is_empty() || next + 1 == pathways.layers.len() {
            let children = (!branch.children.is_empty()).then(|| (&pathways.layers[next], branch.children.clone()));
            rows.push(row(&so_far, answer(&branch.answer), children, outcomes, place));
        } else {
            add_rows(pathways, next, branch.children.clone(), &format!("{so_far}; "), outcomes, place, rows);
        }
    }
}

/// A row: what was observed, the next cohort, and what follows from each of its outcomes.
fn row(so_far: &str, next: String, last: Option<(&Vec<Branch>, Range<usize>)>, outcomes: &[Outcome], place: usize) -> Row {
    let mut cells = vec![Cell::text(so_far), Cell::text(next)];
    let branches = last.map_or(&[][..], |(layer, range)| &layer[range]);
    let follows = |sought: &Outcome| branches.iter().find(|branch| outcome(branch) == *sought);
    cells.extend(outcomes.iter().map(|sought| follows(sought).map_or(Cell::Absent, |branch| Cell::text(answer(&branch.answer)))));
    cells.extend(SIGN_OFF.map(|_| Cell::text("")));
    Row { cells, design: Some(place) }
}

/// `3 at L2`.
fn cohort(cohort: Cohort) -> String {
    format!("{} at L{}", cohort.patients, u16::from(cohort.level) + 1)
}

/// What the rule says, in a few letters.
fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Start(next) | Answer::Decided(Decision::Enrol(next, _)) => cohort(*next),
        Answer::Decided(Decision::Stop(None, _)) => "stop: none".to_owned(),
        Answer::Decided(Decision::Stop(Some(level), _)) => format!("stop: L{}", u16::from(*level) + 1),
        Answer::Tossed { heads, tails } => {
            let side = |decision: &Decision| self::answer(&Answer::Decided(*decision));
            format!("coin: {} or {}", side(heads), side(tails))
        }
        Answer::Silent(_) => "no answer".to_owned(),
    }
}
