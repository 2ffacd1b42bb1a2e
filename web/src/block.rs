//! The front page: one box, which says what it understood and what that will catch before it is saved.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::Effect;
use policy_core::lists::{Actor, Added, Change, Lists, ListsError, NewEntry, Query, Status};
use policy_core::pattern::Remark;
use policy_core::undo::Undo;

use crate::App;
use crate::attach::{attach, may_attach};
use crate::chrome::{Layout, Tab, show};
use crate::draft::{Draft, Errors, Form, read};
use crate::forms::Posted;
use crate::in_force::{InForce, done, doors};
use crate::kept;
use crate::persons::names;
use crate::preview::{Preview, preview};
use crate::session::SignedIn;

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    l: &'a Layout<'a>,
    f: Form<'a>,
    state: Vec<InForce>,
}

/// The page with the box; only the front page says what is in force.
pub(crate) async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    draft: &Draft,
    errors: Errors,
    preview: Option<Preview>,
) -> Response {
    let front = draft.id.is_empty() && effect == Effect::Block;
    let actor = session.actor;
    let state = if front { app.ask(move |lists| counted(lists, actor)).await.ok() } else { None };
    let tab = match (draft.id.is_empty(), effect) {
        (true, Effect::Block) => Tab::Block,
        (false, Effect::Block) => Tab::List,
        (_, Effect::Allow) => Tab::Allowed,
    };
    let layout = Layout::inside(app, session, tab);
    let code = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = Form { l: &layout, effect, draft, errors, preview, persons: names(app, session).await };
    let state = state.map_or_else(Vec::new, |(status, entries)| doors(app, actor, &status, entries));
    show(code, &Front { l: &layout, f: form, state })
}

/// How Postward is doing, and how many entries there are for whoever looks: the household's, and a member's own.
fn counted(lists: &dyn Lists, actor: Actor) -> Result<(Status, u64), ListsError> {
    let status = lists.status()?;
    let entries = match actor {
        Actor::Admin => status.entries,
        Actor::Member(_) | Actor::Unproven(_) => {
            lists.entries(actor, &Query { limit: 1, ..Query::default() })?.total
        }
    };
    Ok((status, entries))
}

pub(crate) async fn front(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, Effect::Block, &Draft::default(), Errors::default(), None).await
}

pub(crate) async fn block(State(app): State<Arc<App>>, posted: Posted<Draft>) -> Response {
    submit(&app, posted, Effect::Block).await
}

pub(crate) async fn allow(State(app): State<Arc<App>>, posted: Posted<Draft>) -> Response {
    submit(&app, posted, Effect::Allow).await
}

async fn submit(app: &Arc<App>, posted: Posted<Draft>, effect: Effect) -> Response {
    let Posted { session, form: mut draft } = posted;
    match consider(app, &session, effect, &mut draft).await {
        Ok(()) => {
            let tab = if effect == Effect::Block { Tab::Block } else { Tab::Allowed };
            Redirect::to(tab.path()).into_response()
        }
        Err(open) => kept::answer(app, &session, draft, open).await,
    }
}

/// After a sign-in in the middle of this form: what was typed is there again, to be looked at before it is saved.
pub(crate) async fn resume(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    carried: &str,
) -> Option<Response> {
    let draft: Draft = serde_urlencoded::from_str(carried).ok()?;
    let mut draft = Draft { seen: String::new(), ..draft };
    match consider(app, session, effect, &mut draft).await {
        Ok(()) => None,
        Err(open) => Some(page(app, session, effect, &draft, open.errors, open.preview).await),
    }
}

/// A draft that isn't saved: what its page shows beside it.
pub(crate) struct Open {
    pub(crate) effect: Effect,
    pub(crate) errors: Errors,
    pub(crate) preview: Option<Preview>,
}

impl Open {
    pub(crate) fn wrong(effect: Effect, errors: Errors) -> Self {
        Self { effect, errors, preview: None }
    }
}

