//! `appendix`: three to five pages for the protocol and the statistician of the agency.

use super::{NOT_STATED, assumptions, designs, glossary, joined, short_hash, tables, with_ids};
use crate::argument::{Argument, Group, Verdict, answer, percent_as_written};
use crate::design::{Plan, Printable};
use crate::measure::Results;
use crate::report::document::{Block, Document, Part, Shape};
use crate::report::table::{Table, written, written_alike};
use crate::report::{Plot, RunInfo, Section, decisions, explain};
use crate::study::Study;
use crate::trial::patients_a_week;

/// The most designs beside the reference and the one that is chosen.
const MOST_OTHERS: usize = 5;

/// The appendix.
pub(in crate::report) fn document<'a>(
    study: &Study,
    results: &Results,
    argument: &Argument,
    info: &RunInfo,
    plots: &'a [Plot],
) -> Document<'a> {
    let paragraph = |text: String| Block::Paragraph(text);
    let shown = shown(study, argument);
    let own = chosen(study, argument);
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut part = |id, title, blocks: Vec<Block<'a>>| parts.push(Part { id, title, blocks });
    part("question", "1 Question", vec![paragraph(question(study))]);
    let mut found = vec![paragraph(joined(answer(&argument.sentences)))];
    let more = joined(with_ids(argument, &["U3", "W3", "W4", "W5"]));
    if !more.is_empty() {
        found.push(paragraph(more));
    }
    found.extend(tables::criteria(study, argument).map(Block::Table));
    found.extend(conclusion(study).map(Block::Paragraph));
    part("answer", "2 Answer", found);
    part("scenarios", "3 Scenarios", vec![Block::Table(tables::scenarios(study))]);
    let mut overview: Vec<Block<'a>> = tables::overview(study, results, &shown).into_iter().map(Block::Table).collect();
    let alike: Vec<&str> = argument
        .designs
        .iter()
        .filter(|design| design.verdict == Some(Verdict::LittleDifferent))
        .map(|design| design.name.as_str())
        .collect();
    if !alike.is_empty() {
        let differ = if alike.len() == 1 { "differs" } else { "differ" };
        overview.insert(0, paragraph(format!("{} {differ} little from the protocol's rule: full report.", alike.join(" and "))));
    }
    part("overview", "4 Overview", overview);
    part("detail", "5 Detail", vec![Block::Table(tables::detail(study, results, &own, "detail"))]);
    part("rule", "6 The rule", rule(study, results, &own));
    let mut risk: Vec<Block<'a>> = vec![Block::Table(tables::risk(study, results, &own))];
    risk.extend(plots.iter().find(|plot| plot.section == Section::Ends).map(Block::Plot));
    part("risk", "7 Risk, size and time", risk);
    let items = assumptions::items(study, results, argument);
    part("assumptions", "8 Assumptions and limitations", vec![Block::List { numbered: true, items }]);
    let text = text_of(&parts);
    let words = glossary::words(&text);
    let reproduction = Block::Table(crate::report::tables::reproduction(study, info));
    parts.push(Part { id: "words", title: "9 Words", blocks: vec![Block::Glossary { lead: String::new(), words }] });
    parts.push(Part { id: "reproduction", title: "10 Reproduction", blocks: vec![reproduction] });
    Document {
        title: "Statistical appendix: operating characteristics of the dose-escalation design".to_owned(),
        subtitle: study.report.title.as_ref().unwrap_or(&study.name).clone(),
        details: crate::report::document::details(study),
        origin: format!(
            "Generated from the results by dosebench {} · study {} · seed {}",
            env!("CARGO_PKG_VERSION"),
            short_hash(study),
            study.simulation.seed
        ),
        shape: Shape::Short,
        designs: study.designs.iter().map(|design| design.name.clone()).collect(),
        parts,
    }
}

/// What the authors conclude, said to be theirs.
pub(in crate::report) fn conclusion(study: &Study) -> Option<String> {
    let author = study.report.author.as_deref().unwrap_or("the authors of the study file");
    study.report.texts.conclusion.as_ref().map(|conclusion| format!("Written by {author}: {conclusion}"))
}

/// The reference, and the design that is recommended where that is another one.
pub(in crate::report) fn chosen(study: &Study, argument: &Argument) -> Vec<usize> {
    let reference = designs(study).next().map(|(place, _)| place);
    let chosen = argument.recommendation.chosen.as_ref();
    let chosen = chosen.and_then(|name| study.designs.iter().position(|design| design.name == *name));
    let mut own: Vec<usize> = reference.into_iter().collect();
    own.extend(chosen.filter(|place| Some(*place) != reference));
    own
}

/// The designs of the overview: the reference, the chosen one, and those that are not little different, the larger ones last.
fn shown(study: &Study, argument: &Argument) -> Vec<usize> {
    let mut shown = chosen(study, argument);
    let most = shown.len() + MOST_OTHERS;
    for is_larger in [false, true] {
        for ((place, _), design) in designs(study).zip(&argument.designs) {
            let is_wanted = design.verdict.is_some_and(|verdict| verdict != Verdict::LittleDifferent);
            if is_wanted && (design.group == Group::Larger) == is_larger && !shown.contains(&place) && shown.len() < most {
                shown.push(place);
            }
        }
    }
    shown
}

