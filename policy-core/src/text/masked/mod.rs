//! Words of which some letters are masked: `b*tch`, `f**k`, `bast#rd`.
//!
//! The first letter stands, the length agrees, and at least as many letters stand as are masked. What ordinary writing
//! and programs put between words, too (`_`, `-`), masks one vowel at a time or several letters, and only beside a piece
//! that is no word: `sh-t`, `ca_ino`, and not `re-use` for refuse. A full stop asks that of both pieces: `sh.t`.

mod outline;

use std::collections::HashSet;
use std::ops::Range;

pub(super) use outline::Outline;

use super::believe::written;
use super::bloom::Bloom;
use super::by_hash::ByHash;
use super::chars::{Kind, alphabetic, is_vowel, kind};
use super::everyday::is_word;
use super::listed::{LONGEST, Listed, Word, place, place_among};
use super::lookalike::class;
use super::units::{Reading, Unit, key_units};
use super::verify::drawn_like;

/// Shorter words come out of formulas and codes: `a*b`.
const SHORTEST: usize = 4;
/// The same in a phrase, whose other words tell.
const SHORTEST_IN_PHRASE: usize = 3;
/// Emphasis has at most so many bytes.
const EMPHASIS: usize = 512;
/// In a word of so many letters one piece without a vowel is enough.
const TELLING: usize = 6;
/// So many signs behind so many letters mask a word's end: fewer mark a footnote, unless others are masked, too.
const TAIL: (usize, usize) = (2, 3);
/// One sign behind so many letters that are no word masks the last: `préstam*`.
const TAIL_OF_NO_WORD: usize = 5;

/// The words of all keys, by their shapes.
pub(super) struct Masked {
    pub(super) listed: Listed,
    /// The words that have a shape.
    shapes: ByHash<u32>,
    /// Of those that are the same, one.
    different: ByHash<u32>,
    /// The shapes alone: most that are asked for aren't there.
    set: Bloom,
    /// How many letters the longest word has.
    longest: usize,
}

/// Collects words.
#[derive(Default)]
pub(super) struct MaskedBuilder {
    listed: Listed,
    shapes: Vec<(u32, u32)>,
    different: Vec<(u32, u32)>,
    met: HashSet<String>,
    longest: usize,
}

/// A letter of a text's word, or what masks one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Letter(usize),
    Masker(char),
}

impl Item {
    fn unit(self, text: &[Unit]) -> Option<&Unit> {
        match self {
            Self::Letter(index) => text.get(index),
            Self::Masker(_) => None,
        }
    }
}

/// Which signs are taken for maskers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// Those that ordinary writing doesn't put inside a word.
    Strong,
    /// Those that it does.
    Soft,
    /// The same, in a phrase whose other words tell.
    SoftInPhrase,
}

impl Signs {
    fn soft(self) -> bool {
        self != Self::Strong
    }
}

/// So many masked words of phrases are compared in one stretch.
const MASKED: usize = 64;

/// So many letters of a phrase tell that a sign in one word of it masks a letter.
const TELLING_PHRASE: usize = 10;

impl MaskedBuilder {
    /// Takes the words of the key that has this place in the list of keys; `also` gets each by its number.
    pub(super) fn add(&mut self, key: usize, letters: &[Unit], also: &mut impl FnMut(u32, &[Unit], bool)) {
        let Self { listed, shapes, different, met, longest } = self;
        listed.add(key, letters, |number, word, in_phrase| {
            also(number, word, in_phrase);
            *longest = (*longest).max(word.len());
            if word.len() < if in_phrase { SHORTEST_IN_PHRASE } else { SHORTEST } {
                return;
            }
            let from = shapes.len();
            if let ([one, two, ..], Some(last)) = (word, word.last()) {
                shapes.push((shape(one.class, Edge::Last(last.class), word.len()), number));
                shapes.push((shape(one.class, Edge::Second(two.class), word.len()), number));
            }
            if let [one, _, three, _, _, ..] = word {
                shapes.push((shape(one.class, Edge::Third(three.class), word.len()), number));
            }
            if met.insert(word.iter().map(|unit| unit.letter).collect()) {
                different.extend(shapes.iter().skip(from));
            }
        });
    }

    pub(super) fn finish(self) -> Masked {
        let different = ByHash::new(self.different);
        let set = Bloom::of(different.hashes().map(spread));
        let Self { listed, longest, .. } = self;
        Masked { listed, shapes: ByHash::new(self.shapes), different, set, longest }
    }
}

