//! Stacked bars: how often each dose level is selected, and how many patients are treated there.

use super::layout::{Entry, LABEL, MARGIN, Page, SMALL, WIDTH, dose, look, source};
use super::plot::{Area, Axis, Panel, fine_point};
use super::scale::{horizontal, number, percent};
use super::{Design, Estimate, FigureError, Scenario, Setting, evidence};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, Color, INK, MUTED, NONE, WHITE};
use crate::scenario::Place;

/// What a design selects in one scenario.
#[derive(Clone, Debug)]
pub struct SelectedShares {
    /// The design.
    pub design: Design,
    /// The probability that no dose is selected, then that of each level, lowest first.
    pub probabilities: Vec<Estimate>,
}

/// Where a design treats its patients in one scenario.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// The design.
    pub design: Design,
    /// The expected number of patients at each level, lowest first.
    pub patients: Vec<Estimate>,
    /// The expected number of DLTs in the trial.
    pub total_dlts: Estimate,
}

/// The selection probability of no dose and of each level, one bar a design, for one scenario.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn selection(setting: &Setting, scenario: &Scenario, rows: &[SelectedShares]) -> Result<Picture, FigureError> {
    let values = rows.iter().flat_map(|row| &row.probabilities);
    let figure = Stacked {
        setting,
        scenario,
        title: "Selected dose",
        description: "Stacked bars, one for each design: the probability that no dose or a dose level is selected",
        axis_title: "Probability of selection (%)",
        most: 1.0,
        tick: |value| percent(value, 0),
        label: |value| percent(value, 0),
        sentence: |value, level| format!("selects {level} in {} %", percent(value, 1)),
        none: true,
        columns: &[],
        note: note(setting, values, 100.0, " percentage points"),
    };
    let bars = rows
        .iter()
        .map(|row| Bar {
            design: &row.design,
            parts: row.probabilities.iter().enumerate().map(|(level, part)| (level, part.value)).collect(),
            columns: Vec::new(),
        })
        .collect::<Vec<Bar>>();
    figure.draw(&bars)
}

/// The expected number of patients at each level, one bar a design, with the expected number of DLTs, for one scenario.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn allocation(setting: &Setting, scenario: &Scenario, rows: &[Allocation]) -> Result<Picture, FigureError> {
    let total = |row: &Allocation| row.patients.iter().map(|part| part.value).filter(|value| value.is_finite()).sum::<f64>();
    let most = rows.iter().map(total).fold(0.0, f64::max);
    let values = rows.iter().flat_map(|row| row.patients.iter().chain([&row.total_dlts]));
    let figure = Stacked {
        setting,
        scenario,
        title: "Patients and DLTs",
        description: "Stacked bars, one for each design: the expected number of patients treated at each dose level, with \
                      the expected number of DLTs in the trial",
        axis_title: "Expected number of patients",
        most,
        tick: |value| number(value, 1),
        label: |value| format!("{value:.1}"),
        sentence: |value, level| format!("treats {} patients at {level}", number(value, 2)),
        none: false,
        columns: &["Patients", "DLTs"],
        note: note(setting, values, 1.0, ""),
    };
    let bars = rows
        .iter()
        .map(|row| Bar {
            design: &row.design,
            parts: row.patients.iter().enumerate().map(|(index, part)| (index + 1, part.value)).collect(),
            columns: vec![format!("{:.1}", total(row)), format!("{:.2}", row.total_dlts.value)],
        })
        .collect::<Vec<Bar>>();
    figure.draw(&bars)
}

/// Bars have no room for intervals, so the small print gives the widest one.
fn note<'a>(setting: &Setting, values: impl Iterator<Item = &'a Estimate> + Clone, scale: f64, unit: &str) -> String {
    let widest = values.clone().filter_map(Estimate::half_width).fold(0.0, f64::max) * scale;
    let bars = format!("95 % intervals are at most ±{}{unit}", number(widest, 2));
    source(evidence(values.map(|value| value.std_error.is_some())), setting, &bars)
}

struct Bar<'a> {
    design: &'a Design,
    /// Dose level (0 = none) and value.
    parts: Vec<(usize, f64)>,
    columns: Vec<String>,
}

