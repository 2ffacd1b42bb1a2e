//! The two lists, blocked and allowed: search, pages, remove, switch off and on, undo.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query as UrlQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::{Action, Channels, Effect, EntryId, Source};
use policy_core::lists::{Listed, Lists, ListsError, Position, Query};
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::block::{Draft, Errors, Form, kind_in_words};
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::Posted;
use crate::session::SignedIn;
use crate::texts::Texts;

/// Entries on one page: with long values and notes it still stays under 50 KB.
const PAGE: u32 = 30;

/// Characters of a value or a note that a row shows.
const SHOWN: usize = 120;

struct Row {
    id: String,
    value: String,
    kind: String,
    details: Vec<String>,
    note: String,
    enabled: bool,
    expired: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    l: &'a Layout<'a>,
    f: Option<Form<'a>>,
    rows: Vec<Row>,
    total: u64,
    find: String,
    after: Option<u64>,
    next: Option<u64>,
}

/// Where in the list a page begins: an opaque number.
#[derive(Deserialize)]
pub(crate) struct Place {
    after: Option<u64>,
}

pub(crate) async fn blocked(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(place): UrlQuery<Place>,
) -> Response {
    page(&app, &session, Tab::List, place.after).await
}

pub(crate) async fn allowed(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(place): UrlQuery<Place>,
) -> Response {
    page(&app, &session, Tab::Allowed, place.after).await
}

async fn page(app: &Arc<App>, session: &SignedIn, tab: Tab, after: Option<u64>) -> Response {
    let find = app.sessions.remember(session, |memory| memory.find.clone()).flatten();
    let query = Query {
        effect: Some(if tab == Tab::List { Effect::Block } else { Effect::Allow }),
        find: find.clone(),
        after: after.map(Position),
        limit: PAGE,
        ..Query::default()
    };
    let actor = session.actor;
    let page = match app.ask(move |lists| lists.entries(actor, &query)).await {
        Ok(page) => page,
        Err(error) => return failed(app, session, tab, &error),
    };
    let layout = Layout::inside(app, session, tab);
    let draft = Draft::default();
    // Allowed people are added here; blocked ones on the front page.
    let form = (tab == Tab::Allowed).then(|| Form {
        l: &layout,
        effect: Effect::Allow,
        draft: &draft,
        errors: Errors::default(),
        preview: None,
    });
    let rows = page.entries.iter().map(|listed| row(app, listed)).collect();
    let next = page.next.map(|Position(next)| next);
    let find = find.unwrap_or_default();
    show(StatusCode::OK, &ListPage { l: &layout, f: form, rows, total: page.total, find, after, next })
}

fn row(app: &App, listed: &Listed) -> Row {
    let texts = &app.texts;
    let entry = &listed.entry;
    Row {
        id: entry.id.to_string(),
        value: shortened(&entry.pattern.typed),
        kind: kind_in_words(texts, entry.pattern.kind),
        details: details(texts, listed),
        note: shortened(&entry.note),
        enabled: entry.enabled,
        expired: entry.until.is_some_and(|until| until < app.today()),
    }
}

