//! Finding listed words and phrases in shown text.

use std::ops::Range;

use aho_corasick::{BuildError, MatchError};

use super::chunk::{Chunk, Chunks};
use super::cursor::Cursor;
use super::hidden::{Classes, Hidden};
use super::plain::{Plain, fold_phrase};
use super::reversed::reversed_runs;
use super::signs::Stretches;
use super::spellings::{Spellings, keep_umlauts};
use super::units::{Ambiguous, Of, Reading, Unit, parted_alike, read_units};
use crate::pattern::PatternError;

/// The longest key, in bytes: longer ones are quotations, and the scanner keeps this much text in reach.
const LONGEST_KEY: usize = 1024;
/// How much folded text is kept.
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
    let key = keep_umlauts(typed, fold_phrase(typed));
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

/// The words can't be looked for.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// The automaton that finds words can't hold so many.
    #[error("there are too many words, or they are too long, to look for them all: remove some")]
    TooMany(#[from] BuildError),
    /// The automaton can't begin anywhere in a text. All that are built here can: it is reported rather than searched past.
    #[error("the words can't be looked for ({0}): please report this as a fault of Postward")]
    NoStart(#[from] MatchError),
}

/// An immutable set of phrases; indices are the order in which keys were given, meaning is the caller's.
#[derive(Default)]
pub struct WordsMatcher {
    plain: Option<Spellings>,
    hidden: Option<Hidden>,
}

impl WordsMatcher {
    /// Compiles the keys of words entries.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Result<Self, WordsError> {
        let keys: Vec<K> = keys.into_iter().collect();
        let keys = || (0..).zip(keys.iter().map(AsRef::as_ref));
        Ok(Self { plain: Spellings::new(keys())?, hidden: Hidden::new(keys())? })
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
    let mut plain = PlainSearch::new(shown, matchers);
    let mut hidden = HiddenSearch::new(shown, matchers);
    let mut chunks = Chunks::new(shown);
    loop {
        if plain.is_idle() {
            let passed = chunks.pass_over(
                |word| plain.passes_over(word),
                |chunk| hidden.as_mut().is_none_or(|hidden| hidden.stretches.pass(chunk)),
            );
            if let Some(end) = passed {
                plain.pass_over(end);
            }
        }
        let Some(chunk) = chunks.next() else { break };
        plain.take(&chunk, found);
        if let Some(hidden) = &mut hidden {
            hidden.take(&chunk, found);
        }
    }
    plain.finish(found);
    if let Some(hidden) = hidden {
        hidden.finish(found);
    }
}

/// Looks for words as they are written.
struct PlainSearch<'t, 'm> {
    shown: &'t str,
    plain: Plain<'t>,
    cursors: Vec<Cursor<'m>>,
}

impl<'t, 'm> PlainSearch<'t, 'm> {
    fn new(shown: &'t str, matchers: &[&'m WordsMatcher]) -> Self {
        let cursors = matchers.iter().enumerate();
        let cursors = cursors
            .filter_map(|(position, matcher)| Some(Cursor::new(position, matcher.plain.as_ref()?)))
            .collect();
        Self { shown, plain: Plain::new(shown), cursors }
    }

    /// Whether no key has begun.
    fn is_idle(&self) -> bool {
        self.cursors.iter().all(Cursor::is_idle)
    }

    /// Whether no key begins with the word that has this hash.
    fn passes_over(&self, word: u64) -> bool {
        self.cursors.iter().all(|cursor| cursor.passes_over(word))
    }

    fn pass_over(&mut self, until: usize) {
        self.plain.pass_over(until);
    }

    fn take(&mut self, chunk: &Chunk, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        if let Some(word) = chunk.word
            && self.is_idle()
            && self.passes_over(word)
        {
            return self.pass_over(chunk.at.end);
        }
        self.plain.fill(chunk.at.end);
        self.advance(found);
        if self.plain.folded().len() > WINDOW {
            let gone = self.plain.forget(LONGEST_KEY + 8);
            for cursor in &mut self.cursors {
                cursor.forget(gone);
            }
        }
    }

    fn advance(&mut self, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        for cursor in &mut self.cursors {
            cursor.advance(self.shown, &self.plain, found);
        }
    }

    fn finish(mut self, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        self.plain.finish();
        self.advance(found);
    }
}

