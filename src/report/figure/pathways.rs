//! The flow diagram of dose-transition pathways, as protocols print it: dose levels upwards, cohorts to the right.

use super::layout::{Entry, LABEL, Look, MARGIN, Page, SMALL, WIDTH, look};
use super::plot::{Area, fine};
use crate::engine::{Flow, Junction, Stream};
use crate::report::paint::{Align, Ink, Mark, Picture};
use crate::report::palette::{Color, GRID, INK, MUTED, STRIPE, TARGET, WHITE};
use crate::report::pathways::{numbers, outcomes, percent, side};
use crate::trial::Cohort;

/// What the diagram is of.
#[derive(Clone, Debug)]
pub struct PathwayLabels<'a> {
    /// The name of the design.
    pub design: &'a str,
    /// The outcomes so far, as people write them; empty at the start of the trial.
    pub outcomes: &'a str,
    /// How many cohorts these are.
    pub treated: usize,
    /// The scenario of the probabilities, if there are any.
    pub scenario: Option<&'a str>,
    /// The doses as the study file writes them, lowest first.
    pub doses: &'a [String],
    /// Their unit; may be empty.
    pub unit: &'a str,
}

/// The least height of a cell that names numbers of DLTs.
const CELL: f64 = 18.0;
/// The height of a box without cells.
const BOX: f64 = 22.0;
/// Between boxes of the same level.
const GAP: f64 = 10.0;
/// Above and below the boxes of a level.
const PADDING: f64 = 9.0;
/// Between columns, where the streams run.
const STREAM: f64 = 84.0;
/// The room of the names of the levels.
const NAMES: f64 = 84.0;
/// The room of the headings of the columns.
const HEADINGS: f64 = 38.0;
/// The font size in boxes.
const WORDS: f64 = 11.5;

/// A way that a stream can go, seen from its cohort: its meaning, its colour and that of its cells.
const UP: (&str, Color, Color) = ("Escalate", TARGET, Color(0xdf, 0xf0, 0xed));
const SAME: (&str, Color, Color) = ("Stay at the level", Color(0x2f, 0x6d, 0xad), Color(0xdf, 0xea, 0xf6));
const DOWN: (&str, Color, Color) = ("De-escalate", Color(0xc6, 0x64, 0x12), Color(0xfb, 0xe6, 0xcd));
const END: (&str, Color, Color) = ("Stop", Color(0x88, 0x22, 0x55), Color(0xf2, 0xdf, 0xe8));

/// The flow diagram of pathways.
#[must_use]
pub fn pathways(labels: &PathwayLabels<'_>, flow: &Flow) -> Picture {
    let layout = Layout::new(labels, flow);
    let start =
        if labels.treated == 0 { "From the start of the trial".to_owned() } else { format!("After {}", labels.outcomes.trim()) };
    let under = labels.scenario.map_or_else(String::new, |scenario| format!("; probabilities under “{scenario}”"));
    let mut page = Page::wide(
        layout.width,
        &format!("Dose-transition pathways, {}", labels.design),
        &format!("{start}{under}"),
        format!(
            "A flow diagram: dose levels from bottom to top, cohorts from left to right; from each cohort of {} a line for each number \
             of DLTs leads to the next cohort or to the end of the trial.",
            labels.design
        ),
    );
    let streams = [UP, SAME, DOWN, END].map(|(words, color, _)| -> Entry<'_> {
        let symbol = move |page: &Page, (x, y): (f64, f64)| page.line((x - 7.0, y), (x + 7.0, y), color, 2.0);
        (words.to_owned(), Box::new(symbol))
    });
    page.legend(&streams);
    let top = page.y + 4.0;
    layout.bands(&page, labels, top);
    layout.headings(&page, labels, top);
    layout.streams(&page, top);
    layout.boxes(&page, top);
    page.y = top + layout.height;
    page.y += 6.0;
    let probabilities = match labels.scenario {
        Some(_) => {
            " Probabilities are those of coming there from the first cohort of the diagram; the thicker a line, the likelier it is."
        }
        None => "",
    };
    page.finish(&format!(
        "A box is a cohort of n patients; the cells on its right are numbers of DLTs and lead to what the rule does then. Cohorts that \
         lead to the same decisions in all that follows here are drawn as one.{probabilities}"
    ))
}

/// Where everything is. Heights are below the top of the diagram.
struct Layout<'f> {
    flow: &'f Flow,
    /// Whether there are probabilities.
    has_probabilities: bool,
    /// The bands, top first: the level, or none, with its upper and lower end.
    bands: Vec<(Option<usize>, f64, f64)>,
    /// The middle of each junction, as the flow has them.
    middles: Vec<Vec<f64>>,
    width: f64,
    height: f64,
}

