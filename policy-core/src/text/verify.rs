//! Whether a stretch of text hides a key, or only resembles it.
//!
//! Text and key have the same look-alike classes, repetitions aside. What remains different must be explained by the
//! ways in which words are hidden, and each way asks for evidence that ordinary text doesn't have by chance.

use std::ops::Range;

use icu_properties::props::Script;

use super::believe::{Evidence, believable};
use super::gaps::gaps_explained;
use super::lookalike::{is_odd_latin, is_styled};
use super::spellings::{SHORT, is_umlaut};
use super::units::Unit;

/// How one letter passes for another.
enum Pass {
    Same,
    /// A digit for a letter.
    Digit,
    /// A sign for a letter.
    Sign,
    /// A letter of another script.
    Homoglyph,
    /// A letter of the same script that no orthography would put there: small capitals, turned and barred letters.
    Odd,
    /// Polish ł for l and its like: a letter with a stroke is as good as one with an accent.
    Barred,
    /// And the other way round.
    Bare,
    /// Turkish ı for i: another letter in one language, a disguise in the others.
    Dotless,
}

/// Letters with a stroke that living orthographies use, and the ones without; and the ones that such a letter is drawn like.
const BARRED: [(char, char); 6] = [('ł', 'l'), ('đ', 'd'), ('ħ', 'h'), ('ð', 'd'), ('ð', 'đ'), ('þ', 'p')];

/// Whether the letters `at` of `text` hide `key`.
pub(super) fn hides(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    let Some(aligned) = align(matched, key) else { return false };
    let mut evidence = Evidence::default();
    for (unit, index) in matched.iter().zip(&aligned) {
        let Some(letter) = key.get(*index) else { return false };
        if (key.len() <= SHORT && other_umlaut(unit, letter))
            || !compare(unit, letter, matched, &mut evidence)
        {
            return false;
        }
    }
    evidence.alone = disguised_alone(&aligned, key, matched);
    count_repeats(&aligned, key, &mut evidence);
    gaps_explained(text, at.clone(), &aligned, key, &mut evidence) && believable(text, at, key, &evidence)
}

/// For each letter of the text, the letter of the key that it stands for: in order, none left out, each at least as
/// often.
fn align(text: &[Unit], key: &[Unit]) -> Option<Vec<usize>> {
    let mut aligned = Vec::with_capacity(text.len());
    let (mut i, mut j) = (0, 0);
    while let (Some(unit), Some(letter)) = (text.get(i), key.get(j)) {
        if unit.class != letter.class {
            return None;
        }
        let texts = text.iter().skip(i).take_while(|other| other.class == unit.class).count();
        let keys = key.iter().skip(j).take_while(|other| other.class == unit.class).count();
        if texts < keys {
            return None;
        }
        let mut k = 0;
        for n in 0..texts {
            aligned.push(j + k);
            let (left, needed) = (texts - n - 1, keys - k - 1);
            if needed == 0 {
                continue;
            }
            let (next, this, that) = (text.get(i + n + 1)?, key.get(j + k)?, key.get(j + k + 1)?);
            if left == needed
                || this.letter == that.letter
                || (next.letter == that.letter && next.letter != this.letter)
            {
                k += 1;
            }
        }
        i += texts;
        j += keys;
    }
    (i == text.len() && j == key.len()).then_some(aligned)
}

/// Whether one of the two is half of an umlaut, and the other was typed as a letter: `dö` is no Doe, `hoer` no hör.
fn other_umlaut(unit: &Unit, letter: &Unit) -> bool {
    letter.letter.is_ascii()
        && (is_umlaut(unit.source) && letter.source.is_ascii()
            || unit.source.is_ascii() && matches!(letter.source, '\u{308}' | '\u{30A}'))
}

fn compare(unit: &Unit, letter: &Unit, matched: &[Unit], evidence: &mut Evidence) -> bool {
    let Some(pass) = passes(unit, letter, matched) else { return false };
    let pass_is_same = matches!(pass, Pass::Same);
    match pass {
        Pass::Same => evidence.letters += 1,
        Pass::Digit => evidence.digits += 1,
        Pass::Sign => evidence.signs += 1,
        Pass::Homoglyph => evidence.homoglyphs += 1,
        Pass::Odd => evidence.odd += 1,
        Pass::Dotless => evidence.dotless += 1,
        Pass::Barred => {
            evidence.letters += 1;
            evidence.accents += 1;
        }
        Pass::Bare => {
            evidence.letters += 1;
            evidence.bare += 1;
        }
    }
    if unit.marks != letter.marks && !unit.sign && !matches!(pass, Pass::Digit) {
        if letter.marks.iter().any(|mark| !unit.marks.contains(mark)) && letter.marked() {
            if !unit.odd_mark && unit.script() != Script::Latin && pass_is_same {
                return false;
            }
            evidence.bare += 1;
        }
        // Elsewhere a mark is a vowel, and makes another word (`কারণ`, `করণ`).
        if !unit.unspaced() && !matches!(letter.script(), Script::Latin | Script::Greek | Script::Cyrillic) {
            return false;
        }
        evidence.accents += 1;
    }
    evidence.odd_marks += usize::from(unit.odd_mark);
    match unit.repeats.checked_sub(letter.repeats) {
        None => return false,
        Some(0) => {}
        Some(1) => evidence.doubled += 1,
        Some(_) => evidence.stretched += 1,
    }
    true
}

