//! The study at a glance: how often each design selects the correct dose, and how often one that is too toxic.

use super::layout::{LABEL, MARGIN, Page, SMALL, WIDTH, look, page_title, source};
use super::plot::{Area, Axis, Panel, fine};
use super::scale::{horizontal, percent};
use super::{Design, Estimate, FigureError, Setting, evidence};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{self, Color, INK, MUTED, STRIPE, WHITE};

/// One scenario of the overview.
#[derive(Clone, Debug)]
pub struct OverviewRow {
    /// The name of the scenario.
    pub scenario: String,
    /// For each design the probability that the correct level is selected; nothing where it is not defined.
    pub correct: Vec<Option<Estimate>>,
    /// For each design the probability that a level above the acceptable band is selected; nothing where no level is.
    pub over: Vec<Option<Estimate>>,
}

/// The distance of neighbouring markers in a row, in pixels.
const STEP: f64 = 7.0;
/// A page is not much higher than this, in pixels.
const PAGE_HEIGHT: f64 = 900.0;

/// Correct selection and selection of too toxic doses, side by side: one row a scenario, one marker a design. Many
/// scenarios are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn overview(setting: &Setting, designs: &[Design], rows: &[OverviewRow]) -> Result<Vec<Picture>, FigureError> {
    let pitch = (STEP * designs.len() as f64 + 10.0).max(34.0);
    let rows_a_page = ((PAGE_HEIGHT / pitch) as usize).max(1);
    let pages = rows.len().div_ceil(rows_a_page).max(1);
    (0..pages)
        .map(|page| {
            let first = page * rows_a_page;
            let shown = &rows[first..rows.len().min(first + rows_a_page)];
            draw(setting, designs, shown, pitch, &page_title("Selection of correct and of too toxic doses", page, pages))
        })
        .collect()
}

fn draw(setting: &Setting, designs: &[Design], rows: &[OverviewRow], pitch: f64, title: &str) -> Result<Picture, FigureError> {
    let values = rows.iter().flat_map(|row| row.correct.iter().chain(&row.over).flatten());
    let note = source(
        evidence(values.map(|value| value.std_error.is_some())),
        setting,
        "bars are 95 % intervals, hidden where narrower than the marker",
    );
    let description = format!(
        "Dot plot, one row for each of {} scenarios and one marker for each of {} designs: the probability that the correct \
         dose is selected, and that a dose above the acceptable band is selected. {note}",
        rows.len(),
        designs.len()
    );
    let mut page = Page::new(title, "", description);
    page.design_legend(designs.iter());
    page.y += 4.0;

    let names = rows.iter().map(|row| look(LABEL, INK).width(&row.scenario)).fold(60.0, f64::max).min(160.0);
    let (left, gap) = (MARGIN + 6.0 + names + 18.0, 28.0);
    let width = (WIDTH - MARGIN - 12.0 - left - gap) / 2.0;
    let top = page.y + 26.0;
    let bottom = top + pitch * rows.len() as f64;
    for (index, row) in rows.iter().enumerate() {
        let from = top + pitch * index as f64;
        let stripe = Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + pitch };
        page.block(stripe, row_color(index));
        let lines = ((pitch / 17.0) as usize).clamp(1, 3);
        page.name(&row.scenario, (MARGIN + 6.0, from + pitch / 2.0), look(LABEL, INK), names, lines);
    }
    for column in 0..2 {
        let start = left + column as f64 * (width + gap);
        let area = Area { left: start, top, right: start + width, bottom };
        let head = ["Correct dose selected", "Too toxic dose selected"][column];
        page.text(head, (area.left, page.y + 12.0), look(LABEL, INK).bold());
        let y = Axis { range: (rows.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
        let mut panel = page.sheet.panel(area, horizontal(0.0, 1.0, width, |value| percent(value, 0)), y)?;
        panel.grid()?;
        for (index, design) in designs.iter().enumerate() {
            page.group(Some(&design.name), None, || {
                for (number, row) in rows.iter().enumerate() {
                    let value = [&row.correct, &row.over][column].get(index).copied().flatten();
                    let offset = STEP * (index as f64 - (designs.len() - 1) as f64 / 2.0) / pitch;
                    let tip = format!("{}, {}: {}", design.name, row.scenario, head.to_lowercase());
                    if let Some(value) = value.filter(|value| value.value.is_finite()) {
                        dot(&page, &panel, design, value, number as f64 + 0.5 + offset, &tip);
                    }
                }
            });
        }
        if column == 1 {
            for (number, _) in rows.iter().enumerate().filter(|(_, row)| row.over.iter().all(Option::is_none)) {
                let (words, look) = ("No dose is too toxic", look(SMALL, MUTED));
                let (x, y) = (area.left + 10.0, top + pitch * (number as f64 + 0.5));
                let paper = Area { left: x - 4.0, top: y - 8.0, right: x + look.width(words) + 4.0, bottom: y + 8.0 };
                page.block(paper, row_color(number));
                page.text(words, (x, y), look);
            }
        }
        let axis_title = look(SMALL, INK).align(Align::Centre);
        page.text("Probability (%)", ((area.left + area.right) / 2.0, bottom + 34.0), axis_title);
    }
    page.y = bottom + 48.0;
    Ok(page.finish(&note))
}

/// The background of a row.
fn row_color(row: usize) -> Color {
    if row.is_multiple_of(2) { STRIPE } else { WHITE }
}

/// A marker with its interval.
fn dot(page: &Page, panel: &Panel, design: &Design, value: Estimate, y: f64, tip: &str) {
    let (color, _) = palette::design(design.position);
    page.group(None, Some(format!("{tip} in {} %", percent(value.value, 1))), || {
        page.marker(design.position, panel.at(value.value, y), 3.4);
        // Above the marker, whose white rim would cut it.
        if let Some((low, high)) = value.interval() {
            let points = vec![panel.at(low.max(0.0), y), panel.at(high.min(1.0), y)];
            page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(1.5)) });
        }
    });
}
