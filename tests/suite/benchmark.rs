//! The non-parametric optimal benchmark against reference values, against enumeration, and on curves that hurt.

use dosebench::design::benchmark::Benchmark;
use dosebench::numeric::exact::{decimal, ratio};
use dosebench::trial::Outcome;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The probability of each level, lowest first, a set of tied levels giving the share `share(set, level)` to each.
fn per_level(distribution: &[(u16, f64)], levels: usize, share: impl Fn(u16, usize) -> f64) -> Vec<f64> {
    (0..levels).map(|level| distribution.iter().map(|&(set, probability)| probability * share(set, level)).sum()).collect()
}

/// The equal split of ties that outcomes define.
fn split(set: u16, level: usize) -> f64 {
    let outcome =
        Outcome { counts: Default::default(), selected: set, reason: dosebench::trial::StopReason::MaxPatients, cohorts: 0 };
    outcome.selects(level + 1)
}

fn indicator(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

#[test]
fn reference_values() {
    let mut reader = csv::Reader::from_path("tests/golden/benchmark.csv").expect("golden data");
    let headers = reader.headers().expect("headers").clone();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.expect("record");
        let field = |name: &str| &record[headers.iter().position(|header| header == name).expect(name)];
        let numbers = |name: &str| -> Vec<f64> { field(name).split(';').map(|text| text.parse().expect(name)).collect() };
        let whole = |name: &str| -> usize { field(name).parse().expect(name) };
        let toxicity = numbers("p_true");
        let levels = toxicity.len();
        let target = ratio(whole("target_num"), whole("target_den"));
        if whole("target_den") != 3 {
            assert_eq!(decimal(numbers("target")[0]), target, "only a third is not a decimal");
        }

        let distribution = Benchmark::new(levels, whole("n"), &target).distribution(&toxicity);
        let lowest = |set: u16, level: usize| indicator(set.trailing_zeros() as usize == level + 1);
        let highest = |set: u16, level: usize| indicator(set.ilog2() as usize == level + 1);
        let tie: f64 = distribution.iter().filter(|(set, _)| set.count_ones() > 1).map(|(_, probability)| probability).sum();
        let pairs = [
            (numbers("sel_tie_split"), per_level(&distribution, levels, split)),
            (numbers("sel_tie_lowest"), per_level(&distribution, levels, lowest)),
            (numbers("sel_tie_highest"), per_level(&distribution, levels, highest)),
            (numbers("prob_any_tie"), vec![tie]),
        ];
        for (expected, found) in pairs {
            assert_eq!(expected.len(), found.len());
            for (expected, found) in expected.iter().zip(&found) {
                assert!((expected - found).abs() < 1e-12, "{record:?}: {expected} expected, {found} found");
            }
        }
        rows += 1;
    }
    assert_eq!(rows, 86);
}

/// Every way in which each of n patients can fall between two toxicities, one by one.
fn enumerate(benchmark: &Benchmark, toxicity: &[f64]) -> BTreeMap<u16, f64> {
    let mut limits = toxicity.to_vec();
    limits.extend([0.0, 1.0]);
    limits.sort_by(f64::total_cmp);
    let mut states = BTreeMap::from([(vec![0; toxicity.len()], 1.0)]);
    for _ in 0..benchmark.max_patients() {
        let mut next = BTreeMap::new();
        for (responses, probability) in &states {
            for limit in limits.windows(2) {
                // A tolerance between these two neighbours is below the toxicities from the upper one on.
                let after = responses.iter().zip(toxicity).map(|(&dlts, &p)| dlts + usize::from(p >= limit[1])).collect();
                *next.entry(after).or_insert(0.0) += probability * (limit[1] - limit[0]);
            }
        }
        states = next;
    }
    let mut sets = BTreeMap::new();
    for (responses, probability) in states.into_iter().filter(|&(_, probability)| probability > 0.0) {
        *sets.entry(benchmark.choose(&responses)).or_insert(0.0) += probability;
    }
    sets
}

/// Toxicities in steps of 0.05, so that equal ones, 0 and 1 occur.
fn curve() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((0..=20_u8).prop_map(|twentieths| f64::from(twentieths) / 20.0), 1..=5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chain_and_enumeration_agree(toxicity in curve(), patients in 1..=8_usize, percent in 1..100_usize) {
        let benchmark = Benchmark::new(toxicity.len(), patients, &ratio(percent, 100));
        let expected = enumerate(&benchmark, &toxicity);
        let found = benchmark.distribution(&toxicity);
        let sets: Vec<u16> = found.iter().map(|&(set, _)| set).collect();
        prop_assert_eq!(sets, expected.keys().copied().collect::<Vec<_>>());
        for (set, probability) in found {
            prop_assert!((probability - expected[&set]).abs() < 1e-13, "set {:b}: {} and {}", set, probability, expected[&set]);
        }
    }

    #[test]
    fn probabilities_sum_to_one(toxicity in prop::collection::vec(0.0..=1.0, 1..=12), patients in 1..=250_usize) {
        let benchmark = Benchmark::new(toxicity.len(), patients, &decimal(0.25));
        let total: f64 = benchmark.distribution(&toxicity).iter().map(|(_, probability)| probability).sum();
        prop_assert!((total - 1.0).abs() < 1e-12, "{}", total);
    }

    #[test]
    fn a_permuted_curve_gives_the_permuted_distribution(
        toxicity in prop::collection::vec(0.0..=1.0, 6),
        places in Just([0, 1, 2, 3, 4, 5]).prop_shuffle(),
    ) {
        let benchmark = Benchmark::new(6, 30, &decimal(0.3));
        let permuted: Vec<f64> = places.iter().map(|&place| toxicity[place]).collect();
        let there = |set: u16| (0..6).filter(|&level| set >> (places[level] + 1) & 1 == 1).map(|level| 2 << level).sum::<u16>();
        let mut expected: Vec<(u16, f64)> =
            benchmark.distribution(&toxicity).into_iter().map(|(set, probability)| (there(set), probability)).collect();
        expected.sort_by_key(|&(set, _)| set);
        prop_assert_eq!(benchmark.distribution(&permuted), expected);
    }
}

#[test]
fn certain_curves_have_one_outcome() {
    let benchmark = Benchmark::new(4, 30, &decimal(0.25));
    assert_eq!(benchmark.distribution(&[0.0, 0.0, 1.0, 1.0]), [(0b00110, 1.0)]);
    assert_eq!(benchmark.distribution(&[1.0, 1.0, 1.0, 1.0]), [(0b11110, 1.0)]);
    assert_eq!(benchmark.distribution(&[1.0, 0.0, 1.0, 1.0]), [(0b00100, 1.0)]);
}

#[test]
fn equal_toxicities_are_selected_together() {
    let benchmark = Benchmark::new(3, 30, &decimal(0.25));
    let together = |set: u16| set >> 1 & 1 == set >> 3 & 1;
    assert!(benchmark.distribution(&[0.2, 0.4, 0.2]).iter().all(|&(set, _)| together(set)));
}
