//! Variants of a design: its block of the study read again, by the same reader, with other values of some keys.

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

use super::read::{DESIGN, Known, read_variant};
use super::{Contents, Study, StudyDesign};
use crate::design::{METHODS, MethodEntry};
use crate::keys::{Change, Complaint, Description, Severity, Template};

/// What a study writes for a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A number.
    Number(f64),
    /// A list of numbers.
    List(Vec<f64>),
    /// A list of lists of numbers.
    Lists(Vec<Vec<f64>>),
}

/// A design of a study whose variants can be read. Reading one takes about as long as reading the design took; variants can be read
/// on several threads at once.
#[derive(Clone)]
pub struct Variants<'s> {
    study: &'s Study,
    design: usize,
    template: Template<'s>,
    target: f64,
}

impl<'s> Variants<'s> {
    /// The variants of the design with this place in the study, counted from 0; `None` when there is none.
    #[must_use]
    pub fn new(study: &'s Study, design: usize) -> Option<Self> {
        let template = Template::of_block(study.folder.as_deref(), &study.text, "design", design)?;
        Some(Self { study, design, template, target: study.target.value })
    }

    /// The same design, reading variants as if the study had this target, in (0, 1). The scenarios are the study's own: what is
    /// correct does not move with what the design aims at.
    #[must_use]
    pub fn aiming_at(self, target: f64) -> Self {
        Self { target, ..self }
    }

    /// The value of a key of the design, of one below it after a point (`skeleton.halfwidth`), as the study writes it; `None` when
    /// it does not, so that the default holds.
    #[must_use]
    pub fn written(&self, key: &str) -> Option<&'s str> {
        self.template.written(key)
    }

    /// The number, or the numbers of the list or lists, that the study writes for a key; `None` when it writes none, or anything else.
    #[must_use]
    pub fn numbers(&self, key: &str) -> Option<Written> {
        let number = |value: &Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
        let list = |value: &Value| value.as_array()?.iter().map(number).collect::<Option<Vec<f64>>>();
        let value: Value = self.written(key)?.parse().ok()?;
        let lists = || value.as_array()?.iter().map(list).collect::<Option<_>>();
        number(&value).map(Written::Number).or_else(|| list(&value).map(Written::List)).or_else(|| lists().map(Written::Lists))
    }

    /// The keys of the design that are described, those of a table inside it after a point, in the order in which they are shown.
    #[must_use]
    pub fn described(&self) -> Vec<(String, &'static Description)> {
        let title = self.study.designs.get(self.design).map(|design| design.method);
        let method = METHODS.iter().find(|method| Some(method.title) == title);
        let common = DESIGN.about.fields();
        common.chain(method.map(MethodEntry::described).unwrap_or_default()).flat_map(Description::with_those_inside).collect()
    }

    /// The design with these changes. Its name is that of the design unless it is changed too. Warnings are left out.
    ///
    /// # Errors
    /// Everything that is wrong with the variant, as complaints about the text of the study: those about a changed key point to the
    /// place of the change, and name it below `path`.
    pub fn read(&self, path: &str, changes: &[Change]) -> Result<StudyDesign, Vec<Complaint>> {
        let Contents { doses, target, timing, .. } = &**self.study;
        let known = Known {
            levels: Some(doses.levels.len()),
            doses: Some(doses),
            target: Some(self.target),
            band: Some(target),
            has_timing: timing.is_some(),
        };
        let (design, mut complaints) = self.template.read(path, changes, |keys| read_variant(keys, known));
        complaints.retain(|complaint| complaint.severity == Severity::Error);
        match design {
            Some(design) if complaints.is_empty() => Ok(design),
            _ => Err(complaints),
        }
    }

    /// The text of the study with these changes written into the block of the design, and without `[tune]`; all else, comments among
    /// it, is as it was, but for the comment behind a value that has changed. `None` when a value is no TOML.
    #[must_use]
    pub fn rewritten(&self, changes: &[Change]) -> Option<String> {
        let mut document: DocumentMut = self.study.text.parse().ok()?;
        let block: &mut dyn TableLike = match document.get_mut("design")? {
            Item::ArrayOfTables(blocks) => blocks.get_mut(self.design)?,
            Item::Value(Value::Array(blocks)) => blocks.get_mut(self.design)?.as_inline_table_mut()?,
            _ => return None,
        };
        for change in changes {
            let segments: Vec<&str> = change.key.split('.').collect();
            write(block, &segments, change.value.as_deref())?;
        }
        document.remove("tune");
        Some(document.to_string())
    }
}

