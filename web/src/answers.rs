//! The page that answers a form, such as one that says what is wrong, is fetched by GET: a browser can come back to such a
//! page, or load it anew, without sending the form once more. What is kept for this is gone once it is shown.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::App;
use crate::chrome::Tab;
use crate::session::SignedIn;

/// Forms that are answered by pages; those with an entry go their own way (`kept`).
const FORMS: [&str; 8] =
    ["persons", "try", "members", "addresses", "account", "chain", "reports", "reporting"];

/// What stands behind the path of a page that answers.
const QUERY: &str = "answer";

/// Bytes of a page, with room to spare.
const MOST_BYTES: usize = 256 << 10;

/// A page that waits to be fetched.
#[derive(Clone)]
pub(crate) struct Waiting {
    path: String,
    status: StatusCode,
    page: Bytes,
}

pub(crate) async fn fetched(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let Some(session) = SignedIn::of(&app, request.headers()).filter(|_| FORMS.contains(&path.as_str()))
    else {
        return next.run(request).await;
    };
    let is_form = *request.method() == Method::POST;
    if !is_form && request.uri().query() == Some(QUERY) {
        let taken = app.sessions.remember(&session, |memory| memory.waiting.take()).flatten();
        if let Some(Waiting { status, page, .. }) = taken.filter(|waiting| waiting.path == path) {
            return (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
        }
    }
    let response = next.run(request).await;
    if !is_form || response.status().is_redirection() {
        return response;
    }
    let (head, body) = response.into_parts();
    let Ok(page) = to_bytes(body, MOST_BYTES).await else {
        return Redirect::to(Tab::at(&path).path()).into_response();
    };
    let waiting = Waiting { path: path.clone(), status: head.status, page: page.clone() };
    match app.sessions.remember(&session, |memory| memory.waiting = Some(waiting)) {
        Some(()) => Redirect::to(&format!("{path}?{QUERY}")).into_response(),
        None => Response::from_parts(head, Body::from(page)),
    }
}
