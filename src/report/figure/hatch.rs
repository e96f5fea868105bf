//! Hatching: what a bar is can be told without its colour.

use super::layout::Page;
use super::plot::Area;
use crate::report::palette::Color;

/// Which way the lines of a hatching run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hatch {
    /// No lines.
    Plain,
    /// From left to right.
    Level,
    /// From the lower left to the upper right.
    Rising,
    /// From the upper left to the lower right.
    Falling,
}

/// The distance of the lines in pixels, and their width.
const DISTANCE: f64 = 6.0;
const WIDTH: f64 = 0.8;

impl Hatch {
    /// Draw the lines over an area.
    pub(super) fn draw(self, page: &Page, area: Area, color: Color) {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        match self {
            Self::Plain => {}
            Self::Level => {
                let lines = (height / DISTANCE).ceil() as usize;
                for y in (0..lines).map(|line| area.top + (line as f64 + 0.5) * DISTANCE).filter(|&y| y < area.bottom) {
                    page.line((area.left, y), (area.right, y), color, WIDTH);
                }
            }
            Self::Rising | Self::Falling => {
                // A line leaves the lower edge, or for falling lines the upper one, at `at`, and is cut where it leaves the area.
                let lines = ((width + height) / DISTANCE).ceil() as usize;
                for at in (0..lines).map(|line| (line as f64 + 0.5) * DISTANCE - height) {
                    let (from, to) = (at.max(0.0), (at + height).min(width));
                    if from < to {
                        let y = |x: f64| if self == Self::Rising { area.bottom - (x - at) } else { area.top + (x - at) };
                        page.line((area.left + from, y(from)), (area.left + to, y(to)), color, WIDTH);
                    }
                }
            }
        }
    }
}
