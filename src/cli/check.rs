//! `dosebench check`: read a study and say everything that is wrong or odd in it.

use super::{Status, fault, print};
use dosebench::design::wording::counted;
use dosebench::keys::Severity;
use dosebench::lint::{lint, notes};
use dosebench::study::Study;
use std::path::PathBuf;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
}

/// Check one study.
pub(super) fn check(arguments: &Arguments) -> Status {
    let file = arguments.study.display().to_string();
    let (study, mut complaints) = match Study::from_path(&arguments.study) {
        Ok(read) => read,
        Err(error) => return fault(&error),
    };
    complaints.extend(lint(&study, &complaints));
    complaints.sort_by_key(|complaint| complaint.span.start);
    if arguments.strict {
        complaints.iter_mut().for_each(|complaint| complaint.severity = Severity::Error);
    }
    super::warn(&complaints, &file, &study.text);
    let found = match (complaints.len(), arguments.strict) {
        (0, _) => String::new(),
        (number, false) => format!("; {}", counted(number, "warning")),
        (number, true) => format!("; {}", counted(number, "error")),
    };
    let mut parts = vec![counted(study.doses.levels.len(), "dose level"), counted(study.scenarios.len(), "scenario")];
    if !study.populations.is_empty() {
        parts.push(counted(study.populations.len(), "population"));
    }
    let designs = counted(study.designs.len(), "design");
    let notes: String = notes(&study).iter().map(|note| format!("note: {note}\n")).collect();
    let printed = print(&format!("{notes}{file}: a study of {} and {designs}{found}\n", parts.join(", ")));
    if arguments.strict && !complaints.is_empty() { printed.max(Status::Fault) } else { printed }
}
