//! Coming by a one-time link: a button, a new password, a recovery code.
//!
//! ```text
//! GET welcome?key=…   a button: previews of links fetch it, and use nothing up
//! POST welcome        uses the link up; from here on a cookie says who is choosing a password
//! POST new-password   sets it, hides what isn't proven to be theirs, and signs in
//! ```

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::sentence::Sentence;
use policy_core::sign_in::{Account, Proven, Secrets};
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::{ARRIVAL, SESSION, VISIT, cookie, open_form, set_cookie};
use crate::password::{FEWEST_CHARACTERS, hash_password, random_password};
use crate::session::Arrival;
use crate::sign_in::{Busy, failed_inside, know_browser};
use crate::token::{self, TokenHash};

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    l: Layout<'a>,
    visit: &'a str,
    key: &'a str,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage<'a> {
    l: Layout<'a>,
    csrf: &'a str,
    name: &'a str,
    had_password: bool,
    proof: Option<String>,
    new: Option<String>,
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage<'a> {
    l: Layout<'a>,
    code: &'a str,
    hidden: bool,
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    key: String,
    #[serde(default)]
    visit: String,
}

pub(crate) async fn button(
    State(app): State<Arc<App>>,
    Query(link): Query<Link>,
    headers: HeaderMap,
) -> Response {
    let old = cookie(&headers, VISIT).filter(|visit| visit.len() == 64);
    let Ok(visit) = old.map_or_else(token::random, Ok) else { return failed_inside(&app) };
    let page = WelcomePage { l: Layout::outside(&app, "/"), visit: &visit, key: &link.key };
    let mut response = show(StatusCode::OK, &page);
    set_cookie(&app, &mut response, VISIT, &visit, None);
    response
}

pub(crate) async fn arrive(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let link: Link = match open_form(request, &app).await {
        Ok(link) => link,
        Err(refused) => return refused,
    };
    // The button was pressed twice, or the link was opened once more: this browser may go on.
    if cookie(&headers, ARRIVAL).is_some_and(|arrival| app.sessions.came_by(&arrival, &link.key)) {
        return Redirect::to("new-password").into_response();
    }
    let refused = |why| {
        let layout = Layout::outside(&app, "/");
        let title = if why == "welcome-used" { "welcome-used-title" } else { "refused-title" };
        problem(&layout, StatusCode::FORBIDDEN, title, &app.web.texts.say(why))
    };
    // Somebody else's page must not use the link up in this browser.
    if !cookie(&headers, VISIT).is_some_and(|visit| TokenHash::of(&visit) == TokenHash::of(&link.visit)) {
        return refused("sign-in-again");
    }
    let key = link.key.clone();
    let account = match app.accounts(move |accounts| accounts.use_link(&key)).await {
        Ok(Some(account)) => account,
        Ok(None) => return refused("welcome-used"),
        Err(_) => return failed_inside(&app),
    };
    let Ok(arrival) = app.sessions.arrive(account, &link.key) else { return failed_inside(&app) };
    let mut response = Redirect::to("new-password").into_response();
    set_cookie(&app, &mut response, ARRIVAL, &arrival, None);
    set_cookie(&app, &mut response, VISIT, "", None);
    response
}

/// What is wrong, beside which field.
#[derive(Default)]
struct Errors {
    proof: Option<&'static str>,
    new: Option<&'static str>,
    again: Option<&'static str>,
}

fn form_page(app: &App, arrival: &Arrival, status: StatusCode, errors: &Errors) -> Response {
    let say = |error: Option<&str>| {
        error.map(|id| app.web.texts.with(id, "fewest", &FEWEST_CHARACTERS.to_string()))
    };
    let page = NewPasswordPage {
        l: Layout::outside(app, "/"),
        csrf: &arrival.csrf,
        name: &arrival.account.name,
        had_password: arrival.account.password.is_some() && !arrival.account.by_account,
        proof: say(errors.proof),
        new: say(errors.new),
        again: say(errors.again),
    };
    show(status, &page)
}

/// Whoever came by a link and has this cookie, unless they have been removed meanwhile.
async fn arrived(app: &Arc<App>, token: &str) -> Option<Arrival> {
    let arrival = app.sessions.arrival(token)?;
    let actor = arrival.account.actor;
    if let Ok(None) = app.accounts(move |accounts| accounts.account(actor)).await {
        app.sessions.end_arrival(token);
        return None;
    }
    Some(arrival)
}

