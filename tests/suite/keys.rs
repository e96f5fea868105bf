//! Keys: what is described is what readers accept, and what holds where a key is absent is what its description says.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

use crate::laws::{example, page, read, with};
use dosebench::design::{METHODS, MethodEntry, Plan};
use dosebench::keys::{Complaint, Description, Kind, Severity, Usual, Within};
use dosebench::study::{KEYS, Study, StudyError};
use std::collections::{BTreeMap, BTreeSet};

/// A key that resembles no other.
const UNKNOWN: &str = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

/// The keys that tables may have, by the path of the table, as complaints about the unknown one there tell them.
fn known_keys(complaints: &[Complaint]) -> BTreeMap<String, BTreeSet<String>> {
    let unknown = complaints.iter().filter(|complaint| complaint.message == "unknown key");
    let known = unknown.map(|complaint| {
        let table = complaint.key.strip_suffix(UNKNOWN).unwrap().trim_end_matches('.').to_owned();
        let keys = complaint.help.as_deref().and_then(|help| help.strip_prefix("known keys here: ")).unwrap();
        (table, keys.split(", ").map(str::to_owned).collect())
    });
    known.collect()
}

fn names<'d>(described: impl IntoIterator<Item = &'d Description>) -> BTreeSet<String> {
    described.into_iter().map(|about| about.name.to_owned()).collect()
}

fn errors(complaints: &[Complaint]) -> Vec<&Complaint> {
    complaints.iter().filter(|complaint| complaint.severity == Severity::Error).collect()
}

/// A key that a method knows and does not describe is one that it refuses, whatever the value.
#[test]
fn methods_accept_the_keys_that_are_described() {
    let mut refused = 0;
    for entry in METHODS {
        let described = names(entry.described());
        assert_eq!(described.len(), entry.described().len(), "{}: a key is described twice", entry.key);
        let (_, complaints) = read(entry, &format!("{}\n{UNKNOWN} = 1", example(entry)));
        let accepted = known_keys(&complaints).remove("").unwrap();
        assert!(described.is_subset(&accepted), "{}: described {described:?}, accepted {accepted:?}", entry.key);
        for key in accepted.difference(&described) {
            for value in ["1", "0.9", "true", "{ max_per_level = 6 }"] {
                let (_, complaints) = read(entry, &with(&example(entry), key, value));
                let is_refused = errors(&complaints).iter().any(|complaint| complaint.key == *key);
                assert!(is_refused, "{}: {key} = {value} is accepted and not described", entry.key);
            }
            refused += 1;
        }
        for about in entry.described() {
            let fields = names(about.fields());
            if fields.is_empty() {
                continue;
            }
            let (_, complaints) = read(entry, &with(&example(entry), about.name, &format!("{{ {UNKNOWN} = 1 }}")));
            assert_eq!(known_keys(&complaints).get(about.name), Some(&fields), "{}: {}", entry.key, about.name);
        }
    }
    assert!(refused > 20, "{refused}");
}

/// The page of a method says where its keys are listed, and lists none itself.
#[test]
fn pages_leave_the_keys_to_their_descriptions() {
    for entry in METHODS {
        let page = page(entry.key);
        assert!(page.contains(&format!("`dosebench keys {}` lists them", entry.key)), "{}", entry.key);
        for about in entry.described() {
            let item = ["- ", "| "].map(|start| format!("{start}`{}`", about.name));
            assert!(!page.lines().any(|line| item.iter().any(|item| line.starts_with(item))), "{}: {}", entry.key, about.name);
        }
    }
}

/// Everything that a design says of itself: every value of it is among this. Or the complaints.
fn synopsis(entry: &MethodEntry, keys: &str) -> Result<Vec<(String, String)>, Vec<Complaint>> {
    let (plan, complaints) = read(entry, keys);
    match plan {
        _ if !errors(&complaints).is_empty() => Err(complaints),
        Some(Plan::Rule(rule)) => Ok(rule.synopsis()),
        Some(Plan::LateOnset(rule)) => Ok(rule.synopsis()),
        Some(Plan::Benchmark(benchmark)) => Ok(benchmark.synopsis()),
        None => panic!("{}: neither a design nor a complaint", entry.key),
    }
}

/// A block without a key.
fn without(keys: &str, key: &str) -> String {
    keys.lines().filter(|line| line.split('=').next().unwrap().trim() != key).map(|line| format!("{line}\n")).collect()
}

