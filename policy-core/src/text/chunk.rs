//! Chunks of text between blanks, each looked at once: what word it is, if it is but a word, and whether it shows signs
//! of hiding.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::props::Script;
use unicode_normalization::UnicodeNormalization;

use super::accented::{alike, without_stroke};
use super::ascii;
use super::bloom::{Hasher, hash};
use super::chars::{Kind, Writing, kind, numeric, script, writing};
use super::lookalike::{fancy, is_odd_latin};
use super::plain::fold_phrase;
use super::units::LETTERS_BEFORE_PLUS;

/// A chunk without a blank that is longer is cut.
const CHUNK: usize = 1024;
/// From this length on, a chunk may be encoded data.
pub(super) const DATA: usize = 32;

/// Of how many different signs, beside those in addresses of pages, a raw code has at least.
const SIGNS: u32 = 6;

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
    /// The hash of the word without its one accent, or with its one doubled vowel single.
    pub(super) bare: Option<u64>,
    /// It is a word by which English is known.
    pub(super) english: bool,
    /// It is broken at a line's end.
    pub(super) broken: bool,
}

/// A chunk that shows no sign of hiding by itself, with punctuation around: a word, possibly with an apostrophe in it, or
/// a number.
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
    pub(super) english: bool,
}

/// Goes over plain chunks.
pub(super) trait Skim {
    /// Whether a chunk that is but the word with this hash need not be read.
    fn passes_word(&self, word: u64) -> bool;

    /// Whether a chunk of several words, this among them, need not be read, as far as this word tells.
    fn passes_part(&self, word: u64) -> bool;

