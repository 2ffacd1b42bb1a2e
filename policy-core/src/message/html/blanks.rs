//! HTML's own blanks (Infra section 4.6).

/// So many bytes are looked at together, without a branch.
const BLOCK: usize = 32;

/// Whether a byte is a blank. The tokenizer makes a line feed of a carriage return, which is another blank to it.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Where the first blank stands that doesn't stay what it is: all but a space behind a sign of ASCII.
pub(super) fn first_to_collapse(text: &[u8]) -> Option<usize> {
    let behind = text.get(1..).unwrap_or_default();
    if text.first().is_some_and(|first| is_blank(*first)) {
        return Some(0);
    }
    let stays = |(before, byte): (&u8, &u8)| *byte == b' ' && before.is_ascii_graphic();
    let mut looked_at = 1;
    for (before, block) in text.chunks(BLOCK).zip(behind.chunks(BLOCK)) {
        let pairs = || before.iter().zip(block);
        if pairs().fold(false, |any, (before, byte)| any | may_collapse(*before, *byte))
            && let Some(at) = pairs().position(|pair| is_blank(*pair.1) && !stays(pair))
        {
            return Some(looked_at + at);
        }
        looked_at += block.len();
    }
    None
}

/// The vertical tab passes for one that does.
fn may_collapse(before: u8, byte: u8) -> bool {
    let other = byte.wrapping_sub(b'\t') <= b'\r' - b'\t';
    let behind_none = (byte == b' ') & (before.wrapping_sub(b'!') > b'~' - b'!');
    other | behind_none
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Plain words, and blanks and signs of every kind around them.
    const TEXT: &str = "([ab~!\t\n\r\u{b}\u{c}\u{7f}\u{e9} ]{0,6}(a b c ){0,20}){2}";

    proptest! {
        #[test]
        fn blanks_are_found_as_byte_by_byte(text in TEXT) {
            let bytes = text.as_bytes();
            let stays = |at: usize| {
                let before = at.checked_sub(1).and_then(|at| bytes.get(at));
                bytes.get(at) == Some(&b' ') && before.is_some_and(u8::is_ascii_graphic)
            };
            let found = bytes.iter().enumerate().find(|(at, byte)| is_blank(**byte) && !stays(*at));
            prop_assert_eq!(first_to_collapse(bytes), found.map(|(at, _)| at));
        }
    }
}
