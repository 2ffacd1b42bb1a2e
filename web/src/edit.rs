//! Editing an entry: the box of the front page, filled with what is there. Whoever edits what somebody else changed
//! meanwhile is told.

use std::sync::Arc;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::{Action, Channels, Effect, Entry};
use policy_core::lists::{Edited, Listed, ListsError, NewEntry};
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::attach::attach;
use crate::block::{Open, look, page, take_back, understood};
use crate::chrome::Tab;
use crate::draft::{Draft, Errors};
use crate::forms::Posted;
use crate::in_force::done;
use crate::kept;
use crate::list::{entry_problem, on_entry, shortened};
use crate::session::SignedIn;

/// An entry's id: random, so that it says nothing in a history or a log.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    id: String,
}

pub(crate) async fn form(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(which): UrlQuery<Which>,
) -> Response {
    match listed(&app, &session, &which.id).await {
        Ok(listed) => {
            let mut draft = Draft::of(&listed.entry, listed.revision);
            draft.person = listed.person.unwrap_or_default();
            page(&app, &session, listed.entry.effect, &draft, Errors::default(), None).await
        }
        Err(error) => entry_problem(&app, &session, Tab::List, &error),
    }
}

async fn listed(app: &Arc<App>, session: &SignedIn, id: &str) -> Result<Listed, ListsError> {
    let actor = session.actor;
    let listed = on_entry(app, id, move |lists, id| lists.entry(actor, id)).await?;
    if actor.may_change(listed.entry.scope, listed.entry.added_by) {
        return Ok(listed);
    }
    Err(ListsError::Refused(Sentence::of("error-not-yours")))
}

pub(crate) async fn edit(State(app): State<Arc<App>>, posted: Posted<Draft>) -> Response {
    let Posted { session, form: mut draft } = posted;
    match consider(&app, &session, &mut draft).await {
        Ok(Effect::Block) => Redirect::to(Tab::List.path()).into_response(),
        Ok(Effect::Allow) => Redirect::to(Tab::Allowed.path()).into_response(),
        Err(Considered::Open(open)) => kept::answer(&app, &session, draft, *open).await,
        Err(Considered::Refused(error)) => entry_problem(&app, &session, Tab::List, &error),
    }
}

/// After a sign-in in the middle of this form.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, carried: &str) -> Option<Response> {
    let draft: Draft = serde_urlencoded::from_str(carried).ok()?;
    let mut draft = Draft { seen: String::new(), ..draft };
    match consider(app, session, &mut draft).await {
        Ok(_) => None,
        Err(Considered::Open(open)) => {
            Some(page(app, session, open.effect, &draft, open.errors, open.preview).await)
        }
        Err(Considered::Refused(error)) => Some(entry_problem(app, session, Tab::List, &error)),
    }
}

/// Why an edit isn't saved.
enum Considered {
    /// There is something to look at, or to mend.
    Open(Box<Open>),
    /// It isn't theirs to edit, or couldn't be read.
    Refused(ListsError),
}

impl From<Open> for Considered {
    fn from(open: Open) -> Self {
        Self::Open(Box::new(open))
    }
}

/// Saves the edit, and gives the entry's effect.
async fn consider(app: &Arc<App>, session: &SignedIn, draft: &mut Draft) -> Result<Effect, Considered> {
    let there = match listed(app, session, &draft.id).await {
        Ok(listed) => listed,
        Err(ListsError::NoSuchEntry(_)) => return Err(removed(app, draft).into()),
        Err(error) => return Err(Considered::Refused(error)),
    };
    let effect = there.entry.effect;
    let wrong = |errors| Considered::from(Open::wrong(effect, errors));
    let (entry, remarks) = understood(app, session, effect, draft).await.map_err(wrong)?;
    if draft.seen != draft.shown() {
        return Err(look(app, session, effect, &entry, remarks).await.into());
    }
    save(app, session, &there, entry, draft).await.map(|()| effect).map_err(wrong)
}

/// Somebody removed it meanwhile: what was typed stays, as a new entry.
fn removed(app: &App, draft: &mut Draft) -> Open {
    let effect = if draft.effect == "allow" { Effect::Allow } else { Effect::Block };
    (draft.id, draft.revision, draft.seen) = (String::new(), String::new(), String::new());
    Open::wrong(effect, Errors::of_value(app.web.texts.say("error-removed-now")))
}

async fn save(
    app: &Arc<App>,
    session: &SignedIn,
    there: &Listed,
    entry: NewEntry,
    draft: &mut Draft,
) -> Result<(), Errors> {
    let (actor, id) = (session.actor, there.entry.id);
    let address = entry.pattern.clone();
    // A form without a readable number saw nothing.
    let seen = Some(draft.revision.parse().unwrap_or(0));
    let new = entry.clone();
    let edited = match app.ask(move |lists| lists.edit(actor, id, seen, new)).await {
        Ok(edited) => edited,
        // Pressed twice, or come back to: it is as they want it.
        Err(ListsError::ChangedMeanwhile(_)) if is_so(&there.entry, &entry) => {
            Edited { before: there.entry.clone(), after: there.entry.clone() }
        }
        Err(ListsError::ChangedMeanwhile(_)) => {
            // Their version is shown, this one stays in the form; saving once more is a decision.
            draft.revision = there.revision.to_string();
            return Err(Errors::of_value(changed(app, there)));
        }
        Err(error) => return Err(Errors::of_value(app.web.texts.lists_error(&error))),
    };
    let undo = (edited.before != edited.after).then(|| Undo::of_edited(edited.before));
    if let Err(error) = attach(app, session, &draft.person, address).await {
        take_back(app, session, undo).await;
        if let Ok(now) = listed(app, session, &draft.id).await {
            draft.revision = now.revision.to_string();
        }
        return Err(Errors::of_person(app.web.texts.lists_error(&error)));
    }
    if undo.is_none() && app.sessions.has_unseen(session) {
        return Ok(());
    }
    let text =
        done(app, session, "done-updated", &shortened(&edited.after.pattern.typed), &edited.after).await;
    app.sessions.notify(session, text, undo);
    Ok(())
}

/// Whether an entry is as this one would make it.
fn is_so(there: &Entry, new: &NewEntry) -> bool {
    there.pattern == new.pattern
        && there.channels == new.channels
        && there.action == new.action
        && there.note == new.note
        && there.until == new.until
        && there.enabled == new.enabled
}

/// What somebody else has made of it: all that the form shows.
fn changed(app: &App, there: &Listed) -> String {
    let texts = &app.web.texts;
    let now = Draft::of(&there.entry, there.revision);
    let channels = match there.entry.channels {
        Channels::All => "channels-all",
        Channels::Mail => "channels-mail",
        Channels::Xmpp => "channels-xmpp",
    };
    let mut said = vec![now.value, texts.say(channels)];
    if there.entry.effect == Effect::Block && there.entry.action == Action::Refuse {
        said.push(texts.say("action-refuse-short"));
    }
    if !now.until.is_empty() {
        said.push(texts.with("row-until", "date", &now.until));
    }
    if !there.entry.enabled {
        said.push(texts.say("row-off"));
    }
    if !now.note.is_empty() {
        said.push(texts.with("changed-note", "note", &now.note));
    }
    texts.with("error-changed-now", "theirs", &said.join("; "))
}
