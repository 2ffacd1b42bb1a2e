//! Keys with letters that are heard alike, as who writes by ear spells them.

use icu_properties::props::Script;

use super::chars::{Kind, kind, script};
use super::everyday::is_everyday;

/// Of so many syllables, a Korean word is no other one.
const SYLLABLES: usize = 4;
const LONGEST: usize = 8;
/// Of so many letters, a Thai word is no other one with a vowel of the other length.
const THAI: usize = 6;

/// A Korean key with one consonant or vowel that is heard alike: `싸이트` for 사이트, `데출` for 대출.
pub(super) fn heard_alike(key: &str) -> Vec<String> {
    const MOST: usize = 8;
    const ALIKE: [(char, char); 7] = [
        ('\u{1100}', '\u{1101}'),
        ('\u{1103}', '\u{1104}'),
        ('\u{1107}', '\u{1108}'),
        ('\u{1109}', '\u{110A}'),
        ('\u{110C}', '\u{110D}'),
        ('\u{1162}', '\u{1166}'),
        ('\u{1164}', '\u{1168}'),
    ];
    let syllables = key.chars().filter(|c| matches!(c, '\u{1100}'..='\u{115F}')).count();
    if !(SYLLABLES..=2 * LONGEST).contains(&syllables) {
        return Vec::new();
    }
    let other = |c: char| {
        ALIKE.iter().find_map(|(one, other)| match c {
            _ if c == *one => Some(*other),
            _ if c == *other => Some(*one),
            _ => None,
        })
    };
    let places = key.char_indices().filter_map(|(at, c)| Some((at, c.len_utf8(), other(c)?)));
    let written = |(at, length, other): (usize, usize, char)| {
        Some([key.get(..at)?, other.encode_utf8(&mut [0; 4]), key.get(at + length..)?].concat())
    };
    places.take(MOST).filter_map(written).collect()
}

/// Of so many letters, an Arabic phrase is no other one with a letter of the same sound.
const SOUNDED: usize = 7;

/// An Arabic phrase with one letter that many speakers don't tell apart: `قرظ سريع` for قرض سريع.
pub(super) fn sounded_alike(key: &str) -> Vec<String> {
    const MOST: usize = 8;
    const ALIKE: [(char, &str); 8] =
        [('ض', "ظ"), ('ظ', "ض"), ('س', "ص"), ('ص', "س"), ('ت', "ط"), ('ط', "ت"), ('ذ', "ز"), ('ز', "ذ")];
    if !key.contains(' ') || key.chars().filter(|c| kind(*c) == Kind::Word).count() < SOUNDED {
        return Vec::new();
    }
    one_replaced(key, &ALIKE).take(MOST).collect()
}

/// A long Thai key with one vowel short for long, or the other way round: `อิตัวแสบ`.
pub(super) fn with_other_length(key: &str) -> Vec<String> {
    const MOST: usize = 6;
    const LENGTHS: [(char, &str); 8] =
        [('ิ', "ี"), ('ี', "ิ"), ('ึ', "ื"), ('ื', "ึ"), ('ุ', "ู"), ('ู', "ุ"), ('ใ', "ไ"), ('ไ', "ใ")];
    let letters = key.chars().filter(|c| script(*c) == Script::Thai && kind(*c) == Kind::Word).count();
    if letters < THAI { Vec::new() } else { one_replaced(key, &LENGTHS).take(MOST).collect() }
}

/// A long Vietnamese phrase with the one of the two tones for the other that the south doesn't tell apart (`giãm cân`).
pub(super) fn with_other_tone(key: &str) -> Vec<String> {
    const LETTERS: usize = 8;
    const MOST: usize = 4;
    const TONES: [(char, &str); 2] = [('\u{309}', "\u{303}"), ('\u{303}', "\u{309}")];
    // Others have a tilde, but none a hook above or a horn.
    let vietnamese = key.contains(['\u{309}', '\u{31B}', '\u{323}']);
    let letters = key.chars().filter(|c| kind(*c) == Kind::Word).count();
    if !vietnamese || !key.contains(' ') || letters < LETTERS {
        return Vec::new();
    }
    one_replaced(key, &TONES).take(MOST).collect()
}

/// The key with each of these characters replaced, one at a time.
fn one_replaced(key: &str, others: &[(char, &str)]) -> impl Iterator<Item = String> {
    key.char_indices().filter_map(move |(at, c)| {
        let other = others.iter().find(|(from, _)| *from == c)?.1;
        Some([key.get(..at)?, other, key.get(at + c.len_utf8()..)?].concat())
    })
}

