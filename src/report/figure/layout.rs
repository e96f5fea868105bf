//! What the figures share: title, legend, notes, labels that are cut to their room.

use super::marker::marker_shape;
use super::plot::{Area, Sheet, fine, fine_point};
use super::scale::grouped;
use super::{Design, Evidence, Setting};
use crate::report::font::{self, Weight};
use crate::report::paint::{Align, Ink, Mark, Picture, Point, Text};
use crate::report::palette::{self, Color, INK, MUTED, WHITE};

/// The width of every figure in pixels.
pub(super) const WIDTH: f64 = 640.0;
/// The empty border in pixels.
pub(super) const MARGIN: f64 = 16.0;

const TITLE: f64 = 17.0;
const SUBTITLE: f64 = 13.0;
/// The font size of design and scenario names.
pub(super) const LABEL: f64 = 13.0;
/// The font size of axis titles, legends and notes.
pub(super) const SMALL: f64 = 12.0;

/// A figure that is laid out from top to bottom.
pub(super) struct Page {
    pub(super) sheet: Sheet,
    /// Where the next part begins, in pixels.
    pub(super) y: f64,
}

/// The distance of the lines of a name, in parts of its size.
const LINE: f64 = 1.2;

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) color: Color,
    pub(super) align: Align,
}

/// Ordinary text, set to the left.
pub(super) fn look(size: f64, color: Color) -> Look {
    Look { size, weight: Weight::Regular, color, align: Align::Left }
}

impl Look {
    pub(super) fn bold(self) -> Look {
        Look { weight: Weight::SemiBold, ..self }
    }

    pub(super) fn align(self, align: Align) -> Look {
        Look { align, ..self }
    }

    pub(super) fn width(self, words: &str) -> f64 {
        font::width(words, self.weight, self.size)
    }
}

/// Draws the symbol of a legend around a point of the sheet, 14 pixels wide.
pub(super) type Symbol<'a> = Box<dyn Fn(&Page, (f64, f64)) + 'a>;
/// An entry of a legend: its words and its symbol.
pub(super) type Entry<'a> = (String, Symbol<'a>);

/// The distance between the entries of a legend.
const LEGEND_GAP: f64 = 18.0;

impl Page {
    /// A page with its title and the line below it.
    pub(super) fn new(title: &str, subtitle: &str, description: String) -> Page {
        Page::wide(WIDTH, title, subtitle, description)
    }

    /// A page of another width; its texts are as wide as on any page.
    pub(super) fn wide(width: f64, title: &str, subtitle: &str, description: String) -> Page {
        let full = if subtitle.is_empty() { title.to_string() } else { format!("{title}. {subtitle}") };
        let sheet = Sheet::new(width, font::one_line(&full), font::one_line(&description));
        let mut page = Page { sheet, y: MARGIN };
        page.paragraph(title, look(TITLE, INK).bold());
        if !subtitle.is_empty() {
            page.y += 3.0;
            page.paragraph(subtitle, look(SUBTITLE, MUTED));
        }
        page.y += 12.0;
        page
    }

    /// A text over the whole width, on as many lines as it needs but at most three.
    fn paragraph(&mut self, words: &str, look: Look) {
        for line in font::wrap(words, look.weight, look.size, WIDTH - 2.0 * MARGIN, 3) {
            self.y += 1.3 * look.size;
            self.write(&line, None, (MARGIN, self.y - 0.65 * look.size), look);
        }
    }

    /// A line of text; `at` is its end and the middle of its capitals' height.
    pub(super) fn text(&self, words: &str, at: (f64, f64), look: Look) {
        self.write(&font::one_line(words), None, at, look);
    }

    /// A name in a column `room` wide, on up to `lines` lines around the middle `at.1`; what is cut can be read in full
    /// where the mouse rests on it.
    pub(super) fn name(&self, name: &str, at: (f64, f64), look: Look, room: f64, lines: usize) {
        let full = font::one_line(name);
        let parts = font::wrap(&full, look.weight, look.size, room, lines);
        let height = LINE * look.size;
        let first = at.1 - 0.5 * height * (parts.len() - 1) as f64;
        let cut = parts.iter().any(|part| part.contains('…') && !full.contains('…'));
        for (index, part) in parts.iter().enumerate() {
            self.write(part, cut.then(|| full.clone()), (at.0, first + index as f64 * height), look);
        }
    }

