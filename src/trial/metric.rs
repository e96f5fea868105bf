//! What is asked of the trials of a design: the operating characteristics, by name.

use super::{Level, shown};

/// An operating characteristic. Files name it by its [`key`](Metric::key), and by its [`level`](Metric::level) where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The probability that a level is selected; `None`: that no dose is.
    Selection(Option<Level>),
    /// The expected number of patients at a level.
    Patients(Level),
    /// The expected number of DLTs at a level.
    Dlts(Level),
    /// The expected number of patients.
    TotalPatients,
    /// The expected number of DLTs.
    TotalDlts,
    /// The probability that the correct level is selected.
    CorrectSelection,
    /// The probability that a level inside the acceptable band is selected.
    AcceptableSelection,
    /// The probability that a level above the band is selected.
    OverSelection,
    /// The probability that a level below the band is selected.
    UnderSelection,
    /// The share of patients at the correct level, a ratio of means.
    ShareAtMtd,
    /// The share of patients above the correct level, a ratio of means.
    ShareAboveMtd,
    /// DLTs per patient, a ratio of means.
    DltRate,
    /// The mean over trials of the trial's DLTs per patient.
    DltRateTrialMean,
    /// The probability that the correct level has fewer patients than an even share.
    PoorAllocation,
    /// The probability that more than 60 % of the patients are above the correct level.
    Overdose60,
    /// The probability that more than 80 % of the patients are above the correct level.
    Overdose80,
    /// How near the target selections are, 1 being the best.
    AccuracyIndex,
    /// The expected number of cohorts.
    Cohorts,
    /// The probability that the right answer is selected: the correct level or another of exactly its toxicity; none, where none is right.
    RightSelection,
    /// The probability that a level inside the acceptable band is selected that is not right.
    OtherAcceptableSelection,
    /// The probability that a level below the band is selected that is not right.
    TooLowSelection,
    /// The expected number of patients at levels above the band.
    PatientsTooToxic,
    /// The 0.95 quantile of the number of patients at levels above the band.
    PatientsTooToxicQ95,
    /// The share of patients at levels above the band, a ratio of means.
    ShareTooToxic,
    /// The probability that more than 60 % of the patients are at levels above the band.
    TooToxic60,
    /// The probability that more than 80 % of the patients are at levels above the band.
    TooToxic80,
    /// The expected number of patients at levels with a toxicity above the target.
    PatientsAboveTarget,
    /// A quantile of the number of patients.
    TotalPatientsQuantile(Quantile),
    /// The expected duration.
    DurationWeeks,
    /// A quantile of the duration.
    DurationQuantile(Quantile),
    /// The expected weeks without enrolment.
    ClosedWeeks,
    /// The expected number of patients turned away.
    TurnedAway,
    /// The probability that the trial ends within the planned weeks.
    OnTime,
    /// The expected number of DLTs of patients dosed before the DLT of an earlier one was known.
    UninformedDlts,
    /// The expected number of patients who drop out.
    Dropouts,
    /// The expected number of DLTs after the window.
    LateDlts,
}

/// Which quantile of a distribution over trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantile {
    /// That of 5 %.
    Q05,
    /// The median.
    Q50,
    /// That of 95 %.
    Q95,
}

impl Quantile {
    /// All of them, ascending.
    pub const ALL: [Self; 3] = [Self::Q05, Self::Q50, Self::Q95];

    /// The probability that it belongs to.
    #[must_use]
    pub const fn probability(self) -> f64 {
        match self {
            Self::Q05 => 0.05,
            Self::Q50 => 0.5,
            Self::Q95 => 0.95,
        }
    }
}

impl Metric {
    /// The name in files, which those of one kind at several levels share.
    #[must_use]
    pub const fn key(self) -> &'static str {
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
            Self::RightSelection => "right_selection",
            Self::OtherAcceptableSelection => "other_acceptable_selection",
            Self::TooLowSelection => "too_low_selection",
            Self::PatientsTooToxic => "patients_too_toxic",
            Self::PatientsTooToxicQ95 => "patients_too_toxic_q95",
            Self::ShareTooToxic => "share_too_toxic",
            Self::TooToxic60 => "too_toxic_60",
            Self::TooToxic80 => "too_toxic_80",
            Self::PatientsAboveTarget => "patients_above_target",
            Self::TotalPatientsQuantile(Quantile::Q05) => "total_patients_q05",
            Self::TotalPatientsQuantile(Quantile::Q50) => "total_patients_q50",
            Self::TotalPatientsQuantile(Quantile::Q95) => "total_patients_q95",
            Self::DurationWeeks => "duration_weeks",
            Self::DurationQuantile(Quantile::Q05) => "duration_weeks_q05",
            Self::DurationQuantile(Quantile::Q50) => "duration_weeks_q50",
            Self::DurationQuantile(Quantile::Q95) => "duration_weeks_q95",
            Self::ClosedWeeks => "closed_weeks",
            Self::TurnedAway => "turned_away",
            Self::OnTime => "on_time",
            Self::UninformedDlts => "uninformed_dlts",
            Self::Dropouts => "dropouts",
            Self::LateDlts => "late_dlts",
        }
    }

    /// The level as files have it, counted from 1 and 0 for none; `None` where the metric is one of the whole trial.
    #[must_use]
    pub fn level(self) -> Option<usize> {
        match self {
            Self::Selection(level) => Some(shown(level)),
            Self::Patients(level) | Self::Dlts(level) => Some(level + 1),
            _ => None,
        }
    }
}
