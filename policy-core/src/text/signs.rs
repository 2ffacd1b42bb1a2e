//! Signs of hiding: where the stronger foldings are allowed to look at all.
//!
//! Ordinary text must cost little and can't be hit by foldings that it never sees. So this looks at each chunk between
//! blanks for what ordinary words don't have, and hands out the stretches around such chunks.

use std::collections::VecDeque;
use std::ops::Range;

use icu_properties::props::Script;

use super::chars::{Kind, kind, numeric, script};
use super::lookalike::fancy;

/// A stretch is at most about this many bytes; longer ones come in overlapping parts.
const STRETCH: usize = 4096;
/// A chunk without a blank that is longer is cut.
const CHUNK: usize = 1024;
/// From this length on, a chunk may be encoded data.
pub(super) const DATA: usize = 32;

/// Hands out the stretches of a text that show signs of hiding.
pub(super) struct Stretches<'t> {
    shown: &'t str,
    next: usize,
    /// Where the last chunks began.
    recent: VecDeque<usize>,
    /// How many chunks belong to a stretch on each side, where what is around decides.
    around: usize,
    /// How many do, where a chunk speaks for itself: the other words of a phrase.
    phrase: usize,
    open: Option<Open>,
    previous: Chunk,
    /// How many chunks ago an English function word stood.
    english: u32,
}

struct Open {
    range: Range<usize>,
    /// How many chunks more belong to it.
    more: usize,
}

/// What was seen in a chunk.
#[derive(Clone, Copy, Default)]
struct Chunk {
    letters: u32,
    digits: u32,
    script: Option<Script>,
    hiding: bool,
    accents: bool,
}

impl<'t> Stretches<'t> {
    /// `words` is the number of words of the longest phrase that is looked for.
    pub(super) fn new(shown: &'t str, words: usize) -> Self {
        let (around, phrase) = (words.max(2), words.saturating_sub(1));
        Self {
            shown,
            next: 0,
            recent: VecDeque::new(),
            around,
            phrase,
            open: None,
            previous: Chunk::default(),
            english: u32::MAX,
        }
    }

    fn chunk(&mut self) -> Option<(Range<usize>, Chunk)> {
        let bytes = self.shown.as_bytes();
        while bytes.get(self.next).is_some_and(u8::is_ascii_whitespace) {
            self.next += 1;
        }
        let start = self.next;
        let chunk = self.look()?;
        Some((start..self.next, chunk))
    }

    /// Reads one chunk and what hides in it.
    fn look(&mut self) -> Option<Chunk> {
        let bytes = self.shown.as_bytes();
        let start = self.next;
        bytes.get(start)?;
        if let Some((length, letters)) = ordinary(bytes.get(start..).unwrap_or_default()) {
            self.next += length;
            return Some(Chunk { letters, script: Some(Script::Latin), ..Chunk::default() });
        }
        let mut look = Look::default();
        while let Some(&byte) = bytes.get(self.next) {
            if byte.is_ascii() {
                if byte.is_ascii_whitespace() {
                    break;
                }
                look.ascii(byte);
                self.next += 1;
            } else {
                let Some(c) = self.shown.get(self.next..).and_then(|rest| rest.chars().next()) else { break };
                let kind = kind(c);
                if matches!(kind, Kind::Blank | Kind::Paragraph) {
                    if self.next == start {
                        self.next += c.len_utf8();
                    }
                    break;
                }
                look.other(c, kind);
                self.next += c.len_utf8();
            }
            if self.next - start > CHUNK {
                break;
            }
        }
        if self.next - start >= DATA && bytes.get(start..self.next).is_some_and(is_data) {
            return Some(Chunk::default());
        }
        Some(look.chunk())
    }
}

