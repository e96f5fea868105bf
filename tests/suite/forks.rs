//! Decision graphs that tell more apart than DLTs, moderate toxicities and the sides of a coin, against enumerations and simulations
//! that are as plain as they can be; and the randomised designs.

use crate::explain::pieces_at_work;
use crate::support::{design_study, graph_of, occurred};
use dosebench::comparison::{RunningTrial, pathway_grounds};
use dosebench::design::wording::Claim;
use dosebench::design::{Answer, Expected, Plan, Protocol, Rule, follow};
use dosebench::engine::{
    Distribution, Exact, Graph, Monitor, Pathways, Replicates, Walker, compile, compile_from, forward_probabilities,
};
use dosebench::measure::agreement;
use dosebench::numeric::philox;
use dosebench::report::explain::level_names;
use dosebench::report::{next::Position, pathways};
use dosebench::scenario::Truth;
use dosebench::study::{Study, read_outcomes};
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Move, Outcome, StopReason};
use std::collections::{BTreeMap, BTreeSet};

/// Single patients climb three levels until a DLT, the second moderate toxicity of the trial, or the top; then cohorts of three, up
/// after no DLT, down after two, and after one DLT down only at tails, where there is a coin. Twelve patients.
struct Climb {
    coin: Option<f64>,
}

impl Rule for Climb {
    fn levels(&self) -> usize {
        3
    }

    fn max_patients(&self) -> usize {
        12
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    fn watches_moderate(&self, counts: &Counts, cohort: Cohort) -> bool {
        cohort.patients == 1 && counts.moderate() < 2
    }

    fn coin(&self) -> Option<f64> {
        self.coin
    }

    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        let Arrival { cohort, dlts, heads, .. } = arrival;
        let left = 12 - counts.total_patients() as u8;
        if left == 0 {
            return Decision::Stop(Some(cohort.level), StopReason::MaxPatients);
        }
        let enrol = |level: u8, patients: u8| Decision::Enrol(Cohort { level, patients: patients.min(left) }, Move::Stay);
        let is_top = cohort.level == 2;
        if cohort.patients == 1 {
            let climbs = dlts == 0 && counts.moderate() < 2 && !is_top;
            return if climbs { enrol(cohort.level + 1, 1) } else { enrol(cohort.level, 2) };
        }
        let level = match dlts {
            0 if !is_top => cohort.level + 1,
            1 if self.coin.is_some() && !heads => cohort.level.saturating_sub(1),
            2.. => cohort.level.saturating_sub(1),
            _ => cohort.level,
        };
        enrol(level, 3)
    }
}

const TOXICITY: [f64; 3] = [0.1, 0.25, 0.45];
const MODERATE: [f64; 3] = [0.2, 0.3, 0.55];
const TRUTH: Truth<'_> = Truth { toxicity: &TOXICITY, moderate: &MODERATE, accrual_per_week: None };

/// The probability of every outcome, patient by patient and history by history; nothing is merged before the end.
struct Enumeration<'a> {
    rule: &'a dyn Rule,
    truth: Truth<'a>,
    found: BTreeMap<Outcome, f64>,
}

