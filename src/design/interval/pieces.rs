//! The interval from 0 to 1 cut into pieces, each with what to do when its unit probability mass is the largest.

use super::Around;
use crate::design::rule::decision_table::Call;
use crate::design::rule::wording::Claim;
use crate::numeric::beta::lower_tail;
use crate::numeric::binomial::{UpperTails, to_f64};
use crate::numeric::exact::Threshold;
use num_rational::BigRational;
use num_traits::{One, Zero};
use std::cmp::Ordering;
use std::collections::VecDeque;

/// Neighbouring intervals of toxicities. The unit probability mass of one is its probability under the Beta(1 + y, 1 + n − y)
/// posterior of a uniform prior, divided by its length. All comparisons are exact.
#[derive(Clone, Debug)]
pub(in crate::design) struct Pieces {
    /// Where the pieces begin and end, from below, one more than there are pieces.
    edges: Vec<UpperTails>,
    /// The lengths of the pieces, and these as floats.
    lengths: Vec<(BigRational, f64)>,
    calls: Vec<Call>,
    /// A DLT proportion up to this one calls what the first piece does.
    low: Threshold,
    /// A DLT proportion from this one on calls what the last piece does.
    high: Threshold,
}

impl Pieces {
    /// The pieces between `edges`, strictly increasing within 0 to 1, with their calls, of which no more cautious one comes
    /// before a less cautious one; for up to `max_patients` patients.
    pub(in crate::design) fn new(edges: Vec<BigRational>, calls: Vec<Call>, max_patients: usize) -> Self {
        let last_like_first = calls.iter().take_while(|&&call| call == calls[0]).count() - 1;
        let first_like_last = calls.iter().position(|call| Some(call) == calls.last()).unwrap_or(0);
        let (low, high) = (Threshold::new(edges[last_like_first].clone()), Threshold::new(edges[first_like_last + 1].clone()));
        let length = |ends: &[BigRational]| {
            let length = &ends[1] - &ends[0];
            let nearly = to_f64(&length);
            (length, nearly)
        };
        let lengths = edges.windows(2).map(length).collect();
        Self { edges: edges.into_iter().map(|edge| UpperTails::new(edge, max_patients)).collect(), lengths, calls, low, high }
    }

    /// The key `target` with two keys of its length on either side, as far as they fit within 0 to 1: keys below call to
    /// escalate, keys above to de-escalate. With `with_ends`, what is left at an end and is shorter than a key counts as one.
    ///
    /// Keys further away never decide: the density rises up to its mode and falls beyond it, so they are on the same side as a
    /// stronger one.
    pub(in crate::design) fn keys(target: &Around, with_ends: bool, max_patients: usize) -> Self {
        let length = &target.above - &target.below;
        let (mut edges, mut calls) = (VecDeque::from([target.below.clone(), target.above.clone()]), VecDeque::from([Call::Stay]));
        let (zero, one) = (BigRational::zero(), BigRational::one());
        for _ in 0..2 {
            let (lowest, highest) = (&edges[0], &edges[edges.len() - 1]);
            let (below, above) = (lowest - &length, highest + &length);
            let below = if below < zero && with_ends && *lowest > zero { zero.clone() } else { below };
            let above = if above > one && with_ends && *highest < one { one.clone() } else { above };
            if below >= zero {
                edges.push_front(below);
                calls.push_front(Call::Escalate);
            }
            if above <= one {
                edges.push_back(above);
                calls.push_back(Call::Deescalate);
            }
        }
        Self::new(edges.into(), calls.into(), max_patients)
    }

    /// The call of the piece with the largest unit probability mass after `dlts` DLTs among `patients`, at least one; of several
    /// the most cautious.
    ///
    /// The density rises up to the DLT proportion and falls beyond it. So a piece that begins there or further up exceeds all
    /// above it, and one that ends there or further down all below it: most calls need no probability.
    pub(in crate::design) fn call(&self, patients: usize, dlts: usize) -> Call {
        if self.low.compare(dlts, patients) != Ordering::Greater {
            return self.calls[0];
        }
        if self.high.compare(dlts, patients) != Ordering::Less {
            return self.calls[self.calls.len() - 1];
        }
        let exceeds = |one: usize, other: usize| self.compare(one, other, patients, dlts) == Ordering::Greater;
        // Later pieces are the more cautious ones, so they win ties.
        let largest = (1..self.calls.len()).fold(0, |best, piece| if exceeds(best, piece) { best } else { piece });
        self.calls[largest]
    }

    /// How the unit probability masses of two pieces compare.
    fn compare(&self, one: usize, other: usize, patients: usize, dlts: usize) -> Ordering {
        let nearly = |piece: usize| {
            let (below, above) = (&self.edges[piece], &self.edges[piece + 1]);
            let length = self.lengths[piece].1;
            let mass = (below.nearly(patients, dlts) - above.nearly(patients, dlts)) / length;
            // Two tails, and room for the roundings of difference, length and quotient.
            (mass, 3.0 * UpperTails::ERROR / length)
        };
        let ((mass, error), (other_mass, other_error)) = (nearly(one), nearly(other));
        if (mass - other_mass).abs() > error + other_error {
            return mass.total_cmp(&other_mass);
        }
        let exactly = |piece: usize| {
            (self.edges[piece].exact(patients, dlts) - self.edges[piece + 1].exact(patients, dlts)) / &self.lengths[piece].0
        };
        exactly(one).cmp(&exactly(other))
    }
}

/// The claim of words by which the piece with the largest unit probability mass decides, of equal ones the most cautious; pieces as
/// (from, to, call). By continued fractions, where [`Pieces`] compares exactly.
pub(in crate::design) fn by_largest_mass(pieces: Vec<(f64, f64, Call)>) -> Claim {
    Claim::calls(pieces, |pieces, patients, dlts| {
        let below = |x: f64| lower_tail((dlts + 1) as f64, (patients - dlts + 1) as f64, x);
        let masses = pieces.iter().map(|&(from, to, call)| ((below(to) - below(from)) / (to - from), call));
        let largest = masses.clone().fold(0.0, |largest, (mass, _)| mass.max(largest));
        let strongest = masses.filter(|(mass, _)| mass + 1e-9 > largest).map(|(_, call)| call);
        strongest.max().unwrap_or(Call::Stay)
    })
}

/// Keys of the length of the target key from 0 to 1; with `with_ends` also what is left at 0 and at 1.
pub(in crate::design) fn keys_around(target: &Around, with_ends: bool) -> Vec<(f64, f64, Call)> {
    let (low, high) = (to_f64(&target.below), to_f64(&target.above));
    let (length, mut keys) = (high - low, vec![(low, high, Call::Stay)]);
    let mut add = |from: f64, to: f64, call| {
        let is_whole = from > -1e-9 && to < 1.0 + 1e-9;
        let (from, to) = (from.max(0.0), to.min(1.0));
        if to - from > 1e-9 && (is_whole || with_ends) {
            keys.push((from, to, call));
        }
    };
    let further = |key: usize| key as f64 * length;
    for key in 0..(1.0 / length).ceil() as usize {
        add(low - further(key + 1), low - further(key), Call::Escalate);
        add(high + further(key), high + further(key + 1), Call::Deescalate);
    }
    keys
}
