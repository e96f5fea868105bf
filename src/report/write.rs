//! Files go into the folder of a report all together or not at all.
//!
//! Everything is written and flushed in a temporary folder beside the target. A folder that is not there yet then appears by one
//! rename. Into one that is there the files are moved one by one, those that they replace being kept until the last has arrived: a
//! failure or an interruption puts everything back. Files of an earlier run that this one does not make are left alone.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use thiserror::Error;

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The run was interrupted.
    #[error("interrupted: nothing was written to {}", .0.display())]
    Interrupted(PathBuf),
    /// A folder is needed where something else is.
    #[error("{} is not a folder: give another one with --out, or move it away. Nothing was written", .0.display())]
    NotAFolder(PathBuf),
    /// A file is to be written where a folder is.
    #[error("{} is a folder, but a file of that name has to be written: move it away. Nothing was written", .0.display())]
    IsAFolder(PathBuf),
    /// The system refused.
    #[error("could not write {}: {cause}{}. Nothing was written", .path.display(), advice(.cause))]
    Refused {
        /// The file or folder that was to be written.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The system refused, and then refused to undo what had been done.
    #[error(
        "could not write {}: {cause}; and what was there before could not be put back. What the folder held is kept in {}",
        .path.display(),
        .kept.display()
    )]
    NotRestored {
        /// The file or folder that was to be written.
        path: PathBuf,
        /// The folder with the files that were replaced.
        kept: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// What to do about an error of the system.
fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "; free some space, or give a folder on another disk with --out",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "; give a folder that you may write to with --out",
        _ => "",
    }
}

/// Write `files`, each a path below `dir` and its bytes, into `dir`, which is made when it is not there.
///
/// # Errors
/// The system refused, or `interrupted` became true before the last file was in its place: `dir` is as it was before.
pub fn write_all(dir: &Path, files: &[(PathBuf, Vec<u8>)], interrupted: &AtomicBool) -> Result<(), WriteError> {
    let stage = stage(dir)?;
    let new = stage.path().join("new");
    for (path, bytes) in files {
        check(dir, interrupted)?;
        let staged = new.join(path);
        write(&staged, bytes).map_err(|cause| WriteError::Refused { path: dir.join(path), cause })?;
    }
    check(dir, interrupted)?;
    let mut moved = Moved { old: stage.path().join("old"), ..Moved::default() };
    let result = if dir.exists() { moved.one_by_one(dir, &new, files, interrupted) } else { moved.in_one_piece(dir, &new) };
    let Err(error) = result else {
        return Ok(());
    };
    match moved.undo() {
        Ok(()) => Err(error),
        Err(cause) => Err(WriteError::NotRestored { path: dir.to_owned(), kept: stage.keep(), cause }),
    }
}

/// A temporary folder from which `dir` can be reached by a rename: beside it, or in it where it is a mount point or the folder above
/// takes no files.
fn stage(dir: &Path) -> Result<TempDir, WriteError> {
    let refused = |cause| WriteError::Refused { path: dir.to_owned(), cause };
    let existing =
        dir.ancestors().find(|path| path.exists()).filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(WriteError::NotAFolder(existing.to_owned()));
    }
    let existing_is_dir = dir.exists();
    let existing = existing.canonicalize().map_err(refused)?;
    let make = |place: &Path| tempfile::Builder::new().prefix(".dosebench-").tempdir_in(place);
    if !existing_is_dir {
        return make(&existing).map_err(refused);
    }
    match existing.parent().filter(|parent| same_device(parent, &existing)).map(make) {
        Some(Ok(stage)) => Ok(stage),
        _ => make(&existing).map_err(refused),
    }
}

/// Whether a rename can lead from one folder to the other.
#[cfg(unix)]
fn same_device(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| path.metadata().ok().map(|metadata| metadata.dev());
    device(a) == device(b)
}

/// Whether a rename can lead from one folder to the other.
#[cfg(not(unix))]
fn same_device(_: &Path, _: &Path) -> bool {
    true
}

/// Write a file and see it on the disk.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// An error when the run was interrupted.
fn check(dir: &Path, interrupted: &AtomicBool) -> Result<(), WriteError> {
    if interrupted.load(Ordering::Relaxed) { Err(WriteError::Interrupted(dir.to_owned())) } else { Ok(()) }
}

/// What has been changed so far, to be undone from the last to the first.
#[derive(Default)]
struct Moved {
    /// Where replaced files are kept.
    old: PathBuf,
    done: Vec<Change>,
}

/// One change.
enum Change {
    MadeFolder(PathBuf),
    MovedAway { from: PathBuf, to: PathBuf },
    MovedIn(PathBuf),
}

impl Moved {
    /// Let the staged folder appear as `dir`, which is not there.
    fn in_one_piece(&mut self, dir: &Path, new: &Path) -> Result<(), WriteError> {
        let refused = |path: &Path, cause| WriteError::Refused { path: path.to_owned(), cause };
        if let Some(parent) = dir.parent() {
            self.make_folder(parent)?;
        }
        // Nothing to write still makes the folder.
        fs::create_dir_all(new).and_then(|()| fs::rename(new, dir)).map_err(|cause| refused(dir, cause))
    }

    /// Move every staged file into `dir`, which is there.
    fn one_by_one(
        &mut self,
        dir: &Path,
        new: &Path,
        files: &[(PathBuf, Vec<u8>)],
        interrupted: &AtomicBool,
    ) -> Result<(), WriteError> {
        for (place, (path, _)) in files.iter().enumerate() {
            check(dir, interrupted)?;
            let target = dir.join(path);
            if let Some(folder) = target.parent() {
                self.make_folder(folder)?;
            }
            let refused = |cause| WriteError::Refused { path: target.clone(), cause };
            match target.symlink_metadata() {
                Ok(found) if found.is_dir() => return Err(WriteError::IsAFolder(target)),
                Ok(_) => {
                    let kept = self.old.join(place.to_string());
                    fs::create_dir_all(&self.old).and_then(|()| fs::rename(&target, &kept)).map_err(refused)?;
                    self.done.push(Change::MovedAway { from: target.clone(), to: kept });
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(refused(cause)),
            }
            fs::rename(new.join(path), &target).map_err(refused)?;
            self.done.push(Change::MovedIn(target));
        }
        Ok(())
    }

    /// Make a folder and those above it, where they are not there.
    fn make_folder(&mut self, folder: &Path) -> Result<(), WriteError> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err()).collect();
        for path in missing.into_iter().rev() {
            fs::create_dir(path).map_err(|cause| WriteError::Refused { path: path.to_owned(), cause })?;
            self.done.push(Change::MadeFolder(path.to_owned()));
        }
        if !folder.as_os_str().is_empty() && !folder.is_dir() {
            return Err(WriteError::NotAFolder(folder.to_owned()));
        }
        Ok(())
    }

    /// Put everything back.
    fn undo(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        for change in self.done.drain(..).rev() {
            let undone = match change {
                Change::MadeFolder(path) => fs::remove_dir(path),
                Change::MovedAway { from, to } => fs::rename(to, from),
                Change::MovedIn(path) => fs::remove_file(path),
            };
            result = result.and(undone);
        }
        result
    }
}
