//! The law of words: what a rule says of itself, claim by claim, is what it decides.

use super::subject::{Held, Subject, Violation, require};
use dosebench::design::Printable;
use dosebench::design::decision_table::Call;
use dosebench::design::pending::{PendingProtocol, PendingRule};
use dosebench::design::wording::{Claim, Evidence, LevelNames, Seen, Wording};
use dosebench::engine::{Calendar, Monitor, Replicates, TimedRule, Walker};
use dosebench::scenario::Truth;
use dosebench::trial::{
    Arrival, Cohort, Counts, Decision, Level, Outcome, Pending, Ruling, Situation, StopReason, Suspension, Timing,
};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The words claim what the rule decides, in every situation; the places of the pieces that decide anywhere.
pub(crate) fn words(subject: &Subject<'_>) -> Held<BTreeSet<usize>> {
    let Subject { name, rule, graph, wording, .. } = subject;
    let mut at_work = BTreeSet::new();
    require("words", wording.first_cohort() == Some(rule.first_cohort()), || format!("{name}: the first cohort"))?;
    table(subject)?;
    for ((counts, arrival, child), &decision) in subject.edges.iter().zip(&subject.decisions) {
        let evidence = rule.evidence(counts);
        let seen = Seen::new(counts, *arrival, &evidence);
        let Some((said, place)) = wording.decide(&seen, None) else {
            return Err(Violation { law: "words", what: format!("{name}: no word on {counts:?} {arrival:?}") });
        };
        let case = || {
            let words = wording.pieces().nth(place).map(|piece| &piece.words);
            format!("{name}: {decision:?} after {counts:?} {arrival:?}, but {said:?} by piece {place}: {words:?}")
        };
        require("words", said == decision, case)?;
        at_work.insert(place);
        let goes_on = match (said, graph.nodes().get(*child as usize)) {
            (Decision::Enrol(cohort, _), Some(node)) => {
                let next = usize::from(cohort.level);
                // A restriction that is looked at before another one still holds of the level that is given in the end.
                let holds = |claim: &Claim| if let Claim::Limits(limit) = claim { limit(&seen, next) == next } else { true };
                cohort == node.cohort && wording.pieces().all(|piece| holds(&piece.claim))
            }
            (Decision::Stop(level, reason), None) => {
                let leaf = graph.leaves()[*child as usize - graph.nodes().len()];
                (leaf.selected, leaf.reason) == (Outcome::selection(level.map(usize::from)), reason)
            }
            _ => false,
        };
        require("words", goes_on, || format!("{}; the graph, or a restriction, goes on differently", case()))?;
    }
    Ok(at_work)
}

/// A decision table is the one that the words before and after it claim, cell by cell.
fn table(subject: &Subject<'_>) -> Held {
    let Subject { name, rule, wording, .. } = subject;
    let Printable::Counts(table) = rule.printable() else { return Ok(()) };
    let calls = wording.pieces().find_map(|piece| if let Claim::Calls(claim) = &piece.claim { Some(claim) } else { None });
    let is_too_toxic =
        wording.pieces().find_map(|piece| if let Claim::TooToxic(claim) = &piece.claim { Some(claim) } else { None });
    // A table that was given is not said to follow from anything.
    let (Some(calls), Some(is_too_toxic)) = (calls, is_too_toxic) else { return Ok(()) };
    for patients in 1..=rule.max_patients() {
        for dlts in 0..=patients {
            let (found, said, is_toxic) = (table.call(patients, dlts), calls(patients, dlts), is_too_toxic(patients, dlts));
            // A design that does not leave a level that is too toxic says so only where it leaves it.
            let stays = found == said && said != Call::Deescalate;
            let holds = if is_toxic { found == Call::Eliminate || stays } else { found == said };
            require("words", holds, || {
                format!("{name}: {found:?} with {dlts} DLTs among {patients}, said to be {said:?}, too toxic: {is_toxic}")
            })?;
        }
    }
    Ok(())
}

/// A situation that was met, with its ruling.
type Ruled = (Counts, Vec<Pending>, Vec<f64>, Arrival, [usize; 2], Ruling);
/// An end that was met, with the level selected.
type Concluded = (Counts, Arrival, StopReason, Option<Level>);

/// A rule that takes down what it is asked and what it says.
struct Listening<'a> {
    rule: &'a dyn PendingProtocol,
    heard: Mutex<(Vec<Ruled>, Vec<Concluded>)>,
}

