//! The relatives of the CRM, its initial scheme and its stop for precision, against independent quadratures, dfcrm and escalation.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot read its data should fail")]

use crate::crm::{Row, Worst, model, mtd, number, rows, vector};
use crate::support::{design_study, graph_of};
use dosebench::design::model::bma_crm::Averaging;
use dosebench::design::model::crm::{
    ByEstimate, Crm, CrmSelection, CrmSettings, Curve, Estimate, Estimator, Exceedance, Extras, Model, Posterior, Precision,
    Prior, Rules,
};
use dosebench::design::model::crm_ml::{Maximum, MaximumLikelihood};
use dosebench::design::{Method, Plan};
use dosebench::engine::Exact;
use dosebench::trial::{Arrival, Cohort, Counts, MAX_PATIENTS, Outcome, StopReason};

/// A cohort without a DLT: the model looks at the counts alone.
const ANYWHERE: Arrival = Arrival::new(Cohort { level: 0, patients: 3 }, 0);

/// Rules without stops.
fn rules(target: f64) -> Rules {
    Rules { target, selection: CrmSelection::Model, too_toxic: None, precision: None }
}

/// The counts of a row.
fn counts(row: &Row<'_>) -> Counts {
    Counts::from_slices(&vector::<u8>(row["n"]), &vector::<u8>(row["tox"])).unwrap()
}

fn patients(counts: &Counts) -> usize {
    counts.total_patients()
}

#[test]
fn gamma_posteriors() {
    let mut worst: [Worst; 6] = Default::default();
    let rows = rows(include_str!("../golden/crm_gamma.csv"));
    assert_eq!(rows.len(), 589);
    for row in &rows {
        let id = row["id"];
        let (patients, dlts): (Vec<u32>, Vec<u32>) = (vector(row["n"]), vector(row["tox"]));
        let target = number(row["target"]);
        let prior = Prior::Gamma { shape: number(row["shape"]), rate: number(row["rate"]) };
        let curve = Curve::new(model(row), &vector::<f64>(row["skeleton"])).unwrap();
        let most = patients.iter().sum::<u32>() as usize;
        let summarise = |extras| Posterior::new(&curve, prior, most.max(1), &extras).unwrap().summarise(&patients, &dlts);
        let summary = summarise(Extras { mean_toxicity: true, events: Vec::new() });
        worst[0].see(summary.mean, number(row["a_mean"]), id);
        worst[1].see(summary.variance, number(row["a_var"]), id);
        worst[2].see(summary.log_marginal_likelihood, number(row["log_marglik"]), id);
        let plug_in: Vec<f64> = curve.toxicity_at_slope(prior.slope(summary.mean)).collect();
        let events = (0..curve.levels()).map(|level| Exceedance { level, rate: target }).collect();
        let exceedance = summarise(Extras { mean_toxicity: false, events }).exceedance;
        for level in 0..curve.levels() {
            worst[3].see(plug_in[level], vector(row["ptox_plugin"])[level], id);
            worst[4].see(summary.mean_toxicity[level], vector(row["pmean"])[level], id);
            worst[5].see(exceedance[level], vector(row["prob_gt_target"])[level], id);
        }
        assert_eq!(mtd(&plug_in, target), row["mtd_plugin"], "{id}");
        assert_eq!(mtd(&summary.mean_toxicity[..curve.levels()], target), row["mtd_pmean"], "{id}");
        if most > MAX_PATIENTS {
            continue;
        }
        for (estimate, expected) in [(Estimate::PlugIn, row["mtd_plugin"]), (Estimate::PosteriorMean, row["mtd_pmean"])] {
            let settings = CrmSettings { curve: curve.clone(), prior, estimate, rules: rules(target) };
            let method = Crm::new(settings, most.max(1)).unwrap();
            let counts = counts(row);
            assert_eq!((method.recommend(method.view(&counts), &counts, ANYWHERE) + 1).to_string(), expected, "{id}");
        }
    }
    let names = ["mean", "variance", "log marginal likelihood", "plug-in toxicity", "mean toxicity", "exceedance"];
    for (worst, name) in worst.iter().zip(names) {
        worst.below(name, 1e-10);
    }
}