/// What holds where a key is absent, as TOML writes it; `None` where nothing holds. Derived values are worked out for the target 0.25 of
/// the laws, and from other keys of the block or their defaults.
fn usual(about: &Description, keys: &str, others: &[&Description]) -> Option<String> {
    match about.usual {
        Usual::Required | Usual::Absent => None,
        Usual::Number(number) => Some(number.to_string()),
        Usual::Whole(number) => Some(number.to_string()),
        Usual::Flag(flag) => Some(flag.to_string()),
        Usual::Word(word) => Some(format!("\"{word}\"")),
        Usual::Pair(pair) => Some(format!("{pair:?}")),
        Usual::Derived(words) => Some(match words {
            "target" => "0.25".to_owned(),
            "1 - target" => "0.75".to_owned(),
            "equal" => "[1, 1, 1]".to_owned(),
            "0.09 for a target below 0.3, 0.1 below 0.4, 0.12 below 0.45, 0.13 from there" => "0.09".to_owned(),
            _ => match words.strip_suffix(" target").and_then(|factor| factor.parse::<f64>().ok()) {
                Some(factor) => ((factor * 0.25 * 1e9).round() / 1e9).to_string(),
                None => {
                    let written = keys.lines().filter_map(|line| line.split_once(" = ")).find(|(key, _)| *key == words);
                    let other = others.iter().find(|other| other.name == words);
                    let other = other.unwrap_or_else(|| panic!("{}: {words}", about.name));
                    written.map_or_else(|| usual(other, keys, others), |(_, value)| Some(value.to_owned()))?
                }
            },
        }),
    }
}

/// Some value that a key can have, as TOML writes it, other than what holds where it is absent.
fn sample(about: &Description) -> String {
    match about.kind {
        Kind::Number(Within::Open(low, high) | Within::Closed(low, high) | Within::OpenClosed(low, high)) => {
            let (low, high) = (low.max(-1e3), high.min(1e3));
            (low + (high - low) * 0.4).to_string()
        }
        Kind::Whole(least, most) => (least + 4).min(most).to_string(),
        Kind::Flag => "true".to_owned(),
        Kind::Word(words) => format!("\"{}\"", words.all()[0].0),
        Kind::Wholes(least, _) => format!("[{least}]"),
        Kind::ByWhole((key, _), (value, _)) => format!("{{ \"{key}\" = {value} }}"),
        Kind::Table(fields) => {
            let fields = fields.iter().filter(|field| field.usual == Usual::Required);
            format!("{{ {} }}", fields.map(|field| format!("{} = {}", field.name, sample(field))).collect::<Vec<_>>().join(", "))
        }
        _ => "\"words\"".to_owned(),
    }
}

/// `key`, or `key = value`, as a line of a block.
fn condition(condition: &str, described: &[&Description]) -> (String, String) {
    match condition.split_once(" = ") {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        None => {
            let about = described.iter().find(|about| about.name == condition);
            (condition.to_owned(), sample(about.unwrap_or_else(|| panic!("{condition} is not described"))))
        }
    }
}

/// A key written with its default is the design without it.
#[test]
fn the_described_default_is_the_one_that_acts() {
    let (mut held, mut moved) = (0, 0);
    for entry in METHODS {
        let described = entry.described();
        for about in &described {
            let mut keys = without(&example(entry), about.name);
            for need in about.needs.iter().take(1) {
                let (key, value) = condition(need, &described);
                keys = with(&keys, &key, &value);
            }
            let Some(value) = usual(about, &keys, &described) else { continue };
            let absent = synopsis(entry, &keys).unwrap_or_else(|found| panic!("{}, {keys}: {found:?}", entry.key));
            let written = with(&keys, about.name, &value);
            let written = synopsis(entry, &written).unwrap_or_else(|found| panic!("{}, {written}: {found:?}", entry.key));
            assert_eq!(absent, written, "{}: {} = {value}", entry.key, about.name);
            held += 1;
            // Which is no accident: most of the other values change what is said.
            moved += usize::from(synopsis(entry, &with(&keys, about.name, &sample(about))).is_ok_and(|other| other != absent));
        }
    }
    assert!(held > 250 && 2 * moved > held, "{held} defaults, of which {moved} can be told from another value");
}

