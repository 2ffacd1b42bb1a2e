//! Whole messages through reading and judging: what is written in many ways is stopped by one entry.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::civil::{Date, date};
use policy_core::candidate::{Candidate, Delivery, Proof, Recipient};
use policy_core::entry::{Action, AddedBy, Channel, Channels, Effect, Entry, EntryId, Scope, Source};
use policy_core::explain;
use policy_core::identity::Identity;
use policy_core::message::{self, Limits, Unread};
use policy_core::pattern::understand;
use policy_core::snapshot::{Members, Rule, SegmentBuilder, Snapshot};
use policy_core::verdict::{Outcome, Reason};

const TODAY: Date = date(2026, 11, 23);

fn list(entries: &[(Effect, &str)]) -> Snapshot {
    let mut builder = SegmentBuilder::new();
    for (number, (effect, value)) in (1..).zip(entries) {
        let entry = Entry {
            id: EntryId::from_number(number).unwrap(),
            pattern: understand(value, None, true).unwrap().pattern,
            effect: *effect,
            scope: Scope::Household,
            channels: Channels::All,
            action: Action::Drop,
            note: String::new(),
            source: Source::Manual,
            added_by: AddedBy::Owner,
            created: TODAY,
            until: None,
            enabled: true,
        };
        builder.push(&entry.pattern, Rule::from(&entry)).unwrap();
    }
    Snapshot::compile(1, builder, Members::default()).unwrap()
}

fn candidate(raw: &str) -> Candidate {
    let mut candidate = Candidate::new(Channel::Mail);
    let identity = Identity::parse_mail("alice@home.example").unwrap();
    candidate.recipients.push(Recipient { identity, delivery: Delivery::ToAddress });
    message::read(raw.as_bytes(), &Limits::default()).fill(&mut candidate);
    candidate
}

fn judged(list: &Snapshot, candidate: &Candidate) -> (Outcome, Reason) {
    let judgement = list.judge(candidate, TODAY);
    judgement.verdicts.first().map(|verdict| (verdict.outcome, verdict.reason)).unwrap()
}

/// A From field of 25,000 addresses, `theirs` at the 20,000th place.
fn crowd(theirs: &str) -> String {
    let others =
        |range: std::ops::Range<u32>| range.map(|i| format!("a{i}@b.example,\r\n ")).collect::<String>();
    format!("From: {}{theirs},\r\n {}z@b.example\r\n\r\nhello", others(0..19_999), others(20_000..25_000))
}

#[test]
fn a_listed_address_is_found_among_any_number_of_senders() {
    let blocked = list(&[(Effect::Block, "mallory@evil.example")]);
    for theirs in
        ["mallory@evil.example", "Mallory <MALLORY+x@Evil.Example>", "\"mallory@evil.example\" <m@c.example>"]
    {
        let found = judged(&blocked, &candidate(&crowd(theirs)));
        assert_eq!(found, (Outcome::Drop, Reason::BlockedAddress), "{theirs}");
    }
    assert_eq!(judged(&blocked, &candidate(&crowd("carol@c.example"))).0, Outcome::Deliver);
}

#[test]
fn an_allow_entry_does_not_count_for_one_of_many_senders() {
    let friends = list(&[(Effect::Allow, "friend@good.example"), (Effect::Block, "b.example")]);
    let mut crowd = candidate(&crowd("friend@good.example"));
    // Not even if somebody took the message for proven.
    for proof in [Proof::NotAsked, Proof::Proven(Identity::parse_mail("friend@good.example").unwrap())] {
        crowd.proof = proof;
        assert_eq!(judged(&friends, &crowd), (Outcome::Drop, Reason::BlockedDomain));
        assert!(!friends.judge(&crowd, TODAY).proof_matters());
    }
}

#[test]
fn a_sender_is_matched_by_an_entry_however_either_is_written() {
    for (entry, fields) in [
        ("\"karl beck\"@example.org", "From: \"karl beck\"@example.org"),
        ("\"karl beck\"@example.org", "From: <\"karl beck\"@example.org>"),
        ("\"karl beck\"@example.org", "From: Karl <\"karl\\ beck\"@Example.ORG>"),
        ("\"Karl Beck\"@example.org", "From: \"karl beck\"@example.org (Karl)"),
        ("\"karl beck\"@example.org", "Reply-To: \"karl beck\"@example.org"),
        ("\"karl beck\"@example.org", "From: =?utf-8?Q?=22karl_beck=22=40example=2Eorg?="),
        ("\"karl beck\"@example.org", "From: \"\\\"karl beck\\\"@example.org\" <x@y.example>"),
        ("anna@evil.example", "From: =?utf-8?Q?anna=40evil.example?="),
        ("anna@evil.example", "From: =?utf-8?B?YW5uYUBldmlsLmV4YW1wbGU=?="),
    ] {
        let raw = format!("{fields}\r\n\r\nhello");
        let found = judged(&list(&[(Effect::Block, entry)]), &candidate(&raw));
        assert_eq!(found, (Outcome::Drop, Reason::BlockedAddress), "{entry} in {fields}");
    }
}

