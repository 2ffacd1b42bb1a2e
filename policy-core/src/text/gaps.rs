//! Whether what stands between a match's letters, and around it, is how words are spelled out to hide them.

use std::ops::Range;

use icu_properties::props::Script;

use super::believe::{Evidence, written};
use super::chars::{Writing, is_vowel, writing};
use super::devanagari;
use super::everyday::{is_known, is_word};
use super::respaced::is_respaced;
use super::torn::{PHRASE, SHORTEST, SHORTEST_IN_PHRASE, are_no_words};
use super::units::{Gap, Unit};

/// So many letters that stand alone in a row spell something.
const SPELLED: usize = 3;

/// A part of a key's word between two gaps of the text.
#[derive(Default)]
struct Piece {
    letters: usize,
    /// It has a vowel, or is of a script that writes none.
    vowel: bool,
    /// Its letters are Latin.
    latin: bool,
    /// Its letters are Hebrew.
    hebrew: bool,
    /// Which of the match's letters it is.
    at: Range<usize>,
}

pub(super) fn gaps_explained(
    text: &[Unit],
    at: Range<usize>,
    aligned: &[usize],
    key: &[Unit],
    evidence: &mut Evidence,
) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    // The pieces of each of the key's words, and the gaps between them.
    let mut pieces = vec![Piece::default()];
    let mut inner = Vec::new();
    let (mut missing, mut ended) = (false, false);
    let mut words: Vec<(Vec<Piece>, Vec<Gap>)> = Vec::new();
    let (mut before, mut source) = (None, None);
    for (place, (unit, index)) in matched.iter().zip(aligned).enumerate() {
        let begins = before.is_some_and(|last| last != *index)
            && key.get(*index).is_some_and(|letter| letter.gap.width() > 0);
        let split = unit.gap.width() > 0 && before.is_some();
        if begins {
            if unit.gap.wall {
                return false;
            }
            // An apostrophe is no blank: `l'eta` isn't `1 eta`.
            let elided = key.get(*index).is_some_and(|letter| letter.gap.quote);
            missing |= !split || (elided && unit.gap.blanks > 0);
            ended |= unit.gap.clause && unit.gap.blanks > 0;
            words.push((std::mem::take(&mut pieces), std::mem::take(&mut inner)));
            pieces.push(Piece::default());
        } else if split {
            if unit.gap.wall {
                return false;
            }
            inner.push(unit.gap);
            pieces.push(Piece::default());
        }
        if let Some(piece) = pieces.last_mut() {
            let start = if piece.at.is_empty() { place } else { piece.at.start };
            piece.at = start..place + 1;
            piece.latin = unit.script() == Script::Latin;
            piece.hebrew = unit.script() == Script::Hebrew;
        }
        if let Some(piece) = pieces.last_mut()
            && (before != Some(*index) || split)
        {
            // An umlaut is one letter, though it is compared as two.
            piece.letters += usize::from(unit.counts() && (split || source != Some(unit.at.start)));
            let written = matches!(unit.script(), Script::Latin | Script::Greek | Script::Cyrillic);
            piece.vowel |= !written || is_vowel(unit.letter);
        }
        before = Some(*index);
        source = Some(unit.at.start);
    }
    words.push((pieces, inner));
    evidence.split = words.iter().any(|(_, inner)| !inner.is_empty());
    let spelled = words.iter().all(|(pieces, _)| pieces.iter().all(|piece| piece.letters <= 1));
    // `buynow` is no spelling of `buy now`, unless every letter stands alone.
    // Nor does a phrase reach over a clause's end: `free. Money`.
    let respaced = !ended && is_respaced(matched, words.len());
    if (missing || ended) && !(spelled && evidence.split) && !respaced {
        return false;
    }
    let unspaced = matched.iter().all(Unit::unspaced);
    let syllables = matched.iter().all(Unit::is_syllable);
    let letters: usize = words.iter().flat_map(|(pieces, _)| pieces).map(|piece| piece.letters).sum();
    let whole_phrase = spelled && words.len() > 1 && letters >= SPELLED;
    let phrase = if words.len() > 1 { letters } else { 0 };
    if !whole_phrase
        && !respaced
        && !words.iter().all(|(pieces, inner)| {
            split_explained(pieces, inner, unspaced, syllables, phrase)
                || is_torn(matched, pieces, inner, phrase)
        })
    {
        return false;
    }
    // Who spells a short word puts the same between its letters; format strings and lists don't: `s (%s, %s`.
    let mut gaps = words.iter().flat_map(|(_, inner)| inner);
    evidence.uneven = gaps.next().is_some_and(|first| gaps.any(|gap| gap != first));
    let plain = || {
        spelled && letters >= 4 && words.iter().flat_map(|(_, inner)| inner).all(|gap| gap.parts_letters())
    };
    if letters < 5 && !unspaced && evidence.uneven && !plain() {
        return false;
    }
    let widest = words.iter().flat_map(|(_, inner)| inner).map(|gap| gap.width()).max().unwrap_or(0);
    let asian = matched.iter().all(|unit| writing(unit.letter) != Some(Writing::Spaced));
    bounded(text, at, widest, spelled, asian)
}

