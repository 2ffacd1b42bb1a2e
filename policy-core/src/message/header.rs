//! A header's fields as raw bytes (RFC 5322 section 2.2, with the obsolete syntax of section 4.5), found also where
//! the header is damaged.

use std::borrow::Cow;

use super::charset;

/// The fields that anything here reads.
const READ: [&str; 11] = [
    "from",
    "sender",
    "reply-to",
    "resent-from",
    "resent-sender",
    "return-path",
    "subject",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-description",
];

/// The most fields that are kept apart; those behind them are found anew each time they are asked for, so that memory
/// doesn't grow with their number.
const FIELDS: usize = 64;

/// The most that is read of one field at a time; Postfix lets no header grow beyond 100 KiB (`header_size_limit`).
const FIELD_BYTES: usize = 256 << 10;

/// How much two such stretches have in common, so that no address or phrase is lost between them.
const OVERLAP: usize = 4 << 10;

/// The most values of one name that are read where one is meant.
const VALUES: usize = 16;

/// One header field.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    /// The name in lower case, blanks and junk removed.
    name: &'static str,
    /// What follows the colon, still folded.
    pub(super) raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// The field itself, or overlapping stretches of one that is too long to be read at once.
    pub(super) fn stretches(self) -> impl Iterator<Item = Field<'a>> {
        let step = FIELD_BYTES - OVERLAP;
        let last = self.raw.len().saturating_sub(OVERLAP + 1) / step;
        (0..=last).map(move |index| {
            let rest = self.raw.get(index * step..).unwrap_or_default();
            Field { name: self.name, raw: rest.get(..FIELD_BYTES).unwrap_or(rest) }
        })
    }

    /// Whether it is too long to be read at once.
    pub(super) fn is_vast(&self) -> bool {
        self.raw.len() > FIELD_BYTES
    }

    /// The value on one line: unfolding takes only the line ends away (section 2.2.3), NULs are dropped.
    pub(super) fn unfolded(&self) -> Cow<'a, [u8]> {
        let value = self.raw.get(..FIELD_BYTES).unwrap_or(self.raw);
        let goes = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0);
        // The line's own end, and blanks.
        let outside = |byte: &u8| goes(byte) || byte.is_ascii_whitespace();
        let begin = value.iter().position(|byte| !outside(byte)).unwrap_or(value.len());
        let end = value.iter().rposition(|byte| !outside(byte)).map_or(begin, |last| last + 1);
        let value = value.get(begin..end).unwrap_or_default();
        match memchr::memchr3(b'\r', b'\n', 0, value) {
            None => Cow::Borrowed(value),
            Some(_) => value.iter().copied().filter(|byte| !goes(byte)).collect::<Vec<_>>().into(),
        }
    }

    /// Whether every control character is a tab or belongs to a line end: others are taken differently by readers.
    pub(super) fn sound(&self) -> bool {
        if self.is_vast() {
            return false;
        }
        let mut bytes = self.raw.iter().peekable();
        while let Some(byte) = bytes.next() {
            let fine = match byte {
                b'\r' => matches!(bytes.peek(), None | Some(b'\n')),
                b'\t' | b'\n' => true,
                _ => !byte.is_ascii_control(),
            };
            if !fine {
                return false;
            }
        }
        true
    }

    /// The unfolded value as text.
    pub(super) fn text(&self) -> String {
        charset::header_text(&self.unfolded())
    }
}

