//! Whether what was found speaks for hiding, or is there by chance: measures, codes, other languages' letters.

use std::ops::Range;

use icu_properties::props::Script;

use super::accents::{
    are_foreign, has_umlauts, in_english, one_orthography, only_acute_e, put_on, turkish_around, words_around,
};
use super::chars::{MarkFate, is_vowel, mark_fate};
use super::everyday::{is_everyday, is_known, is_word};
use super::listed::may_be_name;
use super::segment::are_of_others;
use super::units::{Gap, Unit};

/// What speaks for hiding.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) letters: usize,
    pub(super) digits: usize,
    pub(super) signs: usize,
    pub(super) homoglyphs: usize,
    pub(super) odd: usize,
    pub(super) dotless: usize,
    pub(super) accents: usize,
    /// Letters that lack a mark of the key.
    pub(super) bare: usize,
    pub(super) odd_marks: usize,
    pub(super) stretched: usize,
    pub(super) doubled: usize,
    pub(super) runs: usize,
    pub(super) split: bool,
    /// Words of one letter, in a phrase, for which something else stands.
    pub(super) alone: usize,
    /// What stands between the letters differs.
    pub(super) uneven: bool,
}

impl Evidence {
    /// Whether anything differs from the key.
    fn any(&self) -> bool {
        let replaced = self.digits + self.signs + self.homoglyphs + self.odd + self.dotless;
        let marked = self.accents + self.bare + self.odd_marks;
        replaced + marked + self.stretched + self.doubled > 0 || self.split
    }
}

/// Whether the evidence is enough for the match `at` of `text` to be the key in hiding.
pub(super) fn believable(text: &[Unit], at: Range<usize>, key: &[Unit], evidence: &Evidence) -> bool {
    // What stands there as it is was judged where ordinary text is searched: `ass_id` is one word (UAX 29 WB13a), and the
    // dictionary knows 出口 in `3个进出口交易`.
    let joined = |index: usize| {
        let joins = |unit: &Unit| unit.gap.blanks == 0 && (unit.gap.sign == '_' || unit.gap.sign == '\'');
        text.get(index).is_some_and(joins)
    };
    let unspaced = || key.first().is_some_and(Unit::unspaced) || key.last().is_some_and(Unit::unspaced);
    if !evidence.any()
        && (joined(at.start) || joined(at.end) || (unspaced() && is_as_written(text, at.clone(), key)))
    {
        return false;
    }
    if evidence.split && unspaced() && are_ends_of_words(text, at.clone()) {
        return false;
    }
    let length = key.len();
    let disguised = evidence.digits + evidence.signs;
    // `l'Europa` isn't `1. Europa`: if nothing else is disguised, it's a number or an initial.
    let others = disguised + evidence.homoglyphs + evidence.odd + evidence.dotless;
    if evidence.alone > 0 && evidence.alone == others && !evidence.split && !inside_phrase(key) {
        return false;
    }
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
    // `index=0`, `id=107`: a number behind a name.
    if evidence.split && evidence.digits > 0 && number_apart(text, at.clone()) {
        return false;
    }
    // One letter again and again is as long as it likes, and a version number's place: `xxx` isn't `XXXXX`, nor `X.X.X`.
    if evidence.runs == 1 && (repeated || evidence.split) {
        return false;
    }
    if evidence.odd_marks > 0 && has_odd_cyrillic(text, at.clone()) {
        return false;
    }
    if length < 6 && only_other_alphabet(text, at.clone(), evidence) && !in_english(text, at.clone()) {
        return false;
    }
    if disguised > 0 && evidence.signs == 0 && looks_like_measure(text, at.clone(), evidence) {
        return false;
    }
    if disguised > 0 && length < 6 && looks_like_code(text, at.clone(), length) {
        return false;
    }
    if evidence.homoglyphs > 0 && evidence.letters == 0 && !strange_here(text, at.clone(), key) {
        return false;
    }
    if evidence.doubled > 0 && evidence.stretched == 0 && evidence.doubled < evidence.runs {
        // `committee` is no comite.
        if text.get(at.clone()).is_some_and(|matched| is_everyday(&written(matched))) {
            return false;
        }
        if evidence.doubled < 3 {
            return others + evidence.accents + evidence.bare + evidence.odd_marks == 0
                && !evidence.split
                && doubled_letters(text, at, key);
        }
    }
    if evidence.accents > 0
        && disguised == 0
        && evidence.dotless == 0
        && strange_accents(text, at.clone(), key)
    {
        return true;
    }
    let other = disguised + evidence.odd + evidence.odd_marks + evidence.stretched > 0
        || evidence.homoglyphs > 0
        || evidence.split;
    // A mark that the key has and the text lacks makes another word (`schön`, `schon`), unless it is hidden otherwise.
    if evidence.bare > 0 && !(other && length >= 4) {
        return evidence.accents == evidence.bare && partly_marked(text, at, key);
    }
    if evidence.accents > 0 || evidence.dotless > 0 {
        return other
            || (evidence.accents >= 2 && several_accents(text, at.clone()))
            || (evidence.accents == 0
                && evidence.dotless > 0
                && length >= 5
                && !turkish_around(text, at.clone()))
            || (evidence.accents == 1 && length >= 5 && in_english(text, at.clone()))
            || (evidence.dotless == 0
                && (put_on(text, at.clone(), key) || (length >= 5 && strange_here_with(text, at, key))));
    }
    true
}

