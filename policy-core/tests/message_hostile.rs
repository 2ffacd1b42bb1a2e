//! Reading a message never panics and stays within its limits, whatever the message holds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

use policy_core::message::{self, Limits, MessageParts};
use proptest::prelude::*;

const SMALL: Limits = Limits { text_bytes: 4096, depth: 4, parts: 16 };

const TABLES: [&str; 4] = [
    include_str!("data/message/senders.txt"),
    include_str!("data/message/texts.txt"),
    include_str!("data/message/html.txt"),
    include_str!("data/message/charsets.txt"),
];

/// Pieces of which hostile messages are made.
const PIECES: [&str; 48] = [
    "From: ",
    "Subject: ",
    "Content-Type: ",
    "Content-Transfer-Encoding: ",
    "multipart/mixed; boundary=b",
    "--b",
    "--b--",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "\0",
    "text/html",
    "text/plain; charset=",
    "utf-7",
    "iso-2022-jp",
    "base64",
    "quoted-printable",
    "message/rfc822",
    "text/calendar",
    "=?utf-8?B?",
    "=?utf-8?Q?",
    "?=",
    "=C3",
    "(",
    ")",
    "<",
    ">",
    "\"",
    "\\",
    "@",
    "a@b.example",
    ",",
    ";",
    ":",
    "<style>",
    ".a{display:none}",
    "</style>",
    "<p class=a hidden>",
    "<!--",
    "-->",
    "&#",
    "\u{202e}",
    "\u{1b}$B",
    "begin 644 x",
    "+AGI",
    "%C3",
    "*0*=",
];

fn check(raw: &[u8], limits: &Limits) -> MessageParts {
    let parts = message::read(raw, limits);
    // A lone CR or a NUL doubles the readings.
    let bytes: usize = parts.texts.iter().map(|text| text.shown.len()).sum();
    assert!(bytes <= 2 * limits.text_bytes);
    parts
}

/// All cases of the tables as messages, good enough as seeds.
fn seeds() -> Vec<Vec<u8>> {
    let blocks = TABLES.iter().flat_map(|table| table.split("\n== ").skip(1));
    let messages = blocks.filter_map(|block| block.split_once('\n')?.1.split_once("\n--\n"));
    messages.map(|(message, _)| message.replace('\n', "\r\n").into_bytes()).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check(&raw, &Limits::default());
        check(&raw, &SMALL);
    }

    #[test]
    fn any_pieces_are_read(picks in proptest::collection::vec(0..PIECES.len(), 0..200)) {
        let raw: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        check(raw.as_bytes(), &Limits::default());
        check(raw.as_bytes(), &SMALL);
    }

    #[test]
    fn mutated_messages_are_read(
        seed in 0..10_000usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>(), 0..PIECES.len()), 1..12),
    ) {
        let seeds = seeds();
        let mut raw = seeds[seed % seeds.len()].clone();
        for (at, what, byte, piece) in changes {
            if raw.is_empty() {
                break;
            }
            let at = at.index(raw.len());
            match what {
                0 => raw[at] = byte,
                1 => raw.truncate(at),
                2 => drop(raw.remove(at)),
                _ => drop(raw.splice(at..at, PIECES[piece].bytes())),
            }
        }
        check(&raw, &Limits::default());
        check(&raw, &SMALL);
    }

    #[test]
    fn every_address_of_a_broken_from_is_found(junk in "[ -~]{0,40}", more in "[ -~]{0,40}") {
        let raw = format!("From: {junk} <mallory@evil.example> {more}\r\n\r\n");
        let parts = check(raw.as_bytes(), &Limits::default());
        let wanted = |sender: &policy_core::candidate::Sender| sender.identity.domain().as_str().contains("evil.example");
        prop_assert!(parts.senders.iter().any(wanted), "{raw:?}");
    }
}

/// One shape of hostile message, at a given size.
type Shape = fn(usize) -> Vec<u8>;

