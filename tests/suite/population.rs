//! Populations of curves: the generators have their published properties, curves are reproducible one by one, and meet their limits.

#![allow(clippy::unwrap_used)]

use crate::support::{graph_of, study};
use dosebench::comparison::compare;
use dosebench::engine::{Exact, Expectation, Graph, Monitor, Weights, leaf_weights};
use dosebench::measure::{OverCurves, POPULATION_METRICS, Results, worst_measure};
use dosebench::scenario::{Population, Scenario, Truth};
use dosebench::study::{Study, WorstMeasure};
use dosebench::trial::Outcome;

/// The populations of a study with these blocks, at this target and on this many levels with doses 1, 2, 3, ...
fn populations(target: f64, levels: usize, blocks: &str) -> Vec<Population> {
    let doses: Vec<usize> = (1..=levels).collect();
    study(&format!("name = \"test\"\ntarget = {target}\n[doses]\nlevels = {doses:?}\n{blocks}")).populations
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
}

/// A study of exact results with three levels and three designs, two of them the same, and these blocks.
fn compared(levels: usize, blocks: &str) -> (Study, Results) {
    let doses: Vec<usize> = (1..=levels).collect();
    let curve = &[0.1, 0.25, 0.4, 0.5, 0.6][..levels];
    let designs = "[[design]]\nname = \"B\"\nmethod = \"boin\"\nmax_patients = 12\n\
        [[design]]\nname = \"S\"\nmethod = \"3+3\"\n\
        [[design]]\nname = \"B again\"\nmethod = \"boin\"\nmax_patients = 12\n\
        [[design]]\nname = \"O\"\nmethod = \"benchmark\"\nmax_patients = 12\n";
    let text = format!(
        "name = \"test\"\ntarget = 0.25\nsimulation = {{ engine = \"exact\" }}\n[doses]\nlevels = {doses:?}\n\
         [[scenario]]\nname = \"s\"\ntoxicity = {curve:?}\n{designs}\n{blocks}"
    );
    let study = study(&text);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    (study, results)
}

/// A population of identical curves has what the curve has as a scenario, no spread, and the regrets of that one curve.
#[test]
fn identical_curves_give_the_result_of_the_curve() {
    let block = "[[population]]\nname = \"p\"\ngenerator = \"log-logistic\"\ncount = 7\n\
        lower = { dose = 1, toxicity = 0.1 }\nupper = { dose = 3, toxicity = 0.4 }\n\
        [[scenario]]\nname = \"the curve\"\n\
        toxicity = { family = \"log-logistic\", lower = { dose = 1, toxicity = 0.1 }, upper = { dose = 3, toxicity = 0.4 } }";
    let (study, results) = compared(3, block);
    assert_eq!(study.scenarios[1].toxicity, study.populations[0].scenarios[6].toxicity);
    let found = &results.curves.populations[0];
    assert_eq!((&found.designs[..], found.benchmark), (&[0, 1, 2, 3][..], Some(3)));
    let correct = |design: usize| results.summaries[1][design].get("correct_selection", None).unwrap().value;
    for design in 0..4 {
        for (metric, key) in POPULATION_METRICS.into_iter().enumerate() {
            let expected = results.summaries[1][design].get(key, None).map(|found| found.value);
            let spread = found.spread(design, metric, |_| true);
            assert_eq!(spread.map(|all| all.lowest), expected.map(|value| (value, 0)), "{key}");
            let Some(OverCurves { curves, mean, sd, quantiles, lowest, highest }) = spread else { continue };
            assert!((curves, quantiles) == (7, [lowest.0; 5]) && highest == lowest);
            assert!((mean - lowest.0).abs() < 1e-14 && sd < 1e-7);
        }
    }
    let standing = found.standing(1, |_| true).unwrap();
    let behind = (correct(0) - correct(1)).max(0.0);
    assert!((standing.regret.mean - behind).abs() < 1e-14);
    assert!((standing.to_benchmark.unwrap().mean - (correct(3) - correct(1))).abs() < 1e-14);
    // The two BOIN designs are the same: neither is ahead of the other.
    for design in [0, 2] {
        let standing = found.standing(design, |_| true).unwrap();
        assert_eq!((standing.best, standing.tied), (0.0, if correct(0) > correct(1) { 1.0 } else { 0.0 }));
    }
    assert_eq!(found.standing(3, |_| true), None);
}

