//! How wide the columns of a table are, for the forms that have to know: documents and LaTeX.

use super::table::{Cell, Column, Table};
use unicode_width::UnicodeWidthStr;

/// The least width of a column that is filled in by hand.
const BY_HAND: usize = 12;

/// The widths of the columns of a table, in characters.
pub(super) struct Widths {
    /// What each column needs so that no word is broken.
    least: Vec<usize>,
    /// What each needs so that no line is.
    most: Vec<usize>,
}

impl Widths {
    /// What the columns of this table need, besides `gap` characters between neighbours.
    pub(super) fn new(table: &Table, gap: usize) -> Self {
        let (mut least, mut most) = (Vec::new(), Vec::new());
        for (place, column) in table.columns.iter().enumerate() {
            let rows = table.groups.iter().flat_map(|group| group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)));
            let cells = rows.filter_map(|cells| Some(text(column, cells.get(place)?)));
            let lines: Vec<String> = cells.chain([column.detail.clone()]).collect();
            let widest = |pieces: &mut dyn Iterator<Item = &str>| pieces.map(UnicodeWidthStr::width).max().unwrap_or(0);
            // Headings are bold, which takes more room.
            let heading = |words: usize| if words == 0 { 0 } else { words + 1 };
            let words = widest(&mut lines.iter().flat_map(|line| line.split(' ')));
            // What is written by hand takes room.
            let words = words.max(if column.for_paper { BY_HAND } else { 0 });
            least.push(gap + words.max(heading(widest(&mut column.heading.split(' ')))));
            most.push(gap + words.max(widest(&mut lines.iter().map(String::as_str))).max(heading(column.heading.width())));
        }
        Self { least, most }
    }

    /// What the whole table needs so that no word is broken.
    pub(super) fn least(&self) -> usize {
        self.least.iter().sum()
    }

    /// What this column needs so that no word is broken.
    pub(super) fn word(&self, column: usize) -> usize {
        self.least.get(column).copied().unwrap_or(0)
    }

    /// What this column needs so that no line is broken.
    pub(super) fn whole(&self, column: usize) -> usize {
        self.most.get(column).copied().unwrap_or(0)
    }

    /// The widths with which the table fits into `room` characters: as wide as the lines where they fit, else each column at least
    /// as wide as its words, and the rest in proportion to what is missing; narrower than the words only where these do not fit.
    pub(super) fn fit(&self, room: usize) -> Vec<f64> {
        let (least, most): (usize, usize) = (self.least.iter().sum(), self.most.iter().sum());
        let widths = self.least.iter().zip(&self.most).map(|(&least, &most)| (least as f64, most as f64));
        if most <= room {
            return widths.map(|(_, most)| most).collect();
        }
        if least > room {
            return widths.map(|(width, _)| width * room as f64 / least as f64).collect();
        }
        let share = (room - least) as f64 / (most - least) as f64;
        widths.map(|(least, most)| least + share * (most - least)).collect()
    }
}

/// A cell as one text. What stands beside a number goes with it, but for the limits of an interval.
fn text(column: &Column, cell: &Cell) -> String {
    let shown = column.show(cell);
    let error = shown.error.map_or_else(String::new, |error| format!(" {}", glued(&error)));
    format!("{}{}{error}", shown.number, glued(cell.sign()))
}

/// What stands beside a number, with spaces that do not break a line; those between the limits of an interval may.
pub(super) fn glued(error: &str) -> String {
    if error.starts_with('(') { error.to_owned() } else { error.replace(' ', "\u{a0}") }
}