/// Saves the draft if the person has seen what it will do; otherwise that is to be shown.
async fn consider(app: &Arc<App>, session: &SignedIn, effect: Effect, draft: &mut Draft) -> Result<(), Open> {
    let wrong = |errors| Open::wrong(effect, errors);
    let (entry, remarks) = understood(app, session, effect, draft).await.map_err(wrong)?;
    if draft.seen == draft.shown() {
        return save(app, session, entry, &draft.person).await.map_err(wrong);
    }
    Err(look(app, session, effect, &entry, remarks).await)
}

/// What the entry will do is to be looked at.
pub(crate) async fn look(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    entry: &NewEntry,
    remarks: Vec<Remark>,
) -> Open {
    match preview(app, session, entry, remarks).await {
        Ok(preview) => Open { effect, errors: Errors::default(), preview: Some(preview) },
        Err(error) => Open::wrong(effect, Errors::of_value(app.web.texts.lists_error(&error))),
    }
}

/// What the draft says, with the suggestion that was taken, and what the person should know of it; otherwise what is wrong.
pub(crate) async fn understood(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    draft: &mut Draft,
) -> Result<(NewEntry, Vec<Remark>), Errors> {
    draft.end_lines_with_lf();
    if !draft.instead.is_empty() {
        draft.value = std::mem::take(&mut draft.instead);
        (draft.kind, draft.confirmed) = (String::new(), String::new());
    }
    if !draft.seen.is_empty() && draft.seen != draft.shown() {
        // The tick meant another suffix.
        draft.confirmed.clear();
    }
    let (entry, remarks) = read(app, session, effect, draft)?;
    if let Err(error) = may_attach(app, session, &draft.person, &entry.pattern).await {
        return Err(Errors::of_person(app.web.texts.lists_error(&error)));
    }
    Ok((entry, remarks))
}

async fn save(app: &Arc<App>, session: &SignedIn, entry: NewEntry, person: &str) -> Result<(), Errors> {
    let actor = session.actor;
    let address = entry.pattern.clone();
    let added = app.ask(move |lists| {
        let before = lists.find(actor, entry.scope, &entry.pattern)?;
        let added = lists.add(actor, vec![entry])?.into_iter().next();
        Ok(added.map(|added| (Undo::of_added(&added, before), added)))
    });
    let added = added.await.map_err(|error| Errors::of_value(app.web.texts.lists_error(&error)))?;
    let Some((undo, added)) = added else { return Ok(()) };
    if let Err(error) = attach(app, session, person, address).await {
        take_back(app, session, undo).await;
        return Err(Errors::of_person(app.web.texts.lists_error(&error)));
    }
    // Pressed twice: the first answer, with its way back, hasn't been seen yet.
    if added.change == Change::AlreadyThere && app.sessions.has_unseen(session) {
        return Ok(());
    }
    let Added { entry, change, unblocked } = added;
    let text = match (change, entry.effect) {
        (Change::Added, Effect::Block) => "done-blocked",
        (Change::Added, Effect::Allow) => "done-allowed",
        (Change::Updated, _) => "done-updated",
        (Change::AlreadyThere, Effect::Block) => "done-blocked-already",
        (Change::AlreadyThere, Effect::Allow) => "done-allowed-already",
    };
    let mut said = vec![done(app, session, text, &entry.pattern.typed, &entry).await];
    said.extend((!unblocked.is_empty()).then(|| app.web.texts.say("client-unblocked")));
    let text = said.join(" ");
    app.sessions.notify(session, text, undo);
    Ok(())
}

/// Takes back what was done of something that can't be done to its end: nothing is saved by halves.
pub(crate) async fn take_back(app: &Arc<App>, session: &SignedIn, undo: Option<Undo>) {
    let actor = session.actor;
    if let Some(undo) = undo {
        let _ = app.ask(move |lists| undo.carry_out(lists, actor)).await;
    }
}
