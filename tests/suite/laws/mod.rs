//! What holds of every method in the list, and of every method under every conduct rule. No method is named here: whatever is added
//! to the list is held to the laws.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

mod conduct;
mod curves;
mod decisions;
mod examples;
pub(crate) mod subject;
pub(crate) mod words;
mod wrong;

use self::conduct::conducted;
use self::curves::lower_curve;
use self::decisions::{all_dlts, climbs, form, more_dlts, no_skipping, nothing_comes_back, numbers, selected_is_tried};
use self::examples::{LEVELS, TRUTH, context, example, graph, names, read, rule, rules};
use self::subject::{Held, Subject};
use self::words::{words, words_while_pending};
use crate::support::occurred;
use dosebench::design::{Law, METHODS, Plan, read_conduct};
use dosebench::engine::{
    Calendar, Distribution, Evidence, Exact, Graph, Monitor, Replicates, TimedRule, Walker, forward_probabilities,
};
use dosebench::keys::{Complaint, read_in};
use dosebench::measure::agreement;
use dosebench::scenario::Truth;
use dosebench::trial::{StopReason, Timing};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The exact probabilities of the leaves by formula are those carried forward through the graph.
fn exact_is_forward(name: &str, graph: &Graph) {
    let exact = Exact::new(graph).probabilities(TRUTH);
    assert!((exact.iter().sum::<f64>() - 1.0).abs() < 1e-11, "{name}");
    for (exact, forward) in exact.iter().zip(forward_probabilities(graph, TRUTH)) {
        assert!((exact - forward).abs() < 1e-12, "{name}: {exact} {forward}");
    }
}

#[test]
fn every_method_has_a_key_of_its_own_a_title_and_a_reference() {
    for (place, entry) in METHODS.iter().enumerate() {
        let others = METHODS.iter().skip(place + 1);
        assert!(others.clone().all(|other| other.key != entry.key && other.title != entry.title), "{}", entry.key);
        assert!(!entry.key.is_empty() && !entry.title.is_empty());
        let years = entry.reference.split(['(', ')']).filter(|part| part.len() == 4 && part.parse::<u32>().is_ok());
        assert!(years.count() > 0, "{}: a reference has a year: {}", entry.key, entry.reference);
    }
}

#[test]
fn every_example_is_read_without_a_complaint() {
    for entry in METHODS {
        let (plan, complaints) = read(entry, &example(entry));
        assert!(plan.is_some() && complaints.is_empty(), "{}: {complaints:?}", entry.key);
    }
}

