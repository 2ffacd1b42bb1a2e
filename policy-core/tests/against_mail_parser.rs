//! Our reader against `mail-parser`, which programs for reading mail are built with: what it finds, ours finds, too.
//!
//! It gives one interpretation of a message, ours all that are plausible, so the comparison goes one way only. Where
//! `mail-parser` is known to be wrong, the case is named with the reason.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::collections::HashSet;
use std::fmt::Write;

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use policy_core::identity::Identity;
use policy_core::message::{self, Limits};
use proptest::prelude::*;

const TABLES: [&str; 4] = [
    include_str!("data/message/senders.txt"),
    include_str!("data/message/texts.txt"),
    include_str!("data/message/structure.txt"),
    include_str!("data/message/charsets.txt"),
];

/// Cases of the tables in which `mail-parser` finds what isn't there, and why.
const WRONG: &[(&str, &[&str])] = &[
    (
        "it takes quoted strings, or what stands behind the angle, for other parts of the address than they are",
        &[
            "a decoy inside a quoted local part",
            "quoted local part",
            "a quoted local part with a blank, alone and in an angle",
            "two angles",
            "text behind the angle",
            "two at signs",
            "a field without its end, as a mail server mends it",
            "another, whose address is in quotes then",
            "a quoted local part that looks like an address isn't that address",
        ],
    ),
    (
        "it keeps in an address what readers don't show, or what is a slip",
        &[
            "a backslash in the local part",
            "two at signs side by side",
            "an address in single quotes",
            "one NUL and a lone CR",
            "what follows a domain isn't part of it",
        ],
    ),
    ("it shows the marks of enriched text", &["enriched text's parameters are not shown"]),
    ("it takes an empty line for the end of the header before it began", &["empty lines first"]),
    (
        "it shows base64 or quoted-printable as it stands, where the encoding's name is written unusually, or text follows or interrupts it",
        &[
            "a footer behind base64",
            "plain text that claims to be base64",
            "an encoding written wrongly",
            "comments in an encoding's name",
            "a comment in the encoding's name that never ends",
            "base64 with junk, without padding, in padded pieces",
            "truncated in the middle of nested parts",
            "a mailing list's footer in another part's clothes",
        ],
    ),
    (
        "it doesn't find the parts, and shows their source",
        &[
            "a boundary in other quotes, with a comment and a language",
            "the outer boundary ends an inner multipart that was never closed",
        ],
    ),
    (
        "it breaks a character that is written in two encoded words",
        &[
            "subject in encoded words cut in the middle of a character",
            "a word over two encoded words of different kinds",
        ],
    ),
    (
        "it shows an encoded word as it stands",
        &["encoded words without blanks around, with a blank inside, without an end"],
    ),
    (
        "it believes a label that the bytes disprove",
        &["UTF-8 labelled as ASCII", "a wrong charset in an encoded word"],
    ),
    (
        "it leaves line ends of flowed text in words",
        &["format=flowed with DelSp", "format=flowed with DelSp, quoted, and a blank stuffed in front"],
    ),
    (
        "it shows the source of appointments, cards, rich and enriched text, and HTML for watches",
        &[
            "a drawing, XML and JSON are text",
            "a contact card with a note in base64, and a picture",
            "rich text that is hidden, or stands there once more in Unicode",
            "an appointment",
            "a contact card with quoted-printable",
            "an appointment with a description in HTML",
            "an appointment folded in the middle of a character",
            "a folded vCard and its parameters",
            "an appointment in base64 and another charset",
            "enriched text",
        ],
    ),
    (
        "it reads the recipient's own message that a delivery report returns, which we leave alone on purpose",
        &[
            "in a delivery report the returned original isn't read",
            "of a report's messages only the third part is the returned original",
        ],
    ),
];

/// Letters and digits in a row.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() > 1).map(str::to_lowercase)
}

/// What `mail-parser` finds: addresses of the author, words of subject, plain text and file names.
fn theirs(message: &Message<'_>, inner: bool, addresses: &mut Vec<String>, found: &mut Vec<String>) {
    if !inner {
        let from = message.from().into_iter().flat_map(|from| from.iter());
        addresses.extend(from.filter_map(|address| address.address()).map(str::to_owned));
    }
    found.extend(message.subject().into_iter().flat_map(words));
    for part in &message.parts {
        found.extend(part.attachment_name().into_iter().flat_map(words));
        match &part.body {
            PartType::Text(text) => found.extend(words(text)),
            PartType::Message(message) => theirs(message, true, addresses, found),
            _ => {}
        }
    }
}

