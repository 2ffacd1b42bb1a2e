//! The one connection that writes. There is one way to it, which refuses when what is written would be lost.

use std::sync::{Mutex, MutexGuard, TryLockError};

use policy_core::lists::ListsError;
use policy_core::sentence::Sentence;
use rusqlite::Connection;

use super::guard;
use super::in_place::InPlace;

pub(super) struct Writer {
    connection: Mutex<Connection>,
    in_place: InPlace,
}

impl Writer {
    pub(super) fn new(connection: Connection, in_place: InPlace) -> Self {
        Self { connection: Mutex::new(connection), in_place }
    }

    /// Waits for its turn.
    pub(super) fn take(&self) -> Result<MutexGuard<'_, Connection>, ListsError> {
        let connection = guard(&self.connection);
        self.in_place.check()?;
        Ok(connection)
    }

    /// The same, or nothing while somebody else writes: an import of a million lines takes minutes.
    pub(super) fn take_if_free(&self) -> Result<Option<MutexGuard<'_, Connection>>, ListsError> {
        let connection = match self.connection.try_lock() {
            Ok(connection) => connection,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        self.in_place.check()?;
        Ok(Some(connection))
    }

    /// What is wrong with the file, if anything is.
    pub(super) fn problem(&self) -> Option<Sentence> {
        self.in_place.check().err().map(|lost| lost.sentence())
    }
}
