//! The front page: one box, which says what it understood and what that will catch before it is saved.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::door::{DoorState, DoorStatus};
use policy_core::entry::Effect;
use policy_core::lists::{Added, Change, ListsError, NewEntry, Status};
use policy_core::pattern::{Pattern, Remark};
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;
use texts::Texts;

use crate::App;
use crate::chrome::{Layout, Tab, show};
use crate::draft::{Draft, Errors, Form, read};
use crate::forms::Posted;
use crate::persons::{attach, names};
use crate::preview::{Preview, preview};
use crate::session::SignedIn;

/// A sentence about what is in force, and whether that is as it should be.
struct InForce {
    sentence: String,
    well: bool,
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    l: &'a Layout<'a>,
    f: Form<'a>,
    state: Vec<InForce>,
}

/// The page with the box; only the front page says what is in force.
pub(crate) async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    draft: &Draft,
    errors: Errors,
    preview: Option<Preview>,
) -> Response {
    let front = draft.id.is_empty() && effect == Effect::Block;
    let status = if front { app.ask(|lists| lists.status()).await.ok() } else { None };
    let tab = match (draft.id.is_empty(), effect) {
        (true, Effect::Block) => Tab::Block,
        (false, Effect::Block) => Tab::List,
        (_, Effect::Allow) => Tab::Allowed,
    };
    let layout = Layout::inside(app, session, tab);
    let code = if errors.any() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = Form { l: &layout, effect, draft, errors, preview, persons: names(app, session).await };
    let state = status.map_or_else(Vec::new, |status| in_force(&app.web.texts, &status));
    show(code, &Front { l: &layout, f: form, state })
}

/// What each door is doing, so that a person knows that what they block is blocked.
fn in_force(texts: &Texts, status: &Status) -> Vec<InForce> {
    let sentence = |door: &DoorStatus| {
        let mail = door.name == "mail";
        match &door.state {
            DoorState::Open { .. } => texts.say(if mail { "door-mail-open" } else { "door-chat-open" }),
            DoorState::Starting => texts.say(if mail { "door-mail-starting" } else { "door-chat-starting" }),
            DoorState::Waiting { problem, .. } => {
                texts.because(if mail { "door-mail-waiting" } else { "door-chat-waiting" }, problem)
            }
        }
    };
    let entries = InForce { sentence: texts.count("state-entries", status.entries), well: true };
    let door = |door: &DoorStatus| InForce {
        sentence: sentence(door),
        well: !matches!(door.state, DoorState::Waiting { .. }),
    };
    let database =
        status.database.iter().map(|problem| InForce { sentence: texts.sentence(problem), well: false });
    let watches_chat = status.doors.iter().any(|door| door.name == "chat");
    let no_chat = (!watches_chat).then(|| InForce { sentence: texts.say("door-chat-absent"), well: true });
    status.doors.iter().map(door).chain(no_chat).chain([entries]).chain(database).collect()
}

pub(crate) async fn front(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    page(&app, &session, Effect::Block, &Draft::default(), Errors::default(), None).await
}

pub(crate) async fn block(State(app): State<Arc<App>>, posted: Posted<Draft>) -> Response {
    consider(&app, &posted.session, Effect::Block, posted.form).await
}

pub(crate) async fn allow(State(app): State<Arc<App>>, posted: Posted<Draft>) -> Response {
    consider(&app, &posted.session, Effect::Allow, posted.form).await
}

/// After a sign-in in the middle of this form: what was typed is there again, to be looked at before it is saved.
pub(crate) async fn resume(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    carried: &str,
) -> Option<Response> {
    let draft: Draft = serde_urlencoded::from_str(carried).ok()?;
    Some(consider(app, session, effect, Draft { seen: String::new(), ..draft }).await)
}

/// Saves the draft if the person has seen what it will do; shows that otherwise.
async fn consider(app: &Arc<App>, session: &SignedIn, effect: Effect, mut draft: Draft) -> Response {
    let (entry, remarks) = match understood(app, session, effect, &mut draft).await {
        Ok(understood) => understood,
        Err(errors) => return page(app, session, effect, &draft, errors, None).await,
    };
    let looked_at = draft.seen == draft.shown();
    let next = if looked_at {
        save(app, session, entry, &draft.person).await.map(|()| None)
    } else {
        preview(app, session, &entry, &remarks).await.map(Some)
    };
    match next {
        Ok(None) => {
            let tab = if effect == Effect::Block { Tab::Block } else { Tab::Allowed };
            Redirect::to(tab.path()).into_response()
        }
        Ok(preview) => page(app, session, effect, &draft, Errors::default(), preview).await,
        Err(error) => {
            let errors = Errors::of_value(app.web.texts.lists_error(&error));
            page(app, session, effect, &draft, errors, None).await
        }
    }
}

/// What the draft says, with the suggestion that was taken, and what the person should know of it; otherwise what is wrong.
pub(crate) async fn understood(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    draft: &mut Draft,
) -> Result<(NewEntry, Vec<Remark>), Errors> {
    if !draft.instead.is_empty() {
        draft.value = std::mem::take(&mut draft.instead);
        (draft.kind, draft.confirmed) = (String::new(), String::new());
    }
    if !draft.seen.is_empty() && draft.seen != draft.shown() {
        // The tick meant another suffix.
        draft.confirmed.clear();
    }
    let (entry, remarks) = read(app, session, effect, draft)?;
    if let Err(error) = may_be_theirs(app, session, draft, &entry.pattern).await {
        return Err(Errors { person: Some(app.web.texts.lists_error(&error)), ..Errors::default() });
    }
    Ok((entry, remarks))
}

/// Whether the address can be the named person's: nothing is saved by halves.
async fn may_be_theirs(
    app: &Arc<App>,
    session: &SignedIn,
    draft: &Draft,
    address: &Pattern,
) -> Result<(), ListsError> {
    let name = draft.person.trim().to_lowercase();
    if name.is_empty() {
        return Ok(());
    }
    let (actor, address, persons) = (session.actor, address.clone(), Arc::clone(&app.web.persons));
    let owner = app.ask(move |_| persons.person_of(actor, &address)).await?;
    match owner.filter(|owner| owner.name.to_lowercase() != name) {
        Some(owner) => {
            Err(ListsError::Refused(Sentence::of("error-person-other").with("name", owner.name.as_str())))
        }
        None => Ok(()),
    }
}

async fn save(app: &Arc<App>, session: &SignedIn, entry: NewEntry, person: &str) -> Result<(), ListsError> {
    let actor = session.actor;
    let address = entry.pattern.clone();
    let (before, added) = app
        .ask(move |lists| {
            let before = lists.find(actor, entry.scope, &entry.pattern)?;
            Ok((before, lists.add(actor, vec![entry])?))
        })
        .await?;
    attach(app, session, person, address).await?;
    let Some(added) = added.into_iter().next() else {
        return Ok(());
    };
    // Pressed twice: the first answer, with its way back, hasn't been seen yet.
    if added.change == Change::AlreadyThere && app.sessions.has_unseen(session) {
        return Ok(());
    }
    let undo = Undo::of_added(&added, before);
    let Added { entry, change } = added;
    let text = match (change, entry.effect) {
        (Change::Added, Effect::Block) => "done-blocked",
        (Change::Added, Effect::Allow) => "done-allowed",
        (Change::Updated, _) => "done-updated",
        (Change::AlreadyThere, Effect::Block) => "done-blocked-already",
        (Change::AlreadyThere, Effect::Allow) => "done-allowed-already",
    };
    app.sessions.notify(session, app.web.texts.with(text, "value", &entry.pattern.typed), undo);
    Ok(())
}
