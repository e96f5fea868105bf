//! What `tune` writes: of every tuning its points as data, a report, figures, and the best point as a study file.

mod cautions;
mod data;
mod figures;
mod tables;
mod words;

pub use words::summary;

use std::path::PathBuf;

use super::document::{Block, Document, Part, Shape};
use super::{Plot, PlotError, RunInfo, Section, html, markdown, study_sha256, tables as shared};
use crate::keys::Change;
use crate::study::{Study, Variants};
use crate::tuning::{Point, Tuned};

/// Every file of a tuned study but the manifest. Where there are several tunings, the files of each carry its number.
///
/// # Errors
/// A figure could not be drawn; no data are known that lead to it.
pub fn render(study: &Study, tuned: &[Tuned<'_>], info: &RunInfo) -> Result<Vec<(PathBuf, Vec<u8>)>, PlotError> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (place, found) in tuned.iter().enumerate() {
        let suffix = if tuned.len() > 1 { format!("-{}", place + 1) } else { String::new() };
        let plots = figures::plots(study, found, &suffix)?;
        let document = document(study, found, info, &plots);
        files.push((format!("tune{suffix}.html").into(), html::render(&document, study, None).into_bytes()));
        files.push((format!("tune{suffix}.md").into(), markdown::render(&document).into_bytes()));
        files.push((format!("tune{suffix}.csv").into(), data::points(study, found)));
        if let Some(text) = best_study(study, found, info) {
            files.push((format!("best{suffix}.toml").into(), text.into_bytes()));
        }
        for plot in plots {
            files.push((format!("plots/{}.svg", plot.name).into(), plot.svg.into_bytes()));
            files.push((format!("plots/{}.png", plot.name).into(), plot.png));
        }
    }
    Ok(files)
}

/// The study with the best point in place of the design; `None` when no point meets the limits.
fn best_study(study: &Study, tuned: &Tuned<'_>, info: &RunInfo) -> Option<String> {
    let point = &tuned.points[tuned.best?];
    let values = tuned.tuning.parameters.iter().zip(&point.values);
    let changes: Vec<Change> = values.filter_map(|(parameter, value)| Some(value.as_ref()?.change(&parameter.key))).collect();
    let text = Variants::new(study, tuned.tuning.design)?.rewritten(&changes)?;
    let (version, hash) = (env!("CARGO_PKG_VERSION"), study_sha256(study));
    let mut head = format!("# Found by dosebench {version} from {} (SHA-256 {hash}):\n", info.study_file);
    head.push_str(&format!(
        "# the best point of the tuning {:?}. Changed in design {:?}:\n",
        tuned.tuning.name,
        design_name(study, tuned)
    ));
    let lines = words::changed(study, tuned, point);
    let lines = if lines.is_empty() { vec!["nothing".to_owned()] } else { lines };
    lines.iter().for_each(|line| head.push_str(&format!("#   {line}\n")));
    Some(format!("{head}\n{}", text.trim_start()))
}

/// The name of the design that is tuned.
fn design_name<'s>(study: &'s Study, tuned: &Tuned<'_>) -> &'s str {
    study.designs.get(tuned.tuning.design).map_or("", |design| design.name.as_str())
}

/// What a row of points can be picked out by.
const ON_THE_FRONT: usize = 0;

/// What a point is, for those who pick out rows.
fn kind_of(point: &Point) -> Option<usize> {
    point.score.front.then_some(ON_THE_FRONT)
}

fn document<'a>(study: &'a Study, tuned: &'a Tuned<'_>, info: &RunInfo, plots: &'a [Plot]) -> Document<'a> {
    let table = Block::Table;
    let found = vec![Block::List { numbered: false, items: words::findings(study, tuned) }];
    let mut points = vec![table(tables::points(study, tuned))];
    points.extend(tables::rounds(study, tuned).map(table));
    let mut front = vec![table(tables::front(study, tuned))];
    front.extend(plots.iter().filter(|plot| plot.section == Section::Selection).map(Block::Plot));
    let parameters: Vec<Block<'a>> = plots.iter().filter(|plot| plot.section == Section::Designs).map(Block::Plot).collect();
    let mut asked = vec![table(tables::asked(study, tuned))];
    if tuned.tuning.population.is_none() {
        asked.push(table(shared::scenarios(study)));
    }
    asked.push(table(shared::definitions(study)));
    let source = Block::Source { title: format!("The study file, {}", info.study_file), text: &study.text };
    let reproduction = vec![table(shared::reproduction(study, info)), source];
    let parts = [
        ("findings", "Findings", found),
        ("points", "Points", points),
        ("front", "Pareto front", front),
        ("parameters", "The objective against each parameter", parameters),
        ("asked", "What was asked", asked),
        ("reproduction", "Reproduction", reproduction),
    ];
    let parts = parts.into_iter().filter(|(.., blocks)| !blocks.is_empty());
    let hash: String = study_sha256(study).chars().take(12).collect();
    Document {
        title: format!("{}: {}", study.name, tuned.tuning.name),
        subtitle: format!("Tuning of design {}: {}.", design_name(study, tuned), words::objective(tuned)),
        details: Vec::new(),
        shape: Shape::Report,
        origin: format!("dosebench {} · study {hash} · seed {}", env!("CARGO_PKG_VERSION"), study.simulation.seed),
        designs: vec!["on the Pareto front".to_owned()],
        parts: parts.map(|(id, title, blocks)| Part { id, title, blocks }).collect(),
    }
}
