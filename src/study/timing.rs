//! `[timing]`: calendar time.

use crate::keys::{Key, Keys, Table, Within, Worded};
use crate::trial::{ArrivalPattern, TimeToDlt, Timing, USUAL_ACCRUAL_PER_WEEK, USUAL_WINDOW_WEEKS};

/// Longer windows, and longer times between patients, are a mistake.
const TEN_YEARS_OF_WEEKS: f64 = 520.0;
/// Longer trials are one.
const MOST_PLANNED_WEEKS: f64 = 5_200.0;
/// Beyond these, a list is a mistake.
const MOST_PARTS: usize = 100;
const MOST_WEEKS: usize = 10_000;
const MOST_WAITING: usize = 1_000;

/// Shares of the patients who drop out, and of DLTs after the window; larger ones leave too little to decide on.
const MOST_LOST: Within = Within::Closed(0.0, 0.9);

/// Patients a week.
pub(super) const ACCRUAL: Within = Within::Closed(0.001, 1000.0);

/// How `arrivals` names the ways to arrive.
#[derive(Clone, Copy, PartialEq)]
enum Pattern {
    Poisson,
    Regular,
}

/// The table.
pub(super) static TIMING: Key<Table> = Key::table(
    "timing",
    &[
        &DLT_WINDOW_WEEKS.about,
        &ACCRUAL_PER_WEEK.about,
        &ARRIVALS.about,
        &RAMP_UP_WEEKS.about,
        &ARRIVAL_WEEKS.about,
        &SENTINEL_WEEKS.about,
        &QUEUE.about,
        &DECISION_WEEKS.about,
        &TIME_TO_DLT.about,
        &DROPOUT_RATE.about,
        &REPLACE_DROPOUTS.about,
        &LATE_DLT_SHARE.about,
        &PLANNED_WEEKS.about,
    ],
    "Calendar time.",
)
.group(FOLLOW_UP)
.fixed();

/// What the keys are about.
const FOLLOW_UP: &str = "follow-up";
const ARRIVING: &str = "arrivals";
const DROPOUTS: &str = "drop-outs";

const UP_TO_TEN_YEARS: Within = Within::Closed(0.0, TEN_YEARS_OF_WEEKS);
static DLT_WINDOW_WEEKS: Key<f64, f64> = Key::number(
    "dlt_window_weeks",
    Within::OpenClosed(0.0, TEN_YEARS_OF_WEEKS),
    "The DLT window, for which each patient is followed.",
)
.or(USUAL_WINDOW_WEEKS)
.unit("weeks")
.group(FOLLOW_UP)
.fixed();
static ACCRUAL_PER_WEEK: Key<f64, f64> =
    Key::number("accrual_per_week", ACCRUAL, "The patients who arrive in a week, on average and after a ramp-up.")
        .or(USUAL_ACCRUAL_PER_WEEK)
        .unit("patients a week")
        .group(ARRIVING)
        .fixed();
static PATTERNS: [Worded<Pattern>; 2] = [
    ("poisson", Pattern::Poisson, "At random, as a Poisson process."),
    ("regular", Pattern::Regular, "At equal intervals, the first after one of them."),
];
static ARRIVALS: Key<Pattern, Pattern> = Key::word("arrivals", &PATTERNS, "How patients arrive.")
    .or_word("poisson")
    .without(&["arrival_weeks"])
    .group(ARRIVING)
    .fixed();
static RAMP_UP_WEEKS: Key<f64, f64> =
    Key::number("ramp_up_weeks", UP_TO_TEN_YEARS, "The weeks in which accrual rises from nothing in a straight line.")
        .or(0.0)
        .unit("weeks")
        .without(&["arrivals = \"regular\"", "arrival_weeks"])
        .group(ARRIVING)
        .fixed();
