//! The five ends of a trial, one bar a design: where a dose is right, and below that the other classes of scenarios side by side.

use super::hatch::Hatch;
use super::layout::{Entry, LABEL, MARGIN, Page, SMALL, WIDTH, head_height, look, page_title};
use super::plot::{Area, Axis, Panel};
use super::scale::{hundred, percent};
use super::{Design, Estimate, FigureError};
use crate::report::font::{self, Weight};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, Color, INK, MUTED, NONE};
use crate::scenario::{Class, Place};

/// How a trial ends: these five, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A dose below the acceptable band is selected that is not right.
    TooLow,
    /// The right dose is selected.
    Right,
    /// Another dose in the acceptable band is selected.
    OtherAcceptable,
    /// A dose above the acceptable band is selected.
    TooToxic,
    /// No dose is selected, which is right where no dose is.
    None,
}

/// The ends of a trial in the order in which they are drawn.
pub const ENDS: [End; 5] = [End::TooLow, End::Right, End::OtherAcceptable, End::TooToxic, End::None];

/// How large a design is beside the one with which it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The design with which the others are compared.
    Reference,
    /// About as many patients.
    Same,
    /// Fewer patients.
    Smaller,
    /// More patients.
    Larger,
}

/// A design with its bars.
#[derive(Clone, Debug)]
pub struct EndingsRow {
    /// The design.
    pub design: Design,
    /// Its group.
    pub group: Group,
    /// Its mean number of patients.
    pub patients: f64,
    /// By class of the figure, the probabilities of the ends.
    pub ends: Vec<Option<[Estimate; 5]>>,
}

/// A class of scenarios.
#[derive(Clone, Debug)]
pub struct EndingsClass {
    /// Which one.
    pub class: Class,
    /// What the scenarios have in common.
    pub head: String,
    /// Which scenarios these are.
    pub scenarios: String,
}

impl End {
    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::TooLow => "Too low",
            Self::Right => "Right",
            Self::OtherAcceptable => "Other acceptable",
            Self::TooToxic => "Too toxic",
            Self::None => "None",
        }
    }

    fn color(self) -> Color {
        match self {
            Self::TooLow => palette::place_color(Place::Under),
            Self::Right => palette::place_color(Place::Acceptable),
            Self::OtherAcceptable => palette::place_color(Place::Acceptable).light(),
            Self::TooToxic => palette::place_color(Place::Over),
            Self::None => NONE,
        }
    }

    fn hatch(self) -> (Hatch, Color) {
        match self {
            Self::TooLow | Self::Right => (Hatch::Plain, INK),
            Self::OtherAcceptable => (Hatch::Level, palette::place_color(Place::Acceptable)),
            Self::TooToxic => (Hatch::Rising, Color(0xa8, 0x45, 0x1b)),
            Self::None => (Hatch::Falling, Color(0xa9, 0xae, 0xb6)),
        }
    }

    /// Whether it is the right answer under the scenarios of a class.
    fn is_right(self, class: Class) -> bool {
        self == if class == Class::Toxic { Self::None } else { Self::Right }
    }
}

/// More designs than this go onto the next page.
const DESIGNS_A_PAGE: usize = 20;
/// The height of a row and of a bar, in pixels.
const PITCH: f64 = 20.0;
const BAR: f64 = 15.0;
/// The height of the name of a group, in pixels.
const GROUP: f64 = 22.0;
/// The room of names, and of the number of patients behind them, in pixels.
const NAMES: f64 = 150.0;
const PATIENTS: f64 = 46.0;
/// The classes side by side, at most.
const ACROSS: usize = 3;

/// The ends of trials, in a bar for each design and class of scenarios: the first class over the whole width, the designs by their
/// size; the others below it. Rows are in the order of their groups. Many designs are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn endings(
    title: &str,
    subtitle: &str,
    classes: &[EndingsClass],
    rows: &[EndingsRow],
    note: &str,
) -> Result<Vec<Picture>, FigureError> {
    let pages = rows.len().div_ceil(DESIGNS_A_PAGE).max(1);
    let size = rows.len().div_ceil(pages).max(1);
    let shown: Vec<&[EndingsRow]> = if rows.is_empty() { vec![&[]] } else { rows.chunks(size).collect() };
    let figures = shown.into_iter().enumerate();
    figures.map(|(page, rows)| draw(&page_title(title, page, pages), subtitle, classes, rows, note)).collect()
}

