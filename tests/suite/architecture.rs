//! What ARCHITECTURE.md says is absent, held by scans of the sources. A scan reads code: without comments, and of `src` without the
//! tests at the ends of its files.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms: each may know those before it.
const ROOMS: [&str; 14] = [
    "keys",
    "numeric",
    "trial",
    "scenario",
    "design",
    "study",
    "engine",
    "measure",
    "comparison",
    "tuning",
    "lint",
    "argument",
    "report",
    "evaluate",
];

/// A source with its path below the repository, with slashes.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The room of a file of `src`.
    fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The code of every Rust file below a folder. A comment of its own line goes, and `src` loses its tests.
fn sources(folder: &str) -> Vec<Source> {
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).expect("a text");
        let code = if folder == "src" { text.split("\n#[cfg(test)]").next().unwrap_or_default() } else { &text };
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let inside = path.strip_prefix(root()).expect("a path below the repository").to_str().expect("a name");
        Source { path: inside.replace('\\', "/"), code: lines.collect::<Vec<_>>().join("\n") }
    };
    let all = files(&root().join(folder)).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let all: Vec<Source> = all.filter(|path| !path.ends_with("tests.rs")).map(|path| read(&path)).collect();
    assert!(!all.is_empty(), "{folder}");
    all
}

/// Whether a word stands in code, and not as a part of a longer one; after one that ends in `::` anything may follow.
fn has(code: &str, word: &str) -> bool {
    let outside = |character: Option<char>| character.is_none_or(|character| !character.is_alphanumeric() && character != '_');
    code.match_indices(word).any(|(at, _)| {
        outside(code[..at].chars().next_back()) && (word.ends_with("::") || outside(code[at + word.len()..].chars().next()))
    })
}

/// The files of `src` that have one of the words and are not in these places: a room, or the beginning of a path.
fn elsewhere(words: &[&str], places: &[&str]) -> Vec<String> {
    let allowed = |source: &Source| places.iter().any(|place| source.room() == *place || source.path.starts_with(place));
    let found = sources("src").into_iter().filter(|source| words.iter().any(|word| has(&source.code, word)) && !allowed(source));
    found.map(|source| source.path).collect()
}

const NONE: [String; 0] = [];

#[test]
fn rooms_know_only_those_before_them() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut known = 0;
    for source in sources("src") {
        let Some(own) = place(source.room()) else {
            assert!(["lib", "main", "cli"].contains(&source.room()), "{} is in no room", source.path);
            continue;
        };
        for used in source.code.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
            if name == source.room() {
                continue;
            }
            let other = place(&name).unwrap_or_else(|| panic!("{}: crate::{name} is no room", source.path));
            assert!(other < own, "{} knows {name}, which comes after {}", source.path, source.room());
            known += 1;
        }
    }
    assert!(known > 300, "{known} imports");
}

#[test]
fn rooms_are_described() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    for room in ROOMS.iter().chain(&["cli"]) {
        assert!(
            text.lines().any(|line| line.starts_with(room) && line[room.len()..].starts_with(' ')),
            "{room} is not described"
        );
    }
}

#[test]
fn what_decides_and_what_is_read_knows_no_threads() {
    assert_eq!(elsewhere(&["rayon"], &["engine", "measure", "comparison", "tuning", "report", "cli"]), NONE);
    assert_eq!(elsewhere(&["thread", "ThreadPoolBuilder"], &["cli"]), NONE);
}

#[test]
fn the_command_line_alone_has_a_clock() {
    assert_eq!(elsewhere(&["Instant", "SystemTime"], &["cli"]), NONE);
}

#[test]
fn files_and_the_environment_are_read_at_the_edges() {
    let edges = ["keys", "study", "cli", "src/tuning/journal.rs", "src/report/write.rs", "src/report/manifest.rs"];
    assert_eq!(elsewhere(&["fs", "File::"], &edges), NONE);
    assert_eq!(elsewhere(&["std::env"], &["cli", "src/report/manifest.rs"]), NONE);
}

