//! The metrics that follow from how trials end: what each is made of.

use crate::engine::Spread;
use crate::scenario::{Place, Scenario, Target};
use crate::trial::{Counts, Level, MAX_LEVELS, Metric, Outcome, shown};

/// What metrics are made of: of one trial, or its mean over trials. Every metric is linear in these, or a ratio of two that are, so
/// that one definition holds for a trial and for a distribution.
pub(super) trait Quantities {
    /// The level counted from 1 is selected; 0 is none.
    fn selects(&self, shown: usize) -> f64;
    /// One of these levels is selected, bits as in [`Outcome::selected`].
    fn selects_among(&self, levels: u16) -> f64;
    /// Patients at a level.
    fn patients(&self, level: Level) -> f64;
    /// DLTs at a level.
    fn dlts(&self, level: Level) -> f64;
    /// Patients in the trial.
    fn total_patients(&self) -> f64;
    /// DLTs in the trial.
    fn total_dlts(&self) -> f64;
    /// DLTs per patient of each trial.
    fn dlt_rate(&self) -> f64;
    /// Cohorts in the trial.
    fn cohorts(&self) -> f64;
    /// Fewer patients than an even share are at the correct level.
    fn poor_allocation(&self, truth: &Truth) -> f64;
    /// More than 60 % of the patients are above the correct level.
    fn overdose_60(&self, truth: &Truth) -> f64;
    /// More than 80 % of the patients are above the correct level.
    fn overdose_80(&self, truth: &Truth) -> f64;
    /// More than 60 % of the patients are at levels that are too toxic.
    fn too_toxic_60(&self, truth: &Truth) -> f64;
    /// More than 80 % of the patients are at levels that are too toxic.
    fn too_toxic_80(&self, truth: &Truth) -> f64;
}

/// A metric whose operating characteristic is a mean over the outcomes of trials, or a ratio of two means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutcomeMetric {
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
    /// Patients at this level, the correct one, per patient.
    ShareAtMtd(Level),
    ShareAboveMtd,
    DltRate,
    DltRateTrialMean,
    PoorAllocation,
    Overdose60,
    Overdose80,
    AccuracyIndex,
    Cohorts,
    RightSelection,
    OtherAcceptableSelection,
    TooLowSelection,
    PatientsTooToxic,
    ShareTooToxic,
    TooToxic60,
    TooToxic80,
    PatientsAboveTarget,
}

impl OutcomeMetric {
    /// The metric that it is.
    pub(super) fn metric(self) -> Metric {
        match self {
            Self::Selection(shown) => Metric::Selection(shown.checked_sub(1)),
            Self::Patients(level) => Metric::Patients(level),
            Self::Dlts(level) => Metric::Dlts(level),
            Self::TotalPatients => Metric::TotalPatients,
            Self::TotalDlts => Metric::TotalDlts,
            Self::CorrectSelection => Metric::CorrectSelection,
            Self::AcceptableSelection => Metric::AcceptableSelection,
            Self::OverSelection => Metric::OverSelection,
            Self::UnderSelection => Metric::UnderSelection,
            Self::ShareAtMtd(_) => Metric::ShareAtMtd,
            Self::ShareAboveMtd => Metric::ShareAboveMtd,
            Self::DltRate => Metric::DltRate,
            Self::DltRateTrialMean => Metric::DltRateTrialMean,
            Self::PoorAllocation => Metric::PoorAllocation,
            Self::Overdose60 => Metric::Overdose60,
            Self::Overdose80 => Metric::Overdose80,
            Self::AccuracyIndex => Metric::AccuracyIndex,
            Self::Cohorts => Metric::Cohorts,
            Self::RightSelection => Metric::RightSelection,
            Self::OtherAcceptableSelection => Metric::OtherAcceptableSelection,
            Self::TooLowSelection => Metric::TooLowSelection,
            Self::PatientsTooToxic => Metric::PatientsTooToxic,
            Self::ShareTooToxic => Metric::ShareTooToxic,
            Self::TooToxic60 => Metric::TooToxic60,
            Self::TooToxic80 => Metric::TooToxic80,
            Self::PatientsAboveTarget => Metric::PatientsAboveTarget,
        }
    }

    /// Whether it is of the whole trial and not of one level.
    pub(super) fn is_of_trial(self) -> bool {
        !matches!(self, Self::Selection(_) | Self::Patients(_) | Self::Dlts(_))
    }

    /// Whether what it counts stays the same where a toxicity moves, so that it has a derivative. The ends of a trial and what goes by
    /// toxicity change where a level meets another one, the target or the band, as scenarios often have it.
    pub(super) fn has_derivative(self) -> bool {
        !matches!(
            self,
            Self::RightSelection
                | Self::OtherAcceptableSelection
                | Self::TooLowSelection
                | Self::PatientsTooToxic
                | Self::ShareTooToxic
                | Self::TooToxic60
                | Self::TooToxic80
                | Self::PatientsAboveTarget
        )
    }