/// θ̂ and the information are of size 1 to 1,000, so the latter is compared relatively.
#[test]
fn maximum_likelihood_estimates() {
    let mut worst: [Worst; 3] = Default::default();
    let rows = rows(include_str!("../golden/crm_ml.csv"));
    assert_eq!(rows.len(), 1915);
    let mut compared = 0;
    for row in &rows {
        let id = row["id"];
        let curve = Curve::new(model(row), &vector::<f64>(row["skeleton"])).unwrap();
        let estimator = MaximumLikelihood { curve: curve.clone() };
        let (n, y): (Vec<u32>, Vec<u32>) = (vector(row["n"]), vector(row["tox"]));
        // More patients at a level than a trial here can have.
        if n.iter().any(|&n| n > 255) {
            continue;
        }
        compared += 1;
        let bytes = |counts: &[u32]| counts.iter().map(|&count| count as u8).collect::<Vec<u8>>();
        let Maximum::At { theta, information } = estimator.maximum(&bytes(&n), &bytes(&y)) else { panic!("{id}: no maximum") };
        worst[0].see(theta, number(row["theta_mle"]), id);
        worst[1].see(information / number(row["obs_info"]), 1.0, id);
        let toxicity: Vec<f64> = curve.toxicity(theta).collect();
        let log_likelihood: f64 = toxicity
            .iter()
            .zip(n.iter().zip(&y))
            .map(|(p, (&n, &y))| {
                let with = if y > 0 { f64::from(y) * p.ln() } else { 0.0 };
                let without = if n > y { f64::from(n - y) * (-p).ln_1p() } else { 0.0 };
                with + without
            })
            .sum();
        worst[2].see(log_likelihood / number(row["loglik"]), 1.0, id);
        assert_eq!(mtd(&toxicity, number(row["target"])), row["mtd"], "{id}: {theta} {toxicity:?}");
        if n.iter().sum::<u32>() as usize <= MAX_PATIENTS {
            let method = ByEstimate { estimator, rules: rules(number(row["target"])) };
            let counts = counts(row);
            assert_eq!((method.recommend(method.view(&counts), &counts, ANYWHERE) + 1).to_string(), row["mtd"], "{id}");
        }
    }
    assert!(compared > 1800, "{compared}");
    worst[0].below("θ", 1e-12);
    worst[1].below("information, relative", 1e-10);
    worst[2].below("log-likelihood, relative", 1e-10);
}

/// Without a maximum: the highest level without a DLT, the lowest with DLTs only, whatever the skeleton says of them; and the
/// logistic model cannot account for more DLTs than expit(intercept).
#[test]
fn likelihoods_without_a_maximum() {
    for model in [Model::Empiric, Model::Logistic { intercept: 3.0 }] {
        let curve = Curve::new(model, &[0.05, 0.1, 0.25, 0.4, 0.5]).unwrap();
        let method = ByEstimate { estimator: MaximumLikelihood { curve }, rules: rules(0.25) };
        let recommend = |n: &[u8], y: &[u8]| {
            let counts = Counts::from_slices(n, y).unwrap();
            method.recommend(method.view(&counts), &counts, ANYWHERE)
        };
        assert_eq!(recommend(&[], &[]), 4);
        assert_eq!(recommend(&[3, 3], &[0, 0]), 4);
        assert_eq!(recommend(&[6], &[6]), 0);
        assert_eq!(recommend(&[0, 0, 0, 0, 1], &[0, 0, 0, 0, 1]), 0);
        let maximum = method.estimator.maximum(&[30, 0, 0, 0, 0], &[29, 0, 0, 0, 0]);
        // 29/30 is above expit(3) = 0.953.
        assert_eq!(maximum == Maximum::Saturated, model != Model::Empiric, "{maximum:?}");
        assert_ne!(method.estimator.maximum(&[30, 0, 0, 0, 0], &[28, 0, 0, 0, 0]), Maximum::Saturated);
    }
}