/// So many letters of a phrase are evidence for the one word of it that is in pieces.
const TELLING: usize = 8;

/// Whether a word in pieces was spelled out on purpose. `phrase` is how many letters its phrase has, if it is in one.
fn split_explained(pieces: &[Piece], inner: &[Gap], unspaced: bool, syllables: bool, phrase: usize) -> bool {
    if inner.is_empty() {
        return true;
    }
    let total: usize = pieces.iter().map(|piece| piece.letters).sum();
    let singles = pieces.iter().filter(|piece| piece.letters <= 1).count();
    let blanks = inner.iter().any(|gap| gap.blanks > 0);
    let quotes = inner.iter().all(|gap| gap.quote && !gap.joiner && !gap.soft && !gap.hyphen);
    // Lists in source code: `'F', 'F', 'A'`.
    if total < 5 && inner.iter().any(|gap| gap.quote && gap.soft) {
        return false;
    }
    if singles == pieces.len() {
        let joined = phrase >= 4 && inner.iter().all(|gap| gap.joiner);
        let told = (phrase >= TELLING || joined) && !blanks && !quotes;
        // Two syllables of one word, not of a list (`남/녀`).
        let told = told || (syllables && inner.iter().all(|gap| gap.parts_syllables()));
        return pieces.len() >= SPELLED || told || (unspaced && !blanks && !inner.iter().any(|gap| gap.stop));
    }
    // A word broken at a line's end.
    if let [gap] = inner
        && gap.wrapped
    {
        return total >= 4;
    }
    if blanks {
        // `v i a gra`, `vi a gr a`: words of one letter don't stand so close.
        // Nor do consonants: `v i agra`.
        let consonants = pieces.iter().any(|piece| piece.letters == 1 && !piece.vowel);
        return singles >= 2
            && (pieces.len() >= 4 || (total >= 5 && consonants && inner.iter().all(only_blanks)));
    }
    let joined = inner.iter().all(|gap| gap.joiner);
    let stopped = inner.iter().any(|gap| gap.clause);
    let parted = inner.iter().all(|gap| gap.parts_pieces());
    match pieces {
        [_, _] if inner.iter().any(|gap| gap.stop) => false,
        [first, last] => {
            (joined && (total >= 3 || phrase >= SPELLED))
                || (!quotes && (total >= 6 || phrase >= TELLING))
                // Between two short words there may be a full stop without its blank: `my pen.is it`.
                || (!quotes && total == 5 && first.letters.abs_diff(last.letters) == 1 && !stopped)
                // Contractions have at most two letters on one side: `she'll`, `l'heure`.
                || (quotes && first.letters >= 3 && last.letters >= 3)
                // Nothing is contracted with these: `idi`ot`.
                || (total >= 5
                    && first.letters >= 2
                    && last.letters >= 2
                    && inner.iter().all(|gap| matches!(gap.sign, '`' | '"' | '´' | '″')))
                || (first.letters == 1 && total >= 4 && inner.iter().all(|gap| gap.hyphen))
                // Hebrew abbreviations have one before their last letter, and a geresh marks foreign sounds in short words.
                || (quotes
                    && last.hebrew
                    && last.letters >= 2
                    && total >= if inner.iter().all(|gap| matches!(gap.sign, '"' | '״' | '”')) { 4 } else { 5 })
                // Nor is a piece without a vowel a word (`sh.it`), if it isn't one letter or a file's kind.
                || (!quotes && total >= 4 && first.letters >= 2 && last.letters >= 2 && !first.vowel && parted)
                // Without blanks, nothing but lists (`买/卖`) has a sign between two words, and none of so many characters; and a
                // sentence hardly ends with a full stop there.
                || (unspaced
                    && !quotes
                    && (!stopped || (total >= 4 && inner.iter().all(|gap| gap.sign == '.')))
                    && total >= if inner.iter().all(|gap| gap.sign != '/') { 3 } else { 5 })
        }
        _ => total >= 4,
    }
}

