//! Text that was taken for windows-1252 on its way and is UTF-8: `mÃ¶rder` is read as mörder by whoever knows it.

use super::charset::western;

/// The text as it was meant, if any of it looks like that.
pub(super) fn undone(text: &str) -> Option<String> {
    // The first of two letters is one of U+00C2 to U+00F4, and no blank or letter of ASCII follows it.
    let begins = |at: usize| text.as_bytes().get(at + 2).is_some_and(|next| !next.is_ascii());
    memchr::memchr_iter(0xC3, text.as_bytes()).find(|at| begins(*at))?;
    let mut meant = String::with_capacity(text.len());
    let mut changed = false;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_ascii()) {
        let (before, behind) = rest.split_at_checked(start)?;
        let end = behind.find(|c: char| c.is_ascii()).unwrap_or(behind.len());
        let (run, after) = behind.split_at_checked(end)?;
        meant.push_str(before);
        match as_bytes(run).and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(decoded) => {
                meant.push_str(&decoded);
                changed = true;
            }
            None => meant.push_str(run),
        }
        rest = after;
    }
    meant.push_str(rest);
    changed.then_some(meant)
}

/// The bytes that these characters are in windows-1252; where it has none, controls stand for themselves.
fn as_bytes(run: &str) -> Option<Vec<u8>> {
    run.chars()
        .map(|c| match u8::try_from(c) {
            Ok(byte) => Some(byte),
            Err(_) => (0x80..=0x9F).find(|byte| western(*byte) == c),
        })
        .collect()
}
