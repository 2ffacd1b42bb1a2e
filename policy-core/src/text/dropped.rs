//! Long words of which one vowel is left out (`mrtgage`, `vagbunda`), where that makes no word that people write, and words
//! of a long phrase without any one letter (`prétamo rápido`, `kil yourself`); and words of which an asterisk masks the first
//! (`*iagra`).
//!
//! Without a consonant, many are another one (French `médicales`, `médiales`), if no phrase tells, and in scripts without
//! vowels most. The first letter and the last two stand: there, forms of a word differ. One of a double may be the last.

use std::ops::Range;

use icu_properties::props::Script;

use super::believe::{is_name, written};
use super::bloom::Bloom;
use super::by_hash::ByHash;
use super::chars::is_vowel;
use super::everyday::{is_word, people_write};
use super::listed::{LONGEST, Listed, Word, place_of_slip};
use super::slips::{has_the_marks, hash, order};
use super::units::{Reading, Unit, key_units};

/// Of fewer letters, a word without one is another word.
const SHORTEST: usize = 7;
/// The same in a phrase of so many letters, whose other words tell.
const SHORTEST_IN_PHRASE: usize = 5;
/// The same of a word with a double letter.
const SHORTEST_DOUBLE: usize = 4;
const PHRASE: usize = 10;
/// Of so many letters, a word is told though its first one is masked: `*iagra`.
const SHORTEST_MASKED: usize = 6;
/// Of so many letters, a word without any one of them is hardly ever another one.
const VERY_LONG: usize = 12;
/// Shorter ones are names often.
const LONG: usize = 8;
/// So many letters at its end stand.
const END: usize = 2;

/// The words of all keys, each without one of its letters.
pub(super) struct Dropped {
    /// By what tells the order of the letters that are left: the words.
    orders: ByHash<u32>,
    set: Bloom,
}

/// Collects words.
#[derive(Default)]
pub(super) struct DroppedBuilder {
    orders: Vec<(u32, u32)>,
}

impl DroppedBuilder {
    /// Takes a word by its number among the listed ones, and how many letters its phrase has, if it is in one.
    pub(super) fn add(&mut self, number: u32, word: &[Unit], phrase: Option<usize>) {
        if phrase.is_some_and(|letters| letters < PHRASE)
            || !word.iter().all(|unit| unit.letter.is_alphabetic())
        {
            return;
        }
        for dropped in 0..word.len() {
            let inner = dropped + END < word.len();
            let may = match phrase {
                _ if dropped == 0 => word.len() >= SHORTEST_MASKED && word.first().is_some_and(is_written),
                None if word.len() >= VERY_LONG => inner && is_one(word, dropped),
                None => inner && word.len() >= SHORTEST && drops(word, dropped),
                Some(_) if is_double(word, dropped) => word.len() >= SHORTEST_DOUBLE,
                Some(_) => inner && word.len() >= SHORTEST_IN_PHRASE && is_one(word, dropped),
            };
            if !may {
                continue;
            }
            let left = word.iter().enumerate().filter(|(at, _)| *at != dropped);
            self.orders.push((order(left.map(|(_, unit)| unit)), number));
        }
    }

    pub(super) fn finish(self) -> Dropped {
        let orders = ByHash::new(self.orders);
        let set = Bloom::of(orders.hashes().map(hash));
        Dropped { orders, set }
    }
}

impl Dropped {
    /// Whether a word whose letters are in this order may be a listed one without a letter.
    pub(super) fn may_be(&self, order: u32) -> bool {
        self.set.may_contain(hash(order)) && self.orders.having(order).next().is_some()
    }

    /// Reports the places of the keys that stand in the text so, and where they do. `keys` gives the key of a place.
    pub(super) fn scan<'k>(
        &self,
        shown: &str,
        listed: &Listed,
        text: &[Unit],
        keys: impl Fn(usize) -> Option<(&'k str, Reading)>,
        found: &mut dyn FnMut(usize, Range<usize>),
    ) {
        let mut end = 0;
        for word in text.chunk_by(|_, next| next.gap.width() == 0) {
            let start = end;
            end += word.len();
            if !(SHORTEST_DOUBLE - 1..LONGEST).contains(&word.len()) {
                continue;
            }
            let order = order(word);
            if !self.set.may_contain(hash(order)) || is_written_by_people(word) {
                continue;
            }
            let first = word.first();
            for candidate in self.orders.having(order).filter_map(|number| listed.word(*number)) {
                let letters = listed.letters(candidate);
                let begins = first.map(|unit| unit.letter) == letters.first().copied();
                if lacks_one(word, candidate, letters)
                    && (begins || first.is_some_and(|unit| is_masked(shown, unit.at.start)))
                    && let Some((key, reading)) = keys(candidate.key as usize)
                    && let key = key_units(key, reading).0
                    && has_the_marks(word, candidate.of(&key))
                    && let Some(place) = place_of_slip(text, start..end, candidate, &key, &[])
                {
                    found(candidate.key as usize, place);
                }
            }
        }
    }
}

/// Whether an asterisk stands there for a word's first letter: by itself behind a blank, and none behind the word, as
/// emphasis has it.
fn is_masked(shown: &str, at: usize) -> bool {
    let (before, behind) = shown.split_at_checked(at).unwrap_or_default();
    let star = |c: char| matches!(c, '*' | '∗' | '＊');
    let word = behind.split(char::is_whitespace).next().unwrap_or_default();
    before.strip_suffix(star).is_some_and(|before| before.chars().next_back().is_none_or(char::is_whitespace))
        && !word.contains(star)
}

/// Whether people write the word, as far as words of its length are known.
fn is_written_by_people(word: &[Unit]) -> bool {
    let folded = written(word);
    if word.len() + 1 >= VERY_LONG { people_write(&folded) } else { is_word(&folded) }
}

/// Whether it is a vowel between consonants of an alphabet that writes both: half of an umlaut is none.
fn drops(word: &[Unit], at: usize) -> bool {
    let vowel = |at: usize| word.get(at).is_some_and(|unit| is_vowel(unit.letter));
    word.get(at).is_some_and(is_written) && vowel(at) && !vowel(at.wrapping_sub(1)) && !vowel(at + 1)
}

/// Whether it is of an alphabet that writes vowels.
fn is_written(unit: &Unit) -> bool {
    matches!(unit.script(), Script::Latin | Script::Cyrillic | Script::Greek)
}

/// Whether it is a whole letter, and not half of an umlaut.
fn is_one(word: &[Unit], at: usize) -> bool {
    let start = |at: usize| word.get(at).map(|unit| unit.at.start);
    let half = |other: usize| start(other).is_some() && start(other) == start(at);
    word.get(at).is_some_and(is_written) && !half(at.wrapping_sub(1)) && !half(at + 1)
}

/// Whether it is the second of two equal letters.
fn is_double(word: &[Unit], at: usize) -> bool {
    let letter = |at: usize| word.get(at).map(|unit| unit.letter);
    is_one(word, at) && letter(at) == letter(at.wrapping_sub(1))
}

/// Whether a word is a listed one without one letter.
fn lacks_one(word: &[Unit], listed: &Word, letters: &[char]) -> bool {
    let same = word.iter().zip(letters).take_while(|(unit, letter)| unit.letter == **letter).count();
    let rest = word.iter().skip(same).map(|unit| unit.letter);
    let named = !listed.in_phrase() && letters.len() < LONG && is_name(word);
    let told = !listed.in_phrase() || listed.phrase >= PHRASE;
    !named && told && word.len() + 1 == letters.len() && rest.eq(letters.iter().skip(same + 1).copied())
}
