//! The page that answers a form, such as one that says what is wrong, is fetched by GET: a browser can come back to such a
//! page, or load it anew, without sending the form once more. What is kept for this is gone after some minutes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::App;
use crate::chrome::Tab;
use crate::session::{SHOWN_WITHIN, SignedIn};

/// Forms that are answered by pages; those with an entry go their own way (`kept`).
const FORMS: [&str; 8] =
    ["persons", "try", "members", "addresses", "account", "chain", "reports", "reporting"];

/// What stands behind the path of a page that answers.
const QUERY: &str = "answer";

/// Bytes of a page, with room to spare.
const MOST_BYTES: u64 = 256 << 10;

/// Pages that a session can come back to, each the latest of its path.
const MOST: usize = 4;

/// Pages that wait to be fetched, the latest last. They are kept for a while: an answer can be lost on its way, and a page
/// loaded anew shows what was typed once more.
#[derive(Clone, Default)]
pub(crate) struct Waiting {
    pages: VecDeque<(String, Instant, Page)>,
}

/// A page that answers a form.
#[derive(Clone, Default)]
pub(crate) struct Page {
    status: StatusCode,
    html: Bytes,
}

impl Waiting {
    pub(crate) fn keep(&mut self, path: &str, page: Page) {
        self.pages.retain(|(other, ..)| other != path);
        if self.pages.len() >= MOST {
            self.pages.pop_front();
        }
        self.pages.push_back((path.to_owned(), Instant::now(), page));
    }

    pub(crate) fn find(&self, path: &str) -> Option<Page> {
        self.pages.iter().find(|(other, ..)| other == path).map(|(.., page)| page.clone())
    }

    /// Forgets those that are too old by now.
    pub(crate) fn sweep(&mut self, now: Instant) {
        self.pages.retain(|(_, since, _)| *since + SHOWN_WITHIN > now);
    }
}

/// Keeps the page that answers a form, and sends the browser to fetch it.
pub(crate) async fn fetched(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let Some(session) =
        SignedIn::of(&app, request.headers()).await.filter(|_| FORMS.contains(&path.as_str()))
    else {
        return next.run(request).await;
    };
    let is_form = *request.method() == Method::POST;
    if *request.method() == Method::GET && request.uri().query() == Some(QUERY) {
        let found = app.sessions.remember(&session, |memory| memory.waiting.find(&path)).flatten();
        if let Some(Page { status, html }) = found {
            return (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
        }
    }
    let response = next.run(request).await;
    let is_small = response.body().size_hint().upper().is_some_and(|bytes| bytes <= MOST_BYTES);
    if !is_form || response.status().is_redirection() || !is_small {
        return response;
    }
    let (head, body) = response.into_parts();
    let Ok(html) = to_bytes(body, usize::MAX).await else {
        return Redirect::to(Tab::at(&path).path()).into_response();
    };
    let page = Page { status: head.status, html: html.clone() };
    match app.sessions.remember(&session, |memory| memory.waiting.keep(&path, page)) {
        Some(()) => Redirect::to(&format!("{path}?{QUERY}")).into_response(),
        None => Response::from_parts(head, Body::from(html)),
    }
}
