//! An address that is said to be a person's while it is blocked.

use std::sync::Arc;

use policy_core::lists::ListsError;
use policy_core::pattern::Pattern;
use policy_core::persons::{MOST_IDENTITIES, MOST_PERSONS, Person, PersonId};
use policy_core::sentence::Sentence;

use crate::App;
use crate::draft::is_one_address;
use crate::persons::all;
use crate::session::SignedIn;

/// A person who is to have an address besides.
struct Attached {
    id: Option<PersonId>,
    name: String,
    identities: Vec<Pattern>,
}

/// The person of this name, who may be new, with this address; `None` where nothing is to be done.
async fn with_address(
    app: &Arc<App>,
    session: &SignedIn,
    name: &str,
    address: &Pattern,
) -> Result<Option<Attached>, ListsError> {
    let name = name.trim().to_owned();
    if name.is_empty() || !is_one_address(address) {
        return Ok(None);
    }
    let refused = |why| Err(ListsError::Refused(why));
    let persons = all(app, session).await?;
    let (count, is_it) = (persons.len(), |person: &Person| person.name.to_lowercase() == name.to_lowercase());
    let has_it = |person: &Person| person.identities.iter().any(|one| one.pattern.key == address.key);
    if let Some(owner) = persons.iter().find(|person| has_it(person)) {
        return if is_it(owner) {
            Ok(None)
        } else {
            refused(Sentence::of("error-person-other").with("name", owner.name.as_str()))
        };
    }
    let (id, mut identities) = match persons.into_iter().find(is_it) {
        Some(person) => {
            let identities: Vec<Pattern> = person.identities.into_iter().map(|one| one.pattern).collect();
            (Some(person.id), identities)
        }
        None if count >= MOST_PERSONS => {
            return refused(Sentence::of("why-persons-many").with("most", MOST_PERSONS as u64));
        }
        None => (None, Vec::new()),
    };
    if identities.len() >= MOST_IDENTITIES {
        return refused(Sentence::of("why-person-many").with("most", MOST_IDENTITIES as u64));
    }
    identities.push(address.clone());
    Ok(Some(Attached { id, name, identities }))
}

/// Whether an address can be this person's.
pub(crate) async fn may_attach(
    app: &Arc<App>,
    session: &SignedIn,
    name: &str,
    address: &Pattern,
) -> Result<(), ListsError> {
    with_address(app, session, name, address).await.map(drop)
}

/// Says that an address is this person's; the name may be new.
pub(crate) async fn attach(
    app: &Arc<App>,
    session: &SignedIn,
    name: &str,
    address: Pattern,
) -> Result<(), ListsError> {
    let _alone = app.attaching.lock().await;
    let Some(Attached { id, name, identities }) = with_address(app, session, name, &address).await? else {
        return Ok(());
    };
    let (actor, persons) = (session.actor, Arc::clone(&app.web.persons));
    app.ask(move |_| persons.save_person(actor, id, &name, &identities)).await.map(drop)
}
