//! The account: another password, signing out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::Posted;
use crate::password::{FEWEST_CHARACTERS, hash_password};
use crate::session::SignedIn;
use crate::sign_in::{Busy, know_browser};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    l: &'a Layout<'a>,
    current: Option<String>,
    new: Option<String>,
    again: Option<String>,
}

/// What is wrong, beside which field.
#[derive(Default)]
struct Errors {
    current: Option<&'static str>,
    new: Option<&'static str>,
    again: Option<&'static str>,
}

fn page(app: &App, session: &SignedIn, status: StatusCode, errors: &Errors) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    let say =
        |error: Option<&str>| error.map(|id| app.texts.with(id, "fewest", &FEWEST_CHARACTERS.to_string()));
    let (current, new, again) = (say(errors.current), say(errors.new), say(errors.again));
    show(status, &AccountPage { l: &layout, current, new, again })
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, StatusCode::OK, &Errors::default())
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
    let refuse = |errors: Errors| page(&app, &session, StatusCode::UNPROCESSABLE_ENTITY, &errors);
    let new = form.new.trim().to_owned();
    if new.chars().count() < FEWEST_CHARACTERS {
        return refuse(Errors { new: Some("password-too-short"), ..Errors::default() });
    }
    if new != form.again.trim() {
        return refuse(Errors { again: Some("password-differs"), ..Errors::default() });
    }
    let accounts = Arc::clone(&app.web.accounts);
    let Ok(Ok(Some(hash))) = tokio::task::spawn_blocking(move || accounts.password_hash()).await else {
        return failed(&app, &session);
    };
    // A session left open must not be a way to guess the password at full speed: strangers' manners apply.
    match app.gate.check(form.current.trim().to_owned(), hash, false).await {
        Ok(true) => {}
        Ok(false) => return refuse(Errors { current: Some("password-wrong"), ..Errors::default() }),
        Err(Busy) => return refuse(Errors { current: Some("sign-in-busy"), ..Errors::default() }),
    }
    let accounts = Arc::clone(&app.web.accounts);
    let stored = tokio::task::spawn_blocking(move || {
        let hash = hash_password(&new).map_err(|error| error.to_string())?;
        accounts.set_password_hash(&hash)
    });
    let Ok(Ok(())) = stored.await else {
        return failed(&app, &session);
    };
    app.sessions.end_others(&session);
    app.sessions.notify(&session, app.texts.say("password-changed"), None);
    let mut response = Redirect::to(Tab::Account.path()).into_response();
    know_browser(&app, &mut response);
    response
}

fn failed(app: &App, session: &SignedIn) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &app.texts.say("failed-inside"))
}
