//! Finding listed words and phrases in shown text.

use std::ops::Range;

use aho_corasick::{BuildError, MatchError};

use super::bloom::pair;
use super::bridged::bridged_runs;
use super::chunk::{Chunk, Chunks, PlainChunk, Skim};
use super::compound::each_word;
use super::cursor::Cursor;
use super::hidden::{Classes, Hidden};
use super::interleaved::interleaved_runs;
use super::plain::{Plain, fold_phrase};
use super::reversed::reversed_runs;
use super::signs::Stretches;
use super::slips::Letters;
use super::spellings::{MadeOf, Spellings, keep_umlauts};
use super::staccato::staccato_runs;
use super::tagged::tagged_lines;
use super::units::{Ambiguous, Of, Reading, Unit, parted_alike, read_units, spelled_out};
use super::wrapped::is_half;
use crate::pattern::PatternError;
use crate::sentence::Sentence;

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
        return Err(PatternError::Words(Sentence::of("words-no-letter")));
    }
    if key.len() > LONGEST_KEY {
        return Err(PatternError::Words(Sentence::of("words-long").with("most", LONGEST_KEY as u64)));
    }
    Ok(key)
}

/// The words can't be looked for.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// The automaton that finds words can't hold so many.
    #[error("too many words")]
    TooMany(#[from] BuildError),
    /// The automaton can't begin anywhere in a text. All that are built here can: it is reported rather than searched past.
    #[error("no start: {0}")]
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
    for run in staccato_runs(shown) {
        scan_folded(&run.text, matchers, &mut |matcher, index, at| {
            if run.tells(&at) {
                found(matcher, index, run.at.clone());
            }
        });
    }
    for run in interleaved_runs(shown) {
        scan_folded(&run.text, matchers, &mut |matcher, index, at| {
            if run.tells(&at) {
                found(matcher, index, run.shown(&at));
            }
        });
    }
    for run in bridged_runs(shown) {
        scan_folded(&run.text, matchers, &mut |matcher, index, at| {
            if run.tells(&at) {
                found(matcher, index, run.shown(&at));
            }
        });
    }
    for line in tagged_lines(shown) {
        scan_folded(&line.text, matchers, &mut |matcher, index, at| {
            if let Some(at) = line.told(&at) {
                found(matcher, index, at);
            }
        });
    }
    scan_folded(shown, matchers, &mut |matcher, index, at| {
        if !is_half(shown, &at) {
            found(matcher, index, at);
        }
    });
}

fn scan_folded(shown: &str, matchers: &[&WordsMatcher], found: &mut dyn FnMut(usize, u32, Range<usize>)) {
    let mut search = Search {
        plain: PlainSearch::new(shown, matchers),
        hidden: HiddenSearch::new(shown, matchers),
        found,
    };
    let mut chunks = Chunks::new(shown);
    while let Some(mut chunk) = chunks.pass_over(&mut search).or_else(|| chunks.next()) {
        if let Some(hidden) = &mut search.hidden {
            chunk.slip = hidden.slips(&chunk.at, chunk.word, chunk.rare);
            chunk.hiding |= chunk.slip || hidden.resembles(chunk.bare, &chunk.at);
        }
        search.plain.take(&chunk, search.found);
        if let Some(hidden) = &mut search.hidden {
            hidden.take(&chunk, search.found);
        }
    }
    search.plain.finish(search.found);
    let Some(mut hidden) = search.hidden else { return };
    let repeated = std::mem::take(&mut hidden.repeated);
    hidden.finish(search.found);
    for (once, all) in repeated {
        let once = shown.get(once).unwrap_or_default();
        scan_folded(once, matchers, &mut |matcher, index, _| found(matcher, index, all.clone()));
    }
}

/// Where a word stands first that makes up the whole chunk, again and again, punctuation around it aside:
/// `casinocasinocasino`.
fn once(chunk: &str) -> Option<Range<usize>> {
    const LETTERS: usize = 4;
    const TIMES: usize = 3;
    /// Twice may be a word of its own: `couscous`.
    const LETTERS_TWICE: usize = 5;
    const LONGEST: usize = 256;
    if chunk.len() < 2 * LETTERS_TWICE {
        return None;
    }
    let edge = |c: char| !c.is_alphanumeric();
    let word = chunk.trim_end_matches(edge).trim_start_matches(edge);
    let start = chunk.find(|c| !edge(c))?;
    if word.len() > LONGEST || word.len() < 2 * LETTERS_TWICE {
        return None;
    }
    let bytes = word.as_bytes();
    let mut periods = (LETTERS..=bytes.len() / 2).filter(|length| bytes.len().is_multiple_of(*length));
    let length = periods.find(|length| {
        let mut parts = bytes.chunks(*length);
        parts.next().is_some_and(|first| parts.all(|part| first.eq_ignore_ascii_case(part)))
    })?;
    let letters = word.get(..length)?.chars().count();
    let times = bytes.len() / length;
    let enough = (letters >= LETTERS && times >= TIMES) || letters >= LETTERS_TWICE;
    // One letter again and again is stretched.
    let several = word.chars().skip(1).any(|c| !word.starts_with(c));
    (enough && several).then_some(start..start + length)
}

