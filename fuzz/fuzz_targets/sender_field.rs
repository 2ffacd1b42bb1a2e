//! The sender fields: whatever stands around an address in one of them, that address is found.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy_core::message::{self, Limits};

const FIELDS: [&str; 6] = ["From", "Sender", "Reply-To", "Resent-From", "Resent-Sender", "Return-Path"];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, junk)) = data.split_first() else { return };
    let name = FIELDS.get(usize::from(choice) % FIELDS.len()).copied().unwrap_or_default();
    let field = |value: &[u8]| [name.as_bytes(), b": ", value, b"\r\n\r\ntext\r\n"].concat();
    let alone = message::read(&field(junk), &Limits::default());
    if let Some(author) = &alone.author {
        assert!(alone.senders.iter().any(|sender| sender.identity == *author), "the author is a sender");
    }

    // A line end would end the field; folded, it goes on.
    let mut folded = Vec::with_capacity(junk.len() + 16);
    for &byte in junk {
        match byte {
            b'\r' | b'\n' => folded.extend(b"\r\n "),
            _ => folded.push(byte),
        }
    }
    let (before, after) = folded.split_at(folded.len() / 2);
    let planted: &[u8] = b" <mallory@evil.example> ";
    for value in [[planted, &folded].concat(), [&folded, planted].concat(), [before, planted, after].concat()]
    {
        let parts = message::read(&field(&value), &Limits::default());
        // Between the quotes of a local part it is found there.
        let found =
            parts.senders.iter().any(|sender| sender.identity.to_string().contains("mallory@evil.example"));
        assert!(found || parts.cut_short, "an address in angles is not found");
    }
});
