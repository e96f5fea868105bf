//! Entries of tables whose keys the reader does not know beforehand.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::words::found;
use super::{Common, Complaint, Key, Keys, Severity, Table};

/// A key that nobody expected by name, with its value.
pub struct Entry<'a> {
    /// The key.
    pub key: String,
    /// Its bytes in the text.
    pub place: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
    common: Common,
}

impl<'a> Keys<'a> {
    /// The entries of the table at a key, in the order of the text, whatever their keys are.
    pub fn entries(&mut self, key: &Key<Table>) -> Vec<Entry<'a>> {
        let key = key.about.name;
        let Some(value) = self.ask(key) else { return Vec::new() };
        let place = value.span();
        Entry { key: key.to_owned(), place, value, path: self.path_to(key), common: self.common.clone() }.entries()
    }

    /// Take over complaints that others have about this text.
    pub fn adopt(&mut self, complaints: impl IntoIterator<Item = Complaint>) {
        self.common.complaints.borrow_mut().extend(complaints);
    }
}

impl<'a> Entry<'a> {
    /// Whether the value is a table that has one of these keys.
    #[must_use]
    pub fn has_one_of(&self, keys: &[&str]) -> bool {
        self.value.get_ref().as_table().is_some_and(|table| keys.iter().any(|key| table.contains_key(*key)))
    }

    /// Whether the value is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Whether the key `key` of the table that the value is has a whole number.
    #[must_use]
    pub fn has_whole(&self, key: &str) -> bool {
        self.value.get_ref().get(key).is_some_and(|value| value.get_ref().is_integer())
    }

    /// The table that the value is; finish it. `None` when it is none.
    #[must_use]
    pub fn table(&self) -> Option<Keys<'a>> {
        let table = self.value.get_ref().as_table()?;
        Some(Keys::new(table, self.value.span(), self.path.clone(), self.common.clone()))
    }

    /// The entries of the table that the value is, in the order of the text. A complaint when it is none.
    #[must_use]
    pub fn entries(&self) -> Vec<Self> {
        let DeValue::Table(table) = self.value.get_ref() else {
            self.complain(format!("found {}; allowed: a table", found(self.value.get_ref())), None);
            return Vec::new();
        };
        let entry = |(key, value): (&Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)| Self {
            key: key.get_ref().to_string(),
            place: key.span(),
            value,
            path: format!("{}.{}", self.path, super::words::path_segment(key.get_ref())),
            common: self.common.clone(),
        };
        let mut entries: Vec<Self> = table.iter().map(entry).collect();
        entries.sort_by_key(|entry| entry.place.start);
        entries
    }

    /// Where each value of the list stands in the text, and its words where it is text. `None`, with a complaint that says what is
    /// `allowed`, when the value is no list.
    #[must_use]
    pub fn list(&self, allowed: &str) -> Option<Vec<(Range<usize>, Option<&'a str>)>> {
        let DeValue::Array(array) = self.value.get_ref() else {
            self.complain(format!("found {}; allowed: {allowed}", found(self.value.get_ref())), None);
            return None;
        };
        Some(array.iter().map(|value| (value.span(), value.get_ref().as_str())).collect())
    }

    /// Complain about the value.
    pub fn complain(&self, message: impl Into<String>, help: Option<String>) {
        let (span, key) = (self.value.span(), self.path.clone());
        let complaint = Complaint { severity: Severity::Error, span, key, message: message.into(), help };
        self.common.complaints.borrow_mut().push(complaint);
    }
}
