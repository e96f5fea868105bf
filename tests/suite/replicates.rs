//! The replicates against a simulation that is as plain as it can be, and the integers that a seed gives for good.

use crate::support::{design_study, graph_of, occurred};
use dosebench::design::{Plan, Rule};
use dosebench::engine::{Monitor, Replicates, Walker};
use dosebench::numeric::philox;
use dosebench::study::Study;
use dosebench::trial::{Arrival, Counts, Decision, Outcome};
use std::collections::BTreeMap;

/// Every level has a toxicity of few binary digits, so that upper bits tie with it, or is certain or impossible.
const TYING: [f64; 5] = [0.125, 0.25, 0.25, 0.5, 1.0];
const RISING: [f64; 5] = [0.0, 0.12, 0.3, 0.42, 0.55];

/// Designs whose cohorts are of many sizes: (keys, replicates).
const DESIGNS: [&str; 6] = [
    "method = \"boin\"",
    "method = \"3+3\"\nfirst_cohort_size = 1",
    "method = \"boin\"\ncohort_size = 1\nmax_patients = 14\ntitration = true",
    "method = \"boin\"\ncohort_size = 30\nmax_patients = 70",
    "method = \"boin\"\nfirst_cohort_size = 2\ncohort_size = 9\nmax_patients = 40",
    "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9",
];

fn rule(study: &Study) -> &dyn Rule {
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    rule.as_ref()
}

fn studies() -> Vec<Study> {
    DESIGNS.iter().map(|keys| design_study(&format!("target = 0.25\nlevels = 5\n{keys}"))).collect()
}

/// The tolerance of a patient as ARCHITECTURE.md defines it.
fn tolerance(seed: u64, replicate: u64, patient: usize) -> u64 {
    let block = |purpose, index| philox::block([seed, purpose], [index as u64 + 1, replicate, 0, 0]);
    let upper = block(1, patient / 16)[patient % 16 / 4] >> (16 * (patient % 4)) & 0xffff;
    let lower = block(2, patient / 4)[patient % 4] >> 16;
    upper << 48 | lower
}

/// One trial, told patient by patient, the rule asked after each cohort.
fn conduct(rule: &dyn Rule, curve: &[f64], seed: u64, replicate: u64) -> Outcome {
    let (mut counts, mut cohort, mut enrolled, mut cohorts) = (Counts::default(), rule.first_cohort(), 0, 0);
    loop {
        let limit = (curve[cohort.level as usize] * 2f64.powi(64)).ceil() as u128;
        let patients = enrolled..enrolled + cohort.patients as usize;
        let dlts = patients.clone().filter(|&patient| u128::from(tolerance(seed, replicate, patient)) < limit).count() as u8;
        (enrolled, cohorts) = (patients.end, cohorts + 1);
        counts = counts.with(cohort.level as usize, cohort.patients, dlts);
        match rule.decide(&counts, Arrival::new(cohort, dlts)) {
            Decision::Enrol(next, _) => cohort = next,
            Decision::Stop(level, reason) => {
                return Outcome { counts, selected: Outcome::selection(level.map(usize::from)), reason, cohorts };
            }
        }
    }
}

/// All designs at once, compiled and not, on common patients: each trial ends as one that is conducted step by step.
#[test]
fn every_trial_ends_as_one_conducted_patient_by_patient() {
    const REPLICATES: usize = 2500;
    let studies = studies();
    let graphs: Vec<_> = studies.iter().map(|study| graph_of(study, 0)).collect();
    let walkers: Vec<Walker<'_>> =
        studies.iter().zip(&graphs).flat_map(|(study, graph)| [Walker::Graph(graph), Walker::Rule(rule(study))]).collect();
    let runs = Replicates { walkers: &walkers, curves: &[(&TYING).into(), (&RISING).into()], seed: 99, replicates: REPLICATES };
    let tallies = runs.tally(&Monitor::default()).expect("not interrupted");
    for (curve, tallies) in [TYING, RISING].iter().zip(tallies) {
        for (index, study) in studies.iter().enumerate() {
            let mut expected = BTreeMap::new();
            for replicate in 0..REPLICATES {
                *expected.entry(conduct(rule(study), curve, 99, replicate as u64)).or_insert(0) += 1;
            }
            for tally in &tallies[2 * index..2 * index + 2] {
                assert_eq!(occurred(tally, graphs[index].leaves()), expected, "{}, {curve:?}", DESIGNS[index]);
            }
        }
    }
}

