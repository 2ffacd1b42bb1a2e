//! The front page: one box, which says what it understood and what that will catch before it is saved.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use policy_core::door::{DoorState, DoorStatus};
use policy_core::entry::{Action, Channels, Effect, Entry, Scope};
use policy_core::lists::{Actor, Added, Change, Lists, ListsError, NewEntry, Query, Status};
use policy_core::pattern::{Pattern, PatternError, PatternKind, Remark, understand};
use policy_core::undo::Undo;
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, show};
use crate::forms::Posted;
use crate::session::SignedIn;
use crate::texts::Texts;

/// Characters of a note.
const NOTE_CHARACTERS: usize = 500;

/// An entry as it is being written, exactly as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Draft {
    pub(crate) value: String,
    /// A kind's name; empty to have it told from the value.
    pub(crate) kind: String,
    pub(crate) channels: String,
    pub(crate) action: String,
    pub(crate) until: String,
    pub(crate) note: String,
    /// "yes" once the person said that a whole public suffix is meant.
    pub(crate) confirmed: String,
    /// The value and kind that the person was shown the effect of.
    pub(crate) seen: String,
    /// A value that was suggested and taken instead.
    pub(crate) instead: String,
}

impl Draft {
    /// What the person must have been shown before it is saved.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.kind, self.value.trim())
    }

    /// Whether anything but the value was chosen.
    pub(crate) fn has_choices(&self) -> bool {
        let Self { kind, channels, action, until, note, .. } = self;
        [kind, until, note].iter().any(|choice| !choice.is_empty())
            || !matches!(channels.as_str(), "" | "all")
            || !matches!(action.as_str(), "" | "drop")
    }
}

/// What is wrong with a draft, each beside its field.
#[derive(Default)]
pub(crate) struct Errors {
    pub(crate) value: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) note: Option<String>,
    /// The value is a whole public suffix, which must be confirmed.
    pub(crate) suffix: bool,
}

/// What an entry will do, in sentences.
pub(crate) struct Preview {
    pub(crate) value: String,
    pub(crate) kind: String,
    pub(crate) covers: Vec<String>,
    pub(crate) remarks: Vec<String>,
    pub(crate) instead: Option<String>,
    pub(crate) consequences: Vec<String>,
}

/// The box with everything around it, for either effect.
pub(crate) struct Form<'a> {
    pub(crate) l: &'a Layout<'a>,
    pub(crate) effect: Effect,
    pub(crate) draft: &'a Draft,
    pub(crate) errors: Errors,
    pub(crate) preview: Option<Preview>,
}

impl Form<'_> {
    /// One text for blocking, one for allowing.
    pub(crate) fn by_effect(&self, block: &str, allow: &str) -> String {
        self.l.t.say(if self.blocks() { block } else { allow })
    }

    pub(crate) fn blocks(&self) -> bool {
        self.effect == Effect::Block
    }
}

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

async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    effect: Effect,
    draft: &Draft,
    errors: Errors,
    preview: Option<Preview>,
) -> Response {
    let status = app.ask(|lists| lists.status()).await.ok();
    let layout =
        Layout::inside(app, session, if effect == Effect::Block { Tab::Block } else { Tab::Allowed });
    let failed = errors.value.is_some() || errors.until.is_some() || errors.note.is_some();
    let code = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = Form { l: &layout, effect, draft, errors, preview };
    let state = status.map_or_else(Vec::new, |status| in_force(&app.texts, &status));
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
                texts.with(if mail { "door-mail-waiting" } else { "door-chat-waiting" }, "problem", problem)
            }
        }
    };
    let entries = InForce { sentence: texts.count("state-entries", status.entries), well: true };
    let door = |door: &DoorStatus| InForce {
        sentence: sentence(door),
        well: !matches!(door.state, DoorState::Waiting { .. }),
    };
    status.doors.iter().map(door).chain([entries]).collect()
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
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, to: &str, carried: &str) -> Option<Response> {
    let effect = match to {
        "block" => Effect::Block,
        "allow" => Effect::Allow,
        _ => return None,
    };
    let draft: Draft = serde_urlencoded::from_str(carried).ok()?;
    Some(consider(app, session, effect, Draft { seen: String::new(), ..draft }).await)
}

