//! Axes with round numbers, and how numbers are written.

use super::layout::{SMALL, look};
use super::plot::Axis;
use crate::report::palette::INK;

/// A horizontal axis from at most `from` to at least `to`, drawn `length` pixels long, with round numbers at its ends.
pub(super) fn horizontal(from: f64, to: f64, length: f64, write: impl Fn(f64) -> String) -> Axis {
    spaced((from, to), true, length, beside, write)
}

/// A vertical axis, otherwise as [`horizontal`].
pub(super) fn vertical(from: f64, to: f64, length: f64, write: impl Fn(f64) -> String) -> Axis {
    spaced((from, to), true, length, |_| 1.6 * SMALL, write)
}

/// A horizontal axis that ends at `from` and `to`, with round numbers in between.
pub(super) fn horizontal_within(from: f64, to: f64, length: f64, write: impl Fn(f64) -> String) -> Axis {
    spaced((from, to), false, length, beside, write)
}

/// The room that a label needs on a horizontal axis.
fn beside(label: &str) -> f64 {
    look(SMALL, INK).width(label) + 7.0
}

/// An axis with ticks at multiples of a round step: at most eight steps, and so few that every label has the `room` it
/// needs. With `rounded` ends the axis is lengthened to the next ticks outside; otherwise only ticks inside are kept.
fn spaced((from, to): (f64, f64), rounded: bool, length: f64, room: impl Fn(&str) -> f64, write: impl Fn(f64) -> String) -> Axis {
    let to = if to > from && (to - from).is_finite() { to } else { from + 1.0 };
    let mut steps = 8;
    loop {
        let step = round_step((to - from) / f64::from(steps));
        // A tick that misses an end of the axis by rounding only is at that end.
        let (first, last) = match rounded {
            true => ((from / step + 1e-9).floor(), (to / step - 1e-9).ceil()),
            false => ((from / step - 1e-9).ceil(), (to / step + 1e-9).floor()),
        };
        let range = if rounded { (first * step, last * step) } else { (from, to) };
        let count = (last - first).max(0.0) as usize + 1;
        let multiples = (0..count).map(|index| (first + index as f64) * step);
        let ticks: Vec<(f64, String)> = multiples.map(|value| (value, write(value))).collect();
        let needed = ticks.iter().map(|(_, label)| room(label)).fold(0.0, f64::max);
        if steps == 1 || length * step / (range.1 - range.0) >= needed {
            return Axis { range, ticks, grid: true, labelled: true };
        }
        steps -= 1;
    }
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
