//! Every verdict has its sentence.
#![allow(clippy::unwrap_used)]

use policy_core::candidate::{Place, SenderRole};
use policy_core::entry::{Action, AddedBy, Channels, Effect, Entry, EntryId, MemberId, Scope, Source};
use policy_core::explain;
use policy_core::pattern::{Pattern, PatternKind, understand};
use policy_core::sentence::Sentence;
use policy_core::verdict::{Decision, Matched, Outcome, Reason, Verdict};
use texts::Texts;

/// One of each kind; the match names the kinds that are missing here.
fn patterns() -> Vec<Pattern> {
    let typed = |kind| match kind {
        PatternKind::Address => "mallory@example.org",
        PatternKind::Domain => "example.org",
        PatternKind::Words => "buy now",
        PatternKind::Regex => r"win \d+",
        PatternKind::AddressSha256 => "",
    };
    let kinds = [PatternKind::Address, PatternKind::Domain, PatternKind::Words, PatternKind::Regex];
    let mut all: Vec<Pattern> =
        kinds.iter().map(|kind| understand(typed(*kind), Some(*kind), false).unwrap().pattern).collect();
    all.push(understand("mal*@example.org", None, false).unwrap().pattern);
    let hashed = PatternKind::AddressSha256;
    all.push(Pattern { kind: hashed, typed: typed(hashed).to_owned(), key: "00".to_owned() });
    all
}

fn reasons() -> Vec<Reason> {
    use Reason::*;
    let all = [
        NotListed,
        BlockedAddress,
        BlockedDomain,
        BlockedWords,
        BlockedRegex,
        AllowedAddress,
        AllowedDomain,
        AllowedWords,
        AllowedRegex,
        Outgoing,
    ];
    for reason in all {
        match reason {
            NotListed | BlockedAddress | BlockedDomain | BlockedWords | BlockedRegex => {}
            AllowedAddress | AllowedDomain | AllowedWords | AllowedRegex | Outgoing => {}
        }
    }
    all.to_vec()
}

fn places() -> Vec<Matched> {
    use Place::*;
    let all = [Subject, DisplayName, Body, Html, AttachmentName, AttachedMessage, Calendar, Stanza];
    all.into_iter()
        .map(|place| match place {
            Subject | DisplayName | Body | Html | AttachmentName | AttachedMessage | Calendar | Stanza => {
                Matched::Text { place, excerpt: "Buy\r\n\tNOW".to_owned() }
            }
        })
        .collect()
}

fn roles() -> Vec<Matched> {
    use SenderRole::*;
    let all = [
        Envelope,
        From,
        Sender,
        ReplyTo,
        ResentFrom,
        ResentSender,
        ReturnPath,
        DisplayName,
        Login,
        Stanza,
        Occupant,
        OccupantElsewhere,
        Inviter,
        Forwarded,
    ];
    all.into_iter()
        .map(|role| match role {
            Envelope | From | Sender | ReplyTo | ResentFrom | ResentSender | ReturnPath | DisplayName => role,
            Login | Stanza | Occupant | OccupantElsewhere | Inviter | Forwarded => role,
        })
        .map(|role| Matched::Sender { role, identity: "mallory@example.org".to_owned() })
        .collect()
}

fn entry(pattern: Pattern, effect: Effect, scope: Scope) -> Entry {
    Entry {
        id: EntryId::from_number(7).unwrap(),
        pattern,
        effect,
        scope,
        channels: Channels::All,
        action: Action::Drop,
        note: "a secret".to_owned(),
        source: Source::Manual,
        added_by: AddedBy::Owner,
        created: "2026-01-01".parse().unwrap(),
        until: None,
        enabled: true,
    }
}

fn say(sentence: &Sentence) -> String {
    Texts::plain().sentence(sentence)
}

/// What every sentence must be.
fn read_aloud(sentence: &Sentence) -> String {
    let sentence = say(sentence);
    assert!(sentence.starts_with("It would be "), "{sentence}");
    assert!(sentence.ends_with('.'), "{sentence}");
    assert!(!sentence.contains("  ") && !sentence.contains(char::is_control), "{sentence:?}");
    assert!(!sentence.contains("a secret"), "a note is the owner's own: {sentence}");
    assert!(!sentence.contains(['{', '$']), "a gap is open: {sentence}");
    sentence
}