#[test]
fn averages_over_skeletons() {
    let mut worst: [Worst; 4] = Default::default();
    let rows = rows(include_str!("../golden/bma_crm.csv"));
    assert_eq!(rows.len(), 160);
    for row in &rows {
        let id = row["id"];
        let target = number(row["target"]);
        let skeletons: Vec<Vec<f64>> = row["skeletons"].split('|').map(vector).collect();
        let curves: Vec<Curve> = skeletons.iter().map(|skeleton| Curve::new(Model::Empiric, skeleton).unwrap()).collect();
        let levels = curves[0].levels();
        let counts = counts(row);
        let most = patients(&counts).max(1);
        let models: Vec<(Curve, f64)> = curves.iter().cloned().zip(vector(row["prior_w"])).collect();
        // The precision rule asks for Pr(p > target) of every level, as its upper limit.
        let precision = Some(Precision { lower: 1e-6, upper: target, credibility: 0.9, any: false });
        let events = Rules { precision, ..rules(target) };
        let average = Averaging::new(models.clone(), number(row["scale"]), false, &events, most).unwrap();
        let estimates = average.estimate(&counts);
        for (found, expected) in average.weights(&counts).into_iter().zip(vector::<f64>(row["post_w"])) {
            worst[0].see(found, expected, id);
        }
        for level in 0..levels {
            worst[1].see(estimates.toxicity[level], vector(row["pmean_bma"])[level], id);
            worst[2].see(estimates.exceedance[2 * level + 1], vector(row["prob_gt_target_bma"])[level], id);
        }
        let best = Averaging::new(models, number(row["scale"]), true, &events, most).unwrap();
        let place = best.weights(&counts).iter().position(|&weight| weight > 0.5).unwrap();
        let of_the_best = row["pmean_each"].split('|').nth(place).unwrap();
        for (found, expected) in best.estimate(&counts).toxicity.into_iter().zip(vector::<f64>(of_the_best)) {
            worst[3].see(found, expected, id);
        }
        for (estimator, expected) in [(average, row["best_dose_bma"]), (best, row["best_dose_bms"])] {
            let method = ByEstimate { estimator, rules: events };
            assert_eq!((method.recommend(method.view(&counts), &counts, ANYWHERE) + 1).to_string(), expected, "{id}");
        }
    }
    for (worst, name) in worst.iter().zip(["weights", "mean toxicity", "exceedance", "mean toxicity of the best"]) {
        worst.below(name, 1e-10);
    }
}

/// The stop for precision, from Pr(p > target | data) of an independent quadrature, the target being one limit and the other out of
/// reach: exact. escalation's quantities are those of a normal approximation to θ, which the same posterior moments give to
/// dfcrm's accuracy of 1e-4 or better where its range of integration holds the posterior; and its "quantiles" under the logistic model
/// are the plug-in estimates.
#[test]
fn precision_and_what_escalation_makes_of_it() {
    const QUANTILE: f64 = 1.644_853_626_951_472_2;
    let mut worst: [Worst; 3] = Default::default();
    let (mut precise, mut apart) = (0, 0.0_f64);
    let rows = rows(include_str!("../golden/crm_escalation_intervals.csv"));
    assert_eq!(rows.len(), 160);
    for row in &rows {
        let id = row["id"];
        let target = number(row["target"]);
        let curve = Curve::new(model(row), &vector::<f64>(row["skeleton"])).unwrap();
        let counts = counts(row);
        let most = patients(&counts).max(1);
        let prior = Prior::Normal { sd: number(row["scale"]) };
        let exact: Vec<f64> = vector(row["prob_gt_target_exact"]);
        let view_of = |lower, upper| {
            let precision = Some(Precision { lower, upper, credibility: 0.9, any: false });
            let rules = Rules { precision, ..rules(target) };
            Crm::new(CrmSettings { curve: curve.clone(), prior, estimate: Estimate::PlugIn, rules }, most).unwrap()
        };
        let below = view_of(1e-12, target);
        let above = view_of(target, 1.0 - 1e-12);
        for (level, probability) in exact.iter().enumerate() {
            assert!((probability - 0.05).abs() > 1e-9 && (probability - 0.95).abs() > 1e-9, "{id} is on the border");
            let is_precise = |crm: &Crm| crm.precise(crm.view(&counts), level).is_some();
            let estimates = below.estimator.estimate(&counts);
            worst[0].see(estimates.exceedance[2 * level + 1], *probability, id);
            // A level that is almost surely at the other end of the scale is not told apart from 0 or 1 by limits of 1e-12.
            if estimates.exceedance[2 * level] > 0.951 {
                assert_eq!(is_precise(&below), *probability <= 0.05, "{id}");
            }
            assert_eq!(is_precise(&above), *probability >= 0.95, "{id}");
            precise += usize::from(is_precise(&below)) + usize::from(is_precise(&above));
        }

        let summary = Posterior::new(&curve, prior, most, &Extras::default()).unwrap();
        let bytes = |counts: &[u8]| counts.iter().map(|&count| u32::from(count)).collect::<Vec<u32>>();
        let summary = summary.summarise(&bytes(counts.all_patients()), &bytes(counts.all_dlts()));
        let sd = summary.variance.sqrt();
        for (level, probability) in exact.iter().enumerate() {
            let border = (curve.model.label(target) / curve.labels()[level]).ln();
            let normal = 0.5 * (1.0 + statrs::function::erf::erf((border - summary.mean) / sd / 2.0_f64.sqrt()));
            worst[1].see(normal, vector(row["prob_gt_target_escalation"])[level], id);
            apart = apart.max((normal - probability).abs());
            let at = |theta| curve.toxicity(theta).nth(level).unwrap();
            let limits = match curve.model {
                Model::Empiric => [at(summary.mean + QUANTILE * sd), at(summary.mean - QUANTILE * sd)],
                Model::Logistic { .. } => [at(summary.mean); 2],
            };
            for (found, column) in limits.into_iter().zip(["q05_escalation", "q95_escalation"]) {
                worst[2].see(found, vector(row[column])[level], id);
            }
        }
    }
    assert!(precise > 100, "{precise}");
    assert!(apart > 0.05, "the approximation is off by {apart} at most");
    worst[0].below("exact exceedance", 1e-10);
    worst[1].below("normal exceedance", 1e-3);
    worst[2].below("normal quantiles", 1e-3);
}

