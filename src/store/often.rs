//! How often a day something may be done that fills somebody's mailbox.

use jiff::civil::Date;
use policy_core::lists::ListsError;
use rusqlite::{Transaction, params};

use super::codes::day;
use super::failed;

/// Counts one more time today; `false` if it was done `most` times already. What was counted on other days is forgotten.
pub(super) fn once_more(
    transaction: &Transaction<'_>,
    what: &str,
    most: u32,
    today: Date,
) -> Result<bool, ListsError> {
    transaction
        .execute("DELETE FROM done_today WHERE day <> ?1", [day(today)])
        .and_then(|_| {
            transaction.execute(
                "INSERT INTO done_today (what, day, times) VALUES (?1, ?2, 1) \
                 ON CONFLICT (what) DO UPDATE SET times = times + 1 WHERE times < ?3",
                params![what, day(today), most],
            )
        })
        .map(|changed| changed > 0)
        .map_err(failed)
}
