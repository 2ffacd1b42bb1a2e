//! Words that differ from a listed one in what happens to everybody who types: two neighbouring letters have changed places
//! (`csaino`), or a letter of the same sound stands there (`kasino`, `phreak`); or in what no eye sees: a small l is drawn
//! like an i, and a capital I like an l (`caslno` with an l, `vlagra`).
//!
//! What people write as a word of its own is never taken for one (`untied`, `sacred`), nor is a short name. A sum of the
//! letters, which is the same in any order and for letters of one sound or shape, finds the candidates.

use std::ops::Range;

use super::accents::in_english;
use super::believe::{is_name, written as as_written};
use super::bloom::Bloom;
use super::by_hash::ByHash;
use super::chars::{Kind, MarkFate, is_vowel, kind, mark_fate, simple};
use super::everyday::people_write;
use super::fold::fold_char;
use super::listed::{LONGEST, Listed, Word, place_of_slip};
use super::spellings::is_umlaut;
use super::units::{Reading, Unit, key_units};

/// Of fewer letters, a word with two that are swapped is another one.
const SHORTEST: usize = 5;
/// Of fewer letters, a word with one more, or another one of the same sound.
const SHORTEST_OTHER: usize = 6;
/// The same in a phrase of so many letters, whose other words tell.
const IN_PHRASE: usize = 3;
const SWAPPED_IN_PHRASE: usize = 4;
const SHORTER_IN_PHRASE: usize = 4;
const PHRASE: usize = 8;
/// So many letters of a word are drawn with two.
const DRAWN: u32 = 3;
/// So many words of phrases are compared in one stretch.
const BESIDE: usize = 64;
/// Shorter words are names often.
const LONG: usize = 7;

/// The words of all keys, by what their letters add up to.
pub(super) struct Slips {
    /// The words that have a sum, and what tells the order of their letters.
    sums: ByHash<(u32, u32)>,
    set: Bloom,
}

/// Collects words.
#[derive(Default)]
pub(super) struct SlipsBuilder {
    sums: Vec<(u32, (u32, u32))>,
}

impl SlipsBuilder {
    /// Takes a word by its number among the listed ones.
    pub(super) fn add(&mut self, number: u32, word: &[Unit], in_phrase: bool) {
        let shortest = if in_phrase { IN_PHRASE } else { SHORTEST };
        if word.len() >= shortest && word.iter().all(|unit| unit.letter.is_alphabetic()) {
            self.sums.push((sum(word), (number, order(word))));
        }
    }

    pub(super) fn finish(self) -> Slips {
        let sums = ByHash::new(self.sums);
        let set = Bloom::of(sums.hashes().map(hash));
        Slips { sums, set }
    }
}

impl Slips {
    /// Whether a word of the text may be a listed one with a slip. A listed one as it is isn't.
    pub(super) fn may_be(&self, listed: &Listed, letters: &Letters, word: &str) -> bool {
        let other = |&(number, order): &(u32, u32)| {
            order != letters.order
                && listed.word(number).is_none_or(|other| may_have_slipped(word, listed.letters(other)))
        };
        let all = |sum: u32| self.set.may_contain(hash(sum)) && self.sums.having(sum).any(other);
        let candidate = |sum: u32| self.set.may_contain(hash(sum)) && self.sums.having(sum).next().is_some();
        letters.count >= IN_PHRASE
            && (all(letters.all) || (letters.has_other_sums() && letters.other_sums().any(candidate)))
    }

    /// Whether the letters of several words may be a listed one. Of others than ASCII, and of very many, yes.
    pub(super) fn may_be_together(&self, words: &str) -> bool {
        let mut letters = Letters::default();
        let alphabetic = words.chars().filter(char::is_ascii_alphabetic);
        alphabetic.for_each(|letter| letters.push(letter.to_ascii_lowercase()));
        !words.is_ascii()
            || letters.count > LONGEST
            || self.sums.having(letters.all).any(|(_, order)| *order == letters.order)
    }

