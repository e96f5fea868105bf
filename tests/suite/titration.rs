//! Titration in front of any design: the phase of single patients against an enumeration of its own, with moderate toxicities as a
//! second trigger; exact evaluation against replicates.

use crate::support::{design_study, graph_of};
use dosebench::design::{Plan, Rule};
use dosebench::engine::{Distribution, Exact, Monitor, Replicates, Walker};
use dosebench::measure::agreement;
use dosebench::scenario::Truth;
use dosebench::study::Study;
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Outcome, StopReason};
use std::collections::BTreeMap;

/// Designs on five levels with their titration left out: the step, the moderate toxicities that end it, and the size of a cohort.
const DESIGNS: [(&str, usize, usize, u8); 8] = [
    ("method = \"3+3\"", 1, 2, 3),
    ("method = \"3+3\"\ndeescalate = false\nconfirm_top_dose = false", 1, 1, 3),
    ("method = \"3+3\"", 2, 2, 3),
    ("method = \"a+b\"\na = 2\nb = 4\nc = 1\nd = 1\ne = 1", 1, 2, 2),
    ("method = \"boin\"\nmax_patients = 12", 1, 2, 3),
    ("method = \"boin\"\ncohort_size = 2\nmax_patients = 6", 1, 3, 2),
    ("method = \"boin\"\nmax_patients = 4\nstop_at_patients = 3", 3, 1, 3),
    ("method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 10", 2, 2, 3),
];

const TOXICITY: [f64; 5] = [0.02, 0.1, 0.25, 0.4, 0.6];
const MODERATE: [f64; 5] = [0.15, 0.25, 0.3, 0.3, 0.35];
const TRUTH: Truth<'_> = Truth { toxicity: &TOXICITY, moderate: &MODERATE, accrual_per_week: None };

fn titrated(keys: &str, titration: &str) -> Study {
    design_study(&format!("target = 0.25\nlevels = 5\n{keys}\ntitration = {titration}"))
}

fn rule(study: &Study) -> &dyn Rule {
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    rule.as_ref()
}

/// How a trial ends: what an outcome has besides its number of cohorts.
type End = (Counts, u16, StopReason);

/// Titrated trials patient by patient: single patients climb as the words of Simon et al. (1997) say; what follows the fill-up is
/// asked of the same design with titration that moderate toxicities do not end.
struct ByHand<'r> {
    after: &'r dyn Rule,
    step: usize,
    moderate: usize,
    group: u8,
    ends: BTreeMap<End, f64>,
}

impl ByHand<'_> {
    /// A single patient at `level`, after `seen` moderate toxicities below; the probability of getting here is `weight`.
    fn single(&mut self, counts: Counts, level: usize, seen: usize, weight: f64) {
        let (p, q) = (TOXICITY[level], MODERATE[level]);
        for (probability, dlts, seen) in [(1.0 - p - q, 0, seen), (q, 0, seen + 1), (p, 1, seen)] {
            let (counts, weight) = (counts.with(level, 1, dlts), weight * probability);
            if dlts == 0 && seen < self.moderate && level < 4 && counts.total_patients() < self.after.max_patients() {
                self.single(counts, (level + self.step).min(4), seen, weight);
            } else if counts.total_patients() < self.after.max_patients() {
                let room = self.after.max_patients() - counts.total_patients();
                let patients = (self.group - 1).min(room as u8);
                self.cohort(counts, Cohort { level: level as u8, patients }, weight);
            } else {
                self.ask(counts, Arrival::new(Cohort { level: level as u8, patients: 1 }, dlts), weight);
            }
        }
    }

    fn cohort(&mut self, counts: Counts, cohort: Cohort, weight: f64) {
        let Cohort { level, patients } = cohort;
        let p = TOXICITY[level as usize];
        let mut ways = 1.0;
        for dlts in 0..=patients {
            let weight = weight * ways * p.powi(dlts.into()) * (1.0 - p).powi((patients - dlts).into());
            ways = ways * f64::from(patients - dlts) / f64::from(dlts + 1);
            let counts = counts.with(level as usize, patients, dlts);
            self.ask(counts, Arrival::new(cohort, dlts), weight);
        }
    }

    fn ask(&mut self, counts: Counts, arrival: Arrival, weight: f64) {
        match self.after.decide(&counts, arrival) {
            Decision::Enrol(next, _) => self.cohort(counts, next, weight),
            Decision::Stop(level, reason) => {
                *self.ends.entry((counts, Outcome::selection(level.map(usize::from)), reason)).or_default() += weight;
            }
        }
    }
}