/// Over different curves, every number is that of the curve as a scenario of its own; quantiles are those of the sorted numbers.
#[test]
fn a_population_is_its_curves_one_by_one() {
    let (study, results) = compared(5, "[[population]]\nname = \"p\"\ngenerator = \"clertant\"\ncount = 40");
    let (population, found) = (&study.populations[0], &results.curves.populations[0]);
    let graph = graph_of(&study, 0);
    let mut correct: Vec<f64> = Vec::new();
    for (curve, scenario) in population.scenarios.iter().enumerate() {
        let selects = Expectation::new(&graph, |outcome| outcome.selects(scenario.correct.map_or(0, |level| level + 1)));
        let own = selects.at(&scenario.toxicity).value;
        assert!((found.values[0][curve][0].unwrap() - own).abs() < 1e-13);
        correct.push(found.values[0][curve][0].unwrap());
    }
    correct.sort_by(f64::total_cmp);
    let spread = found.spread(0, 0, |_| true).unwrap();
    // The least ranks with 5, 25, 50, 75 and 95 % of forty curves.
    assert_eq!(spread.quantiles, [2, 10, 20, 30, 38].map(|rank| correct[rank - 1]));
    let share: f64 = (0..3).map(|design| found.standing(design, |_| true).unwrap().best).sum();
    assert!(share <= 1.0 && found.standing(0, |_| true).unwrap().best == 0.0, "two designs are the same");
}

/// The derivative of the probability of every leaf, from the polynomial: weight times y p^(y - 1) (1 - p)^m - m p^y (1 - p)^(m - 1),
/// times the powers of the other levels.
fn by_polynomial(graph: &Graph, curve: &[f64], quantity: impl Fn(&Outcome) -> f64) -> Vec<f64> {
    let Weights::Integer(weights) = leaf_weights(graph) else { panic!("a small graph") };
    let slope = |level: usize| {
        graph
            .leaves()
            .iter()
            .zip(&weights)
            .map(|(leaf, &weight)| {
                let product: f64 = (0..curve.len())
                    .map(|other| {
                        let (y, m) =
                            (leaf.counts.dlts(other) as i32, (leaf.counts.patients(other) - leaf.counts.dlts(other)) as i32);
                        let (p, q) = (curve[other], 1.0 - curve[other]);
                        if other != level {
                            return p.powi(y) * q.powi(m);
                        }
                        let rising = if y > 0 { f64::from(y) * p.powi(y - 1) * q.powi(m) } else { 0.0 };
                        rising - if m > 0 { f64::from(m) * p.powi(y) * q.powi(m - 1) } else { 0.0 }
                    })
                    .product();
                weight as f64 * product * quantity(leaf)
            })
            .sum()
    };
    (0..curve.len()).map(slope).collect()
}

/// Derivatives against the polynomial form at 1e-11, at toxicities of 0 and 1 too, and against central differences at 1e-7; of coins
/// against central differences.
#[test]
fn gradients_are_exact() {
    let text = "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3, 4, 5]\n\
        [[design]]\nname = \"B\"\nmethod = \"boin\"\nmax_patients = 18\n\
        [[design]]\nname = \"S\"\nmethod = \"3+3\"\nfirst_cohort_size = 1\n\
        [[design]]\nname = \"C\"\nmethod = \"biased-coin\"\nmax_patients = 10\n";
    let study = study(text);
    let quantities: [fn(&Outcome) -> f64; 3] = [
        |outcome| outcome.selects(3),
        |outcome| outcome.counts.total_dlts() as f64 - 0.25 * outcome.counts.total_patients() as f64,
        |outcome| f64::from(outcome.cohorts),
    ];
    for design in 0..3 {
        let graph = graph_of(&study, design);
        for curve in [[0.05, 0.12, 0.25, 0.42, 0.55], [0.2, 0.2, 0.5, 0.9, 0.95], [0.0, 0.1, 0.25, 0.6, 1.0]] {
            for quantity in quantities {
                let expectation = Expectation::new(&graph, quantity);
                let found = expectation.at(&curve);
                let probabilities = Exact::new(&graph).probabilities(&curve);
                let value: f64 = graph.leaves().iter().zip(probabilities).map(|(leaf, p)| p * quantity(leaf)).sum();
                assert!((found.value - value).abs() < 1e-12);
                if graph.is_binary() {
                    for (own, expected) in found.by_level.iter().zip(by_polynomial(&graph, &curve, quantity)) {
                        assert!((own - expected).abs() < 1e-11, "{own} {expected}");
                    }
                }
                for level in (0..5).filter(|&level| (0.01..=0.99).contains(&curve[level])) {
                    // Richardson's extrapolation of central differences.
                    let central = |step: f64| {
                        let at = |step: f64| {
                            let mut moved = curve;
                            moved[level] += step;
                            expectation.at(&moved).value
                        };
                        (at(step) - at(-step)) / (2.0 * step)
                    };
                    let expected = (4.0 * central(5e-4) - central(1e-3)) / 3.0;
                    assert!((found.by_level[level] - expected).abs() < 1e-7, "{} {expected}", found.by_level[level]);
                }
            }
        }
    }
}

