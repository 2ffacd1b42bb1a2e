//! Cookies, and forms that prove to be ours.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use policy_core::lists::Actor;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::App;
use crate::carried;
use crate::chrome::{Layout, Tab, problem};
use crate::session::SignedIn;
use crate::token::TokenHash;

/// The cookie of a session.
pub(crate) const SESSION: &str = "postward-session";
/// The cookie of a browser that signed in before.
pub(crate) const KNOWN: &str = "postward-known";
/// The cookie of somebody who came by a link and is choosing a password.
pub(crate) const ARRIVAL: &str = "postward-arrival";
/// The cookie that the sign-in form's token is compared with.
pub(crate) const VISIT: &str = "postward-visit";

/// A cookie that the browser sent.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Adds a cookie to an answer; an empty value takes it away. Without a path it counts for the folder that the page is
/// served under, whatever a proxy calls that.
pub(crate) fn set_cookie(
    app: &App,
    response: &mut Response,
    name: &'static str,
    value: &str,
    lasting: Option<Duration>,
) {
    let mut cookie = Cookie::build((name, value))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.web.settings.https)
        .build();
    if value.is_empty() {
        cookie.set_max_age(Duration::ZERO);
    } else {
        cookie.set_max_age(lasting);
    }
    if let Ok(header) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, header);
    }
}

impl SignedIn {
    /// The session that the request's cookie names.
    pub(crate) async fn of(app: &Arc<App>, headers: &HeaderMap) -> Option<Self> {
        let mut session = app.sessions.find(&cookie(headers, SESSION)?)?;
        let actor = session.actor;
        if actor == Actor::Admin {
            return Some(session);
        }
        // The member's chat account may have come since, and what it lists is not for everybody who had the page before.
        match app.accounts(move |accounts| accounts.account(actor)).await {
            Ok(Some(account)) => session.actor = account.actor,
            // Their days are over.
            Ok(None) => {
                app.sessions.end_all(actor);
                return None;
            }
            Err(_) => {}
        }
        Some(session)
    }
}

/// A page for people who are signed in; others are shown to the sign-in.
impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Redirect> {
        Self::of(app, &parts.headers).await.ok_or_else(|| match Tab::at(parts.uri.path()) {
            Tab::Block | Tab::Outside => Redirect::to("sign-in"),
            tab => Redirect::to(&format!("sign-in?to={}", tab.path())),
        })
    }
}

/// A form that came from one of our own pages, in this session.
pub(crate) struct Posted<T> {
    pub(crate) session: SignedIn,
    pub(crate) form: T,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let path = request.uri().path().to_owned();
        let to = path.trim_start_matches('/');
        let body = body(request, app).await?;
        let typed = || String::from_utf8(body.to_vec()).unwrap_or_default();
        let Some(session) = SignedIn::of(app, &headers).await else {
            // The session has ended, perhaps in the middle of a form: what was typed goes through the sign-in.
            return Err(carried::interrupted(app, &headers, to, typed()).await);
        };
        let token = serde_urlencoded::from_bytes::<Token>(&body).map_or(String::new(), |token| token.csrf);
        if let Some(refusal) = token_refusal(app, &session, &token) {
            let shown = carried::of_another_session(app, &session, to, &typed()).await;
            return Err(shown.unwrap_or(refusal));
        }
        match serde_urlencoded::from_bytes(&body) {
            Ok(form) => Ok(Self { session, form }),
            Err(_) => Err(unreadable(app)),
        }
    }
}

/// The answer to a form that doesn't carry its session's token.
pub(crate) fn token_refusal(app: &App, session: &SignedIn, token: &str) -> Option<Response> {
    if TokenHash::of(token) == TokenHash::of(&session.csrf) {
        return None;
    }
    let layout = Layout::outside(app, "/");
    Some(problem(&layout, StatusCode::FORBIDDEN, "refused-title", &app.web.texts.say("refused-token")))
}

/// A form without a session: the sign-in.
pub(crate) async fn open_form<T: DeserializeOwned>(request: Request, app: &App) -> Result<T, Response> {
    let body = body(request, app).await?;
    serde_urlencoded::from_bytes(&body).map_err(|_| unreadable(app))
}

async fn body(request: Request, app: &App) -> Result<Bytes, Response> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let status = rejection.into_response().status();
        let why = if status == StatusCode::PAYLOAD_TOO_LARGE { "refused-too-large" } else { "refused-form" };
        problem(&Layout::outside(app, "/"), status, "refused-title", &app.web.texts.say(why))
    })
}

fn unreadable(app: &App) -> Response {
    let layout = Layout::outside(app, "/");
    problem(&layout, StatusCode::BAD_REQUEST, "refused-title", &app.web.texts.say("refused-form"))
}

/// A form with a file or a box to paste into.
pub(crate) struct Uploaded {
    /// The file or, without one, what was pasted.
    pub(crate) content: Bytes,
    /// What the browser calls the file.
    pub(crate) file_name: Option<String>,
    fields: Vec<(String, String)>,
}

impl Uploaded {
    /// Another field of the form.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Bytes of what was pasted that come back in the box: the page stays small.
const ECHOED_BYTES: usize = 16 << 10;

/// What was pasted, to stand in the box again.
pub(crate) fn echoed(pasted: &[u8]) -> String {
    match std::str::from_utf8(pasted) {
        Ok(text) if text.len() <= ECHOED_BYTES => text.to_owned(),
        _ => String::new(),
    }
}

/// How many other fields a form with a file may have.
const MOST_FIELDS: usize = 8;

/// Reads a form with a file. Its token comes first: nothing is read without it.
pub(crate) async fn uploaded(
    app: &App,
    session: &SignedIn,
    tab: Tab,
    request: Request,
) -> Result<Uploaded, Response> {
    let refused = |error: &MultipartError| {
        let status = error.status();
        let large = status == StatusCode::PAYLOAD_TOO_LARGE;
        let why = app.web.texts.say(if large { "refused-upload-large" } else { "refused-form" });
        problem(&Layout::inside(app, session, tab), status, "refused-title", &why)
    };
    let unreadable = || {
        let why = app.web.texts.say("refused-form");
        problem(&Layout::inside(app, session, tab), StatusCode::BAD_REQUEST, "refused-title", &why)
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let first = form.next_field().await.map_err(|error| refused(&error))?;
    let token = match first {
        Some(field) if field.name() == Some("csrf") => field.text().await.unwrap_or_default(),
        _ => String::new(),
    };
    if let Some(refusal) = token_refusal(app, session, &token) {
        return Err(refusal);
    }
    let mut upload = Uploaded { content: Bytes::new(), file_name: None, fields: Vec::new() };
    while let Some(field) = form.next_field().await.map_err(|error| refused(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content = field.bytes().await.map_err(|error| refused(&error))?;
        if matches!(name.as_str(), "file" | "text") {
            // The file comes after the box: an upload wins over what was pasted.
            if !content.trim_ascii().is_empty() {
                (upload.content, upload.file_name) = (content, file_name);
            }
        } else if upload.fields.len() < MOST_FIELDS {
            upload.fields.push((name, String::from_utf8_lossy(&content).into_owned()));
        }
    }
    Ok(upload)
}
