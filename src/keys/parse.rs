//! From text to the table at its root.

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use toml::de::DeTable;

use super::words::path_segment;
use super::{Common, Complaint, Keys, Severity};

/// Parse TOML and read its root table with `reader`, which finishes it. Returns what the reader made of it and all complaints in
/// the order of the text, those about the syntax among them.
///
/// What follows a syntax error may not mean what it seems to, so of the reader's complaints only those before the first such
/// error are kept, and none about a missing key. A duplicate key leaves the rest of the text as clear as it was.
pub fn read<T>(text: &str, reader: impl FnOnce(Keys<'_>) -> T) -> (T, Vec<Complaint>) {
    read_in(None, text, reader)
}

/// As [`read`], for a text that names files, which are looked for in `folder`.
pub fn read_in<T>(folder: Option<&Path>, text: &str, reader: impl FnOnce(Keys<'_>) -> T) -> (T, Vec<Complaint>) {
    let (root, syntax_errors) = DeTable::parse_recoverable(text);
    let unclear = syntax_errors.iter().filter(|error| error.message() != DUPLICATE).map(|error| span_of(text, error).start).min();
    let unclear_from = unclear.map(|place| text.as_bytes()[..place].iter().rposition(|&byte| byte == b'\n').unwrap_or(0));
    let common = Common { partial: unclear_from.is_some(), folder: folder.map(Rc::from), ..Common::default() };
    let result = reader(Keys::new(root.get_ref(), 0..0, String::new(), common.clone()));
    let mut all = common.complaints.take();
    all.retain(|complaint| unclear_from.is_none_or(|unclear_from| complaint.span.end <= unclear_from));
    all.extend(syntax_complaints(text, &syntax_errors));
    all.sort_by_key(|complaint| complaint.span.start);
    (result, all)
}

const DUPLICATE: &str = "duplicate key";

/// The first syntax error of each line: the others on it are mostly its consequences.
fn syntax_complaints(text: &str, errors: &[toml::de::Error]) -> Vec<Complaint> {
    let mut errors: Vec<(Range<usize>, &str)> = errors.iter().map(|error| (span_of(text, error), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut seen_to = 0;
    let mut complaints = Vec::new();
    for (span, message) in errors {
        if complaints.is_empty() || text.as_bytes()[seen_to..span.start].contains(&b'\n') {
            complaints.push(syntax_complaint(text, span.clone(), message));
        }
        seen_to = span.start;
    }
    complaints
}

fn syntax_complaint(text: &str, span: Range<usize>, message: &str) -> Complaint {
    let message = if message == DUPLICATE {
        format!("not valid TOML: the key {} is there twice", path_segment(text.get(span.clone()).unwrap_or_default()))
    } else {
        format!("not valid TOML: {message}")
    };
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let (before, after) = (bytes[..span.start].last(), bytes.get(span.start + 1));
    let is_decimal_comma = bytes.get(span.start) == Some(&b',') && is_digit(before) && is_digit(after);
    let help = is_decimal_comma.then(|| "decimals are written with a point, as in 0.25".to_owned());
    Complaint { severity: Severity::Error, span, key: String::new(), message, help }
}

/// The place of a syntax error in the text; its end where the parser names none.
fn span_of(text: &str, error: &toml::de::Error) -> Range<usize> {
    let span = error.span().unwrap_or(text.len()..text.len());
    span.start.min(text.len())..span.end.min(text.len())
}
