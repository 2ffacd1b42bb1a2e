//! Damage to the database that is open: SQLite goes on with the pages that it remembers, and the next start would fail.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use policy_core::sentence::Sentence;
use texts::Texts;

use super::open::{self, FILE, Look, OpenError};
use super::{Store, guard, read_only};

/// A database of up to this size is looked through whenever somebody asks for the status, a larger one after a start and at the
/// daily check.
const SMALL: u64 = 4 << 20;

pub(super) struct Damage {
    dir: PathBuf,
    read_only: bool,
    known: Mutex<Option<Sentence>>,
    looked_at: AtomicBool,
}

impl Damage {
    pub(super) fn of(dir: &Path, read_only: bool) -> Self {
        Self { dir: dir.to_owned(), read_only, known: Mutex::default(), looked_at: AtomicBool::new(false) }
    }

    fn note(&self, fault: Option<&str>) {
        let said = fault.map(|fault| Sentence::of("store-damaged").with("fault", fault));
        let mut known = guard(&self.known);
        if let Some(said) = said.as_ref().filter(|_| known.is_none()) {
            eprintln!("postward: {}", Texts::plain().sentence(said));
        }
        *known = said;
    }

    /// What is damaged: a change would be confirmed and lost at the next start. Looked for once, if nobody has.
    pub(super) fn before_a_change(&self) -> Option<Sentence> {
        if !self.looked_at.load(Ordering::Relaxed) {
            let _ = self.look_through(Look::Quick);
        }
        guard(&self.known).clone()
    }

    fn look_through(&self, look: Look) -> Result<Vec<String>, OpenError> {
        self.looked_at.store(true, Ordering::Relaxed);
        let connection = if self.read_only { read_only::reader(&self.dir) } else { open::reader(&self.dir) };
        let faults = connection.and_then(|connection| open::faults(&connection, &self.dir, look));
        match &faults {
            // A quick look doesn't see all that a thorough one has found.
            Ok(faults) if faults.is_empty() && look == Look::Quick => {}
            Ok(faults) => self.note(faults.first().map(String::as_str)),
            Err(OpenError::Database { error, .. }) if open::is_damage(error) => {
                self.note(Some(&error.to_string()));
            }
            // Another program holds it: that says nothing.
            Err(_) => {}
        }
        faults
    }

    fn is_small(&self) -> bool {
        fs::metadata(self.dir.join(FILE)).is_ok_and(|file| file.len() <= SMALL)
    }

    /// What is wrong, as far as it is known or cheap to find.
    pub(super) fn known(&self) -> Option<Sentence> {
        if self.is_small() {
            let _ = self.look_through(Look::Thorough);
        }
        guard(&self.known).clone()
    }
}

impl Store {
    /// What is damaged in the whole database; `status` goes on saying it.
    pub fn look_through(&self) -> Result<Vec<String>, OpenError> {
        self.writer.damage.look_through(Look::Thorough)
    }

    /// Every page in the background, for a process that goes on, if the database is large: that takes a second, on a slow card
    /// several, and changes don't wait for it. A small one is looked through before the first change.
    pub fn look_through_soon(self: &Arc<Self>) -> io::Result<()> {
        if self.writer.damage.is_small() {
            return Ok(());
        }
        self.writer.damage.looked_at.store(true, Ordering::Relaxed);
        let store = Arc::clone(self);
        thread::Builder::new()
            .name("look-through".to_owned())
            .spawn(move || store.writer.damage.look_through(Look::Quick))
            .map(drop)
    }
}
