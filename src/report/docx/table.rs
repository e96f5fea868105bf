//! A table of the document.

use super::{Page, escape, paragraph, run};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Table};
use crate::report::width::{Widths, glued};

/// Twentieths of a point that a character takes in the style of tables (8 points) and in the small one (6.5 points).
const USUAL: usize = 86;
const SMALL: usize = 70;
/// The characters of a line for which there is no room beside many columns.
const LONG_LINE: usize = 60;
/// The columns of words with which a table fits a page in portrait.
const MOST_WORDS: usize = 5;

/// The widths of a table's columns in characters, the margins of cells included.
fn widths(table: &Table) -> Widths {
    Widths::new(table, 1)
}

/// How the page of a table lies: as usual where its words fit.
pub(super) fn page(table: &Table) -> Page {
    let is_words = table.columns.iter().all(|column| column.kind == Kind::Text);
    let fits = if is_words && !table.id.starts_with("pathways") {
        table.columns.len() <= MOST_WORDS
    } else {
        let widths = widths(table);
        let is_wordy =
            table.columns.len() > MOST_WORDS && (0..table.columns.len()).any(|column| widths.whole(column) > LONG_LINE);
        widths.least() * USUAL <= Page::Portrait.room() && !is_wordy
    };
    if fits { Page::Portrait } else { Page::Landscape }
}

/// The table, for a page that lies so.
pub(super) fn table(table: &Table, page: Page) -> String {
    let widths = widths(table);
    let (style, character) = if widths.least() * USUAL <= page.room() { ("TableText", USUAL) } else { ("TableSmall", SMALL) };
    let columns: Vec<usize> =
        widths.fit(page.room() / character).into_iter().map(|width| (width * character as f64) as usize).collect();
    let sheet = Sheet { table, style, columns };
    let total: usize = sheet.columns.iter().sum();
    let mut xml = format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"ReportTable\"/><w:tblW w:w=\"{total}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
         <w:tblLook w:val=\"0020\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/>\
         <w:tblCaption w:val=\"{}\"/></w:tblPr><w:tblGrid>",
        escape(&table.caption)
    );
    sheet.columns.iter().for_each(|width| xml.push_str(&format!("<w:gridCol w:w=\"{width}\"/>")));
    xml.push_str("</w:tblGrid>");
    xml.push_str(&sheet.headings());
    let last = table.groups.len().saturating_sub(1);
    table.groups.iter().enumerate().for_each(|(place, group)| xml.push_str(&sheet.group(group, place > 0 && place == last)));
    xml.push_str("</w:tbl>");
    xml
}

/// The rows at the end of a table that stay on one page.
const LAST_ROWS: usize = 6;

/// The line above the first row of a group.
const RULE: &str = "<w:tcBorders><w:top w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"888888\"/></w:tcBorders>";

/// A table with the style of its text and the widths of its columns.
struct Sheet<'t> {
    table: &'t Table,
    style: &'static str,
    columns: Vec<usize>,
}

impl Sheet<'_> {
    /// The rows of headings, which every page repeats.
    fn headings(&self) -> String {
        let columns = &self.table.columns;
        let mut xml = String::new();
        if columns.iter().any(|column| !column.group.is_empty()) {
            let mut cells = String::new();
            let mut first = 0;
            for run_of in columns.chunk_by(|a, b| a.group == b.group) {
                let text = run("<w:b/>", run_of.first().map_or("", |column| column.group));
                cells.push_str(&self.cell(first..first + run_of.len(), "", "", &[self.line("", &text)]));
                first += run_of.len();
            }
            xml.push_str(&row(true, &cells));
        }
        let heading = |(place, column): (usize, &Column)| {
            let mut lines = vec![self.line(side(column), &run("<w:b/>", &column.heading))];
            if !column.detail.is_empty() {
                lines.push(self.line(side(column), &run("", &column.detail)));
            }
            self.cell(place..place + 1, "<w:vAlign w:val=\"bottom\"/>", "", &lines)
        };
        xml.push_str(&row(true, &columns.iter().enumerate().map(heading).collect::<String>()));
        xml
    }

    /// A group: its heading, the truth, its rows, its note. Of the last one of several some rows stay together, so that the last
    /// page of the table is not one of a single row.
    fn group(&self, group: &Group, is_last: bool) -> String {
        let all = 0..self.table.columns.len();
        let mut xml = String::new();
        // Every group begins with a line: the first one below the headings.
        let mut line = RULE;
        if !group.heading.is_empty() {
            let heading = self.line("<w:keepNext/>", &run("<w:b/>", &group.heading));
            xml.push_str(&row(false, &self.cell(all.clone(), "", line, &[heading])));
            line = "";
        }
        let rows = group.rows.len() + usize::from(group.truth.is_some());
        for (place, cells) in group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)).enumerate() {
            let to_end = rows - place + usize::from(!group.note.is_empty());
            let is_kept = (place == 0 && group.truth.is_some()) || (is_last && (2..=LAST_ROWS).contains(&to_end));
            let keep = if is_kept { "<w:keepNext/>" } else { "" };
            xml.push_str(&row(false, &self.cells(cells, keep, line)));
            line = "";
        }
        if !group.note.is_empty() {
            let note = self.line("", &run("<w:color w:val=\"444444\"/>", &group.note));
            xml.push_str(&row(false, &self.cell(all, "", "", &[note])));
        }
        xml
    }

    /// The cells of a row.
    fn cells(&self, cells: &[Cell], keep: &str, line: &str) -> String {
        let one = |(place, (column, cell)): (usize, (&Column, &Cell))| {
            let shown = column.show(cell);
            let is_strong = matches!(cell.mark(), Mark::Correct | Mark::Differs);
            let mut text = run(if is_strong { "<w:b/>" } else { "" }, &format!("{}{}", shown.number, cell.sign()));
            if let Some(error) = shown.error {
                text.push_str(&run("<w:color w:val=\"444444\"/>", &format!(" {}", glued(&error))));
            }
            let shade =
                if cell.mark() == Mark::Correct { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E8EEF2\"/>" } else { "" };
            self.cell(place..place + 1, shade, line, &[self.line(&format!("{keep}{}", side(column)), &text)])
        };
        self.table.columns.iter().zip(cells).enumerate().map(one).collect()
    }

    /// A cell over some columns, with a line above it and further properties.
    fn cell(&self, columns: std::ops::Range<usize>, properties: &str, line: &str, lines: &[String]) -> String {
        let width: usize = self.columns.get(columns.clone()).map_or(0, |widths| widths.iter().sum());
        let span = if columns.len() > 1 { format!("<w:gridSpan w:val=\"{}\"/>", columns.len()) } else { String::new() };
        format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{span}{line}{properties}</w:tcPr>{}</w:tc>", lines.concat())
    }

    /// A line of a cell.
    fn line(&self, properties: &str, content: &str) -> String {
        paragraph(self.style, properties, content)
    }
}

/// Words to the left, numbers to the right.
fn side(column: &Column) -> &'static str {
    if column.kind == Kind::Text { "" } else { "<w:jc w:val=\"right\"/>" }
}

/// A row that no page breaks.
fn row(is_heading: bool, cells: &str) -> String {
    let repeated = if is_heading { "<w:tblHeader/>" } else { "" };
    format!("<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>")
}
