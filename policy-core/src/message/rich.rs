//! Rich Text Format as a reader shows it: letters, breaks, and nothing of fonts, colours and pictures.

use super::charset;
use super::plain::PARAGRAPH;

/// Groups of which nothing is shown.
const NOT_SHOWN: [&str; 12] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "generator",
    "listtable",
    "themedata",
    "datastore",
    "xmlnstbl",
    "rsidtbl",
];

/// The text of an RTF document (RTF specification 1.9.1).
pub(super) fn shown(rtf: &[u8]) -> String {
    let mut text = String::with_capacity(rtf.len() / 2);
    // Letters in the document's own charset, until something else comes.
    let mut bytes: Vec<u8> = Vec::new();
    let mut label = "windows-1252".to_owned();
    let (mut depth, mut hidden_at) = (0usize, None);
    // How many characters stand in for one by number, for readers that don't know it.
    let (mut skipped, mut stand_ins) = (0, 1);
    // Text that its writer hid (`\v`).
    let mut unseen_at = None;
    let mut rest = rtf;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                hidden_at = hidden_at.filter(|at| *at <= depth);
                unseen_at = unseen_at.filter(|at| *at <= depth);
            }
            b'\r' | b'\n' => {}
            b'\\' => {
                let (word, number, after) = control(rest);
                rest = after;
                if word == b"'" {
                    if skipped > 0 {
                        skipped -= 1;
                    } else if hidden_at.is_none() && unseen_at.is_none() {
                        bytes.extend(number.and_then(|code| u8::try_from(code).ok()));
                    }
                    continue;
                }
                if word == b"*" || NOT_SHOWN.iter().any(|name| name.as_bytes() == word) {
                    hidden_at = hidden_at.or(Some(depth));
                }
                if word == b"ansicpg" {
                    label = number.map_or(label, |page| format!("cp{page}"));
                }
                // The same once more, for readers that know Unicode.
                if word == b"ud" && hidden_at == Some(depth) {
                    hidden_at = None;
                }
                if word == b"v" {
                    unseen_at = if number == Some(0) { None } else { unseen_at.or(Some(depth)) };
                }
                if hidden_at.is_some() || unseen_at.is_some() {
                    continue;
                }
                match word {
                    b"uc" => stand_ins = number.and_then(|count| usize::try_from(count).ok()).unwrap_or(1),
                    b"\\" | b"{" | b"}" => bytes.extend_from_slice(word),
                    b"~" | b"tab" => bytes.push(b' '),
                    b"_" => bytes.push(b'-'),
                    b"line" => bytes.push(b'\n'),
                    b"par" | b"cell" | b"row" | b"sect" | b"page" | b"u" => {
                        text.push_str(&charset::best(&std::mem::take(&mut bytes), &[&label]));
                        if word == b"u" {
                            let code = number.map(|code| (code & 0xffff) as u32);
                            text.extend(code.and_then(char::from_u32));
                            skipped = stand_ins;
                        } else {
                            text.push(PARAGRAPH);
                        }
                    }
                    _ => {}
                }
            }
            _ if hidden_at.is_some() || unseen_at.is_some() => {}
            _ if skipped > 0 => skipped -= 1,
            _ => bytes.push(*byte),
        }
    }
    text.push_str(&charset::best(&bytes, &[&label]));
    text
}

/// The control word or symbol behind a backslash, its number, and what follows; of `'e4` the number is the byte.
fn control(bytes: &[u8]) -> (&[u8], Option<i32>, &[u8]) {
    let letters = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if letters == 0 {
        let (symbol, rest) = bytes.split_at_checked(1).unwrap_or_default();
        if symbol != b"'" {
            return (symbol, None, rest);
        }
        let (digits, rest) = rest.split_at_checked(2).unwrap_or_default();
        let byte = std::str::from_utf8(digits).ok().and_then(|digits| i32::from_str_radix(digits, 16).ok());
        return (symbol, byte, rest);
    }
    let (word, rest) = bytes.split_at_checked(letters).unwrap_or_default();
    let sign = usize::from(rest.first() == Some(&b'-'));
    let digits = rest.iter().skip(sign).take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) =
        if digits == 0 { (&b""[..], rest) } else { rest.split_at_checked(sign + digits).unwrap_or_default() };
    let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
    (word, number, rest.strip_prefix(b" ").unwrap_or(rest))
}
