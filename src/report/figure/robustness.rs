//! A heat map of how a design does over the scenarios: one row a design, one column a scenario, with the mean and the worst.

use super::layout::{HEAD_INDENT, LABEL, MARGIN, Page, SMALL, WIDTH, look, page_title, source};
use super::plot::{Area, fine_point};
use super::scale::percent;
use super::{Design, Estimate, FigureError, Setting, evidence};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, Color, INK, MUTED, STRIPE};

/// What a heat map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robustness {
    /// The probability that the correct level is selected; the smallest is the worst.
    CorrectSelection,
    /// The probability that a level above the acceptable band is selected; the largest is the worst.
    OverSelection,
}

impl Robustness {
    fn title(self) -> &'static str {
        match self {
            Self::CorrectSelection => "Correct selection over the scenarios",
            Self::OverSelection => "Selection of too toxic doses over the scenarios",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::CorrectSelection => "the probability (%) that the correct dose is selected",
            Self::OverSelection => "the probability (%) that a dose above the acceptable band is selected",
        }
    }

    /// Whether the first value is worse than the second.
    fn is_worse(self, one: f64, other: f64) -> bool {
        match self {
            Self::CorrectSelection => one < other,
            Self::OverSelection => one > other,
        }
    }

    fn shade(self, probability: f64) -> Color {
        match self {
            Self::CorrectSelection => palette::correct_shade(probability),
            Self::OverSelection => palette::over_shade(probability),
        }
    }
}

/// A design's row of a heat map.
#[derive(Clone, Debug)]
pub struct RobustnessRow {
    /// The design.
    pub design: Design,
    /// Its probability under each scenario; nothing where it is not defined.
    pub values: Vec<Option<Estimate>>,
}

/// The height of a row, which holds a name of two lines.
const PITCH: f64 = 34.0;
/// More columns than this are spread over several pages: below this width a number does not fit into its cell.
const COLUMNS: usize = 10;
const WIDEST_CELL: f64 = 46.0;

/// A probability of each design under each scenario, as colours with numbers; many scenarios are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn robustness(
    setting: &Setting,
    what: Robustness,
    scenarios: &[String],
    rows: &[RobustnessRow],
) -> Result<Vec<Picture>, FigureError> {
    let pages = scenarios.len().div_ceil(COLUMNS).max(1);
    let columns = scenarios.len().div_ceil(pages);
    let page = |page: usize| {
        let first = page * columns;
        let shown = first..scenarios.len().min(first + columns);
        HeatMap { setting, what, scenarios, rows, shown }.draw(&page_title(what.title(), page, pages))
    };
    Ok((0..pages).map(page).collect())
}

struct HeatMap<'a> {
    setting: &'a Setting,
    what: Robustness,
    scenarios: &'a [String],
    rows: &'a [RobustnessRow],
    /// The scenarios of this page.
    shown: std::ops::Range<usize>,
}

