//! Data that is encoded as text.

/// From this length on, a chunk may be encoded data.
pub(in crate::text) const DATA: usize = 32;

/// Of how many different signs, beside those in addresses of pages, a raw code has at least.
const SIGNS: u32 = 6;

/// Whether this is base64 or the like (keys, signatures, tokens), or another code that is shown raw (ISO-2022-JP without
/// its escapes): upper case, lower case and digits changing places far more often than in words, and either only base64's
/// alphabet, or so many different signs as stand in no address of a page.
pub(in crate::text) fn is_data(chunk: &[u8]) -> bool {
    let mut changes = 0_usize;
    let mut signs = 0_usize;
    let mut last = None;
    let mut others = 0_u128;
    for byte in chunk {
        let class = match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            b'+' | b'/' | b'=' | b'-' | b'_' => {
                signs += 1;
                continue;
            }
            // In addresses of pages.
            b':' | b'.' | b'?' | b'&' | b'#' | b'%' | b',' | b'~' | b'@' | b'!' => {
                others |= 1;
                continue;
            }
            // With the escape of ISO 2022.
            0x1B | 0x21..=0x7E => {
                others |= 1 << byte;
                continue;
            }
            _ => return false,
        };
        changes += usize::from(last.is_some_and(|last| last != class));
        last = Some(class);
    }
    let alphabet = others == 0 && signs * 8 < chunk.len();
    changes * 10 > chunk.len() * 3 && (alphabet || (others >> 1).count_ones() >= SIGNS)
}
