//! Try it: what would happen to an address, a text or a whole message, and because of which entry. Nothing is kept.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy_core::entry::Channel;
use policy_core::explain;
use policy_core::lists::Actor;
use policy_core::trial::{Taken, candidate, taken_for};
use policy_core::verdict::{Outcome, Verdict};

use crate::App;
use crate::carried;
use crate::chrome::{Layout, Tab, problem, show};
use crate::forms::{echoed, uploaded};
use crate::session::SignedIn;

/// Bytes of a message that can be tried.
pub(crate) const MOST_BYTES: usize = 10 << 20;

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
    remarks: Vec<String>,
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    let layout = Layout::inside(&app, &session, Tab::Try);
    show(StatusCode::OK, &TryPage { l: &layout, typed: "", error: None, results: Vec::new(), read_as: None })
}

/// After a sign-in in the middle of this form.
pub(crate) fn resume(app: &App, session: &SignedIn, carried: &str) -> Option<Response> {
    let typed = carried::text(carried)?;
    let layout = Layout::inside(app, session, Tab::Try);
    let page = TryPage { l: &layout, typed: &typed, error: None, results: Vec::new(), read_as: None };
    Some(show(StatusCode::OK, &page))
}

pub(crate) async fn judge(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(session) = SignedIn::of(&app, request.headers()).await else {
        return carried::interrupted_paste(&app, Tab::Try.path(), request).await;
    };
    let Ok(_turn) = app.trying.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let pasted = match uploaded(&app, &session, Tab::Try, request).await {
        Ok(upload) => upload.content,
        Err(refused) => return refused,
    };
    let typed = echoed(&pasted);
    let layout = Layout::inside(&app, &session, Tab::Try);
    if pasted.trim_ascii().is_empty() {
        let error = Some(app.web.texts.say("try-empty"));
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
            &app.web.texts.say("failed-inside"),
        );
    };
    let read_as = Some(app.web.texts.say(match taken {
        Taken::Address => "try-as-address",
        Taken::Text => "try-as-text",
        Taken::Message => "try-as-message",
    }));
    show(StatusCode::OK, &TryPage { l: &layout, typed: &typed, error: None, results, read_as })
}

fn trials(app: &App, session: &SignedIn, pasted: &[u8]) -> (Taken, Vec<Trial>) {
    let texts = &app.web.texts;
    let taken = taken_for(pasted);
    // What is hidden from who has no proof isn't asked, either.
    let members = app.web.lists.members().unwrap_or_default();
    let member = match session.actor {
        Actor::Member(id) => members.iter().find(|one| one.id == id),
        Actor::Admin | Actor::Unproven(_) => None,
    };
    // One revision judges all of it.
    let snapshot = app.web.snapshot.load();
    let trial = |&channel| {
        let recipient = member.and_then(|member| member.address_on(channel));
        let whose = match (member, &recipient) {
            (None, _) if session.actor == Actor::Admin && members.is_empty() => None,
            (None, _) => Some("try-household-alone"),
            (Some(_), None) => Some("try-no-address-of-yours"),
            (Some(_), Some(_)) => None,
        };
        let candidate = candidate(taken, pasted, channel, recipient);
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
            channel: texts.say(if channel == Channel::Mail { "try-mail" } else { "try-chat" }),
            outcome,
            headline: texts.say(headline),
            sentence: texts
                .sentence(&explain::sentence(&verdict, entry.as_ref().map(|listed| &listed.entry))),
            remarks: explain::remarks(proof_matters, candidate.cut_short)
                .map(|remark| texts.sentence(&remark))
                .chain(whose.map(|whose| texts.say(whose)))
                .collect(),
        }
    };
    (taken, taken.channels().iter().map(trial).collect())
}