impl PendingRule for Listening<'_> {
    fn levels(&self) -> usize {
        self.rule.levels()
    }
    fn max_patients(&self) -> usize {
        self.rule.max_patients()
    }
    fn first_cohort(&self) -> Cohort {
        self.rule.first_cohort()
    }
    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let ruling = self.rule.decide(situation);
        let Situation { counts, pending, dlt_times, latest, of_latest, in_cohorts } = *situation;
        let of_whom = [of_latest, in_cohorts];
        self.heard.lock().unwrap().0.push((counts, pending.to_vec(), dlt_times.to_vec(), latest, of_whom, ruling));
        ruling
    }
    fn select(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> (Option<Level>, StopReason) {
        let (selected, reason) = self.rule.select(counts, latest, closed_by);
        self.heard.lock().unwrap().1.push((*counts, latest, closed_by, selected));
        (selected, reason)
    }
    fn suspensions(&self) -> &'static [Suspension] {
        self.rule.suspensions()
    }
    fn suspends_by_follow_up(&self) -> bool {
        self.rule.suspends_by_follow_up()
    }
    fn uses_dlt_times(&self) -> bool {
        self.rule.uses_dlt_times()
    }
    fn fills_up(&self) -> bool {
        self.rule.fills_up()
    }
}

impl PendingProtocol for Listening<'_> {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        self.rule.grounds(situation)
    }
    fn synopsis(&self) -> Vec<(String, String)> {
        self.rule.synopsis()
    }
    fn wording(&self, names: &LevelNames) -> Wording {
        self.rule.wording(names)
    }
    fn evidence(&self, situation: &Situation<'_>) -> Evidence {
        self.rule.evidence(situation)
    }
}

/// What trials showed of a rule that looks at pending patients.
#[derive(Default)]
pub(crate) struct Met {
    /// The suspensions.
    pub(crate) suspensions: BTreeSet<Suspension>,
    /// The situations in which somebody was pending.
    pub(crate) pending: usize,
}

/// The words claim what the rule says, in every situation of so many trials on five levels, safe and toxic, at a fast and at a slow
/// accrual; and every ruling has a ground.
pub(crate) fn words_while_pending(name: &str, rule: &dyn PendingProtocol, names: &LevelNames, trials: usize) -> Held<Met> {
    let wording = rule.wording(names);
    let mut met = Met::default();
    require("words", wording.first_cohort() == Some(rule.first_cohort()), || format!("{name}: the first cohort"))?;
    for toxicity in [[0.05, 0.12, 0.25, 0.42, 0.55], [0.4, 0.5, 0.6, 0.7, 0.8]] {
        for accrual in [0.4, 2.0] {
            let (timing, listening) = (Timing::new(3.0, accrual), Listening { rule, heard: Mutex::default() });
            let walkers = [Walker::Calendar(Calendar { rule: TimedRule::Pending(&listening), timing: &timing })];
            let runs = Replicates { walkers: &walkers, curves: &[Truth::from(&toxicity)], seed: 5, replicates: trials };
            runs.tally(&Monitor::default()).unwrap();
            let (ruled, concluded) = listening.heard.into_inner().unwrap();
            for (counts, pending, dlt_times, latest, [of_latest, in_cohorts], ruling) in &ruled {
                let (of_latest, in_cohorts) = (*of_latest, *in_cohorts);
                let situation = Situation { counts: *counts, pending, dlt_times, latest: *latest, of_latest, in_cohorts };
                let said = wording.rule(&situation, &rule.evidence(&situation));
                require("words", said.is_some_and(|(said, _)| said == *ruling), || {
                    let words = said.and_then(|(_, place)| wording.pieces().nth(place)).map(|piece| &piece.words);
                    format!("{name}: {ruling:?} in {situation:?}, but {said:?} by {words:?}")
                })?;
                require("numbers", !rule.grounds(&situation).trim().is_empty(), || {
                    format!("{name}: no ground in {situation:?}")
                })?;
                if let Ruling::Suspend(suspension) = ruling {
                    met.suspensions.insert(*suspension);
                }
                met.pending += usize::from(!pending.is_empty());
            }
            for (counts, latest, closed_by, selected) in concluded {
                let in_cohorts = counts.total_patients();
                let situation = Situation { counts, pending: &[], dlt_times: &[], latest, of_latest: 0, in_cohorts };
                let said = wording.conclude(&Seen::new(&counts, latest, &rule.evidence(&situation)), closed_by);
                require("words", said == selected, || {
                    format!("{name}: {selected:?} selected after {counts:?} {closed_by:?}, but {said:?} by the words")
                })?;
            }
        }
    }
    Ok(met)
}
