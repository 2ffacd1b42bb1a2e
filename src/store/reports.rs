//! Reports of spam and abuse that members let the admin know of, until the admin has decided.

use std::collections::BTreeMap;

use jiff::civil::Date;
use policy_core::client_blocks::entry_of;
use policy_core::entry::{Channels, MemberId};
use policy_core::identity::{Domain, Identity};
use policy_core::lists::{Actor, ListsError, MemberIdentity};
use policy_core::pattern::{PatternKind, understand};
use policy_core::reports::{Reason, Report, Reported, Reports, Sharing, WORDS};
use policy_core::sentence::Sentence;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::codes::{Code, date_of, day};
use super::rows::{code, known};
use super::{Store, failed, guard, members, often, tell, today};
use crate::notices;

/// Reports of one member that wait; beyond them, those of the oldest days are forgotten.
const MOST: u32 = 100;

/// How often a day a member's addresses may be told that their reports are shared.
const TOLD_A_DAY: u32 = 5;

impl Code for Sharing {
    const ALL: &'static [Self] = &[Self::Nothing, Self::Address, Self::Words];
}

impl Code for Reason {
    const ALL: &'static [Self] = &[Self::Spam, Self::Abuse, Self::Other];
}

impl Reports for Store {
    fn sharing(&self, member: MemberId) -> Result<Sharing, ListsError> {
        sharing(&guard(&self.reader), member)
    }

    fn share(&self, actor: Actor, sharing: Sharing) -> Result<(), ListsError> {
        // Whoever came by a link the admin made must not open to the admin what the member keeps closed.
        let Actor::Member(member) = actor else {
            return Err(ListsError::Refused(Sentence::of("why-unproven-shares")));
        };
        self.write(|transaction| share(transaction, member, sharing, today()))
    }

    fn report(&self, member: MemberId, account: &Identity, report: &Report) -> Result<(), ListsError> {
        self.write(|transaction| keep(transaction, member, account, report, today()))
    }

    fn reported(&self) -> Result<Vec<Reported>, ListsError> {
        let reader = guard(&self.reader);
        let mut statement = reader
            .prepare_cached(
                "SELECT typed, channels, reason, words, made FROM report ORDER BY made, member_id",
            )
            .map_err(failed)?;
        let rows = statement.query_map([], Kept::read).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        Ok(together(rows.map_err(failed)?))
    }

    fn decided(&self, typed: &str) -> Result<(), ListsError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM report WHERE typed = ?1", [typed]).map(drop).map_err(failed)
        })
    }
}

impl Store {
    /// Whether there are reports of which the admin hasn't heard.
    pub fn has_new_reports(&self) -> Result<bool, ListsError> {
        guard(&self.reader)
            .query_row("SELECT EXISTS (SELECT 1 FROM report WHERE told = 0)", [], |row| row.get(0))
            .map_err(failed)
    }

    /// Notes that the admin has heard that there are some.
    pub fn reports_told(&self) -> Result<(), ListsError> {
        self.write(|transaction| {
            transaction.execute("UPDATE report SET told = 1 WHERE told = 0", []).map(drop).map_err(failed)
        })
    }
}

fn sharing(connection: &Connection, member: MemberId) -> Result<Sharing, ListsError> {
    connection
        .query_row("SELECT shares_reports FROM member WHERE id = ?1", [member.0], |row| code(row, 0))
        .optional()
        .map(Option::unwrap_or_default)
        .map_err(failed)
}

fn share(
    transaction: &Transaction<'_>,
    member: MemberId,
    new: Sharing,
    today: Date,
) -> Result<(), ListsError> {
    let more = new.code() > sharing(transaction, member)?.code();
    if more && !often::once_more(transaction, &format!("reports of {}", member.0), TOLD_A_DAY, today)? {
        return Err(ListsError::Refused(Sentence::of("why-shares-today")));
    }
    transaction
        .execute("UPDATE member SET shares_reports = ?2 WHERE id = ?1", params![member.0, new.code()])
        .and_then(|_| match new {
            Sharing::Nothing => {
                transaction.execute("DELETE FROM report WHERE member_id = ?1", [member.0]).map(drop)
            }
            Sharing::Address => {
                transaction.execute("UPDATE report SET words = '' WHERE member_id = ?1", [member.0]).map(drop)
            }
            Sharing::Words => Ok(()),
        })
        .map_err(failed)?;
    if more {
        tell::everywhere(transaction, member, &notices::reports_shared(today), false, today)?;
    }
    Ok(())
}

