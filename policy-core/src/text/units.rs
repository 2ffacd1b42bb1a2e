//! Letters of a stretch of text with all that stands between and upon them, for the comparison of hidden words.

use std::ops::Range;

use icu_properties::props::Script;
use unicode_normalization::char::{canonical_combining_class, compose};

use super::chars::{Kind, MarkFate, Writing, kind, mark_fate, script, simple, stays, writing};
use super::drawn::{drawn, parts_letters, stands_for_letter};
use super::fold::fold_char;
use super::lookalike::{capital_class, class, class_as_shown, fancy};

/// What stands before a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    /// Blanks, at most 255.
    pub(super) blanks: u8,
    /// A sign that ordinary text doesn't put inside a word: an asterisk, an emoji.
    pub(super) joiner: bool,
    /// Punctuation that may stand inside a word or between two.
    pub(super) soft: bool,
    /// Of it, punctuation that ends a clause where a blank stands next to it.
    pub(super) clause: bool,
    /// Only an apostrophe or a quotation mark.
    pub(super) quote: bool,
    /// A hyphen.
    pub(super) hyphen: bool,
    /// The hyphen is the last thing on its line.
    pub(super) wrapped: bool,
    /// An ideographic or full-width mark that ends a clause, or a bracket.
    pub(super) stop: bool,
    /// The sign that stands in it, the last one of several.
    pub(super) sign: char,
    /// Nothing but a change of writing: words of kana among ideographs.
    pub(super) turn: bool,
    /// A boundary that nothing reaches over.
    pub(super) wall: bool,
}

impl Gap {
    /// Whether it is one sign that stands between the syllables of a list or two sentences hardly ever.
    pub(super) fn parts_syllables(self) -> bool {
        self.blanks == 0
            && !self.quote
            && !self.stop
            && !matches!(self.sign, '\0' | '/' | '·' | ',' | '?' | '!' | ':' | ';')
    }

    /// Whether it is what people put between letters, and not what only formulas and programs do.
    pub(super) fn parts_letters(self) -> bool {
        !self.quote
            && !self.stop
            && matches!(self.sign, '\0' | '.' | '-' | '_' | '*' | '~' | '|' | '/' | '+' | '•' | '·')
    }

    /// Whether it is one of the signs that part the pieces of a word: not a tag's end, or a formula's.
    pub(super) fn parts_pieces(self) -> bool {
        matches!(self.sign, '.' | ',' | ':' | '-' | '_' | '|' | '#' | '+')
    }

    /// From 0 (letters touch) to 4 (a wall): a word's inner gaps are narrower than those around it.
    pub(super) fn width(self) -> u8 {
        match self {
            Self { wall: true, .. } => 4,
            Self { wrapped: true, .. } => 1,
            Self { blanks: 2.., .. } => 3,
            Self { blanks: 1, .. } => 2,
            other => u8::from(other != Self::default()),
        }
    }
}

/// Marks on one letter that are compared; more are noise.
const MARKS: usize = 3;

/// A letter.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// What it can pass for.
    pub(super) class: char,
    /// The letter, folded.
    pub(super) letter: char,
    /// As it stands in the text.
    pub(super) source: char,
    /// Its marks in canonical order.
    pub(super) marks: [char; MARKS],
    /// A mark that no orthography puts on this letter, or too many.
    pub(super) odd_mark: bool,
    /// A sign that stands for a letter.
    pub(super) sign: bool,
    /// How often the character that it comes from is repeated; only counted where a character is several letters.
    pub(super) repeats: u8,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Where it stands in the text.
    pub(super) at: Range<usize>,
}

impl Unit {
    pub(super) fn marked(&self) -> bool {
        self.marks.first() != Some(&'\0')
    }

    /// Whether a reader counts it as a letter of its own: not the second half of a Hangul syllable.
    pub(super) fn counts(&self) -> bool {
        !matches!(self.letter, '\u{1160}'..='\u{11FF}')
    }

    pub(super) fn script(&self) -> Script {
        script(self.letter)
    }

    /// Whether it is a syllable in writing: two are a word.
    pub(super) fn is_syllable(&self) -> bool {
        matches!(
            self.script(),
            Script::Hangul
                | Script::Devanagari
                | Script::Bengali
                | Script::Gurmukhi
                | Script::Gujarati
                | Script::Tamil
                | Script::Telugu
                | Script::Kannada
                | Script::Malayalam
                | Script::Sinhala
        )
    }

