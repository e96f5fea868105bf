//! Laws of single decisions: each a function of a rule, named as its violations are.

use super::subject::{Held, Subject, require};
use dosebench::design::decision_table::Call;
use dosebench::design::wording::Claim;
use dosebench::design::{Printable, Protocol};
use dosebench::trial::{Arrival, Counts, Decision, Level, Move, StopReason};

/// A decision leads to a level that there is, for a number of patients that there may be, by the move that it names; the graph goes on as
/// it says, and nobody objects.
pub(crate) fn form(subject: &Subject<'_>) -> Held {
    let Subject { rule, graph, .. } = subject;
    for ((counts, arrival, child), decision) in subject.edges.iter().zip(&subject.decisions) {
        let case = || format!("{}: {decision:?} after {counts:?}, {arrival:?}", subject.name);
        require("form", rule.objection(counts, *arrival).is_none(), case)?;
        let child = *child as usize;
        let holds = match *decision {
            Decision::Enrol(cohort, reason) => {
                let (level, current) = (usize::from(cohort.level), arrival.level());
                let treated = counts.total_patients() + usize::from(cohort.patients);
                let named = match reason {
                    Move::Escalate => level > current,
                    Move::Stay | Move::Expand => level == current,
                    Move::Deescalate => level < current,
                };
                let is_there = level < rule.levels() && cohort.patients >= 1 && treated <= rule.max_patients();
                named && is_there && graph.nodes().get(child).is_some_and(|node| node.cohort == cohort)
            }
            Decision::Stop(selected, reason) => {
                let leaf = graph.leaves()[child - graph.nodes().len()];
                let is_there = selected.is_none_or(|level| usize::from(level) < rule.levels());
                let bits = 1 << selected.map_or(0, |level| level + 1);
                is_there
                    && (selected.is_none() || reason != StopReason::TooToxic)
                    && (leaf.selected, leaf.reason) == (bits, reason)
            }
        };
        require("form", holds, case)?;
    }
    Ok(())
}

/// An eliminated level is never given or selected again: by a table, one that it eliminates; by a list, one that was left downwards.
pub(crate) fn nothing_comes_back(subject: &Subject<'_>) -> Held {
    let Subject { name, rule, graph, edges, decisions, .. } = subject;
    match rule.printable() {
        Printable::Counts(table) => {
            for (counts, arrival, decision) in subject.decided() {
                let is_out = |level: &Level| {
                    let (patients, dlts) = (counts.patients(*level), counts.dlts(*level));
                    patients > 0 && table.call(patients, dlts) == Call::Eliminate
                };
                let first_out = (0..rule.levels()).find(is_out).unwrap_or(rule.levels());
                let level = match decision {
                    Decision::Enrol(cohort, _) => Some(cohort.level),
                    Decision::Stop(selected, _) => selected,
                };
                let holds = level.is_none_or(|level| usize::from(level) < first_out) || subject.is_scripted(counts, arrival);
                require("nothing_comes_back", holds, || {
                    format!("{name}: {decision:?} after {counts:?}, where level {first_out} is eliminated")
                })?;
            }
        }
        Printable::List(_) => {
            // The highest level at which a trial is treated from a situation on; children come after their parents.
            let mut highest: Vec<Option<u8>> = vec![None; graph.situations()];
            for node in (0..graph.nodes().len()).rev() {
                let later = graph.children(node).iter().filter_map(|&child| highest[child as usize]).max();
                highest[node] = later.max(Some(graph.nodes()[node].cohort.level));
            }
            for ((_, arrival, child), decision) in edges.iter().zip(decisions) {
                let comes_down = matches!(decision, Decision::Enrol(_, Move::Deescalate));
                let holds = !comes_down || highest[*child as usize] < Some(arrival.cohort.level);
                require("nothing_comes_back", holds, || format!("{name}: back at a level left downwards after {arrival:?}"))?;
            }
        }
        Printable::GivenPath => {}
    }
    Ok(())
}

/// No untried level is passed over upwards by a rule whose words forbid it.
pub(crate) fn no_skipping(subject: &Subject<'_>) -> Held {
    let mut pieces = subject.wording.pieces();
    if !pieces.any(|piece| piece.key == "no_skipping" && matches!(piece.claim, Claim::Limits(_))) {
        return Ok(());
    }
    for (counts, arrival, decision) in subject.decided() {
        let Decision::Enrol(cohort, Move::Escalate) = decision else { continue };
        let highest = counts.highest_tried().map_or(0, |level| level + 1);
        let holds = usize::from(cohort.level) <= highest || subject.is_scripted(counts, arrival);
        require("no_skipping", holds, || format!("{}: {decision:?} after {counts:?}", subject.name))?;
    }
    Ok(())
}

/// A level that is selected has been tried.
pub(crate) fn selected_is_tried(subject: &Subject<'_>) -> Held {
    for (counts, _, decision) in subject.decided() {
        let Decision::Stop(Some(level), _) = decision else { continue };
        let holds = counts.patients(level.into()) > 0;
        require("selected_is_tried", holds, || format!("{}: {decision:?} after {counts:?}", subject.name))?;
    }
    Ok(())
}

