//! A design in the words of a protocol.

use super::page::{Page, Piece};
use super::table::{written, written_alike};
use crate::design::Plan;
use crate::design::wording::{LevelNames, Wording, Words, counted};
use crate::study::{Study, StudyDesign};

/// The rule of `design`, a design of `study`, in the words of a protocol: its start, its decisions, its restrictions, its
/// stopping rules in their order, its selection, its references, and what the protocol must still decide.
#[must_use]
pub fn explain(study: &Study, design: &StudyDesign) -> Page {
    let names = level_names(study);
    let mut references: Vec<&str> = design.reference.split("; ").collect();
    let mut page = Page::default();
    page.push(Piece::Title(format!("{}: {}", study.name, design.name)));
    match &design.plan {
        Plan::Rule(rule) => {
            let wording = rule.wording(&names);
            describe(&wording, study, WAITS, &mut page);
            references.extend(&wording.references);
        }
        Plan::LateOnset(rule) => {
            let wording = rule.wording(&names);
            describe(&wording, study, DOES_NOT_WAIT, &mut page);
            references.extend(&wording.references);
        }
        Plan::Benchmark(benchmark) => {
            page.push(Piece::Heading("A reference, not a design".to_owned()));
            let words = format!(
                "The benchmark is a reference and cannot be conducted: it knows of each of its {} the outcome at every dose level, and \
                 selects the level whose proportion of DLTs is nearest the target {}. Ties are split equally.",
                counted(benchmark.max_patients(), "patient"),
                written(study.target.value)
            );
            page.item(None, words);
        }
    }
    page.push(Piece::Heading("References".to_owned()));
    for reference in references {
        page.item(None, format!("{reference}."));
    }
    page
}

/// The same for other documents: the headings with their sentences, but for references.
pub(super) fn parts(study: &Study, design: &StudyDesign) -> Vec<(String, Vec<String>)> {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for piece in explain(study, design).pieces() {
        match (piece, parts.last_mut()) {
            (Piece::Heading(heading), _) => parts.push((heading.clone(), Vec::new())),
            (Piece::List(items), Some((_, own))) => own.extend(items.iter().map(|(number, words)| match number {
                Some(number) => format!("({number}) {words}"),
                None => words.clone(),
            })),
            (Piece::Sentences(sentences), Some((_, own))) => own.extend(sentences.iter().cloned()),
            _ => {}
        }
    }
    parts.retain(|(heading, items)| heading != "References" && !items.is_empty());
    parts
}

/// What a rule for complete data leaves open of patients who are not evaluable.
const WAITS: &str = "When a patient is evaluable, and who replaces one who is not: the rule counts evaluable patients only, and decides when a \
                     cohort is complete.";
/// The same of a rule that looks at pending patients.
const DOES_NOT_WAIT: &str =
    "When a patient is evaluable, and who replaces one who is not: the rule counts a patient from enrolment on.";

/// The dose levels of a study by name.
#[must_use]
pub fn level_names(study: &Study) -> LevelNames {
    LevelNames::new(&written_alike(&study.doses.levels), &study.doses.unit)
}

/// A rule, part by part.
fn describe(wording: &Wording, study: &Study, evaluable: &str, page: &mut Page) {
    for part in wording.parts.iter().filter(|part| !part.pieces.is_empty()) {
        page.push(Piece::Heading(part.heading.to_owned()));
        let mut number = 0;
        for piece in &part.pieces {
            match &piece.words {
                Words::Sentences(sentences) => {
                    number += 1;
                    page.item(part.numbered.then_some(number), sentences.clone());
                }
                Words::Grid(rows) => page.push(Piece::Grid(rows.clone())),
            }
        }
    }
    page.push(Piece::Heading("What this protocol must still decide".to_owned()));
    let window = match &study.timing {
        Some(timing) => format!(
            "Which adverse events are dose-limiting. The DLT window is {} here.",
            if timing.dlt_window_weeks == 1.0 {
                "1 week".to_owned()
            } else {
                format!("{} weeks", written(timing.dlt_window_weeks))
            }
        ),
        None => {
            "Which adverse events are dose-limiting, and in which window after the first dose: the study file has no `[timing]`."
                .to_owned()
        }
    };
    let common = [
        evaluable,
        "How long to wait between the first and the next patients of a cohort.",
        "What a DLT after the window, or in a later cycle, changes: the rule does not know it.",
    ];
    let open = wording.open.iter().cloned().chain([window]).chain(common.map(str::to_owned));
    for words in open {
        page.item(None, words);
    }
}