    pub(super) fn unspaced(&self) -> bool {
        writing(self.letter) == Some(Writing::Unspaced)
    }
}

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A key: signs are signs.
    Key,
    Text,
}

/// How it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// ä is ae.
    Plain,
    /// ä is an a with something on it, and so is ae in a key.
    Umlauts,
    /// Greek letters by the shape of their capitals: Η is an H, and η is none.
    Capitals,
    /// Signs that can be letters part letters: `c!a!s!i!n!o`.
    Apart,
}

/// In which other ways a stretch can be read.
#[derive(Clone, Copy, Default)]
pub(super) struct Ambiguous {
    pub(super) umlauts: bool,
    pub(super) capitals: bool,
    /// Where the first and the last sign stand that may part letters.
    pub(super) signs: Option<(usize, usize)>,
}

impl Ambiguous {
    /// Notes a sign that is read as a letter and may part letters.
    pub(super) fn note_sign(&mut self, at: usize) {
        let first = self.signs.map_or(at, |(first, _)| first);
        self.signs = Some((first, at));
    }
}

/// The letters of a key.
pub(super) fn key_units(key: &str, reading: Reading) -> (Vec<Unit>, Ambiguous) {
    let mut letters = Vec::new();
    let ambiguous = read_units(key, 0..key.len(), Of::Key, reading, &mut letters);
    (letters, ambiguous)
}

/// Lists the letters of `shown` between the two bounds.
pub(super) fn read_units(
    shown: &str,
    bounds: Range<usize>,
    of: Of,
    reading: Reading,
    into: &mut Vec<Unit>,
) -> Ambiguous {
    into.clear();
    let mut list = Units {
        of,
        reading,
        units: into,
        gap: Gap { wall: true, ..Gap::default() },
        writing: Writing::Spaced,
        ambiguous: Ambiguous::default(),
    };
    let Some(text) = shown.get(bounds.clone()) else { return Ambiguous::default() };
    let mut chars = text.char_indices();
    let mut before = None;
    while let Some((offset, c)) = chars.next() {
        let at = bounds.start + offset;
        if c.is_ascii_alphabetic() {
            if of == Of::Key && list.typed_umlaut(c) {
                continue;
            }
            list.letter(c.to_ascii_lowercase(), c, false, at..at + 1);
            before = Some(c);
            continue;
        }
        // A letter that stands for no other, nor beside one.
        if !c.is_ascii() && c != 'ς' && simple(c).is_some() {
            list.take(c, at);
            before = Some(c);
            continue;
        }
        let rest = chars.as_str();
        if of == Of::Text {
            // A soft hyphen at a line's end is shown as a hyphen, and nowhere else (UAX 14 section 5.4).
            if c == '\u{AD}' && rest.starts_with(['\n', '\r']) {
                list.between(Kind::Sign, '-');
                continue;
            }
            if let Some((letter, length)) = drawn(c, rest) {
                for _ in 1..length {
                    chars.next();
                }
                let end = bounds.end - chars.as_str().len();
                list.letter(letter, c, true, at..end);
                before = Some(c);
                continue;
            }
            // Between Korean syllables a number parts them.
            if c.is_ascii_digit() && before.is_some_and(is_hangul) && rest.starts_with(is_hangul) {
                list.between(Kind::Sign, c);
                continue;
            }
            // A final sigma inside a word is none.
            if c == 'ς' && rest.starts_with(char::is_alphabetic) {
                list.letter_like('σ', c, 's', at..at + c.len_utf8());
                before = Some(c);
                continue;
            }
            let parting = parts_letters(c);
            if !(parting && reading == Reading::Apart) && stands_for_letter(c, before, rest, shown, at) {
                if parting {
                    list.ambiguous.note_sign(at);
                }
                list.letter(c, c, true, at..at + c.len_utf8());
                before = Some(c);
                continue;
            }
        }
        list.take(c, at);
        if c != '\u{FE0F}' {
            before = Some(c);
        }
    }
    list.ambiguous
}

struct Units<'u> {
    of: Of,
    reading: Reading,
    units: &'u mut Vec<Unit>,
    gap: Gap,
    writing: Writing,
    ambiguous: Ambiguous,
}

