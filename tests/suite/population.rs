//! Populations of curves: the generators have their published properties, curves are reproducible one by one, and meet their limits.

#![allow(clippy::unwrap_used)]

use crate::support::study;
use dosebench::scenario::{Population, Scenario};
use dosebench::study::Study;

/// The populations of a study with these blocks, at this target and on this many levels with doses 1, 2, 3, ...
fn populations(target: f64, levels: usize, blocks: &str) -> Vec<Population> {
    let doses: Vec<usize> = (1..=levels).collect();
    study(&format!("name = \"test\"\ntarget = {target}\n[doses]\nlevels = {doses:?}\n{blocks}")).into_contents().populations
}

/// The curves of one population with these keys.
fn curves(target: f64, levels: usize, keys: &str) -> Vec<Scenario> {
    populations(target, levels, &format!("[[population]]\nname = \"p\"\n{keys}")).remove(0).scenarios
}

/// Mean and standard error.
fn mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let number = values.len() as f64;
    let mean = values.iter().sum::<f64>() / number;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / number;
    (mean, (variance / number).sqrt())
}

/// The mean of some values is the expected one, within four standard errors of both.
fn check(values: impl Iterator<Item = f64>, expected: f64, error: f64) {
    let (found, own) = mean(values);
    assert!((found - expected).abs() < 4.0 * own.hypot(error) + 5e-7, "{found} ({own}), expected {expected} ({error})");
}

/// The level nearest the target, whatever the acceptable band.
fn nearest(target: f64, curve: &[f64]) -> usize {
    (0..curve.len()).min_by(|&a, &b| (curve[a] - target).abs().total_cmp(&(curve[b] - target).abs())).unwrap()
}

/// Distances of the MTD's neighbours from the target.
fn neighbours(target: f64, curve: &[f64]) -> Vec<f64> {
    let mtd = nearest(target, curve);
    let levels = [mtd.checked_sub(1), Some(mtd + 1)].into_iter().flatten().filter(|&level| level < curve.len());
    levels.map(|level| (curve[level] - target).abs()).collect()
}

/// Mean distances of the nearer neighbour and of both, at five levels and a target of 0.30: published as 0.05, 0.07, 0.10 and 0.15,
/// here to more digits from 200,000 curves of an independent implementation (Python, from the formulas; its standard errors are below
/// 0.0003). The mean curve from the same.
#[test]
fn paoletti_curves_have_the_published_distances() {
    for (step, least, both, curve) in [
        (0.23, 0.05040, 0.07194, [0.20149, 0.25243, 0.31058, 0.37439, 0.4416]),
        (0.38, 0.07018, 0.09989, [0.17272, 0.23945, 0.3193, 0.40837, 0.50214]),
        (0.53, 0.10102, 0.13960, [0.14142, 0.22638, 0.3331, 0.45366, 0.57836]),
        (0.71, 0.15030, 0.19920, [0.1101, 0.21593, 0.3553, 0.51265, 0.66957]),
    ] {
        let curves = curves(0.3, 5, &format!("generator = \"paoletti\"\nstep = {step}\ncount = 20000"));
        let distances: Vec<Vec<f64>> = curves.iter().map(|found| neighbours(0.3, &found.toxicity)).collect();
        check(distances.iter().map(|both| both.iter().copied().fold(1.0, f64::min)), least, 0.0003);
        check(distances.iter().flatten().copied(), both, 0.0003);
        for (level, expected) in curve.into_iter().enumerate() {
            check(curves.iter().map(|found| found.toxicity[level]), expected, 0.0006);
        }
    }
}

