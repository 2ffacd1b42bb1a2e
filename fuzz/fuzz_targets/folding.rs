//! Folding: a key folds to itself and is found in itself; what is found stands in the text and in one paragraph.
//!
//! The first line of the input is a phrase, the rest a text.
#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use policy_core::text::words::{WordsMatcher, phrase_key, scan};

const PARAGRAPH: char = '\u{2029}';

fuzz_target!(|data: &str| {
    let (typed, text) = data.split_once('\n').unwrap_or((data, data));
    let mut keys = vec!["mallory".to_owned(), "buy now".to_owned()];
    if let Ok(key) = phrase_key(typed) {
        assert!(phrase_key(&key).as_ref() == Ok(&key), "folding a key changes it: {key:?}");
        // Encoded data isn't searched for words.
        let data = |word: &str| word.len() >= 32 && word.is_ascii();
        assert!(
            key.split_whitespace().any(data) || !places(std::slice::from_ref(&key), &key).is_empty(),
            "a key isn't found in itself: {key:?}"
        );
        let halves = key.split_once(' ').map(|(first, second)| (first.to_owned(), second.to_owned()));
        if let Some((first, second)) = halves {
            let apart = format!("{first}{PARAGRAPH}{second}");
            whole(&apart, &places(std::slice::from_ref(&key), &apart));
        }
        keys.push(key);
    }
    whole(text, &places(&keys, text));

    // A word of plain letters between blanks is found in any company.
    let company = format!("{text}{PARAGRAPH}mallory{PARAGRAPH}{text}");
    let begin = text.len() + PARAGRAPH.len_utf8();
    let found = places(&keys, &company);
    whole(&company, &found);
    assert!(
        found.iter().any(|(index, range)| *index == 0 && range.start == begin),
        "a text beside a word hides it"
    );
});

fn places(keys: &[String], text: &str) -> Vec<(u32, Range<usize>)> {
    let mut places = Vec::new();
    let Ok(matcher) = WordsMatcher::new(keys) else { return places };
    scan(text, &matcher, &mut |index, range| places.push((index, range)));
    places
}

/// Every place is a stretch of the text, and none reaches over a paragraph's end.
fn whole(text: &str, places: &[(u32, Range<usize>)]) {
    for (_, range) in places {
        let found = text.get(range.clone());
        assert!(found.is_some(), "{range:?} is no stretch of the text");
        let found = found.unwrap_or_default();
        assert!(
            !found.trim_matches(PARAGRAPH).contains(PARAGRAPH),
            "{found:?} reaches over a paragraph's end"
        );
    }
}
