//! One row a scenario, those of a class together, and in it one marker a design, in columns side by side: differences, sizes, exposure.

use super::layout::{LABEL, MARGIN, Page, SMALL, WIDTH, look, page_title};
use super::plot::{Area, Axis, Panel, fine};
use super::scale::{amount, difference, number};
use super::{Design, FigureError};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{self, BAND, INK, MUTED, STRIPE, TARGET, WHITE};

/// What a figure of lanes holds.
#[derive(Clone, Debug)]
pub struct Lanes {
    /// What it shows or finds.
    pub title: String,
    /// What its numbers are.
    pub subtitle: String,
    /// The designs, in the order of their markers in a row.
    pub designs: Vec<Design>,
    /// What is drawn side by side.
    pub columns: Vec<LaneColumn>,
    /// The classes of scenarios.
    pub blocks: Vec<LaneBlock>,
    /// The small print.
    pub note: String,
    /// The alternative text.
    pub alt: String,
}

/// A column of lanes.
#[derive(Clone, Debug)]
pub struct LaneColumn {
    /// What it is about.
    pub head: String,
    /// What its axis measures.
    pub axis: String,
    /// Where its axis begins and ends.
    pub scale: LaneScale,
    /// What stands where no design has a value.
    pub absent: &'static str,
    /// A value that is marked by a line.
    pub line: Option<f64>,
}

/// The axis of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LaneScale {
    /// From zero on.
    Amount,
    /// On both sides of zero, those within the threshold being of no relevance.
    Difference {
        /// The threshold.
        threshold: f64,
    },
}

/// The scenarios of a class.
#[derive(Clone, Debug)]
pub struct LaneBlock {
    /// What they have in common.
    pub head: String,
    /// The scenarios, and last their mean where it is shown.
    pub rows: Vec<LaneRow>,
}

/// A row of lanes.
#[derive(Clone, Debug)]
pub struct LaneRow {
    /// The name of the scenario.
    pub name: String,
    /// Whether it is a mean of the rows above it.
    pub is_mean: bool,
    /// By column and design, what is drawn.
    pub points: Vec<Vec<Option<LanePoint>>>,
}

/// A value of a design, in the unit of the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LanePoint {
    /// Where the marker stands.
    pub value: f64,
    /// The ends of the line through it: an interval, or quantiles.
    pub span: Option<(f64, f64)>,
    /// The median, where it is marked on the line.
    pub median: Option<f64>,
}

impl LanePoint {
    /// All that it shows.
    fn ends(&self) -> impl Iterator<Item = f64> {
        let span = self.span.map_or([None; 2], |(low, high)| [Some(low), Some(high)]);
        [Some(self.value), span[0], span[1], self.median].into_iter().flatten().filter(|end| end.is_finite())
    }
}

/// The distance of neighbouring markers in a row, in pixels: less where there are many designs.
fn step(designs: usize) -> f64 {
    if designs > 10 { 6.6 } else { 8.0 }
}

/// The height of the head of a block, in pixels.
const HEAD: f64 = 24.0;
/// The rows of a page are not much higher than this, in pixels.
const PAGE_HEIGHT: f64 = 720.0;

/// A line of the figure: the head of a block, or a row.
enum Line<'a> {
    Head(&'a str),
    Row(&'a LaneRow),
}

/// Draw lanes; many rows are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn lanes(figure: &Lanes) -> Result<Vec<Picture>, FigureError> {
    let pitch = (step(figure.designs.len()) * figure.designs.len() as f64 + 8.0).max(26.0);
    let mut pages: Vec<Vec<Line>> = vec![Vec::new()];
    let mut height = 0.0;
    for block in &figure.blocks {
        for (place, row) in block.rows.iter().enumerate() {
            // A head is never the last line of a page, and stands again on the next one.
            let needs_head = place == 0 || height == 0.0;
            let needed = pitch + if needs_head { HEAD } else { 0.0 };
            if height > 0.0 && height + needed > PAGE_HEIGHT {
                pages.push(Vec::new());
                height = 0.0;
            }
            let Some(page) = pages.last_mut() else { continue };
            if place == 0 || height == 0.0 {
                page.push(Line::Head(&block.head));
                height += HEAD;
            }
            page.push(Line::Row(row));
            height += pitch;
        }
    }
    let count = pages.len();
    pages.iter().enumerate().map(|(place, lines)| draw(figure, lines, pitch, &page_title(&figure.title, place, count))).collect()
}

