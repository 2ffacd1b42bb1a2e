//! Whose a mail address is: codes that are mailed to it, and the yes of those who have it already.

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use policy_core::addresses::{AddressState, Addresses, OwnAddress, ShareRequest};
use policy_core::entry::MemberId;
use policy_core::identity::Identity;
use policy_core::lists::{Actor, ListsError, Member, MemberIdentity};
use policy_core::sentence::Sentence;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::codes::{Code, day};
use super::rows::code;
use super::{Entries, Store, To, failed, guard, members, often, tell, today};
use crate::notices;

/// Days for which a code counts.
const CODE_DAYS: i64 = 3;

/// Codes that are mailed to one address a day, whoever asks for them.
const CODES_AN_ADDRESS: u32 = 3;

/// Codes that are mailed for one member a day.
const CODES_A_MEMBER: u32 = 10;

/// Addresses that a member may have.
const MOST: u32 = 50;

impl Code for AddressState {
    const ALL: &'static [Self] = &[Self::Theirs, Self::WaitsForCode, Self::WaitsForOwners];
}

fn refused<T>(why: &str) -> Result<T, ListsError> {
    Err(ListsError::Refused(Sentence::of(why)))
}

fn key(address: &str) -> Result<String, ListsError> {
    match Identity::parse_mail(address.trim()) {
        Ok(identity) if identity.local().is_some() => Ok(identity.key().to_owned()),
        Ok(_) => Err(ListsError::Refused(Sentence::of("why-address-is-domain").with("address", address))),
        Err(error) => Err(ListsError::Refused(members::unusable(address, error.sentence()))),
    }
}

/// What is kept of a code, however it was copied from the mail.
fn digest(code: &str) -> [u8; 32] {
    let letters = code.chars().filter(char::is_ascii_alphabetic);
    web::token_digest(&letters.map(|c| c.to_ascii_lowercase()).collect::<String>())
}

/// Three groups of four letters, 55 bits: too many for guessing, few enough for typing.
fn new_code() -> Result<String, ListsError> {
    let long = web::random_password()
        .map_err(|error| ListsError::Store(Sentence::of("store-random").with("error", error.to_string())))?;
    Ok(long.chars().take(14).collect())
}

fn state_of(
    connection: &Connection,
    member: MemberId,
    key: &str,
) -> Result<Option<AddressState>, ListsError> {
    connection
        .query_row(
            "SELECT state FROM member_identity WHERE member_id = ?1 AND kind = 0 AND norm_key = ?2",
            params![member.0, key],
            |row| code(row, 0),
        )
        .optional()
        .map_err(failed)
}

