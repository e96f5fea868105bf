//! Operating characteristics over a population of curves: their distribution, and which design is ahead on how many curves.

use super::Metric;
use super::simulated::SimulatedDesign;
use super::summary::{Yardstick, summarise};
use crate::design::benchmark::Benchmark;
use crate::engine::{Distribution, Exact};
use crate::scenario::{Population, Scenario, Target};
use crate::trial::{Level, Timing, shown};
use rayon::prelude::*;

/// What is told of every curve.
pub const POPULATION_METRICS: [Metric; 15] = [
    Metric::CorrectSelection,
    Metric::OverSelection,
    Metric::Overdose60,
    Metric::ShareAboveMtd,
    Metric::TotalDlts,
    Metric::TotalPatients,
    Metric::AcceptableSelection,
    Metric::UnderSelection,
    Metric::AccuracyIndex,
    Metric::ShareAtMtd,
    Metric::PoorAllocation,
    Metric::Overdose80,
    Metric::DltRate,
    Metric::Cohorts,
    Metric::DurationWeeks,
];

/// Something of each of the [`POPULATION_METRICS`] that a design has under a curve; the benchmark has those of selection alone, and
/// none where no dose is correct.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByMetric<T>([Option<T>; POPULATION_METRICS.len()]);

/// The metrics of a design under a curve.
pub type Values = ByMetric<f64>;

impl<T: Copy> ByMetric<T> {
    /// What `each` finds for the metrics.
    #[must_use]
    pub fn new(each: impl FnMut(Metric) -> Option<T>) -> Self {
        Self(POPULATION_METRICS.map(each))
    }

    /// What there is of a metric.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<T> {
        self.0[place(metric)?]
    }

    /// The metrics with what there is of each.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, Option<T>)> {
        POPULATION_METRICS.into_iter().zip(self.0)
    }

    fn set(&mut self, metric: Metric, value: Option<T>) {
        if let Some(place) = place(metric) {
            self.0[place] = value;
        }
    }
}

/// The place of a metric among those of a population.
fn place(metric: Metric) -> Option<usize> {
    POPULATION_METRICS.iter().position(|own| *own == metric)
}

/// What a population showed.
#[derive(Clone, Debug, Default)]
pub struct PopulationResults {
    /// How much each curve counts; all 1 where they count the same.
    pub weights: Vec<f64>,
    /// The designs that were evaluated, by their places in the study: those with exact results.
    pub designs: Vec<usize>,
    /// The place of the benchmark among `designs`, where the study has one: it is a reference and wins nothing.
    pub benchmark: Option<usize>,
    /// `values[place among designs][curve]`.
    pub values: Vec<Vec<Values>>,
    /// The designs that were simulated, those without exact results.
    pub simulated: Vec<SimulatedDesign>,
}

/// The distribution of a number over curves, each with its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverCurves {
    /// How many curves have the number.
    pub curves: usize,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation over the curves.
    pub sd: f64,
    /// The smallest numbers that at least 5, 25, 50, 75 and 95 % of the curves, by weight, do not exceed.
    pub quantiles: [f64; 5],
    /// The smallest, with the first curve that has it, counted from 0.
    pub lowest: (f64, usize),
    /// The largest, likewise.
    pub highest: (f64, usize),
}

/// How a design compares with the others in correct selection, curve by curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The share of curves on which it is ahead of every other design.
    pub best: f64,
    /// The share of curves on which it is ahead together with another.
    pub tied: f64,
    /// By how much it falls short of the best design.
    pub regret: OverCurves,
    /// By how much it falls short of the benchmark; negative where it is ahead of it.
    pub to_benchmark: Option<OverCurves>,
}

/// The levels of [`OverCurves::quantiles`].
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Differences of probabilities that count as none: the same polynomial, summed in another order.
const TIE: f64 = 1e-12;

/// A design that can be evaluated exactly on many curves.
#[derive(Clone, Copy)]
pub enum ExactDesign<'a> {
    /// A compiled rule.
    Compiled(&'a Exact<'a>),
    /// The benchmark.
    Benchmark(&'a Benchmark),
}