/// `1 Question`.
fn question(study: &Study) -> String {
    let or_not = |text: &Option<String>| text.clone().unwrap_or_else(|| NOT_STATED.to_owned());
    let texts = &study.report.texts;
    let unit = if study.doses.unit.is_empty() { String::new() } else { format!(" {}", study.doses.unit) };
    let (low, high) = study.target.acceptable;
    let mut text = String::new();
    for (what, said) in [("Drug", &texts.drug), ("Population", &texts.population)] {
        if let Some(said) = said {
            text += &format!("{what}: {said}. ");
        }
    }
    text += &format!(
        "Objective: {}. Target DLT probability {} %, acceptable range {} to {} % (reason: {}). Doses {}{unit}",
        or_not(&texts.objective),
        percent_as_written(study.target.value),
        percent_as_written(low),
        percent_as_written(high),
        or_not(&texts.target_reason),
        written_alike(&study.doses.levels).join(", ")
    );
    if let Some(timing) = &study.timing {
        text += &format!(
            "; DLT window {} weeks; accrual {}, {}",
            written(timing.dlt_window_weeks),
            patients_a_week(timing.accrual_per_week),
            texts.accrual_reason.as_deref().unwrap_or("assumed")
        );
    }
    if let Some(planned) = study.planned_patients {
        text += &format!("; planned patients {planned}");
    }
    let criteria = &study.report.criteria;
    let stated = match (&criteria.stated, criteria.limits.is_empty()) {
        (_, true) => "none stated".to_owned(),
        (Some(stated), false) => format!("chosen before the run, {stated}"),
        (None, false) => "stated in the study file".to_owned(),
    };
    text + &format!(". Criteria: {stated}.")
}

/// The rule of some designs: in words, as a table, and what follows from the first cohorts.
pub(in crate::report) fn rule<'a>(study: &Study, results: &Results, shown: &[usize]) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    for &place in shown {
        let design = &study.designs[place];
        blocks.push(Block::Paragraph(format!("{}:", design.name)));
        // What the protocol must still decide is told by the report.
        let parts = explain::parts(study, design).into_iter().filter(|(heading, _)| !heading.contains("still decide"));
        for (heading, items) in parts {
            blocks.push(Block::Titled { lead: format!("{heading}."), text: items.join(" ") });
        }
        blocks.extend(decision_tables(study, place).into_iter().map(Block::Table));
    }
    blocks.extend(pathways(study, results, shown).into_iter().map(Block::Table));
    blocks
}

/// The decision tables of a design, where it has some.
pub(in crate::report) fn decision_tables(study: &Study, place: usize) -> Vec<Table> {
    let design = &study.designs[place];
    let Plan::Rule(rule) = &design.plan else { return Vec::new() };
    match rule.printable() {
        Printable::Counts(table) => decisions::counts_tables(&design.name, table, rule.max_patients(), &[]),
        Printable::List(list) => vec![decisions::list_table(&design.name, &list, &[])],
        Printable::GivenPath => Vec::new(),
    }
}

/// The pathways of some designs.
pub(in crate::report) fn pathways(study: &Study, results: &Results, shown: &[usize]) -> Vec<Table> {
    let mut tables = crate::report::tables::pathways(study, &results.pathways);
    for table in &mut tables {
        let names: Vec<&str> = shown.iter().map(|&place| study.designs[place].name.as_str()).collect();
        table.groups.retain(|group| names.contains(&group.heading.as_str()));
        table.notes.retain(|note| !note.starts_with("Without pathways here"));
    }
    tables.retain(|table| !table.groups.is_empty());
    tables
}

/// A table with the rows of some designs alone.
pub(in crate::report) fn only(mut table: Table, shown: &[usize]) -> Table {
    for group in &mut table.groups {
        group.rows.retain(|row| row.design.is_none_or(|design| shown.contains(&design)));
    }
    table.groups.retain(|group| !group.rows.is_empty());
    table
}

/// Everything that parts say, for the glossary.
pub(in crate::report) fn text_of(parts: &[Part<'_>]) -> String {
    let mut text = String::new();
    for block in parts.iter().flat_map(|part| &part.blocks) {
        add_text(block, &mut text);
    }
    text
}

fn add_text(block: &Block<'_>, text: &mut String) {
    let mut add = |more: &str| {
        text.push_str(more);
        text.push(' ');
    };
    match block {
        Block::Headline(words) | Block::Paragraph(words) => add(words),
        Block::Titled { lead, text: words } => {
            add(lead);
            add(words);
        }
        Block::List { items, .. } => items.iter().for_each(|item| add(item)),
        Block::Table(table) => {
            add(&table.caption);
            table.notes.iter().for_each(|note| add(note));
            table.columns.iter().for_each(|column| add(&format!("{} {} {}", column.group, column.heading, column.detail)));
            for group in &table.groups {
                add(&group.heading);
                add(&group.note);
                for cell in group.rows.iter().flat_map(|row| &row.cells) {
                    if let crate::report::table::Cell::Text(words, _) = cell {
                        add(words);
                    }
                }
            }
        }
        Block::Folded { blocks, .. } => blocks.iter().for_each(|block| add_text(block, text)),
        Block::Plot(plot) => add(&plot.caption),
        Block::Glossary { .. } | Block::Source { .. } => {}
    }
}
