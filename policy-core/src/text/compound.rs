//! Chunks of ASCII that are several words and the signs between them: addresses, paths, codes, lists without blanks.

use super::ascii;
use super::bloom::hash;

/// A chunk with a longer word needs a closer look.
const LONGEST: usize = 64;

/// What stood since the last letter or digit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Underscore,
    Sign,
}

/// Hands over the words of a chunk without blanks as `plain` folds them, the hash of each and where in the chunk it begins,
/// as long as `take` wants more. False where it doesn't, or where a closer look must tell what the words are.
pub(super) fn each_word(chunk: &[u8], mut take: impl FnMut(u64, usize) -> bool) -> bool {
    let mut word = [0; LONGEST];
    let (mut length, mut begin, mut gap) = (0, 0, Gap::None);
    let mut next = 0;
    while let Some(&byte) = chunk.get(next) {
        let at = next;
        // Letters alone are hashed at once.
        if (length == 0 || gap == Gap::Sign)
            && byte.is_ascii_alphabetic()
            && let Some((whole, hash_of_whole)) = chunk.get(at..).and_then(ascii::hashed)
            && !chunk.get(at + whole).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_')
        {
            if length > 0 && !take(hash(word.get(..length).unwrap_or_default()), begin)
                || !take(hash_of_whole, at)
            {
                return false;
            }
            (length, gap) = (0, Gap::None);
            next += whole;
            continue;
        }
        next += 1;
        let before = || at.checked_sub(1).and_then(|before| chunk.get(before));
        let behind = chunk.get(next);
        let stays = match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                if gap == Gap::Sign && length > 0 {
                    if !take(hash(word.get(..length).unwrap_or_default()), begin) {
                        return false;
                    }
                    length = 0;
                }
                // UAX 29 WB13a, WB13b: `user_name` is one word.
                if gap == Gap::Underscore
                    && length > 0
                    && let Some(slot) = word.get_mut(length)
                {
                    *slot = b'_';
                    length += 1;
                }
                if length == 0 {
                    begin = at;
                }
                true
            }
            // UAX 29 WB11, WB12: `3.14` and `1,000` are one.
            b'.' | b',' => {
                gap == Gap::None
                    && before().is_some_and(u8::is_ascii_digit)
                    && behind.is_some_and(u8::is_ascii_digit)
            }
            // It may be one word, or two.
            b'\''
                if before().is_some_and(u8::is_ascii_alphabetic)
                    && behind.is_some_and(u8::is_ascii_alphabetic) =>
            {
                return false;
            }
            b'_' if gap != Gap::Sign => {
                gap = Gap::Underscore;
                continue;
            }
            _ if byte.is_ascii_graphic() => false,
            _ => return false,
        };
        if !stays {
            gap = Gap::Sign;
            continue;
        }
        let Some(slot) = word.get_mut(length) else { return false };
        *slot = byte.to_ascii_lowercase();
        length += 1;
        gap = Gap::None;
    }
    length == 0 || take(hash(word.get(..length).unwrap_or_default()), begin)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::plain::{CLAUSE, Plain, SEPARATOR};
    use super::*;

    proptest! {
        #[test]
        fn the_words_are_those_that_folding_makes(chunk in "[aAzI019._,'/@:!?#+(-]{0,24}") {
            let mut words = Vec::new();
            if each_word(chunk.as_bytes(), |word, begin| {
                words.push((word, begin));
                true
            }) {
                let mut plain = Plain::new(&chunk);
                plain.fill(chunk.len());
                plain.finish();
                let folded = plain.folded().split(|byte| *byte == SEPARATOR);
                let mut at = 0;
                let mut expected = Vec::new();
                for word in folded {
                    if !matches!(word, [] | [CLAUSE]) {
                        expected.push((hash(word), plain.origin(at)));
                    }
                    at += word.len() + 1;
                }
                prop_assert_eq!(words, expected);
            }
        }
    }
}