/// A long Latin phrase by its sound: a hard c as k (`kredit rapid`), ph as f (`nude fotos`).
pub(super) fn by_sound(key: &str) -> Vec<String> {
    const LETTERS: usize = 10;
    let latin = key.chars().all(|c| c == ' ' || script(c) == Script::Latin || kind(c) == Kind::Mark);
    if !latin || !key.contains(' ') || key.chars().filter(|c| kind(*c) == Kind::Word).count() < LETTERS {
        return Vec::new();
    }
    let mut hard = String::with_capacity(key.len());
    let next = key.chars().skip(1).map(Some).chain([None]);
    for (c, next) in key.chars().zip(next) {
        let is_hard = next.is_some_and(|next| "aourl".contains(next));
        hard.push(if c == 'c' && is_hard { 'k' } else { c });
    }
    let mut spellings = vec![hard, key.replace("ph", "f")];
    spellings.retain(|spelling| spelling != key);
    spellings
}

/// A Greek word with another letter of the same sound (`στοίχιμα`), a Polish one with u, rz for ó, ż or the other way round
/// (`wrużka`), inside the word and where that makes none that people write.
pub(super) fn in_other_letters(key: &str) -> Vec<String> {
    const MOST: usize = 8;
    const LETTERS: usize = 6;
    /// At a word's end they tell its forms apart.
    const END: usize = 2;
    const GREEK: [(&str, &str); 8] =
        [("η", "ι"), ("ι", "η"), ("υ", "ι"), ("ω", "ο"), ("ο", "ω"), ("αι", "ε"), ("ει", "ι"), ("οι", "ι")];
    const POLISH: [(&str, &str); 3] = [("o\u{301}", "u"), ("z\u{307}", "rz"), ("rz", "z\u{307}")];
    let letters = key.chars().filter(|c| kind(*c) == Kind::Word).count();
    let greek = key.contains(|c| script(c) == Script::Greek);
    let polish = key.contains(|c| "łąę\u{307}\u{328}".contains(c)) || key.contains("o\u{301}");
    let pairs: &[(&str, &str)] = match (greek, polish) {
        (true, _) => &GREEK,
        (false, true) => &POLISH,
        (false, false) => &[],
    };
    if letters < LETTERS {
        return Vec::new();
    }
    let replaced = pairs.iter().flat_map(|(from, to)| {
        key.match_indices(from).filter_map(move |(at, _)| {
            let (before, behind) = (key.get(..at)?, key.get(at + from.len()..)?);
            let goes_on = behind.split(' ').next().is_some_and(|rest| rest.chars().count() >= END);
            // The second half of a diphthong is no letter by itself.
            let whole = *from != "ι" || !before.ends_with(['α', 'ε', 'ο', 'υ']);
            let whole = whole && (*from != "υ" || !before.ends_with(['α', 'ε', 'ο', 'η']));
            let whole = whole && !(matches!(*from, "ο") && behind.starts_with(['ι', 'υ']));
            (goes_on && whole).then(|| [before, to, behind].concat())
        })
    });
    replaced.filter(|other| !other.split(' ').all(is_everyday)).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::plain::fold_phrase;
    use super::*;

    #[test]
    fn what_is_heard_alike_is_spelled_alike() {
        assert!(heard_alike(&fold_phrase("바카라사이트")).contains(&fold_phrase("바카라싸이트")));
        assert!(heard_alike(&fold_phrase("급전대출")).contains(&fold_phrase("급전데출")));
        assert!(heard_alike(&fold_phrase("사다")).is_empty());
        assert!(sounded_alike(&fold_phrase("قرض سريع")).contains(&fold_phrase("قرظ سريع")));
        assert!(sounded_alike(&fold_phrase("مضلل")).is_empty(), "a word by itself may be another");
        assert!(with_other_length(&fold_phrase("อีตัวแสบ")).contains(&fold_phrase("อิตัวแสบ")));
        assert!(with_other_length(&fold_phrase("ดี")).is_empty());
        assert!(by_sound("nude photos").contains(&"nude fotos".to_owned()));
        assert!(
            by_sound("credit rapid").contains(&"kredit rapid".to_owned()) && by_sound("casino").is_empty()
        );
        let other =
            |key: &str, typed: &str| in_other_letters(&fold_phrase(key)).contains(&fold_phrase(typed));
        assert!(other("στοίχημα", "στοίχιμα") && other("wróżka", "wrużka") && other("wróżka", "wrórzka"));
        assert!(!other("μέρες", "μέρις") && !other("σκύλα", "σκίλα"), "short words are others");
        assert!(!other("γράφει", "γράφι") && !other("casino", "casinu"));
    }
}
