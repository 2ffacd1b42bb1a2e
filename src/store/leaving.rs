//! A member who is removed stays for fourteen days after they were told: nobody's protection ends overnight.

use jiff::ToSpan;
use jiff::civil::Date;
use policy_core::entry::MemberId;
use policy_core::lists::ListsError;
use policy_core::sentence::Sentence;
use policy_core::sign_in::{Leaving, NewsKind};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::codes::{date_of, day};
use super::{failed, members, tell};
use crate::notices;

/// Days from being told to being gone.
const DAYS: i32 = 14;

/// Whoever should have gone longer ago than this would have, had the clock been right and the machine on.
const LATE_DAYS: i64 = 2;

/// When this member goes, if they do.
pub(super) fn of(connection: &Connection, member: MemberId) -> Result<Option<Leaving>, ListsError> {
    let row: Option<(Option<i64>, Option<i64>)> = connection
        .query_row("SELECT leaving_asked, leaving_told FROM member WHERE id = ?1", [member.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
        .map_err(failed)?;
    Ok(match row {
        None | Some((None, _)) => None,
        Some((Some(_), told)) => Some(told.and_then(date_of).map_or(Leaving::NotTold, last_day)),
    })
}

fn last_day(told: Date) -> Leaving {
    Leaving::On(told.saturating_add(DAYS.days()))
}

/// Begins it and tells the member; whoever never came has nothing to lose and is gone at once (`None`).
pub(super) fn begin(
    transaction: &Transaction<'_>,
    member: MemberId,
    today: Date,
) -> Result<Option<Leaving>, ListsError> {
    if !members::has_come(transaction, member)? {
        members::remove(transaction, member)?;
        return Ok(None);
    }
    if let Some(leaving) = of(transaction, member)? {
        return Ok(Some(leaving));
    }
    transaction
        .execute(
            "UPDATE member SET leaving_asked = ?2, leaving_told = NULL WHERE id = ?1",
            params![member.0, day(today)],
        )
        .map_err(failed)?;
    tell::news(transaction, member, NewsKind::Leaving, today)?;
    tell::everywhere(transaction, member, &notices::leaving(DAYS.unsigned_abs().into()), true, today)?;
    Ok(Some(Leaving::NotTold))
}

/// The member knows: the days are counted from the first time.
pub(super) fn told(transaction: &Transaction<'_>, member: MemberId, today: Date) -> Result<(), ListsError> {
    transaction
        .execute(
            "UPDATE member SET leaving_told = ?2 \
             WHERE id = ?1 AND leaving_asked IS NOT NULL AND leaving_told IS NULL",
            params![member.0, day(today)],
        )
        .map(drop)
        .map_err(failed)
}

/// Takes it back.
pub(super) fn stay(transaction: &Transaction<'_>, member: MemberId, today: Date) -> Result<(), ListsError> {
    if of(transaction, member)?.is_none() {
        return Err(ListsError::Refused(Sentence::of("why-not-leaving")));
    }
    transaction
        .execute("UPDATE member SET leaving_asked = NULL, leaving_told = NULL WHERE id = ?1", [member.0])
        .and_then(|_| {
            transaction.execute("DELETE FROM outgoing WHERE member_id = ?1 AND tells_leaving = 1", [member.0])
        })
        .map_err(failed)?;
    tell::news(transaction, member, NewsKind::Staying, today)?;
    tell::everywhere(transaction, member, &notices::staying(), false, today)
}

/// Whether the clock has jumped, or the machine was off for long, while somebody's days were counted.
pub(super) fn has_jumped(connection: &Connection, today: Date) -> Result<bool, ListsError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM member WHERE leaving_asked IS NOT NULL AND \
             (leaving_told < ?1 OR leaving_told > ?2))",
            [earliest(today), day(today)],
            |row| row.get(0),
        )
        .map_err(failed)
}

/// Counts their days anew: a clock that jumps ahead must not delete anybody's list.
pub(super) fn count_anew(transaction: &Transaction<'_>, today: Date) -> Result<(), ListsError> {
    transaction
        .execute(
            "UPDATE member SET leaving_told = ?2 \
             WHERE leaving_asked IS NOT NULL AND (leaving_told < ?1 OR leaving_told > ?2)",
            [earliest(today), day(today)],
        )
        .map(drop)
        .map_err(failed)
}

fn earliest(today: Date) -> i64 {
    day(today).saturating_sub(i64::from(DAYS)).saturating_sub(LATE_DAYS)
}

/// Whose days are over.
pub(super) fn due(connection: &Connection, today: Date) -> Result<Vec<MemberId>, ListsError> {
    connection
        .prepare_cached("SELECT id FROM member WHERE leaving_asked IS NOT NULL AND leaving_told <= ?1")
        .and_then(|mut statement| {
            statement
                .query_map([day(today).saturating_sub(i64::from(DAYS))], |row| row.get(0).map(MemberId))
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

/// Everybody who is to go.
pub(super) fn all(connection: &Connection) -> Result<Vec<(MemberId, Leaving)>, ListsError> {
    connection
        .prepare_cached("SELECT id, leaving_told FROM member WHERE leaving_asked IS NOT NULL")
        .and_then(|mut statement| {
            statement
                .query_map([], |row| {
                    let told: Option<i64> = row.get(1)?;
                    Ok((MemberId(row.get(0)?), told.and_then(date_of).map_or(Leaving::NotTold, last_day)))
                })
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}
