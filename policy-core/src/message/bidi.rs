//! Text that is stored backwards and turned round for the eye (UAX 9 section 3.1.2: right-to-left override).

use super::plain::PARAGRAPH;

pub(super) const OVERRIDE: char = '\u{202e}';
const END: char = '\u{202c}';

/// The text as displayed, where stretches of it are turned; `None` where none is. A stretch ends with its paragraph
/// (UAX 9 section 3.3.1). Words that nobody means to be turned are found in the text as it is.
pub(super) fn as_displayed(text: &str) -> Option<String> {
    if !has_override(text) {
        return None;
    }
    let mut displayed = String::with_capacity(text.len());
    let mut turned: Option<Vec<char>> = None;
    for c in text.chars() {
        match (c, &mut turned) {
            (OVERRIDE, None) => turned = Some(Vec::new()),
            (OVERRIDE, Some(_)) => {}
            (END | PARAGRAPH | '\n', Some(stretch)) => {
                displayed.extend(stretch.drain(..).rev());
                if c == '\n' {
                    // A wrapped line goes on in the same direction.
                    displayed.push(c);
                    continue;
                }
                turned = None;
                if c == PARAGRAPH {
                    displayed.push(c);
                }
            }
            (_, Some(stretch)) => stretch.push(c),
            (_, None) => displayed.push(c),
        }
    }
    displayed.extend(turned.into_iter().flatten().rev());
    Some(displayed)
}

/// Whether an override is open behind `text`, if one was `open` before it.
pub(super) fn is_open(text: &str, open: bool) -> bool {
    if !open && !has_override(text) {
        return false;
    }
    match text.rfind([OVERRIDE, END, PARAGRAPH]) {
        Some(at) => text.get(at..).is_some_and(|rest| rest.starts_with(OVERRIDE)),
        None => open,
    }
}

fn has_override(text: &str) -> bool {
    // Many bytes at a time are passed over that can't be its first.
    memchr::memchr(0xe2, text.as_bytes()).is_some() && text.contains(OVERRIDE)
}