#[test]
fn study_and_keys_parse_text() {
    assert_eq!(elsewhere(&["toml::", "toml_edit::"], &["keys", "study"]), NONE);
    let places = [
        "keys",
        "study",
        // Arguments.
        "cli",
        // The decision table of a file.
        "src/design/algorithm/given_table/",
        // Digits that were just printed.
        "src/numeric/exact.rs",
        "src/design/algorithm/cfo/pairs.rs",
        // What `tune` wrote itself, and the values of its keys.
        "src/tuning/journal.rs",
        "src/report/tuning/figures.rs",
    ];
    assert_eq!(elsewhere(&["parse", "from_str", "ReaderBuilder"], &places), NONE);
}

/// The names that code takes from a room, by `crate::room::Name` or `crate::room::{Name, Other}`.
fn taken(code: &str, room: &str) -> Vec<String> {
    let path = format!("crate::{room}::");
    let after = code.split(path.as_str()).skip(1);
    let names = after.flat_map(|rest| match rest.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default().split(',').collect::<Vec<_>>(),
        None => vec![rest],
    });
    let name =
        |text: &str| -> String { text.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect() };
    names.map(name).filter(|name| !name.is_empty()).collect()
}

/// What was worked out comes as data, and these are their types.
#[test]
fn the_report_renders_what_others_worked_out() {
    let engine = [
        "Cells",
        "Condition",
        "DesignCells",
        "Rank",
        "Seen",
        "Sign",
        "Leaf",
        "NoLeaves",
        "Times",
        "Trace",
        "TracedPatient",
        "Flow",
        "Junction",
        "Pathways",
        "Stream",
        "Branch",
        "STAYS_KEPT",
    ];
    let comparison = ["PendingNext", "PendingTrial", "Rest", "RunningTrial", "Side"];
    let mut known = 0;
    for source in sources("src").iter().filter(|source| source.room() == "report") {
        for (room, data) in [("engine", &engine[..]), ("comparison", &comparison)] {
            for name in taken(&source.code, room) {
                assert!(data.contains(&name.as_str()), "{} takes {name} from {room}", source.path);
                known += 1;
            }
        }
        for call in ["Pathways::new", "Flow::new", "RunningTrial::new", "PendingTrial::new"] {
            assert!(!source.code.contains(call), "{} calls {call}", source.path);
        }
    }
    assert!(known > 10, "{known} names");
    assert_eq!(
        taken("use crate::engine::{Graph, compile};\nlet x = crate::engine::leaves(y);", "engine"),
        ["Graph", "compile", "leaves"]
    );
}

/// A metric is a value: its name stands where it is given one, and is asked for where files and sentences are written. The names that
/// mean other things too are not looked for.
#[test]
fn metrics_are_named_in_one_place() {
    let names: Vec<String> = dosebench::study::TRIAL_METRICS.iter().map(|metric| format!("\"{}\"", metric.key())).collect();
    assert!(names.len() > 20);
    for source in sources("src") {
        // A worst case and a metric have one name in common.
        if ["src/trial/metric.rs", "src/study/worst_case.rs"].contains(&source.path.as_str()) {
            continue;
        }
        let found = names.iter().find(|name| *name != "\"cohorts\"" && source.code.contains(*name));
        assert_eq!(found, None, "{}", source.path);
    }
}

/// What is absent is not 0.
#[test]
fn no_result_is_zero_for_want_of_one() {
    for source in sources("src").iter().filter(|source| ["measure", "report", "tuning"].contains(&source.room())) {
        // However it is broken into lines. An exact number has no standard error, and does not vary.
        let code: String = source.code.split_whitespace().collect::<String>().replace("std_error.unwrap_or(0.0)", "");
        for word in ["map_or(0.0", "unwrap_or(0.0", "map_or_else(||0.0", "unwrap_or_else(||0.0"] {
            assert!(!code.contains(word), "{} has {word}", source.path);
        }
    }
}

