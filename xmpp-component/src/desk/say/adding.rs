//! What is said about an entry that is to be added: before, and afterwards.

use policy_core::entry::{Action, Channel, Channels, Effect};
use policy_core::explain;
use policy_core::lists::Change;
use policy_core::pattern::{Pattern, PatternKind};
use policy_core::sentence::Sentence;

use super::{about, capital, naming, pattern_in_words, say, words};
use crate::desk::deed::{Done, Doubt, Draft, Passes, Understood};

/// Asks whether this is really meant.
pub(crate) fn sure(draft: &Draft, understood: &Understood) -> String {
    let mut lines: Vec<String> =
        understood.doubts.iter().map(|doubt| doubted(doubt, draft.effect, &understood.pattern)).collect();
    lines.push(words(&naming("desk-sure", draft.effect)));
    lines.join("\n")
}

fn doubted(doubt: &Doubt, effect: Effect, pattern: &Pattern) -> String {
    let says = match doubt {
        Doubt::WholeSuffix(suffix) => Sentence::of("desk-doubt-suffix").with("suffix", suffix.as_str()),
        Doubt::Wide(remark) => return capital(&format!("{}.", words(&remark.sentence()))),
        Doubt::OwnDomain(domain) => Sentence::of("desk-doubt-own").with("domain", domain.as_str()),
        Doubt::AllOf(address) => Sentence::of("desk-doubt-all").with("address", address.as_str()),
        Doubt::Words => Sentence::of(match effect {
            Effect::Block => "desk-doubt-block-words",
            Effect::Allow => "desk-doubt-allow-words",
        })
        .with("what", pattern_in_words(pattern)),
    };
    words(&says)
}

/// What was done, what it will catch, and how to take it back.
pub(crate) fn done(draft: &Draft, understood: &[String], done: &Done) -> String {
    let entry = &done.added.entry;
    let id = match (entry.effect, done.added.change) {
        (Effect::Block, Change::Added) => "desk-blocked",
        (Effect::Allow, Change::Added) => "desk-allowed",
        (_, Change::Updated) => "desk-changed",
        (Effect::Block, Change::AlreadyThere) => "desk-blocked-already",
        (Effect::Allow, Change::AlreadyThere) => "desk-allowed-already",
    };
    let mut said = vec![words(&about(id, draft.whose).with("what", pattern_in_words(&entry.pattern)))];
    let in_mail = done.counts_for_mail && done.counts_in.contains(Channel::Mail);
    let in_chat = done.in_the_way.is_none() && done.counts_in.contains(Channel::Xmpp);
    said.extend(covers(
        draft,
        &entry.pattern,
        match (in_mail, in_chat) {
            (true, true) => Some(Channels::All),
            (true, false) => Some(Channels::Mail),
            (false, true) => Some(Channels::Xmpp),
            (false, false) => None,
        },
    ));
    if let Some(block) = &done.in_the_way {
        said.push(words(&Sentence::of("client-stays").with("value", block.pattern.typed.as_str())));
    }
    if !done.counts_for_mail && done.counts_in.contains(Channel::Mail) {
        said.push(say(if in_chat { "desk-no-mail" } else { "desk-nowhere" }));
    }
    if !done.added.unblocked.is_empty() {
        said.push(say("client-unblocked"));
    }
    if done.opposite {
        said.push(say(match entry.effect {
            Effect::Block => "desk-allowed-too",
            Effect::Allow => "desk-blocked-too",
        }));
    }
    if draft.may_be_room {
        said.push(words(&Sentence::of("desk-note-room").with("address", entry.pattern.typed.as_str())));
    }
    said.extend(understood.iter().cloned());
    if done.added.change != Change::AlreadyThere {
        said.push(say("desk-undo"));
    }
    said.join("\n")
}

/// What an entry does, before or after it is saved; where it counts nowhere, that isn't said.
fn covers(draft: &Draft, pattern: &Pattern, counts_in: Option<Channels>) -> Vec<String> {
    let id = match (draft.effect, draft.action) {
        (Effect::Block, Action::Drop) => "desk-drops",
        (Effect::Block, Action::Refuse) => "desk-refuses",
        (Effect::Allow, _) => "desk-allows",
    };
    let does = counts_in.map(|channels| {
        let channels = match channels {
            Channels::All => "all",
            Channels::Mail => "mail",
            Channels::Xmpp => "chat",
        };
        words(&Sentence::of(id).with("kind", explain::kind(pattern)).with("channels", channels))
    });
    let mut said: Vec<String> = does.into_iter().collect();
    if matches!(pattern.kind, PatternKind::Words | PatternKind::Regex) {
        said.push(say("desk-sealed"));
    }
    if let Some(until) = draft.until {
        said.push(words(&Sentence::of("desk-until").with("until", until.to_string())));
    }
    said
}

/// The remarks of an entry, each a sentence.
pub(crate) fn remarks(understood: &Understood) -> Vec<String> {
    let note = |remark: &policy_core::pattern::Remark| {
        words(&Sentence::of("desk-note").with("remark", remark.sentence()))
    };
    let passes = understood.passes.map(|passes| match passes {
        Passes::Yourself => say("desk-note-yourself"),
        Passes::Desk => say("desk-note-desk"),
    });
    understood.remarks.iter().map(note).chain(passes).collect()
}

/// What an entry will do, to be looked at before it is saved.
pub(crate) fn preview(draft: &Draft, understood: &Understood) -> Vec<String> {
    let id = match draft.effect {
        Effect::Block => "desk-will-block",
        Effect::Allow => "desk-will-allow",
    };
    let what = pattern_in_words(&understood.pattern);
    let mut said = vec![words(&about(id, draft.whose).with("what", what))];
    said.extend(covers(draft, &understood.pattern, Some(understood.counts_in)));
    let doubts = understood.doubts.iter();
    said.extend(doubts.map(|doubt| doubted(doubt, draft.effect, &understood.pattern)));
    said.extend(remarks(understood));
    said
}
