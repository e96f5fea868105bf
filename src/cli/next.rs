//! `dosebench next`: the next dose of a running trial.

use super::{Status, complain, print};
use dosebench::comparison::{PendingTrial, RunningTrial};
use dosebench::design::pending::PendingProtocol;
use dosebench::design::{Answer, Plan, follow, follow_patients};
use dosebench::report::next::Position;
use dosebench::report::next_pending::PendingPosition;
use dosebench::study::{Study, evaluable, read_followed, read_outcomes, read_patients};
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
    /// The cohorts treated so far, e.g. "1N 2NNT": the level and a letter for each patient, T (DLT), M (moderate) or N (none); for a
    /// design that looks at pending patients also P and the share of the window followed, e.g. "1NNN 2NP0.4T0.7"
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
    let design = study.designs.iter().find(|design| design.name == arguments.design);
    if let Some(Plan::LateOnset(rule)) = design.map(|design| &design.plan) {
        return say_pending(arguments, &study, rule.as_ref());
    }
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
    let trial = RunningTrial::new(&study, rule, course);
    let position = Position { study: &study, design: &design.name, trial: &trial, not_evaluable: &not_evaluable };
    let status = if matches!(trial.course.answer, Answer::Silent(_)) { Status::Incomplete } else { Status::Done };
    let text = match arguments.format {
        Format::Text => position.page().text(),
        Format::Json => position.json(),
    };
    Ok((status, text))
}

/// As [`say`], for a design that looks at pending patients.
fn say_pending(arguments: &Arguments, study: &Study, rule: &dyn PendingProtocol) -> Result<(Status, String), (Status, String)> {
    let refused = |message: String| (Status::Fault, format!("error: {:?} {message}", arguments.design));
    let Some(outcomes) = &arguments.outcomes else {
        return Err(refused(
            "looks at patients who are still being followed: write them with --outcomes, as in \"1NNN 2NP0.4T\"".to_owned(),
        ));
    };
    if rule.fills_up() {
        let message =
            "fills lower levels up, and outcomes do not say which patients were of a cohort: there is no next dose by them";
        return Err(refused(message.to_owned()));
    }
    let followed = read_followed(outcomes, rule.levels()).map_err(super::at_fault)?;
    let patients: usize = followed.cohorts.iter().map(|arrival| usize::from(arrival.cohort.patients)).sum();
    let dlts: usize = followed.cohorts.iter().map(|arrival| usize::from(arrival.dlts)).sum();
    if patients > rule.max_patients() {
        return Err(refused(format!("has at most {} patients, and the outcomes have {patients}", rule.max_patients())));
    }
    if rule.uses_dlt_times() && followed.dlt_times.len() < dlts {
        let message = "weighs pending patients by when DLTs were seen: write for each T the share of the window at which it occurred, as in T0.5";
        return Err(refused(message.to_owned()));
    }
    let trial = PendingTrial::new(rule, &followed);
    let position = PendingPosition { study, design: &arguments.design, followed: &followed, trial: &trial };
    let text = match arguments.format {
        Format::Text => position.page().text(),
        Format::Json => position.json(),
    };
    Ok((Status::Done, text))
}
