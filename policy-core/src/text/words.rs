//! Finding listed words and phrases in shown text.

use std::ops::Range;

use aho_corasick::Anchored;
use aho_corasick::MatchKind;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;

use super::chars::{Kind, Writing, kind, writing};
use super::fold::fold_char;
use super::hidden::{Classes, Hidden};
use super::plain::{Plain, SEPARATOR, fold_phrase};
use super::segment::is_whole;
use super::signs::{DATA, Stretches, is_data};
use super::units::{Reading, units};
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
    hidden: Option<Hidden>,
}

impl WordsMatcher {
    /// Compiles the keys of words entries.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Vec<K> = keys.into_iter().collect();
        let patterns: Vec<Vec<u8>> = keys.iter().map(|key| pattern(key.as_ref())).collect();
        let plain = (!patterns.is_empty())
            .then(|| NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(&patterns).ok());
        Self { plain: plain.flatten(), hidden: Hidden::new((0..).zip(keys.iter().map(AsRef::as_ref))) }
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
    scan_hidden(shown, matchers, found);
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

/// Looks for hidden words where the text shows signs of hiding.
fn scan_hidden(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    let Some(words) = matchers.iter().filter_map(|matcher| Some(matcher.hidden.as_ref()?.words)).max() else { return };
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

/// Where in the shown text the folded bytes stand; `None` if they aren't whole words there.
fn stands_in(shown: &str, plain: &Plain<'_>, folded: Range<usize>) -> Option<Range<usize>> {
    let bytes = plain.folded().get(folded.clone())?;
    let opened = bytes.first() == Some(&SEPARATOR);
    let closed = bytes.last() == Some(&SEPARATOR);
    let first = folded.start + usize::from(opened);
    let last = folded.end.checked_sub(1 + usize::from(closed))?;
    let start = plain.origin(first);
    let mut rest = shown.get(plain.origin(last)..)?.chars();
    let source = rest.next()?;
    let place = start..plain.origin(last) + source.len_utf8();
    if !closed && !ends_here(source, bytes, rest) {
        return None;
    }
    if !(opened && closed) && !is_whole(shown, &place) {
        return None;
    }
    (!in_data(shown, &place)).then_some(place)
}

/// Whether no mark follows that makes the last letter another one: `か` is not in `が`.
fn ends_here(source: char, folded: &[u8], mut rest: std::str::Chars<'_>) -> bool {
    let mut end = String::new();
    fold_char(source, &mut |part| {
        end.clear();
        end.push(part);
    });
    let marked = rest.by_ref().take(8).find(|c| kind(*c) != Kind::Ignorable).is_some_and(|next| kind(next) == Kind::Mark);
    folded.ends_with(end.as_bytes()) && !marked
}

/// Whether the place is inside encoded data (base64, keys), where words are chance.
fn in_data(shown: &str, place: &Range<usize>) -> bool {
    const REACH: usize = 128;
    let bytes = shown.as_bytes();
    let inside = |byte: &&u8| !byte.is_ascii_whitespace();
    let before = bytes.iter().take(place.start).rev().take(REACH).take_while(inside).count();
    let after = bytes.iter().skip(place.end).take(REACH).take_while(inside).count();
    let chunk = bytes.get(place.start.saturating_sub(before)..place.end.saturating_add(after));
    chunk.is_some_and(|chunk| chunk.len() >= DATA && is_data(chunk))
}