/// The mean curves given each MTD, from 40,000 curves of an independent implementation (Python) that tries sorted uniform numbers until
/// one has the MTD wanted: sampling without trying gives the same law.
#[test]
fn clertant_curves_are_those_of_trying_until_the_mtd_is_right() {
    let expected = [
        ([0.26481, 0.44641, 0.54906, 0.64927, 0.75047], 0.0015),
        ([0.09356, 0.24835, 0.43593, 0.56319, 0.68754], 0.0017),
        ([0.06642, 0.13304, 0.24878, 0.45136, 0.59788], 0.0019),
        ([0.0522, 0.1047, 0.15736, 0.25053, 0.45897], 0.0018),
        ([0.04187, 0.0837, 0.12592, 0.16838, 0.24015], 0.0006),
    ];
    let curves = curves(0.25, 5, "generator = \"clertant\"\ncount = 40000");
    for (mtd, (curve, error)) in expected.into_iter().enumerate() {
        let own: Vec<&[f64]> =
            curves.iter().map(|found| &found.toxicity[..]).filter(|curve| nearest(0.25, curve) == mtd).collect();
        assert!((7700..8300).contains(&own.len()), "each MTD as often: {}", own.len());
        for (level, mean) in curve.into_iter().enumerate() {
            check(own.iter().map(|curve| curve[level]), mean, error);
        }
    }
}

/// With all concentrations 1, toxicities are sorted uniform numbers: level k of K has mean k / (K + 1) and variance
/// k (K + 1 - k) / ((K + 1)^2 (K + 2)). Others have the means and variances of Beta distributions.
#[test]
fn dirichlet_increments_have_beta_sums() {
    for (keys, concentration) in
        [("", [1.0; 5]), ("concentration = 3", [3.0; 5]), ("concentration = [0.5, 1, 1, 2, 6]", [0.5, 1.0, 1.0, 2.0, 6.0])]
    {
        let curves = curves(0.25, 4, &format!("generator = \"dirichlet\"\ncount = 20000\n{keys}"));
        let total: f64 = concentration.iter().sum();
        for level in 0..4 {
            let below: f64 = concentration[..=level].iter().sum();
            let expected = below / total;
            check(curves.iter().map(|found| found.toxicity[level]), expected, 0.0);
            let variance = expected * (1.0 - expected) / (total + 1.0);
            check(curves.iter().map(|found| (found.toxicity[level] - expected).powi(2)), variance, 0.0);
        }
    }
}

/// log alpha is the logit of the toxicity of the reference dose, beta the rise of the logit per logarithm of the dose.
#[test]
fn curves_of_a_prior_have_its_moments() {
    let keys = "generator = \"prior\"\ncount = 20000\nreference_dose = 2\nprior_mean = [-1.1, 0.2]\nprior_sd = [1.2, 0.4]\nprior_correlation = -0.6";
    let curves = curves(0.25, 4, keys);
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let parameters: Vec<[f64; 2]> = curves
        .iter()
        .filter(|found| found.toxicity.iter().all(|p| (1e-3..=1.0 - 1e-3).contains(p)))
        .map(|found| [logit(found.toxicity[1]), ((logit(found.toxicity[3]) - logit(found.toxicity[1])) / 2.0_f64.ln()).ln()])
        .collect();
    // Too few are left out to matter: the logarithm of the slope of flat or extreme curves would suffer from six decimals.
    assert!(parameters.len() > 19_000);
    let of_first: Vec<f64> = curves.iter().map(|found| logit(found.toxicity[1].clamp(1e-6, 1.0 - 1e-6))).collect();
    check(of_first.iter().copied(), -1.1, 0.0);
    check(of_first.iter().map(|value| (value + 1.1).powi(2)), 1.44, 0.0);
    let (first, second) = (mean(parameters.iter().map(|own| own[0])).0, mean(parameters.iter().map(|own| own[1])).0);
    let product = |a: usize, b: usize| {
        let centre = [first, second];
        mean(parameters.iter().map(|own| (own[a] - centre[a]) * (own[b] - centre[b]))).0
    };
    let correlation = product(0, 1) / (product(0, 0) * product(1, 1)).sqrt();
    assert!((correlation + 0.6).abs() < 0.03 && (second - 0.2).abs() < 0.03, "{correlation}, {second}");
}

