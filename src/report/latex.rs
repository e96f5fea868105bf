//! `tables.tex`: the tables for a LaTeX document, with the packages booktabs and longtable.

use super::document::{Block, Document};
use super::table::{Cell, Column, Group, Kind, Mark, Table};
use super::width::{Widths, glued};
use unicode_width::UnicodeWidthStr;

/// Characters that fit a line in the size of footnotes.
const ROOM: usize = 92;
/// A column of words with longer lines than this has them broken.
const LONGEST_LINE: usize = 26;
/// A table with more rows than this may go over several pages.
const MOST_ROWS: usize = 36;

/// The tables of the document, each with what a reader must know of it.
pub(super) fn render(document: &Document<'_>) -> String {
    let mut text = format!(
        "% Tables of \"{}\"; {}.\n% In the preamble: \\usepackage{{booktabs,longtable}}. Then \\input{{tables}}, or copy single tables.\n\
         % Names in other than Latin letters need LuaLaTeX or XeLaTeX and a font that has them.\n",
        comment(&document.title),
        comment(&document.origin)
    );
    for part in &document.parts {
        for block in &part.blocks {
            if let Block::Table(found) = block {
                text.push('\n');
                text.push_str(&table(found));
            }
        }
    }
    text
}

/// The document as a file of its own for pdfLaTeX, with its words; figures are left to the other formats.
pub(super) fn whole(document: &Document<'_>) -> String {
    let mut text = format!(
        "\\documentclass[a4paper,10pt]{{article}}\n\\usepackage[T1]{{fontenc}}\n\\usepackage[margin=25mm]{{geometry}}\n\
         \\usepackage{{booktabs,longtable,textcomp}}\n\\setlength{{\\parindent}}{{0pt}}\n\\setlength{{\\parskip}}{{4pt}}\n\
         \\begin{{document}}\n\\section*{{{}}}\n{}\\\\\n{}\n",
        escape(&document.title),
        escape(&document.subtitle),
        escape(&document.origin)
    );
    for part in &document.parts {
        text.push_str(&format!("\n\\section*{{{}}}\n", escape(part.title)));
        for block in &part.blocks {
            text.push('\n');
            text.push_str(&words(block));
        }
    }
    text.push_str("\n\\end{document}\n");
    text
}

/// A block with its words.
fn words(block: &Block<'_>) -> String {
    match block {
        Block::Headline(words) | Block::Paragraph(words) => format!("{}\n", escape(words)),
        Block::Titled { lead, text } => format!("\\textbf{{{}}} {}\n", escape(lead), escape(text)),
        Block::Glossary { lead, words } => {
            let words = words.iter().map(|(word, meaning)| format!(" \\textit{{{}}}: {}.", escape(word), escape(meaning)));
            format!("\\textbf{{{}}}{}\n", escape(lead), words.collect::<String>())
        }
        Block::List { numbered, items } => {
            let kind = if *numbered { "enumerate" } else { "itemize" };
            let items: String = items.iter().map(|item| format!("\\item {}\n", escape(item))).collect();
            format!("\\begin{{{kind}}}\n{items}\\end{{{kind}}}\n")
        }
        Block::Table(found) => table(found),
        Block::Folded { title, blocks } => {
            format!("\\subsection*{{{}}}\n{}", escape(title), blocks.iter().map(words).collect::<String>())
        }
        Block::Plot(_) | Block::Source { .. } => String::new(),
    }
}

