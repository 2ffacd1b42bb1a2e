//! Words of nothing but ASCII letters, eight letters at a time in one register ("SIMD within a register", Warren,
//! Hacker's Delight, chapter 6): nearly all words of many texts, and most of the time that they take.

use super::bloom::{Hasher, hash};
use super::everyday::is_rare;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;
const SMALL: u64 = 0x20 * ONES;
/// Longer ones are rare.
const LONGEST: usize = 24;

/// A word that needs no closer look.
pub(super) struct Word {
    pub(super) length: usize,
    /// The hash of the word in small letters.
    pub(super) hash: u64,
    /// The hash of a rare word with its one doubled letter single.
    pub(super) bare: Option<u64>,
    /// It is none that people write often.
    pub(super) rare: bool,
    /// It is a word by which English is known.
    pub(super) english: bool,
}

/// The word that the bytes begin with; `None` if there is none, or a capital I that may stand for an l, or more doubled
/// letters than ordinary words have.
#[inline(never)]
pub(super) fn word(bytes: &[u8]) -> Option<Word> {
    word_here(bytes)
}

/// The same, for the loop that most words go through.
#[inline(always)]
pub(super) fn word_here(bytes: &[u8]) -> Option<Word> {
    let first = Eight::read(bytes, 0, 0);
    // At the beginning of a word a capital I is what it looks like.
    if first.count == 0 || first.has_capital_i(!0xFF) || first.doubles & first.doubles.wrapping_sub(1) != 0 {
        return None;
    }
    let mut hasher = Hasher::default();
    hasher.eight(first.word);
    if first.count == 8 {
        return long(bytes, hasher, first);
    }
    let length = first.count as usize;
    let hash = hasher.finish(length);
    let english = is_english(first.word);
    let rare = !english & is_rare(first.word, length, hash);
    let bare = if rare && first.doubles != 0 { single(bytes, length, 0, first.doubles) } else { None };
    Some(Word { length, hash, bare, rare, english })
}

/// How many letters the bytes begin with, if they aren't very many, and their hash in small letters.
#[inline]
pub(super) fn hashed(bytes: &[u8]) -> Option<(usize, u64)> {
    let (mut length, mut hasher) = (0, Hasher::default());
    while length <= LONGEST {
        let eight = eight(bytes, length);
        let small = eight | SMALL;
        let others = others(eight, small);
        let count = others.trailing_zeros() as usize / 8;
        if count == 0 {
            break;
        }
        hasher.eight(small & below(others));
        length += count;
        if count < 8 {
            break;
        }
    }
    (1..=LONGEST).contains(&length).then(|| (length, hasher.finish(length)))
}

/// How many letters the bytes begin with, if no two that follow one another are the same, nor any is a capital I.
#[inline]
pub(super) fn run(bytes: &[u8]) -> Option<usize> {
    let (mut length, mut last) = (0, 0);
    loop {
        let next = Eight::read(bytes, length, last);
        if next.doubles != 0 || next.has_capital_i(u64::MAX) {
            return None;
        }
        length += next.count as usize;
        if next.count < 8 {
            return Some(length);
        }
        last = next.word >> 56;
    }
}

/// The word of at least eight letters that the bytes begin with.
#[inline(never)]
fn long(bytes: &[u8], mut hasher: Hasher, first: Eight) -> Option<Word> {
    let (mut length, mut last, mut doubles) = (8, first.word >> 56, first.doubles);
    let mut double = None;
    loop {
        let next = Eight::read(bytes, length, last);
        let several = next.doubles & next.doubles.wrapping_sub(1) != 0 || (doubles != 0 && next.doubles != 0);
        if several || next.has_capital_i(u64::MAX) {
            return None;
        }
        doubles |= next.doubles;
        if next.doubles != 0 {
            double = Some((length, next.doubles));
        }
        length += next.count as usize;
        if next.count > 0 {
            hasher.eight(next.word);
        }
        if next.count < 8 {
            let hash = hasher.finish(length);
            let rare = is_rare(first.word, length, hash);
            let bare = match double {
                _ if !rare => None,
                _ if first.doubles != 0 => single(bytes, length, 0, first.doubles),
                Some((at, doubles)) => single(bytes, length, at, doubles),
                None => None,
            };
            return Some(Word { length, hash, bare, rare, english: false });
        }
        if length >= LONGEST {
            return None;
        }
        last = next.word >> 56;
    }
}