/// Outcomes of a two-stage design with their exact probabilities, as `dfcrm::crmsim` conducts it.
fn two_stage(row: &Row<'_>, method: &str) -> Vec<(Outcome, f64)> {
    let vector_of = |column: &str| row[column].replace(';', ", ");
    let text = format!(
        "target = {}\nlevels = 5\n{method}\nskeleton = [{}]\ninitial_scheme = [{}]\nselection = \"model\"",
        row["target"],
        vector_of("skeleton"),
        vector_of("x0"),
    );
    let study = design_study(&text);
    let graph = graph_of(&study, 0);
    let probabilities = Exact::new(&graph).probabilities(&vector::<f64>(row["p_true"]));
    graph.leaves().iter().copied().zip(probabilities).collect()
}

fn mean(outcomes: &[(Outcome, f64)], quantity: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(|(outcome, probability)| probability * quantity(outcome)).sum()
}

#[test]
fn two_stage_crm_exactly() {
    let mut worst: [Worst; 3] = Default::default();
    let rows = rows(include_str!("../golden/crm_two_stage_exact.csv"));
    assert_eq!(rows.len(), 8);
    for row in &rows {
        let method = format!(
            "method = \"crm\"\nmodel = \"logistic\"\nintercept = {}\nprior_sd = {}\nmax_patients = {}\ncohort_size = {}",
            row["intcpt"], row["prior_sd"], row["N"], row["cohort"]
        );
        let outcomes = two_stage(row, &method);
        for level in 0..5 {
            worst[0].see(mean(&outcomes, |o| o.selects(level + 1)), vector(row["sel"])[level], row["curve"]);
            worst[1].see(mean(&outcomes, |o| o.counts.patients(level) as f64), vector(row["exp_n"])[level], row["curve"]);
            worst[2].see(mean(&outcomes, |o| o.counts.dlts(level) as f64), vector(row["exp_tox"])[level], row["curve"]);
        }
    }
    for (worst, name) in worst.iter().zip(["selection", "patients", "DLTs"]) {
        worst.below(name, 1e-9);
    }
}

/// Selection by simulated trials of `dfcrm::crmsim`, in standard errors of these; all of its curves use one random stream. Where no
/// patient of a trial has a DLT, dfcrm by maximum likelihood selects the prior MTD, level 3, and not the highest level; the
/// probability of that is moved over before the comparison, and it is what makes curve G.
#[test]
fn two_stage_simulations_of_dfcrm() {
    let (mut squares, mut compared, mut largest) = (0.0, 0, 0.0_f64);
    let rows = rows(include_str!("../golden/crm_two_stage_simulated.csv"));
    assert_eq!(rows.len(), 18);
    for row in &rows {
        let id = format!("{} {}", row["config"], row["curve"]);
        let conduct = format!("max_patients = {}\ncohort_size = {}", row["n"], row["mcohort"]);
        let method = match row["method"] {
            "mle" => format!("method = \"crm-ml\"\nmodel = \"{}\"\n{conduct}", row["model"]),
            _ => format!("method = \"crm\"\nmodel = \"{}\"\nprior_sd = {}\n{conduct}", row["model"], row["scale"]),
        };
        let outcomes = two_stage(row, &method);
        let mut selection: Vec<f64> = (1..=5).map(|level| mean(&outcomes, |o| o.selects(level))).collect();
        if row["method"] == "mle" {
            let no_dlt = mean(&outcomes, |o| f64::from(u8::from(o.counts.total_dlts() == 0)));
            selection[4] -= no_dlt;
            selection[2] += no_dlt;
            assert_eq!(no_dlt > 0.2, row["curve"] == "G", "{id}: {no_dlt}");
        }
        for (expected, found) in selection.into_iter().zip(vector::<f64>(row["sel"])) {
            let standard_error = (expected * (1.0 - expected) / number(row["nsim"])).sqrt();
            // Where the normal approximation holds.
            if expected * number(row["nsim"]) > 10.0 && (1.0 - expected) * number(row["nsim"]) > 10.0 {
                let z: f64 = (found - expected) / standard_error;
                assert!(z.abs() < 4.5, "{id}: found {found}, exact {expected}, {z:.2} standard errors");
                largest = largest.max(z.abs());
                squares += z * z;
                compared += 1;
            }
        }
    }
    let rms = (squares / f64::from(compared)).sqrt();
    println!("{compared} selection probabilities: root mean square {rms:.2}, largest {largest:.2} standard errors");
    assert!(compared > 60 && rms < 1.4, "{compared}, {rms}");
}

