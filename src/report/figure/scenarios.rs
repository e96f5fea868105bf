//! The assumed toxicity curves, one panel a scenario.

use super::layout::{Entry, LABEL, MARGIN, Page, SMALL, WIDTH, dose, grid_columns, head_height, head_lines, look, page_title};
use super::plot::{Area, Axis, Panel, fine};
use super::scale::{number, vertical};
use super::{FigureError, Scenario, Setting};
use crate::report::font::{self, Weight};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{self, BAND, CONTEXT, INK, MUTED, TARGET, WHITE};
use crate::scenario::{Class, Place};

/// More panels than this go onto the next page.
const PANELS_A_PAGE: usize = 20;

/// The true DLT probability of each dose level, one panel a scenario, with the target, the acceptable band and the correct
/// level. More than twenty scenarios are spread over several pictures.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn scenarios(setting: &Setting, scenarios: &[Scenario]) -> Result<Vec<Picture>, FigureError> {
    let highest = scenarios.iter().flat_map(|scenario| &scenario.toxicity).copied().fold(1.4 * setting.acceptable.1, f64::max);
    let columns = grid_columns(scenarios.len());
    let pages = scenarios.len().div_ceil(PANELS_A_PAGE).max(1);
    (0..pages)
        .map(|number| {
            let first = number * PANELS_A_PAGE;
            let shown = &scenarios[first..scenarios.len().min(first + PANELS_A_PAGE)];
            draw_page(setting, shown, first, columns, highest, &page_title(&title(scenarios), number, pages))
        })
        .collect()
}

/// How many scenarios of each class there are.
fn title(scenarios: &[Scenario]) -> String {
    let counted = |class: Class| {
        let of_class: Vec<&Scenario> = scenarios.iter().filter(|scenario| scenario.class == class).collect();
        let words = match class {
            Class::Mtd => "with a right dose",
            Class::Below => "with every dose below the range",
            Class::Gap => "with a jump past the range",
            Class::Toxic if of_class.iter().all(|scenario| is_too_toxic(scenario)) => "with every dose too toxic",
            Class::Toxic => "where no dose is right",
        };
        (!of_class.is_empty()).then(|| format!("{} {words}", of_class.len()))
    };
    let parts: Vec<String> = Class::ALL.into_iter().filter_map(counted).collect();
    let noun = if scenarios.len() == 1 { "Toxicity scenario" } else { "Toxicity scenarios" };
    if parts.is_empty() { noun.to_owned() } else { format!("{noun}: {}", parts.join(", ")) }
}

/// Whether no level is acceptable or below.
fn is_too_toxic(scenario: &Scenario) -> bool {
    scenario.places.iter().all(|&place| place == Place::Over)
}

/// The class of a scenario in a few words.
fn class_words(scenario: &Scenario) -> &'static str {
    match scenario.class {
        Class::Mtd => "One dose is right",
        Class::Below => "All below the range",
        Class::Gap => "Jump past the range",
        Class::Toxic if is_too_toxic(scenario) => "All too toxic",
        Class::Toxic => "No dose is right",
    }
}

/// The curves in numbers.
fn curves_in_words(setting: &Setting, shown: &[Scenario]) -> String {
    let curve = |scenario: &Scenario| {
        let numbers: Vec<String> = scenario.toxicity.iter().map(|toxicity| number(*toxicity, 4)).collect();
        let right = if scenario.correct == 0 {
            "no dose is correct".to_owned()
        } else {
            format!("{} is correct", dose(setting, scenario.correct))
        };
        format!("{} ({right}): {}", scenario.name, numbers.join(", "))
    };
    shown.iter().map(curve).collect::<Vec<_>>().join("; ")
}

fn draw_page(
    setting: &Setting,
    shown: &[Scenario],
    first: usize,
    columns: usize,
    highest: f64,
    title: &str,
) -> Result<Picture, FigureError> {
    let description = format!(
        "Curves of the true DLT probability over the dose levels, one panel for each of {} scenarios, with the target {} and the \
         acceptable band from {} to {}. {}.",
        shown.len(),
        number(setting.target, 3),
        number(setting.acceptable.0, 3),
        number(setting.acceptable.1, 3),
        curves_in_words(setting, shown)
    );
    let mut page = Page::new(title, "", description);
    page.legend(&legend(setting));
    page.text("True DLT probability", (MARGIN, page.y + 6.0), look(SMALL, INK));
    page.y += 20.0;
    let (left, gap) = (MARGIN + 34.0, 22.0);
    let width = (WIDTH - MARGIN - 8.0 - left - gap * (columns - 1) as f64) / columns as f64;
    let height = (0.8 * width).clamp(100.0, 220.0);
    let x = dose_axis(setting, width);
    let y = toxicity_axis(highest, height);
    for (line, members) in shown.chunks(columns).enumerate() {
        let names: Vec<String> = members
            .iter()
            .enumerate()
            .map(|(column, scenario)| format!("{}. {}", first + line * columns + column + 1, scenario.name))
            .collect();
        let head = 34.0 + head_height(head_lines(names.iter().map(String::as_str), width));
        for (column, (scenario, name)) in members.iter().zip(&names).enumerate() {
            let start = left + column as f64 * (width + gap);
            let area = Area { left: start, top: page.y + head, right: start + width, bottom: page.y + head + height };
            page.head(name, None, (area.left, area.top - 15.0 - 1.2 * LABEL), width);
            page.name(class_words(scenario), (area.left, area.top - 13.0), look(SMALL, MUTED), width + 8.0, 1);
            let y = Axis { labelled: column == 0, ..y.clone() };
            let mut panel = page.sheet.panel(area, x.clone(), y)?;
            curve(&page, &mut panel, area, setting, scenario, &[])?;
        }
        page.y += head + height + 26.0;
    }
    page.text(&dose_words(setting), ((left + WIDTH - MARGIN) / 2.0, page.y + 6.0), look(SMALL, INK).align(Align::Centre));
    page.y += 20.0;
    Ok(page.finish("Assumed truths, not estimates. The dose levels are drawn at equal distances."))
}

