//! Differences between each design and the reference design: a forest plot, one panel a design and one row a scenario.

use super::layout::{HEAD_INDENT, MARGIN, Page, SMALL, WIDTH, grid_columns, head_height, head_lines, look, page_title, source};
use super::plot::{Area, Axis, Panel, fine};
use super::scale::{horizontal_within, number};
use super::{Design, FigureError, Setting, evidence};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{self, INK, STRIPE};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The probability that the correct level is selected.
    CorrectSelection,
    /// The probability that a level above the acceptable band is selected.
    OverSelection,
    /// The expected number of patients in the trial.
    Patients,
    /// The expected number of DLTs in the trial.
    Dlts,
}

impl Metric {
    fn title(self) -> &'static str {
        match self {
            Metric::CorrectSelection => "Difference in correct selection",
            Metric::OverSelection => "Difference in selection of too toxic doses",
            Metric::Patients => "Difference in the expected number of patients",
            Metric::Dlts => "Difference in the expected number of DLTs",
        }
    }

    fn axis_title(self) -> &'static str {
        match self {
            Metric::CorrectSelection => "Difference (percentage points); right of zero: more often correct",
            Metric::OverSelection => "Difference (percentage points); right of zero: too toxic more often",
            Metric::Patients => "Difference (patients); right of zero: more patients",
            Metric::Dlts => "Difference (DLTs); right of zero: more DLTs",
        }
    }

    fn scale(self) -> f64 {
        match self {
            Metric::CorrectSelection | Metric::OverSelection => 100.0,
            Metric::Patients | Metric::Dlts => 1.0,
        }
    }
}

/// A difference, design minus reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The difference.
    pub value: f64,
    /// The ends of its 95 % interval; nothing when both values are exact.
    pub interval: Option<(f64, f64)>,
}

/// The differences of one design from the reference.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The design.
    pub design: Design,
    /// One for each scenario; nothing where the metric is not defined.
    pub differences: Vec<Option<Difference>>,
}

/// At most this many scenarios are on one page, and about this many rows of all its panels.
const SCENARIOS_A_PAGE: usize = 20;
const ROWS_A_PAGE: usize = 44;

/// The differences of `metric` between each design and the reference, with 95 % intervals where they are simulated: one
/// panel a design, one row a scenario. Many scenarios or designs are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn differences(
    setting: &Setting,
    metric: Metric,
    reference: &Design,
    scenarios: &[String],
    comparisons: &[Comparison],
) -> Result<Vec<Picture>, FigureError> {
    let shown = comparisons.iter().flat_map(|comparison| comparison.differences.iter().take(scenarios.len()).flatten());
    let ends = shown.clone().flat_map(|one| {
        let (low, high) = one.interval.unwrap_or((one.value, one.value));
        [low, high, one.value].map(|end| end * metric.scale())
    });
    let (low, high) =
        ends.filter(|end| end.is_finite()).fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let pad = (0.06 * (high - low)).max(0.005 * metric.scale());
    let figure = Forest {
        metric,
        scenarios,
        columns: grid_columns(comparisons.len()),
        range: (low - pad, high + pad),
        note: source(
            evidence(shown.map(|one| one.interval.is_some())),
            setting,
            "bars are 95 % intervals of paired differences, hidden where narrower than the marker",
        ),
        subtitle: format!("Each design minus {}", reference.name),
    };
    let rows = scenarios.len().clamp(1, SCENARIOS_A_PAGE);
    let panels = figure.columns * (ROWS_A_PAGE / rows).max(1);
    let mut parts = Vec::new();
    for first in (0..scenarios.len().max(1)).step_by(SCENARIOS_A_PAGE) {
        for group in comparisons.chunks(panels) {
            parts.push((first, group));
        }
    }
    let pages = parts.len();
    parts.into_iter().enumerate().map(|(page, (first, group))| figure.draw(first, group, page, pages)).collect()
}

struct Forest<'a> {
    metric: Metric,
    scenarios: &'a [String],
    columns: usize,
    range: (f64, f64),
    note: String,
    subtitle: String,
}

