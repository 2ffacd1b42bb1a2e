//! What is read of a mail message, case by case: the tables in `data/message` are the cases.
//!
//! A case begins with `== name`, then the message, then a line `--`, then what must be found. In the message `\xHH` is
//! a byte. In what must be found `¶` is U+2029 and `⏎` a line end.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::fmt::Write;

use policy_core::candidate::{Place, SenderRole};
use policy_core::message::{self, Limits, MessageParts};

struct Case {
    name: String,
    message: Vec<u8>,
    wanted: Vec<String>,
}

fn cases(table: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in table.split("\n== ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap();
        let (message, wanted) = rest.split_once("\n--\n").unwrap_or_else(|| panic!("{name}: no line --"));
        let wanted = wanted.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        cases.push(Case { name: name.to_owned(), message: bytes(message), wanted });
    }
    assert!(!cases.is_empty());
    cases
}

/// Lines end with CRLF as on the wire; `\xHH` is a byte.
fn bytes(text: &str) -> Vec<u8> {
    let text = format!("{text}\n").replace('\n', "\r\n");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        if let [b'\\', b'x', high, low, after @ ..] = rest
            && high.is_ascii_hexdigit()
            && low.is_ascii_hexdigit()
        {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    bytes
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Subject => "subject",
        Place::DisplayName => "name",
        Place::Body | Place::Html => "body",
        Place::AttachmentName => "file",
        Place::AttachedMessage => "attached",
        Place::Calendar => "calendar",
        Place::Stanza => "stanza",
    }
}

fn role(role: SenderRole) -> &'static str {
    match role {
        SenderRole::From => "from",
        SenderRole::Sender => "sender",
        SenderRole::ReplyTo => "reply-to",
        SenderRole::ResentFrom => "resent-from",
        SenderRole::ResentSender => "resent-sender",
        SenderRole::ReturnPath => "return-path",
        SenderRole::DisplayName => "in-name",
        _ => "other",
    }
}

/// A text on one line, its edges trimmed.
fn line(shown: &str) -> String {
    let shown = shown.trim_matches(['\u{2029}', '\n', ' ', '\r']);
    shown.replace('\u{2029}', "¶").replace("\r\n", "⏎").replace('\n', "⏎")
}

fn found(parts: &MessageParts) -> String {
    let mut found = String::new();
    for sender in &parts.senders {
        writeln!(found, "    {} {}", role(sender.role), sender.identity).unwrap();
    }
    match &parts.author {
        Some(author) => writeln!(found, "    author {author}").unwrap(),
        None => writeln!(found, "    no author").unwrap(),
    }
    for text in &parts.texts {
        writeln!(found, "    {} {}", place(text.place), line(&text.shown)).unwrap();
    }
    found
}

/// Runs one table. A wanted line is a line that must be found; with `!` in front, one that must not; `~` in front of
/// either stands for a part of a line. Of senders everything that is found must be wanted.
fn run(table: &str, senders_complete: bool) {
    let mut wrong = String::new();
    for case in cases(table) {
        let parts = message::read(&case.message, &Limits::default());
        let found = found(&parts);
        let lines: Vec<&str> = found.lines().map(str::trim).collect();
        let holds = |wanted: &str| match wanted.strip_prefix('~') {
            Some(part) => found.contains(part.trim()),
            None => lines.contains(&wanted),
        };
        let failed: Vec<&String> = case
            .wanted
            .iter()
            .filter(|wanted| match wanted.strip_prefix('!') {
                Some(unwanted) => holds(unwanted),
                None => !holds(wanted),
            })
            .collect();
        let more = senders_complete
            && lines
                .iter()
                .take(parts.senders.len())
                .any(|line| !case.wanted.iter().any(|wanted| wanted == line));
        if !failed.is_empty() || more {
            writeln!(wrong, "{}: {failed:?}{}\n{found}", case.name, if more { " and more" } else { "" })
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn sender_fields_yield_who_really_sent_and_nobody_else() {
    run(include_str!("data/message/senders.txt"), true);
}

#[test]
fn texts_are_what_a_person_would_read() {
    run(include_str!("data/message/texts.txt"), false);
}

#[test]
fn html_is_what_a_reader_sees() {
    run(include_str!("data/message/html.txt"), false);
}

#[test]
fn charsets_are_read_under_right_wrong_and_missing_labels() {
    run(include_str!("data/message/charsets.txt"), false);
}

#[test]
fn an_envelope_sender_is_read_without_its_route() {
    let shown =
        |address| message::envelope_identities(address).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(shown(""), Vec::<String>::new());
    assert_eq!(shown("Mallory@Evil.Example"), ["mallory@evil.example"]);
    assert_eq!(shown("\"mallory\"@evil.example"), ["mallory@evil.example"]);
    assert_eq!(shown("@relay.example:mallory@evil.example"), ["mallory@evil.example"]);
}

#[test]
fn structures_are_read_in_every_way_that_a_reader_may_take() {
    run(include_str!("data/message/structure.txt"), false);
}

#[test]
fn hidden_text_is_gone_and_shown_text_is_not_taken_for_hidden() {
    run(include_str!("data/message/hiding.txt"), false);
}

/// Else a long list without a charset costs twice, up to eight times, what it must.
#[test]
fn of_a_long_text_without_a_charset_only_what_differs_is_read_again() {
    let line = b"a line of an ordinary long text, as lists of addresses have them\r\n";
    let raw =
        [b"Subject: x\r\n\r\n", line.repeat(1500).as_slice(), b"sch\xf6n\r\n", &line.repeat(1500)].concat();
    let (mut read, mut readings) = (0, 0);
    policy_core::message::texts(&raw, &Limits::default(), &mut |stretch| {
        read += stretch.shown.len() - stretch.overlap;
        readings += stretch.shown.matches("sch").count();
    });
    assert!(readings > 1, "it may be in several charsets");
    assert!(read < raw.len() + raw.len() / 4, "{read} of {}", raw.len());
}