impl Enumeration<'_> {
    fn of(rule: &dyn Rule, truth: Truth<'_>) -> BTreeMap<Outcome, f64> {
        let mut enumeration = Enumeration { rule, truth, found: BTreeMap::new() };
        enumeration.enrol(rule.first_cohort(), Counts::default(), true, 0, 1.0);
        enumeration.found
    }

    fn enrol(&mut self, cohort: Cohort, counts: Counts, watching: bool, cohorts: u8, probability: f64) {
        let watching = watching && self.rule.watches_moderate(&counts, cohort);
        let counts = if watching { counts } else { counts.without_moderate() };
        self.treat(cohort, counts, watching, cohorts + 1, (0, 0, 0), probability);
    }

    /// One patient after the other: those evaluated so far, DLTs and moderate toxicities among them.
    fn treat(&mut self, cohort: Cohort, counts: Counts, watching: bool, cohorts: u8, so_far: (u8, u8, u8), probability: f64) {
        let (patients, dlts, moderate) = so_far;
        if patients < cohort.patients {
            let (p, q) = (self.truth.toxicity[cohort.level as usize], self.truth.moderate_at(cohort.level as usize));
            for (chance, dlt, moderately) in [(p, 1, 0), (q, 0, 1), (1.0 - p - q, 0, 0)] {
                let so_far = (patients + 1, dlts + dlt, moderate + moderately);
                self.treat(cohort, counts, watching, cohorts, so_far, probability * chance);
            }
            return;
        }
        let sides = self.rule.coin().map_or(vec![(false, 1.0)], |coin| vec![(true, coin), (false, 1.0 - coin)]);
        for (heads, chance) in sides {
            let arrival = Arrival { cohort, dlts, moderate: if watching { moderate } else { 0 }, heads };
            let (counts, probability) = (counts.after(arrival), probability * chance);
            match self.rule.decide(&counts, arrival) {
                Decision::Enrol(next, _) => self.enrol(next, counts, watching, cohorts, probability),
                Decision::Stop(level, reason) => {
                    let selected = Outcome::selection(level.map(usize::from));
                    let outcome = Outcome { counts: counts.without_moderate(), selected, reason, cohorts };
                    *self.found.entry(outcome).or_default() += probability;
                }
            }
        }
    }
}

fn compiled(rule: &dyn Rule) -> Graph {
    compile(rule, 1_000_000, &Monitor::default()).expect("a graph")
}

fn rule(study: &Study) -> &dyn Protocol {
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    rule.as_ref()
}

/// Up-and-down designs on three levels, small enough to be told history by history.
fn designs() -> Vec<Study> {
    let designs = [
        "target = 0.25\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 7",
        "target = 0.25\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 7\nstart_level = 2\nselection = \"next\"\n\
         too_toxic_cutoff = 0.9\nstop_at_patients = 4\nstop_at_patients_when = \"recommended\"",
        "target = 0.7\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 7\ncoherent = \"level\"\nmin_patients_selected = 3",
        "target = 0.5\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 7\ntoo_toxic_cutoff = 0.9\ntoo_toxic_rate = 0.6",
        "target = 0.27\nlevels = 3\nmethod = \"up-and-down\"\ncohort_size = 4\nescalate_if_at_most = 0\n\
         deescalate_if_at_least = 2\nmax_patients = 10",
        "target = 0.5\nlevels = 3\nmethod = \"up-and-down\"\ncohort_size = 2\nescalate_if_at_most = 0\n\
         deescalate_if_at_least = 1\nmax_patients = 9\nselection = \"next\"\ntoo_toxic_cutoff = 0.8",
    ];
    designs.map(design_study).into_iter().collect()
}

#[test]
fn every_outcome_has_the_probability_that_patients_and_coins_give_it() {
    let studies = designs();
    let climbs = [Climb { coin: None }, Climb { coin: Some(0.3) }];
    let rules: Vec<&dyn Rule> =
        climbs.iter().map(|climb| climb as &dyn Rule).chain(studies.iter().map(|study| rule(study) as &dyn Rule)).collect();
    for (number, rule) in rules.into_iter().enumerate() {
        let graph = compiled(rule);
        let exact = Exact::new(&graph);
        for truth in [TRUTH, Truth::from(&TOXICITY)] {
            let expected = Enumeration::of(rule, truth);
            let found = exact.probabilities(truth);
            let sum: f64 = found.iter().sum();
            assert!((sum - 1.0).abs() < 1e-13, "rule {number}: {sum}");
            let mut mean = [0.0; 3];
            for (leaf, probability) in graph.leaves().iter().zip(found) {
                let expected = expected.get(leaf).copied().unwrap_or(0.0);
                assert!((probability - expected).abs() < 1e-14, "rule {number}, {leaf:?}: {probability}, not {expected}");
                (0..3).for_each(|level| mean[level] += expected * leaf.counts.patients(level) as f64);
            }
            assert!(expected.keys().all(|outcome| graph.leaves().contains(outcome)), "rule {number}");
            // What operating characteristics are made of.
            let distribution = Distribution::exact(&exact, truth);
            for (found, expected) in distribution.marginals().mean_patients().iter().zip(mean) {
                assert!((found - expected).abs() < 1e-12, "rule {number}: {found} patients, not {expected}");
            }
            let forward = forward_probabilities(&graph, truth);
            assert!(exact.probabilities(truth).iter().zip(forward).all(|(one, other)| (one - other).abs() < 1e-14));
        }
    }
}