/// A trial that stops for precision does so where the rule says and nowhere else; the interval is that of `assess`, whose limits come
/// from another sum.
#[test]
fn trials_stop_when_a_level_is_known_well_enough() {
    for (method, when) in [("crm-gamma", "recommended"), ("crm-gamma", "any"), ("bma-crm", "any"), ("bma-crm", "recommended")] {
        let model = match method {
            "bma-crm" => "skeletons = [[0.05, 0.12, 0.25, 0.4], [0.1, 0.2, 0.3, 0.45]]\nprior_sd = 1.2",
            _ => "skeleton = [0.05, 0.12, 0.25, 0.4]",
        };
        let study = design_study(&format!(
            "target = 0.25\nlevels = 4\nmethod = \"{method}\"\n{model}\nmax_patients = 24\nselection = \"next\"\n\
             stop_when_precise = {{ lower = 0.1, upper = 0.45, when = \"{when}\" }}"
        ));
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        let graph = graph_of(&study, 0);
        let (mut stopped, mut full) = (0, 0);
        for leaf in graph.leaves().iter().step_by(7) {
            let levels = rule.assess(&leaf.counts).levels;
            let is_precise = |level: usize| {
                let (low, high) = levels[level].interval.unwrap();
                assert!((low - 0.1).abs() > 1e-9 && (high - 0.45).abs() > 1e-9, "on the border");
                low > 0.1 && high < 0.45
            };
            match leaf.reason {
                StopReason::Precise if when == "any" => {
                    assert!((0..4).any(is_precise), "{method} {leaf:?}");
                    stopped += 1;
                }
                StopReason::Precise => {
                    // The level due next is the one that such a trial selects.
                    let next = leaf.selected.trailing_zeros() as usize;
                    assert!(next > 0 && is_precise(next - 1), "{method} {leaf:?}");
                    stopped += 1;
                }
                _ => full += 1,
            }
        }
        assert!(stopped > 10 && full > 10, "{method}: {stopped} {full}");
    }
}

/// A prior rate is a matter of units: with the labels at the prior mean no decision depends on it.
#[test]
fn the_rate_of_a_gamma_prior_changes_no_decision() {
    let graph = |rate: &str| {
        let study = design_study(&format!(
            "target = 0.25\nlevels = 4\nmethod = \"crm-gamma\"\nskeleton = [0.05, 0.12, 0.25, 0.4]\nmax_patients = 15\nprior_shape = 2\n\
             prior_rate = {rate}"
        ));
        graph_of(&study, 0).leaves().to_vec()
    };
    assert_eq!(graph("1"), graph("8"));
}

/// One skeleton alone is the CRM with posterior means, and the average over twice the same skeleton too.
#[test]
fn averaging_over_one_skeleton_is_the_crm() {
    let leaves = |method: &str| {
        let keys = "no_skipping_down = \"off\"\nmax_patients = 18\ntoo_toxic_cutoff = 0.9";
        let study = design_study(&format!("target = 0.25\nlevels = 4\n{method}\nprior_sd = 1.2\n{keys}"));
        graph_of(&study, 0).leaves().to_vec()
    };
    let crm = leaves("method = \"crm\"\nskeleton = [0.05, 0.12, 0.25, 0.4]\nestimate = \"posterior-mean\"");
    assert_eq!(crm, leaves("method = \"bma-crm\"\nskeletons = [[0.05, 0.12, 0.25, 0.4]]"));
    let twice = "method = \"bma-crm\"\nskeletons = [[0.05, 0.12, 0.25, 0.4], [0.05, 0.12, 0.25, 0.4]]";
    assert_eq!(crm, leaves(&format!("{twice}\nprior_weights = [1, 3]")));
    assert_eq!(crm, leaves(&format!("{twice}\naveraging = \"best\"")));
}
