//! The address in a MAIL or RCPT command, which Postfix passes on as the client wrote it.

use std::borrow::Cow;

/// The part of the argument that Postfix makes its own address of (`extract_addr` in its smtpd.c): without the outermost
/// brackets, and without a route in front (RFC 5321 appendix C). DELRCPT must name a recipient like this, to the byte: with
/// a route, or the brackets of `<<a@b>>`, it would name nobody, and the recipient would stay.
pub(crate) fn named(argument: &[u8]) -> &[u8] {
    let inside = argument.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(argument);
    let colon = inside.iter().position(|&byte| byte == b':');
    match colon.filter(|_| inside.starts_with(b"@")) {
        Some(colon) => inside.get(colon + 1..).unwrap_or_default(),
        None => inside,
    }
}

/// The address as text, for reading it; empty for the null sender.
pub(crate) fn address(argument: &[u8]) -> Cow<'_, str> {
    let text = named(argument.trim_ascii());
    String::from_utf8_lossy(text.strip_prefix(b"<").unwrap_or(text))
}

/// The address as Postfix repeats it when it refuses a recipient: without quoting, blanks and comments (`extract_addr`
/// and `tok822_internalize`).
pub(crate) fn as_postfix_repeats(argument: &str) -> String {
    let named = named(argument.trim().as_bytes());
    let text = String::from_utf8_lossy(named);
    let mut repeated = String::with_capacity(text.len());
    let (mut quoted, mut comments) = (false, 0usize);
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let char = match char {
            '\\' => match chars.next() {
                Some(escaped) if comments == 0 => escaped,
                _ => continue,
            },
            '"' if comments == 0 => {
                quoted = !quoted;
                continue;
            }
            '(' if !quoted => {
                comments += 1;
                continue;
            }
            ')' if comments > 0 => {
                comments -= 1;
                continue;
            }
            _ if comments > 0 => continue,
            '<' | '>' if !quoted => continue,
            _ if char.is_whitespace() && !quoted => continue,
            _ => char,
        };
        repeated.push(char);
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_every_way_to_write_it() {
        for (argument, name) in [
            ("<mallory@example.org>", "mallory@example.org"),
            ("mallory@example.org", "mallory@example.org"),
            ("<>", ""),
            ("", ""),
            ("<", "<"),
            ("<@relay.example,@b.example:Mallory@example.org>", "Mallory@example.org"),
            ("@relay.example:mallory@example.org", "mallory@example.org"),
            ("<<mallory@example.org>>", "<mallory@example.org>"),
            ("<@example.org>", "@example.org"),
            ("<mallory@[IPv6:::1]>", "mallory@[IPv6:::1]"),
            ("<\"a>b\"@example.org>", "\"a>b\"@example.org"),
        ] {
            assert_eq!(named(argument.as_bytes()), name.as_bytes(), "{argument}");
        }
        for argument in [
            "<block@home.example>",
            "block@home.example",
            "<\"block\"@home.example>",
            "<\"\\block\"@home.example>",
            "<\\block@home.example>",
            "<@relay.example:block@home.example>",
            "< block @home.example>",
            "<(a (b) \\) c)block@home.example>",
            "<<block@home.example>>",
        ] {
            assert_eq!(as_postfix_repeats(argument), "block@home.example", "{argument}");
        }
        assert_eq!(as_postfix_repeats("<\"a (b\"@x>"), "a (b@x");
        assert_eq!(address(b" <mallory@example.org "), "mallory@example.org");
        assert_eq!(address(b"<\xff@example.org>"), "\u{fffd}@example.org");
    }
}