/// Whether several accents were put on a word that has none, and it is none then that people write (`łaską`).
fn several_accents(text: &[Unit], at: Range<usize>) -> bool {
    let length = at.len();
    let told =
        length >= 6 || !one_orthography(text, at.clone()) || (length == 5 && !only_acute_e(text, at.clone()));
    let words =
        text.get(at).into_iter().flat_map(|matched| matched.chunk_by(|_, next| next.gap.width() == 0));
    let marked = |word: &&[Unit]| word.iter().any(|unit| unit.marked() || unit.letter == 'ł');
    let mut marked = words.filter(marked).peekable();
    told && (marked.peek().is_none() || marked.any(|word| !is_known(&written(word))))
}

/// Whether the key's letters stand there with nothing between them, not even what isn't seen.
fn is_as_written(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    let next = text.get(at.end).filter(|next| next.gap == Gap::default());
    let ends = matched.iter().skip(1).chain(next).map(|unit| unit.at.start);
    let touch = matched.iter().zip(ends).all(|(unit, end)| {
        let own = unit.marks.iter().filter(|mark| **mark != '\0' && unit.source == unit.letter);
        unit.at.end + own.map(|mark| mark.len_utf8()).sum::<usize>() >= end
    });
    let same = |(one, other): (&Unit, &Unit)| one.letter == other.letter && one.marks == other.marks;
    touch && matched.iter().zip(key).all(same)
}

/// Whether two characters with something between are a word's end and another one's beginning.
fn are_ends_of_words(text: &[Unit], at: Range<usize>) -> bool {
    let touches = |unit: &&Unit| unit.gap == Gap::default() && unit.unspaced();
    let (Some(left), Some([last, right @ ..])) = (text.get(..=at.start), text.get(at.start + 1..)) else {
        return false;
    };
    if at.len() != 2 || last.gap == Gap::default() {
        return false;
    }
    let before = left.iter().rev().take(AROUND).take_while(touches).count();
    let left: String = left.iter().skip(at.start.saturating_sub(before)).map(|unit| unit.source).collect();
    let behind = right.iter().take(AROUND).take_while(touches);
    let right: String = std::iter::once(last).chain(behind).map(|unit| unit.source).collect();
    are_of_others(&left, &right, last.gap.clause && last.gap.sign != '.')
}

/// So many characters on each side are enough for a dictionary.
const AROUND: usize = 8;

/// Frequent words of languages that double vowels.
const DOUBLING: &[&str] = &["ja", "ei", "kun", "ole", "mutta", "het", "een", "niet", "van", "ook"];

/// Of fewer letters, a word with a letter doubled is another one.
const DOUBLED: usize = 5;
/// The same in a phrase, whose other words tell.
pub(super) const DOUBLED_IN_PHRASE: usize = 3;

