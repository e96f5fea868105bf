//! Differences between each design and the reference design: a forest plot, one panel a design and one row a scenario.

use super::layout::{HEAD_INDENT, MARGIN, Page, SMALL, WIDTH, grid_columns, head_height, head_lines, look, page_title, source};
use super::plot::{Area, Axis, Panel, fine};
use super::scale::{difference, number};
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
    /// The expected length of the trial.
    Weeks,
}

impl Metric {
    fn title(self) -> &'static str {
        match self {
            Metric::CorrectSelection => "Difference in correct selection",
            Metric::OverSelection => "Difference in selection of too toxic doses",
            Metric::Patients => "Difference in the expected number of patients",
            Metric::Dlts => "Difference in the expected number of DLTs",
            Metric::Weeks => "Difference in the expected length",
        }
    }

    fn axis_title(self) -> &'static str {
        match self {
            Metric::CorrectSelection => "Difference (percentage points); right of zero: more often correct",
            Metric::OverSelection => "Difference (percentage points); right of zero: too toxic more often",
            Metric::Patients => "Difference (patients); right of zero: more patients",
            Metric::Dlts => "Difference (DLTs); right of zero: more DLTs",
            Metric::Weeks => "Difference (weeks); right of zero: longer",
        }
    }

    fn scale(self) -> f64 {
        match self {
            Metric::CorrectSelection | Metric::OverSelection => 100.0,
            Metric::Patients | Metric::Dlts | Metric::Weeks => 1.0,
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
    /// Their mean over the scenarios, where there are several.
    pub mean: Option<Difference>,
}

/// At most this many rows are in one panel, and about this many in all panels of a page.
const ROWS_A_PANEL: usize = 21;
const ROWS_A_PAGE: usize = 44;
/// What the last row is called.
const MEAN: &str = "Mean of the scenarios";

/// The differences of `metric` between each design and the reference, with 95 % intervals where they are simulated: one
/// panel a design, one row a scenario, and last their mean. Many scenarios or designs are spread over several pictures.
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
    let shown = comparisons
        .iter()
        .flat_map(|comparison| comparison.differences.iter().take(scenarios.len()).flatten().chain(&comparison.mean));
    let mean = comparisons.iter().any(|comparison| comparison.mean.is_some()).then(|| MEAN.to_owned());
    let rows: Vec<String> = scenarios.iter().cloned().chain(mean.clone()).collect();
    let ends = shown.clone().flat_map(|one| {
        let (low, high) = one.interval.unwrap_or((one.value, one.value));
        [low, high, one.value].map(|end| end * metric.scale())
    });
    let (low, high) =
        ends.filter(|end| end.is_finite()).fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let (length, most) = (rows.len().max(1), rows.len().clamp(1, ROWS_A_PANEL));
    let figure = Forest {
        metric,
        scenarios: scenarios.len(),
        rows,
        // An axis of differences needs the room of at least four labels.
        columns: grid_columns(comparisons.len()).min(3),
        range: (low, high),
        note: source(
            evidence(shown.map(|one| one.interval.is_some())),
            setting,
            match mean {
                None => "bars are 95 % intervals of paired differences, hidden where narrower than the marker",
                Some(_) => {
                    "bars are 95 % intervals of paired differences, that of the mean at most as wide as its bar, hidden where narrower \
                     than the marker"
                }
            },
        ),
        subtitle: format!("Each design minus {}", reference.name),
    };
    let panels = figure.columns * (ROWS_A_PAGE / most).max(1);
    let mut parts = Vec::new();
    for first in (0..length).step_by(ROWS_A_PANEL) {
        for group in comparisons.chunks(panels) {
            parts.push((first, group));
        }
    }
    let pages = parts.len();
    parts.into_iter().enumerate().map(|(page, (first, group))| figure.draw(first, group, page, pages)).collect()
}

struct Forest {
    metric: Metric,
    /// How many rows are those of a scenario.
    scenarios: usize,
    rows: Vec<String>,
    columns: usize,
    range: (f64, f64),
    note: String,
    subtitle: String,
}

impl Forest {
    /// The rows from `first` on for a group of designs.
    fn draw(&self, first: usize, group: &[Comparison], page: usize, pages: usize) -> Result<Picture, FigureError> {
        let rows = &self.rows[first..self.rows.len().min(first + ROWS_A_PANEL)];
        let description = format!(
            "Forest plot, one panel for each design and one row for each scenario{}: {}. {}. {}",
            if self.rows.len() > self.scenarios { " and for their mean" } else { "" },
            self.metric.axis_title(),
            self.subtitle,
            self.note
        );
        let mut page = Page::new(&page_title(self.metric.title(), page, pages), &self.subtitle, description);
        let widest = rows.iter().map(|name| look(SMALL, INK).width(name)).fold(60.0, f64::max);
        let (names, pitch, lines) = if widest <= 150.0 { (widest, 22.0, 1) } else { (150.0, 32.0, 2) };
        let (left, gap) = (MARGIN + 6.0 + names + 20.0, 30.0);
        let width = (WIDTH - MARGIN - 10.0 - left - gap * (self.columns - 1) as f64) / self.columns as f64;
        let x = difference(self.range.0, self.range.1, width);
        // A head may reach into the gap to its right.
        let room = width + 10.0;
        for line in group.chunks(self.columns) {
            let heads = line.iter().map(|comparison| comparison.design.name.as_str());
            let head = 20.0 + head_height(head_lines(heads, room - HEAD_INDENT));
            let (top, bottom) = (page.y + head, page.y + head + pitch * rows.len() as f64);
            for (row, name) in rows.iter().enumerate() {
                let from = top + pitch * row as f64;
                if row % 2 == 0 {
                    page.block(Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + pitch }, STRIPE);
                }
                page.name(name, (MARGIN + 6.0, from + pitch / 2.0), look(SMALL, INK), names, lines);
                if first + row == self.scenarios {
                    page.line((MARGIN, from), (WIDTH - MARGIN, from), INK, 0.8);
                }
            }
            for (column, comparison) in line.iter().enumerate() {
                let start = left + column as f64 * (width + gap);
                let area = Area { left: start, top, right: start + width, bottom };
                let vertical = Axis { range: (rows.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
                let mut panel = page.sheet.panel(area, x.clone(), vertical)?;
                panel.grid()?;
                panel.line(vec![(0.0, 0.0), (0.0, rows.len() as f64)], INK, 1.0)?;
                let design = &comparison.design;
                page.group(Some(&design.name), None, || {
                    page.head(&design.name, Some(design.position), (area.left, top - 14.0), room);
                    for (row, name) in rows.iter().enumerate() {
                        let own = comparison.differences.get(first + row).copied().flatten();
                        if let Some(difference) = if first + row == self.scenarios { comparison.mean } else { own } {
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
    fn estimate(&self, page: &Page, panel: &Panel, design: &Design, scenario: &str, row: usize, difference: Difference) {
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
