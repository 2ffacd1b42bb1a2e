//! Data that is encoded as text.

/// From this length on, a chunk may be encoded data.
pub(in crate::text) const DATA: usize = 32;

/// Of how many different signs, beside those in addresses of pages, a raw code has at least.
const SIGNS: u32 = 6;

const SMALL: u8 = 0;
const CAPITAL: u8 = 1;
const DIGIT: u8 = 2;
/// Of base64's alphabet.
const ALPHABET: u8 = 3;
/// In addresses of pages.
const PAGE: u8 = 4;
/// With the escape of ISO 2022.
const OTHER: u8 = 5;
const NONE: u8 = 6;

/// What each byte is to a code.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static CLASSES: [u8; 256] = {
    let mut classes = [NONE; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => SMALL,
            b'A'..=b'Z' => CAPITAL,
            b'0'..=b'9' => DIGIT,
            b'+' | b'/' | b'=' | b'-' | b'_' => ALPHABET,
            b':' | b'.' | b'?' | b'&' | b'#' | b'%' | b',' | b'~' | b'@' | b'!' => PAGE,
            0x1B | 0x21..=0x7E => OTHER,
            _ => NONE,
        };
        byte += 1;
    }
    classes
};

/// Whether this is base64 or the like (keys, signatures, tokens), or another code that is shown raw (ISO-2022-JP without
/// its escapes): upper case, lower case and digits changing places far more often than in words, and either only base64's
/// alphabet, or so many different signs as stand in no address of a page.
pub(in crate::text) fn is_data(chunk: &[u8]) -> bool {
    let mut changes = 0_usize;
    let mut signs = 0_usize;
    let mut last = NONE;
    let mut others = 0_u128;
    for byte in chunk {
        match CLASSES.get(usize::from(*byte)).copied().unwrap_or(NONE) {
            class @ (SMALL | CAPITAL | DIGIT) => {
                changes += usize::from(last != class && last != NONE);
                last = class;
            }
            ALPHABET => signs += 1,
            PAGE => others |= 1,
            OTHER => others |= 1 << byte,
            _ => return false,
        }
    }
    let alphabet = others == 0 && signs * 8 < chunk.len();
    changes * 10 > chunk.len() * 3 && (alphabet || (others >> 1).count_ones() >= SIGNS)
}
