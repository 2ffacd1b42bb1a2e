//! Check the chain: one button, and what each link is like, for the admin.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use policy_core::chain::{AsRoot, Link, Report, State as LinkState};
use policy_core::lists::Actor;
use serde::Deserialize;
use texts::{LinkInWords, Texts};

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::Posted;
use crate::session::SignedIn;

#[derive(Template)]
#[template(path = "chain.html")]
struct ChainPage<'a> {
    l: &'a Layout<'a>,
    /// Whether there is one, and how it ended.
    checked: Option<Shown>,
    as_root: Option<(String, Vec<Shown>)>,
}

/// A link, or all of them together.
struct Shown {
    class: &'static str,
    state: String,
    links: Vec<Shown>,
    link: Option<LinkInWords>,
}

impl Shown {
    fn link(t: &Texts, link: &Link) -> Self {
        let (class, state) = match link.state {
            LinkState::Good => ("", "chain-good"),
            LinkState::WorthKnowing => ("known", "chain-worth-knowing"),
            LinkState::Bad => ("stop", "chain-bad"),
        };
        Self { class, state: t.say(state), links: Vec::new(), link: Some(t.link(link)) }
    }

    fn report(t: &Texts, report: &Report) -> Self {
        let (class, state) = match report.state() {
            LinkState::Good => ("", "chain-all-good"),
            LinkState::WorthKnowing => ("known", "chain-all-worth-knowing"),
            LinkState::Bad => ("stop", "chain-all-bad"),
        };
        Self { class, state: t.say(state), links: worst_first(t, &report.links), link: None }
    }
}

/// What needs attention stands above.
fn worst_first(t: &Texts, links: &[Link]) -> Vec<Shown> {
    let mut links: Vec<&Link> = links.iter().collect();
    links.sort_by_key(|link| std::cmp::Reverse(link.state));
    links.into_iter().map(|link| Shown::link(t, link)).collect()
}

fn page(app: &App, session: &SignedIn, report: Option<&Report>, as_root: Option<&AsRoot>) -> Response {
    let layout = Layout::inside(app, session, Tab::Chain);
    let t = &app.web.texts;
    let as_root = as_root.map(|as_root| {
        (t.with("chain-as-root-on", "date", &as_root.on.to_string()), worst_first(t, &as_root.links))
    });
    let checked = report.map(|report| Shown::report(t, report));
    show(StatusCode::OK, &ChainPage { l: &layout, checked, as_root })
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    if session.actor != Actor::Admin {
        return for_the_admin(&app, &session);
    }
    let chain = Arc::clone(&app.web.chain);
    match tokio::task::spawn_blocking(move || chain.as_root()).await {
        Ok(as_root) => page(&app, &session, None, as_root.as_ref()),
        Err(_) => failed(&app, &session),
    }
}

/// The form has nothing but its token.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn check(State(app): State<Arc<App>>, posted: Posted<Nothing>) -> Response {
    let session = posted.session;
    if session.actor != Actor::Admin {
        return for_the_admin(&app, &session);
    }
    let chain = Arc::clone(&app.web.chain);
    match tokio::task::spawn_blocking(move || chain.check()).await {
        Ok(report) => page(&app, &session, Some(&report), report.as_root.as_ref()),
        Err(_) => failed(&app, &session),
    }
}

fn for_the_admin(app: &App, session: &SignedIn) -> Response {
    let layout = Layout::inside(app, session, Tab::Chain);
    problem(&layout, StatusCode::FORBIDDEN, "refused-title", &app.web.texts.say("chain-for-the-admin"))
}

fn failed(app: &App, session: &SignedIn) -> Response {
    let layout = Layout::inside(app, session, Tab::Chain);
    problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &app.web.texts.say("failed-inside"))
}
