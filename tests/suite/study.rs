//! Study files: the shipped ones are read without a complaint, a corpus of faulty ones has its messages beside it, and no text
//! whatever makes the reader panic.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use std::path::{Path, PathBuf};

use dosebench::study::{Study, StudyError, render};
use dosebench::trial::Timing;
use expect_test::{expect, expect_file};
use proptest::prelude::*;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The TOML files of a folder, in the order of their names.
fn studies(name: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Everything there is to say about a study that is to be run; the files that it names lie beside the faulty studies.
fn messages(file: &str, text: &str) -> String {
    match Study::from_text_in(Some(&folder("tests/studies/wrong")), file, text) {
        Ok((study, warnings)) if warnings.is_empty() => {
            study.require_for_run(file).map_or_else(|error| error.to_string(), |()| String::new())
        }
        Ok((_, warnings)) => render(&warnings, file, text, false),
        Err(error) => error.to_string(),
    }
}

/// Every file in `tests/studies/wrong` is named after its fault and has its message beside it; `UPDATE_EXPECT=1` rewrites them.
#[test]
fn every_fault_has_its_message() {
    let files = studies("tests/studies/wrong");
    assert!(files.len() >= 45);
    let mut without_place = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let rendered = messages(name, &std::fs::read_to_string(&file).unwrap());
        if !rendered.contains(&format!("--> {name}:")) {
            without_place.push(name.to_owned());
        }
        expect_file![file.with_extension("txt")].assert_eq(&rendered);
    }
    assert!(without_place.is_empty(), "no complaint with a place: {without_place:?}");
}

#[test]
fn the_shipped_studies_are_read_without_a_complaint() {
    let files = studies("configs");
    assert!(!files.is_empty());
    for file in files {
        let (study, warnings) = Study::from_path(&file).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(render(&warnings, "", &study.text, false), "");
        assert!(study.require_for_run("").is_ok());
    }
}

/// The calendar time of a study that says nothing of it is that of the trial: three weeks, a patient every second week.
#[test]
fn calendar_time_has_defaults() {
    let timing = |lines: &str| {
        let text = format!(
            "name = 'test'\ntarget = 0.25\ndoses.levels = [1, 2]\n[timing]\n{lines}\n[[design]]\nname = 'd'\nmethod = '3+3'\n"
        );
        Study::from_text("test.toml", text).unwrap_or_else(|error| panic!("{error}")).0.into_contents().timing.expect("timing")
    };
    assert_eq!(timing(""), Timing::new(3.0, 0.5));
    assert_eq!(timing("dlt_window_weeks = 6\nqueue = 1"), Timing { queue: 1, ..Timing::new(6.0, 0.5) });
    assert_eq!(timing("accrual_per_week = 2"), Timing::new(3.0, 2.0));
}

#[test]
fn a_study_is_what_was_written() {
    let text = "\
name = ' Überprüfung 用量 '
target = 0.2
doses.levels = [0.1, 1, 1_0]
[timing]
dlt_window_weeks = 3
accrual_per_week = 0.5
[simulation]
engine = 'monte-carlo'
replicates = 0x10
seed = 9_223_372_036_854_775_807
[[scenario]]
name = 'on the edge of the band'
toxicity = [0.28, 0.3, 1]
[[scenario]]
name = 'none'
toxicity = [0.281, 0.3, 0.4]
[[scenario]]
name = 'given'
toxicity = [-0.0, 0.2, 0.4]
mtd = 3
[[scenario]]
name = 'none given'
toxicity = [0, 0.2, 0.4]
mtd = 0
";
    for text in [text.to_owned(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
        let (study, warnings) = Study::from_text("", text).unwrap_or_else(|error| panic!("{error}"));
        assert!(warnings.is_empty());
        assert_eq!(study.name, "Überprüfung 用量");
        assert_eq!(study.doses.levels, [0.1, 1.0, 10.0]);
        assert_eq!(study.doses.unit, "");
        assert_eq!(study.simulation.replicates, 16);
        assert_eq!(study.simulation.seed, i64::MAX as u64);
        assert_eq!(study.simulation.max_situations, 20_000_000);
        assert_eq!(study.timing.as_ref().unwrap().accrual_per_week, 0.5);
        let correct: Vec<_> = study.scenarios.iter().map(|scenario| scenario.correct).collect();
        assert_eq!(correct, [Some(0), None, Some(2), None]);
        assert!(study.scenarios[2].toxicity[0].is_sign_positive());
    }
}

/// What a file that is no text at all, or far too long, is told.
#[test]
fn files_that_cannot_be_studies_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let Err(error) = Study::from_path(&path) else { panic!("{name} is no study") };
        assert!(!matches!(error, StudyError::Faulty { .. }));
        error.to_string().replace(&folder.path().display().to_string(), "")
    };
    expect!["/binary.toml: not UTF-8 text: found the byte 0xFF at line 2, column 9; save the study as UTF-8"]
        .assert_eq(&refusal("binary.toml", b"name = 'a'\n# \xc3\xa4\xe2\x82\xac    \xff\xfe\x00"));
    expect!["/utf16.toml: not UTF-8 text: found the byte 0xFF at line 1, column 1; save the study as UTF-8"]
        .assert_eq(&refusal("utf16.toml", b"\xff\xfen\x00a\x00"));
    expect!["/huge.toml: larger than 1 MiB, which is allowed at most; a study is a few kilobytes of TOML"]
        .assert_eq(&refusal("huge.toml", &vec![b'#'; 50_000_000]));

    let Err(error) = Study::from_path(&folder.path().join("absent.toml")) else { panic!("there is no such file") };
    assert!(matches!(error, StudyError::Unreadable { .. }));
    let Err(error) = Study::from_path(folder.path()) else { panic!("a folder is no study") };
    assert!(matches!(error, StudyError::Unreadable { .. }));
}

