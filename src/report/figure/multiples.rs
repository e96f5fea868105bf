//! Small multiples: panels on the same axes, side by side and line by line.

use super::FigureError;
use super::layout::{HEAD_INDENT, MARGIN, Page, SMALL, WIDTH, grid_columns, head_height, head_lines, look};
use super::plot::{Area, Axis, Panel};
use crate::report::paint::Align;
use crate::report::palette::{INK, MUTED};

/// Panels on the same axes, each below its name and a line of words.
pub(super) struct Multiples<'a> {
    /// What the vertical axes are, above the first of them.
    pub(super) heading: &'a str,
    /// What the horizontal axes are, below the last of them.
    pub(super) foot: &'a str,
}

/// Where a panel stands.
pub(super) struct Place {
    /// Its data rectangle on the sheet.
    pub(super) area: Area,
    /// The end of its horizontal axis.
    pub(super) end: f64,
    /// The middle of the line of words above it.
    words: f64,
}

impl Place {
    /// The name of a panel, after the design's marker if there is one, and the line of words below it.
    pub(super) fn head(&self, page: &Page, name: &str, design: Option<usize>, words: &str) {
        let width = self.area.right - self.area.left;
        page.head(name, design, (self.area.left, self.words - 19.0), width);
        page.name(words, (self.area.left, self.words), look(SMALL, MUTED), width + 8.0, 1);
    }
}

impl Multiples<'_> {
    /// Draw a panel for each of the rows. `axes` makes the axes for a panel's width and height in pixels, `name` is what a row is
    /// called, and `panel` draws what a panel holds, its grid and its head included.
    pub(super) fn draw<R>(
        &self,
        page: &mut Page,
        rows: &[R],
        axes: impl Fn(f64, f64) -> (Axis, Axis),
        name: impl Fn(&R) -> &str,
        panel: impl Fn(&Page, &mut Panel, &Place, &R) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        let columns = grid_columns(rows.len());
        let (left, gap) = (MARGIN + 34.0, 22.0);
        let width = (WIDTH - MARGIN - 8.0 - left - gap * (columns - 1) as f64) / columns as f64;
        let height = (0.8 * width).clamp(90.0, 190.0);
        let (x, y) = axes(width, height);
        page.text(self.heading, (MARGIN, page.y + 6.0), look(SMALL, INK));
        page.y += 22.0;
        for line in rows.chunks(columns) {
            let head = 32.0 + head_height(head_lines(line.iter().map(&name), width - HEAD_INDENT));
            for (column, row) in line.iter().enumerate() {
                let start = left + column as f64 * (width + gap);
                let area = Area { left: start, top: page.y + head, right: start + width, bottom: page.y + head + height };
                let y = Axis { labelled: column == 0, ..y.clone() };
                let mut drawn = page.sheet.panel(area, x.clone(), y)?;
                panel(page, &mut drawn, &Place { area, end: x.range.1, words: area.top - 12.0 }, row)?;
            }
            page.y += head + height + 26.0;
        }
        page.text(self.foot, ((left + WIDTH - MARGIN) / 2.0, page.y + 6.0), look(SMALL, INK).align(Align::Centre));
        page.y += 20.0;
        Ok(())
    }
}
