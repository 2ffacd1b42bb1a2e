//! One sentence that a person understands, for every verdict: used by check, page and command line.

use crate::candidate::{Place, SenderRole};
use crate::entry::Entry;
use crate::verdict::{Matched, Outcome, Reason, Verdict};

/// Says what happens and why. `entry` is the deciding entry, where the asker may see it.
pub fn sentence(verdict: &Verdict, entry: Option<&Entry>) -> String {
    let what = match verdict.outcome {
        Outcome::Deliver => "It would be delivered",
        Outcome::Drop => "It would be dropped, and the sender not told",
        Outcome::Refuse => "It would be refused, as if the account could not be reached",
    };
    let Some(decision) = &verdict.decided_by else {
        return match verdict.reason {
            Reason::Outgoing => format!("{what}: it goes to somebody elsewhere, which is not ours to judge."),
            _ => format!("{what}: no entry matches it."),
        };
    };
    let matched = match &decision.matched {
        Matched::Sender { role, identity } => format!("{} is {identity}", role_in_words(*role)),
        Matched::Text { place, excerpt } => format!("{} says “{excerpt}”", place_in_words(*place)),
    };
    match entry {
        Some(entry) => {
            format!("{what}: {matched}, and the entry {} ({}) covers that.", entry.pattern.typed, entry.id)
        }
        None => format!("{what}: {matched}, and the entry {} covers that.", decision.entry),
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
        Place::AttachmentName => "the name of an attached file",
        Place::AttachedMessage => "an attached message",
        Place::Calendar => "an attached appointment or contact card",
        Place::Stanza => "the message's other text",
    }
}
