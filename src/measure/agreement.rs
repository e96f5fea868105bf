//! How replicates agree with exact probabilities: the check of each engine on the other.

use super::Agreement;
use crate::engine::{Distribution, Evidence};
use crate::trial::Outcome;
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::BTreeMap;

/// Expected replicates that a group of outcomes must have in the statistic.
const LEAST_EXPECTED: f64 = 10.0;

/// Pearson's chi-square of replicates against exact probabilities, outcomes in one fixed order and pooled until each group expects ten
/// replicates. `None` unless one is exact and the other simulated. A replicate that ended as no trial can has a p-value of 0.
#[must_use]
pub fn agreement(exact: &Distribution<'_>, simulated: &Distribution<'_>) -> Option<Agreement> {
    let (Evidence::Exact(_), Evidence::Replicates(counts)) = (exact.evidence(), simulated.evidence()) else { return None };
    let replicates = simulated.number_of_replicates()?;
    let mut outcomes: BTreeMap<&Outcome, (f64, u64)> = BTreeMap::new();
    for (outcome, probability) in exact.probabilities() {
        outcomes.entry(outcome).or_default().0 += probability;
    }
    for (outcome, count) in simulated.outcomes().iter().zip(counts) {
        outcomes.entry(outcome).or_default().1 += count;
    }
    let is_impossible = outcomes.values().any(|&(probability, count)| probability <= 0.0 && count > 0);
    let mut groups: Vec<(f64, u64)> = Vec::new();
    let mut open = (0.0, 0u64);
    for (probability, count) in outcomes.into_values() {
        open = (open.0 + probability * replicates as f64, open.1 + count);
        if open.0 >= LEAST_EXPECTED {
            groups.push(std::mem::take(&mut open));
        }
    }
    // What is left over joins the last group.
    match groups.last_mut() {
        Some(last) => *last = (last.0 + open.0, last.1 + open.1),
        None => groups.push(open),
    }
    let chi_square = groups.iter().map(|(expected, count)| (*count as f64 - expected).powi(2) / expected).sum();
    let degrees_of_freedom = groups.len() - 1;
    // Six decimals say whether the engines agree, and keep the last digits of the system's logarithm, which differ between
    // processors, out of the results.
    let p_value = match ChiSquared::new(degrees_of_freedom as f64) {
        _ if is_impossible => 0.0,
        Ok(law) => (law.sf(chi_square) * 1e6).round() / 1e6,
        Err(_) => 1.0,
    };
    Some(Agreement { replicates: replicates as usize, chi_square, degrees_of_freedom, p_value })
}
