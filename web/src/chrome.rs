//! What all pages have around them: head, navigation, notices; the stylesheet; pages that say that something is wrong.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

use policy_core::lists::Actor;
use texts::Texts;

use crate::App;
use crate::session::{Notice, SignedIn};

/// The pages of the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Block,
    List,
    Allowed,
    Persons,
    Counts,
    Import,
    Try,
    Chain,
    Members,
    Account,
    /// None of them: nobody is signed in, or the page is not among them.
    Outside,
}

impl Tab {
    /// The path, relative to any other page.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Block | Self::Outside => "./",
            Self::List => "list",
            Self::Allowed => "allowed",
            Self::Persons => "persons",
            Self::Counts => "counts",
            Self::Import => "import",
            Self::Try => "try",
            Self::Chain => "chain",
            Self::Members => "members",
            Self::Account => "account",
        }
    }

    /// The page of this path; the front page for anything else, so that no form can send a browser elsewhere.
    pub(crate) fn at(path: &str) -> Self {
        [
            Self::List,
            Self::Allowed,
            Self::Persons,
            Self::Counts,
            Self::Import,
            Self::Try,
            Self::Chain,
            Self::Members,
            Self::Account,
        ]
        .into_iter()
        .find(|tab| tab.path() == path.trim_start_matches('/'))
        .unwrap_or(Self::Block)
    }

    /// One of the two lists, or what belongs to them.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Allowed | Self::Persons | Self::Counts | Self::Import)
    }
}

/// What the frame of a page shows.
pub(crate) struct Layout<'a> {
    pub(crate) t: &'a Texts,
    /// From this page's path to the front page's.
    pub(crate) root: String,
    pub(crate) tab: Tab,
    pub(crate) session: Option<SignedIn>,
    pub(crate) notice: Option<Notice>,
    /// The last change, for pages that offer to take it back.
    pub(crate) last: Option<Notice>,
}

impl<'a> Layout<'a> {
    /// The frame of a page for somebody who is signed in. Takes the waiting notice.
    pub(crate) fn inside(app: &'a App, session: &SignedIn, tab: Tab) -> Self {
        let (notice, last) = app.sessions.said(session);
        Self { t: &app.web.texts, root: "./".to_owned(), tab, session: Some(session.clone()), notice, last }
    }

    /// The frame of a page for anybody.
    pub(crate) fn outside(app: &'a App, path: &str) -> Self {
        // Pages stand on one level; only a wrong path may be deeper.
        let depth = path.matches('/').count().saturating_sub(1).min(20);
        let root = if depth == 0 { "./".to_owned() } else { "../".repeat(depth) };
        Self { t: &app.web.texts, root, tab: Tab::Outside, session: None, notice: None, last: None }
    }

    /// Whether the admin is signed in.
    pub(crate) fn is_admin(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.actor == Actor::Admin)
    }

    pub(crate) fn csrf(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.csrf)
    }
}

/// Renders a page.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    l: &'a Layout<'a>,
    title: String,
    text: &'a str,
}

/// A page that says what is wrong.
pub(crate) fn problem(layout: &Layout<'_>, status: StatusCode, title: &str, text: &str) -> Response {
    show(status, &Problem { l: layout, title: layout.t.say(title), text })
}

pub(crate) async fn no_such_page(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let layout = Layout::outside(&app, uri.path());
    problem(&layout, StatusCode::NOT_FOUND, "missing-title", &app.web.texts.say("missing-text"))
}

pub(crate) async fn style() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/style.css"))
}

pub(crate) async fn icon() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "image/svg+xml")], include_str!("../assets/icon.svg"))
}
