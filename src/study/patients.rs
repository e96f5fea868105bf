//! A file of patients: `patient,level,dlt,evaluable,moderate`, one line each, in the order of enrolment. The last two columns may be
//! absent: everybody is evaluable, and no toxicity is moderate.

use std::io::Read;
use std::path::Path;

use crate::keys::closest;
use crate::trial::{Arrival, Cohort, Level, MAX_PATIENTS};

/// The most bytes that a file of patients may have.
const MOST_BYTES: u64 = 1 << 20;

/// The most faults that are shown.
const MOST_FAULTS: usize = 20;

/// A patient of a running trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    /// The name in the file.
    pub name: String,
    /// The dose level.
    pub level: Level,
    /// Whether there was a DLT; nothing is known of patients who are not evaluable.
    pub dlt: Option<bool>,
    /// Whether there was a moderate toxicity.
    pub moderate: bool,
}

/// Each evaluable patient as a cohort of one, in order: what a rule is asked with. After a DLT no moderate toxicity counts.
#[must_use]
pub fn evaluable(patients: &[Patient]) -> Vec<Arrival> {
    let one = |patient: &Patient| {
        let dlt = patient.dlt?;
        // There are at most MAX_LEVELS levels.
        let cohort = Cohort { level: patient.level as u8, patients: 1 };
        Some(Arrival { moderate: u8::from(patient.moderate && !dlt), ..Arrival::new(cohort, u8::from(dlt)) })
    };
    patients.iter().filter_map(one).collect()
}

/// What is wrong with a file of patients: all of it, one line each, as `file:line:column: found and allowed`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct PatientsError(Vec<String>);

/// Where the columns are.
struct Columns {
    patient: usize,
    level: usize,
    dlt: usize,
    /// May be absent: everybody is evaluable.
    evaluable: Option<usize>,
    /// May be absent: no toxicity is moderate.
    moderate: Option<usize>,
    /// How many there are.
    width: usize,
}

impl Columns {
    const NAMES: [&str; 5] = ["patient", "level", "dlt", "evaluable", "moderate"];

    /// Find the columns. A column that nobody knows is a fault: it may be a misspelt `evaluable`.
    fn find(file: &str, header: &csv::StringRecord) -> Result<Self, PatientsError> {
        let mut faults = Vec::new();
        for (index, name) in header.iter().enumerate() {
            if !Self::NAMES.contains(&name) {
                let meant = closest(name, &Self::NAMES).map_or_else(String::new, |name| format!("; did you mean {name}?"));
                let allowed = Self::NAMES.join(", ");
                faults.push(format!("{file}:1: unknown column {}; the columns are {allowed}{meant}", shortened(name)));
            } else if header.iter().take(index).any(|other| other == name) {
                faults.push(format!("{file}:1: the column {name} is there twice"));
            }
        }
        let mut place = |name: &str, required: bool| {
            let place = header.iter().position(|other| other == name);
            if place.is_none() && required {
                faults.push(format!("{file}:1: there is no column {name}; the first line is patient,level,dlt,evaluable"));
            }
            place
        };
        let required = (place("patient", true), place("level", true), place("dlt", true));
        let (evaluable, moderate) = (place("evaluable", false), place("moderate", false));
        match required {
            (Some(patient), Some(level), Some(dlt)) if faults.is_empty() => {
                Ok(Self { patient, level, dlt, evaluable, moderate, width: header.len() })
            }
            _ => Err(PatientsError(faults)),
        }
    }
}

/// Read a file of patients. `levels` is the number of dose levels.
///
/// # Errors
/// [`PatientsError`]: the file cannot be read, or has faults.
pub fn read_patients(path: &Path, levels: usize) -> Result<Vec<Patient>, PatientsError> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|open| open.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    let whole = |message: String| PatientsError(vec![message]);
    read.map_err(|error| whole(format!("cannot read {file}: {error}")))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(whole(format!("{file}: larger than 1 MiB, which is allowed at most")));
    }
    let text = String::from_utf8(bytes).map_err(|_| whole(format!("{file}: not UTF-8 text")))?;
    patients_from_text(&file, &text, levels)
}

/// Read patients from the text of a file; `file` is the name that messages give it.
///
/// # Errors
/// [`PatientsError`], all faults in one go.
pub fn patients_from_text(file: &str, text: &str, levels: usize) -> Result<Vec<Patient>, PatientsError> {
    // Spreadsheets put a byte order mark in front.
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| PatientsError(vec![format!("{file}: {error}")]);
    let columns = Columns::find(file, reader.headers().map_err(unreadable)?)?;
    let mut faults = Vec::new();
    let mut patients: Vec<Patient> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut fault = |column: &str, message: String| faults.push(format!("{file}:{line}:{column}: {message}"));
        if record.len() != columns.width {
            fault("patient", format!("found {} columns; the first line has {}", record.len(), columns.width));
            continue;
        }
        let name = record[columns.patient].to_owned();
        if name.is_empty() {
            fault("patient", "found nothing; every patient has a name or a number".to_owned());
        } else if patients.iter().any(|other| other.name == name) {
            fault("patient", format!("{} is there twice", shortened(&name)));
        }
        let level = record[columns.level].parse::<usize>().ok().filter(|level| (1..=levels).contains(level));
        if level.is_none() {
            fault("level", format!("found {}; allowed: a level from 1 to {levels}", shortened(&record[columns.level])));
        }
        let is_evaluable = columns.evaluable.is_none_or(|evaluable| {
            yes_or_no(&record[evaluable]).unwrap_or_else(|message| {
                fault("evaluable", message);
                true
            })
        });
        // Whatever stands there for a patient who is not evaluable does not count.
        let dlt = is_evaluable.then(|| {
            yes_or_no(&record[columns.dlt]).unwrap_or_else(|message| {
                fault("dlt", message);
                false
            })
        });
        let moderate = columns.moderate.filter(|_| is_evaluable).is_some_and(|moderate| {
            yes_or_no(&record[moderate]).unwrap_or_else(|message| {
                fault("moderate", message);
                false
            })
        });
        patients.push(Patient { name, level: level.unwrap_or(1) - 1, dlt, moderate });
    }
    let evaluated = patients.iter().filter(|patient| patient.dlt.is_some()).count();
    if evaluated > MAX_PATIENTS {
        faults.push(format!("{file}: found {evaluated} evaluable patients; allowed: at most {MAX_PATIENTS}"));
    }
    if faults.len() > MOST_FAULTS {
        let more = faults.len() - MOST_FAULTS;
        faults.truncate(MOST_FAULTS);
        faults.push(format!("... and {more} more"));
    }
    if faults.is_empty() { Ok(patients) } else { Err(PatientsError(faults)) }
}

/// A flag as people write it.
fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" => Ok(true),
        "0" | "no" | "false" => Ok(false),
        "" => {
            Err("found nothing; allowed: 0, 1, yes, no, true, false; leave out patients whose outcome is not known yet"
                .to_owned())
        }
        _ => Err(format!("found {}; allowed: 0, 1, yes, no, true, false", shortened(text))),
    }
}

/// Text from the file in quotation marks, cut short, so that a file can neither flood nor control a terminal.
fn shortened(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{text:?}") }
}
