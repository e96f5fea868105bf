//! What holds of every method in the list, and of every method under every conduct rule. No method is named here: whatever is added
//! to the list is held to the laws.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

mod curves;
mod decisions;
pub(crate) mod subject;
pub(crate) mod words;
mod wrong;

use self::curves::lower_curve;
use self::decisions::{all_dlts, climbs, form, more_dlts, no_skipping, nothing_comes_back, numbers, selected_is_tried};
use self::subject::{Held, Subject};
use self::words::{words, words_while_pending};
use crate::support::occurred;
use dosebench::design::wording::LevelNames;
use dosebench::design::{Context, Law, METHODS, MethodEntry, Plan, Protocol};
use dosebench::engine::{
    Calendar, Distribution, Evidence, Exact, Graph, Monitor, Replicates, TimedRule, Walker, compile, forward_probabilities,
};
use dosebench::keys::{Complaint, Severity, read_in};
use dosebench::measure::agreement;
use dosebench::scenario::Truth;
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Level, Move, StopReason, Timing};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const LEVELS: usize = 5;

/// What the blocks below are read in.
fn context() -> Context {
    Context::new(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25)
}
const TRUTH: Truth<'_> =
    Truth { toxicity: &[0.05, 0.12, 0.25, 0.4, 0.55], moderate: &[0.1, 0.2, 0.3, 0.3, 0.3], accrual_per_week: None };

/// A folder with the file that an example may name: a decision table.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("laws");
    let call = |patients: usize, dlts: usize| match () {
        () if patients >= 3 && 5 * dlts > 3 * patients => "DU",
        () if 4 * dlts > patients => "D",
        () if 4 * dlts == patients => "S",
        () => "E",
    };
    let row = |patients, dlts| format!("{patients},{dlts},{}\n", call(patients, dlts));
    let rows: String = (1..=60).flat_map(|patients| (0..=patients).map(move |dlts| row(patients, dlts))).collect();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("decisions.csv"), format!("patients,dlts,decision\n{rows}")).unwrap();
    folder
});

/// The keys of an example without the one that names its method, one a line.
pub(crate) fn example(entry: &MethodEntry) -> String {
    let method = format!("method = \"{}\"", entry.key);
    let keys = entry.example.strip_prefix(&method).unwrap_or_else(|| panic!("{}: an example begins with its method", entry.key));
    keys.trim_start().to_owned()
}

/// The key of a line of a block.
fn key_of(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

/// The block with this key, in place of what it says there.
pub(crate) fn with(keys: &str, key: &str, value: &str) -> String {
    let others = keys.lines().filter(|line| key_of(line) != key);
    others.chain([&*format!("{key} = {value}")]).collect::<Vec<_>>().join("\n")
}

/// What a method makes of a block, and all complaints.
pub(crate) fn read(entry: &MethodEntry, keys: &str) -> (Option<Plan>, Vec<Complaint>) {
    read_in(Some(&FOLDER), keys, |mut block| {
        let plan = entry.plan(&mut block, context());
        block.finish();
        plan
    })
}

/// The rule of a block, or the keys with which something is wrong. `None` for what is no rule for complete data.
fn rule(entry: &MethodEntry, keys: &str) -> Option<Result<Box<dyn Protocol>, BTreeSet<String>>> {
    let (plan, complaints) = read(entry, keys);
    let wrong: BTreeSet<String> =
        complaints.into_iter().filter(|complaint| complaint.severity == Severity::Error).map(|complaint| complaint.key).collect();
    match plan {
        Some(Plan::Rule(rule)) if wrong.is_empty() => Some(Ok(rule)),
        Some(Plan::LateOnset(_) | Plan::Benchmark(_)) if wrong.is_empty() => None,
        _ => Some(Err(wrong)),
    }
}

/// An example, cut to fifteen patients where the method says how many there are.
fn small(entry: &MethodEntry) -> String {
    let cut = with(&example(entry), "max_patients", "15");
    if matches!(rule(entry, &cut), Some(Ok(_))) { cut } else { example(entry) }
}

/// Every method that has a rule, with the keys of its small example and the rule.
fn rules() -> impl Iterator<Item = (&'static MethodEntry, String, Box<dyn Protocol>)> {
    METHODS.iter().filter_map(|entry| {
        let keys = small(entry);
        let rule = rule(entry, &keys)?;
        Some((entry, keys, rule.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", entry.key))))
    })
}

fn graph(rule: &dyn Protocol) -> Graph {
    compile(rule, 20_000_000, &Monitor::default()).unwrap()
}

fn names() -> LevelNames {
    LevelNames::new(&[], "")
}

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

/// The source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The page of a method: the doc comment of the file that has its entry.
pub(crate) fn page(key: &str) -> String {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/design"));
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let found: Vec<String> = texts.filter(|text| text.contains(&format!("    key: \"{key}\",\n"))).collect();
    assert_eq!(found.len(), 1, "the file of method {key}");
    found[0].lines().map_while(|line| line.strip_prefix("//!")).map(|line| format!("{}\n", line.trim())).collect()
}

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
fn conducted(entry: &MethodEntry) -> Vec<(String, Plan)> {
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
