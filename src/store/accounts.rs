//! Accounts of the settings page: passwords, one-time links, recovery codes, and what is hidden from whom.

use std::time::Duration;

use jiff::civil::Date;
use policy_core::entry::MemberId;
use policy_core::identity::Identity;
use policy_core::lists::{Actor, ListsError, MemberIdentity};
use policy_core::logins::Logins;
use policy_core::sentence::Sentence;
use policy_core::sign_in::{Account, NewsKind, Proofs, Proven, Secrets};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::codes::{date_of, day};
use super::{failed, leaving, members, often, persons, tell};
use crate::notices::{self, Asker};

/// How long a link can be used that the admin made, who has to bring it to the member.
const LINK_BY_ADMIN: Duration = Duration::from_secs(3 * 24 * 3600);

/// The same for one that the member asked for.
const LINK_BY_MEMBER: Duration = Duration::from_secs(3600);

/// Links that the admin makes for a member a day, and a member for themselves: all of the member's addresses hear of each.
const LINKS_A_DAY: u32 = 5;

/// The setting that is there as long as the admin's password is one that was made and shown.
const MADE: &str = "admin-password-made";

pub(super) fn of(connection: &Connection, actor: Actor) -> Result<Option<Account>, ListsError> {
    let Some(member) = actor.member() else { return admin(connection).map(Some) };
    let row = connection
        .query_row(
            "SELECT m.name, s.password, s.last_on, s.old_password IS NOT NULL OR s.doubted = 1 FROM member m \
             LEFT JOIN sign_in s ON s.member_id = m.id WHERE m.id = ?1",
            [member.0],
            |row| {
                let last_on: Option<i64> = row.get(2)?;
                let hidden: Option<bool> = row.get(3)?;
                Ok((row.get::<_, String>(0)?, row.get(1)?, last_on, hidden.unwrap_or_default()))
            },
        )
        .optional()
        .map_err(failed)?;
    let Some((name, password, last_on, hidden)) = row else { return Ok(None) };
    Ok(Some(Account {
        actor: if hidden { Actor::Unproven(member) } else { Actor::Member(member) },
        name,
        password,
        made: false,
        last_sign_in: last_on.and_then(date_of),
        leaves: leaving::of(connection, member)?,
        by_account: false,
    }))
}

