//! What a design does, and never does, on the paths that it can take.

use super::path::{Edge, Paths, words};
use crate::design::Protocol;
use crate::design::model::{bma_crm, crm, crm_gamma, crm_ml};
use crate::design::wording::{Claim, LevelNames, Seen, counted};
use crate::keys::Keys;
use crate::numeric::exact::{decimal, ratio};
use crate::study::{Study, StudyDesign};
use crate::trial::{Level, StopReason};

/// Warn of what the paths of a design show.
pub(super) fn lint(keys: &mut Keys<'_>, study: &Study, design: &StudyDesign, rule: &dyn Protocol, paths: &Paths<'_>) {
    let mut warn = |key: &str, words: String| keys.warn(key, format!("{:?}: {words}", design.name));
    if let Some((key, words)) = ends_at_once(paths) {
        return warn(key, words);
    }
    let unreached = unreached_levels(paths);
    let is_stuck = unreached.is_some();
    if let Some(words) = unreached {
        warn("max_patients", words);
    }
    if let Some(words) = unselected_levels(paths) {
        warn("min_patients_selected", words);
    }
    let family = [crm::ENTRY, crm_gamma::ENTRY, crm_ml::ENTRY, bma_crm::ENTRY];
    if family.iter().any(|entry| entry.title == design.method) {
        for (key, words) in against_the_data(study, paths, is_stuck) {
            warn(key, words);
        }
    }
    idle_rules(keys, design, rule, paths);
}

/// Every trial ends after its first cohort.
fn ends_at_once(paths: &Paths<'_>) -> Option<(&'static str, String)> {
    let [only] = paths.graph.nodes() else {
        return None;
    };
    let key = match paths.graph.leaves().first()?.reason {
        StopReason::StopAtPatients => "stop_at_patients",
        StopReason::StopAtLevelPatients => "stop_at_level_patients",
        StopReason::Precise => "stop_when_precise",
        _ => "max_patients",
    };
    Some((key, format!("every trial ends after its first cohort of {}", only.cohort.patients)))
}

/// Levels that no path leads to.
fn unreached_levels(paths: &Paths<'_>) -> Option<String> {
    let levels = paths.graph.levels();
    let is_reached = |level: &Level| paths.graph.nodes().iter().any(|node| node.cohort.level as usize == *level);
    let reached: Vec<Level> = (0..levels).filter(is_reached).collect();
    let (&lowest, &highest) = (reached.first()?, reached.last()?);
    let mut found = Vec::new();
    if highest + 1 < levels {
        let path = words(paths.follow(|_, _| 0).iter().map(|edge| edge.arrival));
        let names = names(highest + 1..levels);
        found
            .push(format!("{names} never reached: the highest level of any path is {}; without a DLT it is {path}", highest + 1));
    }
    if lowest > 0 {
        let path = words(paths.follow(|_, patients| patients).iter().map(|edge| edge.arrival));
        let names = names(0..lowest);
        let words = format!("{names} never reached: the lowest level of any path is {}; with DLTs only it is {path}", lowest + 1);
        found.push(words);
    }
    (!found.is_empty()).then(|| found.join("; "))
}

/// Levels that patients are treated at and that are never selected, or no level at all.
fn unselected_levels(paths: &Paths<'_>) -> Option<String> {
    let selected = paths.graph.leaves().iter().fold(0, |selected, leaf| selected | leaf.selected);
    let is_selected = |level: Level| selected >> (level + 1) & 1 == 1;
    let treated: Vec<Level> = (0..paths.graph.levels())
        .filter(|&level| paths.graph.nodes().iter().any(|node| node.cohort.level as usize == level))
        .collect();
    if !treated.iter().any(|&level| is_selected(level)) {
        let path = words(paths.follow(|_, _| 0).iter().map(|edge| edge.arrival));
        return Some(format!("no level is ever selected; without a DLT the trial is {path}"));
    }
    let never = treated.into_iter().filter(|&level| !is_selected(level));
    let found: Vec<String> = never
        .filter_map(|level| {
            let (edge, patients) = paths.with_most(|counts| counts.patients(level))?;
            let path = paths.words_to(&edge);
            Some(format!("level {} is never selected; it has at most {patients} patients, as after {path}", level + 1))
        })
        .collect();
    (!found.is_empty()).then(|| found.join("; "))
}

