//! The one-parameter CRM against dfcrm, dtpcrm, independent quadratures and published posterior means.

// A test that cannot read its own data should fail; the largest differences are worth printing.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use dosebench::design::model::crm::{
    Crm, CrmSelection, CrmSettings, Curve, Estimate, Exceedance, Extras, Model, Posterior, Prior, Rules, TooToxic, nearest,
    skeleton,
};
use dosebench::design::{Conducted, Method, Rule};
use dosebench::trial::{
    Arrival, Coherence, Cohort, Conduct, Counts, Decision, MAX_PATIENTS, SkipDown, SkipUp, StopAtPatients, StopReason, StopWhen,
};
use std::collections::HashMap;

pub(crate) type Row<'a> = HashMap<&'a str, &'a str>;

/// A golden file as one map from column to text for each row.
pub(crate) fn rows(text: &str) -> Vec<Row<'_>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|line| header.iter().copied().zip(line.split(',')).collect()).collect()
}

/// The elements of a vector.
pub(crate) fn vector<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split(';').map(|element| element.parse().unwrap()).collect()
}

pub(crate) fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn whole(text: &str) -> usize {
    text.parse().unwrap()
}

pub(crate) fn model(row: &Row<'_>) -> Model {
    match row["model"] {
        "empiric" => Model::Empiric,
        _ => Model::Logistic { intercept: row.get("intcpt").map_or(3.0, |text| number(text)) },
    }
}

/// The largest difference seen of some quantity, and where.
#[derive(Default)]
pub(crate) struct Worst(f64, String);

impl Worst {
    pub(crate) fn see(&mut self, found: f64, expected: f64, place: &str) {
        let difference = (found - expected).abs();
        // Not a number counts as the worst of all.
        if difference.is_nan() || difference > self.0 {
            *self = Self(difference, place.to_owned());
        }
    }

    pub(crate) fn below(&self, what: &str, tolerance: f64) {
        println!("{what}: largest difference {:e} ({})", self.0, self.1);
        assert!(self.0 < tolerance, "{what}: {:e} at {}", self.0, self.1);
    }
}

/// The level that the MTD rule finds, counted from 1.
pub(crate) fn mtd(toxicity: &[f64], target: f64) -> String {
    (nearest(toxicity.iter().copied().enumerate(), target).unwrap() + 1).to_string()
}

#[test]
fn skeletons_of_getprior() {
    let mut worst = Worst::default();
    for row in rows(include_str!("../golden/crm_skeletons.csv")) {
        let (levels, prior_mtd) = (whole(row["nlevel"]), whole(row["nu"]) - 1);
        let expected: Vec<f64> = vector(row["skeleton"]);
        let found = skeleton(model(&row), levels, prior_mtd, number(row["target"]), number(row["halfwidth"])).unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            worst.see(found / expected, 1.0, &format!("{row:?}"));
        }
    }
    worst.below("skeleton, relative", 1e-12);
}

