//! Where a report has what regulators' guidance asks of the report of a simulation.

use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::study::Study;

/// What is asked for, by which guidance, and the sections that have it.
type Item = (&'static str, &'static str, &'static [&'static str]);

/// The guidance, in short, as the column of the table names it.
const ADAPTIVE: &str = "FDA 2019";
const COMPLEX: &str = "FDA 2019, 2020";
const FIRST_IN_HUMAN: &str = "EMA 2017";
/// What no guidance was found to ask for.
const OWN: &str = "good practice";

const ITEMS: [Item; 17] = [
    ("Overview of the design, and conclusions in plain language", ADAPTIVE, &["findings"]),
    ("The rules of each design: cohorts, escalation, stopping, selection, with every parameter", COMPLEX, &["designs"]),
    ("Rules for escalation and for stopping, laid down before the trial", FIRST_IN_HUMAN, &["designs", "decisions", "pathways"]),
    ("What the rules decide for given data, in advance", OWN, &["decisions", "pathways"]),
    ("Example trials: their course, decision by decision", ADAPTIVE, &["pathways"]),
    (
        "The assumed truths, among them unfavourable ones, and which conclusion is correct under each",
        COMPLEX,
        &["scenarios", "populations"],
    ),
    (
        "Probability of the correct conclusion and of each wrong one, under every assumed truth",
        COMPLEX,
        &["characteristics", "populations"],
    ),
    ("Risk of patients: toxicities, and treatment above the correct dose", OWN, &["safety", "populations"]),
    ("Sample size: expectation and distribution, against what is planned", ADAPTIVE, &["size"]),
    (LENGTH, ADAPTIVE, &["size"]),
    ("Probability of each reason to stop", OWN, &["stop-reasons"]),
    ("Comparison with the conventional or planned design", OWN, &["differences", "populations"]),
    (
        "Sensitivity to the assumptions, and the worst case among them",
        COMPLEX,
        &["robustness", "populations", "worst-curves", "sensitivity"],
    ),
    ("Number of simulated trials, and the error that it leaves", ADAPTIVE, &["characteristics", "reproduction"]),
    ("Verification of the program", OWN, &["agreement"]),
    ("Definition of every operating characteristic", OWN, &["definitions"]),
    ("Software with its version, input, random seed and command: what it takes to repeat the run", COMPLEX, &["reproduction"]),
];

/// What a study without calendar time does not have.
const LENGTH: &str = "Length of the trial, with the assumed accrual and follow-up";

/// The documents. Their texts were not at hand in full when this was written, so no sections are named.
const DOCUMENTS: &str = "FDA 2019: Adaptive Designs for Clinical Trials of Drugs and Biologics, guidance for industry, November 2019, on what the \
    report of a simulation contains. FDA 2020: Interacting with the FDA on Complex Innovative Trial Designs for Drugs and Biological Products, \
    guidance for industry, December 2020. EMA 2017: Guideline on strategies to identify and mitigate risks for first-in-human and early \
    clinical trials with investigational medicinal products, EMEA/CHMP/SWP/28367/07 Rev. 1, 20 July 2017.";
const CAVEAT: &str = "The items are in our words and the documents are cited as a whole, not by section: a submission should be held against their \
    text. Confirmatory trials are the subject of the EMA Reflection paper on methodological issues in confirmatory clinical trials planned \
    with an adaptive design (CHMP/EWP/2459/02, 2007) and of the draft guideline ICH E20, Adaptive Designs for Clinical Trials (step 2, 25 June \
    2025); dose finding shares their principles alone.";
const ABSENT: &str = "This report does not have: why each assumed truth was chosen, unless the study file says it; and the bias of an estimated \
    DLT probability.";
/// Said where a design is a BOIN.
const BOIN: &str = "BOIN: by its determination of 10 December 2021 the FDA finds the local BOIN design with a non-informative prior fit for the \
    purpose of finding the MTD; other methods are not excluded by it.";

/// The checklist of a report that has these sections, each with its id and title.
pub(in crate::report) fn checklist(study: &Study, sections: &[(&str, &str)]) -> Table {
    let place = |item: &str, ids: &[&str]| {
        let ids = if item == LENGTH && study.timing.is_none() { &[] } else { ids };
        let found: Vec<&str> = sections.iter().filter(|(id, _)| ids.contains(id)).map(|&(_, title)| title).collect();
        if found.is_empty() { "not in this report".to_owned() } else { found.join("; ") }
    };
    let row = |(item, by, ids): &Item| Row {
        cells: vec![Cell::text(*item), Cell::text(*by), Cell::text(place(item, ids))],
        design: None,
    };
    let mut notes = vec![DOCUMENTS.to_owned(), CAVEAT.to_owned(), ABSENT.to_owned()];
    notes.extend(study.designs.iter().any(|design| design.method == "BOIN").then(|| BOIN.to_owned()));
    Table {
        id: "checklist".to_owned(),
        caption: "What a simulation report is asked for, and where it is here".to_owned(),
        columns: ["Asked for", "By", "Section"].map(|heading| Column::new(heading, "", Kind::Text)).into(),
        groups: vec![Group { rows: ITEMS.iter().map(row).collect(), ..Group::default() }],
        notes,
    }
}