impl Masked {
    /// Reports the places of the keys that stand in the text with some letters masked, and where they do. `keys` gives
    /// the key of a place.
    pub(super) fn scan<'k>(
        &self,
        shown: &str,
        text: &[Unit],
        keys: impl Fn(usize) -> Option<(&'k str, Reading)>,
        found: &mut dyn FnMut(usize, Range<usize>),
    ) {
        // Words of phrases whose other words aren't there as they are: they may be masked, too.
        let mut beside: Vec<(&Word, Range<usize>)> = Vec::new();
        for signs in [Signs::Strong, Signs::Soft] {
            // Going through it letter by letter takes long, and most texts have none.
            if !may_mask(shown, text, signs) {
                continue;
            }
            each_word(shown, text, signs, &mut |items, signs| {
                for word in self.candidates(text, items) {
                    let told =
                        signs != Signs::SoftInPhrase || (word.in_phrase() && word.phrase >= TELLING_PHRASE);
                    if told
                        && stands_for(text, items, self.listed.letters(word), signs)
                        && let Some((key, reading)) = keys(word.key as usize)
                        && let Some(taken) = taken(items)
                    {
                        match place(text, taken.clone(), word, &key_units(key, reading).0) {
                            Some(place) => found(word.key as usize, place),
                            None if word.in_phrase() && beside.len() < MASKED => beside.push((word, taken)),
                            None => {}
                        }
                    }
                }
            });
        }
        for (word, taken) in &beside {
            if beside.iter().any(|(other, _)| other.key == word.key && !std::ptr::eq(*other, *word))
                && let Some((key, reading)) = keys(word.key as usize)
                && let Some(place) =
                    place_among(text, taken.clone(), word, &key_units(key, reading).0, &beside)
            {
                found(word.key as usize, place);
            }
        }
    }

    fn candidates(&self, text: &[Unit], items: &[Item]) -> impl Iterator<Item = &Word> {
        self.shaped(&self.shapes, known(items, |item| item.unit(text).map(|unit| unit.class)))
    }

    /// Those of the words that have this shape.
    fn shaped<'m>(&'m self, words: &'m ByHash<u32>, wanted: Option<u32>) -> impl Iterator<Item = &'m Word> {
        let wanted = wanted.filter(|wanted| self.set.may_contain(spread(*wanted)));
        let same = wanted.into_iter().flat_map(|wanted| words.having(wanted));
        same.filter_map(|number| self.listed.word(*number))
    }
}

/// A letter that is known beside the first.
enum Edge {
    Last(char),
    Second(char),
    Third(char),
}

/// The shape of a masked word, if enough of its letters is known.
fn known<T>(word: &[T], class_of: impl Fn(&T) -> Option<char>) -> Option<u32> {
    let edge = match word {
        [_, second, .., last] => {
            class_of(last).map(Edge::Last).or_else(|| class_of(second).map(Edge::Second))
        }
        _ => None,
    };
    let edge = edge.or_else(|| word.get(2).and_then(&class_of).map(Edge::Third));
    word.first().and_then(&class_of).zip(edge).map(|(first, edge)| shape(first, edge, word.len()))
}

/// A hash of what is known of a masked word.
fn shape(first: char, edge: Edge, length: usize) -> u32 {
    let (which, edge) = match edge {
        Edge::Last(class) => (0, class),
        Edge::Second(class) => (1, class),
        Edge::Third(class) => (2, class),
    };
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let mix = |bits: u32, next: u32| (bits.rotate_left(11) ^ next).wrapping_mul(0x9E37_79B1);
    [u32::from(first), which, u32::from(edge), length].into_iter().fold(0, mix)
}

fn spread(shape: u32) -> u64 {
    u64::from(shape).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Hands out the words of a text that have masked letters.
fn each_word(shown: &str, text: &[Unit], signs: Signs, take: &mut dyn FnMut(&[Item], Signs)) {
    let mut items: Vec<Item> = Vec::new();
    for (index, unit) in text.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| text.get(before));
        let between = before.and_then(|before| shown.get(before.at.end..unit.at.start)).unwrap_or_default();
        match leading(between, signs) {
            (maskers, "") if !items.is_empty() => items.extend(maskers),
            _ => {
                end_word(shown, text, &mut items, between, signs, take);
                items.clear();
            }
        }
        if items.len() <= LONGEST {
            items.push(Item::Letter(index));
        }
    }
    let behind = text.last().and_then(|last| shown.get(last.at.end..)).unwrap_or_default();
    end_word(shown, text, &mut items, behind, signs, take);
}

