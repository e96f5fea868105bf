//! The marginal distributions of a compiled rule as one formula in the toxicities, arranged so that many curves cost little.
//!
//! The probability of a situation is the number of ways that lead there times a product over levels of p^y (1-p)^(n-y); a
//! marginal is a sum of such products. Four things keep the sums short:
//!
//! - Situations share the products over some of their levels: each distinct one is worked out once for a curve, from two shorter
//!   ones, so that a situation takes two multiplications.
//! - A node that no other node follows enrols a *last cohort*. Many last cohorts are of the same *pattern*: the same level and
//!   size, with the same [`Ending`] after each outcome. Their probabilities are added up first, and only the sum is multiplied by
//!   the probabilities of the outcomes. A leaf after any other cohort counts as a last cohort of nobody.
//! - Situations are in the order of their *allocation* of patients to levels, whose probability is then a running sum.
//! - Curves travel as the lanes of vector instructions.
//!
//! Each lane sees the same operations in the same order, so what a curve gives does not depend on the curves beside it.

mod arrange;

use super::marginals::Aspects;
use crate::numeric::lanes;
use crate::scenario::Truth;
use crate::trial::{MAX_LEVELS, StopReason};
use pulp::{Arch, Simd, WithSimd};

/// Curves evaluated together.
pub(super) const WIDTH: usize = 8;

/// A number for each of some curves.
type Lanes = lanes::Lanes<WIDTH>;

/// The sum over allocations, situations and patterns; see the module.
#[derive(Debug)]
pub(super) struct Formula {
    aspects: Aspects,
    levels: usize,
    max_patients: usize,
    /// The first values, level by level, each with the number it is multiplied by.
    factors: Vec<(Factor, f64)>,
    /// The values that follow: each the product of two earlier ones.
    products: Vec<[u32; 2]>,
    /// In the order of their allocation.
    situations: Vec<Situation>,
    allocations: Vec<Allocation>,
    patterns: usize,
    outcomes: Vec<LastOutcome>,
    /// Per ending, where its selection, reason, size and tally stand among the values of all aspects.
    endings: Vec<[u32; 4]>,
    /// The endings that select no dose, and where the reason of each stands among those of trials without one.
    without_dose: Vec<[u32; 2]>,
}

/// p^dlts (1-p)^(patients-dlts), p being the toxicity of `level`: of the patients of a level, in whichever order, or of one
/// cohort, whose outcomes come in several orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Factor {
    level: u8,
    patients: u8,
    dlts: u8,
    is_cohort: bool,
}

/// A last cohort before it is evaluated, or a leaf: `ways` times the product of two values.
#[derive(Clone, Copy, Debug)]
struct Situation {
    ways: f64,
    lower: u32,
    upper: u32,
    pattern: u32,
}

/// Situations with the same patients at each level, last cohorts included.
#[derive(Clone, Copy, Debug)]
struct Allocation {
    /// How many they are.
    situations: u32,
    /// Where their spread stands among the values of all aspects.
    spread: u32,
    patients: [u8; MAX_LEVELS],
}

/// An outcome of the last cohorts of a pattern, with the value that is its probability.
#[derive(Clone, Copy, Debug)]
struct LastOutcome {
    pattern: u32,
    factor: u32,
    ending: u32,
}

/// What is left of an outcome when it is forgotten who was treated at which level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ending {
    selected: u16,
    reason: StopReason,
    patients: u8,
    cohorts: u8,
    dlts: u8,
}

/// The intermediate results of [`Formula::evaluate`], kept from block to block.
pub(super) struct Workspace {
    /// p^i and (1-p)^i of one level.
    powers: Vec<[Lanes; 2]>,
    values: Vec<Lanes>,
    patterns: Vec<Lanes>,
    endings: Vec<Lanes>,
    /// The probabilities of the values of all aspects, in their order; then the mean patients of each level.
    marginals: Vec<Lanes>,
}

impl Workspace {
    /// The marginals of one curve of the block.
    pub(super) fn marginals(&self, lane: usize) -> Vec<f64> {
        self.marginals.iter().map(|marginal| marginal.lane(lane)).collect()
    }
}

/// The work of [`Formula::evaluate`], to be compiled once for each set of vector instructions.
struct Evaluation<'a> {
    formula: &'a Formula,
    truths: &'a [Truth<'a>],
    workspace: &'a mut Workspace,
}

impl WithSimd for Evaluation<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.formula.evaluate_lanes(self.truths, self.workspace);
    }
}

impl Formula {
    /// The aspects whose values the formula gives.
    pub(super) fn aspects(&self) -> &Aspects {
        &self.aspects
    }

