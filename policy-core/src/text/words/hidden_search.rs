//! Finding hidden words where the text shows signs of hiding.

use std::ops::Range;

use super::super::bloom::pair;
use super::super::chunk::Chunk;
use super::super::drawn::{parted_alike, spelled_out};
use super::super::hidden::{Classes, Hidden};
use super::super::signs::Stretches;
use super::super::slips::Letters;
use super::super::units::{Ambiguous, Of, Reading, Unit, read_units};
use super::once;

/// Looks for hidden words where the text shows signs of hiding.
pub(super) struct HiddenSearch<'t, 'm> {
    shown: &'t str,
    pub(super) stretches: Stretches,
    hidden: &'m Hidden,
    letters: Vec<Unit>,
    classes: Classes,
    /// The last chunk, and the one before.
    last: Beside,
    before: Beside,
    /// What [`HiddenSearch::slips`] said of the last one.
    last_slips: bool,
    /// Words that are repeated without a blank: where one of them stands, and all.
    pub(super) repeated: Vec<(Range<usize>, Range<usize>)>,
    /// Where the last chunk begins that resembles a listed word with a slip: the sieve knows nothing of those.
    slip: Option<usize>,
}

/// What is kept of a chunk.
#[derive(Clone, Copy)]
struct Beside {
    start: usize,
    /// As in [`Chunk`].
    word: Option<u64>,
    rare: bool,
}

impl Beside {
    /// Before the first chunk.
    const NOTHING: Self = Self { start: usize::MAX, word: None, rare: false };
}

impl<'t, 'm> HiddenSearch<'t, 'm> {
    pub(super) fn new(shown: &'t str, hidden: &'m Hidden) -> Self {
        Self {
            shown,
            stretches: Stretches::new(hidden.words),
            hidden,
            letters: Vec::new(),
            classes: Classes::default(),
            last: Beside::NOTHING,
            before: Beside::NOTHING,
            last_slips: false,
            repeated: Vec::new(),
            slip: None,
        }
    }

    /// Whether a chunk may be a listed word with a slip, or the second half of one that was cut. It is asked
    /// of each chunk, in order, and of one perhaps twice.
    #[inline]
    pub(super) fn slips(&mut self, at: &Range<usize>, word: Option<u64>, rare: bool) -> bool {
        if self.last.start != at.start {
            self.before = std::mem::replace(&mut self.last, Beside { start: at.start, word, rare });
            self.last_slips = (rare || self.before.rare) && self.slips_indeed(at);
        }
        self.last_slips
    }

    #[inline(never)]
    fn slips_indeed(&mut self, at: &Range<usize>) -> bool {
        let has_slipped = self.last.rare && self.has_slipped(at);
        let both = self.before.word.zip(self.last.word).map(|(first, second)| pair(first, second));
        let text = || self.shown.get(self.before.start..at.end);
        let slips = has_slipped || both.is_some_and(|both| self.hidden.may_be_torn(both, text));
        if slips {
            self.slip = Some(at.start);
        }
        slips
    }

    /// Whether a rare word may be a listed one with a slip. Notes what is repeated in it.
    fn has_slipped(&mut self, at: &Range<usize>) -> bool {
        let Some(word) = self.shown.get(at.clone()) else { return false };
        if let Some(once) = once(word) {
            self.repeated.push((at.start + once.start..at.start + once.end, at.clone()));
        }
        Letters::of(word).is_some_and(|letters| self.hidden.may_slip(&letters, word))
    }

    /// Whether a word may be one of a key's with an accent put on it, or a letter doubled.
    #[inline]
    pub(super) fn resembles(&self, bare: Option<u64>, at: &Range<usize>) -> bool {
        let Some(bare) = bare else { return false };
        let word = self.shown.get(at.clone()).unwrap_or_default();
        self.hidden.may_be_adorned(bare, word)
    }

    pub(super) fn take(&mut self, chunk: &Chunk, found: &mut dyn FnMut(u32, Range<usize>)) {
        if let Some(stretch) = self.stretches.note(chunk) {
            self.search(&stretch, found);
        }
    }

    fn search(&mut self, stretch: &Range<usize>, found: &mut dyn FnMut(u32, Range<usize>)) {
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
        found: &mut dyn FnMut(u32, Range<usize>),
    ) -> Ambiguous {
        let slips = self.slip.is_some_and(|slip| slip >= stretch.start);
        if !slips && let Some(ambiguous) = self.hidden.clear(self.shown, stretch.clone(), reading) {
            return ambiguous;
        }
        let ambiguous = read_units(self.shown, stretch.clone(), Of::Text, reading, &mut self.letters);
        self.hidden.scan(self.shown, &self.letters, &mut self.classes, &mut |index, range| {
            let alike =
                || self.shown.get(range.clone()).is_some_and(|text| parted_alike(text) || spelled_out(text));
            if reading != Reading::Apart || alike() {
                found(index, range);
            }
        });
        ambiguous
    }

    pub(super) fn finish(mut self, found: &mut dyn FnMut(u32, Range<usize>)) {
        if let Some(stretch) = self.stretches.finish() {
            self.search(&stretch, found);
        }
    }
}
