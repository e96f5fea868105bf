//! Operating characteristics from an outcome distribution, exact or simulated, by one piece of code; the only room that makes
//! a standard error.

mod agreement;
mod batches;
mod difference;
mod duration;
mod means;
mod metric;
mod population;
mod sensitivity;
mod simulated;
mod summary;
mod week;
mod worst;

pub use agreement::agreement;
pub use batches::{Batches, MoveSums, Moves};
pub use difference::{PairedSums, Pairing, exact_differences};
pub use duration::{Schedule, no_paired_times, pair_durations};
pub use population::{
    ByMetric, ExactDesign, OverCurves, POPULATION_METRICS, PopulationResults, STEEPNESS, Standing, Values, heat_map,
    population_values, steepness, weeks_of,
};
pub use sensitivity::{Change, MetricDerivative, SensitivityResults, derivatives};
pub use simulated::{SimulatedDesign, SimulatedMean, SimulatedParts, SimulatedValues, simulated_values};
pub use summary::{Yardstick, complete, proportion_error, summarise, summarise_scenarios};
pub use week::{Week, weeks};
pub use worst::{Search, WorstCurve, WorstResults, worst_measure};

pub use crate::trial::{Metric, Quantile};

use crate::engine::{DesignCells, Leaf, NoLeaves, Pathways, Trace};
use crate::trial::{NoDose, StopReason};

/// Where the outcome distribution of a design came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Exact probabilities.
    Exact,
    /// Replicates.
    MonteCarlo,
}

impl Source {
    /// The word in the `engine` column.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MonteCarlo => "monte-carlo",
        }
    }
}

/// One operating characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct Characteristic {
    /// The metric.
    pub metric: Metric,
    /// Its value.
    pub value: f64,
    /// Its Monte Carlo standard error; `None` when exact.
    pub std_error: Option<f64>,
}

/// How often trials end for one reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    /// Why.
    pub reason: StopReason,
    /// Its probability.
    pub probability: f64,
    /// The probability that a trial ends for it and selects no dose.
    pub none: f64,
}

impl Ending {
    /// The probability that a trial ends for the reason and selects a dose.
    #[must_use]
    pub fn selected(&self) -> f64 {
        (self.probability - self.none).max(0.0)
    }
}

/// All that was found out about one design under one scenario.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Where the numbers came from.
    pub source: Source,
    /// The operating characteristics, in the order of the contract's table.
    pub characteristics: Vec<Characteristic>,
    /// Probability of each number of patients that can occur, ascending. Empty for the benchmark.
    pub sample_size: Vec<(usize, f64)>,
    /// Probability of each number of DLTs that can occur, ascending. Empty for the benchmark.
    pub dlt_count: Vec<(usize, f64)>,
    /// How often trials end for each stop reason that the design has. Empty for the benchmark.
    pub stop_reasons: Vec<Ending>,
    /// Probability of each cause for which a trial ends without a dose, for those that the design has; known after
    /// [`complete`] alone.
    pub no_selection: Vec<(NoDose, f64)>,
}

impl Summary {
    /// A summary without a number.
    #[must_use]
    pub(crate) fn empty() -> Self {
        Self {
            source: Source::Exact,
            characteristics: vec![],
            sample_size: vec![],
            dlt_count: vec![],
            stop_reasons: vec![],
            no_selection: vec![],
        }
    }

    /// The characteristic that this metric is, if there is one.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<&Characteristic> {
        self.characteristics.iter().find(|found| found.metric == metric)
    }

    /// Its value, if there is one.
    #[must_use]
    pub fn value(&self, metric: Metric) -> Option<f64> {
        self.get(metric).map(|found| found.value)
    }
}

/// A design minus the reference design, on the same simulated patients where simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The metric.
    pub metric: Metric,
    /// Exact when both are, else Monte Carlo.
    pub source: Source,
    /// The design's value minus the reference's.
    pub difference: f64,
    /// Its standard error and the limits of its 95 % interval; `None` when exact.
    pub error: Option<(f64, f64, f64)>,
}

/// How exact results and replicates of one design agree under one scenario.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// Replicates run.
    pub replicates: usize,
    /// The chi-square statistic of replicates against exact probabilities over pooled outcomes.
    pub chi_square: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: usize,
    /// The probability of a statistic at least this large when the two agree, to six decimals.
    pub p_value: f64,
}

/// Which trial of a design is shown as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExampleKind {
    /// The one whose length is nearest the median.
    Median,
    /// The longest.
    Longest,
    /// The one of the replicate that the study names.
    Chosen,
}

/// A simulated trial that is shown in full.
#[derive(Clone, Debug)]
pub struct Example {
    /// Which one it is.
    pub kind: ExampleKind,
    /// The place of its design in the study.
    pub design: usize,
    /// Its replicate, counted from 0.
    pub replicate: usize,
    /// The trial.
    pub trace: Trace,
}

/// What was found beyond the scenarios of a study: over populations of curves, and at the worst curves.
#[derive(Clone, Debug, Default)]
pub struct CurveResults {
    /// By population of the study.
    pub populations: Vec<PopulationResults>,
    /// The worst curves that were asked for, of designs with exact results.
    pub worst: Vec<WorstResults>,
    /// What the results of designs depend on, where that was asked for and is known exactly.
    pub sensitivities: Vec<SensitivityResults>,
}

/// All results of a study.
pub struct Results {
    /// `summaries[scenario][design]`, in the study's order.
    pub summaries: Vec<Vec<Summary>>,
    /// `differences[scenario][design]` against the first design; empty for the first itself.
    pub differences: Vec<Vec<Vec<Difference>>>,
    /// `agreement[scenario][design]`, where a design was both evaluated exactly and replicated.
    pub agreement: Vec<Vec<Option<Agreement>>>,
    /// `weeks[scenario][design]`, where trials were simulated in calendar time; else empty.
    pub weeks: Vec<Vec<Vec<Week>>>,
    /// Simulated trials under the first scenario, by kind, then by design; none where there is nothing to tell of calendar time.
    pub examples: Vec<Example>,
    /// What was found beyond the scenarios.
    pub curves: CurveResults,
    /// Per design: the situations of its decision graph, where it has one.
    pub situations: Vec<Option<usize>>,
    /// Per design: how its trials can end, where that can be listed.
    pub leaves: Vec<Result<Vec<Leaf>, NoLeaves>>,
    /// Per design: what it can see at a level and does then, where it has a table.
    pub cells: Vec<Option<DesignCells>>,
    /// Per design: the pathways of its first cohorts, where it has some that can be listed.
    pub pathways: Vec<Option<Pathways>>,
    /// Notices for the reader, e.g. that a design fell back to replicates.
    pub notices: Vec<String>,
}
