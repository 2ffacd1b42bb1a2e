//! An entry as it is being written, on the front page or in the list, and what is wrong with it.

use std::borrow::Cow;

use jiff::civil::Date;
use policy_core::entry::{Action, Channels, Effect, Entry};
use policy_core::lists::NewEntry;
use policy_core::named::in_chat;
use policy_core::pattern::{PatternError, PatternKind, Remark, understand};
use policy_core::persons::NAME_CHARACTERS;
use serde::Deserialize;
use texts::Texts;

use crate::App;
use crate::chrome::Layout;
use crate::preview::Preview;
use crate::session::SignedIn;

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
    /// A person's name, whose address this is.
    pub(crate) person: String,
    /// "yes" once the person said that a whole public suffix is meant.
    pub(crate) confirmed: String,
    /// The value and kind that the person was shown the effect of.
    pub(crate) seen: String,
    /// A value that was suggested and taken instead.
    pub(crate) instead: String,
    /// Of an entry that is being edited: its id.
    pub(crate) id: String,
    /// Of an entry that is being edited: the number of its last change when it was shown.
    pub(crate) revision: String,
    /// Of an entry that is being edited: "allow" if it is one that allows.
    pub(crate) effect: String,
    /// "no" for an entry that is switched off.
    pub(crate) enabled: String,
}

impl Draft {
    /// An entry as the form shows it to somebody who edits it.
    pub(crate) fn of(entry: &Entry, revision: u64) -> Self {
        let mut draft = Self {
            value: entry.pattern.typed.clone(),
            kind: kind_name(entry.pattern.kind).to_owned(),
            channels: match entry.channels {
                Channels::All => "all",
                Channels::Mail => "mail",
                Channels::Xmpp => "xmpp",
            }
            .to_owned(),
            action: if entry.action == Action::Refuse { "refuse" } else { "drop" }.to_owned(),
            until: entry.until.map(|until| until.to_string()).unwrap_or_default(),
            note: entry.note.clone(),
            id: entry.id.to_string(),
            revision: revision.to_string(),
            effect: if entry.effect == Effect::Allow { "allow" } else { "" }.to_owned(),
            enabled: if entry.enabled { "" } else { "no" }.to_owned(),
            ..Self::default()
        };
        // Whoever listed a whole suffix has said that it is meant.
        if matches!(
            understand(&draft.value, Some(entry.pattern.kind), false),
            Err(PatternError::WholeSuffix { .. })
        ) {
            draft.confirmed = "yes".to_owned();
        }
        draft.seen = draft.shown();
        draft
    }

    /// Forms end their lines with CR and LF (HTML, "Constructing the entry list"); entries with LF.
    pub(crate) fn end_lines_with_lf(&mut self) {
        for field in [&mut self.value, &mut self.note, &mut self.seen] {
            *field = field.replace("\r\n", "\n");
        }
    }

    /// What the person must have been shown before it is saved.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.kind, self.value.trim())
    }

    /// Bytes of all that was typed.
    pub(crate) fn bytes(&self) -> usize {
        let Self { value, kind, channels, action, until, note, person, confirmed, seen, .. } = self;
        let Self { instead, id, revision, enabled, effect, .. } = self;
        let all = [value, kind, channels, action, until, note, person, confirmed, seen];
        all.into_iter().chain([instead, id, revision, enabled, effect]).map(String::len).sum()
    }

    /// Whether anything but the value was chosen.
    pub(crate) fn has_choices(&self) -> bool {
        let Self { kind, channels, action, until, note, person, .. } = self;
        [kind, until, note, person].iter().any(|choice| !choice.is_empty())
            || !matches!(channels.as_str(), "" | "all")
            || !matches!(action.as_str(), "" | "drop")
    }
}

/// What is wrong with a draft, each beside its field.
#[derive(Clone, Default)]
pub(crate) struct Errors {
    pub(crate) value: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) person: Option<String>,
    /// The value is a whole public suffix, which must be confirmed.
    pub(crate) suffix: bool,
}

impl Errors {
    /// An error that concerns the entry as a whole.
    pub(crate) fn of_value(error: String) -> Self {
        Self { value: Some(error), ..Self::default() }
    }

    /// An error that concerns the person whose address it is.
    pub(crate) fn of_person(error: String) -> Self {
        Self { person: Some(error), ..Self::default() }
    }

    pub(crate) fn any(&self) -> bool {
        let Self { value, until, note, person, .. } = self;
        [value, until, note, person].iter().any(|error| error.is_some())
    }

