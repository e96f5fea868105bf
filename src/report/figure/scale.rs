//! Axes with round numbers, and how numbers are written.

use super::layout::{SMALL, look};
use super::plot::Axis;
use crate::report::palette::INK;

/// A horizontal axis from at most `from` to at least `to`, drawn `length` pixels long, with round numbers at its ends.
pub(super) fn horizontal(from: f64, to: f64, length: f64, write: impl Fn(f64) -> String) -> Axis {
    spaced((from, to), length, beside, write)
}

/// A vertical axis, otherwise as [`horizontal`].
pub(super) fn vertical(from: f64, to: f64, length: f64, write: impl Fn(f64) -> String) -> Axis {
    spaced((from, to), length, |_| 1.6 * SMALL, write)
}

/// A horizontal axis from zero to a round number above `largest`, with at least four labels.
pub(super) fn amount(largest: f64, length: f64) -> Axis {
    from_zero(largest, length, beside)
}

/// A vertical axis, otherwise as [`amount`].
pub(super) fn amount_up(largest: f64, length: f64) -> Axis {
    from_zero(largest, length, |_| 1.6 * SMALL)
}

/// A horizontal axis of percentages, all of them.
pub(super) fn hundred() -> Axis {
    let ticks = (0..=5).map(|place| 20.0 * f64::from(place)).map(|value| (value, number(value, 0))).collect();
    Axis { range: (0.0, 100.0), ticks, grid: true, labelled: true }
}

fn from_zero(largest: f64, length: f64, room: impl Fn(&str) -> f64) -> Axis {
    let largest = if largest.is_finite() && largest > 0.0 { largest } else { 1.0 };
    multiples(BEYOND * largest, (3, 8), length, room, |count| (0, count))
}

/// A horizontal axis of differences of which none is below `low` or above `high`: with zero, and with the same number on both sides
/// where there are differences on both, else only on theirs. Labels stand at least at four places, on each side that there is.
pub(super) fn difference(low: f64, high: f64, length: f64) -> Axis {
    let finite = |end: f64| if end.is_finite() { end } else { 0.0 };
    let (low, high) = (finite(low).min(0.0), finite(high).max(0.0));
    // A marker does not stand on the end of its axis.
    let largest = if low == 0.0 && high == 0.0 { 1.0 } else { BEYOND * high.max(-low) };
    match (low < 0.0, high > 0.0) {
        (true, true) => multiples(largest, (2, 5), length, beside, |count| (-count, count)),
        (true, false) => multiples(largest, (3, 6), length, beside, |count| (-count, 0)),
        _ => multiples(largest, (3, 6), length, beside, |count| (0, count)),
    }
}

/// How far an axis reaches beyond the largest value, at least.
const BEYOND: f64 = 1.02;

/// An axis with labels at multiples of 1, 2 or 5 times a power of ten: `steps`, at least and at most, from zero to the first multiple
/// beyond `largest`, where the labels have the `room` that they need; `ends` are the first and the last multiple. An axis that is too
/// short for the least number of labels has them all the same.
fn multiples(
    largest: f64,
    (least, most): (i32, i32),
    length: f64,
    room: impl Fn(&str) -> f64,
    ends: impl Fn(i32) -> (i32, i32),
) -> Axis {
    let mut step = round_step(largest / f64::from(most));
    loop {
        let count = ((largest / step - 1e-9).ceil() as i32).max(least);
        let (first, last) = ends(count);
        let digits = decimals(step);
        let tick = |place: i32| (f64::from(place) * step, number(f64::from(place) * step, digits));
        let ticks: Vec<(f64, String)> = (first..=last).map(tick).collect();
        let needed = ticks.iter().map(|(_, label)| room(label)).fold(0.0, f64::max);
        if count == least || length / f64::from(last - first) >= needed {
            return Axis { range: (f64::from(first) * step, f64::from(last) * step), ticks, grid: true, labelled: true };
        }
        step = round_step(1.5 * step);
    }
}

/// The room that a label needs on a horizontal axis.
fn beside(label: &str) -> f64 {
    look(SMALL, INK).width(label) + 7.0
}

/// An axis with ticks at multiples of a round step, lengthened to the next ticks outside: at most eight steps, and so few that every
/// label has the `room` that it needs, but three at least.
fn spaced((from, to): (f64, f64), length: f64, room: impl Fn(&str) -> f64, write: impl Fn(f64) -> String) -> Axis {
    let to = if to > from && (to - from).is_finite() { to } else { from + 1.0 };
    let axis = |step: f64| {
        // A tick that misses an end of the axis by rounding only is at that end.
        let (first, last) = ((from / step + 1e-9).floor(), (to / step - 1e-9).ceil());
        let count = (last - first).max(0.0) as usize + 1;
        let ticks = (0..count).map(|index| (first + index as f64) * step).map(|value| (value, write(value))).collect();
        Axis { range: (first * step, last * step), ticks, grid: true, labelled: true }
    };
    let mut found = axis(round_step((to - from) / 8.0));
    for steps in (3..8).rev() {
        let needed = found.ticks.iter().map(|(_, label)| room(label)).fold(0.0, f64::max);
        if length / (found.ticks.len() - 1) as f64 >= needed {
            break;
        }
        let wider = axis(round_step((to - from) / f64::from(steps)));
        if wider.ticks.len() < LEAST_TICKS {
            break;
        }
        found = wider;
    }
    found
}

/// An axis has at least so many labels: fewer do not tell a scale.
const LEAST_TICKS: usize = 4;

/// How many decimals a multiple of a round step needs.
fn decimals(step: f64) -> usize {
    let (mut digits, mut unit) = (0, 1.0);
    while step < unit * (1.0 - 1e-9) && digits < 9 {
        digits += 1;
        unit /= 10.0;
    }
    digits
}

/// The smallest of 1, 2, 5, 10, 20, 50, ... (and their thousandth parts) that is not below `least`.
fn round_step(least: f64) -> f64 {
    let mut unit = 1e-6;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if factor * unit >= least * (1.0 - 1e-9) {
                return factor * unit;
            }
        }
        unit *= 10.0;
    }
}

/// A number without needless digits: up to `digits` decimals.
pub(super) fn number(value: f64, digits: usize) -> String {
    let written = format!("{value:.digits$}");
    let trimmed = if written.contains('.') { written.trim_end_matches('0').trim_end_matches('.') } else { &written };
    match trimmed {
        "-0" => "0".to_string(),
        other => other.replace('-', "−"),
    }
}

/// A probability as a percentage without its sign.
pub(super) fn percent(probability: f64, digits: usize) -> String {
    number(100.0 * probability, digits)
}

/// A whole number with its thousands set apart by commas.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let mut groups: Vec<&str> = if first > 0 { vec![&digits[..first]] } else { Vec::new() };
    groups.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}
