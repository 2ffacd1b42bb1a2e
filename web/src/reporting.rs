//! What the admin learns of the reports that a member makes in their chat program (XEP-0377): the member's choice.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::reports::Sharing;
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, no_such_page, show};
use crate::forms::Posted;
use crate::list::entry_problem;
use crate::session::SignedIn;

#[derive(Template)]
#[template(path = "reporting.html")]
struct ReportingPage<'a> {
    l: &'a Layout<'a>,
    sharing: Sharing,
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    let Some(member) = session.actor.member() else {
        return no_such_page(State(app), Uri::from_static("/reporting")).await;
    };
    let reports = Arc::clone(&app.web.reports);
    match app.ask(move |_| reports.sharing(member)).await {
        Ok(sharing) => {
            let layout = Layout::inside(&app, &session, Tab::Account);
            show(StatusCode::OK, &ReportingPage { l: &layout, sharing })
        }
        Err(error) => entry_problem(&app, &session, Tab::Account, &error),
    }
}

/// What was chosen: "nothing", "address" or "words".
#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    share: String,
}

pub(crate) async fn change(State(app): State<Arc<App>>, posted: Posted<Choice>) -> Response {
    let Posted { session, form } = posted;
    let sharing = match form.share.as_str() {
        "address" => Sharing::Address,
        "words" => Sharing::Words,
        _ => Sharing::Nothing,
    };
    let (actor, reports) = (session.actor, Arc::clone(&app.web.reports));
    match app.ask(move |_| reports.share(actor, sharing)).await {
        Ok(()) => {
            app.sessions.notify(&session, app.web.texts.say("done-reporting"), None);
            Redirect::to("reporting").into_response()
        }
        Err(error) => entry_problem(&app, &session, Tab::Account, &error),
    }
}
