//! Whether it is counted which entries decide, and wiping what was counted.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, show};
use crate::forms::Posted;
use crate::list::entry_problem;
use crate::session::SignedIn;

#[derive(Template)]
#[template(path = "counts.html")]
struct CountsPage<'a> {
    l: &'a Layout<'a>,
    counting: bool,
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    let (actor, counts) = (session.actor, Arc::clone(&app.web.counting));
    match app.ask(move |_| counts.is_counting(actor)).await {
        Ok(counting) => {
            let layout = Layout::inside(&app, &session, Tab::Counts);
            show(StatusCode::OK, &CountsPage { l: &layout, counting })
        }
        Err(error) => entry_problem(&app, &session, Tab::List, &error),
    }
}

/// The button that was pressed: "on", "off" or "wipe".
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(rename = "do", default)]
    what: String,
}

pub(crate) async fn change(State(app): State<Arc<App>>, posted: Posted<Wish>) -> Response {
    let Posted { session, form } = posted;
    let (actor, counts) = (session.actor, Arc::clone(&app.web.counting));
    let done = app
        .ask(move |_| match form.what.as_str() {
            "on" => counts.set_counting(actor, true).map(|()| "done-counting"),
            "off" => counts.set_counting(actor, false).map(|()| "done-not-counting"),
            "wipe" => counts.wipe_counts(actor).map(|()| "done-wiped"),
            _ => Ok("undo-too-late"),
        })
        .await;
    match done {
        Ok(text) => {
            app.sessions.notify(&session, app.texts.say(text), None);
            Redirect::to(Tab::Counts.path()).into_response()
        }
        Err(error) => entry_problem(&app, &session, Tab::List, &error),
    }
}
