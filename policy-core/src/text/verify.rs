//! Whether a stretch of text hides a key, or only resembles it.
//!
//! Text and key have the same look-alike classes, repetitions aside. What remains different must be explained by the
//! ways in which words are hidden, and each way asks for evidence that ordinary text doesn't have by chance.

use std::ops::Range;

use icu_properties::props::Script;

use super::accents::{in_english, one_orthography, only_acute_e, turkish_around};
use super::lookalike::fancy;
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
    /// Turkish ı for i: another letter in one language, a disguise in the others.
    Dotless,
}

/// What speaks for hiding.
#[derive(Default)]
struct Evidence {
    letters: usize,
    digits: usize,
    signs: usize,
    homoglyphs: usize,
    odd: usize,
    dotless: usize,
    accents: usize,
    /// Letters that lack a mark of the key.
    bare: usize,
    odd_marks: usize,
    stretched: usize,
    doubled: usize,
    runs: usize,
    split: bool,
    /// What stands between the letters differs.
    uneven: bool,
}

/// Letters with a stroke that living orthographies use.
const BARRED: &str = "łđħŧ";

/// Whether the letters `at` of `text` hide `key`.
pub(super) fn hides(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    let Some(aligned) = align(matched, key) else { return false };
    let mut evidence = Evidence::default();
    for (unit, index) in matched.iter().zip(&aligned) {
        let Some(letter) = key.get(*index) else { return false };
        if !compare(unit, letter, matched, &mut evidence) {
            return false;
        }
    }
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
    }
    if unit.marks != letter.marks && !matches!(pass, Pass::Digit | Pass::Sign) {
        if letter.marks.iter().any(|mark| !unit.marks.contains(mark)) && letter.marked() {
            if !unit.odd_mark && unit.script() != Script::Latin && pass_is_same {
                return false;
            }
            evidence.bare += 1;
        }
        // Elsewhere a mark is a vowel, and makes another word (`কারণ`, `করণ`).
        if !unit.unspaced() && !matches!(unit.script(), Script::Latin | Script::Greek | Script::Cyrillic) {
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
        let boxed = ('\u{1F1E6}'..='\u{1F1FF}').contains(&unit.source);
        return Some(if boxed { Pass::Odd } else { Pass::Same });
    }
    if unit.sign {
        let wrong = match unit.letter {
            '(' | '<' | '¢' => !matches!(letter.letter, 'c' | 'с'),
            '$' | '§' => letter.letter == 'c',
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
        return Some(Pass::Homoglyph);
    }
    match unit.script() {
        Script::Latin if unit.letter == 'ı' && letter.letter == 'i' => Some(Pass::Dotless),
        Script::Latin if BARRED.contains(unit.letter) => Some(Pass::Barred),
        Script::Latin if fancy(unit.letter).is_some() || ('\u{180}'..='\u{2AF}').contains(&unit.letter) => {
            Some(Pass::Odd)
        }
        Script::Latin if ('\u{1D00}'..='\u{1DBF}').contains(&unit.letter) => Some(Pass::Odd),
        // A capital I behind a small letter is read as an l; at a word's beginning it is a capital: `Ian`.
        Script::Latin if unit.source == 'I' && letter.letter == 'l' => {
            let before = matched.iter().take_while(|other| other.at.start < unit.at.start).last();
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
fn drawn_like(digit: char, letter: char) -> bool {
    match digit {
        '2' => letter == 'z',
        '5' => matches!(letter, 's' | 'ѕ' | 'с'),
        '6' => matches!(letter, 'b' | 'g' | 'б'),
        '8' => matches!(letter, 'b' | 'в' | 'β'),
        '9' => matches!(letter, 'g' | 'q'),
        _ => true,
    }
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

/// So many letters that stand alone in a row spell something.
const SPELLED: usize = 3;

/// A part of a key's word between two gaps of the text.
struct Piece {
    letters: usize,
}

fn gaps_explained(
    text: &[Unit],
    at: Range<usize>,
    aligned: &[usize],
    key: &[Unit],
    evidence: &mut Evidence,
) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    // The pieces of each of the key's words, and the gaps between them.
    let mut pieces = vec![Piece { letters: 0 }];
    let mut inner = Vec::new();
    let mut missing = false;
    let mut words: Vec<(Vec<Piece>, Vec<super::units::Gap>)> = Vec::new();
    let mut before: Option<usize> = None;
    for (unit, index) in matched.iter().zip(aligned) {
        let begins = before.is_some_and(|last| last != *index)
            && key.get(*index).is_some_and(|letter| letter.gap.width() > 0);
        let split = unit.gap.width() > 0 && before.is_some();
        if begins {
            if unit.gap.wall {
                return false;
            }
            missing |= !split;
            words.push((std::mem::take(&mut pieces), std::mem::take(&mut inner)));
            pieces.push(Piece { letters: 0 });
        } else if split {
            if unit.gap.wall {
                return false;
            }
            inner.push(unit.gap);
            pieces.push(Piece { letters: 0 });
        }
        if let Some(piece) = pieces.last_mut()
            && (before != Some(*index) || split)
        {
            piece.letters += usize::from(unit.counts());
        }
        before = Some(*index);
    }
    words.push((pieces, inner));
    evidence.split = words.iter().any(|(_, inner)| !inner.is_empty());
    let spelled = words.iter().all(|(pieces, _)| pieces.iter().all(|piece| piece.letters <= 1));
    // `buynow` is no spelling of `buy now`, unless every letter stands alone.
    if missing && !(spelled && evidence.split) {
        return false;
    }
    let unspaced = matched.iter().all(Unit::unspaced);
    let letters: usize = words.iter().flat_map(|(pieces, _)| pieces).map(|piece| piece.letters).sum();
    let whole_phrase = spelled && words.len() > 1 && letters >= SPELLED;
    if !whole_phrase && !words.iter().all(|(pieces, inner)| split_explained(pieces, inner, unspaced)) {
        return false;
    }
    // Who spells a short word puts the same between its letters; format strings and lists don't: `s (%s, %s`.
    let mut gaps = words.iter().flat_map(|(_, inner)| inner);
    evidence.uneven = gaps.next().is_some_and(|first| gaps.any(|gap| gap != first));
    if letters < 5 && !unspaced && evidence.uneven {
        return false;
    }
    let widest = words.iter().flat_map(|(_, inner)| inner).map(|gap| gap.width()).max().unwrap_or(0);
    bounded(text, at, widest, spelled, unspaced)
}

/// Whether a word in pieces was spelled out on purpose.
fn split_explained(pieces: &[Piece], inner: &[super::units::Gap], unspaced: bool) -> bool {
    if inner.is_empty() {
        return true;
    }
    let total: usize = pieces.iter().map(|piece| piece.letters).sum();
    let singles = pieces.iter().filter(|piece| piece.letters <= 1).count();
    let blanks = inner.iter().any(|gap| gap.blanks > 0);
    let quotes = inner.iter().all(|gap| gap.quote && !gap.joiner && !gap.soft && !gap.hyphen);
    if singles == pieces.len() {
        return pieces.len() >= SPELLED || (unspaced && !blanks && !inner.iter().any(|gap| gap.stop));
    }
    // A word broken at a line's end.
    if let [gap] = inner
        && gap.wrapped
    {
        return total >= 4;
    }
    if blanks {
        // `v i a gra`, `vi a gr a`: words of one letter don't stand so close.
        return pieces.len() >= 4 && singles >= 2;
    }
    let joined = inner.iter().all(|gap| gap.joiner);
    match pieces {
        [first, _] => {
            (joined && total >= 3)
                || (!quotes && total >= 6)
                || (first.letters == 1 && total >= 4 && inner.iter().all(|gap| gap.hyphen))
        }
        _ => total >= 4,
    }
}

/// Whether the match begins and ends where words do.
fn bounded(text: &[Unit], at: Range<usize>, widest: u8, spelled: bool, unspaced: bool) -> bool {
    let (Some(first), Some(last)) = (text.get(at.start), text.get(at.end.saturating_sub(1))) else {
        return false;
    };
    let before = first.gap.width();
    let after = text.get(at.end).map_or(4, |unit| unit.gap.width());
    let starts = (before > 0 || first.unspaced())
        && (unspaced || outer(text, at.start, before, widest, spelled, true));
    let ends =
        (after > 0 || last.unspaced()) && (unspaced || outer(text, at.end, after, widest, spelled, false));
    starts && ends
}

/// Whether the gap at a match's edge is wider than those inside, or what lies behind it is clearly something else:
/// `c l a s s` must not show its last three letters.
fn outer(text: &[Unit], edge: usize, width: u8, widest: u8, spelled: bool, left: bool) -> bool {
    if width > widest || widest == 0 {
        return true;
    }
    let counts = |unit: &&Unit| unit.counts();
    let beyond: Vec<&Unit> = if left {
        text.iter().take(edge).rev().filter(counts).take(3).collect()
    } else {
        text.iter().skip(edge).filter(counts).take(3).collect()
    };
    let Some(neighbour) = beyond.first() else { return true };
    // Is the neighbour a letter by itself, too?
    let far_gap = if left { neighbour.gap.width() } else { beyond.get(1).map_or(4, |unit| unit.gap.width()) };
    if far_gap == 0 {
        return spelled || widest >= 2;
    }
    if !neighbour.letter.is_alphabetic() {
        return true;
    }
    // `a v i a g r a pill`: words of one letter.
    let next_alone = if left {
        beyond.get(1).is_some_and(|second| second.gap.width() > 0) && far_gap <= widest && far_gap < 4
    } else {
        beyond.get(2).is_some_and(|third| third.gap.width() > 0) && far_gap <= widest
    };
    // Aksharas of Indic scripts are words more often than letters are.
    let word = "aieouyàéóаяивксоуηοו".contains(neighbour.letter)
        || (neighbour.marked() && !matches!(neighbour.script(), Script::Latin | Script::Cyrillic));
    widest >= 2 && !next_alone && word
}

fn believable(text: &[Unit], at: Range<usize>, key: &[Unit], evidence: &Evidence) -> bool {
    let length = key.len();
    let disguised = evidence.digits + evidence.signs;
    let letters = evidence.letters + evidence.odd + evidence.homoglyphs + evidence.dotless;
    if disguised > 0 && !enough_letters(length, letters, evidence) {
        return false;
    }
    // In source code and colour codes, short words come out of digits that stand apart or repeat.
    let repeated = evidence.stretched + evidence.doubled > 0;
    let scattered = evidence.split && (length < 4 || evidence.uneven);
    if disguised > 0 && (scattered || (repeated && length < 5)) {
        return false;
    }
    // One letter again and again is as long as it likes: `xxx` isn't `XXXXX`.
    if evidence.runs == 1 && repeated {
        return false;
    }
    if length < 6 && only_other_alphabet(text, at.clone(), evidence) && !in_english(text, at.clone()) {
        return false;
    }
    if disguised > 0 && evidence.signs == 0 && looks_like_measure(text, at.clone(), evidence) {
        return false;
    }
    if disguised > 0 && length < 5 && looks_like_code(text, at.clone(), length) {
        return false;
    }
    if evidence.homoglyphs > 0 && evidence.letters == 0 && !strange_here(text, at.clone(), key) {
        return false;
    }
    if evidence.doubled > 0
        && evidence.stretched == 0
        && evidence.doubled < 3
        && evidence.doubled < evidence.runs
    {
        return false;
    }
    let other = disguised + evidence.odd + evidence.odd_marks + evidence.stretched > 0
        || (evidence.homoglyphs > 0 && evidence.letters > 0)
        || evidence.split;
    // A mark that the key has and the text lacks makes another word (`schön`, `schon`), unless it is hidden otherwise.
    if evidence.bare > 0 && !(other && length >= 4) {
        return false;
    }
    if evidence.accents > 0 || evidence.dotless > 0 {
        return other
            || (evidence.accents >= 2 && (length >= 6 || !one_orthography(text, at.clone())))
            || (evidence.accents >= 2 && length == 5 && !only_acute_e(text, at.clone()))
            || (evidence.accents == 0
                && evidence.dotless == 1
                && length >= 5
                && !turkish_around(text, at.clone()))
            || (evidence.accents == 1 && length >= 5 && in_english(text, at));
    }
    true
}

/// Letters that are odd for Latin eyes, and ordinary in African languages and in phonetic script: `tɪt`, `ɗan`, `kikɛ`.
const ELSEWHERE: &str = "ɛɔəɓɗɖƙƴŋɣɩʋɪʊɨɲʃʒƒɑɐɯɤɵɾɹɸβθχ";

/// Whether nothing speaks for hiding but letters of other Latin alphabets.
fn only_other_alphabet(text: &[Unit], at: Range<usize>, evidence: &Evidence) -> bool {
    let other = evidence.digits + evidence.signs + evidence.homoglyphs + evidence.stretched;
    evidence.odd > 0
        && other == 0
        && !evidence.split
        && text.get(at).is_some_and(|matched| {
            let odd = |unit: &&Unit| unit.source.is_alphabetic() && !unit.letter.is_ascii() && !unit.marked();
            matched.iter().filter(odd).all(|unit| ELSEWHERE.contains(unit.letter))
                && matched.iter().filter(odd).count() >= evidence.odd
        })
}

/// Numbers, codes and paper sizes (`A55`, `B12`) aren't words.
fn enough_letters(length: usize, letters: usize, evidence: &Evidence) -> bool {
    match length {
        0..=2 => false,
        3 | 4 if evidence.digits > 0 => letters >= 2,
        3 | 4 => letters >= 1,
        _ => letters * 3 >= length,
    }
}

/// `8e5e`, `P2P`, `A|B`: figures, abbreviations and columns of a table, where a short word comes out by chance.
fn looks_like_code(text: &[Unit], at: Range<usize>, length: usize) -> bool {
    let Some(matched) = text.get(at) else { return false };
    let digits = matched.iter().filter(|unit| unit.letter.is_ascii_digit()).count();
    let hexadecimal = matched.iter().all(|unit| unit.letter.is_ascii_hexdigit()) && digits >= 2;
    let short = |unit: &Unit| matches!(unit.letter, '2' | '6' | '7' | '8' | '9' | '|');
    hexadecimal || (length < 4 && matched.iter().any(short))
}

/// `5am`, `4th`, `10kg`, `room5`: digits before a unit, or one digit after a word.
fn looks_like_measure(text: &[Unit], at: Range<usize>, evidence: &Evidence) -> bool {
    const UNITS: &[&str] = &[
        "am", "pm", "st", "nd", "rd", "th", "er", "re", "e", "eme", "ere", "kg", "g", "mg", "t", "km", "m",
        "cm", "mm", "ml", "cl", "dl", "l", "h", "hr", "hrs", "min", "mins", "mn", "s", "sec", "secs", "ms",
        "ft", "in", "lb", "lbs", "oz", "gb", "mb", "kb", "tb", "hz", "khz", "mhz", "ghz", "k", "x", "px",
        "pt", "v", "w", "kw", "kwh", "mah", "a", "p", "d", "c", "f", "b", "an", "ans", "hp", "ps", "mph",
        "kmh", "dpi", "fps", "bit", "bits", "pc", "pcs", "stk", "uhr", "en", "te", "ter", "de", "ste", "bn",
        "mio", "usd", "eur", "gr", "och", "og",
    ];
    let Some(matched) = text.get(at) else { return false };
    let digit = |unit: &Unit| unit.letter.is_ascii_digit();
    let lead = matched.iter().take_while(|unit| digit(unit)).count();
    if lead > 0 {
        let tail: String = matched.iter().skip(lead).map(|unit| unit.letter).collect();
        if UNITS.contains(&tail.as_str()) {
            return true;
        }
    }
    // In short words any digit at the end is a number (`Rah4`, `Ka1`), but for a 7 that is drawn like a t.
    let number = |digit: char| match matched.len() {
        0..=3 => digit.is_ascii_digit(),
        4 => digit.is_ascii_digit() && digit != '7',
        _ => matches!(digit, '2' | '5' | '6' | '8' | '9'),
    };
    evidence.digits == 1 && matched.last().is_some_and(|unit| number(unit.letter))
}

/// Whether a word whose every letter is of another script than the key stands among words of the key's script.
fn strange_here(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(own) = key.iter().map(Unit::script).find(|script| *script != Script::Common) else {
        return false;
    };
    let letters = |unit: &&Unit| unit.letter.is_alphabetic();
    let before = text.iter().take(at.start).rev().find(letters);
    let after = text.iter().skip(at.end).find(letters);
    let around: Vec<Script> = before.into_iter().chain(after).map(Unit::script).collect();
    match around.as_slice() {
        [] => key.len() >= 6,
        around => key.len() >= 4 && around.iter().all(|script| *script == own),
    }
}
