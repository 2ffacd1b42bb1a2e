//! Persons: one name, several addresses and JIDs, blocked together.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query as UrlQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::lists::{Change, Lists, ListsError, NewEntry};
use policy_core::pattern::{Pattern, PatternKind, understand};
use policy_core::persons::{MOST_IDENTITIES, NAME_CHARACTERS, Person, PersonId};
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::draft::is_one_address;
use crate::forms::Posted;
use crate::list::shortened;
use crate::session::SignedIn;

/// Persons on one page: with long names and addresses it still stays under 50 KB.
const PAGE: usize = 20;

/// Addresses of a person that the page lists by name.
const NAMED: usize = 3;

/// Bytes of names that the front page offers to choose from.
const OFFERED_BYTES: usize = 4 << 10;

struct Row {
    id: u32,
    name: String,
    identities: String,
    state: String,
    open: bool,
}

/// A person as they are being written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PersonDraft {
    id: Option<u32>,
    name: String,
    /// One a line.
    identities: String,
    /// "yes" to block them all as well.
    block: String,
    /// Of a person who is being edited: how they were when they were shown.
    seen: String,
}

#[derive(Template)]
#[template(path = "persons.html")]
struct PersonsPage<'a> {
    l: &'a Layout<'a>,
    rows: Vec<Row>,
    begins: bool,
    next: Option<usize>,
    draft: &'a PersonDraft,
    name_error: Option<String>,
    identities_error: Option<String>,
}

/// The names that are known, for the box on the front page.
pub(crate) async fn names(app: &Arc<App>, session: &SignedIn) -> Vec<String> {
    let mut bytes = 0;
    let persons = all(app, session).await.unwrap_or_default();
    let names = persons.into_iter().map(|person| person.name);
    names
        .take_while(|name| {
            bytes += name.len();
            bytes <= OFFERED_BYTES
        })
        .collect()
}

pub(crate) async fn all(app: &Arc<App>, session: &SignedIn) -> Result<Vec<Person>, ListsError> {
    let (actor, persons) = (session.actor, Arc::clone(&app.web.persons));
    app.ask(move |_| persons.persons(actor)).await
}

async fn one(app: &Arc<App>, session: &SignedIn, id: u32) -> Result<Person, ListsError> {
    let person = all(app, session).await?.into_iter().find(|person| person.id.0 == id);
    person.ok_or_else(|| ListsError::Refused(Sentence::of("error-no-such-person")))
}

/// Which person is to be edited, or from which one on they are shown: numbers say nothing.
#[derive(Deserialize)]
pub(crate) struct Which {
    id: Option<u32>,
    from: Option<usize>,
}

pub(crate) async fn form(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(which): UrlQuery<Which>,
) -> Response {
    let draft = match which.id {
        None => PersonDraft::default(),
        Some(id) => match one(&app, &session, id).await {
            Ok(person) => PersonDraft {
                id: Some(id),
                identities: lines(&person),
                seen: as_seen(&person),
                name: person.name,
                block: String::new(),
            },
            Err(error) => return failed(&app, &session, &error),
        },
    };
    show_from(&app, &session, which.from.unwrap_or(0), &draft, None, None).await
}

fn lines(person: &Person) -> String {
    let typed: Vec<&str> = person.identities.iter().map(|identity| identity.pattern.typed.as_str()).collect();
    typed.join("\n")
}

async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    draft: &PersonDraft,
    name_error: Option<String>,
    identities_error: Option<String>,
) -> Response {
    show_from(app, session, 0, draft, name_error, identities_error).await
}

async fn show_from(
    app: &Arc<App>,
    session: &SignedIn,
    from: usize,
    draft: &PersonDraft,
    name_error: Option<String>,
    identities_error: Option<String>,
) -> Response {
    let persons = match all(app, session).await {
        Ok(persons) => persons,
        Err(error) => return failed(app, session, &error),
    };
    let rows: Vec<Row> = persons.iter().skip(from).take(PAGE).map(|person| row(app, person)).collect();
    let end = from.saturating_add(rows.len());
    let next = (end < persons.len() && !rows.is_empty()).then_some(end);
    let layout = Layout::inside(app, session, Tab::Persons);
    let failed = name_error.is_some() || identities_error.is_some();
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(
        status,
        &PersonsPage { l: &layout, rows, begins: from == 0, next, draft, name_error, identities_error },
    )
}

