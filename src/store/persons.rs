//! Persons and their identities.

use policy_core::entry::{EntryId, MemberId};
use policy_core::lists::{Actor, ListsError};
use policy_core::pattern::{Pattern, PatternKind};
use policy_core::persons::{
    MOST_IDENTITIES, MOST_PERSONS, NAME_CHARACTERS, Person, PersonId, PersonIdentity, Persons,
};
use policy_core::sentence::Sentence;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::codes::scope_code;
use super::{Store, failed, guard, query};

/// A mail address, as in `member_identity`: the same address may be a JID, and is on the list as one.
const ADDRESS: i64 = 0;

impl Persons for Store {
    fn persons(&self, actor: Actor) -> Result<Vec<Person>, ListsError> {
        select(&guard(&self.reader), actor, None)
    }

    fn person_of(&self, actor: Actor, address: &Pattern) -> Result<Option<Person>, ListsError> {
        let reader = guard(&self.reader);
        let id = owner(&reader, actor, address)?;
        match id {
            Some(id) => select(&reader, actor, Some(id)).map(|persons| persons.into_iter().next()),
            None => Ok(None),
        }
    }

    fn save_person(
        &self,
        actor: Actor,
        id: Option<PersonId>,
        name: &str,
        identities: &[Pattern],
    ) -> Result<Person, ListsError> {
        let mut writer = self.writer.take()?;
        let transaction = writer.transaction().map_err(failed)?;
        let name = acceptable(name, identities)?;
        let id = keep_name(&transaction, actor, id, name)?;
        transaction.execute("DELETE FROM person_identity WHERE person_id = ?1", [id.0]).map_err(failed)?;
        for identity in identities {
            if let Some(other) = owner(&transaction, actor, identity)?.filter(|other| *other != id) {
                let other = select(&transaction, actor, Some(other))?.pop().map(|other| other.name);
                return Err(ListsError::Refused(
                    Sentence::of("why-address-of")
                        .with("address", identity.typed.as_str())
                        .with("name", other.unwrap_or_default()),
                ));
            }
            transaction
                .execute(
                    "INSERT OR IGNORE INTO person_identity (person_id, kind, value, norm_key) VALUES (?1, ?2, ?3, ?4)",
                    params![id.0, ADDRESS, identity.typed, identity.key],
                )
                .map_err(failed)?;
        }
        let saved = one(&transaction, actor, id)?;
        transaction.commit().map_err(failed)?;
        Ok(saved)
    }

    fn remove_person(&self, actor: Actor, id: PersonId) -> Result<Person, ListsError> {
        let mut writer = self.writer.take()?;
        let transaction = writer.transaction().map_err(failed)?;
        let person = one(&transaction, actor, id)?;
        transaction.execute("DELETE FROM person WHERE id = ?1", [id.0]).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(person)
    }
}

/// Shows the persons that were hidden. An address that persons made since have, too, is the earliest one's.
pub(super) fn unhide(transaction: &Transaction<'_>, member: MemberId) -> Result<(), ListsError> {
    transaction
        .execute(
            "DELETE FROM person_identity WHERE person_id IN (SELECT id FROM person WHERE scope_id = ?1) \
             AND EXISTS (SELECT 1 FROM person_identity i JOIN person p ON p.id = i.person_id \
             WHERE i.norm_key = person_identity.norm_key AND p.scope_id = ?1 AND p.id < person_identity.person_id)",
            [member.0],
        )
        .and_then(|_| {
            transaction.execute("UPDATE person SET hidden = 0 WHERE scope_id = ?1 AND hidden = 1", [member.0])
        })
        .map(drop)
        .map_err(failed)
}

fn acceptable<'n>(name: &'n str, identities: &[Pattern]) -> Result<&'n str, ListsError> {
    let name = name.trim();
    let refused = |why| Err(ListsError::Refused(why));
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        return refused(Sentence::of("why-person-name").with("most", NAME_CHARACTERS as u64));
    }
    if identities.len() > MOST_IDENTITIES {
        return refused(Sentence::of("why-person-many").with("most", MOST_IDENTITIES as u64));
    }
    if let Some(other) = identities.iter().find(|one| one.kind != PatternKind::Address || one.is_glob()) {
        return refused(Sentence::of("why-not-one-address").with("value", other.typed.as_str()));
    }
    Ok(name)
}

