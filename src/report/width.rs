//! How wide the columns of a table are, for the forms that have to know: documents and LaTeX.

use super::table::{Cell, Column, Kind, Table};
use unicode_width::UnicodeWidthStr;

/// The least width of a column that is filled in by hand.
const BY_HAND: usize = 12;

/// The widths of the columns of a table, in characters.
pub(super) struct Widths {
    /// What each column needs so that no word is broken.
    least: Vec<usize>,
    /// What each needs so that no cell is, whatever becomes of the headings.
    cells: Vec<usize>,
    /// What each needs so that no line is.
    most: Vec<usize>,
}

impl Widths {
    /// What the columns of this table need, besides `gap` characters between neighbours.
    pub(super) fn new(table: &Table, gap: usize) -> Self {
        let (mut least, mut most, mut whole_cells) = (Vec::new(), Vec::new(), Vec::new());
        for (place, column) in table.columns.iter().enumerate() {
            let rows = table.groups.iter().flat_map(|group| group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)));
            let cells: Vec<String> = rows.filter_map(|cells| Some(text(column, cells.get(place)?))).collect();
            let detail = std::iter::once(column.detail.as_str());
            let widest = |pieces: &mut dyn Iterator<Item = &str>| pieces.map(UnicodeWidthStr::width).max().unwrap_or(0);
            // Headings are bold, which takes more room.
            let heading = |words: usize| if words == 0 { 0 } else { words + 1 };
            let words = widest(&mut cells.iter().map(String::as_str).chain(detail.clone()).flat_map(|line| line.split(' ')));
            // What is written by hand takes room.
            let words = words.max(if column.for_paper { BY_HAND } else { 0 });
            let words = gap + words.max(heading(widest(&mut column.heading.split(' '))));
            // The letters of names are wider than digits.
            let letters = usize::from(column.kind == Kind::Text);
            let whole = words.max(gap + letters + widest(&mut cells.iter().map(String::as_str)));
            least.push(words);
            whole_cells.push(whole);
            most.push(whole.max(gap + widest(&mut detail.clone())).max(gap + heading(column.heading.width())));
        }
        Self { least, cells: whole_cells, most }
    }

    /// The widths of some of the columns.
    pub(super) fn of(&self, columns: &[usize]) -> Self {
        let some = |widths: &[usize]| columns.iter().filter_map(|&column| widths.get(column).copied()).collect();
        Self { least: some(&self.least), cells: some(&self.cells), most: some(&self.most) }
    }

    /// The columns in panels that each fit into `room` characters without a broken word and have at most `most` columns: the first column,
    /// which names the rows, and some of the others. As few panels as can be, about as wide as one another; columns that share a heading
    /// stay together where they can.
    pub(super) fn panels(&self, table: &Table, room: usize, most: usize) -> Vec<Vec<usize>> {
        let first = self.word(0);
        let width = |columns: &[usize]| columns.iter().map(|&column| self.word(column)).sum::<usize>();
        let others: Vec<usize> = (1..table.columns.len()).collect();
        let fits = |columns: &[usize], room: usize| first + width(columns) <= room && columns.len() < most;
        let is_shared =
            |a: usize, b: usize| !table.columns[a].group.is_empty() && table.columns[a].group == table.columns[b].group;
        let runs = others.chunk_by(|&a, &b| is_shared(a, b));
        let units: Vec<&[usize]> =
            runs.flat_map(|run| if fits(run, room) { vec![run] } else { run.chunks(1).collect() }).collect();
        let filled = |room: usize| {
            let mut panels: Vec<Vec<usize>> = Vec::new();
            for unit in &units {
                match panels.last_mut() {
                    Some(panel) if fits(&[panel.as_slice(), unit].concat(), room) => panel.extend_from_slice(unit),
                    _ => panels.push(unit.to_vec()),
                }
            }
            panels
        };
        let fewest = filled(room).len();
        let even = (0..=room).find(|&room| filled(room).len() <= fewest).unwrap_or(room);
        let panels = filled(even);
        if panels.is_empty() { vec![vec![0]] } else { panels.into_iter().map(|panel| [&[0], &panel[..]].concat()).collect() }
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

    /// The widths with which the table fits into `room` characters: as wide as the lines where they fit, else as the cells, so that
    /// headings alone are broken, else as the words, each time with the rest in proportion to what is missing; narrower than the words
    /// only where these do not fit.
    pub(super) fn fit(&self, room: usize) -> Vec<f64> {
        let sum = |widths: &[usize]| widths.iter().sum::<usize>();
        if sum(&self.most) <= room {
            return self.most.iter().map(|&width| width as f64).collect();
        }
        if sum(&self.least) > room {
            return self.least.iter().map(|&width| width as f64 * room as f64 / sum(&self.least) as f64).collect();
        }
        let (from, to) = if sum(&self.cells) <= room { (&self.cells, &self.most) } else { (&self.least, &self.cells) };
        let share = (room - sum(from)) as f64 / (sum(to) - sum(from)) as f64;
        from.iter().zip(to).map(|(&from, &to)| from as f64 + share * (to as f64 - from as f64)).collect()
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
