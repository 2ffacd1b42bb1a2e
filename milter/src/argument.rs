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
        assert_eq!(address(b" <mallory@example.org "), "mallory@example.org");
        assert_eq!(address(b"<\xff@example.org>"), "\u{fffd}@example.org");
    }
}