    pub(super) fn workspace(&self) -> Workspace {
        let zeros = |length| vec![Lanes::ZERO; length];
        Workspace {
            powers: vec![[Lanes::ONE; 2]; self.max_patients + 1],
            values: zeros(self.factors.len() + self.products.len()),
            patterns: zeros(self.patterns),
            endings: zeros(self.endings.len()),
            marginals: zeros(self.aspects.len() + self.levels),
        }
    }

    /// Work out the marginal probabilities under the toxicities of up to [`WIDTH`] truths, with the widest vector instructions that the
    /// processor has: lanes do not meet, so all of them give the same numbers.
    pub(super) fn evaluate(&self, truths: &[Truth<'_>], workspace: &mut Workspace) {
        Arch::new().dispatch(Evaluation { formula: self, truths, workspace });
    }

    #[inline(always)]
    fn evaluate_lanes(&self, truths: &[Truth<'_>], workspace: &mut Workspace) {
        let Workspace { powers, values, patterns, endings, marginals } = workspace;
        self.evaluate_factors(truths, powers, values);
        self.evaluate_products(values);

        patterns.fill(Lanes::ZERO);
        marginals.fill(Lanes::ZERO);
        let (probabilities, mean_patients) = marginals.split_at_mut(self.aspects.len());
        let mut rest = &self.situations[..];
        for allocation in &self.allocations {
            let (own, others) = rest.split_at(allocation.situations as usize);
            let mut sum = Lanes::ZERO;
            for situation in own {
                let product = values[situation.lower as usize] * values[situation.upper as usize];
                let probability = product * Lanes::all(situation.ways);
                sum += probability;
                patterns[situation.pattern as usize] += probability;
            }
            probabilities[allocation.spread as usize] += sum;
            for (mean, &patients) in mean_patients.iter_mut().zip(&allocation.patients) {
                *mean += sum * Lanes::all(f64::from(patients));
            }
            rest = others;
        }

        endings.fill(Lanes::ZERO);
        for outcome in &self.outcomes {
            endings[outcome.ending as usize] += patterns[outcome.pattern as usize] * values[outcome.factor as usize];
        }
        for (&ending, places) in endings.iter().zip(&self.endings) {
            for &place in places {
                probabilities[place as usize] += ending;
            }
        }
        for &[ending, place] in &self.without_dose {
            probabilities[place as usize] += endings[ending as usize];
        }
    }

    /// The patients at each level after the trials of each allocation, and its probability under a truth.
    pub(super) fn allocations(&self, truth: Truth<'_>) -> Vec<([u8; MAX_LEVELS], f64)> {
        let Workspace { mut powers, mut values, .. } = self.workspace();
        self.evaluate_factors(&[truth], &mut powers, &mut values);
        self.evaluate_products(&mut values);
        let mut rest = &self.situations[..];
        let probability = |allocation: &Allocation| {
            let (own, others) = rest.split_at(allocation.situations as usize);
            rest = others;
            let probability = |one: &Situation| (values[one.lower as usize] * values[one.upper as usize]).lane(0) * one.ways;
            (allocation.patients, own.iter().map(probability).sum())
        };
        self.allocations.iter().map(probability).collect()
    }

    /// Work out the values that are products of others.
    #[inline(always)]
    fn evaluate_products(&self, values: &mut [Lanes]) {
        for (place, &[one, other]) in (self.factors.len()..).zip(&self.products) {
            values[place] = values[one as usize] * values[other as usize];
        }
    }

    /// Work out the first values, the factors.
    #[inline(always)]
    fn evaluate_factors(&self, truths: &[Truth<'_>], powers: &mut [[Lanes; 2]], values: &mut [Lanes]) {
        let mut rest = values;
        for of_level in self.factors.chunk_by(|(one, _), (other, _)| one.level == other.level) {
            let (own, others) = rest.split_at_mut(of_level.len());
            // Lanes without a curve have a toxicity of 0.
            let p = Lanes::of(|lane| truths.get(lane).map_or(0.0, |truth| truth.toxicity[usize::from(of_level[0].0.level)]));
            let q = Lanes::ONE - p;
            for i in 1..powers.len() {
                powers[i] = [powers[i - 1][0] * p, powers[i - 1][1] * q];
            }
            for (&(factor, orders), value) in of_level.iter().zip(own) {
                let (dlts, others) = (usize::from(factor.dlts), usize::from(factor.patients - factor.dlts));
                *value = powers[dlts][0] * powers[others][1] * Lanes::all(orders);
            }
            rest = others;
        }
    }
}
