//! `manifest.json`: what ran, on what, how long, and what came out. The only file that knows the machine and the time.

use super::{RunInfo, engine_word, sha256, study_sha256};
use crate::study::Study;
use serde::Serialize;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// What the run used of the machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The number of threads.
    pub threads: usize,
    /// The steps of the run in their order, and the wall time of each.
    pub steps: Vec<(&'static str, Duration)>,
}

#[derive(Serialize)]
struct Root<'a> {
    version: &'static str,
    command: &'a str,
    study: StudyFile<'a>,
    seed: u64,
    engine: &'static str,
    replicates: usize,
    machine: MachinePart,
    wall_seconds: Vec<Step>,
    outputs: Vec<Output>,
}

#[derive(Serialize)]
struct StudyFile<'a> {
    file: &'a str,
    sha256: String,
}

#[derive(Serialize)]
struct MachinePart {
    threads: usize,
    operating_system: &'static str,
    processor: String,
}

#[derive(Serialize)]
struct Step {
    step: &'static str,
    seconds: f64,
}

#[derive(Serialize)]
struct Output {
    path: String,
    bytes: usize,
    sha256: String,
}

/// The manifest of a run that made `files`.
#[must_use]
pub fn manifest(study: &Study, info: &RunInfo, machine: &Machine, files: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let root = Root {
        version: env!("CARGO_PKG_VERSION"),
        command: &info.command,
        study: StudyFile { file: &info.study_file, sha256: study_sha256(study) },
        seed: study.simulation.seed,
        engine: engine_word(study.simulation.engine),
        replicates: study.simulation.replicates,
        machine: MachinePart { threads: machine.threads, operating_system: std::env::consts::OS, processor: processor() },
        wall_seconds: machine
            .steps
            .iter()
            .map(|&(step, time)| Step { step, seconds: time.as_millis() as f64 / 1000.0 })
            .collect(),
        outputs: files
            .iter()
            .map(|(path, bytes)| Output { path: slashed(path), bytes: bytes.len(), sha256: sha256(bytes) })
            .collect(),
    };
    super::json::text(&root).into_bytes()
}

/// The processor's name where the system tells it, else its architecture.
fn processor() -> String {
    let name = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// A relative path with slashes on every system.
fn slashed(path: &Path) -> String {
    let parts = path.components().filter(|part| matches!(part, Component::Normal(_)));
    parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}
