//! Letters of a stretch of text with all that stands between and upon them, for the comparison of hidden words.

use std::ops::Range;

use icu_properties::props::Script;
use unicode_normalization::char::{canonical_combining_class, compose};

use super::chars::{Kind, MarkFate, Writing, kind, mark_fate, script, simple, writing};
use super::fold::fold_char;
use super::lookalike::class;

/// What stands before a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    /// Blanks, at most 255.
    pub(super) blanks: u8,
    /// A sign that ordinary text doesn't put inside a word: an asterisk, an emoji.
    pub(super) joiner: bool,
    /// Punctuation that may stand inside a word or between two.
    pub(super) soft: bool,
    /// Only an apostrophe or a quotation mark.
    pub(super) quote: bool,
    /// A hyphen.
    pub(super) hyphen: bool,
    /// The hyphen is the last thing on its line.
    pub(super) wrapped: bool,
    /// An ideographic or full-width mark that ends a clause.
    pub(super) stop: bool,
    /// Nothing but a change of writing: words of kana among ideographs.
    pub(super) turn: bool,
    /// A boundary that nothing reaches over.
    pub(super) wall: bool,
}

impl Gap {
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

    pub(super) fn unspaced(&self) -> bool {
        writing(self.letter) == Some(Writing::Unspaced)
    }
}

/// How to read a stretch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A key: signs are signs.
    Key,
    /// Text; ä is ae.
    Text,
    /// Text; ä is an a with something on it.
    TextBare,
}

/// The letters of `shown` between the two bounds, and whether there was an umlaut that could be read two ways.
pub(super) fn units(shown: &str, bounds: Range<usize>, reading: Reading) -> (Vec<Unit>, bool) {
    let mut letters = Vec::new();
    let umlaut = read_units(shown, bounds, reading, &mut letters);
    (letters, umlaut)
}

/// Like [`units`], into a list that is used again and again.
pub(super) fn read_units(shown: &str, bounds: Range<usize>, reading: Reading, into: &mut Vec<Unit>) -> bool {
    into.clear();
    let mut list = Units {
        reading,
        units: into,
        gap: Gap { wall: true, ..Gap::default() },
        writing: Writing::Spaced,
        umlaut: false,
    };
    let Some(text) = shown.get(bounds.clone()) else { return false };
    let mut chars = text.char_indices();
    let mut before = None;
    while let Some((offset, c)) = chars.next() {
        let at = bounds.start + offset;
        if c.is_ascii_alphabetic() {
            list.letter(c.to_ascii_lowercase(), c, false, at..at + 1);
            before = Some(c);
            continue;
        }
        let rest = chars.as_str();
        if reading != Reading::Key {
            if let Some((letter, length)) = drawn(c, rest) {
                for _ in 1..length {
                    chars.next();
                }
                let end = bounds.end - chars.as_str().len();
                list.letter(letter, c, true, at..end);
                before = Some(c);
                continue;
            }
            if stands_for_letter(c, before, rest, shown, at) {
                list.letter(c, c, true, at..at + c.len_utf8());
                before = Some(c);
                continue;
            }
        }
        list.take(c, at);
        before = Some(c);
    }
    list.umlaut
}

struct Units<'u> {
    reading: Reading,
    units: &'u mut Vec<Unit>,
    gap: Gap,
    writing: Writing,
    umlaut: bool,
}