/// The hash of a word of that length without the second of the two letters that are the same, the last of which is the one
/// that `doubles` marks among the eight from `at` on.
fn single(bytes: &[u8], length: usize, at: usize, doubles: u64) -> Option<u64> {
    /// Shorter words are others with it.
    const LETTERS: usize = 4;
    let second = at + doubles.trailing_zeros() as usize / 8;
    if length < LETTERS {
        return None;
    }
    let mut word = [0; 2 * LONGEST];
    let word = word.get_mut(..length - 1)?;
    let (before, behind) = word.split_at_mut_checked(second)?;
    before.copy_from_slice(bytes.get(..second)?);
    behind.copy_from_slice(bytes.get(second + 1..length)?);
    word.make_ascii_lowercase();
    Some(hash(word))
}

/// Up to eight letters that follow one another.
struct Eight {
    /// How many there are.
    count: u32,
    /// They, in small letters, the first the lowest.
    word: u64,
    /// The highest bit of each that is the same as the one before.
    doubles: u64,
    /// The bits that make letters small ones, of those that are capitals.
    capitals: u64,
}

impl Eight {
    #[inline(always)]
    fn read(bytes: &[u8], at: usize, last: u64) -> Self {
        let eight = eight(bytes, at);
        let small = eight | SMALL;
        let others = others(eight, small);
        let mask = below(others);
        let word = small & mask;
        let doubles = zeros(word ^ (word << 8 | last)) & mask;
        Self { count: others.trailing_zeros() / 8, word, doubles, capitals: !eight & SMALL & mask }
    }

    /// Whether a capital I is among those of the letters that these bits are of.
    #[inline(always)]
    fn has_capital_i(&self, of: u64) -> bool {
        let capitals = self.capitals & of;
        // Most words have none but the first letter.
        capitals != 0 && zeros(self.word ^ (b'i' as u64 * ONES)) & (capitals << 2) != 0
    }
}

/// Two words of letters with an apostrophe between them, which these bytes begin with, and nothing that needs a closer
/// look: `don't`, `baker's`.
pub(super) struct Contraction {
    pub(super) length: usize,
    /// The hashes of the first, of the second, and of both as one: which of them a reader sees is told elsewhere.
    pub(super) hashes: [u64; 3],
}

/// The contraction that begins with this word.
#[cold]
pub(super) fn contraction(bytes: &[u8], first: &Word) -> Option<Contraction> {
    let behind = bytes.get(first.length + 1..)?;
    let second = word(behind)?;
    let length = first.length + 1 + second.length;
    // A word cut by a quotation mark, an l that may be a capital I, letters that are repeated across.
    let cut = first.length >= 3 && second.length >= 3;
    let seam = bytes.get(first.length - 1).zip(behind.first());
    if cut || seam.is_none_or(|(last, next)| *next == b'I' || last.eq_ignore_ascii_case(next)) {
        return None;
    }
    let mut whole = [0; 2 * LONGEST];
    let whole = whole.get_mut(..length)?;
    whole.copy_from_slice(bytes.get(..length)?);
    whole.make_ascii_lowercase();
    Some(Contraction { length, hashes: [first.hash, second.hash, hash(whole)] })
}

/// Eight bytes from `at` on; zeros behind the end.
#[inline(always)]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(eight)
}

/// All bits of the bytes below the first of these, of which the highest bit is set.
#[inline(always)]
fn below(high: u64) -> u64 {
    ((high & high.wrapping_neg()) >> 7).wrapping_sub(1)
}