/// The bound stated in the list holds, and is not idle.
#[test]
fn every_example_compiles_within_its_stated_bound() {
    let mut wrong = Vec::new();
    for entry in METHODS {
        let stated = entry.situations;
        let found = rule(entry, &example(entry)).map_or(0, |rule| graph(rule.unwrap().as_ref()).situations());
        if found > stated || stated > 2 * found {
            wrong.push(format!("{}: {found} situations, {stated} stated", entry.key));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The laws that hold of every rule under any conduct.
const OF_ANY_RULE: [Named; 3] = [("form", form), ("nothing_comes_back", nothing_comes_back), ("no_skipping", no_skipping)];

/// The laws that hold of every example.
const OF_EXAMPLES: [Named; 2] = [("selected_is_tried", selected_is_tried), ("numbers", numbers)];

/// The laws from which a method may be excepted.
const WITH_EXCEPTIONS: [(Law, Named); 4] = [
    (Law::MoreDlts, ("more_dlts", more_dlts)),
    (Law::Climbs, ("climbs", |subject| climbs(subject.name, subject.rule))),
    (Law::AllDlts, ("all_dlts", all_dlts)),
    (Law::LowerCurve, ("lower_curve", lower_curve)),
];

/// A law with its name, which its violations have.
type Named = (&'static str, fn(&Subject<'_>) -> Held);

#[test]
fn the_laws_hold_of_every_example() {
    for (entry, _, rule) in rules() {
        let subject = Subject::new(entry.key, rule.as_ref());
        for (_, law) in OF_ANY_RULE.iter().chain(&OF_EXAMPLES) {
            law(&subject).unwrap_or_else(|violation| panic!("{violation:?}"));
        }
        exact_is_forward(entry.key, &subject.graph);
    }
}

/// A law holds of every small example, or its method is excepted from it and says why; and an exception is needed.
fn holds_or_is_excepted(law: Law) {
    let (_, (name, holds)) = WITH_EXCEPTIONS.iter().find(|(other, _)| *other == law).unwrap();
    let mut wrong = Vec::new();
    for (entry, _, rule) in rules() {
        let reason = entry.exceptions.iter().find(|(other, _)| *other == law).map(|(_, reason)| reason);
        match (holds(&Subject::new(entry.key, rule.as_ref())), reason) {
            (Ok(()), None) => {}
            (Err(_), Some(reason)) => assert!(reason.len() > 20 && reason.ends_with('.'), "{}: {reason}", entry.key),
            (Ok(()), Some(_)) => wrong.push(format!("{}: excepted from {name}, which holds", entry.key)),
            (Err(violation), None) => wrong.push(format!("{violation:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The page of a method says from which laws it is excepted, and why.
#[test]
fn exceptions_are_on_the_page() {
    for entry in METHODS {
        let page = page(entry.key).split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, laws) = page.split_once("# Laws it does not keep ").unwrap_or((&page, ""));
        assert_eq!(entry.exceptions.is_empty(), laws.is_empty(), "{}", entry.key);
        for (law, reason) in entry.exceptions {
            assert!(laws.contains(reason), "{}: {law:?} is not on the page: {reason}", entry.key);
        }
    }
}

#[test]
fn one_more_dlt_never_leads_higher() {
    holds_or_is_excepted(Law::MoreDlts);
}

/// One path, so of the whole example.
#[test]
fn without_dlts_the_trial_climbs_to_the_top() {
    for entry in METHODS {
        let Some(rule) = rule(entry, &example(entry)) else { continue };
        let excepted = entry.exceptions.iter().any(|(law, _)| *law == Law::Climbs);
        let held = climbs(entry.key, rule.unwrap().as_ref());
        assert_eq!(held.is_err(), excepted, "{}: {held:?}", entry.key);
    }
}

#[test]
fn nobody_is_escalated_after_a_cohort_of_dlts() {
    holds_or_is_excepted(Law::AllDlts);
}

#[test]
fn a_lower_curve_never_selects_lower() {
    holds_or_is_excepted(Law::LowerCurve);
}

#[test]
fn the_words_are_the_rule_of_every_example() {
    for (entry, _, rule) in rules() {
        let at_work = words(&Subject::new(entry.key, rule.as_ref()));
        assert!(!at_work.unwrap_or_else(|violation| panic!("{violation:?}")).is_empty(), "{}", entry.key);
    }
}

/// Every method with every conduct rule that it takes, those that look at pending patients too.
#[test]
fn the_words_are_the_rule_under_every_conduct_rule() {
    for entry in METHODS {
        let mut taken = 0;
        for (name, plan) in conducted(entry) {
            let violation = match &plan {
                Plan::Rule(rule) => words(&Subject::new(&name, rule.as_ref())).err(),
                Plan::LateOnset(rule) => words_while_pending(&name, rule.as_ref(), &names(), 12).err(),
                Plan::Benchmark(_) => continue,
            };
            assert!(violation.is_none(), "{violation:?}");
            taken += 1;
        }
        let (plan, _) = read(entry, &example(entry));
        assert!(taken > 0 || matches!(plan, Some(Plan::Benchmark(_))), "{}", entry.key);
    }
}

/// A rule has no memory and no clock: another object of the same keys, asked one situation after the other from the end, says the
/// same; of large graphs every so many-th situation is asked.
#[test]
fn decisions_depend_on_nothing_but_what_is_asked() {
    for (entry, keys, one) in rules() {
        let other = rule(entry, &keys).unwrap().unwrap();
        let subject = Subject::new(entry.key, one.as_ref());
        let decided: Vec<_> = subject.decided().collect();
        let stride = decided.len().div_ceil(3000);
        for (counts, arrival, decision) in decided.iter().rev().step_by(stride) {
            assert_eq!(other.decide(counts, *arrival), *decision, "{}: {counts:?} {arrival:?}", entry.key);
        }
    }
}

/// Rules that look at pending patients have no graph. Their trials in calendar time are held to the laws of outcomes, and another
/// object of the same keys has the same trials.
#[test]
fn the_laws_hold_of_trials_with_pending_patients() {
    const TRIALS: usize = 2_000;
    let timing = Timing::new(3.0, 2.0);
    let mut methods = 0;
    for entry in METHODS {
        let plans = [(); 2].map(|()| read(entry, &example(entry)).0);
        let [Some(Plan::LateOnset(one)), Some(Plan::LateOnset(other))] = &plans else { continue };
        let in_time = |rule| Walker::Calendar(Calendar { rule: TimedRule::Pending(rule), timing: &timing });
        let walkers = [in_time(one.as_ref()), in_time(other.as_ref())];
        let runs = Replicates { walkers: &walkers, curves: &[TRUTH], seed: 3, replicates: TRIALS };
        let visited = runs.visit_in_order(
            &Monitor::default(),
            || 0,
            |trials: &mut usize, _, ends| {
                for (outcome, same) in ends[0].outcomes(&[]).zip(ends[1].outcomes(&[])) {
                    assert_eq!(outcome, same, "{}", entry.key);
                    let Some(selected) = outcome.selected.checked_ilog2() else { panic!("{}: {outcome:?}", entry.key) };
                    assert!(outcome.selected.is_power_of_two() && selected as usize <= LEVELS, "{}: {outcome:?}", entry.key);
                    assert!(selected == 0 || outcome.reason != StopReason::TooToxic, "{}: {outcome:?}", entry.key);
                    assert!((1..=one.max_patients()).contains(&outcome.counts.total_patients()), "{}: {outcome:?}", entry.key);
                    *trials += 1;
                }
            },
        );
        assert_eq!(visited.unwrap().into_iter().sum::<usize>(), TRIALS);
        assert!(!one.synopsis().is_empty(), "{}", entry.key);
        // Without DLTs every trial climbs to the top; with nothing but DLTs nobody is treated above the first level.
        let (top, start) = (one.levels() - 1, usize::from(one.first_cohort().level));
        let slow = Timing::new(3.0, 0.01);
        let walkers = [Walker::Calendar(Calendar { rule: TimedRule::Pending(one.as_ref()), timing: &slow })];
        for (toxicity, highest) in [([1e-12; LEVELS], top), ([1.0 - 1e-12; LEVELS], start)] {
            let runs = Replicates { walkers: &walkers, curves: &[Truth::from(&toxicity)], seed: 3, replicates: 50 };
            let tally = runs.tally(&Monitor::default()).unwrap();
            for outcome in occurred(&tally[0][0], &[]).keys() {
                assert_eq!(outcome.counts.highest_tried(), Some(highest), "{}: {outcome:?}", entry.key);
            }
        }
        methods += 1;
    }
    assert!(methods > 0);
}

/// 40,000 replicates, seed fixed: chi-square over the leaves, and the standard score of each level's patients and of each selection.
/// By chance one p-value in 10,000 is below the bound, and one score in a million is above 4.9.
#[test]
fn exact_equals_replicates() {
    for (entry, _, rule) in rules() {
        let graph = graph(rule.as_ref());
        let exact = Exact::new(&graph);
        let walkers = [Walker::Graph(&graph)];
        let runs = Replicates { walkers: &walkers, curves: &[TRUTH], seed: 3, replicates: 40_000 };
        let tally = runs.tally(&Monitor::default()).expect("not interrupted");
        let simulated = Distribution::replicates(&walkers[0], tally[0][0].clone());
        let expected = Distribution::exact(&exact, TRUTH);
        let agreement = agreement(&expected, &simulated).unwrap();
        assert!(agreement.p_value > 1e-4, "{}: {agreement:?}", entry.key);
        let Evidence::Replicates(tallied) = simulated.evidence() else { panic!("no replicates") };
        assert_eq!(tallied.iter().sum::<u64>(), 40_000);
        for level in 0..=LEVELS {
            let mut scores = vec![score(&expected, &simulated, |outcome| outcome.selects(level))];
            if level < LEVELS {
                scores.push(score(&expected, &simulated, |outcome| outcome.counts.patients(level) as f64));
            }
            assert!(scores.iter().all(|score| score.abs() < 4.9), "{}, level {level}: {scores:?}", entry.key);
        }
    }
}

/// The difference of the means of a number that outcomes have, in standard errors of the replicates.
fn score(exact: &Distribution<'_>, simulated: &Distribution<'_>, number: impl Fn(&dosebench::trial::Outcome) -> f64) -> f64 {
    let moments = |distribution: &Distribution<'_>| {
        let terms = distribution.probabilities().map(|(outcome, p)| (p * number(outcome), p * number(outcome).powi(2)));
        terms.fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1))
    };
    let ((mean, square), (found, _)) = (moments(exact), moments(simulated));
    let error = ((square - mean * mean).max(0.0) / 40_000.0).sqrt();
    if error < 1e-9 { (found - mean) * 1e9 } else { (found - mean) / error }
}

/// The keys that a block may have, as the complaint about one that nobody knows tells them.
fn known_keys(complaints: &[Complaint]) -> BTreeSet<String> {
    let unknown = complaints.iter().find(|complaint| complaint.message == "unknown key").expect("a complaint");
    let help = unknown.help.as_deref().and_then(|help| help.strip_prefix("known keys here: "));
    help.expect("the known keys").split(", ").map(str::to_owned).collect()
}

/// A key that resembles no other.
const UNKNOWN: &str = "\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq = 1";

/// The source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The page of a method: the doc comment of the file that has its entry.
fn page(key: &str) -> String {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/design"));
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let found: Vec<String> = texts.filter(|text| text.contains(&format!("    key: \"{key}\",\n"))).collect();
    assert_eq!(found.len(), 1, "the file of method {key}");
    found[0].lines().map_while(|line| line.strip_prefix("//!")).map(|line| format!("{}\n", line.trim())).collect()
}

/// The section "Parameters" of the page has a line for each key that the reader asks for beside those of conducted designs, and
/// no other.
#[test]
fn documented_parameters_are_accepted_parameters() {
    let (_, complaints) = read_in(None, UNKNOWN, |mut keys| {
        read_conduct(&mut keys, context(), true);
        keys.finish();
    });
    let mut conduct = known_keys(&complaints);
    // That of interval designs has a page of its own; other methods know these to say why they refuse them.
    conduct.extend(["too_toxic_cutoff", "too_toxic_rate", "backfill"].map(str::to_owned));
    let mut wrong = Vec::new();
    for entry in METHODS {
        let (_, complaints) = read(entry, &(example(entry) + UNKNOWN));
        let accepted: BTreeSet<String> = known_keys(&complaints).difference(&conduct).cloned().collect();
        let page = page(entry.key);
        let heading = |line: &str| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim() == "Parameters");
        let documented: Vec<&str> = page
            .lines()
            .skip_while(|line| heading(line) != Some(true))
            .skip(1)
            .take_while(|line| heading(line).is_none())
            .filter_map(|line| line.strip_prefix("- `").or_else(|| line.strip_prefix("| `")))
            .map(|line| line.split('`').next().unwrap_or_default())
            .collect();
        let once: BTreeSet<String> = documented.iter().map(|&key| key.to_owned()).collect();
        assert_eq!(once.len(), documented.len(), "{}: a key is documented twice", entry.key);
        // Keys of conducted designs may be there too.
        let own: BTreeSet<String> = once.difference(&conduct).cloned().collect();
        if own != accepted {
            wrong.push(format!("{}: documented {own:?}, accepted {accepted:?}", entry.key));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