/// A model that moves against the last cohort, or not at all.
fn against_the_data(study: &Study, paths: &Paths<'_>, is_stuck: bool) -> Vec<(&'static str, String)> {
    let target = decimal(study.target.value);
    let level_after = |edge: &Edge| paths.next(edge).map(|cohort| cohort.level);
    let mut found = Vec::new();
    let is_escalation = |edge: &Edge| level_after(edge).is_some_and(|next| next > edge.arrival.cohort.level);
    let is_deescalation = |edge: &Edge| level_after(edge).is_some_and(|next| next < edge.arrival.cohort.level);
    let is_toxic =
        |edge: &Edge| edge.arrival.dlts > 0 && ratio(edge.arrival.dlts.into(), edge.arrival.cohort.patients.into()) >= target;
    let up = paths.edges().filter(|edge| is_escalation(edge) && is_toxic(edge));
    if let Some((words, number)) = first_and_number(paths, up) {
        let shown = study.target.value;
        found.push((
            "coherent",
            format!("escalates right after a cohort with a DLT proportion of {shown} or more, after {words} for one ({number} such decisions)"),
        ));
    }
    let down = paths.edges().filter(|edge| is_deescalation(edge) && edge.arrival.dlts == 0);
    if let Some((words, number)) = first_and_number(paths, down) {
        found.push((
            "",
            format!("de-escalates right after a cohort without a DLT, after {words} for one ({number} such decisions)"),
        ));
    }

    let top = paths.graph.levels() - 1;
    let start: usize = paths.graph.nodes().first().map_or(0, |node| node.cohort.level.into());
    let rises = |path: &[Edge]| path.windows(2).any(|pair| pair[1].arrival.cohort.level > pair[0].arrival.cohort.level);
    let falls = |path: &[Edge]| path.windows(2).any(|pair| pair[1].arrival.cohort.level < pair[0].arrival.cohort.level);
    let show = |path: &[Edge]| words(path.iter().map(|edge| edge.arrival));
    let without = paths.follow(|_, _| 0);
    if !is_stuck && start < top && without.len() > 1 && !rises(&without) {
        found.push(("", format!("does not escalate although no patient has a DLT: {}", show(&without))));
    }
    let toxic = paths.follow(|_, patients| patients);
    if start > 0 && toxic.len() > 1 && !falls(&toxic) {
        found.push(("", format!("does not de-escalate although every patient has a DLT: {}", show(&toxic))));
    }
    let once = paths.follow(|cohort, _| u8::from(cohort == 0));
    let end = once.last().and_then(|edge| paths.outcome(edge.child));
    let is_full = end.is_some_and(|end| end.reason == StopReason::MaxPatients);
    if start < top && once.len() > 2 && is_full && !rises(&once) && rises(&without) {
        let path = show(&once);
        found.push(("", format!("is rigid: with one DLT in the first cohort and none after it, it never escalates: {path}")));
    }
    found
}

/// The first path to some edges, and how many edges there are.
fn first_and_number(paths: &Paths<'_>, mut edges: impl Iterator<Item = Edge>) -> Option<(String, usize)> {
    let first = edges.next()?;
    Some((paths.words_to(&first), 1 + edges.count()))
}

/// Stopping rules that never stop a trial, and restrictions from the study file that never change a decision.
fn idle_rules(keys: &mut Keys<'_>, design: &StudyDesign, rule: &dyn Protocol, paths: &Paths<'_>) {
    let names = LevelNames::new(&[], "");
    let wording = rule.wording(&names);
    let pieces: Vec<_> = wording.pieces().collect();
    // A restriction that is a default need not act; one that somebody wrote should.
    let is_looked_at = |place: &usize| match pieces[*place].claim {
        Claim::Stops(..) => true,
        Claim::Limits(_) => keys.has(pieces[*place].key),
        _ => false,
    };
    let mut idle: Vec<usize> = (0..pieces.len()).filter(is_looked_at).collect();
    for edge in paths.edges() {
        if idle.is_empty() {
            return;
        }
        let evidence = rule.evidence(&edge.counts);
        let seen = Seen::new(&edge.counts, edge.arrival, &evidence);
        let Some((decision, settled_by)) = wording.decide(&seen, None) else {
            continue;
        };
        idle.retain(|&place| match pieces[place].claim {
            Claim::Limits(_) => wording.decide(&seen, Some(place)).is_some_and(|(without, _)| without == decision),
            _ => place != settled_by,
        });
    }
    for place in idle {
        let key = pieces[place].key;
        let words = match &pieces[place].claim {
            Claim::Stops(reason, _) => format!("`{key}` never ends a trial: {}", why_no_stop(*reason, paths)),
            _ => format!("`{key}` changes none of the {} decisions that the design can come to", paths.edges().count()),
        };
        keys.warn(key, format!("{:?}: {words}", design.name));
    }
}

/// The evidence that a stopping rule never stops a trial.
fn why_no_stop(reason: StopReason, paths: &Paths<'_>) -> String {
    match reason {
        StopReason::TooToxic => {
            let path = paths.follow(|_, patients| patients);
            format!("with DLTs only the trial is {}", words(path.iter().map(|edge| edge.arrival)))
        }
        StopReason::MaxPatients => match paths.with_most(|counts| counts.total_patients()) {
            Some((longest, patients)) => format!("the longest trial has {patients} patients, as {}", paths.words_to(&longest)),
            None => "no trial has a patient".to_owned(),
        },
        StopReason::Precise => match paths.with_most(|counts| counts.total_patients()) {
            Some((longest, _)) => format!("the DLT probability is never known that well, as after {}", paths.words_to(&longest)),
            None => "no trial has a patient".to_owned(),
        },
        _ => {
            let most = |level: Level| {
                let before_the_last = |edge: &Edge| edge.counts.total_patients() < paths.graph.max_patients();
                let patients = paths.edges().filter(before_the_last).map(|edge| edge.counts.patients(level)).max().unwrap_or(0);
                format!("{} at level {}", counted(patients, "patient"), level + 1)
            };
            let most: Vec<String> = (0..paths.graph.levels()).map(most).collect();
            format!("before the last cohort of any trial there are at most {}", most.join(", "))
        }
    }
}

/// `level 4 is`, `levels 4 and 5 are`, `levels 3 to 5 are`.
fn names(levels: std::ops::Range<Level>) -> String {
    match levels.len() {
        0 | 1 => format!("level {} is", levels.start + 1),
        2 => format!("levels {} and {} are", levels.start + 1, levels.end),
        _ => format!("levels {} to {} are", levels.start + 1, levels.end),
    }
}