/// How high a decision leads: the level of the next cohort, or the one selected, counted from 1; 0 for none.
fn height(decision: Decision) -> u8 {
    match decision {
        Decision::Enrol(cohort, _) => cohort.level + 1,
        Decision::Stop(selected, _) => selected.map_or(0, |level| level + 1),
    }
}

/// [`dosebench::design::Law::MoreDlts`].
pub(crate) fn more_dlts(subject: &Subject<'_>) -> Held {
    let Subject { graph, .. } = subject;
    // The outcomes of a cohort stand together; of those that differ in one DLT only, the one with fewer comes first.
    let mut first = 0;
    for node in 0..graph.nodes().len() {
        let outcomes = first..first + graph.children(node).len();
        first = outcomes.end;
        for one in outcomes.clone() {
            for more in outcomes.clone() {
                let ((_, fewer, _), (counts, arrival, _)) = (&subject.edges[one], &subject.edges[more]);
                let is_one_more = arrival.dlts == fewer.dlts + 1;
                if !is_one_more || (fewer.moderate, fewer.heads) != (arrival.moderate, arrival.heads) {
                    continue;
                }
                let (without, with) = (subject.decisions[one], subject.decisions[more]);
                require("more_dlts", height(with) <= height(without), || {
                    format!("{}: {with:?} after {counts:?}, {arrival:?}, but {without:?} with one DLT fewer", subject.name)
                })?;
            }
        }
    }
    Ok(())
}

/// [`dosebench::design::Law::Climbs`]; every coin shows heads.
pub(crate) fn climbs(name: &str, rule: &dyn Protocol) -> Held {
    let (mut counts, mut cohort, mut path) = (Counts::default(), rule.first_cohort(), Vec::new());
    loop {
        path.push(cohort.level + 1);
        let arrival = Arrival { heads: rule.coin().is_some(), ..Arrival::new(cohort, 0) };
        counts = counts.after(arrival);
        match rule.decide(&counts, arrival) {
            Decision::Enrol(next, _) => {
                require("climbs", next.level >= cohort.level, || format!("{name}: without a DLT down from {path:?}"))?;
                cohort = next;
            }
            Decision::Stop(..) => {
                let top = rule.levels() - 1;
                return require("climbs", counts.patients(top) > 0, || format!("{name}: without a DLT no higher than {path:?}"));
            }
        }
    }
}

/// [`dosebench::design::Law::AllDlts`].
pub(crate) fn all_dlts(subject: &Subject<'_>) -> Held {
    for (counts, arrival, decision) in subject.decided() {
        let escalates = matches!(decision, Decision::Enrol(cohort, _) if cohort.level > arrival.cohort.level);
        let holds = !escalates || arrival.dlts < arrival.cohort.patients;
        require("all_dlts", holds, || format!("{}: {decision:?} after {counts:?}, {arrival:?}", subject.name))?;
    }
    Ok(())
}

/// Situations in which people's numbers are asked for, of large graphs.
const ASKED: usize = 400;

/// Every number that is shown to people, or that the words go by, is one, and a probability; models find higher levels the more toxic.
/// Every decision has its ground.
pub(crate) fn numbers(subject: &Subject<'_>) -> Held {
    let Subject { name, rule, .. } = subject;
    let is_probability = |value: f64| (-1e-9..=1.0 + 1e-9).contains(&value);
    let stride = subject.edges.len().div_ceil(ASKED);
    for (counts, arrival, decision) in subject.decided().step_by(stride) {
        let case = || format!("{name}: after {counts:?}, {arrival:?}");
        require("numbers", !rule.grounds(counts, arrival).trim().is_empty(), || format!("{} no ground of {decision:?}", case()))?;
        let assessment = rule.assess(counts);
        require("numbers", assessment.levels.len() == rule.levels(), case)?;
        for level in &assessment.levels {
            let interval = level.interval.map(|(low, high)| [low, high]);
            let shown = [level.estimate, level.exceedance].into_iter().flatten();
            let mut all = shown.chain(interval.into_iter().flatten()).chain(level.intervals.into_iter().flatten());
            require("numbers", all.all(is_probability), || format!("{}: {level:?}", case()))?;
        }
        let evidence = rule.evidence(counts);
        let (rising, falling) = ([&evidence.toxicity, &evidence.too_high], &evidence.too_low);
        let lists = rising.into_iter().chain([falling]);
        let in_order = rising.into_iter().all(|list| list.windows(2).all(|pair| pair[0] <= pair[1] + 1e-9))
            && falling.windows(2).all(|pair| pair[0] + 1e-9 >= pair[1]);
        let mut values = lists.clone().flatten().chain(&evidence.lowest_too_toxic);
        let holds = values.all(|&value| is_probability(value)) && in_order;
        let has_levels = |list: &&Vec<f64>| list.is_empty() || list.len() == rule.levels();
        require("numbers", holds && lists.clone().all(|list| has_levels(&list)), || format!("{}: {evidence:?}", case()))?;
    }
    Ok(())
}