/// Values beside the range.
fn outside(about: &Description) -> Vec<String> {
    match about.kind {
        Kind::Number(Within::Open(low, high)) => [low, high].iter().filter(|end| end.is_finite()).map(f64::to_string).collect(),
        Kind::Number(Within::Closed(low, high)) => vec![(low - 0.001).to_string(), (high + 0.001).to_string()],
        Kind::Number(Within::OpenClosed(low, high)) => vec![low.to_string(), (high + 0.001).to_string()],
        Kind::Whole(least, most) => least.checked_sub(1).into_iter().chain([most + 1]).map(|value| value.to_string()).collect(),
        Kind::Flag => vec!["1".to_owned()],
        Kind::Word(_) => vec!["\"nothing of the kind\"".to_owned()],
        _ => Vec::new(),
    }
}

/// A value beside the range is complained about, with the range in the words of the description where no other key narrows it.
#[test]
fn the_described_range_is_the_one_that_acts() {
    let mut said = 0;
    for entry in METHODS {
        let described = entry.described();
        for (name, about) in described.iter().flat_map(|about| about.with_those_inside()) {
            let (own, field) = name.split_once('.').unwrap_or((&name, ""));
            for value in outside(about) {
                let value = if field.is_empty() { value } else { format!("{{ {field} = {value} }}") };
                let mut keys = example(entry);
                for need in about.needs.iter().take(1) {
                    let (key, value) = condition(need, &described);
                    keys = with(&keys, &key, &value);
                }
                let (_, complaints) = read(entry, &with(&keys, own, &value));
                let complaints = errors(&complaints);
                let complaint = complaints.iter().find(|complaint| complaint.key == name);
                let complaint = complaint.unwrap_or_else(|| panic!("{}: {name} = {value}: {complaints:?}", entry.key));
                if about.from.is_none() && about.up_to.is_none() && matches!(about.kind, Kind::Whole(..)) {
                    assert!(
                        complaint.message.contains(about.range_words().split("; ").next().unwrap()),
                        "{}: {name}: {}",
                        entry.key,
                        complaint.message
                    );
                    said += 1;
                }
            }
        }
    }
    assert!(said > 100, "{said}");
}

/// A key that does not go with another is complained about beside it, and one that needs another is without it.
#[test]
fn what_goes_together_is_what_is_described() {
    let mut found = 0;
    for entry in METHODS {
        let described = entry.described();
        for about in &described {
            let own = with(&example(entry), about.name, &sample(about));
            // A description that several methods share may name keys that only some of them have.
            let is_described = |key: &&&str| described.iter().any(|about| about.name == key.split(" = ").next().unwrap());
            for other in about.excludes.iter().filter(is_described) {
                let (key, value) = condition(other, &described);
                let (_, complaints) = read(entry, &with(&own, &key, &value));
                let is_said = complaints.iter().any(|complaint| complaint.key == about.name || complaint.key == key);
                assert!(is_said, "{}: {} beside {other}: {complaints:?}", entry.key, about.name);
                found += 1;
            }
            if let Some(need) = about.needs.first() {
                let (key, _) = condition(need, &described);
                let (_, complaints) = read(entry, &without(&own, &key));
                let is_said = complaints.iter().any(|complaint| complaint.key == about.name);
                assert!(is_said, "{}: {} without {need}: {complaints:?}", entry.key, about.name);
                found += 1;
            }
        }
    }
    assert!(found > 60, "{found}");
}

