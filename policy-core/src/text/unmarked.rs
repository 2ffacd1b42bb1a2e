//! Latin keys as they are typed without their marks, where that hardly ever makes another word.

use super::accented::{with_some, without_stroke};
use icu_properties::props::Script;

use super::chars::{Kind, is_vowel, kind, script};
use super::everyday::is_everyday;
use super::spellings::{Spelling, is_short_phrase};

/// A long word is written without its accents by who lacks the keys (`zażółć`, `zazolc`), and hardly ever another word
/// then. A short one often is (`año`, `ano`), and with é alone (`résumé`).
pub(super) fn bare(key: &str) -> Option<String> {
    let latin = |mark: char| ('\u{300}'..='\u{36F}').contains(&mark);
    let mut bare = String::with_capacity(key.len());
    for c in key.chars().filter(|c| !latin(*c)) {
        bare.push(without_stroke(c));
    }
    let letters = |text: &str| text.chars().filter(|c| *c != ' ').count();
    // Umlauts fold to two letters; in a long word, or where several lack their e, that is no other word.
    let umlauts = ["ae", "oe", "ue"].iter().map(|two| bare.matches(two).count()).sum::<usize>();
    let long = letters(&bare) >= 10 || (umlauts >= 2 && letters(&bare) >= 8);
    let flat = if long { bare.replace("ae", "a").replace("oe", "o").replace("ue", "u") } else { bare };
    let several = key.split(' ').filter(|word| word.contains('\u{301}')).count() > 1;
    let acute = only_acute_e(key, &flat) && !(several && letters(&flat) >= PHRASE);
    let telling = flat != key && !acute && letters(&flat) >= least_letters(key);
    (telling && flat.is_ascii()).then_some(flat)
}

/// A phrase of so many letters with an é in two of its words is no other without.
const PHRASE: usize = 8;

/// Umlauts as bare letters, which who lacks the keys types as often as two letters (`lognare` for lögnare). Not ü and å,
/// whose two letters stand in the words of many languages without being one, nor in an ending that other languages have
/// without (`cirkulær`, `circular`).
pub(super) fn flat(key: &str) -> Option<String> {
    const LETTERS: usize = 6;
    let ends = key.split(' ').any(|word| word.ends_with("aer") || word.ends_with("oer"));
    let bare: String = key.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect();
    let flat = bare.replace("ae", "a").replace("oe", "o");
    let letters = flat.chars().filter(|c| *c != ' ').count();
    (flat != bare && !ends && letters >= LETTERS && flat.is_ascii()).then_some(flat)
}

/// A word without any of its marks, its umlauts as bare letters or as two, where that is no word that people write.
pub(super) fn without_marks(key: &str) -> Vec<String> {
    let unmarked: String = key.chars().filter(|c| !LATIN.contains(c)).map(without_stroke).collect();
    // A Turkish ı is typed on purpose (`sıkı`).
    if !unmarked.is_ascii() || key.contains([' ', 'ı']) {
        return Vec::new();
    }
    // Other languages have the ending without (`cirkulær`, `circular`).
    let ends = ["aer", "oer"].iter().any(|end| unmarked.ends_with(end));
    let pairs = if ends { &[] } else { TWO.as_slice() };
    let flat = pairs.iter().fold(unmarked.clone(), |word, (two, one)| word.replace(two, one));
    let other = |word: &String| word != key && word.len() >= BARE && !is_everyday(word);
    let mut found: Vec<String> = [unmarked, flat].into_iter().filter(other).collect();
    found.dedup();
    found
}

/// A word, or a phrase, with one letter for each of its doubles in turn, where that makes no word that people write.
pub(super) fn single(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.chars().collect();
    let double = |two: &[char]| matches!(two, [first, second] if first == second && first.is_alphabetic());
    let doubles = letters.windows(2).enumerate().filter(|(_, two)| double(two));
    let without = |gone: usize| -> String {
        letters.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, letter)| *letter).collect()
    };
    let is_none = |other: &String| {
        let mut words = other.split(' ').zip(key.split(' ')).filter(|(word, listed)| word != listed);
        words.all(|(word, _)| word.chars().count() >= SINGLE && !is_everyday(word))
    };
    doubles.map(|(index, _)| without(index)).filter(is_none).collect()
}