/// Target 0.25: heads with probability 1/3. Toxicities 0.1 and 0.4, three patients from level 1.
#[test]
fn three_patients_by_hand() {
    let study = design_study("target = 0.25\nlevels = 2\nmethod = \"biased-coin\"\nmax_patients = 3\nselection = \"next\"");
    let graph = graph_of(&study, 0);
    let exact = Exact::new(&graph);
    let distribution = Distribution::exact(&exact, &[0.1, 0.4]);
    // Up from level 1: 0.9 / 3 = 0.3. Down from level 2: 0.4. So level 2 with 0, 0.3, then 0.3 x 0.6 + 0.7 x 0.3 = 0.39, and after the
    // third patient 0.39 x 0.6 + 0.61 x 0.3 = 0.417.
    let mean = distribution.marginals().mean_patients();
    assert!((mean[0] - 2.31).abs() < 1e-12 && (mean[1] - 0.69).abs() < 1e-12, "{mean:?}");
    let second: f64 = distribution.marginals().selections().filter(|(bits, _)| bits >> 2 & 1 == 1).map(|(_, p)| p).sum();
    assert!((second - 0.417).abs() < 1e-12, "{second}");
}

/// UD(2, 0, 2): toxicities 0.1 and 0.4, two cohorts of two.
#[test]
fn two_cohorts_by_hand() {
    let keys = "method = \"up-and-down\"\ncohort_size = 2\nescalate_if_at_most = 0\ndeescalate_if_at_least = 2\nmax_patients = 4";
    let study = design_study(&format!("target = 0.3\nlevels = 2\n{keys}\nselection = \"next\""));
    let graph = graph_of(&study, 0);
    let exact = Exact::new(&graph);
    let distribution = Distribution::exact(&exact, &[0.1, 0.4]);
    // Level 2 follows 0 of 2 at level 1, 0.81; it is left with 2 of 2, 0.16.
    let mean = distribution.marginals().mean_patients();
    assert!((mean[1] - 1.62).abs() < 1e-12, "{mean:?}");
    let second: f64 = distribution.marginals().selections().filter(|(bits, _)| bits >> 2 & 1 == 1).map(|(_, p)| p).sum();
    assert!((second - (0.81 * 0.84 + 0.19 * 0.81)).abs() < 1e-12, "{second}");
}

/// No two situations are the same, and moderate toxicities are remembered during the titration alone.
#[test]
fn the_graph_forgets_what_nobody_watches() {
    let graph = compiled(&Climb { coin: None });
    let mut counts: Vec<Option<Counts>> = vec![None; graph.situations()];
    counts[0] = Some(Counts::default());
    let mut seen = BTreeSet::new();
    let mut watched = 0;
    for node in 0..graph.nodes().len() {
        let before = counts[node].expect("reached by nothing before it");
        let fork = graph.fork(node);
        assert!(fork.watches_moderate || before.moderate() == 0);
        assert!(seen.insert((before, fork.cohort, fork.watches_moderate)), "a situation that is there twice");
        watched += usize::from(fork.watches_moderate);
        for (arrival, child) in graph.outcomes(node) {
            let after = before.after(arrival);
            let watches = graph.nodes().get(child as usize).is_some_and(|node| node.watches_moderate);
            let kept = if watches { after } else { after.without_moderate() };
            assert_eq!(*counts[child as usize].get_or_insert(kept), kept, "histories that differ meet");
        }
    }
    // One patient at level 1; at level 2 after none or one moderate; at level 3 after none or one.
    assert_eq!(watched, 5);
    let leaves: BTreeSet<&Outcome> = graph.leaves().iter().collect();
    assert_eq!(leaves.len(), graph.leaves().len());
}