/// Saves the draft if the person has seen what it will do; shows that otherwise.
async fn consider(app: &Arc<App>, session: &SignedIn, effect: Effect, mut draft: Draft) -> Response {
    if !draft.instead.is_empty() {
        draft.value = std::mem::take(&mut draft.instead);
        (draft.kind, draft.confirmed) = (String::new(), String::new());
    }
    if !draft.seen.is_empty() && draft.seen != draft.shown() {
        // The tick meant another suffix.
        draft.confirmed.clear();
    }
    let (entry, remarks) = match read(app, effect, &draft) {
        Ok(read) => read,
        Err(errors) => return page(app, session, effect, &draft, errors, None).await,
    };
    if draft.seen == draft.shown() {
        return match save(app, session, entry).await {
            Ok(()) => {
                let tab = if effect == Effect::Block { Tab::Block } else { Tab::Allowed };
                Redirect::to(tab.path()).into_response()
            }
            Err(error) => {
                let errors = Errors { value: Some(app.texts.lists_error(&error)), ..Errors::default() };
                page(app, session, effect, &draft, errors, None).await
            }
        };
    }
    match preview(app, session, &entry, &remarks).await {
        Ok(preview) => page(app, session, effect, &draft, Errors::default(), Some(preview)).await,
        Err(error) => {
            let errors = Errors { value: Some(app.texts.lists_error(&error)), ..Errors::default() };
            page(app, session, effect, &draft, errors, None).await
        }
    }
}

/// Makes an entry of a draft, or says what is wrong with each field.
fn read(app: &App, effect: Effect, draft: &Draft) -> Result<(NewEntry, Vec<Remark>), Errors> {
    let mut errors = Errors::default();
    let understood = understand(&draft.value, kind_named(&draft.kind), draft.confirmed == "yes");
    let understood = understood.inspect_err(|error| {
        errors.value = Some(app.texts.pattern_error(error));
        errors.suffix = matches!(error, PatternError::WholeSuffix { .. });
    });
    let until = match draft.until.trim() {
        "" => None,
        date => match date.parse::<Date>() {
            Ok(date) if date >= app.today() => Some(date),
            Ok(_) => {
                errors.until = Some(app.texts.say("error-until-past"));
                None
            }
            Err(_) => {
                errors.until = Some(app.texts.say("error-until"));
                None
            }
        },
    };
    if draft.note.chars().count() > NOTE_CHARACTERS {
        errors.note = Some(app.texts.with("error-note", "most", &NOTE_CHARACTERS.to_string()));
    }
    match understood {
        Ok(understood) if errors.until.is_none() && errors.note.is_none() => {
            let entry = NewEntry {
                effect,
                channels: match draft.channels.as_str() {
                    "mail" => Channels::Mail,
                    "xmpp" => Channels::Xmpp,
                    _ => Channels::All,
                },
                action: if draft.action == "refuse" { Action::Refuse } else { Action::Drop },
                note: draft.note.trim().to_owned(),
                until,
                ..NewEntry::block(understood.pattern)
            };
            Ok((entry, understood.remarks))
        }
        _ => Err(errors),
    }
}

fn kind_named(name: &str) -> Option<PatternKind> {
    match name {
        "address" => Some(PatternKind::Address),
        "domain" => Some(PatternKind::Domain),
        "words" => Some(PatternKind::Words),
        "regex" => Some(PatternKind::Regex),
        _ => None,
    }
}

/// What people call a kind of pattern.
pub(crate) fn kind_in_words(texts: &Texts, kind: PatternKind) -> String {
    texts.say(match kind {
        PatternKind::Address => "kind-address",
        PatternKind::Domain => "kind-domain",
        PatternKind::Words => "kind-words",
        PatternKind::Regex => "kind-regex",
        PatternKind::AddressSha256 => "kind-hash",
    })
}

async fn preview(
    app: &Arc<App>,
    session: &SignedIn,
    entry: &NewEntry,
    remarks: &[Remark],
) -> Result<Preview, ListsError> {
    let actor = session.actor;
    let pattern = entry.pattern.clone();
    let asks_for_allowed = entry.effect == Effect::Block;
    let (there, allowed) = app
        .ask(move |lists| {
            let there = lists.find(actor, Scope::Household, &pattern)?;
            let allowed = if asks_for_allowed { allowed_within(lists, actor, &pattern)? } else { Vec::new() };
            Ok((there, allowed))
        })
        .await?;
    let texts = &app.texts;
    let mut said = Vec::new();
    if let Some(other) = there.first() {
        said.push(texts.say(match (other.effect == entry.effect, other.effect) {
            (true, Effect::Block) => "preview-already-blocked",
            (true, Effect::Allow) => "preview-already-allowed",
            (false, Effect::Block) => "preview-is-blocked",
            (false, Effect::Allow) => "preview-is-allowed",
        }));
    }
    if !allowed.is_empty() {
        let names: Vec<&str> = allowed.iter().take(3).map(|entry| entry.pattern.typed.as_str()).collect();
        let id =
            if allowed.len() > names.len() { "preview-allowed-there-more" } else { "preview-allowed-there" };
        said.push(texts.with(id, "names", &names.join(", ")));
    }
    said.extend(remarks.iter().map(|remark| texts.remark(remark)));
    Ok(Preview {
        value: entry.pattern.typed.clone(),
        kind: kind_in_words(texts, entry.pattern.kind),
        covers: covers(texts, entry),
        remarks: said,
        instead: remarks.iter().find_map(whole_domain),
        consequences: consequences(texts, entry),
    })
}

