//! Properties of folding and of whole-word search that hold for any text.

#![allow(clippy::expect_used, clippy::panic, clippy::string_slice, missing_docs)]

use policy_core::text::words::{WordsMatcher, phrase_key, scan};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn places(keys: &[String], text: &str) -> Vec<(u32, std::ops::Range<usize>)> {
    let matcher = WordsMatcher::new(keys).expect("few words");
    let mut places = Vec::new();
    scan(text, &matcher, &mut |index, range| places.push((index, range)));
    places
}

/// Whole words in lower-case ASCII words with single blanks: nothing is hidden there, so this is all there is to find.
fn oracle(keys: &[String], words: &[String]) -> Vec<u32> {
    let text = format!(" {} ", words.join(" "));
    (0..).zip(keys).filter(|(_, key)| text.contains(&format!(" {key} "))).map(|(index, _)| index).collect()
}

fn word() -> impl Strategy<Value = String> {
    // Neither single letters nor three in a row, which are signs of hiding, and no word that nobody writes: of those, a slip
    // is found, too.
    prop::sample::select(vec![
        "and", "band", "sand", "sander", "under", "thunder", "undergo", "ground", "around", "round",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(typed in "\\PC{1,40}") {
        if let Ok(key) = phrase_key(&typed) {
            prop_assert_eq!(phrase_key(&key), Ok(key));
        }
    }

    #[test]
    fn an_entry_matches_itself(typed in "[\\p{L}\\p{N} .,:;!?()'-]{1,30}") {
        // A vowel mark drawn by itself is a blank with a mark, which is no part of a word.
        prop_assume!(typed.nfkc().filter(|c| *c == ' ').count() == typed.matches(' ').count());
        if let Ok(key) = phrase_key(&typed) {
            prop_assert!(!places(&[key], &typed).is_empty());
        }
    }

    #[test]
    fn a_key_matches_itself(typed in "\\PC{1,40}") {
        if let Ok(key) = phrase_key(&typed) {
            prop_assert!(!places(std::slice::from_ref(&key), &key).is_empty(), "{:?}", key);
        }
    }

    #[test]
    fn whole_words_are_found_as_by_the_naive_oracle(
        phrases in prop::collection::vec(prop::collection::vec(word(), 1..3), 1..20),
        words in prop::collection::vec(word(), 1..60),
    ) {
        let keys: Vec<String> = phrases.iter().map(|phrase| phrase.join(" ")).collect();
        let mut found: Vec<u32> = places(&keys, &words.join(" ")).into_iter().map(|(index, _)| index).collect();
        found.sort_unstable();
        found.dedup();
        prop_assert_eq!(found, oracle(&keys, &words));
    }

    #[test]
    fn folding_never_joins_words_across_a_boundary(left in word(), right in word(), boundary in "[ \n\u{2029}]|, |\\. ") {
        let joined = [format!("{left}{right}")];
        let text = format!("{left}{boundary}{right}");
        prop_assert!(places(&joined, &text).is_empty());
    }

    #[test]
    fn no_phrase_reaches_over_a_paragraph(left in "\\PC{1,12}", right in "\\PC{1,12}") {
        if let (Ok(first), Ok(second)) = (phrase_key(&left), phrase_key(&right)) {
            let key = format!("{first} {second}");
            for (_, range) in places(&[key], &format!("{left}\u{2029}{right}")) {
                prop_assert!(range.end <= left.len() || range.start >= left.len());
            }
        }
    }

    #[test]
    fn places_stand_on_characters_of_any_text(typed in "\\PC{1,6}", text in "\\PC{0,200}") {
        if let Ok(key) = phrase_key(&typed) {
            for (_, range) in places(&[key], &text) {
                prop_assert!(text.get(range).is_some());
            }
        }
    }
}

#[test]
fn words_are_found_at_every_window_edge() {
    let key = [phrase_key("needle in hay").expect("a usable phrase")];
    for offset in 0..64 {
        let text =
            format!("{} needle\nin hay {}", "x ".repeat(8 * 1024 - 32).split_at(offset).1, "y ".repeat(9000));
        assert!(!places(&key, &text).is_empty(), "offset {offset}");
    }
}

#[test]
fn unusable_words_are_refused_with_a_reason() {
    for typed in ["", "   ", "\u{AD}", "...", "🍆"] {
        assert!(phrase_key(typed).is_err(), "{typed:?}");
    }
    assert!(phrase_key(&"long ".repeat(1000)).is_err());
}

#[test]
fn hostile_text_is_survived() {
    let keys = [phrase_key("viagra").expect("a word"), phrase_key("buy now").expect("a phrase")];
    for sample in [
        "\u{301}", "a\u{301}", "a", "il1|", "v i ", "v.i.", "\u{202E}", "\u{200B}", "v1@", "ﷺ", "각",
        "()|\\/",
    ] {
        let text = format!("{} viagra {}", sample.repeat(20_000), sample.repeat(20_000));
        assert!(!places(&keys, &text).is_empty(), "{sample:?}");
    }
}
