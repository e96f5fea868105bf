//! One table model, many renderers: everything that a run writes.
//!
//! [`render`] makes the bytes of every file but the manifest, [`manifest`] the manifest, [`write_all`] puts them into a folder, all
//! or none; [`terminal::summary`] is what a run prints. Reports name version, study hash, seed, engine and command, never times or the
//! machine, so that the same study and seed give the same bytes.

mod data;
pub mod decisions;
mod definitions;
mod document;
pub mod explain;
pub mod figure;
mod findings;
pub mod font;
mod html;
mod json;
mod manifest;
pub mod markdown;
pub mod next;
pub mod paint;
pub mod palette;
pub mod pathways;
mod plots;
pub mod replay;
pub mod table;
mod tables;
pub mod terminal;
mod write;

pub use definitions::DEFINITIONS;
pub use manifest::{Machine, manifest};
pub use plots::{PlotError, plots};
pub use write::{WriteError, write_all};

use crate::measure::Results;
use crate::numeric::digest::sha256;
use crate::study::{Engine, Study};
use std::path::PathBuf;

/// The part of the report that a figure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The toxicity curves.
    Scenarios,
    /// The rules of the designs.
    Designs,
    /// What is selected.
    Selection,
    /// DLTs and patients at too toxic levels.
    Safety,
    /// Patients and weeks.
    Size,
    /// Differences from the first design.
    Differences,
    /// Agreement of the two engines.
    Checks,
}

/// A figure, painted twice.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The stem of its files, unique in the report, e.g. `selection-03`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// What a reader must know to read it.
    pub caption: String,
    /// Where it goes.
    pub section: Section,
    /// The figure as an SVG document.
    pub svg: String,
    /// The figure as a PNG file.
    pub png: Vec<u8>,
}

/// What a report says of a run beyond the study and its results. Engine, replicates and seed are those of
/// [`Study::simulation`], where what the command line overrides must already be in.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// The name of the study file without its folders, e.g. `imm27m.toml`.
    pub study_file: String,
    /// The command that gives the same bytes again, with the options that change results and no others (no `--out`, no
    /// `--threads`), e.g. `dosebench run imm27m.toml --seed 28`.
    pub command: String,
}

/// Every file of a run but `manifest.json`: its path below the folder of the report, and its bytes.
#[must_use]
pub fn render(study: &Study, results: &Results, info: &RunInfo, plots: &[Plot]) -> Vec<(PathBuf, Vec<u8>)> {
    let document = document::document(study, results, info, plots);
    let mut files: Vec<(PathBuf, Vec<u8>)> = vec![
        ("report.html".into(), html::render(&document).into_bytes()),
        ("report.md".into(), markdown::render(&document).into_bytes()),
        ("results.json".into(), json::results(study, results, info)),
        ("operating_characteristics.csv".into(), data::operating_characteristics(study, results)),
        ("paired_differences.csv".into(), data::paired_differences(study, results)),
        ("sample_size.csv".into(), data::sample_size(study, results)),
        ("dlt_count.csv".into(), data::dlt_count(study, results)),
        ("stop_reasons.csv".into(), data::stop_reasons(study, results)),
    ];
    for plot in plots {
        let plots = PathBuf::from("plots");
        files.push((plots.join(format!("{}.svg", plot.name)), plot.svg.clone().into_bytes()));
        files.push((plots.join(format!("{}.png", plot.name)), plot.png.clone()));
    }
    files
}

/// The word of an engine, as a study file writes it.
fn engine_word(engine: Engine) -> &'static str {
    match engine {
        Engine::Auto => "auto",
        Engine::Exact => "exact",
        Engine::MonteCarlo => "monte-carlo",
    }
}

/// The SHA-256 of the study file in hexadecimal.
fn study_sha256(study: &Study) -> String {
    sha256(study.text.as_bytes())
}