fn admin(connection: &Connection) -> Result<Account, ListsError> {
    let row = connection
        .query_row(
            "SELECT password, last_on, EXISTS (SELECT 1 FROM setting WHERE name = ?1) FROM sign_in \
             WHERE member_id IS NULL",
            [MADE],
            |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(failed)?;
    let (password, last_on, made) = row.unwrap_or_default();
    Ok(Account {
        actor: Actor::Admin,
        name: String::new(),
        password,
        made,
        last_sign_in: last_on.and_then(date_of),
        leaves: None,
        by_account: false,
    })
}

/// A login name counts before an address, that before a member's name, which the admin chose; what several members have means none
/// of them.
pub(super) fn named(connection: &Connection, name: &str) -> Result<Option<Account>, ListsError> {
    let name = name.trim();
    if name.is_empty() {
        return admin(connection).map(Some);
    }
    let mail = Identity::parse_mail(name).ok().filter(|identity| identity.local().is_some());
    let jid = Identity::parse_jid(name).ok().filter(|identity| identity.local().is_some());
    let all = members::all(connection)?;
    let by_address = |identity: &MemberIdentity| match identity {
        MemberIdentity::Mail(own) => mail.is_some() && Identity::parse_mail(own).ok() == mail,
        MemberIdentity::Jid(own) => jid.is_some() && Identity::parse_jid(own).ok() == jid,
        MemberIdentity::Login(_) | MemberIdentity::CatchAll(_) => false,
    };
    let with = |known: &dyn Fn(&MemberIdentity) -> bool| -> Vec<MemberId> {
        all.iter().filter(|member| member.identities.iter().any(known)).map(|member| member.id).collect()
    };
    let called = || -> Vec<MemberId> {
        all.iter().filter(|member| member.name.eq_ignore_ascii_case(name)).map(|member| member.id).collect()
    };
    let mut found = Logins::new(&all).owners(name);
    if found.is_empty() {
        found = with(&by_address);
        if found.len() != 1 {
            let called = called();
            found = if called.is_empty() { found } else { called };
        }
    }
    match found.as_slice() {
        [member] => of(connection, Actor::Member(*member)),
        [] if name.eq_ignore_ascii_case("admin") => admin(connection).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn members_sign_in(connection: &Connection) -> Result<bool, ListsError> {
    connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sign_in WHERE member_id IS NOT NULL)", [], |row| row.get(0))
        .map_err(failed)
}

pub(super) fn set_password(
    transaction: &Transaction<'_>,
    actor: Actor,
    hash: &str,
) -> Result<(), ListsError> {
    let member = actor.member().map(|member| member.0);
    if member.is_none() {
        transaction.execute("DELETE FROM setting WHERE name = ?1", [MADE]).map_err(failed)?;
    }
    let changed = transaction
        .execute("UPDATE sign_in SET password = ?2 WHERE member_id IS ?1", params![member, hash])
        .map_err(failed)?;
    if changed == 0 {
        transaction
            .execute("INSERT INTO sign_in (member_id, password) VALUES (?1, ?2)", params![member, hash])
            .map_err(failed)?;
    }
    Ok(())
}

/// Sets the admin's password to one that was made for them, until they choose their own.
pub(super) fn set_made_password(transaction: &Transaction<'_>, hash: &str) -> Result<(), ListsError> {
    set_password(transaction, Actor::Admin, hash)?;
    transaction.execute("INSERT INTO setting (name, value) VALUES (?1, '')", [MADE]).map(drop).map_err(failed)
}

/// Notes the day, and gives the one of the time before.
pub(super) fn signed_in(
    transaction: &Transaction<'_>,
    actor: Actor,
    today: Date,
) -> Result<Option<Date>, ListsError> {
    let member = actor.member().map(|member| member.0);
    let before: Option<Option<i64>> = transaction
        .query_row("SELECT last_on FROM sign_in WHERE member_id IS ?1", [member], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    // One write a day: storage cards wear.
    if before.flatten() != Some(day(today)) {
        transaction
            .execute("UPDATE sign_in SET last_on = ?2 WHERE member_id IS ?1", params![member, day(today)])
            .map_err(failed)?;
    }
    Ok(before.flatten().and_then(date_of))
}

/// Keeps a link's key and says how long it lasts. From the second link of a member on, all their addresses hear of it.
pub(super) fn make_link(
    transaction: &Transaction<'_>,
    actor: Actor,
    member: MemberId,
    key: &[u8; 32],
    now: i64,
    today: Date,
) -> Result<Duration, ListsError> {
    let (lasts, asker) = match actor {
        Actor::Admin => (LINK_BY_ADMIN, Asker::Admin),
        Actor::Member(own) if own == member => (LINK_BY_MEMBER, Asker::Member),
        Actor::Member(_) | Actor::Unproven(_) => {
            return Err(ListsError::Refused(Sentence::of("why-link-own-only")));
        }
    };
    let again: Option<bool> = transaction
        .query_row("SELECT link_made FROM member WHERE id = ?1", [member.0], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let Some(again) = again else { return Err(ListsError::NoSuchMember(String::new())) };
    if !often::once_more(transaction, &format!("link for {} by {asker:?}", member.0), LINKS_A_DAY, today)? {
        return Err(ListsError::Refused(
            Sentence::of("why-links-today").with("count", u64::from(LINKS_A_DAY)),
        ));
    }
    let until = now.saturating_add(i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX));
    transaction
        .execute(
            "INSERT INTO sign_in_link (member_id, token, until, to_account) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (member_id) DO UPDATE \
             SET token = excluded.token, until = excluded.until, to_account = excluded.to_account",
            params![member.0, key, until, asker == Asker::Member],
        )
        .and_then(|_| transaction.execute("UPDATE member SET link_made = 1 WHERE id = ?1", [member.0]))
        .map_err(failed)?;
    // Whoever has used Postward from their chat or mail program has a list to lose by the first link already.
    if again || members::has_come(transaction, member)? {
        tell::news(transaction, member, NewsKind::Link, today)?;
        tell::everywhere(transaction, member, &notices::link_made(asker, today), false, today)?;
    }
    Ok(lasts)
}

/// Uses a link up.
pub(super) fn use_link(
    transaction: &Transaction<'_>,
    key: &[u8; 32],
    now: i64,
) -> Result<Option<Account>, ListsError> {
    // One that would last longer than any does was made by a clock that was ahead.
    let latest = now.saturating_add(i64::try_from(LINK_BY_ADMIN.as_secs()).unwrap_or(i64::MAX));
    let used: Option<(u32, bool)> = transaction
        .query_row(
            "DELETE FROM sign_in_link WHERE token = ?1 AND until BETWEEN ?2 AND ?3 \
             RETURNING member_id, to_account",
            params![key, now, latest],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(failed)?;
    let Some((member, by_account)) = used else { return Ok(None) };
    let account = of(transaction, Actor::Member(MemberId(member)))?;
    Ok(account.map(|account| Account { by_account, ..account }))
}

pub(super) fn proofs(connection: &Connection, member: MemberId) -> Result<Proofs, ListsError> {
    let proofs = connection
        .query_row(
            "SELECT password, recovery, old_password, old_recovery FROM sign_in WHERE member_id = ?1",
            [member.0],
            |row| {
                Ok(Proofs {
                    current: Secrets { password: row.get(0)?, recovery: row.get(1)? },
                    earlier: Secrets { password: row.get(2)?, recovery: row.get(3)? },
                })
            },
        )
        .optional()
        .map_err(failed)?;
    Ok(proofs.unwrap_or_default())
}

/// Sets the secrets of whoever came by a link, and hides from them what they haven't proven to be theirs. What proves it
/// is kept, however often somebody comes by a link after that.
pub(super) fn begin_anew(
    transaction: &Transaction<'_>,
    member: MemberId,
    secrets: &Secrets,
    proven: Proven,
) -> Result<(), ListsError> {
    let had_password = proofs(transaction, member)?.current.password.is_some();
    let listed_by_chat = !had_password && has_listed_by_chat(transaction, member)?;
    if proven == Proven::Nothing && had_password {
        transaction
            .execute(
                "UPDATE sign_in SET old_password = password, old_recovery = recovery \
                 WHERE member_id = ?1 AND old_password IS NULL AND doubted = 0",
                [member.0],
            )
            .map_err(failed)?;
    }
    if proven == Proven::Nothing && (had_password || listed_by_chat) {
        transaction
            .execute("UPDATE entry SET hidden = 1 WHERE scope_id = ?1 AND added_by <> 1", [member.0])
            .and_then(|_| transaction.execute("UPDATE person SET hidden = 1 WHERE scope_id = ?1", [member.0]))
            .map_err(failed)?;
    }
    set_password(transaction, Actor::Member(member), secrets.password.as_deref().unwrap_or_default())?;
    set_recovery(transaction, member, secrets.recovery.as_deref())?;
    match proven {
        Proven::Nothing if listed_by_chat => set_trust(transaction, member, Trust::Doubted),
        Proven::Nothing | Proven::Current => Ok(()),
        Proven::Earlier => unhide(transaction, member),
        Proven::Account => {
            set_trust(transaction, member, Trust::Account)?;
            unhide(transaction, member)
        }
    }
}

/// Whether the member has a chat account and entries of their own.
fn has_listed_by_chat(connection: &Connection, member: MemberId) -> Result<bool, ListsError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM member_identity WHERE member_id = ?1 AND kind = 2) \
             AND EXISTS (SELECT 1 FROM entry WHERE scope_id = ?1 AND added_by = 0)",
            [member.0],
            |row| row.get(0),
        )
        .map_err(failed)
}

/// What is known of whoever has a member's secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The member's own chat account was given the link by which they came.
    Account,
    /// They came otherwise, and the account has changed the list.
    Doubted,
}

