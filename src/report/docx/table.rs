//! A table of the document.

use super::{escape, paragraph, run};
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Table};
use crate::report::width::{Widths, glued};

/// A style of the text of tables, with the twentieths of a point that a character takes in it.
type Style = (&'static str, usize);

/// The styles of 8 and of 7 points. A digit of Arial takes 0.56 of the size of the type, one of DejaVu Sans, which LibreOffice takes where
/// there is nothing like Arial, 0.64: a column has room for the wider one, so that no number is broken.
const STYLES: [Style; 2] = [("TableText", 103), ("TableSmall", 90)];
/// The columns of words with which a table fits a page.
const MOST_WORDS: usize = 5;

/// The table as tables one below the other, all on pages in portrait: one, in small type if need be; where the columns do not fit side by
/// side, several, each with the names of the rows. A page in landscape would be left half empty, and the one before it too.
///
/// `room`: the width of the text of a page, in twentieths of a point.
pub(super) fn tables(table: &Table, room: usize) -> Vec<String> {
    let widths = Widths::new(table, 1);
    let is_words = table.columns.iter().all(|column| column.kind == Kind::Text) && !table.id.starts_with("pathways");
    let most = if is_words { MOST_WORDS } else { usize::MAX };
    let panels = |(_, character): Style| widths.panels(table, room / character, most);
    let whole = STYLES.into_iter().find(|&style| panels(style).len() == 1);
    let style = whole.unwrap_or(STYLES[0]);
    let panels = panels(style).into_iter().enumerate();
    panels.map(|(place, columns)| one(&panel(table, &columns, place == 0), &widths.of(&columns), style, room)).collect()
}

/// These columns of a table; the notes of its groups stand in the first panel alone.
fn panel(table: &Table, columns: &[usize], is_first: bool) -> Table {
    let cells = |cells: &Vec<Cell>| columns.iter().filter_map(|&column| cells.get(column).cloned()).collect::<Vec<_>>();
    let group = |group: &Group| Group {
        heading: group.heading.clone(),
        truth: group.truth.as_ref().map(cells),
        rows: group.rows.iter().map(|row| Row { cells: cells(&row.cells), design: row.design }).collect(),
        note: if is_first { group.note.clone() } else { String::new() },
    };
    Table {
        id: table.id.clone(),
        caption: table.caption.clone(),
        columns: columns.iter().filter_map(|&column| table.columns.get(column).cloned()).collect(),
        groups: table.groups.iter().map(group).collect(),
        notes: Vec::new(),
    }
}

/// One of these tables.
fn one(table: &Table, widths: &Widths, (style, character): Style, room: usize) -> String {
    let columns: Vec<usize> = widths.fit(room / character).into_iter().map(|width| (width * character as f64) as usize).collect();
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