    /// Whether it is a ratio of means: [`Truth::value`] over patients, rather than the mean of [`Truth::value`].
    pub(super) fn is_share_of_patients(self) -> bool {
        matches!(self, Self::ShareAtMtd(_) | Self::ShareAboveMtd | Self::DltRate | Self::ShareTooToxic)
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
    /// What is right to select, none included.
    right: u16,
    /// Levels with a toxicity above the target.
    above_target: u16,
    /// Distance from the target of what is selected: of none first, then of each level.
    distances: [f64; MAX_LEVELS + 1],
}

impl Truth {
    /// Prepare the metrics of a scenario.
    pub(super) fn new(scenario: &Scenario, target: &Target) -> Self {
        let levels = scenario.toxicity.len();
        let (mut acceptable, mut over, mut under) = (0, 0, 0);
        let (mut right, mut above_target) = (0, 0);
        let mut distances = [0.0; MAX_LEVELS + 1];
        for (level, &toxicity) in scenario.toxicity.iter().enumerate() {
            *match target.place(toxicity) {
                Place::Acceptable => &mut acceptable,
                Place::Over => &mut over,
                Place::Under => &mut under,
            } |= Outcome::selection(Some(level));
            if scenario.is_right(level, target) {
                right |= Outcome::selection(Some(level));
            }
            if toxicity > target.value {
                above_target |= Outcome::selection(Some(level));
            }
            let distance = (toxicity - target.value).abs();
            distances[level + 1] = distance;
            distances[0] = distance.max(distances[0]);
        }
        if scenario.correct.is_none() {
            acceptable |= Outcome::selection(None);
            right = Outcome::selection(None);
        }
        Self { levels, correct: scenario.correct, acceptable, over, under, right, above_target, distances }
    }

    /// The metrics that mean something under this scenario, in the order of the contract. The benchmark has those of selection
    /// alone, and none of them where no dose is correct.
    pub(super) fn metrics(&self, benchmark: bool) -> Vec<OutcomeMetric> {
        let verdicts = [
            OutcomeMetric::CorrectSelection,
            OutcomeMetric::AcceptableSelection,
            OutcomeMetric::OverSelection,
            OutcomeMetric::UnderSelection,
        ];
        let ends = [OutcomeMetric::RightSelection, OutcomeMetric::OtherAcceptableSelection, OutcomeMetric::TooLowSelection];
        let has_accuracy = self.correct.is_some() && self.distance_sum() > 0.0;
        let accuracy = has_accuracy.then_some(OutcomeMetric::AccuracyIndex);
        // Room for all: this is asked for every curve.
        let mut metrics = Vec::with_capacity(3 * self.levels + 24);
        if benchmark && self.correct.is_none() {
            return metrics;
        }
        metrics.extend((0..=self.levels).map(OutcomeMetric::Selection));
        if benchmark {
            metrics.extend(verdicts);
            metrics.extend(accuracy);
            metrics.extend(ends);
            return metrics;
        }
        metrics.extend((0..self.levels).map(OutcomeMetric::Patients));
        metrics.extend((0..self.levels).map(OutcomeMetric::Dlts));
        metrics.extend([OutcomeMetric::TotalPatients, OutcomeMetric::TotalDlts]);
        metrics.extend(verdicts);
        metrics.extend(self.correct.map(OutcomeMetric::ShareAtMtd));
        metrics.extend([OutcomeMetric::ShareAboveMtd, OutcomeMetric::DltRate, OutcomeMetric::DltRateTrialMean]);
        metrics.extend(self.correct.map(|_| OutcomeMetric::PoorAllocation));
        metrics.extend([OutcomeMetric::Overdose60, OutcomeMetric::Overdose80]);
        metrics.extend(accuracy);
        metrics.push(OutcomeMetric::Cohorts);
        metrics.extend(ends);
        if self.over != 0 {
            metrics.extend([
                OutcomeMetric::PatientsTooToxic,
                OutcomeMetric::ShareTooToxic,
                OutcomeMetric::TooToxic60,
                OutcomeMetric::TooToxic80,
            ]);
        }
        metrics.push(OutcomeMetric::PatientsAboveTarget);
        metrics
    }

