//! What a folded character is for: a letter of a word, a mark on it, a blank, a sign.

use std::sync::LazyLock;

use icu_properties::props::{DefaultIgnorableCodePoint, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::char::is_combining_mark;

use super::fold::fold_char;

/// The part that a character plays between and inside words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or digit.
    Word,
    /// A combining mark: belongs to the letter before it.
    Mark,
    /// Not seen by a reader: soft hyphens, zero-width characters, bidi controls, variation selectors.
    Ignorable,
    /// White space.
    Blank,
    /// U+2029: no phrase reaches over it.
    Paragraph,
    /// Punctuation that ends a clause where a blank stands next to it: `free. Money`.
    Clause,
    /// Punctuation that ends a clause by itself: ideographic and full-width marks, danda.
    Stop,
    /// Any other sign, emoji included.
    Sign,
}

/// What is known of a character.
struct Known {
    kind: Kind,
    script: Script,
    writing: Option<Writing>,
    /// The one letter that it folds to, if it is that simple.
    simple: Option<char>,
    numeric: bool,
    alphabetic: bool,
    /// It folds to itself.
    stays: bool,
}

/// Alphabets and kana, looked up once: property tables are slow where every letter of a text asks several of them.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known = |c: char| Known {
        kind: find_kind(c),
        script: find_script(c),
        writing: find_writing(c, find_script(c)),
        simple: find_simple(c),
        numeric: find_numeric(c),
        alphabetic: c.is_alphabetic(),
        stays: find_stays(c),
    };
    (0..0x3100).map(|code| known(char::from_u32(code).unwrap_or('\0'))).collect()
});

/// The part that `c` plays. `c` is the character as it stands in the text, unfolded.
pub(super) fn kind(c: char) -> Kind {
    match c {
        // Ideographs and Hangul syllables, as frequent in their languages as letters are in others.
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => Kind::Word,
        _ => KNOWN.get(c as usize).map_or_else(|| find_kind(c), |known| known.kind),
    }
}

/// Whether it is a digit or another number that is no letter, too.
pub(super) fn numeric(c: char) -> bool {
    match c {
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => false,
        _ => KNOWN.get(c as usize).map_or_else(|| find_numeric(c), |known| known.numeric),
    }
}

fn find_numeric(c: char) -> bool {
    c.is_numeric() && !c.is_alphabetic()
}

/// The one letter that `c` folds to, if it folds to one.
pub(super) fn simple(c: char) -> Option<char> {
    match c {
        '\u{4E00}'..='\u{9FFF}' => Some(c),
        _ => KNOWN.get(c as usize)?.simple,
    }
}

/// The same as [`char::is_alphabetic`].
pub(super) fn alphabetic(c: char) -> bool {
    match c {
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => true,
        _ => KNOWN.get(c as usize).map_or_else(|| c.is_alphabetic(), |known| known.alphabetic),
    }
}

/// Whether `c` folds to itself.
pub(super) fn stays(c: char) -> bool {
    KNOWN.get(c as usize).map_or_else(|| find_stays(c), |known| known.stays)
}

fn find_stays(c: char) -> bool {
    let (mut stays, mut count) = (true, 0);
    fold_char(c, &mut |part| {
        stays &= part == c;
        count += 1;
    });
    stays && count == 1
}

fn find_simple(c: char) -> Option<char> {
    let (mut letter, mut count) = (c, 0);
    fold_char(c, &mut |part| {
        letter = part;
        count += 1;
    });
    let apostrophe = matches!(c, '\u{2BC}');
    (find_kind(c) == Kind::Word && !apostrophe && count == 1 && find_kind(letter) == Kind::Word)
        .then_some(letter)
}

fn find_kind(c: char) -> Kind {
    match c {
        '\u{2029}' => Kind::Paragraph,
        // Braille blank: no White_Space, but shown as one.
        '\u{2800}' => Kind::Blank,
        _ if c.is_whitespace() => Kind::Blank,
        // Tatweel and its N'Ko sister only stretch the line between two letters. The interlinear and object
        // replacement characters show nothing by themselves.
        '\u{640}' | '\u{7FA}' | '\u{FFF9}'..='\u{FFFC}' => Kind::Ignorable,
        _ if c.is_control() || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) => {
            Kind::Ignorable
        }
        _ if is_combining_mark(c) => Kind::Mark,
        _ if c.is_alphanumeric() => Kind::Word,
        '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '…' | '–' | '—' | '\u{387}' => Kind::Clause,
        // Ideographic and full-width punctuation carries its own blank; Arabic, Hebrew, Indic, Armenian stops.
        '、' | '。' | '「' | '」' | '『' | '』' | '《' | '》' | '【' | '】' | '（' | '）' | '！' | '，'
        | '．' | '：' | '；' | '？' | '｡' | '､' | '،' | '؛' | '؟' | '।' | '॥' | '։' => {
            Kind::Stop
        }
        _ => Kind::Sign,
    }
}

/// How words are told apart in the writing that a character belongs to (UAX 29 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// With blanks between words.
    Spaced,
    /// Katakana: a run of it is a word (UAX 29 WB13).
    Katakana,
    /// Without blanks: Han, Hiragana, Thai and its neighbours.
    Unspaced,
}

/// The script of a character.
pub(super) fn script(c: char) -> Script {
    match c {
        '\u{4E00}'..='\u{9FFF}' => Script::Han,
        '\u{AC00}'..='\u{D7A3}' => Script::Hangul,
        _ => KNOWN.get(c as usize).map_or_else(|| find_script(c), |known| known.script),
    }
}

