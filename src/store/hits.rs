//! Hit counts: kept in memory, written seldom, because storage cards wear.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use policy_core::door::Hits;
use policy_core::entry::EntryId;
use rusqlite::{Connection, params};

use super::codes::day;

/// Counts which entries decided, and the day they last did.
#[derive(Default)]
pub struct HitCounter(Mutex<HashMap<EntryId, (u64, Date)>>);

impl Hits for HitCounter {
    fn hit(&self, entry: EntryId, on: Date) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = counts.entry(entry).or_insert((0, on));
        *count += 1;
        *last = on;
    }
}

impl HitCounter {
    /// Writes what was counted since the last time; an entry that is gone meanwhile takes its count along.
    pub(super) fn write(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        for (entry, (count, on)) in counted {
            transaction
                .prepare_cached(
                    "INSERT INTO hit (entry_id, count, last_on) SELECT id, ?2, ?3 FROM entry WHERE id = ?1 \
                     ON CONFLICT (entry_id) DO UPDATE SET count = count + excluded.count, \
                     last_on = max(last_on, excluded.last_on)",
                )?
                .execute(params![entry.number(), i64::try_from(count).unwrap_or(i64::MAX), day(on)])?;
        }
        transaction.commit()
    }
}