fn set_trust(transaction: &Transaction<'_>, member: MemberId, trust: Trust) -> Result<(), ListsError> {
    transaction
        .execute(
            "UPDATE sign_in SET by_account = ?2, doubted = ?3 WHERE member_id = ?1",
            params![member.0, trust == Trust::Account, trust == Trust::Doubted],
        )
        .map(drop)
        .map_err(failed)
}

/// Whether somebody has the member's page of whom nothing shows that they have the member's chat account.
pub(super) fn trusted_unproven(connection: &Connection, member: MemberId) -> Result<bool, ListsError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sign_in WHERE member_id = ?1 AND by_account = 0 AND doubted = 0)",
            [member.0],
            |row| row.get(0),
        )
        .map_err(failed)
}

/// Hides from them what the member's chat account lists from now on, and tells the member that somebody has the page.
pub(super) fn doubt(transaction: &Transaction<'_>, member: MemberId, today: Date) -> Result<(), ListsError> {
    set_trust(transaction, member, Trust::Doubted)?;
    tell::everywhere(transaction, member, &notices::page_was_open(), false, today)
}

/// Whether what this actor adds is hidden from who has the member's page: the member's chat or mail program added it.
pub(super) fn hides(connection: &Connection, actor: Actor) -> Result<bool, ListsError> {
    let Actor::Member(member) = actor else { return Ok(false) };
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM sign_in \
             WHERE member_id = ?1 AND (old_password IS NOT NULL OR doubted = 1))",
        )
        .and_then(|mut statement| statement.query_row([member.0], |row| row.get(0)))
        .map_err(failed)
}

pub(super) fn set_recovery(
    transaction: &Transaction<'_>,
    member: MemberId,
    hash: Option<&str>,
) -> Result<(), ListsError> {
    transaction
        .execute("UPDATE sign_in SET recovery = ?2 WHERE member_id = ?1", params![member.0, hash])
        .map(drop)
        .map_err(failed)
}

/// Shows what was hidden, but for what is kept for the member's chat account.
pub(super) fn unhide(transaction: &Transaction<'_>, member: MemberId) -> Result<(), ListsError> {
    let doubted: bool = transaction
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sign_in WHERE member_id = ?1 AND doubted = 1)",
            [member.0],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if !doubted {
        transaction
            .execute("UPDATE entry SET hidden = 0 WHERE scope_id = ?1 AND hidden = 1", [member.0])
            .map_err(failed)?;
        persons::unhide(transaction, member)?;
    }
    transaction
        .execute(
            "UPDATE sign_in SET old_password = NULL, old_recovery = NULL WHERE member_id = ?1",
            [member.0],
        )
        .map(drop)
        .map_err(failed)
}
