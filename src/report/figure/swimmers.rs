//! Example trials: one panel a design, one bar a patient from enrolment to the end of the DLT window.

use super::layout::{Entry, HEAD_INDENT, MARGIN, Page, SMALL, WIDTH, head_height, head_lines, look, page_title};
use super::plot::{Area, Axis, Panel, fine_point};
use super::scale::{horizontal, number};
use super::{Design, FigureError, Scenario, Setting};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{self, Color, INK, MUTED, WHITE};

/// A simulated trial.
#[derive(Clone, Debug)]
pub struct ExampleTrial {
    /// The design.
    pub design: Design,
    /// The patients in the order of enrolment.
    pub patients: Vec<Swimmer>,
    /// The weeks of decisions to enrol or to stop.
    pub decisions: Vec<f64>,
    /// The weeks in which a patient came while accrual was suspended.
    pub suspensions: Vec<f64>,
    /// The trial in a few words.
    pub said: String,
}

/// A patient of a simulated trial.
#[derive(Clone, Copy, Debug)]
pub struct Swimmer {
    /// The dose level from 1.
    pub level: usize,
    /// The week of enrolment.
    pub from: f64,
    /// The week of the end of the window.
    pub to: f64,
    /// The week of the DLT, where there is one.
    pub dlt: Option<f64>,
}

/// Panels side by side.
const COLUMNS: usize = 2;
/// The room below the bars in which decisions are marked, in pixels.
const LANE: f64 = 14.0;
/// Labels of levels are at least this far apart, in pixels.
const LABEL_PITCH: f64 = 6.9;

/// More panels than this go onto the next page.
const PANELS_A_PAGE: usize = 8;

/// One trial of each design, one panel a design. `title` says which trials they are. More than eight designs are spread over several
/// pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn swimmers(
    setting: &Setting,
    scenario: &Scenario,
    title: &str,
    trials: &[ExampleTrial],
) -> Result<Vec<Picture>, FigureError> {
    let pages = trials.len().div_ceil(PANELS_A_PAGE);
    let page = |(page, shown)| draw_page(setting, scenario, &page_title(title, page, pages), shown, trials);
    trials.chunks(PANELS_A_PAGE).enumerate().map(page).collect()
}

/// Some of the trials, on the axis of all.
fn draw_page(
    setting: &Setting,
    scenario: &Scenario,
    title: &str,
    shown: &[ExampleTrial],
    trials: &[ExampleTrial],
) -> Result<Picture, FigureError> {
    let note = "One bar a patient, from enrolment to the end of the DLT window; the label beside a bar is the level from there on. The \
                same seed gives the same trials.";
    let description = format!(
        "Swimmer plots, one panel for each design: simulated trials patient by patient over the weeks, with dose levels, DLTs and \
         decisions. {title}. Scenario: {}. {note}",
        scenario.name
    );
    let mut page = Page::new(title, &format!("Scenario: {}", scenario.name), description);
    let colors = palette::level_colors(&scenario.places);
    legend(&mut page, setting, &colors);
    let columns = trials.len().clamp(1, COLUMNS);
    let (left, gap) = (MARGIN + 18.0, 34.0);
    let width = (WIDTH - MARGIN - 8.0 - left - gap * (columns - 1) as f64) / columns as f64;
    let ends =
        trials.iter().flat_map(|trial| trial.patients.iter().map(|patient| patient.to).chain(trial.decisions.iter().copied()));
    let x = horizontal(0.0, ends.fold(1.0, f64::max), width, |value| number(value, 1));
    for line in shown.chunks(columns) {
        let names = line.iter().map(|trial| trial.design.name.as_str());
        let head = 32.0 + head_height(head_lines(names, width - HEAD_INDENT));
        let most = line.iter().map(|trial| trial.patients.len()).max().unwrap_or(1).max(1);
        let pitch = (210.0 / most as f64).clamp(3.0, 7.0);
        let height = pitch * most as f64 + LANE;
        for (column, trial) in line.iter().enumerate() {
            let start = left + column as f64 * (width + gap);
            let area = Area { left: start, top: page.y + head, right: start + width, bottom: page.y + head + height };
            // One unit of the vertical axis is a pixel.
            let y = Axis { range: (height, 0.0), ticks: Vec::new(), grid: false, labelled: false };
            let mut panel = page.sheet.panel(area, x.clone(), y)?;
            panel.grid()?;
            page.group(Some(&trial.design.name), None, || {
                page.head(&trial.design.name, Some(trial.design.position), (area.left, page.y + head - 31.0), width);
                page.name(&trial.said, (area.left, page.y + head - 12.0), look(SMALL, MUTED), width + 8.0, 1);
                bars(&page, &panel, trial, pitch, &colors);
                decisions(&page, &panel, trial, height);
            });
        }
        page.y += head + height + 28.0;
    }
    let middle = (left + WIDTH - MARGIN) / 2.0;
    page.text("Weeks since the opening of enrolment", (middle, page.y + 6.0), look(SMALL, INK).align(Align::Centre));
    page.y += 20.0;
    Ok(page.finish(note))
}

