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

/// Whether accents were put on letters of a long word that has none there, and no form of the word has one: not on its
/// last letter (`amerà`), nor one that words around may have, too (`público`, `Töchter`).
pub(super) fn put_on(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    /// A word of so many letters is hardly ever another one.
    const LONG: usize = 7;
    /// Nor is a phrase of so many.
    const PHRASE: usize = 9;
    let Some(matched) = text.get(at.clone()).filter(|matched| matched.len() == key.len()) else {
        return false;
    };
    let begins = |index: usize| key.get(index).is_none_or(|letter| index == 0 || letter.gap.width() > 0);
    let letters = |index: usize| {
        let before = (0..=index).rev().take_while(|index| !begins(*index)).count();
        1 + before + (index + 1..key.len()).take_while(|index| !begins(*index)).count()
    };
    let phrase = key.len() >= PHRASE && (1..key.len()).any(begins);
    let around = |words: &[&str]| words_around(text, at.clone()).any(|word| words.contains(&word.as_str()));
    let ordinary = |unit: &Unit| match unit.marks {
        ['\u{308}' | '\u{30A}', '\0', _] if "aou".contains(unit.letter) => !around(NO_UMLAUTS),
        ['\u{301}', '\0', _] => !around(NO_ACUTES),
        _ => false,
    };
    matched.iter().zip(key).enumerate().all(|(index, (unit, letter))| {
        let put = || {
            let elsewhere = || !one_orthography(text, 0..text.len());
            let long = || letters(index) >= LONG || phrase || (letters(index) + 1 >= LONG && elsewhere());
            let last = begins(index + 1) && unit.marks.contains(&'\u{300}');
            let ends = begins(index + 1) && unit.marks.contains(&'\u{301}') && !around(NO_ACUTES);
            !last && !ends && long() && (!ordinary(unit) || elsewhere())
        };
        unit.letter == letter.letter && (unit.marks == letter.marks || put())
    })
}

/// Whether no orthography that has all other accented letters here has those whose accents differ from the key's.
pub(super) fn are_foreign(text: &[Unit], at: Range<usize>, key: &[Unit]) -> bool {
    let Some(matched) = text.get(at.clone()).filter(|matched| matched.len() == key.len()) else {
        return false;
    };
    let accented = |unit: &Unit| {
        let marks = unit.marks.iter().filter(|mark| **mark != '\0');
        let composed = marks.copied().try_fold(unit.letter, compose)?;
        let letter = if composed.is_ascii() { unit.source.to_lowercase().next()? } else { composed };
        (letter.is_alphabetic() && !letter.is_ascii()).then_some(letter)
    };
    let (put, own): (Vec<_>, Vec<_>) =
        matched.iter().zip(key).partition(|(unit, letter)| unit.marks != letter.marks);
    let around = [text.get(..at.start), text.get(at.end..)].into_iter().flatten().flatten();
    let own: Vec<char> = own.into_iter().map(|(unit, _)| unit).chain(around).filter_map(accented).collect();
    let put: Vec<char> = put.into_iter().filter_map(|(unit, _)| accented(unit)).collect();
    let mut fitting =
        ORTHOGRAPHIES.iter().filter(|letters| own.iter().all(|own| letters.contains(*own))).peekable();
    !own.is_empty()
        && !put.is_empty()
        && fitting.peek().is_some()
        && fitting.all(|letters| !put.iter().any(|put| letters.contains(*put)))
        && matched.iter().zip(key).all(|(unit, letter)| unit.letter == letter.letter)
}

/// Whether the language around a place may have umlauts.
pub(super) fn has_umlauts(text: &[Unit], at: Range<usize>) -> bool {
    !words_around(text, at).any(|word| NO_UMLAUTS.contains(&word.as_str()))
}

/// Frequent words of languages without ä, ö, ü and å.
const NO_UMLAUTS: &[&str] = &[
    "the", "and", "you", "les", "une", "vous", "nous", "dans", "pour", "avec", "que", "por", "los", "las",
    "una", "con", "uma", "che", "di", "il", "per", "non", "alla", "della", "questo", "nie", "jest", "na",
    "co", "este", "la", "sa",
];
/// Frequent words of languages where no word has an acute accent, or only a loanword.
const NO_ACUTES: &[&str] = &[
    "und", "nicht", "ist", "ich", "du", "von", "die", "der", "wir", "eine", "wenn", "auch", "auf", "bitte",
    "oder", "och", "att", "om", "till", "det", "jag", "som", "inte", "ikke", "og", "til", "kun", "ole",
    "mutta", "sinulla", "che", "di", "il", "per", "alla", "della", "questo", "nie", "jest", "bir", "ve",
    "sunt", "este", "het", "een", "niet", "van",
];

/// The words around a place, without their accents.
pub(super) fn words_around(text: &[Unit], at: Range<usize>) -> impl Iterator<Item = String> {
    let [before, behind] = [text.get(..at.start), text.get(at.end..)].map(Option::unwrap_or_default);
    [before, behind].into_iter().flat_map(|part| {
        part.chunk_by(|_, next| next.gap.width() == 0)
            .map(|word| word.iter().map(|unit| unit.letter).collect())
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
