//! Signing in and out, and what slows down guessing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::lists::Actor;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::App;
use crate::block;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::{KNOWN, Posted, SESSION, VISIT, cookie, open_form, set_cookie};
use crate::password::verify;
use crate::session::SignedIn;
use crate::token::{self, TokenHash};

/// The longest that failed sign-ins hold up the next one.
const SLOWEST: Duration = Duration::from_secs(5);

/// After this long, one failure is forgotten.
const FORGET: Duration = Duration::from_secs(20);

/// Failures that hold up nobody: people mistype.
const FREE: u32 = 3;

/// What stands between guesses and the password. It remembers how many failed lately, never from where; a browser
/// that signed in before has a queue of its own and no delay, so that guessing can't lock the household out.
pub(crate) struct Gate {
    failures: Mutex<(u32, Instant)>,
    strangers: Semaphore,
    known: Semaphore,
    /// One verification at a time: each takes 19 MiB.
    verifying: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            failures: Mutex::new((0, Instant::now())),
            strangers: Semaphore::new(8),
            known: Semaphore::new(8),
            verifying: Semaphore::new(1),
        }
    }
}

/// Too many are trying at the same moment.
pub(crate) struct Busy;

impl Gate {
    /// Failures that aren't forgotten yet.
    fn failures(&self) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = failures.1.elapsed().as_secs() / FORGET.as_secs();
        if forgotten > 0 {
            *failures =
                (failures.0.saturating_sub(u32::try_from(forgotten).unwrap_or(u32::MAX)), Instant::now());
        }
        failures.0
    }

    fn delay(&self) -> Duration {
        match self.failures().checked_sub(FREE) {
            None => Duration::ZERO,
            Some(beyond) => SLOWEST.min(Duration::from_millis(500) * (1 << beyond.min(5))),
        }
    }

    /// Compares a password with its hash, in turn.
    pub(crate) async fn check(&self, password: String, hash: String, known: bool) -> Result<bool, Busy> {
        let queue = if known { &self.known } else { &self.strangers };
        let _place = queue.try_acquire().map_err(|_| Busy)?;
        if !known {
            tokio::time::sleep(self.delay()).await;
        }
        let _turn = self.verifying.acquire().await.map_err(|_| Busy)?;
        let right = tokio::task::spawn_blocking(move || verify(&password, &hash)).await.unwrap_or(false);
        if !right && !known {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.0 = (failures.0 + 1).min(FREE + 5);
        }
        Ok(right)
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    l: Layout<'a>,
    visit: &'a str,
    to: &'a str,
    carried: &'a str,
    interrupted: bool,
    error: Option<String>,
}

/// What of the sign-in form is filled in.
#[derive(Default)]
struct Filled<'a> {
    to: &'a str,
    carried: &'a str,
    interrupted: bool,
    error: Option<String>,
}

fn sign_in_page(app: &App, headers: &HeaderMap, status: StatusCode, filled: Filled<'_>) -> Response {
    // The token stays the same while the form is open in several tabs.
    let old = cookie(headers, VISIT).filter(|visit| visit.len() == 64);
    let Ok(visit) = old.map_or_else(token::random, Ok) else {
        return no_entropy(app);
    };
    let page = SignInPage {
        l: Layout::outside(app, "/"),
        visit: &visit,
        to: filled.to,
        carried: filled.carried,
        interrupted: filled.interrupted,
        error: filled.error,
    };
    let mut response = show(status, &page);
    set_cookie(app, &mut response, VISIT, &visit, None);
    response
}

fn no_entropy(app: &App) -> Response {
    let layout = Layout::outside(app, "/");
    problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &app.texts.say("failed-inside"))
}

/// Where to go after the sign-in.
#[derive(Deserialize)]
pub(crate) struct Aim {
    #[serde(default)]
    to: String,
}

pub(crate) async fn form(
    State(app): State<Arc<App>>,
    Query(aim): Query<Aim>,
    headers: HeaderMap,
) -> Response {
    if SignedIn::of(&app, &headers).is_some() {
        return Redirect::to("./").into_response();
    }
    let to = Tab::at(&aim.to).path();
    sign_in_page(&app, &headers, StatusCode::OK, Filled { to, ..Filled::default() })
}

/// The sign-in in the middle of a form: what was typed is carried along.
pub(crate) fn interrupted(app: &App, headers: &HeaderMap, to: &str, carried: String) -> Response {
    let filled = Filled { to, carried: &carried, interrupted: true, error: None };
    sign_in_page(app, headers, StatusCode::UNAUTHORIZED, filled)
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    visit: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    carried: String,
}

