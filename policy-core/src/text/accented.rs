//! Accents of Latin letters: which ones a text may have for those of a key, or lack.
//!
//! The automaton over ordinary text knows only that a letter has an accent. Which it is, is compared where a key is found:
//! on a long word another one is a slip or a disguise (`rèsumé`), on a short one another word (`pêche`, `péché`). How often
//! it is, was counted in the dictionaries of 22 languages: below three words in a hundred where no last letter and no
//! umlaut differs, and nearly all of those are two spellings of one word.

use std::borrow::Cow;
use std::ops::Range;

use super::chars::{Kind, kind};
use super::plain::fold_phrase;

/// Stands for every accent.
pub(super) const ACCENT: char = '\u{301}';
/// Words of fewer letters are other words with another accent.
const LETTERS: usize = 6;

/// Whether the mark is an accent of a Latin letter.
pub(super) fn is_accent(base: Option<char>, mark: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&mark) && base.is_some_and(|base| base.is_ascii_alphabetic())
}

/// Each letter of a folded text, with the marks that follow it.
fn letters(folded: &str) -> impl Iterator<Item = (char, &str)> {
    folded.char_indices().filter(|(_, c)| kind(*c) != Kind::Mark).map(|(at, c)| {
        let rest = folded.get(at + c.len_utf8()..).unwrap_or_default();
        let end = rest.find(|c| kind(c) != Kind::Mark).unwrap_or(rest.len());
        (c, rest.get(..end).unwrap_or_default())
    })
}

/// The folded text with every accent replaced by the one.
pub(super) fn alike(folded: &str) -> Cow<'_, str> {
    // ASCII has no accents, and most words are ASCII.
    if folded.is_ascii() {
        return folded.into();
    }
    let mut base = None;
    let replace = |c: char| match kind(c) {
        Kind::Mark if is_accent(base, c) => ACCENT,
        Kind::Mark => c,
        _ => *base.insert(c),
    };
    folded.chars().map(replace).collect()
}

/// Whether any letter of the folded text has an accent.
pub(super) fn has_accents(folded: &str) -> bool {
    !folded.is_ascii()
        && letters(folded).any(|(base, marks)| marks.chars().any(|mark| is_accent(Some(base), mark)))
}

/// Words that English has and no language with accents.
const ENGLISH: &[&str] = &[
    "the", "and", "of", "you", "your", "with", "this", "that", "have", "from", "which", "would", "will",
    "they", "there", "their", "please", "our", "been",
];
/// Words that no language but French has.
const FRENCH: &[&str] = &[
    "les", "une", "vous", "nous", "dans", "pour", "avec", "cette", "mais", "elle", "toi", "faire", "suis",
    "quel", "quelle", "ce", "sont", "votre", "notre", "je", "tu", "vraiment", "pas", "cet", "ces",
];

/// Words that no language but German has.
const GERMAN: &[&str] = &[
    "und", "nicht", "ist", "ich", "wir", "eine", "einen", "einem", "wenn", "auch", "auf", "bitte", "dass",
    "sich", "zum", "zur", "oder", "kein", "keine", "mein", "meine", "dein", "deine", "aber", "wie", "hat",
    "für", "über",
];

/// Whether a word of German stands around the place.
pub(super) fn in_german(shown: &str, place: &Range<usize>) -> bool {
    is_among(shown, place, GERMAN)
}

/// Whether a word of English stands around the place.
pub(super) fn in_english(shown: &str, place: &Range<usize>) -> bool {
    is_among(shown, place, ENGLISH)
}

/// Whether a word of French stands around the place.
pub(super) fn in_french(shown: &str, place: &Range<usize>) -> bool {
    is_among(shown, place, FRENCH)
}

/// Words that only Vietnamese has, typed without its marks.
const VIETNAMESE: &[&str] = &[
    "khong", "duoc", "nguoi", "nhung", "cua", "toi", "thi", "thang", "roi", "mot", "nhu", "biet", "voi",
    "cung",
];

/// Whether a word of Vietnamese stands around the place, or a letter that no other language has.
pub(super) fn in_vietnamese(shown: &str, place: &Range<usize>) -> bool {
    let letter = |c: char| matches!(c, 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1EA0}'..='\u{1EF9}');
    shown.get(around(shown, place)).is_some_and(|around| around.contains(letter))
        || is_among(shown, place, VIETNAMESE)
}

/// So many bytes on each side are looked at.
const REACH: usize = 100;

/// What stands so far around a place.
pub(super) fn around(shown: &str, place: &Range<usize>) -> Range<usize> {
    let start = shown.ceil_char_boundary(place.start.saturating_sub(REACH));
    start..shown.floor_char_boundary(place.end.saturating_add(REACH))
}

/// Whether one of the words stands around the place.
fn is_among(shown: &str, place: &Range<usize>, words: &[&str]) -> bool {
    let Range { start, end } = around(shown, place);
    // Half a word at an edge is none: `redu|ce`.
    let cut = |c: char| !c.is_alphabetic();
    let before = shown.get(start..place.start).unwrap_or_default();
    let behind = shown.get(place.end..end).unwrap_or_default();
    let before = if start > 0 { before.find(cut).and_then(|at| before.get(at..)) } else { Some(before) };
    let behind =
        if end < shown.len() { behind.rfind(cut).and_then(|at| behind.get(..at)) } else { Some(behind) };
    let mut around = [before, behind].into_iter().flatten();
    around.any(|part| {
        let mut parts = part.split(|c: char| !c.is_alphabetic());
        parts.any(|word| words.iter().any(|listed| word.eq_ignore_ascii_case(listed)))
    })
}

