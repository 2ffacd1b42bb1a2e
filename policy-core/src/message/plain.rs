//! Plain text as shown: paragraphs, quote marks, and format=flowed (RFC 3676).

/// The boundary that no phrase reaches over.
pub(super) const PARAGRAPH: char = '\u{2029}';

/// Puts paragraph separators for blank lines and where the depth of quoting changes; quote marks in front of a line
/// are taken away, so that a phrase reaches over the lines of a quotation. With `delsp` the blank that ends a flowed
/// line is taken away with its line end (RFC 3676 section 4.2).
pub(super) fn shown(text: &str, delsp: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut depth = 0;
    let mut flowing = false;
    let mut empty = true;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (quoted, content) = unquoted(line);
        let blank = content.trim().is_empty();
        if quoted != depth || blank {
            if !shown.is_empty() && !shown.ends_with(PARAGRAPH) {
                shown.push(PARAGRAPH);
            }
        } else if !empty && !flowing {
            shown.push('\n');
        }
        (depth, empty, flowing) = (quoted, blank, false);
        if blank {
            continue;
        }
        let content = if delsp { content.strip_prefix(' ').unwrap_or(content) } else { content };
        match content.strip_suffix(' ') {
            Some(flowed) if delsp && content != "-- " => {
                shown.push_str(flowed);
                flowing = true;
            }
            _ => shown.push_str(content),
        }
    }
    shown
}

/// A line's depth of quoting and what stands behind its quote marks.
fn unquoted(line: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after;
        if let Some(after) = rest.strip_prefix(' ').filter(|after| after.starts_with('>')) {
            rest = after;
        }
    }
    (depth, rest)
}
