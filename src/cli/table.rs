//! `dosebench table`: the decision table of a design.

use super::{Status, complain, print};
use dosebench::comparison::decision_cells;
use dosebench::design::next_cohort::next_cohort;
use dosebench::design::pending::PendingProtocol;
use dosebench::design::{Plan, Printable};
use dosebench::report::decisions;
use dosebench::report::table::Table;
use dosebench::report::{markdown, terminal};
use dosebench::study::{Study, read_outcomes};
use std::path::PathBuf;

/// Arguments of `table`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// The design
    #[arg(long, value_name = "NAME", required_unless_present = "compare")]
    design: Option<String>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The outcomes so far, one word a cohort: "1N 2NNT". The table is then that of the next cohort
    #[arg(long, value_name = "OUTCOMES")]
    outcomes: Option<String>,
    /// All designs of the study side by side, with a mark where they differ from the first
    #[arg(long, conflicts_with_all = ["design", "outcomes"])]
    compare: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Text,
    Csv,
    Markdown,
}

/// What is said of the list of a 3+3.
const NO_TABLE: &str = "a list of situations: what it decides depends on more than the patients and DLTs at a level, so it has no \
                        table of these, and method \"table\" cannot read it";

/// Print a decision table.
pub(super) fn table(arguments: &Arguments) -> Status {
    let file = arguments.study.display().to_string();
    let study = match Study::from_path(&arguments.study) {
        Ok((study, warnings)) => {
            super::warn(&warnings, &file, &study.text);
            study
        }
        Err(error) => return super::fault(&error),
    };
    let text = match &arguments.design {
        Some(name) => of_design(arguments, &study, name),
        None => of_study(arguments, &study),
    };
    match text {
        Ok(text) => print(&text),
        Err(message) => {
            complain(&format!("error: {message}"));
            Status::Fault
        }
    }
}

/// All designs side by side.
fn of_study(arguments: &Arguments, study: &Study) -> Result<String, String> {
    let tables = decisions::comparison_tables(study, &decision_cells(study), usize::MAX, usize::MAX);
    if tables.is_empty() {
        return Err("no design of this study has a table of patients by DLTs; ask for one design with --design".to_owned());
    }
    Ok(written(arguments.format, &tables, || decisions::comparison_csv(study)))
}

/// The table of one design.
fn of_design(arguments: &Arguments, study: &Study, name: &str) -> Result<String, String> {
    let design = study.designs.iter().find(|design| design.name == name);
    if let Some(Plan::LateOnset(rule)) = design.map(|design| &design.plan) {
        return of_pending(arguments, name, rule.as_ref());
    }
    let (_, rule) = study.rule(name).map_err(|error| error.to_string())?;
    let synopsis = rule.synopsis();
    let format = arguments.format;
    match (rule.printable(), &arguments.outcomes) {
        (Printable::Counts(table), None) => {
            let most = rule.max_patients();
            let tables = decisions::counts_tables(name, table, most, &synopsis);
            Ok(written(format, &tables, || decisions::counts_csv(table, most)))
        }
        (Printable::List(list), None) => {
            if matches!(format, Format::Csv) {
                complain(&format!("note: \"{name}\" is {NO_TABLE}"));
            }
            let table = decisions::list_table(name, &list, &synopsis);
            Ok(written(format, &[table], || decisions::list_csv(&list)))
        }
        (_, outcomes) => {
            if outcomes.is_none() {
                complain(&format!(
                    "note: what \"{name}\" decides depends on all outcomes so far; this is the table of its first cohort. \
                     Give --outcomes for a later one"
                ));
            }
            let outcomes = outcomes.as_deref().unwrap_or_default();
            let path = read_outcomes(outcomes, rule.levels()).map_err(|error| error.to_string())?;
            let next = next_cohort(rule, &path).map_err(|error| error.to_string())?;
            let table = decisions::next_table(study, name, &next, outcomes, &synopsis);
            Ok(written(format, &[table], || decisions::next_csv(&next)))
        }
    }
}

/// The table of a design that looks at pending patients.
fn of_pending(arguments: &Arguments, name: &str, rule: &dyn PendingProtocol) -> Result<String, String> {
    if arguments.outcomes.is_some() {
        return Err(format!("{name:?} looks at patients who are still being followed: its table is not one after outcomes"));
    }
    let rows = rule.follow_up_table().ok_or_else(|| {
        format!(
            "what {name:?} decides depends on the follow-up of each pending patient, so it has no table; `explain` says its rule, \
             `replay` shows its decisions in a simulated trial"
        )
    })?;
    let table = decisions::pending_table(name, &rows, usize::from(rule.first_cohort().patients), &rule.synopsis());
    Ok(written(arguments.format, &[table], || decisions::pending_csv(&rows)))
}

/// Tables in a format; `csv` makes them for programs.
fn written(format: Format, tables: &[Table], csv: impl FnOnce() -> Vec<u8>) -> String {
    match format {
        Format::Text => tables.iter().map(terminal::table).collect(),
        Format::Markdown => tables.iter().map(markdown::table).collect::<Vec<_>>().join("\n"),
        // What goes into the file is text, so nothing is lost.
        Format::Csv => String::from_utf8_lossy(&csv()).into_owned(),
    }
}
