//! What can be told of HTML before it is read.

use crate::message::decoded::Decoded;

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

/// Beginnings of what only HTML has.
const MARKS: [&[u8]; 5] = [b"<html", b"<!doctype html", b"<body", b"<div", b"<table"];

/// Whether a reader that looks at the content would take `text` for HTML.
pub(in crate::message) fn looks_like(text: &Decoded<'_>) -> bool {
    find_ignoring_case(text, &MARKS)
}

/// The beginning of a style block's end tag.
const END: &[u8] = b"</style";

/// As much of it as has style blocks: all up to the end of the last one. `None` where there is none.
pub(super) fn styled<'h>(html: &'h Decoded<'_>) -> Option<Decoded<'h>> {
    let Decoded::Whole(text) = html else {
        return find_ignoring_case(html, &[END]).then(|| html.again());
    };
    let bytes = text.as_bytes();
    let is_end = |at: &usize| has_mark_at(bytes, *at, END);
    let behind = memchr::memrchr_iter(b'<', bytes).find(is_end)? + END.len();
    let rest = text.get(behind..)?;
    // Else it may be no end tag, or one with something in it.
    let closed = rest.trim_ascii_start().strip_prefix('>');
    let end = closed.map_or(text.len(), |after| text.len() - after.len());
    text.get(..end).map(|styled| Decoded::Whole(styled.into()))
}

/// Whether any of the marks, each of which begins with `<`, stands anywhere, in any case.
fn find_ignoring_case(text: &Decoded<'_>, marks: &[&[u8]]) -> bool {
    let longest = marks.iter().map(|mark| mark.len()).max().unwrap_or_default();
    let mut found = false;
    // The end of the piece before, where a mark may have begun.
    let mut end: Vec<u8> = Vec::new();
    text.each(&mut |piece| {
        let piece = piece.as_bytes();
        let begin = piece.get(..longest.min(piece.len())).unwrap_or_default();
        end.extend_from_slice(begin);
        found = has_mark(&end, marks) || has_mark(piece, marks);
        let tail = piece.len().saturating_sub(longest);
        end.clear();
        end.extend_from_slice(piece.get(tail..).unwrap_or_default());
        !found
    });
    found
}

fn has_mark(bytes: &[u8], marks: &[&[u8]]) -> bool {
    memchr::memchr_iter(b'<', bytes).any(|at| marks.iter().any(|mark| has_mark_at(bytes, at, mark)))
}

fn has_mark_at(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    bytes.get(at..at + mark.len()).is_some_and(|found| found.eq_ignore_ascii_case(mark))
}
