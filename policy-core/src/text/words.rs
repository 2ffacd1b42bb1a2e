//! Finding listed words and phrases in shown text.

use std::ops::Range;

use super::cursor::Cursor;
use super::hidden::{Classes, Hidden};
use super::plain::{Plain, fold_phrase};
use super::reversed::reversed_runs;
use super::signs::Stretches;
use super::spellings::Spellings;
use super::units::{Reading, units};
use crate::pattern::PatternError;

/// The longest key, in bytes: longer ones are quotations, and the scanner keeps this much text in reach.
const LONGEST_KEY: usize = 1024;
/// How much text is folded at a time.
const WINDOW: usize = 16 * 1024;

/// The folded form of a typed word or phrase: what is stored as the entry's key and compiled into matchers.
pub fn phrase_key(typed: &str) -> Result<String, PatternError> {
    let mut key = folded_phrase(typed)?;
    // Folding can bring signs together that fold once more (a mark behind an apostrophe): a key is what no longer changes.
    for _ in 0..4 {
        match folded_phrase(&key) {
            Ok(again) if again != key => key = again,
            _ => break,
        }
    }
    Ok(key)
}

fn folded_phrase(typed: &str) -> Result<String, PatternError> {
    if typed.trim().is_empty() {
        return Err(PatternError::Empty);
    }
    let key = fold_phrase(typed);
    if key.is_empty() {
        return Err(PatternError::Words(
            "there is no letter or digit in it; write a word or a phrase".to_owned(),
        ));
    }
    if key.len() > LONGEST_KEY {
        return Err(PatternError::Words(format!(
            "it is too long; write at most about {LONGEST_KEY} letters, a telling part is enough"
        )));
    }
    Ok(key)
}

/// An immutable set of phrases; indices are the order in which keys were given, meaning is the caller's.
pub struct WordsMatcher {
    plain: Option<Spellings>,
    hidden: Option<Hidden>,
}

impl WordsMatcher {
    /// Compiles the keys of words entries.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Vec<K> = keys.into_iter().collect();
        let keys = || (0..).zip(keys.iter().map(AsRef::as_ref));
        Self { plain: Spellings::new(keys()), hidden: Hidden::new(keys()) }
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.plain.is_none()
    }
}

/// Folds `shown` once and finds what each of the matchers lists in it. `found` gets the matcher's position, the
/// phrase's index in it and the bytes of `shown` it stands in; a phrase may be reported more than once.
pub fn scan(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    if matchers.iter().all(|matcher| matcher.is_empty()) {
        return;
    }
    for (reversed, run) in reversed_runs(shown) {
        scan_folded(&reversed, matchers, &mut |matcher, index, _| found(matcher, index, run.clone()));
    }
    scan_folded(shown, matchers, found);
}

fn scan_folded(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    scan_hidden(shown, matchers, found);
    let mut cursors: Vec<Cursor<'_>> = matchers
        .iter()
        .enumerate()
        .filter_map(|(position, matcher)| Cursor::new(position, matcher.plain.as_ref()?))
        .collect();
    let mut plain = Plain::new(shown);
    loop {
        let more = plain.fill(WINDOW);
        for cursor in &mut cursors {
            cursor.advance(shown, &plain, !more, found);
        }
        if !more {
            return;
        }
        let gone = plain.forget(LONGEST_KEY + 8);
        for cursor in &mut cursors {
            cursor.forget(gone);
        }
    }
}

/// Looks for hidden words where the text shows signs of hiding.
fn scan_hidden(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    let Some(words) = matchers.iter().filter_map(|matcher| Some(matcher.hidden.as_ref()?.words)).max() else {
        return;
    };
    for stretch in Stretches::new(shown, words) {
        for reading in [Reading::Text, Reading::TextBare] {
            let (text, umlaut) = units(shown, stretch.clone(), reading);
            let classes = Classes::new(&text);
            for (position, matcher) in matchers.iter().enumerate() {
                if let Some(hidden) = &matcher.hidden {
                    hidden.scan(&text, &classes, &mut |index, range| found(position, index, range));
                }
            }
            if !umlaut {
                break;
            }
        }
    }
}