    /// Reports the places of the keys that stand in the text with a slip, and where they do. `keys` gives the key of a
    /// place.
    pub(super) fn scan<'k>(
        &self,
        listed: &Listed,
        text: &[Unit],
        keys: impl Fn(usize) -> Option<(&'k str, Reading)>,
        found: &mut dyn FnMut(usize, Range<usize>),
    ) {
        let mut end = 0;
        // Words of phrases with a slip before another one.
        let mut beside: Vec<(&Word, Range<usize>)> = Vec::new();
        for word in text.chunk_by(|_, next| next.gap.width() == 0) {
            let start = end;
            end += word.len();
            if !(IN_PHRASE..=LONGEST).contains(&word.len()) {
                continue;
            }
            let mut letters = Letters::default();
            word.iter().for_each(|unit| letters.push(unit.letter));
            let mut known = None;
            for sum in [letters.all]
                .into_iter()
                .chain(letters.other_sums())
                .filter(|sum| self.set.may_contain(hash(*sum)))
            {
                if *known.get_or_insert_with(|| people_write(&as_written(word))) {
                    break;
                }
                for candidate in self.sums.having(sum).filter_map(|(number, _)| listed.word(*number)) {
                    let letters = listed.letters(candidate);
                    let written = word.chunk_by(|one, other| one.at.start == other.at.start).count();
                    let known = written >= SHORTEST_OTHER || candidate.in_phrase();
                    if slips(word, candidate, letters, &|| in_english(text, start..end))
                        // Of other languages' short words, too few are known: `läksi` beside läski.
                        && (known || in_english(text, start..end))
                        && let Some((key, reading)) = keys(candidate.key as usize)
                        && let key = key_units(key, reading).0
                        && has_the_marks(word, candidate.of(&key))
                    {
                        match place_of_slip(text, start..end, candidate, &key, &beside) {
                            Some(place) => found(candidate.key as usize, place),
                            None if candidate.in_phrase() && beside.len() < BESIDE => {
                                beside.push((candidate, start..end));
                            }
                            None => {}
                        }
                    }
                }
            }
        }
    }
}

/// Whether a word that adds up to a listed one may be it with a slip, and not its letters in any order, as far as ASCII
/// tells.
fn may_have_slipped(word: &str, letters: &[char]) -> bool {
    if !word.is_ascii() {
        return true;
    }
    let word = word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    let mut pairs = word.zip(letters).filter(|(one, other)| one != *other);
    let swapped = |(one, other): (char, &char), next: Option<(char, &char)>| next == Some((*other, &one));
    // The second differing letter is the first one's, or all are of the same sound or drawn alike.
    let Some(first) = pairs.next() else { return true };
    let alike = |(one, other): (char, &char)| shape(one) == shape(*other);
    let second = pairs.next();
    (swapped(first, second) && pairs.next().is_none()) || (alike(first) && second.is_none_or(alike))
}

/// Whether letters with nearly the same shape stand for some, and nothing else differs: a q for a g, u and v for each
/// other, an i for an l.
/// But in a phrase, the first letter stands.
fn nearly_alike(word: &[Unit], letters: &[char], phrase: bool) -> bool {
    let mut differing =
        word.iter().zip(letters).enumerate().filter(|(_, (unit, letter))| unit.letter != **letter).peekable();
    differing.peek().is_some()
        && differing.all(|(at, (unit, letter))| {
            (at > 0 || phrase) && matches!((unit.letter, letter), ('q', 'g') | ('u', 'v') | ('v', 'u'))
                || phrase && (unit.letter, *letter) == ('i', 'l')
        })
}

/// Whether a y stands for each i that differs, or the other way round, but for a word's ends, where they tell forms apart
/// (Polish `kobiety`).
fn has_y_for_i(word: &[Unit], letters: &[char]) -> bool {
    let last = letters.len().saturating_sub(1);
    let mut differing =
        word.iter().zip(letters).enumerate().filter(|(_, (unit, letter))| unit.letter != **letter).peekable();
    differing.peek().is_some()
        && differing.all(|(at, (unit, letter))| {
            at > 0 && at < last && matches!((unit.letter, letter), ('y', 'i') | ('i', 'y'))
        })
}

/// Whether a `cl` is drawn for a d, and nothing else differs.
fn has_cl_for_d(word: &[Unit], letters: &[char]) -> bool {
    has_two_for_one(word, letters, ['c', 'l'], 'd')
}

fn has_two_for_one(word: &[Unit], letters: &[char], two: [char; 2], one: char) -> bool {
    let mut rest = word.iter().map(|unit| unit.letter).peekable();
    let mut times = 0;
    let mut letters = letters.iter();
    letters.all(|letter| match rest.next() {
        Some(first) if first == *letter => true,
        Some(first) if first == two[0] && *letter == one => {
            times += 1;
            rest.next() == Some(two[1])
        }
        _ => false,
    }) && rest.next().is_none()
        && times > 0
}