/// Tables of a study, one text for each set of keys that they may have. The unknown key comes in where UNKNOWN stands.
const STUDIES: [&str; 4] = [
    "[timing]
     time_to_dlt = { first_half = 0.5, UNKNOWN }
     UNKNOWN
     [simulation]
     UNKNOWN
     [report]
     UNKNOWN
     [report.relevance]
     UNKNOWN
     [report.criteria]
     UNKNOWN
     [report.text]
     UNKNOWN
     [[scenario]]
     name = 's'
     toxicity = [0.1, 0.25, 0.4]
     UNKNOWN
     [[scenario]]
     name = 'curve'
     [scenario.toxicity]
     family = 'logistic'
     UNKNOWN
     lower = { dose = 1, toxicity = 0.1, UNKNOWN }
     upper = { dose = 3, toxicity = 0.4, UNKNOWN }
     [[scenario]]
     name = 'slope'
     [scenario.toxicity]
     family = 'logistic'
     mtd = 2
     slope = 0.3
     UNKNOWN
     [[worst_case]]
     name = 'w'
     design = 'd'
     measure = 'loss'
     against = 'e'
     UNKNOWN
     [[sensitivity]]
     design = 'd'
     scenario = 's'
     UNKNOWN",
    "[[scenario]]
     name = 's'
     toxicity = [0.1, 0.25, 0.4]
     [[tune]]
     design = 'd'
     parameters = { cohort_size = { from = 1, to = 2, count = 2, UNKNOWN } }
     objective = { maximise = 'correct_selection', UNKNOWN }
     UNKNOWN
     [[tune.limits]]
     metric = 'correct_selection'
     at_least = 0.1
     UNKNOWN",
    "[[population]]
     name = 'logistic'
     generator = 'logistic'
     lower = { dose = 1, toxicity = { median = 0.1, sd = 0.1, UNKNOWN }, UNKNOWN }
     upper = { dose = 3, toxicity = { median = 0.4, sd = 0.1, UNKNOWN }, UNKNOWN }
     count = 1
     UNKNOWN
     [[population]]
     name = 'slope'
     generator = 'logistic'
     slope = { median = 0.1, sd = 0.1, UNKNOWN }
     mtd = [1]
     count = 1
     UNKNOWN
     [[population]]
     name = 'paoletti'
     generator = 'paoletti'
     count = 1
     UNKNOWN
     [[population]]
     name = 'dirichlet'
     generator = 'dirichlet'
     count = 1
     UNKNOWN
     [[population]]
     name = 'prior'
     generator = 'prior'
     count = 1
     reference_dose = 1
     prior_mean = [0, 0]
     prior_sd = [1, 1]
     UNKNOWN
     [[population]]
     name = 'list'
     generator = 'list'
     file = 'none.csv'
     UNKNOWN
     [[population]]
     name = 'mixture'
     generator = 'mixture'
     of = ['prior']
     UNKNOWN",
    "[doses]
     levels = [1, 2, 3]
     UNKNOWN",
];

const DESIGNS: &str = "
[[design]]
name = 'd'
method = 'boin'
[[design]]
name = 'e'
method = 'boin'
";

fn study_text(tables: &str, top: &str) -> String {
    let doses = if tables.contains("[doses]") { "" } else { "doses = { levels = [1, 2, 3] }" };
    format!("name = 't'\ntarget = 0.25\n{doses}\n{top}\n{tables}\n{DESIGNS}")
}

/// `population[2].lower` is `population.lower`.
fn without_places(path: &str) -> String {
    let parts = path.split('.').map(|part| part.split('[').next().unwrap());
    parts.collect::<Vec<_>>().join(".")
}

/// The tables that a description can be, with their keys: `toxicity.lower`.
fn tables(prefix: &str, about: &Description, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let path = match about.kind {
        // What is varied is a key of the design.
        Kind::Entries(..) => format!("{prefix}{}.cohort_size", about.name),
        _ => format!("{prefix}{}", about.name),
    };
    for form in about.all_forms() {
        if let Kind::Table(fields) | Kind::Blocks(_, fields) | Kind::Entries(_, fields) = form.kind {
            found.entry(path.clone()).or_default().extend(names(fields.iter().copied()));
            fields.iter().for_each(|field| tables(&format!("{path}."), field, found));
        }
    }
}

#[test]
fn studies_accept_the_keys_that_are_described() {
    let mut described: BTreeMap<String, BTreeSet<String>> = [(String::new(), names(KEYS.iter().copied()))].into();
    KEYS.iter().for_each(|about| tables("", about, &mut described));
    // Beside these a block has the keys of its method.
    described.remove("design");
    let mut accepted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let unknown = format!("{UNKNOWN} = 1");
    for tables in STUDIES {
        let text = study_text(&tables.replace("UNKNOWN", &unknown), &unknown);
        let Err(StudyError::Faulty { complaints, .. }) = Study::from_text("test.toml", text) else { panic!("{tables}") };
        for (table, keys) in known_keys(&complaints) {
            accepted.entry(without_places(&table)).or_default().extend(keys);
        }
    }
    assert_eq!(accepted, described);
}

