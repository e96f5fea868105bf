//! What every metric means: the dictionary of the data files, printed by the reports.

use super::table::grouped;
use crate::engine::STAYS_KEPT;
use crate::trial::Timing;

/// Metric and meaning, in the order of `operating_characteristics.csv`.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("selection", "probability that the level is selected at the end; level 0: no dose is selected"),
    ("patients", "expected number of patients treated at the level"),
    ("dlts", "expected number of DLTs at the level"),
    ("total_patients", "expected number of patients in the trial"),
    ("total_dlts", "expected number of DLTs in the trial"),
    (
        "correct_selection",
        "probability that the correct level is selected: the one the study names, else of those not above the acceptable band the one \
         whose true DLT probability is closest to the target (on a tie the highest at or below the target, and the lowest where all are \
         above it); none, when even level 1 is above the acceptable band",
    ),
    (
        "acceptable_selection",
        "probability that the true DLT probability of the selected level is inside the acceptable band, ends included; selecting none \
         counts here when none is correct, and otherwise neither here nor in the next two",
    ),
    ("over_selection", "probability that the true DLT probability of the selected level is above the acceptable band"),
    ("under_selection", "probability that the true DLT probability of the selected level is below the acceptable band"),
    ("share_at_mtd", "expected patients at the correct level / expected patients in the trial (ratio of means)"),
    (
        "share_above_mtd",
        "expected patients above the correct level / expected patients in the trial (ratio of means); every level is above, when \
         none is correct",
    ),
    ("dlt_rate", "expected DLTs / expected patients (ratio of means)"),
    ("dlt_rate_trial_mean", "mean over trials of the trial's own DLTs / patients"),
    (
        "poor_allocation",
        "probability that fewer than (patients treated in the trial) / (number of levels) are treated at the correct level; not defined \
         where none is correct",
    ),
    ("overdose_60", "probability that more than 60 % of the patients treated in the trial are treated above the correct level"),
    ("overdose_80", "probability that more than 80 % of the patients treated in the trial are treated above the correct level"),
    (
        "accuracy_index",
        "1 − K Σ d(j) P(select j) / Σ d(j) over the K levels, d(j) the distance of level j's true DLT probability from the target; \
         selecting none counts as the largest distance; not defined where none is correct or all distances are 0",
    ),
    ("cohorts", "expected number of cohorts"),
    (
        "right_selection",
        "as correct_selection; where some level is acceptable, to select any level with exactly the toxicity of the correct one is right",
    ),
    ("other_acceptable_selection", "probability that the selected level is inside the acceptable band and not right"),
    ("too_low_selection", "probability that the selected level is below the acceptable band and not right"),
    (
        "patients_too_toxic, _q95",
        "expected number of patients treated at levels above the acceptable band, and smallest n with P(that number ≤ n) at least 0.95; \
         not defined where no level is above it",
    ),
    ("share_too_toxic", "patients_too_toxic / expected patients in the trial (ratio of means)"),
    (
        "too_toxic_60, too_toxic_80",
        "probability that more than 60 %, 80 % of the patients treated in the trial are treated at levels above the acceptable band",
    ),
    ("patients_above_target", "expected number of patients treated at levels with a true DLT probability above the target"),
    ("total_patients_q05, _q50, _q95", "smallest n with P(patients ≤ n) at least 0.05, 0.50, 0.95"),
    (
        "duration_weeks, _q05, _q50, _q95",
        "length of the trial in weeks, where the study has timing: mean and quantiles. Patients arrive one by one at random (a Poisson \
         process of the study's accrual); those who arrive while a cohort is followed for its DLT window are turned away; each decision is \
         made at the end of the window of the cohort's last patient. Time runs from the opening of enrolment to the last decision",
    ),
];

/// As [`DEFINITIONS`], of the metrics that only studies with more of calendar time than window and accrual have.
pub(super) const CALENDAR_DEFINITIONS: &[(&str, &str)] = &[
    ("closed_weeks", "expected weeks in which enrolment is closed, until the last patient is enrolled"),
    ("turned_away", "expected number of patients who arrive while enrolment is closed and are not enrolled later"),
    ("on_time", "probability that the trial ends within the planned weeks of [timing]"),
    (
        "uninformed_dlts",
        "expected number of DLTs of patients who were dosed before the DLT of a patient enrolled earlier was known: after that DLT it \
         takes the time to a decision of [timing] until it is known",
    ),
    (
        "enrolled, _q05, _q50, _q95 (calendar.csv)",
        "number of patients enrolled by the end of the week: mean, and smallest n with P(enrolled ≤ n) at least 0.05, 0.50, 0.95",
    ),
    ("on_study (calendar.csv)", "expected number of patients whose DLT window is running at the end of the week"),
    ("ended (calendar.csv)", "probability that the trial has ended by the end of the week"),
];

/// From which of so many replicates it is found who is on study week by week, where these are not all of them.
pub(super) fn weekly_replicates(replicates: u64) -> Option<String> {
    let kept = grouped(STAYS_KEPT);
    (replicates > STAYS_KEPT)
        .then(|| format!("Patients enrolled and on study week by week are those of the first {kept} replicates."))
}

/// When a metric is there, and its key and definition.
type Special = (fn(&Timing) -> bool, (&'static str, &'static str));

/// The metrics of calendar time that need settings of their own: for each whether the study has them.
pub(super) const SPECIAL_DEFINITIONS: [Special; 2] = [
    (Timing::has_dropouts, ("dropouts", "expected number of patients who drop out, which no other number counts")),
    (|timing| timing.late_dlt_share > 0.0, ("late_dlts", "expected number of DLTs after the window, which no decision sees")),
];