/// How the accents of a text are those of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accents {
    Same,
    /// Another one than the key's, where that makes no other word.
    Another,
    Different,
}

/// Compares the accents of `text` with those of a folded key, which are the same but for which accents they have.
pub(super) fn compare(text: &str, key: &str) -> Accents {
    let text = fold_phrase(text);
    if text == key {
        return Accents::Same;
    }
    // An ellipsis between two words ends no clause here.
    let words = |phrase: &'_ str| {
        phrase.split(' ').filter(|word| *word != ",").map(str::to_owned).collect::<Vec<_>>()
    };
    let (text, key) = (words(&text), words(key));
    if text == key {
        return Accents::Same;
    }
    let mut pairs = text.iter().zip(&key);
    let may_differ =
        text.len() == key.len() && pairs.all(|(text, key)| text == key || may_have_another(text, key));
    if may_differ { Accents::Another } else { Accents::Different }
}

/// Whether a word with another accent than the key's is no other word.
fn may_have_another(text: &str, key: &str) -> bool {
    let count = letters(key).count();
    let mut last = None;
    for (index, ((base, text), (other, key))) in letters(text).zip(letters(key)).enumerate() {
        if base != other {
            return false;
        }
        if text != key {
            last = Some(index);
        }
    }
    // Vietnamese, whose words are one syllable each, has all accents on all vowels.
    let vowels = letters(key).map(|(letter, _)| "aeiouyæø".contains(letter));
    let syllables =
        vowels.fold((0, false), |(count, before), vowel| (count + usize::from(vowel && !before), vowel)).0;
    letters(text).count() == count
        && count >= LETTERS
        && syllables >= 2
        && last.is_some_and(|last| last + 1 < count)
}

/// Letters that no decomposition takes their stroke from, and what is typed where a keyboard lacks them.
pub(super) fn without_stroke(letter: char) -> char {
    match letter {
        'ł' => 'l',
        'đ' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        'ə' => 'e',
        other => other,
    }
}

/// The folded key without one of its accents, and without all but one. Where it has more than `MANY`, that is no
/// spelling that anybody types.
pub(super) fn with_some(key: &str) -> Vec<String> {
    const MANY: usize = 4;
    if key.is_ascii() {
        return Vec::new();
    }
    let is_accented = |base: char, marks: &str| {
        without_stroke(base) != base || marks.chars().any(|mark| is_accent(Some(base), mark))
    };
    let accented: Vec<usize> = letters(key)
        .enumerate()
        .filter(|(_, (base, marks))| is_accented(*base, marks))
        .map(|(index, _)| index)
        .collect();
    if !(2..=MANY).contains(&accented.len()) {
        return Vec::new();
    }
    let keeping = |keep: &dyn Fn(usize) -> bool| -> String {
        let mut kept = String::with_capacity(key.len());
        for (index, (base, marks)) in letters(key).enumerate() {
            kept.push(if keep(index) { base } else { without_stroke(base) });
            kept.extend(marks.chars().filter(|mark| keep(index) || !is_accent(Some(base), *mark)));
        }
        kept
    };
    // A word's last letter's tells one form of it from another (`długą`, `długa`).
    let ends: Vec<bool> = letters(key).map(|(base, _)| base == ' ').skip(1).chain([true]).collect();
    let gone = accented.iter().filter(|index| ends.get(**index) == Some(&false));
    let mut some: Vec<String> = gone.map(|gone| keeping(&|index| index != *gone)).collect();
    if accented.len() > 2 {
        some.extend(accented.iter().map(|left| keeping(&|index| index == *left)));
    }
    some
}

/// The folded key with an accent for each ae, oe, ue that may have been typed as an umlaut (`hâsslich` for hässlich).
pub(super) fn umlauts_as_accents(key: &str) -> Option<String> {
    let umlauts = ["ae", "oe", "ue"].iter().map(|two| key.matches(two).count()).sum::<usize>();
    let word = key.split(' ').all(|word| {
        word.chars().count() > LETTERS || !["ae", "oe", "ue"].iter().any(|two| word.contains(two))
    });
    (umlauts > 0 && word).then(|| {
        ["a", "o", "u"].iter().fold(key.to_owned(), |key, letter| {
            key.replace(&format!("{letter}e"), &format!("{letter}{ACCENT}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Accents, alike, compare, with_some};
    use crate::text::plain::fold_phrase;

    #[test]
    fn another_accent_inside_a_long_word_is_no_other_word() {
        let found = |text: &str, key: &str| compare(text, &fold_phrase(key));
        assert_eq!(found("Résumé", "résumé"), Accents::Same);
        assert_eq!(found("rèsumé", "résumé"), Accents::Another);
        assert_eq!(found("pètasse", "pétasse"), Accents::Another);
        for (text, key) in [("krásně", "krásné"), ("nghiếng", "nghiềng"), ("podél", "poděl")] {
            assert_eq!(found(text, key), Accents::Different, "{text}");
        }
    }

    #[test]
    fn accents_become_one_and_other_marks_stay() {
        assert_eq!(alike(&fold_phrase("žňé")), alike(&fold_phrase("źńê")));
        assert_eq!(alike(&fold_phrase("мой")), fold_phrase("мой"));
    }

    #[test]
    fn some_accents_are_left_out() {
        let some = with_some(&fold_phrase("żałość"));
        assert_eq!(some.len(), 7);
        assert!(some.contains(&fold_phrase("załość")) && some.contains(&fold_phrase("żałosć")));
        assert!(with_some("plain").is_empty());
    }
}