    /// Takes a chunk that need not be read, and tells whether it may be gone over.
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
            Some(0xAD) => self.shown.get(..self.next).is_some_and(|read| read.ends_with('\u{AD}')),
            _ => false,
        };
        let rest = self.shown.as_bytes().get(self.next..).unwrap_or_default();
        hyphen && (rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    }

    pub(super) fn new(shown: &'t str) -> Self {
        Self { shown, next: 0 }
    }

    /// Goes over the chunks that come next as long as they are plain ASCII, and need not be read.
    #[inline]
    pub(super) fn pass_over(&mut self, skim: &mut impl Skim) {
        let bytes = self.shown.as_bytes();
        let mut start = self.next;
        while let Some(rest) = bytes.get(start..)
            && let Some(first) = rest.first()
        {
            if is_blank(*first) {
                start += 1;
                continue;
            }
            let Some((chunk, length)) = plain(start, rest, skim) else { break };
            if chunk.word.is_some_and(|word| !skim.passes_word(word))
                || !skim.pass(&chunk, start..start + length)
            {
                break;
            }
            start += length;
            self.next = start;
        }
    }

    /// Reads the chunk that begins at `start`, character by character.
    fn look(&self, start: usize) -> Chunk {
        let mut look = Look::default();
        let rest = self.shown.get(start..).unwrap_or_default();
        let mut end = rest.len();
        let mut line = None;
        for (offset, c) in rest.char_indices() {
            if offset > CHUNK {
                end = offset;
                break;
            }
            // Another of a row of signs says nothing new.
            if line == Some(c) {
                continue;
            }
            line = matches!(c, '-' | '=' | '_' | '.' | '~').then_some(c);
            if c.is_ascii() {
                if c.is_ascii_whitespace() {
                    end = offset;
                    break;
                }
                look.ascii(c as u8);
            } else if matches!(c, '\u{4E00}'..='\u{9FFF}') {
                look.ideograph(c);
            } else {
                let kind = kind(c);
                if matches!(kind, Kind::Blank | Kind::Paragraph) {
                    end = if offset == 0 { c.len_utf8() } else { offset };
                    break;
                }
                look.other(c, kind);
            }
        }
        let at = start..start + end;
        if end >= DATA && rest.as_bytes().get(..end).is_some_and(is_data) {
            return Chunk { at, ..Chunk::default() };
        }
        Chunk { at, ..look.chunk() }
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

/// A letter that makes no word suspicious, and always folds to the same.
struct Ordinary {
    /// Zeros behind it.
    folded: [u8; LETTER],
    length: u8,
    script: Script,
    /// The letter of ASCII that it is but for a mark or stroke.
    base: Option<u8>,
}

/// A shorter word is another with an accent.
pub(super) const ACCENTED: u32 = 4;

/// So many bytes a letter folds to at most.
const LETTER: usize = 8;

/// What the letters of the alphabets up to Arabic fold to; `None` for all that needs a closer look.
static ORDINARY: LazyLock<Vec<Option<Ordinary>>> =
    LazyLock::new(|| (0..0x700).map(|code| char::from_u32(code).and_then(find_ordinary)).collect());

fn find_ordinary(c: char) -> Option<Ordinary> {
    let alphabet = matches!(
        script(c),
        Script::Latin | Script::Greek | Script::Cyrillic | Script::Armenian | Script::Hebrew | Script::Arabic
    );
    let letter = kind(c) == Kind::Word && c.is_alphabetic() && writing(c) == Some(Writing::Spaced);
    let strange = c == 'ı' || is_odd_latin(c);
    if !alphabet || !letter || strange || kind(c) != Kind::Word {
        return None;
    }
    let typed = alike(&fold_phrase(c.encode_utf8(&mut [0; 4])));
    let mut folded = [0; LETTER];
    folded.get_mut(..typed.len())?.copy_from_slice(typed.as_bytes());
    let length = u8::try_from(typed.len()).ok().filter(|length| *length > 0)?;
    Some(Ordinary { folded, length, script: script(c), base: base(c) })
}

/// The letter of ASCII that it is but for a mark or stroke.
fn base(c: char) -> Option<u8> {
    let letter = match c {
        'ø' | 'Ø' => 'o',
        'æ' | 'Æ' => 'a',
        _ => without_stroke(c.nfd().next()?.to_ascii_lowercase()),
    };
    u8::try_from(letter).ok().filter(u8::is_ascii_alphabetic)
}

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
        let ends = match outside.get(closing) {
            Some(byte) => is_blank(*byte),
            None => bytes.len() < DATA,
        };
        ends.then_some(start + opening + length + closing)
    };
    let Some(word) = ascii::word(inside) else {
        let (word, length) = Word::read(inside)?;
        return Some(word.chunk(start..end(length)?));
    };
    // What isn't ASCII may go on with it.
    let Some(end) = end(word.length) else {
        let (word, length) = Word::read(inside).filter(|(_, length)| *length > word.length)?;
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
        english: word.english,
        broken: false,
    })
}

/// The plain chunk that the bytes begin with, if it is one, and how many bytes it is. If it is several words, none of them
/// must be read.
#[inline]
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
        (_, Some(0xC3..=0xDB)) => {
            let (word, bytes) = Word::read(inside)?;
            chunk.word = Some(word.hash());
            (chunk.letters, chunk.script, chunk.accents) = (word.letters, word.script(), word.accents > 0);
            chunk.bare = word.bare();
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
        (Some(word), _) => {
            (chunk.word, chunk.bare) = (Some(word.hash), word.bare);
            (chunk.letters, chunk.english) = (word.length as u32, word.english);
        }
        (None, Some(_)) => {
            (chunk.digits, length) = numbers(inside, skim)?;
            chunk.script = None;
        }
        (None, None) => return None,
    }
    let mut length = opening + length;
    if !bytes.get(length).is_none_or(|byte| is_blank(*byte)) {
        length += edges(bytes.get(length..)?);
        let broken = bytes.get(length - 1) == Some(&b'-');
        if broken || !bytes.get(length).is_none_or(|byte| is_blank(*byte)) {
            return None;
        }
    }
    (length < DATA).then_some((chunk, length))
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

