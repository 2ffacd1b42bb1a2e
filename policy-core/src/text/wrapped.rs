//! Words that are divided at a line's end: `dis-⏎puta`. The half of a word that people write is none by itself.

use std::ops::Range;

use super::everyday::is_known;
use super::plain::fold_phrase;

/// No word is longer than so many bytes.
const LONGEST: usize = 64;

/// Whether what stands here begins or ends in the middle of such a word.
pub(super) fn is_half(shown: &str, at: &Range<usize>) -> bool {
    let (Some(before), Some(inside), Some(after)) =
        (shown.get(..at.start), shown.get(at.clone()), shown.get(at.end..))
    else {
        return false;
    };
    divided_before(before).is_some_and(|first| are_one(first, word_at_start(inside)))
        || divided_after(after).is_some_and(|last| are_one(word_at_end(inside), last))
}

fn are_one(first: &str, last: &str) -> bool {
    !first.is_empty() && !last.is_empty() && first.len() + last.len() <= LONGEST && {
        let word = fold_phrase(&[first, last].concat());
        is_known(&word)
    }
}

/// The half before a hyphen at a line's end, which this ends with.
fn divided_before(text: &str) -> Option<&str> {
    let line = text.strip_suffix('\n')?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.strip_suffix(['-', '\u{2010}']).map(word_at_end)
}

/// The half behind a hyphen at a line's end, which this begins with.
fn divided_after(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['-', '\u{2010}'])?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    rest.strip_prefix('\n').map(word_at_start)
}

fn word_at_end(text: &str) -> &str {
    let length: usize =
        text.chars().rev().take_while(|c| c.is_alphabetic()).take(LONGEST).map(char::len_utf8).sum();
    text.get(text.len() - length..).unwrap_or_default()
}

fn word_at_start(text: &str) -> &str {
    let length: usize =
        text.chars().take_while(|c| c.is_alphabetic()).take(LONGEST).map(char::len_utf8).sum();
    text.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_half;

    #[test]
    fn half_a_word_that_people_write_is_no_word() {
        let half = |text: &str, word: &str| {
            let start = text.find(word).unwrap();
            is_half(text, &(start..start + word.len()))
        };
        assert!(
            half("una dis-\nputa", "puta") && half("a crimi-\r\nnal", "nal") && half("pute-\naux", "pute")
        );
        assert!(
            !half("you total-\nmoron", "moron") && !half("a moron-\n", "moron") && !half("-\nmoron", "moron")
        );
        assert!(!half("a dis-puta", "puta") && !half("dis-\n\nputa", "puta"));
    }
}
