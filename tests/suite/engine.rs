//! The decision graph, the exact pass and the replicates, held against each other.

use crate::support::{design_study, graph_of, study};
use dosebench::comparison::{ComparisonError, compare};
use dosebench::design::Plan;
use dosebench::engine::{
    Distribution, Exact, Graph, Monitor, Replicates, Tally, Walker, Weights, compile, forward_probabilities, leaf_weights,
};
use dosebench::measure::{Metric, Results, Source, Yardstick, agreement, summarise, summarise_scenarios};
use dosebench::scenario::{Scenario, Truth};
use dosebench::study::Study;
use dosebench::trial::{Counts, Outcome};
use std::collections::{BTreeMap, BTreeSet};

const CURVES: [[f64; 5]; 4] = [
    [0.05, 0.12, 0.25, 0.40, 0.55],
    [0.30, 0.45, 0.55, 0.65, 0.75],
    [0.02, 0.05, 0.08, 0.12, 0.17],
    [0.10, 0.30, 0.20, 1.0, 0.0],
];

/// One design of every kind and of every conduct rule: (name, keys).
pub(crate) const DESIGNS: [(&str, &str); 22] = [
    ("S", "method = \"3+3\"\ndeescalate = false\nconfirm_top_dose = false"),
    ("D", "method = \"3+3\"\nconfirm_top_dose = false"),
    ("K", "method = \"3+3\""),
    ("S with a confirmed top", "method = \"3+3\"\ndeescalate = false"),
    ("K1", "method = \"3+3\"\nfirst_cohort_size = 1"),
    ("BOIN", "method = \"boin\""),
    ("BOIN, one first, last cohort cut", "method = \"boin\"\nfirst_cohort_size = 1\nmax_patients = 16"),
    ("BOIN, titration", "method = \"boin\"\ntitration = true\nextra_safe_offset = 0.05\nstop_at_patients = 9"),
    ("BOIN, reached", "method = \"boin\"\nstop_at_patients = 9\nstop_at_patients_when = \"reached\"\nmin_patients_selected = 6"),
    ("BOIN, singles", "method = \"boin\"\ncohort_size = 1\nmax_patients = 14\nstart_level = 3"),
    ("CRM", "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9"),
    (
        "CRM, logistic",
        "method = \"crm\"\nmodel = \"logistic\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 0.8\nmax_patients = 15",
    ),
    (
        "CRM, unrestricted",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nno_skipping = \"off\"\ncoherent = \"off\"\nmax_patients = 18",
    ),
    (
        "CRM, stops",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nstop_at_patients = 9\nstop_at_patients_when = \"recommended\"\nstop_at_level_patients = { \"1\" = 6 }",
    ),
    (
        "CRM, any",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nstop_at_patients = 9\nstop_at_patients_when = \"any\"\nestimate = \"posterior-mean\"\nselection = \"model\"",
    ),
    (
        "CRM, singles",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ncohort_size = 1\nmax_patients = 12\nselection = \"next\"\nno_skipping = \"highest-tried\"\nno_skipping_down = \"current\"\ncoherent = \"level\"",
    ),
    (
        "CRM, initial scheme",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ninitial_scheme = [1, 1, 2, 2, 2, 2, 3]\nmax_patients = 20",
    ),
    (
        "CRM, precise",
        "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nstop_when_precise = { lower = 0.1, upper = 0.4 }\ntoo_toxic_cutoff = 0.9",
    ),
    ("CRM, gamma", "method = \"crm-gamma\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\ntoo_toxic_cutoff = 0.9\nmax_patients = 21"),
    (
        "CRM, gamma, logistic",
        "method = \"crm-gamma\"\nmodel = \"logistic\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_shape = 2\nestimate = \"posterior-mean\"\nmax_patients = 15",
    ),
    (
        "CRM, maximum likelihood",
        "method = \"crm-ml\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\ncohort_size = 1\ninitial_scheme = [1, 2, 3, 4, 5]\nmax_patients = 12",
    ),
    (
        "BMA-CRM",
        "method = \"bma-crm\"\nskeletons = [[0.05, 0.1, 0.2, 0.3, 0.4]]\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\nstop_when_precise = { lower = 0.05, upper = 0.5, credibility = 0.8, when = \"any\" }",
    ),
];

fn one(keys: &str) -> (Study, Graph) {
    let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
    let graph = graph_of(&study, 0);
    (study, graph)
}