/// The tolerance of a patient and the coin after it, as ARCHITECTURE.md defines them.
fn drawn(seed: u64, replicate: u64, patient: usize) -> (u64, u64) {
    let block = |purpose, index| philox::block([seed, purpose], [index as u64 + 1, replicate, 0, 0]);
    let upper = block(1, patient / 16)[patient % 16 / 4] >> (16 * (patient % 4)) & 0xffff;
    let lower = block(2, patient / 4)[patient % 4] >> 16;
    (upper << 48 | lower, block(3, patient / 4)[patient % 4])
}

/// One trial, told patient by patient.
fn conduct(rule: &dyn Rule, truth: Truth<'_>, seed: u64, replicate: u64) -> Outcome {
    let limit = |p: f64| (p * 2f64.powi(64)).ceil() as u128;
    let (mut counts, mut cohort, mut enrolled, mut cohorts) = (Counts::default(), rule.first_cohort(), 0, 0);
    let mut watching = true;
    loop {
        watching = watching && rule.watches_moderate(&counts, cohort);
        if !watching {
            counts = counts.without_moderate();
        }
        let level = cohort.level as usize;
        let (dlt, moderate) = (limit(truth.toxicity[level]), limit(truth.moderate_at(level)));
        let mut arrival = Arrival::new(cohort, 0);
        for patient in enrolled..enrolled + cohort.patients as usize {
            let (tolerance, coin) = drawn(seed, replicate, patient);
            let tolerance = u128::from(tolerance);
            arrival.dlts += u8::from(tolerance < dlt);
            arrival.moderate += u8::from(watching && tolerance >= dlt && tolerance < dlt + moderate);
            arrival.heads = rule.coin().is_some_and(|heads| u128::from(coin) < limit(heads));
        }
        (enrolled, cohorts, counts) = (enrolled + cohort.patients as usize, cohorts + 1, counts.after(arrival));
        match rule.decide(&counts, arrival) {
            Decision::Enrol(next, _) => cohort = next,
            Decision::Stop(level, reason) => {
                let selected = Outcome::selection(level.map(usize::from));
                return Outcome { counts: counts.without_moderate(), selected, reason, cohorts };
            }
        }
    }
}

/// With a graph and without, beside designs of other kinds, each trial ends as one that is conducted step by step.
#[test]
fn every_trial_ends_as_one_conducted_patient_by_patient() {
    const REPLICATES: usize = 1500;
    let studies = designs();
    let climbs = [Climb { coin: None }, Climb { coin: Some(0.3) }];
    let rules: Vec<&dyn Rule> =
        climbs.iter().map(|climb| climb as &dyn Rule).chain(studies.iter().map(|study| rule(study) as &dyn Rule)).collect();
    let graphs: Vec<Graph> = rules.iter().map(|rule| compiled(*rule)).collect();
    let walkers: Vec<Walker<'_>> =
        rules.iter().zip(&graphs).flat_map(|(rule, graph)| [Walker::Graph(graph), Walker::Rule(*rule)]).collect();
    // A certain toxicity, an impossible one, and one of few binary digits.
    let hard = Truth { toxicity: &[0.0, 0.125, 0.5], moderate: &[1.0, 0.25, 0.5], accrual_per_week: None };
    let truths = [TRUTH, hard, Truth::from(&TOXICITY)];
    let runs = Replicates { walkers: &walkers, curves: &truths, seed: 99, replicates: REPLICATES };
    let tallies = runs.tally(&Monitor::default()).expect("not interrupted");
    for (truth, tallies) in truths.iter().zip(tallies) {
        for (number, rule) in rules.iter().enumerate() {
            let mut expected = BTreeMap::new();
            for replicate in 0..REPLICATES {
                *expected.entry(conduct(*rule, *truth, 99, replicate as u64)).or_insert(0) += 1;
            }
            for tally in &tallies[2 * number..2 * number + 2] {
                assert_eq!(occurred(tally, graphs[number].leaves()), expected, "rule {number}, {truth:?}");
            }
        }
    }
}