/// Whether a word of the text, which is none that people write, is a listed one with a slip.
fn slips(word: &[Unit], listed: &Word, letters: &[char], english: &dyn Fn() -> bool) -> bool {
    let phrase = listed.in_phrase() && listed.phrase >= PHRASE;
    let enough = |alone: usize, in_phrase: usize| letters.len() >= if phrase { in_phrase } else { alone };
    let named = !listed.in_phrase() && letters.len() < LONG && is_name(word);
    if named || (listed.in_phrase() && !phrase) {
        return false;
    }
    match word.len() as isize - letters.len() as isize {
        0 => {
            (enough(SHORTEST, SWAPPED_IN_PHRASE)
                && swapped(word, letters)
                // There, other words of one stem differ: Polish `dziwak`, `dziwka`.
                && (phrase || letters.len() >= LONG || !differs_at_its_end(word, letters) || english()))
                || (enough(SHORTEST_OTHER, IN_PHRASE) && sounds_alike(word, letters, english))
                || (enough(SHORTEST, IN_PHRASE) && nearly_alike(word, letters, phrase))
                || (enough(SHORTEST_OTHER, IN_PHRASE)
                    && has_y_for_i(word, letters)
                    && (phrase || letters.len() >= LONG || english()))
                || (enough(SHORTEST, IN_PHRASE)
                    && drawn_alike(word, letters)
                    && (phrase || !may_be_read(word, letters) || english()))
        }
        1 if has_ph_for_f(word, letters) => enough(SHORTEST, IN_PHRASE),
        more if (1..=DRAWN as isize).contains(&more) => {
            enough(SHORTEST, IN_PHRASE) && has_cl_for_d(word, letters)
        }
        -1 => enough(SHORTEST_OTHER, SHORTER_IN_PHRASE) && lacks_the_c(word, letters),
        _ => false,
    }
}

/// Whether a word has the marks of a listed one on the same letters, or none.
pub(super) fn has_the_marks(word: &[Unit], listed: &[Unit]) -> bool {
    let same = |one: &Unit, other: &Unit| one.letter == other.letter && one.marks == other.marks;
    let marked = |units: &[Unit]| units.iter().filter(|unit| unit.marked()).count();
    let among = |unit: &Unit| listed.iter().any(|other| same(unit, other));
    marked(word) == 0
        || (marked(word) == marked(listed) && word.iter().filter(|unit| unit.marked()).all(among))
}

/// Whether two neighbouring letters have changed places, and nothing else differs.
fn swapped(word: &[Unit], letters: &[char]) -> bool {
    let mut differing =
        word.iter().zip(letters).enumerate().filter(|(_, (unit, letter))| unit.letter != **letter);
    let (Some((first, (one, _))), Some((second, (other, _))), None) =
        (differing.next(), differing.next(), differing.next())
    else {
        return false;
    };
    // Who swaps letters of a short word leaves the first.
    second == first + 1
        && (first > 0 || letters.len() >= SHORTEST_OTHER)
        && letters.get(first) == Some(&other.letter)
        && letters.get(second) == Some(&one.letter)
        // An umlaut that is typed as two letters, and a diphthong: `Leugnerin` is no Lügnerin.
        && !(one.letter == 'e' && other.letter == 'u')
        // Both aren't of an umlaut or of a vowel before it.
        && !is_umlaut(one.source)
        && !is_umlaut(other.source)
}

/// Whether the last letter is another one.
fn differs_at_its_end(word: &[Unit], letters: &[char]) -> bool {
    word.last().map(|unit| unit.letter) != letters.last().copied()
}

/// Whether letters of the same sound stand for one, in a long word for two, and nothing else differs.
fn sounds_alike(word: &[Unit], letters: &[char], english: &dyn Fn() -> bool) -> bool {
    let differing = || word.iter().zip(letters).filter(|(unit, letter)| unit.letter != **letter);
    let most = if letters.len() > LONG { 2 } else { 1 };
    // At the end, s and z tell forms and words apart, but in English (`pillz`): Hungarian `kölcsönöz` and kölcsönös, French
    // `ajoutez` and ajoutes.
    let same_end = match (word.last(), letters.last()) {
        (Some(unit), Some('s' | 'z')) => {
            letters.last() == Some(&unit.letter) || (unit.letter == 'z' && english())
        }
        _ => true,
    };
    // Vowels near the end are those of another form.
    let ends = |at: usize| at + 2 >= letters.len();
    let vowel = |unit: &Unit| is_vowel(unit.letter) && !unit.letter.is_ascii();
    let inside = word
        .iter()
        .zip(letters)
        .enumerate()
        .all(|(at, (unit, letter))| unit.letter == *letter || !vowel(unit) || !ends(at));
    same_end
        && inside
        && (1..=most).contains(&differing().count())
        && differing().all(|(unit, letter)| sound(unit.letter) == sound(*letter))
}

