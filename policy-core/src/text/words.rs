//! Finding listed words and phrases in shown text.

use std::ops::Range;

use crate::pattern::PatternError;

/// The folded form of a typed word or phrase: what is stored as the entry's key and compiled into matchers.
pub fn phrase_key(typed: &str) -> Result<String, PatternError> {
    let key = typed.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    if key.is_empty() { Err(PatternError::Empty) } else { Ok(key) }
}

/// An immutable set of phrases; indices are the order in which keys were given, meaning is the caller's.
pub struct WordsMatcher {
    keys: Vec<String>,
}

impl WordsMatcher {
    /// Compiles the keys of words entries.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self { keys: keys.into_iter().map(|key| key.as_ref().to_owned()).collect() }
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Folds `shown` once and finds what each of the matchers lists in it. `found` gets the matcher's position, the
/// phrase's index in it and the bytes of `shown` it stands in; a phrase may be reported more than once.
pub fn scan(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    let folded = shown.to_lowercase();
    for (position, matcher) in matchers.iter().enumerate() {
        for (index, key) in (0u32..).zip(&matcher.keys) {
            if folded.contains(key.as_str()) {
                found(position, index, 0..shown.len());
            }
        }
    }
}