/// Pearson's chi-square over all outcomes, seed fixed: of 16 p-values from engines that agree, the smallest is below 0.0001 once in
/// 600 seeds.
#[test]
fn replicates_agree_with_exact_probabilities() {
    let studies = designs();
    let climbs = [Climb { coin: None }, Climb { coin: Some(0.3) }];
    let rules: Vec<&dyn Rule> =
        climbs.iter().map(|climb| climb as &dyn Rule).chain(studies.iter().map(|study| rule(study) as &dyn Rule)).collect();
    for (number, rule) in rules.into_iter().enumerate() {
        let graph = compiled(rule);
        let exact = Exact::new(&graph);
        let truths = [TRUTH, Truth::from(&TOXICITY)];
        let walker = Walker::Graph(&graph);
        let runs = Replicates { walkers: &[walker], curves: &truths, seed: 12, replicates: 60_000 };
        for (truth, tally) in truths.into_iter().zip(runs.tally(&Monitor::default()).expect("not interrupted")) {
            let simulated = Distribution::replicates(&walker, tally[0].clone());
            let agreement = agreement(&Distribution::exact(&exact, truth), &simulated).expect("comparable");
            assert!(agreement.p_value > 1e-4 && agreement.degrees_of_freedom > 10, "rule {number}: {agreement:?}");
        }
    }
}

/// Long trials visit the levels in the proportions of Durham and Flournoy (1994), whose balance equations are
/// pi(k + 1) p(k + 1) = pi(k) b (1 - p(k)). The patients 151 to 250 of 5,000 trials are those of a trial of 250 patients without
/// those of one of 150, since the patients of a seed are the same. The share of a level among 100 patients varies by less than 0.1 from
/// trial to trial, so its mean has a standard error below 0.0015; four of these are allowed, and by patient 150 the start is forgotten.
#[test]
fn long_trials_visit_the_levels_in_proportion() {
    const CURVE: [f64; 5] = [0.05, 0.12, 0.25, 0.42, 0.55];
    let patients = |most: usize| -> Vec<f64> {
        let keys = format!("target = 0.25\nlevels = 5\nmethod = \"biased-coin\"\nmax_patients = {most}");
        let study = design_study(&keys);
        let walker = Walker::Rule(rule(&study));
        let runs = Replicates { walkers: &[walker], curves: &[(&CURVE).into()], seed: 3, replicates: 5_000 };
        let mut tallies = runs.tally(&Monitor::default()).expect("not interrupted");
        Distribution::replicates(&walker, tallies.remove(0).remove(0)).marginals().mean_patients().to_vec()
    };
    let mut stationary = vec![1.0];
    for level in 1..5 {
        stationary.push(stationary[level - 1] / 3.0 * (1.0 - CURVE[level - 1]) / CURVE[level]);
    }
    let sum: f64 = stationary.iter().sum();
    for ((long, short), expected) in patients(250).iter().zip(patients(150)).zip(stationary) {
        let share = (long - short) / 100.0;
        assert!((share - expected / sum).abs() < 0.006, "a share of {share}, not {}", expected / sum);
    }
}

