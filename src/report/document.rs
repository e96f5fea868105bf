//! The report as a whole: its parts in their order, without a word of HTML or Markdown.

use super::decisions::comparison_tables;
use super::findings;
use super::table::Table;
use super::tables;
use super::{Plot, RunInfo, Section, argued, explain, study_sha256};
use crate::argument::Argument;
use crate::design::{PRECEDENCE, Plan};
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
    /// How it is laid out.
    pub(super) shape: Shape,
    /// The designs, whose rows a reader may want to pick out.
    pub(super) designs: Vec<String>,
    /// The parts.
    pub(super) parts: Vec<Part<'a>>,
}

/// How a document is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// With contents, and wide tables on pages in landscape.
    Report,
    /// A few pages: no contents, small margins.
    Short,
    /// One page that stands for itself: no contents, small margins, the origin at its foot.
    Page,
}

impl Document<'_> {
    /// Whether it is one page that stands for itself.
    pub(super) fn is_one_page(&self) -> bool {
        self.shape == Shape::Page
    }
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

/// The parts of the report in the making.
struct Parts<'a> {
    study: &'a Study,
    plots: &'a [Plot],
    parts: Vec<Part<'a>>,
}

impl<'a> Parts<'a> {
    /// Add a part where one of its sections is wanted and it holds something.
    fn add(&mut self, id: &'static str, title: &'static str, sections: &[&str], blocks: Vec<Block<'a>>) {
        // What the run could not do is said in any case.
        let is_wanted = id == "notices" || sections.iter().any(|section| self.study.report.wants(section));
        if is_wanted && !blocks.is_empty() {
            self.parts.push(Part { id, title, blocks });
        }
    }

    /// The figures of a section.
    fn plots(&self, section: Section) -> Vec<Block<'a>> {
        self.plots.iter().filter(|plot| plot.section == section).map(Block::Plot).collect()
    }

    /// The part with its figures behind it.
    fn drawn(
        &mut self,
        (id, title): (&'static str, &'static str),
        sections: &[&str],
        mut blocks: Vec<Block<'a>>,
        plots: &[Section],
    ) {
        for &section in plots {
            blocks.extend(self.plots(section));
        }
        self.add(id, title, sections, blocks);
    }
}

/// A list of sentences; nothing where there is none.
fn list<'a>(items: Vec<String>) -> Vec<Block<'a>> {
    if items.is_empty() { Vec::new() } else { vec![Block::List { numbered: false, items }] }
}

/// Tables that have rows: a table by scenario has none where a study has only populations of curves.
fn filled<'a>(tables: impl IntoIterator<Item = Table>) -> Vec<Block<'a>> {
    let has_rows = |table: &Table| table.groups.iter().any(|group| !group.rows.is_empty());
    tables.into_iter().filter(has_rows).map(Block::Table).collect()
}

/// Blocks that a reader unfolds.
fn folded<'a>(title: &'static str, blocks: Vec<Block<'a>>) -> Vec<Block<'a>> {
    if blocks.is_empty() { blocks } else { vec![Block::Folded { title, blocks }] }
}