pub(crate) async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let form: SignInForm = match open_form(request, &app).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let again = |status, error: &str| {
        let interrupted = !form.carried.is_empty();
        let error = Some(app.texts.say(error));
        let filled = Filled { to: &form.to, carried: &form.carried, interrupted, error };
        sign_in_page(&app, &headers, status, filled)
    };
    // Somebody else's page must not be able to sign this browser in: the form carries what the cookie says.
    if !cookie(&headers, VISIT).is_some_and(|visit| TokenHash::of(&visit) == TokenHash::of(&form.visit)) {
        return again(StatusCode::FORBIDDEN, "sign-in-again");
    }
    let accounts = Arc::clone(&app.web.accounts);
    let hash = match tokio::task::spawn_blocking(move || accounts.password_hash()).await {
        Ok(Ok(Some(hash))) => hash,
        Ok(Ok(None)) => return again(StatusCode::SERVICE_UNAVAILABLE, "sign-in-no-password"),
        Ok(Err(_)) | Err(_) => return again(StatusCode::INTERNAL_SERVER_ERROR, "failed-inside"),
    };
    let known = cookie(&headers, KNOWN).is_some_and(|browser| app.sessions.is_known(&browser));
    match app.gate.check(form.password.trim().to_owned(), hash, known).await {
        Err(Busy) => return again(StatusCode::SERVICE_UNAVAILABLE, "sign-in-busy"),
        Ok(false) => return again(StatusCode::UNAUTHORIZED, "sign-in-wrong"),
        Ok(true) => {}
    }
    if let Some(old) = cookie(&headers, SESSION) {
        app.sessions.end(&old);
    }
    let Ok(token) = app.sessions.start(Actor::Admin) else {
        return no_entropy(&app);
    };
    let mut response = match app.sessions.find(&token) {
        Some(session) => block::resume(&app, &session, &form.to, &form.carried).await,
        None => None,
    }
    .unwrap_or_else(|| Redirect::to(Tab::at(&form.to).path()).into_response());
    set_cookie(&app, &mut response, SESSION, &token, None);
    set_cookie(&app, &mut response, VISIT, "", None);
    if !known {
        know_browser(&app, &mut response);
    }
    response
}

/// Gives the browser a token by which it is known for a year.
pub(crate) fn know_browser(app: &App, response: &mut Response) {
    if let Ok(browser) = app.sessions.know() {
        set_cookie(app, response, KNOWN, &browser, Some(cookie::time::Duration::days(365)));
    }
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Posted { .. }: Posted<Nothing>,
) -> Response {
    end(&app, &headers, "sign-in")
}

/// Signs out and goes somewhere harmless. A plain link, so that one tap does it; the session cookie is SameSite=Strict,
/// so that no other page can follow it in our name.
pub(crate) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    end(&app, &headers, &app.web.settings.neutral)
}

fn end(app: &App, headers: &HeaderMap, to: &str) -> Response {
    if let Some(session) = cookie(headers, SESSION) {
        app.sessions.end(&session);
    }
    let mut response = Redirect::to(to).into_response();
    set_cookie(app, &mut response, SESSION, "", None);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::hash_password;

    #[tokio::test(start_paused = true)]
    async fn guessing_slows_strangers_to_five_seconds_and_never_a_known_browser() {
        let gate = Gate::default();
        let hash = hash_password("right").unwrap();
        for _ in 0..12 {
            assert!(matches!(gate.check("wrong".to_owned(), hash.clone(), false).await, Ok(false)));
        }
        assert_eq!(gate.delay(), SLOWEST);
        let begin = tokio::time::Instant::now();
        assert!(matches!(gate.check("right".to_owned(), hash.clone(), true).await, Ok(true)));
        assert!(begin.elapsed() < Duration::from_millis(1), "paused time passes only for those who sleep");
        assert!(matches!(gate.check("right".to_owned(), hash, false).await, Ok(true)));
        assert!(begin.elapsed() >= SLOWEST && begin.elapsed() < SLOWEST * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_of_sign_ins_is_bounded() {
        let gate = Gate::default();
        let _places = gate.strangers.try_acquire_many(8).unwrap();
        assert!(gate.check(String::new(), String::new(), false).await.is_err());
        assert!(gate.check(String::new(), String::new(), true).await.is_ok());
    }
}