    /// What a metric counts, in one trial or on average; for a share of patients, the numerator of the share.
    pub(super) fn value(&self, metric: OutcomeMetric, of: &impl Quantities) -> f64 {
        match metric {
            OutcomeMetric::Selection(shown) => of.selects(shown),
            OutcomeMetric::Patients(level) => of.patients(level),
            OutcomeMetric::Dlts(level) => of.dlts(level),
            OutcomeMetric::TotalPatients => of.total_patients(),
            OutcomeMetric::TotalDlts | OutcomeMetric::DltRate => of.total_dlts(),
            OutcomeMetric::CorrectSelection => of.selects(shown(self.correct)),
            OutcomeMetric::AcceptableSelection => of.selects_among(self.acceptable),
            OutcomeMetric::OverSelection => of.selects_among(self.over),
            OutcomeMetric::UnderSelection => of.selects_among(self.under),
            OutcomeMetric::ShareAtMtd(level) => of.patients(level),
            // Every level is above a correct level 0.
            OutcomeMetric::ShareAboveMtd => (shown(self.correct)..self.levels).map(|level| of.patients(level)).sum(),
            OutcomeMetric::DltRateTrialMean => of.dlt_rate(),
            OutcomeMetric::PoorAllocation => of.poor_allocation(self),
            OutcomeMetric::Overdose60 => of.overdose_60(self),
            OutcomeMetric::Overdose80 => of.overdose_80(self),
            OutcomeMetric::AccuracyIndex => {
                let distances = self.distances[..=self.levels].iter().enumerate();
                let distance: f64 = distances.map(|(shown, distance)| distance * of.selects(shown)).sum();
                1.0 - self.levels as f64 * distance / self.distance_sum()
            }
            OutcomeMetric::Cohorts => of.cohorts(),
            OutcomeMetric::RightSelection => of.selects_among(self.right),
            OutcomeMetric::OtherAcceptableSelection => of.selects_among(self.acceptable & !self.right),
            OutcomeMetric::TooLowSelection => of.selects_among(self.under & !self.right),
            OutcomeMetric::PatientsTooToxic | OutcomeMetric::ShareTooToxic => self.patients_at(self.over, of),
            OutcomeMetric::TooToxic60 => of.too_toxic_60(self),
            OutcomeMetric::TooToxic80 => of.too_toxic_80(self),
            OutcomeMetric::PatientsAboveTarget => self.patients_at(self.above_target, of),
        }
    }

    /// Patients at some levels together.
    fn patients_at(&self, levels: u16, of: &impl Quantities) -> f64 {
        (0..self.levels).filter(|&level| levels & Outcome::selection(Some(level)) != 0).map(|level| of.patients(level)).sum()
    }

    /// The levels that are too toxic, bits as in [`Outcome::selected`].
    pub(super) fn too_toxic(&self) -> u16 {
        self.over
    }

    /// The patients of a trial at levels that are too toxic.
    pub(super) fn patients_too_toxic(&self, counts: &Counts) -> usize {
        let at = |level: &Level| self.over & Outcome::selection(Some(*level)) != 0;
        (0..self.levels).filter(at).map(|level| counts.patients(level)).sum()
    }

    /// The level above which the levels that are too toxic begin, all of those above it being so, as a correct level is written; `None`
    /// outside where they are no such set.
    pub(super) fn highest_not_too_toxic(&self) -> Option<Option<Level>> {
        let lowest = (self.over >> 1).trailing_zeros() as Level;
        let all_above = (lowest..self.levels).map(|level| Outcome::selection(Some(level))).sum::<u16>();
        (all_above == self.over).then(|| lowest.checked_sub(1))
    }

    /// The level that is correct to select.
    pub(super) fn correct(&self) -> Option<Level> {
        self.correct
    }

    /// The sum of the distances of all levels from the target.
    fn distance_sum(&self) -> f64 {
        self.distances[1..=self.levels].iter().sum()
    }
}

/// How a trial ended, as the metrics see it.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    outcome: &'a Outcome,
    patients: f64,
    dlts: f64,
    spread: Spread,
}

impl<'a> Trial<'a> {
    /// A trial under some truth that ended in `outcome`.
    pub(super) fn new(outcome: &'a Outcome, truth: &Truth) -> Self {
        let (patients, dlts) = (outcome.counts.total_patients() as f64, outcome.counts.total_dlts() as f64);
        Self { outcome, patients, dlts, spread: Spread::of(&outcome.counts, truth.levels) }
    }
}

impl Quantities for Trial<'_> {
    fn selects(&self, shown: usize) -> f64 {
        self.outcome.selects(shown)
    }

    fn selects_among(&self, levels: u16) -> f64 {
        f64::from((self.outcome.selected & levels).count_ones()) / f64::from(self.outcome.selected.count_ones())
    }

    fn patients(&self, level: Level) -> f64 {
        self.outcome.counts.patients(level) as f64
    }

    fn dlts(&self, level: Level) -> f64 {
        self.outcome.counts.dlts(level) as f64
    }

    fn total_patients(&self) -> f64 {
        self.patients
    }

    fn total_dlts(&self) -> f64 {
        self.dlts
    }

    fn dlt_rate(&self) -> f64 {
        self.dlts / self.patients.max(1.0)
    }

    fn cohorts(&self) -> f64 {
        f64::from(self.outcome.cohorts)
    }

    fn poor_allocation(&self, truth: &Truth) -> f64 {
        indicator(self.spread.is_poor(truth.correct))
    }

    fn overdose_60(&self, truth: &Truth) -> f64 {
        indicator(self.spread.is_above_60(truth.correct))
    }

    fn overdose_80(&self, truth: &Truth) -> f64 {
        indicator(self.spread.is_above_80(truth.correct))
    }

    fn too_toxic_60(&self, truth: &Truth) -> f64 {
        indicator(5.0 * truth.patients_at(truth.over, self) > 3.0 * self.patients)
    }

    fn too_toxic_80(&self, truth: &Truth) -> f64 {
        indicator(5.0 * truth.patients_at(truth.over, self) > 4.0 * self.patients)
    }
}

/// 1 where the condition holds, else 0.
fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}
