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
    /// Wiping was asked for, which nothing can take back.
    asks: bool,
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, false).await
}

async fn page(app: &Arc<App>, session: &SignedIn, asks: bool) -> Response {
    let (actor, counts) = (session.actor, Arc::clone(&app.web.counting));
    match app.ask(move |_| counts.is_counting(actor)).await {
        Ok(counting) => {
            let layout = Layout::inside(app, session, Tab::Counts);
            show(StatusCode::OK, &CountsPage { l: &layout, counting, asks })
        }
        Err(error) => entry_problem(app, session, Tab::List, &error),
    }
}

/// The button that was pressed: "on", "off", "wipe", or "wipe-now" after it was asked.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(rename = "do", default)]
    what: String,
}

pub(crate) async fn change(State(app): State<Arc<App>>, posted: Posted<Wish>) -> Response {
    let Posted { session, form } = posted;
    if form.what == "wipe" {
        return page(&app, &session, true).await;
    }
    let (actor, counts) = (session.actor, Arc::clone(&app.web.counting));
    let done = app
        .ask(move |_| match form.what.as_str() {
            "on" => counts.set_counting(actor, true).map(|()| "done-counting"),
            "off" => counts.set_counting(actor, false).map(|()| "done-not-counting"),
            "wipe-now" => counts.wipe_counts(actor).map(|()| "done-wiped"),
            _ => Ok("undo-too-late"),
        })
        .await;
    match done {
        Ok(text) => {
            app.sessions.notify(&session, app.web.texts.say(text), None);
            Redirect::to(Tab::Counts.path()).into_response()
        }
        Err(error) => entry_problem(&app, &session, Tab::List, &error),
    }
}