impl Iterator for Stretches<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let Some((range, mut chunk)) = self.chunk() else {
                return self.open.take().map(|open| open.range);
            };
            if (2..=4).contains(&range.len())
                && self.shown.as_bytes().get(range.clone()).is_some_and(is_english)
            {
                self.english = 0;
            } else {
                self.english = self.english.saturating_add(1);
            }
            chunk.hiding |= chunk.accents && self.english < 8;
            let mut need = if chunk.accents { self.around } else { self.phrase };
            if chunk.letters + chunk.digits > 0 {
                let previous = std::mem::replace(&mut self.previous, chunk);
                let spelled = chunk.letters + chunk.digits == 1 && previous.letters + previous.digits == 1;
                let lettered = chunk.letters + previous.letters > 0 || self.open.is_some();
                let strange =
                    matches!((chunk.script, previous.script), (Some(this), Some(that)) if this != that);
                if (spelled && lettered) || strange {
                    chunk.hiding = true;
                    need = self.around;
                }
            }
            let begin = need
                .checked_sub(1)
                .map_or(Some(range.start), |back| self.recent.iter().rev().nth(back).copied());
            let begin = begin.or_else(|| self.recent.front().copied()).unwrap_or(range.start);
            if chunk.letters + chunk.digits > 0 {
                self.recent.push_back(range.start);
                if self.recent.len() > self.around {
                    self.recent.pop_front();
                }
            }
            match &mut self.open {
                Some(open) => {
                    open.range.end = range.end;
                    if chunk.hiding {
                        open.more = open.more.max(need);
                    } else if chunk.letters + chunk.digits > 0 {
                        open.more = open.more.saturating_sub(1);
                    }
                    let full = open.range.len() > STRETCH;
                    if (open.more == 0 && !chunk.hiding) || full {
                        let more = open.more;
                        let done = self.open.take().map(|open| open.range);
                        if more > 0 {
                            self.open = Some(Open { range: begin..range.end, more });
                        }
                        return done;
                    }
                }
                None if chunk.hiding => {
                    self.open = Some(Open { range: begin..range.end, more: need });
                }
                None => {}
            }
        }
    }
}

/// The bytes and letters of a chunk that is but an ASCII word, with punctuation around; most are, and need no closer look.
fn ordinary(bytes: &[u8]) -> Option<(usize, u32)> {
    let (mut letters, mut doubles) = (0, 0);
    let (mut last, mut doubled, mut closed) = (0, false, false);
    for (index, byte) in bytes.iter().take(DATA).enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' if !closed => {
                let letter = byte.to_ascii_lowercase();
                if letter == last {
                    if doubled || doubles == 2 {
                        return None;
                    }
                    doubles += 1;
                }
                doubled = letter == last;
                last = letter;
                letters += 1;
            }
            b'\'' | b'"' => {}
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'(' | b')' | b'-' => closed = letters > 0,
            b' ' | b'\n' | b'\r' | b'\t' => return (letters > 0).then_some((index, letters)),
            _ => return None,
        }
    }
    (letters > 0 && bytes.len() < DATA).then_some((bytes.len(), letters))
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
    hiding: bool,
}

impl Look {
    fn ascii(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                self.hiding |= self.digits > 0 && self.letters == 0;
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
            b'\'' | b'"' => {}
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
                    script if fancy(c).is_some() && self.letters > 0 => self.writing(script),
                    script => self.foreign(script),
                }
                if ('\u{3131}'..='\u{318E}').contains(&c) || ('\u{1100}'..='\u{11FF}').contains(&c) {
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
            Kind::Sign if matches!(c, '€' | '£' | '¥') => {
                self.hiding |= self.letters > 0;
                self.sign = true;
            }
            Kind::Sign | Kind::Clause => self.sign = true,
            Kind::Stop | Kind::Ignorable | Kind::Blank | Kind::Paragraph => {}
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
            hiding: self.hiding,
            accents: self.accents > 0,
        }
    }
}

/// Words that an English text can't do without, and that are rare elsewhere.
fn is_english(chunk: &[u8]) -> bool {
    let mut word = [0; 4];
    for (slot, byte) in word.iter_mut().zip(chunk) {
        *slot = byte.to_ascii_lowercase();
    }
    matches!(
        &word,
        b"the\0" | b"and\0" | b"you\0" | b"your" | b"of\0\0" | b"is\0\0" | b"for\0" | b"with" | b"this" | b"buy\0" | b"best" | b"at\0\0"
    )
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
