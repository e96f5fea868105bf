//! Everything that a report says outside of the rows of its tables: sentences, captions, headings and alternative texts.

use super::{children, of_commands, of_escaped, part_of, plain, text_of};
use roxmltree::Document;

/// What a form of the report says.
#[derive(Default)]
pub(in crate::report) struct Prose {
    /// Its sentences, captions, headings and alternative texts.
    pub(in crate::report) texts: Vec<String>,
    /// The headings of the columns of its tables, or pieces of them.
    pub(in crate::report) headings: Vec<String>,
    /// The study file that it ends with.
    pub(in crate::report) source: String,
}

impl Prose {
    fn add(&mut self, text: &str) {
        let text = plain(text);
        if !text.is_empty() {
            self.texts.push(text);
        }
    }
}

/// Elements inside a line of text; any other begins a new one.
const INLINE: [&str; 9] = ["a", "b", "i", "em", "strong", "span", "small", "code", "label"];

/// The prose of a page but that of its tables, of its pictures, whose alternative texts are there, and of the panel for other curves.
pub(in crate::report) fn of_page(html: &str) -> Prose {
    let (mut prose, mut line) = (Prose::default(), String::new());
    let mut rest = html.split_once("<body>").unwrap().1;
    while let Some((text, after)) = rest.split_once('<') {
        line.push_str(text);
        let (tag, after) = after.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap();
        if !INLINE.contains(&name) {
            prose.add(&unescaped(&line));
            line.clear();
        }
        if let Some((_, label)) = tag.split_once("role=\"img\" aria-label=\"") {
            prose.add(&unescaped(label.split('"').next().unwrap()));
        }
        let is_live = tag.starts_with("section id=\"live\"");
        rest = after;
        if is_live || matches!(tag.split_whitespace().next().unwrap(), "script" | "style" | "svg" | "table" | "pre") {
            let (inside, after) = after.split_once(&format!("</{name}>")).unwrap();
            rest = after;
            if name == "pre" {
                prose.source = unescaped(inside.trim_start_matches("<code>").trim_end_matches("</code>"));
            }
        }
    }
    prose
}

/// Text without the escapes of HTML.
fn unescaped(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let (entity, after) = after.split_once(';').unwrap();
        text.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => {
                let number = entity.strip_prefix("#x").map(|hexadecimal| u32::from_str_radix(hexadecimal, 16));
                let number = number.unwrap_or_else(|| entity.trim_start_matches('#').parse()).unwrap();
                char::from_u32(number).unwrap()
            }
        });
        rest = after;
    }
    text + rest
}

/// The prose of a Markdown file.
pub(in crate::report) fn of_markdown(markdown: &str) -> Prose {
    let mut prose = Prose::default();
    let mut source: Option<Vec<&str>> = None;
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            match source.take() {
                None => source = Some(Vec::new()),
                Some(lines) => prose.source = lines.join("\n"),
            }
        } else if let Some(source) = &mut source {
            source.push(line);
        } else if line.starts_with("| ") {
            // Of a table, the row of headings: the one with the rule below it.
            if lines.peek().is_some_and(|next| next.starts_with("| ---")) {
                prose.headings.extend(line.trim_matches(['|', ' ']).split(" | ").map(of_escaped));
            }
        } else {
            let number = line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
            let text = number.map_or(line, |(_, text)| text).trim_start_matches(['#', '-', '>', ' ']);
            let text = text.strip_prefix("![").map_or(text, |picture| picture.split("](").next().unwrap());
            let text = text.strip_prefix("*").and_then(|text| text.strip_suffix("*")).unwrap_or(text);
            prose.add(&of_escaped(text));
        }
    }
    prose
}

/// The prose of a document.
pub(in crate::report) fn of_document(docx: &[u8]) -> Prose {
    let xml = String::from_utf8(part_of(docx, "word/document.xml")).unwrap();
    let document = Document::parse(&xml).unwrap();
    let mut prose = Prose::default();
    let mut source = Vec::new();
    for paragraph in children(document.root_element(), "p") {
        // Of the rows of tables, those in one piece: headings and notes.
        let row = paragraph.ancestors().find(|node| node.tag_name().name() == "tr");
        let text: String = children(paragraph, "t").map(text_of).collect();
        if row.is_some_and(|row| children(row, "tblHeader").next().is_some()) {
            prose.headings.push(plain(&text));
            continue;
        }
        if row.is_some_and(|row| children(row, "tc").count() > 1) {
            continue;
        }
        let style = children(paragraph, "pStyle").next().and_then(|style| style.attributes().next());
        match style.map_or("", |style| style.value()) {
            "SourceText" => source.push(text),
            // The contents name headings and their pages.
            "TOC1" => {}
            "Caption" => {
                let (label, text) = text.split_once(". ").unwrap();
                let (word, number) = label.split_once(' ').unwrap();
                assert!(["Table", "Figure"].contains(&word) && number.parse::<u8>().is_ok(), "{label}");
                prose.add(text);
            }
            _ => prose.add(&text),
        }
        for picture in children(paragraph, "docPr") {
            ["title", "descr"].iter().for_each(|name| prose.add(picture.attribute(*name).unwrap()));
        }
    }
    prose.source = source.join("\n");
    prose
}

/// The prose of a LaTeX file.
pub(in crate::report) fn of_tables(latex: &str) -> Prose {
    const SILENT: [&str; 16] = [
        "\\begin",
        "\\end",
        "\\centering",
        "\\footnotesize",
        "\\scriptsize",
        "\\toprule",
        "\\midrule",
        "\\bottomrule",
        "\\par",
        "% In the preamble",
        "% Names in other",
        "\\endhead",
        "\\endfoot",
        "\\endfirsthead",
        "\\begingroup",
        "\\endgroup",
    ];
    let mut prose = Prose::default();
    let mut is_body = false;
    for line in latex.lines() {
        let note = line.strip_prefix("\\parbox{\\linewidth}{").or_else(|| line.strip_prefix("\\noindent "));
        if let Some(caption) = line.strip_prefix("\\caption{") {
            is_body = false;
            prose.add(&of_commands(caption.rsplit_once("}\\label{").unwrap().0));
        } else if line == "\\midrule" {
            is_body = true;
        } else if line == "\\toprule" {
            is_body = false;
        } else if let Some((row, _)) = line.split_once(" \\tabularnewline") {
            match row.split(" & ").collect::<Vec<_>>()[..] {
                [cell] if is_body && cell.starts_with("\\multicolumn") => prose.add(&of_commands(merged(cell))),
                _ if is_body => {}
                ref cells => prose.headings.extend(cells.iter().map(|cell| of_commands(merged(cell)))),
            }
        } else if note.is_some() || !SILENT.iter().any(|command| line.starts_with(command)) {
            let text = note.unwrap_or(line).trim_start_matches("% ");
            prose.add(&of_commands(text.trim_end_matches("\\par")));
        }
    }
    prose
}

/// What a cell over several columns holds.
fn merged(cell: &str) -> &str {
    let Some(rest) = cell.strip_prefix("\\multicolumn{") else { return cell };
    let (_, rest) = rest.split_once("}{").unwrap();
    // The columns have braces of their own.
    let mut depth = 1;
    let end = rest.find(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        depth == 0
    });
    &rest[end.unwrap() + 1..]
}