impl Units<'_> {
    fn take(&mut self, c: char, at: usize) {
        let range = at..at + c.len_utf8();
        if let '\u{1F1E6}'..='\u{1F1FF}' = c {
            let letter = char::from_u32(u32::from(c) - 0x1F1E6 + u32::from('a')).unwrap_or(c);
            return self.letter(letter, c, false, range);
        }
        if self.repeated(c) {
            return;
        }
        if let Some(letter) = simple(c) {
            return self.letter(letter, c, false, range);
        }
        match kind(c) {
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
        if c.is_ascii() || self.gap != Gap::default() {
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
        let unit =
            Unit { class: class(letter), letter, source, marks, odd_mark: false, sign, repeats: 0, gap, at };
        self.units.push(unit);
    }

    fn mark(&mut self, mark: char, source: char, at: &Range<usize>) {
        if self.gap != Gap::default() {
            return;
        }
        let Some(unit) = self.units.last_mut() else { return };
        let fate = mark_fate(unit.letter, mark);
        match fate {
            MarkFate::Letter(letter) if kind(letter) == Kind::Word => {
                self.umlaut = true;
                if self.reading != Reading::TextBare {
                    return self.letter(letter, source, false, at.clone());
                }
                add_mark(unit, mark);
            }
            MarkFate::Letter(other) => add_mark(unit, other),
            MarkFate::Keep => add_mark(unit, mark),
            MarkFate::Drop => {}
        }
    }

    fn between(&mut self, kind: Kind, c: char) {
        let gap = &mut self.gap;
        match kind {
            Kind::Blank => {
                gap.wrapped |= c == '\n' && gap.hyphen && gap.blanks <= 1 && !gap.soft && !gap.joiner;
                gap.blanks = gap.blanks.saturating_add(1);
            }
            Kind::Paragraph => gap.wall = true,
            Kind::Clause => gap.soft = true,
            Kind::Stop => gap.stop = true,
            _ if is_quote(c) => gap.quote = true,
            Kind::Sign if c == '-' || ('\u{2010}'..='\u{2012}').contains(&c) => gap.hyphen = true,
            Kind::Sign if c.is_ascii() && !matches!(c, '*' | '~' | '^') => gap.soft = true,
            Kind::Sign => gap.joiner = true,
            Kind::Word | Kind::Mark | Kind::Ignorable => {}
        }
    }
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

fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '"' | '`' | '´' | '’' | '‘' | '“' | '”' | '′' | '״' | '׳' | '\u{2BC}')
}

/// A letter drawn with several signs, and of how many characters it is made.
fn drawn(c: char, rest: &str) -> Option<(char, usize)> {
    const DRAWN: &[(&str, char)] = &[
        ("|\\/|", 'm'),
        ("/\\/\\", 'm'),
        ("\\/\\/", 'w'),
        ("|\\|", 'n'),
        ("|_|", 'u'),
        ("\\/", 'v'),
        ("/\\", 'a'),
        ("|<", 'k'),
        ("|{", 'k'),
        ("|3", 'b'),
        ("|)", 'd'),
        ("()", 'o'),
        ("[]", 'o'),
        ("|-|", 'h'),
        ("/-/", 'h'),
    ];
    if !matches!(c, '|' | '/' | '\\' | '(' | '[') {
        return None;
    }
    DRAWN.iter().find_map(|(signs, letter)| {
        let mut left = signs.chars();
        (left.next() == Some(c) && rest.starts_with(left.as_str())).then_some((*letter, signs.len()))
    })
}

/// Whether a sign is used as a letter here, and not as what it is.
fn stands_for_letter(c: char, before: Option<char>, rest: &str, shown: &str, at: usize) -> bool {
    let next = rest.chars().next();
    let letter =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '$' | '@' | '€' | '!'));
    match c {
        // Not in an address.
        '@' => (letter(before) || letter(next)) && !in_address(shown, at),
        '$' | '€' | '§' | '£' | '¥' | '¢' => letter(before) || letter(next),
        '!' => letter(next) && (letter(before) || before.is_none_or(char::is_whitespace)),
        // `v|i|a`: it stands between all letters, and for none.
        '|' | '+' | '×' => {
            letter(before) && letter(next) && rest.chars().nth(1) != Some(c) && !twice_before(shown, at, c)
        }
        '(' => letter(before) && letter(next) && !until_blank(rest).contains(')'),
        '<' => letter(before) && letter(next) && !until_blank(rest).contains('>'),
        _ => false,
    }
}

fn twice_before(shown: &str, at: usize, sign: char) -> bool {
    shown.get(..at).is_some_and(|text| text.chars().nth_back(1) == Some(sign))
}

fn until_blank(rest: &str) -> &str {
    let end = rest.char_indices().take(64).find(|(_, c)| c.is_whitespace()).map_or(64, |(index, _)| index);
    rest.get(..end).unwrap_or(rest)
}

/// Whether the `@` at this place joins a mailbox and a domain.
fn in_address(shown: &str, at: usize) -> bool {
    let rest = until_blank(shown.get(at + 1..).unwrap_or_default());
    rest.trim_end_matches(|c: char| !c.is_alphanumeric()).contains('.')
}
