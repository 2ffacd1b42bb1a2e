//! Chunks of text between blanks, each looked at once: what word it is, if it is but a word, and whether it shows signs
//! of hiding.

mod data;
mod look;
mod word;

use std::ops::Range;

use icu_properties::props::Script;

use self::look::Look;
use self::word::{Word, is_lead};
use super::ascii;
use super::bloom::hash;
use super::chars::{Kind, kind};

pub(super) use self::data::{DATA, is_data};
pub(super) use self::word::ACCENTED;

/// A chunk without a blank that is longer is cut.
const CHUNK: usize = 1024;
/// Of a word whose first letter is masked, so many letters are left at least.
const LEFT: u32 = 5;

/// A chunk, and what was seen in it.
#[derive(Clone, Default)]
pub(super) struct Chunk {
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// If it is but one ordinary word, with punctuation around: the hash of the word, folded.
    pub(super) word: Option<u64>,
    pub(super) letters: u32,
    pub(super) digits: u32,
    /// The script of all its letters.
    pub(super) script: Option<Script>,
    /// It has what ordinary words don't.
    pub(super) hiding: bool,
    /// It has one accent, which is hiding in an English text.
    pub(super) accents: bool,
    /// The hash of the word without its one accent, or with its doubled letters single.
    pub(super) bare: Option<u64>,
    /// It is a word, and none that people write often.
    pub(super) rare: bool,
    /// With the words around, it resembles a listed word in which letters changed places, or that was cut in two.
    pub(super) slip: bool,
    /// It is a word by which English is known.
    pub(super) english: bool,
    /// It is broken at a line's end.
    pub(super) broken: bool,
}

/// A chunk that shows no sign of hiding by itself, with punctuation around: a word, possibly with an apostrophe in it, or
/// a number. Or the end of a paragraph, without letters and digits.
#[derive(Default)]
pub(super) struct PlainChunk {
    pub(super) start: usize,
    /// If it is but one word: its hash, folded.
    pub(super) word: Option<u64>,
    pub(super) letters: u32,
    pub(super) digits: u32,
    /// As in [`Chunk`].
    pub(super) script: Option<Script>,
    pub(super) accents: bool,
    pub(super) bare: Option<u64>,
    pub(super) rare: bool,
    pub(super) english: bool,
}

impl PlainChunk {
    /// But this word, and what punctuation stands around it.
    #[inline(always)]
    fn of(start: usize, word: &ascii::Word) -> Self {
        Self {
            start,
            word: Some(word.hash),
            letters: word.length as u32,
            digits: 0,
            script: Some(Script::Latin),
            accents: false,
            bare: word.bare,
            rare: word.rare,
            english: word.english,
        }
    }

    /// The same, which is but this word and ends there.
    fn read(self, word: u64, end: usize) -> Chunk {
        Chunk {
            at: self.start..end,
            word: Some(word),
            letters: self.letters,
            digits: 0,
            script: self.script,
            hiding: false,
            accents: self.accents,
            bare: self.bare,
            rare: self.rare,
            slip: false,
            english: self.english,
            // Then it wouldn't be plain.
            broken: false,
        }
    }
}

/// Goes over plain chunks.
pub(super) trait Skim {
    /// Whether a chunk of several words, this among them, need not be read, as far as this word tells.
    fn passes_part(&self, word: u64) -> bool;

    /// Takes a chunk that need not be read; false of one that must be.
    fn pass(&mut self, chunk: &PlainChunk, at: Range<usize>) -> bool;
}

/// The chunks of a text, in order and without gaps other than blanks.
pub(super) struct Chunks<'t> {
    shown: &'t str,
    next: usize,
}

