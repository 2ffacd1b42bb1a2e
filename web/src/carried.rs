//! What was typed into a form that couldn't be taken, because its session has ended: it is shown again after the sign-in,
//! and nothing is done before somebody looks at it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use policy_core::entry::{Effect, Scope};

use crate::App;
use crate::session::SignedIn;
use crate::sign_in;
use crate::{addresses, block, edit, members, persons, transfer, try_it};

/// Bytes that are carried through a sign-in, encoded as forms are: its page stays under 50 KB.
const MOST: usize = 32 << 10;

/// Bytes of a form with a box to paste into that are read to carry them.
const MOST_PASTED: usize = 64 << 10;

/// A form without a session: the sign-in, which carries what was typed, if that can be shown again.
pub(crate) async fn interrupted(app: &Arc<App>, headers: &HeaderMap, to: &str, typed: String) -> Response {
    let kept = is_kept(to, &typed) && typed.len() <= MOST && whose(app, &typed).is_some();
    let carried = if kept { typed } else { String::new() };
    sign_in::interrupted(app, headers, to, &carried).await
}

/// Whose form it was typed into: it is given back to them alone.
fn whose(app: &App, typed: &str) -> Option<Scope> {
    app.sessions.whose_form(&field(typed, "csrf")?)
}

/// Whether something was typed that can be shown again. Beside the fields of some forms are buttons that need no typing.
fn is_kept(to: &str, typed: &str) -> bool {
    let fields: &[&str] = match to {
        "block" | "allow" | "edit" | "persons" | "try" | "import" => return true,
        "members" => &["name", "mail", "jid", "login"],
        "addresses" => &["address", "code"],
        _ => return false,
    };
    let filled =
        |(name, value): &(String, String)| fields.contains(&name.as_str()) && !value.trim().is_empty();
    serde_urlencoded::from_str(typed).is_ok_and(|typed: Vec<(String, String)>| typed.iter().any(filled))
}

/// The same for a form with a box to paste into. A browser doesn't choose a file again.
pub(crate) async fn interrupted_paste(app: &Arc<App>, to: &str, request: Request) -> Response {
    let headers = request.headers().clone();
    let typed = pasted(request).await.unwrap_or_default();
    interrupted(app, &headers, to, typed).await
}

async fn pasted(request: Request) -> Option<String> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MOST_PASTED).await.ok()?;
    let request = Request::from_parts(head, Body::from(body));
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let mut csrf = String::new();
    while let Some(field) = form.next_field().await.ok()? {
        if field.name() == Some("text") {
            let text = field.text().await.ok().filter(|text| !text.trim().is_empty())?;
            return serde_urlencoded::to_string([("csrf", csrf), ("text", text)]).ok();
        }
        if field.name() == Some("csrf") {
            csrf = field.text().await.ok()?;
        }
    }
    None
}

/// What was pasted, out of what was carried.
pub(crate) fn text(carried: &str) -> Option<String> {
    field(carried, "text")
}

fn field(typed: &str, name: &str) -> Option<String> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(typed).ok()?;
    fields.into_iter().find_map(|(known, value)| (known == name).then_some(value))
}

/// Shows the form again with what was typed, to be looked at before it is saved.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, to: &str, carried: &str) -> Option<Response> {
    if carried.is_empty() || whose(app, carried) != Some(session.actor.own_scope()) {
        return None;
    }
    match to {
        "block" => block::resume(app, session, Effect::Block, carried).await,
        "allow" => block::resume(app, session, Effect::Allow, carried).await,
        "edit" => edit::resume(app, session, carried).await,
        "persons" => persons::resume(app, session, carried).await,
        "try" => try_it::resume(app, session, carried),
        "import" => transfer::resume(app, session, carried),
        "members" => members::resume(app, session, carried).await,
        "addresses" => addresses::resume(app, session, carried).await,
        _ => None,
    }
}

/// The answer to a form of another session, as after a sign-in in another window: nothing is done, and what was typed is
/// there again.
pub(crate) async fn of_another_session(
    app: &Arc<App>,
    session: &SignedIn,
    to: &str,
    typed: &str,
) -> Option<Response> {
    if !is_kept(to, typed) || whose(app, typed) != Some(session.actor.own_scope()) {
        return None;
    }
    app.sessions.notify(session, app.web.texts.say("refused-token-kept"), None);
    let mut response = resume(app, session, to, typed).await?;
    *response.status_mut() = StatusCode::FORBIDDEN;
    Some(response)
}
