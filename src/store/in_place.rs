//! Whether the database that is open is still the one in the data folder. SQLite goes on in a file that was removed, and all
//! that is written there is gone when the process ends.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use policy_core::sentence::Sentence;
use texts::Texts;

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

    /// What to do, if the file is gone or another; in the log the first time.
    pub(super) fn problem(&self) -> Option<Sentence> {
        if self.file.is_some() && identity(&self.path) == self.file {
            return None;
        }
        let lost = Sentence::of("store-lost").with("file", self.path.display().to_string());
        if !self.said.swap(true, Ordering::Relaxed) {
            eprintln!("postward: {}", Texts::plain().sentence(&lost));
        }
        Some(lost)
    }
}