/// Text that is made to exhaust the stack, the memory or the patience of the reader.
#[test]
fn hostile_text_gets_a_short_answer() {
    let deep = 100_000;
    let hostile = [
        format!("name = {}", "[".repeat(deep)),
        format!("name = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("name = {}", "{a=".repeat(deep)),
        format!("{}name = 1", "a.".repeat(deep)),
        format!("[{}name]", "a.".repeat(deep)),
        "[[a]]\n".repeat(deep),
        "[[design]]\n".repeat(deep / 2),
        "=\n".repeat(deep),
        "=".repeat(1 << 20),
        "[".repeat(1 << 20),
        "\"\n".repeat(deep),
        (0..deep).map(|key| format!("k{key}=1\n")).collect(),
        format!("name = [{}]", "0,".repeat(deep)),
        format!("[doses]\nlevels = [{}]", "-1,".repeat(deep)),
        format!("name = \"{}\"", "\\u001b".repeat(deep)),
        format!("target = {}", "9".repeat(deep)),
        format!("target = 0.{}1", "0".repeat(deep)),
        "\u{1b}[31m\u{7}\0".repeat(deep),
    ];
    for text in hostile {
        let answer = messages("hostile.toml", &text);
        let shown: String = text.chars().take(30).collect();
        assert!(!answer.is_empty() && answer.len() < 60_000, "{shown}: {} bytes", answer.len());
        assert!(!answer.contains(|c: char| c.is_control() && c != '\n'), "{shown}: a control character in the answer");
    }
    expect![[r#"
        error: not valid TOML: cannot recurse further; max recursion depth met
         --> deep.toml:1:88
          |
        1 | name = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
          |                                                                                        ^

    "#]]
    .assert_eq(&messages("deep.toml", &format!("name = {}", "[".repeat(100))));
}

/// The shipped studies, cut at the places where something begins.
fn pieces() -> Vec<Vec<String>> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    let cut = |text: String| text.split_inclusive(['\n', ' ', '=', ',', '[', '.']).map(str::to_owned).collect();
    studies("configs").iter().map(read).map(cut).collect()
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*|[\\[\\]{}=.,\"'#a-c0-9\n -]*") {
        messages("any.toml", &text);
    }

    /// A valid study with pieces deleted, duplicated, exchanged or replaced.
    #[test]
    fn no_mutated_study_makes_the_reader_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4, "\\PC{0,6}|-?[0-9.e_]{1,20}|nan|\\[|\\{|\""), 1..8),
    ) {
        let studies = pieces();
        let mut pieces = studies[which.index(studies.len())].clone();
        for (at, other, change, replacement) in changes {
            let (at, other) = (at.index(pieces.len()), other.index(pieces.len()));
            match change {
                0 if pieces.len() > 1 => { pieces.remove(at); }
                1 => pieces.insert(other, pieces[at].clone()),
                2 => pieces.swap(at, other),
                _ => pieces[at] = replacement,
            }
        }
        messages("mutated.toml", &pieces.concat());
    }
}