#[test]
fn weights_count_every_outcome_sequence() {
    for (name, keys) in DESIGNS {
        let (_, graph) = one(keys);
        let Weights::Integer(weights) = leaf_weights(&graph) else { panic!("{name}: not whole") };
        let planned = graph.max_patients();
        let sequences = |(leaf, weight): (&Outcome, u128)| weight << (planned - leaf.counts.total_patients());
        let total: u128 = graph.leaves().iter().zip(weights).map(sequences).sum();
        assert_eq!(total, 1 << planned, "{name}");
    }
}

#[test]
fn the_two_exact_passes_agree() {
    for (name, keys) in DESIGNS {
        let (_, graph) = one(keys);
        let exact = Exact::new(&graph);
        for curve in CURVES {
            let probabilities = exact.probabilities(&curve);
            let total: f64 = probabilities.iter().sum();
            assert!((total - 1.0).abs() < 1e-13, "{name}: probabilities sum to {total}");
            for (leaf, forward) in probabilities.iter().zip(forward_probabilities(&graph, &curve)) {
                assert!((0.0..=1.0).contains(leaf), "{name}: a probability of {leaf}");
                assert!((leaf - forward).abs() <= 1e-14, "{name}: {leaf} by weights, {forward} forward");
            }
        }
    }
}

/// Every node but the first is somebody's child, comes after its parents, and no two situations or leaves are the same.
#[test]
fn every_situation_is_reached_and_there_once() {
    for (name, keys) in DESIGNS {
        let (_, graph) = one(keys);
        let nodes = graph.nodes().len();
        let mut reached: Vec<Option<Counts>> = vec![None; graph.situations()];
        reached[0] = Some(Counts::default());
        for node in 0..nodes {
            let counts = reached[node].unwrap_or_else(|| panic!("{name}: node {node} is reached by nothing before it"));
            let cohort = graph.nodes()[node].cohort;
            for (dlts, &child) in (0..).zip(graph.children(node)) {
                let after = counts.with(cohort.level as usize, cohort.patients, dlts);
                let known = reached[child as usize].get_or_insert(after);
                assert_eq!(*known, after, "{name}: two histories with different counts share a situation");
            }
        }
        for (leaf, counts) in graph.leaves().iter().zip(&reached[nodes..]) {
            assert_eq!(Some(leaf.counts), *counts, "{name}: a leaf with other counts than those that lead to it");
        }
        let leaves: BTreeSet<&Outcome> = graph.leaves().iter().collect();
        assert_eq!(leaves.len(), graph.leaves().len(), "{name}: a leaf is there twice");
    }
}

/// Chi-square over leaves, seed fixed: were the two engines to differ, p-values would pile up near 0. Of 64 p-values from
/// engines that agree, the smallest is below 0.0001 once in 160 seeds.
#[test]
fn replicates_agree_with_exact_probabilities() {
    let mut p_values = Vec::new();
    for (name, keys) in DESIGNS {
        let (_, graph) = one(keys);
        let exact = Exact::new(&graph);
        let curves: Vec<Truth<'_>> = CURVES.iter().map(Truth::from).collect();
        let walkers = [Walker::Graph(&graph)];
        let runs = Replicates { walkers: &walkers, curves: &curves, seed: 11, replicates: 40_000 };
        let tally = runs.tally(&Monitor::default()).expect("not interrupted");
        for (&curve, tally) in curves.iter().zip(tally) {
            let simulated = Distribution::replicates(&walkers[0], tally[0].clone());
            let agreement = agreement(&Distribution::exact(&exact, curve), &simulated).expect("comparable");
            assert!(agreement.p_value > 1e-4, "{name}, {curve:?}: {agreement:?}");
            p_values.push(agreement.p_value);
        }
    }
    let mean = p_values.iter().sum::<f64>() / p_values.len() as f64;
    // The mean of 64 uniform numbers has a standard error of 0.036; two designs of a curve share patients, so allow four.
    assert!((mean - 0.5).abs() < 0.15, "p-values average {mean}");
}

/// A rule that is walked without its graph ends every trial as its graph does: the same patients, the same decisions.
#[test]
fn a_rule_and_its_graph_end_every_trial_alike() {
    for (name, keys) in DESIGNS {
        let (study, graph) = one(keys);
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        let walkers = [Walker::Graph(&graph), Walker::Rule(rule.as_ref())];
        let runs = Replicates { walkers: &walkers, curves: &[(&CURVES[0]).into()], seed: 5, replicates: 3000 };
        let tally = runs.tally(&Monitor::default()).expect("not interrupted");
        let [Tally::Leaves(leaves), Tally::Outcomes(outcomes)] = &tally[0][..] else { panic!("unexpected tallies") };
        let by_graph: BTreeMap<Outcome, u64> =
            graph.leaves().iter().copied().zip(leaves.iter().copied()).filter(|(_, count)| *count > 0).collect();
        assert_eq!(&by_graph, outcomes, "{name}");
    }
}