/// Where moderate toxicities are watched a leaf does not say how many there were: the polynomial is a sum over the paths of the graph.
/// Expectation and derivatives with respect to the DLT probabilities.
struct ByPaths<'g> {
    graph: &'g Graph,
    truth: Truth<'g>,
    quantity: fn(&Outcome) -> f64,
    value: f64,
    slopes: Vec<f64>,
}

impl ByPaths<'_> {
    /// `powers` are those of p, q, 1 - p - q and 1 - p of each level on the way to `place`, a node or a leaf behind the nodes; `ways` is
    /// the product of multinomial coefficients.
    fn follow(&mut self, place: usize, powers: &[[u8; 4]], ways: f64) {
        if let Some(leaf) = place.checked_sub(self.graph.nodes().len()) {
            return self.end((self.quantity)(&self.graph.leaves()[leaf]), powers, ways);
        }
        let fork = self.graph.fork(place);
        let level = usize::from(fork.cohort.level);
        for (arrival, child) in self.graph.outcomes(place) {
            let (dlts, moderate) = (arrival.dlts, arrival.moderate);
            let none = fork.cohort.patients - dlts - moderate;
            let own = if fork.watches_moderate { [dlts, moderate, none, 0] } else { [dlts, 0, 0, none] };
            let mut powers = powers.to_vec();
            powers[level].iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            let factorial = |number: u8| (1..=number).map(f64::from).product::<f64>();
            let orders = factorial(fork.cohort.patients) / (factorial(dlts) * factorial(moderate) * factorial(none));
            self.follow(child as usize, &powers, ways * orders);
        }
    }

    fn end(&mut self, quantity: f64, powers: &[[u8; 4]], ways: f64) {
        let raised = |base: f64, power: u8| base.powi(i32::from(power));
        let lowered = |base: f64, power: u8| if power == 0 { 0.0 } else { f64::from(power) * raised(base, power - 1) };
        let of_level = |level: usize| {
            let (p, q) = (self.truth.toxicity[level], self.truth.moderate_at(level));
            let ([a, b, c, d], [rest, without]) = (powers[level], [(1.0 - p - q).max(0.0), 1.0 - p]);
            let value = raised(p, a) * raised(q, b) * raised(rest, c) * raised(without, d);
            let slope = lowered(p, a) * raised(q, b) * raised(rest, c) * raised(without, d)
                - raised(p, a) * raised(q, b) * lowered(rest, c) * raised(without, d)
                - raised(p, a) * raised(q, b) * raised(rest, c) * lowered(without, d);
            (value, slope)
        };
        let levels: Vec<(f64, f64)> = (0..powers.len()).map(of_level).collect();
        self.value += ways * quantity * levels.iter().map(|(value, _)| value).product::<f64>();
        for (level, slope) in self.slopes.iter_mut().enumerate() {
            let factor = |(other, (value, slope)): (usize, &(f64, f64))| if other == level { *slope } else { *value };
            *slope += ways * quantity * levels.iter().enumerate().map(factor).product::<f64>();
        }
    }
}

