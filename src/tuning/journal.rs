//! The finished points of a tuning that is under way, in a file, so that an interruption loses none of them.
//!
//! The first line says what the points belong to: version, study, and the files that it names. Each further line is a point, its numbers as the bits of doubles.
//! Lines are only ever added, each as its point is finished, in whichever order; a last line that is not complete does not count.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Estimate, Found, Outcome, TuningError};
use crate::measure::{Batches, Source};
use crate::numeric::digest::sha256;
use crate::study::Study;

/// The name of the file.
const FILE: &str = "tune.journal";

/// The journal of a study.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    known: BTreeMap<(usize, String), Outcome>,
    /// Whether there was one of something else.
    replaced: bool,
}

/// A point.
#[derive(Serialize, Deserialize)]
struct Line {
    tuning: usize,
    point: String,
    outcome: Result<Numbers, String>,
}

/// What was found, in bits: JSON readers need not keep the last digit of a decimal.
#[derive(Serialize, Deserialize)]
struct Numbers {
    simulated: bool,
    numbers: Vec<Option<(u64, Option<u64>)>>,
    batches: Vec<Vec<u64>>,
}

impl Journal {
    /// The journal of `study` in the folder `dir`, which is made when it is not there, with the points that an interrupted tuning of the
    /// same study left. One of another study, of other files that it names, or of another version of the program, is begun anew.
    ///
    /// # Errors
    /// The system refused.
    pub fn open(dir: &Path, study: &Study) -> Result<Self, TuningError> {
        let path = dir.join(FILE);
        let mut journal = Self { path, file: None, known: BTreeMap::new(), replaced: false };
        journal.begin(study).map_err(|cause| journal.refused(cause))?;
        Ok(journal)
    }

    /// A journal that is not kept.
    #[must_use]
    pub fn none() -> Self {
        Self { path: PathBuf::new(), file: None, known: BTreeMap::new(), replaced: false }
    }

    /// How many points it had when it was opened.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it had none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether there was a journal of another study or version in its place.
    #[must_use]
    pub fn has_replaced(&self) -> bool {
        self.replaced
    }

    /// Remove it: the tuning is complete.
    ///
    /// # Errors
    /// The system refused.
    pub fn remove(self) -> Result<(), TuningError> {
        match self.file {
            Some(_) => fs::remove_file(&self.path).map_err(|cause| self.refused(cause)),
            None => Ok(()),
        }
    }

    fn refused(&self, cause: io::Error) -> TuningError {
        TuningError::Journal { path: self.path.display().to_string(), cause }
    }

    fn begin(&mut self, study: &Study) -> io::Result<()> {
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir)?;
        }
        let digests = std::iter::once(sha256(study.text.as_bytes())).chain(study.files.iter().map(|(_, digest)| digest.clone()));
        let digests: Vec<String> = digests.collect();
        let title = format!("dosebench {} tune {}\n", env!("CARGO_PKG_VERSION"), digests.join(" "));
        let before = match fs::read(&self.path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut kept = title.clone();
        if let Some(lines) = before.strip_prefix(&title) {
            for line in lines.split_inclusive('\n').take_while(|line| line.ends_with('\n')) {
                let Ok(found) = serde_json::from_str::<Line>(line) else { break };
                self.known.insert((found.tuning, found.point), found.outcome.map(Numbers::found));
                kept.push_str(line);
            }
        } else {
            self.replaced = !before.is_empty();
        }
        // What is not complete is cut off, so that the next line begins on one of its own.
        let mut file = File::create(&self.path)?;
        file.write_all(kept.as_bytes())?;
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }

    /// The outcome of a point of the tuning with this number, when it is there.
    pub(super) fn get(&self, tuning: usize, point: &str) -> Option<Outcome> {
        self.known.get(&(tuning, point.to_owned())).cloned()
    }

    /// Note a point as soon as it is finished: from here on the end of the process does not lose it.
    ///
    /// # Errors
    /// The system refused.
    pub(super) fn note(&mut self, tuning: usize, point: &str, outcome: &Outcome) -> Result<(), TuningError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let outcome = outcome.as_ref().map(Numbers::of).map_err(String::clone);
        // Serialising fails on maps with keys that are not text: there are none.
        let mut line = serde_json::to_vec(&Line { tuning, point: point.to_owned(), outcome }).expect("plain structures");
        line.push(b'\n');
        file.write_all(&line).map_err(|cause| self.refused(cause))
    }

    /// See to it that the end of the machine does not lose what was noted either.
    ///
    /// # Errors
    /// The system refused.
    pub(super) fn sync(&mut self) -> Result<(), TuningError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.sync_data().map_err(|cause| self.refused(cause))
    }
}

impl Numbers {
    fn of(found: &Found) -> Self {
        let bits = |number: &Estimate| (number.value.to_bits(), number.std_error.map(f64::to_bits));
        let numbers = found.numbers.iter().map(|number| number.as_ref().map(bits)).collect();
        let batches = found.batches.iter().map(|batches| batches.moves().iter().map(|own| own.to_bits()).collect()).collect();
        Self { simulated: found.source == Source::MonteCarlo, numbers, batches }
    }

    fn found(self) -> Found {
        let number =
            |(value, error): (u64, Option<u64>)| Estimate { value: f64::from_bits(value), std_error: error.map(f64::from_bits) };
        let source = if self.simulated { Source::MonteCarlo } else { Source::Exact };
        let batches = |bits: Vec<u64>| Batches::new(bits.into_iter().map(f64::from_bits).collect());
        Found {
            source,
            numbers: self.numbers.into_iter().map(|bits| bits.map(number)).collect(),
            batches: self.batches.into_iter().map(batches).collect(),
        }
    }
}