#[test]
fn no_number_or_length_of_parameters_hides_a_file_name() {
    let decoys = (0..2000).map(|i| format!(";\r\n a{i}=b")).collect::<String>();
    let pieces = (0..2000).map(|i| format!(";\r\n filename*{i}=x")).collect::<String>();
    let long = "x ".repeat(10_000);
    let fields = "Content-Disposition: inline; filename=x.txt\r\n".repeat(20);
    let list = list(&[(Effect::Block, "cheap pills")]);
    for header in [
        format!("Content-Disposition: attachment{decoys};\r\n filename=\"cheap pills.txt\""),
        format!("Content-Disposition: attachment{decoys};\r\n filename=\"cheap pills.txt\"{decoys}"),
        format!("Content-Type: text/plain{decoys};\r\n name*=utf-8''cheap%20p%69lls.txt{decoys}"),
        format!(
            "Content-Disposition: attachment{decoys};\r\n filename=\"=?utf-8?q?cheap_p=69lls?=\"{decoys}"
        ),
        format!(
            "Content-Disposition: attachment{pieces};\r\n filename*2000=\" cheap pi\";\r\n filename*2001=lls"
        ),
        format!("Content-Disposition: attachment; filename=\"{long} cheap pills.txt\""),
        format!(
            "{fields}Content-Disposition: attachment; filename=\"cheap pills.txt\"\r\n{}",
            fields.trim_end()
        ),
        format!("Content-Type: text/plain; a=\"{}\"; name=\"cheap pills\"", "x".repeat(300 << 10)),
    ] {
        let raw = format!("From: x@y.example\r\n{header}\r\n\r\nhello");
        let start: String = header.chars().take(60).collect();
        assert_eq!(judged(&list, &candidate(&raw)), (Outcome::Drop, Reason::BlockedWords), "{start}");
    }
}

#[test]
fn a_message_too_deep_is_judged_by_what_was_seen_and_says_so() {
    let mut raw = "From: x@y.example\r\n".to_owned();
    for level in 0..100 {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    let deep = candidate(&(raw + "\r\ncheap pills"));
    assert_eq!(
        judged(&list(&[(Effect::Block, "cheap pills")]), &deep),
        (Outcome::Drop, Reason::BlockedWords)
    );
    let remarks: Vec<_> = explain::remarks(false, deep.cut_short).collect();
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    let shallow = candidate("From: x@y.example\r\n\r\ncheap pills");
    assert_eq!(explain::remarks(false, shallow.cut_short).count(), 0);
}

/// A message that counts how often somebody looks into it.
struct Counted {
    raw: Vec<u8>,
    looks: AtomicUsize,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.looks.fetch_add(1, Ordering::Relaxed);
        &self.raw
    }
}

/// The reason for which this message is stopped, and whether its texts were read for it.
fn judged_unread(list: &Snapshot, recipients: &[&str], raw: &str) -> (Reason, bool) {
    let message = Arc::new(Counted { raw: raw.into(), looks: AtomicUsize::new(0) });
    let mut candidate = Candidate::new(Channel::Mail);
    let recipient = |address: &&str| Recipient {
        identity: Identity::parse_mail(address).unwrap(),
        delivery: if address.ends_with("elsewhere.example") {
            Delivery::Elsewhere
        } else {
            Delivery::ToAddress
        },
    };
    candidate.recipients.extend(recipients.iter().map(recipient));
    Unread::fill(Arc::clone(&message) as _, &mut candidate);
    let before = message.looks.load(Ordering::Relaxed);
    let (_, reason) = judged(list, &candidate);
    (reason, message.looks.load(Ordering::Relaxed) > before)
}