/// What has happened tells the coin; what has not is said with its probability.
#[test]
fn a_running_trial_knows_the_coins_that_decided() {
    let study = design_study("target = 0.25\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 8");
    let rule = rule(&study);
    let course = |outcomes: &str| follow(rule, &read_outcomes(outcomes, 3).expect("outcomes"));
    let climbed = course("1N 2M 2T");
    assert!(climbed.deviations.is_empty(), "{:?}", climbed.deviations);
    assert_eq!(climbed.cohorts.iter().map(|arrival| arrival.heads).collect::<Vec<_>>(), [true, false, false]);
    assert!(climbed.cohorts.iter().all(|arrival| arrival.moderate == 0), "nobody watches: M is N");
    assert_eq!(climbed.answer.next_cohort(), Some(Cohort { level: 0, patients: 1 }), "after a DLT no coin matters");
    let open = course("1N");
    let single = |level, reason| Decision::Enrol(Cohort { level, patients: 1 }, reason);
    assert_eq!(open.answer, Answer::Tossed { heads: single(1, Move::Escalate), tails: single(0, Move::Stay) });
    let departed = course("1N 3N");
    assert!(matches!(departed.deviations[..], [only] if matches!(only.expected, Expected::Tossed { .. })));
    assert_eq!(
        departed.deviations[0].to_string(),
        "Cohort 2 was 1 patient at level 3; the rule gave 1 patient at level 2 or, by its coin, 1 patient at level 1."
    );

    let trial = RunningTrial::new(&study, rule, open);
    let position = Position { study: &study, design: "design", trial: &trial, not_evaluable: &[] };
    let json: serde_json::Value = serde_json::from_str(&position.json()).expect("JSON");
    assert_eq!((&json["decision"], &json["reason"]), (&"enrol".into(), &"randomise".into()));
    assert!(json["dose_level"].is_null() && json["selected_level"].is_null());
    assert_eq!(json["patients"], 1);
    let [heads, tails] = &json["alternatives"].as_array().expect("alternatives")[..] else { panic!("not two") };
    assert_eq!((&heads["coin"], &heads["dose_level"], &heads["reason"]), (&"heads".into(), &2.into(), &"escalate".into()));
    assert_eq!((&tails["coin"], &tails["dose_level"], &tails["reason"]), (&"tails".into(), &1.into(), &"stay".into()));
    assert_eq!(heads["probability"].as_f64(), Some(1.0 / 3.0));
    let text = position.page().text();
    assert!(text.contains("With probability 33.3 % (heads) escalate to level 2, 1 patient"), "{text}");
}

/// The whole trial is its first patient, the coin, and the rest: conditional expectations add up.
#[test]
fn the_rest_of_a_trial_begins_with_its_coin() {
    let study = design_study("target = 0.25\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 8");
    let rule = rule(&study);
    let mean = |graph: &Graph| -> [f64; 3] {
        let probabilities = Exact::new(graph).probabilities(&TOXICITY);
        let patients = |level: usize| {
            let leaves = graph.leaves().iter().zip(&probabilities);
            leaves.map(|(leaf, probability)| probability * leaf.counts.patients(level) as f64).sum()
        };
        std::array::from_fn(patients)
    };
    let rest = |outcomes: &str| {
        let course = follow(rule, &read_outcomes(outcomes, 3).expect("outcomes"));
        mean(&compile_from(rule, &course, 1_000_000, &Monitor::default()).expect("a graph").expect("a rest"))
    };
    let (none, dlt) = (rest("1N"), rest("1T"));
    for (level, whole) in mean(&compiled(rule)).into_iter().enumerate() {
        let parts = 0.9 * none[level] + 0.1 * dlt[level] + f64::from(u8::from(level == 0));
        assert!((whole - parts).abs() < 1e-12, "level {}: {whole}, not {parts}", level + 1);
    }
}

