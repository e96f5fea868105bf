//! `dosebench run`: evaluate every design of a study under every scenario and write the report.

use super::progress::Progress;
use super::{Status, complain, fault, print};
use clap::ValueEnum;
use dosebench::comparison::{ComparisonError, compare};
use dosebench::engine::Monitor;
use dosebench::measure::Results;
use dosebench::report::{self, Format, Machine, RunInfo, Which, WriteError};
use dosebench::study::{Engine, Study, StudyError};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study files
    #[arg(required = true, value_name = "STUDY")]
    studies: Vec<PathBuf>,
    /// Where to write; with several studies, one folder each below it [default: reports/<study file's stem>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Use this engine instead of the study's
    #[arg(long, value_name = "ENGINE")]
    engine: Option<EngineName>,
    /// Use this number of replicates instead of the study's
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(2..=100_000_000))]
    replicates: Option<u64>,
    /// Use this seed instead of the study's
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Use this number of threads [default: one per processor]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Write these documents and no others [default: all]
    #[arg(long = "documents", value_name = "DOCUMENT,...", value_delimiter = ',')]
    documents: Option<Vec<DocumentName>>,
    /// Write these formats and no others [default: all]
    #[arg(long = "format", value_name = "FORMAT,...", value_delimiter = ',')]
    formats: Option<Vec<FormatName>>,
    /// Draw no plots: none in the reports, none as files
    #[arg(long)]
    no_plots: bool,
    /// Print no progress and no summary
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum EngineName {
    Auto,
    Exact,
    MonteCarlo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// report.html
    Html,
    /// report.docx
    Docx,
    /// report.md
    Md,
    /// tables.tex
    Latex,
    /// the data files
    Csv,
    /// results.json
    Json,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Html => Self::Html,
            FormatName::Docx => Self::Docx,
            FormatName::Md => Self::Markdown,
            FormatName::Latex => Self::Latex,
            FormatName::Csv => Self::Csv,
            FormatName::Json => Self::Json,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DocumentName {
    /// one page in lay words
    Summary,
    /// a few pages for the protocol
    Appendix,
    /// everything
    Report,
}

impl From<DocumentName> for Which {
    fn from(name: DocumentName) -> Self {
        match name {
            DocumentName::Summary => Self::Summary,
            DocumentName::Appendix => Self::Appendix,
            DocumentName::Report => Self::Report,
        }
    }
}

/// Run every study; one that fails does not stop the others.
pub(super) fn run(arguments: &Arguments) -> Status {
    let (monitor, pool) = match prepare(arguments.threads) {
        Ok(prepared) => prepared,
        Err(status) => return status,
    };
    let folders = match folders(arguments) {
        Ok(folders) => folders,
        Err(message) => {
            complain(&format!("error: {message}"));
            return Status::Fault;
        }
    };
    let mut worst = Status::Done;
    for (path, folder) in arguments.studies.iter().zip(&folders) {
        // An interruption after the last study has been written comes too late to undo anything.
        let status =
            if monitor.is_interrupted() { Status::Interrupted } else { run_one(arguments, path, folder, &monitor, &pool) };
        if status == Status::Interrupted {
            complain("interrupted: nothing was written for the study at hand and those after it");
            return status;
        }
        worst = worst.max(status);
    }
    worst
}

/// A monitor that Ctrl-C interrupts, and the threads to work on; otherwise the exit status, the reason having been told.
pub(super) fn prepare(threads: Option<u16>) -> Result<(Arc<Monitor>, ThreadPool), Status> {
    let monitor = Arc::new(Monitor::default());
    let listener = Arc::clone(&monitor);
    if let Err(error) = ctrlc::set_handler(move || listener.interrupt()) {
        complain(&format!("error: cannot listen for an interruption: {error}"));
        return Err(Status::Incomplete);
    }
    let threads = threads.map_or(0, usize::from);
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => Ok((monitor, pool)),
        Err(error) => {
            complain(&format!("error: cannot start {threads} threads: {error}"));
            Err(Status::Incomplete)
        }
    }
}

/// The folder of each study's outputs.
fn folders(arguments: &Arguments) -> Result<Vec<PathBuf>, String> {
    let stems: Vec<PathBuf> =
        arguments.studies.iter().map(|path| PathBuf::from(path.file_stem().unwrap_or(path.as_os_str()))).collect();
    for (index, stem) in stems.iter().enumerate() {
        if let Some(first) = stems[..index].iter().position(|other| other == stem) {
            let (one, other) = (arguments.studies[first].display(), arguments.studies[index].display());
            return Err(format!("{one} and {other} would be written into the same folder; run them apart with --out"));
        }
    }
    Ok(match &arguments.out {
        Some(out) if stems.len() == 1 => vec![out.clone()],
        Some(out) => stems.iter().map(|stem| out.join(stem)).collect(),
        None => stems.iter().map(|stem| Path::new("reports").join(stem)).collect(),
    })
}

