//! Content transfer encodings (RFC 2045 section 6) and uuencode, read as leniently as mail readers do.

use std::borrow::Cow;

/// Decodes quoted-printable. An `=` that starts nothing valid stays as it is.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut lines = body.split_inclusive(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let ended = content.len() < line.len();
        // Blanks before the line end were added on the way (rule 3).
        let trimmed = content.trim_ascii_end();
        let (text, soft) = match trimmed.strip_suffix(b"=") {
            Some(text) if ended || lines.peek().is_none() => (text, true),
            _ => (if ended { trimmed } else { content }, false),
        };
        escapes(text, b'=', &mut out);
        if ended && !soft {
            out.push(b'\n');
        }
    }
    out
}

/// Appends `text` with `=41` or `%41` decoded.
pub(super) fn escapes(text: &[u8], sign: u8, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(sign, rest) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
        out.extend_from_slice(before);
        match after {
            [_, high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            _ => {
                out.push(sign);
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

/// Decodes base64, skipping what isn't of its alphabet (RFC 2045 section 6.8); after padding a new run begins.
pub(super) fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in body {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                (held, bits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xff) as u8);
        }
    }
    out
}

/// Where base64 ends and other text begins: the first line that base64 can't be, such as a mailing list's footer.
pub(super) fn base64_end(body: &[u8]) -> usize {
    let mut end = 0;
    let mut padded = false;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let content = line.trim_ascii();
        let foreign = !content
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'));
        if foreign || (padded && !content.is_empty()) {
            return end;
        }
        padded |= content.ends_with(b"=");
        end += line.len();
    }
    end
}

/// Hands over name and content of each file written into `body` by uuencode (POSIX).
pub(super) fn uuencoded(body: &[u8], file: &mut dyn FnMut(&[u8], &[u8])) {
    if memchr::memmem::find(body, b"begin ").is_none() {
        return;
    }
    let mut lines = body.split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(name) = begin(line) else { continue };
        let mut content = Vec::new();
        // The line that ends a file without an end may begin the next.
        while let Some(line) = lines.next_if(|line| begin(line).is_none()) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line == b"end" || !uudecode_line(line, &mut content) {
                break;
            }
        }
        file(name, &content);
    }
}

/// The file name of `begin 644 name`.
fn begin(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let blank = memchr::memchr(b' ', rest)?;
    let (mode, name) = rest.split_at_checked(blank)?;
    let octal = (3..=4).contains(&mode.len()) && mode.iter().all(|b| (b'0'..=b'7').contains(b));
    octal.then(|| name.trim_ascii())
}

fn uudecode_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let [length, coded @ ..] = line else { return false };
    let value = |b: u8| b.wrapping_sub(b' ') & 0x3f;
    if !(b' '..=b'`').contains(length) {
        return false;
    }
    let want = out.len() + usize::from(value(*length));
    for quad in coded.chunks(4) {
        let mut bits = 0u32;
        for index in 0..4 {
            bits = bits << 6 | u32::from(quad.get(index).map_or(0, |b| value(*b)));
        }
        let [_, a, b, c] = bits.to_be_bytes();
        out.extend([a, b, c]);
    }
    out.truncate(want);
    true
}

/// One way to undo a part's transfer encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    Identity,
    Base64,
    QuotedPrintable,
    Uuencode,
}

/// The ways in which mail readers may take the part: `declared` are the values of all its
/// Content-Transfer-Encoding fields. The likeliest comes first.
pub(super) fn interpretations(declared: &[String], body: &[u8]) -> Vec<Encoding> {
    let mut ways = Vec::new();
    let mut add = |way| {
        if !ways.contains(&way) {
            ways.push(way);
        }
    };
    for value in declared {
        let word: String = without_comments(value)
            .split([';', ','])
            .map(str::trim)
            .find(|part| !part.is_empty())
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match word.as_str() {
            "base64" | "b" | "b64" => add(Encoding::Base64),
            "quotedprintable" | "qp" | "q" => add(Encoding::QuotedPrintable),
            "xuuencode" | "uuencode" | "xuue" | "uue" => add(Encoding::Uuencode),
            "7bit" | "8bit" | "binary" | "" => add(Encoding::Identity),
            // An unknown encoding: most readers show the bytes, some guess.
            _ => {
                add(Encoding::Identity);
                if base64_end(body) == body.len() {
                    add(Encoding::Base64);
                } else if memchr::memchr(b'=', body).is_some() {
                    add(Encoding::QuotedPrintable);
                }
            }
        }
    }
    if ways.is_empty() {
        ways.push(Encoding::Identity);
    }
    // Readers that look at the content decode what is nothing but a text in base64.
    if !ways.contains(&Encoding::Base64) && is_text_in_base64(body) {
        ways.push(Encoding::Base64);
    }
    ways
}

/// The value without its comments (RFC 5322 section 3.2.2), which may nest; one that never ends reaches to the end.
fn without_comments(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut depth = 0usize;
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' if depth > 0 => drop(rest.next()),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

fn is_text_in_base64(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    let sample = body.get(..body.len().min(4096)).unwrap_or_default();
    body.len() >= 16
        && base64_end(body) == body.len()
        && base64(sample).utf8_chunks().all(|chunk| {
            !chunk.valid().contains(|c: char| c.is_control() && !c.is_whitespace())
                && chunk.invalid().is_empty()
        })
}

/// Undoes one transfer encoding.
pub(super) fn decode(way: Encoding, body: &[u8]) -> Cow<'_, [u8]> {
    match way {
        // Uuencoded files are found wherever text is read.
        Encoding::Identity | Encoding::Uuencode => Cow::Borrowed(body),
        Encoding::Base64 => Cow::Owned(base64(body)),
        Encoding::QuotedPrintable => Cow::Owned(quoted_printable(body)),
    }
}
