//! What members are told: on their page at once, at their addresses as soon as it can be sent.

use jiff::civil::Date;
use policy_core::entry::MemberId;
use policy_core::lists::ListsError;
use policy_core::sign_in::{News, NewsKind};
use rusqlite::{Connection, Row, Transaction, params};

use super::codes::{Code, date_of, day};
use super::rows::{code, known};
use super::{failed, leaving};
use crate::notices::Notice;

/// News that a member's page shows.
const NEWS_SHOWN: u32 = 10;

/// After this many days, what couldn't be sent isn't tried any more, unless days are counted from its arrival.
const TRIED_DAYS: i64 = 14;

/// What is older by so much would have been given up, had the clock been right and the machine on.
const LATE_DAYS: i64 = 2;

impl Code for NewsKind {
    const ALL: &'static [Self] = &[Self::Link, Self::Leaving, Self::Staying];
}

/// A message to a member that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number.
    pub id: i64,
    /// Where to.
    pub to: To,
    /// What it says.
    pub notice: Notice,
}

/// Where a member is told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// A mail address.
    Mail(String),
    /// A bare JID.
    Chat(String),
}

/// Keeps what a member shall find on their page.
pub(super) fn news(
    transaction: &Transaction<'_>,
    member: MemberId,
    kind: NewsKind,
    today: Date,
) -> Result<(), ListsError> {
    transaction
        .execute(
            "INSERT INTO member_news (member_id, kind, made) VALUES (?1, ?2, ?3)",
            params![member.0, kind.code(), day(today)],
        )
        .and_then(|_| {
            transaction.execute(
                "DELETE FROM member_news WHERE member_id = ?1 AND id NOT IN \
                 (SELECT id FROM member_news WHERE member_id = ?1 ORDER BY id DESC LIMIT ?2)",
                params![member.0, NEWS_SHOWN],
            )
        })
        .map(drop)
        .map_err(failed)
}