/// What a dose axis is.
pub(super) fn dose_words(setting: &Setting) -> String {
    let unit = if setting.unit.is_empty() { "Dose".to_string() } else { format!("Dose ({})", setting.unit) };
    font::fit(&unit, Weight::Regular, SMALL, 300.0)
}

/// Equidistant levels labelled with their doses; where the labels would touch, every second, third, ... is written.
pub(super) fn dose_axis(setting: &Setting, width: f64) -> Axis {
    let levels = setting.doses.len().max(1);
    let room = width / levels as f64;
    let labels: Vec<String> = setting.doses.iter().map(|dose| font::fit(dose, Weight::Regular, SMALL, 60.0)).collect();
    let widths: Vec<f64> = labels.iter().map(|label| look(SMALL, INK).width(label)).collect();
    let fits = |every: usize| {
        let shown: Vec<f64> = widths.iter().copied().step_by(every).collect();
        shown.windows(2).all(|pair| (pair[0] + pair[1]) / 2.0 + 5.0 <= every as f64 * room)
    };
    let every = (1..=levels).find(|&every| fits(every)).unwrap_or(levels);
    let ticks = labels
        .into_iter()
        .enumerate()
        .map(|(index, label)| ((index + 1) as f64, if index % every == 0 { label } else { String::new() }))
        .collect();
    Axis { range: (0.5, levels as f64 + 0.5), ticks, grid: false, labelled: true }
}

/// A toxicity curve over the target and the acceptable band, and in front of the curves that it is to be compared with.
pub(super) fn curve(
    page: &Page,
    panel: &mut Panel,
    area: Area,
    setting: &Setting,
    scenario: &Scenario,
    others: &[Scenario],
) -> Result<(), FigureError> {
    let end = setting.doses.len().max(1) as f64 + 0.5;
    panel.block((0.5, setting.acceptable.0), (end, setting.acceptable.1), BAND)?;
    panel.grid()?;
    panel.line(vec![(0.5, setting.target), (end, setting.target)], TARGET, 1.2)?;
    for other in others {
        panel.line(points(other), CONTEXT, 1.2)?;
    }
    let points = points(scenario);
    panel.line(points.clone(), MUTED, 1.5)?;
    for &(level, toxicity) in &points {
        let index = level as usize - 1;
        let centre = panel.at(level, toxicity);
        let correct = scenario.correct == index + 1;
        let place = scenario.places.get(index).copied().unwrap_or(Place::Under);
        let tip = format!("{}: DLT probability {}", dose(setting, index + 1), number(toxicity, 4));
        page.group(None, Some(tip), || {
            if correct {
                page.sheet.add(Mark::Circle { centre, radius: fine(8.0), ink: Ink::Fill(INK) });
                page.sheet.add(Mark::Circle { centre, radius: fine(6.2), ink: Ink::Fill(WHITE) });
            }
            page.sheet.add(Mark::Circle { centre, radius: fine(4.4), ink: Ink::Fill(palette::place_color(place)) });
            page.sheet.add(Mark::Circle { centre, radius: fine(4.4), ink: Ink::Stroke(INK, fine(0.7)) });
        });
    }
    if scenario.correct == 0 {
        // Below the curve, or above it where it begins low.
        let low = scenario.toxicity.first().is_some_and(|toxicity| *toxicity < setting.acceptable.1);
        let y = if low { area.top + 14.0 } else { panel.area((0.5, 0.0), (end, 0.0)).top - 8.0 };
        page.text("No dose is correct", (area.left + 5.0, y), look(SMALL, INK));
    }
    Ok(())
}

/// The points of a curve: levels from 1, and their toxicities.
fn points(scenario: &Scenario) -> Vec<(f64, f64)> {
    let levels = scenario.toxicity.iter().enumerate().filter(|(_, toxicity)| toxicity.is_finite());
    levels.map(|(index, &toxicity)| ((index + 1) as f64, toxicity)).collect()
}

/// The vertical axis of curves of which none is above `highest`, with a margin at both ends, so that points on the axis' ends do not
/// touch labels.
pub(super) fn toxicity_axis(highest: f64, height: f64) -> Axis {
    let y = vertical(0.0, highest.min(1.0), height, |value| number(value, 2));
    Axis { range: (-0.07 * y.range.1, 1.03 * y.range.1), ..y }
}

/// What the lines and marks of a panel are.
pub(super) fn legend(setting: &Setting) -> Vec<Entry<'static>> {
    let (low, high) = setting.acceptable;
    let band = format!("Acceptable band {} to {}", number(low, 3), number(high, 3));
    let mut entries: Vec<Entry> = vec![
        (
            format!("Target {}", number(setting.target, 3)),
            Box::new(|page, (x, y)| page.line((x - 7.0, y), (x + 7.0, y), TARGET, 1.5)),
        ),
        (
            band,
            Box::new(|page, (x, y)| {
                page.block(Area { left: x - 7.0, top: y - 6.0, right: x + 7.0, bottom: y + 6.0 }, BAND);
            }),
        ),
    ];
    entries.push((
        "Correct level".to_string(),
        Box::new(|page, (x, y)| {
            page.sheet.add(Mark::Circle { centre: (fine(x), fine(y)), radius: fine(6.2), ink: Ink::Stroke(INK, fine(1.8)) });
        }),
    ));
    entries
}
