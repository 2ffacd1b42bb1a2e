//! What is said about the list: its pages, what goes from it, and what is taken back.

use policy_core::entry::{Action, AddedBy, Channels, Effect, Entry, Source};
use policy_core::lists::{Actor, Page};
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;
use policy_core::undo::Undo;

use super::{about, pattern_in_words, say, words};
use crate::desk::caller::Whose;
use crate::desk::memory::Changed;

/// Characters of a value that a line of the list shows.
const SHOWN: usize = 100;

/// One entry in a line.
pub(crate) fn entry(entry: &Entry) -> String {
    let mut details = vec![entry.id.to_string()];
    details.extend(self::details(entry));
    format!(
        "{} {} ({})",
        verb(entry.effect),
        shortened(&pattern_in_words(&entry.pattern)),
        details.join(", ")
    )
}

pub(crate) fn verb(effect: Effect) -> String {
    say(match effect {
        Effect::Block => "desk-list-blocked",
        Effect::Allow => "desk-list-allowed",
    })
}

/// What is special about an entry.
pub(crate) fn details(entry: &Entry) -> Vec<String> {
    let mut details = Vec::new();
    match entry.added_by {
        AddedBy::Owner => {}
        AddedBy::Admin => details.push(say("desk-list-admin")),
        AddedBy::Unproven => details.push(say("desk-list-unproven")),
    }
    match entry.channels {
        Channels::All => {}
        Channels::Mail => details.push(say("desk-list-mail")),
        Channels::Xmpp => details.push(say("desk-list-chat")),
    }
    if entry.effect == Effect::Block && entry.action == Action::Refuse {
        details.push(say("desk-list-refused"));
    }
    if let Some(until) = entry.until {
        details.push(words(&Sentence::of("desk-list-until").with("until", until.to_string())));
    }
    if entry.source == Source::Client {
        details.push(say("desk-list-client"));
    }
    if !entry.enabled {
        details.push(say("desk-list-off"));
    }
    details
}

pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A page of the list.
pub(crate) fn page(page: &Page, whose: Whose, find: &str) -> String {
    if page.total == 0 {
        return empty(whose, !find.is_empty());
    }
    let mut lines = vec![heading(page, whose, find)];
    lines.extend(page.entries.iter().map(|listed| entry(&listed.entry)));
    if page.next.is_some() {
        lines.push(say("desk-list-more"));
    }
    lines.join("\n")
}

pub(crate) fn empty(whose: Whose, searched: bool) -> String {
    words(&about(if searched { "desk-list-nothing" } else { "desk-list-empty" }, whose))
}

pub(crate) fn heading(page: &Page, whose: Whose, find: &str) -> String {
    let id = if find.is_empty() { "desk-list-heading" } else { "desk-list-found" };
    words(&about(id, whose).with("count", page.total))
}

pub(crate) fn not_on_list(whose: Whose) -> String {
    words(&about("desk-not-on-list", whose))
}

pub(crate) fn name_what_to_remove() -> String {
    say("desk-remove-what")
}

pub(crate) fn which_to_remove(entries: &[Entry]) -> String {
    let mut lines = vec![say("desk-remove-which")];
    lines.extend(entries.iter().zip(1..).map(|(one, number)| format!("{number}  {}", entry(one))));
    lines.join("\n")
}

/// A sentence about what an entry matches.
fn of_pattern(id: &str, pattern: &Pattern) -> String {
    words(&Sentence::of(id).with("what", pattern_in_words(pattern)))
}

pub(crate) fn removed(entries: &[Entry]) -> String {
    let removed = |entry: &Entry| {
        let id = match entry.effect {
            Effect::Block => "desk-removed-block",
            Effect::Allow => "desk-removed-allow",
        };
        of_pattern(id, &entry.pattern)
    };
    let mut lines: Vec<String> = entries.iter().map(removed).collect();
    if !entries.is_empty() {
        lines.push(say("desk-undo"));
    }
    lines.join("\n")
}

pub(crate) fn undone(change: &Changed) -> String {
    let id = match (&change.undo, change.effect) {
        (Undo::Remove(_), Effect::Block) => "desk-undone-no-block",
        (Undo::Remove(_), Effect::Allow) => "desk-undone-no-allow",
        (Undo::PutBack(_), Effect::Block) => "desk-undone-block",
        (Undo::PutBack(_), Effect::Allow) => "desk-undone-allow",
        (
            Undo::Settings(_)
            | Undo::Switch(..)
            | Undo::Withdraw { .. }
            | Undo::Edit(..)
            | Undo::Import(_)
            | Undo::Instead(..),
            _,
        ) => "desk-undone-settings",
    };
    let whose = if change.actor == Actor::Admin { Whose::Household } else { Whose::Mine };
    words(&about(id, whose).with("what", pattern_in_words(&change.pattern)))
}

pub(crate) fn nothing_to_undo() -> String {
    say("desk-nothing-to-undo")
}
