//! Words of scripts without blanks, and of Hangul, of which one character is masked (`殺*てやる`), or into which a digit is
//! put (`거1짓말쟁이`).
//!
//! There each character is a syllable or a word, so that three of them side by side stand together by chance hardly ever.
//! The two characters around such a sign find the candidates.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bloom::{hash, pair};
use super::chars::{Writing, writing};
use super::plain::fold_phrase;
use crate::packed::Packed;

/// Of fewer characters, too few are left to tell.
const SHORTEST: usize = 3;
/// The same where a sign stands for one that ordinary writing puts between words, too.
const SHORTEST_SOFT: usize = 4;
/// No word that is looked for has more.
const LONGEST: usize = 32;

/// The keys, by what stands around each place where one can be pierced.
#[derive(Default)]
pub(super) struct Pierced {
    /// Each key's place in the list of keys, and the numbers of its characters.
    keys: Vec<(u32, Range<usize>)>,
    characters: Packed,
    /// What stands around a place, the number of the key, how many characters stand before and where the others begin.
    around: Vec<(u64, u32, u8, u8)>,
}

impl Pierced {
    /// Takes the key that has this place in the list of keys.
    pub(super) fn add(&mut self, place: usize, key: &str) {
        let characters = characters(key);
        let whole = characters.iter().all(|text| text.chars().next().is_some_and(is_one));
        let Ok(number) = u32::try_from(self.keys.len()) else { return };
        if !whole || !(SHORTEST..=LONGEST).contains(&characters.len()) {
            return;
        }
        for (before, first) in (0u8..).zip(&characters) {
            for skipped in [0u8, 1] {
                let behind = before + 1 + skipped;
                if let Some(next) = characters.get(usize::from(behind)) {
                    let around = pair(hash(first.as_bytes()), hash(next.as_bytes()));
                    self.around.push((around, number, before + 1, behind));
                }
            }
        }
        let Ok(place) = u32::try_from(place) else { return };
        let first = self.characters.len();
        characters.iter().for_each(|character| self.characters.push(character.as_bytes()));
        self.keys.push((place, first..self.characters.len()));
    }

    /// Puts what was added in order.
    pub(super) fn finish(&mut self) {
        self.around.sort_unstable();
        self.characters.shrink_to_fit();
    }

    /// Reports the places of the keys that stand in this part of the text so, and where they do.
    pub(super) fn scan(&self, shown: &str, part: Range<usize>, found: &mut dyn FnMut(usize, Range<usize>)) {
        if self.keys.is_empty() {
            return;
        }
        let text = shown.get(part.clone()).unwrap_or_default();
        let mut last = '\0';
        for (at, c) in text.char_indices() {
            let before = std::mem::replace(&mut last, c);
            let pierces = match () {
                _ if !is_one(before) && !is_combining_mark(before) => continue,
                () if c.is_ascii_digit() => Sign::Digit,
                () if matches!(c, '.' | '-' | '_' | '~' | '^' | '%' | '?' | '·' | '・' | '…') => {
                    Sign::Soft
                }
                () if matches!(c, '*' | '#' | '@' | '•' | '∗' | '×' | '＊' | '〇' | '\u{2500}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}') => {
                    Sign::Strong
                }
                () => continue,
            };
            let (left, right) =
                (text.get(..at).unwrap_or_default(), text.get(at + c.len_utf8()..).unwrap_or_default());
            if !right.starts_with(is_one) {
                continue;
            }
            for (place, before, behind) in self.found(left, right, pierces) {
                found(place, part.start + at - before..part.start + at + c.len_utf8() + behind);
            }
        }
    }

    /// The places of the keys of which one part ends the text on the left and the other begins that on the right, and how
    /// many bytes each is there.
    fn found(&self, left: &str, right: &str, sign: Sign) -> impl Iterator<Item = (usize, usize, usize)> {
        let (before, behind) = (last_character(left), first_character(right));
        let wanted = pair(hash(folded(before).as_bytes()), hash(folded(behind).as_bytes()));
        let from = self.around.partition_point(|(around, ..)| *around < wanted);
        let same = self.around.iter().skip(from).take_while(move |(around, ..)| *around == wanted);
        same.filter_map(move |(_, number, count, next)| {
            let (place, characters) = self.keys.get(*number as usize)?;
            let cut = |count: u8| (characters.start + usize::from(count)).min(characters.end);
            let masked = next > count;
            let fits = match sign {
                Sign::Digit => !masked,
                Sign::Soft => masked && characters.len() >= SHORTEST_SOFT,
                Sign::Strong => masked,
            };
            let start = self.characters.range(characters.start..cut(*count));
            let mut rest = self.characters.range(cut(*next)..characters.end);
            let mut left = left;
            let all = left.len();
            let ends = fits
                && start.rev().all(|character| {
                    let last = last_character(left);
                    left = left.get(..left.len() - last.len()).unwrap_or_default();
                    folded(last).as_bytes() == character
                });
            // Where blanks part words, it must be the beginning of one.
            let spaced = |c: char| writing(c) == Some(Writing::Spaced) && c.is_alphanumeric();
            if !ends
                || (self.characters.text(characters.start)?.starts_with(spaced) && left.ends_with(spaced))
            {
                return None;
            }
            let mut right = right;
            let most = right.len();
            let begins = rest.all(|character| {
                let first = first_character(right);
                right = right.get(first.len()..).unwrap_or_default();
                folded(first).as_bytes() == character
            });
            begins.then(|| (*place as usize, all - left.len(), most - right.len()))
        })
    }
}

/// What pierces a word.
#[derive(Clone, Copy)]
enum Sign {
    /// It stands between two characters.
    Digit,
    /// It stands for one, and elsewhere between words.
    Soft,
    /// It stands for one.
    Strong,
}

/// Whether it is a syllable or a word by itself.
pub(super) fn is_one(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}') || matches!(writing(c), Some(Writing::Unspaced | Writing::Katakana))
}

/// What a reader counts as one: a character with its marks.
fn characters(key: &str) -> Vec<String> {
    let mut characters: Vec<String> = Vec::new();
    // A blank stands in keys between two ways of writing, and in no text.
    let hangul = key.contains(|c| matches!(c, '\u{1100}'..='\u{11FF}'));
    for c in key.nfc().filter(|c| *c != ' ' || hangul) {
        match characters.last_mut() {
            Some(last) if is_combining_mark(c) => last.push(c),
            _ => characters.push(c.to_string()),
        }
    }
    characters
}

fn last_character(text: &str) -> &str {
    let begin = text.char_indices().rev().take(4).find(|(_, c)| !is_combining_mark(*c));
    begin.and_then(|(begin, _)| text.get(begin..)).unwrap_or_default()
}

fn first_character(text: &str) -> &str {
    let end = text.char_indices().skip(1).take(4).find(|(_, c)| !is_combining_mark(*c));
    text.get(..end.map_or(text.len().min(16), |(end, _)| end)).unwrap_or_default()
}

fn folded(character: &str) -> String {
    fold_phrase(character).nfc().collect()
}
