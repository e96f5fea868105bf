//! CFO against the R package and an independent exact program (origin: tests/golden/README.md).

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

use crate::support::{Golden, design_study, edges, graph_of, list};
use dosebench::design::algorithm::cfo::pairs::{Judge, Pairs, Sample};
use dosebench::design::algorithm::cfo::{Cfo, Settings};
use dosebench::design::{Method, Plan, Voice};
use dosebench::engine::Exact;
use dosebench::trial::{Arrival, Cohort, Counts, Level, Outcome, StopReason};
use std::collections::BTreeMap;

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: found {found}, expected {expected}, off by {:e}", found - expected);
}

/// The settings of a row.
fn settings(golden: &Golden, row: &csv::StringRecord) -> Settings {
    let get = |column| number(golden.get(row, column));
    let target = get("target");
    let judge = Judge { target, prior: [get("alp_prior"), get("bet_prior")] };
    // Where the prior is the default one, it is that.
    let default = Settings::new(target);
    let is_default = judge.prior.iter().zip(default.judge.prior).all(|(one, other)| (one - other).abs() < 1e-9);
    let judge = if is_default { default.judge } else { judge };
    Settings { judge, elimination_cutoff: get("cutoff_eli"), early_stop_cutoff: get("early_stop") }
}

/// Every cell for sizes up to 15 and six targets; γ to its twelve digits.
#[test]
fn the_cutoffs_for_pairs_of_levels() {
    let golden = Golden::read("cfo_pairs.csv");
    assert_eq!(golden.rows.len(), 1530);
    let mut pairs: BTreeMap<&str, Pairs> = BTreeMap::new();
    let mut cells = 0;
    for row in &golden.rows {
        let get = |column| golden.get(row, column);
        let pairs = pairs.entry(get("target")).or_insert_with_key(|target| Pairs::new(Settings::new(number(target)).judge, 30));
        let [n, m] = ["n_lower", "n_upper"].map(|column| number(get(column)) as usize);
        let gamma = number(get("gamma_down"));
        close(&format!("{row:?}"), pairs.gap(n, m).unwrap()[0] / gamma, 1.0, 1e-11);
        let cutoffs: Vec<usize> = list(get("y_upper_min")).into_iter().map(|cutoff| cutoff as usize).collect();
        assert_eq!(cutoffs.len(), n + 1);
        for (y, cutoff) in cutoffs.into_iter().enumerate() {
            for z in 0..=m {
                let found = [pairs.is_too_toxic([n, y], [m, z]), pairs.is_safe([n, y], [m, z])];
                assert_eq!(found, [z >= cutoff, z < cutoff], "{y} of {n}, {z} of {m}: {row:?}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 110_970);
}

/// 1,500 states of five levels: decisions, odds, thresholds, the lowest eliminated level and the probabilities that eliminate.
#[test]
fn decisions_are_those_of_the_package() {
    let golden = Golden::read("cfo_next.csv");
    assert_eq!(golden.rows.len(), 1500);
    let mut designs: BTreeMap<[&str; 4], Cfo> = BTreeMap::new();
    let mut beyond = 0;
    for row in &golden.rows {
        let get = |column: &str| golden.get(row, column);
        let settings = settings(&golden, row);
        let key = ["target", "alp_prior", "cutoff_eli", "early_stop"].map(get);
        let design = designs.entry(key).or_insert_with(|| Cfo::new(5, 30, settings));
        let current = number(get("currdose")) as usize - 1;
        let sample = |which: &str| -> Option<Sample> {
            Some([get(&format!("n{which}")), get(&format!("y{which}"))])
                .filter(|pair| pair[0] != "NA")
                .map(|pair| pair.map(|n| number(n) as usize))
        };
        let (mut patients, mut dlts) = ([0; 5], [0; 5]);
        let around = [("L", current.wrapping_sub(1)), ("C", current), ("R", current + 1)];
        for (which, level) in around {
            if let Some([n, y]) = sample(which) {
                (patients[level], dlts[level]) = (n as u8, y as u8);
            }
        }
        let counts = Counts::from_slices(&patients, &dlts).unwrap();
        let arrival = Arrival::new(Cohort { level: current as u8, patients: patients[current] }, dlts[current]);
        let view = design.view(&counts);
        let next = design.recommend(view, &counts, arrival);
        let stops = design.too_toxic(view, &counts, arrival);
        match number(get("exact_nextdose")) as usize {
            99 => assert!(stops, "{row:?}"),
            expected => {
                assert_eq!(next + 1, expected, "{row:?}");
                // Where level 1 is eliminated while another one is given, the package goes there, and the trial stops.
                assert_eq!(stops, get("overtox") == "1", "{row:?}");
            }
        }
        let agrees = get("exact_decision") == get("decision") && get("exact_nextdose") == get("nextdose");
        assert_eq!(agrees, get("agree") == "1");
        beyond += usize::from(!agrees);

        let overtox = if get("overtox") == "NA" { 5 } else { number(get("overtox")) as usize - 1 };
        assert_eq!(view, overtox, "{row:?}");
        let assessment = design.assess(&counts, 5);
        for (which, level) in around {
            if sample(which).is_some_and(|[n, _]| n > 0) {
                let found = assessment.levels[level].exceedance.unwrap();
                close(&format!("{row:?}"), found, number(get(&format!("toxprob{which}"))), 1e-11);
            }
        }
        for (lower, upper, column) in [("L", "C", "L"), ("C", "R", "R")] {
            let (Some(below), Some(above)) = (sample(lower), sample(upper)) else { continue };
            let [ratio, gamma] =
                [format!("exact_ratio{column}"), format!("exact_gamma{column}")].map(|column| get(&column).parse::<f64>());
            let (Ok(ratio), Ok(gamma)) = (ratio, gamma) else { continue };
            let odds = settings.judge.odds(below, above);
            let [safe, toxic] = design.pairs().gap(below[0], above[0]).unwrap();
            // Towards the right the problem is turned around.
            let found = if column == "L" { [odds, safe] } else { [1.0 / odds, 1.0 / toxic] };
            close(&format!("{row:?}"), found[0] / ratio, 1.0, 1e-11);
            close(&format!("{row:?}"), found[1] / gamma, 1.0, 1e-11);
            let threshold = design.pairs().threshold(below[0], above[0]);
            assert!(safe < threshold && threshold < toxic, "{row:?}: {threshold}");
        }
    }
    assert_eq!(beyond, 2, "rows in which the package is wrong");
}

#[test]
fn selections_are_those_of_the_package() {
    let golden = Golden::read("cfo_selectmtd.csv");
    assert_eq!(golden.rows.len(), 600);
    for row in &golden.rows {
        let bytes = |column| list(golden.get(row, column)).into_iter().map(|entry| entry as u8).collect::<Vec<_>>();
        let (patients, dlts) = (bytes("n"), bytes("y"));
        let counts = Counts::from_slices(&patients, &dlts).unwrap();
        let most = patients.iter().copied().max().unwrap().into();
        let design = Cfo::new(patients.len(), most, settings(&golden, row));
        let found = design.isotonic().unwrap().select(&counts, 0).map_or(99, |level| level + 1);
        assert_eq!(found.to_string(), golden.get(row, "MTD"), "{row:?}");
    }
}

/// The exact outcomes of the design of a row, and how many there are.
fn outcomes(golden: &Golden, row: &csv::StringRecord, start: &str) -> Vec<(Outcome, f64)> {
    let get = |column| golden.get(row, column);
    let curve = list(get("p_true"));
    let size = number(get("cohortsize"));
    let text = format!(
        "target = {}\nlevels = {}\nmethod = \"cfo\"\ncohort_size = {size}\nmax_patients = {}\nstart_level = {}\nprior_alpha = {}\n\
         prior_beta = {}\nelimination_cutoff = {}\nearly_stop_cutoff = {}",
        get("target"),
        curve.len(),
        number(get("ncohort")) * size,
        get(start),
        get("alp_prior"),
        get("bet_prior"),
        get("cutoff_eli"),
        get("early_stop"),
    );
    let study = design_study(&text);
    let graph = graph_of(&study, 0);
    let probabilities = Exact::new(&graph).probabilities(&curve);
    graph.leaves().iter().copied().zip(probabilities).collect()
}

fn mean(outcomes: &[(Outcome, f64)], quantity: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(|(outcome, probability)| probability * quantity(outcome)).sum()
}

fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

#[test]
fn exact_operating_characteristics() {
    let golden = Golden::read("cfo_exact_oc.csv");
    assert_eq!(golden.rows.len(), 535);
    let mut designs: BTreeMap<&str, Vec<(Outcome, f64)>> = BTreeMap::new();
    for row in &golden.rows {
        let get = |column| golden.get(row, column);
        let outcomes = designs.entry(get("id")).or_insert_with(|| outcomes(&golden, row, "startdose"));
        let level = || number(get("index")) as Level - 1;
        let found = match get("metric") {
            "P_select" if get("index") == "none" => mean(outcomes, |o| o.selects(0)),
            "P_select" => mean(outcomes, |o| o.selects(level() + 1)),
            "P_early_stop" => mean(outcomes, |o| indicator(o.reason == StopReason::TooToxic)),
            "E_patients" => mean(outcomes, |o| o.counts.patients(level()) as f64),
            "E_dlt" => mean(outcomes, |o| o.counts.dlts(level()) as f64),
            "P_N" => mean(outcomes, |o| indicator(o.counts.total_patients() == level() + 1)),
            "terminal_states" => outcomes.len() as f64,
            other => panic!("unknown metric {other:?}"),
        };
        close(&format!("{row:?}"), found, number(get("value")), 1e-12 * number(get("value")).max(1.0));
    }
    assert_eq!(designs.len(), 21);
}

/// 10,000 trials of the package in each of six settings: selections, and that none is selected.
#[test]
fn operating_characteristics_that_the_package_simulates() {
    let golden = Golden::read("cfo_oc_mc.csv");
    assert_eq!(golden.rows.len(), 30);
    let mut designs: BTreeMap<&str, Vec<(Outcome, f64)>> = BTreeMap::new();
    let mut scores = Vec::new();
    for row in &golden.rows {
        let get = |column| golden.get(row, column);
        let outcomes = designs.entry(get("id")).or_insert_with(|| outcomes(&golden, row, "start"));
        let level = number(get("dose")) as Level;
        let mut score = |exact: f64, simulated: f64| {
            let error = (exact * (1.0 - exact) / 10_000.0).sqrt();
            if error > 1e-4 {
                scores.push((simulated - exact) / error);
            }
        };
        score(mean(outcomes, |o| o.selects(level)), number(get("sel")));
        if level == 1 {
            score(mean(outcomes, |o| o.selects(0)), number(get("stop")));
        }
    }
    assert!(scores.len() > 20, "{scores:?}");
    assert!(scores.iter().all(|score: &f64| score.abs() < 3.5), "{scores:?}");
    let square = scores.iter().map(|score| score * score).sum::<f64>() / scores.len() as f64;
    assert!(square < 1.5, "{square}");
}

/// Whatever patients drop out, the table knows the sizes that two levels can have; beyond it the level stays.
#[test]
fn odds_and_cutoffs_say_the_same() {
    let judges = [0.05, 0.25, 0.5, 0.7].map(|target| Settings::new(target).judge);
    let others = [Judge { target: 0.2, prior: [1.0, 1.0] }, Judge { target: 0.3, prior: [0.05, 20.0] }];
    for judge in judges.into_iter().chain(others) {
        let pairs = Pairs::new(judge, 9);
        for n in 0..=9 {
            for m in 0..=9 - n {
                let threshold = pairs.threshold(n, m);
                for (y, z) in (0..=n).flat_map(|y| (0..=m).map(move |z| (y, z))) {
                    let (lower, upper) = ([n, y], [m, z]);
                    let is_above = judge.odds(lower, upper) > threshold;
                    let expected = if judge.is_even(lower, upper) { [false; 2] } else { [is_above, !is_above] };
                    if n + m > 0 {
                        assert_eq!(
                            [pairs.is_too_toxic(lower, upper), pairs.is_safe(lower, upper)],
                            expected,
                            "{judge:?} {lower:?} {upper:?}"
                        );
                    }
                }
            }
        }
        assert!(!pairs.is_too_toxic([5, 5], [5, 5]) && !pairs.is_safe([10, 0], [0, 0]));
    }
}

/// The words of each are its decisions; among them a trial whose levels are eliminated by the lowered cutoff, one with a cut-off last
/// cohort, and one with a target at which outcomes are even.
#[test]
fn the_words_are_the_rule() {
    for text in [
        "target = 0.3\nlevels = 5\nmethod = \"cfo\"\nmax_patients = 15",
        "target = 0.25\nlevels = 3\nmethod = \"cfo\"\nmax_patients = 16\nfirst_cohort_size = 1\nelimination_cutoff = 0.9\nearly_stop_cutoff = 0.8",
        "target = 0.5\nlevels = 3\nmethod = \"cfo\"\nmax_patients = 12\ncohort_size = 2\nmin_patients_selected = 3",
        "target = 0.2\nlevels = 1\nmethod = \"cfo\"\nmax_patients = 12\nprior_alpha = 1\nprior_beta = 1\nelimination_cutoff = 0.9728",
        "target = 0.3\nlevels = 4\nmethod = \"cfo\"\nmax_patients = 12\nstart_level = 3\ntitration = false\ncoherent = \"level\"\nno_skipping_down = \"lowest-tried\"",
    ] {
        let study = design_study(text);
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        let graph = graph_of(&study, 0);
        crate::explain::pieces_at_work(text, rule.as_ref());
        for (counts, arrival, _) in edges(&graph) {
            let grounds = rule.grounds(&counts, arrival);
            assert!(!grounds.is_empty() && !grounds.contains("NaN"), "{grounds}");
        }
    }
}
