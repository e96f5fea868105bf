//! A tornado plot: what single changes do to a number, the largest first.

use super::FigureError;
use super::layout::{LABEL, MARGIN, Page, SMALL, WIDTH, look};
use super::plot::{Area, Axis};
use super::scale::{difference, number};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, INK, MUTED, STRIPE, WHITE};

/// One thing that is changed, with what each change of it does, in percentage points.
#[derive(Clone, Debug)]
pub struct TornadoRow {
    /// What is changed.
    pub what: String,
    /// What it is changed to, and the difference that makes: one or two changes.
    pub changes: Vec<(String, f64)>,
}

const PITCH: f64 = 26.0;

/// The differences that single changes make, as bars from zero: those to a lower value in the first colour, to a higher one in the
/// second. Rows by the largest difference.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn tornado(title: &str, subtitle: &str, axis: &str, rows: &[TornadoRow]) -> Result<Picture, FigureError> {
    let note = "Each bar: one change alone, everything else as it is; beside it what it is changed to, the longer bar first. Exact values.";
    let description = format!("Tornado plot of {} changes. {subtitle}. {note}", rows.len());
    let mut sorted: Vec<&TornadoRow> = rows.iter().collect();
    let size = |row: &TornadoRow| row.changes.iter().map(|(_, difference)| difference.abs()).fold(0.0, f64::max);
    sorted.sort_by(|one, other| size(other).total_cmp(&size(one)));
    let mut page = Page::new(title, subtitle, description);
    let names = sorted.iter().map(|row| look(LABEL, INK).width(&row.what)).fold(60.0, f64::max).min(190.0);
    let (left, right) = (MARGIN + names + 60.0, WIDTH - MARGIN - 50.0);
    let (top, bottom) = (page.y + 4.0, page.y + 4.0 + PITCH * sorted.len() as f64);
    for (index, row) in sorted.iter().enumerate() {
        let from = top + PITCH * index as f64;
        let stripe = Area { left: MARGIN, top: from, right: WIDTH - MARGIN, bottom: from + PITCH };
        page.block(stripe, if index % 2 == 0 { STRIPE } else { WHITE });
        page.name(&row.what, (MARGIN + 4.0, from + PITCH / 2.0), look(LABEL, INK), names, 1);
    }
    let differences = || sorted.iter().flat_map(|row| row.changes.iter().map(|(_, difference)| *difference));
    let (low, high) = (differences().fold(0.0, f64::min), differences().fold(0.0, f64::max));
    let y = Axis { range: (sorted.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
    let x = difference(low.min(-0.5), high.max(0.5), right - left);
    let mut panel = page.sheet.panel(Area { left, top, right, bottom }, x, y)?;
    panel.grid()?;
    for (index, row) in sorted.iter().enumerate() {
        let middle = index as f64 + 0.5;
        let mut changes: Vec<(usize, &(String, f64))> = row.changes.iter().enumerate().collect();
        // The longer bar below the shorter one, where both are on one side.
        changes.sort_by(|(_, one), (_, other)| other.1.abs().total_cmp(&one.1.abs()));
        for (order, &(place, (to, difference))) in changes.iter().enumerate() {
            // The colours of the second and the third design.
            let (color, _) = palette::design(1 + place);
            let is_left = *difference < 0.0;
            let same_side = |other: &&(usize, &(String, f64))| (other.1.1 < 0.0) == is_left;
            let tip = format!("{} {to}: {}", row.what, number(*difference, 2));
            page.group(None, Some(tip), || {
                let bar = panel.area((difference.min(0.0), middle - 0.32), (difference.max(0.0), middle + 0.32));
                page.block(Area { right: bar.right.max(bar.left + 1.0), ..bar }, color);
                // The label of the first bar on a side names the others there, which would be written over it.
                if changes[..order].iter().any(|other| same_side(&other)) {
                    return;
                }
                let labels: Vec<&str> = changes.iter().filter(same_side).map(|(_, (to, _))| to.as_str()).collect();
                let (label, style) = (labels.join(", "), look(SMALL, MUTED));
                let room = if is_left { bar.left - (MARGIN + names + 8.0) } else { WIDTH - MARGIN - bar.right };
                // What has no room beside the bars stands on the other side of zero, where that is empty.
                let is_moved = style.width(&label) + 5.0 > room && labels.len() == changes.len();
                let (x, align) =
                    if is_left == is_moved { (bar.right + 5.0, Align::Left) } else { (bar.left - 5.0, Align::Right) };
                page.text(&label, (x, (bar.top + bar.bottom) / 2.0), style.align(align));
            });
        }
    }
    let zero = panel.area((0.0, 0.0), (0.0, sorted.len() as f64));
    page.line((zero.left, top), (zero.left, bottom), INK, 1.0);
    page.text(axis, ((left + right) / 2.0, bottom + 34.0), look(SMALL, INK).align(Align::Centre));
    page.y = bottom + 48.0;
    Ok(page.finish(note))
}
