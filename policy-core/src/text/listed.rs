//! The words of all keys, letter by letter, for what looks for them one by one.

use std::ops::Range;

use super::believe::written;
use super::chars::{Writing, writing};
use super::everyday::people_write;
use super::units::Unit;

/// No word that is looked for one by one has more letters.
pub(super) const LONGEST: usize = 32;

/// The words of all keys.
#[derive(Default)]
pub(super) struct Listed {
    /// The letters of all words, one word behind the other.
    letters: Vec<char>,
    words: Vec<Word>,
}

/// A word of a key.
pub(super) struct Word {
    /// The key's place in the list of keys.
    pub(super) key: u32,
    /// Which letter of the key is its first.
    first: usize,
    letters: Range<usize>,
    /// How many letters the key has.
    pub(super) phrase: usize,
}

impl Word {
    /// Its letters among those of its key.
    pub(super) fn of<'k>(&self, key: &'k [Unit]) -> &'k [Unit] {
        key.get(self.first..self.first + self.letters.len()).unwrap_or_default()
    }

    /// Behind which letter of the key it ends.
    fn end(&self) -> usize {
        self.first + self.letters.len()
    }

    /// Whether other words belong to it.
    pub(super) fn in_phrase(&self) -> bool {
        self.phrase > self.letters.len()
    }
}

/// The words that these letters of a key are, and which letter is the first of each.
pub(super) fn words(letters: &[Unit]) -> impl Iterator<Item = (usize, &[Unit])> {
    let words = letters.chunk_by(|_, next| next.gap.width() == 0);
    words.scan(0, |first, word| {
        let begin = *first;
        *first += word.len();
        Some((begin, word))
    })
}

impl Listed {
    /// Takes the words of the key that has this place in the list of keys, and tells the number of each.
    pub(super) fn add(&mut self, key: usize, letters: &[Unit], mut take: impl FnMut(u32, &[Unit], bool)) {
        for (first, word) in words(letters) {
            let spaced = |unit: &Unit| writing(unit.letter) == Some(Writing::Spaced) && unit.counts();
            let (Ok(key), Ok(number)) = (u32::try_from(key), u32::try_from(self.words.len())) else { return };
            if word.len() > LONGEST || !word.iter().all(spaced) {
                continue;
            }
            let start = self.letters.len();
            self.letters.extend(word.iter().map(|unit| unit.letter));
            let range = start..self.letters.len();
            self.words.push(Word { key, first, letters: range, phrase: letters.len() });
            take(number, word, word.len() < letters.len());
        }
    }

    /// The word with that number.
    pub(super) fn word(&self, number: u32) -> Option<&Word> {
        self.words.get(number as usize)
    }

    /// The letters of a word.
    pub(super) fn letters(&self, word: &Word) -> &[char] {
        self.letters.get(word.letters.clone()).unwrap_or_default()
    }
}

/// Where the key stands, if the letters around those that are taken for a word of it are the other words of its phrase.
pub(super) fn place(text: &[Unit], taken: Range<usize>, word: &Word, key: &[Unit]) -> Option<Range<usize>> {
    place_among(text, taken, word, key, &[])
}

/// The same of a word with a slip: not in what may be a name, which another one's may resemble.
pub(super) fn place_of_slip(
    text: &[Unit],
    taken: Range<usize>,
    word: &Word,
    key: &[Unit],
    others: &[(&Word, Range<usize>)],
) -> Option<Range<usize>> {
    place_among(text, taken, word, key, others).filter(|place| {
        let from = text.partition_point(|unit| unit.at.start < place.start);
        let until = text.partition_point(|unit| unit.at.start < place.end);
        !text.get(from..until).is_some_and(|matched| may_be_name(matched, key))
    })
}

/// Whether each word of a phrase has a capital, and one of the key's is none that people write.
pub(super) fn may_be_name(matched: &[Unit], key: &[Unit]) -> bool {
    let capital = |(_, word): (usize, &[Unit])| word.first().is_some_and(|unit| unit.source.is_uppercase());
    let named = |(_, word): (usize, &[Unit])| !people_write(&written(word));
    words(key).count() > 1 && words(matched).all(capital) && words(key).any(named)
}

/// Where the key stands, as [`place`] says, if other words of the phrase may be among those that were `taken` for listed ones.
pub(super) fn place_among(
    text: &[Unit],
    taken: Range<usize>,
    word: &Word,
    key: &[Unit],
    others: &[(&Word, Range<usize>)],
) -> Option<Range<usize>> {
    let same = |unit: &Unit, letter: &Unit| {
        unit.letter == letter.letter && (unit.gap.width() > 0) == (letter.gap.width() > 0)
    };
    let of_key = || others.iter().filter(|(other, _)| other.key == word.key);
    let (mut start, mut first) = (taken.start, word.first);
    while first > 0 {
        let before = of_key().find(|(other, at)| at.end == start && other.end() == first);
        (start, first) = match before {
            Some((other, at)) => (at.start, other.first),
            None if same(text.get(start.checked_sub(1)?)?, key.get(first - 1)?) => (start - 1, first - 1),
            None => return None,
        };
    }
    let (mut end, mut next) = (taken.end, word.end());
    while next < key.len() {
        let behind = of_key().find(|(other, at)| at.start == end && other.first == next);
        (end, next) = match behind {
            Some((other, at)) => (at.end, other.end()),
            None if same(text.get(end)?, key.get(next)?) => (end + 1, next + 1),
            None => return None,
        };
    }
    // A phrase doesn't reach over a clause's end.
    let parted = |unit: &Unit| unit.gap.wall || unit.gap.stop || (unit.gap.clause && unit.gap.blanks > 0);
    let walled = text.get(start + 1..end)?.iter().any(parted);
    let edge = |index: usize| text.get(index).is_none_or(|unit| unit.gap.width() > 0);
    (edge(start) && edge(end) && !walled).then_some(())?;
    Some(text.get(start)?.at.start..text.get(end.checked_sub(1)?)?.at.end)
}
