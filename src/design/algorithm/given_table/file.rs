//! The text of a decision table.

use super::{Call, DecisionTable};
use crate::keys::{Severity, quoted};
use crate::trial::MAX_PATIENTS;
use std::collections::BTreeMap;

/// The header of the file.
const HEADER: [&str; 3] = ["patients", "dlts", "decision"];

/// What is wrong, or odd, in a decision table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Error or warning.
    pub severity: Severity,
    /// The line, counted from 1.
    pub line: u64,
    /// What was found and what is allowed.
    pub message: String,
}

/// The cells read so far, by patients and DLTs, with their lines.
type Cells = BTreeMap<(usize, usize), (Call, u64)>;

/// Read a decision table for a design of up to `max_patients` patients from the text of a CSV file. All that is wrong or odd in it
/// is told, in the order of the lines; there is no table where something is wrong.
#[must_use]
pub fn read_table(text: &str, max_patients: usize) -> (Option<DecisionTable>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut error = |line, message| faults.push(Fault { severity: Severity::Error, line, message });
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut cells = Cells::new();
    let mut last_line = 1;
    let mut is_first = true;
    for record in reader.records() {
        let Ok(record) = record else { continue }; // All of it is UTF-8, and rows may differ in length: there is no other error.
        last_line = record.position().map_or(last_line, csv::Position::line);
        if std::mem::take(&mut is_first) {
            if record != HEADER[..] {
                // Some other file: its rows would all be complained about.
                let list = if record.get(0) == Some("situation") { "; the list of a 3+3 is no such table" } else { "" };
                error(last_line, format!("found the header {}; allowed: {}{list}", quoted(&joined(&record)), HEADER.join(",")));
                break;
            }
            continue;
        }
        match cell(&record) {
            Ok((patients, dlts, call)) => {
                if let Some((_, line)) = cells.get(&(patients, dlts)) {
                    error(last_line, format!("found {} again, which line {line} has already", among(dlts, patients)));
                } else {
                    cells.insert((patients, dlts), (call, last_line));
                }
            }
            Err(message) => error(last_line, message),
        }
    }
    if is_first {
        error(
            1,
            format!("found nothing; allowed: the header {} and a row for every number of patients and DLTs", HEADER.join(",")),
        );
    }
    // What is missing is told only where everything that is there was understood.
    if faults.is_empty() {
        faults = holes(&cells, max_patients, last_line);
        faults.extend(disorder(&cells));
    }
    faults.sort_by_key(|fault| fault.line);
    let is_sound = faults.iter().all(|fault| fault.severity == Severity::Warning);
    let largest = cells.keys().next_back().map_or(0, |&(patients, _)| patients);
    let call = |patients, dlts| cells.get(&(patients, dlts)).map_or(Call::Stay, |&(call, _)| call);
    (is_sound.then(|| DecisionTable::new(largest, call)), faults)
}

/// One row: patients, DLTs and the call.
fn cell(record: &csv::StringRecord) -> Result<(usize, usize, Call), String> {
    let [patients, dlts, decision] = record.iter().collect::<Vec<_>>()[..] else {
        let found = record.len();
        return Err(format!("found {} with {found} entries; allowed: 3, {}", quoted(&joined(record)), HEADER.join(",")));
    };
    let whole = |text: &str, name: &str, lowest: usize| {
        let number = text.parse().ok().filter(|number| (lowest..=MAX_PATIENTS).contains(number));
        number.ok_or_else(|| format!("{name}: found {}; allowed: a whole number from {lowest} to {MAX_PATIENTS}", quoted(text)))
    };
    let (patients, dlts) = (whole(patients, "patients", 1)?, whole(dlts, "dlts", 0)?);
    if dlts > patients {
        return Err(format!("found {}; allowed: no more DLTs than patients", among(dlts, patients)));
    }
    let call = Call::ALL.into_iter().find(|call| call.letters() == decision);
    let call = call.ok_or_else(|| format!("decision: found {}; allowed: E, S, D, DU", quoted(decision)))?;
    Ok((patients, dlts, call))
}

/// Cells that are missing: of a number of patients that has some, at the last of these; of one that has none, at the end.
fn holes(cells: &Cells, max_patients: usize, last_line: u64) -> Vec<Fault> {
    let error = |line, message| Fault { severity: Severity::Error, line, message };
    let largest = cells.keys().next_back().map_or(0, |&(patients, _)| patients);
    let mut faults = Vec::new();
    let mut absent = Vec::new();
    for patients in 1..=largest {
        let row = cells.range((patients, 0)..=(patients, patients));
        let Some(line) = row.map(|(_, &(_, line))| line).max() else {
            absent.push(patients.to_string());
            continue;
        };
        let missing: Vec<String> =
            (0..=patients).filter(|&dlts| !cells.contains_key(&(patients, dlts))).map(|dlts| dlts.to_string()).collect();
        if !missing.is_empty() {
            let message = format!(
                "no decision for {patients} patients with {} DLTs; allowed: all from 0 to {patients}",
                missing.join(", ")
            );
            faults.push(error(line, message));
        }
    }
    if !absent.is_empty() {
        faults.push(error(last_line, format!("no decision at all for {} patients", absent.join(", "))));
    }
    if largest < max_patients {
        let message = format!(
            "the table ends at {largest} patients; allowed: not before {max_patients}, as so many can be treated at a level \
             (`max_patients`)"
        );
        faults.push(error(last_line, message));
    }
    faults
}

/// Cells that are less cautious than one with fewer DLTs among as many patients.
fn disorder(cells: &Cells) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut most: Option<(usize, usize, Call)> = None;
    for (&(patients, dlts), &(call, line)) in cells {
        match most {
            Some((before, fewer, cautious)) if before == patients && cautious > call => {
                let (found, after) = (among(dlts, patients), among(fewer, patients));
                let (severity, why) = match cautious {
                    Call::Eliminate => (Severity::Error, "allowed: only DU after DU, since the level is eliminated"),
                    _ => (Severity::Warning, "more DLTs lead to a less cautious decision"),
                };
                let (call, cautious) = (call.letters(), cautious.letters());
                faults.push(Fault {
                    severity,
                    line,
                    message: format!("found {call} for {found} after {cautious} for {after}; {why}"),
                });
            }
            _ => most = Some((patients, dlts, call)),
        }
    }
    faults
}

/// `1 DLT among 3`.
fn among(dlts: usize, patients: usize) -> String {
    let noun = if dlts == 1 { "DLT" } else { "DLTs" };
    format!("{dlts} {noun} among {patients}")
}

/// The entries of a row as they stood there.
fn joined(record: &csv::StringRecord) -> String {
    record.iter().collect::<Vec<_>>().join(",")
}
