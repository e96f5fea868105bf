//! The 3+3 family, BOIN, and selection by isotonic regression against independent implementations.

#![allow(clippy::unwrap_used, reason = "a reference file that cannot be read fails the test that needs it")]

use crate::calendar::timed_study;
use crate::enumerate::{Ways, enumerate, expect, probabilities};
use crate::support::{boin, usual_boin};
use dosebench::design::algorithm::a_plus_b::APlusB;
use dosebench::design::algorithm::three_plus_three;
use dosebench::design::decision_table::Call;
use dosebench::design::interval::boin::{Boin, Rates};
use dosebench::design::interval::{Interval, IntervalSettings};
use dosebench::design::selection::{Elimination, IsotonicSelection, SLIGHT_PRIOR, isotonic_estimates};
use dosebench::design::{Conducted, Plan, Rule, Voice};
use dosebench::trial::{
    Arrival, Cohort, Conduct, Counts, Decision, Move, Outcome, Ruling, Situation, StopAtPatients, StopReason, StopWhen, Titration,
};
use std::collections::BTreeMap;

/// The rows of a reference file as maps from column to text.
fn golden(name: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/tests/golden/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// A number, possibly written as a fraction.
fn number(text: &str) -> f64 {
    match text.split_once('/') {
        Some((numerator, denominator)) => numerator.parse::<f64>().unwrap() / denominator.parse::<f64>().unwrap(),
        None => text.parse().unwrap_or_else(|_| panic!("{text}")),
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split('|').map(number).collect()
}

fn counts(row: &BTreeMap<String, String>) -> (Counts, usize) {
    let column = |name: &str| -> Vec<u8> { row[name].split('|').map(|n| n.parse().unwrap()).collect() };
    (Counts::from_slices(&column("n"), &column("y")).unwrap(), column("n").len())
}

/// The value of a golden metric under a distribution of outcomes.
fn metric(distribution: &[(Outcome, f64)], name: &str, index: &str, planned: usize) -> f64 {
    let whole = || index.parse::<usize>().unwrap();
    let indicator = |condition: bool| f64::from(u8::from(condition));
    expect(distribution, |outcome| {
        let counts = &outcome.counts;
        match (name, index) {
            ("P_select", "none") => outcome.selects(0),
            ("P_select", _) => outcome.selects(whole()),
            ("E_patients", "total") => counts.total_patients() as f64,
            ("E_patients", _) => counts.patients(whole() - 1) as f64,
            ("E_dlt", "total") => counts.total_dlts() as f64,
            ("E_dlt", _) => counts.dlts(whole() - 1) as f64,
            ("E_stages", _) => f64::from(outcome.cohorts),
            ("P_N", _) => indicator(counts.total_patients() == whole()),
            ("P_stages", _) => indicator(usize::from(outcome.cohorts) == whole()),
            ("P_Y", _) => indicator(counts.total_dlts() == whole()),
            // Stopped for safety before the last cohort.
            ("P_early_stop", _) => indicator(outcome.reason == StopReason::TooToxic && counts.total_patients() < planned),
            _ => panic!("{name} {index}"),
        }
    })
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{what}: {found} instead of {expected}");
}

fn three_plus_three(variant: &str, levels: usize) -> APlusB {
    let (letter, first) = variant.split_at(1);
    let rule = three_plus_three::three_plus_three(levels, letter != "S", letter == "K", first == "1");
    assert_eq!(rule.variant(), variant);
    rule
}

#[test]
fn the_six_3p3_variants_have_their_exact_operating_characteristics() {
    let curves: BTreeMap<_, _> =
        golden("three_plus_three_curves").into_iter().map(|row| (row["curve"].clone(), numbers(&row["p_true"]))).collect();
    let mut distributions = BTreeMap::new();
    let rows = golden("three_plus_three_exact");
    assert_eq!(rows.len(), 5918);
    for row in rows {
        let key = (row["variant"].clone(), row["curve"].clone());
        let distribution = distributions.entry(key).or_insert_with_key(|(variant, curve)| {
            let curve = &curves[curve];
            probabilities(&enumerate(&three_plus_three(variant, curve.len())), curve)
        });
        let found = metric(distribution, &row["metric"], &row["index"], 0);
        assert_close(found, number(&row["value"]), 1e-12, &format!("{row:?}"));
    }
}

#[test]
fn the_3p3_variants_have_their_numbers_of_paths() {
    let rows = golden("three_plus_three_path_counts");
    assert_eq!(rows.len(), 48);
    for row in rows {
        let outcomes = enumerate(&three_plus_three(&row["variant"], row["ndose"].parse().unwrap()));
        let paths: u128 = outcomes.values().map(|ways| ways.paths).sum();
        assert_eq!(paths, row["distinct_count_paths"].parse::<u128>().unwrap(), "{row:?}");
    }
}

/// A second, separately written computation on published curves, printed to eight digits; A, B, C are S, D, K.
#[test]
fn the_3p3_agrees_with_the_reference_on_published_curves() {
    let mut rules: BTreeMap<(String, usize), BTreeMap<Outcome, Ways>> = BTreeMap::new();
    let rows = golden("three_plus_three_reference");
    assert_eq!(rows.len(), 249);
    for row in rows {
        let levels: usize = row["n_doses"].parse().unwrap();
        let curve: Vec<f64> = (1..=levels).map(|level| number(&row[&format!("p{level}")])).collect();
        let variant = match row["variant"].as_str() {
            "A" => "S",
            "B" => "D",
            _ => "K",
        };
        let outcomes = rules
            .entry((variant.to_owned(), levels))
            .or_insert_with_key(|(variant, levels)| enumerate(&three_plus_three(variant, *levels)));
        let distribution = probabilities(outcomes, &curve);
        let check = |column: &str, found: f64| {
            assert!((found - number(&row[column])).abs() < 0.6e-8, "{column}: {found} in {row:?}");
        };
        check("sel_none", metric(&distribution, "P_select", "none", 0));
        for level in 1..=levels {
            check(&format!("sel_{level}"), metric(&distribution, "P_select", &level.to_string(), 0));
            check(&format!("en_{level}"), metric(&distribution, "E_patients", &level.to_string(), 0));
        }
        let (patients, dlts) = (metric(&distribution, "E_patients", "total", 0), metric(&distribution, "E_dlt", "total", 0));
        check("E_N", patients);
        check("E_DLT", dlts);
        check("ratio_of_means", dlts / patients);
        let ratio = |outcome: &Outcome| outcome.counts.total_dlts() as f64 / outcome.counts.total_patients() as f64;
        check("mean_of_ratios", expect(&distribution, ratio));
        assert_eq!(outcomes.values().map(|ways| ways.paths).sum::<u128>(), row["paths"].parse::<u128>().unwrap());
    }
}

fn decide(rule: &dyn Rule, patients: &[u8], dlts: &[u8], level: u8, cohort: u8, cohort_dlts: u8) -> Decision {
    let counts = Counts::from_slices(patients, dlts).unwrap();
    rule.decide(&counts, Arrival::new(Cohort { level, patients: cohort }, cohort_dlts))
}

fn enrol(level: u8, patients: u8, reason: Move) -> Decision {
    Decision::Enrol(Cohort { level, patients }, reason)
}

#[test]
fn k1_completes_a_one_patient_level_on_coming_back() {
    let rule = three_plus_three("K1", 5);
    assert_eq!(rule.first_cohort(), Cohort { level: 0, patients: 1 });
    assert_eq!(rule.max_patients(), 30);
    assert_eq!(decide(&rule, &[1], &[0], 0, 1, 0), enrol(1, 3, Move::Escalate));
    assert_eq!(decide(&rule, &[1], &[1], 0, 1, 1), enrol(0, 2, Move::Expand));
    assert_eq!(decide(&rule, &[1, 3], &[0, 2], 1, 3, 2), enrol(0, 2, Move::Deescalate));
    assert_eq!(decide(&rule, &[3, 3], &[0, 2], 0, 2, 0), enrol(0, 3, Move::Expand));
    assert_eq!(decide(&rule, &[3, 3], &[2, 2], 0, 2, 2), Decision::Stop(None, StopReason::TooToxic));
    assert_eq!(decide(&rule, &[6, 3], &[1, 2], 0, 3, 1), Decision::Stop(Some(0), StopReason::MtdDeclared));
}

/// The variant without a letter: no de-escalation, but the top level needs six.
#[test]
fn a_confirmed_top_dose_without_deescalation_selects_the_level_below() {
    let rule = three_plus_three::three_plus_three(2, false, true, false);
    assert_eq!(rule.variant(), "S, top dose confirmed");
    assert_eq!(decide(&rule, &[3, 3], &[0, 0], 1, 3, 0), enrol(1, 3, Move::Expand));
    assert_eq!(decide(&rule, &[3, 6], &[0, 1], 1, 3, 1), Decision::Stop(Some(1), StopReason::MtdDeclared));
    assert_eq!(decide(&rule, &[3, 6], &[0, 2], 1, 3, 2), Decision::Stop(Some(0), StopReason::MtdDeclared));
    assert_eq!(decide(&rule, &[3, 3], &[0, 2], 1, 3, 2), Decision::Stop(Some(0), StopReason::MtdDeclared));
}

#[test]
fn no_3p3_exceeds_its_maximum_number_of_patients() {
    for variant in ["S", "D", "K", "S1", "D1", "K1"] {
        for levels in 1..=6 {
            let rule = three_plus_three(variant, levels);
            let largest = enumerate(&rule).keys().map(|outcome| outcome.counts.total_patients()).max();
            assert_eq!(largest, Some(rule.max_patients()), "{variant}, {levels} levels");
        }
    }
}

/// Counts that no trial reaches, as somebody may type them, get an answer that stays inside the levels and the sizes.
#[test]
fn odd_counts_get_an_answer() {
    let pairs = || (0..=8_u8).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
    for variant in ["S", "D", "K", "S1", "D1", "K1"] {
        let rule = three_plus_three(variant, 2);
        for ((n1, y1), (n2, y2)) in pairs().flat_map(|low| pairs().map(move |high| (low, high))) {
            for level in 0..2 {
                match decide(&rule, &[n1, n2], &[y1, y2], level, 3, 0) {
                    Decision::Enrol(cohort, _) => assert!(cohort.level < 2 && (1..=6).contains(&cohort.patients)),
                    Decision::Stop(selected, _) => assert!(selected.is_none_or(|level| level < 2)),
                }
            }
        }
    }
}

/// The BOIN of a row, the rates as given.
fn boin_of(row: &BTreeMap<String, String>) -> Interval<Boin> {
    let target = number(&row["target"]);
    let mut settings = IntervalSettings::new(target);
    settings.elimination_cutoff = number(&row["cutoff_eli"]);
    settings.extra_safe_offset = Some(number(&row["offset"]));
    let mut rates = Rates::new(target);
    if row["set"] != "default" {
        rates.safe_rate = Some(number(&row["p_saf"]));
        rates.toxic_rate = Some(number(&row["p_tox"]));
    }
    boin(5, rates, settings)
}

/// The largest number of DLTs among some patients with which the design escalates.
fn escalate_if_le(boin: &Interval<Boin>, patients: u8) -> u8 {
    // Without a DLT it always escalates, and never de-escalates.
    boin.decisions().first_at_least(patients.into(), Call::Stay).map_or(patients, |dlts| dlts as u8 - 1)
}

/// The smallest number of DLTs among some patients with which the design de-escalates.
fn deescalate_if_ge(boin: &Interval<Boin>, patients: u8) -> u8 {
    let first = boin.decisions().first_at_least(patients.into(), Call::Deescalate);
    first.map_or(patients.saturating_add(1), |dlts| dlts as u8)
}

/// All rows agree but those where a boundary times n is a whole number up to rounding, and these are known one by one.
#[test]
fn boin_boundaries_are_those_of_the_package() {
    let mut designs: BTreeMap<String, Interval<Boin>> = BTreeMap::new();
    let (mut rows, mut escalation_ties) = (0, 0);
    for row in golden("boin_boundaries") {
        rows += 1;
        let key = ["set", "target", "p_saf", "p_tox", "cutoff_eli", "offset"].map(|name| row[name].clone()).join(",");
        let boin = designs.entry(key).or_insert_with(|| boin_of(&row));
        let patients: u8 = row["n"].parse().unwrap();
        let bound = |bound: Option<u8>| bound.map_or("NA".to_owned(), |bound| bound.to_string());
        assert_eq!(bound(boin.elimination().bound(patients as usize)), row["eliminate_if_ge"], "{row:?}");
        // R stops with an error where no number of DLTs qualifies among three patients.
        if row["extrasafe_stop_if_ge"] != "ERR" {
            let extra_safe = boin.elimination().extra_safe_bound(patients as usize);
            assert_eq!(bound(extra_safe), row["extrasafe_stop_if_ge"], "{row:?}");
        }
        let boundary = |name: &str| row[name].parse::<u8>().unwrap();
        let escalate = escalate_if_le(boin, patients);
        if escalate != boundary("escalate_if_le") {
            // 0.6 and 0.4 are symmetric, so that the boundary is one half; R's, rounded, is 0.49999999999999994.
            assert_eq!((row["target"].as_str(), row["p_saf"].as_str()), ("0.6", "0.4"), "{row:?}");
            assert_eq!((2 * escalate, escalate), (patients, boundary("escalate_if_le") + 1));
            escalation_ties += 1;
        }
        assert_eq!(deescalate_if_ge(boin, patients), boundary("deescalate_if_ge"), "{row:?}");
    }
    // 30 rows of the set of ties, and 30 of the other that has the same rates.
    assert_eq!((rows, escalation_ties), (1500, 60));
}

/// Published tables for targets 0.30 and 0.25, cohorts of three, and the boundaries of the former. At target 0.25 a printed
/// table has 3 of 21 and 4 of 27 in its first row; 4/21 and 5/27 are below the boundary of 0.1968, and R's table has these.
#[test]
fn boin_tables_are_the_published_ones() {
    let table = |target: f64| {
        let boin = usual_boin(5, target);
        let patients = || (3..=30).step_by(3);
        let escalate: Vec<u8> = patients().map(|n| escalate_if_le(&boin, n)).collect();
        let deescalate: Vec<u8> = patients().map(|n| deescalate_if_ge(&boin, n)).collect();
        let eliminate: Vec<u8> = patients().map(|n| boin.elimination().bound(n as usize).unwrap()).collect();
        [escalate, deescalate, eliminate]
    };
    assert_eq!(
        table(0.30),
        [[0, 1, 2, 2, 3, 4, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 4, 5, 7, 8, 9, 10, 11, 12, 14]]
    );
    assert_eq!(table(0.25), [[0, 1, 1, 2, 2, 3, 4, 4, 5, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, 9], [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]);
    let synopsis = usual_boin(5, 0.30).synopsis();
    assert!(synopsis.iter().any(|(_, value)| value.contains("0.236491")), "{synopsis:?}");
    assert!(synopsis.iter().any(|(_, value)| value.contains("0.358519")), "{synopsis:?}");
}

/// At target 0.3 and a toxic rate of 0.7 the upper boundary is one half: that proportion stays.
#[test]
fn a_proportion_at_the_upper_boundary_stays() {
    let boin = boin(5, Rates { toxic_rate: Some(0.7), ..Rates::new(0.3) }, IntervalSettings::new(0.3));
    for half in (1..=7).chain(100..=127) {
        assert_eq!(deescalate_if_ge(&boin, 2 * half), (half + 1).min(boin.elimination().bound(2 * half as usize).unwrap_or(255)));
    }
    assert_eq!(deescalate_if_ge(&boin, 2), 2);
}

#[test]
fn one_dlt_in_three_stays_when_asked_to() {
    let boin = |target, stay_at_1_of_3| boin(5, Rates { stay_at_1_of_3, ..Rates::new(target) }, IntervalSettings::new(target));
    assert_eq!((deescalate_if_ge(&boin(0.25, false), 3), deescalate_if_ge(&boin(0.25, true), 3)), (1, 2));
    assert_eq!(deescalate_if_ge(&boin(0.25, true), 6), 2);
    // At a target of 0.05 one DLT in three eliminates.
    assert_eq!(deescalate_if_ge(&boin(0.05, true), 3), 1);
}

#[test]
fn boin_refuses_what_it_cannot_work_with() {
    let keys = |rates: Rates| Boin::new(rates).map_or_else(|faults| faults.iter().map(|f| f.key).collect(), |_| vec![]);
    let base = || Rates::new(0.3);
    assert_eq!(keys(Rates::new(0.65)), ["method"]);
    assert_eq!(keys(Rates::new(0.05)), [""; 0]);
    assert_eq!(keys(Rates { safe_rate: Some(0.28), toxic_rate: Some(0.32), ..base() }), ["safe_rate", "toxic_rate"]);
    assert_eq!(keys(Rates { safe_rate: Some(0.27), toxic_rate: Some(0.33), ..base() }), [""; 0]);
    assert_eq!(keys(Rates { toxic_rate: Some(1.0), ..base() }), ["toxic_rate"]);
    assert_eq!(keys(Rates { safe_rate: Some(f64::NAN), ..base() }), ["safe_rate"]);
}

/// The keys that other interval designs have act with BOIN, and with nobody pending with TITE-BOIN.
#[test]
fn boin_takes_the_keys_of_interval_designs() {
    for method in ["boin", "tite-boin"] {
        let decide = |keys: &str, patients: &[u8], dlts: &[u8]| {
            let design = format!("method = \"{method}\"\ncohort_size = 3\nmax_patients = 12\n{keys}");
            let study = timed_study(0.25, "", &[&design]);
            let counts = Counts::from_slices(patients, dlts).unwrap();
            let level = patients.len() - 1;
            let latest = Arrival::new(Cohort { level: level as u8, patients: 3 }, dlts[level]);
            match &study.designs[0].plan {
                Plan::Rule(rule) => match rule.decide(&counts, latest) {
                    Decision::Stop(selected, reason) => (selected.map(usize::from), Some(reason)),
                    Decision::Enrol(next, _) => (Some(next.level.into()), None),
                },
                Plan::LateOnset(rule) => {
                    let in_cohorts = counts.total_patients();
                    match rule.decide(&Situation { counts, pending: &[], dlt_times: &[], latest, of_latest: 0, in_cohorts }) {
                        Ruling::Enrol(next, _) => (Some(next.level.into()), None),
                        Ruling::Close(reason) => {
                            let (selected, reason) = rule.select(&counts, latest, reason);
                            (selected, Some(reason))
                        }
                        other => panic!("{other:?}"),
                    }
                }
                Plan::Benchmark(_) => panic!("not a rule"),
            }
        };
        assert_eq!(decide("", &[3], &[3]), (None, Some(StopReason::TooToxic)), "{method}");
        assert_eq!(decide("elimination_min_patients = 6", &[3], &[3]), (Some(0), None), "{method}");
        assert_eq!(decide("elimination_min_patients = 6", &[6], &[6]), (None, Some(StopReason::TooToxic)), "{method}");
        // 1 of 9 and 1 of 3: the estimate of level 2 is closer to the target, and 1 of 3 leads back to level 1.
        assert_eq!(decide("", &[9, 3], &[1, 1]), (Some(1), Some(StopReason::MaxPatients)), "{method}");
        assert_eq!(decide("selection = \"next\"", &[9, 3], &[1, 1]), (Some(0), Some(StopReason::MaxPatients)), "{method}");
    }
}

#[test]
fn selection_is_that_of_the_package() {
    let rows = golden("boin_select_mtd");
    assert_eq!(rows.len(), 4000);
    for row in rows {
        let target = number(&row["target"]);
        let offset = (row["extrasafe"] == "true").then(|| number(&row["offset"]));
        let elimination = Elimination::new(target, number(&row["cutoff_eli"]), 3, offset);
        let toxic = number(&row["p_tox"]);
        let upper = ((1.0 - target) / (1.0 - toxic)).ln() / (toxic * (1.0 - target) / (target * (1.0 - toxic))).ln();
        let (counts, levels) = counts(&row);
        let highest_estimate = (row["boundMTD"] == "true").then_some(upper);
        let selected = IsotonicSelection { target, highest_estimate, levels, prior: SLIGHT_PRIOR, elimination }
            .select(&counts, 0)
            .map_or(99, |level| level + 1);
        assert_eq!(selected.to_string(), row["MTD"], "{row:?}");
    }
}

#[test]
fn isotonic_estimates_are_those_of_the_package() {
    let rows = golden("boin_isotonic");
    assert_eq!(rows.len(), 1500);
    for row in rows {
        let (counts, levels) = counts(&row);
        let estimates = isotonic_estimates(&counts, levels, SLIGHT_PRIOR);
        let expected = numbers(&row["iso_phat"]);
        assert_eq!(estimates.len(), expected.len());
        for ((_, found), expected) in estimates.into_iter().zip(expected) {
            assert_close(found, expected, 1e-14, &format!("{row:?}"));
        }
    }
}

/// The design of a row of `boin_exact_settings`, with the options of `BOIN::get.oc`.
fn boin_design(row: &BTreeMap<String, String>) -> Conducted<Interval<Boin>> {
    let curve = numbers(&row["p_true"]);
    let target = number(&row["target"]);
    let (mut rates, mut settings, mut bounds_mtd) = (Rates::new(target), IntervalSettings::new(target), false);
    let mut conduct = Conduct::new(curve.len(), target);
    conduct.cohort_size = row["cohortsize"].parse().unwrap();
    conduct.first_cohort_size = conduct.cohort_size;
    conduct.max_patients = conduct.cohort_size * row["ncohort"].parse::<usize>().unwrap();
    let options: BTreeMap<&str, &str> = row["options"].split(';').filter_map(|option| option.split_once('=')).collect();
    for (&name, &value) in &options {
        match name {
            "titration" => conduct.titration = Some(Titration::PLAIN),
            "extrasafe" => settings.extra_safe_offset = Some(options.get("offset").map_or(0.05, |offset| number(offset))),
            "offset" => {}
            "boundMTD" => bounds_mtd = true,
            "cut" => settings.elimination_cutoff = number(value),
            "p_saf" => rates.safe_rate = Some(number(value)),
            "p_tox" => rates.toxic_rate = Some(number(value)),
            "start" => conduct.start_level = value.parse::<usize>().unwrap() - 1,
            "n_es" => {
                let patients = value.parse().unwrap();
                conduct.stop_at_patients = Some(StopAtPatients { patients, when: StopWhen::Stay });
            }
            _ => panic!("{name}"),
        }
    }
    if bounds_mtd {
        settings.highest_estimate = Some(Boin::new(rates.clone()).unwrap().boundaries().1);
    }
    Conducted { method: boin(conduct.levels, rates, settings), conduct }
}

#[test]
fn boin_has_its_exact_operating_characteristics() {
    let mut expected: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in golden("boin_exact_oc") {
        expected.entry(row["id"].clone()).or_default().push(row);
    }
    // Settings that differ only in their curve share one enumeration.
    let mut rules: BTreeMap<String, BTreeMap<Outcome, Ways>> = BTreeMap::new();
    let settings = golden("boin_exact_settings");
    assert_eq!(settings.len(), 58);
    for row in settings {
        let curve = numbers(&row["p_true"]);
        let design = boin_design(&row);
        let key = format!("{} {} {:?}", row["target"], curve.len(), (&row["ncohort"], &row["cohortsize"], &row["options"]));
        let outcomes = rules.entry(key).or_insert_with(|| enumerate(&design));
        let distribution = probabilities(outcomes, &curve);
        for value in &expected[&row["id"]] {
            let found = if value["metric"] == "terminal_states" {
                outcomes.keys().map(|outcome| (outcome.counts, outcome.selected)).collect::<std::collections::BTreeSet<_>>().len()
                    as f64
            } else {
                metric(&distribution, &value["metric"], &value["index"], design.conduct.max_patients)
            };
            assert_close(found, number(&value["value"]), 1e-12, &format!("{value:?}"));
        }
    }
}

#[test]
fn titration_climbs_by_single_patients_and_fills_up_to_a_cohort() {
    let mut conduct = Conduct::new(3, 0.3);
    conduct.max_patients = 4;
    conduct.titration = Some(Titration::PLAIN);
    let method = usual_boin(3, 0.3);
    let rule = Conducted { conduct, method };
    assert_eq!(rule.first_cohort(), Cohort { level: 0, patients: 1 });
    assert_eq!(decide(&rule, &[1], &[0], 0, 1, 0), enrol(1, 1, Move::Escalate));
    assert_eq!(decide(&rule, &[1, 1], &[0, 1], 1, 1, 1), enrol(1, 2, Move::Expand));
    assert_eq!(decide(&rule, &[1, 1, 1], &[0, 0, 0], 2, 1, 0), enrol(2, 1, Move::Expand), "the fill-up is cut to fit");
    assert_eq!(decide(&rule, &[1, 1, 2], &[0, 0, 0], 2, 1, 0), Decision::Stop(Some(2), StopReason::MaxPatients));
}