impl<'t> Chunks<'t> {
    /// Whether what was read last ends with a hyphen at the end of its line.
    fn is_broken(&self) -> bool {
        let last = self.next.checked_sub(1).and_then(|last| self.shown.as_bytes().get(last));
        // The soft hyphen's last byte is the last of other characters, too.
        let hyphen = match last {
            Some(b'-') => true,
            Some(0xAD | 0x90) => {
                self.shown.get(..self.next).is_some_and(|read| read.ends_with(['\u{AD}', '\u{2010}']))
            }
            _ => false,
        };
        let rest = self.shown.as_bytes().get(self.next..).unwrap_or_default();
        hyphen && (rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    }

    pub(super) fn new(shown: &'t str) -> Self {
        Self { shown, next: 0 }
    }

    /// Goes over the chunks that come next as long as they are plain, and need not be read. Hands out the one that must
    /// be read, if it was seen to be but a word: it isn't looked at again.
    #[inline]
    pub(super) fn pass_over(&mut self, skim: &mut impl Skim) -> Option<Chunk> {
        let bytes = self.shown.as_bytes();
        let mut start = self.next;
        while let Some(rest) = bytes.get(start..)
            && let Some(first) = rest.first()
        {
            if is_blank(*first) {
                start += 1;
                continue;
            }
            let (chunk, end, passes) = match word(start, rest) {
                Some((chunk, length)) => {
                    let end = start + length;
                    let passes = skim.pass(&chunk, start..end);
                    (chunk, end, passes)
                }
                None => pass_other(start, rest, skim)?,
            };
            if !passes {
                let word = chunk.word?;
                self.next = end;
                return Some(chunk.read(word, end));
            }
            start = end;
            self.next = start;
        }
        None
    }

    /// Reads the chunk that begins at `start`, character by character.
    fn look(&self, start: usize) -> Chunk {
        let mut look = Look::default();
        let rest = self.shown.get(start..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let (mut end, mut line) = (0, None);
        while let Some(&byte) = bytes.get(end).filter(|_| end <= CHUNK) {
            if byte.is_ascii() && look.hides() {
                let most = bytes.len().min(CHUNK + 1);
                match look.count(bytes.get(end..most).unwrap_or_default()) {
                    0 => break,
                    length => end += length,
                }
                continue;
            }
            if byte.is_ascii() {
                // Another of a row of signs says nothing new.
                if line != Some(byte) {
                    if byte.is_ascii_whitespace() {
                        break;
                    }
                    line = matches!(byte, b'-' | b'=' | b'_' | b'.' | b'~').then_some(byte);
                    look.ascii(byte);
                }
                end += 1;
                if byte.is_ascii_alphabetic() {
                    end += look.letters(bytes.get(end..bytes.len().min(CHUNK + 1)).unwrap_or_default());
                }
                continue;
            }
            line = None;
            let Some(c) = rest.get(end..).and_then(|rest| rest.chars().next()) else { break };
            if matches!(c, '\u{4E00}'..='\u{9FFF}') {
                look.ideograph(c);
            } else {
                let kind = kind(c);
                if matches!(kind, Kind::Blank | Kind::Paragraph) {
                    end = if end == 0 { c.len_utf8() } else { end };
                    break;
                }
                look.other(c, kind);
            }
            end += c.len_utf8();
        }
        let at = start..start + end;
        if end >= DATA && rest.as_bytes().get(..end).is_some_and(is_data) {
            return Chunk { at, ..Chunk::default() };
        }
        let mut chunk = Chunk { at, ..look.chunk() };
        // It may stand for the word's first letter.
        chunk.rare |= bytes.first() == Some(&b'*') && chunk.letters >= LEFT && chunk.digits == 0;
        chunk
    }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let rest = self.shown.as_bytes().get(self.next..)?;
        let start = self.next + rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = self.shown.as_bytes().get(start..)?;
        let mut chunk = ordinary(start, rest).unwrap_or_else(|| self.look(start));
        self.next = chunk.at.end;
        chunk.broken = chunk.letters > 0 && self.is_broken();
        Some(chunk)
    }
}

/// U+2029, at which a text's part ends.
pub(super) const PARAGRAPH_END: &[u8] = "\u{2029}".as_bytes();

/// The chunk at the beginning of these bytes, if it is but a word with punctuation around. Most chunks are.
fn ordinary(start: usize, bytes: &[u8]) -> Option<Chunk> {
    let bytes = bytes.get(..DATA).unwrap_or(bytes);
    if bytes.first() == Some(&b'!') {
        return None;
    }
    let opening = edges(bytes);
    let inside = bytes.get(opening..)?;
    // Where it ends, if a word of so many bytes is all.
    let end = |length: usize| {
        let outside = inside.get(length..)?;
        let closing = edges(outside);
        let ends = match outside.get(closing..)? {
            [] => bytes.len() < DATA,
            [byte, ..] if is_blank(*byte) => true,
            rest => rest.starts_with(PARAGRAPH_END),
        };
        ends.then_some(start + opening + length + closing)
    };
    if !inside.first().is_some_and(|first| first.is_ascii_alphabetic() || is_lead(*first)) {
        return None;
    }
    let Some(word) = ascii::word(inside) else {
        let (word, length) = Word::read(inside)?;
        return Some(word.chunk(start..end(length)?));
    };
    // What isn't ASCII may go on with it.
    let Some(end) = end(word.length) else {
        inside.get(word.length).filter(|next| is_lead(**next))?;
        let (word, length) = Word::read(inside)?;
        return Some(word.chunk(start..end(length)?));
    };
    Some(Chunk {
        at: start..end,
        word: Some(word.hash),
        letters: u32::try_from(word.length).unwrap_or(u32::MAX),
        digits: 0,
        script: Some(Script::Latin),
        hiding: false,
        accents: false,
        bare: word.bare,
        rare: word.rare,
        slip: false,
        english: word.english,
        broken: false,
    })
}

/// The plain chunk that the bytes begin with, if it is one, where it ends, and whether it was gone over.
#[inline(never)]
fn pass_other(start: usize, bytes: &[u8], skim: &mut impl Skim) -> Option<(PlainChunk, usize, bool)> {
    let (chunk, length) = match plain(start, bytes, skim) {
        Some(plain) => plain,
        None if bytes.starts_with(PARAGRAPH_END) => {
            (PlainChunk { start, ..PlainChunk::default() }, PARAGRAPH_END.len())
        }
        None => return None,
    };
    let end = start + length;
    let passes = skim.pass(&chunk, start..end);
    Some((chunk, end, passes))
}

/// The word of ASCII that the bytes begin with, if it is all of a plain chunk but for what punctuation is behind it, and how
/// many bytes that is. Nearly all chunks are.
#[inline(always)]
fn word(start: usize, bytes: &[u8]) -> Option<(PlainChunk, usize)> {
    let word = ascii::word_here(bytes)?;
    let length = closed(bytes, word.length)?;
    Some((PlainChunk::of(start, &word), length))
}

/// The plain chunk that the bytes begin with, if it is one, and how many bytes it is. If it is several words, none of them
/// must be read.
fn plain(start: usize, bytes: &[u8], skim: &impl Skim) -> Option<(PlainChunk, usize)> {
    let opening = match bytes.first() {
        // Each can stand for a letter, or for the other half of a broken word.
        Some(b'!' | b'-') => return None,
        Some(byte) if byte.is_ascii_alphabetic() => 0,
        _ => edges(bytes),
    };
    let inside = bytes.get(opening..)?;
    let word = ascii::word(inside);
    let mut length = word.as_ref().map_or(0, |word| word.length);
    let mut chunk = PlainChunk { start, script: Some(Script::Latin), ..PlainChunk::default() };
    let next = inside.get(length);
    match (word, next) {
        (_, Some(&next)) if is_lead(next) => {
            let (word, bytes) = Word::read(inside)?;
            chunk.word = Some(word.hash());
            (chunk.letters, chunk.script, chunk.accents) = (word.letters, word.script(), word.accents > 0);
            (chunk.bare, chunk.rare) = (word.bare(), word.is_rare());
            length = bytes;
        }
        (Some(word), Some(b'\'')) if inside.get(length + 1).is_some_and(u8::is_ascii_alphabetic) => {
            let both = ascii::contraction(inside, &word)?;
            let (before, behind) = (bytes.get(..opening)?, inside.get(both.length..)?);
            let around = before.iter().chain(behind.get(..edges(behind))?);
            let quotes = around.filter(|byte| matches!(byte, b'\'' | b'"')).count();
            // A closer look would find signs of hiding.
            let passes = |word| skim.passes_part(word);
            if quotes > 1 || before.contains(&b'!') || !both.hashes.into_iter().all(passes) {
                return None;
            }
            (chunk.letters, length) = (both.length as u32 - 1, both.length);
        }
        (Some(word), _) => chunk = PlainChunk::of(start, &word),
        (None, Some(_)) => {
            (chunk.digits, length) = numbers(inside, skim)?;
            chunk.script = None;
        }
        (None, None) => return None,
    }
    Some((chunk, closed(bytes, opening + length)?))
}

/// Where a plain chunk ends whose word or number ends there, with the punctuation behind it.
#[inline]
fn closed(bytes: &[u8], end: usize) -> Option<usize> {
    let mut length = end;
    if !ends(bytes, length) {
        length += edges(bytes.get(length..)?);
        let broken = bytes.get(length - 1) == Some(&b'-');
        if broken || !ends(bytes, length) {
            return None;
        }
    }
    (length < DATA).then_some(length)
}

/// Whether a chunk ends here.
fn ends(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..) {
        Some([byte, ..]) if is_blank(*byte) => true,
        Some(rest) => rest.is_empty() || rest.starts_with(PARAGRAPH_END),
        None => true,
    }
}