/// A member's news, the newest first.
pub(super) fn news_of(connection: &Connection, member: MemberId) -> Result<Vec<News>, ListsError> {
    connection
        .prepare_cached("SELECT kind, made FROM member_news WHERE member_id = ?1 ORDER BY id DESC")
        .and_then(|mut statement| {
            statement
                .query_map([member.0], |row| {
                    let made = row.get(1)?;
                    Ok(News { what: code(row, 0)?, day: known(1, made, date_of(made))? })
                })
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

/// Sends a notice to all of a member's addresses, those that aren't proven to be theirs included.
pub(super) fn everywhere(
    transaction: &Transaction<'_>,
    member: MemberId,
    notice: &Notice,
    tells_leaving: bool,
    today: Date,
) -> Result<(), ListsError> {
    let addresses = addresses(transaction, member)?;
    addresses.iter().try_for_each(|to| send(transaction, member, to, notice, tells_leaving, today))
}

/// The same to all but a mail address, which the notice is about.
pub(super) fn others(
    transaction: &Transaction<'_>,
    member: MemberId,
    than: &str,
    notice: &Notice,
    today: Date,
) -> Result<(), ListsError> {
    let than = To::Mail(than.to_owned());
    let addresses = addresses(transaction, member)?;
    let mut others = addresses.iter().filter(|to| **to != than);
    others.try_for_each(|to| send(transaction, member, to, notice, false, today))
}

fn addresses(transaction: &Transaction<'_>, member: MemberId) -> Result<Vec<To>, ListsError> {
    transaction
        .prepare_cached(
            "SELECT kind, value FROM member_identity WHERE member_id = ?1 AND kind IN (0, 2) ORDER BY kind, value",
        )
        .and_then(|mut statement| {
            statement.query_map([member.0], |row| to(row, 0)).and_then(Iterator::collect)
        })
        .map_err(failed)
}

fn to(row: &Row<'_>, at: usize) -> rusqlite::Result<To> {
    let address = row.get(at + 1)?;
    Ok(if row.get::<_, i64>(at)? == 0 { To::Mail(address) } else { To::Chat(address) })
}

/// Takes back what waits to be sent to a mail address under this subject.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    member: MemberId,
    address: &str,
    subject: &str,
) -> Result<(), ListsError> {
    transaction
        .execute(
            "DELETE FROM outgoing WHERE member_id = ?1 AND kind = 0 AND address = ?2 AND subject = ?3",
            params![member.0, address, subject],
        )
        .map(drop)
        .map_err(failed)
}

/// Sends a notice to one address.
pub(super) fn send(
    transaction: &Transaction<'_>,
    member: MemberId,
    to: &To,
    notice: &Notice,
    tells_leaving: bool,
    today: Date,
) -> Result<(), ListsError> {
    let (kind, address) = match to {
        To::Mail(address) => (0, address),
        To::Chat(jid) => (2, jid),
    };
    transaction
        .execute(
            "INSERT INTO outgoing (member_id, kind, address, subject, content, tells_leaving, made) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![member.0, kind, address, notice.subject, notice.text, tells_leaving, day(today)],
        )
        .map(drop)
        .map_err(failed)
}

/// What waits to be sent, the oldest first.
pub(super) fn waiting(connection: &Connection) -> Result<Vec<Outgoing>, ListsError> {
    connection
        .prepare_cached("SELECT id, kind, address, subject, content FROM outgoing ORDER BY id LIMIT 200")
        .and_then(|mut statement| {
            statement
                .query_map([], |row| {
                    Ok(Outgoing {
                        id: row.get(0)?,
                        to: to(row, 1)?,
                        notice: Notice { subject: row.get(3)?, text: row.get(4)? },
                    })
                })
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

/// Notes that a message was sent: from then on a member who was removed has been told, if the address is proven to be
/// theirs, or none is.
pub(super) fn sent(transaction: &Transaction<'_>, id: i64, today: Date) -> Result<(), ListsError> {
    let gone: Vec<(u32, bool)> = transaction
        .prepare_cached(
            "DELETE FROM outgoing WHERE id = ?1 RETURNING member_id, tells_leaving AND ( \
             EXISTS (SELECT 1 FROM member_identity i WHERE i.member_id = outgoing.member_id \
             AND i.kind = outgoing.kind AND i.value = outgoing.address AND i.state = 0) \
             OR NOT EXISTS (SELECT 1 FROM member_identity i WHERE i.member_id = outgoing.member_id \
             AND i.kind IN (0, 2) AND i.state = 0))",
        )
        .and_then(|mut statement| {
            statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?))).and_then(Iterator::collect)
        })
        .map_err(failed)?;
    for (member, tells_leaving) in gone {
        if tells_leaving {
            leaving::told(transaction, MemberId(member), today)?;
        }
    }
    Ok(())
}

/// Gives up what couldn't be sent for two weeks. Where the clock has jumped, the weeks begin anew.
pub(super) fn give_up(transaction: &Transaction<'_>, today: Date) -> Result<(), ListsError> {
    let (today, first) = (day(today), first_day(today));
    transaction
        .execute(
            "UPDATE outgoing SET made = ?1 WHERE made > ?1 OR made < ?2",
            [today, first.saturating_sub(LATE_DAYS)],
        )
        .and_then(|_| {
            transaction.execute("DELETE FROM outgoing WHERE made < ?1 AND tells_leaving = 0", [first])
        })
        .map(drop)
        .map_err(failed)
}

/// Whether anything waits that [`give_up`] has to do with.
pub(super) fn has_old(connection: &Connection, today: Date) -> Result<bool, ListsError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM outgoing WHERE made > ?1 OR (made < ?2 AND tells_leaving = 0))",
            [day(today), first_day(today)],
            |row| row.get(0),
        )
        .map_err(failed)
}

fn first_day(today: Date) -> i64 {
    day(today).saturating_sub(TRIED_DAYS)
}