/// What seed 27 gives, for good: a change here is value-breaking. Per design: how often each level is selected (none first),
/// patients and DLTs per level over all trials, and the sum of squares of how often each outcome occurred.
#[test]
fn the_counts_of_a_seed_stay() {
    let mut found = Vec::new();
    for study in studies() {
        let graph = graph_of(&study, 0);
        let walkers = [Walker::Graph(&graph)];
        let runs = Replicates { walkers: &walkers, curves: &[(&TYING).into(), (&RISING).into()], seed: 27, replicates: 100_000 };
        for tally in runs.tally(&Monitor::default()).expect("not interrupted") {
            let (mut selected, mut patients, mut dlts, mut squares) = ([0; 6], [0; 5], [0; 5], 0);
            for (outcome, count) in occurred(&tally[0], graph.leaves()) {
                selected[outcome.selected.trailing_zeros() as usize] += count;
                for level in 0..5 {
                    patients[level] += count * outcome.counts.patients(level) as u64;
                    dlts[level] += count * outcome.counts.dlts(level) as u64;
                }
                squares += count * count;
            }
            found.push(format!("{selected:?} {patients:?} {dlts:?} {squares}"));
        }
    }
    expect_test::expect![[r#"
        [685, 22609, 40307, 31018, 5381, 0] [1170951, 1016466, 575505, 206634, 15048] [146902, 254566, 144132, 103385, 15048] 31043112
        [0, 583, 36628, 52397, 9509, 883] [483303, 1168470, 990210, 305217, 52800] [0, 140940, 297553, 128551, 29106] 55296502
        [10822, 35573, 23204, 26662, 3739, 0] [338873, 454782, 304068, 151563, 17646] [42766, 113402, 76298, 75684, 17646] 332264642
        [0, 14488, 47670, 28921, 8092, 829] [172440, 499467, 447180, 206835, 50913] [0, 60125, 134420, 86847, 27857] 457192266
        [1611, 20845, 27519, 36978, 13047, 0] [408264, 364071, 340793, 223929, 49707] [51163, 91313, 85090, 112109, 49707] 47745262
        [0, 1357, 32504, 42872, 19309, 3958] [178819, 418528, 420797, 258510, 123346] [0, 50271, 126300, 108597, 67982] 52249220
        [8, 14217, 72532, 13243, 0, 0] [3821210, 3009450, 169020, 0, 0] [479445, 753045, 42264, 0, 0] 105302890
        [0, 16, 38835, 61149, 0, 0] [3007160, 3139080, 853760, 0, 0] [0, 377567, 256527, 0, 0] 334700688
        [108, 20185, 48189, 28470, 3048, 0] [1248590, 1974346, 644109, 129112, 1308] [156592, 494426, 160942, 64765, 1308] 55116570
        [0, 242, 31582, 61424, 6568, 184] [293567, 1904301, 1576387, 217909, 7836] [0, 229428, 473923, 91849, 4235] 85899776
        [954, 15109, 40142, 37479, 6312, 4] [884223, 1047555, 773220, 264981, 10665] [110699, 262864, 193389, 132729, 10665] 24853048
        [0, 182, 25299, 58508, 15133, 878] [334173, 852786, 1243311, 491766, 77964] [0, 102903, 373923, 206732, 43025] 40486582"#]].assert_eq(&found.join("\n"));
}
