//! An entry as the list shows it.

use policy_core::entry::{Action, AddedBy, Channels, Effect, Source};
use policy_core::lists::{Actor, Listed};
use texts::Texts;

use crate::App;
use crate::draft::kind_in_words;

/// Characters of a value or a note that a row shows.
const SHOWN: usize = 120;

pub(super) struct Row {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) kind: String,
    pub(super) person: String,
    pub(super) details: Vec<String>,
    pub(super) note: String,
    pub(super) enabled: bool,
    pub(super) expired: bool,
    /// Whether whoever looks may change it: members look at the household's entries.
    pub(super) changeable: bool,
}

pub(super) fn row(app: &App, actor: Actor, listed: &Listed) -> Row {
    let texts = &app.web.texts;
    let entry = &listed.entry;
    Row {
        id: entry.id.to_string(),
        value: shortened(&entry.pattern.typed),
        kind: kind_in_words(texts, entry.pattern.kind),
        person: listed.person.clone().unwrap_or_default(),
        details: details(texts, actor, listed),
        note: shortened(&entry.note),
        enabled: entry.enabled,
        expired: entry.until.is_some_and(|until| until < app.today()),
        changeable: actor.may_change(entry.scope, entry.added_by),
    }
}

/// What is unusual about an entry, and what was counted of it.
fn details(texts: &Texts, actor: Actor, listed: &Listed) -> Vec<String> {
    let entry = &listed.entry;
    let mut said = Vec::new();
    if entry.scope != actor.own_scope() {
        said.push(texts.say("row-household"));
    }
    match entry.added_by {
        AddedBy::Owner => {}
        AddedBy::Admin => said.push(texts.say("row-by-admin")),
        AddedBy::Unproven => said.push(texts.say("row-unproven")),
    }
    match entry.channels {
        Channels::All => {}
        Channels::Mail => said.push(texts.say("channels-mail")),
        Channels::Xmpp => said.push(texts.say("channels-xmpp")),
    }
    if entry.effect == Effect::Block && entry.action == Action::Refuse {
        said.push(texts.say("action-refuse-short"));
    }
    if let Some(until) = entry.until {
        said.push(texts.with("row-until", "date", &until.to_string()));
    }
    said.push(texts.with("row-created", "date", &entry.created.to_string()));
    match entry.source {
        Source::Manual => {}
        Source::Import => said.push(texts.say("source-import")),
        Source::Forwarded => said.push(texts.say("source-forwarded")),
        Source::Client => said.push(texts.say("source-client")),
        Source::Report => said.push(texts.say("source-report")),
        Source::List => said.push(texts.say("source-list")),
    }
    if listed.hits > 0 {
        let block = entry.effect == Effect::Block;
        said.push(texts.count(if block { "row-stopped" } else { "row-let-through" }, listed.hits));
    }
    if let Some(day) = listed.last_hit {
        said.push(texts.with("row-last-hit", "date", &day.to_string()));
    }
    said
}

pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}
