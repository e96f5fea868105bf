//! What a reader finds in a report: its tables and its prose, read back from each form in which it is written.

pub(super) mod prose;

use roxmltree::{Document, Node};
use std::io::{Cursor, Read};

/// A table as it is printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Printed {
    /// What it shows.
    pub(super) caption: String,
    /// The rows but for headings and notes: the heading above, and the cells.
    pub(super) rows: Vec<(String, Vec<String>)>,
    /// The notes between rows, of a page: the heading above, and the note.
    pub(super) notes: Vec<(String, String)>,
}

/// The headings of a column: the one it shares, its own, its detail.
pub(super) type Heading = [String; 3];

/// Text without the marks of cells and with plain spaces.
fn plain(text: &str) -> String {
    let text = text.replace('\u{a0}', " ").replace("**", "");
    let text = text.trim().trim_end_matches(" *").trim_end_matches(" †");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All text below a node.
fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |node| node.tag_name().name() == name)
}

/// The tables of a page, with the id and the columns of each.
pub(super) fn of_html(html: &str) -> Vec<(String, Vec<Heading>, Printed)> {
    let mut found = Vec::new();
    // The panel for other curves holds no result before somebody touches it.
    let live =
        html.split_once("<section id=\"live\"").and_then(|(before, rest)| Some((before, rest.split_once("</section>")?.1)));
    let still = live.map_or_else(|| html.to_owned(), |(before, after)| format!("{before}{after}"));
    for rest in still.split("<table ").skip(1) {
        let (inside, _) = rest.split_once("</table>").unwrap();
        let xml = format!("<table {inside}</table>");
        let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
        let table = document.root_element();
        let id = table.attribute("id").unwrap().trim_end_matches("-table").to_owned();
        let caption = plain(&text_of(children(table, "caption").next().unwrap()));
        let (mut columns, mut shared): (Vec<Heading>, Vec<String>) = (Vec::new(), Vec::new());
        let (mut rows, mut notes) = (Vec::new(), Vec::new());
        let mut heading = String::new();
        for row in children(table, "tr") {
            let cells: Vec<Node<'_, '_>> = row.children().filter(|node| matches!(node.tag_name().name(), "th" | "td")).collect();
            let in_head = row.parent().unwrap().tag_name().name() == "thead";
            match row.attribute("class") {
                Some("shared") => {
                    for cell in cells {
                        let span = cell.attribute("colspan").unwrap().parse().unwrap();
                        shared.extend(std::iter::repeat_n(plain(&text_of(cell)), span));
                    }
                }
                None if in_head => {
                    for (place, cell) in cells.iter().enumerate() {
                        let detail = children(*cell, "small").next().map(text_of).unwrap_or_default();
                        let own = text_of(*cell);
                        let own = own.strip_suffix(&detail).unwrap();
                        columns.push([shared.get(place).cloned().unwrap_or_default(), plain(own), plain(&detail)]);
                    }
                }
                Some("heading") => heading = plain(&text_of(row)),
                Some("note") => notes.push((heading.clone(), plain(&text_of(row)))),
                _ => rows.push((heading.clone(), cells.into_iter().map(|cell| plain(&text_of(cell))).collect())),
            }
        }
        found.push((id, columns, Printed { caption, rows, notes }));
    }
    found
}

/// The tables of a Markdown file.
pub(super) fn of_markdown(markdown: &str) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    let mut heading = String::new();
    let (mut is_head, mut is_source) = (true, false);
    for line in markdown.lines() {
        is_source ^= line.starts_with("```");
        if is_source {
            continue;
        }
        let within =
            |mark: &str| line.strip_prefix(mark).and_then(|line| line.strip_suffix(mark)).filter(|text| !text.is_empty());
        if let Some(caption) = within("**") {
            found.push(Printed { caption: of_escaped(caption), ..Printed::default() });
            heading.clear();
        } else if let Some(text) = within("*") {
            heading = of_escaped(text);
        } else if line.starts_with("| ") {
            if line.starts_with("| --- |") {
                is_head = false;
            } else if !is_head {
                let cells = cells_of(line.trim_start_matches("| ").trim_end_matches(" |"), " | ");
                found.last_mut().unwrap().rows.push((heading.clone(), cells.iter().map(|cell| of_escaped(cell)).collect()));
            }
            continue;
        }
        is_head = true;
    }
    found
}

/// The parts of a text between separators.
fn cells_of(text: &str, separator: &str) -> Vec<String> {
    text.split(separator).map(str::to_owned).collect()
}

