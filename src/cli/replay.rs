//! `dosebench replay`: one simulated trial in full.

use super::{Status, at_fault, complain, print, read_study};
use clap::ValueEnum;
use dosebench::design::Plan;
use dosebench::engine::{Calendar, TimedRule, replay as run};
use dosebench::report::replay::{patients_csv, replay as words};
use std::path::PathBuf;

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// The name of the design
    #[arg(long, value_name = "NAME")]
    design: String,
    /// The name of the scenario
    #[arg(long, value_name = "NAME")]
    scenario: String,
    /// The replicate, counted from 0: the same trial as in any run with the seed of the study
    #[arg(long, value_name = "K")]
    replicate: u64,
    /// How it is written: what happened in its order, or the patients as CSV
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Csv,
}

/// Replay one trial.
pub(super) fn replay(arguments: &Arguments) -> Status {
    match text(arguments) {
        Ok(text) => print(&text),
        Err((status, message)) => {
            complain(&message);
            status
        }
    }
}

/// What is printed; otherwise the exit status and the message.
fn text(arguments: &Arguments) -> Result<String, (Status, String)> {
    let study = read_study(&arguments.study)?;
    let scenario = study.scenario(&arguments.scenario).map_err(at_fault)?;
    let Some(timing) = &study.timing else {
        return Err((Status::Fault, "error: a trial is replayed in calendar time, and the study has no `[timing]`".to_owned()));
    };
    let design = study.designs.iter().find(|design| design.name == arguments.design);
    let rule = match design.map(|design| &design.plan) {
        Some(Plan::LateOnset(rule)) => TimedRule::Pending(rule.as_ref()),
        // Where there is no such design, this says so.
        _ => TimedRule::Rule(study.rule(&arguments.design).map_err(at_fault)?.1),
    };
    let seed = study.simulation.seed;
    let trace = run(&Calendar { rule, timing }, scenario.truth(), seed, arguments.replicate);
    let title = format!("{}, scenario {:?}, replicate {} of seed {seed}", arguments.design, scenario.name, arguments.replicate);
    Ok(match arguments.format {
        Format::Text => words(&study, &title, &trace).text(),
        Format::Csv => patients_csv(&trace),
    })
}