fn keep(
    transaction: &Transaction<'_>,
    member: MemberId,
    account: &Identity,
    report: &Report,
    today: Date,
) -> Result<(), ListsError> {
    let sharing = sharing(transaction, member)?;
    let Some(entry) = entry_of(member, account, &report.jid).filter(|_| sharing != Sharing::Nothing) else {
        return Ok(());
    };
    let Ok(reported) = Identity::parse_jid(&report.jid) else { return Ok(()) };
    if reported.domain() == account.domain() || is_of_a_member(transaction, &reported)? {
        return Ok(());
    }
    let words: String = match sharing {
        Sharing::Words => report.words.trim().chars().take(WORDS).collect(),
        Sharing::Nothing | Sharing::Address => String::new(),
    };
    transaction
        .execute(
            "INSERT OR REPLACE INTO report (member_id, typed, channels, reason, words, made) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                member.0,
                entry.pattern.typed,
                entry.channels.code(),
                report.reason.code(),
                words,
                day(today)
            ],
        )
        .and_then(|_| {
            transaction.execute(
                "DELETE FROM report WHERE member_id = ?1 AND typed NOT IN \
                 (SELECT typed FROM report WHERE member_id = ?1 ORDER BY made DESC, typed LIMIT ?2)",
                params![member.0, MOST],
            )
        })
        .map(drop)
        .map_err(failed)
}

/// Whether this is a member, or a domain that some of their addresses are at.
fn is_of_a_member(connection: &Connection, reported: &Identity) -> Result<bool, ListsError> {
    let same = |own: Result<Identity, _>| {
        own.is_ok_and(|own| match reported.local() {
            Some(_) => own == *reported,
            None => own.domain() == reported.domain(),
        })
    };
    let theirs = |identity: &MemberIdentity| match identity {
        MemberIdentity::Mail(mail) => same(Identity::parse_mail(mail)),
        MemberIdentity::Jid(jid) => same(Identity::parse_jid(jid.trim())),
        MemberIdentity::CatchAll(domain) => {
            Domain::parse(domain.trim()).is_ok_and(|domain| domain == *reported.domain())
        }
        MemberIdentity::Login(_) => false,
    };
    Ok(members::all(connection)?.iter().any(|member| member.identities.iter().any(theirs)))
}

/// A report as it is kept.
struct Kept {
    typed: String,
    channels: Channels,
    reason: Reason,
    words: String,
    made: Date,
}

impl Kept {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let made = row.get(4)?;
        Ok(Self {
            typed: row.get(0)?,
            channels: code(row, 1)?,
            reason: code(row, 2)?,
            words: row.get(3)?,
            made: known(4, made, date_of(made))?,
        })
    }
}

/// All reports of one address as one; `all` are in the order in which they were made.
fn together(all: Vec<Kept>) -> Vec<Reported> {
    let mut by_address: BTreeMap<String, Reported> = BTreeMap::new();
    for kept in all {
        let Ok(understood) = understand(&kept.typed, Some(PatternKind::Address), true) else { continue };
        let one = by_address.entry(kept.typed).or_insert_with(|| Reported {
            pattern: understood.pattern,
            channels: kept.channels,
            reasons: Vec::new(),
            members: 0,
            words: Vec::new(),
            last: kept.made,
        });
        one.members += 1;
        one.last = kept.made;
        if !one.reasons.contains(&kept.reason) {
            one.reasons.push(kept.reason);
        }
        one.words.extend(Some(kept.words).filter(|words| !words.is_empty()));
    }
    let mut reported: Vec<Reported> = by_address.into_values().collect();
    reported.sort_by_key(|one| std::cmp::Reverse(one.last));
    reported
}