fn find_script(c: char) -> Script {
    if c.is_ascii() {
        return if c.is_ascii_alphabetic() { Script::Latin } else { Script::Common };
    }
    CodePointMapData::<Script>::new().get(c)
}

/// The writing that a word's character belongs to; `None` if it goes with what stands before it.
pub(super) fn writing(c: char) -> Option<Writing> {
    match c {
        '\u{4E00}'..='\u{9FFF}' => Some(Writing::Unspaced),
        _ => KNOWN.get(c as usize).map_or_else(|| find_writing(c, find_script(c)), |known| known.writing),
    }
}

fn find_writing(c: char, script: Script) -> Option<Writing> {
    match script {
        // The prolonged sound mark is common to both kana.
        Script::Common | Script::Inherited if matches!(c, 'ー' | '々' | '〻' | '〱'..='〵') => None,
        Script::Katakana => Some(Writing::Katakana),
        Script::Han
        | Script::Hiragana
        | Script::Bopomofo
        | Script::Thai
        | Script::Lao
        | Script::Khmer
        | Script::Myanmar
        | Script::Yi
        | Script::NewTaiLue
        | Script::TaiLe
        | Script::TaiTham
        | Script::Javanese
        | Script::Balinese => Some(Writing::Unspaced),
        _ => Some(Writing::Spaced),
    }
}

/// Whether a folded letter of the Latin, Cyrillic or Greek alphabet is a vowel.
pub(super) fn is_vowel(letter: char) -> bool {
    match letter.is_ascii() {
        true => matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y'),
        false => "æøıəаеиоуыэюяіїєαεηιουω".contains(letter),
    }
}

/// Whether it is a Cyrillic letter with a mark that only languages of few writers put on it: Chuvash, Mari, Tajik.
pub(super) fn is_odd_cyrillic(c: char) -> bool {
    matches!(c, '\u{4C1}' | '\u{4C2}' | '\u{4D0}'..='\u{4D3}' | '\u{4D6}' | '\u{4D7}' | '\u{4DA}'..='\u{4DF}'
        | '\u{4E2}'..='\u{4E7}' | '\u{4EA}'..='\u{4F5}' | '\u{4F8}' | '\u{4F9}')
}

/// What becomes of a combining mark on a letter in ordinary text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkFate {
    /// It tells words apart (`schon` and `schön`, vowels of Indic scripts).
    Keep,
    /// Ordinary writing has it or leaves it out as it likes.
    Drop,
    /// It stands for a letter: ä is ae.
    Letter(char),
}

/// What becomes of `mark` on the folded letter `base` in ordinary text.
pub(super) fn mark_fate(base: char, mark: char) -> MarkFate {
    // Enclosing marks and combining symbols (keycaps, prohibition signs) belong to no orthography.
    if matches!(mark, '\u{488}' | '\u{489}' | '\u{20D0}'..='\u{20F0}' | '\u{1AB0}'..='\u{1AFF}' | '\u{FE20}'..='\u{FE2F}')
    {
        return MarkFate::Drop;
    }
    match (script(base), mark) {
        // German, Swedish, Finnish ... type ae, oe, ue, aa where a keyboard lacks the letter (DIN 5007-2).
        (Script::Latin, '\u{308}') if matches!(base, 'a' | 'o' | 'u') => MarkFate::Letter('e'),
        (Script::Latin, '\u{30A}') if base == 'a' => MarkFate::Letter('a'),
        // Turkish İ folds to i and a dot (CaseFolding.txt, status F).
        (Script::Latin, '\u{307}') if base == 'i' => MarkFate::Drop,
        // Romanian ș and ț are typed with a cedilla as often as with a comma.
        (Script::Latin, '\u{326}') if matches!(base, 's' | 't') => MarkFate::Letter('\u{327}'),
        (Script::Latin, _) => MarkFate::Keep,
        // ᾳ is ΑΙ in capitals (CaseFolding.txt, U+1FB3).
        (Script::Greek, '\u{345}') if matches!(base, 'α' | 'η' | 'ω') => MarkFate::Letter('ι'),
        // Capitals are written without tonos: ΒΙΑΓΚΡΑ is βιάγκρα.
        (Script::Greek, _) => MarkFate::Drop,
        // Stress marks are for learners; ё is commonly written е. Macedonian ѓ and ќ are letters.
        (Script::Cyrillic, '\u{300}' | '\u{301}') if !matches!(base, 'г' | 'к') => MarkFate::Drop,
        (Script::Cyrillic, '\u{308}') if base == 'е' => MarkFate::Drop,
        (Script::Cyrillic, _) => MarkFate::Keep,
        // Another letter than yeh, and Uyghur begins words with it where Arabic has none: `ئاتى`, `يأتي`.
        (Script::Arabic, '\u{654}') if base == 'ي' => MarkFate::Keep,
        // Vowel points are left out in ordinary writing; hamza and madda on alef often (Lucene's ArabicNormalizer does
        // the same) and on waw.
        (Script::Arabic | Script::Hebrew | Script::Syriac | Script::Thaana, _)
            if script(base) != Script::Thaana =>
        {
            MarkFate::Drop
        }
        // Nukta is left out on many keyboards (Lucene's HindiNormalizer); chandrabindu is written anusvara.
        (Script::Devanagari, '\u{93C}') => MarkFate::Drop,
        // Bengali য় is never where য is.
        (Script::Bengali, '\u{9BC}') if base == 'য' => MarkFate::Drop,
        (Script::Devanagari, '\u{901}') => MarkFate::Letter('\u{902}'),
        // Latin accents don't belong on other scripts' letters, nor on digits.
        (_, '\u{300}'..='\u{36F}') => MarkFate::Drop,
        _ => MarkFate::Keep,
    }
}