/// A word of ordinary letters.
struct Word {
    /// Zeros behind it.
    folded: [u8; 2 * DATA + LETTER],
    length: usize,
    letters: u32,
    accents: u32,
    /// Where the last accented letter stands in `folded`, how many bytes it is there, and what it is without its accent.
    accent: Option<(usize, u8, u8)>,
    script: Option<Script>,
}

impl Word {
    /// Reads the letters that the bytes begin with, and tells how many bytes they are; `None` if a closer look is
    /// needed.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut word = Self {
            folded: [0; 2 * DATA + LETTER],
            length: 0,
            letters: 0,
            accents: 0,
            accent: None,
            script: None,
        };
        let alphabets = ORDINARY.as_slice();
        let (mut index, mut ascii) = (0, false);
        let (mut last, mut doubled, mut doubles) = (0, false, 0);
        while let Some(&byte) = bytes.get(index) {
            let lower = byte | 0x20;
            let letter = if lower.is_ascii_lowercase() {
                let before = index.checked_sub(1).and_then(|before| bytes.get(before));
                if byte == b'I' && before.is_some_and(u8::is_ascii_lowercase) {
                    return None;
                }
                *word.folded.get_mut(word.length)? = lower;
                word.length += 1;
                index += 1;
                ascii = true;
                u32::from(lower)
            } else if (0xC3..=0xDB).contains(&byte) {
                // Two bytes (RFC 3629 section 3).
                index += 2;
                let code = u32::from(byte & 0x1F) << 6 | u32::from(bytes.get(index - 1)? & 0x3F);
                word.alphabetic(alphabets.get(code as usize)?.as_ref()?)?;
                code
            } else {
                break;
            };
            if letter == last {
                doubles += 1;
                if doubled || doubles == 3 {
                    return None;
                }
                doubled = true;
            } else {
                doubled = false;
                last = letter;
            }
            word.letters += 1;
        }
        if ascii && word.script.replace(Script::Latin).is_some_and(|script| script != Script::Latin) {
            return None;
        }
        (word.letters > 0 && word.accents < 2).then_some((word, index))
    }

    fn alphabetic(&mut self, letter: &Ordinary) -> Option<()> {
        if self.script.replace(letter.script).is_some_and(|script| script != letter.script) {
            return None;
        }
        *self.folded.get_mut(self.length..)?.first_chunk_mut()? = letter.folded;
        self.accent = letter.base.map(|base| (self.length, letter.length, base));
        self.length += usize::from(letter.length);
        self.accents += u32::from(letter.script == Script::Latin);
        Some(())
    }

    fn hash(&self) -> u64 {
        let mut hasher = Hasher::default();
        for eight in self.folded.as_chunks().0.iter().take(self.length.div_ceil(8)) {
            hasher.eight(u64::from_le_bytes(*eight));
        }
        hasher.finish(self.length)
    }

    /// The hash of the word without its accent.
    fn bare(&self) -> Option<u64> {
        let (at, length, base) = self.accent.filter(|_| self.accents == 1 && self.letters >= ACCENTED)?;
        let before = self.folded.get(..at)?;
        let behind = self.folded.get(at + usize::from(length)..self.length)?;
        Some(hash(&[before, &[base], behind].concat()))
    }

    /// The script of a word that passes for one of another; Arabic and Hebrew pass for no other script.
    fn script(&self) -> Option<Script> {
        self.script.filter(|script| !matches!(*script, Script::Arabic | Script::Hebrew))
    }

    fn chunk(&self, at: Range<usize>) -> Chunk {
        Chunk {
            at,
            word: Some(self.hash()),
            letters: self.letters,
            digits: 0,
            script: self.script(),
            hiding: false,
            accents: self.accents > 0,
            bare: self.bare(),
            english: false,
            broken: false,
        }
    }
}

