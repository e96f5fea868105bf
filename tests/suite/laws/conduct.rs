//! Conduct rules as data, what each makes of a decision, written from their contract, and every method with every one of them.

use super::OF_ANY_RULE;
use super::examples::{LEVELS, example, key_of, read, rule, rules, with};
use super::exact_is_forward;
use super::subject::Subject;
use dosebench::design::{MethodEntry, Plan};
use dosebench::keys::Severity;
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Level, Move, StopReason};
use std::collections::{BTreeMap, BTreeSet};

/// Conduct rules on a trial of twelve patients, each a list of keys.
fn conduct_rules() -> Vec<Vec<(&'static str, &'static str)>> {
    let mut rules = Vec::new();
    for up in ["\"current\"", "\"highest-tried\"", "\"off\""] {
        for down in ["\"current\"", "\"lowest-tried\"", "\"off\""] {
            for coherent in ["\"last-cohort\"", "\"level\"", "\"off\""] {
                rules.push(vec![("no_skipping", up), ("no_skipping_down", down), ("coherent", coherent)]);
            }
        }
    }
    for when in ["\"stay\"", "\"recommended\"", "\"any\"", "\"reached\""] {
        rules.push(vec![("stop_at_patients", "6"), ("stop_at_patients_when", when)]);
        rules.push(vec![("stop_at_patients", "4"), ("stop_at_patients_when", when), ("no_skipping", "\"current\"")]);
    }
    rules.extend([
        vec![("stop_at_level_patients", "{ \"1\" = 4 }")],
        vec![("stop_at_level_patients", "{ \"2\" = 3, \"1\" = 7 }"), ("stop_at_patients", "6")],
        vec![("min_patients_selected", "4")],
        vec![("too_toxic_cutoff", "0.6")],
        vec![
            ("too_toxic_cutoff", "0.7"),
            ("too_toxic_rate", "0.3"),
            ("stop_at_patients", "3"),
            ("stop_at_patients_when", "\"any\""),
        ],
        vec![("too_toxic_cutoff", "0.5"), ("stop_at_patients", "6"), ("stop_at_patients_when", "\"reached\"")],
        vec![("titration", "true")],
        vec![("titration", "{ step = 2 }")],
        vec![("titration", "{ moderate = 2 }")],
        vec![("titration", "true"), ("stop_at_patients", "3"), ("stop_at_patients_when", "\"any\""), ("coherent", "\"level\"")],
    ]);
    rules
}

/// What conduct rules, as written in a study, make of the decision without them. Written from the contract, for a target of a
/// quarter.
struct Contract<'k>(BTreeMap<&'k str, &'k str>);

impl Contract<'_> {
    fn word(&self, key: &str) -> &str {
        self.0.get(key).map_or("", |value| value.trim_matches('"'))
    }

    fn limited(&self, recommended: Level, counts: &Counts, arrival: Arrival) -> Level {
        let current = arrival.level();
        let tried = || (0..LEVELS).filter(|&level| counts.patients(level) > 0);
        let highest = match self.word("no_skipping") {
            "current" => current + 1,
            "highest-tried" => tried().max().unwrap() + 1,
            _ => LEVELS,
        };
        let lowest = match self.word("no_skipping_down") {
            "current" => current.saturating_sub(1),
            "lowest-tried" => tried().min().unwrap().saturating_sub(1),
            _ => 0,
        };
        let next = recommended.min(highest).max(lowest);
        let is_incoherent = match self.word("coherent") {
            "last-cohort" => 4 * arrival.dlts >= arrival.cohort.patients,
            "level" => 4 * counts.dlts(current) > counts.patients(current),
            _ => false,
        };
        if is_incoherent { next.min(current) } else { next }
    }

    /// Whether a stopping rule that is looked at with the next level ends the trial, the first in order.
    fn stops(&self, next: Level, counts: &Counts, arrival: Arrival) -> Option<StopReason> {
        if let Ok(enough) = self.word("stop_at_patients").parse::<usize>() {
            let has_enough = |level| counts.patients(level) >= enough;
            let stops = match self.word("stop_at_patients_when") {
                "recommended" => has_enough(next),
                "any" => (0..LEVELS).any(has_enough),
                "reached" => false,
                _ => next == arrival.level() && has_enough(next),
            };
            if stops {
                return Some(StopReason::StopAtPatients);
            }
        }
        let at_levels = self.word("stop_at_level_patients").split('"').skip(1).collect::<Vec<_>>();
        let enough = at_levels.chunks(2).any(|pair| {
            let level: usize = pair[0].parse().unwrap();
            let patients: usize = pair[1].trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
            counts.patients(level - 1) >= patients
        });
        enough.then_some(StopReason::StopAtLevelPatients)
    }

    /// Whether the level just treated ends the trial before anything else is looked at.
    fn is_reached(&self, counts: &Counts, arrival: Arrival) -> bool {
        let enough = self.word("stop_at_patients").parse::<usize>().unwrap_or(usize::MAX);
        self.word("stop_at_patients_when") == "reached" && counts.patients(arrival.level()) >= enough
    }

    /// Check `found` against the decision `without` these rules.
    fn check(&self, found: Decision, without: Decision, counts: &Counts, arrival: Arrival, max_patients: usize) -> bool {
        if counts.total_patients() < max_patients && self.is_reached(counts, arrival) {
            return matches!(found, Decision::Stop(_, StopReason::StopAtPatients));
        }
        if !self.word("too_toxic_cutoff").is_empty() && found == Decision::Stop(None, StopReason::TooToxic) {
            return true;
        }
        match without {
            Decision::Stop(_, reason) => matches!(found, Decision::Stop(_, other) if other == reason),
            Decision::Enrol(Cohort { level, patients }, _) => {
                let next = self.limited(level.into(), counts, arrival);
                match self.stops(next, counts, arrival) {
                    Some(reason) => matches!(found, Decision::Stop(_, other) if other == reason),
                    None => matches!(found, Decision::Enrol(cohort, _) if cohort == Cohort { level: next as u8, patients }),
                }
            }
        }
    }
}

