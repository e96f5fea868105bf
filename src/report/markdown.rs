//! `report.md`: the report for a repository or a terminal.

use super::document::{Block, Document};
use super::table::{Column, Kind, Mark, Table};

/// The document as Markdown (with the tables of GitHub's dialect).
pub(super) fn render(document: &Document<'_>) -> String {
    let details = document.details.iter().map(|(item, value)| format!("{item}: {}  \n", escape(value)));
    let (title, subtitle, origin) = (escape(&document.title), escape(&document.subtitle), escape(&document.origin));
    let mut text = if document.is_one_page() {
        format!("# {title}\n")
    } else {
        format!("# {title}\n\n{subtitle}  \n{}{origin}\n", details.collect::<String>())
    };
    for part in &document.parts {
        if !part.title.is_empty() {
            text.push_str(&format!("\n## {}\n", part.title));
        }
        write_blocks(&part.blocks, &mut text);
    }
    if document.is_one_page() {
        text.push_str(&format!("\n*{origin}*\n"));
    }
    text
}

/// Write what a part holds, after the text so far.
fn write_blocks(blocks: &[Block<'_>], text: &mut String) {
    for block in blocks {
        text.push('\n');
        match block {
            Block::Headline(headline) => text.push_str(&format!("> {}\n", escape(headline))),
            Block::Paragraph(paragraph) => text.push_str(&format!("{}\n", escape(paragraph))),
            Block::Titled { lead, text: words } => text.push_str(&format!("**{}** {}\n", escape(lead), escape(words))),
            Block::Glossary { lead, words } => {
                let words = words.iter().map(|(word, meaning)| format!(" *{}*: {}.", escape(word), escape(meaning)));
                let lead = if lead.is_empty() { String::new() } else { format!("**{}**", escape(lead)) };
                text.push_str(&format!("{}\n", format!("{lead}{}", words.collect::<String>()).trim_start()));
            }
            Block::List { numbered, items } => {
                for (place, item) in items.iter().enumerate() {
                    let bullet = if *numbered { format!("{}.", place + 1) } else { "-".to_owned() };
                    text.push_str(&format!("{bullet} {}\n", escape(item)));
                }
            }
            Block::Table(found) => text.push_str(&table(found)),
            Block::Plot(picture) => {
                let caption = escape(&picture.caption);
                text.push_str(&format!("![{}](plots/{}.svg)\n\n{caption}\n", escape(&picture.alt), picture.name));
            }
            Block::Source { title, text: source } => {
                let fence = fence(source);
                text.push_str(&format!("{}\n\n{fence}toml\n{}\n{fence}\n", escape(title), source.trim_end()));
            }
            Block::Folded { title, blocks } => {
                text.push_str(&format!("### {title}\n"));
                write_blocks(blocks, text);
            }
        }
    }
}

/// A table: its caption, one pipe table a group, the notes.
pub fn table(table: &Table) -> String {
    let mut text = format!("**{}**\n", escape(&table.caption));
    for group in &table.groups {
        if !group.heading.is_empty() {
            text.push_str(&format!("\n*{}*\n", escape(&group.heading)));
        }
        let mut lines = vec![headings(&table.columns)];
        let rule = table.columns.iter().map(|column| if column.kind == Kind::Text { "---" } else { "---:" }.to_owned());
        lines.push(rule.collect());
        for cells in group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)) {
            let shown = table.columns.iter().zip(cells).map(|(column, cell)| {
                let text = escape(&column.show(cell).joined());
                match cell.mark() {
                    _ if text.is_empty() => text,
                    Mark::Correct | Mark::Differs => format!("**{text}**"),
                    Mark::TooToxic => format!("{text}{}", cell.sign()),
                    Mark::Plain => text,
                }
            });
            lines.push(shown.collect());
        }
        text.push('\n');
        for line in lines {
            text.push_str(&format!("| {} |\n", line.join(" | ")));
        }
        if !group.note.is_empty() {
            text.push_str(&format!("\n{}\n", escape(&group.note)));
        }
    }
    for note in table.notes.iter().chain(&table.largest_error()) {
        text.push_str(&format!("\n{}\n", escape(note)));
    }
    text
}

/// The one heading row of a pipe table: a heading that occurs twice is told apart by the one above it.
fn headings(columns: &[Column]) -> Vec<String> {
    let occurrences = |heading: &str| columns.iter().filter(|column| column.heading == heading).count();
    let heading = |column: &Column| {
        let group = if occurrences(&column.heading) > 1 { column.group } else { "" };
        let parts = [group, column.heading.as_str(), column.detail.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).map(escape).collect::<Vec<_>>().join(": ")
    };
    columns.iter().map(heading).collect()
}

/// Text that Markdown and the HTML inside it leave alone.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A fence longer than every run of backticks in `text`.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