fn table(table: &Table) -> String {
    let widths = Widths::new(table, 2);
    let size = if widths.least() > ROOM { "\\scriptsize" } else { "\\footnotesize" };
    let fitted = widths.fit(ROOM);
    let broken = (0..table.columns.len()).map(|place| is_broken(table, &widths, place)).collect();
    let sheet = Sheet { table, widths, broken };
    let column = |(place, column): (usize, &Column)| match (sheet.broken[place], column.kind) {
        _ if column.for_paper => "p{1.5cm}".to_owned(),
        (true, _) => format!("p{{\\dimexpr {}\\linewidth-2\\tabcolsep\\relax}}", thousandths(fitted[place] / ROOM as f64)),
        (false, Kind::Text) => "l".to_owned(),
        (false, _) => "r".to_owned(),
    };
    let columns: String = table.columns.iter().enumerate().map(column).collect();
    let (caption, label) = (escape(&table.caption), &table.id);
    let headings = sheet.headings();
    let groups: Vec<String> = table.groups.iter().map(|group| sheet.group(group)).collect();
    let rows = groups.join("\\midrule\n");
    let notes: Vec<String> = table.notes.iter().chain(&table.largest_error()).map(|note| escape(note)).collect();
    let notes = notes.join("\\par\n");
    let count: usize = table.groups.iter().map(|group| group.rows.len() + 1).sum();
    if count > MOST_ROWS {
        let notes = if notes.is_empty() { notes } else { format!("\\noindent {notes}\\par\n") };
        format!(
            "\\begingroup\n{size}\\setlength{{\\tabcolsep}}{{3pt}}\n\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n\
             \\caption{{{caption}}}\\label{{tab:{label}}}\\\\\n\\toprule\n{headings}\\midrule\n\\endfirsthead\n\
             \\toprule\n{headings}\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n{rows}\\end{{longtable}}\n{notes}\\endgroup\n"
        )
    } else {
        let notes = if notes.is_empty() { notes } else { format!("\\par\\smallskip\n\\parbox{{\\linewidth}}{{{notes}}}\n") };
        format!(
            "\\begin{{table}}[htbp]\n\\centering\n{size}\\setlength{{\\tabcolsep}}{{3pt}}\n\\caption{{{caption}}}\\label{{tab:{label}}}\n\
             \\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n\\toprule\n{headings}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n{notes}\
             \\end{{table}}\n"
        )
    }
}

/// Whether the lines of a column are broken: words, and more of them than fit.
fn is_broken(table: &Table, widths: &Widths, place: usize) -> bool {
    table.columns[place].kind == Kind::Text && widths.whole(place) > LONGEST_LINE
}

/// A share as LaTeX reads it; no result is rounded here.
fn thousandths(share: f64) -> String {
    format!("0.{:03}", (1000.0 * share.clamp(0.0, 0.999)) as u32)
}

/// A table, the widths of its columns, and which of these have broken lines.
struct Sheet<'t> {
    table: &'t Table,
    widths: Widths,
    broken: Vec<bool>,
}

impl Sheet<'_> {
    /// The rows of headings: shared ones, the columns' own, their details.
    fn headings(&self) -> String {
        let columns = &self.table.columns;
        let mut text = String::new();
        if columns.iter().any(|column| !column.group.is_empty()) {
            let (mut cells, mut rules, mut first) = (Vec::new(), String::new(), 1);
            for run in columns.chunk_by(|a, b| a.group == b.group) {
                let (heading, last) = (run.first().map_or("", |column| column.group), first + run.len() - 1);
                cells.push(format!("\\multicolumn{{{}}}{{c}}{{{}}}", run.len(), escape(heading)));
                if !heading.is_empty() {
                    rules.push_str(&format!("\\cmidrule(lr){{{first}-{last}}}"));
                }
                first = last + 1;
            }
            text.push_str(&format!("{}{rules}\n", line(&cells).trim_end()));
        }
        let stacks: Vec<Vec<String>> = (0..columns.len()).map(|place| self.stack(place)).collect();
        let height = stacks.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            // The last lines stand side by side.
            let cell = |stack: &Vec<String>| (row + stack.len()).checked_sub(height).map_or("", |place| &stack[place]).to_owned();
            text.push_str(&line(&stacks.iter().map(cell).collect::<Vec<_>>()));
        }
        text
    }

    /// The lines of a column's heading and its detail: above numbers no wider than the words allow.
    fn stack(&self, place: usize) -> Vec<String> {
        let column = &self.table.columns[place];
        let mut lines: Vec<String> = Vec::new();
        for text in [&column.heading, &column.detail] {
            let room = if column.kind == Kind::Text { usize::MAX } else { self.widths.word(place) };
            let first = lines.len();
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                match lines[first..].last_mut() {
                    Some(line) if line.width() + 1 + word.width() <= room => line.push_str(&format!(" {word}")),
                    _ => lines.push(word.to_owned()),
                }
            }
        }
        lines.iter().map(|line| escape(line)).collect()
    }

    /// A group: its heading, the truth, its rows, its note.
    fn group(&self, group: &Group) -> String {
        let all = self.table.columns.len();
        let mut text = String::new();
        if !group.heading.is_empty() {
            text.push_str(&line(&[format!("\\multicolumn{{{all}}}{{@{{}}l}}{{\\textit{{{}}}}}", escape(&group.heading))]));
        }
        for cells in group.truth.iter().chain(group.rows.iter().map(|row| &row.cells)) {
            let cells = self.table.columns.iter().zip(cells).zip(&self.broken);
            text.push_str(&line(&cells.map(|((column, cell), broken)| one(column, cell, *broken)).collect::<Vec<_>>()));
        }
        if !group.note.is_empty() {
            let note = escape(&group.note);
            text.push_str(&line(&[format!("\\multicolumn{{{all}}}{{@{{}}p{{0.999\\linewidth}}}}{{\\raggedright {note}}}")]));
        }
        text
    }
}

