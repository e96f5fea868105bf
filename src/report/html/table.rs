//! A table as HTML: a caption, headings with their scope, one body a group so that sorting stays inside it.

use super::escape;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Table};

/// The table in a container that scrolls when it is wider than the page.
pub(super) fn table(table: &Table) -> String {
    let id = &table.id;
    let mut html = format!("<div class=\"scroll\" role=\"region\" aria-labelledby=\"{id}-caption\" tabindex=\"0\">\n");
    html.push_str(&format!("<table id=\"{id}-table\"{}>\n", if is_words(table) { " class=\"words\"" } else { "" }));
    html.push_str(&format!("<caption id=\"{id}-caption\">{}</caption>\n<thead>\n", escape(&table.caption)));
    html.push_str(&shared_headings(&table.columns));
    html.push_str("<tr>");
    for (place, column) in table.columns.iter().enumerate() {
        let detail = if column.detail.is_empty() { String::new() } else { format!(" <small>{}</small>", escape(&column.detail)) };
        let class = match column.kind {
            _ if column.for_paper => " class=\"paper\"",
            Kind::Text => "",
            _ => " class=\"number\"",
        };
        html.push_str(&format!("<th scope=\"col\" data-column=\"{place}\"{class}>{}{detail}</th>", escape(&column.heading)));
    }
    html.push_str("</tr>\n</thead>\n");
    for (place, found) in table.groups.iter().enumerate() {
        html.push_str(&group(table, found, place));
    }
    html.push_str("</table>\n</div>\n");
    for note in table.notes.iter().chain(&table.largest_error()) {
        html.push_str(&format!("<p class=\"note\">{}</p>\n", escape(note)));
    }
    html
}

/// Whether a table holds nothing but words, which may wrap.
fn is_words(table: &Table) -> bool {
    table.columns.iter().all(|column| column.kind == Kind::Text)
}

/// The row of headings that several columns share, where there are any.
fn shared_headings(columns: &[Column]) -> String {
    if columns.iter().all(|column| column.group.is_empty()) {
        return String::new();
    }
    let mut html = "<tr class=\"shared\">".to_owned();
    for run in columns.chunk_by(|a, b| a.group == b.group) {
        let heading = run.first().map_or("", |column| column.group);
        let span = run.len();
        html.push_str(&match heading {
            "" => format!("<td colspan=\"{span}\"></td>"),
            heading => format!("<th scope=\"colgroup\" colspan=\"{span}\">{}</th>", escape(heading)),
        });
    }
    html.push_str("</tr>\n");
    html
}

/// A group of rows.
fn group(table: &Table, group: &Group, place: usize) -> String {
    let span = table.columns.len();
    let mut html = "<tbody>\n".to_owned();
    if !group.heading.is_empty() {
        let heading = escape(&group.heading);
        html.push_str(&format!(
            "<tr class=\"heading\"><th scope=\"rowgroup\" colspan=\"{span}\"><span>{heading}</span></th></tr>\n"
        ));
    }
    if let Some(truth) = &group.truth {
        html.push_str(&format!("<tr class=\"truth\">{}</tr>\n", cells(table, truth)));
    }
    for row in &group.rows {
        let design = row.design.map_or_else(String::new, |design| format!(" data-design=\"{design}\""));
        html.push_str(&format!("<tr class=\"row\" data-group=\"{place}\"{design}>{}</tr>\n", cells(table, &row.cells)));
    }
    if !group.note.is_empty() {
        html.push_str(&format!("<tr class=\"note\"><td colspan=\"{span}\"><span>{}</span></td></tr>\n", escape(&group.note)));
    }
    html.push_str("</tbody>\n");
    html
}

/// The cells of a row; the first one names it.
fn cells(table: &Table, cells: &[Cell]) -> String {
    table.columns.iter().zip(cells).enumerate().map(|(place, (column, cell))| one(column, cell, place == 0)).collect()
}

/// A cell. A number carries its unrounded value for sorting.
fn one(column: &Column, cell: &Cell, is_first: bool) -> String {
    let shown = column.show(cell);
    let mut classes = Vec::new();
    if column.kind != Kind::Text {
        classes.push("number");
    }
    if column.for_paper {
        classes.push("paper");
    }
    match cell.mark() {
        Mark::Correct => classes.push("correct"),
        Mark::TooToxic => classes.push("toxic"),
        Mark::Differs => classes.push("differs"),
        Mark::Plain => {}
    }
    let class = if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
    let value = match cell {
        Cell::Number { value, .. } => format!(" data-value=\"{value:e}\""),
        _ => String::new(),
    };
    let sign = cell.sign();
    let error = shown.error.map_or_else(String::new, |error| format!(" <span class=\"error\">{}</span>", escape(&error)));
    let content = format!("{}{sign}{error}", escape(&shown.number));
    if is_first { format!("<th scope=\"row\"{class}>{content}</th>") } else { format!("<td{class}{value}>{content}</td>") }
}
