//! Signing in and out, and what slows down guessing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::lists::Actor;
use policy_core::sign_in::Leaving;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::App;
use crate::carried;
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
    verifying: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            failures: Mutex::new((0, Instant::now())),
            strangers: Semaphore::new(8),
            known: Semaphore::new(8),
            verifying: Arc::new(Semaphore::new(1)),
        }
    }
}

/// What a password is compared with where there is none: argon2id with the same cost, of nothing that anybody knows.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXRoaW5nIHJhbmRvbQ$\
                       qmVCYYZYNnZ1oVxQvlGKSzTJBfUjSpx4Bwl1RHCkCSk";

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

    /// Compares a password with its hash, in turn. Whoever is held up keeps no place meanwhile: a few who go on guessing would
    /// otherwise keep everybody out who isn't known.
    pub(crate) async fn check(&self, password: String, hash: String, known: bool) -> Result<bool, Busy> {
        let _place = if known {
            self.known.try_acquire().map_err(|_| Busy)?
        } else {
            tokio::time::sleep(self.delay()).await;
            self.strangers.acquire().await.map_err(|_| Busy)?
        };
        let turn = Arc::clone(&self.verifying).acquire_owned().await.map_err(|_| Busy)?;
        // The turn lasts as long as the memory is taken, also where the browser breaks off.
        let verified = tokio::task::spawn_blocking(move || {
            let right = verify(&password, &hash);
            drop(turn);
            right
        });
        let right = verified.await.unwrap_or(false);
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
    /// What is said to somebody who was in the middle of something.
    interrupted: Option<&'static str>,
    error: Option<String>,
    name: &'a str,
    /// Whether a name is asked for: as soon as any member can sign in.
    asks_name: bool,
}

/// What of the sign-in form is filled in.
#[derive(Default)]
struct Filled<'a> {
    to: &'a str,
    carried: &'a str,
    interrupted: Option<&'static str>,
    error: Option<String>,
    name: &'a str,
}

async fn sign_in_page(
    app: &Arc<App>,
    headers: &HeaderMap,
    status: StatusCode,
    filled: Filled<'_>,
) -> Response {
    // The token stays the same while the form is open in several tabs.
    let old = cookie(headers, VISIT).filter(|visit| visit.len() == 64);
    let Ok(visit) = old.map_or_else(token::random, Ok) else {
        return failed_inside(app);
    };
    let asks_name = app.accounts(|accounts| accounts.members_sign_in()).await.unwrap_or(true);
    let page = SignInPage {
        l: Layout::outside(app, "/"),
        visit: &visit,
        to: filled.to,
        carried: filled.carried,
        interrupted: filled.interrupted,
        error: filled.error,
        name: filled.name,
        asks_name,
    };
    let mut response = show(status, &page);
    set_cookie(app, &mut response, VISIT, &visit, None);
    response
}

pub(crate) fn failed_inside(app: &App) -> Response {
    let layout = Layout::outside(app, "/");
    problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &app.web.texts.say("failed-inside"))
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
    if SignedIn::of(&app, &headers).await.is_some() {
        return Redirect::to("./").into_response();
    }
    let to = Tab::at(&aim.to).path();
    let interrupted = cookie(&headers, SESSION).map(|_| "sign-in-over");
    sign_in_page(&app, &headers, StatusCode::OK, Filled { to, interrupted, ..Filled::default() }).await
}