/// The maskers that begin what stands between two letters, and the rest of it.
fn leading(between: &str, signs: Signs) -> (impl Iterator<Item = Item> + Clone, &str) {
    // Markdown's own signs are escaped: `b\*tch`.
    let escape =
        |index: usize| between.get(index + 1..).is_some_and(|rest| rest.starts_with(['*', '_', '#']));
    let belongs = |index: usize, c: char| {
        is_masker(c, signs) || kind(c) == Kind::Ignorable || (c == '\\' && escape(index))
    };
    let end = between.char_indices().find(|(index, c)| *index > LONGEST || !belongs(*index, *c));
    let (maskers, rest) = between.split_at(end.map_or(between.len(), |(index, _)| index));
    (maskers.chars().filter(move |c| is_masker(*c, signs)).map(Item::Masker), rest)
}

/// Whether letters are masked with it.
fn is_masker(c: char, signs: Signs) -> bool {
    match signs {
        Signs::Soft | Signs::SoftInPhrase => matches!(c, '_' | '-' | '~' | '^' | '%' | '&' | '?' | '.'),
        Signs::Strong if c.is_ascii() => matches!(c, '*' | '#') || is_unusual(c),
        // Bullets, dots, asterisks, blocks, stars, emoji.
        Signs::Strong => matches!(
            c,
            '•' | '·' | '∙' | '⋅' | '…' | '×' | '†' | '∗' | '⁎' | '＊' | '\u{2500}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}'
        ),
    }
}

/// Whether there is a masker among or behind these letters, or a sign that is read as a letter and may mask another.
fn may_mask(shown: &str, text: &[Unit], signs: Signs) -> bool {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return false };
    // What stands behind the last letter is looked at, too.
    let end = shown.floor_char_boundary(last.at.end.saturating_add(4 * (LONGEST + 2)));
    let within = shown.get(first.at.start..end).unwrap_or_default();
    within
        .char_indices()
        .any(|(at, c)| is_masker(c, signs) && !ends(c, within.get(at + 1..).unwrap_or_default()))
        || (signs == Signs::Strong && text.iter().any(|unit| is_masking_letter(unit.letter)))
}

/// Whether it is a full stop that ends something.
fn ends(c: char, rest: &str) -> bool {
    c == '.' && !rest.starts_with(char::is_alphanumeric)
}

/// Whether nobody writes this sign inside a word, between letters.
fn is_unusual(sign: char) -> bool {
    matches!(sign, '%' | '~' | '^')
}

/// Whether a sign that is read as a letter may mask another one, too.
fn is_masking_letter(letter: char) -> bool {
    matches!(letter, '#' | '@' | '$' | '!' | '×')
}

/// Hands out the word that the items are, if letters of it are masked. `behind` is what stands behind it.
fn end_word(
    shown: &str,
    text: &[Unit],
    items: &mut Vec<Item>,
    behind: &str,
    signs: Signs,
    take: &mut dyn FnMut(&[Item], Signs),
) {
    let (maskers, rest) = leading(behind, signs);
    let letter = |item: &Item| item.unit(text).filter(|unit| alphabetic(unit.letter));
    // `m***y@example.org` is an address that is kept from strangers.
    if items.len() > LONGEST || items.first().and_then(letter).is_none() || rest.starts_with('@') {
        return;
    }
    if signs == Signs::Soft {
        let masker = |item: &Item| matches!(item, Item::Masker(_));
        let vowelless = |piece: Option<&[Item]>| {
            piece.is_some_and(|piece| piece.iter().filter_map(letter).all(|unit| !is_vowel(unit.letter)))
        };
        let (first, last) = (items.iter().position(masker), items.iter().rposition(masker));
        if let (Some(first), Some(last)) = (first, last)
            && items.iter().filter(|item| masker(item)).all(|item| Some(item) == items.get(first))
        {
            let (left, right) = (vowelless(items.get(..first)), vowelless(items.get(last + 1..)));
            let unusual = items
                .get(first)
                .is_some_and(|item| matches!(item, Item::Masker(c) if is_unusual(*c) || *c == '?'));
            let strange = |piece: Option<&[Item]>| {
                let units = piece.unwrap_or_default().iter().filter_map(letter).map(|unit| unit.letter);
                !is_word(&units.collect::<String>())
            };
            let enough = match items.len() {
                5.. if unusual && first == last => true,
                5.. if first == last && (strange(items.get(..first)) || strange(items.get(last + 1..))) => {
                    true
                }
                _ if items.get(first) == Some(&Item::Masker('.')) => first == last && left && right,
                TELLING.. => left || right,
                5 => left && (right || first > 1),
                _ => left && right,
            };
            match enough {
                true => take(items, signs),
                false if first == last && items.len() >= SHORTEST => take(items, Signs::SoftInPhrase),
                false => {}
            }
        }
        return;
    }
    // `%` and the like mask letters beside one that nothing else is for.
    let strong = |item: &Item| match item {
        Item::Masker(c) => !is_unusual(*c),
        Item::Letter(_) => letter(item).is_none(),
    };
    let unusual = items.iter().any(|item| matches!(item, Item::Masker(c) if is_unusual(*c)));
    if unusual && (items.len() < TELLING || !items.iter().any(strong)) {
        return;
    }
    if items.iter().any(|item| letter(item).is_none()) {
        take(items, signs);
    }
    let begin = items.first().and_then(|item| item.unit(text)).map_or(0, |unit| unit.at.start);
    let only_star = |maskers: &[Item]| matches!(maskers, [Item::Masker('*' | '＊' | '∗' | '⁎')]);
    let is_a_word = || {
        let units: Vec<Unit> = items.iter().filter_map(|item| item.unit(text).cloned()).collect();
        is_word(&written(&units))
    };
    let enough = match items.iter().any(|item| letter(item).is_none()) {
        true => maskers.clone().count() == 1 && items.len() >= SHORTEST,
        false if only_star(&maskers.clone().collect::<Vec<_>>()) => {
            items.len() >= TAIL_OF_NO_WORD && !is_a_word() && !starred(shown, begin)
        }
        false => maskers.clone().count() >= TAIL.0 && items.len() >= TAIL.1 && !emphasised(shown, begin),
    };
    if enough {
        items.extend(maskers);
        take(items, signs);
    }
}

