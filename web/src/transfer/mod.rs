//! Lists as files: importing with a look before, exporting.

mod export;
mod job;
mod progress;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::lists::{ImportReport, Imported};
use policy_core::sentence::Sentence;
use policy_core::transfer::Format;
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::carried;
use crate::chrome::{Layout, Tab, show};
use crate::forms::{Posted, echoed, uploaded};
use crate::session::SignedIn;

pub(crate) use self::export::export;
pub(crate) use self::job::{Job, Jobs};
use self::job::{Preview, State as At, Why};

/// Bytes of a file that the page takes; the command line takes longer ones.
pub(crate) const MOST_BYTES: usize = 10 << 20;

/// An import that is done within this time needs no page that tells its progress.
const SHORT: Duration = Duration::from_millis(700);

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage<'a> {
    l: &'a Layout<'a>,
    /// How far an import is that is at work.
    progress: Option<String>,
    preview: Option<Arc<Preview>>,
    done: Option<Arc<ImportReport>>,
    /// Why the last one came to nothing, or what is wrong with the form.
    error: Option<String>,
    /// What was pasted and couldn't be taken.
    typed: String,
}

impl ImportPage<'_> {
    /// "3 addresses, 2 domains": what a preview found.
    fn kinds(&self, preview: &Preview) -> String {
        let t = self.l.t;
        let kinds = [
            (preview.addresses, t.count("import-addresses", preview.addresses)),
            (preview.domains, t.count("import-domains", preview.domains)),
            (preview.words, t.count("import-words", preview.words)),
            (preview.regexes, t.count("import-regexes", preview.regexes)),
        ];
        let there: Vec<String> =
            kinds.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
        there.join(", ")
    }

    fn count(&self, id: &str, count: &u64) -> String {
        self.l.t.count(id, *count)
    }

    fn line(&self, line: &u64, reason: &Sentence) -> String {
        let sentence = Sentence::of("error-in-line").with("line", *line).with("problem", reason.clone());
        self.l.t.sentence(&sentence)
    }
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, StatusCode::OK, Shown::default())
}

fn current(app: &App, session: &SignedIn) -> Option<Arc<Job>> {
    app.sessions.remember(session, |memory| memory.import.clone()).flatten()
}

/// What stands in the form.
#[derive(Default)]
struct Shown {
    typed: String,
    error: Option<String>,
}

fn page(app: &App, session: &SignedIn, status: StatusCode, shown: Shown) -> Response {
    let layout = Layout::inside(app, session, Tab::Import);
    let Shown { typed, error } = shown;
    let mut page = ImportPage { l: &layout, progress: None, preview: None, done: None, error, typed };
    match current(app, session).map(|job| job.state()) {
        None => {}
        Some(At::Read(preview)) => page.preview = Some(preview),
        Some(At::Done(report)) => page.done = Some(report),
        Some(At::Failed(why)) => {
            let said = match why {
                Why::Lists(error) => app.web.texts.lists_error(&error),
                Why::Room => app.web.texts.say("import-no-room"),
            };
            page.error = page.error.or(Some(said));
        }
        Some(at) => page.progress = progress::sentence(&app.web.texts, &at),
    }
    show(status, &page)
}

/// After a sign-in in the middle of this form.
pub(crate) fn resume(app: &App, session: &SignedIn, carried: &str) -> Option<Response> {
    Some(page(app, session, StatusCode::OK, Shown { typed: carried::text(carried)?, error: None }))
}

/// An upload: it is read, and what it would do is shown.
pub(crate) async fn look(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(session) = SignedIn::of(&app, request.headers()) else {
        return carried::interrupted_paste(&app, Tab::Import.path(), request).await;
    };
    let Ok(_turn) = app.trying.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let upload = match uploaded(&app, &session, Tab::Import, request).await {
        Ok(upload) => upload,
        Err(refused) => return refused,
    };
    let typed = echoed(&upload.content);
    let refuse = |text: &str| {
        let shown = Shown { typed: typed.clone(), error: Some(app.web.texts.say(text)) };
        page(&app, &session, StatusCode::UNPROCESSABLE_ENTITY, shown)
    };
    if current(&app, &session).is_some_and(|job| job.is_busy()) {
        return refuse("import-busy");
    }
    app.sessions.remember(&session, |memory| memory.import = None);
    if upload.content.trim_ascii().is_empty() {
        return refuse("import-empty");
    }
    let chosen = upload.field("format").and_then(|format| format.parse().ok());
    let format = chosen.unwrap_or_else(|| Format::guess(upload.file_name.as_deref(), &upload.content));
    let Some(job) = app.imports.start(session.actor, format, upload.content) else {
        return refuse("import-others");
    };
    app.sessions.remember(&session, |memory| memory.import = Some(Arc::clone(&job)));
    let (at_work, lists) = (Arc::clone(&job), Arc::clone(&app.web.lists));
    tokio::task::spawn_blocking(move || at_work.look(lists.as_ref()));
    follow(&app, &session, job).await
}

/// Shows the end of it if that comes soon, else how it goes on.
async fn follow(app: &Arc<App>, session: &SignedIn, job: Arc<Job>) -> Response {
    job.wait(SHORT).await;
    if job.is_busy() {
        return progress::page(app, session, job);
    }
    Redirect::to(Tab::Import.path()).into_response()
}

/// The button that was pressed beside a preview: "import" or "drop".
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(rename = "do", default)]
    what: String,
}

pub(crate) async fn answer(State(app): State<Arc<App>>, posted: Posted<Answer>) -> Response {
    let Posted { session, form } = posted;
    let Some(job) = current(&app, &session) else {
        return Redirect::to(Tab::Import.path()).into_response();
    };
    if form.what != "import" {
        if !job.is_busy() {
            app.sessions.remember(&session, |memory| memory.import = None);
        }
        return Redirect::to(Tab::Import.path()).into_response();
    }
    // A second press, or one on an old page, starts nothing twice.
    if job.begin() {
        let (at_work, lists) = (Arc::clone(&job), Arc::clone(&app.web.lists));
        let (teller, whose) = (Arc::clone(&app), session.clone());
        let done_by = move |imported: Imported| {
            let changed = imported.added.len() + imported.before.len();
            if changed > 0 {
                let text = teller.web.texts.count("import-undo", changed as u64);
                teller.sessions.notify(&whose, text, Some(Undo::Import(imported)));
            }
        };
        tokio::task::spawn_blocking(move || at_work.carry_out(lists.as_ref(), done_by));
    }
    follow(&app, &session, job).await
}
