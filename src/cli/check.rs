//! `dosebench check`: read a study and say everything that is wrong or odd in it.

use super::{Status, fault, print};
use dosebench::study::Study;
use std::path::PathBuf;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
}

/// Check one study.
pub(super) fn check(arguments: &Arguments) -> Status {
    let file = arguments.study.display().to_string();
    match Study::from_path(&arguments.study) {
        Ok((study, warnings)) => {
            super::warn(&warnings, &file, &study.text);
            print(&format!(
                "{file}: a study of {}, {} and {}\n",
                counted(study.doses.levels.len(), "dose level"),
                counted(study.scenarios.len(), "scenario"),
                counted(study.designs.len(), "design"),
            ))
        }
        Err(error) => fault(&error),
    }
}

/// "1 design", "2 designs".
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