/// Derivatives of designs that watch moderate toxicities, which every level has, against the polynomial form at 1e-11 and against central
/// differences at 1e-7; one truth leaves nobody without a toxicity at the highest level.
#[test]
fn gradients_are_exact_where_moderate_toxicities_are_watched() {
    let text = "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3, 4]\n\
        [[design]]\nname = \"B\"\nmethod = \"boin\"\nmax_patients = 10\ntitration = { moderate = 2 }\n\
        [[design]]\nname = \"S\"\nmethod = \"3+3\"\ntitration = { moderate = 1 }\n";
    let study = study(text);
    let quantities: [fn(&Outcome) -> f64; 3] =
        [|outcome| outcome.selects(2), |outcome| outcome.counts.total_dlts() as f64, |outcome| f64::from(outcome.cohorts)];
    let truths = [([0.05, 0.15, 0.3, 0.5], [0.1, 0.2, 0.3, 0.25]), ([0.2, 0.2, 0.4, 0.6], [0.3, 0.25, 0.2, 0.4])];
    for (design, (toxicity, moderate)) in (0..2).flat_map(|design| truths.map(|truth| (design, truth))) {
        let graph = graph_of(&study, design);
        assert!(!graph.is_binary());
        let truth = Truth { toxicity: &toxicity, moderate: &moderate, accrual_per_week: None };
        for quantity in quantities {
            let expectation = Expectation::new(&graph, quantity);
            let found = expectation.at(truth);
            let mut paths = ByPaths { graph: &graph, truth, quantity, value: 0.0, slopes: vec![0.0; 4] };
            paths.follow(0, &[[0; 4]; 4], 1.0);
            assert!((found.value - paths.value).abs() < 1e-11, "{} {}", found.value, paths.value);
            assert!(paths.slopes.iter().filter(|slope| slope.abs() > 1e-3).count() >= 2, "the curve matters: {:?}", paths.slopes);
            for level in 0..4 {
                let slope = found.by_level[level];
                assert!((slope - paths.slopes[level]).abs() < 1e-11, "{slope} {}", paths.slopes[level]);
                if toxicity[level] + moderate[level] > 0.99 {
                    continue;
                }
                // Richardson's extrapolation of central differences.
                let central = |step: f64| {
                    let at = |step: f64| {
                        let mut moved = toxicity;
                        moved[level] += step;
                        expectation.at(Truth { toxicity: &moved, ..truth }).value
                    };
                    (at(step) - at(-step)) / (2.0 * step)
                };
                let expected = (4.0 * central(5e-4) - central(1e-3)) / 3.0;
                assert!((slope - expected).abs() < 1e-7, "{slope} {expected}");
            }
        }
    }
}