/// Put the report together.
pub(super) fn document<'a>(
    study: &'a Study,
    results: &Results,
    argument: Option<&Argument>,
    info: &RunInfo,
    plots: &'a [Plot],
) -> Document<'a> {
    let mut parts = Parts { study, plots, parts: Vec::new() };
    let own = argument.map_or_else(Vec::new, |argument| argued::appendix::chosen(study, argument));
    answer(&mut parts, results, argument);
    parts.add("notices", "Notices", &[], list(results.notices.clone()));
    compared(&mut parts, argument);
    overview(&mut parts, results);
    at_equal_size(&mut parts, argument);
    let risk = if own.is_empty() { Vec::new() } else { filled([argued::tables::risk(study, results, &own)]) };
    parts.add("safety", "5 Risk for patients", &["safety"], risk);
    size(&mut parts, results, &own);
    let has = the_rule(&mut parts, results, &own);
    let mut populations = filled(tables::population_tables(study, results));
    if argument.is_some() {
        populations.splice(0..0, list(tables::population_findings(study, results)));
    }
    parts.drawn(("populations", "8 Sensitivity: populations of curves"), &["populations"], populations, &[Section::Populations]);
    if !results.curves.worst.is_empty() {
        let mut worst = list(tables::worst_findings(study, results));
        worst.extend(filled([tables::worst_designs(study, results), tables::worst_certificates(study, results)]));
        parts.add("worst-curves", "8 Sensitivity: worst curves", &["worst-curves"], worst);
    }
    let sensitivity = filled(tables::sensitivity_tables(study, results));
    parts.drawn(("sensitivity", "8 Sensitivity"), &["sensitivity"], sensitivity, &[Section::Sensitivity]);
    if let Some(argument) = argument {
        let items = argued::assumptions::items(study, results, argument);
        parts.add("assumptions", "9 Assumptions and limitations", &["findings"], vec![Block::List { numbered: true, items }]);
    }
    closing(&mut parts, results, argument, info, has);
    annexes(&mut parts, results, info);

    let hash: String = study_sha256(study).chars().take(12).collect();
    Document {
        title: study.report.title.as_ref().unwrap_or(&study.name).clone(),
        subtitle: findings::subtitle(study),
        details: details(study),
        origin: format!("dosebench {} · study {hash} · seed {}", env!("CARGO_PKG_VERSION"), study.simulation.seed),
        shape: Shape::Report,
        designs: study.designs.iter().map(|design| design.name.clone()).collect(),
        parts: parts.parts,
    }
}

/// 1: the answer, and what each design changes.
fn answer(parts: &mut Parts<'_>, results: &Results, argument: Option<&Argument>) {
    let study = parts.study;
    let mut found = Vec::new();
    match argument {
        Some(argument) => {
            let (follows, found_out): (Vec<_>, Vec<_>) =
                crate::argument::answer(&argument.sentences).into_iter().partition(|sentence| sentence.id.starts_with('R'));
            found.push(Block::Headline(argued::joined(follows)));
            found.push(Block::Paragraph(argued::joined(found_out)));
            found.extend(argued::appendix::conclusion(study).map(Block::Paragraph));
            found.extend(argued::tables::criteria(study, argument).map(Block::Table));
            found.extend(filled([argued::tables::changes(study, results, argument)]));
        }
        None => found.extend(list(tables::population_findings(study, results))),
    }
    found.extend(list(findings::populations(study, results)));
    parts.drawn(("findings", "1 Answer"), &["findings"], found, &[Section::Ends]);
}

/// 2: what was compared and assumed.
fn compared(parts: &mut Parts<'_>, argument: Option<&Argument>) {
    let study = parts.study;
    let mut blocks = filled([argued::tables::scenarios(study)]);
    blocks.extend(parts.plots(Section::Scenarios));
    let lines = study.designs.iter().map(|design| {
        let why = design.why.as_ref().map_or_else(String::new, |why| format!(" Why: {why}."));
        format!("{}: {}, up to {} patients.{why}", design.name, design.method, most_patients(&design.plan))
    });
    blocks.extend(list(lines.collect()));
    if let Some(argument) = argument {
        blocks.push(Block::Paragraph(argued::thresholds(study)));
        let cautions = argued::joined(argued::with_ids(argument, &["W3", "W4", "W5"]));
        blocks.extend((!cautions.is_empty()).then_some(Block::Paragraph(cautions)));
    }
    parts.drawn(("scenarios", "2 What was compared and assumed"), &["scenarios", "designs"], blocks, &[Section::Designs]);
}

/// The most patients of a design.
fn most_patients(plan: &Plan) -> usize {
    match plan {
        Plan::Rule(rule) => rule.max_patients(),
        Plan::LateOnset(rule) => rule.max_patients(),
        Plan::Benchmark(benchmark) => benchmark.max_patients(),
    }
}

