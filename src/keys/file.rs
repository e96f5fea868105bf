//! Files that a key names: their text, read beside the TOML text.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::words::quoted;
use super::{Key, Keys, Kind};

/// The text of a file that a key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedText {
    /// The path as written.
    pub name: String,
    /// What is in the file.
    pub text: String,
}

impl Keys<'_> {
    /// The files that were read so far, here or in a table read along with this one, each once.
    #[must_use]
    pub fn files(&self) -> Vec<NamedText> {
        self.common.files.borrow().clone()
    }

    /// The text of a file that the key names, see [`Key::file`]: a path relative to the folder of the TOML file, UTF-8 text.
    pub fn file(&mut self, file: &Key<String>) -> Option<NamedText> {
        let Kind::File(most_bytes) = file.about.kind else { return None };
        let (key, name) = (file.about.name, self.get(file)?);
        let Some(folder) = self.common.folder.clone() else {
            let message = format!("names the file {}, but this text has no folder to find it in", quoted(&name));
            self.complain(key, message, Some("read it from a file".to_owned()));
            return None;
        };
        match read(&folder.join(&name), most_bytes) {
            Ok(text) => {
                let file = NamedText { name, text };
                let mut files = self.common.files.borrow_mut();
                if !files.contains(&file) {
                    files.push(file.clone());
                }
                Some(file)
            }
            Err(fault) => {
                let help = "the path is taken from the folder of the study".to_owned();
                self.complain(key, format!("cannot read the file {}: {fault}", quoted(&name)), Some(help));
                None
            }
        }
    }
}

/// The text of a file, or what is wrong with it.
fn read(path: &Path, most_bytes: u64) -> Result<String, String> {
    let fault = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    };
    // Asked before it is opened: a pipe would wait for somebody to write.
    if !std::fs::metadata(path).map_err(fault)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells that the file is too large, without reading the rest of it.
    let open = std::fs::File::open(path).map_err(fault)?;
    let length = open.take(most_bytes + 1).read_to_end(&mut bytes).map_err(fault)?;
    if length as u64 > most_bytes {
        return Err(format!("it is larger than {most_bytes} bytes, which is allowed at most"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}
