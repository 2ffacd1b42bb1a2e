//! Appointments (iCalendar, RFC 5545) and contact cards (vCard, RFC 6350 and 2.1) as a person reads them.

use super::plain::PARAGRAPH;
use super::{charset, html, looks_like_text, transfer};

/// The values of all properties and of the parameters that name people, unfolded and unescaped, a boundary between
/// any two.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in joined(text).split('\n') {
        let Some((head, value)) = property(line) else { continue };
        let mut parameters = head.split(';').skip(1);
        let upper = head.to_ascii_uppercase();
        for name in parameters.by_ref().filter_map(|parameter| parameter.split_once('=')) {
            if matches!(name.0.to_ascii_uppercase().as_str(), "CN" | "ALTREP" | "LABEL") {
                shown.push_str(name.1.trim_matches('"'));
                shown.push(PARAGRAPH);
            }
        }
        let label =
            || upper.split("CHARSET=").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
        // vCard 2.1 section 2.1.3 and RFC 2426 section 2.4.1. Pictures and keys are no text.
        let decoded = if upper.contains("ENCODING=B") {
            let bytes = transfer::base64(value.as_bytes());
            if !looks_like_text(&bytes) {
                continue;
            }
            Some(charset::best(&bytes, &[label()]))
        } else {
            let quoted = upper.contains("QUOTED-PRINTABLE");
            quoted.then(|| charset::best(&transfer::quoted_printable(value.as_bytes()), &[label()]))
        };
        let mut content = String::with_capacity(value.len());
        unescaped(decoded.as_deref().unwrap_or(value), &mut content);
        if upper.contains("TEXT/HTML") {
            content = html::text(&content, value.len());
        }
        shown.push_str(&content);
        shown.push(PARAGRAPH);
    }
    shown
}

/// Takes line ends followed by a blank away.
pub(super) fn unfolded(bytes: &[u8]) -> Vec<u8> {
    let mut unfolded: Vec<u8> = Vec::with_capacity(bytes.len());
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if let [b' ' | b'\t', more @ ..] = line {
            if unfolded.ends_with(b"\r") {
                unfolded.pop();
            }
            unfolded.extend_from_slice(more);
            continue;
        }
        if number > 0 {
            unfolded.push(b'\n');
        }
        unfolded.extend_from_slice(line);
    }
    unfolded
}

/// Takes soft line breaks of quoted-printable away (vCard 2.1 section 2.1.3).
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut encoded = false;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if encoded && joined.ends_with('=') {
            joined.pop();
            joined.push_str(line);
            continue;
        }
        encoded =
            line.split(':').next().is_some_and(|head| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        joined.push('\n');
        joined.push_str(line);
    }
    joined
}

/// Splits at the first colon outside quotes.
fn property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    let (head, value) = line.split_at_checked(at)?;
    Some((head, value.strip_prefix(':')?))
}

/// Undoes `\n`, `\,`, `\;` and `\\` (RFC 5545 section 3.3.11).
fn unescaped(value: &str, shown: &mut String) {
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n' | 'N') => shown.push('\n'),
                Some(other) => shown.push(other),
                None => {}
            },
            _ => shown.push(c),
        }
    }
}
