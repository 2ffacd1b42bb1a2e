//! What fuzzing found (`fuzz/`), each case once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

use policy_core::identity::Identity;
use policy_core::message::{self, Limits, MessageParts};

fn read(raw: &[u8]) -> MessageParts {
    message::read(raw, &Limits::default())
}

fn senders(parts: &MessageParts) -> Vec<String> {
    parts.senders.iter().map(|sender| sender.identity.to_string()).collect()
}

#[test]
fn an_address_inside_a_domain_literal_is_a_sender() {
    let parts = read(b"From: friend@[1 <mallory@evil.example> 92.0.2.1]\r\n\r\nx");
    assert!(senders(&parts).contains(&"mallory@evil.example".to_owned()));
    assert!(parts.author.is_none());
}

#[test]
fn a_mark_behind_a_dot_that_gmail_ignores_belongs_to_the_letter_before_it() {
    let once = Identity::parse_mail("anne.\u{301}b@gmail.com").unwrap();
    assert_eq!(Identity::parse_mail(&once.to_string()).unwrap().key(), once.key());
    assert_eq!(once.key(), Identity::parse_mail("ann\u{e9}b@gmail.com").unwrap().key());
}
