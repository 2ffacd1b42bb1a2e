//! A message's header fields, and a digest of what the message says.

use sha2::{Digest, Sha256};

/// The fields that decide what a message asks for. Others (Received, Return-Path) change on the way.
const COVERED: [&str; 10] = [
    "from",
    "date",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
];

/// A message in its two parts.
pub(super) struct Message<'a> {
    /// Names in lower case, and values as they are, folds included.
    pub(super) fields: Vec<(String, &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn split(raw: &'a [u8]) -> Self {
        let mut fields: Vec<(String, &[u8])> = Vec::new();
        let (mut at, mut begin) = (0, 0);
        let mut name: Option<String> = None;
        let take = |name: Option<String>, begin: usize, end: usize, fields: &mut Vec<_>| {
            if let (Some(name), Some(value)) = (name, raw.get(begin..end)) {
                fields.push((name, value));
            }
        };
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let length = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |end| end + 1);
            let line = rest.get(..length).unwrap_or(rest);
            let folded = matches!(line.first(), Some(b' ' | b'\t'));
            if !folded {
                take(name.take(), begin, at, &mut fields);
                let colon = line.iter().position(|&byte| byte == b':');
                let Some(colon) = colon else {
                    let empty = line.trim_ascii().is_empty();
                    return Self {
                        fields,
                        body: raw.get(if empty { at + length } else { at }..).unwrap_or_default(),
                    };
                };
                let text = String::from_utf8_lossy(line.get(..colon).unwrap_or_default());
                name = Some(text.trim().to_ascii_lowercase());
                begin = at + colon + 1;
            }
            at += length;
        }
        take(name, begin, raw.len(), &mut fields);
        Self { fields, body: b"" }
    }

    /// The values of the fields of this name, on one line each.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let named = self.fields.iter().filter(|(known, _)| known == name);
        named
            .map(|(_, value)| {
                let line: Vec<u8> =
                    value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
                String::from_utf8_lossy(&line).trim().to_owned()
            })
            .collect()
    }

    /// What a copy of the message has in common with it. White space doesn't count: mail servers fold long lines
    /// (Postfix at 998 bytes) and mend line ends.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for (name, value) in self.fields.iter().filter(|(name, _)| COVERED.contains(&name.as_str())) {
            hasher.update(name.as_bytes());
            hasher.update(b":");
            without_blanks(value, &mut hasher);
            hasher.update(b"\n");
        }
        hasher.update(b"\n");
        without_blanks(self.body, &mut hasher);
        hasher.finalize().into()
    }
}

fn without_blanks(bytes: &[u8], hasher: &mut Sha256) {
    for word in bytes.split(u8::is_ascii_whitespace) {
        hasher.update(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_folded_or_not_and_end_where_the_header_ends() {
        let message = Message::split(b"Subject: a\r\n b\r\nFROM : x\r\n\r\nSubject: body\r\n");
        assert_eq!(message.values("subject"), ["a b"]);
        assert_eq!(message.values("from"), ["x"]);
        assert_eq!(message.body, b"Subject: body\r\n");
        assert!(Message::split(b"").fields.is_empty());
        assert_eq!(Message::split(b"Subject: only").values("subject"), ["only"]);
    }

    #[test]
    fn folding_leaves_the_digest_and_every_change_of_what_is_said_does_not() {
        let digest = |raw: &str| Message::split(raw.as_bytes()).digest();
        let one = digest("Subject: a b\r\nX: 1\r\n\r\nlong line\r\n");
        assert_eq!(one, digest("X: 2\r\nsubject: a\r\n b\r\n\r\nlong\r\n line"));
        for other in [
            "Subject: a c\r\n\r\nlong line\r\n",
            "Subject: a b\r\n\r\nother\r\n",
            "\r\nSubject: a b long line",
        ] {
            assert_ne!(one, digest(other));
        }
    }
}