/// What is noticed within a chunk, character by character.
#[derive(Default)]
struct Look {
    letters: u32,
    digits: u32,
    last: char,
    repeated: u32,
    doubles: u32,
    accents: u32,
    /// Since the last letter: a sign that ordinary words don't have.
    sign: bool,
    after_letter: bool,
    scripts: [Option<Script>; 2],
    /// The last letter was a small one.
    small: bool,
    quotes: u32,
    /// How many letters stood before the last quotation mark.
    quoted: u32,
    /// How many asterisks or hashes stand behind its last letter.
    behind: u32,
    /// Since its beginning: a sign that may be its first letter.
    opened: bool,
    drawn: bool,
    hiding: bool,
}

impl Look {
    fn ascii(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                self.hiding |= self.digits > 0 && self.letters == 0;
                // Among small letters it is taken for an l.
                self.hiding |= byte == b'I' && self.small;
                self.small = byte.is_ascii_lowercase();
                self.letter(byte.to_ascii_lowercase() as char);
                if self.scripts.first() != Some(&Some(Script::Latin)) {
                    self.writing(Script::Latin);
                }
            }
            b'0'..=b'9' => {
                self.hiding |= self.letters > 0;
                self.digits += 1;
                self.hiding |= self.sign && self.after_letter;
                self.sign = false;
            }
            b'\'' | b'"' => {
                self.quotes += 1;
                self.quoted = self.letters;
                self.hiding |= self.quotes > 2 && self.letters > 1;
                // Nothing is contracted with it.
                self.sign |= byte == b'"';
            }
            // `!diot`.
            b'!' if self.letters + self.digits == 0 => self.opened = true,
            // Letters are drawn with these.
            b'|' | b'\\' => {
                self.drawn = true;
                self.sign = true;
            }
            b'$' | b'@' => {
                self.hiding = true;
                self.sign = true;
            }
            // It may be a word's last letter.
            b'+' => {
                self.drawn |= self.letters >= LETTERS_BEFORE_PLUS as u32;
                self.sign = true;
            }
            // The end of a word may be masked with them.
            b'*' | b'#' => {
                self.sign = true;
                self.behind += 1;
            }
            _ => self.sign = true,
        }
    }

    fn letter(&mut self, letter: char) {
        self.letters += 1;
        self.hiding |= self.opened || (self.sign && (self.after_letter || self.digits > 0));
        if letter == self.last && !self.sign {
            self.repeated += 1;
            match self.repeated {
                1 => self.doubles += 1,
                _ => self.hiding = true,
            }
            self.hiding |= self.doubles >= 3;
        } else {
            self.repeated = 0;
        }
        self.last = letter;
        self.sign = false;
        self.behind = 0;
        self.after_letter = true;
    }

    fn writing(&mut self, script: Script) {
        match &mut self.scripts {
            [None, _] => self.scripts = [Some(script), None],
            [Some(first), _] if *first == script => {}
            [_, second] => {
                *second = Some(script);
                self.hiding |= true;
            }
        }
    }

    fn other(&mut self, c: char, kind: Kind) {
        match kind {
            Kind::Word => {
                if numeric(c) {
                    self.hiding |= self.letters > 0;
                    self.digits += 1;
                    return;
                }
                self.hiding |= self.digits > 0 && self.letters == 0;
                self.small = c.is_lowercase();
                self.letter(c);
                match script(c) {
                    Script::Latin => {
                        self.accents += 1;
                        self.hiding |= self.accents >= 2 || c == 'ı' || is_odd_latin(c);
                        self.writing(Script::Latin);
                    }
                    script @ (Script::Greek
                    | Script::Cyrillic
                    | Script::Armenian
                    | Script::Cherokee
                    | Script::Lisu) => {
                        self.hiding |= matches!(script, Script::Cherokee | Script::Lisu);
                        self.writing(script);
                    }
                    // Mathematical, boxed letters: the plain folding knows them.
                    Script::Common | Script::Inherited => {}
                    // Whole words of them are Latin in disguise more often than what they are.
                    Script::CanadianAboriginal | Script::Coptic | Script::Deseret | Script::Runic => {
                        self.hiding = true;
                    }
                    script if self.scripts == [Some(Script::Latin), None] && fancy(c).is_some() => {
                        self.writing(script);
                    }
                    script => self.foreign(script),
                }
                if matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{FFA0}'..='\u{FFDC}') {
                    self.hiding = true;
                }
            }
            Kind::Mark => {
                self.hiding |= ('\u{300}'..='\u{36F}').contains(&c)
                    || ('\u{1AB0}'..='\u{1AFF}').contains(&c)
                    || ('\u{20D0}'..='\u{20F0}').contains(&c);
            }
            Kind::Sign if ('\u{1F1E6}'..='\u{1F1FF}').contains(&c) => {
                self.letter(c);
                self.hiding = true;
            }
            Kind::Sign if matches!(c, '’' | '‘' | '“' | '”' | '´' | '״' | '׳') => {
                self.quoted = self.letters;
            }
            Kind::Sign if matches!(c, '€' | '£' | '¥' | '¢') => {
                self.hiding |= self.letters > 0;
                self.drawn = c == '¢';
                self.opened = self.digits == 0;
                self.sign = true;
            }
            Kind::Sign | Kind::Clause => self.sign = true,
            Kind::Stop | Kind::Ignorable | Kind::Blank | Kind::Paragraph => {}
        }
    }

    /// The most frequent letters of Chinese and Japanese; there, mixed writing and numbers are ordinary.
    fn ideograph(&mut self, c: char) {
        self.hiding |= self.digits > 0 && self.letters == 0;
        self.letter(c);
        match self.scripts {
            [None, _] => {}
            [Some(Script::Latin), None] if fancy(c).is_some() => self.writing(Script::Han),
            _ => self.foreign(Script::Han),
        }
    }

    /// A script that passes for no other: mixing it with Latin is ordinary in East Asia.
    fn foreign(&mut self, script: Script) {
        if let [Some(Script::Cyrillic | Script::Greek), _] = self.scripts {
            self.writing(script);
        }
    }

    /// Whether a quotation mark stands deeper in it than in contractions: `bas'tard`.
    fn cut_by_quote(&self) -> bool {
        self.quoted >= 3 && self.letters - self.quoted >= 3
    }

    fn chunk(self) -> Chunk {
        let script = match self.scripts {
            [Some(script), None] => Some(script),
            _ => None,
        };
        Chunk {
            letters: self.letters,
            digits: self.digits,
            script,
            hiding: self.hiding
                || (self.drawn && self.letters > 1)
                || (self.behind > 1 && self.letters > 2)
                || self.cut_by_quote(),
            accents: self.accents > 0,
            ..Chunk::default()
        }
    }
}

/// Whether this is base64 or the like (keys, signatures, tokens), or another code that is shown raw (ISO-2022-JP without
/// its escapes): upper case, lower case and digits changing places far more often than in words, and either only base64's
/// alphabet, or so many different signs as stand in no address of a page.
pub(super) fn is_data(chunk: &[u8]) -> bool {
    let mut changes = 0_usize;
    let mut signs = 0_usize;
    let mut last = None;
    let mut others = 0_u128;
    for byte in chunk {
        let class = match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b'+' | b'/' | b'=' | b'-' | b'_' => {
                signs += 1;
                continue;
            }
            // In addresses of pages.
            b':' | b'.' | b'?' | b'&' | b'#' | b'%' | b',' | b'~' | b'@' | b'!' => {
                others |= 1;
                continue;
            }
            // With the escape of ISO 2022.
            0x1B | 0x21..=0x7E => {
                others |= 1 << byte;
                continue;
            }
            _ => return false,
        };
        changes += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
    }
    let alphabet = others == 0 && signs * 8 < chunk.len();
    changes * 10 > chunk.len() * 3 && (alphabet || (others >> 1).count_ones() >= SIGNS)
}