fn nested(levels: usize) -> Vec<u8> {
    let mut raw = String::new();
    for level in 0..levels {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    (raw + "\r\nburied text\r\n").into_bytes()
}

const SHAPES: [(&str, Shape); 16] = [
    ("nested multiparts", nested),
    ("parts", |n| {
        [&b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"[..], &b"--b\r\n\r\nx\r\n".repeat(n)].concat()
    }),
    ("open comments", |n| [&b"From: "[..], &b"(".repeat(n * 8), b"\r\n\r\nx"].concat()),
    ("open angles", |n| [&b"From: "[..], &b"<".repeat(n * 8), b"\r\n\r\nx"].concat()),
    ("at signs", |n| [&b"From: "[..], &b"a@".repeat(n * 4), b"\r\n\r\nx"].concat()),
    ("addresses", |n| [&b"From: "[..], &b"a@b.c,".repeat(n), b"\r\n\r\nx"].concat()),
    ("encoded words", |n| [&b"Subject: "[..], &b"=?utf-8?q?".repeat(n), b"\r\n\r\nx"].concat()),
    ("fields", |n| [&b"From: a@b.c\r\n".repeat(n)[..], b"\r\nx"].concat()),
    ("parameters", |n| [&b"Content-Type: text/plain"[..], &b"; charset=x".repeat(n), b"\r\n\r\nx"].concat()),
    ("one line", |n| [&b"\r\n"[..], &b"a ".repeat(n * 8)].concat()),
    ("unlabelled bytes", |n| [&b"\r\n"[..], &b"\xe4\xd0 ".repeat(n * 4)].concat()),
    ("open tags", |n| [&b"Content-Type: text/html\r\n\r\n"[..], &b"<p><b>".repeat(n)].concat()),
    ("attributes", |n| {
        let attributes: String = (0..n).map(|i| format!(" a{i}")).collect();
        format!("Content-Type: text/html\r\n\r\n<a{attributes}>").into_bytes()
    }),
    ("attributes behind a comment", |n| {
        let attributes: String = (0..n).map(|i| format!(" a{i}")).collect();
        format!("Content-Type: text/html\r\n\r\n<!-- <a x=\" --></><a{attributes}>").into_bytes()
    }),
    ("style rules", |n| {
        let rules: String = (0..n).map(|i| format!(".a{i}{{display:none}}")).collect();
        format!("Content-Type: text/html\r\n\r\n<style>{rules}</style><p class=a1>x").into_bytes()
    }),
    ("ambiguous nesting", |n| {
        let part = "Content-Type: multipart/mixed; boundary=b; boundary=c\r\nContent-Type: text/html\r\n\
                    Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\n--c\r\n";
        part.repeat(n / 64).into_bytes()
    }),
];

#[test]
fn hostile_shapes_are_read_to_their_limits() {
    for (name, shape) in SHAPES {
        let raw = shape(20_000);
        let parts = check(&raw, &Limits::default());
        assert!(parts.texts.len() <= 3 * 20_000, "{name}");
    }
}

#[test]
fn what_a_limit_ends_says_so_and_is_judged_by_its_raw_bytes() {
    let parts = check(&nested(100), &Limits::default());
    assert!(parts.cut_short);
    assert!(parts.texts.iter().any(|text| text.shown.contains("buried text")));

    let many = [&b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"[..], &b"--b\r\n\r\nx\r\n".repeat(100)]
        .concat();
    assert!(check(&many, &SMALL).cut_short);
    assert!(!check(&many, &Limits::default()).cut_short);

    let long = [&b"\r\n"[..], &b"word ".repeat(2000)].concat();
    assert!(check(&long, &SMALL).cut_short);
    assert!(!check(&long, &Limits::default()).cut_short);
}

#[test]
fn no_number_of_decoys_hides_a_sender() {
    let decoys = |unit: &dyn Fn(usize) -> String| (0..20_000).map(unit).collect::<String>();
    for raw in [
        decoys(&|i| format!("From: a{i}@b.example\r\n")) + "From: mallory@evil.example\r\n\r\nx",
        format!("From: {}mallory@evil.example\r\n\r\nx", decoys(&|i| format!("a{i}@b.example,\r\n "))),
        format!("From: (({}mallory@evil.example\r\n\r\nx", decoys(&|i| format!("a{i}@b.example<\r\n "))),
    ] {
        let parts = message::read(raw.as_bytes(), &Limits::default());
        assert!(parts.author.is_none());
        assert!(parts.senders.len() <= 4096);
        let mut found = false;
        for crowd in &parts.crowds {
            crowd.each(&mut |sender| found |= sender.identity.to_string() == "mallory@evil.example");
        }
        assert!(found, "{}", &raw[..40]);
    }
}

#[test]
fn no_number_of_parts_hides_a_text_or_multiplies_what_is_kept() {
    let part = "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}{part}YnV5IHBpbGxz\r\n--b--",
        (0..10_000).map(|i| format!("--b\r\n\r\npart {i}\r\n")).collect::<String>()
    );
    for limits in [Limits::default(), Limits { parts: 16, ..Limits::default() }] {
        let parts = message::read(raw.as_bytes(), &limits);
        assert!(parts.texts.iter().any(|text| text.shown.contains("buy pills")));
        assert!(parts.texts.len() <= 2048);
    }
}