/// The sign-in in the middle of a form: what was typed is carried along.
pub(crate) async fn interrupted(app: &Arc<App>, headers: &HeaderMap, to: &str, carried: &str) -> Response {
    let interrupted = Some(if carried.is_empty() { "sign-in-ended" } else { "sign-in-interrupted" });
    let filled = Filled { to, carried, interrupted, ..Filled::default() };
    sign_in_page(app, headers, StatusCode::UNAUTHORIZED, filled).await
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    #[serde(default)]
    name: String,
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
    let again = async |status, error: &str| {
        let interrupted = (!form.carried.is_empty()).then_some("sign-in-interrupted");
        let error = Some(app.web.texts.say(error));
        let filled =
            Filled { to: &form.to, carried: &form.carried, interrupted, error, name: form.name.trim() };
        sign_in_page(&app, &headers, status, filled).await
    };
    // Somebody else's page must not be able to sign this browser in: the form carries what the cookie says.
    if !cookie(&headers, VISIT).is_some_and(|visit| TokenHash::of(&visit) == TokenHash::of(&form.visit)) {
        return again(StatusCode::FORBIDDEN, "sign-in-again").await;
    }
    let name = form.name.clone();
    let account = match app.accounts(move |accounts| accounts.account_named(&name)).await {
        Ok(account) => account,
        Err(_) => return again(StatusCode::INTERNAL_SERVER_ERROR, "sign-in-unreadable").await,
    };
    let actor = account.as_ref().map_or(Actor::Admin, |account| account.actor);
    let hash = match account.map(|account| account.password) {
        Some(Some(hash)) => hash,
        Some(None) if actor == Actor::Admin => {
            return again(StatusCode::SERVICE_UNAVAILABLE, "sign-in-no-password").await;
        }
        // Who there is isn't told: a name that nobody has takes as long as a wrong password.
        _ => NOBODYS.to_owned(),
    };
    let known = cookie(&headers, KNOWN).is_some_and(|browser| app.sessions.is_known(&browser, actor));
    match app.gate.check(form.password.trim().to_owned(), hash, known).await {
        Err(Busy) => return again(StatusCode::SERVICE_UNAVAILABLE, "sign-in-busy").await,
        Ok(false) => return again(StatusCode::UNAUTHORIZED, "sign-in-wrong").await,
        Ok(true) => {}
    }
    let before = app.accounts(move |accounts| accounts.signed_in(actor)).await.ok().flatten();
    if let Some(old) = cookie(&headers, SESSION) {
        app.sessions.end(&old);
    }
    let Ok(token) = app.sessions.start(actor) else {
        return failed_inside(&app);
    };
    let session = app.sessions.find(&token);
    if let Some(session) = &session {
        greet(&app, session, before).await;
    }
    let mut response = match session {
        Some(session) => carried::resume(&app, &session, &form.to, &form.carried).await,
        None => None,
    }
    .unwrap_or_else(|| Redirect::to(Tab::at(&form.to).path()).into_response());
    set_cookie(&app, &mut response, SESSION, &token, None);
    set_cookie(&app, &mut response, VISIT, "", None);
    if !known {
        know_browser(&app, &mut response, actor);
    }
    response
}

/// Says on the first page when the account was used before, and that it ends, if it does.
async fn greet(app: &Arc<App>, session: &SignedIn, before: Option<jiff::civil::Date>) {
    let actor = session.actor;
    let account = app.accounts(move |accounts| accounts.account(actor)).await.ok().flatten();
    let made = account.as_ref().is_some_and(|account| account.made);
    let leaves = account.and_then(|account| account.leaves);
    let text = match (leaves, before) {
        _ if made => app.web.texts.say("password-was-made"),
        (Some(Leaving::On(day)), _) => app.web.texts.with("you-leave-on", "date", &day.to_string()),
        (Some(Leaving::NotTold), _) => app.web.texts.say("you-leave"),
        (None, Some(before)) => app.web.texts.with("last-sign-in", "date", &before.to_string()),
        (None, None) => return,
    };
    app.sessions.notify(session, text, None);
}

/// Gives the browser a token by which it is known for a year.
pub(crate) fn know_browser(app: &App, response: &mut Response, actor: Actor) {
    if let Ok(browser) = app.sessions.know(actor) {
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

    #[test]
    fn what_stands_for_no_password_takes_as_long_as_one() {
        use argon2::password_hash::phc::PasswordHash;
        assert!(PasswordHash::new(NOBODYS).is_ok());
        assert!(!verify("", NOBODYS));
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_of_sign_ins_is_bounded() {
        let gate = Gate::default();
        let _places = gate.known.try_acquire_many(8).unwrap();
        assert!(gate.check(String::new(), String::new(), true).await.is_err());
        assert!(gate.check(String::new(), String::new(), false).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_keep_guessing_keep_no_stranger_out() {
        let gate = Gate::default();
        let guesses = |number| {
            futures_util::future::join_all(
                (0..number).map(|_| gate.check(String::new(), String::new(), false)),
            )
        };
        guesses(8).await;
        assert_eq!(gate.delay(), SLOWEST);
        let hash = hash_password("right").unwrap();
        let (guessed, right) = tokio::join!(guesses(40), gate.check("right".to_owned(), hash, false));
        assert!(guessed.iter().all(Result::is_ok));
        assert!(matches!(right, Ok(true)));
    }
}