fn row(app: &App, person: &Person) -> Row {
    let all = person.identities.len();
    let blocked = person.identities.iter().filter(|identity| identity.blocked.is_some()).count();
    let names: Vec<&str> =
        person.identities.iter().take(NAMED).map(|identity| identity.pattern.typed.as_str()).collect();
    let names = shortened(&names.join(", "));
    let state = match (blocked, all) {
        (_, 0) => app.web.texts.say("person-empty"),
        (0, _) => app.web.texts.say("person-free"),
        (blocked, all) if blocked == all => app.web.texts.say("person-blocked"),
        (blocked, all) => {
            let (blocked, all) = (blocked.to_string(), all.to_string());
            app.web.texts.with_all("person-partly", &[("blocked", &blocked), ("all", &all)])
        }
    };
    Row {
        id: person.id.0,
        name: person.name.clone(),
        identities: if all > NAMED { format!("{names}, …") } else { names },
        state,
        open: blocked < all,
    }
}

/// After a sign-in in the middle of this form.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, carried: &str) -> Option<Response> {
    let draft: PersonDraft = serde_urlencoded::from_str(carried).ok()?;
    Some(page(app, session, &draft, None, None).await)
}

pub(crate) async fn save(State(app): State<Arc<App>>, posted: Posted<PersonDraft>) -> Response {
    let Posted { session, form: mut draft } = posted;
    let name = draft.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        let error = app.web.texts.with("error-person-name", "most", &NAME_CHARACTERS.to_string());
        return page(&app, &session, &draft, Some(error), None).await;
    }
    let identities = match identities(&app, &draft.identities) {
        Ok(identities) => identities,
        Err(error) => return page(&app, &session, &draft, None, Some(error)).await,
    };
    let saved = match save_as(&app, &session, &draft, name, identities).await {
        Ok(saved) => saved,
        Err(error) => {
            let error = app.web.texts.lists_error(&error);
            return page(&app, &session, &draft, Some(error), None).await;
        }
    };
    let person = match &saved {
        Saved::Already(person) | Saved::Now { person, .. } => person.clone(),
        Saved::ChangedMeanwhile(theirs) => {
            // Their version is shown, this one stays in the form; saving once more is a decision.
            draft.seen = as_seen(theirs);
            let error = app.web.texts.with("error-person-changed-now", "theirs", &draft.seen);
            return page(&app, &session, &draft, Some(error), None).await;
        }
    };
    if draft.block != "yes" {
        app.sessions.notify(&session, app.web.texts.with("done-person", "name", &person.name), None);
        return Redirect::to(Tab::Persons.path()).into_response();
    }
    match block_all(&app, &session, person).await {
        Ok(done) => done,
        Err(error) => {
            take_back(&app, &session, saved).await;
            let error = app.web.texts.lists_error(&error);
            page(&app, &session, &draft, None, Some(error)).await
        }
    }
}

/// What became of a person.
enum Saved {
    /// Pressed twice: they are there already, just as typed.
    Already(Person),
    Now {
        person: Person,
        before: Option<Person>,
    },
    /// Somebody else gave them another name or other addresses after they were shown.
    ChangedMeanwhile(Person),
}

async fn save_as(
    app: &Arc<App>,
    session: &SignedIn,
    draft: &PersonDraft,
    name: String,
    identities: Vec<Pattern>,
) -> Result<Saved, ListsError> {
    let (actor, persons) = (session.actor, Arc::clone(&app.web.persons));
    let (id, seen) = (draft.id.map(PersonId), draft.seen.clone());
    let save = move |_: &dyn Lists| {
        let keys = |person: &Person| -> BTreeSet<String> {
            person.identities.iter().map(|one| one.pattern.key.clone()).collect()
        };
        let typed: BTreeSet<String> = identities.iter().map(|one| one.key.clone()).collect();
        let known = persons.persons(actor)?;
        let is_so = |person: &&Person| person.name == name && keys(person) == typed;
        if let Some(person) = known.iter().find(is_so).filter(|person| id.is_none_or(|id| id == person.id)) {
            return Ok(Saved::Already(person.clone()));
        }
        let before = known.into_iter().find(|person| Some(person.id) == id);
        match before {
            Some(theirs) if as_seen(&theirs) != seen => Ok(Saved::ChangedMeanwhile(theirs)),
            before => {
                let person = persons.save_person(actor, id, &name, &identities)?;
                Ok(Saved::Now { person, before })
            }
        }
    };
    app.ask(save).await
}

/// A person on one line.
fn as_seen(person: &Person) -> String {
    format!("{}: {}", person.name, lines(person).replace('\n', ", "))
}

/// Nothing is saved by halves.
async fn take_back(app: &Arc<App>, session: &SignedIn, saved: Saved) {
    let Saved::Now { person, before } = saved else { return };
    let (actor, persons) = (session.actor, Arc::clone(&app.web.persons));
    let taken_back = app.ask(move |_| match before {
        Some(before) => {
            let known: Vec<Pattern> = before.identities.into_iter().map(|one| one.pattern).collect();
            persons.save_person(actor, Some(person.id), &before.name, &known).map(drop)
        }
        None => persons.remove_person(actor, person.id).map(drop),
    });
    let _ = taken_back.await;
}

