//! A TOML table read key by key: every value is checked where it is read, every complaint keeps its place in the text, and what
//! nobody asked for is an unknown key. No word of the domain.
//!
//! Whoever reads a key hands over what is known of it, a [`Key`]: the range and the default there are those that act.

mod check;
mod description;
mod entry;
mod file;
mod key;
mod parse;
mod template;
mod words;

pub use description::{Description, Kind, Length, Step, Usual, Worded, Words};
pub use entry::Entry;
pub use file::NamedText;
pub use key::{Key, Table};
pub use parse::{read, read_in};
pub use template::{Change, Template};
pub(crate) use words::{closest, quoted};

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use words::{found, path_segment};

/// How bad a complaint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The text cannot be used.
    Error,
    /// It can, but somebody should look.
    Warning,
}

/// One thing that is wrong, or odd, in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Error or warning.
    pub severity: Severity,
    /// Byte range in the text.
    pub span: Range<usize>,
    /// The dotted path of the key, e.g. `design[2].prior_sd`, counted from 1; empty for the whole text.
    pub key: String,
    /// What was found and what is allowed.
    pub message: String,
    /// What would be right, when that is known.
    pub help: Option<String>,
}

/// The numbers that a key takes. An infinite end means that there is no bound; the number itself is always finite.
#[derive(Clone, Copy, Debug)]
pub enum Within {
    /// Strictly between the two.
    Open(f64, f64),
    /// Between the two, or one of them.
    Closed(f64, f64),
    /// Above the first, up to the second.
    OpenClosed(f64, f64),
}

impl Within {
    const fn contains(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Open(low, high) => low < number && number < high,
                Self::Closed(low, high) => low <= number && number <= high,
                Self::OpenClosed(low, high) => low < number && number <= high,
            }
    }

    /// Both ends, each with the word that stands before it.
    fn ends(self) -> (f64, &'static str, f64, &'static str) {
        match self {
            Self::Open(low, high) => (low, "above", high, "below"),
            Self::Closed(low, high) => (low, "at least", high, "at most"),
            Self::OpenClosed(low, high) => (low, "above", high, "at most"),
        }
    }

    /// The part of the range between two other ends.
    fn between(self, from: f64, to: f64) -> Self {
        match self {
            Self::Open(low, high) => Self::Open(low.max(from), high.min(to)),
            Self::Closed(low, high) => Self::Closed(low.max(from), high.min(to)),
            Self::OpenClosed(low, high) => Self::OpenClosed(low.max(from), high.min(to)),
        }
    }
}

/// What is said of a required key that is not there.
const MISSING: &str = "missing, and required";

/// What several tables of one text share.
#[derive(Clone, Debug, Default)]
struct Common {
    complaints: Rc<RefCell<Vec<Complaint>>>,
    /// Whether the text has syntax errors, so that a missing key may be one that was not understood.
    partial: bool,
    /// Where files that the text names are looked for.
    folder: Option<Rc<Path>>,
    /// The files that were read, each once.
    files: Rc<RefCell<Vec<NamedText>>>,
    /// The quantities that are known here and in tables below, by name.
    known: Vec<(&'static str, f64)>,
}

/// One TOML table being read. A method returns `None` both where the key is absent and where its value is wrong; the wrong one
/// has been complained about, so the reader can go on with a default and find further faults.
pub struct Keys<'a> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
    common: Common,
}

impl<'a> Keys<'a> {
    fn new(table: &'a DeTable<'a>, span: Range<usize>, path: String, common: Common) -> Self {
        Self { table, span, path, asked: Vec::new(), common }
    }