/// Whether a small l stands for each i that differs, or a capital I for an l, and nothing else differs.
fn drawn_alike(word: &[Unit], letters: &[char]) -> bool {
    let mut differing = word.iter().zip(letters).filter(|(unit, letter)| unit.letter != **letter).peekable();
    differing.peek().is_some()
        && differing.all(|(unit, letter)| matches!((unit.source, letter), ('l', 'i') | ('I', 'l')))
}

/// Whether a vowel stands beside an l or I that differs, so that it may be a word that few people write: `planista` is no
/// pianista.
fn may_be_read(word: &[Unit], letters: &[char]) -> bool {
    let vowel = |at: Option<usize>| at.and_then(|at| word.get(at)).is_some_and(|unit| is_vowel(unit.letter));
    let differing =
        word.iter().zip(letters).enumerate().filter(|(_, (unit, letter))| unit.letter != **letter);
    differing.map(|(at, _)| at).any(|at| vowel(at.checked_sub(1)) || vowel(Some(at + 1)))
}

/// Whether a key's f is a ph, and nothing else differs.
fn has_ph_for_f(word: &[Unit], letters: &[char]) -> bool {
    let same = word.iter().zip(letters).take_while(|(unit, letter)| unit.letter == **letter).count();
    let mut rest = word.iter().skip(same).map(|unit| unit.letter);
    letters.get(same) == Some(&'f')
        && rest.next() == Some('p')
        && rest.next() == Some('h')
        && rest.eq(letters.iter().skip(same + 1).copied())
}

/// Whether a key's sch is a sh.
fn lacks_the_c(word: &[Unit], letters: &[char]) -> bool {
    let same = word.iter().zip(letters).take_while(|(unit, letter)| unit.letter == **letter).count();
    let around = same.checked_sub(1).and_then(|at| letters.get(at..at + 3));
    let rest = word.get(same..).unwrap_or_default().iter().map(|unit| unit.letter);
    around == Some(&['s', 'c', 'h']) && rest.eq(letters.iter().skip(same + 1).copied())
}

/// What a word's letters add up to.
#[derive(Default)]
pub(super) struct Letters {
    count: usize,
    all: u32,
    /// How much of it are the second letters of umlauts.
    seconds: u32,
    last: char,
    /// What tells the order of the letters.
    pub(super) order: u32,
    /// It has a sh in it.
    sh: bool,
    /// It has a ph in it.
    ph: bool,
    /// How often it has a cl in it.
    cl: u32,
}

impl Letters {
    /// The letters of a word, with punctuation around. `None` if there is some within: what it parts is no one word.
    pub(super) fn of(word: &str) -> Option<Self> {
        if word.is_ascii() {
            return Self::of_ascii(word.as_bytes());
        }
        let mut letters = Self::default();
        let mut ended = false;
        for c in word.chars() {
            if c.is_ascii() {
                if c.is_ascii_alphanumeric() {
                    if ended {
                        return None;
                    }
                    letters.push(c.to_ascii_lowercase());
                } else {
                    ended |= letters.count > 0 && c.is_ascii_graphic();
                }
                continue;
            }
            if let Some(letter) = simple(c) {
                letters.push(letter);
                continue;
            }
            fold_char(c, &mut |part| match kind(part) {
                Kind::Word => letters.push(part),
                Kind::Mark => {
                    if let MarkFate::Letter(letter) = mark_fate(letters.last, part)
                        && kind(letter) == Kind::Word
                    {
                        letters.push(letter);
                        letters.seconds = letters.seconds.wrapping_add(number(letter));
                    }
                }
                _ => {}
            });
        }
        Some(letters)
    }

