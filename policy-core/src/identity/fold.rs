//! The folding under which two spellings of a name are the same name.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// How often folding is repeated before its result counts as stable; in Unicode's data two rounds are enough.
const ROUNDS: usize = 4;

/// Compatibility caseless folding (Unicode 3.13, D146; what XMPP's nodeprep does, too, RFC 6122 appendix A): NFKC, full
/// case folding, nothing invisible. Folding twice changes nothing.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = fold_once(text);
    // One pass can leave something to fold: what NFKC composes may have a case, what folding expands may compose.
    for _ in 0..ROUNDS {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    Cow::Owned(folded)
}

/// Whether two spellings of an address differ in nothing but what folding takes away: case above all.
pub fn folds_alike(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

fn fold_once(text: &str) -> String {
    let visible: String = text.chars().filter(|&char| !is_ignorable(char)).collect();
    let cased = CaseMapper::new().fold_string(&visible).into_owned();
    ComposingNormalizer::new_nfkc().normalize(&cased).into_owned()
}

/// Whether a character is never displayed (Unicode 5.21).
pub(super) fn is_ignorable(char: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
}
