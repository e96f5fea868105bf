//! Where a report has what a simulation report is asked for: computed from the study and the parts, never typed.

use super::designs;
use crate::argument::{Argument, Group};
use crate::report::table::{Cell, Column, Group as Rows, Kind, Row, Table};
use crate::scenario::Class;
use crate::study::Study;

/// How an item stands.
enum Found {
    /// In these parts.
    At(Vec<&'static str>),
    /// Something is lacking.
    Partly(String),
    /// It is not there, and why.
    Not(String),
}

/// What a report has beyond its study.
pub(in crate::report) struct Has<'p> {
    /// The parts, each with its id and title.
    pub(in crate::report) parts: &'p [(&'p str, &'p str)],
    /// Whether the decision table of the reference is printed.
    pub(in crate::report) table: bool,
    /// Whether three example trials are.
    pub(in crate::report) examples: bool,
    /// Whether pathways are.
    pub(in crate::report) pathways: bool,
    /// Whether the results of this run were held against another program, whose page is linked.
    pub(in crate::report) verification: bool,
}

/// Some of two things: both, one of them, or none.
fn both(one: bool, other: bool, at: &[&'static str], lacks: [&str; 2], neither: &str) -> Found {
    match (one, other) {
        (true, true) => Found::At(at.to_vec()),
        (true, false) => Found::Partly(format!("{} is not stated", lacks[1])),
        (false, true) => Found::Partly(format!("{} is not stated", lacks[0])),
        (false, false) => Found::Not(neither.to_owned()),
    }
}

/// The items, in their order.
fn items(study: &Study, argument: &Argument, has: &Has<'_>) -> Vec<(&'static str, Found)> {
    let texts = &study.report.texts;
    let criteria = &study.report.criteria;
    let at = |id: &'static str| Found::At(vec![id]);
    let criteria_found = match (criteria.limits.is_empty(), criteria.stated.is_some()) {
        (false, true) => at("findings"),
        (false, false) => Found::Partly("the study does not say where they were laid down before the run".to_owned()),
        (true, _) => Found::Not("the study states none".to_owned()),
    };
    let algorithm = if has.table { at("decisions") } else { Found::Partly("no decision table exists: pathways only".to_owned()) };
    let timing = match (&study.timing, study.scenarios.iter().any(|scenario| scenario.accrual_per_week.is_some())) {
        (Some(_), true) => at("size"),
        (Some(_), false) => Found::Partly("one assumption on timing, no alternative".to_owned()),
        (None, _) => Found::Not("the study has no calendar time".to_owned()),
    };
    let has_prior = texts.prior_reason.is_some() && !study.sensitivities.is_empty();
    let parameters = if has_prior {
        at("rules")
    } else {
        Found::Partly("values only: how they were chosen, or a sensitivity run, is lacking".to_owned())
    };
    let operating = if study.timing.is_some() {
        Found::At(vec!["overview", "safety", "size"])
    } else {
        Found::Partly("the length of the trial: the study has no calendar time".to_owned())
    };
    let sensitivity = match (study.sensitivities.is_empty(), study.populations.is_empty()) {
        (false, _) => at("sensitivity"),
        (true, false) => Found::Partly("populations of curves only".to_owned()),
        (true, true) => Found::Not("the study asks for no sensitivity run".to_owned()),
    };
    let compared = if designs(study).count() > 1 { at("differences") } else { Found::Not("the study has one design".to_owned()) };
    let or_not = |is: bool, id: &'static str, why: &str| if is { at(id) } else { Found::Not(why.to_owned()) };
    vec![
        (
            "Objective of the trial; reason of the target",
            both(
                texts.objective.is_some(),
                texts.target_reason.is_some(),
                &["assumptions"],
                ["the objective", "the reason of the target"],
                "the study file states neither",
            ),
        ),
        ("Criteria fixed before the run", criteria_found),
        ("Doses, start, window, definition of a DLT", Found::Partly("the definition of a DLT is the protocol's".to_owned())),
        ("The algorithm in words and as a table", algorithm),
        (
            "Patients who cannot be evaluated, late DLTs, overrides",
            both(
                texts.non_evaluable.is_some(),
                texts.overrides.is_some(),
                &["assumptions"],
                ["what happens with patients who cannot be evaluated", "what happens when investigators deviate"],
                "the study file states neither",
            ),
        ),
        ("A well-understood comparator of equal size", comparator(study, argument)),
        ("Parameters and how they were calibrated; the prior", parameters),
        ("Curves: each level as the right one, flat, all too toxic, all safe, with a gap; why", curves(study)),
        ("Accrual, drop-out, time to DLT", timing),
        ("Operating characteristics, wrong conclusions, risk, size", operating),
        ("Comparison on the same patients", compared),
        ("Sensitivity to the prior, the target, the cohorts, the size", sensitivity),
        (
            "Example trials, decision by decision",
            or_not(has.examples, "example-trials", "the first design has no decision graph to walk"),
        ),
        ("Pathways for sign-off", or_not(has.pathways, "pathways", "no design has pathways that can be listed")),
        ("Stopping rules and how often each acts", at("stop-reasons")),
        ("Precision of the numbers", at("assumptions")),
        ("Metrics defined, with ties and with no right dose", at("definitions")),
        ("Software, version, seed, command, study file", at("reproduction")),
        (
            "Verification against other software",
            if has.verification { at("reproduction") } else { Found::Partly("one program, two engines".to_owned()) },
        ),
        (
            "Interpretation by a person",
            if texts.conclusion.is_some() { at("findings") } else { Found::Partly("generated only".to_owned()) },
        ),
        ("Bias of the estimated DLT probability", Found::Not("the program does not compute it".to_owned())),
    ]
}

/// Whether a 3+3, an A+B or a rolling six stands beside the others at equal size.
fn comparator(study: &Study, argument: &Argument) -> Found {
    let is_known = |name: &str| {
        study.designs.iter().any(|design| design.name == name && ["3+3", "A+B", "Rolling six"].contains(&design.method))
    };
    let has =
        |wanted: &dyn Fn(Group) -> bool| argument.designs.iter().any(|design| wanted(design.group) && is_known(&design.name));
    if has(&|group| group != Group::Larger) {
        Found::At(vec!["differences"])
    } else if has(&|_| true) {
        Found::Partly("larger than the first design only".to_owned())
    } else {
        Found::Not("the study has no 3+3, A+B or rolling six".to_owned())
    }
}

fn curves(study: &Study) -> Found {
    let mut lacks: Vec<String> = Vec::new();
    let classes = [
        (Class::Mtd, "no dose is right anywhere"),
        (Class::Below, "none with every dose below the range"),
        (Class::Gap, "no gap"),
        (Class::Toxic, "none with every dose too toxic"),
    ];
    lacks.extend(classes.iter().filter(|(class, _)| study.of_class(*class).is_empty()).map(|(_, lacks)| (*lacks).to_owned()));
    let is_right = |level: usize| study.scenarios.iter().any(|scenario| scenario.is_right(level, &study.target));
    let never: Vec<String> =
        (0..study.doses.levels.len()).filter(|&level| !is_right(level)).map(|level| (level + 1).to_string()).collect();
    if !never.is_empty() {
        lacks.push(format!("level {} is never right", never.join(", ")));
    }
    let without = study.scenarios.iter().filter(|scenario| scenario.why.is_none()).count();
    if without > 0 && study.report.texts.scenarios_reason.is_none() {
        lacks.push(format!("no reason is given for {without} of {}", study.scenarios.len()));
    }
    if lacks.is_empty() { Found::At(vec!["scenarios"]) } else { Found::Partly(lacks.join("; ")) }
}

/// The checklist of a report.
pub(in crate::report) fn checklist(study: &Study, argument: &Argument, has: &Has<'_>) -> Table {
    let mut counts = [0; 3];
    let mut place = |found: &Found| match found {
        Found::At(ids) => {
            counts[0] += 1;
            let titles: Vec<&str> = has.parts.iter().filter(|(id, _)| ids.contains(id)).map(|&(_, title)| title).collect();
            if titles.is_empty() { "found".to_owned() } else { format!("found at: {}", titles.join("; ")) }
        }
        Found::Partly(lacks) => {
            counts[1] += 1;
            format!("partly: {lacks}")
        }
        Found::Not(why) => {
            counts[2] += 1;
            format!("not in this report: {why}")
        }
    };
    let rows: Vec<Row> = items(study, argument, has)
        .iter()
        .map(|(item, found)| Row { cells: vec![Cell::text(*item), Cell::text(place(found))], design: None })
        .collect();
    let [found, partly, not] = counts;
    Table {
        id: "checklist".to_owned(),
        caption: "What a simulation report is asked for, and where it is here".to_owned(),
        columns: ["Asked for", "Here"].map(|heading| Column::new(heading, "", Kind::Text)).into(),
        groups: vec![Rows { rows, ..Rows::default() }],
        notes: vec![
            format!("{found} found, {partly} partly, {not} not in this report."),
            DOCUMENTS.to_owned(),
            CAVEAT.to_owned(),
        ],
    }
}

/// The documents. Their texts were not at hand in full when this was written, so no sections are named.
const DOCUMENTS: &str = "What is asked for follows, in our words, the guidance of the FDA on adaptive designs (November 2019) and on complex \
    innovative designs (December 2020), and of the EMA on first-in-human trials (EMEA/CHMP/SWP/28367/07 Rev. 1, 2017).";
const CAVEAT: &str = "A submission should be held against the texts of the guidance themselves.";