    /// The same of nothing but ASCII, as nearly all words are.
    fn of_ascii(word: &[u8]) -> Option<Self> {
        let mut letters = Self::default();
        let mut ended = false;
        for byte in word {
            if !byte.is_ascii_alphanumeric() {
                ended |= letters.count > 0 && byte.is_ascii_graphic();
            } else if ended {
                return None;
            } else {
                letters.push(char::from(byte.to_ascii_lowercase()));
            }
        }
        Some(letters)
    }

    #[inline]
    fn push(&mut self, letter: char) {
        let number = number(letter);
        if letter == 'h' {
            self.sh |= self.last == 's';
            self.ph |= self.last == 'p';
        }
        self.cl += u32::from(letter == 'l' && self.last == 'c');
        self.last = letter;
        self.order = in_order(self.order, letter);
        self.count += 1;
        self.all = self.all.wrapping_add(number);
    }

    /// Whether there are any, as there are of few words.
    fn has_other_sums(&self) -> bool {
        self.seconds != 0 || self.sh || self.ph || self.cl > 0
    }

    /// What the letters add up to without the second ones of umlauts, with a c, with an f for a ph, with d for one cl or more.
    fn other_sums(&self) -> impl Iterator<Item = u32> {
        let flat = (self.seconds != 0).then(|| self.all.wrapping_sub(self.seconds));
        let with_c = self.sh.then(|| self.all.wrapping_add(number('c')));
        let with_f = self
            .ph
            .then(|| self.all.wrapping_sub(number('p')).wrapping_sub(number('h')).wrapping_add(number('f')));
        let drawn = number('d').wrapping_sub(number('c')).wrapping_sub(number('l'));
        let with_d =
            (1..=self.cl.min(DRAWN)).map(move |times| self.all.wrapping_add(drawn.wrapping_mul(times)));
        flat.into_iter().chain(with_c).chain(with_f).chain(with_d)
    }
}

fn sum(word: &[Unit]) -> u32 {
    word.iter().fold(0, |sum, unit| sum.wrapping_add(number(unit.letter)))
}

/// The first of the letters that people write for the same sound.
const fn sound(letter: char) -> char {
    match letter {
        'k' | 'q' => 'c',
        'w' => 'v',
        'z' => 's',
        // Cyrillic ones, where they aren't stressed.
        'о' => 'а',
        'и' | 'ы' => 'е',
        other => other,
    }
}

/// The first of the letters of one sound, or drawn alike.
const fn shape(letter: char) -> char {
    match letter {
        'l' | 'y' => 'i',
        'g' => 'c',
        'u' => 'v',
        other => sound(other),
    }
}

/// A number for a letter, so that different letters hardly ever add up to the same: those of one sound have the same, and
/// those that are drawn alike.
fn number(letter: char) -> u32 {
    NUMBERS.get(letter as usize).copied().unwrap_or_else(|| find_number(letter))
}

/// The numbers of ASCII.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static NUMBERS: [u32; 128] = {
    let mut numbers = [0; 128];
    let mut byte = 0;
    while byte < numbers.len() {
        numbers[byte] = find_number(byte as u8 as char);
        byte += 1;
    }
    numbers
};

const fn find_number(letter: char) -> u32 {
    let mixed = (shape(letter) as u32).wrapping_add(0x9E37).wrapping_mul(0x9E37_79B1);
    (mixed ^ mixed >> 15).wrapping_mul(0x85EB_CA6B)
}

/// What tells the order of letters.
pub(super) fn order<'a>(letters: impl IntoIterator<Item = &'a Unit>) -> u32 {
    letters.into_iter().fold(0, |order, unit| in_order(order, unit.letter))
}

fn in_order(before: u32, letter: char) -> u32 {
    before.rotate_left(5).wrapping_mul(0x9E37_79B1) ^ u32::from(letter)
}

pub(super) fn hash(sum: u32) -> u64 {
    u64::from(sum).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::Letters;

    #[test]
    fn letters_of_ascii_add_up_as_beside_others() {
        for word in
            ["Casino", "(fishing),", "*iagra", "clicl", "PHreak!", "a.b", "it's", "ab\u{1}cd", "", "--"]
        {
            let sums = |word: &str| {
                let letters = Letters::of(word)?;
                Some((letters.count, letters.all, letters.order, letters.other_sums().collect::<Vec<_>>()))
            };
            // Nobody sees a soft hyphen.
            assert_eq!(sums(word), sums(&format!("{word}\u{AD}")), "{word}");
        }
    }
}