/// A method with every conduct rule that it takes, and without any.
pub(super) fn conducted(entry: &MethodEntry) -> Vec<(String, Plan)> {
    let mut conduct_rules = conduct_rules();
    let conduct: BTreeSet<&str> = conduct_rules.iter().flatten().map(|(key, _)| *key).collect();
    let plain_keys = plain(entry, &conduct);
    // Some methods take none.
    conduct_rules.push(Vec::new());
    let of = |keys: &Vec<(&'static str, &'static str)>| {
        let block = keys.iter().fold(plain_keys.clone(), |block, (key, value)| with(&block, key, value));
        let (plan, complaints) = read(entry, &block);
        let is_taken = complaints.iter().all(|complaint| complaint.severity != Severity::Error);
        plan.filter(|_| is_taken).map(|plan| (format!("{}, {keys:?}", entry.key), plan))
    };
    conduct_rules.iter().filter_map(of).collect()
}

/// The keys of an example on twelve patients without conduct rules, as far as the method takes the keys that switch them off.
fn plain(entry: &MethodEntry, conduct: &BTreeSet<&str>) -> String {
    let own: Vec<&str> = example(entry).leak().lines().filter(|line| !conduct.contains(key_of(line))).collect();
    let off = [("no_skipping", "\"off\""), ("no_skipping_down", "\"off\""), ("coherent", "\"off\""), ("max_patients", "12")];
    off.into_iter().fold(own.join("\n"), |keys, (key, value)| {
        let more = with(&keys, key, value);
        if matches!(rule(entry, &more), Some(Ok(_)) | None) { more } else { keys }
    })
}

/// Designs as data: every method with every conduct rule is refused at the key of that rule, or is the method with that rule.
#[test]
fn every_method_goes_with_every_conduct_rule() {
    let conduct_rules = conduct_rules();
    let conduct: BTreeSet<&str> = conduct_rules.iter().flatten().map(|(key, _)| *key).collect();
    let mut taken: BTreeSet<&Vec<_>> = BTreeSet::new();
    for (entry, _, _) in rules() {
        let plain_keys = plain(entry, &conduct);
        let plain = rule(entry, &plain_keys).unwrap().unwrap();
        for keys in &conduct_rules {
            let block = keys.iter().fold(plain_keys.clone(), |block, (key, value)| with(&block, key, value));
            let name = format!("{}, {keys:?}", entry.key);
            let ruled = match rule(entry, &block).unwrap() {
                Ok(rule) => rule,
                Err(refused) => {
                    let asked = |key: &String| keys.iter().any(|(asked, _)| key == asked);
                    assert!(!refused.is_empty() && refused.iter().all(asked), "{name}: refused at {refused:?}");
                    continue;
                }
            };
            taken.insert(keys);
            let subject = Subject::new(&name, ruled.as_ref());
            for (_, law) in OF_ANY_RULE {
                law(&subject).unwrap_or_else(|violation| panic!("{violation:?}"));
            }
            let contract = Contract(keys.iter().copied().collect());
            let fewest: usize = contract.word("min_patients_selected").parse().unwrap_or(0);
            // With cohorts of one there is none.
            let titrates = subject.wording.pieces().any(|piece| piece.key == "titration");
            for (counts, arrival, decision) in subject.decided() {
                let case = || format!("{name}: {decision:?} after {counts:?}, {arrival:?}");
                if let Decision::Stop(Some(level), _) = decision {
                    assert!(counts.patients(level.into()) >= fewest, "{}", case());
                }
                let is_scripted = subject.is_scripted(counts, arrival);
                if is_scripted && titrates && counts.all_patients().iter().all(|&patients| patients <= 1) {
                    assert!(titrated(&contract, counts, arrival, decision), "{}", case());
                } else if plain.objection(counts, arrival).is_none() {
                    let without = plain.decide(counts, arrival);
                    let same = is_scripted && decision == without;
                    let holds = same || contract.check(decision, without, counts, arrival, plain.max_patients());
                    assert!(holds, "{}, without the rule {without:?}", case());
                }
            }
            exact_is_forward(&name, &subject.graph);
        }
    }
    assert_eq!(taken.len(), conduct_rules.len(), "every rule is taken by some method");
}

/// Whether a decision is that of titration, as the contract of the key says.
fn titrated(contract: &Contract<'_>, counts: &Counts, arrival: Arrival, decision: Decision) -> bool {
    let value = contract.word("titration");
    let step = if value.contains("step = 2") { 2 } else { 1 };
    let is_triggered = counts.total_dlts() > 0 || (value.contains("moderate = 2") && counts.moderate() >= 2);
    let Decision::Enrol(cohort, reason) = decision else { return false };
    if is_triggered || arrival.level() == LEVELS - 1 {
        cohort.level == arrival.cohort.level && reason == Move::Expand
    } else {
        let next = (arrival.level() + step).min(LEVELS - 1);
        cohort == Cohort { level: next as u8, patients: 1 } && reason == Move::Escalate
    }
}
