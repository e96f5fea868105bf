//! The posterior distribution of the two-parameter logistic model against independent quadrature; see tests/golden/README.md.

use crate::support::{Golden, list};
use dosebench::design::model::crm::nearest;
use dosebench::design::model::logistic::{AtMost, Posterior, Prior, Wanted, curve, logit};
use dosebench::numeric::gauss_legendre::integral;
use std::collections::BTreeMap;

/// The prior of a row.
pub(crate) fn prior(golden: &Golden, row: &csv::StringRecord) -> Prior {
    let number = |column: &str| golden.get(row, column).parse::<f64>().expect("a number");
    Prior { mean: [number("mu1"), number("mu2")], sd: [number("sd1"), number("sd2")], correlation: number("rho") }
}

/// The patients or the DLTs of a row.
pub(crate) fn whole(text: &str) -> Vec<u32> {
    list(text).into_iter().map(|count| count as u32).collect()
}

/// Compare two lists of numbers, to 1e-9.
fn agree(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9, "{what}: {found} {expected}, off by {:e}", found - expected);
    }
}

#[test]
fn crm_posteriors_agree_with_independent_quadrature() {
    let golden = Golden::read("crm_two_param.csv");
    for row in &golden.rows {
        let cell = |column: &str| list(golden.get(row, column));
        let id = golden.get(row, "id");
        let (patients, dlts, labels) = (whole(golden.get(row, "n")), whole(golden.get(row, "tox")), cell("x"));
        let rate = cell("target")[0];
        let events = (0..labels.len()).map(|level| AtMost { level, rate }).collect();
        let wanted = Wanted { moments: true, mean_toxicity: true, sd_toxicity: true, events, pending: false };
        let total = patients.iter().sum::<u32>() as usize;
        let posterior = Posterior::new(&labels, prior(&golden, row), total, wanted).expect("a posterior");
        let found = posterior.summarise(&patients, &dlts);
        agree(&format!("{id}, means"), &found.mean, &[cell("e_theta1")[0], cell("e_theta2")[0]]);
        agree(&format!("{id}, variances"), &found.variance, &[cell("v_theta1")[0], cell("v_theta2")[0]]);
        agree(&format!("{id}, covariance"), &[found.covariance], &cell("cov12"));
        agree(&format!("{id}, mean toxicities"), &found.mean_toxicity, &cell("pmean"));
        agree(&format!("{id}, their sd"), &found.sd_toxicity, &cell("psd"));
        let above: Vec<f64> = found.events.iter().map(|below| 1.0 - below).collect();
        agree(&format!("{id}, above the target"), &above, &cell("prob_gt_target"));
        agree(&format!("{id}, plug-in"), &curve(&labels, found.mean), &cell("ptox_plugin"));
        agree(&format!("{id}, marginal likelihood"), &[found.log_marginal_likelihood], &cell("log_marglik"));
        let level = |curve: &[f64]| nearest(curve.iter().copied().enumerate(), rate).map_or(0, |level| level + 1) as f64;
        assert_eq!(level(&found.mean_toxicity), cell("mtd_pmean")[0], "{id}, level by posterior means");
        assert_eq!(level(&curve(&labels, found.mean)), cell("mtd_plugin")[0], "{id}, level by plug-in");
    }
}

/// The cuts of the columns.
const CUTS: [(&str, f64); 7] = [
    ("cdf_16", 0.16),
    ("cdf_20", 0.20),
    ("cdf_25", 0.25),
    ("cdf_30", 0.30),
    ("cdf_33", 0.33),
    ("cdf_35", 0.35),
    ("cdf_60", 0.60),
];