/// Makes the person, or gives them this name.
fn keep_name(
    transaction: &Transaction<'_>,
    actor: Actor,
    id: Option<PersonId>,
    name: &str,
) -> Result<PersonId, ListsError> {
    let scope = scope_code(actor.own_scope());
    let namesake: Option<u32> = transaction
        .query_row(
            "SELECT id FROM person WHERE scope_id = ?1 AND name = ?2 AND hidden <= ?3 AND id IS NOT ?4",
            params![scope, name, query::most_hidden(actor), id.map(|id| id.0)],
            |row| row.get(0),
        )
        .optional()
        .map_err(failed)?;
    if namesake.is_some() {
        return Err(ListsError::Refused(Sentence::of("why-person-there").with("name", name)));
    }
    if let Some(id) = id {
        one(transaction, actor, id)?;
        transaction
            .execute("UPDATE person SET name = ?2 WHERE id = ?1", params![id.0, name])
            .map_err(failed)?;
        return Ok(id);
    }
    let count: i64 = transaction
        .query_row(
            "SELECT count(*) FROM person WHERE scope_id = ?1 AND hidden <= ?2",
            [scope, query::most_hidden(actor)],
            |row| row.get(0),
        )
        .map_err(failed)?;
    if count.unsigned_abs() >= MOST_PERSONS as u64 {
        return Err(ListsError::Refused(Sentence::of("why-persons-many").with("most", MOST_PERSONS as u64)));
    }
    transaction
        .execute("INSERT INTO person (scope_id, name) VALUES (?1, ?2)", params![scope, name])
        .map_err(failed)?;
    u32::try_from(transaction.last_insert_rowid())
        .map(PersonId)
        .map_err(|_| ListsError::Store(Sentence::of("store-persons")))
}

fn owner(connection: &Connection, actor: Actor, address: &Pattern) -> Result<Option<PersonId>, ListsError> {
    connection
        .prepare_cached(
            "SELECT p.id FROM person_identity i JOIN person p ON p.id = i.person_id \
             WHERE i.norm_key = ?1 AND p.scope_id = ?2 AND p.hidden <= ?3",
        )
        .and_then(|mut statement| {
            let whose = params![address.key, scope_code(actor.own_scope()), query::most_hidden(actor)];
            statement.query_row(whose, |row| row.get(0).map(PersonId)).optional()
        })
        .map_err(failed)
}

fn one(connection: &Connection, actor: Actor, id: PersonId) -> Result<Person, ListsError> {
    select(connection, actor, Some(id))?
        .pop()
        .ok_or_else(|| ListsError::Refused(Sentence::of("error-no-such-person")))
}

fn select(connection: &Connection, actor: Actor, id: Option<PersonId>) -> Result<Vec<Person>, ListsError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT p.id, p.name, i.value, i.norm_key, \
             (SELECT e.id FROM entry e WHERE e.norm_key = i.norm_key AND e.kind = 0 AND e.scope_id = p.scope_id \
              AND e.effect = 0 AND e.enabled = 1 AND e.hidden <= ?3 LIMIT 1) \
             FROM person p LEFT JOIN person_identity i ON i.person_id = p.id \
             WHERE p.scope_id = ?1 AND p.hidden <= ?3 AND (?2 IS NULL OR p.id = ?2) ORDER BY p.name, p.id, i.norm_key",
        )
        .map_err(failed)?;
    let whose = params![scope_code(actor.own_scope()), id.map(|id| id.0), query::most_hidden(actor)];
    let mut rows = statement.query(whose).map_err(failed)?;
    let mut persons: Vec<Person> = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let id = PersonId(row.get(0).map_err(failed)?);
        if persons.last().is_none_or(|person| person.id != id) {
            persons.push(Person { id, name: row.get(1).map_err(failed)?, identities: Vec::new() });
        }
        let typed: Option<String> = row.get(2).map_err(failed)?;
        if let (Some(typed), Some(person)) = (typed, persons.last_mut()) {
            let blocked: Option<u32> = row.get(4).map_err(failed)?;
            person.identities.push(PersonIdentity {
                pattern: Pattern { kind: PatternKind::Address, typed, key: row.get(3).map_err(failed)? },
                blocked: blocked.and_then(EntryId::from_number),
            });
        }
    }
    Ok(persons)
}