/// A study with a default written out is the study without it.
#[test]
fn the_described_default_of_a_study_is_the_one_that_acts() {
    let print = |text: &str| {
        let (study, _) = Study::from_text("test.toml", text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let (target, timing, report) = (&study.target, &study.timing, &study.report);
        let cases = (&study.scenarios, &study.populations, &study.worst_cases);
        let tunings: Vec<_> =
            study.tunings.iter().map(|tuning| (tuning.rounds, tuning.one_at_a_time, &tuning.objective)).collect();
        format!("{target:?} {timing:?} {:?} {report:?} {cases:?} {tunings:?}", study.simulation)
    };
    let mut held = BTreeSet::new();
    // The default as TOML writes it; `None` where there is none that can be written.
    let default = |field: &Description| match field.usual {
        Usual::Required | Usual::Absent | Usual::Derived(_) => None,
        _ => usual(field, "", &[]),
    };
    for about in KEYS {
        // The tables inside `[report]` have defaults of their own.
        for (table, field) in
            about.fields().filter(|_| about.name == "report").flat_map(|table| table.fields().map(move |field| (table, field)))
        {
            let Some(value) = default(field) else { continue };
            let text = |line: &str| {
                study_text(&format!("[[scenario]]\nname = 's'\ntoxicity = [0.1, 0.25, 0.4]\n[report.{}]\n{line}", table.name), "")
            };
            let absent = print(&text(""));
            assert_eq!(absent, print(&text(&format!("{} = {value}", field.name))), "{} {}", table.name, field.name);
            assert_ne!(
                absent,
                print(&text(&format!("{} = 0.75", field.name))),
                "{} {}: another value is another study",
                table.name,
                field.name
            );
            held.insert((table.name, field.name));
        }
        for field in about.fields() {
            let Some(value) = default(field) else { continue };
            let block = match about.name {
                "population" => "generator = 'paoletti'\ncount = 2",
                "worst_case" => "design = 'd'\nmeasure = 'correct_selection'",
                "scenario" => "toxicity = [0.05, 0.25, 0.45]",
                "tune" => {
                    "design = 'd'\nparameters = { cohort_size = { from = 1, to = 3, step = 1 } }\nobjective = { maximise = 'correct_selection' }"
                }
                _ => "",
            };
            // A generator has keys of its own, and a search has rounds.
            let block = match field.needs.first() {
                Some(need) if need.starts_with("generator") => {
                    let rest =
                        if need.contains("prior") { "\nreference_dose = 1\nprior_mean = [0, 0]\nprior_sd = [1, 1]" } else { "" };
                    format!("{need}\ncount = 2{rest}")
                }
                Some(need) => {
                    let (key, value) = condition(need, &about.fields().collect::<Vec<_>>());
                    format!("{block}\n{key} = {value}")
                }
                None => block.to_owned(),
            };
            let name = if ["population", "worst_case", "scenario"].contains(&about.name) { "name = 'x'\n" } else { "" };
            let (open, close) = if matches!(about.kind, Kind::Blocks(..)) { ("[[", "]]") } else { ("[", "]") };
            let scenario = "[[scenario]]\nname = 's'\ntoxicity = [0.1, 0.25, 0.4]";
            let text = |line: &str| study_text(&format!("{scenario}\n{open}{}{close}\n{name}{block}\n{line}", about.name), "");
            assert_eq!(print(&text("")), print(&text(&format!("{} = {value}", field.name))), "{} {}", about.name, field.name);
            held.insert((about.name, field.name));
        }
    }
    assert!(held.len() > 20 && held.contains(&("relevance", "right")) && held.contains(&("scenario", "weight")), "{held:?}");
}

/// People read them: a sentence, a group, a version, for a key and for each word of a choice.
#[test]
fn descriptions_are_complete() {
    let methods = METHODS.iter().flat_map(|entry| {
        assert!(entry.sentence.ends_with('.'), "{}: {}", entry.key, entry.sentence);
        entry.described()
    });
    let all: Vec<_> = methods.chain(KEYS.iter().copied()).flat_map(Description::with_those_inside).collect();
    for (name, about) in &all {
        assert!(
            about.sentence.ends_with('.') && about.sentence.starts_with(|first: char| !first.is_lowercase() || first == 'φ'),
            "{name}"
        );
        assert!(!about.group.is_empty(), "{name} has no group");
        assert_eq!(about.since, "0.1.0", "{name}");
        for (word, sentence) in about.words() {
            assert!(sentence.ends_with('.'), "{name} = {word}: {sentence}");
        }
        assert!(!about.kind_words().is_empty() && !about.usual_words().is_empty());
        // Needs and exclusions are keys of the same table, or conditions on them.
        assert!(about.needs.iter().chain(about.excludes).all(|key| !key.is_empty()));
    }
    assert!(all.len() > 300, "{}", all.len());
}
