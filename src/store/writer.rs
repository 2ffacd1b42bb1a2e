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
    read_only: Option<Sentence>,
}

impl Writer {
    pub(super) fn new(connection: Connection, in_place: InPlace, read_only: Option<Sentence>) -> Self {
        Self { connection: Mutex::new(connection), in_place, read_only }
    }

    /// Waits for its turn.
    pub(super) fn take(&self) -> Result<MutexGuard<'_, Connection>, ListsError> {
        let connection = guard(&self.connection);
        self.check()?;
        Ok(connection)
    }

    /// The same, or nothing while somebody else writes: an import of a million lines takes minutes.
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
        self.in_place.check()?;
        self.read_only.clone().map_or(Ok(()), |why| Err(ListsError::Store(why)))
    }

    /// What is wrong with the file, if anything is.
    pub(super) fn problem(&self) -> Option<Sentence> {
        self.check().err().map(|problem| problem.sentence())
    }

    pub(super) fn read_only(&self) -> Option<&Sentence> {
        self.read_only.as_ref()
    }
}