impl Units<'_> {
    /// Takes a key's ae, oe, ue, aa for the umlaut that it may have been typed as.
    fn typed_umlaut(&mut self, c: char) -> bool {
        let Some(unit) = self.units.last_mut() else { return false };
        let mark = match (unit.letter, c) {
            ('a' | 'o' | 'u', 'e') => '\u{308}',
            ('a', 'a') => '\u{30A}',
            _ => return false,
        };
        if self.gap != Gap::default() || unit.marked() {
            return false;
        }
        self.ambiguous.umlauts = true;
        if self.reading == Reading::Umlauts {
            add_mark(unit, mark);
        }
        self.reading == Reading::Umlauts
    }

    /// Letters of which two can be made, and which are read as one with something on it here.
    fn two_in_one(&mut self, c: char, range: &Range<usize>) -> bool {
        let base = match c {
            'ø' | 'Ø' => 'o',
            'æ' | 'Æ' => 'a',
            // A German ß is often a Greek β.
            'β' if self.after_latin() => 's',
            _ => return false,
        };
        self.ambiguous.umlauts = true;
        if self.reading != Reading::Umlauts {
            return false;
        }
        self.letter(base, c, false, range.clone());
        if base == 's' {
            self.letter(base, c, false, range.clone());
        } else if let Some(unit) = self.units.last_mut() {
            add_mark(unit, '\u{308}');
        }
        true
    }

    fn after_latin(&self) -> bool {
        self.gap == Gap::default() && self.units.last().is_some_and(|unit| unit.script() == Script::Latin)
    }

    fn take(&mut self, c: char, at: usize) {
        let range = at..at + c.len_utf8();
        if let '\u{1F1E6}'..='\u{1F1FF}' = c {
            let letter = char::from_u32(u32::from(c) - 0x1F1E6 + u32::from('a')).unwrap_or(c);
            return self.letter(letter, c, false, range);
        }
        if let Some(letter) = currency(c) {
            return self.letter(letter, c, false, range);
        }
        if self.repeated(c) || self.two_in_one(c, &range) {
            return;
        }
        if let Some(letter) = simple(c) {
            return self.letter(letter, c, false, range);
        }
        match kind(c) {
            Kind::Sign if stays(c) => self.between(Kind::Sign, c),
            Kind::Word | Kind::Mark | Kind::Sign if !is_quote(c) => {
                let mut parts = [None; 24];
                let mut slots = parts.iter_mut();
                fold_char(c, &mut |part| {
                    if let Some(slot) = slots.next() {
                        *slot = Some(part);
                    }
                });
                for part in parts.into_iter().flatten() {
                    match kind(part) {
                        Kind::Word => self.letter(part, c, false, range.clone()),
                        Kind::Mark => self.mark(part, c, &range),
                        other => self.between(other, part),
                    }
                }
            }
            other => self.between(other, c),
        }
    }

    /// Draws repetitions of a character that is several letters (ø, a Hangul syllable) together.
    fn repeated(&mut self, c: char) -> bool {
        // `ää` is a long vowel in Finnish, and a key's aeae.
        if c.is_ascii()
            || self.gap != Gap::default()
            || matches!(c, 'ä' | 'ö' | 'ü' | 'å' | 'Ä' | 'Ö' | 'Ü' | 'Å')
        {
            return false;
        }
        let [.., before, last] = self.units.as_mut_slice() else { return false };
        let again = last.source == c && before.at.start == last.at.start;
        if again {
            last.repeats = last.repeats.saturating_add(1);
        }
        again
    }

    fn letter(&mut self, letter: char, source: char, sign: bool, at: Range<usize>) {
        let mut gap = std::mem::take(&mut self.gap);
        let writing = writing(letter).unwrap_or(self.writing);
        gap.turn = gap == Gap::default() && writing != self.writing && !self.units.is_empty();
        self.writing = writing;
        let marks = ['\0'; MARKS];
        let greek = ('α'..='ω').contains(&letter) && (self.of == Of::Key || source.is_uppercase());
        self.ambiguous.capitals |= greek;
        let shown = if source.is_ascii() || self.of == Of::Key { None } else { class_as_shown(source) };
        let class = match shown {
            Some(class) => class,
            None if greek && self.reading == Reading::Capitals => capital_class(letter),
            None => class(letter),
        };
        let unit = Unit { class, letter, source, marks, odd_mark: false, sign, repeats: 0, gap, at };
        self.units.push(unit);
    }

    /// A letter that is drawn like another.
    fn letter_like(&mut self, letter: char, source: char, like: char, at: Range<usize>) {
        self.letter(letter, source, false, at);
        if let Some(unit) = self.units.last_mut() {
            unit.class = class(like);
        }
    }

    fn mark(&mut self, mark: char, source: char, at: &Range<usize>) {
        if self.gap != Gap::default() {
            return;
        }
        let Some(unit) = self.units.last_mut() else { return };
        let fate = mark_fate(unit.letter, mark);
        match fate {
            MarkFate::Letter(letter) if kind(letter) == Kind::Word => {
                self.ambiguous.umlauts = true;
                if self.reading != Reading::Umlauts {
                    return self.letter(letter, source, false, at.clone());
                }
                add_mark(unit, mark);
                // A key that was typed with an umlaut isn't taken for one that was typed with two letters.
                if self.of == Of::Key {
                    unit.source = source;
                }
            }
            MarkFate::Letter(other) => add_mark(unit, other),
            MarkFate::Keep => add_mark(unit, mark),
            MarkFate::Drop => {}
        }
    }

    fn between(&mut self, kind: Kind, c: char) {
        let gap = &mut self.gap;
        if matches!(kind, Kind::Clause | Kind::Stop | Kind::Sign) {
            gap.sign = c;
        }
        match kind {
            Kind::Blank => {
                gap.wrapped |= c == '\n' && gap.hyphen && gap.blanks <= 1 && !gap.soft && !gap.joiner;
                gap.blanks = gap.blanks.saturating_add(1);
            }
            Kind::Paragraph => gap.wall = true,
            // What is in brackets is added, or handed to a function: `write(data`.
            Kind::Clause => {
                (gap.soft, gap.clause) = (true, true);
                gap.stop |= matches!(c, '(' | ')');
            }
            Kind::Stop => gap.stop = true,
            _ if is_quote(c) => gap.quote = true,
            Kind::Sign if c == '-' || ('\u{2010}'..='\u{2012}').contains(&c) => gap.hyphen = true,
            Kind::Sign if c.is_ascii() && !matches!(c, '*' | '~' | '^') => gap.soft = true,
            Kind::Sign => gap.joiner = true,
            Kind::Word | Kind::Mark | Kind::Ignorable => {}
        }
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Signs of currencies and of calculus that "fancy text" uses for letters.
fn currency(c: char) -> Option<char> {
    matches!(c, '\u{20A0}'..='\u{20BF}' | '฿' | '∂').then(|| fancy(c)).flatten()
}

fn add_mark(unit: &mut Unit, mark: char) {
    if unit.marks.contains(&mark) {
        return;
    }
    let Some(free) = unit.marks.iter_mut().find(|slot| **slot == '\0') else {
        unit.odd_mark = true;
        return;
    };
    *free = mark;
    let used = unit.marks.iter().filter(|slot| **slot != '\0').count();
    if let Some(marks) = unit.marks.get_mut(..used) {
        marks.sort_by_key(|mark| canonical_combining_class(*mark));
    }
    if script(unit.letter) == Script::Latin {
        let composed = unit.marks.iter().take(used).try_fold(unit.letter, |base, mark| compose(base, *mark));
        unit.odd_mark |= !composed
            .is_some_and(|letter| USUAL.contains(letter) || ('\u{1EA0}'..='\u{1EF9}').contains(&letter));
    } else if script(unit.letter) == Script::Cyrillic {
        let composed = compose(unit.letter, mark);
        unit.odd_mark |= !composed.is_some_and(|letter| "йїўѓќ".contains(letter));
    }
}

/// Accented letters of living Latin orthographies, beside the Vietnamese ones (U+1EA0..).
const USUAL: &str =
    "àáâãäåāăąçćĉċčďèéêëēėęěĝğġģĥìíîïĩīįĵķĺļľñńņňòóôõöōőŕřśŝşšţťùúûüũūŭůűųŵýÿŷźżžơưșțǧǩǫẁẃẅỳḥṣṭẓẹọḍ";

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '"' | '`' | '´' | '’' | '‘' | '“' | '”' | '′' | '״' | '׳' | '\u{2BC}')
}
