//! `[timing]`: calendar time.

use crate::keys::{Keys, Within};
use crate::trial::{ArrivalPattern, TimeToDlt, Timing};

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

/// Read the block. `None` when the window or the accrual was complained about.
pub(super) fn read(mut keys: Keys<'_>) -> Option<Timing> {
    let up_to_ten_years = Within::Closed(0.0, TEN_YEARS_OF_WEEKS);
    let usual = Timing::default();
    // A number that is wrong is not replaced by the usual one.
    let mut number = |key, within, usual| keys.number(key, within).or_else(|| (!keys.has(key)).then_some(usual));
    let window = number("dlt_window_weeks", Within::OpenClosed(0.0, TEN_YEARS_OF_WEEKS), usual.dlt_window_weeks);
    let accrual_per_week = number("accrual_per_week", ACCRUAL, usual.accrual_per_week);
    let arrivals = read_arrivals(&mut keys);
    let sentinel_weeks = keys.number("sentinel_weeks", up_to_ten_years).unwrap_or(0.0);
    if let Some(window) = window.filter(|&window| sentinel_weeks > window) {
        let message = format!("found {sentinel_weeks}; allowed: at most the DLT window of {window} weeks");
        keys.complain("sentinel_weeks", message, None);
    }
    let queue = keys.whole("queue", 0..=MOST_WAITING).unwrap_or(0);
    let decision_weeks = keys.number("decision_weeks", up_to_ten_years).unwrap_or(0.0);
    let time_to_dlt = read_time_to_dlt(&mut keys);
    let dropout_rate = keys.number("dropout_rate", MOST_LOST).unwrap_or(0.0);
    let replace_dropouts = keys.flag("replace_dropouts").unwrap_or(true);
    if keys.has("replace_dropouts") && !keys.has("dropout_rate") {
        let message = "says what happens when a patient drops out, and nobody does; allowed: only together with `dropout_rate`";
        keys.complain("replace_dropouts", message, None);
    }
    let late_dlt_share = keys.number("late_dlt_share", MOST_LOST).unwrap_or(0.0);
    let planned_weeks = keys.number("planned_weeks", Within::OpenClosed(0.0, MOST_PLANNED_WEEKS));
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
    let pattern = keys.choice("arrivals", &[("poisson", Pattern::Poisson), ("regular", Pattern::Regular)]);
    let ramp_up_weeks = keys.number("ramp_up_weeks", Within::Closed(0.0, TEN_YEARS_OF_WEEKS)).unwrap_or(0.0);
    let weeks = keys.numbers("arrival_weeks", Within::Closed(0.0, 52_000.0), None);
    for (other, value) in [("arrival_weeks", "a list of weeks"), ("ramp_up_weeks", "a ramp-up")] {
        let is_excluded = match other {
            "arrival_weeks" => keys.has("arrivals") || keys.has("ramp_up_weeks"),
            _ => pattern == Some(Pattern::Regular),
        };
        if keys.has(other) && is_excluded {
            let message = format!("{value} says how patients arrive, and another key says so too; allowed: one of them");
            keys.complain(other, message, Some("a ramp-up goes with Poisson arrivals, a list of weeks with neither".to_owned()));
        }
    }
    let Some(weeks) = weeks else {
        return match pattern {
            Some(Pattern::Regular) => ArrivalPattern::Regular,
            Some(Pattern::Poisson) | None => ArrivalPattern::Poisson { ramp_up_weeks },
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
    if keys.is_table("time_to_dlt") {
        let first_half = keys.table("time_to_dlt").and_then(|mut table| {
            table.require("first_half");
            let first_half = table.number("first_half", Within::Open(0.0, 1.0));
            table.finish();
            first_half
        });
        return first_half.map_or(TimeToDlt::Uniform, |first_half| TimeToDlt::Weibull { first_half });
    }
    if keys.count("time_to_dlt").is_some() {
        let Some(shares) = keys.numbers("time_to_dlt", Within::Closed(0.0, 1.0), None) else {
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
    keys.choice("time_to_dlt", &[("uniform", ())]);
    TimeToDlt::Uniform
}
