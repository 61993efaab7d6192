//! The folder where a stack keeps its data: made, marked, and locked by one stack at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Nowhere: gone when the stack stops. For tests.
    Memory,
    /// In a folder, which is made if it is missing.
    Directory(PathBuf),
}

/// Its presence says that the folder is ours; its lock, that a stack is running.
const MARKER: &str = ".parlance";
const MARKER_TEXT: &str =
    "The data of a Parlance backend on this machine. `cargo run -- --fresh` empties this folder.\n";

/// Why a folder cannot be used. Each is a sentence for the person who named the folder.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another stack holds the lock.
    #[error("{} is in use by another running stack; stop it, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// It holds something, and no stack has made it.
    #[error("{} holds files that are not of this program; choose another folder with --data", .0.display())]
    NotOurs(PathBuf),
    /// The file system refuses.
    #[error("cannot write to {}: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// An open data folder. Dropping it lets another stack have it; a temporary one is removed.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    kept: bool,
    /// Locked while the folder is open.
    marker: Option<File>,
    _temporary: Option<TempDir>,
}

impl Folder {
    /// Opens a folder; `fresh` empties it first, if it is one of ours.
    pub fn open(data: &Data, fresh: bool) -> Result<Self, DataError> {
        match data {
            Data::Memory => {
                let failed = |source| DataError::Io { path: std::env::temp_dir(), source };
                let temporary = tempfile::Builder::new().prefix("parlance-").tempdir().map_err(failed)?;
                let path = temporary.path().to_owned();
                Ok(Self { path, kept: false, marker: None, _temporary: Some(temporary) })
            }
            Data::Directory(path) => {
                let marker = claim(path)?;
                if fresh {
                    empty(path).map_err(|source| DataError::Io { path: path.clone(), source })?;
                }
                Ok(Self { path: path.clone(), kept: true, marker: Some(marker), _temporary: None })
            }
        }
    }

    /// A path within it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its content outlives the stack.
    pub fn is_kept(&self) -> bool {
        self.kept
    }
}

impl Drop for Folder {
    /// Unlocks it in so many words: closing the file is not enough while a function process that is just being started
    /// still shares it, in the moment between fork and exec.
    fn drop(&mut self) {
        if let Some(marker) = &self.marker {
            // What is not unlocked now is when that process has started.
            let _ = marker.unlock();
        }
    }
}

fn claim(path: &Path) -> Result<File, DataError> {
    let failed = |source| DataError::Io { path: path.to_owned(), source };
    std::fs::create_dir_all(path).map_err(failed)?;
    let marker = path.join(MARKER);
    if !marker.exists() && std::fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(DataError::NotOurs(path.to_owned()));
    }
    // Not emptied when opened: another stack may hold it.
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&marker).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(DataError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    file.write_all(MARKER_TEXT.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(file)
}

fn empty(path: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn open(path: &Path, fresh: bool) -> Result<Folder, DataError> {
        Folder::open(&Data::Directory(path.to_owned()), fresh)
    }

    #[test]
    fn one_stack_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let first = open(&path, false).unwrap();
        assert!(matches!(open(&path, false), Err(DataError::InUse(_))));
        drop(first);
        open(&path, false).unwrap();
    }

    /// As a process that is being started does until it runs its own program.
    #[test]
    fn a_folder_is_free_though_its_file_is_still_shared() {
        let parent = tempfile::tempdir().unwrap();
        let first = open(parent.path(), false).unwrap();
        let shared = first.marker.as_ref().unwrap().try_clone().unwrap();
        drop(first);
        open(parent.path(), false).unwrap();
        drop(shared);
    }

    #[test]
    fn fresh_empties_what_is_ours_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let ours = parent.path().join("ours");
        drop(open(&ours, false).unwrap());
        std::fs::create_dir(ours.join("s3")).unwrap();
        std::fs::write(ours.join("dynamodb.sqlite"), "x").unwrap();
        drop(open(&ours, false).unwrap());
        assert!(ours.join("dynamodb.sqlite").exists());
        drop(open(&ours, true).unwrap());
        assert_eq!(std::fs::read_dir(&ours).unwrap().count(), 1);

        let theirs = parent.path().join("theirs");
        std::fs::create_dir(&theirs).unwrap();
        std::fs::write(theirs.join("thesis.txt"), "x").unwrap();
        assert!(matches!(open(&theirs, true), Err(DataError::NotOurs(_))));
        assert!(theirs.join("thesis.txt").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::write(parent.path().join("file"), "x").unwrap();
        let error = open(&parent.path().join("file/data"), false).unwrap_err();
        assert!(error.to_string().starts_with("cannot write to "), "{error}");
    }

    #[test]
    fn a_temporary_folder_goes_with_the_stack() {
        let folder = Folder::open(&Data::Memory, false).unwrap();
        let path = folder.path().to_owned();
        assert!(path.is_dir() && !folder.is_kept());
        drop(folder);
        assert!(!path.exists());
    }
}