#[test]
fn curves_of_families_go_through_their_anchors() {
    for family in ["logistic", "log-logistic", "power", "emax", "weibull"] {
        let anchors = "lower = { dose = 1, toxicity = [0.05, 0.15] }\nupper = { dose = 3, toxicity = [0.25, 0.4] }";
        for found in curves(0.25, 3, &format!("generator = \"{family}\"\ncount = 200\n{anchors}")) {
            let [lower, _, upper] = found.toxicity[..] else { panic!("three levels") };
            assert!((0.05..=0.15).contains(&lower) && (0.25..=0.4).contains(&upper) && found.is_monotone(), "{family}");
        }
        for found in curves(0.25, 4, &format!("generator = \"{family}\"\ncount = 200\nmtd = [2, 3]\nslope = [0.08, 0.15]")) {
            assert_eq!(found.toxicity[found.correct.unwrap()], 0.25, "{family}");
            assert!(matches!(found.correct, Some(1 | 2)), "{family}");
        }
    }
    // A single scenario of a family: logit p = -2 + 1 d.
    let text = "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[[scenario]]\nname = \"s\"\n\
        toxicity = { family = \"logistic\", lower = { dose = 1, toxicity = 0.2689414213699951 }, upper = { dose = 2, toxicity = 0.5 } }";
    assert_eq!(study(text).scenarios[0].toxicity, [0.268_941, 0.5, 0.731_059]);
}

#[test]
fn curves_meet_their_limits_and_their_mtd() {
    let limits = "mtd_within = 0.05\ngaps = [0.05, 0.3]";
    for generator in ["paoletti", "clertant", "dirichlet"] {
        let curves = curves(0.25, 5, &format!("generator = \"{generator}\"\ncount = 300\nmtd = [2, 4]\n{limits}"));
        for mtd in [1, 3] {
            let number = curves.iter().filter(|found| found.correct == Some(mtd)).count();
            assert!((110..190).contains(&number), "{generator}: {number}");
        }
        for found in curves {
            let mtd = found.correct.unwrap();
            assert!((found.toxicity[mtd] - 0.25).abs() <= 0.05);
            for pair in found.toxicity[mtd - 1..=mtd + 1].windows(2) {
                assert!((0.05..=0.3).contains(&(pair[1] - pair[0])), "{:?}", found.toxicity);
            }
        }
    }
    let none = curves(0.25, 5, "generator = \"dirichlet\"\ncount = 50\nmtd = [0]");
    assert!(none.iter().all(|found| found.correct.is_none() && found.toxicity[0] > 0.35));
}

/// A curve depends on its number and the seed, and on no other curve.
#[test]
fn curves_are_reproducible_one_by_one() {
    let block = |count: usize, seed: usize| format!("generator = \"paoletti\"\ncount = {count}\nseed = {seed}");
    let toxicities =
        |count, seed| -> Vec<Vec<f64>> { curves(0.25, 5, &block(count, seed)).into_iter().map(|found| found.toxicity).collect() };
    let (few, many) = (toxicities(5, 1), toxicities(50, 1));
    assert_eq!(few, many[..5]);
    assert!(many[0] != many[1]);
    assert_ne!(few, toxicities(5, 2));
    // The first numbers of the stream, so that a change of them is noticed: value-breaking.
    assert_eq!(few[0], [0.025_097, 0.090_789, 0.124_171, 0.181_694, 0.273_97]);
}

/// A list is read by its headings, and correct levels follow from the curves.
#[test]
fn a_list_of_curves() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("curves.csv"), "toxicity_2,name,toxicity_1\n0.25,a,0.1\n0.6,b,0.4\n").unwrap();
    let text = "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2]\n[[population]]\nname = \"p\"\ngenerator = \"list\"\nfile = \"curves.csv\"";
    let (study, warnings) = Study::from_text_in(Some(folder.path()), "test.toml", text).unwrap();
    assert!(warnings.is_empty());
    let found: Vec<_> = study.populations[0].scenarios.iter().map(|found| (&found.toxicity[..], found.correct)).collect();
    assert_eq!(found, [(&[0.1, 0.25][..], Some(1)), (&[0.4, 0.6][..], None)]);
    // What is wrong with a row is said with its line and its column.
    std::fs::write(folder.path().join("curves.csv"), "toxicity_2,toxicity_1\n1.2,0.1\n0.3\n").unwrap();
    let told = Study::from_text_in(Some(folder.path()), "test.toml", text).err().unwrap().to_string();
    for fault in ["line 2: toxicity_2: found \"1.2\"", "line 3: toxicity_1: found \"\""] {
        assert!(told.contains(fault), "{told}");
    }
}
