//! Whether the database that is open is still the one in the data folder. SQLite goes on in a file that was removed, and all
//! that is written there is gone when the process ends.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use policy_core::lists::ListsError;

use super::open::FILE;

/// The file that was opened.
pub(super) struct InPlace {
    path: PathBuf,
    file: Option<(u64, u64)>,
    said: AtomicBool,
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl InPlace {
    /// Of the database in this folder, just opened.
    pub(super) fn of(dir: &Path) -> Self {
        let path = dir.join(FILE);
        Self { file: identity(&path), path, said: AtomicBool::new(false) }
    }

    /// An error that says what to do, if the file is gone or another; in the log the first time.
    pub(super) fn check(&self) -> Result<(), ListsError> {
        if self.file.is_some() && identity(&self.path) == self.file {
            return Ok(());
        }
        let lost = format!(
            "the database is lost: {} was removed or replaced while Postward runs. Messages are still judged by the last \
             list, and `postward export` saves it; then stop Postward, and bring a list back with `postward restore \
             BACKUP` or by renaming a kept copy in that folder (replaced-… or before-schema-…)",
            self.path.display()
        );
        if !self.said.swap(true, Ordering::Relaxed) {
            eprintln!("postward: {lost}");
        }
        Err(ListsError::Store(lost))
    }
}
