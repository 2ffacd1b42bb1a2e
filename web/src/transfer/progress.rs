//! A page that grows while an import is at work: HTML that arrives piece by piece needs no script and no reloading. Whoever
//! leaves it misses nothing; "look again" leads to how far it is.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use texts::Texts;
use tokio::sync::mpsc;

use super::job::{Job, State};
use crate::App;
use crate::chrome::{Layout, Tab};
use crate::session::SignedIn;
use crate::stream::body_of;

/// How often the page says how far it is.
const STEP: Duration = Duration::from_secs(2);

/// Where in the page the progress goes.
const MARK: &str = "<!--progress-->";

#[derive(Template)]
#[template(path = "progress.html")]
struct ProgressPage<'a> {
    l: &'a Layout<'a>,
}

/// How far an import is, while it is at work.
pub(super) fn sentence(texts: &Texts, state: &State) -> Option<String> {
    match state {
        State::Reading(lines) => Some(texts.count("import-reading", *lines)),
        State::Importing(done, all) => {
            Some(texts.counted("import-importing", *done, "all", &all.to_string()))
        }
        _ => None,
    }
}

pub(super) fn page(app: &Arc<App>, session: &SignedIn, job: Arc<Job>) -> Response {
    let layout = Layout::inside(app, session, Tab::Import);
    let Ok(html) = (ProgressPage { l: &layout }).render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (before, after) = html.split_once(MARK).unwrap_or((&html, ""));
    let (before, after) = (before.to_owned(), after.to_owned());
    let (pieces, received) = mpsc::channel::<Result<Bytes, Infallible>>(4);
    let app = Arc::clone(app);
    tokio::spawn(async move {
        // A browser that is gone ends the telling; the work goes on.
        let say = async |piece: String| pieces.send(Ok(Bytes::from(piece))).await.is_ok();
        if !say(before).await {
            return;
        }
        while let Some(sentence) = sentence(&app.web.texts, &job.state()) {
            // The sentence holds our own words and numbers alone.
            if !say(format!("<p>{sentence}</p>\n")).await {
                return;
            }
            job.wait(STEP).await;
        }
        let end = app.web.texts.say("import-see");
        say(format!("<p><a class=\"button\" href=\"{}\">{end}</a></p>{after}", Tab::Import.path())).await;
    });
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        // nginx would keep it all until the end.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body_of(received)).into_response()
}
