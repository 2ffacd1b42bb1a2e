//! The two lists, blocked and allowed, mail and chat in one: search, filters, orders, pages; what can be done with an entry
//! or with several stands in [`act`].

pub(crate) mod act;
mod row;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query as UrlQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use policy_core::entry::{Effect, EntryId, Scope};
use policy_core::lists::{Actor, Lists, ListsError, Page, Position, Query};
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::draft::{Draft, Errors, Form};
use crate::persons::names;
use crate::session::SignedIn;

pub(crate) use self::row::shortened;
use self::row::{Row, row};
pub(crate) use self::view::{View, search_allowed, search_blocked};

/// Entries on one page: with long values and notes it still stays under 50 KB.
const PAGE: u32 = 20;

/// At how many entries a search looks for one page: as many as take well under a tenth of a second.
const LOOK_AT: u32 = 25_000;

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage<'a> {
    l: &'a Layout<'a>,
    f: Option<Form<'a>>,
    rows: Vec<Row>,
    view: &'a View,
    count: String,
    /// Why no row is there, if none is.
    empty: String,
    place: Place,
    next: Option<u64>,
    cut_short: bool,
}

impl ListPage<'_> {
    /// Whether the button beside a row may be pressed; members look at the household's entries.
    fn any_changeable(&self) -> bool {
        self.rows.iter().any(|row| row.changeable)
    }
}

/// Where in the list a page begins: an opaque number.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Place {
    after: Option<u64>,
    /// Whether all entries of the page begin chosen.
    chosen: Option<u8>,
}

pub(crate) async fn blocked(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(place): UrlQuery<Place>,
) -> Response {
    page(&app, &session, Tab::List, place).await
}

pub(crate) async fn allowed(
    State(app): State<Arc<App>>,
    session: SignedIn,
    UrlQuery(place): UrlQuery<Place>,
) -> Response {
    page(&app, &session, Tab::Allowed, place).await
}

async fn page(app: &Arc<App>, session: &SignedIn, tab: Tab, place: Place) -> Response {
    let view = app.sessions.remember(session, |memory| memory.view.clone()).unwrap_or_default();
    let actor = session.actor;
    let query = Query {
        // What the admin added for a member is the member's: the admin's page shows the household's alone.
        scope: (actor == Actor::Admin).then_some(Scope::Household),
        effect: Some(if tab == Tab::List { Effect::Block } else { Effect::Allow }),
        after: place.after.map(Position),
        limit: PAGE,
        look_at: Some(LOOK_AT),
        ..view.query()
    };
    let page = match app.ask(move |lists| lists.entries(actor, &query)).await {
        Ok(page) => page,
        Err(error) => return entry_problem(app, session, tab, &error),
    };
    let layout = Layout::inside(app, session, tab);
    let draft = Draft::default();
    // Allowed people are added here; blocked ones on the front page.
    let form = match tab {
        Tab::Allowed => Some(Form {
            l: &layout,
            effect: Effect::Allow,
            draft: &draft,
            errors: Errors::default(),
            preview: None,
            persons: names(app, session).await,
        }),
        _ => None,
    };
    let shown = ListPage {
        l: &layout,
        f: form,
        rows: page.entries.iter().map(|listed| row(app, actor, listed)).collect(),
        count: count(app, &view, &page),
        empty: empty(app, &view, tab, &page),
        view: &view,
        place,
        next: page.next.map(|Position(next)| next),
        cut_short: page.cut_short,
    };
    show(StatusCode::OK, &shown)
}

fn count(app: &App, view: &View, page: &Page) -> String {
    match (view.narrows(), page.cut_short) {
        (false, _) => app.web.texts.count("list-count", page.total),
        (true, false) => app.web.texts.count("list-found", page.total),
        (true, true) => app.web.texts.count("list-found-here", page.total),
    }
}

fn empty(app: &App, view: &View, tab: Tab, page: &Page) -> String {
    if view.narrows() {
        return app.web.texts.say(if page.next.is_some() {
            "list-none-found-yet"
        } else {
            "list-none-found"
        });
    }
    app.web.texts.say(if tab == Tab::List { "list-none-blocked" } else { "list-none-allowed" })
}

/// Asks for one entry by its typed id, which may be nonsense.
pub(crate) async fn on_entry<T: Send + 'static>(
    app: &Arc<App>,
    id: &str,
    ask: impl FnOnce(&dyn Lists, EntryId) -> Result<T, ListsError> + Send + 'static,
) -> Result<T, ListsError> {
    let parsed = id.parse().map_err(|_| ListsError::NoSuchEntry(id.to_owned()))?;
    app.ask(move |lists| ask(lists, parsed)).await
}

/// The page for a change of entries that didn't come about.
pub(crate) fn entry_problem(app: &App, session: &SignedIn, tab: Tab, error: &ListsError) -> Response {
    let status = match error {
        ListsError::NoSuchEntry(_) | ListsError::NoSuchMember(_) => StatusCode::NOT_FOUND,
        ListsError::Refused(_) | ListsError::ChangedMeanwhile(_) => StatusCode::CONFLICT,
        ListsError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let layout = Layout::inside(app, session, tab);
    problem(&layout, status, "failed-title", &app.web.texts.lists_error(error))
}