/// How many digits the bytes begin with, with punctuation around and between, and how many bytes they are.
fn numbers(bytes: &[u8], skim: &impl Skim) -> Option<(u32, usize)> {
    let (mut digits, mut end) = (0, 0);
    let mut begin = None;
    for (index, byte) in bytes.iter().take(DATA).enumerate() {
        let next = bytes.get(index + 1);
        if byte.is_ascii_digit() {
            digits += 1;
            let start = *begin.get_or_insert(index);
            // UAX 29 WB11, WB12: `3.14` and `1,000` are one.
            let joins =
                matches!(next, Some(b'.' | b',')) && bytes.get(index + 2).is_some_and(u8::is_ascii_digit);
            if !joins && !next.is_some_and(u8::is_ascii_digit) {
                if !skim.passes_part(hash(bytes.get(start..=index)?)) {
                    return None;
                }
                begin = None;
            }
        } else if !is_edge(*byte) {
            break;
        }
        end = index + 1;
    }
    (digits > 0).then_some((digits, end))
}

/// How many marks of punctuation that stands around words these bytes begin with.
fn edges(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !is_edge(*byte)).unwrap_or(bytes.len())
}

const EDGE: u8 = 1;
const BLANK: u8 = 1 << 1;

/// What each byte is between words.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static BETWEEN: [u8; 256] = {
    let mut between = [0; 256];
    let mut byte = 0;
    while byte < between.len() {
        between[byte] = match byte as u8 {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'(' | b')' | b'-' | b'"' | b'\'' => EDGE,
            b' ' | b'\n' | b'\r' | b'\t' => BLANK,
            _ => 0,
        };
        byte += 1;
    }
    between
};

