//! A population of curves: how the designs are spread over it, and how they do by the MTD and the steepness of a curve.

use super::layout::{HEAD_INDENT, LABEL, MARGIN, Page, SMALL, WIDTH, head_height, head_lines, look, page_title};
use super::plot::{Area, Axis, fine_point};
use super::scale::{horizontal, percent};
use super::{Design, FigureError};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, INK, MUTED, STRIPE, WHITE};

/// A design's row of strips.
#[derive(Clone, Debug)]
pub struct StripRow {
    /// The design.
    pub design: Design,
    /// For each panel the quantiles 5, 25, 50, 75 and 95 % over the curves, and the mean; nothing where it is not defined.
    pub strips: Vec<Option<([f64; 5], f64)>>,
}

/// A design's heat map.
#[derive(Clone, Debug)]
pub struct HeatPanel {
    /// The design.
    pub design: Design,
    /// For each row and column the mean and the number of curves; nothing where there is none.
    pub cells: Vec<Vec<Option<(f64, usize)>>>,
}

/// The height of a row of strips in pixels.
const PITCH: f64 = 30.0;

/// The spread of probabilities over a population, one panel for each of `heads`, one row a design: the middle half of the curves as a
/// box, 5 to 95 % as a line, the median as a gap in the box and the mean as the design's marker.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn strips(title: &str, heads: &[&str], rows: &[StripRow]) -> Result<Picture, FigureError> {
    let note = "Box: the middle half of the curves, with the median. Line: 5 to 95 % of them. Marker: the mean. Exact values.";
    let description = format!(
        "Box plots, one row for each of {} designs, of the distribution over the curves of: {}. {note}",
        rows.len(),
        heads.join("; ")
    );
    let mut page = Page::new(title, "", description);
    let names = rows.iter().map(|row| look(LABEL, INK).width(&row.design.name)).fold(60.0, f64::max).min(140.0);
    let (left, gap) = (MARGIN + names + 20.0, 26.0);
    let width = (WIDTH - MARGIN - 10.0 - left - gap * (heads.len() - 1) as f64) / heads.len() as f64;
    let top = page.y + 24.0;
    let bottom = top + PITCH * rows.len() as f64;
    for (index, row) in rows.iter().enumerate() {
        let from = top + PITCH * index as f64;
        let stripe = Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + PITCH };
        page.block(stripe, if index % 2 == 0 { STRIPE } else { WHITE });
        page.name(&row.design.name, (MARGIN + 4.0, from + PITCH / 2.0), look(LABEL, INK), names, 2);
    }
    for (column, head) in heads.iter().enumerate() {
        let start = left + column as f64 * (width + gap);
        let area = Area { left: start, top, right: start + width, bottom };
        page.name(head, (area.left, page.y + 12.0), look(SMALL, INK).bold(), width + gap - 8.0, 1);
        let y = Axis { range: (rows.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
        let mut panel = page.sheet.panel(area, horizontal(0.0, 1.0, width, |value| percent(value, 0)), y)?;
        panel.grid()?;
        for (index, row) in rows.iter().enumerate() {
            let Some((quantiles, mean)) = row.strips.get(column).copied().flatten() else { continue };
            let middle = index as f64 + 0.5;
            let (color, _) = palette::design(row.design.position);
            let words = quantiles.map(|value| percent(value, 1)).join(", ");
            let tip = format!("{}: quantiles 5, 25, 50, 75, 95 %: {words}; mean {}", row.design.name, percent(mean, 1));
            page.group(Some(&row.design.name), Some(tip), || {
                let at = |value: f64, offset: f64| panel.area((value, middle), (value, middle)).shifted(offset);
                let [low, first, median, third, high] = quantiles;
                page.line(at(low, 0.0), at(high, 0.0), color, 1.6);
                let (from, to) = (at(first, -6.0), at(third, 6.0));
                // A box has some width even where the curves agree.
                page.block(Area { left: from.0 - 0.75, top: from.1, right: to.0 + 0.75, bottom: to.1 }, color);
                page.line(at(median, -6.0), at(median, 6.0), WHITE, 2.0);
                page.marker(row.design.position, panel.at(mean, middle), 4.0);
            });
        }
        page.text("Probability (%)", ((area.left + area.right) / 2.0, bottom + 34.0), look(SMALL, INK).align(Align::Centre));
    }
    page.y = bottom + 48.0;
    Ok(page.finish(note))
}

impl Area {
    /// The left upper corner, moved down by some pixels.
    fn shifted(self, down: f64) -> (f64, f64) {
        (self.left, self.top + down)
    }
}

/// Panels on one page.
const PANELS: usize = 6;
const CELL_HEIGHT: f64 = 24.0;

/// The mean probability of correct selection by the correct level (`rows`, from below) and the steepness of the curve (`columns`), one
/// panel a design; many designs are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn heat_maps(title: &str, rows: &[String], columns: &[String], panels: &[HeatPanel]) -> Result<Vec<Picture>, FigureError> {
    let pages = panels.len().div_ceil(PANELS).max(1);
    let page = |page: usize| {
        let shown = &panels[page * PANELS..panels.len().min((page + 1) * PANELS)];
        heat_page(&page_title(title, page, pages), rows, columns, shown)
    };
    Ok((0..pages).map(page).collect())
}

