//! The curve at which a design does worst, among all within limits.

use super::Summary;
use crate::engine::{Derivative, Expectation, Graph};
use crate::numeric::draws::Draws;
use crate::numeric::ladder::Ladder;
use crate::scenario::rounded;
use crate::study::WorstMeasure;
use crate::trial::{Level, Outcome, shown};
use rayon::prelude::*;

/// A search for the worst curve with one MTD.
pub struct Search<'g> {
    /// What is made small.
    objective: Objective<'g>,
    ladder: Ladder,
    mtd: Option<Level>,
}

/// The measure as a sum of expectations, each times a factor; smaller is worse.
struct Objective<'g>(Vec<(f64, Expectation<'g>)>);

/// The worst curve with one MTD, and how it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstCurve {
    /// The MTD.
    pub mtd: Option<Level>,
    /// The curve, to six decimals.
    pub toxicity: Vec<f64>,
    /// The measure there: the probability of correct selection, the excess DLTs, or the loss.
    pub value: f64,
    /// From how many random curves a local search was started.
    pub starts: usize,
    /// How many of these searches ended at this value, within a millionth.
    pub agreed: usize,
    /// The worst value at which another search ended, where one did.
    pub second: Option<f64>,
}

/// What a search for the worst curve found.
#[derive(Clone, Debug)]
pub struct WorstResults {
    /// The place of the question in the study.
    pub case: usize,
    /// The worst curve with each MTD that was asked for and that the limits allow.
    pub by_mtd: Vec<WorstCurve>,
    /// The place of the worst of all in `by_mtd`.
    pub worst: usize,
    /// The characteristics of every design of the study there, where they are exact.
    pub summaries: Vec<Option<Summary>>,
    /// The same measure under each scenario of the study.
    pub by_scenario: Vec<Option<f64>>,
}

/// Values that differ by less than this are the same local worst.
const AGREE: f64 = 1e-6;

/// The purpose of the words that make the starts.
const PURPOSE: u64 = 8;

impl<'g> Objective<'g> {
    /// The measure of the design of the graph `own`; `against` is the graph of the design that a loss is against.
    fn new(measure: WorstMeasure, own: &'g Graph, against: Option<&'g Graph>, mtd: Option<Level>, target: f64) -> Self {
        let correct = move |outcome: &Outcome| outcome.selects(shown(mtd));
        let excess =
            move |outcome: &Outcome| outcome.counts.total_dlts() as f64 - target * outcome.counts.total_patients() as f64;
        Self(match measure {
            WorstMeasure::CorrectSelection => vec![(1.0, Expectation::new(own, correct))],
            WorstMeasure::ExcessDlts => vec![(-1.0, Expectation::new(own, excess))],
            WorstMeasure::Loss(_) => {
                let against = against.map(|against| (-1.0, Expectation::new(against, correct)));
                std::iter::once((1.0, Expectation::new(own, correct))).chain(against).collect()
            }
        })
    }

    fn at(&self, curve: &[f64]) -> (f64, Vec<f64>) {
        let (mut value, mut gradient) = (0.0, vec![0.0; curve.len()]);
        for (factor, expectation) in &self.0 {
            let Derivative { value: own, by_level } = expectation.at(curve);
            value += factor * own;
            gradient.iter_mut().zip(by_level).for_each(|(sum, own)| *sum += factor * own);
        }
        (value, gradient)
    }
}

impl<'g> Search<'g> {
    /// A search among the curves of `ladder`, whose MTD is `mtd`, for the worst value of a measure of the design of the graph `own`;
    /// `against` is the graph of the design that a loss is against. There must be a curve.
    #[must_use]
    pub fn new(
        measure: WorstMeasure,
        own: &'g Graph,
        against: Option<&'g Graph>,
        mtd: Option<Level>,
        ladder: Ladder,
        target: f64,
    ) -> Self {
        Self { objective: Objective::new(measure, own, against, mtd, target), ladder, mtd }
    }

    /// Search downhill from so many random curves, in parallel on the current thread pool; the starts follow from the seed and the MTD.
    #[must_use]
    pub fn run(&self, measure: WorstMeasure, starts: usize, seed: u64) -> WorstCurve {
        let local = |start: usize| {
            let mut draws = Draws::new([seed, PURPOSE], [0, start as u64, shown(self.mtd) as u64, 0]);
            self.ladder.minimum(&self.ladder.random(&mut draws), |curve| self.objective.at(curve))
        };
        let found: Vec<(Vec<f64>, f64)> = (0..starts.max(1)).into_par_iter().map(local).collect();
        let least = found.iter().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
        // The first of those that agree, so that one more start changes nothing but by finding something worse.
        let curve = found.iter().find(|(_, value)| value - least <= AGREE).map_or_else(Vec::new, |(curve, _)| curve.clone());
        let toxicity: Vec<f64> = curve.into_iter().map(rounded).collect();
        let second = found.iter().map(|(_, value)| *value).filter(|value| value - least > AGREE).min_by(f64::total_cmp);
        WorstCurve {
            mtd: self.mtd,
            value: measure.shown(self.objective.at(&toxicity).0),
            toxicity,
            starts: found.len(),
            agreed: found.iter().filter(|(_, value)| value - least <= AGREE).count(),
            second: second.map(|value| measure.shown(value)),
        }
    }
}

/// A measure under a curve and its MTD: of the design of the graph `own`, and against that of `against` where it is a loss.
#[must_use]
pub fn worst_measure(
    measure: WorstMeasure,
    own: &Graph,
    against: Option<&Graph>,
    curve: &[f64],
    mtd: Option<Level>,
    target: f64,
) -> f64 {
    measure.shown(Objective::new(measure, own, against, mtd, target).at(curve).0)
}