fn draw(title: &str, subtitle: &str, classes: &[EndingsClass], rows: &[EndingsRow], note: &str) -> Result<Picture, FigureError> {
    let mut page = Page::new(title, subtitle, description(classes, rows, note));
    legend(&mut page, rows);
    page.y += 6.0;
    let has_main = classes.first().is_some_and(|class| class.class == Class::Mtd);
    let rest = if has_main { &classes[1..] } else { classes };
    if has_main {
        main_panel(&mut page, &classes[0], rows)?;
    }
    let first = classes.len() - rest.len();
    for (line, shown) in rest.chunks(ACROSS).enumerate() {
        others(&mut page, shown, first + line * ACROSS, rows)?;
    }
    Ok(page.finish(note))
}

/// What is there for those who cannot see it: the ends where a dose is right, the right answers elsewhere.
fn description(classes: &[EndingsClass], rows: &[EndingsRow], note: &str) -> String {
    let whole = |share: Estimate| percent(share.value, 0);
    let mut words = "Stacked bars of the ends of 100 trials, one for each design.".to_owned();
    for (place, class) in classes.iter().enumerate() {
        words.push_str(&format!(" {} ({}): ", class.head, class.scenarios));
        let of = |row: &EndingsRow| {
            let ends = row.ends.get(place).copied().flatten()?;
            let parts: Vec<String> = ENDS
                .into_iter()
                .filter(|end| class.class == Class::Mtd || end.is_right(class.class))
                .map(|end| (end, ends[end as usize]))
                .filter(|(end, share)| share.value > 0.0 || end.is_right(class.class))
                .map(|(end, share)| format!("{} {}", end.words().to_lowercase(), whole(share)))
                .collect();
            Some(format!("{} {}", row.design.name, parts.join(", ")))
        };
        words.push_str(&rows.iter().filter_map(of).collect::<Vec<_>>().join("; "));
        words.push('.');
    }
    format!("{words} {note}")
}

fn legend(page: &mut Page, rows: &[EndingsRow]) {
    let occurs = |end: End| rows.iter().flat_map(|row| row.ends.iter().flatten()).any(|ends| ends[end as usize].value > 0.0);
    let mut entries: Vec<Entry> = Vec::new();
    for end in ENDS.into_iter().filter(|&end| occurs(end)) {
        let draw = move |page: &Page, (x, y): (f64, f64)| {
            let chip = Area { left: x - 9.0, top: y - 6.0, right: x + 8.0, bottom: y + 6.0 };
            page.block(chip, end.color());
            let (hatch, color) = end.hatch();
            hatch.draw(page, chip, color);
        };
        entries.push((end.words().to_owned(), Box::new(draw)));
    }
    let outlined = |page: &Page, (x, y): (f64, f64)| {
        page.outline(Area { left: x - 9.0, top: y - 6.0, right: x + 8.0, bottom: y + 6.0 }, INK, 1.6);
    };
    entries.push(("Outlined: the right answer".to_owned(), Box::new(outlined)));
    page.legend(&entries);
}

/// The scenarios that have a right dose: the designs by their size.
fn main_panel(page: &mut Page, class: &EndingsClass, rows: &[EndingsRow]) -> Result<(), FigureError> {
    let left = MARGIN + NAMES + PATIENTS + 12.0;
    page.text(&class.head, (MARGIN, page.y + 8.0), look(LABEL, INK).bold());
    let used = look(LABEL, INK).bold().width(&class.head) + 10.0;
    page.name(&class.scenarios, (MARGIN + used, page.y + 8.0), look(SMALL, MUTED), WIDTH - 2.0 * MARGIN - used, 1);
    page.y += 22.0;
    page.text("Patients", (left - 12.0, page.y + 6.0), look(SMALL, MUTED).align(Align::Right));
    page.y += 14.0;
    let names_groups = rows.iter().any(|row| row.group != Group::Reference);
    let mut y = page.y;
    let mut places = Vec::new();
    let mut group = None;
    for row in rows {
        if names_groups && group != Some(row.group) {
            group = Some(row.group);
            let words = match row.group {
                Group::Reference => None,
                Group::Same => Some("About as many patients"),
                Group::Smaller => Some("Fewer patients"),
                Group::Larger => Some("More patients"),
            };
            if let Some(words) = words {
                page.text(words, (MARGIN, y + GROUP - 9.0), look(SMALL, MUTED));
                y += GROUP;
            }
        }
        places.push(y);
        y += PITCH;
    }
    let area = Area { left, top: page.y, right: WIDTH - MARGIN - 8.0, bottom: y.max(page.y + PITCH) };
    let panel = axes(page, area)?;
    for (row, &top) in rows.iter().zip(&places) {
        name(page, row, top);
        let patients = look(SMALL, INK).align(Align::Right);
        page.text(&format!("{:.1}", row.patients), (left - 12.0, top + PITCH / 2.0), patients);
        bar(page, &panel, area, class.class, row, 0, top);
    }
    page.y = area.bottom + 30.0;
    page.text("Of 100 trials", ((area.left + area.right) / 2.0, page.y), look(SMALL, INK).align(Align::Centre));
    page.y += 22.0;
    Ok(())
}