impl Forest<'_> {
    /// The scenarios from `first` on for a group of designs.
    fn draw(&self, first: usize, group: &[Comparison], page: usize, pages: usize) -> Result<Picture, FigureError> {
        let scenarios = &self.scenarios[first..self.scenarios.len().min(first + SCENARIOS_A_PAGE)];
        let description = format!(
            "Forest plot, one panel for each design and one row for each scenario: {}. {}. {}",
            self.metric.axis_title(),
            self.subtitle,
            self.note
        );
        let mut page = Page::new(&page_title(self.metric.title(), page, pages), &self.subtitle, description);
        let widest = scenarios.iter().map(|name| look(SMALL, INK).width(name)).fold(60.0, f64::max);
        let (names, pitch, lines) = if widest <= 150.0 { (widest, 22.0, 1) } else { (150.0, 32.0, 2) };
        let (left, gap) = (MARGIN + 6.0 + names + 20.0, 26.0);
        let width = (WIDTH - MARGIN - 10.0 - left - gap * (self.columns - 1) as f64) / self.columns as f64;
        let x = horizontal_within(self.range.0, self.range.1, width, |value| number(value, 3));
        // A head may reach into the gap to its right.
        let room = width + 10.0;
        for line in group.chunks(self.columns) {
            let heads = line.iter().map(|comparison| comparison.design.name.as_str());
            let head = 20.0 + head_height(head_lines(heads, room - HEAD_INDENT));
            let (top, bottom) = (page.y + head, page.y + head + pitch * scenarios.len() as f64);
            for (row, name) in scenarios.iter().enumerate() {
                let from = top + pitch * row as f64;
                if row % 2 == 0 {
                    page.block(Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + pitch }, STRIPE);
                }
                page.name(name, (MARGIN + 6.0, from + pitch / 2.0), look(SMALL, INK), names, lines);
            }
            for (column, comparison) in line.iter().enumerate() {
                let start = left + column as f64 * (width + gap);
                let area = Area { left: start, top, right: start + width, bottom };
                let rows = Axis { range: (scenarios.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
                let mut panel = page.sheet.panel(area, x.clone(), rows)?;
                panel.grid()?;
                panel.line(vec![(0.0, 0.0), (0.0, scenarios.len() as f64)], INK, 1.0)?;
                let design = &comparison.design;
                page.group(Some(&design.name), None, || {
                    page.head(&design.name, Some(design.position), (area.left, top - 14.0), room);
                    for (row, name) in scenarios.iter().enumerate() {
                        if let Some(Some(difference)) = comparison.differences.get(first + row) {
                            self.estimate(&page, &panel, design, name, row, difference);
                        }
                    }
                });
            }
            page.y = bottom + 28.0;
        }
        let middle = (left + WIDTH - MARGIN) / 2.0;
        page.text(self.metric.axis_title(), (middle, page.y + 6.0), look(SMALL, INK).align(Align::Centre));
        page.y += 20.0;
        Ok(page.finish(&self.note))
    }

    /// The point of one design in one scenario, with its interval.
    fn estimate(&self, page: &Page, panel: &Panel, design: &Design, scenario: &str, row: usize, difference: &Difference) {
        let scale = self.metric.scale();
        if !difference.value.is_finite() {
            return;
        }
        let (color, _) = palette::design(design.position);
        let y = row as f64 + 0.5;
        let mut tip = format!("{}, {scenario}: {}", design.name, number(difference.value * scale, 3));
        let interval = difference.interval.filter(|(low, high)| low.is_finite() && high.is_finite());
        if let Some((low, high)) = interval {
            tip.push_str(&format!(" (95 % interval {} to {})", number(low * scale, 3), number(high * scale, 3)));
        }
        page.group(None, Some(tip), || {
            page.marker(design.position, panel.at(difference.value * scale, y), 3.4);
            // Above the marker, whose white rim would cut it.
            if let Some((low, high)) = interval {
                let points = vec![panel.at(low * scale, y), panel.at(high * scale, y)];
                page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(1.5)) });
            }
        });
    }
}
