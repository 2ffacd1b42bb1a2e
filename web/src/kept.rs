//! The page that answers a form with an entry. The browser is sent there instead of being shown the answer itself: nothing
//! here may stay in its cache, so it couldn't come back to the answer of a form, nor load it anew.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::entry::Effect;
use serde::Deserialize;

use crate::App;
use crate::block::{Open, look, page, understood};
use crate::draft::{Draft, Errors};
use crate::session::SignedIn;

/// The latest drafts that a session can come back to.
const MOST: usize = 4;

/// Bytes of a draft that is kept; nobody types a longer one.
const MOST_BYTES: usize = 16 << 10;

/// What a session has been shown of drafts, the latest last.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    last: u64,
    shown: VecDeque<(u64, Shown)>,
}

#[derive(Clone)]
struct Shown {
    effect: Effect,
    draft: Draft,
    errors: Errors,
}

impl Kept {
    fn keep(&mut self, shown: Shown) -> u64 {
        self.last += 1;
        self.shown.push_back((self.last, shown));
        if self.shown.len() > MOST {
            self.shown.pop_front();
        }
        self.last
    }

    fn find(&self, wanted: u64) -> Option<Shown> {
        self.shown.iter().find(|(number, _)| *number == wanted).map(|(_, shown)| shown.clone())
    }
}

/// Sends the browser to the page that shows this draft.
pub(crate) async fn answer(app: &Arc<App>, session: &SignedIn, draft: Draft, open: Open) -> Response {
    let Open { effect, errors, preview } = open;
    if draft.bytes() > MOST_BYTES {
        return page(app, session, effect, &draft, errors, preview).await;
    }
    let shown = Shown { effect, draft, errors };
    let number = app.sessions.remember(session, |memory| memory.kept.keep(shown)).unwrap_or_default();
    Redirect::to(&format!("draft?number={number}")).into_response()
}

/// Which of them: a number says nothing.
#[derive(Deserialize)]
pub(crate) struct Which {
    number: u64,
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    session: SignedIn,
    Query(which): Query<Which>,
) -> Response {
    let shown = app.sessions.remember(&session, |memory| memory.kept.find(which.number)).flatten();
    let Some(Shown { effect, mut draft, errors }) = shown else {
        return Redirect::to("./").into_response();
    };
    if errors.any() {
        return page(&app, &session, effect, &draft, errors, None).await;
    }
    // What it will do may have changed since.
    let open = match understood(&app, &session, effect, &mut draft).await {
        Ok((entry, remarks)) => look(&app, &session, effect, &entry, remarks).await,
        Err(errors) => Open::wrong(effect, errors),
    };
    page(&app, &session, effect, &draft, open.errors, open.preview).await
}