/// 3: every design under every scenario.
fn overview(parts: &mut Parts<'_>, results: &Results) {
    let study = parts.study;
    let all: Vec<usize> = argued::designs(study).map(|(place, _)| place).collect();
    let blocks = if study.scenarios.is_empty() { Vec::new() } else { filled(argued::tables::overview(study, results, &all)) };
    parts.add("overview", "3 Overview", &["characteristics"], blocks);
}

/// 4: at equal size, then with more patients.
fn at_equal_size(parts: &mut Parts<'_>, argument: Option<&Argument>) {
    const IDS: [&str; 12] = ["S2", "E5", "E6", "E7", "E8", "E9", "B1", "L3", "U3", "U4", "U2", "R6"];
    let answered: Vec<&str> = argument.map_or_else(Vec::new, |argument| {
        crate::argument::answer(&argument.sentences).into_iter().map(|sentence| sentence.text.as_str()).collect()
    });
    // No sentence stands twice.
    let rest = argument.map_or_else(Vec::new, |argument| {
        let is_new = |sentence: &&crate::argument::Sentence| {
            !answered.contains(&sentence.text.as_str())
                && (IDS.contains(&sentence.id) || !["W3", "W4", "W5"].contains(&sentence.id))
        };
        argument.sentences.iter().filter(is_new).map(|sentence| sentence.text.clone()).collect()
    });
    parts.drawn(
        ("differences", "4 At equal size, then with more patients"),
        &["differences", "robustness"],
        list(rest),
        &[Section::Differences],
    );
}

/// 6: size and time, and why trials end.
fn size(parts: &mut Parts<'_>, results: &Results, own: &[usize]) {
    let study = parts.study;
    let paragraph = |text: &str| Block::Paragraph(text.to_owned());
    let has_scenarios = !study.scenarios.is_empty();
    let mut size = filled([argued::appendix::only(tables::size(study, results), own)]);
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
    parts.drawn(("size", "6 Size and time"), &["size"], size, &[Section::Size]);
    parts.add(
        "stop-reasons",
        "6 Why trials end",
        &["stop-reasons"],
        filled([argued::appendix::only(tables::stop_reasons(study, results), own)]),
    );
}

/// What the part on the rule has.
#[derive(Clone, Copy, Debug, Default)]
struct Rule {
    table: bool,
    pathways: bool,
    examples: bool,
}

/// 7: the rule of the reference, and of the design that is recommended.
fn the_rule(parts: &mut Parts<'_>, results: &Results, own: &[usize]) -> Rule {
    let study = parts.study;
    let mut decisions = Vec::new();
    for &place in own {
        let design = &study.designs[place];
        decisions.push(Block::Paragraph(format!("{}:", design.name)));
        for (heading, items) in explain::parts(study, design) {
            decisions.push(Block::Titled { lead: format!("{heading}."), text: items.join(" ") });
        }
        decisions.extend(filled(argued::appendix::decision_tables(study, place)));
    }
    let tables = |place: &usize| argued::appendix::decision_tables(study, *place);
    let has = |section: &str| study.report.wants(section);
    let table = own.first().is_some_and(|place| !tables(place).is_empty()) && has("decisions");
    parts.add("decisions", "7 The rule", &["decisions"], decisions);
    let pathways = filled(argued::appendix::pathways(study, results, own));
    let has_pathways = !pathways.is_empty() && has("pathways");
    parts.add("pathways", "7 Pathways of the first cohorts", &["pathways"], pathways);
    let examples = own.first().and_then(|&place| argued::examples::table(study, place));
    let has_examples = examples.is_some() && has("pathways");
    parts.add("example-trials", "7 Example trials", &["pathways"], filled(examples));
    Rule { table, pathways: has_pathways, examples: has_examples }
}