#[test]
fn posteriors_of_2399_data_sets() {
    let mut worst: [Worst; 6] = Default::default();
    let files = [
        include_str!("../golden/crm_path_empiric.csv"),
        include_str!("../golden/crm_path_logistic.csv"),
        include_str!("../golden/crm_scatter.csv"),
        include_str!("../golden/crm_extreme.csv"),
    ];
    let rows: Vec<Row<'_>> = files.iter().flat_map(|text| rows(text)).collect();
    assert_eq!(rows.len(), 2399);
    for row in rows {
        let id = row["id"];
        let (patients, dlts): (Vec<u32>, Vec<u32>) = (vector(row["n"]), vector(row["tox"]));
        let (prior_sd, target) = (number(row["scale"]), number(row["target"]));
        let curve = Curve::new(model(&row), &vector::<f64>(row["skeleton"])).unwrap();
        let most = patients.iter().sum::<u32>() as usize;
        let summarise =
            |extras| Posterior::new(&curve, Prior::Normal { sd: prior_sd }, most, &extras).unwrap().summarise(&patients, &dlts);

        let summary = summarise(Extras { mean_toxicity: true, events: Vec::new() });
        worst[0].see(summary.mean, number(row["est_ref"]), id);
        worst[1].see(summary.variance, number(row["var_ref"]), id);
        // The reference leaves out the constant of the normal density.
        let log_constant = 0.5 * (2.0 * std::f64::consts::PI).ln() + prior_sd.ln();
        worst[2].see(summary.log_marginal_likelihood + log_constant, number(row["logZ_ref"]), id);
        let plug_in: Vec<f64> = curve.toxicity(summary.mean).collect();
        let mean_toxicity = &summary.mean_toxicity[..curve.levels()];
        for level in 0..curve.levels() {
            worst[3].see(plug_in[level], vector(row["ptox_ref"])[level], id);
            worst[4].see(mean_toxicity[level], vector(row["pmean_ref"])[level], id);
            let extras = Extras { mean_toxicity: false, events: vec![Exceedance { level, rate: target }] };
            worst[5].see(summarise(extras).exceedance[0], vector(row["prob_gt_target_ref"])[level], id);
        }
        assert_eq!(mtd(&plug_in, target), row["mtd_ref"], "{id}");
        assert_eq!(mtd(mean_toxicity, target), row["mtd_pmean_ref"], "{id}");

        if most > MAX_PATIENTS {
            continue;
        }
        let bytes = |counts: &[u32]| counts.iter().map(|&count| count as u8).collect::<Vec<_>>();
        let counts = Counts::from_slices(&bytes(&patients), &bytes(&dlts)).unwrap();
        for (estimate, expected) in [(Estimate::PlugIn, row["mtd_ref"]), (Estimate::PosteriorMean, row["mtd_pmean_ref"])] {
            let rules = Rules { target, selection: CrmSelection::Model, too_toxic: None, precision: None };
            let settings = CrmSettings { curve: curve.clone(), prior: Prior::Normal { sd: prior_sd }, estimate, rules };
            let crm = Crm::new(settings, most).unwrap();
            let view = crm.view(&counts);
            let arrival = Arrival::new(Cohort { level: 0, patients: 1 }, 0);
            assert_eq!((crm.recommend(view, &counts, arrival) + 1).to_string(), expected, "{id}");
            assert_eq!(crm.select(view, &counts, 0, 0).map(|level| (level + 1).to_string()).as_deref(), Some(expected), "{id}");
        }
    }
    let names = ["mean", "variance", "log integral", "plug-in toxicity", "mean toxicity", "exceedance"];
    for (worst, name) in worst.iter().zip(names) {
        worst.below(name, 1e-10);
    }
}

#[test]
fn posteriors_of_hard_cases() {
    let mut worst: [Worst; 2] = Default::default();
    for row in rows(include_str!("../golden/crm_hard_cases.csv")) {
        let (patients, dlts): (Vec<u32>, Vec<u32>) = (vector(row["n"]), vector(row["tox"]));
        let curve = Curve::new(model(&row), &vector::<f64>(row["skeleton"])).unwrap();
        let most = patients.iter().sum::<u32>() as usize;
        let posterior = Posterior::new(&curve, Prior::Normal { sd: number(row["scale"]) }, most, &Extras::default()).unwrap();
        let summary = posterior.summarise(&patients, &dlts);
        worst[0].see(summary.mean, number(row["est_ref"]), row["id"]);
        let plug_in: Vec<f64> = curve.toxicity(summary.mean).collect();
        for (&found, expected) in plug_in.iter().zip(vector(row["ptox_ref"])) {
            worst[1].see(found, expected, row["id"]);
        }
        assert_eq!(mtd(&plug_in, number(row["target"])), row["mtd_ref"], "{}", row["id"]);
    }
    worst[0].below("mean", 1e-10);
    worst[1].below("plug-in toxicity", 1e-10);
}

