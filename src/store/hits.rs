//! Hit counts: kept in memory, written seldom, because storage cards wear.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use policy_core::counting::Counting;
use policy_core::door::Hits;
use policy_core::entry::EntryId;
use policy_core::lists::{Actor, ListsError};
use policy_core::sentence::Sentence;
use rusqlite::{Connection, OptionalExtension, params};

use super::codes::{day, scope_code};
use super::{Store, failed, guard, query};

/// Counts which entries decided, and the day they last did.
#[derive(Default)]
pub struct HitCounter(Mutex<Counted>);

/// How often, and on which day last.
type Counted = HashMap<EntryId, (u64, Date)>;

impl Hits for HitCounter {
    fn hit(&self, entry: EntryId, on: Date) {
        let mut counts = self.held();
        let (count, last) = counts.entry(entry).or_insert((0, on));
        *count += 1;
        *last = on;
    }
}

impl HitCounter {
    /// Writes what was counted since the last time. An entry that is gone meanwhile takes its count along; so does one
    /// whose owner doesn't want it counted.
    pub(super) fn write(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let counted = std::mem::take(&mut *self.held());
        if counted.is_empty() {
            return Ok(());
        }
        let written = put(connection, &counted);
        if written.is_err() {
            // The next time: the disk may be full.
            let mut counts = self.held();
            for (entry, (count, on)) in counted {
                counts.entry(entry).or_insert((0, on)).0 += count;
            }
        }
        written
    }

    fn held(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(connection: &mut Connection, counted: &Counted) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for (entry, (count, on)) in counted {
        transaction
            .prepare_cached(
                "INSERT INTO hit (entry_id, count, last_on) SELECT id, ?2, ?3 FROM entry WHERE id = ?1 \
                     AND NOT EXISTS (SELECT 1 FROM setting WHERE name = 'uncounted-' || scope_id) \
                     ON CONFLICT (entry_id) DO UPDATE SET count = count + excluded.count, \
                     last_on = excluded.last_on",
            )?
            .execute(params![entry.number(), i64::try_from(*count).unwrap_or(i64::MAX), day(*on)])?;
    }
    transaction.commit()
}

/// The name of the setting that is there while a scope's entries aren't counted.
fn setting(actor: Actor) -> String {
    format!("uncounted-{}", scope_code(actor.own_scope()))
}

/// The counts are those of the entries, too, that who came without proof doesn't see.
fn proven(actor: Actor) -> Result<(), ListsError> {
    if query::sees_hits(actor) { Ok(()) } else { Err(ListsError::Refused(Sentence::of("why-unproven"))) }
}

impl Counting for Store {
    fn is_counting(&self, actor: Actor) -> Result<bool, ListsError> {
        guard(&self.reader)
            .query_row("SELECT 1 FROM setting WHERE name = ?1", [setting(actor)], |_| Ok(()))
            .optional()
            .map(|uncounted| uncounted.is_none())
            .map_err(failed)
    }

    fn set_counting(&self, actor: Actor, on: bool) -> Result<(), ListsError> {
        proven(actor)?;
        let mut writer = self.writer.take()?;
        // What happened until now counts by what was wished until now.
        self.hits.write(&mut writer).map_err(failed)?;
        let sql = if on {
            "DELETE FROM setting WHERE name = ?1"
        } else {
            "INSERT OR IGNORE INTO setting (name, value) VALUES (?1, 'yes')"
        };
        writer.execute(sql, [setting(actor)]).map(drop).map_err(failed)
    }

    fn wipe_counts(&self, actor: Actor) -> Result<(), ListsError> {
        proven(actor)?;
        let mut writer = self.writer.take()?;
        self.hits.write(&mut writer).map_err(failed)?;
        writer
            .execute(
                "DELETE FROM hit WHERE (SELECT e.scope_id FROM entry e WHERE e.id = entry_id) = ?1",
                [scope_code(actor.own_scope())],
            )
            .map_err(failed)?;
        // Nor may they linger in the write-ahead log.
        let _ = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }
}
