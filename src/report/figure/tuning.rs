//! The points of a tuning: the Pareto front, and the objective against each parameter.

use super::FigureError;
use super::layout::{Entry, MARGIN, Page, SMALL, WIDTH, grid_columns, head_height, look};
use super::plot::{Area, Axis, Panel, fine, fine_point};
use super::scale::{horizontal, number, percent, vertical};
use crate::report::font;
use crate::report::paint::{Align, Ink, Mark, Picture, Point};
use crate::report::palette::{CONTEXT, Color, INK, Marker, TARGET, WHITE};

/// A point.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Where it is.
    pub at: (f64, f64),
    /// What is said of it.
    pub tip: String,
    /// Whether it can be the best: it meets the limits.
    pub within: bool,
    /// Whether it is on the front.
    pub front: bool,
    /// Whether it is the best.
    pub best: bool,
    /// Whether it is the design as it is written.
    pub base: bool,
}

/// The points of a tuning, at (expected patients, probability of correct selection).
#[derive(Clone, Debug)]
pub struct Front {
    /// The points.
    pub dots: Vec<Dot>,
    /// The probability of overdosing of each.
    pub overdosing: Vec<f64>,
    /// Whether there are limits.
    pub has_limits: bool,
    /// What both are means over: scenarios, or curves.
    pub over: &'static str,
}

/// The points at the values of one parameter.
#[derive(Clone, Debug)]
pub struct Against {
    /// The parameter.
    pub key: String,
    /// The names of the places 0, 1, ... where its values are no numbers.
    pub labels: Option<Vec<String>>,
    /// The points, at (value or place, objective).
    pub dots: Vec<Dot>,
}

/// The lightest and the darkest shade of overdosing.
const MILD: Color = Color(0xf8, 0xc2, 0x82);
const GRAVE: Color = Color(0x8a, 0x2b, 0x0c);

/// All points by expected patients and correct selection, coloured by overdosing, with the front.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn front(front: &Front) -> Result<Picture, FigureError> {
    let description = format!(
        "Scatter plot of {} designs: expected number of patients and probability that the correct dose is selected, coloured by the \
         probability that more than 60 % of the patients are overdosed. The points of the Pareto front have a dark rim.",
        front.dots.len()
    );
    let subtitle = format!("Means over the {}", front.over);
    let mut page = Page::new("Correct selection, patients and overdosing", &subtitle, description);
    let most = front.overdosing.iter().copied().fold(0.0, f64::max);
    let least = front.overdosing.iter().copied().fold(most, f64::min);
    let shade = |overdosing: f64| if most > least { mixed((overdosing - least) / (most - least)) } else { MILD };
    let mut entries = entries(front.has_limits, front.dots.iter().any(|dot| dot.base));
    for (words, value) in [("fewest", least), ("most", most)] {
        let words = format!("{words} overdosed: {} %", percent(value, 1));
        entries.push((words, Box::new(move |page, (x, y)| circle(page, fine_point(x, y), 4.0, Ink::Fill(shade(value))))));
    }
    page.legend(&entries);
    let area = Area { left: MARGIN + 44.0, top: page.y + 28.0, right: WIDTH - MARGIN - 10.0, bottom: page.y + 388.0 };
    let (x, y) = (ends(front.dots.iter().map(|dot| dot.at.0)), shares(ends(front.dots.iter().map(|dot| dot.at.1))));
    let x = horizontal(x.0, x.1, area.right - area.left, |value| number(value, 2));
    let y = vertical(y.0, y.1, area.bottom - area.top, |value| percent(value, 1));
    page.text("Correct selection (%)", (MARGIN, page.y + 10.0), look(SMALL, INK));
    let mut panel = page.sheet.panel(area, x, y)?;
    panel.grid()?;
    let mut order: Vec<(usize, &Dot)> = front.dots.iter().enumerate().collect();
    order.sort_by_key(|(_, dot)| (dot.best, dot.base, dot.front, dot.within));
    for (place, dot) in order {
        let overdosing = front.overdosing[place];
        let tip = format!(
            "{}: correct in {} %, {} patients, overdosed in {} %",
            dot.tip,
            percent(dot.at.1, 1),
            number(dot.at.0, 1),
            percent(overdosing, 1)
        );
        let color = if dot.within || dot.base { shade(overdosing) } else { CONTEXT };
        page.group(None, Some(tip), || draw(&page, panel.at(dot.at.0, dot.at.1), dot, color));
    }
    let middle = ((area.left + area.right) / 2.0, area.bottom + 34.0);
    page.text("Expected number of patients", middle, look(SMALL, INK).align(Align::Centre));
    page.y = area.bottom + 48.0;
    Ok(page.finish(""))
}

