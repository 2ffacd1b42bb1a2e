//! Whom members have reported in their chat programs and let the admin know of: blocked for everyone, or dismissed.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::{Entry, Source};
use policy_core::lists::{Actor, Lists, ListsError, NewEntry};
use policy_core::reports::{Reason, Reported, Reports};
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, no_such_page, problem, show};
use crate::forms::Posted;
use crate::in_force;
use crate::list::shortened;
use crate::session::SignedIn;

struct Row {
    value: String,
    details: Vec<String>,
    words: Vec<String>,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage<'a> {
    l: &'a Layout<'a>,
    rows: Vec<Row>,
    error: Option<String>,
}

async fn page(app: &Arc<App>, session: &SignedIn, error: Option<ListsError>) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    let reports = Arc::clone(&app.web.reports);
    let Ok(reported) = app.ask(move |_| reports.reported()).await else {
        let why = app.web.texts.say("failed-inside");
        return problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &why);
    };
    let rows = reported.into_iter().map(|reported| row(app, reported)).collect();
    let status = if error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let error = error.map(|error| app.web.texts.lists_error(&error));
    show(status, &ReportsPage { l: &layout, rows, error })
}

fn row(app: &App, reported: Reported) -> Row {
    let t = &app.web.texts;
    let reason = |reason: &Reason| match reason {
        Reason::Spam => t.say("report-spam"),
        Reason::Abuse => t.say("report-abuse"),
        Reason::Other => t.say("report-other"),
    };
    let mut details: Vec<String> = reported.reasons.iter().map(reason).collect();
    details.push(t.count("report-members", reported.members));
    details.push(t.with("report-last", "date", &reported.last.to_string()));
    Row { value: reported.pattern.typed, details, words: reported.words }
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    if session.actor != Actor::Admin {
        return no_such_page(State(app), Uri::from_static("/reports")).await;
    }
    page(&app, &session, None).await
}

/// One of the buttons beside somebody who was reported.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct OnReport {
    block: String,
    dismiss: String,
}

pub(crate) async fn decide(State(app): State<Arc<App>>, posted: Posted<OnReport>) -> Response {
    let Posted { session, form } = posted;
    if session.actor != Actor::Admin {
        return no_such_page(State(app), Uri::from_static("/reports")).await;
    }
    let reports = Arc::clone(&app.web.reports);
    let is_block = !form.block.is_empty();
    let value = if is_block { form.block } else { form.dismiss };
    let shown = shortened(&value);
    let done = app.ask(move |lists| {
        let added = if is_block { block(lists, reports.as_ref(), &value)? } else { None };
        reports.decided(&value)?;
        Ok(added)
    });
    match done.await {
        Ok(added) => {
            let (text, undo) = match added {
                Some((entry, undo)) => {
                    (in_force::done(&app, &session, "done-blocked", &shown, &entry).await, undo)
                }
                None => (app.web.texts.with("done-dismissed", "value", &shown), None),
            };
            app.sessions.notify(&session, text, undo);
            Redirect::to("reports").into_response()
        }
        Err(error) => page(&app, &session, Some(error)).await,
    }
}

/// Blocks somebody who was reported for everyone, and says how to take that back.
fn block(
    lists: &dyn Lists,
    reports: &dyn Reports,
    value: &str,
) -> Result<Option<(Entry, Option<Undo>)>, ListsError> {
    let reported = reports.reported()?.into_iter().find(|reported| reported.pattern.typed == value);
    let Some(Reported { pattern, channels, .. }) = reported else {
        return Err(ListsError::Refused(Sentence::of("why-report-gone")));
    };
    let new = NewEntry { channels, source: Source::Report, ..NewEntry::block(pattern) };
    let before = lists.find(Actor::Admin, new.scope, &new.pattern)?;
    let added = lists.add(Actor::Admin, vec![new])?;
    Ok(added.into_iter().next().map(|added| {
        let undo = Undo::of_added(&added, before);
        (added.entry, undo)
    }))
}