/// 10 and 11: words, reproduction, checklist.
fn closing(parts: &mut Parts<'_>, results: &Results, argument: Option<&Argument>, info: &RunInfo, has: Rule) {
    let study = parts.study;
    let text = argued::appendix::text_of(&parts.parts);
    let words: Vec<String> =
        argued::glossary::words(&text).into_iter().map(|(word, meaning)| format!("{word}: {meaning}.")).collect();
    parts.add("words", "10 Words and abbreviations", &["findings", "definitions"], list(words));
    let mut reproduction = filled([tables::reproduction(study, info)]);
    reproduction.extend(argued::agreement(results).map(Block::Paragraph));
    parts.add("reproduction", "11 Reproduction", &["reproduction"], reproduction);
    if let Some(argument) = argument.filter(|_| study.report.wants("checklist")) {
        // What comes behind the checklist is there as well.
        let mut sections: Vec<(&str, &str)> = parts.parts.iter().map(|part| (part.id, part.title)).collect();
        sections.push(("definitions", "Annex E"));
        sections.push(("rules", "Annex B"));
        let has = argued::checklist::Has {
            parts: &sections,
            table: has.table,
            examples: has.examples,
            pathways: has.pathways,
            verification: false,
        };
        let checklist = filled([argued::checklist::checklist(study, argument, &has)]);
        parts.add("checklist", "11 Checklist", &["checklist"], checklist);
    }
}

/// A table of the main part with all designs.
fn as_annex(mut table: Table) -> Table {
    table.id = format!("{}-all", table.id);
    table
}

/// The annexes.
fn annexes<'a>(parts: &mut Parts<'a>, results: &Results, info: &RunInfo) {
    let study = parts.study;
    let all: Vec<usize> = (0..study.designs.len()).collect();
    let mut detail = Vec::new();
    if !study.scenarios.is_empty() {
        detail.push(argued::tables::detail(study, results, &all, "detail"));
    }
    detail.extend([
        tables::selection(study, results),
        tables::safety(study, results),
        tables::dlt_counts(study, results),
        tables::allocation(study, results),
        as_annex(tables::size(study, results)),
        as_annex(tables::stop_reasons(study, results)),
    ]);
    detail.extend(tables::differences(study, results));
    let mut detail = filled(detail);
    for section in [Section::Selection, Section::Safety, Section::Robustness] {
        detail.extend(parts.plots(section));
    }
    let detail = folded("Tables and figures of every design", detail);
    parts.add("characteristics", "Annex A: detail tables", &["characteristics", "safety"], detail);
    let mut rules = filled(tables::synopses(study));
    // The 3+3 and the benchmark have no conduct rules.
    rules.push(Block::Paragraph(
        "After each cohort the rules of a design other than the 3+3 are looked at in this order.".to_owned(),
    ));
    rules.push(Block::List { numbered: true, items: PRECEDENCE.iter().map(|&rule| rule.to_owned()).collect() });
    parts.add("designs", "Annex B: rules of the designs", &["designs"], folded("Every rule with its numbers", rules));
    let (columns, most) = DECISIONS;
    let mut decisions = filled(comparison_tables(study, &results.cells, columns, most));
    decisions.extend(filled(tables::pathways(study, &results.pathways)));
    let decisions = folded("Every decision table and pathway", decisions);
    parts.add("all-decisions", "Annex C: decision tables and pathways", &["decisions", "pathways"], decisions);
    let agreement = filled(tables::agreement(study, results));
    parts.drawn(("agreement", "Annex D: agreement of the two engines"), &["agreement"], agreement, &[Section::Checks]);
    parts.add("definitions", "Annex E: definitions", &["definitions"], filled([tables::definitions(study)]));
    let source = Block::Source { title: format!("The study file, {}", info.study_file), text: &study.text };
    parts.add("study-file", "Annex F: the study file", &["reproduction"], vec![source]);
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