#[test]
fn a_validated_study_is_not_changed() {
    assert_eq!(elsewhere(&["DerefMut"], &[]), NONE);
    let study = sources("src").into_iter().find(|source| source.path == "src/study/mod.rs").expect("the study");
    assert!(study.code.contains("pub struct Study(Contents);"), "its contents are not public");
    // Who makes a study of contents: the reader, and the points of a tuning.
    let makers = sources("src").into_iter().filter(|source| source.code.contains("Study::of(")).map(|source| source.path);
    assert_eq!(makers.collect::<Vec<_>>(), ["src/study/read.rs", "src/tuning/evaluate.rs"]);
}

#[test]
fn study_names_no_method() {
    for source in sources("src").iter().filter(|source| source.room() == "study") {
        for family in ["interval", "model", "algorithm", "late_onset"] {
            assert!(!source.code.contains(&format!("design::{family}")), "{} names a method", source.path);
        }
    }
}

#[test]
fn decisions_use_no_function_of_the_system() {
    let methods =
        ["exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "sin", "cos", "tan", "cbrt", "hypot", "mul_add"];
    let settings = fs::read_to_string(root().join("clippy.toml")).expect("clippy.toml");
    for method in methods {
        assert!(settings.contains(&format!("\"f64::{method}\"")), "{method} is not refused by the lints");
        // As a function that is called on something; those of other types have no such names.
        let called: Vec<String> = sources("src")
            .into_iter()
            .filter(|source| source.code.contains(&format!(".{method}(")) || source.code.contains(&format!("f64::{method}")))
            .map(|source| source.path)
            .collect();
        assert_eq!(called, NONE, "{method}");
    }
}

#[test]
fn nothing_is_unsafe() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    assert_eq!(elsewhere(&["unsafe"], &[]), NONE);
}

/// Whether a format string in code asks for a number of decimals.
fn has_decimals(code: &str) -> bool {
    code.match_indices(":.").any(|(at, _)| {
        let before = code[..at].rsplit('{').next().unwrap_or_default();
        let is_name = before.chars().all(|letter| letter.is_alphanumeric() || "_.".contains(letter));
        let after = code[at + 2..].chars().next();
        code[..at].contains('{')
            && is_name
            && after.is_some_and(|next| next.is_ascii_digit() || next == '*' || next.is_alphabetic())
    })
}

#[test]
fn decimals_are_chosen_where_words_and_tables_are_made() {
    let places = [
        "src/design/",
        "src/lint/",
        "src/argument/words.rs",
        "src/report/table.rs",
        "src/report/figure/",
        "src/report/plots/argument/",
        "src/comparison/sensitivity.rs",
    ];
    let found = sources("src").into_iter().filter(|source| has_decimals(&source.code));
    let others: Vec<String> =
        found.map(|source| source.path).filter(|path| !places.iter().any(|place| path.starts_with(place))).collect();
    assert_eq!(others, NONE);
    assert!(has_decimals("format!(\"{highest:.3}\")") && has_decimals("{:.1} %") && has_decimals("{x:.*}"));
    assert!(!has_decimals("use a::{b, c}; let x: .5"));
}

#[test]
fn no_test_looks_at_a_clock() {
    for source in ["tests", "src"].into_iter().flat_map(sources) {
        if source.path != "tests/suite/architecture.rs" && source.room() != "cli" {
            for word in ["Instant", "SystemTime", "elapsed"] {
                assert!(!has(&source.code, word), "{} has {word}", source.path);
            }
        }
    }
    // Tests of `src` are at the ends of its files, where a scan for words has not looked.
    for path in files(&root().join("src")).iter().filter(|path| !path.starts_with(root().join("src/cli"))) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        assert!(!has(&text, "Instant") && !has(&text, "SystemTime"), "{} has a clock", path.display());
    }
}

#[test]
fn nothing_names_a_machine() {
    let mut texts: Vec<PathBuf> =
        ["src", "tests", "benches", "examples", "configs"].iter().flat_map(|name| files(&root().join(name))).collect();
    texts.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"].map(|name| root().join(name)));
    for path in texts.iter().filter(|path| !path.ends_with("architecture.rs")) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        for home in ["/home/", "/root/", "/Users/", "/work/", "C:\\Users"] {
            assert!(!text.contains(home), "{} has {home}", path.display());
        }
    }
}
