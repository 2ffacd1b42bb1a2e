//! Damage to the database that is open: SQLite goes on with the pages that it remembers, and the next start would fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::open::{self, FILE, OpenError};
use super::{Store, guard};

/// A database of up to this size is looked through whenever somebody asks for the status, a larger one at the daily check.
const SMALL: u64 = 4 << 20;

pub(super) struct Damage {
    dir: PathBuf,
    known: Mutex<Option<String>>,
}

impl Damage {
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), known: Mutex::default() }
    }

    fn note(&self, fault: Option<&str>) {
        let said = fault.map(|fault| {
            format!(
                "the database is damaged: {fault}. Messages are still judged by the last list, and `postward export` may \
                 save it; then stop Postward, and bring a list back with `postward restore BACKUP` or by renaming a kept \
                 copy in that folder (replaced-… or before-schema-…)"
            )
        });
        let mut known = guard(&self.known);
        if let Some(said) = said.as_ref().filter(|_| known.is_none()) {
            eprintln!("postward: {said}");
        }
        *known = said;
    }

    fn look_through(&self) -> Result<Vec<String>, OpenError> {
        let faults = open::integrity(&self.dir);
        match &faults {
            Ok(faults) => self.note(faults.first().map(String::as_str)),
            Err(OpenError::Database { error, .. }) if open::is_damage(error) => {
                self.note(Some(&error.to_string()));
            }
            // Another program holds it: that says nothing.
            Err(_) => {}
        }
        faults
    }

    /// What is wrong, as far as it is known or cheap to find.
    pub(super) fn known(&self) -> Option<String> {
        if fs::metadata(self.dir.join(FILE)).is_ok_and(|file| file.len() <= SMALL) {
            let _ = self.look_through();
        }
        guard(&self.known).clone()
    }
}

impl Store {
    /// What is damaged in the whole database; `status` goes on saying it.
    pub fn look_through(&self) -> Result<Vec<String>, OpenError> {
        self.damage.look_through()
    }
}