struct Stacked<'a> {
    setting: &'a Setting,
    scenario: &'a Scenario,
    title: &'a str,
    description: &'a str,
    axis_title: &'a str,
    /// The length of the longest bar.
    most: f64,
    /// Writes a value at the axis.
    tick: fn(f64) -> String,
    /// Writes a value into its segment.
    label: fn(f64) -> String,
    /// Says in words what a segment means, given its value and the dose.
    sentence: fn(f64, &str) -> String,
    /// Whether selecting no dose is among the outcomes.
    none: bool,
    columns: &'a [&'a str],
    note: String,
}

const BAR: f64 = 30.0;
const PITCH: f64 = 39.0;
const COLUMN: f64 = 62.0;
/// Where the bars begin at least: right of the words beside the key.
const HEAD: f64 = 146.0;

impl Stacked<'_> {
    fn draw(&self, bars: &[Bar]) -> Result<Picture, FigureError> {
        let name = &self.scenario.name;
        let description = format!("{}. Scenario: {name}. {}", self.description, self.note);
        let mut page = Page::new(self.title, &format!("Scenario: {name}"), description);
        let colors = palette::level_colors(&self.scenario.places);
        let names = bars.iter().map(|bar| look(LABEL, INK).width(&bar.design.name)).fold(HEAD - 30.0, f64::max).min(170.0);
        let left = MARGIN + 20.0 + names + 10.0;
        self.dose_table(&mut page, left, &colors);

        let right = WIDTH - MARGIN - 12.0 - COLUMN * self.columns.len() as f64;
        for (index, column) in self.columns.iter().enumerate() {
            let x = WIDTH - MARGIN - COLUMN * (self.columns.len() - 1 - index) as f64;
            page.text(column, (x, page.y + 4.0), look(SMALL, MUTED).align(Align::Right));
        }
        page.y += if self.columns.is_empty() { 0.0 } else { 14.0 };
        let area = Area { left, top: page.y, right, bottom: page.y + PITCH * bars.len() as f64 };
        let rows = Axis { range: (bars.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
        let axis = horizontal(0.0, self.most, right - left, self.tick);
        let mut panel = page.sheet.panel(area, axis, rows)?;
        panel.grid()?;
        for (row, bar) in bars.iter().enumerate() {
            let middle = area.top + PITCH * (row as f64 + 0.5);
            page.group(Some(&bar.design.name), None, || {
                page.marker(bar.design.position, fine_point(MARGIN + 6.0, middle), 5.0);
                page.name(&bar.design.name, (MARGIN + 20.0, middle), look(LABEL, INK), names, 2);
                self.segments(&page, &mut panel, row, bar, &colors)?;
                for (index, words) in bar.columns.iter().enumerate() {
                    let x = WIDTH - MARGIN - COLUMN * (self.columns.len() - 1 - index) as f64;
                    page.text(words, (x, middle), look(LABEL, INK).align(Align::Right));
                }
                Ok::<(), FigureError>(())
            })?;
        }
        page.y = area.bottom + 24.0;
        page.text(self.axis_title, ((left + right) / 2.0, page.y + 8.0), look(SMALL, INK).align(Align::Centre));
        page.y += 22.0;
        self.legend(&mut page);
        Ok(page.finish(&self.note))
    }

    /// The segments of one bar, from the left: none, then the levels.
    fn segments(&self, page: &Page, panel: &mut Panel, row: usize, bar: &Bar, colors: &[Color]) -> Result<(), FigureError> {
        let pad = (PITCH - BAR) / 2.0 / PITCH;
        let (top, bottom) = (row as f64 + pad, row as f64 + 1.0 - pad);
        let mut from = 0.0;
        for &(level, value) in bar.parts.iter().filter(|(_, value)| value.is_finite() && *value > 0.0) {
            let color = level_color(level, colors);
            let tip = format!("{} {}", bar.design.name, (self.sentence)(value, &dose(self.setting, level)));
            page.group(None, Some(tip), || {
                panel.block((from, top), (from + value, bottom), color)?;
                self.finish_segment(page, panel.area((from, top), (from + value, bottom)), level, value, color);
                Ok::<(), FigureError>(())
            })?;
            from += value;
        }
        Ok(())
    }

    /// The white gap to the next segment, the outline of the correct level, and the label where it fits.
    fn finish_segment(&self, page: &Page, area: Area, level: usize, value: f64, color: Color) {
        page.line((area.right, area.top), (area.right, area.bottom), WHITE, 1.0);
        if level == self.scenario.correct {
            page.outline(Area { right: area.right - 0.5, ..area }, INK, 2.0);
        }
        let (words, level) = ((self.label)(value), level_name(level));
        let value_look = look(SMALL, color.readable_ink()).bold().align(Align::Centre);
        let level_look = look(10.5, color.readable_ink()).align(Align::Centre);
        let room = area.right - area.left - 5.0;
        if value < 0.05 * self.most || value_look.width(&words) > room {
            return;
        }
        let middle = (area.left + area.right) / 2.0;
        if level_look.width(&level) <= room {
            page.text(&level, (middle, area.top + 9.0), level_look);
            page.text(&words, (middle, area.top + 21.0), value_look);
        } else {
            page.text(&words, (middle, area.top + BAR / 2.0), value_look);
        }
    }

    /// The levels with their colours, doses and true DLT probabilities: the key to the bars.
    fn dose_table(&self, page: &mut Page, left: f64, colors: &[Color]) {
        let columns = colors.len() + usize::from(self.none);
        let width = ((WIDTH - MARGIN - 10.0 - left) / columns.max(1) as f64).min(78.0);
        let dose_title = if self.setting.unit.is_empty() { "Dose".to_string() } else { format!("Dose ({})", self.setting.unit) };
        page.name("Level", (MARGIN, page.y + 11.0), look(SMALL, MUTED), HEAD - 8.0, 1);
        page.name(&dose_title, (MARGIN, page.y + 33.0), look(SMALL, MUTED), HEAD - 8.0, 1);
        page.name("True DLT probability", (MARGIN, page.y + 50.0), look(SMALL, MUTED), HEAD - 8.0, 1);
        // As many decimals as the most precise probability needs, but two at least and four at most.
        let digits = self.scenario.toxicity.iter().map(|p| number(*p, 4).len().saturating_sub(2)).max().unwrap_or(2).max(2);
        for column in 0..columns {
            let level = column + usize::from(!self.none);
            let start = left + width * column as f64;
            let chip = Area { left: start, top: page.y, right: start + width - 2.0, bottom: page.y + 22.0 };
            let middle = (chip.left + chip.right) / 2.0;
            let color = level_color(level, colors);
            page.block(chip, color);
            if level == self.scenario.correct {
                page.outline(chip, INK, 2.0);
            }
            let centred = |size: f64, color: Color| look(size, color).align(Align::Centre);
            page.number(&level_name(level), (middle, page.y + 11.0), centred(SMALL, color.readable_ink()), width - 7.0);
            let Some(index) = level.checked_sub(1) else { continue };
            if let Some(dose) = self.setting.doses.get(index) {
                page.number(dose, (middle, page.y + 33.0), centred(SMALL, INK), width - 4.0);
            }
            if let Some(&toxicity) = self.scenario.toxicity.get(index) {
                page.number(&format!("{toxicity:.digits$}"), (middle, page.y + 50.0), centred(SMALL, INK), width - 4.0);
            }
        }
        page.y += 70.0;
    }

    fn legend(&self, page: &mut Page) {
        let (low, high) = self.setting.acceptable;
        let mut entries: Vec<Entry> = Vec::new();
        let chip = |(x, y): (f64, f64)| Area { left: x - 7.0, top: y - 6.0, right: x + 7.0, bottom: y + 6.0 };
        if self.none {
            entries.push(("No dose".to_string(), Box::new(move |page, at| page.block(chip(at), NONE))));
        }
        let band = format!("{} to {}", number(low, 3), number(high, 3));
        for (words, place) in [
            ("Below the acceptable band".to_string(), Place::Under),
            (format!("Acceptable ({band})"), Place::Acceptable),
            ("Above".to_string(), Place::Over),
        ] {
            entries.push((words, Box::new(move |page, at| page.block(chip(at), palette::place_color(place)))));
        }
        entries.push(("Correct".to_string(), Box::new(move |page, at| page.outline(chip(at), INK, 2.0))));
        page.legend(&entries);
    }
}

fn level_color(level: usize, colors: &[Color]) -> Color {
    level.checked_sub(1).and_then(|index| colors.get(index)).copied().unwrap_or(NONE)
}

fn level_name(level: usize) -> String {
    if level == 0 { "None".to_string() } else { format!("L{level}") }
}