/// One address a line; the error names the first line that isn't one.
fn identities(app: &App, typed: &str) -> Result<Vec<Pattern>, String> {
    let mut identities: Vec<Pattern> = Vec::new();
    for (number, line) in (1..).zip(typed.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let in_line = |problem: &str| {
            let number = i32::to_string(&number);
            app.web.texts.with_all("error-in-line", &[("line", &number), ("problem", problem)])
        };
        match understand(line, Some(PatternKind::Address), false) {
            Ok(understood) if !is_one_address(&understood.pattern) => {
                return Err(in_line(&app.web.texts.say("error-person-address")));
            }
            Ok(understood) => {
                if identities.iter().all(|one| one.key != understood.pattern.key) {
                    identities.push(understood.pattern);
                }
            }
            Err(error) => return Err(in_line(&app.web.texts.pattern_error(&error))),
        }
    }
    if identities.is_empty() {
        return Err(app.web.texts.say("error-person-no-address"));
    }
    if identities.len() > MOST_IDENTITIES {
        return Err(app.web.texts.with("error-person-many", "most", &MOST_IDENTITIES.to_string()));
    }
    Ok(identities)
}

/// A button beside a person, or on the front page beside one of their addresses.
#[derive(Deserialize)]
pub(crate) struct OnPerson {
    id: u32,
}

pub(crate) async fn block(State(app): State<Arc<App>>, posted: Posted<OnPerson>) -> Response {
    let blocked = match one(&app, &posted.session, posted.form.id).await {
        Ok(person) => block_all(&app, &posted.session, person).await,
        Err(error) => Err(error),
    };
    blocked.unwrap_or_else(|error| failed(&app, &posted.session, &error))
}

async fn block_all(app: &Arc<App>, session: &SignedIn, person: Person) -> Result<Response, ListsError> {
    let scope = session.actor.own_scope();
    let open = person.identities.into_iter().filter(|identity| identity.blocked.is_none());
    let entries: Vec<NewEntry> =
        open.map(|identity| NewEntry { scope, ..NewEntry::block(identity.pattern) }).collect();
    let actor = session.actor;
    let added = app.ask(move |lists| lists.add(actor, entries)).await?;
    let changed =
        |by: Change| added.iter().filter(move |added| added.change == by).map(|added| added.entry.id);
    // What was there and switched off stays on the list when this is taken back.
    let (new, old): (Vec<_>, Vec<_>) = (changed(Change::Added).collect(), changed(Change::Updated).collect());
    // Pressed twice: the first answer, with its way back, hasn't been seen yet.
    if new.is_empty() && old.is_empty() && app.sessions.has_unseen(session) {
        return Ok(Redirect::to(Tab::Persons.path()).into_response());
    }
    let undo = (!new.is_empty() || !old.is_empty()).then_some(Undo::Withdraw { new, old });
    let text = app.web.texts.with("done-person-blocked", "name", &person.name);
    app.sessions.notify(session, text, undo);
    Ok(Redirect::to(Tab::Persons.path()).into_response())
}

pub(crate) async fn unblock(State(app): State<Arc<App>>, posted: Posted<OnPerson>) -> Response {
    let Posted { session, form } = posted;
    let person = match one(&app, &session, form.id).await {
        Ok(person) => person,
        Err(error) => return failed(&app, &session, &error),
    };
    let ids: Vec<_> = person.identities.iter().filter_map(|identity| identity.blocked).collect();
    let actor = session.actor;
    match app.ask(move |lists| lists.remove(actor, &ids)).await {
        Ok(removed) => {
            if !removed.is_empty() || !app.sessions.has_unseen(&session) {
                let text = app.web.texts.with("done-person-unblocked", "name", &person.name);
                let undo = (!removed.is_empty()).then_some(Undo::PutBack(removed));
                app.sessions.notify(&session, text, undo);
            }
            Redirect::to(Tab::Persons.path()).into_response()
        }
        Err(error) => failed(&app, &session, &error),
    }
}

pub(crate) async fn remove(State(app): State<Arc<App>>, posted: Posted<OnPerson>) -> Response {
    let Posted { session, form } = posted;
    let (actor, persons) = (session.actor, Arc::clone(&app.web.persons));
    let removed = app.ask(move |_| persons.remove_person(actor, PersonId(form.id))).await;
    match removed {
        Ok(person) => {
            let text = app.web.texts.with("done-person-removed", "name", &person.name);
            app.sessions.notify_of_person(&session, text, person);
            Redirect::to(Tab::Persons.path()).into_response()
        }
        Err(error) => failed(&app, &session, &error),
    }
}

fn failed(app: &App, session: &SignedIn, error: &ListsError) -> Response {
    let layout = Layout::inside(app, session, Tab::Persons);
    problem(&layout, StatusCode::CONFLICT, "failed-title", &app.web.texts.lists_error(error))
}
