//! Words of plain text with markup inside that its reader is to think away: `ca[b]si[/b]no`, `le<b>ning</b>`.
//!
//! Forums have square brackets, and HTML in plain text is shown as it is typed. Only what a tag stands inside of is found
//! here: all else is found where ordinary text is searched.

use std::ops::Range;

use memchr::memchr2_iter;

/// The tags that change how letters look, and nothing else.
const TAGS: [&str; 27] = [
    "b", "i", "u", "s", "em", "strong", "strike", "del", "ins", "font", "color", "colour", "size", "span",
    "url", "quote", "code", "tt", "sub", "sup", "small", "big", "mark", "center", "left", "right", "a",
];
/// No tag has more bytes.
const LONGEST: usize = 256;

/// A line as it is read without its tags.
pub(super) struct Line {
    pub(super) text: String,
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// Where tags stood in its text.
    cuts: Vec<usize>,
}

impl Line {
    /// Whether a tag stood inside of what was found in its text.
    pub(super) fn tells(&self, found: &Range<usize>) -> bool {
        let behind = self.cuts.partition_point(|cut| *cut <= found.start);
        self.cuts.get(behind).is_some_and(|cut| *cut < found.end)
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
    let mut line = Line { text: String::with_capacity(at.len()), at: at.clone(), cuts: Vec::new() };
    let mut rest = shown.get(at).unwrap_or_default();
    while let Some(opening) = rest.find(['[', '<']) {
        let (before, behind) = rest.split_at_checked(opening).unwrap_or_default();
        line.text.push_str(before);
        let length = tag(behind).inspect(|_| line.cuts.push(line.text.len()));
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
        let tells = |found| tagged_lines("ca[b]si[/b]no casino").any(|line| line.tells(&found));
        assert!(tells(0..6) && !tells(7..13));
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
