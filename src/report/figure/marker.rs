//! The shapes of the designs' markers.

use super::plot::fine;
use crate::report::paint::{Ink, Mark, Point};
use crate::report::palette::Marker;
use std::f64::consts::FRAC_1_SQRT_2;

/// A marker around a point of the sheet; `radius` in pixels. The shapes cover about equal areas.
pub(super) fn marker_shape(marker: Marker, (x, y): Point, radius: f64, ink: Ink) -> Mark {
    let at = |dx: f64, dy: f64| (x + fine(dx * radius), y + fine(dy * radius));
    let corners: Vec<(f64, f64)> = match marker {
        Marker::Circle => return Mark::Circle { centre: (x, y), radius: fine(0.95 * radius), ink },
        Marker::Square => vec![(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)],
        Marker::TriangleUp => vec![(0.0, -1.15), (1.05, 0.75), (-1.05, 0.75)],
        Marker::TriangleDown => vec![(0.0, 1.15), (-1.05, -0.75), (1.05, -0.75)],
        Marker::Diamond => vec![(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)],
        Marker::Plus => cross(|along, across| (along, across)),
        // A plus, turned by 45 degrees.
        Marker::Cross => cross(|along, across| (FRAC_1_SQRT_2 * (along - across), FRAC_1_SQRT_2 * (along + across))),
        Marker::Star => STAR.to_vec(),
    };
    Mark::Path { points: corners.into_iter().map(|(dx, dy)| at(dx, dy)).collect(), closed: true, ink }
}

/// The twelve corners of an upright cross, turned by `turn`.
fn cross(turn: impl Fn(f64, f64) -> (f64, f64)) -> Vec<(f64, f64)> {
    const REACH: f64 = 1.15;
    const HALF: f64 = 0.38;
    let arm = [(REACH, -HALF), (REACH, HALF), (HALF, HALF)];
    let quarter_turns = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
    quarter_turns
        .iter()
        .flat_map(|(cos, sin)| arm.iter().map(move |(x, y)| (x * cos - y * sin, x * sin + y * cos)))
        .map(|(x, y)| turn(x, y))
        .collect()
}

/// A star of five points with the outer radius 1.25.
const STAR: [(f64, f64); 10] = [
    (0.0, -1.25),
    (0.323, -0.445),
    (1.189, -0.386),
    (0.523, 0.17),
    (0.735, 1.011),
    (0.0, 0.55),
    (-0.735, 1.011),
    (-0.523, 0.17),
    (-1.189, -0.386),
    (-0.323, -0.445),
];
