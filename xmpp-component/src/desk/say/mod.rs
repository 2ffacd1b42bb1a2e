//! Everything that the desk says; the words are in `texts/`.

mod adding;
pub(super) mod form;
mod list;
mod problem;
mod trial;

use std::time::Duration;

use policy_core::entry::Effect;
use policy_core::explain;
use policy_core::identity::Identity;
use policy_core::pattern::Pattern;
use policy_core::sentence::Sentence;
use policy_core::sign_in::SignInLink;
use texts::Texts;

pub(super) use self::adding::{done, preview, remarks, sure};
pub(super) use self::list::{
    details, empty, entry, heading, name_what_to_remove, not_on_list, nothing_to_undo, page, removed,
    shortened, undone, verb, which_to_remove,
};
pub(super) use self::problem::problem;
pub(super) use self::trial::{name_what_to_try, trial, trials};
use super::caller::Whose;

/// What the component is called.
pub(super) const NAME: &str = "Postward";

/// A sentence in words.
fn words(sentence: &Sentence) -> String {
    Texts::plain().sentence(sentence)
}

/// A sentence without gaps.
fn say(id: &str) -> String {
    Texts::plain().say(id)
}

/// A sentence about a list.
fn about(id: &str, whose: Whose) -> Sentence {
    Sentence::of(id).with(
        "whose",
        match whose {
            Whose::Mine => "mine",
            Whose::Household => "household",
        },
    )
}

pub(super) fn help(is_admin: bool) -> String {
    let mut lines = vec![say("desk-help")];
    lines.extend(is_admin.then(|| say("desk-help-admin")));
    lines.join("\n")
}

pub(super) fn unclear() -> String {
    say("desk-unclear")
}

pub(super) fn encrypted() -> String {
    say("desk-encrypted")
}

pub(super) fn too_much() -> String {
    say("desk-too-much")
}

pub(super) fn one_at_a_time() -> String {
    say("desk-one-at-a-time")
}

fn pattern_in_words(pattern: &Pattern) -> String {
    words(&explain::pattern(pattern))
}

/// A sentence that tells which word to write.
fn naming(id: &str, effect: Effect) -> Sentence {
    Sentence::of(id).with(
        "verb",
        match effect {
            Effect::Block => "block",
            Effect::Allow => "allow",
        },
    )
}

/// What to write instead of forwarding something without a sender.
pub(super) fn nobody(effect: Effect) -> String {
    words(&naming("desk-nobody", effect))
}

pub(super) fn from_room(effect: Effect) -> String {
    words(&naming("desk-from-room", effect))
}

/// Whoever said it in this room, or all of the room?
pub(super) fn who_of(effect: Effect, room: &Identity, told: Option<&Identity>) -> String {
    let asks = naming(if told.is_some() { "desk-who-of" } else { "desk-who-of-untold" }, effect);
    let mut lines = vec![words(&asks.with("room", room.typed()))];
    let there = told.map(|told| Sentence::of("desk-who-of-there").with("address", told.typed()));
    let all = naming("desk-who-of-all", effect).with("room", room.typed());
    lines.extend(
        there
            .into_iter()
            .chain([all])
            .zip(1..)
            .map(|(choice, number)| format!("{number}  {}", words(&choice))),
    );
    lines.join("\n")
}

pub(super) fn several_forwarded() -> String {
    say("desk-forwarded-several")
}

pub(super) fn forwarded_unread() -> String {
    say("desk-forwarded-unread")
}

pub(super) fn from_yourself() -> String {
    say("desk-from-yourself")
}

/// Which of these? `choices` are addresses.
pub(super) fn which(effect: Effect, choices: &[String]) -> String {
    let mut lines = vec![words(&naming("desk-which", effect))];
    lines.extend(choices.iter().zip(1..).map(|(address, number)| format!("{number}  {address}")));
    lines.join("\n")
}

pub(super) fn no_such_number(most: usize) -> String {
    words(&Sentence::of("desk-no-such-number").with("most", most as u64))
}

/// What was asked about isn't wanted.
pub(super) fn left_as_it_is() -> String {
    say("desk-left-as-it-is")
}

pub(super) fn nothing_asked() -> String {
    say("desk-nothing-asked")
}

/// A link to the caller's own page.
pub(super) fn page_link(link: &SignInLink) -> String {
    format!("{}\n{}", link.url, link_lasts(link.lasts))
}

pub(super) fn link_lasts(lasts: Duration) -> String {
    words(&Sentence::of("desk-link").with("minutes", lasts.as_secs() / 60))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
