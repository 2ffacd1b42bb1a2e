//! What a chunk shows that is not just a word, character by character.

use icu_properties::props::Script;

use super::super::ascii;
use super::super::chars::{Kind, is_odd_cyrillic, numeric, script, simple};
use super::super::drawn::LETTERS_BEFORE_PLUS;
use super::super::lookalike::{fancy, is_odd_latin, is_styled};
use super::Chunk;

/// A chunk of so many letters that is no ordinary word may be one again and again.
const LONG: u32 = 8;

/// Behind so many letters an asterisk may mask another one.
const STARRED: u32 = 5;

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const END: u8 = 4;

/// What each byte counts for.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static COUNTED: [u8; 256] = {
    let mut counted = [0; 256];
    let mut byte = 0;
    while byte < counted.len() {
        counted[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            byte if !byte.is_ascii() || byte.is_ascii_whitespace() => END,
            _ => 0,
        };
        byte += 1;
    }
    counted
};

/// What is noticed within a chunk, character by character.
#[derive(Default)]
pub(super) struct Look {
    letters: u32,
    digits: u32,
    last: char,
    /// The last mark since the last letter.
    mark: char,
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
    /// It begins with an asterisk.
    starred: bool,
    /// Since its beginning: a sign that may be its first letter.
    opened: bool,
    drawn: bool,
    hiding: bool,
}

impl Look {
    pub(super) fn ascii(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                self.hiding |= self.digits > 0 && self.letters == 0;
                // Among small letters it is taken for an l.
                self.hiding |= byte == b'I' && self.small;
                self.small = byte.is_ascii_lowercase();
                self.letter(byte.to_ascii_lowercase() as char);
                self.latin();
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
                // Nothing is contracted with it, nor in Hebrew with the other.
                self.sign |= byte == b'"' || self.is_behind_hebrew();
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
            // The end of a word may be masked with them. One alone ends what another began.
            b'*' | b'#' => {
                self.starred |= byte == b'*' && self.letters == 0;
                self.hiding |= byte == b'*' && self.letters >= STARRED && !self.starred && self.behind == 0;
                self.sign = true;
                self.behind += 1;
            }
            _ => self.sign = true,
        }
    }

    /// Takes the letters of ASCII that follow one at once, and tells how many there are.
    pub(super) fn letters(&mut self, bytes: &[u8]) -> usize {
        // Nearly always nothing in them tells anything.
        if let Some(count) = ascii::run(bytes)
            && let Some((first, last)) =
                bytes.first().zip(count.checked_sub(1).and_then(|last| bytes.get(last)))
            && !self.last.eq_ignore_ascii_case(&char::from(*first))
        {
            self.small = last.is_ascii_lowercase();
            (self.last, self.repeated) = (char::from(last.to_ascii_lowercase()), 0);
            self.letters += count as u32;
            return count;
        }
        let mut count = 0;
        for byte in bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()) {
            self.hiding |= *byte == b'I' && self.small;
            self.small = byte.is_ascii_lowercase();
            self.repetition(char::from(byte.to_ascii_lowercase()));
            count += 1;
        }
        self.letters += count as u32;
        count
    }

    /// Whether no more than its letters and digits is to be known of the chunk.
    pub(super) fn hides(&self) -> bool {
        self.hiding
    }

    /// Counts what stands before the first blank or character that isn't ASCII, and tells how many bytes it is.
    pub(super) fn count(&mut self, bytes: &[u8]) -> usize {
        let (mut letters, mut digits) = (0, 0);
        let ends = |byte: &u8| {
            let what = COUNTED.get(usize::from(*byte)).copied().unwrap_or(END);
            letters += u32::from(what & LETTER);
            digits += u32::from(what >> 1 & 1);
            what == END
        };
        let length = bytes.iter().position(ends).unwrap_or(bytes.len());
        if letters > 0 {
            self.latin();
        }
        self.letters += letters;
        self.digits += digits;
        length
    }

    fn latin(&mut self) {
        if self.scripts.first() != Some(&Some(Script::Latin)) {
            self.writing(Script::Latin);
        }
    }

    fn letter(&mut self, letter: char) {
        self.letters += 1;
        self.mark = '\0';
        self.hiding |= self.opened || (self.sign && (self.after_letter || self.digits > 0));
        self.repetition(letter);
        self.sign = false;
        self.behind = 0;
        self.after_letter = true;
    }

    fn repetition(&mut self, letter: char) {
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

    pub(super) fn other(&mut self, c: char, kind: Kind) {
        match kind {
            Kind::Word => {
                if numeric(c) {
                    self.hiding |= self.letters > 0;
                    self.digits += 1;
                    return;
                }
                self.hiding |= self.digits > 0 && self.letters == 0;
                self.small = c.is_lowercase();
                self.letter(simple(c).unwrap_or(c));
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
                        self.hiding |=
                            matches!(script, Script::Cherokee | Script::Lisu) || is_odd_cyrillic(c);
                        self.writing(script);
                    }
                    // The plain folding knows them, but not what else may be hidden about a word of them.
                    Script::Common | Script::Inherited => self.hiding |= is_styled(c),
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
                // No orthography has one twice.
                self.hiding |= self.mark == c;
                self.mark = c;
                self.hiding |= ('\u{300}'..='\u{36F}').contains(&c)
                    || ('\u{1AB0}'..='\u{1AFF}').contains(&c)
                    || ('\u{20D0}'..='\u{20F0}').contains(&c);
            }
            // It may be the word's last letter.
            Kind::Sign if matches!(c, '⭕' | '💲' | '✝' | '♓') => {
                self.hiding |= self.letters > 0;
                self.opened = self.letters == 0;
            }
            // Its first one, but behind a word they mark it.
            Kind::Sign if matches!(c, '©' | '®' | '❌') => {
                self.opened |= self.letters + self.digits == 0;
                self.sign = true;
            }
            Kind::Sign if ('\u{1F1E6}'..='\u{1F1FF}').contains(&c) => {
                self.letter(c);
                self.hiding = true;
            }
            Kind::Sign if matches!(c, '’' | '‘' | '“' | '”' | '´' | '״' | '׳') => {
                self.quoted = self.letters;
                self.quotes += 1;
                self.hiding |= self.quotes > 2 && self.letters > 1;
                self.sign |= self.is_behind_hebrew();
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
    pub(super) fn ideograph(&mut self, c: char) {
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

    fn is_behind_hebrew(&self) -> bool {
        ('\u{5D0}'..='\u{5EA}').contains(&self.last)
    }

    /// Whether a quotation mark stands deeper in it than in contractions: `bas'tard`.
    fn cut_by_quote(&self) -> bool {
        self.quoted >= 3 && self.letters - self.quoted >= 3
    }

    pub(super) fn chunk(self) -> Chunk {
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
            rare: self.letters >= LONG && self.digits == 0,
            ..Chunk::default()
        }
    }
}