/// What we lack of what `mail-parser` finds.
fn missing(raw: &[u8]) -> Vec<String> {
    let Some(message) = MessageParser::default().parse(raw) else { return Vec::new() };
    let (mut addresses, mut found) = (Vec::new(), Vec::new());
    theirs(&message, false, &mut addresses, &mut found);
    let ours = message::read(raw, &Limits::default());
    let senders: HashSet<String> = ours.senders.iter().map(|sender| sender.identity.to_string()).collect();
    let texts: HashSet<String> = ours.texts.iter().flat_map(|text| words(&text.shown)).collect();
    let normal = |address: &String| Identity::parse_mail(address).map(|identity| identity.to_string());
    let mut missing: Vec<String> = addresses
        .iter()
        .filter_map(|address| normal(address).ok())
        .filter(|address| !senders.contains(address))
        .collect();
    missing.extend(found.into_iter().filter(|word| !texts.contains(word)));
    missing
}

#[test]
fn what_mail_parser_finds_in_the_tables_we_find() {
    let mut wrong = String::new();
    for block in TABLES.iter().flat_map(|table| table.split("\n== ").skip(1)) {
        let (name, rest) = block.split_once('\n').unwrap();
        let (message, _) = rest.split_once("\n--\n").unwrap();
        let missing = missing(message.replace('\n', "\r\n").as_bytes());
        let known = WRONG.iter().find(|(_, cases)| cases.contains(&name));
        if missing.is_empty() != known.is_none() {
            writeln!(wrong, "{name}: {missing:?}, known: {known:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

const PROSE: [&str; 6] = [
    "the market opened on tuesday",
    "grüße aus köln, schöne straße",
    "привет из москвы",
    "καλημέρα κόσμε",
    "明日の朝 市場で",
    "a = b; 100% \"quoted\" <angle> (comment)",
];

const FROM: [&str; 9] = [
    "anna@a.example",
    "<anna@a.example>",
    "Anna Baker <anna@a.example>",
    "\"Baker, Anna\" <anna@a.example>",
    "=?utf-8?Q?J=C3=BCrgen?= <anna@a.example>",
    "Anna <anna@a.example>, Bob <bob@b.example>",
    "friends: anna@a.example, bob@b.example;",
    "Anna\r\n <anna@a.example>",
    "anna@a.example (Anna)",
];

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (number, chunk) in bytes.chunks(3).enumerate() {
        let bits = (0..3).fold(0usize, |bits, at| bits << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        for at in 0..4 {
            text.push(if at <= chunk.len() { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) } else { '=' });
        }
        if number % 19 == 18 {
            text.push_str("\r\n");
        }
    }
    text
}

/// Quoted-printable or, with `_` for a blank, the Q encoding of RFC 2047.
fn escaped(text: &str, blank: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b' ' => escaped.push_str(blank),
            _ if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            _ => write!(escaped, "={byte:02X}").unwrap(),
        }
        escaped
    })
}

fn subject() -> impl Strategy<Value = String> {
    (prop::sample::select(&PROSE[..]), 0..3).prop_map(|(text, form)| match form {
        0 => text.to_owned(),
        1 => format!("=?utf-8?Q?{}?=", escaped(text, "_")),
        _ => format!("=?UTF-8?b?{}?=", base64(text.as_bytes()).replace("\r\n", "")),
    })
}

fn leaf() -> impl Strategy<Value = String> {
    let text =
        prop::collection::vec(prop::sample::select(&PROSE[..]), 1..5).prop_map(|lines| lines.join("\r\n"));
    (text, 0..4, prop::option::of(subject())).prop_map(|(text, form, name)| {
        let name = name.map(|name| {
            format!("Content-Disposition: attachment; filename=\"{}.txt\"\r\n", name.replace('"', ""))
        });
        let head = format!("Content-Type: text/plain; charset=utf-8\r\n{}", name.unwrap_or_default());
        match form {
            0 => format!("{head}Content-Transfer-Encoding: 8bit\r\n\r\n{text}"),
            1 => format!("{head}Content-Transfer-Encoding: base64\r\n\r\n{}", base64(text.as_bytes())),
            2 => format!(
                "{head}Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                text.split("\r\n").map(|line| escaped(line, " ")).collect::<Vec<_>>().join("=\r\n\r\n")
            ),
            _ => format!("{head}\r\n{text}"),
        }
    })
}

fn part() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let inner = (prop::collection::vec(inner, 1..4), any::<u16>(), subject());
        inner.prop_map(|(parts, number, subject)| {
            if number % 4 == 0 {
                let part = &parts[0];
                return format!("Content-Type: message/rfc822\r\n\r\nSubject: {subject}\r\n{part}");
            }
            let parts: String = parts.iter().map(|part| format!("\r\n--b{number}\r\n{part}")).collect();
            format!("Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n{parts}\r\n--b{number}--\r\n")
        })
    })
}

proptest! {
    #[test]
    fn what_mail_parser_finds_in_ordinary_messages_we_find(
        from in prop::sample::select(&FROM[..]), subject in subject(), part in part(),
    ) {
        let raw = format!("From: {from}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n{part}");
        let missing = missing(raw.as_bytes());
        prop_assert!(missing.is_empty(), "{missing:?}\n{raw}");
    }
}
