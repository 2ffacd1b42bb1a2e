//! Encoded words in header fields (RFC 2047), read as leniently as mail readers do: in any place, in quoted strings,
//! cut in the middle of a character, without an end.

use super::{charset, transfer};

/// The most charset readings of one field.
const READINGS: usize = 12;

/// What switches to other characters in ISO-2022-JP, and what switches back.
const ESCAPE: &[u8] = b"\x1b";
const TO_ASCII: &[u8] = b"\x1b(B";

/// A stretch of a field that is in one charset.
struct Stretch {
    label: Option<String>,
    bytes: Vec<u8>,
}

/// An encoded word at the beginning of `text`: its charset, its bytes, and what follows it.
struct Word<'a> {
    label: String,
    bytes: Vec<u8>,
    after: &'a [u8],
}

/// Every plausible reading of a field's value, the likeliest first; never empty. `labels` are the charsets to try
/// where raw 8-bit bytes stand.
pub(super) fn readings(value: &[u8], labels: &[&str]) -> Vec<String> {
    if !present(value) {
        let mut readings = charset::readings(value, labels);
        readings.truncate(READINGS);
        return readings;
    }
    let stretches = stretches(value);
    let parts: Vec<Vec<String>> = stretches
        .iter()
        .map(|stretch| match &stretch.label {
            Some(label) => charset::readings(&stretch.bytes, &[label]),
            None => charset::readings(&stretch.bytes, labels),
        })
        .collect();
    let count = parts.iter().map(Vec::len).max().unwrap_or(1).min(READINGS);
    let mut found: Vec<String> = Vec::new();
    for index in 0..count {
        let reading: String = parts
            .iter()
            .filter_map(|part| part.get(index).or_else(|| part.first()).map(String::as_str))
            .collect();
        if !found.contains(&reading) {
            found.push(reading);
        }
    }
    if found.is_empty() {
        found.push(String::new());
    }
    found
}

/// The likeliest reading.
pub(super) fn best(value: &[u8]) -> String {
    readings(value, &[]).into_iter().next().unwrap_or_default()
}

/// Whether an encoded word may stand in `value`.
pub(super) fn present(value: &[u8]) -> bool {
    begin(value).is_some()
}

/// Where `=?` stands. The question mark is the rarer of the two.
fn begin(value: &[u8]) -> Option<usize> {
    let marks = memchr::memchr_iter(b'?', value).filter_map(|mark| mark.checked_sub(1));
    marks.into_iter().find(|at| value.get(*at) == Some(&b'='))
}

fn stretches(value: &[u8]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut rest = value;
    let mut plain: Vec<u8> = Vec::new();
    while let Some(at) = begin(rest) {
        let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, b""));
        plain.extend_from_slice(before);
        let Some(word) = word(tail) else {
            plain.extend_from_slice(b"=?");
            rest = tail.get(2..).unwrap_or_default();
            continue;
        };
        rest = word.after;
        // Blanks between two encoded words aren't shown (RFC 2047 section 6.2).
        let adjacent = plain.trim_ascii().is_empty() && !stretches.is_empty();
        if !adjacent && !plain.is_empty() {
            stretches.push(Stretch { label: None, bytes: std::mem::take(&mut plain) });
        }
        plain.clear();
        // Writers cut words in the middle of a character: the bytes are joined before they are decoded.
        match stretches.last_mut() {
            Some(last) if last.label.as_deref() == Some(word.label.as_str()) => {
                // Each word ends in ASCII (RFC 1468), and decoders show an error where an escape follows another at once.
                if word.bytes.starts_with(ESCAPE) && last.bytes.ends_with(TO_ASCII) {
                    last.bytes.truncate(last.bytes.len() - TO_ASCII.len());
                }
                last.bytes.extend(word.bytes);
            }
            _ => stretches.push(Stretch { label: Some(word.label), bytes: word.bytes }),
        }
    }
    plain.extend_from_slice(rest);
    if !plain.is_empty() {
        stretches.push(Stretch { label: None, bytes: plain });
    }
    stretches
}

/// The length of the encoded word that `text` begins with, if it has no blank in it.
pub(super) fn length(text: &[u8]) -> Option<usize> {
    let word = word(text)?;
    let length = text.len() - word.after.len();
    let blank = text.get(..length)?.iter().any(u8::is_ascii_whitespace);
    (!blank).then_some(length)
}

/// Reads `=?charset?B?text?=`.
fn word(text: &[u8]) -> Option<Word<'_>> {
    let rest = text.strip_prefix(b"=?")?;
    // The longest registered charset name has 45 characters.
    let mark = memchr::memchr(b'?', rest.get(..rest.len().min(80))?)?;
    let (label, rest) = rest.split_at_checked(mark)?;
    if label.iter().any(|b| !b.is_ascii_graphic()) {
        return None;
    }
    let [b'?', encoding, b'?', rest @ ..] = rest else { return None };
    // An encoded word is at most 76 long (section 2). Writers exceed that; a missing end is looked for no further
    // than the next word, so that reading stays linear.
    let mut end = rest.len();
    let mut after = rest.len();
    let mut from = 0;
    while let Some(found) = rest.get(from..).and_then(|tail| memchr::memchr(b'?', tail)) {
        let at = from + found;
        match rest.get(at + 1) {
            Some(b'=') => {
                (end, after) = (at, at + 2);
                break;
            }
            // The `?` of the next word's `=?`.
            _ if at > 0 && rest.get(at - 1) == Some(&b'=') => {
                (end, after) = (at - 1, at - 1);
                break;
            }
            _ => from = at + 1,
        }
    }
    let coded = rest.get(..end)?;
    let bytes = match encoding {
        b'b' | b'B' => transfer::base64(coded),
        b'q' | b'Q' => {
            let spaced: Vec<u8> = coded.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
            let mut bytes = Vec::with_capacity(spaced.len());
            transfer::escapes(&spaced, b'=', &mut bytes);
            bytes
        }
        _ => return None,
    };
    let label = String::from_utf8_lossy(label).to_ascii_lowercase();
    Some(Word { label, bytes, after: rest.get(after..)? })
}
