//! The leaves of a compiled rule, as the page of a report evaluates them, against the exact engine.

use crate::support::{design_study, graph_of};
use dosebench::engine::{Distribution, Exact, NoLeaves, leaves};
use dosebench::trial::MAX_LEVELS;

const DESIGNS: [&str; 5] = [
    "method = \"3+3\"\nfirst_cohort_size = 1",
    "method = \"boin\"\nmax_patients = 18",
    "method = \"crm\"\nskeleton = { prior_mtd = 2, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 15",
    "method = \"boin\"\nmax_patients = 18\nstop_at_patients = 9",
    "method = \"biased-coin\"\nmax_patients = 9",
];

#[test]
fn sums_over_leaves_are_the_exact_marginals() {
    for design in DESIGNS {
        let graph = graph_of(&design_study(&format!("target = 0.25\nlevels = 3\n{design}")), 0);
        let found = leaves(&graph).unwrap();
        assert!(found.len() <= graph.leaves().len());
        let exact = Exact::new(&graph);
        for curve in [[0.1f64, 0.25, 0.45], [0.6, 0.3, 0.05], [0.0, 0.5, 1.0]] {
            let (mut selection, mut patients) = ([0.0; MAX_LEVELS + 1], [0.0; 3]);
            for leaf in &found {
                let factor = |level: usize| {
                    let (n, y) = (leaf.counts.patients(level), leaf.counts.dlts(level));
                    curve[level].powi(y as i32) * (1.0 - curve[level]).powi((n - y) as i32)
                };
                let probability = leaf.weight * (0..3).map(factor).product::<f64>();
                selection[leaf.selected.trailing_zeros() as usize] += probability;
                patients.iter_mut().enumerate().for_each(|(level, sum)| *sum += probability * leaf.counts.patients(level) as f64);
            }
            let distribution = Distribution::exact(&exact, &curve);
            let marginals = distribution.marginals();
            for (selected, expected) in marginals.selections() {
                let found = selection[selected.trailing_zeros() as usize];
                assert!((found - expected).abs() < 1e-13, "{design}: {found} for {expected}");
            }
            for (found, expected) in patients.iter().zip(marginals.mean_patients()) {
                assert!((found - expected).abs() < 1e-12, "{design}: {found} for {expected} patients");
            }
            assert!((selection.iter().sum::<f64>() - 1.0).abs() < 1e-13);
        }
    }
}

#[test]
fn leaves_with_the_same_counts_and_selection_are_one() {
    // Six at a level stops the trial on its way there or at its end: the counts are the same, the reasons differ.
    let graph =
        graph_of(&design_study("target = 0.25\nlevels = 2\nmethod = \"boin\"\nmax_patients = 6\nstop_at_patients = 6"), 0);
    let found = leaves(&graph).unwrap();
    let distinct: std::collections::BTreeSet<_> = graph.leaves().iter().map(|leaf| (leaf.counts, leaf.selected)).collect();
    assert_eq!(found.len(), distinct.len());
    assert!(found.windows(2).all(|pair| (pair[0].counts, pair[0].selected) != (pair[1].counts, pair[1].selected)));
    // Each patient has a DLT or none: with p = 1/2 every sequence of six patients has the same probability.
    let sum: f64 = found.iter().map(|leaf| leaf.weight / 2f64.powi(leaf.counts.total_patients() as i32)).sum();
    assert_eq!(sum, 1.0);
}

#[test]
fn there_are_no_leaves_where_counts_do_not_tell_enough_or_are_too_many() {
    let titration = "target = 0.25\nlevels = 3\nmethod = \"3+3\"\ntitration = { moderate = 2 }";
    assert_eq!(leaves(&graph_of(&design_study(titration), 0)), Err(NoLeaves::WatchesModerate));
    let many = "target = 0.25\nlevels = 5\nmethod = \"biased-coin\"\nmax_patients = 18";
    let graph = graph_of(&design_study(many), 0);
    assert!(graph.leaves().len() > 65_536, "{}", graph.leaves().len());
    assert_eq!(leaves(&graph), Err(NoLeaves::TooMany(65_536)));
}