/// The metrics of a design under each of some scenarios, exactly, in parallel on the current thread pool; without the weeks, which
/// [`weeks_of`] adds.
#[must_use]
pub fn population_values(design: ExactDesign<'_>, scenarios: &[Scenario], target: &Target) -> Vec<Values> {
    let values = |index: usize, distribution: &Distribution<'_>, benchmark: bool| -> Values {
        let summary = summarise(distribution, &Yardstick { scenario: &scenarios[index], target, timing: None, benchmark });
        Values::new(|metric| summary.value(metric))
    };
    match design {
        ExactDesign::Compiled(exact) => {
            let truths: Vec<_> = scenarios.iter().map(Scenario::truth).collect();
            Distribution::for_curves(exact, &truths, |index, distribution| values(index, distribution, false))
        }
        ExactDesign::Benchmark(benchmark) => {
            let one = |(index, scenario): (usize, &Scenario)| {
                values(index, &Distribution::benchmark(benchmark, &scenario.toxicity), true)
            };
            scenarios.par_iter().enumerate().map(one).collect()
        }
    }
}

/// The mean duration of a design whose cohorts wait, from its expected patients and cohorts: each patient is awaited for an exponential
/// time, each cohort followed for a window. `None` where durations have no such closed form.
#[must_use]
pub fn weeks_of(values: &Values, timing: &Timing) -> Option<f64> {
    let (patients, cohorts) = (values.get(Metric::TotalPatients)?, values.get(Metric::Cohorts)?);
    timing.is_closed_form().then(|| patients / timing.accrual_per_week + cohorts * timing.dlt_window_weeks)
}

impl PopulationResults {
    /// Add a design with exact metrics under each curve; in calendar time, where the study has it, with its weeks.
    pub fn add_exact(&mut self, design: usize, mut values: Vec<Values>, timing: Option<&Timing>) {
        for own in &mut values {
            own.set(Metric::DurationWeeks, timing.and_then(|timing| weeks_of(own, timing)));
        }
        self.designs.push(design);
        self.values.push(values);
    }

    /// The distribution of a metric of the design with this place among `designs`, over the curves that `which` holds for. `None` where
    /// no curve has the metric.
    #[must_use]
    pub fn spread(&self, design: usize, metric: Metric, which: impl Fn(usize) -> bool) -> Option<OverCurves> {
        let values = self.values[design].iter().enumerate().filter(|(curve, _)| which(*curve));
        OverCurves::of(values.filter_map(|(curve, values)| Some((values.get(metric)?, self.weights[curve], curve))))
    }

    /// How the design with this place among `designs` stands over the curves that `which` holds for. `None` for the benchmark, and
    /// where there is no curve.
    #[must_use]
    pub fn standing(&self, design: usize, which: impl Fn(usize) -> bool) -> Option<Standing> {
        if self.benchmark == Some(design) {
            return None;
        }
        let curves: Vec<usize> = (0..self.values[design].len()).filter(|&curve| which(curve)).collect();
        let weight = |curves: &mut dyn Iterator<Item = &usize>| curves.map(|&curve| self.weights[curve]).sum::<f64>();
        let share = |holds: &dyn Fn(f64) -> bool| {
            let held = &mut curves.iter().filter(|&&curve| self.lead(design, curve).is_some_and(holds));
            weight(held) / weight(&mut curves.iter())
        };
        let weighted = |number: f64, curve: usize| (number, self.weights[curve], curve);
        let regret = OverCurves::of(curves.iter().filter_map(|&curve| Some(weighted(self.behind_best(design, curve)?, curve))))?;
        let to_benchmark = self.benchmark.and_then(|benchmark| {
            let behind = |&curve: &usize| Some(weighted(self.correct(benchmark, curve)? - self.correct(design, curve)?, curve));
            OverCurves::of(curves.iter().filter_map(behind))
        });
        Some(Standing { best: share(&|lead| lead > TIE), tied: share(&|lead| lead.abs() <= TIE), regret, to_benchmark })
    }

    /// By how much the design with this place among `designs` falls short of the best other one in correct selection on a curve; 0 where
    /// it is the best, as the only one is. `None` where it has no correct selection.
    #[must_use]
    pub fn behind_best(&self, design: usize, curve: usize) -> Option<f64> {
        let lead = self.lead(design, curve)?;
        Some(if lead < -TIE { -lead } else { 0.0 })
    }

