//! The decisions of a rule that looks at pending patients, as a table and as CSV.

use super::notes;
use crate::design::pending::follow_up::{FollowUpCall, FollowUpRow};
use crate::report::data::{file, number};
use crate::report::table::{Cell, Column, Group, Kind, Row, Table, hundredths};

const LEGEND: &str = "E escalate; S stay; D de-escalate; DU de-escalate and never return: the level and all above are eliminated. F is the \
                      follow-up of the pending patients in windows, added up; two pending patients halfway through have F = 1.";
const NEIGHBOURS: &str =
    "For a level with neighbours on both sides, patients counted at that level; a patient with a DLT is not pending.";

/// The table of a design for numbers of patients that are a multiple of `cohort_size`. Numbers of pending patients with the same
/// decision share a row, numbers of DLTs with the same rows too.
#[must_use]
pub fn pending_table(name: &str, rows: &[FollowUpRow], cohort_size: usize, synopsis: &[(String, String)]) -> Table {
    let headings = ["Patients", "DLTs", "Pending", "Decision", "E from F =", "D up to F ="];
    let columns = headings.map(|heading| Column::new(heading, "", Kind::Text)).to_vec();
    let printed: Vec<FollowUpRow> = rows.iter().filter(|row| row.patients % cohort_size.max(1) == 0).copied().collect();
    let group = |of_patients: &[FollowUpRow]| {
        let of_dlts: Vec<&[FollowUpRow]> = of_patients.chunk_by(|a, b| a.dlts == b.dlts).collect();
        // From these DLTs on the decision is one and the same, whoever is pending.
        let only = |rows: &[FollowUpRow]| rows.iter().all(|row| row.decision == rows[0].decision).then_some(rows[0].decision);
        let same = of_dlts.chunk_by(|a, b| only(a).is_some() && only(a) == only(b));
        let lines = same.flat_map(|alike| {
            let (first, last) = (alike[0], alike[alike.len() - 1]);
            let dlts = range(first[0].dlts, last[0].dlts);
            let runs = first.chunk_by(|a, b| a.decision == b.decision);
            let line = move |run: &[FollowUpRow]| {
                let pending =
                    if only(first).is_some() { "any".to_owned() } else { range(run[0].pending, run[run.len() - 1].pending) };
                let [decision, escalate_from, deescalate_to] = in_words(run[0].decision);
                let cells = [run[0].patients.to_string(), dlts.clone(), pending, decision, escalate_from, deescalate_to];
                Row { cells: cells.map(Cell::text).to_vec(), design: None }
            };
            runs.map(line)
        });
        Group { rows: lines.collect(), ..Group::default() }
    };
    Table {
        id: "decisions".to_owned(),
        caption: format!("Decision table of {name}"),
        columns,
        groups: printed.chunk_by(|a, b| a.patients == b.patients).map(group).collect(),
        notes: [LEGEND.to_owned(), NEIGHBOURS.to_owned()].into_iter().chain(notes(synopsis)).collect(),
    }
}

/// The table as CSV, a row for each situation: `patients,dlts,pending,decision,escalate_from,deescalate_to`. `decision` is E, S, D, DU,
/// SUSPEND, or FOLLOW-UP: then the follow-up of the pending patients in windows, added up, escalates from `escalate_from` on and
/// de-escalates up to `deescalate_to`; these are empty where no follow-up does so.
#[must_use]
pub fn pending_csv(rows: &[FollowUpRow]) -> Vec<u8> {
    let row = |row: &FollowUpRow| {
        let (word, escalate_from, deescalate_to) = match row.decision {
            FollowUpCall::Call(call) => (call.letters(), None, None),
            FollowUpCall::Suspend(_) => ("SUSPEND", None, None),
            FollowUpCall::ByFollowUp { escalate_from, deescalate_to } => ("FOLLOW-UP", escalate_from, deescalate_to),
        };
        let [patients, dlts, pending] = [row.patients, row.dlts, row.pending].map(|count| count.to_string());
        let [escalate_from, deescalate_to] = [escalate_from, deescalate_to].map(|bound| bound.map(number).unwrap_or_default());
        [patients, dlts, pending, word.to_owned(), escalate_from, deescalate_to]
    };
    file(["patients", "dlts", "pending", "decision", "escalate_from", "deescalate_to"], rows.iter().map(row))
}

/// `2`, or `2 to 4`.
fn range(first: usize, last: usize) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

/// The decision, from which follow-up on it is to escalate, and up to which to de-escalate.
fn in_words(decision: FollowUpCall) -> [String; 3] {
    let fixed = |word: &str| [word.to_owned(), String::new(), String::new()];
    match decision {
        FollowUpCall::Call(call) => fixed(call.letters()),
        FollowUpCall::Suspend(_) => fixed("suspend accrual"),
        FollowUpCall::ByFollowUp { escalate_from, deescalate_to } => {
            let [from, to] = [escalate_from, deescalate_to].map(|bound| bound.map(hundredths).unwrap_or_default());
            ["by F, otherwise S".to_owned(), from, to]
        }
    }
}