impl<'f> Layout<'f> {
    fn new(labels: &PathwayLabels<'_>, flow: &'f Flow) -> Self {
        let has_probabilities = flow.stages.iter().flatten().any(|(_, probability)| probability.is_some());
        let mut layout = Self { flow, has_probabilities, bands: Vec::new(), middles: Vec::new(), width: WIDTH, height: 0.0 };
        let columns = flow.stages.len() as f64;
        let wanted = 2.0 * MARGIN + NAMES + columns * layout.box_width() + (columns - 1.0) * STREAM;
        layout.width = wanted.max(WIDTH);
        layout.place(labels.doses.len());
        layout
    }

    /// The band of a junction: its level, or none where no dose is selected.
    fn band(junction: &Junction) -> Option<usize> {
        match *junction {
            Junction::Enrol(Cohort { level, .. }) => Some(usize::from(level)),
            Junction::Stop(selected, _) => selected.map(usize::from),
            Junction::Silent => None,
        }
    }

    /// The streams that leave a junction, fewest DLTs first.
    fn leaving(&self, stage: usize, junction: usize) -> Vec<&'f Stream> {
        let mut leaving: Vec<&Stream> =
            self.flow.streams.get(stage).into_iter().flatten().filter(|stream| stream.from == junction).collect();
        leaving.sort_by(|a, b| (&a.dlts, a.moderate, a.heads).cmp(&(&b.dlts, b.moderate, b.heads)));
        leaving
    }

    fn box_height(&self, stage: usize, junction: usize) -> f64 {
        let lines = if self.has_probabilities { BOX + 11.0 } else { BOX };
        lines.max(CELL * self.leaving(stage, junction).len() as f64)
    }

    /// The height of the cells of a box, which they fill.
    fn cell_height(&self, stage: usize, junction: usize) -> f64 {
        self.box_height(stage, junction) / self.leaving(stage, junction).len().max(1) as f64
    }

    fn cell_width(&self) -> f64 {
        self.beyond_dlts() + if self.has_probabilities { 82.0 } else { 34.0 }
    }

    /// The room of what cells name beside numbers of DLTs, where one does.
    fn beyond_dlts(&self) -> f64 {
        let names_more = |stream: &Stream| stream.moderate.is_some() || stream.heads.is_some();
        if self.flow.streams.iter().flatten().any(names_more) { 56.0 } else { 0.0 }
    }

    fn box_width(&self) -> f64 {
        // The left part holds a probability, or "n = 3".
        if self.has_probabilities { 54.0 + self.cell_width() } else { 66.0 + self.cell_width() }
    }

    /// The left side of the boxes of a stage: the columns share the room.
    fn left(&self, stage: usize) -> f64 {
        let room = self.width - 2.0 * MARGIN - NAMES - self.box_width();
        MARGIN + NAMES + room * stage as f64 / (self.flow.stages.len().max(2) - 1) as f64
    }

    /// Find the height of each band, then the place of each box in it: stage by stage, in the order in which the streams arrive.
    fn place(&mut self, levels: usize) {
        let is_there = |band: Option<usize>| self.flow.stages.iter().flatten().any(|(junction, _)| Self::band(junction) == band);
        let none = is_there(None).then_some(None);
        let mut y = HEADINGS;
        for band in (0..levels).rev().map(Some).chain(none) {
            let tallest = (0..self.flow.stages.len()).map(|stage| self.stack(stage, band)).fold(0.0, f64::max);
            let height = (tallest + 2.0 * PADDING).max(34.0);
            self.bands.push((band, y, y + height));
            y += height;
        }
        self.height = y;
        for stage in 0..self.flow.stages.len() {
            let junctions = &self.flow.stages[stage];
            let mut middles = vec![0.0; junctions.len()];
            for &(band, top, bottom) in &self.bands {
                let mut members: Vec<(f64, usize)> = (0..junctions.len())
                    .filter(|&junction| Self::band(&junctions[junction].0) == band)
                    .map(|junction| (self.arrives_at(stage, junction), junction))
                    .collect();
                members.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let mut y = 0.5 * (top + bottom - self.stack(stage, band));
                for (_, junction) in members {
                    let height = self.box_height(stage, junction);
                    middles[junction] = y + 0.5 * height;
                    y += height + GAP;
                }
            }
            self.middles.push(middles);
        }
    }

    /// The height of all boxes of a stage in a band.
    fn stack(&self, stage: usize, band: Option<usize>) -> f64 {
        let junctions = self.flow.stages[stage].iter().enumerate();
        let heights = junctions.filter(|(_, (junction, _))| Self::band(junction) == band);
        let (count, sum) =
            heights.fold((0.0, 0.0), |(count, sum), (index, _)| (count + 1.0, sum + self.box_height(stage, index)));
        if count > 0.0 { sum + GAP * (count - 1.0) } else { 0.0 }
    }

    /// The mean height from which the streams into a junction come.
    fn arrives_at(&self, stage: usize, junction: usize) -> f64 {
        let Some(before) = stage.checked_sub(1) else { return 0.0 };
        let arriving: Vec<f64> = self.flow.streams[before]
            .iter()
            .filter(|stream| stream.to == junction)
            .map(|stream| self.cell(before, stream))
            .collect();
        arriving.iter().sum::<f64>() / arriving.len().max(1) as f64
    }

    /// The middle of the cell of a stream.
    fn cell(&self, stage: usize, stream: &Stream) -> f64 {
        let leaving = self.leaving(stage, stream.from);
        let place = leaving.iter().position(|other| *other == stream).unwrap_or(0) as f64;
        self.middles[stage][stream.from] + self.cell_height(stage, stream.from) * (place + 0.5 - 0.5 * leaving.len() as f64)
    }

    /// What a stream means.
    fn way(&self, stage: usize, stream: &Stream) -> (&'static str, Color, Color) {
        let level = |stage: usize, junction: usize| match self.flow.stages[stage][junction].0 {
            Junction::Enrol(cohort) => Some(cohort.level),
            Junction::Stop(..) | Junction::Silent => None,
        };
        match (level(stage, stream.from), level(stage + 1, stream.to)) {
            (Some(from), Some(to)) if to > from => UP,
            (Some(from), Some(to)) if to < from => DOWN,
            (Some(_), Some(_)) => SAME,
            _ => END,
        }
    }

    fn bands(&self, page: &Page, labels: &PathwayLabels<'_>, origin: f64) {
        for (place, &(band, top, bottom)) in self.bands.iter().enumerate() {
            let area = Area { left: MARGIN, top: origin + top, right: self.width - MARGIN, bottom: origin + bottom };
            if place % 2 == 0 {
                page.block(area, STRIPE);
            }
            let middle = 0.5 * (area.top + area.bottom);
            let (name, dose) = match band {
                Some(level) => {
                    let dose = labels.doses.get(level).map_or_else(String::new, |dose| format!("{dose} {}", labels.unit));
                    (format!("Level {}", level + 1), dose)
                }
                None => ("No dose".to_owned(), String::new()),
            };
            let (x, offset) = (MARGIN + 10.0, if dose.is_empty() { 0.0 } else { 7.5 });
            page.text(&name, (x, middle - offset), look(LABEL, INK).bold());
            page.name(&dose, (x, middle + offset), look(SMALL, MUTED), NAMES - 14.0, 1);
        }
    }

    fn headings(&self, page: &Page, labels: &PathwayLabels<'_>, origin: f64) {
        for stage in 0..self.flow.stages.len() {
            let last = stage + 1 == self.flow.stages.len();
            let words = if last { "Then".to_owned() } else { format!("Cohort {}", labels.treated + stage + 1) };
            let (left, right) = (self.left(stage), self.left(stage) + self.box_width());
            let text = |words: &str, x: f64, y: f64, look: Look| page.text(words, (x, origin + y), look.align(Align::Centre));
            text(&words, 0.5 * (left + right), 9.0, look(SMALL, INK).bold());
            if !last {
                text(
                    "DLTs",
                    right - if self.has_probabilities { 66.0 } else { 0.5 * self.cell_width() },
                    27.0,
                    look(WORDS, MUTED),
                );
            }
        }
    }

    fn streams(&self, page: &Page, origin: f64) {
        for (stage, streams) in self.flow.streams.iter().enumerate() {
            let (from, to) = (self.left(stage) + self.box_width(), self.left(stage + 1));
            // Those with the most DLTs last, so that an end of the trial is never hidden.
            for stream in streams {
                let (_, color, _) = self.way(stage, stream);
                let (start, end) = (origin + self.cell(stage, stream), origin + self.arrival(stage, stream));
                let width = stream.probability.map_or(1.4, |probability| 0.8 + 6.0 * probability);
                let tip = to - 6.0;
                let point = |part: usize| {
                    let t = part as f64 / 24.0;
                    (fine(from + (tip - from) * t), fine(start + (end - start) * t * t * (3.0 - 2.0 * t)))
                };
                let points = (0..=24).map(point).collect();
                page.sheet.add(Mark::Path { points, closed: false, ink: Ink::Stroke(color, fine(width)) });
                let half = 3.5_f64.max(0.8 * width);
                let head = [(to - 0.5, end), (tip - 2.0, end - half), (tip - 2.0, end + half)];
                let points = head.map(|(x, y)| (fine(x), fine(y))).to_vec();
                page.sheet.add(Mark::Path { points, closed: true, ink: Ink::Fill(color) });
            }
        }
    }

    /// Where a stream meets its next box: side by side with the others, in the order of their cells.
    fn arrival(&self, stage: usize, stream: &Stream) -> f64 {
        let mut arriving: Vec<f64> =
            self.flow.streams[stage].iter().filter(|other| other.to == stream.to).map(|other| self.cell(stage, other)).collect();
        arriving.sort_by(f64::total_cmp);
        let own = self.cell(stage, stream);
        let place = arriving.iter().position(|other| *other == own).unwrap_or(0) as f64;
        let height = self.box_height(stage + 1, stream.to);
        let step = (7.0_f64).min((height - 6.0) / arriving.len() as f64);
        self.middles[stage + 1][stream.to] + step * (place + 0.5 - 0.5 * arriving.len() as f64)
    }

    fn boxes(&self, page: &Page, origin: f64) {
        for (stage, junctions) in self.flow.stages.iter().enumerate() {
            for (index, (junction, probability)) in junctions.iter().enumerate() {
                let (middle, height) = (origin + self.middles[stage][index], self.box_height(stage, index));
                let left = self.left(stage);
                let area =
                    Area { left, top: middle - 0.5 * height, right: left + self.box_width(), bottom: middle + 0.5 * height };
                let leaving = self.leaving(stage, index);
                let is_end = !matches!(junction, Junction::Enrol(_));
                page.block(area, if is_end { END.2 } else { WHITE });
                let words = match junction {
                    Junction::Enrol(cohort) if leaving.is_empty() => format!("Level {}", cohort.level + 1),
                    Junction::Enrol(cohort) => format!("n = {}", cohort.patients),
                    Junction::Stop(Some(level), _) => format!("Stop: level {}", level + 1),
                    Junction::Stop(None, _) => "Stop: no dose".to_owned(),
                    Junction::Silent => "No answer".to_owned(),
                };
                let room = if leaving.is_empty() { self.box_width() } else { self.box_width() - self.cell_width() };
                let centre = left + 0.5 * room;
                let offset = if probability.is_some() { 7.0 } else { 0.0 };
                page.text(&words, (centre, middle - offset), look(WORDS, INK).bold().align(Align::Centre));
                if let Some(probability) = probability {
                    page.text(&percent(*probability), (centre, middle + offset), look(WORDS, MUTED).align(Align::Centre));
                }
                for stream in &leaving {
                    self.draw_cell(page, stage, stream, (area.right, origin + self.cell(stage, stream)));
                }
                page.outline(area, if is_end { END.1 } else { MUTED }, 1.0);
            }
        }
    }

    /// The cell of a stream; `at` is the middle of its right side.
    fn draw_cell(&self, page: &Page, stage: usize, stream: &Stream, (right, middle): (f64, f64)) {
        let (meaning, color, tint) = self.way(stage, stream);
        let left = right - self.cell_width();
        let height = self.cell_height(stage, stream.from);
        let area = Area { left, top: middle - 0.5 * height, right, bottom: middle + 0.5 * height };
        let moderate = stream.moderate.map_or_else(String::new, |moderate| format!(" + {moderate} mod."));
        let dlts = format!("{}{moderate}{}", numbers(&stream.dlts), stream.heads.map_or("", side));
        let chance = stream.probability.map_or_else(String::new, |probability| format!(", {}", percent(probability)));
        page.group(None, Some(format!("{}: {meaning}{chance}", outcomes(stream))), || {
            page.block(area, tint);
            page.line((left, area.top), (right, area.top), GRID, 0.6);
            match stream.probability {
                None => page.text(&dlts, (0.5 * (left + right), middle), look(WORDS, color).bold().align(Align::Centre)),
                Some(probability) => {
                    page.text(
                        &dlts,
                        (left + 16.0 + 0.5 * self.beyond_dlts(), middle),
                        look(WORDS, color).bold().align(Align::Centre),
                    );
                    page.text(&percent(probability), (right - 5.0, middle), look(WORDS, INK).align(Align::Right));
                }
            }
        });
    }
}
