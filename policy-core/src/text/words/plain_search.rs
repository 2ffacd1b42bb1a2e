//! Finding words as they are written.

use std::ops::Range;

use super::super::chunk::Chunk;
use super::super::compound::each_word;
use super::super::cursor::Cursor;
use super::super::plain::Plain;
use super::super::spellings::{MadeOf, Spellings};
use super::LONGEST_KEY;

/// How much folded text is kept.
const WINDOW: usize = 16 * 1024;

/// Looks for words as they are written.
pub(super) struct PlainSearch<'t, 'm> {
    shown: &'t str,
    plain: Plain<'t>,
    cursor: Cursor<'m>,
    /// What the keys are made of.
    keys: &'m MadeOf,
    before: Before,
}

/// What stands before the next chunk.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing that a key may begin with.
    Nothing,
    /// The first word of a key, or what may be one. It is read only if the second follows: from the text, or, where it
    /// has been folded, from there.
    Unread { word: u64 },
    /// A word that was read, and is in a key.
    Word(u64),
    /// Something that was read, and may be in a key.
    Something,
}

impl<'t, 'm> PlainSearch<'t, 'm> {
    pub(super) fn new(shown: &'t str, spellings: &'m Spellings) -> Self {
        let (cursor, keys) = (Cursor::new(spellings), &spellings.made_of);
        Self { shown, plain: Plain::new(shown), cursor, keys, before: Before::Nothing }
    }

    /// Whether the word may go on with what has begun.
    #[inline]
    fn goes_on(&self, word: u64) -> bool {
        match self.before {
            Before::Nothing => false,
            Before::Unread { word: first } | Before::Word(first) => self.keys.have_pair(first, word),
            Before::Something => self.keys.go_on_with(word),
        }
    }

    /// Whether a chunk that is but this word needn't be read now, and if so, whether a key may begin with it.
    #[inline(always)]
    pub(super) fn passes_word(&self, word: u64) -> Option<bool> {
        // Most words begin no key, and such a one is none.
        let begins = self.keys.begin_with(word);
        (!(self.goes_on(word) || begins && self.keys.are(word))).then_some(begins)
    }

    /// Whether a chunk of several words needn't be read, as far as this word tells.
    #[inline]
    pub(super) fn passes_part(&self, word: u64) -> bool {
        !self.goes_on(word) && !self.keys.begin_with(word)
    }

    /// Goes over a chunk that needn't be read now, given the word that a key may begin with.
    #[inline(always)]
    pub(super) fn pass(
        &mut self,
        begins: Option<u64>,
        at: Range<usize>,
        found: &mut dyn FnMut(u32, Range<usize>),
    ) {
        self.give_up(found);
        match begins {
            Some(word) => {
                self.plain.pass_over(at.start);
                self.before = Before::Unread { word };
            }
            None => self.plain.pass_over(at.end),
        }
    }

    /// Nothing goes on with what has begun.
    #[inline]
    fn give_up(&mut self, found: &mut dyn FnMut(u32, Range<usize>)) {
        match self.before {
            Before::Nothing => return,
            Before::Unread { .. } => {}
            Before::Word(_) | Before::Something => {
                self.plain.finish();
                self.advance(found);
            }
        }
        self.cursor.give_up(self.plain.folded().len());
        self.before = Before::Nothing;
    }

    pub(super) fn take(&mut self, chunk: &Chunk, found: &mut dyn FnMut(u32, Range<usize>)) {
        if let Some(word) = chunk.word {
            if let Some(begins) = self.passes_word(word) {
                return self.pass(begins.then_some(word), chunk.at.clone(), found);
            }
            if !self.goes_on(word) {
                self.give_up(found);
                self.plain.pass_over(chunk.at.start);
            }
        }
        if chunk.word.is_none() && self.skips(chunk, found) {
            return;
        }
        self.plain.fill(chunk.at.end);
        self.advance(found);
        self.before = match chunk.word {
            _ if self.cursor.is_idle() => Before::Nothing,
            Some(word) => Before::Word(word),
            None => Before::Something,
        };
        if self.plain.folded().len() > WINDOW {
            let gone = self.plain.forget(LONGEST_KEY + 8);
            self.cursor.forget(gone);
        }
    }

    /// Passes over a chunk of several words, if they tell that no key is in it.
    fn skips(&mut self, chunk: &Chunk, found: &mut dyn FnMut(u32, Range<usize>)) -> bool {
        let bytes = self.shown.as_bytes();
        let parted = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        let before = chunk.at.start.checked_sub(1).and_then(|before| bytes.get(before));
        // Else its first or last word may go on.
        if !parted(before) || !parted(bytes.get(chunk.at.end)) {
            return false;
        }
        let mut last = None;
        let skips = each_word(bytes.get(chunk.at.clone()).unwrap_or_default(), |word, begin| {
            let goes_on = match last {
                Some((last, _)) => self.keys.have_pair(last, word),
                None => self.goes_on(word),
            };
            last = Some((word, begin));
            !(goes_on || self.keys.begin_with(word) && self.keys.are(word))
        });
        match last {
            _ if !skips => return false,
            Some((word, begin)) => {
                let begins = self.keys.begin_with(word);
                self.pass(begins.then_some(word), chunk.at.start + begin..chunk.at.end, found);
            }
            // Signs alone are between words.
            None => self.plain.fill(chunk.at.end),
        }
        true
    }

    fn advance(&mut self, found: &mut dyn FnMut(u32, Range<usize>)) {
        self.cursor.advance(self.shown, &self.plain, found);
    }

    pub(super) fn finish(mut self, found: &mut dyn FnMut(u32, Range<usize>)) {
        self.plain.finish();
        self.advance(found);
    }
}
