//! Files arrive all or none.

use dosebench::report::{WriteError, write_all};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Every path below a folder, and what the files hold.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), None);
                folders.push(path);
            } else {
                found.insert(path.clone(), Some(fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn files() -> Vec<(PathBuf, Vec<u8>)> {
    [("report.md", "new report"), ("plots/a.svg", "new figure"), ("results.json", "new results")]
        .map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()))
        .into()
}

static RUNNING: AtomicBool = AtomicBool::new(false);

#[test]
fn a_folder_that_is_not_there_appears_whole() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("reports/imm27m");
    write_all(&dir, &files(), &RUNNING).unwrap();
    let found = contents(place.path());
    assert_eq!(found.values().flatten().count(), 3, "{found:?}");
    assert_eq!(fs::read_to_string(dir.join("plots/a.svg")).unwrap(), "new figure");
}

#[test]
fn files_of_an_earlier_run_are_replaced_and_others_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("out");
    fs::create_dir_all(dir.join("plots")).unwrap();
    fs::write(dir.join("report.md"), "old report").unwrap();
    fs::write(dir.join("plots/old.svg"), "old figure").unwrap();
    write_all(&dir, &files(), &RUNNING).unwrap();
    assert_eq!(fs::read_to_string(dir.join("report.md")).unwrap(), "new report");
    assert_eq!(fs::read_to_string(dir.join("plots/old.svg")).unwrap(), "old figure");
    assert_eq!(contents(place.path()).values().flatten().count(), 4, "no temporary file is left");
}

#[test]
fn a_move_that_fails_midway_puts_everything_back() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("out");
    fs::create_dir_all(dir.join("results.json")).unwrap();
    fs::write(dir.join("report.md"), "old report").unwrap();
    let before = contents(place.path());
    let error = write_all(&dir, &files(), &RUNNING).unwrap_err();
    assert!(matches!(&error, WriteError::IsAFolder(path) if path.ends_with("results.json")), "{error}");
    assert_eq!(contents(place.path()), before, "the replaced report is back, the new folder of plots is gone");
}

#[test]
fn an_interruption_leaves_nothing() {
    for dir_exists in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("out");
        if dir_exists {
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("report.md"), "old report").unwrap();
        }
        let before = contents(place.path());
        let error = write_all(&dir, &files(), &AtomicBool::new(true)).unwrap_err();
        assert!(matches!(error, WriteError::Interrupted(_)), "{error}");
        assert_eq!(contents(place.path()), before);
    }
}

#[test]
fn a_path_below_a_file_is_refused_in_words() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("notes.txt");
    fs::write(&file, "mine").unwrap();
    for dir in [file.clone(), file.join("reports")] {
        let error = write_all(&dir, &files(), &RUNNING).unwrap_err();
        assert!(error.to_string().contains("notes.txt is not a folder"), "{error}");
    }
    assert_eq!(contents(place.path()).len(), 1);
}

#[test]
fn a_folder_of_plots_that_is_a_file_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("out");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("plots"), "not a folder").unwrap();
    let before = contents(place.path());
    let error = write_all(&dir, &files(), &RUNNING).unwrap_err();
    assert!(matches!(&error, WriteError::NotAFolder(path) if path.ends_with("plots")), "{error}");
    assert_eq!(contents(place.path()), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_that_takes_no_files_says_so() {
    let error = write_all(Path::new("/proc/dosebench"), &files(), &RUNNING).unwrap_err();
    assert!(matches!(error, WriteError::Refused { .. }), "{error}");
    assert!(error.to_string().starts_with("could not write /proc/dosebench: "), "{error}");
    assert!(error.to_string().ends_with("Nothing was written"), "{error}");
}

#[test]
fn a_relative_folder_is_below_the_current_one() {
    // The suite's current folder is the package's; a name that nobody else has keeps the test apart from the rest.
    let dir = PathBuf::from(format!("target-write-test-{}", std::process::id()));
    write_all(&dir, &files(), &RUNNING).unwrap();
    let found = contents(&dir);
    fs::remove_dir_all(&dir).unwrap();
    assert_eq!(found.values().flatten().count(), 3);
}