/// Whether a word was cut in two, and not both pieces are words that people write.
fn is_torn(matched: &[Unit], pieces: &[Piece], inner: &[Gap], phrase: usize) -> bool {
    let ([first, last], [gap]) = (pieces, inner) else { return false };
    let total = first.letters + last.letters;
    let enough = match gap.blanks {
        0 => total >= if first.letters.min(last.letters) == 1 { 5 } else { 4 } && parts_pieces(gap, last),
        1 => only_blanks(gap) && total >= if phrase >= PHRASE { SHORTEST_IN_PHRASE } else { SHORTEST },
        _ => false,
    };
    let piece = |piece: &Piece| matched.get(piece.at.clone()).map(written).unwrap_or_default();
    let pieces = [piece(first), piece(last)];
    if total == 2 && matched.iter().all(|unit| unit.script() == Script::Devanagari) {
        return gap.blanks == 1 && only_blanks(gap) && !pieces.iter().all(|piece| devanagari::is_word(piece));
    }
    let lone = |text: &String| text.chars().count() == 1 && is_word(text);
    enough && (gap.blanks == 0 || !pieces.iter().any(lone)) && are_no_words([&pieces[0], &pieces[1]])
}

/// Whether a sign parts pieces of a word, and not a contraction: `she'll`.
fn parts_pieces(gap: &Gap, last: &Piece) -> bool {
    gap.parts_pieces()
        || (gap.quote && (gap.sign == '`' || last.letters > 2 || !last.latin) && last.letters > 1)
}

/// Whether a gap is blanks alone.
pub(super) fn only_blanks(gap: &Gap) -> bool {
    gap.blanks > 0 && !gap.clause && !gap.soft && !gap.joiner && !gap.hyphen && !gap.stop && !gap.quote
}

/// Whether the match begins and ends where words do.
fn bounded(text: &[Unit], at: Range<usize>, widest: u8, spelled: bool, unspaced: bool) -> bool {
    let (Some(first), Some(last)) = (text.get(at.start), text.get(at.end.saturating_sub(1))) else {
        return false;
    };
    let before = first.gap.width();
    let after = text.get(at.end).map_or(4, |unit| unit.gap.width());
    // A sentence's end parts more than a blank: `s a l o p e. J’attends`.
    let ends_clause = |gap: Gap| gap.clause && gap.blanks > 0;
    let inside = text.get(at.start + 1..at.end).unwrap_or_default();
    let clauses = widest > 0 && inside.iter().any(|unit| ends_clause(unit.gap));
    let closed = |index: usize| !clauses && text.get(index).is_some_and(|unit| ends_clause(unit.gap));
    let starts = (before > 0 || first.unspaced())
        && (unspaced || closed(at.start) || outer(text, &at, before, widest, spelled, true));
    let ends = (after > 0 || last.unspaced())
        && (unspaced || closed(at.end) || outer(text, &at, after, widest, spelled, false));
    starts && ends
}

/// Whether the gap at a match's edge is wider than those inside, or what lies behind it is clearly something else:
/// `c l a s s` must not show its last three letters.
fn outer(text: &[Unit], at: &Range<usize>, width: u8, widest: u8, spelled: bool, left: bool) -> bool {
    let edge = if left { at.start } else { at.end };
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
    // What stands behind an apostrophe is no word by itself: `zo'n`.
    let apart = |gap: Gap| if gap.quote && gap.width() == 1 { 0 } else { gap.width() };
    let far_gap = if left { apart(neighbour.gap) } else { beyond.get(1).map_or(4, |unit| apart(unit.gap)) };
    // Or joined to what is next to it, among letters with several blanks between: `t  â  r  f  ă m-a`.
    if far_gap == 0 || (far_gap == 1 && widest >= 3) {
        return spelled || widest >= 2;
    }
    if !neighbour.letter.is_alphabetic() {
        return true;
    }
    // `a v i a g r a pill`: words of one letter.
    // So is one that begins or ends the text.
    let next_alone = if left {
        beyond.get(1).is_some_and(|second| second.gap.width() > 0 || beyond.len() == 2)
            && far_gap <= widest
            && far_gap < 4
    } else {
        beyond.get(2).is_none_or(|third| third.gap.width() > 0) && far_gap <= widest
    };
    // Aksharas of Indic scripts are words more often than letters are.
    // Prepositions of Slavic languages stand behind words, and hardly any word that is spelled out ends with them.
    let preposition = !left && edge >= 4 && matches!(neighbour.letter, 'w' | 'v' | 'z');
    let word = preposition
        || "aieouyàéóåíúаяивксоуіїєηοוआएओनव".contains(neighbour.letter)
        || (neighbour.marked() && !matches!(neighbour.script(), Script::Latin | Script::Cyrillic));
    // `H E L L O`: with the letter beside it, it is another word.
    let whole = if left { edge.saturating_sub(1)..at.end } else { at.start..edge + 1 };
    let other = || text.get(whole).is_some_and(|units| is_known(&written(units)));
    // No clause ends with a word of one letter: `l u l o, dus lulo`.
    let ends = !left
        && neighbour.script() == Script::Latin
        && beyond.get(1).is_none_or(|unit| unit.gap.clause || unit.gap.wall);
    widest >= 2 && !next_alone && word && !ends && !other()
}
