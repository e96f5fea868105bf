//! The metrics of the contract: what each counts in one trial.

use crate::scenario::{Place, Scenario, Target};
use crate::trial::{Level, Outcome, shown};

/// A metric whose operating characteristic is a mean over trials, or a ratio of two means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    /// A level, counted from 1, is selected; 0 is none.
    Selection(usize),
    Patients(Level),
    Dlts(Level),
    TotalPatients,
    TotalDlts,
    CorrectSelection,
    AcceptableSelection,
    OverSelection,
    UnderSelection,
    ShareAtMtd,
    ShareAboveMtd,
    DltRate,
    DltRateTrialMean,
    PoorAllocation,
    Overdose60,
    Overdose80,
    AccuracyIndex,
    Cohorts,
}

impl Metric {
    /// The key of the contract.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Selection(_) => "selection",
            Self::Patients(_) => "patients",
            Self::Dlts(_) => "dlts",
            Self::TotalPatients => "total_patients",
            Self::TotalDlts => "total_dlts",
            Self::CorrectSelection => "correct_selection",
            Self::AcceptableSelection => "acceptable_selection",
            Self::OverSelection => "over_selection",
            Self::UnderSelection => "under_selection",
            Self::ShareAtMtd => "share_at_mtd",
            Self::ShareAboveMtd => "share_above_mtd",
            Self::DltRate => "dlt_rate",
            Self::DltRateTrialMean => "dlt_rate_trial_mean",
            Self::PoorAllocation => "poor_allocation",
            Self::Overdose60 => "overdose_60",
            Self::Overdose80 => "overdose_80",
            Self::AccuracyIndex => "accuracy_index",
            Self::Cohorts => "cohorts",
        }
    }

    /// The level counted from 1 (0 = none), where the metric has one.
    pub(super) fn level(self) -> Option<usize> {
        match self {
            Self::Selection(shown) => Some(shown),
            Self::Patients(level) | Self::Dlts(level) => Some(level + 1),
            _ => None,
        }
    }

    /// Whether it is a ratio of means: [`Truth::value`] over patients, rather than the mean of [`Truth::value`].
    pub(super) fn is_share_of_patients(self) -> bool {
        matches!(self, Self::ShareAtMtd | Self::ShareAboveMtd | Self::DltRate)
    }
}

/// A scenario as the metrics see it.
#[derive(Debug)]
pub(super) struct Truth {
    levels: usize,
    correct: Option<Level>,
    /// Levels to select, as bits as in [`Outcome::selected`].
    acceptable: u16,
    over: u16,
    under: u16,
    /// Distance from the target of what is selected: of none first, then of each level.
    distances: Vec<f64>,
}

impl Truth {
    /// Prepare the metrics of a scenario.
    pub(super) fn new(scenario: &Scenario, target: &Target) -> Self {
        let places: Vec<Place> = scenario.toxicity.iter().map(|&p| target.place(p)).collect();
        let bits = |place: Place| {
            let levels = places.iter().enumerate().filter(|(_, other)| **other == place);
            levels.fold(0, |bits, (level, _)| bits | Outcome::selection(Some(level)))
        };
        let none_is_right = if scenario.correct.is_none() { Outcome::selection(None) } else { 0 };
        let mut distances: Vec<f64> = scenario.toxicity.iter().map(|p| (p - target.value).abs()).collect();
        distances.insert(0, distances.iter().copied().fold(0.0, f64::max));
        Self {
            levels: scenario.toxicity.len(),
            correct: scenario.correct,
            acceptable: bits(Place::Acceptable) | none_is_right,
            over: bits(Place::Over),
            under: bits(Place::Under),
            distances,
        }
    }

    /// The metrics that mean something under this scenario, in the order of the contract. The benchmark has those of selection
    /// alone, and none of them where no dose is correct.
    pub(super) fn metrics(&self, benchmark: bool) -> Vec<Metric> {
        let selection = (0..=self.levels).map(Metric::Selection);
        let verdicts = [Metric::CorrectSelection, Metric::AcceptableSelection, Metric::OverSelection, Metric::UnderSelection];
        let has_accuracy = self.correct.is_some() && self.distance_sum() > 0.0;
        let accuracy = has_accuracy.then_some(Metric::AccuracyIndex);
        if benchmark {
            let selection = selection.chain(verdicts).chain(accuracy);
            return if self.correct.is_some() { selection.collect() } else { Vec::new() };
        }
        let at_mtd = |metric| self.correct.map(|_| metric);
        selection
            .chain((0..self.levels).map(Metric::Patients))
            .chain((0..self.levels).map(Metric::Dlts))
            .chain([Metric::TotalPatients, Metric::TotalDlts])
            .chain(verdicts)
            .chain(at_mtd(Metric::ShareAtMtd))
            .chain([Metric::ShareAboveMtd, Metric::DltRate, Metric::DltRateTrialMean])
            .chain(at_mtd(Metric::PoorAllocation))
            .chain([Metric::Overdose60, Metric::Overdose80])
            .chain(accuracy)
            .chain([Metric::Cohorts])
            .collect()
    }

    /// What a metric counts in one trial; for a share of patients, the numerator of the share.
    pub(super) fn value(&self, metric: Metric, outcome: &Outcome) -> f64 {
        let counts = &outcome.counts;
        let patients = |levels: std::ops::Range<usize>| levels.map(|level| counts.patients(level)).sum::<usize>();
        let total = patients(0..self.levels);
        // Every level is above a correct level 0.
        let above = patients(shown(self.correct)..self.levels);
        match metric {
            Metric::Selection(shown) => outcome.selects(shown),
            Metric::Patients(level) => counts.patients(level) as f64,
            Metric::Dlts(level) => counts.dlts(level) as f64,
            Metric::TotalPatients => total as f64,
            Metric::TotalDlts | Metric::DltRate => counts.total_dlts() as f64,
            Metric::CorrectSelection => outcome.selects(shown(self.correct)),
            Metric::AcceptableSelection => selected_share(outcome, self.acceptable),
            Metric::OverSelection => selected_share(outcome, self.over),
            Metric::UnderSelection => selected_share(outcome, self.under),
            Metric::ShareAtMtd => self.correct.map_or(0.0, |level| counts.patients(level) as f64),
            Metric::ShareAboveMtd => above as f64,
            Metric::DltRateTrialMean => counts.total_dlts() as f64 / total.max(1) as f64,
            Metric::PoorAllocation => indicator(self.correct.is_some_and(|level| self.levels * counts.patients(level) < total)),
            Metric::Overdose60 => indicator(5 * above > 3 * total),
            Metric::Overdose80 => indicator(5 * above > 4 * total),
            Metric::AccuracyIndex => {
                let distance: f64 = self.distances.iter().enumerate().map(|(shown, d)| d * outcome.selects(shown)).sum();
                1.0 - self.levels as f64 * distance / self.distance_sum()
            }
            Metric::Cohorts => f64::from(outcome.cohorts),
        }
    }

    /// The sum of the distances of all levels from the target.
    fn distance_sum(&self) -> f64 {
        self.distances[1..].iter().sum()
    }
}

/// The share of an outcome's selection that lies in a set of levels.
fn selected_share(outcome: &Outcome, set: u16) -> f64 {
    f64::from((outcome.selected & set).count_ones()) / f64::from(outcome.selected.count_ones())
}

fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}
