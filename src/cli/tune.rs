//! `dosebench tune`: look for the best variant of a design.

use super::progress::Progress;
use super::run::{Clock, prepare, quoted};
use super::{Status, complain, fault, print};
use dosebench::comparison::ComparisonError;
use dosebench::engine::Monitor;
use dosebench::report::{self, Machine, RunInfo, WriteError};
use dosebench::study::Study;
use dosebench::tuning::{Journal, TuningError, tune as tune_study};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Arguments of `tune`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// Where to write [default: reports/<study file's stem>/tune]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use this number of threads [default: one per processor]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print no progress and no summary
    #[arg(long)]
    quiet: bool,
}

/// Tune one study.
pub(super) fn tune(arguments: &Arguments) -> Status {
    let path = &arguments.study;
    let file = path.display().to_string();
    let (monitor, pool) = match prepare(arguments.threads) {
        Ok(prepared) => prepared,
        Err(status) => return status,
    };
    let mut clock = Clock::start();
    let study = match Study::from_path(path) {
        Ok((study, warnings)) => {
            super::warn(&warnings, &file, &study.text);
            study
        }
        Err(error) => return fault(&error),
    };
    if let Err(error) = study.require_for_run(&file) {
        return fault(&error);
    }
    if study.tunings.is_empty() {
        complain(&format!(
            "error: {file}: found no [tune]; it names a design, its parameters with their values, and an objective"
        ));
        return Status::Fault;
    }
    clock.lap("read");
    let folder = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("reports").join(path.file_stem().unwrap_or(path.as_os_str())).join("tune"));
    match pool.install(|| tune_into(arguments, &study, &folder, &monitor, clock)) {
        Ok(status) => status,
        Err(error) => failure(&file, &error),
    }
}

/// Tune a study and write what was found into `folder`.
fn tune_into(
    arguments: &Arguments,
    study: &Study,
    folder: &Path,
    monitor: &Arc<Monitor>,
    mut clock: Clock,
) -> anyhow::Result<Status> {
    let mut journal = Journal::open(folder, study)?;
    if journal.has_replaced() {
        complain("note: the journal there is of another study or version; it is begun anew");
    } else if !journal.is_empty() && !arguments.quiet {
        complain(&format!("note: {} points are finished already", journal.len()));
    }
    let progress = Progress::follow(monitor, &study.name, arguments.quiet);
    let tuned = tune_study(study, &mut journal, monitor, |stage| progress.say(stage))?;
    clock.lap("compute");
    progress.say("drawing");
    let study_file = arguments.study.file_name().unwrap_or(arguments.study.as_os_str()).to_string_lossy().into_owned();
    let info = RunInfo { command: format!("dosebench tune {}", quoted(&study_file)), study_file };
    let mut files = report::tuning::render(study, &tuned, &info)?;
    clock.lap("render");
    drop(progress);
    let machine = Machine { threads: rayon::current_num_threads(), steps: clock.laps };
    files.push((PathBuf::from("manifest.json"), report::manifest(study, &info, &machine, &files)));
    let printed = if arguments.quiet { Status::Done } else { print(&report::tuning::summary(study, &tuned)) };
    if printed != Status::Done {
        return Ok(printed);
    }
    report::write_all(folder, &files, monitor.interrupted())?;
    journal.remove()?;
    if !arguments.quiet {
        print(&format!("\nWritten to {}\n", folder.display()));
    }
    Ok(Status::Done)
}

/// Say why a study could not be tuned.
fn failure(file: &str, error: &anyhow::Error) -> Status {
    let interrupted = matches!(error.downcast_ref(), Some(TuningError::Comparison(ComparisonError::Interrupted)))
        || matches!(error.downcast_ref(), Some(WriteError::Interrupted(_)));
    if interrupted {
        complain("interrupted: the points that are finished are kept; the same command goes on from there");
        return Status::Interrupted;
    }
    complain(&format!("error: {file}: {error}"));
    Status::Incomplete
}
