//! Persons: correspondents with several addresses under one name, as one scope knows them.

use serde::{Deserialize, Serialize};

use crate::entry::EntryId;
use crate::lists::{Actor, ListsError};
use crate::pattern::Pattern;

/// A person's number in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u32);

/// A correspondent with several identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The person's number.
    pub id: PersonId,
    /// What the scope's owner calls them.
    pub name: String,
    /// By what they are known, in the order of their keys.
    pub identities: Vec<PersonIdentity>,
}

/// An address or a JID of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonIdentity {
    /// The address, of the kind that blocks it.
    pub pattern: Pattern,
    /// The entry that blocks exactly this address in the scope, if there is one that is switched on.
    pub blocked: Option<EntryId>,
}

/// How many identities one person may have.
pub const MOST_IDENTITIES: usize = 100;

/// How many persons a scope may have.
pub const MOST_PERSONS: usize = 500;

/// Characters of a person's name.
pub const NAME_CHARACTERS: usize = 100;

/// The persons of the actor's own scope; nobody sees another's.
pub trait Persons: Send + Sync {
    /// All of them, by name.
    fn persons(&self, actor: Actor) -> Result<Vec<Person>, ListsError>;

    /// The person whose address this is.
    fn person_of(&self, actor: Actor, address: &Pattern) -> Result<Option<Person>, ListsError>;

    /// Makes a person, or gives the one of this number another name and other identities. An address belongs to one
    /// person at most.
    fn save_person(
        &self,
        actor: Actor,
        id: Option<PersonId>,
        name: &str,
        identities: &[Pattern],
    ) -> Result<Person, ListsError>;

    /// Forgets a person; entries stay. Returns the person as they were.
    fn remove_person(&self, actor: Actor, id: PersonId) -> Result<Person, ListsError>;
}
