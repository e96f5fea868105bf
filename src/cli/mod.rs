//! The command line: one file per subcommand; printing and progress only.
//!
//! Exit status: 0 done; 1 could not be completed; 2 the command line or the study is at fault; 130 interrupted.

mod check;
mod explain;
mod keys;
mod methods;
mod next;
mod paths;
mod progress;
mod replay;
mod run;
mod table;
mod tune;

use clap::{Parser, Subcommand};
use dosebench::study::StudyError;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Compare phase I dose-finding designs: exact operating characteristics, replicates on common simulated patients, a report.
#[derive(Debug, Parser)]
#[command(name = "dosebench", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Evaluate every design of a study under every scenario and write tables, plots and a report
    Run(run::Arguments),
    /// Look for the best variant of a design, as the study's [tune] asks, and write it as a study
    Tune(tune::Arguments),
    /// Read a study and say everything that is wrong or odd in it; write nothing
    Check(check::Arguments),
    /// Say what a design gives next in a running trial, why, and what the rest of the trial looks like
    Next(next::Arguments),
    /// List all dose-transition pathways of the next cohorts
    Paths(paths::Arguments),
    /// Print the decision table of a design
    Table(table::Arguments),
    /// Print the rule of a design in the words of a protocol
    Explain(explain::Arguments),
    /// List the methods that a design can have, a line each
    Methods,
    /// Print the keys of a study file or of a method, with range, default and what each says
    Keys(keys::Arguments),
    /// Print one simulated trial in full: every patient and every decision, in calendar time
    Replay(replay::Arguments),
}

/// How a command ended. The worst of several is the largest but for an interruption, which ends everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Done = 0,
    Incomplete = 1,
    Fault = 2,
    Interrupted = 130,
}

/// Run the command line.
pub(crate) fn main() -> ExitCode {
    // clap prints help and faults itself, and ends with 2 on a fault.
    let status = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Tune(arguments) => tune::tune(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Next(arguments) => next::next(&arguments),
        Command::Paths(arguments) => paths::paths(&arguments),
        Command::Table(arguments) => table::table(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Methods => methods::methods(),
        Command::Keys(arguments) => keys::keys(&arguments),
        Command::Replay(arguments) => replay::replay(&arguments),
    };
    ExitCode::from(status as u8)
}

/// Write results to standard output. A reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> Status {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Status::Done,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Status::Done,
        Err(error) => {
            complain(&format!("error: cannot write to standard output: {error}"));
            Status::Incomplete
        }
    }
}

/// Say something to the person on standard error; where nobody can hear it there is nothing more to do.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Say why there is no study.
fn fault(error: &StudyError) -> Status {
    complain(&study_message(error));
    Status::Fault
}

/// Why there is no study. Every complaint about its text says itself that it is an error.
fn study_message(error: &StudyError) -> String {
    match error {
        StudyError::Faulty { .. } => error.to_string(),
        StudyError::Unreadable { .. } | StudyError::NotAStudy { .. } => format!("error: {error}"),
    }
}

/// Read a study and say what is odd in it; otherwise the exit status and the message.
fn read_study(path: &std::path::Path) -> Result<dosebench::study::Study, (Status, String)> {
    let (study, warnings) = dosebench::study::Study::from_path(path).map_err(|error| (Status::Fault, study_message(&error)))?;
    warn(&warnings, &path.display().to_string(), &study.text);
    Ok(study)
}

/// The exit status and the message when the command line is at fault.
fn at_fault(error: impl std::error::Error) -> (Status, String) {
    (Status::Fault, format!("error: {error}"))
}

/// Say what is odd in a study that can be used.
fn warn(warnings: &[dosebench::keys::Complaint], file: &str, text: &str) {
    if !warnings.is_empty() {
        complain(&dosebench::study::render(warnings, file, text, false));
    }
}
