//! Each step of folding by itself: what it takes for one, and what it must leave apart.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod hiding;
mod ordinary;

use policy_core::text::words::{WordsMatcher, phrase_key, scan};

/// Whether the listed word is found in the text.
fn found(listed: &str, text: &str) -> bool {
    let matcher = WordsMatcher::new([phrase_key(listed).unwrap()]).unwrap();
    let mut found = false;
    scan(text, &matcher, &mut |_, _| found = true);
    found
}

/// Rows of listed word, text in which it is found, text in which it is not (or nothing).
fn step(rows: &[(&str, &str, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter(|(listed, same, other)| !found(listed, same) || (!other.is_empty() && found(listed, other)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
