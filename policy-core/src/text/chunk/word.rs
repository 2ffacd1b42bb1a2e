//! Words of ordinary letters of the alphabets up to Arabic, folded as they are read.

use std::ops::Range;
use std::sync::LazyLock;

use icu_properties::props::Script;
use unicode_normalization::UnicodeNormalization;

use super::super::accented::{alike, without_stroke};
use super::super::bloom::{Hasher, hash};
use super::super::chars::{Kind, Writing, is_odd_cyrillic, kind, script, writing};
use super::super::everyday::{is_rare, is_short_word};
use super::super::lookalike::is_odd_latin;
use super::super::plain::fold_phrase;
use super::{Chunk, DATA};

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
pub(in crate::text) const ACCENTED: u32 = 4;

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
    // Other alphabets' own letters are used for Latin ones, too: к, г, ς, א.
    let strange = is_odd_cyrillic(c) || (script(c) == Script::Latin && (c == 'ı' || is_odd_latin(c)));
    if !alphabet || !letter || strange || kind(c) != Kind::Word {
        return None;
    }
    let typed = fold_phrase(c.encode_utf8(&mut [0; 4]));
    let typed = alike(&typed);
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

/// Whether it is the first of the two bytes that a letter of the alphabets up to Arabic has (RFC 3629 section 3).
pub(super) fn is_lead(byte: u8) -> bool {
    (0xC3..=0xDB).contains(&byte)
}

/// A word of ordinary letters.
pub(super) struct Word {
    /// Zeros behind it.
    folded: [u8; 2 * DATA + LETTER],
    length: usize,
    pub(super) letters: u32,
    pub(super) accents: u32,
    /// Where the last accented letter stands in `folded`, how many bytes it is there, and what it is without its accent.
    accent: Option<(usize, u8, u8)>,
    /// Where the second of two equal letters stands in `folded`, and where it ends; of two such pairs at most.
    doubles: [Option<(usize, usize)>; 2],
    script: Option<Script>,
}

impl Word {
    /// Reads the letters that the bytes begin with, and tells how many bytes they are; `None` if a closer look is
    /// needed.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut word = Self {
            folded: [0; 2 * DATA + LETTER],
            length: 0,
            letters: 0,
            accents: 0,
            accent: None,
            doubles: [None; 2],
            script: None,
        };
        let alphabets = ORDINARY.as_slice();
        let (mut index, mut ascii) = (0, false);
        let (mut last, mut doubled, mut doubles) = (0, false, 0);
        while let Some(&byte) = bytes.get(index) {
            let begin = word.length;
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
                u64::from(lower)
            } else if is_lead(byte) {
                index += 2;
                let code = u32::from(byte & 0x1F) << 6 | u32::from(bytes.get(index - 1)? & 0x3F);
                let letter = alphabets.get(code as usize)?.as_ref()?;
                word.alphabetic(letter)?;
                // Capital or small.
                u64::from_le_bytes(letter.folded)
            } else {
                break;
            };
            if letter == last {
                doubles += 1;
                if doubled || doubles == 3 {
                    return None;
                }
                doubled = true;
                word.doubles = [Some((begin, word.length)), word.doubles[0]];
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

    pub(super) fn hash(&self) -> u64 {
        let mut hasher = Hasher::default();
        for eight in self.folded.as_chunks().0.iter().take(self.length.div_ceil(8)) {
            hasher.eight(u64::from_le_bytes(*eight));
        }
        hasher.finish(self.length)
    }

    /// Whether it is none that people write often.
    pub(super) fn is_rare(&self) -> bool {
        match self.letters {
            0 | 1 => false,
            2 | 3 => self.is_rare_short(),
            letters => is_rare(0, letters as usize, self.hash()),
        }
    }

    /// The same of two or three letters. Only those that are two bytes are known so short, as those of Cyrillic and Greek.
    fn is_rare_short(&self) -> bool {
        let letters = self.folded.get(..self.length).unwrap_or_default();
        let short = |bytes: &[u8; 2]| {
            is_lead(bytes[0])
                .then(|| char::from_u32(u32::from(bytes[0] & 0x1F) << 6 | u32::from(bytes[1] & 0x3F)))?
        };
        match letters.as_chunks() {
            ([one, two, rest @ ..], []) if rest.len() < 2 => {
                let third = rest.first().map_or(Some('\0'), short);
                let all = short(one).zip(short(two)).zip(third);
                all.is_some_and(|((one, two), three)| !is_short_word([one, two, three]))
            }
            _ => false,
        }
    }

    /// The hash of the word without its accent and, if it is rare, without the second letter of each two that are equal.
    pub(super) fn bare(&self) -> Option<u64> {
        if self.letters < ACCENTED || self.accents > 1 {
            return None;
        }
        let accent = self.accent.filter(|_| self.accents == 1);
        let doubles = if self.doubles[0].is_some() && self.is_rare() { self.doubles } else { [None; 2] };
        if accent.is_none() && doubles[0].is_none() {
            return None;
        }
        let mut bare = Vec::with_capacity(self.length);
        let (mut at, [last, first]) = (0, doubles);
        let mut take = |from: usize, until: usize| -> Option<()> {
            match accent.filter(|(accent, ..)| (from..until).contains(accent)) {
                Some((accent, length, base)) => {
                    bare.extend_from_slice(self.folded.get(from..accent)?);
                    bare.push(base);
                    bare.extend_from_slice(self.folded.get(accent + usize::from(length)..until)?);
                }
                None => bare.extend_from_slice(self.folded.get(from..until)?),
            }
            Some(())
        };
        for (start, end) in [first, last].into_iter().flatten() {
            take(at, start)?;
            at = end;
        }
        take(at, self.length)?;
        Some(hash(&bare))
    }

    /// The script of a word that passes for one of another; Arabic and Hebrew pass for no other script.
    pub(super) fn script(&self) -> Option<Script> {
        self.script.filter(|script| !matches!(*script, Script::Arabic | Script::Hebrew))
    }

    pub(super) fn chunk(&self, at: Range<usize>) -> Chunk {
        Chunk {
            at,
            word: Some(self.hash()),
            letters: self.letters,
            digits: 0,
            script: self.script(),
            hiding: false,
            accents: self.accents > 0,
            bare: self.bare(),
            rare: self.is_rare(),
            slip: false,
            english: false,
            broken: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn letters_that_stand_for_latin_ones_elsewhere_are_ordinary_in_their_own_alphabet() {
        for word in ["прилавок", "когда", "λόγος", "קבוצה", "їжак"] {
            assert!(Word::read(word.as_bytes()).is_some_and(|(_, length)| length == word.len()), "{word}");
        }
        assert!(Word::read("wørdı".as_bytes()).is_none());
    }
}
