//! Entries as rows.

use policy_core::entry::{Entry, EntryId};
use policy_core::pattern::Pattern;
use rusqlite::Row;
use rusqlite::types::Type;

use super::codes::{Code, date_of, scope_from_code};

/// The columns that [`entry`] reads, in its order.
pub(super) const COLUMNS: &str = "id, scope_id, kind, typed, norm_key, effect, channels, action, note, source, \
     added_by, created, until, enabled";

/// A number in the database that this version doesn't know.
#[derive(Debug, thiserror::Error)]
#[error("unknown value {0}")]
struct Unknown(i64);

pub(super) fn code<T: Code>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let code = row.get(column)?;
    known(column, code, T::from_code(code))
}

pub(super) fn known<T>(column: usize, code: i64, value: Option<T>) -> rusqlite::Result<T> {
    value.ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, Box::new(Unknown(code)))
    })
}

pub(super) fn entry_id(row: &Row<'_>, column: usize) -> rusqlite::Result<EntryId> {
    let number: i64 = row.get(column)?;
    known(column, number, u32::try_from(number).ok().and_then(EntryId::from_number))
}

/// Reads an entry from a row that begins with [`COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let scope: i64 = row.get(1)?;
    let created: i64 = row.get(11)?;
    let until: Option<i64> = row.get(12)?;
    Ok(Entry {
        id: entry_id(row, 0)?,
        scope: known(1, scope, scope_from_code(scope))?,
        pattern: Pattern { kind: code(row, 2)?, typed: row.get(3)?, key: row.get(4)? },
        effect: code(row, 5)?,
        channels: code(row, 6)?,
        action: code(row, 7)?,
        note: row.get(8)?,
        source: code(row, 9)?,
        added_by: code(row, 10)?,
        created: known(11, created, date_of(created))?,
        until: until.map(|day| known(12, day, date_of(day))).transpose()?,
        enabled: row.get(13)?,
    })
}
