//! The account: another password, signing out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::lists::{Actor, ListsError};
use policy_core::sentence::Sentence;
use policy_core::sign_in::{News, NewsKind, Proven};
use serde::Deserialize;

use crate::App;
use crate::addresses;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::Posted;
use crate::password::{FEWEST_CHARACTERS, hash_password};
use crate::session::{Browser, SignedIn};
use crate::sign_in::{Busy, Nothing, know_browser};
use crate::welcome;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    l: &'a Layout<'a>,
    current: Option<String>,
    new: Option<String>,
    again: Option<String>,
    proof: Option<String>,
    browsers: Vec<String>,
    name: String,
    unproven: bool,
    /// An address waits for a code or an answer.
    waits: bool,
    news: Vec<String>,
}

/// What is wrong, beside which field.
#[derive(Default)]
struct Errors {
    current: Option<&'static str>,
    new: Option<&'static str>,
    again: Option<&'static str>,
    proof: Option<&'static str>,
}

async fn page(app: &Arc<App>, session: &SignedIn, status: StatusCode, errors: &Errors) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    let say = |error: Option<&str>| {
        error.map(|id| app.web.texts.with(id, "fewest", &FEWEST_CHARACTERS.to_string()))
    };
    let actor = session.actor;
    let account = app.accounts(move |accounts| accounts.account(actor)).await.ok().flatten();
    let news = match actor.member() {
        Some(member) => app.accounts(move |accounts| accounts.news(member)).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let waits = match actor.member() {
        Some(member) => {
            app.accounts(move |accounts| addresses::wait(accounts, member)).await.unwrap_or(false)
        }
        None => false,
    };
    let page = AccountPage {
        l: &layout,
        current: say(errors.current),
        new: say(errors.new),
        again: say(errors.again),
        proof: say(errors.proof),
        browsers: app
            .sessions
            .browsers(session)
            .iter()
            .map(|browser| browser_in_words(app, browser))
            .collect(),
        name: account.map(|account| account.name).unwrap_or_default(),
        unproven: matches!(actor, Actor::Unproven(_)),
        waits,
        news: news.iter().map(|news| in_words(app, news)).collect(),
    };
    show(status, &page)
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, StatusCode::OK, &Errors::default()).await
}

#[derive(Deserialize)]
pub(crate) struct Passwords {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

pub(crate) async fn change_password(State(app): State<Arc<App>>, posted: Posted<Passwords>) -> Response {
    let Posted { session, form } = posted;
    let refuse = async |errors: Errors| page(&app, &session, StatusCode::UNPROCESSABLE_ENTITY, &errors).await;
    let new = form.new.trim().to_owned();
    if new.chars().count() < FEWEST_CHARACTERS {
        return refuse(Errors { new: Some("password-too-short"), ..Errors::default() }).await;
    }
    if new != form.again.trim() {
        return refuse(Errors { again: Some("password-differs"), ..Errors::default() }).await;
    }
    let actor = session.actor;
    let account = app.accounts(move |accounts| accounts.account(actor)).await.ok().flatten();
    let Some(hash) = account.and_then(|account| account.password) else {
        return failed(&app, &session);
    };
    // A session left open must not be a way to guess the password at full speed: strangers' manners apply.
    match app.gate.check(form.current.trim().to_owned(), hash, false).await {
        Ok(true) => {}
        Ok(false) => return refuse(Errors { current: Some("password-wrong"), ..Errors::default() }).await,
        Err(Busy) => return refuse(Errors { current: Some("sign-in-busy"), ..Errors::default() }).await,
    }
    let stored = app.accounts(move |accounts| {
        let hash = hash_password(&new).map_err(|error| {
            ListsError::Store(Sentence::of("store-fault").with("error", error.to_string()))
        })?;
        accounts.set_password(actor, &hash)
    });
    let Ok(()) = stored.await else {
        return failed(&app, &session);
    };
    app.sessions.end_others(&session);
    app.sessions.notify(&session, app.web.texts.say("password-changed"), None);
    let mut response = Redirect::to(Tab::Account.path()).into_response();
    know_browser(&app, &mut response, actor);
    response
}

fn in_words(app: &App, news: &News) -> String {
    let id = match news.what {
        NewsKind::Link => "news-link",
        NewsKind::Leaving => "news-leaving",
        NewsKind::Staying => "news-staying",
    };
    app.web.texts.with(id, "date", &news.day.to_string())
}

fn browser_in_words(app: &App, browser: &Browser) -> String {
    let Browser { own, started, seen } = *browser;
    if own { app.web.texts.count("browser-own", started) } else { app.web.texts.count("browser-other", seen) }
}

#[derive(Deserialize)]
pub(crate) struct Proof {
    #[serde(default)]
    proof: String,
}

/// Shows what was hidden, to whoever knows the password or the recovery code from before.
pub(crate) async fn prove(State(app): State<Arc<App>>, posted: Posted<Proof>) -> Response {
    let Posted { session, form } = posted;
    let actor = session.actor;
    let account = app.accounts(move |accounts| accounts.account(actor)).await.ok().flatten();
    let (Some(account), Some(member)) = (account, actor.member()) else { return failed(&app, &session) };
    let error = match welcome::prove(&app, &account, &form.proof).await {
        Ok(Some(Proven::Earlier)) => {
            if app.accounts(move |accounts| accounts.unhide(member)).await.is_err() {
                return failed(&app, &session);
            }
            app.sessions.unhide(actor);
            app.sessions.notify(&session, app.web.texts.say("proof-given"), None);
            return Redirect::to(Tab::Account.path()).into_response();
        }
        Ok(_) => "proof-wrong",
        Err(Busy) => "sign-in-busy",
    };
    let errors = Errors { proof: Some(error), ..Errors::default() };
    page(&app, &session, StatusCode::UNPROCESSABLE_ENTITY, &errors).await
}

/// Signs out everywhere else.
pub(crate) async fn end_others(State(app): State<Arc<App>>, posted: Posted<Nothing>) -> Response {
    app.sessions.end_others(&posted.session);
    app.sessions.notify(&posted.session, app.web.texts.say("others-ended"), None);
    let mut response = Redirect::to(Tab::Account.path()).into_response();
    know_browser(&app, &mut response, posted.session.actor);
    response
}

fn failed(app: &App, session: &SignedIn) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &app.web.texts.say("failed-inside"))
}