struct Search<'t, 'm, 'f> {
    plain: PlainSearch<'t, 'm>,
    hidden: Option<HiddenSearch<'t, 'm>>,
    found: &'f mut dyn FnMut(usize, u32, Range<usize>),
}

impl Skim for Search<'_, '_, '_> {
    #[inline]
    fn passes_word(&self, word: u64) -> bool {
        self.plain.passes_word(word)
    }

    #[inline]
    fn passes_part(&self, word: u64) -> bool {
        self.plain.passes_part(word)
    }

    // Nearly every word of a text goes through it: a call for each costs a hundredth of all judging.
    #[inline(always)]
    fn pass(&mut self, chunk: &PlainChunk, at: Range<usize>) -> bool {
        if let Some(hidden) = &mut self.hidden
            && (hidden.slips(&at, chunk.word, chunk.rare)
                || hidden.resembles(chunk.bare, &at)
                || !hidden.stretches.pass(chunk))
        {
            return false;
        }
        self.plain.pass(chunk.word, at, self.found);
        true
    }
}

/// Looks for words as they are written.
struct PlainSearch<'t, 'm> {
    shown: &'t str,
    plain: Plain<'t>,
    cursors: Vec<Cursor<'m>>,
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
    fn new(shown: &'t str, matchers: &[&'m WordsMatcher]) -> Self {
        let cursors = matchers.iter().enumerate();
        let cursors = cursors
            .filter_map(|(position, matcher)| Some(Cursor::new(position, matcher.plain.as_ref()?)))
            .collect();
        Self { shown, plain: Plain::new(shown), cursors, before: Before::Nothing }
    }

    /// Whether keys are so.
    #[inline]
    fn keys(&self, are_so: impl Fn(&MadeOf) -> bool) -> bool {
        self.cursors.iter().any(|cursor| are_so(cursor.made_of()))
    }

    /// Whether the word may go on with what has begun.
    #[inline]
    fn goes_on(&self, word: u64) -> bool {
        match self.before {
            Before::Nothing => false,
            Before::Unread { word: first } | Before::Word(first) => {
                self.keys(|keys| keys.have_pair(first, word))
            }
            Before::Something => self.keys(|keys| keys.go_on_with(word)),
        }
    }

    /// Whether a chunk that is but this word needn't be read now.
    #[inline]
    fn passes_word(&self, word: u64) -> bool {
        !self.goes_on(word) && !self.keys(|keys| keys.are(word))
    }

    /// Whether a chunk of several words needn't be read, as far as this word tells.
    #[inline]
    fn passes_part(&self, word: u64) -> bool {
        !self.goes_on(word) && !self.keys(|keys| keys.begin_with(word))
    }

    /// Goes over a chunk that needn't be read now.
    #[inline(always)]
    fn pass(&mut self, word: Option<u64>, at: Range<usize>, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        self.give_up(found);
        match word.filter(|word| self.keys(|keys| keys.begin_with(*word))) {
            Some(word) => {
                self.plain.pass_over(at.start);
                self.before = Before::Unread { word };
            }
            None => self.plain.pass_over(at.end),
        }
    }

    /// Nothing goes on with what has begun.
    #[inline]
    fn give_up(&mut self, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        match self.before {
            Before::Nothing => return,
            Before::Unread { .. } => {}
            Before::Word(_) | Before::Something => {
                self.plain.finish();
                self.advance(found);
            }
        }
        self.go_on_from(self.plain.folded().len());
        self.before = Before::Nothing;
    }

    fn go_on_from(&mut self, next: usize) {
        self.cursors.iter_mut().for_each(|cursor| cursor.give_up(next));
    }

    fn take(&mut self, chunk: &Chunk, found: &mut dyn FnMut(usize, u32, Range<usize>)) {
        if let Some(word) = chunk.word {
            if self.passes_word(word) {
                return self.pass(Some(word), chunk.at.clone(), found);
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
            _ if self.cursors.iter().all(Cursor::is_idle) => Before::Nothing,
            Some(word) => Before::Word(word),
            None => Before::Something,
        };
        if self.plain.folded().len() > WINDOW {
            let gone = self.plain.forget(LONGEST_KEY + 8);
            for cursor in &mut self.cursors {
                cursor.forget(gone);
            }
        }
    }

    /// Passes over a chunk of several words, if they tell that no key is in it.
    fn skips(&mut self, chunk: &Chunk, found: &mut dyn FnMut(usize, u32, Range<usize>)) -> bool {
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
                Some((last, _)) => self.keys(|keys| keys.have_pair(last, word)),
                None => self.goes_on(word),
            };
            last = Some((word, begin));
            !goes_on && !self.keys(|keys| keys.are(word))
        });
        match last {
            _ if !skips => return false,
            Some((word, begin)) => self.pass(Some(word), chunk.at.start + begin..chunk.at.end, found),
            // Signs alone are between words.
            None => self.plain.fill(chunk.at.end),
        }
        true
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
    /// The last chunk, and the one before.
    last: Beside,
    before: Beside,
    /// What [`HiddenSearch::slips`] said of the last one.
    last_slips: bool,
    /// Words that are repeated without a blank: where one of them stands, and all.
    repeated: Vec<(Range<usize>, Range<usize>)>,
    /// Where the last chunk begins that resembles a listed word with a slip: the sieve knows nothing of those.
    slip: Option<usize>,
}

