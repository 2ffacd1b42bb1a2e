//! Chunks of text between blanks, each looked at once: what word it is, if it is but a word, and whether it shows signs
//! of hiding.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::props::Script;

use super::chars::{Kind, Writing, kind, numeric, script, writing};
use super::firsts::hash;
use super::lookalike::fancy;
use super::plain::fold_phrase;

/// A chunk without a blank that is longer is cut.
const CHUNK: usize = 1024;
/// From this length on, a chunk may be encoded data.
pub(super) const DATA: usize = 32;

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
    /// It is a word by which English is known.
    pub(super) english: bool,
    /// It is broken at a line's end.
    pub(super) broken: bool,
}

/// The chunks of a text, in order and without gaps other than blanks.
pub(super) struct Chunks<'t> {
    shown: &'t str,
    next: usize,
}

impl<'t> Chunks<'t> {
    /// Whether what was read last ends with a hyphen at the end of its line.
    fn is_broken(&self) -> bool {
        let hyphen = self.next.checked_sub(1).and_then(|last| self.shown.as_bytes().get(last)) == Some(&b'-');
        let rest = self.shown.as_bytes().get(self.next..).unwrap_or_default();
        hyphen && (rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
    }

    pub(super) fn new(shown: &'t str) -> Self {
        Self { shown, next: 0 }
    }

    /// Reads the chunk that begins at `start`, character by character.
    fn look(&self, start: usize) -> Chunk {
        let mut look = Look::default();
        let rest = self.shown.get(start..).unwrap_or_default();
        let mut end = rest.len();
        for (offset, c) in rest.char_indices() {
            if offset > CHUNK {
                end = offset;
                break;
            }
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
    folded: [u8; 6],
    length: u8,
    script: Script,
}

/// What the letters of the alphabets up to Arabic fold to; `None` for all that needs a closer look.
static ORDINARY: LazyLock<Vec<Option<Ordinary>>> =
    LazyLock::new(|| (0..0x700).map(|code| char::from_u32(code).and_then(find_ordinary)).collect());

fn find_ordinary(c: char) -> Option<Ordinary> {
    let alphabet = matches!(
        script(c),
        Script::Latin | Script::Greek | Script::Cyrillic | Script::Armenian | Script::Hebrew | Script::Arabic
    );
    let letter = kind(c) == Kind::Word && c.is_alphabetic() && writing(c) == Some(Writing::Spaced);
    let strange = c == 'ı' || fancy(c).is_some() || ('\u{180}'..='\u{2AF}').contains(&c);
    if !alphabet || !letter || strange || kind(c) != Kind::Word {
        return None;
    }
    let typed = fold_phrase(c.encode_utf8(&mut [0; 4]));
    let mut folded = [0; 6];
    folded.get_mut(..typed.len())?.copy_from_slice(typed.as_bytes());
    let length = u8::try_from(typed.len()).ok().filter(|length| *length > 0)?;
    Some(Ordinary { folded, length, script: script(c) })
}

/// The chunk at the beginning of these bytes, if it is but a word with punctuation around. Most chunks are.
fn ordinary(start: usize, bytes: &[u8]) -> Option<Chunk> {
    let bytes = bytes.get(..DATA).unwrap_or(bytes);
    let opening = bytes.iter().take_while(|byte| is_edge(**byte)).count();
    let inside = bytes.get(opening..)?;
    let (word, length) = Word::read(inside)?;
    let outside = inside.get(length..)?;
    let closing = outside.iter().take_while(|byte| is_edge(**byte)).count();
    let ends = match outside.get(closing) {
        Some(byte) => matches!(byte, b' ' | b'\n' | b'\r' | b'\t'),
        None => bytes.len() < DATA,
    };
    ends.then(|| word.chunk(start..start + opening + length + closing)).flatten()
}

/// Punctuation that stands around words.
fn is_edge(byte: u8) -> bool {
    matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'(' | b')' | b'-' | b'"' | b'\'')
}

/// A word of ordinary letters.
struct Word {
    folded: [u8; 2 * DATA],
    length: usize,
    letters: u32,
    accents: u32,
    script: Option<Script>,
}

impl Word {
    /// Reads the letters that the bytes begin with, and tells how many bytes they are; `None` if a closer look is
    /// needed.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut word = Self { folded: [0; 2 * DATA], length: 0, letters: 0, accents: 0, script: None };
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
                word.alphabetic(u32::from(byte & 0x1F) << 6 | u32::from(bytes.get(index - 1)? & 0x3F))?
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

    fn alphabetic(&mut self, code: u32) -> Option<u32> {
        let letter = ORDINARY.get(code as usize)?.as_ref()?;
        if self.script.replace(letter.script).is_some_and(|script| script != letter.script) {
            return None;
        }
        let long = usize::from(letter.length);
        self.folded.get_mut(self.length..self.length + long)?.copy_from_slice(letter.folded.get(..long)?);
        self.length += long;
        self.accents += u32::from(letter.script == Script::Latin);
        Some(code)
    }

    fn chunk(&self, at: Range<usize>) -> Option<Chunk> {
        let folded = self.folded.get(..self.length)?;
        // Arabic and Hebrew pass for no other script.
        let script = self.script.filter(|script| !matches!(*script, Script::Arabic | Script::Hebrew));
        Some(Chunk {
            at,
            word: Some(hash(folded)),
            letters: self.letters,
            digits: 0,
            script,
            hiding: false,
            accents: self.accents > 0,
            english: is_english(folded),
            broken: false,
        })
    }
}

/// Words that an English text can't do without, and that are rare elsewhere.
fn is_english(word: &[u8]) -> bool {
    matches!(
        word,
        b"the"
            | b"and"
            | b"you"
            | b"your"
            | b"of"
            | b"is"
            | b"for"
            | b"with"
            | b"this"
            | b"buy"
            | b"best"
            | b"at"
    )
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
                self.hiding |= self.quotes > 2 && self.letters > 1;
            }
            // Letters are drawn with these.
            b'|' | b'\\' => {
                self.drawn = true;
                self.sign = true;
            }
            b'$' | b'@' => {
                self.hiding = true;
                self.sign = true;
            }
            _ => self.sign = true,
        }
    }

    fn letter(&mut self, letter: char) {
        self.letters += 1;
        self.hiding |= self.sign && (self.after_letter || self.digits > 0);
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
                self.letter(c);
                match script(c) {
                    Script::Latin => {
                        self.accents += 1;
                        self.hiding |= self.accents >= 2
                            || c == 'ı'
                            || fancy(c).is_some()
                            || ('\u{180}'..='\u{2AF}').contains(&c);
                        self.writing(Script::Latin);
                    }
                    script @ (Script::Greek
                    | Script::Cyrillic
                    | Script::Armenian
                    | Script::Cherokee
                    | Script::Lisu) => {
                        self.writing(script);
                    }
                    // Mathematical, boxed letters: the plain folding knows them.
                    Script::Common | Script::Inherited => {}
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
            Kind::Sign if matches!(c, '’' | '‘' | '“' | '”' | '´' | '״' | '׳') => {}
            Kind::Sign if matches!(c, '€' | '£' | '¥' | '¢') => {
                self.hiding |= self.letters > 0;
                self.drawn = c == '¢';
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

    fn chunk(self) -> Chunk {
        let script = match self.scripts {
            [Some(script), None] => Some(script),
            _ => None,
        };
        Chunk {
            letters: self.letters,
            digits: self.digits,
            script,
            hiding: self.hiding || (self.drawn && self.letters > 1),
            accents: self.accents > 0,
            ..Chunk::default()
        }
    }
}

/// Whether this is base64 or the like (keys, signatures, tokens): only its alphabet, and upper case, lower case and
/// digits changing places far more often than in words.
pub(super) fn is_data(chunk: &[u8]) -> bool {
    let mut changes = 0_usize;
    let mut signs = 0_usize;
    let mut last = None;
    for byte in chunk {
        let class = match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b'+' | b'/' | b'=' | b'-' | b'_' => {
                signs += 1;
                continue;
            }
            _ => return false,
        };
        changes += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
    }
    changes * 10 > chunk.len() * 3 && signs * 8 < chunk.len()
}