/// Pathways of a watched and of a randomised rule: their probabilities are those of the leaves, and the table has a row for each.
#[test]
fn pathways_tell_moderate_toxicities_and_coins_apart() {
    for coin in [None, Some(0.3)] {
        let climb = Climb { coin };
        let found = Pathways::new(&climb, &follow(&climb, &[]), 12, 100_000).expect("few pathways").expect("a next cohort");
        let probabilities = found.probabilities(TRUTH);
        let mut outcomes: BTreeMap<(Counts, usize), f64> = BTreeMap::new();
        for path in found.paths() {
            let last = &found.layers[path.len() - 1][path[path.len() - 1]];
            *outcomes.entry((last.counts.without_moderate(), path.len())).or_default() +=
                probabilities[path.len() - 1][path[path.len() - 1]];
        }
        let mut expected: BTreeMap<(Counts, usize), f64> = BTreeMap::new();
        for (outcome, probability) in Enumeration::of(&climb, TRUTH) {
            *expected.entry((outcome.counts, outcome.cohorts.into())).or_default() += probability;
        }
        assert_eq!(outcomes.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert!(outcomes.values().zip(expected.values()).all(|(one, other)| (one - other).abs() < 1e-14));
    }
    let study = design_study("target = 0.25\nlevels = 3\nmethod = \"biased-coin\"\nmax_patients = 8");
    let rule = rule(&study);
    let found = |outcomes: &str| {
        let course = follow(rule, &read_outcomes(outcomes, 3).expect("outcomes"));
        Pathways::new(rule, &course, 1, 100).expect("few pathways").expect("a next cohort")
    };
    let columns = |text: String| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = |row: csv::StringRecord| [0, 2, 4, 5, 11].map(|column| row[column].to_owned()).join(" ");
        reader.records().map(|found| row(found.expect("a row"))).collect()
    };
    assert_eq!(
        columns(pathways::csv(&found(""), &pathway_grounds(rule, &found("")), None)),
        ["1 1 0 1 tails", "2 1 0 2 heads", "3 1 1 1 "]
    );
    // The coin after the patient at level 1 comes first.
    assert_eq!(
        columns(pathways::csv(&found("1N"), &pathway_grounds(rule, &found("1N")), None)),
        [
            "1 1 0 1 tails",
            "1 1 0 1 tails",
            "2 1 0 1 tails",
            "2 1 0 2 heads",
            "3 1 0 1 tails",
            "3 1 1 1 ",
            "4 1 0 2 heads",
            "4 2 0 2 tails",
            "5 1 0 2 heads",
            "5 2 0 3 heads",
            "6 1 0 2 heads",
            "6 2 1 1 ",
        ]
    );
}

/// What the words of the up-and-down designs claim is what they decide, and every piece that recommends is at work somewhere.
#[test]
fn the_words_of_up_and_down_designs_are_their_rule() {
    let further = [
        "target = 0.25\nlevels = 1\nmethod = \"biased-coin\"\nmax_patients = 6",
        "target = 0.25\nlevels = 5\nmethod = \"biased-coin\"\nmax_patients = 12\ntoo_toxic_cutoff = 0.9\nmin_patients_selected = 3",
        "target = 0.3\nlevels = 5\nmethod = \"up-and-down\"\nescalate_if_at_most = 0\ndeescalate_if_at_least = 2\nmax_patients = 15",
        "target = 0.2\nlevels = 1\nmethod = \"up-and-down\"\nescalate_if_at_most = 0\ndeescalate_if_at_least = 1\nmax_patients = 9",
    ];
    for study in designs().into_iter().chain(further.map(design_study)) {
        let rule = rule(&study);
        let at_work = pieces_at_work(&study.text, rule);
        let names = level_names(&study);
        for (place, piece) in rule.wording(&names).pieces().enumerate() {
            let is_idle = matches!(piece.claim, Claim::Recommends(_)) && !at_work.contains(&place);
            assert!(!is_idle, "{}: never at work: {:?}", study.text, piece.words);
        }
    }
}
