//! `dosebench next`: the next dose of a running trial.

use super::{Status, complain, print};
use dosebench::design::{Answer, follow, follow_patients};
use dosebench::report::next::Position;
use dosebench::study::{evaluable, read_outcomes, read_patients};
use std::path::PathBuf;

/// Arguments of `next`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("data").required(true).args(["outcomes", "patients"]))]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// The design
    #[arg(long, value_name = "NAME")]
    design: String,
    /// The cohorts treated so far, e.g. "1N 2NNT": the level and a letter for each patient, T (DLT), M (moderate) or N (none)
    #[arg(long, value_name = "OUTCOMES")]
    outcomes: Option<String>,
    /// A CSV file with a line for each patient treated so far, in order: patient,level,dlt,evaluable,moderate
    #[arg(long, value_name = "FILE")]
    patients: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Say what the rule gives next. A rule that has no answer to the data leaves the command incomplete.
pub(super) fn next(arguments: &Arguments) -> Status {
    match say(arguments) {
        Ok((status, text)) => status.max(print(&text)),
        Err((status, message)) => {
            complain(&message);
            status
        }
    }
}

/// What there is to say, with its exit status; otherwise the exit status and the message.
fn say(arguments: &Arguments) -> Result<(Status, String), (Status, String)> {
    let study = super::read_study(&arguments.study)?;
    let (design, rule) = study.rule(&arguments.design).map_err(super::at_fault)?;
    let mut not_evaluable = Vec::new();
    let course = match &arguments.patients {
        Some(file) => {
            let patients = read_patients(file, rule.levels()).map_err(super::at_fault)?;
            not_evaluable.extend(patients.iter().filter(|patient| patient.dlt.is_none()).map(|patient| patient.name.clone()));
            follow_patients(rule, &evaluable(&patients))
        }
        None => {
            let outcomes = arguments.outcomes.as_deref().unwrap_or_default();
            follow(rule, &read_outcomes(outcomes, rule.levels()).map_err(super::at_fault)?)
        }
    };
    let position = Position::new(&study, &design.name, rule, &course, &not_evaluable);
    let status = if matches!(course.answer, Answer::Silent(_)) { Status::Incomplete } else { Status::Done };
    let text = match arguments.format {
        Format::Text => position.text(),
        Format::Json => position.json(),
    };
    Ok((status, text))
}