/// What is unusual about an entry, and what was counted of it.
fn details(texts: &Texts, listed: &Listed) -> Vec<String> {
    let entry = &listed.entry;
    let mut said = Vec::new();
    match entry.channels {
        Channels::All => {}
        Channels::Mail => said.push(texts.say("channels-mail")),
        Channels::Xmpp => said.push(texts.say("channels-xmpp")),
    }
    if entry.effect == Effect::Block && entry.action == Action::Refuse {
        said.push(texts.say("action-refuse-short"));
    }
    if let Some(until) = entry.until {
        said.push(texts.with("row-until", "date", &until.to_string()));
    }
    said.push(texts.with("row-created", "date", &entry.created.to_string()));
    match entry.source {
        Source::Manual => {}
        Source::Import => said.push(texts.say("source-import")),
        Source::Forwarded => said.push(texts.say("source-forwarded")),
        Source::Client => said.push(texts.say("source-client")),
        Source::Report => said.push(texts.say("source-report")),
        Source::List => said.push(texts.say("source-list")),
    }
    if listed.hits > 0 {
        let block = entry.effect == Effect::Block;
        said.push(texts.count(if block { "row-stopped" } else { "row-let-through" }, listed.hits));
    }
    if let Some(day) = listed.last_hit {
        said.push(texts.with("row-last-hit", "date", &day.to_string()));
    }
    said
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[derive(Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    find: String,
    /// Set by the button that ends the search.
    all: Option<String>,
}

pub(crate) async fn search_blocked(State(app): State<Arc<App>>, posted: Posted<Search>) -> Response {
    search(&app, &posted, Tab::List)
}

pub(crate) async fn search_allowed(State(app): State<Arc<App>>, posted: Posted<Search>) -> Response {
    search(&app, &posted, Tab::Allowed)
}

/// Keeps the search in the session: in a URL it would stay in histories and logs.
fn search(app: &App, posted: &Posted<Search>, tab: Tab) -> Response {
    let find = if posted.form.all.is_some() { "" } else { posted.form.find.trim() };
    app.sessions.remember(&posted.session, |memory| {
        memory.find = (!find.is_empty()).then(|| find.to_owned());
    });
    Redirect::to(tab.path()).into_response()
}

/// A button beside an entry was pressed.
#[derive(Deserialize)]
pub(crate) struct OnEntry {
    id: String,
    #[serde(default)]
    tab: String,
    after: Option<u64>,
}

impl OnEntry {
    fn back(&self) -> Response {
        let path = Tab::at(&self.tab).path();
        match self.after {
            Some(after) => Redirect::to(&format!("{path}?after={after}")),
            None => Redirect::to(path),
        }
        .into_response()
    }
}

pub(crate) async fn remove(State(app): State<Arc<App>>, posted: Posted<OnEntry>) -> Response {
    let Posted { session, form } = posted;
    let actor = session.actor;
    let removed = on_entry(&app, &form.id, move |lists, id| lists.remove(actor, &[id])).await;
    match removed.map(|entries| entries.into_iter().next()) {
        Ok(Some(entry)) => {
            let text = app.texts.with("done-removed", "value", &shortened(&entry.pattern.typed));
            app.sessions.notify(&session, text, Some(Undo::PutBack(Box::new(entry))));
            form.back()
        }
        Ok(None) => form.back(),
        Err(error) => failed(&app, &session, Tab::at(&form.tab), &error),
    }
}

/// Switches an entry off, or on again: whichever it is not.
pub(crate) async fn switch(State(app): State<Arc<App>>, posted: Posted<Switch>) -> Response {
    let Posted { session, form } = posted;
    let actor = session.actor;
    let (id, on) = match form.switch.split_once(' ') {
        Some(("on", id)) => (id, true),
        Some((_, id)) => (id, false),
        None => ("", false),
    };
    let form = OnEntry { id: id.to_owned(), tab: form.tab, after: form.after };
    let changed = on_entry(&app, &form.id, move |lists, id| lists.set_enabled(actor, &[id], on)).await;
    match changed.map(|entries| entries.into_iter().next()) {
        Ok(Some(entry)) => {
            let id = if on { "done-on" } else { "done-off" };
            let text = app.texts.with(id, "value", &shortened(&entry.pattern.typed));
            app.sessions.notify(&session, text, Some(Undo::Switch(entry.id, !on)));
            form.back()
        }
        Ok(None) => form.back(),
        Err(error) => failed(&app, &session, Tab::at(&form.tab), &error),
    }
}

/// "on" or "off" and an id, from one button.
#[derive(Deserialize)]
pub(crate) struct Switch {
    switch: String,
    #[serde(default)]
    tab: String,
    after: Option<u64>,
}

async fn on_entry<T: Send + 'static>(
    app: &Arc<App>,
    id: &str,
    change: impl FnOnce(&dyn Lists, EntryId) -> Result<T, ListsError> + Send + 'static,
) -> Result<T, ListsError> {
    let parsed = id.parse().map_err(|_| ListsError::NoSuchEntry(id.to_owned()))?;
    app.ask(move |lists| change(lists, parsed)).await
}

fn failed(app: &App, session: &SignedIn, tab: Tab, error: &ListsError) -> Response {
    let status = match error {
        ListsError::NoSuchEntry(_) | ListsError::NoSuchMember(_) => StatusCode::NOT_FOUND,
        ListsError::Refused(_) => StatusCode::CONFLICT,
        ListsError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let layout = Layout::inside(app, session, tab);
    problem(&layout, status, "failed-title", &app.texts.lists_error(error))
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
        Some((number, _)) if *number == form.number => memory.undo.take(),
        _ => None,
    });
    let Some((_, undo)) = undo.flatten() else {
        app.sessions.notify(&session, app.texts.say("undo-too-late"), None);
        return Redirect::to(tab.path()).into_response();
    };
    let actor = session.actor;
    let undone = app.ask(move |lists| undo.carry_out(lists, actor)).await;
    match undone {
        Ok(()) => {
            app.sessions.notify(&session, app.texts.say("undo-done"), None);
            Redirect::to(tab.path()).into_response()
        }
        Err(error) => failed(&app, &session, tab, &error),
    }
}
