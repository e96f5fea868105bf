//! A design in the words of a protocol, as text or Markdown.

use super::markdown::escape;
use super::table::{written, written_alike};
use crate::design::Plan;
use crate::design::wording::{LevelNames, Wording, Words, counted};
use crate::study::{Study, StudyDesign};

/// The longest line of the text format, in characters.
const WIDTH: usize = 100;

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal: lines of at most a hundred characters.
    Text,
    /// For a document.
    Markdown,
}

/// One piece of the explanation, before it has a format.
enum Block {
    Title(String),
    Heading(String),
    /// A sentence of a list, with its number where the list is numbered.
    Item(Option<usize>, String),
    Grid(Vec<Vec<String>>),
}

/// The rule of `design`, a design of `study`, in the words of a protocol: its start, its decisions, its restrictions, its
/// stopping rules in their order, its selection, its references, and what the protocol must still decide.
#[must_use]
pub fn explain(study: &Study, design: &StudyDesign, format: Format) -> String {
    let blocks = blocks(study, design);
    let parts: Vec<String> =
        blocks.iter().map(|block| if format == Format::Text { text(block) } else { markdown(block) }).collect();
    // Two grids in a row leave two blank lines between them.
    parts.concat().replace("\n\n\n", "\n\n")
}

/// The same for other documents: the headings with their sentences, but for references.
pub(super) fn parts(study: &Study, design: &StudyDesign) -> Vec<(String, Vec<String>)> {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for block in blocks(study, design) {
        match block {
            Block::Heading(heading) => parts.push((heading, Vec::new())),
            Block::Item(number, words) => {
                let words = number.map_or_else(|| words.clone(), |number| format!("({number}) {words}"));
                if let Some((_, items)) = parts.last_mut() {
                    items.push(words);
                }
            }
            Block::Title(_) | Block::Grid(_) => {}
        }
    }
    parts.retain(|(heading, items)| heading != "References" && !items.is_empty());
    parts
}

/// The rule, piece by piece.
fn blocks(study: &Study, design: &StudyDesign) -> Vec<Block> {
    let names = level_names(study);
    let mut references: Vec<&str> = design.reference.split("; ").collect();
    let mut blocks = vec![Block::Title(format!("{}: {}", study.name, design.name))];
    match &design.plan {
        Plan::Rule(rule) => {
            let wording = rule.wording(&names);
            describe(&wording, study, WAITS, &mut blocks);
            references.extend(&wording.references);
        }
        Plan::LateOnset(rule) => {
            let wording = rule.wording(&names);
            describe(&wording, study, DOES_NOT_WAIT, &mut blocks);
            references.extend(&wording.references);
        }
        Plan::Benchmark(benchmark) => {
            blocks.push(Block::Heading("A reference, not a design".to_owned()));
            let words = format!(
                "The benchmark is a reference and cannot be conducted: it knows of each of its {} the outcome at every dose level, and \
                 selects the level whose proportion of DLTs is nearest the target {}. Ties are split equally.",
                counted(benchmark.max_patients(), "patient"),
                written(study.target.value)
            );
            blocks.push(Block::Item(None, words));
        }
    }
    blocks.push(Block::Heading("References".to_owned()));
    blocks.extend(references.into_iter().map(|reference| Block::Item(None, format!("{reference}."))));
    blocks
}

/// What a rule for complete data leaves open of patients who are not evaluable.
const WAITS: &str = "When a patient is evaluable, and who replaces one who is not: the rule counts evaluable patients only, and decides when a \
                     cohort is complete.";
/// The same of a rule that looks at pending patients.
const DOES_NOT_WAIT: &str =
    "When a patient is evaluable, and who replaces one who is not: the rule counts a patient from enrolment on.";

/// The dose levels of a study by name.
#[must_use]
pub fn level_names(study: &Study) -> LevelNames {
    LevelNames::new(&written_alike(&study.doses.levels), &study.doses.unit)
}

