//! What S/MIME signs without hiding it (RFC 8551 section 3.5.2): the message inside CMS signed data.

/// The message inside `cms`, BER or DER (RFC 5652 section 5.1): the pieces of the first octet string. Empty where there
/// is none, or where it is encrypted.
pub(super) fn signed_content(cms: &[u8]) -> Vec<u8> {
    const OCTETS: u8 = 0x04;
    const END_OF_CONTENTS: u8 = 0;
    let mut content = Vec::new();
    let mut rest = cms;
    while let Some((tag, length, inside)) = element(rest) {
        let constructed = tag & 0x20 != 0;
        match tag {
            OCTETS => {
                content.extend_from_slice(inside.get(..length).unwrap_or(inside));
                rest = inside.get(length..).unwrap_or_default();
            }
            END_OF_CONTENTS => rest = inside,
            // Behind the content come certificates and signatures, with octets of their own.
            _ if !content.is_empty() && tag != OCTETS | 0x20 => break,
            _ if constructed => rest = inside,
            _ => rest = inside.get(length..).unwrap_or_default(),
        }
    }
    content
}

/// A tag, the length of what it holds (nought for an indefinite one), and what follows both (X.690 section 8.1).
fn element(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let [tag, first, rest @ ..] = bytes else { return None };
    if *first < 0x80 {
        return Some((*tag, usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count > 4 {
        return None;
    }
    let (length, rest) = rest.split_at_checked(count)?;
    let length = length.iter().fold(0usize, |length, byte| length << 8 | usize::from(*byte));
    Some((*tag, length, rest))
}