    /// Whether the design with this place among `designs` is ahead of every other one on a curve (`Some(true)`), or of none but those
    /// that are ahead together with it (`Some(false)`); `None` where another is ahead of it, and for the benchmark.
    #[must_use]
    pub fn is_best(&self, design: usize, curve: usize) -> Option<bool> {
        let lead = self.lead(design, curve)?;
        (self.benchmark != Some(design) && lead >= -TIE).then_some(lead > TIE)
    }

    /// Correct selection of a design less that of the best other one; infinity where there is no other. The benchmark is none.
    fn lead(&self, design: usize, curve: usize) -> Option<f64> {
        let others = (0..self.values.len()).filter(|&other| other != design && Some(other) != self.benchmark);
        let ahead = others.filter_map(|other| self.correct(other, curve)).fold(f64::NEG_INFINITY, f64::max);
        Some(self.correct(design, curve)? - ahead)
    }

    fn correct(&self, design: usize, curve: usize) -> Option<f64> {
        self.values[design][curve].get(Metric::CorrectSelection)
    }
}

impl OverCurves {
    /// The distribution of some numbers, each with the weight and the number of its curve. `None` of none.
    #[must_use]
    pub fn of(numbers: impl Iterator<Item = (f64, f64, usize)>) -> Option<Self> {
        let mut numbers: Vec<(f64, f64, usize)> = numbers.collect();
        let curves = numbers.len();
        let total = numbers.iter().map(|(_, weight, _)| weight).sum::<f64>();
        let mean = numbers.iter().map(|(number, weight, _)| weight * number).sum::<f64>() / total;
        let variance =
            numbers.iter().map(|(number, weight, _)| weight * ((number - mean) * (number - mean))).sum::<f64>() / total;
        numbers.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.2.cmp(&other.2)));
        let (&(lowest, _, at_lowest), &(highest, ..)) = (numbers.first()?, numbers.last()?);
        let &(_, _, at_highest) = numbers.iter().find(|(number, ..)| *number == highest)?;
        // A billionth of a mean curve less than the share: the sum of weights is rounded.
        let slack = 1e-9 * total / curves as f64;
        let quantile = |share: f64| {
            let mut below = 0.0;
            let reached = numbers.iter().find(|(_, weight, _)| {
                below += weight;
                below >= share * total - slack
            });
            reached.map_or(highest, |(number, ..)| *number)
        };
        Some(Self {
            curves,
            mean,
            sd: variance.sqrt(),
            quantiles: QUANTILES.map(quantile),
            lowest: (lowest, at_lowest),
            highest: (highest, at_highest),
        })
    }
}

/// The steps of [`steepness`] between the columns of the heat map.
pub const STEEPNESS: [f64; 4] = [0.05, 0.1, 0.15, 0.2];

/// How steep a curve is: the mean difference between the toxicity of the MTD, or of the lowest level where there is none, and those of
/// its neighbours.
#[must_use]
pub fn steepness(scenario: &Scenario) -> f64 {
    let curve = &scenario.toxicity;
    let mtd: Level = scenario.correct.unwrap_or(0);
    let around = &curve[mtd.saturating_sub(1)..(mtd + 2).min(curve.len())];
    match around {
        [first, .., last] => (last - first) / (around.len() - 1) as f64,
        _ => 0.0,
    }
}

/// The mean of a metric in each cell of a heat map, by correct level (0 none, then the levels) and by column of [`steepness`], with
/// the number of curves; `None` where there is none.
#[must_use]
pub fn heat_map(
    population: &Population,
    results: &PopulationResults,
    design: usize,
    metric: Metric,
) -> Vec<Vec<Option<(f64, usize)>>> {
    let levels = population.scenarios.first().map_or(0, |scenario| scenario.toxicity.len());
    let column = |scenario: &Scenario| STEEPNESS.iter().filter(|&&step| steepness(scenario) >= step).count();
    let places: Vec<(usize, usize)> =
        population.scenarios.iter().map(|scenario| (shown(scenario.correct), column(scenario))).collect();
    let cell = |row: usize, column: usize| {
        let spread = results.spread(design, metric, |curve| places[curve] == (row, column))?;
        Some((spread.mean, spread.curves))
    };
    (0..=levels).map(|row| (0..=STEEPNESS.len()).map(|column| cell(row, column)).collect()).collect()
}
