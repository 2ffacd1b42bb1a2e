//! Words of plain text with markup inside that its reader is to think away: `ca[b]si[/b]no`, `le<b>ning</b>`.
//!
//! Forums have square brackets, and HTML in plain text is shown as it is typed. Only what a tag stands inside of is found
//! here: all else is found where ordinary text is searched.

use std::ops::Range;

use memchr::memchr2_iter;

use super::cuts::Cuts;

/// The tags that change how letters look, and nothing else: those of quotations and columns part words.
const TAGS: [&str; 22] = [
    "b", "i", "u", "s", "em", "strong", "strike", "del", "ins", "font", "color", "colour", "size", "span",
    "url", "tt", "sub", "sup", "small", "big", "mark", "a",
];
/// No tag has more bytes.
const LONGEST: usize = 256;

/// A line as it is read without its tags.
pub(super) struct Line {
    pub(super) text: String,
    /// Where tags stood in its text.
    cuts: Cuts,
}

impl Line {
    /// Where what was found in its text stands, if a tag stood inside of it.
    pub(super) fn told(&self, found: &Range<usize>) -> Option<Range<usize>> {
        self.cuts.within(found).then(|| self.cuts.shown(found))
    }
}

/// The lines that have a tag's end in them.
pub(super) fn tagged_lines(shown: &str) -> impl Iterator<Item = Line> {
    let bytes = shown.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(from..)?;
        let ends = |at: &usize| rest.get(at + 1) == Some(&b'/');
        let at = from + memchr2_iter(b'[', b'<', rest).find(ends)?;
        let start = shown.get(from..at)?.rfind('\n').map_or(from, |line| from + line + 1);
        let end = shown.get(at..)?.find('\n').map_or(shown.len(), |line| at + line);
        from = end;
        Some(untagged(shown, start..end))
    })
}

fn untagged(shown: &str, at: Range<usize>) -> Line {
    let mut line = Line { text: String::with_capacity(at.len()), cuts: Cuts::new(at.start) };
    let mut rest = shown.get(at).unwrap_or_default();
    while let Some(opening) = rest.find(['[', '<']) {
        let (before, behind) = rest.split_at_checked(opening).unwrap_or_default();
        line.text.push_str(before);
        let length = tag(behind).inspect(|length| line.cuts.push(line.text.len(), *length));
        // What is no tag stays.
        let (sign, behind) = behind.split_at_checked(length.unwrap_or(1)).unwrap_or_default();
        line.text.push_str(if length.is_none() { sign } else { "" });
        rest = behind;
    }
    line.text.push_str(rest);
    line
}

/// How long the tag is that begins here, if it is one.
fn tag(text: &str) -> Option<usize> {
    let closing = if text.starts_with('[') { ']' } else { '>' };
    let inside = text.get(1..)?;
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let length = name.bytes().take_while(u8::is_ascii_alphabetic).take(16).count();
    let (name, behind) = name.split_at_checked(length)?;
    if !TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)) || !behind.starts_with([closing, '=', ' ']) {
        return None;
    }
    let end = behind.bytes().take(LONGEST).position(|byte| byte == closing as u8)?;
    Some(text.len() - behind.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::tagged_lines;

    #[test]
    fn tags_are_taken_out_of_lines_that_end_one() {
        let lines = |text: &str| tagged_lines(text).map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(lines("a\nca[b]si[/b]no b\nc"), ["casino b"]);
        assert_eq!(lines("c[COLOR=red]asino[/color]"), ["casino"]);
        assert_eq!(lines("le<b>ning</b> 1 <2"), ["lening 1 <2"]);
        assert!(lines("a[i] = b[i]").is_empty());
        assert_eq!(lines("x[n]y[/n]"), ["x[n]y[/n]"]);
        assert_eq!(lines("a [quote]b[i]c[/i][/quote]"), ["a [quote]bc[/quote]"]);
    }

    #[test]
    fn what_was_found_stands_where_its_letters_do() {
        let text = "x\ny [b]c[/b]a[b][i]si[/i][/b]no[/b] casino";
        let line = tagged_lines(text).next().unwrap();
        let told = |found: usize| line.told(&(found..found + 6)).and_then(|at| text.get(at));
        assert_eq!(line.text, "y casino casino");
        assert_eq!(told(2), Some("c[/b]a[b][i]si[/i][/b]no"));
        assert_eq!(told(9), None);
    }

    #[test]
    fn a_long_line_is_gone_through_once() {
        for unit in ["[/", "[b][/b]", "[b", "</", "<b =", "[/\n"] {
            let text = unit.repeat(200_000);
            let bytes: usize = tagged_lines(&text).map(|line| line.text.len()).sum();
            assert!(bytes <= text.len(), "{unit}");
        }
    }
}