/// The objective against each parameter, a panel each; `is_percent` says that it is a probability, and `maximise` whether large values
/// are good.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn against(label: &str, is_percent: bool, maximise: bool, panels: &[Against]) -> Result<Picture, FigureError> {
    let keys: Vec<&str> = panels.iter().map(|panel| panel.key.as_str()).collect();
    let description = format!("Dot plots, one panel for each of {}: {label} of every design against the value.", keys.join(", "));
    let mut page = Page::new("The objective against each parameter", label, description);
    let dots = || panels.iter().flat_map(|panel| &panel.dots);
    page.legend(&entries(dots().any(|dot| !dot.within && !dot.base), dots().any(|dot| dot.base)));
    let columns = grid_columns(panels.len()).min(3);
    // The labels at the ends of two axes stand side by side.
    let (left, gap) = (MARGIN + 40.0, 44.0);
    let width = (WIDTH - MARGIN - 10.0 - left - gap * (columns - 1) as f64) / columns as f64;
    let height = (0.8 * width).clamp(120.0, 260.0);
    let range = ends(dots().map(|dot| dot.at.1));
    let range = if is_percent { shares(range) } else { range };
    for line in panels.chunks(columns) {
        let head = 18.0 + head_height(1);
        for (column, against) in line.iter().enumerate() {
            let start = left + column as f64 * (width + gap);
            let area = Area { left: start, top: page.y + head, right: start + width, bottom: page.y + head + height };
            let write = |value: f64| if is_percent { percent(value, 1) } else { number(value, 2) };
            let y = Axis { labelled: column == 0, ..vertical(range.0, range.1, height, write) };
            let mut panel = page.sheet.panel(area, across(against, width), y)?;
            panel.grid()?;
            page.head(&against.key, None, (area.left, page.y + head - 16.0), width);
            panel.line(attainable(&against.dots, maximise), TARGET, 1.5)?;
            one_panel(&page, &panel, against, write);
        }
        page.y += head + height + 34.0;
    }
    Ok(page.finish(""))
}

fn one_panel(page: &Page, panel: &Panel, against: &Against, write: impl Fn(f64) -> String) {
    let mut order: Vec<&Dot> = against.dots.iter().collect();
    order.sort_by_key(|dot| (dot.best, dot.base, dot.front, dot.within));
    for dot in order {
        let color = if dot.within { MILD } else { CONTEXT };
        let tip = format!("{}: {}", dot.tip, write(dot.at.1));
        page.group(None, Some(tip), || draw(page, panel.at(dot.at.0, dot.at.1), dot, color));
    }
}

/// The axis of a parameter.
fn across(against: &Against, width: f64) -> Axis {
    match &against.labels {
        Some(labels) => {
            let room = width / labels.len().max(1) as f64 - 6.0;
            let cut = |label: &String| font::fit(label, look(SMALL, INK).weight, SMALL, room);
            let ticks = labels.iter().enumerate().map(|(place, label)| (place as f64, cut(label))).collect();
            Axis { range: (-0.5, labels.len().max(1) as f64 - 0.5), ticks, grid: false, labelled: true }
        }
        None => {
            let (from, to) = ends(against.dots.iter().map(|dot| dot.at.0));
            horizontal(from, to, width, |value| number(value, 4))
        }
    }
}

/// The best point at each value, of those that can be the best, in the order of the values.
fn attainable(dots: &[Dot], maximise: bool) -> Vec<(f64, f64)> {
    let mut best: Vec<(f64, f64)> = Vec::new();
    for dot in dots.iter().filter(|dot| dot.within) {
        match best.iter_mut().find(|(x, _)| *x == dot.at.0) {
            Some((_, y)) if (dot.at.1 > *y) == maximise => *y = dot.at.1,
            Some(_) => {}
            None => best.push(dot.at),
        }
    }
    best.sort_by(|a, b| a.0.total_cmp(&b.0));
    best
}

/// What the marks mean.
fn entries<'a>(has_limits: bool, has_base: bool) -> Vec<Entry<'a>> {
    let example = |front, best, base| Dot { at: (0.0, 0.0), tip: String::new(), within: true, front, best, base };
    let mut marks = vec![("Best", example(true, true, false), MILD), ("On the Pareto front", example(true, false, false), MILD)];
    if has_base {
        marks.push(("The design as it is written", example(false, false, true), MILD));
    }
    if has_limits {
        marks.push(("Outside the limits", example(false, false, false), CONTEXT));
    }
    let entry = |(words, dot, color): (&str, Dot, Color)| -> Entry<'a> {
        (words.to_owned(), Box::new(move |page: &Page, (x, y): (f64, f64)| draw(page, fine_point(x, y), &dot, color)))
    };
    marks.into_iter().map(entry).collect()
}

/// A point: a disc in its colour, with a dark rim on the front; the best is a large diamond, the design as it is written a square.
fn draw(page: &Page, centre: Point, dot: &Dot, color: Color) {
    let shape = |marker, radius, ink| page.sheet.add(super::marker::marker_shape(marker, centre, radius, ink));
    if dot.best {
        shape(Marker::Diamond, 8.0, Ink::Fill(WHITE));
        shape(Marker::Diamond, 6.5, Ink::Fill(TARGET));
    } else if dot.base {
        shape(Marker::Square, 5.5, Ink::Fill(color));
        shape(Marker::Square, 5.5, Ink::Stroke(INK, fine(1.5)));
    } else {
        circle(page, centre, 4.0, Ink::Fill(color));
        let rim = if dot.front { INK } else { WHITE };
        circle(page, centre, 4.0, Ink::Stroke(rim, fine(if dot.front { 1.3 } else { 0.6 })));
    }
}

fn circle(page: &Page, centre: Point, radius: f64, ink: Ink) {
    page.sheet.add(Mark::Circle { centre, radius: fine(radius), ink });
}

/// From the lightest to the darkest shade.
fn mixed(share: f64) -> Color {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    Color(mix(MILD.0, GRAVE.0), mix(MILD.1, GRAVE.1), mix(MILD.2, GRAVE.2))
}

/// The ends of an axis of shares.
fn shares((low, high): (f64, f64)) -> (f64, f64) {
    (low.max(0.0), high.min(1.0))
}

/// The ends of some numbers, with a little room; never equal.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match (low.is_finite() && high.is_finite(), high - low) {
        (false, _) => (0.0, 1.0),
        (true, width) if width > 1e-9 => (low - 0.03 * width, high + 0.03 * width),
        (true, _) => (low - 0.05 * low.abs().max(0.1), low + 0.05 * low.abs().max(0.1)),
    }
}