pub(crate) async fn form(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let token = cookie(&headers, ARRIVAL).unwrap_or_default();
    match arrived(&app, &token).await {
        Some(arrival) => form_page(&app, &arrival, StatusCode::OK, &Errors::default()),
        None => Redirect::to("sign-in").into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    proof: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

pub(crate) async fn choose(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let chosen: Chosen = match open_form(request, &app).await {
        Ok(chosen) => chosen,
        Err(refused) => return refused,
    };
    let token = cookie(&headers, ARRIVAL).unwrap_or_default();
    let Some(arrival) = arrived(&app, &token).await else {
        return Redirect::to("sign-in").into_response();
    };
    if TokenHash::of(&chosen.csrf) != TokenHash::of(&arrival.csrf) {
        let layout = Layout::outside(&app, "/");
        return problem(&layout, StatusCode::FORBIDDEN, "refused-title", &app.web.texts.say("refused-token"));
    }
    let refuse = |errors: Errors| form_page(&app, &arrival, StatusCode::UNPROCESSABLE_ENTITY, &errors);
    let new = chosen.new.trim().to_owned();
    if new.chars().count() < FEWEST_CHARACTERS {
        return refuse(Errors { new: Some("password-too-short"), ..Errors::default() });
    }
    if new != chosen.again.trim() {
        return refuse(Errors { again: Some("password-differs"), ..Errors::default() });
    }
    let proven = match prove(&app, &arrival.account, &chosen.proof).await {
        Ok(Some(proven)) => proven,
        Ok(None) => return refuse(Errors { proof: Some("proof-wrong"), ..Errors::default() }),
        Err(Busy) => return refuse(Errors { proof: Some("sign-in-busy"), ..Errors::default() }),
    };
    match settle(&app, &arrival.account, new, proven).await {
        Some((session, code, hidden)) => {
            app.sessions.end_arrival(&token);
            let page = RecoveryPage { l: Layout::outside(&app, "/"), code: &code, hidden };
            let mut response = show(StatusCode::OK, &page);
            set_cookie(&app, &mut response, SESSION, &session, None);
            set_cookie(&app, &mut response, ARRIVAL, "", None);
            know_browser(&app, &mut response, arrival.account.actor);
            response
        }
        None => failed_inside(&app),
    }
}

/// What a typed password or recovery code proves; `None` for a wrong one, nothing for none.
pub(crate) async fn prove(app: &Arc<App>, account: &Account, given: &str) -> Result<Option<Proven>, Busy> {
    if account.by_account {
        return Ok(Some(Proven::Account));
    }
    let given = given.trim().to_owned();
    let Some(member) = account.actor.member().filter(|_| !given.is_empty()) else {
        return Ok(Some(Proven::Nothing));
    };
    let Ok(proofs) = app.accounts(move |accounts| accounts.proofs(member)).await else { return Ok(None) };
    for (secrets, proven) in [(proofs.earlier, Proven::Earlier), (proofs.current, Proven::Current)] {
        for (hash, given) in [(secrets.password, given.clone()), (secrets.recovery, plain_code(&given))] {
            if let Some(hash) = hash
                && app.gate.check(given, hash, false).await?
            {
                return Ok(Some(proven));
            }
        }
    }
    Ok(None)
}

/// A recovery code as it is hashed, however it was copied from paper.
fn plain_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

/// Sets the secrets, ends what sessions there are, and signs in: the session's token, the recovery code, and whether
/// anything is hidden.
async fn settle(
    app: &Arc<App>,
    account: &Account,
    new: String,
    proven: Proven,
) -> Option<(String, String, bool)> {
    let member = account.actor.member()?;
    let code = random_password().ok()?;
    let plain = plain_code(&code);
    let settled = app.accounts(move |accounts| {
        let hashed = |secret: &str| {
            hash_password(secret).map(Some).map_err(|error| {
                policy_core::lists::ListsError::Store(
                    Sentence::of("store-fault").with("error", error.to_string()),
                )
            })
        };
        let secrets = Secrets { password: hashed(&new)?, recovery: hashed(&plain)? };
        accounts.begin_anew(member, &secrets, proven)?;
        accounts.signed_in(policy_core::lists::Actor::Member(member))?;
        accounts.account(policy_core::lists::Actor::Member(member))
    });
    let account = settled.await.ok().flatten()?;
    app.sessions.end_all(account.actor);
    let hidden = matches!(account.actor, policy_core::lists::Actor::Unproven(_));
    let session = app.sessions.start(account.actor).ok()?;
    Some((session, code, hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_copied_from_paper_is_the_code() {
        assert_eq!(plain_code(" KPWQ hdzr-majb vuty negs\n"), plain_code("kpwq-hdzr-majb-vuty-negs"));
    }
}