/// The worst curve on three levels is at least as bad as every curve of a grid within the limits, and the grid comes close to it.
#[test]
fn the_worst_curve_is_that_of_a_grid() {
    let limits =
        "mtd_within = 0.05\ngap = 0.1\nlower = [0.02, 0.02, 0.02]\nupper = [0.6, 0.7, 0.8]\nmin_step = 0.02\nmax_step = 0.4";
    let case = |name: &str, measure: &str| {
        format!("[[worst_case]]\nname = \"{name}\"\ndesign = \"B\"\nmeasure = \"{measure}\"\n{limits}\n")
    };
    let blocks = format!(
        "{}{}{}against = \"S\"\n",
        case("selection", "correct_selection"),
        case("dlts", "excess_dlts"),
        case("loss", "loss")
    );
    let (study, results) = compared(3, &blocks);
    let graphs = [0, 1].map(|design| graph_of(&study, design));
    for (found, case) in results.curves.worst.iter().zip(&study.worst_cases) {
        assert_eq!(found.by_mtd.len(), 3);
        for worst in &found.by_mtd {
            let mtd = worst.mtd.unwrap();
            let inside = |x: f64, (low, high): (f64, f64)| low - 1e-6 <= x && x <= high + 1e-6;
            let bounds = case.limits.ladder(worst.mtd);
            let bounds = bounds.lower.iter().copied().zip(bounds.upper.iter().copied());
            assert!(worst.toxicity.iter().zip(bounds).all(|(&x, bounds)| inside(x, bounds)), "{:?}", worst.toxicity);
            assert!(worst.toxicity.windows(2).all(|pair| inside(pair[1] - pair[0], (0.02, 0.4))), "{:?}", worst.toxicity);
            assert_eq!(study.target.correct_level(&worst.toxicity), worst.mtd);
            assert!(worst.agreed >= 1 && worst.starts == 20);
            let at = |curve: &[f64]| worst_measure(case.measure, &graphs[0], Some(&graphs[1]), curve, worst.mtd, 0.25);
            assert!((at(&worst.toxicity) - worst.value).abs() < 1e-12);
            let sign = if case.measure == WorstMeasure::CorrectSelection { 1.0 } else { -1.0 };
            let mut least = f64::INFINITY;
            let ladder = case.limits.ladder(worst.mtd);
            const STEPS: usize = 24;
            let point = |level: usize, step: usize| {
                ladder.lower[level] + (ladder.upper[level] - ladder.lower[level]) * step as f64 / STEPS as f64
            };
            for place in 0..(STEPS + 1).pow(3) {
                let steps = [place / (STEPS + 1).pow(2), place / (STEPS + 1) % (STEPS + 1), place % (STEPS + 1)];
                let curve: Vec<f64> = steps.into_iter().enumerate().map(|(level, step)| point(level, step)).collect();
                if curve.windows(2).all(|pair| (0.02..=0.4).contains(&(pair[1] - pair[0]))) {
                    least = least.min(sign * at(&curve));
                }
            }
            let worst_value = sign * worst.value;
            assert!(worst_value <= least + 1e-5, "{}, MTD {mtd}: {worst_value}, grid {least}", case.name);
            assert!(least - worst_value < 0.02, "{}, MTD {mtd}: {worst_value}, grid {least}", case.name);
        }
        let of_all = &found.by_mtd[found.worst];
        assert!(found.by_mtd.iter().all(|other| !case.measure.is_worse(other.value, of_all.value)));
        assert!(found.summaries.iter().all(Option::is_some));
    }
}

/// Derivatives of all trial-level metrics, shares among them, against differences of the summaries of moved scenarios; changes of keys
/// are what the changed design gives as a plain study.
#[test]
fn sensitivities_are_those_of_changed_studies() {
    let ask = "[sensitivity]\ndesign = \"B\"\nscenario = \"s\"\n";
    let (study, results) = compared(3, ask);
    let found = &results.curves.sensitivities[0];
    assert!(found.derivatives.len() >= 10);
    let graph = graph_of(&study, 0);
    let exact = Exact::new(&graph);
    let moved = |level: usize, step: f64| {
        let mut scenario = study.scenarios[0].clone();
        scenario.toxicity[level] += step;
        dosebench::measure::summarise_scenarios(&exact, &[scenario], &study.target, None).remove(0)
    };
    for level in 0..3 {
        let sides = [1e-3, -1e-3, 5e-4, -5e-4].map(|step| moved(level, step));
        // The accuracy index has kinks here: `sensitivity.rs` looks at it.
        for derivative in found.derivatives.iter().filter(|own| own.metric != "accuracy_index") {
            let at = |side: usize| sides[side].get(derivative.metric, None).unwrap().value;
            let (wide, narrow) = ((at(0) - at(1)) / 2e-3, (at(2) - at(3)) / 1e-3);
            let expected = (4.0 * narrow - wide) / 3.0;
            assert!((derivative.by_level[level] - expected).abs() < 1e-7, "{} {expected}", derivative.metric);
        }
    }
    let changed = found.changes.iter().find(|change| change.what == "max_patients" && change.to == "18").unwrap();
    assert_eq!(changed.from, "12");
    let text = study.text.replace("max_patients = 12", "max_patients = 18");
    let again = compare(&crate::support::study(&text), &Monitor::default(), |_| {}).unwrap();
    for (metric, value) in POPULATION_METRICS.into_iter().zip(changed.values) {
        assert_eq!(again.summaries[0][0].get(metric, None).map(|found| found.value), value, "{metric}");
    }
    let whats: Vec<&str> = found.changes.iter().map(|change| change.what.as_str()).collect();
    for what in ["toxicity of L2", "target of the design", "cohort_size", "elimination_cutoff"] {
        assert_eq!(whats.iter().filter(|own| **own == what).count(), 2, "{what}");
    }
}
