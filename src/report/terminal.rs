//! Tables as text, and the summary that a run prints.

use super::findings;
use super::table::{Cell, Column, Group, Kind, Mark, Table};
use super::tables;
use crate::measure::Results;
use crate::study::Study;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the terminal that a report counts on.
pub const WIDTH: usize = 100;

/// The longest name of a row; longer ones lose their middle.
pub(super) const LONGEST_NAME: usize = 25;

/// What a run prints: the study, one block a scenario with a line a design, where the numbers come from.
#[must_use]
pub fn summary(study: &Study, results: &Results) -> String {
    let mut text = String::new();
    for line in [study.name.clone(), findings::subtitle(study)] {
        text.push_str(&wrapped(&line));
    }
    if study.scenarios.is_empty() {
        for finding in tables::population_findings(study, results) {
            text.push_str(&wrapped(&finding));
        }
    } else {
        text.push_str(&table(&tables::in_short(study, results)));
    }
    text.push_str(&wrapped(&tables::sources(study, results)));
    for notice in &results.notices {
        text.push_str(&wrapped(notice));
    }
    text
}

/// A table in at most [`WIDTH`] columns: where the columns do not fit side by side, they go into several panels one below the
/// other, each with the names of the rows.
#[must_use]
pub fn table(table: &Table) -> String {
    let layouts: Vec<Layout> = (0..table.columns.len()).map(|place| Layout::new(table, place)).collect();
    let mut text = String::new();
    if !table.caption.is_empty() {
        text.push_str(&wrapped(&table.caption));
    }
    for panel in panels(&layouts) {
        for heading in headings(table, &panel, &layouts) {
            text.push_str(heading.trim_end());
            text.push('\n');
        }
        for (place, group) in table.groups.iter().enumerate() {
            if place > 0 {
                text.push('\n');
            }
            text.push_str(&block(table, group, &panel, &layouts));
        }
        text.push('\n');
    }
    for note in &table.notes {
        text.push_str(&wrapped(note));
    }
    text
}

/// The columns of each panel; the first column comes with every one.
fn panels(layouts: &[Layout]) -> Vec<Vec<usize>> {
    let mut panels: Vec<Vec<usize>> = Vec::new();
    let first = layouts.first().map_or(0, |layout| layout.width);
    let mut used = WIDTH + 1;
    for (place, Layout { width, .. }) in layouts.iter().enumerate().skip(1) {
        if used + 2 + width > WIDTH {
            panels.push(vec![0]);
            used = first;
        }
        used += 2 + width;
        if let Some(panel) = panels.last_mut() {
            panel.push(place);
        }
    }
    panels
}

/// How the cells of a column stand below each other.
struct Layout {
    /// The width of the column.
    width: usize,
    /// The longest decimal fraction of a result in it, with its point: points stand below each other.
    fraction: usize,
    /// Whether a cell in it has a mark, which needs a place behind every number.
    is_marked: bool,
}

impl Layout {
    fn new(table: &Table, place: usize) -> Self {
        let column = &table.columns[place];
        let results = || table.groups.iter().flat_map(|group| &group.rows).filter_map(|row| row.cells.get(place));
        let truths = table.groups.iter().filter_map(|group| group.truth.as_ref()?.get(place));
        let fraction = results().map(|cell| fraction(&column.show(cell).number)).max().unwrap_or(0);
        let cells: Vec<&Cell> = results().chain(truths).collect();
        let is_marked = cells.iter().any(|cell| cell.mark() != Mark::Plain);
        let mut layout = Self { width: 0, fraction, is_marked };
        let widest = cells.iter().map(|cell| length(&layout.text(column, cell)));
        layout.width = widest.chain([length(&column.heading), length(&column.detail)]).max().unwrap_or(0);
        layout
    }

