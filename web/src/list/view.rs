//! What of the lists is looked at, and in which order. Kept in the session: in a URL it would stay in histories and logs.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::Source;
use policy_core::lists::{Order, Query};
use serde::Deserialize;

use crate::App;
use crate::chrome::Tab;
use crate::draft::kind_named;
use crate::forms::Posted;

/// A search with its filters, as chosen.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct View {
    pub(crate) find: String,
    pub(crate) kind: String,
    pub(crate) source: String,
    pub(crate) order: String,
    /// Set by the button that ends the search.
    all: String,
}

impl View {
    pub(super) fn query(&self) -> Query {
        Query {
            find: (!self.find.is_empty()).then(|| self.find.clone()),
            kind: kind_named(&self.kind),
            source: source_named(&self.source),
            order: match self.order.as_str() {
                "oldest" => Order::Oldest,
                "value" => Order::Value,
                "hit" => Order::LastHit,
                _ => Order::Newest,
            },
            ..Query::default()
        }
    }

    /// Whether less than the whole list is looked at.
    pub(super) fn narrows(&self) -> bool {
        !self.find.is_empty() || self.has_filter()
    }

    fn has_filter(&self) -> bool {
        kind_named(&self.kind).is_some() || source_named(&self.source).is_some()
    }

    /// Whether a filter or an order was chosen, which must be seen then.
    pub(super) fn is_chosen(&self) -> bool {
        self.has_filter() || matches!(self.order.as_str(), "oldest" | "value" | "hit")
    }

    pub(super) fn is_kind(&self, kind: &str) -> bool {
        self.kind == kind
    }

    pub(super) fn is_source(&self, source: &str) -> bool {
        self.source == source
    }

    pub(super) fn is_order(&self, order: &str) -> bool {
        self.order == order
    }
}

fn source_named(name: &str) -> Option<Source> {
    match name {
        "manual" => Some(Source::Manual),
        "import" => Some(Source::Import),
        "forwarded" => Some(Source::Forwarded),
        "client" => Some(Source::Client),
        "report" => Some(Source::Report),
        "list" => Some(Source::List),
        _ => None,
    }
}

pub(crate) async fn search_blocked(State(app): State<Arc<App>>, posted: Posted<View>) -> Response {
    search(&app, posted, Tab::List)
}

pub(crate) async fn search_allowed(State(app): State<Arc<App>>, posted: Posted<View>) -> Response {
    search(&app, posted, Tab::Allowed)
}

fn search(app: &App, posted: Posted<View>, tab: Tab) -> Response {
    let Posted { session, form } = posted;
    let view = if form.all.is_empty() {
        View { find: form.find.trim().to_owned(), ..form }
    } else {
        View::default()
    };
    app.sessions.remember(&session, |memory| memory.view = view);
    Redirect::to(tab.path()).into_response()
}
