//! A table of the text that is read again and again, with other values of some of its keys.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Common, Complaint, Keys, Severity};

/// Another value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key; one of a table inside the table follows that table's key after a point, as in `skeleton.halfwidth`.
    pub key: String,
    /// Its value as TOML writes it, e.g. `0.05` or `"off"`; `None` takes the key away.
    pub value: Option<String>,
    /// The bytes of the text that ask for this value: where complaints about it point to.
    pub place: Range<usize>,
}

/// A table that can be read with changes.
#[derive(Clone, Debug)]
pub struct Template<'t> {
    text: &'t str,
    table: DeTable<'t>,
    span: Range<usize>,
    folder: Option<&'t Path>,
}

impl<'t> Template<'t> {
    /// The block `index`, counted from 0, of the array of tables at `key` of a TOML text, e.g. of all `[[design]]`. Files that it
    /// names are looked for in `folder`. `None` when there is no such block.
    #[must_use]
    pub fn of_block(folder: Option<&'t Path>, text: &'t str, key: &str, index: usize) -> Option<Self> {
        let (root, _) = DeTable::parse_recoverable(text);
        let block = root.get_ref().get(key)?.get_ref().get(index)?;
        let table = block.get_ref().as_table()?.clone();
        Some(Self { text, table, span: block.span(), folder })
    }

    /// The value of a key, with points as in [`Change::key`], as it is written; `None` when it is not there.
    #[must_use]
    pub fn written(&self, key: &str) -> Option<&'t str> {
        let mut value: Option<&Spanned<DeValue<'t>>> = None;
        for segment in key.split('.') {
            let table = value.map_or(Some(&self.table), |value| value.get_ref().as_table());
            value = Some(table?.get(segment)?);
        }
        self.text.get(value?.span())
    }

    /// Read the table with these changes, the later of two of one key being made; `reader` finishes it. `path` is the name of the
    /// table in complaints, which are returned in the order of the text.
    pub fn read<T>(&self, path: &str, changes: &[Change], reader: impl FnOnce(Keys<'_>) -> T) -> (T, Vec<Complaint>) {
        let common = Common { folder: self.folder.map(Rc::from), ..Common::default() };
        let mut table: DeTable<'_> = self.table.clone();
        for change in changes {
            let segments: Vec<&str> = change.key.split('.').collect();
            let value = change.value.as_deref().map(DeValue::parse).transpose();
            match value {
                Ok(value) => set(&mut table, &segments, value.map(Spanned::into_inner), &change.place),
                Err(error) => common.complaints.borrow_mut().push(Complaint {
                    severity: Severity::Error,
                    span: change.place.clone(),
                    key: change.key.clone(),
                    message: format!("not valid TOML: {}", error.message()),
                    help: None,
                }),
            }
        }
        let result = reader(Keys::new(&table, self.span.clone(), path.to_owned(), common.clone()));
        let mut all = common.complaints.take();
        all.sort_by_key(|complaint| complaint.span.start);
        (result, all)
    }
}

/// Set the key of a table, or of a table below it, or take it away. What is on the way to it and is no table becomes one.
fn set<'a>(table: &mut DeTable<'a>, segments: &[&'a str], value: Option<DeValue<'a>>, place: &Range<usize>) {
    let Some((&first, rest)) = segments.split_first() else { return };
    // Taken out, because a table keeps the place of a key that it has.
    let before = table.remove(first);
    let after = match (rest, value) {
        ([], value) => value,
        (rest, value) => {
            let mut below = match before.as_ref().map(Spanned::get_ref) {
                Some(DeValue::Table(below)) => below.clone(),
                _ => DeTable::new(),
            };
            set(&mut below, rest, value, place);
            Some(DeValue::Table(below))
        }
    };
    if let Some(mut after) = after {
        if rest.is_empty() {
            point_to(&mut after, place);
        }
        table.insert(Spanned::new(place.clone(), Cow::Borrowed(first)), Spanned::new(place.clone(), after));
    }
}

/// Let everything inside a value have the same place.
fn point_to(value: &mut DeValue<'_>, place: &Range<usize>) {
    let move_one = |entry: &mut Spanned<DeValue<'_>>| {
        let mut inner = std::mem::replace(entry.get_mut(), DeValue::Boolean(false));
        point_to(&mut inner, place);
        *entry = Spanned::new(place.clone(), inner);
    };
    match value {
        DeValue::Array(array) => array.iter_mut().for_each(move_one),
        DeValue::Table(table) => {
            *table = std::mem::take(table)
                .into_iter()
                .map(|(key, mut entry)| {
                    move_one(&mut entry);
                    (Spanned::new(place.clone(), key.into_inner()), entry)
                })
                .collect();
        }
        _ => {}
    }
}
