//! What a command prints, before it has a form: the explanation of a design, the next dose of a running trial, its pathways, a
//! trial that was simulated. As text for a terminal, or as Markdown.

use super::markdown::{self, escape};
use super::table::Table;
use super::terminal;

/// A short document.
#[derive(Debug, Default)]
pub struct Page {
    pieces: Vec<Piece>,
}

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Piece {
    /// What the page is about.
    Title(String),
    /// What the pieces after it are about.
    Heading(String),
    /// Sentences that begin a line each, and no list: their order is that of an answer.
    Sentences(Vec<String>),
    /// Sentences of a list, with their numbers where it is numbered.
    List(Vec<(Option<usize>, String)>),
    /// Cells in rows, of which the first are headings: names, then numbers.
    Grid(Vec<Vec<String>>),
    /// A table of results.
    Table(Table),
    /// Lines whose beginnings stand below each other: a tree, a diary.
    Lines(Vec<String>),
}

impl Page {
    /// Its pieces.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Add a piece at the end.
    pub(super) fn push(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    /// Add a sentence to a list that stands at the end, or to a new one.
    pub(super) fn item(&mut self, number: Option<usize>, words: String) {
        match self.pieces.last_mut() {
            Some(Piece::List(items)) => items.push((number, words)),
            _ => self.push(Piece::List(vec![(number, words)])),
        }
    }

    /// For a terminal: lines of at most a hundred characters, those that stand below each other excepted.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut last: Option<&Piece> = None;
        for piece in &self.pieces {
            // A list stands right below its heading.
            if last.is_some_and(|last| !matches!((last, piece), (Piece::Heading(_), Piece::List(_)))) {
                text.push('\n');
            }
            text.push_str(&in_text(piece));
            last = Some(piece);
        }
        text
    }

    /// For a document.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.pieces.iter().map(in_markdown).collect::<Vec<_>>().join("\n")
    }
}

fn in_text(piece: &Piece) -> String {
    match piece {
        Piece::Title(title) => {
            let lines = terminal::wrapped(title);
            let longest = lines.lines().map(terminal::length).max().unwrap_or(0);
            format!("{lines}{}\n", "=".repeat(longest))
        }
        Piece::Heading(heading) => format!("{heading}\n{}\n", "-".repeat(terminal::length(heading))),
        Piece::Sentences(sentences) => sentences.iter().map(|sentence| terminal::wrapped(sentence)).collect(),
        Piece::List(items) => {
            let item = |(number, words): &(Option<usize>, String)| {
                let label = format!("{} ", bullet(*number));
                terminal::hanging(words, &label, &" ".repeat(label.len()))
            };
            items.iter().map(item).collect()
        }
        Piece::Grid(rows) => {
            let width =
                |place: usize| rows.iter().filter_map(|row| row.get(place)).map(|cell| terminal::length(cell)).max().unwrap_or(0);
            let cell = |(place, cell): (usize, &String)| {
                let space = " ".repeat(if place == 0 { width(0) } else { width(place).max(2) } - terminal::length(cell));
                if place == 0 { format!("{cell}{space}") } else { format!("{space}{cell}") }
            };
            let line = |row: &Vec<String>| format!("  {}\n", row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  "));
            rows.iter().map(line).collect()
        }
        Piece::Table(table) => terminal::table(table),
        Piece::Lines(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
    }
}

fn in_markdown(piece: &Piece) -> String {
    match piece {
        Piece::Title(title) => format!("# {}\n", escape(title)),
        Piece::Heading(heading) => format!("## {}\n", escape(heading)),
        // Two spaces keep a line apart from the next.
        Piece::Sentences(sentences) => sentences.iter().map(|sentence| escape(sentence)).collect::<Vec<_>>().join("  \n") + "\n",
        Piece::List(items) => items.iter().map(|(number, words)| format!("{} {}\n", bullet(*number), escape(words))).collect(),
        Piece::Grid(rows) => {
            let line = |row: &Vec<String>| {
                let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            let columns = rows.first().map_or(0, Vec::len);
            let rule = format!("| --- |{}\n", " ---: |".repeat(columns.saturating_sub(1)));
            let mut lines = rows.iter().map(line);
            format!("{}{rule}{}", lines.next().unwrap_or_default(), lines.collect::<String>())
        }
        Piece::Table(table) => markdown::table(table),
        Piece::Lines(lines) => {
            let fence = markdown::fence(&lines.join("\n"));
            format!("{fence}text\n{}\n{fence}\n", lines.join("\n"))
        }
    }
}

fn bullet(number: Option<usize>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let mut page = Page::default();
        page.push(Piece::Title("A title".to_owned()));
        page.push(Piece::Heading("A heading".to_owned()));
        page.item(Some(1), "One.".to_owned());
        page.push(Piece::Grid(vec![vec!["DLTs".to_owned(), "3".to_owned()], vec!["at most".to_owned(), "1".to_owned()]]));
        page.item(Some(2), "Two.".to_owned());
        page.item(None, "Not | numbered.".to_owned());
        page.push(Piece::Sentences(vec!["This.".to_owned(), "That.".to_owned()]));
        page.push(Piece::Lines(vec!["└─ a".to_owned(), "   b".to_owned()]));
        page
    }

    #[test]
    fn pieces_stand_apart_and_a_list_below_its_heading() {
        assert_eq!(
            page().text(),
            "A title\n=======\n\nA heading\n---------\n1. One.\n\n  DLTs      3\n  at most   1\n\n2. Two.\n- Not | numbered.\n\n\
             This.\nThat.\n\n└─ a\n   b\n"
        );
        assert_eq!(
            page().markdown(),
            "# A title\n\n## A heading\n\n1. One.\n\n| DLTs | 3 |\n| --- | ---: |\n| at most | 1 |\n\n2. Two.\n- Not \\| numbered.\n\n\
             This.  \nThat.\n\n```text\n└─ a\n   b\n```\n"
        );
    }

    #[test]
    fn no_line_is_longer_than_a_hundred_columns() {
        let long = format!("{} {}", "word ".repeat(60), "ü".repeat(250));
        let mut page = Page::default();
        page.push(Piece::Title(long.clone()));
        page.item(Some(12), long.clone());
        page.push(Piece::Sentences(vec![long]));
        for line in page.text().lines() {
            assert!(terminal::length(line) <= terminal::WIDTH, "{line}");
        }
    }
}
