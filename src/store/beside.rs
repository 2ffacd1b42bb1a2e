//! Compiling all entries while others edit them: it reads one state of the database, and what was changed meanwhile is caught
//! up with before the result is in force.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use policy_core::entry::{Entry, EntryId};
use policy_core::lists::ListsError;
use policy_core::pattern::PatternKind;
use policy_core::snapshot::{Members, Snapshot};
use rusqlite::{Connection, OptionalExtension};

use super::rows::{COLUMNS, entry};
use super::{Store, compile, failed, forget_what_was_removed, guard, members, open};

/// What was changed since compiling began.
pub(super) struct Beside {
    dir: PathBuf,
    /// `None` while nothing is compiled, or once somebody else has compiled a later state.
    meanwhile: Mutex<Option<Vec<Entry>>>,
}

impl Beside {
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), meanwhile: Mutex::default() }
    }

    /// Takes note of a change; the caller holds the writer. `everything` was compiled with it, or these entries.
    pub(super) fn follow(&self, everything: bool, gone: &[Entry], changed: &[Entry]) {
        let mut meanwhile = guard(&self.meanwhile);
        if everything {
            *meanwhile = None;
        } else if let Some(touched) = &mut *meanwhile {
            touched.extend(gone.iter().chain(changed).cloned());
        }
    }
}

impl Store {
    /// A connection to compile by.
    pub(super) fn connection_beside(&self) -> Result<Connection, ListsError> {
        let connection = open::reader(&self.beside.dir).map_err(|error| match error {
            open::OpenError::Database { error, .. } => failed(error),
            other => ListsError::Store(
                policy_core::sentence::Sentence::of("store-fault").with("error", other.to_string()),
            ),
        })?;
        connection.pragma_update(None, "cache_size", -512).map_err(failed)?;
        Ok(connection)
    }

    /// Puts all that is stored in force. Edits go on meanwhile.
    pub(super) fn compile_beside(&self, connection: Connection) -> Result<(), ListsError> {
        {
            // Nothing is committed between the state that is read and the first change that is noted.
            let _writer = self.writer.take()?;
            connection.execute_batch("BEGIN").map_err(failed)?;
            compile::revision(&connection)?;
            *guard(&self.beside.meanwhile) = Some(Vec::new());
        }
        let compiled = compile::everything(&connection, self.delimiters);
        drop(connection);
        let writer = self.writer.take();
        let meanwhile = guard(&self.beside.meanwhile).take();
        let (writer, (compiled, _)) = (writer?, compiled?);
        if let Some(touched) = meanwhile {
            self.snapshot.publish(caught_up(&compiled, &touched, &writer, self.delimiters)?);
        }
        forget_what_was_removed(&writer);
        drop(writer);
        self.snapshot.in_force();
        Ok(())
    }
}

/// The compiled state with these entries, and the members, as they are now.
fn caught_up(
    compiled: &Snapshot,
    touched: &[Entry],
    connection: &Connection,
    delimiters: policy_core::snapshot::Delimiters,
) -> Result<Snapshot, ListsError> {
    let ids: HashSet<EntryId> = touched.iter().map(|entry| entry.id).collect();
    let mut now = HashMap::new();
    for id in ids {
        let stored = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM entry WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id.number()], entry).optional())
            .map_err(failed)?;
        now.extend(stored.map(|entry| (id, entry)));
    }
    fn name(entry: &Entry) -> (PatternKind, &str) {
        (entry.pattern.kind, &entry.pattern.key)
    }
    // What was edited away from a pattern and back again is not gone.
    let is_gone = |entry: &&Entry| now.get(&entry.id).is_none_or(|now| name(now) != name(entry));
    let gone: Vec<Entry> = touched.iter().filter(is_gone).cloned().collect();
    let changed: Vec<Entry> = now.into_values().collect();
    let revision = compile::revision(connection)?;
    let people = members::all(connection)?;
    let snapshot = compiled.with_changes(revision, &gone, &changed).map_err(compile::not_compiled)?;
    Ok(snapshot.with_members(revision, Members::new(&people, delimiters)))
}
