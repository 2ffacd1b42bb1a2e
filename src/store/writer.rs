//! The one connection that writes. There is one way to it, which refuses when what is written would be lost.

use std::sync::{Mutex, MutexGuard};

use policy_core::lists::ListsError;
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

    /// What is wrong with the file, if anything is.
    pub(super) fn problem(&self) -> Option<String> {
        self.in_place.check().err().map(|lost| lost.to_string())
    }
}