/// Write the value of a key, or take the key away.
fn write(table: &mut dyn TableLike, segments: &[&str], value: Option<&str>) -> Option<()> {
    let (&first, rest) = segments.split_first()?;
    if !rest.is_empty() {
        if table.get(first).is_none_or(|item| !item.is_table_like()) {
            table.insert(first, Item::Value(Value::InlineTable(InlineTable::new())));
        }
        return write(table.get_mut(first)?.as_table_like_mut()?, rest, value);
    }
    let Some(value) = value else {
        table.remove(first);
        return Some(());
    };
    let mut value: Value = value.parse().ok()?;
    match table.get_mut(first) {
        Some(item) => {
            if let Some(before) = item.as_value() {
                *value.decor_mut() = before.decor().clone();
                // What is said of the value before need not be true of this one.
                if before.decor().suffix().and_then(|suffix| suffix.as_str()).is_some_and(|suffix| suffix.contains('#')) {
                    value.decor_mut().set_suffix("");
                }
            }
            *item = Item::Value(value);
        }
        None => {
            table.insert(first, Item::Value(value));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Plan;

    const TEXT: &str = "name = 'test'
target = 0.25
doses = { levels = [1, 2, 3] }
[[design]]
name = 'B'
method = 'boin' # a comment
max_patients = 12
[[design]]
name = 'C'
method = 'crm'
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1.2
[[design]]
name = 'T'
method = '3+3'
";

    fn study() -> Study {
        Study::from_text("test.toml", TEXT).unwrap().0
    }

    fn change(key: &str, value: &str) -> Change {
        Change { key: key.to_owned(), value: (!value.is_empty()).then(|| value.to_owned()), place: 0..4 }
    }

    /// The synopsis of a variant.
    fn synopsis(design: &StudyDesign) -> Vec<(String, String)> {
        match &design.plan {
            Plan::Rule(rule) => rule.synopsis(),
            Plan::LateOnset(_) | Plan::Benchmark(_) => panic!("not a rule"),
        }
    }

    /// A variant is the design that is read from a text with the change written into it.
    #[test]
    fn a_variant_is_the_design_with_the_change_written_in() {
        let cases = [
            (0, vec![change("max_patients", "24")], "max_patients = 12", "max_patients = 24"),
            (0, vec![change("max_patients", "")], "max_patients = 12\n", ""),
            (0, vec![change("cohort_size", "2")], "max_patients = 12", "max_patients = 12\ncohort_size = 2"),
            (0, vec![change("max_patients", "9"), change("max_patients", "15")], "max_patients = 12", "max_patients = 15"),
            (1, vec![change("skeleton.halfwidth", "0.08")], "halfwidth = 0.05", "halfwidth = 0.08"),
            (1, vec![change("skeleton", "[0.1, 0.2, 0.3]")], "{ prior_mtd = 2, halfwidth = 0.05 }", "[0.1, 0.2, 0.3]"),
            (
                1,
                vec![change("stop_at_level_patients.3", "6")],
                "prior_sd = 1.2",
                "prior_sd = 1.2\nstop_at_level_patients = { '3' = 6 }",
            ),
            (2, vec![change("deescalate", "false")], "method = '3+3'", "method = '3+3'\ndeescalate = false"),
        ];
        let study = study();
        for (design, changes, from, to) in cases {
            assert!(TEXT.contains(from));
            let written = Study::from_text("test.toml", TEXT.replacen(from, to, 1)).unwrap().0;
            let variant =
                Variants::new(&study, design).unwrap().read("design", &changes).unwrap_or_else(|found| panic!("{found:?}"));
            assert_eq!(synopsis(&variant), synopsis(&written.designs[design]), "{changes:?}");
            assert_eq!((variant.name, variant.method), (written.designs[design].name.clone(), written.designs[design].method));
        }
    }

    #[test]
    fn the_same_complaints_at_the_place_of_the_change() {
        let study = study();
        let complaints = |design, changes: &[Change]| -> Vec<(String, String, Option<String>, std::ops::Range<usize>)> {
            let found = Variants::new(&study, design).unwrap().read("tune", changes).err().unwrap_or_default();
            found.into_iter().map(|found| (found.key, found.message, found.help, found.span)).collect()
        };
        let one = |key: &str, message: &str, help: Option<&str>| {
            vec![(key.to_owned(), message.to_owned(), help.map(str::to_owned), 0..4)]
        };
        let allowed = "found 0; allowed: a whole number from 1 to 250";
        assert_eq!(complaints(0, &[change("max_patients", "0")]), one("tune.max_patients", allowed, None));
        let meant = Some("did you mean `cohort_size`?");
        assert_eq!(complaints(0, &[change("cohort_sise", "3")]), one("tune.cohort_sise", "unknown key", meant));
        let meant = Some("did you mean `halfwidth`?");
        assert_eq!(complaints(1, &[change("skeleton.halfwith", "0.1")]), one("tune.skeleton.halfwith", "unknown key", meant));
        let found = "found the text \"yes\"; allowed: true or false";
        assert_eq!(complaints(2, &[change("deescalate", "'yes'")]), one("tune.deescalate", found, None));
        assert!(complaints(0, &[change("max_patients", "= 3")])[0].1.starts_with("not valid TOML"));
        assert_eq!(complaints(0, &[]), []);
    }

    #[test]
    fn what_is_written_and_what_is_aimed_at() {
        let study = study();
        let variants = Variants::new(&study, 1).unwrap();
        assert_eq!(variants.written("skeleton.halfwidth"), Some("0.05"));
        assert_eq!(variants.written("method"), Some("'crm'"));
        assert_eq!((variants.written("cohort_size"), variants.written("prior_sd.x")), (None, None));
        assert_eq!(variants.numbers("prior_sd"), Some(Written::Number(1.2)));
        assert_eq!(
            (variants.numbers("skeleton"), variants.numbers("method"), variants.numbers("cohort_size")),
            (None, None, None)
        );
        assert!(Variants::new(&study, 3).is_none());
        let boin = |target| synopsis(&Variants::new(&study, 0).unwrap().aiming_at(target).read("", &[]).ok().unwrap());
        assert_eq!(boin(0.25), synopsis(&study.designs[0]));
        assert_ne!(boin(0.3), boin(0.25));
    }
}