/// The operating characteristics of many scenarios are, to the last bit, those of each by itself, in whichever order and on any
/// number of threads.
#[test]
fn many_scenarios_at_once_give_the_bits_of_each() {
    let (study, graph) = one("method = \"boin\"\nstop_at_patients = 9");
    let exact = Exact::new(&graph);
    let scenario = |number: usize| {
        // Seven blocks of curves and a half.
        let toxicity: Vec<f64> = (1..=5).map(|level| (level * (number + 1)) as f64 / 320.0).collect();
        Scenario::new(format!("{number}"), toxicity, (number > 3).then_some(number % 5))
    };
    let mut scenarios: Vec<Scenario> = (0..60).map(scenario).collect();
    let all = |scenarios: &[Scenario], threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        // What is printed of a floating-point number tells it from every other.
        pool.install(|| summarise_scenarios(&exact, scenarios, &study.target, None)).iter().map(|s| format!("{s:?}")).collect()
    };
    let each = |scenario: &Scenario| {
        let yardstick = Yardstick { scenario, target: &study.target, timing: None, benchmark: false };
        format!("{:?}", summarise(&Distribution::exact(&exact, &scenario.toxicity), &yardstick))
    };
    let expected: Vec<String> = scenarios.iter().map(each).collect();
    assert!(expected.windows(2).all(|pair| pair[0] != pair[1]));
    for threads in [1, 2, 7] {
        let found: Vec<String> = all(&scenarios, threads);
        assert_eq!(found, expected, "{threads} threads");
    }
    scenarios.reverse();
    let mut reversed: Vec<String> = all(&scenarios, 2);
    reversed.reverse();
    assert_eq!(reversed, expected);
}

#[test]
fn the_graph_does_not_depend_on_the_threads() {
    // Large enough that layers are split into shards.
    let text = "target = 0.25\nlevels = 5\nmethod = \"boin\"\ncohort_size = 1\nmax_patients = 22";
    let study = design_study(text);
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    let graph = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| compile(rule.as_ref(), 20_000_000, &Monitor::default()).expect("a graph"))
    };
    let one = graph(1);
    assert!(one.situations() > 100_000, "{} situations: too few to be split", one.situations());
    for threads in [2, 7] {
        let other = graph(threads);
        assert_eq!(one.leaves(), other.leaves());
        assert_eq!(one.nodes(), other.nodes());
        assert!((0..one.nodes().len()).all(|node| one.children(node) == other.children(node)));
    }
}

const STUDY: &str = r#"
name = "test"
target = 0.25
[doses]
levels = [1, 2, 3, 4, 5]
[timing]
dlt_window_weeks = 3
accrual_per_week = 0.5
[simulation]
replicates = 5000
seed = 3
[[scenario]]
name = "third"
toxicity = [0.05, 0.12, 0.25, 0.42, 0.55]
[[scenario]]
name = "none"
toxicity = [0.4, 0.5, 0.6, 0.7, 0.8]
[[design]]
name = "K1"
method = "3+3"
first_cohort_size = 1
[[design]]
name = "BOIN"
method = "boin"
max_patients = 18
[[design]]
name = "CRM"
method = "crm"
skeleton = { prior_mtd = 3, halfwidth = 0.05 }
prior_sd = 1.16
max_patients = 12
[[design]]
name = "optimal"
method = "benchmark"
max_patients = 18
"#;

fn results(text: &str, threads: usize) -> Results {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| compare(&study(text), &Monitor::default(), |_| {}).expect("results"))
}

fn with_engine(engine: &str) -> String {
    STUDY.replace("[simulation]", &format!("[simulation]\nengine = \"{engine}\""))
}

#[test]
fn results_are_the_same_bits_on_1_2_and_7_threads() {
    for engine in ["auto", "monte-carlo"] {
        let text = with_engine(engine);
        let one = results(&text, 1);
        for threads in [2, 7] {
            let other = results(&text, threads);
            assert_eq!(format!("{:?}", one.summaries), format!("{:?}", other.summaries), "{engine}");
            assert_eq!(format!("{:?}", one.differences), format!("{:?}", other.differences), "{engine}");
            assert_eq!(format!("{:?}", one.agreement), format!("{:?}", other.agreement), "{engine}");
        }
    }
}

