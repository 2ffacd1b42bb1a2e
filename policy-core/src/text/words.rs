//! Finding listed words and phrases in shown text.

use std::ops::Range;

use aho_corasick::Anchored;
use aho_corasick::MatchKind;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;

use super::chars::{Kind, Writing, kind, writing};
use super::plain::{Plain, SEPARATOR, fold_phrase};
use crate::pattern::PatternError;

/// The longest key, in bytes: longer ones are quotations, and the scanner keeps this much text in reach.
const LONGEST_KEY: usize = 1024;
/// How much text is folded at a time.
const WINDOW: usize = 16 * 1024;

/// The folded form of a typed word or phrase: what is stored as the entry's key and compiled into matchers.
pub fn phrase_key(typed: &str) -> Result<String, PatternError> {
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
    plain: Option<NFA>,
}

impl WordsMatcher {
    /// Compiles the keys of words entries.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        let patterns: Vec<Vec<u8>> = keys.into_iter().map(|key| pattern(key.as_ref())).collect();
        let plain = (!patterns.is_empty())
            .then(|| NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(&patterns).ok());
        Self { plain: plain.flatten() }
    }

    /// Whether there is nothing to find.
    pub fn is_empty(&self) -> bool {
        self.plain.is_none()
    }
}

/// The key with the separators that make it whole words. Scripts without blanks have no such bounds.
fn pattern(key: &str) -> Vec<u8> {
    let bound = |c: Option<char>| c.is_some_and(|c| writing(c) != Some(Writing::Unspaced));
    let mut pattern = Vec::with_capacity(key.len() + 2);
    if bound(key.chars().next()) {
        pattern.push(SEPARATOR);
    }
    pattern.extend_from_slice(key.as_bytes());
    if bound(key.chars().rev().find(|c| kind(*c) == Kind::Word)) {
        pattern.push(SEPARATOR);
    }
    pattern
}

/// Folds `shown` once and finds what each of the matchers lists in it. `found` gets the matcher's position, the
/// phrase's index in it and the bytes of `shown` it stands in; a phrase may be reported more than once.
pub fn scan(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    let mut cursors: Vec<Cursor<'_>> = matchers
        .iter()
        .enumerate()
        .filter_map(|(position, matcher)| Cursor::new(position, matcher.plain.as_ref()?))
        .collect();
    if cursors.is_empty() {
        return;
    }
    let mut plain = Plain::new(shown);
    let mut kept = 0;
    loop {
        let more = plain.fill(WINDOW);
        for cursor in &mut cursors {
            cursor.advance(shown, &plain, kept, found);
        }
        if !more {
            return;
        }
        plain.forget(LONGEST_KEY + 8);
        kept = plain.folded().len();
    }
}

/// One matcher's way through the folded stream.
struct Cursor<'m> {
    position: usize,
    nfa: &'m NFA,
    state: StateID,
}

impl<'m> Cursor<'m> {
    fn new(position: usize, nfa: &'m NFA) -> Option<Self> {
        let state = nfa.start_state(Anchored::No).ok()?;
        Some(Self { position, nfa, state })
    }

    /// Reads the folded bytes from `from` on.
    fn advance(
        &mut self,
        shown: &str,
        plain: &Plain<'_>,
        from: usize,
        found: &mut dyn FnMut(usize, u32, Range<usize>),
    ) {
        for (index, byte) in plain.folded().iter().enumerate().skip(from) {
            self.state = self.nfa.next_state(Anchored::No, self.state, *byte);
            if self.nfa.is_special(self.state) && self.nfa.is_match(self.state) {
                for number in 0..self.nfa.match_len(self.state) {
                    let pattern = self.nfa.match_pattern(self.state, number);
                    let start = (index + 1).saturating_sub(self.nfa.pattern_len(pattern));
                    if let Some(range) = stands_in(shown, plain, start..index + 1) {
                        found(self.position, pattern.as_u32(), range);
                    }
                }
            }
        }
    }
}

/// Where in the shown text the folded bytes stand; `None` if a mark after them makes the last letter another one.
fn stands_in(shown: &str, plain: &Plain<'_>, folded: Range<usize>) -> Option<Range<usize>> {
    let mut letters = folded.filter(|index| plain.folded().get(*index) != Some(&SEPARATOR));
    let first = letters.next()?;
    let last = letters.last().unwrap_or(first);
    let mut rest = shown.get(plain.origin(last)..)?.chars();
    let end = plain.origin(last) + rest.next().map_or(0, char::len_utf8);
    let bounded = plain.folded().get(last + 1).is_some_and(|byte| *byte == SEPARATOR);
    if !bounded && rest.find(|c| kind(*c) != Kind::Ignorable).is_some_and(|next| kind(next) == Kind::Mark) {
        return None;
    }
    Some(plain.origin(first)..end)
}
