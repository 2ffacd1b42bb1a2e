//! Names in links, as clients show them: the last part of each, its escapes undone (RFC 3986 section 2.1).

/// Names that have escapes in the links of a text, a paragraph each; `None`: there are none.
pub(crate) fn names(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let links = text.split_whitespace().filter(|word| word.contains(':'));
    let names: Vec<String> = links.filter_map(|link| unescaped(link.rsplit('/').next()?)).collect();
    (!names.is_empty()).then(|| names.join("\u{2029}"))
}

/// `None` where there are no escapes, or none of text.
fn unescaped(name: &str) -> Option<String> {
    let mut pieces = name.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    let mut escapes = 0;
    for piece in pieces {
        match piece
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) => {
                escapes += 1;
                bytes.push(byte);
                bytes.extend_from_slice(piece.get(2..).unwrap_or_default().as_bytes());
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    (escapes > 0 && !name.contains(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn escapes_of_a_name_are_undone_and_what_is_no_text_is_left() {
        let read = |text: &str| names(text).unwrap_or_default();
        assert_eq!(
            read("see https://x.test/%41/%D0%BA%D0%BE%D1%82.jpg and 5% off"),
            "\u{43a}\u{43e}\u{442}.jpg"
        );
        assert_eq!(read("https://x.test/a%20b https://x.test/c%2fd"), "a b\u{2029}c/d");
        for text in
            ["https://x.test/%ff%fe", "https://x.test/%00", "100% sure: 5%", "https://x.test/%+1", "a%20b"]
        {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
