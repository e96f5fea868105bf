//! How trials end: one bar a design, with the five ends of a trial.

use super::layout::{Entry, LABEL, MARGIN, Page, SMALL, WIDTH, look, source};
use super::plot::{Area, Axis, fine_point};
use super::scale::{horizontal, percent};
use super::{Design, FigureError, Setting, evidence};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{Color, INK, MUTED, NONE, WHITE};

/// How the trials of a design end, in the order of the bar: too low, right, other acceptable, too toxic, none.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The design.
    pub design: Design,
    /// The probabilities.
    pub shares: [f64; 5],
    /// Whether they are simulated.
    pub is_simulated: bool,
}

/// Bars under one heading.
#[derive(Clone, Debug)]
pub struct EndsGroup {
    /// What is true, or how large the designs are.
    pub heading: String,
    /// The bars.
    pub rows: Vec<Ends>,
}

const BAR: f64 = 20.0;
const PITCH: f64 = 26.0;
const HEAD: f64 = 24.0;
/// Parts smaller than this have no label.
const LEAST: f64 = 0.05;

/// The ends: what each is called, the letter that tells it apart in grey, and its colour.
const ENDS: [(&str, &str, Color); 5] = [
    ("Too low", "L", Color(0x9c, 0xc3, 0xe6)),
    ("Right", "R", Color(0x0b, 0x6e, 0x63)),
    ("Other acceptable", "A", Color(0x7c, 0xc4, 0xb4)),
    ("Too toxic", "T", Color(0xc4, 0x4e, 0x1c)),
    ("None", "N", NONE),
];

/// The figure.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn ends(setting: &Setting, title: &str, groups: &[EndsGroup]) -> Result<Picture, FigureError> {
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let said: Vec<String> = groups
        .iter()
        .map(|group| {
            let bars: Vec<String> = group
                .rows
                .iter()
                .map(|row| {
                    let parts = ENDS
                        .iter()
                        .zip(row.shares)
                        .map(|((word, ..), share)| format!("{} {}", word.to_lowercase(), whole(share)));
                    format!("{} {}", row.design.name, parts.collect::<Vec<_>>().join(", "))
                })
                .collect();
            format!("{}: {}.", group.heading, bars.join("; "))
        })
        .collect();
    let description = format!("Stacked bars, 100 trials a bar. {}", said.join(" "));
    let note = source(
        evidence(rows().map(|row| row.is_simulated)),
        setting,
        "letters: L too low, R right, A other acceptable, T too toxic, N none",
    );
    let mut page = Page::new(title, "", description);
    let names = rows().map(|row| look(LABEL, INK).width(&row.design.name)).fold(90.0, f64::max).min(170.0);
    let left = MARGIN + 20.0 + names + 10.0;
    let right = WIDTH - MARGIN - 12.0;
    for (number, group) in groups.iter().enumerate() {
        page.text(&group.heading, (MARGIN, page.y + 8.0), look(LABEL, INK).bold());
        page.y += HEAD;
        let area = Area { left, top: page.y, right, bottom: page.y + PITCH * group.rows.len() as f64 };
        let y = Axis { range: (group.rows.len().max(1) as f64, 0.0), ticks: Vec::new(), grid: false, labelled: false };
        let mut axis = horizontal(0.0, 1.0, right - left, |value| percent(value, 0));
        axis.labelled = number + 1 == groups.len();
        let mut panel = page.sheet.panel(area, axis, y)?;
        panel.grid()?;
        for (index, row) in group.rows.iter().enumerate() {
            let middle = area.top + PITCH * (index as f64 + 0.5);
            page.group(Some(&row.design.name), None, || {
                page.marker(row.design.position, fine_point(MARGIN + 6.0, middle), 5.0);
                page.name(&row.design.name, (MARGIN + 20.0, middle), look(LABEL, INK), names, 1);
                let pad = (PITCH - BAR) / 2.0 / PITCH;
                let (top, bottom) = (index as f64 + pad, index as f64 + 1.0 - pad);
                let mut from = 0.0;
                for ((word, letter, color), share) in ENDS.iter().zip(row.shares) {
                    if share.is_nan() || share <= 0.0 {
                        continue;
                    }
                    let tip = format!("{}: {} in {} %", row.design.name, word.to_lowercase(), percent(share, 1));
                    page.group(None, Some(tip), || {
                        panel.block((from, top), (from + share, bottom), *color)?;
                        let part = panel.area((from, top), (from + share, bottom));
                        page.line((part.right, part.top), (part.right, part.bottom), WHITE, 1.0);
                        let words = format!("{letter} {}", whole(share));
                        let label = look(SMALL, color.readable_ink()).bold().align(Align::Centre);
                        if share >= LEAST && label.width(&words) <= part.right - part.left - 4.0 {
                            page.text(&words, ((part.left + part.right) / 2.0, (part.top + part.bottom) / 2.0), label);
                        }
                        Ok::<(), FigureError>(())
                    })?;
                    from += share;
                }
                Ok::<(), FigureError>(())
            })?;
        }
        page.y = area.bottom + 10.0;
    }
    page.y += 20.0;
    page.text("Of 100 trials", ((left + right) / 2.0, page.y + 8.0), look(SMALL, MUTED).align(Align::Centre));
    page.y += 22.0;
    let chip = |(x, y): (f64, f64)| Area { left: x - 7.0, top: y - 6.0, right: x + 7.0, bottom: y + 6.0 };
    let entries: Vec<Entry> = ENDS
        .iter()
        .map(|&(word, letter, color)| -> Entry {
            (format!("{letter}: {}", word.to_lowercase()), Box::new(move |page, at| page.block(chip(at), color)))
        })
        .collect();
    page.legend(&entries);
    Ok(page.finish(&note))
}

/// A share in trials of a hundred.
fn whole(share: f64) -> String {
    format!("{:.0}", (100.0 * share + 0.5 + 1e-9).floor())
}