/// The domain that is suggested instead of one address there.
fn whole_domain(remark: &Remark) -> Option<String> {
    if let Remark::WholeDomainPossible { domain } = remark { Some(domain.clone()) } else { None }
}

/// The allow entries that a block of this pattern reaches over: those at the domain and below it.
fn allowed_within(lists: &dyn Lists, actor: Actor, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
    if pattern.kind != PatternKind::Domain {
        return Ok(Vec::new());
    }
    let query = Query {
        scope: Some(Scope::Household),
        find: Some(pattern.typed.clone()),
        effect: Some(Effect::Allow),
        limit: 100,
        ..Query::default()
    };
    let within = |key: &str| {
        key.strip_prefix(&pattern.key).is_some_and(|rest| rest.starts_with('@') || rest.starts_with('.'))
    };
    let page = lists.entries(actor, &query)?;
    Ok(page
        .entries
        .into_iter()
        .map(|listed| listed.entry)
        .filter(|entry| within(&entry.pattern.key))
        .collect())
}

fn covers(texts: &Texts, entry: &NewEntry) -> Vec<String> {
    let typed = &entry.pattern.typed;
    let block = entry.effect == Effect::Block;
    let mut said = match entry.pattern.kind {
        PatternKind::Address if typed.contains(['*', '?']) => {
            vec![texts.with(if block { "block-glob" } else { "allow-glob" }, "value", typed)]
        }
        PatternKind::Address => {
            vec![texts.with(if block { "block-address" } else { "allow-address" }, "value", typed)]
        }
        PatternKind::Domain => {
            vec![texts.with(if block { "block-domain" } else { "allow-domain" }, "value", typed)]
        }
        PatternKind::Words => vec![
            texts.with(if block { "block-words" } else { "allow-words" }, "value", typed),
            texts.say("words-encrypted"),
        ],
        PatternKind::Regex => {
            vec![texts.say(if block { "block-regex" } else { "allow-regex" }), texts.say("words-encrypted")]
        }
        PatternKind::AddressSha256 => Vec::new(),
    };
    said.push(texts.say(match entry.channels {
        Channels::All => "channels-all-long",
        Channels::Mail => "channels-mail-long",
        Channels::Xmpp => "channels-xmpp-long",
    }));
    if let Some(until) = entry.until {
        said.push(texts.with("until-long", "date", &until.to_string()));
    }
    said
}

/// What the sender will notice, and what can't be undone.
fn consequences(texts: &Texts, entry: &NewEntry) -> Vec<String> {
    match (entry.effect, entry.action) {
        (Effect::Block, Action::Drop) => vec![texts.say("drop-notices"), texts.say("drop-gone")],
        (Effect::Block, Action::Refuse) => vec![texts.say("refuse-notices")],
        (Effect::Allow, _) => vec![texts.say("allow-proof")],
    }
}

async fn save(app: &Arc<App>, session: &SignedIn, entry: NewEntry) -> Result<(), ListsError> {
    let actor = session.actor;
    let (before, added) = app
        .ask(move |lists| {
            let before = lists.find(actor, entry.scope, &entry.pattern)?;
            Ok((before, lists.add(actor, vec![entry])?))
        })
        .await?;
    let Some(added) = added.into_iter().next() else {
        return Ok(());
    };
    let undo = Undo::of_added(&added, before);
    let Added { entry, change } = added;
    let block = entry.effect == Effect::Block;
    let text = match change {
        Change::Added => {
            if block {
                "done-blocked"
            } else {
                "done-allowed"
            }
        }
        Change::Updated => "done-updated",
        Change::AlreadyThere => {
            if block {
                "done-blocked-already"
            } else {
                "done-allowed-already"
            }
        }
    };
    app.sessions.notify(session, app.texts.with(text, "value", &entry.pattern.typed), undo);
    Ok(())
}
