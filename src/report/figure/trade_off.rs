//! The trade-off: how often a dose is selected that is too toxic against how often the right one is, on average and at worst.

use super::layout::{Entry, MARGIN, Page, SMALL, WIDTH, look};
use super::plot::{Area, Panel, fine};
use super::scale::{amount, amount_up, hundred, number};
use super::{Design, FigureError};
use crate::report::paint::{Align, FINE, Ink, Mark, Picture, Point};
use crate::report::palette::{self, INK, MUTED};

/// A design in the plane of the trade-off; all values are percentages.
#[derive(Clone, Debug)]
pub struct TradeOffRow {
    /// The design.
    pub design: Design,
    /// Its mean number of patients.
    pub patients: f64,
    /// How often a too toxic dose is selected: on average, and at most.
    pub too_toxic: (f64, f64),
    /// How often the right dose is selected: on average, and at least.
    pub right: (f64, f64),
}

/// A limit that the study states beforehand.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Whether it is one of selecting too toxic doses; of selecting the right one otherwise.
    pub of_too_toxic: bool,
    /// The percentage.
    pub value: f64,
    /// What it says.
    pub words: String,
}

/// What the figure says.
#[derive(Clone, Debug)]
pub struct TradeOffWords {
    /// What it shows or finds.
    pub title: String,
    /// What dots and lines are.
    pub subtitle: String,
    /// What the axes measure: across and up.
    pub axes: [String; 2],
    /// The small print.
    pub note: String,
    /// The alternative text.
    pub alt: String,
}

/// Above this percentage an axis ends at 100.
const FULL: f64 = 95.0;
/// The height of the plane, in pixels.
const HEIGHT: f64 = 370.0;
/// Where a number is tried around its dot: how far away, in pixels, and in which directions.
const DISTANCES: [f64; 5] = [11.0, 16.0, 22.0, 28.0, 35.0];
const DIRECTIONS: [(f64, f64); 6] = [(-0.7, -0.7), (-1.0, 0.0), (-0.7, 0.7), (0.7, -0.7), (0.7, 0.7), (0.0, -1.0)];

/// A rectangle of the sheet that is taken, in pixels.
type Taken = [f64; 4];

/// Draw the plane.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn trade_off(words: &TradeOffWords, rows: &[TradeOffRow], limits: &[Limit]) -> Result<Picture, FigureError> {
    let mut page = Page::new(&words.title, &words.subtitle, words.alt.clone());
    legend(&mut page, rows, limits);
    page.text(&words.axes[1], (MARGIN, page.y + 6.0), look(SMALL, INK));
    page.y += 20.0;
    let area = Area { left: MARGIN + 34.0, top: page.y, right: WIDTH - MARGIN - 12.0, bottom: page.y + HEIGHT };
    let of = |too_toxic: bool| limits.iter().filter(move |limit| limit.of_too_toxic == too_toxic).map(|limit| limit.value);
    let largest = |values: &mut dyn Iterator<Item = f64>| values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    let across = largest(&mut rows.iter().flat_map(|row| [row.too_toxic.0, row.too_toxic.1]).chain(of(true)));
    let up = largest(&mut rows.iter().flat_map(|row| [row.right.0, row.right.1]).chain(of(false)));
    let x = if across > FULL { hundred() } else { amount(across, area.right - area.left) };
    let y = if up > FULL { hundred() } else { amount_up(up, HEIGHT) };
    let ends = (x.range.1, y.range.1);
    let mut panel = page.sheet.panel(area, x, y)?;
    panel.grid()?;
    for limit in limits {
        let line = if limit.of_too_toxic {
            ((limit.value, 0.0), (limit.value, ends.1))
        } else {
            ((0.0, limit.value), (ends.0, limit.value))
        };
        dashed(&page, panel.at(line.0.0, line.0.1), panel.at(line.1.0, line.1.1));
    }
    for row in rows {
        reach(&page, &panel, row);
    }
    let mut taken: Vec<Taken> = rows.iter().map(|row| around(centre(&panel, row), 6.0, 6.0)).collect();
    taken.extend(rows.iter().flat_map(|row| lines(&panel, row)));
    // The first design is drawn last, above the others.
    for row in rows.iter().rev() {
        dot(&page, &panel, row);
    }
    for row in rows {
        let place = free_place(&panel, row, area, &taken);
        if let Some((x, y)) = place {
            let style = look(SMALL - 1.0, INK).align(Align::Centre);
            let words = patients(row);
            page.group(Some(&row.design.name), None, || page.text(&words, (x, y), style));
            taken.push(around((x, y), style.width(&words) / 2.0 + 1.0, 6.0));
        }
    }
    page.text(&words.axes[0], ((area.left + area.right) / 2.0, area.bottom + 34.0), look(SMALL, INK).align(Align::Centre));
    page.y = area.bottom + 46.0;
    Ok(page.finish(&words.note))
}

