//! Content-Type and Content-Disposition values: the word in front and the parameters (RFC 2045 section 5.1), with
//! continuations and charsets (RFC 2231), read as leniently as mail readers do.

use std::borrow::Cow;

use super::{charset, encoded_word, transfer};
use crate::identity::quoted;

/// The most parameters of one field that are told apart: the first ones, and the last. What is said beyond them is kept
/// as it is written.
const PARAMETERS: usize = 512;

/// The most that is read of one of them as a parameter: no file system knows longer names.
const PARAMETER_BYTES: usize = 4096;

/// A field's value with its parameters.
#[derive(Clone, Default)]
pub(super) struct Value {
    /// What stands before the first `;`, in lower case.
    pub(super) word: String,
    parameters: Vec<(String, String)>,
    /// How many bytes of contents may still be kept whole.
    room: usize,
    /// What the parameters say of which there are too many, one behind the other.
    pub(super) further: String,
    /// Some parameters were too many or too long to be told apart.
    pub(super) cut_short: bool,
}

impl Value {
    /// Reads a value. Never fails.
    pub(super) fn parse(text: &str) -> Self {
        let mut ways = vec![pieces(text)];
        // Where a comment or a quoted string may be none at all, some readers only look for semicolons.
        if text.contains('(') || text.matches('"').count() % 2 == 1 {
            ways.push(text.split(';').map(Cow::Borrowed).collect());
        }
        let first = ways.first().and_then(|pieces| pieces.first()).map(|first| &**first).unwrap_or_default();
        let first = first.trim();
        let parted = first.as_bytes().windows(2).any(|pair| matches!(pair, b" /" | b"/ "));
        let first: Cow<'_, str> =
            if parted { first.replace(" /", "/").replace("/ ", "/").into() } else { first.into() };
        // Some writers leave the semicolons out.
        let (word, rest) = first.split_once([' ', '\t', ',']).unwrap_or((&first, ""));
        let mut value = Self {
            word: word.trim_matches('"').to_ascii_lowercase(),
            room: 4 * text.len(),
            ..Self::default()
        };
        value.parameter(rest);
        for piece in ways.iter().flat_map(|pieces| pieces.iter().skip(1)) {
            value.parameter(piece);
        }
        // More than all that is written comes together only by reading it both ways.
        let end = value.further.floor_char_boundary(2 * text.len());
        value.further.truncate(end);
        value
    }

    /// Takes in `name=content`, and what follows it where a semicolon was forgotten.
    fn parameter(&mut self, piece: &str) {
        let mut rest = piece;
        while let Some((name, content)) = rest.split_once('=') {
            let content = content.trim();
            let name = name.rsplit([' ', '\t', ',']).find(|word| !word.is_empty()).unwrap_or_default();
            self.keep(name, content);
            rest = match content.strip_prefix('"') {
                Some(inside) => inside.split_once('"').map_or("", |(_, rest)| rest),
                None => content.split_once([' ', '\t', ',']).map_or("", |(_, rest)| rest),
            };
        }
    }

    fn keep(&mut self, name: &str, content: &str) {
        let mut kept = content.get(..content.floor_char_boundary(PARAMETER_BYTES)).unwrap_or_default();
        self.cut_short |= kept.len() < content.len();
        if self.parameters.len() < PARAMETERS {
            // Without semicolons each content reaches over all that follow: few are kept that long.
            if self.room < kept.len() {
                kept = kept.split([' ', '\t']).next().unwrap_or_default();
            }
            self.room = self.room.saturating_sub(kept.len());
            let parameter = (name.to_ascii_lowercase(), kept.to_owned());
            if !self.parameters.contains(&parameter) {
                self.parameters.push(parameter);
            }
            return;
        }
        self.cut_short = true;
        let content = unquoted(kept);
        self.further.push_str(&content);
        if let Some(last) = self.parameters.last_mut() {
            *last = (name.to_ascii_lowercase(), quoted(&content));
        }
    }