/// Each simulated number lies within 4.5 of its own standard errors of the exact one, and differences likewise; the errors
/// themselves are right when the standardised distances have a mean square near 1.
fn is_quantile(metric: Metric) -> bool {
    matches!(metric, Metric::TotalPatientsQuantile(_) | Metric::DurationQuantile(_))
}

#[test]
fn simulated_numbers_and_their_errors_agree_with_exact_ones() {
    let exact = results(&with_engine("exact"), 2);
    let simulated = results(&with_engine("monte-carlo"), 2);
    let mut squares = Vec::new();
    let mut distance = |what: Metric, exact: f64, simulated: f64, std_error: f64| {
        // What happened in no replicate has no spread there; were it likelier than 10 in 5,000 that would be a wonder.
        let std_error = if std_error > 1e-12 { std_error } else { 10.0 / 5000.0 * exact.abs().max(1.0) };
        let off = (simulated - exact).abs();
        assert!(off <= 4.5 * std_error + 1e-12, "{what:?}: exact {exact}, simulated {simulated}, standard error {std_error}");
        if std_error > 0.0 && off > 0.0 {
            squares.push((off / std_error).powi(2));
        }
    };
    for (exact, simulated) in exact.summaries.iter().flatten().zip(simulated.summaries.iter().flatten()) {
        assert_eq!(simulated.source, Source::MonteCarlo);
        assert_eq!(exact.characteristics.len(), simulated.characteristics.len());
        for characteristic in &exact.characteristics {
            let twin = simulated.get(characteristic.metric).expect("the same rows");
            // The quantiles of whole numbers have errors that may be 0 or a step; they are tested apart.
            if !is_quantile(characteristic.metric) {
                let std_error = twin.std_error.expect("an error beside every simulated number");
                distance(characteristic.metric, characteristic.value, twin.value, std_error);
            }
        }
    }
    for (exact, simulated) in exact.differences.iter().flatten().zip(simulated.differences.iter().flatten()) {
        for (exact, simulated) in exact.iter().zip(simulated) {
            assert_eq!(exact.metric, simulated.metric);
            let (std_error, lower, upper) = simulated.error.expect("an error beside every simulated number");
            assert!(lower <= simulated.difference && simulated.difference <= upper);
            if !is_quantile(exact.metric) {
                distance(exact.metric, exact.difference, simulated.difference, std_error);
            }
        }
    }
    let mean_square = squares.iter().sum::<f64>() / squares.len() as f64;
    assert!((0.6..1.5).contains(&mean_square), "mean square of standardised distances {mean_square} over {}", squares.len());
}

/// Differences on the same patients are known better than from patients apart.
#[test]
fn pairing_gains() {
    let simulated = results(&with_engine("monte-carlo"), 2);
    let error =
        |design: usize| simulated.summaries[0][design].get(Metric::TotalDlts).and_then(|c| c.std_error).expect("simulated");
    let paired =
        simulated.differences[0][1].iter().find(|d| d.metric == Metric::TotalDlts).and_then(|d| d.error).expect("simulated").0;
    assert!(paired < 0.95 * error(0).hypot(error(1)), "paired {paired}, apart {}", error(0).hypot(error(1)));
}

#[test]
fn past_the_bound_auto_falls_back_and_exact_refuses() {
    let bounded = |engine: &str| with_engine(engine).replace("[simulation]", "[simulation]\nmax_situations = 300");
    let results = results(&bounded("auto"), 2);
    assert!(results.situations[1].is_none(), "BOIN is too large");
    assert_eq!(results.summaries[0][1].source, Source::MonteCarlo);
    assert_eq!(results.summaries[0][3].source, Source::Exact, "the benchmark needs no graph");
    assert!(results.notices.iter().any(|notice| notice.contains("BOIN") && notice.contains("300")), "{:?}", results.notices);
    assert!(results.differences[0][1].iter().all(|difference| difference.error.is_some()));
    let refused = compare(&study(&bounded("exact")), &Monitor::default(), |_| {}).err();
    assert!(
        matches!(&refused, Some(ComparisonError::TooLarge { design, limit: 300, found }) if design == "K1" && *found > 300),
        "{refused:?}"
    );
}

#[test]
fn an_interruption_is_heard() {
    let monitor = Monitor::default();
    monitor.interrupt();
    assert_eq!(compare(&study(STUDY), &monitor, |_| {}).err(), Some(ComparisonError::Interrupted));
}