/// Looks for hidden words where the text shows signs of hiding.
struct HiddenSearch<'t, 'm> {
    shown: &'t str,
    stretches: Stretches,
    matchers: Vec<(usize, &'m Hidden)>,
    letters: Vec<Unit>,
    classes: Classes,
}

impl<'t, 'm> HiddenSearch<'t, 'm> {
    fn new(shown: &'t str, matchers: &[&'m WordsMatcher]) -> Option<Self> {
        let matchers: Vec<_> = matchers
            .iter()
            .enumerate()
            .filter_map(|(position, matcher)| Some((position, matcher.hidden.as_ref()?)))
            .collect();
        let words = matchers.iter().map(|(_, hidden)| hidden.words).max()?;
        let stretches = Stretches::new(words);
        Some(Self { shown, stretches, matchers, letters: Vec::new(), classes: Classes::default() })
    }

    fn take(&mut self, chunk: &Chunk, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        if let Some(stretch) = self.stretches.note(chunk) {
            self.search(&stretch, found);
        }
    }

    fn search(&mut self, stretch: &Range<usize>, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        let ambiguous = self.search_as(Reading::Plain, stretch, found);
        if ambiguous.umlauts {
            self.search_as(Reading::Umlauts, stretch, found);
        }
        if ambiguous.capitals {
            self.search_as(Reading::Capitals, stretch, found);
        }
        if let Some((first, last)) = ambiguous.signs {
            self.search_as(Reading::Apart, &self.around(stretch, first, last), found);
        }
    }

    /// The part of a stretch that a phrase may reach to from between two places in it.
    fn around(&self, stretch: &Range<usize>, first: usize, last: usize) -> Range<usize> {
        const REACH: usize = 64;
        let start = self.shown.ceil_char_boundary(first.saturating_sub(REACH).max(stretch.start));
        let end = self.shown.floor_char_boundary(last.saturating_add(REACH).min(stretch.end));
        // What is cut begins and ends with whole words.
        let cut = |part: Option<&str>| part.and_then(|part| part.find(char::is_whitespace)).unwrap_or(0);
        let start = if start > stretch.start { start + cut(self.shown.get(start..first)) } else { start };
        let back = self.shown.get(last..end).and_then(|part| part.rfind(char::is_whitespace));
        let end = if end < stretch.end { back.map_or(end, |back| last + back) } else { end };
        start..end
    }

    fn search_as(
        &mut self,
        reading: Reading,
        stretch: &Range<usize>,
        found: &mut dyn FnMut(usize, u32, Range<usize>),
    ) -> Ambiguous {
        let clear = |(_, hidden): &(usize, &Hidden)| hidden.clear(self.shown, stretch.clone(), reading);
        if let Some(Some(ambiguous)) = self.matchers.iter().map(clear).reduce(Option::and) {
            return ambiguous;
        }
        let ambiguous = read_units(self.shown, stretch.clone(), Of::Text, reading, &mut self.letters);
        self.classes.read(&self.letters);
        for (position, hidden) in &self.matchers {
            hidden.scan(self.shown, &self.letters, &self.classes, &mut |index, range| {
                let alike = || self.shown.get(range.clone()).is_some_and(parted_alike);
                if reading != Reading::Apart || alike() {
                    found(*position, index, range);
                }
            });
        }
        ambiguous
    }

    fn finish(mut self, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        if let Some(stretch) = self.stretches.finish() {
            self.search(&stretch, found);
        }
    }
}
