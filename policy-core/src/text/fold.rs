//! Folding of one character: compatibility forms and case undone, and spellings that every reader takes for one.

use std::sync::LazyLock;

use icu_casemap::CaseMapper;
use icu_casemap::CaseMapperBorrowed;
use unicode_normalization::char::decompose_compatible;

static CASE: LazyLock<CaseMapperBorrowed<'static>> = LazyLock::new(CaseMapper::new);

/// Emits what `c` folds to: letters and marks, still to be sorted and judged by the caller.
pub(super) fn fold_char(c: char, emit: &mut impl FnMut(char)) {
    if let Some(letter) = boxed_letter(c) {
        return emit(letter);
    }
    // UAX 15: NFKD undoes full-width, mathematical, circled, presentation forms, ligatures. NFKD and not NFKC, so
    // that marks can be judged one by one.
    decompose_compatible(c, |part| match CASE.simple_fold(part) {
        // The iota subscript's capital is a letter, which makes a letter of a mark: `mark_fate` knows where it is one.
        'ι' if part == '\u{345}' => emit(part),
        // CaseFolding.txt, status F, as far as NFKD doesn't already take it apart.
        'ß' | 'ẞ' => "ss".chars().for_each(&mut *emit),
        // Letters that are typed as two where a keyboard lacks them.
        'æ' => "ae".chars().for_each(&mut *emit),
        'œ' | 'ø' => "oe".chars().for_each(&mut *emit),
        folded => emit(one_spelling(folded)),
    });
}

/// Letters in boxes, circles and brackets that have no decomposition into the bare letter.
fn boxed_letter(c: char) -> Option<char> {
    let start = match c {
        '⒜'..='⒵' => '⒜',
        '\u{1F110}'..='\u{1F129}' => '\u{1F110}',
        '\u{1F150}'..='\u{1F169}' => '\u{1F150}',
        '\u{1F170}'..='\u{1F189}' => '\u{1F170}',
        _ => return None,
    };
    let index = u32::from(c).checked_sub(u32::from(start))?;
    char::from_u32(u32::from('a').checked_add(index)?)
}

/// Letters of one sound that keyboards and habits mix.
fn one_spelling(c: char) -> char {
    match c {
        // Lucene's ArabicNormalizer, with Persian and Urdu keyboards' letters: yeh, kaf, heh, teh marbuta, alef wasla.
        'ى' | 'ی' | 'ې' | 'ے' => 'ي',
        'ک' | 'ڪ' => 'ك',
        'ة' | 'ہ' | 'ە' | 'ۃ' | 'ھ' => 'ه',
        'ٱ' => 'ا',
        // Ukrainian apostrophe as a letter.
        '\u{2BC}' => '\'',
        // Decimal digits of other scripts (UnicodeData.txt, Nd): Arabic, Persian, Indic, Thai ...
        _ => decimal_digit(c).unwrap_or(c),
    }
}

fn decimal_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 14] =
        [0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0];
    if u32::from(c) < 0x660 {
        return None;
    }
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(*zero)?;
        char::from_digit(value, 10)
    })
}