#[test]
fn every_reason_pattern_scope_effect_place_and_role_has_its_sentence() {
    let outcomes = [Outcome::Deliver, Outcome::Drop, Outcome::Refuse];
    let matched: Vec<Matched> = places().into_iter().chain(roles()).collect();
    let mut told = std::collections::HashSet::new();
    for outcome in outcomes {
        for reason in reasons() {
            let undecided = Verdict { outcome, reason, decided_by: None };
            read_aloud(&explain::sentence(&undecided, None));
            for matched in &matched {
                let decision = Decision { entry: EntryId::from_number(7).unwrap(), matched: matched.clone() };
                let verdict = Verdict { decided_by: Some(decision), ..undecided.clone() };
                read_aloud(&explain::sentence(&verdict, None));
                for effect in [Effect::Block, Effect::Allow] {
                    for scope in [Scope::Household, Scope::Member(MemberId(3))] {
                        for pattern in patterns() {
                            let entry = entry(pattern, effect, scope);
                            let sentence = read_aloud(&explain::sentence(&verdict, Some(&entry)));
                            assert!(sentence.contains(&entry.id.to_string()), "{sentence}");
                            assert!(sentence.contains(&entry.pattern.typed), "{sentence}");
                            told.insert((outcome, sentence));
                            let tried = read_aloud(&explain::sentence_if_listed(&verdict, &entry));
                            assert!(!tried.contains(&entry.id.to_string()), "it has no id yet: {tried}");
                        }
                    }
                }
            }
        }
    }
    // Outcome, place or role, effect, scope and pattern can each be told from the sentence.
    assert_eq!(told.len(), outcomes.len() * matched.len() * 2 * 2 * patterns().len());
}

#[test]
fn sentences_read_well() {
    let id = EntryId::from_number(7).unwrap();
    let all = patterns();
    let text = Matched::Text { place: Place::Subject, excerpt: "Buy\r\n\tNOW".to_owned() };
    let sender = Matched::Sender { role: SenderRole::From, identity: "mallory@example.org".to_owned() };
    let verdict = |outcome, reason, matched: &Matched| Verdict {
        outcome,
        reason,
        decided_by: Some(Decision { entry: id, matched: matched.clone() }),
    };
    let dropped = verdict(Outcome::Drop, Reason::BlockedWords, &text);
    assert_eq!(
        say(&explain::sentence(&dropped, Some(&entry(all[2].clone(), Effect::Block, Scope::Household)))),
        "It would be dropped, and the sender not told: the subject says “Buy NOW”, and the household's list blocks the \
         words “buy now” (e-00007)."
    );
    assert_eq!(
        say(&explain::sentence_if_listed(&dropped, &entry(all[2].clone(), Effect::Block, Scope::Household))),
        "It would be dropped, and the sender not told: the subject says “Buy NOW”, and an entry that blocks the words \
         “buy now” covers that."
    );
    assert_eq!(
        say(&explain::sentence(&dropped, None)),
        "It would be dropped, and the sender not told: the subject says “Buy NOW”, and the entry e-00007 blocks those words."
    );
    let delivered = verdict(Outcome::Deliver, Reason::AllowedDomain, &sender);
    let member = Scope::Member(MemberId(3));
    assert_eq!(
        say(&explain::sentence(&delivered, Some(&entry(all[1].clone(), Effect::Allow, member)))),
        "It would be delivered: the author (From) is mallory@example.org, and the member's own list allows the domain \
         example.org (e-00007)."
    );
    let unlisted = say(&explain::sentence(&Verdict::unlisted(), None));
    assert_eq!(unlisted, "It would be delivered: no entry matches it.");
    assert_eq!(explain::remarks(false, false).count(), 0);
    assert_eq!(explain::remarks(true, true).count(), 2);
}

#[test]
fn signs_of_direction_in_a_value_do_not_turn_its_sentence_around() {
    let hostile = "a\u{202e}b c evil\u{2066}.example\u{2069}";
    for text in [
        Texts::english().with("error-no-such-member", "name", hostile),
        Texts::english().sentence(&Sentence::of("line-holds-domain").with("domain", hostile)),
    ] {
        assert!(!text.contains(['\u{202e}', '\u{2066}']), "{text:?}");
    }
}
