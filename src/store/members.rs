//! Members and their identities, as far as these are proven to be theirs (`addresses`).

use jiff::civil::Date;
use policy_core::entry::MemberId;
use policy_core::identity::{Domain, Identity};
use policy_core::lists::{ListsError, Member, MemberIdentity};
use policy_core::sentence::Sentence;
use policy_core::text::appearance;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::codes::{day, identity_code, identity_from_code};
use super::rows::known;
use super::{addresses, failed};

/// Stands in for the domain of a login that is only a name.
const NO_DOMAIN: &str = "localhost";

/// Without the mail addresses that wait to be theirs.
pub(super) fn all(connection: &Connection) -> Result<Vec<Member>, ListsError> {
    let mut members: Vec<Member> = Vec::new();
    let mut statement = connection
        .prepare_cached(
            "SELECT m.id, m.name, i.kind, i.value FROM member m \
             LEFT JOIN member_identity i ON i.member_id = m.id AND i.state = 0 ORDER BY m.name, m.id, i.kind, i.value",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let id = MemberId(row.get(0).map_err(failed)?);
        let name: String = row.get(1).map_err(failed)?;
        let kind: Option<i64> = row.get(2).map_err(failed)?;
        if members.last().is_none_or(|member| member.id != id) {
            members.push(Member { id, name, identities: Vec::new() });
        }
        if let (Some(kind), Some(member)) = (kind, members.last_mut()) {
            let value: String = row.get(3).map_err(failed)?;
            member.identities.push(known(2, kind, identity_from_code(kind, value)).map_err(failed)?);
        }
    }
    Ok(members)
}

pub(super) fn by_name(connection: &Connection, name: &str) -> Result<MemberId, ListsError> {
    connection
        .query_row("SELECT id FROM member WHERE name = ?1", [name.trim()], |row| row.get(0).map(MemberId))
        .optional()
        .map_err(failed)?
        .ok_or_else(|| ListsError::NoSuchMember(name.to_owned()))
}

pub(super) fn add(
    transaction: &Transaction<'_>,
    name: &str,
    identities: &[MemberIdentity],
    today: Date,
) -> Result<Member, ListsError> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ListsError::Refused(Sentence::of("why-member-name")));
    }
    if by_name(transaction, name).is_ok() {
        return Err(ListsError::Refused(Sentence::of("why-member-there").with("name", name)));
    }
    let others = all(transaction)?;
    let looks = appearance(name);
    if let Some(alike) = others.iter().find(|other| appearance(&other.name) == looks) {
        let there = Sentence::of("why-member-alike").with("name", name).with("other", alike.name.as_str());
        return Err(ListsError::Refused(there));
    }
    if let Some(other) = others.iter().find(|other| other.identities.iter().any(|own| names(name, own))) {
        let taken = Sentence::of("why-name-others").with("name", name);
        return Err(ListsError::Refused(taken.with("other", other.name.as_str())));
    }
    refuse_what_is_others(identities, &others)?;
    transaction
        .execute("INSERT INTO member (name, created) VALUES (?1, ?2)", params![name, day(today)])
        .map_err(failed)?;
    let number = transaction.last_insert_rowid();
    let id =
        u32::try_from(number).map(MemberId).map_err(|_| ListsError::Store(Sentence::of("store-members")))?;
    transaction.execute("INSERT INTO scope (id, member_id) VALUES (?1, ?1)", [number]).map_err(failed)?;
    let (mail, others): (Vec<_>, Vec<_>) =
        identities.iter().cloned().partition(|identity| matches!(identity, MemberIdentity::Mail(_)));
    for identity in &others {
        let (kind, value) = identity_code(identity);
        let value = value.trim();
        transaction
            .execute(
                "INSERT OR IGNORE INTO member_identity (member_id, kind, value, norm_key) VALUES (?1, ?2, ?3, ?4)",
                params![number, kind, value, key(identity)?],
            )
            .map_err(failed)?;
    }
    for identity in &mail {
        addresses::claim(transaction, id, identity_code(identity).1, today)?;
    }
    Ok(Member { id, name: name.to_owned(), identities: others })
}

