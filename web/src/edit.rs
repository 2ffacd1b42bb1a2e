//! Editing an entry: the box of the front page, filled with what is there. Whoever edits what somebody else changed
//! meanwhile is told.

use std::sync::Arc;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::{Effect, EntryId};
use policy_core::lists::{Listed, ListsError, NewEntry};
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::block::{page, understood};
use crate::chrome::Tab;
use crate::draft::{Draft, Errors};
use crate::forms::Posted;
use crate::list::{entry_problem, on_entry, shortened};
use crate::persons::attach;
use crate::preview::preview;
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
    consider(&app, &posted.session, posted.form).await
}

/// After a sign-in in the middle of this form.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, carried: &str) -> Option<Response> {
    let draft: Draft = serde_urlencoded::from_str(carried).ok()?;
    Some(consider(app, session, Draft { seen: String::new(), ..draft }).await)
}

async fn consider(app: &Arc<App>, session: &SignedIn, mut draft: Draft) -> Response {
    let there = match listed(app, session, &draft.id).await {
        Ok(listed) => listed,
        Err(error) => return entry_problem(app, session, Tab::List, &error),
    };
    let effect = there.entry.effect;
    let (entry, remarks) = match understood(app, session, effect, &mut draft).await {
        Ok(understood) => understood,
        Err(errors) => return page(app, session, effect, &draft, errors, None).await,
    };
    if draft.seen != draft.shown() {
        return match preview(app, session, &entry, &remarks).await {
            Ok(preview) => page(app, session, effect, &draft, Errors::default(), Some(preview)).await,
            Err(error) => entry_problem(app, session, Tab::List, &error),
        };
    }
    match save(app, session, there.entry.id, entry, &draft).await {
        Ok(()) => {
            let tab = if effect == Effect::Block { Tab::List } else { Tab::Allowed };
            Redirect::to(tab.path()).into_response()
        }
        Err(ListsError::ChangedMeanwhile(_)) => {
            // Their version is shown, this one stays in the form; saving once more is a decision.
            draft.revision = there.revision.to_string();
            let now = Draft::of(&there.entry, there.revision);
            let filling = [("value", now.value.as_str()), ("note", &now.note), ("until", &now.until)];
            let errors = Errors::of_value(app.web.texts.with_all("error-changed-now", &filling));
            page(app, session, effect, &draft, errors, None).await
        }
        Err(error) => {
            let errors = Errors::of_value(app.web.texts.lists_error(&error));
            page(app, session, effect, &draft, errors, None).await
        }
    }
}

async fn save(
    app: &Arc<App>,
    session: &SignedIn,
    id: EntryId,
    entry: NewEntry,
    draft: &Draft,
) -> Result<(), ListsError> {
    let actor = session.actor;
    let address = entry.pattern.clone();
    // A form without a readable number saw nothing.
    let seen = Some(draft.revision.parse().unwrap_or(0));
    let edited = app.ask(move |lists| lists.edit(actor, id, seen, entry)).await?;
    attach(app, session, &draft.person, address).await?;
    let value = shortened(&edited.after.pattern.typed);
    let undo = (edited.before != edited.after).then(|| Undo::of_edited(edited.before));
    app.sessions.notify(session, app.web.texts.with("done-updated", "value", &value), undo);
    Ok(())
}
