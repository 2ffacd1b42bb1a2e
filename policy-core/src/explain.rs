//! A sentence for every verdict that a person understands: used by check, page and chat. Its words are in `texts/`.

use crate::candidate::{Place, SenderRole};
use crate::entry::{Effect, Entry, Scope};
use crate::pattern::{Pattern, PatternKind};
use crate::sentence::Sentence;
use crate::verdict::{Decision, Matched, Outcome, Reason, Verdict};

/// Says what happens and why. `entry` is the deciding entry, where the asker may see it.
pub fn sentence(verdict: &Verdict, entry: Option<&Entry>) -> Sentence {
    explained(verdict, |decision, says| match entry {
        Some(entry) => {
            let scope = match entry.scope {
                Scope::Household => "household",
                Scope::Member(_) => "member",
            };
            let says = says.with("seen", "listed").with("scope", scope).with("entry", entry.id.to_string());
            matching(&entry.pattern, does(entry.effect, says))
        }
        None => {
            let says = says.with("seen", "hidden").with("entry", decision.entry.to_string());
            says.with("reason", reason(verdict.reason))
        }
    })
}

/// The same about an entry that isn't on the list, and is only tried.
pub fn sentence_if_listed(verdict: &Verdict, entry: &Entry) -> Sentence {
    explained(verdict, |_, says| matching(&entry.pattern, does(entry.effect, says.with("seen", "tried"))))
}

/// What else a person should know about a verdict. `proof_matters`: as the judgement says; `cut_short`: as the candidate
/// says.
pub fn remarks(proof_matters: bool, cut_short: bool) -> impl Iterator<Item = Sentence> {
    let proof = proof_matters.then(|| Sentence::of("explain-proof"));
    proof.into_iter().chain(cut_short.then(|| Sentence::of("explain-cut-short")))
}

/// What an entry matches, to stand behind "blocks" or "allows".
pub fn pattern(pattern: &Pattern) -> Sentence {
    matching(pattern, Sentence::of("pattern-in-words"))
}

fn matching(pattern: &Pattern, says: Sentence) -> Sentence {
    says.with("kind", kind(pattern)).with("value", pattern.typed.as_str())
}

/// What sentences call the kind of a pattern.
pub fn kind(pattern: &Pattern) -> &'static str {
    match pattern.kind {
        PatternKind::Address if pattern.has_wildcard() => "addresses",
        PatternKind::Address => "address",
        PatternKind::Domain => "domain",
        PatternKind::Words => "words",
        PatternKind::Regex => "regex",
        PatternKind::AddressSha256 => "hashed",
    }
}

fn explained(verdict: &Verdict, why: impl Fn(&Decision, Sentence) -> Sentence) -> Sentence {
    let says = match (&verdict.decided_by, verdict.reason) {
        (Some(decision), _) => why(decision, matched(&decision.matched)),
        (None, Reason::Outgoing) => Sentence::of("explain-outgoing"),
        (None, _) => Sentence::of("explain-unlisted"),
    };
    says.with(
        "outcome",
        match verdict.outcome {
            Outcome::Deliver => "deliver",
            Outcome::Drop => "drop",
            Outcome::Refuse => "refuse",
        },
    )
}

fn matched(matched: &Matched) -> Sentence {
    match matched {
        Matched::Sender { role, identity } => {
            Sentence::of("explain-sender").with("role", self::role(*role)).with("identity", identity.as_str())
        }
        Matched::Text { place, excerpt } => {
            // Line breaks and the like, which are blanks to a reader.
            let words: Vec<&str> = excerpt
                .split(|c: char| c.is_whitespace() || c.is_control())
                .filter(|word| !word.is_empty())
                .collect();
            Sentence::of("explain-text").with("place", self::place(*place)).with("excerpt", words.join(" "))
        }
    }
}

fn does(effect: Effect, says: Sentence) -> Sentence {
    says.with(
        "effect",
        match effect {
            Effect::Block => "block",
            Effect::Allow => "allow",
        },
    )
}

/// What an entry does that the asker may not see, or that is gone.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::BlockedAddress => "blocked-address",
        Reason::BlockedDomain => "blocked-domain",
        Reason::BlockedWords => "blocked-words",
        Reason::BlockedRegex => "blocked-regex",
        Reason::AllowedAddress => "allowed-address",
        Reason::AllowedDomain => "allowed-domain",
        Reason::AllowedWords => "allowed-words",
        Reason::AllowedRegex => "allowed-regex",
        Reason::NotListed | Reason::Outgoing => "other",
    }
}

fn role(role: SenderRole) -> &'static str {
    match role {
        SenderRole::Envelope => "envelope",
        SenderRole::From => "from",
        SenderRole::Sender => "sender",
        SenderRole::ReplyTo => "reply-to",
        SenderRole::ResentFrom => "resent-from",
        SenderRole::ResentSender => "resent-sender",
        SenderRole::ReturnPath => "return-path",
        SenderRole::DisplayName => "display-name",
        SenderRole::Login => "login",
        SenderRole::Stanza => "stanza",
        SenderRole::Occupant => "occupant",
        SenderRole::OccupantElsewhere => "occupant-elsewhere",
        SenderRole::Inviter => "inviter",
        SenderRole::Forwarded => "forwarded",
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Subject => "subject",
        Place::DisplayName => "display-name",
        Place::Body => "body",
        Place::Html => "html",
        Place::AttachmentName => "attachment-name",
        Place::AttachedMessage => "attached-message",
        Place::Calendar => "calendar",
        Place::Stanza => "stanza",
    }
}
