//! Entries keyed anew when the normalisation has changed: else an entry of yesterday would silently match nothing.

use policy_core::lists::ListsError;
use policy_core::pattern::{NORM_VERSION, PatternKind, understand};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::rows::code;

/// Under which the version of all keys is kept, so that nobody has to read them all to know.
const SETTING: &str = "norm_version";

/// Brings the keys of all entries up to date; an entry that isn't understood any more keeps its key.
pub(super) fn outdated(connection: &mut Connection) -> Result<(), ListsError> {
    let stored: Option<String> = connection
        .query_row("SELECT value FROM setting WHERE name = ?1", [SETTING], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if stored.is_some_and(|version| version == NORM_VERSION.to_string()) {
        return Ok(());
    }
    let transaction = connection.transaction().map_err(failed)?;
    let mut changed = Vec::new();
    {
        let mut statement = transaction
            .prepare("SELECT row, kind, typed, norm_key FROM entry WHERE norm_version <> ?1")
            .map_err(failed)?;
        let mut rows = statement.query([NORM_VERSION]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let kind: PatternKind = code(row, 1).map_err(failed)?;
            let (typed, key): (String, String) = (row.get(2).map_err(failed)?, row.get(3).map_err(failed)?);
            if let Some(new) = understand(&typed, Some(kind), true).ok().filter(|new| new.pattern.key != key)
            {
                let row: i64 = row.get(0).map_err(failed)?;
                changed.push((row, new.pattern.key));
            }
        }
    }
    persons(&transaction).map_err(failed)?;
    for (row, key) in changed {
        transaction
            .prepare_cached("UPDATE entry SET norm_key = ?2 WHERE row = ?1")
            .and_then(|mut statement| statement.execute(params![row, key]))
            .map_err(failed)?;
    }
    transaction
        .execute("UPDATE entry SET norm_version = ?1 WHERE norm_version <> ?1", [NORM_VERSION])
        .and_then(|_| {
            transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) \
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![SETTING, NORM_VERSION.to_string()],
            )
        })
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// The keys by which entries find their person.
fn persons(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare("SELECT person_id, value, norm_key FROM person_identity")?;
    let identities = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (person, value, key) in identities {
        if let Ok(new) = understand(&value, Some(PatternKind::Address), true) {
            transaction.execute(
                "UPDATE OR REPLACE person_identity SET norm_key = ?3 WHERE person_id = ?1 AND norm_key = ?2",
                params![person, key, new.pattern.key],
            )?;
        }
    }
    Ok(())
}
