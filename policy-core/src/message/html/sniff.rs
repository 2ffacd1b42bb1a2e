//! What can be told of HTML before it is read.

/// The charset that an HTML document declares in itself (HTML section 13.2.3.2, prescan).
pub(in crate::message) fn declared_charset(html: &[u8]) -> Option<String> {
    let head = html.get(..html.len().min(4096))?.to_ascii_lowercase();
    let rest = head.get(memchr::memmem::find(&head, b"charset")? + 7..)?;
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let label = rest
        .split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.' | b':' | b'+'))
        .next()?;
    String::from_utf8(label.to_vec()).ok()
}

/// Whether a tag's beginning stands anywhere, in any case.
pub(super) fn find_ignoring_case(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memchr_iter(b'<', haystack)
        .any(|at| haystack.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle)))
}

/// Whether a reader that looks at the content would take `text` for HTML.
pub(in crate::message) fn looks_like(text: &str) -> bool {
    let bytes = text.as_bytes();
    [&b"<html"[..], b"<!doctype html", b"<body", b"<div", b"<table"]
        .iter()
        .any(|mark| find_ignoring_case(bytes, mark))
}
