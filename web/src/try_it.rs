//! Try it: what would happen to an address, a text or a whole message, and because of which entry. Nothing is kept.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy_core::entry::Channel;
use policy_core::explain;
use policy_core::trial::{Taken, candidate, taken_for};
use policy_core::verdict::{Outcome, Verdict};

use crate::App;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::token_refusal;
use crate::session::SignedIn;

/// Bytes of a message that can be tried.
pub(crate) const MOST_BYTES: usize = 10 << 20;

/// Bytes of what was typed that come back in the box: the page stays small.
const ECHOED_BYTES: usize = 16 << 10;

#[derive(Template)]
#[template(path = "try.html")]
struct TryPage<'a> {
    l: &'a Layout<'a>,
    typed: &'a str,
    error: Option<String>,
    results: Vec<Trial>,
    read_as: Option<String>,
}

/// What would happen on one channel.
struct Trial {
    channel: String,
    outcome: &'static str,
    headline: String,
    sentence: String,
    remarks: Vec<&'static str>,
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    let layout = Layout::inside(&app, &session, Tab::Try);
    show(StatusCode::OK, &TryPage { l: &layout, typed: "", error: None, results: Vec::new(), read_as: None })
}

pub(crate) async fn judge(State(app): State<Arc<App>>, session: SignedIn, request: Request) -> Response {
    let Ok(_turn) = app.trying.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let pasted = match pasted(&app, &session, request).await {
        Ok(pasted) => pasted,
        Err(refused) => return refused,
    };
    let typed = match std::str::from_utf8(&pasted) {
        Ok(text) if text.len() <= ECHOED_BYTES => text.to_owned(),
        _ => String::new(),
    };
    let layout = Layout::inside(&app, &session, Tab::Try);
    if pasted.trim_ascii().is_empty() {
        let error = Some(app.texts.say("try-empty"));
        let page = TryPage { l: &layout, typed: "", error, results: Vec::new(), read_as: None };
        return show(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let judged = {
        let app = Arc::clone(&app);
        tokio::task::spawn_blocking(move || trials(&app, &session, &pasted)).await
    };
    let Ok((taken, results)) = judged else {
        return problem(
            &layout,
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed-title",
            &app.texts.say("failed-inside"),
        );
    };
    let read_as = Some(app.texts.say(match taken {
        Taken::Address => "try-as-address",
        Taken::Text => "try-as-text",
        Taken::Message => "try-as-message",
    }));
    show(StatusCode::OK, &TryPage { l: &layout, typed: &typed, error: None, results, read_as })
}

/// What was uploaded or, without a file, pasted. The form's token comes first: nothing is read without it.
async fn pasted(app: &App, session: &SignedIn, request: Request) -> Result<Bytes, Response> {
    let refused = |error: &MultipartError| {
        let status = error.status();
        let large = status == StatusCode::PAYLOAD_TOO_LARGE;
        let why = app.texts.say(if large { "refused-too-large" } else { "refused-form" });
        problem(&Layout::inside(app, session, Tab::Try), status, "refused-title", &why)
    };
    let unreadable = || {
        let layout = Layout::inside(app, session, Tab::Try);
        problem(&layout, StatusCode::BAD_REQUEST, "refused-title", &app.texts.say("refused-form"))
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
    let mut pasted = Bytes::new();
    while let Some(field) = form.next_field().await.map_err(|error| refused(&error))? {
        let wanted = matches!(field.name(), Some("file" | "text"));
        let content = field.bytes().await.map_err(|error| refused(&error))?;
        // The file comes after the box: an upload wins over what was pasted.
        if wanted && !content.trim_ascii().is_empty() {
            pasted = content;
        }
    }
    Ok(pasted)
}

fn trials(app: &App, session: &SignedIn, pasted: &[u8]) -> (Taken, Vec<Trial>) {
    let taken = taken_for(pasted);
    // One revision judges all of it.
    let snapshot = app.web.snapshot.load();
    let trial = |&channel| {
        let candidate = candidate(taken, pasted, channel, None);
        let judgement = snapshot.judge(&candidate, app.today());
        let proof_matters = judgement.proof_matters();
        let verdict = judgement.verdicts.into_iter().next().unwrap_or_else(Verdict::unlisted);
        let entry = verdict
            .decided_by
            .as_ref()
            .and_then(|decision| app.web.lists.entry(session.actor, decision.entry).ok());
        let (outcome, headline) = match verdict.outcome {
            Outcome::Deliver => ("deliver", "try-deliver"),
            Outcome::Drop => ("stop", "try-drop"),
            Outcome::Refuse => ("stop", "try-refuse"),
        };
        Trial {
            channel: app.texts.say(if channel == Channel::Mail { "try-mail" } else { "try-chat" }),
            outcome,
            headline: app.texts.say(headline),
            sentence: explain::sentence(&verdict, entry.as_ref().map(|listed| &listed.entry)),
            remarks: explain::remarks(proof_matters, candidate.cut_short).collect(),
        }
    };
    (taken, taken.channels().iter().map(trial).collect())
}
