//! From a file, or its text, to a study.

use std::io::Read;
use std::path::Path;

use super::diagnosis::{line_and_column, render};
use super::{Study, read};
use crate::keys::{Complaint, Severity};

/// The most bytes that a study file may have. Studies are a few kilobytes; a thousand scenarios of twelve levels fit.
const MOST_BYTES: usize = 1 << 20;

/// Why there is no study.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The file cannot be opened or read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be a study, whatever is in it: too large, or not text.
    #[error("{file}: {reason}")]
    NotAStudy {
        /// The file.
        file: String,
        /// What is wrong with it as a whole.
        reason: String,
    },
    /// The text has faults; the message shows all of them.
    #[error("{}", render(complaints, file, text, false))]
    Faulty {
        /// The file.
        file: String,
        /// Its text.
        text: String,
        /// Everything that is wrong with it, in the order of the text; warnings are among them.
        complaints: Vec<Complaint>,
    },
}

impl Study {
    /// Read a study file. With the study come its warnings.
    ///
    /// # Errors
    /// The file cannot be read, is larger than 1 MiB, is not UTF-8 text, or the text has faults.
    pub fn from_path(path: &Path) -> Result<(Self, Vec<Complaint>), StudyError> {
        let file = path.display().to_string();
        let mut bytes = Vec::new();
        // One byte more than allowed tells that the file is too large, without reading the rest of it.
        let read = std::fs::File::open(path).and_then(|open| open.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
        if let Err(source) = read {
            return Err(StudyError::Unreadable { file, source });
        }
        if bytes.len() > MOST_BYTES {
            return Err(too_large(file));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::from_text_in(path.parent(), &file, text),
            Err(error) => Err(not_text(file, error.as_bytes(), error.utf8_error().valid_up_to())),
        }
    }

    /// Read a study from its text; `file` is the name that messages give it. With the study come its warnings. A study that names
    /// files needs a folder: see [`Study::from_text_in`].
    ///
    /// # Errors
    /// The text is larger than 1 MiB or has faults.
    pub fn from_text(file: &str, text: impl Into<String>) -> Result<(Self, Vec<Complaint>), StudyError> {
        Self::from_text_in(None, file, text)
    }

    /// As [`Study::from_text`]; files that the study names, such as decision tables, are looked for in `folder`.
    ///
    /// # Errors
    /// The text is larger than 1 MiB or has faults, or a file that it names has.
    pub fn from_text_in(
        folder: Option<&Path>,
        file: &str,
        text: impl Into<String>,
    ) -> Result<(Self, Vec<Complaint>), StudyError> {
        let text = text.into();
        let file = file.to_owned();
        if text.len() > MOST_BYTES {
            return Err(too_large(file));
        }
        let (study, complaints) = read::study(folder, &text);
        match study {
            Some(study) => Ok((study, complaints)),
            None => Err(StudyError::Faulty { file, text, complaints }),
        }
    }

    /// Whether there is something to run: at least one design, and one scenario or population of curves. Other commands do without.
    ///
    /// # Errors
    /// There is neither scenario nor population, or no design; `file` is the name that the message gives the study.
    pub fn require_for_run(&self, file: &str) -> Result<(), StudyError> {
        let missing = |key: &str, what: &str| Complaint {
            severity: Severity::Error,
            span: 0..0,
            key: key.to_owned(),
            message: format!("found no [[{key}]]; a run needs at least one {what}"),
            help: None,
        };
        let mut complaints = Vec::new();
        if self.scenarios.is_empty() && self.populations.is_empty() {
            complaints.push(missing("scenario", "toxicity scenario, or one [[population]] of curves"));
        }
        if self.designs.is_empty() {
            complaints.push(missing("design", "design"));
        }
        if complaints.is_empty() {
            return Ok(());
        }
        Err(StudyError::Faulty { file: file.to_owned(), text: self.text.clone(), complaints })
    }
}

fn too_large(file: String) -> StudyError {
    let reason = "larger than 1 MiB, which is allowed at most; a study is a few kilobytes of TOML".to_owned();
    StudyError::NotAStudy { file, reason }
}

fn not_text(file: String, bytes: &[u8], valid: usize) -> StudyError {
    let (line, column) = line_and_column(&String::from_utf8_lossy(&bytes[..valid]), valid);
    let byte = bytes.get(valid).copied().unwrap_or_default();
    let reason = format!("not UTF-8 text: found the byte 0x{byte:02X} at line {line}, column {column}; save the study as UTF-8");
    StudyError::NotAStudy { file, reason }
}
