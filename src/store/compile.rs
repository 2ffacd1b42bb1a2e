//! From rows to the snapshot that the doors judge by.

use policy_core::entry::EntryId;
use policy_core::lists::ListsError;
use policy_core::pattern::Pattern;
use policy_core::snapshot::{CompileError, Members, Rule, SegmentBuilder, Snapshot};
use rusqlite::Connection;

use super::codes::{date_of, scope_from_code};
use super::rows::{code, entry_id, known};
use super::{failed, members};

/// Compiles all entries, reading them in the order that needs least memory.
pub(super) fn everything(connection: &Connection) -> Result<Snapshot, ListsError> {
    let mut builder = SegmentBuilder::new();
    let mut statement = connection
        .prepare(
            // Nothing but what the index holds: see the migration that makes it.
            "SELECT id, scope_id, kind, norm_key, effect, channels, action, until \
             FROM entry INDEXED BY entry_key WHERE enabled = 1 ORDER BY norm_key",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let (pattern, rule) = pattern_and_rule(row).map_err(failed)?;
        builder.push(&pattern, rule).map_err(not_compiled)?;
    }
    let members = Members::new(&members::all(connection)?);
    Snapshot::compile(revision(connection)?, builder, members).map_err(not_compiled)
}

fn pattern_and_rule(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Pattern, Rule)> {
    let id: EntryId = entry_id(row, 0)?;
    let scope: i64 = row.get(1)?;
    let until: Option<i64> = row.get(7)?;
    let pattern = Pattern { kind: code(row, 2)?, typed: String::new(), key: row.get(3)? };
    let rule = Rule {
        entry: id,
        scope: known(1, scope, scope_from_code(scope))?,
        effect: code(row, 4)?,
        channels: code(row, 5)?,
        action: code(row, 6)?,
        until: until.map(|day| known(7, day, date_of(day))).transpose()?,
    };
    Ok((pattern, rule))
}

/// The number of the last change.
pub(super) fn revision(connection: &Connection) -> Result<u64, ListsError> {
    connection
        .query_row("SELECT value FROM revision", [], |row| row.get::<_, i64>(0))
        .map(|value| u64::try_from(value).unwrap_or_default())
        .map_err(failed)
}

/// A change that doesn't compile is the asker's to mend.
pub(super) fn not_compiled(error: CompileError) -> ListsError {
    ListsError::Refused(error.to_string())
}
