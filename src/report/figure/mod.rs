//! The figures of a report, each drawn once as a [`Picture`](super::paint::Picture) that can be painted as SVG, as PNG and as PDF.
//!
//! Every figure is 640 pixels wide, the width of a page of text, 169 mm in print, and as high as its content needs. A design has the same
//! colour and marker in all of them; a dose level is coloured by its place relative to the acceptable band. The functions
//! are pure: the same data give the same bytes, and figures can be drawn on several threads at once.

mod cumulative;
mod differences;
mod endings;
mod ends;
mod enrolment;
mod hatch;
mod lanes;
mod layout;
mod marker;
mod multiples;
mod overview;
mod pathways;
mod plot;
mod population;
mod robustness;
mod scale;
mod scenarios;
mod stacked;
mod swimmers;
mod tornado;
mod trade_off;
mod tuning;
mod worst;

pub use cumulative::{DltCount, Duration, SampleSize, dlt_count, duration, sample_size};
pub use differences::{Comparison, Difference, Metric, differences};
pub use endings::{ENDS, End, EndingsClass, EndingsRow, Group, endings};
pub use ends::{Ends, EndsGroup, ends};
pub use enrolment::{Enrolled, enrolment};
pub use lanes::{LaneBlock, LaneColumn, LanePoint, LaneRow, LaneScale, Lanes, lanes};
pub use overview::{OverviewRow, overview};
pub use pathways::{PathwayLabels, pathways};
pub use population::{HeatPanel, StripRow, heat_maps, strips};
pub use robustness::{Robustness, RobustnessRow, robustness};
pub use scenarios::scenarios;
pub use stacked::{Allocation, SelectedShares, allocation, selection};
pub use swimmers::{ExampleTrial, Swimmer, swimmers};
pub use tornado::{TornadoRow, tornado};
pub use trade_off::{Limit, TradeOffRow, TradeOffWords, trade_off};
pub use tuning::{Against, Dot, Front, against, front};
pub use worst::{WorstPanel, worst_curves};

use super::paint::{Ink, Mark};
use super::palette;
use crate::scenario::{Class, Place};

/// What all figures of a study have in common.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The doses as the study file writes them, lowest first, such as "0.1".
    pub doses: Vec<String>,
    /// The unit of the doses, such as "mg/kg".
    pub unit: String,
    /// The target DLT probability.
    pub target: f64,
    /// The ends of the acceptable band of DLT probabilities.
    pub acceptable: (f64, f64),
    /// How many replicates stand behind the values that have a standard error.
    pub replicates: u64,
}

/// An assumed truth.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in the study.
    pub name: String,
    /// The true DLT probability of each level, lowest first.
    pub toxicity: Vec<f64>,
    /// Where each of them lies relative to the acceptable band, as decided on the decimals of the study file.
    pub places: Vec<Place>,
    /// The correct level from 1; 0 when no dose is correct.
    pub correct: usize,
    /// What kind of truth it is.
    pub class: Class,
}

/// A design as figures know it.
#[derive(Clone, Debug)]
pub struct Design {
    /// Its name in the study.
    pub name: String,
    /// Its place in the study from 0, which decides its colour and marker.
    pub position: usize,
}

/// A value with the standard error of its simulation; exact when there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub std_error: Option<f64>,
}

impl Estimate {
    /// Half the width of the 95 % interval; nothing when exact.
    pub(super) fn half_width(&self) -> Option<f64> {
        self.std_error.filter(|error| error.is_finite()).map(|error| 1.959_963_984_540_054 * error)
    }

    /// The ends of the 95 % interval; nothing when exact.
    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        self.half_width().map(|half| (self.value - half, self.value + half))
    }
}

/// The marker of the design at `position` (from 0) in the study, in its colour, around the origin; `radius` in pixels.
#[must_use]
pub fn marker(position: usize, radius: f64) -> Mark {
    let (color, marker) = palette::design(position);
    marker::marker_shape(marker, (0, 0), radius, Ink::Fill(color))
}

/// Why a figure could not be drawn: the plotting library refused. No data are known that lead to this.
#[derive(Debug, thiserror::Error)]
#[error("the figure could not be drawn: {0}")]
pub struct FigureError(String);

impl<E: std::error::Error + Send + Sync> From<plotters::drawing::DrawingAreaErrorKind<E>> for FigureError {
    fn from(error: plotters::drawing::DrawingAreaErrorKind<E>) -> FigureError {
        FigureError(error.to_string())
    }
}

/// Where the numbers of a figure come from, in a sentence: by value whether it is simulated, and what shows its uncertainty then.
#[must_use]
pub fn provenance(setting: &Setting, simulated: impl Iterator<Item = bool>, bars: &str) -> String {
    layout::source(evidence(simulated), setting, bars)
}

/// Whether the values of a figure are exact, simulated, or some of each.
fn evidence(simulated: impl Iterator<Item = bool>) -> Evidence {
    let (mut some, mut all) = (false, true);
    for one in simulated {
        some |= one;
        all &= one;
    }
    match (some, all) {
        (false, _) => Evidence::Exact,
        (true, true) => Evidence::Simulated,
        (true, false) => Evidence::Mixed,
    }
}

/// Where the numbers of a figure come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Evidence {
    Exact,
    Simulated,
    Mixed,
}
