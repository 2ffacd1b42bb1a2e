//! Whether an accent is ordinary spelling here, or put on a letter to hide a word.

use std::ops::Range;

use unicode_normalization::char::compose;

use super::units::Unit;

/// Accented letters of one orthography each.
const ORTHOGRAPHIES: &[&str] = &[
    "àâæçéèêëîïôœùûüÿ",  // French
    "áéíñóúü",           // Spanish
    "äöüß",              // German
    "áâãàçéêíóôõúü",     // Portuguese
    "àèéìíîòóùú",        // Italian
    "àçéèíïóòúü",        // Catalan
    "éèëïöüóáê",         // Dutch
    "ąćęłńóśźż",         // Polish
    "áčďéěíňóřšťúůýž",   // Czech
    "áäčďéíĺľňóôŕšťúýž", // Slovak
    "áéíóöőúüű",         // Hungarian
    "ăâîșțşţ",           // Romanian
    "çğıöşüâîû",         // Turkish
    "əçğıöşü",           // Azerbaijani
    "åäöé",              // Swedish, Finnish
    "åæøéèêóòôâü",       // Danish, Norwegian
    "áéíóúýöþæð",        // Icelandic
    "čćđšž",             // Croatian, Serbian, Slovenian
    "äõöüšž",            // Estonian
    "āčēģīķļņšūž",       // Latvian
    "ąčęėįšųūž",         // Lithuanian
    "âêîôûŵŷáéíóúäëïöü", // Welsh
    "ĉĝĥĵŝŭ",            // Esperanto
    "çë",                // Albanian
    "ċġħżàèìòù",         // Maltese
];

/// Whether some orthography has all the accented letters at this place; Vietnamese has its own on every syllable.
pub(super) fn one_orthography(text: &[Unit], at: Range<usize>) -> bool {
    let Some(matched) = text.get(at) else { return true };
    let accented: Vec<char> = matched
        .iter()
        .filter(|unit| unit.marked() || !unit.letter.is_ascii())
        .filter_map(|unit| {
            let marks = unit.marks.iter().filter(|mark| **mark != '\0');
            marks.copied().try_fold(unit.letter, compose)
        })
        .collect();
    let vietnamese = |letter: &char| {
        ('\u{1EA0}'..='\u{1EF9}').contains(letter) || "àáâãèéêìíòóôõùúýăđĩũơư".contains(*letter)
    };
    ORTHOGRAPHIES.iter().any(|letters| accented.iter().all(|letter| letters.contains(*letter)))
        || (accented.iter().all(vietnamese) && matched.len() <= 6)
}

/// French and loanwords: `péché`, `élevé` are words beside `peche`, `eleve`.
pub(super) fn only_acute_e(text: &[Unit], at: Range<usize>) -> bool {
    text.get(at).is_some_and(|matched| {
        matched
            .iter()
            .filter(|unit| unit.marked())
            .all(|unit| unit.letter == 'e' && unit.marks.first() == Some(&'\u{301}'))
    })
}

/// Whether the text around uses Turkish letters.
pub(super) fn turkish_around(text: &[Unit], at: Range<usize>) -> bool {
    text.iter()
        .enumerate()
        .filter(|(index, _)| !at.contains(index))
        .any(|(_, unit)| matches!(unit.source, 'ı' | 'İ' | 'ş' | 'Ş' | 'ğ' | 'Ğ' | 'ç' | 'Ç'))
}

/// Whether the words around are English, which has no accents but those of loanwords (é, ñ, ï, ç).
pub(super) fn in_english(text: &[Unit], at: Range<usize>) -> bool {
    const WORDS: &[&str] = &[
        "the", "and", "you", "your", "of", "is", "for", "with", "this", "that", "are", "have", "not", "it",
        "buy", "get", "our", "my", "we", "at", "from", "by", "best", "free", "new", "now", "please", "today",
        "online", "here",
    ];
    let loan = |unit: &Unit| matches!(unit.source, 'é' | 'É' | 'ñ' | 'Ñ' | 'ï' | 'Ï' | 'ç' | 'Ç');
    if text.get(at.clone()).is_none_or(|matched| matched.iter().any(loan)) {
        return false;
    }
    let mut english = 0;
    let mut word = String::new();
    for (index, unit) in text.iter().enumerate().filter(|(index, _)| !at.contains(index)) {
        if !unit.letter.is_ascii() || unit.marked() {
            return false;
        }
        if unit.gap.width() > 0 || index == at.end {
            english += usize::from(WORDS.contains(&word.as_str()));
            word.clear();
        }
        word.push(unit.letter);
    }
    english += usize::from(WORDS.contains(&word.as_str()));
    english >= 2
}