#[test]
fn blrm_posteriors_agree_with_independent_quadrature() {
    let golden = Golden::read("blrm.csv");
    // The rows of a setting differ in their counts only.
    let mut posteriors = BTreeMap::new();
    for row in &golden.rows {
        let cell = |column: &str| list(golden.get(row, column));
        let id = golden.get(row, "id");
        let (patients, dlts) = (whole(golden.get(row, "n")), whole(golden.get(row, "tox")));
        let labels: Vec<f64> = cell("doses").iter().map(|dose| (dose / cell("dref")[0]).ln()).collect();
        let levels = labels.len();
        let posterior = posteriors.entry(golden.get(row, "setting").to_owned()).or_insert_with(|| {
            let events = CUTS.iter().flat_map(|&(_, rate)| (0..levels).map(move |level| AtMost { level, rate })).collect();
            let wanted = Wanted { moments: true, mean_toxicity: true, sd_toxicity: true, events, pending: false };
            Posterior::new(&labels, prior(&golden, row), 60, wanted).expect("a posterior")
        });
        let found = posterior.summarise(&patients, &dlts);
        agree(&format!("{id}, means"), &found.mean, &[cell("e_logalpha")[0], cell("e_logbeta")[0]]);
        agree(&format!("{id}, variances"), &found.variance, &[cell("v_logalpha")[0], cell("v_logbeta")[0]]);
        agree(&format!("{id}, covariance"), &[found.covariance], &cell("cov"));
        agree(&format!("{id}, mean toxicities"), &found.mean_toxicity, &cell("pmean"));
        agree(&format!("{id}, their sd"), &found.sd_toxicity, &cell("psd"));
        for ((column, _), found) in CUTS.iter().zip(found.events.chunks_exact(levels)) {
            agree(&format!("{id}, {column}"), found, &cell(column));
        }
        agree(&format!("{id}, marginal likelihood"), &[found.log_marginal_likelihood], &cell("log_marglik"));
    }
}

/// The example of Neuenschwander, Branson and Gsponer (2008) and its retellings: the posterior to 1e-9 against quadrature, which is
/// within 0.004 of bcrm's MCMC means and within 0.03 of what was read off the figure of the paper. A correlation of 0 instead of 0.2
/// moves the means by up to 0.007: some retellings have left it out.
#[test]
fn published_blrm_examples() {
    let golden = Golden::read("blrm_published.csv");
    assert_eq!(golden.rows.len(), 5);
    let mut means = BTreeMap::new();
    for row in &golden.rows {
        let cell = |column: &str| list(golden.get(row, column));
        let (case, reference) = (golden.get(row, "case"), cell("dref")[0]);
        let labels: Vec<f64> = cell("doses").iter().map(|dose| libm::log(dose / reference)).collect();
        let (patients, dlts) = (whole(golden.get(row, "n")), whole(golden.get(row, "tox")));
        let wanted = Wanted { moments: true, mean_toxicity: true, sd_toxicity: true, events: Vec::new(), pending: false };
        let posterior = Posterior::new(&labels, prior(&golden, row), 30, wanted).expect("a posterior");
        let found = posterior.summarise(&patients, &dlts);
        agree(&format!("{case}, means"), &found.mean, &[cell("e_logalpha")[0], cell("e_logbeta")[0]]);
        agree(&format!("{case}, mean toxicities"), &found.mean_toxicity, &cell("pmean"));
        agree(&format!("{case}, their sd"), &found.sd_toxicity, &cell("psd"));
        means.insert(case.to_owned(), found.mean_toxicity);
    }
    let published = Golden::read("blrm_published_figures.csv");
    for (row, mean) in published.rows.iter().zip(&means["NBG2008_data18_cov.134"]) {
        let number = |column: &str| published.get(row, column).parse::<f64>().expect("a number");
        assert!((mean - number("bcrm_jags_mean")).abs() < 0.004, "{row:?}: {mean}");
        assert!((mean - number("read_off_plot_neuenschwander2008")).abs() < 0.033, "{row:?}: {mean}");
    }
}

