//! What `check` finds odd in studies that can be used, and its exit status.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

use dosebench::lint::lint;
use dosebench::study::{Study, render};
use expect_test::{expect, expect_file};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The TOML files of a folder, in the order of their names.
fn studies(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// What reading and what linting a study say of it.
fn said(file: &Path) -> (String, String) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let (study, warnings) = Study::from_path(file).unwrap_or_else(|error| panic!("{error}"));
    let found = lint(&study, &warnings);
    (render(&warnings, name, &study.text, false), render(&found, name, &study.text, false))
}

/// Every file in `tests/studies/lint` has what is said of it beside it; of those named `-fine` nothing is.
/// `UPDATE_EXPECT=1` rewrites them.
#[test]
fn every_oddity_has_its_warning() {
    let files = studies("tests/studies/lint");
    assert!(files.len() > 30);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (read, linted) = said(&file);
        assert!(!name.ends_with("-fine") || linted.is_empty(), "{name}: {linted}");
        if !linted.is_empty() {
            assert!(linted.contains(&format!("--> {name}.toml:")), "{name}: no place: {linted}");
        }
        expect_file![file.with_extension("txt")].assert_eq(&format!("{read}{linted}"));
    }
}

/// What is said of the studies that are shipped.
#[test]
fn shipped_studies_come_out_as_they_deserve() {
    for file in studies("configs") {
        let (read, linted) = said(&file);
        let name = file.file_stem().unwrap().to_str().unwrap();
        expect_file![root().join(format!("tests/studies/shipped-{name}.txt"))].assert_eq(&format!("{read}{linted}"));
    }
}

fn dosebench(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dosebench")).args(arguments).current_dir(root()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn warnings_are_errors_under_strict() {
    let odd = "tests/studies/lint/restriction-idle.toml";
    let (status, out, err) = dosebench(&["check", odd]);
    assert_eq!(status, 0);
    // Notes on the design may come before.
    let summary = "tests/studies/lint/restriction-idle.toml: a study of 5 dose levels, 0 scenarios and 1 design; 1 warning\n";
    let (notes, last) = out.split_at(out.len() - summary.len());
    assert_eq!(last, summary);
    assert!(notes.lines().all(|line| line.starts_with("note: \"D\" can select lower ")), "{out}");
    assert!(err.starts_with("warning: design[1].no_skipping: \"D\": "), "{err}");

    let (status, out, err) = dosebench(&["check", odd, "--strict"]);
    assert_eq!(status, 2);
    assert!(out.ends_with("1 design; 1 error\n"), "{out}");
    assert!(err.starts_with("error: design[1].no_skipping: \"D\": "), "{err}");

    let fine = "tests/studies/lint/restriction-fine.toml";
    let (status, out, err) = dosebench(&["check", fine, "--strict"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.ends_with("1 design\n"), "{out}");

    // What reading warns of counts as well, and a study that cannot be read is at fault in any case.
    assert_eq!(dosebench(&["check", "tests/studies/lint/already-said.toml", "--strict"]).0, 2);
    assert_eq!(dosebench(&["check", "tests/studies/wrong/design-unknown-key.toml"]).0, 2);
}

#[test]
fn explain_says_which_designs_there_are() {
    let (status, out, err) = dosebench(&["explain", "configs/minimal.toml", "--design", "3+3"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.starts_with("Minimal study: 3+3\n"), "{out}");
    let (status, out, err) = dosebench(&["explain", "configs/minimal.toml", "--design", "CRM"]);
    assert_eq!((status, out.as_str()), (2, ""));
    expect![[r#"
        error: configs/minimal.toml: there is no design "CRM"; its designs are "3+3"
    "#]]
    .assert_eq(&err);
    assert_eq!(dosebench(&["explain", "configs/minimal.toml", "--design", "3+3", "--format", "pdf"]).0, 2);
    let (status, out, _) = dosebench(&["explain", "configs/minimal.toml", "--design", "3+3", "--format", "markdown"]);
    assert_eq!(status, 0);
    assert!(out.starts_with("# Minimal study: 3+3\n"), "{out}");
}