#[test]
fn moderate_toxicities_end_titration_as_an_enumeration_by_hand_says() {
    for (keys, step, moderate, group) in DESIGNS {
        let plain = titrated(keys, &format!("{{ step = {step} }}"));
        let mut by_hand = ByHand { after: rule(&plain), step, moderate, group, ends: BTreeMap::new() };
        by_hand.single(Counts::default(), 0, 0, 1.0);

        let study = titrated(keys, &format!("{{ step = {step}, moderate = {moderate} }}"));
        let graph = graph_of(&study, 0);
        assert!(!graph.is_binary());
        let exact = Exact::new(&graph);
        let mut found: BTreeMap<End, f64> = BTreeMap::new();
        for (outcome, probability) in Distribution::exact(&exact, TRUTH).probabilities() {
            *found.entry((outcome.counts, outcome.selected, outcome.reason)).or_default() += probability;
        }
        assert_eq!(found.len(), by_hand.ends.len(), "{keys}");
        for ((end, found), (other, expected)) in found.iter().zip(&by_hand.ends) {
            assert_eq!(end, other, "{keys}");
            assert!((found - expected).abs() < 1e-13, "{keys}: {end:?}: {found} instead of {expected}");
        }
    }
}

/// Without moderate toxicities the trigger changes nothing; with them the trial is another one.
#[test]
fn the_trigger_acts_only_where_there_are_moderate_toxicities() {
    for (keys, step, moderate, _) in DESIGNS {
        let graphs = [format!("{{ step = {step} }}"), format!("{{ step = {step}, moderate = {moderate} }}")]
            .map(|titration| graph_of(&titrated(keys, &titration), 0));
        let [plain, watching] = graphs.each_ref().map(Exact::new);
        // The expected sum of the levels of all patients.
        let climbed = |exact: &Exact<'_>, truth: Truth<'_>| -> f64 {
            let levels = |counts: &Counts| (0..5).map(|level| level * counts.patients(level)).sum::<usize>() as f64;
            Distribution::exact(exact, truth).probabilities().map(|(outcome, p)| p * levels(&outcome.counts)).sum()
        };
        let none = Truth::from(&TOXICITY);
        assert!((climbed(&plain, none) - climbed(&watching, none)).abs() < 1e-12, "{keys}");
        assert!((climbed(&plain, TRUTH) - climbed(&plain, none)).abs() < 1e-12, "{keys}");
        assert!((climbed(&plain, TRUTH) - climbed(&watching, TRUTH)).abs() > 1e-4, "{keys}");
    }
}

/// The chi-square statistic of 40,000 replicates of each design against the exact distribution; one p-value in 10,000 would be
/// as small by chance, and the seed is fixed.
#[test]
fn replicates_of_titration_agree_with_its_exact_distribution() {
    for (keys, step, moderate, _) in DESIGNS {
        let study = titrated(keys, &format!("{{ step = {step}, moderate = {moderate} }}"));
        let graph = graph_of(&study, 0);
        let exact = Exact::new(&graph);
        for walker in [Walker::Graph(&graph), Walker::Rule(rule(&study))] {
            let walkers = [walker];
            let runs = Replicates { walkers: &walkers, curves: &[TRUTH], seed: 17, replicates: 40_000 };
            let tally = runs.tally(&Monitor::default()).expect("not interrupted");
            let simulated = Distribution::replicates(&walkers[0], tally[0][0].clone());
            let agreement = agreement(&Distribution::exact(&exact, TRUTH), &simulated).expect("comparable");
            assert!(agreement.p_value > 1e-4, "{keys}: {agreement:?}");
        }
    }
}
