//! Where another reading of the same bytes says something else: charsets agree on ASCII, so a long text of which a few
//! bytes may be in any of eight charsets needn't be searched eight times.

use std::borrow::Cow;
use std::ops::Range;

/// What stands so near, in bytes, to what is read otherwise is read again with it: as much as the longest phrase.
const AROUND: usize = 1024;

/// Between two places of a text that is plain: a blank line ends a paragraph.
const GAP: &str = "\n\n";

/// The lines of `other`, a reading of plain text, that aren't those of `known`, and what stands around them.
pub(super) fn otherwise<'t>(known: &str, other: &'t str) -> Cow<'t, str> {
    let Some(places) = places(known, other) else { return other.into() };
    let mut text = String::new();
    for place in places {
        text.push_str(other.get(place).unwrap_or_default());
        text.push_str(GAP);
    }
    text.into()
}

/// `None` where the lines don't answer to one another, or little would be left out.
fn places(known: &str, other: &str) -> Option<Vec<Range<usize>>> {
    let (mut known, mut others) = (known.split_inclusive('\n'), other.split_inclusive('\n'));
    let mut places: Vec<Range<usize>> = Vec::new();
    let (mut at, mut read) = (0, 0);
    loop {
        let (line, other_line) = match (known.next(), others.next()) {
            (None, None) => break,
            (line, other_line) => (line?, other_line?),
        };
        let begin = at;
        at += other_line.len();
        if line == other_line {
            continue;
        }
        let from = line_begin(other, begin.saturating_sub(AROUND));
        let until = line_end(other, at.saturating_add(AROUND));
        match places.last_mut() {
            Some(last) if from <= last.end => {
                read += until.saturating_sub(last.end);
                last.end = last.end.max(until);
            }
            _ => {
                read += until - from;
                places.push(from..until);
            }
        }
        if read > other.len() / 2 {
            return None;
        }
    }
    Some(places)
}

fn line_begin(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', text.as_bytes().get(..at).unwrap_or_default()).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let behind = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr(b'\n', behind).map_or(text.len(), |end| at + end + 1)
}

#[cfg(test)]
mod tests {
    use super::{AROUND, otherwise};

    #[test]
    fn of_a_long_text_that_differs_in_two_lines_these_are_left_and_what_stands_around_them() {
        let line = |number: usize| format!("{number:04} a line of an ordinary long text\n");
        let text = |odd: &str| -> String {
            (0..2000)
                .map(|number| if number % 1000 == 500 { format!("{odd}\n") } else { line(number) })
                .collect()
        };
        let (known, other) = (text("sch\u{f6}n"), text("sch\u{446}n"));
        let read = otherwise(&known, &other);
        assert_eq!(read.matches("sch\u{446}n").count(), 2);
        for number in [490, 510, 1490, 1510] {
            assert!(read.contains(&line(number)), "{number}");
        }
        assert!(!read.contains(&line(1000)));
        assert!(read.len() < 6 * AROUND, "{}", read.len());
        assert_eq!(otherwise(&known, &known), "");
    }

    #[test]
    fn a_text_that_differs_throughout_or_in_its_lines_is_left_whole() {
        let text = |odd: &str| odd.repeat(4000);
        for (known, other) in
            [("\u{f6} is\n", "\u{446} is\n"), ("a line\n", "a\nline\n"), ("a line\n", "a line")]
        {
            assert_eq!(otherwise(&text(known), &text(other)), text(other));
        }
        assert_eq!(otherwise("\u{f6}", "\u{446}"), "\u{446}");
        assert_eq!(otherwise("", "a"), "a");
    }
}