/// Pr(pₖ ≤ c | data) for each event by rows of Gauss and Legendre's rule up to the step and from there on, and the trapezoid rule over the
/// rows: another quadrature than that of the lattice.
fn by_brute_force(
    labels: &[f64],
    prior: Prior,
    (patients, dlts): (&[u32], &[u32]),
    pending: &[(usize, f64)],
    events: &[AtMost],
) -> Vec<f64> {
    let density = |theta: [f64; 2]| {
        let [first, second] = [0, 1].map(|axis| (theta[axis] - prior.mean[axis]) / prior.sd[axis]);
        let rest = 1.0 - prior.correlation * prior.correlation;
        let square = (first * first - 2.0 * prior.correlation * first * second + second * second) / rest;
        let toxicity = curve(labels, theta);
        let mut likelihood = (-0.5 * square).exp();
        for ((p, n), y) in toxicity.iter().zip(patients).zip(dlts) {
            likelihood *= p.powi(*y as i32) * (1.0 - p).powi((n - y) as i32);
        }
        pending.iter().fold(likelihood, |likelihood, &(level, weight)| likelihood * (1.0 - weight * toxicity[level]))
    };
    let panels = |from: f64, to: f64, second: f64| -> f64 {
        let count = ((to - from) / 1.5).ceil().max(1.0);
        let ends = |panel: f64| from + (to - from) * panel / count;
        (0..count as usize)
            .map(|panel| integral(ends(panel as f64), ends(panel as f64 + 1.0), |first| density([first, second])))
            .sum()
    };
    let (lowest, highest) = (prior.mean[0] - 8.0 * prior.sd[0], prior.mean[0] + 8.0 * prior.sd[0]);
    let mut masses = vec![0.0; events.len()];
    let mut total = 0.0;
    for row in -80..=80 {
        let second = prior.mean[1] + f64::from(row) * 0.1 * prior.sd[1];
        total += panels(lowest, highest, second);
        for (mass, event) in masses.iter_mut().zip(events) {
            let step = logit(event.rate) - second.exp() * labels[event.level];
            *mass += panels(lowest, step.clamp(lowest, highest), second);
        }
    }
    masses.iter().map(|mass| mass / total).collect()
}

#[test]
fn pending_patients_count_by_their_weights() {
    let labels = [-2.0, -0.7, 0.0];
    let events: Vec<AtMost> = (0..3).flat_map(|level| [0.16, 0.33].map(|rate| AtMost { level, rate })).collect();
    let wanted = Wanted { events: events.clone(), pending: true, ..Wanted::default() };
    let priors = [
        Prior { mean: [-0.7, 0.0], sd: [2.0, 1.0], correlation: 0.0 },
        Prior { mean: [-1.5, 0.2], sd: [1.0, 0.6], correlation: -0.4 },
    ];
    type Data<'a> = ([u32; 3], [u32; 3], &'a [(usize, f64)]);
    let data: [Data<'_>; 4] = [
        ([0, 0, 0], [0, 0, 0], &[(0, 0.3), (0, 0.8), (1, 0.05)]),
        ([3, 2, 0], [0, 1, 0], &[(1, 0.97), (2, 0.5), (2, 0.25), (2, 0.1)]),
        ([6, 3, 0], [1, 3, 0], &[(0, 0.6), (1, 0.999), (1, 0.4)]),
        ([3, 3, 6], [0, 0, 2], &[(2, 0.9); 12]),
    ];
    for prior in priors {
        let posterior = Posterior::new(&labels, prior, 30, wanted.clone()).expect("a posterior");
        for (patients, dlts, pending) in data {
            let found = posterior.summarise_with_pending(&patients, &dlts, pending).events;
            let expected = by_brute_force(&labels, prior, (&patients, &dlts), pending, &events);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-8, "{prior:?} {patients:?} {pending:?}: {found} {expected}");
            }
            let whole: Vec<(usize, f64)> = pending.iter().map(|&(level, weight)| (level, weight.round())).collect();
            let mut evaluated = patients;
            whole.iter().filter(|(_, weight)| *weight == 1.0).for_each(|(level, _)| evaluated[*level] += 1);
            let (one, other) =
                (posterior.summarise_with_pending(&patients, &dlts, &whole), posterior.summarise(&evaluated, &dlts));
            agree("whole patients", &one.events, &other.events);
        }
    }
}
