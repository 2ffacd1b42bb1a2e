//! Single-byte charsets that old programs still send and `encoding_rs` lacks: code pages of DOS, Apple, HP and EBCDIC.

/// What the bytes stand for, a line a code page.
const PAGES: &str = include_str!("../../data/code-pages.txt");

/// Decodes `bytes` by the code page of this number; `None` if it isn't one of them.
pub(super) fn decode(bytes: &[u8], page: &str) -> Option<String> {
    let mut pages =
        PAGES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
    let (_, letters) = pages.find(|(number, _)| *number == page)?;
    let letter = |code: &str| u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    let letters: Vec<char> =
        letters.split(' ').map(|code| letter(code).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    // Most are ASCII up to there.
    let first = 256 - letters.len();
    let character = |byte: &u8| match usize::from(*byte).checked_sub(first) {
        None => char::from(*byte),
        Some(place) => letters.get(place).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    Some(bytes.iter().map(character).collect())
}

#[cfg(test)]
mod tests {
    use super::{PAGES, decode};

    #[test]
    fn every_page_is_whole() {
        for line in PAGES.lines().filter(|line| !line.starts_with('#')) {
            let count = line.split(' ').count() - 1;
            assert!(count == 128 || count == 256, "{count} in {line}");
        }
        assert_eq!(decode(b"\x80\x81 a", "862").as_deref(), Some("\u{5D0}\u{5D1} a"));
        assert_eq!(decode(b"\x92\x89\x93\x93", "500").as_deref(), Some("kill"));
        assert_eq!(decode(b"x", "#"), None);
    }
}
