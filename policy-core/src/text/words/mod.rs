//! Finding listed words and phrases in shown text.

mod hidden_search;
mod plain_search;

use std::ops::Range;

use aho_corasick::{BuildError, MatchError};
use hidden_search::HiddenSearch;
use plain_search::PlainSearch;

use super::bridged::bridged_runs;
use super::chunk::{Chunks, PlainChunk, Skim};
use super::hidden::Hidden;
use super::interleaved::interleaved_runs;
use super::plain::fold_phrase;
use super::reversed::reversed_runs;
use super::spellings::{Spellings, keep_umlauts};
use super::staccato::staccato_runs;
use super::tagged::tagged_lines;
use super::wrapped::is_half;
use crate::pattern::PatternError;
use crate::sentence::Sentence;

/// The longest key, in bytes: longer ones are quotations, and the scanner keeps this much text in reach.
const LONGEST_KEY: usize = 1024;

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