/// A cell.
fn one(column: &Column, cell: &Cell, is_broken: bool) -> String {
    let shown = column.show(cell);
    let mut text = escape(&format!("{}{}", shown.number, glued(cell.sign())));
    if !text.is_empty() && matches!(cell.mark(), Mark::Correct | Mark::Differs) {
        text = format!("\\textbf{{{text}}}");
    }
    if let Some(error) = shown.error {
        text.push_str(&format!(" {}", escape(&glued(&error))));
    }
    if is_broken { format!("\\raggedright {text}") } else { text }
}

/// A row. This way of ending it goes together with ragged lines.
fn line(cells: &[String]) -> String {
    format!("{} \\tabularnewline\n", cells.join(" & "))
}

/// Text on a line of a comment.
fn comment(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Text that LaTeX prints as it is. What plain LaTeX has no letter for but a command is written as that.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    for character in text.chars() {
        // Two of these in a row would be another letter.
        if matches!(character, '-' | '\'') && before == Some(character) {
            escaped.push_str("{}");
        }
        before = Some(character);
        let command = match character {
            '\\' => "\\textbackslash{}",
            '{' => "\\{",
            '}' => "\\}",
            '$' => "\\$",
            '&' => "\\&",
            '#' => "\\#",
            '%' => "\\%",
            '_' => "\\_",
            '^' => "\\textasciicircum{}",
            '~' => "\\textasciitilde{}",
            '<' => "\\textless{}",
            '>' => "\\textgreater{}",
            '|' => "\\textbar{}",
            '`' => "\\textasciigrave{}",
            '"' => "{\\char34}",
            // At the beginning of a row these would belong to the end of the one before.
            '[' => "{[}",
            ']' => "{]}",
            '*' => "{*}",
            '\u{a0}' => "~",
            '−' => "$-$",
            '±' => "$\\pm$",
            '≤' => "$\\leq$",
            '≥' => "$\\geq$",
            '×' => "$\\times$",
            '·' => "$\\cdot$",
            '–' => "--",
            '—' => "---",
            '…' => "\\ldots{}",
            '†' => "\\dag{}",
            '“' => "``",
            '”' => "''",
            '‘' => "`",
            '’' => "'",
            'α' => "$\\alpha$",
            'β' => "$\\beta$",
            'γ' => "$\\gamma$",
            'θ' => "$\\theta$",
            'λ' => "$\\lambda$",
            'μ' => "$\\mu$",
            'π' => "$\\pi$",
            'σ' => "$\\sigma$",
            'Σ' => "$\\Sigma$",
            '²' => "$^2$",
            '³' => "$^3$",
            '√' => "$\\surd$",
            '∞' => "$\\infty$",
            _ if character.is_control() => " ",
            _ => {
                escaped.push(character);
                continue;
            }
        };
        escaped.push_str(command);
    }
    escaped
}