fn legend(page: &mut Page, rows: &[TradeOffRow], limits: &[Limit]) {
    let of_design = |row: &'_ TradeOffRow| -> (String, Box<dyn Fn(&Page, (f64, f64))>) {
        let (name, position) = (row.design.name.clone(), row.design.position);
        let draw = move |page: &Page, (x, y): (f64, f64)| {
            page.group(Some(&name), None, || page.marker(position, (fine(x), fine(y)), 5.0));
        };
        (row.design.name.clone(), Box::new(draw))
    };
    let mut entries: Vec<Entry> = rows.iter().map(of_design).collect();
    for limit in limits {
        let draw = |page: &Page, (x, y): (f64, f64)| dashed(page, (fine(x - 9.0), fine(y)), (fine(x + 9.0), fine(y)));
        entries.push((limit.words.clone(), Box::new(draw)));
    }
    page.legend(&entries);
}

/// A level or upright line of dashes.
fn dashed(page: &Page, from: Point, to: Point) {
    const DASH: f64 = 50.0;
    const GAP: f64 = 30.0;
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    // Limits are level or upright.
    let length = dx.abs().max(dy.abs()).max(1.0);
    let at = |way: f64| {
        let share = way.min(length) / length;
        ((f64::from(from.0) + share * dx).round() as i32, (f64::from(from.1) + share * dy).round() as i32)
    };
    let dashes = (length / (DASH + GAP)).ceil() as usize;
    for start in (0..dashes).map(|dash| dash as f64 * (DASH + GAP)).filter(|&start| start < length) {
        let points = vec![at(start), at(start + DASH)];
        page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(MUTED, fine(1.2)) });
    }
}

/// The lines from the mean to the worst, each with a bar at its end.
fn reach(page: &Page, panel: &Panel, row: &TradeOffRow) {
    let (color, _) = palette::design(row.design.position);
    let ((x, worst_x), (y, worst_y)) = (row.too_toxic, row.right);
    if ![x, y, worst_x, worst_y].iter().all(|value| value.is_finite()) {
        return;
    }
    let line = |points: Vec<Point>, width: f64| {
        page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(width)) });
    };
    page.group(Some(&row.design.name), None, || {
        let (dot, right, low) = (panel.at(x, y), panel.at(worst_x, y), panel.at(x, worst_y));
        line(vec![dot, right], 1.0);
        line(vec![(right.0, right.1 - fine(3.0)), (right.0, right.1 + fine(3.0))], 1.4);
        line(vec![dot, low], 1.0);
        line(vec![(low.0 - fine(3.0), low.1), (low.0 + fine(3.0), low.1)], 1.4);
    });
}

fn dot(page: &Page, panel: &Panel, row: &TradeOffRow) {
    let tip = format!(
        "{}: right {} %, at least {} %; too toxic {} %, at most {} %; {} patients",
        row.design.name,
        number(row.right.0, 1),
        number(row.right.1, 1),
        number(row.too_toxic.0, 1),
        number(row.too_toxic.1, 1),
        patients(row)
    );
    if row.too_toxic.0.is_finite() && row.right.0.is_finite() {
        let centre = panel.at(row.too_toxic.0, row.right.0);
        page.group(Some(&row.design.name), Some(tip), || page.marker(row.design.position, centre, 5.2));
    }
}

/// Where a dot is, in pixels.
fn centre(panel: &Panel, row: &TradeOffRow) -> (f64, f64) {
    let (x, y) = panel.at(row.too_toxic.0, row.right.0);
    (f64::from(x) / f64::from(FINE), f64::from(y) / f64::from(FINE))
}

/// Its number of patients, as it stands beside the dot.
fn patients(row: &TradeOffRow) -> String {
    format!("{:.1}", row.patients)
}

/// The rectangles that the lines of a design take.
fn lines(panel: &Panel, row: &TradeOffRow) -> [Taken; 2] {
    let (x, y) = centre(panel, row);
    let (right, low) = (panel.at(row.too_toxic.1, row.right.0).0, panel.at(row.too_toxic.0, row.right.1).1);
    let pixels = |fine: i32| f64::from(fine) / f64::from(FINE);
    [[x, y - 1.0, pixels(right), y + 1.0], [x - 1.0, y, x + 1.0, pixels(low)]]
}

/// The rectangle around a point.
fn around((x, y): (f64, f64), half_width: f64, half_height: f64) -> Taken {
    [x - half_width, y - half_height, x + half_width, y + half_height]
}

/// The first place around a dot where its number touches nothing else; none where all are taken: the number stands in the data then.
fn free_place(panel: &Panel, row: &TradeOffRow, area: Area, taken: &[Taken]) -> Option<(f64, f64)> {
    if !(row.too_toxic.0.is_finite() && row.right.0.is_finite()) {
        return None;
    }
    let (x, y) = centre(panel, row);
    let half = look(SMALL - 1.0, INK).width(&patients(row)) / 2.0;
    let tried = DISTANCES.iter().flat_map(|distance| DIRECTIONS.map(|(dx, dy)| (distance * dx, distance * dy)));
    let mut places = tried.map(|(dx, dy)| (x + dx + dx.signum() * if dx == 0.0 { 0.0 } else { half }, y + dy));
    places.find(|&place| {
        let own = around(place, half + 1.0, 5.0);
        let is_inside = own[0] > area.left && own[1] > area.top && own[2] < area.right && own[3] < area.bottom;
        let touches = |other: &Taken| own[0] < other[2] && other[0] < own[2] && own[1] < other[3] && other[1] < own[3];
        is_inside && !taken.iter().any(touches)
    })
}
