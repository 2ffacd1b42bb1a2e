//! Plain text as shown: paragraphs, quote marks, and format=flowed (RFC 3676).

use unicode_normalization::char::is_combining_mark;

/// The boundary that no phrase reaches over.
pub(super) const PARAGRAPH: char = '\u{2029}';

const PARAGRAPH_STR: &str = "\u{2029}";

/// A longer line is read in pieces.
const LINE: usize = 64 << 10;

/// Takes plain text in piece by piece and shows it line by line.
///
/// Puts paragraph separators for blank lines and where the depth of quoting changes; quote marks in front of a line
/// are taken away, so that a phrase reaches over the lines of a quotation. With `delsp` the blank that ends a flowed
/// line is taken away with its line end (RFC 3676 section 4.2).
pub(super) struct Lines {
    delsp: bool,
    /// The beginning of a line of which more is to come.
    held: String,
    /// The line's beginning was shown already.
    midst: bool,
    /// The line before: how deep it was quoted, whether it was blank, whether it flows on.
    depth: usize,
    empty: bool,
    flowing: bool,
    /// Something was shown, and no boundary behind it.
    open: bool,
    /// The last line that wasn't blank is one letter: whether a paragraph ends behind it, the next one tells.
    alone: bool,
}

impl Lines {
    pub(super) fn new(delsp: bool) -> Self {
        Self {
            delsp,
            held: String::new(),
            midst: false,
            depth: 0,
            empty: true,
            flowing: false,
            open: false,
            alone: false,
        }
    }

    pub(super) fn push(&mut self, text: &str, show: &mut dyn FnMut(&str)) {
        let mut rest = text;
        while let Some((line, after)) =
            memchr::memchr(b'\n', rest.as_bytes()).and_then(|end| rest.split_at_checked(end))
        {
            rest = after.get(1..).unwrap_or_default();
            if self.held.is_empty() {
                self.line(line, true, show);
            } else {
                self.held.push_str(line);
                self.line_held(true, show);
            }
        }
        self.held.push_str(rest);
        if self.held.len() > LINE {
            self.line_held(false, show);
        }
    }

    pub(super) fn finish(mut self, show: &mut dyn FnMut(&str)) {
        self.line_held(true, show);
    }

    fn line_held(&mut self, ended: bool, show: &mut dyn FnMut(&str)) {
        let mut held = std::mem::take(&mut self.held);
        self.line(&held, ended, show);
        held.clear();
        self.held = held;
    }

    fn line(&mut self, line: &str, ended: bool, show: &mut dyn FnMut(&str)) {
        let line = if ended { line.strip_suffix('\r').unwrap_or(line) } else { line };
        if std::mem::replace(&mut self.midst, !ended) {
            return self.content(line, ended, show);
        }
        let (quoted, content) = unquoted(line);
        let blank = is_blank(content);
        // Letters with a blank line behind each are a word to a reader.
        if blank && self.alone && quoted == self.depth {
            self.empty = true;
            return;
        }
        let alone = ended && is_one_letter(content);
        let parted = std::mem::replace(&mut self.alone, alone) && self.empty && !alone;
        if parted && self.open {
            show(PARAGRAPH_STR);
            self.open = false;
        } else if quoted == self.depth && self.empty && self.open {
            show("\n");
        } else if quoted != self.depth || blank {
            if self.open {
                show(PARAGRAPH_STR);
                self.open = false;
            }
        } else if !self.empty && !self.flowing {
            show("\n");
            self.open = true;
        }
        (self.depth, self.empty, self.flowing) = (quoted, blank, false);
        if blank {
            return;
        }
        let content = if self.delsp { content.strip_prefix(' ').unwrap_or(content) } else { content };
        self.content(content, ended, show);
    }

    fn content(&mut self, content: &str, ended: bool, show: &mut dyn FnMut(&str)) {
        let flowed = content.strip_suffix(' ').filter(|_| self.delsp && ended && content != "-- ");
        self.flowing = flowed.is_some();
        let content = flowed.unwrap_or(content);
        if !content.is_empty() {
            show(content);
            self.open = !content.ends_with(PARAGRAPH);
        }
    }
}

/// All of `text` as shown.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut lines = Lines::new(false);
    let mut show = |piece: &str| shown.push_str(piece);
    lines.push(text, &mut show);
    lines.finish(&mut show);
    shown
}

/// Whether a line has nothing but blanks.
fn is_blank(line: &str) -> bool {
    match line.as_bytes().trim_ascii_start() {
        [] => true,
        [first, ..] if first.is_ascii_graphic() => false,
        _ => line.trim().is_empty(),
    }
}

/// Whether a line is but a letter, with its marks.
fn is_one_letter(line: &str) -> bool {
    // Most tell by their first two characters that they aren't.
    match line.as_bytes().trim_ascii_start() {
        [] => return false,
        [one, two, ..] if one.is_ascii_graphic() && two.is_ascii_graphic() => return false,
        _ => {}
    }
    let mut chars = line.trim().chars().take(5);
    chars.next().is_some_and(char::is_alphanumeric) && chars.all(is_combining_mark)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown_in_pieces(pieces: &[String], delsp: bool) -> String {
        let mut shown = String::new();
        let mut lines = Lines::new(delsp);
        pieces.iter().for_each(|piece| lines.push(piece, &mut |more| shown.push_str(more)));
        lines.finish(&mut |more| shown.push_str(more));
        shown
    }

    proptest! {
        #[test]
        fn text_that_comes_in_pieces_is_shown_as_in_one(
            pieces in proptest::collection::vec("[ >a\u{e4}\r\n-]{0,6}", 0..20),
            delsp: bool,
        ) {
            let whole = [pieces.concat()];
            prop_assert_eq!(shown_in_pieces(&pieces, delsp), shown_in_pieces(&whole, delsp));
        }
    }
}