    /// A cell: its number without the error beside it, and its mark.
    fn text(&self, column: &Column, cell: &Cell) -> String {
        let shown = cut(&column.show(cell).number, LONGEST_NAME);
        if shown.is_empty() || column.kind == Kind::Text {
            return shown;
        }
        let mark = match cell.mark() {
            Mark::Correct | Mark::Differs => "*",
            Mark::TooToxic => "†",
            Mark::Plain => "",
        };
        let space = self.fraction.saturating_sub(fraction(&shown)) + usize::from(self.is_marked && mark.is_empty());
        format!("{shown}{mark}{}", " ".repeat(space))
    }
}

/// The length of the decimal fraction of a printed number, its point included.
fn fraction(number: &str) -> usize {
    number.find('.').map_or(0, |point| number.len() - point)
}

/// The lines of headings: the shared ones where there are any, the columns' own, their details, a rule.
fn headings(table: &Table, panel: &[usize], layouts: &[Layout]) -> Vec<String> {
    let columns = || panel.iter().map(|&place| (&table.columns[place], layouts[place].width));
    let mut lines = Vec::new();
    if columns().any(|(column, _)| !column.group.is_empty()) {
        let (mut line, mut end) = (String::new(), 0);
        let mut last = "";
        for (column, width) in columns() {
            if column.group != last && !column.group.is_empty() {
                line.push_str(&" ".repeat(end.max(length(&line) + 2).saturating_sub(length(&line))));
                line.push_str(column.group);
            }
            last = column.group;
            end += width + 2;
        }
        lines.push(line);
    }
    lines.push(join(columns().map(|(column, width)| pad(&column.heading, width, column.kind))));
    if columns().any(|(column, _)| !column.detail.is_empty()) {
        lines.push(join(columns().map(|(column, width)| pad(&column.detail, width, column.kind))));
    }
    let total = panel.iter().map(|&place| layouts[place].width + 2).sum::<usize>().saturating_sub(2);
    lines.push("─".repeat(total));
    lines
}

/// A group: its heading, the truth, its rows.
fn block(table: &Table, group: &Group, panel: &[usize], layouts: &[Layout]) -> String {
    let mut lines = Vec::new();
    if !group.heading.is_empty() {
        lines.push(cut(&group.heading, WIDTH));
    }
    for cells in group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)) {
        let cell = |&place: &usize| {
            let (column, layout) = (&table.columns[place], &layouts[place]);
            pad(&cells.get(place).map(|cell| layout.text(column, cell)).unwrap_or_default(), layout.width, column.kind)
        };
        lines.push(join(panel.iter().map(cell)));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Words to the left, numbers to the right.
fn pad(text: &str, width: usize, kind: Kind) -> String {
    let space = " ".repeat(width.saturating_sub(length(text)));
    if kind == Kind::Text { format!("{text}{space}") } else { format!("{space}{text}") }
}

/// Cells in a line.
fn join(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join("  ")
}

/// The columns that a text takes.
pub(super) fn length(text: &str) -> usize {
    text.width()
}

/// A text of at most `longest` columns on one line; what is too long loses its middle, where names differ least.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    if length(&text) <= longest {
        return text;
    }
    let tail = (longest - 1) / 2;
    let reversed: String = fitting(text.chars().rev(), tail).chars().rev().collect();
    format!("{}…{reversed}", fitting(text.chars(), longest - 1 - tail))
}

/// The first characters that take no more than `room` columns.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// A text in lines of at most [`WIDTH`] columns, broken between words.
pub(super) fn wrapped(text: &str) -> String {
    hanging(text, "")
}

/// A text in lines of at most [`WIDTH`] columns, broken between words: the first after `label`, the others below its text. A word that is
/// longer than a line loses its middle.
pub(super) fn hanging(text: &str, label: &str) -> String {
    let indent = " ".repeat(length(label));
    let room = WIDTH.saturating_sub(indent.len()).max(1);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let word = cut(word, room);
        let line = lines.last().map_or(0, |line| length(line));
        if line > 0 && line + 1 + length(&word) > room {
            lines.push(word);
        } else if let Some(last) = lines.last_mut() {
            if line > 0 {
                last.push(' ');
            }
            last.push_str(&word);
        }
    }
    lines.iter().enumerate().map(|(place, line)| format!("{}{line}\n", if place == 0 { label } else { &indent })).collect()
}