fn passes(unit: &Unit, letter: &Unit, matched: &[Unit]) -> Option<Pass> {
    if unit.class != letter.class {
        return None;
    }
    if unit.letter == letter.letter {
        return Some(if is_styled(unit.source) { Pass::Odd } else { Pass::Same });
    }
    if unit.sign {
        let wrong = match unit.letter {
            '(' | '<' | '¢' | '©' => !matches!(letter.letter, 'c' | 'с'),
            '$' | '§' | '💲' => letter.letter == 'c',
            _ => false,
        };
        return (!wrong).then_some(Pass::Sign);
    }
    if unit.letter.is_ascii_digit() {
        return drawn_like(unit.letter, letter.letter).then_some(Pass::Digit);
    }
    if letter.letter.is_ascii_digit() {
        return None;
    }
    if unit.script() != letter.script() {
        return shaped_like(unit.letter, letter.letter).then_some(Pass::Homoglyph);
    }
    match unit.script() {
        Script::Latin if unit.letter == 'ı' && letter.letter == 'i' => Some(Pass::Dotless),
        Script::Latin if unit.source == 'I' && letter.letter == 'ı' => Some(Pass::Same),
        // Where a keyboard lacks it.
        Script::Latin if BARRED.contains(&(letter.letter, unit.letter)) => Some(Pass::Bare),
        Script::Latin if BARRED.iter().any(|(barred, _)| *barred == unit.letter) => {
            BARRED.contains(&(unit.letter, letter.letter)).then_some(Pass::Barred)
        }
        Script::Latin if is_odd_latin(unit.letter) => Some(Pass::Odd),
        // A capital I behind a small letter is read as an l; at a word's beginning it is a capital: `Ian`.
        Script::Latin if unit.source == 'I' && letter.letter == 'l' => {
            let before = matched.iter().take_while(|other| other.at.start < unit.at.start);
            let before = before.filter(|other| other.source != 'I').last();
            before.is_some_and(|before| before.source.is_lowercase()).then_some(Pass::Odd)
        }
        // Consonants typed one by one don't say whether they begin or end a syllable.
        Script::Hangul => {
            matches!(unit.source, '\u{3131}'..='\u{318E}' | '\u{FFA0}'..='\u{FFDC}').then_some(Pass::Odd)
        }
        _ => None,
    }
}

/// Classes are wider than what a digit looks like: a 2 is a z, and no c.
pub(super) fn drawn_like(digit: char, letter: char) -> bool {
    match digit {
        '2' => letter == 'z',
        '5' => matches!(letter, 's' | 'ѕ' | 'с'),
        '6' => matches!(letter, 'b' | 'g' | 'б'),
        '8' => matches!(letter, 'b' | 'в' | 'β'),
        '9' => matches!(letter, 'g' | 'q'),
        _ => true,
    }
}

/// How many of a key's words are one letter for which something else stands.
fn disguised_alone(aligned: &[usize], key: &[Unit], matched: &[Unit]) -> usize {
    if !key.iter().skip(1).any(|letter| letter.gap.width() > 0) {
        return 0;
    }
    let begins = |index: usize| key.get(index).is_none_or(|letter| index == 0 || letter.gap.width() > 0);
    let other =
        |(unit, index): (&Unit, &usize)| key.get(*index).is_some_and(|letter| letter.letter != unit.letter);
    let alone = |index: usize| begins(index) && begins(index + 1);
    matched.iter().zip(aligned).filter(|(unit, index)| alone(**index) && other((*unit, *index))).count()
}

/// Classes are wider than what a letter of another script looks like: digits and sounds join in them what no eye does.
fn shaped_like(one: char, other: char) -> bool {
    let pair = |one: char, other: char| match one {
        'ч' => !other.is_ascii(),
        'б' | 'в' | 'ь' | 'β' => !matches!(other, 'g' | 'q'),
        'с' | 'ϲ' => other != 'z',
        'ѕ' => !matches!(other, 'c' | 'z'),
        _ => true,
    };
    pair(one, other) && pair(other, one)
}

fn count_repeats(aligned: &[usize], key: &[Unit], evidence: &mut Evidence) {
    let mut j = 0;
    while let Some(letter) = key.get(j) {
        let wanted = key.iter().skip(j).take_while(|other| other.letter == letter.letter).count();
        let there = aligned.iter().filter(|index| (j..j + wanted).contains(*index)).count();
        evidence.runs += 1;
        match there {
            _ if there <= wanted => {}
            3.. => evidence.stretched += 1,
            _ => evidence.doubled += 1,
        }
        j += wanted;
    }
}
