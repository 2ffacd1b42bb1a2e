//! Phrases with a mark behind each word: `buy! now!`, `You. Are. Dead.`, `you, are, dead`; behind the last one, an exclamation
//! mark needn't be where the next word goes on small (`kill! yourself`).

use std::ops::Range;

use memchr::{memchr, memchr3};

/// Longer runs are no phrase.
const LONGEST: usize = 512;
/// So many words with a full stop behind each are no two sentences, one of a single word.
const LEAST: usize = 3;
/// Of enumerations, and with the word behind the last mark, so many words of a phrase are no chance.
const TELLING: usize = 3;
/// Where a sentence goes on behind an exclamation mark, so many letters are no chance.
const LETTERS: usize = 8;

/// A run of words with the same mark behind each.
pub(super) struct Run {
    /// What a reader reads.
    pub(super) text: String,
    /// Where it stands.
    pub(super) at: Range<usize>,
    /// What lies within so many bytes of the text counts whatever it is.
    sure: usize,
    /// The mark behind the last word but one ends no sentence.
    goes_on: bool,
}

impl Run {
    /// Whether what was found in its text is no chance.
    pub(super) fn tells(&self, found: &Range<usize>) -> bool {
        let text = self.text.get(found.clone()).unwrap_or_default();
        let letters = || text.chars().filter(|c| c.is_alphabetic()).count();
        found.end <= self.sure
            || text.split_whitespace().count() >= TELLING
            || (self.goes_on && letters() >= LETTERS)
    }
}

/// Where the same mark stands behind each word.
pub(super) fn staccato_runs(shown: &str) -> impl Iterator<Item = Run> {
    let ends = |text: &[u8]| memchr3(b'!', b'.', b'?', text);
    let commas = |text: &[u8]| memchr(b',', text);
    runs(shown, ends).chain(runs(shown, commas))
}

fn runs(shown: &str, next: impl Fn(&[u8]) -> Option<usize>) -> impl Iterator<Item = Run> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + next(shown.as_bytes().get(from..)?)?;
            if !may_begin(shown, at) {
                from = at + 1;
                continue;
            }
            let (run, end) = run(shown, at)?;
            // Never back: a run is gone through once, however long it is.
            from = end;
            if run.is_some() {
                return run;
            }
        }
    })
}

/// Whether a run's first word may end with the mark at this place. Most marks end a sentence of several words, and what stands
/// before them needs no look.
#[inline]
fn may_begin(shown: &str, at: usize) -> bool {
    let bytes = shown.as_bytes();
    let Some(&mark) = bytes.get(at).filter(|_| bytes.get(at + 1) == Some(&b' ')) else { return false };
    goes_on(shown, at + 1, mark) || matches!(word_behind(shown, at + 1, mark), Some((_, true)))
}

/// Whether a sentence goes on behind an exclamation mark that ends here.
fn goes_on(shown: &str, end: usize, mark: u8) -> bool {
    let small = |rest: &str| rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase));
    mark == b'!' && shown.get(end..).is_some_and(small)
}

/// The run whose first word ends with the mark at this place, if it is one, and where to go on.
fn run(shown: &str, at: usize) -> Option<(Option<Run>, usize)> {
    let mark = *shown.as_bytes().get(at)?;
    let before = shown.get(..at)?;
    let length: usize =
        before.chars().rev().take(LONGEST).take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    if length == 0 {
        return Some((None, at + 1));
    }
    let (mut end, mut words) = (at + 1, 1);
    while let Some((next, true)) = word_behind(shown, end, mark) {
        (end, words) = (next + 1, words + 1);
    }
    let start = at - length;
    let behind = word_behind(shown, end, mark).map_or(end, |(end, _)| end);
    if behind - start > LONGEST {
        return Some((None, end));
    }
    let alone = before.get(..start)?.trim_end_matches(' ').chars().next_back();
    let alone = alone.is_none_or(|c| matches!(c, '.' | '!' | '?' | ':' | '\n' | '\u{2029}'));
    if !(matches!(mark, b'!' | b',') || alone || words >= LEAST) {
        return Some((None, end));
    }
    let plain = |end: usize| Some(shown.get(start..end)?.replace(char::from(mark), ""));
    let sure = if mark == b',' { 0 } else { plain(end)?.len() };
    Some((
        Some(Run { text: plain(behind)?, at: start..behind, sure, goes_on: goes_on(shown, end, mark) }),
        end,
    ))
}

/// The end of the word that stands behind a blank here, and whether it has the mark behind it.
#[inline]
fn word_behind(shown: &str, at: usize, mark: u8) -> Option<(usize, bool)> {
    let rest = shown.as_bytes().get(at..)?.strip_prefix(b" ")?;
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'\'' || *byte >= 0x80;
    let length = rest.iter().take_while(|byte| letter(byte)).count();
    let word = shown.get(at + 1..at + 1 + length)?;
    // Some blanks aren't ASCII, nor is a paragraph's end.
    let other = if word.is_ascii() { None } else { word.find(char::is_whitespace) };
    let length = other.unwrap_or(length);
    (length > 0).then(|| (at + 1 + length, rest.get(length) == Some(&mark)))
}

#[cfg(test)]
mod tests {
    use super::staccato_runs;

    #[test]
    fn a_run_is_words_with_the_same_mark_behind_each() {
        let runs = |text: &str| staccato_runs(text).map(|run| run.text).collect::<Vec<_>>();
        assert_eq!(runs("so: buy! now!"), ["buy now"]);
        assert_eq!(runs("You. Are. Dead. And"), ["You Are Dead And"]);
        assert_eq!(runs("ты! жирная! корова! да"), ["ты жирная корова да"]);
        assert_eq!(runs("so you, are, dead now"), ["you are dead"]);
        assert_eq!(runs("so kill! yourself now"), ["kill yourself"]);
        assert!(runs("It is free! Money back").is_empty());
        assert_eq!(runs("you, are, dead\u{2029}now"), ["you are dead"]);
        assert!(runs("so you, are dead now").is_empty());
        assert!(runs("We are here. Now. What").is_empty());
        assert!(runs("Stop! Now. Here is 3. 5").is_empty());
        let tells = |text: &str, found| staccato_runs(text).any(|run| run.tells(&found));
        assert!(tells("buy! now! here", 0..7) && tells("buy! now! here", 0..12));
        assert!(!tells("buy! now! here", 4..12), "the sentence behind is another");
        assert!(tells("kill! yourself", 0..13) && !tells("buy! now", 0..7), "one may go on small");
        assert!(tells("you, are, dead", 0..12) && !tells("you, are, dead", 0..7), "an enumeration");
        assert!(runs("(a), you, are, dead").contains(&"you are dead".to_owned()));
        assert!(runs("o. l\u{2029}mallory\u{2029}o. l").is_empty(), "a paragraph's end is one");
    }

    /// It would take hours if each mark were where the search for an end begins anew.
    #[test]
    fn a_long_run_is_gone_through_once() {
        for word in ["classes, ", "buy! ", "b', ", "я. "] {
            assert_eq!(staccato_runs(&word.repeat(200_000)).count(), 0, "{word}");
        }
    }
}
