//! Whole messages: read within the limits, and what a limit ends says so.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use policy_core::message::{self, Limits, MessageParts};

const SMALL: Limits = Limits { text_bytes: 2048, depth: 4, parts: 16 };

fuzz_target!(|raw: &[u8]| {
    let large = read(raw, &Limits::default());
    let small = read(raw, &SMALL);
    if !small.cut_short {
        assert!(!large.cut_short, "less is cut where more is allowed");
        assert!(large.texts == small.texts, "a limit was reached and nothing says so");
    }
    assert!(large.senders == small.senders, "limits are none of the sender fields' business");
});

fn read(raw: &[u8], limits: &Limits) -> MessageParts {
    let parts = message::read(raw, limits);
    let bytes: usize = parts.texts.iter().map(|text| text.shown.len()).sum();
    // A lone CR or a NUL doubles the readings.
    assert!(bytes <= 2 * limits.text_bytes, "more text than the limit allows");
    let mut seen = HashSet::new();
    assert!(parts.texts.iter().all(|text| seen.insert((text.place, &text.shown))), "a text is there twice");
    if let Some(author) = &parts.author {
        assert!(parts.senders.iter().any(|sender| sender.identity == *author), "the author is a sender");
    }
    parts
}