/// A long phrase of several words with one letter for each double consonant in turn, whatever word that makes: the others
/// tell (`i wil find you`).
pub(super) fn single_in_phrase(key: &str) -> Vec<String> {
    const LETTERS: usize = 10;
    const WORDS: usize = 3;
    let letters = key.chars().filter(|c| c.is_alphabetic()).count();
    if letters < LETTERS || key.split(' ').count() < WORDS {
        return Vec::new();
    }
    let consonant = |c: char| {
        c.is_alphabetic()
            && !is_vowel(c)
            && matches!(script(c), Script::Latin | Script::Cyrillic | Script::Greek)
    };
    let doubles =
        key.char_indices().zip(key.chars().skip(1)).filter(|((_, c), next)| c == next && consonant(*c));
    doubles
        .filter_map(|((at, c), _)| Some([key.get(..at)?, key.get(at + c.len_utf8()..)?].concat()))
        .collect()
}

/// The combining marks of Latin letters.
const LATIN: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36F}';
/// Umlauts as they are folded, and as bare letters.
const TWO: [(&str, &str); 4] = [("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")];
/// Of fewer letters, a word without marks is another one.
const BARE: usize = 4;
/// Of fewer letters, a word with a single letter for a double is another one.
const SINGLE: usize = 6;

/// Words of fewer letters are other words without their accents.
fn least_letters(key: &str) -> usize {
    if marked_consonant(key) || tilde(key) || several_marked(key) { 5 } else { 6 }
}

/// Whether two of its letters have marks, and it has more than one vowel that stands for itself.
fn several_marked(key: &str) -> bool {
    let chars: Vec<char> = key.chars().collect();
    let mark = |c: &char| ('\u{300}'..='\u{36F}').contains(c);
    let marked = chars.windows(2).filter(|two| matches!(two, [base, next] if !mark(base) && mark(next)));
    let syllables =
        key.split(|c: char| !"aeiouy".contains(c) && !mark(&c)).filter(|part| !part.is_empty()).count();
    marked.count() > 1 && syllables > 1
}

/// Whether a vowel inside the key has a tilde, which no form of a verb takes off (`cuzão`).
fn tilde(key: &str) -> bool {
    key.contains("a\u{303}") || key.contains("o\u{303}")
}

/// The key without some of its accents (`żalosny` for żałosny).
pub(super) fn partly(key: &str) -> impl Iterator<Item = (Spelling, String)> {
    let letters = || key.chars().filter(|c| kind(*c) == Kind::Word).count();
    let long = !key.is_ascii() && letters() >= least_letters(key);
    let some = if long && !is_short_phrase(key) { with_some(key) } else { Vec::new() };
    let only_acute_e = |some: &String| key.replace("e\u{301}", "e") == some.replace("e\u{301}", "e");
    some.into_iter().filter(move |some| !only_acute_e(some)).map(|some| (Spelling::Partly, some))
}

/// Whether nothing but é tells the key from one without accents: too many words have a neighbour then, in their own
/// language (`parlé`, `parle`) or in another (`crédit`, `credit`).
fn only_acute_e(key: &str, bare: &str) -> bool {
    key.replace("e\u{301}", "e") == bare
}

/// A long word with nothing but é in it, none of them near its end unless behind it stands the e of the feminine, without
/// its accents.
pub(super) fn without_acute_e(key: &str) -> Option<String> {
    const LONG: usize = 6;
    const END: usize = 2;
    let bare = key.replace("e\u{301}", "e");
    let feminine = key.ends_with("e\u{301}e") || key.ends_with("e\u{301}es");
    let ends = !feminine && key.chars().rev().take(END + 1).any(|c| c == '\u{301}');
    let word = bare != key && bare.len() >= LONG && bare.bytes().all(|byte| byte.is_ascii_alphabetic());
    (word && !ends).then_some(bare)
}

/// Whether a consonant, an e with a caron or a y with an acute has a mark: in the languages that have those, marks don't tell one form
/// of a word from another as `habló` and `hablo` in Spanish. A word's last letter may.
fn marked_consonant(key: &str) -> bool {
    let chars: Vec<char> = key.chars().collect();
    chars.iter().zip(chars.iter().skip(1)).enumerate().any(|(index, (letter, mark))| {
        let marked = match mark {
            '\u{327}' | '\u{303}' if matches!(letter, 'c' | 'n') => false,
            '\u{30C}' | '\u{328}' => true,
            '\u{301}' if *letter == 'y' => true,
            '\u{300}'..='\u{36F}' => !"aeiouy".contains(*letter),
            _ => matches!(letter, 'đ' | 'ł'),
        };
        marked && chars.get(index + 2).is_some_and(|next| *next != ' ')
    })
}