/// A header and where the body begins.
pub(super) struct Header<'a> {
    /// The first fields, in their order.
    kept: Vec<Field<'a>>,
    /// The header behind them.
    further: &'a [u8],
    /// The body behind the empty line that ends the header.
    pub(super) body: &'a [u8],
    /// Where a reader takes the body to begin who ends the header at the first line that is none of its fields.
    pub(super) early_body: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// Splits a message or part. `first_line_free` allows for what stands before a message's header: empty lines and
    /// the `From ` line of an mbox.
    pub(super) fn split(raw: &'a [u8], first_line_free: bool) -> Self {
        let mut rest = raw;
        if first_line_free {
            while let Some(after) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
                rest = after;
            }
            // Blanks before the colon are obsolete syntax (section 4.5), and no mbox.
            let line = rest.strip_prefix(b">").unwrap_or(rest);
            if let Some(after) = line.strip_prefix(b"From ")
                && !after.trim_ascii_start().starts_with(b":")
            {
                rest = split_line(rest).1;
            }
        }
        let mut fields = Fields { rest, early_body: None, body: b"" };
        let kept: Vec<Field<'a>> = fields.by_ref().take(FIELDS).collect();
        let further = fields.rest;
        fields.by_ref().for_each(drop);
        Self { kept, further, body: fields.body, early_body: fields.early_body }
    }

    /// Whether there is any field that is read.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The fields of this name, in their order.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Field<'a>> + 's {
        let further = Fields { rest: self.further, early_body: None, body: b"" };
        self.kept.iter().copied().chain(further).filter(move |field| field.name == name)
    }

    /// Whether [`values`](Self::values) leaves anything of these fields out.
    pub(super) fn is_cut(&self, name: &str) -> bool {
        self.all(name).count() > VALUES || self.all(name).any(|field| field.is_vast())
    }

    /// The unfolded values of the fields of this name: of many, the first and the last, for readers take either.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        for field in self.all(name) {
            if values.len() >= VALUES {
                values.pop();
            }
            values.push(field.text());
        }
        values
    }
}

/// Goes through a header's fields, of those that are read.
struct Fields<'a> {
    rest: &'a [u8],
    early_body: Option<&'a [u8]>,
    body: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        while !self.rest.is_empty() {
            let rest = self.rest;
            let (line, after) = split_line(rest);
            if line.is_empty() {
                self.body = after;
                self.rest = b"";
                return None;
            }
            // A line of blanks only continues the field (section 4.2), but some readers end the header there.
            if is_blank(line) {
                self.early_body.get_or_insert(after);
                self.rest = after;
                continue;
            }
            let Some((name, value_at)) = field_name(line) else {
                self.early_body.get_or_insert(rest);
                self.rest = after;
                continue;
            };
            let mut end = rest.len() - after.len();
            let mut next = after;
            while matches!(next.first(), Some(b' ' | b'\t')) {
                let (line, after) = split_line(next);
                if is_blank(line) {
                    self.early_body.get_or_insert(after);
                }
                next = after;
                end = rest.len() - next.len();
            }
            self.rest = next;
            if let Some(name) = READ.iter().find(|read| name.eq_ignore_ascii_case(read.as_bytes())) {
                return Some(Field { name, raw: rest.get(value_at..end).unwrap_or_default() });
            }
        }
        None
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// The first line without its line end, and what follows it.
pub(super) fn split_line(raw: &[u8]) -> (&[u8], &[u8]) {
    let (line, after) = match memchr::memchr(b'\n', raw) {
        Some(at) => (raw.get(..at).unwrap_or_default(), raw.get(at + 1..).unwrap_or_default()),
        None => (raw, &b""[..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), after)
}

/// A field's name and where its value begins. Blanks before the colon are allowed (section 4.5), and bytes that no reader
/// shows are overlooked.
fn field_name(line: &[u8]) -> Option<(Cow<'_, [u8]>, usize)> {
    let plain = line.iter().position(|byte| *byte == b':' || !byte.is_ascii_graphic()).unwrap_or(0);
    if let Some((name, [b':', ..])) = line.split_at_checked(plain)
        && !name.is_empty()
    {
        return Some((name.into(), plain + 1));
    }
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii_end();
    let name: Cow<'_, [u8]> = match name.iter().all(u8::is_ascii_graphic) {
        true => name.into(),
        false if name.iter().any(|b| matches!(b, b' ' | b'\t')) => return None,
        false => name.iter().copied().filter(u8::is_ascii_graphic).collect::<Vec<_>>().into(),
    };
    (!name.is_empty()).then_some((name, colon + 1))
}
