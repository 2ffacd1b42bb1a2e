//! Documents within a document: those that `srcdoc` and `data:` URIs hold. What would have to be fetched isn't there.

use crate::message::{charset, transfer};

/// How deeply they are followed: each level is read again.
const DEPTH: usize = 2;

/// So many are read apart, all others together.
const APART: usize = 64;

/// The documents within one.
#[derive(Default)]
pub(super) struct Frames {
    depth: usize,
    documents: Vec<String>,
}

impl Frames {
    /// For the same document, read once more.
    pub(super) fn anew(&self) -> Self {
        Self { depth: self.depth, ..Self::default() }
    }

    /// For a document within.
    pub(super) fn within(&self) -> Self {
        Self { depth: self.depth + 1, ..Self::default() }
    }

    /// Takes in the source of a document.
    pub(super) fn add(&mut self, source: &str) {
        if self.depth >= DEPTH || source.trim().is_empty() {
            return;
        }
        let together = self.documents.len() >= APART;
        match self.documents.last_mut() {
            Some(last) if together => {
                last.push_str("<p>");
                last.push_str(source);
            }
            _ => self.documents.push(source.to_owned()),
        }
    }

    /// Takes in what a URI holds, if it holds text (RFC 2397).
    pub(super) fn add_uri(&mut self, uri: &str) {
        if self.depth < DEPTH
            && let Some(source) = document(uri)
        {
            self.add(&source);
        }
    }

    /// The documents.
    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.documents)
    }
}

/// Whether an attribute's value may be a URI that holds a document.
pub(super) fn is_document(uri: &str) -> bool {
    let begins = |text: &str| uri.get(..text.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(text));
    ["data:text/", "data:image/svg+xml", "data:application/xhtml+xml"].into_iter().any(begins)
}

fn document(uri: &str) -> Option<String> {
    let (head, data) = is_document(uri).then(|| uri.split_once(','))??;
    let head = head.to_ascii_lowercase();
    let mut bytes = Vec::with_capacity(data.len());
    transfer::escapes(data.as_bytes(), b'%', &mut bytes);
    if head.ends_with(";base64") {
        bytes = transfer::base64(&bytes);
    }
    let label = head.split(';').find_map(|part| part.trim().strip_prefix("charset=")).unwrap_or_default();
    Some(charset::best(&bytes, &[label]))
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn a_uri_holds_its_text_in_escapes_or_base64() {
        for (uri, text) in [
            ("data:text/html,<p>caf%C3%A9%20x", "<p>café x"),
            ("DATA:text/html;charset=iso-8859-1,caf%E9", "café"),
            ("data:image/svg+xml;charset=utf-8;base64,PHN2Zz5hPC9zdmc+", "<svg>a</svg>"),
        ] {
            assert_eq!(document(uri).as_deref(), Some(text), "{uri}");
        }
        for uri in ["data:image/png;base64,AAAA", "https://x.example/data:text/html,x", "data:text/html"] {
            assert_eq!(document(uri), None, "{uri}");
        }
    }
}