#[test]
fn texts_are_read_only_where_a_word_may_decide() {
    let raw = "From: mallory@evil.example\r\nSubject: casino\r\n\r\nhello";
    let alice = ["alice@home.example"];
    let words = list(&[(Effect::Block, "casino")]);
    assert_eq!(judged_unread(&words, &alice, raw), (Reason::BlockedWords, true));
    // Nobody lists words.
    let addresses = list(&[(Effect::Block, "other@evil.example")]);
    assert_eq!(judged_unread(&addresses, &alice, raw), (Reason::NotListed, false));
    // Who sent it decides.
    let both = list(&[(Effect::Block, "mallory@evil.example"), (Effect::Block, "casino")]);
    assert_eq!(judged_unread(&both, &alice, raw), (Reason::BlockedAddress, false));
    // Words don't count for these.
    assert_eq!(judged_unread(&words, &["postmaster@home.example"], raw), (Reason::NotListed, false));
    assert_eq!(judged_unread(&words, &["bob@elsewhere.example"], raw), (Reason::Outgoing, false));
    // They do for one of these.
    assert!(judged_unread(&words, &["postmaster@home.example", "alice@home.example"], raw).1);
}

#[test]
fn words_are_found_wherever_a_long_text_is_cut() {
    let words = list(&[(Effect::Block, "secret casino bonus")]);
    let filler = |bytes: usize| "just some words. ".repeat(bytes / 17);
    for at in (240_000..265_000).step_by(2477) {
        let raw = format!("\r\n{}secret casino bonus {}", filler(at), filler(200_000));
        assert_eq!(
            judged_unread(&words, &["alice@home.example"], &raw),
            (Reason::BlockedWords, true),
            "{at} bytes in"
        );
    }
}

#[test]
fn a_word_is_no_match_where_a_long_text_is_cut_within_it() {
    // Of two lengths, so that every letter comes to stand at an edge.
    let words = list(&[(Effect::Block, "ass")]);
    for unit in ["classes ", "classes, "] {
        let raw = format!("\r\n{}", unit.repeat(40_000));
        assert_eq!(judged_unread(&words, &["alice@home.example"], &raw), (Reason::NotListed, true));
    }
}

#[test]
fn cells_with_room_between_hold_words_of_their_own() {
    let list = list(&[(Effect::Block, "idiot")]);
    for (table, cell, outcome) in [
        ("cellspacing=0 cellpadding=0", "", Outcome::Drop),
        ("cellspacing=0 cellpadding=0", " style='padding:4px 0'", Outcome::Drop),
        ("style='border-collapse:collapse;padding:9px' cellpadding=0", " style='padding:0'", Outcome::Drop),
        ("cellspacing=0 cellpadding=0", " style='padding:4px 8px'", Outcome::Deliver),
        ("cellspacing=0 cellpadding=0", " style='padding:0 0 0 8px'", Outcome::Deliver),
        ("cellspacing=0 cellpadding=0", " style='padding-left:1em'", Outcome::Deliver),
    ] {
        let html = format!("<table {table}><tr><td{cell}>IDI</td><td{cell}>OT</td></tr></table>");
        let raw = format!("From: x@y.example\r\nContent-Type: text/html\r\n\r\n{html}");
        assert_eq!(judged(&list, &candidate(&raw)).0, outcome, "{html}");
    }
}

/// In ISO-2022-JP (RFC 1468) `%C%A%c` is ッチャ.
#[test]
fn characters_in_two_bytes_of_ascii_are_not_read_as_ascii() {
    let message = |charset: &str| {
        format!(
            "From: x@y.example\r\nContent-Type: text/plain{charset}\r\n\r\n\x1b$B%&%#%s%I%&%9%$%C%A%c!<\x1b(B"
        )
    };
    let judged = |entry: &str, charset: &str| {
        judged(&list(&[(Effect::Block, entry)]), &candidate(&message(charset))).0
    };
    assert_eq!(judged("cặc", "; charset=iso-2022-jp"), Outcome::Deliver);
    assert_eq!(judged("ウィンドウスイッチャー", "; charset=iso-2022-jp"), Outcome::Drop);
    assert_eq!(judged("ウィンドウスイッチャー", ""), Outcome::Drop);
}

#[test]
fn a_phrase_in_a_charset_that_nobody_names_is_found_anywhere_in_a_long_text() {
    let list = list(&[(Effect::Block, "купи сейчас")]);
    let lines = |count: usize| "A line of an ordinary long text.\r\n".repeat(count);
    for (before, after) in [(0, 3000), (1500, 1500), (3000, 0)] {
        for phrase in ["купи сейчас", "- купи\r\n  сейчас!"] {
            let text = format!("From: x@y.example\r\n\r\n{}{phrase}\r\n{}", lines(before), lines(after));
            for encoding in [encoding_rs::KOI8_U, encoding_rs::WINDOWS_1251, encoding_rs::IBM866] {
                let mut candidate = candidate("");
                message::read(&encoding.encode(&text).0, &Limits::default()).fill(&mut candidate);
                assert_eq!(judged(&list, &candidate).0, Outcome::Drop, "{} {before}", encoding.name());
            }
        }
    }
}