fn draw(figure: &Lanes, lines: &[Line], pitch: f64, title: &str) -> Result<Picture, FigureError> {
    let mut page = Page::new(title, &figure.subtitle, figure.alt.clone());
    page.design_legend(figure.designs.iter());
    page.y += 2.0;
    let all = || figure.blocks.iter().flat_map(|block| &block.rows);
    let names = all().map(|row| look(SMALL, INK).bold().width(&row.name)).fold(70.0, f64::max).min(140.0);
    let (left, gap) = (MARGIN + 6.0 + names + 16.0, 34.0);
    let columns = figure.columns.len().max(1);
    let width = (WIDTH - MARGIN - 14.0 - left - gap * (columns - 1) as f64) / columns as f64;
    let top = page.y + 18.0;
    let tops: Vec<f64> = lines
        .iter()
        .scan(top, |y, line| {
            let own = *y;
            *y += height_of(line, pitch);
            Some(own)
        })
        .collect();
    let bottom = top + lines.iter().map(|line| height_of(line, pitch)).sum::<f64>();
    // Below a head, every other row.
    let shaded: Vec<bool> = lines
        .iter()
        .scan(false, |shaded, line| {
            *shaded = matches!(line, Line::Row(_)) && !*shaded;
            Some(*shaded)
        })
        .collect();
    for (&from, _) in tops.iter().zip(&shaded).filter(|(_, shaded)| **shaded) {
        page.block(Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + pitch }, STRIPE);
    }
    let mut panels = Vec::new();
    for (place, column) in figure.columns.iter().enumerate() {
        let start = left + place as f64 * (width + gap);
        let area = Area { left: start, top, right: start + width, bottom };
        page.text(&column.head, (area.left, page.y + 8.0), look(LABEL, INK).bold());
        let ends = all().filter_map(|row| row.points.get(place)).flatten().flatten().flat_map(LanePoint::ends);
        let (low, high) = ends.chain(column.line).fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
        let x = match column.scale {
            LaneScale::Amount => amount(high, width),
            LaneScale::Difference { threshold } => difference(low, high.max(if low < 0.0 { 0.0 } else { threshold }), width),
        };
        let reach = x.range;
        // One unit of the vertical axis is a pixel.
        let y = Axis { range: (bottom - top, 0.0), ticks: Vec::new(), grid: false, labelled: false };
        let mut panel = page.sheet.panel(area, x, y)?;
        if let LaneScale::Difference { threshold } = column.scale {
            panel.block(((-threshold).max(reach.0), 0.0), (threshold.min(reach.1), bottom - top), BAND)?;
        }
        panel.grid()?;
        if let LaneScale::Difference { .. } = column.scale {
            panel.line(vec![(0.0, 0.0), (0.0, bottom - top)], INK, 1.0)?;
        }
        if let Some(at) = column.line {
            panel.line(vec![(at, 0.0), (at, bottom - top)], TARGET, 1.6)?;
        }
        page.text(&column.axis, ((area.left + area.right) / 2.0, bottom + 34.0), look(SMALL, INK).align(Align::Centre));
        panels.push(panel);
    }
    for ((line, &from), &shaded) in lines.iter().zip(&tops).zip(&shaded) {
        match line {
            Line::Head(words) => {
                // A line of the grid begins a hair above.
                page.block(Area { left: MARGIN, top: from - 1.0, right: WIDTH - MARGIN, bottom: from + HEAD }, WHITE);
                page.line((MARGIN, from + HEAD), (WIDTH - MARGIN, from + HEAD), MUTED, 0.8);
                page.name(words, (MARGIN, from + HEAD / 2.0 + 2.0), look(SMALL, INK).bold(), WIDTH - 2.0 * MARGIN, 1);
            }
            Line::Row(row) => {
                let style = if row.is_mean { look(SMALL, INK).bold() } else { look(SMALL, INK) };
                let lines = ((pitch / 15.0) as usize).clamp(1, 3);
                page.name(&row.name, (MARGIN + 6.0, from + pitch / 2.0), style, names, lines);
                for ((column, panel), points) in figure.columns.iter().zip(&panels).zip(&row.points) {
                    row_of(&page, panel, figure, column, (row, points), (from - top, pitch, shaded));
                }
            }
        }
    }
    page.y = bottom + 46.0;
    Ok(page.finish(&figure.note))
}

fn height_of(line: &Line, pitch: f64) -> f64 {
    if let Line::Head(_) = line { HEAD } else { pitch }
}

/// The markers of a row in one column.
fn row_of(
    page: &Page,
    panel: &Panel,
    figure: &Lanes,
    column: &LaneColumn,
    (row, points): (&LaneRow, &[Option<LanePoint>]),
    (from, pitch, shaded): (f64, f64, bool),
) {
    let middle = (figure.designs.len() as f64 - 1.0) / 2.0;
    if points.iter().all(Option::is_none) {
        let (x, y) = panel.at(0.0, from + pitch / 2.0);
        let (x, y) = (f64::from(x) / 10.0 + 8.0, f64::from(y) / 10.0);
        let style = look(SMALL, MUTED);
        let paper = Area { left: x - 3.0, top: y - 8.0, right: x + style.width(column.absent) + 3.0, bottom: y + 8.0 };
        page.block(paper, if shaded { STRIPE } else { WHITE });
        page.text(column.absent, (x, y), style);
        return;
    }
    for (place, (design, point)) in figure.designs.iter().zip(points).enumerate() {
        let Some(point) = point.filter(|point| point.value.is_finite()) else { continue };
        let y = from + pitch / 2.0 + step(figure.designs.len()) * (place as f64 - middle);
        let (color, _) = palette::design(design.position);
        let mut tip = format!("{}, {}, {}: {}", design.name, row.name, column.head, number(point.value, 2));
        let span = point.span.filter(|(low, high)| low.is_finite() && high.is_finite());
        if let Some((low, high)) = span {
            tip.push_str(&format!(" ({} to {})", number(low, 2), number(high, 2)));
        }
        page.group(Some(&design.name), Some(tip), || {
            let stroke = |from: (f64, f64), to: (f64, f64), width: f64| {
                let points = vec![panel.at(from.0, from.1), panel.at(to.0, to.1)];
                page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(width)) });
            };
            page.marker(design.position, panel.at(point.value, y), 3.6);
            // Above the marker, whose white rim would cut it.
            if let Some((low, high)) = span {
                stroke((low, y), (high, y), 1.4);
            }
            if let Some(median) = point.median {
                stroke((median, y - 3.4), (median, y + 3.4), 1.8);
            }
        });
    }
}
