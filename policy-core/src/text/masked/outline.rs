//! What stands without a gap, by its classes: most text is told to hold no masked word without a closer look.

use super::super::chars::{Kind, is_vowel, kind};
use super::super::listed::LONGEST;
use super::super::lookalike::class;
use super::{Masked, Signs, TAIL, TAIL_OF_NO_WORD, ends, is_masker, is_masking_letter, known};

/// A letter of a word by its class, or what masks one.
#[derive(Clone, Copy, Default)]
struct Mark {
    /// Zero where it masks.
    class: u8,
    sign: u8,
}

impl Mark {
    fn class(&self) -> Option<char> {
        (self.class != 0).then_some(self.class as char)
    }

    fn is_alphabetic(&self) -> bool {
        self.class != 0 && self.sign.is_ascii_alphabetic()
    }

    /// Whether another letter may be below it.
    fn covers(&self, signs: Signs) -> bool {
        self.class == 0 || (signs == Signs::Strong && is_masking_letter(self.sign as char))
    }
}

impl Masked {
    /// Whether the letters that these marks leave may be those of a listed word.
    fn may_stand(&self, marks: &[Mark], signs: Signs) -> bool {
        let covered = |mark: &&Mark| mark.covers(signs);
        let masked = marks.iter().filter(covered).count();
        if masked == 0 || marks.len() > LONGEST || marks.len() < 2 * masked {
            return false;
        }
        let wanted = known(marks, Mark::class);
        self.shaped(&self.different, wanted).map(|word| self.listed.letters(word)).any(|letters| {
            let same =
                |(mark, letter): (&Mark, &char)| mark.covers(signs) || mark.class() == Some(class(*letter));
            letters.len() == marks.len() && marks.iter().zip(letters).all(same)
        })
    }
}

/// So many marks are kept of a word and what is joined to it.
const MARKS: usize = 64;

/// What stands without a gap, by its classes: whether a listed word may be masked in it is told without a closer look.
pub(in super::super) struct Outline {
    marks: [Mark; MARKS],
    length: usize,
    /// How many of them mask.
    maskers: usize,
    /// Something in it masks, of each kind of signs.
    strong: bool,
    soft: bool,
    /// There is more of it.
    cut: bool,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            marks: [Mark::default(); MARKS],
            length: 0,
            maskers: 0,
            strong: false,
            soft: false,
            cut: false,
        }
    }
}

impl Outline {
    /// Takes a letter of ASCII.
    #[inline]
    pub(in super::super) fn plain(&mut self, class: u8, letter: u8) {
        self.push(Mark { class, sign: letter });
    }

    /// Takes a letter, or a sign that is read as one.
    pub(in super::super) fn letter(&mut self, class: u8, letter: char) {
        self.strong |= is_masking_letter(letter);
        self.push(Mark { class, sign: u8::try_from(letter).unwrap_or_default() });
    }

    #[inline]
    fn push(&mut self, mark: Mark) {
        match self.marks.get_mut(self.length) {
            Some(slot) => {
                *slot = mark;
                self.length += 1;
            }
            None => self.cut = true,
        }
    }

    /// Takes an ASCII sign that is no letter; `None` if a closer look must tell what stands before it.
    pub(in super::super) fn sign(&mut self, c: char, rest: &str, masked: &Masked) -> Option<()> {
        if ends(c, rest) {
            return self.end(masked);
        }
        let (strong, soft) = (is_masker(c, Signs::Strong), is_masker(c, Signs::Soft));
        if strong || soft {
            if self.length > 0 {
                self.strong |= strong;
                self.soft |= soft;
                self.maskers += 1;
                self.push(Mark { class: 0, sign: u8::try_from(c).unwrap_or_default() });
            }
            return Some(());
        }
        // As `leading` does.
        if (c == '\\' && rest.starts_with(['*', '_', '#'])) || kind(c) == Kind::Ignorable {
            return Some(());
        }
        self.end(masked)
    }

    /// Nothing is joined to it any more; `None` if a closer look must tell what it is.
    #[inline]
    pub(in super::super) fn end(&mut self, masked: &Masked) -> Option<()> {
        if self.strong || self.soft {
            return self.end_masked(masked);
        }
        (self.length, self.cut) = (0, false);
        Some(())
    }

    fn end_masked(&mut self, masked: &Masked) -> Option<()> {
        let signs = [(self.strong, Signs::Strong), (self.soft, Signs::Soft)];
        // What is masked by one kind of signs alone has all letters in one word.
        let long = self.strong != self.soft && self.length.saturating_sub(self.maskers) > masked.longest;
        let clear =
            !self.cut && (long || !signs.into_iter().any(|(are, signs)| are && self.hides(signs, masked)));
        (self.length, self.maskers, self.strong, self.soft, self.cut) = (0, 0, false, false, false);
        clear.then_some(())
    }

    /// Whether any of its words may be a listed one, as `end_word` takes them.
    fn hides(&self, signs: Signs, masked: &Masked) -> bool {
        let masker = |mark: &Mark| mark.class == 0;
        let marks = self.marks.get(..self.length).unwrap_or_default();
        marks.split(|mark| masker(mark) && !is_masker(mark.sign as char, signs)).any(|part| {
            let Some(first) = part.iter().position(|mark| !masker(mark)) else { return false };
            let part = part.get(first..).unwrap_or_default();
            let end = part.iter().rposition(|mark| !masker(mark)).map_or(0, |last| last + 1);
            let (word, tail) = part.split_at(end);
            if !word.first().is_some_and(Mark::is_alphabetic) {
                return false;
            }
            if signs == Signs::Soft {
                return word.iter().any(masker) && soft_enough(word) && masked.may_stand(word, signs);
            }
            let odd = word.iter().any(|mark| !mark.is_alphabetic());
            let short = !odd && word.len() < TAIL_OF_NO_WORD;
            let tailed = if short { tail.len() >= TAIL.0 } else { !tail.is_empty() };
            (odd && masked.may_stand(word, signs)) || (tailed && masked.may_stand(part, signs))
        })
    }
}

/// Whether the pieces of a word that soft signs part are no words, as `end_word` wants it.
fn soft_enough(word: &[Mark]) -> bool {
    let masker = |mark: &Mark| mark.class == 0;
    let vowelless = |piece: Option<&[Mark]>| {
        piece.is_some_and(|piece| {
            piece.iter().filter(|mark| mark.is_alphabetic()).all(|mark| !is_vowel(mark.sign as char))
        })
    };
    let (first, last) = (word.iter().position(masker), word.iter().rposition(masker));
    let (Some(first), Some(last)) = (first, last) else { return false };
    first == last || vowelless(word.get(..first)) || vowelless(word.get(last + 1..))
}
