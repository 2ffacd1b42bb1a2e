//! Text and tags that mean what they look like: nearly all of ordinary HTML.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind};
use html5ever::{Attribute, LocalName, QualName, ns};

use super::asks_for;
use super::blanks::is_blank;

/// So many attributes have simple tags.
const ATTRIBUTES: usize = 64;
/// No name of an element or attribute that matters is longer.
const NAME: usize = 16;

/// Whether each character of a text stands for itself: there are no character references or NULs. Carriage returns are
/// blanks to the reader, as what the tokenizer makes of them is.
pub(super) fn is_text(text: &str) -> bool {
    memchr::memchr2(b'&', 0, text.as_bytes()).is_none()
}

/// The text with its character references decoded, if all of them are well known.
pub(super) fn decoded(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    let mut pieces = text.split('&');
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(pieces.next()?);
    for piece in pieces {
        let (name, rest) = piece.split_once(';')?;
        decoded.push(referred(name)?);
        decoded.push_str(rest);
    }
    Some(decoded)
}

/// What a character reference stands for (HTML section 13.5).
fn referred(name: &str) -> Option<char> {
    let number = |digits: &str, radix: u32| {
        let plain = digits.len() <= 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
        // Some others don't stand for what their number says.
        char::from_u32(code).filter(|c| matches!(c, ' '..='~' | '\u{a0}'..='\u{2fff}'))
    };
    match name {
        "nbsp" => Some('\u{a0}'),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "copy" => Some('\u{a9}'),
        "reg" => Some('\u{ae}'),
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

/// Whether nothing is begun at the end of a text: no character reference, no end of a line.
pub(super) fn ends(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b';');
    let begun = text.rsplit_once('&').is_some_and(|(_, name)| name.bytes().all(inside));
    !begun && !text.ends_with('\r')
}

/// How long the comment is that `html` begins with, if it is one that says nothing and has nothing strange in it.
pub(super) fn comment(html: &str) -> Option<usize> {
    let inside = html.strip_prefix("<!--")?;
    let end = memchr::memmem::find(inside.as_bytes(), b"--")?;
    // Others end elsewhere, and conditional ones say something to some readers.
    let begun = !inside.starts_with('>') && !inside.starts_with("->");
    let plain = begun && inside.get(end..)?.starts_with("-->");
    let says = inside.trim_start().starts_with("[if");
    (plain && !says).then_some("<!--".len() + end + "-->".len())
}

/// The tag that `html` begins with, if it is one without anything strange in it, and of how many bytes it is. It has
/// those attributes alone that somebody asks for; if `others` are asked for, too, none with one of them is simple.
pub(super) fn tag(html: &str, others: bool) -> Option<(Tag, usize)> {
    let bytes = html.as_bytes();
    let (kind, start) = match bytes {
        [b'<', b'/', ..] => (TagKind::EndTag, 2),
        _ => (TagKind::StartTag, 1),
    };
    let mut at = start + name_length(bytes.get(start..)?, u8::is_ascii_alphabetic)?;
    let mut buffer = [0; NAME];
    let name = lower(html.get(start..at)?, &mut buffer)?;
    // The tokenizer must know what begins with them.
    let raw = matches!(
        name,
        "style" | "script" | "title" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes" | "plaintext"
    );
    if raw && kind == TagKind::StartTag {
        return None;
    }
    let mut attrs: Vec<Attribute> = Vec::new();
    let mut count = 0;
    loop {
        let blanks = blanks(bytes.get(at..)?);
        at += blanks;
        match bytes.get(at..)? {
            [b'>', ..] => break,
            [b'/', b'>', ..] => {
                at += 1;
                break;
            }
            _ if blanks == 0 || kind == TagKind::EndTag => return None,
            _ => {}
        }
        count += 1;
        let named = at..at + name_length(bytes.get(at..)?, u8::is_ascii_alphabetic)?;
        at = named.end;
        let assigned = at + self::blanks(bytes.get(at..)?);
        let value = if bytes.get(assigned) == Some(&b'=') {
            at = assigned + 1;
            at += self::blanks(bytes.get(at..)?);
            let (begin, end, behind) = value(bytes, at)?;
            at = behind;
            html.get(begin..end)?
        } else {
            ""
        };
        if count > ATTRIBUTES {
            return None;
        }
        let mut buffer = [0; NAME];
        let asked = lower(html.get(named)?, &mut buffer).filter(|name| asks_for(name.as_bytes(), value));
        let Some(asked) = asked else {
            if others {
                return None;
            }
            continue;
        };
        if !is_text(value) || value.contains('\r') {
            return None;
        }
        // Of several with one name the first counts.
        if attrs.iter().all(|known| *known.name.local != *asked) {
            attrs.push(Attribute {
                name: QualName::new(None, ns!(), LocalName::from(asked)),
                value: StrTendril::from(value),
            });
        }
    }
    let self_closing = bytes.get(at - 1) == Some(&b'/');
    let tag = Tag { kind, name: LocalName::from(name), self_closing, attrs, had_duplicate_attributes: false };
    Some((tag, at + 1))
}

/// Where an attribute's value begins and ends, and where its quotation mark does.
fn value(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let quote = bytes.get(at).copied()?;
    if matches!(quote, b'"' | b'\'') {
        let length = memchr::memchr(quote, bytes.get(at + 1..)?)?;
        let end = at + 1 + length;
        return Some((at + 1, end, end + 1));
    }
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(|byte| *byte == b'>' || is_blank(*byte))?;
    let strange = |byte: &u8| matches!(byte, b'"' | b'\'' | b'<' | b'=' | b'`');
    (length > 0 && !rest.get(..length)?.iter().any(strange)).then_some((at, at + length, at + length))
}

/// How long the name is that the bytes begin with.
fn name_length(bytes: &[u8], begins: impl Fn(&u8) -> bool) -> Option<usize> {
    begins(bytes.first()?).then(|| bytes.iter().take_while(|byte| is_in_name(**byte)).count())
}

/// What each byte is: part of a name or not.
#[allow(clippy::indexing_slicing, reason = "filled while compiling: a wrong index would not build")]
static IN_NAMES: [bool; 256] = {
    let mut names = [false; 256];
    let mut byte = 0;
    while byte < names.len() {
        names[byte] =
            matches!(byte as u8, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b':' | b'.');
        byte += 1;
    }
    names
};

fn is_in_name(byte: u8) -> bool {
    IN_NAMES.get(usize::from(byte)).is_some_and(|inside| *inside)
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_blank(**byte)).count()
}

/// A short name in small letters, in the buffer if it isn't so as it stands.
fn lower<'n>(name: &'n str, buffer: &'n mut [u8; NAME]) -> Option<&'n str> {
    let room = buffer.get_mut(..name.len())?;
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(name);
    }
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room).ok()
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn comments_that_end_elsewhere_or_say_something_are_left_to_the_tokenizer() {
        assert_eq!([comment("<!-- a -->b"), comment("<!---->b")], [Some(10), Some(7)]);
        for html in
            ["<!-->", "<!--->", "<!-- a --!>", "<!-- a -- b -->", "<!-- a", "<!--[if mso]>a<![endif]-->"]
        {
            assert_eq!(comment(html), None, "{html}");
        }
    }
}