fn heat_page(title: &str, rows: &[String], columns: &[String], panels: &[HeatPanel]) -> Picture {
    let note = "Each cell: the mean probability (%) of correct selection over the curves with this MTD and this steepness, the mean difference \
                of toxicity between the MTD and its neighbours. A dash: no such curve. Exact values.";
    let description = format!("Heat maps of {} designs by MTD and steepness. {note}", panels.len());
    let mut page = Page::new(title, "", description);
    let across = panels.len().clamp(1, 2);
    let label = rows.iter().map(|row| look(SMALL, MUTED).width(row)).fold(20.0, f64::max) + 8.0;
    let width = (WIDTH - 2.0 * MARGIN - 20.0 * (across - 1) as f64) / across as f64;
    let cell = ((width - label) / columns.len() as f64).min(64.0);
    let lines = head_lines(panels.iter().map(|panel| panel.design.name.as_str()), width - HEAD_INDENT);
    let height = head_height(lines) + 10.0 + CELL_HEIGHT * rows.len() as f64 + 34.0;
    for (index, panel) in panels.iter().enumerate() {
        let left = MARGIN + (width + 20.0) * (index % across) as f64;
        let top = page.y + height * (index / across) as f64;
        page.group(Some(&panel.design.name), None, || {
            let middle = top + head_height(lines) / 2.0;
            page.marker(panel.design.position, fine_point(left + 6.0, middle), 5.0);
            page.name(&panel.design.name, (left + HEAD_INDENT, middle), look(LABEL, INK).bold(), width - HEAD_INDENT, lines);
        });
        let first = top + head_height(lines) + 8.0;
        for (place, name) in rows.iter().enumerate() {
            let y = first + CELL_HEIGHT * (rows.len() - 1 - place) as f64;
            page.text(name, (left + label - 6.0, y + CELL_HEIGHT / 2.0), look(SMALL, MUTED).align(Align::Right));
            for (column, steepness) in columns.iter().enumerate() {
                let value = panel.cells.get(place).and_then(|row| row.get(column).copied().flatten());
                let x = left + label + cell * column as f64;
                let color = value.map_or(STRIPE, |(mean, _)| palette::correct_shade(mean));
                let tip = value.map(|(mean, curves)| {
                    format!("{}, {name}, {steepness}: {} % over {curves} curves", panel.design.name, percent(mean, 1))
                });
                page.group(None, tip, || {
                    page.block(Area { left: x, top: y + 1.0, right: x + cell - 2.0, bottom: y + CELL_HEIGHT - 1.0 }, color);
                    let words = value.map_or_else(|| "–".to_owned(), |(mean, _)| percent(mean, 0));
                    let look = look(SMALL, color.readable_ink()).align(Align::Centre);
                    page.number(&words, (x + cell / 2.0 - 1.0, y + CELL_HEIGHT / 2.0), look, cell - 6.0);
                });
            }
        }
        for (column, name) in columns.iter().enumerate() {
            let x = left + label + cell * (column as f64 + 0.5) - 1.0;
            let y = first + CELL_HEIGHT * rows.len() as f64 + 8.0;
            page.number(name, (x, y), look(SMALL, MUTED).align(Align::Centre), cell - 4.0);
        }
    }
    page.y += height * panels.len().div_ceil(across) as f64;
    page.finish(note)
}