/// The highest bit of each byte that is no letter.
#[inline(always)]
fn others(bytes: u64, small: u64) -> u64 {
    let seven = small & !HIGH;
    let from_a = seven + (0x80 - b'a' as u64) * ONES;
    let behind_z = seven + (0x80 - (b'z' + 1) as u64) * ONES;
    !(from_a & !behind_z & !bytes) & HIGH
}

/// The highest bit of each byte that is zero, where none of them has it set.
#[inline(always)]
fn zeros(bytes: u64) -> u64 {
    HIGH.wrapping_sub(bytes) & HIGH
}

/// Words that an English text can't do without, and that are rare elsewhere.
const ENGLISH: [&[u8]; 12] =
    [b"the", b"and", b"you", b"your", b"of", b"is", b"for", b"with", b"this", b"buy", b"best", b"at"];

/// The same by their letters, the first the lowest, each in the slot that its hash numbers.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static ENGLISH_WORDS: [u64; 16] = {
    let mut slots = [0; 16];
    let mut number = 0;
    while number < ENGLISH.len() {
        let (mut word, mut at) = (0, ENGLISH[number].len());
        while at > 0 {
            at -= 1;
            word = word << 8 | ENGLISH[number][at] as u64;
        }
        assert!(slots[english_slot(word)] == 0, "another number must part them");
        slots[english_slot(word)] = word;
        number += 1;
    }
    slots
};

/// Found by trying: no two of the words have the same.
const fn english_slot(word: u64) -> usize {
    ((word as u32).wrapping_mul(0x29E8_21A5) >> 28) as usize
}

/// Whether a word is one of them.
#[inline(always)]
fn is_english(word: u64) -> bool {
    ENGLISH_WORDS.get(english_slot(word)) == Some(&word)
}

#[cfg(test)]
mod tests {
    use super::super::bloom::hash;
    use super::{contraction, word};

    #[test]
    fn a_word_is_read_as_far_as_its_letters_go_and_hashed_in_small_ones() {
        for (text, expected) in [
            ("word", "word"),
            ("Word, and", "word"),
            ("eightlet", "eightlet"),
            ("Eightlet. more", "eightlet"),
            ("ninelette!", "ninelette"),
            ("zZ@[`{", "zz"),
            ("I am", "i"),
            ("Systematically\u{e9}", "systematically"),
        ] {
            let found = word(text.as_bytes()).unwrap();
            assert_eq!((found.length, found.hash), (expected.len(), hash(expected.as_bytes())), "{text}");
        }
    }

    #[test]
    fn what_needs_a_closer_look_is_not_taken_for_an_ordinary_word() {
        for text in ["", " a", "1a", "staIker", "abcdefgIi", "balloon", "letttter", "éa", "\u{80}a"] {
            assert!(word(text.as_bytes()).is_none(), "{text}");
        }
        // One doubled letter is ordinary, also where eight letters end and eight begin.
        assert!(word(b"letter").is_some());
        assert!(word(b"abcdefghhi").is_some());
        assert!(word(b"abcdefghhhi").is_none());
    }

    #[test]
    fn a_contraction_is_two_words_and_one() {
        let found = |text: &str| contraction(text.as_bytes(), &word(text.as_bytes()).unwrap());
        let hashes = ["don", "t", "don't"].map(|word| hash(word.as_bytes()));
        assert_eq!(found("Don't, he").unwrap().hashes, hashes);
        assert_eq!(found("Don't").unwrap().length, 5);
        for text in ["don'", "don't'", "bas'tard", "al'lo", "o'Irish"] {
            let found = found(text);
            assert!(found.is_none_or(|found| text.as_bytes().get(found.length) == Some(&b'\'')), "{text}");
        }
    }

    #[test]
    fn english_is_known_by_its_small_words() {
        assert!(word(b"The ").unwrap().english);
        assert!(word(b"your").unwrap().english);
        assert!(!word(b"youth").unwrap().english);
        assert!(!word(b"der").unwrap().english);
    }
}
