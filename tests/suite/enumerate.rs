//! A plain exact enumeration of a rule, to compare rules with reference data and the engine with: every reachable situation,
//! one cohort after the other, with the number of ways that lead there as an integer.

use dosebench::design::Rule;
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Outcome};
use std::collections::BTreeMap;

/// In how many ways a situation or an outcome is reached.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ways {
    /// Sequences of single patients' results. Times `prod p^y (1 - p)^(n - y)` this is a probability.
    pub(crate) sequences: u128,
    /// Sequences of DLT counts per cohort.
    pub(crate) paths: u128,
}

impl Ways {
    fn add(&mut self, other: Self, sequences: u128) {
        self.sequences += other.sequences * sequences;
        self.paths += other.paths;
    }
}

/// Every outcome of a rule. Holds for trials of up to 127 patients, whose sequences 128 bits can count.
pub(crate) fn enumerate(rule: &dyn Rule) -> BTreeMap<Outcome, Ways> {
    let mut outcomes: BTreeMap<Outcome, Ways> = BTreeMap::new();
    let start = (Counts::default(), rule.first_cohort());
    let mut situations = BTreeMap::from([(start, Ways { sequences: 1, paths: 1 })]);
    let mut cohorts = 0;
    while !situations.is_empty() {
        cohorts += 1;
        let mut following: BTreeMap<(Counts, Cohort), Ways> = BTreeMap::new();
        for ((counts, cohort), ways) in situations {
            for dlts in 0..=cohort.patients {
                let counts = counts.with(cohort.level as usize, cohort.patients, dlts);
                let sequences = choose(cohort.patients, dlts);
                match rule.decide(&counts, Arrival::new(cohort, dlts)) {
                    Decision::Enrol(next, _) => following.entry((counts, next)).or_default().add(ways, sequences),
                    Decision::Stop(level, reason) => {
                        let selected = Outcome::selection(level.map(usize::from));
                        outcomes.entry(Outcome { counts, selected, reason, cohorts }).or_default().add(ways, sequences);
                    }
                }
            }
        }
        situations = following;
    }
    outcomes
}

/// Probability of each outcome under a toxicity curve, in the order of the outcomes.
pub(crate) fn probabilities(outcomes: &BTreeMap<Outcome, Ways>, curve: &[f64]) -> Vec<(Outcome, f64)> {
    let probability = |outcome: &Outcome, ways: &Ways| {
        curve.iter().enumerate().fold(ways.sequences as f64, |product, (level, &p)| {
            let (patients, dlts) = (outcome.counts.patients(level) as i32, outcome.counts.dlts(level) as i32);
            product * p.powi(dlts) * (1.0 - p).powi(patients - dlts)
        })
    };
    outcomes.iter().map(|(outcome, ways)| (*outcome, probability(outcome, ways))).collect()
}

/// The expectation of a number that every outcome has.
pub(crate) fn expect(distribution: &[(Outcome, f64)], number: impl Fn(&Outcome) -> f64) -> f64 {
    distribution.iter().map(|(outcome, probability)| probability * number(outcome)).sum()
}

/// Binomial coefficient.
fn choose(n: u8, k: u8) -> u128 {
    (0..u128::from(k)).fold(1, |product, i| product * (u128::from(n) - i) / (i + 1))
}