/// What another member has: their list would count for it no more. And what can hardly be meant: a login that is another
/// member's name, and all addresses at a provider. Whose a mail address is, its code decides.
fn refuse_what_is_others(identities: &[MemberIdentity], others: &[Member]) -> Result<(), ListsError> {
    for identity in identities {
        let value = identity_code(identity).1.trim();
        if let Some(other) =
            others.iter().find(|other| other.identities.iter().any(|own| same(own, identity)))
        {
            let taken = Sentence::of("why-identity-others").with("value", value);
            return Err(ListsError::Refused(taken.with("other", other.name.as_str())));
        }
        refuse_anothers_name(identity, others)?;
        match identity {
            MemberIdentity::CatchAll(_) if Domain::parse(value).is_ok_and(|at| at.is_shared_provider()) => {
                return Err(ListsError::Refused(Sentence::of("why-catch-all-shared").with("domain", value)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whoever signs in with their name must not be taken for another. For a chat account its server vouches, whoever is called like it.
pub(super) fn refuse_anothers_name(identity: &MemberIdentity, others: &[Member]) -> Result<(), ListsError> {
    let Some(other) = others.iter().find(|other| names(&other.name, identity)) else { return Ok(()) };
    let value = identity_code(identity).1.trim();
    let taken = match identity {
        MemberIdentity::Login(_) => Sentence::of("why-login-others").with("login", value),
        MemberIdentity::Mail(_) => Sentence::of("why-address-a-name").with("address", value),
        MemberIdentity::Jid(_) | MemberIdentity::CatchAll(_) => return Ok(()),
    };
    Err(ListsError::Refused(taken.with("other", other.name.as_str())))
}

/// Whether whoever types this name could mean this identity, too.
fn names(name: &str, identity: &MemberIdentity) -> bool {
    use MemberIdentity::{CatchAll, Jid, Login, Mail};
    let as_identity = match identity {
        Mail(_) => Mail(name.to_owned()),
        Jid(_) => Jid(name.to_owned()),
        Login(login) if login.trim().to_lowercase() == name.to_lowercase() => return true,
        Login(_) => Login(name.to_owned()),
        CatchAll(_) => return false,
    };
    read(&as_identity).is_some_and(|key| Some(key) == read(identity))
}

/// Whether this identity, which somebody has, and the one that another is to have are one, however they are written. Where
/// nobody has an address as their login, whoever has the address logs in with it.
fn same(own: &MemberIdentity, new: &MemberIdentity) -> bool {
    use MemberIdentity::{CatchAll, Jid, Login, Mail};
    let shared = match new {
        Mail(_) => false,
        Jid(_) => matches!(own, Jid(_)),
        CatchAll(_) => matches!(own, CatchAll(_)),
        Login(_) => !matches!(own, CatchAll(_)),
    };
    shared && read(own).is_some_and(|own| Some(own) == read(new))
}

/// The key by which an identity is looked up.
fn read(identity: &MemberIdentity) -> Option<String> {
    let value = identity_code(identity).1.trim();
    let identity = match identity {
        MemberIdentity::Jid(_) => Identity::parse_jid(value).ok(),
        MemberIdentity::CatchAll(_) => Domain::parse(value).ok().map(Identity::from),
        MemberIdentity::Login(name) if !name.contains('@') => Identity::from_mail(value, NO_DOMAIN).ok(),
        MemberIdentity::Mail(_) | MemberIdentity::Login(_) => Identity::parse_mail(value).ok(),
    };
    identity.map(|identity| identity.key().to_owned())
}

/// Whether they have used Postward in any way; what is stored of whoever hasn't is the admin's own work.
pub(super) fn has_come(connection: &Connection, id: MemberId) -> Result<bool, ListsError> {
    connection
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sign_in WHERE member_id = ?1) \
             OR EXISTS (SELECT 1 FROM entry WHERE scope_id = ?1 AND added_by = 0)",
            [id.0],
            |row| row.get(0),
        )
        .map_err(failed)
}

pub(super) fn remove(transaction: &Transaction<'_>, id: MemberId) -> Result<(), ListsError> {
    addresses::take_all(transaction, id)?;
    transaction.execute("DELETE FROM member WHERE id = ?1", [id.0]).map_err(failed)?;
    Ok(())
}

/// What is wrong with an address that somebody typed.
pub(super) fn unusable(value: &str, problem: Sentence) -> Sentence {
    Sentence::of("why-value").with("value", value).with("problem", problem)
}

fn key(identity: &MemberIdentity) -> Result<String, ListsError> {
    let refused = |value: &str, problem: Sentence| ListsError::Refused(unusable(value, problem));
    match identity {
        MemberIdentity::Mail(value) => Identity::parse_mail(value.trim())
            .map(|identity| identity.key().to_owned())
            .map_err(|error| refused(value, error.sentence())),
        // What comes over the wire is read generously; what an admin typed would never match.
        MemberIdentity::Jid(value) => match Identity::parse_jid(value.trim()) {
            Ok(identity) if identity.local().is_none() || value.trim().contains(char::is_whitespace) => {
                Err(refused(value, Sentence::of("address-shape")))
            }
            Ok(identity) => Ok(identity.key().to_owned()),
            Err(error) => Err(refused(value, error.sentence())),
        },
        MemberIdentity::CatchAll(value) => Domain::parse(value.trim())
            .map(|domain| domain.key().to_owned())
            .map_err(|error| refused(value, error.sentence())),
        MemberIdentity::Login(value) if value.trim().is_empty() => {
            Err(ListsError::Refused(Sentence::of("why-login-empty")))
        }
        MemberIdentity::Login(value) => Ok(value.trim().to_owned()),
    }
}
