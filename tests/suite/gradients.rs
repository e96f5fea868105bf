//! Gradients of what is expected of a design: against the polynomial form, and against central differences.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use crate::support::{graph_of, study};
use dosebench::engine::{Exact, Expectation, Graph, Weights, leaf_weights};
use dosebench::scenario::Truth;
use dosebench::trial::Outcome;

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
