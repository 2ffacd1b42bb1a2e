//! What CSS is written in: comments, escapes and blocks.

use std::borrow::Cow;

/// A declaration without comments, and with escapes undone (CSS Syntax 3 sections 4.3.2 and 4.3.7).
pub(super) fn plain_css(source: &str) -> Cow<'_, str> {
    if !source.contains("/*") && !source.contains('\\') {
        return source.into();
    }
    Cow::Owned(unescaped(&without_comments(source), |_| true).into_owned())
}

/// Escapes undone where they stand for a character that is `wanted`.
pub(super) fn unescaped(source: &str, wanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !source.contains('\\') {
        return source.into();
    }
    let mut plain = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let mut code = 0;
        let mut digits = 0;
        while digits < 6
            && let Some(digit) = chars.peek().and_then(|c| c.to_digit(16))
        {
            code = code * 16 + digit;
            digits += 1;
            chars.next();
        }
        let meant = if digits == 0 {
            let Some(escaped) = chars.next() else { break };
            escaped
        } else {
            chars.next_if(char::is_ascii_whitespace);
            char::from_u32(code).unwrap_or('\u{FFFD}')
        };
        if !wanted(meant) {
            plain.push('\\');
        }
        plain.push(meant);
    }
    plain.into()
}

/// What stands before the closing brace that fits, and what follows it.
pub(super) fn braces(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                let (inside, after) = text.split_at_checked(at).unwrap_or((text, ""));
                return (inside, after.strip_prefix('}').unwrap_or(after));
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    (text, "")
}

/// Comments gone, and the `<!--` and `-->` that old writers put around the whole (CSS Syntax 3 section 5.3).
pub(super) fn without_comments(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replace("<!--", "").replace("-->", "")
}
