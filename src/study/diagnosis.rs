//! Complaints as people read them: file, line, column, the key, a caret under the place.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::keys::{Complaint, Severity};

/// The most complaints that are shown; of more, only the number is told.
const MOST_SHOWN: usize = 50;

/// The complaints about `text`, each with its place, in the manner of the Rust compiler; `file` is the name shown for the text.
/// Colours are terminal escape codes.
#[must_use]
pub fn render(complaints: &[Complaint], file: &str, text: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let file = file.replace(char::is_control, "\u{fffd}");
    let mut rendered = String::new();
    for complaint in complaints.iter().take(MOST_SHOWN) {
        rendered.push_str(&renderer.render(&[group(complaint, &file, text)]));
        rendered.push_str("\n\n");
    }
    if complaints.len() > MOST_SHOWN {
        rendered.push_str(&format!("... and {} more\n", complaints.len() - MOST_SHOWN));
    }
    rendered
}

fn group<'a>(complaint: &'a Complaint, file: &'a str, text: &'a str) -> annotate_snippets::Group<'a> {
    let level = match complaint.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = match complaint.key.as_str() {
        "" => complaint.message.clone(),
        key => format!("{key}: {}", complaint.message),
    };
    let (number, line, span) = first_line(text, &complaint.span);
    let snippet = Snippet::source(line).path(file).line_start(number).annotation(AnnotationKind::Primary.span(span));
    let group = level.primary_title(title).element(snippet);
    match &complaint.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The number of a line of the text counted from 1, and the column counted from 1 in characters, at byte `place`.
pub(super) fn line_and_column(text: &str, place: usize) -> (usize, usize) {
    let (number, line, span) = first_line(text, &(place..place));
    (number, line[..span.start].chars().count() + 1)
}

/// The line on which `span` begins: its number counted from 1, its text, and the part of the span that lies on it.
fn first_line<'t>(text: &'t str, span: &Range<usize>) -> (usize, &'t str, Range<usize>) {
    let place = text.floor_char_boundary(span.start);
    let begin = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[begin..].lines().next().unwrap_or("");
    let within = |place: usize| line.floor_char_boundary(place.saturating_sub(begin));
    let number = text.as_bytes()[..begin].iter().filter(|&&byte| byte == b'\n').count() + 1;
    (number, line, within(place)..within(span.end.max(place)))
}
