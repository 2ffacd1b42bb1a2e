//! Sentences that a person understands, for every verdict: used by check, page and command line.

use crate::candidate::{Place, SenderRole};
use crate::entry::{Effect, Entry, Scope};
use crate::pattern::{Pattern, PatternKind};
use crate::verdict::{Decision, Matched, Outcome, Reason, Verdict};

/// Says what happens and why. `entry` is the deciding entry, where the asker may see it.
pub fn sentence(verdict: &Verdict, entry: Option<&Entry>) -> String {
    explained(verdict, |decision| match entry {
        Some(entry) => {
            let whose = match entry.scope {
                Scope::Household => "the household's list",
                Scope::Member(_) => "the member's own list",
            };
            format!("{whose} {} {} ({})", does(entry.effect), pattern_in_words(&entry.pattern), entry.id)
        }
        None => format!("the entry {} {}", decision.entry, kind_in_words(verdict.reason)),
    })
}

/// The same about an entry that isn't on the list, and is only tried.
pub fn sentence_if_listed(verdict: &Verdict, entry: &Entry) -> String {
    explained(verdict, |_| {
        format!("an entry that {} {} covers that", does(entry.effect), pattern_in_words(&entry.pattern))
    })
}

/// What else a person should know about a verdict, each a sentence. `proof_matters`: as the judgement says;
/// `cut_short`: as the candidate says.
pub fn remarks(proof_matters: bool, cut_short: bool) -> impl Iterator<Item = &'static str> {
    let proof = "An allow entry covers its author: it would be delivered if the server can prove that the author sent it.";
    let short = "It is too large or too deep to be read to its end: it was judged by what was seen.";
    proof_matters.then_some(proof).into_iter().chain(cut_short.then_some(short))
}

/// What an entry matches, to stand behind "blocks" or "allows".
pub fn pattern_in_words(pattern: &Pattern) -> String {
    let typed = &pattern.typed;
    match pattern.kind {
        PatternKind::Address if pattern.is_glob() => format!("addresses like {typed}"),
        PatternKind::Address => format!("the address {typed}"),
        PatternKind::Domain => format!("the domain {typed}"),
        PatternKind::Words => format!("the words “{typed}”"),
        PatternKind::Regex => format!("what the regular expression {typed} matches"),
        PatternKind::AddressSha256 => "an address of a subscribed list".to_owned(),
    }
}

fn explained(verdict: &Verdict, why: impl Fn(&Decision) -> String) -> String {
    let what = match verdict.outcome {
        Outcome::Deliver => "It would be delivered",
        Outcome::Drop => "It would be dropped, and the sender not told",
        Outcome::Refuse => "It would be refused, as if the account could not be reached",
    };
    match (&verdict.decided_by, verdict.reason) {
        (Some(decision), _) => format!("{what}: {}, and {}.", matched(&decision.matched), why(decision)),
        (None, Reason::Outgoing) => {
            format!("{what}: it goes to somebody elsewhere, which is not ours to judge.")
        }
        (None, _) => format!("{what}: no entry matches it."),
    }
}

fn matched(matched: &Matched) -> String {
    match matched {
        Matched::Sender { role, identity } => format!("{} is {identity}", role_in_words(*role)),
        Matched::Text { place, excerpt } => {
            // Line breaks and the like, which are blanks to a reader.
            let words: Vec<&str> = excerpt
                .split(|c: char| c.is_whitespace() || c.is_control())
                .filter(|word| !word.is_empty())
                .collect();
            format!("{} says “{}”", place_in_words(*place), words.join(" "))
        }
    }
}

fn does(effect: Effect) -> &'static str {
    match effect {
        Effect::Block => "blocks",
        Effect::Allow => "allows",
    }
}

/// What an entry does that the asker may not see, or that is gone.
fn kind_in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::BlockedAddress => "blocks that address",
        Reason::BlockedDomain => "blocks that domain",
        Reason::BlockedWords => "blocks those words",
        Reason::BlockedRegex => "blocks that, by a regular expression",
        Reason::AllowedAddress => "allows that address",
        Reason::AllowedDomain => "allows that domain",
        Reason::AllowedWords => "allows those words",
        Reason::AllowedRegex => "allows that, by a regular expression",
        Reason::NotListed | Reason::Outgoing => "covers that",
    }
}

/// Where a sender's identity stands, in words.
pub fn role_in_words(role: SenderRole) -> &'static str {
    match role {
        SenderRole::Envelope => "the envelope sender",
        SenderRole::From => "the author (From)",
        SenderRole::Sender => "the Sender field",
        SenderRole::ReplyTo => "the address for replies (Reply-To)",
        SenderRole::ResentFrom => "the Resent-From field",
        SenderRole::ResentSender => "the Resent-Sender field",
        SenderRole::ReturnPath => "the Return-Path field",
        SenderRole::DisplayName => "an address in the displayed name",
        SenderRole::Login => "the account that sent it",
        SenderRole::Stanza => "the sender",
        SenderRole::Occupant => "the person in the room",
        SenderRole::Inviter => "the person who invites",
        SenderRole::Forwarded => "the sender of the forwarded message",
    }
}

/// Where a text stands, in words.
pub fn place_in_words(place: Place) -> &'static str {
    match place {
        Place::Subject => "the subject",
        Place::DisplayName => "the displayed name",
        Place::Body => "the text",
        Place::Html => "the formatted text (HTML)",
        Place::AttachmentName => "the name of an attached file",
        Place::AttachedMessage => "an attached message",
        Place::Calendar => "an attached appointment or contact card",
        Place::Stanza => "the message's other text",
    }
}