/// Other classes side by side; the first of them has this place in the figure.
fn others(page: &mut Page, classes: &[EndingsClass], first: usize, rows: &[EndingsRow]) -> Result<(), FigureError> {
    let (left, gap) = (MARGIN + NAMES + 12.0, 20.0);
    let width = (WIDTH - MARGIN - 8.0 - left - gap * (ACROSS - 1) as f64) / ACROSS as f64;
    let lines = |class: &EndingsClass| font::wrap(&class.head, Weight::SemiBold, SMALL, width + 8.0, 3).len();
    let head = head_height(classes.iter().map(lines).max().unwrap_or(1)) + 24.0;
    let top = page.y + head;
    let bottom = top + PITCH * rows.len().max(1) as f64;
    for (place, row) in rows.iter().enumerate() {
        name(page, row, top + PITCH * place as f64);
    }
    for (column, class) in classes.iter().enumerate() {
        let start = left + column as f64 * (width + gap);
        let area = Area { left: start, top, right: start + width, bottom };
        let middle = top - 26.0 - head_height(lines(class) - 1) / 2.0;
        page.name(&class.head, (start, middle), look(SMALL, INK).bold(), width + 8.0, 3);
        page.name(&class.scenarios, (start, top - 9.0), look(SMALL, MUTED), width + 8.0, 1);
        let panel = axes(page, area)?;
        for (place, row) in rows.iter().enumerate() {
            bar(page, &panel, area, class.class, row, first + column, top + PITCH * place as f64);
        }
    }
    let across = classes.len() as f64 * (width + gap) - gap;
    page.y = bottom + 30.0;
    page.text("Of 100 trials", (left + across / 2.0, page.y), look(SMALL, INK).align(Align::Centre));
    page.y += 22.0;
    Ok(())
}

/// Axes from 0 to 100 trials with their grid.
fn axes(page: &Page, area: Area) -> Result<Panel, FigureError> {
    let y = Axis { range: (area.bottom - area.top, 0.0), ticks: Vec::new(), grid: false, labelled: false };
    let mut panel = page.sheet.panel(area, hundred(), y)?;
    panel.grid()?;
    Ok(panel)
}

fn name(page: &Page, row: &EndingsRow, top: f64) {
    let y = top + PITCH / 2.0;
    page.group(Some(&row.design.name), None, || {
        page.marker(row.design.position, super::plot::fine_point(MARGIN + 6.0, y), 4.6);
        page.name(&row.design.name, (MARGIN + 17.0, y), look(SMALL, INK), NAMES - 17.0, 1);
    });
}

/// The bar of a design whose row begins at `top`, for one class.
fn bar(page: &Page, panel: &Panel, area: Area, class: Class, row: &EndingsRow, place: usize, top: f64) {
    let Some(ends) = row.ends.get(place).copied().flatten() else { return };
    let from = top - area.top + (PITCH - BAR) / 2.0;
    let told: Vec<String> = ENDS.iter().map(|end| format!("{} {}", end.words(), percent(ends[*end as usize].value, 1))).collect();
    page.group(Some(&row.design.name), Some(format!("{}: {}", row.design.name, told.join(", "))), || {
        let mut start = 0.0;
        let mut right = None;
        for end in ENDS {
            let share = ends[end as usize].value;
            if !share.is_finite() || share <= 0.0 {
                continue;
            }
            let stop = start + 100.0 * share;
            let part = panel.area((start, from), (stop, from + BAR));
            start = stop;
            page.block(part, end.color());
            let (hatch, color) = end.hatch();
            hatch.draw(page, part, color);
            if end.is_right(class) {
                right = Some(part);
            }
            if share >= 0.05 {
                label(page, part, end, &percent(share, 0));
            }
        }
        if let Some(right) = right {
            page.outline(right, INK, 1.4);
        }
    });
}

/// A number on a part of a bar, on a ground of its colour where there are lines.
fn label(page: &Page, part: Area, end: End, words: &str) {
    let style = look(SMALL - 1.0, end.color().readable_ink()).align(Align::Centre);
    let (x, y) = ((part.left + part.right) / 2.0, (part.top + part.bottom) / 2.0);
    let half = (style.width(words) / 2.0 + 2.0).min((part.right - part.left) / 2.0);
    if end.hatch().0 != Hatch::Plain {
        page.block(Area { left: x - half, top: y - 6.0, right: x + half, bottom: y + 6.0 }, end.color());
    }
    page.text(words, (x, y), style);
}
