//! The methods, and the keys of a study file, for people and programs: what their descriptions say.

use super::json;
use super::markdown::escape;
use super::terminal::hanging;
use crate::design::{METHODS, MethodEntry};
use crate::keys::{Description, Kind, Usual};
use crate::study::KEYS;
use serde::Serialize;

/// How keys are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal: lines of at most a hundred characters.
    Text,
    /// For a document: a table for each group.
    Markdown,
    /// For programs: an array with an object for each key.
    Json,
}

/// A key with its whole name, that of a table inside it with a point: `skeleton.halfwidth`.
type Named = (String, &'static Description);

/// Keys that belong together.
struct Section {
    title: String,
    sentence: &'static str,
    /// The table of a study that has them; empty for the keys at the top, and for those of a method.
    table: &'static str,
    keys: Vec<Named>,
}

/// The list of methods, a line each: the word that names it, and what it does in one sentence.
#[must_use]
pub fn methods() -> String {
    let longest = METHODS.iter().map(|method| method.key.len()).max().unwrap_or(0);
    METHODS.iter().map(|MethodEntry { key, sentence, .. }| format!("{key:longest$}  {sentence}\n")).collect()
}

/// The keys of a `[[design]]` block that uses a method.
#[must_use]
pub fn of_method(method: &MethodEntry, format: Format) -> String {
    let mut sections: Vec<Section> = Vec::new();
    for about in method.described() {
        let title = capitalised(about.group);
        let place = sections.iter().position(|section| section.title == title).unwrap_or_else(|| {
            sections.push(Section { title, sentence: "", table: "", keys: Vec::new() });
            sections.len() - 1
        });
        sections[place].keys.extend(about.with_those_inside());
    }
    let title = format!("method = \"{}\": {}", method.key, method.title);
    let lead = format!("{} {}.", method.sentence, method.reference.trim_end_matches('.'));
    let hint =
        "Beside these a design has `name`, `method` and perhaps `source`. `tune` varies any key; [sensitivity] those with steps.";
    written(&title, &[&lead, hint], &sections, format)
}

/// The keys of a study file, table by table; those of the methods excepted.
#[must_use]
pub fn of_study(format: Format) -> String {
    let is_table = |about: &Description| matches!(about.kind, Kind::Table(_) | Kind::Blocks(..));
    let top = KEYS.iter().copied().filter(|about| !is_table(about)).flat_map(Description::with_those_inside).collect();
    let mut sections = vec![Section { title: "At the top".to_owned(), sentence: "", table: "", keys: top }];
    for about in KEYS.iter().copied().filter(|about| is_table(about)) {
        let name = about.name;
        let title = if matches!(about.kind, Kind::Blocks(..)) { format!("[[{name}]]") } else { format!("[{name}]") };
        let keys = about.fields().flat_map(Description::with_those_inside).collect();
        sections.push(Section { title, sentence: about.sentence, table: name, keys });
    }
    let hint = "The other keys of a [[design]] are those of its method: `dosebench keys METHOD`.";
    written("The keys of a study file", &[hint], &sections, format)
}

fn written(title: &str, lead: &[&str], sections: &[Section], format: Format) -> String {
    match format {
        Format::Text => text(title, lead, sections),
        Format::Markdown => markdown(title, lead, sections),
        Format::Json => {
            let here = names(sections);
            json::text(&sections.iter().flat_map(|section| objects(section, &here)).collect::<Vec<_>>())
        }
    }
}

fn text(title: &str, lead: &[&str], sections: &[Section]) -> String {
    let here = names(sections);
    let mut text = hanging(title, "", "");
    text.extend(lead.iter().map(|line| hanging(line, "", "")));
    for Section { title, sentence, keys, .. } in sections {
        text += &format!("\n{title}\n");
        if !sentence.is_empty() {
            text += &hanging(sentence, "  ", "  ");
        }
        for (name, about) in keys {
            text += &hanging(&format!("{name}: {}", value(about)), "  ", "      ");
            text += &hanging(about.sentence, "      ", "      ");
            for (word, sentence) in choice(about) {
                text += &hanging(&format!("\"{word}\": {sentence}"), "      ", "        ");
            }
            for remark in remarks(about, &here) {
                text += &hanging(&remark, "      ", "      ");
            }
        }
    }
    text
}

fn markdown(title: &str, lead: &[&str], sections: &[Section]) -> String {
    let here = names(sections);
    let mut text = format!("# {}\n", escape(title));
    text.extend(lead.iter().map(|line| format!("\n{}\n", words(line))));
    for Section { title, sentence, keys, .. } in sections {
        text += &format!("\n## {}\n\n", escape(title));
        if !sentence.is_empty() {
            text += &format!("{}\n\n", words(sentence));
        }
        text += "| key | value | unless given | unit | what it says | since |\n|---|---|---|---|---|---|\n";
        for (name, about) in keys {
            let choice = choice(about).into_iter().map(|(word, sentence)| format!("`{word}`: {}", words(sentence)));
            let says: Vec<String> = std::iter::once(words(about.sentence))
                .chain(choice)
                .chain(remarks(about, &here).iter().map(|remark| words(remark)))
                .collect();
            let cells = [
                format!("`{name}`"),
                words(&kind_and_range(about)),
                words(&about.usual_words()),
                escape(about.unit),
                says.join("<br>"),
                about.since.to_owned(),
            ];
            text += &format!("| {} |\n", cells.join(" | "));
        }
    }
    text
}

/// Words as Markdown; what they have between backticks is code there too.
fn words(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { escape(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

/// What the value is, its range, what holds where it is absent, and its unit.
fn value(about: &Description) -> String {
    let usual = match about.usual {
        Usual::Required => "required".to_owned(),
        Usual::Absent => "absent unless given".to_owned(),
        _ => format!("{} unless given", about.usual_words()),
    };
    let unit = if about.unit.is_empty() { String::new() } else { format!(" [{}]", about.unit) };
    format!("{}{unit}; {usual}", kind_and_range(about))
}

fn kind_and_range(about: &Description) -> String {
    let (kind, range) = (about.kind_words(), about.range_words());
    let is_said = range.is_empty() || matches!(about.kind, Kind::Flag);
    if is_said && about.forms.is_empty() { kind } else { format!("{kind}: {range}") }
}

/// The words to choose from. Those of `method` have a command of their own.
fn choice(about: &Description) -> Vec<(&'static str, &'static str)> {
    if about.name == "method" { Vec::new() } else { about.words() }
}

/// What else is known of a key, a sentence each.
fn remarks(about: &Description, here: &[&str]) -> Vec<String> {
    let mut remarks = Vec::new();
    for (how, keys) in [("Only", among(about.needs, here)), ("Not", among(about.excludes, here))] {
        if !keys.is_empty() {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            remarks.push(format!("{how} with {}.", keys.join(" or ")));
        }
    }
    remarks.extend(about.step.map(|step| format!("[sensitivity] moves it: {step}.")));
    remarks
}

/// The names of keys and of those inside their tables.
fn names(sections: &[Section]) -> Vec<&'static str> {
    sections.iter().flat_map(|section| &section.keys).map(|(_, about)| about.name).collect()
}

/// Those of the conditions, `key` or `key = value`, whose keys are here: a description that several methods share may name keys that only
/// some of them have.
fn among(conditions: &[&'static str], here: &[&str]) -> Vec<&'static str> {
    let is_here = |condition: &&&str| here.iter().any(|name| condition.split(" = ").next() == Some(*name));
    conditions.iter().filter(is_here).copied().collect()
}

#[derive(Serialize)]
struct Object {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'static str>,
    #[serde(rename = "type")]
    kind: String,
    range: String,
    /// The value that acts; null where the key is required, where nothing holds, and where a value is derived.
    default: serde_json::Value,
    required: bool,
    /// How the default follows from other keys.
    derived: Option<&'static str>,
    unit: &'static str,
    group: &'static str,
    sentence: &'static str,
    words: Vec<Word>,
    since: &'static str,
    tune: bool,
    sensitivity: Option<String>,
    needs: Vec<&'static str>,
    excludes: Vec<&'static str>,
}

#[derive(Serialize)]
struct Word {
    word: &'static str,
    sentence: &'static str,
}

fn objects(section: &Section, here: &[&str]) -> impl Iterator<Item = Object> {
    let table = (!section.table.is_empty()).then_some(section.table);
    section.keys.iter().map(move |(name, about)| {
        let (default, derived) = match about.usual {
            Usual::Required | Usual::Absent => (().into(), None),
            Usual::Number(number) => (number.into(), None),
            Usual::Whole(number) => (number.into(), None),
            Usual::Flag(flag) => (flag.into(), None),
            Usual::Word(word) => (word.into(), None),
            Usual::Pair(pair) => (pair.to_vec().into(), None),
            Usual::Derived(words) => (().into(), Some(words)),
        };
        Object {
            name: name.clone(),
            table,
            kind: about.kind_words(),
            range: about.range_words(),
            default,
            required: about.usual == Usual::Required,
            derived,
            unit: about.unit,
            group: about.group,
            sentence: about.sentence,
            words: about.words().into_iter().map(|(word, sentence)| Word { word, sentence }).collect(),
            since: about.since,
            tune: about.is_varied,
            sensitivity: about.step.map(|step| step.to_string()),
            needs: among(about.needs, here),
            excludes: among(about.excludes, here),
        }
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