    /// Whether the key is there, whatever its value. Does not count as asking for it.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is there and its value is a table. Does not count as asking for it.
    #[must_use]
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// The number of entries of the array at `key`, whatever they are; `None` when there is no array. Does not count as asking.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<usize> {
        self.table.get(key).and_then(|value| value.get_ref().as_array()).map(|array| array.len())
    }

    /// Complain when the key is absent. Use before reading it.
    pub fn require(&mut self, key: &'static str) {
        if !self.has(key) && !self.common.partial {
            self.push(Severity::Error, self.span.clone(), self.path_to(key), MISSING.to_owned(), None);
        }
    }

    /// A table below this one; finish it too.
    pub fn table(&mut self, key: &Key<Table>) -> Option<Keys<'a>> {
        let name = key.about.name;
        if key.about.usual == Usual::Required {
            self.require(name);
        }
        let value = self.ask(name)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Keys::new(table, value.span(), self.path_to(name), self.common.clone()));
        }
        self.wrong(value, self.path_to(name), "a table", None);
        None
    }

    /// As [`Keys::table`], where the value may have another form too: `None`, without a complaint, when it is no table.
    pub fn table_form(&mut self, key: &Key<Table>) -> Option<Keys<'a>> {
        if self.is_table(key.about.name) { self.table(key) } else { None }
    }

    /// The blocks of an array of tables, e.g. all `[[design]]`; finish each.
    pub fn tables(&mut self, key: &Key<Table>) -> Vec<Keys<'a>> {
        let name = key.about.name;
        let Kind::Blocks(most, _) = key.about.kind else { return Vec::new() };
        let Some(value) = self.ask(name) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            let help = format!("write [[{name}]], with two brackets, above each block");
            self.wrong(value, self.path_to(name), &format!("any number of blocks [[{name}]]"), Some(help));
            return Vec::new();
        };
        if array.len() > most {
            let message = format!("found {} blocks [[{name}]]; allowed: at most {most}", array.len());
            self.push(Severity::Error, value.span(), self.path_to(name), message, None);
            return Vec::new();
        }
        let mut blocks = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            let path = format!("{}[{}]", self.path_to(name), index + 1);
            match entry.get_ref() {
                DeValue::Table(table) => blocks.push(Keys::new(table, entry.span(), path, self.common.clone())),
                _ => self.wrong(entry, path, &format!("a table, as a block [[{name}]]"), None),
            }
        }
        blocks
    }

    /// The table at a key, or the blocks of an array of tables; finish each.
    pub fn table_or_tables(&mut self, key: &Key<Table>) -> Vec<Self> {
        if self.is_table(key.about.name) { self.table(key).into_iter().collect() } else { self.tables(key) }
    }

    /// Complain about a key that is there, or about the table when it is not.
    pub fn complain(&mut self, key: &str, message: impl Into<String>, help: Option<String>) {
        self.say(Severity::Error, key, message.into(), help);
    }

    /// Complain about a key, whatever its value, that is known elsewhere but has no place here; nothing when it is absent. Counts as
    /// asking for it.
    pub fn refuse(&mut self, key: &'static str, message: impl Into<String>, help: Option<String>) {
        if self.ask(key).is_some() {
            self.complain(key, message, help);
        }
    }

    /// As [`Keys::complain`], as a warning.
    pub fn warn(&mut self, key: &str, message: impl Into<String>) {
        self.say(Severity::Warning, key, message.into(), None);
    }

    /// As [`Keys::complain`], about the entry `index`, counted from 0, of the array at `key`.
    pub fn complain_entry(&mut self, key: &str, index: usize, message: impl Into<String>) {
        self.say_entry(Severity::Error, key, index, message.into());
    }

    /// As [`Keys::complain_entry`], as a warning.
    pub fn warn_entry(&mut self, key: &str, index: usize, message: impl Into<String>) {
        self.say_entry(Severity::Warning, key, index, message.into());
    }

    /// Whether an error has been complained about, here or in a table read along with this one.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.common.complaints.borrow().iter().any(|complaint| complaint.severity == Severity::Error)
    }

    /// Where the value of `key` begins in the text, in bytes; where the table begins when the key is absent.
    #[must_use]
    pub fn place(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.span.start, |value| value.span().start)
    }

    /// The dotted path of this table, e.g. `design[2]`; empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Read the rest of the table once under each of several assumptions and finish it. Only complaints that all of them lead to
    /// are kept: they do not depend on what was assumed. Returns what the last reading gave.
    pub fn finish_under<C: Copy, T>(self, assumptions: &[C], read: impl Fn(&mut Keys<'a>, C) -> T) -> Option<T> {
        let mut shared: Option<Vec<Complaint>> = None;
        let mut result = None;
        for &assumption in assumptions {
            let common = Common { complaints: Rc::default(), ..self.common.clone() };
            let mut keys = Keys::new(self.table, self.span.clone(), self.path.clone(), common.clone());
            keys.asked.clone_from(&self.asked);
            result = Some(read(&mut keys, assumption));
            keys.finish();
            let mut found = common.complaints.take();
            if let Some(before) = &shared {
                found.retain(|complaint| before.contains(complaint));
            }
            shared = Some(found);
        }
        self.common.complaints.borrow_mut().extend(shared.unwrap_or_default());
        result
    }

    /// Complain about every key that nobody asked for, with the closest known key when there is one.
    pub fn finish(self) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let help = match closest(name, &self.asked) {
                Some(known) => {
                    // A required key that is misspelt is not missing too.
                    let known_path = self.path_to(known);
                    let is_missing = |complaint: &Complaint| complaint.key == known_path && complaint.message == MISSING;
                    self.common.complaints.borrow_mut().retain(|complaint| !is_missing(complaint));
                    format!("did you mean `{known}`?")
                }
                None => format!("known keys here: {}", self.asked.join(", ")),
            };
            self.push(Severity::Error, key.span(), self.path_to(name), "unknown key".to_owned(), Some(help));
        }
    }

    fn ask(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table.get(key)
    }

    fn path_to(&self, key: &str) -> String {
        let key = path_segment(key);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, path: String, allowed: &str, help: Option<String>) {
        let message = format!("found {}; allowed: {allowed}", found(value.get_ref()));
        self.push(Severity::Error, value.span(), path, message, help);
    }

    fn say(&self, severity: Severity, key: &str, message: String, help: Option<String>) {
        match self.table.get(key) {
            Some(value) => self.push(severity, value.span(), self.path_to(key), message, help),
            None => self.push(severity, self.span.clone(), self.path.clone(), message, help),
        }
    }

    fn say_entry(&self, severity: Severity, key: &str, index: usize, message: String) {
        match self.table.get(key).and_then(|value| value.get_ref().get(index)) {
            Some(entry) => self.push(severity, entry.span(), format!("{}[{}]", self.path_to(key), index + 1), message, None),
            None => self.say(severity, key, message, None),
        }
    }

    fn push(&self, severity: Severity, span: Range<usize>, key: String, message: String, help: Option<String>) {
        self.common.complaints.borrow_mut().push(Complaint { severity, span, key, message, help });
    }
}