static ARRIVAL_WEEKS: Key<Vec<f64>> = Key::numbers(
    "arrival_weeks",
    Within::Closed(0.0, 52_000.0),
    "The weeks in which the first patients arrive; later ones arrive at equal intervals.",
)
.further("1 to 10000 of them, not decreasing")
.unit("weeks")
.without(&["arrivals", "ramp_up_weeks"])
.group(ARRIVING)
.fixed();
static SENTINEL_WEEKS: Key<f64, f64> =
    Key::number("sentinel_weeks", UP_TO_TEN_YEARS, "The least time between the first and the second patient of a cohort.")
        .or(0.0)
        .further("at most the DLT window")
        .unit("weeks")
        .group(ARRIVING)
        .fixed();
static QUEUE: Key<usize, usize> = Key::whole(
    "queue",
    0..=MOST_WAITING,
    "How many of the patients who arrive while enrolment is closed wait; the others are lost.",
)
.or(0)
.unit("patients")
.group(ARRIVING)
.fixed();
static DECISION_WEEKS: Key<f64, f64> =
    Key::number("decision_weeks", UP_TO_TEN_YEARS, "The time from an observation to the decisions that may use it.")
        .or(0.0)
        .unit("weeks")
        .group(FOLLOW_UP)
        .fixed();
static UNIFORM: [Worded<()>; 1] = [("uniform", (), "At any time of the window, with equal chances.")];
static TIME_TO_DLT: Key<(), ()> = Key::word("time_to_dlt", &UNIFORM, "When in the window a DLT occurs, where one does.")
    .or_word("uniform")
    .forms(&[&TIME_TO_DLT_WEIBULL.about, &TIME_TO_DLT_SHARES.about])
    .group(FOLLOW_UP)
    .fixed();
static TIME_TO_DLT_WEIBULL: Key<Table> =
    Key::table("time_to_dlt", &[&FIRST_HALF.about], "A Weibull distribution that ends with the window.").group(FOLLOW_UP).fixed();
static FIRST_HALF: Key<f64> =
    Key::number("first_half", Within::Open(0.0, 1.0), "The share of DLTs in the first half of the window.")
        .required()
        .group(FOLLOW_UP)
        .fixed();
static TIME_TO_DLT_SHARES: Key<Vec<f64>> =
    Key::numbers("time_to_dlt", Within::Closed(0.0, 1.0), "The shares of DLTs in equal parts of the window.")
        .further("1 to 100 of them with a sum of 1")
        .group(FOLLOW_UP)
        .fixed();
static DROPOUT_RATE: Key<f64, f64> = Key::number(
    "dropout_rate",
    MOST_LOST,
    "The probability that a patient drops out before the end of the window, unless a DLT comes first.",
)
.or(0.0)
.group(DROPOUTS)
.fixed();
static REPLACE_DROPOUTS: Key<bool, bool> =
    Key::flag("replace_dropouts", "Whether another patient is enrolled in the cohort for each who drops out.")
        .or(true)
        .with(&["dropout_rate"])
        .group(DROPOUTS)
        .fixed();
static LATE_DLT_SHARE: Key<f64, f64> =
    Key::number("late_dlt_share", MOST_LOST, "The share of all DLTs that occur after the window, where no decision sees them.")
        .or(0.0)
        .group(FOLLOW_UP)
        .fixed();
static PLANNED_WEEKS: Key<f64> = Key::number(
    "planned_weeks",
    Within::OpenClosed(0.0, MOST_PLANNED_WEEKS),
    "The length of the trial that is planned, for comparison; it changes no trial.",
)
.further("at least the DLT window")
.unit("weeks")
.group(FOLLOW_UP)
.fixed();

