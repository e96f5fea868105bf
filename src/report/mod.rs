//! One table model, many renderers: everything that a run writes.
//!
//! [`render`] makes the bytes of every file but the manifest, [`manifest`] the manifest, [`write_all`] puts them into a folder, all
//! or none; [`terminal::summary`] is what a run prints. Reports name version, study hash, seed, engine and command, never times or the
//! machine, so that the same study and seed give the same bytes.

mod argued;
mod curves;
mod data;
pub mod decisions;
mod definitions;
mod document;
mod docx;
pub mod explain;
pub mod figure;
mod findings;
pub mod font;
mod html;
mod json;
pub mod keys;
mod latex;
mod manifest;
pub mod markdown;
pub mod next;
pub mod next_pending;
pub mod page;
pub mod paint;
pub mod palette;
pub mod pathways;
mod plots;
pub mod replay;
pub mod table;
mod tables;
pub mod terminal;
pub mod tuning;
mod width;
mod write;

pub use manifest::{Machine, manifest};
pub use plots::{PlotError, plots};
pub use write::{WriteError, write_all};

use crate::argument::argue;
use crate::measure::Results;
use crate::numeric::digest::sha256;
use crate::study::{Engine, Study};
use rayon::prelude::*;
use std::path::PathBuf;

/// The part of the report that a figure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How trials end.
    Ends,
    /// The toxicity curves.
    Scenarios,
    /// The rules of the designs.
    Designs,
    /// How it goes over all scenarios.
    Robustness,
    /// Populations of curves.
    Populations,
    /// What one design depends on.
    Sensitivity,
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

/// A figure, painted as SVG and PNG; one that carries the argument as PDF too.
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
    /// The figure as a PDF file, of the figures that carry the argument.
    pub pdf: Option<Vec<u8>>,
    /// The stem of a CSV file and the file, of the drawn values; beside the first page of a figure that carries the argument.
    pub values: Option<(String, Vec<u8>)>,
}

impl Plot {
    /// Its width and height in dots, neither of them zero; `None` where the PNG does not say.
    fn dots(&self) -> Option<(u64, u64)> {
        let side = |start: usize| Some(u64::from(u32::from_be_bytes(self.png.get(start..start + 4)?.try_into().ok()?)));
        let (width, height) = (side(16)?, side(20)?);
        (self.png.get(12..16)? == b"IHDR" && width > 0 && height > 0).then_some((width, height))
    }

    /// Whether it can be read in half the height of a page: a tenth higher than wide at most. A taller one has a page to itself.
    fn is_half_a_page(&self) -> bool {
        self.dots().is_some_and(|(width, height)| 10 * height <= 11 * width)
    }
}

/// A form in which a run writes its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `report.html`.
    Html,
    /// `report.docx`.
    Docx,
    /// `report.md`.
    Markdown,
    /// `tables.tex`.
    Latex,
    /// The data files.
    Csv,
    /// `results.json`.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Html, Self::Docx, Self::Markdown, Self::Latex, Self::Csv, Self::Json];

    /// Whether it shows figures.
    #[must_use]
    pub fn has_figures(self) -> bool {
        matches!(self, Self::Html | Self::Docx | Self::Markdown)
    }
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

/// A document of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// `summary`: one page in lay words.
    Summary,
    /// `appendix`: a few pages for the protocol.
    Appendix,
    /// `report`: everything.
    Report,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Summary, Self::Appendix, Self::Report];

    /// The stem of its files.
    #[must_use]
    pub fn stem(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Appendix => "appendix",
            Self::Report => "report",
        }
    }
}

/// Every file of a run in these formats but `manifest.json`: its path below the folder of the report, and its bytes.
#[must_use]
pub fn render(study: &Study, results: &Results, info: &RunInfo, plots: &[Plot], formats: &[Format]) -> Vec<(PathBuf, Vec<u8>)> {
    render_documents(study, results, info, plots, (formats, &Which::ALL))
}

/// As [`render`], with these documents alone.
#[must_use]
pub fn render_documents(
    study: &Study,
    results: &Results,
    info: &RunInfo,
    plots: &[Plot],
    (formats, documents): (&[Format], &[Which]),
) -> Vec<(PathBuf, Vec<u8>)> {
    let argument = argue(study, results);
    let document = document::document(study, results, argument.as_ref(), info, plots);
    let has = |which: Which| documents.contains(&which);
    // A study without scenarios has nothing to argue from.
    let summary =
        argument.as_ref().filter(|_| has(Which::Summary)).map(|own| argued::summary::document(study, results, own, plots));
    let appendix = argument
        .as_ref()
        .filter(|_| has(Which::Appendix))
        .map(|own| argued::appendix::document(study, results, own, info, plots));
    let shorter = [(Which::Summary, &summary), (Which::Appendix, &appendix)];
    let shorter = || shorter.iter().filter_map(|(which, document)| Some((*which, document.as_ref()?)));
    let written = |format: Format| -> Vec<(PathBuf, Vec<u8>)> {
        let file = |name: &str, bytes: Vec<u8>| vec![(PathBuf::from(name), bytes)];
        let each = |ending: &str, render: &(dyn Fn(&document::Document<'_>, bool) -> Vec<u8> + Sync)| {
            let mut files: Vec<(PathBuf, Vec<u8>)> =
                shorter().map(|(which, own)| (PathBuf::from(format!("{}.{ending}", which.stem())), render(own, false))).collect();
            if has(Which::Report) {
                files.push((PathBuf::from(format!("report.{ending}")), render(&document, true)));
            }
            files
        };
        match format {
            Format::Html => each("html", &|own, is_live| html::render(own, study, is_live.then_some(results)).into_bytes()),
            Format::Docx => each("docx", &|own, _| docx::render(own)),
            Format::Markdown => each("md", &|own, _| markdown::render(own).into_bytes()),
            Format::Latex => {
                let mut files = file("tables.tex", latex::render(&document).into_bytes());
                files.extend(appendix.as_ref().map(|own| (PathBuf::from("appendix.tex"), latex::whole(own).into_bytes())));
                files
            }
            Format::Json => file("results.json", json::results(study, results, info, argument.as_ref())),
            Format::Csv => data_files(study, results),
        }
    };
    let wanted: Vec<Format> = Format::ALL.into_iter().filter(|format| formats.contains(format)).collect();
    let mut files: Vec<(PathBuf, Vec<u8>)> = wanted.into_par_iter().map(written).flatten().collect();
    for plot in plots {
        let plots = PathBuf::from("plots");
        files.push((plots.join(format!("{}.svg", plot.name)), plot.svg.clone().into_bytes()));
        files.push((plots.join(format!("{}.png", plot.name)), plot.png.clone()));
        files.extend(plot.pdf.clone().map(|pdf| (plots.join(format!("{}.pdf", plot.name)), pdf)));
        files.extend(plot.values.clone().map(|(stem, values)| (plots.join(format!("{stem}.csv")), values)));
    }
    files
}

/// The data files.
fn data_files(study: &Study, results: &Results) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = vec![
        ("operating_characteristics.csv".into(), data::operating_characteristics(study, results)),
        ("paired_differences.csv".into(), data::paired_differences(study, results)),
        ("sample_size.csv".into(), data::sample_size(study, results)),
        ("dlt_count.csv".into(), data::dlt_count(study, results)),
        ("stop_reasons.csv".into(), data::stop_reasons(study, results)),
        ("no_selection.csv".into(), data::no_selection(study, results)),
    ];
    files.extend(data::calendar(study, results).map(|bytes| ("calendar.csv".into(), bytes)));
    files.extend(curves::files(study, results));
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