/// The patients, the first one on top.
fn bars(page: &Page, panel: &Panel, trial: &ExampleTrial, pitch: f64, colors: &[Color]) {
    let (mut labelled, mut label_at) = (0, f64::NEG_INFINITY);
    for (row, patient) in trial.patients.iter().enumerate() {
        let Some(&color) = patient.level.checked_sub(1).and_then(|index| colors.get(index)) else { continue };
        let top = pitch * row as f64;
        let bar = panel.area((patient.from, top + 0.12 * pitch), (patient.to, top + 0.88 * pitch));
        let dlt = patient.dlt.map(|week| format!(", DLT in week {}", number(week, 1))).unwrap_or_default();
        let tip = format!("patient {}, level {}, enrolled in week {}{dlt}", row + 1, patient.level, number(patient.from, 1));
        page.group(None, Some(tip), || {
            let bar = Area { right: bar.right.max(bar.left + 2.0), ..bar };
            page.block(bar, color);
            page.outline(bar, MUTED, 0.5);
            let middle = (bar.top + bar.bottom) / 2.0;
            if let Some(week) = patient.dlt {
                dlt_mark(page, (panel.area((week, top), (week, top)).left, middle));
            }
            // A change of level that has no room for its label gets it a few bars later.
            if patient.level != labelled && top - label_at >= LABEL_PITCH {
                let small = look(9.0, INK).align(Align::Right);
                page.text(&format!("L{}", patient.level), (bar.left - 3.0, middle), small);
                (labelled, label_at) = (patient.level, top);
            }
        });
    }
}

/// A diagonal cross with a white rim.
fn dlt_mark(page: &Page, (x, y): (f64, f64)) {
    for (color, width) in [(WHITE, 2.8), (INK, 1.4)] {
        page.line((x - 2.6, y - 2.6), (x + 2.6, y + 2.6), color, width);
        page.line((x - 2.6, y + 2.6), (x + 2.6, y - 2.6), color, width);
    }
}

/// Decisions below the bars: a triangle that points at its week; patients who came while accrual was suspended: a tick.
fn decisions(page: &Page, panel: &Panel, trial: &ExampleTrial, height: f64) {
    let place = |week: f64| panel.area((week, height - 3.0), (week, height - 3.0));
    for &week in &trial.suspensions {
        let Area { left, bottom, .. } = place(week);
        page.line((left, bottom - 5.0), (left, bottom + 2.0), MUTED, 0.8);
    }
    for &week in &trial.decisions {
        let Area { left, bottom, .. } = place(week);
        triangle(page, (left, bottom));
    }
}

fn triangle(page: &Page, (x, y): (f64, f64)) {
    let points = [(0.0, -6.0), (3.0, 1.5), (-3.0, 1.5)].map(|(dx, dy)| fine_point(x + dx, y + dy)).to_vec();
    page.sheet.add(Mark::Path { points, closed: true, ink: Ink::Fill(INK) });
}

fn legend(page: &mut Page, setting: &Setting, colors: &[Color]) {
    let unit = if setting.unit.is_empty() { String::new() } else { format!(" {}", setting.unit) };
    let mut entries: Vec<Entry> = Vec::new();
    for (index, &color) in colors.iter().enumerate() {
        let dose = setting.doses.get(index).map(|dose| format!(": {dose}{unit}")).unwrap_or_default();
        let chip = move |page: &Page, (x, y): (f64, f64)| {
            page.block(Area { left: x - 7.0, top: y - 5.0, right: x + 7.0, bottom: y + 5.0 }, color);
        };
        entries.push((format!("L{}{dose}", index + 1), Box::new(chip)));
    }
    entries.push(("DLT".to_string(), Box::new(dlt_mark)));
    entries.push(("Decision".to_string(), Box::new(|page, (x, y)| triangle(page, (x, y + 2.0)))));
    entries.push((
        "Patient comes, accrual suspended".to_string(),
        Box::new(|page, (x, y)| page.line((x, y - 4.0), (x, y + 3.0), MUTED, 0.8)),
    ));
    page.legend(&entries);
}
