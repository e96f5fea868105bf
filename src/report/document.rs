//! The report as a whole: its parts in their order, without a word of HTML or Markdown.

use super::decisions::comparison_tables;
use super::findings::{self, Findings};
use super::table::Table;
use super::tables;
use super::{Plot, RunInfo, Section, study_sha256};
use crate::design::PRECEDENCE;
use crate::measure::Results;
use crate::study::Study;
use crate::trial::patients_a_week;

/// A report.
pub(super) struct Document<'a> {
    /// The study's name.
    pub(super) title: String,
    /// One line below it.
    pub(super) subtitle: String,
    /// What else the title block says: what it is, and what the study says of it.
    pub(super) details: Vec<(&'static str, String)>,
    /// Version, hash and seed in one line.
    pub(super) origin: String,
    /// Whether it is one page that stands for itself: no contents, small margins, the origin at its foot.
    pub(super) is_one_page: bool,
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
    /// The answer of the report in a sentence or two, which stands out.
    Headline(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that begins with what it is about.
    Titled { lead: String, text: String },
    /// Words and what they mean, in one paragraph.
    Glossary { lead: String, words: Vec<(String, String)> },
    /// A list of sentences; numbered where their order matters.
    List { numbered: bool, items: Vec<String> },
    /// A table.
    Table(Table),
    /// A figure.
    Plot(&'a Plot),
    /// Text as it was written, with what it is.
    Source { title: String, text: &'a str },
    /// More on the same, under a heading of its own, folded away where a reader can unfold it.
    Folded { title: &'static str, blocks: Vec<Block<'a>> },
}

/// The most designs side by side in a table of decisions, and the most patients at a level.
const DECISIONS: (usize, usize) = (9, 12);

/// Put the report together.
pub(super) fn document<'a>(study: &'a Study, results: &Results, info: &RunInfo, plots: &'a [Plot]) -> Document<'a> {
    let plots_of = |section: Section| plots.iter().filter(move |plot| plot.section == section).map(Block::Plot);
    let mut parts = Vec::new();
    let mut part = |id, title, blocks: Vec<Block<'a>>, section: Option<Section>| {
        let blocks: Vec<Block<'a>> = blocks.into_iter().chain(section.into_iter().flat_map(plots_of)).collect();
        // What the run could not do is said in any case.
        if !blocks.is_empty() && (id == "notices" || study.report.wants(id)) {
            parts.push(Part { id, title, blocks });
        }
    };
    let paragraph = |text: &str| Block::Paragraph(text.to_owned());
    let list = |items: Vec<String>| (!items.is_empty()).then_some(Block::List { numbered: false, items });
    let lists = |lists: Vec<Vec<String>>| lists.into_iter().filter_map(list).collect::<Vec<_>>();
    // A table by scenario has no row where a study has only populations of curves.
    let has_rows = |table: &Table| table.groups.iter().any(|group| !group.rows.is_empty());
    let tables = |tables: Vec<Table>| tables.into_iter().filter(has_rows).map(Block::Table).collect::<Vec<_>>();
    let has_scenarios = !study.scenarios.is_empty();

    let findings = Findings::new(study, results);
    let of_populations = lists(vec![tables::population_findings(study, results)]);
    let mut found: Vec<Block<'a>> = findings.headline.map(Block::Headline).into_iter().collect();
    let (first, later) = if has_scenarios { (lists(vec![findings.first]), of_populations) } else { (of_populations, Vec::new()) };
    found.extend(first);
    found.push(Block::Paragraph(tables::sources(study, results)));
    let more = lists(findings.more);
    found.extend((!more.is_empty()).then_some(Block::Folded { title: "More findings, scenario by scenario", blocks: more }));
    part("findings", "Findings", found, None);
    part("notices", "Notices", lists(vec![results.notices.clone()]), None);
    part("scenarios", "Scenarios", tables(vec![tables::scenarios(study)]), Some(Section::Scenarios));
    let mut designs = tables(tables::synopses(study));
    // The 3+3 and the benchmark have no conduct rules.
    designs.push(paragraph("After each cohort the rules of a design other than the 3+3 are looked at in this order."));
    designs.push(Block::List { numbered: true, items: PRECEDENCE.iter().map(|&rule| rule.to_owned()).collect() });
    part("designs", "Designs", designs, Some(Section::Designs));
    let (columns, most) = DECISIONS;
    part("decisions", "Decision tables", tables(comparison_tables(study, columns, most)), None);
    part("pathways", "Pathways of the first cohorts", tables(tables::pathways(study, &results.pathways)), None);
    let characteristics = tables(vec![tables::selection(study, results)]);
    part("characteristics", "Operating characteristics", characteristics, Some(Section::Selection));
    let safety =
        tables(vec![tables::safety(study, results), tables::dlt_counts(study, results), tables::allocation(study, results)]);
    part("safety", "Safety", safety, Some(Section::Safety));
    let mut size = tables(vec![tables::size(study, results)]);
    match study.timing.as_ref() {
        Some(timing) if study.has_calendar() => {
            size.extend(tables::calendar(study, results, timing).map(Block::Table));
            size.extend(has_scenarios.then(|| paragraph(CALENDAR_WORDS)));
            size.push(Block::Table(tables::timing(study, timing)));
        }
        Some(timing) => size.push(Block::Paragraph(format!(
            "Weeks are those of {} on average, arriving at random, and a DLT window of {} weeks. Patients who arrive \
             while a cohort is followed are turned away; each decision waits for the window of the cohort's last patient.",
            patients_a_week(timing.accrual_per_week),
            timing.dlt_window_weeks
        ))),
        None => {}
    }
    part("size", "Size and length", size, Some(Section::Size));
    part("stop-reasons", "Why trials end", tables(vec![tables::stop_reasons(study, results)]), None);
    let differences = tables(tables::differences(study, results).into_iter().collect());
    part("differences", "Differences from the first design", differences, Some(Section::Differences));
    let mut robustness: Vec<Table> = has_scenarios.then(|| tables::over_scenarios(study, results)).into_iter().collect();
    robustness.extend(tables::against_first(study, results));
    robustness.extend(tables::regret(study, results).filter(|_| has_scenarios));
    part("robustness", "Robustness over the scenarios", tables(robustness), Some(Section::Robustness));
    let mut populations = later;
    populations.extend(tables(tables::population_tables(study, results)));
    part("populations", "Populations of curves", populations, Some(Section::Populations));
    if !results.curves.worst.is_empty() {
        let mut worst = lists(vec![tables::worst_findings(study, results)]);
        worst.extend(tables(vec![tables::worst_designs(study, results), tables::worst_certificates(study, results)]));
        part("worst-curves", "Worst curves", worst, None);
    }
    let sensitivity = tables(tables::sensitivity_tables(study, results));
    part("sensitivity", "Sensitivity", sensitivity, Some(Section::Sensitivity));
    let agreement = tables(tables::agreement(study, results).into_iter().collect());
    part("agreement", "Agreement of the two engines", agreement, Some(Section::Checks));
    part("definitions", "Definitions", tables(vec![tables::definitions(study)]), None);
    let source = Block::Source { title: format!("The study file, {}", info.study_file), text: &study.text };
    let reproduction = vec![Block::Table(tables::reproduction(study, info)), source];
    part("reproduction", "Reproduction", reproduction, None);
    if study.report.wants("checklist") {
        let sections: Vec<(&str, &str)> = parts.iter().map(|part| (part.id, part.title)).collect();
        let checklist = tables(vec![tables::checklist(study, &sections)]);
        parts.push(Part { id: "checklist", title: "Checklist", blocks: checklist });
    }

    let hash: String = study_sha256(study).chars().take(12).collect();
    Document {
        title: study.report.title.as_ref().unwrap_or(&study.name).clone(),
        subtitle: findings::subtitle(study),
        details: details(study),
        origin: format!("dosebench {} · study {hash} · seed {}", env!("CARGO_PKG_VERSION"), study.simulation.seed),
        is_one_page: false,
        designs: study.designs.iter().map(|design| design.name.clone()).collect(),
        parts,
    }
}

/// What the study says of itself: protocol, sponsor, author.
pub(super) fn details(study: &Study) -> Vec<(&'static str, String)> {
    let front = &study.report;
    let own_name = front.title.as_ref().map(|_| &study.name);
    let details = [
        ("Study", own_name),
        ("Protocol", front.protocol.as_ref()),
        ("Sponsor", front.sponsor.as_ref()),
        ("Author", front.author.as_ref()),
    ];
    details.into_iter().filter_map(|(item, value)| Some((item, value?.clone()))).collect()
}

/// How trials run in calendar time.
const CALENDAR_WORDS: &str = "All designs get the same patients at the same times. Where a rule waits for complete cohorts, each \
    decision is made when the window of the cohort's last patient is over, and enrolment is closed until then. Designs that look at \
    pending patients enrol while others are followed, and close enrolment while they suspend accrual. A trial lasts from the opening of \
    enrolment to the end of its last patient's window. The engine column says where patients and cohorts come from; a number with an \
    error beside exact ones is from replicates in calendar time. The example trials can be read event by event with `dosebench replay`.";