#[test]
fn published_posterior_means() {
    let file = rows(include_str!("../golden/crm_published_posteriors.csv"));
    for case in ["A original skeleton", "B equidistant skeleton"] {
        let rows: Vec<&Row<'_>> = file.iter().filter(|row| row["case"] == case).collect();
        let skeleton: Vec<f64> = rows.iter().map(|row| number(row["skeleton"])).collect();
        let column = |name| -> Vec<u32> { rows.iter().map(|row| row[name].parse().unwrap()).collect() };
        let (patients, dlts) = (column("n"), column("dlt"));
        let curve = Curve::new(Model::Empiric, &skeleton).unwrap();
        for (prior_sd, names) in [
            (1.34, ["here_mean_sd1.34", "bcrm_exact_mean_sd1.34"]),
            (1.34_f64.sqrt(), ["here_mean_var1.34", "here_mean_var1.34"]),
        ] {
            let extras = Extras { mean_toxicity: true, events: Vec::new() };
            let summary =
                Posterior::new(&curve, Prior::Normal { sd: prior_sd }, 30, &extras).unwrap().summarise(&patients, &dlts);
            for (row, found) in rows.iter().zip(summary.mean_toxicity) {
                // Printed with eight decimals; some cells are empty.
                for expected in names.iter().filter_map(|name| row[name].parse::<f64>().ok()) {
                    assert!((found - expected).abs() < 5.001e-9, "{row:?}: {found}");
                }
            }
        }
    }
}

/// A CRM with plug-in estimate and the highest number of patients of `conduct`.
fn conducted(conduct: Conduct, model: Model, skeleton: &[f64], prior_sd: f64, too_toxic: Option<TooToxic>) -> Conducted<Crm> {
    let settings = CrmSettings {
        curve: Curve::new(model, skeleton).unwrap(),
        prior: Prior::Normal { sd: prior_sd },
        estimate: Estimate::PlugIn,
        rules: Rules { target: conduct.target, selection: CrmSelection::Tried, too_toxic, precision: None },
    };
    let method = Crm::new(settings, conduct.max_patients).unwrap();
    Conducted { conduct, method }
}

/// Treat a cohort of three and ask for the decision.
fn treat(rule: &dyn Rule, counts: &mut Counts, level: usize, dlts: &str) -> Decision {
    let dlts = dlts.parse().unwrap();
    *counts = counts.with(level, 3, dlts);
    rule.decide(counts, Arrival::new(Cohort { level: level as u8, patients: 3 }, dlts))
}

#[test]
fn pathways_under_three_sets_of_conduct_rules() {
    for row in rows(include_str!("../golden/crm_pathways.csv")) {
        let (model, target, skeleton, start_level) = match row["setup"] {
            "S1" => (Model::Empiric, 0.25, skeleton(Model::Empiric, 5, 2, 0.25, 0.05).unwrap(), 0),
            _ => (Model::Logistic { intercept: 3.0 }, 0.2, vec![0.05, 0.1, 0.2, 0.35, 0.5, 0.7], 1),
        };
        let mut conduct = Conduct::new(skeleton.len(), target);
        conduct.start_level = start_level;
        match row["rule"] {
            "crmsim" => {
                conduct.no_skipping = SkipUp::Current;
                conduct.set_coherence(Coherence::LastCohort);
            }
            "dtpcrm" => {
                conduct.no_skipping = SkipUp::HighestTried;
                conduct.no_skipping_down = SkipDown::LowestTried;
                conduct.set_coherence(Coherence::Level);
            }
            _ => {}
        }
        let rule = conducted(conduct, model, &skeleton, 1.157_583_690_279_022_6, None);
        let mut counts = Counts::default();
        for (level, dlts, next) in [("D1", "T1", "D2"), ("D2", "T2", "D3"), ("D3", "T3", "D4")] {
            let decision = treat(&rule, &mut counts, whole(row[level]) - 1, row[dlts]);
            let Decision::Enrol(cohort, _) = decision else { panic!("{row:?}: {decision:?}") };
            assert_eq!(usize::from(cohort.level) + 1, whole(row[next]), "{row:?}");
        }
    }
}