/// Markdown without its escapes.
fn of_escaped(text: &str) -> String {
    let strong = text.strip_prefix("**").and_then(|text| text.strip_suffix("**")).unwrap_or(text);
    let mut characters = strong.chars();
    let mut plain_text = String::new();
    while let Some(character) = characters.next() {
        plain_text.push(if character == '\\' { characters.next().unwrap() } else { character });
    }
    plain(&plain_text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// A part of a document.
pub(super) fn part_of(docx: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

/// The tables of a document.
pub(super) fn of_docx(docx: &[u8]) -> Vec<Printed> {
    let xml = String::from_utf8(part_of(docx, "word/document.xml")).unwrap();
    let document = Document::parse(&xml).unwrap();
    let texts = |node: Node<'_, '_>| children(node, "t").map(text_of).collect::<String>();
    let value = |node: Node<'_, '_>, name: &str| {
        node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value().to_owned()).unwrap()
    };
    let mut found: Vec<Printed> = Vec::new();
    for table in children(document.root_element(), "tbl") {
        let caption = value(children(table, "tblCaption").next().unwrap(), "val");
        // The notes of a long table stand between its caption and itself.
        let is_note = |node: &Node<'_, '_>| children(*node, "pStyle").any(|style| value(style, "val") == "TableNote");
        let above = table.prev_siblings().skip(1).find(|node| !is_note(node)).unwrap();
        // A table that is too wide goes on below itself, with its other columns.
        let goes_on = above.tag_name().name() == "tbl";
        if !goes_on {
            assert_eq!(texts(above), format!("Table {}. {caption}", found.len() + 1), "the caption that people see");
        }
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        let mut heading = String::new();
        let mut heads = 0;
        for row in children(table, "tr") {
            if children(row, "tblHeader").next().is_some() {
                heads += 1;
                assert!(rows.is_empty(), "headings come first");
                continue;
            }
            let cells: Vec<Node<'_, '_>> = children(row, "tc").collect();
            let is_wide = cells.len() == 1 && children(row, "gridSpan").next().is_some();
            match is_wide {
                true if children(row, "b").next().is_some() => heading = plain(&texts(row)),
                true => {}
                false => rows.push((heading.clone(), cells.into_iter().map(|cell| plain(&texts(cell))).collect())),
            }
        }
        assert!(heads > 0, "{caption}: no heading is repeated");
        if goes_on {
            let whole = found.last_mut().unwrap();
            assert_eq!((&whole.caption, whole.rows.len()), (&plain(&caption), rows.len()), "the same rows");
            for (row, (heading, cells)) in whole.rows.iter_mut().zip(rows) {
                assert_eq!((&row.0, &row.1[0]), (&heading, &cells[0]), "{caption}: every panel names its rows");
                row.1.extend(cells.into_iter().skip(1));
            }
        } else {
            found.push(Printed { caption: plain(&caption), rows, ..Printed::default() });
        }
    }
    found
}

/// What commands of LaTeX stand for.
const COMMANDS: &[(&str, &str)] = &[
    ("\\textbackslash{}", "\\"),
    ("\\textasciicircum{}", "^"),
    ("\\textasciitilde{}", "~"),
    ("\\textasciigrave{}", "`"),
    ("\\textless{}", "<"),
    ("\\textgreater{}", ">"),
    ("\\textbar{}", "|"),
    ("{\\char34}", "\""),
    ("\\ldots{}", "…"),
    ("\\dag{}", "†"),
    ("\\textbf{", ""),
    ("\\textit{", ""),
    ("\\raggedright ", ""),
    ("\\{", "{"),
    ("\\}", "}"),
    ("\\$", "$"),
    ("\\&", "&"),
    ("\\#", "#"),
    ("\\%", "%"),
    ("\\_", "_"),
    ("~", " "),
    ("$-$", "−"),
    ("$\\pm$", "±"),
    ("$\\leq$", "≤"),
    ("$\\geq$", "≥"),
    ("$\\times$", "×"),
    ("$\\cdot$", "·"),
    ("---", "—"),
    ("--", "–"),
    ("``", "“"),
    ("''", "”"),
    ("$\\alpha$", "α"),
    ("$\\beta$", "β"),
    ("$\\gamma$", "γ"),
    ("$\\theta$", "θ"),
    ("$\\lambda$", "λ"),
    ("$\\mu$", "μ"),
    ("$\\pi$", "π"),
    ("$\\sigma$", "σ"),
    ("$\\Sigma$", "Σ"),
    ("$^2$", "²"),
    ("$^3$", "³"),
    ("{", ""),
    ("}", ""),
];

/// LaTeX as it is printed.
fn of_commands(text: &str) -> String {
    let (mut rest, mut printed) = (text, String::new());
    while let Some(character) = rest.chars().next() {
        match COMMANDS.iter().find(|(command, _)| rest.starts_with(command)) {
            Some((command, letter)) => {
                printed.push_str(letter);
                rest = &rest[command.len()..];
            }
            None => {
                assert!(!matches!(character, '\\' | '$' | '&' | '#' | '%' | '_' | '^'), "{character} in {text}");
                printed.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    plain(&printed)
}

/// The tables of a LaTeX file.
pub(super) fn of_latex(latex: &str) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    let mut heading = String::new();
    let mut is_body = false;
    for line in latex.lines() {
        if let Some(rest) = line.strip_prefix("\\caption{") {
            let (caption, _) = rest.rsplit_once("}\\label{").unwrap();
            found.push(Printed { caption: of_commands(caption), ..Printed::default() });
            heading.clear();
            is_body = false;
        } else if line == "\\toprule" {
            is_body = false;
        } else if line == "\\midrule" || line == "\\endfoot" {
            is_body = true;
        } else if let Some(row) = line.strip_suffix(" \\tabularnewline").filter(|_| is_body) {
            if let Some(wide) = row.strip_prefix("\\multicolumn{") {
                if let Some((_, text)) = wide.split_once("{\\textit{") {
                    heading = of_commands(text);
                }
                continue;
            }
            let cells = cells_of(row, " & ").iter().map(|cell| of_commands(cell)).collect();
            found.last_mut().unwrap().rows.push((heading.clone(), cells));
        }
    }
    found
}