/// What is kept of a chunk.
#[derive(Clone, Copy, Default)]
struct Beside {
    start: Option<usize>,
    /// As in [`Chunk`].
    word: Option<u64>,
    rare: bool,
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
        Some(Self {
            shown,
            stretches,
            matchers,
            letters: Vec::new(),
            classes: Classes::default(),
            last: Beside::default(),
            before: Beside::default(),
            last_slips: false,
            repeated: Vec::new(),
            slip: None,
        })
    }

    /// Whether a chunk may be a listed word with a slip, or the second half of one that was cut. It is asked
    /// of each chunk, in order, and of one perhaps twice.
    #[inline]
    fn slips(&mut self, at: &Range<usize>, word: Option<u64>, rare: bool) -> bool {
        if self.last.start != Some(at.start) {
            self.before = std::mem::replace(&mut self.last, Beside { start: Some(at.start), word, rare });
            self.last_slips = (rare || self.before.rare) && self.slips_indeed(at);
        }
        self.last_slips
    }

    #[cold]
    fn slips_indeed(&mut self, at: &Range<usize>) -> bool {
        let both = self.before.word.zip(self.last.word).map(|(first, second)| pair(first, second));
        let rare = self.shown.get(at.clone()).filter(|_| self.last.rare);
        let letters = rare.and_then(Letters::of);
        if let Some(once) = rare.and_then(once) {
            self.repeated.push((at.start + once.start..at.start + once.end, at.clone()));
        }
        let text = || {
            let first = self.before.start?;
            self.shown.get(first..at.end)
        };
        let slips = self.matchers.iter().any(|(_, hidden)| {
            both.is_some_and(|both| hidden.may_be_torn(both, text))
                || letters.as_ref().zip(rare).is_some_and(|(letters, word)| hidden.may_slip(letters, word))
        });
        if slips {
            self.slip = Some(at.start);
        }
        slips
    }

    /// Whether a word may be one of a key's with an accent put on it, or a letter doubled.
    #[inline]
    fn resembles(&self, bare: Option<u64>, at: &Range<usize>) -> bool {
        let Some(bare) = bare else { return false };
        let word = self.shown.get(at.clone()).unwrap_or_default();
        self.matchers.iter().any(|(_, hidden)| hidden.may_be_adorned(bare, word))
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
        let slips = self.slip.is_some_and(|slip| slip >= stretch.start);
        let clear = |(_, hidden): &(usize, &Hidden)| {
            if slips { None } else { hidden.clear(self.shown, stretch.clone(), reading) }
        };
        if let Some(Some(ambiguous)) = self.matchers.iter().map(clear).reduce(Option::and) {
            return ambiguous;
        }
        let ambiguous = read_units(self.shown, stretch.clone(), Of::Text, reading, &mut self.letters);
        self.classes.read(&self.letters);
        for (position, hidden) in &self.matchers {
            hidden.scan(self.shown, &self.letters, &self.classes, &mut |index, range| {
                let alike = || {
                    self.shown.get(range.clone()).is_some_and(|text| parted_alike(text) || spelled_out(text))
                };
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