    /// Whether one of them stands among the choices, which must be unfolded then.
    pub(crate) fn among_choices(&self) -> bool {
        self.until.is_some() || self.note.is_some() || self.person.is_some()
    }
}

/// The box with everything around it, for either effect, new or being edited.
pub(crate) struct Form<'a> {
    pub(crate) l: &'a Layout<'a>,
    pub(crate) effect: Effect,
    pub(crate) draft: &'a Draft,
    pub(crate) errors: Errors,
    pub(crate) preview: Option<Preview>,
    /// Names that are known, to choose from.
    pub(crate) persons: Vec<String>,
}

impl Form<'_> {
    /// One text for blocking, one for allowing.
    pub(crate) fn by_effect(&self, block: &str, allow: &str) -> String {
        self.l.t.say(if self.blocks() { block } else { allow })
    }

    pub(crate) fn blocks(&self) -> bool {
        self.effect == Effect::Block
    }

    pub(crate) fn edits(&self) -> bool {
        !self.draft.id.is_empty()
    }

    /// Where the form goes.
    pub(crate) fn action(&self) -> &'static str {
        match (self.edits(), self.blocks()) {
            (true, _) => "edit",
            (false, true) => "block",
            (false, false) => "allow",
        }
    }

    /// The page that it came from.
    pub(crate) fn back(&self) -> &'static str {
        match (self.edits(), self.blocks()) {
            (true, true) => "list",
            (false, true) => "./",
            (_, false) => "allowed",
        }
    }

    pub(crate) fn is_kind(&self, kind: &str) -> bool {
        self.draft.kind == kind
    }
}

/// Makes an entry of a draft, or says what is wrong with each field.
pub(crate) fn read(
    app: &App,
    session: &SignedIn,
    effect: Effect,
    draft: &Draft,
) -> Result<(NewEntry, Vec<Remark>), Errors> {
    let texts = &app.web.texts;
    let mut errors = Errors::default();
    let kind = kind_named(&draft.kind);
    let value = match draft.channels.as_str() {
        "xmpp" => in_chat(&draft.value, kind),
        _ => Cow::Borrowed(draft.value.as_str()),
    };
    let understood = understand(&value, kind, draft.confirmed == "yes");
    let understood = understood.inspect_err(|error| {
        errors.value = Some(texts.pattern_error(error));
        errors.suffix = matches!(error, PatternError::WholeSuffix { .. });
    });
    let until = match draft.until.trim() {
        "" => None,
        date => match date.parse::<Date>() {
            Ok(date) if date >= app.today() => Some(date),
            Ok(_) => {
                errors.until = Some(texts.say("error-until-past"));
                None
            }
            Err(_) => {
                errors.until = Some(texts.say("error-until"));
                None
            }
        },
    };
    if draft.note.chars().count() > NOTE_CHARACTERS {
        errors.note = Some(texts.with("error-note", "most", &NOTE_CHARACTERS.to_string()));
    }
    let name = draft.person.trim();
    if name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
        errors.person = Some(texts.with("error-person-name", "most", &NAME_CHARACTERS.to_string()));
    }
    match understood {
        Ok(understood) if !name.is_empty() && !is_one_address(&understood.pattern) => {
            Err(Errors { person: Some(texts.say("error-person-address")), ..errors })
        }
        Ok(understood) if !errors.any() => {
            let entry = NewEntry {
                effect,
                scope: session.actor.own_scope(),
                channels: match draft.channels.as_str() {
                    "mail" => Channels::Mail,
                    "xmpp" => Channels::Xmpp,
                    _ => Channels::All,
                },
                action: if draft.action == "refuse" { Action::Refuse } else { Action::Drop },
                note: draft.note.trim().to_owned(),
                until,
                enabled: draft.enabled != "no",
                ..NewEntry::block(understood.pattern)
            };
            Ok((entry, understood.remarks))
        }
        _ => Err(errors),
    }
}

/// Whether a pattern is what a person can have: an address without wildcards.
pub(crate) fn is_one_address(pattern: &policy_core::pattern::Pattern) -> bool {
    pattern.kind == PatternKind::Address && !pattern.is_glob()
}

pub(crate) fn kind_named(name: &str) -> Option<PatternKind> {
    [PatternKind::Address, PatternKind::Domain, PatternKind::Words, PatternKind::Regex]
        .into_iter()
        .find(|kind| kind_name(*kind) == name)
}

fn kind_name(kind: PatternKind) -> &'static str {
    match kind {
        PatternKind::Address => "address",
        PatternKind::Domain => "domain",
        PatternKind::Words => "words",
        PatternKind::Regex => "regex",
        PatternKind::AddressSha256 => "address-sha256",
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
