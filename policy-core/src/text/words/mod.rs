//! Finding listed words and phrases in shown text.

mod hidden_search;
mod plain_search;

use std::ops::Range;

use aho_corasick::{BuildError, MatchError};
use hidden_search::HiddenSearch;
use memchr::memchr_iter;
use plain_search::PlainSearch;

use super::bridged::bridged_runs;
use super::chunk::{Chunks, PARAGRAPH_END, PlainChunk, Skim};
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
}

/// Finds what the matcher lists in `shown`. `found` gets the phrase's index and the bytes of `shown` it stands in; a phrase
/// may be reported more than once.
pub fn scan(shown: &str, matcher: &WordsMatcher, found: &mut dyn FnMut(u32, Range<usize>)) {
    let Some(plain) = &matcher.plain else { return };
    let lists = Lists { plain, hidden: matcher.hidden.as_ref() };
    // Nothing of ASCII alone is shown backwards, or interleaved, or bridged.
    let others = if is_ascii(shown) { "" } else { shown };
    for (reversed, run) in reversed_runs(others) {
        scan_folded(&reversed, lists, &mut |index, _| found(index, run.clone()));
    }
    for run in staccato_runs(shown) {
        scan_folded(&run.text, lists, &mut |index, at| {
            if run.tells(&at) {
                found(index, run.at.clone());
            }
        });
    }
    for run in interleaved_runs(others) {
        scan_folded(&run.text, lists, &mut |index, at| {
            if run.tells(&at) {
                found(index, run.shown(&at));
            }
        });
    }
    for run in bridged_runs(others) {
        scan_folded(&run.text, lists, &mut |index, at| {
            if run.tells(&at) {
                found(index, run.shown(&at));
            }
        });
    }
    for line in tagged_lines(shown) {
        scan_folded(&line.text, lists, &mut |index, at| {
            if let Some(at) = line.told(&at) {
                found(index, at);
            }
        });
    }
    scan_folded(shown, lists, &mut |index, at| {
        if !is_half(shown, &at) {
            found(index, at);
        }
    });
}

/// What is listed, as it is written and as it is hidden.
#[derive(Clone, Copy)]
struct Lists<'m> {
    plain: &'m Spellings,
    hidden: Option<&'m Hidden>,
}

/// Whether a text is nothing but ASCII and the ends of paragraphs, as most are.
fn is_ascii(shown: &str) -> bool {
    /// The first byte of [`PARAGRAPH_END`].
    const LEAD: u8 = 0xE2;
    let bytes = shown.as_bytes();
    let mut from = 0;
    let ascii = |range: Range<usize>| bytes.get(range).is_some_and(<[u8]>::is_ascii);
    for at in memchr_iter(LEAD, bytes) {
        if !bytes.get(at..).is_some_and(|rest| rest.starts_with(PARAGRAPH_END)) || !ascii(from..at) {
            return false;
        }
        from = at + PARAGRAPH_END.len();
    }
    ascii(from..bytes.len())
}

fn scan_folded(shown: &str, lists: Lists<'_>, found: &mut dyn FnMut(u32, Range<usize>)) {
    let mut search = Search {
        plain: PlainSearch::new(shown, lists.plain),
        hidden: lists.hidden.map(|hidden| HiddenSearch::new(shown, hidden)),
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
        scan_folded(once, lists, &mut |index, _| found(index, all.clone()));
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
    let first = bytes.first()?;
    let length = (LETTERS..=bytes.len() / 2).find(|length| {
        bytes.get(*length).is_some_and(|byte| byte.eq_ignore_ascii_case(first))
            && bytes.len().is_multiple_of(*length)
            && bytes
                .chunks(*length)
                .all(|part| bytes.get(..*length).is_some_and(|one| part.eq_ignore_ascii_case(one)))
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
    found: &'f mut dyn FnMut(u32, Range<usize>),
}

impl Skim for Search<'_, '_, '_> {
    #[inline]
    fn passes_part(&self, word: u64) -> bool {
        self.plain.passes_part(word)
    }

    // Nearly every word of a text goes through it: a call for each costs a hundredth of all judging.
    #[inline(always)]
    fn pass(&mut self, chunk: &PlainChunk, at: Range<usize>) -> bool {
        let mut begins = None;
        if let Some(word) = chunk.word {
            let Some(may_begin) = self.plain.passes_word(word) else { return false };
            begins = may_begin.then_some(word);
        }
        if let Some(hidden) = &mut self.hidden
            && (hidden.slips(&at, chunk.word, chunk.rare)
                || hidden.resembles(chunk.bare, &at)
                || !hidden.stretches.pass(chunk))
        {
            return false;
        }
        self.plain.pass(begins, at, self.found);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::is_ascii;

    #[test]
    fn a_text_is_ascii_whatever_its_paragraphs_and_no_other_is() {
        for text in ["", "plain", "\u{2029}", "one\u{2029}two\u{2029}\u{2029}"] {
            assert!(is_ascii(text), "{text:?}");
        }
        for text in ["\u{202E}", "one\u{2029}tw\u{F6}", "\u{E9}\u{2029}one", "\u{2029}\u{2028}\u{2029}", "赌"]
        {
            assert!(!is_ascii(text), "{text:?}");
        }
    }
}