/// Run one study and write its outputs.
fn run_one(arguments: &Arguments, path: &Path, folder: &Path, monitor: &Arc<Monitor>, pool: &ThreadPool) -> Status {
    let mut clock = Clock::start();
    let study = match read(arguments, path) {
        Ok(study) => study,
        Err(error) => return fault(&error),
    };
    clock.lap("read");
    let progress = Progress::follow(monitor, &study.name, arguments.quiet);
    let outcome = pool.install(|| evaluate(arguments, path, &study, monitor, &progress, clock));
    drop(progress);
    let (results, files) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return incomplete(path, &error),
    };
    if arguments.quiet {
        // The summary has them too.
        results.notices.iter().for_each(|notice| complain(&format!("note: {notice}")));
    }
    // The summary goes first: when it cannot be printed the run fails, and then must have written nothing.
    let printed = if arguments.quiet { Status::Done } else { print(&report::terminal::summary(&study, &results)) };
    if printed != Status::Done {
        return printed;
    }
    if let Err(error) = report::write_all(folder, &files, monitor.interrupted()) {
        return incomplete(path, &error.into());
    }
    if !arguments.quiet {
        // The run is done, whether anybody reads where its files are or not.
        print(&format!("\nWritten to {}\n", folder.display()));
    }
    Status::Done
}

/// Say why a study could not be completed, unless somebody asked for it.
fn incomplete(path: &Path, error: &anyhow::Error) -> Status {
    let interrupted = matches!(error.downcast_ref(), Some(ComparisonError::Interrupted))
        || matches!(error.downcast_ref(), Some(WriteError::Interrupted(_)));
    if interrupted {
        return Status::Interrupted;
    }
    complain(&format!("error: {}: {error}", path.display()));
    Status::Incomplete
}

/// The results of a study, and every file of its report.
type Outcome = (Results, Vec<(PathBuf, Vec<u8>)>);

/// Compute and draw one study.
fn evaluate(
    arguments: &Arguments,
    path: &Path,
    study: &Study,
    monitor: &Monitor,
    progress: &Progress,
    mut clock: Clock,
) -> anyhow::Result<Outcome> {
    let results = compare(study, monitor, |stage| progress.stage(stage))?;
    clock.lap("compute");
    let formats: Vec<Format> = match &arguments.formats {
        Some(names) => names.iter().copied().map(Format::from).collect(),
        None => Format::ALL.to_vec(),
    };
    progress.say("drawing");
    // Plots are there for the formats that show them.
    let has_plots = !arguments.no_plots && formats.iter().any(|format| format.has_figures());
    let plots = if has_plots { report::plots(study, &results)? } else { Vec::new() };
    clock.lap("draw");
    let info = info(arguments, path);
    let documents: Vec<Which> = match &arguments.documents {
        Some(names) => names.iter().copied().map(Which::from).collect(),
        None => Which::ALL.to_vec(),
    };
    let mut files = report::render_documents(study, &results, &info, &plots, (&formats, &documents));
    clock.lap("render");
    let machine = Machine { threads: rayon::current_num_threads(), steps: clock.laps };
    files.push((PathBuf::from("manifest.json"), report::manifest(study, &info, &machine, &files)));
    Ok((results, files))
}

/// What the report says of this run: the study file and the command that gives the same bytes again. Without plots a report has other
/// bytes; which formats are written changes no byte of any of them.
fn info(arguments: &Arguments, path: &Path) -> RunInfo {
    let study_file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut command = format!("dosebench run {}", quoted(&study_file));
    if let Some(engine) = arguments.engine.and_then(|engine| engine.to_possible_value()) {
        command += &format!(" --engine {}", engine.get_name());
    }
    if let Some(replicates) = arguments.replicates {
        command += &format!(" --replicates {replicates}");
    }
    if let Some(seed) = arguments.seed {
        command += &format!(" --seed {seed}");
    }
    if arguments.no_plots {
        command += " --no-plots";
    }
    RunInfo { study_file, command }
}

/// A word for a shell, in quotes where it needs them.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '-' | '+');
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Read a study, with the engine, replicates and seed of the command line in place of its own.
fn read(arguments: &Arguments, path: &Path) -> Result<Study, StudyError> {
    let file = path.display().to_string();
    let (study, warnings) = Study::from_path(path)?;
    super::warn(&warnings, &file, &study.text);
    study.require_for_run(&file)?;
    Ok(study.simulated(|simulation| {
        if let Some(engine) = arguments.engine {
            simulation.engine = match engine {
                EngineName::Auto => Engine::Auto,
                EngineName::Exact => Engine::Exact,
                EngineName::MonteCarlo => Engine::MonteCarlo,
            };
        }
        if let Some(replicates) = arguments.replicates {
            simulation.replicates = replicates as usize;
        }
        if let Some(seed) = arguments.seed {
            simulation.seed = seed;
        }
    }))
}

/// Wall seconds of each step, for the manifest.
pub(super) struct Clock {
    last: Instant,
    pub(super) laps: Vec<(&'static str, Duration)>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::new() }
    }

    pub(super) fn lap(&mut self, step: &'static str) {
        let now = Instant::now();
        self.laps.push((step, now - self.last));
        self.last = now;
    }
}