/// A rule, part by part.
fn describe(wording: &Wording, study: &Study, evaluable: &str, blocks: &mut Vec<Block>) {
    for part in wording.parts.iter().filter(|part| !part.pieces.is_empty()) {
        blocks.push(Block::Heading(part.heading.to_owned()));
        let mut number = 0;
        for piece in &part.pieces {
            blocks.push(match &piece.words {
                Words::Sentences(sentences) => {
                    number += 1;
                    Block::Item(part.numbered.then_some(number), sentences.clone())
                }
                Words::Grid(rows) => Block::Grid(rows.clone()),
            });
        }
    }
    blocks.push(Block::Heading("What this protocol must still decide".to_owned()));
    let window = match &study.timing {
        Some(timing) => format!(
            "Which adverse events are dose-limiting. The DLT window is {} here.",
            if timing.dlt_window_weeks == 1.0 {
                "1 week".to_owned()
            } else {
                format!("{} weeks", written(timing.dlt_window_weeks))
            }
        ),
        None => {
            "Which adverse events are dose-limiting, and in which window after the first dose: the study file has no `[timing]`."
                .to_owned()
        }
    };
    let common = [
        evaluable,
        "How long to wait between the first and the next patients of a cohort.",
        "What a DLT after the window, or in a later cycle, changes: the rule does not know it.",
    ];
    let open = wording.open.iter().cloned().chain([window]).chain(common.map(str::to_owned));
    blocks.extend(open.map(|words| Block::Item(None, words)));
}

/// A block as text.
fn text(block: &Block) -> String {
    match block {
        Block::Title(title) => {
            let lines = wrapped(title, "", "");
            let longest = lines.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            format!("{lines}{}\n", "=".repeat(longest))
        }
        Block::Heading(heading) => format!("\n{heading}\n{}\n", "-".repeat(heading.chars().count())),
        Block::Item(None, words) => wrapped(words, "- ", "  "),
        Block::Item(Some(number), words) => {
            let label = format!("{number}. ");
            let indent = " ".repeat(label.len());
            wrapped(words, &label, &indent)
        }
        Block::Grid(rows) => {
            let width =
                |place: usize| rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0);
            let line = |row: &Vec<String>| {
                let cells = row.iter().enumerate().map(|(place, cell)| match place {
                    0 => format!("{cell:<0$}", width(0)),
                    _ => format!("{cell:>0$}", width(place).max(2)),
                });
                format!("  {}\n", cells.collect::<Vec<_>>().join("  "))
            };
            format!("\n{}\n", rows.iter().map(line).collect::<String>())
        }
    }
}

/// A block as Markdown.
fn markdown(block: &Block) -> String {
    match block {
        Block::Title(title) => format!("# {}\n", escape(title)),
        Block::Heading(heading) => format!("\n## {}\n\n", escape(heading)),
        Block::Item(number, words) => {
            let label = number.map_or_else(|| "-".to_owned(), |number| format!("{number}."));
            format!("{label} {}\n", escape(words))
        }
        Block::Grid(rows) => {
            let line = |row: &Vec<String>| {
                let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            let columns = rows.first().map_or(0, Vec::len);
            let rule = format!("| --- |{}\n", " ---: |".repeat(columns.saturating_sub(1)));
            let mut lines = rows.iter().map(line);
            format!("\n{}{rule}{}\n", lines.next().unwrap_or_default(), lines.collect::<String>())
        }
    }
}

/// Words in lines of at most [`WIDTH`] characters: the first after `label`, the others after `indent`. A longer word is cut.
fn wrapped(words: &str, label: &str, indent: &str) -> String {
    let room = WIDTH - indent.chars().count();
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(room) {
            if used > 0 && used + 1 + piece.len() > room {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push(' ');
                }
                line.extend(piece);
            }
            used += piece.len() + usize::from(used > 0);
        }
    }
    lines.iter().enumerate().map(|(place, line)| format!("{}{line}\n", if place == 0 { label } else { indent })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_a_hundred_characters() {
        let long = format!("{} {}", "word ".repeat(60), "ü".repeat(250));
        for line in wrapped(&long, "- ", "  ").lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert_eq!(wrapped("a b", "1. ", "   "), "1. a b\n");
    }
}
