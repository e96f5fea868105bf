//! What every metric means: the dictionary of the data files, printed by the reports.

use super::table::grouped;
use crate::engine::STAYS_KEPT;
use crate::measure::{Metric, Quantile};
use crate::trial::Timing;

/// What is defined.
#[derive(Clone, Copy, Debug)]
pub(super) enum Term {
    /// A metric; one of levels stands for all of them.
    One(Metric),
    /// Metrics whose names begin alike.
    Several(&'static [Metric]),
    /// Columns of `calendar.csv`.
    Weekly(&'static str),
}

impl Term {
    /// As data files name it: of several metrics the first name, and the ends of the others.
    pub(super) fn name(self) -> String {
        match self {
            Self::One(metric) => metric.key().to_owned(),
            Self::Several(metrics) => {
                let mut keys = metrics.iter().map(|metric| metric.key());
                let first = keys.next().unwrap_or_default();
                let ends = keys.map(|key| key.rfind('_').map_or(key, |at| &key[at..]));
                std::iter::once(first).chain(ends).collect::<Vec<_>>().join(", ")
            }
            Self::Weekly(columns) => format!("{columns} (calendar.csv)"),
        }
    }
}

const PATIENTS: &[Metric] = &[
    Metric::TotalPatientsQuantile(Quantile::Q05),
    Metric::TotalPatientsQuantile(Quantile::Q50),
    Metric::TotalPatientsQuantile(Quantile::Q95),
];

const PATIENTS_TOO_TOXIC: &[Metric] = &[Metric::PatientsTooToxic, Metric::PatientsTooToxicQ95];

const TOO_TOXIC: &[Metric] = &[Metric::TooToxic60, Metric::TooToxic80];

const DURATION: &[Metric] = &[
    Metric::DurationWeeks,
    Metric::DurationQuantile(Quantile::Q05),
    Metric::DurationQuantile(Quantile::Q50),
    Metric::DurationQuantile(Quantile::Q95),
];

/// A term and its meaning.
pub(super) type Definition = (Term, &'static str);

/// In the order of `operating_characteristics.csv`.
pub(super) const DEFINITIONS: &[Definition] = &[
    (Term::One(Metric::Selection(None)), "probability that the level is selected at the end; level 0: no dose is selected"),
    (Term::One(Metric::Patients(0)), "expected number of patients treated at the level"),
    (Term::One(Metric::Dlts(0)), "expected number of DLTs at the level"),
    (Term::One(Metric::TotalPatients), "expected number of patients in the trial"),
    (Term::One(Metric::TotalDlts), "expected number of DLTs in the trial"),
    (
        Term::One(Metric::CorrectSelection),
        "probability that the correct level is selected: the one the study names, else of those not above the acceptable band the one \
         whose true DLT probability is closest to the target (on a tie the highest at or below the target, and the lowest where all are \
         above it); none, when even level 1 is above the acceptable band",
    ),
    (
        Term::One(Metric::AcceptableSelection),
        "probability that the true DLT probability of the selected level is inside the acceptable band, ends included; selecting none \
         counts here when none is correct, and otherwise neither here nor in the next two",
    ),
    (
        Term::One(Metric::OverSelection),
        "probability that the true DLT probability of the selected level is above the acceptable band",
    ),
    (
        Term::One(Metric::UnderSelection),
        "probability that the true DLT probability of the selected level is below the acceptable band",
    ),
    (Term::One(Metric::ShareAtMtd), "expected patients at the correct level / expected patients in the trial (ratio of means)"),
    (
        Term::One(Metric::ShareAboveMtd),
        "expected patients above the correct level / expected patients in the trial (ratio of means); every level is above, when \
         none is correct",
    ),
    (Term::One(Metric::DltRate), "expected DLTs / expected patients (ratio of means)"),
    (Term::One(Metric::DltRateTrialMean), "mean over trials of the trial's own DLTs / patients"),
    (
        Term::One(Metric::PoorAllocation),
        "probability that fewer than (patients treated in the trial) / (number of levels) are treated at the correct level; not defined \
         where none is correct",
    ),
    (
        Term::One(Metric::Overdose60),
        "probability that more than 60 % of the patients treated in the trial are treated above the correct level",
    ),
    (
        Term::One(Metric::Overdose80),
        "probability that more than 80 % of the patients treated in the trial are treated above the correct level",
    ),
    (
        Term::One(Metric::AccuracyIndex),
        "1 − K Σ d(j) P(select j) / Σ d(j) over the K levels, d(j) the distance of level j's true DLT probability from the target; \
         selecting none counts as the largest distance; not defined where none is correct or all distances are 0",
    ),
    (Term::One(Metric::Cohorts), "expected number of cohorts"),
    (
        Term::One(Metric::RightSelection),
        "as correct_selection; where some level is acceptable, to select any level with exactly the toxicity of the correct one is right",
    ),
    (
        Term::One(Metric::OtherAcceptableSelection),
        "probability that the selected level is inside the acceptable band and not right",
    ),
    (Term::One(Metric::TooLowSelection), "probability that the selected level is below the acceptable band and not right"),
    (
        Term::Several(PATIENTS_TOO_TOXIC),
        "expected number of patients treated at levels above the acceptable band, and smallest n with P(that number ≤ n) at least 0.95; \
         not defined where no level is above it",
    ),
    (Term::One(Metric::ShareTooToxic), "patients_too_toxic / expected patients in the trial (ratio of means)"),
    (
        Term::Several(TOO_TOXIC),
        "probability that more than 60 %, 80 % of the patients treated in the trial are treated at levels above the acceptable band",
    ),
    (
        Term::One(Metric::PatientsAboveTarget),
        "expected number of patients treated at levels with a true DLT probability above the target",
    ),
    (Term::Several(PATIENTS), "smallest n with P(patients ≤ n) at least 0.05, 0.50, 0.95"),
    (
        Term::Several(DURATION),
        "length of the trial in weeks, where the study has timing: mean and quantiles. Patients arrive one by one at random (a Poisson \
         process of the study's accrual); those who arrive while a cohort is followed for its DLT window are turned away; each decision is \
         made at the end of the window of the cohort's last patient. Time runs from the opening of enrolment to the last decision",
    ),
];

/// As [`DEFINITIONS`], of the metrics that only studies with more of calendar time than window and accrual have.
pub(super) const CALENDAR_DEFINITIONS: &[Definition] = &[
    (Term::One(Metric::ClosedWeeks), "expected weeks in which enrolment is closed, until the last patient is enrolled"),
    (
        Term::One(Metric::TurnedAway),
        "expected number of patients who arrive while enrolment is closed and are not enrolled later",
    ),
    (Term::One(Metric::OnTime), "probability that the trial ends within the planned weeks of [timing]"),
    (
        Term::One(Metric::UninformedDlts),
        "expected number of DLTs of patients who were dosed before the DLT of a patient enrolled earlier was known: after that DLT it \
         takes the time to a decision of [timing] until it is known",
    ),
    (
        Term::Weekly("enrolled, _q05, _q50, _q95"),
        "number of patients enrolled by the end of the week: mean, and smallest n with P(enrolled ≤ n) at least 0.05, 0.50, 0.95",
    ),
    (Term::Weekly("on_study"), "expected number of patients whose DLT window is running at the end of the week"),
    (Term::Weekly("ended"), "probability that the trial has ended by the end of the week"),
];

/// From which of so many replicates it is found who is on study week by week, where these are not all of them.
pub(super) fn weekly_replicates(replicates: u64) -> Option<String> {
    let kept = grouped(STAYS_KEPT);
    (replicates > STAYS_KEPT)
        .then(|| format!("Patients enrolled and on study week by week are those of the first {kept} replicates."))
}

/// When a metric is there, and its definition.
type Special = (fn(&Timing) -> bool, Definition);

/// The metrics of calendar time that need settings of their own: for each whether the study has them.
pub(super) const SPECIAL_DEFINITIONS: [Special; 2] = [
    (
        Timing::has_dropouts,
        (Term::One(Metric::Dropouts), "expected number of patients who drop out, which no other number counts"),
    ),
    (
        |timing| timing.late_dlt_share > 0.0,
        (Term::One(Metric::LateDlts), "expected number of DLTs after the window, which no decision sees"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_files() {
        assert_eq!(Term::Several(PATIENTS).name(), "total_patients_q05, _q50, _q95");
        assert_eq!(Term::Several(DURATION).name(), "duration_weeks, _q05, _q50, _q95");
        assert_eq!(Term::Several(PATIENTS_TOO_TOXIC).name(), "patients_too_toxic, _q95");
        assert_eq!(Term::One(Metric::Selection(None)).name(), "selection");
    }

    /// Every metric that a trial can have, and that `tune` can ask for, is defined, once.
    #[test]
    fn every_metric_is_defined_once() {
        let special = SPECIAL_DEFINITIONS.iter().map(|(_, definition)| definition);
        let terms: Vec<String> =
            DEFINITIONS.iter().chain(CALENDAR_DEFINITIONS).chain(special).map(|(term, _)| term.name()).collect();
        let names: Vec<&str> = terms.iter().map(|name| name.split([',', ' ']).next().unwrap_or_default()).collect();
        for metric in crate::study::TRIAL_METRICS {
            let whole = metric.key().split("_q").next().unwrap_or_default();
            let defined = |name: &&&str| **name == metric.key() || **name == whole || **name == format!("{whole}_q05");
            assert!(names.iter().any(|name| defined(&name)), "{}", metric.key());
        }
        for name in &names {
            assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