/// Mails a code to an address, which is the member's once they have entered it.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    member: MemberId,
    address: &str,
    today: Date,
) -> Result<(), ListsError> {
    let (address, key) = (address.trim(), key(address)?);
    match state_of(transaction, member, &key)? {
        Some(AddressState::Theirs) => return refused("why-address-theirs"),
        Some(AddressState::WaitsForOwners) => {
            return refused("why-address-waits");
        }
        Some(AddressState::WaitsForCode) | None => {}
    }
    let others: Vec<Member> =
        members::all(transaction)?.into_iter().filter(|other| other.id != member).collect();
    members::refuse_anothers_name(&MemberIdentity::Mail(address.to_owned()), &others)?;
    let has: u32 = transaction
        .query_row("SELECT count(*) FROM member_identity WHERE member_id = ?1", [member.0], |row| row.get(0))
        .map_err(failed)?;
    if has >= MOST {
        return Err(ListsError::Refused(Sentence::of("why-addresses-many").with("most", u64::from(MOST))));
    }
    if !often::once_more(transaction, &format!("code to {key}"), CODES_AN_ADDRESS, today)?
        || !often::once_more(transaction, &format!("codes for {}", member.0), CODES_A_MEMBER, today)?
    {
        return refused("why-codes-today");
    }
    let name: Option<String> = transaction
        .query_row("SELECT name FROM member WHERE id = ?1", [member.0], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let Some(name) = name else { return Err(ListsError::NoSuchMember(String::new())) };
    let code = new_code()?;
    let until = day(today).saturating_add(CODE_DAYS);
    transaction
        .execute(
            "INSERT INTO member_identity (member_id, kind, value, norm_key, state, code, code_until) \
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (member_id, kind, norm_key) \
             DO UPDATE SET value = excluded.value, code = excluded.code, code_until = excluded.code_until",
            params![member.0, address, key, AddressState::WaitsForCode.code(), digest(&code), until],
        )
        .map_err(failed)?;
    let notice = notices::address_code(&name, address, &code);
    tell::forget(transaction, member, address, &notice.subject)?;
    tell::send(transaction, member, &To::Mail(address.to_owned()), &notice, false, today)
}

fn confirm(
    transaction: &Transaction<'_>,
    member: MemberId,
    code: &str,
    today: Date,
) -> Result<OwnAddress, ListsError> {
    let found: Option<(String, String)> = transaction
        .query_row(
            "SELECT value, norm_key FROM member_identity \
             WHERE member_id = ?1 AND kind = 0 AND state = 1 AND code = ?2 AND code_until >= ?3",
            params![member.0, digest(code), day(today)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(failed)?;
    let Some((address, key)) = found else {
        return refused("why-code-wrong");
    };
    transaction
        .execute(
            "UPDATE member_identity SET state = 2, code = NULL, code_until = NULL \
             WHERE member_id = ?1 AND kind = 0 AND norm_key = ?2",
            params![member.0, key],
        )
        .map_err(failed)?;
    tell::forget(transaction, member, &address, &notices::address_code_subject())?;
    settle(transaction, &key)?;
    tell::others(transaction, member, &address, &notices::address_added(&address), today)?;
    let state = state_of(transaction, member, &key)?.unwrap_or(AddressState::WaitsForOwners);
    if state == AddressState::WaitsForOwners {
        for owner in owners(transaction, &key)? {
            tell::everywhere(transaction, owner, &notices::wants_to_share(&address), false, today)?;
        }
    }
    Ok(OwnAddress { member, address, state })
}

fn owners(connection: &Connection, key: &str) -> Result<Vec<MemberId>, ListsError> {
    members_with(connection, key, AddressState::Theirs)
}

fn members_with(
    connection: &Connection,
    key: &str,
    state: AddressState,
) -> Result<Vec<MemberId>, ListsError> {
    connection
        .prepare_cached(
            "SELECT member_id FROM member_identity WHERE kind = 0 AND norm_key = ?1 AND state = ?2 \
             ORDER BY member_id",
        )
        .and_then(|mut statement| {
            statement
                .query_map(params![key, state.code()], |row| row.get(0).map(MemberId))
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

/// Makes the address theirs who wait for owners that have all agreed, or that there are none of.
fn settle(transaction: &Transaction<'_>, key: &str) -> Result<(), ListsError> {
    for asker in members_with(transaction, key, AddressState::WaitsForOwners)? {
        transaction
            .execute(
                "UPDATE member_identity SET state = 0 WHERE member_id = ?1 AND kind = 0 AND norm_key = ?2 \
                 AND NOT EXISTS (SELECT 1 FROM member_identity o WHERE o.kind = 0 AND o.norm_key = ?2 AND o.state = 0 \
                 AND NOT EXISTS (SELECT 1 FROM address_consent c WHERE c.owner_id = o.member_id \
                 AND c.asker_id = ?1 AND c.norm_key = ?2))",
                params![asker.0, key],
            )
            .map_err(failed)?;
        if state_of(transaction, asker, key)? == Some(AddressState::Theirs) {
            forget_consent(transaction, asker, key)?;
        }
    }
    Ok(())
}

fn forget_consent(transaction: &Transaction<'_>, asker: MemberId, key: &str) -> Result<(), ListsError> {
    transaction
        .execute("DELETE FROM address_consent WHERE asker_id = ?1 AND norm_key = ?2", params![asker.0, key])
        .map(drop)
        .map_err(failed)
}

fn share(
    transaction: &Transaction<'_>,
    owner: MemberId,
    asker: MemberId,
    address: &str,
    agreed: bool,
) -> Result<(), ListsError> {
    let key = key(address)?;
    if state_of(transaction, owner, &key)? != Some(AddressState::Theirs)
        || state_of(transaction, asker, &key)? != Some(AddressState::WaitsForOwners)
    {
        return refused("why-nobody-shares");
    }
    if !agreed {
        return take(transaction, asker, &key);
    }
    transaction
        .execute(
            "INSERT OR IGNORE INTO address_consent (owner_id, asker_id, norm_key) VALUES (?1, ?2, ?3)",
            params![owner.0, asker.0, key],
        )
        .map_err(failed)?;
    settle(transaction, &key)
}

/// Takes an address from a member.
fn take(transaction: &Transaction<'_>, member: MemberId, key: &str) -> Result<(), ListsError> {
    forget_consent(transaction, member, key)?;
    transaction
        .execute("DELETE FROM address_consent WHERE owner_id = ?1 AND norm_key = ?2", params![member.0, key])
        .and_then(|_| {
            transaction.execute(
                "DELETE FROM member_identity WHERE member_id = ?1 AND kind = 0 AND norm_key = ?2",
                params![member.0, key],
            )
        })
        .map_err(failed)?;
    settle(transaction, key)
}

/// Takes all of a member's addresses from them, who is going.
pub(super) fn take_all(transaction: &Transaction<'_>, member: MemberId) -> Result<(), ListsError> {
    let keys: Vec<String> = transaction
        .prepare_cached("SELECT norm_key FROM member_identity WHERE member_id = ?1 AND kind = 0")
        .and_then(|mut statement| {
            statement.query_map([member.0], |row| row.get(0)).and_then(Iterator::collect)
        })
        .map_err(failed)?;
    keys.iter().try_for_each(|key| take(transaction, member, key))
}

fn all(connection: &Connection) -> Result<Vec<OwnAddress>, ListsError> {
    connection
        .prepare_cached(
            "SELECT member_id, value, state FROM member_identity WHERE kind = 0 ORDER BY member_id, norm_key",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], |row| {
                    let (member, address) = (MemberId(row.get(0)?), row.get(1)?);
                    Ok(OwnAddress { member, address, state: code(row, 2)? })
                })
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

fn requests(connection: &Connection, owner: MemberId) -> Result<Vec<ShareRequest>, ListsError> {
    connection
        .prepare_cached(
            "SELECT a.member_id, m.name, a.value FROM member_identity a JOIN member m ON m.id = a.member_id \
             JOIN member_identity o ON o.kind = 0 AND o.norm_key = a.norm_key AND o.state = 0 AND o.member_id = ?1 \
             WHERE a.kind = 0 AND a.state = 2 AND NOT EXISTS (SELECT 1 FROM address_consent c \
             WHERE c.owner_id = ?1 AND c.asker_id = a.member_id AND c.norm_key = a.norm_key) ORDER BY m.name",
        )
        .and_then(|mut statement| {
            statement
                .query_map([owner.0], |row| {
                    Ok(ShareRequest { asker: MemberId(row.get(0)?), name: row.get(1)?, address: row.get(2)? })
                })
                .and_then(Iterator::collect)
        })
        .map_err(failed)
}

/// Who came by a link without proof could take an address away, and with it the force of the entries they don't see.
fn proven(owner: Actor) -> Result<MemberId, ListsError> {
    match owner {
        Actor::Member(member) => Ok(member),
        Actor::Unproven(_) => refused("why-unproven"),
        Actor::Admin => refused("why-members-decide"),
    }
}

/// Who came without proof could ask the entries that they don't see about any sender and text, by mail to an address of theirs.
fn may_claim(actor: Actor, member: MemberId) -> Result<(), ListsError> {
    match actor {
        Actor::Admin => Ok(()),
        Actor::Member(own) if own == member => Ok(()),
        Actor::Unproven(own) if own == member => refused("why-unproven"),
        Actor::Member(_) | Actor::Unproven(_) => refused("why-own-only"),
    }
}

impl Addresses for Store {
    fn addresses(&self) -> Result<Vec<OwnAddress>, ListsError> {
        all(&guard(&self.reader))
    }

    fn share_requests(&self, owner: MemberId) -> Result<Vec<ShareRequest>, ListsError> {
        requests(&guard(&self.reader), owner)
    }

    fn claim_address(&self, actor: Actor, member: MemberId, address: &str) -> Result<(), ListsError> {
        may_claim(actor, member)?;
        self.write(|transaction| claim(transaction, member, address, today()))
    }

    fn confirm_address(&self, actor: Actor, member: MemberId, code: &str) -> Result<OwnAddress, ListsError> {
        may_claim(actor, member)?;
        self.change_members(Entries::Untouched, |transaction| confirm(transaction, member, code, today()))
    }

    fn share_address(
        &self,
        owner: Actor,
        asker: MemberId,
        address: &str,
        agreed: bool,
    ) -> Result<(), ListsError> {
        let owner = proven(owner)?;
        self.change_members(Entries::Untouched, |transaction| {
            share(transaction, owner, asker, address, agreed)
        })
    }

    fn give_up_address(&self, owner: Actor, address: &str) -> Result<(), ListsError> {
        let owner = proven(owner)?;
        self.change_members(Entries::Untouched, |transaction| {
            let key = key(address)?;
            match state_of(transaction, owner, &key)? {
                Some(_) => take(transaction, owner, &key),
                None => refused("why-address-not-yours"),
            }
        })
    }
}
