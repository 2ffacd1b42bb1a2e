//! The words that people write often, of languages with alphabets: what is one of them hides nothing, however much it
//! resembles a listed word.

use std::cell::Cell;

use super::accented::alike;
use super::bloom::{hash, stored_may_contain};

/// Made by `scripts/everyday-words`; says yes wrongly for two words in a hundred, and then a disguise isn't found.
static EVERYDAY: &[u8] = include_bytes!("../../data/everyday-words.bloom");

/// Shorter words aren't in it: nearly all that can be made of so few letters are words somewhere.
const SHORTEST: usize = 4;
/// Nor are longer ones: nothing but a slip makes another word of them.
const LONGEST: usize = 10;

/// Made by the same: a bit for each word of two or three Latin, Cyrillic or Greek letters that is written at least once in
/// 30,000 words. The alphabet and five bits a letter number it, the first the highest.
static SHORT_WORDS: &[u8] = include_bytes!("../../data/short-words.bits");

/// Whether a folded word may be one that is written often, however short.
pub(super) fn is_word(word: &str) -> bool {
    let mut letters = word.chars();
    match [letters.next(), letters.next(), letters.next(), letters.next()] {
        [Some(one), None, ..] => is_letter_word(one),
        // A breve, a caron, a hook or an ogonek makes no word of one letter.
        [Some(one), Some(mark), None, _] if is_mark(mark) => {
            is_letter_word(one) && matches!(mark, '\u{300}'..='\u{303}' | '\u{308}' | '\u{30A}')
        }
        [Some(one), Some(two), three, None] => is_short_word([one, two, three.unwrap_or('\0')]),
        // Of longer words, too few are known to say that one is none.
        _ => is_everyday(word) || letters_of(word) > LONGEST,
    }
}

/// The same, but that longer ones than are known are none.
pub(super) fn people_write(word: &str) -> bool {
    if word.chars().count() < SHORTEST { is_word(word) } else { is_everyday(word) }
}

/// Whether the letter by itself is a word, or short for one. Of other alphabets, yes.
fn is_letter_word(letter: char) -> bool {
    !"bfghprxгдеёлмнпртфхцчшщъыьэβγδζθκλμνξπρσςτφχψ".contains(letter)
}

fn letters_of(word: &str) -> usize {
    if word.is_ascii() { word.len() } else { word.chars().filter(|c| !is_mark(*c)).count() }
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// Whether a word of nothing but small Latin letters is none that is written often, given up to eight of its letters, the
/// first the lowest, how many it has, and its hash.
#[inline]
pub(super) fn is_rare(letters: u64, count: usize, hash: u64) -> bool {
    match count {
        0 | 1 => false,
        2 | 3 => {
            let place = (letters & 31) << 10 | (letters >> 8 & 31) << 5 | letters >> 16 & 31;
            !is_set(place as usize)
        }
        SHORTEST..=LONGEST => !is_in_everyday(hash),
        _ => true,
    }
}

/// How many words each thread remembers that it met in [`EVERYDAY`].
const MET: usize = 1024;

thread_local! {
    static RECENTLY_MET: [Cell<u64>; MET] = const { [const { Cell::new(0) }; MET] };
}

/// Whether the hash may be in [`EVERYDAY`], which is too large for the processor's nearer caches, where most words of a text
/// were met in it before.
#[inline]
fn is_in_everyday(hash: u64) -> bool {
    RECENTLY_MET.with(|met| {
        let slot = met.get((hash >> (64 - MET.trailing_zeros())) as usize);
        if slot.is_some_and(|slot| slot.get() == hash) {
            return true;
        }
        let found = stored_may_contain(EVERYDAY, hash);
        if found && let Some(slot) = slot {
            slot.set(hash);
        }
        found
    })
}

/// Of what isn't letters of one of the alphabets, yes.
pub(super) fn is_short_word(letters: [char; 3]) -> bool {
    let number = |letter: char| match letter {
        'a'..='z' => Some((0, u32::from(letter) - 0x60)),
        // In the place of й, which is folded to two.
        'я' => Some((1, 10)),
        'а'..='ю' => Some((1, u32::from(letter) - 0x42F)),
        'α'..='ω' => Some((2, u32::from(letter) - 0x3B0)),
        _ => None,
    };
    let Some((alphabet, _)) = letters.first().and_then(|first| number(*first)) else { return true };
    let place = letters.into_iter().try_fold(alphabet, |place, letter| match number(letter) {
        Some((own, number)) if own == alphabet => Some(place << 5 | number),
        None if letter == '\0' => Some(place << 5),
        _ => None,
    });
    place.is_none_or(|place| is_set(place as usize))
}

#[inline]
fn is_set(place: usize) -> bool {
    SHORT_WORDS.get(place >> 3).is_some_and(|eight| eight >> (place & 7) & 1 == 1)
}

/// Whether a folded word is one that is written often, as far as two words in a hundred allow.
pub(super) fn is_known(word: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&letters_of(word)) && is_everyday(word)
}

/// Whether a folded word may be one that is written often. Of what is too short to tell, yes.
pub(super) fn is_everyday(word: &str) -> bool {
    let letters = letters_of(word);
    letters < SHORTEST || (letters <= LONGEST && stored_may_contain(EVERYDAY, hash(alike(word).as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::super::bloom::hash;
    use super::{is_everyday, is_rare, is_word};
    use crate::text::plain::fold_phrase;

    #[test]
    fn words_that_people_write_are_told_from_others() {
        for word in ["letter", "schön", "Töchter", "città", "morder", "lån", "привет", "μέρες", "dünya"]
        {
            assert!(is_everyday(&fold_phrase(word)), "{word}");
        }
        for word in ["viagrra", "fitha", "schllampe", "szegyen", "шлюхха", "qqqqq"] {
            assert!(!is_everyday(&fold_phrase(word)), "{word}");
        }
        for word in ["a", "is", "the", "pen", "gra", "tú", "ты", "мой", "και", "a1"] {
            assert!(is_word(&fold_phrase(word)), "{word}");
        }
        for word in ["рва", "ă", "ουπ"] {
            assert!(!is_word(&fold_phrase(word)), "{word}");
        }
        for word in ["ino", "rwa", "wh", "tch", "viagrra"] {
            assert!(!is_word(word), "{word}");
            let letters = word
                .bytes()
                .rev()
                .skip(word.len().saturating_sub(8))
                .fold(0, |all, byte| all << 8 | u64::from(byte));
            assert!(is_rare(letters, word.len(), hash(word.as_bytes())), "{word}");
        }
    }
}