/// Whether a word has one or two letters doubled, and is none that people write then (`viagrra`, `cassinno`). In languages
/// that double vowels, inflection does, too (`matkaan`), and too few words are known.
fn doubled_letters(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    /// Shorter ones are names of many spellings: `Pennis`.
    const LONG: usize = 7;
    const DOUBLED_ACCENTED: usize = 6;
    /// Of so many letters, a phrase is no other one.
    const PHRASE: usize = 8;
    let Some(matched) = text.get(at.clone()) else { return false };
    let phrase = key.len() >= PHRASE
        && key.iter().skip(1).any(|letter| letter.gap.width() > 0)
        && !may_be_name(matched, key);
    let doubling = || {
        [text.get(..at.start), text.get(at.end..)].into_iter().flatten().any(doubled_vowel)
            || words_around(text, at.clone()).any(|word| DOUBLING.contains(&word.as_str()))
    };
    let mut words = matched.chunk_by(|_, next| next.gap.width() == 0).zip(words(key));
    words.all(|(word, key)| {
        let Some(letters) = doubled_in(word, key) else { return false };
        // Of words with accents, fewer are known: `kämmen` beside kämen.
        let accented = word.iter().any(|unit| unit.script() == Script::Latin && !unit.source.is_ascii());
        let single =
            word.chunk_by(|one, other| one.at.start == other.at.start).count().saturating_sub(letters.len());
        let shortest = if phrase { DOUBLED_IN_PHRASE } else { DOUBLED };
        if accented && !phrase && !letters.is_empty() && single < DOUBLED_ACCENTED {
            return false;
        }
        let vowels = letters.iter().any(|letter| is_vowel(*letter));
        letters.is_empty()
            || (key.len() >= shortest
                && !is_everyday(&written(word))
                && (phrase || key.len() >= LONG || !is_name(word))
                && !(vowels && doubling()))
    })
}

/// Whether a vowel is doubled there that hardly any language doubles but those that double all.
fn doubled_vowel(text: &[Unit]) -> bool {
    text.windows(2).any(|two| {
        matches!(two, [first, second] if first.letter == second.letter
            && second.gap.width() == 0
            && "aiuy".contains(first.letter))
    })
}

/// The letters that a word has once more than a key.
fn doubled_in(word: &[Unit], key: &[Unit]) -> Option<Vec<char>> {
    let mut more = Vec::new();
    let mut letters = key.iter().peekable();
    let mut last = None;
    for unit in word {
        match letters.next_if(|letter| letter.letter == unit.letter) {
            Some(_) => last = Some(unit.letter),
            None if last == Some(unit.letter) => more.push(unit.letter),
            None => return None,
        }
    }
    letters.next().is_none().then_some(more)
}

/// Whether a word is written like a name: a capital, and small letters.
pub(super) fn is_name(word: &[Unit]) -> bool {
    let mut letters = word.iter().map(|unit| unit.source);
    letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
}

/// Whether accents stand in a word that has none there, or others, and not on its last letter, and it is no word then that
/// people write.
fn strange_accents(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    const LETTERS: usize = 6;
    let Some(matched) = text.get(at.clone()).filter(|matched| matched.len() == key.len()) else {
        return false;
    };
    let umlaut = |unit: &Unit| "aou".contains(unit.letter) && unit.marks.contains(&'\u{308}');
    // Plurals and comparatives that nobody writes often have it: `Schlämpe`.
    if matched.iter().zip(key).any(|(unit, letter)| umlaut(unit) && !umlaut(letter))
        && has_umlauts(text, at.clone())
        && !turkish_around(text, at.clone())
    {
        return false;
    }
    let same = matched.iter().zip(key).all(|(unit, letter)| unit.letter == letter.letter);
    if !same || only_acute_e(text, at) {
        return false;
    }
    let mut words = matched.chunk_by(|_, next| next.gap.width() == 0).zip(words(key));
    words.all(|(word, key)| {
        let other = |(unit, letter): &(&Unit, &Unit)| unit.marks != letter.marks;
        let differing = || word.iter().zip(key).filter(other);
        let last = word.last().zip(key.last()).is_some_and(|pair| other(&pair));
        let put_on = differing().any(|(unit, _)| unit.marked());
        differing().next().is_none()
            || (word.len() == key.len()
                && key.len() >= LETTERS
                && put_on
                && !last
                && !is_everyday(&written(word)))
    })
}

/// The words of a key.
fn words(key: &[Unit]) -> impl Iterator<Item = &[Unit]> {
    key.chunk_by(|_, next| next.gap.width() == 0)
}