impl HeatMap<'_> {
    fn draw(&self, title: &str) -> Picture {
        let values = self.rows.iter().flat_map(|row| row.values.iter().flatten());
        let evidence = evidence(values.map(|value| value.std_error.is_some()));
        let note = format!(
            "Each cell is {}; the outlined one is the design's worst scenario. Mean: all scenarios count the same. {}",
            self.what.sentence(),
            source(evidence, self.setting, "cells show the estimate alone, the tables its error")
        );
        let description = format!(
            "Heat map, one row for each of {} designs and one column for each of {} scenarios, with the mean and the worst. {note}",
            self.rows.len(),
            self.shown.len()
        );
        let mut page = Page::new(title, "", description);
        let names = self.rows.iter().map(|row| look(LABEL, INK).width(&row.design.name)).fold(60.0, f64::max).min(150.0);
        let left = MARGIN + HEAD_INDENT + names + 12.0;
        // The mean and the worst stand apart from the scenarios by a quarter of a cell.
        let cell = ((WIDTH - MARGIN - left) / (self.shown.len() as f64 + 2.25)).min(WIDEST_CELL);
        let x = |column: usize| left + cell * column as f64;
        let summary = |which: usize| left + cell * (self.shown.len() as f64 + 0.25 + which as f64);
        let head = look(SMALL, MUTED).align(Align::Centre);
        for (column, scenario) in self.shown.clone().enumerate() {
            page.text(&(scenario + 1).to_string(), (x(column) + cell / 2.0, page.y + 6.0), head);
        }
        for (which, words) in ["Mean", "Worst"].into_iter().enumerate() {
            page.number(words, (summary(which) + cell / 2.0, page.y + 6.0), head, cell - 6.0);
        }
        page.y += 16.0;
        for row in self.rows {
            let middle = page.y + PITCH / 2.0;
            page.group(Some(&row.design.name), None, || {
                page.marker(row.design.position, fine_point(MARGIN + 6.0, middle), 5.0);
                page.name(&row.design.name, (MARGIN + HEAD_INDENT, middle), look(LABEL, INK), names, 2);
                let worst = self.worst(row);
                for (column, scenario) in self.shown.clone().enumerate() {
                    let value = row.values.get(scenario).copied().flatten().map(|value| value.value);
                    let is_worst = worst.is_some_and(|(at, _)| at == scenario);
                    self.cell(&page, (x(column), cell), value, is_worst);
                }
                self.cell(&page, (summary(0), cell), mean(row), false);
                self.cell(&page, (summary(1), cell), worst.map(|(_, value)| value), false);
            });
            page.y += PITCH;
        }
        page.y += 14.0;
        self.key(&mut page);
        page.finish(&note)
    }

    /// The scenario where a design does worst, the first of several, and its value there.
    fn worst(&self, row: &RobustnessRow) -> Option<(usize, f64)> {
        let values = row.values.iter().enumerate().filter_map(|(scenario, value)| Some((scenario, (*value)?.value)));
        let values = values.filter(|(_, value)| value.is_finite());
        values.reduce(|worst, other| if self.what.is_worse(other.1, worst.1) { other } else { worst })
    }

    /// A cell of the row that begins at the page's position: its left end and width, and what it holds.
    fn cell(&self, page: &Page, (left, width): (f64, f64), value: Option<f64>, is_worst: bool) {
        let area = Area { left, top: page.y + 1.0, right: left + width - 2.0, bottom: page.y + PITCH - 1.0 };
        let value = value.filter(|value| value.is_finite());
        let color = value.map_or(STRIPE, |value| self.what.shade(value));
        page.block(area, color);
        if is_worst {
            page.outline(area, INK, 2.0);
        }
        let words = value.map_or_else(|| "–".to_owned(), |value| percent(value, 0));
        let at = (left + width / 2.0 - 1.0, page.y + PITCH / 2.0);
        page.number(&words, at, look(SMALL, color.readable_ink()).align(Align::Centre), width - 6.0);
    }

    /// The names of the numbered scenarios, in two columns.
    fn key(&self, page: &mut Page) {
        let half = (WIDTH - 2.0 * MARGIN) / 2.0;
        let look = look(SMALL, INK);
        let lines = self.shown.len().div_ceil(2);
        let top = page.y;
        for (index, scenario) in self.shown.clone().enumerate() {
            let (column, line) = (index / lines.max(1), index % lines.max(1));
            let at = (MARGIN + half * column as f64, top + 16.0 * line as f64);
            let number = (scenario + 1).to_string();
            page.text(&number, (at.0 + 16.0, at.1), look.bold().align(Align::Right));
            page.name(&self.scenarios[scenario], (at.0 + 24.0, at.1), look, half - 36.0, 1);
        }
        page.y = top + 16.0 * lines as f64;
    }
}

/// The mean of a row over the scenarios where it is defined.
fn mean(row: &RobustnessRow) -> Option<f64> {
    let values: Vec<f64> = row.values.iter().flatten().map(|value| value.value).filter(|value| value.is_finite()).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
