//! What is done with entries of the list: remove, switch off and on, one or several; undo.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::{Entry, EntryId};
use policy_core::lists::ListsError;
use policy_core::undo::Undo;
use serde::Deserialize;

use super::{entry_problem, on_entry, shortened};
use crate::App;
use crate::chrome::Tab;
use crate::forms::Posted;
use crate::in_force::{done, some_stay_blocked};
use crate::session::{LastChange, SignedIn, TakeBack};

/// A button beside an entry was pressed.
#[derive(Deserialize)]
pub(crate) struct OnEntry {
    id: String,
    #[serde(default)]
    tab: String,
    after: Option<u64>,
}

fn back(tab: Tab, after: Option<u64>) -> Response {
    let path = tab.path();
    match after {
        Some(after) => Redirect::to(&format!("{path}?after={after}")),
        None => Redirect::to(path),
    }
    .into_response()
}

pub(crate) async fn remove(State(app): State<Arc<App>>, posted: Posted<OnEntry>) -> Response {
    let Posted { session, form } = posted;
    let (actor, tab) = (session.actor, Tab::at(&form.tab));
    let removed = on_entry(&app, &form.id, move |lists, id| lists.remove(actor, &[id])).await;
    removal(&app, &session, tab, form.after, removed)
}

fn removal(
    app: &App,
    session: &SignedIn,
    tab: Tab,
    after: Option<u64>,
    removed: Result<Vec<Entry>, ListsError>,
) -> Response {
    let removed = match removed {
        Ok(removed) => removed,
        // Pressed twice: the first answer says that it is removed.
        Err(ListsError::NoSuchEntry(_)) if app.sessions.has_unseen(session) => return back(tab, after),
        Err(error) => return entry_problem(app, session, tab, &error),
    };
    let text = match removed.as_slice() {
        [] => return back(tab, after),
        [entry] => app.web.texts.with("done-removed", "value", &shortened(&entry.pattern.typed)),
        several => app.web.texts.count("done-removed-several", several.len() as u64),
    };
    app.sessions.notify(session, text, Some(Undo::PutBack(removed)));
    back(tab, after)
}

/// "on" or "off" and an id, from one button.
#[derive(Deserialize)]
pub(crate) struct Switch {
    switch: String,
    #[serde(default)]
    tab: String,
    after: Option<u64>,
}

/// Switches an entry off, or on again: whichever it is not.
pub(crate) async fn switch(State(app): State<Arc<App>>, posted: Posted<Switch>) -> Response {
    let Posted { session, form } = posted;
    let (actor, tab) = (session.actor, Tab::at(&form.tab));
    let (on, id) = form.switch.split_once(' ').unwrap_or_default();
    let on = on == "on";
    let switched = on_entry(&app, id, move |lists, id| lists.set_enabled(actor, &[id], on)).await;
    switching(&app, &session, tab, form.after, on, switched).await
}

async fn switching(
    app: &Arc<App>,
    session: &SignedIn,
    tab: Tab,
    after: Option<u64>,
    on: bool,
    switched: Result<Vec<Entry>, ListsError>,
) -> Response {
    let switched = match switched {
        Ok(switched) => switched,
        Err(error) => return entry_problem(app, session, tab, &error),
    };
    let text = match switched.as_slice() {
        [] => return back(tab, after),
        [entry] if on => done(app, session, "done-on", &shortened(&entry.pattern.typed), entry).await,
        [entry] => app.web.texts.with("done-off", "value", &shortened(&entry.pattern.typed)),
        several if on => {
            let said = app.web.texts.count("done-on-several", several.len() as u64);
            [Some(said), some_stay_blocked(app, session, several).await]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        }
        several => app.web.texts.count("done-off-several", several.len() as u64),
    };
    let ids = switched.iter().map(|entry| entry.id).collect();
    app.sessions.notify(session, text, Some(Undo::Switch(ids, !on)));
    back(tab, after)
}

/// A form in which a field may stand several times, as fields are.
type Fields = Vec<(String, String)>;

/// Does one thing with all entries that were ticked, or with none of them.
pub(crate) async fn chosen(State(app): State<Arc<App>>, posted: Posted<Fields>) -> Response {
    let Posted { session, form } = posted;
    let field = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let tab = Tab::at(field("tab").unwrap_or_default());
    let after = field("after").and_then(|after| after.parse().ok());
    let ids: Result<Vec<EntryId>, ListsError> = form
        .iter()
        .filter(|(name, _)| name == "chosen")
        .map(|(_, id)| id.parse().map_err(|_| ListsError::NoSuchEntry(id.clone())))
        .collect();
    let ids = match ids {
        Ok(ids) if ids.is_empty() => {
            app.sessions.notify(&session, app.web.texts.say("chosen-none"), None);
            return back(tab, after);
        }
        Ok(ids) => ids,
        Err(error) => return entry_problem(&app, &session, tab, &error),
    };
    let actor = session.actor;
    match field("do") {
        Some("remove") => {
            let removed = app.ask(move |lists| lists.remove(actor, &ids)).await;
            removal(&app, &session, tab, after, removed)
        }
        Some(switch @ ("on" | "off")) => {
            let on = switch == "on";
            let switched = app
                .ask(move |lists| {
                    // What is so already must stay so when this is taken back.
                    let differ = |id: &EntryId| lists.entry(actor, *id).map(|one| one.entry.enabled != on);
                    let mut others = Vec::new();
                    for id in ids {
                        if differ(&id)? {
                            others.push(id);
                        }
                    }
                    lists.set_enabled(actor, &others, on)
                })
                .await;
            switching(&app, &session, tab, after, on, switched).await
        }
        _ => back(tab, after),
    }
}

#[derive(Deserialize)]
pub(crate) struct UndoForm {
    number: u64,
    #[serde(default)]
    tab: String,
}

/// Takes the last change back, if the button belongs to it: an old page's button does nothing.
pub(crate) async fn undo(State(app): State<Arc<App>>, posted: Posted<UndoForm>) -> Response {
    let Posted { session, form } = posted;
    let tab = Tab::at(&form.tab);
    let undo = app.sessions.remember(&session, |memory| match &memory.undo {
        Some(last) if last.number == form.number => memory.undo.take(),
        _ => None,
    });
    let Some(LastChange { take_back, .. }) = undo.flatten() else {
        // Pressed twice: the first answer says that it is undone.
        if !app.sessions.has_unseen(&session) {
            app.sessions.notify(&session, app.web.texts.say("undo-too-late"), None);
        }
        return Redirect::to(tab.path()).into_response();
    };
    let actor = session.actor;
    let persons = Arc::clone(&app.web.persons);
    let undone = app
        .ask(move |lists| match take_back {
            TakeBack::Lists(undo) => undo.carry_out(lists, actor).map(drop),
            TakeBack::Person(person) => {
                let known: Vec<_> = person.identities.into_iter().map(|one| one.pattern).collect();
                persons.save_person(actor, None, &person.name, &known).map(drop)
            }
        })
        .await;
    match undone {
        Ok(()) => {
            app.sessions.notify(&session, app.web.texts.say("undo-done"), None);
            Redirect::to(tab.path()).into_response()
        }
        Err(error) => entry_problem(&app, &session, tab, &error),
    }
}
