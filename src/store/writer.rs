//! The one connection that writes. There is one way to it, which refuses when what is written would be lost.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

use policy_core::lists::ListsError;
use policy_core::sentence::Sentence;
use rusqlite::Connection;

use super::damage::Damage;
use super::guard;
use super::in_place::InPlace;

pub(super) struct Writer {
    /// Held by whoever is the next: an import comes back for each of its pieces, and would else be faster than who waits.
    next: Mutex<()>,
    /// How many wait.
    waiting: AtomicUsize,
    connection: Mutex<Connection>,
    in_place: InPlace,
    read_only: Option<Sentence>,
    pub(super) damage: Damage,
}

impl Writer {
    pub(super) fn new(connection: Connection, dir: &Path, read_only: Option<Sentence>) -> Self {
        let damage = Damage::of(dir, read_only.is_some());
        Self {
            next: Mutex::default(),
            waiting: AtomicUsize::default(),
            connection: Mutex::new(connection),
            in_place: InPlace::of(dir),
            read_only,
            damage,
        }
    }

    /// Waits for its turn.
    pub(super) fn take(&self) -> Result<MutexGuard<'_, Connection>, ListsError> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let next = guard(&self.next);
        let connection = guard(&self.connection);
        drop(next);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.check()?;
        Ok(connection)
    }

    /// Whether somebody waits until whoever writes is done.
    pub(super) fn is_awaited(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// The same, or nothing while somebody else writes.
    pub(super) fn take_if_free(&self) -> Result<Option<MutexGuard<'_, Connection>>, ListsError> {
        let connection = match self.connection.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        self.check()?;
        Ok(Some(connection))
    }

    fn check(&self) -> Result<(), ListsError> {
        let refused = |why| Err(ListsError::Store(why));
        self.file_problem().or_else(|| self.damage.before_a_change()).map_or(Ok(()), refused)
    }

    /// What is wrong with the file, if anything is.
    pub(super) fn problem(&self) -> Option<Sentence> {
        self.file_problem().or_else(|| self.damage.known())
    }

    fn file_problem(&self) -> Option<Sentence> {
        self.in_place.problem().or_else(|| self.read_only.clone())
    }

    pub(super) fn read_only(&self) -> Option<&Sentence> {
        self.read_only.as_ref()
    }
}