/// Punctuation that stands around words.
fn is_edge(byte: u8) -> bool {
    BETWEEN.get(usize::from(byte)).is_some_and(|between| *between == EDGE)
}

fn is_blank(byte: u8) -> bool {
    BETWEEN.get(usize::from(byte)).is_some_and(|between| *between == BLANK)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes every second chunk.
    #[derive(Default)]
    struct Taken {
        seen: usize,
        chunks: Vec<(Range<usize>, PlainChunk)>,
    }

    impl Skim for Taken {
        fn passes_part(&self, _: u64) -> bool {
            true
        }

        fn pass(&mut self, chunk: &PlainChunk, at: Range<usize>) -> bool {
            self.seen += 1;
            let passes = self.seen.is_multiple_of(2);
            if passes {
                self.chunks.push((at, PlainChunk { ..*chunk }));
            }
            passes
        }
    }

    fn what(at: &Range<usize>, chunk: &Chunk) -> impl PartialEq + std::fmt::Debug {
        let Chunk { word, letters, digits, script, accents, bare, english, .. } = *chunk;
        (at.clone(), word, letters, digits, script, accents, bare, english)
    }

    proptest! {
        #[test]
        fn what_is_gone_over_is_seen_as_what_is_read(
            pieces in proptest::collection::vec(
                prop::sample::select(&[
                    "the", "Word", "lettter", "Letter", "sécher", "привет", " ", " ", "\n", "\u{2029}", ".", ",", "(", "-",
                    "!", "'", "3.14", "12", "don't", "I", "xI", "a@b", "\u{ad}", "http://",
                ][..]),
                0..40,
            ),
        ) {
            let text = pieces.concat();
            let read: Vec<_> = Chunks::new(&text).collect();
            let (mut chunks, mut taken) = (Chunks::new(&text), Taken::default());
            let mut found = Vec::new();
            while let Some(chunk) = chunks.pass_over(&mut taken).or_else(|| chunks.next()) {
                for (at, plain) in taken.chunks.drain(..) {
                    let word = plain.word;
                    found.push(Chunk { word, digits: plain.digits, ..plain.read(0, at.end) });
                }
                found.push(chunk);
            }
            found.extend(taken.chunks.drain(..).map(|(at, plain)| {
                let (word, digits) = (plain.word, plain.digits);
                Chunk { word, digits, ..plain.read(0, at.end) }
            }));
            prop_assert_eq!(found.len(), read.len());
            for (one, other) in found.iter().zip(&read) {
                prop_assert_eq!(what(&one.at, one), what(&other.at, other));
            }
        }
    }
}