    /// The head of a small panel: a bold name whose last line stands at `at`, after the design's marker if there is one.
    pub(super) fn head(&self, name: &str, design: Option<usize>, (x, y): (f64, f64), room: f64) {
        let indent = if design.is_some() { HEAD_INDENT } else { 0.0 };
        let look = look(LABEL, INK).bold();
        let extra = (head_lines([name], room - indent) - 1) as f64 * LINE * LABEL;
        if let Some(position) = design {
            self.marker(position, fine_point(x + 6.0, y - extra / 2.0), 5.0);
        }
        self.name(name, (x + indent, y - extra / 2.0), look, room - indent, 2);
    }

    /// A number in a column `room` wide, in a smaller size where it would not fit: numbers must not be cut.
    pub(super) fn number(&self, words: &str, at: (f64, f64), look: Look, room: f64) {
        // A hair less than the room, which the width of a size that is no whole number may miss by rounding.
        let size = (look.size * ((room - 0.01) / look.width(words)).min(1.0)).max(6.5);
        self.name(words, at, Look { size, ..look }, room, 1);
    }

    fn write(&self, words: &str, full: Option<String>, at: (f64, f64), look: Look) {
        if words.is_empty() {
            return;
        }
        let baseline = at.1 + look.size * font::CAP_HEIGHT / 2.0;
        self.sheet.add(Mark::Text(Text {
            words: words.to_string(),
            full,
            at: (fine(at.0), fine(baseline)),
            align: look.align,
            size: fine(look.size),
            weight: look.weight,
            color: look.color,
        }));
    }

    /// A filled rectangle.
    pub(super) fn block(&self, area: Area, color: Color) {
        self.rectangle(area, Ink::Fill(color));
    }

    /// The outline of a rectangle, `width` pixels thick, drawn inside of it.
    pub(super) fn outline(&self, area: Area, color: Color, width: f64) {
        let half = width / 2.0;
        let inner = Area { left: area.left + half, top: area.top + half, right: area.right - half, bottom: area.bottom - half };
        self.rectangle(inner, Ink::Stroke(color, fine(width)));
    }

    fn rectangle(&self, area: Area, ink: Ink) {
        let (from, to) = ((fine(area.left), fine(area.top)), (fine(area.right), fine(area.bottom)));
        if from.0 < to.0 && from.1 < to.1 {
            self.sheet.add(Mark::Rectangle { from, to, ink });
        }
    }

