//! Words are found as a person reads them, and innocent text is left alone.

#![allow(clippy::expect_used, clippy::panic, clippy::string_slice, missing_docs)]

use policy_core::text::words::{WordsMatcher, phrase_key, scan};

fn found(word: &str, text: &str) -> bool {
    let matcher = WordsMatcher::new([phrase_key(word).expect("a usable word")]).expect("few words");
    let mut hit = false;
    scan(text, &matcher, &mut |_, range| {
        assert!(text.get(range).is_some(), "the range stands on characters");
        hit = true;
    });
    hit
}

/// Lines of `word|text`; `\u{…}` and `\n` are written out, so that what is hidden can be seen; `#` begins a comment.
fn pairs(table: &str) -> Vec<(usize, String, String)> {
    let mut pairs = Vec::new();
    for (number, line) in table.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, text) = line.split_once('|').unwrap_or_else(|| panic!("line {}: no |", number + 1));
        pairs.push((number + 1, unescape(word.trim()), unescape(text.trim())));
    }
    pairs
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("u{") {
            let (code, after) = after.split_once('}').expect("a closing brace");
            out.push(char::from_u32(u32::from_str_radix(code, 16).expect("hex")).expect("a character"));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('n') {
            out.push('\n');
            rest = after;
        } else {
            out.push('\\');
        }
    }
    out.push_str(rest);
    out
}

fn wrong(table: &str, wanted: bool) -> Vec<String> {
    pairs(table)
        .into_iter()
        .filter(|(_, word, text)| found(word, text) != wanted)
        .map(|(number, word, text)| format!("line {number}: {word:?} in {text:?}"))
        .collect()
}

#[test]
fn innocent_text_stays_innocent() {
    let table = include_str!("data/innocent.txt");
    assert!(pairs(table).len() >= 200);
    let wrong = wrong(table, false);
    assert!(wrong.is_empty(), "{} stopped wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn hidden_words_are_found() {
    let table = include_str!("data/hidden.txt");
    assert!(pairs(table).len() >= 300);
    let wrong = wrong(table, true);
    assert!(wrong.is_empty(), "{} missed:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn ordinary_spellings_are_found() {
    let wrong = wrong(include_str!("data/plain.txt"), true);
    assert!(wrong.is_empty(), "{} missed:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_phrase_matches_the_text_that_it_was_copied_from_with_its_commas_and_without() {
    for typed in ["pay now, or else", "What? No!", "listen (carefully) to me", "one: two", "ab (一)"] {
        assert!(found(typed, typed), "{typed}");
        assert!(found(typed, &typed.replace([',', '?', '!', '(', ')', ':'], "")), "{typed}");
    }
    assert!(!found("call me", "When they call, me and Tom answer."));
    assert!(!found("call, me", "call\u{2029}me"));
}