/// A word as it is folded.
pub(super) fn written(word: &[Unit]) -> String {
    let mut folded = String::new();
    for unit in word {
        folded.push(unit.letter);
        for mark in unit.marks.into_iter().filter(|mark| *mark != '\0') {
            folded.push(match mark_fate(unit.letter, mark) {
                MarkFate::Letter(letter) => letter,
                MarkFate::Keep | MarkFate::Drop => mark,
            });
        }
    }
    folded
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

/// Whether letters around have the marks of Chuvash, Mari or Tajik: then they hide nothing here.
fn has_odd_cyrillic(text: &[Unit], at: Range<usize>) -> bool {
    let odd = |unit: &Unit| unit.odd_mark && unit.script() == Script::Cyrillic;
    [text.get(..at.start), text.get(at.end..)].into_iter().flatten().flatten().any(odd)
}

/// Numbers, codes and paper sizes (`A55`, `B12`) aren't words.
fn enough_letters(length: usize, letters: usize, evidence: &Evidence) -> bool {
    match length {
        0..=2 => false,
        3 | 4 if evidence.digits > 0 => letters >= 2,
        _ => letters >= 1,
    }
}

/// Whether a piece is all digits, where not every letter stands alone.
fn number_apart(text: &[Unit], at: Range<usize>) -> bool {
    let Some(matched) = text.get(at) else { return false };
    let mut pieces = vec![(0_usize, 0_usize)];
    let mut source = None;
    for unit in matched {
        if source.is_some() && unit.gap.width() > 0 {
            pieces.push((0, 0));
        } else if source == Some(unit.at.start) {
            continue;
        }
        source = Some(unit.at.start);
        if let Some((letters, digits)) = pieces.last_mut() {
            *(if unit.letter.is_ascii_digit() { digits } else { letters }) += 1;
        }
    }
    let spelled = pieces.iter().all(|(letters, digits)| letters + digits == 1);
    !spelled && pieces.iter().any(|(letters, digits)| *letters == 0 && *digits > 0)
}

/// `8e5e`, `P2P`, `A|B`: figures, abbreviations and columns of a table, where a short word comes out by chance.
fn looks_like_code(text: &[Unit], at: Range<usize>, length: usize) -> bool {
    let Some(matched) = text.get(at.clone()) else { return false };
    if is_joined_to_numbers(text, at) {
        return true;
    }
    let digits = matched.iter().filter(|unit| unit.letter.is_ascii_digit()).count();
    let hexadecimal = matched.iter().all(|unit| unit.letter.is_ascii_hexdigit()) && digits >= 2;
    let short = |unit: &Unit| matches!(unit.letter, '2' | '6' | '7' | '8' | '9' | '|' | '<');
    hexadecimal || (length < 4 && matched.iter().any(short))
}

/// Whether capitals and digits are joined to others with digits: `5EX-7`.
fn is_joined_to_numbers(text: &[Unit], at: Range<usize>) -> bool {
    const CODE: usize = 8;
    let capitals = |units: &[Unit]| units.iter().all(|unit| !unit.source.is_lowercase());
    let joins = |unit: &Unit| unit.gap.width() > 0 && unit.gap.blanks == 0 && !unit.gap.clause;
    let number = |units: &[&Unit]| units.iter().any(|unit| unit.letter.is_ascii_digit());
    let (Some(matched), Some(before)) = (text.get(at.clone()), text.get(..at.start)) else { return false };
    let touches = |unit: &&Unit| unit.gap.width() == 0;
    let behind = text.get(at.end..).and_then(<[Unit]>::split_first).filter(|(first, _)| joins(first));
    let behind =
        behind.map(|(first, rest)| std::iter::once(first).chain(rest.iter().take(CODE).take_while(touches)));
    let behind: Vec<&Unit> = behind.into_iter().flatten().collect();
    let first = matched.first().is_some_and(joins);
    let last = before.iter().rev().take(if first { CODE } else { 0 });
    let word = last.clone().take_while(|unit| unit.gap.width() == 0).count();
    let before: Vec<&Unit> = last.take(word + 1).collect();
    capitals(matched) && (number(&behind) || number(&before))
}

/// Whether a word of one letter can only stand inside the phrase: `te voy a matar`.
fn inside_phrase(key: &[Unit]) -> bool {
    const WORDS: usize = 4;
    const LETTERS: usize = 10;
    let lone = |word: Option<&[Unit]>| word.is_none_or(|word| word.len() == 1);
    key.len() >= LETTERS
        && words(key).count() >= WORDS
        && !lone(words(key).next())
        && !lone(words(key).last())
}

/// `5am`, `4th`, `10kg`, `room5`: digits before a unit, or one digit after a word.
fn looks_like_measure(text: &[Unit], at: Range<usize>, evidence: &Evidence) -> bool {
    const PHRASE: usize = 10;
    const UNITS: &[&str] = &[
        "am", "pm", "st", "nd", "rd", "th", "er", "re", "e", "eme", "ere", "kg", "g", "mg", "t", "km", "m",
        "cm", "mm", "ml", "cl", "dl", "l", "h", "hr", "hrs", "min", "mins", "mn", "s", "sec", "secs", "ms",
        "ft", "in", "lb", "lbs", "oz", "gb", "mb", "kb", "tb", "hz", "khz", "mhz", "ghz", "k", "x", "px",
        "pt", "v", "w", "kw", "kwh", "mah", "a", "p", "d", "c", "f", "b", "an", "ans", "hp", "ps", "mph",
        "kmh", "dpi", "fps", "bit", "bits", "pc", "pcs", "stk", "uhr", "en", "te", "ter", "de", "ste", "bn",
        "mio", "usd", "eur", "gr", "och", "og", "ki", "mi", "gi", "ti", "kib", "mib", "gib", "tib",
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
    // In short words any digit at the end is a number (`Ka1`), but for a 7 that is drawn like a t. The first is numbered more
    // often than any other: `server1`.
    let number = |digit: char| match matched.len() {
        0..=3 => digit.is_ascii_digit(),
        4 => digit.is_ascii_digit() && digit != '7',
        5 | 6 => matches!(digit, '1' | '2' | '5' | '6' | '8' | '9'),
        // Without its last letter, a long word is none that could be numbered, but for a plural: `version5`, `modeli`.
        _ => matches!(digit, '1' | '5'),
    };
    let Some((last, numbered)) = matched.split_last() else { return false };
    let begin = numbered.iter().rposition(|unit| unit.gap.width() > 0).unwrap_or(0);
    // The other words of a long phrase tell: `câștigă ban1`.
    if begin > 0 && matched.len() >= PHRASE && matched.len() - begin > 2 {
        return false;
    }
    let numbered = numbered.get(begin..).unwrap_or_default();
    // What is no word isn't numbered, if it is no name: `dyk3`, `ciali5`.
    let thing = numbered.len() < 3
        || is_word(&written(numbered))
        || numbered.iter().any(|unit| unit.source.is_uppercase());
    let counted = matched.len() < 5 && !matches!(last.letter, '0' | '3' | '4');
    evidence.digits == 1 && number(last.letter) && (thing || counted)
}

/// Whether the accents that differ are foreign to the language around, and make no word that people write.
fn strange_here_with(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(matched) = text.get(at.clone()).filter(|matched| matched.len() == key.len()) else {
        return false;
    };
    let mut words = matched.chunk_by(|_, next| next.gap.width() == 0).zip(words(key));
    let differ =
        |word: &[Unit], key: &[Unit]| word.iter().zip(key).any(|(unit, letter)| unit.marks != letter.marks);
    are_foreign(text, at.clone(), key)
        && words.all(|(word, key)| !differ(word, key) || !is_everyday(&written(word)))
}

/// Whether long words with several marks lack some of them, and have others (`öldürurüm`): none is another word then.
fn partly_marked(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    const LETTERS: usize = 8;
    let Some(matched) = text.get(at).filter(|matched| matched.len() == key.len()) else { return false };
    let mut words = matched.chunk_by(|_, next| next.gap.width() == 0).zip(words(key));
    words.all(|(word, key)| {
        let same = word.iter().zip(key).all(|(unit, letter)| unit.letter == letter.letter);
        let lacks = word.iter().zip(key).any(|(unit, letter)| unit.marks != letter.marks);
        same && (!lacks
            || (word.len() >= LETTERS && word.iter().any(Unit::marked) && !is_everyday(&written(word))))
    })
}

/// Whether a word whose every letter is of another script than the key stands among words of the key's script.
fn strange_here(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(own) = key.iter().map(Unit::script).find(|script| *script != Script::Common) else {
        return false;
    };
    let letters = |unit: &&Unit| unit.letter.is_alphabetic();
    // Nobody writes a word in two alphabets.
    let alphabets = |script: Script| matches!(script, Script::Greek | Script::Cyrillic);
    let mut scripts =
        text.get(at.clone()).into_iter().flatten().map(Unit::script).filter(|one| alphabets(*one));
    if let Some(first) = scripts.next()
        && key.len() >= 4
        && scripts.any(|other| other != first)
    {
        return true;
    }
    let before = text.iter().take(at.start).rev().find(letters);
    let after = text.iter().skip(at.end).find(letters);
    let around: Vec<Script> = before.into_iter().chain(after).map(Unit::script).collect();
    match around.as_slice() {
        [] => key.len() >= 6,
        around => key.len() >= 4 && around.iter().all(|script| *script == own),
    }
}