    /// A straight line between two points of the sheet, in pixels.
    pub(super) fn line(&self, from: (f64, f64), to: (f64, f64), color: Color, width: f64) {
        let points = vec![(fine(from.0), fine(from.1)), (fine(to.0), fine(to.1))];
        self.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(width)) });
    }

    /// The marker of a design on a white rim, so that it can be read on a line or on a neighbour.
    pub(super) fn marker(&self, position: usize, centre: Point, radius: f64) {
        let (color, marker) = palette::design(position);
        for (ink, extra) in [(Ink::Stroke(WHITE, fine(2.0)), 0.0), (Ink::Fill(color), 0.0)] {
            self.sheet.add(marker_shape(marker, centre, radius + extra, ink));
        }
    }

    /// Everything that `draw` adds becomes one group: the marks of a design, or marks with an explanation.
    pub(super) fn group<T>(&self, series: Option<&str>, tip: Option<String>, draw: impl FnOnce() -> T) -> T {
        self.sheet.add(Mark::Group { series: series.map(font::one_line), tip: tip.map(|tip| font::one_line(&tip)) });
        let result = draw();
        self.sheet.add(Mark::End);
        result
    }

    /// Symbols with their meaning: on one line, or in columns of equal width where one line is too short.
    pub(super) fn legend(&mut self, entries: &[Entry]) {
        let look = look(SMALL, INK);
        let words: Vec<String> = entries.iter().map(|(words, _)| font::fit(words, look.weight, look.size, 250.0)).collect();
        let widths: Vec<f64> = words.iter().map(|words| 20.0 + look.width(words) + LEGEND_GAP).collect();
        let widest = widths.iter().copied().fold(1.0, f64::max);
        let room = WIDTH - 2.0 * MARGIN + LEGEND_GAP;
        let one_line = widths.iter().sum::<f64>() <= room;
        let lines = if one_line { 1 } else { entries.len().div_ceil(((room / widest) as usize).max(1)) };
        let columns = entries.len().div_ceil(lines);
        let mut x = MARGIN;
        self.y += 10.0;
        for (index, (_, draw)) in entries.iter().enumerate() {
            if index > 0 && index % columns == 0 {
                x = MARGIN;
                self.y += 20.0;
            }
            draw(self, (x + 7.0, self.y));
            self.text(&words[index], (x + 20.0, self.y), look);
            x += if one_line { widths[index] } else { widest };
        }
        self.y += 16.0;
    }

    /// The legend of designs: marker and name.
    pub(super) fn design_legend<'a>(&mut self, designs: impl Iterator<Item = &'a Design>) {
        let entry = |design: &'a Design| -> Entry<'a> {
            let draw = move |page: &Page, (x, y): (f64, f64)| {
                page.group(Some(&design.name), None, || page.marker(design.position, fine_point(x, y), 5.0));
            };
            (design.name.clone(), Box::new(draw))
        };
        self.legend(&designs.map(entry).collect::<Vec<Entry>>());
    }

    /// The small print at the end, and the finished picture.
    pub(super) fn finish(mut self, note: &str) -> Picture {
        self.y += 4.0;
        self.paragraph(note, look(SMALL, MUTED));
        let bottom = self.y + MARGIN - 4.0;
        self.sheet.finish(bottom)
    }
}

/// How far the name of a design stands to the right of its marker's box.
pub(super) const HEAD_INDENT: f64 = 17.0;

/// The largest number of lines, 1 or 2, that the bold heads of some panels need.
pub(super) fn head_lines<'a>(names: impl IntoIterator<Item = &'a str>, room: f64) -> usize {
    names.into_iter().map(|name| font::wrap(name, Weight::SemiBold, LABEL, room, 2).len()).max().unwrap_or(1)
}

/// The height of that many lines.
pub(super) fn head_height(lines: usize) -> f64 {
    lines as f64 * LINE * LABEL
}

/// Where the numbers come from, for the small print; `bars` says what shows their uncertainty.
pub(super) fn source(evidence: Evidence, setting: &Setting, bars: &str) -> String {
    let replicates = grouped(setting.replicates);
    match evidence {
        Evidence::Exact => "Exact values, without simulation error.".to_string(),
        Evidence::Simulated => format!("{replicates} replicates; {bars}."),
        Evidence::Mixed => format!("Exact values, or {replicates} replicates where there is an interval; {bars}."),
    }
}

/// A dose for a text: "level 3 (1.0 mg/kg)".
pub(super) fn dose(setting: &Setting, level: usize) -> String {
    match (level, level.checked_sub(1).and_then(|index| setting.doses.get(index))) {
        (0, _) => "no dose".to_string(),
        (_, Some(dose)) => format!("level {level} ({dose} {})", setting.unit).replace(" )", ")"),
        (_, None) => format!("level {level}"),
    }
}

/// How many panels of a grid stand side by side.
pub(super) fn grid_columns(panels: usize) -> usize {
    match panels {
        0 | 1 => 1,
        2 | 4 => 2,
        3 | 5 | 6 | 9 => 3,
        _ => 4,
    }
}

/// "page 2 of 3" after the title of a figure that is spread over several pages.
pub(super) fn page_title(title: &str, page: usize, pages: usize) -> String {
    if pages > 1 { format!("{title} (page {} of {pages})", page + 1) } else { title.to_string() }
}
