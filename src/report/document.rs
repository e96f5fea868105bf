//! The report as a whole: its parts in their order, without a word of HTML or Markdown.

use super::table::Table;
use super::tables;
use super::{Plot, RunInfo, Section, findings, study_sha256};
use crate::design::PRECEDENCE;
use crate::measure::Results;
use crate::study::Study;
use crate::trial::Timing;

/// A report.
pub(super) struct Document<'a> {
    /// The study's name.
    pub(super) title: String,
    /// One line below it.
    pub(super) subtitle: String,
    /// Version, hash and seed in one line.
    pub(super) origin: String,
    /// The designs, whose rows a reader may want to pick out.
    pub(super) designs: Vec<String>,
    /// The parts.
    pub(super) parts: Vec<Part<'a>>,
}

/// A part with a heading.
pub(super) struct Part<'a> {
    /// A word that is unique in the report.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What it holds.
    pub(super) blocks: Vec<Block<'a>>,
}

/// A piece of a part.
pub(super) enum Block<'a> {
    /// A paragraph.
    Paragraph(String),
    /// A list of sentences; numbered where their order matters.
    List { numbered: bool, items: Vec<String> },
    /// A table.
    Table(Table),
    /// A figure.
    Plot(&'a Plot),
    /// Text as it was written, with what it is.
    Source { title: String, text: &'a str },
}

/// Put the report together.
pub(super) fn document<'a>(study: &'a Study, results: &Results, info: &RunInfo, plots: &'a [Plot]) -> Document<'a> {
    let plots_of = |section: Section| plots.iter().filter(move |plot| plot.section == section).map(Block::Plot);
    let mut parts = Vec::new();
    let mut part = |id, title, blocks: Vec<Option<Block<'a>>>, section: Option<Section>| {
        let mut blocks: Vec<Block<'a>> = blocks.into_iter().flatten().collect();
        blocks.extend(section.into_iter().flat_map(plots_of));
        if !blocks.is_empty() {
            parts.push(Part { id, title, blocks });
        }
    };
    let paragraph = |text: &str| Some(Block::Paragraph(text.to_owned()));
    let table = |table: Table| Some(Block::Table(table));
    let list = |items: Vec<String>| (!items.is_empty()).then_some(Block::List { numbered: false, items });

    let found = vec![
        list(findings::by_scenario(study, results)),
        list(findings::comparisons(study, results)),
        Some(Block::Paragraph(tables::sources(study, results))),
    ];
    part("findings", "Findings", found, None);
    part("notices", "Notices", vec![list(results.notices.clone())], None);
    part("scenarios", "Scenarios", vec![table(tables::scenarios(study))], Some(Section::Scenarios));
    part("designs", "Designs", tables::synopses(study).into_iter().map(table).collect(), Some(Section::Designs));
    let comparison = vec![table(tables::over_scenarios(study, results)), tables::against_first(study, results).and_then(table)];
    part("comparison", "Comparison over all scenarios", comparison, None);
    part(
        "characteristics",
        "Operating characteristics",
        vec![table(tables::selection(study, results))],
        Some(Section::Selection),
    );
    let safety = vec![table(tables::safety(study, results)), table(tables::allocation(study, results))];
    part("safety", "Safety", safety, Some(Section::Safety));
    let length = study.timing.as_ref().map(|timing| {
        let length = format!(
            "Weeks are those of {} patients a week on average, arriving at random, and a DLT window of {} weeks. Patients who arrive \
             while a cohort is followed are turned away; each decision waits for the window of the cohort's last patient.",
            timing.accrual_per_week, timing.dlt_window_weeks
        );
        if study.has_calendar() { format!("{length} {}", calendar_words(timing)) } else { length }
    });
    let size = vec![table(tables::size(study, results)), length.map(Block::Paragraph)];
    part("size", "Size and length", size, Some(Section::Size));
    part("stop-reasons", "Why trials end", vec![table(tables::stop_reasons(study, results))], None);
    let differences = vec![tables::differences(study, results).and_then(table)];
    part("differences", "Differences from the first design", differences, Some(Section::Differences));
    part(
        "agreement",
        "Agreement of the two engines",
        vec![tables::agreement(study, results).and_then(table)],
        Some(Section::Checks),
    );
    // The 3+3 and the benchmark have no conduct rules.
    let order = Block::List { numbered: true, items: PRECEDENCE.iter().map(|&rule| rule.to_owned()).collect() };
    let lead = "After each cohort the rules of a design other than the 3+3 are looked at in this order.";
    part("precedence", "Order of precedence", vec![paragraph(lead), Some(order)], None);
    part("definitions", "Definitions", vec![table(tables::definitions(study))], None);
    let source = Block::Source { title: format!("The study file, {}", info.study_file), text: &study.text };
    part("reproduction", "Reproduction", vec![table(tables::reproduction(study, info)), Some(source)], None);

    let hash: String = study_sha256(study).chars().take(12).collect();
    Document {
        title: study.name.clone(),
        subtitle: findings::subtitle(study),
        origin: format!("dosebench {} · study {hash} · seed {}", env!("CARGO_PKG_VERSION"), study.simulation.seed),
        designs: study.designs.iter().map(|design| design.name.clone()).collect(),
        parts,
    }
}

/// What calendar time is beyond window and accrual.
fn calendar_words(timing: &Timing) -> String {
    let mut words =
        "Designs that look at pending patients enrol while others are followed, and turn patients away while they suspend \
                     accrual; their trials end with the window of the last patient."
            .to_owned();
    for line in timing.synopsis() {
        words.push_str(&format!(" In this study {line}."));
    }
    words
}
