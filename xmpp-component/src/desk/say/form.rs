//! The texts of forms and commands, by their names.

use super::say;

/// A text without gaps, by its name.
#[derive(Clone, Copy)]
pub(crate) struct Label(&'static str);

impl Label {
    pub(crate) fn say(self) -> String {
        say(self.0)
    }
}

pub(crate) const BLOCK: Label = Label("block-title");
pub(crate) const ALLOW: Label = Label("allow-title");
pub(crate) const LIST: Label = Label("desk-form-list");
pub(crate) const REMOVE: Label = Label("desk-form-remove");
pub(crate) const TRY: Label = Label("desk-form-try");
pub(crate) const PAGE: Label = Label("desk-form-page");
pub(crate) const LINK: Label = Label("desk-form-link");
pub(crate) const COMMANDS: Label = Label("desk-form-commands");

pub(crate) const VALUE: Label = Label("desk-form-value");
pub(crate) const VALUE_HINT: Label = Label("block-hint");
pub(crate) const KIND: Label = Label("choose-kind");
pub(crate) const KINDS: [(&str, Label); 5] = [
    ("auto", Label("kind-auto")),
    ("address", Label("kind-address")),
    ("domain", Label("kind-domain")),
    ("words", Label("kind-words")),
    ("regex", Label("kind-regex")),
];
pub(crate) const CHANNELS: Label = Label("choose-channels");
pub(crate) const CHANNEL: [(&str, Label); 3] =
    [("all", Label("channels-all")), ("mail", Label("channels-mail")), ("xmpp", Label("channels-xmpp"))];
pub(crate) const ACTION: Label = Label("choose-action");
pub(crate) const ACTIONS: [(&str, Label); 2] =
    [("drop", Label("action-drop")), ("refuse", Label("action-refuse"))];
pub(crate) const UNTIL: Label = Label("desk-form-until");
pub(crate) const FOR: Label = Label("desk-form-for");
pub(crate) const WHOSE: [(&str, Label); 2] =
    [("me", Label("desk-form-for-me")), ("household", Label("desk-form-for-everyone"))];
pub(crate) const SURE: Label = Label("desk-form-sure");
pub(crate) const FIND: Label = Label("desk-form-find");
pub(crate) const REMOVE_WHAT: Label = Label("desk-form-remove-what");
pub(crate) const CHOOSE: Label = Label("desk-form-choose");
pub(crate) const TRY_WHAT: Label = Label("desk-form-try-what");
pub(crate) const TRY_HINT: Label = Label("desk-form-try-hint");
pub(crate) const RESULT: Label = Label("desk-form-result");
pub(crate) const COLUMNS: [(&str, Label); 4] = [
    ("effect", Label("desk-form-effect")),
    ("value", Label("desk-form-entry")),
    ("details", Label("desk-form-details")),
    ("id", Label("desk-form-id")),
];

pub(crate) const NOT_OFFERED: Label = Label("desk-form-not-offered");
pub(crate) const NOT_A_DAY: Label = Label("error-until");
pub(crate) const DAY_OVER: Label = Label("error-until-past");
pub(crate) const CONFIRM: Label = Label("desk-form-confirm");
pub(crate) const CHOOSE_ONE: Label = Label("desk-form-choose-one");
pub(crate) const TOO_LATE: Label = Label("desk-form-too-late");