#[test]
fn pathways_of_viola() {
    let mut conduct = Conduct::new(7, 0.2);
    conduct.start_level = 2;
    conduct.max_patients = 21;
    conduct.no_skipping = SkipUp::HighestTried;
    conduct.set_coherence(Coherence::Level);
    conduct.stop_at_patients = Some(StopAtPatients { patients: 12, when: StopWhen::Recommended });
    let too_toxic = Some(TooToxic { cutoff: 0.72, rate: 0.30 });
    let skeleton = [0.03, 0.07, 0.12, 0.20, 0.30, 0.40, 0.52];
    let rule = conducted(conduct, Model::Empiric, &skeleton, 0.75_f64.sqrt(), too_toxic);
    // The trial calls its levels -2 to 4.
    let level = |label: &str| (label.parse::<isize>().unwrap() + 2) as usize;
    for row in rows(include_str!("../golden/crm_viola_pathways.csv")) {
        let mut counts = Counts::default();
        if row["table"] != "cohorts1-4" {
            counts = counts.with(2, 3, 0).with(3, 3, 0);
        }
        for (now, dlts, next) in [("dose_1", "dlt_1", "dose_2"), ("dose_2", "dlt_2", "dose_3"), ("dose_3", "dlt_3", "dose_4")] {
            match treat(&rule, &mut counts, level(row[now]), row[dlts]) {
                Decision::Enrol(cohort, _) => assert_eq!(usize::from(cohort.level), level(row[next]), "{row:?}"),
                Decision::Stop(selected, reason) => {
                    assert_eq!((selected, reason, row[next]), (None, StopReason::TooToxic, "STOP"), "{row:?}");
                    break;
                }
            }
        }
    }
}

#[test]
fn selection_among_tried_levels_all_levels_or_the_next() {
    let skeleton = [0.05, 0.12, 0.25, 0.40, 0.55];
    let settings = |selection| CrmSettings {
        curve: Curve::new(Model::Empiric, &skeleton).unwrap(),
        prior: Prior::Normal { sd: 1.0 },
        estimate: Estimate::PlugIn,
        rules: Rules { target: 0.25, selection, too_toxic: None, precision: None },
    };
    let select = |selection, counts: &Counts, next, min_patients| {
        let crm = Crm::new(settings(selection), 30).unwrap();
        crm.select(crm.view(counts), counts, next, min_patients)
    };
    // No DLT: every level is below the target, so the highest of those admitted.
    let counts = Counts::from_slices(&[3, 6], &[0, 0]).unwrap();
    assert_eq!(select(CrmSelection::Tried, &counts, 2, 0), Some(1));
    assert_eq!(select(CrmSelection::Tried, &counts, 2, 7), None);
    assert_eq!(select(CrmSelection::Model, &counts, 2, 0), Some(4));
    assert_eq!(select(CrmSelection::Model, &counts, 2, 3), Some(1));
    assert_eq!(select(CrmSelection::Next, &counts, 2, 0), Some(2));
    assert_eq!(select(CrmSelection::Next, &counts, 2, 1), None);
    assert_eq!(select(CrmSelection::Next, &counts, 1, 6), Some(1));
    // Only DLTs: every level is above the target, so the lowest of those admitted.
    let counts = Counts::from_slices(&[0, 6, 3], &[0, 6, 3]).unwrap();
    assert_eq!(select(CrmSelection::Tried, &counts, 0, 0), Some(1));
    assert_eq!(select(CrmSelection::Model, &counts, 0, 0), Some(0));
}

#[test]
fn nearest_level_and_its_ties() {
    let nearest = |toxicity: &[f64], target| nearest(toxicity.iter().copied().enumerate(), target);
    assert_eq!(nearest(&[0.125, 0.375, 0.5], 0.25), Some(0));
    assert_eq!(nearest(&[0.125, 0.25, 0.5], 0.25), Some(1));
    assert_eq!(nearest(&[0.0, 0.0, 0.0], 0.25), Some(2));
    assert_eq!(nearest(&[0.25, 0.25], 0.25), Some(1));
    assert_eq!(nearest(&[1.0, 1.0], 0.25), Some(0));
    assert_eq!(nearest(&[], 0.25), None);
}