    /// The plain parameters of this name, unquoted, each once, in their order. Readers differ on which of several
    /// counts.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (key, content) in &self.parameters {
            if key.split('*').next() == Some(name) {
                let content = unquoted(content);
                if !found.contains(&content) && !content.is_empty() {
                    found.push(content);
                }
            }
        }
        found
    }

    /// Every reading of a parameter meant for people, such as a file's name: plain, RFC 2047 and RFC 2231.
    pub(super) fn shown(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut segments: Vec<(u32, bool, String)> = Vec::new();
        for (key, content) in &self.parameters {
            let Some(rest) = key.strip_prefix(name) else { continue };
            // A name with blanks that somebody forgot to quote.
            let whole = if content.starts_with('"') { unquoted(content) } else { content.clone() };
            if rest.is_empty() {
                found.extend(encoded_word::readings(whole.as_bytes(), &[]));
                // Some writers put a whole path there, and its backslashes are no quoting.
                if content.contains('\\') {
                    found.push(content.trim_matches('"').to_owned());
                }
                continue;
            }
            let Some(rest) = rest.strip_prefix('*') else { continue };
            let extended = rest.is_empty() || rest.ends_with('*');
            let index = rest.trim_end_matches('*');
            let index = if index.is_empty() { 0 } else { index.parse().unwrap_or(u32::MAX) };
            segments.push((index, extended, whole));
        }
        if !segments.is_empty() {
            segments.sort_by_key(|(index, ..)| *index);
            found.extend(joined(&segments));
        }
        found
    }
}

/// Joins the segments of RFC 2231 section 3; the first, or the first that is encoded, may name the charset (section 4).
fn joined(segments: &[(u32, bool, String)]) -> Vec<String> {
    let mut label = String::new();
    let mut bytes = Vec::new();
    for (_, extended, content) in segments {
        let mut content = content.as_str();
        if *extended && label.is_empty() {
            let mut quotes = content.splitn(3, '\'');
            if let (Some(charset), Some(_language), Some(rest)) =
                (quotes.next(), quotes.next(), quotes.next())
            {
                label = charset.to_owned();
                content = rest;
            }
        }
        if *extended {
            transfer::escapes(content.as_bytes(), b'%', &mut bytes);
        } else {
            bytes.extend_from_slice(content.as_bytes());
        }
    }
    // Some writers encode twice, and readers undo both.
    if label.is_empty() || encoded_word::present(&bytes) {
        return encoded_word::readings(&bytes, &[&label]);
    }
    charset::readings(&bytes, &[&label])
}

/// Splits at semicolons outside quoted strings, comments left out.
fn pieces(text: &str) -> Vec<Cow<'_, str>> {
    if memchr::memchr(b'(', text.as_bytes()).is_none() {
        let (mut quoted, mut escaped) = (false, false);
        let ends = |c: char| {
            match c {
                _ if std::mem::take(&mut escaped) => {}
                '\\' => escaped = quoted,
                '"' => quoted = !quoted,
                _ => return c == ';' && !quoted,
            }
            false
        };
        return text.split(ends).map(Cow::Borrowed).collect();
    }
    let mut pieces = vec![String::new()];
    let (mut quoted, mut comment) = (false, 0usize);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let Some(piece) = pieces.last_mut() else { break };
        match c {
            '\\' if quoted => {
                piece.push(c);
                piece.extend(rest.next());
            }
            '\\' if comment > 0 => {
                rest.next();
            }
            '"' if comment == 0 => {
                quoted = !quoted;
                piece.push(c);
            }
            '(' if !quoted => comment += 1,
            ')' if !quoted && comment > 0 => comment -= 1,
            _ if comment > 0 => {}
            ';' if !quoted => pieces.push(String::new()),
            _ => piece.push(c),
        }
    }
    pieces.into_iter().map(Cow::Owned).collect()
}

/// A token, or a quoted string's content. A quote that never ends is overlooked.
fn unquoted(content: &str) -> String {
    let Some(inner) = content.strip_prefix('"') else {
        return content.split([' ', '\t', ',']).next().unwrap_or_default().to_owned();
    };
    let mut text = String::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.extend(rest.next()),
            '"' => break,
            _ => text.push(c),
        }
    }
    text
}