/// Read the block. `None` when the window or the accrual was complained about.
pub(super) fn read(mut keys: Keys<'_>) -> Option<Timing> {
    // A number that is wrong is not replaced by the usual one.
    let (window, accrual_per_week) = (keys.sound(&DLT_WINDOW_WEEKS), keys.sound(&ACCRUAL_PER_WEEK));
    let arrivals = read_arrivals(&mut keys);
    let sentinel_weeks = keys.get(&SENTINEL_WEEKS);
    if let Some(window) = window.filter(|&window| sentinel_weeks > window) {
        let message = format!("found {sentinel_weeks}; allowed: at most the DLT window of {window} weeks");
        keys.complain("sentinel_weeks", message, None);
    }
    let queue = keys.get(&QUEUE);
    let decision_weeks = keys.get(&DECISION_WEEKS);
    let time_to_dlt = read_time_to_dlt(&mut keys);
    let dropout_rate = keys.get(&DROPOUT_RATE);
    let replace_dropouts = keys.get(&REPLACE_DROPOUTS);
    if keys.has("replace_dropouts") && !keys.has("dropout_rate") {
        let message = "says what happens when a patient drops out, and nobody does; allowed: only together with `dropout_rate`";
        keys.complain("replace_dropouts", message, None);
    }
    let late_dlt_share = keys.get(&LATE_DLT_SHARE);
    let planned_weeks = keys.get(&PLANNED_WEEKS);
    if let (Some(planned), Some(window)) = (planned_weeks, window)
        && planned < window
    {
        let message =
            format!("found {planned}; allowed: at least the DLT window of {window} weeks, a trial being longer than that");
        keys.complain("planned_weeks", message, None);
    }
    keys.finish();
    let rates = Timing::new(window?, accrual_per_week?);
    let seen = Timing { arrivals, sentinel_weeks, queue, decision_weeks, time_to_dlt, ..rates };
    Some(Timing { dropout_rate, replace_dropouts, late_dlt_share, planned_weeks, ..seen })
}

fn read_arrivals(keys: &mut Keys<'_>) -> ArrivalPattern {
    let pattern = keys.get(&ARRIVALS);
    let ramp_up_weeks = keys.get(&RAMP_UP_WEEKS);
    let weeks = keys.get(&ARRIVAL_WEEKS);
    for (other, value) in [("arrival_weeks", "a list of weeks"), ("ramp_up_weeks", "a ramp-up")] {
        let is_excluded = match other {
            "arrival_weeks" => keys.has("arrivals") || keys.has("ramp_up_weeks"),
            _ => pattern == Pattern::Regular,
        };
        if keys.has(other) && is_excluded {
            let message = format!("{value} says how patients arrive, and another key says so too; allowed: one of them");
            keys.complain(other, message, Some("a ramp-up goes with Poisson arrivals, a list of weeks with neither".to_owned()));
        }
    }
    let Some(weeks) = weeks else {
        return match pattern {
            Pattern::Regular => ArrivalPattern::Regular,
            Pattern::Poisson => ArrivalPattern::Poisson { ramp_up_weeks },
        };
    };
    if weeks.is_empty() || weeks.len() > MOST_WEEKS {
        keys.complain("arrival_weeks", format!("found {} weeks; allowed: 1 to {MOST_WEEKS}", weeks.len()), None);
    }
    if let Some(first) = weeks.windows(2).position(|pair| pair[1] < pair[0]) {
        let message = format!("found {} after {}; allowed: weeks in their order", weeks[first + 1], weeks[first]);
        keys.complain_entry("arrival_weeks", first + 1, message);
    }
    ArrivalPattern::Weeks(weeks)
}

/// `"uniform"`, `{ first_half }`, or a list of shares.
fn read_time_to_dlt(keys: &mut Keys<'_>) -> TimeToDlt {
    if let Some(mut table) = keys.table_form(&TIME_TO_DLT_WEIBULL) {
        let first_half = table.get(&FIRST_HALF);
        table.finish();
        return first_half.map_or(TimeToDlt::Uniform, |first_half| TimeToDlt::Weibull { first_half });
    }
    if keys.count("time_to_dlt").is_some() {
        let Some(shares) = keys.get(&TIME_TO_DLT_SHARES) else {
            return TimeToDlt::Uniform;
        };
        let sum: f64 = shares.iter().sum();
        if shares.is_empty() || shares.len() > MOST_PARTS || (sum - 1.0).abs() > 1e-9 {
            let message = format!(
                "found {} shares with a sum of {sum}; allowed: 1 to {MOST_PARTS} shares, of DLTs in equal parts of the window, with a sum \
                 of 1",
                shares.len()
            );
            keys.complain("time_to_dlt", message, None);
            return TimeToDlt::Uniform;
        }
        return TimeToDlt::Table(shares);
    }
    keys.get(&TIME_TO_DLT);
    TimeToDlt::Uniform
}