/// Whether what stands before has a sign of emphasis that may end behind the word: `**must not**`.
fn emphasised(shown: &str, until: usize) -> bool {
    let before = shown.as_bytes().get(until.saturating_sub(EMPHASIS)..until).unwrap_or_default();
    before.windows(2).any(|pair| matches!(pair, b"**" | b"##"))
}

/// Whether what stands before has an asterisk that may belong to the one behind the word: `*viagr*`.
fn starred(shown: &str, until: usize) -> bool {
    shown.as_bytes().get(until.saturating_sub(EMPHASIS)..until).unwrap_or_default().contains(&b'*')
}

/// Whether a word with masked letters may be the word of these letters.
fn stands_for(text: &[Unit], items: &[Item], letters: &[char], signs: Signs) -> bool {
    if items.len() != letters.len() {
        return false;
    }
    let (mut known, mut masked, mut drawn) = (0, 0, 0);
    let alone = |index: usize| {
        let masker =
            |index: Option<usize>| matches!(index.and_then(|index| items.get(index)), Some(Item::Masker(_)));
        !masker(index.checked_sub(1)) && !masker(Some(index + 1))
    };
    for (index, (item, letter)) in items.iter().zip(letters).enumerate() {
        match item.unit(text) {
            None if signs.soft() && alone(index) && items.len() < TELLING && !is_vowel(*letter) => {
                return false;
            }
            None => masked += 1,
            Some(unit) if unit.letter == *letter && unit.sign => drawn += 1,
            Some(unit) if unit.letter == *letter => known += 1,
            // A digit, or another script's letter.
            Some(unit) if unit.class == class(*letter) && passes(unit.letter, *letter) => drawn += 1,
            Some(unit) if signs == Signs::Strong && is_masking_letter(unit.letter) => masked += 1,
            Some(_) => return false,
        }
    }
    let first = items.first().and_then(|item| item.unit(text));
    let stands = first.map(|unit| unit.letter) == letters.first().copied();
    stands && masked > 0 && known >= masked + drawn && (!signs.soft() || known > 2)
}

/// Whether one of two different letters of a class may stand for the other: a digit, or a letter of another script.
fn passes(one: char, other: char) -> bool {
    match one.is_ascii_digit() {
        true => drawn_like(one, other),
        false => !(one.is_ascii_alphabetic() && other.is_ascii()),
    }
}

/// From the first of a word's letters to its last.
fn taken(items: &[Item]) -> Option<Range<usize>> {
    let mut known = items.iter().filter_map(|item| match item {
        Item::Letter(index) => Some(*index),
        Item::Masker(_) => None,
    });
    let first = known.next()?;
    Some(first..known.next_back().unwrap_or(first) + 1)
}
